/* SPDX-License-Identifier: Apache-2.0 */
/* The clinic's definitions: sites, resources, openings, closures, services. Read as one value in a
 * constant number of statements, because every search needs nearly all of it and it hardly ever
 * changes; clinic/definitions/catalogue.c keeps it and asks for its version. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

/* --- version ---------------------------------------------------------------------------------- */

typedef struct {
    uint64_t version;
    int schema;
} version_t;

#define VERSION_ROW(FIRST, COL)                                                                    \
    FIRST(U64, version, "version")                                                                 \
    COL(INT, schema, "(SELECT MAX(version) FROM schema_migration)")
RG_ROW(version_row, version_t, VERSION_ROW);
RG_SQL(VERSION,
       "SELECT " RG_COLUMNS(VERSION_ROW)
       " FROM catalogue_version"
       " WHERE id = 1");

rg_outcome_t rg_clinic_version(rg_db_t *db, rg_ctx_t *ctx, uint64_t *version)
{
    version_t v = {0, 0};
    rg_outcome_t rc = rg_sql_one(db, ctx, &v, version_row, VERSION, RG_IN_NONE);
    *version = v.version;
    if (rc != RG_OK) {
        return rc == RG_NOT_FOUND ? RG_OK : rc;
    }
    return rg_schema_seen(db, ctx, v.schema);
}

/* --- reading lists ---------------------------------------------------------------------------- */

typedef struct {
    rg_clinic_t *clinic;
    apr_pool_t *pool;
} load_t;

/* Fills ITEM, which is zeroed, from the current row. */
typedef void (*row_fn)(load_t *l, rg_cur_t *c, void *item);

/* All rows of a query as an array of values of SIZE bytes. */
static rg_outcome_t read_list(rg_db_t *db, rg_ctx_t *ctx, load_t *l, const char *sql, size_t size,
                              row_fn row, void **items, int *count)
{
    rg_cur_t *c;
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, sql, RG_IN_NONE);
    if (rc != RG_OK) {
        return rc;
    }
    apr_array_header_t *list = apr_array_make(l->pool, 16, (int)size);
    while (rg_cur_next(c)) {
        row(l, c, memset(apr_array_push(list), 0, size));
    }
    *items = list->elts;
    *count = list->nelts;
    return rg_cur_end(c);
}

/* Rows that belong to a parent name it first and come in its order. */
typedef struct {
    int64_t parent;
    int second; /* number within the parent, for parts of parts */
} owner_t;

typedef struct {
    int64_t parent;
    const char *word;
} word_row_t;

static void word_row(load_t *l, rg_cur_t *c, void *item)
{
    (void)l;
    *(word_row_t *)item = (word_row_t){rg_cur_i64(c, 0), rg_cur_str(c, 1)};
}

/* --- sites ------------------------------------------------------------------------------------ */

static const char SITES[] =
    "SELECT id, uid, code, name, time_zone, phone, place_of_service, notice,"
    " address_line, city, state, postal_code, country FROM site ORDER BY id";

static void site_row(load_t *l, rg_cur_t *c, void *item)
{
    rg_site_t *s = item;
    s->id = rg_cur_i64(c, 0);
    s->uid = rg_cur_str(c, 1);
    s->code = rg_cur_str(c, 2);
    s->name = rg_cur_str(c, 3);
    s->time_zone = rg_cur_str(c, 4);
    s->phone = rg_cur_str(c, 5);
    s->place_of_service = rg_cur_str(c, 6);
    s->notice = rg_cur_str(c, 7);
    s->address = rg_row_address(c, 8);
    s->zone = rg_zone_open(l->pool, s->time_zone);
}

static rg_outcome_t load_sites(rg_db_t *db, rg_ctx_t *ctx, load_t *l)
{
    rg_clinic_t *k = l->clinic;
    return read_list(db, ctx, l, SITES, sizeof(rg_site_t), site_row, (void **)&k->sites,
                     &k->site_count);
}

/* --- resources, what they can do, when they are open ------------------------------------------ */

static const char RESOURCES[] =
    "SELECT id, site_id, uid, kind, code, name, family, given, npi, taxonomy, serial, active"
    " FROM resource ORDER BY id";
