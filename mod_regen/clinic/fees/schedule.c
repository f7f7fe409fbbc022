/* SPDX-License-Identifier: Apache-2.0 */
/* Fee schedules: reading, uploading, publishing and withdrawing versions. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/fees/fees.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/clinic/fees.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/fees.h"
#include "regen/store/definitions.h"
#include "regen/store/fees.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

/* Nobody who saw the old price a moment ago books at the new one. */
#define PUBLISH_IN (2 * RG_SECOND)

/* --- reading ---------------------------------------------------------------------------------- */

static rg_outcome_t list_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_fees_t *f = baton;
    const rg_clinic_t *k;
    RG_TRY(rg_clinic_get(&k, db, ctx));
    f->site_count = k->site_count;
    f->sites = k->sites;
    RG_TRY(rg_payers_read(db, ctx, &f->payers, &f->payer_count));
    return rg_fee_schedules(db, ctx, &f->schedules, &f->count);
}

rg_outcome_t rg_fees_list(rg_fees_t *out, const rg_ctx_t *ctx)
{
    *out = (rg_fees_t){0};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    return rg_store_read(ctx, list_work, out);
}

static rg_outcome_t find_schedule(rg_db_t *db, const rg_ctx_t *ctx, const char *code,
                                  const rg_fee_schedule_t **out)
{
    rg_fee_schedule_t *all;
    int count;
    RG_TRY(rg_fee_schedules(db, ctx, &all, &count));
    for (int i = 0; i < count; i++) {
        if (strcmp(all[i].code, code) == 0) {
            *out = &all[i];
            return RG_OK;
        }
    }
    return RG_NOT_FOUND;
}

typedef struct {
    const char *code;
    int64_t version;
    rg_fee_page_t *out;
    const rg_clinic_t *clinic;
    int old_count;
    rg_fee_entry_t *old;   /* in force */
    rg_fee_version_t *now; /* in force; NULL: none */
} page_t;

/* The lines in force AT, as far as is published. */
static rg_outcome_t read_old(rg_db_t *db, const rg_ctx_t *ctx, page_t *p, apr_time_t at)
{
    rg_fee_version_t *then;
    RG_TRY(rg_fee_version_at(db, ctx, p->out->schedule->id, at, &then));
    p->old = NULL;
    p->old_count = 0;
    return then ? rg_fee_entries(db, ctx, then->id, &p->old, &p->old_count) : RG_OK;
}

/* The schedule, and what is in force of it. */
static rg_outcome_t read_schedule(rg_db_t *db, const rg_ctx_t *ctx, page_t *p)
{
    rg_fee_page_t *f = p->out;
    RG_TRY(rg_clinic_get(&p->clinic, db, ctx));
    RG_TRY(find_schedule(db, ctx, p->code, &f->schedule));
    const rg_site_t *site = f->schedule->site_id != 0
                                ? rg_clinic_site(p->clinic, f->schedule->site_id)
                                : rg_clinic_site_asked(p->clinic, NULL);
    if (!site) {
        return rg_clinic_missing(p->clinic, RG_PRECONDITION);
    }
    f->zone = site->zone;
    f->head = rg_fee_file_head();
    f->now = ctx->now;
    f->today = rg_zone_local(site->zone, ctx->now).date;
    RG_TRY(rg_fee_version_at(db, ctx, f->schedule->id, ctx->now, &p->now));
    return p->now ? rg_fee_entries(db, ctx, p->now->id, &p->old, &p->old_count) : RG_OK;
}

/* --- what changes ----------------------------------------------------------------------------- */

static bool same_line(const rg_fee_line_t *a, const rg_fee_line_t *b)
{
    return a->step_kind == b->step_kind && a->units == b->units && a->unit.minor == b->unit.minor &&
           strcmp(a->unit.currency, b->unit.currency) == 0 && strcmp(a->code, b->code) == 0 &&
           strcmp(a->code_system, b->code_system) == 0 && strcmp(a->modifiers, b->modifiers) == 0 &&
           strcmp(a->description, b->description) == 0 && a->side_modifier == b->side_modifier &&
           a->on_claim == b->on_claim && strcmp(a->applies, b->applies) == 0;
}

