/* SPDX-License-Identifier: Apache-2.0 */
/* The clinic's definitions: sites, resources, openings, closures, services. Read as one value in a
 * constant number of statements, because every search needs nearly all of it and it hardly ever
 * changes; clinic/definitions/catalogue.c caches it and checks its version. */
#include "mod_regen/store/engine/row.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/fees.h"
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

rg_outcome_t rg_clinic_version(rg_db_t *db, const rg_ctx_t *ctx, uint64_t *version)
{
    version_t v = {0, 0};
    rg_outcome_t rc = rg_sql_one(db, ctx, &v, version_row, VERSION, RG_IN_NONE);
    *version = v.version;
    if (rc != RG_OK) {
        return rc == RG_NOT_FOUND ? RG_OK : rc;
    }
    return rg_schema_seen(db, ctx, v.schema);
}

/* --- rows that belong to others --------------------------------------------------------------- */

typedef struct {
    rg_clinic_t *clinic;
    apr_pool_t *pool;
} load_t;

/* Rows that belong to a parent name it first and come in its order. */
typedef struct {
    int64_t parent;
    int second; /* number within the parent, for parts of parts */
} owner_t;

typedef struct {
    int64_t parent;
    const char *word;
} word_row_t;

/* --- sites ------------------------------------------------------------------------------------ */

#define SITE_ROW(FIRST, COL)                                                                       \
    FIRST(I64, id, "id")                                                                           \
    COL(STR, uid, "uid")                                                                           \
    COL(STR, code, "code")                                                                         \
    COL(STR, name, "name")                                                                         \
    COL(STR, time_zone, "time_zone")                                                               \
    COL(STR, phone, "phone")                                                                       \
    COL(STR, place_of_service, "place_of_service")                                                 \
    COL(STR, notice, "notice")                                                                     \
    RG_ADDRESS_COLS(COL, address, "")
RG_ROW(site_row, rg_site_t, SITE_ROW);
RG_SQL(SITES,
       "SELECT " RG_COLUMNS(SITE_ROW)
       " FROM site"
       " ORDER BY id");

static rg_outcome_t load_sites(rg_db_t *db, const rg_ctx_t *ctx, load_t *l)
{
    rg_clinic_t *k = l->clinic;
    RG_TRY(rg_sql_list(db, ctx, &k->sites, &k->site_count, site_row, SITES, RG_IN_NONE));
    for (int i = 0; i < k->site_count; i++) {
        k->sites[i].zone = rg_zone_open(l->pool, k->sites[i].time_zone);
    }
    return RG_OK;
}

/* --- resources, what they can do, when they are open ------------------------------------------ */

#define RESOURCE_ROW(FIRST, COL)                                                                   \
    FIRST(I64, resource.id, "id")                                                                  \
    COL(I64, site_id, "site_id")                                                                   \
    COL(STR, resource.uid, "uid")                                                                  \
    COL(ENUM, resource.kind, "kind", rg_resource_kind_parse)                                       \
    COL(STR, resource.code, "code")                                                                \
    COL(STR, resource.name, "name")                                                                \
    COL(STR, resource.family, "family")                                                            \
    COL(STR, resource.given, "given")                                                              \
    COL(STR, resource.npi, "npi")                                                                  \
    COL(STR, resource.taxonomy, "taxonomy")                                                        \
    COL(STR, resource.serial, "serial")                                                            \
    COL(DATE, resource.calibration_due, "calibration_due")                                         \
    COL(INT, resource.chambers, "chambers")                                                        \
    COL(BOOL, resource.active, "active")
RG_ROW(resource_row, rg_clinic_resource_t, RESOURCE_ROW);
RG_SQL(RESOURCES,
       "SELECT " RG_COLUMNS(RESOURCE_ROW)
       " FROM resource"
       " ORDER BY id");

#define CAPABILITY_ROW(FIRST, COL)                                                                 \
    FIRST(I64, parent, "resource_id")                                                              \
    COL(STR, word, "capability")
RG_ROW(capability_row, word_row_t, CAPABILITY_ROW);
RG_SQL(CAPABILITIES,
       "SELECT " RG_COLUMNS(CAPABILITY_ROW)
       " FROM resource_capability"
       " ORDER BY resource_id, capability");

typedef struct {
    int64_t resource_id;
    rg_opening_t opening;
} opening_row_t;

