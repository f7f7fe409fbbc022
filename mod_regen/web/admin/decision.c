/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the decisions about affected bookings from a closure's form. */
#include "decision.h"

#include <string.h>

#include <apr_strings.h>

#include "mod_regen/web/platform/bounds.h"
#include "regen/clinic/booking.h"
#include "regen/core/form.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"

static const char *beside(apr_pool_t *p, const rg_form_t *form, const char *prefix, const char *id)
{
    const char *text = rg_form_get(form, apr_pstrcat(p, prefix, id, NULL));
    return text ? text : "";
}

/* Parses one value; *TO gets the time of a move. */
static rg_decide_t decision_said(apr_time_t *to, const char *value)
{
    int64_t move = 0;
    if (strncmp(value, "move-", 5) == 0 && rg_text_i64(&move, value + 5, 1, REGEN_TIME_MAX)) {
        *to = apr_time_from_sec(move);
        return RG_DECIDE_MOVE;
    }
    int said = rg_decide_parse(value);
    return said == RG_DECIDE_CANCEL || said == RG_DECIDE_KEEP ? (rg_decide_t)said
                                                              : RG_DECIDE_NOTHING;
}

static bool read_decision(rg_decision_t *d, apr_pool_t *p, const rg_form_t *form,
                          const rg_pair_t *pair)
{
    static const char prefix[] = "decide-";
    size_t n = sizeof(prefix) - 1;
    const char *id = pair->name + n;
    int64_t seen = 0;
    *d = (rg_decision_t){.what = RG_DECIDE_NOTHING};
    if (strncmp(pair->name, prefix, n) != 0 || *id == '0' ||
        !rg_text_i64(&d->booking_id, id, 1, INT64_MAX) ||
        !rg_text_i64(&seen, beside(p, form, "at-", id), 1, REGEN_TIME_MAX)) {
        return false;
    }
    d->starts_at = apr_time_from_sec(seen);
    d->reason = beside(p, form, "reason-", id);
    d->what = decision_said(&d->move_to, pair->value);
    return true;
}

static rg_decision_t *decided_before(rg_decision_t *list, int count, int64_t booking_id)
{
    for (int i = 0; i < count; i++) {
        if (list[i].booking_id == booking_id) {
            return &list[i];
        }
    }
    return NULL;
}

int regen_decisions_read(rg_decision_t **out, apr_pool_t *p, const rg_form_t *form)
{
    int n = 0;
    rg_decision_t *list = apr_pcalloc(p, sizeof(*list) * (size_t)(form->pairs->nelts + 1));
    for (int i = 0; i < form->pairs->nelts; i++) {
        rg_decision_t one;
        if (!read_decision(&one, p, form, &APR_ARRAY_IDX(form->pairs, i, rg_pair_t))) {
            continue;
        }
        rg_decision_t *before = decided_before(list, n, one.booking_id);
        if (before) {
            before->what = RG_DECIDE_NOTHING;
            before->move_to = 0;
        }
        else {
            list[n++] = one;
        }
    }
    *out = list;
    return n;
}
