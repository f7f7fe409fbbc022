/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders for API clients: a page in the order they were signed, and how many there
 * are. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/order/order_row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/order.h"
#include "regen/store/api.h"
#include "regen/store/store.h"

RG_ROW(patient_row, rg_patient_t, RG_PATIENT_ROW);
RG_ROW(order_row, rg_order_t, RG_ORDER_ROW);

/* rg_order_state in FHIR's words (rg_fhir_request), in SQL. Takes the time of the question three
 * times. */
#define TAKEN "(b.id IS NOT NULL AND (b.status <> 'held' OR b.hold_expires_at > ?))"
#define STATUS                                                                                     \
    "CASE WHEN " TAKEN " AND b.status = 'completed' THEN 'completed'"                              \
    " WHEN v.order_id IS NOT NULL OR (o.valid_until <= ? AND NOT " TAKEN ") THEN 'revoked'"        \
    " ELSE 'active' END"

#define NARROWED                                                                                   \
    " (? = '' OR FIND_IN_SET(" STATUS ", ?) > 0)"                                                  \
    " AND o.signed_at >= ? AND o.signed_at < ?"                                                    \
    " AND (? = 0 OR EXISTS (SELECT 1 FROM booking x WHERE x.order_id = o.id"                       \
    " AND x.source = 'machine' AND x.made_by = ?))"                                                \
    " AND o.id > ?"
#define PAGE NARROWED " ORDER BY o.id LIMIT ?"
#define ROWS                                                                                       \
    RG_SQL_PART("treatment_order o" \
                " LEFT JOIN treatment_order_revocation v ON v.order_id = o.id" \
                " LEFT JOIN treatment_order_use u ON u.order_id = o.id" \
                " LEFT JOIN booking b ON b.id = u.booking_id")

/* A page, and the number on all pages: the same, with nothing before and no end. */
#define PAGE_AND_COUNT(where)                                                                      \
    {                                                                                              \
        RG_ORDER_OF("treatment_order o") where PAGE, "SELECT COUNT(*) FROM " ROWS where NARROWED   \
    }
static const char *const ALL[] = PAGE_AND_COUNT(" WHERE");
/* Of a record, those of the records that it stands for, too. */
#define OF_PATIENT                                                                                 \
    "o.patient_id IN (SELECT y.id FROM patient x JOIN patient y"                                   \
    " ON y.id = x.id OR y.merged_into = x.id WHERE x.uid = ?)"
static const char *const BY_UIDS[] =
    PAGE_AND_COUNT(" WHERE o.uid IN (?, ?, ?, ?, ?, ?, ?, ?) AND (? = '' OR " OF_PATIENT ") AND");
static const char *const BY_PATIENT[] = PAGE_AND_COUNT(" WHERE " OF_PATIENT " AND");

enum { ORDER_BINDS_MAX = 24 };

typedef struct {
    rg_bind_t in[ORDER_BINDS_MAX];
    int n;
} order_binds_t;

/* The statement that reads least, with all that it takes but the limit. */
static const char *const *asked(order_binds_t *b, const rg_ctx_t *ctx, const rg_order_filter_t *f)
{
    const char *const *sql = ALL;
    for (int i = 0; f->uids[0] && i < RG_VISIT_UIDS; i++) {
        b->in[b->n++] = RG_S(f->uids[i] ? f->uids[i] : f->uids[0]);
        sql = BY_UIDS;
    }
    if (f->uids[0]) {
        b->in[b->n++] = RG_S(f->patient_uid);
        b->in[b->n++] = RG_S(f->patient_uid);
    }
    else if (f->patient_uid[0] != '\0') {
        b->in[b->n++] = RG_S(f->patient_uid);
        sql = BY_PATIENT;
    }
    const rg_bind_t rest[] = {RG_S(f->statuses), RG_T(ctx->now),   RG_T(ctx->now), RG_T(ctx->now),
                              RG_S(f->statuses), RG_T(f->from),    RG_T(f->until), RG_I(f->made_by),
                              RG_I(f->made_by),  RG_I(f->after_id)};
    for (size_t i = 0; i < sizeof(rest) / sizeof(rest[0]); i++) {
        b->in[b->n++] = rest[i];
    }
    return sql;
}

rg_outcome_t rg_orders_read(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_filter_t *f,
                            apr_array_header_t *out)
{
    order_binds_t b = {.n = 0};
    const char *const *sql = asked(&b, ctx, f);
    b.in[b.n++] = RG_I(f->limit);
    return rg_sql_push(db, ctx, out, order_row, sql[0], b.in, b.n);
}

rg_outcome_t rg_orders_count(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_filter_t *f,
                             int64_t *out)
{
    order_binds_t b = {.n = 0};
    const char *const *sql = asked(&b, ctx, f);
    return rg_sql_number(db, ctx, out, sql[1], b.in, b.n);
}
