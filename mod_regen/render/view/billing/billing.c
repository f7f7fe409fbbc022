/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the billing staff: the queues, an account, an invoice, a claim. */
#include "regen/clinic/billing.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/money.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_billing.h"

#include <string.h>

#include <apr_strings.h>

/* --- queues ----------------------------------------------------------------------------------- */

typedef struct {
    const char *title, *empty;
    const char *action, *paper, *papers; /* NULL: nothing is left to do */
} queue_words_t;

static const queue_words_t QUEUES[] = {
    [RG_QUEUE_INVOICE] = {"To invoice", "All completed treatments are invoiced.", "invoices",
                          "invoice", "invoices"},
    [RG_QUEUE_CLAIM] = {"To claim", "All insured treatments have claims.", "claims", "claim",
                        "claims"},
    [RG_QUEUE_CLAIMED] = {"Claims created", "No claims have been created yet.", NULL, NULL, NULL},
};
RG_WORDS_ALL(QUEUES, RG_QUEUE_COUNT);

static void queue_tabs(rg_val_t *page, const rg_worklist_t *w)
{
    rg_val_t *tabs = rg_val_set_list(page, "queues");
    for (int i = 0; i < RG_QUEUE_COUNT; i++) {
        rg_val_t *t = rg_val_add(tabs);
        rg_val_str(t, "name", rg_queue_name((rg_queue_t)i));
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
    rg_view_date(v, "day", p, rg_zone_local(zone, item->starts_at).date);
    rg_view_money(v, "total", p, item->total);
    if (*item->why) {
        rg_val_str(v, "why", item->why);
        rg_view_time(v, "tried", p, zone, item->tried_at);
    }
    if (*item->claim_uid) {
        rg_val_str(v, "claim_uid", item->claim_uid);
        rg_val_str(v, "claim_no", item->claim_no);
    }
}

rg_val_t *rg_view_worklist(apr_pool_t *p, const rg_worklist_t *w)
{
    rg_val_t *page = rg_view_page(p, "Billing", w->site);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "step", QUEUES[w->queue].title);
    rg_val_str(page, "empty", QUEUES[w->queue].empty);
    rg_val_str(page, "queue", rg_queue_name(w->queue));
    rg_val_bool(page, "claimed", w->queue == RG_QUEUE_CLAIMED);
    rg_val_bool(page, "invoices", w->queue == RG_QUEUE_INVOICE);
    rg_val_bool(page, "claims", w->queue == RG_QUEUE_CLAIM);
    rg_val_str(page, "action", QUEUES[w->queue].action);
    rg_val_str(page, "papers", QUEUES[w->queue].papers);
    queue_tabs(page, w);
    rg_val_t *list = rg_val_set_list(page, "items");
    for (int i = 0; i < w->count; i++) {
        queue_item(list, p, &w->items[i], w->site->zone);
    }
    rg_val_bool(page, "has_items", w->count > 0);
    rg_val_int(page, "shown", w->count);
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

static const char *number_of(apr_pool_t *p, int n, const queue_words_t *q)
{
    if (n == 0) {
        return apr_pstrcat(p, "No ", q->papers, NULL);
    }
    return apr_psprintf(p, "%d %s", n, n == 1 ? q->paper : q->papers);
}

void rg_view_worklist_deed(rg_val_t *page, apr_pool_t *p, rg_queue_t queue, int done, int left)
{
    const queue_words_t *q = &QUEUES[queue];
    rg_val_t *deed = rg_val_object(p);
    if (!q->action) {
        return;
    }
    rg_val_str(deed, "done", number_of(p, done, q));
    rg_val_bool(deed, "one", done == 1);
    rg_val_str(deed, "left", left > 0 ? number_of(p, left, q) : NULL);
    rg_val_bool(deed, "good", left == 0);
    rg_val_set(page, "deed", deed);
}

/* --- an account ------------------------------------------------------------------------------- */

static void charge_line(rg_val_t *v, apr_pool_t *p, const rg_charge_t *c)
{
    rg_val_str(v, "code", c->code);
    rg_val_str(v, "modifier", *c->modifier ? c->modifier : NULL);
    rg_val_str(v, "description", c->description);
    rg_val_int(v, "quantity", c->quantity);
    rg_view_date(v, "date", p, c->service_date);
    rg_view_money(v, "unit", p, c->unit);
    rg_view_money(v, "total", p, c->total);
}

static void charge_lines(rg_val_t *page, apr_pool_t *p, const rg_charge_t *lines, int count)
{
    rg_val_t *list = rg_val_set_list(page, "lines");
    for (int i = 0; i < count; i++) {
        charge_line(rg_val_add(list), p, &lines[i]);
    }
}

/* Amounts that are nothing are left out. */
static void some_money(rg_val_t *v, const char *key, apr_pool_t *p, int64_t minor,
                       const char *currency)
{
    rg_money_t m = {.minor = minor};
    apr_cpystrn(m.currency, currency, sizeof(m.currency));
    if (minor > 0) {
        rg_view_money(v, key, p, m);
    }
}

/* Who owes each charge of an account. */
static void line_owners(rg_val_t *page, apr_pool_t *p, const rg_account_t *a)
{
    rg_val_t *list = rg_val_set_list(page, "lines");
    for (int i = 0; i < a->charge_count; i++) {
        const rg_charge_t *c = &a->charges[i];
        rg_val_t *v = rg_val_add(list);
        charge_line(v, p, c);
        some_money(v, "by_payer", p, c->payer_owes, c->total.currency);
        some_money(v, "by_patient", p, c->patient_owes, c->total.currency);
        rg_val_str(v, "payer", a->payer_name);
        rg_val_bool(v, "settled", c->payer_owes == 0 && c->patient_owes == 0);
    }
    rg_val_bool(page, "owners", true);
}

static const char *const STATES[] = {
    [RG_INVOICE_OPEN] = "Open",         [RG_INVOICE_PARTLY] = "Partly paid",
    [RG_INVOICE_PAID] = "Paid",         [RG_INVOICE_CLOSED] = "Nothing open",
    [RG_INVOICE_CREDITED] = "Credited",
};
RG_WORDS_ALL(STATES, RG_INVOICE_STATE_COUNT);

const char *rg_view_invoice_state(rg_invoice_state_t state)
{
    return STATES[state];
}

void rg_view_invoices(rg_val_t *page, apr_pool_t *p, const rg_zone_t *zone,
                      const rg_invoice_sum_t *invoices, int count)
{
    rg_val_t *list = rg_val_set_list(page, "invoices");
    for (int i = 0; i < count; i++) {
        const rg_invoice_sum_t *x = &invoices[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "uid", x->uid);
        rg_val_str(v, "label", x->label);
        rg_view_time(v, "issued", p, zone, x->issued_at);
        rg_view_money(v, "total", p, x->total);
        rg_val_str(v, "state", STATES[rg_invoice_state_of(x)]);
        some_money(v, "open", p, x->open, x->total.currency);
        some_money(v, "too_much", p, x->payer_owes, x->total.currency);
    }
    rg_val_bool(page, "invoices_any", count > 0);
}

static const char *or_null(const char *s)
{
    return s && *s ? s : NULL;
}

/* Where a problem is fixed: what was recorded of the treatment, or what the clinic is defined
 * as. */
static bool of_treatment(const char *path)
{
    static const char *const own[] = {"Claim.diagnosis", "Claim.patient", "Claim.insurance",
                                      "Claim.billablePeriod"};
    for (size_t i = 0; path && i < sizeof(own) / sizeof(*own); i++) {
        if (strncmp(path, own[i], strlen(own[i])) == 0) {
            return true;
        }
    }
    return path && strstr(path, "].diagnosisSequence");
}

static void claim_problems(rg_val_t *page, const rg_problems_t *against)
{
    rg_val_t *list = rg_val_set_list(page, "against");
    for (int i = 0; i < against->list->nelts; i++) {
        const rg_problem_t *problem = &APR_ARRAY_IDX(against->list, i, rg_problem_t);
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "text", problem->text);
        rg_val_str(v, "path", problem->field);
        rg_val_bool(v, "of_treatment", of_treatment(problem->field));
    }
    rg_val_bool(page, "against_any", rg_val_count(list) > 0);
}

