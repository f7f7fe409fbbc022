/* SPDX-License-Identifier: Apache-2.0 */
/* From definitions to offered times, against a twin that reads a clock on the wall: random clinics
 * in zones whose clocks change while the search looks, with weekly hours, closures, capabilities
 * (any of several), pools, words that bind, day-range gaps and a limit a day. Both must agree on
 * every start, and a plan exists exactly where a start is offered. The twin knows no bits, no
 * windows and no tables: it asks minute by minute what the clock shows. */
#include "dice_test.h"
#include "group_test.h"

#include <string.h>

#include "mod_regen/clinic/schedule/local_days.h"
#include "mod_regen/clinic/schedule/input.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"

enum { RESOURCES = 5, STEPS = 3, NEEDS = 2, OPENINGS = 6, CLOSURES = 3, BOOKINGS = 14 };

/* --- a random clinic -------------------------------------------------------------------------- */

/* A booking of somebody else: RESOURCE is taken for granules [from, until). */
typedef struct {
    int resource;
    int64_t from, until;
} taken_t;

typedef struct {
    rg_clinic_t clinic;
    rg_site_t site;
    rg_clinic_service_t service;
    rg_clinic_resource_t resources[RESOURCES];
    rg_opening_t openings[RESOURCES][OPENINGS];
    const char *capabilities[RESOURCES][2];
    rg_closure_t closures[CLOSURES];
    rg_step_t steps[STEPS];
    rg_need_t needs[STEPS][NEEDS];
    const char *any[STEPS][NEEDS][1];
    taken_t taken[BOOKINGS];
    int taken_count;
    rg_seats_t seats[3];
    rg_date_t first;
    int days;
    apr_time_t now;
    int64_t practitioner;
    int targets; /* to be treated in the visit that is looked for */
} world_t;

static const char *const words[] = {"doctor", "nurse", "room"};

/* Years and days in which something happens to the clock, and one zone without anything. */
static const struct {
    const char *zone;
    rg_date_t day;
} places[] = {
    {"America/New_York", {2027, 3, 14}},   {"America/New_York", {2026, 11, 1}},
    {"Europe/Berlin", {2027, 3, 28}},      {"Europe/Berlin", {2026, 10, 25}},
    {"Australia/Lord_Howe", {2027, 4, 4}}, {"Australia/Lord_Howe", {2026, 10, 4}},
    {"Asia/Kathmandu", {2026, 12, 1}},     {"America/Sao_Paulo", {2018, 11, 4}},
    {"America/Sao_Paulo", {2018, 2, 18}},  {"America/Havana", {2027, 3, 14}},
    {"America/Havana", {2026, 11, 1}},     {"America/Nuuk", {2026, 10, 25}},
    {"Africa/Casablanca", {2027, 3, 14}},  {"Antarctica/Troll", {2027, 3, 28}},
    {"Pacific/Apia", {2011, 12, 30}},      {"Pacific/Chatham", {2027, 4, 4}},
    {"America/St_Johns", {2027, 11, 7}},   {"Asia/Pyongyang", {2018, 5, 5}},
};
enum { PLACES = sizeof(places) / sizeof(places[0]) };

/* Mostly hours of the night, because that is when clocks change. */
static void random_hours(world_t *w, int r)
{
    int count = 2 + pick(OPENINGS - 1);
    int around = rg_date_weekday(w->first);
    for (int i = 0; i < count; i++) {
        rg_opening_t *o = &w->openings[r][i];
        o->weekday = (around - 1 + pick(4)) % 7 + 1;
        o->start = chance(50) ? 0 : pick(200) * 5 + (chance(10) ? 3 : 0);
        o->end = chance(40) ? 1440 : o->start + 60 + pick(60) * 5;
        o->end = o->end > 1440 ? 1440 : o->end;
        o->first_day = rg_date_days(w->first) - 20 + (chance(20) ? 20 : 0);
        o->last_day = rg_date_days(w->first) + (chance(20) ? 1 : 40);
    }
    w->resources[r].openings = w->openings[r];
    w->resources[r].opening_count = count;
}

