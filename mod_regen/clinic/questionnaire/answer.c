/* SPDX-License-Identifier: Apache-2.0 */
/* Answering: page by page, what was typed is never lost; sent as a whole, as evidence. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/questionnaire/sheet.h"
#include "regen/clinic/questionnaire.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/questionnaire.h"
#include "regen/store/questionnaire.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

typedef struct {
    const rg_quest_in_t *in;
    rg_quest_sheet_t *s;
    rg_quest_response_t response;
} answer_t;

/* --- a page ----------------------------------------------------------------------------------- */

static bool was_seen(const rg_form_t *f, const char *link)
{
    for (int k = 0; k < f->pairs->nelts; k++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(f->pairs, k, rg_pair_t);
        if (strcmp(pair->name, "seen") == 0 && strcmp(pair->value, link) == 0) {
            return true;
        }
    }
    return false;
}

/* Values of the form for those of the questions FROM to UNTIL that were on it; others stay. */
static void take_page(const rg_ctx_t *ctx, const rg_quest_sheet_t *s, const rg_form_t *f,
                      rg_quest_typed_t *typed, int from, int until)
{
    for (int i = from; i < until; i++) {
        const rg_quest_item_t *it = &s->q->items[i];
        rg_quest_typed_t *t = &typed[i];
        const char *name = apr_pstrcat(ctx->pool, "q.", it->link, NULL);
        const char *other = rg_form_get(f, apr_pstrcat(ctx->pool, "o.", it->link, NULL));

        if (!was_seen(f, it->link)) {
            continue;
        }
        *t = (rg_quest_typed_t){.other = other && *other ? other : NULL};
        for (int k = 0; k < f->pairs->nelts && t->count < RG_QUEST_OPTIONS_MOST; k++) {
            const rg_pair_t *pair = &APR_ARRAY_IDX(f->pairs, k, rg_pair_t);
            if (strcmp(pair->name, name) == 0 && *pair->value) {
                t->values[t->count++] = pair->value;
            }
        }
    }
}

static rg_outcome_t draft_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const answer_t *w = baton;
    const rg_quest_draft_t draft = {.request_id = w->s->asked->id,
                                    .writer = w->s->writer,
                                    .version_id = w->s->version->id,
                                    .answers =
                                        rg_quest_keep_typed(ctx->pool, w->s->q, w->s->typed)};

    return draft.answers ? rg_quest_draft_put(db, ctx, &draft) : RG_TOO_LARGE;
}

/* --- another version -------------------------------------------------------------------------- */

/* What was typed on the page that was shown, for the questions of now that are the same. */
static rg_outcome_t carry_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    answer_t *w = baton;
    rg_quest_sheet_t *s = w->s;
    rg_quest_version_t *shown = NULL;
    size_t n = (size_t)s->q->item_count + 1;
    rg_quest_typed_t *page = apr_pcalloc(ctx->pool, sizeof(*page) * n);
    rg_outcome_t rc = w->in->version > 0
                          ? rg_quest_version(db, ctx, &shown, s->asked->code, w->in->version)
                          : RG_NOT_FOUND;

    if (rc != RG_OK && rc != RG_NOT_FOUND) {
        return rc;
    }
    take_page(ctx, s, w->in->form, page, 0, s->q->item_count);
    (void)rg_quest_fit(ctx, s, shown, page);
    for (int i = 0; i < s->q->item_count; i++) {
        if (page[i].count > 0 || page[i].other) {
            s->typed[i] = page[i];
        }
    }
    return draft_work(db, ctx, w);
}

/* What is wrong with the questions that were on the page. *MORE: its answers led to others. */
static bool page_is_fine(const rg_ctx_t *ctx, answer_t *w, bool *more)
{
    rg_quest_sheet_t *s = w->s;
    rg_problems_t *all = rg_problems_make(ctx->pool);
    bool fine = true;

    *more = false;
    s->filled = rg_quest_fill(ctx->pool, s->q, s->typed, s->from, s->until, all);
    for (int i = s->from; i < s->until; i++) {
        const rg_quest_item_t *it = &s->q->items[i];
        const char *field = apr_pstrcat(ctx->pool, "q.", it->link, NULL);
        bool seen = was_seen(w->in->form, it->link);

        if (s->filled->answers[i].wrong && seen) {
            rg_problem_add(ctx->problems, field, "%s%s", rg_quest_named(ctx->pool, it),
                           rg_problem_for(all, field));
            fine = false;
        }
        *more = *more || (s->filled->answers[i].enabled && rg_quest_asks(it) && !seen);
    }
    return fine;
}

/* The page with the first question that is not answered well; 0: all are. */
static int unfinished(const rg_quest_sheet_t *s)
{
    for (int i = 0; i < s->q->item_count; i++) {
        if (s->filled->answers[i].wrong) {
            return rg_quest_page_of(s->q, i);
        }
    }
    return 0;
}

static int page_after(rg_quest_sheet_t *s)
{
    do {
        rg_quest_turn(s, s->page + 1);
    } while (s->page <= s->page_count && !rg_quest_page_asks(s));
    return s->page;
}

