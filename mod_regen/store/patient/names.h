/* SPDX-License-Identifier: Apache-2.0 */
/* The search keys of people. The only place that makes them: all code that writes a row of patient
 * or waitlist uses it. Private to the store room. */
#ifndef RG_STORE_NAMES_H
#define RG_STORE_NAMES_H

#include "mod_regen/store/engine/sql.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

/* Of a patient, each as its column takes it. */
typedef struct {
    const char *family, *given, *email, *phone;
} rg_name_keys_t;

rg_name_keys_t rg_name_keys(apr_pool_t *p, const char *family, const char *given, const char *email,
                            const char *phone);

/* One open entry of a person for a treatment, by email and by phone. */
typedef struct {
    unsigned char email[32], phone[32];
} rg_once_keys_t;

rg_once_keys_t rg_once_keys(apr_pool_t *p, int64_t service_id, const rg_name_keys_t *keys);

/* Typed text as a LIKE pattern, with "!" as the escape; anything may follow. */
const char *rg_like_prefix(apr_pool_t *p, const char *text);
/* … and anything may precede it. */
const char *rg_like_part(apr_pool_t *p, const char *text);

/* Makes the keys of the next rows of patient after *AFTER (0: from the first on) that have none, or
 * of all when ALL; *AFTER and *COUNT tell how far it came. One bite: 500 rows. */
rg_outcome_t rg_names_fill(rg_db_t *db, const rg_ctx_t *ctx, bool all, int64_t *after, int *count);
/* The same for open waitlist entries; of two entries of one person, the later is behind the
 * earlier. To be run outside a transaction. */
rg_outcome_t rg_names_fill_waitlist(rg_db_t *db, const rg_ctx_t *ctx, int *count);

/* The keys of names of the next waitlist entries, as rg_names_fill. */
rg_outcome_t rg_names_fill_places(rg_db_t *db, const rg_ctx_t *ctx, bool all, int64_t *after,
                                  int *count);

#endif
