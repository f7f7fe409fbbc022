/* SPDX-License-Identifier: Apache-2.0 */
/* Who owns a booking. A hold belongs to its maker: only they can book, move, extend and release it.
 * A booking belongs to its patient; the clinic and API clients that may see all can access it too.
 * The store's statements enforce the same rule (store/booking/owner.h); this file explains a
 * refusal. */
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
    return (rg_is_patient(ctx) || rg_is_tablet(ctx)) && booking_id > 0 &&
           who->booking_id == booking_id;
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
    return reach == 0 || (rg_source_parse(b->source) == RG_SOURCE_MACHINE && b->made_by == reach);
}

rg_owner_t rg_booking_by(const rg_ctx_t *ctx)
{
    const rg_principal_t *who = &ctx->who;
    if (rg_is_staff(ctx)) {
        return (rg_owner_t){.kind = rg_source_name(RG_SOURCE_STAFF), .id = who->staff_id};
    }
    if (rg_is_machine(ctx)) {
        return (rg_owner_t){
            .kind = rg_source_name(RG_SOURCE_MACHINE), .id = who->token_id, .others = who->others};
    }
    if (who->waiter_id > 0) {
        return (rg_owner_t){.kind = rg_source_name(RG_SOURCE_WAITLIST), .id = who->waiter_id};
    }
    return (rg_owner_t){.kind = rg_is_patient(ctx) ? rg_source_name(RG_SOURCE_PATIENT) : "nobody"};
}

bool rg_booking_owned(const rg_owner_t *by, const rg_booking_t *b)
{
    bool hold = b->status == RG_BOOKING_HELD || b->status == RG_BOOKING_EXPIRED;
    bool made = strcmp(b->source, by->kind) == 0;
    if (strcmp(by->kind, "clinic") == 0) {
        return true;
    }
    if (rg_source_parse(by->kind) == RG_SOURCE_STAFF ||
        rg_source_parse(by->kind) == RG_SOURCE_PATIENT) {
        return !hold || made || rg_source_parse(b->source) == RG_SOURCE_WAITLIST;
    }
    return (made && b->made_by == by->id) || (by->others && !hold);
}

/* Staff see it on their board, so they are told why; for others it does not exist. */
rg_outcome_t rg_booking_must_be_owned(const rg_ctx_t *ctx, const rg_booking_t *b)
{
    rg_owner_t by = rg_booking_by(ctx);
    if (rg_booking_owned(&by, b)) {
        return RG_OK;
    }
    if (rg_source_parse(by.kind) != RG_SOURCE_STAFF) {
        return RG_NOT_FOUND;
    }
    rg_problem_add(ctx->problems, NULL, "%s",
                   rg_source_parse(b->source) == RG_SOURCE_MACHINE
                       ? "Another program holds this time for a patient until it is booked or the "
                         "hold expires."
                       : "A patient holds this time and is booking it now. It stays theirs until "
                         "it is booked or the hold expires.");
    return RG_PRECONDITION;
}

rg_outcome_t rg_booking_open(rg_booking_t **b, rg_db_t *db, const rg_ctx_t *ctx, int64_t id)
{
    rg_outcome_t rc =
        rg_booking_changes(ctx, id) ? rg_booking_row(db, ctx, b, id, true) : RG_NOT_FOUND;
    return rc == RG_OK ? rg_booking_must_be_owned(ctx, *b) : rc;
}
