/* SPDX-License-Identifier: Apache-2.0 */
/* Invoices and the billing queues against the database: numbers without gaps whatever breaks, one
 * invoice a booking, sums to the cent, nothing issued ever changes, and queues that cost what is
 * open. */
#include "billing_test.h"

#include "mod_regen/store/engine/sql.h"
#include "regen/clinic/billing.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/store/billing.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

static rg_outcome_t invoice_by(const rg_ctx_t *ctx, int n, const char **uid)
{
    return rg_billing_invoice(uid, ctx, apr_psprintf(ctx->pool, "1%025d", n));
}

/* --- numbers ---------------------------------------------------------------------------------- */

enum { CLERKS = 8, TREATED = 240 };

typedef struct {
    store_test_t *t;
    volatile int working; /* clerks that are not done yet */
    int issued[CLERKS];
    int refused[CLERKS];
    int killed;
} storm_t;

/* Takes a number and gives up: the number must not be lost. */
static rg_outcome_t take_and_drop(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_outcome_t rc = rg_invoice_next(db, ctx, "INV-2026", baton);
    return rc == RG_OK ? RG_CONFLICT : rc;
}

static void one_treatment(storm_t *s, int clerk, int n)
{
    for (int attempt = 0; attempt < 200; attempt++) {
        rg_ctx_t *ctx = billing_ctx(s->t);
        const char *uid = NULL;
        int number;
        if (n % 3 == 0)
            rg_store_transact(ctx, take_and_drop, &number);
        rg_outcome_t rc = invoice_by(ctx, n, &uid);
        store_test_done(ctx);
        s->issued[clerk] += rc == RG_OK;
        s->refused[clerk] += rc == RG_PRECONDITION;
        if (rc == RG_OK || rc == RG_PRECONDITION)
            return;
        /* A connection that died: who cannot know whether it was done asks again. */
        assert_int_equal(rc, RG_UNAVAILABLE);
    }
    fail_msg("treatment %d was never issued", n);
}

/* Each treatment is wanted by two clerks. */
static void issue_many(storm_t *s, int clerk)
{
    for (int n = 1; n <= TREATED; n++) {
        if (n % CLERKS == clerk || (n + 1) % CLERKS == clerk)
            one_treatment(s, clerk, n);
    }
}

static void kill_some(storm_t *s)
{
    MYSQL *m = store_test_connect(s->t);
    while (__atomic_load_n(&s->working, __ATOMIC_SEQ_CST) > 0) {
        const char *pick = apr_psprintf(s->t->pool,
                                        "SELECT id FROM information_schema.processlist WHERE db = "
                                        "'%s' AND command <> 'Sleep' AND id NOT IN"
                                        " (CONNECTION_ID(), %lu) ORDER BY RAND() LIMIT 1",
                                        s->t->conf.database, mysql_thread_id(s->t->sql));
        assert_int_equal(mysql_query(m, pick), 0);
        MYSQL_RES *rows = mysql_store_result(m);
        MYSQL_ROW row = mysql_fetch_row(rows);
        /* It may have gone by itself. */
        s->killed += row && mysql_query(m, apr_psprintf(s->t->pool, "KILL %s", row[0])) == 0;
        mysql_free_result(rows);
        apr_sleep(20000);
    }
    mysql_close(m);
}

static void storm(void *baton, int number)
{
    storm_t *s = baton;
    if (number == CLERKS) {
        kill_some(s);
        return;
    }
    issue_many(s, number);
    __atomic_sub_fetch(&s->working, 1, __ATOMIC_SEQ_CST);
}

static void numbers_have_no_gaps(void **state)
{
    store_test_t *t = *state;
    storm_t s = {.t = t, .working = CLERKS};
    int refused = 0;
    billing_self_pay(t, 1, TREATED);
    store_test_threads(CLERKS + 1, storm, &s);
    for (int i = 0; i < CLERKS; i++)
        refused += s.refused[i];
    assert_true(s.killed > 0);
    assert_true(refused > 0);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM invoice"), TREATED);
    assert_int_equal(
        store_test_value(t, "SELECT last FROM invoice_series WHERE series = 'INV-2026'"), TREATED);
    assert_int_equal(store_test_value(t, "SELECT COUNT(*) FROM invoice_line"), 3 * TREATED);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM audit_event WHERE action = 'invoice.issue'"),
        TREATED);
    billing_assert_sound(t);
}

