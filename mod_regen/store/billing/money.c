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

#define CHARGE_ROW(FIRST, COL)                                                                     \
    FIRST(I64, id, "c.id")                                                                         \
    COL(INT, line_no, "c.line_no")                                                                 \
    COL(INT, target_no, "c.target_no")                                                             \
    COL(ENUM, step_kind, "c.step_kind", rg_step_kind_parse)                                        \
    COL(STR, code_system, "c.code_system")                                                         \
    COL(STR, code, "c.code")                                                                       \
    COL(STR, modifier, "c.modifier")                                                               \
    COL(STR, description, "c.description")                                                         \
    COL(INT, quantity, "c.quantity")                                                               \
    COL(I64, unit.minor, "c.unit_minor")                                                           \
    COL(MONEY, total, "c.total_minor, c.currency")                                                 \
    COL(BOOL, on_claim, "c.on_claim")                                                              \
    COL(DATE, service_date, "c.service_date")                                                      \
    COL(I64, practitioner_id, "c.practitioner_id")                                                 \
    COL(I64, payer_owes, "l.payer_owes")                                                           \
    COL(I64, patient_part, "l.patient_part")                                                       \
    COL(I64, patient_owes, "l.patient_owes")                                                       \
    COL(I64, invoiced, "l.invoiced")
RG_ROW(charge_row, rg_charge_t, CHARGE_ROW);
RG_SQL(CHARGES,
       "SELECT " RG_COLUMNS(CHARGE_ROW)
       " FROM charge_item c"
       " JOIN charge_balance l ON l.charge_id = c.id"
       " WHERE c.booking_id = ?"
       " ORDER BY c.line_no, c.target_no");
/* What the patient is to be invoiced for; and what costs nothing, once, so that the paper of
 * somebody who
 * pays themselves says all that was done. */
RG_SQL(DUE,
       "SELECT " RG_COLUMNS(CHARGE_ROW)
       " FROM charge_item c"
       " JOIN charge_balance l ON l.charge_id = c.id"
       " JOIN booking b ON b.id = c.booking_id"
       " WHERE c.booking_id = ? AND (l.patient_part > l.invoiced"
       " OR c.total_minor = 0 AND b.coverage_id IS NULL"
       " AND NOT EXISTS (SELECT 1 FROM invoice_charge i WHERE i.charge_id = c.id))"
       " ORDER BY c.line_no, c.target_no");

static void unit_currencies(rg_charge_t *lines, int count)
{
    for (int i = 0; i < count; i++) {
        memcpy(lines[i].unit.currency, lines[i].total.currency, sizeof(lines[i].unit.currency));
    }
}

rg_outcome_t rg_charges_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                             rg_charge_t **out, int *count)
{
    RG_TRY(rg_sql_list(db, ctx, out, count, charge_row, CHARGES, RG_IN(RG_I(booking_id))));
    unit_currencies(*out, *count);
    return RG_OK;
}

/* A part of a charge is a line of its own: one time that part. */
static void cut_to_part(apr_pool_t *p, rg_charge_t *c)
{
    int64_t due = c->patient_part - c->invoiced;
    if (due != c->total.minor) {
        c->total.minor = due;
        c->unit.minor = due;
        c->quantity = 1;
        c->description = apr_pstrcat(p, "Your part: ", c->description, NULL);
    }
}

rg_outcome_t rg_charges_due(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, rg_charge_t **out,
                            int *count, int *turn)
{
    RG_SQL(TURN, "SELECT COUNT(*) FROM invoice WHERE booking_id = ?");
    int64_t before;
    RG_TRY(rg_sql_number(db, ctx, &before, TURN, RG_IN(RG_I(booking_id))));
    *turn = (int)before;
    RG_TRY(rg_sql_list(db, ctx, out, count, charge_row, DUE, RG_IN(RG_I(booking_id))));
    unit_currencies(*out, *count);
    for (int i = 0; i < *count; i++) {
        cut_to_part(ctx->pool, &(*out)[i]);
    }
    return RG_OK;
}

