/* SPDX-License-Identifier: Apache-2.0 */
/* $bulk-publish of SMART Scheduling Links: for everybody, a manifest and NDJSON files with the
 * public services, who gives them, where, and when they are free. Lines leave as they are made, so
 * a file takes the same memory whatever its length; validators spare both sides the work when
 * nothing changed. Nothing here is about patients. */
#include "fhir.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/api.h"
#include "regen/core/buf.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#include <apr_buckets.h>
#include <apr_strings.h>
#include <string.h>

#define LINE_MAX_BYTES (256 * 1024)
#define MAX_AGE        "public, max-age=60"
#define NDJSON         "application/fhir+ndjson"

typedef struct {
    regen_req_t *q;
    regen_fhir_search_t s;
    apr_pool_t *line_pool; /* cleared after each line */
    rg_buf_t *line;
    apr_bucket_brigade *out;
    bool failed;
} bulk_t;

static rg_outcome_t open_bulk(bulk_t *b, regen_req_t *q)
{
    memset(b, 0, sizeof(*b));
    b->q = q;
    if (!q->own->app->bulk_publish) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = regen_fhir_open(&b->s, q, regen_fhir_type("Slot", 4));
    b->s.env.pages = q->own->where->base;
    return rc;
}

/* For pages of other sites, too. */
static void set_headers(bulk_t *b, const char *etag)
{
    request_rec *r = b->q->r;
    apr_table_setn(r->err_headers_out, "Cache-Control", MAX_AGE);
    apr_table_setn(r->err_headers_out, "Access-Control-Allow-Origin", "*");
    apr_table_setn(r->err_headers_out, "Cross-Origin-Resource-Policy", "cross-origin");
    apr_table_setn(r->headers_out, "ETag", apr_pstrcat(r->pool, "W/\"", etag, "\"", NULL));
}

/* Definitions have one version, and days, because closures end; what is free also moves with
 * bookings, and with time itself, in steps of the calendar. */
static rg_outcome_t bulk_etag(const char **out, bulk_t *b, bool slots)
{
    const char *mark = rg_fhir_version(&b->s.env);
    rg_outcome_t rc = slots ? rg_directory_mark(&mark, b->q->ctx) : RG_OK;
    *out = apr_psprintf(b->q->ctx->pool, "%s-%" APR_TIME_T_FMT, mark,
                        b->q->ctx->now / (slots ? RG_GRANULE : RG_DAY));
    return rc;
}

/* --- the manifest ----------------------------------------------------------------------------- */

static void put_quoted(rg_buf_t *out, const char *s)
{
    rg_buf_puts(out, "\"");
    for (; *s != '\0'; s++) {
        if (*s == '"' || *s == '\\' || (unsigned char)*s < 0x20) {
            rg_buf_printf(out, "\\u%04x", (unsigned)(unsigned char)*s);
        }
        else {
            rg_buf_add(out, s, 1);
        }
    }
    rg_buf_puts(out, "\"");
}

static void put_output(rg_buf_t *out, const bulk_t *b, bool *first, const char *type,
                       const char *file, const char *states)
{
    rg_buf_puts(out, *first ? "" : ",");
    *first = false;
    rg_buf_printf(out, "{\"type\":\"%s\",\"url\":", type);
    put_quoted(out, apr_pstrcat(b->q->ctx->pool, b->s.env.policy->fhir_base, "/$bulk-publish/",
                                file, ".ndjson", NULL));
    rg_buf_printf(out, ",\"extension\":{\"state\":[%s]}}", states);
}

/* "NH","ME": of all sites, or of one. */
static const char *states_of(const bulk_t *b, const rg_site_t *only)
{
    const rg_directory_t *d = b->s.dir;
    rg_buf_t *out = rg_buf_make(b->q->ctx->pool, 64 * 1024);
    for (int i = 0; i < d->site_count; i++) {
        const char *state = d->sites[i].address.state;
        bool told = state[0] == '\0' || (only && only->id != d->sites[i].id);
        for (int k = 0; k < i && !only && !told; k++) {
            told = strcmp(state, d->sites[k].address.state) == 0;
        }
        if (!told) {
            rg_buf_puts(out, out->len > 0 ? "," : "");
            put_quoted(out, state);
        }
    }
    return out->data;
}

static const char *const defined[] = {"Location", "HealthcareService", "PractitionerRole",
                                      "Schedule", NULL};

