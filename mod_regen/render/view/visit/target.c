/* SPDX-License-Identifier: Apache-2.0 */
/* Several targets on a chart: which are injected, which are left and why, which are still open. */
#include "regen/clinic/visit.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

static rg_targets_t shown_targets(apr_pool_t *p, const rg_booking_t *b)
{
    return rg_targets_of(p, b->body_site, b->side, b->further);
}

static const char *place_of(apr_pool_t *p, const rg_target_t *t)
{
    return rg_view_place(p, t->body_site, t->side);
}

static const char *capital(apr_pool_t *p, const char *words)
{
    char *copy = apr_pstrdup(p, words);

    copy[0] = (char)apr_toupper(copy[0]);
    return copy;
}

/* The last injection of it; NULL: none. */
static const rg_unit_t *unit_in(const rg_chart_t *c, int no)
{
    const rg_unit_t *found = NULL;

    for (int i = 0; i < c->unit_count; i++) {
        const rg_unit_t *u = &c->units[i];

        if (u->given_no == no && (!found || u->injected_at > found->injected_at)) {
            found = u;
        }
    }
    return found;
}

/* Why it was left; NULL: it was not. BEFORE: the same, if it was taken back. */
static const rg_step_event_t *left_of(const rg_chart_t *c, int no, bool before)
{
    for (int i = 0; i < c->event_count; i++) {
        const rg_step_event_t *e = &c->events[i];

        if (strcmp(e->kind, RG_EVENT_LEFT) == 0 && e->old_value[0] == '0' + no &&
            (*e->new_value == '\0') == !before) {
            return e;
        }
    }
    return NULL;
}

static bool is_open(const rg_chart_t *c, int no)
{
    return !unit_in(c, no) && !left_of(c, no, false);
}

/* With "and" or "or" before the last one. */
static const char *words_of_open(apr_pool_t *p, const rg_chart_t *c, const char *word)
{
    const rg_targets_t t = shown_targets(p, c->booking);
    const char *words = "";
    const char *last = NULL;

    for (int i = 0; i < t.count; i++) {
        if (is_open(c, i + 1)) {
            words = !last ? words : *words == '\0' ? last : apr_pstrcat(p, words, ", ", last, NULL);
            last = place_of(p, &t.at[i]);
        }
    }
    return !last ? "" : *words == '\0' ? last : apr_pstrcat(p, words, word, last, NULL);
}

const char *rg_view_targets_open(apr_pool_t *p, const rg_chart_t *c)
{
    const rg_booking_t *b = c->booking;
    const char *open = words_of_open(p, c, " or ");

    return rg_targets_count(b->further) == 1 || *open == '\0'
               ? rg_view_places(p, b->body_site, b->side, b->further)
               : open;
}

static void put_target(rg_val_t *v, apr_pool_t *p, const rg_chart_t *c, const rg_target_t *t,
                       int no)
{
    const rg_unit_t *u = unit_in(c, no);
    const rg_step_event_t *left = left_of(c, no, false);
    const rg_step_event_t *once = left_of(c, no, true);

    rg_val_int(v, "no", no);
    rg_val_str(v, "place", capital(p, place_of(p, t)));
    rg_view_time(v, "injected", p, c->site->zone, u ? u->injected_at : 0);
    rg_val_str(v, "unit", u ? u->label : NULL);
    rg_val_str(v, "again", u && *u->given_again != '\0' ? u->given_again : NULL);
    rg_val_str(v, "left", left ? left->note : NULL);
    rg_val_str(v, "left_by", left ? left->staff_name : NULL);
    rg_val_str(v, "left_before", once ? once->note : NULL);
    rg_val_bool(v, "corrected", u && u->given_corrected);
    rg_val_bool(v, "open", !u && !left);
}

/* As it was sent, by one choice or by two. */
static int chosen_target(apr_pool_t *p, const rg_targets_t *t, const rg_form_t *typed)
{
    const char *code = typed ? rg_form_get(typed, "target") : NULL;
    const char *site = typed ? rg_form_get(typed, "body_site") : NULL;
    const char *side = typed ? rg_form_get(typed, "side") : NULL;

    if (!code && site && side) {
        code = apr_pstrcat(p, site, " ", side, NULL);
    }
    return code ? rg_target_coded(t, code) : 0;
}

void rg_view_targets(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    const rg_targets_t t = shown_targets(p, c->booking);
    rg_val_t *list = rg_val_set_list(page, "targets");
    const char *open = words_of_open(p, c, " and ");
    int chosen = chosen_target(p, &t, typed);
    bool once_more = false;
    bool again = false;
    int still = 0;

    rg_val_bool(page, "several_targets", t.count > 1);
    for (int i = 0; t.count > 1 && i < t.count; i++) {
        rg_val_t *one = rg_val_add(list);

        put_target(one, p, c, &t.at[i], i + 1);
        rg_val_str(one, "code", rg_target_code(p, &t.at[i]));
        rg_val_bool(one, "chosen", i + 1 == chosen);
        once_more = once_more || (i + 1 == chosen && !is_open(c, i + 1));
        still += is_open(c, i + 1) ? 1 : 0;
        again = again || !is_open(c, i + 1);
    }
    rg_val_str(page, "open_targets", t.count > 1 && *open != '\0' ? open : NULL);
    rg_val_bool(page, "again_targets", again);
    rg_val_bool(page, "once_more", once_more);
    rg_val_bool(page, "too_few_units", t.count > 1 && still > c->unit_counts.ready);
}

void rg_view_marked(rg_val_t *page, apr_pool_t *p, const rg_booking_t *b, const char *chosen)
{
    const rg_targets_t t = shown_targets(p, b);

    for (int i = 0; i < t.count; i++) {
        rg_view_choice(page, "sides", p, "side_confirmed", apr_psprintf(p, "only-%d", i + 1),
                       apr_pstrcat(p, "Only the ", place_of(p, &t.at[i]), NULL), chosen);
    }
    rg_view_choice(page, "sides", p, "side_confirmed", "all",
                   capital(p, rg_view_places(p, b->body_site, b->side, b->further)), chosen);
}