const char *rg_paper_label(apr_pool_t *p, const char *series, int64_t number)
{
    return number ? apr_psprintf(p, "%s-%06" APR_INT64_T_FMT, series, number) : "";
}

typedef struct {
    struct rg_account_sql_t account;
    const char *series;
    int64_t number;
} account_t;

#define ACCOUNT_ROW(FIRST, COL)                                                                    \
    FIRST(STR, account.payer_name, "COALESCE(y.name, '')")                                         \
    COL(STR, account.patient_uid, "COALESCE(p.uid, '')")                                           \
    COL(STR, account.invoice_uid, "COALESCE(i.uid, '')")                                           \
    COL(STR, series, "COALESCE(i.series, '')")                                                     \
    COL(I64, number, "COALESCE(i.number, 0)")                                                      \
    COL(STR, account.claim_uid, "COALESCE(c.uid, '')")                                             \
    COL(STR, account.claim_no, "COALESCE(c.claim_no, '')")
RG_ROW(account_row, account_t, ACCOUNT_ROW);
RG_SQL(ACCOUNT,
       "SELECT " RG_COLUMNS(ACCOUNT_ROW)
       " FROM booking b"
       " LEFT JOIN patient p ON p.id = b.patient_id"
       " LEFT JOIN coverage v ON v.id = b.coverage_id"
       " LEFT JOIN payer y ON y.id = v.payer_id"
       " LEFT JOIN invoice i ON i.booking_id = b.id AND i.turn = (SELECT MAX(turn) FROM "
       "invoice WHERE"
       " booking_id = b.id)"
       " LEFT JOIN claim c ON c.booking_id = b.id AND c.frequency = '1'"
       " WHERE b.id = ?");

rg_outcome_t rg_account_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                             struct rg_account_sql_t *out)
{
    account_t a = {.account = *out};
    RG_TRY(rg_sql_one(db, ctx, &a, account_row, ACCOUNT, RG_IN(RG_I(booking_id))));
    *out = a.account;
    out->invoice_label = rg_paper_label(ctx->pool, a.series, a.number);
    return RG_OK;
}

/* --- invoices --------------------------------------------------------------------------------- */

RG_SQL(NEXT,
       "INSERT INTO invoice_series (series, last)"
       " VALUES (?, 1)"
       " ON DUPLICATE KEY UPDATE last = last + 1");
RG_SQL(LAST, "SELECT last FROM invoice_series WHERE series = ?");

rg_outcome_t rg_invoice_next(rg_db_t *db, const rg_ctx_t *ctx, const char *series, int *number)
{
    int64_t last;
    RG_TRY(rg_sql_exec(db, ctx, NEXT, RG_IN(RG_S(series)), NULL));
    rg_outcome_t rc = rg_sql_number(db, ctx, &last, LAST, RG_IN(RG_S(series)));
    *number = (int)last;
    return rc == RG_NOT_FOUND ? RG_INTERNAL : rc;
}

#define INVOICE_NEW(FIRST, COL)                                                                    \
    FIRST(uid, RG_S(inv->uid))                                                                     \
    COL(series, RG_S(inv->series))                                                                 \
    COL(number, RG_I(inv->number))                                                                 \
    COL(booking_id, RG_I(inv->booking_id))                                                         \
    COL(turn, RG_I(inv->turn))                                                                     \
    COL(patient_id, RG_I(patient_id))                                                              \
    COL(patient_name, RG_S(inv->patient_name))                                                     \
    COL(patient_address, RG_S(inv->patient_address))                                               \
    COL(issuer, RG_S(inv->issuer))                                                                 \
    COL(issued_at, RG_T(inv->issued_at))                                                           \
    COL(issued_by, RG_I(ctx->who.staff_id))                                                        \
    COL(total_minor, RG_I(inv->total.minor))                                                       \
    COL(currency, RG_S(inv->total.currency))
