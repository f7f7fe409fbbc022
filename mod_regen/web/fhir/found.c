/* SPDX-License-Identifier: Apache-2.0 */
/* The results of a search, for the types: included resources, each once, and totals. */
#include "fhir.h"
#include "regen/clinic/identity.h"
#include "regen/core/outcome.h"

#include <string.h>

#define WALK_MOST 1000000 /* no clinic defines more, or has more free times */

static bool is_in_list(const apr_array_header_t *list, const regen_fhir_entry_t *entry)
{
    for (int i = 0; i < list->nelts; i++) {
        const regen_fhir_entry_t *e = &APR_ARRAY_IDX(list, i, regen_fhir_entry_t);
        if (strcmp(e->type, entry->type) == 0 && strcmp(e->id, entry->id) == 0) {
            return true;
        }
    }
    return false;
}

void regen_fhir_other(regen_fhir_search_t *s, const regen_fhir_entry_t *entry)
{
    static const char text[] = "An _include was left out because the token may not read that type.";
    if (!rg_scope_permits(s->q->ctx->who.scopes, entry->type, 'r')) {
        if (!rg_problem_for(s->notes, "_include")) {
            rg_problem_add(s->notes, "_include", text);
        }
        return;
    }
    if (!is_in_list(s->others, entry) && !is_in_list(s->found, entry)) {
        APR_ARRAY_PUSH(s->others, regen_fhir_entry_t) = *entry;
    }
}

rg_outcome_t regen_total_by_walking(regen_fhir_search_t *s)
{
    regen_fhir_search_t all = *s;
    all.found = apr_array_make(s->env.p, 16, sizeof(regen_fhir_entry_t));
    all.key = all.after = 0;
    all.more = false;
    all.count = WALK_MOST;
    rg_outcome_t rc = s->type->find(&all);
    s->total = all.more ? -1 : all.found->nelts;
    return rc;
}
