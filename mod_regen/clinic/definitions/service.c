/* SPDX-License-Identifier: Apache-2.0 */
/* Services as whole values: listed, read, checked, stored. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/schedule/input.h"
#include "mod_regen/clinic/definitions/service.h"

#include "mod_regen/clinic/schedule/local_days.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/calendar.h"
#include "regen/store/definitions.h"
#include "regen/store/questionnaire.h"
#include "regen/store/store.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/bits.h"
#include "mod_regen/clinic/schedule/search.h"
#include "mod_regen/clinic/definitions/current.h"
#include "mod_regen/clinic/schedule/lookup.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

/* --- reading ---------------------------------------------------------------------------------- */

typedef struct {
    const rg_clinic_t *clinic;
    int count;
    rg_service_def_t *defs;
} defs_t;

static int by_word(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static rg_outcome_t read_defs(defs_t *out, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = rg_clinic_get(&out->clinic, db, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    const rg_clinic_t *k = out->clinic;
    out->count = k->service_count;
    out->defs = apr_pcalloc(ctx->pool, sizeof(*out->defs) * (size_t)(out->count + 1));
    for (int i = 0; i < out->count; i++) {
        const rg_clinic_service_t *s = &k->services[i];
        const rg_clinic_service_t *other = rg_clinic_service(k, s->service.fallback_service_id);
        const rg_site_t *site = rg_clinic_site(k, s->service.site_id);
        out->defs[i].service = s->service;
        out->defs[i].active = s->active;
        out->defs[i].site = site ? site->code : "";
        out->defs[i].fallback = other ? other->service.code : "";
    }
    return rg_service_extras(db, ctx, out->defs, out->count);
}

static rg_outcome_t defs_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return read_defs(baton, db, ctx);
}

rg_outcome_t rg_service_defs(rg_service_def_t **out, int *count, const rg_ctx_t *ctx)
{
    defs_t all;
    if (!rg_may(ctx, RG_DEED_DEFINE)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_read(ctx, defs_work, &all);
    if (rc == RG_OK) {
        *out = all.defs;
        *count = all.count;
    }
    return rc;
}

static rg_service_def_t *find(rg_service_def_t *defs, int count, const char *code)
{
    for (int i = 0; i < count; i++) {
        if (strcmp(defs[i].service.code, code) == 0) {
            return &defs[i];
        }
    }
    return NULL;
}

rg_outcome_t rg_service_def_get(rg_service_def_t **out, const rg_ctx_t *ctx, const char *code)
{
    rg_service_def_t *defs;
    int count;
    rg_outcome_t rc = rg_service_defs(&defs, &count, ctx);
    if (rc != RG_OK) {
        return rc;
    }
    *out = find(defs, count, code);
    return *out ? RG_OK : RG_NOT_FOUND;
}

/* --- what can be named ------------------------------------------------------------------------ */

static void add_word(apr_array_header_t *list, const char *word)
{
    for (int i = 0; i < list->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(list, i, const char *), word) == 0) {
            return;
        }
    }
    APR_ARRAY_PUSH(list, const char *) = word;
}

static void name_capabilities(rg_service_choices_t *out, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    apr_array_header_t *list = apr_array_make(ctx->pool, 16, sizeof(const char *));
    for (int i = 0; i < k->resource_count; i++) {
        const rg_clinic_resource_t *r = &k->resources[i];
        for (int c = 0; r->resource.active && c < r->capability_count; c++) {
            add_word(list, r->capabilities[c]);
        }
    }
    if (list->nelts > 1) {
        qsort(list->elts, (size_t)list->nelts, sizeof(const char *), by_word);
    }
    out->capabilities = (const char **)(void *)list->elts;
    out->capability_count = list->nelts;
}

