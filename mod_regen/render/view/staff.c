/* SPDX-License-Identifier: Apache-2.0 */
/* The chart of one booking and the label of a unit, as staff see them. */
#include "regen/clinic/patient.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

/* --- the side as a picture -------------------------------------------------------------------- */

/* Where a joint of the patient's right lies on the figure of staff/figure.html, seen from the
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

/* {word, left or right, place, x, y}; nothing for a treatment without a side. */
static void put_side(rg_val_t *page, apr_pool_t *p, const char *body_site, rg_side_t side)
{
    const spot_t *spot = spot_of(body_site);
    rg_val_t *v = rg_val_object(p);

    if (side != RG_SIDE_LEFT && side != RG_SIDE_RIGHT) {
        return;
    }
    rg_val_str(v, "word", rg_side_name(side));
    rg_val_bool(v, rg_side_name(side), true);
    rg_val_str(v, "place", rg_view_place(p, body_site, side));
    if (spot != NULL) {
        rg_val_int(v, "x", side == RG_SIDE_RIGHT ? spot->x : FIGURE_WIDTH - spot->x);
        rg_val_int(v, "y", spot->y);
    }
    rg_val_set(page, "side", v);
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

        if (s->why == NULL && s->consent != NULL) {
            rg_date_t day = rg_zone_local(z, s->consent->signed_at).date;

            text = apr_psprintf(p, "%s by %s, %s", text, s->consent->signer_name,
                                rg_date_long(p, day));
        }
        put_must(list, s->why == NULL, text,
                 apr_psprintf(p, "%s. The patient signs it on the page of the booking link.",
                              s->why == NULL ? "" : s->why));
    }
}

static const char *payment_words(apr_pool_t *p, const rg_chart_t *c)
{
    if (c->coverage == NULL) {
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
                                  ? "It is on %s. Say why it is brought forward, or wait."
                                  : "It was on %s, and cannot be checked in any more.",
                              day));
    }
    put_must(list, c->patient != NULL, "The patient’s details are complete",
             "The patient enters them on the page of the booking link.");
    put_must(
        list, place,
        *b->body_site == '\0'
            ? "The joint is chosen"
            : apr_psprintf(p, "The joint is chosen: %s", rg_view_place(p, b->body_site, b->side)),
        "The patient chooses it on the page of the booking link, or tells you: enter it below.");
    put_must(list, b->self_pay >= 0, b->self_pay < 0 ? "Who pays is known" : payment_words(p, c),
             "Ask how the patient pays.");
    put_consents(list, p, c);
    rg_val_bool(page, "any_missing", c->next != NULL && any_missing(list));
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

    if (e != NULL) {
        rg_view_time(item, "done", p, c->site->zone, e->at);
        rg_val_str(item, "by", e->staff_name);
    }
    /* Rest and consultation have no stamp of their own; they are over when the treatment is. */
    rg_val_bool(item, "over",
                strcmp(kind, "recover") == 0 || strcmp(kind, "consult") == 0
                    ? event_of(c, "complete") != NULL
                    : e != NULL);
    rg_val_bool(item, "current", e == NULL && c->next != NULL && strcmp(c->next, kind) == 0);
}

/* The booking's own steps carry the plan; the stamps are put where their kind is, completion at the
 * end. */
static void put_steps(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c)
{
    rg_val_t *steps = rg_val_get(rg_val_get(page, "booking"), "steps");
    rg_val_t *last;

    for (int i = 0; i < rg_val_count(steps); i++) {
        rg_val_t *item = rg_val_at(steps, i);

        put_stamp(item, p, c, rg_val_text(rg_val_get(item, "kind")));
    }
    last = rg_val_add(steps);
    rg_val_str(last, "name", "Completion");
    put_stamp(last, p, c, "complete");
}

/* --- the unit --------------------------------------------------------------------------------- */

static const char *unit_state(apr_pool_t *p, const rg_unit_t *u, apr_time_t now, const char **class)
{
    int left = (int)((apr_time_sec(u->expires_at) - apr_time_sec(now)) / 60);

    if (u->injected_at != 0) {
        *class = "done";
        return "Injected";
    }
    if (u->disposed_at != 0) {
        *class = "";
        return "Disposed of";
    }
    *class = left <= 0 ? "missing" : "now";
    return left <= 0 ? "Expired: dispose of it"
                     : apr_psprintf(p, "Use within %s", rg_view_minutes(p, left));
}

