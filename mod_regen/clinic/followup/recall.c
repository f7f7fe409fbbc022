/* SPDX-License-Identifier: Apache-2.0 */
/* Follow-ups and recalls: created when a treatment is completed, worked on by the front desk,
 * stopped by the patient. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/followup/each.h"
#include "mod_regen/clinic/followup/recall.h"

#include <string.h>

#include <apr_strings.h>

#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/page.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/followup.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/definition.h"
#include "regen/model/followup.h"
#include "regen/model/patient.h"
#include "regen/store/booking.h"
#include "regen/store/desk.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"
#include "mod_regen/clinic/schedule/local_days.h"

enum { NOTE_MAX_CHARS = 200, TELL_ONCE = 50 };

/* --- made when a treatment completes ---------------------------------------------------------- */

rg_outcome_t rg_recalls_make(rg_db_t *db, const rg_ctx_t *ctx, const rg_care_t *care, apr_time_t at)
{
    rg_service_recall_t *plan;
    int count;
    rg_outcome_t rc = rg_service_recalls_read(db, ctx, &plan, &count, care->service_id);
    if (rc != RG_OK || count == 0) {
        return rc;
    }
    rg_date_t day = rg_zone_local(care->zone, at).date;
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rc = rg_recall_add(db, ctx, care->id, day, &plan[i]);
    }
    /* The visit that follows up may have been booked before. */
    return rc == RG_OK ? rg_recalls_answer(db, ctx, care->patient_id) : rc;
}

/* --- the list --------------------------------------------------------------------------------- */

typedef struct {
    rg_recalls_t *list;
    rg_recalls_filter_t filter;
} list_t;

static rg_outcome_t list_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    list_t *f = baton;
    rg_recalls_t *l = f->list;
    rg_outcome_t rc = rg_recalls_count(db, ctx, l->counts, &f->filter);
    if (rc != RG_OK) {
        return rc;
    }
    l->pages = rg_page_fit(&l->page, l->counts[l->view], RG_RECALLS_PAGE);
    return rg_recalls_page(db, ctx, &l->recalls, &l->count, &f->filter, RG_RECALLS_PAGE,
                           (l->page - 1) * RG_RECALLS_PAGE);
}

