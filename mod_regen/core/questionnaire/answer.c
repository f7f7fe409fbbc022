/* SPDX-License-Identifier: Apache-2.0 */
/* Answers: which questions are asked, what was answered, what is wrong, scores and rules. Pure. */
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/questionnaire.h"

#include <string.h>

#include <apr_strings.h>

/* --- reading one answer ----------------------------------------------------------------------- */

typedef struct {
    apr_pool_t *pool;
    const rg_questionnaire_t *q;
    rg_quest_filled_t *f;
    rg_problems_t *problems; /* NULL while a page is read that was not sent */
} fill_t;

static void answer_wrong(const fill_t *w, int at, const char *text)
{
    w->f->answers[at].wrong = true;
    rg_problem_add(w->problems, apr_pstrcat(w->pool, "q.", w->q->items[at].link, NULL), "%s", text);
}

static void take_value(const fill_t *w, int at, rg_quest_value_t v)
{
    rg_quest_answer_t *a = &w->f->answers[at];

    a->values[a->count++] = v;
}

static const char *limits(const fill_t *w, const rg_quest_item_t *it)
{
    bool date = it->type == RG_QUEST_DATE;
    const char *min =
        date ? rg_date_us(w->pool, rg_date_from_days(it->min)) : rg_quest_number(w->pool, it->min);
    const char *max =
        date ? rg_date_us(w->pool, rg_date_from_days(it->max)) : rg_quest_number(w->pool, it->max);

    return it->has_min && it->has_max ? apr_psprintf(w->pool, " from %s to %s", min, max)
           : it->has_min              ? apr_psprintf(w->pool, " of at least %s", min)
           : it->has_max              ? apr_psprintf(w->pool, " of at most %s", max)
                                      : "";
}

static void read_number_answer(const fill_t *w, int at, const char *typed)
{
    const rg_quest_item_t *it = &w->q->items[at];
    int places = it->type == RG_QUEST_INTEGER ? 0 : it->decimals;
    int64_t n = 0;
    bool read = rg_quest_number_read(&n, typed, places);

    if (!read || (it->has_min && n < it->min) || (it->has_max && n > it->max)) {
        answer_wrong(w, at,
                     apr_psprintf(w->pool, "Enter a %snumber%s.", places == 0 ? "whole " : "",
                                  limits(w, it)));
        return;
    }
    take_value(w, at, (rg_quest_value_t){.option = -1, .number = n});
}

static void read_date_answer(const fill_t *w, int at, const char *typed)
{
    const rg_quest_item_t *it = &w->q->items[at];
    rg_date_t day = {0};
    bool read = rg_date_parse(&day, typed);
    int64_t n = read ? rg_date_days(day) : 0;

    if (!read || (it->has_min && n < it->min) || (it->has_max && n > it->max)) {
        answer_wrong(w, at,
                     apr_psprintf(w->pool, "Enter a day%s, such as 2026-11-03.", limits(w, it)));
        return;
    }
    take_value(w, at, (rg_quest_value_t){.option = -1, .number = n});
}

static void read_string(const fill_t *w, int at, const char *typed)
{
    int most = w->q->items[at].max_length;

    if (!rg_text_clean(typed, strlen(typed)) || rg_text_length(typed) > (size_t)most) {
        answer_wrong(w, at, apr_psprintf(w->pool, "Use at most %d characters.", most));
        return;
    }
    take_value(w, at, (rg_quest_value_t){.option = -1, .text = typed});
}

static void read_picks(const fill_t *w, int at, const rg_quest_typed_t *t, const char *other)
{
    const rg_quest_item_t *it = &w->q->items[at];
    bool open = it->type == RG_QUEST_OPEN_CHOICE && *other;
    int picked = 0;

    for (int o = 0; o < it->option_count; o++) {
        for (int i = 0; i < t->count; i++) {
            if (t->values[i] && strcmp(t->values[i], it->options[o].code) == 0) {
                take_value(w, at, (rg_quest_value_t){.option = o});
                picked++;
                break;
            }
        }
    }
    int unknown = 0;
    for (int i = 0; i < t->count; i++) {
        bool known = t->values[i] && *t->values[i] == '\0';
        for (int o = 0; !known && t->values[i] && o < it->option_count; o++) {
            known = strcmp(t->values[i], it->options[o].code) == 0;
        }
        unknown += known ? 0 : 1;
    }
    if (open) {
        read_string(w, at, other);
    }
    if (unknown > 0 || (!it->repeats && picked + (open ? 1 : 0) > 1)) {
        answer_wrong(w, at,
                     open && unknown == 0 ? "Choose one answer, or write your own, not both."
                     : it->repeats        ? "Choose from the answers listed."
                                          : "Choose one of the answers listed.");
    }
}

