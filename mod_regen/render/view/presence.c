/* SPDX-License-Identifier: Apache-2.0 */
/* Absences and closures in words, for the boards of a day and of a week. */
#include "mod_regen/render/view/board.h"
#include "regen/clinic/schedule.h"
#include "regen/clinic/visit.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/place.h"
#include "regen/render/view.h"

#include <string.h>

#include <apr_strings.h>

/* --- words ------------------------------------------------------------------------------------ */

const char *rg_view_shut(apr_pool_t *p, const rg_shut_t *s)
{
    const char *kind =
        rg_closure_kind_parse(s->kind) == RG_CLOSURE_OTHER ? "Closed" : rg_view_title(p, s->kind);

    return apr_pstrcat(p, kind, s->whole_site ? ", whole site" : "", ": ", s->reason, NULL);
}

static const char *from_to(apr_pool_t *p, const rg_zone_t *z, apr_time_t from, apr_time_t until)
{
    return apr_pstrcat(p, rg_time_clock(p, z, from), " to ", rg_time_clock(p, z, until), NULL);
}

const char *rg_view_shut_when(apr_pool_t *p, const rg_zone_t *z, const rg_shut_t *s)
{
    return s->whole_day ? "all day" : from_to(p, z, s->from, s->until);
}

const char *rg_view_hours(apr_pool_t *p, const rg_presence_t *in, const rg_zone_t *z, int resource,
                          int day)
{
    const char *words = "";

    for (int i = 0; i < in->open_count; i++) {
        const rg_open_t *o = &in->opens[i];

        if (o->resource == resource && o->day == day) {
            words = apr_pstrcat(p, words, *words == '\0' ? "" : ", ",
                                from_to(p, z, o->from, o->until), NULL);
        }
    }
    return words;
}

/* --- what is open ----------------------------------------------------------------------------- */

const rg_shut_t *rg_view_shut_at(const rg_presence_t *in, int resource, apr_time_t at)
{
    for (int i = 0; i < in->shut_count; i++) {
        const rg_shut_t *s = &in->shuts[i];

        if (s->resource == resource && s->from <= at && at < s->until) {
            return s;
        }
    }
    return NULL;
}

bool rg_view_open_at(const rg_presence_t *in, int resource, apr_time_t at)
{
    for (int i = 0; i < in->open_count; i++) {
        const rg_open_t *o = &in->opens[i];

        if (o->resource == resource && o->from <= at && at < o->until) {
            return true;
        }
    }
    return false;
}

static bool cuts(const rg_presence_t *in, const rg_open_t *o)
{
    for (int i = 0; i < in->shut_count; i++) {
        const rg_shut_t *s = &in->shuts[i];

        if (s->resource == o->resource && s->from < o->until && s->until > o->from) {
            return true;
        }
    }
    return false;
}

/* Closures are in order of time and may overlap: what is left begins where the last one ended. */
static bool is_covered(const rg_presence_t *in, const rg_open_t *o)
{
    apr_time_t at = o->from;

    for (int i = 0; i < in->shut_count; i++) {
        const rg_shut_t *s = &in->shuts[i];

        if (s->resource == o->resource && s->from <= at && s->until > at) {
            at = s->until;
        }
    }
    return at >= o->until;
}

bool rg_view_is_cut(const rg_presence_t *in, int resource, int day)
{
    for (int i = 0; i < in->open_count; i++) {
        const rg_open_t *o = &in->opens[i];

        if (o->resource == resource && o->day == day && cuts(in, o)) {
            return true;
        }
    }
    return false;
}

bool rg_view_is_away(const rg_presence_t *in, int resource, int day)
{
    for (int i = 0; i < in->open_count; i++) {
        const rg_open_t *o = &in->opens[i];

        if (o->resource == resource && o->day == day && !is_covered(in, o)) {
            return false;
        }
    }
    return true;
}

/* --- the lists of a day ----------------------------------------------------------------------- */

/* A closure of the whole site is listed once, not for every resource. */
static bool told_before(const rg_presence_t *in, int i)
{
    for (int k = 0; in->shuts[i].whole_site && k < i; k++) {
        if (in->shuts[k].closure_id == in->shuts[i].closure_id &&
            in->shuts[k].from == in->shuts[i].from) {
            return true;
        }
    }
    return false;
}

static void put_closed(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_t *list = rg_val_set_list(page, "closed");

    for (int i = 0; i < b->presence.shut_count; i++) {
        const rg_shut_t *s = &b->presence.shuts[i];

        if (!told_before(&b->presence, i)) {
            rg_val_t *item = rg_val_add(list);

            rg_val_str(item, "who",
                       s->whole_site ? "All people, rooms and devices"
                                     : b->resources[s->resource].name);
            rg_val_str(item, "what", rg_view_shut(p, s));
            rg_val_str(item, "when", rg_view_shut_when(p, b->site->zone, s));
        }
    }
    rg_val_bool(page, "any_closed", rg_val_count(list) > 0);
}

static const char *added(apr_pool_t *p, const char *list, const char *name)
{
    return apr_pstrcat(p, list, *list == '\0' ? "" : "; ", name, NULL);
}

void rg_view_board_away(rg_val_t *page, apr_pool_t *p, const rg_board_t *b, const bool *booked)
{
    const char *idle = "";
    const char *absent = "";

    put_closed(page, p, b);
    for (int r = 0; r < b->resource_count; r++) {
        const char *hours = rg_view_hours(p, &b->presence, b->site->zone, r, 0);
        const char *name = b->resources[r].name;

        if (!b->resources[r].active || booked[r]) {
            continue;
        }
        if (*hours == '\0') {
            absent = added(p, absent, name);
        }
        else if (!rg_view_is_cut(&b->presence, r, 0)) {
            idle = added(p, idle, apr_pstrcat(p, name, ", ", hours, NULL));
        }
    }
    rg_val_str(page, "idle", *idle == '\0' ? NULL : idle);
    rg_val_str(page, "absent", *absent == '\0' ? NULL : absent);
    rg_val_bool(page, "any_away", b->presence.shut_count > 0 || *idle != '\0' || *absent != '\0');
}
