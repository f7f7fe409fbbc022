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

/* Two statements without a sorted or grouped text column: as one, with the texts in a temporary
 * table, MariaDB 10.11.19 died of it now and then (ha_maria::drop_table). The few rows are put in
 * order here. */
static const char NEWEST[] =
    "SELECT v.id, f.id, f.code, v.version, v.title, v.body, v.material, v.validity_days, "
    "sf.display_order, f.names_side "
    "FROM service_form sf JOIN form f ON f.id = sf.form_id "
    "JOIN form_version v ON v.form_id = f.id "
    "LEFT JOIN form_version n ON n.form_id = v.form_id AND n.version > v.version "
    "WHERE sf.service_id = ? AND n.id IS NULL";
static const char LEAST[] = "SELECT v.form_id, v.version FROM service_form sf JOIN form_version v "
                            "ON v.form_id = sf.form_id AND v.material = 1 WHERE sf.service_id = ?";
static const char OF_BOOKING[] =
    "SELECT c.id, c.uid, c.booking_id, c.form_version_id, f.code, v.title, v.version, c.body_site, "
    "c.laterality, c.text_sha256, c.signer_name, c.signer_role, c.signed_at, c.expires_at, w.at, "
    "c.patient_id FROM consent c JOIN form_version v ON v.id = c.form_version_id JOIN form f ON "
    "f.id = "
    "v.form_id "
    "LEFT JOIN consent_withdrawal w ON w.consent_id = c.id "
    "WHERE c.booking_id = ? ORDER BY c.signed_at DESC, c.id DESC";
static const char BY_UID[] =
    "SELECT c.id, c.uid, c.booking_id, c.form_version_id, f.code, v.title, v.version, c.body_site, "
    "c.laterality, c.text_sha256, c.signer_name, c.signer_role, c.signed_at, c.expires_at, w.at, "
    "c.patient_id, c.text FROM consent c JOIN form_version v ON v.id = c.form_version_id JOIN form "
    "f ON f.id = "
    "v.form_id "
    "LEFT JOIN consent_withdrawal w ON w.consent_id = c.id WHERE c.uid = ?";
static const char INSERT[] =
    "INSERT INTO consent (uid, booking_id, patient_id, form_version_id, body_site, laterality, "
    "text, text_sha256, signer_name, signer_role, signed_at, expires_at, client_ip, user_agent) "
    "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
static const char WITHDRAW[] =
    "INSERT INTO consent_withdrawal (consent_id, at, reason, staff_id) VALUES (?, ?, ?, ?)";
static const char TOUCH[] = "UPDATE booking SET version = version + 1 WHERE id = ?";

typedef struct {
    rg_required_form_t required;
    int64_t order;
} ordered_t;

static int by_order(const void *a, const void *b)
{
    const ordered_t *x = a;
    const ordered_t *y = b;
    if (x->order != y->order) {
        return x->order < y->order ? -1 : 1;
    }
    return x->required.form.form_id < y->required.form.form_id ? -1 : 1;
}

static rg_outcome_t read_newest(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *list,
                                int64_t service_id)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, NEWEST, RG_IN(RG_I(service_id)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        ordered_t *o = apr_array_push(list);
        rg_form_version_t *f = &o->required.form;
        o->required.least_version = 0;
        o->order = rg_cur_i64(c, 8);
        f->id = rg_cur_i64(c, 0);
        f->form_id = rg_cur_i64(c, 1);
        f->form_code = rg_cur_str(c, 2);
        f->version = (int)rg_cur_i64(c, 3);
        f->title = rg_cur_str(c, 4);
        f->body = rg_cur_str(c, 5);
        f->material = rg_cur_i64(c, 6) != 0;
        f->validity_days = (int)rg_cur_i64(c, 7);
        f->names_side = rg_cur_i64(c, 9) != 0;
    }
    return rg_cur_end(c);
}

/* The newest material version is the oldest whose signatures count. */
static rg_outcome_t read_least(rg_db_t *db, rg_ctx_t *ctx, apr_array_header_t *list,
                               int64_t service_id)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, LEAST, RG_IN(RG_I(service_id)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        int64_t form_id = rg_cur_i64(c, 0);
        int version = (int)rg_cur_i64(c, 1);
        for (int i = 0; i < list->nelts; i++) {
            rg_required_form_t *r = &APR_ARRAY_IDX(list, i, ordered_t).required;
            if (r->form.form_id == form_id && r->least_version < version) {
                r->least_version = version;
            }
        }
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_forms_required(rg_db_t *db, rg_ctx_t *ctx, rg_required_form_t **out, int *count,
                               int64_t service_id)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(ordered_t));
    rg_outcome_t rc = read_newest(db, ctx, list, service_id);
    if (rc == RG_OK) {
        rc = read_least(db, ctx, list, service_id);
    }
    if (rc != RG_OK) {
        return rc;
    }
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

static void consent_from(rg_cur_t *c, rg_consent_t *v)
{
    size_t n;
    int side = rg_side_parse(rg_cur_str(c, 8));
    v->id = rg_cur_i64(c, 0);
    v->uid = rg_cur_str(c, 1);
    v->booking_id = rg_cur_i64(c, 2);
    v->form_version_id = rg_cur_i64(c, 3);
    v->form_code = rg_cur_str(c, 4);
    v->title = rg_cur_str(c, 5);
    v->version = (int)rg_cur_i64(c, 6);
    v->body_site = rg_cur_str(c, 7);
    v->side = side < 0 ? RG_SIDE_NONE : (rg_side_t)side;
    const unsigned char *hash = rg_cur_bytes(c, 9, &n);
    memcpy(v->sha256, hash, n < sizeof(v->sha256) ? n : sizeof(v->sha256));
    v->signer_name = rg_cur_str(c, 10);
    v->signer_role = rg_cur_str(c, 11);
    v->signed_at = rg_cur_time(c, 12);
    v->expires_at = rg_cur_time(c, 13);
    v->withdrawn_at = rg_cur_time(c, 14);
    v->patient_id = rg_cur_i64(c, 15);
}

rg_outcome_t rg_consents_read(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t **out, int *count,
                              int64_t booking_id)
{
    rg_cur_t *c;
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_consent_t));
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, OF_BOOKING, RG_IN(RG_I(booking_id)));
    if (rc != RG_OK) {
        return rc;
    }
    while (rg_cur_next(c)) {
        rg_consent_t *v = apr_array_push(list);
        memset(v, 0, sizeof(*v));
        consent_from(c, v);
    }
    *out = (rg_consent_t *)list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

rg_outcome_t rg_consent_read(rg_db_t *db, rg_ctx_t *ctx, rg_consent_t **out, const char *uid)
{
    rg_cur_t *c;
    *out = NULL;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, BY_UID, RG_IN(RG_S(uid)));
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_cur_next(c)) {
        *out = apr_pcalloc(ctx->pool, sizeof(**out));
        consent_from(c, *out);
        (*out)->text = rg_cur_str(c, 16);
    }
    return rg_row_end(c, *out != NULL);
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
    rg_outcome_t rc = rg_sql_exec(db, ctx, TOUCH, RG_IN(RG_I(c->booking_id)), NULL);
    if (rc == RG_OK) {
        rc = rg_sql_exec(db, ctx, WITHDRAW,
                         RG_IN(RG_I(c->id), RG_T(ctx->now), RG_S(reason ? reason : ""),
                               RG_I_OR_NIL(ctx->who.staff_id)),
                         NULL);
    }
    return rc;
}
