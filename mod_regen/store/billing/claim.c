/* SPDX-License-Identifier: Apache-2.0 */
/* What a claim is made of, and what was emitted. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
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

/* --- the facts -------------------------------------------------------------------------------- */

static const char FACTS[] =
    "SELECT b.id, b.status, b.body_site, b.laterality, b.currency," RG_PATIENT_COLS
    ", s.id, s.uid, s.code, s.name, s.time_zone, s.phone, s.place_of_service,"
    " s.address_line, s.city, s.state, s.postal_code, s.country,"
    " o.id, o.name, o.npi, o.tin, o.taxonomy, o.phone,"
    " o.address_line, o.city, o.state, o.postal_code, o.country, b.version"
    " FROM booking b JOIN patient p ON p.id = b.patient_id JOIN site s ON s.id = b.site_id"
    " LEFT JOIN organization o ON o.id = (SELECT MIN(id) FROM organization) WHERE b.uid = ?";

static void read_site(rg_cur_t *c, int col, apr_pool_t *pool, rg_site_t *s)
{
    s->id = rg_cur_i64(c, col);
    s->uid = rg_cur_str(c, col + 1);
    s->code = rg_cur_str(c, col + 2);
    s->name = rg_cur_str(c, col + 3);
    s->time_zone = rg_cur_str(c, col + 4);
    s->phone = rg_cur_str(c, col + 5);
    s->place_of_service = rg_cur_str(c, col + 6);
    s->notice = "";
    s->address = rg_row_address(c, col + 7);
    s->zone = rg_zone_open(pool, s->time_zone);
}

static void read_organization(rg_cur_t *c, int col, rg_organization_t *o)
{
    o->id = rg_cur_i64(c, col);
    o->name = rg_cur_str(c, col + 1);
    o->npi = rg_cur_str(c, col + 2);
    o->tin = rg_cur_str(c, col + 3);
    o->taxonomy = rg_cur_str(c, col + 4);
    o->phone = rg_cur_str(c, col + 5);
    o->address = rg_row_address(c, col + 6);
}

static rg_outcome_t read_head(rg_db_t *db, rg_ctx_t *ctx, const char *uid, rg_claim_t *out,
                              rg_booking_status_t *status)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, FACTS, RG_IN(RG_S(uid)));
    if (rc != RG_OK) {
        return rc;
    }
    bool found = rg_cur_next(c);
    if (found) {
        out->booking_id = rg_cur_i64(c, 0);
        *status = (rg_booking_status_t)rg_booking_status_parse(rg_cur_str(c, 1));
        out->body_site = rg_cur_str(c, 2);
        out->side = (rg_side_t)rg_side_parse(rg_cur_str(c, 3));
        out->total = money(0, rg_cur_str(c, 4));
        rg_row_patient(c, 5, &out->patient);
        const int site = 5 + RG_PATIENT_COUNT;
        read_site(c, site, ctx->pool, &out->facility);
        read_organization(c, site + 12, &out->billing);
        out->patient_id = out->patient.id;
        out->booking_version = (int)rg_cur_i64(c, site + 23);
    }
    rc = rg_row_end(c, found);
    return rc == RG_OK ? rg_row_zone(ctx, out->facility.zone, out->facility.id) : rc;
}

static const char COVERAGE[] =
    "SELECT" RG_COVERAGE_COLS
    " FROM booking b JOIN coverage c ON c.id = b.coverage_id JOIN payer y ON y.id = c.payer_id "
    "WHERE b.id = ?";

static rg_outcome_t read_coverage(rg_db_t *db, rg_ctx_t *ctx, rg_claim_t *out)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, COVERAGE, RG_IN(RG_I(out->booking_id)));
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        rg_row_coverage(c, 0, &out->coverage);
    }
    return rg_cur_end(c);
}

static const char DIAGNOSES[] =
    "SELECT d.code, i.title, i.body_site, i.laterality, i.billable FROM booking_diagnosis d"
    " JOIN icd10cm i ON i.code = d.code WHERE d.booking_id = ? ORDER BY d.seq";

