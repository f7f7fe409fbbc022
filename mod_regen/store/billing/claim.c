/* SPDX-License-Identifier: Apache-2.0 */
/* The facts of a claim, and emitted claims. */
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

/* --- the facts -------------------------------------------------------------------------------- */

typedef struct {
    rg_claim_t claim;
    rg_booking_status_t status;
    unsigned injected; /* 1u << number of a target */
} facts_t;

RG_ROW(patient_row, rg_patient_t, RG_PATIENT_ROW);

#define FACTS_ROW(FIRST, COL)                                                                      \
    FIRST(I64, claim.booking_id, "b.id")                                                           \
    COL(ENUM, status, "b.status", rg_booking_status_parse)                                         \
    COL(STR, claim.body_site, "b.body_site")                                                       \
    COL(ENUM, claim.side, "b.laterality", rg_side_parse)                                           \
    COL(STR_OR_NULL, claim.further, RG_FURTHER_OF("b"))                                            \
    COL(BITS, injected,                                                                            \
        "(SELECT BIT_OR(1 << COALESCE(i.target_no, 1)) FROM injection_given i"                     \
        " WHERE i.booking_id = b.id)")                                                             \
    COL(CURRENCY, claim.total.currency, "b.currency")                                              \
    COL(PART, claim.patient, RG_PART(RG_PATIENT_ROW), patient_row)                                 \
    COL(I64, claim.facility.id, "s.id")                                                            \
    COL(STR, claim.facility.uid, "s.uid")                                                          \
    COL(STR, claim.facility.code, "s.code")                                                        \
    COL(STR, claim.facility.name, "s.name")                                                        \
    COL(STR, claim.facility.time_zone, "s.time_zone")                                              \
    COL(STR, claim.facility.phone, "s.phone")                                                      \
    COL(STR, claim.facility.place_of_service, "s.place_of_service")                                \
    RG_ADDRESS_COLS(COL, claim.facility.address, "s.")                                             \
    COL(I64, claim.billing.id, "o.id")                                                             \
    COL(STR, claim.billing.name, "o.name")                                                         \
    COL(STR, claim.billing.npi, "o.npi")                                                           \
    COL(STR, claim.billing.tin, "o.tin")                                                           \
    COL(STR, claim.billing.taxonomy, "o.taxonomy")                                                 \
    COL(STR, claim.billing.phone, "o.phone")                                                       \
    RG_ADDRESS_COLS(COL, claim.billing.address, "o.")                                              \
    COL(STR, claim.says.provider_signature, "COALESCE(o.provider_signature, '')")                  \
    COL(STR, claim.says.benefits_assigned, "COALESCE(o.benefits_assigned, '')")                    \
    COL(STR, claim.says.release_code, "COALESCE(o.release_code, '')")                              \
    COL(INT, claim.booking_version, "b.version")
RG_ROW(facts_row, facts_t, FACTS_ROW);
RG_SQL(FACTS,
       "SELECT " RG_COLUMNS(FACTS_ROW)
       " FROM booking b"
       " JOIN patient p ON p.id = b.patient_id"
       " JOIN site s ON s.id = b.site_id"
       " LEFT JOIN organization o ON o.id = (SELECT MIN(id) FROM organization)"
       " WHERE b.uid = ?");

/* Nobody is billed for a target that was left out. */
static void take_injected(apr_pool_t *p, rg_claim_t *c, unsigned injected)
{
    c->ordered = rg_targets_count(c->further);
    if (c->ordered > 1) {
        rg_targets_t t = rg_targets_injected(p, c->body_site, c->side, c->further, injected);
        c->body_site = t.at[0].body_site;
        c->side = t.at[0].side;
        c->further = t.count > 1 ? rg_targets_further(p, &t) : NULL;
    }
}

