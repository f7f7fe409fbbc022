/* SPDX-License-Identifier: Apache-2.0 */
/* Charges, invoices and the billing queues. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/money.h"
#include "regen/model/service.h"
#include "regen/store/billing.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

static rg_money_t money(int64_t minor, const char *currency)
{
    rg_money_t m = {.minor = minor};
    apr_cpystrn(m.currency, currency, sizeof m.currency);
    return m;
}

static const char CHARGES[] = "SELECT id, line_no, step_kind, code_system, code, modifier, "
                              "description, quantity, unit_minor, total_minor,"
                              " currency, on_claim, service_date, practitioner_id FROM charge_item "
                              "WHERE booking_id = ? ORDER BY line_no";

rg_outcome_t rg_charges_read(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id, rg_charge_t **out,
                             int *count)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_charge_t));
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, CHARGES, RG_IN(RG_I(booking_id)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_charge_t *i = apr_array_push(list);
        *i = (rg_charge_t){.id = rg_cur_i64(c, 0),
                           .line_no = (int)rg_cur_i64(c, 1),
                           .step_kind = (rg_step_kind_t)rg_step_kind_parse(rg_cur_str(c, 2)),
                           .code_system = rg_cur_str(c, 3),
                           .code = rg_cur_str(c, 4),
                           .modifier = rg_cur_str(c, 5),
                           .description = rg_cur_str(c, 6),
                           .quantity = (int)rg_cur_i64(c, 7),
                           .unit = money(rg_cur_i64(c, 8), rg_cur_str(c, 10)),
                           .total = money(rg_cur_i64(c, 9), rg_cur_str(c, 10)),
                           .on_claim = rg_cur_i64(c, 11) != 0,
                           .service_date = rg_cur_date(c, 12),
                           .practitioner_id = rg_cur_i64(c, 13)};
    }
    *out = (rg_charge_t *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

static const char *invoice_label(apr_pool_t *p, const char *series, int64_t number)
{
    return number ? apr_psprintf(p, "%s-%06" APR_INT64_T_FMT, series, number) : "";
}

static const char ACCOUNT[] =
    "SELECT COALESCE(y.name, ''), COALESCE(i.uid, ''), COALESCE(i.series, ''), COALESCE(i.number, "
    "0),"
    " COALESCE(c.uid, ''), COALESCE(c.claim_no, '') FROM booking b LEFT JOIN coverage v ON v.id = "
    "b.coverage_id"
    " LEFT JOIN payer y ON y.id = v.payer_id LEFT JOIN invoice i ON i.booking_id = b.id"
    " LEFT JOIN claim c ON c.booking_id = b.id AND c.frequency = '1' WHERE b.id = ?";

rg_outcome_t rg_account_read(rg_db_t *db, rg_ctx_t *ctx, int64_t booking_id,
                             struct rg_account_sql_t *out)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, ACCOUNT, RG_IN(RG_I(booking_id)));
    if (rc != RG_OK) {
        return rc;
    }
    bool found = rg_cur_next(c);
    if (found) {
        out->payer_name = rg_cur_str(c, 0);
        out->invoice_uid = rg_cur_str(c, 1);
        out->invoice_label = invoice_label(ctx->pool, rg_cur_str(c, 2), rg_cur_i64(c, 3));
        out->claim_uid = rg_cur_str(c, 4);
        out->claim_no = rg_cur_str(c, 5);
    }
    return rg_row_end(c, found);
}

/* --- invoices --------------------------------------------------------------------------------- */

static const char NEXT[] = "INSERT INTO invoice_series (series, last) VALUES (?, 1) ON DUPLICATE "
                           "KEY UPDATE last = last + 1";
static const char LAST[] = "SELECT last FROM invoice_series WHERE series = ?";

rg_outcome_t rg_invoice_next(rg_db_t *db, rg_ctx_t *ctx, const char *series, int *number)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_exec(db, ctx, NEXT, RG_IN(RG_S(series)), NULL);
    if (rc == RG_OK) {
        rc = rg_sql_query(db, ctx, &c, LAST, RG_IN(RG_S(series)));
    }
    if (rc != RG_OK) {
        return rc;
    }
    bool found = rg_cur_next(c);
    if (found) {
        *number = (int)rg_cur_i64(c, 0);
    }
    rc = rg_cur_end(c);
    return rc != RG_OK ? rc : found ? RG_OK : RG_INTERNAL;
}

static const char INSERT_INVOICE[] =
    "INSERT INTO invoice (uid, series, number, booking_id, patient_id, patient_name,"
    " patient_address, issuer, issued_at, issued_by, total_minor, currency)"
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char INSERT_LINE[] =
    "INSERT INTO invoice_line (invoice_id, line_no, code, modifier, description, service_date,"
    " quantity, unit_minor, total_minor) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";