static void random_resource(world_t *w, int r)
{
    rg_clinic_resource_t *x = &w->resources[r];
    x->resource.id = 10 + r * 3;
    x->resource.active = !chance(5);
    x->site_id = chance(5) ? 2 : 1;
    w->capabilities[r][0] = words[pick(3)];
    w->capabilities[r][1] = words[pick(3)];
    x->capabilities = w->capabilities[r];
    x->capability_count = chance(30) ? 2 : 1;
    random_hours(w, r);
}

static void random_closure(world_t *w)
{
    rg_closure_t *c = &w->closures[w->clinic.closure_count++];
    c->site_id = chance(80) ? 1 : 2;
    c->resource_id = chance(60) ? 10 + pick(RESOURCES) * 3 : 0;
    c->first_day = rg_date_days(w->first) + pick(4) - 1;
    c->last_day = c->first_day + pick(2);
    c->start = chance(30) ? 0 : pick(280) * 5 + (chance(10) ? 2 : 0);
    c->end = chance(30) ? 1440 : c->start + 5 + pick(40) * 5;
    c->end = c->end > 1440 ? 1440 : c->end;
}

static void random_need(world_t *w, int step, int i)
{
    rg_need_t *n = &w->needs[step][i];
    n->need_no = i + 1;
    n->capability = words[pick(3)];
    n->quantity = 1;
    n->bind = chance(40) ? "same" : "";
    if (!n->bind[0] && chance(15)) {
        n->quantity = 2;
    }
    n->setup = chance(20) ? 5 * pick(4) : 0;
    n->turnover = chance(20) ? 5 * pick(4) : 0;
    w->any[step][i][0] = words[pick(3)];
    n->any = w->any[step][i];
    n->any_count = chance(25) ? 1 : 0;
}

static void random_step(world_t *w, int i)
{
    rg_step_t *s = &w->steps[i];
    rg_step_t *before = i > 0 ? &w->steps[i - 1] : NULL;
    s->step_no = i + 1;
    s->minutes = 5 * (1 + pick(12));
    s->further_minutes = chance(50) ? 5 * (1 + pick(5)) : 0;
    s->gap_min = before && chance(40) ? 5 * pick(6) : 0;
    s->gap_max = before ? s->gap_min + 5 * pick(12) : 0;
    s->visit_no = before ? before->visit_no + chance(40) : 1;
    if (before && s->visit_no > before->visit_no && chance(80)) {
        s->gap_days_min = 1 + pick(2);
        s->gap_days_max = s->gap_days_min + pick(2);
    }
    s->need_count = 1 + pick(NEEDS);
    s->needs = w->needs[i];
    for (int k = 0; k < s->need_count; k++) {
        random_need(w, i, k);
    }
}

static void random_service(world_t *w)
{
    static const int grids[] = {15, 20, 30, 60};
    rg_service_t *s = &w->service.service;
    w->targets = chance(60) ? 1 : 2 + pick(3);
    s->id = 5;
    s->code = "service";
    s->site_id = 1;
    s->start_grid = grids[pick(4)];
    s->notice_minutes = pick(5) * 60;
    s->horizon_days = 1 + pick(6);
    s->max_per_day = chance(40) ? 1 + pick(2) : 0;
    s->step_count = 1 + pick(STEPS);
    s->steps = w->steps;
    for (int i = 0; i < s->step_count; i++) {
        random_step(w, i);
    }
}

static void random_bookings(world_t *w)
{
    int64_t around = rg_granule_of(rg_zone_utc(w->site.zone, w->first, 0));
    w->taken_count = pick(BOOKINGS);
    for (int i = 0; i < w->taken_count; i++) {
        int64_t from = around - 100 + pick(1200);
        w->taken[i] = (taken_t){pick(RESOURCES), from, from + 1 + pick(30)};
    }
    for (int i = 0; i < 3; i++) {
        w->seats[i] = (rg_seats_t){rg_date_days(w->first) + i, pick(3)};
    }
}

