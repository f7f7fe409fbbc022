/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a form that decides about bookings in the way of a closure. Beyond not crashing: each
 * booking is decided once, nobody is moved without a time, the reason is the one of its booking, and
 * the same form the other way round decides the same. */
#include "target.h"

#include "mod_regen/web/admin/decision.c"
#include "regen/clinic/booking.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"

static const rg_decision_t *of(const rg_decision_t *list, int count, int64_t booking_id)
{
    for (int i = 0; i < count; i++) {
        if (list[i].booking_id == booking_id) {
            return &list[i];
        }
    }
    return NULL;
}

static void one(apr_pool_t *p, const rg_form_t *f, const rg_decision_t *d)
{
    const char *id = apr_psprintf(p, "%" APR_INT64_T_FMT, d->booking_id);
    const char *value = rg_form_get(f, apr_pstrcat(p, "decide-", id, NULL));
    const char *reason = rg_form_get(f, apr_pstrcat(p, "reason-", id, NULL));
    must(d->booking_id > 0 && d->starts_at > 0 && value);
    must((d->what == RG_DECIDE_MOVE) == (d->move_to > 0));
    must_be_same(d->reason, reason ? reason : "");
    must(d->what != RG_DECIDE_CANCEL || strcmp(value, "cancel") == 0);
    must(d->what != RG_DECIDE_KEEP || strcmp(value, "keep") == 0);
    must(d->what != RG_DECIDE_MOVE || strncmp(value, "move-", 5) == 0);
}

static rg_form_t *turned(apr_pool_t *p, const rg_form_t *f)
{
    rg_form_t *t = apr_pmemdup(p, f, sizeof(*f));
    t->pairs = apr_array_make(p, f->pairs->nelts + 1, sizeof(rg_pair_t));
    for (int i = f->pairs->nelts - 1; i >= 0; i--) {
        APR_ARRAY_PUSH(t->pairs, rg_pair_t) = APR_ARRAY_IDX(f->pairs, i, rg_pair_t);
    }
    return t;
}

static bool twice(const rg_form_t *f)
{
    for (int i = 0; i < f->pairs->nelts; i++) {
        const rg_pair_t *a = &APR_ARRAY_IDX(f->pairs, i, rg_pair_t);
        for (int j = 0; j < i; j++) {
            if (strcmp(a->name, APR_ARRAY_IDX(f->pairs, j, rg_pair_t).name) == 0) {
                return true;
            }
        }
    }
    return false;
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    rg_form_t *f = NULL;
    rg_decision_t *list;
    rg_decision_t *back;
    if (rg_form_parse(&f, p, text, size, 200) != RG_OK) {
        return;
    }
    int n = regen_decisions_read(&list, p, f);
    for (int i = 0; i < n; i++) {
        must(!of(list, i, list[i].booking_id));
        one(p, f, &list[i]);
    }
    if (twice(f)) {
        return; /* of two fields of one name the first counts, which is another one then */
    }
    must(regen_decisions_read(&back, p, turned(p, f)) == n);
    for (int i = 0; i < n; i++) {
        const rg_decision_t *same = of(back, n, list[i].booking_id);
        must(same && same->what == list[i].what && same->move_to == list[i].move_to);
        must(same->starts_at == list[i].starts_at);
    }
}
