/* SPDX-License-Identifier: Apache-2.0 */
/* What the patient's pages show: treatments, the forms of a booking. */
#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"

#include <string.h>

#include <apr_strings.h>

/* --- treatments ------------------------------------------------------------------------------- */

/* "2 to 5 days after visit 1"; NULL for the first visit, and where only minutes count. */
static const char *days_after(apr_pool_t *p, const rg_step_t *step)
{
    if (step->visit_no < 2 || step->gap_days_max == 0) {
        return NULL;
    }
    const char *days = step->gap_days_min == step->gap_days_max
                           ? apr_itoa(p, step->gap_days_max)
                           : apr_psprintf(p, "%d to %d", step->gap_days_min, step->gap_days_max);
    return apr_psprintf(p, "%s %s after visit %d", days, step->gap_days_max == 1 ? "day" : "days",
                        step->visit_no - 1);
}

/* The steps by visit: what happens on which day. */
static void put_service_steps(rg_val_t *v, apr_pool_t *p, const rg_service_t *s)
{
    rg_val_t *visits = rg_val_set_list(v, "by_visit");
    rg_val_t *list = NULL;
    for (int i = 0; i < s->step_count; i++) {
        const rg_step_t *step = &s->steps[i];
        if (i == 0 || step->visit_no != s->steps[i - 1].visit_no) {
            rg_val_t *visit = rg_val_add(visits);
            rg_val_int(visit, "no", step->visit_no);
            rg_val_str(visit, "after", days_after(p, step));
            list = rg_val_set_list(visit, "steps");
        }
        rg_val_t *item = rg_val_add(list);
        rg_val_str(item, "name", step->name);
        rg_val_str(item, "kind", rg_step_kind_name(step->kind));
        rg_val_str(item, "length", rg_view_minutes(p, step->minutes));
        rg_val_bool(item, "waits", !step->patient_present);
    }
}

static const char *null_if_empty(const char *s)
{
    return s && *s ? s : NULL;
}

/* As a rule, before a time is known. */
static const char *days_before_words(apr_pool_t *p, const rg_preparing_t *what)
{
    const char *from = what->from_days == 0 ? "on the day"
                                            : apr_psprintf(p, "from %d %s before", what->from_days,
                                                           what->from_days == 1 ? "day" : "days");
    return what->until_days == 0 ? from
                                 : apr_psprintf(p, "%s until %d %s before", from, what->until_days,
                                                what->until_days == 1 ? "day" : "days");
}

static void put_preparing_rules(rg_val_t *v, apr_pool_t *p, const rg_service_t *s)
{
    rg_val_t *list = rg_val_set_list(v, "preparing_rules");
    rg_val_bool(v, "has_preparing_rules", s->preparing_count > 0);
    for (int i = 0; i < s->preparing_count; i++) {
        rg_val_t *item = rg_val_add(list);
        rg_val_str(item, "words", s->preparing[i].words);
        rg_val_str(item, "applies", null_if_empty(s->preparing[i].applies));
        rg_val_str(item, "when", days_before_words(p, &s->preparing[i]));
    }
}

void rg_view_preparing(rg_val_t *view, apr_pool_t *p, const rg_prepare_day_t *days, int count)
{
    rg_val_t *list = rg_val_list(p); /* of this day alone, independent of other days on the page */
    rg_val_set(view, "preparing", list);
    bool late = false;
    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);
        rg_val_str(item, "words", days[i].what->words);
        rg_val_str(item, "applies", null_if_empty(days[i].what->applies));
        rg_view_date(item, "from", p, days[i].from);
        if (days[i].what->until_days > 0) {
            rg_view_date(item, "until", p, days[i].until);
        }
        rg_val_bool(item, "late", days[i].late);
        late = late || days[i].late;
    }
    rg_val_bool(view, "has_preparing", count > 0);
    rg_val_bool(view, "any_late", late);
}

