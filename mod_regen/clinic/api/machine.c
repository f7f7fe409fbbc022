/* SPDX-License-Identifier: Apache-2.0 */
/* Booking by API clients: proposals with concrete visits, holds, and complete bookings in one
 * request. The rules are those of patients; an API client cannot do more, only faster. */
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/schedule/local_days.h"
#include "mod_regen/clinic/patient/people.h"
#include "regen/clinic/api.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/identity.h"
#include "regen/clinic/patient.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"
#include "regen/store/booking.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/definitions/current.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <string.h>

#include <apr_strings.h>

enum { SWEEP_MOST = 1000, NATURAL_MOST = 200 };

/* --- proposals -------------------------------------------------------------------------------- */

typedef struct {
    const rg_propose_in_t *in;
    apr_time_t from, until; /* narrowed to what can be booked */
    rg_offer_t *offer;      /* NULL: nothing can be */
    bool expired;           /* holds are over that still take time */
} propose_t;

/* From the begin of the first day to the end of the last, so that fairness sees whole days. */
static bool narrow_window(propose_t *k, const rg_ctx_t *ctx, const rg_service_t *s,
                          const rg_zone_t *zone)
{
    apr_time_t earliest = rg_window_from(s, zone, ctx->now);
    apr_time_t beyond = rg_window_until(s, zone, ctx->now);
    k->from = k->in->from > earliest ? k->in->from : earliest;
    k->until = k->in->until < beyond ? k->in->until : beyond;
    rg_date_t last = rg_date_add(rg_zone_local(zone, k->from).date, ctx->policy->search_days);
    apr_time_t most = rg_zone_utc(zone, last, 0);
    k->until = k->until < most ? k->until : most;
    return k->from < k->until;
}

static rg_outcome_t offer_to_propose(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *c,
                                     void *baton)
{
    propose_t *k = baton;
    const rg_clinic_service_t *s = rg_clinic_service_by_code(c, k->in->service_code);
    const rg_site_t *site = s ? rg_clinic_site(c, s->service.site_id) : NULL;
    if (!site || !rg_clinic_offers(ctx, s)) {
        return rg_clinic_missing(c, RG_NOT_FOUND);
    }
    if (!narrow_window(k, ctx, &s->service, site->zone)) {
        return RG_GONE; /* distinguished from refusals by the caller */
    }
    rg_date_t first = rg_zone_local(site->zone, k->from).date;
    return rg_offer_make(out, ctx, c, s, k->in->targets, k->in->practitioner_id,
                         rg_zone_utc(site->zone, first, 0), k->until);
}

static rg_outcome_t propose_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    propose_t *k = baton;
    rg_outcome_t rc = rg_offer_now(&k->offer, &k->expired, db, ctx, offer_to_propose, k);
    if (rc == RG_GONE) {
        k->offer = NULL;
        return RG_OK;
    }
    return rc;
}

static const int64_t *loads_of_day(apr_pool_t *p, const rg_offer_t *o, rg_date_t day)
{
    int64_t *load = apr_palloc(p, sizeof(*load) * (size_t)(o->count + 1));
    int64_t from = rg_granule_of(rg_zone_utc(o->site->zone, day, 0)) - o->from;
    int64_t until = rg_granule_of(rg_zone_utc(o->site->zone, rg_date_add(day, 1), 0)) - o->from;
    for (int i = 0; i < o->count; i++) {
        load[i] = rg_bits_count(&o->taken[i], from, until);
    }
    return load;
}

static void note_resource(rg_visit_t *v, int64_t id)
{
    for (int i = 0; i < v->resource_count; i++) {
        if (v->resources[i] == id) {
            return;
        }
    }
    v->resources[v->resource_count++] = id;
}

static bool of_visit(const rg_booking_t *b, int step_no, int visit_no)
{
    for (int i = 0; i < b->step_count; i++) {
        if (b->steps[i].step_no == step_no) {
            return b->steps[i].visit_no == visit_no;
        }
    }
    return false;
}