static rg_outcome_t choose_recall_site(list_t *f, const rg_ctx_t *ctx, const rg_recalls_in_t *in)
{
    rg_recalls_t *l = f->list;
    rg_catalogue_t *catalogue;
    rg_outcome_t rc = rg_catalogue_list(&catalogue, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    l->site = catalogue->site;
    l->sites = catalogue->sites;
    l->site_count = catalogue->site_count;
    l->services = catalogue->services;
    l->service_count = catalogue->count;
    l->service_code = in->service_code ? in->service_code : "";
    l->site_code = in->site_code ? in->site_code : "";
    for (int i = 0; i < l->service_count; i++) {
        if (strcmp(l->services[i]->code, l->service_code) == 0) {
            f->filter.service_id = l->services[i]->id;
        }
    }
    for (int i = 0; i < l->site_count; i++) {
        if (strcmp(l->sites[i]->code, l->site_code) == 0) {
            l->site = l->sites[i];
            f->filter.site_id = l->site->id;
        }
    }
    bool unknown = (*l->service_code && f->filter.service_id == 0) ||
                   (*l->site_code && f->filter.site_id == 0);
    return unknown ? RG_NOT_FOUND : RG_OK;
}

rg_outcome_t rg_recalls_list(rg_recalls_t **out, const rg_ctx_t *ctx, const rg_recalls_in_t *in)
{
    list_t f = {.list = apr_pcalloc(ctx->pool, sizeof(rg_recalls_t)), .filter = {.view = in->view}};
    if (!rg_may(ctx, RG_DEED_FOLLOW_UP)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = choose_recall_site(&f, ctx, in);
    if (rc != RG_OK) {
        return rc;
    }
    f.list->view = (int)in->view;
    f.list->page = in->page;
    f.list->today = rg_zone_local(f.list->site->zone, ctx->now).date;
    f.filter.today = f.list->today;
    *out = f.list;
    return rg_store_read(ctx, list_work, &f);
}

/* --- attempts --------------------------------------------------------------------------------- */

typedef struct {
    const char *uid;
    rg_attempt_t outcome;
    const char *note;
    bool settled;
} attempt_t;

static rg_recall_status_t after(const attempt_t *a)
{
    switch (a->outcome) {
    case RG_ATTEMPT_BOOKED: return RG_RECALL_BOOKED;
    case RG_ATTEMPT_DECLINED: return RG_RECALL_CLOSED;
    case RG_ATTEMPT_SPOKE: return a->settled ? RG_RECALL_DONE : RG_RECALL_ATTEMPTED;
    default: return RG_RECALL_ATTEMPTED;
    }
}

/* Booked is what has a visit: otherwise it would stay booked for ever. */
static rg_outcome_t settle_recall(rg_db_t *db, const rg_ctx_t *ctx, const rg_recall_t *r,
                                  const attempt_t *a)
{
    if (a->outcome != RG_ATTEMPT_BOOKED) {
        return rg_recall_set(db, ctx, r->id, r->status, after(a),
                             rg_recall_why_name(after(a) == RG_RECALL_CLOSED
                                                    ? RG_RECALL_WHY_DECLINED
                                                    : RG_RECALL_WHY_NONE));
    }
    rg_outcome_t rc = rg_recall_answer_next(db, ctx, r->id);
    if (rc != RG_NOT_FOUND) {
        return rc;
    }
    rg_problem_add(
        ctx->problems, "outcome",
        "No visit of this patient is booked. Find a time first; booking it closes this recall.");
    return RG_INVALID;
}

static rg_outcome_t attempt_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const attempt_t *a = baton;
    rg_recall_t *r;
    rg_outcome_t rc = rg_recall_by_uid(db, ctx, &r, a->uid);
    if (rc != RG_OK) {
        return rc;
    }
    if (r->status != RG_RECALL_OPEN && r->status != RG_RECALL_ATTEMPTED) {
        rg_problem_add(ctx->problems, NULL, "This is already closed. Reload the list.");
        return RG_PRECONDITION;
    }
    rc = settle_recall(db, ctx, r, a);
    if (rc == RG_OK) {
        rc = rg_recall_attempt_add(db, ctx, r->id, a->outcome, a->note);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "recall.attempt", "recall", r->id,
                                      rg_attempt_name(a->outcome))
                       : rc;
}

rg_outcome_t rg_recall_attempt(const rg_ctx_t *ctx, const char *recall_uid,
                               const rg_attempt_in_t *in)
{
    int outcome = rg_attempt_parse(in->outcome);
    attempt_t a = {.uid = recall_uid, .outcome = (rg_attempt_t)outcome};
    if (!rg_may(ctx, RG_DEED_FOLLOW_UP) || ctx->who.staff_id == 0) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(recall_uid)) {
        return RG_NOT_FOUND;
    }
    a.note = rg_text_tidy(ctx->pool, in->note ? in->note : "");
    a.settled = in->settled && strcmp(in->settled, "yes") == 0;
    if (outcome < 0) {
        rg_problem_add(ctx->problems, "outcome", "Choose a result.");
    }
    if (rg_text_length(a.note) > NOTE_MAX_CHARS) {
        rg_problem_add(ctx->problems, "note", "Use at most %d characters for the note.",
                       NOTE_MAX_CHARS);
    }
    return rg_problems_any(ctx->problems) ? RG_INVALID : rg_store_once(ctx, attempt_work, &a);
}

/* --- no more of it ---------------------------------------------------------------------------- */

typedef struct {
    const char *uid;    /* NULL: by booking */
    int64_t booking_id; /* whose patient wants none */
} stop_t;

static rg_outcome_t whose(int64_t *patient, rg_db_t *db, const rg_ctx_t *ctx, const stop_t *s)
{
    rg_recall_t *r;
    rg_booking_t *b;
    rg_outcome_t rc = s->uid ? rg_recall_by_uid(db, ctx, &r, s->uid)
                             : rg_booking_row(db, ctx, &b, s->booking_id, false);
    if (rc == RG_OK) {
        *patient = s->uid ? r->patient_id : b->patient_id;
    }
    return rc == RG_OK && *patient == 0 ? RG_NOT_FOUND : rc;
}

static rg_outcome_t stop_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    int64_t patient = 0;
    rg_outcome_t rc = whose(&patient, db, ctx, baton);
    if (rc == RG_OK) {
        rc = rg_recall_stop(db, ctx, patient);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "recall.opt-out", "patient", patient, NULL) : rc;
}

rg_outcome_t rg_recall_opt_out(const rg_ctx_t *ctx, const char *recall_uid)
{
    stop_t s = {.uid = recall_uid};
    if (!rg_may(ctx, RG_DEED_FOLLOW_UP)) {
        return RG_FORBIDDEN;
    }
    return rg_uid_valid(recall_uid) ? rg_store_once(ctx, stop_work, &s) : RG_NOT_FOUND;
}

rg_outcome_t rg_recall_opt_out_mine(const rg_ctx_t *ctx, int64_t booking_id)
{
    stop_t s = {.booking_id = booking_id};
    return rg_booking_mine(ctx, booking_id, false) ? rg_store_once(ctx, stop_work, &s)
                                                   : RG_NOT_FOUND;
}

