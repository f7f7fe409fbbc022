/* SPDX-License-Identifier: Apache-2.0 */
/* Signing at the desk. A member of the staff hands over the browser, which then opens the pages
 * below /tablet and nothing else; "Give the tablet back" ends even that. */
#include "mod_regen/web/patient/patient.h"
#include "mod_regen/web/platform/platform.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/identity.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"

#include <string.h>

/* --- handing it over -------------------------------------------------------------------------- */

static int lend_page(regen_req_t *q, rg_outcome_t outcome)
{
    rg_booking_t *b = NULL;
    rg_outcome_t rc = rg_booking_get_by_uid(&b, q->ctx, q->args[0]);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(q->ctx->pool, "Sign at the desk", NULL);
    rg_val_t *typed = rg_val_object(q->ctx->pool);
    rg_val_bool(view, "wide", true);
    rg_val_bool(view, "staff_area", true);
    rg_val_str(view, "uid", b->uid);
    rg_val_str(view, "patient", rg_view_name(q->ctx->pool, b->patient_given, b->patient_family));
    rg_val_str(typed, "birth_date", regen_field(q, "birth_date"));
    rg_val_set(view, "typed", typed);
    regen_birth_said_put(view, q);
    return regen_page(q, outcome, "consent/lend.html", view);
}

static int h_lend_page(regen_req_t *q)
{
    return lend_page(q, RG_OK);
}

static int h_lend(regen_req_t *q)
{
    rg_outcome_t rc =
        rg_tablet_lend(q->ctx, q->own->staff.session, q->args[0], regen_field(q, "birth_date"));

    if (rc == RG_OK) {
        return regen_redirect(q, "/tablet");
    }
    return rc == RG_INVALID || rc == RG_PRECONDITION || rc == RG_CONFLICT ? lend_page(q, rc)
                                                                          : regen_fail(q, rc);
}

/* --- in the patient's hand -------------------------------------------------------------------- */

static rg_outcome_t load_tablet(rg_case_t *c, regen_req_t *q)
{
    return rg_case_get(c, q->ctx, q->ctx->who.booking_id, RG_CASE_PEOPLE | RG_CASE_FORMS);
}

static rg_val_t *tablet_view(regen_req_t *q, const rg_case_t *c, const char *title)
{
    rg_val_t *view = rg_view_page(q->ctx->pool, title, c->site);

    rg_val_bool(view, "tablet", true);
    rg_val_set(view, "booking", rg_view_booking(q->ctx->pool, c->booking, c->site->zone));
    return view;
}

static int h_tablet(regen_req_t *q)
{
    rg_case_t c;

    if ((q->ctx->who.roles & RG_ROLE_TABLET) == 0) {
        return regen_redirect(q, "/staff"); /* logged in again meanwhile */
    }
    rg_outcome_t rc = load_tablet(&c, q);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = tablet_view(q, &c, "Forms to sign");
    rg_view_consents(view, q->ctx->pool, c.consents->forms, c.consents->count, c.site->zone);
    return regen_page(q, RG_OK, "consent/tablet.html", view);
}

static const rg_consent_state_t *open_form(const rg_case_t *c, const char *code)
{
    for (int i = 0; i < c->consents->count; i++) {
        const rg_consent_state_t *s = &c->consents->forms[i];
        if (strcmp(s->form.form_code, code) == 0) {
            return s->consent ? NULL : s;
        }
    }
    return NULL;
}

/* A form that is signed by now leads back to the list. */
static int tablet_form(regen_req_t *q, rg_outcome_t outcome)
{
    apr_pool_t *p = q->ctx->pool;
    unsigned char sha256[32];
    const char *text;
    rg_case_t c;
    rg_outcome_t rc = load_tablet(&c, q);
    const rg_consent_state_t *s = rc == RG_OK ? open_form(&c, q->args[0]) : NULL;

    if (rc == RG_OK && !s) {
        return regen_redirect(q, "/tablet");
    }
    rc = rc == RG_OK ? rg_consent_text(&text, sha256, q->ctx, &c, s) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = tablet_view(q, &c, s->form.title);
    rg_val_str(view, "code", s->form.form_code);
    rg_val_set(view, "sections", rg_view_sections(p, text));
    rg_val_str(view, "sha256", rg_text_hex(p, sha256, sizeof(sha256)));
    regen_sign_put(view, q, rg_consent_minor(q->ctx, &c));
    return regen_page(q, outcome, "consent/tablet_form.html", view);
}

static int h_tablet_form(regen_req_t *q)
{
    return tablet_form(q, RG_OK);
}

static int h_tablet_sign(regen_req_t *q)
{
    rg_sign_in_t in = regen_sign_decode(q);
    rg_outcome_t rc = rg_consent_sign(q->ctx, q->ctx->who.booking_id, &in);

    if (rc == RG_OK) {
        return regen_redirect(q, "/tablet");
    }
    return rc == RG_INVALID || rc == RG_CONFLICT ? tablet_form(q, rc) : regen_fail(q, rc);
}

/* --- and back --------------------------------------------------------------------------------- */

static int h_tablet_done(regen_req_t *q)
{
    rg_case_t c;
    rg_outcome_t rc = load_tablet(&c, q);

    rc = rc == RG_OK ? rg_logout(q->ctx, q->own->staff.session) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    regen_cookie_set(q, REGEN_STAFF_AREA, NULL);
    return regen_redirect(q, "/signed?chart=%s", c.booking->uid);
}

static int h_tablet_back(regen_req_t *q)
{
    const char *uid = regen_param(q, "chart");
    rg_val_t *view = rg_val_object(q->ctx->pool);

    rg_val_str(view, "title", "Give the tablet back");
    rg_val_bool(view, "tablet", true);
    rg_val_str(view, "uid", uid && rg_uid_valid(uid) ? uid : NULL);
    return regen_page(q, RG_OK, "consent/tablet_back.html", view);
}

const regen_route_t regen_routes_tablet[] = {
    {"GET", "/staff/bookings/*/tablet", DESK, 0, 0, REGEN_STAFF_AREA, h_lend_page},
    {"POST", "/staff/bookings/*/tablet", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA, h_lend},
    /* Outside /staff, so that no Require line of the sysadmin for that stops a patient here. */
    {"GET", "/tablet", RG_ROLE_TABLET | RG_ROLE_STAFF, 0, 0, REGEN_STAFF_AREA, h_tablet},
    {"GET", "/tablet/forms/*", RG_ROLE_TABLET, 0, 0, REGEN_STAFF_AREA, h_tablet_form},
    {"POST", "/tablet/forms/*", RG_ROLE_TABLET, 16 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_tablet_sign},
    {"POST", "/tablet/done", RG_ROLE_TABLET, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA | REGEN_NO_IDEM,
     h_tablet_done},
    {"GET", "/signed", 0, 0, 0, REGEN_NO_DB, h_tablet_back},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
