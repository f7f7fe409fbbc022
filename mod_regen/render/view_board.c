/* SPDX-License-Identifier: Apache-2.0 */
/* The board of a day: a list of bookings, and a table with time down and resources across. Called
 * by web/staff_chart.c. */
#include "regen/render.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

/* --- chains: each booking has a letter, the same in every column --------------------------------
 */

#define CHAIN_CLASSES 6

static const char *chain_letter(apr_pool_t *p, int i)
{
    return i < 26 ? apr_psprintf(p, "%c", 'A' + i)
                  : apr_psprintf(p, "%c%c", 'A' + (i / 26 - 1) % 26, 'A' + i % 26);
}

static void put_chain(rg_val_t *v, apr_pool_t *p, int i)
{
    rg_val_str(v, "chain", chain_letter(p, i));
    rg_val_str(v, "chain_class", apr_psprintf(p, "c%d", i % CHAIN_CLASSES + 1));
}

static const char *who(apr_pool_t *p, const rg_booking_t *b)
{
    const char *name = rg_view_name(p, b->patient_given, b->patient_family);

    return *name != '\0' ? name : "Somebody is booking";
}

/* --- what needs attention -----------------------------------------------------------------------
 */

static const char *attention_words(apr_pool_t *p, const rg_attention_t *a, const rg_day_state_t *s)
{
    const char *span = rg_view_minutes(p, a->minutes);

    switch (a->kind) {
    case RG_ATTENTION_UNIT_EXPIRED:
        return apr_psprintf(p, "Unit %s is too old since %s. Dispose of it.", s->unit->label, span);
    case RG_ATTENTION_UNIT_EXPIRING:
        return apr_psprintf(p, "Unit %s must be used within %s.", s->unit->label, span);
    case RG_ATTENTION_CLOSED:
        return apr_psprintf(p, "%s %s", s->conflict->resource_name,
                            rg_view_conflict(s->conflict->kind));
    case RG_ATTENTION_LIMIT:
        return apr_psprintf(p, "%s must begin within %s, and the plan for it is missed.",
                            rg_view_title(p, s->next), span);
    case RG_ATTENTION_CONSENT: return "A consent is missing.";
    case RG_ATTENTION_LATE:
        return apr_psprintf(p, "%s was due %s ago.", rg_view_action(s->next), span);
    }
    return "";
}

static const char *attention_title(rg_attention_kind_t kind)
{
    switch (kind) {
    case RG_ATTENTION_UNIT_EXPIRED: return "Unit too old";
    case RG_ATTENTION_UNIT_EXPIRING: return "Unit near its time";
    case RG_ATTENTION_CLOSED: return "Closed";
    case RG_ATTENTION_LIMIT: return "Late, near the limit";
    case RG_ATTENTION_CONSENT: return "Consent";
    case RG_ATTENTION_LATE: return "Late";
    }
    return "";
}

/* What is left of a visit can be planned anew once it began. */
static bool can_mend(rg_attention_kind_t kind, rg_booking_status_t status)
{
    bool late = kind == RG_ATTENTION_UNIT_EXPIRING || kind == RG_ATTENTION_LIMIT ||
                kind == RG_ATTENTION_LATE;

    return late && (status == RG_BOOKING_ARRIVED || status == RG_BOOKING_IN_PROGRESS);
}

static void put_attention(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_t *list = rg_val_set_list(page, "attention");

    for (int i = 0; i < b->attention_count; i++) {
        const rg_attention_t *a = &b->attention[i];
        const rg_booking_t *booking = b->bookings[a->booking];
        rg_val_t *item = rg_val_add(list);

        rg_val_str(item, "title", attention_title(a->kind));
        rg_val_str(item, "text", attention_words(p, a, b->states[a->booking]));
        rg_val_str(item, "patient", who(p, booking));
        rg_val_str(item, "uid", booking->uid);
        rg_val_bool(item, "alarm", a->kind <= RG_ATTENTION_CLOSED);
        rg_val_bool(item, "mend", can_mend(a->kind, booking->status));
        put_chain(item, p, a->booking);
    }
    rg_val_bool(page, "any_attention", b->attention_count > 0);
}

/* --- the list -----------------------------------------------------------------------------------
 */

