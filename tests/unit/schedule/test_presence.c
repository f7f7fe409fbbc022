/* SPDX-License-Identifier: Apache-2.0 */
/* What the boards draw against what the search knows: random hours and closures in zones with and
 * without clock changes, five minutes by five minutes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <apr_general.h>

#include "mod_regen/clinic/schedule/local_days.h"
#include "mod_regen/clinic/schedule/hours.h"
#include "regen/clinic/schedule.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"

enum { ROUNDS = 400, RESOURCES = 3, OPENINGS = 6, CLOSURES = 7, DAYS = 3, STEP = 5 };

typedef struct {
    rg_site_t site;
    rg_clinic_resource_t resources[RESOURCES];
    rg_opening_t openings[RESOURCES][OPENINGS];
    rg_closure_t closures[CLOSURES];
    int64_t ids[CLOSURES];
    const char *kinds[CLOSURES], *reasons[CLOSURES];
    rg_clinic_t clinic;
} random_t;

static uint64_t seed = 20261122;

/* A number of 0 .. N - 1; the same ones at every run. */
static int any(int n)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int)((seed >> 33) % (uint64_t)n);
}

static void random_minutes(int *from, int *until)
{
    *from = any(287) * STEP;
    *until = *from + (1 + any(288 - *from / STEP - 1)) * STEP;
}

static void random_resource(random_t *c, int i, int first)
{
    rg_clinic_resource_t *r = &c->resources[i];
    r->resource = (rg_resource_t){.id = i + 1, .active = true};
    r->site_id = 1;
    r->opening_count = any(OPENINGS + 1);
    r->openings = c->openings[i];
    for (int k = 0; k < r->opening_count; k++) {
        rg_opening_t *o = &c->openings[i][k];
        *o = (rg_opening_t){.weekday = 1 + any(7), .first_day = first - any(20)};
        o->last_day = o->first_day + any(40);
        random_minutes(&o->start, &o->end);
    }
}

static void random_closure(random_t *c, int i, int first)
{
    rg_closure_t *k = &c->closures[i];
    *k = (rg_closure_t){.site_id = 1 + any(2),
                        .resource_id = any(RESOURCES + 1),
                        .first_day = first - 2 + any(5),
                        .end = 1440};
    k->last_day = k->first_day + any(3);
    if (any(3) > 0) {
        random_minutes(&k->start, &k->end);
    }
    c->ids[i] = 100 + i;
    c->kinds[i] = "other";
    c->reasons[i] = "";
}

static void random_clinic(random_t *c, apr_pool_t *p, const char *zone, int first)
{
    c->site = (rg_site_t){.id = 1, .zone = rg_zone_open(p, zone)};
    for (int i = 0; i < RESOURCES; i++) {
        random_resource(c, i, first);
    }
    for (int i = 0; i < CLOSURES; i++) {
        random_closure(c, i, first);
    }
    c->clinic = (rg_clinic_t){.site_count = 1,
                              .sites = &c->site,
                              .resource_count = RESOURCES,
                              .resources = c->resources,
                              .closure_count = any(CLOSURES + 1),
                              .closures = c->closures,
                              .closure_ids = c->ids,
                              .closure_kinds = c->kinds,
                              .closure_reasons = c->reasons};
}

static bool is_open(const rg_presence_t *in, int resource, apr_time_t at)
{
    bool open = false;
    for (int i = 0; i < in->open_count; i++) {
        const rg_open_t *o = &in->opens[i];
        open = open || (o->resource == resource && o->from <= at && at < o->until);
    }
    for (int i = 0; i < in->shut_count; i++) {
        const rg_shut_t *s = &in->shuts[i];
        open = open && !(s->resource == resource && s->from <= at && at < s->until);
    }
    return open;
}