/* The lines of one service, which are side by side in what was read, but not in a file. */
static int lines_of(const rg_fee_entry_t **out, const rg_fee_entry_t *list, int count, int64_t id)
{
    int n = 0;
    for (int i = 0; i < count && n < RG_FEE_LINES_MAX; i++) {
        if (list[i].service_id == id) {
            out[n++] = &list[i];
        }
    }
    return n;
}

static rg_money_t sum_of(const rg_fee_entry_t *const *lines, int n)
{
    rg_money_t sum = n > 0 ? lines[0]->line.unit : (rg_money_t){0, ""};
    sum.minor = 0;
    for (int i = 0; i < n; i++) {
        rg_money_t part;
        if (rg_money_times(&part, lines[i]->line.unit, lines[i]->line.units)) {
            (void)rg_money_add(&sum, part);
        }
    }
    return sum;
}

static void compare_service(const rg_fee_entry_t *any, const rg_fee_entry_t *is, int is_count,
                            const rg_fee_entry_t *was, int was_count, rg_fee_change_t *changes,
                            int *count)
{
    const rg_fee_entry_t *a[RG_FEE_LINES_MAX];
    const rg_fee_entry_t *b[RG_FEE_LINES_MAX];
    int m = lines_of(a, was, was_count, any->service_id);
    int n = lines_of(b, is, is_count, any->service_id);
    bool same = m == n;
    for (int i = 0; same && i < n; i++) {
        same = same_line(&a[i]->line, &b[i]->line);
    }
    if (!same) {
        changes[(*count)++] = (rg_fee_change_t){any->service_code, any->service_name, m > 0, n > 0,
                                                sum_of(a, m),      sum_of(b, n)};
    }
}

static bool is_first(const rg_fee_entry_t *list, int i)
{
    for (int k = 0; k < i; k++) {
        if (list[k].service_id == list[i].service_id) {
            return false;
        }
    }
    return true;
}

/* By service; one that is gone at the end. */
static rg_fee_change_t *compare_versions(const rg_ctx_t *ctx, const rg_fee_entry_t *is,
                                         int is_count, const rg_fee_entry_t *was, int was_count,
                                         int *count)
{
    rg_fee_change_t *changes =
        apr_palloc(ctx->pool, sizeof(*changes) * (size_t)(is_count + was_count + 1));
    const rg_fee_entry_t *found[RG_FEE_LINES_MAX];
    *count = 0;
    for (int i = 0; i < is_count; i++) {
        if (is_first(is, i)) {
            compare_service(&is[i], is, is_count, was, was_count, changes, count);
        }
    }
    for (int i = 0; i < was_count; i++) {
        if (is_first(was, i) && lines_of(found, is, is_count, was[i].service_id) == 0) {
            compare_service(&was[i], is, is_count, was, was_count, changes, count);
        }
    }
    return changes;
}

static rg_outcome_t fee_page_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    page_t *p = baton;
    rg_fee_page_t *f = p->out;
    RG_TRY(read_schedule(db, ctx, p));
    RG_TRY(rg_fee_versions(db, ctx, f->schedule->id, &f->versions, &f->version_count));
    f->shown = p->now;
    if (p->version != 0) {
        rg_fee_version_t *asked;
        RG_TRY(rg_fee_version_get(db, ctx, f->schedule->id, p->version, &asked));
        f->shown = asked;
    }
    if (!f->shown && f->version_count > 0) {
        f->shown = &f->versions[0];
    }
    if (!f->shown) {
        return RG_OK;
    }
    RG_TRY(rg_fee_entries(db, ctx, f->shown->id, &f->entries, &f->entry_count));
    f->changes =
        compare_versions(ctx, f->entries, f->entry_count, p->old, p->old_count, &f->change_count);
    return RG_OK;
}

rg_outcome_t rg_fees_get(rg_fee_page_t *out, const rg_ctx_t *ctx, const char *code, int64_t version)
{
    page_t p = {.code = code, .version = version, .out = out};
    *out = (rg_fee_page_t){0};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    return rg_store_read(ctx, fee_page_work, &p);
}

/* --- a new schedule --------------------------------------------------------------------------- */

static int64_t fee_payer(const rg_fees_t *f, const char *code)
{
    for (int i = 0; i < f->payer_count; i++) {
        if (strcmp(f->payers[i].code, code) == 0) {
            return f->payers[i].id;
        }
    }
    return 0;
}

