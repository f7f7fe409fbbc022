/* SPDX-License-Identifier: Apache-2.0 */
/* Consent: which forms a booking needs, the exact text that is shown and signed, signatures and
 * their withdrawal. What a signature is worth follows the same rule as trigger
 * step_event_needs_consent in sql/0004: the schema has the last word, this file the explanation. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "people.h"
#include "mod_regen/clinic/tell.h"
#include "regen/clinic/patient.h"
#include "regen/core/buf.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"

#include <string.h>

#include <apr_strings.h>

enum { SIGNER_MAX = 160, TEXT_MAX = 512 * 1024 };

typedef struct {
    int64_t booking_id;
    rg_booking_t *booking;
    rg_patient_t *patient; /* NULL: not yet known */
    rg_service_t *service;
    rg_site_t *site;
    int form_count;
    rg_required_form_t *forms;
    int signed_count;
    rg_consent_t *consents; /* newest first */
    const rg_sign_in_t *in;
    const char *uid, *reason; /* withdrawal */
} work_t;

static rg_outcome_t read_forms(rg_db_t *db, rg_ctx_t *ctx, work_t *w)
{
    rg_outcome_t rc = rg_forms_required(db, ctx, &w->forms, &w->form_count, w->booking->service_id);
    return rc == RG_OK ? rg_consents_read(db, ctx, &w->consents, &w->signed_count, w->booking_id)
                       : rc;
}

static rg_outcome_t read_booking(rg_db_t *db, rg_ctx_t *ctx, work_t *w, bool lock)
{
    rg_outcome_t rc = rg_booking_row(db, ctx, &w->booking, w->booking_id, lock);
    if (rc == RG_OK && w->booking->patient_id > 0) {
        rc = rg_patient_read(db, ctx, &w->patient, w->booking->patient_id);
    }
    return rc == RG_OK ? read_forms(db, ctx, w) : rc;
}

static rg_outcome_t read_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    return read_booking(db, ctx, baton, false);
}

/* --- what a signature is worth ---------------------------------------------------------------- */

static bool same_place(const rg_consent_t *c, const rg_required_form_t *r, const rg_booking_t *b)
{
    return !r->form.names_side || (c->side == b->side && strcmp(c->body_site, b->body_site) == 0);
}

/* The rule of the trigger. */
static bool counts(const rg_consent_t *c, const rg_required_form_t *r, const rg_booking_t *b,
                   apr_time_t now)
{
    return strcmp(c->form_code, r->form.form_code) == 0 && c->version >= r->least_version &&
           c->patient_id == b->patient_id && same_place(c, r, b) && c->expires_at > now &&
           c->withdrawn_at == 0;
}

static const char *place_words(apr_pool_t *p, const char *body_site, rg_side_t side)
{
    char *words = apr_pstrdup(p, body_site);
    for (char *c = words; *c; c++) {
        if (*c == '-') {
            *c = ' ';
        }
    }
    return side == RG_SIDE_NONE ? words : apr_pstrcat(p, rg_side_name(side), " ", words, NULL);
}

/* Why the newest signature of this form does not count; NULL without any. */
static const char *why_not(const work_t *w, apr_pool_t *p, const rg_required_form_t *r)
{
    for (int i = 0; i < w->signed_count; i++) {
        const rg_consent_t *c = &w->consents[i];
        if (strcmp(c->form_code, r->form.form_code) != 0) {
            continue;
        }
        if (c->patient_id != w->booking->patient_id) {
            return "It was signed with another name or date of birth, so it has to be signed again";
        }
        if (c->withdrawn_at != 0) {
            return "The consent was withdrawn";
        }
        if (!same_place(c, r, w->booking)) {
            return apr_psprintf(p, "It was signed for the %s, and this booking is for the %s",
                                place_words(p, c->body_site, c->side),
                                place_words(p, w->booking->body_site, w->booking->side));
        }
        return c->version < r->least_version ? "The text has changed since it was signed"
                                             : "The signature is too old";
    }
    return NULL;
}

static const rg_consent_t *counting(const work_t *w, const rg_required_form_t *r, apr_time_t now)
{
    for (int i = 0; i < w->signed_count; i++) {
        if (counts(&w->consents[i], r, w->booking, now)) {
            return &w->consents[i];
        }
    }
    return NULL;
}

