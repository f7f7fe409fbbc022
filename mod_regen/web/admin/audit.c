/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log for administrators: who did what, who looked at whose record, as pages and as a
 * file. */
#include "mod_regen/web/platform/web.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/evidence.h"
#include "regen/clinic/identity.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/staff.h"
#include "regen/render/view_admin.h"

enum { EVENTS_PAGE = 100, EVENTS_FILE = 20000 };

static bool read_audit_wanted(rg_audit_in_t *in, const regen_req_t *q)
{
    const char *staff = regen_param(q, "staff");
    const char *day = regen_param(q, "day");
    const char *before = regen_param(q, "before");
    *in = (rg_audit_in_t){.patient_uid = regen_param(q, "patient"), .limit = EVENTS_PAGE};
    return (!staff || *staff == '\0' || rg_text_i64(&in->staff_id, staff, 1, REGEN_ID_MAX)) &&
           (!day || *day == '\0' || rg_date_parse(&in->day, day)) &&
           (!before || rg_text_i64(&in->before, before, 1, REGEN_ID_MAX));
}

static int h_audit(regen_req_t *q)
{
    rg_audit_in_t in;
    rg_audit_page_t *page;
    rg_staff_row_t *staff;
    int count;
    rg_outcome_t rc = read_audit_wanted(&in, q) ? RG_OK : RG_NOT_FOUND;
    rc = rc == RG_OK ? rg_audit_list(&page, q->ctx, &in) : rc;
    rc = rc == RG_OK ? rg_staff_list(&staff, &count, q->ctx) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    q->looked = true;
    return regen_page(q, RG_OK, "admin/audit.html",
                      rg_view_audit(q->ctx->pool, page, &in, staff, count));
}

static int h_audit_file(regen_req_t *q)
{
    rg_audit_in_t in;
    rg_audit_page_t *page;
    rg_outcome_t rc = read_audit_wanted(&in, q) ? RG_OK : RG_NOT_FOUND;
    in.limit = EVENTS_FILE;
    rc = rc == RG_OK ? rg_audit_list(&page, q->ctx, &in) : rc;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    const rg_buf_t *out = rg_view_audit_csv(q->ctx->pool, page);
    return regen_bytes(q, "text/csv; charset=utf-8", "audit.csv", out->data, out->len);
}

const regen_route_t regen_routes_admin_audit[] = {
    {"GET", "/staff/admin/audit", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, h_audit},
    {"GET", "/staff/admin/audit.csv", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, h_audit_file},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
