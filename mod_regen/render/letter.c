/* SPDX-License-Identifier: Apache-2.0 */
/* A message as a letter: the facts of a row fill its template in conf/templates/mail, whose first
 * line is the subject. The HTML is made of the same text, so that the words stand once. Subjects
 * never contain health information; texts no more of it than the clinic allows. */
#include "regen/clinic/followup.h"
#include "regen/core/buf.h"
#include "regen/core/ident.h"
#include "regen/core/mail.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/render/ical.h"
#include "regen/render/message.h"
#include "regen/render/template.h"
#include "regen/render/view.h"

#include <string.h>

#include <apr_strings.h>

enum { LETTER_MAX = 16384, HTML_MAX = 65536 };

/* --- the text --------------------------------------------------------------------------------- */

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

static rg_val_t *facts_view(apr_pool_t *p, const rg_message_t *m)
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

static rg_outcome_t write_letter(rg_letter_t *out, apr_pool_t *p, const rg_templates_t *set,
                                 rg_message_kind_t kind, const rg_val_t *view)
{
    rg_buf_t *b = rg_buf_make(p, LETTER_MAX);
    const rg_letter_kind_t *k = rg_letter_kind(kind);
    *out = (rg_letter_t){"", ""};
    rg_outcome_t rc = k ? rg_template_render(set, k->template, view, b) : RG_NOT_FOUND;
    return rc == RG_OK ? split(out, p, b->data) : rc;
}

rg_outcome_t rg_message_letter(rg_letter_t *out, apr_pool_t *p, const rg_templates_t *set,
                               const rg_message_t *m)
{
    return write_letter(out, p, set, m->kind, facts_view(p, m));
}

/* --- as it leaves ----------------------------------------------------------------------------- */

static void put_preparing(rg_val_t *v, apr_pool_t *p, const rg_letter_facts_t *f)
{
    rg_val_t *list = rg_val_set_list(v, "preparing");
    rg_val_bool(v, "prepares", f->preparing_count > 0);
    for (int i = 0; i < f->preparing_count; i++) {
        const rg_prepare_day_t *d = &f->preparing[i];
        rg_val_t *item = rg_val_add(list);
        bool once = rg_date_compare(d->from, d->until) == 0;
        rg_val_str(item, "words", d->what->words);
        rg_val_str(item, "applies", *d->what->applies != '\0' ? d->what->applies : NULL);
        rg_val_str(item, "from", rg_date_long(p, d->from));
        rg_val_str(item, "until", once ? NULL : rg_date_long(p, d->until));
    }
}

static rg_val_t *letter_view(apr_pool_t *p, const rg_letter_facts_t *f)
{
    const rg_message_t *m = f->message;
    rg_val_t *v = facts_view(p, m);
    rg_val_str(v, "home", f->home);
    rg_val_str(v, "link", f->link);
    rg_val_str(v, "stop", f->stop);
    if (f->detail >= RG_MAIL_DETAIL_SERVICE) {
        rg_val_str(v, "service", *m->service_name != '\0' ? m->service_name : NULL);
    }
    if (f->detail >= RG_MAIL_DETAIL_FULL) {
        put_preparing(v, p, f);
    }
    return v;
}

/* A line that is an address, and nothing else, becomes a link. */
static void put_letter_line(rg_val_t *lines, apr_pool_t *p, const char *line, size_t n, bool last)
{
    rg_val_t *v = rg_val_add(lines);
    const char *text = apr_pstrmemdup(p, line, n);
    bool address = (strncmp(text, "https://", 8) == 0 || strncmp(text, "http://", 7) == 0) &&
                   !strchr(text, ' ');
    rg_val_str(v, address ? "url" : "text", text);
    rg_val_bool(v, "last", last);
}

static void put_paragraphs(rg_val_t *v, apr_pool_t *p, const char *text)
{
    rg_val_t *list = rg_val_set_list(v, "paragraphs");
    rg_val_t *lines = NULL;
    while (*text != '\0') {
        size_t n = strcspn(text, "\n");
        const char *next = text + n + (text[n] == '\n' ? 1 : 0);
        if (n == 0) {
            lines = NULL;
        }
        else {
            lines = lines ? lines : rg_val_set_list(rg_val_add(list), "lines");
            put_letter_line(lines, p, text, n, *next == '\n' || *next == '\0');
        }
        text = next;
    }
}

static rg_outcome_t write_html(const char **out, apr_pool_t *p, const rg_templates_t *set,
                               const rg_letter_t *letter, const rg_letter_facts_t *f)
{
    rg_val_t *v = rg_val_object(p);
    rg_buf_t *b = rg_buf_make(p, HTML_MAX);
    rg_val_str(v, "subject", letter->subject);
    rg_val_str(v, "clinic", f->message->site_name);
    put_paragraphs(v, p, letter->text);
    rg_outcome_t rc = rg_template_render(set, "mail/letter.html", v, b);
    *out = b->data;
    return rc;
}

static void put_ics(rg_mail_t *out, apr_pool_t *p, const rg_letter_facts_t *f)
{
    bool cancelled = f->message->kind == RG_MESSAGE_CANCELLATION;
    const rg_ical_ahead_t ahead = {f->last, f->preparing_count, f->preparing};
    const rg_booking_t *b = f->booking;
    /* RFC 5546 cancels one event a file; several are published as cancelled ones. */
    bool one = b && cancelled && b->appointment_count == 1;
    if (!rg_letter_kind(f->message->kind)->calendar || !b || b->appointment_count == 0) {
        return;
    }
    out->ics_method = one ? "CANCEL" : "PUBLISH";
    out->ics = rg_ical_letter(p, b, f->site, &ahead, f->now, cancelled,
                              &(rg_ical_sender_t){out->ics_method, f->sender});
}

rg_outcome_t rg_letter_compose(rg_mail_t *out, apr_pool_t *p, const rg_letter_facts_t *facts,
                               void *templates)
{
    rg_letter_t letter;
    const rg_templates_t *set = templates;
    rg_outcome_t rc = write_letter(&letter, p, set, facts->message->kind, letter_view(p, facts));
    rc = rc == RG_OK ? write_html(&out->html, p, set, &letter, facts) : rc;
    if (rc == RG_OK) {
        out->subject = letter.subject;
        out->text = letter.text;
        put_ics(out, p, facts);
    }
    return rc;
}
