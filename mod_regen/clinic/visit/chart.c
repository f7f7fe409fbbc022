/* SPDX-License-Identifier: Apache-2.0 */
/* Everything staff see of one booking, and of the unit behind a label. Who looked is audited. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/patient.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/unit.h"
#include "regen/store/desk.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/patient/people.h"

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

typedef struct {
    const char *uid;
    rg_chart_t *chart;
} look_t;

static rg_outcome_t read_case(rg_chart_t *c, rg_db_t *db, rg_ctx_t *ctx, const char *uid)
{
    rg_details_t *details = NULL;
    rg_outcome_t rc = rg_booking_get_in(&c->booking, db, ctx, 0, uid);

    if (rc == RG_OK) {
        rc = rg_catalogue_by_id_in(&c->service, &c->site, db, ctx, c->booking->service_id);
    }
    if (rc == RG_OK) {
        rc = rg_details_in(&details, db, ctx, c->booking, false);
    }
    if (rc == RG_OK) {
        c->patient = details->patient;
        c->coverage = details->coverage;
        rc = rg_consents_in(&c->consents, db, ctx, c->booking, c->patient);
    }
    return rc;
}

static rg_outcome_t chart_work(rg_db_t *db, rg_ctx_t *ctx, void *baton)
{
    const look_t *look = baton;
    rg_chart_t *c = look->chart;
    rg_care_t care;
    rg_outcome_t rc = read_case(c, db, ctx, look->uid);
    if (rc != RG_OK) {
        return rc;
    }
    int64_t id = c->booking->id;

    rc = rg_care_get(db, ctx, &care, id);
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

static bool same_day(const rg_zone_t *zone, apr_time_t a, apr_time_t b)
{
    return rg_date_compare(rg_zone_local(zone, a).date, rg_zone_local(zone, b).date) == 0;
}

rg_outcome_t rg_day_chart(rg_chart_t **out, rg_ctx_t *ctx, const char *booking_uid)
{
    look_t look = {booking_uid, apr_pcalloc(ctx->pool, sizeof(rg_chart_t))};
    rg_chart_t *c = look.chart;
    rg_idem_t *idem = ctx->idem;
    rg_outcome_t rc;

    if (!rg_may(ctx, RG_DEED_SEE_DAY)) {
        return RG_FORBIDDEN;
    }
    /* The chart is also what a refused form comes back to: its look is no part of that request's
     * one effect. */
    ctx->idem = NULL;
    rc = rg_store_transact(ctx, chart_work, &look);
    ctx->idem = idem;
    if (rc != RG_OK) {
        return rc;
    }
    c->now = ctx->now;
    c->today = same_day(c->site->zone, c->booking->starts_at, ctx->now);
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
