/* SPDX-License-Identifier: Apache-2.0 */
/* Claims to XML, compared with bare loops that read the same rows and write the same bytes through
 * xmlTextWriter, and the memory for 10,000 and 100,000 claims. Every run is a separate process with
 * its own memory peak. Prints ratios only. Needs the environment of the store tests;
 * REGEN_BENCH_CLAIMS makes it smaller. */
#include <libxml/xmlreader.h>
#include <libxml/xmlwriter.h>
#include "beside.h"
#include "regen/clinic/billing.h"
#include "regen/core/buf.h"
#include "regen/model/money.h"
#include "regen/render/fhir.h"
#include "regen/render/x12.h"
#include "regen/render/writer.h"

enum { FEW = 10000, MANY = 100000, CHUNK = 5000, PER_DAY = 100, MADE = 2000 };

static int many = MANY;

#include "claims_bare.h"

/* --- the library's way ------------------------------------------------------------------------ */

/* Claims are made by somebody. */
static rg_ctx_t *make_clerk(void)
{
    rg_ctx_t *ctx = make_ctx();
    ctx->who.roles = RG_ROLE_ADMIN;
    ctx->who.staff_id = 1;
    return ctx;
}

static apr_status_t sink(void *baton, const char *bytes, size_t n)
{
    take(baton, bytes, n);
    return APR_SUCCESS;
}

typedef struct {
    rg_writer_t *w;
    int64_t total;
} export_t;

static rg_outcome_t add_claim(void *baton, const rg_claim_doc_t *doc)
{
    export_t *e = baton;
    char address[128];
    apr_snprintf(address, sizeof(address), BASE "/Claim/%s", doc->row.uid);
    rg_writer_begin(e->w, "entry");
    rg_writer_string(e->w, "fullUrl", address);
    rg_writer_splice(e->w, "resource", doc->xml, doc->xml_len);
    rg_writer_end(e->w);
    e->total += doc->row.total.minor;
    return RG_OK;
}

/* Service dates 2020-01-01 and on, PER_DAY a day. */
static rg_date_t last_day(int claims)
{
    return rg_date_add((rg_date_t){2020, 1, 1}, claims / PER_DAY - 1);
}

static void export_ours(run_t *r, int claims)
{
    open_store();
    rg_ctx_t *ctx = make_clerk();
    double begin = now();
    export_t e = {rg_writer_to_sink(ctx->pool, RG_FORMAT_XML, (rg_sink_t){sink, r}), 0};
    rg_writer_resource(e.w, NULL, "Bundle");
    rg_writer_string(e.w, "type", "collection");
    rg_writer_list(e.w, "entry");
    rg_outcome_t rc = rg_claim_each(ctx, (rg_date_t){2020, 1, 1}, last_day(claims), add_claim, &e);
    rg_writer_list_end(e.w);
    rg_writer_resource_end(e.w);
    if (rg_writer_finish(e.w, NULL) != RG_OK || rc != RG_OK)
        stop("export", rg_outcome_name(rc));
    r->seconds = now() - begin;
    if (e.total != (int64_t)claims * 460000)
        stop("export", "the sums do not agree");
}

static rg_buf_t *claim_of(const rg_ctx_t *ctx, int n)
{
    rg_claim_t *c;
    rg_buf_t *out = rg_buf_make(ctx->pool, 1 << 18);
    if (rg_claim_preview(&c, ctx, apr_psprintf(ctx->pool, "1%025d", n)) != RG_OK ||
        rg_problems_any(ctx->problems))
        stop("claim", "refused");
    c->uid = "00000000000000000000000001";
    c->claim_no = "C000000001";
    if (rg_fhir_claim_xml(out, ctx->pool, c, &policy) != RG_OK)
        stop("claim", "not written");
    return out;
}

/* From what was done to a claim: facts, rules, XML. */
static void make_ours(run_t *r, int claims)
{
    open_store();
    rg_ctx_t *ctx = make_clerk();
    apr_pool_t *p;
    apr_pool_create(&p, ctx->pool);
    double begin = now();
    for (int i = 1; i <= claims; i++) {
        rg_ctx_t one = *ctx;
        one.pool = p;
        one.problems = rg_problems_make(p);
        const rg_buf_t *out = claim_of(&one, i);
        take(r, out->data, out->len);
        apr_pool_clear(p);
    }
    r->seconds = now() - begin;
}

/* The bare loop is given the calls that write this claim. */
static void read_pattern(void)
{
    rg_ctx_t *ctx = make_clerk();
    const rg_buf_t *xml = claim_of(ctx, 1);
    learn(xml->data, xml->len);
    apr_pool_destroy(ctx->pool);
}

/* --- the database ----------------------------------------------------------------------------- */

/* SQL with %d for the first and last of a chunk. */
static void fill(MYSQL *m, const char *into, const char *select)
{
    for (int first = 1; first <= many; first += CHUNK) {
        int last = first + CHUNK - 1 < many ? first + CHUNK - 1 : many;
        run(m, apr_psprintf(pool, "INSERT INTO %s SELECT %s FROM seq_%d_to_%d s", into, select,
                            first, last));
    }
}

