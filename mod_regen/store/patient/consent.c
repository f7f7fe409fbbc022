/* SPDX-License-Identifier: Apache-2.0 */
/* Consent forms, signatures and withdrawals. Whether a signature is valid is decided in
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

/* The newest material version is the oldest whose signatures count. */
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
    COL(BOOL, required.form.names_side, "f.names_side")                                            \
    COL(INT, required.least_version,                                                               \
        "(SELECT MAX(m.version) FROM form_version m WHERE m.form_id = f.id AND m.material = 1)")
RG_ROW(newest_row, ordered_t, NEWEST_ROW);

/* Without a sorted or grouped text column: with the texts in a temporary table, MariaDB 10.11.19
 * died of it now and then (ha_maria::drop_table). The few rows are put in order here. */
RG_SQL(NEWEST,
       "SELECT " RG_COLUMNS(NEWEST_ROW)
       " FROM service_form sf"
       " JOIN form f ON f.id = sf.form_id"
       " JOIN form_version v ON v.form_id = f.id"
       " LEFT JOIN form_version n ON n.form_id = v.form_id AND n.version > v.version"
       " WHERE sf.service_id = ? AND n.id IS NULL");

#define CONSENT_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "c.id")                                                                         \
    COL(STR, uid, "c.uid")                                                                         \
    COL(I64, booking_id, "c.booking_id")                                                           \
    COL(STR, booking_uid, "b.uid")                                                                 \
    COL(I64, form_version_id, "c.form_version_id")                                                 \
    COL(STR, form_code, "f.code")                                                                  \
    COL(STR, title, "v.title")                                                                     \
    COL(INT, version, "v.version")                                                                 \
    COL(STR, body_site, "c.body_site")                                                             \
    COL(STR, further, "c.further")                                                                 \
    COL(ENUM, side, "c.laterality", side_or_none)                                                  \
    COL(HASH, sha256, "c.text_sha256")                                                             \
    COL(STR, signer_name, "c.signer_name")                                                         \
    COL(ENUM, signer, "c.signer_role", rg_signer_parse)                                            \
    COL(STR, entitlement, "c.entitlement")                                                         \
    COL(ENUM, method, "c.method", rg_sign_method_parse)                                            \
    COL(STR, witness, "wt.name")                                                                   \
    COL(BOOL, needs_clinician, "v.needs_clinician")                                                \
    COL(TIME, explained_at, "x.at")                                                                \
    COL(STR, explained_by, "xs.name")                                                              \
    COL(TIME, signed_at, "c.signed_at")                                                            \
    COL(TIME, expires_at, "c.expires_at")                                                          \
    COL(TIME, withdrawn_at, "w.at")                                                                \
    COL(I64, patient_id, "c.patient_id")                                                           \
    COL(STR, client_ip, "c.client_ip")                                                             \
    COL(ENUM, withdrawal.channel, "COALESCE(w.channel, 'online')", rg_channel_parse)               \
    COL(STR, withdrawal.reason, "w.reason")                                                        \
    COL(STR, withdrawal.by, "ws.name")
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
                " JOIN booking b ON b.id = c.booking_id" \
                " LEFT JOIN consent_withdrawal w ON w.consent_id = c.id" \
                " LEFT JOIN staff ws ON ws.id = w.staff_id" \
                " LEFT JOIN staff wt ON wt.id = c.witness_id" \
                " LEFT JOIN consent_explained x ON x.consent_id = c.id" \
                " LEFT JOIN staff xs ON xs.id = x.staff_id")
RG_SQL(OF_BOOKING,
       "SELECT " RG_COLUMNS(CONSENT_ROW) CONSENTS
       " WHERE c.booking_id = ?"
       " ORDER BY c.signed_at DESC, c.id DESC");
RG_SQL(BY_UID,
       "SELECT " RG_COLUMNS(WITH_TEXT_ROW) CONSENTS
       " WHERE c.uid = ?");

#define CONSENT_NEW(FIRST, COL)                                                                    \
    FIRST(uid, RG_S(c->uid))                                                                       \
    COL(booking_id, RG_I(c->booking_id))                                                           \
    COL(patient_id, RG_I(patient_id))                                                              \
    COL(form_version_id, RG_I(c->form_version_id))                                                 \
    COL(body_site, RG_S(c->body_site))                                                             \
    COL(laterality, RG_S(rg_side_name(c->side)))                                                   \
    COL(further, RG_S(c->further))                                                                 \
    COL(text, RG_S(c->text))                                                                       \
    COL(text_sha256, RG_B(c->sha256, sizeof(c->sha256)))                                           \
    COL(signer_name, RG_S(c->signer_name))                                                         \
    COL(signer_role, RG_S(rg_signer_name(c->signer)))                                              \
    COL(entitlement, RG_S(c->entitlement))                                                         \
    COL(method, RG_S(rg_sign_method_name(c->method)))                                              \
    COL(witness_id, RG_I_OR_NIL(c->witness_id))                                                    \
    COL(signed_at, RG_T(c->signed_at))                                                             \
    COL(expires_at, RG_T(c->expires_at))                                                           \
    COL(client_ip, RG_S(ctx->client_ip ? ctx->client_ip : ""))                                     \
    COL(user_agent, RG_S(ctx->user_agent ? ctx->user_agent : ""))
