/* SPDX-License-Identifier: Apache-2.0 */
/* The assignment: resources and exact times for a chosen start. */
#include "mod_regen/clinic/schedule/chain.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/search.h"

enum { SLOTS_MAX = 8 * RG_CHAIN_NEEDS_MAX }; /* quantity is at most 8 */

/* One resource wanted by a step: a need with quantity 2 is two slots. */
typedef struct {
    const rg_chain_need_t *need;
    int need_no;  /* within the chain's step */
    int resource; /* chosen, or -1 */
} slot_t;

typedef struct {
    const rg_chain_t *chain;
    int at; /* granule the step starts at */
    int count;
    slot_t slots[SLOTS_MAX];
} match_t;

static bool fits(const match_t *m, const slot_t *slot, int resource)
{
    int place = rg_chain_place(slot->need, resource);
    bool bound = slot->need->bind >= 0;
    return place >= 0 && rg_bits_get(&slot->need->fits[place], m->at) &&
           (!bound || rg_chain_who(m->chain, slot->need) == resource);
}

static int holder(const match_t *m, int resource)
{
    for (int i = 0; i < m->count; i++) {
        if (m->slots[i].resource == resource) {
            return i;
        }
    }
    return -1;
}

/* Gives slot I a resource, moving later slots to other resources if needed (Kuhn's augmenting
 * path); slots before FIXED keep theirs. VISITED is by slot. */
static bool place_slot(match_t *m, int i, int fixed, bool *visited)
{
    const rg_chain_need_t *need = m->slots[i].need;
    for (int k = 0; k < need->pool_count; k++) {
        int resource = need->pool[k];
        int other = holder(m, resource);
        if (!fits(m, &m->slots[i], resource) || (other >= 0 && (other < fixed || visited[other]))) {
            continue;
        }
        if (other >= 0) {
            visited[other] = true;
            if (!place_slot(m, other, fixed, visited)) {
                continue;
            }
        }
        m->slots[i].resource = resource;
        return true;
    }
    return false;
}

/* Whether slots FIXED and later can all be served beside what is fixed. */
static bool rest_matches(match_t *m, int fixed)
{
    for (int i = fixed; i < m->count; i++) {
        m->slots[i].resource = -1;
    }
    for (int i = fixed; i < m->count; i++) {
        bool visited[SLOTS_MAX] = {false};
        if (!place_slot(m, i, fixed, visited)) {
            return false;
        }
    }
    return true;
}

/* Slot by slot the best candidate that leaves enough for the others. */
static bool choose_candidates(match_t *m)
{
    for (int i = 0; i < m->count; i++) {
        const rg_chain_need_t *need = m->slots[i].need;
        bool done = false;
        for (int k = 0; !done && k < need->pool_count; k++) {
            for (int later = i; later < m->count; later++) {
                m->slots[later].resource = -1;
            }
            if (fits(m, &m->slots[i], need->pool[k]) && holder(m, need->pool[k]) < 0) {
                m->slots[i].resource = need->pool[k];
                done = rest_matches(m, i + 1);
            }
        }
        if (!done) {
            return false;
        }
    }
    return true;
}

static void fill_slots(match_t *m, const rg_chain_step_t *step)
{
    for (int i = 0; i < step->need_count; i++) {
        for (int k = 0; k < step->needs[i].quantity && m->count < SLOTS_MAX; k++) {
            m->slots[m->count++] = (slot_t){&step->needs[i], i, -1};
        }
    }
}

static int picks_of(const rg_chain_t *c)
{
    int count = 0;
    for (int i = 0; i < c->step_count; i++) {
        for (int k = 0; k < c->steps[i].from->need_count; k++) {
            count += c->steps[i].needs[c->steps[i].fused[k]].quantity;
        }
    }
    return count;
}

/* The chosen resources by the original numbers of the needs. */
static void note_picks(rg_plan_t *out, const match_t *m, const rg_chain_step_t *step, int step_no)
{
    for (int need = 0; need < step->from->need_count; need++) {
        for (int i = 0; i < m->count; i++) {
            if (m->slots[i].need_no == step->fused[need]) {
                out->picks[out->pick_count++] =
                    (rg_pick_t){.step = step_no, .need = need, .resource = m->slots[i].resource};
            }
        }
    }
}

/* Every step as early as the remainder of the chain allows: `starts` already looks ahead. */
static bool build_plan(rg_plan_t *out, apr_pool_t *p, const rg_chain_t *c, int start)
{
    out->at = apr_palloc(p, sizeof(*out->at) * (size_t)c->step_count);
    out->pick_count = 0;
    out->picks = apr_palloc(p, sizeof(*out->picks) * (size_t)(picks_of(c) + 1));
    int64_t from = start;
    for (int i = 0; i < c->step_count; i++) {
        const rg_chain_step_t *step = &c->steps[i];
        match_t m = {.chain = c};
        m.at = rg_bits_next(&step->starts, from);
        out->at[i] = m.at;
        fill_slots(&m, step);
        if (m.at < 0 || !choose_candidates(&m)) {
            return false;
        }
        note_picks(out, &m, step, i);
        if (i + 1 < c->step_count) {
            from = rg_chain_earliest(c, i, m.at);
        }
    }
    return true;
}

bool rg_plan_make(rg_plan_t *out, apr_pool_t *p, const rg_search_t *s, int start,
                  const int64_t *load)
{
    rg_chain_t *c = rg_chain_make(p, s, load);
    if (!c) {
        return false;
    }
    do {
        if (rg_chain_solve(c) && rg_bits_get(&c->steps[0].starts, start)) {
            return build_plan(out, p, c, start);
        }
    } while (rg_chain_turn(c));
    return false;
}
