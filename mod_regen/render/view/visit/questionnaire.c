/* SPDX-License-Identifier: Apache-2.0 */
/* Questions as fields, answers as words, and where a screening stands. */
#include "regen/clinic/questionnaire.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/questionnaire.h"
#include "regen/render/view.h"
#include "regen/render/view_questionnaire.h"

#include <string.h>

#include <apr_strings.h>

/* --- fields ----------------------------------------------------------------------------------- */

static bool answer_typed(const rg_quest_typed_t *t, const char *code)
{
    for (int i = 0; i < t->count; i++) {
        if (strcmp(t->values[i], code) == 0) {
            return true;
        }
    }
    return false;
}

static void put_option(rg_val_t *v, apr_pool_t *p, const char *name, int i, const char *code,
                       const char *text, const rg_quest_typed_t *t)
{
    rg_val_t *o = rg_val_add(rg_val_set_list(v, "options"));

    /* The first is where the summary of errors leads. */
    rg_val_str(o, "id", i == 0 ? name : apr_psprintf(p, "%s-%d", name, i));
    rg_val_str(o, "value", code);
    rg_val_str(o, "text", text);
    rg_val_bool(o, "chosen", answer_typed(t, code));
}

static void put_answer_choices(rg_val_t *v, apr_pool_t *p, const rg_quest_item_t *it,
                               const char *name, const rg_quest_typed_t *t)
{
    bool numbers = it->option_count >= 7;

    rg_val_bool(v, "choice", true);
    rg_val_bool(v, "several", it->repeats);
    if (it->type == RG_QUEST_BOOLEAN) {
        put_option(v, p, name, 0, "true", "Yes", t);
        put_option(v, p, name, 1, "false", "No", t);
    }
    for (int i = 0; i < it->option_count; i++) {
        put_option(v, p, name, i, it->options[i].code, it->options[i].text, t);
        numbers = numbers && strlen(it->options[i].text) <= 3;
    }
    rg_val_bool(v, "scale", numbers);
    if (it->type == RG_QUEST_OPEN_CHOICE) {
        rg_val_t *o = rg_val_object(p);
        rg_val_str(o, "name", apr_pstrcat(p, "o.", it->link, NULL));
        rg_val_str(o, "value", t->other);
        rg_val_int(o, "most", it->max_length);
        rg_val_set(v, "other", o);
    }
}

static void put_answer_line(rg_val_t *v, const rg_quest_item_t *it, const rg_quest_typed_t *t)
{
    bool number = it->type == RG_QUEST_INTEGER || it->type == RG_QUEST_DECIMAL;

    rg_val_str(v, "value", t->count > 0 ? t->values[0] : NULL);
    rg_val_int(v, "most", number ? 14 : it->max_length);
    rg_val_bool(v, "area", it->type == RG_QUEST_TEXT);
    rg_val_bool(v, "line", it->type != RG_QUEST_TEXT);
    rg_val_bool(v, "date", it->type == RG_QUEST_DATE);
    rg_val_str(v, "inputmode",
               it->type == RG_QUEST_INTEGER   ? "numeric"
               : it->type == RG_QUEST_DECIMAL ? "decimal"
                                              : NULL);
    rg_val_bool(v, "short", number);
}

static void put_question(rg_val_t *v, apr_pool_t *p, const rg_quest_item_t *it,
                         const rg_quest_typed_t *t, const rg_problems_t *problems)
{
    const char *name = apr_pstrcat(p, "q.", it->link, NULL);

    rg_val_str(v, "link", it->link);
    rg_val_str(v, "name", name);
    /* Beside the question itself it is not named again. */
    const char *wrong = rg_problem_for(problems, name);
    const char *named = rg_quest_named(p, it);
    size_t n = strlen(named);
    rg_val_str(v, "error", wrong && strncmp(wrong, named, n) == 0 ? wrong + n : wrong);
    rg_val_bool(v, "optional", !it->required);
    if (it->type == RG_QUEST_BOOLEAN || it->option_count > 0) {
        put_answer_choices(v, p, it, name, t);
    }
    else {
        put_answer_line(v, it, t);
    }
}

static void put_title(rg_val_t *view, const rg_quest_sheet_t *s)
{
    rg_val_str(view, "quest_title", s->q->title);
    rg_val_str(view, "description", *s->q->description ? s->q->description : NULL);
    rg_val_str(view, "copyright", *s->q->copyright ? s->q->copyright : NULL);
}

