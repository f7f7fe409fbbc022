/* SPDX-License-Identifier: Apache-2.0 */
/* Bit strings against the same operations done bit by bit, at lengths around word borders. */
#include "dice_test.h"
#include "group_test.h"

#include <stdlib.h>
#include <string.h>

#include "mod_regen/clinic/schedule/bits.h"

static rg_bits_t random_bits(int n, bool *plain)
{
    rg_bits_t b = rg_bits_make(pool, n);
    int likely = 1 + pick(99);
    for (int i = 0; i < n; i++) {
        plain[i] = pick(100) < likely;
        if (plain[i]) {
            rg_bits_set(&b, i, i + 1);
        }
    }
    return b;
}

static void expect(const rg_bits_t *b, const bool *plain)
{
    int count = 0;
    for (int i = 0; i < b->n; i++) {
        assert_int_equal(rg_bits_get(b, i), plain[i]);
        count += plain[i];
    }
    assert_int_equal(rg_bits_count(b, -5, b->n + 5), count);
    assert_int_equal(rg_bits_any(b), count > 0);
    /* Nothing beyond the end may be set: shifts would bring it in. */
    if (b->n % 64 != 0) {
        assert_true((b->w[b->words - 1] >> (b->n % 64)) == 0);
    }
}

enum { MOST = 300 };

static bool at(const bool *plain, int n, int i)
{
    return i >= 0 && i < n && plain[i];
}

static void shifts(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        bool plain[MOST];
        bool later[MOST];
        bool earlier[MOST];
        int n = 1 + pick(MOST);
        int k = pick(4) == 0 ? pick(400) : pick(70);
        rg_bits_t a = random_bits(n, plain);
        rg_bits_t b = rg_bits_make(pool, n);
        rg_bits_copy(&b, &a);
        for (int i = 0; i < n; i++) {
            later[i] = at(plain, n, i + k);
            earlier[i] = at(plain, n, i - k);
        }
        rg_bits_ahead(&a, k);
        rg_bits_behind(&b, k);
        expect(&a, later);
        expect(&b, earlier);
        apr_pool_clear(pool);
    }
}

static void runs(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        bool plain[MOST];
        bool all[MOST];
        bool some[MOST];
        int n = 1 + pick(MOST);
        int k = 1 + (pick(4) == 0 ? pick(400) : pick(20));
        rg_bits_t a = random_bits(n, plain);
        rg_bits_t b = rg_bits_make(pool, n);
        rg_bits_copy(&b, &a);
        for (int i = 0; i < n; i++) {
            all[i] = true;
            some[i] = false;
            for (int j = 0; j < k; j++) {
                all[i] = all[i] && at(plain, n, i + j);
                some[i] = some[i] || at(plain, n, i + j);
            }
        }
        rg_bits_all(&a, k);
        rg_bits_some(&b, k);
        expect(&a, all);
        expect(&b, some);
        apr_pool_clear(pool);
    }
}

static void ranges(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        bool plain[MOST];
        int n = 1 + pick(MOST);
        int from = pick(n + 80) - 40;
        int until = from + pick(150) - 20;
        rg_bits_t b = random_bits(n, plain);
        int count = 0;
        int next = -1;
        for (int i = n - 1; i >= 0; i--) {
            count += plain[i] && i >= from && i < until;
            next = plain[i] && i >= from ? i : next;
        }
        assert_int_equal(rg_bits_count(&b, from, until), count);
        assert_int_equal(rg_bits_next(&b, from), next);
        bool put = pick(2) == 0;
        for (int i = from; i < until; i++) {
            if (i >= 0 && i < n) {
                plain[i] = put;
            }
        }
        if (put) {
            rg_bits_set(&b, from, until);
        }
        else {
            rg_bits_clear(&b, from, until);
        }
        expect(&b, plain);
        apr_pool_clear(pool);
    }
}

static void combinations(void **state)
{
    (void)state;
    for (int round = 0; round < 500; round++) {
        bool x[MOST];
        bool y[MOST];
        bool z[MOST];
        int n = 1 + pick(MOST);
        rg_bits_t a = random_bits(n, x);
        rg_bits_t b = random_bits(n, y);
        rg_bits_t c = random_bits(n, z);
        for (int i = 0; i < n; i++) {
            x[i] = ((x[i] && y[i]) || (y[i] && z[i]) || z[i]) && !y[i];
        }
        rg_bits_and(&a, &b);
        rg_bits_or_both(&a, &b, &c);
        rg_bits_or(&a, &c);
        rg_bits_and_not(&a, &b);
        expect(&a, x);
        apr_pool_clear(pool);
    }
}

static void words(void **state)
{
    (void)state;
    for (int round = 0; round < 3000; round++) {
        bool plain[MOST];
        int n = 1 + pick(MOST);
        int at = pick(n + 160) - 80;
        rg_bits_t b = random_bits(n, plain);
        uint64_t word = 0;
        for (int i = 0; i < 64; i++) {
            bool one = pick(2) == 0;
            word |= (uint64_t)one << i;
            if (one && at + i >= 0 && at + i < n) {
                plain[at + i] = true;
            }
        }
        rg_bits_set_word(&b, at, word);
        expect(&b, plain);
        apr_pool_clear(pool);
    }
}

int main(void)
{
    seed = 12345;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shifts),       cmocka_unit_test(runs),  cmocka_unit_test(ranges),
        cmocka_unit_test(combinations), cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
