/* SPDX-License-Identifier: Apache-2.0 */
/* Prices as people read them. */
#include "regen/clinic/fees.h"
#include "regen/core/form.h"
#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/fees.h"
#include "regen/render/view.h"
#include "regen/render/view_fees.h"

#include <string.h>

void rg_view_quote(rg_val_t *page, apr_pool_t *p, const rg_quote_t *q)
{
    if (q->count == 0) {
        return;
    }
    rg_val_t *v = rg_val_object(p);
    rg_view_money(v, "total", p, q->total);
    rg_val_bool(v, "several", q->count > 1);
    rg_val_t *list = rg_val_set_list(v, "lines");
    for (int i = 0; i < q->count; i++) {
        const rg_fee_line_t *l = &q->lines[i];
        rg_money_t amount = l->unit;
        rg_val_t *item = rg_val_add(list);
        rg_val_str(item, "description", l->description);
        if (l->units > 1) {
            rg_val_int(item, "units", l->units);
            rg_view_money(item, "unit", p, l->unit);
        }
        if (rg_money_times(&amount, l->unit, l->units)) {
            rg_view_money(item, "amount", p, amount);
        }
    }
    rg_val_set(page, "quote", v);
}

/* --- the administrators' pages ---------------------------------------------------------------- */

static rg_val_t *fee_page(apr_pool_t *p, const char *title)
{
    rg_val_t *page = rg_view_page(p, title, NULL);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_admin", true);
    rg_val_bool(page, "at_fees", true);
    return page;
}

static const char *typed_of(const rg_form_t *typed, const char *name, const char *otherwise)
{
    const char *value = typed ? rg_form_get(typed, name) : NULL;
    return value ? value : otherwise;
}

static void put_schedule(rg_val_t *v, const rg_fee_schedule_t *s)
{
    rg_val_str(v, "code", s->code);
    rg_val_str(v, "name", s->name);
    rg_val_str(v, "payer", *s->payer_name ? s->payer_name : NULL);
    rg_val_str(v, "at", *s->site_name ? s->site_name : NULL);
}

static void put_fee_choice(rg_val_t *list, const char *value, const char *text, const char *chosen)
{
    rg_val_t *v = rg_val_add(list);
    rg_val_str(v, "value", value);
    rg_val_str(v, "text", text);
    rg_val_bool(v, "chosen", strcmp(value, chosen) == 0);
}

rg_val_t *rg_view_fees(apr_pool_t *p, const rg_fees_t *f, const rg_form_t *typed)
{
    rg_val_t *page = fee_page(p, "Fees");
    rg_val_t *list = rg_val_set_list(page, "schedules");
    rg_val_t *payers = rg_val_set_list(page, "payers");
    rg_val_t *sites = rg_val_set_list(page, "sites");
    for (int i = 0; i < f->count; i++) {
        put_schedule(rg_val_add(list), &f->schedules[i]);
    }
    rg_val_bool(page, "any_schedules", f->count > 0);
    put_fee_choice(payers, "", "Self-pay", typed_of(typed, "payer", ""));
    for (int i = 0; i < f->payer_count; i++) {
        put_fee_choice(payers, f->payers[i].code, f->payers[i].name, typed_of(typed, "payer", ""));
    }
    put_fee_choice(sites, "", "Every site", typed_of(typed, "site", ""));
    for (int i = 0; i < f->site_count; i++) {
        put_fee_choice(sites, f->sites[i].code, f->sites[i].name, typed_of(typed, "site", ""));
    }
    rg_val_str(page, "typed_code", typed_of(typed, "code", ""));
    rg_val_str(page, "typed_name", typed_of(typed, "name", ""));
    return page;
}

