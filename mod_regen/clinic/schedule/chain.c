/* SPDX-License-Identifier: Apache-2.0 */
/* Makes a chain ready for the search and solves it for one assignment of bind words, from the
 * last step to the first. */
#include "mod_regen/clinic/schedule/chain.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/search.h"

/* --- making ready ----------------------------------------------------------------------------- */

typedef struct {
    int setup, turnover;
} reach_t;

int rg_chain_place(const rg_chain_need_t *need, int resource)
{
    for (int i = 0; i < need->pool_count; i++) {
        if (need->pool[i] == resource) {
            return i;
        }
    }
    return -1;
}

static void keep_common(rg_chain_need_t *need, const int *pool, int count)
{
    rg_chain_need_t other = {.pool_count = count, .pool = (int *)pool};
    int kept = 0;
    for (int i = 0; i < need->pool_count; i++) {
        if (rg_chain_place(&other, need->pool[i]) >= 0) {
            need->pool[kept++] = need->pool[i];
        }
    }
    need->pool_count = kept;
}

static rg_chain_need_t *find_bound(rg_chain_step_t *step, int bind)
{
    for (int i = 0; bind >= 0 && i < step->need_count; i++) {
        if (step->needs[i].bind == bind) {
            return &step->needs[i];
        }
    }
    return NULL;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

static int *copy_pool(apr_pool_t *p, const int *pool, int count)
{
    int *copy = apr_pcalloc(p, sizeof(*copy) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        copy[i] = pool[i];
    }
    return copy;
}

/* Needs with the same word become one, which asks for all that they ask for. */
static void fuse_needs(rg_chain_t *c, rg_chain_step_t *step, reach_t *reach)
{
    for (int i = 0; i < step->from->need_count; i++) {
        const rg_search_need_t *from = &step->from->needs[i];
        rg_chain_need_t *need = find_bound(step, from->bind);
        if (need) {
            keep_common(need, from->pool, from->pool_count);
        }
        else {
            need = &step->needs[step->need_count++];
            need->bind = from->bind;
            need->quantity = from->bind >= 0 ? 1 : from->quantity;
            need->pool_count = from->pool_count;
            need->pool = copy_pool(c->pool, from->pool, from->pool_count);
        }
        step->fused[i] = (int)(need - step->needs);
        reach_t *r = &reach[step->fused[i]];
        r->setup = larger(r->setup, from->setup);
        r->turnover = larger(r->turnover, from->turnover);
    }
}

/* A bind word is served by the resources that can serve all its needs; a word with a single need
 * binds nothing, and would only multiply the assignments. */
static void settle_word(rg_chain_t *c, int word)
{
    rg_chain_need_t *first = NULL;
    int uses = 0;
    for (int i = 0; i < c->step_count; i++) {
        rg_chain_need_t *need = find_bound(&c->steps[i], word);
        if (need) {
            uses++;
            first = first ? first : need;
            keep_common(first, need->pool, need->pool_count);
        }
    }
    if (!first) {
        return;
    }
    bool real = uses > 1;
    for (int i = 0; i < c->step_count; i++) {
        rg_chain_need_t *need = find_bound(&c->steps[i], word);
        if (need) {
            need->pool = first->pool;
            need->pool_count = first->pool_count;
            need->bind = real ? c->bind_count : -1;
        }
    }
    if (real) {
        c->choices[c->bind_count] = first->pool;
        c->choice_count[c->bind_count] = first->pool_count;
        c->bind_count++;
    }
}

/* Words are renumbered downwards while they are settled, so a settled one is hidden from the search
 * for the next by moving the unsettled out of the way first. */
static void settle_words(rg_chain_t *c, int words)
{
    size_t room = (size_t)(words + 1);
    c->choice_count = apr_pcalloc(c->pool, sizeof(*c->choice_count) * room);
    c->choices = apr_pcalloc(c->pool, sizeof(*c->choices) * room);
    c->place = apr_pcalloc(c->pool, sizeof(*c->place) * room);
    for (int i = 0; i < c->step_count; i++) {
        for (int k = 0; k < c->steps[i].need_count; k++) {
            rg_chain_need_t *need = &c->steps[i].needs[k];
            need->bind += need->bind >= 0 ? words : 0;
        }
    }
    for (int word = words; word < 2 * words; word++) {
        settle_word(c, word);
    }
}

static bool is_less_booked(int a, int b, const int64_t *load)
{
    if (load && load[a] != load[b]) {
        return load[a] < load[b];
    }
    return a < b;
}

static void sort_pool(rg_chain_need_t *need, const int64_t *load)
{
    for (int i = 1; i < need->pool_count; i++) {
        int moved = need->pool[i];
        int k = i;
        for (; k > 0 && is_less_booked(moved, need->pool[k - 1], load); k--) {
            need->pool[k] = need->pool[k - 1];
        }
        need->pool[k] = moved;
    }
}

/* Starts at which RESOURCE is free from SETUP before the step until TURNOVER after it. */
static rg_bits_t fit(rg_chain_t *c, const rg_bits_t *is_free, int length, reach_t reach)
{
    rg_bits_t b = rg_bits_make(c->pool, c->n);
    rg_bits_copy(&b, is_free);
    rg_bits_all(&b, (int64_t)reach.setup + length + reach.turnover);
    rg_bits_behind(&b, reach.setup);
    return b;
}

static void work_out_fits(rg_chain_t *c, const rg_search_t *s, rg_chain_step_t *step,
                          const reach_t *reach)
{
    for (int i = 0; i < step->need_count; i++) {
        rg_chain_need_t *need = &step->needs[i];
        need->fits = apr_palloc(c->pool, sizeof(*need->fits) * (size_t)(need->pool_count + 1));
        for (int k = 0; k < need->pool_count; k++) {
            need->fits[k] = fit(c, &s->free[need->pool[k]], step->from->length, reach[i]);
        }
    }
}

static int total_quantity(const rg_chain_step_t *step)
{
    int total = 0;
    for (int i = 0; i < step->need_count; i++) {
        total += step->needs[i].quantity;
    }
    return total;
}

static void make_scratch(rg_chain_t *c)
{
    for (int i = 0; i < c->step_count; i++) {
        c->scratch_count = larger(c->scratch_count, total_quantity(&c->steps[i]) + 2);
    }
    c->scratch = apr_palloc(c->pool, sizeof(*c->scratch) * (size_t)(c->scratch_count + 1));
    for (int i = 0; i < c->scratch_count; i++) {
        c->scratch[i] = rg_bits_make(c->pool, c->n);
    }
}

static bool all_can_be_met(const rg_chain_t *c)
{
    for (int i = 0; i < c->step_count; i++) {
        for (int k = 0; k < c->steps[i].need_count; k++) {
            if (c->steps[i].needs[k].pool_count < c->steps[i].needs[k].quantity) {
                return false;
            }
        }
    }
    return true;
}

static bool days_known(const rg_search_t *s)
{
    return s->day_count > 0 && s->midnights[0] <= 0 && s->midnights[s->day_count] >= s->n;
}

static bool well_formed(const rg_search_t *s)
{
    bool fine = s->step_count > 0 && s->n > 0;
    for (int i = 0; fine && i < s->step_count; i++) {
        const rg_search_step_t *step = &s->steps[i];
        fine = step->need_count <= RG_CHAIN_NEEDS_MAX && step->length > 0 &&
               (step->days_max == 0 || (step->days_min >= 1 && days_known(s)));
    }
    return fine;
}

rg_chain_t *rg_chain_make(apr_pool_t *p, const rg_search_t *s, const int64_t *load)
{
    if (!well_formed(s)) {
        return NULL;
    }
    rg_chain_t *c = apr_pcalloc(p, sizeof(*c));
    c->pool = p;
    c->from = s;
    c->n = s->n;
    c->step_count = s->step_count;
    c->steps = apr_pcalloc(p, sizeof(*c->steps) * (size_t)s->step_count);
    reach_t(*reach)[RG_CHAIN_NEEDS_MAX] = apr_pcalloc(p, sizeof(*reach) * (size_t)s->step_count);
    for (int i = 0; i < s->step_count; i++) {
        c->steps[i].from = &s->steps[i];
        c->steps[i].alone = rg_bits_make(p, s->n);
        c->steps[i].starts = rg_bits_make(p, s->n);
        fuse_needs(c, &c->steps[i], reach[i]);
    }
    settle_words(c, s->bind_count);
    if (!all_can_be_met(c)) {
        return NULL;
    }
    for (int i = 0; i < s->step_count; i++) {
        for (int k = 0; k < c->steps[i].need_count; k++) {
            sort_pool(&c->steps[i].needs[k], load);
        }
    }
    for (int i = 0; i < s->step_count; i++) {
        work_out_fits(c, s, &c->steps[i], reach[i]);
    }
    make_scratch(c);
    return c;
}

/* --- assignments of bind words ---------------------------------------------------------------- */

bool rg_chain_turn(rg_chain_t *c)
{
    for (int word = c->bind_count - 1; word >= 0; word--) {
        c->place[word]++;
        if (c->place[word] < c->choice_count[word]) {
            return true;
        }
        c->place[word] = 0;
    }
    return false;
}

int rg_chain_who(const rg_chain_t *c, const rg_chain_need_t *need)
{
    return c->choices[need->bind][c->place[need->bind]];
}

static bool is_bound_to(const rg_chain_t *c, const rg_chain_step_t *step, int resource)
{
    for (int i = 0; i < step->need_count; i++) {
        if (step->needs[i].bind >= 0 && rg_chain_who(c, &step->needs[i]) == resource) {
            return true;
        }
    }
    return false;
}

/* --- one step by itself ----------------------------------------------------------------------- */

/* Whether the two compete for a resource that is not bound in this step. */
static bool compete(const rg_chain_t *c, const rg_chain_step_t *step, int a, int b)
{
    for (int i = 0; i < step->needs[a].pool_count; i++) {
        int resource = step->needs[a].pool[i];
        if (rg_chain_place(&step->needs[b], resource) >= 0 && !is_bound_to(c, step, resource)) {
            return true;
        }
    }
    return false;
}

static bool in(unsigned set, int i)
{
    return ((set >> i) & 1u) != 0;
}

/* Starts at which RESOURCE can serve some need of the set; NULL when it was met before, in the pool
 * of a need in front of FIRST. */
static const rg_bits_t *serves_some(rg_chain_t *c, rg_chain_step_t *step, unsigned set, int first,
                                    int place)
{
    int resource = step->needs[first].pool[place];
    rg_bits_t *sum = &c->scratch[0];
    const rg_bits_t *found = &step->needs[first].fits[place];
    for (int i = 0; i < step->need_count; i++) {
        int at = in(set, i) && i != first ? rg_chain_place(&step->needs[i], resource) : -1;
        if (at >= 0 && i < first) {
            return NULL;
        }
        if (at >= 0) {
            if (found != sum) {
                rg_bits_copy(sum, found);
                found = sum;
            }
            rg_bits_or(sum, &step->needs[i].fits[at]);
        }
    }
    return found;
}

/* Keeps the starts at which at least K different resources can serve some need of the set; level j
 * of the scratch holds "at least j of those counted so far". */
static void keep_enough(rg_chain_t *c, rg_chain_step_t *step, unsigned set, int k)
{
    for (int j = 1; j <= k; j++) {
        rg_bits_clear(&c->scratch[j], 0, c->n);
    }
    for (int i = 0; i < step->need_count; i++) {
        for (int at = 0; in(set, i) && at < step->needs[i].pool_count; at++) {
            const rg_bits_t *x = is_bound_to(c, step, step->needs[i].pool[at])
                                     ? NULL
                                     : serves_some(c, step, set, i, at);
            for (int j = k; x && j > 1; j--) {
                rg_bits_or_both(&c->scratch[j], &c->scratch[j - 1], x);
            }
            if (x) {
                rg_bits_or(&c->scratch[1], x);
            }
        }
    }
    rg_bits_and(&step->alone, &c->scratch[k]);
}

static int quantity_of(const rg_chain_step_t *step, unsigned set)
{
    int total = 0;
    for (int i = 0; i < step->need_count; i++) {
        total += in(set, i) ? step->needs[i].quantity : 0;
    }
    return total;
}

/* Needs that compete with the first of LEFT, directly or through others. */
static unsigned competitors(const rg_chain_t *c, const rg_chain_step_t *step, unsigned left)
{
    unsigned group = left & -left;
    for (unsigned grown = 0; grown != group;) {
        grown = group;
        for (int a = 0; a < step->need_count; a++) {
            for (int b = 0; in(group, a) && b < step->need_count; b++) {
                if (in(left, b) && !in(group, b) && compete(c, step, a, b)) {
                    group |= 1u << b;
                }
            }
        }
    }
    return group;
}

/* Hall's theorem: different resources for all needs of the group exist exactly when every subset of
 * needs has as many resources that can serve some of it as it asks for. */
static void keep_matchable(rg_chain_t *c, rg_chain_step_t *step, unsigned group)
{
    for (unsigned set = group; set != 0; set = (set - 1) & group) {
        keep_enough(c, step, set, quantity_of(step, set));
    }
}

/* Bound needs are served by the resource of their word; false if two words have the same one. */
static bool serve_bound(rg_chain_t *c, rg_chain_step_t *step)
{
    for (int i = 0; i < step->need_count; i++) {
        rg_chain_need_t *need = &step->needs[i];
        if (need->bind < 0) {
            continue;
        }
        int who = rg_chain_who(c, need);
        for (int k = 0; k < i; k++) {
            if (step->needs[k].bind >= 0 && rg_chain_who(c, &step->needs[k]) == who) {
                return false;
            }
        }
        rg_bits_and(&step->alone, &need->fits[rg_chain_place(need, who)]);
    }
    return true;
}

static void work_out_alone(rg_chain_t *c, rg_chain_step_t *step)
{
    if (step->from->only) {
        rg_bits_copy(&step->alone, step->from->only);
    }
    else {
        rg_bits_set(&step->alone, 0, c->n);
    }
    rg_bits_clear(&step->alone, (int64_t)c->n - step->from->length + 1, c->n);
    if (!serve_bound(c, step)) {
        rg_bits_clear(&step->alone, 0, c->n);
        return;
    }
    unsigned left = 0;
    for (int i = 0; i < step->need_count; i++) {
        left |= step->needs[i].bind < 0 ? 1u << i : 0;
    }
    while (left != 0) {
        unsigned group = competitors(c, step, left);
        keep_matchable(c, step, group);
        left &= ~group;
    }
}

/* --- the chain -------------------------------------------------------------------------------- */

/* Updates `alone` for the assignment; says whether that was necessary. */
static bool refresh(rg_chain_t *c, rg_chain_step_t *step)
{
    bool changed = !step->known;
    for (int i = 0; i < step->need_count; i++) {
        int who = step->needs[i].bind >= 0 ? rg_chain_who(c, &step->needs[i]) : -1;
        changed = changed || step->who[i] != who;
        step->who[i] = who;
    }
    if (changed) {
        work_out_alone(c, step);
        step->known = true;
    }
    return changed;
}

const rg_bits_t *rg_chain_alone(rg_chain_t *c, int step)
{
    (void)refresh(c, &c->steps[step]);
    return &c->steps[step].alone;
}

/* The first day at FROM or later with a bit of STARTS on it; DAY_COUNT: none. */
static int day_with_start(const rg_search_t *s, const rg_bits_t *starts, int from)
{
    int day = from;
    while (day < s->day_count &&
           rg_bits_count(starts, s->midnights[day], s->midnights[day + 1]) == 0) {
        day++;
    }
    return day;
}

/* Granules, whole days of them, on which the step before may end: those from which the next start
 * is DAYS_MIN to DAYS_MAX days away. NEAR walks ahead of the day, so each day is counted once. */
static void days_allowed_before(const rg_search_t *s, rg_bits_t *to, const rg_chain_step_t *next)
{
    int near = -1;
    rg_bits_clear(to, 0, to->n);
    for (int day = 0; day < s->day_count; day++) {
        if (near < day + next->from->days_min) {
            near = day_with_start(s, &next->starts, day + next->from->days_min);
        }
        if (near < s->day_count && near <= day + next->from->days_max) {
            rg_bits_set(to, s->midnights[day], s->midnights[day + 1]);
        }
    }
}

/* Keeps the starts after whose end the next step can start within its gap limits. */
static void join_next(const rg_chain_t *c, rg_chain_step_t *step, const rg_chain_step_t *next)
{
    if (next->from->days_max > 0) {
        days_allowed_before(c->from, &step->starts, next);
        rg_bits_ahead(&step->starts, step->from->length - 1);
    }
    else {
        rg_bits_copy(&step->starts, &next->starts);
        rg_bits_some(&step->starts, next->from->gap_max - next->from->gap_min + 1);
        rg_bits_ahead(&step->starts, step->from->length + next->from->gap_min);
    }
    rg_bits_and(&step->starts, &step->alone);
}

int rg_search_day(const rg_search_t *s, int granule)
{
    int lo = 0;
    for (int hi = s->day_count; hi - lo > 1;) {
        int middle = lo + (hi - lo) / 2;
        if (s->midnights[middle] <= granule) {
            lo = middle;
        }
        else {
            hi = middle;
        }
    }
    return lo;
}

int64_t rg_chain_earliest(const rg_chain_t *c, int step, int at)
{
    const rg_search_step_t *next = &c->from->steps[step + 1];
    int end = at + c->from->steps[step].length;
    if (next->days_max == 0) {
        return end + next->gap_min;
    }
    int day = rg_search_day(c->from, end - 1) + next->days_min;
    return c->from->midnights[day < c->from->day_count ? day : c->from->day_count];
}

bool rg_chain_solve(rg_chain_t *c)
{
    bool changed = false;
    for (int i = c->step_count - 1; i >= 0; i--) {
        rg_chain_step_t *step = &c->steps[i];
        changed = refresh(c, step) || changed;
        if (changed && i == c->step_count - 1) {
            rg_bits_copy(&step->starts, &step->alone);
        }
        else if (changed) {
            join_next(c, step, &c->steps[i + 1]);
        }
        /* Earlier steps keep outdated starts, which are not read until this one changes again. */
        if (!rg_bits_any(&step->starts)) {
            return false;
        }
    }
    return true;
}
