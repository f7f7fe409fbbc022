/* SPDX-License-Identifier: Apache-2.0 */
/* The board of a day: bookings and resources, the next steps, what needs attention now. */
#include <stdlib.h>
#include <string.h>

#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/conflict.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "mod_regen/clinic/schedule/hours.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/unit.h"
#include "regen/store/definitions.h"
#include "regen/store/patient.h"
#include "regen/store/person.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"
#include "mod_regen/clinic/schedule/lookup.h"

/* So late after the plan people begin to ask. */
#define GRACE_MINUTES 10
/* Where a limit is near, five are enough. */
#define LIMIT_GRACE_MINUTES 5

static int minutes_between(apr_time_t from, apr_time_t until)
{
    return (int)((apr_time_sec(until) - apr_time_sec(from)) / 60);
}

static apr_time_t latest_of(const rg_clinic_t *k, const rg_booking_t *b, const rg_unit_t *unit,
                            int next)
{
    const rg_clinic_service_t *s = rg_clinic_service(k, b->service_id);

    return next < 0 || !s
               ? 0
               : rg_day_latest(&s->service, rg_targets_count(b->further), unit, (rg_event_t)next);
}

static void settle_next(const rg_board_t *b, const rg_clinic_t *k)
{
    for (int i = 0; i < b->booking_count; i++) {
        rg_day_state_t *s = b->states[i];
        int next = rg_day_next(b->bookings[i]->status, s->kinds, s->done, &s->units);

        s->next = next < 0 ? NULL : rg_event_name((rg_event_t)next);
        s->next_due = next < 0 ? 0 : rg_day_due(b->bookings[i], (rg_event_t)next);
        s->next_latest = latest_of(k, b->bookings[i], s->unit, next);
    }
}

/* --- which visit ------------------------------------------------------------------------------ */

/* Of a course only that visit is of this day, whenever the course began. */
static void settle_visit(const rg_board_t *b, int i, apr_time_t day, apr_time_t end_of_day)
{
    const rg_booking_t *k = b->bookings[i];
    rg_day_state_t *s = b->states[i];
    int visit = 0;

    s->from = k->starts_at;
    s->until = k->ends_at;
    for (int n = 0; n < k->step_count; n++) {
        const rg_booking_step_t *step = &k->steps[n];

        if (visit == 0 && step->starts_at < end_of_day && step->ends_at > day) {
            visit = step->visit_no;
            s->from = step->starts_at;
        }
        if (step->visit_no == visit) {
            s->until = step->ends_at;
        }
    }
}

static void settle_visits(rg_board_t *b)
{
    apr_time_t day = rg_zone_utc(b->site->zone, b->date, 0);
    apr_time_t end_of_day = rg_zone_utc(b->site->zone, b->date, RG_DAY_MINUTES);

    for (int i = 0; i < b->booking_count; i++) {
        rg_booking_t *booking = b->bookings[i];
        rg_day_state_t *state = b->states[i];
        int at = i;

        settle_visit(b, i, day, end_of_day);
        for (; at > 0 && b->states[at - 1]->from > state->from; at--) {
            b->bookings[at] = b->bookings[at - 1];
            b->states[at] = b->states[at - 1];
        }
        b->bookings[at] = booking;
        b->states[at] = state;
    }
}

/* --- what needs attention --------------------------------------------------------------------- */

static void add(apr_array_header_t *list, rg_attention_kind_t kind, int booking, int minutes)
{
    rg_attention_t *a = apr_array_push(list);

    a->kind = kind;
    a->booking = booking;
    a->minutes = minutes;
}

/* A unit calls when a quarter of its time is left: an hour of the usual four. */
static void look_at_unit(apr_array_header_t *list, const rg_board_t *b, int i)
{
    const rg_unit_t *u = b->states[i]->unit;

    if (!u || u->ended_at != 0) {
        return;
    }
    int left = minutes_between(b->now, u->expires_at);
    int quarter = minutes_between(u->harvested_at, u->expires_at) / 4;
    if (apr_time_sec(u->expires_at) <= apr_time_sec(b->now)) {
        add(list, RG_ATTENTION_UNIT_EXPIRED, i, -left);
    }
    else if (left <= quarter) {
        add(list, RG_ATTENTION_UNIT_EXPIRING, i, left);
    }
}

