/* SPDX-License-Identifier: Apache-2.0 */
/* Consent: the list of forms, one form to read and sign, a copy of what was signed, withdrawing
 * it. */
#include "patient.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/patient.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"

#include <string.h>

/* As people look for them. */
static const rg_signer_t order[] = {RG_SIGNER_PATIENT, RG_SIGNER_PARENT, RG_SIGNER_GUARDIAN,
                                    RG_SIGNER_PROXY, RG_SIGNER_OTHER};
RG_WORDS_ALL(order, RG_SIGNER_COUNT);

static const rg_consent_state_t *form_state(const rg_consents_t *all, const char *code)
{
    for (int i = 0; i < all->count; i++) {
        if (strcmp(all->forms[i].form.form_code, code) == 0) {
            return &all->forms[i];
        }
    }
    return NULL;
}

/* Booking and forms; the forms of an expired hold are not available. */
static rg_outcome_t load(regen_visit_t *v, rg_consents_t **all, regen_req_t *q)
{
    rg_outcome_t rc = regen_visit_load(v, q, RG_CASE_PEOPLE | RG_CASE_FORMS | RG_CASE_BRIEF);
    if (rc == RG_OK &&
        (v->booking->status == RG_BOOKING_EXPIRED || v->booking->status == RG_BOOKING_CANCELLED)) {
        rc = RG_GONE;
    }
    *all = v->consents;
    return rc;
}

static int h_consents(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_consents_t *all;
    rg_outcome_t rc = load(&v, &all, q);
    if (rc != RG_OK) {
        return regen_visit_fail(q, &v, rc);
    }
    if (v.booking->patient_id == 0) {
        return regen_to_booking(q, "/details");
    }
    rg_val_t *view = regen_visit_view(q, &v, "Consent", v.service->name);
    rg_view_consents(view, q->ctx->pool, all->forms, all->count, v.site->zone);
    return regen_page(q, RG_OK, "patient/consents.html", view);
}

/* What was signed, with its signature. */
static int copy_page(regen_req_t *q, const regen_visit_t *v, const rg_consent_state_t *s)
{
    apr_pool_t *p = q->ctx->pool;
    rg_consent_t *c;
    rg_outcome_t rc = rg_consent_get(&c, q->ctx, s->consent->uid);
    if (rc != RG_OK) {
        return regen_visit_fail(q, v, rc);
    }
    rg_val_t *view = regen_visit_view(q, v, c->title, "Signed");
    rg_val_str(view, "code", s->form.form_code);
    rg_val_set(view, "sections", rg_view_sections(p, c->text));
    rg_val_str(view, "signer", c->signer_name);
    if (c->signer != RG_SIGNER_PATIENT) {
        rg_val_str(view, "signer_role", rg_view_signer(c->signer));
        rg_val_str(view, "entitlement", c->entitlement);
    }
    rg_val_str(view, "witness", *c->witness ? c->witness : NULL);
    rg_val_str(view, "sha256", rg_text_hex(p, c->sha256, sizeof(c->sha256)));
    rg_view_time(view, "signed", p, v->site->zone, c->signed_at);
    rg_view_time(view, "expires", p, v->site->zone, c->expires_at);
    return regen_page(q, RG_OK, "patient/consent_signed.html", view);
}

void regen_sign_put(rg_val_t *view, regen_req_t *q, bool minor)
{
    const char *signer = regen_field(q, "signer");
    bool other = *signer != '\0' && rg_signer_parse(signer) != RG_SIGNER_PATIENT;
    for (int i = minor ? 1 : 0; i < RG_SIGNER_COUNT; i++) {
        rg_signer_t one = order[i];
        rg_view_choice(view, "signers", q->ctx->pool, "signer", rg_signer_name(one),
                       rg_view_signer(one), *signer != '\0' || minor ? signer : "patient");
    }
    rg_val_bool(view, "minor", minor);
    rg_val_bool(view, "represented", other || minor || rg_problem_for(q->ctx->problems, "signer"));
    rg_val_str(view, "entitlement", regen_field(q, "entitlement"));
    rg_val_str(view, "signer_name", regen_field(q, "signer_name"));
    rg_val_bool(view, "agreed", strcmp(regen_field(q, "agree"), "yes") == 0);
}

rg_sign_in_t regen_sign_decode(const regen_req_t *q)
{
    return (rg_sign_in_t){.form_code = q->args[0],
                          .signer_name = regen_field(q, "signer_name"),
                          .agree = regen_field(q, "agree"),
                          .text_sha256 = regen_field(q, "text_sha256"),
                          .signer = regen_field(q, "signer"),
                          .entitlement = regen_field(q, "entitlement")};
}

