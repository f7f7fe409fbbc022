/* SPDX-License-Identifier: Apache-2.0 */
/* From definitions to bit strings: which resources could serve which need, when they are open, when
 * they are occupied, and which starts may be offered. */
#include "mod_regen/clinic/schedule/input.h"

#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/clinic/schedule.h"

#include <string.h>

enum { WINDOW_MAX = 1200 * RG_DAY_GRANULES };

/* --- how far it reaches ----------------------------------------------------------------------- */

/* Longest time from the end of the step before to a start. A day by the clock lasts up to an hour
 * or so more than 24 hours, and the last day must be in the window whole: two days to spare. */
static int longest_gap(const rg_step_t *step)
{
    return step->gap_days_max > 0 ? (step->gap_days_max + 2) * RG_DAY_MINUTES : step->gap_max;
}

/* How far a chain may reach beyond its start, and a resource be taken before it. */
static void reach_of_chain(const rg_service_t *s, int64_t *before, int64_t *after)
{
    int64_t end = 0;
    *before = 0;
    *after = 0;
    for (int i = 0; i < s->step_count; i++) {
        const rg_step_t *step = &s->steps[i];
        end += step->minutes + (i > 0 ? longest_gap(step) : 0);
        for (int k = 0; k < step->need_count; k++) {
            const rg_need_t *need = &step->needs[k];
            *before = need->setup > *before ? need->setup : *before;
            *after = end + need->turnover > *after ? end + need->turnover : *after;
        }
        *after = end > *after ? end : *after;
    }
}

/* --- who could serve -------------------------------------------------------------------------- */

static void find_candidates(rg_offer_t *o, apr_pool_t *p)
{
    size_t most = (size_t)o->clinic->resource_count + 1;
    o->candidates = apr_palloc(p, sizeof(*o->candidates) * most);
    o->ids = apr_palloc(p, sizeof(*o->ids) * most);
    for (int i = 0; i < o->clinic->resource_count; i++) {
        const rg_clinic_resource_t *r = &o->clinic->resources[i];
        if (r->resource.active && r->site_id == o->site->id &&
            rg_service_uses(o->service, r, RG_STEPS_ANY)) {
            o->candidates[o->count] = r;
            o->ids[o->count++] = r->resource.id;
        }
    }
}

static int candidate_by_id(const rg_offer_t *o, int64_t id)
{
    for (int lo = 0, hi = o->count; lo < hi;) {
        int middle = lo + (hi - lo) / 2;
        if (o->ids[middle] == id) {
            return middle;
        }
        if (o->ids[middle] < id) {
            lo = middle + 1;
        }
        else {
            hi = middle;
        }
    }
    return -1;
}

/* --- the chain -------------------------------------------------------------------------------- */

/* Bind words are few: their number is the place of the need that says one first. */
static int bind_number(const char **words, int *count, const char *word)
{
    if (!word[0]) {
        return -1;
    }
    for (int i = 0; i < *count; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }
    words[*count] = word;
    return (*count)++;
}

static void fill_pool(rg_offer_t *o, apr_pool_t *p, rg_search_need_t *to, const rg_need_t *need)
{
    int *pool = apr_palloc(p, sizeof(*pool) * (size_t)(o->count + 1));
    for (int i = 0; i < o->count; i++) {
        if (rg_need_can(o->candidates[i], need)) {
            pool[to->pool_count++] = i;
        }
    }
    to->pool = pool;
}

/* Rounded so that no rounding ever makes a chain looser than its definition. */
static int granules_up(int minutes)
{
    return (minutes + RG_GRANULE_MINUTES - 1) / RG_GRANULE_MINUTES;
}

