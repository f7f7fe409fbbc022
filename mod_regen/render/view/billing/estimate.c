/* SPDX-License-Identifier: Apache-2.0 */
/* A good-faith estimate. */
#include "regen/clinic/billing.h"
#include "regen/core/money.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/render/view.h"
#include "regen/render/view_billing.h"

#include <apr_strings.h>

static const char *const CAUSES[] = {
    [RG_ESTIMATE_BOOKED] = "When the time was booked",
    [RG_ESTIMATE_CHANGED] = "Because the booking changed",
    [RG_ESTIMATE_ASKED] = "Because it was asked for",
};
RG_WORDS_ALL(CAUSES, RG_ESTIMATE_CAUSE_COUNT);
static const char *const DELIVERIES[] = {
    [RG_DELIVER_ONLINE] = "The patient sees it on the page of the booking, by the link to it",
    [RG_DELIVER_PAPER] = "The patient has no email: print it, and hand it over or post it",
};
RG_WORDS_ALL(DELIVERIES, RG_DELIVERY_COUNT);

static const char *said_or_null(const char *s)
{
    return *s ? s : NULL;
}

static void put_estimate_lines(rg_val_t *page, apr_pool_t *p, const rg_estimate_t *e)
{
    rg_val_t *list = rg_val_set_list(page, "lines");
    for (int i = 0; i < e->line_count; i++) {
        const rg_estimate_line_t *l = &e->lines[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "code", l->code);
        rg_val_str(v, "modifier", said_or_null(l->modifiers));
        rg_val_str(v, "description", l->description);
        rg_val_int(v, "quantity", l->units);
        rg_view_money(v, "unit", p, l->unit);
        rg_view_money(v, "total", p, l->total);
    }
    rg_view_money(page, "total", p, e->total);
}

static void put_versions(rg_val_t *page, const rg_estimate_t *e)
{
    rg_val_int(page, "version", e->version);
    rg_val_bool(page, "several", e->newest > 1);
    rg_val_bool(page, "newest", e->version == e->newest);
    rg_val_t *list = rg_val_set_list(page, "versions");
    for (int i = e->newest; e->newest > 1 && i >= 1 && e->newest - i < 20; i--) {
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "no", i);
        rg_val_bool(v, "here", i == e->version);
    }
}

static void put_paper(rg_val_t *page, apr_pool_t *p, const rg_estimate_page_t *g)
{
    const rg_estimate_t *e = &g->estimate;
    const rg_zone_t *z = g->site->zone;
    rg_val_str(page, "label", e->label);
    rg_val_str(page, "patient", e->patient_name);
    rg_view_date(page, "born", p, e->patient_born);
    rg_val_str(page, "service", e->service_name);
    rg_val_str(page, "body", said_or_null(rg_view_places(p, e->body_site, e->side, e->further)));
    rg_view_time(page, "service_at", p, z, e->service_at);
    rg_view_time(page, "made", p, z, e->made_at);
    rg_val_str(page, "issuer", said_or_null(e->issuer));
    rg_val_str(page, "npi", said_or_null(e->npi));
    rg_val_str(page, "tin", said_or_null(e->tin));
    rg_val_str(page, "place", e->place);
    rg_val_str(page, "provider", said_or_null(e->provider));
    rg_val_str(page, "provider_npi", said_or_null(e->provider_npi));
    rg_val_str(page, "diagnoses", said_or_null(e->diagnoses));
    rg_val_str(page, "cause", CAUSES[e->cause]);
    rg_val_str(page, "delivery", DELIVERIES[e->delivery]);
    rg_val_str(page, "made_by", said_or_null(e->made_by));
    if (e->has_due) {
        rg_view_date(page, "due", p, e->due);
    }
    put_estimate_lines(page, p, e);
    put_versions(page, e);
}

rg_val_t *rg_view_estimate(apr_pool_t *p, const rg_estimate_page_t *g)
{
    rg_val_t *page = rg_view_page(p, "Good-faith estimate", g->site);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "booking_uid", g->booking->uid);
    rg_val_str(page, "booking_patient",
               rg_view_name(p, g->booking->patient_given, g->booking->patient_family));
    rg_val_bool(page, "has", g->has);
    rg_val_bool(page, "self_pay", g->self_pay);
    rg_val_bool(page, "called_off", g->booking->status == RG_BOOKING_CANCELLED);
    rg_val_bool(page, "may_issue", g->may_issue);
    if (g->has) {
        put_paper(page, p, g);
    }
    return page;
}