static world_t *random_world(void)
{
    world_t *w = apr_pcalloc(pool, sizeof(*w));
    int place = pick(PLACES);
    w->site.id = 1;
    w->site.zone = rg_zone_open(pool, places[place].zone);
    assert_non_null(w->site.zone);
    w->first = rg_date_add(places[place].day, -pick(3));
    w->days = 1 + pick(3);
    w->now = rg_zone_utc(w->site.zone, rg_date_add(w->first, -pick(3)), pick(1440));
    for (int r = 0; r < RESOURCES; r++) {
        random_resource(w, r);
    }
    for (int n = pick(CLOSURES + 1); n > 0; n--) {
        random_closure(w);
    }
    random_service(w);
    random_bookings(w);
    w->clinic.site_count = 1;
    w->clinic.sites = &w->site;
    w->clinic.resource_count = RESOURCES;
    w->clinic.resources = w->resources;
    w->clinic.closures = w->closures;
    return w;
}

/* --- the twin: what the clock says ------------------------------------------------------------ */

/* What is remembered of one world, because the same question is asked very often: from granule
 * known_from on. An entry counts when it carries the world's number. */
enum { MEMORY = 40 * 288 };
static int world_number;
static int64_t known_from;

static int remembered(int64_t granule)
{
    assert_in_range(granule - known_from, 0, MEMORY - 1);
    return (int)(granule - known_from);
}

typedef struct {
    int world, day, weekday, minute;
} wall_t;

static const wall_t *clock_at(const world_t *w, int64_t granule, int minute)
{
    static wall_t clocks[MEMORY][5];
    wall_t *c = &clocks[remembered(granule)][minute];
    if (c->world != world_number) {
        rg_local_t t = rg_zone_local(
            w->site.zone, apr_time_from_sec(granule * RG_GRANULE_SEC + (int64_t)minute * 60));
        *c = (wall_t){world_number, rg_date_days(t.date), rg_date_weekday(t.date), t.minute};
    }
    return c;
}

static bool open_at(const world_t *w, int r, const wall_t *t)
{
    const rg_clinic_resource_t *x = &w->resources[r];
    bool open = false;
    for (int i = 0; i < x->opening_count; i++) {
        const rg_opening_t *o = &x->openings[i];
        open = open || (o->weekday == t->weekday && t->day >= o->first_day &&
                        t->day <= o->last_day && t->minute >= o->start && t->minute < o->end);
    }
    for (int i = 0; i < w->clinic.closure_count; i++) {
        const rg_closure_t *c = &w->closures[i];
        bool mine =
            c->site_id == x->site_id && (c->resource_id == 0 || c->resource_id == x->resource.id);
        open = open && !(mine && t->day >= c->first_day && t->day <= c->last_day &&
                         t->minute >= c->start && t->minute < c->end);
    }
    return open;
}

static bool free_at(const world_t *w, int r, int64_t granule)
{
    for (int minute = 0; minute < 5; minute++) {
        if (!open_at(w, r, clock_at(w, granule, minute))) {
            return false;
        }
    }
    for (int i = 0; i < w->taken_count; i++) {
        const taken_t *b = &w->taken[i];
        if (b->resource == r && granule >= b->from && granule < b->until) {
            return false;
        }
    }
    return true;
}

/* --- the twin: the chain ---------------------------------------------------------------------- */

static bool has(const rg_clinic_resource_t *x, const char *capability)
{
    for (int i = 0; i < x->capability_count; i++) {
        if (strcmp(x->capabilities[i], capability) == 0) {
            return true;
        }
    }
    return false;
}

static bool able(const world_t *w, const rg_need_t *n, int r)
{
    const rg_clinic_resource_t *x = &w->resources[r];
    bool able = has(x, n->capability) || (n->any_count > 0 && has(x, n->any[0]));
    return able && x->resource.active && x->site_id == 1;
}

typedef struct {
    int world;
    bool yes;
} known_t;

static bool is_free(const world_t *w, int r, int64_t granule)
{
    static known_t known[RESOURCES][MEMORY];
    known_t *k = &known[r][remembered(granule)];
    if (k->world != world_number) {
        *k = (known_t){world_number, free_at(w, r, granule)};
    }
    return k->yes;
}

static bool free_for(const world_t *w, const rg_need_t *n, int r, int64_t start, int minutes)
{
    for (int64_t g = start - n->setup / 5; g < start + minutes / 5 + n->turnover / 5; g++) {
        if (!is_free(w, r, g)) {
            return false;
        }
    }
    return true;
}

typedef struct {
    const world_t *w;
    int same; /* who serves the needs that are bound, or -1 */
} twin_t;

static bool follows(twin_t *t, int step, int64_t end);

