/* SPDX-License-Identifier: Apache-2.0 */
/* The questions that a patient is asked before a visit: page by page, and what was answered. */
#include "mod_regen/web/platform/platform.h"
#include "mod_regen/web/platform/route.h"
#include "patient.h"
#include "regen/clinic/questionnaire.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/questionnaire.h"
#include "regen/render/view.h"
#include "regen/render/view_questionnaire.h"

#include <string.h>

#include <apr_strings.h>

static int64_t request_id(const regen_req_t *q)
{
    int64_t id = 0;

    return rg_text_i64(&id, q->args[0], 1, REGEN_ID_MAX) ? id : 0;
}

static int page_asked(regen_req_t *q, const char *value)
{
    int64_t page = 0;

    (void)q;
    return value && rg_text_i64(&page, value, 1, RG_QUEST_ITEMS_MOST + 1) ? (int)page : 0;
}

static int version_shown(regen_req_t *q)
{
    int64_t version = 0;

    return rg_text_i64(&version, regen_field(q, "version"), 1, 65535) ? (int)version : 0;
}

static void put_whos(rg_val_t *view, regen_req_t *q)
{
    const char *who = regen_field(q, "who");
    const char *chosen = *who ? who : "patient";

    rg_view_choice(view, "whos", q->ctx->pool, "who", "patient", "The patient", chosen);
    rg_view_choice(view, "whos", q->ctx->pool, "who", "representative",
                   "Somebody else, for the patient", chosen);
    rg_val_str(view, "answerer", regen_field(q, "answerer"));
    rg_val_bool(view, "represented", strcmp(chosen, "representative") == 0);
}

static rg_val_t *question_view(regen_req_t *q, const rg_quest_sheet_t *s)
{
    apr_pool_t *p = q->ctx->pool;
    rg_val_t *view = rg_view_page(p, s->q->title, s->site);

    rg_val_bool(view, "has_booking", true);
    rg_val_set(view, "booking", rg_view_booking(p, s->booking, s->site->zone));
    rg_view_quest_asked(view, "asked_one", p, s->asked, s->site->zone);
    rg_val_bool(view, "can_answer", s->open);
    return view;
}

static int question_page(regen_req_t *q, const rg_quest_sheet_t *s, rg_outcome_t outcome)
{
    rg_val_t *view = question_view(q, s);
    const char *which = q->this_booking ? q->this_booking : "";

    rg_val_str(view, "step", s->service->name);
    rg_view_quest_page(view, q->ctx->pool, s, q->ctx->problems);
    if (s->page > s->page_count) {
        rg_view_quest_answers(view, q->ctx->pool, s);
        rg_val_str(view, "change_at",
                   apr_psprintf(q->ctx->pool, "%s/booking/questions/%s?booking=%s&page=", q->base,
                                q->args[0], which));
    }
    put_whos(view, q);
    return regen_page(q, outcome, "question/page.html", view);
}

static int read_page(regen_req_t *q, const rg_quest_sheet_t *s)
{
    rg_val_t *view = question_view(q, s);

    rg_view_quest_answers(view, q->ctx->pool, s);
    return regen_page(q, RG_OK, "question/read.html", view);
}

/* What was sent is read; what was not is asked, from the page that was named. */
static int h_question(regen_req_t *q)
{
    rg_quest_sheet_t *s = NULL;
    rg_quest_in_t in = {.booking_id = q->ctx->who.booking_id,
                        .request_id = request_id(q),
                        .page = page_asked(q, regen_param(q, "page"))};
    rg_outcome_t rc = rg_quest_sheet(&s, q->ctx, &in);

    if (rc == RG_OK && s->open && in.page == 0 && s->asked->response_id == 0) {
        in.page = 1;
        rc = rg_quest_sheet(&s, q->ctx, &in);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    if (in.page > 0 && s->open) {
        return question_page(q, s, RG_OK);
    }
    return s->asked->response_id > 0 && in.page == 0 ? read_page(q, s) : regen_to_booking(q, "");
}

static int h_question_send(regen_req_t *q)
{
    rg_quest_sheet_t *s = NULL;
    int next = 0;
    rg_quest_in_t in = {.booking_id = q->ctx->who.booking_id,
                        .request_id = request_id(q),
                        .page = page_asked(q, regen_field(q, "page")),
                        .version = version_shown(q),
                        .digest = regen_field(q, "digest"),
                        .form = q->form,
                        .who = regen_field(q, "who"),
                        .answerer = regen_field(q, "answerer")};

    in.page = in.page > 0 ? in.page : 1;
    rg_outcome_t rc = rg_quest_send(&next, &s, q->ctx, &in);
    if (rc == RG_OK && next > 0) {
        return regen_redirect(q, "/booking/questions/%s?booking=%s&page=%d", q->args[0],
                              q->this_booking ? q->this_booking : "", next);
    }
    if (rc == RG_OK) {
        return regen_to_booking(q, apr_pstrcat(q->ctx->pool, "/questions/", q->args[0], NULL));
    }
    bool others = s && rc == RG_CONFLICT && (in.version != s->version->version || next > 0);
    return s && (rc == RG_INVALID || others) ? question_page(q, s, rc) : regen_fail(q, rc);
}

const regen_route_t regen_routes_patient_question[] = {
    {"GET", "/booking/questions/*", RG_ROLE_PATIENT, 0, 0, BOOKING, h_question},
    {"POST", "/booking/questions/*", RG_ROLE_PATIENT, 128 * KIB, REGEN_FORM, BOOKING,
     h_question_send},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
