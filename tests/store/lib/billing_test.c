/* SPDX-License-Identifier: Apache-2.0 */
/* See billing_test.h. Linked to every program of tests/store. */
#include "billing_test.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/schema.h"

static const char *const SAMPLE[] = {"sample/clinic.sql", "sample/icd10cm.sql"};

int billing_setup(void **state)
{
    store_test_setup(state);
    store_test_t *t = *state;
    rg_ctx_t *ctx = store_test_ctx(t);
    for (size_t i = 0; i < sizeof(SAMPLE) / sizeof(*SAMPLE); i++) {
        const char *file = apr_pstrcat(t->pool, t->sql_dir, "/", SAMPLE[i], NULL);
        assert_int_equal(rg_store_load(ctx, file, false), RG_OK);
    }
    /* Not about treatment orders. */
    store_test_exec(t, "UPDATE service SET booked_by = 'anyone'");
    /* Names that changed after a treatment, as older versions let them. */
    store_test_exec(t, "DROP TRIGGER patient_keeps_its_name");
    store_test_done(ctx);
    return 0;
}

/* One statement a table, however many. Not by the engine that makes sequences: where a statement
 * with one opened a table again, MariaDB 10.11 told now and then of an error in the body of its
 * triggers. */
static void fill(store_test_t *t, int from, int to, const char *sql)
{
    store_test_exec(
        t,
        apr_psprintf(t->pool,
                     "%s FROM (SELECT %d + a.n + 1000 * b.n AS seq FROM counting a JOIN counting b"
                     " ON a.n + 1000 * b.n <= %d) s",
                     sql, from, to - from));
}

static void charge(store_test_t *t, int from, int to, const char *line)
{
    fill(t, from, to,
         apr_pstrcat(
             t->pool,
             "INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, modifier,"
             " description, quantity, unit_minor, total_minor, currency, on_claim, service_date,"
             " practitioner_id, created_at) SELECT s.seq, ",
             line, ", 'USD', 1, '2026-11-30', 1, 1796054400", NULL));
}

/* INSURED: which bookings have their coverage, in SQL. */
static void complete_some(store_test_t *t, int from, int to, const char *insured)
{
    fill(t, from, to,
         "INSERT INTO patient (id, uid, family, given, birth_date, gender, email, phone, "
         "address_line, city, state,"
         " postal_code, created_at) SELECT s.seq, CONCAT('2', LPAD(s.seq, 25, '0')), 'Lovelace',"
         " CONCAT('Ada', s.seq), '1962-12-10', 'female', 'ada@example.org', '603-555-0142',"
         " '7 Analytical Way', 'Dover', 'NH', '03820', 1795000000");
    fill(t, from, to,
         "INSERT INTO coverage (id, uid, patient_id, payer_id, member_id, group_no, created_at)"
         " SELECT s.seq, CONCAT('3', LPAD(s.seq, 25, '0')), s.seq, 1, CONCAT('GM', s.seq), 'G-88', "
         "1795000000");
    fill(t, from, to,
         apr_pstrcat(
             t->pool,
             "INSERT INTO booking (id, uid, service_id, site_id, status, starts_at, ends_at, "
             "patient_id, coverage_id,"
             " self_pay, body_site, laterality, price_minor, currency, created_at, booked_at)"
             " SELECT s.seq, CONCAT('1', LPAD(s.seq, 25, '0')), 1, 1, 'in-progress',"
             " 1796040000 + 300 * (s.seq % 97), 1796050800 + 300 * (s.seq % 97), s.seq,"
             " IF(",
             insured, ", s.seq, NULL), NOT (", insured,
             "), 'knee', 'right', 460000, 'USD', 1795000000, 1795000000", NULL));
    charge(t, from, to, "1, 'harvest', '', 'BMAC-HARVEST', '', 'Harvest', 1, 150000, 150000");
    charge(t, from, to, "2, 'process', '', 'BMAC-PROCESS', '', 'Processing', 3, 26667, 80001");
    charge(t, from, to, "3, 'inject', '', 'BMAC-KNEE', 'RT', 'Injection', 1, 229999, 229999");
    fill(t, from, to,
         "INSERT INTO booking_diagnosis (booking_id, seq, code) SELECT s.seq, 1, 'M17.11'");
    store_test_exec(
        t,
        apr_psprintf(t->pool, "UPDATE booking SET status = 'completed' WHERE id BETWEEN %d AND %d",
                     from, to));
}

void billing_complete(store_test_t *t, int from, int to)
{
    complete_some(t, from, to, "s.seq % 2 = 1");
}

void billing_self_pay(store_test_t *t, int from, int to)
{
    complete_some(t, from, to, "0");
}

const char *billing_uid(store_test_t *t, int n)
{
    return apr_psprintf(t->pool, "1%025d", n);
}

