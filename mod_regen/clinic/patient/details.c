/* SPDX-License-Identifier: Apache-2.0 */
/* Patient, joint and payment: read and stored with the held booking. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "people.h"
#include "mod_regen/clinic/tell.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

typedef rg_details_work_t work_t;

/* --- reading ---------------------------------------------------------------------------------- */

rg_outcome_t rg_details_in(rg_details_t **out, rg_db_t *db, const rg_ctx_t *ctx,
                           const rg_booking_t *b, rg_patient_t *patient, bool payers)
{
    rg_details_t *d = apr_pcalloc(ctx->pool, sizeof(*d));
    rg_outcome_t rc = payers ? rg_payers_read(db, ctx, &d->payers, &d->payer_count) : RG_OK;
    d->patient = patient;
    if (rc == RG_OK && b->coverage_id > 0) {
        rc = rg_coverage_read(db, ctx, &d->coverage, b->coverage_id);
    }
    *out = d;
    return rc;
}

static rg_outcome_t read_patient_details(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    work_t *w = baton;
    rg_patient_t *patient;
    rg_outcome_t rc = rg_booking_with_patient(db, ctx, &w->booking, &patient, w->booking_id, NULL);
    return rc == RG_OK ? rg_details_in(&w->details, db, ctx, w->booking, patient, !w->self_pay)
                       : rc;
}

rg_outcome_t rg_details_get(rg_details_t **out, const rg_ctx_t *ctx, int64_t booking_id)
{
    work_t w = {.booking_id = booking_id};
    if (!rg_people_may(ctx, booking_id)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, read_patient_details, &w);
    *out = rc == RG_OK ? w.details : NULL;
    return rc;
}

/* --- saving ----------------------------------------------------------------------------------- */

/* Details can be entered while a time is held; afterwards only the front desk changes them. A hold
 * that expired while typing accepts them too, so that they are available for the next hold: *OVER
 * says so. */
static rg_outcome_t takes_details(const rg_ctx_t *ctx, const rg_booking_t *b, bool *over)
{
    *over = b->status == RG_BOOKING_EXPIRED || rg_booking_expired(b, ctx->now);
    if (*over || b->status == RG_BOOKING_HELD) {
        return RG_OK;
    }
    if (b->status == RG_BOOKING_CANCELLED) {
        return RG_GONE;
    }
    rg_tell(ctx->problems, ctx->who.roles, NULL,
            "This is already booked. Please call the clinic to change your details.",
            "This is already booked, so these details cannot be changed. If they are wrong, make a "
            "new booking with the correct details, then cancel this one.");
    return RG_PRECONDITION;
}

static bool is_same_person(apr_pool_t *p, const rg_patient_t *a, const rg_patient_t *b)
{
    return rg_fold_same(p, a->family, b->family) && rg_fold_same(p, a->given, b->given) &&
           rg_date_compare(a->birth_date, b->birth_date) == 0;
}

static rg_outcome_t other_patient(const rg_ctx_t *ctx)
{
    rg_problem_add(ctx->problems, "patient", "This time is held for another patient.");
    return RG_PRECONDITION;
}

/* What an API client sends about a known patient is compared, and never written. */
static rg_outcome_t check_known(rg_db_t *db, const rg_ctx_t *ctx, const work_t *w, rg_patient_t *p)
{
    rg_patient_t *known;
    int64_t held_for = w->booking->patient_id;
    if (w->known_id > 0 && held_for > 0 && w->known_id != held_for) {
        return other_patient(ctx);
    }
    rg_outcome_t rc = rg_patient_read(db, ctx, &known, w->known_id > 0 ? w->known_id : held_for);
    if (rc == RG_OK && !is_same_person(ctx->pool, known, p)) {
        return other_patient(ctx);
    }
    p->id = rc == RG_OK ? known->id : 0;
    return rc;
}

#define SAME(name, member, path) &&strcmp(a->member, b->member) == 0
static bool same_writing(const rg_patient_t *a, const rg_patient_t *b)
{
    return rg_date_compare(a->birth_date, b->birth_date) == 0 RG_NAME_FIELDS(SAME);
}

static bool same_contact(const rg_patient_t *a, const rg_patient_t *b)
{
    return true RG_CONTACT_FIELDS(SAME);
}
#undef SAME

