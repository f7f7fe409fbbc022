/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log, as a page and as a file. */
#include "regen/clinic/evidence.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/audit.h"
#include "regen/model/staff.h"
#include "regen/render/view.h"
#include "regen/render/view_admin.h"

#include <inttypes.h>
#include <string.h>

#include <apr_strings.h>

enum { CSV_MOST = 16 * 1024 * 1024 };

/* "staff:7" is said by name; of others the log has no name. */
static const char *actor_words(const rg_audit_row_t *r)
{
    static const struct {
        const char *begins, *words;
    } all[] = {{"token:", "An API client"},
               {"booking:", "The patient"},
               {"waitlist:", "On the waitlist"},
               {"visitor", "A visitor"},
               {"system", "The system"}};
    for (size_t i = 0; !r->staff && i < sizeof(all) / sizeof(*all); i++) {
        if (strncmp(r->actor, all[i].begins, strlen(all[i].begins)) == 0) {
            return all[i].words;
        }
    }
    return r->staff ? r->staff : r->actor;
}

static const char *action_words(apr_pool_t *p, const rg_audit_row_t *r)
{
    if (strcmp(r->action, "look") == 0) {
        return "Looked at";
    }
    char *words = apr_pstrdup(p, rg_view_title(p, r->action));
    for (char *c = words; *c; c++) {
        *c = *c == '.' ? ' ' : *c;
    }
    return words;
}

/* Pages that show somebody, by their address in the log (web/staff/look.c). */
static const struct {
    const char *address, *words;
} PAGES[] = {
    {"/staff", "Board of the day"},
    {"/staff/day", "Day sheet"},
    {"/staff/week", "Week"},
    {"/staff/times", "Times for a patient"},
    {"/staff/block", "What a block would move"},
    {"/staff/messages", "Messages to patients"},
    {"/staff/recalls", "Recalls"},
    {"/staff/waitlist", "Waitlist"},
    {"/staff/services/*/wait", "Joining the waitlist"},
    {"/staff/patients", "Search for a patient"},
    {"/staff/patients/*", "Patient"},
    {"/staff/duplicates", "Likely duplicates"},
    {"/staff/supplies/*", "Treatments in which a lot was used"},
    {"/staff/orders", "Treatment orders"},
    {"/staff/orders/*", "Treatment order"},
    {"/staff/patients/*/change", "Changing a patient"},
    {"/staff/patients/*/merge", "Two records of one patient"},
    {"/staff/patients/*/order", "Ordering a treatment"},
    {"/staff/bookings/*", "Chart of a visit"},
    {"/staff/bookings/*/consents/*", "Consent"},
    {"/staff/bookings/*/consents/*/withdraw", "Withdrawing a consent"},
    {"/staff/bookings/*/questions/*", "Answers of a patient"},
    {"/staff/reviews", "Answers to look at"},
    {"/staff/bookings/*/move", "Moving a visit"},
    {"/staff/bookings/*/details", "Details of a visit"},
    {"/staff/bookings/*/replan", "Rescheduling the remaining steps"},
    {"/staff/bookings/*/tablet", "Signing at the desk"},
    {"/staff/units/*/label", "Label of a unit"},
    {"/tablet", "Forms to sign, on a lent tablet"},
    {"/tablet/forms/*", "Form to sign, on a lent tablet"},
    {"/billing", "Billing list"},
    {"/billing/bookings/*", "Billing of a visit"},
    {"/billing/bookings/*/estimate", "Good-faith estimate"},
    {"/billing/bookings/*/estimate/given", "Good-faith estimate"},
    {"/billing/bookings/*/estimate/not-given", "Good-faith estimate"},
    {"/billing/estimates", "Estimates to give"},
    {"/billing/invoices/*", "Invoice"},
    {"/billing/invoices/*/credits", "Credit note"},
    {"/billing/invoices/*/credits/*", "Credit note"},
    {"/billing/patients", "Patients who owe"},
    {"/billing/patients/*", "Account of a patient"},
    {"/billing/patients/*/*", "Posting on an account"},
    {"/billing/patients/*/receipts/*", "Receipt"},
    {"/billing/claims/*", "Claim"},
    {"/billing/claims/*/file", "File of a claim"},
    {"/staff/admin/closures", "Closures and whom they concern"},
    {"/staff/admin/audit", "Audit log"},
    {"/staff/admin/audit.csv", "Audit log, as a file"},
};

/* "GET /staff/day date:2026-11-30" is "Day sheet, date 2026-11-30"; all else stays as it is. */
static const char *detail_words(apr_pool_t *p, const rg_audit_row_t *r)
{
    char *rest = NULL;
    char *detail = apr_pstrdup(p, r->detail);
    const char *method = apr_strtok(detail, " ", &rest);
    const char *address = method ? apr_strtok(NULL, " ", &rest) : NULL;
    const char *words = NULL;
    for (size_t i = 0; i < sizeof(PAGES) / sizeof(*PAGES) && address && !words; i++) {
        words = strcmp(PAGES[i].address, address) == 0 ? PAGES[i].words : NULL;
    }
    if (!words || strcmp(r->action, "look") != 0) {
        return r->detail;
    }
    for (char *c = apr_strtok(NULL, " ", &rest); c; c = apr_strtok(NULL, " ", &rest)) {
        char *colon = strchr(c, ':');
        if (colon) {
            *colon = ' ';
        }
        words = apr_pstrcat(p, words, ", ", c, NULL);
    }
    return words;
}

