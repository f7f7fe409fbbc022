/* SPDX-License-Identifier: Apache-2.0 */
/* One booking after its hold: read, extend, confirm, release, cancel, no-show. Each change locks
 * the booking's row, so that the answer is still true when it is given. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/identity/secret.h"
#include "mod_regen/clinic/tell.h"
#include "mod_regen/clinic/waitlist/waitlist.h"
#include "regen/clinic/booking.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/definitions.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/transact.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/clinic/schedule.h"

#include <string.h>

#include <apr_strings.h>

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct {
    int64_t id;
    const char *uid; /* NULL: by id */
    bool brief;      /* without parts */
    rg_booking_t *booking;
    rg_patient_t *patient;
} get_t;

static rg_outcome_t get_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    get_t *g = baton;
    rg_outcome_t rc = rg_booking_with_patient(db, ctx, &g->booking, &g->patient, g->id, g->uid);
    return rc == RG_OK && !g->brief ? rg_booking_parts(db, ctx, g->booking) : rc;
}

/* As it reads now. */
static rg_outcome_t booking_seen(rg_booking_t **out, const rg_ctx_t *ctx, rg_booking_t *b)
{
    if (!rg_booking_seen(ctx, b)) {
        return RG_NOT_FOUND;
    }
    if (rg_booking_expired(b, ctx->now)) {
        b->status = RG_BOOKING_EXPIRED;
        b->hold_expires_at = 0;
    }
    b->hold_extends = b->hold_extended < ctx->policy->hold_extensions;
    *out = b;
    return RG_OK;
}

static rg_outcome_t get_booking(rg_booking_t **out, const rg_ctx_t *ctx, get_t *g)
{
    rg_outcome_t rc = rg_store_read(ctx, get_work, g);
    return rc == RG_OK ? booking_seen(out, ctx, g->booking) : rc;
}

static rg_outcome_t get_in(rg_booking_t **out, rg_patient_t **patient, rg_db_t *db,
                           const rg_ctx_t *ctx, get_t *g)
{
    if (!rg_booking_mine(ctx, g->uid ? 0 : g->id, true) || (g->uid && !rg_uid_valid(g->uid))) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = get_work(db, ctx, g);
    *patient = g->patient;
    return rc == RG_OK ? booking_seen(out, ctx, g->booking) : rc;
}

rg_outcome_t rg_booking_get_in(rg_booking_t **out, rg_patient_t **patient, rg_db_t *db,
                               const rg_ctx_t *ctx, int64_t id, const char *uid)
{
    get_t g = {.id = id, .uid = uid};
    return get_in(out, patient, db, ctx, &g);
}

rg_outcome_t rg_booking_brief_in(rg_booking_t **out, rg_patient_t **patient, rg_db_t *db,
                                 const rg_ctx_t *ctx, int64_t id)
{
    get_t g = {.id = id, .brief = true};
    return get_in(out, patient, db, ctx, &g);
}

rg_outcome_t rg_booking_get(rg_booking_t **out, const rg_ctx_t *ctx, int64_t booking_id)
{
    get_t g = {.id = booking_id};
    return rg_booking_mine(ctx, booking_id, true) ? get_booking(out, ctx, &g) : RG_NOT_FOUND;
}

rg_outcome_t rg_booking_get_by_uid(rg_booking_t **out, const rg_ctx_t *ctx, const char *uid)
{
    get_t g = {.uid = uid};
    return rg_booking_mine(ctx, 0, true) && rg_uid_valid(uid) ? get_booking(out, ctx, &g)
                                                              : RG_NOT_FOUND;
}

/* --- the link --------------------------------------------------------------------------------- */

rg_outcome_t rg_booking_by_link(int64_t *booking_id, const rg_ctx_t *ctx, const char *link)
{
    return rg_secret_opens(booking_id, ctx, link, rg_booking_id_by_link);
}