static void fill_step(rg_offer_t *o, apr_pool_t *p, rg_search_step_t *to, const rg_step_t *step,
                      const char **words)
{
    rg_search_need_t *needs = apr_pcalloc(p, sizeof(*needs) * (size_t)(step->need_count + 1));
    to->length = granules_up(step->minutes);
    to->gap_min = granules_up(step->gap_min);
    to->gap_max = step->gap_max / RG_GRANULE_MINUTES;
    to->days_min = step->gap_days_min;
    to->days_max = step->gap_days_max;
    to->need_count = step->need_count;
    to->needs = needs;
    for (int i = 0; i < step->need_count; i++) {
        const rg_need_t *need = &step->needs[i];
        needs[i].quantity = need->quantity;
        needs[i].setup = granules_up(need->setup);
        needs[i].turnover = granules_up(need->turnover);
        needs[i].bind = bind_number(words, &o->search.bind_count, need->bind);
        fill_pool(o, p, &needs[i], need);
    }
}

/* Later visits start on the grid, too: nobody is asked to come at 10:05. */
static void fill_chain(rg_offer_t *o, apr_pool_t *p, const rg_bits_t *grid)
{
    const rg_service_t *s = o->service;
    rg_search_step_t *steps = apr_pcalloc(p, sizeof(*steps) * (size_t)(s->step_count + 1));
    const char *words[RG_STEPS_MAX * RG_NEEDS_MAX] = {NULL};
    for (int i = 0; i < s->step_count && i < RG_STEPS_MAX; i++) {
        fill_step(o, p, &steps[i], &s->steps[i], words);
        if (i > 0 && s->steps[i].visit_no != s->steps[i - 1].visit_no) {
            steps[i].only = grid;
        }
    }
    steps[0].only = &o->starts;
    o->search.n = o->n;
    o->search.resource_count = o->count;
    o->search.free = o->free;
    o->search.step_count = s->step_count;
    o->search.steps = steps;
}

/* Patients can choose who treats them, but not who checks them in or runs the centrifuge. */
/* The step for which a patient chooses a practitioner: injection or consultation, not the blood
 * draw before it. */
static bool treats(const rg_service_t *s, const rg_step_t *step)
{
    bool harvest_only = true;
    for (int i = 0; i < s->step_count; i++) {
        harvest_only = harvest_only && s->steps[i].kind != RG_STEP_INJECT &&
                       s->steps[i].kind != RG_STEP_CONSULT;
    }
    return step->kind == RG_STEP_INJECT || step->kind == RG_STEP_CONSULT ||
           (harvest_only && step->kind == RG_STEP_HARVEST);
}

static bool has_candidate(const rg_search_need_t *need, int candidate)
{
    for (int c = 0; c < need->pool_count; c++) {
        if (need->pool[c] == candidate) {
            return true;
        }
    }
    return false;
}

/* The resource of one need with a bind word serves all of them: one that cannot do all never
 * treats. */
static bool serves_all_bound(const rg_offer_t *o, int bind, int candidate)
{
    for (int i = 0; bind >= 0 && i < o->search.step_count; i++) {
        const rg_search_step_t *step = &o->search.steps[i];
        for (int k = 0; k < step->need_count; k++) {
            if (step->needs[k].bind == bind && !has_candidate(&step->needs[k], candidate)) {
                return false;
            }
        }
    }
    return true;
}

static bool treats_somewhere(const rg_offer_t *o, int candidate)
{
    for (int i = 0; i < o->service->step_count; i++) {
        const rg_search_step_t *step = &o->search.steps[i];
        for (int k = 0; treats(o->service, &o->service->steps[i]) && k < step->need_count; k++) {
            const rg_search_need_t *need = &step->needs[k];
            if (need->quantity == 1 && has_candidate(need, candidate) &&
                serves_all_bound(o, need->bind, candidate)) {
                return true;
            }
        }
    }
    return false;
}

static void list_practitioners(rg_offer_t *o, apr_pool_t *p)
{
    o->practitioners = apr_palloc(p, sizeof(*o->practitioners) * (size_t)(o->count + 1));
    for (int i = 0; i < o->count; i++) {
        const rg_resource_t *r = &o->candidates[i]->resource;
        if (r->kind == RG_RESOURCE_PRACTITIONER && treats_somewhere(o, i)) {
            o->practitioners[o->practitioner_count++] = r;
        }
    }
}

