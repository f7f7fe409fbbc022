/* SPDX-License-Identifier: Apache-2.0 */
/* The rules for what a patient types about themselves: pure, so that every message can be tested
 * without a database. Called by details.c. */
#include "booking.h"
#include "people.h"

#include <string.h>

#include <apr_cstr.h>
#include <apr_lib.h>
#include <apr_strings.h>

/* What the columns hold, in characters. */
enum {
    NAME_MAX_CHARS = 80,
    ADDRESS_MAX = 120,
    CITY_MAX = 80,
    EMAIL_MAX = 160,
    PHONE_MAX = 40,
    MEMBER_MAX = 40,
    ADULT_YEARS = 18,
    OLDEST_YEARS = 120
};

typedef struct {
    apr_pool_t *pool;
    rg_problems_t *problems;
} check_t;

static bool is_empty(const char *s)
{
    return !s || !*s;
}

/* Trimmed text of at most MAX characters on one line; "" with a problem otherwise. */
static const char *line(const check_t *k, const char *field, const char *typed, size_t max,
                        const char *missing)
{
    const char *s = rg_text_tidy(k->pool, typed);
    if (is_empty(s)) {
        rg_problem_add(k->problems, field, "%s", missing);
        return "";
    }
    if (strchr(s, '\n') || !rg_text_clean(s, strlen(s))) {
        rg_problem_add(k->problems, field, "Use one line of ordinary letters and signs");
        return "";
    }
    if (rg_text_length(s) > max) {
        rg_problem_add(k->problems, field, "Use at most %d characters", (int)max);
        return "";
    }
    return s;
}

static const char *optional_line(const check_t *k, const char *field, const char *typed, size_t max)
{
    const char *s = rg_text_tidy(k->pool, typed);
    return is_empty(s) ? "" : line(k, field, s, max, "");
}

/* --- dates ------------------------------------------------------------------------------------ */

/* Reads 1 to 2 (or exactly 4) digits at *S followed by NEXT (0: the end). */
static bool digits(const char **s, size_t least, size_t most, char next, int *out)
{
    size_t n = strspn(*s, "0123456789");
    if (n < least || n > most || (*s)[n] != next) {
        return false;
    }
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        *out = *out * 10 + ((*s)[i] - '0');
    }
    *s += n + (next != 0);
    return true;
}

/* "3/27/1985" as people in the US write it, or what a date box sends: "1985-03-27". */
static bool date_typed(rg_date_t *out, apr_pool_t *p, const char *s)
{
    rg_date_t d;
    if (rg_date_parse(out, s)) {
        return true;
    }
    if (!digits(&s, 1, 2, '/', &d.month) || !digits(&s, 1, 2, '/', &d.day) ||
        !digits(&s, 4, 4, '\0', &d.year)) {
        return false;
    }
    return rg_date_parse(out, apr_psprintf(p, "%04d-%02d-%02d", d.year, d.month, d.day));
}

/* Whole years between two days. */
static int years_between(rg_date_t from, rg_date_t to)
{
    bool before = to.month < from.month || (to.month == from.month && to.day < from.day);
    return to.year - from.year - before;
}

static rg_date_t birth_date(const check_t *k, const char *field, const char *typed, rg_date_t today,
                            const char *missing)
{
    rg_date_t d = {0, 0, 0};
    const char *s = rg_text_tidy(k->pool, typed);
    if (is_empty(s)) {
        rg_problem_add(k->problems, field, "%s", missing);
        return d;
    }
    if (!date_typed(&d, k->pool, s)) {
        rg_problem_add(k->problems, field, "Enter a real date as month/day/year, like 3/27/1985");
        return (rg_date_t){0, 0, 0};
    }
    if (rg_date_compare(d, today) > 0) {
        rg_problem_add(k->problems, field, "The date of birth must be in the past");
    }
    else if (years_between(d, today) > OLDEST_YEARS) {
        rg_problem_add(k->problems, field, "Check the year: that is more than %d years ago",
                       OLDEST_YEARS);
    }
    return d;
}

