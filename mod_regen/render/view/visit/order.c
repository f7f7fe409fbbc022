/* SPDX-License-Identifier: Apache-2.0 */
/* Treatment orders on pages. */
#include "regen/clinic/order.h"
#include "regen/core/form.h"
#include "regen/core/ident.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/order.h"
#include "regen/render/view.h"
#include "regen/render/view_order.h"

#include <apr_strings.h>

static const char *const state_words[] = {[RG_ORDER_OPEN] = "Open",
                                          [RG_ORDER_BOOKED] = "Booked",
                                          [RG_ORDER_DONE] = "Done",
                                          [RG_ORDER_EXPIRED] = "Expired",
                                          [RG_ORDER_REVOKED] = "Revoked"};
RG_WORDS_ALL(state_words, RG_ORDER_STATE_COUNT);

static const char *const state_classes[] = {[RG_ORDER_OPEN] = "now",
                                            [RG_ORDER_BOOKED] = "done",
                                            [RG_ORDER_DONE] = "done",
                                            [RG_ORDER_EXPIRED] = "",
                                            [RG_ORDER_REVOKED] = "missing"};
RG_WORDS_ALL(state_classes, RG_ORDER_STATE_COUNT);

static const char *const severity_words[] = {[RG_SEVERITY_MILD] = "Mild",
                                             [RG_SEVERITY_MODERATE] = "Moderate",
                                             [RG_SEVERITY_SEVERE] = "Severe"};
RG_WORDS_ALL(severity_words, RG_SEVERITY_COUNT);

static const char *none_if_empty(const char *s)
{
    return *s != '\0' ? s : NULL;
}

static void put_carried(rg_val_t *v, apr_pool_t *p, const rg_order_t *o, const rg_zone_t *z,
                        apr_time_t now)
{
    if (rg_order_taken(o, now)) {
        rg_val_t *b = rg_val_object(p);
        rg_val_str(b, "uid", o->booking_uid);
        rg_val_bool(b, "held", o->booking_status == RG_BOOKING_HELD);
        rg_view_time(b, "starts", p, z, o->booking_starts);
        rg_val_set(v, "booking", b);
    }
    if (o->revoked_at != 0) {
        rg_val_t *r = rg_val_object(p);
        rg_view_time(r, "at", p, z, o->revoked_at);
        rg_val_str(r, "by", o->revoked_by);
        rg_val_str(r, "reason", o->revoke_reason);
        rg_val_set(v, "revocation", r);
    }
}

void rg_view_order(rg_val_t *v, apr_pool_t *p, const rg_order_t *o, const rg_zone_t *z,
                   apr_time_t now)
{
    rg_order_state_t state = rg_order_state(o, now);
    rg_val_str(v, "uid", o->uid);
    rg_val_str(v, "number", rg_number_people(p, o->number));
    rg_val_str(v, "state", state_words[state]);
    rg_val_str(v, "state_class", state_classes[state]);
    rg_val_bool(v, rg_order_state_name(state), true);
    rg_val_str(v, "service", o->service_name);
    rg_val_str(v, "service_code", o->service_code);
    rg_val_str(v, "place", none_if_empty(rg_view_places(p, o->body_site, o->side, o->further)));
    rg_val_str(v, "diagnosis", o->diagnosis_code);
    rg_val_str(v, "diagnosis_title", o->diagnosis_title);
    rg_val_str(v, "severity", severity_words[o->severity]);
    rg_val_str(v, "tried", o->tried);
    rg_val_str(v, "imaging", o->imaging);
    rg_val_str(v, "weighed", o->weighed);
    rg_val_str(v, "note", none_if_empty(o->note));
    rg_view_date(v, "valid", p, rg_zone_local(z, o->valid_until - RG_MINUTE).date);
    rg_view_time(v, "signed", p, z, o->signed_at);
    rg_val_str(v, "signer", o->staff_name);
    rg_val_set(v, "patient", rg_view_patient(p, &o->patient));
    put_carried(v, p, o, z, now);
}

void rg_view_orders(rg_val_t *view, apr_pool_t *p, const rg_order_t *orders, int count,
                    const rg_zone_t *z, apr_time_t now)
{
    rg_val_t *list = rg_val_set_list(view, "orders");
    for (int i = 0; i < count; i++) {
        rg_view_order(rg_val_add(list), p, &orders[i], z, now);
    }
    rg_val_bool(view, "any_orders", count > 0);
}

rg_val_t *rg_view_order_list(apr_pool_t *p, const rg_orders_t *o, apr_time_t now)
{
    rg_val_t *page = rg_view_page(p, "Treatment orders", o->site);
    rg_val_t *tabs = rg_val_set_list(page, "tabs");
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_orders", true);
    rg_val_str(page, "step", state_words[o->state]);
    rg_val_str(page, "state_name", rg_order_state_name((rg_order_state_t)o->state));
    for (int i = 0; i < RG_ORDER_STATE_COUNT; i++) {
        rg_val_t *t = rg_val_add(tabs);
        rg_val_str(t, "name", rg_order_state_name((rg_order_state_t)i));
        rg_val_str(t, "title", state_words[i]);
        rg_val_bool(t, "current", i == o->state);
    }
    rg_view_orders(page, p, o->orders, o->count, o->site->zone, now);
    if (o->before > 0) {
        rg_val_int(page, "before", o->before);
    }
    return page;
}