static rg_outcome_t read_diagnoses(rg_db_t *db, rg_ctx_t *ctx, rg_claim_t *out)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_diagnosis_t));
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, DIAGNOSES, RG_IN(RG_I(out->booking_id)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_diagnosis_t *d = apr_array_push(list);
        d->code = rg_cur_str(c, 0);
        d->title = rg_cur_str(c, 1);
        d->body_site = rg_cur_str(c, 2);
        d->side = (rg_side_t)rg_side_parse(rg_cur_str(c, 3));
        d->billable = rg_cur_i64(c, 4) != 0;
    }
    out->diagnoses = (rg_diagnosis_t *)list->elts;
    out->diagnosis_count = list->nelts;
    return rg_cur_end(c);
}

static const char LINES[] =
    "SELECT code_system, code, modifier, description, quantity, unit_minor, total_minor, currency, "
    "service_date"
    " FROM charge_item WHERE booking_id = ? AND on_claim = 1 ORDER BY line_no";

/* Every line points at the diagnoses there are, the principal first, at most four (CMS-1500 box
 * 24E). */
static void point_at_diagnoses(rg_claim_line_t *l, int diagnoses)
{
    for (int i = 0; i < 4; i++) {
        l->pointers[i] = i < diagnoses ? i + 1 : 0;
    }
}

static rg_outcome_t read_lines(rg_db_t *db, rg_ctx_t *ctx, rg_claim_t *out)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_claim_line_t));
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, LINES, RG_IN(RG_I(out->booking_id)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_claim_line_t *l = apr_array_push(list);
        *l = (rg_claim_line_t){.sequence = list->nelts,
                               .code_system = rg_cur_str(c, 0),
                               .code = rg_cur_str(c, 1),
                               .description = rg_cur_str(c, 3),
                               .quantity = (int)rg_cur_i64(c, 4),
                               .unit = money(rg_cur_i64(c, 5), rg_cur_str(c, 7)),
                               .net = money(rg_cur_i64(c, 6), rg_cur_str(c, 7)),
                               .service_date = rg_cur_date(c, 8)};
        const char *modifier = rg_cur_str(c, 2);
        if (*modifier) {
            l->modifiers[0] = modifier;
        }
        point_at_diagnoses(l, out->diagnosis_count);
    }
    out->lines = (rg_claim_line_t *)list->elts;
    out->line_count = list->nelts;
    return rg_cur_end(c);
}

/* Who rendered: the practitioner of the line that treats (the last captured with one). */
static const char RENDERING[] =
    "SELECT r.id, r.uid, r.code, r.name, r.family, r.given, COALESCE(r.npi, ''), "
    "COALESCE(r.taxonomy, ''), r.active"
    " FROM charge_item i JOIN resource r ON r.id = i.practitioner_id"
    " WHERE i.booking_id = ? AND i.on_claim = 1"
    " ORDER BY FIELD(i.step_kind, 'inject', 'consult') DESC, i.line_no DESC LIMIT 1";

static rg_outcome_t read_rendering(rg_db_t *db, rg_ctx_t *ctx, rg_claim_t *out)
{
    rg_resource_t *r = &out->rendering;
    rg_cur_t *c;
    *r = (rg_resource_t){.uid = "",
                         .code = "",
                         .name = "",
                         .family = "",
                         .given = "",
                         .npi = "",
                         .taxonomy = "",
                         .serial = ""};
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, RENDERING, RG_IN(RG_I(out->booking_id)));
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        r->id = rg_cur_i64(c, 0);
        r->uid = rg_cur_str(c, 1);
        r->code = rg_cur_str(c, 2);
        r->name = rg_cur_str(c, 3);
        r->family = rg_cur_str(c, 4);
        r->given = rg_cur_str(c, 5);
        r->npi = rg_cur_str(c, 6);
        r->taxonomy = rg_cur_str(c, 7);
        r->active = rg_cur_i64(c, 8) != 0;
        r->kind = RG_RESOURCE_PRACTITIONER;
    }
    return rg_cur_end(c);
}

static void sum_up(rg_claim_t *out)
{
    for (int i = 0; i < out->line_count; i++) {
        const rg_claim_line_t *l = &out->lines[i];
        rg_money_add(&out->total, l->net);
        if (out->service_from.year == 0 ||
            rg_date_compare(l->service_date, out->service_from) < 0) {
            out->service_from = l->service_date;
        }
        if (out->service_to.year == 0 || rg_date_compare(l->service_date, out->service_to) > 0) {
            out->service_to = l->service_date;
        }
    }
}

