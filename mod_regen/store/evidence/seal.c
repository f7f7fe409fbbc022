/* SPDX-License-Identifier: Apache-2.0 */
/* Seals: audit events that hold the digest of a table of evidence. A row is sealed once it is as
 * old as the seal before, because a transaction that was still open then may have had a smaller
 * id. */
#include "mod_regen/store/evidence/seal.h"
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/evidence/chain.h"
#include "mod_regen/store/evidence/verify.h"
#include "regen/core/buf.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/store/store.h"

#include <inttypes.h>
#include <string.h>

#include <apr_strings.h>

/* Longer than any transaction of the module. */
#define SETTLED (15 * RG_SECOND)

/* --- what is sealed --------------------------------------------------------------------------- */

/* Columns that never change, as the server's JSON, which keeps NULL and "" apart. A column that is
 * added later is not in it, so that what was sealed before stays right. */
#define ROWS(table, columns)                                                                       \
    "SELECT t.id, JSON_ARRAY(" columns ")"                                                         \
    " FROM " table " t WHERE t.id > ? AND t.id <= ? ORDER BY t.id"

RG_SQL(CONSENTS,
       ROWS("consent",
            "t.uid, t.booking_id, t.patient_id, t.form_version_id, t.body_site, t.laterality,"
            " HEX(t.text_sha256), SHA2(t.text, 256), t.signer_name, t.signer_role, t.signed_at,"
            " t.expires_at, t.client_ip, t.user_agent"));
RG_SQL(FORMS, ROWS("form_version", "t.form_id, t.version, t.title, SHA2(t.body, 256), t.material,"
                                   " t.validity_days, t.published_at"));
RG_SQL(QUESTIONNAIRES,
       ROWS("questionnaire_version",
            "t.questionnaire_id, t.version, t.title, SHA2(t.body, 256), t.published_at"));
RG_SQL(STEPS, ROWS("step_event", "t.booking_id, t.kind, t.at, t.staff_id"));
RG_SQL(UNITS, ROWS("unit", "t.label, t.booking_id, t.patient_id, t.material, t.body_site,"
                           " t.laterality, t.volume_ml, t.harvested_at, t.expires_at, t.staff_id"));
/* What later migrations added, by itself: see ROWS. */
RG_SQL(ORIGINS,
       ROWS("unit", "t.label, t.service_id, t.product_no, t.collection_id, t.manipulation_id"));
RG_SQL(PARTS, ROWS("act", "t.turn, t.part, t.second_id, t.time_out_id"));
RG_SQL(ACTS, ROWS("act", "t.booking_id, t.kind, t.at, t.recorded_at, t.staff_id, t.done_by,"
                         " CONVERT(t.capability USING utf8mb4), t.capability_id"));
RG_SQL(TIME_OUTS,
       ROWS("time_out",
            "t.booking_id, t.kind, t.turn, t.unit_id, CONVERT(t.body_site USING utf8mb4),"
            " t.laterality, t.agreed, t.stopped, t.note, t.at, t.recorded_at, t.staff_id,"
            " t.done_by, t.second_id"));
RG_SQL(NAMED, ROWS("consent", "t.uid, CONVERT(t.further USING utf8mb4)"));
RG_SQL(SAID_OF, ROWS("time_out", "t.booking_id, CONVERT(t.further USING utf8mb4)"));
RG_SQL(LEFT, ROWS("target_left", "t.booking_id, t.target_no, CONVERT(t.reason USING utf8mb4), t.at,"
                                 " t.recorded_at, t.staff_id"));
RG_SQL(CORRECTIONS, ROWS("correction", "t.booking_id, t.what, t.row_id, t.turn, t.old_value,"
                                       " t.new_value, t.reason, t.at, t.staff_id"));
RG_SQL(TURNS, ROWS("target_left", "t.booking_id, t.target_no, t.turn"));
RG_SQL(MOVED, ROWS("correction", "t.row_id, t.with_unit, t.with_time_out, t.again"));
/* Units are processed and injected in another order than that of their ids: under that of the act,
 * which is written in the same transaction; under that of the step before 0055. */
