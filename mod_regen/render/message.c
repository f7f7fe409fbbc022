/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to patients: the facts of a row fill a template in conf/templates/mail (<kind>.txt), and
 * lists of them become parts of pages. Subjects and texts contain no health information and no
 * link. */
#include "regen/clinic/followup.h"
#include "regen/core/buf.h"
#include "regen/core/ident.h"
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

enum { LETTER_MAX = 16384 };

static const char *const titles[] = {[RG_MESSAGE_CONFIRMATION] = "Confirmation",
                                     [RG_MESSAGE_CHANGE] = "New time",
                                     [RG_MESSAGE_CANCELLATION] = "Cancellation",
                                     [RG_MESSAGE_WAITLIST_OFFER] = "Waitlist offer",
                                     [RG_MESSAGE_RECALL] = "Recall",
                                     [RG_MESSAGE_FORMS] = "Forms to sign",
                                     [RG_MESSAGE_ORDER] = "Ready to book"};
RG_WORDS_ALL(titles, RG_MESSAGE_KIND_COUNT);

static const char *title_of(rg_message_kind_t k)
{
    return (int)k >= 0 && (int)k < RG_MESSAGE_KIND_COUNT ? titles[k] : "";
}

static void put_message_visits(rg_val_t *v, apr_pool_t *p, const rg_message_t *m)
{
    rg_val_t *list = rg_val_set_list(v, "visits");
    for (int i = 0; i < m->visit_count; i++) {
        rg_val_t *visit = rg_val_add(list);
        rg_val_int(visit, "no", i + 1);
        rg_val_bool(visit, "several", m->visit_count > 1);
        rg_val_str(visit, "people", rg_time_people(p, m->zone, m->visits[i]));
    }
}

static rg_val_t *facts(apr_pool_t *p, const rg_message_t *m)
{
    rg_val_t *v = rg_val_object(p);
    rg_val_str(v, "name", m->to_name);
    rg_val_str(v, "clinic", m->site_name);
    rg_val_str(v, "address", m->site_address);
    rg_val_str(v, "number", rg_number_people(p, m->booking_number));
    rg_val_str(v, "phone", *m->site_phone != '\0' ? m->site_phone : NULL);
    /* A recall is due on days, stored as their noons in UTC: in zones far to the east that is the
     * day after. */
    const rg_zone_t *z = m->kind == RG_MESSAGE_RECALL ? rg_zone_open(p, "UTC") : m->zone;
    rg_view_time(v, "starts", p, z, m->starts_at);
    rg_view_time(v, "ends", p, z, m->ends_at);
    rg_view_time(v, "old", p, m->zone, m->old_starts_at);
    rg_view_time(v, "until", p, m->zone, m->until_at);
    rg_view_time(v, "prepare", p, m->zone, m->prepare_at);
    put_message_visits(v, p, m);
    return v;
}

/* "Subject: words" on the first line, then the text. */
static rg_outcome_t split(rg_letter_t *out, apr_pool_t *p, const char *text)
{
    static const char head[] = "Subject: ";
    const char *line = strchr(text, '\n');
    if (strncmp(text, head, sizeof(head) - 1) != 0 || !line) {
        return RG_INVALID;
    }
    size_t skip = sizeof(head) - 1;
    out->subject = apr_pstrmemdup(p, text + skip, (apr_size_t)(line - text) - skip);
    out->text = line + strspn(line, "\n");
    return RG_OK;
}

rg_outcome_t rg_message_letter(rg_letter_t *out, apr_pool_t *p, const rg_templates_t *set,
                               const rg_message_t *m)
{
    static const char *const names[] = {[RG_MESSAGE_CONFIRMATION] = "mail/confirmation.txt",
                                        [RG_MESSAGE_CHANGE] = "mail/change.txt",
                                        [RG_MESSAGE_CANCELLATION] = "mail/cancellation.txt",
                                        [RG_MESSAGE_WAITLIST_OFFER] = "mail/waitlist_offer.txt",
                                        [RG_MESSAGE_RECALL] = "mail/recall.txt",
                                        [RG_MESSAGE_FORMS] = "mail/forms.txt",
                                        [RG_MESSAGE_ORDER] = "mail/order.txt"};
    RG_WORDS_ALL(names, RG_MESSAGE_KIND_COUNT);
    rg_buf_t *b = rg_buf_make(p, LETTER_MAX);
    *out = (rg_letter_t){"", ""};
    if ((int)m->kind < 0 || (int)m->kind >= RG_MESSAGE_KIND_COUNT) {
        return RG_NOT_FOUND;
    }
    rg_outcome_t rc = rg_template_render(set, names[m->kind], facts(p, m), b);
    return rc == RG_OK ? split(out, p, b->data) : rc;
}

/* --- on pages --------------------------------------------------------------------------------- */

static const char *outbox_words(rg_outbox_status_t s)
{
    switch (s) {
    case RG_OUTBOX_QUEUED: return "Waiting to be sent";
    case RG_OUTBOX_SENT: return "Sent";
    case RG_OUTBOX_FAILED: return "Could not be sent";
    case RG_OUTBOX_WITHDRAWN: return "Withdrawn before it was sent";
    }
    return "";
}

void rg_view_messages(rg_val_t *view, apr_pool_t *p, const rg_templates_t *set,
                      const rg_message_t *messages, int count)
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
                   m->status == RG_OUTBOX_SENT     ? "done"
                   : m->status == RG_OUTBOX_FAILED ? "missing"
                                                   : "");
        rg_view_time(v, "written", p, m->zone, m->created_at);
        rg_view_time(v, "sent", p, m->zone, m->sent_at);
    }
}

/* --- the outbox ------------------------------------------------------------------------------- */

static const char *tab_words(int status)
{
    static const char *const words[] = {[RG_OUTBOX_QUEUED] = "Waiting",
                                        [RG_OUTBOX_SENT] = "Sent",
                                        [RG_OUTBOX_FAILED] = "Failed",
                                        [RG_OUTBOX_WITHDRAWN] = "Withdrawn"};
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
                       titles[i], chosen);
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
    rg_view_messages(page, p, set, o->messages, o->count);
    return page;
}
