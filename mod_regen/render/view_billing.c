/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the billing staff: the queues, an account, an invoice, a claim. Called by web/billing_*.c. */
#include "regen/render.h"

#include <apr_strings.h>

/* --- queues ------------------------------------------------------------------------------------- */

typedef struct {
    const char *name, *title, *empty;
} queue_words_t;

static const queue_words_t QUEUES[RG_QUEUE_COUNT] = {
    {"to-invoice", "To invoice", "Every completed treatment has its invoice."},
    {"to-claim", "To claim", "Every insured treatment has its claim."},
    {"claimed", "Claims made", "No claim has been made yet."},
};

static void queue_tabs(rg_val_t *page, const rg_worklist_t *w)
{
    rg_val_t *tabs = rg_val_set_list(page, "queues");
    for (int i = 0; i < RG_QUEUE_COUNT; i++) {
        rg_val_t *t = rg_val_add(tabs);
        rg_val_str(t, "name", QUEUES[i].name);
        rg_val_str(t, "title", QUEUES[i].title);
        rg_val_int(t, "count", w->counts[i]);
        rg_val_bool(t, "current", i == (int)w->queue);
    }
}

static void queue_item(rg_val_t *list, apr_pool_t *p, const rg_work_item_t *item,
                       const rg_zone_t *zone)
{
    rg_val_t *v = rg_val_add(list);
    rg_val_str(v, "uid", item->booking_uid);
    rg_val_str(v, "patient", rg_view_name(p, item->patient_given, item->patient_family));
    rg_val_str(v, "service", item->service_name);
    rg_val_str(v, "payer", *item->payer_name ? item->payer_name : "Self-pay");
    rg_view_time(v, "starts", p, zone, item->starts_at);
    rg_view_money(v, "total", p, item->total);
    if (*item->claim_uid) {
        rg_val_str(v, "claim_uid", item->claim_uid);
        rg_val_str(v, "claim_no", item->claim_no);
    }
}

rg_val_t *rg_view_worklist(apr_pool_t *p, const rg_worklist_t *w)
{
    rg_val_t *page = rg_view_page(p, "Billing", w->site);
    rg_val_t *list;
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "step", QUEUES[w->queue].title);
    rg_val_str(page, "empty", QUEUES[w->queue].empty);
    rg_val_str(page, "queue", QUEUES[w->queue].name);
    rg_val_bool(page, "claimed", w->queue == RG_QUEUE_CLAIMED);
    queue_tabs(page, w);
    list = rg_val_set_list(page, "items");
    for (int i = 0; i < w->count; i++) {
        queue_item(list, p, &w->items[i], w->site->zone);
    }
    rg_val_bool(page, "has_items", w->count > 0);
    rg_val_int(page, "page", w->page);
    rg_val_int(page, "pages", w->pages);
    rg_val_bool(page, "several", w->pages > 1);
    if (w->page > 1) {
        rg_val_int(page, "previous", w->page - 1);
    }
    if (w->page < w->pages) {
        rg_val_int(page, "following", w->page + 1);
    }
    return page;
}

/* --- an account ------------------------------------------------------------------------------------ */

static void charge_lines(rg_val_t *page, apr_pool_t *p, const rg_charge_t *lines, int count)
{
    rg_val_t *list = rg_val_set_list(page, "lines");
    for (int i = 0; i < count; i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "code", lines[i].code);
        rg_val_str(v, "modifier", *lines[i].modifier ? lines[i].modifier : NULL);
        rg_val_str(v, "description", lines[i].description);
        rg_val_int(v, "quantity", lines[i].quantity);
        rg_view_money(v, "unit", p, lines[i].unit);
        rg_view_money(v, "total", p, lines[i].total);
    }
}

static const char *or_nothing(const char *s)
{
    return s && *s ? s : NULL;
}

/* What stands against the claim, unless it is made; the page links each to where it is mended. */
static void claim_state(rg_val_t *page, const rg_account_t *a, const rg_problems_t *against)
{
    rg_val_t *list;
    if (*a->claim_uid) {
        rg_val_str(page, "claim_uid", a->claim_uid);
        rg_val_str(page, "claim_no", a->claim_no);
        return;
    }
    list = rg_val_set_list(page, "against");
    for (int i = 0; against && i < against->list->nelts; i++) {
        const rg_problem_t *problem = &APR_ARRAY_IDX(against->list, i, rg_problem_t);
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "text", problem->text);
        rg_val_str(v, "path", problem->field);
    }
    rg_val_bool(page, "against_any", rg_val_count(list) > 0);
    rg_val_bool(page, "may_claim", against && !rg_problems_any(against));
}