/* A requested practitioner is used for the first possible need of every step; other needs of the
 * step are served by others. */
static bool insist(rg_offer_t *o, apr_pool_t *p, int64_t practitioner)
{
    int *only = apr_palloc(p, sizeof(*only));
    bool found = false;
    *only = candidate_by_id(o, practitioner);
    for (int i = 0; *only >= 0 && i < o->search.step_count; i++) {
        const rg_search_step_t *step = &o->search.steps[i];
        for (int k = 0; k < step->need_count; k++) {
            rg_search_need_t *need = (rg_search_need_t *)&step->needs[k];
            if (need->quantity == 1 && has_candidate(need, *only)) {
                need->pool = only;
                need->pool_count = 1;
                found = true;
                break;
            }
        }
    }
    return found;
}

/* --- time ------------------------------------------------------------------------------------- */

static void lay_out_bits(rg_offer_t *o, apr_pool_t *p)
{
    size_t most = (size_t)o->count + 1;
    o->open = apr_palloc(p, sizeof(*o->open) * most);
    o->taken = apr_palloc(p, sizeof(*o->taken) * most);
    o->free = apr_palloc(p, sizeof(*o->free) * most);
    for (int i = 0; i < o->count; i++) {
        o->open[i] = rg_layout_open(p, o->clinic, o->candidates[i], o->site->zone, o->from, o->n);
        o->taken[i] = rg_bits_make(p, o->n);
        o->free[i] = rg_bits_make(p, o->n);
        rg_bits_copy(&o->free[i], &o->open[i]);
    }
}

/* The first granule that starts at T or later. */
static int64_t granule_from(apr_time_t t)
{
    return rg_granule_of(t + RG_GRANULE - 1);
}

static void keep_from(rg_bits_t *found, int64_t from, apr_time_t earliest, apr_time_t now)
{
    /* Without any notice the present moment is still over. */
    rg_bits_clear(found, 0, granule_from(earliest > now ? earliest : now + 1) - from);
}

void rg_offer_keep_notice(rg_bits_t *found, int64_t from, const rg_service_t *s, apr_time_t now)
{
    keep_from(found, from, rg_window_notice(s, now), now);
}

void rg_offer_keep_in_time(rg_bits_t *found, int64_t from, const rg_service_t *s,
                           const rg_zone_t *zone, apr_time_t now)
{
    keep_from(found, from, rg_window_from(s, zone, now), now);
    rg_bits_clear(found, granule_from(rg_window_until(s, zone, now)) - from, found->n);
}

static rg_bits_t copy_of(apr_pool_t *p, const rg_bits_t *b)
{
    rg_bits_t copy = rg_bits_make(p, b->n);
    rg_bits_copy(&copy, b);
    return copy;
}

static void mask_starts(rg_offer_t *o, const rg_ctx_t *ctx, const rg_bits_t *grid, apr_time_t from,
                        apr_time_t until)
{
    o->asked = rg_bits_make(ctx->pool, o->n);
    rg_bits_set(&o->asked, granule_from(from) - o->from, granule_from(until) - o->from);
    rg_bits_and(&o->asked, grid);
    o->wanted = copy_of(ctx->pool, &o->asked);
    rg_offer_keep_in_time(&o->wanted, o->from, o->service, o->site->zone, ctx->now);
    o->starts = copy_of(ctx->pool, &o->wanted);
}

void rg_offer_any_time(rg_offer_t *o)
{
    rg_bits_copy(&o->wanted, &o->asked);
    rg_bits_copy(&o->starts, &o->asked);
}

static void lay_out_days(rg_offer_t *o, apr_pool_t *p)
{
    const rg_zone_t *zone = o->site->zone;
    o->search.midnights = rg_layout_midnights(p, zone, o->from, o->n, &o->search.day_count);
    o->first_day = rg_date_days(rg_zone_local(zone, rg_granule_time(o->from)).date) - 1;
}