#define ROWS_OF_STEP(kind, from, columns)                                                          \
    "SELECT t.id, JSON_ARRAY(" columns ")"                                                         \
    " FROM step_event t " from " WHERE t.kind = '" kind "' AND x.act_id IS NULL"                   \
    " AND t.id > ? AND t.id <= ? ORDER BY t.id, x.unit_id"
#define ROWS_OF_ACT(table, columns)                                                                \
    "SELECT t.id, JSON_ARRAY(" columns ")"                                                         \
    " FROM act t JOIN " table " x ON x.act_id = t.id"                                              \
    " WHERE t.id > ? AND t.id <= ? ORDER BY t.id"
#define PROCESSING_COLUMNS                                                                         \
    "x.unit_id, x.resource_id, x.kit_lot, x.volume_ml, x.at, x.staff_id,"                          \
    " x.utc_offset, x.device_why, x.minutes, x.run_why, x.lot_id, x.lot_why"
#define INJECTION_COLUMNS                                                                          \
    "x.unit_id, x.booking_id, x.patient_id, CONVERT(x.body_site USING utf8mb4),"                   \
    " x.laterality, x.expires_at, x.injected_at, x.staff_id, x.witness_id,"                        \
    " x.lot_why"
RG_SQL(PROCESSINGS,
       ROWS_OF_STEP("process",
                    "JOIN unit u ON u.booking_id = t.booking_id"
                    " JOIN unit_processing x ON x.unit_id = u.id",
                    PROCESSING_COLUMNS));
RG_SQL(INJECTIONS, ROWS_OF_STEP("inject", "JOIN injection x ON x.booking_id = t.booking_id",
                                INJECTION_COLUMNS));
RG_SQL(RUNS, ROWS_OF_ACT("unit_processing", PROCESSING_COLUMNS));
RG_SQL(GIVEN, ROWS_OF_ACT("injection", INJECTION_COLUMNS));
RG_SQL(GIVEN_AT, ROWS_OF_ACT("injection", "x.unit_id, x.target_no, x.again_why"));
RG_SQL(COLLECTIONS,
       ROWS("collection", "t.booking_id, t.patient_id, t.seq, t.material, t.taken_from,"
                          " t.anticoagulant, t.why, t.volume_ml, t.at, t.recorded_at, t.staff_id,"
                          " t.act_id"));
/* With what they were made from, and what was made. */
RG_SQL(MANIPULATIONS,
       ROWS("unit_manipulation",
            "t.booking_id, t.at, t.recorded_at, t.staff_id, t.act_id,"
            " (SELECT GROUP_CONCAT(p.parent_id ORDER BY p.parent_id)"
            " FROM unit_parent p WHERE p.manipulation_id = t.id),"
            " (SELECT GROUP_CONCAT(m.id ORDER BY m.id)"
            " FROM unit m WHERE m.manipulation_id = t.id)"));
RG_SQL(INVOICES, ROWS("invoice", "t.uid, t.series, t.number, t.booking_id, t.patient_id,"
                                 " t.patient_name, t.patient_address, t.issuer, t.issued_at,"
                                 " t.issued_by, t.total_minor, t.currency"));
/* Which charges are on it; the charges themselves change until they are on a paper. */
RG_SQL(INVOICED,
       ROWS("invoice", "(SELECT GROUP_CONCAT(l.line_no, ':', l.charge_id, ':', l.amount_minor"
                       " ORDER BY l.line_no) FROM invoice_charge l WHERE l.invoice_id = t.id)"));
RG_SQL(TRIES, ROWS("message_try", "t.message_id, t.at, t.what, t.way,"
                                  " CONVERT(t.code USING utf8mb4), t.answer, t.staff_id"));
RG_SQL(TRY_LAST, "SELECT COALESCE(MAX(id), 0) FROM message_try");
RG_SQL(CLAIMS,
       ROWS("claim",
            "CONVERT(t.uid USING utf8mb4), CONVERT(t.claim_no USING utf8mb4), t.booking_id,"
            " t.patient_id, t.payer_id, CONVERT(t.frequency USING utf8mb4), t.created_at,"
            " t.created_by, t.service_date, t.total_minor, CONVERT(t.currency USING utf8mb4),"
            " SHA2(t.xml, 256), SHA2(t.json, 256)"));
