/* SPDX-License-Identifier: Apache-2.0 */
/* Consents for staff: what was signed, to read and print, and a withdrawal that was told in person,
 * by phone or in writing. */
#include "consent.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/patient.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static const char *if_any(const char *s)
{
    return s && *s != '\0' ? s : NULL;
}

static void put_withdrawal(rg_val_t *out, apr_pool_t *p, const rg_consent_t *c,
                           const rg_zone_t *zone)
{
    rg_val_t *v = rg_val_object(p);

    rg_view_time(v, "at", p, zone, c->withdrawn_at);
    rg_val_str(v, "channel", rg_view_channel(c->withdrawal.channel));
    rg_val_str(v, "by", if_any(c->withdrawal.by));
    rg_val_str(v, "reason", if_any(c->withdrawal.reason));
    rg_val_set(out, "withdrawn", v);
}

void regen_consent_put(rg_val_t *out, regen_req_t *q, const rg_consent_t *c, const rg_zone_t *zone)
{
    apr_pool_t *p = q->ctx->pool;

    rg_val_str(out, "uid", c->uid);
    rg_val_str(out, "form_title", c->title);
    rg_val_int(out, "version", c->version);
    rg_val_str(out, "signer", c->signer_name);
    rg_val_str(out, "signer_role", rg_view_signer(c->signer));
    rg_val_str(out, "entitlement", if_any(c->entitlement));
    rg_val_bool(out, "represented", c->signer != RG_SIGNER_PATIENT);
    rg_val_str(out, "witness", if_any(c->witness));
    rg_val_bool(out, "awaits", rg_consent_awaits(c) && c->withdrawn_at == 0);
    rg_val_str(out, "explained_by", if_any(c->explained_by));
    rg_view_time(out, "explained", p, zone, c->explained_at);
    rg_val_str(out, "ip", if_any(c->client_ip));
    rg_view_time(out, "signed", p, zone, c->signed_at);
    rg_view_time(out, "expires", p, zone, c->expires_at);
    if (c->withdrawn_at != 0) {
        put_withdrawal(out, p, c, zone);
    }
}

static rg_val_t *consent_view(regen_req_t *q, const rg_consent_look_t *look, const char *title)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = rg_view_page(p, title, look->site);

    rg_val_bool(view, "wide", true);
    rg_val_bool(view, "staff_area", true);
    rg_val_set(view, "booking", rg_view_booking(p, look->booking, look->site->zone));
    regen_consent_put(view, q, look->consent, look->site->zone);
    rg_val_str(view, "why", look->why);
    return view;
}

static int consent_page(regen_req_t *q, rg_outcome_t outcome)
{
    rg_consent_look_t *look = NULL;
    rg_outcome_t rc = rg_consent_look(&look, q->ctx, q->args[0], q->args[1]);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    const rg_consent_t *c = look->consent;
    rg_val_t *view = consent_view(q, look, c->title);
    rg_val_set(view, "sections", rg_view_sections(q->ctx->pool, c->text));
    rg_val_str(view, "sha256", rg_text_hex(q->ctx->pool, c->sha256, sizeof(c->sha256)));
    rg_val_bool(view, "may_treat", (q->ctx->who.roles & TREATS) != 0);
    return regen_page(q, outcome, "consent/copy.html", view);
}

static int h_consent_copy(regen_req_t *q)
{
    return consent_page(q, RG_OK);
}

static int h_explain(regen_req_t *q)
{
    rg_outcome_t rc =
        rg_consent_explain(q->ctx, q->args[0], q->args[1], regen_field(q, "explained"));

    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/bookings/%s", q->args[0]);
    }
    return rc == RG_INVALID || rc == RG_CONFLICT || rc == RG_PRECONDITION ? consent_page(q, rc)
                                                                          : regen_fail(q, rc);
}

/* --- withdrawing ------------------------------------------------------------------------------ */

static int told_page(regen_req_t *q, rg_outcome_t outcome)
{
    static const rg_channel_t channels[] = {RG_CHANNEL_IN_PERSON, RG_CHANNEL_PHONE,
                                            RG_CHANNEL_WRITING};
    static const char *const words[] = {"In person", "By phone", "In writing"};
    rg_consent_look_t *look = NULL;
    rg_outcome_t rc = rg_consent_look(&look, q->ctx, q->args[0], q->args[1]);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = consent_view(q, look, "Record a withdrawal");
    for (size_t i = 0; i < sizeof(channels) / sizeof(channels[0]); i++) {
        rg_view_choice(view, "channels", q->ctx->pool, "channel", rg_channel_name(channels[i]),
                       words[i], regen_field(q, "channel"));
    }
    rg_val_str(view, "reason", regen_field(q, "reason"));
    rg_val_bool(view, "confirmed", strcmp(regen_field(q, "confirmed"), "yes") == 0);
    return regen_page(q, outcome, "consent/withdraw.html", view);
}

static int h_told_page(regen_req_t *q)
{
    return told_page(q, RG_OK);
}

static int h_told(regen_req_t *q)
{
    rg_withdraw_in_t in = {.booking_uid = q->args[0],
                           .consent_uid = q->args[1],
                           .channel = regen_field(q, "channel"),
                           .reason = regen_field(q, "reason"),
                           .confirmed = regen_field(q, "confirmed")};
    rg_outcome_t rc = rg_consent_withdraw(q->ctx, &in);

    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/bookings/%s", q->args[0]);
    }
    return rc == RG_INVALID || rc == RG_CONFLICT ? told_page(q, rc) : regen_fail(q, rc);
}

const regen_route_t regen_routes_staff_consent[] = {
    {"GET", "/staff/bookings/*/consents/*", DESK, 0, 0, REGEN_STAFF_AREA, h_consent_copy},
    {"POST", "/staff/bookings/*/consents/*/explain", TREATS, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_explain},
    {"GET", "/staff/bookings/*/consents/*/withdraw", DESK, 0, 0, REGEN_STAFF_AREA, h_told_page},
    {"POST", "/staff/bookings/*/consents/*/withdraw", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_told},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
