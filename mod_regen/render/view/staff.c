/* SPDX-License-Identifier: Apache-2.0 */
/* The chart of one booking and the label of a unit, as staff see them. */
#include "regen/clinic/patient.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_questionnaire.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

/* --- the side as a picture -------------------------------------------------------------------- */

/* Where a joint of the patient's right side is on the figure of staff/figure.html, seen from the
 * front: the patient's right is on the left of the picture. The left is its mirror image. */
typedef struct {
    const char *body_site;
    int x, y;
} spot_t;

#define FIGURE_WIDTH 120

static const spot_t SPOTS[] = {
    {"shoulder", 36, 60}, {"elbow", 26, 98}, {"wrist", 20, 132},          {"hand", 17, 146},
    {"thumb", 17, 146},   {"hip", 48, 128},  {"knee", 47, 178},           {"ankle", 46, 222},
    {"foot", 42, 232},    {"heel", 46, 228}, {"achilles-tendon", 46, 218}};

static const spot_t *spot_of(const char *body_site)
{
    for (size_t i = 0; i < sizeof(SPOTS) / sizeof(SPOTS[0]); i++) {
        if (strcmp(SPOTS[i].body_site, body_site) == 0) {
            return &SPOTS[i];
        }
    }
    return NULL;
}

/* {word, left or right, body_site, place, x, y}; nothing for the only target if it has no side. */
static void put_side(rg_val_t *list, apr_pool_t *p, const char *body_site, rg_side_t side,
                     bool only)
{
    bool sided = side == RG_SIDE_LEFT || side == RG_SIDE_RIGHT;
    const spot_t *spot = sided ? spot_of(body_site) : NULL;

    if (!sided && only) {
        return;
    }
    rg_val_t *v = rg_val_add(list);
    rg_val_str(v, "word", sided ? rg_side_name(side) : "no side");
    rg_val_str(v, "body_site", rg_view_words(p, body_site));
    rg_val_bool(v, rg_side_name(side), true);
    rg_val_str(v, "place", rg_view_place(p, body_site, side));
    if (spot) {
        rg_val_int(v, "x", side == RG_SIDE_RIGHT ? spot->x : FIGURE_WIDTH - spot->x);
        rg_val_int(v, "y", spot->y);
    }
}

static void put_side_of_each(rg_val_t *page, apr_pool_t *p, const rg_booking_t *b)
{
    const rg_targets_t t = rg_targets_of(p, b->body_site, b->side, b->further);
    rg_val_t *list = rg_val_set_list(page, "side");

    for (int i = 0; i < t.count; i++) {
        put_side(list, p, t.at[i].body_site, t.at[i].side, t.count == 1);
    }
}

/* --- what must be true ------------------------------------------------------------------------ */

static void put_must(rg_val_t *list, bool ok, const char *text, const char *fix)
{
    rg_val_t *item = rg_val_add(list);

    rg_val_bool(item, "ok", ok);
    rg_val_str(item, "text", text);
    rg_val_str(item, "fix", ok ? NULL : fix);
}

static bool any_missing(const rg_val_t *list)
{
    for (int i = 0; i < rg_val_count(list); i++) {
        if (!rg_val_true(rg_val_get(rg_val_at(list, i), "ok"))) {
            return true;
        }
    }
    return false;
}

static void put_consents(rg_val_t *list, apr_pool_t *p, const rg_chart_t *c)
{
    const rg_zone_t *z = c->site->zone;

    for (int i = 0; i < c->consents->count; i++) {
        const rg_consent_state_t *s = &c->consents->forms[i];
        const char *text = apr_psprintf(p, "“%s” is signed", s->form.title);

        if (!s->why && s->consent) {
            rg_date_t day = rg_zone_local(z, s->consent->signed_at).date;

            text = apr_psprintf(p, "%s by %s, %s", text, s->consent->signer_name,
                                rg_date_long(p, day));
        }
        if (s->awaits) {
            put_must(list, false, text,
                     "A clinician confirms to have explained it, on its page under Consents.");
            continue;
        }
        put_must(list, !s->why, text,
                 apr_psprintf(
                     p, "%s. The patient signs it on the page of the private link, or at the desk.",
                     !s->why ? "" : s->why));
    }
}

static const char *payment_words(apr_pool_t *p, const rg_chart_t *c)
{
    if (!c->coverage) {
        return "Self-pay";
    }
    return apr_psprintf(p, "Insured with %s, member ID %s", c->coverage->payer.name,
                        c->coverage->member_id);
}

