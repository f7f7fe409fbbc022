/* SPDX-License-Identifier: Apache-2.0 */
/* `SetHandler regen-metrics`: what all clinics of this machine count, for Prometheus and what reads
 * the same. Who may see it says httpd. No patient data: patterns of addresses, words, numbers. */
#include "config.h"
#include "regen/clinic/desk.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/meter.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/backlog.h"
#include "regen/render/exposition.h"
#include "regen/store/schema.h"
#include "regen/store/store.h"

#include <http_log.h>
#include <http_main.h>
#include <http_protocol.h>
#include <string.h>

APLOG_USE_MODULE(regen);

#define METRICS_MAX (64 * 1024 * 1024)

/* One clinic of this machine. */
typedef struct {
    const regen_server_t *c;
    const char *name; /* "clinic.example:443" */
    bool owns_pool;   /* not one of a database that was told already */
    bool up, has_backlog;
    rg_backlog_t backlog[RG_BACKLOG_COUNT];
    int slots;
} clinic_t;

typedef struct {
    request_rec *r;
    rg_buf_t *out;
    clinic_t *at;
    int count;
} metrics_t;

#define LABELS(...) ((const rg_label_t[]){__VA_ARGS__, {NULL, NULL}})

/* --- what is asked ---------------------------------------------------------------------------- */

/* Of two servers of one name and port the later one gets its number, too. */
static const char *name_of(const metrics_t *m, const server_rec *s)
{
    const char *host = s->server_hostname ? s->server_hostname : "";
    unsigned port = s->port != 0 ? s->port : s->addrs ? s->addrs->host_port : 0;
    const char *name = apr_psprintf(m->r->pool, "%s:%u", host, port);
    for (int i = 0; i < m->count; i++) {
        if (strcmp(m->at[i].name, name) == 0) {
            return apr_psprintf(m->r->pool, "%s#%d", name, m->count + 1);
        }
    }
    return name;
}

/* Virtual hosts of one database are up or down together: it is asked once. */
static const clinic_t *mate_of(const metrics_t *m, const regen_server_t *mate)
{
    int i = 0;
    while (i < m->count && m->at[i].c != mate) {
        i++;
    }
    return &m->at[i];
}

static void ask_clinic(const metrics_t *m, clinic_t *k, const regen_server_t *mate)
{
    rg_ctx_t *ctx = regen_background_ctx(m->r->pool, k->c->app);
    if (!k->c->app->store) {
        return;
    }
    k->slots = rg_store_stats(k->c->app->store).slots;
    k->has_backlog =
        !mate && k->c->app->ready(ctx) == RG_OK && rg_backlog_read(k->backlog, ctx) == RG_OK;
    k->up = mate ? mate_of(m, mate)->up : k->has_backlog;
}

static void find_clinics(metrics_t *m)
{
    int most = 0;
    for (server_rec *s = ap_server_conf; s; s = s->next) {
        most++;
    }
    m->at = apr_pcalloc(m->r->pool, sizeof(*m->at) * (size_t)(most + 1));
    for (server_rec *s = ap_server_conf; s; s = s->next) {
        const regen_server_t *c = regen_server_conf(s);
        if (c->app) {
            clinic_t *k = &m->at[m->count];
            k->c = c;
            k->name = name_of(m, s);
            const regen_server_t *mate = regen_pool_mate(ap_server_conf, s);
            k->owns_pool = !mate;
            ask_clinic(m, k, mate);
            m->count++;
        }
    }
}

/* --- what is said: family by family, each with the samples of all clinics --------------------- */

static void put_health(const metrics_t *m)
{
    static const char UP[] = "regen_up";
    rg_exposition_family(m->out, UP, "gauge",
                         "Whether the database answers and has the schema of this build.");
    for (int i = 0; i < m->count; i++) {
        rg_exposition_count(m->out, UP, LABELS({"server", m->at[i].name}), m->at[i].up ? 1 : 0);
    }
    rg_exposition_family(m->out, "regen_schema_version", "gauge",
                         "The version of the schema that this build is made for.");
    rg_exposition_count(m->out, "regen_schema_version", NULL, RG_SCHEMA_VERSION);
}

