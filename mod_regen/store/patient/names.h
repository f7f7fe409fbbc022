/* SPDX-License-Identifier: Apache-2.0 */
/* The keys by which people are found. The only place that makes them: whoever writes a row of
 * patient or waitlist takes them from here. Private to the store room. */
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

/* One person who waits for one treatment, by email and by phone. */
typedef struct {
    unsigned char email[32], phone[32];
} rg_once_keys_t;

rg_once_keys_t rg_once_keys(apr_pool_t *p, int64_t service_id, const rg_name_keys_t *keys);

/* What typed text stands for itself in LIKE, with "!" as the escape; everything may follow. */
const char *rg_like_prefix(apr_pool_t *p, const char *text);
/* … and everything may stand in front of it. */
const char *rg_like_part(apr_pool_t *p, const char *text);

/* Makes the keys of the next rows of patient after *AFTER (0: from the first on) that have none, or
 * of all when ALL; *AFTER and *COUNT tell how far it came. One bite: 500 rows. */
rg_outcome_t rg_names_fill(rg_db_t *db, rg_ctx_t *ctx, bool all, int64_t *after, int *count);
/* The same for the open places of the waitlist; of two that turn out to be one person's, the later
 * stands behind the earlier. To be run outside a transaction. */
rg_outcome_t rg_names_fill_waitlist(rg_db_t *db, rg_ctx_t *ctx, int *count);

/* The keys of names of the next places of the waitlist, as rg_names_fill. */
rg_outcome_t rg_names_fill_places(rg_db_t *db, rg_ctx_t *ctx, bool all, int64_t *after, int *count);

#endif