static void visit_of_hold(rg_visit_t *v, apr_pool_t *p, const rg_booking_t *b,
                          const rg_appointment_t *a, int64_t service_id)
{
    *v = (rg_visit_t){.service_id = service_id,
                      .uid = "",
                      .booking_uid = "",
                      .visit_no = a->visit_no,
                      .status = RG_VISIT_PROPOSED,
                      .starts_at = a->starts_at,
                      .ends_at = a->ends_at,
                      .body_site = ""};
    v->person.patient.uid = "";
    v->resources = apr_palloc(p, sizeof(*v->resources) * (size_t)(b->resource_count + 1));
    for (int i = 0; i < b->resource_count; i++) {
        if (of_visit(b, b->resources[i].step_no, a->visit_no)) {
            note_resource(v, b->resources[i].resource_id);
        }
    }
}

static bool fill_proposal(rg_proposal_t *out, const rg_ctx_t *ctx, rg_offer_t *o, int at)
{
    rg_plan_t plan;
    rg_booking_t b = {0};
    rg_wish_t w = {.offer = o};
    rg_date_t day = rg_offer_day(o, at);
    if (!rg_plan_make(&plan, ctx->pool, &o->search, at, loads_of_day(ctx->pool, o, day))) {
        return false;
    }
    rg_wish_lay_out(&b, ctx, &w, &plan);
    out->start = b.starts_at;
    out->visit_count = b.appointment_count;
    out->visits = apr_palloc(ctx->pool, sizeof(*out->visits) * (size_t)(b.appointment_count + 1));
    for (int i = 0; i < b.appointment_count; i++) {
        visit_of_hold(&out->visits[i], ctx->pool, &b, &b.appointments[i], o->service->id);
    }
    return true;
}

static void fill_proposals(rg_proposal_t **out, int *count, int *total, const rg_ctx_t *ctx,
                           const propose_t *k)
{
    rg_bits_t found = rg_search_starts(ctx->pool, &k->offer->search);
    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(k->in->limit + 1));
    for (int at = rg_bits_next(&found, 0); at >= 0; at = rg_bits_next(&found, (int64_t)at + 1)) {
        apr_time_t start = rg_granule_time(k->offer->from + at);
        bool inside = start >= k->from && start < k->until;
        *total += inside;
        if (inside && start >= k->in->at_least && *count < k->in->limit) {
            *count += fill_proposal(&(*out)[*count], ctx, k->offer, at);
        }
    }
}

rg_outcome_t rg_machine_propose(rg_proposal_t **out, int *count, int *total, const rg_ctx_t *ctx,
                                const rg_propose_in_t *in)
{
    propose_t k = {.in = in};
    int swept = 0;
    *count = 0;
    *total = 0;
    rg_outcome_t rc = rg_store_read(ctx, propose_work, &k);
    if (rc == RG_OK && k.expired && rg_booking_sweep(&swept, ctx, SWEEP_MOST) == RG_OK) {
        rc = rg_store_read(ctx, propose_work, &k);
    }
    if (rc == RG_OK && k.offer) {
        fill_proposals(out, count, total, ctx, &k);
    }
    return rc;
}

/* --- whom for --------------------------------------------------------------------------------- */

static rg_outcome_t patient_named(rg_person_t **out, const rg_ctx_t *ctx, const char *uid)
{
    *out = NULL;
    rg_outcome_t rc = uid && uid[0] ? rg_person_get(out, ctx, uid) : RG_OK;
    if (rc == RG_NOT_FOUND) {
        rg_problem_add(ctx->problems, "patient", "There is no such patient here.");
        return RG_INVALID;
    }
    return rc;
}

/* One key for each step of a request, so that a repetition continues where the first one
 * stopped. */
