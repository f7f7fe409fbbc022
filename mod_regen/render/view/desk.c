/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the front desk: patient search, one patient, the next times for a patient on the
 * phone. */
#include "regen/clinic/change.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/record.h"
#include "regen/core/form.h"
#include "regen/core/ident.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/change.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/record.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"
#include "regen/render/view_order.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

static rg_val_t *desk_page(apr_pool_t *p, const char *title, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, title, site);

    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_desk", true);
    return page;
}

/* The fields of a form by name, to be shown again. */
static rg_val_t *typed_values(apr_pool_t *p, const rg_form_t *form)
{
    rg_val_t *v = rg_val_object(p);

    for (int i = 0; form && i < form->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(form->pairs, i, rg_pair_t);

        rg_val_str(v, pair->name, pair->value);
    }
    return v;
}

/* --- looking for a patient -------------------------------------------------------------------- */

rg_val_t *rg_view_desk(apr_pool_t *p, const rg_site_t *site, const rg_form_t *typed,
                       const rg_patient_hits_t *hits)
{
    rg_val_t *page = desk_page(p, "Find a patient", site);

    rg_val_set(page, "typed", typed_values(p, typed));
    if (!hits) {
        return page;
    }
    rg_val_t *list = rg_val_set_list(page, "hits");
    for (int i = 0; i < hits->count; i++) {
        rg_val_t *item = rg_view_patient(p, &hits->hits[i].patient);

        rg_val_push(list, item);
        rg_view_time(item, "next", p, site->zone, hits->hits[i].next_visit);
    }
    rg_val_bool(page, "searched", true);
    rg_val_bool(page, "any_hits", hits->count > 0);
    rg_val_bool(page, "more", hits->more);
    return page;
}

/* --- one patient ------------------------------------------------------------------------------ */

static bool to_come(const rg_booking_t *b, apr_time_t now)
{
    return b->ends_at > now && b->status != RG_BOOKING_CANCELLED &&
           b->status != RG_BOOKING_EXPIRED && b->status != RG_BOOKING_NO_SHOW &&
           b->status != RG_BOOKING_COMPLETED;
}

rg_val_t *rg_view_patient_file(apr_pool_t *p, const rg_patient_file_t *f)
{
    const rg_patient_t *who = f->patient;
    rg_val_t *page = desk_page(p, rg_view_name(p, who->given, who->family), f->site);
    rg_val_t *ahead = rg_val_set_list(page, "ahead");
    rg_val_t *behind = rg_val_set_list(page, "behind");

    rg_val_set(page, "patient", rg_view_patient(p, who));
    /* Newest first is right for what was; what comes is read in the order in which it comes. */
    for (int i = f->booking_count - 1; i >= 0; i--) {
        if (to_come(f->bookings[i], f->now)) {
            rg_val_push(ahead, rg_view_booking(p, f->bookings[i], f->site->zone));
        }
    }
    for (int i = 0; i < f->booking_count; i++) {
        if (!to_come(f->bookings[i], f->now)) {
            rg_val_push(behind, rg_view_booking(p, f->bookings[i], f->site->zone));
        }
    }
    rg_view_planned(page, p, f->recalls, f->recall_count, f->reminders_stopped);
    rg_val_bool(page, "any_ahead", rg_val_count(ahead) > 0);
    rg_val_bool(page, "any_behind", rg_val_count(behind) > 0);
    return page;
}

/* --- the next times --------------------------------------------------------------------------- */

static const char *asked(const rg_form_t *query, const char *name)
{
    const char *value = query ? rg_form_get(query, name) : NULL;

    return value ? value : "";
}

