/* SPDX-License-Identifier: Apache-2.0 */
/* The search for free times against its brute-force twin: thousands of random clinics, granule by
 * granule, choice by choice; both must agree on every start, and every start offered must have a
 * plan that keeps all the rules. The twin knows nothing of bits, shifts, Hall or fused needs. */
#include "dice_test.h"
#include "group_test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mod_regen/clinic/schedule/search.h"

enum { RESOURCES = 7, STEPS = 4, NEEDS = 3, BINDS = 3, WINDOW = 150, LONG_WINDOW = 2400 };

/* --- the twin --------------------------------------------------------------------------------- */

typedef struct {
    const rg_search_t *s;
    int bound[BINDS]; /* resource, or -1 */
} twin_t;

static bool can_serve(const rg_search_need_t *need, int resource)
{
    for (int i = 0; i < need->pool_count; i++) {
        if (need->pool[i] == resource) {
            return true;
        }
    }
    return false;
}

static bool free_for(const rg_search_t *s, const rg_search_need_t *need, int resource, int start,
                     int length)
{
    for (int g = start - need->setup; g < start + length + need->turnover; g++) {
        if (g < 0 || g >= s->n || !((s->free[resource].w[g / 64] >> (g % 64)) & 1)) {
            return false;
        }
    }
    return true;
}

static bool twin_step(twin_t *t, int step, int start);

/* USED: by resource, the bind word (or -2: no word) of the need it serves in this step; -1:
 * none. */
static bool twin_need(twin_t *t, int step, int start, int need_no, int copy, int *used)
{
    const rg_search_step_t *st = &t->s->steps[step];
    if (need_no == st->need_count) {
        return twin_step(t, step + 1, start + st->length);
    }
    const rg_search_need_t *need = &st->needs[need_no];
    if (copy == need->quantity) {
        return twin_need(t, step, start, need_no + 1, 0, used);
    }
    for (int r = 0; r < t->s->resource_count; r++) {
        int word = need->bind >= 0 ? need->bind : -2;
        bool mine = used[r] == -1 || (word >= 0 && used[r] == word);
        bool agreed = word < 0 || t->bound[word] < 0 || t->bound[word] == r;
        if (!mine || !agreed || !can_serve(need, r) ||
            !free_for(t->s, need, r, start, st->length)) {
            continue;
        }
        int old_used = used[r];
        int old_bound = word >= 0 ? t->bound[word] : -1;
        used[r] = word;
        if (word >= 0) {
            t->bound[word] = r;
        }
        bool found = twin_need(t, step, start, need_no, copy + 1, used);
        used[r] = old_used;
        if (word >= 0) {
            t->bound[word] = old_bound;
        }
        if (found) {
            return true;
        }
    }
    return false;
}

static bool twin_try(twin_t *t, int step, int start)
{
    const rg_search_step_t *st = &t->s->steps[step];
    if (st->only && !((st->only->w[start / 64] >> (start % 64)) & 1)) {
        return false;
    }
    int used[RESOURCES];
    for (int r = 0; r < RESOURCES; r++) {
        used[r] = -1;
    }
    return twin_need(t, step, start, 0, 0, used);
}

/* What follows from here depends on the start and on who is bound already, and is asked very often:
 * remembered, as long as it is the same clinic. */
static int clinic_number;

static bool twin_at(twin_t *t, int step, int start)
{
    enum { WHO = RESOURCES + 1 };
    static uint16_t known[STEPS][WHO * WHO * WHO]
                         [LONG_WINDOW]; /* twice the clinic's number, and yes */
    if (start < 0 || start + t->s->steps[step].length > t->s->n) {
        return false;
    }
    int who = ((t->bound[0] + 1) * WHO + t->bound[1] + 1) * WHO + t->bound[2] + 1;
    uint16_t *k = &known[step][who][start];
    if (*k / 2 != clinic_number) {
        *k = (uint16_t)(2 * clinic_number + twin_try(t, step, start));
    }
    return *k % 2 == 1;
}

static int day_by_counting(const rg_search_t *s, int granule)
{
    int day = -1;
    for (int i = 0; i <= s->day_count; i++) {
        day += s->midnights[i] <= granule;
    }
    return day;
}

static bool twin_other_day(twin_t *t, int step, int end)
{
    const rg_search_step_t *st = &t->s->steps[step];
    int ended = day_by_counting(t->s, end - 1);
    for (int start = end; start < t->s->n; start++) {
        int days = day_by_counting(t->s, start) - ended;
        if (days >= st->days_min && days <= st->days_max && twin_at(t, step, start)) {
            return true;
        }
    }
    return false;
}

