/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a booking is. A hold belongs to who made it: only they book, move, extend and give it back.
 * What is booked belongs to its patient; the clinic and programs that may see all reach it too. The
 * store's statements carry the same rule (store/booking/owner.h); here it is said in words. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "regen/clinic/identity.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/booking.h"
#include "regen/store/booking.h"
#include "regen/store/store.h"

#include <string.h>

bool rg_booking_mine(const rg_ctx_t *ctx, int64_t booking_id, bool machines)
{
    const rg_principal_t *who = &ctx->who;
    if (rg_is_staff(ctx)) {
        return true;
    }
    if (machines && rg_is_machine(ctx)) {
        return true;
    }
    return rg_is_patient(ctx) && booking_id > 0 && who->booking_id == booking_id;
}

bool rg_machine_writes(const rg_ctx_t *ctx)
{
    return rg_machine_may(ctx, "Appointment", 'c') == RG_OK ||
           rg_machine_may(ctx, "Appointment", 'u') == RG_OK;
}

bool rg_booking_changes(const rg_ctx_t *ctx, int64_t booking_id)
{
    return rg_booking_mine(ctx, booking_id, rg_machine_writes(ctx));
}

int64_t rg_machine_reach(const rg_ctx_t *ctx)
{
    bool machine = rg_is_machine(ctx);
    int64_t token = ctx->who.token_id > 0 ? ctx->who.token_id : -1;
    return machine && !ctx->who.others ? token : 0;
}

bool rg_booking_seen(const rg_ctx_t *ctx, const rg_booking_t *b)
{
    int64_t reach = rg_machine_reach(ctx);
    return reach == 0 || (strcmp(b->source, "machine") == 0 && b->made_by == reach);
}

rg_owner_t rg_booking_by(const rg_ctx_t *ctx)
{
    const rg_principal_t *who = &ctx->who;
    if (rg_is_staff(ctx)) {
        return (rg_owner_t){.kind = "staff", .id = who->staff_id};
    }
    if (rg_is_machine(ctx)) {
        return (rg_owner_t){.kind = "machine", .id = who->token_id, .others = who->others};
    }
    if (who->waiter_id > 0) {
        return (rg_owner_t){.kind = "waitlist", .id = who->waiter_id};
    }
    return (rg_owner_t){.kind = rg_is_patient(ctx) ? "patient" : "nobody"};
}

bool rg_booking_owned(const rg_owner_t *by, const rg_booking_t *b)
{
    bool hold = b->status == RG_BOOKING_HELD || b->status == RG_BOOKING_EXPIRED;
    bool made = strcmp(b->source, by->kind) == 0;
    if (strcmp(by->kind, "clinic") == 0) {
        return true;
    }
    if (strcmp(by->kind, "staff") == 0 || strcmp(by->kind, "patient") == 0) {
        return !hold || made || strcmp(b->source, "waitlist") == 0;
    }
    return (made && b->made_by == by->id) || (by->others && !hold);
}

/* Staff see it on their board, so they hear why; to others it is not there. */
rg_outcome_t rg_booking_must_be_owned(rg_ctx_t *ctx, const rg_booking_t *b)
{
    rg_owner_t by = rg_booking_by(ctx);
    if (rg_booking_owned(&by, b)) {
        return RG_OK;
    }
    if (strcmp(by.kind, "staff") != 0) {
        return RG_NOT_FOUND;
    }
    rg_problem_add(
        ctx->problems, NULL, "%s",
        strcmp(b->source, "machine") == 0
            ? "another program keeps this time for somebody: it belongs to them until "
              "it is booked or the time they have for it is over"
            : "a patient keeps this time and is booking it now: it belongs to them until "
              "it is booked or the time they have for it is over");
    return RG_PRECONDITION;
}

rg_outcome_t rg_booking_open(rg_booking_t **b, rg_db_t *db, rg_ctx_t *ctx, int64_t id)
{
    rg_outcome_t rc =
        rg_booking_changes(ctx, id) ? rg_booking_row(db, ctx, b, id, true) : RG_NOT_FOUND;
    return rc == RG_OK ? rg_booking_must_be_owned(ctx, *b) : rc;
}