/* Target by target: the first takes the minutes of the step, each one after it some more. */
static int lasts(const world_t *w, int step)
{
    int minutes = w->steps[step].minutes;
    for (int target = 2; target <= w->targets; target++) {
        minutes += w->steps[step].further_minutes;
    }
    return minutes;
}

/* USED: 0 nobody, 1 by a need of this step, 2 by a bound need of it. */
static bool serve(twin_t *t, int step, int64_t start, int need, int copy, int *used)
{
    const rg_step_t *s = &t->w->steps[step];
    if (need == s->need_count) {
        return follows(t, step + 1, start + lasts(t->w, step) / 5);
    }
    const rg_need_t *n = &s->needs[need];
    if (copy == n->quantity) {
        return serve(t, step, start, need + 1, 0, used);
    }
    bool bound = n->bind[0] != '\0';
    for (int r = 0; r < RESOURCES; r++) {
        bool may = used[r] == 0 || (bound && used[r] == 2);
        bool agreed = !bound || t->same < 0 || t->same == r;
        if (!may || !agreed || !able(t->w, n, r) ||
            !free_for(t->w, n, r, start, lasts(t->w, step))) {
            continue;
        }
        int old_used = used[r];
        int old_same = t->same;
        used[r] = bound ? 2 : 1;
        t->same = bound ? r : t->same;
        bool found = serve(t, step, start, need, copy + 1, used);
        used[r] = old_used;
        t->same = old_same;
        if (found) {
            return true;
        }
    }
    return false;
}

static bool try_step(twin_t *t, int step, int64_t start)
{
    const world_t *w = t->w;
    bool visit = step == 0 || w->steps[step].visit_no != w->steps[step - 1].visit_no;
    int used[RESOURCES] = {0};
    if (visit && clock_at(w, start, 0)->minute % w->service.service.start_grid != 0) {
        return false;
    }
    return serve(t, step, start, 0, 0, used);
}

/* From here on the chain asks for nothing but who is bound. */
static bool step_at(twin_t *t, int step, int64_t start)
{
    static known_t known[STEPS][RESOURCES + 1][MEMORY];
    known_t *k = &known[step][t->same + 1][remembered(start)];
    if (k->world != world_number) {
        *k = (known_t){world_number, try_step(t, step, start)};
    }
    return k->yes;
}

static bool follows(twin_t *t, int step, int64_t end)
{
    const world_t *w = t->w;
    if (step == w->service.service.step_count) {
        return true;
    }
    const rg_step_t *s = &w->steps[step];
    if (s->gap_days_max == 0) {
        for (int gap = s->gap_min; gap <= s->gap_max; gap += 5) {
            if (step_at(t, step, end + gap / 5)) {
                return true;
            }
        }
        return false;
    }
    int ended = clock_at(w, end - 1, 0)->day;
    for (int64_t g = end; g < end + (s->gap_days_max + 2) * 288; g++) {
        int days = clock_at(w, g, 0)->day - ended;
        if (days >= s->gap_days_min && days <= s->gap_days_max && step_at(t, step, g)) {
            return true;
        }
    }
    return false;
}

/* The rules of a start: asked for, not too soon, not too late, not on a full day. */
static bool may_start(const world_t *w, int64_t granule)
{
    const rg_service_t *s = &w->service.service;
    int day = clock_at(w, granule, 0)->day;
    int today = rg_date_days(rg_zone_local(w->site.zone, w->now).date);
    int first = rg_date_days(w->first);
    apr_time_t at = apr_time_from_sec(granule * RG_GRANULE_SEC);
    if (day < first || day >= first + w->days || day > today + s->horizon_days || at <= w->now ||
        at <= w->now || at < w->now + apr_time_from_sec((apr_time_t)s->notice_minutes * 60)) {
        return false;
    }
    for (int i = 0; s->max_per_day > 0 && i < 3; i++) {
        if (w->seats[i].day == day && w->seats[i].taken >= s->max_per_day) {
            return false;
        }
    }
    return true;
}

static bool twin_offers(const world_t *w, int64_t granule)
{
    twin_t t = {w, -1};
    return may_start(w, granule) && step_at(&t, 0, granule);
}

/* --- what is compared ------------------------------------------------------------------------- */