RG_SQL(CLAIMS_SENT, ROWS("claim", "SHA2(t.x12, 256), t.x12_why"));
RG_SQL(BATCHES,
       ROWS("claim_batch",
            "t.made_at, t.staff_id, t.receiver, CONVERT(t.receiver_qualifier USING utf8mb4),"
            " CONVERT(t.receiver_id USING utf8mb4), CONVERT(t.sender_qualifier USING utf8mb4),"
            " CONVERT(t.sender_id USING utf8mb4), t.submitter, t.contact,"
            " CONVERT(t.contact_phone USING utf8mb4), t.production,"
            " (SELECT CONCAT_WS(' ', f.claims, f.bytes, HEX(f.sha256)) FROM claim_batch_file f"
            " WHERE f.batch_id = t.id)"));
RG_SQL(ORDERS,
       ROWS("treatment_order",
            "CONVERT(t.uid USING utf8mb4), t.patient_id, t.service_id, t.targets,"
            " (SELECT GROUP_CONCAT(CONVERT(g.body_site USING utf8mb4), ' ', g.laterality"
            " ORDER BY g.target_no) FROM treatment_order_target g WHERE g.order_id = t.id),"
            " CONVERT(t.diagnosis_code USING utf8mb4), t.severity, t.tried, t.imaging, t.weighed,"
            " t.note, t.valid_until, t.signed_at, t.staff_id"));
RG_SQL(REVOCATIONS,
       ROWS("treatment_order_revocation", "t.order_id, t.reason, t.at, t.staff_id"));
RG_SQL(MERGES, ROWS("patient_merge", "t.merged_id, t.turn, t.kept_id, t.reason, t.at, t.staff_id"));
RG_SQL(APARTS, ROWS("patient_unmerge", "t.merge_id, t.reason, t.at, t.staff_id"));
RG_SQL(CHANGES, ROWS("patient_change", "t.patient_id, CONVERT(t.field USING utf8mb4), t.turn,"
                                       " t.old_value, t.new_value, t.reason, t.at, t.staff_id,"
                                       " t.second_id"));
RG_SQL(ENTRIES,
       ROWS("ledger_entry",
            "CONVERT(t.uid USING utf8mb4), t.kind, t.patient_id, t.site_id, t.means, t.reference,"
            " t.amount_minor, CONVERT(t.currency USING utf8mb4), CONVERT(t.reason USING utf8mb4),"
            " t.note, t.day, t.at, t.staff_id, t.reverses"));
/* With whose accounts they are, whose rows have no seal of their own. */
RG_SQL(TRANSFERS,
       ROWS("transfer",
            "t.entry_id, t.kind, t.debit_account,"
            " (SELECT CONVERT(a.name USING utf8mb4) FROM account a WHERE a.id = t.debit_account),"
            " t.credit_account,"
            " (SELECT CONVERT(a.name USING utf8mb4) FROM account a WHERE a.id = t.credit_account),"
            " t.amount_minor, CONVERT(t.currency USING utf8mb4), t.charge_id, t.booking_id,"
            " t.invoice_id, t.note, t.at, t.reverses"));
RG_SQL(RECEIPTS,
       ROWS("receipt", "CONVERT(t.uid USING utf8mb4), CONVERT(t.series USING utf8mb4), t.number,"
                       " t.entry_id, t.patient_name, t.issuer, t.owed_minor, t.deposit_minor,"
                       " t.issued_at, t.issued_by"));
RG_SQL(CREDIT_NOTES,
       ROWS("credit_note",
            "CONVERT(t.uid USING utf8mb4), CONVERT(t.series USING utf8mb4), t.number,"
            " t.invoice_id, (SELECT GROUP_CONCAT(l.charge_id, ':', l.amount_minor ORDER BY"
            " l.charge_id) FROM credit_note_line l WHERE l.credit_note_id = t.id), t.reason,"
            " t.total_minor, CONVERT(t.currency USING utf8mb4), t.issued_at, t.issued_by"));