static const char CAPABILITIES[] =
    "SELECT resource_id, capability FROM resource_capability ORDER BY resource_id, capability";
static const char OPENINGS[] =
    "SELECT resource_id, weekday, start_minute, end_minute, valid_from, valid_to"
    " FROM opening ORDER BY resource_id, weekday, start_minute";
static const char CLOSURES[] =
    "SELECT site_id, resource_id, first_day, last_day, start_minute, end_minute, id, kind,"
    " reason FROM closure ORDER BY id";

static void resource_row(load_t *l, rg_cur_t *c, void *item)
{
    rg_clinic_resource_t *r = item;
    (void)l;
    r->resource.id = rg_cur_i64(c, 0);
    r->site_id = rg_cur_i64(c, 1);
    r->resource.uid = rg_cur_str(c, 2);
    r->resource.kind = (rg_resource_kind_t)rg_resource_kind_parse(rg_cur_str(c, 3));
    r->resource.code = rg_cur_str(c, 4);
    r->resource.name = rg_cur_str(c, 5);
    r->resource.family = rg_cur_str(c, 6);
    r->resource.given = rg_cur_str(c, 7);
    r->resource.npi = rg_cur_str(c, 8);
    r->resource.taxonomy = rg_cur_str(c, 9);
    r->resource.serial = rg_cur_str(c, 10);
    r->resource.active = rg_cur_i64(c, 11) != 0;
}

typedef struct {
    int64_t resource_id;
    rg_opening_t opening;
} opening_row_t;

static void opening_row(load_t *l, rg_cur_t *c, void *item)
{
    opening_row_t *o = item;
    (void)l;
    o->resource_id = rg_cur_i64(c, 0);
    o->opening = (rg_opening_t){(int)rg_cur_i64(c, 1), (int)rg_cur_i64(c, 2), (int)rg_cur_i64(c, 3),
                                rg_date_days(rg_cur_date(c, 4)), rg_date_days(rg_cur_date(c, 5))};
}

typedef struct {
    rg_closure_t closure;
    int64_t id;
    const char *kind, *reason;
} closure_row_t;

static void closure_row(load_t *l, rg_cur_t *c, void *item)
{
    closure_row_t *row = item;
    (void)l;
    row->closure = (rg_closure_t){rg_cur_i64(c, 0),
                                  rg_cur_i64(c, 1),
                                  rg_date_days(rg_cur_date(c, 2)),
                                  rg_date_days(rg_cur_date(c, 3)),
                                  (int)rg_cur_i64(c, 4),
                                  (int)rg_cur_i64(c, 5)};
    row->id = rg_cur_i64(c, 6);
    row->kind = rg_cur_str(c, 7);
    row->reason = rg_cur_str(c, 8);
}

static void give_closures(load_t *l, const closure_row_t *rows, int count)
{
    rg_clinic_t *k = l->clinic;
    k->closure_count = count;
    k->closures = apr_palloc(l->pool, sizeof(*k->closures) * (size_t)(count + 1));
    k->closure_ids = apr_palloc(l->pool, sizeof(*k->closure_ids) * (size_t)(count + 1));
    k->closure_kinds = apr_palloc(l->pool, sizeof(*k->closure_kinds) * (size_t)(count + 1));
    k->closure_reasons = apr_palloc(l->pool, sizeof(*k->closure_reasons) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        k->closures[i] = rows[i].closure;
        k->closure_ids[i] = rows[i].id;
        k->closure_kinds[i] = rows[i].kind;
        k->closure_reasons[i] = rows[i].reason;
    }
}

static void give_capabilities(load_t *l, const word_row_t *rows, int count)
{
    const char **words = apr_palloc(l->pool, sizeof(*words) * (size_t)(count + 1));
    int at = 0;
    for (int i = 0; i < l->clinic->resource_count; i++) {
        rg_clinic_resource_t *r = &l->clinic->resources[i];
        r->capabilities = &words[at];
        for (; at < count && rows[at].parent == r->resource.id; at++) {
            words[at] = rows[at].word;
            r->capability_count++;
        }
    }
}

