/* SPDX-License-Identifier: Apache-2.0 */
/* People, rooms and devices with what they can do and when they work, stored as a whole. The
 * bookings affected by a change are shown before it is stored. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/conflict.h"
#include "regen/clinic/definitions.h"
#include "regen/core/buf.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/definition.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/transact.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <string.h>

#include <apr_strings.h>

static const rg_date_t ALWAYS_FROM = {2000, 1, 1};
static const rg_date_t ALWAYS_UNTIL = {9999, 12, 31};

/* --- reading ---------------------------------------------------------------------------------- */

static rg_date_t date_of_days(int days)
{
    return rg_date_from_days(days);
}

enum { MARK_MAX = 64 * 1024 };

static const char *mark_of(apr_pool_t *p, const rg_resource_def_t *d)
{
    rg_buf_t *b = rg_buf_make(p, MARK_MAX);
    unsigned char hash[32];
    const rg_resource_t *r = &d->resource;
    rg_buf_printf(b, "%s\n%s\n%s\n%s\n%s\n%s\n%s\n%d %d %d\n", r->code, r->name, r->family,
                  r->given, r->npi, r->taxonomy, r->serial,
                  r->calibration_due.year == 0 ? 0 : rg_date_days(r->calibration_due), r->chambers,
                  r->active);
    for (int i = 0; i < d->capability_count; i++) {
        rg_buf_printf(b, "%s\n", d->capabilities[i]);
    }
    for (int i = 0; i < d->hours_count; i++) {
        const rg_hours_t *h = &d->hours[i];
        rg_buf_printf(b, "%d %d %d %d %d\n", h->weekday, h->start, h->end, rg_date_days(h->from),
                      rg_date_days(h->until));
    }
    rg_crypto_sha256(hash, b->data, b->len);
    return rg_text_hex(p, hash, sizeof(hash));
}

static void make_def(rg_resource_def_t *d, apr_pool_t *p, const rg_clinic_t *k,
                     const rg_clinic_resource_t *r)
{
    const rg_site_t *site = rg_clinic_site(k, r->site_id);
    d->resource = r->resource;
    d->site = site ? site->code : "";
    d->site_name = site ? site->name : "";
    d->capability_count = r->capability_count;
    d->capabilities = r->capabilities;
    d->hours_count = r->opening_count;
    d->hours = apr_palloc(p, sizeof(*d->hours) * (size_t)(r->opening_count + 1));
    for (int i = 0; i < r->opening_count; i++) {
        const rg_opening_t *o = &r->openings[i];
        d->hours[i] = (rg_hours_t){o->weekday, o->start, o->end, date_of_days(o->first_day),
                                   date_of_days(o->last_day)};
    }
    d->mark = mark_of(p, d);
}

typedef struct {
    rg_resource_def_t *defs;
    int count;
} list_t;

static rg_outcome_t list_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    list_t *l = baton;
    const rg_clinic_t *k;
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    l->count = k->resource_count;
    l->defs = apr_pcalloc(ctx->pool, sizeof(*l->defs) * (size_t)(l->count + 1));
    for (int i = 0; i < l->count; i++) {
        make_def(&l->defs[i], ctx->pool, k, &k->resources[i]);
    }
    return RG_OK;
}

rg_outcome_t rg_resources_get(rg_resource_def_t **out, int *count, const rg_ctx_t *ctx)
{
    list_t l = {NULL, 0};
    rg_outcome_t rc =
        rg_may(ctx, RG_DEED_DEFINE) ? rg_store_read(ctx, list_work, &l) : RG_FORBIDDEN;
    *out = l.defs;
    *count = l.count;
    return rc;
}

rg_outcome_t rg_resource_get(rg_resource_def_t **out, const rg_ctx_t *ctx, const char *code)
{
    rg_resource_def_t *defs;
    int count;
    rg_outcome_t rc = rg_resources_get(&defs, &count, ctx);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        if (strcmp(defs[i].resource.code, code) == 0) {
            *out = &defs[i];
            return RG_OK;
        }
    }
    return rc == RG_OK ? RG_NOT_FOUND : rc;
}

/* --- what was typed --------------------------------------------------------------------------- */

typedef struct {
    const rg_resource_in_t *in;
    rg_clinic_resource_t made;
    apr_time_t since;                /* from when on added capabilities count; 0: always */
    const rg_clinic_resource_t *old; /* NULL: a new one */
    apr_array_header_t *hits;        /* of rg_conflict_t */
} edit_t;

