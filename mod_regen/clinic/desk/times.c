/* SPDX-License-Identifier: Apache-2.0 */
/* The next times for a patient on the phone: the search of booking/availability.c over as many
 * periods as needed, restricted to a part of the day. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"
#include "regen/store/booking.h"
#include "regen/store/definitions.h"
#include "regen/store/desk.h"
#include "regen/store/order.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/lookup.h"

enum { NOON = 12 * 60, EVENING = 17 * 60, DAYS_AT_FIRST = 14 };

static bool in_part(rg_part_t part, int minute)
{
    switch (part) {
    case RG_PART_MORNING: return minute < NOON;
    case RG_PART_AFTERNOON: return minute >= NOON && minute < EVENING;
    case RG_PART_EVENING: return minute >= EVENING;
    case RG_PART_ANY: break;
    }
    return true;
}

/* --- the lists to choose from ----------------------------------------------------------------- */

typedef struct {
    const rg_desk_find_in_t *in;
    rg_desk_times_t *out;
} lists_t;

static void list_people(rg_desk_times_t *t, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    t->people = apr_palloc(ctx->pool, sizeof(*t->people) * (size_t)(k->resource_count + 1));
    for (int i = 0; i < k->resource_count; i++) {
        const rg_clinic_resource_t *r = &k->resources[i];
        if (r->resource.active && r->resource.kind == RG_RESOURCE_PRACTITIONER &&
            r->site_id == t->service->site_id && rg_service_uses(t->service, r, RG_STEPS_ANY)) {
            t->people[t->person_count++] = (rg_resource_t *)&r->resource;
        }
    }
}

static rg_outcome_t lists_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const lists_t *l = baton;
    rg_desk_times_t *t = l->out;
    const rg_clinic_t *k;
    const char *code = l->in->service_code ? l->in->service_code : "";
    const char *whom = l->in->patient_uid ? l->in->patient_uid : "";
    const char *moved = l->in->booking_uid ? l->in->booking_uid : "";
    const char *on = l->in->order_uid ? l->in->order_uid : "";
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);
    if (rc == RG_OK && *moved) {
        rc = rg_uid_valid(moved) ? rg_booking_row_by_uid(db, ctx, &t->moving, moved) : RG_NOT_FOUND;
        code = rc == RG_OK ? t->moving->service_code : code;
        rc = rc == RG_OK && l->in->visit > 0 ? rg_booking_parts(db, ctx, t->moving) : rc;
    }
    if (rc == RG_OK && *on) {
        rc = rg_uid_valid(on) ? rg_order_by_uid(db, ctx, &t->order, on) : RG_NOT_FOUND;
        code = rc == RG_OK ? t->order->service_code : code;
        whom = rc == RG_OK ? t->order->patient.uid : whom;
    }
    if (rc != RG_OK) {
        return rc;
    }
    t->services = apr_palloc(ctx->pool, sizeof(*t->services) * (size_t)(k->service_count + 1));
    t->service_count = 0;
    t->person_count = 0;
    for (int i = 0; i < k->service_count; i++) {
        if (k->services[i].active && rg_clinic_priced(&k->services[i])) {
            t->services[t->service_count++] = (rg_service_t *)&k->services[i].service;
        }
    }
    const rg_clinic_service_t *chosen = *code ? rg_clinic_service_by_code(k, code) : NULL;
    if (*code && (!chosen || ((!chosen->active || !rg_clinic_priced(chosen)) && !t->moving))) {
        return rg_clinic_missing(k, RG_NOT_FOUND);
    }
    t->service = chosen ? (rg_service_t *)&chosen->service : NULL;
    t->site = chosen              ? rg_clinic_site(k, chosen->service.site_id)
              : k->site_count > 0 ? &k->sites[0]
                                  : NULL;
    if (t->service) {
        list_people(t, ctx, k);
    }
    if (!*whom) {
        return t->site ? RG_OK : RG_PRECONDITION;
    }
    return rg_uid_valid(whom) ? rg_patient_by_uid(db, ctx, &t->patient, whom) : RG_NOT_FOUND;
}

/* --- the times -------------------------------------------------------------------------------- */

static void keep_times(rg_desk_times_t *t, const rg_availability_t *a, const rg_desk_find_in_t *in)
{
    for (int d = 0; d < a->day_count; d++) {
        for (int i = 0; i < a->days[d].count; i++) {
            apr_time_t start = a->days[d].starts[i];
            if (t->order && start >= t->order->valid_until) {
                return;
            }
            if (start <= in->after ||
                !in_part(in->part, rg_zone_local(t->site->zone, start).minute)) {
                continue;
            }
            if (t->count == RG_DESK_TIMES) {
                t->more = true;
                return;
            }
            t->starts[t->count++] = start;
        }
    }
}

int rg_desk_targets(const rg_desk_times_t *t)
{
    const char *further = t->moving ? t->moving->further : t->order ? t->order->further : NULL;
    return rg_targets_count(further);
}

/* Two weeks first, because most often that is enough; then in pieces as large as one search may
 * be. */
static rg_outcome_t find(rg_desk_times_t *t, const rg_ctx_t *ctx, const rg_desk_find_in_t *in)
{
    rg_date_t today = rg_zone_local(t->site->zone, ctx->now).date;
    rg_find_in_t piece = {.service_code = t->service->code,
                          .practitioner_id = in->practitioner_id,
                          .moving = t->moving ? t->moving->id : 0,
                          .targets = rg_desk_targets(t)};
    int most = DAYS_AT_FIRST < ctx->policy->search_days ? DAYS_AT_FIRST : ctx->policy->search_days;
    piece.from = in->from.year != 0 && rg_date_compare(in->from, today) > 0 ? in->from : today;
    rg_date_t last = in->visit > 0 ? piece.from : rg_window_last_day(t->service, today);
    while (!t->more && rg_date_compare(piece.from, last) <= 0) {
        rg_availability_t *found;
        int rest = rg_date_days(last) - rg_date_days(piece.from) + 1;
        piece.days = rest < most ? rest : most;
        rg_outcome_t rc = rg_availability_of_visit(&found, ctx, &piece, in->visit);
        if (rc == RG_INVALID && in->visit > 0) {
            return RG_OK; /* the gap ends before the requested day; the problem says so */
        }
        if (rc != RG_OK) {
            return rc;
        }
        keep_times(t, found, in);
        last = found->last_bookable; /* of a later visit: by its gap */
        t->visit_minutes = found->visit_minutes;
        piece.from = rg_date_add(piece.from, piece.days);
        most = ctx->policy->search_days;
    }
    return RG_OK;
}

rg_outcome_t rg_desk_times(rg_desk_times_t **out, const rg_ctx_t *ctx, const rg_desk_find_in_t *in)
{
    rg_desk_times_t *t = apr_pcalloc(ctx->pool, sizeof(*t));
    lists_t l = {in, t};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_BOOK);
    rc = rc == RG_OK ? rg_store_read(ctx, lists_work, &l) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    t->now = ctx->now;
    t->visit = t->moving ? in->visit : 0;
    t->starts = apr_palloc(ctx->pool, sizeof(*t->starts) * (RG_DESK_TIMES + 1));
    t->needs_order = t->service && !t->moving && !t->order && rg_service_needs_order(t->service);
    *out = t;
    return t->service && !t->needs_order ? find(t, ctx, in) : RG_OK;
}
