/* SPDX-License-Identifier: Apache-2.0 */
#include "mod_regen/clinic/transact.h"

#include <string.h>

#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/waitlist/waitlist.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

enum {
    OFFERS = 20, /* in the transaction of somebody else's change, at most */
    TRIES = 3    /* attempts of that transaction that serve */
};

typedef struct {
    rg_work_fn work;
    void *baton;
    int tries;
    rg_freed_t later; /* what is to be served after COMMIT */
} handed_t;

static rg_outcome_t work_and_serve(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    handed_t *h = baton;
    rg_outcome_t rc = h->work(db, ctx, h->baton);
    rg_freed_t freed = rg_freed_take(db);
    h->later = (rg_freed_t){0};
    if (rc != RG_OK || !freed.any) {
        return rc;
    }
    if (freed.definitions || h->tries++ >= TRIES) {
        h->later = freed;
        return RG_OK;
    }
    return rg_waitlist_serve(db, ctx, &freed, OFFERS, NULL);
}

static rg_outcome_t serve(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_waitlist_serve(db, ctx, baton, OFFERS, NULL);
}

static void serve_later(const rg_ctx_t *ctx, rg_freed_t *freed)
{
    rg_ctx_t own = rg_system_ctx(ctx);
    own.problems = NULL;
    if (freed->any) {
        (void)rg_store_transact(&own, serve, freed); /* else the sweep does it */
    }
}

rg_outcome_t rg_transact(const rg_ctx_t *ctx, rg_work_fn work, void *baton)
{
    handed_t h = {.work = work, .baton = baton};
    rg_outcome_t rc = rg_store_transact(ctx, work_and_serve, &h);
    if (rc == RG_OK) {
        serve_later(ctx, &h.later);
    }
    return rc;
}

rg_outcome_t rg_transact_once(const rg_ctx_t *ctx, rg_work_fn work, void *baton)
{
    handed_t h = {.work = work, .baton = baton};
    rg_outcome_t rc = rg_store_once(ctx, work_and_serve, &h);
    if (rc == RG_OK) {
        serve_later(ctx, &h.later);
    }
    return rc;
}