/* Shown while it can still be fixed: the planned time is missed, or the plan would miss the limit.
 * After the limit the step may be under way; the unit shows whether it can still be used. */
static bool look_at_limit(apr_array_header_t *list, const rg_board_t *b, int i)
{
    const rg_day_state_t *s = b->states[i];
    int late = minutes_between(s->next_due, b->now);
    int left = minutes_between(b->now, s->next_latest);
    bool near = late >= LIMIT_GRACE_MINUTES || s->next_due > s->next_latest;

    if (s->next_latest == 0 || s->next_due == 0 || !near || b->now > s->next_latest) {
        return false;
    }
    add(list, RG_ATTENTION_LIMIT, i, left);
    return true;
}

static void look_at_plan(apr_array_header_t *list, const rg_board_t *b, int i)
{
    const rg_day_state_t *s = b->states[i];
    int late = s->next_due == 0 ? 0 : minutes_between(s->next_due, b->now);

    if (!s->next) {
        return;
    }
    if (!s->consent_ok && !s->withdrawn) {
        add(list, RG_ATTENTION_CONSENT, i, 0);
    }
    if (!look_at_limit(list, b, i) && late > GRACE_MINUTES) {
        add(list, RG_ATTENTION_LATE, i, late);
    }
}

/* Kinds are in order of urgency; within one, the unit that dies first and the patient waitlist
 * entries longest. */
static int more_urgent(const void *left, const void *right)
{
    const rg_attention_t *a = left;
    const rg_attention_t *b = right;
    bool left_counts = a->kind == RG_ATTENTION_UNIT_EXPIRING || a->kind == RG_ATTENTION_LIMIT;
    int sign = left_counts ? 1 : -1;

    if (a->kind != b->kind) {
        return a->kind < b->kind ? -1 : 1;
    }
    if (a->minutes != b->minutes) {
        return a->minutes < b->minutes ? -sign : sign;
    }
    return a->booking < b->booking ? -1 : a->booking > b->booking;
}

static void settle_attention(rg_board_t *b, apr_pool_t *p)
{
    apr_array_header_t *list = apr_array_make(p, 8, sizeof(rg_attention_t));

    for (int i = 0; i < b->booking_count; i++) {
        if (b->today) {
            look_at_unit(list, b, i);
            look_at_plan(list, b, i);
        }
        if (b->states[i]->withdrawn && b->states[i]->next &&
            b->bookings[i]->status != RG_BOOKING_HELD) {
            add(list, RG_ATTENTION_WITHDRAWN, i, 0);
        }
        if (b->states[i]->conflict) {
            add(list, RG_ATTENTION_CLOSED, i, 0);
        }
    }
    b->attention_count = list->nelts;
    b->attention = (rg_attention_t *)(void *)list->elts;
    if (list->nelts > 1) {
        qsort(b->attention, (size_t)list->nelts, sizeof(rg_attention_t), more_urgent);
    }
}

/* --- whose turn it is ------------------------------------------------------------------------- */

/* Patients due later than this are not expected yet. */
#define SOON RG_HOUR

typedef struct {
    int booking;
    int group;       /* 0: a unit or a limit presses; 1: waits here; 2: is expected */
    apr_time_t when; /* the earlier one first */
} turn_t;

static bool pressed(const rg_board_t *b, int booking, int *minutes)
{
    for (int i = 0; i < b->attention_count; i++) {
        const rg_attention_t *a = &b->attention[i];
        if (a->booking == booking &&
            (a->kind == RG_ATTENTION_UNIT_EXPIRING || a->kind == RG_ATTENTION_LIMIT)) {
            *minutes = a->minutes;
            return true;
        }
    }
    return false;
}

static bool turn_of(turn_t *t, const rg_board_t *b, int i)
{
    const rg_day_state_t *s = b->states[i];
    rg_booking_status_t status = b->bookings[i]->status;
    bool here = status == RG_BOOKING_ARRIVED || status == RG_BOOKING_IN_PROGRESS;
    int minutes = 0;

    if (!s->next || status == RG_BOOKING_HELD) {
        return false;
    }
    *t = (turn_t){.booking = i, .group = 2, .when = s->next_due};
    if (here && pressed(b, i, &minutes)) {
        *t = (turn_t){.booking = i, .group = 0, .when = minutes};
    }
    else if (here) {
        *t = (turn_t){.booking = i, .group = 1, .when = s->since};
    }
    return here || s->next_due <= b->now + SOON;
}

