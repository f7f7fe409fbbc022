/* SPDX-License-Identifier: Apache-2.0 */
/* A good-faith estimate. */
#include "regen/clinic/billing.h"
#include "regen/core/money.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/money.h"
#include "regen/render/view.h"
#include "regen/render/view_billing.h"

#include <apr_strings.h>

static const char *const CAUSES[] = {
    [RG_ESTIMATE_BOOKED] = "When the time was booked",
    [RG_ESTIMATE_CHANGED] = "Because the booking changed",
    [RG_ESTIMATE_ASKED] = "Because it was asked for",
};
RG_WORDS_ALL(CAUSES, RG_ESTIMATE_CAUSE_COUNT);
static const char *said_or_null(const char *s)
{
    return *s ? s : NULL;
}

static void put_estimate_lines(rg_val_t *page, apr_pool_t *p, const rg_estimate_t *e)
{
    rg_val_t *list = rg_val_set_list(page, "lines");
    for (int i = 0; i < e->line_count; i++) {
        const rg_estimate_line_t *l = &e->lines[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "code", l->code);
        rg_val_str(v, "modifier", said_or_null(l->modifiers));
        rg_val_str(v, "description", l->description);
        rg_val_int(v, "quantity", l->units);
        rg_view_money(v, "unit", p, l->unit);
        rg_view_money(v, "total", p, l->total);
    }
    rg_view_money(page, "total", p, e->total);
}

static void put_versions(rg_val_t *page, const rg_estimate_t *e)
{
    rg_val_int(page, "version", e->version);
    rg_val_bool(page, "several", e->newest > 1);
    rg_val_bool(page, "newest", e->version == e->newest);
    rg_val_t *list = rg_val_set_list(page, "versions");
    for (int i = e->newest; e->newest > 1 && i >= 1 && e->newest - i < 20; i--) {
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "no", i);
        rg_val_bool(v, "here", i == e->version);
    }
}

/* What became of its letter, in words that go on with the address and the time. */
static const char *const LETTERS[] = {
    [RG_OUTBOX_QUEUED] = "A letter to the patient is waiting to be sent",
    [RG_OUTBOX_SENT] = "A letter with a link to it was sent to the patient",
    [RG_OUTBOX_FAILED] = "A letter to the patient could not be sent",
    [RG_OUTBOX_WITHDRAWN] = "The letter to the patient was withdrawn before it was sent",
    [RG_OUTBOX_TOLD] = "A letter to the patient could not be sent; somebody told them by phone",
};
RG_WORDS_ALL(LETTERS, RG_OUTBOX_STATUS_COUNT);

static bool was_given(const rg_estimate_told_t *t)
{
    return t->handed_over || (t->has_letter && t->letter == RG_OUTBOX_SENT);
}

/* Without an address it can only be printed. */
static bool has_nowhere_to_go(const rg_estimate_told_t *t)
{
    return !t->has_email && (t->letter == RG_OUTBOX_QUEUED || t->letter == RG_OUTBOX_FAILED);
}

static const char *letter_words(const rg_estimate_told_t *t, bool sends)
{
    return !t->has_letter         ? "No letter was written for this version"
           : has_nowhere_to_go(t) ? "There is no email address on file"
           : t->letter == RG_OUTBOX_QUEUED && !sends
               ? "No letter was sent, because this server sends none by itself"
               : LETTERS[t->letter];
}

static void put_told(rg_val_t *page, apr_pool_t *p, const rg_zone_t *z, const rg_estimate_page_t *g)
{
    const rg_estimate_told_t *t = &g->estimate.told;
    rg_val_bool(page, "given", was_given(t));
    rg_val_bool(page, "not_given", g->applies && !was_given(t));
    rg_val_str(page, "letter", letter_words(t, g->sends));
    rg_val_str(page, "to_email", said_or_null(t->to_email));
    rg_view_time(page, "sent", p, z, t->letter == RG_OUTBOX_SENT ? t->sent_at : 0);
    rg_val_t *list = rg_val_set_list(page, "handovers");
    rg_val_bool(page, "any_handovers", t->handover_count > 0);
    for (int i = 0; i < t->handover_count; i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_bool(v, "back", t->handovers[i].what == RG_HANDOVER_TAKEN_BACK);
        rg_view_time(v, "at", p, z, t->handovers[i].at);
        rg_val_str(v, "by", t->handovers[i].by);
    }
}

