/* SPDX-License-Identifier: Apache-2.0 */
/* Bit strings over a window of time, one bit per granule: the data structure of the search. Private
 * to the clinic room. Bits past the end read as 0 and are never set, so nothing beyond a window is
 * free. */
#ifndef RG_CLINIC_BITS_H
#define RG_CLINIC_BITS_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>

typedef struct {
    int n;     /* bits */
    int words; /* of 64 bits, bit i is bit i % 64 of w[i / 64] */
    uint64_t *w;
} rg_bits_t;

rg_bits_t rg_bits_make(apr_pool_t *p, int n); /* all 0 */
/* Parts of [from, until) outside the window are ignored. */
void rg_bits_set(rg_bits_t *b, int64_t from, int64_t until);
void rg_bits_clear(rg_bits_t *b, int64_t from, int64_t until);
/* Sets bit AT + i for every bit i of WORD that lies in the window. */
void rg_bits_set_word(rg_bits_t *b, int64_t at, uint64_t word);
bool rg_bits_get(const rg_bits_t *b, int64_t i);
/* Both strings of a pair have the same length, here and below. */
void rg_bits_copy(rg_bits_t *to, const rg_bits_t *from);
void rg_bits_and(rg_bits_t *b, const rg_bits_t *with);
void rg_bits_or(rg_bits_t *b, const rg_bits_t *with);
void rg_bits_and_not(rg_bits_t *b, const rg_bits_t *with);
/* B | (X & Y) in place: one stage of counting. */
void rg_bits_or_both(rg_bits_t *b, const rg_bits_t *x, const rg_bits_t *y);
bool rg_bits_any(const rg_bits_t *b);
int rg_bits_count(const rg_bits_t *b, int64_t from, int64_t until);
/* The first set bit at FROM or later, or -1. */
int rg_bits_next(const rg_bits_t *b, int64_t from);

/* Bit i becomes bit i+k: what will be true K later. K >= 0. */
void rg_bits_ahead(rg_bits_t *b, int64_t k);
/* Bit i becomes bit i-k: what was true K ago. */
void rg_bits_behind(rg_bits_t *b, int64_t k);
/* Bit i becomes: all of the K bits from i on (runs of K). K >= 1, in log2 K steps. */
void rg_bits_all(rg_bits_t *b, int64_t k);
/* Bit i becomes: any of the K bits from i on. K >= 1, in log2 K steps. */
void rg_bits_some(rg_bits_t *b, int64_t k);

#endif