static void put_musts(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c)
{
    rg_val_t *list = rg_val_set_list(page, "musts");
    const rg_booking_t *b = c->booking;
    bool place = !c->service->needs_body_site || *b->body_site != '\0';
    const char *day = rg_date_long(p, rg_zone_local(c->site->zone, b->starts_at).date);

    if (b->status == RG_BOOKING_BOOKED) {
        put_must(list, c->today, "The visit is today",
                 apr_psprintf(p,
                              b->starts_at > c->now
                                  ? "It is on %s. Wait, or choose why it is done today."
                                  : "It was on %s. If the patient came, enter when; if not, "
                                    "mark it as a no-show.",
                              day));
    }
    put_must(list, c->patient != NULL, "The patient’s details are complete",
             "The patient enters them on the page of the private link.");
    put_must(
        list, place,
        *b->body_site == '\0' ? "The joint is chosen"
                              : apr_psprintf(p, "The joint is chosen: %s",
                                             rg_view_places(p, b->body_site, b->side, b->further)),
        "The patient chooses it on the page of the private link, or tells you: enter it below.");
    put_must(list, b->self_pay >= 0,
             b->self_pay < 0 ? "The payment is chosen" : payment_words(p, c),
             "Ask how the patient pays.");
    put_consents(list, p, c);
    rg_val_bool(page, "any_missing", c->next && any_missing(list));
}

/* --- steps ------------------------------------------------------------------------------------ */

static const rg_step_event_t *event_of(const rg_chart_t *c, const char *kind)
{
    for (int i = 0; i < c->event_count; i++) {
        if (strcmp(c->events[i].kind, kind) == 0) {
            return &c->events[i];
        }
    }
    return NULL;
}

static void put_stamp(rg_val_t *item, apr_pool_t *p, const rg_chart_t *c, const char *kind)
{
    const rg_step_event_t *e = event_of(c, kind);

    if (e) {
        rg_view_time(item, "done", p, c->site->zone, e->at);
        rg_view_done_by(item, e);
        rg_val_bool(item, "unnamed", rg_view_unnamed(c, e));
        rg_view_entered(item, p, c, e);
    }
    /* Rest and consultation have no stamp of their own; they are over when the treatment is. */
    rg_val_bool(item, "over",
                strcmp(kind, "recover") == 0 || strcmp(kind, "consult") == 0
                    ? event_of(c, "complete") != NULL
                    : e != NULL);
    rg_val_bool(item, "current", !e && c->next && strcmp(c->next, kind) == 0);
}

/* The booking's own steps carry the plan; the stamps are put where their kind is, completion at the
 * end. */
static void put_stamps(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c)
{
    rg_val_t *steps = rg_val_get(rg_val_get(page, "booking"), "steps");

    for (int i = 0; i < rg_val_count(steps); i++) {
        rg_val_t *item = rg_val_at(steps, i);

        put_stamp(item, p, c, rg_val_text(rg_val_get(item, "kind")));
    }
    rg_val_t *last = rg_val_add(steps);
    rg_val_str(last, "name", "Completion");
    put_stamp(last, p, c, "complete");
}

/* --- the next action -------------------------------------------------------------------------- */

static const char *typed_value(const rg_form_t *typed, const char *name)
{
    return typed ? rg_form_get(typed, name) : NULL;
}

static void put_typed_details(rg_val_t *page, apr_pool_t *p, const rg_form_t *typed)
{
    rg_val_t *v = rg_val_object(p);

    for (int i = 0; typed && i < typed->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(typed->pairs, i, rg_pair_t);

        rg_val_str(v, pair->name, pair->value);
    }
    rg_val_set(page, "typed", v);
}

static void put_sides(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const char *name,
                      const rg_form_t *typed)
{
    const char *chosen = typed_value(typed, name);
    const rg_booking_t *b = c->booking;
    const rg_targets_t t = rg_targets_of(p, b->body_site, b->side, b->further);

    if (t.count > 1 && strcmp(name, "side_confirmed") == 0) {
        rg_view_marked(page, p, b, chosen);
        return;
    }
    if (b->side == RG_SIDE_NONE) {
        rg_view_choice(page, "sides", p, name, "none", "This treatment has no side", chosen);
        return;
    }
    rg_view_choice(page, "sides", p, name, "left", "Left", chosen);
    rg_view_choice(page, "sides", p, name, "right", "Right", chosen);
}

static const char *run_limits(apr_pool_t *p, const rg_product_t *m)
{
    if (m->spin_min_minutes > 0 && m->spin_max_minutes > 0) {
        return apr_psprintf(p, "%d to %d, otherwise say why", m->spin_min_minutes,
                            m->spin_max_minutes);
    }
    if (m->spin_min_minutes > 0) {
        return apr_psprintf(p, "At least %d, otherwise say why", m->spin_min_minutes);
    }
    return m->spin_max_minutes == 0
               ? NULL
               : apr_psprintf(p, "At most %d, otherwise say why", m->spin_max_minutes);
}