/* Whether the steps from STEP on can follow a step that ended at END. */
static bool twin_step(twin_t *t, int step, int end)
{
    if (step == t->s->step_count) {
        return true;
    }
    const rg_search_step_t *st = &t->s->steps[step];
    if (st->days_max > 0) {
        return twin_other_day(t, step, end);
    }
    for (int64_t gap = st->gap_min; gap <= st->gap_max && end + gap < t->s->n; gap++) {
        if (twin_at(t, step, (int)(end + gap))) {
            return true;
        }
    }
    return false;
}

static bool twin_offers(const rg_search_t *s, int start)
{
    twin_t t = {.s = s};
    for (int i = 0; i < BINDS; i++) {
        t.bound[i] = -1;
    }
    return twin_at(&t, 0, start);
}

/* --- random clinics --------------------------------------------------------------------------- */

/* Free with gaps: opening hours, then bookings of random length punched out. */
static rg_bits_t random_day(int n, int busy)
{
    rg_bits_t b = rg_bits_make(pool, n);
    for (int at = pick(20) - 10; at < n;) {
        int open = 20 + pick(60);
        rg_bits_set(&b, at, at + open);
        at += open + pick(12);
    }
    for (int i = 0; i < busy; i++) {
        int at = pick(n);
        rg_bits_clear(&b, at, at + 1 + pick(10));
    }
    return b;
}

static void random_pool(rg_search_need_t *need, int resources)
{
    int *list = apr_palloc(pool, sizeof(int) * RESOURCES);
    int likely = 25 + pick(60);
    need->pool_count = 0;
    for (int r = 0; r < resources; r++) {
        if (chance(likely)) {
            list[need->pool_count++] = r;
        }
    }
    need->pool = list;
}

static rg_search_need_t random_need(const rg_search_t *s)
{
    rg_search_need_t need = {.quantity = 1, .bind = -1};
    random_pool(&need, s->resource_count);
    if (s->bind_count > 0 && chance(55)) {
        need.bind = pick(s->bind_count);
    }
    else if (chance(25)) {
        need.quantity = 2;
    }
    need.setup = chance(30) ? pick(4) : 0;
    need.turnover = chance(30) ? pick(5) : 0;
    return need;
}

static const rg_bits_t *random_mask(int n)
{
    rg_bits_t *b = apr_palloc(pool, sizeof(*b));
    int grid = 1 + pick(4);
    *b = rg_bits_make(pool, n);
    for (int i = pick(grid); i < n; i += grid) {
        rg_bits_set(b, i, i + 1);
    }
    return b;
}

static rg_search_step_t random_step(const rg_search_t *s)
{
    rg_search_step_t step = {.length = 1 + pick(8)};
    step.gap_min = chance(40) ? pick(6) : 0;
    step.gap_max = step.gap_min + (chance(70) ? pick(14) : 0);
    if (s->day_count > 0 && chance(70)) {
        step.days_min = 1 + pick(3);
        step.days_max = step.days_min + pick(4);
    }
    step.need_count = chance(10) ? 0 : 1 + pick(NEEDS);
    rg_search_need_t *needs = apr_palloc(pool, sizeof(*needs) * NEEDS);
    for (int i = 0; i < step.need_count; i++) {
        needs[i] = random_need(s);
    }
    step.needs = needs;
    step.only = chance(25) ? random_mask(s->n) : NULL;
    return step;
}

/* Days of any length, some left out, the first begun before the window and the last not over. */
static void random_days(rg_search_t *s, int longest)
{
    int *midnights = apr_palloc(pool, sizeof(int) * (size_t)(s->n + 3));
    int count = 0;
    int at = -pick(longest);
    for (; (at < s->n || count < 1) && count < s->n; count++) {
        midnights[count] = at;
        at += chance(6) ? 0 : 1 + pick(longest);
    }
    midnights[count] = at > s->n ? at : s->n;
    s->day_count = count;
    s->midnights = midnights;
}

static rg_search_t random_clinic(void)
{
    rg_search_t s = {.n = 20 + pick(WINDOW - 20), .resource_count = 1 + pick(RESOURCES)};
    clinic_number++;
    rg_bits_t *is_free = apr_palloc(pool, sizeof(*is_free) * RESOURCES);
    int busy = pick(5);
    for (int r = 0; r < s.resource_count; r++) {
        is_free[r] = random_day(s.n, busy);
    }
    s.free = is_free;
    s.bind_count = pick(BINDS + 1);
    s.step_count = 1 + pick(STEPS);
    if (chance(50)) {
        random_days(&s, 30);
    }
    rg_search_step_t *steps = apr_palloc(pool, sizeof(*steps) * STEPS);
    for (int i = 0; i < s.step_count; i++) {
        steps[i] = random_step(&s);
    }
    s.steps = steps;
    return s;
}