/* How many five minutes of the days were compared. */
static int compare(apr_pool_t *p, const random_t *c, rg_date_t first)
{
    int64_t ids[RESOURCES] = {1, 2, 3};
    const rg_zone_t *zone = c->site.zone;
    int64_t from = rg_granule_of(rg_zone_utc(zone, first, 0));
    int n = (int)(rg_granule_of(rg_zone_utc(zone, rg_date_add(first, DAYS), 0)) - from);
    rg_presence_t found;
    rg_presence_find(&found, p, &c->clinic, &c->site, ids, RESOURCES, first, DAYS);
    for (int r = 0; r < RESOURCES; r++) {
        rg_bits_t open = rg_layout_open(p, &c->clinic, &c->resources[r], zone, from, n);
        for (int at = 0; at < n; at++) {
            assert_int_equal(is_open(&found, r, rg_granule_time(from + at)),
                             rg_bits_get(&open, at));
        }
    }
    return n * RESOURCES;
}

static void boards_draw_what_the_search_knows(void **state)
{
    static const char *const zones[] = {"America/New_York", "Europe/London", "Australia/Lord_Howe",
                                        "Asia/Tokyo", "America/Havana"};
    static const rg_date_t days[] = {{2026, 3, 7}, {2026, 10, 31}, {2026, 3, 28}, {2026, 10, 24},
                                     {2027, 4, 3}, {2026, 10, 3},  {2026, 11, 22}};
    apr_pool_t *p;
    int compared = 0;
    (void)state;
    for (int i = 0; i < ROUNDS; i++) {
        random_t c = {.clinic = {0}};
        rg_date_t first = days[any(7)];
        assert_int_equal(apr_pool_create(&p, NULL), APR_SUCCESS);
        random_clinic(&c, p, zones[i % 5], rg_date_days(first));
        compared += compare(p, &c, first);
        apr_pool_destroy(p);
    }
    assert_true(compared > ROUNDS * 800);
}

/* Hours that touch are told as one, and everything carries its day and whose it is. */
static void stretches_say_whose_they_are(void **state)
{
    apr_pool_t *p;
    rg_presence_t found;
    rg_opening_t hours[] = {{1, 480, 720, 0, 99999}, {1, 720, 1020, 0, 99999}};
    rg_clinic_resource_t r = {
        .resource = {.id = 7, .active = true}, .site_id = 1, .opening_count = 2, .openings = hours};
    rg_date_t monday = {2026, 11, 23};
    int day = rg_date_days(monday);
    rg_closure_t closures[] = {{1, 7, day, day, 780, 840}, {1, 0, day + 1, day + 1, 0, 1440}};
    int64_t ids[] = {11, 12};
    const char *kinds[] = {"absence", "holiday"};
    const char *reasons[] = {"conference", "feast"};
    const int64_t seven = 7;
    (void)state;
    assert_int_equal(apr_pool_create(&p, NULL), APR_SUCCESS);
    rg_site_t site = {.id = 1, .zone = rg_zone_open(p, "America/New_York")};
    rg_clinic_t k = {.resource_count = 1,
                     .resources = &r,
                     .closure_count = 2,
                     .closures = closures,
                     .closure_ids = ids,
                     .closure_kinds = kinds,
                     .closure_reasons = reasons};
    rg_presence_find(&found, p, &k, &site, &seven, 1, monday, 2);
    assert_int_equal(found.open_count, 1);
    assert_int_equal(found.opens[0].until - found.opens[0].from, apr_time_from_sec(9 * 3600));
    assert_int_equal(found.shut_count, 2);
    assert_int_equal(found.shuts[0].day, 0);
    assert_string_equal(found.shuts[0].kind, "absence");
    assert_string_equal(found.shuts[0].reason, "conference");
    assert_false(found.shuts[0].whole_site);
    assert_false(found.shuts[0].whole_day);
    assert_int_equal(found.shuts[1].day, 1);
    assert_int_equal(found.shuts[1].closure_id, 12);
    assert_true(found.shuts[1].whole_site);
    assert_true(found.shuts[1].whole_day);
    /* Who works here no more has no hours. */
    r.resource.active = false;
    rg_presence_find(&found, p, &k, &site, &seven, 1, monday, 2);
    assert_int_equal(found.open_count, 0);
    apr_pool_destroy(p);
}

static int group_setup(void **state)
{
    (void)state;
    return apr_initialize() != APR_SUCCESS;
}

static int group_teardown(void **state)
{
    (void)state;
    apr_terminate();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boards_draw_what_the_search_knows),
        cmocka_unit_test(stretches_say_whose_they_are),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