/* Calls PUT for each route of each clinic that was asked for. */
static void each_route(const metrics_t *m, void (*put)(const metrics_t *m, const rg_label_t *labels,
                                                       const rg_meter_route_t *route))
{
    for (int i = 0; i < m->count; i++) {
        const regen_server_t *c = m->at[i].c;
        const regen_routes_t *routes = regen_meter_routes(c);
        int count = routes ? regen_routes_count(routes) : -1;
        for (int n = 0; n <= count; n++) {
            rg_meter_route_t route = rg_meter_route(regen_meter_shared(), c->meter_clinic, n);
            const char *method = "";
            const char *pattern = n < count ? regen_routes_pattern(routes, n, &method) : "";
            uint64_t any = 0;
            for (int s = 0; s < RG_METER_STATUS_COUNT; s++) {
                any += route.status[s];
            }
            if (any > 0) {
                put(m, LABELS({"server", m->at[i].name}, {"method", method}, {"route", pattern}),
                    &route);
            }
        }
    }
}

/* The labels of a route and one more. */
typedef struct {
    rg_label_t at[5];
} more_t;

static more_t with_label(const rg_label_t *labels, const char *name, const char *value)
{
    more_t more = {.at = {labels[0], labels[1], labels[2], {name, value}, {NULL, NULL}}};
    return more;
}

static const char *code_words(const metrics_t *m, int status)
{
    int code = rg_meter_status_of(status);
    return code > 0 ? apr_itoa(m->r->pool, code) : "other";
}

static void put_statuses(const metrics_t *m, const rg_label_t *labels,
                         const rg_meter_route_t *route)
{
    for (int s = 0; s < RG_METER_STATUS_COUNT; s++) {
        if (route->status[s] > 0) {
            more_t more = with_label(labels, "code", code_words(m, s));
            rg_exposition_count(m->out, "regen_requests_total", more.at, route->status[s]);
        }
    }
}

/* In seconds, as a bound's label says them: 0.0025. */
static const char *bound_words(apr_pool_t *p, int bucket)
{
    apr_time_t bound = rg_meter_bound_of(bucket);
    if (bound == 0) {
        return "+Inf";
    }
    char *words = apr_psprintf(p, "%d.%06d", (int)(bound / RG_SECOND), (int)(bound % RG_SECOND));
    for (size_t n = strlen(words); words[n - 1] == '0' && words[n - 2] != '.'; n--) {
        words[n - 1] = '\0';
    }
    return words;
}

static void put_durations(const metrics_t *m, const rg_label_t *labels,
                          const rg_meter_route_t *route)
{
    uint64_t below = 0;
    for (int b = 0; b < RG_METER_BUCKETS; b++) {
        more_t more = with_label(labels, "le", bound_words(m->r->pool, b));
        below += route->bucket[b];
        rg_exposition_count(m->out, "regen_request_duration_seconds_bucket", more.at, below);
    }
    rg_exposition_seconds(m->out, "regen_request_duration_seconds_sum", labels,
                          (int64_t)route->usec);
    rg_exposition_count(m->out, "regen_request_duration_seconds_count", labels, below);
}