static void put_items(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_t *list = rg_val_set_list(page, "items");

    for (int i = 0; i < b->booking_count; i++) {
        rg_val_t *item = rg_view_booking(p, b->bookings[i], b->site->zone);
        const rg_day_state_t *s = b->states[i];

        rg_val_push(list, item);
        rg_val_str(item, "who", who(p, b->bookings[i]));
        put_chain(item, p, i);
        rg_val_str(item, "action", s->next == NULL ? NULL : rg_view_action(s->next));
        rg_val_bool(item, "consent_missing", !s->consent_ok && s->next != NULL);
        if (s->unit != NULL && s->unit->injected_at == 0 && s->unit->disposed_at == 0) {
            rg_val_str(item, "unit_label", s->unit->label);
            rg_view_time(item, "unit_expires", p, b->site->zone, s->unit->expires_at);
        }
    }
    rg_val_bool(page, "any_items", b->booking_count > 0);
}

/* --- the table ----------------------------------------------------------------------------------
 */

/* One booking on one resource without a pause, setup and turnover included. */
typedef struct {
    int booking, resource; /* places in the board */
    apr_time_t from, until;
    const char *steps;
} block_t;

typedef struct {
    apr_pool_t *p;
    const rg_board_t *board;
    apr_array_header_t *blocks; /* block_t, by resource and time */
    apr_array_header_t *times;  /* apr_time_t, ascending: where rows begin and end */
} table_t;

static int by_resource_and_time(const void *left, const void *right)
{
    const block_t *a = left, *b = right;

    if (a->resource != b->resource) {
        return a->resource < b->resource ? -1 : 1;
    }
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    return a->booking - b->booking;
}

static int by_time(const void *left, const void *right)
{
    apr_time_t a = *(const apr_time_t *)left, b = *(const apr_time_t *)right;

    return a < b ? -1 : a > b;
}

/* The time of a patient who did not come was given back, and may be somebody else's now. */
static bool takes_time(const rg_booking_t *b)
{
    return b->status != RG_BOOKING_NO_SHOW && b->status != RG_BOOKING_CANCELLED &&
           b->status != RG_BOOKING_EXPIRED;
}

static int resource_place(const rg_board_t *b, int64_t id)
{
    for (int i = 0; i < b->resource_count; i++) {
        if (b->resources[i].id == id) {
            return i;
        }
    }
    return -1;
}

static const char *step_name(const rg_booking_t *b, int step_no)
{
    for (int i = 0; i < b->step_count; i++) {
        if (b->steps[i].step_no == step_no) {
            return b->steps[i].name;
        }
    }
    return "";
}

static void collect(table_t *t, int place, apr_time_t from, apr_time_t until)
{
    const rg_booking_t *b = t->board->bookings[place];

    for (int i = 0; takes_time(b) && i < b->resource_count; i++) {
        const rg_booking_resource_t *r = &b->resources[i];
        int resource = resource_place(t->board, r->resource_id);

        if (resource >= 0 && r->busy_from < until && r->busy_until > from) {
            block_t *k = apr_array_push(t->blocks);

            k->booking = place;
            k->resource = resource;
            k->from = r->busy_from;
            k->until = r->busy_until;
            k->steps = step_name(b, r->step_no);
        }
    }
}

/* Steps of one booking that touch on a resource are one block. What would overlap another booking
 * (it never should: the schema forbids it) stays in the list only. */
static void merge(table_t *t)
{
    block_t *blocks = (block_t *)(void *)t->blocks->elts;
    int kept = 0;

    for (int i = 0; i < t->blocks->nelts; i++) {
        block_t *last = kept > 0 ? &blocks[kept - 1] : NULL;
        bool same = last != NULL && last->resource == blocks[i].resource;

        if (same && last->booking == blocks[i].booking && blocks[i].from <= last->until) {
            last->until = blocks[i].until > last->until ? blocks[i].until : last->until;
            last->steps = apr_pstrcat(t->p, last->steps, " · ", blocks[i].steps, NULL);
        }
        else if (!same || blocks[i].from >= last->until) {
            blocks[kept++] = blocks[i];
        }
    }
    t->blocks->nelts = kept;
}

static int past_hour(const table_t *t, apr_time_t at)
{
    return rg_zone_local(t->board->site->zone, at).minute % 60;
}