bool rg_birth_date_read(rg_date_t *out, rg_ctx_t *ctx, const char *typed)
{
    const check_t k = {ctx->pool, ctx->problems};
    /* It is compared with one that was judged when it was typed first, so "today" may be anything
     * that is not before it. */
    *out =
        birth_date(&k, "birth_date", typed, rg_day_everywhere(ctx->now + apr_time_from_sec(86400)),
                   "Enter the date of birth");
    return out->year != 0 && !rg_problem_for(ctx->problems, "birth_date");
}

/* --- one of a few words ----------------------------------------------------------------------- */

static bool is_one_of(const char *s, const char *const *words)
{
    for (; s && *words; words++) {
        if (strcmp(s, *words) == 0) {
            return true;
        }
    }
    return false;
}

/* States, the district, the territories and the armed forces, as the postal service has them. */
static const struct {
    const char *code, *name;
} STATES[] = {{"AL", "Alabama"},
              {"AK", "Alaska"},
              {"AZ", "Arizona"},
              {"AR", "Arkansas"},
              {"CA", "California"},
              {"CO", "Colorado"},
              {"CT", "Connecticut"},
              {"DE", "Delaware"},
              {"DC", "District of Columbia"},
              {"FL", "Florida"},
              {"GA", "Georgia"},
              {"HI", "Hawaii"},
              {"ID", "Idaho"},
              {"IL", "Illinois"},
              {"IN", "Indiana"},
              {"IA", "Iowa"},
              {"KS", "Kansas"},
              {"KY", "Kentucky"},
              {"LA", "Louisiana"},
              {"ME", "Maine"},
              {"MD", "Maryland"},
              {"MA", "Massachusetts"},
              {"MI", "Michigan"},
              {"MN", "Minnesota"},
              {"MS", "Mississippi"},
              {"MO", "Missouri"},
              {"MT", "Montana"},
              {"NE", "Nebraska"},
              {"NV", "Nevada"},
              {"NH", "New Hampshire"},
              {"NJ", "New Jersey"},
              {"NM", "New Mexico"},
              {"NY", "New York"},
              {"NC", "North Carolina"},
              {"ND", "North Dakota"},
              {"OH", "Ohio"},
              {"OK", "Oklahoma"},
              {"OR", "Oregon"},
              {"PA", "Pennsylvania"},
              {"RI", "Rhode Island"},
              {"SC", "South Carolina"},
              {"SD", "South Dakota"},
              {"TN", "Tennessee"},
              {"TX", "Texas"},
              {"UT", "Utah"},
              {"VT", "Vermont"},
              {"VA", "Virginia"},
              {"WA", "Washington"},
              {"WV", "West Virginia"},
              {"WI", "Wisconsin"},
              {"WY", "Wyoming"},
              {"AS", "American Samoa"},
              {"GU", "Guam"},
              {"MP", "Northern Mariana Islands"},
              {"PR", "Puerto Rico"},
              {"VI", "US Virgin Islands"},
              {"AA", "Armed Forces Americas"},
              {"AE", "Armed Forces Europe"},
              {"AP", "Armed Forces Pacific"}};

/* The code for a code or a name in any case; browsers fill in either. NULL for neither. */
static const char *state_named(const char *s)
{
    for (size_t i = 0; i < sizeof(STATES) / sizeof(STATES[0]); i++) {
        if (apr_cstr_casecmp(STATES[i].code, s) == 0 || apr_cstr_casecmp(STATES[i].name, s) == 0) {
            return STATES[i].code;
        }
    }
    return NULL;
}

static const char *state_code(const check_t *k, const char *typed)
{
    const char *s = rg_text_tidy(k->pool, typed);
    if (is_empty(s)) {
        rg_problem_add(k->problems, "state", "Enter your state");
        return "";
    }
    const char *code = state_named(s);
    if (!code) {
        rg_problem_add(k->problems, "state", "Enter a US state, like NH or New Hampshire");
        return "";
    }
    return code;
}