static const char PIN[] = "UPDATE booking SET version = version + 1 WHERE id = ? AND version = ?";

rg_outcome_t rg_claim_pin(rg_db_t *db, rg_ctx_t *ctx, const rg_claim_t *c)
{
    int64_t found = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, PIN, RG_IN(RG_I(c->booking_id), RG_I(c->booking_version)), &found);
    return rc == RG_OK && found == 0 ? RG_GONE : rc;
}

rg_outcome_t rg_claim_facts(rg_db_t *db, rg_ctx_t *ctx, const char *booking_uid, rg_claim_t *out,
                            rg_booking_status_t *status)
{
    memset(out, 0, sizeof *out);
    rg_outcome_t rc = read_head(db, ctx, booking_uid, out, status);
    if (rc == RG_OK) {
        rc = read_coverage(db, ctx, out);
    }
    if (rc == RG_OK) {
        rc = read_diagnoses(db, ctx, out);
    }
    if (rc == RG_OK) {
        rc = read_lines(db, ctx, out);
    }
    if (rc == RG_OK) {
        rc = read_rendering(db, ctx, out);
    }
    if (rc == RG_OK) {
        sum_up(out);
    }
    return rc;
}

/* --- emission --------------------------------------------------------------------------------- */

static const char INSERT_CLAIM[] =
    "INSERT INTO claim (uid, claim_no, booking_id, patient_id, payer_id, created_at, created_by, "
    "service_date,"
    " total_minor, currency, xml, xml_sha256, json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static rg_outcome_t insert_head(rg_db_t *db, rg_ctx_t *ctx, const rg_claim_t *c,
                                const rg_claim_bytes_t *bytes)
{
    unsigned char sha[32];
    rg_crypto_sha256(sha, bytes->xml, bytes->xml_len);
    return rg_sql_exec(db, ctx, INSERT_CLAIM,
                       RG_IN(RG_S(c->uid), RG_S(c->claim_no), RG_I(c->booking_id),
                             RG_I(c->patient_id), RG_I(c->coverage.payer.id), RG_T(c->created_at),
                             RG_I(ctx->who.staff_id), RG_S(rg_date_iso(ctx->pool, c->service_from)),
                             RG_I(c->total.minor), RG_S(c->total.currency),
                             RG_B(bytes->xml, bytes->xml_len), RG_B(sha, sizeof sha),
                             RG_B(bytes->json, bytes->json_len)),
                       NULL);
}

static const char INSERT_DIAGNOSIS[] =
    "INSERT INTO claim_diagnosis (claim_id, seq, code, title) VALUES (?, ?, ?, ?)";

static rg_outcome_t insert_diagnoses(rg_db_t *db, rg_ctx_t *ctx, const rg_claim_t *c, int64_t id)
{
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof *in * 4 * (size_t)c->diagnosis_count);
    for (int i = 0; i < c->diagnosis_count; i++) {
        in[4 * i] = RG_I(id);
        in[4 * i + 1] = RG_I(i + 1);
        in[4 * i + 2] = RG_S(c->diagnoses[i].code);
        in[4 * i + 3] = RG_S(c->diagnoses[i].title);
    }
    return rg_sql_exec_rows(db, ctx, INSERT_DIAGNOSIS, in, 4, c->diagnosis_count);
}

static const char *join_modifiers(apr_pool_t *p, const rg_claim_line_t *l)
{
    const char *s = "";
    for (int i = 0; i < 4 && l->modifiers[i]; i++) {
        s = apr_pstrcat(p, s, *s ? " " : "", l->modifiers[i], NULL);
    }
    return s;
}

static const char *join_pointers(apr_pool_t *p, const rg_claim_line_t *l)
{
    const char *s = "";
    for (int i = 0; i < 4 && l->pointers[i]; i++) {
        s = apr_psprintf(p, "%s%s%d", s, *s ? " " : "", l->pointers[i]);
    }
    return s;
}

static const char INSERT_LINE[] =
    "INSERT INTO claim_line (claim_id, seq, code_system, code, modifiers, description, quantity, "
    "unit_minor,"
    " net_minor, service_date, pointers) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

