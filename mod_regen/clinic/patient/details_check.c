/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for what a patient types about themselves: pure, so that every message can be tested
 * without a database. */
#include "mod_regen/clinic/booking/booking.h"
#include "people.h"
#include "postal.h"
#include "mod_regen/clinic/tell.h"
#include "typed.h"
#include "regen/clinic/patient.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "mod_regen/clinic/schedule/local_days.h"

#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* What the columns hold, in characters. */
enum {
    ADDRESS_MAX = 120,
    CITY_MAX = 80,
    MEMBER_MAX = 40,
    ADULT_YEARS = 18,
    STATE_MAX = 40,
    POSTAL_MAX = 20,
    OLDEST_YEARS = 120
};

static bool is_not_said(const char *s)
{
    return !s || !*s;
}

/* --- dates ------------------------------------------------------------------------------------ */

/* Whole years between two days. */
static int years_between(rg_date_t from, rg_date_t to)
{
    bool before = to.month < from.month || (to.month == from.month && to.day < from.day);
    return to.year - from.year - before;
}

/* A day as typed, and the words for it: "your date of birth". */
typedef struct {
    const char *field, *whose;
    const char *whole; /* in one piece, or else in three */
    const rg_day_typed_t *parts;
} born_t;

/* The fields of the three pieces end like this; that of the month has the day's own name. */
static const char *const PIECES[] = {"month", "day", "year"};

static const char *piece_field(const rg_typed_t *k, const born_t *b, int piece)
{
    size_t n = strlen(b->field) - strlen("date");
    return piece == 0
               ? b->field
               : apr_pstrcat(k->pool, apr_pstrmemdup(k->pool, b->field, n), PIECES[piece], NULL);
}

/* Says which of the three is still empty; false when none is, or all are. */
static bool tell_missing(const rg_typed_t *k, const born_t *b)
{
    const char *typed[] = {b->parts->month, b->parts->day, b->parts->year};
    int missing = 0;
    for (int i = 0; i < 3; i++) {
        missing += is_not_said(rg_fold_text(k->pool, typed[i]));
    }
    for (int i = 0; (missing == 1 || missing == 2) && i < 3; i++) {
        if (is_not_said(rg_fold_text(k->pool, typed[i]))) {
            rg_problem_add(k->problems, piece_field(k, b, i), "Enter the %s of %s.", PIECES[i],
                           b->whose);
        }
    }
    return missing == 1 || missing == 2;
}

/* What was not understood is asked again, never guessed. */
static void tell_day(const rg_typed_t *k, const born_t *b, rg_day_read_t read, rg_date_t d)
{
    bool pieces = is_not_said(b->whole);
    switch (read) {
    case RG_DAY_READ: break;
    case RG_DAY_NONE: rg_problem_add(k->problems, b->field, "Enter %s.", b->whose); break;
    case RG_DAY_EITHER:
        rg_problem_add(
            k->problems, b->field,
            "Write the month of %s as a word: this could be %s, or month and day switched.",
            b->whose, rg_date_us(k->pool, d));
        break;
    case RG_DAY_SHORT_YEAR:
        rg_problem_add(k->problems, pieces ? piece_field(k, b, 2) : b->field,
                       "Write the year of %s with four digits, like 1985.", b->whose);
        break;
    case RG_DAY_UNKNOWN:
        if (!pieces || !tell_missing(k, b)) {
            rg_problem_add(k->problems, b->field,
                           "Check %s: there is no such day in the calendar. Write it like March "
                           "27, 1985 or 3/27/1985.",
                           b->whose);
        }
        break;
    }
}

static void check_age(const rg_typed_t *k, const born_t *b, rg_date_t d, rg_date_t today)
{
    if (rg_date_compare(d, today) > 0) {
        rg_problem_add(k->problems, b->field, "Enter a day in the past for %s.", b->whose);
    }
    else if (years_between(d, today) > OLDEST_YEARS) {
        rg_problem_add(k->problems, b->field, "Check the year of %s: it is more than %d years ago.",
                       b->whose, OLDEST_YEARS);
    }
}

