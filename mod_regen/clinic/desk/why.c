/* SPDX-License-Identifier: Apache-2.0 */
/* Explaining means searching forward: from the requested start the steps are followed as far as
 * possible; where they stop, every possible start of the next step names its obstacle. First
 * without the bind words; if only those prevent it, then for every resource that could be bound. */
#include "mod_regen/clinic/desk/why.h"

#include <apr_strings.h>

#include "mod_regen/clinic/schedule/chain.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/search.h"

enum { BLOCKS_MAX = 200 };

typedef struct {
    apr_pool_t *p;
    const rg_search_t *s;
    const rg_bits_t *open;
    rg_block_t *blocks;
    int count;
} explain_t;

static rg_block_t plain(rg_block_kind_t kind, int step, int need, int resource, int from, int until)
{
    return (rg_block_t){.kind = kind,
                        .step = step,
                        .need = need,
                        .resource = resource,
                        .from = from,
                        .until = until};
}

static void add(explain_t *e, rg_block_t b)
{
    for (int i = 0; i < e->count; i++) {
        rg_block_t *o = &e->blocks[i];
        if (o->kind == b.kind && o->step == b.step && o->need == b.need &&
            o->resource == b.resource && o->from == b.from && o->until == b.until) {
            o->wanted_from = b.wanted_from < o->wanted_from ? b.wanted_from : o->wanted_from;
            o->wanted_until = b.wanted_until > o->wanted_until ? b.wanted_until : o->wanted_until;
            return;
        }
    }
    if (e->count < BLOCKS_MAX) {
        e->blocks[e->count++] = b;
    }
}

/* --- what is in somebody's way ---------------------------------------------------------------- */

/* The run of granules around AT in the same state as AT: closed, or open and occupied. */
static void run_around(const explain_t *e, int resource, int at, bool closed, int *from, int *until)
{
    const rg_bits_t *open = &e->open[resource];
    const rg_bits_t *is_free = &e->s->free[resource];
    for (*from = at; *from > 0; (*from)--) {
        int g = *from - 1;
        if (closed ? rg_bits_get(open, g) : !rg_bits_get(open, g) || rg_bits_get(is_free, g)) {
            break;
        }
    }
    for (*until = at + 1; *until < e->s->n; (*until)++) {
        int g = *until;
        if (closed ? rg_bits_get(open, g) : !rg_bits_get(open, g) || rg_bits_get(is_free, g)) {
            break;
        }
    }
}

/* Everything in [from, until) that prevents RESOURCE from serving. */
static void name_runs(explain_t *e, rg_block_t b, int from, int until)
{
    for (int g = from; g < until; g++) {
        bool inside = g >= 0 && g < e->s->n;
        bool closed = !inside || !rg_bits_get(&e->open[b.resource], g);
        if (inside && rg_bits_get(&e->s->free[b.resource], g)) {
            continue;
        }
        b.kind = closed ? RG_BLOCK_CLOSED : RG_BLOCK_TAKEN;
        b.from = g;
        b.until = g + 1;
        if (inside) {
            run_around(e, b.resource, g, closed, &b.from, &b.until);
        }
        b.wanted_from = g;
        b.wanted_until = b.until < until ? b.until : until;
        add(e, b);
        g = b.until - 1;
    }
}

/* Setup before and turnover after, of all needs that were fused into this one. */
static void margins_of(const rg_chain_step_t *step, int fused, int *setup, int *turnover)
{
    *setup = 0;
    *turnover = 0;
    for (int i = 0; i < step->from->need_count; i++) {
        const rg_search_need_t *need = &step->from->needs[i];
        if (step->fused[i] == fused) {
            *setup = need->setup > *setup ? need->setup : *setup;
            *turnover = need->turnover > *turnover ? need->turnover : *turnover;
        }
    }
}

/* The original need: the first of those that were merged. */
static int asked_as(const rg_chain_step_t *step, int fused)
{
    int i = 0;
    while (step->fused[i] != fused) {
        i++;
    }
    return i;
}

static void name_blocker(explain_t *e, const rg_chain_step_t *step, int step_no, int fused,
                         int resource, int at)
{
    int setup;
    int turnover;
    rg_block_t b = {.step = step_no, .need = asked_as(step, fused), .resource = resource};
    margins_of(step, fused, &setup, &turnover);
    name_runs(e, b, at - setup, at + step->from->length + turnover);
}

/* --- one step at one start -------------------------------------------------------------------- */

