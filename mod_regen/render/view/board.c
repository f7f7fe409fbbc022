/* SPDX-License-Identifier: Apache-2.0 */
/* The board of a day: what needs attention and a list of bookings; table.c adds the table with
 * times in rows and resources in columns, presence.c absences. */
#include "mod_regen/render/view/board.h"
#include "regen/clinic/visit.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_admin.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

/* --- what needs attention --------------------------------------------------------------------- */

static const char *attention_words(apr_pool_t *p, const rg_attention_t *a, const rg_day_state_t *s)
{
    const char *span = rg_view_minutes(p, a->minutes);

    switch (a->kind) {
    case RG_ATTENTION_UNIT_EXPIRED:
        return apr_psprintf(p, "Unit %s expired %s ago. Dispose of it.", s->unit->label, span);
    case RG_ATTENTION_UNIT_EXPIRING:
        return apr_psprintf(p, "Unit %s must be used within %s.", s->unit->label, span);
    case RG_ATTENTION_CLOSED:
        return apr_psprintf(p, "%s %s", s->conflict->resource_name,
                            rg_view_conflict(s->conflict->kind));
    case RG_ATTENTION_LIMIT:
        return apr_psprintf(p, "%s missed its planned time and must begin within %s.",
                            rg_view_title(p, s->next), span);
    case RG_ATTENTION_WITHDRAWN:
        return "The patient withdrew a consent. Nothing more may be done until the form is signed "
               "again.";
    case RG_ATTENTION_CONSENT: return "A consent is missing.";
    case RG_ATTENTION_LATE:
        return apr_psprintf(p, "%s was due %s ago.", rg_view_action(s->next), span);
    }
    return "";
}

static const char *attention_title(rg_attention_kind_t kind)
{
    switch (kind) {
    case RG_ATTENTION_WITHDRAWN: return "Consent withdrawn";
    case RG_ATTENTION_UNIT_EXPIRED: return "Unit expired";
    case RG_ATTENTION_UNIT_EXPIRING: return "Unit expires soon";
    case RG_ATTENTION_CLOSED: return "Closed";
    case RG_ATTENTION_LIMIT: return "Late, near the limit";
    case RG_ATTENTION_CONSENT: return "Consent";
    case RG_ATTENTION_LATE: return "Late";
    }
    return "";
}

/* The remaining part of a visit can be planned again once it began. */
static bool can_mend(rg_attention_kind_t kind, rg_booking_status_t status)
{
    bool late = kind == RG_ATTENTION_UNIT_EXPIRING || kind == RG_ATTENTION_LIMIT ||
                kind == RG_ATTENTION_LATE;

    return late && (status == RG_BOOKING_ARRIVED || status == RG_BOOKING_IN_PROGRESS);
}

/* The line of a booking under "Next" already says that it is late or lacks a consent. */
static bool is_told(const rg_board_t *b, const rg_attention_t *a)
{
    for (int i = 0; i < b->todo_count; i++) {
        if (b->todo[i] == a->booking) {
            return a->kind == RG_ATTENTION_LATE || a->kind == RG_ATTENTION_CONSENT;
        }
    }
    return false;
}

static void put_attention(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_t *list = rg_val_set_list(page, "attention");

    for (int i = 0; i < b->attention_count; i++) {
        const rg_attention_t *a = &b->attention[i];
        const rg_booking_t *booking = b->bookings[a->booking];
        rg_val_t *item = is_told(b, a) ? NULL : rg_val_add(list);

        if (!item) {
            continue;
        }
        rg_val_str(item, "title", attention_title(a->kind));
        rg_val_str(item, "text", attention_words(p, a, b->states[a->booking]));
        rg_val_str(item, "patient", rg_view_who(p, booking));
        rg_val_str(item, "uid", booking->uid);
        rg_val_bool(item, "alarm", a->kind <= RG_ATTENTION_CLOSED);
        rg_val_bool(item, "mend", can_mend(a->kind, booking->status));
        rg_view_chain(item, p, a->booking);
    }
    rg_val_bool(page, "any_attention", rg_val_count(list) > 0);
}

/* --- two visits at once ----------------------------------------------------------------------- */

static void put_questions(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_t *list = rg_val_set_list(page, "questions");

    for (int i = 0; i < b->question_count; i++) {
        const rg_other_visit_t *o = &b->questions[i];
        rg_val_t *item = rg_val_add(list);

        rg_val_str(item, "who", rg_view_name(p, o->given, o->family));
        rg_val_str(item, "service", o->service_name);
        rg_val_str(item, "uid", o->booking_uid);
        rg_view_time(item, "starts", p, b->site->zone, o->starts_at);
    }
    rg_val_bool(page, "any_questions", b->question_count > 0);
    rg_val_bool(page, "more_questions", b->more_questions);
}

/* --- consents that were withdrawn ------------------------------------------------------------- */

static void put_withdrawn(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_t *list = rg_val_set_list(page, "withdrawn");

    for (int i = 0; i < b->withdrawn_count; i++) {
        const rg_withdrawn_t *w = &b->withdrawn[i];
        rg_val_t *item = rg_val_add(list);

        rg_val_str(item, "who", rg_view_name(p, w->given, w->family));
        rg_val_str(item, "service", w->service_name);
        rg_val_str(item, "form", w->form_name);
        rg_val_str(item, "uid", w->booking_uid);
        rg_val_str(item, "channel", rg_view_channel(w->channel));
        rg_view_time(item, "starts", p, b->site->zone, w->starts_at);
        rg_view_time(item, "at", p, b->site->zone, w->withdrawn_at);
    }
    rg_val_bool(page, "any_withdrawn", b->withdrawn_count > 0);
    rg_val_bool(page, "more_withdrawn", b->more_withdrawn);
}