static rg_outcome_t choices_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_service_choices_t *out = baton;
    const rg_clinic_t *k;
    rg_form_code_t *forms;
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);
    if (rc == RG_OK) {
        rc = rg_form_codes(db, ctx, &forms, &out->form_count);
    }
    if (rc != RG_OK) {
        return rc;
    }
    size_t room = sizeof(const char *) * (size_t)(k->service_count + out->form_count + 1);
    out->sites = k->sites;
    out->site_count = k->site_count;
    out->service_count = k->service_count;
    out->services = apr_palloc(ctx->pool, room);
    out->service_names = apr_palloc(ctx->pool, room);
    out->forms = apr_palloc(ctx->pool, room);
    for (int i = 0; i < k->service_count; i++) {
        out->services[i] = k->services[i].service.code;
        out->service_names[i] = k->services[i].service.name;
    }
    for (int i = 0; i < out->form_count; i++) {
        out->forms[i] = forms[i].code;
    }
    name_capabilities(out, ctx, k);
    return RG_OK;
}

rg_outcome_t rg_service_choices(rg_service_choices_t *out, const rg_ctx_t *ctx)
{
    *out = (rg_service_choices_t){0};
    return rg_may(ctx, RG_DEED_DEFINE) ? rg_store_read(ctx, choices_work, out) : RG_FORBIDDEN;
}

/* --- on trial among the others ---------------------------------------------------------------- */

/* A definition that is to be stored, beside what it replaces. */
typedef struct {
    rg_service_def_t def;
    const rg_service_def_t *old; /* NULL: a new one */
    bool same;
} candidate_t;

typedef struct {
    const rg_service_save_in_t *in;
    defs_t now;
    rg_clinic_t after; /* the definitions as they would be */
    candidate_t *all;
    rg_form_code_t *forms;
    int form_count;
    rg_quest_version_t *quests;
    int quest_count;
    rg_service_saved_t saved;
} save_t;

/* Places become numbers. Words that will do as well come in the order in which the store gives them
 * back, so that the same file is the same definition. */
static void number_steps(const rg_ctx_t *ctx, rg_service_t *s)
{
    rg_step_t *steps = apr_pmemdup(ctx->pool, s->steps, sizeof(*steps) * (size_t)s->step_count);
    for (int i = 0; i < s->step_count; i++) {
        rg_step_t *step = &steps[i];
        size_t size = sizeof(*step->needs) * (size_t)step->need_count;
        step->step_no = i + 1;
        step->needs = apr_pmemdup(ctx->pool, step->needs, size);
        for (int k = 0; k < step->need_count; k++) {
            rg_need_t *n = &step->needs[k];
            n->need_no = k + 1;
            n->any = apr_pmemdup(ctx->pool, n->any, sizeof(*n->any) * (size_t)n->any_count);
            if (n->any_count > 1) {
                qsort(n->any, (size_t)n->any_count, sizeof(*n->any), by_word);
            }
        }
    }
    s->steps = steps;
}

static void number_recalls(const rg_ctx_t *ctx, rg_service_def_t *d)
{
    d->recalls = apr_pmemdup(ctx->pool, d->recalls, sizeof(*d->recalls) * (size_t)d->recall_count);
    for (int i = 0; i < d->recall_count; i++) {
        d->recalls[i].seq = i + 1;
    }
}

/* New ones get a number that no stored service has. */
static void prepare_services(save_t *s, const rg_ctx_t *ctx)
{
    s->all = apr_pcalloc(ctx->pool, sizeof(*s->all) * (size_t)(s->in->count + 1));
    for (int i = 0; i < s->in->count; i++) {
        candidate_t *c = &s->all[i];
        c->def = s->in->defs[i];
        c->old = find(s->now.defs, s->now.count, c->def.service.code);
        rg_site_t *site = rg_clinic_site_by_code(s->now.clinic, c->def.site);
        c->def.service.id = c->old ? c->old->service.id : -1 - i;
        c->def.service.site_id = site ? site->id : 0;
        number_steps(ctx, &c->def.service);
        number_recalls(ctx, &c->def);
        c->same = c->old && strcmp(rg_service_def_mark(ctx->pool, &c->def),
                                   rg_service_def_mark(ctx->pool, c->old)) == 0;
        if (c->old) {
            c->def.service.price = c->old->service.price;
            c->def.service.fee_kinds = c->old->service.fee_kinds;
        }
    }
}

