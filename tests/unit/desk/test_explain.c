/* SPDX-License-Identifier: Apache-2.0 */
/* Why a time is not offered: consistent with the search on thousands of random clinics, and
 * complete: removing all named obstacles leads further, until the time is offered or only obstacles
 * that no time removes remain. */
#include "dice_test.h"
#include "group_test.h"

#include <stdio.h>

#include "mod_regen/clinic/desk/why.h"

enum { RESOURCES = 6, STEPS = 4, NEEDS = 3, BINDS = 2, WINDOW = 110 };

/* --- random clinics, the same ones every run -------------------------------------------------- */

typedef struct {
    rg_search_t s;
    rg_bits_t open[RESOURCES], free[RESOURCES];
    rg_search_step_t steps[STEPS];
    rg_search_need_t needs[STEPS][NEEDS];
    int pools[STEPS][NEEDS][RESOURCES];
    rg_bits_t grid;
    int midnights[5];
} clinic_t;

static void fill_need(clinic_t *c, int step, int no)
{
    rg_search_need_t *need = &c->needs[step][no];
    int *to = c->pools[step][no];
    need->pool = to;
    for (int r = 0; r < RESOURCES; r++) {
        if (pick(100) < 45) {
            to[need->pool_count++] = r;
        }
    }
    need->bind = pick(100) < 40 ? pick(BINDS) : -1;
    need->quantity = need->bind < 0 && pick(100) < 15 ? 2 : 1;
    need->setup = pick(3);
    need->turnover = pick(3);
}

static void fill_resources(clinic_t *c)
{
    for (int r = 0; r < RESOURCES; r++) {
        c->open[r] = rg_bits_make(pool, WINDOW);
        c->free[r] = rg_bits_make(pool, WINDOW);
        rg_bits_set(&c->open[r], pick(20), WINDOW - pick(20));
        for (int i = pick(3); i > 0; i--) {
            int at = pick(WINDOW);
            rg_bits_clear(&c->open[r], at, at + 2 + pick(10));
        }
        rg_bits_copy(&c->free[r], &c->open[r]);
        for (int i = pick(5); i > 0; i--) {
            int at = pick(WINDOW);
            rg_bits_clear(&c->free[r], at, at + 2 + pick(20));
        }
    }
}

static clinic_t *random_clinic(void)
{
    clinic_t *c = apr_pcalloc(pool, sizeof(*c));
    fill_resources(c);
    c->grid = rg_bits_make(pool, WINDOW);
    for (int at = pick(3); at < WINDOW; at += 3) {
        rg_bits_set(&c->grid, at, at + 1);
    }
    c->s = (rg_search_t){.n = WINDOW,
                         .resource_count = RESOURCES,
                         .free = c->free,
                         .bind_count = BINDS,
                         .step_count = 1 + pick(STEPS),
                         .steps = c->steps,
                         .day_count = 4,
                         .midnights = c->midnights};
    for (int i = 0; i < 5; i++) {
        c->midnights[i] = 30 * i - 10;
    }
    for (int i = 0; i < c->s.step_count; i++) {
        c->steps[i].length = 1 + pick(6);
        c->steps[i].gap_min = pick(4);
        c->steps[i].gap_max = c->steps[i].gap_min + pick(8);
        if (i > 0 && pick(100) < 15) {
            c->steps[i].days_min = 1;
            c->steps[i].days_max = 1 + pick(2);
        }
        c->steps[i].need_count = pick(NEEDS + 1);
        c->steps[i].needs = c->needs[i];
        c->steps[i].only = i > 0 && pick(100) < 20 ? &c->grid : NULL;
        for (int k = 0; k < c->steps[i].need_count; k++) {
            fill_need(c, i, k);
        }
    }
    return c;
}

/* --- of one opinion --------------------------------------------------------------------------- */

static void sane(const clinic_t *c, const rg_block_t *b)
{
    assert_in_range(b->step, 0, c->s.step_count - 1);
    assert_true(b->need >= -1 && b->need < c->s.steps[b->step].need_count);
    bool named = b->kind == RG_BLOCK_CLOSED || b->kind == RG_BLOCK_TAKEN;
    if (!named) {
        return;
    }
    assert_in_range(b->resource, 0, RESOURCES - 1);
    assert_true(b->from < b->until);
    for (int g = b->from; g < b->until; g++) {
        bool open = rg_bits_get(&c->open[b->resource], g);
        assert_true(b->kind == RG_BLOCK_CLOSED ? !open
                                               : open && !rg_bits_get(&c->free[b->resource], g));
    }
}

