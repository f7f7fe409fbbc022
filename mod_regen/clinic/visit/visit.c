/* SPDX-License-Identifier: Apache-2.0 */
/* Check-in and completion: the first and the last step of every visit. */
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "mod_regen/clinic/followup/recall.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

/* --- check-in --------------------------------------------------------------------------------- */

/* Letters of step_event.late_reason. */
#define LATE_MAX 200

typedef struct {
    rg_date_t said;
    const char *early;
} check_in_t;

static bool early_known(const char *reason)
{
    return strcmp(reason, "patient-came") == 0 || strcmp(reason, "clinic-asked") == 0;
}

/* A visit is not lost because the patient came a day too soon, but nobody brings one forward by
 * mistake. */
static rg_outcome_t check_early(rg_db_t *db, const rg_ctx_t *ctx, const rg_day_step_t *step,
                                rg_date_t day)
{
    const check_in_t *in = step->in;

    if (early_known(in->early)) {
        return rg_audit_add(db, ctx, "day.early", "booking", step->booking_id, in->early);
    }
    rg_problem_add(
        ctx->problems, "early",
        "This visit is on %s. To check the patient in today, choose why it is done today.",
        rg_date_long(ctx->pool, day));
    return RG_PRECONDITION;
}

/* What was forgotten is entered later, with the reason; the act itself was on the day. */
static rg_outcome_t check_late(const rg_ctx_t *ctx, const rg_day_step_t *step, rg_date_t day,
                               rg_date_t done)
{
    const char *date = rg_date_long(ctx->pool, day);

    if (rg_date_compare(day, done) != 0) {
        rg_problem_add(ctx->problems, "when",
                       "This visit was on %s. Enter the time at which the patient came on that "
                       "day. For another day, book a new visit.",
                       date);
    }
    if (*step->late_why == '\0' || rg_text_length(step->late_why) > LATE_MAX) {
        rg_problem_add(ctx->problems, "late_why",
                       "This visit was on %s. Enter why it is recorded later, in at most %d "
                       "characters.",
                       date, LATE_MAX);
    }
    return rg_problems_any(ctx->problems) ? RG_PRECONDITION : RG_OK;
}

static rg_outcome_t check_day(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const rg_zone_t *zone = step->care.zone;
    rg_date_t day = rg_zone_local(zone, step->care.starts_at).date;
    rg_date_t done = rg_zone_local(zone, step->at).date;

    if (rg_date_compare(day, rg_zone_local(zone, ctx->now).date) < 0) {
        return check_late(ctx, step, day, done);
    }
    step->late_why = NULL;
    return rg_date_compare(day, done) == 0 ? RG_OK : check_early(db, ctx, step, day);
}

static rg_outcome_t check_in_act(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    rg_outcome_t rc = check_day(db, ctx, step);

    return rc == RG_OK ? rg_day_same_birth(ctx, step, ((const check_in_t *)step->in)->said) : rc;
}

rg_outcome_t rg_day_check_in(const rg_ctx_t *ctx, int64_t booking_id, const rg_check_in_t *in)
{
    check_in_t c = {{0, 0, 0}, in->early ? in->early : ""};
    rg_day_step_t step = {.booking_id = booking_id, .event = RG_EVENT_CHECK_IN, .when = in->when};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CHECK_IN);

    if (rc != RG_OK) {
        return rc;
    }
    if (!rg_day_birth_read(ctx, &c.said, in->birth_date)) {
        return RG_INVALID;
    }
    step.late_why = rg_text_tidy(ctx->pool, in->late_why ? in->late_why : "");
    step.act = check_in_act;
    step.in = &c;
    return rg_day_run(ctx, &step);
}

/* --- diagnoses -------------------------------------------------------------------------------- */

#define DIAGNOSES_MAX 12

typedef struct {
    int count;
    const char *codes[DIAGNOSES_MAX];
    const char *left_why;
} codes_t;

static bool listed(const codes_t *c, const char *code)
{
    for (int i = 0; i < c->count; i++) {
        if (strcmp(c->codes[i], code) == 0) {
            return true;
        }
    }
    return false;
}

