/* SPDX-License-Identifier: Apache-2.0 */
/* How a unit is read, and who did an act, for unit.c and care.c. Private to the store room. */
#ifndef RG_STORE_UNIT_INT_H
#define RG_STORE_UNIT_INT_H

#include "mod_regen/store/engine/row.h"
#include "regen/model/unit.h"

/* What was recorded, or the last correction of it. */
#define RG_CORRECTED(what, recorded)                                                               \
    "COALESCE((SELECT c.new_value FROM correction c WHERE c.row_id = u.id AND c.what = '" what     \
    "' ORDER BY c.turn DESC LIMIT 1), " recorded ")"
/* The code of who did `act a`, as corrected; NULL: nobody. */
#define RG_DOER_CODE                                                                               \
    "COALESCE((SELECT c.new_value FROM correction c WHERE c.row_id = a.id AND c.what"              \
    " = IF(a.kind = 'complete', 'consult-by', CONCAT(a.kind, '-by'))"                              \
    " ORDER BY c.turn DESC LIMIT 1), (SELECT d.code FROM resource d WHERE d.id = a.done_by))"
/* The name of who did the act with this id, as corrected. */
#define RG_DOER_NAME(act)                                                                          \
    "(SELECT w.name FROM act a JOIN resource w ON w.code = " RG_DOER_CODE " WHERE a.id = " act ")"
/* rg_unit_t of RG_UNIT_JOINS, which follow a row source that names `unit u`. */
#define RG_UNIT_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "u.id")                                                                         \
    COL(STR, label, "u.label")                                                                     \
    COL(I64, booking_id, "u.booking_id")                                                           \
    COL(I64, patient_id, "u.patient_id")                                                           \
    COL(I64, service_id, "u.service_id")                                                           \
    COL(I64, collection_id, "u.collection_id")                                                     \
    COL(I64, manipulation_id, "u.manipulation_id")                                                 \
    COL(STR, parents,                                                                              \
        "(SELECT GROUP_CONCAT(o.label ORDER BY o.id SEPARATOR ', ') FROM unit_parent t"            \
        " JOIN unit o ON o.id = t.parent_id WHERE t.manipulation_id = u.manipulation_id)")         \
    COL(ENUM, taken_from, "k.taken_from", rg_taken_from_parse)                                     \
    COL(STR, anticoagulant, "k.anticoagulant")                                                     \
    COL(STR, again_why, "k.why")                                                                   \
    COL(INT, product_no, "u.product_no")                                                           \
    COL(STR, product, "m.name")                                                                    \
    COL(STR, material, "u.material")                                                               \
    COL(STR, body_site, "u.body_site")                                                             \
    COL(ENUM, side, "u.laterality", rg_side_parse)                                                 \
    COL(INT, volume_ml, RG_CORRECTED("harvest-volume", "u.volume_ml"))                             \
    COL(TIME, harvested_at, "u.harvested_at")                                                      \
    COL(TIME, expires_at, "u.expires_at")                                                          \
    COL(TIME, processed_at, "y.at")                                                                \
    COL(STR, device_name, "r.name")                                                                \
    COL(STR, device_why, "x.device_why")                                                           \
    COL(INT, minutes, "x.minutes")                                                                 \
    COL(STR, run_why, "x.run_why")                                                                 \
    COL(STR, lot_why,                                                                              \
        "IF(EXISTS (SELECT 1 FROM correction c WHERE c.row_id = u.id AND c.what = 'kit-lot'), ''," \
        " x.lot_why)")                                                                             \
    COL(STR, kit_lot, RG_CORRECTED("kit-lot", "x.kit_lot"))                                        \
    COL(INT, concentrate_ml, RG_CORRECTED("concentrate-volume", "x.volume_ml"))                    \
    COL(INT, left_ml, "(SELECT v.ml FROM unit_volume v WHERE v.unit_id = u.id)")                   \
    COL(TIME, injected_at, "i.injected_at")                                                        \
    COL(INT, given_no, "g.target_no")                                                              \
    COL(BOOL, given_corrected, "g.correction_id IS NOT NULL")                                      \
    COL(STR, given_again, "g.again_why")                                                           \
    COL(STR, given_why, "i.lot_why")                                                               \
    COL(TIME, disposed_at, "d.at")                                                                 \
    COL(ENUM, ended, "z.how", rg_unit_end_parse)                                                   \
    COL(TIME, ended_at, "z.at")                                                                    \
    COL(STR, harvested_by, RG_DOER_NAME("k.act_id"))                                               \
    COL(TIME, made_at, "f.at")                                                                     \
    COL(STR, made_by, RG_DOER_NAME("f.act_id"))                                                    \
    COL(I64, made_act, "f.act_id")                                                                 \
    COL(I64, divided_act,                                                                          \
        "(SELECT MAX(g.act_id) FROM unit_parent t JOIN unit_manipulation g"                        \
        " ON g.id = t.manipulation_id WHERE t.parent_id = u.id AND z.how = 'divided')")            \
    COL(STR, processed_by, RG_DOER_NAME("x.act_id"))                                               \
    COL(STR, injected_by, RG_DOER_NAME("i.act_id"))                                                \
    COL(I64, harvest_act, "k.act_id")                                                              \
    COL(I64, process_act, "x.act_id")                                                              \
    COL(I64, inject_act, "i.act_id")
#define RG_UNIT_JOINS                                                                              \
    RG_SQL_PART(" LEFT JOIN service_product m ON m.service_id = u.service_id" \
                " AND m.product_no = u.product_no" \
                " LEFT JOIN collection k ON k.id = u.collection_id" \
                " LEFT JOIN unit_manipulation f ON f.id = u.manipulation_id" \
                " LEFT JOIN unit_processing x ON x.unit_id = u.id" \
                " LEFT JOIN unit_ready y ON y.unit_id = u.id" \
                " LEFT JOIN unit_end z ON z.unit_id = u.id" \
                " LEFT JOIN resource r ON r.id = x.resource_id" \
                " LEFT JOIN injection i ON i.unit_id = u.id" \
                " LEFT JOIN injection_given g ON g.unit_id = u.id" \
                " LEFT JOIN unit_disposal d ON d.unit_id = u.id")

#endif
