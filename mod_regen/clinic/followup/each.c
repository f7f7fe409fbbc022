/* SPDX-License-Identifier: Apache-2.0 */
/* Reminders written in one transaction, each by itself. */
#include "mod_regen/clinic/followup/each.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/model/followup.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

#include <apr.h>

typedef struct {
    const rg_message_fact_t *fact;
    int64_t turn;
} reminder_t;

static rg_outcome_t reminder_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const reminder_t *r = baton;
    bool written;
    return r->turn < 0 ? rg_message_add(db, ctx, r->fact)
                       : rg_message_add_turn(db, ctx, r->fact, r->turn, &written);
}

rg_outcome_t rg_tell_each(rg_told_t *told, rg_db_t *db, const rg_ctx_t *ctx,
                          const rg_message_fact_t *fact, int64_t turn)
{
    reminder_t r = {fact, turn};
    rg_outcome_t rc = rg_store_attempt(db, ctx, reminder_work, &r);
    if (rc == RG_UNAVAILABLE) {
        return rc;
    }
    if (rc == RG_OK) {
        told->told++;
        return RG_OK;
    }
    if (told->failed++ == 0) {
        told->kind = fact->kind;
        told->about_id = fact->about_id;
    }
    return RG_OK;
}

void rg_told_log(const rg_told_t *told, const rg_ctx_t *ctx)
{
    if (told->failed > 0) {
        rg_log(ctx, RG_LOG_ERR,
               RGNO(02202) "%d reminders could not be written, the first of kind %s about number "
                           "%" APR_INT64_T_FMT "; the others were. They are tried again.",
               told->failed, rg_message_kind_name(told->kind), (apr_int64_t)told->about_id);
    }
}