/* --- one a booking ---------------------------------------------------------------------------- */

typedef struct {
    store_test_t *t;
    int n;
    bool same_key;
    int ok, refused, replayed;
    char uids[16][27];
} rush_t;

static void rush(void *baton, int number)
{
    rush_t *r = baton;
    rg_ctx_t *ctx = billing_ctx(r->t);
    rg_idem_t idem = {.key = {7, r->same_key ? 0 : (unsigned char)(number + 1)}, .request = {1}};
    const char *uid = "";
    ctx->idem = &idem;
    rg_outcome_t rc = invoice_by(ctx, r->n, &uid);
    apr_cpystrn(r->uids[number], uid, sizeof(r->uids[number]));
    __atomic_add_fetch(&r->ok, rc == RG_OK, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&r->refused, rc == RG_PRECONDITION, __ATOMIC_SEQ_CST);
    __atomic_add_fetch(&r->replayed, rc == RG_OK && idem.replayed, __ATOMIC_SEQ_CST);
    store_test_done(ctx);
}

static void one_invoice_per_booking(void **state)
{
    store_test_t *t = *state;
    rush_t different = {.t = t, .n = 1001};
    rush_t same = {.t = t, .n = 1002, .same_key = true};
    billing_self_pay(t, 1001, 1002);
    store_test_threads(16, rush, &different);
    assert_int_equal(different.ok, 1);
    assert_int_equal(different.refused, 15);
    store_test_threads(16, rush, &same); /* the same press, sixteen times */
    assert_int_equal(same.ok, 16);
    assert_int_equal(same.replayed, 15);
    for (int i = 1; i < 16; i++)
        assert_string_equal(same.uids[i], same.uids[0]);
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM invoice WHERE booking_id IN (1001, 1002)"), 2);
    billing_assert_sound(t);
}

static void series_of_the_clinics_year(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    const char *uid;
    billing_self_pay(t, 1101, 1102);
    ctx->now = apr_time_from_sec(INT64_C(1798779599)); /* 23:59:59 on 31 December in New York */
    assert_int_equal(invoice_by(ctx, 1101, &uid), RG_OK);
    ctx->now += apr_time_from_sec(1);
    assert_int_equal(invoice_by(ctx, 1102, &uid), RG_OK);
    assert_string_equal(
        store_test_text(t, "SELECT GROUP_CONCAT(series ORDER BY booking_id) FROM invoice WHERE"
                           " booking_id IN (1101, 1102)"),
        "INV-2026,INV-2027");
    assert_int_equal(store_test_value(t, "SELECT number FROM invoice WHERE booking_id = 1102"), 1);
    billing_assert_sound(t);
    store_test_done(ctx);
}

/* --- what it says ----------------------------------------------------------------------------- */

static void invoice_says_what_was_done(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    rg_invoice_t *inv;
    rg_site_t *site;
    const char *uid;
    billing_self_pay(t, 1201, 1201);
    store_test_exec(t, "UPDATE patient SET given = 'Zoë', family = 'Ó Briain' WHERE id = 1201");
    assert_int_equal(invoice_by(ctx, 1201, &uid), RG_OK);
    assert_int_equal(rg_billing_invoice_get(&inv, &site, ctx, uid), RG_OK);
    assert_int_equal(inv->total.minor, BILLING_TOTAL);
    assert_string_equal(inv->total.currency, "USD");
    assert_int_equal(inv->line_count, 3);
    assert_int_equal(inv->lines[1].quantity, 3);
    assert_int_equal(inv->lines[1].unit.minor, 26667);
    assert_int_equal(inv->lines[1].total.minor, 80001);
    assert_int_equal(inv->lines[2].service_date.day, 30);
    assert_string_equal(inv->lines[2].modifier, "RT");
    assert_string_equal(inv->patient_name, "Zoë Ó Briain");
    assert_string_equal(inv->patient_address, "7 Analytical Way, Dover, NH 03820");
    assert_string_equal(inv->issuer,
                        "Harbor Joint Clinic LLC, 12 Harbor Street, Portsmouth, NH 03801-4410");
    assert_string_equal(inv->booking_uid, billing_uid(t, 1201));
    assert_string_equal(inv->label, apr_psprintf(ctx->pool, "INV-2026-%06d", inv->number));
    /* The paper stays as it was when names change. */
    store_test_exec(t, "UPDATE patient SET family = 'Other' WHERE id = 1201");
    assert_int_equal(rg_billing_invoice_get(&inv, &site, ctx, uid), RG_OK);
    assert_string_equal(inv->patient_name, "Zoë Ó Briain");
    store_test_done(ctx);
}