/* --- and again -------------------------------------------------------------------------------- */

enum { STILL_DAYS = 30 };

typedef struct {
    const char *uid;    /* of the patient; NULL: by booking */
    int64_t booking_id; /* whose patient wants them again */
    const char *why;
} start_t;

static rg_outcome_t start_whose(int64_t *patient, rg_db_t *db, const rg_ctx_t *ctx,
                                const start_t *s)
{
    rg_patient_t *p;
    stop_t by_booking = {.booking_id = s->booking_id};
    if (!s->uid) {
        return whose(patient, db, ctx, &by_booking);
    }
    rg_outcome_t rc = rg_patient_by_uid(db, ctx, &p, s->uid);
    *patient = rc == RG_OK ? p->id : 0;
    return rc;
}

static rg_outcome_t start_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const start_t *s = baton;
    int64_t patient = 0;
    bool did = false;
    rg_date_t today = rg_date_from_days(ctx->now / RG_DAY);
    rg_outcome_t rc = start_whose(&patient, db, ctx, s);
    if (rc == RG_OK) {
        rc = rg_recall_allow(db, ctx, &did, patient, rg_date_add(today, -STILL_DAYS));
    }
    if (rc != RG_OK || !did) {
        return rc;
    }
    rc = rg_recalls_answer(db, ctx, patient);
    return rc == RG_OK ? rg_audit_add(db, ctx, "recall.opt-in", "patient", patient, s->why) : rc;
}

rg_outcome_t rg_recall_opt_in(const rg_ctx_t *ctx, const char *patient_uid, const char *why)
{
    start_t s = {.uid = patient_uid, .why = why};
    if (!rg_may(ctx, RG_DEED_FOLLOW_UP)) {
        return RG_FORBIDDEN;
    }
    if (!why || (strcmp(why, "mistake") != 0 && strcmp(why, "asked") != 0)) {
        rg_problem_add(ctx->problems, "why", "Choose why reminders are turned back on.");
        return RG_INVALID;
    }
    return rg_uid_valid(patient_uid) ? rg_store_once(ctx, start_work, &s) : RG_NOT_FOUND;
}

rg_outcome_t rg_recall_opt_in_mine(const rg_ctx_t *ctx, int64_t booking_id)
{
    start_t s = {.booking_id = booking_id, .why = "asked"};
    return rg_booking_mine(ctx, booking_id, false) ? rg_store_once(ctx, start_work, &s)
                                                   : RG_NOT_FOUND;
}

/* --- the patient's page ----------------------------------------------------------------------- */

typedef struct {
    int64_t patient_id;
    rg_recall_t *recalls;
    int count;
    bool stopped;
} mine_t;

static rg_outcome_t mine_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    mine_t *m = baton;
    return rg_recalls_of_patient(db, ctx, &m->recalls, &m->count, &m->stopped, m->patient_id);
}

rg_outcome_t rg_recalls_of_booking(rg_recall_t **out, int *count, bool *stopped,
                                   const rg_ctx_t *ctx, const rg_booking_t *b)
{
    mine_t m = {.patient_id = b->patient_id};
    if (!rg_booking_mine(ctx, b->id, false)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = b->patient_id > 0 ? rg_store_read(ctx, mine_work, &m) : RG_OK;
    *out = m.recalls;
    *count = m.count;
    *stopped = m.stopped;
    return rc;
}

/* --- the sweep -------------------------------------------------------------------------------- */

static rg_outcome_t sweep_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_told_t *told = baton;
    int64_t ids[TELL_ONCE];
    int count;
    *told = (rg_told_t){0};
    rg_date_t today = rg_day_everywhere(ctx->now);
    rg_outcome_t rc = rg_recalls_to_tell(db, ctx, ids, &count, today, TELL_ONCE);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rg_message_fact_t fact = {.kind = RG_MESSAGE_RECALL, .about_id = ids[i]};
        rc = rg_tell_each(told, db, ctx, &fact, -1);
    }
    return rc;
}

rg_outcome_t rg_recall_sweep(int *told, const rg_ctx_t *ctx, int limit)
{
    rg_ctx_t own = rg_system_ctx(ctx);
    rg_outcome_t rc = RG_OK;
    rg_told_t some;
    *told = 0;
    do {
        some = (rg_told_t){0};
        rc = rg_store_transact(&own, sweep_work, &some);
        *told += rc == RG_OK ? some.told : 0;
    } while (rc == RG_OK && some.told == TELL_ONCE && *told < limit);
    if (rc == RG_OK) {
        rg_told_log(&some, ctx);
    }
    return rc;
}