static void put_after(rg_clinic_t *k, const rg_service_def_t *d)
{
    rg_clinic_service_t as = {d->service, d->active};
    for (int i = 0; i < k->service_count; i++) {
        if (k->services[i].service.id == d->service.id) {
            k->services[i] = as;
            return;
        }
    }
    k->services[k->service_count++] = as;
}

/* The clinic with the candidates inserted, each with its alternative service. */
static void clinic_when_saved(save_t *s, const rg_ctx_t *ctx)
{
    rg_clinic_t *k = &s->after;
    *k = *s->now.clinic;
    size_t room = (size_t)(k->service_count + s->in->count + 1);
    rg_clinic_service_t *services = apr_pcalloc(ctx->pool, sizeof(*services) * room);
    memcpy(services, k->services, sizeof(*services) * (size_t)k->service_count);
    k->services = services;
    for (int i = 0; i < s->in->count; i++) {
        put_after(k, &s->all[i].def);
    }
    for (int i = 0; i < s->in->count; i++) {
        rg_service_def_t *d = &s->all[i].def;
        const rg_clinic_service_t *other = rg_clinic_service_by_code(k, d->fallback);
        d->service.fallback_service_id = d->fallback[0] && other ? other->service.id : 0;
        put_after(k, d);
    }
}

static rg_trial_t trial_of(const save_t *s, const rg_ctx_t *ctx, int i)
{
    const rg_service_def_t *d = &s->all[i].def;
    rg_trial_t t = {.ctx = ctx, .clinic = &s->after, .def = d, .forms = s->forms};
    t.prefix = s->in->is_file ? apr_psprintf(ctx->pool, "services[%d].", i) : "";
    t.site = rg_clinic_site(&s->after, d->service.site_id);
    t.form_count = s->form_count;
    t.quests = s->quests;
    t.quest_count = s->quest_count;
    return t;
}

static void check_codes(const save_t *s, const rg_ctx_t *ctx)
{
    for (int i = 0; i < s->in->count; i++) {
        rg_trial_t t = trial_of(s, ctx, i);
        if (s->in->is_new && s->all[i].old) {
            rg_trial_problem(&t, "code", "Another service has this code. Choose a different one.");
        }
        for (int k = 0; k < i; k++) {
            if (strcmp(s->in->defs[k].service.code, s->in->defs[i].service.code) == 0) {
                rg_trial_problem(&t, "code", "It has the same code as services[%d].", k);
            }
        }
    }
}

/* Everything that is wrong with any of them; then, one by one, whether they can ever be booked. */
static rg_outcome_t check_all(const save_t *s, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = RG_OK;
    check_codes(s, ctx);
    for (int i = 0; i < s->in->count; i++) {
        rg_trial_t t = trial_of(s, ctx, i);
        if (!s->all[i].same) {
            rg_service_check(&t);
        }
    }
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    for (int i = 0; i < s->in->count; i++) {
        rg_trial_t t = trial_of(s, ctx, i);
        rg_outcome_t one = s->all[i].same || !t.def->active ? RG_OK : rg_service_check_bookable(&t);
        rc = one != RG_OK ? one : rc;
    }
    return rc;
}

/* --- bookings that are not over --------------------------------------------------------------- */

static rg_outcome_t check_use(const save_t *s, rg_db_t *db, const rg_ctx_t *ctx, int i)
{
    const candidate_t *c = &s->all[i];
    const rg_service_t *was = &c->old->service;
    const rg_service_t *is = &c->def.service;
    rg_trial_t t = trial_of(s, ctx, i);
    rg_service_use_t use;
    rg_outcome_t rc = rg_service_use(db, ctx, &use, was->id, is->unit_hold_minutes);
    if (rc != RG_OK) {
        return rc;
    }
    rg_product_check_kept(&t, was, &use);
    if (use.live == 0) {
        return rg_problems_any(ctx->problems) ? RG_PRECONDITION : RG_OK;
    }
    if (was->site_id != is->site_id) {
        rg_trial_problem(
            &t, "site",
            "%d bookings at the other site are not over yet. Make a new service for this site.",
            use.live);
    }
    if (use.too_late > 0) {
        rg_trial_problem(&t, "unit_hold_minutes",
                         "%d bookings that are not over yet have a longer time between harvest and "
                         "injection. Reschedule them first.",
                         use.too_late);
    }
    return rg_problems_any(ctx->problems) ? RG_PRECONDITION : RG_OK;
}

