/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as the posted form of the service editor, "do" as its button. Beyond not crashing: what
 * is refused says why; what is taken keeps the limits of its fields and written as a form again says
 * the same; what keeps the rules too goes through a file of regenctl unchanged; and no button loses
 * what it is not about. */
#include "target.h"

#include "mod_regen/clinic/definitions/service.h"
#include "mod_regen/tools/service_read.c"
#include "mod_regen/web/admin/service_form.c"
#include "regen/core/buf.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/message.h"
#include "regen/render/view_admin.h"
#include "regen/store/definitions.h"

enum { MOST_FILE = 4 * 1024 * 1024, MOST_PAIRS = 1000 };

static const rg_zone_t *utc;

void fuzz_begin(apr_pool_t *forever)
{
    utc = rg_zone_open(forever, "Etc/UTC");
    must(rg_crypto_init() && utc);
}

static void fields_fine(apr_pool_t *p, const rg_field_t *f, const void *object, size_t size)
{
    for (; f->name; f++) {
        must(!rg_field_wrong(p, f, object, size));
    }
}

static void within_limits(apr_pool_t *p, const rg_service_def_t *d)
{
    const rg_service_t *s = &d->service;
    fields_fine(p, rg_service_fields, d, sizeof(*d));
    for (int i = 0; i < s->step_count; i++) {
        fields_fine(p, rg_step_fields, &s->steps[i], sizeof(rg_step_t));
        for (int k = 0; k < s->steps[i].need_count; k++) {
            fields_fine(p, rg_need_fields, &s->steps[i].needs[k], sizeof(rg_need_t));
            must(s->steps[i].needs[k].any_count <= RG_WORDS_MAX);
        }
    }
    for (int i = 0; i < d->recall_count; i++) {
        fields_fine(p, rg_recall_fields, &d->recalls[i], sizeof(rg_service_recall_t));
    }
    for (int i = 0; i < s->preparing_count; i++) {
        fields_fine(p, rg_preparing_fields, &s->preparing[i], sizeof(rg_preparing_t));
    }
    must(s->body_site_count <= RG_WORDS_MAX && d->form_count <= RG_WORDS_MAX);
}

/* NULL: refused, with reasons. */
static rg_service_def_t *decoded(apr_pool_t *p, const rg_form_t *f)
{
    rg_problems_t *problems = rg_problems_make(p);
    rg_service_def_t *d = regen_service_decode(p, problems, f, NULL);
    must_be_clean(problems);
    return rg_problems_any(problems) ? NULL : d;
}

/* By the rules, in a clinic without anybody. */
static bool keeps_rules(apr_pool_t *p, const rg_service_def_t *d)
{
    static const char *const known[] = {"harvest-consent", "privacy"};
    rg_form_code_t codes[2] = {{.code = known[0]}, {.code = known[1]}};
    rg_ctx_t ctx = {.pool = p, .problems = rg_problems_make(p)};
    const rg_clinic_t clinic = {.version = 1};
    const rg_site_t site = {.id = 1, .name = "Harbor", .zone = (rg_zone_t *)utc};
    const rg_trial_t t = {&ctx, &clinic, d, &site, "", codes, 2, .quests = NULL, .quest_count = 0};
    rg_service_check(&t);
    must_be_clean(ctx.problems);
    return !rg_problems_any(ctx.problems);
}

static void through_a_file(apr_pool_t *p, const rg_service_def_t *d)
{
    rg_buf_t *out = rg_buf_make(p, MOST_FILE);
    rg_problems_t *problems = rg_problems_make(p);
    rg_service_def_t *again = NULL;
    int count = 0;
    must(rg_services_json(out, d, 1) == RG_OK);
    must(ctl_services_read(&again, &count, p, out->data, out->len, problems) == RG_OK);
    must(count == 1);
    must_be_same(rg_service_def_mark(p, again), rg_service_def_mark(p, d));
}

static int items(const rg_service_def_t *d)
{
    int n = d->service.step_count + d->service.preparing_count + d->recall_count;
    for (int i = 0; i < d->service.step_count; i++) {
        n += d->service.steps[i].need_count;
    }
    return n;
}

static void same_beginning(const rg_form_t *a, const rg_form_t *b)
{
    for (int i = 0; i < a->pairs->nelts; i++) {
        const rg_pair_t *x = &APR_ARRAY_IDX(a->pairs, i, rg_pair_t);
        const rg_pair_t *y = &APR_ARRAY_IDX(b->pairs, i, rg_pair_t);
        must_be_same(x->name, y->name);
        must_be_same(x->value, y->value);
    }
}

/* F is as the page writes it, D what it says. */
static void pressed(apr_pool_t *p, const rg_form_t *f, const rg_service_def_t *d, const char *deed)
{
    const rg_form_t *other = regen_service_rearrange(p, f, deed);
    const char *changed = regen_service_changed(p, deed);
    must(!changed || strncmp(changed, "steps[", 6) == 0);
    if (!other) {
        return;
    }
    if (strncmp(deed, "add-", 4) == 0) {
        must(other->pairs->nelts >= f->pairs->nelts);
        same_beginning(f, other);
        return;
    }
    const rg_service_def_t *then = decoded(p, other);
    must(then != NULL);
    if (strncmp(deed, "remove-", 7) == 0) {
        must(items(then) <= items(d) && then->service.step_count >= d->service.step_count - 1);
        must(then->form_count == d->form_count);
        return;
    }
    must(items(then) == items(d) && other->pairs->nelts == f->pairs->nelts);
    then = decoded(p, regen_service_rearrange(p, other, deed));
    must_be_same(rg_service_def_mark(p, then), rg_service_def_mark(p, d));
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    rg_form_t *f = NULL;
    if (rg_form_parse(&f, p, text, size, MOST_PAIRS) != RG_OK) {
        return;
    }
    const char *deed = rg_form_get(f, "do") ? rg_form_get(f, "do") : "";
    const rg_service_def_t *d = decoded(p, f);
    regen_service_rearrange(p, f, deed);
    if (!d) {
        return;
    }
    within_limits(p, d);
    const rg_form_t *written = rg_service_form(p, d);
    const rg_service_def_t *again = decoded(p, written);
    must(again != NULL);
    must_be_same(rg_service_def_mark(p, again), rg_service_def_mark(p, d));
    pressed(p, written, d, deed);
    pressed(p, written, d, apr_psprintf(p, "up-step-%d", (int)size % 4));
    if (keeps_rules(p, d)) {
        through_a_file(p, d);
    }
}
