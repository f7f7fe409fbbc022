/* SPDX-License-Identifier: Apache-2.0 */
/* Administrators read the audit log; that they did is an event as well. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/evidence.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/audit.h"
#include "regen/model/patient.h"
#include "regen/store/evidence.h"
#include "regen/store/desk.h"
#include "regen/store/store.h"

#include <inttypes.h>

#include <apr_strings.h>

typedef struct {
    const rg_audit_in_t *in;
    rg_audit_page_t *out;
    rg_audit_filter_t f;
} read_t;

static rg_outcome_t find_patient(read_t *r, rg_db_t *db, const rg_ctx_t *ctx)
{
    const char *uid = r->in->patient_uid;
    if (!uid || *uid == '\0') {
        return RG_OK;
    }
    rg_patient_t *patient;
    rg_outcome_t rc = rg_patient_by_uid(db, ctx, &patient, uid);
    if (rc == RG_OK) {
        r->f.patient_id = patient->id;
        r->out->patient = patient;
    }
    return rc;
}

/* One row more than are shown says whether there are others. */
static rg_outcome_t read_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    read_t *r = baton;
    RG_TRY(find_patient(r, db, ctx));
    RG_TRY(rg_audit_read(db, ctx, &r->out->rows, &r->out->count, &r->f));
    r->out->more = r->out->count == r->f.limit;
    r->out->count -= r->out->more;
    return rg_audit_add(db, ctx, "audit.read", r->f.patient_id > 0 ? "patient" : "list",
                        r->f.patient_id, r->f.actor);
}

rg_outcome_t rg_audit_list(rg_audit_page_t **out, const rg_ctx_t *ctx, const rg_audit_in_t *in)
{
    int sites;
    const rg_site_t *site = rg_catalogue_face(&sites, ctx, true);
    read_t r = {in, apr_pcalloc(ctx->pool, sizeof(rg_audit_page_t)), {.before = in->before}};
    RG_TRY(rg_must(ctx, RG_DEED_AUDIT));
    if (!site) {
        return RG_UNAVAILABLE;
    }
    r.out->zone = site->zone;
    r.f.limit = in->limit + 1;
    r.f.actor = in->staff_id > 0 ? apr_psprintf(ctx->pool, "staff:%" PRId64, in->staff_id) : "";
    if (in->day.year > 0) {
        r.f.from = rg_zone_utc(site->zone, in->day, 0);
        r.f.until = rg_zone_utc(site->zone, rg_date_add(in->day, 1), 0);
    }
    *out = r.out;
    return rg_store_transact(ctx, read_work, &r);
}
