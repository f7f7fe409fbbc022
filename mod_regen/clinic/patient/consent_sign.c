/* SPDX-License-Identifier: Apache-2.0 */
/* Signing a form: only by who may, only exactly the text that was shown, only until the treatment
 * is done. */
#include "forms.h"
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "people.h"
#include "regen/clinic/patient.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/model/patient.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

enum { SIGNER_MAX = 160, ENTITLEMENT_MAX = 255, ADULT_YEARS = 18 };

typedef struct {
    rg_forms_t forms;
    const rg_sign_in_t *in;
    rg_signer_t signer; /* as checked */
    const char *entitlement;
} sign_t;

/* A form may be signed until the treatment is done. */
static rg_outcome_t may_sign(const rg_forms_t *w, const rg_ctx_t *ctx,
                             const rg_required_form_t *form)
{
    switch (w->booking->status) {
    case RG_BOOKING_HELD:
    case RG_BOOKING_BOOKED:
    case RG_BOOKING_ARRIVED:
    case RG_BOOKING_IN_PROGRESS: return rg_form_ready(w, ctx, form);
    case RG_BOOKING_EXPIRED:
    case RG_BOOKING_CANCELLED: return RG_GONE;
    case RG_BOOKING_COMPLETED:
    case RG_BOOKING_NO_SHOW: break;
    }
    rg_problem_add(ctx->problems, NULL, "This booking is over, so there is nothing to sign.");
    return RG_PRECONDITION;
}

/* Eighteen years are over at the beginning of the birthday. */
static bool is_minor(rg_date_t born, rg_date_t today)
{
    rg_date_t grown = {born.year + ADULT_YEARS, born.month, born.day};
    return rg_date_compare(today, grown) < 0;
}

bool rg_consent_minor(const rg_ctx_t *ctx, const rg_case_t *c)
{
    const rg_patient_t *patient = c->details ? c->details->patient : NULL;
    return patient && is_minor(patient->birth_date, rg_zone_local(c->site->zone, ctx->now).date);
}

static void check_signer_name(const rg_ctx_t *ctx, const sign_t *w, const char *name)
{
    const rg_patient_t *patient = w->forms.patient;
    const char *full =
        rg_text_tidy(ctx->pool, apr_pstrcat(ctx->pool, patient->given, " ", patient->family, NULL));
    bool same = rg_fold_same(ctx->pool, name, full);
    if (*name == '\0') {
        rg_problem_add(ctx->problems, "signer_name", "Type your full name to sign.");
    }
    else if (rg_text_length(name) > SIGNER_MAX) {
        rg_problem_add(ctx->problems, "signer_name", "Use at most %d characters.", SIGNER_MAX);
    }
    else if (w->signer == RG_SIGNER_PATIENT && !same) {
        rg_problem_add(ctx->problems, "signer_name",
                       "Type your name exactly as on the booking: %s.", full);
    }
    else if (w->signer != RG_SIGNER_PATIENT && same) {
        rg_problem_add(ctx->problems, "signer_name",
                       "Type your own name, not the name of the patient you sign for.");
    }
}

/* In which role, and by what: the clinic relies on both. */
static void check_signer_role(const rg_ctx_t *ctx, sign_t *w)
{
    rg_date_t today = rg_zone_local(w->forms.site->zone, ctx->now).date;
    bool minor = is_minor(w->forms.patient->birth_date, today);
    int signer =
        w->in->signer && *w->in->signer ? rg_signer_parse(w->in->signer) : (int)RG_SIGNER_PATIENT;
    const char *by = rg_text_tidy(ctx->pool, w->in->entitlement);
    w->signer = signer < 0 ? RG_SIGNER_PATIENT : (rg_signer_t)signer;
    w->entitlement = w->signer == RG_SIGNER_PATIENT || !by ? "" : by;
    if (signer < 0 || (minor && w->signer == RG_SIGNER_PATIENT)) {
        rg_problem_add(ctx->problems, "signer",
                       minor ? "The patient is under 18, so a parent, guardian or other "
                               "representative signs. Choose who you are."
                             : "Choose who is signing.");
    }
    if (w->signer != RG_SIGNER_PATIENT && *w->entitlement == '\0') {
        rg_problem_add(ctx->problems, "entitlement",
                       "Say what entitles you to sign for the patient, for example mother, or "
                       "power of attorney and its date.");
    }
    if (rg_text_length(w->entitlement) > ENTITLEMENT_MAX) {
        rg_problem_add(ctx->problems, "entitlement", "Use at most %d characters.", ENTITLEMENT_MAX);
    }
}