/* What the service makes; the form does not ask for it. */
static void put_product(rg_val_t *page, apr_pool_t *p, const rg_service_t *s)
{
    rg_val_t *v = rg_val_object(p);

    if (s->product_count > 0) {
        rg_val_str(v, "name", s->products[0].name);
        rg_val_str(v, "material", rg_view_material(s->products[0].material));
        rg_val_set(page, "product", v);
        rg_val_str(page, "run_limits", run_limits(p, &s->products[0]));
    }
}

/* With its serial number, and why it is closed now: it may have been used before that. */
static const char *device_words(apr_pool_t *p, const rg_device_t *d)
{
    const rg_resource_t *r = &d->resource;

    return apr_pstrcat(p, r->name, *r->serial == '\0' ? "" : ", serial ", r->serial,
                       d->closed ? ", closed now: " : "", d->closed ? d->closed : "",
                       d->overdue ? ", overdue for calibration since " : "",
                       d->overdue ? rg_date_us(p, r->calibration_due) : "", NULL);
}

/* The booked device comes first; the first one that is in order is proposed. */
static void put_devices(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    const char *chosen = typed_value(typed, "device_code");

    rg_val_bool(page, "any_devices", c->device_count > 0);
    for (int i = 0; !chosen && i < c->device_count; i++) {
        chosen = c->devices[i].closed || c->devices[i].overdue ? NULL : c->devices[i].resource.code;
    }
    for (int i = 0; i < c->device_count; i++) {
        const rg_device_t *d = &c->devices[i];

        rg_view_choice(page, "devices", p, "device_code", d->resource.code, device_words(p, d),
                       chosen);
    }
}

static void put_body_sites(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c,
                           const rg_form_t *typed)
{
    const char *chosen = typed_value(typed, "body_site");

    for (int i = 0; i < c->service->body_site_count; i++) {
        const char *code = c->service->body_sites[i];

        rg_view_choice(page, "body_sites", p, "body_site", code, rg_view_title(p, code), chosen);
    }
}

static void put_diagnoses(rg_val_t *page, const char *key, const rg_diagnosis_t *list, int count)
{
    rg_val_t *out = rg_val_set_list(page, key);

    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(out);

        rg_val_str(item, "code", list[i].code);
        rg_val_str(item, "title", list[i].title);
    }
}

/* Only before the day of the visit: why it is brought forward. */
static void put_early(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    rg_val_t *early = rg_val_object(p);
    const char *chosen = typed ? rg_form_get(typed, "early") : NULL;

    if (c->today || c->booking->starts_at < c->now) {
        return;
    }
    rg_view_choice(early, "options", p, "early", "patient-came", "The patient came today", chosen);
    rg_view_choice(early, "options", p, "early", "clinic-asked", "The clinic asked for it", chosen);
    rg_val_set(page, "early", early);
}

/* Also for past visits: patients ask for their documents months later. */
static bool may_have_link(const rg_booking_t *b)
{
    return b->booked_at != 0;
}

/* A time the front desk keeps for somebody: what is to be done before it is booked. */
static void put_held_by_desk(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, bool desk)
{
    const rg_booking_t *b = c->booking;
    rg_val_t *held = rg_val_object(p);
    bool place = !c->service->needs_body_site || *b->body_site != '\0';

    if (!desk || b->status != RG_BOOKING_HELD || !b->source ||
        rg_source_parse(b->source) != RG_SOURCE_STAFF) {
        return;
    }
    rg_view_time(held, "until", p, c->site->zone, b->hold_expires_at);
    rg_val_bool(held, "ready", c->patient && b->self_pay >= 0 && place);
    rg_val_set(page, "held_here", held);
}