static const char *read_text(const rg_ctx_t *ctx, const char *field, const char *typed, size_t most,
                             bool must)
{
    const char *text = rg_text_tidy(ctx->pool, typed);
    if (must && text[0] == '\0') {
        rg_problem_add(ctx->problems, field, "Enter a value.");
    }
    else if (!rg_text_clean(text, strlen(text)) || rg_text_length(text) > most) {
        rg_problem_add(ctx->problems, field, "Use at most %d characters of plain text.", (int)most);
    }
    return text;
}

#define CHAMBERS_MOST 99

/* Of devices; a person's or a room's is ignored, as its form has none. */
static void read_device(edit_t *e, const rg_ctx_t *ctx)
{
    rg_resource_t *r = &e->made.resource;
    const char *typed =
        rg_text_tidy(ctx->pool, e->in->calibration_due ? e->in->calibration_due : "");
    const char *chambers = rg_text_tidy(ctx->pool, e->in->chambers ? e->in->chambers : "");
    int64_t n = 1;
    if (*chambers != '\0' && r->kind == RG_RESOURCE_DEVICE &&
        !rg_text_i64(&n, chambers, 1, CHAMBERS_MOST)) {
        rg_problem_add(ctx->problems, "chambers", "Enter a number from 1 to %d.", CHAMBERS_MOST);
    }
    r->chambers = (int)n;
    r->calibration_due = (rg_date_t){0, 0, 0};
    if (*typed != '\0' && r->kind == RG_RESOURCE_DEVICE &&
        !rg_date_parse(&r->calibration_due, typed)) {
        rg_problem_add(ctx->problems, "calibration_due",
                       "Enter the day until which it is calibrated, such as 2027-03-31, or leave "
                       "it empty.");
    }
}

static void read_resource_names(edit_t *e, const rg_ctx_t *ctx)
{
    const rg_resource_in_t *in = e->in;
    rg_resource_t *r = &e->made.resource;
    r->name = read_text(ctx, "name", in->name, 120, true);
    r->family = read_text(ctx, "family", in->family, 80, false);
    r->given = read_text(ctx, "given", in->given, 80, false);
    r->serial = read_text(ctx, "serial", in->serial, 64, false);
    read_device(e, ctx);
    r->npi = in->npi;
    r->taxonomy = in->taxonomy;
    if (in->npi[0] && !rg_npi_valid(in->npi)) {
        rg_problem_add(ctx->problems, "npi",
                       "Enter an NPI: ten digits with a valid check digit. Or leave it empty.");
    }
    if (in->taxonomy[0] && !rg_taxonomy_valid(in->taxonomy)) {
        rg_problem_add(ctx->problems, "taxonomy",
                       "Enter ten characters like 208100000X, or leave it empty.");
    }
    r->active = in->active;
}

static void read_capabilities(edit_t *e, const rg_ctx_t *ctx)
{
    static const char between[] = ", \t\n";
    const char *at = e->in->capabilities;
    e->made.capabilities = apr_pcalloc(ctx->pool, sizeof(*e->made.capabilities) * RG_WORDS_MAX);
    for (; *at && e->made.capability_count < RG_WORDS_MAX; at += strspn(at, between)) {
        size_t n = strcspn(at, between);
        const char *word = apr_pstrmemdup(ctx->pool, at, n);
        at += n;
        if (n > 32 || rg_code_wrong(word)) {
            rg_problem_add(
                ctx->problems, "capabilities",
                "Use codes of lowercase letters, digits and hyphens, separated by commas.");
            return;
        }
        if (n > 0 && !rg_clinic_can(&e->made, word)) {
            e->made.capabilities[e->made.capability_count++] = word;
        }
    }
}

/* Of a step that is recorded later counts what its person could do then. */
static void read_since(edit_t *e, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    const rg_site_t *site = rg_clinic_site(k, e->made.site_id);
    const char *typed = e->in->can_since ? rg_text_tidy(ctx->pool, e->in->can_since) : "";
    rg_date_t day;
    e->since = e->old ? ctx->now : 0;
    if (*typed == '\0') {
        return;
    }
    if (!site || !rg_date_parse(&day, typed) ||
        rg_date_compare(day, rg_zone_local(site->zone, ctx->now).date) > 0) {
        rg_problem_add(ctx->problems, "can_since",
                       "Enter a day that is not ahead, such as 2026-11-02, or leave it empty.");
        return;
    }
    e->since = rg_zone_utc(site->zone, day, 0);
}

static bool read_valid_day(int *days, const char *typed, rg_date_t usual)
{
    rg_date_t day = usual;
    bool fine = typed[0] == '\0' || rg_date_parse(&day, typed);
    *days = rg_date_days(day);
    return fine;
}

