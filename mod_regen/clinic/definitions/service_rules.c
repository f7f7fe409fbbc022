/* SPDX-License-Identifier: Apache-2.0 */
/* The rules a definition must keep as a whole: order of steps, gaps, who can serve, money, the
 * alternative service. Pure; called by service.c. */
#include "mod_regen/clinic/definitions/service.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/clinic/schedule.h"

#include <string.h>

#include <apr_strings.h>

static const char *step_path(const rg_trial_t *t, int i, const char *field)
{
    return apr_psprintf(t->ctx->pool, "steps[%d].%s", i, field);
}

static const char *need_field_path(const rg_trial_t *t, int i, int k, const char *field)
{
    return apr_psprintf(t->ctx->pool, "steps[%d].needs[%d].%s", i, k, field);
}

/* --- steps in order --------------------------------------------------------------------------- */

/* The index of the only step of that kind, or -1. */
static int step_of_kind(const rg_service_t *s, rg_step_kind_t kind)
{
    for (int i = 0; i < s->step_count; i++) {
        if (s->steps[i].kind == kind) {
            return i;
        }
    }
    return -1;
}

/* Material is harvested, concentrated and injected once per booking: a unit is one container. */
static void check_once(const rg_trial_t *t)
{
    static const rg_step_kind_t kinds[] = {RG_STEP_HARVEST, RG_STEP_PROCESS, RG_STEP_INJECT};
    const rg_service_t *s = &t->def->service;
    for (int n = 0; n < 3; n++) {
        int first = step_of_kind(s, kinds[n]);
        for (int i = first + 1; first >= 0 && i < s->step_count; i++) {
            if (s->steps[i].kind == kinds[n]) {
                rg_trial_problem(t, step_path(t, i, "kind"),
                                 "A service can have only one %s step, and step %d is one already.",
                                 rg_step_kind_name(kinds[n]), first + 1);
            }
        }
    }
}

static void check_order_of_steps(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    int harvest = step_of_kind(s, RG_STEP_HARVEST);
    int process = step_of_kind(s, RG_STEP_PROCESS);
    int inject = step_of_kind(s, RG_STEP_INJECT);
    if (process >= 0 && (harvest < 0 || harvest > process)) {
        rg_trial_problem(t, step_path(t, process, "kind"),
                         "A process step needs a harvest step before it.");
    }
    if (inject >= 0 && (harvest < 0 || harvest > inject)) {
        rg_trial_problem(t, step_path(t, inject, "kind"),
                         "An inject step needs a harvest step before it, because only the "
                         "patient's own material is injected.");
    }
    else if (inject >= 0 && (process < 0 || process > inject)) {
        rg_trial_problem(
            t, step_path(t, inject, "kind"),
            "An inject step needs a process step before it, because no unit is used unprocessed.");
    }
}

static void check_path(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    int harvest = step_of_kind(s, RG_STEP_HARVEST);
    int inject = step_of_kind(s, RG_STEP_INJECT);
    if (rg_regulatory_path_parse(s->regulatory_path) == RG_REGULATORY_NONE) {
        return;
    }
    if (harvest < 0) {
        rg_trial_problem(t, "regulatory_path",
                         "%s is about harvested material, but no step is a harvest.",
                         s->regulatory_path);
        return;
    }
    if (rg_regulatory_path_parse(s->regulatory_path) != RG_REGULATORY_SAME_PROCEDURE) {
        return;
    }
    if (inject < 0) {
        rg_trial_problem(t, "regulatory_path", "same-procedure needs an inject step.");
    }
    else if (s->steps[harvest].visit_no != s->steps[inject].visit_no) {
        rg_trial_problem(t, step_path(t, inject, "visit_no"),
                         "For same-procedure, harvest and injection must be in the same visit (the "
                         "harvest is in visit %d).",
                         s->steps[harvest].visit_no);
    }
}

/* --- gaps and visits -------------------------------------------------------------------------- */

static void check_first(const rg_trial_t *t)
{
    const rg_step_t *step = &t->def->service.steps[0];
    if (step->visit_no != 1) {
        rg_trial_problem(t, step_path(t, 0, "visit_no"), "The first step must be in visit 1.");
    }
    if (step->gap_min != 0 || step->gap_max != 0 || step->gap_days_min != 0 ||
        step->gap_days_max != 0) {
        rg_trial_problem(t, step_path(t, 0, "gap_min"),
                         "The first step cannot have a gap before it.");
    }
}