rg_val_t *rg_view_service(apr_pool_t *p, const rg_service_t *s)
{
    rg_val_t *v = rg_val_object(p);
    int visits = rg_visit_count(s);
    rg_val_str(v, "code", s->code);
    rg_val_str(v, "name", s->name);
    rg_val_str(v, "summary", s->summary);
    rg_val_str(v, "not_for", null_if_empty(s->not_for));
    rg_val_str(v, "preparation", null_if_empty(s->preparation));
    rg_view_money(v, "price", p, s->price);
    rg_val_str(v, "length", rg_view_minutes(p, rg_first_visit_minutes(s)));
    rg_val_int(v, "visits", visits);
    rg_val_bool(v, "several_visits", visits > 1);
    rg_val_bool(v, "staff_only", s->staff_only);
    rg_val_bool(v, "needs_order", rg_service_needs_order(s));
    rg_val_str(v, "notice_words", rg_view_minutes(p, s->cancel_notice_minutes));
    rg_val_str(v, "move_notice_words", rg_view_minutes(p, s->move_notice_minutes));
    put_service_steps(v, p, s);
    put_preparing_rules(v, p, s);
    rg_val_t *sites = rg_val_set_list(v, "body_sites");
    for (int i = 0; i < s->body_site_count; i++) {
        rg_val_push(sites, rg_val_string(p, rg_view_words(p, s->body_sites[i])));
    }
    return v;
}

void rg_view_sites(rg_val_t *view, const rg_site_t *const *sites, int count, const rg_site_t *only)
{
    if (count < 2) {
        return;
    }
    rg_val_bool(view, "has_sites", true);
    rg_val_bool(view, "one_site", only != NULL);
    rg_val_t *list = rg_val_set_list(view, "sites");
    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);
        rg_val_str(item, "code", sites[i]->code);
        rg_val_str(item, "name", sites[i]->name);
        rg_val_bool(item, "chosen", sites[i] == only);
    }
}

/* --- about you -------------------------------------------------------------------------------- */

static const char *typed(const rg_val_t *in, const char *name)
{
    const rg_val_t *v = rg_val_get(in, name);
    return v ? rg_val_text(v) : NULL;
}

typedef struct {
    const char *value, *text;
} option_t;

static void put_options(rg_val_t *view, const char *key, apr_pool_t *p, const rg_val_t *in,
                        const char *name, const option_t *options)
{
    for (; options->value; options++) {
        rg_view_choice(view, key, p, name, options->value, options->text, typed(in, name));
    }
}

static const option_t sides[] = {{"left", "Left"}, {"right", "Right"}, {NULL, NULL}};

/* A service for one joint has nothing to choose. */
static void put_site_choice(rg_val_t *view, apr_pool_t *p, const rg_val_t *in,
                            const rg_service_t *service)
{
    const char *chosen = typed(in, "body_site");
    if (service->body_site_count == 1 && (!chosen || !*chosen)) {
        chosen = service->body_sites[0];
    }
    rg_val_bool(view, "needs_body_site", service->needs_body_site);
    for (int i = 0; i < service->body_site_count; i++) {
        const char *code = service->body_sites[i];
        rg_view_choice(view, "body_sites", p, "body_site", code, rg_view_title(p, code), chosen);
    }
}

static void put_genders(rg_val_t *view, apr_pool_t *p, const char *chosen)
{
    static const char *const words[] = {[RG_GENDER_FEMALE] = "Female",
                                        [RG_GENDER_MALE] = "Male",
                                        [RG_GENDER_OTHER] = "Other",
                                        [RG_GENDER_UNKNOWN] = "I prefer not to say"};
    RG_WORDS_ALL(words, RG_GENDER_COUNT);
    for (int i = 0; i < RG_GENDER_COUNT; i++) {
        rg_view_choice(view, "genders", p, "gender", rg_gender_name((rg_gender_t)i), words[i],
                       chosen);
    }
}

static void put_pays(rg_val_t *view, apr_pool_t *p, const char *chosen)
{
    static const char *const words[] = {
        [RG_PAY_SELF] = "Self-pay", [RG_PAY_INSURANCE] = "Send a claim to my insurance"};
    RG_WORDS_ALL(words, RG_PAY_COUNT);
    for (int i = 0; i < RG_PAY_COUNT; i++) {
        rg_view_choice(view, "pays", p, "pay", rg_pay_name((rg_pay_t)i), words[i], chosen);
    }
}

