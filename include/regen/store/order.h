/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders. */
#ifndef REGEN_STORE_ORDER_H
#define REGEN_STORE_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/order.h"
#include "regen/store/store.h"

/* --- order.c ---------------------------------------------------------------------------------- */

/* With everything that is said of it, in one statement; RG_NOT_FOUND. */
rg_outcome_t rg_order_by_id(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, int64_t id);
rg_outcome_t rg_order_by_uid(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, const char *uid);
/* Newest first, at most RG_ORDERS_OF_PATIENT. */
rg_outcome_t rg_orders_of_patient(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, int *count,
                                  int64_t patient_id);
/* What the browser opened and can be booked now, of one service (0: any), newest first. */
rg_outcome_t rg_orders_of_visitor(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, int *count,
                                  int64_t visitor_id, int64_t service_id);
/* Those in STATE now, newest first, with smaller ids than BEFORE (0: any); at most LIMIT. */
rg_outcome_t rg_orders_page(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out, int *count,
                            rg_order_state_t state, int64_t before, int limit);

/* As it is, of the caller's login: sets O->id. RG_PRECONDITION where the login may not sign. */
rg_outcome_t rg_order_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t *o);
/* RG_CONFLICT: it was before; RG_PRECONDITION: the treatment began. */
rg_outcome_t rg_order_revoke_insert(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                    const char *reason);
/* A booking on a revoked order of the same patient, service and target is on this one now. */
rg_outcome_t rg_order_adopt(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_t *o,
                            int64_t *adopted);
/* Whether the login is a practitioner who may sign. */
rg_outcome_t rg_order_signer(rg_db_t *db, const rg_ctx_t *ctx, bool *may, int64_t staff_id);

/* --- number.c --------------------------------------------------------------------------------- */

/* A new number, the first one or in place of the one before: browsers that opened the order with
 * the old one lose it. *MADE: how often. */
rg_outcome_t rg_order_number_new(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int *made);
/* RG_NOT_FOUND; locks the row. */
rg_outcome_t rg_order_id_by_number(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id, int *wrong,
                                   const char *number);
rg_outcome_t rg_order_number_tried(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, bool right);
rg_outcome_t rg_visitor_add_order(rg_db_t *db, const rg_ctx_t *ctx, int64_t visitor_id,
                                  int64_t order_id);
/* The order of that uid if the browser opened it; RG_NOT_FOUND. */
rg_outcome_t rg_order_of_visitor(rg_db_t *db, const rg_ctx_t *ctx, rg_order_t **out,
                                 int64_t visitor_id, const char *uid);

#endif
