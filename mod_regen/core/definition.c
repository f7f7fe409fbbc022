/* SPDX-License-Identifier: Apache-2.0 */
/* The fields of a service, and of who bills, sites, payers and consent forms, by name: their
 * limits, and every value as text. The JSON reader and writer, the page's form and the comparison
 * walk these tables. */
#include "regen/core/buf.h"
#include "regen/core/crypto.h"
#include "regen/core/money.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/clinic_def.h"
#include "regen/model/definition.h"
#include "regen/model/fees.h"
#include "regen/model/service.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#define KINDS        RG_WORDS_TEXT(RG_STEP_KINDS)
#define S(member)    offsetof(rg_service_def_t, service.member)
#define D(member)    offsetof(rg_service_def_t, member)
#define T(member)    offsetof(rg_step_t, member)
#define N(member)    offsetof(rg_need_t, member)
#define C(member)    offsetof(rg_fee_line_t, member)
#define R(member)    offsetof(rg_service_recall_t, member)
#define Q(member)    offsetof(rg_service_screening_t, member)
#define P(member)    offsetof(rg_preparing_t, member)
#define M(member)    offsetof(rg_product_t, member)
#define TEN_YEARS    3660 /* days, as the schema says */
#define YEAR_MIN     (366 * RG_DAY_MINUTES)
#define REMIND_HOURS (60 * RG_DAY_SEC / RG_HOUR_SEC)