/* Year 0 with a problem, or an understood date, also with a problem if it is not valid. */
static rg_date_t check_birth_date(const rg_typed_t *k, const born_t *b, rg_date_t today)
{
    rg_date_t d = {0, 0, 0};
    rg_day_read_t read = rg_day_read(&d, k->pool, b->whole, today);
    if (read == RG_DAY_NONE) {
        read =
            rg_day_read_parts(&d, k->pool, b->parts->month, b->parts->day, b->parts->year, today);
    }
    tell_day(k, b, read, d);
    if (read != RG_DAY_READ) {
        return (rg_date_t){0, 0, 0};
    }
    check_age(k, b, d, today);
    return d;
}

/* Dates of birth are compared with one that was judged when it was typed first, so "today" may be
 * any day that is not before it. */
static rg_date_t latest_birth_day(const rg_ctx_t *ctx)
{
    return rg_day_everywhere(ctx->now + RG_DAY);
}

bool rg_birth_date_said(rg_date_t *out, const rg_ctx_t *ctx, const char *typed)
{
    return rg_day_read(out, ctx->pool, typed, latest_birth_day(ctx)) == RG_DAY_READ;
}

bool rg_birth_date_read(rg_date_t *out, const rg_ctx_t *ctx, const char *whole,
                        const rg_day_typed_t *parts)
{
    const rg_typed_t k = {ctx->pool, ctx->problems, ctx->who.roles};
    static const rg_day_typed_t none = {NULL, NULL, NULL};
    const born_t b = {"birth_date", "the date of birth", whole, parts ? parts : &none};
    int before = ctx->problems->list->nelts;
    *out = check_birth_date(&k, &b, latest_birth_day(ctx));
    return ctx->problems->list->nelts == before;
}

/* --- the parts -------------------------------------------------------------------------------- */

/* LINES without spaces around names, where they still are the words of GIVEN; NULL otherwise. */
static const char *given_lines(const rg_typed_t *k, const char *lines, const char *given)
{
    const char *kept = "";
    const char *words = "";
    char *rest = apr_pstrdup(k->pool, lines ? lines : "");
    while (*rest) {
        size_t n = strcspn(rest, "\n");
        const char *one = rg_text_tidy(k->pool, apr_pstrmemdup(k->pool, rest, n));
        if (*one) {
            kept = apr_pstrcat(k->pool, kept, *kept ? "\n" : "", one, NULL);
            words = apr_pstrcat(k->pool, words, *words ? " " : "", one, NULL);
        }
        rest += n + (rest[n] == '\n');
    }
    return strchr(kept, '\n') && strcmp(words, given) == 0 ? kept : NULL;
}

static void check_person(const rg_typed_t *k, rg_patient_t *p, const rg_details_in_t *in,
                         rg_date_t today)
{
    const rg_typed_name_t name = {
        .given_field = "given",
        .given_name = "first name",
        .given = in->given,
        .family_field = "family",
        .family_name = "last name",
        .family = in->family,
        .missing = apr_psprintf(
            k->pool, "Enter %s name. If there is only one name, leave the other field empty.",
            rg_typed_whose(k))};
    rg_typed_name(k, &p->given, &p->family, &name);
    p->given_lines = given_lines(k, in->given_lines, p->given);
    const born_t born = {"birth_date",
                         apr_pstrcat(k->pool, rg_typed_whose(k), " date of birth", NULL),
                         in->birth_date, &in->born};
    p->birth_date = check_birth_date(k, &born, today);
    bool dated = p->birth_date.year != 0 && !rg_problem_for(k->problems, "birth_date");
    if (dated && years_between(p->birth_date, today) < ADULT_YEARS) {
        rg_tell(k->problems, k->roles, "birth_date",
                "Online booking is for patients aged %d and over. Please call the clinic to book "
                "for somebody younger.",
                "Patients under %d cannot be booked here, because they cannot sign the forms "
                "alone. Check the year with the patient; if it is correct, follow the clinic's "
                "rules for minors.",
                ADULT_YEARS);
    }
}

/* Claims name it, so nothing else asks for it. */
static void check_sex(const rg_typed_t *k, rg_patient_t *p, const rg_details_in_t *in, bool needed)
{
    p->gender = in->gender;
    if (!needed && is_not_said(in->gender)) {
        p->gender = rg_gender_name(RG_GENDER_UNKNOWN);
    }
    else if (rg_gender_parse(in->gender) < 0) {
        rg_tell(
            k->problems, k->roles, "gender",
            "Choose the sex listed on your insurance, or that you prefer not to say.",
            "Choose the sex listed on the patient's insurance, or that they prefer not to say.");
        p->gender = rg_gender_name(RG_GENDER_UNKNOWN);
    }
}

