/* SPDX-License-Identifier: Apache-2.0 */
/* The front desk: finding the patient on the phone, their bookings, and holding a time for them. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/patient/people.h"
#include "mod_regen/clinic/identity/secret.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/patient.h"
#include "regen/store/booking.h"
#include "regen/store/change.h"
#include "regen/store/desk.h"
#include "regen/store/followup.h"
#include "regen/store/patient.h"
#include "regen/store/record.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

enum { HITS_MAX = 50, ALIKE_MAX = 8, REASON_MIN = 3, REASON_MAX = 200 };

/* --- looking for a patient -------------------------------------------------------------------- */

typedef struct {
    rg_patient_seek_t by;
    rg_patient_hits_t *out;
} seek_t;

static void read_born(rg_date_t *born, const rg_ctx_t *ctx, const char *typed)
{
    if (*rg_text_tidy(ctx->pool, typed ? typed : "") != '\0') {
        (void)rg_birth_date_read(born, ctx, typed, NULL);
    }
}

/* Nine digits may be a phone number and the number of a booking: then both are looked for. */
static bool read_reach(rg_patient_seek_t *by, const rg_ctx_t *ctx, const char *typed)
{
    const char *s = rg_text_tidy(ctx->pool, typed ? typed : "");
    if (!*s) {
        return false;
    }
    if (strchr(s, '@')) {
        by->email = rg_email_read(ctx->pool, s);
    }
    else {
        by->phone = rg_phone_read(ctx->pool, s);
        by->number = rg_number_read(ctx->pool, s);
    }
    if (!by->email && !by->phone && !by->number) {
        rg_problem_add(ctx->problems, "reach",
                       "Enter a full phone number, an email address, or the nine letters and "
                       "digits of a booking number.");
    }
    return true;
}

static bool read_seek(rg_patient_seek_t *by, const rg_ctx_t *ctx, const rg_patient_wish_t *in)
{
    by->family = rg_text_tidy(ctx->pool, in->family ? in->family : "");
    by->given = rg_text_tidy(ctx->pool, in->given ? in->given : "");
    read_born(&by->born, ctx, in->birth_date);
    bool reach = read_reach(by, ctx, in->reach);
    if (!reach && !*by->family && !*by->given && by->born.year == 0 &&
        !rg_problems_any(ctx->problems)) {
        rg_problem_add(ctx->problems, "family",
                       "Enter a name or its first letters, a date of birth, a phone number, an "
                       "email address or a booking number.");
    }
    return !rg_problems_any(ctx->problems);
}

static rg_outcome_t seek_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    seek_t *s = baton;
    rg_patient_hits_t *h = s->out;
    rg_outcome_t rc = rg_patients_find(db, ctx, &s->by, HITS_MAX + 1, &h->hits, &h->count);
    h->more = rc == RG_OK && h->count > HITS_MAX;
    h->count = h->more ? HITS_MAX : h->count;
    return rc == RG_OK ? rg_audit_add(db, ctx, "patient.search", "patient", 0,
                                      apr_psprintf(ctx->pool, "hits:%d", h->count))
                       : rc;
}

rg_outcome_t rg_desk_patients(rg_patient_hits_t **out, const rg_ctx_t *ctx,
                              const rg_patient_wish_t *in)
{
    seek_t s = {.out = apr_pcalloc(ctx->pool, sizeof(rg_patient_hits_t))};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    if (rc != RG_OK) {
        return rc;
    }
    if (!read_seek(&s.by, ctx, in)) {
        return RG_INVALID;
    }
    *out = s.out;
    return rg_store_transact(ctx, seek_work, &s);
}

/* --- one patient ------------------------------------------------------------------------------ */

typedef struct {
    const char *uid;
    rg_patient_file_t *file;
} file_t;