/* Nobody answers questions that they were not shown. */
static rg_outcome_t show_new_version(const rg_ctx_t *ctx, answer_t *w)
{
    rg_quest_sheet_t *s = w->s;

    RG_TRY(rg_store_transact(ctx, carry_work, w));
    s->changed = false; /* this says it */
    s->filled = rg_quest_fill(ctx->pool, s->q, s->typed, 0, s->q->item_count, NULL);
    int first = unfinished(s);
    rg_quest_turn(s, first > 0 ? first : 1);
    rg_problem_add(
        ctx->problems, NULL,
        "The clinic changed these questions since you opened the page, and nothing was "
        "sent. What you entered for questions that stayed the same is kept. Check all of "
        "them from here on.");
    return RG_CONFLICT;
}

/* --- sending ---------------------------------------------------------------------------------- */

static void check_answerer(const rg_ctx_t *ctx, answer_t *w)
{
    rg_quest_response_t *r = &w->response;
    int who = rg_is_staff(ctx) ? (int)RG_QUEST_STAFF : rg_quest_who_parse(w->in->who);
    const char *name = rg_text_tidy(ctx->pool, w->in->answerer ? w->in->answerer : "");

    if (who < 0 || (who == RG_QUEST_STAFF && !rg_is_staff(ctx))) {
        rg_problem_add(ctx->problems, "who", "Choose who answered the questions.");
        return;
    }
    r->who = (rg_quest_who_t)who;
    r->answerer = r->who == RG_QUEST_REPRESENTATIVE ? name : "";
    if (r->who == RG_QUEST_REPRESENTATIVE &&
        (*name == '\0' || rg_text_length(name) > RG_QUEST_NAME_MOST)) {
        rg_problem_add(ctx->problems, "answerer", "Enter your full name, in at most %d characters.",
                       RG_QUEST_NAME_MOST);
    }
}

static rg_outcome_t send_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    answer_t *w = baton;
    const rg_quest_sheet_t *s = w->s;
    rg_outcome_t rc = rg_quest_response_add(db, ctx, &w->response, s->writer);

    if (rc == RG_PRECONDITION) {
        rg_problem_add(ctx->problems, NULL,
                       "The treatment has begun or the visit is over, so the answers cannot be "
                       "changed any more. Tell the clinic what is different.");
    }
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, NULL,
                       "These questions were answered at the same time in another window. Read "
                       "them again.");
    }
    return rc == RG_OK
               ? rg_audit_add(
                     db, ctx, "questionnaire.answer", "questionnaire_response", w->response.id,
                     apr_psprintf(ctx->pool, "booking:%" APR_INT64_T_FMT " %s version:%d %s by:%s",
                                  (apr_int64_t)s->booking->id, s->asked->code, s->version->version,
                                  rg_quest_result_name(w->response.result),
                                  rg_quest_who_name(w->response.who)))
               : rc;
}

static rg_outcome_t send_answers(const rg_ctx_t *ctx, answer_t *w)
{
    rg_quest_sheet_t *s = w->s;
    rg_quest_response_t *r = &w->response;

    check_answerer(ctx, w);
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    r->request_id = s->asked->id;
    r->booking_id = s->booking->id;
    r->patient_id = s->asked->patient_id;
    r->version_id = s->version->id;
    r->result = s->filled->result;
    r->answers = rg_quest_keep(ctx->pool, s->q, s->filled);
    if (!r->answers) {
        return RG_TOO_LARGE;
    }
    rg_crypto_sha256(r->sha256, r->answers, strlen(r->answers));
    return rg_store_once(ctx, send_work, w);
}

/* A page of questions. *NEXT 0: it was the only one, and is fine. */
static rg_outcome_t take_questions(int *next, const rg_ctx_t *ctx, answer_t *w)
{
    bool more = false;

    take_page(ctx, w->s, w->in->form, w->s->typed, w->s->from, w->s->until);
    RG_TRY(rg_store_transact(ctx, draft_work, w));
    if (!page_is_fine(ctx, w, &more)) {
        return RG_INVALID;
    }
    *next = more ? w->s->page : w->s->page_count > 1 ? page_after(w->s) : 0;
    return RG_OK;
}

rg_outcome_t rg_quest_send(int *next, rg_quest_sheet_t **out, const rg_ctx_t *ctx,
                           const rg_quest_in_t *in)
{
    answer_t w = {.in = in};

    *next = 0;
    if (ctx->staff_beside > 0) {
        rg_problem_add(ctx->problems, NULL,
                       "You are logged in as staff in this browser. Log out first, or answer with "
                       "the patient on the booking's page for staff.");
        return RG_FORBIDDEN;
    }
    RG_TRY(rg_quest_sheet(&w.s, ctx, in));
    *out = w.s;
    if (!w.s->open) {
        rg_problem_add(ctx->problems, NULL,
                       "The treatment has begun or the visit is over, so these questions cannot "
                       "be answered any more.");
        return RG_PRECONDITION;
    }
    if (in->version != w.s->version->version) {
        return show_new_version(ctx, &w);
    }
    if (w.s->page > w.s->page_count && (!in->digest || strcmp(in->digest, w.s->digest) != 0)) {
        *next = w.s->page;
        rg_problem_add(ctx->problems, NULL,
                       "Other answers were entered since you opened this page, so nothing was "
                       "sent. These are the answers as they are now: check them again.");
        return RG_CONFLICT;
    }
    if (w.s->page <= w.s->page_count) {
        RG_TRY(take_questions(next, ctx, &w));
        if (*next > 0) {
            return RG_OK;
        }
    }
    *next = unfinished(w.s);
    return *next > 0 ? RG_OK : send_answers(ctx, &w);
}