static rg_val_t *with_number(rg_val_t *object, const char *key, apr_pool_t *p, const char *name,
                             const char *number)
{
    rg_val_t *v = rg_val_object(p);
    rg_val_str(v, "name", or_null(name));
    rg_val_str(v, "number", or_null(number));
    rg_val_set(object, key, v);
    return v;
}

static void diagnosis_list(rg_val_t *object, const rg_diagnosis_t *d, int count)
{
    rg_val_t *list = rg_val_set_list(object, "diagnoses");
    for (int i = 0; i < count; i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "sequence", i + 1);
        rg_val_str(v, "code", d[i].code);
        rg_val_str(v, "title", d[i].title);
    }
}

/* What would be sent, so that it can be read beside what is wrong with it. */
static void claim_content(rg_val_t *page, apr_pool_t *p, const rg_claim_t *c)
{
    rg_val_t *v = rg_val_object(p);
    with_number(v, "to", p, c->coverage.payer.name, c->coverage.payer.payer_id);
    rg_val_str(v, "member", or_null(c->coverage.member_id));
    if (rg_relationship_parse(c->coverage.relationship) != RG_RELATIONSHIP_SELF) {
        rg_val_str(
            v, "subscriber",
            or_null(rg_view_name(p, c->coverage.subscriber_given, c->coverage.subscriber_family)));
    }
    with_number(v, "from", p, c->billing.name, c->billing.npi);
    with_number(v, "by", p, c->rendering.name, c->rendering.npi);
    rg_val_str(v, "place", c->facility.place_of_service);
    rg_view_date(v, "day", p, c->service_from);
    diagnosis_list(v, c->diagnoses, c->diagnosis_count);
    rg_view_money(v, "total", p, c->total);
    rg_val_set(page, "claim", v);
}

