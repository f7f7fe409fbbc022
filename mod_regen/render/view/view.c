/* SPDX-License-Identifier: Apache-2.0 */
/* Values as templates read them: times, amounts, joints and bookings in words for people. */
#include "regen/core/ident.h"
#include "regen/core/money.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"
#include "regen/render/view.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* --- words ---------------------------------------------------------------------------------- */

const char *rg_view_words(apr_pool_t *p, const char *code)
{
    char *words = apr_pstrdup(p, code ? code : "");
    for (char *c = words; *c; c++) {
        if (*c == '-' || *c == '_') {
            *c = ' ';
        }
    }
    return words;
}

const char *rg_view_title(apr_pool_t *p, const char *code)
{
    char *words = apr_pstrdup(p, rg_view_words(p, code));
    words[0] = (char)apr_toupper(words[0]);
    return words;
}

const char *rg_view_place(apr_pool_t *p, const char *body_site, rg_side_t side)
{
    const char *words = rg_view_words(p, body_site);
    if (side == RG_SIDE_NONE || !*words) {
        return words;
    }
    return apr_pstrcat(p, rg_side_name(side), " ", words, NULL);
}

static bool are_both_sides(const rg_targets_t *t)
{
    return t->count == 2 && strcmp(t->at[0].body_site, t->at[1].body_site) == 0 &&
           t->at[0].side != t->at[1].side && t->at[0].side != RG_SIDE_NONE &&
           t->at[1].side != RG_SIDE_NONE;
}

/* Words of parts of the body are English nouns: "knee", "foot", "achilles tendon". */
static const char *both_words(apr_pool_t *p, const char *words)
{
    size_t n = strlen(words);
    bool foot = n >= 4 && strcmp(words + n - 4, "foot") == 0;
    return foot ? apr_pstrcat(p, "both ", apr_pstrmemdup(p, words, n - 4), "feet", NULL)
                : apr_pstrcat(p, "both ", words, "s", NULL);
}

const char *rg_view_places(apr_pool_t *p, const char *body_site, rg_side_t side,
                           const char *further)
{
    const rg_targets_t t = rg_targets_of(p, body_site, side, further);
    const char *words = rg_view_place(p, body_site, side);
    if (are_both_sides(&t)) {
        return both_words(p, rg_view_words(p, body_site));
    }
    for (int i = 1; i < t.count; i++) {
        words = apr_pstrcat(p, words, i + 1 < t.count ? ", " : " and ",
                            rg_view_place(p, t.at[i].body_site, t.at[i].side), NULL);
    }
    return words;
}

const char *rg_view_name(apr_pool_t *p, const char *given, const char *family)
{
    bool both = given && *given && family && *family;
    return apr_pstrcat(p, given ? given : "", both ? " " : "", family ? family : "", NULL);
}

const char *rg_view_minutes(apr_pool_t *p, int minutes)
{
    int hours = minutes / 60;
    int rest = minutes % 60;
    const char *h = hours == 1 ? "1 hour" : apr_psprintf(p, "%d hours", hours);
    const char *m = rest == 1 ? "1 minute" : apr_psprintf(p, "%d minutes", rest);
    if (hours == 0) {
        return m;
    }
    return rest == 0 ? h : apr_pstrcat(p, h, " ", m, NULL);
}

const char *rg_view_resource_kind(rg_resource_kind_t kind)
{
    static const char *const words[] = {[RG_RESOURCE_PRACTITIONER] = "Person",
                                        [RG_RESOURCE_ROOM] = "Room",
                                        [RG_RESOURCE_DEVICE] = "Device"};
    RG_WORDS_ALL(words, RG_RESOURCE_KIND_COUNT);
    return words[kind];
}

const char *rg_view_signer(rg_signer_t signer)
{
    static const char *const words[] = {[RG_SIGNER_PATIENT] = "The patient",
                                        [RG_SIGNER_OTHER] = "Representative of the patient",
                                        [RG_SIGNER_PARENT] = "Parent of the patient",
                                        [RG_SIGNER_GUARDIAN] = "Legal guardian of the patient",
                                        [RG_SIGNER_PROXY] =
                                            "Health-care proxy, or holder of a power of attorney"};
    RG_WORDS_ALL(words, RG_SIGNER_COUNT);
    return (int)signer < 0 ? "" : words[signer];
}

