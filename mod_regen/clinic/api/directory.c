/* SPDX-License-Identifier: Apache-2.0 */
/* What API clients read: the definitions, visits, people and occupied time. Decides which token may
 * see what; reads about people are audited. */
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "regen/clinic/api.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"
#include "regen/store/api.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <stddef.h>
#include <string.h>

#include <apr_strings.h>

/* --- definitions ------------------------------------------------------------------------------ */

typedef struct {
    const rg_clinic_t *clinic;
    apr_time_t changed;
    const char *names;
} definitions_t;

static rg_outcome_t get_definitions(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    definitions_t *d = baton;
    uint64_t version = 0;
    rg_outcome_t rc = rg_directory_version(db, ctx, &version, &d->changed, &d->names);
    return rc == RG_OK ? rg_clinic_get_version(&d->clinic, db, ctx, version) : rc;
}

static void fill_closures(rg_directory_t *d, apr_pool_t *p, const rg_clinic_t *k)
{
    d->closure_count = k->closure_count;
    d->closures = apr_palloc(p, sizeof(*d->closures) * (size_t)(k->closure_count + 1));
    for (int i = 0; i < k->closure_count; i++) {
        const rg_closure_t *c = &k->closures[i];
        d->closures[i] = (rg_directory_closure_t){c->site_id,  c->resource_id, c->first_day,
                                                  c->last_day, c->start,       c->end};
    }
}

/* Services of one site share what is found for it. */
static void find_all_closed(rg_directory_t *d, const rg_ctx_t *ctx)
{
    for (int i = 0; i < d->service_count; i++) {
        rg_directory_service_t *s = &d->services[i];
        rg_closed_span_t *spans;
        int count;
        int same = 0;
        while (d->services[same].site != s->site) {
            same++;
        }
        if (same == i) {
            rg_directory_closed(&spans, &count, ctx, d, s->site, 0, ctx->now);
            s->closed = spans;
            s->closed_count = count;
        }
        else {
            s->closed = d->services[same].closed;
            s->closed_count = d->services[same].closed_count;
        }
    }
}

static void fill_directory(rg_directory_t *d, apr_pool_t *p, const rg_clinic_t *k)
{
    d->site_count = k->site_count;
    d->sites = k->sites;
    d->resources = apr_palloc(p, sizeof(*d->resources) * (size_t)(k->resource_count + 1));
    d->services = apr_palloc(p, sizeof(*d->services) * (size_t)(k->service_count + 1));
    for (int i = 0; i < k->resource_count; i++) {
        const rg_site_t *site = rg_clinic_site(k, k->resources[i].site_id);
        if (site) {
            d->resources[d->resource_count++] =
                (rg_directory_resource_t){&k->resources[i].resource, site};
        }
    }
    for (int i = 0; i < k->service_count; i++) {
        const rg_site_t *site = rg_clinic_site(k, k->services[i].service.site_id);
        if (site) {
            d->services[d->service_count++] = (rg_directory_service_t){
                .service = &k->services[i].service,
                .site = site,
                .active = k->services[i].active && rg_clinic_priced(&k->services[i])};
        }
    }
    fill_closures(d, p, k);
}

rg_outcome_t rg_directory_get(rg_directory_t **out, const rg_ctx_t *ctx)
{
    definitions_t found = {0};
    rg_outcome_t rc = rg_store_read(ctx, get_definitions, &found);
    if (rc == RG_OK) {
        rc = rg_clinic_missing(found.clinic, RG_OK); /* half a list would pass for the whole */
    }
    if (rc != RG_OK) {
        return rc;
    }
    rg_directory_t *d = apr_pcalloc(ctx->pool, sizeof(*d));
    d->version = found.clinic->version;
    d->changed_at = found.changed;
    d->names = found.names;
    fill_directory(d, ctx->pool, found.clinic);
    find_all_closed(d, ctx);
    *out = d;
    return RG_OK;
}

const rg_directory_service_t *rg_directory_service(const rg_directory_t *d, int64_t id)
{
    for (int i = 0; i < d->service_count; i++) {
        if (d->services[i].service->id == id) {
            return &d->services[i];
        }
    }
    return NULL;
}

const rg_directory_resource_t *rg_directory_resource(const rg_directory_t *d, int64_t id)
{
    for (int i = 0; i < d->resource_count; i++) {
        if (d->resources[i].resource->id == id) {
            return &d->resources[i];
        }
    }
    return NULL;
}

const rg_directory_service_t *rg_directory_service_of(const rg_directory_t *d, const char *uid)
{
    for (int i = 0; i < d->service_count; i++) {
        if (strcmp(d->services[i].service->uid, uid) == 0) {
            return &d->services[i];
        }
    }
    return NULL;
}