static rg_consents_t *states(const work_t *w, const rg_ctx_t *ctx)
{
    rg_consents_t *all = apr_pcalloc(ctx->pool, sizeof(*all));
    all->count = w->form_count;
    all->forms = apr_pcalloc(ctx->pool, sizeof(*all->forms) * (size_t)(w->form_count + 1));
    all->complete = true;
    for (int i = 0; i < w->form_count; i++) {
        rg_consent_state_t *s = &all->forms[i];
        s->form = w->forms[i].form;
        s->consent = counting(w, &w->forms[i], ctx->now);
        if (!s->consent) {
            s->why = why_not(w, ctx->pool, &w->forms[i]);
            s->again = s->why != NULL;
            s->why = s->why ? s->why : "Not signed yet";
            all->complete = false;
        }
    }
    return all;
}

rg_outcome_t rg_consents_in(rg_consents_t **out, rg_db_t *db, rg_ctx_t *ctx, rg_booking_t *b,
                            rg_patient_t *patient)
{
    work_t w = {.booking_id = b->id, .booking = b, .patient = patient};
    rg_outcome_t rc = read_forms(db, ctx, &w);
    *out = rc == RG_OK ? states(&w, ctx) : NULL;
    return rc;
}

rg_outcome_t rg_consents_get(rg_consents_t **out, rg_ctx_t *ctx, int64_t booking_id)
{
    work_t w = {.booking_id = booking_id};
    if (!rg_people_may(ctx, booking_id)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, read_work, &w);
    *out = rc == RG_OK ? states(&w, ctx) : NULL;
    return rc;
}

/* --- the text --------------------------------------------------------------------------------- */

static const rg_required_form_t *form_named(const work_t *w, const char *code)
{
    for (int i = 0; code && i < w->form_count; i++) {
        if (strcmp(w->forms[i].form.form_code, code) == 0) {
            return &w->forms[i];
        }
    }
    return NULL;
}

/* "10 December 1985": without the weekday, which nobody knows of a birth. */
static const char *birth_words(apr_pool_t *p, rg_date_t d)
{
    const char *words = rg_date_long(p, d);
    const char *blank = strchr(words, ' ');
    return blank ? blank + 1 : words;
}

/* The facts stand in front of the published text, so that what is signed says of itself whom and
 * what it is about. No date: signing has its own, and the text must not change at midnight. */
static const char *whole_text(const work_t *w, rg_ctx_t *ctx, const rg_form_version_t *f)
{
    apr_pool_t *p = ctx->pool;
    rg_buf_t *b = rg_buf_make(p, TEXT_MAX);
    rg_buf_puts(b, "## This form is about\n");
    rg_buf_printf(b, "Patient: %s%s%s\n", w->patient->given, *w->patient->given ? " " : "",
                  w->patient->family);
    rg_buf_printf(b, "Born: %s\n", birth_words(p, w->patient->birth_date));
    rg_buf_printf(b, "Treatment: %s\n", w->booking->service_name);
    if (f->names_side && *w->booking->body_site) {
        rg_buf_printf(b, "Where: %s\n", place_words(p, w->booking->body_site, w->booking->side));
    }
    rg_buf_printf(b, "Clinic: %s\n", w->site->name);
    rg_buf_printf(b, "Form: %s, version %d\n", f->title, f->version);
    if (*w->site->notice) {
        rg_buf_printf(b, "\n## Notice\n%s\n", w->site->notice);
    }
    rg_buf_printf(b, "\n%s", f->body);
    return b->overflow ? NULL : b->data;
}

/* A form can only be shown when it is known who signs it, and for which joint. */
static rg_outcome_t ready(const work_t *w, rg_ctx_t *ctx, const rg_required_form_t *form)
{
    bool placed =
        !form->form.names_side || !w->service->needs_body_site || *w->booking->body_site != '\0';
    if (w->booking->status == RG_BOOKING_EXPIRED || w->booking->status == RG_BOOKING_CANCELLED ||
        rg_booking_expired(w->booking, ctx->now)) {
        return RG_GONE;
    }
    if (!w->patient || !placed) {
        rg_tell(ctx->problems, ctx->who.roles, NULL,
                "First tell us who you are and where you want to be treated.",
                "First enter who the patient is and which part of the body is treated.");
        return RG_PRECONDITION;
    }
    return RG_OK;
}

