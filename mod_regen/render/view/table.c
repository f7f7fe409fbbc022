/* SPDX-License-Identifier: Apache-2.0 */
/* The day's table: times in rows, people, rooms and devices in columns; bookings, closures and time
 * outside hours are cells that span their duration. Empty cells are free. Called by board.c. */
#include "mod_regen/render/view/board.h"
#include "regen/clinic/schedule.h"
#include "regen/clinic/visit.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/render/view.h"

#include <stdlib.h>

#include <apr_strings.h>

/* --- chains: each booking has a letter, the same in every column ------------------------------ */

#define CHAIN_CLASSES 6

static const char *chain_letter(apr_pool_t *p, int i)
{
    return i < 26 ? apr_psprintf(p, "%c", 'A' + i)
                  : apr_psprintf(p, "%c%c", 'A' + (i / 26 - 1) % 26, 'A' + i % 26);
}

void rg_view_chain(rg_val_t *v, apr_pool_t *p, int i)
{
    rg_val_str(v, "chain", chain_letter(p, i));
    rg_val_str(v, "chain_class", apr_psprintf(p, "c%d", i % CHAIN_CLASSES + 1));
}

const char *rg_view_who(apr_pool_t *p, const rg_booking_t *b)
{
    const char *name = rg_view_name(p, b->patient_given, b->patient_family);

    return *name != '\0' ? name : "Being booked";
}

/* One booking on one resource without a pause, setup and turnover included. */
typedef struct {
    int booking, resource; /* indexes on the board */
    apr_time_t from, until;
    const char *steps;
} block_t;

typedef struct {
    apr_pool_t *p;
    const rg_board_t *board;
    const rg_presence_t *presence;
    bool *booked;               /* by resource: has blocks */
    bool *used;                 /* has a column */
    apr_array_header_t *blocks; /* block_t, by resource and time */
    apr_array_header_t *times;  /* apr_time_t, ascending: where rows begin and end */
} table_t;

static int by_resource_and_time(const void *left, const void *right)
{
    const block_t *a = left;
    const block_t *b = right;

    if (a->resource != b->resource) {
        return a->resource < b->resource ? -1 : 1;
    }
    if (a->from != b->from) {
        return a->from < b->from ? -1 : 1;
    }
    return a->booking - b->booking;
}

static int times_ascending(const void *left, const void *right)
{
    apr_time_t a = *(const apr_time_t *)left;
    apr_time_t b = *(const apr_time_t *)right;

    return a < b ? -1 : a > b;
}

/* The time of a no-show was released, and may be booked by somebody else. */
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

static void collect_times(table_t *t, int place, apr_time_t from, apr_time_t until)
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
        bool same = last && last->resource == blocks[i].resource;

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

static void note_time(table_t *t, apr_time_t at)
{
    APR_ARRAY_PUSH(t->times, apr_time_t) = at;
}

/* The day on the board lasts from the first to the last that is booked or open in some column. */
static void note_day(table_t *t)
{
    for (int i = 0; i < t->blocks->nelts; i++) {
        const block_t *k = &APR_ARRAY_IDX(t->blocks, i, block_t);

        note_time(t, k->from);
        note_time(t, k->until);
    }
    for (int i = 0; i < t->presence->open_count; i++) {
        const rg_open_t *o = &t->presence->opens[i];

        if (t->used[o->resource]) {
            note_time(t, o->from);
            note_time(t, o->until);
        }
    }
}

static void note_shuts(table_t *t, apr_time_t from, apr_time_t until)
{
    for (int i = 0; i < t->presence->shut_count; i++) {
        const rg_shut_t *s = &t->presence->shuts[i];

        if (t->used[s->resource] && s->from > from && s->from < until) {
            note_time(t, s->from);
        }
        if (t->used[s->resource] && s->until > from && s->until < until) {
            note_time(t, s->until);
        }
    }
}

