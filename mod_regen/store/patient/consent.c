/* SPDX-License-Identifier: Apache-2.0 */
/* Consent forms, signatures and withdrawals. What a signature is worth is decided in
 * clinic/patient/consent.c by the rule that trigger step_event_needs_consent enforces. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    rg_required_form_t required;
    int64_t order;
} ordered_t;

#define NEWEST_ROW(FIRST, COL)                                                                     \
    FIRST(I64, required.form.id, "v.id")                                                           \
    COL(I64, required.form.form_id, "f.id")                                                        \
    COL(STR, required.form.form_code, "f.code")                                                    \
    COL(INT, required.form.version, "v.version")                                                   \
    COL(STR, required.form.title, "v.title")                                                       \
    COL(STR, required.form.body, "v.body")                                                         \
    COL(BOOL, required.form.material, "v.material")                                                \
    COL(INT, required.form.validity_days, "v.validity_days")                                       \
    COL(I64, order, "sf.display_order")                                                            \
    COL(BOOL, required.form.names_side, "f.names_side")
RG_ROW(newest_row, ordered_t, NEWEST_ROW);

/* Two statements without a sorted or grouped text column: as one, with the texts in a temporary
 * table, MariaDB 10.11.19 died of it now and then (ha_maria::drop_table). The few rows are put in
 * order here. */
RG_SQL(NEWEST,
       "SELECT " RG_COLUMNS(NEWEST_ROW)
       " FROM service_form sf"
       " JOIN form f ON f.id = sf.form_id"
       " JOIN form_version v ON v.form_id = f.id"
       " LEFT JOIN form_version n ON n.form_id = v.form_id AND n.version > v.version"
       " WHERE sf.service_id = ? AND n.id IS NULL");

typedef struct {
    int64_t form_id;
    int version;
} least_t;

#define LEAST_ROW(FIRST, COL)                                                                      \
    FIRST(I64, form_id, "v.form_id")                                                               \
    COL(INT, version, "v.version")
RG_ROW(least_row, least_t, LEAST_ROW);
RG_SQL(LEAST,
       "SELECT " RG_COLUMNS(LEAST_ROW)
       " FROM service_form sf"
       " JOIN form_version v ON v.form_id = sf.form_id AND v.material = 1"
       " WHERE sf.service_id = ?");

#define CONSENT_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "c.id")                                                                         \
    COL(STR, uid, "c.uid")                                                                         \
    COL(I64, booking_id, "c.booking_id")                                                           \
    COL(I64, form_version_id, "c.form_version_id")                                                 \
    COL(STR, form_code, "f.code")                                                                  \
    COL(STR, title, "v.title")                                                                     \
    COL(INT, version, "v.version")                                                                 \
    COL(STR, body_site, "c.body_site")                                                             \
    COL(ENUM, side, "c.laterality", side_or_none)                                                  \
    COL(HASH, sha256, "c.text_sha256")                                                             \
    COL(STR, signer_name, "c.signer_name")                                                         \
    COL(STR, signer_role, "c.signer_role")                                                         \
    COL(TIME, signed_at, "c.signed_at")                                                            \
    COL(TIME, expires_at, "c.expires_at")                                                          \
    COL(TIME, withdrawn_at, "w.at")                                                                \
    COL(I64, patient_id, "c.patient_id")
#define WITH_TEXT_ROW(FIRST, COL)                                                                  \
    CONSENT_ROW(FIRST, COL)                                                                        \
    COL(STR, text, "c.text")

static rg_side_t side_or_none(const char *word)
{
    int side = rg_side_parse(word);
    return side < 0 ? RG_SIDE_NONE : (rg_side_t)side;
}

RG_ROW(consent_row, rg_consent_t, CONSENT_ROW);
RG_ROW(with_text_row, rg_consent_t, WITH_TEXT_ROW);

#define CONSENTS                                                                                   \
    RG_SQL_PART(" FROM consent c" \
                " JOIN form_version v ON v.id = c.form_version_id" \
                " JOIN form f ON f.id = v.form_id" \
                " LEFT JOIN consent_withdrawal w ON w.consent_id = c.id")
