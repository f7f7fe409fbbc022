/* SPDX-License-Identifier: Apache-2.0 */
/* Slot: the times at which a service can begin (free), those at which a resource is occupied (busy,
 * or busy-tentative while it is held), and those at which a resource or the site of a service is
 * closed (busy-unavailable). None is stored: free ones are searched for on request, by the same
 * search as for the pages, and their ids contain service and start; a request for free ones alone
 * costs nothing else. */
#include "fhir.h"
#include "regen/clinic/api.h"
#include "regen/clinic/booking.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#include <apr_strings.h>
#include <string.h>

#define FACTS(...)    ((const regen_fhir_fact_t[]){__VA_ARGS__, {NULL, NULL}})
#define SCHEDULES_MAX 10
#define CLOSED        "-closed" /* at the end of an id */

static void write_found_slot(rg_writer_t *w, const rg_fhir_t *e, const char *as, const void *value)
{
    rg_fhir_slot(w, e, as, value);
}

static regen_fhir_entry_t entry_slot(apr_pool_t *p, const rg_fhir_slot_t *slot)
{
    return (regen_fhir_entry_t){.type = "Slot",
                                .id = slot->id,
                                .version = slot->version,
                                .changed = slot->changed_at,
                                .write = write_found_slot,
                                .value = apr_pmemdup(p, slot, sizeof(*slot))};
}

/* --- free ------------------------------------------------------------------------------------- */

rg_fhir_slot_t regen_free_slot(const rg_fhir_t *e, const rg_directory_service_t *s,
                               apr_time_t start)
{
    apr_time_t length = rg_first_visit_minutes(s->service) * RG_MINUTE;
    return (rg_fhir_slot_t){
        .id = apr_psprintf(e->p, "%s-%" APR_TIME_T_FMT, s->service->uid, apr_time_sec(start)),
        .status = "free",
        .service = s,
        .from = start,
        .until = start + length,
        .version = rg_fhir_version(e),
        .visits = rg_visit_count(s->service)};
}

static bool hand_out(const rg_availability_t *a, apr_time_t from, apr_time_t until,
                     regen_start_fn each, void *baton)
{
    for (int d = 0; d < a->day_count; d++) {
        for (int i = 0; i < a->days[d].count; i++) {
            apr_time_t start = a->days[d].starts[i];
            if (start >= from && start < until && !each(baton, start)) {
                return false;
            }
        }
    }
    return true;
}

/* The days of one search, at most as many as one may ask for. */
static rg_outcome_t find_days(rg_availability_t **out, regen_req_t *q,
                              const rg_directory_service_t *s, rg_date_t first, rg_date_t last,
                              int *days)
{
    rg_ctx_t silent = rg_silent_ctx(q->ctx); /* nobody asked for these very days */
    int wanted = rg_date_days(last) - rg_date_days(first) + 1;
    *days = wanted < q->ctx->policy->search_days ? wanted : q->ctx->policy->search_days;
    rg_find_in_t in = {.service_code = s->service->code, .from = first, .days = *days};
    return rg_availability_find(out, &silent, &in);
}

rg_outcome_t regen_free_starts(regen_req_t *q, const rg_directory_service_t *s, apr_time_t from,
                               apr_time_t until, regen_start_fn each, void *baton)
{
    const rg_zone_t *zone = s->site->zone;
    apr_time_t horizon = rg_window_until(s->service, zone, q->ctx->now);
    from = from > q->ctx->now ? from : q->ctx->now;
    until = until < horizon ? until : horizon;
    if (!regen_fhir_bookable(s) || from >= until) {
        return RG_OK;
    }
    rg_date_t first = rg_zone_local(zone, from).date;
    rg_date_t last = rg_zone_local(zone, until - 1).date;
    while (rg_date_compare(first, last) <= 0) {
        rg_availability_t *a;
        int days;
        rg_outcome_t rc = find_days(&a, q, s, first, last, &days);
        if (rc != RG_OK) {
            return rc == RG_INVALID || rc == RG_PRECONDITION ? RG_OK : rc;
        }
        if (!hand_out(a, from, until, each, baton)) {
            return RG_OK;
        }
        first = rg_date_add(first, days);
    }
    return RG_OK;
}

/* --- a page ----------------------------------------------------------------------------------- */

typedef struct {
    regen_fhir_search_t *s;
    const rg_directory_service_t *service;   /* or */
    const rg_directory_resource_t *resource; /* whose schedule it is */
    int schedule;                            /* its place in the list */
    int64_t after;                           /* rank of the first that was not shown yet */
    bool closed_too;
    rg_closed_span_t *closed;
    int closed_count, closed_next;
} page_t;