static rg_outcome_t text_of(const char **text, unsigned char sha256[32], rg_ctx_t *ctx,
                            const work_t *w, const rg_required_form_t *form)
{
    rg_outcome_t rc = form ? ready(w, ctx, form) : RG_NOT_FOUND;
    if (rc != RG_OK) {
        return rc;
    }
    *text = whole_text(w, ctx, &form->form);
    if (!*text) {
        return RG_TOO_LARGE;
    }
    rg_crypto_sha256(sha256, *text, strlen(*text));
    return RG_OK;
}

rg_outcome_t rg_consent_text(const char **text, unsigned char sha256[32], rg_ctx_t *ctx,
                             const rg_case_t *c, const rg_consent_state_t *s)
{
    const work_t w = {.booking_id = c->booking->id,
                      .booking = c->booking,
                      .patient = c->details->patient,
                      .service = c->service,
                      .site = c->site};
    const rg_required_form_t form = {.form = s->form};
    return text_of(text, sha256, ctx, &w, &form);
}

/* --- signing ---------------------------------------------------------------------------------- */

/* A form may be signed until the treatment is done. */
static rg_outcome_t may_sign(const work_t *w, rg_ctx_t *ctx, const rg_required_form_t *form)
{
    switch (w->booking->status) {
    case RG_BOOKING_HELD:
    case RG_BOOKING_BOOKED:
    case RG_BOOKING_ARRIVED:
    case RG_BOOKING_IN_PROGRESS: return ready(w, ctx, form);
    case RG_BOOKING_EXPIRED:
    case RG_BOOKING_CANCELLED: return RG_GONE;
    case RG_BOOKING_COMPLETED:
    case RG_BOOKING_NO_SHOW: break;
    }
    rg_problem_add(ctx->problems, NULL, "This booking is over, so there is nothing to sign");
    return RG_PRECONDITION;
}

static bool signature_ok(const work_t *w, rg_ctx_t *ctx)
{
    const char *name = rg_text_tidy(ctx->pool, w->in->signer_name);
    const char *full = rg_text_tidy(
        ctx->pool, apr_pstrcat(ctx->pool, w->patient->given, " ", w->patient->family, NULL));
    bool ok = true;
    if (!w->in->agree || strcmp(w->in->agree, "yes") != 0) {
        rg_problem_add(ctx->problems, "agree",
                       "Tick the box to say that you have read this form and agree to it");
        ok = false;
    }
    if (!name || !*name) {
        rg_problem_add(ctx->problems, "signer_name", "Type your full name to sign");
        ok = false;
    }
    else if (rg_text_length(name) > SIGNER_MAX || !rg_fold_same(ctx->pool, name, full)) {
        rg_problem_add(ctx->problems, "signer_name", "Type your name as you gave it: %s", full);
        ok = false;
    }
    return ok;
}

static rg_outcome_t store_signature(rg_db_t *db, rg_ctx_t *ctx, const work_t *w,
                                    const rg_form_version_t *f, const char *text)
{
    rg_consent_t c = {.booking_id = w->booking_id,
                      .form_version_id = f->id,
                      .body_site = w->booking->body_site,
                      .side = w->booking->side,
                      .text = text,
                      .signer_name = rg_text_tidy(ctx->pool, w->in->signer_name),
                      .signer_role = "patient",
                      .signed_at = ctx->now,
                      .expires_at =
                          ctx->now + apr_time_from_sec((apr_time_t)f->validity_days * 86400)};
    rg_crypto_sha256(c.sha256, text, strlen(text));
    rg_outcome_t rc = rg_consent_insert(db, ctx, &c, w->booking->patient_id);
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "consent.sign", "consent", c.id,
                          apr_psprintf(ctx->pool, "booking:%" APR_INT64_T_FMT " form:%s version:%d",
                                       w->booking_id, f->form_code, f->version));
    }
    return rc;
}

