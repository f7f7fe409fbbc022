/* SPDX-License-Identifier: Apache-2.0 */
/* Conditions, scores and rules of a questionnaire, from JSON. A condition names a question that
 * comes earlier, so that one pass in the order of the document decides what is asked. */
#include "quest_int.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/questionnaire.h"

#include <string.h>

#include <apr_strings.h>
#include <jansson.h>

/* --- conditions ------------------------------------------------------------------------------- */

static const struct {
    rg_quest_type_t type;
    const char *key;
} answer_keys[] = {{RG_QUEST_BOOLEAN, "answerBoolean"}, {RG_QUEST_INTEGER, "answerInteger"},
                   {RG_QUEST_DECIMAL, "answerDecimal"}, {RG_QUEST_DATE, "answerDate"},
                   {RG_QUEST_STRING, "answerString"},   {RG_QUEST_TEXT, "answerString"}};

static const char *answer_key(const rg_quest_item_t *it)
{
    for (size_t i = 0; i < sizeof(answer_keys) / sizeof(answer_keys[0]); i++) {
        if (answer_keys[i].type == it->type) {
            return answer_keys[i].key;
        }
    }
    const char *kind = it->option_count > 0 ? it->options[0].kind : "valueCoding";
    return strcmp(kind, "valueString") == 0    ? "answerString"
           : strcmp(kind, "valueInteger") == 0 ? "answerInteger"
                                               : "answerCoding";
}

static bool read_choice(const quest_reader_t *r, const rg_quest_item_t *it, const json_t *value,
                        rg_quest_value_t *v)
{
    const json_t *code = json_is_object(value) ? json_object_get(value, "code") : value;
    int64_t n = 0;
    const char *text = json_is_integer(code) && quest_milli(r, code, &n)
                           ? rg_quest_number(r->pool, n)
                           : json_string_value(code);

    for (int i = 0; text && i < it->option_count; i++) {
        if (strcmp(it->options[i].code, text) == 0) {
            v->option = i;
            return true;
        }
    }
    return false;
}

static bool read_answer_value(const quest_reader_t *r, const rg_quest_item_t *it,
                              const json_t *value, rg_quest_value_t *v)
{
    rg_date_t day;

    switch (it->type) {
    case RG_QUEST_BOOLEAN: v->number = json_is_true(value); return json_is_boolean(value);
    case RG_QUEST_INTEGER: return json_is_integer(value) && quest_milli(r, value, &v->number);
    case RG_QUEST_DECIMAL: return quest_milli(r, value, &v->number);
    case RG_QUEST_DATE:
        if (!json_is_string(value) || !rg_date_parse(&day, json_string_value(value))) {
            return false;
        }
        v->number = rg_date_days(day);
        return true;
    case RG_QUEST_STRING:
    case RG_QUEST_TEXT:
        v->text = json_is_string(value) ? rg_text_tidy(r->pool, json_string_value(value)) : NULL;
        return v->text && *v->text;
    case RG_QUEST_CHOICE:
    case RG_QUEST_OPEN_CHOICE: return read_choice(r, it, value, v);
    default: return false;
    }
}

static bool has_order(const rg_quest_item_t *it)
{
    return it->type == RG_QUEST_INTEGER || it->type == RG_QUEST_DECIMAL ||
           it->type == RG_QUEST_DATE;
}

static void read_when_question(const quest_reader_t *r, const char *path, json_t *object,
                               int before, rg_quest_when_t *w)
{
    const char *link = json_string_value(json_object_get(object, "question"));
    int at = rg_quest_find(r->q, link);

    if (at < 0 || at >= before || !rg_quest_asks(&r->q->items[at])) {
        quest_wrong(r, path,
                    apr_psprintf(r->pool,
                                 "A condition names the linkId of a question that comes before "
                                 "it; \"%.40s\" is none.",
                                 link ? link : ""));
        return;
    }
    const rg_quest_item_t *it = &r->q->items[at];
    const char *key = w->op == RG_QUEST_EXISTS ? "answerBoolean" : answer_key(it);
    const char *const keys[] = {"question", "operator", key, NULL};
    const json_t *value = json_object_get(object, key);
    w->item = at;
    if (w->op != RG_QUEST_EXISTS && w->op != RG_QUEST_EQ && w->op != RG_QUEST_NE &&
        !has_order(it)) {
        quest_wrong(r, path, "Only numbers and dates are compared with <, <=, > and >=.");
    }
    if (w->op == RG_QUEST_EXISTS ? !json_is_boolean(value)
                                 : !read_answer_value(r, it, value, &w->value)) {
        quest_wrong(r, path,
                    apr_psprintf(r->pool,
                                 "The condition about \"%s\" needs \"%s\" with a value that can "
                                 "be answered there.",
                                 it->link, key));
    }
    else {
        quest_keys(r, path, object, keys);
    }
    w->exists = json_is_true(value);
}