bool rg_booking_link_is(const rg_ctx_t *ctx, const rg_booking_t *b, const char *link)
{
    unsigned char hash[32];
    return rg_secret_hash(hash, link) && rg_crypto_equal(hash, b->link_hash, sizeof(hash)) &&
           ctx->now < b->ends_at + ctx->policy->link_lifetime;
}

/* --- changes: what they have in common -------------------------------------------------------- */

typedef struct {
    int64_t id;
    const char *reason;
    int version;  /* as shown to the caller; 0: any */
    bool closing; /* by the clinic, for any owner */
    bool hold;    /* only while it is a hold: what is booked stays */
    const rg_booking_note_t *note;
    const rg_hold_extra_t *extra; /* NULL: no rule is broken */
    unsigned char link_hash[32];
} change_t;

static rg_outcome_t forbid_change(const rg_ctx_t *ctx, const char *field, const char *text)
{
    rg_problem_add(ctx->problems, field, "%s", text);
    return RG_PRECONDITION;
}

rg_outcome_t rg_booking_must_be_held(const rg_ctx_t *ctx, const rg_booking_t *b)
{
    if (b->status == RG_BOOKING_EXPIRED || rg_booking_expired(b, ctx->now)) {
        rg_problem_add(ctx->problems, NULL, "The time is no longer held. Choose a time again.");
        return RG_GONE;
    }
    if (b->status == RG_BOOKING_CANCELLED) {
        return forbid_change(ctx, NULL, "This booking was canceled. Choose a time again.");
    }
    return b->status == RG_BOOKING_HELD ? RG_OK
                                        : forbid_change(ctx, NULL, "This time is already booked.");
}

/* --- extend ----------------------------------------------------------------------------------- */

static rg_outcome_t extend_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const change_t *c = baton;
    rg_booking_t *b;
    rg_outcome_t rc = rg_booking_open(&b, db, ctx, c->id);
    if (rc == RG_OK) {
        rc = rg_booking_must_be_held(ctx, b);
    }
    if (rc == RG_OK && b->hold_extended >= ctx->policy->hold_extensions) {
        rc = forbid_change(ctx, NULL, "This time cannot be held any longer.");
    }
    if (rc == RG_OK) {
        rg_owner_t by = rg_booking_by(ctx);
        rc = rg_booking_hold_until(db, ctx, &by, b, b->hold_expires_at + ctx->policy->hold_time);
    }
    return rc == RG_OK ? rg_booking_audit(db, ctx, "booking.extend", c->id, NULL) : rc;
}

rg_outcome_t rg_booking_extend(const rg_ctx_t *ctx, int64_t booking_id)
{
    change_t c = {.id = booking_id};
    return rg_store_once(ctx, extend_work, &c);
}

/* --- cancel ----------------------------------------------------------------------------------- */

/* Codes only: what a patient typed does not belong in the audit trail. */
static const char *reason_code(const char *reason)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    bool fine =
        reason && reason[0] && strlen(reason) <= 40 && strspn(reason, letters) == strlen(reason);
    return fine ? reason : "other";
}

/* Past the notice a patient cannot cancel alone; where the clinic does, it is noted with its
 * reason. */
static rg_outcome_t notice_kept(rg_db_t *db, const rg_ctx_t *ctx, const change_t *c,
                                const rg_booking_t *b)
{
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_get_version(&k, db, ctx, b->definitions);
    if (rc != RG_OK) {
        return rc;
    }
    const rg_clinic_service_t *s = rg_clinic_service(k, b->service_id);
    if (!s) {
        return rg_clinic_missing(k, RG_INTERNAL);
    }
    if (ctx->now <= rg_cancel_last(b, &s->service)) {
        return RG_OK;
    }
    return rg_is_staff(ctx)
               ? rg_booking_note_over(db, ctx, b->id, 1u << RG_RULE_CANCEL_NOTICE,
                                      reason_code(c->reason))
               : forbid_change(ctx, NULL,
                               "It is too late to cancel online. Please call the clinic.");
}