static rg_date_t day_number(const rg_offer_t *o, int i)
{
    return rg_date_from_days(o->first_day + i);
}

rg_date_t rg_offer_day(const rg_offer_t *o, int64_t at)
{
    int i = 0;
    while (i + 1 < o->search.day_count && o->search.midnights[i + 1] <= at) {
        i++;
    }
    return day_number(o, i);
}

/* Wide enough that a chain which starts in the wanted window is judged to its very end. */
static bool size_window(rg_offer_t *o, apr_time_t from, apr_time_t until)
{
    int64_t before;
    int64_t after;
    reach_of_chain(o->service, &before, &after);
    o->from = rg_granule_of(from) - granules_up((int)before);
    int64_t end = rg_granule_of(until) + 1 + after / RG_GRANULE_MINUTES + 1;
    if (end - o->from > WINDOW_MAX || o->from < 0) {
        return false;
    }
    o->n = (int)(end - o->from);
    return true;
}

rg_outcome_t rg_offer_make(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                           const rg_clinic_service_t *s, int targets, int64_t practitioner,
                           apr_time_t from, apr_time_t until)
{
    rg_offer_t *o = apr_pcalloc(ctx->pool, sizeof(*o));
    rg_bits_t *grid = apr_palloc(ctx->pool, sizeof(*grid));
    o->clinic = k;
    o->service = rg_service_sized(ctx->pool, &s->service, targets);
    o->site = rg_clinic_site(k, s->service.site_id);
    if (s->service.step_count == 0 || s->service.step_count > RG_STEPS_MAX ||
        !size_window(o, from, until)) {
        rg_log(ctx, RG_LOG_ERR, RGNO(02020) "Service %s cannot be offered as it is defined.",
               s->service.code);
        return RG_PRECONDITION;
    }
    find_candidates(o, ctx->pool);
    lay_out_bits(o, ctx->pool);
    lay_out_days(o, ctx->pool);
    *grid = rg_layout_grid(ctx->pool, o->site->zone, s->service.start_grid, o->from, o->n);
    mask_starts(o, ctx, grid, from, until);
    fill_chain(o, ctx->pool, grid);
    list_practitioners(o, ctx->pool);
    *out = o;
    if (practitioner != 0 && !insist(o, ctx->pool, practitioner)) {
        rg_problem_add(ctx->problems, "practitioner", "Choose a practitioner of this treatment.");
        return RG_INVALID;
    }
    return RG_OK;
}

bool rg_offer_possible(const rg_offer_t *o, apr_pool_t *p, int64_t at)
{
    rg_search_step_t steps[RG_STEPS_MAX];
    rg_search_t empty = o->search;
    memcpy(steps, o->search.steps, sizeof(*steps) * (size_t)o->search.step_count);
    steps[0].only = &o->wanted;
    empty.steps = steps;
    empty.free = o->open;
    rg_bits_t found = rg_search_starts(p, &empty);
    return rg_bits_get(&found, at);
}

/* --- rules that somebody breaks with a reason ------------------------------------------------- */

static rg_bits_t open_but_closures(const rg_offer_t *o, apr_pool_t *p, int candidate)
{
    rg_clinic_resource_t always = *o->candidates[candidate];
    rg_opening_t week[7];
    for (int i = 0; i < 7; i++) {
        week[i] = (rg_opening_t){i + 1, 0, RG_DAY_MINUTES, -1000000, 10000000};
    }
    always.opening_count = 7;
    always.openings = week;
    return rg_layout_open(p, o->clinic, &always, o->site->zone, o->from, o->n);
}

void rg_offer_waive(rg_offer_t *o, apr_pool_t *p, int64_t at, bool opened)
{
    rg_bits_set(&o->wanted, at, at + 1);
    for (int i = 0; opened && i < o->count; i++) {
        o->open[i] = open_but_closures(o, p, i);
        rg_bits_copy(&o->free[i], &o->open[i]);
        rg_bits_and_not(&o->free[i], &o->taken[i]);
    }
}

