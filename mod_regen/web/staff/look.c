/* SPDX-License-Identifier: Apache-2.0 */
/* Every look of staff at a person's record is audited, here and for all pages: a new page of the
 * staff area is covered by itself. Left out are pages that show nobody (REGEN_SHOWS_NOBODY), and
 * those whose use-case wrote the look with the record (q->looked). */
#include "mod_regen/web/platform/platform.h"
#include "regen/clinic/evidence.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/model/audit.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

/* What the first star of an address names. */
static const struct {
    const char *begins;
    rg_look_kind_t kind;
} SUBJECTS[] = {
    {"/staff/bookings/*", RG_LOOK_BOOKING},   {"/staff/patients/*", RG_LOOK_PATIENT},
    {"/billing/bookings/*", RG_LOOK_BOOKING}, {"/billing/patients/*", RG_LOOK_PATIENT},
    {"/billing/invoices/*", RG_LOOK_INVOICE},
};

static rg_look_kind_t look_kind(const char *pattern)
{
    for (size_t i = 0; i < sizeof(SUBJECTS) / sizeof(*SUBJECTS); i++) {
        if (strncmp(pattern, SUBJECTS[i].begins, strlen(SUBJECTS[i].begins)) == 0) {
            return SUBJECTS[i].kind;
        }
    }
    return RG_LOOK_LIST;
}

/* Days and codes only: what else was typed is nobody's business here. */
static bool harmless(const char *value)
{
    size_t n = strspn(value, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return n > 0 && n <= 26 && value[n] == '\0';
}

/* The pattern of the address, and which day, part or page of a list it was. */
static const char *look_page(const regen_req_t *q)
{
    static const char *const names[] = {"date", "day",     "site",    "view",    "status", "queue",
                                        "page", "patient", "booking", "service", "who"};
    const char *page = apr_pstrcat(q->r->pool, q->r->method, " ", q->route->pattern, NULL);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        const char *value = rg_form_get(q->query, names[i]);
        if (value && harmless(value)) {
            page = apr_pstrcat(q->r->pool, page, " ", names[i], ":", value, NULL);
        }
    }
    return apr_pstrndup(q->r->pool, page, 255);
}

rg_outcome_t regen_look(regen_req_t *q)
{
    if (q->looked || !q->route || (q->route->flags & REGEN_STAFF_AREA) == 0 ||
        (q->route->flags & REGEN_SHOWS_NOBODY) != 0 || (q->ctx->who.roles & RG_ROLE_STAFF) == 0) {
        return RG_OK;
    }
    const rg_record_look_t look = {
        .kind = look_kind(q->route->pattern), .uid = q->args[0], .page = look_page(q)};
    q->looked = true;
    return rg_look_add(q->ctx, &look);
}