static void code_take(const rg_ctx_t *ctx, codes_t *out, const char *word, size_t n)
{
    const char *code = rg_icd10_read(ctx->pool, word, n);

    if (!code) {
        rg_problem_add(ctx->problems, "diagnoses",
                       "“%.*s” is not an ICD-10-CM code. One looks like M17.11.", (int)n, word);
    }
    else if (listed(out, code)) {
        rg_problem_add(ctx->problems, "diagnoses", "%s is listed twice. Enter each code once.",
                       code);
    }
    else if (out->count == DIAGNOSES_MAX) {
        rg_problem_add(ctx->problems, "diagnoses", "Enter at most 12 codes; %s is one too many.",
                       code);
    }
    else {
        out->codes[out->count++] = code;
    }
}

static bool codes_read(const rg_ctx_t *ctx, codes_t *out, const char *typed)
{
    static const char between[] = " \t\n,;";

    for (const char *at = typed ? typed : ""; *at != '\0';) {
        size_t n = strcspn(at, between);

        if (n > 0) {
            code_take(ctx, out, at, n);
        }
        at += n;
        at += strspn(at, between);
    }
    if (out->count == 0 && !rg_problems_any(ctx->problems)) {
        rg_problem_add(ctx->problems, "diagnoses",
                       "Enter at least one diagnosis; the first one is the primary diagnosis.");
    }
    return !rg_problems_any(ctx->problems);
}

/* --- completion ------------------------------------------------------------------------------- */

static void check_diagnosis_place(const rg_ctx_t *ctx, const rg_targets_t *t,
                                  const rg_diagnosis_t *d)
{
    const rg_target_t *only = &t->at[0];
    bool sided = d->side == RG_SIDE_LEFT || d->side == RG_SIDE_RIGHT;

    if (t->count > 1) {
        if (!rg_targets_on(t, d->body_site, sided ? d->side : RG_SIDE_NONE)) {
            rg_problem_add(ctx->problems, "diagnoses",
                           "%s is for none of the targets that were booked and treated.", d->code);
        }
        return;
    }
    if (*d->body_site != '\0' && *only->body_site != '\0' &&
        strcmp(d->body_site, only->body_site) != 0) {
        rg_problem_add(ctx->problems, "diagnoses",
                       "%s is for the %s, but the %s was booked and treated.", d->code,
                       d->body_site, only->body_site);
    }
    if (sided && only->side != RG_SIDE_NONE && d->side != only->side) {
        rg_problem_add(ctx->problems, "diagnoses",
                       "%s is for the %s side, but the %s side was booked and treated.", d->code,
                       rg_side_name(d->side), rg_side_name(only->side));
    }
}

/* Which targets DIAGNOSED (1u << index) a diagnosis is for; one of no part of the body for all, if
 * it is the primary one. */
static void note_diagnosed(const rg_targets_t *t, const rg_diagnosis_t *d, bool first,
                           unsigned *diagnosed)
{
    for (int i = 0; (first || *d->body_site) && i < t->count; i++) {
        *diagnosed |= rg_target_has(&t->at[i], d->body_site, d->side) ? 1u << i : 0;
    }
}

/* Each of several targets is treated for something: no payer pays for one without. */
static void check_all_diagnosed(const rg_ctx_t *ctx, const rg_targets_t *t, unsigned diagnosed)
{
    for (int i = 0; t->count > 1 && i < t->count; i++) {
        if (((diagnosed >> i) & 1u) == 0) {
            rg_problem_add(ctx->problems, "diagnoses",
                           "None of these is for the %s, which was treated, too.",
                           rg_day_target_words(ctx, &t->at[i]));
        }
    }
}

static rg_outcome_t check_code(rg_db_t *db, const rg_ctx_t *ctx, const rg_targets_t *t,
                               const char *code, bool first, unsigned *diagnosed)
{
    rg_diagnosis_t *d = NULL;
    rg_outcome_t rc = rg_diagnosis_find(db, ctx, &d, code);

    if (rc == RG_NOT_FOUND) {
        rg_problem_add(ctx->problems, "diagnoses",
                       "%s is not in this clinic's list of ICD-10-CM codes.", code);
        return RG_OK;
    }
    if (rc != RG_OK) {
        return rc;
    }
    if (!d->billable) {
        rg_problem_add(ctx->problems, "diagnoses",
                       "%s is a category (%s). Choose a more specific code in it.", code, d->title);
    }
    check_diagnosis_place(ctx, t, d);
    note_diagnosed(t, d, first, diagnosed);
    return RG_OK;
}