#define OPENING_ROW(FIRST, COL)                                                                    \
    FIRST(I64, resource_id, "resource_id")                                                         \
    COL(INT, opening.weekday, "weekday")                                                           \
    COL(INT, opening.start, "start_minute")                                                        \
    COL(INT, opening.end, "end_minute")                                                            \
    COL(DAY, opening.first_day, "valid_from")                                                      \
    COL(DAY, opening.last_day, "valid_to")
RG_ROW(opening_row, opening_row_t, OPENING_ROW);
RG_SQL(OPENINGS,
       "SELECT " RG_COLUMNS(OPENING_ROW)
       " FROM opening"
       " ORDER BY resource_id, weekday, start_minute");

typedef struct {
    rg_closure_t closure;
    int64_t id;
    const char *kind, *reason;
} closure_row_t;

#define CLOSURE_ROW(FIRST, COL)                                                                    \
    FIRST(I64, closure.site_id, "site_id")                                                         \
    COL(I64, closure.resource_id, "resource_id")                                                   \
    COL(DAY, closure.first_day, "first_day")                                                       \
    COL(DAY, closure.last_day, "last_day")                                                         \
    COL(INT, closure.start, "start_minute")                                                        \
    COL(INT, closure.end, "end_minute")                                                            \
    COL(I64, id, "id")                                                                             \
    COL(STR, kind, "kind")                                                                         \
    COL(STR, reason, "reason")
RG_ROW(closure_row, closure_row_t, CLOSURE_ROW);
RG_SQL(CLOSURES,
       "SELECT " RG_COLUMNS(CLOSURE_ROW)
       " FROM closure"
       " ORDER BY id");

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

static rg_outcome_t load_resources(rg_db_t *db, const rg_ctx_t *ctx, load_t *l)
{
    rg_clinic_t *k = l->clinic;
    word_row_t *words;
    opening_row_t *openings;
    closure_row_t *closures;
    int n;
    RG_TRY(rg_sql_list(db, ctx, &k->resources, &k->resource_count, resource_row, RESOURCES,
                       RG_IN_NONE));
    RG_TRY(rg_sql_list(db, ctx, &words, &n, capability_row, CAPABILITIES, RG_IN_NONE));
    give_capabilities(l, words, n);
    RG_TRY(rg_sql_list(db, ctx, &openings, &n, opening_row, OPENINGS, RG_IN_NONE));
    give_openings(l, openings, n);
    RG_TRY(rg_sql_list(db, ctx, &closures, &n, closure_row, CLOSURES, RG_IN_NONE));
    give_closures(l, closures, n);
    return RG_OK;
}

/* --- services, their steps, what each step needs ---------------------------------------------- */

#define SERVICE_ROW(FIRST, COL)                                                                    \
    FIRST(I64, service.id, "id")                                                                   \
    COL(I64, service.site_id, "site_id")                                                           \
    COL(STR, service.uid, "uid")                                                                   \
    COL(STR, service.code, "code")                                                                 \
    COL(STR, service.name, "name")                                                                 \
    COL(STR, service.summary, "summary")                                                           \
    COL(STR, service.not_for, "not_for")                                                           \
    COL(STR, service.preparation, "preparation")                                                   \
    COL(INT, service.start_grid, "start_grid")                                                     \
    COL(INT, service.notice_minutes, "notice_minutes")                                             \
    COL(INT, service.horizon_days, "horizon_days")                                                 \
    COL(INT, service.cancel_notice_minutes, "cancel_notice_minutes")                               \
    COL(INT, service.unit_hold_minutes, "unit_hold_minutes")                                       \
    COL(STR, service.regulatory_path, "regulatory_path")                                           \
    COL(BOOL, service.needs_body_site, "needs_body_site")                                          \
    COL(INT, service.targets_most, "targets_most")                                                 \
    COL(BOOL, service.second_harvest, "second_harvest")                                            \
    COL(BOOL, service.second_inject, "second_inject")                                              \
    COL(BOOL, service.timeout_harvest, "timeout_harvest")                                          \
    COL(BOOL, service.timeout_inject, "timeout_inject")                                            \
    COL(I64, service.fallback_service_id, "fallback_service_id")                                   \
    COL(BOOL, active, "active")                                                                    \
    COL(INT, service.move_notice_minutes, "move_notice_minutes")                                   \
    COL(INT, service.max_per_day, "max_per_day")                                                   \
    COL(INT, service.remind_hours, "remind_hours")                                                 \
    COL(INT, service.remind_again_hours, "remind_again_hours")                                     \
    COL(BOOL, service.staff_only, "audience = 'staff'")                                            \
    COL(STR, service.booked_by, "booked_by")