/* True when the page the signer saw had exactly this text. */
static bool text_is(const char *text, const char *hex, apr_pool_t *p)
{
    unsigned char hash[32];
    rg_crypto_sha256(hash, text, strlen(text));
    return hex && strcmp(rg_text_hex(p, hash, sizeof(hash)), hex) == 0;
}

static rg_outcome_t sign(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    work_t *w = baton;
    rg_outcome_t rc = read_booking(db, ctx, w, true);
    rc = rc == RG_OK ? rg_booking_must_be_owned(ctx, w->booking) : rc;
    rc = rc == RG_OK ? rg_catalogue_by_id_in(&w->service, &w->site, db, ctx, w->booking->service_id)
                     : rc;
    if (rc != RG_OK) {
        return rc;
    }
    const rg_required_form_t *form = form_named(w, w->in->form_code);
    rc = form ? may_sign(w, ctx, form) : RG_NOT_FOUND;
    if (rc != RG_OK) {
        return rc;
    }
    if (counting(w, form, ctx->now)) {
        return RG_OK; /* signed meanwhile in another window */
    }
    const char *text = whole_text(w, ctx, &form->form);
    if (!text) {
        return RG_TOO_LARGE;
    }
    if (!text_is(text, w->in->text_sha256, ctx->pool)) {
        rg_problem_add(ctx->problems, NULL,
                       "The form has changed since you opened it. Please read it again.");
        return RG_CONFLICT;
    }
    return signature_ok(w, ctx) ? store_signature(db, ctx, w, &form->form, text) : RG_INVALID;
}

rg_outcome_t rg_consent_sign(rg_ctx_t *ctx, int64_t booking_id, const rg_sign_in_t *in)
{
    work_t w = {.booking_id = booking_id, .in = in};
    if (!rg_is_patient(ctx) || !rg_people_may(ctx, booking_id)) {
        return RG_NOT_FOUND; /* nobody signs for somebody else here */
    }
    if (ctx->staff_beside > 0) {
        rg_problem_add(ctx->problems, "signer_name",
                       "You are logged in as staff in this browser, and nobody signs for somebody "
                       "else. Log out first, or let the patient sign on their own device.");
        return RG_INVALID;
    }
    return rg_store_transact(ctx, sign, &w);
}

/* --- a copy ----------------------------------------------------------------------------------- */

typedef struct {
    const char *uid;
    rg_consent_t *consent;
} copy_t;

static rg_outcome_t read_copy(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    copy_t *c = baton;
    return rg_consent_read(db, ctx, &c->consent, c->uid);
}

rg_outcome_t rg_consent_get(rg_consent_t **out, rg_ctx_t *ctx, const char *consent_uid)
{
    copy_t c = {.uid = consent_uid};
    if (!consent_uid || !rg_uid_valid(consent_uid)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, read_copy, &c);
    if (rc == RG_OK && !rg_people_may(ctx, c.consent->booking_id)) {
        return RG_NOT_FOUND;
    }
    *out = c.consent;
    return rc;
}

/* --- withdrawing ------------------------------------------------------------------------------ */

static rg_outcome_t withdraw(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    work_t *w = baton;
    rg_consent_t *c;
    rg_outcome_t rc = rg_consent_read(db, ctx, &c, w->uid);
    if (rc == RG_OK && !rg_people_may(ctx, c->booking_id)) {
        return RG_NOT_FOUND;
    }
    if (rc == RG_OK) {
        rc = rg_consent_withdrawal_insert(db, ctx, c, w->reason);
    }
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "consent.withdraw", "consent", c->id,
                          apr_psprintf(ctx->pool, "booking:%" APR_INT64_T_FMT, c->booking_id));
    }
    return rc;
}

rg_outcome_t rg_consent_withdraw(rg_ctx_t *ctx, const char *consent_uid, const char *reason)
{
    const char *why = rg_text_tidy(ctx->pool, reason);
    work_t w = {.uid = consent_uid, .reason = why ? why : ""};
    if (!consent_uid || !rg_uid_valid(consent_uid)) {
        return RG_NOT_FOUND;
    }
    if (rg_text_length(w.reason) > 255) {
        rg_problem_add(ctx->problems, "reason", "Use at most 255 characters for the reason");
        return RG_INVALID;
    }
    return rg_store_transact(ctx, withdraw, &w);
}