void rg_view_quest_page(rg_val_t *view, apr_pool_t *p, const rg_quest_sheet_t *s,
                        const rg_problems_t *problems)
{
    rg_val_t *list = rg_val_set_list(view, "questions");

    put_title(view, s);
    rg_val_int(view, "page", s->page);
    rg_val_int(view, "version", s->version->version);
    rg_val_str(view, "digest", s->digest);
    rg_val_bool(view, "questions_changed", s->changed);
    rg_val_int(view, "page_count", s->page_count + 1);
    rg_val_bool(view, "several_pages", s->page_count > 1);
    rg_val_bool(view, "first_page", s->page == 1);
    rg_val_bool(view, "checking", s->page > s->page_count);
    rg_val_bool(view, "sends", s->page > s->page_count || s->page_count == 1);
    if (s->page > 1) {
        rg_val_int(view, "page_before", s->page - 1);
    }
    for (int i = s->from; i < s->until; i++) {
        const rg_quest_item_t *it = &s->q->items[i];
        if (!s->filled->answers[i].enabled) {
            continue;
        }
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "text", it->text);
        rg_val_bool(v, "heading", it->type == RG_QUEST_GROUP);
        rg_val_bool(v, "display", it->type == RG_QUEST_DISPLAY);
        if (rg_quest_asks(it)) {
            rg_val_bool(v, "question", true);
            put_question(v, p, it, &s->typed[i], problems);
        }
    }
}

/* --- answers ---------------------------------------------------------------------------------- */

static void put_answer(rg_val_t *v, apr_pool_t *p, const rg_quest_item_t *it,
                       const rg_quest_answer_t *a)
{
    rg_val_t *values = rg_val_set_list(v, "values");

    rg_val_bool(v, "question", true);
    for (int i = 0; i < a->count; i++) {
        rg_val_str(rg_val_add(values), "text", rg_quest_words(p, it, &a->values[i]));
    }
    rg_val_bool(v, "none", a->count == 0);
}

static void put_outcome(rg_val_t *view, const rg_quest_sheet_t *s)
{
    rg_val_t *words = rg_val_set_list(view, "words");
    rg_val_t *notes = rg_val_set_list(view, "notes");

    for (int i = 0; i < s->filled->match_count; i++) {
        const rg_quest_rule_t *r = &s->q->rules[s->filled->matches[i]];
        bool told = false;
        for (int k = 0; k < rg_val_count(words); k++) {
            told =
                told || strcmp(rg_val_text(rg_val_get(rg_val_at(words, k), "text")), r->words) == 0;
        }
        if (!told) {
            rg_val_str(rg_val_add(words), "text", r->words);
        }
        rg_val_t *n = rg_val_add(notes);
        rg_val_str(n, "text", *r->note ? r->note : r->words);
        rg_val_bool(n, "stop", r->result == RG_QUEST_STOP);
    }
}

void rg_view_quest_answers(rg_val_t *view, apr_pool_t *p, const rg_quest_sheet_t *s)
{
    rg_val_t *list = rg_val_set_list(view, "answers");
    rg_val_t *scores = rg_val_set_list(view, "scores");
    int page = 0;

    put_title(view, s);
    for (int i = 0; i < s->q->item_count; i++) {
        const rg_quest_item_t *it = &s->q->items[i];
        if (!s->filled->answers[i].enabled || it->type == RG_QUEST_DISPLAY) {
            continue;
        }
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "text", it->text);
        rg_val_bool(v, "heading", it->type == RG_QUEST_GROUP);
        page += it->type == RG_QUEST_GROUP && it->parent < 0 ? 1 : 0;
        if (it->type == RG_QUEST_GROUP && it->parent < 0) {
            rg_val_int(v, "page", page);
        }
        if (rg_quest_asks(it)) {
            put_answer(v, p, it, &s->filled->answers[i]);
        }
    }
    for (int i = 0; i < s->q->score_count; i++) {
        if (s->filled->scores[i].any) {
            rg_val_t *v = rg_val_add(scores);
            rg_val_str(v, "title", s->q->scores[i].title);
            rg_val_str(v, "value", rg_quest_number(p, s->filled->scores[i].value));
        }
    }
    rg_val_int(view, "version", s->version->version);
    put_outcome(view, s);
}

/* --- where it stands -------------------------------------------------------------------------- */

static const char *state_word(const rg_quest_asked_t *a)
{
    switch (a->state) {
    case RG_QUEST_STATE_MISSING: return "Not answered";
    case RG_QUEST_STATE_OK: return a->decision_id > 0 ? "Looked at: may go on" : "In order";
    case RG_QUEST_STATE_REVIEW: return "To be looked at";
    case RG_QUEST_STATE_STOP: return "Stopped";
    case RG_QUEST_STATE_OVERRIDE: return "Goes on without";
    }
    return "";
}