static void check_days_between(const rg_trial_t *t, int i)
{
    const rg_step_t *step = &t->def->service.steps[i];
    if (step->visit_no == t->def->service.steps[i - 1].visit_no) {
        rg_trial_problem(
            t, step_path(t, i, "gap_days_min"),
            "A gap in days is only possible between visits. Give this step the next visit number.");
    }
    if (step->gap_days_min == 0 || step->gap_days_max < step->gap_days_min) {
        rg_trial_problem(t, step_path(t, i, "gap_days_max"),
                         "Enter both, at least 1 day, the shorter gap first.");
    }
    if (step->gap_min != 0 || step->gap_max != 0) {
        rg_trial_problem(t, step_path(t, i, "gap_min"),
                         "Use either minutes or days. Set the minutes to 0 if you enter days.");
    }
}

static void check_gap(const rg_trial_t *t, int i)
{
    const rg_step_t *step = &t->def->service.steps[i];
    int before = t->def->service.steps[i - 1].visit_no;
    if (step->visit_no != before && step->visit_no != before + 1) {
        rg_trial_problem(t, step_path(t, i, "visit_no"),
                         "Use %d or %d, because visits are numbered in order.", before, before + 1);
    }
    if (step->gap_days_min != 0 || step->gap_days_max != 0) {
        check_days_between(t, i);
    }
    else if (step->gap_max < step->gap_min) {
        rg_trial_problem(t, step_path(t, i, "gap_max"),
                         "This must be at least the shortest gap, %d minutes.", step->gap_min);
    }
}

/* Minutes from harvest to injection that the gaps allow: at least, and at most until the last of
 * several targets. Days count from midnight to midnight, so their most is left open. */
static void check_hold(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    int harvest = step_of_kind(s, RG_STEP_HARVEST);
    int inject = step_of_kind(s, RG_STEP_INJECT);
    int64_t least = 0;
    int64_t most = 0;
    bool days = false;
    for (int i = harvest + 1; harvest >= 0 && i <= inject; i++) {
        const rg_step_t *step = &s->steps[i];
        int by_days = (step->gap_days_min - 1) * RG_DAY_MINUTES;
        days = days || step->gap_days_min > 0;
        least += step->gap_days_min > 0 ? by_days : step->gap_min;
        most += step->gap_max;
        least += i < inject ? step->minutes : 0;
        most += rg_step_minutes(step, s->targets_most) - (i < inject ? 0 : step->minutes);
    }
    if (least > s->unit_hold_minutes) {
        rg_trial_problem(t, "unit_hold_minutes",
                         "The steps put at least %d minutes between harvest and injection, so the "
                         "unit would always expire.",
                         (int)least);
    }
    else if (!days && most > s->unit_hold_minutes) {
        rg_trial_problem(t, "unit_hold_minutes",
                         "The gaps allow %d minutes between harvest and injection, so the unit "
                         "could expire. Shorten the gaps.",
                         (int)most);
    }
}

/* Where each is on record by itself: nothing else tells them apart. */
static void check_target_count(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    bool injects = step_of_kind(s, RG_STEP_HARVEST) >= 0 && step_of_kind(s, RG_STEP_INJECT) >= 0;
    if (s->targets_most > 1 && (!injects || !s->needs_body_site)) {
        rg_trial_problem(t, "targets_most",
                         "Several targets need a harvest, an injection and a part of the body to "
                         "choose.");
    }
}

static void check_steps(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    bool asks = false;
    if (s->step_count < 1 || s->step_count > RG_STEPS_MAX) {
        rg_trial_problem(t, "steps", "A service must have 1 to %d steps.", RG_STEPS_MAX);
        return;
    }
    check_first(t);
    for (int i = 0; i < s->step_count; i++) {
        asks = asks || s->steps[i].need_count > 0;
        if (s->steps[i].need_count > RG_NEEDS_MAX) {
            rg_trial_problem(t, step_path(t, i, "needs"),
                             "A step can have at most %d requirements.", RG_NEEDS_MAX);
        }
        if (i > 0) {
            check_gap(t, i);
        }
    }
    if (!asks) {
        rg_trial_problem(t, "steps",
                         "At least one step must require a person, room or device; otherwise the "
                         "service would be offered at any hour.");
    }
    check_once(t);
    check_order_of_steps(t);
    rg_product_check(t, step_of_kind(s, RG_STEP_HARVEST) >= 0);
    check_path(t);
    check_hold(t);
}

