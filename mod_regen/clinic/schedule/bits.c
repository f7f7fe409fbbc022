/* SPDX-License-Identifier: Apache-2.0 */
/* Bit strings over a window of time. The search and the layout of hours use these operations; a
 * month is 140 machine words, so each costs well under a microsecond. */
#include "mod_regen/clinic/schedule/bits.h"

#include <string.h>

enum { WORD = 64 };

rg_bits_t rg_bits_make(apr_pool_t *p, int n)
{
    rg_bits_t b = {.n = n, .words = (n + WORD - 1) / WORD};
    b.w = apr_pcalloc(p, sizeof(*b.w) * (size_t)(b.words > 0 ? b.words : 1));
    return b;
}

/* Ones at bits LO..HI-1 of a word, 0 <= LO < HI <= 64. */
static uint64_t ones(int lo, int hi)
{
    uint64_t high = hi == WORD ? ~UINT64_C(0) : (UINT64_C(1) << hi) - 1;
    return high & ~((UINT64_C(1) << lo) - 1);
}

/* Clips [from, until) to the window; false when nothing is left. */
static bool clip(const rg_bits_t *b, int64_t *from, int64_t *until)
{
    if (*from < 0) {
        *from = 0;
    }
    if (*until > b->n) {
        *until = b->n;
    }
    return *from < *until;
}

/* The bits of word I that lie in [from, until). */
static uint64_t part(int i, int64_t from, int64_t until)
{
    int64_t base = (int64_t)i * WORD;
    int lo = from > base ? (int)(from - base) : 0;
    int hi = until < base + WORD ? (int)(until - base) : WORD;
    return ones(lo, hi);
}

void rg_bits_set(rg_bits_t *b, int64_t from, int64_t until)
{
    if (!clip(b, &from, &until)) {
        return;
    }
    for (int i = (int)(from / WORD); (int64_t)i * WORD < until; i++) {
        b->w[i] |= part(i, from, until);
    }
}

void rg_bits_clear(rg_bits_t *b, int64_t from, int64_t until)
{
    if (!clip(b, &from, &until)) {
        return;
    }
    for (int i = (int)(from / WORD); (int64_t)i * WORD < until; i++) {
        b->w[i] &= ~part(i, from, until);
    }
}

void rg_bits_set_word(rg_bits_t *b, int64_t at, uint64_t word)
{
    if (at <= -WORD || at >= b->n) {
        return;
    }
    if (at < 0) {
        word >>= -at;
        at = 0;
    }
    if (b->n - at < WORD) {
        word &= ones(0, (int)(b->n - at));
    }
    int i = (int)(at / WORD);
    int shift = (int)(at % WORD);
    b->w[i] |= word << shift;
    if (shift != 0 && i + 1 < b->words) {
        b->w[i + 1] |= word >> (WORD - shift);
    }
}

bool rg_bits_get(const rg_bits_t *b, int64_t i)
{
    return i >= 0 && i < b->n && ((b->w[i / WORD] >> (i % WORD)) & 1) != 0;
}

void rg_bits_copy(rg_bits_t *to, const rg_bits_t *from)
{
    memcpy(to->w, from->w, sizeof(uint64_t) * (size_t)to->words);
}

void rg_bits_and(rg_bits_t *b, const rg_bits_t *with)
{
    for (int i = 0; i < b->words; i++) {
        b->w[i] &= with->w[i];
    }
}

void rg_bits_or(rg_bits_t *b, const rg_bits_t *with)
{
    for (int i = 0; i < b->words; i++) {
        b->w[i] |= with->w[i];
    }
}

void rg_bits_and_not(rg_bits_t *b, const rg_bits_t *with)
{
    for (int i = 0; i < b->words; i++) {
        b->w[i] &= ~with->w[i];
    }
}

void rg_bits_or_both(rg_bits_t *b, const rg_bits_t *x, const rg_bits_t *y)
{
    for (int i = 0; i < b->words; i++) {
        b->w[i] |= x->w[i] & y->w[i];
    }
}

bool rg_bits_any(const rg_bits_t *b)
{
    for (int i = 0; i < b->words; i++) {
        if (b->w[i] != 0) {
            return true;
        }
    }
    return false;
}

int rg_bits_count(const rg_bits_t *b, int64_t from, int64_t until)
{
    int count = 0;
    if (!clip(b, &from, &until)) {
        return 0;
    }
    for (int i = (int)(from / WORD); (int64_t)i * WORD < until; i++) {
        count += __builtin_popcountll(b->w[i] & part(i, from, until));
    }
    return count;
}

int rg_bits_next(const rg_bits_t *b, int64_t from)
{
    int64_t until = b->n;
    if (!clip(b, &from, &until)) {
        return -1;
    }
    for (int i = (int)(from / WORD); i < b->words; i++) {
        uint64_t w = b->w[i] & ((int64_t)i * WORD < from ? part(i, from, until) : ~UINT64_C(0));
        if (w != 0) {
            return i * WORD + __builtin_ctzll(w);
        }
    }
    return -1;
}

/* Word I of B shifted so that bit 0 is bit K of B. */
static inline uint64_t word_ahead(const rg_bits_t *b, int i, int skip, int shift)
{
    int at = i + skip;
    uint64_t low = at < b->words ? b->w[at] : 0;
    if (shift == 0) {
        return low;
    }
    uint64_t high = at + 1 < b->words ? b->w[at + 1] : 0;
    return (low >> shift) | (high << (WORD - shift));
}

/* All three work in place: word I only looks at words from I on, which are still as they were. */
#define AHEAD(b, k, op)                                                                            \
    do {                                                                                           \
        int64_t far = (k) < (b)->n ? (k) : (b)->n;                                                 \
        int skip = (int)(far / WORD);                                                              \
        int shift = (int)(far % WORD);                                                             \
        for (int i = 0; i < (b)->words; i++) {                                                     \
            (b)->w[i] op word_ahead((b), i, skip, shift);                                          \
        }                                                                                          \
    } while (0)

void rg_bits_ahead(rg_bits_t *b, int64_t k)
{
    AHEAD(b, k, =);
}

void rg_bits_behind(rg_bits_t *b, int64_t k)
{
    if (k >= b->n) {
        memset(b->w, 0, sizeof(uint64_t) * (size_t)b->words);
        return;
    }
    int skip = (int)(k / WORD);
    int shift = (int)(k % WORD);
    for (int i = b->words - 1; i >= 0; i--) {
        uint64_t low = i - skip >= 0 ? b->w[i - skip] : 0;
        uint64_t under = shift != 0 && i - skip - 1 >= 0 ? b->w[i - skip - 1] : 0;
        b->w[i] = shift == 0 ? low : (low << shift) | (under >> (WORD - shift));
    }
    rg_bits_t past = *b;
    past.n = b->words * WORD;
    rg_bits_clear(&past, b->n, past.n);
}

/* After a step the bits speak for DONE granules; the last step overlaps rather than overshoots. */
void rg_bits_all(rg_bits_t *b, int64_t k)
{
    for (int64_t done = 1; done < k;) {
        int64_t step = done < k - done ? done : k - done;
        AHEAD(b, step, &=);
        done += step;
    }
}

void rg_bits_some(rg_bits_t *b, int64_t k)
{
    for (int64_t done = 1; done < k;) {
        int64_t step = done < k - done ? done : k - done;
        AHEAD(b, step, |=);
        done += step;
    }
}
