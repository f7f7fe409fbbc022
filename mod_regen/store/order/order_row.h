/* SPDX-License-Identifier: Apache-2.0 */
/* The columns of a treatment order o, with the tables that they come from. Private to the store. */
#ifndef RG_STORE_ORDER_ROW_H
#define RG_STORE_ORDER_ROW_H

#include "mod_regen/store/engine/row.h"

/* rg_order_t; takes a patient_row. */
#define RG_ORDER_ROW(FIRST, COL)                                                                   \
    FIRST(I64, id, "o.id")                                                                         \
    COL(STR, uid, "o.uid")                                                                         \
    COL(STR, number, "n.number")                                                                   \
    COL(PART, patient, RG_PART(RG_PATIENT_ROW), patient_row)                                       \
    COL(I64, service_id, "o.service_id")                                                           \
    COL(I64, site_id, "s.site_id")                                                                 \
    COL(STR, service_code, "s.code")                                                               \
    COL(STR, service_name, "s.name")                                                               \
    COL(STR, service_uid, "s.uid")                                                                 \
    COL(STR, body_site, "t.body_site")                                                             \
    COL(ENUM, side, "t.laterality", rg_side_parse)                                                 \
    COL(STR, further,                                                                              \
        "(SELECT GROUP_CONCAT(g.body_site, ' ', g.laterality ORDER BY g.target_no)"                \
        " FROM treatment_order_target g WHERE g.order_id = o.id AND g.target_no > 1)")             \
    COL(STR, diagnosis_code, "o.diagnosis_code")                                                   \
    COL(STR, diagnosis_title, "d.title")                                                           \
    COL(ENUM, severity, "o.severity", rg_severity_parse)                                           \
    COL(STR, tried, "o.tried")                                                                     \
    COL(STR, imaging, "o.imaging")                                                                 \
    COL(STR, weighed, "o.weighed")                                                                 \
    COL(STR, note, "o.note")                                                                       \
    COL(TIME, valid_until, "o.valid_until")                                                        \
    COL(TIME, signed_at, "o.signed_at")                                                            \
    COL(STR, staff_name, "st.name")                                                                \
    COL(STR, practitioner_uid, "r.uid")                                                            \
    COL(STR, practitioner_name, "r.name")                                                          \
    COL(TIME, revoked_at, "v.at")                                                                  \
    COL(STR, revoked_by, "vs.name")                                                                \
    COL(STR, revoke_reason, "v.reason")                                                            \
    COL(I64, booking_id, "b.id")                                                                   \
    COL(STR, booking_uid, "b.uid")                                                                 \
    COL(ENUM, booking_status, "b.status", rg_booking_status_parse)                                 \
    COL(TIME, booking_starts, "b.starts_at")                                                       \
    COL(TIME, booking_hold_expires, "b.hold_expires_at")

#define RG_ORDER_OF(rows)                                                                          \
    RG_SQL_PART("SELECT " RG_COLUMNS(RG_ORDER_ROW) \
                " FROM " rows \
                " JOIN treatment_order_target t ON t.order_id = o.id AND t.target_no = 1" \
                " JOIN patient p ON p.id = o.patient_id" \
                " JOIN service s ON s.id = o.service_id" \
                " JOIN staff st ON st.id = o.staff_id" \
                " LEFT JOIN resource r ON r.id = st.resource_id" \
                " LEFT JOIN icd10cm d ON d.code = o.diagnosis_code" \
                " LEFT JOIN treatment_order_number n ON n.order_id = o.id" \
                " LEFT JOIN treatment_order_revocation v ON v.order_id = o.id" \
                " LEFT JOIN staff vs ON vs.id = v.staff_id" \
                " LEFT JOIN treatment_order_use u ON u.order_id = o.id" \
                " LEFT JOIN booking b ON b.id = u.booking_id")

#endif