/* TERRITORY: known as a country already; NULL otherwise. */
static void check_us_address(const rg_typed_t *k, rg_address_t *a, const rg_details_in_t *in,
                             const char *territory)
{
    const char *typed = territory && is_not_said(in->state) ? territory : in->state;
    const char *state = rg_typed_line(k, "state", "state", typed, RG_TYPED_MAX, NULL);
    const char *zip =
        rg_typed_line(k, "postal_code", "ZIP code", in->postal_code, RG_TYPED_MAX, NULL);
    a->state = *state ? rg_state_read(k->pool, state) : "";
    a->postal_code = *zip ? rg_zip_read(k->pool, zip) : "";
    if (!a->state) {
        rg_problem_add(k->problems, "state",
                       "Enter a US state or territory, like NH or New Hampshire. For an address "
                       "outside the US, choose its country.");
    }
    if (!a->postal_code) {
        rg_problem_add(k->problems, "postal_code",
                       "Enter a ZIP code of 5 or 9 digits, like 03801 or 03801-4410.");
    }
}

/* For other countries we do not know the format of states and postal codes. */
static void check_foreign_address(const rg_typed_t *k, rg_address_t *a, const rg_details_in_t *in)
{
    a->state = rg_typed_optional(k, "state", "state or region", in->state, STATE_MAX);
    a->postal_code =
        rg_typed_optional(k, "postal_code", "postal code", in->postal_code, POSTAL_MAX);
}

/* ISO has them as countries, the postal service as states. */
static const char *territory_state(const char *country)
{
    static const char *const all[] = {"AS", "GU", "MP", "PR", "VI"};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(all[i], country) == 0) {
            return all[i];
        }
    }
    return NULL;
}

/* The address is brought to one country, state and code. */
static void check_country(const rg_typed_t *k, rg_address_t *a, const rg_details_in_t *in)
{
    a->country = rg_country_read(k->pool, in->country);
    if (!a->country) {
        rg_problem_add(k->problems, "country",
                       "Choose the country of the address. If you type it, use its English name, "
                       "like Canada.");
        return;
    }
    const char *territory = territory_state(a->country);
    if (territory || strcmp(a->country, "US") == 0) {
        a->country = "US";
        check_us_address(k, a, in, territory);
    }
    else {
        check_foreign_address(k, a, in);
    }
}

static void check_reach(const rg_typed_t *k, rg_patient_t *p, const rg_details_in_t *in)
{
    p->email = rg_typed_email(k, "email", in->email);
    p->phone = rg_typed_phone(k, "phone", in->phone);
}

/* The whole of it, or nothing where a claim does not need it. */
static void check_address(const rg_typed_t *k, rg_patient_t *p, const rg_details_in_t *in,
                          bool needed)
{
    rg_address_t *a = &p->address;
    bool said = !is_not_said(in->address_line) || !is_not_said(in->city) ||
                !is_not_said(in->state) || !is_not_said(in->postal_code);
    *a = (rg_address_t){.line = "", .city = "", .state = "", .postal_code = "", .country = "US"};
    if (!needed && !said) {
        return;
    }
    a->line =
        rg_typed_line(k, "address_line", "street address", in->address_line, ADDRESS_MAX, NULL);
    a->city = rg_typed_line(k, "city", "city", in->city, CITY_MAX, NULL);
    check_country(k, a, in);
    a->country = a->country ? a->country : "US";
    a->state = a->state ? a->state : "";
    a->postal_code = a->postal_code ? a->postal_code : "";
}

static bool service_treats(const rg_service_t *s, const char *body_site)
{
    for (int i = 0; i < s->body_site_count; i++) {
        if (strcmp(s->body_sites[i], body_site) == 0) {
            return true;
        }
    }
    return false;
}

/* If the patient enters it later, then all of it: half of it would look complete. */
static bool place_comes_later(const rg_details_in_t *in, const rg_details_rules_t *rules)
{
    bool sided = is_not_said(in->body_site) || rg_body_site_sided(in->body_site);
    bool known = is_not_said(in->body_site) || service_treats(rules->service, in->body_site);
    return rules->place_later && known && sided && is_not_said(in->side);
}

