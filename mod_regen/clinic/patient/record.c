/* SPDX-License-Identifier: Apache-2.0 */
/* One person, one record: two that look alike are merged, or said to be two people; a merge is
 * taken apart again. The schema decides (sql/0048); this file says beforehand, in words, what it
 * would refuse. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/record.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/booking.h"
#include "regen/model/record.h"
#include "regen/store/desk.h"
#include "regen/store/record.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <inttypes.h>

#include <apr_strings.h>

enum { REASON_LEAST = 3 };

/* --- the list --------------------------------------------------------------------------------- */

static rg_outcome_t alikes_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_alikes_t *a = baton;
    RG_TRY(rg_alike_all(db, ctx, RG_ALIKE_MOST + 1, &a->pairs, &a->count));
    a->more = a->count > RG_ALIKE_MOST;
    a->count -= a->more;
    return RG_OK;
}

static rg_outcome_t face_of_clinic(const rg_site_t **out, const rg_ctx_t *ctx)
{
    int sites;
    *out = rg_catalogue_face(&sites, ctx, true);
    return *out ? RG_OK : RG_UNAVAILABLE;
}

static bool may_see(const rg_ctx_t *ctx)
{
    return rg_may(ctx, RG_DEED_BOOK) || rg_may(ctx, RG_DEED_MERGE);
}

rg_outcome_t rg_record_alikes(rg_alikes_t **out, const rg_ctx_t *ctx)
{
    rg_alikes_t *a = apr_pcalloc(ctx->pool, sizeof(*a));
    if (!may_see(ctx)) {
        return RG_FORBIDDEN;
    }
    *out = a;
    RG_TRY(rg_store_read(ctx, alikes_work, a));
    return ctx->who.staff_id > 0 ? face_of_clinic(&a->site, ctx) : RG_OK;
}

/* --- two of them ------------------------------------------------------------------------------ */

typedef struct {
    const char *kept_uid, *merged_uid, *reason;
    rg_record_pair_t *pair;
} pair_t;

static rg_outcome_t pair_in(rg_db_t *db, const rg_ctx_t *ctx, const pair_t *w)
{
    rg_record_pair_t *p = w->pair;
    RG_TRY(rg_face_read(db, ctx, &p->kept, w->kept_uid));
    RG_TRY(rg_face_read(db, ctx, &p->merged, w->merged_uid));
    if (p->kept->id == p->merged->id) {
        return RG_NOT_FOUND;
    }
    return rg_merge_facts(db, ctx, &p->facts, p->kept->id, p->merged->id);
}

static rg_outcome_t pair_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const pair_t *w = baton;
    rg_record_pair_t *p = w->pair;
    rg_booking_t **bookings;
    RG_TRY(pair_in(db, ctx, w));
    RG_TRY(rg_patient_bookings(db, ctx, p->kept->id, &bookings, &p->kept_visits));
    RG_TRY(rg_patient_bookings(db, ctx, p->merged->id, &bookings, &p->merged_visits));
    RG_TRY(rg_audit_add(db, ctx, "patient.compare", "patient", p->kept->id, ""));
    return rg_audit_add(db, ctx, "patient.compare", "patient", p->merged->id, "");
}

rg_outcome_t rg_record_pair(rg_record_pair_t **out, const rg_ctx_t *ctx, const char *kept_uid,
                            const char *merged_uid)
{
    pair_t w = {.kept_uid = kept_uid,
                .merged_uid = merged_uid,
                .pair = apr_pcalloc(ctx->pool, sizeof(*w.pair))};
    if (!may_see(ctx)) {
        return RG_FORBIDDEN;
    }
    if (!rg_uid_valid(kept_uid) || !rg_uid_valid(merged_uid)) {
        return RG_NOT_FOUND;
    }
    *out = w.pair;
    RG_TRY(rg_store_transact(ctx, pair_work, &w));
    return face_of_clinic(&w.pair->site, ctx);
}

/* --- merging ---------------------------------------------------------------------------------- */

static bool reason_read(const char **out, const rg_ctx_t *ctx, const char *typed)
{
    *out = rg_text_tidy(ctx->pool, typed ? typed : "");
    size_t n = rg_text_length(*out);
    if (n < REASON_LEAST || n > RG_REASON_MOST) {
        rg_problem_add(ctx->problems, "reason", "Enter a reason of %d to %d characters.",
                       REASON_LEAST, RG_REASON_MOST);
        return false;
    }
    return true;
}

/* In the order in which staff can do something about it. */
static const char *why_not(const rg_merge_facts_t *f)
{
    if (f->merged) {
        return "One of these records is merged already. Open the record that stands for it, and "
               "merge that one.";
    }
    if (f->stands) {
        return "This record stands for others. Keep it and merge the other one into it, or take "
               "it apart first.";
    }
    if (f->born) {
        return "The dates of birth differ, so these count as two people. If one of the dates is "
               "wrong, correct it on that patient's page first.";
    }
    if (f->treated) {
        return "Material of one of these patients is in process, and its label names them. Merge "
               "when it was used or disposed of.";
    }
    return NULL;
}