static void claim_state(rg_val_t *page, apr_pool_t *p, const rg_account_t *a,
                        const rg_claim_t *claim, const rg_problems_t *against)
{
    if (*a->claim_uid) {
        rg_val_str(page, "claim_uid", a->claim_uid);
        rg_val_str(page, "claim_no", a->claim_no);
        return;
    }
    if (!claim || !against) {
        return;
    }
    claim_problems(page, against);
    claim_content(page, p, claim);
    rg_val_bool(page, "may_claim", !rg_problems_any(against));
}

/* What would be billed in all, against what was promised. */
static void put_estimated(rg_val_t *page, apr_pool_t *p, const rg_account_t *a)
{
    const rg_estimated_t *e = &a->estimated;
    rg_money_t billed = a->due;
    billed.minor += e->invoiced;
    rg_money_t above = billed;
    above.minor -= e->total.minor;
    if (e->estimate_id == 0 || strcmp(e->total.currency, billed.currency) != 0) {
        return;
    }
    rg_val_t *v = rg_val_object(p);
    rg_view_money(v, "total", p, e->total);
    rg_view_money(v, "billed", p, billed);
    if (above.minor > 0) {
        rg_view_money(v, "above", p, above);
    }
    rg_val_bool(v, "second_look", a->second_look);
    rg_val_set(page, "estimated", v);
}