/* The longest words that may be typed fit on the paper. */
static void long_words_fit(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    const char *uid;
    billing_self_pay(t, 1301, 1301);
    store_test_exec(
        t, "UPDATE patient SET family = REPEAT('ß', 80), given = REPEAT('é', 80), address_line ="
           " REPEAT('a', 120), city = REPEAT('c', 80), state = REPEAT('s', 40), postal_code ="
           " REPEAT('9', 20) WHERE id = 1301");
    store_test_exec(
        t,
        "UPDATE organization SET name = REPEAT('n', 120), address_line = REPEAT('a', 120), city ="
        " REPEAT('c', 80), state = REPEAT('s', 40), postal_code = REPEAT('9', 20)");
    assert_int_equal(invoice_by(ctx, 1301, &uid), RG_OK);
    store_test_exec(t, "DELETE FROM organization");
    rg_store_load(ctx, apr_pstrcat(ctx->pool, t->sql_dir, "/sample/clinic.sql", NULL), false);
    store_test_done(ctx);
}

/* --- refusals --------------------------------------------------------------------------------- */

static void refused(store_test_t *t, int n, rg_outcome_t outcome, const char *words)
{
    rg_ctx_t *ctx = billing_ctx(t);
    int64_t before = store_test_value(t, "SELECT COALESCE(SUM(last), 0) FROM invoice_series");
    const char *uid;
    assert_int_equal(invoice_by(ctx, n, &uid), outcome);
    if (words)
        assert_non_null(strstr(rg_problem_for(ctx->problems, NULL), words));
    assert_int_equal(store_test_value(t, "SELECT COALESCE(SUM(last), 0) FROM invoice_series"),
                     before);
    store_test_done(ctx);
}

static void schema_refuses(store_test_t *t, unsigned error, const char *words, const char *sql)
{
    if (mysql_query(t->sql, sql) == 0)
        fail_msg("the schema let it happen: %s", sql);
    assert_int_equal(mysql_errno(t->sql), error);
    if (!strstr(mysql_error(t->sql), words))
        fail_msg("%s: %s", mysql_error(t->sql), sql);
}

static void invoices_refused(void **state)
{
    store_test_t *t = *state;
    const char *uid;
    rg_ctx_t *desk = billing_ctx_as(t, RG_ROLE_FRONT_DESK);
    billing_self_pay(t, 1401, 1404);
    refused(t, 99999, RG_NOT_FOUND, NULL);
    store_test_exec(t, "UPDATE booking SET status = 'in-progress' WHERE id = 1401");
    refused(t, 1401, RG_PRECONDITION, "not completed");
    store_test_exec(t, "DELETE FROM charge_item WHERE booking_id = 1402");
    refused(t, 1402, RG_PRECONDITION, "has no charges");
    store_test_exec(
        t,
        "INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, description,"
        " quantity, unit_minor, total_minor, currency, on_claim, service_date, created_at)"
        " VALUES (1403, 9, 'inject', '', 'X', 'x', 1, 5, 5, 'EUR', 0, '2026-11-30', 0)");
    refused(t, 1403, RG_PRECONDITION, "cannot be added up");
    assert_int_equal(store_test_log_count("RG06000"), 1);
    assert_int_equal(invoice_by(desk, 1404, &uid), RG_FORBIDDEN);
    assert_int_equal(rg_billing_invoice(&uid, desk, "nonsense"), RG_FORBIDDEN);
    desk->who.roles = RG_ROLE_ADMIN;
    assert_int_equal(rg_billing_invoice(&uid, desk, "' OR 1"), RG_NOT_FOUND);
    store_test_done(desk);
    store_test_exec(t, "DELETE FROM billing_work WHERE booking_id IN (1401, 1402)");
}

