/* SPDX-License-Identifier: Apache-2.0 */
/* The board of a week: occupied resources by day, and their bookings. A constant number of
 * statements. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/schedule/hours.h"
#include "regen/clinic/desk.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "regen/store/desk.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <stdlib.h>
#include <string.h>

enum { DAYS = 7 };

typedef struct {
    const rg_week_in_t *in;
    rg_week_t *out;
    apr_array_header_t *blocks; /* rg_week_block_t */
    int taker_count;
    rg_taker_t *takers;
} week_t;

/* --- what is shown ---------------------------------------------------------------------------- */

static bool choose_site(rg_week_t *w, const rg_clinic_t *k, const char *code)
{
    w->sites = k->sites;
    w->site_count = k->site_count;
    w->site = rg_clinic_site_asked(k, code);
    return w->site != NULL;
}

static int by_kind(const void *left, const void *right)
{
    const rg_resource_t *a = *(rg_resource_t *const *)left;
    const rg_resource_t *b = *(rg_resource_t *const *)right;
    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    return a->id < b->id ? -1 : a->id > b->id;
}

static void list_resources(rg_week_t *w, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    size_t size = sizeof(void *) * (size_t)(k->resource_count + 1);
    w->resources = apr_palloc(ctx->pool, size);
    w->choices = apr_palloc(ctx->pool, size);
    w->resource_count = 0;
    w->choice_count = 0;
    for (int i = 0; i < k->resource_count; i++) {
        rg_resource_t *r = (rg_resource_t *)&k->resources[i].resource;
        bool here = k->resources[i].site_id == w->site->id && r->active;
        if (here && r->kind == RG_RESOURCE_PRACTITIONER) {
            w->choices[w->choice_count++] = r;
        }
        if (here && (w->kind < 0 || (int)r->kind == w->kind) &&
            (w->resource_id == 0 || r->id == w->resource_id)) {
            w->resources[w->resource_count++] = r;
        }
    }
    qsort(w->resources, (size_t)w->resource_count, sizeof(void *), by_kind);
}

/* --- blocks ----------------------------------------------------------------------------------- */

static int place_of(const rg_week_t *w, int64_t id)
{
    for (int i = 0; i < w->resource_count; i++) {
        if (w->resources[i]->id == id) {
            return i;
        }
    }
    return -1;
}

/* The time of one booking on one resource on one day is one block; rows are in order of time. */
static void add_block(week_t *t, int resource, int day, const rg_taker_t *taker)
{
    for (int i = 0; i < t->blocks->nelts; i++) {
        rg_week_block_t *b = &APR_ARRAY_IDX(t->blocks, i, rg_week_block_t);
        if (b->resource == resource && b->day == day &&
            strcmp(b->booking_uid, taker->booking_uid) == 0) {
            b->until = taker->until > b->until ? taker->until : b->until;
            return;
        }
    }
    rg_week_block_t *b = apr_array_push(t->blocks);
    *b = (rg_week_block_t){.resource = resource,
                           .day = day,
                           .from = taker->from,
                           .until = taker->until,
                           .booking_uid = taker->booking_uid,
                           .family = taker->family,
                           .given = taker->given,
                           .status = taker->status};
}

static int by_place(const void *left, const void *right)
{
    const rg_week_block_t *a = left;
    const rg_week_block_t *b = right;
    if (a->resource != b->resource) {
        return a->resource - b->resource;
    }
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    return strcmp(a->booking_uid, b->booking_uid);
}

static void lay_out_week(week_t *t)
{
    rg_week_t *w = t->out;
    int monday = rg_date_days(w->monday);
    for (int i = 0; i < t->taker_count; i++) {
        const rg_taker_t *taker = &t->takers[i];
        int resource = place_of(w, taker->resource_id);
        int day = rg_date_days(rg_zone_local(w->site->zone, taker->from).date) - monday;
        if (resource >= 0 && day >= 0 && day < DAYS) {
            add_block(t, resource, day, taker);
        }
    }
    w->block_count = t->blocks->nelts;
    w->blocks = (rg_week_block_t *)(void *)t->blocks->elts;
    if (w->block_count > 1) {
        qsort(w->blocks, (size_t)w->block_count, sizeof(*w->blocks), by_place);
    }
}

static void find_week_presence(rg_week_t *w, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    int64_t *ids = apr_palloc(ctx->pool, sizeof(*ids) * (size_t)(w->resource_count + 1));
    for (int i = 0; i < w->resource_count; i++) {
        ids[i] = w->resources[i]->id;
    }
    rg_presence_find(&w->presence, ctx->pool, k, w->site, ids, w->resource_count, w->monday, DAYS);
}

static rg_outcome_t week_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    week_t *t = baton;
    rg_week_t *w = t->out;
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);
    if (rc == RG_OK && !choose_site(w, k, t->in->site)) {
        rc = rg_clinic_missing(k, RG_NOT_FOUND);
    }
    if (rc != RG_OK) {
        return rc;
    }
    w->today = rg_zone_local(w->site->zone, ctx->now).date;
    rg_date_t day = t->in->day.year == 0 ? w->today : t->in->day;
    w->monday = rg_date_add(day, 1 - rg_date_weekday(day));
    list_resources(w, ctx, k);
    find_week_presence(w, ctx, k);
    rc = rg_desk_takers(db, ctx, w->site->id, rg_zone_utc(w->site->zone, w->monday, 0),
                        rg_zone_utc(w->site->zone, rg_date_add(w->monday, DAYS), 0), &t->takers,
                        &t->taker_count);
    return rc;
}

rg_outcome_t rg_desk_week(rg_week_t **out, const rg_ctx_t *ctx, const rg_week_in_t *in)
{
    week_t t = {.in = in, .out = apr_pcalloc(ctx->pool, sizeof(rg_week_t))};
    if (!rg_may(ctx, RG_DEED_SEE_DAY)) {
        return RG_FORBIDDEN;
    }
    t.out->kind = in->kind;
    t.out->resource_id = in->resource_id;
    rg_outcome_t rc = rg_store_read(ctx, week_work, &t);
    if (rc != RG_OK) {
        return rc;
    }
    t.blocks = apr_array_make(ctx->pool, 64, sizeof(rg_week_block_t));
    lay_out_week(&t);
    *out = t.out;
    return RG_OK;
}