static apr_time_t *sorted_times(table_t *t)
{
    apr_time_t *all = (apr_time_t *)(void *)t->times->elts;

    qsort(all, (size_t)t->times->nelts, sizeof(*all), times_ascending);
    return all;
}

/* Rows begin where a block, some hours or a closure begin or end, and at every full hour
 * between. */
static void lay_times(table_t *t)
{
    int kept = 0;

    note_day(t);
    apr_time_t *all = sorted_times(t);
    note_shuts(t, all[0], all[t->times->nelts - 1]);
    all = sorted_times(t);
    for (int i = 0, n = t->times->nelts; i + 1 < n; i++) {
        apr_time_t hour = all[i] + (60 - past_hour(t, all[i])) * RG_MINUTE;

        for (; hour < all[i + 1]; hour += RG_HOUR) {
            note_time(t, hour);
            all = (apr_time_t *)(void *)t->times->elts;
        }
    }
    all = sorted_times(t);
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

static void put_table_block(const table_t *t, rg_val_t *cell, const block_t *k)
{
    const rg_booking_t *b = t->board->bookings[k->booking];
    const rg_zone_t *z = t->board->site->zone;

    rg_val_int(cell, "rows", row_of(t, k->until) - row_of(t, k->from));
    rg_val_bool(cell, "block", true);
    rg_val_str(cell, "uid", b->uid);
    rg_val_str(cell, "who", rg_view_who(t->p, b));
    rg_val_str(cell, "family", *b->patient_family == '\0' ? "Kept" : b->patient_family);
    rg_val_str(cell, "steps", k->steps);
    rg_val_str(cell, "state", rg_view_status(b->status));
    rg_val_str(cell, "state_class", rg_view_status_class(b->status));
    rg_val_bool(cell, "kept", b->status == RG_BOOKING_HELD);
    rg_view_time(cell, "from", t->p, z, k->from);
    rg_view_time(cell, "until", t->p, z, k->until);
    rg_view_chain(cell, t->p, k->booking);
}

/* --- what cannot be had although nobody is booked --------------------------------------------- */

/* Nothing, OUTSIDE its hours or a closure. */
static const rg_shut_t OUTSIDE = {.resource = -1};

static const rg_shut_t *off_at(const table_t *t, int resource, apr_time_t at)
{
    const rg_shut_t *s = rg_view_shut_at(t->presence, resource, at);

    return !s && !rg_view_open_at(t->presence, resource, at) ? &OUTSIDE : s;
}

/* How far down the same reason reaches, from row I on. */
static int off_rows(const table_t *t, int resource, int i, const rg_shut_t *off)
{
    int rows = 0;

    for (; i + 1 < t->times->nelts; i++, rows++) {
        apr_time_t at = APR_ARRAY_IDX(t->times, i, apr_time_t);

        if (block_at(t, resource, at) || off_at(t, resource, at) != off) {
            break;
        }
    }
    return rows;
}

static bool goes_on(const table_t *t, int resource, int i, const rg_shut_t *off)
{
    apr_time_t above = i > 0 ? APR_ARRAY_IDX(t->times, i - 1, apr_time_t) : 0;

    return i > 0 && !block_at(t, resource, above) && off_at(t, resource, above) == off;
}

static void put_off(const table_t *t, rg_val_t *cell, int i, int rows, const rg_shut_t *off)
{
    const rg_zone_t *z = t->board->site->zone;

    rg_val_bool(cell, "off", true);
    rg_val_bool(cell, "shut", off != &OUTSIDE);
    rg_val_int(cell, "rows", rows);
    rg_val_str(cell, "words", off == &OUTSIDE ? "Outside hours" : rg_view_shut(t->p, off));
    rg_view_time(cell, "from", t->p, z, APR_ARRAY_IDX(t->times, i, apr_time_t));
    rg_view_time(cell, "until", t->p, z, APR_ARRAY_IDX(t->times, i + rows, apr_time_t));
}

/* --- rows ------------------------------------------------------------------------------------- */

static void put_cell(const table_t *t, rg_val_t *cells, int i, int resource)
{
    apr_time_t at = APR_ARRAY_IDX(t->times, i, apr_time_t);
    const block_t *k = block_at(t, resource, at);
    const rg_shut_t *off = !k ? off_at(t, resource, at) : NULL;

    if (k && k->from == at) {
        put_table_block(t, rg_val_add(cells), k);
    }
    else if (off && !goes_on(t, resource, i, off)) {
        put_off(t, rg_val_add(cells), i, off_rows(t, resource, i, off), off);
    }
    else if (!k && !off) {
        rg_val_add(cells);
    }
}

/* One cell a column, but none where one from above reaches down. */
static void put_cells(const table_t *t, rg_val_t *row, int i)
{
    rg_val_t *cells = rg_val_set_list(row, "cells");

    for (int r = 0; r < t->board->resource_count; r++) {
        if (t->used[r]) {
            put_cell(t, cells, i, r);
        }
    }
}

#define ROW_UNITS_MAX 12
#define LABEL_MINUTES 15

/* Times too close to each other would overlap; screen readers read all of them. */
static bool time_is_shown(const table_t *t, apr_time_t at, apr_time_t *last)
{
    int past = past_hour(t, at);
    bool far = *last == 0 || at - *last >= LABEL_MINUTES * RG_MINUTE;
    bool shown = past == 0 || (far && past <= 60 - LABEL_MINUTES);

    *last = shown ? at : *last;
    return shown;
}

static void put_table_rows(rg_val_t *page, const table_t *t)
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
        put_cells(t, row, i);
    }
}