/* Every status, also with 0: how fast a counter grows is known only from where it was before. */
static void put_answers(const metrics_t *m)
{
    static const char ANSWERS[] = "regen_answers_total";
    rg_exposition_family(m->out, ANSWERS, "counter", "Answers, by status.");
    for (int i = 0; i < m->count; i++) {
        const regen_server_t *c = m->at[i].c;
        const regen_routes_t *routes = regen_meter_routes(c);
        int count = routes ? regen_routes_count(routes) : -1;
        uint64_t all[RG_METER_STATUS_COUNT] = {0};
        for (int n = 0; n <= count; n++) {
            rg_meter_route_t route = rg_meter_route(regen_meter_shared(), c->meter_clinic, n);
            for (int s = 0; s < RG_METER_STATUS_COUNT; s++) {
                all[s] += route.status[s];
            }
        }
        for (int s = 0; s < RG_METER_STATUS_COUNT; s++) {
            rg_exposition_count(m->out, ANSWERS,
                                LABELS({"server", m->at[i].name}, {"code", code_words(m, s)}),
                                all[s]);
        }
    }
}

static void put_requests(const metrics_t *m)
{
    put_answers(m);
    rg_exposition_family(m->out, "regen_requests_total", "counter",
                         "Requests, by route and status; no route: an address that there is not.");
    each_route(m, put_statuses);
    rg_exposition_family(m->out, "regen_request_duration_seconds", "histogram",
                         "From the request's first line to the end of the answer.");
    each_route(m, put_durations);
}

enum { POOL_NOW, POOL_MOST, POOL_SENT, POOL_FAMILIES };
static const struct {
    const char *name, *type, *help;
} pool_families[POOL_FAMILIES] = {
    [POOL_NOW] = {"regen_database_connections", "gauge",
                  "Connections of all processes, as each told after its last request."},
    [POOL_MOST] = {"regen_database_connections_max", "gauge",
                   "The most connections that the processes of this moment open together."},
    [POOL_SENT] = {"regen_database_statements_total", "counter",
                   "Statements sent to the database by processes that answered requests."},
};

static void put_pool(const metrics_t *m, int family, const clinic_t *k)
{
    const char *name = pool_families[family].name;
    rg_meter_pools_t pools =
        rg_meter_pools(regen_meter_shared(), k->c->meter_clinic, regen_meter_alive);
    switch (family) {
    case POOL_NOW:
        rg_exposition_count(m->out, name, LABELS({"server", k->name}, {"state", "open"}),
                            (uint64_t)pools.open);
        rg_exposition_count(m->out, name, LABELS({"server", k->name}, {"state", "busy"}),
                            (uint64_t)pools.busy);
        break;
    case POOL_MOST:
        rg_exposition_count(m->out, name, LABELS({"server", k->name}),
                            (uint64_t)pools.children * (uint64_t)k->slots);
        break;
    default: rg_exposition_count(m->out, name, LABELS({"server", k->name}), pools.statements);
    }
}

static void put_pools(const metrics_t *m)
{
    for (int family = 0; family < POOL_FAMILIES; family++) {
        rg_exposition_family(m->out, pool_families[family].name, pool_families[family].type,
                             pool_families[family].help);
        for (int i = 0; i < m->count; i++) {
            if (m->at[i].owns_pool) {
                put_pool(m, family, &m->at[i]);
            }
        }
    }
}

/* --- work in the background ------------------------------------------------------------------- */

enum { TASK_RUNS, TASK_FAILED, TASK_DONE, TASK_ENDED, TASK_TOOK, TASK_FAMILIES };
static const struct {
    const char *name, *type, *help;
} task_families[TASK_FAMILIES] = {
    [TASK_RUNS] = {"regen_task_runs_total", "counter",
                   "Runs of work in the background on this machine."},
    [TASK_FAILED] = {"regen_task_failures_total", "counter", "Those that failed."},
    [TASK_DONE] = {"regen_task_done_total", "counter",
                   "What they did: holds released, letters sent and so on."},
    [TASK_ENDED] = {"regen_task_last_end_timestamp_seconds", "gauge",
                    "When the last run ended; another machine may have run since."},
    [TASK_TOOK] = {"regen_task_last_duration_seconds", "gauge", "How long the last run took."},
};