/* --- who serves ------------------------------------------------------------------------------- */

static bool works_here(const rg_trial_t *t, const rg_clinic_resource_t *r)
{
    return r->resource.active && r->site_id == t->site->id;
}

static int pool_size(const rg_trial_t *t, const rg_need_t *n)
{
    int count = 0;
    for (int i = 0; i < t->clinic->resource_count; i++) {
        const rg_clinic_resource_t *r = &t->clinic->resources[i];
        count += works_here(t, r) && rg_need_can(r, n);
    }
    return count;
}

static void check_pool(const rg_trial_t *t, int i, int k)
{
    const rg_need_t *n = &t->def->service.steps[i].needs[k];
    int there = pool_size(t, n);
    if (there == 0) {
        rg_trial_problem(t, need_field_path(t, i, k, "capability"),
                         "No active person, room or device at %s can do \"%s\".", t->site->name,
                         n->capability);
    }
    else if (there < n->quantity) {
        rg_trial_problem(t, need_field_path(t, i, k, "quantity"),
                         "%s has only %d that can do \"%s\".", t->site->name, there, n->capability);
    }
}

/* Whether R can serve every need with the bind word WORD. */
static bool serves_word(const rg_trial_t *t, const rg_clinic_resource_t *r, const char *word)
{
    const rg_service_t *s = &t->def->service;
    for (int i = 0; i < s->step_count; i++) {
        for (int k = 0; k < s->steps[i].need_count; k++) {
            const rg_need_t *n = &s->steps[i].needs[k];
            if (strcmp(n->bind, word) == 0 && !rg_need_can(r, n)) {
                return false;
            }
        }
    }
    return true;
}

static bool word_fits(const rg_trial_t *t, const char *word)
{
    for (int i = 0; i < t->clinic->resource_count; i++) {
        const rg_clinic_resource_t *r = &t->clinic->resources[i];
        if (works_here(t, r) && serves_word(t, r, word)) {
            return true;
        }
    }
    return false;
}

/* Reported once, at the last need with the word: there it became impossible. */
static bool word_comes_again(const rg_service_t *s, int step, int need, const char *word)
{
    for (int i = step; i < s->step_count; i++) {
        for (int k = i == step ? need + 1 : 0; k < s->steps[i].need_count; k++) {
            if (strcmp(s->steps[i].needs[k].bind, word) == 0) {
                return true;
            }
        }
    }
    return false;
}

static void check_word(const rg_trial_t *t, int i, int k)
{
    const rg_service_t *s = &t->def->service;
    const rg_need_t *n = &s->steps[i].needs[k];
    if (n->bind[0] == '\0') {
        return;
    }
    if (n->quantity != 1) {
        rg_trial_problem(t, need_field_path(t, i, k, "quantity"),
                         "This must be 1, because \"%s\" stands for one and the same.", n->bind);
    }
    if (t->def->active && t->site && !word_comes_again(s, i, k, n->bind) &&
        !word_fits(t, n->bind)) {
        rg_trial_problem(t, need_field_path(t, i, k, "bind"),
                         "Nobody at %s can do everything that \"%s\" is required for.",
                         t->site->name, n->bind);
    }
}

static void check_needs(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    for (int i = 0; i < s->step_count; i++) {
        for (int k = 0; k < s->steps[i].need_count; k++) {
            if (t->def->active && t->site) {
                check_pool(t, i, k);
            }
            check_word(t, i, k);
        }
    }
}

/* --- lists ------------------------------------------------------------------------------------ */

static void check_capability_words(const rg_trial_t *t, const char *path, const char *const *words,
                                   int count)
{
    for (int i = 0; i < count; i++) {
        const char *wrong = words[i][0] ? rg_code_wrong(words[i]) : "This must not be empty.";
        if (!wrong && strlen(words[i]) > 32) {
            wrong = "Use at most 32 characters.";
        }
        for (int k = 0; !wrong && k < i; k++) {
            wrong = strcmp(words[i], words[k]) == 0 ? "This is listed twice." : NULL;
        }
        if (wrong) {
            rg_trial_problem(t, apr_psprintf(t->ctx->pool, "%s[%d]", path, i), "%s", wrong);
        }
    }
}

