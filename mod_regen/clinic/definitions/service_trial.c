/* SPDX-License-Identifier: Apache-2.0 */
/* Whether a service could ever be booked, using the search itself over an empty calendar; if not,
 * the smallest part of it that never fits, in words. */
#include "mod_regen/clinic/schedule/local_days.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/definitions/service.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/search.h"

#include <string.h>

#include <apr_strings.h>

enum { SOON_DAYS = 35 };

typedef struct {
    const rg_trial_t *trial;
    const rg_ctx_t *ctx; /* its own pool */
    rg_offer_t *offer;
} look_t;

/* --- parts of the chain ----------------------------------------------------------------------- */

/* Whether steps FIRST..LAST fit somewhere, as STEPS has them. The first may start at ONLY. */
static bool fits(const look_t *l, const rg_search_step_t *steps, int first, int last,
                 const rg_bits_t *only)
{
    rg_search_t s = l->offer->search;
    int count = last - first + 1;
    rg_search_step_t *part = apr_palloc(l->ctx->pool, sizeof(*part) * (size_t)count);
    memcpy(part, &steps[first], sizeof(*part) * (size_t)count);
    part[0].only = only;
    s.steps = part;
    s.step_count = count;
    rg_bits_t found = rg_search_starts(l->ctx->pool, &s);
    return rg_bits_any(&found);
}

/* The chain with every need for itself: nobody need be the same. */
static rg_search_step_t *unbound(const look_t *l)
{
    const rg_search_t *s = &l->offer->search;
    rg_search_step_t *steps = apr_palloc(l->ctx->pool, sizeof(*steps) * (size_t)s->step_count);
    for (int i = 0; i < s->step_count; i++) {
        int count = s->steps[i].need_count;
        rg_search_need_t *needs = apr_palloc(l->ctx->pool, sizeof(*needs) * (size_t)(count + 1));
        memcpy(needs, s->steps[i].needs, sizeof(*needs) * (size_t)count);
        for (int k = 0; k < count; k++) {
            needs[k].bind = -1;
        }
        steps[i] = s->steps[i];
        steps[i].needs = needs;
    }
    return steps;
}

/* Some needs of one step alone. */
static bool needs_fit(const look_t *l, const rg_search_step_t *step, int a, int b)
{
    rg_search_need_t some[2] = {step->needs[a], step->needs[b]};
    rg_search_step_t part = *step;
    part.needs = some;
    part.need_count = a == b ? 1 : 2;
    return fits(l, &part, 0, 0, NULL);
}

/* --- words ------------------------------------------------------------------------------------ */

static int longest_run(const rg_bits_t *b)
{
    int longest = 0;
    int run = 0;
    for (int i = 0; i < b->n; i++) {
        run = rg_bits_get(b, i) ? run + 1 : 0;
        longest = run > longest ? run : longest;
    }
    return longest;
}

static int longest_opening(const look_t *l, const rg_search_need_t *need)
{
    int longest = 0;
    for (int i = 0; i < need->pool_count; i++) {
        int run = longest_run(&l->offer->open[need->pool[i]]);
        longest = run > longest ? run : longest;
    }
    return longest * RG_GRANULE_MINUTES;
}

static const char *step_words(const look_t *l, int i)
{
    return apr_psprintf(l->trial->ctx->pool, "step %d \"%s\"", i + 1,
                        l->trial->def->service.steps[i].name);
}

static const char *capability_path(const look_t *l, int i, int k)
{
    return apr_psprintf(l->trial->ctx->pool, "steps[%d].needs[%d].capability", i, k);
}

static void say_need(const look_t *l, int i, int k)
{
    const rg_step_t *step = &l->trial->def->service.steps[i];
    const rg_need_t *n = &step->needs[k];
    const char *reach = n->setup + n->turnover > 0 ? " with setup and turnover" : "";
    int minutes = n->setup + step->minutes + n->turnover;
    int longest = longest_opening(l, &l->offer->search.steps[i].needs[k]);
    const char *when = longest == 0 ? "it is never open"
                                    : apr_psprintf(l->trial->ctx->pool,
                                                   "the longest opening is %d minutes", longest);
    if (n->quantity > 1 && longest >= minutes) {
        when = apr_psprintf(l->trial->ctx->pool, "so many are never open at once");
    }
    rg_trial_problem(l->trial, capability_path(l, i, k), "%s needs %s for %d minutes%s; %s.",
                     step_words(l, i), n->capability, minutes, reach, when);
}

static void say_pair(const look_t *l, int i, int a, int b)
{
    const rg_step_t *step = &l->trial->def->service.steps[i];
    rg_trial_problem(
        l->trial, capability_path(l, i, b),
        "%s needs %s and %s at once for %d minutes, but they are never open together for so long.",
        step_words(l, i), step->needs[a].capability, step->needs[b].capability, step->minutes);
}