RG_SQL(OF_BOOKING,
       "SELECT " RG_COLUMNS(CONSENT_ROW) CONSENTS
       " WHERE c.booking_id = ?"
       " ORDER BY c.signed_at DESC, c.id DESC");
RG_SQL(BY_UID,
       "SELECT " RG_COLUMNS(WITH_TEXT_ROW) CONSENTS
       " WHERE c.uid = ?");

RG_SQL(INSERT,
       "INSERT INTO consent (uid, booking_id, patient_id, form_version_id, body_site,"
       " laterality, text, text_sha256, signer_name, signer_role, signed_at, expires_at,"
       " client_ip, user_agent)"
       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
RG_SQL(WITHDRAW,
       "INSERT INTO consent_withdrawal (consent_id, at, reason, staff_id)"
       " VALUES (?, ?, ?, ?)");
RG_SQL(TOUCH, "UPDATE booking SET version = version + 1 WHERE id = ?");

static int by_order(const void *a, const void *b)
{
    const ordered_t *x = a;
    const ordered_t *y = b;
    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return x->required.form.form_id < y->required.form.form_id ? -1 : 1;
}

/* The newest material version is the oldest whose signatures count. */

static rg_outcome_t read_least(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *list,
                               int64_t service_id)
{
    rg_cur_t *c;
    least_t row;
    RG_TRY(rg_sql_query(db, ctx, &c, LEAST, RG_IN(RG_I(service_id))));
    while (rg_cur_row(c, least_row, &row)) {
        for (int i = 0; i < list->nelts; i++) {
            rg_required_form_t *r = &APR_ARRAY_IDX(list, i, ordered_t).required;
            if (r->form.form_id == row.form_id && r->least_version < row.version) {
                r->least_version = row.version;
            }
        }
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_forms_required(rg_db_t *db, rg_ctx_t *ctx, rg_required_form_t **out, int *count,
                               int64_t service_id)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(ordered_t));
    RG_TRY(rg_sql_push(db, ctx, list, newest_row, NEWEST, RG_IN(RG_I(service_id))));
    RG_TRY(read_least(db, ctx, list, service_id));
    if (list->nelts > 1) {
        qsort(list->elts, (size_t)list->nelts, sizeof(ordered_t), by_order);
    }
    *count = list->nelts;
    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(list->nelts + 1));
    for (int i = 0; i < list->nelts; i++) {
        (*out)[i] = APR_ARRAY_IDX(list, i, ordered_t).required;
    }
    return RG_OK;
}

rg_outcome_t rg_consents_read(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t **out, int *count,
                              int64_t booking_id)
{
    return rg_sql_list(db, ctx, out, count, consent_row, OF_BOOKING, RG_IN(RG_I(booking_id)));
}

rg_outcome_t rg_consent_read(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t **out, const char *uid)
{
    return rg_sql_new(db, ctx, out, with_text_row, BY_UID, RG_IN(RG_S(uid)));
}

rg_outcome_t rg_consent_insert(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t *c, int64_t patient_id)
{
    c->uid = rg_uid_make(ctx);
    rg_outcome_t rc = rg_sql_exec(
        db, ctx, INSERT,
        RG_IN(RG_S(c->uid), RG_I(c->booking_id), RG_I(patient_id), RG_I(c->form_version_id),
              RG_S(c->body_site), RG_S(rg_side_name(c->side)), RG_S(c->text),
              RG_B(c->sha256, sizeof(c->sha256)), RG_S(c->signer_name), RG_S(c->signer_role),
              RG_T(c->signed_at), RG_T(c->expires_at), RG_S(ctx->client_ip ? ctx->client_ip : ""),
              RG_S(ctx->user_agent ? ctx->user_agent : "")),
        NULL);
    c->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_consent_withdrawal_insert(rg_db_t *db, rg_ctx_t *ctx, const rg_consent_t *c,
                                          const char *reason)
{
    RG_TRY(rg_sql_exec(db, ctx, TOUCH, RG_IN(RG_I(c->booking_id)), NULL));
    return rg_sql_exec(db, ctx, WITHDRAW,
                       RG_IN(RG_I(c->id), RG_T(ctx->now), RG_S(reason ? reason : ""),
                             RG_I_OR_NIL(ctx->who.staff_id)),
                       NULL);
}