/* What the payer owes is on no invoice; what is moved to the patient is, once. */
static void the_insured_owe_their_part(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    rg_invoice_t *inv;
    rg_site_t *site;
    const char *uid;
    billing_complete(t, 1451, 1451);
    refused(t, 1451, RG_PRECONDITION, "Granite Mutual Health owes this treatment");
    store_test_exec(t,
                    "UPDATE charge_item SET on_claim = 0 WHERE booking_id = 1451 AND line_no = 2");
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM billing_work WHERE booking_id = 1451"), 2);
    assert_int_equal(invoice_by(ctx, 1451, &uid), RG_OK);
    assert_int_equal(rg_billing_invoice_get(&inv, &site, ctx, uid), RG_OK);
    assert_int_equal(inv->total.minor, 80001);
    assert_int_equal(inv->line_count, 1);
    refused(t, 1451, RG_PRECONDITION, "already has an invoice");
    /* Back to the payer only after a credit note. */
    schema_refuses(t, 1644, "stays the patient's",
                   "UPDATE charge_item SET on_claim = 1 WHERE booking_id = 1451 AND line_no = 2");
    schema_refuses(t, 1644, "issue a credit note",
                   "DELETE FROM charge_item WHERE booking_id = 1451 AND line_no = 2");
    billing_assert_sound(t);
    store_test_done(ctx);
}

static void whose_invoice(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    rg_invoice_t *inv;
    rg_site_t *site;
    const char *uid;
    billing_self_pay(t, 1501, 1501);
    assert_int_equal(invoice_by(ctx, 1501, &uid), RG_OK);
    ctx->who = (rg_principal_t){.roles = RG_ROLE_PATIENT, .booking_id = 1501};
    assert_int_equal(rg_billing_invoice_get(&inv, &site, ctx, uid), RG_OK);
    ctx->who.booking_id = 1502;
    assert_int_equal(rg_billing_invoice_get(&inv, &site, ctx, uid), RG_NOT_FOUND);
    ctx->who = (rg_principal_t){.roles = RG_ROLE_FRONT_DESK, .staff_id = 4};
    assert_int_equal(rg_billing_invoice_get(&inv, &site, ctx, uid), RG_NOT_FOUND);
    store_test_done(ctx);
}

/* --- the schema itself ------------------------------------------------------------------------ */

static void issued_never_changes(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    const char *uid;
    billing_self_pay(t, 1601, 1602);
    assert_int_equal(invoice_by(ctx, 1601, &uid), RG_OK);
    schema_refuses(t, 1644, "never changes",
                   "UPDATE invoice SET total_minor = 1 WHERE booking_id = 1601");
    schema_refuses(t, 1644, "never changes",
                   "UPDATE invoice SET patient_name = 'x' WHERE booking_id = 1601");
    schema_refuses(t, 1644, "never deleted", "DELETE FROM invoice WHERE booking_id = 1601");
    schema_refuses(t, 1644, "never changes", "UPDATE invoice_line SET description = 'x'");
    schema_refuses(t, 1644, "never deleted", "DELETE FROM invoice_line");
    schema_refuses(t, 1644, "no gaps",
                   "INSERT INTO invoice (uid, series, number, booking_id, patient_id, "
                   "patient_name, patient_address,"
                   " issuer, issued_at, issued_by, total_minor, currency) SELECT "
                   "'00000000000000000000000001', series,"
                   " last + 2, 1602, 1602, '', '', '', 0, 1, 1, 'USD' FROM invoice_series WHERE "
                   "series = 'INV-2026'");
    schema_refuses(t, 1062, "Duplicate",
                   "INSERT INTO invoice (uid, series, number, booking_id, patient_id, "
                   "patient_name, patient_address,"
                   " issuer, issued_at, issued_by, total_minor, currency) SELECT "
                   "'00000000000000000000000001', series,"
                   " last + 1, 1601, 1601, '', '', '', 0, 1, 1, 'USD' FROM invoice_series WHERE "
                   "series = 'INV-2026'");
    schema_refuses(
        t, 4025, "invoice_line_total",
        "INSERT INTO invoice_line (invoice_id, line_no, code, description, service_date, quantity,"
        " unit_minor, total_minor) SELECT id, 99, '', '', '2026-11-30', 3, 3333, 10000 FROM "
        "invoice WHERE"
        " booking_id = 1601");
    store_test_done(ctx);
}