/* --- storing ---------------------------------------------------------------------------------- */

/* Bookings from before the limit count, too. */
static rg_outcome_t fill_seats(const save_t *s, rg_db_t *db, const rg_ctx_t *ctx,
                               const rg_service_t *is)
{
    const rg_site_t *site = rg_clinic_site(&s->after, is->site_id);
    int filled;
    return site ? rg_calendar_seats_fill(db, ctx, is->id, site->zone, &filled) : RG_PRECONDITION;
}

static rg_outcome_t write_one(save_t *s, rg_db_t *db, const rg_ctx_t *ctx, int i)
{
    candidate_t *c = &s->all[i];
    rg_outcome_t rc = c->old ? check_use(s, db, ctx, i) : RG_OK;
    if (rc != RG_OK) {
        return rc;
    }
    c->def.service.id = c->old ? c->old->service.id : 0;
    rc = rg_service_put(db, ctx, &c->def);
    if (rc == RG_OK && c->old && c->def.service.max_per_day > 0) {
        rc = fill_seats(s, db, ctx, &c->def.service);
    }
    s->saved.added += c->old ? 0 : 1;
    s->saved.changed += c->old ? 1 : 0;
    return rc == RG_OK ? rg_audit_add(db, ctx, c->old ? "service.change" : "service.add", "service",
                                      c->def.service.id, NULL)
                       : rc;
}

static int64_t stored_id(const save_t *s, const char *code)
{
    for (int i = 0; i < s->in->count; i++) {
        if (strcmp(s->all[i].def.service.code, code) == 0) {
            return s->all[i].def.service.id;
        }
    }
    const rg_service_def_t *d = find(s->now.defs, s->now.count, code);
    return d ? d->service.id : 0;
}

/* After all of them have a number: they may fall back on each other. */
static rg_outcome_t write_all(save_t *s, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < s->in->count; i++) {
        s->saved.same += s->all[i].same;
        rc = s->all[i].same ? RG_OK : write_one(s, db, ctx, i);
    }
    for (int i = 0; rc == RG_OK && i < s->in->count; i++) {
        const rg_service_def_t *d = &s->all[i].def;
        if (!s->all[i].same) {
            rc = rg_service_put_fallback(db, ctx, d->service.id,
                                         d->fallback[0] ? stored_id(s, d->fallback) : 0);
        }
    }
    return rc;
}

static rg_outcome_t check_seen(const save_t *s, const rg_ctx_t *ctx)
{
    const rg_service_def_t *old = s->in->count == 1 ? s->all[0].old : NULL;
    if (!s->in->seen || s->in->is_new ||
        (old && strcmp(rg_service_def_mark(ctx->pool, old), s->in->seen) == 0)) {
        return RG_OK;
    }
    rg_problem_add(ctx->problems, NULL,
                   "Somebody changed this service after you opened it. Open it again and repeat "
                   "your changes.");
    return RG_CONFLICT;
}

static rg_outcome_t begin(save_t *s, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_outcome_t rc = read_defs(&s->now, db, ctx);
    if (rc == RG_OK) {
        rc = rg_form_codes(db, ctx, &s->forms, &s->form_count);
    }
    rc = rc == RG_OK ? rg_quest_versions(db, ctx, &s->quests, &s->quest_count) : rc;
    if (rc == RG_OK) {
        prepare_services(s, ctx);
        clinic_when_saved(s, ctx);
    }
    return rc;
}

static rg_outcome_t save_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    save_t *s = baton;
    s->saved = (rg_service_saved_t){0, 0, 0};
    rg_outcome_t rc = rg_clinic_lock(db, ctx);
    if (rc == RG_OK) {
        rc = begin(s, db, ctx);
    }
    if (rc == RG_OK) {
        rc = check_seen(s, ctx);
    }
    if (rc == RG_OK) {
        rc = check_all(s, ctx);
    }
    return rc == RG_OK ? write_all(s, db, ctx) : rc;
}