static int by_turn(const void *left, const void *right)
{
    const turn_t *a = left;
    const turn_t *b = right;

    if (a->group != b->group) {
        return a->group - b->group;
    }
    if (a->when != b->when) {
        return a->when < b->when ? -1 : 1;
    }
    return a->booking - b->booking;
}

static void settle_todo(rg_board_t *b, apr_pool_t *p)
{
    turn_t *turns = apr_palloc(p, sizeof(*turns) * (size_t)(b->booking_count + 1));
    int n = 0;

    for (int i = 0; b->today && i < b->booking_count; i++) {
        n += turn_of(&turns[n], b, i);
    }
    if (n > 1) {
        qsort(turns, (size_t)n, sizeof(*turns), by_turn);
    }
    b->todo = apr_palloc(p, sizeof(*b->todo) * (size_t)(n + 1));
    for (int i = 0; i < n; i++) {
        b->todo[i] = turns[i].booking;
    }
    b->todo_count = n;
}

/* --- who stands where it is closed ------------------------------------------------------------ */

static void note_conflict(const rg_board_t *b, const rg_conflict_t *c)
{
    for (int i = 0; i < b->booking_count; i++) {
        if (b->bookings[i]->id == c->booking_id && !b->states[i]->conflict) {
            b->states[i]->conflict = c;
        }
    }
}

static rg_outcome_t find_conflicts(rg_db_t *db, const rg_ctx_t *ctx, rg_board_t *b,
                                   const rg_clinic_t *k, apr_time_t from, apr_time_t until)
{
    rg_taken_ask_t ask = {.site_id = b->site->id, .from = from, .until = until};
    apr_array_header_t *list = apr_array_make(ctx->pool, 4, sizeof(rg_conflict_t));
    rg_standing_t standing;
    rg_outcome_t rc = rg_standing_read(&standing, db, ctx, &ask);

    if (rc != RG_OK) {
        return rc;
    }
    rg_conflicts_find(list, ctx->pool, k, &standing);
    for (int i = 0; i < list->nelts; i++) {
        note_conflict(b, &APR_ARRAY_IDX(list, i, rg_conflict_t));
    }
    return RG_OK;
}

/* --- the board -------------------------------------------------------------------------------- */

typedef struct {
    rg_board_t *board;
    const rg_clinic_t *clinic;
    const char *site; /* its code, as asked */
    rg_date_t date;   /* as asked */
} work_t;

/* The first page after the login, in a clinic that was set up a moment ago: who looks knows what is
 * missing, instead of an address that is not there. */
static rg_outcome_t no_board(const work_t *w, const rg_ctx_t *ctx)
{
    if (w->clinic->site_count == 0 && w->clinic->unusable == 0) {
        rg_problem_add(ctx->problems, NULL,
                       "This clinic has no site yet. `regenctl clinic import` enters one; people, "
                       "rooms and devices, services and fees come after it.");
        return RG_PRECONDITION;
    }
    return rg_clinic_missing(w->clinic, RG_NOT_FOUND);
}

static rg_outcome_t choose_day(work_t *w, rg_db_t *db, const rg_ctx_t *ctx)
{
    rg_board_t *b = w->board;
    rg_outcome_t rc = rg_clinic_get(&w->clinic, db, ctx);

    if (rc != RG_OK) {
        return rc;
    }
    b->site = rg_clinic_site_asked(w->clinic, w->site);
    if (!b->site) {
        return no_board(w, ctx);
    }
    b->sites = w->clinic->sites;
    b->site_count = w->clinic->site_count;
    b->now = ctx->now;
    rg_date_t today = rg_zone_local(b->site->zone, ctx->now).date;
    b->date = w->date.year == 0 ? today : w->date;
    b->today = rg_date_compare(b->date, today) == 0;
    return RG_OK;
}