static void put_asked(rg_val_t *v, apr_pool_t *p, const rg_quest_asked_t *a, const rg_zone_t *zone)
{
    bool fine = rg_quest_in_order(a);

    rg_val_str(v, "id", apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)a->id));
    rg_val_str(v, "title", a->title);
    rg_val_str(v, "state", state_word(a));
    rg_val_bool(v, "fine", fine);
    rg_val_bool(v, "wanted", !fine && (a->refuse || a->response_id > 0));
    rg_val_bool(v, "draft", a->draft);
    rg_val_bool(v, "refuse", a->refuse && !fine);
    rg_val_bool(v, "stopped", a->state == RG_QUEST_STATE_STOP);
    rg_val_bool(v, "waits", a->waits);
    if (a->stopped_by > 0) {
        rg_val_t *other = rg_val_object(p);
        rg_val_str(other, "uid", a->stopped_booking);
        rg_val_str(other, "id", apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)a->stopped_by));
        rg_view_time(other, "starts", p, zone, a->stopped_starts_at);
        rg_val_set(v, "stopped_by", other);
    }
    rg_val_bool(v, "is_answered", a->response_id > 0);
    rg_view_time(v, "answered", p, zone, a->answered_at);
    rg_val_str(v, "response", a->response_id > 0 ? a->response_uid : NULL);
    rg_val_bool(v, "by_patient", a->answered_by == RG_QUEST_PATIENT);
    rg_val_bool(v, "by_staff", a->answered_by == RG_QUEST_STAFF);
    rg_val_str(v, "answerer", a->answerer && *a->answerer ? a->answerer : NULL);
    if (a->answered_times > 1) {
        rg_val_int(v, "times", a->answered_times);
    }
    if (a->decision_id > 0) {
        rg_val_str(v, "note", a->note);
        rg_val_str(v, "decided_by", a->decided_by);
        rg_view_time(v, "decided", p, zone, a->decided_at);
    }
    if (a->closed_note) {
        rg_val_t *closed = rg_val_object(p);
        rg_val_str(closed, "reason", a->closed_note);
        rg_val_str(closed, "by", a->closed_by);
        rg_view_time(closed, "at", p, zone, a->closed_at);
        rg_val_set(v, "closed", closed);
    }
}

void rg_view_quest_asked(rg_val_t *view, const char *key, apr_pool_t *p, const rg_quest_asked_t *a,
                         const rg_zone_t *zone)
{
    rg_val_t *v = rg_val_object(p);

    put_asked(v, p, a, zone);
    rg_val_set(view, key, v);
}

void rg_view_quest_list(rg_val_t *view, apr_pool_t *p, const rg_quest_asked_t *list, int count,
                        const rg_zone_t *zone)
{
    rg_val_t *out = rg_val_set_list(view, "asked");
    bool open = false;

    for (int i = 0; i < count; i++) {
        put_asked(rg_val_add(out), p, &list[i], zone);
        open = open || (list[i].response_id == 0 && !rg_quest_in_order(&list[i]));
    }
    rg_val_bool(view, "any_asked", count > 0);
    rg_val_bool(view, "asked_open", open);
}

/* What became of the visit whose answers wait. */
static const char *visit_words(const rg_quest_asked_t *a)
{
    switch (a->booking_status) {
    case RG_BOOKING_IN_PROGRESS: return "under way";
    case RG_BOOKING_COMPLETED: return "over";
    case RG_BOOKING_CANCELLED: return "canceled";
    case RG_BOOKING_NO_SHOW: return "missed";
    default: return NULL;
    }
}

rg_val_t *rg_view_quest_reviews(apr_pool_t *p, const rg_quest_reviews_t *r)
{
    rg_val_t *page = rg_view_page(p, "Answers to look at", r->site);
    rg_val_t *out = rg_val_set_list(page, "reviews");

    for (int i = 0; i < r->count; i++) {
        const rg_quest_asked_t *a = &r->asked[i];
        rg_val_t *v = rg_val_add(out);
        put_asked(v, p, a, r->site->zone);
        rg_val_str(v, "uid", a->booking_uid);
        rg_val_str(v, "who", rg_view_name(p, a->given, a->family));
        rg_val_str(v, "service", a->service_name);
        rg_val_str(v, "visit", visit_words(a));
        rg_view_time(v, "starts", p, r->site->zone, a->starts_at);
    }
    rg_val_bool(page, "any_reviews", r->count > 0);
    rg_val_bool(page, "more", r->more);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "staff_area", true);
    rg_val_bool(page, "at_board", true);
    return page;
}
