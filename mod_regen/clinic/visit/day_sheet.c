/* SPDX-License-Identifier: Apache-2.0 */
/* The day sheet: what is open on earlier days, until somebody says what happened. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

typedef struct {
    rg_day_sheet_t *sheet;
    const char *site; /* its code, as asked */
} sheet_t;

static rg_outcome_t sheet_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    sheet_t *w = baton;
    rg_day_sheet_t *s = w->sheet;
    const rg_clinic_t *k = NULL;
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);

    if (rc != RG_OK) {
        return rc;
    }
    s->site = rg_clinic_site_asked(k, w->site);
    if (!s->site) {
        return rg_clinic_missing(k, RG_NOT_FOUND);
    }
    s->sites = k->sites;
    s->site_count = k->site_count;
    s->due_count = rg_day_devices_due(&s->due, ctx, k, s->site);
    s->today = rg_zone_local(s->site->zone, ctx->now).date;
    rc = rg_day_open(db, ctx, s->site->id, rg_zone_utc(s->site->zone, s->today, 0),
                     RG_OPEN_MOST + 1, &s->count, &s->visits);
    s->more = s->count > RG_OPEN_MOST;
    s->count = s->more ? RG_OPEN_MOST : s->count;
    return rc == RG_OK ? rg_audit_add(db, ctx, "day.sheet", "site", s->site->id, "") : rc;
}

rg_outcome_t rg_day_sheet(rg_day_sheet_t **out, const rg_ctx_t *ctx, const char *site)
{
    sheet_t w = {.sheet = apr_pcalloc(ctx->pool, sizeof(*w.sheet)), .site = site};

    if (!rg_may(ctx, RG_DEED_SEE_DAY)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_transact(ctx, sheet_work, &w);
    *out = rc == RG_OK ? w.sheet : NULL;
    return rc;
}