static void fill_treatments(MYSQL *m)
{
    static const char *const lines[] = {
        "1, 'harvest', '', 'BMAC-HARVEST', '', 'Bone-marrow harvest', 1, 150000, 150000",
        "2, 'process', '', 'BMAC-PROCESS', '', 'Concentration', 1, 80000, 80000",
        "3, 'inject', '', 'BMAC-KNEE', 'RT', 'Injection', 1, 230000, 230000"};
    run(m, "UPDATE service SET booked_by = 'anyone'");
    fill(m,
         "patient (id, uid, family, given, birth_date, gender, email, phone, address_line, city, "
         "state, postal_code,"
         " created_at)",
         "s.seq, CONCAT('2', LPAD(s.seq, 25, '0')), 'Lovelace', 'Ada', '1962-12-10', 'female', '', "
         "'603-555-0142',"
         " '7 Analytical Way', 'Dover', 'NH', '03820', 0");
    fill(m, "coverage (id, uid, patient_id, payer_id, member_id, group_no, created_at)",
         "s.seq, CONCAT('3', LPAD(s.seq, 25, '0')), s.seq, 1, 'GM447102', 'G-88', 0");
    fill(m,
         "booking (id, uid, service_id, site_id, status, starts_at, ends_at, patient_id, "
         "coverage_id, self_pay,"
         " body_site, laterality, price_minor, currency, created_at)",
         "s.seq, CONCAT('1', LPAD(s.seq, 25, '0')), 1, 1, 'completed', 1796040000, 1796050800, "
         "s.seq, s.seq, 0, 'knee',"
         " 'right', 460000, 'USD', 0");
    for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++)
        fill(m,
             "charge_item (booking_id, line_no, step_kind, code_system, code, modifier, "
             "description, quantity,"
             " unit_minor, total_minor, currency, on_claim, service_date, practitioner_id, "
             "created_at)",
             apr_pstrcat(pool, "s.seq, ", lines[i], ", 'USD', 1, '2026-11-30', 1, 0", NULL));
    fill(m, "booking_diagnosis (booking_id, seq, code)", "s.seq, 1, 'M17.11'");
}

/* The first is made as every claim is; the others are its copies with numbers and days of their
 * own. */
static void fill_claims(MYSQL *m)
{
    static const rg_claim_render_t render = {rg_fhir_claim_xml, rg_fhir_claim_json, rg_x12_claim};
    rg_ctx_t *ctx = make_clerk();
    const char *uid;
    if (rg_claim_make(&uid, ctx, "10000000000000000000000001", &render) != RG_OK)
        stop("rg_claim_make", "refused");
    run(m, "CREATE TABLE pattern AS SELECT xml FROM claim");
    run(m, "DROP TRIGGER claim_stays");
    run(m, "DROP TRIGGER claim_line_stays");
    run(m, "DROP TRIGGER claim_diagnosis_stays");
    run(m, "DELETE FROM claim_line");
    run(m, "DELETE FROM claim_diagnosis");
    run(m, "DELETE FROM claim");
    fill(m,
         "claim (id, uid, claim_no, booking_id, patient_id, payer_id, created_at, created_by, "
         "service_date,"
         " total_minor, currency, xml, xml_sha256, json)",
         "s.seq, CONCAT('4', LPAD(s.seq, 25, '0')), CONCAT('C', LPAD(s.seq, 9, '0')), s.seq, "
         "s.seq, 1, 0, 1,"
         " DATE_ADD('2020-01-01', INTERVAL (s.seq - 1) DIV 100 DAY), 460000, 'USD', (SELECT xml "
         "FROM pattern),"
         " REPEAT('0', 32), ''");
    apr_pool_destroy(ctx->pool);
}

static void prepare_all(void)
{
    begin(1);
    MYSQL *m = connect_bare(conf.database);
    rg_ctx_t *ctx = make_clerk();
    const char *sql = need("REGEN_TEST_SQL");
    if (rg_store_load(ctx, apr_pstrcat(pool, sql, "/sample/clinic.sql", NULL), false) != RG_OK ||
        rg_store_load(ctx, apr_pstrcat(pool, sql, "/sample/icd10cm.sql", NULL), false) != RG_OK)
        stop("the clinic", "cannot be made");
    fill_treatments(m);
    fill_claims(m);
    read_pattern();
    apr_pool_destroy(ctx->pool);
    close_store();
    mysql_close(m);
}

int main(void)
{
    if (getenv("REGEN_BENCH_CLAIMS"))
        many = (int)strtol(getenv("REGEN_BENCH_CLAIMS"), NULL, 10);
    if (many < PER_DAY || many % PER_DAY != 0)
        stop("REGEN_BENCH_CLAIMS", "must be a multiple of 100");
    int few = many < FEW ? many : FEW;
    prepare_all();
    same_bytes("export", export_ours, export_bare, few);
    same_bytes("claims", make_ours, make_bare, PER_DAY);

    side_t small = side_by_side(apr_psprintf(pool, "stored claims to a Bundle, %d", few),
                                export_ours, export_bare, few, ROUNDS);
    side_t large = side_by_side(apr_psprintf(pool, "stored claims to a Bundle, %d", many),
                                export_ours, export_bare, many, ROUNDS_MANY);
    larger_beside_smaller(&large, &small, "a claim");
    int made = few < MADE ? few : MADE;
    side_by_side(apr_psprintf(pool, "treatments to claims, %d", made), make_ours, make_bare, made,
                 ROUNDS_MANY);
    return finish();
}
