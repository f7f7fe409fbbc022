/* SPDX-License-Identifier: Apache-2.0 */
/* A week: days in columns; resources or bookings in rows. */
#include "mod_regen/render/view/board.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/schedule.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/place.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

enum { DAYS = 7 };

static const char *name_of(apr_pool_t *p, const rg_week_block_t *b)
{
    const char *name = rg_view_name(p, b->given, b->family);

    return *name == '\0' ? "Being booked" : name;
}

static void put_week_block(rg_val_t *list, apr_pool_t *p, const rg_week_t *w,
                           const rg_week_block_t *b, const char *text)
{
    rg_val_t *item = rg_val_add(list);

    rg_val_str(item, "uid", b->booking_uid);
    rg_val_str(item, "text", text);
    rg_val_str(item, "from", rg_time_clock(p, w->site->zone, b->from));
    rg_val_str(item, "until", rg_time_clock(p, w->site->zone, b->until));
    rg_val_str(item, "state", rg_view_status(b->status));
    rg_val_str(item, "state_class", rg_view_status_class(b->status));
}

static void put_shut(rg_val_t *list, apr_pool_t *p, const rg_week_t *w, const rg_shut_t *s)
{
    rg_val_t *item = rg_val_add(list);

    rg_val_str(item, "what", rg_view_shut(p, s));
    rg_val_str(item, "when", rg_view_shut_when(p, w->site->zone, s));
}

/* --- a row a resource ------------------------------------------------------------------------- */

/* Its hours, and its closures. */
static void put_presence(rg_val_t *cell, apr_pool_t *p, const rg_week_t *w, int r, int day)
{
    const char *hours = rg_view_hours(p, &w->presence, w->site->zone, r, day);
    rg_val_t *shuts = rg_val_set_list(cell, "shuts");

    rg_val_str(cell, "hours", *hours == '\0' ? NULL : hours);
    rg_val_bool(cell, "absent", *hours == '\0');
    for (int i = 0; i < w->presence.shut_count; i++) {
        const rg_shut_t *s = &w->presence.shuts[i];

        if (s->resource == r && s->day == day) {
            put_shut(shuts, p, w, s);
        }
    }
}

static void put_resource(rg_val_t *rows, apr_pool_t *p, const rg_week_t *w, int r)
{
    rg_val_t *row = rg_val_add(rows);
    rg_val_t *cells = rg_val_set_list(row, "cells");

    rg_val_str(row, "name", w->resources[r]->name);
    rg_val_str(row, "kind", rg_view_resource_kind(w->resources[r]->kind));
    for (int day = 0; day < DAYS; day++) {
        rg_val_t *cell = rg_val_add(cells);
        rg_val_t *blocks = rg_val_set_list(cell, "blocks");

        put_presence(cell, p, w, r, day);
        for (int i = 0; i < w->block_count; i++) {
            const rg_week_block_t *b = &w->blocks[i];

            if (b->resource == r && b->day == day) {
                put_week_block(blocks, p, w, b, name_of(p, b));
            }
        }
    }
}

/* --- a row a booking -------------------------------------------------------------------------- */

static bool seen_before(const rg_week_t *w, int i)
{
    for (int k = 0; k < i; k++) {
        if (strcmp(w->blocks[k].booking_uid, w->blocks[i].booking_uid) == 0) {
            return true;
        }
    }
    return false;
}

/* From its first occupied time on a day to the last. */
static bool span_of(const rg_week_t *w, const char *uid, int day, rg_week_block_t *out)
{
    bool found = false;

    for (int i = 0; i < w->block_count; i++) {
        const rg_week_block_t *b = &w->blocks[i];

        if (b->day != day || strcmp(b->booking_uid, uid) != 0) {
            continue;
        }
        if (!found) {
            *out = *b;
        }
        out->from = b->from < out->from ? b->from : out->from;
        out->until = b->until > out->until ? b->until : out->until;
        found = true;
    }
    return found;
}

static void put_week_booking(rg_val_t *rows, apr_pool_t *p, const rg_week_t *w,
                             const rg_week_block_t *b)
{
    rg_val_t *row = rg_val_add(rows);
    rg_val_t *cells = rg_val_set_list(row, "cells");

    rg_val_str(row, "name", name_of(p, b));
    for (int day = 0; day < DAYS; day++) {
        rg_val_t *blocks = rg_val_set_list(rg_val_add(cells), "blocks");
        rg_week_block_t span;

        if (span_of(w, b->booking_uid, day, &span)) {
            put_week_block(blocks, p, w, &span, rg_view_status(b->status));
        }
    }
}

/* Nobody can be booked while the whole site is closed: by patient, too. */
static void put_site_row(rg_val_t *rows, apr_pool_t *p, const rg_week_t *w)
{
    rg_val_t *row = rg_val_add(rows);
    rg_val_t *cells = rg_val_set_list(row, "cells");

    rg_val_str(row, "name", "Whole site");
    for (int day = 0; day < DAYS; day++) {
        rg_val_t *shuts = rg_val_set_list(rg_val_add(cells), "shuts");

        for (int i = 0; i < w->presence.shut_count; i++) {
            const rg_shut_t *s = &w->presence.shuts[i];

            if (s->whole_site && s->resource == 0 && s->day == day) {
                put_shut(shuts, p, w, s);
            }
        }
    }
}