static rg_outcome_t may_cancel(rg_db_t *db, const rg_ctx_t *ctx, const change_t *c,
                               const rg_booking_t *b)
{
    switch (b->status) {
    case RG_BOOKING_HELD: return rg_booking_must_be_held(ctx, b);
    case RG_BOOKING_BOOKED: return notice_kept(db, ctx, c, b);
    case RG_BOOKING_EXPIRED: return rg_booking_must_be_held(ctx, b);
    case RG_BOOKING_CANCELLED: return forbid_change(ctx, NULL, "This booking is already canceled.");
    default:
        return forbid_change(ctx, NULL,
                             "The visit has begun or is over, so it cannot be canceled.");
    }
}

static rg_outcome_t send_message(rg_db_t *db, const rg_ctx_t *ctx, rg_message_kind_t kind,
                                 int64_t id)
{
    rg_message_fact_t fact = {.kind = kind, .about_id = id};
    return rg_message_add(db, ctx, &fact);
}

/* Of a course that began, staff cancel what is left. */
static rg_outcome_t cancel_rest(rg_db_t *db, const rg_ctx_t *ctx, const change_t *c,
                                const rg_booking_t *b)
{
    return rg_booking_cancel_rest(db, ctx, b, reason_code(c->reason));
}

rg_outcome_t rg_booking_must_be_as_seen(const rg_ctx_t *ctx, const rg_booking_t *b, int version)
{
    if (version == 0 || version == b->version) {
        return RG_OK;
    }
    rg_problem_add(ctx->problems, "version",
                   "This booking has changed in the meantime. Reload it and check it again.");
    return RG_CONFLICT;
}

static rg_outcome_t open_to_cancel(rg_booking_t **b, rg_db_t *db, const rg_ctx_t *ctx,
                                   const change_t *c)
{
    rg_outcome_t rc =
        c->closing ? rg_booking_row(db, ctx, b, c->id, true) : rg_booking_open(b, db, ctx, c->id);
    if (rc == RG_OK) {
        rc = rg_booking_must_be_as_seen(ctx, *b, c->version);
    }
    return rc == RG_OK && c->hold ? rg_booking_must_be_held(ctx, *b) : rc;
}

static rg_outcome_t leave_time(rg_db_t *db, const rg_ctx_t *ctx, const change_t *c,
                               const rg_booking_t *b)
{
    static const rg_owner_t clinic = {.kind = "clinic"};
    rg_owner_t by = c->closing ? clinic : rg_booking_by(ctx);
    rg_outcome_t rc = rg_booking_leave(db, ctx, &by, b, RG_BOOKING_CANCELLED);
    if (rc == RG_OK && b->status == RG_BOOKING_BOOKED) {
        rc = send_message(db, ctx, RG_MESSAGE_CANCELLATION, b->id);
    }
    rg_freed_note(db, b->starts_at, b->ends_at);
    return rc;
}

static rg_outcome_t cancel_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    change_t *c = baton;
    rg_booking_t *b;
    rg_outcome_t rc = open_to_cancel(&b, db, ctx, c);
    if (rc == RG_OK && rg_is_staff(ctx) &&
        (b->status == RG_BOOKING_ARRIVED || b->status == RG_BOOKING_IN_PROGRESS)) {
        return cancel_rest(db, ctx, c, b);
    }
    if (rc == RG_OK) {
        rc = may_cancel(db, ctx, c, b);
    }
    if (rc == RG_OK) {
        rc = leave_time(db, ctx, c, b);
    }
    if (rc == RG_OK && c->note) {
        rc = rg_booking_note(db, ctx, b->id, c->note, false);
    }
    return rc == RG_OK ? rg_booking_audit(db, ctx, "booking.cancel", c->id, reason_code(c->reason))
                       : rc;
}

static rg_outcome_t cancel(const rg_ctx_t *ctx, change_t *c)
{
    return rg_transact_once(ctx, cancel_work, c);
}