static rg_outcome_t file_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    file_t *f = baton;
    rg_outcome_t rc = rg_patient_by_uid(db, ctx, &f->file->patient, f->uid);
    rc = rc == RG_OK ? rg_patient_bookings(db, ctx, f->file->patient->id, &f->file->bookings,
                                           &f->file->booking_count)
                     : rc;
    rc = rc == RG_OK ? rg_recalls_of_person(db, ctx, &f->file->recalls, &f->file->recall_count,
                                            f->file->patient->id)
                     : rc;
    rc = rc == RG_OK ? rg_recall_stopped(db, ctx, &f->file->reminders_stopped, f->file->patient->id)
                     : rc;
    rc = rc == RG_OK ? rg_alike_of(db, ctx, f->file->patient->id, ALIKE_MAX, &f->file->alikes,
                                   &f->file->alike_count)
                     : rc;
    rc = rc == RG_OK ? rg_person_facts(db, ctx, &f->file->facts, f->file->patient->id) : rc;
    rc = rc == RG_OK ? rg_merged_read(db, ctx, f->file->patient->id, &f->file->merged,
                                      &f->file->merged_count)
                     : rc;
    return rc == RG_OK ? rg_audit_add(db, ctx, "patient.view", "patient", f->file->patient->id, "")
                       : rc;
}

rg_outcome_t rg_desk_patient(rg_patient_file_t **out, const rg_ctx_t *ctx, const char *patient_uid)
{
    file_t f = {patient_uid, apr_pcalloc(ctx->pool, sizeof(rg_patient_file_t))};
    rg_catalogue_t *catalogue;
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    if (rc == RG_OK && !rg_uid_valid(patient_uid)) {
        rc = RG_NOT_FOUND;
    }
    rc = rc == RG_OK ? rg_catalogue_list(&catalogue, ctx) : rc;
    rc = rc == RG_OK ? rg_store_transact(ctx, file_work, &f) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    f.file->asked_uid = strcmp(patient_uid, f.file->patient->uid) != 0 ? patient_uid : NULL;
    f.file->site = catalogue->site;
    f.file->now = ctx->now;
    for (int i = 0; i < f.file->booking_count; i++) {
        rg_booking_t *b = f.file->bookings[i];
        if (rg_booking_expired(b, ctx->now)) {
            b->status = RG_BOOKING_EXPIRED;
            b->hold_expires_at = 0;
        }
    }
    *out = f.file;
    return RG_OK;
}

/* --- holding a time for somebody -------------------------------------------------------------- */

typedef struct {
    const char *uid, *recall_uid; /* recall NULL: none */
    rg_hold_extra_t *to;
} whom_t;

static rg_outcome_t whom_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    whom_t *w = baton;
    rg_patient_t *patient;
    rg_recall_t *recall;
    rg_outcome_t rc = rg_patient_by_uid(db, ctx, &patient, w->uid);
    w->to->patient_id = rc == RG_OK ? patient->id : 0;
    if (rc != RG_OK || !w->recall_uid) {
        return rc;
    }
    rc = rg_recall_by_uid(db, ctx, &recall, w->recall_uid);
    w->to->recall_id = rc == RG_OK ? recall->id : 0;
    return rc == RG_OK && recall->person_id != patient->id ? RG_NOT_FOUND : rc;
}

/* The patient, and the recall it is for. */
static rg_outcome_t find_whom(rg_hold_extra_t *to, const rg_ctx_t *ctx, const rg_desk_hold_in_t *in)
{
    bool recalled = in->recall_uid && *in->recall_uid;
    whom_t w = {in->patient_uid, recalled ? in->recall_uid : NULL, to};
    if (!in->patient_uid || !*in->patient_uid) {
        return recalled ? RG_NOT_FOUND : RG_OK;
    }
    bool valid = rg_uid_valid(w.uid) && (!recalled || rg_uid_valid(w.recall_uid));
    return valid ? rg_store_read(ctx, whom_work, &w) : RG_NOT_FOUND;
}

/* The order to book on says whom for. */
static rg_outcome_t find_order(rg_hold_extra_t *to, const rg_ctx_t *ctx, const char *uid)
{
    rg_order_t *on;
    if (!uid || !*uid) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_order_named(&on, ctx, uid);
    if (rc == RG_OK) {
        to->order_id = on->id;
        to->patient_id = to->patient_id > 0 ? to->patient_id : on->patient.id;
    }
    return rc;
}

