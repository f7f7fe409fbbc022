/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the reader share. Private to core/questionnaire. */
#ifndef RG_CORE_QUEST_INT_H
#define RG_CORE_QUEST_INT_H

#include "regen/core/outcome.h"
#include "regen/model/questionnaire.h"

#include <apr_pools.h>
#include <jansson.h>

typedef struct {
    apr_pool_t *pool;
    rg_problems_t *problems;
    rg_questionnaire_t *q;
    bool full; /* there are more items than are allowed */
} quest_reader_t;

/* --- value.c ---------------------------------------------------------------------------------- */

void quest_wrong(const quest_reader_t *r, const char *path, const char *text);
void quest_keys(const quest_reader_t *r, const char *path, json_t *object,
                const char *const *allowed);
const char *quest_string(const quest_reader_t *r, const char *path, const json_t *object,
                         const char *key, size_t most, bool must);
const char *quest_token(const quest_reader_t *r, const char *path, const json_t *object,
                        const char *key);
bool quest_flag(const quest_reader_t *r, const char *path, const json_t *object, const char *key);
const json_t *quest_list(const quest_reader_t *r, const char *path, const json_t *object,
                         const char *key, size_t most);
bool quest_milli(const quest_reader_t *r, const json_t *value, int64_t *out);

/* --- rules.c ---------------------------------------------------------------------------------- */

/* Conditions about questions before item BEFORE; in a rule (BEFORE is item_count) also about
 * scores. */
void quest_whens(const quest_reader_t *r, const char *path, json_t *object, const char *key,
                 const char *behavior, int before, rg_quest_when_t **out, int *count, bool *any);
void quest_scores(quest_reader_t *r, json_t *root);
void quest_rules(quest_reader_t *r, json_t *root);

#endif