const char *rg_view_closure_kind(rg_closure_kind_t kind)
{
    static const char *const words[] = {[RG_CLOSURE_HOLIDAY] = "Holiday",
                                        [RG_CLOSURE_ABSENCE] = "Absence",
                                        [RG_CLOSURE_CALIBRATION] = "Calibration",
                                        [RG_CLOSURE_CLEANING] = "Cleaning",
                                        [RG_CLOSURE_OTHER] = "Other"};
    RG_WORDS_ALL(words, RG_CLOSURE_KIND_COUNT);
    return words[kind];
}

const char *rg_view_status(rg_booking_status_t s)
{
    switch (s) {
    case RG_BOOKING_HELD: return "Held";
    case RG_BOOKING_BOOKED: return "Booked";
    case RG_BOOKING_ARRIVED: return "Arrived";
    case RG_BOOKING_IN_PROGRESS: return "In treatment";
    case RG_BOOKING_COMPLETED: return "Completed";
    case RG_BOOKING_EXPIRED: return "Expired";
    case RG_BOOKING_CANCELLED: return "Canceled";
    case RG_BOOKING_NO_SHOW: return "No-show";
    }
    return "";
}

const char *rg_view_status_class(rg_booking_status_t s)
{
    switch (s) {
    case RG_BOOKING_ARRIVED:
    case RG_BOOKING_IN_PROGRESS: return "now";
    case RG_BOOKING_COMPLETED: return "done";
    case RG_BOOKING_EXPIRED:
    case RG_BOOKING_CANCELLED:
    case RG_BOOKING_NO_SHOW: return "missing";
    case RG_BOOKING_HELD:
    case RG_BOOKING_BOOKED: return "";
    }
    return "";
}

/* A and B with SEP between them unless one is empty. */
static const char *joined(apr_pool_t *p, const char *a, const char *sep, const char *b)
{
    if (!a || !*a) {
        return b ? b : "";
    }
    return b && *b ? apr_pstrcat(p, a, sep, b, NULL) : a;
}

const char *rg_view_address(apr_pool_t *p, const rg_address_t *a)
{
    const char *region = joined(p, a->state, " ", a->postal_code);
    const char *here = joined(p, joined(p, a->line, ", ", a->city), ", ", region);
    bool abroad = a->country && *a->country && strcmp(a->country, "US") != 0;
    return abroad ? joined(p, here, ", ", rg_country_name(a->country)) : here;
}

/* What a telephone dials: digits and a leading plus. */
static const char *dialled(apr_pool_t *p, const char *phone)
{
    char *out = apr_palloc(p, strlen(phone) + 1);
    char *end = out;
    for (const char *c = phone; *c && !apr_isalpha(*c); c++) {
        if (apr_isdigit(*c) || (*c == '+' && end == out)) {
            *end++ = *c;
        }
    }
    *end = '\0';
    return out;
}

/* --- times, dates, money -------------------------------------------------------------------- */

void rg_view_time(rg_val_t *object, const char *key, apr_pool_t *p, const rg_zone_t *z,
                  apr_time_t t)
{
    if (t == 0 || !z) {
        return;
    }
    rg_val_t *v = rg_val_object(p);
    rg_date_t date = rg_zone_local(z, t).date;
    rg_val_str(v, "instant", rg_time_instant(p, t));
    rg_val_str(v, "people", rg_time_people(p, z, t));
    rg_val_str(v, "day", rg_date_long(p, date));
    rg_val_str(v, "date", rg_date_iso(p, date));
    rg_val_str(v, "clock", rg_time_clock(p, z, t));
    rg_val_set(object, key, v);
}