static void put_choices(rg_val_t *page, apr_pool_t *p, const rg_desk_times_t *t,
                        const rg_form_t *query)
{
    static const char *const parts[] = {[RG_PART_ANY] = "Any time of day",
                                        [RG_PART_MORNING] = "Morning (before noon)",
                                        [RG_PART_AFTERNOON] = "Afternoon (noon to 5 pm)",
                                        [RG_PART_EVENING] = "Evening (from 5 pm)"};
    RG_WORDS_ALL(parts, RG_PART_COUNT);
    const char *any = rg_part_name(RG_PART_ANY);
    const char *part = *asked(query, "part") == '\0' ? any : asked(query, "part");

    for (int i = 0; i < t->service_count; i++) {
        const rg_service_t *s = t->services[i];
        const char *name =
            s->staff_only ? apr_pstrcat(p, s->name, " (booked by the clinic only)", NULL) : s->name;

        rg_view_choice(page, "services", p, "service", s->code, name, asked(query, "service"));
    }
    for (int i = 0; i < t->person_count; i++) {
        rg_view_choice(page, "people", p, "practitioner",
                       apr_psprintf(p, "%" APR_INT64_T_FMT, t->people[i]->id), t->people[i]->name,
                       asked(query, "practitioner"));
    }
    for (int i = 0; i < RG_PART_COUNT; i++) {
        rg_view_choice(page, "parts", p, "part", rg_part_name((rg_part_t)i), parts[i], part);
    }
}

static bool starts_same_day(const rg_desk_times_t *t, int a, int b)
{
    return rg_date_compare(rg_zone_local(t->site->zone, t->starts[a]).date,
                           rg_zone_local(t->site->zone, t->starts[b]).date) == 0;
}

static void put_times_days(rg_val_t *page, apr_pool_t *p, const rg_desk_times_t *t)
{
    rg_val_t *days = rg_val_set_list(page, "days");
    int minutes = t->visit_minutes > 0 ? t->visit_minutes : rg_first_visit_minutes(t->service);

    for (int i = 0; i < t->count;) {
        rg_val_t *day = rg_val_add(days);
        int n = 1;

        while (i + n < t->count && starts_same_day(t, i, i + n)) {
            n++;
        }
        rg_val_str(day, "day", rg_date_long(p, rg_zone_local(t->site->zone, t->starts[i]).date));
        rg_view_starts(day, "times", p, t->site, t->starts + i, n, minutes, 0);
        i += n;
    }
}

/* The values in addresses are checked ones, or codes of the clinic's own. */
static const char *address_of(apr_pool_t *p, const rg_desk_times_t *t, const rg_form_t *query)
{
    const char *part = asked(query, "part");
    const char *who = asked(query, "practitioner");
    const char *s = apr_pstrcat(p, "?service=", t->service->code, NULL);

    if (t->order) {
        s = apr_pstrcat(p, s, "&order=", t->order->uid, NULL);
    }
    else if (t->patient) {
        s = apr_pstrcat(p, s, "&patient=", t->patient->uid, NULL);
    }
    if (t->moving) {
        s = apr_pstrcat(p, s, "&booking=", t->moving->uid, NULL);
    }
    if (t->patient && rg_uid_valid(asked(query, "recall"))) {
        s = apr_pstrcat(p, s, "&recall=", asked(query, "recall"), NULL);
    }
    if (t->visit > 0) {
        s = apr_psprintf(p, "%s&visit=%d", s, t->visit);
    }
    if (*who != '\0' && strspn(who, "0123456789") == strlen(who)) {
        s = apr_pstrcat(p, s, "&practitioner=", who, NULL);
    }
    if (*part != '\0' && strspn(part, "abcdefghijklmnopqrstuvwxyz") == strlen(part)) {
        s = apr_pstrcat(p, s, "&part=", part, NULL);
    }
    return s;
}

static void put_free_times(rg_val_t *page, apr_pool_t *p, const rg_desk_times_t *t,
                           const rg_form_t *query)
{
    const char *here = address_of(p, t, query);

    rg_val_set(page, "service", rg_view_service(p, t->service));
    rg_val_str(page, "visit_length",
               t->visit_minutes > 0 ? rg_view_minutes(p, t->visit_minutes) : NULL);
    rg_val_bool(page, "any_times", t->count > 0);
    put_times_days(page, p, t);
    if (t->more) {
        apr_time_t last = t->starts[t->count - 1];
        const char *day = rg_date_iso(p, rg_zone_local(t->site->zone, last).date);

        rg_val_str(
            page, "later",
            apr_psprintf(p, "%s&from=%s&after=%" APR_TIME_T_FMT, here, day, apr_time_sec(last)));
    }
}

