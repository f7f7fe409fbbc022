/* SPDX-License-Identifier: Apache-2.0 */
/* Maintenance: expired holds, rebuilding the read model, and the search for contradictions. */
#include "mod_regen/clinic/waitlist/waitlist.h"
#include "regen/clinic/booking.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/transact.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <string.h>

#include <apr_strings.h>

enum { REPAIRS = 1000 };

/* --- holds that are over ---------------------------------------------------------------------- */

typedef struct {
    int limit, seen, done;
} sweep_t;

static rg_outcome_t sweep_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    sweep_t *s = baton;
    return rg_booking_expire_some(db, ctx, s->limit, &s->seen, &s->done);
}

/* In small transactions, so that a sweep does not block others for long. */
rg_outcome_t rg_booking_sweep(int *swept, const rg_ctx_t *ctx, int limit)
{
    rg_ctx_t own = rg_system_ctx(ctx);
    rg_outcome_t rc = RG_OK;
    sweep_t s = {.seen = RG_EXPIRE_BATCH};
    *swept = 0;
    while (rc == RG_OK && s.seen == RG_EXPIRE_BATCH && *swept < limit) {
        s.limit = limit - *swept;
        rc = rg_transact(&own, sweep_work, &s);
        *swept += rc == RG_OK ? s.done : 0;
    }
    return rc;
}

/* --- the read model --------------------------------------------------------------------------- */

typedef struct {
    rg_day_bits_t *days;
    int count;
} differences_t;

static rg_outcome_t differences_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    differences_t *d = baton;
    return rg_calendar_differences(db, ctx, &d->days, &d->count, REPAIRS);
}

typedef struct {
    rg_day_bits_t day;
    bool wrong;
} repair_t;

static rg_outcome_t repair_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    repair_t *r = baton;
    rg_outcome_t rc = rg_calendar_repair(db, ctx, r->day.resource_id, r->day.day, &r->wrong);
    if (rc != RG_OK || !r->wrong) {
        return rc;
    }
    return rg_audit_add(db, ctx, "calendar.repair", "resource", r->day.resource_id,
                        apr_psprintf(ctx->pool, "day:%d", r->day.day));
}

static rg_outcome_t repair_days(int *repaired, const rg_ctx_t *own)
{
    differences_t d = {NULL, REPAIRS};
    rg_outcome_t rc = RG_OK;
    while (rc == RG_OK && d.count == REPAIRS) {
        rc = rg_store_read(own, differences_work, &d);
        for (int i = 0; rc == RG_OK && i < d.count; i++) {
            repair_t r = {d.days[i], false};
            rc = rg_store_transact(own, repair_work, &r);
            *repaired += rc == RG_OK && r.wrong;
        }
    }
    return rc;
}

/* Seats of services that have a limit a day, for bookings from a time when they had none. */
static rg_outcome_t seats_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    int *repaired = baton;
    const rg_clinic_t *k;
    int total = 0;
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);
    for (int i = 0; rc == RG_OK && i < k->service_count; i++) {
        const rg_service_t *s = &k->services[i].service;
        const rg_site_t *site = rg_clinic_site(k, s->site_id);
        int filled = 0;
        if (s->max_per_day > 0 && site) {
            rc = rg_calendar_seats_fill(db, ctx, s->id, site->zone, &filled);
        }
        if (rc == RG_OK && filled > 0) {
            rc = rg_audit_add(db, ctx, "calendar.seats", "service", s->id,
                              apr_psprintf(ctx->pool, "filled:%d", filled));
        }
        total += filled;
    }
    *repaired = total;
    return rc;
}

rg_outcome_t rg_booking_rebuild(int *repaired, const rg_ctx_t *ctx)
{
    rg_ctx_t own = rg_system_ctx(ctx);
    int seats = 0;
    *repaired = 0;
    rg_outcome_t rc = repair_days(repaired, &own);
    if (rc == RG_OK) {
        rc = rg_store_transact(&own, seats_work, &seats);
        *repaired += rc == RG_OK ? seats : 0;
    }
    return rc;
}

/* --- what must never be ----------------------------------------------------------------------- */

typedef struct {
    int *count;
    void (*say)(void *baton, const char *line);
    void *baton;
} check_t;

static rg_outcome_t check_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    check_t *c = baton;
    return rg_booking_contradictions(db, ctx, c->count, c->say, c->baton);
}

rg_outcome_t rg_booking_check(int *contradictions, const rg_ctx_t *ctx,
                              void (*say)(void *baton, const char *line), void *baton)
{
    check_t c = {contradictions, say, baton};
    return rg_store_read(ctx, check_work, &c);
}