/* Whose insurance it is, from the patient's view. */
static void put_relationships(rg_val_t *view, apr_pool_t *p, const char *chosen)
{
    static const char *const words[] = {[RG_RELATIONSHIP_SELF] = "My own",
                                        [RG_RELATIONSHIP_SPOUSE] =
                                            "My husband's, wife's or partner's",
                                        [RG_RELATIONSHIP_CHILD] = "My parent's",
                                        [RG_RELATIONSHIP_PARENT] = "My child's",
                                        [RG_RELATIONSHIP_OTHER] = "Somebody else's"};
    RG_WORDS_ALL(words, RG_RELATIONSHIP_COUNT);
    for (int i = 0; i < RG_RELATIONSHIP_COUNT; i++) {
        rg_view_choice(view, "relationships", p, "relationship",
                       rg_relationship_name((rg_relationship_t)i), words[i], chosen);
    }
}

/* The United States first: almost all patients live there. Its territories are among the states. */
static void put_countries(rg_val_t *view, apr_pool_t *p, const rg_val_t *in)
{
    static const char *const territories[] = {"AS", "GU", "MP", "PR", "UM", "US", "VI"};
    int count;
    const rg_country_t *all = rg_countries(&count);
    const char *said = typed(in, "country");
    const char *chosen = said ? rg_fold_country(rg_fold_name(p, said)) : NULL;
    rg_view_choice(view, "countries", p, "country", "US", rg_country_name("US"), chosen);
    for (int i = 0; i < count; i++) {
        bool here = false;
        for (size_t k = 0; k < sizeof(territories) / sizeof(territories[0]); k++) {
            here = here || strcmp(territories[k], all[i].code) == 0;
        }
        if (!here) {
            rg_view_choice(view, "countries", p, "country", all[i].code, all[i].name, chosen);
        }
    }
}

void rg_view_details(rg_val_t *view, apr_pool_t *p, rg_val_t *in, const rg_service_t *service,
                     const rg_payer_t *payers, int payer_count, const rg_problems_t *problems)
{
    rg_val_set(view, "in", in);
    put_genders(view, p, typed(in, "gender"));
    put_options(view, "sides", p, in, "side", sides);
    put_pays(view, p, typed(in, "pay"));
    put_relationships(view, p, typed(in, "relationship"));
    put_site_choice(view, p, in, service);
    put_countries(view, p, in);
    rg_view_day_fields(view, "born", p, in, "birth_", problems);
    rg_view_day_fields(view, "subscriber_born", p, in, "subscriber_birth_", problems);
    for (int i = 0; i < payer_count; i++) {
        rg_view_choice(view, "payers", p, "payer_code", payers[i].code, payers[i].name,
                       typed(in, "payer_code"));
    }
}

void rg_view_person_fields(rg_val_t *view, apr_pool_t *p, rg_val_t *in,
                           const rg_problems_t *problems)
{
    rg_val_set(view, "in", in);
    put_genders(view, p, typed(in, "gender"));
    put_countries(view, p, in);
    rg_view_day_fields(view, "born", p, in, "birth_", problems);
}

/* In its three fields, the month by name: so nobody takes it for the day. */
static void put_stored_day(rg_val_t *in, apr_pool_t *p, const char *prefix, rg_date_t d)
{
    if (d.year == 0) {
        return;
    }
    const char *words = rg_date_us(p, d);
    rg_val_str(in, apr_pstrcat(p, prefix, "month", NULL),
               apr_pstrmemdup(p, words, strcspn(words, " ")));
    rg_val_int(in, apr_pstrcat(p, prefix, "day", NULL), d.day);
    rg_val_int(in, apr_pstrcat(p, prefix, "year", NULL), d.year);
}