RG_SQL(COUNTS,
       ROWS("cash_count",
            "CONVERT(t.uid USING utf8mb4), t.site_id, CONVERT(t.currency USING utf8mb4), t.day,"
            " t.expected_minor, t.counted_minor, t.banked_minor, t.note, t.at, t.staff_id"));
RG_SQL(OFFS,
       ROWS("charge_off",
            "t.entry_id, t.charge_id, t.booking_id, t.line_no + 1000 * t.target_no, t.step_kind,"
            " CONVERT(t.code_system USING utf8mb4), CONVERT(t.code USING utf8mb4),"
            " CONVERT(t.modifier USING utf8mb4), t.description, t.quantity, t.unit_minor,"
            " t.total_minor, CONVERT(t.currency USING utf8mb4), t.on_claim, t.service_date,"
            " t.practitioner_id"));
RG_SQL(QUOTES,
       ROWS("booking_quote",
            "t.booking_id, t.version_id, t.service_id, t.total_minor,"
            " CONVERT(t.currency USING utf8mb4), t.made_at,"
            " (SELECT GROUP_CONCAT(CONCAT_WS(' ', c.line_no, c.step_kind, c.code_system, c.code,"
            " c.modifiers, c.side_modifier, c.units, c.unit_minor, c.currency, c.on_claim,"
            " c.description, NULLIF(CAST(c.applies AS CHAR), 'visit'), NULLIF(c.times, 1))"
            " ORDER BY c.line_no SEPARATOR '\n')"
            " FROM booking_charge c WHERE c.quote_id = t.id)"));
/* A line a digest, so that the longest schedule is not cut off. */
RG_SQL(PUBLICATIONS,
       ROWS("fee_publication",
            "t.version_id, t.schedule_id, t.valid_from, t.valid_at, t.at, t.staff_id,"
            " (SELECT CONCAT_WS(' ', CONVERT(f.code USING utf8mb4), f.name, f.payer_key,"
            " f.site_key) FROM fee_schedule f WHERE f.id = t.schedule_id),"
            " (SELECT GROUP_CONCAT(LEFT(SHA2(CONCAT_WS(' ', l.service_id, l.line_no, l.step_kind,"
            " l.code_system, l.code, l.modifiers, l.side_modifier, l.units, l.unit_minor,"
            " l.currency, l.on_claim, l.description,"
            " NULLIF(CAST(l.applies AS CHAR), 'visit')), 256), 16)"
            " ORDER BY l.service_id, l.line_no)"
            " FROM fee_line l WHERE l.version_id = t.version_id)"));
RG_SQL(FEES_WITHDRAWN, ROWS("fee_withdrawal", "t.publication_id, t.reason, t.at, t.staff_id"));
RG_SQL(ESTIMATES,
       ROWS("estimate",
            "t.booking_id, t.version, t.supersedes, t.cause, t.delivery, t.series, t.patient_id,"
            " t.patient_name, t.patient_born, t.service_name, t.body_site, t.laterality,"
            " t.further, t.service_at, t.issuer, t.npi, t.tin, t.place, t.provider,"
            " t.provider_npi, t.diagnoses, t.made_at, t.staff_id, t.total_minor, t.currency,"
            " HEX(t.sha256),"
            " (SELECT GROUP_CONCAT(CONCAT_WS(' ', l.line_no, l.code_system, l.code, l.modifiers,"
            " l.units, l.unit_minor, l.currency, l.description) ORDER BY l.line_no SEPARATOR '\n')"
            " FROM estimate_line l WHERE l.estimate_id = t.id)"));
RG_SQL(EXCESSES, ROWS("estimate_excess", "t.estimate_id, t.billed_minor, t.reason, t.at,"
                                         " t.staff_id"));