/* --- what a plan must keep -------------------------------------------------------------------- */

static void check_pick(const rg_search_t *s, const rg_plan_t *plan, int i)
{
    const rg_pick_t *k = &plan->picks[i];
    const rg_search_step_t *step = &s->steps[k->step];
    const rg_search_need_t *need = &step->needs[k->need];
    assert_true(can_serve(need, k->resource));
    assert_true(free_for(s, need, k->resource, plan->at[k->step], step->length));
    for (int other = 0; other < i; other++) {
        const rg_pick_t *o = &plan->picks[other];
        const rg_search_need_t *its = &s->steps[o->step].needs[o->need];
        bool same_word = need->bind >= 0 && its->bind == need->bind;
        if (same_word) {
            assert_int_equal(o->resource, k->resource);
        }
        else if (o->step == k->step) {
            assert_int_not_equal(o->resource, k->resource);
        }
    }
}

static void check_plan(const rg_search_t *s, const rg_plan_t *plan, int start)
{
    int wanted = 0;
    int i = 0;
    assert_int_equal(plan->at[0], start);
    for (int step = 0; step < s->step_count; step++) {
        const rg_search_step_t *st = &s->steps[step];
        if (step > 0 && st->days_max > 0) {
            int days = day_by_counting(s, plan->at[step]) -
                       day_by_counting(s, plan->at[step - 1] + s->steps[step - 1].length - 1);
            assert_in_range(days, st->days_min, st->days_max);
        }
        else if (step > 0) {
            int gap = plan->at[step] - plan->at[step - 1] - s->steps[step - 1].length;
            assert_in_range(gap, st->gap_min, st->gap_max);
        }
        assert_true(!st->only || rg_bits_get(st->only, plan->at[step]));
        for (int need = 0; need < st->need_count; need++) {
            wanted += st->needs[need].quantity;
            for (; i < wanted; i++) {
                assert_int_equal(plan->picks[i].step, step);
                assert_int_equal(plan->picks[i].need, need);
                check_pick(s, plan, i);
            }
        }
    }
    assert_int_equal(plan->pick_count, wanted);
}

/* --- tests ------------------------------------------------------------------------------------ */

typedef struct {
    int clinics, offered, refused, mixed, with_days;
} tally_t;

static void compare(const rg_search_t *s, tally_t *tally)
{
    rg_bits_t found = rg_search_starts(pool, s);
    int64_t load[RESOURCES];
    int offered = 0;
    for (int r = 0; r < RESOURCES; r++) {
        load[r] = pick(3);
    }
    for (int start = 0; start < s->n; start++) {
        bool expected = twin_offers(s, start);
        rg_plan_t plan;
        if (rg_bits_get(&found, start) != expected) {
            fail_msg("clinic %d, start %d: twin says %d", tally->clinics, start, expected);
        }
        if (expected || start % 7 == 0) {
            assert_int_equal(rg_plan_make(&plan, pool, s, start, load), expected);
        }
        if (expected) {
            check_plan(s, &plan, start);
            offered++;
        }
    }
    for (int i = 1; offered > 0 && i < s->step_count; i++) {
        tally->with_days += s->steps[i].days_max > 0;
    }
    tally->clinics++;
    tally->offered += offered;
    tally->refused += s->n - offered;
    tally->mixed += offered > 0 && offered < s->n;
}

static void agrees_with_twin(void **state)
{
    (void)state;
    tally_t tally = {0};
    seed = UINT64_C(0x9e3779b97f4a7c15);
    for (int i = 0; i < 4000; i++) {
        rg_search_t s = random_clinic();
        compare(&s, &tally);
        apr_pool_clear(pool);
    }
    print_message("%d clinics, %d starts offered, %d refused, %d clinics with both, %d visits days "
                  "later in clinics that offer something\n",
                  tally.clinics, tally.offered, tally.refused, tally.mixed, tally.with_days);
    /* Random clinics that are always empty or always full would prove nothing. */
    assert_true(tally.mixed > 1000 && tally.offered > 40000 && tally.with_days > 300);
}