static void find_day_presence(rg_board_t *b, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    int64_t *ids = apr_palloc(ctx->pool, sizeof(*ids) * (size_t)(b->resource_count + 1));

    for (int i = 0; i < b->resource_count; i++) {
        ids[i] = b->resources[i].id;
    }
    rg_presence_find(&b->presence, ctx->pool, k, b->site, ids, b->resource_count, b->date, 1);
}

/* Today's board asks about all that is to come, another day's about that day. */
static rg_outcome_t find_questions(rg_db_t *db, const rg_ctx_t *ctx, rg_board_t *b, apr_time_t from,
                                   apr_time_t until)
{
    rg_outcome_t rc =
        rg_person_questions(db, ctx, b->site->id, b->today ? ctx->now : from,
                            b->today ? RG_NEVER : until, &b->questions, &b->question_count);
    b->more_questions = b->question_count > RG_OTHERS_MOST;
    b->question_count = b->more_questions ? RG_OTHERS_MOST : b->question_count;
    return rc;
}

static bool is_on_board(const rg_board_t *b, const char *booking_uid)
{
    for (int i = 0; i < b->booking_count; i++) {
        if (strcmp(b->bookings[i]->uid, booking_uid) == 0) {
            return true;
        }
    }
    return false;
}

/* Today's board tells of every day to come; those of its own visits are among what needs
 * attention. */
static rg_outcome_t find_withdrawn(rg_db_t *db, const rg_ctx_t *ctx, rg_board_t *b)
{
    int count = 0;
    int kept = 0;

    if (!b->today) {
        return RG_OK;
    }
    rg_outcome_t rc = rg_consents_withdrawn(db, ctx, b->site->id, ctx->now, RG_OTHERS_MOST + 1,
                                            &b->withdrawn, &count);
    b->more_withdrawn = count > RG_OTHERS_MOST;
    for (int i = 0; i < count && i < RG_OTHERS_MOST; i++) {
        if (!is_on_board(b, b->withdrawn[i].booking_uid)) {
            b->withdrawn[kept++] = b->withdrawn[i];
        }
    }
    b->withdrawn_count = kept;
    return rc;
}

static rg_outcome_t count_open(rg_db_t *db, const rg_ctx_t *ctx, rg_board_t *b, apr_time_t today)
{
    rg_open_visit_t *visits;

    return rg_day_open(db, ctx, b->site->id, today, RG_OPEN_MOST, &b->open_count, &visits);
}

static rg_outcome_t board_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    work_t *w = baton;
    rg_board_t *b = w->board;
    rg_outcome_t rc = choose_day(w, db, ctx);

    if (rc != RG_OK) {
        return rc;
    }
    apr_time_t from = rg_zone_utc(b->site->zone, b->date, 0);
    apr_time_t until = rg_zone_utc(b->site->zone, b->date, RG_DAY_MINUTES);
    rc = rg_day_resources(db, ctx, b->site->id, from, until, &b->resource_count, &b->resources);
    if (rc == RG_OK) {
        rc = rg_day_bookings(db, ctx, b->site->id, from, until, b->today, &b->booking_count,
                             &b->bookings, &b->states);
    }
    rc = rc == RG_OK ? find_conflicts(db, ctx, b, w->clinic, from, until) : rc;
    rc = rc == RG_OK ? find_withdrawn(db, ctx, b) : rc;
    rc = rc == RG_OK && b->today ? count_open(db, ctx, b, from) : rc;
    return rc == RG_OK ? find_questions(db, ctx, b, from, until) : rc;
}

rg_outcome_t rg_day_board(rg_board_t **out, const rg_ctx_t *ctx, const char *site, rg_date_t date)
{
    rg_board_t *b = apr_pcalloc(ctx->pool, sizeof(*b));
    work_t w = {.board = b, .site = site, .date = date};

    if (!rg_may(ctx, RG_DEED_SEE_DAY)) {
        return RG_FORBIDDEN;
    }
    rg_outcome_t rc = rg_store_read(ctx, board_work, &w);
    if (rc != RG_OK) {
        return rc;
    }
    find_day_presence(b, ctx, w.clinic);
    b->due_count = b->today ? rg_day_devices_due(&b->due, ctx, w.clinic, b->site) : 0;
    settle_visits(b);
    settle_next(b, w.clinic);
    settle_attention(b, ctx->pool);
    settle_todo(b, ctx->pool);
    *out = b;
    return RG_OK;
}