RG_SQL(HANDOVERS, ROWS("estimate_given", "t.estimate_id, t.turn, t.what, t.at, t.staff_id"));
RG_SQL(HANDOVER_LAST, "SELECT COALESCE(MAX(id), 0) FROM estimate_given");
RG_SQL(EXCESS_LAST, "SELECT COALESCE(MAX(id), 0) FROM estimate_excess");
RG_SQL(ESTIMATE_LAST, "SELECT COALESCE(MAX(id), 0) FROM estimate");
RG_SQL(QUOTE_LAST, "SELECT COALESCE(MAX(id), 0) FROM booking_quote");
RG_SQL(PUBLICATION_LAST, "SELECT COALESCE(MAX(id), 0) FROM fee_publication");
RG_SQL(FEES_WITHDRAWN_LAST, "SELECT COALESCE(MAX(id), 0) FROM fee_withdrawal");
RG_SQL(OFF_LAST, "SELECT COALESCE(MAX(id), 0) FROM charge_off");
RG_SQL(ENTRY_LAST, "SELECT COALESCE(MAX(id), 0) FROM ledger_entry");
RG_SQL(TRANSFER_LAST, "SELECT COALESCE(MAX(id), 0) FROM transfer");
RG_SQL(RECEIPT_LAST, "SELECT COALESCE(MAX(id), 0) FROM receipt");
RG_SQL(CREDIT_NOTE_LAST, "SELECT COALESCE(MAX(id), 0) FROM credit_note");
RG_SQL(COUNT_LAST, "SELECT COALESCE(MAX(id), 0) FROM cash_count");
RG_SQL(RESPONSES, ROWS("questionnaire_response",
                       "CONVERT(t.uid USING utf8mb4), t.request_id, t.turn, t.replaces_id,"
                       " t.booking_id, t.patient_id, t.version_id, SHA2(t.answers, 256), t.result,"
                       " t.answered_by, t.answerer, t.answered_at, t.staff_id"));
RG_SQL(SCREEN_DECISIONS,
       ROWS("questionnaire_decision",
            "t.request_id, t.turn, t.response_id, t.decision, t.note, t.at, t.staff_id"));
RG_SQL(CONSENT_LAST, "SELECT COALESCE(MAX(id), 0) FROM consent");
RG_SQL(FORM_LAST, "SELECT COALESCE(MAX(id), 0) FROM form_version");
RG_SQL(QUESTIONNAIRE_LAST, "SELECT COALESCE(MAX(id), 0) FROM questionnaire_version");
RG_SQL(RESPONSE_LAST, "SELECT COALESCE(MAX(id), 0) FROM questionnaire_response");
RG_SQL(SCREEN_DECISION_LAST, "SELECT COALESCE(MAX(id), 0) FROM questionnaire_decision");
RG_SQL(STEP_LAST, "SELECT COALESCE(MAX(id), 0) FROM step_event");
RG_SQL(UNIT_LAST, "SELECT COALESCE(MAX(id), 0) FROM unit");
RG_SQL(ACT_LAST, "SELECT COALESCE(MAX(id), 0) FROM act");
RG_SQL(TIME_OUT_LAST, "SELECT COALESCE(MAX(id), 0) FROM time_out");
RG_SQL(LEFT_LAST, "SELECT COALESCE(MAX(id), 0) FROM target_left");
RG_SQL(COLLECTION_LAST, "SELECT COALESCE(MAX(id), 0) FROM collection");
RG_SQL(MANIPULATION_LAST, "SELECT COALESCE(MAX(id), 0) FROM unit_manipulation");
RG_SQL(CORRECTION_LAST, "SELECT COALESCE(MAX(id), 0) FROM correction");
RG_SQL(INVOICE_LAST, "SELECT COALESCE(MAX(id), 0) FROM invoice");
RG_SQL(CLAIM_LAST, "SELECT COALESCE(MAX(id), 0) FROM claim");
RG_SQL(BATCH_LAST, "SELECT COALESCE(MAX(id), 0) FROM claim_batch");
RG_SQL(ORDER_LAST, "SELECT COALESCE(MAX(id), 0) FROM treatment_order");
RG_SQL(REVOCATION_LAST, "SELECT COALESCE(MAX(id), 0) FROM treatment_order_revocation");
RG_SQL(CHANGE_LAST, "SELECT COALESCE(MAX(id), 0) FROM patient_change");
RG_SQL(MERGE_LAST, "SELECT COALESCE(MAX(id), 0) FROM patient_merge");
RG_SQL(APART_LAST, "SELECT COALESCE(MAX(id), 0) FROM patient_unmerge");

