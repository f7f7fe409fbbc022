/* SPDX-License-Identifier: Apache-2.0 */
/* Who did a step, and the field that asks for it. */
#include "regen/clinic/visit.h"
#include "regen/core/form.h"
#include "regen/core/val.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static bool is_act(const char *kind)
{
    int e = rg_event_parse(kind);
    return e == RG_EVENT_HARVEST || e == RG_EVENT_PROCESS || e == RG_EVENT_INJECT;
}

void rg_view_done_by(rg_val_t *item, const rg_step_event_t *e)
{
    bool known = *e->done_by != '\0';

    if (known || !is_act(e->kind)) {
        rg_val_str(item, "by", known ? e->done_by : e->staff_name);
    }
    if (known ? !e->recorded_by_doer : is_act(e->kind)) {
        rg_val_str(item, "recorded_by", e->staff_name);
    }
    rg_val_str(item, "confirmed_by", *e->second == '\0' ? NULL : e->second);
}

static void put_able(rg_val_t *v, apr_pool_t *p, const rg_chart_t *c, const char *typed)
{
    const char *chosen = typed ? typed : c->likely_doer ? c->likely_doer->code : "";

    for (int i = 0; i < c->doer_count; i++) {
        const rg_doer_t *d = &c->doers[i];

        if (d->capability_id != 0 && (d->active || d->booked)) {
            rg_view_choice(v, "options", p, "done_by", d->code,
                           d->booked ? apr_pstrcat(p, d->name, " (booked)", NULL) : d->name,
                           chosen);
        }
    }
    rg_val_bool(v, "choose", *chosen == '\0');
}

void rg_view_doer(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    rg_val_t *v = rg_val_object(p);

    if (!c->next || c->doer_count == 0 || *c->doers[0].asked == '\0') {
        return;
    }
    put_able(v, p, c, typed ? rg_form_get(typed, "done_by") : NULL);
    rg_val_str(v, "asked", c->doers[0].asked);
    rg_val_bool(v, "any", rg_val_count(rg_val_get(v, "options")) > 0);
    rg_val_set(page, "doer", v);
}

void rg_view_second(rg_val_t *page, const rg_chart_t *c)
{
    rg_val_bool(page, "second", c->second);
}

void rg_view_other_doers(rg_val_t *can, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    const char *chosen = typed ? rg_form_get(typed, "correct_by") : NULL;

    for (int i = 0; i < c->doer_count; i++) {
        const rg_doer_t *d = &c->doers[i];

        if (d->active || d->booked) {
            rg_view_choice(can, "people", p, "correct_by", d->code, d->name, chosen);
        }
    }
}
