/* SPDX-License-Identifier: Apache-2.0 */
/* Everything staff see of one booking, and of the unit behind a label. Who looked is audited. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/unit.h"
#include "regen/store/desk.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

static rg_outcome_t unit_or_none(rg_db_t *db, rg_ctx_t *ctx, rg_unit_t **out, int64_t booking_id)
{
    rg_outcome_t rc = rg_unit_of_booking(db, ctx, out, booking_id);

    return rc == RG_NOT_FOUND ? RG_OK : rc;
}

static rg_outcome_t likely(rg_db_t *db, rg_ctx_t *ctx, rg_chart_t *c)
{
    if (*c->booking->body_site == '\0') {
        return RG_OK;
    }
    return rg_diagnoses_likely(db, ctx, c->booking->body_site, c->booking->side, &c->likely_count,
                               &c->likely);
}

static rg_outcome_t chart_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    rg_chart_t *c = baton;
    int64_t id = c->booking->id;
    rg_care_t care;
    rg_outcome_t rc = rg_care_get(db, ctx, &care, id);

    rc = rc == RG_OK ? rg_care_events(db, ctx, id, &c->event_count, &c->events) : rc;
    rc = rc == RG_OK ? unit_or_none(db, ctx, &c->unit, id) : rc;
    rc = rc == RG_OK ? rg_diagnoses_of(db, ctx, id, &c->diagnosis_count, &c->diagnoses) : rc;
    rc = rc == RG_OK ? rg_unit_devices(db, ctx, id, &c->device_count, &c->devices) : rc;
    rc = rc == RG_OK ? likely(db, ctx, c) : rc;
    rc = rc == RG_OK ? rg_overrides_of(db, ctx, id, &c->override_count, &c->overrides) : rc;
    rc = rc == RG_OK ? rg_audit_add(db, ctx, "day.view", "booking", id, "") : rc;
    if (rc == RG_OK) {
        int next = rg_day_next(c->booking->status, care.kinds, care.done, c->unit);

        c->kinds = care.kinds;
        c->next = next < 0 ? NULL : rg_event_name((rg_event_t)next);
    }
    return rc;
}

static rg_outcome_t read_people(rg_chart_t *c, rg_ctx_t *ctx)
{
    rg_details_t *details = NULL;
    rg_outcome_t rc = rg_details_get(&details, ctx, c->booking->id);

    if (rc == RG_OK) {
        c->patient = details->patient;
        c->coverage = details->coverage;
        rc = rg_consents_get(&c->consents, ctx, c->booking->id);
    }
    return rc;
}

static bool same_day(const rg_zone_t *zone, apr_time_t a, apr_time_t b)
{
    return rg_date_compare(rg_zone_local(zone, a).date, rg_zone_local(zone, b).date) == 0;
}

rg_outcome_t rg_day_chart(rg_chart_t **out, rg_ctx_t *ctx, const char *booking_uid)
{
    rg_chart_t *c = apr_pcalloc(ctx->pool, sizeof(*c));
    rg_idem_t *idem = ctx->idem;
    rg_outcome_t rc;

    if (!rg_may(ctx, RG_DEED_SEE_DAY)) {
        return RG_FORBIDDEN;
    }
    rc = rg_booking_get_by_uid(&c->booking, ctx, booking_uid);
    rc = rc == RG_OK ? rg_catalogue_by_id(&c->service, &c->site, ctx, c->booking->service_id) : rc;
    rc = rc == RG_OK ? read_people(c, ctx) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    c->now = ctx->now;
    c->today = same_day(c->site->zone, c->booking->starts_at, ctx->now);
    /* The chart is also what a refused form comes back to: its look is no part of that request's
     * one effect. */
    ctx->idem = NULL;
    rc = rg_store_transact(ctx, chart_work, c);
    ctx->idem = idem;
    *out = c;
    return rc;
}

/* --- by label --------------------------------------------------------------------------------- */

typedef struct {
    const char *label, *uid;
} labelled_t;

static rg_outcome_t label_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    labelled_t *l = baton;
    rg_unit_t *unit = NULL;
    rg_care_t care;
    rg_outcome_t rc = rg_unit_by_label(db, ctx, &unit, l->label);

    rc = rc == RG_OK ? rg_care_get(db, ctx, &care, unit->booking_id) : rc;
    l->uid = rc == RG_OK ? care.uid : NULL;
    return rc;
}

rg_outcome_t rg_day_unit(rg_chart_t **out, rg_ctx_t *ctx, const char *label)
{
    labelled_t l = {rg_unit_label_read(ctx->pool, label), NULL};
    rg_outcome_t rc;

    if (!rg_may(ctx, RG_DEED_SEE_DAY)) {
        return RG_FORBIDDEN;
    }
    if (l.label == NULL) {
        return RG_NOT_FOUND;
    }
    rc = rg_store_read(ctx, label_work, &l);
    return rc == RG_OK ? rg_day_chart(out, ctx, l.uid) : rc;
}