/* What the store would read: bits of every UTC day, and seats. */
static rg_calendar_t calendar_of(const world_t *w)
{
    rg_calendar_t c = {.seats = (rg_seats_t *)w->seats, .seat_count = 3};
    c.days = apr_pcalloc(pool, sizeof(rg_day_bits_t) * BOOKINGS * 2);
    for (int i = 0; i < w->taken_count; i++) {
        for (int64_t g = w->taken[i].from; g < w->taken[i].until; g++) {
            rg_day_bits_t *d = c.day_count > 0 ? &c.days[c.day_count - 1] : NULL;
            int64_t id = w->resources[w->taken[i].resource].resource.id;
            if (!d || d->resource_id != id || d->day != g / 288) {
                d = &c.days[c.day_count++];
                d->resource_id = id;
                d->day = (int)(g / 288);
            }
            d->w[g % 288 / 64] |= UINT64_C(1) << (g % 288 % 64);
        }
    }
    return c;
}

typedef struct {
    int worlds, offered, mixed, days, clock, plans, longer;
} tally_t;

static void check_plan(const world_t *w, const rg_offer_t *o, int at, bool offered)
{
    rg_plan_t plan;
    assert_int_equal(rg_plan_make(&plan, pool, &o->search, at, NULL), offered);
    if (!offered) {
        return;
    }
    for (int i = 0; i < plan.pick_count; i++) {
        const rg_pick_t *k = &plan.picks[i];
        int r = (int)(o->ids[k->resource] - 10) / 3;
        const rg_step_t *s = &w->steps[k->step];
        assert_true(able(w, &s->needs[k->need], r));
        assert_true(
            free_for(w, &s->needs[k->need], r, o->from + plan.at[k->step], lasts(w, k->step)));
    }
    assert_true(rg_offer_possible(o, pool, at));
}

static void compare(const world_t *w, tally_t *tally)
{
    rg_ctx_t ctx = {.pool = pool, .now = w->now};
    rg_offer_t *o;
    rg_calendar_t calendar = calendar_of(w);
    const rg_zone_t *zone = w->site.zone;
    int offered = 0;
    assert_int_equal(rg_offer_make(&o, &ctx, &w->clinic, &w->service, w->targets, 0,
                                   rg_zone_utc(zone, w->first, 0),
                                   rg_zone_utc(zone, rg_date_add(w->first, w->days), 0)),
                     RG_OK);
    rg_offer_take(o, &calendar);
    rg_bits_t found = rg_search_starts(pool, &o->search);
    known_from = o->from - 5 * 288;
    world_number++;
    for (int i = 0; i < o->n; i++) {
        bool expected = twin_offers(w, o->from + i);
        if (rg_bits_get(&found, i) != expected) {
            fail_msg("world %d in %s, %s: twin says %d", tally->worlds, rg_zone_name(zone),
                     rg_time_local_instant(pool, zone, rg_granule_time(o->from + i)), expected);
        }
        offered += expected;
        if (expected ? offered % 5 == 1 : i % 97 == 0) {
            check_plan(w, o, i, expected);
            tally->plans++;
        }
        if (expected) {
            assert_int_equal(rg_date_days(rg_offer_day(o, i)), clock_at(w, o->from + i, 0)->day);
        }
    }
    tally->worlds++;
    tally->offered += offered;
    tally->mixed += offered > 0;
    tally->longer += offered > 0 && lasts(w, 0) > w->steps[0].minutes;
    for (int i = 1; offered > 0 && i < w->service.service.step_count; i++) {
        tally->days += w->steps[i].gap_days_max > 0;
    }
}

static void agrees_with_the_clock(void **state)
{
    (void)state;
    tally_t tally = {0};
    seed = UINT64_C(0x2545f4914f6cdd1d);
    for (int i = 0; i < 4000; i++) {
        compare(random_world(), &tally);
        apr_pool_clear(pool);
    }
    print_message("%d worlds, %d that offer something, %d starts, %d plans, %d later days, "
                  "%d with a longer first step\n",
                  tally.worlds, tally.mixed, tally.offered, tally.plans, tally.days, tally.longer);
    assert_true(tally.mixed > 1000 && tally.offered > 30000 && tally.days > 150 &&
                tally.longer > 150);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_clock),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
