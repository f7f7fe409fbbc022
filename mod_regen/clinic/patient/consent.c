/* SPDX-License-Identifier: Apache-2.0 */
/* Consent: which forms a booking needs, and the exact text that is shown and signed. Whether a
 * signature is valid follows the same rule as view consent_in_force and trigger
 * step_event_needs_consent in sql/: the schema enforces it, this file explains it. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "forms.h"
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

enum { TEXT_MAX = 512 * 1024 };

static rg_outcome_t read_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_forms_of_booking(db, ctx, baton, false);
}

rg_outcome_t rg_forms_read(rg_db_t *db, const rg_ctx_t *ctx, rg_forms_t *w)
{
    rg_outcome_t rc = rg_forms_required(db, ctx, &w->forms, &w->form_count, w->booking->service_id);
    return rc == RG_OK ? rg_consents_read(db, ctx, &w->consents, &w->signed_count, w->booking_id)
                       : rc;
}

rg_outcome_t rg_forms_of_booking(rg_db_t *db, const rg_ctx_t *ctx, rg_forms_t *w, bool lock)
{
    rg_outcome_t rc =
        lock ? rg_booking_with_patient_locked(db, ctx, &w->booking, &w->patient, w->booking_id)
             : rg_booking_with_patient(db, ctx, &w->booking, &w->patient, w->booking_id, NULL);
    return rc == RG_OK ? rg_forms_read(db, ctx, w) : rc;
}

/* --- what a signature is worth ---------------------------------------------------------------- */