/* --- whose turn it is ------------------------------------------------------------------------- */

static int minutes_since(apr_time_t then, apr_time_t now)
{
    return (int)(apr_time_sec(now - then) / 60);
}

static void put_wait(rg_val_t *item, apr_pool_t *p, const rg_board_t *b, int place)
{
    const rg_day_state_t *s = b->states[place];
    rg_booking_status_t status = b->bookings[place]->status;
    bool here = status == RG_BOOKING_ARRIVED || status == RG_BOOKING_IN_PROGRESS;

    if (here && s->since != 0) {
        rg_val_str(item, "waits", rg_view_minutes(p, minutes_since(s->since, b->now)));
        rg_view_time(item, "since", p, b->site->zone, s->since);
    }
    else if (s->next_due != 0 && minutes_since(s->next_due, b->now) > 0) {
        rg_val_str(item, "late", rg_view_minutes(p, minutes_since(s->next_due, b->now)));
    }
    if (s->next_due != 0) {
        rg_view_time(item, "due", p, b->site->zone, s->next_due);
    }
}

/* The remaining part of a visit whose plan is missed may be planned again. */
static bool was_missed(const rg_board_t *b, int place)
{
    for (int i = 0; i < b->attention_count; i++) {
        if (b->attention[i].booking == place &&
            can_mend(b->attention[i].kind, b->bookings[place]->status)) {
            return true;
        }
    }
    return false;
}

/* The first nine are reached by one key each. */
static void put_todo(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_t *list = rg_val_set_list(page, "todo");

    for (int i = 0; i < b->todo_count; i++) {
        int place = b->todo[i];
        rg_val_t *item = rg_view_booking(p, b->bookings[place], b->site->zone);

        rg_val_push(list, item);
        rg_view_chain(item, p, place);
        rg_val_str(item, "who", rg_view_who(p, b->bookings[place]));
        rg_val_str(item, "action", rg_view_action(b->states[place]->next));
        rg_val_bool(item, "consent_missing", !b->states[place]->consent_ok);
        rg_val_bool(item, "consent_withdrawn", b->states[place]->withdrawn);
        rg_val_bool(item, "mend", was_missed(b, place));
        rg_val_str(item, "key", i < 9 ? apr_itoa(p, i + 1) : NULL);
        put_wait(item, p, b, place);
    }
    rg_val_bool(page, "any_todo", b->todo_count > 0);
    rg_val_str(page, "open",
               b->open_count == 0
                   ? NULL
                   : apr_psprintf(p,
                                  b->open_count == 1 ? "%d visit of an earlier day is still open"
                                                     : "%d visits of earlier days are still open",
                                  b->open_count));
}

/* --- the list --------------------------------------------------------------------------------- */

static void put_items(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_t *list = rg_val_set_list(page, "items");

    for (int i = 0; i < b->booking_count; i++) {
        rg_val_t *item = rg_view_booking(p, b->bookings[i], b->site->zone);
        const rg_day_state_t *s = b->states[i];

        rg_val_push(list, item);
        rg_view_time(item, "starts", p, b->site->zone, s->from);
        rg_view_time(item, "ends", p, b->site->zone, s->until);
        rg_val_str(item, "who", rg_view_who(p, b->bookings[i]));
        rg_val_str(item, "ended", rg_view_ending(s->ended));
        rg_view_chain(item, p, i);
        rg_val_str(item, "action", s->next ? rg_view_action(s->next) : NULL);
        rg_val_bool(item, "consent_missing", !s->consent_ok && s->next);
        rg_val_bool(item, "consent_withdrawn", s->withdrawn);
        if (s->unit && s->unit->ended_at == 0) {
            rg_val_str(item, "unit_label", s->unit->label);
            rg_view_time(item, "unit_expires", p, b->site->zone, s->unit->expires_at);
        }
    }
    rg_val_bool(page, "any_items", b->booking_count > 0);
}

/* --- the page --------------------------------------------------------------------------------- */

static void put_board_days(rg_val_t *page, apr_pool_t *p, const rg_board_t *b)
{
    rg_val_str(page, "date", rg_date_iso(p, b->date));
    rg_val_str(page, "day", rg_date_long(p, b->date));
    rg_val_str(page, "before", rg_date_iso(p, rg_date_add(b->date, -1)));
    rg_val_str(page, "after", rg_date_iso(p, rg_date_add(b->date, 1)));
    rg_val_bool(page, "today", b->today);
    rg_view_time(page, "now", p, b->site->zone, b->now);
}

/* With one site there is no choice, and no address contains it. */
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
    put_board_days(page, p, b);
    put_sites(page, p, b);
    put_todo(page, p, b);
    rg_view_due(page, p, b->due, b->due_count);
    put_attention(page, p, b);
    put_withdrawn(page, p, b);
    put_questions(page, p, b);
    put_items(page, p, b);
    rg_view_board_away(page, p, b, rg_view_board_table(page, p, b));
    return page;
}