static void read_when_score(const quest_reader_t *r, const char *path, json_t *object,
                            rg_quest_when_t *w)
{
    static const char *const keys[] = {"score", "operator", "answerDecimal", "answerBoolean", NULL};
    const char *code = json_string_value(json_object_get(object, "score"));
    const json_t *exists = json_object_get(object, "answerBoolean");

    quest_keys(r, path, object, keys);
    for (int i = 0; code && i < r->q->score_count; i++) {
        w->score = strcmp(r->q->scores[i].code, code) == 0 ? i : w->score;
    }
    if (w->score < 0) {
        quest_wrong(r, path, "A condition names the code of a score.");
    }
    bool fine = w->op == RG_QUEST_EXISTS
                    ? json_is_boolean(exists)
                    : quest_milli(r, json_object_get(object, "answerDecimal"), &w->value.number);
    w->exists = json_is_true(exists);
    if (!fine || json_object_size(object) != 3) {
        quest_wrong(r, path,
                    "The condition about a score needs \"answerDecimal\", or \"answerBoolean\" "
                    "with the operator exists.");
    }
}

static void read_when(const quest_reader_t *r, const char *path, json_t *object, int before,
                      bool rule, rg_quest_when_t *w)
{
    int op = rg_quest_op_parse(json_string_value(json_object_get(object, "operator")));

    *w = (rg_quest_when_t){.item = -1, .score = -1, .value = {.option = -1}};
    if (op < 0) {
        quest_wrong(r, path, "\"operator\" is one of exists, =, !=, >, <, >=, <=.");
        return;
    }
    w->op = (rg_quest_op_t)op;
    if (rule && json_object_get(object, "score")) {
        read_when_score(r, path, object, w);
    }
    else {
        read_when_question(r, path, object, before, w);
    }
}

void quest_whens(const quest_reader_t *r, const char *path, json_t *object, const char *key,
                 const char *behavior, int before, rg_quest_when_t **out, int *count, bool *any)
{
    const json_t *list = quest_list(r, path, object, key, RG_QUEST_WHENS_MOST);
    const char *how = json_string_value(json_object_get(object, behavior));
    int n = (int)json_array_size(list);

    *any = how && strcmp(how, "any") == 0;
    *count = n;
    *out = apr_pcalloc(r->pool, sizeof(**out) * ((size_t)n + 1));
    if ((n > 1 && !how) ||
        (json_object_get(object, behavior) && !*any && (!how || strcmp(how, "all") != 0))) {
        quest_wrong(
            r, path,
            apr_psprintf(r->pool, "Say in \"%s\" whether \"all\" or \"any\" must hold.", behavior));
    }
    for (int i = 0; i < n; i++) {
        read_when(r, path, json_array_get(list, (size_t)i), before, before == r->q->item_count,
                  &(*out)[i]);
    }
}

/* --- scores ----------------------------------------------------------------------------------- */

/* The least and the most that a question adds to a score; false: it has no numbers. */
static bool score_range(const rg_quest_item_t *it, int64_t *least, int64_t *most)
{
    if (it->type == RG_QUEST_BOOLEAN) {
        *least = 0;
        *most = RG_QUEST_UNIT;
        return true;
    }
    if (it->type == RG_QUEST_INTEGER || it->type == RG_QUEST_DECIMAL) {
        *least = it->min;
        *most = it->max;
        return it->has_min && it->has_max;
    }
    bool fine = it->type == RG_QUEST_CHOICE && !it->repeats && it->option_count > 0;
    for (int i = 0; fine && i < it->option_count; i++) {
        int64_t n = it->options[i].score;
        *least = i == 0 || n < *least ? n : *least;
        *most = i == 0 || n > *most ? n : *most;
        fine = it->options[i].scored;
    }
    return fine;
}

