/* SPDX-License-Identifier: Apache-2.0 */
/* Charges become lines: sides as the payer takes them, diagnoses by side, the same cents. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include "regen/clinic/billing.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"

#include <apr_general.h>
#include <apr_strings.h>

static apr_pool_t *pool;
static rg_diagnosis_t dx[] = {
    {.code = "M17.11", .title = "", .body_site = "knee", .side = RG_SIDE_RIGHT, .billable = true},
    {.code = "M17.12", .title = "", .body_site = "knee", .side = RG_SIDE_LEFT, .billable = true},
    {.code = "M16.12", .title = "", .body_site = "hip", .side = RG_SIDE_LEFT, .billable = true},
    {.code = "R52", .title = "", .body_site = "", .side = RG_SIDE_NONE, .billable = true}};
static rg_claim_line_t lines[50];

static const char *const SIDES[] = {[RG_SIDE_NONE] = NULL,
                                    [RG_SIDE_LEFT] = "LT",
                                    [RG_SIDE_RIGHT] = "RT",
                                    [RG_SIDE_BILATERAL] = "50"};

static rg_claim_line_t line(const char *code, const char *site, rg_side_t side, int64_t minor)
{
    return (rg_claim_line_t){.code_system = "",
                             .code = code,
                             .description = "",
                             .modifiers = {SIDES[side]},
                             .quantity = 1,
                             .unit = {minor, "USD"},
                             .net = {minor, "USD"},
                             .service_date = {2026, 11, 30},
                             .body_site = site,
                             .side = side};
}

/* Both knees and a hip. */
static rg_claim_t of(int count, rg_bilateral_t as)
{
    return (rg_claim_t){.body_site = "knee",
                        .side = RG_SIDE_LEFT,
                        .further = "knee right,hip left",
                        .ordered = 3,
                        .coverage = {.payer = {.bilateral = as}},
                        .diagnosis_count = 4,
                        .diagnoses = dx,
                        .line_count = count,
                        .lines = lines};
}

/* "1 RT 2300: 1 4". */
static const char *said(const rg_claim_t *c, int i)
{
    const rg_claim_line_t *l = &c->lines[i];
    const char *text = apr_itoa(pool, l->sequence);
    for (int k = 0; k < 4 && l->modifiers[k]; k++) {
        text = apr_pstrcat(pool, text, " ", l->modifiers[k], NULL);
    }
    text = apr_psprintf(pool, "%s %d:", text, (int)l->net.minor);
    for (int k = 0; k < 4 && l->pointers[k]; k++) {
        text = apr_psprintf(pool, "%s %d", text, l->pointers[k]);
    }
    assert_int_equal(l->unit.minor * l->quantity, l->net.minor);
    return text;
}

static void two_lines_have_their_sides(void **state)
{
    (void)state;
    lines[0] = line("V", "", RG_SIDE_NONE, 7);
    lines[1] = line("A", "knee", RG_SIDE_LEFT, 2300);
    lines[2] = line("A", "knee", RG_SIDE_RIGHT, 2300);
    lines[3] = line("B", "knee", RG_SIDE_BILATERAL, 101);
    rg_claim_t c = of(4, RG_BILATERAL_TWO);
    rg_claim_lay_out(pool, &c);
    assert_int_equal(c.line_count, 5);
    assert_string_equal(said(&c, 0), "1 7: 1 2 3 4");
    assert_string_equal(said(&c, 1), "2 LT 2300: 2 4");
    assert_string_equal(said(&c, 2), "3 RT 2300: 1 4");
    assert_string_equal(said(&c, 3), "4 RT 51: 1 4");
    assert_string_equal(said(&c, 4), "5 LT 50: 2 4");
}

static void one_line_has_50(void **state)
{
    (void)state;
    lines[0] = line("A", "knee", RG_SIDE_LEFT, 2300);
    lines[1] = line("B", "knee", RG_SIDE_LEFT, 1);
    lines[2] = line("A", "knee", RG_SIDE_RIGHT, 2300);
    lines[3] = line("C", "knee", RG_SIDE_BILATERAL, 9);
    lines[4] = line("B", "knee", RG_SIDE_RIGHT, 2); /* another price */
    rg_claim_t c = of(5, RG_BILATERAL_ONE);
    rg_claim_lay_out(pool, &c);
    assert_int_equal(c.line_count, 4);
    assert_string_equal(said(&c, 0), "1 50 4600: 1 2 4");
    assert_int_equal(c.lines[0].side, RG_SIDE_BILATERAL);
    assert_string_equal(said(&c, 1), "2 LT 1: 2 4");
    assert_string_equal(said(&c, 2), "3 50 9: 1 2 4");
    assert_string_equal(said(&c, 3), "4 RT 2: 1 4");
}

