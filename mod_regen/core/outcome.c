/* SPDX-License-Identifier: Apache-2.0 */
/* Outcomes and the list of problems that goes with RG_INVALID. Every room uses it;
 * web/platform/outcome.c maps outcomes to HTTP. */
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/words.h"

#include <string.h>

#include <apr_strings.h>

RG_WORDS_MADE(rg_outcome, RG_OUTCOMES);

rg_problems_t *rg_problems_make(apr_pool_t *p)
{
    rg_problems_t *ps = apr_palloc(p, sizeof(*ps));
    ps->pool = p;
    ps->list = apr_array_make(p, 4, sizeof(rg_problem_t));
    return ps;
}

void rg_problem_add(rg_problems_t *ps, const char *field, const char *fmt, ...)
{
    if (!ps) {
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    const char *text = rg_text_vformat(ps->pool, fmt, ap);
    va_end(ap);
    rg_problem_t *problem = apr_array_push(ps->list);
    problem->field = field ? apr_pstrdup(ps->pool, field) : NULL;
    problem->text = text;
    problem->code = NULL;
}

bool rg_problems_any(const rg_problems_t *ps)
{
    return ps && ps->list->nelts > 0;
}

static bool same_field(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

const char *rg_problem_first(const rg_problems_t *ps)
{
    return rg_problems_any(ps) ? APR_ARRAY_IDX(ps->list, 0, rg_problem_t).text : NULL;
}

const char *rg_problem_for(const rg_problems_t *ps, const char *field)
{
    for (int i = 0; ps && i < ps->list->nelts; i++) {
        const rg_problem_t *problem = &APR_ARRAY_IDX(ps->list, i, rg_problem_t);
        if (same_field(problem->field, field)) {
            return problem->text;
        }
    }
    return NULL;
}