/* If staff chose one patient and typed another, one of the two is a mistake. */
static rg_outcome_t refuse_other_patient(const rg_ctx_t *ctx, const rg_patient_t *known,
                                         const rg_patient_t *p)
{
    bool born = rg_date_compare(known->birth_date, p->birth_date) == 0;
    rg_problem_add(ctx->problems, born ? "family" : "birth_date",
                   "This time is held for %s%s%s, born %s, and the name and date of birth on file "
                   "cannot be changed here. For a different patient or name, release this time and "
                   "hold one without choosing a patient.",
                   known->given, *known->given && *known->family ? " " : "", known->family,
                   rg_date_us(ctx->pool, known->birth_date));
    return RG_INVALID;
}

/* Another booking has the row too: what was typed is this one's alone. */
static rg_outcome_t save_beside(rg_db_t *db, const rg_ctx_t *ctx, const rg_patient_t *known,
                                rg_patient_t *p)
{
    bool staff = rg_is_staff(ctx);
    if (staff && !is_same_person(ctx->pool, known, p)) {
        return refuse_other_patient(ctx, known, p);
    }
    if (staff) {
        p->family = known->family;
        p->given = known->given;
        p->given_lines = known->given_lines;
    }
    if (same_writing(known, p) && same_contact(known, p)) {
        p->id = known->id;
        return RG_OK;
    }
    return rg_patient_insert(db, ctx, p);
}

/* What was signed in another name stays with the row of that name. */
static rg_outcome_t save_again(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b,
                               rg_patient_t *p)
{
    rg_patient_t *known;
    rg_patient_use_t use;
    rg_outcome_t rc = rg_patient_read(db, ctx, &known, b->patient_id);
    rc = rc == RG_OK ? rg_patient_use(db, ctx, &use, b->patient_id, b->id) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    if (use.known) {
        return save_beside(db, ctx, known, p);
    }
    if (use.has_signed && !same_writing(known, p)) {
        return rg_patient_insert(db, ctx, p);
    }
    p->id = known->id;
    return rg_patient_update(db, ctx, p);
}

/* A patient is never looked up by typed details: nobody may learn who else is a patient here, and
 * only staff who have seen the patient merge two records of one person. */
static rg_outcome_t save_patient(rg_db_t *db, const rg_ctx_t *ctx, const work_t *w, rg_patient_t *p)
{
    bool machine = rg_is_machine(ctx);
    int64_t held_for = w->booking->patient_id;
    if (w->booking->order_id > 0 && !machine) {
        p->id = held_for; /* the order says who */
        return RG_OK;
    }
    if (machine && (held_for > 0 || w->known_id > 0)) {
        return check_known(db, ctx, w, p);
    }
    return held_for > 0 ? save_again(db, ctx, w->booking, p) : rg_patient_insert(db, ctx, p);
}

/* A coverage is its patient's. */
static rg_outcome_t save_coverage(rg_db_t *db, const rg_ctx_t *ctx, const work_t *w,
                                  rg_coverage_t *c, int64_t patient_id)
{
    c->id = 0;
    if (w->checked.self_pay) {
        return RG_OK;
    }
    c->id = patient_id == w->booking->patient_id ? w->booking->coverage_id : 0;
    return c->id > 0 ? rg_coverage_update(db, ctx, c) : rg_coverage_insert(db, ctx, c, patient_id);
}

/* What was checked, with the booking that is open. */
static rg_outcome_t store_checked(rg_db_t *db, const rg_ctx_t *ctx, work_t *w)
{
    rg_patient_t patient = w->checked.patient;
    rg_coverage_t coverage = w->checked.coverage;
    rg_owner_t by = rg_booking_by(ctx);
    rg_outcome_t rc = rg_booking_must_be_as_seen(ctx, w->booking, w->seen);
    if (rc == RG_OK) {
        rc = takes_details(ctx, w->booking, &w->over);
    }
    if (rc == RG_OK) {
        rc = save_patient(db, ctx, w, &patient);
    }
    if (rc == RG_OK) {
        rc = save_coverage(db, ctx, w, &coverage, patient.id);
    }
    if (rc == RG_OK) {
        rc = rg_booking_set_details(db, ctx, &by, w->booking, patient.id, coverage.id,
                                    w->checked.body_site, w->checked.side);
    }
    if (rc == RG_OK && w->booking->coverage_id > 0 && coverage.id != w->booking->coverage_id) {
        rc = rg_coverage_delete(db, ctx, w->booking->coverage_id);
    }
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "details.save", "booking", w->booking_id,
                          apr_psprintf(ctx->pool, "patient:%" APR_INT64_T_FMT, patient.id));
    }
    return rc;
}

rg_outcome_t rg_details_save_in(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    work_t *w = baton;
    rg_outcome_t rc = rg_booking_open(&w->booking, db, ctx, w->booking_id);
    return rc == RG_OK ? store_checked(db, ctx, w) : rc;
}

