/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of messages to patients: on the booking's page, on the chart, in the outbox. Each message
 * is written by the use-case whose change it reports. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/followup/each.h"
#include "mod_regen/clinic/page.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/followup.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/followup.h"
#include "regen/store/followup.h"
#include "regen/store/store.h"

typedef struct {
    int64_t booking_id;
    rg_message_t *messages;
    int count;
} of_booking_t;

static rg_outcome_t of_booking(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    of_booking_t *m = baton;
    return rg_messages_read(db, ctx, &m->messages, &m->count, m->booking_id);
}

rg_outcome_t rg_messages_of_booking(rg_message_t **out, int *count, const rg_ctx_t *ctx,
                                    int64_t booking_id)
{
    of_booking_t m = {.booking_id = booking_id};
    *count = 0;
    if (!rg_booking_mine(ctx, booking_id, false)) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, of_booking, &m);
    if (rc == RG_OK) {
        *out = m.messages;
        *count = m.count;
    }
    return rc;
}

static rg_outcome_t of_place(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    of_booking_t *m = baton;
    return rg_messages_of_waiter(db, ctx, &m->messages, &m->count, ctx->who.waiter_id);
}

rg_outcome_t rg_messages_of_place(rg_message_t **out, int *count, const rg_ctx_t *ctx)
{
    of_booking_t m = {0};
    *count = 0;
    if (!rg_is_patient(ctx) || ctx->who.waiter_id <= 0) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_store_read(ctx, of_place, &m);
    if (rc == RG_OK) {
        *out = m.messages;
        *count = m.count;
    }
    return rc;
}

/* --- the outbox ------------------------------------------------------------------------------- */

static rg_outcome_t outbox(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_outbox_t *o = baton;
    rg_outcome_t rc = rg_messages_count(db, ctx, o->counts, o->kind);
    if (rc != RG_OK) {
        return rc;
    }
    o->pages = rg_page_fit(&o->page, o->counts[o->status], RG_OUTBOX_PAGE);
    return rg_messages_page(db, ctx, &o->messages, &o->count, (rg_outbox_status_t)o->status,
                            o->kind, RG_OUTBOX_PAGE, (o->page - 1) * RG_OUTBOX_PAGE);
}

rg_outcome_t rg_outbox(rg_outbox_t **out, const rg_ctx_t *ctx, const rg_outbox_in_t *in)
{
    rg_catalogue_t *catalogue;
    if (!rg_may(ctx, RG_DEED_FOLLOW_UP)) {
        return RG_FORBIDDEN;
    }
    rg_outbox_t *o = apr_pcalloc(ctx->pool, sizeof(*o));
    o->status = (int)in->status;
    o->kind = in->kind;
    o->page = in->page;
    rg_outcome_t rc = rg_store_read(ctx, outbox, o);
    if (rc == RG_OK) {
        rc = rg_catalogue_list(&catalogue, ctx);
    }
    if (rc == RG_OK) {
        o->site = catalogue->site;
        o->site_count = catalogue->site_count;
        *out = o;
    }
    return rc;
}

/* --- reminders -------------------------------------------------------------------------------- */

/* So many rows are read at once, and so often at most when some of them cannot be written. */
enum { TELL_ONCE = 100, TELL_ROUNDS = 20 };

#define PREPARE_AHEAD (2 * RG_DAY)

/* A kind of reminder; of a visit also which of two. */
typedef struct {
    rg_message_kind_t kind;
    int turn;
} due_t;

static rg_outcome_t read_due(rg_db_t *db, const rg_ctx_t *ctx, const due_t *due,
                             rg_to_tell_t **rows, int *count, int skip)
{
    const rg_some_t some = {TELL_ONCE, skip};
    switch (due->kind) {
    case RG_MESSAGE_FORMS:
        /* After booking, the page lists the forms to sign, so the patient gets some time before a
         * reminder. */
        return rg_forms_to_tell(db, ctx, rows, count, ctx->now + ctx->policy->forms_reminder,
                                ctx->now - RG_HOUR, some);
    case RG_MESSAGE_PREPARE:
        return rg_preparing_to_tell(db, ctx, rows, count, ctx->now + PREPARE_AHEAD, some);
    default: return rg_visits_to_tell(db, ctx, rows, count, due->turn, some);
    }
}