static bool signature_ok(sign_t *w, const rg_ctx_t *ctx)
{
    const char *name = rg_text_tidy(ctx->pool, w->in->signer_name);
    if (!w->in->agree || strcmp(w->in->agree, "yes") != 0) {
        rg_problem_add(ctx->problems, "agree",
                       "Check the box to confirm that you have read this form and agree to it.");
    }
    check_signer_role(ctx, w);
    check_signer_name(ctx, w, name ? name : "");
    return !rg_problems_any(ctx->problems);
}

static rg_outcome_t store_signature(rg_db_t *db, const rg_ctx_t *ctx, const sign_t *w,
                                    const rg_form_version_t *f, const char *text)
{
    rg_consent_t c = {.booking_id = w->forms.booking_id,
                      .form_version_id = f->id,
                      .body_site = w->forms.booking->body_site,
                      .side = w->forms.booking->side,
                      .further = w->forms.booking->further ? w->forms.booking->further : "",
                      .text = text,
                      .signer_name = rg_text_tidy(ctx->pool, w->in->signer_name),
                      .signer = w->signer,
                      .entitlement = w->entitlement,
                      .method = rg_is_tablet(ctx) ? RG_SIGN_DESK : RG_SIGN_ONLINE,
                      .witness_id = rg_is_tablet(ctx) ? ctx->who.staff_id : 0,
                      .signed_at = ctx->now,
                      .expires_at = ctx->now + f->validity_days * RG_DAY};
    rg_crypto_sha256(c.sha256, text, strlen(text));
    rg_outcome_t rc = rg_consent_insert(db, ctx, &c, w->forms.booking->patient_id);
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "consent.sign", "consent", c.id,
                          apr_psprintf(ctx->pool,
                                       "booking:%" APR_INT64_T_FMT " form:%s version:%d by:%s %s",
                                       w->forms.booking_id, f->form_code, f->version,
                                       rg_signer_name(w->signer), rg_sign_method_name(c.method)));
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

static rg_outcome_t sign(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    sign_t *w = baton;
    rg_outcome_t rc = rg_forms_of_booking(db, ctx, &w->forms, true);
    if (rc == RG_OK && !rg_is_tablet(ctx)) {
        rc = rg_booking_must_be_owned(ctx, w->forms.booking);
    }
    rc = rc == RG_OK
             ? rg_catalogue_of_booking(&w->forms.service, &w->forms.site, db, ctx, w->forms.booking)
             : rc;
    if (rc != RG_OK) {
        return rc;
    }
    const rg_required_form_t *form = rg_form_required(&w->forms, w->in->form_code);
    rc = form ? may_sign(&w->forms, ctx, form) : RG_NOT_FOUND;
    if (rc != RG_OK) {
        return rc;
    }
    if (rg_form_signed(&w->forms, form, ctx->now)) {
        return RG_OK; /* signed in the meantime in another window */
    }
    const char *text = rg_form_text(&w->forms, ctx, &form->form);
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

rg_outcome_t rg_consent_sign(const rg_ctx_t *ctx, int64_t booking_id, const rg_sign_in_t *in)
{
    sign_t w = {.forms = {.booking_id = booking_id}, .in = in};
    if (!(rg_is_patient(ctx) || rg_is_tablet(ctx)) || !rg_people_may(ctx, booking_id)) {
        return RG_NOT_FOUND; /* nobody signs for somebody else here */
    }
    if (ctx->staff_beside > 0) {
        rg_problem_add(ctx->problems, "signer_name",
                       "You are logged in as staff in this browser, and only the patient can sign. "
                       "Log out first, or let the patient sign on their own device.");
        return RG_INVALID;
    }
    return rg_store_once(ctx, sign, &w);
}