/* Rules are broken with a reason or not at all. */
static rg_outcome_t read_over(rg_hold_extra_t *to, const rg_ctx_t *ctx, unsigned over,
                              const char *typed)
{
    const char *reason = rg_text_tidy(ctx->pool, typed ? typed : "");
    size_t length = rg_text_length(reason);
    to->over = over & ((1u << RG_RULE_COUNT) - 1);
    to->reason = *reason ? reason : NULL;
    if (length > REASON_MAX || (length < REASON_MIN && (over != 0 || length > 0))) {
        rg_problem_add(ctx->problems, "reason",
                       "Enter a reason of %d to %d characters for overriding the rule.", REASON_MIN,
                       REASON_MAX);
        return RG_INVALID;
    }
    return RG_OK;
}

rg_outcome_t rg_desk_hold(rg_hold_t *out, const rg_ctx_t *ctx, const rg_desk_hold_in_t *in)
{
    rg_hold_extra_t extra = {0};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    rc = rc == RG_OK ? read_over(&extra, ctx, in->over, in->reason) : rc;
    rc = rc == RG_OK ? find_whom(&extra, ctx, in) : rc;
    rc = rc == RG_OK ? find_order(&extra, ctx, in->order_uid) : rc;
    return rc == RG_OK ? rg_booking_hold_as(out, ctx, &in->wish, &extra) : rc;
}

rg_outcome_t rg_desk_move(rg_hold_t *out, const rg_ctx_t *ctx, int64_t booking_id,
                          const rg_desk_move_in_t *in)
{
    rg_hold_extra_t extra = {0};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    rc = rc == RG_OK ? read_over(&extra, ctx, in->over, in->reason) : rc;
    extra.visit = in->visit;
    return rc == RG_OK ? rg_booking_move_as(out, ctx, booking_id, &in->to, &extra) : rc;
}

rg_outcome_t rg_desk_book(const char **link, const rg_ctx_t *ctx, int64_t booking_id, unsigned over,
                          const char *reason)
{
    rg_hold_extra_t extra = {0};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    *link = NULL;
    rc = rc == RG_OK ? read_over(&extra, ctx, over, reason) : rc;
    return rc == RG_OK ? rg_booking_confirm_as(link, ctx, booking_id, 0, &extra) : rc;
}

/* --- details to begin with -------------------------------------------------------------------- */

typedef struct {
    const rg_booking_t *booking;
    rg_details_t *details;
} known_t;

static rg_outcome_t known_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const known_t *k = baton;
    rg_details_t *d = k->details;
    rg_patient_use_t use;
    int64_t id = 0;
    rg_outcome_t rc = rg_patient_use(db, ctx, &use, d->patient->id, k->booking->id);
    d->known = rc == RG_OK && use.known;
    if (rc == RG_OK && k->booking->self_pay < 0) {
        rc = rg_coverage_last(db, ctx, d->patient->id, &id);
    }
    return rc == RG_OK && id > 0 ? rg_coverage_read(db, ctx, &d->coverage, id) : rc;
}

rg_outcome_t rg_desk_details(rg_details_t **out, const rg_ctx_t *ctx, int64_t booking_id)
{
    rg_booking_t *b;
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    rc = rc == RG_OK ? rg_booking_get(&b, ctx, booking_id) : rc;
    rc = rc == RG_OK ? rg_details_get(out, ctx, booking_id) : rc;
    if (rc != RG_OK || !(*out)->patient) {
        return rc;
    }
    known_t k = {b, *out};
    return rg_store_read(ctx, known_work, &k);
}

/* --- the link made anew ----------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    unsigned char hash[32];
} relink_t;

static rg_outcome_t relink_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const relink_t *l = baton;
    rg_outcome_t rc = rg_booking_relink(db, ctx, l->id, l->hash);
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, NULL, "A private link can be made only after booking.");
        return RG_PRECONDITION;
    }
    return rc == RG_OK ? rg_booking_audit(db, ctx, "booking.link", l->id, NULL) : rc;
}

rg_outcome_t rg_desk_link(const char **link, const rg_ctx_t *ctx, int64_t booking_id)
{
    relink_t l = {.id = booking_id};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    if (rc != RG_OK) {
        return rc;
    }
    const char *fresh = rg_booking_link_make(ctx, l.hash, booking_id);
    rc = rg_store_once(ctx, relink_work, &l);
    *link = NULL;
    return rc == RG_OK ? rg_booking_link_answer(link, ctx, fresh, booking_id) : rc;
}