static void same_opinion_as_the_search(void **state)
{
    int offered = 0;
    int refused = 0;
    (void)state;
    seed = 20261122;
    for (int round = 0; round < 1200; round++) {
        clinic_t *c = random_clinic();
        rg_bits_t starts = rg_search_starts(pool, &c->s);
        for (int at = 0; at < WINDOW; at += 1 + pick(7)) {
            int count;
            rg_block_t *blocks = rg_explain_chain(&count, pool, &c->s, c->open, at);
            if ((count == 0) != rg_bits_get(&starts, at)) {
                fail_msg("clinic %d, start %d: %d reasons, the search says %s", round, at, count,
                         rg_bits_get(&starts, at) ? "yes" : "no");
            }
            offered += count == 0;
            refused += count > 0;
            for (int i = 0; i < count; i++) {
                sane(c, &blocks[i]);
            }
        }
        apr_pool_clear(pool);
    }
    /* Neither answer is rare, or this would prove nothing. */
    assert_true(offered > 3000);
    assert_true(refused > 3000);
}

/* --- honest ----------------------------------------------------------------------------------- */

/* Opens and frees whatever is named; false when no time was. */
static bool mend(clinic_t *c, const rg_block_t *blocks, int count)
{
    bool any = false;
    for (int i = 0; i < count; i++) {
        const rg_block_t *b = &blocks[i];
        bool inside = b->from >= 0 && b->until <= WINDOW;
        if ((b->kind == RG_BLOCK_CLOSED || b->kind == RG_BLOCK_TAKEN) && inside) {
            rg_bits_set(&c->open[b->resource], b->from, b->until);
            rg_bits_set(&c->free[b->resource], b->from, b->until);
            any = true;
        }
    }
    return any;
}

static bool is_about_time(const rg_block_t *b)
{
    bool beyond = b->from < 0 || b->until > WINDOW;
    return (b->kind == RG_BLOCK_CLOSED || b->kind == RG_BLOCK_TAKEN) && !beyond;
}

static bool everything_free_helps(const clinic_t *c, int at)
{
    rg_search_t s = c->s;
    rg_bits_t all[RESOURCES];
    for (int r = 0; r < RESOURCES; r++) {
        all[r] = rg_bits_make(pool, WINDOW);
        rg_bits_set(&all[r], 0, WINDOW);
    }
    s.free = all;
    rg_bits_t starts = rg_search_starts(pool, &s);
    return rg_bits_get(&starts, at);
}

static void mending_what_is_named_ends_well(void **state)
{
    int mended = 0;
    (void)state;
    seed = 99;
    for (int round = 0; round < 800; round++) {
        clinic_t *c = random_clinic();
        int at = 25 + pick(40);
        int count;
        int turns = 0;
        rg_block_t *blocks = rg_explain_chain(&count, pool, &c->s, c->open, at);
        while (count > 0 && mend(c, blocks, count)) {
            blocks = rg_explain_chain(&count, pool, &c->s, c->open, at);
            turns++;
            assert_true(turns < 60);
        }
        bool grid = false;
        for (int i = 0; i < count; i++) {
            assert_false(is_about_time(&blocks[i]));
            grid = grid || blocks[i].kind == RG_BLOCK_GRID;
        }
        /* Offered in the end exactly when it can be offered at all; only a grid may want a step
         * before to be at another time. */
        assert_true(grid || (count == 0) == everything_free_helps(c, at));
        mended += count == 0 && turns > 0;
        apr_pool_clear(pool);
    }
    assert_true(mended > 100);
}

/* --- by hand ---------------------------------------------------------------------------------- */

/* A doctor and a room for the harvest, two granules; after at most two more the same doctor
 * alone. */
static clinic_t *by_hand(void)
{
    clinic_t *c = apr_pcalloc(pool, sizeof(*c));
    for (int r = 0; r < RESOURCES; r++) {
        c->open[r] = rg_bits_make(pool, WINDOW);
        c->free[r] = rg_bits_make(pool, WINDOW);
        rg_bits_set(&c->open[r], 10, 100);
        rg_bits_set(&c->free[r], 10, 100);
    }
    c->s = (rg_search_t){.n = WINDOW,
                         .resource_count = RESOURCES,
                         .free = c->free,
                         .bind_count = 1,
                         .step_count = 2,
                         .steps = c->steps};
    c->pools[0][0][0] = 0;
    c->pools[0][0][1] = 1;
    c->pools[0][1][0] = 2;
    c->pools[1][0][0] = 0;
    c->pools[1][0][1] = 1;
    c->needs[0][0] = (rg_search_need_t){2, c->pools[0][0], 1, 0, 0, 0};
    c->needs[0][1] = (rg_search_need_t){1, c->pools[0][1], 1, 1, 2, -1};
    c->needs[1][0] = (rg_search_need_t){2, c->pools[1][0], 1, 0, 0, 0};
    c->steps[0] = (rg_search_step_t){.length = 2, .need_count = 2, .needs = c->needs[0]};
    c->steps[1] =
        (rg_search_step_t){.length = 3, .gap_max = 2, .need_count = 1, .needs = c->needs[1]};
    return c;
}