rg_outcome_t rg_booking_cancel_in(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id, int version,
                                  const char *reason)
{
    change_t c = {.id = booking_id, .version = version, .reason = reason, .closing = true};
    return cancel_work(db, ctx, &c);
}

rg_outcome_t rg_booking_give_back_in(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id,
                                     const char *reason)
{
    change_t c = {.id = booking_id, .reason = reason, .hold = true};
    return cancel_work(db, ctx, &c);
}

rg_outcome_t rg_booking_cancel(const rg_ctx_t *ctx, int64_t booking_id, const char *reason)
{
    return rg_booking_cancel_version(ctx, booking_id, 0, reason);
}

rg_outcome_t rg_booking_cancel_version(const rg_ctx_t *ctx, int64_t booking_id, int version,
                                       const char *reason)
{
    return rg_booking_cancel_noted(ctx, booking_id, version, reason, NULL);
}

rg_outcome_t rg_booking_cancel_noted(const rg_ctx_t *ctx, int64_t booking_id, int version,
                                     const char *reason, const rg_booking_note_t *note)
{
    change_t c = {.id = booking_id, .reason = reason, .version = version, .note = note};
    return cancel(ctx, &c);
}

rg_outcome_t rg_booking_give_back(const rg_ctx_t *ctx, int64_t booking_id, const char *reason)
{
    change_t c = {.id = booking_id, .reason = reason, .hold = true};
    return cancel(ctx, &c);
}

/* --- confirm ---------------------------------------------------------------------------------- */

/* An API client may leave the part of the body to the patient: no step can begin before it is
 * known. */
static bool knows_enough(const rg_ctx_t *ctx, const rg_booking_t *b, const rg_service_t *s)
{
    bool later = rg_is_machine(ctx);
    bool paid = b->self_pay == 1 || (b->self_pay == 0 && b->coverage_id != 0);
    bool where = later || !s->needs_body_site || b->body_site[0] != '\0';
    return b->patient_id != 0 && paid && where;
}

/* Consents may be signed later: no step begins without them. */
static rg_outcome_t must_be_complete(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_get_version(&k, db, ctx, b->definitions);
    const rg_clinic_service_t *s = rc == RG_OK ? rg_clinic_service(k, b->service_id) : NULL;
    if (!s) {
        return rc == RG_OK ? rg_clinic_missing(k, RG_INTERNAL) : rc;
    }
    rc = rg_order_confirms(db, ctx, b, &s->service);
    if (rc != RG_OK || knows_enough(ctx, b, &s->service)) {
        return rc;
    }
    rg_tell(ctx->problems, ctx->who.roles, "details",
            "First tell us who the patient is, which part of the body is treated and who pays.",
            "First enter the patient, the part of the body and the payment.");
    return RG_PRECONDITION;
}

static const char *link_of(const rg_ctx_t *ctx, int64_t id)
{
    return apr_psprintf(ctx->pool, "link:%" APR_INT64_T_FMT, id);
}

const char *rg_booking_link_make(const rg_ctx_t *ctx, unsigned char hash[32], int64_t id)
{
    return rg_secret_of_request(ctx, hash, link_of(ctx, id));
}

rg_outcome_t rg_booking_link_answer(const char **link, const rg_ctx_t *ctx, const char *fresh,
                                    int64_t id)
{
    return rg_secret_answer(link, ctx, fresh, link_of(ctx, id));
}

/* The deadlines in the confirmation apply from here on. */
static rg_outcome_t confirm_told(rg_db_t *db, const rg_ctx_t *ctx, const rg_booking_t *b)
{
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_get_version(&k, db, ctx, b->definitions);
    const rg_clinic_service_t *s = rc == RG_OK ? rg_clinic_service(k, b->service_id) : NULL;
    const rg_site_t *site = s ? rg_clinic_site(k, s->service.site_id) : NULL;
    rg_message_fact_t fact = {.kind = RG_MESSAGE_CONFIRMATION, .about_id = b->id};
    if (site && site->zone) {
        fact.until_at = rg_deadlines(b, &s->service, ctx->now).cancel_until;
        fact.prepare_at = rg_preparing_first(&s->service, site->zone, b->starts_at, ctx->now);
    }
    return rc == RG_OK ? rg_message_add(db, ctx, &fact) : rc;
}