/* A month of a large clinic: more words than one, compared on a sample of starts. */
static void agrees_over_long_windows(void **state)
{
    (void)state;
    seed = 77;
    for (int round = 0; round < 20; round++) {
        rg_search_t s = random_clinic();
        rg_bits_t *is_free = apr_palloc(pool, sizeof(*is_free) * RESOURCES);
        s.n = 2000 + pick(LONG_WINDOW - 2000);
        random_days(&s, 300);
        for (int r = 0; r < s.resource_count; r++) {
            is_free[r] = random_day(s.n, 60);
        }
        s.free = is_free;
        for (int i = 0; i < s.step_count; i++) {
            ((rg_search_step_t *)s.steps)[i].only = NULL;
        }
        rg_bits_t found = rg_search_starts(pool, &s);
        for (int k = 0; k < 300; k++) {
            int start = k < 100 ? s.n - 1 - k : pick(s.n);
            assert_int_equal(rg_bits_get(&found, start), twin_offers(&s, start));
        }
        apr_pool_clear(pool);
    }
}

static rg_bits_t all_free(int n)
{
    rg_bits_t b = rg_bits_make(pool, n);
    rg_bits_set(&b, 0, n);
    return b;
}

/* Two needs whose pools overlap: one can take either, the other only one of them. */
static void overlapping_pools_need_two(void **state)
{
    (void)state;
    static const int either[] = {0, 1};
    static const int only[] = {0};
    rg_bits_t is_free[] = {all_free(30), all_free(30)};
    rg_bits_clear(&is_free[1], 10, 20);
    rg_search_need_t needs[] = {{.pool_count = 2, .pool = either, .quantity = 1, .bind = -1},
                                {.pool_count = 1, .pool = only, .quantity = 1, .bind = -1}};
    rg_search_step_t step = {.length = 5, .need_count = 2, .needs = needs};
    rg_search_t s = {30, 2, is_free, 0, 1, &step, 0, NULL};
    rg_bits_t found = rg_search_starts(pool, &s);
    assert_true(rg_bits_get(&found, 5));
    assert_false(rg_bits_get(&found, 6));
    assert_false(rg_bits_get(&found, 19));
    assert_true(rg_bits_get(&found, 20));
    rg_plan_t plan;
    assert_true(rg_plan_make(&plan, pool, &s, 0, NULL));
    assert_int_equal(plan.picks[0].resource, 1);
    assert_int_equal(plan.picks[1].resource, 0);
}

static void least_loaded_serves(void **state)
{
    (void)state;
    static const int any[] = {0, 1, 2};
    static const int64_t load[] = {5, 2, 2};
    rg_bits_t is_free[] = {all_free(30), all_free(30), all_free(30)};
    rg_search_need_t need = {.pool_count = 3, .pool = any, .quantity = 1, .bind = -1};
    rg_search_step_t step = {.length = 5, .need_count = 1, .needs = &need};
    rg_search_t s = {30, 3, is_free, 0, 1, &step, 0, NULL};
    rg_plan_t plan;
    assert_true(rg_plan_make(&plan, pool, &s, 0, load));
    assert_int_equal(plan.picks[0].resource, 1);
    rg_bits_clear(&is_free[1], 3, 4);
    assert_true(rg_plan_make(&plan, pool, &s, 0, load));
    assert_int_equal(plan.picks[0].resource, 2);
    rg_bits_clear(&is_free[2], 3, 4);
    assert_true(rg_plan_make(&plan, pool, &s, 0, load));
    assert_int_equal(plan.picks[0].resource, 0);
}

/* The same physician harvests and injects; another one being free for the second does not help. */
static void same_practitioner(void **state)
{
    (void)state;
    static const int both[] = {0, 1};
    rg_bits_t is_free[] = {all_free(40), all_free(40)};
    rg_bits_clear(&is_free[0], 10, 40);
    rg_bits_clear(&is_free[1], 0, 10);
    rg_search_need_t need = {.pool_count = 2, .pool = both, .quantity = 1, .bind = 0};
    rg_search_step_t steps[] = {
        {.length = 5, .need_count = 1, .needs = &need},
        {.length = 5, .gap_min = 2, .gap_max = 10, .need_count = 1, .needs = &need}};
    rg_search_t s = {40, 2, is_free, 1, 2, steps, 0, NULL};
    rg_bits_t found = rg_search_starts(pool, &s);
    assert_false(rg_bits_get(&found, 0));
    assert_false(rg_bits_get(&found, 5));
    assert_int_equal(rg_bits_next(&found, 0), 10);
    need.bind = -1;
    found = rg_search_starts(pool, &s);
    assert_int_equal(rg_bits_next(&found, 0), 0);
}

