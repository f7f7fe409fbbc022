/* SPDX-License-Identifier: Apache-2.0 */
/* Services, and the process cache of the clinic's definitions. Every search and booking starts
 * here. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <pthread.h>
#include <string.h>

/* --- the process's copy ----------------------------------------------------------------------- */

/* References are counted, so that a newer copy can replace the old one while requests still read
 * it. */
typedef struct {
    rg_clinic_t *clinic;
    apr_pool_t *pool;
    int borrowers; /* and one for being the current */
} copy_t;

/* Of one database. */
typedef struct {
    copy_t *current; /* guarded by lock */
} kept_t;

/* Outlives every store: a request may return its copy after its store was closed. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void return_copy(copy_t *copy)
{
    pthread_mutex_lock(&lock);
    copy->borrowers--;
    bool last = copy->borrowers == 0;
    pthread_mutex_unlock(&lock);
    if (last) {
        apr_pool_destroy(copy->pool);
    }
}

static apr_status_t give_back_cleanup(void *copy)
{
    return_copy(copy);
    return APR_SUCCESS;
}

static void *make_kept(apr_pool_t *p)
{
    return apr_pcalloc(p, sizeof(kept_t));
}

static void drop_kept(void *memory)
{
    kept_t *kept = memory;
    if (kept->current) {
        return_copy(kept->current);
    }
}

static kept_t *kept_of(const rg_ctx_t *ctx)
{
    static const rg_memory_t kind = {make_kept, drop_kept};
    return rg_store_memory(ctx->store, &kind);
}

/* The current copy, borrowed until ctx->pool is destroyed; NULL if there is none, its prices are
 * over or, unless ANY, it is not of VERSION. */
static copy_t *borrow(const rg_ctx_t *ctx, uint64_t version, bool any)
{
    const kept_t *kept = kept_of(ctx);
    pthread_mutex_lock(&lock);
    copy_t *current = kept->current;
    bool fits = current && ctx->now < current->clinic->prices_until &&
                (any || (version != 0 && current->clinic->version == version));
    copy_t *copy = fits ? current : NULL;
    if (copy) {
        copy->borrowers++;
    }
    pthread_mutex_unlock(&lock);
    if (copy) {
        apr_pool_cleanup_register(ctx->pool, copy, give_back_cleanup, apr_pool_cleanup_null);
    }
    return copy;
}

static void make_current(const rg_ctx_t *ctx, copy_t *copy)
{
    kept_t *kept = kept_of(ctx);
    copy->borrowers = 2;
    pthread_mutex_lock(&lock);
    copy_t *old = kept->current;
    kept->current = copy;
    pthread_mutex_unlock(&lock);
    if (old) {
        return_copy(old);
    }
    apr_pool_cleanup_register(ctx->pool, copy, give_back_cleanup, apr_pool_cleanup_null);
}

enum { TRIES = 3 };

/* Reads take several statements and no snapshot: read again when somebody edited in between. */
static rg_outcome_t load_once(copy_t **out, rg_db_t *db, const rg_ctx_t *ctx, uint64_t *after)
{
    apr_pool_t *pool; /* no parent: it outlives the request, and may end on any thread */
    *out = NULL;
    if (apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return RG_INTERNAL;
    }
    copy_t *copy = apr_pcalloc(pool, sizeof(*copy));
    copy->pool = pool;
    rg_outcome_t rc = rg_clinic_load(db, ctx, &copy->clinic, pool);
    if (rc == RG_OK) {
        rc = rg_clinic_version(db, ctx, after);
    }
    if (rc != RG_OK) {
        apr_pool_destroy(pool);
        return rc;
    }
    *out = copy;
    return RG_OK;
}

static rg_outcome_t load(copy_t **out, rg_db_t *db, const rg_ctx_t *ctx)
{
    for (int i = 0; i < TRIES; i++) {
        uint64_t after = 0;
        rg_outcome_t rc = load_once(out, db, ctx, &after);
        if (rc == RG_OK && after == (*out)->clinic->version) {
            make_current(ctx, *out);
            return RG_OK;
        }
        if (rc != RG_OK) {
            return rc;
        }
        apr_pool_destroy((*out)->pool);
    }
    rg_log(ctx, RG_LOG_WARNING, RGNO(02010) "The clinic's definitions change while they are read.");
    return RG_UNAVAILABLE;
}

static rg_outcome_t lend(const rg_clinic_t **out, rg_db_t *db, const rg_ctx_t *ctx, copy_t *copy)
{
    rg_outcome_t rc = copy ? RG_OK : load(&copy, db, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    *out = copy->clinic;
    return copy->clinic->unusable > 0 && copy->clinic->site_count == 0 ? RG_UNAVAILABLE : RG_OK;
}

rg_outcome_t rg_clinic_get_version(const rg_clinic_t **out, rg_db_t *db, const rg_ctx_t *ctx,
                                   uint64_t version)
{
    return lend(out, db, ctx, borrow(ctx, version, false));
}

rg_outcome_t rg_clinic_kept(const rg_clinic_t **out, rg_db_t *db, const rg_ctx_t *ctx)
{
    return lend(out, db, ctx, borrow(ctx, 0, true));
}

rg_outcome_t rg_clinic_get(const rg_clinic_t **out, rg_db_t *db, const rg_ctx_t *ctx)
{
    uint64_t version;
    rg_outcome_t rc = rg_clinic_version(db, ctx, &version);
    return rc == RG_OK ? rg_clinic_get_version(out, db, ctx, version) : rc;
}

bool rg_clinic_priced(const rg_clinic_service_t *s)
{
    return s->service.price.currency[0] != '\0';
}

bool rg_clinic_offers(const rg_ctx_t *ctx, const rg_clinic_service_t *s)
{
    bool staff = rg_is_staff(ctx);
    return s->active && rg_clinic_priced(s) && (staff || !s->service.staff_only);
}

/* --- use-cases -------------------------------------------------------------------------------- */

static rg_outcome_t get_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_clinic_get(baton, db, ctx);
}