static rg_outcome_t insert_lines(rg_db_t *db, rg_ctx_t *ctx, const rg_claim_t *c, int64_t id)
{
    enum { COLS = 11 };
    apr_pool_t *p = ctx->pool;
    rg_bind_t *in = apr_palloc(p, sizeof *in * COLS * (size_t)c->line_count);
    for (int i = 0; i < c->line_count; i++) {
        const rg_claim_line_t *l = &c->lines[i];
        const rg_bind_t row[COLS] = {RG_I(id),
                                     RG_I(l->sequence),
                                     RG_S(l->code_system),
                                     RG_S(l->code),
                                     RG_S(join_modifiers(p, l)),
                                     RG_S(l->description),
                                     RG_I(l->quantity),
                                     RG_I(l->unit.minor),
                                     RG_I(l->net.minor),
                                     RG_S(rg_date_iso(p, l->service_date)),
                                     RG_S(join_pointers(p, l))};
        memcpy(in + COLS * i, row, sizeof row);
    }
    return rg_sql_exec_rows(db, ctx, INSERT_LINE, in, COLS, c->line_count);
}

rg_outcome_t rg_claim_insert(rg_db_t *db, rg_ctx_t *ctx, const rg_claim_t *c,
                             const rg_claim_bytes_t *bytes, int64_t *id)
{
    rg_outcome_t rc = insert_head(db, ctx, c, bytes);
    if (rc != RG_OK) {
        return rc;
    }
    *id = rg_sql_insert_id(db);
    rc = insert_diagnoses(db, ctx, c, *id);
    return rc == RG_OK ? insert_lines(db, ctx, c, *id) : rc;
}

/* --- reading back ----------------------------------------------------------------------------- */

static void read_row(rg_cur_t *c, rg_claim_row_t *row)
{
    row->id = rg_cur_i64(c, 0);
    row->uid = rg_cur_str(c, 1);
    row->claim_no = rg_cur_str(c, 2);
    row->booking_id = rg_cur_i64(c, 3);
    row->created_at = rg_cur_time(c, 4);
    row->service_date = rg_cur_date(c, 5);
    row->total = money(rg_cur_i64(c, 6), rg_cur_str(c, 7));
    row->patient_family = rg_cur_str(c, 8);
    row->patient_given = rg_cur_str(c, 9);
    row->payer_name = rg_cur_str(c, 10);
}

static const char READ_CLAIM[] =
    "SELECT c.id, c.uid, c.claim_no, c.booking_id, c.created_at, c.service_date, c.total_minor, "
    "c.currency,"
    " p.family, p.given, y.name, b.uid, c.xml, c.json, c.xml_sha256"
    " FROM claim c JOIN patient p ON p.id = c.patient_id JOIN payer y ON y.id = c.payer_id JOIN "
    "booking b ON b.id = c.booking_id WHERE c.uid = ?";

static rg_outcome_t read_claim(rg_db_t *db, rg_ctx_t *ctx, const char *uid, rg_claim_stored_t *out)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, READ_CLAIM, RG_IN(RG_S(uid)));
    if (rc != RG_OK) {
        return rc;
    }
    bool found = rg_cur_next(c);
    size_t n;
    if (found) {
        read_row(c, &out->row);
        out->booking_uid = rg_cur_str(c, 11);
        out->bytes.xml = (const char *)rg_cur_bytes(c, 12, &out->bytes.xml_len);
        out->bytes.json = (const char *)rg_cur_bytes(c, 13, &out->bytes.json_len);
        memcpy(out->sha256, rg_cur_bytes(c, 14, &n), sizeof out->sha256);
    }
    return rg_row_end(c, found);
}

static const char READ_DIAGNOSES[] =
    "SELECT code, title FROM claim_diagnosis WHERE claim_id = ? ORDER BY seq";

static rg_outcome_t read_stored_diagnoses(rg_db_t *db, rg_ctx_t *ctx, rg_claim_stored_t *out)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_diagnosis_t));
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, READ_DIAGNOSES, RG_IN(RG_I(out->row.id)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_diagnosis_t *d = apr_array_push(list);
        *d = (rg_diagnosis_t){
            .code = rg_cur_str(c, 0), .title = rg_cur_str(c, 1), .body_site = "", .billable = true};
    }
    out->diagnoses = (rg_diagnosis_t *)list->elts;
    out->diagnosis_count = list->nelts;
    return rg_cur_end(c);
}

