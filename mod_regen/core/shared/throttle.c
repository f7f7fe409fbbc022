/* SPDX-License-Identifier: Apache-2.0 */
/* Rate limits: a table of fixed size shared by processes. A crowd of addresses displaces the least
 * active ones, and never uses more memory.
 *
 * Each entry is one 64-bit word, changed by compare-and-swap, so a child that dies in here leaves
 * no lock behind. Its upper 16 bits distinguish callers of one set, its lower 48 bits are the
 * instant at which the caller's allowance is full again, in ticks (GCRA, the "leaky bucket as a
 * meter" of ITU-T I.371). An empty entry is one whose moment has passed. */
#include "regen/core/crypto.h"
#include "regen/core/throttle.h"
#include "regen/core/time.h"

#include <stdatomic.h>
#include <string.h>

enum { WAYS = 8, SETS = 8192, TICK_USEC = 100 };

#define LAYOUT    UINT64_C(0x7265676e74687231) /* "regnthr1": raise it with the layout */
#define TICK_BITS 48
#define TICK_MASK ((UINT64_C(1) << TICK_BITS) - 1)

struct rg_throttle_t {
    uint64_t layout;
    unsigned char key[16];
    _Alignas(64) _Atomic uint64_t entry[SETS][WAYS];
};

size_t rg_throttle_size(void)
{
    return sizeof(rg_throttle_t);
}

rg_throttle_t *rg_throttle_lay_out(void *memory, const unsigned char key[16])
{
    rg_throttle_t *t = memory;
    memset(t, 0, sizeof(*t));
    memcpy(t->key, key, sizeof(t->key));
    t->layout = LAYOUT;
    return t;
}

rg_throttle_t *rg_throttle_found(void *memory)
{
    rg_throttle_t *t = memory;
    return t->layout == LAYOUT ? t : NULL;
}

/* --- one caller's entry ----------------------------------------------------------------------- */

typedef struct {
    _Atomic uint64_t *set;
    uint64_t tag; /* in its place, above TICK_BITS */
    uint64_t now; /* ticks */
    uint64_t cost, whole;
} call_t;

/* What one try costs and what all together may cost, in ticks; at least one tick a try. */
static call_t call_of(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate, const char *purpose,
                      const char *who)
{
    uint64_t hash = rg_crypto_short(t->key, purpose, who);
    uint64_t whole = (uint64_t)rate->seconds * (RG_SECOND / TICK_USEC);
    uint64_t cost = whole / (uint64_t)rate->count;
    cost = cost > 0 ? cost : 1;
    return (call_t){.set = t->entry[hash % SETS],
                    .tag = hash & ~TICK_MASK,
                    .now = (uint64_t)(now / TICK_USEC) & TICK_MASK,
                    .cost = cost,
                    .whole = cost * (uint64_t)rate->count};
}

/* What the caller has used up of the whole. A moment farther away than any rate could have put it
 * was written before the clock was set back, and counts as nothing. */
static uint64_t used(const call_t *c, uint64_t entry)
{
    uint64_t until = entry & TICK_MASK;
    return until > c->now && until - c->now <= c->whole ? until - c->now : 0;
}

static bool of_caller(const call_t *c, uint64_t entry)
{
    return entry != 0 && (entry & ~TICK_MASK) == c->tag;
}

/* The caller's entry, otherwise the emptiest one: the least active caller is forgotten. */
static int way_of_caller(const call_t *c)
{
    uint64_t least = UINT64_MAX;
    int best = 0;
    for (int i = 0; i < WAYS; i++) {
        uint64_t entry = atomic_load_explicit(&c->set[i], memory_order_relaxed);
        uint64_t until = entry & TICK_MASK;
        uint64_t load = until > c->now ? until - c->now : 0;
        if (of_caller(c, entry)) {
            return i;
        }
        if (load < least) {
            least = load;
            best = i;
        }
    }
    return best;
}

static uint64_t used_in(const call_t *c, uint64_t entry)
{
    return of_caller(c, entry) ? used(c, entry) : 0;
}

static apr_interval_time_t wait_for(const call_t *c, uint64_t so_far)
{
    return so_far + c->cost > c->whole
               ? (apr_interval_time_t)(so_far + c->cost - c->whole) * TICK_USEC
               : 0;
}

static bool limited(const rg_throttle_t *t, const rg_rate_t *rate)
{
    return t && rate->count > 0 && rate->seconds > 0;
}

apr_interval_time_t rg_throttle_take(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate,
                                     const char *purpose, const char *who)
{
    if (!limited(t, rate)) {
        return 0;
    }
    call_t c = call_of(t, now, rate, purpose, who);
    for (;;) {
        _Atomic uint64_t *at = &c.set[way_of_caller(&c)];
        uint64_t entry = atomic_load(at);
        uint64_t so_far = used_in(&c, entry);
        apr_interval_time_t wait = wait_for(&c, so_far);
        if (wait > 0) {
            return wait;
        }
        if (atomic_compare_exchange_weak(at, &entry,
                                         c.tag | ((c.now + so_far + c.cost) & TICK_MASK))) {
            return 0;
        }
    }
}

apr_interval_time_t rg_throttle_wait(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate,
                                     const char *purpose, const char *who)
{
    if (!limited(t, rate)) {
        return 0;
    }
    call_t c = call_of(t, now, rate, purpose, who);
    return wait_for(&c, used_in(&c, atomic_load(&c.set[way_of_caller(&c)])));
}

void rg_throttle_give_back(rg_throttle_t *t, apr_time_t now, const rg_rate_t *rate,
                           const char *purpose, const char *who, int tries)
{
    if (!limited(t, rate)) {
        return;
    }
    call_t c = call_of(t, now, rate, purpose, who);
    uint64_t back = tries > 0 ? c.cost * (uint64_t)tries : c.whole;
    for (;;) {
        _Atomic uint64_t *at = &c.set[way_of_caller(&c)];
        uint64_t entry = atomic_load(at);
        uint64_t so_far = used_in(&c, entry);
        uint64_t left = so_far > back ? so_far - back : 0;
        if (!of_caller(&c, entry) ||
            atomic_compare_exchange_weak(at, &entry, c.tag | ((c.now + left) & TICK_MASK))) {
            return;
        }
    }
}
