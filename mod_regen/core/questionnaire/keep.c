/* SPDX-License-Identifier: Apache-2.0 */
/* Answers as they are stored: a list of {"linkId", "value", "other"} in the order of the
 * questionnaire. A draft keeps what was typed, right or wrong. */
#include "regen/core/json.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/questionnaire.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>
#include <jansson.h>

/* --- writing ---------------------------------------------------------------------------------- */

static void keep_item(json_t *list, const char *link, const rg_quest_typed_t *t)
{
    json_t *values = json_array();

    for (int i = 0; i < t->count; i++) {
        if (t->values[i] && *t->values[i]) {
            json_array_append_new(values, json_string(t->values[i]));
        }
    }
    bool other = t->other && *t->other;
    if (json_array_size(values) == 0 && !other) {
        json_decref(values);
        return;
    }
    json_t *one = json_object();
    json_object_set_new(one, "linkId", json_string(link));
    json_object_set_new(one, "value", values);
    if (other) {
        json_object_set_new(one, "other", json_string(t->other));
    }
    json_array_append_new(list, one);
}

static const char *keep_done(apr_pool_t *p, json_t *list)
{
    char *text = json_dumps(list, JSON_COMPACT);
    const char *own = text && strlen(text) <= RG_QUEST_KEPT_MOST ? apr_pstrdup(p, text) : NULL;

    free(text);
    json_decref(list);
    return own;
}

const char *rg_quest_keep_typed(apr_pool_t *p, const rg_questionnaire_t *q,
                                const rg_quest_typed_t *typed)
{
    json_t *list = json_array();

    for (int i = 0; i < q->item_count; i++) {
        if (rg_quest_asks(&q->items[i])) {
            keep_item(list, q->items[i].link, &typed[i]);
        }
    }
    return keep_done(p, list);
}

/* As it would be typed. */
static const char *as_typed(apr_pool_t *p, const rg_quest_item_t *it, const rg_quest_value_t *v)
{
    switch (it->type) {
    case RG_QUEST_BOOLEAN: return v->number ? "true" : "false";
    case RG_QUEST_INTEGER:
    case RG_QUEST_DECIMAL: return rg_quest_number(p, v->number);
    case RG_QUEST_DATE: return rg_date_iso(p, rg_date_from_days(v->number));
    default: return v->text;
    }
}

const char *rg_quest_keep(apr_pool_t *p, const rg_questionnaire_t *q, const rg_quest_filled_t *f)
{
    rg_quest_typed_t *typed = apr_pcalloc(p, sizeof(*typed) * ((size_t)q->item_count + 1));

    for (int i = 0; i < q->item_count; i++) {
        const rg_quest_item_t *it = &q->items[i];
        bool choice = it->type == RG_QUEST_CHOICE || it->type == RG_QUEST_OPEN_CHOICE;
        for (int k = 0; f->answers[i].enabled && k < f->answers[i].count; k++) {
            const rg_quest_value_t *v = &f->answers[i].values[k];
            if (choice && v->option < 0) {
                typed[i].other = v->text;
            }
            else {
                typed[i].values[typed[i].count++] =
                    choice ? it->options[v->option].code : as_typed(p, it, v);
            }
        }
    }
    return rg_quest_keep_typed(p, q, typed);
}

/* --- reading ---------------------------------------------------------------------------------- */

static void kept_item(apr_pool_t *p, const json_t *one, rg_quest_typed_t *t)
{
    const json_t *values = json_object_get(one, "value");
    const char *other = json_string_value(json_object_get(one, "other"));

    *t = (rg_quest_typed_t){0};
    for (size_t i = 0; i < json_array_size(values) && t->count < RG_QUEST_OPTIONS_MOST; i++) {
        const char *text = json_string_value(json_array_get(values, i));
        if (text && *text) {
            t->values[t->count++] = apr_pstrdup(p, text);
        }
    }
    t->other = other && *other ? apr_pstrdup(p, other) : NULL;
}

rg_quest_typed_t *rg_quest_kept(apr_pool_t *p, const rg_questionnaire_t *q, const char *json)
{
    rg_quest_typed_t *typed = apr_pcalloc(p, sizeof(*typed) * ((size_t)q->item_count + 1));
    json_t *list = NULL;

    if (!json || rg_json_parse(&list, p, json, strlen(json), NULL) != RG_OK) {
        return typed;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        int at = rg_quest_find(q, json_string_value(json_object_get(one, "linkId")));
        if (at >= 0 && rg_quest_asks(&q->items[at])) {
            kept_item(p, one, &typed[at]);
        }
    }
    return typed;
}

/* --- another version -------------------------------------------------------------------------- */

static bool same_options(const rg_quest_item_t *a, const rg_quest_item_t *b)
{
    if (a->option_count != b->option_count) {
        return false;
    }
    for (int i = 0; i < a->option_count; i++) {
        if (strcmp(a->options[i].code, b->options[i].code) != 0 ||
            strcmp(a->options[i].text, b->options[i].text) != 0) {
            return false;
        }
    }
    return true;
}

/* The groups around a question are a part of what it asks ("In the last week"). */
static bool same_question(const rg_questionnaire_t *q, int at, const rg_questionnaire_t *old,
                          int was)
{
    const rg_quest_item_t *a = &q->items[at];
    const rg_quest_item_t *b = &old->items[was];

    if (a->type != b->type || a->repeats != b->repeats || strcmp(a->text, b->text) != 0 ||
        !same_options(a, b) || (a->parent < 0) != (b->parent < 0)) {
        return false;
    }
    return a->parent < 0 || same_question(q, a->parent, old, b->parent);
}

bool rg_quest_carry(const rg_questionnaire_t *q, const rg_questionnaire_t *old,
                    rg_quest_typed_t *typed)
{
    bool changed = false;

    for (int i = 0; i < q->item_count; i++) {
        int was = old ? rg_quest_find(old, q->items[i].link) : -1;
        if (rg_quest_asks(&q->items[i]) && (was < 0 || !same_question(q, i, old, was))) {
            typed[i] = (rg_quest_typed_t){0};
            changed = true;
        }
    }
    return changed;
}