/* Where a slot stands in its schedule: by its start, a closure before what else begins with it. */
static int64_t rank_of_slot(apr_time_t start, bool closed)
{
    return apr_time_sec(start) * 2 + (closed ? 0 : 1);
}

/* Whether there is room for one more; the page ends before RANK otherwise. */
static bool has_page_room(regen_fhir_search_t *s, int schedule, int64_t at)
{
    if (s->found->nelts < s->count) {
        return true;
    }
    s->more = true;
    s->next_key = schedule;
    s->next_after = at;
    return false;
}

/* --- closed ----------------------------------------------------------------------------------- */

static rg_fhir_slot_t closed_slot(const regen_fhir_search_t *s, const page_t *page,
                                  const rg_closed_span_t *span)
{
    const char *uid = page->service ? page->service->service->uid : page->resource->resource->uid;
    return (rg_fhir_slot_t){
        .id = apr_psprintf(s->env.p, "%s-%" APR_TIME_T_FMT CLOSED, uid, apr_time_sec(span->from)),
        .status = "busy-unavailable",
        .service = page->service,
        .resource = page->resource,
        .from = span->from,
        .until = span->until,
        .version = rg_fhir_version(&s->env)};
}

/* Those that begin before UNTIL and were not shown yet; one after the other as the page is made. */
static void find_closed_slots(page_t *page, const regen_span_t *when)
{
    regen_fhir_search_t *s = page->s;
    const rg_site_t *site = page->service ? page->service->site : page->resource->site;
    int64_t id = page->resource ? page->resource->resource->id : 0;
    rg_closed_span_t *spans;
    int count;
    if (!page->closed_too) {
        return;
    }
    rg_directory_closed(&spans, &count, s->q->ctx, s->dir, site, id, when->from);
    for (int i = 0; i < count; i++) {
        bool begins = spans[i].from >= when->from || !regen_fhir_has(s, "start");
        bool shown = rank_of_slot(spans[i].from, true) < page->after;
        if (begins && !shown && spans[i].from < when->until) {
            spans[page->closed_count++] = spans[i];
        }
    }
    page->closed = spans;
}

/* Puts those into the page that begin no later than START. */
static bool push_closed(page_t *page, apr_time_t start)
{
    regen_fhir_search_t *s = page->s;
    while (page->closed_next < page->closed_count &&
           page->closed[page->closed_next].from <= start) {
        const rg_closed_span_t *span = &page->closed[page->closed_next];
        if (!has_page_room(s, page->schedule, rank_of_slot(span->from, true))) {
            return false;
        }
        rg_fhir_slot_t slot = closed_slot(s, page, span);
        APR_ARRAY_PUSH(s->found, regen_fhir_entry_t) = entry_slot(s->env.p, &slot);
        page->closed_next++;
    }
    return true;
}

/* --- free and busy ---------------------------------------------------------------------------- */

static bool push_free(void *baton, apr_time_t start)
{
    page_t *page = baton;
    if (!push_closed(page, start) ||
        !has_page_room(page->s, page->schedule, rank_of_slot(start, false))) {
        return false;
    }
    rg_fhir_slot_t slot = regen_free_slot(&page->s->env, page->service, start);
    APR_ARRAY_PUSH(page->s->found, regen_fhir_entry_t) = entry_slot(page->s->env.p, &slot);
    return true;
}

static rg_fhir_slot_t busy_slot(apr_pool_t *p, const rg_directory_resource_t *r, const rg_busy_t *b)
{
    return (rg_fhir_slot_t){
        .id = apr_psprintf(p, "%s-%" APR_TIME_T_FMT, r->resource->uid, apr_time_sec(b->from)),
        .status = b->held ? "busy-tentative" : "busy",
        .resource = r,
        .from = b->from,
        .until = b->until,
        .version = apr_itoa(p, b->version),
        .changed_at = b->changed_at};
}

static bool is_status_wanted(const regen_fhir_search_t *s, const char *status)
{
    return regen_fhir_fits(s, "status", FACTS({"http://hl7.org/fhir/slotstatus", status}));
}

static rg_outcome_t find_busy(page_t *page, const regen_span_t *when)
{
    regen_fhir_search_t *s = page->s;
    const rg_directory_resource_t *r = page->resource;
    apr_time_t from = when->from;
    bool more = true;
    rg_outcome_t rc = RG_OK;
    while (rc == RG_OK && more && !s->more) {
        rg_busy_t *busy;
        int count;
        rc = rg_busy_search(&busy, &count, &more, s->q->ctx, r->resource->id, from, when->until,
                            s->count);
        for (int i = 0; rc == RG_OK && i < count && !s->more; i++) {
            rg_fhir_slot_t slot = busy_slot(s->env.p, r, &busy[i]);
            if (is_status_wanted(s, slot.status) && push_closed(page, slot.from) &&
                has_page_room(s, page->schedule, rank_of_slot(slot.from, false))) {
                APR_ARRAY_PUSH(s->found, regen_fhir_entry_t) = entry_slot(s->env.p, &slot);
            }
            from = busy[i].from + RG_SECOND;
        }
    }
    return rc;
}