static void wrong_hours(const rg_ctx_t *ctx, int i, const char *field, const char *text)
{
    rg_problem_add(ctx->problems, apr_psprintf(ctx->pool, "hours[%d].%s", i, field), "%s", text);
}

static bool same_row(const rg_opening_t *a, const rg_opening_t *b)
{
    return a->weekday == b->weekday && a->start == b->start && a->first_day == b->first_day;
}

static void read_row(edit_t *e, const rg_ctx_t *ctx, int i)
{
    const rg_hours_in_t *in = &e->in->hours[i];
    rg_opening_t o = {0, 0, 0, 0, 0};
    int64_t weekday = 0;
    int before = ctx->problems->list->nelts;
    if (!rg_text_i64(&weekday, in->weekday, 1, 7)) {
        wrong_hours(ctx, i, "weekday", "Choose the day of the week.");
    }
    if (!rg_minute_parse(&o.start, in->start)) {
        wrong_hours(ctx, i, "start", "Enter a time like 08:30.");
    }
    else if (!rg_minute_parse(&o.end, in->end) || o.end <= o.start) {
        wrong_hours(ctx, i, "end", "Enter a time after the start time.");
    }
    if (!read_valid_day(&o.first_day, in->from, ALWAYS_FROM)) {
        wrong_hours(ctx, i, "from", "Enter a day, or leave it empty.");
    }
    else if (!read_valid_day(&o.last_day, in->until, ALWAYS_UNTIL) || o.last_day < o.first_day) {
        wrong_hours(ctx, i, "until",
                    "Enter a day that is not before the first day, or leave it empty.");
    }
    o.weekday = (int)weekday;
    for (int k = 0; k < e->made.opening_count; k++) {
        if (same_row(&e->made.openings[k], &o)) {
            wrong_hours(ctx, i, "start", "Other hours of that day begin at the same time.");
        }
    }
    if (ctx->problems->list->nelts == before) {
        e->made.openings[e->made.opening_count++] = o;
    }
}

static void read_openings(edit_t *e, const rg_ctx_t *ctx)
{
    e->made.openings =
        apr_pcalloc(ctx->pool, sizeof(*e->made.openings) * (size_t)(e->in->hours_count + 1));
    for (int i = 0; i < e->in->hours_count; i++) {
        const rg_hours_in_t *in = &e->in->hours[i];
        if (in->weekday[0] || in->start[0] || in->end[0] || in->from[0] || in->until[0]) {
            read_row(e, ctx, i);
        }
    }
}

/* Only for a new one. */
static void read_new(edit_t *e, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    const rg_resource_in_t *in = e->in;
    int kind = rg_resource_kind_parse(in->kind);
    if (!in->code[0] || strlen(in->code) > 32 || rg_code_wrong(in->code)) {
        rg_problem_add(ctx->problems, "code", "Use 1 to 32 lowercase letters, digits and hyphens.");
    }
    if (kind < 0) {
        rg_problem_add(ctx->problems, "kind", "Choose the kind.");
    }
    const rg_site_t *site = rg_clinic_site_by_code(k, in->site);
    if (!site) {
        rg_problem_add(ctx->problems, "site", "Choose a site.");
    }
    e->made.site_id = site ? site->id : 0;
    e->made.resource.code = in->code;
    e->made.resource.kind = kind < 0 ? RG_RESOURCE_ROOM : (rg_resource_kind_t)kind;
}

/* --- what it takes from bookings -------------------------------------------------------------- */

static bool is_among(const apr_array_header_t *list, const rg_conflict_t *c)
{
    for (int i = 0; i < list->nelts; i++) {
        const rg_conflict_t *o = &APR_ARRAY_IDX(list, i, rg_conflict_t);
        if (o->booking_id == c->booking_id && o->kind == c->kind) {
            return true;
        }
    }
    return false;
}

