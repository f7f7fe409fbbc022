/* SPDX-License-Identifier: Apache-2.0 */
/* JSON that arrives: strict about everything, and the words of a refusal never quote the input. */
#include "core_test.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"

#include <jansson.h>

static json_t *parsed(apr_pool_t *p, const char *s)
{
    json_t *json = NULL;
    rg_problems_t *ps = rg_problems_make(p);
    assert_int_equal(rg_json_parse(&json, p, s, strlen(s), ps), RG_OK);
    assert_false(rg_problems_any(ps));
    return json;
}

static void good_documents_are_read(void **state)
{
    json_t *json =
        parsed(*state, " {\"a\": [1, -2, 9223372036854775807], \"b\": {\"\\u00eb\": null},"
                       " \"t\": \"x\\ty\\nz\", \"ok\": true}\n");
    assert_true(json_is_object(json));
    assert_int_equal(json_integer_value(json_array_get(json_object_get(json, "a"), 1)), -2);
    assert_true(json_integer_value(json_array_get(json_object_get(json, "a"), 2)) == INT64_MAX);
    assert_non_null(json_object_get(json_object_get(json, "b"), "\xc3\xab"));
    assert_string_equal(json_string_value(json_object_get(json, "t")), "x\ty\nz");
    assert_true(json_is_array(parsed(*state, "[]")));
    assert_true(json_is_object(parsed(*state, "{}")));
    assert_true(json_is_array(parsed(*state, "\xef\xbb\xbf[]"))); /* a byte order mark */
}

static void refuse(void **state, const char *bytes, size_t n, const char *words)
{
    json_t *json = NULL;
    rg_problems_t *ps = rg_problems_make(*state);
    assert_int_equal(rg_json_parse(&json, *state, bytes, n, ps), RG_INVALID);
    assert_null(json);
    const char *text = rg_problem_for(ps, NULL);
    assert_non_null(text);
    if (!strstr(text, words)) {
        fail_msg("\"%s\" does not say \"%s\"", text, words);
    }
    assert_null(strstr(text, "secret"));
    assert_int_equal(rg_json_parse(&json, *state, bytes, n, NULL), RG_INVALID);
}

#define REFUSE(s, words) refuse(state, s, sizeof(s) - 1, words)

static void each_kind_of_mistake_is_named(void **state)
{
    REFUSE("", "too early");
    REFUSE("{\"secret\": ", "too early");
    REFUSE("{\"secret\" 1}", "syntax");
    REFUSE("{'secret': 1}", "syntax");
    REFUSE("[1,]", "syntax");
    REFUSE("[01]", "syntax");
    REFUSE("[NaN]", "syntax");
    REFUSE("// secret\n[]", "syntax");
    REFUSE("\"secret\"", "syntax");
    REFUSE("12", "syntax");
    REFUSE("\xef\xbb\xbf", "ends too early");
    REFUSE("\xef\xbb\xbf\xef\xbb\xbf[]", "syntax");
    REFUSE("\xef\xbb[]", "UTF-8");
    REFUSE("[] secret", "after the end");
    REFUSE("[]]", "after the end");
    REFUSE("{\"secret\": 1, \"secret\": 2}", "twice");
    REFUSE("{\"a\": {\"b\": 1, \"\\u0062\": 2}}", "twice");
    REFUSE("[99999999999999999999]", "too large");
    REFUSE("[1e999]", "too large");
    REFUSE("[\"secret\xff\"]", "UTF-8");
    REFUSE("[\"\xc0\xaf\"]", "UTF-8");
    REFUSE("[\"\xed\xa0\x80\"]", "UTF-8");
    REFUSE("[\"\\ud800\"]", "syntax");
    REFUSE("[\"a\\u0000b\"]", "NUL");
    REFUSE("{\"a\\u0000b\": 1}", "NUL");
    REFUSE("[\"a\nb\"]", "syntax");
}

static void escaped_controls_are_refused(void **state)
{
    REFUSE("[\"secret\\u0001\"]", "control");
    REFUSE("{\"a\\u001b\": 1}", "control");
    REFUSE("{\"a\": [{\"b\": [\"\\u0085\"]}]}", "control");
    REFUSE("[\"\\u007f\"]", "control");
    REFUSE("[\"\\uffff\"]", "control");
}

static void deep_nesting_is_refused(void **state)
{
    static char deep[200000];
    memset(deep, '[', sizeof(deep));
    refuse(state, deep, sizeof(deep), "deeply");
    json_t *json = NULL;
    memset(deep + 1000, ']', 1000);
    assert_int_equal(rg_json_parse(&json, *state, deep, 2000, NULL), RG_OK);
}

static void only_n_bytes_are_read(void **state)
{
    json_t *json = NULL;
    assert_int_equal(rg_json_parse(&json, *state, "[]x", 2, NULL), RG_OK);
    assert_int_equal(rg_json_parse(&json, *state, NULL, 0, NULL), RG_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(good_documents_are_read),      pool_test(each_kind_of_mistake_is_named),
        pool_test(escaped_controls_are_refused), pool_test(deep_nesting_is_refused),
        pool_test(only_n_bytes_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
