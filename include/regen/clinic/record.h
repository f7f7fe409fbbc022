/* SPDX-License-Identifier: Apache-2.0 */
/* One person, one record: likely duplicates, merging, and taking a merge apart.
 *
 * A merge is a row that says which record stands for which; nothing is copied or rewritten. Who
 * books for patients sees likely duplicates and says that two are different people; the front desk
 * and administrators merge and take apart (RG_DEED_MERGE). */
#ifndef REGEN_CLINIC_RECORD_H
#define REGEN_CLINIC_RECORD_H

#include <stdbool.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/model/place.h"
#include "regen/model/record.h"

#define RG_ALIKE_MOST  100
#define RG_REASON_MOST 200

typedef struct {
    const rg_site_t *site;
    int count;
    bool more; /* there are others */
    rg_alike_t *pairs;
} rg_alikes_t;

/* Two records beside each other, and whether they may be merged. */
typedef struct {
    const rg_site_t *site;
    rg_face_t *kept, *merged;
    int kept_visits, merged_visits;
    rg_merge_facts_t facts;
} rg_record_pair_t;

/* All likely duplicates, the likeliest first. */
rg_outcome_t rg_record_alikes(rg_alikes_t **out, const rg_ctx_t *ctx);
/* RG_NOT_FOUND unless both are records, and different ones. */
rg_outcome_t rg_record_pair(rg_record_pair_t **out, const rg_ctx_t *ctx, const char *kept_uid,
                            const char *merged_uid);
/* RG_INVALID at "reason"; RG_PRECONDITION with the words when the two may not be merged. */
rg_outcome_t rg_record_merge(const rg_ctx_t *ctx, const char *kept_uid, const char *merged_uid,
                             const char *reason);
/* The record UID stands for itself again. RG_NOT_FOUND if it is not merged. */
rg_outcome_t rg_record_apart(const rg_ctx_t *ctx, const char *uid, const char *reason);
/* They are two people, and not shown as duplicates again. */
rg_outcome_t rg_record_distinct(const rg_ctx_t *ctx, const char *uid, const char *other_uid);

#endif