rg_outcome_t rg_booking_confirm_in(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int version,
                                   const unsigned char link_hash[32], const rg_hold_extra_t *extra)
{
    rg_booking_t *b;
    rg_outcome_t rc = rg_booking_open(&b, db, ctx, id);
    if (rc == RG_OK) {
        rc = rg_booking_must_be_held(ctx, b);
    }
    if (rc == RG_OK) {
        rc = rg_booking_must_be_as_seen(ctx, b, version);
    }
    if (rc == RG_OK) {
        rc = must_be_complete(db, ctx, b);
    }
    if (rc != RG_OK) {
        return rc;
    }
    rc = rg_person_book(db, ctx, b, link_hash, extra);
    if (rc == RG_OK) {
        rc = confirm_told(db, ctx, b);
    }
    return rc == RG_OK ? rg_booking_audit(db, ctx, "booking.confirm", b->id, NULL) : rc;
}

static rg_outcome_t confirm_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const change_t *c = baton;
    return rg_booking_confirm_in(db, ctx, c->id, c->version, c->link_hash, c->extra);
}

rg_outcome_t rg_booking_confirm_as(const char **link, const rg_ctx_t *ctx, int64_t booking_id,
                                   int version, const rg_hold_extra_t *extra)
{
    change_t c = {.id = booking_id, .version = version, .extra = extra};
    const char *fresh = rg_booking_link_make(ctx, c.link_hash, booking_id);
    rg_outcome_t rc = rg_store_once(ctx, confirm_work, &c);
    *link = NULL;
    return rc == RG_OK ? rg_booking_link_answer(link, ctx, fresh, booking_id) : rc;
}

rg_outcome_t rg_booking_confirm_version(const char **link, const rg_ctx_t *ctx, int64_t booking_id,
                                        int version)
{
    return rg_booking_confirm_as(link, ctx, booking_id, version, NULL);
}

rg_outcome_t rg_booking_confirm(const char **link, const rg_ctx_t *ctx, int64_t booking_id)
{
    return rg_booking_confirm_version(link, ctx, booking_id, 0);
}

/* --- no-show ---------------------------------------------------------------------------------- */

static rg_outcome_t no_show_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    change_t *c = baton;
    rg_booking_t *b;
    rg_outcome_t rc = rg_booking_open(&b, db, ctx, c->id);
    rc = rc == RG_OK ? rg_booking_must_be_as_seen(ctx, b, c->version) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    if (b->status != RG_BOOKING_BOOKED) {
        return forbid_change(ctx, NULL, "Only a booked visit can be marked as a no-show.");
    }
    if (ctx->now < b->starts_at) {
        return forbid_change(ctx, NULL, "The visit has not started yet.");
    }
    rg_owner_t by = rg_booking_by(ctx);
    rc = rg_booking_leave(db, ctx, &by, b, RG_BOOKING_NO_SHOW);
    rg_freed_note(db, b->starts_at, b->ends_at);
    return rc == RG_OK ? rg_booking_audit(db, ctx, "booking.no-show", b->id, NULL) : rc;
}

rg_outcome_t rg_booking_no_show(const rg_ctx_t *ctx, int64_t booking_id)
{
    return rg_booking_no_show_version(ctx, booking_id, 0);
}

rg_outcome_t rg_booking_no_show_version(const rg_ctx_t *ctx, int64_t booking_id, int version)
{
    change_t c = {.id = booking_id, .version = version};
    if (!rg_is_staff(ctx)) {
        return RG_NOT_FOUND;
    }
    if (!rg_may(ctx, RG_DEED_NO_SHOW)) {
        return RG_FORBIDDEN;
    }
    return rg_transact_once(ctx, no_show_work, &c);
}