/* The Schedules that were named: by reference, or by the service they are for. */
typedef struct {
    int count;
    regen_fhir_entry_t list[SCHEDULES_MAX];
    const rg_directory_service_t *services[SCHEDULES_MAX]; /* or */
    const rg_directory_resource_t *resources[SCHEDULES_MAX];
} schedules_t;

static rg_outcome_t too_many_schedules(const regen_fhir_search_t *s)
{
    rg_problem_add(
        s->q->ctx->problems, "schedule",
        "Name 1 to %d schedules or a service-type; all slots of all schedules would be too many.",
        SCHEDULES_MAX);
    return RG_INVALID;
}

static rg_outcome_t named_schedules(schedules_t *out, const regen_fhir_search_t *s)
{
    const rg_directory_t *d = s->dir;
    if (!regen_fhir_has(s, "schedule") && !regen_fhir_has(s, "service-type")) {
        return too_many_schedules(s);
    }
    for (int i = 0; i < d->service_count + d->resource_count; i++) {
        bool service = i < d->service_count;
        const char *uid = service ? d->services[i].service->uid
                                  : d->resources[i - d->service_count].resource->uid;
        const char *code = service ? d->services[i].service->code : "";
        if (!regen_fhir_fits(s, "schedule", FACTS({"Schedule", uid})) ||
            !regen_fhir_fits(s, "service-type", FACTS({s->env.policy->code_system, code}))) {
            continue;
        }
        if (out->count == SCHEDULES_MAX) {
            return too_many_schedules(s);
        }
        out->services[out->count] = service ? &d->services[i] : NULL;
        out->resources[out->count++] = service ? NULL : &d->resources[i - d->service_count];
    }
    return RG_OK;
}

/* Everything of one schedule, in order of time. A resource is known by what takes it, a service by
 * when it can begin. */
static rg_outcome_t find_page(page_t *page, const regen_span_t *when)
{
    regen_fhir_search_t *s = page->s;
    regen_span_t here = *when;
    apr_time_t after = apr_time_from_sec(page->after / 2);
    rg_outcome_t rc = RG_OK;
    here.from = here.from > after ? here.from : after;
    find_closed_slots(page, when);
    if (page->resource) {
        rc = find_busy(page, &here);
    }
    else if (is_status_wanted(s, "free")) {
        rc = regen_free_starts(s->q, page->service, here.from, here.until, push_free, page);
    }
    if (rc == RG_OK && !s->more) {
        (void)push_closed(page, when->until);
    }
    return rc;
}

/* --- one -------------------------------------------------------------------------------------- */

enum { UID_CHARS = 26 };

typedef struct {
    apr_time_t start;
    bool found;
} seek_t;

static bool is_it(void *baton, apr_time_t start)
{
    seek_t *k = baton;
    k->found = start == k->start;
    return !k->found;
}

static rg_outcome_t get_free(regen_fhir_entry_t *out, regen_fhir_search_t *s,
                             const rg_directory_service_t *service, apr_time_t start)
{
    seek_t k = {start, false};
    rg_outcome_t rc = regen_free_starts(s->q, service, start, start + 1, is_it, &k);
    if (rc != RG_OK || !k.found) {
        return rc == RG_OK ? RG_NOT_FOUND : rc;
    }
    rg_fhir_slot_t slot = regen_free_slot(&s->env, service, start);
    *out = entry_slot(s->env.p, &slot);
    return RG_OK;
}

static rg_outcome_t get_busy(regen_fhir_entry_t *out, regen_fhir_search_t *s,
                             const rg_directory_resource_t *r, apr_time_t start)
{
    rg_busy_t *busy;
    int count;
    bool more;
    rg_outcome_t rc = rg_busy_search(&busy, &count, &more, s->q->ctx, r->resource->id, start,
                                     start + RG_SECOND, 1);
    if (rc != RG_OK || count == 0) {
        return rc == RG_OK ? RG_NOT_FOUND : rc;
    }
    rg_fhir_slot_t slot = busy_slot(s->env.p, r, busy);
    *out = entry_slot(s->env.p, &slot);
    return RG_OK;
}

