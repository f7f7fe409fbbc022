/* SPDX-License-Identifier: Apache-2.0 */
/* When a site or a resource is closed, for API clients: periods without a reason, because what
 * staff typed there is internal. */
#include "regen/clinic/api.h"
#include "regen/core/ctx.h"
#include "regen/core/time.h"
#include "regen/model/place.h"

#include <stdlib.h>

enum { DAYS_AHEAD = 731 };

typedef struct {
    apr_array_header_t *found; /* rg_closed_span_t */
    const rg_zone_t *zone;
    apr_time_t from;
    int first, last; /* days examined for closures of hours on each day */
} look_t;

static rg_date_t date_of_day(int day)
{
    return rg_date_from_days(day);
}

static void add(look_t *l, apr_time_t from, apr_time_t until)
{
    if (until > l->from) {
        rg_closed_span_t *span = apr_array_push(l->found);
        *span = (rg_closed_span_t){from, until};
    }
}

static void add_closed_hours(look_t *l, const rg_directory_closure_t *c)
{
    apr_time_t from[2];
    apr_time_t until[2];
    int first = c->first_day > l->first ? c->first_day : l->first;
    int last = c->last_day < l->last ? c->last_day : l->last;
    for (int day = first; day <= last; day++) {
        int parts = rg_zone_span(l->zone, date_of_day(day), c->start, c->end, from, until);
        for (int i = 0; i < parts; i++) {
            add(l, from[i], until[i]);
        }
    }
}

static int spans_by_time(const void *left, const void *right)
{
    const rg_closed_span_t *a = left;
    const rg_closed_span_t *b = right;
    return (a->from > b->from) - (a->from < b->from);
}

static int join_spans(rg_closed_span_t *spans, int count)
{
    int kept = 0;
    for (int i = 0; i < count; i++) {
        rg_closed_span_t *last = kept > 0 ? &spans[kept - 1] : NULL;
        if (last && spans[i].from <= last->until) {
            last->until = spans[i].until > last->until ? spans[i].until : last->until;
        }
        else {
            spans[kept++] = spans[i];
        }
    }
    return kept;
}

void rg_directory_closed(rg_closed_span_t **out, int *count, const rg_ctx_t *ctx,
                         const rg_directory_t *d, const rg_site_t *site, int64_t resource_id,
                         apr_time_t from)
{
    int today = rg_date_days(rg_zone_local(site->zone, ctx->now).date);
    int first = rg_date_days(rg_zone_local(site->zone, from).date) - 1;
    look_t l = {apr_array_make(ctx->pool, 8, sizeof(rg_closed_span_t)), site->zone, from, first,
                today + DAYS_AHEAD};
    for (int i = 0; i < d->closure_count; i++) {
        const rg_directory_closure_t *c = &d->closures[i];
        bool mine =
            c->site_id == site->id && (c->resource_id == 0 || c->resource_id == resource_id);
        if (mine && c->start == 0 && c->end == RG_DAY_MINUTES) {
            add(&l, rg_zone_utc(site->zone, date_of_day(c->first_day), 0),
                rg_zone_utc(site->zone, date_of_day(c->last_day), RG_DAY_MINUTES));
        }
        else if (mine) {
            add_closed_hours(&l, c);
        }
    }
    *out = (rg_closed_span_t *)(void *)l.found->elts;
    *count = l.found->nelts;
    if (*count > 1) {
        qsort(*out, (size_t)*count, sizeof(**out), spans_by_time);
    }
    *count = join_spans(*out, *count);
}