static void check_any(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    for (int i = 0; i < s->step_count; i++) {
        for (int k = 0; k < s->steps[i].need_count; k++) {
            const rg_need_t *n = &s->steps[i].needs[k];
            const char *path = need_field_path(t, i, k, "any");
            check_capability_words(t, path, n->any, n->any_count);
            for (int a = 0; a < n->any_count; a++) {
                if (strcmp(n->any[a], n->capability) == 0) {
                    rg_trial_problem(t, apr_psprintf(t->ctx->pool, "%s[%d]", path, a),
                                     "This is the capability itself.");
                }
            }
        }
    }
}

static void check_forms(const rg_trial_t *t)
{
    check_capability_words(t, "forms", t->def->forms, t->def->form_count);
    for (int i = 0; i < t->def->form_count; i++) {
        bool known = false;
        for (int k = 0; k < t->form_count; k++) {
            known = known || strcmp(t->forms[k].code, t->def->forms[i]) == 0;
        }
        if (!known) {
            rg_trial_problem(t, apr_psprintf(t->ctx->pool, "forms[%d]", i),
                             "There is no consent form with the code \"%s\".", t->def->forms[i]);
        }
    }
}

/* Nothing of the price is lost: a step that the fee schedule charges for stays. */
static void check_charged_steps(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    for (int kind = 0; kind < RG_STEP_KIND_COUNT; kind++) {
        if ((s->fee_kinds & (1u << kind)) != 0 && step_of_kind(s, (rg_step_kind_t)kind) < 0) {
            rg_trial_problem(
                t, "steps", "The fee schedule charges for a %s step. Publish one without it first.",
                rg_step_kind_name((rg_step_kind_t)kind));
        }
    }
}

/* Both would ask the patient for the same thing on the same day. */
static bool recalls_meet(const rg_service_recall_t *a, const rg_service_recall_t *b)
{
    return strcmp(a->kind, b->kind) == 0 && strcmp(a->reason, b->reason) == 0 &&
           a->after_min_days <= b->after_max_days && b->after_min_days <= a->after_max_days;
}

/* If the preparation needs as many days as can be booked ahead, nothing can be booked. */
static void check_preparing(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    apr_pool_t *p = t->ctx->pool;
    if (s->preparing_count > RG_PREPARING_MAX) {
        rg_trial_problem(t, "preparing", "Use at most %d of them.", RG_PREPARING_MAX);
        return;
    }
    for (int i = 0; i < s->preparing_count; i++) {
        const rg_preparing_t *one = &s->preparing[i];
        if (one->until_days > one->from_days) {
            rg_trial_problem(t, apr_psprintf(p, "preparing[%d].until_days", i),
                             "This must be at most the number of days at which it begins, %d.",
                             one->from_days);
        }
        for (int k = 0; k < i; k++) {
            if (strcmp(s->preparing[k].code, one->code) == 0) {
                rg_trial_problem(t, apr_psprintf(p, "preparing[%d].code", i),
                                 "Preparation %d has the same code.", k + 1);
            }
        }
    }
    if (rg_preparing_days(s) >= s->horizon_days) {
        rg_trial_problem(
            t, "preparing",
            "The earliest time is after the last of %d days, so this could never be booked.",
            s->horizon_days);
    }
}

static void check_recalls(const rg_trial_t *t)
{
    const rg_service_def_t *d = t->def;
    if (d->recall_count > RG_PLANS_MAX) {
        rg_trial_problem(t, "recalls", "Use at most %d of them.", RG_PLANS_MAX);
        return;
    }
    for (int i = 0; i < d->recall_count; i++) {
        const rg_service_recall_t *r = &d->recalls[i];
        if (r->after_max_days < r->after_min_days) {
            rg_trial_problem(t, apr_psprintf(t->ctx->pool, "recalls[%d].after_max_days", i),
                             "This must be at least the first day, %d.", r->after_min_days);
        }
        for (int k = 0; k < i; k++) {
            if (recalls_meet(&d->recalls[k], r)) {
                rg_trial_problem(t, apr_psprintf(t->ctx->pool, "recalls[%d].reason", i),
                                 "Recall %d has the same reason and the same days.", k + 1);
                break;
            }
        }
    }
}

