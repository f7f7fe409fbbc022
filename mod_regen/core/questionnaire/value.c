/* SPDX-License-Identifier: Apache-2.0 */
/* Reading one value of a questionnaire's JSON, with words that say what would be right. */
#include "quest_int.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/questionnaire.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <jansson.h>

RG_WORDS_MADE(rg_quest_type, RG_QUEST_TYPES);
RG_WORDS_MADE(rg_quest_op, RG_QUEST_OPS);
RG_WORDS_MADE(rg_quest_method, RG_QUEST_METHODS);
RG_WORDS_MADE(rg_quest_result, RG_QUEST_RESULTS);
RG_WORDS_MADE(rg_quest_who, RG_QUEST_WHOS);
RG_WORDS_MADE(rg_quest_decision, RG_QUEST_DECISIONS);
RG_WORDS_MADE(rg_quest_state, RG_QUEST_STATES);

const char *rg_quest_state_says(rg_quest_state_t state)
{
    switch (state) {
    case RG_QUEST_STATE_MISSING: return "not answered";
    case RG_QUEST_STATE_REVIEW: return "a clinician must look at the answers";
    case RG_QUEST_STATE_STOP: return "stopped";
    default: return "";
    }
}

bool rg_quest_in_order(const rg_quest_asked_t *a)
{
    return a->state == RG_QUEST_STATE_OK || a->state == RG_QUEST_STATE_OVERRIDE;
}

/* --- words of what is wrong ------------------------------------------------------------------- */

void quest_wrong(const quest_reader_t *r, const char *path, const char *text)
{
    rg_problem_add(r->problems, path, "%s", text);
}

/* Keys outside ALLOWED, which ends with a NULL. */
void quest_keys(const quest_reader_t *r, const char *path, json_t *object,
                const char *const *allowed)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        bool known = false;
        for (int i = 0; allowed[i] && !known; i++) {
            known = strcmp(allowed[i], key) == 0;
        }
        if (!known) {
            quest_wrong(
                r, path,
                apr_psprintf(r->pool, "\"%.40s\" is not supported here; leave it out.", key));
        }
    }
}

const char *quest_string(const quest_reader_t *r, const char *path, const json_t *object,
                         const char *key, size_t most, bool must)
{
    const json_t *value = json_object_get(object, key);
    const char *text =
        json_is_string(value) ? rg_text_tidy(r->pool, json_string_value(value)) : NULL;

    if (value && !text) {
        quest_wrong(r, path, apr_psprintf(r->pool, "Write \"%s\" as text in quotes.", key));
    }
    else if ((!text || *text == '\0') && must) {
        quest_wrong(r, path, apr_psprintf(r->pool, "Add \"%s\".", key));
    }
    else if (text && rg_text_length(text) > most) {
        quest_wrong(r, path,
                    apr_psprintf(r->pool, "Shorten \"%s\" to %d characters.", key, (int)most));
        return "";
    }
    return text ? text : "";
}

bool quest_flag(const quest_reader_t *r, const char *path, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (value && !json_is_boolean(value)) {
        quest_wrong(r, path, apr_psprintf(r->pool, "Write \"%s\" as true or false.", key));
    }
    return json_is_true(value);
}

/* A list of objects; NULL if there is none. */
const json_t *quest_list(const quest_reader_t *r, const char *path, const json_t *object,
                         const char *key, size_t most)
{
    const json_t *list = json_object_get(object, key);
    bool fine = json_is_array(list) && json_array_size(list) <= most;

    if (list && !json_is_array(list)) {
        quest_wrong(r, path, apr_psprintf(r->pool, "Write \"%s\" as a list.", key));
    }
    else if (list && !fine) {
        quest_wrong(r, path,
                    apr_psprintf(r->pool, "Use at most %d entries in \"%s\".", (int)most, key));
    }
    for (size_t i = 0; fine && i < json_array_size(list); i++) {
        if (!json_is_object(json_array_get(list, i))) {
            quest_wrong(r, path, apr_psprintf(r->pool, "Each entry of \"%s\" is an object.", key));
            return NULL;
        }
    }
    return fine ? list : NULL;
}

/* Thousandths; jansson's number as text, so that no floating point rounds it. */
bool quest_milli(const quest_reader_t *r, const json_t *value, int64_t *out)
{
    char *text =
        json_is_number(value) ? json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15)) : NULL;
    const char *own = text ? apr_pstrdup(r->pool, text) : NULL;

    free(text);
    if (!own) {
        return false;
    }
    size_t n = strlen(own);
    bool whole = json_is_real(value) && n > 2 && strcmp(own + n - 2, ".0") == 0;
    return rg_quest_number_read(out, whole ? apr_pstrndup(r->pool, own, n - 2) : own,
                                RG_QUEST_DECIMALS);
}

static bool is_token(const char *s, size_t most)
{
    size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    return n > 0 && s[n] == '\0' && n <= most;
}

const char *quest_token(const quest_reader_t *r, const char *path, const json_t *object,
                        const char *key)
{
    const char *text = quest_string(r, path, object, key, RG_QUEST_LINK_MOST, true);

    if (*text && !is_token(text, RG_QUEST_LINK_MOST)) {
        quest_wrong(r, path,
                    apr_psprintf(r->pool,
                                 "Write \"%s\" with letters, digits, points, hyphens and "
                                 "underscores.",
                                 key));
    }
    return text;
}

/* --- items ------------------------------------------------------------------------------------ */

bool rg_quest_asks(const rg_quest_item_t *item)
{
    return item->type != RG_QUEST_GROUP && item->type != RG_QUEST_DISPLAY;
}

int rg_quest_find(const rg_questionnaire_t *q, const char *link)
{
    for (int i = 0; link && i < q->item_count; i++) {
        if (strcmp(q->items[i].link, link) == 0) {
            return i;
        }
    }
    return -1;
}
