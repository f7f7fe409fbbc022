/* SPDX-License-Identifier: Apache-2.0 */
/* Logins, sessions, tokens, staff.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_IDENTITY_H
#define REGEN_CLINIC_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/staff.h"

/* --- scope.c ---------------------------------------------------------------------------------- */

/* Whether these SMART scopes let a machine do LETTER (one of c r u d s; v1's read is r and s, write
 * is c, u and d) to TYPE. */
bool rg_scope_permits(const char *scopes, const char *type, char letter);

/* --- token.c ---------------------------------------------------------------------------------- */

/* RG_FORBIDDEN unless the caller is a machine that may do this. */
rg_outcome_t rg_machine_may(const rg_ctx_t *ctx, const char *type, char letter);

/* --- login.c: staff, sessions, tokens --------------------------------------------------------- */

typedef struct {
    const char *login, *password;
    const char *device; /* the device's cookie; NULL: none */
} rg_login_in_t;
typedef struct {
    const char *token; /* of the session: 43 base64url characters */
    const char
        *device; /* a cookie that the device keeps from now on; NULL: it has one that is good */
    int64_t locked_staff; /* > 0: whose login this wrong password locked */
} rg_login_t;
/* Constant-time-ish: an unknown login costs what a wrong password costs. RG_UNAUTHENTICATED;
 * RG_FORBIDDEN while locked, which a device on which this person logged in within half a year is
 * not. *OUT is zeroed unless RG_OK, but for locked_staff. */
rg_outcome_t rg_login(rg_login_t *out, rg_ctx_t *ctx, const rg_login_in_t *in);
/* Whether somebody logged in as LOGIN on this device within half a year. */
rg_outcome_t rg_login_knows(bool *known, rg_ctx_t *ctx, const char *login, const char *device);

/* --- session.c -------------------------------------------------------------------------------- */

rg_outcome_t rg_logout(rg_ctx_t *ctx, const char *token);
/* Fills *who from a session cookie; RG_UNAUTHENTICATED when unknown, expired or idle too long. */
rg_outcome_t rg_session_resolve(rg_principal_t *who, rg_ctx_t *ctx, const char *token);

/* --- token.c ---------------------------------------------------------------------------------- */

/* *who from a bearer token; RG_UNAUTHENTICATED otherwise. */
rg_outcome_t rg_token_resolve(rg_principal_t *who, rg_ctx_t *ctx, const char *bearer);
rg_outcome_t rg_token_create(const char **bearer, rg_ctx_t *ctx, const char *name,
                             const char *scopes, int days);
rg_outcome_t rg_token_revoke(rg_ctx_t *ctx, const char *name);

/* --- scope.c ---------------------------------------------------------------------------------- */

/* Whether one of these SMART scopes ("system/Claim.read", "system/Claim.rs", stars for either half)
 * lets a machine read or write TYPE. */
bool rg_scope_allows(const char *scopes, const char *type, bool write);

/* --- login.c: staff, sessions, tokens --------------------------------------------------------- */

/* *who for a login that httpd authenticated by its own means; RG_FORBIDDEN when it is not in the
 * staff table. */
rg_outcome_t rg_staff_by_login(rg_principal_t *who, rg_ctx_t *ctx, const char *login);
/* 12 to 256 characters that are not easily guessed (rg_password_bits); RG_NOT_FOUND for an unknown
 * login. Ends the person's sessions and a lock, and forgets their devices. For regenctl: asks for
 * no role. */
rg_outcome_t rg_staff_set_password(rg_ctx_t *ctx, const char *login, const char *password);

/* --- session.c -------------------------------------------------------------------------------- */

/* Removes sessions past their times and request keys older than a week; at most LIMIT of each. For
 * the periodic sweep. */
rg_outcome_t rg_login_sweep(int *gone, rg_ctx_t *ctx, int limit);

/* --- admin.c: what regenctl does beside the use-cases above ----------------------------------- */

/* A new person with these roles and no password yet. PRACTITIONER (may be NULL): the code of the
 * resource this person is. RG_INVALID, RG_NOT_FOUND for the practitioner, RG_CONFLICT for a login
 * that is taken: each with problems. Admin. */
rg_outcome_t rg_staff_add(int64_t *id, rg_ctx_t *ctx, const char *login, const char *name,
                          unsigned roles, const char *practitioner);

/* --- staff.c ---------------------------------------------------------------------------------- */

/* Every login, by name. Admin. */
rg_outcome_t rg_staff_list(rg_staff_row_t **out, int *count, rg_ctx_t *ctx);
/* DEED: "unlock" (a lock after wrong passwords), "end-sessions", "disable" (nobody logs in with it,
 * and who is in is out; what they did stays theirs), "enable". RG_NOT_FOUND for an unknown login or
 * deed, RG_PRECONDITION with words for oneself and for the last administrator. Admin. */
rg_outcome_t rg_staff_do(rg_ctx_t *ctx, const char *login, const char *deed);

/* --- admin.c: what regenctl does beside the use-cases above ----------------------------------- */

/* Every bearer token, oldest first. Admin. */
rg_outcome_t rg_token_list(rg_token_row_t **out, int *count, rg_ctx_t *ctx);

/* --- visitor.c: the session of a visitor's browser ------------------------------------------- */

/* *who from the cookie: role patient and visitor_id, no booking yet. RG_UNAUTHENTICATED when
 * unknown or over. */
rg_outcome_t rg_visitor_resolve(rg_principal_t *who, rg_ctx_t *ctx, const char *token);
/* A session for a browser without one: token for the cookie. It is stored with the first thing that
 * it opens, in that transaction (rg_booking_hold, rg_visitor_admit, …), so that nothing is left of
 * what failed. */
const char *rg_visitor_begin(rg_ctx_t *ctx);

#endif