const rg_directory_resource_t *rg_directory_resource_of(const rg_directory_t *d, const char *uid)
{
    for (int i = 0; i < d->resource_count; i++) {
        if (strcmp(d->resources[i].resource->uid, uid) == 0) {
            return &d->resources[i];
        }
    }
    return NULL;
}

/* RESOURCE is inside an rg_clinic_resource_t, like everything in a directory. */
static const rg_clinic_resource_t *whole(const rg_resource_t *r)
{
    return (const rg_clinic_resource_t *)(const void *)((const char *)r -
                                                        offsetof(rg_clinic_resource_t, resource));
}

bool rg_directory_serves(const rg_directory_resource_t *r, const rg_directory_service_t *s)
{
    return r->site == s->site && rg_service_uses(s->service, whole(r->resource), RG_STEPS_ANY);
}

/* Practitioners that patients choose: not those who check in, draw blood or run the centrifuge. */
bool rg_directory_treats(const rg_directory_resource_t *r, const rg_directory_service_t *s)
{
    const unsigned treating = 1u << RG_STEP_INJECT | 1u << RG_STEP_CONSULT;
    return r->site == s->site && rg_service_uses(s->service, whole(r->resource), treating);
}

static rg_outcome_t get_mark(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const char **mark = baton;
    rg_look_t look;
    rg_outcome_t rc = rg_calendar_look(db, ctx, &look);
    if (rc == RG_OK) {
        *mark = apr_psprintf(ctx->pool, "%" APR_UINT64_T_HEX_FMT "-%" APR_UINT64_T_HEX_FMT "%s",
                             look.clinic_version, look.changes, look.expired_holds ? "x" : "");
    }
    return rc;
}

rg_outcome_t rg_directory_mark(const char **mark, const rg_ctx_t *ctx)
{
    return rg_store_read(ctx, get_mark, mark);
}

/* --- visits ----------------------------------------------------------------------------------- */

typedef struct {
    rg_visit_filter_t filter;
    apr_array_header_t *found;
    const char *action; /* of the audit event; NULL: none */
    int64_t total;
} visits_t;

static rg_outcome_t read_visits(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    visits_t *v = baton;
    bool one = v->filter.uids[0] && !v->filter.uids[1];
    v->found->nelts = 0;
    rg_outcome_t rc = rg_visits_read(db, ctx, &v->filter, v->found);
    if (rc != RG_OK || !v->action || v->found->nelts == 0) {
        return rc;
    }
    return rg_audit_add(db, ctx, v->action, "appointment",
                        one ? APR_ARRAY_IDX(v->found, 0, rg_visit_t).id : 0,
                        apr_psprintf(ctx->pool, "count:%d", v->found->nelts));
}

rg_visits_in_t rg_visits_any(int limit)
{
    return (rg_visits_in_t){.booking_uid = "",
                            .patient_uid = "",
                            .statuses = "",
                            .services = "",
                            .sites = "",
                            .rooms = "",
                            .with = {"", "", "", ""},
                            .until = RG_NEVER,
                            .changed_until = RG_NEVER,
                            .limit = limit};
}

/* What cannot be an id matches nothing and is not sent to the database, whose id columns accept
 * only ASCII. */
static const char *id_or_none(const char *uid)
{
    return !uid || uid[0] == '\0' || rg_uid_valid(uid) ? uid : "-";
}

static void copy_uids(const char *to[RG_VISIT_UIDS], const char *const from[RG_VISIT_UIDS])
{
    for (int i = 0; i < RG_VISIT_UIDS; i++) {
        to[i] = id_or_none(from[i]);
    }
}

/* One more row than requested shows whether there is another page. */
static rg_visit_filter_t filter_of(const rg_visits_in_t *in)
{
    rg_visit_filter_t f = {.booking_uid = id_or_none(in->booking_uid),
                           .patient_uid = id_or_none(in->patient_uid),
                           .statuses = in->statuses,
                           .services = in->services,
                           .sites = in->sites,
                           .rooms = in->rooms,
                           .from = in->from,
                           .until = in->until,
                           .changed_from = in->changed_from,
                           .changed_until = in->changed_until,
                           .by_change = in->by_change,
                           .after_key = in->after_key,
                           .after_id = in->after_id,
                           .limit = in->limit + 1};
    copy_uids(f.uids, in->uids);
    memcpy(f.with, in->with, sizeof(f.with));
    return f;
}

static bool by_booking(const rg_visits_in_t *in)
{
    return in->by_change && !in->uids[0] && !in->booking_uid[0] && !in->patient_uid[0];
}