RG_ROW(service_row, rg_clinic_service_t, SERVICE_ROW);
RG_SQL(SERVICES,
       "SELECT " RG_COLUMNS(SERVICE_ROW)
       " FROM service"
       " ORDER BY display_order, id");

typedef struct {
    owner_t of;
    rg_step_t step;
    int kind; /* -1: one that is not known */
} step_row_t;

#define STEP_ROW(FIRST, COL)                                                                       \
    FIRST(I64, of.parent, "service_id")                                                            \
    COL(INT, step.step_no, "step_no")                                                              \
    COL(ENUM, kind, "kind", rg_step_kind_parse)                                                    \
    COL(STR, step.name, "name")                                                                    \
    COL(INT, step.minutes, "minutes")                                                              \
    COL(INT, step.further_minutes, "further_minutes")                                              \
    COL(INT, step.gap_min, "gap_min")                                                              \
    COL(INT, step.gap_max, "gap_max")                                                              \
    COL(INT, step.visit_no, "visit_no")                                                            \
    COL(BOOL, step.patient_present, "patient_present")                                             \
    COL(INT, step.gap_days_min, "gap_days_min")                                                    \
    COL(INT, step.gap_days_max, "gap_days_max")
RG_ROW(step_row, step_row_t, STEP_ROW);
RG_SQL(STEPS,
       "SELECT " RG_COLUMNS(STEP_ROW)
       " FROM service_step"
       " ORDER BY service_id, step_no");

typedef struct {
    owner_t of;
    rg_need_t need;
} need_row_t;

#define NEED_ROW(FIRST, COL)                                                                       \
    FIRST(I64, of.parent, "service_id")                                                            \
    COL(INT, of.second, "step_no")                                                                 \
    COL(INT, need.need_no, "need_no")                                                              \
    COL(STR, need.capability, "capability")                                                        \
    COL(INT, need.quantity, "quantity")                                                            \
    COL(INT, need.setup, "setup_minutes")                                                          \
    COL(INT, need.turnover, "turnover_minutes")                                                    \
    COL(STR, need.bind, "bind")
RG_ROW(need_row, need_row_t, NEED_ROW);
RG_SQL(NEEDS,
       "SELECT " RG_COLUMNS(NEED_ROW)
       " FROM service_need"
       " ORDER BY service_id, step_no, need_no");

typedef struct {
    owner_t of;
    int need_no;
    const char *capability;
} any_row_t;

#define ANY_ROW(FIRST, COL)                                                                        \
    FIRST(I64, of.parent, "service_id")                                                            \
    COL(INT, of.second, "step_no")                                                                 \
    COL(INT, need_no, "need_no")                                                                   \
    COL(STR, capability, "capability")
RG_ROW(any_row, any_row_t, ANY_ROW);
RG_SQL(NEEDS_ANY,
       "SELECT " RG_COLUMNS(ANY_ROW)
       " FROM service_need_any"
       " ORDER BY service_id, step_no, need_no, capability");

#define BODY_SITE_ROW(FIRST, COL)                                                                  \
    FIRST(I64, parent, "service_id")                                                               \
    COL(STR, word, "body_site")
RG_ROW(body_site_row, word_row_t, BODY_SITE_ROW);
RG_SQL(BODY_SITES,
       "SELECT " RG_COLUMNS(BODY_SITE_ROW)
       " FROM service_body_site"
       " ORDER BY service_id, display_order, body_site");

typedef struct {
    int64_t parent;
    rg_preparing_t preparing;
} preparing_row_t;

#define PREPARING_ROW(FIRST, COL)                                                                  \
    FIRST(I64, parent, "service_id")                                                               \
    COL(INT, preparing.seq, "seq")                                                                 \
    COL(STR, preparing.code, "code")                                                               \
    COL(STR, preparing.words, "words")                                                             \
    COL(STR, preparing.applies, "applies")                                                         \
    COL(INT, preparing.from_days, "from_days")                                                     \
    COL(INT, preparing.until_days, "until_days")                                                   \
    COL(STR, preparing.too_late, "too_late")
RG_ROW(preparing_row, preparing_row_t, PREPARING_ROW);
RG_SQL(PREPARING,
       "SELECT " RG_COLUMNS(PREPARING_ROW)
       " FROM service_preparing"
       " ORDER BY service_id, seq");

typedef struct {
    int64_t parent;
    rg_product_t product;
} product_row_t;