static rg_outcome_t add_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_fee_schedule_t *s = baton;
    rg_fees_t f = {0};
    const rg_clinic_t *k;
    RG_TRY(rg_clinic_get(&k, db, ctx));
    RG_TRY(rg_payers_read(db, ctx, &f.payers, &f.payer_count));
    const rg_site_t *site = *s->site_code ? rg_clinic_site_by_code(k, s->site_code) : NULL;
    s->payer_id = *s->payer_code ? fee_payer(&f, s->payer_code) : 0;
    s->site_id = site ? site->id : 0;
    if (*s->payer_code && s->payer_id == 0) {
        rg_problem_add(ctx->problems, "payer", "Choose one of the payers.");
    }
    if (*s->site_code && !site) {
        rg_problem_add(ctx->problems, "site", "Choose one of the sites.");
    }
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    rg_outcome_t rc = rg_fee_schedule_add(db, ctx, s);
    if (rc == RG_CONFLICT) {
        rg_problem_add(ctx->problems, "code",
                       "There is a schedule with this code, or for the same payer and site.");
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "fees.add", "fee_schedule", s->id, s->code) : rc;
}

rg_outcome_t rg_fees_schedule_add(const rg_ctx_t *ctx, const rg_fee_schedule_in_t *in)
{
    rg_fee_schedule_t s = {.code = rg_text_tidy(ctx->pool, in->code),
                           .name = rg_text_tidy(ctx->pool, in->name),
                           .payer_code = in->payer,
                           .site_code = in->site};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    const char *wrong = *s.code ? rg_code_wrong(s.code) : "This must not be empty.";
    if (wrong || strlen(s.code) > 32) {
        rg_problem_add(ctx->problems, "code", "%s", wrong ? wrong : "Use at most 32 characters.");
    }
    if (*s.name == '\0' || !rg_text_clean(s.name, strlen(s.name)) ||
        rg_text_length(s.name) > RG_FEE_NAME_MOST) {
        rg_problem_add(ctx->problems, "name", "Enter a name of at most %d characters.",
                       RG_FEE_NAME_MOST);
    }
    return rg_problems_any(ctx->problems) ? RG_INVALID : rg_store_once(ctx, add_work, &s);
}

/* --- publishing ------------------------------------------------------------------------------- */

/* Today is in a moment, another day its first instant at the site. */
static rg_outcome_t read_from(const rg_ctx_t *ctx, const rg_fee_page_t *f, const char *from,
                              rg_date_t *day, apr_time_t *at)
{
    if (!rg_date_parse(day, from)) {
        rg_problem_add(ctx->problems, "from", "Enter a day, such as %s.",
                       rg_date_iso(ctx->pool, f->today));
        return RG_INVALID;
    }
    int days = rg_date_days(*day) - rg_date_days(f->today);
    if (days < 0 || days > 366 * RG_YEARS_AHEAD) {
        rg_problem_add(ctx->problems, "from",
                       "Choose today or a later day, at most %d years ahead.", RG_YEARS_AHEAD);
        return RG_INVALID;
    }
    *at = days == 0 ? ctx->now + PUBLISH_IN : rg_zone_utc(f->zone, *day, 0);
    return RG_OK;
}

static bool prices(const rg_fee_entry_t *list, int count, int64_t service_id)
{
    const rg_fee_entry_t *found[RG_FEE_LINES_MAX];
    return lines_of(found, list, count, service_id) > 0;
}

/* What who pays themselves can book with these lines has a price later, too. */
static rg_outcome_t check_later(rg_db_t *db, const rg_ctx_t *ctx, const page_t *p,
                                const rg_fee_entry_t *entries, int count, apr_time_t at)
{
    const rg_fee_schedule_t *schedule = p->out->schedule;
    rg_fee_version_t *later = NULL;
    int later_count = 0;
    if (schedule->payer_id == 0) {
        RG_TRY(rg_fee_versions_after(db, ctx, schedule->id, at, &later, &later_count));
    }
    for (int i = 0; i < later_count && !rg_problems_any(ctx->problems); i++) {
        rg_fee_entry_t *then;
        int then_count;
        RG_TRY(rg_fee_entries(db, ctx, later[i].id, &then, &then_count));
        for (int k = 0; k < p->clinic->service_count && !rg_problems_any(ctx->problems); k++) {
            const rg_clinic_service_t *s = &p->clinic->services[k];
            if (s->active && prices(entries, count, s->service.id) &&
                !prices(then, then_count, s->service.id)) {
                rg_problem_add(ctx->problems, "from",
                               "Version %" APR_INT64_T_FMT
                               ", published from %s on, has no line for \"%s\", which could not be "
                               "booked from then on. Withdraw that version first.",
                               later[i].id, rg_date_us(ctx->pool, later[i].valid_from),
                               s->service.code);
            }
        }
    }
    return rg_problems_any(ctx->problems) ? RG_PRECONDITION : RG_OK;
}