static void put_unit(rg_val_t *page, apr_pool_t *p, const rg_unit_t *u, const rg_zone_t *z,
                     apr_time_t now)
{
    rg_val_t *v = rg_val_object(p);
    const char *class = "";

    if (u == NULL) {
        return;
    }
    rg_val_str(v, "label", u->label);
    rg_val_str(v, "material", rg_view_title(p, u->material));
    rg_val_str(v, "place", rg_view_place(p, u->body_site, u->side));
    rg_val_int(v, "volume_ml", u->volume_ml);
    rg_view_time(v, "harvested", p, z, u->harvested_at);
    rg_view_time(v, "expires", p, z, u->expires_at);
    rg_view_time(v, "processed", p, z, u->processed_at);
    rg_view_time(v, "injected", p, z, u->injected_at);
    rg_view_time(v, "disposed", p, z, u->disposed_at);
    rg_val_str(v, "device", u->device_name);
    rg_val_str(v, "kit_lot", u->kit_lot);
    rg_val_int(v, "concentrate_ml", u->concentrate_ml);
    rg_val_str(v, "state", unit_state(p, u, now, &class));
    rg_val_str(v, "state_class", class);
    rg_val_bool(v, "open", u->injected_at == 0 && u->disposed_at == 0);
    rg_val_set(page, "unit", v);
}

/* --- the next action -------------------------------------------------------------------------- */

static const char *typed_value(const rg_form_t *typed, const char *name)
{
    return typed == NULL ? NULL : rg_form_get(typed, name);
}

static void put_typed(rg_val_t *page, apr_pool_t *p, const rg_form_t *typed)
{
    rg_val_t *v = rg_val_object(p);

    for (int i = 0; typed != NULL && i < typed->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(typed->pairs, i, rg_pair_t);

        rg_val_str(v, pair->name, pair->value);
    }
    rg_val_set(page, "typed", v);
}

static void put_sides(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const char *name,
                      const rg_form_t *typed)
{
    const char *chosen = typed_value(typed, name);

    if (c->booking->side == RG_SIDE_NONE) {
        rg_view_choice(page, "sides", p, name, "none", "This treatment has no side", chosen);
        return;
    }
    rg_view_choice(page, "sides", p, name, "left", "Left", chosen);
    rg_view_choice(page, "sides", p, name, "right", "Right", chosen);
}

static void put_materials(rg_val_t *page, apr_pool_t *p, const rg_form_t *typed)
{
    const char *chosen = typed_value(typed, "material");

    rg_view_choice(page, "materials", p, "material", "bone-marrow", "Bone marrow", chosen);
    rg_view_choice(page, "materials", p, "material", "blood", "Blood", chosen);
    rg_view_choice(page, "materials", p, "material", "adipose", "Adipose tissue", chosen);
}