RG_SQL(INSERT_INVOICE, RG_INSERT("invoice", INVOICE_NEW));
RG_SQL(INSERT_LINE,
       "INSERT INTO invoice_line (invoice_id, line_no, code, modifier, description,"
       " service_date, quantity, unit_minor, total_minor)"
       " VALUES (?, ?, ?, ?, LEFT(?, 160), ?, ?, ?, ?)");
RG_SQL(INSERT_CHARGE,
       "INSERT INTO invoice_charge (invoice_id, charge_id, line_no, amount_minor)"
       " VALUES (?, ?, ?, ?)");

static rg_outcome_t insert_invoice_lines(rg_db_t *db, const rg_ctx_t *ctx, const rg_invoice_t *inv)
{
    enum { COLS = 9 };
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * COLS * (size_t)inv->line_count);
    for (int i = 0; i < inv->line_count; i++) {
        const rg_charge_t *l = &inv->lines[i];
        const rg_bind_t row[COLS] = {
            RG_I(inv->id),     RG_I(i + 1),          RG_S(l->code),
            RG_S(l->modifier), RG_S(l->description), RG_S(rg_date_iso(ctx->pool, l->service_date)),
            RG_I(l->quantity), RG_I(l->unit.minor),  RG_I(l->total.minor)};
        memcpy(in + COLS * i, row, sizeof(row));
    }
    return rg_sql_exec_rows(db, ctx, INSERT_LINE, in, COLS, inv->line_count);
}

/* Which charge each line is for. One by one: what triggers count is read again for the next. */
static rg_outcome_t insert_invoice_charges(rg_db_t *db, const rg_ctx_t *ctx,
                                           const rg_invoice_t *inv)
{
    for (int i = 0; i < inv->line_count; i++) {
        RG_TRY(rg_sql_exec(db, ctx, INSERT_CHARGE,
                           RG_IN(RG_I(inv->id), RG_I(inv->lines[i].id), RG_I(i + 1),
                                 RG_I(inv->lines[i].total.minor)),
                           NULL));
    }
    return RG_OK;
}

rg_outcome_t rg_invoice_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_invoice_t *inv,
                               int64_t patient_id)
{
    rg_outcome_t rc = rg_sql_exec(db, ctx, INSERT_INVOICE, RG_BINDS(INVOICE_NEW), NULL);
    if (rc != RG_OK) {
        return rc;
    }
    inv->id = rg_sql_insert_id(db);
    rc = insert_invoice_lines(db, ctx, inv);
    return rc == RG_OK ? insert_invoice_charges(db, ctx, inv) : rc;
}

typedef struct {
    rg_invoice_t invoice;
    int64_t service_id;
} invoice_row_t;

#define INVOICE_ROW(FIRST, COL)                                                                    \
    FIRST(I64, invoice.id, "i.id")                                                                 \
    COL(STR, invoice.uid, "i.uid")                                                                 \
    COL(STR, invoice.series, "i.series")                                                           \
    COL(INT, invoice.number, "i.number")                                                           \
    COL(I64, invoice.booking_id, "i.booking_id")                                                   \
    COL(STR, invoice.patient_name, "i.patient_name")                                               \
    COL(STR, invoice.patient_address, "i.patient_address")                                         \
    COL(STR, invoice.issuer, "i.issuer")                                                           \
    COL(TIME, invoice.issued_at, "i.issued_at")                                                    \
    COL(MONEY, invoice.total, "i.total_minor, i.currency")                                         \
    COL(I64, service_id, "b.service_id")                                                           \
    COL(STR, invoice.booking_uid, "b.uid")
RG_ROW(invoice_row, invoice_row_t, INVOICE_ROW);
RG_SQL(READ_INVOICE,
       "SELECT " RG_COLUMNS(INVOICE_ROW)
       " FROM invoice i"
       " JOIN booking b ON b.id = i.booking_id"
       " WHERE i.uid = ?");

