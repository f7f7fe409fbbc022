/* SPDX-License-Identifier: Apache-2.0 */
/* Staff, sessions, tokens, visitors. */
#ifndef REGEN_STORE_IDENTITY_H
#define REGEN_STORE_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_tables.h>
#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/patient.h"
#include "regen/model/staff.h"
#include "regen/store/store.h"

/* --- admin.c: for clinic/identity/admin.c ----------------------------------------------------- */

/* RG_CONFLICT: the login is taken. RESOURCE_ID 0: no practitioner. */
rg_outcome_t rg_staff_row_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id, const char *login,
                              const char *name, int64_t resource_id);
rg_outcome_t rg_staff_role_add(rg_db_t *db, const rg_ctx_t *ctx, int64_t staff_id, unsigned role);
/* RG_NOT_FOUND also for another kind of resource. */
rg_outcome_t rg_practitioner_find(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id, const char *code);
/* Which practitioner a login is; RESOURCE_ID 0: none. */
rg_outcome_t rg_staff_practitioner_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                       int64_t resource_id);
/* Pushes rg_token_row_t, oldest first. */
rg_outcome_t rg_token_rows(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out);

/* --- staff.c ---------------------------------------------------------------------------------- */

/* RG_NOT_FOUND for an unknown login. The database ignores case and accents, so the caller compares
 * again. */
rg_outcome_t rg_staff_find(rg_db_t *db, const rg_ctx_t *ctx, rg_staff_t **out, const char *login);

/* --- device.c: devices on which staff logged in ----------------------------------------------- */

/* Whether this person logged in on it, SINCE or later. */
rg_outcome_t rg_device_find(rg_db_t *db, const rg_ctx_t *ctx, bool *known, int64_t staff_id,
                            const unsigned char hash[32], apr_time_t since);
/* They did, now. */
rg_outcome_t rg_device_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t staff_id,
                           const unsigned char hash[32]);
rg_outcome_t rg_device_drop_staff(rg_db_t *db, const rg_ctx_t *ctx, int64_t staff_id);
/* Forgets at most LIMIT of those last used BEFORE. */
rg_outcome_t rg_device_sweep(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t before, int limit);

/* --- staff.c ---------------------------------------------------------------------------------- */

/* Counts one wrong password; the MAX-th in a row locks until LOCK and restarts the count; *LOCKS:
 * this one locked. */
rg_outcome_t rg_staff_failed(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int max, apr_time_t lock,
                             bool *locks);
/* Pushes rg_staff_row_t, by name. */
rg_outcome_t rg_staff_rows(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out);
rg_outcome_t rg_staff_active_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, bool active);
/* How many other people are administrators; their rows are locked until the transaction ends. */
rg_outcome_t rg_staff_other_admins(rg_db_t *db, const rg_ctx_t *ctx, int64_t *count, int64_t id);
rg_outcome_t rg_staff_cleared(rg_db_t *db, const rg_ctx_t *ctx, int64_t id);
rg_outcome_t rg_staff_password_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, const char *hash);

/* --- session.c -------------------------------------------------------------------------------- */

/* A session as stored, with its person: RG_NOT_FOUND if there is none; its times are not
 * checked. */
typedef struct {
    rg_principal_t who;
    bool active; /* false: the staff member is disabled */
    apr_time_t seen_at, expires_at;
} rg_session_t;
rg_outcome_t rg_session_put(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32],
                            int64_t staff_id, apr_time_t expires);
rg_outcome_t rg_session_find(rg_db_t *db, const rg_ctx_t *ctx, rg_session_t **out,
                             const unsigned char hash[32]);
/* From now on for the forms of that booking alone (who.booking_id), until UNTIL at most; never
 * taken back. RG_CONFLICT if it already is, or is gone. */
rg_outcome_t rg_session_lend(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32],
                             int64_t booking_id, apr_time_t until);
rg_outcome_t rg_session_touch(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32]);
rg_outcome_t rg_session_drop(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32]);
rg_outcome_t rg_session_drop_staff(rg_db_t *db, const rg_ctx_t *ctx, int64_t staff_id);
/* Removes at most LIMIT sessions past their times (of staff and of visitors each), and at most
 * LIMIT request keys older than KEYS_BEFORE; *GONE counts both. */
rg_outcome_t rg_session_sweep(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t keys_before, int limit,
                              int *gone);

/* --- visitor.c: visitors' browsers and what they may open ------------------------------------- */

rg_outcome_t rg_visitor_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                            const unsigned char hash[32], apr_time_t expires);
/* By its token's hash, or by its id. RG_NOT_FOUND if there is none, or it has expired. One
 * statement. */
rg_outcome_t rg_visitor_find(rg_db_t *db, const rg_ctx_t *ctx, rg_visitor_list_t *out,
                             const unsigned char hash[32]);
rg_outcome_t rg_visitor_read(rg_db_t *db, const rg_ctx_t *ctx, rg_visitor_list_t *out, int64_t id);
rg_outcome_t rg_visitor_drop(rg_db_t *db, const rg_ctx_t *ctx, int64_t id);
/* Lets session ID open the booking (not OPENED: once the date of birth was given) or the place, and
 * live until EXPIRES at least (0: as long as it does). What is open stays so. */
rg_outcome_t rg_visitor_add_booking(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                    int64_t booking_id, bool opened, apr_time_t expires);
rg_outcome_t rg_visitor_add_place(rg_db_t *db, const rg_ctx_t *ctx, int64_t id, int64_t waiter_id,
                                  apr_time_t expires);
/* Wrong dates of birth for the booking's link: count, add one, reset. */
rg_outcome_t rg_booking_link_tries(rg_db_t *db, const rg_ctx_t *ctx, int *wrong,
                                   int64_t booking_id);
rg_outcome_t rg_booking_link_wrong(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_booking_link_right(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id);
/* Ends the access of all browsers to it. */
rg_outcome_t rg_visitor_shut_booking(rg_db_t *db, const rg_ctx_t *ctx, int64_t booking_id);
rg_outcome_t rg_visitor_shut_place(rg_db_t *db, const rg_ctx_t *ctx, int64_t waiter_id);

/* --- token.c ---------------------------------------------------------------------------------- */

rg_outcome_t rg_token_put(rg_db_t *db, const rg_ctx_t *ctx, const unsigned char hash[32],
                          const char *name, const char *scopes, apr_time_t expires, int64_t *id);
/* A token that is neither revoked nor expired, or RG_NOT_FOUND. */
rg_outcome_t rg_token_find(rg_db_t *db, const rg_ctx_t *ctx, rg_principal_t *who,
                           const unsigned char hash[32]);
/* The live token of that name: RG_NOT_FOUND without one. */
rg_outcome_t rg_token_named(rg_db_t *db, const rg_ctx_t *ctx, const char *name, int64_t *id);
rg_outcome_t rg_token_end(rg_db_t *db, const rg_ctx_t *ctx, int64_t id);

#endif