void rg_view_date(rg_val_t *object, const char *key, apr_pool_t *p, rg_date_t d)
{
    if (d.year == 0) {
        return;
    }
    rg_val_t *v = rg_val_object(p);
    const char *day = rg_date_long(p, d);
    const char *blank = strchr(day, ' ');
    rg_val_str(v, "date", rg_date_iso(p, d));
    rg_val_str(v, "day", day);
    rg_val_str(v, "plain", blank ? blank + 1 : day);
    rg_val_str(v, "us", rg_date_us(p, d));
    rg_val_set(object, key, v);
}

void rg_view_money(rg_val_t *object, const char *key, apr_pool_t *p, rg_money_t m)
{
    rg_val_t *v = rg_val_object(p);
    rg_val_str(v, "text", rg_money_display(p, m));
    rg_val_set(object, key, v);
}

/* --- the site and the page ------------------------------------------------------------------ */

/* "New York time": taken from what core appends to a time, so that both can never differ. */
static const char *zone_words(apr_pool_t *p, const rg_zone_t *z)
{
    const char *people = rg_time_people(p, z, 0);
    const char *open = strrchr(people, '(');
    size_t n = open ? strlen(open) : 0;
    return n > 2 ? apr_pstrmemdup(p, open + 1, n - 2) : people;
}

static const char *unless_empty(const char *s)
{
    return s && *s ? s : NULL;
}

rg_val_t *rg_view_site(apr_pool_t *p, const rg_site_t *site)
{
    rg_val_t *v = rg_val_object(p);
    rg_val_str(v, "name", site->name);
    rg_val_str(v, "address", rg_view_address(p, &site->address));
    rg_val_str(v, "phone", unless_empty(site->phone));
    rg_val_str(v, "phone_link", site->phone ? dialled(p, site->phone) : NULL);
    rg_val_str(v, "notice", unless_empty(site->notice));
    rg_val_str(v, "zone_words", site->zone ? zone_words(p, site->zone) : site->time_zone);
    return v;
}

rg_val_t *rg_view_face(apr_pool_t *p, const char *name, const char *phone)
{
    rg_val_t *v = rg_val_object(p);
    rg_val_str(v, "name", name);
    rg_val_str(v, "phone", phone);
    rg_val_str(v, "phone_link", phone ? dialled(p, phone) : NULL);
    return v;
}

rg_val_t *rg_view_page(apr_pool_t *p, const char *title, const rg_site_t *site)
{
    rg_val_t *v = rg_val_object(p);
    rg_val_str(v, "title", title);
    if (site) {
        rg_val_str(v, "clinic", site->name);
        rg_val_set(v, "site", rg_view_site(p, site));
    }
    return v;
}

/* --- bookings ------------------------------------------------------------------------------- */

static void put_status(rg_val_t *v, apr_pool_t *p, rg_booking_status_t status)
{
    char *flag = apr_pstrcat(p, "is_", rg_booking_status_name(status), NULL);
    for (char *c = flag; *c; c++) {
        if (*c == '-') {
            *c = '_'; /* a template's name for no-show */
        }
    }
    rg_val_str(v, "status", rg_booking_status_name(status));
    rg_val_str(v, "state", rg_view_status(status));
    rg_val_str(v, "state_class", rg_view_status_class(status));
    rg_val_bool(v, flag, true);
}

static const char *resources_of_step(apr_pool_t *p, const rg_booking_t *b, int step_no)
{
    const char *all = "";
    for (int i = 0; i < b->resource_count; i++) {
        if (b->resources[i].step_no == step_no) {
            all = joined(p, all, ", ", b->resources[i].resource_name);
        }
    }
    return all;
}

/* The patient's own stations are those with people: the material alone is in the centrifuge. */
static bool patient_waits(rg_step_kind_t kind)
{
    return kind == RG_STEP_PROCESS;
}

static const char *length(apr_pool_t *p, apr_time_t from, apr_time_t until)
{
    return rg_view_minutes(p, (int)(apr_time_sec(until - from) / 60));
}