static void prices_are_not_negative(void **state)
{
    store_test_t *t = *state;
    store_test_exec(t, "INSERT INTO fee_schedule_version (id, schedule_id, made_at)"
                       " VALUES (90, 1, 0)");
    schema_refuses(t, 4025, "fee_line_amount",
                   "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code,"
                   " description, unit_minor, currency) VALUES"
                   " (90, 1, 9, 'inject', 'X', 'x', -100, 'USD')");
    schema_refuses(t, 4025, "fee_line_amount",
                   "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code,"
                   " description, units, unit_minor, currency) VALUES"
                   " (90, 1, 9, 'inject', 'X', 'x', 0, 100, 'USD')");
    schema_refuses(t, 4025, "charge_total",
                   "INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, "
                   "description, quantity,"
                   " unit_minor, total_minor, currency, on_claim, service_date, created_at) VALUES "
                   "(1, 90, 'inject', '',"
                   " 'X', 'x', 1, -5, -5, 'USD', 1, '2026-11-30', 0)");
}

/* --- queues ----------------------------------------------------------------------------------- */

static void queues_tell_what_is_open(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    rg_worklist_t *w;
    const char *uid;
    rg_billing_worklist(&w, ctx, RG_QUEUE_INVOICE, 1);
    int before = w->counts[RG_QUEUE_INVOICE];
    int claims = w->counts[RG_QUEUE_CLAIM];
    billing_complete(t, 2001, 2120);
    assert_int_equal(rg_billing_worklist(&w, ctx, RG_QUEUE_INVOICE, 1), RG_OK);
    assert_int_equal(w->counts[RG_QUEUE_INVOICE], before + 60); /* those who pay themselves */
    assert_int_equal(w->counts[RG_QUEUE_CLAIM], claims + 60);
    assert_int_equal(w->count, RG_WORKLIST_PAGE);
    assert_int_equal(w->pages, (before + 60 + 49) / 50);
    for (int i = 1; i < w->count; i++)
        assert_true(w->items[i - 1].starts_at <= w->items[i].starts_at);
    assert_int_equal(w->items[0].total.minor, BILLING_TOTAL);
    assert_int_equal(rg_billing_worklist(&w, ctx, RG_QUEUE_INVOICE, 9999),
                     RG_OK); /* past the last: the last */
    assert_int_equal(w->page, w->pages);
    assert_int_equal(rg_billing_worklist(&w, ctx, RG_QUEUE_CLAIM, 1), RG_OK);
    assert_string_equal(w->items[0].payer_name, "Granite Mutual Health");
    assert_int_equal(invoice_by(ctx, 2002, &uid), RG_OK);
    assert_int_equal(rg_billing_worklist(&w, ctx, RG_QUEUE_INVOICE, 1), RG_OK);
    assert_int_equal(w->counts[RG_QUEUE_INVOICE], before + 59);
    billing_assert_sound(t);
    ctx->who.roles = RG_ROLE_CLINICIAN;
    assert_int_equal(rg_billing_worklist(&w, ctx, RG_QUEUE_INVOICE, 1), RG_FORBIDDEN);
    store_test_done(ctx);
}

/* Charges that come after completion (a consultation's do), and treatments that were never charged.
 */
static void work_begins_with_a_charge(void **state)
{
    store_test_t *t = *state;
    billing_complete(t, 2201, 2202);
    store_test_exec(t, "DELETE FROM billing_work WHERE booking_id = 2201");
    store_test_exec(t, "DELETE FROM charge_item WHERE booking_id = 2201");
    assert_int_equal(
        store_test_value(t, "SELECT COUNT(*) FROM billing_work WHERE booking_id = 2201"), 0);
    store_test_exec(
        t,
        "INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, description,"
        " quantity, unit_minor, total_minor, currency, on_claim, service_date, created_at) VALUES "
        "(2201,"
        " 1, 'consult', '', 'X', 'x', 1, 5, 5, 'USD', 0, '2026-11-30', 0)");
    assert_string_equal(
        store_test_text(t, "SELECT GROUP_CONCAT(queue) FROM billing_work WHERE booking_id = 2201"),
        "to-invoice"); /* insured, but nothing of it goes on a claim */
    billing_assert_sound(t);
}

/* Rows the server reads for one page, by the connection that reads them. */
static int64_t rows_read(store_test_t *t, const rg_ctx_t *ctx, rg_queue_t queue);

