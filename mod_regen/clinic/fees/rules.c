/* SPDX-License-Identifier: Apache-2.0 */
/* What must hold of the lines of a version: services that are there, steps that they have, one
 * currency for each, and nothing missing that can be booked. The database has the last word when it
 * is published. */
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/fees/fees.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/fees.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"

#include <string.h>

static bool enough(const rg_ctx_t *ctx)
{
    return ctx->problems && ctx->problems->list->nelts >= RG_FEE_PROBLEMS_MOST;
}

static bool has_step(const rg_service_t *s, rg_step_kind_t kind)
{
    for (int i = 0; i < s->step_count; i++) {
        if (s->steps[i].kind == kind) {
            return true;
        }
    }
    return false;
}

static bool same_charge(const rg_fee_entry_t *a, const rg_fee_entry_t *b)
{
    return a->service_id == b->service_id && a->line.step_kind == b->line.step_kind &&
           strcmp(a->line.code, b->line.code) == 0 &&
           strcmp(a->line.code_system, b->line.code_system) == 0 &&
           strcmp(a->line.modifiers, b->line.modifiers) == 0;
}

static const char *currency_in(const rg_fee_entry_t *list, int count, int64_t service_id)
{
    for (int i = 0; i < count; i++) {
        if (list[i].service_id == service_id) {
            return list[i].line.unit.currency;
        }
    }
    return NULL;
}

/* Against the lines before it, of the same service. */
static void check_among(const rg_ctx_t *ctx, const rg_fee_entry_t *entries, int i)
{
    const rg_fee_entry_t *e = &entries[i];
    int before = 0;
    for (int k = 0; k < i; k++) {
        if (entries[k].service_id != e->service_id) {
            continue;
        }
        before++;
        if (same_charge(&entries[k], e)) {
            rg_problem_add(
                ctx->problems, "csv",
                "Line %d, code: Line %d has this code for the same step. Raise its units "
                "instead.",
                e->line.line_no, entries[k].line.line_no);
        }
    }
    if (before == RG_FEE_LINES_MAX) {
        rg_problem_add(ctx->problems, "csv", "Line %d, service: Use at most %d lines for \"%s\".",
                       e->line.line_no, RG_FEE_LINES_MAX, e->service_code);
    }
}

static void check_entry(const rg_ctx_t *ctx, const rg_clinic_t *k,
                        const rg_fee_schedule_t *schedule, rg_fee_entry_t *e)
{
    const rg_clinic_service_t *s = rg_clinic_service_by_code(k, e->service_code);
    if (!s) {
        rg_problem_add(ctx->problems, "csv",
                       "Line %d, service: There is no service with the code \"%s\".",
                       e->line.line_no, e->service_code);
        return;
    }
    e->service_id = s->service.id;
    e->service_name = s->service.name;
    if (schedule->site_id != 0 && s->service.site_id != schedule->site_id) {
        rg_problem_add(ctx->problems, "csv",
                       "Line %d, service: \"%s\" belongs to another site than this schedule.",
                       e->line.line_no, e->service_code);
    }
    if (!has_step(&s->service, e->line.step_kind)) {
        rg_problem_add(ctx->problems, "csv",
                       "Line %d, step_kind: \"%s\" has no %s step, so this would never be charged.",
                       e->line.line_no, e->service_code, rg_step_kind_name(e->line.step_kind));
    }
}

/* An invoice has one currency: that of the version before, of what it costs who pays themselves,
 * of the lines before it. */
static void check_currency(const rg_ctx_t *ctx, const rg_clinic_t *k, const rg_fee_entry_t *entries,
                           int i, const rg_fee_entry_t *old, int old_count)
{
    const rg_fee_entry_t *e = &entries[i];
    const rg_clinic_service_t *s = rg_clinic_service_by_code(k, e->service_code);
    const char *first = currency_in(entries, i, e->service_id);
    const char *was = currency_in(old, old_count, e->service_id);
    if (!was && s && rg_clinic_priced(s)) {
        was = s->service.price.currency;
    }
    const char *right = was ? was : first;
    if (right && strcmp(right, e->line.unit.currency) != 0) {
        rg_problem_add(ctx->problems, "csv",
                       "Line %d, currency: The other prices of \"%s\" are in %s. For another "
                       "currency make another service.",
                       e->line.line_no, e->service_code, right);
    }
}

/* Who pays themselves finds a price of everything that can be booked. */
static void check_missing(const rg_ctx_t *ctx, const rg_clinic_t *k,
                          const rg_fee_schedule_t *schedule, const rg_fee_entry_t *entries,
                          int count, const rg_fee_entry_t *old, int old_count)
{
    for (int i = 0; i < k->service_count && schedule->payer_id == 0 && !enough(ctx); i++) {
        const rg_clinic_service_t *s = &k->services[i];
        if (s->active && currency_in(old, old_count, s->service.id) &&
            !currency_in(entries, count, s->service.id)) {
            rg_problem_add(ctx->problems, "csv",
                           "The service \"%s\" can be booked and has no line. Stop offering it "
                           "first, or keep its lines.",
                           s->service.code);
        }
    }
}

/* Within its service, in the order of the file. */
static void number_entries(rg_fee_entry_t *entries, int count)
{
    for (int i = 0; i < count; i++) {
        entries[i].line.line_no = 1;
        for (int k = i - 1; k >= 0; k--) {
            if (entries[k].service_id == entries[i].service_id) {
                entries[i].line.line_no = entries[k].line.line_no + 1;
                break;
            }
        }
    }
}

rg_outcome_t rg_fee_entries_check(const rg_ctx_t *ctx, const rg_clinic_t *k,
                                  const rg_fee_schedule_t *schedule, rg_fee_entry_t *entries,
                                  int count, const rg_fee_entry_t *old, int old_count)
{
    for (int i = 0; i < count && !enough(ctx); i++) {
        check_entry(ctx, k, schedule, &entries[i]);
    }
    for (int i = 0; i < count && !rg_problems_any(ctx->problems); i++) {
        check_among(ctx, entries, i);
        check_currency(ctx, k, entries, i, old, old_count);
    }
    if (!rg_problems_any(ctx->problems)) {
        check_missing(ctx, k, schedule, entries, count, old, old_count);
    }
    if (enough(ctx)) {
        rg_problem_add(ctx->problems, "csv", "There may be more.");
    }
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    number_entries(entries, count);
    return RG_OK;
}