static rg_outcome_t begins_alone(rg_db_t *db, const rg_ctx_t *ctx, const page_t *p, apr_time_t at)
{
    rg_fee_version_t *then;
    RG_TRY(rg_fee_version_at(db, ctx, p->out->schedule->id, at, &then));
    if (then && apr_time_sec(then->valid_at) == apr_time_sec(at)) {
        rg_problem_add(ctx->problems, "from",
                       "Another version begins at that time. Withdraw it first, or choose another "
                       "day.");
        return RG_PRECONDITION;
    }
    return RG_OK;
}

/* From DAY on, which begins AT. */
static rg_outcome_t publish_version(rg_db_t *db, const rg_ctx_t *ctx, const page_t *p,
                                    int64_t version, rg_date_t day, apr_time_t at)
{
    const rg_fee_page_t *f = p->out;
    rg_outcome_t rc = rg_fee_version_publish(db, ctx, f->schedule->id, version, day, at);
    if (rc == RG_PRECONDITION) {
        rg_problem_add(ctx->problems, "from",
                       "It cannot be published as it is: it lacks a service that can be booked, or "
                       "another schedule has a service in another currency, or services changed "
                       "since it was uploaded. Upload it again.");
    }
    return rc == RG_OK ? rg_audit_add(db, ctx, "fees.publish", "fee_schedule_version", version,
                                      apr_psprintf(ctx->pool, "%s from:%s", f->schedule->code,
                                                   rg_date_iso(ctx->pool, day)))
                       : rc;
}

typedef struct {
    page_t page;
    const char *words; /* the day, or the reason */
} deed_t;

/* The lines as they are checked when they are uploaded, against what is in force AT: services may
 * have changed since. */
static rg_outcome_t check_draft(rg_db_t *db, const rg_ctx_t *ctx, page_t *p, int64_t version,
                                apr_time_t at)
{
    rg_fee_entry_t *entries;
    int count;
    RG_TRY(begins_alone(db, ctx, p, at));
    RG_TRY(read_old(db, ctx, p, at));
    RG_TRY(rg_fee_entries(db, ctx, version, &entries, &count));
    rg_outcome_t rc = rg_fee_entries_check(ctx, p->clinic, p->out->schedule, entries, count, p->old,
                                           p->old_count);
    rc = rc == RG_INVALID ? RG_PRECONDITION : rc;
    return rc == RG_OK ? check_later(db, ctx, p, entries, count, at) : rc;
}

static rg_outcome_t publish_fees_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    deed_t *d = baton;
    page_t *p = &d->page;
    rg_fee_version_t *v;
    rg_date_t day;
    apr_time_t at;
    RG_TRY(rg_clinic_lock(db, ctx));
    RG_TRY(read_schedule(db, ctx, p));
    RG_TRY(rg_fee_version_get(db, ctx, p->out->schedule->id, p->version, &v));
    if (v->publication_id != 0) {
        rg_problem_add(ctx->problems, NULL, "This version is published already.");
        return RG_CONFLICT;
    }
    RG_TRY(read_from(ctx, p->out, d->words, &day, &at));
    RG_TRY(check_draft(db, ctx, p, v->id, at));
    return publish_version(db, ctx, p, v->id, day, at);
}

rg_outcome_t rg_fees_publish(const rg_ctx_t *ctx, const char *code, int64_t version,
                             const char *from)
{
    rg_fee_page_t f = {0};
    deed_t d = {{.code = code, .version = version, .out = &f}, from};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    return rg_store_once(ctx, publish_fees_work, &d);
}

/* --- withdrawing ------------------------------------------------------------------------------ */