/* 12345 or 12345-6789; nine digits may come without the dash. */
static const char *zip_code(const check_t *k, const char *typed)
{
    const char *s = rg_text_tidy(k->pool, typed);
    if (is_empty(s)) {
        rg_problem_add(k->problems, "postal_code", "Enter your ZIP code");
        return "";
    }
    size_t head = strspn(s, "0123456789");
    size_t tail = s[head] == '-' ? strspn(s + head + 1, "0123456789") : 0;
    bool five = head == 5 && s[5] == '\0';
    bool nine = head == 9 && s[9] == '\0';
    bool dashed = head == 5 && tail == 4 && s[10] == '\0';
    if (!five && !nine && !dashed) {
        rg_problem_add(k->problems, "postal_code",
                       "Enter a ZIP code of 5 or 9 digits, like 03801 or 03801-4410");
        return "";
    }
    return nine ? apr_psprintf(k->pool, "%.5s-%s", s, s + 5) : s;
}

/* --- the parts -------------------------------------------------------------------------------- */

static void check_person(const check_t *k, rg_patient_t *p, const rg_details_in_t *in,
                         rg_date_t today)
{
    static const char *const genders[] = {"female", "male", "other", "unknown", NULL};
    p->given = line(k, "given", in->given, NAME_MAX_CHARS, "Enter your first name");
    p->family = line(k, "family", in->family, NAME_MAX_CHARS, "Enter your last name");
    p->birth_date = birth_date(k, "birth_date", in->birth_date, today, "Enter your date of birth");
    bool dated = p->birth_date.year != 0 && !rg_problem_for(k->problems, "birth_date");
    if (dated && years_between(p->birth_date, today) < ADULT_YEARS) {
        rg_problem_add(k->problems, "birth_date",
                       "Online booking is for people of %d and over: please call the clinic to "
                       "book for somebody younger",
                       ADULT_YEARS);
    }
    p->gender = in->gender;
    if (!is_one_of(in->gender, genders)) {
        rg_problem_add(k->problems, "gender",
                       "Choose what is on your records, or that you prefer not to say");
        p->gender = "unknown";
    }
}

