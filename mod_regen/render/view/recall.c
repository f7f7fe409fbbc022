/* SPDX-License-Identifier: Apache-2.0 */
/* Follow-ups and recalls: what is planned, on the patient's page, and the list of the front
 * desk. */
#include "regen/clinic/followup.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/followup.h"
#include "regen/render/message.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static const char *const outcome_words[] = {[RG_ATTEMPT_NO_ANSWER] = "No answer",
                                            [RG_ATTEMPT_LEFT_MESSAGE] = "Left a message",
                                            [RG_ATTEMPT_SPOKE] = "Spoke to the patient",
                                            [RG_ATTEMPT_BOOKED] = "Booked a visit",
                                            [RG_ATTEMPT_DECLINED] = "The patient declined"};
RG_WORDS_ALL(outcome_words, RG_ATTEMPT_COUNT);

void rg_view_planned(rg_val_t *view, apr_pool_t *p, const rg_recall_t *recalls, int count,
                     bool stopped)
{
    rg_val_t *list = rg_val_set_list(view, "recalls");
    rg_val_bool(view, "has_recalls", count > 0 && !stopped);
    rg_val_bool(view, "recalls_stopped", stopped);
    for (int i = 0; i < count; i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "title", recalls[i].title);
        rg_val_str(v, "uid", recalls[i].uid);
        rg_val_bool(v, "booked", recalls[i].status == RG_RECALL_BOOKED);
        rg_view_date(v, "due_from", p, recalls[i].due_from);
        rg_view_date(v, "due_until", p, recalls[i].due_until);
    }
}

/* --- the list --------------------------------------------------------------------------------- */

static void put_attempts(rg_val_t *v, apr_pool_t *p, const rg_recall_t *r, const rg_zone_t *z)
{
    rg_val_t *list = rg_val_set_list(v, "attempts");
    rg_val_bool(v, "has_attempts", r->attempt_count > 0);
    for (int i = 0; i < r->attempt_count; i++) {
        const rg_recall_attempt_t *a = &r->attempts[i];
        rg_val_t *item = rg_val_add(list);
        rg_view_time(item, "at", p, z, a->at);
        rg_val_str(item, "outcome", (int)a->outcome >= 0 ? outcome_words[a->outcome] : "");
        rg_val_str(item, "by", a->staff_name);
        rg_val_bool(item, "note", false);
        rg_val_str(item, "note", *a->note != '\0' ? a->note : NULL);
    }
}

/* Ids of the boxes carry the recall's own, because every recall of the page has them. */
static void put_outcomes(rg_val_t *v, apr_pool_t *p, const char *uid, const char *chosen)
{
    for (int i = 0; i < RG_ATTEMPT_COUNT; i++) {
        rg_view_choice(v, "outcomes", p, apr_pstrcat(p, "outcome-", uid, NULL),
                       rg_attempt_name((rg_attempt_t)i), outcome_words[i], chosen);
    }
}

static const char *recall_closed_words(const rg_recall_t *r)
{
    if (r->status != RG_RECALL_CLOSED) {
        return NULL;
    }
    return rg_recall_why_parse(r->closed_why) == RG_RECALL_WHY_DECLINED
               ? "The patient declined"
               : "The patient wants no reminders";
}

static void put_recall(rg_val_t *v, apr_pool_t *p, const rg_recalls_t *l, const rg_recall_t *r,
                       const rg_form_t *typed)
{
    bool open = r->status == RG_RECALL_OPEN || r->status == RG_RECALL_ATTEMPTED;
    rg_val_str(v, "uid", r->uid);
    rg_val_str(v, "name", rg_view_name(p, r->given, r->family));
    rg_val_str(v, "title", r->title);
    rg_val_str(v, "service", r->service_name);
    rg_val_str(v, "booking_uid", r->booking_uid);
    rg_val_str(v, "patient_uid", r->patient_uid);
    rg_val_str(v, "answer_uid", *r->answer_booking_uid != '\0' ? r->answer_booking_uid : NULL);
    rg_val_str(v, "phone", r->phone);
    rg_val_str(v, "email", *r->email != '\0' ? r->email : NULL);
    rg_val_str(v, "why", recall_closed_words(r));
    rg_val_bool(v, "open", open);
    rg_val_bool(v, "late", open && rg_date_compare(r->due_until, l->today) < 0);
    rg_view_date(v, "due_from", p, r->due_from);
    rg_view_date(v, "due_until", p, r->due_until);
    put_attempts(v, p, r, l->site->zone);
    put_outcomes(v, p, r->uid, typed ? rg_form_get(typed, "outcome") : NULL);
    rg_val_bool(v, "failed", typed != NULL);
    rg_val_str(v, "note", typed ? rg_form_get(typed, "note") : "");
}

/* What the list is narrowed to: to choose, and as the end of its addresses. */
static void put_filter(rg_val_t *page, apr_pool_t *p, const rg_recalls_t *l)
{
    for (int i = 0; i < l->service_count; i++) {
        rg_view_choice(page, "services", p, "service", l->services[i]->code, l->services[i]->name,
                       l->service_code);
    }
    for (int i = 0; l->site_count > 1 && i < l->site_count; i++) {
        rg_view_choice(page, "sites", p, "site", l->sites[i]->code, l->sites[i]->name,
                       l->site_code);
    }
    rg_val_bool(page, "several_sites", l->site_count > 1);
    rg_val_str(page, "in_service", l->service_code);
    rg_val_str(page, "in_site", l->site_code);
    rg_val_str(page, "narrowed",
               apr_pstrcat(p, "&service=", l->service_code, "&site=", l->site_code, NULL));
}

rg_val_t *rg_view_recalls(apr_pool_t *p, const rg_recalls_t *l, const char *failed,
                          const rg_form_t *typed)
{
    static const char *const titles[] = {[RG_RECALLS_DUE] = "Due",
                                         [RG_RECALLS_LATER] = "Later",
                                         [RG_RECALLS_BOOKED] = "Booked",
                                         [RG_RECALLS_DONE] = "Done",
                                         [RG_RECALLS_CLOSED] = "Closed"};
    RG_WORDS_ALL(titles, RG_RECALLS_VIEW_COUNT);
    rg_val_t *page = rg_view_page(p, "Follow-ups and recalls", l->site);
    rg_val_t *tabs = rg_val_set_list(page, "tabs");
    rg_val_t *list = rg_val_set_list(page, "recalls");
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_recalls", true);
    rg_val_bool(page, "many_zones", l->site_count > 1);
    rg_val_str(page, "step", titles[l->view]);
    rg_val_str(page, "view", rg_recalls_view_name((rg_recalls_view_t)l->view));
    for (int i = 0; i < RG_RECALLS_VIEW_COUNT; i++) {
        rg_val_t *t = rg_val_add(tabs);
        rg_val_str(t, "name", rg_recalls_view_name((rg_recalls_view_t)i));
        rg_val_str(t, "title", titles[i]);
        rg_view_many(t, "count", p, l->counts[i]);
        rg_val_bool(t, "current", i == l->view);
    }
    for (int i = 0; i < l->count; i++) {
        bool again = failed && strcmp(failed, l->recalls[i].uid) == 0;
        put_recall(rg_val_add(list), p, l, &l->recalls[i], again ? typed : NULL);
    }
    put_filter(page, p, l);
    rg_val_bool(page, "has_recalls", l->count > 0);
    rg_view_pages(page, l->page, l->pages);
    return page;
}
