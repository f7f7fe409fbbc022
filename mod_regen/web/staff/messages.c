/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox for staff, and the messages of one booking as a part of its pages. */
#include "mod_regen/web/platform/platform.h"
#include "messages.h"
#include "mod_regen/web/platform/route.h"
#include "mod_regen/web/patient/patient.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/followup.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/followup.h"
#include "regen/render/message.h"
#include "regen/render/view.h"

rg_outcome_t regen_messages_put(rg_val_t *view, regen_req_t *q, int64_t booking_id)
{
    rg_message_t *messages;
    int count;
    rg_outcome_t rc = rg_messages_of_booking(&messages, &count, q->ctx, booking_id);
    if (rc == RG_OK) {
        rg_view_messages(view, q->ctx->pool, q->templates, messages, count,
                         (q->ctx->who.roles & RG_ROLE_STAFF) != 0);
    }
    return rc;
}

rg_outcome_t regen_messages_put_place(rg_val_t *view, regen_req_t *q)
{
    rg_message_t *messages;
    int count;
    rg_outcome_t rc = rg_messages_of_place(&messages, &count, q->ctx);
    if (rc == RG_OK) {
        rg_view_messages(view, q->ctx->pool, q->templates, messages, count,
                         (q->ctx->who.roles & RG_ROLE_STAFF) != 0);
    }
    return rc;
}

/* What the address asks for; unknown words are pages that are not there. */
static bool read_messages_wanted(rg_outbox_in_t *in, const regen_req_t *q)
{
    const char *status = regen_param(q, "status");
    const char *kind = regen_param(q, "kind");
    const char *page = regen_param(q, "page");
    int64_t number = 1;
    int s = status ? rg_outbox_status_parse(status) : RG_OUTBOX_QUEUED;
    in->kind = kind && *kind ? rg_message_kind_parse(kind) : -1;
    if (s < 0 || (kind && *kind && in->kind < 0) ||
        (page && !rg_text_i64(&number, page, 1, 1000000))) {
        return false;
    }
    in->status = (rg_outbox_status_t)s;
    in->page = (int)number;
    return true;
}

static int h_outbox(regen_req_t *q)
{
    rg_outbox_in_t in;
    rg_outbox_t *outbox;
    if (!read_messages_wanted(&in, q)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    rg_outcome_t rc = rg_outbox(&outbox, q->ctx, &in);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_outbox(q->ctx->pool, q->templates, outbox);
    rg_val_bool(view, "at_messages", true);
    return regen_page(q, RG_OK, "staff/outbox", view);
}

/* --- what could not be delivered -------------------------------------------------------------- */

/* Back to the list that the form stood on. */
static int messages_done(regen_req_t *q, rg_try_t what)
{
    rg_outcome_t rc = rg_outbox_again(q->ctx, q->args[0], what);
    return rc == RG_OK
               ? regen_redirect(q, "/staff/messages?status=%s",
                                rg_outbox_status_name(what == RG_TRY_NOT_TOLD ? RG_OUTBOX_TOLD
                                                                              : RG_OUTBOX_FAILED))
               : regen_fail(q, rc);
}

static int h_message_again(regen_req_t *q)
{
    return messages_done(q, RG_TRY_AGAIN);
}

static int h_message_told(regen_req_t *q)
{
    return messages_done(q, RG_TRY_TOLD);
}

static int h_message_not_told(regen_req_t *q)
{
    return messages_done(q, RG_TRY_NOT_TOLD);
}

/* --- no more reminders, from a letter --------------------------------------------------------- */

static int stop_page(regen_req_t *q, bool done)
{
    rg_catalogue_t *all;
    rg_outcome_t rc = rg_catalogue_list(&all, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(q->ctx->pool, "Reminders", all->site);
    rg_val_bool(view, "done", done);
    return regen_page(q, RG_OK, "patient/stop.html", view);
}

/* Asks: programs that look at links in letters must not stop anything. */
static int h_stop_page(regen_req_t *q)
{
    rg_outcome_t rc = rg_outbox_stop_known(q->ctx, q->args[0]);
    if (rc == RG_NOT_FOUND) {
        return regen_bad_link(q);
    }
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    int counted = regen_throttle_by_token(q, q->args[0]);
    return counted == REGEN_NEXT ? stop_page(q, false) : counted;
}

static int h_stop(regen_req_t *q)
{
    rg_outcome_t rc = rg_outbox_stop_known(q->ctx, q->args[0]);
    if (rc == RG_OK) {
        int counted = regen_throttle_by_token(q, q->args[0]);
        if (counted != REGEN_NEXT) {
            return counted;
        }
        rc = rg_outbox_stop(q->ctx, q->args[0]);
    }
    if (rc == RG_NOT_FOUND) {
        return regen_bad_link(q);
    }
    return rc == RG_OK ? stop_page(q, true) : regen_fail(q, rc);
}

/* --- a lost link ------------------------------------------------------------------------------ */

static int lost_page(regen_req_t *q, rg_outcome_t outcome, bool done)
{
    rg_catalogue_t *all;
    rg_outcome_t rc = rg_catalogue_list(&all, q->ctx);
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_page(q->ctx->pool, "Your private link", all->site);
    rg_val_bool(view, "done", done);
    rg_val_bool(view, "sends", q->ctx->policy->sends_letters);
    rg_val_str(view, "email", regen_field(q, "email"));
    return regen_page(q, outcome, "patient/lost.html", view);
}

static int h_lost_page(regen_req_t *q)
{
    return lost_page(q, RG_OK, false);
}

static int h_lost(regen_req_t *q)
{
    rg_outcome_t rc = rg_link_lost(q->ctx, regen_field(q, "email"));
    return rc == RG_OK || rc == RG_INVALID ? lost_page(q, rc, rc == RG_OK) : regen_fail(q, rc);
}

#define STOP (REGEN_PERSONAL | REGEN_SECRET_PATH | REGEN_LIMITED(REGEN_LIMIT_LINK))

const regen_route_t regen_routes_messages[] = {
    {"GET", "/staff/messages", DESK, 0, 0, REGEN_STAFF_AREA, h_outbox},
    {"POST", "/staff/messages/*/again", DESK, 4 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_message_again},
    {"POST", "/staff/messages/*/told", DESK, 4 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_message_told},
    {"POST", "/staff/messages/*/not-told", DESK, 4 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_message_not_told},
    {"GET", "/lost", 0, 0, 0, 0, h_lost_page},
    {"POST", "/lost", 0, 4 * KIB, REGEN_FORM,
     REGEN_PERSONAL | REGEN_NO_IDEM | REGEN_LIMITED(REGEN_LIMIT_LINK), h_lost},
    {"GET", "/stop/*", 0, 0, 0, STOP, h_stop_page},
    {"POST", "/stop/*", 0, 4 * KIB, REGEN_FORM | REGEN_MULTIPART,
     STOP | REGEN_NO_IDEM | REGEN_BY_TOKEN, h_stop},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