#define STORED(name, member, path) rg_val_str(in, #name, stored->member);
static void put_stored_person(rg_val_t *in, apr_pool_t *p, const rg_patient_t *stored)
{
    RG_PERSON_FIELDS(STORED)
    put_stored_day(in, p, "birth_", stored->birth_date);
}

rg_val_t *rg_view_person_stored(apr_pool_t *p, const rg_patient_t *patient)
{
    rg_val_t *in = rg_val_object(p);
    put_stored_person(in, p, patient);
    return in;
}

static void put_stored_coverage(rg_val_t *in, apr_pool_t *p, const rg_coverage_t *stored)
{
    RG_COVERAGE_FIELDS(STORED)
    rg_val_str(in, "payer_code", stored->payer.code);
    put_stored_day(in, p, "subscriber_birth_", stored->subscriber_birth_date);
}
#undef STORED

rg_val_t *rg_view_details_stored(apr_pool_t *p, const rg_booking_t *b, const rg_patient_t *patient,
                                 const rg_coverage_t *coverage)
{
    rg_val_t *in = rg_val_object(p);
    rg_val_str(in, "body_site", null_if_empty(b->body_site));
    rg_val_str(in, "side", b->side == RG_SIDE_NONE ? NULL : rg_side_name(b->side));
    rg_val_str(in, "pay",
               b->self_pay < 0 ? NULL : rg_pay_name(b->self_pay ? RG_PAY_SELF : RG_PAY_INSURANCE));
    if (patient) {
        put_stored_person(in, p, patient);
    }
    if (patient && !*patient->address.line) {
        rg_val_str(in, "country", NULL); /* it was not asked for */
        if (strcmp(patient->gender, "unknown") == 0) {
            rg_val_str(in, "gender", NULL); /* nor was this */
        }
    }
    if (coverage) {
        put_stored_coverage(in, p, coverage);
    }
    return in;
}

/* --- consent ---------------------------------------------------------------------------------- */

void rg_view_consents(rg_val_t *view, apr_pool_t *p, const rg_consent_state_t *forms, int count,
                      const rg_zone_t *z)
{
    rg_val_t *list = rg_val_set_list(view, "forms");
    int left = 0;
    for (int i = 0; i < count; i++) {
        rg_val_t *item = rg_val_add(list);
        const rg_consent_t *c = forms[i].consent;
        rg_val_str(item, "code", forms[i].form.form_code);
        rg_val_str(item, "form_title", forms[i].form.title);
        rg_val_bool(item, "done", c != NULL);
        rg_val_str(item, "why", forms[i].why);
        rg_val_bool(item, "again", forms[i].again);
        if (c) {
            rg_val_str(item, "uid", c->uid);
            rg_val_str(item, "signer", c->signer_name);
            rg_val_str(item, "signer_role",
                       c->signer == RG_SIGNER_PATIENT ? NULL : rg_view_signer(c->signer));
            rg_view_time(item, "signed", p, z, c->signed_at);
            rg_view_time(item, "expires", p, z, c->expires_at);
        }
        left += !c;
    }
    rg_val_bool(view, "has_forms", count > 0);
    rg_val_bool(view, "forms_done", left == 0);
    rg_val_int(view, "forms_left", left);
    rg_val_bool(view, "forms_one", left == 1);
}

void rg_view_place_missing(rg_val_t *view, apr_pool_t *p, const rg_booking_t *b,
                           const rg_service_t *service, bool here, const rg_form_t *typed)
{
    rg_val_t *in = rg_val_object(p);
    bool open = b->status == RG_BOOKING_BOOKED ||
                (here && (b->status == RG_BOOKING_ARRIVED || b->status == RG_BOOKING_IN_PROGRESS));
    if (!open || !service->needs_body_site || *b->body_site != '\0') {
        return;
    }
    rg_val_str(in, "body_site", rg_form_get(typed, "body_site"));
    rg_val_str(in, "side", rg_form_get(typed, "side"));
    rg_val_bool(view, "place_missing", true);
    put_options(view, "place_sides", p, in, "side", sides);
    put_site_choice(view, p, in, service);
}