static void put_paper(rg_val_t *page, apr_pool_t *p, const rg_estimate_page_t *g)
{
    const rg_estimate_t *e = &g->estimate;
    const rg_zone_t *z = g->site->zone;
    rg_val_str(page, "label", e->label);
    rg_val_str(page, "patient", e->patient_name);
    rg_view_date(page, "born", p, e->patient_born);
    rg_val_str(page, "service", e->service_name);
    rg_val_str(page, "body", said_or_null(rg_view_places(p, e->body_site, e->side, e->further)));
    rg_view_time(page, "service_at", p, z, e->service_at);
    rg_view_time(page, "made", p, z, e->made_at);
    rg_val_str(page, "issuer", said_or_null(e->issuer));
    rg_val_str(page, "npi", said_or_null(e->npi));
    rg_val_str(page, "tin", said_or_null(e->tin));
    rg_val_str(page, "place", e->place);
    rg_val_str(page, "provider", said_or_null(e->provider));
    rg_val_str(page, "provider_npi", said_or_null(e->provider_npi));
    rg_val_str(page, "diagnoses", said_or_null(e->diagnoses));
    rg_val_str(page, "cause", CAUSES[e->cause]);
    put_told(page, p, z, g);
    rg_val_str(page, "made_by", said_or_null(e->made_by));
    rg_val_bool(page, "applies", g->applies);
    if (e->has_due) {
        rg_view_date(page, "due", p, e->due);
    }
    put_estimate_lines(page, p, e);
    put_versions(page, e);
}

rg_val_t *rg_view_estimate(apr_pool_t *p, const rg_estimate_page_t *g)
{
    rg_val_t *page = rg_view_page(p, "Good-faith estimate", g->site);
    rg_val_bool(page, "at_billing", true);
    rg_val_str(page, "booking_uid", g->booking->uid);
    rg_val_str(page, "booking_patient",
               rg_view_name(p, g->booking->patient_given, g->booking->patient_family));
    rg_val_bool(page, "has", g->has);
    rg_val_bool(page, "self_pay", g->self_pay);
    rg_val_bool(page, "called_off", g->booking->status == RG_BOOKING_CANCELLED);
    rg_val_bool(page, "may_issue", g->may_issue);
    rg_val_bool(page, "may_hand_over", g->may_hand_over);
    rg_val_bool(page, "may_take_back", g->may_take_back);
    if (g->has) {
        put_paper(page, p, g);
    }
    return page;
}

rg_val_t *rg_view_estimates_due(apr_pool_t *p, const rg_estimates_due_t *d)
{
    rg_val_t *page = rg_view_page(p, "Estimates to give", d->site);
    rg_val_bool(page, "at_billing", true);
    rg_val_bool(page, "wide", true);
    rg_view_many(page, "count", p, d->count);
    rg_view_many(page, "overdue", p, d->overdue);
    rg_view_many(page, "today", p, d->today);
    rg_val_bool(page, "any", d->count > 0);
    rg_val_bool(page, "any_overdue", d->overdue > 0);
    rg_val_bool(page, "any_today", d->today > 0);
    rg_val_bool(page, "full", d->full);
    rg_val_t *list = rg_val_set_list(page, "rows");
    for (int i = 0; i < d->count; i++) {
        const rg_estimate_open_t *e = &d->rows[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "booking_uid", e->booking_uid);
        rg_val_str(v, "label", e->label);
        rg_val_str(v, "patient", e->patient_name);
        rg_val_str(v, "service", e->service_name);
        rg_view_time(v, "service_at", p, e->zone, e->service_at);
        rg_view_date(v, "due", p, e->due);
        rg_val_bool(v, "overdue", e->overdue);
        rg_val_bool(v, "today", e->today);
        rg_val_str(v, "letter", letter_words(&e->told, d->sends));
    }
    return page;
}
