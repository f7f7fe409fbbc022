/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs as people write them (shapes.tsv) against the decoder of the forms: what is stored, or the
 * problem at that field and no other. */
#include <stdio.h>
#include <stdlib.h>

#include "core_test.h"

#include <apr_file_io.h>
#include <apr_strings.h>

#include "mod_regen/clinic/patient/people.h"
#include "regen/clinic/patient.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/patient.h"
#include "regen/model/service.h"

static rg_payer_t payers[] = {
    {.id = 1, .code = "granite", .name = "Granite", .kind = "commercial", .active = true},
    {.id = 3, .code = "medicare", .name = "Medicare", .kind = "medicare", .active = true}};
static rg_service_t service = {.needs_body_site = false};
static rg_details_rules_t rules = {
    .service = &service, .today = {2026, 11, 22}, .payers = payers, .payer_count = 2};

static rg_details_in_t good(void)
{
    return (rg_details_in_t){.family = "Lee",
                             .given = "Ann",
                             .birth_date = "3/27/1985",
                             .gender = "female",
                             .email = "ann@example.org",
                             .phone = "603-555-0142",
                             .address_line = "1 Main Street",
                             .city = "Dover",
                             .state = "NH",
                             .postal_code = "03820",
                             .pay = "self",
                             .payer_code = "granite",
                             .member_id = "A1",
                             .relationship = "self"};
}

/* "\u202e" as UTF-8. */
static char *plain_text(apr_pool_t *p, const char *s)
{
    char *out = apr_palloc(p, strlen(s) + 1);
    char *at = out;
    while (*s) {
        if (strncmp(s, "\\u", 2) != 0) {
            *at++ = *s++;
            continue;
        }
        unsigned c = (unsigned)strtoul(apr_pstrmemdup(p, s + 2, 4), NULL, 16);
        if (c >= 0x800) {
            *at++ = (char)(0xe0 | c >> 12);
            *at++ = (char)(0x80 | (c >> 6 & 0x3f));
        }
        else {
            *at++ = (char)(0xc0 | c >> 6);
        }
        *at++ = (char)(0x80 | (c & 0x3f));
        s += 6;
    }
    *at = '\0';
    return out;
}

/* The pieces of "a|b|c". */
static void pieces(char *s, const char *out[3])
{
    for (int i = 0; i < 3; i++) {
        char *bar = strchr(s, '|');
        out[i] = s;
        s = bar ? bar + 1 : s + strlen(s);
        if (bar) {
            *bar = '\0';
        }
    }
}

static const char *fill(rg_details_in_t *in, const char *field, char *typed)
{
    const struct {
        const char *name;
        const char **to;
    } simple[] = {{"phone", &in->phone},        {"birth_date", &in->birth_date},
                  {"state", &in->state},        {"postal_code", &in->postal_code},
                  {"country", &in->country},    {"email", &in->email},
                  {"member_id", &in->member_id}};
    const char *cut[3];
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        if (strcmp(simple[i].name, field) == 0) {
            *simple[i].to = typed;
            in->pay = strcmp(field, "member_id") == 0 ? "insurance" : in->pay;
            return field;
        }
    }
    if (strcmp(field, "medicare") == 0) {
        in->member_id = typed;
        in->pay = "insurance";
        in->payer_code = "medicare";
        return "member_id";
    }
    pieces(typed, cut);
    if (strcmp(field, "born") == 0) {
        in->birth_date = "";
        in->born = (rg_day_typed_t){cut[0], cut[1], cut[2]};
        return "birth_date";
    }
    assert_string_equal(field, "name");
    in->given = cut[0];
    in->family = cut[1];
    return "given";
}

static const char *stored(apr_pool_t *p, const rg_details_checked_t *out, const char *field)
{
    const rg_patient_t *who = &out->patient;
    const struct {
        const char *name;
        const char *value;
    } all[] = {{"phone", who->phone},
               {"birth_date", rg_date_iso(p, who->birth_date)},
               {"state", who->address.state},
               {"postal_code", who->address.postal_code},
               {"country", who->address.country},
               {"email", who->email},
               {"member_id", out->coverage.member_id},
               {"given", apr_pstrcat(p, who->given, "|", who->family, NULL)}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        if (strcmp(all[i].name, field) == 0) {
            return all[i].value;
        }
    }
    return "";
}