/* One visit moves, and is shown with its current time. */
static void put_moving_visit(rg_val_t *page, apr_pool_t *p, const rg_desk_times_t *t)
{
    for (int i = 0; i < t->moving->appointment_count; i++) {
        const rg_appointment_t *a = &t->moving->appointments[i];

        if (a->visit_no == t->visit) {
            rg_val_int(page, "visit", t->visit);
            rg_view_time(page, "visit_now", p, t->site->zone, a->starts_at);
        }
    }
}

rg_val_t *rg_view_desk_times(apr_pool_t *p, const rg_desk_times_t *t, const rg_form_t *query,
                             const rg_explained_t *why)
{
    rg_val_t *page = desk_page(p, !t->moving ? "Find a time" : "Reschedule a booking", t->site);

    rg_val_bool(page, "at_desk", false);
    rg_val_bool(page, "at_times", true);
    put_choices(page, p, t, query);
    rg_val_str(page, "from", asked(query, "from"));
    rg_val_str(page, "practitioner",
               *asked(query, "practitioner") == '\0' ? NULL : asked(query, "practitioner"));
    if (t->patient) {
        rg_val_set(page, "patient", rg_view_patient(p, t->patient));
        rg_val_str(page, "patient_uid", t->patient->uid);
        rg_val_str(page, "recall_uid",
                   rg_uid_valid(asked(query, "recall")) ? asked(query, "recall") : NULL);
    }
    if (t->order) {
        rg_val_t *on = rg_val_object(p);
        rg_view_order(on, p, t->order, t->site->zone, t->now);
        rg_val_set(page, "on", on);
    }
    rg_val_bool(page, "needs_order", t->needs_order);
    if (t->moving) {
        rg_val_set(page, "moving", rg_view_booking(p, t->moving, t->site->zone));
        rg_val_int(page, "version", t->moving->version);
        put_moving_visit(page, p, t);
    }
    if (t->service && !t->needs_order) {
        put_free_times(page, p, t, query);
    }
    rg_val_str(page, "why_day", asked(query, "why_day"));
    rg_val_str(page, "why_time", asked(query, "why_time"));
    rg_val_str(page, "reason", asked(query, "reason"));
    if (why) {
        rg_view_explained(page, p, why, why->can_override || *asked(query, "start") != '\0');
    }
    return page;
}

/* --- records of one person -------------------------------------------------------------------- */

static void put_record(rg_val_t *v, apr_pool_t *p, const rg_face_t *f)
{
    rg_val_str(v, "uid", f->uid);
    rg_val_str(v, "name", rg_view_name(p, f->given, f->family));
    rg_val_str(v, "phone", f->phone);
    rg_val_str(v, "email", f->email);
    rg_view_date(v, "birth_date", p, f->birth_date);
}

/* "Same name, date of birth and phone number". */
static const char *shared(apr_pool_t *p, const rg_alike_t *a)
{
    const char *const words[] = {
        a->same_name ? "name" : NULL, a->same_born ? "date of birth" : NULL,
        a->same_phone ? "phone number" : NULL, a->same_email ? "email address" : NULL};
    const char *text = "";
    int left = a->same_name + a->same_born + a->same_phone + a->same_email;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        if (words[i]) {
            const char *between = *text == '\0' ? "Same " : left == 1 ? " and " : ", ";
            text = apr_pstrcat(p, text, between, words[i], NULL);
            left--;
        }
    }
    return text;
}

static rg_val_t *site_time(rg_val_t *v, const char *key, apr_pool_t *p, const rg_site_t *site,
                           apr_time_t at)
{
    if (at > 0) {
        rg_view_time(v, key, p, site->zone, at);
    }
    return v;
}

void rg_view_records(rg_val_t *page, apr_pool_t *p, const rg_patient_file_t *f, bool may)
{
    rg_val_t *alikes = rg_val_set_list(page, "alikes");
    rg_val_t *merged = rg_val_set_list(page, "merged");
    for (int i = 0; i < f->alike_count; i++) {
        const rg_alike_t *a = &f->alikes[i];
        rg_val_t *item = rg_val_add(alikes);
        put_record(item, p, a->one.id == f->patient->id ? &a->other : &a->one);
        rg_val_str(item, "shared", shared(p, a));
    }
    for (int i = 0; i < f->merged_count; i++) {
        const rg_merged_t *m = &f->merged[i];
        rg_val_t *item = rg_val_add(merged);
        put_record(item, p, &m->face);
        site_time(item, "at", p, f->site, m->at);
        site_time(item, "apart_at", p, f->site, m->apart_at);
        rg_val_str(item, "reason", m->reason);
        rg_val_str(item, "apart_reason", m->apart_at > 0 ? m->apart_reason : NULL);
        rg_val_str(item, "staff", m->staff);
        rg_val_str(item, "apart_staff", m->apart_staff);
        rg_val_bool(item, "open", may && m->apart_at == 0);
    }
    rg_val_bool(page, "any_alikes", f->alike_count > 0);
    rg_val_bool(page, "any_merged", f->merged_count > 0);
    rg_val_bool(page, "asked_merged", f->asked_uid != NULL);
}