/* --- the service among the others ------------------------------------------------------------- */

static void check_fallback(const rg_trial_t *t)
{
    const rg_service_def_t *d = t->def;
    const rg_clinic_service_t *at = rg_clinic_service_by_code(t->clinic, d->fallback);
    if (d->fallback[0] == '\0') {
        return;
    }
    if (!at) {
        rg_trial_problem(t, "fallback", "There is no service with this code.");
        return;
    }
    if (t->site && at->service.site_id != t->site->id) {
        rg_trial_problem(t, "fallback", "This service belongs to another site.");
    }
    for (int i = 0; at && i <= t->clinic->service_count; i++) {
        if (strcmp(at->service.code, d->service.code) == 0) {
            rg_trial_problem(t, "fallback", "This leads back to the service itself.");
            return;
        }
        at = rg_clinic_service(t->clinic, at->service.fallback_service_id);
    }
}

/* --- single values, for callers that did not read them by the same tables --------------------- */

static void check_fields(const rg_trial_t *t, const char *path, const rg_field_t *fields,
                         const void *object, size_t size)
{
    for (const rg_field_t *f = fields; f->name; f++) {
        const char *wrong = rg_field_wrong(t->ctx->pool, f, object, size);
        if (wrong) {
            rg_trial_problem(t, apr_pstrcat(t->ctx->pool, path, f->name, NULL), "%s", wrong);
        }
    }
}

static void check_values(const rg_trial_t *t)
{
    const rg_service_def_t *d = t->def;
    apr_pool_t *p = t->ctx->pool;
    check_fields(t, "", rg_service_fields, d, sizeof(*d));
    for (int i = 0; i < d->service.step_count; i++) {
        const rg_step_t *step = &d->service.steps[i];
        check_fields(t, apr_psprintf(p, "steps[%d].", i), rg_step_fields, step, sizeof(*step));
        for (int k = 0; k < step->need_count; k++) {
            check_fields(t, need_field_path(t, i, k, ""), rg_need_fields, &step->needs[k],
                         sizeof(step->needs[k]));
        }
    }
    for (int i = 0; i < d->service.preparing_count; i++) {
        check_fields(t, apr_psprintf(p, "preparing[%d].", i), rg_preparing_fields,
                     &d->service.preparing[i], sizeof(d->service.preparing[i]));
    }
    for (int i = 0; i < d->service.product_count; i++) {
        check_fields(t, apr_psprintf(p, "products[%d].", i), rg_product_fields,
                     &d->service.products[i], sizeof(d->service.products[i]));
    }
    for (int i = 0; i < d->recall_count; i++) {
        check_fields(t, apr_psprintf(p, "recalls[%d].", i), rg_recall_fields, &d->recalls[i],
                     sizeof(d->recalls[i]));
    }
    for (int i = 0; i < d->screening_count; i++) {
        check_fields(t, apr_psprintf(p, "screenings[%d].", i), rg_screening_fields,
                     &d->screenings[i], sizeof(d->screenings[i]));
    }
}

void rg_service_check(const rg_trial_t *t)
{
    const rg_service_t *s = &t->def->service;
    int before = t->ctx->problems->list->nelts;
    check_values(t);
    if (t->ctx->problems->list->nelts > before) {
        return;
    }
    if (!t->site) {
        rg_trial_problem(t, "site", "There is no site with this code.");
    }
    else if (!t->site->zone) {
        rg_trial_problem(t, "site", "The time zone of this site is not known to this system.");
    }
    if (s->notice_minutes >= s->horizon_days * RG_DAY_MINUTES) {
        rg_trial_problem(
            t, "notice_minutes",
            "The earliest time is after the last of %d days, so this could never be booked.",
            s->horizon_days);
    }
    check_capability_words(t, "body_sites", s->body_sites, s->body_site_count);
    if (s->needs_body_site && s->body_site_count == 0) {
        rg_trial_problem(t, "body_sites", "List the parts of the body to choose from.");
    }
    check_steps(t);
    check_target_count(t);
    check_charged_steps(t);
    check_needs(t);
    check_any(t);
    check_forms(t);
    check_preparing(t);
    check_recalls(t);
    rg_screenings_check(t);
    check_fallback(t);
}