static void put_version(rg_val_t *v, apr_pool_t *p, const rg_fee_page_t *f,
                        const rg_fee_version_t *one)
{
    bool published = one->publication_id != 0 && one->withdrawn_at == 0;
    rg_val_int(v, "id", one->id);
    rg_val_int(v, "line_count", one->line_count);
    rg_view_time(v, "made", p, f->zone, one->made_at);
    rg_val_str(v, "made_by", *one->made_by ? one->made_by : NULL);
    rg_val_bool(v, "in_force", one->in_force);
    rg_val_bool(v, "draft", one->publication_id == 0);
    rg_val_bool(v, "withdrawn", one->withdrawn_at != 0);
    rg_val_str(v, "reason", one->withdrawn_at != 0 ? one->reason : NULL);
    if (one->publication_id != 0) {
        rg_view_date(v, "from", p, one->valid_from);
    }
    rg_val_bool(v, "future", published && !one->in_force && one->valid_at > f->now);
    rg_val_bool(v, "past", published && !one->in_force && one->valid_at <= f->now);
    rg_val_bool(v, "since_ever", published && one->valid_at == 0);
    rg_val_bool(v, "here", f->shown && f->shown->id == one->id);
}

static void put_price(rg_val_t *v, const char *key, apr_pool_t *p, bool there, rg_money_t m)
{
    if (there) {
        rg_view_money(v, key, p, m);
    }
}

static void put_fee_lines(rg_val_t *page, apr_pool_t *p, const rg_fee_page_t *f)
{
    rg_val_t *list = rg_val_set_list(page, "lines");
    for (int i = 0; i < f->entry_count; i++) {
        const rg_fee_entry_t *e = &f->entries[i];
        rg_money_t amount = e->line.unit;
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "service", e->service_name);
        rg_val_str(v, "service_code", e->service_code);
        rg_val_str(v, "step", rg_step_kind_name(e->line.step_kind));
        rg_val_str(v, "code", e->line.code);
        rg_val_str(v, "system", *e->line.code_system ? e->line.code_system : NULL);
        rg_val_str(v, "modifiers", *e->line.modifiers ? e->line.modifiers : NULL);
        rg_val_bool(v, "side", e->line.side_modifier);
        rg_val_str(v, "description", e->line.description);
        rg_val_int(v, "units", e->line.units);
        rg_val_bool(v, "on_claim", e->line.on_claim);
        rg_val_bool(v, "each_target", rg_fee_applies_parse(e->line.applies) == RG_FEE_TARGET);
        rg_val_bool(v, "both_sides", rg_fee_applies_parse(e->line.applies) == RG_FEE_BILATERAL);
        (void)rg_money_times(&amount, e->line.unit, e->line.units);
        rg_view_money(v, "amount", p, amount);
    }
    rg_val_bool(page, "any_lines", f->entry_count > 0);
}

rg_val_t *rg_view_fee_schedule(apr_pool_t *p, const rg_fee_page_t *f, const rg_form_t *typed)
{
    rg_val_t *page = fee_page(p, f->schedule->name);
    rg_val_t *versions = rg_val_set_list(page, "versions");
    rg_val_t *changes = rg_val_set_list(page, "changes");
    put_schedule(page, f->schedule);
    for (int i = 0; i < f->version_count; i++) {
        put_version(rg_val_add(versions), p, f, &f->versions[i]);
    }
    rg_val_bool(page, "any_versions", f->version_count > 0);
    if (f->shown) {
        rg_val_t *v = rg_val_object(p);
        put_version(v, p, f, f->shown);
        rg_val_set(page, "shown", v);
    }
    for (int i = 0; i < f->change_count; i++) {
        const rg_fee_change_t *c = &f->changes[i];
        rg_val_t *v = rg_val_add(changes);
        rg_val_str(v, "service", c->service_name);
        put_price(v, "was", p, c->was_there, c->was);
        put_price(v, "is", p, c->is_there, c->is);
    }
    rg_val_bool(page, "any_changes", f->change_count > 0);
    put_fee_lines(page, p, f);
    rg_val_str(page, "head", f->head);
    rg_val_str(page, "typed_csv", typed_of(typed, "csv", ""));
    rg_val_str(page, "typed_from", typed_of(typed, "from", rg_date_iso(p, f->today)));
    rg_val_str(page, "typed_reason", typed_of(typed, "reason", ""));
    return page;
}