rg_val_t *rg_view_account(apr_pool_t *p, const rg_account_t *a, const rg_problems_t *against)
{
    rg_val_t *page = rg_view_page(p, "Account", a->site);
    bool completed = a->booking->status == RG_BOOKING_COMPLETED;
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_set(page, "booking", rg_view_booking(p, a->booking, a->site->zone));
    rg_val_str(page, "patient",
               rg_view_name(p, a->booking->patient_given, a->booking->patient_family));
    rg_val_bool(page, "insured", *a->payer_name != '\0');
    rg_val_str(page, "payer", or_nothing(a->payer_name));
    charge_lines(page, p, a->charges, a->charge_count);
    rg_val_bool(page, "lines_any", a->charge_count > 0);
    rg_view_money(page, "total", p, a->total);
    rg_val_str(page, "invoice_uid", or_nothing(a->invoice_uid));
    rg_val_str(page, "invoice_label", or_nothing(a->invoice_label));
    rg_val_bool(page, "completed", completed);
    rg_val_bool(page, "may_invoice", completed && !*a->invoice_uid && a->charge_count > 0);
    claim_state(page, a, against);
    return page;
}

/* --- an invoice --------------------------------------------------------------------------------------- */

rg_val_t *rg_view_invoice(apr_pool_t *p, const rg_invoice_t *inv, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, apr_pstrcat(p, "Invoice ", inv->label, NULL), site);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "label", inv->label);
    rg_val_str(page, "patient", inv->patient_name);
    rg_val_str(page, "issuer", inv->issuer);
    rg_view_time(page, "issued", p, site->zone, inv->issued_at);
    charge_lines(page, p, inv->lines, inv->line_count);
    rg_view_money(page, "total", p, inv->total);
    return page;
}

/* --- a claim -------------------------------------------------------------------------------------------- */

static const char *join_modifiers(apr_pool_t *p, const rg_claim_line_t *l)
{
    const char *s = NULL;
    for (int i = 0; i < 4 && l->modifiers[i]; i++) {
        s = s ? apr_pstrcat(p, s, " ", l->modifiers[i], NULL) : l->modifiers[i];
    }
    return s;
}

static const char *join_pointers(apr_pool_t *p, const rg_claim_line_t *l)
{
    const char *s = NULL;
    for (int i = 0; i < 4 && l->pointers[i]; i++) {
        s = s ? apr_psprintf(p, "%s, %d", s, l->pointers[i]) : apr_itoa(p, l->pointers[i]);
    }
    return s;
}

static void claim_lines(rg_val_t *page, apr_pool_t *p, const rg_claim_doc_t *d)
{
    rg_val_t *list = rg_val_set_list(page, "lines");
    for (int i = 0; i < d->line_count; i++) {
        const rg_claim_line_t *l = &d->lines[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "sequence", l->sequence);
        rg_val_str(v, "code", l->code);
        rg_val_str(v, "modifiers", join_modifiers(p, l));
        rg_val_str(v, "description", l->description);
        rg_val_str(v, "pointers", join_pointers(p, l));
        rg_val_int(v, "quantity", l->quantity);
        rg_view_date(v, "date", p, l->service_date);
        rg_view_money(v, "net", p, l->net);
    }
}

rg_val_t *rg_view_claim(apr_pool_t *p, const rg_claim_doc_t *d, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, apr_pstrcat(p, "Claim ", d->row.claim_no, NULL), site);
    rg_val_t *list = rg_val_set_list(page, "diagnoses");
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "uid", d->row.uid);
    rg_val_str(page, "claim_no", d->row.claim_no);
    rg_val_str(page, "booking_uid", d->booking_uid);
    rg_val_str(page, "patient", rg_view_name(p, d->row.patient_given, d->row.patient_family));
    rg_val_str(page, "payer", d->row.payer_name);
    rg_view_time(page, "created", p, site->zone, d->row.created_at);
    rg_view_date(page, "service_date", p, d->row.service_date);
    rg_view_money(page, "total", p, d->row.total);
    for (int i = 0; i < d->diagnosis_count; i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "sequence", i + 1);
        rg_val_str(v, "code", d->diagnoses[i].code);
        rg_val_str(v, "title", d->diagnoses[i].title);
    }
    claim_lines(page, p, d);
    return page;
}