static void put_looks(rg_val_t *page, apr_pool_t *p, const rg_zone_t *zone,
                      const rg_second_look_t *looks, int count)
{
    rg_val_t *list = rg_val_set_list(page, "looks");
    rg_val_bool(page, "any_looks", count > 0);
    for (int i = 0; i < count; i++) {
        const rg_second_look_t *l = &looks[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "why", l->reason);
        rg_val_str(v, "by", l->by);
        rg_view_time(v, "at", p, zone, l->at);
        rg_view_money(v, "billed", p, l->billed);
        rg_view_money(v, "estimate", p, l->estimate);
    }
}

rg_val_t *rg_view_account(apr_pool_t *p, const rg_account_t *a, const rg_claim_t *claim,
                          const rg_problems_t *against)
{
    const rg_booking_t *b = a->booking;
    const char *name = rg_view_name(p, b->patient_given, b->patient_family);
    rg_val_t *page = rg_view_page(p, "Account", a->site);
    bool completed = b->status == RG_BOOKING_COMPLETED;
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_set(page, "booking", rg_view_booking(p, b, a->site->zone));
    rg_val_str(page, "step", or_null(name));
    rg_val_str(page, "patient", or_null(name));
    rg_val_str(page, "patient_uid", or_null(a->patient_uid));
    rg_val_bool(page, "insured", *a->payer_name != '\0');
    rg_val_str(page, "payer", or_null(a->payer_name));
    line_owners(page, p, a);
    rg_val_bool(page, "lines_any", a->charge_count > 0);
    rg_view_money(page, "total", p, a->total);
    rg_view_money(page, "due", p, a->due);
    rg_view_invoices(page, p, a->site->zone, a->invoices, a->invoice_count);
    rg_val_bool(page, "completed", completed);
    rg_val_bool(page, "due_any", a->due.minor > 0);
    rg_val_bool(page, "may_invoice",
                completed && (a->due.minor > 0 || (a->invoice_count == 0 && a->charge_count > 0 &&
                                                   *a->payer_name == '\0')));
    put_estimated(page, p, a);
    put_looks(page, p, a->site->zone, a->looks, a->look_count);
    claim_state(page, p, a, claim, against);
    return page;
}

/* --- an invoice ------------------------------------------------------------------------------- */

static void invoice_credits(rg_val_t *page, apr_pool_t *p, const rg_invoice_t *inv,
                            const rg_zone_t *zone)
{
    rg_val_t *list = rg_val_set_list(page, "credits");
    rg_val_t *open = rg_val_set_list(page, "open_lines");
    for (int i = 0; i < inv->credit_count; i++) {
        const rg_credit_note_t *n = &inv->credits[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "uid", n->uid);
        rg_val_str(v, "invoice", inv->uid);
        rg_val_str(v, "label", n->label);
        rg_val_str(v, "why", n->reason);
        rg_view_time(v, "issued", p, zone, n->issued_at);
        rg_view_money(v, "total", p, n->total);
    }
    for (int i = 0; i < inv->credit_line_count; i++) {
        const rg_credit_line_t *l = &inv->credit_lines[i];
        if (!l->credited) {
            rg_val_t *v = rg_val_add(open);
            rg_val_int(v, "line", l->line_no);
            rg_val_bool(v, "first", rg_val_count(open) == 1);
            rg_val_str(v, "description", l->description);
            some_money(v, "amount", p, l->amount, inv->total.currency);
        }
    }
    rg_val_bool(page, "any_credits", inv->credit_count > 0);
    rg_val_bool(page, "may_credit", rg_val_count(open) > 0);
}