rg_val_t *rg_view_alikes(apr_pool_t *p, const rg_alikes_t *a)
{
    rg_val_t *page = rg_view_page(p, "Likely duplicates", a->site);
    rg_val_t *list = rg_val_set_list(page, "pairs");
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_desk", true);
    rg_val_bool(page, "more", a->more);
    rg_val_bool(page, "any", a->count > 0);
    for (int i = 0; i < a->count; i++) {
        rg_val_t *item = rg_val_add(list);
        rg_val_t *one = rg_val_object(p);
        rg_val_t *other = rg_val_object(p);
        put_record(one, p, &a->pairs[i].one);
        put_record(other, p, &a->pairs[i].other);
        rg_val_set(item, "one", one);
        rg_val_set(item, "other", other);
        rg_val_str(item, "shared", shared(p, &a->pairs[i]));
    }
    return page;
}

static rg_val_t *side(apr_pool_t *p, const rg_record_pair_t *pair, const rg_face_t *f, int visits)
{
    rg_val_t *v = rg_val_object(p);
    put_record(v, p, f);
    rg_val_int(v, "visits", visits);
    site_time(v, "made", p, pair->site, f->created_at);
    return v;
}

rg_val_t *rg_view_record_pair(apr_pool_t *p, const rg_record_pair_t *pair, bool may,
                              const rg_form_t *typed)
{
    const rg_merge_facts_t *f = &pair->facts;
    rg_val_t *page = rg_view_page(p, "Are these one person?", pair->site);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_desk", true);
    rg_val_set(page, "kept", side(p, pair, pair->kept, pair->kept_visits));
    rg_val_set(page, "merged", side(p, pair, pair->merged, pair->merged_visits));
    rg_val_bool(page, "already", f->merged);
    rg_val_bool(page, "stands", f->stands && !f->merged);
    rg_val_bool(page, "born", f->born);
    rg_val_bool(page, "treated", f->treated);
    rg_val_bool(page, "were_two", f->were_two);
    rg_val_bool(page, "may", may && !f->merged && !f->stands && !f->born && !f->treated);
    rg_val_bool(page, "may_not", !may);
    rg_val_str(page, "reason", typed ? rg_form_get(typed, "reason") : NULL);
    return page;
}

/* --- what is on file of a person -------------------------------------------------------------- */

static const struct {
    const char *field, *words;
} FIELD_WORDS[] = {{"family", "Last name"},
                   {"given", "First name"},
                   {"birth_date", "Date of birth"},
                   {"gender", "Sex"},
                   {"email", "Email"},
                   {"phone", "Phone"},
                   {"address_line", "Street"},
                   {"city", "City"},
                   {"state", "State"},
                   {"postal_code", "ZIP"},
                   {"country", "Country"},
                   {"interpreter", "Interpreter"},
                   {"access_needs", "Access needs"}};

static const char *field_words(const char *field)
{
    for (size_t i = 0; i < sizeof(FIELD_WORDS) / sizeof(*FIELD_WORDS); i++) {
        if (strcmp(FIELD_WORDS[i].field, field) == 0) {
            return FIELD_WORDS[i].words;
        }
    }
    return field;
}

static const char *filled(const char *s)
{
    return s && *s != '\0' ? s : NULL;
}