#define PRODUCT_ROW(FIRST, COL)                                                                    \
    FIRST(I64, parent, "service_id")                                                               \
    COL(INT, product.product_no, "product_no")                                                     \
    COL(STR, product.name, "name")                                                                 \
    COL(STR, product.material, "material")                                                         \
    COL(STR, product.method, "method")                                                             \
    COL(STR, product.additives, "additives")                                                       \
    COL(STR, product.trial, "trial")                                                               \
    COL(INT, product.spin_min_minutes, "spin_min_minutes")                                         \
    COL(INT, product.spin_max_minutes, "spin_max_minutes")
RG_ROW(product_row, product_row_t, PRODUCT_ROW);
RG_SQL(PRODUCTS,
       "SELECT " RG_COLUMNS(PRODUCT_ROW)
       " FROM service_product"
       " ORDER BY service_id, product_no");

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
        bool known = rows[i].kind >= 0;
        steps[i] = rows[i].step;
        steps[i].step_no = known ? steps[i].step_no : 0; /* 0: the service is not offered */
        steps[i].kind = known ? (rg_step_kind_t)rows[i].kind : RG_STEP_CONSULT;
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

static void give_products(load_t *l, const product_row_t *rows, int count)
{
    rg_product_t *all = apr_palloc(l->pool, sizeof(*all) * (size_t)(count + 1));
    for (int i = 0; i < count; i++) {
        rg_service_t *s = service_by_id(l, rows[i].parent);
        all[i] = rows[i].product;
        if (s && s->product_count++ == 0) {
            s->products = &all[i];
        }
    }
}

static rg_outcome_t load_services(rg_db_t *db, const rg_ctx_t *ctx, load_t *l)
{
    rg_clinic_t *k = l->clinic;
    step_row_t *steps;
    need_row_t *needs;
    any_row_t *any;
    word_row_t *words;
    preparing_row_t *preparing;
    product_row_t *products;
    int n;
    RG_TRY(
        rg_sql_list(db, ctx, &k->services, &k->service_count, service_row, SERVICES, RG_IN_NONE));
    RG_TRY(rg_sql_list(db, ctx, &steps, &n, step_row, STEPS, RG_IN_NONE));
    give_steps(l, steps, n);
    RG_TRY(rg_sql_list(db, ctx, &needs, &n, need_row, NEEDS, RG_IN_NONE));
    give_needs(l, needs, n);
    RG_TRY(rg_sql_list(db, ctx, &any, &n, any_row, NEEDS_ANY, RG_IN_NONE));
    give_any(l, any, n);
    RG_TRY(rg_sql_list(db, ctx, &words, &n, body_site_row, BODY_SITES, RG_IN_NONE));
    give_body_sites(l, words, n);
    RG_TRY(rg_sql_list(db, ctx, &preparing, &n, preparing_row, PREPARING, RG_IN_NONE));
    give_preparing(l, preparing, n);
    RG_TRY(rg_sql_list(db, ctx, &products, &n, product_row, PRODUCTS, RG_IN_NONE));
    give_products(l, products, n);
    return RG_OK;
}

/* What it costs is the sum of its lines, now and until the next version begins. */
static rg_outcome_t load_prices(rg_db_t *db, const rg_ctx_t *ctx, load_t *l)
{
    rg_fee_price_t *prices;
    int count;
    RG_TRY(rg_fee_prices(db, ctx, &prices, &count, &l->clinic->prices_until));
    for (int i = 0; i < count; i++) {
        rg_service_t *s = service_by_id(l, prices[i].service_id);
        if (s) {
            s->price = prices[i].total;
            s->fee_kinds = (unsigned)prices[i].kinds;
        }
    }
    return RG_OK;
}

rg_outcome_t rg_clinic_load(rg_db_t *db, const rg_ctx_t *ctx, rg_clinic_t **out, apr_pool_t *p)
{
    rg_ctx_t own = *ctx; /* lists and strings are made in their context's pool */
    own.pool = p;
    load_t l = {apr_pcalloc(p, sizeof(rg_clinic_t)), p};
    *out = l.clinic;
    RG_TRY(rg_clinic_version(db, &own, &l.clinic->version));
    RG_TRY(load_sites(db, &own, &l));
    RG_TRY(load_resources(db, &own, &l));
    RG_TRY(load_services(db, &own, &l));
    RG_TRY(load_prices(db, &own, &l));
    return rg_clinic_keep_usable(l.clinic, &own);
}
