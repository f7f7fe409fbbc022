/* SPDX-License-Identifier: Apache-2.0 */
/* The published Mustache suites, read from ../shared/data/mustache-spec: every test must pass,
 * except those that ask for unescaped output, which must be refused. Both kinds are counted. */
#include "group_test.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>
#include <jansson.h>
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/render/template.h"

#define SUITES "../shared/data/mustache-spec/"

/* --- JSON to values --------------------------------------------------------------------------- */

/* The shortest text that reads back as the same number: what the suite's authors wrote. */
static const char *real_text(double d)
{
    char text[40];

    for (int digits = 1; digits <= 17; digits++) {
        snprintf(text, sizeof(text), "%.*g", digits, d);
        if (strtod(text, NULL) == d) {
            break;
        }
    }
    return apr_pstrdup(pool, text);
}

static rg_val_t *to_val(json_t *j);

static rg_val_t *object_val(json_t *j)
{
    rg_val_t *v = rg_val_object(pool);
    const char *key;
    json_t *member;

    json_object_foreach(j, key, member)
    {
        rg_val_set(v, key, to_val(member));
    }
    return v;
}

static rg_val_t *list_val(json_t *j)
{
    rg_val_t *v = rg_val_list(pool);

    for (size_t i = 0; i < json_array_size(j); i++) {
        rg_val_push(v, to_val(json_array_get(j, i)));
    }
    return v;
}

static rg_val_t *bool_val(bool b)
{
    rg_val_t *holder = rg_val_object(pool);

    rg_val_bool(holder, "b", b);
    return rg_val_get(holder, "b");
}

static rg_val_t *to_val(json_t *j)
{
    switch (json_typeof(j)) {
    case JSON_OBJECT: return object_val(j);
    case JSON_ARRAY: return list_val(j);
    case JSON_STRING: return rg_val_string(pool, json_string_value(j));
    case JSON_INTEGER:
        return rg_val_string(pool, apr_psprintf(pool, "%ld", (long)json_integer_value(j)));
    case JSON_REAL: return rg_val_string(pool, real_text(json_real_value(j)));
    case JSON_TRUE: return bool_val(true);
    case JSON_FALSE: return bool_val(false);
    default: return NULL;
    }
}

/* --- one test of a suite ---------------------------------------------------------------------- */

static bool unescaped(const char *text)
{
    return strstr(text, "{{{") || strstr(text, "{{&");
}

static const char *member(json_t *test, const char *key)
{
    const char *s = json_string_value(json_object_get(test, key));

    assert_non_null(s);
    return s;
}

static rg_outcome_t add_all(rg_templates_t *set, json_t *test, bool *asks, const char **why)
{
    const char *text = member(test, "template");
    rg_outcome_t first = rg_templates_add(set, "main.html", text, strlen(text), why);
    const char *name;
    json_t *part;

    *asks = unescaped(text);
    json_object_foreach(json_object_get(test, "partials"), name, part)
    {
        const char *why_part = NULL;
        const char *source = json_string_value(part);
        rg_outcome_t o = rg_templates_add(set, apr_pstrcat(pool, name, ".html", NULL), source,
                                          strlen(source), &why_part);

        *asks = *asks || unescaped(source);
        first = first != RG_OK ? first : o;
        *why = *why ? *why : why_part;
    }
    return first;
}

/* 1 when refused as it should be, 0 when rendered as it should be. */
static int check(json_t *test)
{
    rg_templates_t *set = rg_templates_make(pool);
    rg_buf_t *out = rg_buf_make(pool, 1 << 20);
    const char *why = NULL;
    bool asks;
    rg_outcome_t o = add_all(set, test, &asks, &why);

    if (asks) {
        assert_int_equal(o, RG_INVALID);
        assert_non_null(strstr(why, ".html:"));
        assert_non_null(strstr(why, "always escaped"));
        return 1;
    }
    if (o != RG_OK) {
        fail_msg("%s: %s", member(test, "name"), why);
    }
    assert_int_equal(rg_templates_seal(set, false, &why), RG_OK);
    assert_int_equal(rg_template_render(set, "main", to_val(json_object_get(test, "data")), out),
                     RG_OK);
    if (strcmp(out->data, member(test, "expected")) != 0) {
        fail_msg("%s: got [%s] instead of [%s]", member(test, "name"), out->data,
                 member(test, "expected"));
    }
    return 0;
}

static void run_suite(const char *name, int passes, int refusals)
{
    json_error_t error;
    json_t *suite = json_load_file(apr_pstrcat(pool, SUITES, name, ".json", NULL),
                                   JSON_REJECT_DUPLICATES, &error);
    json_t *tests = json_object_get(suite, "tests");
    int refused = 0;

    if (!suite) {
        print_message("skipped: %s%s.json is not there\n", SUITES, name);
        skip();
    }
    for (size_t i = 0; i < json_array_size(tests); i++) {
        refused += check(json_array_get(tests, i));
    }
    assert_int_equal(refused, refusals);
    assert_int_equal((int)json_array_size(tests) - refused, passes);
    json_decref(suite);
}

static void comments(void **state)
{
    (void)state;
    run_suite("comments", 12, 0);
}

static void interpolation(void **state)
{
    (void)state;
    run_suite("interpolation", 22, 20);
}

static void inverted(void **state)
{
    (void)state;
    run_suite("inverted", 22, 0);
}

static void sections(void **state)
{
    (void)state;
    run_suite("sections", 32, 2);
}

static void partials(void **state)
{
    (void)state;
    run_suite("partials", 11, 1);
}

/* Changed delimiters are not ours: whatever the suite does with them must be refused, never
 * misread. */
static void delimiters(void **state)
{
    json_error_t error;
    json_t *suite = json_load_file(SUITES "delimiters.json", 0, &error);
    json_t *tests = json_object_get(suite, "tests");

    (void)state;
    if (!suite) {
        print_message("skipped: %sdelimiters.json is not there\n", SUITES);
        skip();
    }
    assert_true(json_array_size(tests) > 10);
    for (size_t i = 0; i < json_array_size(tests); i++) {
        const char *why = NULL;
        bool asks;
        rg_templates_t *set = rg_templates_make(pool);

        assert_int_equal(add_all(set, json_array_get(tests, i), &asks, &why), RG_INVALID);
    }
    json_decref(suite);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments), cmocka_unit_test(interpolation), cmocka_unit_test(inverted),
        cmocka_unit_test(sections), cmocka_unit_test(partials),      cmocka_unit_test(delimiters),
    };

    return cmocka_run_group_tests(tests, group_setup, group_teardown);
}