static void put_history(rg_val_t *page, apr_pool_t *p, const rg_patient_file_t *f)
{
    rg_val_t *list = rg_val_set_list(page, "changes");
    bool renamed = false;
    for (int i = 0; i < f->facts.change_count; i++) {
        const rg_change_t *c = &f->facts.changes[i];
        rg_val_t *item = rg_val_add(list);
        rg_view_time(item, "at", p, f->site->zone, c->at);
        rg_val_str(item, "what", field_words(c->field));
        rg_val_str(item, "old_value", filled(c->old_value));
        rg_val_str(item, "new_value", filled(c->new_value));
        rg_val_str(item, "reason", c->reason);
        rg_val_str(item, "staff", c->staff);
        rg_val_str(item, "second", c->second);
        renamed = renamed || strcmp(c->field, "family") == 0 || strcmp(c->field, "given") == 0 ||
                  strcmp(c->field, "birth_date") == 0;
    }
    rg_val_bool(page, "any_changes", f->facts.change_count > 0);
    rg_val_bool(page, "any_labels", renamed && f->facts.label_count > 0);
}

static void put_signed_forms(rg_val_t *page, apr_pool_t *p, const rg_patient_file_t *f)
{
    rg_val_t *list = rg_val_set_list(page, "consents");
    for (int i = 0; i < f->facts.consent_count; i++) {
        const rg_person_consent_t *c = &f->facts.consents[i];
        rg_val_t *item = rg_val_add(list);
        rg_val_str(item, "uid", c->uid);
        rg_val_str(item, "booking_uid", c->booking_uid);
        rg_val_str(item, "form", c->title);
        rg_val_str(item, "signer", c->signer);
        rg_val_str(item, "signer_role", rg_view_words(p, c->signer_role));
        rg_val_bool(item, "represented", strcmp(c->signer_role, "patient") != 0);
        rg_val_bool(item, "withdrawn", c->withdrawn);
        rg_val_bool(item, "expired", c->expires_at > 0 && c->expires_at <= f->now);
        rg_view_time(item, "signed", p, f->site->zone, c->signed_at);
    }
    rg_val_bool(page, "any_consents", f->facts.consent_count > 0);
}

void rg_view_person_facts(rg_val_t *page, apr_pool_t *p, const rg_patient_file_t *f)
{
    const rg_needs_t *needs = &f->facts.needs;
    rg_val_t *covers = rg_val_set_list(page, "coverages");
    rg_val_t *labels = rg_val_set_list(page, "labels");
    rg_val_str(page, "interpreter", filled(needs->interpreter));
    rg_val_str(page, "access_needs", filled(needs->access_needs));
    rg_val_bool(page, "has_needs", filled(needs->interpreter) || filled(needs->access_needs));
    for (int i = 0; i < f->facts.coverage_count; i++) {
        const rg_person_coverage_t *c = &f->facts.coverages[i];
        rg_val_t *item = rg_val_add(covers);
        rg_val_str(item, "payer", c->payer);
        rg_val_str(item, "member_id", c->member_id);
        rg_val_str(item, "group_no", filled(c->group_no));
        rg_val_bool(item, "other_subscriber", strcmp(c->relationship, "self") != 0);
        rg_view_time(item, "given", p, f->site->zone, c->created_at);
    }
    for (int i = 0; i < f->facts.label_count; i++) {
        rg_val_t *item = rg_val_add(labels);
        rg_val_str(item, "label", f->facts.labels[i].label);
        rg_val_str(item, "booking_uid", f->facts.labels[i].booking_uid);
    }
    rg_val_bool(page, "any_coverages", f->facts.coverage_count > 0);
    put_history(page, p, f);
    put_signed_forms(page, p, f);
}

rg_val_t *rg_view_person_edit(apr_pool_t *p, const rg_person_page_t *w, rg_val_t *in,
                              const rg_problems_t *problems)
{
    const rg_patient_t *who = w->patient;
    rg_val_t *page = desk_page(
        p, apr_pstrcat(p, "Change ", rg_view_name(p, who->given, who->family), NULL), w->site);
    if (!in) {
        in = rg_view_person_stored(p, who);
        rg_val_str(in, "interpreter", w->needs.interpreter);
        rg_val_str(in, "access_needs", w->needs.access_needs);
    }
    rg_val_set(page, "patient", rg_view_patient(p, who));
    rg_val_int(page, "seen", w->needs.version);
    rg_val_bool(page, "relied_on", w->needs.relied_on);
    rg_view_person_fields(page, p, in, problems);
    return page;
}