rg_outcome_t rg_service_save(rg_service_saved_t *out, const rg_ctx_t *ctx,
                             const rg_service_save_in_t *in)
{
    save_t s = {.in = in};
    if (!rg_may(ctx, RG_DEED_DEFINE)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_once(ctx, save_work, &s);
    *out = s.saved;
    return rc;
}

rg_outcome_t rg_service_activate(const rg_ctx_t *ctx, const char *code, bool active)
{
    rg_service_def_t *d;
    rg_service_saved_t saved;
    rg_outcome_t rc = rg_service_def_get(&d, ctx, code);
    if (rc != RG_OK) {
        return rc;
    }
    const char *seen = rg_service_def_mark(ctx->pool, d);
    d->active = active;
    rg_service_save_in_t in = {.count = 1, .defs = d, .seen = seen};
    return rg_service_save(&saved, ctx, &in);
}

/* --- preview ---------------------------------------------------------------------------------- */

enum { PREVIEW = 6, PIECE_DAYS = 28 };

typedef struct {
    save_t save;
    rg_date_t from;
    rg_offer_t *offer;
    const rg_site_t *site;
    apr_array_header_t *starts;
} preview_t;

static rg_outcome_t offer_to_preview(rg_offer_t **out, const rg_ctx_t *ctx, const rg_clinic_t *k,
                                     void *baton)
{
    preview_t *v = baton;
    rg_clinic_service_t *s = apr_palloc(ctx->pool, sizeof(*s));
    *s = (rg_clinic_service_t){v->save.all[0].def.service, true};
    return rg_offer_make(out, ctx, k, s, 1, 0, rg_zone_utc(v->site->zone, v->from, 0),
                         rg_zone_utc(v->site->zone, rg_date_add(v->from, PIECE_DAYS), 0));
}

static void note_starts(preview_t *v, const rg_ctx_t *ctx)
{
    rg_bits_t found = rg_search_starts(ctx->pool, &v->offer->search);
    for (int at = rg_bits_next(&found, 0); at >= 0 && v->starts->nelts < PREVIEW;
         at = rg_bits_next(&found, (int64_t)at + 1)) {
        APR_ARRAY_PUSH(v->starts, apr_time_t) = rg_granule_time(v->offer->from + at);
    }
}

static rg_outcome_t preview_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    preview_t *v = baton;
    bool expired;
    rg_outcome_t rc = begin(&v->save, db, ctx);
    if (rc == RG_OK) {
        rc = check_all(&v->save, ctx);
    }
    if (rc != RG_OK) {
        return rc;
    }
    const rg_service_t *s = &v->save.all[0].def.service;
    v->site = rg_clinic_site(&v->save.after, s->site_id);
    v->starts = apr_array_make(ctx->pool, PREVIEW, sizeof(apr_time_t));
    v->from = rg_zone_local(v->site->zone, ctx->now).date;
    rg_date_t last = rg_window_last_day(s, v->from);
    while (rc == RG_OK && v->starts->nelts == 0 && rg_date_compare(v->from, last) <= 0) {
        rc = rg_offer_now(&v->offer, &expired, db, ctx, offer_to_preview, v);
        if (rc == RG_OK) {
            note_starts(v, ctx);
        }
        v->from = rg_date_add(v->from, PIECE_DAYS);
    }
    return rc;
}

rg_outcome_t rg_service_preview(rg_service_preview_t *out, const rg_ctx_t *ctx,
                                const rg_service_def_t *def)
{
    rg_service_save_in_t in = {.count = 1, .defs = def};
    preview_t v = {.save = {.in = &in}};
    if (!rg_may(ctx, RG_DEED_DEFINE)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_read(ctx, preview_work, &v);
    if (rc == RG_OK) {
        *out = (rg_service_preview_t){v.site, v.starts->nelts, (apr_time_t *)v.starts->elts};
    }
    return rc;
}