const rg_field_t rg_service_fields[] = {
    {"code", RG_FIELD_CODE, S(code), 1, 32, 0, NULL, NULL},
    {"site", RG_FIELD_CODE, D(site), 1, 32, 0, NULL, NULL},
    {"name", RG_FIELD_TEXT, S(name), 1, 120, 0, NULL, NULL},
    {"summary", RG_FIELD_TEXT, S(summary), 1, 1000, 0, NULL, NULL},
    {"not_for", RG_FIELD_TEXT, S(not_for), 0, 1000, 0, "", NULL},
    {"preparation", RG_FIELD_TEXT, S(preparation), 0, 1000, 0, "", NULL},
    {"active", RG_FIELD_YES, D(active), 0, 0, 0, "true", NULL},
    {"audience", RG_FIELD_STAFF, S(staff_only), 0, 0, 0, "public", "public staff"},
    {"booked_by", RG_FIELD_WORD, S(booked_by), 0, 0, 0, "anyone", RG_WORDS_TEXT(RG_BOOKED_BYS)},
    {"display_order", RG_FIELD_INT, D(display_order), -30000, 30000, 1, "0", NULL},
    {"start_grid", RG_FIELD_INT, S(start_grid), 5, RG_DAY_MINUTES, 5, "15", NULL},
    {"notice_minutes", RG_FIELD_INT, S(notice_minutes), 0, YEAR_MIN, 1, "1440", NULL},
    {"horizon_days", RG_FIELD_INT, S(horizon_days), 1, 730, 1, "180", NULL},
    {"remind_hours", RG_FIELD_INT, S(remind_hours), 0, REMIND_HOURS, 1, "0", NULL},
    {"remind_again_hours", RG_FIELD_INT, S(remind_again_hours), 0, REMIND_HOURS, 1, "0", NULL},
    {"max_per_day", RG_FIELD_INT, S(max_per_day), 0, 1000, 1, "0", NULL},
    {"cancel_notice_minutes", RG_FIELD_INT, S(cancel_notice_minutes), 0, YEAR_MIN, 1, "1440", NULL},
    {"move_notice_minutes", RG_FIELD_INT, S(move_notice_minutes), 0, YEAR_MIN, 1, "1440", NULL},
    {"regulatory_path", RG_FIELD_WORD, S(regulatory_path), 0, 0, 0, "none",
     RG_WORDS_TEXT(RG_REGULATORY_PATHS)},
    {"unit_hold_minutes", RG_FIELD_INT, S(unit_hold_minutes), 5, 10080, 1, "240", NULL},
    {"needs_body_site", RG_FIELD_YES, S(needs_body_site), 0, 0, 0, "true", NULL},
    {"targets_most", RG_FIELD_INT, S(targets_most), 1, RG_TARGETS_MOST, 1, "1", NULL},
    {"second_harvest", RG_FIELD_YES, S(second_harvest), 0, 0, 0, "false", NULL},
    {"second_inject", RG_FIELD_YES, S(second_inject), 0, 0, 0, "false", NULL},
    {"timeout_harvest", RG_FIELD_YES, S(timeout_harvest), 0, 0, 0, "false", NULL},
    {"timeout_inject", RG_FIELD_YES, S(timeout_inject), 0, 0, 0, "false", NULL},
    {"fallback", RG_FIELD_CODE, D(fallback), 0, 32, 0, "", NULL},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

const rg_field_t rg_step_fields[] = {
    {"kind", RG_FIELD_KIND, T(kind), 0, 0, 0, NULL, KINDS},
    {"name", RG_FIELD_TEXT, T(name), 1, 80, 0, NULL, NULL},
    {"minutes", RG_FIELD_INT, T(minutes), 5, RG_DAY_MINUTES, 5, NULL, NULL},
    {"further_minutes", RG_FIELD_INT, T(further_minutes), 0, RG_DAY_MINUTES, 5, "0", NULL},
    {"visit_no", RG_FIELD_INT, T(visit_no), 1, RG_STEPS_MAX, 1, "1", NULL},
    {"patient_present", RG_FIELD_YES, T(patient_present), 0, 0, 0, "true", NULL},
    {"gap_min", RG_FIELD_INT, T(gap_min), 0, YEAR_MIN, 5, "0", NULL},
    {"gap_max", RG_FIELD_INT, T(gap_max), 0, YEAR_MIN, 5, "0", NULL},
    {"gap_days_min", RG_FIELD_INT, T(gap_days_min), 0, 366, 1, "0", NULL},
    {"gap_days_max", RG_FIELD_INT, T(gap_days_max), 0, 366, 1, "0", NULL},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

const rg_field_t rg_need_fields[] = {
    {"capability", RG_FIELD_CODE, N(capability), 1, 32, 0, NULL, NULL},
    {"quantity", RG_FIELD_INT, N(quantity), 1, 8, 1, "1", NULL},
    {"setup", RG_FIELD_INT, N(setup), 0, RG_DAY_MINUTES, 5, "0", NULL},
    {"turnover", RG_FIELD_INT, N(turnover), 0, RG_DAY_MINUTES, 5, "0", NULL},
    {"bind", RG_FIELD_CODE, N(bind), 0, 16, 0, "", NULL},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

const rg_field_t rg_fee_fields[] = {
    {"step_kind", RG_FIELD_KIND, C(step_kind), 0, 0, 0, NULL, KINDS},
    {"code_system", RG_FIELD_TEXT, C(code_system), 0, 120, 0, "", NULL},
    {"code", RG_FIELD_TEXT, C(code), 1, 16, 0, NULL, NULL},
    {"description", RG_FIELD_TEXT, C(description), 1, 160, 0, NULL, NULL},
    {"units", RG_FIELD_INT, C(units), 1, RG_FEE_UNITS_MAX, 1, "1", NULL},
    {"currency", RG_FIELD_CURRENCY, C(unit), 0, 0, 0, NULL, NULL},
    {"unit_price", RG_FIELD_MONEY, C(unit), 0, 0, 0, NULL, NULL},
    {"modifiers", RG_FIELD_TEXT, C(modifiers), 0, RG_FEE_MODIFIER_LEN, 0, "", NULL},
    {"side_modifier", RG_FIELD_YES, C(side_modifier), 0, 0, 0, "false", NULL},
    {"on_claim", RG_FIELD_YES, C(on_claim), 0, 0, 0, "true", NULL},
    {"applies", RG_FIELD_WORD, C(applies), 0, 0, 0, "visit", RG_WORDS_TEXT(RG_FEE_APPLIES)},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

/* The schema's limits; seq is the position. */
const rg_field_t rg_recall_fields[] = {
    {"kind", RG_FIELD_WORD, R(kind), 0, 0, 0, NULL, RG_WORDS_TEXT(RG_RECALL_KINDS)},
    {"after_min_days", RG_FIELD_INT, R(after_min_days), 1, TEN_YEARS, 1, NULL, NULL},
    {"after_max_days", RG_FIELD_INT, R(after_max_days), 1, TEN_YEARS, 1, NULL, NULL},
    {"reason", RG_FIELD_CODE, R(reason), 1, 32, 0, NULL, NULL},
    {"title", RG_FIELD_TEXT, R(title), 1, 120, 0, NULL, NULL},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

const rg_field_t rg_preparing_fields[] = {
    {"code", RG_FIELD_CODE, P(code), 1, 32, 0, NULL, NULL},
    {"words", RG_FIELD_TEXT, P(words), 1, 300, 0, NULL, NULL},
    {"applies", RG_FIELD_TEXT, P(applies), 0, 200, 0, "", NULL},
    {"from_days", RG_FIELD_INT, P(from_days), 0, 366, 1, NULL, NULL},
    {"until_days", RG_FIELD_INT, P(until_days), 0, 366, 1, "0", NULL},
    {"too_late", RG_FIELD_WORD, P(too_late), 0, 0, 0, "warn", RG_WORDS_TEXT(RG_TOO_LATES)},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

const rg_field_t rg_product_fields[] = {
    {"name", RG_FIELD_TEXT, M(name), 1, 120, 0, NULL, NULL},
    {"material", RG_FIELD_WORD, M(material), 0, 0, 0, NULL, RG_WORDS_TEXT(RG_MATERIALS)},
    {"method", RG_FIELD_WORD, M(method), 0, 0, 0, "centrifuge", RG_WORDS_TEXT(RG_METHODS)},
    {"additives", RG_FIELD_WORD, M(additives), 0, 0, 0, "none", RG_WORDS_TEXT(RG_ADDITIVES)},
    {"trial", RG_FIELD_TEXT, M(trial), 0, 40, 0, "", NULL},
    {"spin_min_minutes", RG_FIELD_INT, M(spin_min_minutes), 0, RG_RUN_MINUTES_MOST, 1, "0", NULL},
    {"spin_max_minutes", RG_FIELD_INT, M(spin_max_minutes), 0, RG_RUN_MINUTES_MOST, 1, "0", NULL},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

const rg_field_t rg_screening_fields[] = {
    {"questionnaire", RG_FIELD_TEXT, Q(questionnaire), 1, 40, 0, NULL, NULL},
    {"check_in", RG_FIELD_WORD, Q(check_in), 0, 0, 0, "warn", RG_WORDS_TEXT(RG_SCREEN_CHECKS)},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

/* The limits of their columns. */
#define O(member)     offsetof(rg_organization_t, member)
#define SITE(member)  offsetof(rg_site_t, member)
#define PAYER(member) offsetof(rg_payer_t, member)
#define FORM(member)  offsetof(rg_form_text_t, member)

const rg_field_t rg_organization_fields[] = {
    {"name", RG_FIELD_TEXT, O(name), 1, 120, 0, NULL, NULL},
    {"npi", RG_FIELD_TEXT, O(npi), 1, 10, 0, NULL, NULL},
    {"tin", RG_FIELD_TEXT, O(tin), 1, 9, 0, NULL, NULL},
    {"taxonomy", RG_FIELD_TEXT, O(taxonomy), 1, 10, 0, NULL, NULL},
    {"address", RG_FIELD_TEXT, O(address.line), 1, 120, 0, NULL, NULL},
    {"city", RG_FIELD_TEXT, O(address.city), 1, 80, 0, NULL, NULL},
    {"state", RG_FIELD_TEXT, O(address.state), 1, 40, 0, NULL, NULL},
    {"postal_code", RG_FIELD_TEXT, O(address.postal_code), 1, 20, 0, NULL, NULL},
    {"country", RG_FIELD_TEXT, O(address.country), 2, 2, 0, "US", NULL},
    {"phone", RG_FIELD_TEXT, O(phone), 0, 40, 0, "", NULL},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

const rg_field_t rg_site_fields[] = {
    {"code", RG_FIELD_CODE, SITE(code), 1, 32, 0, NULL, NULL},
    {"name", RG_FIELD_TEXT, SITE(name), 1, 120, 0, NULL, NULL},
    {"time_zone", RG_FIELD_TEXT, SITE(time_zone), 1, 63, 0, NULL, NULL},
    {"address", RG_FIELD_TEXT, SITE(address.line), 1, 120, 0, NULL, NULL},
    {"city", RG_FIELD_TEXT, SITE(address.city), 1, 80, 0, NULL, NULL},
    {"state", RG_FIELD_TEXT, SITE(address.state), 0, 40, 0, "", NULL},
    {"postal_code", RG_FIELD_TEXT, SITE(address.postal_code), 1, 20, 0, NULL, NULL},
    {"country", RG_FIELD_TEXT, SITE(address.country), 2, 2, 0, "US", NULL},
    {"phone", RG_FIELD_TEXT, SITE(phone), 0, 40, 0, "", NULL},
    {"place_of_service", RG_FIELD_TEXT, SITE(place_of_service), 2, 2, 0, "11", NULL},
    {"notice", RG_FIELD_TEXT, SITE(notice), 0, 4000, 0, "", NULL},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

const rg_field_t rg_payer_fields[] = {
    {"code", RG_FIELD_CODE, PAYER(code), 1, 32, 0, NULL, NULL},
    {"name", RG_FIELD_TEXT, PAYER(name), 1, 120, 0, NULL, NULL},
    {"payer_id", RG_FIELD_TEXT, PAYER(payer_id), 1, 40, 0, NULL, NULL},
    {"kind", RG_FIELD_WORD, PAYER(kind), 0, 0, 0, "commercial", RG_WORDS_TEXT(RG_PAYER_KINDS)},
    {"timely_days", RG_FIELD_INT, PAYER(timely_days), 1, 3660, 1, "365", NULL},
    {"active", RG_FIELD_YES, PAYER(active), 0, 0, 0, "true", NULL},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

const rg_field_t rg_form_fields[] = {
    {"code", RG_FIELD_CODE, FORM(code), 1, 32, 0, NULL, NULL},
    {"name", RG_FIELD_TEXT, FORM(name), 1, 120, 0, NULL, NULL},
    {"title", RG_FIELD_TEXT, FORM(title), 1, 160, 0, NULL, NULL},
    {"names_side", RG_FIELD_YES, FORM(names_side), 0, 0, 0, "true", NULL},
    {"material", RG_FIELD_YES, FORM(material), 0, 0, 0, "true", NULL},
    {"valid_days", RG_FIELD_INT, FORM(valid_days), 1, 3660, 1, "180", NULL},
    {"needs_clinician", RG_FIELD_YES, FORM(needs_clinician), 0, 0, 0, "false", NULL},
    {NULL, RG_FIELD_TEXT, 0, 0, 0, 0, NULL, NULL}};

/* --- one value -------------------------------------------------------------------------------- */

static void *place(const rg_field_t *f, void *object)
{
    return (char *)object + f->at;
}

static const void *place_of(const rg_field_t *f, const void *object)
{
    return (const char *)object + f->at;
}

const char *rg_code_wrong(const char *text)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    bool fine = strspn(text, letters) == strlen(text) && text[0] != '-';
    return fine ? NULL : "Use only lowercase letters, digits and hyphens.";
}

static const char *text_wrong(apr_pool_t *p, const rg_field_t *f, const char *text)
{
    size_t n = strlen(text);
    const char *wrong = f->kind == RG_FIELD_CODE ? rg_code_wrong(text) : NULL;
    if (n == 0 && f->least > 0) {
        return "This must not be empty.";
    }
    if (!rg_text_clean(text, n)) {
        return "Use plain text.";
    }
    if (rg_text_length(text) > (size_t)f->most) {
        return apr_psprintf(p, "Use at most %d characters.", (int)f->most);
    }
    return wrong;
}

static const char *set_field_text(apr_pool_t *p, const rg_field_t *f, void *to, const char *text)
{
    const char *wrong = text_wrong(p, f, text);
    if (!wrong) {
        *(const char **)to = text;
    }
    return wrong;
}

static const char *set_int(apr_pool_t *p, const rg_field_t *f, void *to, const char *text)
{
    int64_t n;
    if (!rg_text_i64(&n, text, f->least, f->most)) {
        return apr_psprintf(p, "Use a whole number from %d to %d.", (int)f->least, (int)f->most);
    }
    if (n % f->step != 0) {
        return apr_psprintf(p, "Use a multiple of %d.", f->step);
    }
    *(int *)to = (int)n;
    return NULL;
}

static const char *set_yes(void *to, const char *text)
{
    bool yes = strcmp(text, "true") == 0;
    if (!yes && strcmp(text, "false") != 0) {
        return "Use true or false.";
    }
    *(bool *)to = yes;
    return NULL;
}

/* The index of the word in the list, or -1. */
static int word_place(const char *words, const char *text)
{
    size_t n = strlen(text);
    int i = 0;
    for (const char *at = words; *at; i++) {
        size_t len = strcspn(at, " ");
        if (len == n && memcmp(at, text, n) == 0) {
            return i;
        }
        at += len + (at[len] == ' ');
    }
    return -1;
}

static const char *set_word(apr_pool_t *p, const rg_field_t *f, void *to, const char *text)
{
    int i = word_place(f->words, text);
    if (i < 0) {
        return apr_pstrcat(p, "Use one of these words: ", f->words, ".", NULL);
    }
    switch (f->kind) {
    case RG_FIELD_KIND: *(rg_step_kind_t *)to = (rg_step_kind_t)rg_step_kind_parse(text); break;
    case RG_FIELD_STAFF: *(bool *)to = i == 1; break;
    default: *(const char **)to = text; break;
    }
    return NULL;
}

static const char *set_currency(void *to, const char *text)
{
    rg_money_t *m = to;
    if (strlen(text) != 3 || rg_money_exponent(text) < 0) {
        return "Use an ISO 4217 currency code, like USD.";
    }
    apr_cpystrn(m->currency, text, sizeof(m->currency));
    return NULL;
}

static const char *set_money(void *to, const char *text)
{
    rg_money_t *m = to;
    rg_money_t read;
    if (!rg_money_parse(&read, text, m->currency) || read.minor < 0) {
        return "Use an amount like 4600.00, not negative.";
    }
    if (read.minor > RG_PRICE_MAX) {
        return "Use a smaller amount, at most ten billion.";
    }
    m->minor = read.minor;
    return NULL;
}

const char *rg_field_set(apr_pool_t *p, const rg_field_t *f, void *object, const char *text)
{
    void *to = place(f, object);
    switch (f->kind) {
    case RG_FIELD_TEXT:
    case RG_FIELD_CODE: return set_field_text(p, f, to, text);
    case RG_FIELD_INT: return set_int(p, f, to, text);
    case RG_FIELD_YES: return set_yes(to, text);
    case RG_FIELD_WORD:
    case RG_FIELD_KIND:
    case RG_FIELD_STAFF: return set_word(p, f, to, text);
    case RG_FIELD_CURRENCY: return set_currency(to, text);
    case RG_FIELD_MONEY: return set_money(to, text);
    }
    return NULL;
}

static const char *or_empty(const char *s)
{
    return s ? s : "";
}

const char *rg_field_get(apr_pool_t *p, const rg_field_t *f, const void *object)
{
    const void *at = place_of(f, object);
    switch (f->kind) {
    case RG_FIELD_TEXT:
    case RG_FIELD_CODE:
    case RG_FIELD_WORD: return or_empty(*(const char *const *)at);
    case RG_FIELD_INT: return apr_itoa(p, *(const int *)at);
    case RG_FIELD_YES: return *(const bool *)at ? "true" : "false";
    case RG_FIELD_KIND: return rg_step_kind_name(*(const rg_step_kind_t *)at);
    case RG_FIELD_STAFF: return *(const bool *)at ? "staff" : "public";
    case RG_FIELD_CURRENCY: return ((const rg_money_t *)at)->currency;
    case RG_FIELD_MONEY: return or_empty(rg_money_decimal(p, *(const rg_money_t *)at));
    }
    return "";
}

void rg_fields_usual(apr_pool_t *p, const rg_field_t *fields, void *object)
{
    for (const rg_field_t *f = fields; f->name; f++) {
        if (f->usual) {
            rg_field_set(p, f, object, f->usual);
        }
    }
}

const char *rg_field_wrong(apr_pool_t *p, const rg_field_t *f, const void *object, size_t size)
{
    return rg_field_set(p, f, apr_pmemdup(p, object, size), rg_field_get(p, f, object));
}

/* --- what a definition says, as one mark ------------------------------------------------------ */

enum { MARK_MAX = 1024 * 1024 };

/* No text contains NUL, so different values cannot have the same form. */
static void add_text(rg_buf_t *b, const char *text)
{
    rg_buf_add(b, text, strlen(text) + 1);
}

static void write_fields(rg_buf_t *b, const rg_field_t *fields, const void *object)
{
    for (const rg_field_t *f = fields; f->name; f++) {
        add_text(b, rg_field_get(b->pool, f, object));
    }
}

static void write_words(rg_buf_t *b, const char *const *words, int count)
{
    add_text(b, apr_itoa(b->pool, count));
    for (int i = 0; i < count; i++) {
        add_text(b, words[i]);
    }
}

static void write_step(rg_buf_t *b, const rg_step_t *step)
{
    write_fields(b, rg_step_fields, step);
    add_text(b, apr_itoa(b->pool, step->need_count));
    for (int i = 0; i < step->need_count; i++) {
        write_fields(b, rg_need_fields, &step->needs[i]);
        write_words(b, step->needs[i].any, step->needs[i].any_count);
    }
}

const char *rg_service_def_mark(apr_pool_t *p, const rg_service_def_t *d)
{
    rg_buf_t *b = rg_buf_make(p, MARK_MAX);
    unsigned char hash[32];
    write_fields(b, rg_service_fields, d);
    write_words(b, d->service.body_sites, d->service.body_site_count);
    write_words(b, d->forms, d->form_count);
    add_text(b, apr_itoa(p, d->service.step_count));
    for (int i = 0; i < d->service.step_count; i++) {
        write_step(b, &d->service.steps[i]);
    }
    add_text(b, apr_itoa(p, d->recall_count));
    for (int i = 0; i < d->recall_count; i++) {
        write_fields(b, rg_recall_fields, &d->recalls[i]);
    }
    for (int i = 0; i < d->service.preparing_count; i++) {
        write_fields(b, rg_preparing_fields, &d->service.preparing[i]);
    }
    add_text(b, apr_itoa(p, d->service.product_count));
    for (int i = 0; i < d->service.product_count; i++) {
        write_fields(b, rg_product_fields, &d->service.products[i]);
    }
    add_text(b, apr_itoa(p, d->screening_count));
    for (int i = 0; i < d->screening_count; i++) {
        write_fields(b, rg_screening_fields, &d->screenings[i]);
    }
    rg_crypto_sha256(hash, b->data, b->len);
    return rg_text_hex(p, hash, sizeof(hash));
}