typedef struct {
    const char *entity, *table, *rows, *last;
} sealed_t;

static const sealed_t SEALED[] = {
    {"sealed-consent", "consent", CONSENTS, CONSENT_LAST},
    {"sealed-form", "form_version", FORMS, FORM_LAST},
    {"sealed-questionnaire", "questionnaire_version", QUESTIONNAIRES, QUESTIONNAIRE_LAST},
    {"sealed-response", "questionnaire_response", RESPONSES, RESPONSE_LAST},
    {"sealed-decision", "questionnaire_decision", SCREEN_DECISIONS, SCREEN_DECISION_LAST},
    {"sealed-step", "step_event", STEPS, STEP_LAST},
    {"sealed-unit", "unit", UNITS, UNIT_LAST},
    {"sealed-origin", "unit, where it is from", ORIGINS, UNIT_LAST},
    {"sealed-act", "act", ACTS, ACT_LAST},
    {"sealed-part", "act, what it follows", PARTS, ACT_LAST},
    {"sealed-time-out", "time_out", TIME_OUTS, TIME_OUT_LAST},
    {"sealed-correction", "correction", CORRECTIONS, CORRECTION_LAST},
    {"sealed-processing", "unit_processing, of steps", PROCESSINGS, STEP_LAST},
    {"sealed-injection", "injection, of steps", INJECTIONS, STEP_LAST},
    {"sealed-run", "unit_processing, of acts", RUNS, ACT_LAST},
    {"sealed-given", "injection, of acts", GIVEN, ACT_LAST},
    {"sealed-target", "injection, at which target", GIVEN_AT, ACT_LAST},
    {"sealed-named", "consent, for which targets", NAMED, CONSENT_LAST},
    {"sealed-said-of", "time_out, for which targets", SAID_OF, TIME_OUT_LAST},
    {"sealed-left", "target_left", LEFT, LEFT_LAST},
    {"sealed-left-turn", "target_left, with which completion", TURNS, LEFT_LAST},
    {"sealed-moved", "correction, of targets", MOVED, CORRECTION_LAST},
    {"sealed-collection", "collection", COLLECTIONS, COLLECTION_LAST},
    {"sealed-manipulation", "unit_manipulation", MANIPULATIONS, MANIPULATION_LAST},
    {"sealed-invoice", "invoice", INVOICES, INVOICE_LAST},
    {"sealed-invoiced", "invoice_charge", INVOICED, INVOICE_LAST},
    {"sealed-try", "message_try", TRIES, TRY_LAST},
    {"sealed-claim", "claim", CLAIMS, CLAIM_LAST},
    {"sealed-claim-x12", "claim, as X12", CLAIMS_SENT, CLAIM_LAST},
    {"sealed-batch", "claim_batch", BATCHES, BATCH_LAST},
    {"sealed-entry", "ledger_entry", ENTRIES, ENTRY_LAST},
    {"sealed-transfer", "transfer", TRANSFERS, TRANSFER_LAST},
    {"sealed-charge-off", "charge_off", OFFS, OFF_LAST},
    {"sealed-receipt", "receipt", RECEIPTS, RECEIPT_LAST},
    {"sealed-credit-note", "credit_note", CREDIT_NOTES, CREDIT_NOTE_LAST},
    {"sealed-count", "cash_count", COUNTS, COUNT_LAST},
    {"sealed-quote", "booking_quote", QUOTES, QUOTE_LAST},
    {"sealed-estimate", "estimate", ESTIMATES, ESTIMATE_LAST},
    {"sealed-excess", "estimate_excess", EXCESSES, EXCESS_LAST},
    {"sealed-handover", "estimate_given", HANDOVERS, HANDOVER_LAST},
    {"sealed-fees", "fee_publication", PUBLICATIONS, PUBLICATION_LAST},
    {"sealed-fees-withdrawn", "fee_withdrawal", FEES_WITHDRAWN, FEES_WITHDRAWN_LAST},
    {"sealed-order", "treatment_order", ORDERS, ORDER_LAST},
    {"sealed-revocation", "treatment_order_revocation", REVOCATIONS, REVOCATION_LAST},
    {"sealed-change", "patient_change", CHANGES, CHANGE_LAST},
    {"sealed-merge", "patient_merge", MERGES, MERGE_LAST},
    {"sealed-unmerge", "patient_unmerge", APARTS, APART_LAST},
};

