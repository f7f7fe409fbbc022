/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of messages to patients as parts of pages. */
#include "regen/clinic/followup.h"
#include "regen/core/mail.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/followup.h"
#include "regen/render/message.h"
#include "regen/render/template.h"
#include "regen/render/view.h"

#include <string.h>

#include <apr_strings.h>

static const char *title_of(rg_message_kind_t k)
{
    const rg_letter_kind_t *kind = rg_letter_kind(k);
    return kind ? kind->title : "";
}

/* --- on pages --------------------------------------------------------------------------------- */

static const char *outbox_words(rg_outbox_status_t s)
{
    switch (s) {
    case RG_OUTBOX_QUEUED: return "Waiting to be sent";
    case RG_OUTBOX_SENT: return "Sent";
    case RG_OUTBOX_FAILED: return "Could not be sent";
    case RG_OUTBOX_WITHDRAWN: return "Withdrawn before it was sent";
    case RG_OUTBOX_TOLD: return "Told by phone";
    }
    return "";
}

/* Why it was not sent, for staff; NULL: nothing is wrong. */
static const char *unsent_words(const rg_message_t *m)
{
    static const char *const words[] = {
        [RG_MAIL_FINE] = NULL,
        [RG_MAIL_REFUSED] = "The mail server refused it for good",
        [RG_MAIL_POSTPONED] = "The mail server asked to try again later",
        [RG_MAIL_SILENT] = "The mail server did not answer",
        [RG_MAIL_CUT] = "The mail server ended the connection",
        [RG_MAIL_UNSURE] = "It was handed over, but the mail server did not confirm it",
        [RG_MAIL_INTERRUPTED] = "Sending was interrupted",
        [RG_MAIL_UNREACHABLE] = "The mail server cannot be reached",
        [RG_MAIL_TLS] = "The connection to the mail server is not secure",
        [RG_MAIL_LOGIN] = "The mail server does not accept our login",
        [RG_MAIL_SENDER] = "The mail server does not accept our own address",
        [RG_MAIL_FOLDER] = "The folder for letters cannot be written",
        [RG_MAIL_GAVE_UP] = "It was tried for a long time",
        [RG_MAIL_NO_ADDRESS] = "There is no email address on file",
        [RG_MAIL_BAD_ADDRESS] = "The email address cannot be right",
        [RG_MAIL_TEMPLATE] =
            "Its text could not be made; tell the person who looks after the server",
        [RG_MAIL_NOT_BOOKED] = "The visit was canceled or has begun",
        [RG_MAIL_MOVED] = "The visit has a different time now",
        [RG_MAIL_OVER] = "It was about something that is over",
        [RG_MAIL_EXPIRED] = "What it offered has expired",
        [RG_MAIL_DONE] = "What it asked for is done",
        [RG_MAIL_STOPPED] = "The patient wants no reminders",
        [RG_MAIL_TOO_OLD] = "It was too old when sending began",
        [RG_MAIL_BEFORE_MAIL] = "It was written before letters were sent",
        [RG_MAIL_REPLACED] = "A newer one took its place",
        [RG_MAIL_NO_LINK] = "The booking has neither a private link nor a number to open it with",
        [RG_MAIL_ON_PAPER] = "It was handed over on paper"};
    RG_WORDS_ALL(words, RG_MAIL_CODE_COUNT);
    int code = rg_mail_code_parse(m->code);
    return code >= 0 ? words[code] : NULL;
}

/* For the desk's list: what is wrong, and what can be done. */
static void put_reason(rg_val_t *v, apr_pool_t *p, const rg_message_t *m)
{
    rg_val_str(v, "uid", m->uid);
    rg_val_str(v, "reason", unsent_words(m));
    rg_val_str(v, "answer", *m->answer != '\0' ? m->answer : NULL);
    rg_val_bool(v, "waits_again", m->status == RG_OUTBOX_QUEUED && m->tries > 0);
    rg_view_time(v, "next", p, m->zone, m->next_at);
    rg_val_bool(v, "failed", m->status == RG_OUTBOX_FAILED);
    rg_val_bool(v, "told", m->status == RG_OUTBOX_TOLD);
    rg_val_str(v, "patient_uid", *m->patient_uid != '\0' ? m->patient_uid : NULL);
    rg_val_str(v, "to_phone", *m->to_phone != '\0' ? m->to_phone : NULL);
}

