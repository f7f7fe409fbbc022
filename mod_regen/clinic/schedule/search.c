/* SPDX-License-Identifier: Apache-2.0 */
/* Feasible starts: the chain solved for every assignment of bind words, and all that found. Called
 * by booking/availability.c. */
#include "mod_regen/clinic/schedule/chain.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/search.h"

rg_bits_t rg_search_starts(apr_pool_t *p, const rg_search_t *s)
{
    rg_bits_t found = rg_bits_make(p, s->n);
    rg_chain_t *c = rg_chain_make(p, s, NULL);
    if (!c) {
        return found;
    }
    do {
        if (rg_chain_solve(c)) {
            rg_bits_or(&found, &c->steps[0].starts);
        }
    } while (rg_chain_turn(c));
    return found;
}