#define LINE_ROW(FIRST, COL)                                                                       \
    FIRST(INT, line_no, "line_no")                                                                 \
    COL(STR, code, "code")                                                                         \
    COL(STR, modifier, "modifier")                                                                 \
    COL(STR, description, "description")                                                           \
    COL(DATE, service_date, "service_date")                                                        \
    COL(INT, quantity, "quantity")                                                                 \
    COL(I64, unit.minor, "unit_minor")                                                             \
    COL(I64, total.minor, "total_minor")
RG_ROW(line_row, rg_charge_t, LINE_ROW);
RG_SQL(READ_LINES,
       "SELECT " RG_COLUMNS(LINE_ROW)
       " FROM invoice_line"
       " WHERE invoice_id = ?"
       " ORDER BY line_no");

static rg_outcome_t read_invoice_row(rg_db_t *db, const rg_ctx_t *ctx, const char *uid,
                                     rg_invoice_t **out, int64_t *service_id)
{
    invoice_row_t *row;
    RG_TRY(rg_sql_new(db, ctx, &row, invoice_row, READ_INVOICE, RG_IN(RG_S(uid))));
    row->invoice.label = rg_paper_label(ctx->pool, row->invoice.series, row->invoice.number);
    *service_id = row->service_id;
    *out = &row->invoice;
    return RG_OK;
}

rg_outcome_t rg_invoice_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid, rg_invoice_t **out,
                             int64_t *service_id)
{
    rg_invoice_t *inv;
    RG_TRY(read_invoice_row(db, ctx, uid, &inv, service_id));
    RG_TRY(rg_sql_list(db, ctx, &inv->lines, &inv->line_count, line_row, READ_LINES,
                       RG_IN(RG_I(inv->id))));
    for (int i = 0; i < inv->line_count; i++) {
        rg_charge_t *l = &inv->lines[i];
        l->code_system = "";
        memcpy(l->unit.currency, inv->total.currency, sizeof(l->unit.currency));
        memcpy(l->total.currency, inv->total.currency, sizeof(l->total.currency));
    }
    *out = inv;
    return RG_OK;
}

/* --- queues ----------------------------------------------------------------------------------- */

typedef struct {
    int queue[3];
} counts_t;

/* billing_work contains only open work. Claim numbers have no gaps, so the last one is their count;
 * counting rows would read every claim ever made. */
#define COUNTS_ROW(FIRST, COL)                                                                     \
    FIRST(INT, queue[0], "(SELECT COUNT(*) FROM billing_work WHERE queue = 'to-invoice')")         \
    COL(INT, queue[1], "(SELECT COUNT(*) FROM billing_work WHERE queue = 'to-claim')")             \
    COL(INT, queue[2], "COALESCE((SELECT last FROM counter WHERE name = 'claim'), 0)")
RG_ROW(counts_row, counts_t, COUNTS_ROW);
RG_SQL(COUNTS, "SELECT " RG_COLUMNS(COUNTS_ROW));

rg_outcome_t rg_queue_counts(rg_db_t *db, const rg_ctx_t *ctx, int counts[RG_QUEUE_COUNT])
{
    counts_t now;
    RG_TRY(rg_sql_one(db, ctx, &now, counts_row, COUNTS, RG_IN_NONE));
    memcpy(counts, now.queue, sizeof(now.queue));
    return RG_OK;
}

#define QUEUE_ROW(FIRST, COL, claim_uid_is, claim_no_is, minor, currency, why_is, tried)           \
    FIRST(STR, booking_uid, "b.uid")                                                               \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, given, "p.given")                                                                     \
    COL(STR, service_name, "s.name")                                                               \
    COL(STR, payer_name, "COALESCE(y.name, '')")                                                   \
    COL(STR, claim_uid, claim_uid_is)                                                              \
    COL(STR, claim_no, claim_no_is)                                                                \
    COL(TIME, starts_at, "b.starts_at")                                                            \
    COL(MONEY, total, minor ", " currency)                                                         \
    COL(STR, why, why_is)                                                                          \
    COL(TIME, tried_at, tried)