/* --- what is taken ---------------------------------------------------------------------------- */

static void note_taken(rg_offer_t *o, const rg_day_bits_t *rows, int count)
{
    for (int i = 0; i < count; i++) {
        int at = candidate_by_id(o, rows[i].resource_id);
        int64_t base = (int64_t)rows[i].day * RG_DAY_GRANULES - o->from;
        for (int w = 0; at >= 0 && w < 5; w++) {
            rg_bits_set_word(&o->taken[at], base + (int64_t)w * 64, rows[i].w[w]);
        }
    }
    for (int i = 0; i < o->count; i++) {
        rg_bits_and_not(&o->free[i], &o->taken[i]);
    }
}

/* A day of the service is full if all its seats are taken, whatever resources are free. */
static void hide_full_days(rg_offer_t *o)
{
    int limit = o->service->max_per_day;
    rg_bits_copy(&o->starts, &o->wanted);
    for (int i = 0; limit > 0 && i < o->seat_count; i++) {
        int day = o->seats[i].day - o->first_day;
        if (o->seats[i].taken >= limit && day >= 0 && day < o->search.day_count) {
            rg_bits_clear(&o->starts, o->search.midnights[day], o->search.midnights[day + 1]);
        }
    }
}

bool rg_offer_full(const rg_offer_t *o, int64_t at)
{
    int day = rg_date_days(rg_offer_day(o, at));
    for (int i = 0; o->service->max_per_day > 0 && i < o->seat_count; i++) {
        if (o->seats[i].day == day) {
            return o->seats[i].taken >= o->service->max_per_day;
        }
    }
    return false;
}

void rg_offer_take(rg_offer_t *o, const rg_calendar_t *calendar)
{
    note_taken(o, calendar->days, calendar->day_count);
    o->seats = calendar->seats;
    o->seat_count = calendar->seat_count;
    hide_full_days(o);
}

rg_calendar_ask_t rg_offer_ask(const rg_offer_t *o)
{
    return (rg_calendar_ask_t){.resources = o->ids,
                               .resource_count = o->count,
                               .first_day = (int)(o->from / RG_DAY_GRANULES),
                               .last_day = (int)((o->from + o->n) / RG_DAY_GRANULES),
                               .service_id = o->service->max_per_day > 0 ? o->service->id : 0,
                               .first_local = day_number(o, 0),
                               .last_local = day_number(o, o->search.day_count)};
}

bool rg_offer_open_for(const rg_offer_t *o, const rg_span_t *spans, int count)
{
    for (int i = 0; i < count; i++) {
        int at = candidate_by_id(o, spans[i].resource_id);
        int64_t from = spans[i].from - o->from;
        int64_t until = spans[i].until - o->from;
        if (at < 0 || rg_bits_count(&o->open[at], from, until) != until - from) {
            return false;
        }
    }
    return true;
}

/* A moved booking's own seat counts as free. */
static void give_seat_back(rg_offer_t *o, apr_time_t start)
{
    int day = rg_date_days(rg_zone_local(o->site->zone, start).date);
    for (int i = 0; i < o->seat_count; i++) {
        o->seats[i].taken -= o->seats[i].day == day;
    }
    hide_full_days(o);
}

void rg_offer_give_back(rg_offer_t *o, const rg_span_t *spans, int count, apr_time_t start)
{
    if (start != 0) {
        give_seat_back(o, start);
    }
    for (int i = 0; i < count; i++) {
        int at = candidate_by_id(o, spans[i].resource_id);
        if (at >= 0) {
            rg_bits_clear(&o->taken[at], spans[i].from - o->from, spans[i].until - o->from);
            rg_bits_copy(&o->free[at], &o->open[at]);
            rg_bits_and_not(&o->free[at], &o->taken[at]);
        }
    }
}
