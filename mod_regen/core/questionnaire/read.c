/* SPDX-License-Identifier: Apache-2.0 */
/* A questionnaire from JSON: FHIR's Questionnaire, and beside it what is scored and which answers a
 * clinician must see. Strictly: a question that was dropped silently would never be asked. */
#include "quest_int.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/questionnaire.h"

#include <string.h>

#include <apr_strings.h>
#include <jansson.h>

/* --- options ---------------------------------------------------------------------------------- */

#define ORDINAL   "http://hl7.org/fhir/StructureDefinition/ordinalValue"
#define MIN_VALUE "http://hl7.org/fhir/StructureDefinition/minValue"
#define MAX_VALUE "http://hl7.org/fhir/StructureDefinition/maxValue"
#define PLACES    "http://hl7.org/fhir/StructureDefinition/maxDecimalPlaces"

static void read_ordinal(const quest_reader_t *r, const char *path, const json_t *coding,
                         rg_quest_option_t *o)
{
    const json_t *list = quest_list(r, path, coding, "extension", 1);

    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        const char *url = json_string_value(json_object_get(e, "url"));
        o->scored = url && strcmp(url, ORDINAL) == 0 && json_object_size(e) == 2 &&
                    quest_milli(r, json_object_get(e, "valueDecimal"), &o->score);
        if (!o->scored) {
            quest_wrong(r, path,
                        "An option has no other extension than " ORDINAL
                        " with a valueDecimal of at most three places.");
        }
    }
}

static void read_coding(const quest_reader_t *r, const char *path, json_t *coding,
                        rg_quest_option_t *o)
{
    static const char *const keys[] = {"code", "display", "system", "extension", NULL};

    quest_keys(r, path, coding, keys);
    o->code = quest_token(r, path, coding, "code");
    o->text = quest_string(r, path, coding, "display", RG_QUEST_STRING_MOST, true);
    read_ordinal(r, path, coding, o);
}

static void read_answer_option(const quest_reader_t *r, const char *path, json_t *object,
                               rg_quest_option_t *o)
{
    json_t *coding = json_object_get(object, "valueCoding");
    const json_t *number = json_object_get(object, "valueInteger");
    int64_t n = 0;

    *o = (rg_quest_option_t){.code = "", .text = "", .kind = "valueCoding"};
    if (json_object_size(object) != 1) {
        quest_wrong(r, path, "An answerOption has exactly one value.");
    }
    else if (json_is_object(coding)) {
        read_coding(r, path, coding, o);
    }
    else if (json_is_integer(number) && quest_milli(r, number, &n)) {
        o->kind = "valueInteger";
        o->code = o->text = rg_quest_number(r->pool, n);
        o->scored = true;
        o->score = n;
    }
    else if (json_is_string(json_object_get(object, "valueString"))) {
        o->kind = "valueString";
        o->code = o->text =
            quest_string(r, path, object, "valueString", RG_QUEST_STRING_MOST, true);
    }
    else {
        quest_wrong(r, path, "An answerOption is a valueCoding, a valueString or a valueInteger.");
    }
}

static void check_options(const quest_reader_t *r, const rg_quest_item_t *it)
{
    bool choice = it->type == RG_QUEST_CHOICE || it->type == RG_QUEST_OPEN_CHOICE;

    if (choice && it->option_count == 0) {
        quest_wrong(r, it->link, "Add an \"answerOption\" for each answer that can be chosen.");
    }
    if (!choice && it->option_count > 0) {
        quest_wrong(r, it->link, "Only a choice or open-choice has an \"answerOption\".");
    }
    for (int i = 0; i < it->option_count; i++) {
        for (int k = 0; k < i; k++) {
            if (strcmp(it->options[i].code, it->options[k].code) == 0) {
                quest_wrong(r, it->link,
                            apr_psprintf(r->pool, "The option \"%s\" is there twice.",
                                         it->options[i].code));
            }
        }
        if (strcmp(it->options[i].kind, it->options[0].kind) != 0) {
            quest_wrong(r, it->link, "The options of a question are all of one kind of value.");
        }
    }
}

/* --- limits ----------------------------------------------------------------------------------- */

/* A limit in an extension's value: minValue or maxValue. */
static bool read_limit(const quest_reader_t *r, const rg_quest_item_t *it, const json_t *e,
                       int64_t *out)
{
    rg_date_t day;
    const char *date = json_string_value(json_object_get(e, "valueDate"));

    if (it->type == RG_QUEST_DATE) {
        bool read = date && rg_date_parse(&day, date);
        *out = read ? rg_date_days(day) : 0;
        return read;
    }
    if (it->type == RG_QUEST_INTEGER) {
        return quest_milli(r, json_object_get(e, "valueInteger"), out) && *out % RG_QUEST_UNIT == 0;
    }
    return it->type == RG_QUEST_DECIMAL && quest_milli(r, json_object_get(e, "valueDecimal"), out);
}