rg_outcome_t rg_clinic_look(const rg_clinic_t **out, const rg_ctx_t *ctx)
{
    *out = NULL;
    return rg_store_read(ctx, get_work, out);
}

static bool offers_something(const rg_catalogue_t *list, const rg_site_t *site)
{
    for (int i = 0; i < list->count; i++) {
        if (list->services[i]->site_id == site->id) {
            return true;
        }
    }
    return false;
}

static void list_sites(rg_catalogue_t *list, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    list->sites = apr_palloc(ctx->pool, sizeof(*list->sites) * (size_t)(k->site_count + 1));
    list->every_site = apr_palloc(ctx->pool, sizeof(*list->sites) * (size_t)(k->site_count + 1));
    for (int i = 0; i < k->site_count; i++) {
        list->every_site[list->every_count++] = &k->sites[i];
        if (offers_something(list, &k->sites[i])) {
            list->sites[list->site_count++] = &k->sites[i];
        }
    }
}

rg_outcome_t rg_catalogue_list(rg_catalogue_t **out, const rg_ctx_t *ctx)
{
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_look(&k, ctx);
    if (rc == RG_OK && k->site_count == 0) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(02011) "The clinic has no site. `regenctl clinic import` enters one.");
        rc = RG_UNAVAILABLE;
    }
    if (rc != RG_OK) {
        return rc;
    }
    rg_catalogue_t *list = apr_pcalloc(ctx->pool, sizeof(*list));
    list->services =
        apr_palloc(ctx->pool, sizeof(*list->services) * (size_t)(k->service_count + 1));
    for (int i = 0; i < k->service_count; i++) {
        if (rg_clinic_offers(ctx, &k->services[i])) {
            list->services[list->count++] = &k->services[i].service;
        }
    }
    list->site = list->count > 0 ? rg_clinic_site(k, list->services[0]->site_id) : &k->sites[0];
    list_sites(list, ctx, k);
    *out = list;
    return RG_OK;
}

static rg_outcome_t answer(rg_service_t **service, rg_site_t **site, const rg_clinic_t *k,
                           const rg_clinic_service_t *found)
{
    if (!found) {
        return rg_clinic_missing(k, RG_NOT_FOUND);
    }
    *service = (rg_service_t *)&found->service;
    *site = rg_clinic_site(k, found->service.site_id);
    return RG_OK;
}

rg_outcome_t rg_catalogue_service(rg_service_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                  const char *code)
{
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_look(&k, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    const rg_clinic_service_t *found = rg_clinic_service_by_code(k, code);
    return answer(out, site, k, found && rg_clinic_offers(ctx, found) ? found : NULL);
}

static rg_outcome_t seen_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_clinic_kept(baton, db, ctx);
}

/* A code that is not in the cache is looked up in the database. */
rg_outcome_t rg_catalogue_glance(rg_service_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                 const char *code)
{
    copy_t *copy = borrow(ctx, 0, true);
    const rg_clinic_t *k = copy ? copy->clinic : NULL;
    rg_outcome_t rc = copy ? RG_OK : rg_store_read(ctx, seen_work, &k);
    if (rc != RG_OK) {
        return rc;
    }
    const rg_clinic_service_t *found = rg_clinic_service_by_code(k, code);
    return found && rg_clinic_offers(ctx, found) ? answer(out, site, k, found)
                                                 : rg_catalogue_service(out, site, ctx, code);
}

const rg_site_t *rg_catalogue_face(int *sites, const rg_ctx_t *ctx, bool may_read)
{
    copy_t *copy = borrow(ctx, 0, true);
    const rg_clinic_t *k = copy ? copy->clinic : NULL;
    if (!k && (!may_read || rg_store_read(ctx, seen_work, &k) != RG_OK)) {
        k = NULL;
    }
    *sites = k ? k->site_count : 0;
    return k ? rg_clinic_site_asked(k, NULL) : NULL;
}

rg_outcome_t rg_catalogue_of_booking(rg_service_t **out, rg_site_t **site, rg_db_t *db,
                                     const rg_ctx_t *ctx, const rg_booking_t *b)
{
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_get_version(&k, db, ctx, b->definitions);
    return rc == RG_OK ? answer(out, site, k, rg_clinic_service(k, b->service_id)) : rc;
}

rg_outcome_t rg_catalogue_by_id(rg_service_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                int64_t service_id)
{
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_look(&k, ctx);
    return rc == RG_OK ? answer(out, site, k, rg_clinic_service(k, service_id)) : rc;
}