/* --- a seal ----------------------------------------------------------------------------------- */

typedef struct {
    apr_time_t at;
    int64_t upto; /* rows up to this id are sealed */
    const char *detail;
    int64_t rows, pending; /* how many; the highest id then */
    char sha256[65];       /* over all of them, one after the other */
} seal_t;

#define SEAL_ROW(FIRST, COL)                                                                       \
    FIRST(TIME, at, "e.at")                                                                        \
    COL(I64, upto, "e.entity_id")                                                                  \
    COL(STR, detail, "e.detail")
RG_ROW(seal_row, seal_t, SEAL_ROW);
RG_SQL(LAST_SEAL,
       "SELECT " RG_COLUMNS(SEAL_ROW)
       " FROM audit_event e"
       " WHERE e.entity = ?"
       " ORDER BY e.id DESC"
       " LIMIT 1");
RG_SQL(SEALS,
       "SELECT " RG_COLUMNS(SEAL_ROW)
       " FROM audit_event e"
       " WHERE e.entity = ?"
       " ORDER BY e.entity_id, e.id");

/* "rows:12 pending:15 sha256:…" */
static bool parse_seal(seal_t *s, apr_pool_t *p)
{
    char *rest = NULL;
    const char *rows = apr_strtok(apr_pstrdup(p, s->detail), " ", &rest);
    const char *pending = apr_strtok(NULL, " ", &rest);
    const char *sha256 = apr_strtok(NULL, " ", &rest);
    bool fits = rows && pending && sha256 && strncmp(rows, "rows:", 5) == 0 &&
                strncmp(pending, "pending:", 8) == 0 && strncmp(sha256, "sha256:", 7) == 0 &&
                rg_text_i64(&s->rows, rows + 5, 0, INT64_MAX) &&
                rg_text_i64(&s->pending, pending + 8, 0, INT64_MAX);
    if (fits) {
        bool none = strcmp(sha256 + 7, "none") == 0;
        apr_cpystrn(s->sha256, none ? "" : sha256 + 7, sizeof(s->sha256));
    }
    return fits;
}

typedef struct {
    int64_t id;
    const char *json;
} content_row_t;

#define CONTENT_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "t.id")                                                                         \
    COL(STR, json, "json")
RG_ROW(content_row, content_row_t, CONTENT_ROW);

static void take_content(seal_t *s, apr_pool_t *p, const content_row_t *row)
{
    unsigned char digest[32];
    const char *text = apr_psprintf(p, "%s %" PRId64 " %s", s->sha256, row->id, row->json);
    rg_crypto_sha256(digest, text, strlen(text));
    apr_cpystrn(s->sha256, rg_text_hex(p, digest, sizeof(digest)), sizeof(s->sha256));
    s->rows++;
}

/* --- sealing ---------------------------------------------------------------------------------- */

static rg_outcome_t take_rows(seal_t *s, rg_db_t *db, const rg_ctx_t *ctx, const sealed_t *t,
                              int64_t from)
{
    const char *sql = t->rows;
    content_row_t row;
    apr_pool_t *row_pool;
    rg_cur_t *c;
    apr_pool_create(&row_pool, ctx->pool);
    rg_outcome_t rc = rg_sql_stream(db, ctx, &c, row_pool, sql, RG_IN(RG_I(from), RG_I(s->upto)));
    while (rc == RG_OK && rg_cur_row(c, content_row, &row)) {
        take_content(s, row_pool, &row);
        apr_pool_clear(row_pool);
    }
    rc = rc == RG_OK ? rg_cur_end(c) : rc;
    apr_pool_destroy(row_pool);
    return rc;
}

