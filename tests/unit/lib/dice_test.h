/* SPDX-License-Identifier: Apache-2.0 */
/* Dice for random clinics: the same throws every run. A test sets the seed, never to 0. */
#ifndef DICE_TEST_H
#define DICE_TEST_H

#include <stdbool.h>
#include <stdint.h>

static uint64_t seed;

/* 0 to N - 1 (xorshift). */
static inline int pick(int n)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (int)((seed >> 11) % (uint64_t)n);
}

static inline bool chance(int percent)
{
    return pick(100) < percent;
}

#endif
