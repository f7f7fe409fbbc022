/* SPDX-License-Identifier: Apache-2.0 */
/* The statement that reads occupied time also tells a search whether its definitions are still
 * current; if not, it starts again with the new ones. */
#include "mod_regen/clinic/definitions/current.h"

#include "mod_regen/clinic/definitions/catalogue.h"
#include "regen/store/calendar.h"
#include "mod_regen/clinic/schedule/input.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

static rg_outcome_t read_taken_time(rg_offer_t *o, rg_look_t *look, rg_db_t *db,
                                    const rg_ctx_t *ctx)
{
    rg_calendar_t calendar;
    rg_calendar_ask_t ask = rg_offer_ask(o);
    rg_outcome_t rc = rg_calendar_taken(db, ctx, &calendar, &ask);
    if (rc == RG_OK) {
        *look = calendar.look;
        o->look = calendar.look;
        rg_offer_take(o, &calendar);
    }
    return rc;
}

/* A refusal needs no read; it is final only if the definitions are current. */
static rg_outcome_t look_only(rg_look_t *look, rg_db_t *db, const rg_ctx_t *ctx)
{
    look->expired_holds = false;
    return rg_clinic_version(db, ctx, &look->clinic_version);
}

enum { TRIES = 3 };

rg_outcome_t rg_offer_now(rg_offer_t **out, bool *expired, rg_db_t *db, const rg_ctx_t *ctx,
                          rg_offer_fn make, void *baton)
{
    const rg_clinic_t *k;
    int problems = ctx->problems ? ctx->problems->list->nelts : 0;
    rg_outcome_t rc = rg_clinic_kept(&k, db, ctx);
    for (int i = 0; rc == RG_OK && i < TRIES; i++) {
        rg_look_t look;
        rg_outcome_t made = make(out, ctx, k, baton);
        rc = made == RG_OK ? read_taken_time(*out, &look, db, ctx) : look_only(&look, db, ctx);
        if (rc != RG_OK) {
            return rc;
        }
        *expired = look.expired_holds;
        if (look.clinic_version == k->version) {
            return made;
        }
        if (ctx->problems) {
            ctx->problems->list->nelts = problems;
        }
        rc = rg_clinic_get_version(&k, db, ctx, look.clinic_version);
    }
    return rc == RG_OK ? RG_UNAVAILABLE : rc;
}