static rg_outcome_t withdraw_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    deed_t *d = baton;
    RG_TRY(rg_clinic_lock(db, ctx));
    rg_fee_version_t *v;
    RG_TRY(read_schedule(db, ctx, &d->page));
    RG_TRY(rg_fee_version_get(db, ctx, d->page.out->schedule->id, d->page.version, &v));
    if (v->publication_id == 0) {
        return RG_NOT_FOUND;
    }
    if (v->valid_at <= ctx->now || v->withdrawn_at != 0) {
        rg_problem_add(ctx->problems, NULL, "%s",
                       v->withdrawn_at != 0
                           ? "This version is withdrawn already."
                           : "This version is in force, or was. Publish another one instead.");
        return RG_PRECONDITION;
    }
    RG_TRY(rg_fee_version_withdraw(db, ctx, v->publication_id, d->words));
    return rg_audit_add(db, ctx, "fees.withdraw", "fee_schedule_version", v->id, d->page.code);
}

rg_outcome_t rg_fees_withdraw(const rg_ctx_t *ctx, const char *code, int64_t version,
                              const char *reason)
{
    rg_fee_page_t f = {0};
    const char *words = rg_text_tidy(ctx->pool, reason);
    deed_t d = {{.code = code, .version = version, .out = &f}, words};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    if (*words == '\0' || !rg_text_clean(words, strlen(words)) ||
        rg_text_length(words) > RG_FEE_REASON_MOST) {
        rg_problem_add(ctx->problems, "reason", "Say why, in at most %d characters.",
                       RG_FEE_REASON_MOST);
        return RG_INVALID;
    }
    return rg_store_once(ctx, withdraw_work, &d);
}

/* --- a file ----------------------------------------------------------------------------------- */

typedef struct {
    page_t page;
    const rg_fees_import_in_t *in;
    rg_fees_imported_t *out;
    rg_fee_entry_t *entries;
    int count;
} import_t;

/* Whether nothing would change: not now, nor by what begins later, to which a draft may be an
 * answer. */
static rg_outcome_t import_same(rg_db_t *db, const rg_ctx_t *ctx, import_t *i)
{
    rg_fee_version_t *later;
    int later_count = 0;
    i->out->same = i->out->change_count == 0;
    if (i->out->same && i->in->keep && !i->in->from) {
        RG_TRY(rg_fee_versions_after(db, ctx, i->page.out->schedule->id, ctx->now, &later,
                                     &later_count));
        i->out->same = later_count == 0;
    }
    return RG_OK;
}

static rg_outcome_t import_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    import_t *i = baton;
    page_t *p = &i->page;
    rg_fees_imported_t *out = i->out;
    rg_date_t day = {0};
    apr_time_t at = ctx->now;
    if (i->in->keep) {
        RG_TRY(rg_clinic_lock(db, ctx));
    }
    RG_TRY(read_schedule(db, ctx, p));
    if (i->in->from) {
        RG_TRY(read_from(ctx, p->out, i->in->from, &day, &at));
        RG_TRY(read_old(db, ctx, p, at));
    }
    RG_TRY(rg_fee_entries_check(ctx, p->clinic, p->out->schedule, i->entries, i->count, p->old,
                                p->old_count));
    out->changes =
        compare_versions(ctx, i->entries, i->count, p->old, p->old_count, &out->change_count);
    out->entry_count = i->count;
    RG_TRY(import_same(db, ctx, i));
    if (out->same || !i->in->keep) {
        return RG_OK;
    }
    if (i->in->from) {
        RG_TRY(begins_alone(db, ctx, p, at));
        RG_TRY(check_later(db, ctx, p, i->entries, i->count, at));
    }
    RG_TRY(rg_fee_version_add(db, ctx, p->out->schedule->id, i->entries, i->count, &out->version));
    RG_TRY(rg_audit_add(db, ctx, "fees.upload", "fee_schedule_version", out->version, p->code));
    return i->in->from ? publish_version(db, ctx, p, out->version, day, at) : RG_OK;
}

rg_outcome_t rg_fees_import(rg_fees_imported_t *out, const rg_ctx_t *ctx,
                            const rg_fees_import_in_t *in)
{
    rg_fee_page_t f = {0};
    import_t i = {.page = {.code = in->schedule, .out = &f}, .in = in, .out = out};
    *out = (rg_fees_imported_t){0};
    RG_TRY(rg_must(ctx, RG_DEED_DEFINE));
    RG_TRY(rg_fee_file_read(&i.entries, &i.count, ctx, in->bytes, in->n));
    return in->keep ? rg_store_once(ctx, import_work, &i) : rg_store_read(ctx, import_work, &i);
}