/* SINCE leaves out what has not changed; what is free changes all the time. */
static const char *manifest(bulk_t *b, apr_time_t since)
{
    apr_pool_t *p = b->q->ctx->pool;
    rg_buf_t *out = rg_buf_make(p, 1024 * 1024);
    bool first = true;
    const rg_directory_t *d = b->s.dir;
    rg_buf_printf(out,
                  "{\"transactionTime\":\"%s\",\"request\":", rg_time_instant(p, b->q->ctx->now));
    put_quoted(out, apr_pstrcat(p, b->s.env.policy->fhir_base, "/$bulk-publish", NULL));
    rg_buf_puts(out, ",\"requiresAccessToken\":false,\"output\":[");
    for (int i = 0; defined[i] && d->changed_at >= since; i++) {
        put_output(out, b, &first, defined[i], defined[i], states_of(b, NULL));
    }
    for (int i = 0; i < d->service_count; i++) {
        if (regen_fhir_bookable(&d->services[i])) {
            put_output(out, b, &first, "Slot",
                       apr_pstrcat(p, "Slot-", d->services[i].service->uid, NULL),
                       states_of(b, d->services[i].site));
        }
    }
    rg_buf_puts(out, "],\"error\":[]}\n");
    return out->data;
}

static int h_bulk_manifest(regen_req_t *q)
{
    bulk_t b;
    regen_span_t since = {0, 0};
    const char *etag;
    const char *said = regen_param(q, "_since");
    rg_outcome_t rc = open_bulk(&b, q);
    if (rc == RG_OK && said && !regen_fhir_instant(&since, q->ctx->pool, said, NULL)) {
        return regen_fhir_refuse(q, HTTP_BAD_REQUEST, "invalid",
                                 "_since must be an instant like 2026-12-01T09:00:00Z.");
    }
    if (rc == RG_OK) {
        rc = bulk_etag(&etag, &b, true);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    set_headers(&b,
                apr_psprintf(q->ctx->pool, "%s-%" APR_TIME_T_FMT, etag, apr_time_sec(since.from)));
    int status = ap_meets_conditions(q->r);
    if (status != OK) {
        return status;
    }
    const char *body = manifest(&b, since.from);
    return regen_send(q, HTTP_OK, "application/json", body, strlen(body));
}

/* --- lines ------------------------------------------------------------------------------------ */

static rg_writer_t *line_begin(bulk_t *b)
{
    apr_pool_clear(b->line_pool);
    b->s.env.p = b->line_pool;
    b->line = rg_buf_make(b->line_pool, LINE_MAX_BYTES);
    return rg_writer_to_buf(b->line_pool, RG_FORMAT_JSON, b->line);
}

/* httpd takes what fills a buffer and waits for slow readers, so memory stays what it is. */
static bool line_end(bulk_t *b, rg_writer_t *w)
{
    const char *why = NULL;
    if (rg_writer_finish(w, &why) != RG_OK) {
        rg_log(b->q->ctx, RG_LOG_ERR, RGNO(03201) "%s: %s", b->q->route->pattern, why);
        b->failed = true;
    }
    if (!b->failed) {
        /* The writer ends a document with the line's end that NDJSON wants. */
        b->failed =
            ap_fwrite(b->q->r->output_filters, b->out, b->line->data, b->line->len) != APR_SUCCESS;
    }
    return !b->failed;
}

static void locations(bulk_t *b)
{
    for (int i = 0; i < b->s.dir->site_count && !b->failed; i++) {
        rg_writer_t *w = line_begin(b);
        rg_fhir_site(w, &b->s.env, NULL, &b->s.dir->sites[i]);
        line_end(b, w);
    }
}

static void services(bulk_t *b, bool schedules)
{
    apr_time_t now = b->q->ctx->now;
    for (int i = 0; i < b->s.dir->service_count && !b->failed; i++) {
        const rg_directory_service_t *s = &b->s.dir->services[i];
        if (!regen_fhir_bookable(s)) {
            continue;
        }
        rg_writer_t *w = line_begin(b);
        if (schedules) {
            rg_date_t today = rg_zone_local(s->site->zone, now).date;
            rg_fhir_service_schedule(w, &b->s.env, NULL, s, rg_zone_utc(s->site->zone, today, 0),
                                     rg_window_until(s->service, s->site->zone, now));
        }
        else {
            rg_fhir_service(w, &b->s.env, NULL, s);
        }
        line_end(b, w);
    }
}

static void roles(bulk_t *b)
{
    const rg_directory_t *d = b->s.dir;
    const rg_directory_service_t **serves =
        apr_palloc(b->q->ctx->pool, sizeof(*serves) * (size_t)(d->service_count + 1));
    for (int i = 0; i < d->resource_count && !b->failed; i++) {
        const rg_directory_resource_t *r = &d->resources[i];
        int count = 0;
        bool active = r->resource->kind == RG_RESOURCE_PRACTITIONER && r->resource->active;
        for (int k = 0; active && k < d->service_count; k++) {
            if (regen_fhir_bookable(&d->services[k]) && rg_directory_treats(r, &d->services[k])) {
                serves[count++] = &d->services[k];
            }
        }
        if (count > 0) {
            rg_writer_t *w = line_begin(b);
            rg_fhir_role(w, &b->s.env, NULL, r, serves, count);
            line_end(b, w);
        }
    }
}

typedef struct {
    bulk_t *b;
    const rg_directory_service_t *service;
} slots_t;

static bool write_bulk_slot(void *baton, apr_time_t start)
{
    slots_t *k = baton;
    rg_writer_t *w = line_begin(k->b);
    rg_fhir_slot_t slot = regen_free_slot(&k->b->s.env, k->service, start);
    rg_fhir_slot(w, &k->b->s.env, NULL, &slot);
    return line_end(k->b, w);
}

/* --- files ------------------------------------------------------------------------------------ */

typedef struct {
    int defined;                           /* index, or -1: slots of SERVICE */
    const rg_directory_service_t *service; /* of slots */
} file_t;

static bool file_named(file_t *out, const bulk_t *b, const char *name)
{
    size_t n = strlen(name);
    apr_pool_t *p = b->q->ctx->pool;
    if (n < 8 || strcmp(name + n - 7, ".ndjson") != 0) {
        return false;
    }
    name = apr_pstrmemdup(p, name, n - 7);
    *out = (file_t){-1, NULL};
    for (int i = 0; defined[i]; i++) {
        if (strcmp(defined[i], name) == 0) {
            out->defined = i;
            return true;
        }
    }
    if (strncmp(name, "Slot-", 5) == 0) {
        out->service = rg_directory_service_of(b->s.dir, name + 5);
    }
    return out->service && regen_fhir_bookable(out->service);
}

static rg_outcome_t write_bulk_file(bulk_t *b, const file_t *f)
{
    slots_t slots = {b, f->service};
    switch (f->defined) {
    case 0: locations(b); return RG_OK;
    case 1: services(b, false); return RG_OK;
    case 2: roles(b); return RG_OK;
    case 3: services(b, true); return RG_OK;
    default:
        return regen_free_starts(b->q, f->service, b->q->ctx->now, RG_NEVER, write_bulk_slot,
                                 &slots);
    }
}

/* Who got only a part must not take it for the whole: the connection ends without the last
 * chunk. */
static int finish_answer(bulk_t *b, rg_outcome_t rc)
{
    request_rec *r = b->q->r;
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    if (rc != RG_OK && r->sent_bodyct == 0 && r->bytes_sent == 0) {
        apr_brigade_cleanup(b->out);
        apr_table_unset(r->headers_out, "ETag");
        apr_table_setn(r->err_headers_out, "Cache-Control", "no-store");
        return regen_fail(b->q, rc);
    }
    if (rc != RG_OK || b->failed) {
        APR_BRIGADE_INSERT_TAIL(b->out,
                                ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool, alloc));
    }
    APR_BRIGADE_INSERT_TAIL(b->out, apr_bucket_eos_create(alloc));
    (void)ap_pass_brigade(r->output_filters, b->out); /* who left, left */
    return OK;
}

