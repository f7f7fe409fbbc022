/* SPDX-License-Identifier: Apache-2.0 */
/* Hours and closures as periods with their reasons. Empty time on a board looks free to whoever is
 * on the phone, so the boards show what the search knows. */
#include "mod_regen/clinic/schedule/hours.h"

#include "mod_regen/clinic/definitions/catalogue.h"
#include "regen/clinic/schedule.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "mod_regen/clinic/schedule/lookup.h"

typedef struct {
    const rg_clinic_t *clinic;
    const rg_site_t *site;
    apr_array_header_t *opens; /* rg_open_t */
    apr_array_header_t *shuts; /* rg_shut_t */
} find_t;

/* One of them on one day. */
typedef struct {
    int place, day;
    int64_t id;
    rg_date_t date;
} spot_t;

static void add_opening_hours(find_t *f, const spot_t *s, const rg_opening_t *o)
{
    apr_time_t from[2];
    apr_time_t until[2];
    int number = rg_date_days(s->date);
    bool valid =
        o->weekday == rg_date_weekday(s->date) && number >= o->first_day && number <= o->last_day;
    int parts = valid ? rg_zone_span(f->site->zone, s->date, o->start, o->end, from, until) : 0;
    for (int i = 0; i < parts; i++) {
        rg_open_t *open = apr_array_push(f->opens);
        *open = (rg_open_t){s->place, s->day, from[i], until[i]};
    }
}

static void add_closure(find_t *f, const spot_t *s, int at)
{
    const rg_clinic_t *k = f->clinic;
    const rg_closure_t *c = &k->closures[at];
    apr_time_t from[2];
    apr_time_t until[2];
    int number = rg_date_days(s->date);
    bool here = c->site_id == f->site->id && (c->resource_id == 0 || c->resource_id == s->id) &&
                number >= c->first_day && number <= c->last_day;
    int parts = here ? rg_zone_span(f->site->zone, s->date, c->start, c->end, from, until) : 0;
    for (int i = 0; i < parts; i++) {
        rg_shut_t *shut = apr_array_push(f->shuts);
        *shut = (rg_shut_t){.resource = s->place,
                            .day = s->day,
                            .from = from[i],
                            .until = until[i],
                            .closure_id = k->closure_ids[at],
                            .whole_site = c->resource_id == 0,
                            .whole_day = c->start == 0 && c->end == RG_DAY_MINUTES,
                            .kind = k->closure_kinds[at],
                            .reason = k->closure_reasons[at]};
    }
}

/* In order of time: there are a handful at most. */
static void sort_shuts(find_t *f, int first)
{
    rg_shut_t *s = (rg_shut_t *)(void *)f->shuts->elts;
    for (int i = first + 1; i < f->shuts->nelts; i++) {
        rg_shut_t moving = s[i];
        int at = i;
        for (; at > first && s[at - 1].from > moving.from; at--) {
            s[at] = s[at - 1];
        }
        s[at] = moving;
    }
}

static void sort_opens(find_t *f, int first)
{
    rg_open_t *o = (rg_open_t *)(void *)f->opens->elts;
    for (int i = first + 1; i < f->opens->nelts; i++) {
        rg_open_t moving = o[i];
        int at = i;
        for (; at > first && o[at - 1].from > moving.from; at--) {
            o[at] = o[at - 1];
        }
        o[at] = moving;
    }
}

/* Hours that touch or overlap are one stretch. */
static void join_opens(find_t *f, int first)
{
    rg_open_t *o = (rg_open_t *)(void *)f->opens->elts;
    int kept = first;
    for (int i = first; i < f->opens->nelts; i++) {
        if (kept > first && o[i].from <= o[kept - 1].until) {
            o[kept - 1].until = o[i].until > o[kept - 1].until ? o[i].until : o[kept - 1].until;
        }
        else {
            o[kept++] = o[i];
        }
    }
    f->opens->nelts = kept;
}

static void find_spot_hours(find_t *f, const spot_t *s)
{
    const rg_clinic_resource_t *r = rg_clinic_resource(f->clinic, s->id);
    int opens = f->opens->nelts;
    int shuts = f->shuts->nelts;
    for (int i = 0; r && r->resource.active && i < r->opening_count; i++) {
        add_opening_hours(f, s, &r->openings[i]);
    }
    for (int i = 0; i < f->clinic->closure_count; i++) {
        add_closure(f, s, i);
    }
    sort_opens(f, opens);
    join_opens(f, opens);
    sort_shuts(f, shuts);
}

void rg_presence_find(rg_presence_t *out, apr_pool_t *p, const rg_clinic_t *k,
                      const rg_site_t *site, const int64_t *ids, int count, rg_date_t first,
                      int days)
{
    find_t f = {k, site, apr_array_make(p, 16, sizeof(rg_open_t)),
                apr_array_make(p, 8, sizeof(rg_shut_t))};
    for (int day = 0; day < days; day++) {
        for (int i = 0; i < count; i++) {
            find_spot_hours(&f, &(spot_t){i, day, ids[i], rg_date_add(first, day)});
        }
    }
    *out = (rg_presence_t){f.opens->nelts, (rg_open_t *)(void *)f.opens->elts, f.shuts->nelts,
                           (rg_shut_t *)(void *)f.shuts->elts};
}
