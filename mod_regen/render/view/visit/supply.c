/* SPDX-License-Identifier: Apache-2.0 */
/* Lots of supplies: the list, one lot, and the choice on the form of a processing. */
#include "regen/clinic/supply.h"
#include "regen/clinic/visit.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/supply.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static rg_val_t *supply_page(apr_pool_t *p, const rg_supplies_t *s, const rg_form_t *typed)
{
    static const char *const names[] = {"item", "lot", "expires", "udi", "reason", "kind"};
    rg_val_t *page = rg_view_page(p, "Supplies", s->site);
    rg_val_t *v = rg_val_object(p);

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        rg_val_str(v, names[i], typed ? rg_form_get(typed, names[i]) : NULL);
    }
    rg_val_set(page, "typed", v);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "staff_area", true);
    rg_val_bool(page, "at_board", true);
    return page;
}

static void put_lot(rg_val_t *v, apr_pool_t *p, const rg_supplies_t *s, const rg_supply_lot_t *l)
{
    bool expired = rg_date_compare(l->expires, s->today) < 0;

    rg_val_str(v, "id", apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)l->id));
    rg_val_str(v, "item", l->item);
    rg_val_str(v, "lot", l->lot);
    rg_val_str(v, "udi", *l->udi == '\0' ? NULL : l->udi);
    rg_val_str(v, "expires", rg_date_us(p, l->expires));
    rg_val_str(v, "entered_by", l->entered_by);
    rg_view_time(v, "received", p, s->site->zone, l->received_at);
    rg_val_bool(v, "recalled", l->recalled);
    rg_val_bool(v, "expired", expired);
    rg_val_bool(v, "fine", !expired && !l->recalled);
    rg_val_str(v, "why", *l->why == '\0' ? NULL : l->why);
    rg_val_str(v, "why_by", l->why_by);
    rg_view_time(v, "why_at", p, s->site->zone, l->why_at);
}

static void put_supply_kinds(rg_val_t *page, apr_pool_t *p, const rg_form_t *typed)
{
    const char *chosen = typed ? rg_form_get(typed, "kind") : NULL;

    rg_view_choice(page, "kinds", p, "kind", "kit", "A kit that units are processed with", chosen);
    rg_view_choice(page, "kinds", p, "kind", "other", "Something else", chosen);
}

rg_val_t *rg_view_supplies(apr_pool_t *p, const rg_supplies_t *s, const rg_form_t *typed)
{
    rg_val_t *page = supply_page(p, s, typed);
    rg_val_t *list = rg_val_set_list(page, "lots");

    for (int i = 0; i < s->count; i++) {
        put_lot(rg_val_add(list), p, s, &s->lots[i]);
    }
    rg_val_bool(page, "any_lots", s->count > 0);
    rg_val_bool(page, "more", s->more);
    rg_val_str(page, "find", *s->find == '\0' ? NULL : s->find);
    put_supply_kinds(page, p, typed);
    return page;
}

rg_val_t *rg_view_supply(apr_pool_t *p, const rg_supplies_t *s, const rg_form_t *typed)
{
    rg_val_t *page = supply_page(p, s, typed);
    rg_val_t *lot = rg_val_object(p);
    rg_val_t *open = rg_val_set_list(page, "open_uses");
    rg_val_t *list = rg_val_set_list(page, "uses");

    put_lot(lot, p, s, &s->lots[0]);
    rg_val_set(page, "one", lot);
    for (int i = 0; i < s->use_count; i++) {
        const rg_supply_use_t *u = &s->uses[i];
        rg_val_t *item = rg_val_add(u->open ? open : list);

        rg_val_str(item, "uid", u->booking_uid);
        rg_val_str(item, "patient", u->patient_uid);
        rg_val_str(item, "who", rg_view_name(p, u->given, u->family));
        rg_val_str(item, "service", u->service_name);
        rg_val_str(item, "label", u->unit_label);
        rg_view_time(item, "at", p, s->site->zone, u->at);
    }
    rg_val_bool(page, "any_open", rg_val_count(open) > 0);
    rg_val_bool(page, "any_uses", rg_val_count(list) > 0);
    rg_val_bool(lot, "may_change", !s->lots[0].recalled || s->may_restore);
    rg_val_bool(page, "may_restore", s->may_restore);
    rg_val_bool(page, "several", s->page > 1 || s->more);
    rg_val_int(page, "page", s->page);
    if (s->page > 1) {
        rg_val_int(page, "previous", s->page - 1);
    }
    if (s->more) {
        rg_val_int(page, "following", s->page + 1);
    }
    return page;
}

void rg_view_kits(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    const char *chosen = typed ? rg_form_get(typed, "kit") : NULL;
    rg_val_t *list = rg_val_set_list(page, "kits");

    for (int i = 0; i < c->lot_count; i++) {
        const rg_supply_lot_t *l = &c->lots[i];
        const char *id = apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)l->id);
        rg_val_t *item = rg_val_add(list);

        rg_val_str(item, "value", id);
        rg_val_str(item, "text",
                   apr_psprintf(p, "%s, lot %s, use until %s", l->item, l->lot,
                                rg_date_us(p, l->expires)));
        rg_val_bool(item, "chosen", chosen && strcmp(chosen, id) == 0);
    }
    rg_val_bool(page, "any_kits", c->lot_count > 0);
}