rg_ctx_t *billing_ctx_as(store_test_t *t, unsigned roles)
{
    rg_ctx_t *ctx = store_test_ctx(t);
    ctx->who.roles = roles;
    ctx->who.staff_id = roles & RG_ROLE_STAFF ? 3 : 0;
    return ctx;
}

rg_ctx_t *billing_ctx(store_test_t *t)
{
    return billing_ctx_as(t, RG_ROLE_BILLING);
}

static const struct {
    const char *what, *count;
} WRONGS[] = {
    {"gaps or repeats in a series", "SELECT COUNT(*) FROM (SELECT series FROM invoice GROUP BY "
                                    "series HAVING MIN(number) <> 1 OR MAX(number) <>"
                                    " COUNT(*) OR COUNT(DISTINCT number) <> COUNT(*)) x"},
    {"series that are not where their invoices are",
     "SELECT COUNT(*) FROM invoice_series s WHERE s.last <> (SELECT COALESCE(MAX(number), 0) FROM "
     "invoice i WHERE"
     " i.series = s.series)"},
    {"charges that are invoiced for more than is the patient's, or twice",
     "SELECT COUNT(*) FROM charge_balance WHERE invoiced > patient_part"},
    {"invoices whose lines are for no charge",
     "SELECT COUNT(*) FROM invoice_line l LEFT JOIN invoice_charge c ON c.invoice_id = "
     "l.invoice_id AND "
     "c.line_no = l.line_no AND c.amount_minor = l.total_minor WHERE c.charge_id IS NULL"},
    {"balances that are not the sums of their transfers",
     "SELECT COUNT(*) FROM account_balance b WHERE b.balance_minor <> (SELECT "
     "COALESCE(SUM(t.amount_minor), 0) FROM"
     " transfer t WHERE t.debit_account = b.account_id) - (SELECT COALESCE(SUM(t.amount_minor), 0) "
     "FROM transfer t"
     " WHERE t.credit_account = b.account_id)"},
    {"charges that are not posted", "SELECT COUNT(*) FROM charge_item c LEFT JOIN transfer t ON "
                                    "t.charge_once = c.id AND t.amount_minor = c.total_minor"
                                    " WHERE c.total_minor > 0 AND t.id IS NULL"},
    {"invoices whose lines do not add up",
     "SELECT COUNT(*) FROM invoice i WHERE i.total_minor <> (SELECT COALESCE(SUM(total_minor), -1) "
     "FROM invoice_line"
     " l WHERE l.invoice_id = i.id)"},
    {"bookings with several claims", "SELECT COUNT(*) FROM (SELECT booking_id FROM claim GROUP BY "
                                     "booking_id HAVING COUNT(*) > 1) x"},
    {"claims whose lines do not add up", "SELECT COUNT(*) FROM claim c WHERE c.total_minor <> "
                                         "(SELECT COALESCE(SUM(net_minor), -1) FROM claim_line l"
                                         " WHERE l.claim_id = c.id)"},
    {"claims that are not what was hashed",
     "SELECT COUNT(*) FROM claim WHERE UNHEX(SHA2(xml, 256)) <> xml_sha256"},
    {"claims that the counter does not know",
     "SELECT COUNT(*) <> COALESCE((SELECT last FROM counter WHERE name = 'claim'), 0) FROM claim"},
    {"treatments to invoice that the queue does not have, or the other way round",
     "SELECT COUNT(*) FROM booking b WHERE (b.status = 'completed' AND EXISTS (SELECT 1 FROM "
     "charge_balance c WHERE"
     " c.booking_id = b.id AND c.patient_part > c.invoiced)) <>"
     " EXISTS (SELECT 1 FROM billing_work w WHERE w.queue = 'to-invoice' AND w.booking_id = b.id)"},
    {"treatments to claim that the queue does not have, or the other way round",
     "SELECT COUNT(*) FROM booking b WHERE (b.status = 'completed' AND b.coverage_id IS NOT NULL "
     "AND EXISTS (SELECT"
     " 1 FROM charge_item c WHERE c.booking_id = b.id AND c.on_claim = 1) AND NOT EXISTS (SELECT 1 "
     "FROM claim c"
     " WHERE c.booking_id = b.id)) <>"
     " EXISTS (SELECT 1 FROM billing_work w WHERE w.queue = 'to-claim' AND w.booking_id = b.id)"},
};

void billing_assert_sound(store_test_t *t)
{
    for (size_t i = 0; i < sizeof(WRONGS) / sizeof(*WRONGS); i++) {
        int64_t n = store_test_value(t, WRONGS[i].count);
        if (n != 0)
            fail_msg("%s: %d", WRONGS[i].what, (int)n);
    }
}
