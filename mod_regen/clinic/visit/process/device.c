/* SPDX-License-Identifier: Apache-2.0 */
/* The device of a step: one that is closed or overdue for calibration made nothing, unless a
 * clinician says why it was used all the same. And which devices are due soon. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <string.h>

#include <apr_strings.h>

/* --- in order --------------------------------------------------------------------------------- */

static int offset_minutes(const rg_zone_t *zone, apr_time_t at)
{
    rg_local_t local = rg_zone_local(zone, at);
    int64_t minutes = (int64_t)rg_date_days(local.date) * RG_DAY_MINUTES + local.minute;

    return (int)(minutes - apr_time_sec(at) / 60);
}

/* What is out for calibration, overdue or broken made nothing. */
static rg_outcome_t refuse_device(const rg_ctx_t *ctx, rg_day_step_t *step, const rg_device_t *d)
{
    static const char otherwise[] = "Choose the device that was used. If it was this one, a "
                                    "clinician enters below why it was used all the same.";

    if (d->closed) {
        return rg_day_refuse(ctx, step, "closed-device", RG_PRECONDITION, "device_code",
                             apr_psprintf(ctx->pool,
                                          "%s is closed at this time (%s). Have its closure ended "
                                          "if it is in order again. %s",
                                          d->resource.name, d->closed, otherwise));
    }
    return rg_day_refuse(
        ctx, step, "overdue-device", RG_PRECONDITION, "device_code",
        apr_psprintf(
            ctx->pool,
            "%s was due for calibration on %s. If it was calibrated, have an administrator "
            "enter the next day under People, rooms, devices. %s",
            d->resource.name, rg_date_us(ctx->pool, d->resource.calibration_due), otherwise));
}

/* A reason that was typed for a device in order is none. */
static rg_outcome_t use_device(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step,
                               const rg_device_t *d, const char *why, rg_processing_t *x)
{
    bool fine = !d->closed && !d->overdue;

    x->device_id = d->resource.id;
    x->device_why = fine ? "" : why;
    if (fine) {
        return RG_OK;
    }
    if (*why == '\0') {
        return refuse_device(ctx, step, d);
    }
    return rg_audit_add(db, ctx, "day.device-override", "booking", step->booking_id,
                        apr_psprintf(ctx->pool, "%s %s",
                                     d->closed ? "closed-device" : "overdue-device",
                                     d->resource.code));
}

rg_outcome_t rg_day_device(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step, const char *code,
                           const char *why, rg_processing_t *x)
{
    int count = 0;
    rg_device_t *devices = NULL;
    rg_outcome_t rc =
        rg_unit_devices(db, ctx, step->booking_id, step->at, step->care.zone, &count, &devices);

    x->utc_offset = offset_minutes(step->care.zone, step->at);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        if (strcmp(devices[i].resource.code, code) == 0) {
            return use_device(db, ctx, step, &devices[i], why, x);
        }
    }
    if (rc == RG_OK && count == 0 && rg_method_parse(step->care.method) == RG_METHOD_MECHANICAL) {
        return RG_OK; /* made by hand */
    }
    if (rc == RG_OK) {
        rg_problem_add(ctx->problems, "device_code", "Choose the device that was used.");
        rc = RG_INVALID;
    }
    return rc;
}

const char *rg_day_device_why(const rg_ctx_t *ctx, const char *field, const char *typed)
{
    const char *why = rg_text_tidy(ctx->pool, typed ? typed : "");

    if (rg_text_length(why) > RG_DEVICE_WHY_MOST || !rg_text_clean(why, strlen(why))) {
        rg_problem_add(ctx->problems, field, "Use at most %d characters of plain text.",
                       RG_DEVICE_WHY_MOST);
    }
    return why;
}

/* --- due soon --------------------------------------------------------------------------------- */

int rg_day_devices_due(rg_due_device_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                       const rg_site_t *site)
{
    int days = rg_date_days(rg_zone_local(site->zone, ctx->now).date);
    int count = 0;

    *out = apr_palloc(ctx->pool, sizeof(**out) * (size_t)(k->resource_count + 1));
    for (int i = 0; i < k->resource_count; i++) {
        const rg_clinic_resource_t *r = &k->resources[i];
        rg_date_t due = r->resource.calibration_due;
        int left = due.year == 0 ? RG_DUE_SOON_DAYS + 1 : rg_date_days(due) - days;

        if (r->site_id == site->id && r->resource.active && left <= RG_DUE_SOON_DAYS) {
            (*out)[count++] = (rg_due_device_t){r->resource.code, r->resource.name, due, left < 0};
        }
    }
    return count;
}

typedef struct {
    rg_due_device_t *list;
    int count;
} due_t;

static rg_outcome_t devices_due_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    due_t *w = baton;
    const rg_clinic_t *k = NULL;
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);

    if (rc != RG_OK) {
        return rc;
    }
    w->count = 0;
    w->list = apr_palloc(ctx->pool, sizeof(*w->list) * (size_t)(k->resource_count + 1));
    for (int i = 0; i < k->site_count; i++) {
        rg_due_device_t *some;
        int n = rg_day_devices_due(&some, ctx, k, &k->sites[i]);

        memcpy(w->list + w->count, some, sizeof(*some) * (size_t)n);
        w->count += n;
    }
    return RG_OK;
}

rg_outcome_t rg_devices_due(rg_due_device_t **out, int *count, const rg_ctx_t *ctx)
{
    due_t w = {NULL, 0};
    rg_outcome_t rc =
        rg_may(ctx, RG_DEED_SEE_DAY) ? rg_store_read(ctx, devices_due_work, &w) : RG_FORBIDDEN;

    *out = w.list;
    *count = w.count;
    return rc;
}