static rg_outcome_t get_closed(regen_fhir_entry_t *out, regen_fhir_search_t *s,
                               const rg_directory_service_t *service,
                               const rg_directory_resource_t *r, apr_time_t start)
{
    page_t page = {.s = s, .service = service, .resource = service ? NULL : r};
    rg_closed_span_t *spans;
    int count;
    if (!service && !r) {
        return RG_NOT_FOUND;
    }
    rg_directory_closed(&spans, &count, s->q->ctx, s->dir, service ? service->site : r->site,
                        service ? 0 : r->resource->id, start);
    for (int i = 0; i < count; i++) {
        if (spans[i].from == start) {
            rg_fhir_slot_t slot = closed_slot(s, &page, &spans[i]);
            *out = entry_slot(s->env.p, &slot);
            return RG_OK;
        }
    }
    return RG_NOT_FOUND;
}

rg_outcome_t regen_get_slot(regen_fhir_entry_t *out, regen_fhir_search_t *s, const char *id)
{
    int64_t seconds;
    size_t n = strlen(id);
    size_t tail = sizeof(CLOSED) - 1;
    bool closed = n > tail && strcmp(id + n - tail, CLOSED) == 0;
    const char *head = closed ? apr_pstrmemdup(s->env.p, id, n - tail) : id;
    if (strlen(head) < UID_CHARS + 2 || head[UID_CHARS] != '-' ||
        !rg_text_i64(&seconds, head + UID_CHARS + 1, 0, REGEN_TIME_MAX)) {
        return RG_NOT_FOUND;
    }
    const char *uid = apr_pstrmemdup(s->env.p, id, UID_CHARS);
    const rg_directory_service_t *service = rg_directory_service_of(s->dir, uid);
    const rg_directory_resource_t *r = rg_directory_resource_of(s->dir, uid);
    if (closed) {
        return get_closed(out, s, service, r, apr_time_from_sec(seconds));
    }
    if (service) {
        return get_free(out, s, service, apr_time_from_sec(seconds));
    }
    return r ? get_busy(out, s, r, apr_time_from_sec(seconds)) : RG_NOT_FOUND;
}

/* --- a search --------------------------------------------------------------------------------- */

static bool slot_fits(const regen_fhir_search_t *s, const rg_fhir_slot_t *slot,
                      const regen_span_t *when)
{
    const rg_service_t *service = slot->service ? slot->service->service : NULL;
    const char *schedule = service ? service->uid : slot->resource->resource->uid;
    const char *code = service ? service->code : "";
    return slot->from >= when->from && slot->from < when->until &&
           is_status_wanted(s, slot->status) &&
           regen_fhir_fits(s, "schedule", FACTS({"Schedule", schedule})) &&
           regen_fhir_fits(s, "service-type", FACTS({s->env.policy->code_system, code}));
}

/* Those of the given ids that fit everything else. */
static rg_outcome_t find_named(regen_fhir_search_t *s, const regen_span_t *when)
{
    const char *uids[RG_VISIT_UIDS] = {NULL};
    rg_outcome_t rc = regen_fhir_uids(uids, s);
    for (int i = 0; rc == RG_OK && i < RG_VISIT_UIDS && uids[i]; i++) {
        regen_fhir_entry_t one;
        rg_outcome_t got = regen_get_slot(&one, s, uids[i]);
        if (got == RG_OK && slot_fits(s, one.value, when) &&
            regen_fhir_fits(s, "_id", FACTS({NULL, one.id}))) {
            APR_ARRAY_PUSH(s->found, regen_fhir_entry_t) = one;
        }
        rc = got == RG_NOT_FOUND ? RG_OK : got;
    }
    return rc;
}

rg_outcome_t regen_find_slot(regen_fhir_search_t *s)
{
    schedules_t named = {.count = 0};
    regen_span_t when = {s->q->ctx->now, s->changed.until};
    rg_outcome_t rc = regen_fhir_has(s, "_id") ? RG_OK : named_schedules(&named, s);
    if (regen_fhir_has(s, "start")) {
        when = (regen_span_t){0, RG_NEVER};
    }
    if (rc == RG_OK) {
        rc = regen_fhir_dates(&when, s, "start");
    }
    if (rc == RG_OK && regen_fhir_has(s, "_id")) {
        return find_named(s, &when);
    }
    for (int64_t i = s->key; rc == RG_OK && i < named.count && !s->more; i++) {
        page_t page = {.s = s,
                       .service = named.services[i],
                       .resource = named.resources[i],
                       .schedule = (int)i,
                       .after = i == s->key ? s->after : 0,
                       .closed_too = is_status_wanted(s, "busy-unavailable")};
        rc = find_page(&page, &when);
    }
    return rc;
}

void regen_include_slot(regen_fhir_search_t *s, const regen_fhir_entry_t *entry, const char *what)
{
    const rg_fhir_slot_t *slot = entry->value;
    (void)what; /* there is one */
    regen_fhir_entry_t e = regen_entry_schedule(s, slot->service, slot->resource);
    regen_fhir_other(s, &e);
}