static void put_columns(rg_val_t *page, const table_t *t)
{
    rg_val_t *columns = rg_val_set_list(page, "columns");

    for (int r = 0; r < t->board->resource_count; r++) {
        if (t->used[r]) {
            rg_val_t *c = rg_val_add(columns);

            rg_val_str(c, "name", t->board->resources[r].name);
            rg_val_str(c, "kind", rg_view_resource_kind(t->board->resources[r].kind));
        }
    }
}

/* A column for each booked resource and each one closed for a part of its hours. */
static bool choose_columns(table_t *t)
{
    bool any = false;

    for (int i = 0; i < t->blocks->nelts; i++) {
        t->booked[APR_ARRAY_IDX(t->blocks, i, block_t).resource] = true;
    }
    for (int r = 0; r < t->board->resource_count; r++) {
        bool cut = rg_view_is_cut(t->presence, r, 0) && !rg_view_is_away(t->presence, r, 0);

        t->used[r] = t->booked[r] || cut;
        any = any || t->used[r];
    }
    return any;
}

const bool *rg_view_board_table(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    size_t size = sizeof(bool) * (size_t)(b->resource_count + 1);
    table_t t = {.p = p,
                 .board = b,
                 .presence = &b->presence,
                 .booked = apr_pcalloc(p, size),
                 .used = apr_pcalloc(p, size),
                 .blocks = apr_array_make(p, 64, sizeof(block_t)),
                 .times = apr_array_make(p, 64, sizeof(apr_time_t))};
    apr_time_t from = rg_zone_utc(b->site->zone, b->date, 0);
    apr_time_t until = rg_zone_utc(b->site->zone, b->date, RG_DAY_MINUTES);

    for (int i = 0; i < b->booking_count; i++) {
        collect_times(&t, i, from, until);
    }
    if (t.blocks->nelts > 1) {
        qsort(t.blocks->elts, (size_t)t.blocks->nelts, sizeof(block_t), by_resource_and_time);
    }
    merge(&t);
    bool any = choose_columns(&t);
    rg_val_bool(page, "any_blocks", any);
    if (any) {
        lay_times(&t);
        put_columns(page, &t);
        put_table_rows(page, &t);
    }
    return t.booked;
}