static rg_outcome_t complete_act(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const codes_t *codes = step->in;
    const rg_care_t *care = &step->care;
    const rg_targets_t t =
        rg_targets_injected(ctx->pool, care->body_site, care->side, care->further, care->injected);
    unsigned diagnosed = care->injected != 0 ? 0 : ~0u;
    rg_outcome_t rc = RG_OK;

    for (int i = 0; rc == RG_OK && i < codes->count; i++) {
        rc = check_code(db, ctx, &t, codes->codes[i], i == 0, &diagnosed);
    }
    if (rc == RG_OK && !rg_problems_any(ctx->problems)) {
        check_all_diagnosed(ctx, &t, diagnosed);
    }
    if (rc == RG_OK && rg_problems_any(ctx->problems)) {
        rc = RG_INVALID;
    }
    for (int i = 0; rc == RG_OK && i < codes->count; i++) {
        rc = rg_diagnosis_add(db, ctx, step->booking_id, i + 1, codes->codes[i]);
    }
    return rc;
}

/* Follow-ups come from the service. A treatment that ended without its injection has nothing to
 * follow up. */
static rg_outcome_t finish_act(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const rg_care_t *care = &step->care;
    bool ended_early =
        rg_day_wants(care->kinds, RG_EVENT_INJECT) && !((care->done >> RG_EVENT_INJECT) & 1u);
    rg_outcome_t rc = rg_day_targets_left(db, ctx, step, ((const codes_t *)step->in)->left_why);

    rc = rc == RG_OK ? complete_act(db, ctx, step) : rc;
    return rc == RG_OK && !ended_early ? rg_recalls_make(db, ctx, care, step->at) : rc;
}

/* Whether the caller may record a diagnosis, and the codes as typed. */
static rg_outcome_t may_with(const rg_ctx_t *ctx, codes_t *codes, const rg_complete_in_t *in)
{
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CARE);
    if (rc != RG_OK) {
        return rc;
    }
    return codes_read(ctx, codes, in->diagnoses) ? RG_OK : RG_INVALID;
}

rg_outcome_t rg_day_complete(const rg_ctx_t *ctx, int64_t booking_id, const rg_complete_in_t *in)
{
    codes_t codes = {0, {NULL}, in->left_why};
    rg_day_step_t step = {.booking_id = booking_id,
                          .event = RG_EVENT_COMPLETE,
                          .act = finish_act,
                          .in = &codes,
                          .when = in->when,
                          .who = in->who};
    rg_outcome_t rc = may_with(ctx, &codes, in);
    return rc == RG_OK ? rg_day_run(ctx, &step) : rc;
}

/* --- corrections after completion ------------------------------------------------------------- */

static rg_outcome_t diagnose_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_day_step_t *step = baton;
    rg_outcome_t rc = rg_care_lock(db, ctx, &step->care, step->booking_id);

    if (rc == RG_OK && step->care.status != RG_BOOKING_COMPLETED) {
        rg_problem_add(ctx->problems, NULL,
                       "Diagnoses are recorded when the treatment is completed.");
        return RG_PRECONDITION;
    }
    rc = rc == RG_OK ? rg_diagnoses_clear(db, ctx, step->booking_id) : rc;
    if (rc == RG_PRECONDITION) {
        rg_problem_add(
            ctx->problems, NULL,
            "A claim with these diagnoses was created, so they can no longer be changed.");
    }
    rc = rc == RG_OK ? complete_act(db, ctx, step) : rc;
    return rc == RG_OK ? rg_audit_add(db, ctx, "day.diagnose", "booking", step->booking_id, "")
                       : rc;
}

rg_outcome_t rg_day_diagnose(const rg_ctx_t *ctx, int64_t booking_id, const rg_complete_in_t *in)
{
    codes_t codes = {0, {NULL}, NULL};
    rg_day_step_t step = {.booking_id = booking_id, .event = RG_EVENT_COMPLETE, .in = &codes};
    rg_outcome_t rc = may_with(ctx, &codes, in);
    return rc == RG_OK ? rg_store_once(ctx, diagnose_work, &step) : rc;
}