static int serving(const rg_chain_need_t *need, int at)
{
    int count = 0;
    for (int k = 0; k < need->pool_count; k++) {
        count += rg_bits_get(&need->fits[k], at);
    }
    return count;
}

/* The resources that cannot serve the need at AT, and why. */
static void name_absent(explain_t *e, const rg_chain_step_t *step, int step_no, int fused, int at)
{
    const rg_chain_need_t *need = &step->needs[fused];
    for (int k = 0; k < need->pool_count; k++) {
        if (!rg_bits_get(&need->fits[k], at)) {
            name_blocker(e, step, step_no, fused, need->pool[k], at);
        }
    }
}

/* Needs that too few resources could serve; if there are none, several needs compete for the same
 * few resources: then every missing resource would help. */
static void name_start(explain_t *e, const rg_chain_step_t *step, int step_no, int at)
{
    bool named = false;
    for (int i = 0; i < step->need_count; i++) {
        if (serving(&step->needs[i], at) < step->needs[i].quantity) {
            named = true;
            name_absent(e, step, step_no, i, at);
        }
    }
    if (named) {
        return;
    }
    add(e, plain(RG_BLOCK_TOGETHER, step_no, -1, -1, at, at + step->from->length));
    for (int i = 0; i < step->need_count; i++) {
        name_absent(e, step, step_no, i, at);
    }
}

static int last_bit(const rg_bits_t *b)
{
    int last = -1;
    for (int at = rg_bits_next(b, 0); at >= 0; at = rg_bits_next(b, (int64_t)at + 1)) {
        last = at;
    }
    return last;
}

/* REACH are the starts the step could have had as far as the steps before are concerned. */
static void name_step(explain_t *e, const rg_chain_step_t *step, int step_no,
                      const rg_bits_t *reach)
{
    bool any = false;
    int first = rg_bits_next(reach, 0);
    int last = last_bit(reach);
    if (step_no > 0) {
        add(e, plain(RG_BLOCK_GAP, step_no, -1, -1, first, last + 1));
    }
    for (int at = first; at >= 0; at = rg_bits_next(reach, (int64_t)at + 1)) {
        if (step_no == 0 || !step->from->only || rg_bits_get(step->from->only, at)) {
            any = true;
            name_start(e, step, step_no, at);
        }
    }
    if (!any) {
        add(e, plain(RG_BLOCK_GRID, step_no, -1, -1, first, last + 1));
    }
}

/* --- forwards --------------------------------------------------------------------------------- */

static int midnight_granule(const rg_search_t *s, int day)
{
    return s->midnights[day < s->day_count ? day : s->day_count];
}

/* Starts of the step after those in FROM, by the gap limits. */
static void step_on(rg_bits_t *to, const rg_search_t *s, int step_no, const rg_bits_t *from)
{
    const rg_search_step_t *step = &s->steps[step_no];
    const rg_search_step_t *next = &s->steps[step_no + 1];
    rg_bits_clear(to, 0, to->n);
    for (int at = rg_bits_next(from, 0); at >= 0; at = rg_bits_next(from, (int64_t)at + 1)) {
        int64_t end = (int64_t)at + step->length;
        if (next->days_max > 0) {
            int day = rg_search_day(s, (int)end - 1);
            rg_bits_set(to, midnight_granule(s, day + next->days_min),
                        midnight_granule(s, day + next->days_max + 1));
        }
        else {
            rg_bits_set(to, end + next->gap_min, end + next->gap_max + 1);
        }
    }
}

/* The step that cannot be reached or served, with the starts it could have had; -1: all can. */
static int follow(rg_chain_t *c, const rg_search_t *s, int start, rg_bits_t *reach)
{
    rg_bits_t fine = rg_bits_make(c->pool, s->n);
    rg_bits_clear(reach, 0, s->n);
    rg_bits_set(reach, start, (int64_t)start + 1);
    for (int i = 0; i < s->step_count; i++) {
        rg_bits_copy(&fine, reach);
        rg_bits_and(&fine, rg_chain_alone(c, i));
        if (!rg_bits_any(&fine)) {
            return i;
        }
        if (i + 1 < s->step_count) {
            step_on(reach, s, i, &fine);
        }
    }
    return -1;
}

/* The search with START as the one start of its first step; with LOOSE set, bind words hold within
 * a step only. */