static void read_limit_extension(const quest_reader_t *r, rg_quest_item_t *it, const json_t *e)
{
    const char *url = json_string_value(json_object_get(e, "url"));
    const json_t *places = json_object_get(e, "valueInteger");
    bool known = url && json_object_size(e) == 2;

    if (known && strcmp(url, MIN_VALUE) == 0) {
        it->has_min = read_limit(r, it, e, &it->min);
        known = it->has_min;
    }
    else if (known && strcmp(url, MAX_VALUE) == 0) {
        it->has_max = read_limit(r, it, e, &it->max);
        known = it->has_max;
    }
    else if (known && strcmp(url, PLACES) == 0 && it->type == RG_QUEST_DECIMAL) {
        json_int_t n = json_is_integer(places) ? json_integer_value(places) : 0;
        known = n > 0 && n <= RG_QUEST_DECIMALS;
        it->decimals = known ? (int)n : it->decimals;
    }
    else {
        known = false;
    }
    if (!known) {
        quest_wrong(r, it->link,
                    "Its extensions are minValue and maxValue with a value of the question's "
                    "type, and maxDecimalPlaces (1 to 3) of a decimal; leave others out.");
    }
}

static void read_limits(const quest_reader_t *r, rg_quest_item_t *it, const json_t *object)
{
    const json_t *list = quest_list(r, it->link, object, "extension", 4);
    const json_t *length = json_object_get(object, "maxLength");
    bool text = it->type == RG_QUEST_TEXT;
    int most = text ? RG_QUEST_TEXT_MOST : RG_QUEST_STRING_MOST;

    it->max_length = most;
    it->decimals = RG_QUEST_DECIMALS;
    for (size_t i = 0; i < json_array_size(list); i++) {
        read_limit_extension(r, it, json_array_get(list, i));
    }
    if (length) {
        bool typed = text || it->type == RG_QUEST_STRING || it->type == RG_QUEST_OPEN_CHOICE;
        json_int_t n = json_is_integer(length) ? json_integer_value(length) : 0;
        if (!typed || n < 1 || n > most) {
            quest_wrong(r, it->link,
                        apr_psprintf(r->pool,
                                     "\"maxLength\" is a number from 1 to %d, of a string, text or "
                                     "open-choice.",
                                     most));
        }
        it->max_length = typed && n >= 1 && n <= most ? (int)n : most;
    }
    if (it->has_min && it->has_max && it->min > it->max) {
        quest_wrong(r, it->link, "minValue is not greater than maxValue.");
    }
}

/* --- items ------------------------------------------------------------------------------------ */

static void read_quest_items(quest_reader_t *r, const char *path, const json_t *object, int parent);

static void check_item(const quest_reader_t *r, const rg_quest_item_t *it)
{
    bool choice = it->type == RG_QUEST_CHOICE || it->type == RG_QUEST_OPEN_CHOICE;

    check_options(r, it);
    if (it->repeats && !choice) {
        quest_wrong(r, it->link,
                    "\"repeats\" is supported for a choice or open-choice: several options can "
                    "then be checked.");
    }
    if (it->required && !rg_quest_asks(it)) {
        quest_wrong(r, it->link, "\"required\" is for questions, not for a group or display.");
    }
}

static void read_options(const quest_reader_t *r, rg_quest_item_t *it, const json_t *object)
{
    const json_t *list = quest_list(r, it->link, object, "answerOption", RG_QUEST_OPTIONS_MOST);

    it->option_count = (int)json_array_size(list);
    it->options = apr_pcalloc(r->pool, sizeof(*it->options) * ((size_t)it->option_count + 1));
    for (int i = 0; i < it->option_count; i++) {
        read_answer_option(r, it->link, json_array_get(list, (size_t)i), &it->options[i]);
    }
}

static void read_quest_item(quest_reader_t *r, const char *path, json_t *object, int parent)
{
    static const char *const keys[] = {"linkId",    "text",      "type",         "required",
                                       "repeats",   "item",      "enableWhen",   "enableBehavior",
                                       "extension", "maxLength", "answerOption", NULL};
    const char *link = json_string_value(json_object_get(object, "linkId"));
    const char *type = json_string_value(json_object_get(object, "type"));
    bool twice = rg_quest_find(r->q, link) >= 0;
    int at = r->q->item_count++;
    rg_quest_item_t *it = &r->q->items[at];

    it->parent = parent;
    it->depth = parent < 0 ? 0 : r->q->items[parent].depth + 1;
    it->link = "";
    if (twice) {
        quest_wrong(r, link, "This linkId is there twice.");
    }
    it->link = quest_token(r, path, object, "linkId");
    path = *it->link ? it->link : path;
    quest_keys(r, path, object, keys);
    it->text = quest_string(r, path, object, "text", RG_QUEST_WORDS_MOST, true);
    int kind = rg_quest_type_parse(type);
    if (kind < 0) {
        quest_wrong(r, path,
                    "\"type\" is one of group, display, boolean, choice, open-choice, integer, "
                    "decimal, date, string, text.");
    }
    it->type = kind < 0 ? RG_QUEST_DISPLAY : (rg_quest_type_t)kind;
    it->required = quest_flag(r, path, object, "required");
    it->repeats = quest_flag(r, path, object, "repeats");
    read_options(r, it, object);
    read_limits(r, it, object);
    if (kind >= 0) {
        check_item(r, it);
    }
    quest_whens(r, path, object, "enableWhen", "enableBehavior", at, &it->whens, &it->when_count,
                &it->any);
    read_quest_items(r, path, object, at);
    it->end = r->q->item_count;
    bool group = it->type == RG_QUEST_GROUP;
    if (kind >= 0 && group == (it->end == at + 1)) {
        quest_wrong(r, path, group ? "A group has items in it." : "Only a group has items in it.");
    }
}