static void put_next(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, unsigned roles,
                     const rg_form_t *typed)
{
    bool treats = (roles & (RG_ROLE_CLINICIAN | RG_ROLE_ADMIN)) != 0;
    bool desk = treats || (roles & RG_ROLE_FRONT_DESK) != 0;
    rg_val_t *next = rg_val_object(p);
    bool check_in = c->next && strcmp(c->next, "check-in") == 0;

    rg_val_bool(page, "may_treat", treats);
    rg_val_bool(page, "may_desk", desk);
    rg_val_bool(page, "can_leave", desk && c->booking->status == RG_BOOKING_BOOKED);
    rg_val_bool(page, "can_link", desk && may_have_link(c->booking));
    put_held_by_desk(page, p, c, desk);
    if (!c->next) {
        return;
    }
    rg_val_bool(next, check_in ? "check_in" : c->next, true);
    rg_val_str(next, "words", rg_view_action(c->next));
    rg_val_bool(next, "allowed", check_in ? desk : treats);
    rg_val_set(page, "next", next);
    rg_val_bool(page, "may_replan", desk && !check_in && strcmp(c->next, "complete") != 0);
    put_early(page, p, c, typed);
    put_product(page, p, c->service);
    rg_view_doer(page, p, c, typed);
    rg_view_second(page, c);
    put_devices(page, p, c, typed);
    rg_view_kits(page, p, c, typed);
    put_body_sites(page, p, c, typed);
    put_sides(page, p, c, strcmp(c->next, "harvest") == 0 ? "side_confirmed" : "side", typed);
    rg_view_taken_from(page, p, c, typed);
    rg_val_bool(next, "other", c->due && strcmp(c->due, c->next) != 0);
}

/* Staff who could read the date of birth on the screen would not ask for it. */
static bool birth_is_asked(const rg_chart_t *c)
{
    return c->next && (strcmp(c->next, "check-in") == 0 || strcmp(c->next, "inject") == 0);
}

const char *rg_view_action(const char *event)
{
    static const char *const words[] = {[RG_EVENT_CHECK_IN] = "Check in",
                                        [RG_EVENT_HARVEST] = "Record the harvest",
                                        [RG_EVENT_PROCESS] = "Record the processing",
                                        [RG_EVENT_INJECT] = "Record the injection",
                                        [RG_EVENT_COMPLETE] = "Complete the treatment"};
    RG_WORDS_ALL(words, RG_EVENT_COUNT);
    int e = rg_event_parse(event);

    return e < 0 ? "" : words[e];
}

const char *rg_view_channel(rg_channel_t channel)
{
    static const char *const words[] = {[RG_CHANNEL_ONLINE] = "online",
                                        [RG_CHANNEL_IN_PERSON] = "in person",
                                        [RG_CHANNEL_PHONE] = "by phone",
                                        [RG_CHANNEL_WRITING] = "in writing"};
    RG_WORDS_ALL(words, RG_CHANNEL_COUNT);

    return (int)channel < 0 || (int)channel >= RG_CHANNEL_COUNT ? "" : words[channel];
}

static rg_val_t *staff_page(apr_pool_t *p, const char *title, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, title, site);

    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "staff_area", true);
    return page;
}

rg_val_t *rg_view_chart(apr_pool_t *p, const rg_chart_t *c, unsigned roles, const rg_form_t *typed)
{
    const rg_booking_t *b = c->booking;
    const rg_zone_t *z = c->site->zone;
    const char *name = rg_view_name(p, b->patient_given, b->patient_family);
    rg_val_t *page = staff_page(p, *name == '\0' ? "A held time" : name, c->site);

    rg_val_str(page, "step", !c->next ? rg_view_status(b->status) : rg_view_action(c->next));
    rg_val_set(page, "booking", rg_view_booking(p, b, z));
    rg_val_str(page, "site_code", c->site->code);
    if (c->patient) {
        rg_val_set(page, "patient", rg_view_patient(p, c->patient));
    }
    rg_val_bool(page, "show_birth", !birth_is_asked(c));
    rg_val_str(page, "payment", b->self_pay < 0 ? NULL : payment_words(p, c));
    put_side_of_each(page, p, b);
    rg_view_targets(page, p, c, typed);
    put_musts(page, p, c);
    rg_view_quest_list(page, p, c->asked, c->asked_count, z);
    put_stamps(page, p, c);
    rg_view_units(page, p, c, typed);
    put_next(page, p, c, roles, typed);
    rg_view_overrides(page, p, c);
    rg_view_endings(page, p, c, roles, typed);
    rg_view_when(page, p, c);
    rg_view_time_outs(page, p, c, typed);
    rg_view_corrections(page, p, c, roles, typed);
    put_diagnoses(page, "diagnoses_done", c->diagnoses, c->diagnosis_count);
    put_diagnoses(page, "likely", c->likely, c->likely_count);
    rg_val_bool(page, "any_likely", c->likely_count > 0);
    rg_val_bool(page, "has_diagnoses", c->diagnosis_count > 0);
    rg_val_bool(page, "any_diagnoses", c->diagnosis_count > 0 || c->ended);
    rg_val_bool(page, "completed", b->status == RG_BOOKING_COMPLETED);
    rg_val_bool(page, "bills", (roles & (RG_ROLE_BILLING | RG_ROLE_ADMIN)) != 0);
    put_typed_details(page, p, typed);
    return page;
}