/* Each reminder of a visit and of a booking's version has a number of its own; the column has 32
 * bits, and a course at most RG_MESSAGE_VISITS_MAX visits. */
static int64_t number_of_reminder(const due_t *due, const rg_to_tell_t *row)
{
    int64_t later = row->visit_no > 1 ? row->visit_no - 1 : 0;
    return due->kind == RG_MESSAGE_VISIT ? (later << 28) + row->version * 2 + due->turn : -1;
}

/* What cannot be written stays first in the list, and what comes after it is told all the same. */
static rg_outcome_t tell(rg_db_t *db, const rg_ctx_t *ctx, rg_told_t *told, due_t due)
{
    int skip = 0;
    int count = TELL_ONCE;
    for (int round = 0; round < TELL_ROUNDS && count == TELL_ONCE; round++) {
        rg_to_tell_t *rows;
        int failed = told->failed;
        RG_TRY(read_due(db, ctx, &due, &rows, &count, skip));
        for (int i = 0; i < count; i++) {
            const rg_message_fact_t fact = {.kind = due.kind,
                                            .about_id = rows[i].id,
                                            .visit_no = rows[i].visit_no,
                                            .prepare_at = rows[i].prepare_at};
            RG_TRY(rg_tell_each(told, db, ctx, &fact, number_of_reminder(&due, &rows[i])));
        }
        if (told->failed == failed) {
            break; /* the rest is for the next time */
        }
        skip += told->failed - failed;
    }
    return RG_OK;
}

static rg_outcome_t forms_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_told_t *told = baton;
    *told = (rg_told_t){0};
    return tell(db, ctx, told, (due_t){RG_MESSAGE_FORMS, 0});
}

/* How many were written. */
static rg_outcome_t tell_due(int *out, const rg_ctx_t *ctx, rg_work_fn work)
{
    rg_ctx_t own = rg_system_ctx(ctx);
    rg_told_t told = {0};
    rg_outcome_t rc = rg_store_transact(&own, work, &told);
    *out = rc == RG_OK ? told.told : 0;
    if (rc == RG_OK) {
        rg_told_log(&told, ctx);
    }
    return rc;
}

rg_outcome_t rg_forms_sweep(int *told, const rg_ctx_t *ctx)
{
    *told = 0;
    return ctx->policy->forms_reminder > 0 ? tell_due(told, ctx, forms_work) : RG_OK;
}

static rg_outcome_t visits_ahead_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_told_t *told = baton;
    *told = (rg_told_t){0};
    RG_TRY(tell(db, ctx, told, (due_t){RG_MESSAGE_VISIT, 0}));
    RG_TRY(tell(db, ctx, told, (due_t){RG_MESSAGE_VISIT, 1}));
    return tell(db, ctx, told, (due_t){RG_MESSAGE_PREPARE, 0});
}

rg_outcome_t rg_visit_sweep(int *told, const rg_ctx_t *ctx)
{
    return tell_due(told, ctx, visits_ahead_work);
}

/* --- a link that was lost --------------------------------------------------------------------- */

enum { LINKS_ONCE = 5 };

#define LINK_EVERY (15 * RG_MINUTE)

static rg_outcome_t lost_link_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const char *email = baton;
    int64_t ids[LINKS_ONCE];
    int count = 0;
    rg_outcome_t rc = rg_lost_links(db, ctx, ids, &count, email, LINKS_ONCE);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        rg_message_fact_t fact = {.kind = RG_MESSAGE_LOST_LINK, .about_id = ids[i]};
        bool written = false;
        rc = rg_message_add_turn(db, ctx, &fact, ctx->now / LINK_EVERY, &written);
        /* Asked for again before the next one may leave: nothing happens, and nothing is noted. */
        if (rc == RG_OK && written) {
            rc = rg_audit_add(db, ctx, "booking.link-asked", "booking", ids[i], NULL);
        }
    }
    return rc;
}

rg_outcome_t rg_link_lost(const rg_ctx_t *ctx, const char *email)
{
    rg_ctx_t own = rg_system_ctx(ctx);
    const char *read = rg_email_read(ctx->pool, email);
    if (!read || *read == '\0') {
        rg_problem_add(ctx->problems, "email",
                       "Enter the email address that you gave us, such as name@example.com.");
        return RG_INVALID;
    }
    return rg_store_transact(&own, lost_link_work, (void *)read);
}