static void give_openings(load_t *l, const opening_row_t *rows, int count)
{
    rg_opening_t *openings = apr_palloc(l->pool, sizeof(*openings) * (size_t)(count + 1));
    int at = 0;
    for (int i = 0; i < l->clinic->resource_count; i++) {
        rg_clinic_resource_t *r = &l->clinic->resources[i];
        r->openings = &openings[at];
        for (; at < count && rows[at].resource_id == r->resource.id; at++) {
            openings[at] = rows[at].opening;
            r->opening_count++;
        }
    }
}

static rg_outcome_t load_resources(rg_db_t *db, rg_ctx_t *ctx, load_t *l)
{
    rg_clinic_t *k = l->clinic;
    void *rows = NULL;
    int count = 0;
    rg_outcome_t rc = read_list(db, ctx, l, RESOURCES, sizeof(rg_clinic_resource_t), resource_row,
                                (void **)&k->resources, &k->resource_count);
    if (rc == RG_OK) {
        rc = read_list(db, ctx, l, CAPABILITIES, sizeof(word_row_t), word_row, &rows, &count);
    }
    if (rc == RG_OK) {
        give_capabilities(l, rows, count);
        rc = read_list(db, ctx, l, OPENINGS, sizeof(opening_row_t), opening_row, &rows, &count);
    }
    if (rc == RG_OK) {
        give_openings(l, rows, count);
        rc = read_list(db, ctx, l, CLOSURES, sizeof(closure_row_t), closure_row, &rows, &count);
    }
    if (rc == RG_OK) {
        give_closures(l, rows, count);
    }
    return rc;
}

/* --- services, their steps, what each step needs ---------------------------------------------- */

static const char SERVICES[] =
    "SELECT id, site_id, uid, code, name, summary, not_for, preparation, start_grid,"
    " notice_minutes, horizon_days, cancel_notice_minutes, unit_hold_minutes, regulatory_path,"
    " needs_body_site, price_minor, currency, fallback_service_id, active, move_notice_minutes,"
    " max_per_day, audience = 'staff'"
    " FROM service ORDER BY display_order, id";
static const char STEPS[] =
    "SELECT service_id, step_no, kind, name, minutes, gap_min, gap_max, visit_no, patient_present,"
    " gap_days_min, gap_days_max"
    " FROM service_step ORDER BY service_id, step_no";
static const char NEEDS[] =
    "SELECT service_id, step_no, need_no, capability, quantity, setup_minutes, turnover_minutes,"
    " bind FROM service_need ORDER BY service_id, step_no, need_no";
static const char NEEDS_ANY[] =
    "SELECT service_id, step_no, need_no, capability FROM service_need_any"
    " ORDER BY service_id, step_no, need_no, capability";
static const char BODY_SITES[] = "SELECT service_id, body_site FROM service_body_site ORDER BY "
                                 "service_id, display_order, body_site";

static const char PREPARING[] =
    "SELECT service_id, seq, code, words, applies, from_days, until_days, too_late"
    " FROM service_preparing ORDER BY service_id, seq";

static void service_row(load_t *l, rg_cur_t *c, void *item)
{
    rg_clinic_service_t *row = item;
    rg_service_t *s = &row->service;
    (void)l;
    s->id = rg_cur_i64(c, 0);
    s->site_id = rg_cur_i64(c, 1);
    s->uid = rg_cur_str(c, 2);
    s->code = rg_cur_str(c, 3);
    s->name = rg_cur_str(c, 4);
    s->summary = rg_cur_str(c, 5);
    s->not_for = rg_cur_str(c, 6);
    s->preparation = rg_cur_str(c, 7);
    s->start_grid = (int)rg_cur_i64(c, 8);
    s->notice_minutes = (int)rg_cur_i64(c, 9);
    s->horizon_days = (int)rg_cur_i64(c, 10);
    s->cancel_notice_minutes = (int)rg_cur_i64(c, 11);
    s->unit_hold_minutes = (int)rg_cur_i64(c, 12);
    s->regulatory_path = rg_cur_str(c, 13);
    s->needs_body_site = rg_cur_i64(c, 14) != 0;
    s->price.minor = rg_cur_i64(c, 15);
    apr_cpystrn(s->price.currency, rg_cur_str(c, 16), sizeof(s->price.currency));
    s->fallback_service_id = rg_cur_i64(c, 17);
    row->active = rg_cur_i64(c, 18) != 0;
    s->move_notice_minutes = (int)rg_cur_i64(c, 19);
    s->max_per_day = (int)rg_cur_i64(c, 20);
    s->staff_only = rg_cur_i64(c, 21) != 0;
}

