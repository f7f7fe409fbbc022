/* SPDX-License-Identifier: Apache-2.0 */
/* Answers for staff: the list of those that a clinician must look at, one patient's answers and the
 * decision about them, and typing what the patient says. */
#include "mod_regen/web/platform/platform.h"
#include "mod_regen/web/platform/route.h"
#include "mod_regen/web/platform/web.h"
#include "regen/clinic/questionnaire.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/questionnaire.h"
#include "regen/render/view.h"
#include "regen/render/view_questionnaire.h"

#include <apr_strings.h>

static rg_quest_in_t review_in(regen_req_t *q, const char *page)
{
    int64_t id = 0;
    int64_t at = 0;
    rg_quest_in_t in = {.booking_uid = q->args[0], .form = q->form};

    in.request_id = rg_text_i64(&id, q->args[1], 1, REGEN_ID_MAX) ? id : 0;
    in.page = page && rg_text_i64(&at, page, 1, RG_QUEST_ITEMS_MOST + 1) ? (int)at : 0;
    return in;
}

static rg_val_t *review_view(regen_req_t *q, const rg_quest_sheet_t *s)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = rg_view_page(p, s->q->title, s->site);

    rg_val_bool(view, "wide", true);
    rg_val_bool(view, "staff_area", true);
    rg_val_bool(view, "at_board", true);
    rg_val_set(view, "booking", rg_view_booking(p, s->booking, s->site->zone));
    rg_view_quest_asked(view, "asked_one", p, s->asked, s->site->zone);
    rg_val_bool(view, "can_answer", s->open);
    return view;
}

static int answers_page(regen_req_t *q, rg_outcome_t outcome)
{
    rg_quest_sheet_t *s = NULL;
    const rg_quest_in_t in = review_in(q, NULL);
    rg_outcome_t rc = rg_quest_sheet(&s, q->ctx, &in);

    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    apr_pool_t *p = q->ctx->pool;
    const char *chosen = regen_field(q, "decision");
    rg_val_t *view = review_view(q, s);
    rg_view_quest_answers(view, p, s);
    rg_val_bool(view, "has_notes", s->asked->response_id > 0 && s->filled->match_count > 0);
    rg_val_bool(view, "can_decide", s->may_decide || s->may_override);
    rg_val_bool(view, "may_decide", s->may_decide);
    if (s->may_decide) {
        rg_view_choice(view, "decisions", p, "decision", "ok",
                       s->may_close                 ? "The patient may be treated"
                       : s->asked->response_id == 0 ? "What stopped the other visit is no reason "
                                                      "any more; ask these questions"
                                                    : "The visit may go on",
                       chosen);
    }
    if (s->may_decide && s->asked->response_id > 0) {
        rg_view_choice(
            view, "decisions", p, "decision", "stop",
            s->may_close ? "The patient must not be treated" : "The visit must not go on", chosen);
    }
    if (s->may_close) {
        rg_view_choice(view, "decisions", p, "decision", "closed", "Nothing to decide: close it",
                       chosen);
    }
    if (s->may_override) {
        rg_view_choice(view, "decisions", p, "decision", "override",
                       "Let the visit go on without this", chosen);
    }
    rg_val_str(view, "note_typed", regen_field(q, "note"));
    return regen_page(q, outcome, "question/staff.html", view);
}

static int typing_page(regen_req_t *q, const rg_quest_sheet_t *s, rg_outcome_t outcome)
{
    rg_val_t *view = review_view(q, s);

    rg_view_quest_page(view, q->ctx->pool, s, q->ctx->problems);
    if (s->page > s->page_count) {
        rg_view_quest_answers(view, q->ctx->pool, s);
        rg_val_str(view, "change_at",
                   apr_psprintf(q->ctx->pool, "%s/staff/bookings/%s/questions/%s?page=", q->base,
                                q->args[0], q->args[1]));
    }
    return regen_page(q, outcome, "question/staff_page.html", view);
}

static int h_review(regen_req_t *q)
{
    rg_quest_sheet_t *s = NULL;
    const rg_quest_in_t in = review_in(q, regen_param(q, "page"));

    if (in.page == 0) {
        return answers_page(q, RG_OK);
    }
    rg_outcome_t rc = rg_quest_sheet(&s, q->ctx, &in);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    return s->open ? typing_page(q, s, RG_OK)
                   : regen_redirect(q, "/staff/bookings/%s/questions/%s", q->args[0], q->args[1]);
}

static int h_review_answer(regen_req_t *q)
{
    rg_quest_sheet_t *s = NULL;
    int next = 0;
    int64_t version = 0;
    rg_quest_in_t in = review_in(q, regen_field(q, "page"));

    in.page = in.page > 0 ? in.page : 1;
    in.version = rg_text_i64(&version, regen_field(q, "version"), 1, 65535) ? (int)version : 0;
    in.digest = regen_field(q, "digest");
    rg_outcome_t rc = rg_quest_send(&next, &s, q->ctx, &in);
    if (rc == RG_OK && next > 0) {
        return regen_redirect(q, "/staff/bookings/%s/questions/%s?page=%d", q->args[0], q->args[1],
                              next);
    }
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/bookings/%s/questions/%s", q->args[0], q->args[1]);
    }
    bool others = s && rc == RG_CONFLICT && (in.version != s->version->version || next > 0);
    return s && (rc == RG_INVALID || others)            ? typing_page(q, s, rc)
           : rc == RG_PRECONDITION || rc == RG_CONFLICT ? answers_page(q, rc)
                                                        : regen_fail(q, rc);
}

static int h_review_decide(regen_req_t *q)
{
    rg_quest_in_t in = review_in(q, NULL);

    in.decision = regen_field(q, "decision");
    in.note = regen_field(q, "note");
    in.response = regen_field(q, "response");
    in.stopped_by = regen_field(q, "stopped_by");
    rg_outcome_t rc = rg_quest_decide(q->ctx, &in);
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/bookings/%s", q->args[0]);
    }
    return rc == RG_INVALID || rc == RG_CONFLICT || rc == RG_PRECONDITION ? answers_page(q, rc)
                                                                          : regen_fail(q, rc);
}

static int h_reviews(regen_req_t *q)
{
    rg_quest_reviews_t *r = NULL;
    rg_outcome_t rc = rg_quest_reviews(&r, q->ctx);

    return rc == RG_OK ? regen_page(q, RG_OK, "question/reviews.html",
                                    rg_view_quest_reviews(q->ctx->pool, r))
                       : regen_fail(q, rc);
}

const regen_route_t regen_routes_review[] = {
    {"GET", "/staff/reviews", DESK, 0, 0, REGEN_STAFF_AREA, h_reviews},
    {"GET", "/staff/bookings/*/questions/*", DESK, 0, 0, REGEN_STAFF_AREA, h_review},
    {"POST", "/staff/bookings/*/questions/*", DESK, 128 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_review_answer},
    {"POST", "/staff/bookings/*/questions/*/decide", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     h_review_decide},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