/* The steps of one visit; VISIT_NO 0: of all. */
static void put_visit_steps(rg_val_t *v, apr_pool_t *p, const rg_booking_t *b, const rg_zone_t *z,
                            int visit_no)
{
    rg_val_t *list = rg_val_set_list(v, "steps");
    for (int i = 0; i < b->step_count; i++) {
        const rg_booking_step_t *s = &b->steps[i];
        if (visit_no != 0 && s->visit_no != visit_no) {
            continue;
        }
        rg_val_t *item = rg_val_add(list);
        rg_val_int(item, "no", s->step_no);
        rg_val_bool(item, "dated", b->appointment_count > 1);
        rg_val_str(item, "kind", rg_step_kind_name(s->kind));
        rg_val_str(item, "name", s->name);
        rg_val_bool(item, "waits", patient_waits(s->kind));
        rg_val_str(item, "resources", unless_empty(resources_of_step(p, b, s->step_no)));
        rg_view_time(item, "starts", p, z, s->starts_at);
        rg_view_time(item, "ends", p, z, s->ends_at);
        rg_val_str(item, "length", length(p, s->starts_at, s->ends_at));
    }
}

enum { SCALE_WIDTH = 1000 };

static int on_scale(const rg_appointment_t *a, apr_time_t span)
{
    apr_time_t whole = a->ends_at - a->starts_at;
    return whole > 0 ? (int)(span * SCALE_WIDTH / whole) : 0;
}

/* The visit as a bar: while the patient is needed, and while they rest. Of steps as planned. */
static void put_scale(rg_val_t *v, apr_pool_t *p, const rg_booking_t *b, const rg_appointment_t *a)
{
    rg_val_t *list = rg_val_set_list(v, "bars");
    apr_time_t needed = 0;
    for (int i = 0; i < b->step_count; i++) {
        const rg_booking_step_t *s = &b->steps[i];
        bool rests = patient_waits(s->kind) || s->kind == RG_STEP_RECOVER;
        if (s->visit_no != a->visit_no || rests) {
            continue;
        }
        rg_val_t *bar = rg_val_add(list);
        rg_val_int(bar, "x", on_scale(a, s->starts_at - a->starts_at));
        rg_val_int(bar, "width", on_scale(a, s->ends_at - s->starts_at));
        needed += s->ends_at - s->starts_at;
    }
    apr_time_t rests = a->ends_at - a->starts_at - needed;
    rg_val_str(v, "needed", length(p, 0, needed));
    rg_val_str(v, "rests", rests > 0 ? length(p, 0, rests) : NULL);
}

static void put_booking_visits(rg_val_t *v, apr_pool_t *p, const rg_booking_t *b,
                               const rg_zone_t *z)
{
    rg_val_t *list = rg_val_set_list(v, "visits");
    for (int i = 0; i < b->appointment_count; i++) {
        const rg_appointment_t *a = &b->appointments[i];
        rg_val_t *item = rg_val_add(list);
        rg_val_int(item, "no", a->visit_no);
        rg_val_bool(item, "several", b->appointment_count > 1);
        rg_view_time(item, "starts", p, z, a->starts_at);
        rg_view_time(item, "ends", p, z, a->ends_at);
        rg_val_bool(item, "off", a->off);
        rg_val_str(item, "length", length(p, a->starts_at, a->ends_at));
        put_visit_steps(item, p, b, z, a->visit_no);
        put_scale(item, p, b, a);
    }
}

rg_val_t *rg_view_booking(apr_pool_t *p, const rg_booking_t *b, const rg_zone_t *z)
{
    rg_val_t *v = rg_val_object(p);
    rg_val_str(v, "uid", b->uid);
    rg_val_str(v, "number", rg_number_people(p, b->number));
    rg_val_int(v, "seen", b->version); /* what a form of its page comes back with */
    rg_val_str(v, "service", b->service_name);
    rg_val_str(v, "service_code", b->service_code);
    put_status(v, p, b->status);
    rg_view_time(v, "starts", p, z, b->starts_at);
    rg_view_time(v, "ends", p, z, b->ends_at);
    /* Over several visits it would count the nights. */
    rg_val_str(v, "length", b->appointment_count > 1 ? NULL : length(p, b->starts_at, b->ends_at));
    rg_val_str(v, "place", unless_empty(rg_view_places(p, b->body_site, b->side, b->further)));
    rg_val_str(v, "body_site", unless_empty(rg_view_words(p, b->body_site)));
    rg_val_str(v, "side", b->side == RG_SIDE_NONE ? NULL : rg_side_name(b->side));
    rg_view_money(v, "price", p, b->price);
    rg_val_str(v, "patient", unless_empty(rg_view_name(p, b->patient_given, b->patient_family)));
    rg_view_date(v, "birth_date", p, b->patient_birth_date);
    rg_val_bool(v, "insured", b->self_pay == 0);
    put_booking_visits(v, p, b, z);
    put_visit_steps(v, p, b, z, 0);
    return v;
}