/* A visit one to two days later: whole days by the calendar, not so many hours. */
static void days_between_visits(void **state)
{
    (void)state;
    static const int one[] = {0};
    static const int midnights[] = {-4, 10, 20, 20, 30, 44};
    rg_bits_t is_free[] = {all_free(40)};
    rg_search_need_t need = {.pool_count = 1, .pool = one, .quantity = 1, .bind = -1};
    rg_search_step_t steps[] = {
        {.length = 2, .need_count = 1, .needs = &need},
        {.length = 2, .days_min = 1, .days_max = 2, .need_count = 1, .needs = &need}};
    rg_search_t s = {40, 1, is_free, 0, 2, steps, 5, midnights};
    rg_bits_clear(&is_free[0], 12, 40);
    rg_bits_set(&is_free[0], 26, 28);
    rg_bits_t found = rg_search_starts(pool, &s);
    /* Day 0 ends at 10, day 2 was left out. From 8 the first visit ends on day 0 and the second can
     * be on day 1; from 9 it ends on day 1, and the second is on day 3. */
    assert_true(rg_bits_get(&found, 8));
    assert_true(rg_bits_get(&found, 9));
    assert_true(rg_bits_get(&found, 10));
    assert_false(rg_bits_get(&found, 26));
    rg_plan_t plan;
    assert_true(rg_plan_make(&plan, pool, &s, 8, NULL));
    assert_int_equal(plan.at[1], 10);
    assert_true(rg_plan_make(&plan, pool, &s, 9, NULL));
    assert_int_equal(plan.at[1], 26);
    rg_bits_clear(&is_free[0], 10, 12);
    found = rg_search_starts(pool, &s);
    assert_false(rg_bits_any(&found));
    s.day_count = 0; /* nobody knows the days: nothing can be said */
    found = rg_search_starts(pool, &s);
    assert_false(rg_bits_any(&found));
}

/* A word on one need alone binds nothing; one that nobody can serve everywhere refuses all. */
static void word_nobody_can_keep(void **state)
{
    (void)state;
    static const int first[] = {0};
    static const int second[] = {1};
    rg_bits_t is_free[] = {all_free(40), all_free(40)};
    rg_search_need_t a = {.pool_count = 1, .pool = first, .quantity = 1, .bind = 0};
    rg_search_need_t b = {.pool_count = 1, .pool = second, .quantity = 1, .bind = 0};
    rg_search_step_t steps[] = {{.length = 5, .need_count = 1, .needs = &a},
                                {.length = 5, .need_count = 1, .needs = &b}};
    rg_search_t s = {40, 2, is_free, 1, 2, steps, 0, NULL};
    rg_bits_t found = rg_search_starts(pool, &s);
    rg_plan_t plan;
    assert_false(rg_bits_any(&found));
    assert_false(rg_plan_make(&plan, pool, &s, 0, NULL));
    b.bind = -1;
    found = rg_search_starts(pool, &s);
    assert_int_equal(rg_bits_count(&found, 0, 40), 31);
}

static void impossible_asks(void **state)
{
    (void)state;
    static const int two[] = {0, 1};
    rg_bits_t is_free[] = {all_free(40), all_free(40)};
    rg_search_need_t need = {.pool_count = 2, .pool = two, .quantity = 3, .bind = -1};
    rg_search_step_t step = {.length = 5, .need_count = 1, .needs = &need};
    rg_search_t s = {40, 2, is_free, 0, 1, &step, 0, NULL};
    rg_bits_t found = rg_search_starts(pool, &s);
    assert_false(rg_bits_any(&found));
    need.quantity = 2;
    step.length = 41;
    found = rg_search_starts(pool, &s);
    assert_false(rg_bits_any(&found));
    step.length = 40;
    found = rg_search_starts(pool, &s);
    assert_int_equal(rg_bits_count(&found, 0, 40), 1);
    s.step_count = 0;
    found = rg_search_starts(pool, &s);
    assert_false(rg_bits_any(&found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(agrees_with_twin, group_clear),
        cmocka_unit_test_teardown(agrees_over_long_windows, group_clear),
        cmocka_unit_test_teardown(overlapping_pools_need_two, group_clear),
        cmocka_unit_test_teardown(least_loaded_serves, group_clear),
        cmocka_unit_test_teardown(same_practitioner, group_clear),
        cmocka_unit_test_teardown(days_between_visits, group_clear),
        cmocka_unit_test_teardown(word_nobody_can_keep, group_clear),
        cmocka_unit_test_teardown(impossible_asks, group_clear),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