/* Of a date of birth, also what is said of its day or year. */
static const char *problem_at(const rg_problems_t *problems, const char *field)
{
    const char *said = rg_problem_for(problems, field);
    if (!said && strcmp(field, "birth_date") == 0) {
        said = rg_problem_for(problems, "birth_day");
        said = said ? said : rg_problem_for(problems, "birth_year");
    }
    return said;
}

static void check(apr_pool_t *p, const char *shape, const char *field, char *typed,
                  const char *want)
{
    rg_details_in_t in = good();
    rg_details_checked_t out;
    rg_problems_t *problems = rg_problems_make(p);
    field = fill(&in, field, plain_text(p, typed));
    bool fine = rg_details_check(&out, p, problems, &in, &rules);
    const char *said = problem_at(problems, field);
    if (*want == '!') {
        if (fine || !said || !strstr(said, want + 1) || problems->list->nelts != 1) {
            fail_msg("%s: \"%s\" is not said, but \"%s\"", shape, want + 1, said ? said : "");
        }
        return;
    }
    want = plain_text(p, want);
    if (!fine || strcmp(stored(p, &out, field), want) != 0) {
        fail_msg("%s: is not \"%s\", but \"%s\" (%s)", shape, want, stored(p, &out, field),
                 said ? said : "");
    }
}

static void test_shapes(void **state)
{
    const char *root = getenv("REGEN_TEST_ROOT");
    const char *path =
        apr_pstrcat(*state, root ? root : ".", "/tests/unit/patient/shapes.tsv", NULL);
    apr_file_t *file = NULL;
    char line[1024];
    int count = 0;
    assert_int_equal(apr_file_open(&file, path, APR_FOPEN_READ, 0, *state), APR_SUCCESS);
    while (apr_file_gets(line, sizeof(line), file) == APR_SUCCESS) {
        if (*line == '#') {
            continue;
        }
        line[strcspn(line, "\n")] = '\0';
        const char *shape = apr_pstrdup(*state, line);
        char *typed = strchr(line, '\t');
        assert_non_null(typed);
        *typed++ = '\0';
        char *want = strchr(typed, '\t');
        assert_non_null(want);
        *want++ = '\0';
        check(*state, shape, line, typed, want);
        count++;
    }
    apr_file_close(file);
    assert_true(count >= 300);
}

/* Each field says which it is, and how long it may be. */
static void test_too_long(void **state)
{
    rg_details_in_t in = good();
    rg_details_checked_t out;
    rg_problems_t *problems = rg_problems_make(*state);
    char *text = apr_palloc(*state, 401);
    memset(text, 'a', 400);
    text[400] = '\0';
    in.given = in.family = in.address_line = in.city = in.state = in.phone = in.email = text;
    assert_false(rg_details_check(&out, *state, problems, &in, &rules));
    for (int i = 0; i < problems->list->nelts; i++) {
        const rg_problem_t *one = &APR_ARRAY_IDX(problems->list, i, rg_problem_t);
        for (int k = 0; k < i; k++) {
            assert_string_not_equal(one->text, APR_ARRAY_IDX(problems->list, k, rg_problem_t).text);
        }
    }
    assert_non_null(strstr(rg_problem_for(problems, "family"), "last name"));
    assert_non_null(strstr(rg_problem_for(problems, "city"), "80 characters for the city"));
}

/* Outside the US nobody here knows what states and codes look like; there may be none. */
static void test_abroad(void **state)
{
    rg_details_in_t in = good();
    rg_details_checked_t out;
    in.country = "Canada";
    in.state = "Ontario";
    in.postal_code = "K1A 0B1";
    assert_true(rg_details_check(&out, *state, rg_problems_make(*state), &in, &rules));
    assert_string_equal(out.patient.address.country, "CA");
    assert_string_equal(out.patient.address.state, "Ontario");
    assert_string_equal(out.patient.address.postal_code, "K1A 0B1");
    in.country = "Ireland";
    in.state = in.postal_code = "";
    assert_true(rg_details_check(&out, *state, rg_problems_make(*state), &in, &rules));
    assert_string_equal(out.patient.address.postal_code, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(test_shapes), pool_test(test_too_long),
                                       pool_test(test_abroad)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