static void say_range(const look_t *l, int first, int last, bool bound)
{
    const rg_service_t *s = &l->trial->def->service;
    const char *path = apr_psprintf(l->trial->ctx->pool, "steps[%d].%s", last,
                                    s->steps[last].gap_days_max > 0 ? "gap_days_max" : "gap_max");
    bool days = s->steps[first].visit_no != s->steps[last].visit_no;
    const char *why = days ? "no two days within the gap have both open"
                           : "there is no day on which both are open within their gaps";
    if (bound) {
        why = "both require the same person, room or device, and none is open for both within the "
              "gaps";
    }
    rg_trial_problem(l->trial, path, "%s and %s never fit together: %s.", step_words(l, first),
                     step_words(l, last), why);
}

/* --- why not ---------------------------------------------------------------------------------- */

/* A step that never fits by itself, in the order of cause. False: each does. */
static bool blame_step(const look_t *l, const rg_search_step_t *apart, int i)
{
    const rg_search_step_t *step = &apart[i];
    for (int k = 0; k < step->need_count; k++) {
        if (!needs_fit(l, step, k, k)) {
            say_need(l, i, k);
            return true;
        }
    }
    for (int b = 1; b < step->need_count; b++) {
        for (int a = 0; a < b; a++) {
            if (!needs_fit(l, step, a, b)) {
                say_pair(l, i, a, b);
                return true;
            }
        }
    }
    if (fits(l, l->offer->search.steps, i, i, NULL)) {
        return false;
    }
    rg_trial_problem(
        l->trial, apr_psprintf(l->trial->ctx->pool, "steps[%d].minutes", i),
        "%s: everything it needs is never open together for %d minutes%s.", step_words(l, i),
        l->trial->def->service.steps[i].minutes,
        fits(l, apart, i, i, NULL) ? " by the same person, room or device where required" : "");
    return true;
}

/* The shortest run of steps that never fits: the pair at its ends is what is wrong. */
static bool blame_range(const look_t *l, const rg_search_step_t *apart)
{
    const rg_search_t *s = &l->offer->search;
    for (int count = 2; count <= s->step_count; count++) {
        for (int first = 0; first + count <= s->step_count; first++) {
            int last = first + count - 1;
            if (!fits(l, s->steps, first, last, NULL)) {
                say_range(l, first, last, fits(l, apart, first, last, NULL));
                return true;
            }
        }
    }
    return false;
}

static void blame_start(const look_t *l)
{
    const rg_service_t *s = &l->trial->def->service;
    const rg_offer_t *o = l->offer;
    rg_bits_t grid = rg_layout_grid(l->ctx->pool, o->site->zone, s->start_grid, o->from, o->n);
    if (fits(l, o->search.steps, 0, s->step_count - 1, &grid)) {
        rg_trial_problem(l->trial, "horizon_days",
                         "The only times are sooner than the notice allows or after the last "
                         "bookable day. Lengthen the booking horizon or shorten the notice.");
    }
    else {
        rg_trial_problem(l->trial, "start_grid",
                         "The only times are not on the grid of %d minutes. Choose a finer grid.",
                         s->start_grid);
    }
}

static void blame(const look_t *l)
{
    const rg_search_step_t *apart = unbound(l);
    bool said = false;
    for (int i = 0; i < l->offer->search.step_count; i++) {
        said = blame_step(l, apart, i) || said;
    }
    if (!said && !blame_range(l, apart)) {
        blame_start(l);
    }
}

/* --- the question ----------------------------------------------------------------------------- */

/* Whether it can start in the first DAYS days. */
static rg_outcome_t can_start(look_t *l, int days, bool *found)
{
    const rg_trial_t *t = l->trial;
    rg_clinic_service_t s = {t->def->service, true};
    rg_date_t today = rg_zone_local(t->site->zone, l->ctx->now).date;
    rg_clinic_service_t *kept = apr_pmemdup(l->ctx->pool, &s, sizeof(s));
    rg_outcome_t rc = rg_offer_make(&l->offer, l->ctx, t->clinic, kept, 1, 0,
                                    rg_zone_utc(t->site->zone, today, 0),
                                    rg_zone_utc(t->site->zone, rg_date_add(today, days), 0));
    if (rc == RG_OK) {
        rg_bits_t starts = rg_search_starts(l->ctx->pool, &l->offer->search);
        *found = rg_bits_any(&starts);
    }
    return rc;
}

rg_outcome_t rg_service_check_bookable(const rg_trial_t *t)
{
    rg_ctx_t own = *t->ctx;
    look_t l = {t, &own, NULL};
    int most = t->def->service.horizon_days + 1;
    bool found = false;
    if (apr_pool_create(&own.pool, t->ctx->pool) != APR_SUCCESS) {
        return RG_INTERNAL;
    }
    rg_outcome_t rc = can_start(&l, most < SOON_DAYS ? most : SOON_DAYS, &found);
    if (rc == RG_OK && !found) {
        rc = can_start(&l, most, &found);
    }
    if (rc == RG_OK && !found) {
        blame(&l);
        rc = RG_INVALID;
    }
    apr_pool_destroy(own.pool);
    return rc;
}