typedef struct {
    owner_t of;
    rg_step_t step;
} step_row_t;

static void step_row(load_t *l, rg_cur_t *c, void *item)
{
    step_row_t *row = item;
    rg_step_t *s = &row->step;
    (void)l;
    row->of.parent = rg_cur_i64(c, 0);
    int kind = rg_step_kind_parse(rg_cur_str(c, 2));
    s->step_no = kind < 0 ? 0 : (int)rg_cur_i64(c, 1); /* 0: the service is not offered */
    s->kind = kind < 0 ? RG_STEP_CONSULT : (rg_step_kind_t)kind;
    s->name = rg_cur_str(c, 3);
    s->minutes = (int)rg_cur_i64(c, 4);
    s->gap_min = (int)rg_cur_i64(c, 5);
    s->gap_max = (int)rg_cur_i64(c, 6);
    s->visit_no = (int)rg_cur_i64(c, 7);
    s->patient_present = rg_cur_i64(c, 8) != 0;
    s->gap_days_min = (int)rg_cur_i64(c, 9);
    s->gap_days_max = (int)rg_cur_i64(c, 10);
}

typedef struct {
    owner_t of;
    rg_need_t need;
} need_row_t;

static void need_row(load_t *l, rg_cur_t *c, void *item)
{
    need_row_t *row = item;
    (void)l;
    row->of = (owner_t){rg_cur_i64(c, 0), (int)rg_cur_i64(c, 1)};
    row->need.need_no = (int)rg_cur_i64(c, 2);
    row->need.capability = rg_cur_str(c, 3);
    row->need.quantity = (int)rg_cur_i64(c, 4);
    row->need.setup = (int)rg_cur_i64(c, 5);
    row->need.turnover = (int)rg_cur_i64(c, 6);
    row->need.bind = rg_cur_str(c, 7);
}

static rg_service_t *service_by_id(load_t *l, int64_t id)
{
    for (int i = 0; i < l->clinic->service_count; i++) {
        if (l->clinic->services[i].service.id == id) {
            return &l->clinic->services[i].service;
        }
    }
    return NULL;
}

/* Children come grouped by parent: a parent's list grows while its rows last. */
static void give_steps(load_t *l, const step_row_t *rows, int count)
{
    rg_step_t *steps = apr_palloc(l->pool, sizeof(*steps) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        rg_service_t *s = service_by_id(l, rows[i].of.parent);
        steps[i] = rows[i].step;
        if (s && s->step_count++ == 0) {
            s->steps = &steps[i];
        }
    }
}

static rg_step_t *step_by_no(rg_service_t *s, int step_no)
{
    for (int i = 0; s && i < s->step_count; i++) {
        if (s->steps[i].step_no == step_no) {
            return &s->steps[i];
        }
    }
    return NULL;
}

static void give_needs(load_t *l, const need_row_t *rows, int count)
{
    rg_need_t *needs = apr_palloc(l->pool, sizeof(*needs) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        rg_step_t *step = step_by_no(service_by_id(l, rows[i].of.parent), rows[i].of.second);
        needs[i] = rows[i].need;
        if (step && step->need_count++ == 0) {
            step->needs = &needs[i];
        }
    }
}

typedef struct {
    owner_t of;
    int need_no;
    const char *capability;
} any_row_t;

static void any_row(load_t *l, rg_cur_t *c, void *item)
{
    (void)l;
    *(any_row_t *)item = (any_row_t){
        {rg_cur_i64(c, 0), (int)rg_cur_i64(c, 1)}, (int)rg_cur_i64(c, 2), rg_cur_str(c, 3)};
}