/* The number of rows on the page. In order of change a page ends with a complete booking; one with
 * more visits than fit is included completely. */
static int page_of(const apr_array_header_t *found, const rg_visits_in_t *in)
{
    const rg_visit_t *v = (const rg_visit_t *)(const void *)found->elts;
    int n = found->nelts < in->limit ? found->nelts : in->limit;
    if (!by_booking(in) || n == found->nelts) {
        return n;
    }
    while (n > 0 && v[n - 1].booking_id == v[n].booking_id) {
        n--;
    }
    while (n == 0 || (n < found->nelts && v[n - 1].booking_id == v[n].booking_id)) {
        n++;
    }
    return n;
}

static rg_outcome_t find_visits(rg_visit_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                                const rg_visits_in_t *in, const char *action)
{
    visits_t v = {.filter = filter_of(in),
                  .found = apr_array_make(ctx->pool, 16, sizeof(rg_visit_t)),
                  .action = action};
    v.filter.by_change = by_booking(in);
    v.filter.limit += v.filter.by_change ? RG_STEPS_MAX : 0;
    v.filter.made_by = rg_machine_reach(ctx);
    rg_outcome_t rc = rg_store_read(ctx, read_visits, &v);
    *count = page_of(v.found, in);
    *more = v.found->nelts > *count;
    *out = (rg_visit_t *)(void *)v.found->elts;
    return rc;
}

rg_outcome_t rg_visits_search(rg_visit_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                              const rg_visits_in_t *in)
{
    rg_outcome_t rc = rg_machine_may(ctx, "Appointment", 's');
    return rc == RG_OK ? find_visits(out, count, more, ctx, in, "appointment.search") : rc;
}

static rg_outcome_t count_visits(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    visits_t *v = baton;
    rg_outcome_t rc = rg_visits_count(db, ctx, &v->filter, &v->total);
    return rc == RG_OK ? rg_audit_add(db, ctx, v->action, "appointment", 0,
                                      apr_psprintf(ctx->pool, "total:%" APR_INT64_T_FMT, v->total))
                       : rc;
}

rg_outcome_t rg_visits_total(int64_t *out, const rg_ctx_t *ctx, const rg_visits_in_t *in)
{
    visits_t v = {.filter = filter_of(in), .action = "appointment.search"};
    v.filter.after_key = v.filter.after_id = 0;
    v.filter.made_by = rg_machine_reach(ctx);
    rg_outcome_t rc = rg_machine_may(ctx, "Appointment", 's');
    rc = rc == RG_OK ? rg_store_read(ctx, count_visits, &v) : rc;
    *out = v.total;
    return rc;
}

rg_outcome_t rg_visit_get(rg_visit_t **out, const rg_ctx_t *ctx, const char *uid)
{
    rg_visits_in_t in = rg_visits_any(1);
    int count = 0;
    bool more;
    rg_outcome_t rc = rg_machine_may(ctx, "Appointment", 'r');
    in.uids[0] = uid;
    if (rc != RG_OK && rg_machine_may(ctx, "Appointment", 'u') == RG_OK) {
        rc = RG_OK; /* whoever may change it must see what is changed */
    }
    if (rc == RG_OK) {
        rc = rg_uid_valid(uid) ? find_visits(out, &count, &more, ctx, &in, "appointment.read")
                               : RG_NOT_FOUND;
    }
    return rc == RG_OK && count == 0 ? RG_NOT_FOUND : rc;
}

rg_outcome_t rg_visits_of_booking(rg_visit_t **out, int *count, const rg_ctx_t *ctx,
                                  const char *booking_uid)
{
    rg_visits_in_t in = rg_visits_any(RG_STEPS_MAX);
    bool more;
    in.booking_uid = booking_uid;
    rg_outcome_t rc = find_visits(out, count, &more, ctx, &in, NULL);
    return rc == RG_OK && *count == 0 ? RG_NOT_FOUND : rc;
}

/* --- people ----------------------------------------------------------------------------------- */

typedef struct {
    rg_person_filter_t filter;
    apr_array_header_t *found;
    const char *action;
    int64_t total;
} people_t;

static rg_outcome_t read_people(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    people_t *v = baton;
    bool one = v->filter.uids[0] && !v->filter.uids[1];
    v->found->nelts = 0;
    rg_outcome_t rc = rg_people_read(db, ctx, &v->filter, v->found);
    if (rc != RG_OK || v->found->nelts == 0) {
        return rc;
    }
    return rg_audit_add(db, ctx, v->action, "patient",
                        one ? APR_ARRAY_IDX(v->found, 0, rg_person_t).patient.id : 0,
                        apr_psprintf(ctx->pool, "count:%d", v->found->nelts));
}