/* Rows begin where a block begins or ends, and at every full hour between. */
static void lay_times(table_t *t)
{
    apr_time_t *all;
    int kept = 0;

    for (int i = 0; i < t->blocks->nelts; i++) {
        const block_t *k = &APR_ARRAY_IDX(t->blocks, i, block_t);

        APR_ARRAY_PUSH(t->times, apr_time_t) = k->from;
        APR_ARRAY_PUSH(t->times, apr_time_t) = k->until;
    }
    all = (apr_time_t *)(void *)t->times->elts;
    qsort(all, (size_t)t->times->nelts, sizeof(*all), by_time);
    for (int i = 0, n = t->times->nelts; i + 1 < n; i++) {
        apr_time_t hour = all[i] + apr_time_from_sec((60 - past_hour(t, all[i])) * 60);

        for (; hour < all[i + 1]; hour += apr_time_from_sec(3600)) {
            APR_ARRAY_PUSH(t->times, apr_time_t) = hour;
            all = (apr_time_t *)(void *)t->times->elts;
        }
    }
    qsort(all, (size_t)t->times->nelts, sizeof(*all), by_time);
    for (int i = 0; i < t->times->nelts; i++) {
        if (kept == 0 || all[i] != all[kept - 1]) {
            all[kept++] = all[i];
        }
    }
    t->times->nelts = kept;
}

static int row_of(const table_t *t, apr_time_t at)
{
    int i = 0;

    while (i < t->times->nelts && APR_ARRAY_IDX(t->times, i, apr_time_t) < at) {
        i++;
    }
    return i;
}

static const block_t *block_at(const table_t *t, int resource, apr_time_t at)
{
    for (int i = 0; i < t->blocks->nelts; i++) {
        const block_t *k = &APR_ARRAY_IDX(t->blocks, i, block_t);

        if (k->resource == resource && k->from <= at && at < k->until) {
            return k;
        }
    }
    return NULL;
}

static void put_block(const table_t *t, rg_val_t *cell, const block_t *k)
{
    const rg_booking_t *b = t->board->bookings[k->booking];
    const rg_zone_t *z = t->board->site->zone;

    rg_val_int(cell, "rows", row_of(t, k->until) - row_of(t, k->from));
    rg_val_bool(cell, "block", true);
    rg_val_str(cell, "uid", b->uid);
    rg_val_str(cell, "who", who(t->p, b));
    rg_val_str(cell, "family", *b->patient_family == '\0' ? "Kept" : b->patient_family);
    rg_val_str(cell, "steps", k->steps);
    rg_val_str(cell, "state", rg_view_status(b->status));
    rg_val_str(cell, "state_class", rg_view_status_class(b->status));
    rg_val_bool(cell, "kept", b->status == RG_BOOKING_HELD);
    rg_view_time(cell, "from", t->p, z, k->from);
    rg_view_time(cell, "until", t->p, z, k->until);
    put_chain(cell, t->p, k->booking);
}

/* One cell a column, but none where a block from above reaches down. */
static void put_cells(const table_t *t, rg_val_t *row, apr_time_t at, const bool *used)
{
    rg_val_t *cells = rg_val_set_list(row, "cells");

    for (int r = 0; r < t->board->resource_count; r++) {
        const block_t *k = used[r] ? block_at(t, r, at) : NULL;

        if (used[r] && (k == NULL || k->from == at)) {
            rg_val_t *cell = rg_val_add(cells);

            if (k != NULL) {
                put_block(t, cell, k);
            }
        }
    }
}

#define ROW_UNITS_MAX 12
#define LABEL_MINUTES 15

/* Times that stand too close would be written over each other; readers of the page hear them all. */
static bool time_is_shown(const table_t *t, apr_time_t at, apr_time_t *last)
{
    int past = past_hour(t, at);
    bool far = *last == 0 || at - *last >= apr_time_from_sec(LABEL_MINUTES * 60);
    bool shown = past == 0 || (far && past <= 60 - LABEL_MINUTES);

    *last = shown ? at : *last;
    return shown;
}