static rg_idem_t *key_for(const rg_ctx_t *ctx, const char *step)
{
    rg_idem_t *idem = apr_pmemdup(ctx->pool, ctx->idem, sizeof(*idem));
    unsigned char bytes[64] = {0};
    memcpy(bytes, ctx->idem->key, 32);
    apr_cpystrn((char *)bytes + 32, step, 32);
    rg_crypto_sha256(idem->key, bytes, sizeof(bytes));
    return idem;
}

/* Holds, or finds what the same request held before. A key that was made from what is asked names
 * that hold only while it lasts (for BOOKED_TOO also as a booking): then the next one begins. */
static rg_outcome_t hold_by(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in,
                            const rg_hold_extra_t *extra, bool booked_too)
{
    rg_ctx_t own = *ctx;
    for (int i = 0; i < NATURAL_MOST; i++) {
        rg_outcome_t rc = rg_booking_hold_as(out, &own, in, extra);
        const rg_booking_t *b = out->booking;
        if (rc != RG_OK || !own.idem || !own.idem->natural || !own.idem->replayed ||
            (booked_too && b->status == RG_BOOKING_BOOKED) ||
            (b->status == RG_BOOKING_HELD && !rg_booking_expired(b, ctx->now))) {
            return rc;
        }
        own.idem = key_for(&own, b->uid);
    }
    return RG_UNAVAILABLE;
}

static rg_outcome_t machine_hold(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in,
                                 const rg_machine_whom_t *whom, bool booked_too)
{
    rg_person_t *person;
    rg_order_t *on = NULL;
    rg_outcome_t rc = rg_machine_may(ctx, "Appointment", 'c');
    if (rc == RG_OK) {
        rc = patient_named(&person, ctx, whom->patient_uid);
    }
    if (rc == RG_OK && whom->order_uid && whom->order_uid[0]) {
        rc = rg_order_named(&on, ctx, whom->order_uid);
        rc = rc == RG_NOT_FOUND ? RG_INVALID : rc;
    }
    if (rc != RG_OK) {
        return rc;
    }
    rg_hold_extra_t extra = {.patient_id = person ? person->patient.id
                                           : on   ? on->patient.id
                                                  : 0,
                             .order_id = on ? on->id : 0};
    return hold_by(out, ctx, in, &extra, booked_too);
}

rg_outcome_t rg_machine_hold(rg_hold_t *out, const rg_ctx_t *ctx, const rg_hold_in_t *in,
                             const rg_machine_whom_t *whom)
{
    return machine_hold(out, ctx, in, whom, false);
}

/* What is known of somebody, as if it was typed again. */
static void known_details(rg_details_in_t *to, apr_pool_t *p, const rg_patient_t *who)
{
#define KNOWN(name, member, path) to->name = who->member;
    RG_PERSON_FIELDS(KNOWN)
#undef KNOWN
    to->birth_date = rg_date_iso(p, who->birth_date);
}

/* A known patient is referred to, not described: the stored record is not changed. */
static rg_outcome_t read_book_details(rg_details_work_t *w, const rg_ctx_t *ctx,
                                      const rg_machine_book_in_t *in)
{
    rg_details_in_t details = in->details;
    rg_person_t *person;
    rg_outcome_t rc = patient_named(&person, ctx, in->whom.patient_uid);
    if (rc == RG_OK && person) {
        known_details(&details, ctx->pool, &person->patient);
        w->known_id = person->patient.id;
    }
    rc = rc == RG_OK ? rg_details_prepare(w, ctx, &details) : rc;
    /* People choose from options; an API client must be told about values that are not stored. */
    bool sided = details.side && *details.side;
    if (rc == RG_OK && sided && w->checked.side == RG_SIDE_NONE) {
        rg_problem_add(ctx->problems, "side", "This part of the body has no left or right side.");
        rc = RG_INVALID;
    }
    return rc;
}

/* --- the whole booking ------------------------------------------------------------------------ */