static void give_any(load_t *l, const any_row_t *rows, int count)
{
    const char **words = apr_palloc(l->pool, sizeof(*words) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        rg_step_t *step = step_by_no(service_by_id(l, rows[i].of.parent), rows[i].of.second);
        words[i] = rows[i].capability;
        for (int k = 0; step && k < step->need_count; k++) {
            rg_need_t *need = &step->needs[k];
            if (need->need_no == rows[i].need_no && need->any_count++ == 0) {
                need->any = &words[i];
            }
        }
    }
}

static void give_body_sites(load_t *l, const word_row_t *rows, int count)
{
    const char **words = apr_palloc(l->pool, sizeof(*words) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        rg_service_t *s = service_by_id(l, rows[i].parent);
        words[i] = rows[i].word;
        if (s && s->body_site_count++ == 0) {
            s->body_sites = &words[i];
        }
    }
}

typedef struct {
    int64_t parent;
    rg_preparing_t preparing;
} preparing_row_t;

static void preparing_row(load_t *l, rg_cur_t *c, void *item)
{
    preparing_row_t *row = item;
    (void)l;
    row->parent = rg_cur_i64(c, 0);
    row->preparing = (rg_preparing_t){.seq = (int)rg_cur_i64(c, 1),
                                      .code = rg_cur_str(c, 2),
                                      .words = rg_cur_str(c, 3),
                                      .applies = rg_cur_str(c, 4),
                                      .from_days = (int)rg_cur_i64(c, 5),
                                      .until_days = (int)rg_cur_i64(c, 6),
                                      .too_late = rg_cur_str(c, 7)};
}

static void give_preparing(load_t *l, const preparing_row_t *rows, int count)
{
    rg_preparing_t *all = apr_palloc(l->pool, sizeof(*all) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        rg_service_t *s = service_by_id(l, rows[i].parent);
        all[i] = rows[i].preparing;
        if (s && s->preparing_count++ == 0) {
            s->preparing = &all[i];
        }
    }
}

static rg_outcome_t load_services(rg_db_t *db, rg_ctx_t *ctx, load_t *l)
{
    rg_clinic_t *k = l->clinic;
    void *rows = NULL;
    int count = 0;
    rg_outcome_t rc = read_list(db, ctx, l, SERVICES, sizeof(rg_clinic_service_t), service_row,
                                (void **)&k->services, &k->service_count);
    if (rc == RG_OK) {
        rc = read_list(db, ctx, l, STEPS, sizeof(step_row_t), step_row, &rows, &count);
    }
    if (rc == RG_OK) {
        give_steps(l, rows, count);
        rc = read_list(db, ctx, l, NEEDS, sizeof(need_row_t), need_row, &rows, &count);
    }
    if (rc == RG_OK) {
        give_needs(l, rows, count);
        rc = read_list(db, ctx, l, NEEDS_ANY, sizeof(any_row_t), any_row, &rows, &count);
    }
    if (rc == RG_OK) {
        give_any(l, rows, count);
        rc = read_list(db, ctx, l, BODY_SITES, sizeof(word_row_t), word_row, &rows, &count);
    }
    if (rc == RG_OK) {
        give_body_sites(l, rows, count);
        rc =
            read_list(db, ctx, l, PREPARING, sizeof(preparing_row_t), preparing_row, &rows, &count);
    }
    if (rc == RG_OK) {
        give_preparing(l, rows, count);
    }
    return rc;
}

rg_outcome_t rg_clinic_load(rg_db_t *db, rg_ctx_t *ctx, rg_clinic_t **out, apr_pool_t *p)
{
    rg_ctx_t own = *ctx; /* cursors copy strings to their context's pool */
    own.pool = p;
    load_t l = {apr_pcalloc(p, sizeof(rg_clinic_t)), p};
    rg_outcome_t rc = rg_clinic_version(db, &own, &l.clinic->version);
    if (rc == RG_OK) {
        rc = load_sites(db, &own, &l);
    }
    if (rc == RG_OK) {
        rc = load_resources(db, &own, &l);
    }
    if (rc == RG_OK) {
        rc = load_services(db, &own, &l);
    }
    if (rc == RG_OK) {
        rc = rg_clinic_keep_usable(l.clinic, &own);
    }
    *out = l.clinic;
    return rc;
}
