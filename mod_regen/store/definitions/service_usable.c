/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the clinic's definitions are usable. Unusable ones are left out as a whole and logged
 * once, so that no code ever sees a site without a time zone. See rg_clinic_t.unusable. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"

static bool has_site(const rg_clinic_t *k, int64_t id)
{
    for (int i = 0; i < k->site_count; i++) {
        if (k->sites[i].id == id) {
            return true;
        }
    }
    return false;
}

/* A copy without valid sites would be cached until somebody edits something. */
static bool zones_for_later(const rg_clinic_t *k)
{
    bool missing = false;
    for (int i = 0; i < k->site_count; i++) {
        missing = missing || !k->sites[i].zone;
    }
    return missing && !rg_zone_readable();
}

/* The zone data of this system must know the name. */
static void keep_sites(rg_clinic_t *k, const rg_ctx_t *ctx)
{
    int kept = 0;
    for (int i = 0; i < k->site_count; i++) {
        if (k->sites[i].zone) {
            k->sites[kept++] = k->sites[i];
            continue;
        }
        rg_log(ctx, RG_LOG_ERR,
               RGNO(02001) "Site %s: this system does not know the stored time zone; requests for "
                           "the site answer 503.",
               k->sites[i].code);
        k->unusable++;
    }
    k->site_count = kept;
}

static void keep_resources(rg_clinic_t *k)
{
    int kept = 0;
    for (int i = 0; i < k->resource_count; i++) {
        if (has_site(k, k->resources[i].site_id) && (int)k->resources[i].resource.kind >= 0) {
            k->resources[kept++] = k->resources[i];
        }
    }
    k->resource_count = kept;
}

static bool in_order(const rg_service_t *s)
{
    for (int i = 0; i < s->step_count; i++) {
        if (s->steps[i].step_no != i + 1) {
            return false;
        }
    }
    return s->step_count > 0 && s->step_count <= RG_STEPS_MAX;
}

/* Steps missing, too many, or numbered with a gap; a currency that has no decimals we know. */
static bool can_be_offered(const rg_service_t *s)
{
    return in_order(s) && (!s->price.currency[0] || rg_money_exponent(s->price.currency) >= 0);
}

/* One that cannot be offered stays, for its bookings and to be fixed, but nobody may book it. */
static void keep_services(rg_clinic_t *k, const rg_ctx_t *ctx)
{
    int kept = 0;
    for (int i = 0; i < k->service_count; i++) {
        rg_clinic_service_t *s = &k->services[i];
        if (!has_site(k, s->service.site_id)) {
            continue;
        }
        if (s->active && !can_be_offered(&s->service)) {
            rg_log(ctx, RG_LOG_ERR,
                   RGNO(02003) "Service %s: its steps or its currency are not valid; it is not "
                               "offered.",
                   s->service.code);
            s->active = false;
        }
        k->services[kept++] = *s;
    }
    k->service_count = kept;
}

static void keep_closures(rg_clinic_t *k)
{
    int kept = 0;
    for (int i = 0; i < k->closure_count; i++) {
        if (has_site(k, k->closures[i].site_id)) {
            k->closures[kept] = k->closures[i];
            k->closure_ids[kept] = k->closure_ids[i];
            k->closure_kinds[kept] = k->closure_kinds[i];
            k->closure_reasons[kept] = k->closure_reasons[i];
            kept++;
        }
    }
    k->closure_count = kept;
}

rg_outcome_t rg_clinic_keep_usable(rg_clinic_t *k, const rg_ctx_t *ctx)
{
    if (zones_for_later(k)) {
        rg_log(ctx, RG_LOG_WARNING,
               RGNO(02004) "No time zone file can be opened: this process has reached its limit of "
                           "open files.");
        return RG_UNAVAILABLE;
    }
    keep_sites(k, ctx);
    keep_resources(k);
    keep_services(k, ctx);
    keep_closures(k);
    return RG_OK;
}