/* Charged before it was known that the other knee stays as it is. */
static void the_only_one_injected_has_its_side(void **state)
{
    (void)state;
    lines[0] = line("V", "knee", RG_SIDE_RIGHT, 7);
    lines[1] = line("A", "knee", RG_SIDE_RIGHT, 2300);
    lines[0].modifiers[0] = NULL;
    lines[1].modifiers[0] = "GA";
    lines[1].sided = true;
    rg_claim_t c = of(2, RG_BILATERAL_TWO);
    c.side = RG_SIDE_RIGHT;
    c.further = NULL;
    rg_claim_lay_out(pool, &c);
    assert_string_equal(said(&c, 0), "1 7: 1 2 3 4");
    assert_string_equal(said(&c, 1), "2 RT GA 2300: 1 2 3 4");
    rg_claim_t again = of(2, RG_BILATERAL_TWO); /* ordered was one: as it was charged */
    lines[1].modifiers[0] = "GA";
    lines[1].modifiers[1] = NULL;
    again.ordered = 1;
    again.further = NULL;
    rg_claim_lay_out(pool, &again);
    assert_string_equal(said(&again, 1), "2 GA 2300: 1 2 3 4");
}

/* The left hip beside the left knee is no slip. */
static void another_part_of_the_body_has_xs(void **state)
{
    (void)state;
    lines[0] = line("A", "knee", RG_SIDE_LEFT, 5);
    lines[1] = line("A", "hip", RG_SIDE_LEFT, 5);
    lines[2] = line("A", "knee", RG_SIDE_RIGHT, 5);
    rg_claim_t c = of(3, RG_BILATERAL_TWO);
    rg_claim_lay_out(pool, &c);
    assert_string_equal(said(&c, 0), "1 LT 5: 2 4");
    assert_string_equal(said(&c, 1), "2 LT XS 5: 3 4");
    assert_string_equal(said(&c, 2), "3 RT 5: 1 4");
}

/* A third part of the body on the same side cannot be told from the second; a modifier that a
 * schedule has is not said twice. */
static void what_is_alike_is_one_line(void **state)
{
    (void)state;
    lines[0] = line("A", "knee", RG_SIDE_LEFT, 5);
    lines[1] = line("A", "hip", RG_SIDE_LEFT, 5);
    lines[2] = line("A", "shoulder", RG_SIDE_LEFT, 5);
    for (int i = 0; i < 3; i++) {
        lines[i].target_no = i + 1;
    }
    rg_claim_t c = of(3, RG_BILATERAL_TWO);
    rg_claim_lay_out(pool, &c);
    assert_int_equal(c.line_count, 2);
    assert_string_equal(said(&c, 0), "1 LT 5: 2 4");
    assert_string_equal(said(&c, 1), "2 LT XS 10: 3 4");
    assert_string_equal(c.lines[1].body_site, "hip and shoulder");
    for (int i = 0; i < 3; i++) {
        lines[i] = line("A", i == 0 ? "knee" : "hip", RG_SIDE_LEFT, 5);
        lines[i].modifiers[1] = "XS";
        lines[i].target_no = i + 1;
    }
    lines[2].practitioner_id = 7;
    c = of(3, RG_BILATERAL_TWO);
    rg_claim_lay_out(pool, &c);
    assert_int_equal(c.line_count, 2);
    assert_string_equal(said(&c, 0), "1 LT XS 10: 2 4 3");
    assert_string_equal(said(&c, 1), "2 LT XS 5: 3 4");
}

/* Whatever was charged, and however the payer takes it: the sum stays, no line has two sides, none
 * is of a side that was not charged. */
static void no_cent_is_lost(void **state)
{
    (void)state;
    static const char *const codes[] = {"A", "B"};
    static const char *const sites[] = {"knee", "hip"};
    srand(11);
    for (int round = 0; round < 2000; round++) {
        int n = 1 + rand() % 25;
        int64_t sum = 0;
        int64_t after = 0;
        for (int i = 0; i < n; i++) {
            lines[i] =
                line(codes[rand() % 2], sites[rand() % 2], (rg_side_t)(rand() % 4), rand() % 1000);
            lines[i].modifiers[SIDES[lines[i].side] ? 1 : 0] = rand() % 2 ? "GA" : NULL;
            lines[i].quantity = lines[i].side == RG_SIDE_BILATERAL ? 1 : 1 + rand() % 2;
            lines[i].net.minor = lines[i].unit.minor * lines[i].quantity;
            sum += lines[i].net.minor;
        }
        rg_claim_t c = of(n, (rg_bilateral_t)(rand() % 2));
        rg_claim_lay_out(pool, &c);
        assert_true(c.line_count <= 2 * n);
        for (int i = 0; i < c.line_count; i++) {
            const rg_claim_line_t *l = &c.lines[i];
            after += l->net.minor;
            assert_int_equal(l->sequence, i + 1);
            assert_int_equal(l->unit.minor * l->quantity, l->net.minor);
            if (SIDES[l->side]) {
                assert_string_equal(l->modifiers[0], SIDES[l->side]);
            }
            assert_true(c.coverage.payer.bilateral == RG_BILATERAL_ONE ||
                        l->side != RG_SIDE_BILATERAL);
        }
        assert_int_equal(sum, after);
        apr_pool_clear(pool);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(two_lines_have_their_sides),
                                       cmocka_unit_test(one_line_has_50),
                                       cmocka_unit_test(the_only_one_injected_has_its_side),
                                       cmocka_unit_test(another_part_of_the_body_has_xs),
                                       cmocka_unit_test(what_is_alike_is_one_line),
                                       cmocka_unit_test(no_cent_is_lost)};
    apr_initialize();
    apr_pool_create(&pool, NULL);
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    apr_pool_destroy(pool);
    apr_terminate();
    return failed;
}