static void check_treated_place(const rg_typed_t *k, rg_details_checked_t *out,
                                const rg_details_in_t *in, const rg_details_rules_t *rules)
{
    const rg_service_t *service = rules->service;
    out->body_site = "";
    out->side = RG_SIDE_NONE;
    if (!service->needs_body_site || place_comes_later(in, rules)) {
        return;
    }
    if (is_not_said(in->body_site) || !service_treats(service, in->body_site)) {
        rg_tell(k->problems, k->roles, "body_site", "Choose where you want to be treated.",
                "Choose the part of the body to be treated.");
    }
    else {
        out->body_site = in->body_site;
    }
    if (*out->body_site && !rg_body_site_sided(out->body_site)) {
        return;
    }
    int side = is_not_said(in->side) ? -1 : rg_side_parse(in->side);
    if (side != RG_SIDE_LEFT && side != RG_SIDE_RIGHT) {
        rg_problem_add(k->problems, "side", "Choose left or right.");
        return;
    }
    out->side = (rg_side_t)side;
}

/* --- who pays --------------------------------------------------------------------------------- */

static const rg_payer_t *payer_named(const rg_details_rules_t *rules, const char *code)
{
    for (int i = 0; code && i < rules->payer_count; i++) {
        if (rules->payers[i].active && strcmp(rules->payers[i].code, code) == 0) {
            return &rules->payers[i];
        }
    }
    return NULL;
}

/* Letters and digits in capitals: cards print blanks, dashes and dots that claims must not
 * carry. */
static const char *card_number(apr_pool_t *p, const char *typed)
{
    const char *s = rg_fold_text(p, typed);
    char *out = apr_palloc(p, strlen(s) + 1);
    char *end = out;
    for (; *s; s++) {
        if (!strchr(" -./", *s)) {
            *end++ = (char)apr_toupper(*s);
        }
    }
    *end = '\0';
    return out;
}

static bool is_card_number(const char *s)
{
    for (; *s; s++) {
        if (!apr_isascii(*s) || !apr_isalnum(*s)) {
            return false;
        }
    }
    return true;
}

static const char *member_id(const rg_typed_t *k, const char *typed, bool medicare)
{
    const char *missing =
        apr_psprintf(k->pool, "Enter the member ID on %s insurance card.", rg_typed_whose(k));
    const char *s = rg_typed_line(k, "member_id", "member ID", typed, MEMBER_MAX, missing);
    if (!*s) {
        return "";
    }
    const char *id = card_number(k->pool, s);
    if (medicare && !rg_mbi_valid(id)) {
        rg_problem_add(k->problems, "member_id",
                       "Enter the 11 letters and digits on %s Medicare card, like 1EG4-TE5-MK73.",
                       rg_typed_whose(k));
    }
    else if (!*id || !is_card_number(id)) {
        rg_problem_add(k->problems, "member_id",
                       "Enter the letters and digits of the member ID as they are on %s card.",
                       rg_typed_whose(k));
    }
    return id;
}

static void check_subscriber(const rg_typed_t *k, rg_coverage_t *c, const rg_details_in_t *in,
                             rg_date_t today)
{
    c->subscriber_family = "";
    c->subscriber_given = "";
    c->subscriber_birth_date = (rg_date_t){0, 0, 0};
    if (rg_relationship_parse(c->relationship) == RG_RELATIONSHIP_SELF) {
        return;
    }
    const rg_typed_name_t name = {.given_field = "subscriber_given",
                                  .given_name = "first name of the person whose insurance it is",
                                  .given = in->subscriber_given,
                                  .family_field = "subscriber_family",
                                  .family_name = "last name of the person whose insurance it is",
                                  .family = in->subscriber_family,
                                  .missing = "Enter the name of the person whose insurance it is."};
    rg_typed_name(k, &c->subscriber_given, &c->subscriber_family, &name);
    const born_t born = {"subscriber_birth_date",
                         "the date of birth of the person whose insurance it is",
                         in->subscriber_birth_date, &in->subscriber_born};
    c->subscriber_birth_date = check_birth_date(k, &born, today);
}