static void read_typed(const fill_t *w, int at, const rg_quest_typed_t *t)
{
    const rg_quest_item_t *it = &w->q->items[at];
    const char *one = t->count > 0 && t->values[0] ? rg_text_tidy(w->pool, t->values[0]) : "";
    const char *other = t->other ? rg_text_tidy(w->pool, t->other) : "";

    if (it->type == RG_QUEST_CHOICE || it->type == RG_QUEST_OPEN_CHOICE) {
        read_picks(w, at, t, other);
    }
    else if (*one == '\0') {
        return;
    }
    else if (it->type == RG_QUEST_BOOLEAN) {
        bool yes = strcmp(one, "true") == 0;
        if (!yes && strcmp(one, "false") != 0) {
            answer_wrong(w, at, "Choose yes or no.");
            return;
        }
        take_value(w, at, (rg_quest_value_t){.option = -1, .number = yes});
    }
    else if (it->type == RG_QUEST_DATE) {
        read_date_answer(w, at, one);
    }
    else if (it->type == RG_QUEST_STRING || it->type == RG_QUEST_TEXT) {
        read_string(w, at, one);
    }
    else {
        read_number_answer(w, at, one);
    }
}

/* --- conditions ------------------------------------------------------------------------------- */

static bool compare_values(rg_quest_op_t op, int64_t a, int64_t b)
{
    switch (op) {
    case RG_QUEST_EQ: return a == b;
    case RG_QUEST_GT: return a > b;
    case RG_QUEST_LT: return a < b;
    case RG_QUEST_GE: return a >= b;
    case RG_QUEST_LE: return a <= b;
    default: return false;
    }
}

static bool value_meets(const rg_quest_item_t *it, const rg_quest_value_t *v, rg_quest_op_t op,
                        const rg_quest_value_t *with)
{
    switch (it->type) {
    case RG_QUEST_CHOICE:
    case RG_QUEST_OPEN_CHOICE: return v->option >= 0 && v->option == with->option;
    case RG_QUEST_STRING:
    case RG_QUEST_TEXT: return strcmp(v->text, with->text) == 0;
    default: return compare_values(op, v->number, with->number);
    }
}

/* FHIR R4: of several answers one is enough; "!=" holds if no answer is equal, also if there is
 * none. */
static bool holds(const fill_t *w, const rg_quest_when_t *c)
{
    if (c->item < 0) {
        const rg_quest_scored_t *s = &w->f->scores[c->score];
        return c->op == RG_QUEST_EXISTS ? s->any == c->exists
               : c->op == RG_QUEST_NE   ? !s->any || s->value != c->value.number
                                      : s->any && compare_values(c->op, s->value, c->value.number);
    }
    const rg_quest_answer_t *a = &w->f->answers[c->item];
    int count = a->enabled && !a->wrong ? a->count : 0;
    bool ne = c->op == RG_QUEST_NE;
    bool one = false;
    if (c->op == RG_QUEST_EXISTS) {
        return (count > 0) == c->exists;
    }
    for (int i = 0; i < count && !one; i++) {
        one =
            value_meets(&w->q->items[c->item], &a->values[i], ne ? RG_QUEST_EQ : c->op, &c->value);
    }
    return one != ne;
}

static bool all_hold(const fill_t *w, const rg_quest_when_t *whens, int count, bool any)
{
    for (int i = 0; i < count; i++) {
        if (holds(w, &whens[i]) == any) {
            return any;
        }
    }
    return !any || count == 0;
}

/* --- scores and rules ------------------------------------------------------------------------- */

static int64_t points(const rg_quest_item_t *it, const rg_quest_value_t *v)
{
    return it->type == RG_QUEST_CHOICE    ? it->options[v->option].score
           : it->type == RG_QUEST_BOOLEAN ? v->number * RG_QUEST_UNIT
                                          : v->number;
}