static void put_task(const metrics_t *m, int family, const rg_label_t *labels,
                     const rg_meter_task_t *t)
{
    const char *name = task_families[family].name;
    switch (family) {
    case TASK_RUNS: rg_exposition_count(m->out, name, labels, t->runs); break;
    case TASK_FAILED: rg_exposition_count(m->out, name, labels, t->failed); break;
    case TASK_DONE: rg_exposition_count(m->out, name, labels, t->done); break;
    case TASK_ENDED: rg_exposition_seconds(m->out, name, labels, t->ended); break;
    default: rg_exposition_seconds(m->out, name, labels, t->took);
    }
}

static void put_tasks(const metrics_t *m)
{
    for (int family = 0; family < TASK_FAMILIES; family++) {
        rg_exposition_family(m->out, task_families[family].name, task_families[family].type,
                             task_families[family].help);
        for (int i = 0; i < m->count; i++) {
            for (int task = 0; task < REGEN_TASK_COUNT; task++) {
                rg_meter_task_t t =
                    rg_meter_task(regen_meter_shared(), m->at[i].c->meter_clinic, task);
                if (t.runs > 0) {
                    put_task(m, family,
                             LABELS({"server", m->at[i].name},
                                    {"task", regen_task_name((regen_task_t)task)}),
                             &t);
                }
            }
        }
    }
}

static void put_backlogs(const metrics_t *m)
{
    static const char COUNT[] = "regen_queue_length";
    static const char OLDEST[] = "regen_queue_oldest_seconds";
    apr_time_t now = apr_time_now();
    rg_exposition_family(m->out, COUNT, "gauge", "What waits in the database, as regenctl queues.");
    for (int i = 0; i < m->count; i++) {
        for (int q = 0; m->at[i].has_backlog && q < RG_BACKLOG_COUNT; q++) {
            rg_exposition_count(m->out, COUNT,
                                LABELS({"server", m->at[i].name},
                                       {"queue", rg_backlog_kind_name((rg_backlog_kind_t)q)}),
                                (uint64_t)m->at[i].backlog[q].count);
        }
    }
    rg_exposition_family(m->out, OLDEST, "gauge", "How long the oldest of them waits.");
    for (int i = 0; i < m->count; i++) {
        for (int q = 0; m->at[i].has_backlog && q < RG_BACKLOG_COUNT; q++) {
            apr_time_t oldest = m->at[i].backlog[q].oldest;
            rg_exposition_seconds(m->out, OLDEST,
                                  LABELS({"server", m->at[i].name},
                                         {"queue", rg_backlog_kind_name((rg_backlog_kind_t)q)}),
                                  oldest > 0 ? now - oldest : 0);
        }
    }
}

/* --- the handler ------------------------------------------------------------------------------ */

static int on_metrics(request_rec *r)
{
    if (!r->handler || strcmp(r->handler, "regen-metrics") != 0) {
        return DECLINED;
    }
    r->allowed |= AP_METHOD_BIT << M_GET;
    if (r->method_number != M_GET) {
        return HTTP_METHOD_NOT_ALLOWED;
    }
    metrics_t m = {.r = r, .out = rg_buf_make(r->pool, METRICS_MAX)};
    find_clinics(&m);
    put_health(&m);
    put_requests(&m);
    put_pools(&m);
    put_tasks(&m);
    put_backlogs(&m);
    if (m.out->overflow) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, RGNO(03161) "The metrics are too many.");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    ap_set_content_type(r, RG_EXPOSITION_TYPE);
    apr_table_unset(r->err_headers_out, "Cache-Control"); /* below a clinic at / */
    apr_table_setn(r->headers_out, "Cache-Control", "no-store");
    ap_set_content_length(r, (apr_off_t)m.out->len);
    if (!r->header_only) {
        ap_rwrite(m.out->data, (int)m.out->len, r);
    }
    return OK;
}

void regen_metrics_hooks(void)
{
    ap_hook_handler(on_metrics, NULL, NULL, APR_HOOK_MIDDLE);
}