static rg_outcome_t insert_lines(rg_db_t *db, rg_ctx_t *ctx, const rg_invoice_t *inv)
{
    enum { COLS = 9 };
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof *in * COLS * (size_t)inv->line_count);
    for (int i = 0; i < inv->line_count; i++) {
        const rg_charge_t *l = &inv->lines[i];
        const rg_bind_t row[COLS] = {
            RG_I(inv->id),     RG_I(i + 1),          RG_S(l->code),
            RG_S(l->modifier), RG_S(l->description), RG_S(rg_date_iso(ctx->pool, l->service_date)),
            RG_I(l->quantity), RG_I(l->unit.minor),  RG_I(l->total.minor)};
        memcpy(in + COLS * i, row, sizeof row);
    }
    return rg_sql_exec_rows(db, ctx, INSERT_LINE, in, COLS, inv->line_count);
}

rg_outcome_t rg_invoice_insert(rg_db_t *db, rg_ctx_t *ctx, rg_invoice_t *inv, int64_t patient_id)
{
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, INSERT_INVOICE,
        RG_IN(RG_S(inv->uid), RG_S(inv->series), RG_I(inv->number), RG_I(inv->booking_id),
              RG_I(patient_id), RG_S(inv->patient_name), RG_S(inv->patient_address),
              RG_S(inv->issuer), RG_T(inv->issued_at), RG_I(ctx->who.staff_id),
              RG_I(inv->total.minor), RG_S(inv->total.currency)),
        NULL);
    if (rc != RG_OK) {
        return rc;
    }
    inv->id = rg_sql_insert_id(db);
    return insert_lines(db, ctx, inv);
}

static const char READ_INVOICE[] =
    "SELECT i.id, i.uid, i.series, i.number, i.booking_id, i.patient_name, i.patient_address,"
    " i.issuer, i.issued_at, i.total_minor, i.currency, b.service_id, b.uid"
    " FROM invoice i JOIN booking b ON b.id = i.booking_id WHERE i.uid = ?";
static const char READ_LINES[] =
    "SELECT line_no, code, modifier, description, service_date, quantity, unit_minor, total_minor"
    " FROM invoice_line WHERE invoice_id = ? ORDER BY line_no";

static rg_outcome_t read_invoice(rg_db_t *db, rg_ctx_t *ctx, const char *uid, rg_invoice_t *inv,
                                 int64_t *service_id)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, READ_INVOICE, RG_IN(RG_S(uid)));
    if (rc != RG_OK) {
        return rc;
    }
    bool found = rg_cur_next(c);
    if (found) {
        inv->id = rg_cur_i64(c, 0);
        inv->uid = rg_cur_str(c, 1);
        inv->series = rg_cur_str(c, 2);
        inv->number = (int)rg_cur_i64(c, 3);
        inv->label = invoice_label(ctx->pool, inv->series, inv->number);
        inv->booking_id = rg_cur_i64(c, 4);
        inv->patient_name = rg_cur_str(c, 5);
        inv->patient_address = rg_cur_str(c, 6);
        inv->issuer = rg_cur_str(c, 7);
        inv->issued_at = rg_cur_time(c, 8);
        inv->total = money(rg_cur_i64(c, 9), rg_cur_str(c, 10));
        *service_id = rg_cur_i64(c, 11);
        inv->booking_uid = rg_cur_str(c, 12);
    }
    return rg_row_end(c, found);
}

rg_outcome_t rg_invoice_read(rg_db_t *db, rg_ctx_t *ctx, const char *uid, rg_invoice_t **out,
                             int64_t *service_id)
{
    rg_invoice_t *inv = apr_pcalloc(ctx->pool, sizeof *inv);
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_charge_t));
    rg_cur_t *c;
    rg_outcome_t rc = read_invoice(db, ctx, uid, inv, service_id);
    if (rc == RG_OK) {
        rc = rg_sql_query(db, ctx, &c, READ_LINES, RG_IN(RG_I(inv->id)));
    }
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_charge_t *l = apr_array_push(list);
        *l = (rg_charge_t){.line_no = (int)rg_cur_i64(c, 0),
                           .code_system = "",
                           .code = rg_cur_str(c, 1),
                           .modifier = rg_cur_str(c, 2),
                           .description = rg_cur_str(c, 3),
                           .service_date = rg_cur_date(c, 4),
                           .quantity = (int)rg_cur_i64(c, 5),
                           .unit = money(rg_cur_i64(c, 6), inv->total.currency),
                           .total = money(rg_cur_i64(c, 7), inv->total.currency)};
    }
    inv->lines = (rg_charge_t *)list->elts;
    inv->line_count = list->nelts;
    *out = inv;
    return rg_cur_end(c);
}

