/* SPDX-License-Identifier: Apache-2.0 */
/* How a unit is read, shared by unit.c (one unit) and day.c (those of a day). Private to
 * the store room. */
#ifndef RG_STORE_UNIT_INT_H
#define RG_STORE_UNIT_INT_H

#include "mod_regen/store/engine/sql.h"
#include "regen/core/ctx.h"
#include "regen/model/unit.h"

/* A SELECT goes before these columns, a row source that names `unit u` before these joins. */
#define RG_UNIT_COLUMNS                                                                            \
    " u.id, u.label, u.booking_id, u.patient_id, u.material, u.body_site, u.laterality,"           \
    " u.volume_ml, u.harvested_at, u.expires_at, x.at, r.name, x.kit_lot, x.volume_ml,"            \
    " i.injected_at, d.at "
#define RG_UNIT_JOINS                                                                              \
    " LEFT JOIN unit_processing x ON x.unit_id = u.id"                                             \
    " LEFT JOIN resource r ON r.id = x.resource_id"                                                \
    " LEFT JOIN injection i ON i.unit_id = u.id LEFT JOIN unit_disposal d ON d.unit_id = u.id "

/* The current row, copied to ctx->pool. */
rg_unit_t *rg_unit_row(rg_ctx_t *ctx, rg_cur_t *c);

#endif
