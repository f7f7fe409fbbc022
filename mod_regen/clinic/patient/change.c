/* SPDX-License-Identifier: Apache-2.0 */
/* A person is changed on the person's own page: field by field, old and new value, with a reason,
 * and where cells or signatures go by the name, before a second person. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/change.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/change.h"
#include "regen/model/patient.h"
#include "regen/store/change.h"
#include "regen/store/desk.h"
#include "regen/store/patient.h"
#include "regen/store/store.h"
#include "typed.h"

#include <string.h>

#include <apr_strings.h>

enum { WHY_LEAST = 3, WHY_MOST = 200, INTERPRETER_MOST = 40, ACCESS_MOST = 200, FIELDS_MOST = 13 };

/* --- the form --------------------------------------------------------------------------------- */

typedef struct {
    const char *uid;
    rg_person_page_t *page;
} page_t;

static rg_outcome_t show_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const page_t *w = baton;
    RG_TRY(rg_patient_by_uid(db, ctx, &w->page->patient, w->uid));
    RG_TRY(rg_needs_read(db, ctx, &w->page->needs, w->page->patient->id));
    return rg_audit_add(db, ctx, "patient.view", "patient", w->page->patient->id, "form");
}

rg_outcome_t rg_person_page(rg_person_page_t **out, const rg_ctx_t *ctx, const char *uid)
{
    int sites;
    page_t w = {uid, apr_pcalloc(ctx->pool, sizeof(rg_person_page_t))};
    RG_TRY(rg_must(ctx, RG_DEED_CHANGE));
    if (!rg_uid_valid(uid)) {
        return RG_NOT_FOUND;
    }
    *out = w.page;
    w.page->site = rg_catalogue_face(&sites, ctx, true);
    return w.page->site ? rg_store_transact(ctx, show_work, &w) : RG_UNAVAILABLE;
}

/* --- what changed ----------------------------------------------------------------------------- */

typedef struct {
    const char *uid, *reason;
    const rg_change_in_t *in;
    rg_patient_t fresh;
    rg_needs_t needs;
    rg_patient_t *known;
    rg_needs_t stored;
    int count;
    rg_change_t list[FIELDS_MOST];
} change_t;

static void differs(change_t *w, const char *field, const char *was, const char *now)
{
    if (strcmp(was, now) != 0) {
        w->list[w->count++] =
            (rg_change_t){.field = field, .old_value = was, .new_value = now, .reason = w->reason};
    }
}

/* True: the name or the date of birth is among them. */
static bool compare(change_t *w, const rg_ctx_t *ctx)
{
#define PERSON(name, member, path) differs(w, #name, w->known->member, w->fresh.member);
#define NEED(name)                 differs(w, #name, w->stored.name, w->needs.name);
    RG_NAME_FIELDS(PERSON)
    differs(w, "birth_date", rg_date_iso(ctx->pool, w->known->birth_date),
            rg_date_iso(ctx->pool, w->fresh.birth_date));
    bool who = w->count > 0;
    RG_CONTACT_FIELDS(PERSON)
    RG_NEED_FIELDS(NEED)
#undef PERSON
#undef NEED
    return who;
}

static rg_outcome_t check_second(const rg_ctx_t *ctx, const rg_second_t *second, bool needed)
{
    rg_ctx_t theirs = *ctx;
    theirs.who.roles = second->roles;
    theirs.who.staff_id = second->staff_id;
    if (second->staff_id > 0 && !rg_may(&theirs, RG_DEED_CHANGE)) {
        rg_problem_add(ctx->problems, "second_login",
                       "The second person must be of the front desk, a clinician or an "
                       "administrator.");
        return RG_INVALID;
    }
    if (needed && second->staff_id == 0) {
        rg_problem_add(ctx->problems, "second_login",
                       "This patient is in treatment or has signed forms. A second person must "
                       "confirm a new name or date of birth with their own login and password.");
        return RG_INVALID;
    }
    return RG_OK;
}

static rg_outcome_t changed_meanwhile(const rg_ctx_t *ctx)
{
    rg_problem_add(ctx->problems, "version",
                   "Somebody else changed this record while you were typing. What you typed is "
                   "still below. Compare it with the record, and save again.");
    return RG_CONFLICT;
}

static rg_outcome_t write_changes(change_t *w, rg_db_t *db, const rg_ctx_t *ctx)
{
    const char *fields = "fields:";
    for (int i = 0; i < w->count; i++) {
        RG_TRY(rg_change_insert(db, ctx, w->known->id, &w->list[i], w->in->second.staff_id));
        fields = apr_pstrcat(ctx->pool, fields, i > 0 ? "," : "", w->list[i].field, NULL);
    }
    w->fresh.id = w->known->id;
    RG_TRY(rg_patient_update(db, ctx, &w->fresh));
    RG_TRY(rg_needs_update(db, ctx, w->known->id, &w->needs));
    return rg_audit_add(db, ctx, "patient.change", "patient", w->known->id, fields);
}

static rg_outcome_t change_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    change_t *w = baton;
    w->count = 0;
    RG_TRY(rg_patient_by_uid(db, ctx, &w->known, w->uid));
    RG_TRY(rg_needs_read(db, ctx, &w->stored, w->known->id));
    if (w->in->person.version != w->stored.version) {
        return changed_meanwhile(ctx);
    }
    bool who = compare(w, ctx);
    if (w->count == 0) {
        rg_problem_add(ctx->problems, NULL, "Nothing is different from what is on file.");
        return RG_INVALID;
    }
    RG_TRY(check_second(ctx, &w->in->second, who && w->stored.relied_on));
    rg_outcome_t rc = write_changes(w, db, ctx);
    return rc == RG_PRECONDITION || rc == RG_CONFLICT ? changed_meanwhile(ctx) : rc;
}

/* --- what was typed --------------------------------------------------------------------------- */

static bool read_change(change_t *w, const rg_ctx_t *ctx, rg_date_t today)
{
    const rg_typed_t k = {ctx->pool, ctx->problems, ctx->who.roles};
    bool fine = rg_person_check(&w->fresh, ctx, &w->in->person, today);
    w->needs.interpreter =
        rg_typed_optional(&k, "interpreter", "language", w->in->interpreter, INTERPRETER_MOST);
    w->needs.access_needs =
        rg_typed_optional(&k, "access_needs", "access needs", w->in->access_needs, ACCESS_MOST);
    w->reason = rg_text_tidy(ctx->pool, w->in->reason ? w->in->reason : "");
    size_t n = rg_text_length(w->reason);
    if (n < WHY_LEAST || n > WHY_MOST) {
        rg_problem_add(ctx->problems, "reason", "Enter a reason of %d to %d characters.", WHY_LEAST,
                       WHY_MOST);
    }
    return fine && !rg_problems_any(ctx->problems);
}

rg_outcome_t rg_person_change(const rg_ctx_t *ctx, const char *uid, const rg_change_in_t *in)
{
    int sites;
    change_t w = {.uid = uid, .in = in};
    RG_TRY(rg_must(ctx, RG_DEED_CHANGE));
    const rg_site_t *site = rg_catalogue_face(&sites, ctx, true);
    if (!rg_uid_valid(uid)) {
        return RG_NOT_FOUND;
    }
    if (!site) {
        return RG_UNAVAILABLE;
    }
    return read_change(&w, ctx, rg_zone_local(site->zone, ctx->now).date)
               ? rg_store_once(ctx, change_work, &w)
               : RG_INVALID;
}
