/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as JSON. Beyond not crashing: what is accepted writes out and reads back as the same
 * value, and what is refused comes with clean words. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>

#include <jansson.h>

#include "regen/core.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return apr_initialize() != APR_SUCCESS;
}

static void check_again(apr_pool_t *p, json_t *json)
{
    char *text = json_dumps(json, JSON_COMPACT);
    json_t *again = NULL;
    if (!text || !rg_text_clean(text, strlen(text)) ||
        rg_json_parse(&again, p, text, strlen(text), NULL) != RG_OK || !json_equal(json, again)) {
        abort();
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    apr_pool_t *p = NULL;
    json_t *json = NULL;
    apr_pool_create(&p, NULL);
    rg_problems_t *problems = rg_problems_make(p);
    if (rg_json_parse(&json, p, (const char *)data, size, problems) == RG_OK) {
        check_again(p, json);
    }
    else {
        const char *words = rg_problem_for(problems, NULL);
        if (json || !words || !rg_text_clean(words, strlen(words))) {
            abort();
        }
    }
    apr_pool_destroy(p);
    return 0;
}
