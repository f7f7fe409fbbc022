/* SPDX-License-Identifier: Apache-2.0 */
/* Private iCalendar feeds of a practitioner, a room or a device: made and revoked by regenctl, read
 * by whoever has the address. They show when somebody is busy, never with whom. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/identity/secret.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/feed.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

#include <string.h>

enum { DAYS_BACK = 30, DAYS_AHEAD = 400, NAME_MAX_CHARS = 80, STEPS_AT_MOST = 20000 };

typedef struct {
    unsigned char hash[32];
    const char *code, *name;
    int64_t id;
    apr_array_header_t *rows;
    rg_feed_t *feed;
} feed_t;

/* --- making ----------------------------------------------------------------------------------- */

static rg_outcome_t add_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    feed_t *f = baton;
    rg_outcome_t rc = rg_feed_put(db, ctx, &f->id, f->hash, f->code, f->name);
    return rc == RG_OK ? rg_audit_add(db, ctx, "feed.add", "calendar_feed", f->id, f->code) : rc;
}

rg_outcome_t rg_feed_add(const char **token, const rg_ctx_t *ctx, const char *resource_code,
                         const char *name)
{
    feed_t f = {.code = resource_code, .name = name ? name : ""};
    size_t n = strlen(f.name);
    *token = NULL;
    if (!rg_may(ctx, RG_DEED_DEFINE)) {
        return RG_FORBIDDEN;
    }
    if (!rg_text_clean(f.name, n) || rg_text_length(f.name) > NAME_MAX_CHARS) {
        rg_problem_add(ctx->problems, "name", "The name can have at most %d characters.",
                       NAME_MAX_CHARS);
        return RG_INVALID;
    }
    const char *fresh = rg_secret_make(ctx, f.hash);
    rg_outcome_t rc = rg_store_transact(ctx, add_work, &f);
    if (rc == RG_NOT_FOUND) {
        rg_problem_add(ctx->problems, "resource",
                       "There is no person, room or device with this code.");
    }
    *token = rc == RG_OK ? fresh : NULL;
    return rc;
}

/* --- looking after them ----------------------------------------------------------------------- */

static rg_outcome_t list_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    feed_t *f = baton;
    f->rows = apr_array_make(ctx->pool, 16, sizeof(rg_feed_row_t));
    return rg_feed_rows(db, ctx, f->rows);
}

rg_outcome_t rg_feed_list(rg_feed_row_t **out, int *count, const rg_ctx_t *ctx)
{
    feed_t f = {.id = 0};
    *count = 0;
    if (!rg_may(ctx, RG_DEED_DEFINE)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_read(ctx, list_work, &f);
    if (rc == RG_OK) {
        *out = (rg_feed_row_t *)f.rows->elts;
        *count = f.rows->nelts;
    }
    return rc;
}

static rg_outcome_t revoke_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const feed_t *f = baton;
    rg_outcome_t rc = rg_feed_end(db, ctx, f->id);
    return rc == RG_OK ? rg_audit_add(db, ctx, "feed.revoke", "calendar_feed", f->id, NULL) : rc;
}

rg_outcome_t rg_feed_revoke(const rg_ctx_t *ctx, int64_t id)
{
    feed_t f = {.id = id};
    return rg_may(ctx, RG_DEED_DEFINE) ? rg_store_transact(ctx, revoke_work, &f) : RG_FORBIDDEN;
}

/* --- reading ---------------------------------------------------------------------------------- */

static rg_outcome_t read_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    feed_t *f = baton;
    rg_outcome_t rc = rg_feed_find(db, ctx, &f->feed, f->hash);
    if (rc != RG_OK) {
        return rc;
    }
    f->rows = apr_array_make(ctx->pool, 256, sizeof(rg_feed_entry_t));
    apr_time_t since = ctx->now - DAYS_BACK * RG_DAY;
    return rg_feed_entries(db, ctx, f->rows, f->feed->resource.id, since,
                           ctx->now + DAYS_AHEAD * RG_DAY, since, STEPS_AT_MOST);
}

/* Steps of a booking that follow each other without a break are one stretch. */
static void join_steps(rg_feed_t *feed, const apr_array_header_t *rows)
{
    feed->entries = (rg_feed_entry_t *)rows->elts;
    for (int i = 0; i < rows->nelts; i++) {
        const rg_feed_entry_t *e = &APR_ARRAY_IDX(rows, i, rg_feed_entry_t);
        rg_feed_entry_t *last = feed->count > 0 ? &feed->entries[feed->count - 1] : NULL;
        if (last && strcmp(last->booking_uid, e->booking_uid) == 0 && e->from <= last->until) {
            last->until = e->until > last->until ? e->until : last->until;
        }
        else {
            feed->entries[feed->count++] = *e;
        }
    }
}

rg_outcome_t rg_feed_read(rg_feed_t **out, const rg_ctx_t *ctx, const char *token)
{
    feed_t f = {.id = 0};
    if (!token || !rg_secret_hash(f.hash, token)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, read_work, &f);
    if (rc != RG_OK) {
        return rc;
    }
    if (f.rows->nelts == STEPS_AT_MOST) {
        rg_log(ctx, RG_LOG_WARNING,
               RGNO(02100) "The calendar feed of resource %s is cut at %d steps.",
               f.feed->resource.uid, STEPS_AT_MOST);
    }
    join_steps(f.feed, f.rows);
    *out = f.feed;
    return RG_OK;
}