static void check_contact(const check_t *k, rg_patient_t *p, const rg_details_in_t *in)
{
    p->email = line(k, "email", in->email, EMAIL_MAX, "Enter your email address");
    if (*p->email && !rg_email_plausible(p->email)) {
        rg_problem_add(k->problems, "email", "Enter an email address like name@example.org");
    }
    p->phone = line(k, "phone", in->phone, PHONE_MAX, "Enter your phone number");
    if (*p->phone && !rg_phone_read(k->pool, p->phone)) {
        rg_problem_add(k->problems, "phone", "Enter a phone number like 603-555-0123");
    }
    p->address.line =
        line(k, "address_line", in->address_line, ADDRESS_MAX, "Enter your street address");
    p->address.city = line(k, "city", in->city, CITY_MAX, "Enter your city");
    p->address.state = state_code(k, in->state);
    p->address.postal_code = zip_code(k, in->postal_code);
    p->address.country = "US";
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

static void check_place(const check_t *k, rg_details_checked_t *out, const rg_details_in_t *in,
                        const rg_service_t *service)
{
    out->body_site = "";
    out->side = RG_SIDE_NONE;
    if (!service->needs_body_site) {
        return;
    }
    if (is_empty(in->body_site) || !service_treats(service, in->body_site)) {
        rg_problem_add(k->problems, "body_site", "Choose where you want to be treated");
    }
    else {
        out->body_site = in->body_site;
    }
    if (*out->body_site && !rg_body_site_sided(out->body_site)) {
        return;
    }
    int side = is_empty(in->side) ? -1 : rg_side_parse(in->side);
    if (side != RG_SIDE_LEFT && side != RG_SIDE_RIGHT) {
        rg_problem_add(k->problems, "side", "Choose left or right");
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

/* Letters and digits in capitals: cards print blanks and dashes that claims must not carry. */
static const char *card_number(apr_pool_t *p, const char *typed)
{
    char *out = apr_palloc(p, strlen(typed) + 1);
    char *end = out;
    for (; *typed; typed++) {
        if (*typed != ' ' && *typed != '-') {
            *end++ = (char)apr_toupper(*typed);
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

static const char *member_id(const check_t *k, const char *typed, bool medicare)
{
    const char *s =
        line(k, "member_id", typed, MEMBER_MAX, "Enter the member number on your insurance card");
    if (!*s) {
        return "";
    }
    const char *id = card_number(k->pool, s);
    if (medicare && !rg_mbi_valid(id)) {
        rg_problem_add(k->problems, "member_id",
                       "Enter the 11 letters and digits on your Medicare card, like "
                       "1EG4-TE5-MK73");
    }
    else if (!*id || !is_card_number(id)) {
        rg_problem_add(k->problems, "member_id",
                       "Enter the letters and digits of the member number as on your card");
    }
    return id;
}

static void check_subscriber(const check_t *k, rg_coverage_t *c, const rg_details_in_t *in,
                             rg_date_t today)
{
    c->subscriber_family = "";
    c->subscriber_given = "";
    c->subscriber_birth_date = (rg_date_t){0, 0, 0};
    if (strcmp(c->relationship, "self") == 0) {
        return;
    }
    c->subscriber_given = line(k, "subscriber_given", in->subscriber_given, NAME_MAX_CHARS,
                               "Enter the first name of the person whose insurance it is");
    c->subscriber_family = line(k, "subscriber_family", in->subscriber_family, NAME_MAX_CHARS,
                                "Enter the last name of the person whose insurance it is");
    c->subscriber_birth_date =
        birth_date(k, "subscriber_birth_date", in->subscriber_birth_date, today,
                   "Enter the date of birth of the person whose insurance it is");
}

static void check_coverage(const check_t *k, rg_coverage_t *c, const rg_details_in_t *in,
                           const rg_details_rules_t *rules)
{
    static const char *const relationships[] = {"self", "spouse", "child", "parent", "other", NULL};
    const rg_payer_t *payer = payer_named(rules, in->payer_code);
    bool medicare = payer && strcmp(payer->kind, "medicare") == 0;
    if (payer) {
        c->payer = *payer;
    }
    else {
        rg_problem_add(k->problems, "payer_code",
                       "Choose your insurance; if it is not in the list, choose to pay yourself "
                       "and tell us when you come");
    }
    c->member_id = member_id(k, in->member_id, medicare);
    c->group_no = optional_line(k, "group_no", in->group_no, MEMBER_MAX);
    c->plan_name = "";
    c->relationship = in->relationship;
    if (!is_one_of(in->relationship, relationships)) {
        rg_problem_add(k->problems, "relationship", "Choose whose insurance it is");
        c->relationship = "self";
    }
    else if (medicare && strcmp(in->relationship, "self") != 0) {
        rg_problem_add(k->problems, "relationship",
                       "Medicare covers only the person on the card: choose that it is your own");
    }
    check_subscriber(k, c, in, rules->today);
}

static void check_pay(const check_t *k, rg_details_checked_t *out, const rg_details_in_t *in,
                      const rg_details_rules_t *rules)
{
    bool insured = in->pay && strcmp(in->pay, "insurance") == 0;
    out->self_pay = !insured;
    if (insured) {
        check_coverage(k, &out->coverage, in, rules);
    }
    else if (!in->pay || strcmp(in->pay, "self") != 0) {
        rg_problem_add(k->problems, "pay", "Choose who pays");
    }
}

bool rg_details_check(rg_details_checked_t *out, apr_pool_t *p, rg_problems_t *problems,
                      const rg_details_in_t *in, const rg_details_rules_t *rules)
{
    check_t k = {p, rg_problems_make(p)};
    memset(out, 0, sizeof(*out));
    check_person(&k, &out->patient, in, rules->today);
    check_contact(&k, &out->patient, in);
    check_place(&k, out, in, rules->service);
    check_pay(&k, out, in, rules);
    const rg_problem_t *found = (const rg_problem_t *)k.problems->list->elts;
    for (int i = 0; i < k.problems->list->nelts; i++) {
        rg_problem_add(problems, found[i].field, "%s", found[i].text);
    }
    return k.problems->list->nelts == 0;
}