void rg_view_messages(rg_val_t *view, apr_pool_t *p, const rg_templates_t *set,
                      const rg_message_t *messages, int count, bool staff)
{
    rg_val_t *list = rg_val_set_list(view, "messages");
    rg_val_bool(view, "has_messages", count > 0);
    for (int i = 0; i < count; i++) {
        const rg_message_t *m = &messages[i];
        rg_val_t *v = rg_val_add(list);
        rg_letter_t letter;
        if (rg_message_letter(&letter, p, set, m) != RG_OK) {
            letter = (rg_letter_t){title_of(m->kind), ""};
        }
        rg_val_str(v, "kind", title_of(m->kind));
        rg_val_str(v, "subject", letter.subject);
        rg_val_str(v, "text", letter.text);
        rg_val_str(v, "to_name", m->to_name);
        rg_val_str(v, "to_email", *m->to_email != '\0' ? m->to_email : NULL);
        rg_val_str(v, "booking_uid", *m->booking_uid != '\0' ? m->booking_uid : NULL);
        rg_val_str(v, "state", outbox_words(m->status));
        rg_val_str(v, "state_class",
                   m->status == RG_OUTBOX_SENT || m->status == RG_OUTBOX_TOLD ? "done"
                   : m->status == RG_OUTBOX_FAILED                            ? "missing"
                                                                              : "");
        rg_view_time(v, "written", p, m->zone, m->created_at);
        rg_view_time(v, "sent", p, m->zone, m->sent_at);
        if (staff) {
            put_reason(v, p, m);
        }
    }
}

/* --- the outbox ------------------------------------------------------------------------------- */

static const char *tab_words(int status)
{
    static const char *const words[] = {[RG_OUTBOX_QUEUED] = "Waiting",
                                        [RG_OUTBOX_SENT] = "Sent",
                                        [RG_OUTBOX_FAILED] = "Not delivered",
                                        [RG_OUTBOX_WITHDRAWN] = "Withdrawn",
                                        [RG_OUTBOX_TOLD] = "Told by phone"};
    RG_WORDS_ALL(words, RG_OUTBOX_STATUS_COUNT);
    return words[status];
}

static void put_tabs(rg_val_t *page, apr_pool_t *p, const rg_outbox_t *o)
{
    rg_val_t *tabs = rg_val_set_list(page, "tabs");
    for (int i = 0; i < RG_OUTBOX_STATUS_COUNT; i++) {
        rg_val_t *t = rg_val_add(tabs);
        rg_val_str(t, "name", rg_outbox_status_name((rg_outbox_status_t)i));
        rg_val_str(t, "title", tab_words(i));
        rg_view_many(t, "count", p, o->counts[i]);
        rg_val_bool(t, "current", i == o->status);
    }
}

static void put_kinds(rg_val_t *page, apr_pool_t *p, const rg_outbox_t *o)
{
    const char *chosen = o->kind >= 0 ? rg_message_kind_name((rg_message_kind_t)o->kind) : "";
    rg_view_choice(page, "kinds", p, "kind", "", "All kinds", chosen);
    for (int i = 0; i < RG_MESSAGE_KIND_COUNT; i++) {
        rg_view_choice(page, "kinds", p, "kind", rg_message_kind_name((rg_message_kind_t)i),
                       title_of((rg_message_kind_t)i), chosen);
    }
}

void rg_view_pages(rg_val_t *page, int current, int last)
{
    rg_val_int(page, "page", current);
    rg_val_int(page, "pages", last);
    rg_val_bool(page, "several", last > 1);
    if (current > 1) {
        rg_val_int(page, "previous", current - 1);
    }
    if (current < last) {
        rg_val_int(page, "following", current + 1);
    }
}

rg_val_t *rg_view_outbox(apr_pool_t *p, const rg_templates_t *set, const rg_outbox_t *o)
{
    rg_val_t *page = rg_view_page(p, "Messages to patients", o->site);
    rg_val_bool(page, "many_zones", o->site_count > 1);
    rg_val_bool(page, "wide", true);
    rg_val_str(page, "step", tab_words(o->status));
    rg_val_str(page, "status", rg_outbox_status_name((rg_outbox_status_t)o->status));
    rg_val_str(page, "kind",
               o->kind >= 0 ? rg_message_kind_name((rg_message_kind_t)o->kind) : NULL);
    put_tabs(page, p, o);
    put_kinds(page, p, o);
    rg_view_pages(page, o->page, o->pages);
    rg_view_messages(page, p, set, o->messages, o->count, true);
    return page;
}
