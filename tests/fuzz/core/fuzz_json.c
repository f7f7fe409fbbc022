/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON. Beyond not crashing: what is accepted writes out and reads back as the same
 * value, and what is refused comes with clean words. */
#include "target.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

#include <jansson.h>

static void check_again(apr_pool_t *p, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    json_t *again = NULL;
    must(text && rg_text_clean(text, strlen(text)));
    must(rg_json_parse(&again, p, text, strlen(text), NULL) == RG_OK && json_equal(json, again));
    free(text);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    json_t *json = NULL;
    rg_problems_t *problems = rg_problems_make(p);
    if (rg_json_parse(&json, p, text, size, problems) == RG_OK) {
        check_again(p, json);
        return;
    }
    must(!json && rg_problem_for(problems, NULL));
    must_be_clean(problems);
}
