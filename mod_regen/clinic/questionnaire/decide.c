/* SPDX-License-Identifier: Apache-2.0 */
/* What staff decide about answers: a clinician who looked at them, or anybody who checks in, who
 * lets the visit go on without them and says why. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/questionnaire/sheet.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/clinic/questionnaire.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/questionnaire.h"
#include "regen/store/questionnaire.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

typedef struct {
    const rg_quest_in_t *in;
    rg_quest_decision_t decision;
    const char *note;
} decide_t;

static rg_outcome_t decide_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const decide_t *w = baton;
    rg_quest_sheet_t s = {0};

    RG_TRY(rg_quest_sheet_in(&s, db, ctx, w->in));
    const char *last = s.asked->response_id > 0 ? s.asked->response_uid : "";
    if (!w->in->response || strcmp(last, w->in->response) != 0) {
        rg_problem_add(ctx->problems, NULL,
                       "There are other answers since you opened this page. Read them first.");
        return RG_CONFLICT;
    }
    const char *stop = s.asked->stopped_by > 0 ? apr_psprintf(ctx->pool, "%" APR_INT64_T_FMT,
                                                              (apr_int64_t)s.asked->stopped_by)
                                               : "";
    if (strcmp(stop, w->in->stopped_by ? w->in->stopped_by : "") != 0) {
        rg_problem_add(ctx->problems, NULL,
                       "Answers about another visit of this patient changed since you opened this "
                       "page. Read them first.");
        return RG_CONFLICT;
    }
    if (w->decision != RG_QUEST_OVERRIDE && s.asked->response_id == 0 &&
        !(w->decision == RG_QUEST_DECIDED_OK && s.asked->stopped_by > 0)) {
        rg_problem_add(ctx->problems, "decision", "There are no answers to decide about.");
        return RG_INVALID;
    }
    if (w->decision == RG_QUEST_CLOSED && !s.may_close) {
        rg_problem_add(ctx->problems, "decision",
                       "Answers are closed without a decision only while they wait for one and the "
                       "visit is over.");
        return RG_INVALID;
    }
    rg_outcome_t rc = rg_quest_decision_add(db, ctx, s.asked, w->decision, w->note);
    if (rc == RG_PRECONDITION) {
        rg_problem_add(ctx->problems, NULL,
                       "The visit was stopped because of these answers. A clinician reads them and "
                       "decides.");
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "questionnaire.decide", "booking", s.booking->id,
                                      apr_psprintf(ctx->pool, "%s %s", s.asked->code,
                                                   rg_quest_decision_name(w->decision)))
                       : rc;
}

rg_outcome_t rg_quest_decide(const rg_ctx_t *ctx, const rg_quest_in_t *in)
{
    decide_t w = {.in = in};
    int decision = rg_quest_decision_parse(in->decision);

    w.note = rg_text_tidy(ctx->pool, in->note ? in->note : "");
    if (decision < 0) {
        RG_TRY(rg_must(ctx, RG_DEED_CHECK_IN));
        rg_problem_add(ctx->problems, "decision", "Choose what you decided.");
    }
    else {
        RG_TRY(rg_must(ctx, decision == RG_QUEST_OVERRIDE ? RG_DEED_CHECK_IN : RG_DEED_REVIEW));
    }
    if (*w.note == '\0' || rg_text_length(w.note) > RG_QUEST_NOTE_MOST) {
        rg_problem_add(ctx->problems, "note", "Enter why, in at most %d characters.",
                       RG_QUEST_NOTE_MOST);
    }
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    w.decision = (rg_quest_decision_t)decision;
    return rg_store_once(ctx, decide_work, &w);
}

/* --- the list --------------------------------------------------------------------------------- */

static rg_outcome_t reviews_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_quest_reviews_t *r = baton;
    const rg_clinic_t *k = NULL;

    RG_TRY(rg_clinic_get(&k, db, ctx));
    r->site = rg_clinic_site_asked(k, NULL);
    if (!r->site) {
        return rg_clinic_missing(k, RG_NOT_FOUND);
    }
    RG_TRY(rg_quest_to_review(db, ctx, &r->asked, &r->count));
    r->more = r->count > RG_QUEST_REVIEWS_MOST;
    r->count = r->more ? RG_QUEST_REVIEWS_MOST : r->count;
    return RG_OK;
}

rg_outcome_t rg_quest_reviews(rg_quest_reviews_t **out, const rg_ctx_t *ctx)
{
    rg_quest_reviews_t *r = apr_pcalloc(ctx->pool, sizeof(*r));

    RG_TRY(rg_must(ctx, RG_DEED_CHECK_IN));
    RG_TRY(rg_store_read(ctx, reviews_work, r));
    *out = r;
    return RG_OK;
}