static void put_rows(rg_val_t *page, const table_t *t, const bool *used)
{
    rg_val_t *rows = rg_val_set_list(page, "rows");
    apr_time_t last = 0;

    for (int i = 0; i + 1 < t->times->nelts; i++) {
        apr_time_t at = APR_ARRAY_IDX(t->times, i, apr_time_t);
        apr_time_t end = APR_ARRAY_IDX(t->times, i + 1, apr_time_t);
        int units = (int)(apr_time_sec(end - at) / RG_GRANULE_SEC);
        rg_val_t *row = rg_val_add(rows);

        units = units < 1 ? 1 : units > ROW_UNITS_MAX ? ROW_UNITS_MAX : units;
        rg_val_int(row, "units", units);
        rg_val_bool(row, "hour", past_hour(t, at) == 0);
        rg_val_bool(row, "shown", time_is_shown(t, at, &last));
        rg_val_bool(row, "now", t->board->today && at <= t->board->now && t->board->now < end);
        rg_view_time(row, "at", t->p, t->board->site->zone, at);
        put_cells(t, row, at, used);
    }
}

static void put_columns(rg_val_t *page, const table_t *t, const bool *used)
{
    static const char *const kinds[] = {"Person", "Room", "Device"};
    rg_val_t *columns = rg_val_set_list(page, "columns");
    const char *idle = "";

    for (int r = 0; r < t->board->resource_count; r++) {
        const rg_resource_t *resource = &t->board->resources[r];

        if (used[r]) {
            rg_val_t *c = rg_val_add(columns);

            rg_val_str(c, "name", resource->name);
            rg_val_str(c, "kind", kinds[resource->kind]);
        }
        else if (resource->active) {
            idle = apr_pstrcat(t->p, idle, *idle == '\0' ? "" : ", ", resource->name, NULL);
        }
    }
    rg_val_str(page, "idle", *idle == '\0' ? NULL : idle);
}

static void put_table(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    table_t t = {p, b, apr_array_make(p, 64, sizeof(block_t)),
                 apr_array_make(p, 64, sizeof(apr_time_t))};
    bool *used = apr_pcalloc(p, sizeof(bool) * (size_t)(b->resource_count + 1));
    apr_time_t from = rg_zone_utc(b->site->zone, b->date, 0);
    apr_time_t until = rg_zone_utc(b->site->zone, b->date, 1440);

    for (int i = 0; i < b->booking_count; i++) {
        collect(&t, i, from, until);
    }
    rg_val_bool(page, "any_blocks", t.blocks->nelts > 0);
    if (t.blocks->nelts == 0) {
        return;
    }
    qsort(t.blocks->elts, (size_t)t.blocks->nelts, sizeof(block_t), by_resource_and_time);
    merge(&t);
    lay_times(&t);
    for (int i = 0; i < t.blocks->nelts; i++) {
        used[APR_ARRAY_IDX(t.blocks, i, block_t).resource] = true;
    }
    put_columns(page, &t, used);
    put_rows(page, &t, used);
}

/* --- the page -----------------------------------------------------------------------------------
 */

static void put_days(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_str(page, "date", rg_date_iso(p, b->date));
    rg_val_str(page, "day", rg_date_long(p, b->date));
    rg_val_str(page, "before", rg_date_iso(p, rg_date_add(b->date, -1)));
    rg_val_str(page, "after", rg_date_iso(p, rg_date_add(b->date, 1)));
    rg_val_bool(page, "today", b->today);
    rg_view_time(page, "now", p, b->site->zone, b->now);
}

/* With one site there is nothing to choose, and no address names it. */
static void put_sites(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    if (b->site_count < 2) {
        return;
    }
    for (int i = 0; i < b->site_count; i++) {
        rg_view_choice(page, "sites", p, "site", b->sites[i].code, b->sites[i].name, b->site->code);
    }
    rg_val_bool(page, "several_sites", true);
    rg_val_str(page, "at_site", b->site->code);
}

rg_val_t *rg_view_board(apr_pool_t *p, const rg_board_t *b)
{
    rg_val_t *page = rg_view_page(p, rg_date_long(p, b->date), b->site);

    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "staff_area", true);
    rg_val_bool(page, "at_board", b->today);
    put_days(page, p, b);
    put_sites(page, p, b);
    put_attention(page, p, b);
    put_items(page, p, b);
    put_table(page, p, b);
    return page;
}