RG_SQL(INSERT, RG_INSERT("consent", CONSENT_NEW));
RG_SQL(WITHDRAW,
       "INSERT INTO consent_withdrawal (consent_id, at, reason, staff_id, channel)"
       " VALUES (?, ?, ?, ?, ?)");
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

rg_outcome_t rg_forms_required(rg_db_t *db, const rg_ctx_t *ctx, rg_required_form_t **out,
                               int *count, int64_t service_id)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(ordered_t));
    RG_TRY(rg_sql_push(db, ctx, list, newest_row, NEWEST, RG_IN(RG_I(service_id))));
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

rg_outcome_t rg_consents_read(rg_db_t *db, const rg_ctx_t *ctx, rg_consent_t **out, int *count,
                              int64_t booking_id)
{
    return rg_sql_list(db, ctx, out, count, consent_row, OF_BOOKING, RG_IN(RG_I(booking_id)));
}

rg_outcome_t rg_consent_read(rg_db_t *db, const rg_ctx_t *ctx, rg_consent_t **out, const char *uid)
{
    return rg_sql_new(db, ctx, out, with_text_row, BY_UID, RG_IN(RG_S(uid)));
}

rg_outcome_t rg_consent_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_consent_t *c,
                               int64_t patient_id)
{
    c->uid = rg_uid_make(ctx);
    rg_outcome_t rc = rg_sql_exec(db, ctx, INSERT, RG_BINDS(CONSENT_NEW), NULL);
    c->id = rc == RG_OK ? rg_sql_insert_id(db) : 0;
    return rc;
}

rg_outcome_t rg_consent_withdrawal_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_consent_t *c,
                                          const rg_withdrawal_t *what)
{
    RG_TRY(rg_sql_exec(db, ctx, TOUCH, RG_IN(RG_I(c->booking_id)), NULL));
    return rg_sql_exec(db, ctx, WITHDRAW,
                       RG_IN(RG_I(c->id), RG_T(ctx->now), RG_S(what->reason),
                             RG_I_OR_NIL(ctx->who.staff_id), RG_S(rg_channel_name(what->channel))),
                       NULL);
}

rg_outcome_t rg_consent_explained_insert(rg_db_t *db, const rg_ctx_t *ctx, const rg_consent_t *c)
{
    RG_SQL(EXPLAINED, "INSERT INTO consent_explained (consent_id, staff_id, at) VALUES (?, ?, ?)");
    RG_TRY(rg_sql_exec(db, ctx, TOUCH, RG_IN(RG_I(c->booking_id)), NULL));
    return rg_sql_exec(db, ctx, EXPLAINED,
                       RG_IN(RG_I(c->id), RG_I(ctx->who.staff_id), RG_T(ctx->now)), NULL);
}

/* --- who must know ---------------------------------------------------------------------------- */

#define WITHDRAWN_ROW(FIRST, COL)                                                                  \
    FIRST(STR, booking_uid, "b.uid")                                                               \
    COL(STR, family, "p.family")                                                                   \
    COL(STR, given, "p.given")                                                                     \
    COL(STR, service_name, "s.name")                                                               \
    COL(STR, form_name, "f.name")                                                                  \
    COL(TIME, starts_at, "b.starts_at")                                                            \
    COL(TIME, withdrawn_at, "o.at")                                                                \
    COL(ENUM, channel, "o.channel", rg_channel_parse)
RG_ROW(withdrawn_row, rg_withdrawn_t, WITHDRAWN_ROW);
/* From the few that were withdrawn to their bookings: the other way round, every visit to come
 * would be asked. */
RG_SQL(WITHDRAWN,
       "SELECT " RG_COLUMNS(WITHDRAWN_ROW)
       " FROM consent_withdrawn o"
       " STRAIGHT_JOIN booking b ON b.id = o.booking_id"
       " JOIN service s ON s.id = b.service_id"
       " JOIN service_form sf ON sf.service_id = b.service_id AND sf.form_id = o.form_id"
       " JOIN form f ON f.id = o.form_id"
       " JOIN patient p ON p.id = b.patient_id"
       " WHERE b.site_id = ? AND b.status IN ('booked', 'arrived', 'in-progress')"
       " AND b.ends_at > ?"
       " AND NOT EXISTS (SELECT 1 FROM consent_given c WHERE c.booking_id = b.id"
       " AND c.form_id = o.form_id AND c.expires_at > ?)"
       " ORDER BY b.starts_at, b.id, o.at LIMIT ?");

rg_outcome_t rg_consents_withdrawn(rg_db_t *db, const rg_ctx_t *ctx, int64_t site_id,
                                   apr_time_t from, int most, rg_withdrawn_t **out, int *count)
{
    return rg_sql_list(db, ctx, out, count, withdrawn_row, WITHDRAWN,
                       RG_IN(RG_I(site_id), RG_T(from), RG_T(ctx->now), RG_I(most)));
}