static void read_score_items(const quest_reader_t *r, const char *path, const json_t *object,
                             rg_quest_score_t *s)
{
    const json_t *list = json_object_get(object, "items");
    size_t n = json_is_array(list) ? json_array_size(list) : 0;

    s->items = apr_pcalloc(r->pool, sizeof(*s->items) * (n + 1));
    if (n == 0 || n > RG_QUEST_ITEMS_MOST) {
        quest_wrong(r, path, "Write \"items\" as a list of the linkIds that are scored.");
        return;
    }
    for (size_t i = 0; i < n; i++) {
        const char *link = json_string_value(json_array_get(list, i));
        int at = rg_quest_find(r->q, link);
        int64_t least = 0;
        int64_t most = 0;
        for (int k = 0; at >= 0 && k < s->item_count; k++) {
            at = s->items[k] == at ? -1 : at;
        }
        if (at < 0 || !score_range(&r->q->items[at], &least, &most)) {
            quest_wrong(r, path,
                        apr_psprintf(r->pool,
                                     "\"%.40s\" cannot be scored, or is there twice: name a "
                                     "boolean, a number with minValue and maxValue, or a choice "
                                     "whose options all have ordinalValue.",
                                     link ? link : ""));
            continue;
        }
        s->items[s->item_count++] = at;
        s->min += least;
        s->max += most;
    }
}

static void read_table(const quest_reader_t *r, const char *path, const json_t *object,
                       rg_quest_score_t *s)
{
    const json_t *list = quest_list(r, path, object, "table", RG_QUEST_TABLE_MOST);
    int n = (int)json_array_size(list);
    bool rising = true;

    s->row_count = n;
    s->raw = apr_pcalloc(r->pool, sizeof(*s->raw) * ((size_t)n + 1));
    s->converted = apr_pcalloc(r->pool, sizeof(*s->converted) * ((size_t)n + 1));
    for (int i = 0; i < n; i++) {
        json_t *row = json_array_get(list, (size_t)i);
        bool read = json_object_size(row) == 2 &&
                    quest_milli(r, json_object_get(row, "raw"), &s->raw[i]) &&
                    quest_milli(r, json_object_get(row, "score"), &s->converted[i]);
        rising = rising && read && s->raw[i] == s->min + i * (int64_t)RG_QUEST_UNIT;
    }
    if (!rising || n == 0 || s->raw[n - 1] != s->max) {
        quest_wrong(r, path,
                    apr_psprintf(r->pool,
                                 "\"table\" has a row {\"raw\": …, \"score\": …} for every sum "
                                 "from %s to %s, in this order.",
                                 rg_quest_number(r->pool, s->min),
                                 rg_quest_number(r->pool, s->max)));
        return;
    }
    s->min = s->max = s->converted[0];
    for (int i = 1; i < n; i++) {
        s->min = s->converted[i] < s->min ? s->converted[i] : s->min;
        s->max = s->converted[i] > s->max ? s->converted[i] : s->max;
    }
}

static void read_mean(const quest_reader_t *r, const char *path, const json_t *object,
                      rg_quest_score_t *s)
{
    const json_t *missing = json_object_get(object, "missing");
    json_int_t n = json_is_integer(missing) ? json_integer_value(missing) : -1;

    if (missing && (n < 0 || n >= s->item_count)) {
        quest_wrong(r, path,
                    "\"missing\" is how many of the items may be without an answer: fewer than "
                    "there are.");
    }
    s->missing = missing && n > 0 && n < s->item_count ? (int)n : 0;
    bool first = true;
    for (int i = 0; i < s->item_count; i++) {
        int64_t least = 0;
        int64_t most = 0;
        score_range(&r->q->items[s->items[i]], &least, &most);
        s->min = first || least < s->min ? least : s->min;
        s->max = first || most > s->max ? most : s->max;
        first = false;
    }
}