static rg_outcome_t seal_table(rg_db_t *db, const rg_ctx_t *ctx, const sealed_t *t)
{
    seal_t last = {.detail = ""};
    int64_t newest;
    rg_outcome_t rc = rg_sql_one(db, ctx, &last, seal_row, LAST_SEAL, RG_IN(RG_S(t->entity)));
    if (rc != RG_OK && rc != RG_NOT_FOUND) {
        return rc;
    }
    if (rc == RG_OK && !parse_seal(&last, ctx->pool)) {
        return RG_OK; /* it was changed: verifying says so */
    }
    RG_TRY(rg_sql_number(db, ctx, &newest, t->last, RG_IN_NONE));
    seal_t next = last;
    next.upto = ctx->now - last.at >= SETTLED ? last.pending : last.upto;
    next.pending = newest;
    if (next.upto == last.upto && next.pending == last.pending) {
        return RG_OK;
    }
    RG_TRY(take_rows(&next, db, ctx, t, last.upto));
    return rg_audit_add(db, ctx, "seal", t->entity, next.upto,
                        apr_psprintf(ctx->pool, "rows:%" PRId64 " pending:%" PRId64 " sha256:%s",
                                     next.rows, next.pending,
                                     next.sha256[0] ? next.sha256 : "none"));
}

rg_outcome_t rg_seal_tables(rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = RG_OK;
    for (size_t i = 0; rc == RG_OK && i < sizeof(SEALED) / sizeof(*SEALED); i++) {
        rc = seal_table(db, ctx, &SEALED[i]);
    }
    return rc;
}

/* --- verifying -------------------------------------------------------------------------------- */

typedef struct {
    rg_verify_t *v;
    const sealed_t *table;
    seal_t *seals;
    int count, next;
    int64_t from; /* the id after which nothing was compared yet */
    seal_t now;
} compare_t;

/* Afterwards the seal is taken as it is, so that each stretch of rows is named by itself. */
static void compare_seal(compare_t *c, apr_pool_t *p)
{
    seal_t *s = &c->seals[c->next++];
    if (!parse_seal(s, p) || s->rows != c->now.rows || strcmp(s->sha256, c->now.sha256) != 0) {
        rg_verify_fault(c->v,
                        "Rows of %s with ids from %" PRId64 " to %" PRId64
                        " are not those that were sealed: changed, removed or added.",
                        c->table->table, c->from + 1, s->upto);
        c->now.rows = s->rows;
        apr_cpystrn(c->now.sha256, s->sha256, sizeof(c->now.sha256));
    }
    c->from = s->upto;
}

static rg_outcome_t verify_table(rg_verify_t *v, rg_db_t *db, const rg_ctx_t *ctx,
                                 const sealed_t *t)
{
    const char *sql = t->rows;
    compare_t w = {.v = v, .table = t};
    content_row_t row;
    apr_pool_t *row_pool;
    rg_cur_t *c;
    RG_TRY(rg_sql_list(db, ctx, &w.seals, &w.count, seal_row, SEALS, RG_IN(RG_S(t->entity))));
    apr_pool_create(&row_pool, ctx->pool);
    rg_outcome_t rc = rg_sql_stream(db, ctx, &c, row_pool, sql, RG_IN(RG_I(0), RG_I(INT64_MAX)));
    while (rc == RG_OK && rg_cur_row(c, content_row, &row)) {
        while (w.next < w.count && row.id > w.seals[w.next].upto) {
            compare_seal(&w, ctx->pool);
        }
        take_content(&w.now, row_pool, &row);
        apr_pool_clear(row_pool);
    }
    rc = rc == RG_OK ? rg_cur_end(c) : rc;
    apr_pool_destroy(row_pool);
    while (rc == RG_OK && w.next < w.count) {
        compare_seal(&w, ctx->pool);
    }
    return rc;
}

rg_outcome_t rg_verify_seals(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_outcome_t rc = RG_OK;
    for (size_t i = 0; rc == RG_OK && i < sizeof(SEALED) / sizeof(*SEALED); i++) {
        rc = verify_table(baton, db, ctx, &SEALED[i]);
    }
    return rc;
}