/* The order says where, and the hold has it; an API client may say the same. */
static rg_outcome_t place_of_order(work_t *w, const rg_ctx_t *ctx)
{
    rg_details_checked_t *c = &w->checked;
    const rg_booking_t *b = w->booking;
    bool elsewhere = c->body_site && *c->body_site && strcmp(c->body_site, b->body_site) != 0;
    if (elsewhere || (c->side != RG_SIDE_NONE && c->side != b->side)) {
        rg_problem_add(ctx->problems, "body_site", "The order is for another part of the body.");
        return RG_INVALID;
    }
    c->body_site = b->body_site;
    c->side = b->side;
    return RG_OK;
}

/* What was typed against what is true of W's booking, which was read with its PATIENT. */
static rg_outcome_t check_typed(rg_db_t *db, const rg_ctx_t *ctx, work_t *w,
                                const rg_details_in_t *in, rg_patient_t *patient)
{
    w->seen = in->version;
    w->self_pay = in->pay && strcmp(in->pay, "self") == 0;
    rg_outcome_t rc = rg_details_in(&w->details, db, ctx, w->booking, patient, !w->self_pay);
    rc = rc == RG_OK ? rg_catalogue_of_booking(&w->service, &w->site, db, ctx, w->booking) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    rg_details_rules_t rules = {.service = w->service,
                                .today = rg_zone_local(w->site->zone, ctx->now).date,
                                .payers = w->details->payers,
                                .payer_count = w->details->payer_count,
                                .place_later = rg_is_machine(ctx),
                                .ordered = w->booking->order_id > 0 && !rg_is_machine(ctx),
                                .roles = ctx->who.roles};
    rc = takes_details(ctx, w->booking, &w->over);
    if (rc == RG_OK && !rg_details_check(&w->checked, ctx->pool, ctx->problems, in, &rules)) {
        rc = RG_INVALID;
    }
    return rc == RG_OK && w->booking->order_id > 0 ? place_of_order(w, ctx) : rc;
}

typedef struct {
    work_t *w;
    const rg_details_in_t *in;
} typed_t;

static rg_outcome_t prepare_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const typed_t *t = baton;
    work_t *w = t->w;
    rg_patient_t *patient;
    rg_outcome_t rc = rg_booking_with_patient(db, ctx, &w->booking, &patient, w->booking_id, NULL);
    return rc == RG_OK ? check_typed(db, ctx, w, t->in, patient) : rc;
}

rg_outcome_t rg_details_prepare(work_t *w, const rg_ctx_t *ctx, const rg_details_in_t *in)
{
    typed_t t = {w, in};
    return rg_store_read(ctx, prepare_work, &t);
}

/* The booking is read once, locked: what was typed is checked against what is stored over. */
static rg_outcome_t save_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const typed_t *t = baton;
    work_t *w = t->w;
    rg_patient_t *patient;
    rg_outcome_t rc =
        rg_booking_changes(ctx, w->booking_id)
            ? rg_booking_with_patient_locked(db, ctx, &w->booking, &patient, w->booking_id)
            : RG_NOT_FOUND;
    rc = rc == RG_OK ? rg_booking_must_be_owned(ctx, w->booking) : rc;
    rc = rc == RG_OK ? check_typed(db, ctx, w, t->in, patient) : rc;
    return rc == RG_OK ? store_checked(db, ctx, w) : rc;
}

rg_outcome_t rg_details_save(const rg_ctx_t *ctx, int64_t booking_id, const rg_details_in_t *in)
{
    work_t w = {.booking_id = booking_id};
    typed_t t = {&w, in};
    if (!rg_people_may(ctx, booking_id)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_once(ctx, save_work, &t);
    if (ctx->idem && (ctx->idem->replayed || ctx->idem->other)) {
        /* Sent before: nothing was done, but what stands against it by now is said. */
        rg_outcome_t now = rg_details_prepare(&w, ctx, in);
        rc = now == RG_OK ? rc : now;
    }
    return rc == RG_OK && w.over ? RG_GONE : rc;
}

/* --- what is treated, said after it was booked ------------------------------------------------ */

typedef struct {
    int64_t booking_id;
    const char *body_site;
    rg_side_t side;
} place_t;

/* By the patient before the visit, by the front desk even after check-in. */
static bool takes_place(const rg_ctx_t *ctx, const rg_booking_t *b)
{
    bool there = b->status == RG_BOOKING_ARRIVED || b->status == RG_BOOKING_IN_PROGRESS;
    return b->status == RG_BOOKING_BOOKED || (there && rg_is_staff(ctx));
}

static void refuse_place_change(const rg_ctx_t *ctx, const rg_booking_t *b)
{
    if (*b->body_site == '\0') {
        rg_problem_add(ctx->problems, NULL, "This booking is over or was canceled.");
        return;
    }
    rg_tell(ctx->problems, ctx->who.roles, NULL,
            "The part of the body is already on file. Please call the clinic to change it.",
            "The part of the body is already on file. To change it, make a new booking with the "
            "correct one, then cancel this one.");
}

/* Once, and before any step: an entered part of the body changes only with a new booking, so that
 * an earlier consent is never about a different side. */
static rg_outcome_t place_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const place_t *w = baton;
    rg_booking_t *b;
    rg_outcome_t rc = rg_booking_open(&b, db, ctx, w->booking_id);
    if (rc != RG_OK) {
        return rc;
    }
    if (!takes_place(ctx, b) || *b->body_site != '\0') {
        refuse_place_change(ctx, b);
        return RG_PRECONDITION;
    }
    rc = rg_booking_set_place(db, ctx, b, w->body_site, w->side);
    return rc == RG_OK ? rg_audit_add(db, ctx, "details.place", "booking", b->id, NULL) : rc;
}