rg_people_in_t rg_people_any(int limit)
{
    const rg_word_t any = {"", RG_WORD_STARTS};
    return (rg_people_in_t){.family = any,
                            .given = any,
                            .name = any,
                            .email = "",
                            .phone = "",
                            .born_from = {1900, 1, 1},
                            .born_to = {2199, 12, 31},
                            .changed_until = RG_NEVER,
                            .limit = limit};
}

static people_t people_of(const rg_ctx_t *ctx, const rg_people_in_t *in, const char *action)
{
    people_t v = {.filter = {.family = in->family,
                             .given = in->given,
                             .name = in->name,
                             .email = in->email,
                             .phone = in->phone,
                             .born_from = in->born_from,
                             .born_to = in->born_to,
                             .changed_from = in->changed_from,
                             .changed_until = in->changed_until,
                             .after_id = in->after_id,
                             .limit = in->limit + 1,
                             .made_by = rg_machine_reach(ctx)},
                  .found = apr_array_make(ctx->pool, 16, sizeof(rg_person_t)),
                  .action = action};
    copy_uids(v.filter.uids, in->uids);
    return v;
}

static rg_outcome_t find_people(rg_person_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                                const rg_people_in_t *in, const char *action)
{
    people_t v = people_of(ctx, in, action);
    rg_outcome_t rc = rg_store_read(ctx, read_people, &v);
    *more = v.found->nelts > in->limit;
    *count = *more ? in->limit : v.found->nelts;
    *out = (rg_person_t *)(void *)v.found->elts;
    return rc;
}

rg_outcome_t rg_people_search(rg_person_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                              const rg_people_in_t *in)
{
    rg_outcome_t rc = rg_machine_may(ctx, "Patient", 's');
    return rc == RG_OK ? find_people(out, count, more, ctx, in, "patient.search") : rc;
}

static rg_outcome_t count_people(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    people_t *v = baton;
    rg_outcome_t rc = rg_people_count(db, ctx, &v->filter, &v->total);
    return rc == RG_OK ? rg_audit_add(db, ctx, v->action, "patient", 0,
                                      apr_psprintf(ctx->pool, "total:%" APR_INT64_T_FMT, v->total))
                       : rc;
}

rg_outcome_t rg_people_total(int64_t *out, const rg_ctx_t *ctx, const rg_people_in_t *in)
{
    people_t v = people_of(ctx, in, "patient.search");
    v.filter.after_id = 0;
    rg_outcome_t rc = rg_machine_may(ctx, "Patient", 's');
    rc = rc == RG_OK ? rg_store_read(ctx, count_people, &v) : rc;
    *out = v.total;
    return rc;
}

rg_outcome_t rg_person_get(rg_person_t **out, const rg_ctx_t *ctx, const char *uid)
{
    rg_people_in_t in = rg_people_any(1);
    int count = 0;
    bool more;
    rg_outcome_t rc = rg_machine_may(ctx, "Patient", 'r');
    in.uids[0] = uid;
    if (rc == RG_OK) {
        rc = rg_uid_valid(uid) ? find_people(out, &count, &more, ctx, &in, "patient.read")
                               : RG_NOT_FOUND;
    }
    return rc == RG_OK && count == 0 ? RG_NOT_FOUND : rc;
}

/* --- taken time ------------------------------------------------------------------------------- */

typedef struct {
    int64_t resource_id;
    apr_time_t from, until;
    int limit;
    apr_array_header_t *found;
} busy_t;

static rg_outcome_t read_busy(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    busy_t *b = baton;
    b->found->nelts = 0;
    return rg_busy_read(db, ctx, b->resource_id, b->from, b->until, b->limit, b->found);
}

rg_outcome_t rg_busy_search(rg_busy_t **out, int *count, bool *more, const rg_ctx_t *ctx,
                            int64_t resource_id, apr_time_t from, apr_time_t until, int limit)
{
    busy_t b = {resource_id, from, until, limit + 1,
                apr_array_make(ctx->pool, 16, sizeof(rg_busy_t))};
    rg_outcome_t rc = rg_machine_may(ctx, "Slot", 's');
    if (rc != RG_OK && rg_machine_may(ctx, "Slot", 'r') != RG_OK) {
        return rc;
    }
    rc = rg_store_read(ctx, read_busy, &b);
    *more = b.found->nelts > limit;
    *count = *more ? limit : b.found->nelts;
    *out = (rg_busy_t *)(void *)b.found->elts;
    return rc;
}