static void read_score(const quest_reader_t *r, json_t *object, rg_quest_score_t *s)
{
    static const char *const keys[] = {"code",    "title", "method", "better",
                                       "missing", "items", "table",  NULL};
    const char *code = json_string_value(json_object_get(object, "code"));
    const char *path = apr_psprintf(r->pool, "score %.40s", code ? code : "");
    const char *better = json_string_value(json_object_get(object, "better"));
    int method = rg_quest_method_parse(json_string_value(json_object_get(object, "method")));

    quest_keys(r, path, object, keys);
    s->code = quest_token(r, path, object, "code");
    s->title = quest_string(r, path, object, "title", RG_QUEST_TITLE_MOST, true);
    s->lower_is_better = better && strcmp(better, "lower") == 0;
    if (!s->lower_is_better && (!better || strcmp(better, "higher") != 0)) {
        quest_wrong(r, path, "\"better\" is \"lower\" or \"higher\".");
    }
    if (method < 0) {
        quest_wrong(r, path, "\"method\" is sum, mean or table.");
        return;
    }
    s->method = (rg_quest_method_t)method;
    read_score_items(r, path, object, s);
    if (s->method == RG_QUEST_TABLE) {
        read_table(r, path, object, s);
    }
    else if (json_object_get(object, "table")) {
        quest_wrong(r, path, "Only the method table has a \"table\".");
    }
    if (s->method == RG_QUEST_MEAN) {
        read_mean(r, path, object, s);
    }
    else if (json_object_get(object, "missing")) {
        quest_wrong(r, path, "Only a mean may have answers \"missing\".");
    }
}

void quest_scores(quest_reader_t *r, json_t *root)
{
    const json_t *list = quest_list(r, NULL, root, "scores", RG_QUEST_SCORES_MOST);
    int n = (int)json_array_size(list);

    r->q->scores = apr_pcalloc(r->pool, sizeof(*r->q->scores) * ((size_t)n + 1));
    for (int i = 0; i < n; i++) {
        rg_quest_score_t *s = &r->q->scores[i];
        read_score(r, json_array_get(list, (size_t)i), s);
        for (int k = 0; k < i; k++) {
            if (strcmp(r->q->scores[k].code, s->code) == 0) {
                quest_wrong(r, apr_psprintf(r->pool, "score %s", s->code),
                            "This code is there twice.");
            }
        }
        r->q->score_count = i + 1;
    }
}

/* --- rules ------------------------------------------------------------------------------------ */

void quest_rules(quest_reader_t *r, json_t *root)
{
    static const char *const keys[] = {"when", "behavior", "result", "words", "note", NULL};
    const json_t *list = quest_list(r, NULL, root, "rules", RG_QUEST_RULES_MOST);
    int n = (int)json_array_size(list);

    r->q->rules = apr_pcalloc(r->pool, sizeof(*r->q->rules) * ((size_t)n + 1));
    r->q->rule_count = n;
    for (int i = 0; i < n; i++) {
        json_t *object = json_array_get(list, (size_t)i);
        const char *path = apr_psprintf(r->pool, "rule %d", i + 1);
        rg_quest_rule_t *rule = &r->q->rules[i];
        int result = rg_quest_result_parse(json_string_value(json_object_get(object, "result")));
        quest_keys(r, path, object, keys);
        quest_whens(r, path, object, "when", "behavior", r->q->item_count, &rule->whens,
                    &rule->when_count, &rule->any);
        if (rule->when_count == 0) {
            quest_wrong(r, path, "Say in \"when\" of which answers the rule is.");
        }
        if (result != RG_QUEST_REVIEW && result != RG_QUEST_STOP) {
            quest_wrong(r, path, "\"result\" is review or stop.");
            result = RG_QUEST_STOP;
        }
        rule->result = (rg_quest_result_t)result;
        rule->words = quest_string(r, path, object, "words", RG_QUEST_WORDS_MOST, true);
        rule->note = quest_string(r, path, object, "note", RG_QUEST_WORDS_MOST, false);
    }
}