/* The booked centrifuge comes first and is the one proposed. */
static void put_devices(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    const char *chosen = typed_value(typed, "device_code");

    if (chosen == NULL && c->device_count > 0) {
        chosen = c->devices[0].code;
    }
    for (int i = 0; i < c->device_count; i++) {
        const rg_resource_t *d = &c->devices[i];
        const char *text =
            *d->serial == '\0' ? d->name : apr_psprintf(p, "%s, serial %s", d->name, d->serial);

        rg_view_choice(page, "devices", p, "device_code", d->code, text, chosen);
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
    const char *chosen = typed != NULL ? rg_form_get(typed, "early") : NULL;

    if (c->today || c->booking->starts_at < c->now) {
        return;
    }
    rg_view_choice(early, "options", p, "early", "patient-came", "The patient came today", chosen);
    rg_view_choice(early, "options", p, "early", "clinic-asked", "The clinic asked for it", chosen);
    rg_val_set(page, "early", early);
}

/* Also of what is over: whoever was treated asks for their papers months later. */
static bool may_have_link(const rg_booking_t *b)
{
    return b->booked_at != 0;
}

/* A time the desk keeps for somebody: what is to be done before it is booked. */
static void put_held(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, bool desk)
{
    const rg_booking_t *b = c->booking;
    rg_val_t *held = rg_val_object(p);
    bool place = !c->service->needs_body_site || *b->body_site != '\0';

    if (!desk || b->status != RG_BOOKING_HELD || b->source == NULL ||
        strcmp(b->source, "staff") != 0) {
        return;
    }
    rg_view_time(held, "until", p, c->site->zone, b->hold_expires_at);
    rg_val_bool(held, "ready", c->patient != NULL && b->self_pay >= 0 && place);
    rg_val_set(page, "held_here", held);
}

static void put_next(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, unsigned roles,
                     const rg_form_t *typed)
{
    bool treats = (roles & (RG_ROLE_CLINICIAN | RG_ROLE_ADMIN)) != 0;
    bool desk = treats || (roles & RG_ROLE_FRONT_DESK) != 0;
    rg_val_t *next = rg_val_object(p);
    bool check_in = c->next != NULL && strcmp(c->next, "check-in") == 0;

    rg_val_bool(page, "may_treat", treats);
    rg_val_bool(page, "may_desk", desk);
    rg_val_bool(page, "can_leave", desk && c->booking->status == RG_BOOKING_BOOKED);
    rg_val_bool(page, "can_link", desk && may_have_link(c->booking));
    put_held(page, p, c, desk);
    if (c->next == NULL) {
        return;
    }
    rg_val_bool(next, check_in ? "check_in" : c->next, true);
    rg_val_str(next, "words", rg_view_action(c->next));
    rg_val_bool(next, "allowed", check_in ? desk : treats);
    rg_val_set(page, "next", next);
    rg_val_bool(page, "may_replan", desk && !check_in && strcmp(c->next, "complete") != 0);
    put_early(page, p, c, typed);
    put_materials(page, p, typed);
    put_devices(page, p, c, typed);
    put_body_sites(page, p, c, typed);
    put_sides(page, p, c, strcmp(c->next, "harvest") == 0 ? "side_confirmed" : "side", typed);
}

/* Who reads the date of birth off the screen does not ask for it. */
static bool birth_is_asked(const rg_chart_t *c)
{
    return c->next != NULL && (strcmp(c->next, "check-in") == 0 || strcmp(c->next, "inject") == 0);
}

const char *rg_view_action(const char *event)
{
    static const char *const words[][2] = {{"check-in", "Check in"},
                                           {"harvest", "Record the harvest"},
                                           {"process", "Record the processing"},
                                           {"inject", "Record the injection"},
                                           {"complete", "Complete the treatment"}};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i][0], event) == 0) {
            return words[i][1];
        }
    }
    return "";
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
    rg_val_t *page = staff_page(p, *name == '\0' ? "A time that is kept" : name, c->site);

    rg_val_str(page, "step", c->next == NULL ? rg_view_status(b->status) : rg_view_action(c->next));
    rg_val_set(page, "booking", rg_view_booking(p, b, z));
    rg_val_str(page, "site_code", c->site->code);
    if (c->patient != NULL) {
        rg_val_set(page, "patient", rg_view_patient(p, c->patient));
    }
    rg_val_bool(page, "show_birth", !birth_is_asked(c));
    rg_val_str(page, "payment", b->self_pay < 0 ? NULL : payment_words(p, c));
    put_side(page, p, b->body_site, b->side);
    put_musts(page, p, c);
    put_steps(page, p, c);
    put_unit(page, p, c->unit, z, c->now);
    put_next(page, p, c, roles, typed);
    rg_view_overrides(page, p, c);
    put_diagnoses(page, "diagnoses_done", c->diagnoses, c->diagnosis_count);
    put_diagnoses(page, "likely", c->likely, c->likely_count);
    rg_val_bool(page, "any_likely", c->likely_count > 0);
    rg_val_bool(page, "any_diagnoses", c->diagnosis_count > 0);
    rg_val_bool(page, "completed", b->status == RG_BOOKING_COMPLETED);
    rg_val_bool(page, "bills", (roles & (RG_ROLE_BILLING | RG_ROLE_ADMIN)) != 0);
    put_typed(page, p, typed);
    return page;
}

rg_val_t *rg_view_unit_label(apr_pool_t *p, const rg_chart_t *c)
{
    const rg_booking_t *b = c->booking;
    rg_val_t *page = staff_page(p, apr_psprintf(p, "Label %s", c->unit->label), c->site);

    rg_val_set(page, "booking", rg_view_booking(p, b, c->site->zone));
    if (c->patient != NULL) {
        rg_val_set(page, "patient", rg_view_patient(p, c->patient));
    }
    put_side(page, p, b->body_site, b->side);
    put_unit(page, p, c->unit, c->site->zone, c->now);
    return page;
}