static void read_quest_items(quest_reader_t *r, const char *path, const json_t *object, int parent)
{
    const json_t *list = quest_list(r, path, object, "item", RG_QUEST_ITEMS_MOST);
    int depth = parent < 0 ? 0 : r->q->items[parent].depth + 1;

    if (json_array_size(list) > 0 && depth > RG_QUEST_DEPTH_MOST) {
        quest_wrong(r, path,
                    apr_psprintf(r->pool, "Nest groups at most %d deep.", RG_QUEST_DEPTH_MOST));
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (r->q->item_count == RG_QUEST_ITEMS_MOST) {
            r->full = true;
            return;
        }
        read_quest_item(r, path, json_array_get(list, i), parent);
    }
}

/* --- the file --------------------------------------------------------------------------------- */

static void read_form(quest_reader_t *r, json_t *form)
{
    static const char *const keys[] = {"resourceType", "name",        "title",
                                       "status",       "subjectType", "description",
                                       "copyright",    "item",        NULL};
    const char *type = json_string_value(json_object_get(form, "resourceType"));
    const char *status = json_string_value(json_object_get(form, "status"));
    const json_t *subject = json_object_get(form, "subjectType");
    const char *whose = json_string_value(json_array_get(subject, 0));
    rg_questionnaire_t *q = r->q;

    quest_keys(r, "questionnaire", form, keys);
    if (!type || strcmp(type, "Questionnaire") != 0) {
        quest_wrong(r, "questionnaire", "\"resourceType\" is \"Questionnaire\".");
    }
    if (!status || strcmp(status, "active") != 0) {
        quest_wrong(r, "questionnaire", "\"status\" is \"active\": what is published is in use.");
    }
    if (subject && (json_array_size(subject) != 1 || !whose || strcmp(whose, "Patient") != 0)) {
        quest_wrong(r, "questionnaire", "\"subjectType\" is [\"Patient\"], or left out.");
    }
    q->code = quest_token(r, "questionnaire", form, "name");
    q->title = quest_string(r, "questionnaire", form, "title", RG_QUEST_TITLE_MOST, true);
    q->description =
        quest_string(r, "questionnaire", form, "description", RG_QUEST_WORDS_MOST, false);
    q->copyright = quest_string(r, "questionnaire", form, "copyright", RG_QUEST_WORDS_MOST, false);
    q->items = apr_pcalloc(r->pool, sizeof(*q->items) * (RG_QUEST_ITEMS_MOST + 1));
    read_quest_items(r, "questionnaire", form, -1);
    bool asks = false;
    for (int i = 0; i < q->item_count; i++) {
        asks = asks || rg_quest_asks(&q->items[i]);
    }
    if (r->full) {
        quest_wrong(r, "questionnaire",
                    apr_psprintf(r->pool, "Use at most %d items.", RG_QUEST_ITEMS_MOST));
    }
    else if (!asks) {
        quest_wrong(r, "questionnaire", "Add at least one question.");
    }
}

rg_outcome_t rg_quest_read(rg_questionnaire_t **out, apr_pool_t *p, const char *bytes, size_t n,
                           rg_problems_t *problems)
{
    static const char *const keys[] = {"format", "questionnaire", "scores", "rules", NULL};
    quest_reader_t r = {p, problems ? problems : rg_problems_make(p),
                        apr_pcalloc(p, sizeof(rg_questionnaire_t)), false};
    int before = r.problems->list->nelts;
    json_t *root;

    *out = NULL;
    if (n > RG_QUEST_FILE_MOST) {
        rg_problem_add(problems, NULL, "The file may have at most %d KiB.",
                       RG_QUEST_FILE_MOST / 1024);
        return RG_TOO_LARGE;
    }
    RG_TRY(rg_json_parse(&root, p, bytes, n, problems));
    const char *format = json_string_value(json_object_get(root, "format"));
    json_t *form = json_object_get(root, "questionnaire");
    if (!format || strcmp(format, RG_QUEST_FORMAT) != 0 || !json_is_object(form)) {
        rg_problem_add(problems, NULL,
                       "A questionnaire is an object with \"format\": \"%s\" and "
                       "\"questionnaire\", a FHIR Questionnaire.",
                       RG_QUEST_FORMAT);
        return RG_INVALID;
    }
    quest_keys(&r, NULL, root, keys);
    read_form(&r, form);
    quest_scores(&r, root);
    quest_rules(&r, root);
    if (r.problems->list->nelts > before) {
        return RG_INVALID;
    }
    *out = r.q;
    return RG_OK;
}