static const rg_block_t *find(const rg_block_t *b, int count, rg_block_kind_t kind, int resource)
{
    for (int i = 0; i < count; i++) {
        if (b[i].kind == kind && b[i].resource == resource) {
            return &b[i];
        }
    }
    return NULL;
}

static void names_who_is_taken_and_when(void **state)
{
    clinic_t *c = by_hand();
    int count;
    (void)state;
    (void)rg_explain_chain(&count, pool, &c->s, c->open, 30);
    assert_int_equal(count, 0);
    rg_bits_clear(&c->free[2], 33, 40); /* within the room's turnover */
    const rg_block_t *b = rg_explain_chain(&count, pool, &c->s, c->open, 30);
    assert_int_equal(count, 1);
    assert_int_equal(b[0].kind, RG_BLOCK_TAKEN);
    assert_int_equal(b[0].step, 0);
    assert_int_equal(b[0].need, 1);
    assert_int_equal(b[0].resource, 2);
    assert_int_equal(b[0].from, 33);
    assert_int_equal(b[0].until, 40);
}

static void names_who_is_closed(void **state)
{
    clinic_t *c = by_hand();
    int count;
    (void)state;
    const rg_block_t *b = rg_explain_chain(&count, pool, &c->s, c->open, 8);
    assert_int_equal(count, 3); /* both doctors and the room */
    assert_non_null(find(b, count, RG_BLOCK_CLOSED, 0));
    assert_non_null(find(b, count, RG_BLOCK_CLOSED, 1));
    assert_int_equal(find(b, count, RG_BLOCK_CLOSED, 2)->until, 10);
}

/* Each doctor has one of the two steps free: everybody is there, but not the same one twice. */
static void names_the_same_practitioner(void **state)
{
    clinic_t *c = by_hand();
    int count;
    (void)state;
    rg_bits_clear(&c->free[0], 32, 60);
    rg_bits_clear(&c->free[1], 30, 32);
    const rg_block_t *b = rg_explain_chain(&count, pool, &c->s, c->open, 30);
    const rg_block_t *first = find(b, count, RG_BLOCK_SAME, 0);
    const rg_block_t *second = find(b, count, RG_BLOCK_SAME, 1);
    assert_non_null(first);
    assert_int_equal(first->step, 1);
    assert_non_null(second);
    assert_int_equal(second->step, 0);
    assert_int_equal(find(b, count, RG_BLOCK_TAKEN, 0)->until, 60);
}

/* Nobody is there while the gap allows it: when that is, and what they do then. */
static void names_the_gap(void **state)
{
    clinic_t *c = by_hand();
    int count;
    (void)state;
    rg_bits_clear(&c->free[0], 34, 50);
    rg_bits_clear(&c->free[1], 34, 50);
    const rg_block_t *b = rg_explain_chain(&count, pool, &c->s, c->open, 30);
    const rg_block_t *gap = find(b, count, RG_BLOCK_GAP, -1);
    assert_non_null(gap);
    assert_int_equal(gap->step, 1);
    assert_int_equal(gap->from, 32);
    assert_int_equal(gap->until, 35);
    assert_non_null(find(b, count, RG_BLOCK_TAKEN, 0));
    assert_non_null(find(b, count, RG_BLOCK_TAKEN, 1));
}

static void names_what_nobody_can_do(void **state)
{
    clinic_t *c = by_hand();
    int count;
    (void)state;
    c->needs[0][1].pool_count = 0;
    const rg_block_t *b = rg_explain_chain(&count, pool, &c->s, c->open, 30);
    assert_int_equal(count, 1);
    assert_int_equal(b[0].kind, RG_BLOCK_FEW);
    assert_int_equal(b[0].need, 1);
    /* One for each, but nobody for both with the same word. */
    c = by_hand();
    c->needs[0][0].pool_count = 1;
    c->pools[1][0][0] = 1;
    c->needs[1][0].pool_count = 1;
    b = rg_explain_chain(&count, pool, &c->s, c->open, 30);
    assert_non_null(find(b, count, RG_BLOCK_SAME, -1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(same_opinion_as_the_search, group_clear),
        cmocka_unit_test_teardown(mending_what_is_named_ends_well, group_clear),
        cmocka_unit_test_teardown(names_who_is_taken_and_when, group_clear),
        cmocka_unit_test_teardown(names_who_is_closed, group_clear),
        cmocka_unit_test_teardown(names_the_same_practitioner, group_clear),
        cmocka_unit_test_teardown(names_the_gap, group_clear),
        cmocka_unit_test_teardown(names_what_nobody_can_do, group_clear),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