static rg_outcome_t handler_reads(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    static const char READS[] =
        "SELECT CAST(SUM(variable_value) AS SIGNED) FROM information_schema.session_status"
        " WHERE variable_name LIKE 'HANDLER_READ%'";
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, READS, RG_IN_NONE);
    if (rc != RG_OK)
        return rc;
    assert_true(rg_cur_next(c));
    *(int64_t *)baton = rg_cur_i64(c, 0);
    return rg_cur_end(c);
}

static int64_t rows_read(store_test_t *t, const rg_ctx_t *ctx, rg_queue_t queue)
{
    int64_t before;
    int64_t after;
    rg_worklist_t *w;
    (void)t;
    assert_int_equal(rg_billing_worklist(&w, ctx, queue, 1),
                     RG_OK); /* the catalogue is read once */
    assert_int_equal(rg_store_read(ctx, handler_reads, &before), RG_OK);
    assert_int_equal(rg_billing_worklist(&w, ctx, queue, 1), RG_OK);
    assert_int_equal(rg_store_read(ctx, handler_reads, &after), RG_OK);
    return after - before;
}

/* A queue costs what is open, not what was ever done. */
static void queues_forget_what_is_done(void **state)
{
    store_test_t *t = *state;
    rg_store_conf_t conf = t->conf;
    apr_pool_t *pool;
    rg_ctx_t *ctx = billing_ctx(t);
    conf.max = 1; /* one connection: its counters are the queue's */
    ctx->store = store_test_open(t, &pool, &conf);
    billing_self_pay(t, 3001, 3060);
    int64_t few = rows_read(t, ctx, RG_QUEUE_INVOICE);
    billing_self_pay(t, 10001, 10600);
    store_test_exec(
        t, "DELETE FROM billing_work WHERE booking_id BETWEEN 10001 AND 10600"); /* as if all was
                                                                                    billed */
    int64_t many = rows_read(t, ctx, RG_QUEUE_INVOICE);
    print_message("rows read for a page: %d before, %d after 600 more\n", (int)few, (int)many);
    assert_true(many <= few + 20);
    assert_true(rows_read(t, ctx, RG_QUEUE_CLAIM) < 2000);
    assert_true(rows_read(t, ctx, RG_QUEUE_CLAIMED) < 2000);
    apr_pool_destroy(pool);
    store_test_done(ctx);
}

static void many_at_once(void **state)
{
    store_test_t *t = *state;
    rg_ctx_t *ctx = billing_ctx(t);
    const char *uids[6];
    rg_batch_t batch;
    billing_self_pay(t, 4001, 4004);
    store_test_exec(t, "UPDATE booking SET status = 'in-progress' WHERE id = 4002");
    for (int i = 0; i < 4; i++)
        uids[i] = billing_uid(t, 4001 + i);
    uids[4] = "not an id";
    uids[5] = uids[0];
    assert_int_equal(rg_billing_invoice_all(&batch, ctx, uids, 6), RG_OK);
    assert_int_equal(batch.done, 3);
    assert_int_equal(batch.left, 2);
    assert_int_equal(rg_billing_invoice_all(&batch, ctx, uids, 6),
                     RG_OK); /* the same press again */
    assert_int_equal(batch.done, 0);
    assert_int_equal(batch.left, 2);
    assert_false(rg_problems_any(ctx->problems));
    ctx->who.roles = RG_ROLE_FRONT_DESK;
    assert_int_equal(rg_billing_invoice_all(&batch, ctx, uids, 6), RG_FORBIDDEN);
    store_test_exec(t, "DELETE FROM billing_work WHERE booking_id = 4002");
    store_test_done(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_have_no_gaps),
        cmocka_unit_test(one_invoice_per_booking),
        cmocka_unit_test(series_of_the_clinics_year),
        cmocka_unit_test(invoice_says_what_was_done),
        cmocka_unit_test(long_words_fit),
        cmocka_unit_test(invoices_refused),
        cmocka_unit_test(the_insured_owe_their_part),
        cmocka_unit_test(whose_invoice),
        cmocka_unit_test(issued_never_changes),
        cmocka_unit_test(prices_are_not_negative),
        cmocka_unit_test(queues_tell_what_is_open),
        cmocka_unit_test(work_begins_with_a_charge),
        cmocka_unit_test(queues_forget_what_is_done),
        cmocka_unit_test(many_at_once),
    };
    return cmocka_run_group_tests(tests, billing_setup, store_test_teardown);
}