static rg_outcome_t hold_first(rg_booking_t **b, rg_machine_booked_t *out, const rg_ctx_t *ctx,
                               const rg_machine_book_in_t *in)
{
    rg_ctx_t own = *ctx;
    own.idem = ctx->idem ? key_for(ctx, "hold") : NULL;
    rg_outcome_t rc = machine_hold(&out->hold, &own, &in->wish, &in->whom, true);
    if (ctx->idem && own.idem && own.idem->other) {
        ctx->idem->other = true; /* the key of a step is the request's */
    }
    *b = out->hold.booking;
    return rc;
}

typedef struct {
    rg_details_work_t details;
    bool held; /* otherwise it is already booked, and that answer is repeated */
    int64_t booking_id;
    unsigned char link_hash[32];
    const rg_booking_note_t *note;
} book_t;

/* Whose it is, and that it is booked, become true together. */
static rg_outcome_t book_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    book_t *k = baton;
    rg_outcome_t rc = k->held ? rg_details_save_in(db, ctx, &k->details) : RG_OK;
    if (rc == RG_OK) {
        rc = rg_booking_confirm_in(db, ctx, k->booking_id, 0, k->link_hash, NULL);
    }
    return rc == RG_OK ? rg_booking_note(db, ctx, k->booking_id, k->note, false) : rc;
}

static rg_outcome_t book_it(const char **link, const rg_ctx_t *ctx, const rg_booking_t *b,
                            const rg_machine_book_in_t *in)
{
    book_t k = {.details = {.booking_id = b->id},
                .held = b->status == RG_BOOKING_HELD,
                .booking_id = b->id,
                .note = &in->note};
    rg_outcome_t rc = k.held ? read_book_details(&k.details, ctx, in) : RG_OK;
    const char *fresh = rg_booking_link_make(ctx, k.link_hash, b->id);
    if (rc == RG_OK) {
        rc = rg_store_once(ctx, book_work, &k);
    }
    return rc == RG_OK ? rg_booking_link_answer(link, ctx, fresh, b->id) : rc;
}

static rg_outcome_t count_forms(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_machine_booked_t *out = baton;
    rg_care_t care;
    rg_outcome_t rc = rg_care_get(db, ctx, &care, out->hold.booking->id);
    out->place_missing = rc == RG_OK && care.needs_place && *care.body_site == '\0';
    return rc != RG_OK
               ? rc
               : rg_booking_forms_missing(db, ctx, out->hold.booking->id, &out->forms_missing);
}

static void give_up_hold(const rg_ctx_t *ctx, int64_t booking_id)
{
    rg_ctx_t own = *ctx;
    own.idem = NULL;
    own.problems = NULL;
    (void)rg_booking_give_back(&own, booking_id, "not-booked");
}

rg_outcome_t rg_machine_book(rg_machine_booked_t *out, const rg_ctx_t *ctx,
                             const rg_machine_book_in_t *in)
{
    rg_booking_t *b = NULL;
    memset(out, 0, sizeof(*out));
    rg_outcome_t rc = rg_machine_may(ctx, "Appointment", 'c');
    if (rc == RG_OK) {
        rc = in->booking_uid ? rg_booking_get_by_uid(&b, ctx, in->booking_uid)
                             : hold_first(&b, out, ctx, in);
    }
    rc = rc == RG_OK ? rg_booking_must_be_owned(ctx, b) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    out->booking_uid = b->uid;
    out->hold.booking = b;
    /* The same request may be valid again after a cancellation: each time has its own key. */
    rg_ctx_t own = *ctx;
    bool each = ctx->idem && ctx->idem->natural && !in->booking_uid;
    own.idem = each ? key_for(ctx, b->uid) : ctx->idem;
    rc = book_it(&out->link, &own, b, in);
    if (rc == RG_OK) {
        rc = rg_store_read(ctx, count_forms, out);
    }
    else if (!in->booking_uid && rc != RG_UNAVAILABLE && b->status == RG_BOOKING_HELD) {
        give_up_hold(ctx, b->id);
    }
    return rc;
}

