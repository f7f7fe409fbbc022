/* SPDX-License-Identifier: Apache-2.0 */
/* The table of who may do what. The README shows it (tests/guards/access.py compares). */
#include "mod_regen/clinic/access.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"

#include <stdint.h>
#include <string.h>

enum {
    DESK = RG_ROLE_FRONT_DESK,
    CLINICIAN = RG_ROLE_CLINICIAN,
    BILLING = RG_ROLE_BILLING,
    ADMIN = RG_ROLE_ADMIN
};

/* NAMED: only a person of the staff table, because it is signed with their name; regenctl is
 * none. */
static const struct {
    unsigned roles;
    bool named;
} deeds[] = {
    [RG_DEED_SEE_DAY] = {DESK | CLINICIAN | BILLING | ADMIN, false},
    [RG_DEED_BOOK] = {DESK | CLINICIAN | ADMIN, true},
    [RG_DEED_WAITLIST] = {DESK | CLINICIAN | ADMIN, false},
    [RG_DEED_FOLLOW_UP] = {DESK | CLINICIAN | ADMIN, false},
    [RG_DEED_CHECK_IN] = {DESK | CLINICIAN | ADMIN, true},
    [RG_DEED_SUPPLY] = {DESK | CLINICIAN | ADMIN, true},
    [RG_DEED_SUPPLY_RESTORE] = {CLINICIAN | ADMIN, true},
    [RG_DEED_CONSENT] = {DESK | CLINICIAN | ADMIN, true},
    [RG_DEED_NO_SHOW] = {DESK | ADMIN, false},
    [RG_DEED_CHANGE] = {DESK | CLINICIAN | ADMIN, true},
    [RG_DEED_MERGE] = {DESK | ADMIN, false},
    [RG_DEED_CARE] = {CLINICIAN | ADMIN, true},
    [RG_DEED_ORDER] = {CLINICIAN, true},
    [RG_DEED_REVIEW] = {CLINICIAN | ADMIN, true},
    [RG_DEED_MONEY] = {DESK | BILLING | ADMIN, true},
    [RG_DEED_ADJUST_ANY] = {ADMIN, true},
    [RG_DEED_BILL] = {BILLING | ADMIN, false},
    [RG_DEED_EXPORT_CLAIMS] = {ADMIN, false},
    [RG_DEED_DEFINE] = {ADMIN, false},
    [RG_DEED_STAFF] = {ADMIN, false},
    [RG_DEED_AUDIT] = {ADMIN, false},
};

bool rg_may(const rg_ctx_t *ctx, rg_deed_t deed)
{
    return (ctx->who.roles & deeds[deed].roles) != 0 &&
           (!deeds[deed].named || ctx->who.staff_id > 0);
}

rg_outcome_t rg_must(const rg_ctx_t *ctx, rg_deed_t deed)
{
    return rg_may(ctx, deed) ? RG_OK : RG_FORBIDDEN;
}

bool rg_is_staff(const rg_ctx_t *ctx)
{
    return (ctx->who.roles & RG_ROLE_STAFF) != 0;
}

bool rg_is_patient(const rg_ctx_t *ctx)
{
    return (ctx->who.roles & RG_ROLE_PATIENT) != 0;
}

bool rg_is_tablet(const rg_ctx_t *ctx)
{
    return (ctx->who.roles & RG_ROLE_TABLET) != 0;
}

bool rg_is_machine(const rg_ctx_t *ctx)
{
    return (ctx->who.roles & RG_ROLE_MACHINE) != 0;
}

rg_ctx_t rg_system_ctx(const rg_ctx_t *ctx)
{
    rg_ctx_t own = *ctx;
    memset(&own.who, 0, sizeof(own.who));
    own.idem = NULL;
    return own;
}
