/* SPDX-License-Identifier: Apache-2.0 */
/* Blocks of the front desk. */
#include "mod_regen/render/view/board.h"
#include "regen/clinic/definitions.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static const char *asked(const rg_form_t *form, const char *name)
{
    const char *value = form ? rg_form_get(form, name) : NULL;

    return value ? value : "";
}

/* Minutes of a local day, as people say them. */
static const char *clock_words(apr_pool_t *p, int minute)
{
    int hour = minute / 60 % 12;

    return apr_psprintf(p, "%d:%02d %s", hour == 0 ? 12 : hour, minute % 60,
                        minute / 60 % 24 < 12 ? "am" : "pm");
}

rg_val_t *rg_view_blocks(apr_pool_t *p, const rg_site_t *site, const rg_closure_row_t *rows,
                         int count, const rg_form_t *typed)
{
    static const rg_closure_kind_t kinds[] = {RG_CLOSURE_ABSENCE, RG_CLOSURE_CLEANING,
                                              RG_CLOSURE_OTHER};
    static const char *const names[] = {"day", "from", "until", "reason"};
    rg_val_t *page = rg_view_page(p, "Block time", site);
    rg_val_t *list = rg_val_set_list(page, "blocks");

    rg_val_bool(page, "wide", true);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        rg_val_str(page, names[i], asked(typed, names[i]));
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        rg_view_choice(page, "kinds", p, "kind", rg_closure_kind_name(kinds[i]),
                       rg_view_closure_kind(kinds[i]), asked(typed, "kind"));
    }
    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);

        rg_val_int(item, "id", rows[i].id);
        rg_val_str(item, "who", rows[i].resource_name);
        rg_val_str(item, "day", rg_date_long(p, rows[i].first_day));
        rg_val_str(item, "from", clock_words(p, rows[i].start));
        rg_val_str(item, "until", clock_words(p, rows[i].end));
        rg_val_str(item, "reason", rows[i].reason);
    }
    rg_val_bool(page, "any_blocks", count > 0);
    return page;
}

void rg_view_block_choice(rg_val_t *page, apr_pool_t *p, const rg_resource_t *r,
                          const rg_form_t *typed)
{
    rg_view_choice(page, "resources", p, "resource", r->code, r->name, asked(typed, "resource"));
}

void rg_view_block_hits(rg_val_t *page, apr_pool_t *p, const rg_site_t *site,
                        const rg_conflict_t *hits, int count)
{
    rg_val_t *list = rg_val_set_list(page, "hits");

    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);
        const rg_booking_t *b = hits[i].booking;

        rg_val_str(item, "uid", b->uid);
        rg_val_str(item, "who", rg_view_who(p, b));
        rg_val_str(item, "what", b->service_name);
        rg_view_time(item, "starts", p, site->zone, b->starts_at);
    }
    rg_val_bool(page, "any_hits", count > 0);
}