static int sign_page(regen_req_t *q, const regen_visit_t *v, const rg_consent_state_t *s,
                     rg_outcome_t outcome)
{
    apr_pool_t *p = q->ctx->pool;
    unsigned char sha256[32];
    const char *text;
    rg_outcome_t rc = rg_consent_text(&text, sha256, q->ctx, v, s);
    if (rc != RG_OK) {
        return regen_visit_fail(q, v, rc);
    }
    rg_val_t *view = regen_visit_view(q, v, s->form.title, "Consent");
    rg_val_str(view, "code", s->form.form_code);
    rg_val_set(view, "sections", rg_view_sections(p, text));
    rg_val_str(view, "sha256", rg_text_hex(p, sha256, sizeof(sha256)));
    regen_sign_put(view, q, rg_consent_minor(q->ctx, v));
    return regen_page(q, outcome, "patient/consent.html", view);
}

static int h_consent_page(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_consents_t *all;
    rg_outcome_t rc = load(&v, &all, q);
    const rg_consent_state_t *s = rc == RG_OK ? form_state(all, q->args[0]) : NULL;
    if (rc != RG_OK || !s) {
        return regen_visit_fail(q, &v, rc == RG_OK ? RG_NOT_FOUND : rc);
    }
    if (v.booking->patient_id == 0) {
        return regen_to_booking(q, "/details");
    }
    return s->consent ? copy_page(q, &v, s) : sign_page(q, &v, s, RG_OK);
}

static int h_consent(regen_req_t *q)
{
    regen_visit_t v = {0};
    rg_consents_t *all;
    rg_sign_in_t in = regen_sign_decode(q);
    rg_outcome_t rc = rg_consent_sign(q->ctx, q->ctx->who.booking_id, &in);
    if (rc == RG_OK) {
        return regen_to_booking(q, "/consent");
    }
    /* What the page needs to show again. */
    rg_outcome_t read = load(&v, &all, q);
    const rg_consent_state_t *s = read == RG_OK ? form_state(all, q->args[0]) : NULL;
    if (s && (rc == RG_INVALID || rc == RG_CONFLICT)) {
        return sign_page(q, &v, s, rc);
    }
    return regen_visit_fail(q, &v, rc);
}

/* --- withdrawing ------------------------------------------------------------------------------ */

/* The form's consent that counts, or RG_NOT_FOUND. */
static rg_outcome_t load_signed(regen_visit_t *v, const rg_consent_state_t **s, regen_req_t *q)
{
    rg_consents_t *all;
    rg_outcome_t rc = load(v, &all, q);
    *s = rc == RG_OK ? form_state(all, q->args[0]) : NULL;
    return rc == RG_OK && (!*s || !(*s)->consent) ? RG_NOT_FOUND : rc;
}

static int h_withdraw_page(regen_req_t *q)
{
    regen_visit_t v = {0};
    const rg_consent_state_t *s;
    rg_outcome_t rc = load_signed(&v, &s, q);
    if (rc != RG_OK) {
        return regen_visit_fail(q, &v, rc);
    }
    rg_val_t *view = regen_visit_view(q, &v, "Withdraw your consent", s->form.title);
    rg_val_str(view, "code", s->form.form_code);
    rg_val_str(view, "form_title", s->form.title);
    rg_val_bool(view, "asks_visit", v.booking->status == RG_BOOKING_BOOKED);
    return regen_page(q, RG_OK, "patient/consent_withdraw.html", view);
}

static int h_withdraw(regen_req_t *q)
{
    regen_visit_t v = {0};
    const rg_consent_state_t *s;
    rg_outcome_t rc = load_signed(&v, &s, q);
    if (rc == RG_OK) {
        rc = rg_consent_withdraw(q->ctx, &(rg_withdraw_in_t){.consent_uid = s->consent->uid});
    }
    if (rc != RG_OK) {
        return regen_visit_fail(q, &v, rc);
    }
    /* The time is freed only by canceling, which says what that means and asks once more. */
    return regen_to_booking(q, strcmp(regen_field(q, "visit"), "cancel") == 0 ? "/cancel"
                                                                              : "/consent");
}

const regen_route_t regen_routes_patient_consent[] = {
    {"GET", "/booking/consent", RG_ROLE_PATIENT, 0, 0, BOOKING, h_consents},
    {"GET", "/booking/consent/*", RG_ROLE_PATIENT, 0, 0, BOOKING, h_consent_page},
    {"POST", "/booking/consent/*", RG_ROLE_PATIENT, 16 * KIB, REGEN_FORM, BOOKING, h_consent},
    {"GET", "/booking/consent/*/withdraw", RG_ROLE_PATIENT, 0, 0, BOOKING, h_withdraw_page},
    {"POST", "/booking/consent/*/withdraw", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING,
     h_withdraw},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