static void check_payer(const rg_typed_t *k, rg_coverage_t *c, const rg_details_in_t *in,
                        const rg_details_rules_t *rules)
{
    const rg_payer_t *payer = payer_named(rules, in->payer_code);
    bool medicare = payer && rg_payer_kind_parse(payer->kind) == RG_PAYER_MEDICARE;
    if (payer) {
        c->payer = *payer;
    }
    else {
        rg_tell(k->problems, k->roles, "payer_code",
                "Choose your insurance. If it is not in the list, choose self-pay and tell us at "
                "your visit.",
                "Choose the patient's insurance. If it is not in the list, choose self-pay and "
                "tell the billing staff.");
    }
    c->member_id = member_id(k, in->member_id, medicare);
    c->group_no = rg_typed_optional(k, "group_no", "group number", in->group_no, MEMBER_MAX);
    c->plan_name = "";
    c->relationship = in->relationship;
    if (rg_relationship_parse(in->relationship) < 0) {
        rg_problem_add(k->problems, "relationship", "Choose whose insurance it is.");
        c->relationship = rg_relationship_name(RG_RELATIONSHIP_SELF);
    }
    else if (medicare && rg_relationship_parse(in->relationship) != RG_RELATIONSHIP_SELF) {
        rg_tell(
            k->problems, k->roles, "relationship",
            "Medicare covers only the person on the card. Choose that it is your own.",
            "Medicare covers only the person on the card. Choose that it is the patient's own.");
    }
    check_subscriber(k, c, in, rules->today);
}

static void check_pay(const rg_typed_t *k, rg_details_checked_t *out, const rg_details_in_t *in,
                      const rg_details_rules_t *rules)
{
    bool insured = rg_pay_parse(in->pay) == RG_PAY_INSURANCE;
    out->self_pay = !insured;
    if (insured) {
        check_payer(k, &out->coverage, in, rules);
    }
    else if (rg_pay_parse(in->pay) != RG_PAY_SELF) {
        rg_problem_add(k->problems, "pay", "Choose who pays.");
    }
}

bool rg_place_check(const char **body_site, rg_side_t *side, apr_pool_t *p, rg_problems_t *problems,
                    const rg_details_in_t *in, const rg_service_t *service, unsigned roles)
{
    const rg_typed_t k = {p, problems, roles};
    const rg_details_rules_t rules = {.service = service};
    rg_details_checked_t out = {.body_site = ""};
    int before = problems->list->nelts;
    check_treated_place(&k, &out, in, &rules);
    *body_site = out.body_site;
    *side = out.side;
    return problems->list->nelts == before;
}

/* The problems of K, found in the order of the form, to those of the caller. */
static bool found_to(const rg_typed_t *k, rg_problems_t *problems)
{
    const rg_problem_t *found = (const rg_problem_t *)k->problems->list->elts;
    for (int i = 0; i < k->problems->list->nelts; i++) {
        rg_problem_add(problems, found[i].field, "%s", found[i].text);
    }
    return k->problems->list->nelts == 0;
}

bool rg_person_check(rg_patient_t *out, const rg_ctx_t *ctx, const rg_details_in_t *in,
                     rg_date_t today)
{
    const rg_typed_t k = {ctx->pool, rg_problems_make(ctx->pool), ctx->who.roles};
    *out = (rg_patient_t){.id = 0};
    check_person(&k, out, in, today);
    check_sex(&k, out, in, false);
    check_reach(&k, out, in);
    check_address(&k, out, in, false);
    return found_to(&k, ctx->problems);
}

bool rg_details_check(rg_details_checked_t *out, apr_pool_t *p, rg_problems_t *problems,
                      const rg_details_in_t *in, const rg_details_rules_t *rules)
{
    rg_typed_t k = {p, rg_problems_make(p), rules->roles};
    memset(out, 0, sizeof(*out));
    if (!rules->ordered) {
        check_person(&k, &out->patient, in, rules->today);
        check_reach(&k, &out->patient, in);
        check_treated_place(&k, out, in, rules);
    }
    check_pay(&k, out, in, rules);
    if (!rules->ordered) {
        /* Whoever pays themselves need not say them; a claim does. */
        bool needed = rules->place_later || rg_pay_parse(in->pay) == RG_PAY_INSURANCE;
        check_sex(&k, &out->patient, in, needed);
        check_address(&k, &out->patient, in, needed);
    }
    return found_to(&k, problems);
}
