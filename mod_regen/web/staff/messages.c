/* SPDX-License-Identifier: Apache-2.0 */
/* The outbox for staff, and the messages of one booking as a part of its pages. */
#include "messages.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/followup.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/model/followup.h"
#include "regen/render/message.h"

rg_outcome_t regen_messages_put(rg_val_t *view, regen_req_t *q, int64_t booking_id)
{
    rg_message_t *messages;
    int count;
    rg_outcome_t rc = rg_messages_of_booking(&messages, &count, q->ctx, booking_id);
    if (rc == RG_OK) {
        rg_view_messages(view, q->ctx->pool, q->templates, messages, count);
    }
    return rc;
}

rg_outcome_t regen_messages_put_place(rg_val_t *view, regen_req_t *q)
{
    rg_message_t *messages;
    int count;
    rg_outcome_t rc = rg_messages_of_place(&messages, &count, q->ctx);
    if (rc == RG_OK) {
        rg_view_messages(view, q->ctx->pool, q->templates, messages, count);
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

const regen_route_t regen_routes_messages[] = {
    {"GET", "/staff/messages", DESK, 0, 0, REGEN_STAFF_AREA, h_outbox},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