static void split_modifiers(apr_pool_t *p, const char *s, rg_claim_line_t *l)
{
    for (int i = 0; i < 4 && *s; i++) {
        size_t n = strcspn(s, " ");
        l->modifiers[i] = apr_pstrmemdup(p, s, n);
        s += n + (s[n] == ' ');
    }
}

/* Pointers are 1..12, written by join_pointers. */
static void split_pointers(const char *s, rg_claim_line_t *l)
{
    for (int i = 0; i < 4 && *s; i++) {
        while (*s >= '0' && *s <= '9') {
            l->pointers[i] = l->pointers[i] * 10 + (*s++ - '0');
        }
        if (*s) {
            s++;
        }
    }
}

static const char READ_LINES[] = "SELECT seq, code_system, code, modifiers, description, quantity, "
                                 "unit_minor, net_minor, service_date, pointers"
                                 " FROM claim_line WHERE claim_id = ? ORDER BY seq";

static rg_outcome_t read_stored_lines(rg_db_t *db, rg_ctx_t *ctx, rg_claim_stored_t *out)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_claim_line_t));
    const char *currency = out->row.total.currency;
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, READ_LINES, RG_IN(RG_I(out->row.id)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_claim_line_t *l = apr_array_push(list);
        *l = (rg_claim_line_t){.sequence = (int)rg_cur_i64(c, 0),
                               .code_system = rg_cur_str(c, 1),
                               .code = rg_cur_str(c, 2),
                               .description = rg_cur_str(c, 4),
                               .quantity = (int)rg_cur_i64(c, 5),
                               .unit = money(rg_cur_i64(c, 6), currency),
                               .net = money(rg_cur_i64(c, 7), currency),
                               .service_date = rg_cur_date(c, 8)};
        split_modifiers(ctx->pool, rg_cur_str(c, 3), l);
        split_pointers(rg_cur_str(c, 9), l);
    }
    out->lines = (rg_claim_line_t *)list->elts;
    out->line_count = list->nelts;
    return rg_cur_end(c);
}

rg_outcome_t rg_claim_read(rg_db_t *db, rg_ctx_t *ctx, const char *uid, rg_claim_stored_t *out)
{
    memset(out, 0, sizeof *out);
    rg_outcome_t rc = read_claim(db, ctx, uid, out);
    if (rc == RG_OK) {
        rc = read_stored_diagnoses(db, ctx, out);
    }
    if (rc == RG_OK) {
        rc = read_stored_lines(db, ctx, out);
    }
    return rc;
}

static const char STREAM[] = "SELECT c.id, c.uid, c.claim_no, c.booking_id, c.created_at, "
                             "c.service_date, c.total_minor, c.currency,"
                             " '', '', '', c.xml FROM claim c FORCE INDEX (claim_service)"
                             " WHERE c.service_date BETWEEN ? AND ? "
                             "ORDER BY c.service_date, c.id";

rg_outcome_t rg_claim_stream(rg_db_t *db, rg_ctx_t *ctx, rg_date_t from, rg_date_t to,
                             rg_outcome_t (*fn)(void *baton, const rg_claim_stored_t *c),
                             void *baton)
{
    apr_pool_t *row_pool;
    if (apr_pool_create(&row_pool, ctx->pool) != APR_SUCCESS) {
        return RG_INTERNAL;
    }
    rg_cur_t *c;
    rg_outcome_t rc =
        rg_sql_stream(db, ctx, &c, row_pool, STREAM,
                      RG_IN(RG_S(rg_date_iso(ctx->pool, from)), RG_S(rg_date_iso(ctx->pool, to))));
    if (rc != RG_OK) {
        return rc;
    }
    while (rc == RG_OK && rg_cur_next(c)) {
        rg_claim_stored_t one = {.booking_uid = ""};
        read_row(c, &one.row);
        one.bytes.xml = (const char *)rg_cur_bytes(c, 11, &one.bytes.xml_len);
        rc = fn(baton, &one);
        apr_pool_clear(row_pool);
    }
    rg_outcome_t end = rg_cur_end(c);
    apr_pool_destroy(row_pool);
    return rc != RG_OK ? rc : end;
}