static rg_outcome_t read_head(rg_db_t *db, const rg_ctx_t *ctx, const char *uid, rg_claim_t *out,
                              rg_booking_status_t *status)
{
    facts_t *facts;
    RG_TRY(rg_sql_new(db, ctx, &facts, facts_row, FACTS, RG_IN(RG_S(uid))));
    *out = facts->claim;
    *status = facts->status;
    out->patient_id = out->patient.id;
    take_injected(ctx->pool, out, facts->injected);
    out->facility.notice = "";
    out->facility.zone = rg_zone_open(ctx->pool, out->facility.time_zone);
    return rg_row_zone(ctx, out->facility.zone, out->facility.id);
}

RG_ROW(payer_row, rg_payer_t, RG_PAYER_ROW);
RG_ROW(coverage_row, rg_coverage_t, RG_COVERAGE_ROW);
RG_SQL(COVERAGE,
       "SELECT " RG_COLUMNS(RG_COVERAGE_ROW)
       " FROM booking b"
       " JOIN coverage c ON c.id = b.coverage_id"
       " JOIN payer y ON y.id = c.payer_id"
       " WHERE b.id = ?");

static rg_outcome_t read_coverage(rg_db_t *db, const rg_ctx_t *ctx, rg_claim_t *out)
{
    rg_outcome_t rc =
        rg_sql_one(db, ctx, &out->coverage, coverage_row, COVERAGE, RG_IN(RG_I(out->booking_id)));
    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

#define DIAGNOSIS_ROW(FIRST, COL)                                                                  \
    FIRST(STR, code, "d.code")                                                                     \
    COL(STR, title, "i.title")                                                                     \
    COL(STR, body_site, "i.body_site")                                                             \
    COL(ENUM, side, "i.laterality", rg_side_parse)                                                 \
    COL(BOOL, billable, "i.billable")
RG_ROW(diagnosis_row, rg_diagnosis_t, DIAGNOSIS_ROW);
RG_SQL(DIAGNOSES,
       "SELECT " RG_COLUMNS(DIAGNOSIS_ROW)
       " FROM booking_diagnosis d"
       " JOIN icd10cm i ON i.code = d.code"
       " WHERE d.booking_id = ?"
       " ORDER BY d.seq");

#define LINE_ROW(FIRST, COL)                                                                       \
    FIRST(STR, code_system, "i.code_system")                                                       \
    COL(STR, code, "i.code")                                                                       \
    COL(STR, modifiers[0], "i.modifier")                                                           \
    COL(STR, description, "i.description")                                                         \
    COL(INT, quantity, "i.quantity")                                                               \
    COL(I64, unit.minor, "i.unit_minor")                                                           \
    COL(MONEY, net, "i.total_minor, i.currency")                                                   \
    COL(DATE, service_date, "i.service_date")                                                      \
    COL(STR, body_site, "COALESCE(t.body_site, '')")                                               \
    COL(ENUM, side,                                                                                \
        "IF(k.applies = 'bilateral' AND EXISTS (SELECT 1 FROM booking_target o"                    \
        " JOIN injection_given g ON g.booking_id = o.booking_id AND g.target_no = o.target_no"     \
        " WHERE o.booking_id = t.booking_id AND o.body_site = t.body_site"                         \
        " AND o.target_no <> t.target_no), 'bilateral',"                                           \
        " COALESCE(CAST(t.laterality AS CHAR), 'none'))",                                          \
        rg_side_parse)                                                                             \
    COL(INT, target_no, "i.target_no")                                                             \
    COL(BOOL, sided, "COALESCE(k.side_modifier, 0)")                                               \
    COL(I64, practitioner_id, "i.practitioner_id")
RG_ROW(line_row, rg_claim_line_t, LINE_ROW);
RG_SQL(LINES,
       "SELECT " RG_COLUMNS(LINE_ROW)
       " FROM charge_item i"
       " LEFT JOIN booking_quote q ON q.booking_id = i.booking_id"
       " LEFT JOIN booking_charge k ON k.quote_id = q.id AND k.line_no = i.line_no"
       " LEFT JOIN booking_target t ON t.booking_id = i.booking_id"
       " AND t.target_no = IF(i.target_no = 0 AND NOT EXISTS (SELECT 1 FROM booking_target x"
       " WHERE x.booking_id = i.booking_id AND x.target_no = 2), 1, i.target_no)"
       " WHERE i.booking_id = ? AND i.on_claim = 1"
       " ORDER BY i.line_no, i.target_no");

static void split_modifiers(apr_pool_t *p, const char *s, rg_claim_line_t *l)
{
    for (int i = 0; i < 4 && *s; i++) {
        size_t n = strcspn(s, " ");
        l->modifiers[i] = apr_pstrmemdup(p, s, n);
        s += n + (s[n] == ' ');
    }
}

static rg_outcome_t read_claim_lines(rg_db_t *db, const rg_ctx_t *ctx, rg_claim_t *out)
{
    RG_TRY(rg_sql_list(db, ctx, &out->lines, &out->line_count, line_row, LINES,
                       RG_IN(RG_I(out->booking_id))));
    for (int i = 0; i < out->line_count; i++) {
        rg_claim_line_t *l = &out->lines[i];
        const char *all = l->modifiers[0];
        l->modifiers[0] = NULL;
        split_modifiers(ctx->pool, all, l);
        memcpy(l->unit.currency, l->net.currency, sizeof(l->unit.currency));
        if (l->target_no == 0 && out->ordered > 1 && !out->further) { /* the only one injected */
            l->body_site = out->body_site;
            l->side = out->side;
        }
    }
    return RG_OK;
}

/* The rendering provider: the practitioner of the treating line (the last charge with one). */
#define RENDERING_ROW(FIRST, COL)                                                                  \
    FIRST(I64, id, "r.id")                                                                         \
    COL(STR, uid, "r.uid")                                                                         \
    COL(STR, code, "r.code")                                                                       \
    COL(STR, name, "r.name")                                                                       \
    COL(STR, family, "r.family")                                                                   \
    COL(STR, given, "r.given")                                                                     \
    COL(STR, npi, "COALESCE(r.npi, '')")                                                           \
    COL(STR, taxonomy, "COALESCE(r.taxonomy, '')")                                                 \
    COL(BOOL, active, "r.active")
RG_ROW(rendering_row, rg_resource_t, RENDERING_ROW);
RG_SQL(RENDERING,
       "SELECT " RG_COLUMNS(RENDERING_ROW)
       " FROM charge_item i"
       " JOIN resource r ON r.id = i.practitioner_id"
       " WHERE i.booking_id = ? AND i.on_claim = 1"
       " ORDER BY FIELD(i.step_kind, 'inject', 'consult') DESC, i.line_no DESC, i.target_no"
       " LIMIT 1");

static rg_outcome_t read_rendering(rg_db_t *db, const rg_ctx_t *ctx, rg_claim_t *out)
{
    rg_resource_t *r = &out->rendering;
    *r = (rg_resource_t){.uid = "",
                         .code = "",
                         .name = "",
                         .family = "",
                         .given = "",
                         .npi = "",
                         .taxonomy = "",
                         .serial = ""};
    rg_outcome_t rc =
        rg_sql_one(db, ctx, r, rendering_row, RENDERING, RG_IN(RG_I(out->booking_id)));
    r->kind = rc == RG_OK ? RG_RESOURCE_PRACTITIONER : r->kind;
    return rc == RG_NOT_FOUND ? RG_OK : rc;
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

RG_SQL(PIN, "UPDATE booking SET version = version + 1 WHERE id = ? AND version = ?");

rg_outcome_t rg_claim_pin(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *c)
{
    int64_t found = 0;
    rg_outcome_t rc =
        rg_sql_exec(db, ctx, PIN, RG_IN(RG_I(c->booking_id), RG_I(c->booking_version)), &found);
    return rc == RG_OK && found == 0 ? RG_GONE : rc;
}

rg_outcome_t rg_claim_facts(rg_db_t *db, const rg_ctx_t *ctx, const char *booking_uid,
                            rg_claim_t *out, rg_booking_status_t *status)
{
    memset(out, 0, sizeof(*out));
    RG_TRY(read_head(db, ctx, booking_uid, out, status));
    RG_TRY(read_coverage(db, ctx, out));
    RG_TRY(rg_sql_list(db, ctx, &out->diagnoses, &out->diagnosis_count, diagnosis_row, DIAGNOSES,
                       RG_IN(RG_I(out->booking_id))));
    RG_TRY(read_claim_lines(db, ctx, out));
    RG_TRY(read_rendering(db, ctx, out));
    sum_up(out);
    return RG_OK;
}

/* --- emission --------------------------------------------------------------------------------- */

#define CLAIM_NEW(FIRST, COL)                                                                      \
    FIRST(uid, RG_S(c->uid))                                                                       \
    COL(claim_no, RG_S(c->claim_no))                                                               \
    COL(booking_id, RG_I(c->booking_id))                                                           \
    COL(patient_id, RG_I(c->patient_id))                                                           \
    COL(payer_id, RG_I(c->coverage.payer.id))                                                      \
    COL(created_at, RG_T(c->created_at))                                                           \
    COL(created_by, RG_I(ctx->who.staff_id))                                                       \
    COL(service_date, RG_S(rg_date_iso(ctx->pool, c->service_from)))                               \
    COL(total_minor, RG_I(c->total.minor))                                                         \
    COL(currency, RG_S(c->total.currency))                                                         \
    COL(xml, RG_B(bytes->xml, bytes->xml_len))                                                     \
    COL(xml_sha256, RG_B(sha, sizeof(sha)))                                                        \
    COL(json, RG_B(bytes->json, bytes->json_len))                                                  \
    COL(x12, bytes->x12 ? RG_B(bytes->x12, bytes->x12_len) : RG_NIL)                               \
    COL(x12_why, RG_S(bytes->x12_why))
RG_SQL(INSERT_CLAIM, RG_INSERT("claim", CLAIM_NEW));

static rg_outcome_t insert_head(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *c,
                                const rg_claim_bytes_t *bytes)
{
    unsigned char sha[32];
    rg_crypto_sha256(sha, bytes->xml, bytes->xml_len);
    return rg_sql_exec(db, ctx, INSERT_CLAIM, RG_BINDS(CLAIM_NEW), NULL);
}

/* Written and read back by one list. */
#define STORED_DIAGNOSIS_ROW(FIRST, COL)                                                           \
    FIRST(STR, code, "code")                                                                       \
    COL(STR, title, "title")
RG_ROW(stored_diagnosis_row, rg_diagnosis_t, STORED_DIAGNOSIS_ROW);
RG_SQL(INSERT_DIAGNOSIS,
       "INSERT INTO claim_diagnosis (claim_id, seq, " RG_COLUMNS(STORED_DIAGNOSIS_ROW) ")"
       " VALUES (?, ?, " RG_MARKS(STORED_DIAGNOSIS_ROW) ")");

static rg_outcome_t insert_diagnoses(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *c,
                                     int64_t id)
{
    enum { COLS = 4 };
    rg_bind_t *in = apr_palloc(ctx->pool, sizeof(*in) * COLS * (size_t)c->diagnosis_count);
    for (int i = 0; i < c->diagnosis_count; i++) {
        const rg_diagnosis_t *row = &c->diagnoses[i];
        const rg_bind_t one[COLS] = {RG_I(id), RG_I(i + 1), RG_WRITES(STORED_DIAGNOSIS_ROW)};
        memcpy(in + (size_t)COLS * (size_t)i, one, sizeof(one));
    }
    return rg_sql_exec_rows(db, ctx, INSERT_DIAGNOSIS, in, COLS, c->diagnosis_count);
}

static const char *modifiers_column(apr_pool_t *p, const rg_claim_line_t *l)
{
    const char *s = "";
    for (int i = 0; i < 4 && l->modifiers[i]; i++) {
        s = apr_pstrcat(p, s, *s ? " " : "", l->modifiers[i], NULL);
    }
    return s;
}

static const char *pointers_column(apr_pool_t *p, const rg_claim_line_t *l)
{
    const char *s = "";
    for (int i = 0; i < 4 && l->pointers[i]; i++) {
        s = apr_psprintf(p, "%s%s%d", s, *s ? " " : "", l->pointers[i]);
    }
    return s;
}

/* Likewise. */
typedef struct {
    rg_claim_line_t line;
    const char *modifiers, *pointers;
} stored_line_t;

#define STORED_LINE_ROW(FIRST, COL)                                                                \
    FIRST(INT, line.sequence, "seq")                                                               \
    COL(STR, line.code_system, "code_system")                                                      \
    COL(STR, line.code, "code")                                                                    \
    COL(STR, modifiers, "modifiers")                                                               \
    COL(STR, line.description, "description")                                                      \
    COL(INT, line.quantity, "quantity")                                                            \
    COL(I64, line.unit.minor, "unit_minor")                                                        \
    COL(I64, line.net.minor, "net_minor")                                                          \
    COL(DATE, line.service_date, "service_date")                                                   \
    COL(STR, pointers, "pointers")
RG_ROW(stored_line_row, stored_line_t, STORED_LINE_ROW);
RG_SQL(INSERT_LINE,
       "INSERT INTO claim_line (claim_id, " RG_COLUMNS(STORED_LINE_ROW) ")"
       " VALUES (?, " RG_MARKS(STORED_LINE_ROW) ")");

static rg_outcome_t insert_claim_lines(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *c,
                                       int64_t id)
{
    enum { COLS = 11 };
    apr_pool_t *p = ctx->pool;
    rg_bind_t *in = apr_palloc(p, sizeof(*in) * COLS * (size_t)c->line_count);
    for (int i = 0; i < c->line_count; i++) {
        const rg_claim_line_t *l = &c->lines[i];
        const stored_line_t stored = {*l, modifiers_column(p, l), pointers_column(p, l)};
        const stored_line_t *row = &stored;
        const rg_bind_t one[COLS] = {RG_I(id), RG_WRITES(STORED_LINE_ROW)};
        memcpy(in + (size_t)COLS * (size_t)i, one, sizeof(one));
    }
    return rg_sql_exec_rows(db, ctx, INSERT_LINE, in, COLS, c->line_count);
}

rg_outcome_t rg_claim_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_claim_t *c,
                             const rg_claim_bytes_t *bytes, int64_t *id)
{
    RG_TRY(insert_head(db, ctx, c, bytes));
    *id = rg_sql_insert_id(db);
    RG_TRY(insert_diagnoses(db, ctx, c, *id));
    return insert_claim_lines(db, ctx, c, *id);
}

/* --- reading back ----------------------------------------------------------------------------- */

#define CLAIM_ROW(FIRST, COL, family, given, payer)                                                \
    FIRST(I64, row.id, "c.id")                                                                     \
    COL(STR, row.uid, "c.uid")                                                                     \
    COL(STR, row.claim_no, "c.claim_no")                                                           \
    COL(I64, row.booking_id, "c.booking_id")                                                       \
    COL(TIME, row.created_at, "c.created_at")                                                      \
    COL(DATE, row.service_date, "c.service_date")                                                  \
    COL(MONEY, row.total, "c.total_minor, c.currency")                                             \
    COL(STR, row.patient_family, family)                                                           \
    COL(STR, row.patient_given, given)                                                             \
    COL(STR, row.payer_name, payer)

#define STORED_ROW(FIRST, COL)                                                                     \
    CLAIM_ROW(FIRST, COL, "p.family", "p.given", "y.name")                                         \
    COL(STR, booking_uid, "b.uid")                                                                 \
    COL(BYTES, xml, "c.xml", xml_len)                                                              \
    COL(BYTES, json, "c.json", json_len)                                                           \
    COL(HASH, sha256, "c.xml_sha256")                                                              \
    COL(BOOL, has_x12, "c.x12 IS NOT NULL")                                                        \
    COL(STR, x12_why, "c.x12_why")                                                                 \
    COL(I64, batch_id,                                                                             \
        "COALESCE((SELECT MAX(s.batch_id) FROM claim_batch_claim s WHERE s.claim_id = c.id), 0)")
RG_ROW(stored_row, rg_claim_doc_t, STORED_ROW);
RG_SQL(READ_CLAIM,
       "SELECT " RG_COLUMNS(STORED_ROW)
       " FROM claim c"
       " JOIN patient p ON p.id = c.patient_id"
       " JOIN payer y ON y.id = c.payer_id"
       " JOIN booking b ON b.id = c.booking_id"
       " WHERE c.uid = ?");

RG_SQL(READ_DIAGNOSES,
       "SELECT " RG_COLUMNS(STORED_DIAGNOSIS_ROW)
       " FROM claim_diagnosis"
       " WHERE claim_id = ?"
       " ORDER BY seq");

static rg_outcome_t read_stored_diagnoses(rg_db_t *db, const rg_ctx_t *ctx, rg_claim_doc_t *out)
{
    RG_TRY(rg_sql_list(db, ctx, &out->diagnoses, &out->diagnosis_count, stored_diagnosis_row,
                       READ_DIAGNOSES, RG_IN(RG_I(out->row.id))));
    for (int i = 0; i < out->diagnosis_count; i++) {
        out->diagnoses[i].body_site = "";
        out->diagnoses[i].billable = true;
    }
    return RG_OK;
}

/* Pointers are 1..12, written by pointers_column. */
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

RG_SQL(READ_LINES,
       "SELECT " RG_COLUMNS(STORED_LINE_ROW)
       " FROM claim_line"
       " WHERE claim_id = ?"
       " ORDER BY seq");

static rg_outcome_t read_stored_lines(rg_db_t *db, const rg_ctx_t *ctx, rg_claim_doc_t *out)
{
    const char *currency = out->row.total.currency;
    stored_line_t *rows;
    RG_TRY(rg_sql_list(db, ctx, &rows, &out->line_count, stored_line_row, READ_LINES,
                       RG_IN(RG_I(out->row.id))));
    out->lines = apr_palloc(ctx->pool, sizeof(*out->lines) * (size_t)(out->line_count + 1));
    for (int i = 0; i < out->line_count; i++) {
        rg_claim_line_t *l = &out->lines[i];
        *l = rows[i].line;
        memcpy(l->unit.currency, currency, sizeof(l->unit.currency));
        memcpy(l->net.currency, currency, sizeof(l->net.currency));
        split_modifiers(ctx->pool, rows[i].modifiers, l);
        split_pointers(rows[i].pointers, l);
    }
    return RG_OK;
}

rg_outcome_t rg_claim_read(rg_db_t *db, const rg_ctx_t *ctx, const char *uid, rg_claim_doc_t *out)
{
    memset(out, 0, sizeof(*out));
    RG_TRY(rg_sql_one(db, ctx, out, stored_row, READ_CLAIM, RG_IN(RG_S(uid))));
    RG_TRY(read_stored_diagnoses(db, ctx, out));
    return read_stored_lines(db, ctx, out);
}

#define STREAM_ROW(FIRST, COL)                                                                     \
    CLAIM_ROW(FIRST, COL, "''", "''", "''")                                                        \
    COL(BYTES, xml, "c.xml", xml_len)
RG_ROW(stream_row, rg_claim_doc_t, STREAM_ROW);
RG_SQL(STREAM,
       "SELECT " RG_COLUMNS(STREAM_ROW)
       " FROM claim c FORCE INDEX (claim_service)"
       " WHERE c.service_date BETWEEN ? AND ?"
       " ORDER BY c.service_date, c.id");

rg_outcome_t rg_claim_stream(rg_db_t *db, const rg_ctx_t *ctx, rg_date_t from, rg_date_t to,
                             rg_outcome_t (*fn)(void *baton, const rg_claim_doc_t *c), void *baton)
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
    rg_claim_doc_t one;
    while (rc == RG_OK && rg_cur_row(c, stream_row, &one)) {
        one.booking_uid = "";
        rc = fn(baton, &one);
        apr_pool_clear(row_pool);
    }
    rg_outcome_t end = rg_cur_end(c);
    apr_pool_destroy(row_pool);
    return rc != RG_OK ? rc : end;
}