rg_outcome_t rg_place_save(const rg_ctx_t *ctx, int64_t booking_id, const rg_details_in_t *in)
{
    place_t w = {.booking_id = booking_id};
    rg_booking_t *b;
    rg_service_t *service;
    rg_site_t *site;
    if (!rg_people_may(ctx, booking_id) || rg_is_machine(ctx)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_booking_get(&b, ctx, booking_id);
    rc = rc == RG_OK ? rg_catalogue_by_id(&service, &site, ctx, b->service_id) : rc;
    if (rc == RG_OK && !rg_place_check(&w.body_site, &w.side, ctx->pool, ctx->problems, in, service,
                                       ctx->who.roles)) {
        rc = RG_INVALID;
    }
    return rc == RG_OK ? rg_store_once(ctx, place_work, &w) : rc;
}

/* --- carrying --------------------------------------------------------------------------------- */

typedef struct {
    int64_t from, fresh;
} carry_t;

static bool was_never_booked(const rg_booking_t *b)
{
    return b->status == RG_BOOKING_HELD || b->status == RG_BOOKING_EXPIRED;
}

/* Copies, because each booking may yet change or drop its own. */
static rg_outcome_t copy_patient(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                 const rg_booking_t *from)
{
    rg_patient_t *p;
    rg_outcome_t rc = rg_patient_read(db, ctx, &p, from->patient_id);
    rc = rc == RG_OK ? rg_patient_insert(db, ctx, p) : rc;
    *id = rc == RG_OK ? p->id : 0;
    return rc;
}

static rg_outcome_t copy_coverage(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                                  const rg_booking_t *from, int64_t patient_id)
{
    rg_coverage_t *c;
    *id = 0;
    if (from->coverage_id == 0) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_coverage_read(db, ctx, &c, from->coverage_id);
    if (rc == RG_OK) {
        rc = rg_coverage_insert(db, ctx, c, patient_id);
        *id = c->id;
    }
    return rc;
}

static rg_outcome_t carry(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const carry_t *c = baton;
    rg_booking_t *from;
    rg_booking_t *fresh;
    int64_t patient;
    int64_t coverage;
    rg_owner_t by = rg_booking_by(ctx);
    rg_outcome_t rc = rg_booking_open(&from, db, ctx, c->from);
    if (rc == RG_OK) {
        rc = rg_booking_row(db, ctx, &fresh, c->fresh, true);
    }
    if (rc != RG_OK) {
        return rc;
    }
    if (!rg_booking_owned(&by, fresh) || from->patient_id == 0 || !was_never_booked(from) ||
        fresh->patient_id != 0 || fresh->service_id != from->service_id) {
        return RG_NOT_FOUND;
    }
    rc = copy_patient(db, ctx, &patient, from);
    rc = rc == RG_OK ? copy_coverage(db, ctx, &coverage, from, patient) : rc;
    if (rc == RG_OK) {
        rc = rg_booking_set_details(db, ctx, &by, fresh, patient, coverage, from->body_site,
                                    from->side);
    }
    if (rc == RG_OK) {
        rc = rg_audit_add(db, ctx, "details.carry", "booking", c->fresh,
                          apr_psprintf(ctx->pool, "from:%" APR_INT64_T_FMT, c->from));
    }
    return rc;
}

rg_outcome_t rg_details_carry(const rg_ctx_t *ctx, int64_t from, int64_t fresh)
{
    carry_t c = {from, fresh};
    return rg_people_may(ctx, from) ? rg_store_transact(ctx, carry, &c) : RG_NOT_FOUND;
}
