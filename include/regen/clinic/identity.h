/* SPDX-License-Identifier: Apache-2.0 */
/* Logins, sessions, tokens, staff.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
#ifndef REGEN_CLINIC_IDENTITY_H
#define REGEN_CLINIC_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/patient.h"
#include "regen/model/staff.h"

/* --- scope.c ---------------------------------------------------------------------------------- */

/* Whether these SMART scopes allow LETTER (one of c r u d s; v1's read is r and s, write is c, u
 * and d) to TYPE. */
bool rg_scope_permits(const char *scopes, const char *type, char letter);

/* --- token.c ---------------------------------------------------------------------------------- */

/* RG_FORBIDDEN unless the caller is an API client that may do this. */
rg_outcome_t rg_machine_may(const rg_ctx_t *ctx, const char *type, char letter);

/* --- login.c: staff, sessions, tokens --------------------------------------------------------- */

typedef struct {
    const char *login, *password;
    const char *device; /* the device's cookie; NULL: none */
} rg_login_in_t;
typedef struct {
    const char *token;    /* of the session: 43 base64url characters */
    const char *device;   /* a new cookie for the device; NULL: it has a valid one */
    rg_principal_t who;   /* the logged-in person */
    int64_t locked_staff; /* > 0: whose login this wrong password locked */
} rg_login_t;
/* Nearly constant time: an unknown login costs as much as a wrong password. RG_UNAUTHENTICATED;
 * RG_FORBIDDEN while locked, except on a device on which this person logged in within half a year.
 * *OUT is zeroed unless RG_OK, except locked_staff. */
rg_outcome_t rg_login(rg_login_t *out, const rg_ctx_t *ctx, const rg_login_in_t *in);
typedef struct {
    int64_t staff_id;    /* 0: nobody confirmed */
    int64_t resource_id; /* the practitioner whose login it is; 0: nobody's */
    unsigned roles;
    const char *name;
} rg_second_t;
/* Another member of the staff confirms with their own login and password what the caller does; no
 * session is made. The login's lock is neither asked nor set, so that wrong passwords from outside
 * stop no treatment: the caller counts the tries of who asks (web/staff/login.c).
 * RG_UNAUTHENTICATED; RG_CONFLICT if it is the caller. Audited either way. */
rg_outcome_t rg_second_person(rg_second_t *out, const rg_ctx_t *ctx, const char *login,
                              const char *password);
/* Whether LOGIN was used to log in on this device within half a year. */
rg_outcome_t rg_login_knows(bool *known, const rg_ctx_t *ctx, const char *login,
                            const char *device);

/* --- session.c -------------------------------------------------------------------------------- */

rg_outcome_t rg_logout(const rg_ctx_t *ctx, const char *token);
/* Fills *who from a session cookie; RG_UNAUTHENTICATED when unknown, expired or idle too long. */
rg_outcome_t rg_session_resolve(rg_principal_t *who, const rg_ctx_t *ctx, const char *token);

/* --- token.c ---------------------------------------------------------------------------------- */

/* *Fills *who from a bearer token; RG_UNAUTHENTICATED otherwise. */
rg_outcome_t rg_token_resolve(rg_principal_t *who, const rg_ctx_t *ctx, const char *bearer);
rg_outcome_t rg_token_create(const char **bearer, const rg_ctx_t *ctx, const char *name,
                             const char *scopes, int days);
rg_outcome_t rg_token_revoke(const rg_ctx_t *ctx, const char *name);

/* --- scope.c ---------------------------------------------------------------------------------- */

/* Whether one of these SMART scopes ("system/Claim.read", "system/Claim.rs", stars for either half)
 * allows an API client to read or write TYPE. */
bool rg_scope_allows(const char *scopes, const char *type, bool write);

/* --- login.c: staff, sessions, tokens --------------------------------------------------------- */

/* *Fills *who for a login that httpd authenticated by its own means; RG_FORBIDDEN if it is not in
 * the staff table. */
rg_outcome_t rg_staff_by_login(rg_principal_t *who, const rg_ctx_t *ctx, const char *login);
/* 12 to 256 characters that are not easy to guess (rg_password_bits); RG_NOT_FOUND for an unknown
 * login. Ends the person's sessions and a lock, and forgets their devices. For regenctl: no role is
 * checked. */
rg_outcome_t rg_staff_set_password(const rg_ctx_t *ctx, const char *login, const char *password);

/* --- session.c -------------------------------------------------------------------------------- */

/* Removes sessions past their times and request keys older than a week; at most LIMIT of each. For
 * the periodic sweep. */
rg_outcome_t rg_login_sweep(int *gone, const rg_ctx_t *ctx, int limit);

/* --- admin.c: what regenctl does beside the use-cases above ----------------------------------- */

/* Adds a person with these roles, without a password yet. PRACTITIONER (may be NULL): the person's
 * code as a resource. RG_INVALID, RG_NOT_FOUND for the practitioner, RG_CONFLICT for a login that
 * is taken: each with problems. Admin. */
rg_outcome_t rg_staff_add(int64_t *id, const rg_ctx_t *ctx, const char *login, const char *name,
                          unsigned roles, const char *practitioner);

/* Says which practitioner a login is: their code, or "none". Running sessions notice at once.
 * RG_NOT_FOUND for an unknown login, or with a problem for the practitioner. Admin. */
rg_outcome_t rg_staff_practitioner(const rg_ctx_t *ctx, const char *login, const char *code);

/* --- staff.c ---------------------------------------------------------------------------------- */

/* Every login, by name. Admin. */
rg_outcome_t rg_staff_list(rg_staff_row_t **out, int *count, const rg_ctx_t *ctx);
/* DEED: "unlock" (a lock after wrong passwords), "end-sessions", "disable" (ends all sessions and
 * prevents new ones; records of what the person did are kept), "enable". RG_NOT_FOUND for an
 * unknown login or deed, RG_PRECONDITION with a problem for one's own login and for the last
 * administrator. Admin. */
rg_outcome_t rg_staff_do(const rg_ctx_t *ctx, const char *login, const char *deed);

/* --- admin.c: what regenctl does beside the use-cases above ----------------------------------- */

/* Every bearer token, oldest first. Admin. */
rg_outcome_t rg_token_list(rg_token_row_t **out, int *count, const rg_ctx_t *ctx);

/* --- visitor.c: the session of a visitor's browser ------------------------------------------- */

/* *Fills *who from the cookie: role patient and visitor_id, no booking yet. RG_UNAUTHENTICATED if
 * unknown or expired. */
rg_outcome_t rg_visitor_resolve(rg_principal_t *who, rg_visitor_list_t **mine, const rg_ctx_t *ctx,
                                const char *token);
/* A session for a browser without one: token for the cookie, and *HASH for ctx->visitor_new. It is
 * stored with the first thing that it opens, in that transaction (rg_booking_hold,
 * rg_visitor_admit, …), so that nothing is left of what failed; what they give back as *WHO is the
 * caller from then on. */
const char *rg_visitor_begin(const unsigned char **hash, const rg_ctx_t *ctx);

#endif