static bool site_closes(const rg_week_t *w)
{
    for (int i = 0; i < w->presence.shut_count; i++) {
        if (w->presence.shuts[i].whole_site) {
            return true;
        }
    }
    return false;
}

/* --- the page --------------------------------------------------------------------------------- */

/* Codes of the clinic's own and checked values only. */
static const char *week_address(apr_pool_t *p, const rg_week_t *w, rg_date_t day, bool by_patient)
{
    const char *s = apr_pstrcat(p, "?day=", rg_date_iso(p, day), NULL);

    if (w->site_count > 1) {
        s = apr_pstrcat(p, s, "&site=", w->site->code, NULL);
    }
    if (w->kind >= 0) {
        s = apr_pstrcat(p, s, "&kind=", rg_resource_kind_name((rg_resource_kind_t)w->kind), NULL);
    }
    if (w->resource_id != 0) {
        s = apr_psprintf(p, "%s&who=%" APR_INT64_T_FMT, s, (apr_int64_t)w->resource_id);
    }
    return by_patient ? apr_pstrcat(p, s, "&by=patient", NULL) : s;
}

static void put_filters(rg_val_t *page, apr_pool_t *p, const rg_week_t *w)
{
    static const char *const kinds[] = {[RG_RESOURCE_PRACTITIONER] = "People",
                                        [RG_RESOURCE_ROOM] = "Rooms",
                                        [RG_RESOURCE_DEVICE] = "Devices"};
    RG_WORDS_ALL(kinds, RG_RESOURCE_KIND_COUNT);
    const char *kind = w->kind < 0 ? "" : rg_resource_kind_name((rg_resource_kind_t)w->kind);
    const char *who = apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)w->resource_id);

    for (int i = 0; i < RG_RESOURCE_KIND_COUNT; i++) {
        rg_view_choice(page, "kinds", p, "kind", rg_resource_kind_name((rg_resource_kind_t)i),
                       kinds[i], kind);
    }
    for (int i = 0; i < w->choice_count; i++) {
        rg_view_choice(page, "people", p, "who",
                       apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)w->choices[i]->id),
                       w->choices[i]->name, who);
    }
    for (int i = 0; w->site_count > 1 && i < w->site_count; i++) {
        rg_view_choice(page, "sites", p, "site", w->sites[i].code, w->sites[i].name, w->site->code);
    }
    rg_val_bool(page, "several_sites", w->site_count > 1);
    rg_val_str(page, "at_site", w->site_count > 1 ? w->site->code : NULL);
}

static void put_week_days(rg_val_t *page, apr_pool_t *p, const rg_week_t *w, bool by_patient)
{
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    rg_val_t *days = rg_val_set_list(page, "days");

    for (int i = 0; i < DAYS; i++) {
        rg_date_t day = rg_date_add(w->monday, i);
        rg_val_t *item = rg_val_add(days);

        rg_val_str(item, "name", apr_psprintf(p, "%s %d", names[i], day.day));
        rg_val_str(item, "words", rg_date_long(p, day));
        rg_val_str(item, "date", rg_date_iso(p, day));
        rg_val_bool(item, "today", rg_date_compare(day, w->today) == 0);
    }
    rg_val_str(page, "monday", rg_date_iso(p, w->monday));
    rg_val_str(page, "before", week_address(p, w, rg_date_add(w->monday, -DAYS), by_patient));
    rg_val_str(page, "after", week_address(p, w, rg_date_add(w->monday, DAYS), by_patient));
    rg_val_str(page, "this_week", week_address(p, w, w->today, by_patient));
    rg_val_str(page, "other_way", week_address(p, w, w->monday, !by_patient));
}

rg_val_t *rg_view_week(apr_pool_t *p, const rg_week_t *w, bool by_patient)
{
    rg_val_t *page =
        rg_view_page(p, apr_psprintf(p, "Week of %s", rg_date_long(p, w->monday)), w->site);
    rg_val_t *rows = rg_val_set_list(page, "rows");

    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "by_patient", by_patient);
    put_week_days(page, p, w, by_patient);
    put_filters(page, p, w);
    for (int r = 0; !by_patient && r < w->resource_count; r++) {
        put_resource(rows, p, w, r);
    }
    if (by_patient && site_closes(w)) {
        put_site_row(rows, p, w);
    }
    for (int i = 0; by_patient && i < w->block_count; i++) {
        if (!seen_before(w, i)) {
            put_week_booking(rows, p, w, &w->blocks[i]);
        }
    }
    rg_val_bool(page, "any_rows", rg_val_count(rows) > 0);
    return page;
}