static const char *day_and_clock(apr_pool_t *p, const rg_zone_t *z, apr_time_t t)
{
    return apr_pstrcat(p, rg_date_long(p, rg_zone_local(z, t).date), ", ", rg_time_clock(p, z, t),
                       NULL);
}

void rg_view_hold(rg_val_t *object, const char *key, apr_pool_t *p, const rg_booking_t *b,
                  const rg_zone_t *z, apr_time_t now)
{
    if (b->status != RG_BOOKING_HELD || b->hold_expires_at <= now) {
        return;
    }
    int seconds = (int)apr_time_sec(b->hold_expires_at - now);
    rg_val_t *v = rg_val_object(p);
    rg_view_time(v, "until", p, z, b->hold_expires_at);
    rg_val_int(v, "seconds", seconds);
    rg_val_bool(v, "late", seconds <= 120);
    rg_val_bool(v, "extends", b->hold_extends);
    rg_val_str(v, "what", b->service_name);
    rg_val_str(v, "when", day_and_clock(p, z, b->starts_at));
    rg_val_t *later = rg_val_set_list(v, "later");
    for (int i = 1; i < b->appointment_count; i++) {
        rg_val_str(rg_val_add(later), "then", day_and_clock(p, z, b->appointments[i].starts_at));
    }
    rg_val_set(object, key, v);
}

/* --- people --------------------------------------------------------------------------------- */

rg_val_t *rg_view_patient(apr_pool_t *p, const rg_patient_t *patient)
{
#define PUT(name, member, path) rg_val_str(v, #name, patient->member);
    rg_val_t *v = rg_val_object(p);
    RG_PERSON_FIELDS(PUT)
#undef PUT
    rg_val_str(v, "uid", patient->uid);
    rg_val_str(v, "name", rg_view_name(p, patient->given, patient->family));
    rg_view_date(v, "birth_date", p, patient->birth_date);
    rg_val_str(v, "address", *patient->address.line ? rg_view_address(p, &patient->address) : NULL);
    return v;
}

rg_val_t *rg_view_coverage(apr_pool_t *p, const rg_coverage_t *c)
{
    rg_val_t *v = rg_val_object(p);
    rg_val_str(v, "payer", c->payer.name);
    rg_val_str(v, "payer_code", c->payer.code);
    rg_val_str(v, "member_id", c->member_id);
    rg_val_str(v, "group_no", unless_empty(c->group_no));
    rg_val_str(v, "relationship", c->relationship);
    rg_val_str(v, "subscriber",
               unless_empty(rg_view_name(p, c->subscriber_given, c->subscriber_family)));
    return v;
}

/* --- forms ---------------------------------------------------------------------------------- */

void rg_view_many(rg_val_t *object, const char *key, apr_pool_t *p, int count)
{
    const char *digits = apr_itoa(p, count);
    rg_val_str(object, key, count < RG_LIST_MOST ? digits : apr_pstrcat(p, digits, "+", NULL));
}

void rg_view_choice(rg_val_t *object, const char *key, apr_pool_t *p, const char *name,
                    const char *value, const char *text, const char *chosen)
{
    rg_val_t *list = rg_val_set_list(object, key);
    bool first = rg_val_count(list) == 0;
    rg_val_t *item = rg_val_add(list);
    rg_val_str(item, "value", value);
    rg_val_str(item, "text", text);
    rg_val_bool(item, "chosen", chosen && strcmp(chosen, value) == 0);
    rg_val_bool(item, "first", first);
    rg_val_str(item, "id", first ? name : apr_pstrcat(p, name, "-", value, NULL));
}