#define OPEN_ROW(FIRST, COL, sum)                                                                  \
    QUEUE_ROW(FIRST, COL, "''", "''", "(SELECT SUM(" sum " WHERE x.booking_id = b.id)",            \
              "b.currency", "w.why", "w.tried_at")
#define TO_INVOICE_ROW(FIRST, COL)                                                                 \
    OPEN_ROW(FIRST, COL, "GREATEST(x.patient_part - x.invoiced, 0)) FROM charge_balance x")
#define TO_CLAIM_ROW(FIRST, COL)                                                                   \
    OPEN_ROW(FIRST, COL, "IF(x.on_claim = 1, x.total_minor, 0)) FROM charge_item x")
#define CLAIMED_ROW(FIRST, COL)                                                                    \
    QUEUE_ROW(FIRST, COL, "c.uid", "c.claim_no", "c.total_minor", "c.currency", "''", "0")
RG_ROW(queue_row, rg_queue_row_t, TO_INVOICE_ROW); /* the same fields in all three */

/* The page is cut out by an index first; only its rows are joined. */
#define QUEUE_NAMES                                                                                \
    RG_SQL_PART(" JOIN patient p ON p.id = b.patient_id" \
                " JOIN service s ON s.id = b.service_id" \
                " LEFT JOIN coverage v ON v.id = b.coverage_id" \
                " LEFT JOIN payer y ON y.id = v.payer_id")
#define QUEUE_OPEN(name, ROW)                                                                      \
    RG_SQL_PART("SELECT " RG_COLUMNS(ROW) \
                " FROM (SELECT booking_id, why, tried_at FROM billing_work" \
                " WHERE queue = '" name "'" \
                " ORDER BY tried_at, starts_at, booking_id LIMIT ? OFFSET ?) w" \
                " JOIN booking b ON b.id = w.booking_id" QUEUE_NAMES \
                " ORDER BY w.tried_at, b.starts_at, b.id")
RG_SQL(TO_INVOICE, QUEUE_OPEN("to-invoice", TO_INVOICE_ROW));
RG_SQL(TO_CLAIM, QUEUE_OPEN("to-claim", TO_CLAIM_ROW));
RG_SQL(CLAIMED,
       "SELECT " RG_COLUMNS(CLAIMED_ROW)
       " FROM (SELECT id FROM claim FORCE INDEX (claim_created)"
       " ORDER BY created_at DESC, id DESC LIMIT ? OFFSET ?) w"
       " JOIN claim c ON c.id = w.id"
       " JOIN booking b ON b.id = c.booking_id" QUEUE_NAMES
       " ORDER BY c.created_at DESC, c.id DESC");
static const char *const QUEUES[] = {
    [RG_QUEUE_INVOICE] = TO_INVOICE, [RG_QUEUE_CLAIM] = TO_CLAIM, [RG_QUEUE_CLAIMED] = CLAIMED};
_Static_assert(sizeof(QUEUES) / sizeof(QUEUES[0]) == RG_QUEUE_COUNT, "a statement for each queue");

rg_outcome_t rg_queue_tried(rg_db_t *db, const rg_ctx_t *ctx, rg_queue_t queue,
                            const char *booking_uid, const char *why)
{
    RG_SQL(TRIED,
           "UPDATE billing_work w"
           " JOIN booking b ON b.id = w.booking_id"
           " SET w.tried_at = ?, w.why = LEFT(?, 255)"
           " WHERE b.uid = ? AND w.queue = ?");
    return rg_sql_exec(
        db, ctx, TRIED,
        RG_IN(RG_T(ctx->now), RG_S(why), RG_S(booking_uid), RG_S(rg_queue_name(queue))), NULL);
}

rg_outcome_t rg_queue_read(rg_db_t *db, const rg_ctx_t *ctx, rg_queue_t queue, int limit,
                           int offset, rg_queue_row_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, queue_row, QUEUES[queue],
                       RG_IN(RG_I(limit), RG_I(offset)));
}