/* Half away from zero. */
static int64_t mean(int64_t sum, int count)
{
    int64_t half = count / 2;

    return (sum + (sum < 0 ? -half : half)) / count;
}

static rg_quest_scored_t score(const fill_t *w, const rg_quest_score_t *s)
{
    rg_quest_scored_t out = {false, 0};
    int64_t sum = 0;
    int count = 0;

    for (int i = 0; i < s->item_count; i++) {
        const rg_quest_answer_t *a = &w->f->answers[s->items[i]];
        if (a->enabled && !a->wrong && a->count == 1) {
            sum += points(&w->q->items[s->items[i]], &a->values[0]);
            count++;
        }
    }
    if (count == 0 || s->item_count - count > s->missing) {
        return out;
    }
    out.any = true;
    out.value = s->method == RG_QUEST_MEAN ? mean(sum, count) : sum;
    if (s->method == RG_QUEST_TABLE) {
        out.any = false;
        for (int i = 0; i < s->row_count && !out.any; i++) {
            out.any = s->raw[i] == sum;
            out.value = s->converted[i];
        }
    }
    return out;
}

static void judge_answers(const fill_t *w)
{
    rg_quest_filled_t *f = w->f;

    for (int i = 0; i < w->q->score_count; i++) {
        f->scores[i] = score(w, &w->q->scores[i]);
    }
    f->result = RG_QUEST_OK;
    for (int i = 0; i < w->q->rule_count; i++) {
        const rg_quest_rule_t *r = &w->q->rules[i];
        if (all_hold(w, r->whens, r->when_count, r->any)) {
            f->matches[f->match_count++] = i;
            f->result = r->result > f->result ? r->result : f->result;
        }
    }
}

rg_quest_filled_t *rg_quest_fill(apr_pool_t *p, const rg_questionnaire_t *q,
                                 const rg_quest_typed_t *typed, int from, int until,
                                 rg_problems_t *problems)
{
    fill_t w = {p, q, apr_pcalloc(p, sizeof(rg_quest_filled_t)), NULL};

    w.f->answers = apr_pcalloc(p, sizeof(*w.f->answers) * ((size_t)q->item_count + 1));
    for (int i = 0; i < q->item_count; i++) {
        const rg_quest_item_t *it = &q->items[i];
        rg_quest_answer_t *a = &w.f->answers[i];
        w.problems = i >= from && i < until ? problems : NULL;
        a->enabled = (it->parent < 0 || w.f->answers[it->parent].enabled) &&
                     all_hold(&w, it->whens, it->when_count, it->any);
        if (!a->enabled || !rg_quest_asks(it)) {
            continue;
        }
        a->values = apr_pcalloc(p, sizeof(*a->values) * ((size_t)it->option_count + 2));
        read_typed(&w, i, &typed[i]);
        a->count = a->wrong ? 0 : a->count;
        if (it->required && !a->wrong && a->count == 0) {
            answer_wrong(&w, i, "Answer this question.");
        }
    }
    judge_answers(&w);
    return w.f;
}

const char *rg_quest_words(apr_pool_t *p, const rg_quest_item_t *item, const rg_quest_value_t *v)
{
    switch (item->type) {
    case RG_QUEST_BOOLEAN: return v->number ? "Yes" : "No";
    case RG_QUEST_CHOICE:
    case RG_QUEST_OPEN_CHOICE: return v->option >= 0 ? item->options[v->option].text : v->text;
    case RG_QUEST_INTEGER:
    case RG_QUEST_DECIMAL: return rg_quest_number(p, v->number);
    case RG_QUEST_DATE: return rg_date_us(p, rg_date_from_days(v->number));
    default: return v->text ? v->text : "";
    }
}

enum { NAMED_MOST = 60 };

/* Cut at a character, not within one. */
const char *rg_quest_named(apr_pool_t *p, const rg_quest_item_t *item)
{
    const char *at = item->text;
    int n = 0;

    while (*at != '\0' && n < NAMED_MOST) {
        do {
            at++;
        } while (((unsigned char)*at & 0xC0) == 0x80);
        n++;
    }
    return apr_psprintf(p, "“%.*s%s”: ", (int)(at - item->text), item->text,
                        *at != '\0' ? "…" : "");
}