rg_val_t *rg_view_invoice(apr_pool_t *p, const rg_invoice_t *inv, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, apr_pstrcat(p, "Invoice ", inv->label, NULL), site);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "label", inv->label);
    rg_val_str(page, "booking_uid", inv->booking_uid);
    rg_val_str(page, "patient", inv->patient_name);
    rg_val_str(page, "patient_address", or_null(inv->patient_address));
    rg_val_str(page, "issuer", inv->issuer);
    rg_view_time(page, "issued", p, site->zone, inv->issued_at);
    charge_lines(page, p, inv->lines, inv->line_count);
    rg_view_money(page, "total", p, inv->total);
    rg_val_str(page, "uid", inv->uid);
    rg_val_str(page, "state", STATES[rg_invoice_state_of(&inv->sum)]);
    some_money(page, "open", p, inv->sum.open, inv->total.currency);
    some_money(page, "too_much", p, inv->sum.payer_owes, inv->total.currency);
    invoice_credits(page, p, inv, site->zone);
    put_looks(page, p, site->zone, inv->looks, inv->look_count);
    return page;
}

rg_val_t *rg_view_credit_note(apr_pool_t *p, const rg_credit_note_t *n, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, apr_pstrcat(p, "Credit note ", n->label, NULL), site);
    rg_val_t *list = rg_val_set_list(page, "lines");
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "label", n->label);
    rg_val_str(page, "invoice_uid", n->invoice_uid);
    rg_val_str(page, "invoice_label", n->invoice_label);
    rg_val_str(page, "patient", n->patient_name);
    rg_val_str(page, "issuer", n->issuer);
    rg_val_str(page, "why", n->reason);
    rg_view_time(page, "issued", p, site->zone, n->issued_at);
    rg_view_money(page, "total", p, n->total);
    for (int i = 0; i < n->line_count; i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "description", n->lines[i].description);
        some_money(v, "amount", p, n->lines[i].amount, n->total.currency);
    }
    return page;
}

/* --- a claim ---------------------------------------------------------------------------------- */

static const char *modifiers_text(apr_pool_t *p, const rg_claim_line_t *l)
{
    const char *s = NULL;
    for (int i = 0; i < 4 && l->modifiers[i]; i++) {
        s = s ? apr_pstrcat(p, s, " ", l->modifiers[i], NULL) : l->modifiers[i];
    }
    return s;
}

static const char *pointers_text(apr_pool_t *p, const rg_claim_line_t *l)
{
    const char *s = NULL;
    for (int i = 0; i < 4 && l->pointers[i]; i++) {
        s = s ? apr_psprintf(p, "%s, %d", s, l->pointers[i]) : apr_itoa(p, l->pointers[i]);
    }
    return s;
}

/* Whether it is, or can be, in a file for payers. */
static void claim_x12(rg_val_t *page, apr_pool_t *p, const rg_claim_doc_t *d)
{
    rg_val_t *x = rg_val_object(p);
    if (d->batch_id != 0) {
        rg_val_str(x, "file", apr_psprintf(p, "%09" APR_INT64_T_FMT, d->batch_id));
    }
    else if (d->has_x12) {
        rg_val_bool(x, "waits", true);
    }
    else {
        rg_val_str(x, "why",
                   *d->x12_why ? d->x12_why : "It was created before there were such files.");
    }
    rg_val_set(page, "x12", x);
}

static void claim_lines(rg_val_t *page, apr_pool_t *p, const rg_claim_doc_t *d)
{
    rg_val_t *list = rg_val_set_list(page, "lines");
    for (int i = 0; i < d->line_count; i++) {
        const rg_claim_line_t *l = &d->lines[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "sequence", l->sequence);
        rg_val_str(v, "code", l->code);
        rg_val_str(v, "modifiers", modifiers_text(p, l));
        rg_val_str(v, "description", l->description);
        rg_val_str(v, "pointers", pointers_text(p, l));
        rg_val_int(v, "quantity", l->quantity);
        rg_view_date(v, "date", p, l->service_date);
        rg_view_money(v, "net", p, l->net);
    }
}

rg_val_t *rg_view_claim(apr_pool_t *p, const rg_claim_doc_t *d, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, apr_pstrcat(p, "Claim ", d->row.claim_no, NULL), site);
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
    diagnosis_list(page, d->diagnoses, d->diagnosis_count);
    claim_x12(page, p, d);
    claim_lines(page, p, d);
    return page;
}