/* --- queues ----------------------------------------------------------------------------------- */

/* billing_work holds only what is open. Claim numbers have no gaps, so the last one is how many
 * there are; counting them would read every claim ever made. */
static const char COUNTS[] =
    "SELECT (SELECT COUNT(*) FROM billing_work WHERE queue = 'to-invoice'),"
    " (SELECT COUNT(*) FROM billing_work WHERE queue = 'to-claim'),"
    " COALESCE((SELECT last FROM counter WHERE name = 'claim'), 0)";

rg_outcome_t rg_queue_counts(rg_db_t *db, rg_ctx_t *ctx, int counts[3])
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, COUNTS, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    bool found = rg_cur_next(c);
    for (int i = 0; found && i < 3; i++) {
        counts[i] = (int)rg_cur_i64(c, i);
    }
    rc = rg_cur_end(c);
    return rc != RG_OK ? rc : found ? RG_OK : RG_INTERNAL;
}

/* The page is cut out by an index first; only its rows are joined. */
#define QUEUE_NAMES                                                                                \
    " JOIN patient p ON p.id = b.patient_id JOIN service s ON s.id = b.service_id"                 \
    " LEFT JOIN coverage v ON v.id = b.coverage_id LEFT JOIN payer y ON y.id = v.payer_id"
#define QUEUE_OPEN(name, which)                                                                    \
    "SELECT b.uid, p.family, p.given, s.name, COALESCE(y.name, ''), '', '', b.starts_at,"          \
    " (SELECT SUM(x.total_minor) FROM charge_item x WHERE x.booking_id = b.id" which               \
    "), b.currency, w.why, w.tried_at"                                                             \
    " FROM (SELECT booking_id, why, tried_at FROM billing_work WHERE queue = '" name "'"           \
    " ORDER BY tried_at, starts_at, booking_id LIMIT ? OFFSET ?) w JOIN booking b ON b.id = "      \
    "w.booking_id" QUEUE_NAMES " ORDER BY w.tried_at, b.starts_at, b.id"

static const char *const QUEUES[] = {
    QUEUE_OPEN("to-invoice", ""),
    QUEUE_OPEN("to-claim", " AND x.on_claim = 1"),
    "SELECT b.uid, p.family, p.given, s.name, COALESCE(y.name, ''), c.uid, c.claim_no, b.starts_at,"
    " c.total_minor, c.currency, '', 0 FROM (SELECT id FROM claim FORCE INDEX (claim_created)"
    " ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) w JOIN claim c ON c.id = w.id"
    " JOIN booking b ON b.id = c.booking_id" QUEUE_NAMES " ORDER BY c.created_at DESC, c.id DESC",
};

rg_outcome_t rg_queue_tried(rg_db_t *db, rg_ctx_t *ctx, int queue, const char *booking_uid,
                            const char *why)
{
    static const char TRIED[] =
        "UPDATE billing_work w JOIN booking b ON b.id = w.booking_id"
        " SET w.tried_at = ?, w.why = LEFT(?, 255) WHERE b.uid = ? AND w.queue = ?";
    const char *name = queue == 0 ? "to-invoice" : "to-claim";
    return rg_sql_exec(db, ctx, TRIED,
                       RG_IN(RG_T(ctx->now), RG_S(why), RG_S(booking_uid), RG_S(name)), NULL);
}

rg_outcome_t rg_queue_read(rg_db_t *db, rg_ctx_t *ctx, int queue, int limit, int offset,
                           rg_queue_row_t **out, int *count)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, limit, sizeof(rg_queue_row_t));
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, QUEUES[queue], RG_IN(RG_I(limit), RG_I(offset)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_queue_row_t *r = apr_array_push(list);
        *r = (rg_queue_row_t){.booking_uid = rg_cur_str(c, 0),
                              .family = rg_cur_str(c, 1),
                              .given = rg_cur_str(c, 2),
                              .service_name = rg_cur_str(c, 3),
                              .payer_name = rg_cur_str(c, 4),
                              .claim_uid = rg_cur_str(c, 5),
                              .claim_no = rg_cur_str(c, 6),
                              .starts_at = rg_cur_time(c, 7),
                              .total = money(rg_cur_i64(c, 8), rg_cur_str(c, 9)),
                              .why = rg_cur_str(c, 10),
                              .tried_at = rg_cur_time(c, 11)};
    }
    *out = (rg_queue_row_t *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}