/* One line of a form's text into SECTION: a paragraph, or an item of the list that is open. */
static void put_line(rg_val_t *section, apr_pool_t *p, const char *line)
{
    bool item = strncmp(line, "- ", 2) == 0;
    rg_val_t *blocks = rg_val_set_list(section, "blocks");
    int count = rg_val_count(blocks);
    rg_val_t *last = count > 0 ? rg_val_at(blocks, count - 1) : NULL;
    if (!item) {
        rg_val_str(rg_val_add(blocks), "text", line);
        return;
    }
    if (!last || !rg_val_get(last, "items")) {
        last = rg_val_add(blocks);
    }
    rg_val_push(rg_val_set_list(last, "items"), rg_val_string(p, line + 2));
}

rg_val_t *rg_view_sections(apr_pool_t *p, const char *text)
{
    rg_val_t *sections = rg_val_list(p);
    rg_val_t *section = NULL;
    while (*text) {
        size_t n = strcspn(text, "\n");
        const char *line = apr_pstrmemdup(p, text, n);
        text += n + (text[n] == '\n');
        bool heading = strncmp(line, "## ", 3) == 0;
        if (!heading && strspn(line, " \t\r") == strlen(line)) {
            continue;
        }
        if (heading || !section) {
            section = rg_val_add(sections);
        }
        if (heading) {
            rg_val_str(section, "heading", line + 3);
        }
        else {
            put_line(section, p, line);
        }
    }
    return sections;
}

/* --- a day in three fields -------------------------------------------------------------------- */

static const char *typed(const rg_val_t *in, const char *name)
{
    const rg_val_t *v = rg_val_get(in, name);
    return v ? rg_val_text(v) : NULL;
}

/* Name and value of the field PIECE of a date in three fields. FIRST: the month has the date's own
 * id, the target of links in the error summary. */
static void put_piece(rg_val_t *day, apr_pool_t *p, const rg_val_t *in, const char *prefix,
                      const char *piece, bool first, const rg_problems_t *problems)
{
    const char *name = apr_pstrcat(p, prefix, piece, NULL);
    const char *whole = apr_pstrcat(p, prefix, "date", NULL);
    const char *id = first ? whole : name;
    const char *value = typed(in, name);
    bool wrong = rg_problem_for(problems, id) || rg_problem_for(problems, whole);
    bool own = strcmp(prefix, "birth_") == 0;
    rg_val_t *v = rg_val_object(p);
    if (first && (!value || !*value)) {
        value = typed(in, whole); /* a program sent it in one piece */
    }
    rg_val_str(v, "name", name);
    rg_val_str(v, "id", id);
    rg_val_str(v, "value", value);
    rg_val_bool(v, "wrong", wrong);
    rg_val_str(v, "described",
               apr_pstrcat(p, wrong ? whole : "", wrong ? "-error " : "", whole, "-hint", NULL));
    rg_val_str(v, "autocomplete", own ? apr_pstrcat(p, "bday-", piece, NULL) : "off");
    rg_val_set(day, piece, v);
}

void rg_view_day_fields(rg_val_t *view, const char *key, apr_pool_t *p, const rg_val_t *in,
                        const char *prefix, const rg_problems_t *problems)
{
    static const char *const pieces[] = {"month", "day", "year"};
    rg_val_t *day = rg_val_object(p);
    rg_val_t *errors = rg_val_set_list(day, "whys");
    rg_val_str(day, "id", apr_pstrcat(p, prefix, "date", NULL));
    for (int i = 0; i < 3; i++) {
        const char *id = apr_pstrcat(p, prefix, i == 0 ? "date" : pieces[i], NULL);
        const char *why = rg_problem_for(problems, id);
        put_piece(day, p, in, prefix, pieces[i], i == 0, problems);
        if (why) {
            rg_val_str(rg_val_add(errors), "text", why);
        }
    }
    rg_val_bool(day, "wrong", rg_val_count(errors) > 0);
    rg_val_set(view, key, day);
}