/* --- the form --------------------------------------------------------------------------------- */

static const char *sent(const rg_form_t *typed, const char *name)
{
    const char *value = typed ? rg_form_get(typed, name) : NULL;
    return value ? value : "";
}

static void put_place_choices(rg_val_t *page, apr_pool_t *p, const rg_order_form_t *f,
                              const rg_form_t *typed)
{
    const rg_service_t *s = f->service;
    const char *only = s->body_site_count == 1 ? s->body_sites[0] : "";
    const char *chosen = typed ? sent(typed, "body_site") : only;
    rg_val_bool(page, "needs_body_site", s->needs_body_site);
    for (int i = 0; i < s->body_site_count; i++) {
        rg_view_choice(page, "body_sites", p, "body_site", s->body_sites[i],
                       rg_view_title(p, s->body_sites[i]), chosen);
    }
    rg_view_choice(page, "sides", p, "side", rg_side_name(RG_SIDE_LEFT), "Left",
                   sent(typed, "side"));
    rg_view_choice(page, "sides", p, "side", rg_side_name(RG_SIDE_RIGHT), "Right",
                   sent(typed, "side"));
}

/* Whether that many targets may be named, or one too many was: it stays to be seen. */
static bool further_is_shown(const rg_service_t *s, int no, const char *wrong)
{
    return s->needs_body_site && (no <= s->targets_most || wrong);
}

/* Empty fields for more targets, as far as the service allows. */
static void put_further(rg_val_t *page, apr_pool_t *p, const rg_order_form_t *f,
                        const rg_form_t *typed, const rg_problems_t *problems)
{
    const rg_service_t *s = f->service;
    rg_val_t *list = rg_val_set_list(page, "further");
    for (int no = 2; no <= RG_TARGETS_MOST; no++) {
        const char *place = apr_psprintf(p, "body_site_%d", no);
        const char *side = apr_psprintf(p, "side_%d", no);
        const char *wrong = problems ? rg_problem_for(problems, side) : NULL;
        if (!further_is_shown(s, no, wrong)) {
            continue;
        }
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "no", no);
        rg_val_str(v, "part", s->body_site_count == 1 ? s->body_sites[0] : NULL);
        rg_val_str(v, "wrong", wrong);
        if (s->body_site_count > 1) {
            rg_view_choice(v, "parts", p, place, "", "None", sent(typed, place));
        }
        for (int i = 0; s->body_site_count > 1 && i < s->body_site_count; i++) {
            rg_view_choice(v, "parts", p, place, s->body_sites[i],
                           rg_view_title(p, s->body_sites[i]), sent(typed, place));
        }
        rg_view_choice(v, "side_choices", p, side, "", "None", sent(typed, side));
        rg_view_choice(v, "side_choices", p, side, rg_side_name(RG_SIDE_LEFT), "Left",
                       sent(typed, side));
        rg_view_choice(v, "side_choices", p, side, rg_side_name(RG_SIDE_RIGHT), "Right",
                       sent(typed, side));
    }
}

static void put_order_typed(rg_val_t *page, apr_pool_t *p, const rg_order_form_t *f,
                            const rg_form_t *typed)
{
    static const char *const fields[] = {"diagnosis", "tried", "imaging", "weighed", "note"};
    rg_val_t *in = rg_val_object(p);
    for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
        rg_val_str(in, fields[i], sent(typed, fields[i]));
    }
    rg_val_str(in, "valid_until", typed ? sent(typed, "valid_until") : rg_date_iso(p, f->until));
    rg_val_set(page, "in", in);
    for (int i = 0; i < RG_SEVERITY_COUNT; i++) {
        rg_view_choice(page, "severities", p, "severity", rg_severity_name((rg_severity_t)i),
                       severity_words[i], sent(typed, "severity"));
    }
}

rg_val_t *rg_view_order_form(apr_pool_t *p, const rg_order_form_t *f, const rg_form_t *typed,
                             const rg_problems_t *problems)
{
    rg_val_t *page = rg_view_page(p, "Order a treatment", f->site);
    rg_val_bool(page, "wide", true);
    rg_val_set(page, "patient", rg_view_patient(p, f->patient));
    rg_val_bool(page, "may_sign", f->may_sign);
    rg_val_bool(page, "any_services", f->service_count > 0);
    rg_val_t *services = rg_val_set_list(page, "services");
    for (int i = 0; i < f->service_count; i++) {
        rg_val_t *item = rg_val_add(services);
        rg_val_str(item, "code", f->services[i]->code);
        rg_val_str(item, "name", f->services[i]->name);
    }
    rg_val_bool(page, "several", f->service_count > 1);
    if (!f->service) {
        return page;
    }
    rg_val_t *chosen = rg_val_object(p);
    rg_val_str(chosen, "code", f->service->code);
    rg_val_str(chosen, "name", f->service->name);
    rg_val_set(page, "service", chosen);
    put_place_choices(page, p, f, typed);
    put_further(page, p, f, typed, problems);
    put_order_typed(page, p, f, typed);
    rg_val_t *likely = rg_val_set_list(page, "likely");
    for (int i = 0; i < f->likely_count; i++) {
        rg_val_t *item = rg_val_add(likely);
        rg_val_str(item, "code", f->likely[i].code);
        rg_val_str(item, "title", f->likely[i].title);
    }
    rg_val_bool(page, "any_likely", f->likely_count > 0);
    return page;
}