static bool is_for_place(const rg_consent_t *c, const rg_required_form_t *r, const rg_booking_t *b)
{
    return !r->form.names_side || (c->side == b->side && strcmp(c->body_site, b->body_site) == 0 &&
                                   strcmp(c->further, b->further ? b->further : "") == 0);
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

/* Each by itself, so that nobody reads over one: "left knee and right knee". */
static const char *places_words(apr_pool_t *p, const char *body_site, rg_side_t side,
                                const char *further)
{
    const rg_targets_t t = rg_targets_of(p, body_site, side, further);
    const char *words = place_words(p, body_site, side);
    for (int i = 1; i < t.count; i++) {
        words = apr_pstrcat(p, words, i + 1 < t.count ? ", " : " and ",
                            place_words(p, t.at[i].body_site, t.at[i].side), NULL);
    }
    return words;
}

static const rg_required_form_t *form_of(const rg_forms_t *w, const rg_consent_t *c)
{
    return rg_form_required(w, c->form_code);
}

bool rg_consent_awaits(const rg_consent_t *c)
{
    return c->needs_clinician && c->explained_at == 0;
}

/* What the patient has done, by the rule of view consent_given; rg_consent_awaits is the rest of
 * consent_in_force. */
static bool consent_counts(const rg_forms_t *w, const rg_consent_t *c, const rg_required_form_t *r,
                           apr_time_t now)
{
    return form_of(w, c) == r && c->version >= r->least_version &&
           c->patient_id == w->booking->patient_id && is_for_place(c, r, w->booking) &&
           c->expires_at > now && c->withdrawn_at == 0;
}

const char *rg_consent_why_not(const rg_forms_t *w, apr_pool_t *p, const rg_consent_t *c,
                               apr_time_t now)
{
    const rg_required_form_t *r = form_of(w, c);
    if (r && consent_counts(w, c, r, now)) {
        return rg_consent_awaits(c) ? "A clinician has not confirmed yet to have explained it"
                                    : NULL;
    }
    if (c->patient_id != w->booking->patient_id) {
        return "It was signed with a different name or date of birth, so please sign it again";
    }
    if (c->withdrawn_at != 0) {
        return "The consent was withdrawn";
    }
    if (!r) {
        return "This treatment no longer requires this form";
    }
    if (!is_for_place(c, r, w->booking)) {
        return apr_psprintf(
            p, "It was signed for the %s, and this booking is for the %s",
            places_words(p, c->body_site, c->side, c->further),
            places_words(p, w->booking->body_site, w->booking->side, w->booking->further));
    }
    return c->version < r->least_version ? "The form has changed since it was signed"
                                         : "The signature has expired";
}

/* Why the newest signature of this form is not valid; NULL without any. */
static const char *why_unsigned(const rg_forms_t *w, const rg_ctx_t *ctx,
                                const rg_required_form_t *r)
{
    for (int i = 0; i < w->signed_count; i++) {
        if (form_of(w, &w->consents[i]) == r) {
            return rg_consent_why_not(w, ctx->pool, &w->consents[i], ctx->now);
        }
    }
    return NULL;
}

const rg_consent_t *rg_form_signed(const rg_forms_t *w, const rg_required_form_t *r, apr_time_t now)
{
    for (int i = 0; i < w->signed_count; i++) {
        if (consent_counts(w, &w->consents[i], r, now)) {
            return &w->consents[i];
        }
    }
    return NULL;
}

/* The newest withdrawn signature of this form, by the patient of the booking; NULL: none. */
static const rg_consent_t *form_withdrawn(const rg_forms_t *w, const rg_required_form_t *r)
{
    for (int i = 0; i < w->signed_count; i++) {
        const rg_consent_t *c = &w->consents[i];
        if (form_of(w, c) == r && c->withdrawn_at != 0 && c->patient_id == w->booking->patient_id) {
            return c;
        }
    }
    return NULL;
}

static void put_all_signed(rg_consents_t *all, const rg_forms_t *w, const rg_ctx_t *ctx)
{
    all->kept_count = w->signed_count;
    all->kept = apr_pcalloc(ctx->pool, sizeof(*all->kept) * (size_t)(w->signed_count + 1));
    for (int i = 0; i < w->signed_count; i++) {
        all->kept[i].consent = &w->consents[i];
        all->kept[i].why = rg_consent_why_not(w, ctx->pool, &w->consents[i], ctx->now);
    }
}

static rg_consents_t *states(const rg_forms_t *w, const rg_ctx_t *ctx)
{
    rg_consents_t *all = apr_pcalloc(ctx->pool, sizeof(*all));
    all->count = w->form_count;
    all->forms = apr_pcalloc(ctx->pool, sizeof(*all->forms) * (size_t)(w->form_count + 1));
    all->complete = true;
    for (int i = 0; i < w->form_count; i++) {
        rg_consent_state_t *s = &all->forms[i];
        s->form = w->forms[i].form;
        s->consent = rg_form_signed(w, &w->forms[i], ctx->now);
        s->awaits = s->consent && rg_consent_awaits(s->consent);
        if (!s->consent) {
            s->why = why_unsigned(w, ctx, &w->forms[i]);
            s->again = s->why != NULL;
            s->why = s->why ? s->why : "Not signed yet";
            s->withdrawn = form_withdrawn(w, &w->forms[i]);
            all->complete = false;
        }
    }
    put_all_signed(all, w, ctx);
    return all;
}

rg_outcome_t rg_consents_in(rg_consents_t **out, rg_db_t *db, const rg_ctx_t *ctx, rg_booking_t *b,
                            rg_patient_t *patient)
{
    rg_forms_t w = {.booking_id = b->id, .booking = b, .patient = patient};
    rg_outcome_t rc = rg_forms_read(db, ctx, &w);
    *out = rc == RG_OK ? states(&w, ctx) : NULL;
    return rc;
}

rg_outcome_t rg_consents_get(rg_consents_t **out, const rg_ctx_t *ctx, int64_t booking_id)
{
    rg_forms_t w = {.booking_id = booking_id};
    if (!rg_people_may(ctx, booking_id)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, read_work, &w);
    *out = rc == RG_OK ? states(&w, ctx) : NULL;
    return rc;
}

/* --- the text --------------------------------------------------------------------------------- */

const rg_required_form_t *rg_form_required(const rg_forms_t *w, const char *code)
{
    for (int i = 0; code && i < w->form_count; i++) {
        if (strcmp(w->forms[i].form.form_code, code) == 0) {
            return &w->forms[i];
        }
    }
    return NULL;
}

/* "10 December 1985": without the weekday, which is not useful for a date of birth. */
static const char *birth_words(apr_pool_t *p, rg_date_t d)
{
    const char *words = rg_date_long(p, d);
    const char *blank = strchr(words, ' ');
    return blank ? blank + 1 : words;
}

/* The facts come before the published text, so that the signed text itself says whom and what it is
 * about. No date: the signature has its own, and the text must not change at midnight. */
const char *rg_form_text(const rg_forms_t *w, const rg_ctx_t *ctx, const rg_form_version_t *f)
{
    apr_pool_t *p = ctx->pool;
    rg_buf_t *b = rg_buf_make(p, TEXT_MAX);
    rg_buf_puts(b, "## This form is about\n");
    rg_buf_printf(b, "Patient: %s%s%s\n", w->patient->given, *w->patient->given ? " " : "",
                  w->patient->family);
    rg_buf_printf(b, "Born: %s\n", birth_words(p, w->patient->birth_date));
    rg_buf_printf(b, "Treatment: %s\n", w->booking->service_name);
    if (f->names_side && *w->booking->body_site) {
        rg_buf_printf(
            b, "Where: %s\n",
            places_words(p, w->booking->body_site, w->booking->side, w->booking->further));
    }
    rg_buf_printf(b, "Clinic: %s\n", w->site->name);
    rg_buf_printf(b, "Form: %s, version %d\n", f->title, f->version);
    if (*w->site->notice) {
        rg_buf_printf(b, "\n## Notice\n%s\n", w->site->notice);
    }
    rg_buf_printf(b, "\n%s", f->body);
    return b->overflow ? NULL : b->data;
}

/* A form can be shown only when the patient and the joint are known. */
rg_outcome_t rg_form_ready(const rg_forms_t *w, const rg_ctx_t *ctx, const rg_required_form_t *form)
{
    bool placed =
        !form->form.names_side || !w->service->needs_body_site || *w->booking->body_site != '\0';
    if (w->booking->status == RG_BOOKING_EXPIRED || w->booking->status == RG_BOOKING_CANCELLED ||
        rg_booking_expired(w->booking, ctx->now)) {
        return RG_GONE;
    }
    if (!w->patient || !placed) {
        rg_tell(ctx->problems, ctx->who.roles, NULL,
                "First tell us who you are and which part of the body is treated.",
                "First enter who the patient is and which part of the body is treated.");
        return RG_PRECONDITION;
    }
    return RG_OK;
}

static rg_outcome_t text_of(const char **text, unsigned char sha256[32], const rg_ctx_t *ctx,
                            const rg_forms_t *w, const rg_required_form_t *form)
{
    rg_outcome_t rc = form ? rg_form_ready(w, ctx, form) : RG_NOT_FOUND;
    if (rc != RG_OK) {
        return rc;
    }
    *text = rg_form_text(w, ctx, &form->form);
    if (!*text) {
        return RG_TOO_LARGE;
    }
    rg_crypto_sha256(sha256, *text, strlen(*text));
    return RG_OK;
}

rg_outcome_t rg_consent_text(const char **text, unsigned char sha256[32], const rg_ctx_t *ctx,
                             const rg_case_t *c, const rg_consent_state_t *s)
{
    const rg_forms_t w = {.booking_id = c->booking->id,
                          .booking = c->booking,
                          .patient = c->details->patient,
                          .service = c->service,
                          .site = c->site};
    const rg_required_form_t form = {.form = s->form};
    return text_of(text, sha256, ctx, &w, &form);
}