static rg_outcome_t repeats_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_store_repeats(baton, db, ctx);
}

rg_outcome_t rg_machine_repeats(bool *out, const rg_ctx_t *ctx)
{
    *out = false;
    return ctx->idem ? rg_store_read(ctx, repeats_work, out) : RG_OK;
}

/* --- changes ---------------------------------------------------------------------------------- */

static rg_outcome_t open_change(rg_booking_t **b, const rg_ctx_t *ctx, const char *booking_uid)
{
    rg_outcome_t rc = rg_machine_may(ctx, "Appointment", 'u');
    return rc == RG_OK ? rg_booking_get_by_uid(b, ctx, booking_uid) : rc;
}

rg_outcome_t rg_machine_move(rg_hold_t *out, const rg_ctx_t *ctx, const char *booking_uid,
                             int visit, const rg_move_in_t *in)
{
    rg_booking_t *b;
    rg_outcome_t rc = open_change(&b, ctx, booking_uid);
    *out = (rg_hold_t){0};
    return rc == RG_OK ? rg_booking_visit_move(out, ctx, b->id, visit, in) : rc;
}

rg_outcome_t rg_machine_cancel(const rg_ctx_t *ctx, const char *booking_uid, int version,
                               const char *reason, const rg_booking_note_t *note)
{
    rg_booking_t *b;
    rg_outcome_t rc = open_change(&b, ctx, booking_uid);
    return rc == RG_OK ? rg_booking_cancel_noted(ctx, b->id, version, reason, note) : rc;
}

typedef struct {
    int64_t id;
    int version;
    const char *visit_uid;
    apr_time_t start;
    const rg_booking_note_t *note; /* NULL: no comment */
    bool stays;
} stay_t;

static apr_time_t start_of_visit(const rg_booking_t *b, const char *visit_uid)
{
    for (int i = 0; i < b->appointment_count; i++) {
        if (strcmp(b->appointments[i].uid, visit_uid) == 0) {
            return b->appointments[i].starts_at;
        }
    }
    return 0;
}

static rg_outcome_t stay_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    stay_t *k = baton;
    rg_booking_t *b;
    rg_outcome_t rc = rg_booking_open(&b, db, ctx, k->id);
    if (rc == RG_OK && k->version != 0 && k->version != b->version) {
        rg_problem_add(ctx->problems, "version", "This booking has changed in the meantime.");
        rc = RG_CONFLICT;
    }
    rc = rc == RG_OK ? rg_booking_parts(db, ctx, b) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    k->stays = start_of_visit(b, k->visit_uid) == k->start;
    if (!k->stays) {
        return RG_PRECONDITION; /* nothing of this attempt is stored */
    }
    rc = k->note ? rg_booking_note(db, ctx, b->id, k->note, true) : RG_OK;
    return rc == RG_OK && k->note ? rg_booking_audit(db, ctx, "booking.comment", b->id, NULL) : rc;
}

rg_outcome_t rg_machine_stay(bool *stays, const rg_ctx_t *ctx, const rg_machine_stay_in_t *in)
{
    rg_booking_t *b;
    rg_outcome_t rc = open_change(&b, ctx, in->booking_uid);
    stay_t k = {.version = in->version,
                .visit_uid = in->visit_uid,
                .start = in->start,
                .note = in->note,
                .stays = true};
    if (rc == RG_OK) {
        k.id = b->id;
        /* Where nothing is done, nothing was done before. */
        rc = in->note ? rg_store_once(ctx, stay_work, &k) : rg_store_transact(ctx, stay_work, &k);
    }
    *stays = k.stays;
    return rc == RG_PRECONDITION && !k.stays ? RG_OK : rc;
}