static void put_event(rg_val_t *v, apr_pool_t *p, const rg_zone_t *zone, const rg_audit_row_t *r)
{
    rg_val_int(v, "id", r->id);
    rg_view_time(v, "at", p, zone, r->at);
    rg_val_str(v, "who", actor_words(r));
    rg_val_str(v, "what", action_words(p, r));
    rg_val_str(v, "detail", detail_words(p, r));
    rg_val_str(v, "patient_uid", r->patient_uid);
    rg_val_str(v, "patient", r->patient_uid ? rg_view_name(p, r->given, r->family) : NULL);
}

static void put_staff(rg_val_t *view, apr_pool_t *p, const rg_audit_in_t *in,
                      const rg_staff_row_t *staff, int count)
{
    rg_val_t *list = rg_val_set_list(view, "people");
    for (int i = 0; i < count; i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "value", apr_psprintf(p, "%" PRId64, staff[i].staff.id));
        rg_val_str(v, "text", staff[i].staff.name);
        rg_val_bool(v, "chosen", staff[i].staff.id == in->staff_id);
    }
}

/* What the page shows, for the addresses of the next one and of the file. */
static const char *query_of(apr_pool_t *p, const rg_audit_in_t *in)
{
    const char *query = "";
    if (in->patient_uid && *in->patient_uid) {
        query = apr_pstrcat(p, "&patient=", in->patient_uid, NULL);
    }
    if (in->staff_id > 0) {
        query = apr_psprintf(p, "%s&staff=%" PRId64, query, in->staff_id);
    }
    if (in->day.year > 0) {
        query = apr_pstrcat(p, query, "&day=", rg_date_iso(p, in->day), NULL);
    }
    return query;
}

rg_val_t *rg_view_audit(apr_pool_t *p, const rg_audit_page_t *page, const rg_audit_in_t *in,
                        const rg_staff_row_t *staff, int count)
{
    rg_val_t *view = rg_view_page(p, "Audit log", NULL);
    rg_val_t *list = rg_val_set_list(view, "events");
    rg_val_bool(view, "wide", true);
    rg_val_bool(view, "at_admin", true);
    rg_val_bool(view, "at_audit", true);
    rg_val_bool(view, "any_events", page->count > 0);
    for (int i = 0; i < page->count; i++) {
        put_event(rg_val_add(list), p, page->zone, &page->rows[i]);
    }
    put_staff(view, p, in, staff, count);
    rg_val_str(view, "day", in->day.year > 0 ? rg_date_iso(p, in->day) : NULL);
    rg_val_str(view, "query", query_of(p, in));
    if (page->patient) {
        rg_val_str(view, "of_uid", in->patient_uid);
        rg_val_str(view, "of", rg_view_name(p, page->patient->given, page->patient->family));
    }
    if (page->more) {
        rg_val_str(view, "older", apr_psprintf(p, "%" PRId64, page->rows[page->count - 1].id));
    }
    return view;
}

/* --- as a file -------------------------------------------------------------------------------- */

/* In quotes; what a spreadsheet would take for a formula begins with an apostrophe. */
static void put_csv_cell(rg_buf_t *out, const char *text, const char *end)
{
    rg_buf_puts(out, strchr("=+-@\t\r", text[0]) && text[0] ? "\"'" : "\"");
    for (const char *c = text; *c; c++) {
        rg_buf_add(out, c, 1);
        if (*c == '"') {
            rg_buf_add(out, c, 1);
        }
    }
    rg_buf_puts(out, "\"");
    rg_buf_puts(out, end);
}

rg_buf_t *rg_view_audit_csv(apr_pool_t *p, const rg_audit_page_t *page)
{
    rg_buf_t *out = rg_buf_make(p, CSV_MOST);
    rg_buf_puts(out, "id,at,actor,staff,action,entity,entity_id,detail,patient,name\r\n");
    for (int i = 0; i < page->count; i++) {
        const rg_audit_row_t *r = &page->rows[i];
        rg_buf_printf(out, "%" PRId64 ",", r->id);
        put_csv_cell(out, rg_time_instant(p, r->at), ",");
        put_csv_cell(out, r->actor, ",");
        put_csv_cell(out, r->staff ? r->staff : "", ",");
        put_csv_cell(out, r->action, ",");
        put_csv_cell(out, r->entity, ",");
        rg_buf_printf(out, "%" PRId64 ",", r->entity_id);
        put_csv_cell(out, r->detail, ",");
        put_csv_cell(out, r->patient_uid ? r->patient_uid : "", ",");
        put_csv_cell(out, r->patient_uid ? rg_view_name(p, r->given, r->family) : "", "\r\n");
    }
    return out;
}