static rg_search_t *restate(apr_pool_t *p, const rg_search_t *s, int start, bool loose)
{
    rg_search_t *copy = apr_pmemdup(p, s, sizeof(*s));
    rg_search_step_t *steps = apr_pmemdup(p, s->steps, sizeof(*steps) * (size_t)s->step_count);
    rg_bits_t *only = apr_palloc(p, sizeof(*only));
    *only = rg_bits_make(p, s->n);
    rg_bits_set(only, start, (int64_t)start + 1);
    steps[0].only = only;
    copy->steps = steps;
    for (int i = 0; loose && i < s->step_count; i++) {
        size_t size = sizeof(rg_search_need_t) * (size_t)(steps[i].need_count + 1);
        rg_search_need_t *needs = apr_pcalloc(p, size);
        for (int k = 0; k < steps[i].need_count; k++) {
            needs[k] = steps[i].needs[k];
            needs[k].bind += needs[k].bind < 0 ? 0 : i * s->bind_count;
        }
        steps[i].needs = needs;
    }
    copy->bind_count = loose ? s->bind_count * s->step_count : s->bind_count;
    return copy;
}

/* --- what no time could mend ------------------------------------------------------------------ */

static void name_few(explain_t *e)
{
    for (int i = 0; i < e->s->step_count; i++) {
        for (int k = 0; k < e->s->steps[i].need_count; k++) {
            const rg_search_need_t *need = &e->s->steps[i].needs[k];
            if (need->pool_count < need->quantity) {
                add(e, plain(RG_BLOCK_FEW, i, k, -1, 0, 0));
            }
        }
    }
}

/* Somebody for each need, but for all needs with one word nobody. */
static void name_words(explain_t *e)
{
    for (int i = 0; i < e->s->step_count; i++) {
        for (int k = 0; k < e->s->steps[i].need_count; k++) {
            if (e->s->steps[i].needs[k].bind >= 0) {
                add(e, plain(RG_BLOCK_SAME, i, k, -1, 0, 0));
            }
        }
    }
}

/* --- who is bound ----------------------------------------------------------------------------- */

static bool fits_somewhere(const rg_bits_t *fits, const rg_bits_t *reach)
{
    for (int at = rg_bits_next(reach, 0); at >= 0; at = rg_bits_next(reach, (int64_t)at + 1)) {
        if (rg_bits_get(fits, at)) {
            return true;
        }
    }
    return false;
}

/* Under the current assignment STEP is not possible: because of which resource, and what occupies
 * it. */
static void name_bound(explain_t *e, const rg_chain_t *c, int step_no, const rg_bits_t *reach)
{
    const rg_chain_step_t *step = &c->steps[step_no];
    bool named = false;
    for (int i = 0; i < step->need_count; i++) {
        const rg_chain_need_t *need = &step->needs[i];
        if (need->bind < 0) {
            continue;
        }
        int who = rg_chain_who(c, need);
        if (fits_somewhere(&need->fits[rg_chain_place(need, who)], reach)) {
            continue;
        }
        named = true;
        add(e, plain(RG_BLOCK_SAME, step_no, asked_as(step, i), who, 0, 0));
        for (int at = rg_bits_next(reach, 0); at >= 0; at = rg_bits_next(reach, (int64_t)at + 1)) {
            name_blocker(e, step, step_no, i, who, at);
        }
    }
    if (!named) {
        name_step(e, step, step_no, reach);
    }
}

static void name_words_held(explain_t *e, int start)
{
    rg_chain_t *c = rg_chain_make(e->p, restate(e->p, e->s, start, false), NULL);
    rg_bits_t reach = rg_bits_make(e->p, e->s->n);
    if (!c) {
        name_words(e);
        return;
    }
    do {
        int at = follow(c, e->s, start, &reach);
        if (at < 0) {
            e->count = 0;
            return;
        }
        name_bound(e, c, at, &reach);
    } while (rg_chain_turn(c));
}

rg_block_t *rg_explain_chain(int *count, apr_pool_t *p, const rg_search_t *s, const rg_bits_t *open,
                             int start)
{
    explain_t e = {p, s, open, apr_pcalloc(p, sizeof(rg_block_t) * BLOCKS_MAX), 0};
    rg_chain_t *c = rg_chain_make(p, restate(p, s, start, true), NULL);
    rg_bits_t reach = rg_bits_make(p, s->n);
    name_few(&e);
    if (c && e.count == 0) {
        int at = follow(c, s, start, &reach);
        if (at >= 0) {
            name_step(&e, &c->steps[at], at, &reach);
        }
        else {
            name_words_held(&e, start);
        }
    }
    else if (e.count == 0) {
        name_words(&e);
    }
    *count = e.count;
    return e.blocks;
}