static int h_bulk_file(regen_req_t *q)
{
    bulk_t b;
    file_t f;
    const char *etag;
    rg_outcome_t rc = open_bulk(&b, q);
    if (rc == RG_OK && !file_named(&f, &b, q->args[0])) {
        rc = RG_NOT_FOUND;
    }
    if (rc == RG_OK) {
        rc = bulk_etag(&etag, &b, f.defined < 0 || f.defined == 3);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    set_headers(&b, etag);
    int status = ap_meets_conditions(q->r);
    if (status != OK) {
        return status;
    }
    ap_set_content_type(q->r, NDJSON);
    b.out = apr_brigade_create(q->r->pool, q->r->connection->bucket_alloc);
    if (apr_pool_create(&b.line_pool, q->r->pool) != APR_SUCCESS) {
        return regen_fail(q, RG_INTERNAL);
    }
    return finish_answer(&b, q->r->header_only ? RG_OK : write_bulk_file(&b, &f));
}

const regen_route_t regen_routes_fhir_bulk[] = {
    {"GET", "/fhir/$bulk-publish", 0, 0, 0, REGEN_LIMITED(REGEN_LIMIT_SEARCH), h_bulk_manifest},
    {"GET", "/fhir/$bulk-publish/*", 0, 0, 0, REGEN_LIMITED(REGEN_LIMIT_SEARCH), h_bulk_file},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