static rg_outcome_t refuse(const rg_ctx_t *ctx, const char *why)
{
    rg_problem_add(ctx->problems, NULL, "%s", why);
    return RG_PRECONDITION;
}

static rg_outcome_t note(rg_db_t *db, const rg_ctx_t *ctx, const char *action, int64_t kept,
                         int64_t merged)
{
    apr_pool_t *p = ctx->pool;
    RG_TRY(rg_audit_add(db, ctx, action, "patient", kept,
                        apr_psprintf(p, "kept merged:%" PRId64, merged)));
    return rg_audit_add(db, ctx, action, "patient", merged,
                        apr_psprintf(p, "merged kept:%" PRId64, kept));
}

static rg_outcome_t merge_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const pair_t *w = baton;
    const rg_record_pair_t *p = w->pair;
    RG_TRY(pair_in(db, ctx, w));
    const char *why = why_not(&p->facts);
    if (why) {
        return refuse(ctx, why);
    }
    rg_outcome_t rc = rg_merge_insert(db, ctx, p->kept->id, p->merged->id, w->reason);
    if (rc == RG_PRECONDITION || rc == RG_CONFLICT) {
        return refuse(ctx, "Somebody else just changed one of these records. Look at both again.");
    }
    return rc == RG_OK ? note(db, ctx, "patient.merge", p->kept->id, p->merged->id) : rc;
}

rg_outcome_t rg_record_merge(const rg_ctx_t *ctx, const char *kept_uid, const char *merged_uid,
                             const char *reason)
{
    pair_t w = {.kept_uid = kept_uid,
                .merged_uid = merged_uid,
                .pair = apr_pcalloc(ctx->pool, sizeof(*w.pair))};
    RG_TRY(rg_must(ctx, RG_DEED_MERGE));
    if (!rg_uid_valid(kept_uid) || !rg_uid_valid(merged_uid)) {
        return RG_NOT_FOUND;
    }
    return reason_read(&w.reason, ctx, reason) ? rg_store_once(ctx, merge_work, &w) : RG_INVALID;
}

/* --- taken apart ------------------------------------------------------------------------------ */

static rg_outcome_t apart_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const pair_t *w = baton;
    rg_face_t *merged;
    rg_patient_t *kept;
    rg_merged_t *all;
    int count;
    int64_t merge_id = 0;
    RG_TRY(rg_face_read(db, ctx, &merged, w->merged_uid));
    RG_TRY(rg_patient_by_uid(db, ctx, &kept, w->merged_uid));
    RG_TRY(rg_merged_read(db, ctx, kept->id, &all, &count));
    for (int i = 0; i < count; i++) {
        if (all[i].face.id == merged->id && all[i].apart_at == 0) {
            merge_id = all[i].merge_id;
        }
    }
    if (merge_id == 0) {
        return RG_NOT_FOUND;
    }
    bool crossed;
    RG_TRY(rg_ledger_crossed(db, ctx, merged->id, &crossed));
    if (crossed) {
        return refuse(ctx, "Money of one of these records was posted for the other: for example a "
                           "payment or a deposit that paid the other one’s charge. Reverse it on "
                           "the patient’s account first, take the records apart, and post it "
                           "again where it belongs.");
    }
    rg_outcome_t rc = rg_unmerge_insert(db, ctx, merge_id, w->reason);
    if (rc == RG_PRECONDITION || rc == RG_CONFLICT) {
        return refuse(ctx, "This cannot be taken apart now: material of one of these patients is "
                           "in process, or somebody else just did it.");
    }
    return rc == RG_OK ? note(db, ctx, "patient.apart", kept->id, merged->id) : rc;
}

rg_outcome_t rg_record_apart(const rg_ctx_t *ctx, const char *uid, const char *reason)
{
    pair_t w = {.merged_uid = uid};
    RG_TRY(rg_must(ctx, RG_DEED_MERGE));
    if (!rg_uid_valid(uid)) {
        return RG_NOT_FOUND;
    }
    return reason_read(&w.reason, ctx, reason) ? rg_store_once(ctx, apart_work, &w) : RG_INVALID;
}

/* --- two people ------------------------------------------------------------------------------- */

static rg_outcome_t distinct_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const pair_t *w = baton;
    const rg_record_pair_t *p = w->pair;
    RG_TRY(pair_in(db, ctx, w));
    RG_TRY(rg_distinct_insert(db, ctx, p->kept->id, p->merged->id));
    return rg_audit_add(db, ctx, "patient.distinct", "patient", p->kept->id,
                        apr_psprintf(ctx->pool, "other:%" PRId64, p->merged->id));
}

rg_outcome_t rg_record_distinct(const rg_ctx_t *ctx, const char *uid, const char *other_uid)
{
    pair_t w = {
        .kept_uid = uid, .merged_uid = other_uid, .pair = apr_pcalloc(ctx->pool, sizeof(*w.pair))};
    if (!may_see(ctx)) {
        return RG_FORBIDDEN;
    }
    return rg_uid_valid(uid) && rg_uid_valid(other_uid) ? rg_store_once(ctx, distinct_work, &w)
                                                        : RG_NOT_FOUND;
}
