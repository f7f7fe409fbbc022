/* SPDX-License-Identifier: Apache-2.0 */
/* The administrators' pages of fee schedules: the list, one version with its lines, uploading a
 * file as a draft, publishing it from a day on, withdrawing what is not in force yet. */
#include "mod_regen/web/platform/route.h"
#include "mod_regen/web/platform/web.h"
#include "regen/clinic/fees.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/val.h"
#include "regen/render/view_fees.h"

#include <inttypes.h>
#include <string.h>

#include <apr_strings.h>

/* --- the list --------------------------------------------------------------------------------- */

static int fees_show(regen_req_t *q, rg_outcome_t outcome)
{
    rg_fees_t f;
    rg_outcome_t rc = rg_fees_list(&f, q->ctx);
    return rc == RG_OK
               ? regen_page(q, outcome, "admin/fees.html", rg_view_fees(q->ctx->pool, &f, q->form))
               : regen_fail(q, rc);
}

static int h_fees(regen_req_t *q)
{
    return fees_show(q, RG_OK);
}

static int h_fee_add(regen_req_t *q)
{
    const rg_fee_schedule_in_t in = {regen_field(q, "code"), regen_field(q, "name"),
                                     regen_field(q, "payer"), regen_field(q, "site")};
    rg_outcome_t rc = rg_fees_schedule_add(q->ctx, &in);
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/admin/fees/%s", in.code);
    }
    return rc == RG_INVALID || rc == RG_CONFLICT ? fees_show(q, rc) : regen_fail(q, rc);
}

/* --- one schedule ----------------------------------------------------------------------------- */

/* False: no number. */
static bool read_version(const char *typed, int64_t *version)
{
    *version = 0;
    return !typed || rg_text_i64(version, typed, 1, UINT32_MAX);
}

static int fee_show(regen_req_t *q, rg_outcome_t outcome, const char *version)
{
    rg_fee_page_t f;
    int64_t id;
    rg_outcome_t rc =
        read_version(version, &id) ? rg_fees_get(&f, q->ctx, q->args[0], id) : RG_NOT_FOUND;
    if (rc != RG_OK) {
        return regen_fail(q, rc);
    }
    rg_val_t *view = rg_view_fee_schedule(q->ctx->pool, &f, q->form);
    rg_val_bool(view, "same", regen_param(q, "same") != NULL);
    return regen_page(q, outcome, "admin/fee.html", view);
}

static int h_fee(regen_req_t *q)
{
    return fee_show(q, RG_OK, regen_param(q, "version"));
}

static int h_fee_file(regen_req_t *q)
{
    rg_fee_page_t f;
    int64_t id;
    rg_outcome_t rc = read_version(regen_param(q, "version"), &id)
                          ? rg_fees_get(&f, q->ctx, q->args[0], id)
                          : RG_NOT_FOUND;
    rg_buf_t *out = rg_buf_make(q->ctx->pool, RG_FEE_FILE_MOST);
    rc = rc == RG_OK ? rg_fee_file_write(out, f.entries, f.entry_count) : rc;
    return rc == RG_OK ? regen_bytes(q, "text/csv; charset=utf-8", "fees.csv", out->data, out->len)
                       : regen_fail(q, rc);
}

static int h_fee_upload(regen_req_t *q)
{
    rg_fees_imported_t got;
    const char *typed = rg_form_get(q->form, "csv");
    const char *csv = typed ? typed : "";
    const rg_fees_import_in_t in = {q->args[0], csv, strlen(csv), true, NULL};
    rg_outcome_t rc = rg_fees_import(&got, q->ctx, &in);
    if (rc == RG_OK && got.same) {
        return regen_redirect(q, "/staff/admin/fees/%s?same=1", q->args[0]);
    }
    if (rc == RG_OK && got.version == 0) { /* a repeated request: the draft is there */
        return regen_redirect(q, "/staff/admin/fees/%s", q->args[0]);
    }
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/admin/fees/%s?version=%" PRId64, q->args[0], got.version);
    }
    return rc == RG_INVALID || rc == RG_CONFLICT ? fee_show(q, rc, NULL) : regen_fail(q, rc);
}

/* After publishing or withdrawing the version in the form. */
static int version_done(regen_req_t *q, rg_outcome_t rc, int64_t version)
{
    if (rc == RG_OK) {
        return regen_redirect(q, "/staff/admin/fees/%s?version=%" PRId64, q->args[0], version);
    }
    return rc == RG_INVALID || rc == RG_PRECONDITION || rc == RG_CONFLICT
               ? fee_show(q, rc, regen_field(q, "version"))
               : regen_fail(q, rc);
}

static int h_fee_publish(regen_req_t *q)
{
    int64_t version;
    if (!read_version(regen_field(q, "version"), &version)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    return version_done(q, rg_fees_publish(q->ctx, q->args[0], version, regen_field(q, "from")),
                        version);
}

static int h_fee_withdraw(regen_req_t *q)
{
    int64_t version;
    if (!read_version(regen_field(q, "version"), &version)) {
        return regen_fail(q, RG_NOT_FOUND);
    }
    return version_done(q, rg_fees_withdraw(q->ctx, q->args[0], version, regen_field(q, "reason")),
                        version);
}

const regen_route_t regen_routes_fees[] = {
    {"GET", "/staff/admin/fees", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_fees},
    {"POST", "/staff/admin/fees", RG_ROLE_ADMIN, 8 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_fee_add},
    {"GET", "/staff/admin/fees/*", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY,
     h_fee},
    {"GET", "/staff/admin/fees/*/fees.csv", RG_ROLE_ADMIN, 0, 0,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_fee_file},
    {"POST", "/staff/admin/fees/*/upload", RG_ROLE_ADMIN, 512 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_fee_upload},
    {"POST", "/staff/admin/fees/*/publish", RG_ROLE_ADMIN, 8 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_fee_publish},
    {"POST", "/staff/admin/fees/*/withdraw", RG_ROLE_ADMIN, 8 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_SHOWS_NOBODY, h_fee_withdraw},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