/* Closures are another matter, and what was wrong before is no news. */
static rg_outcome_t find_change_hits(edit_t *e, rg_db_t *db, const rg_ctx_t *ctx,
                                     const rg_clinic_t *k)
{
    rg_taken_ask_t ask = {.resource_id = e->old->resource.id};
    apr_array_header_t *was = apr_array_make(ctx->pool, 4, sizeof(rg_conflict_t));
    apr_array_header_t *is = apr_array_make(ctx->pool, 4, sizeof(rg_conflict_t));
    rg_clinic_t before = *k;
    rg_clinic_t after = *k;
    size_t size = sizeof(*k->resources) * (size_t)k->resource_count;
    rg_standing_t standing;
    rg_outcome_t rc = rg_standing_read(&standing, db, ctx, &ask);
    if (rc != RG_OK) {
        return rc;
    }
    after.resources = apr_pmemdup(ctx->pool, k->resources, size);
    after.resources[e->old - k->resources] = e->made;
    before.closure_count = after.closure_count = 0;
    rg_conflicts_find(was, ctx->pool, &before, &standing);
    rg_conflicts_find(is, ctx->pool, &after, &standing);
    for (int i = 0; i < is->nelts; i++) {
        if (!is_among(was, &APR_ARRAY_IDX(is, i, rg_conflict_t))) {
            APR_ARRAY_PUSH(e->hits, rg_conflict_t) = APR_ARRAY_IDX(is, i, rg_conflict_t);
        }
    }
    return rg_conflicts_fill(db, ctx, e->hits);
}

/* --- storing ---------------------------------------------------------------------------------- */

static const rg_clinic_resource_t *by_code(const rg_clinic_t *k, const char *code)
{
    for (int i = 0; i < k->resource_count; i++) {
        if (strcmp(k->resources[i].resource.code, code) == 0) {
            return &k->resources[i];
        }
    }
    return NULL;
}

static rg_outcome_t find_old(edit_t *e, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    rg_resource_def_t was = {.mark = ""};
    e->old = by_code(k, e->in->code);
    if (e->in->is_new) {
        if (e->old) {
            rg_problem_add(ctx->problems, "code", "This code is already used. Choose another one.");
        }
        e->old = NULL;
        return RG_OK;
    }
    if (!e->old) {
        return RG_NOT_FOUND;
    }
    make_def(&was, ctx->pool, k, e->old);
    if (e->in->seen[0] && strcmp(was.mark, e->in->seen) != 0) {
        rg_problem_add(
            ctx->problems, NULL,
            "Somebody changed this after you opened it. Open it again and repeat your changes.");
        return RG_CONFLICT;
    }
    e->made.site_id = e->old->site_id;
    e->made.resource = e->old->resource;
    return RG_OK;
}

static rg_outcome_t read_all(edit_t *e, rg_db_t *db, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    rg_outcome_t rc = find_old(e, ctx, k);
    if (rc != RG_OK) {
        return rc;
    }
    if (!e->old) {
        read_new(e, ctx, k);
    }
    read_resource_names(e, ctx);
    read_capabilities(e, ctx);
    read_since(e, ctx, k);
    read_openings(e, ctx);
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    rc = e->old ? find_change_hits(e, db, ctx, k) : RG_OK;
    if (rc == RG_OK && e->hits->nelts > 0 && rg_change_why_parse(e->in->why) < 0) {
        rg_problem_add(ctx->problems, "why",
                       "Choose why this is changed although it affects bookings.");
        return RG_PRECONDITION;
    }
    return rc;
}

/* The audit trail contains codes, not words. */
static const char *detail_of(const edit_t *e, const rg_ctx_t *ctx)
{
    return e->hits->nelts == 0
               ? NULL
               : apr_psprintf(ctx->pool, "confirmed:%s bookings:%d", e->in->why, e->hits->nelts);
}

static rg_outcome_t save_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    edit_t *e = baton;
    const rg_clinic_t *k;
    memset(&e->made, 0, sizeof(e->made));
    e->hits = apr_array_make(ctx->pool, 4, sizeof(rg_conflict_t));
    rg_outcome_t rc = rg_clinic_lock(db, ctx);
    if (rc == RG_OK) {
        rc = rg_clinic_get(&k, db, ctx);
    }
    if (rc == RG_OK) {
        rc = read_all(e, db, ctx, k);
    }
    if (rc == RG_OK) {
        rc = rg_resource_put(db, ctx, &e->made, e->since);
        rg_freed_by_definitions(db);
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, e->old ? "resource.change" : "resource.add",
                                      "resource", e->made.resource.id, detail_of(e, ctx))
                       : rc;
}

rg_outcome_t rg_resource_save(rg_conflict_t **hit, int *count, const rg_ctx_t *ctx,
                              const rg_resource_in_t *in)
{
    edit_t e = {.in = in};
    *count = 0;
    if (!rg_may(ctx, RG_DEED_DEFINE)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_transact_once(ctx, save_work, &e);
    if (e.hits) {
        *hit = (rg_conflict_t *)(void *)e.hits->elts;
        *count = e.hits->nelts;
    }
    return rc;
}
