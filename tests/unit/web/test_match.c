/* SPDX-License-Identifier: Apache-2.0 */
/* Paths against patterns, as the dispatch does it (mod_regen/web/http/match.c). The web room is not in
 * the archive; this file of it knows no httpd, so it is taken as it is. */
#include "core_test.h"

#include <apr_strings.h>

#include "mod_regen/web/http/match.c"

static int split(const char *path, const char *out[REGEN_SEGMENTS])
{
    static char copy[4096];
    apr_cpystrn(copy, path, sizeof(copy));
    return regen_path_split(copy, out);
}

static void splits_plain_paths(void **state)
{
    const char *s[REGEN_SEGMENTS];
    (void)state;
    assert_int_equal(split("/", s), 0);
    assert_int_equal(split("/services", s), 1);
    assert_string_equal(s[0], "services");
    assert_int_equal(split("/services/", s), 1);
    assert_int_equal(split("/a/b-c/d_e.f", s), 3);
    assert_string_equal(s[2], "d_e.f");
    assert_int_equal(split("/1/2/3/4/5/6/7/8", s), 8);
    assert_int_equal(split("/fhir/Claim/$validate", s), 3);
}

static void refuses_other_paths(void **state)
{
    static const char *const bad[] = {
        "",     "a",       "//",        "/a//b",  "/a/../b",
        "/.",   "/a/.git", "/a b",      "/a%20b", "/a\\b",
        "/a;b", "/a/b//",  "/\xc3\xa9", "/a\n",   "/1/2/3/4/5/6/7/8/9",
        "/a?b"};
    const char *s[REGEN_SEGMENTS];
    char longest[140];
    size_t i;
    (void)state;
    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(split(bad[i], s), -1);
    }
    memset(longest, 'a', sizeof(longest));
    longest[0] = '/';
    longest[129] = '\0';
    assert_int_equal(split(longest, s), 1);
    longest[129] = 'a';
    longest[130] = '\0';
    assert_int_equal(split(longest, s), -1);
}

static bool matches(const char *pattern, const char *path, bool star[REGEN_SEGMENTS])
{
    const char *s[REGEN_SEGMENTS];
    int n = split(path, s);
    return n >= 0 && regen_pattern_matches(pattern, s, n, star);
}

static void matches_whole_segments(void **state)
{
    bool star[REGEN_SEGMENTS];
    (void)state;
    assert_true(matches("/", "/", star));
    assert_false(matches("/", "/a", star));
    assert_true(matches("/a", "/a", star));
    assert_true(matches("/a", "/a/", star));
    assert_false(matches("/a", "/ab", star));
    assert_false(matches("/ab", "/a", star));
    assert_false(matches("/a", "/a/b", star));
    assert_false(matches("/a/b", "/a", star));
    assert_false(matches("/a", "/", star));
    assert_true(matches("/services/*/times", "/services/knee/times", star));
    assert_false(star[0]);
    assert_true(star[1]);
    assert_false(star[2]);
    assert_false(matches("/services/*/times", "/services/times", star));
    assert_false(matches("/services/*", "/services", star));
    assert_false(matches("/b/x*", "/b/xy", star));
}

static void earlier_words_weigh_more(void **state)
{
    bool none[REGEN_SEGMENTS] = {false, false};
    bool last[REGEN_SEGMENTS] = {false, true};
    bool first[REGEN_SEGMENTS] = {true, false};
    (void)state;
    assert_true(regen_pattern_weight(none, 2) > regen_pattern_weight(last, 2));
    assert_true(regen_pattern_weight(last, 2) > regen_pattern_weight(first, 2));
}

static void masks_whatever_stands_behind(void **state)
{
    static const char *const tails[] = {"token", "token/", "token/x", "/token", "token)",
                                        "t k",   "../x",   "%zz",     "\n"};
    apr_pool_t *p = *state;
    for (size_t i = 0; i < sizeof(tails) / sizeof(tails[0]); i++) {
        const char *path = apr_pstrcat(p, "/b/", tails[i], NULL);
        assert_string_equal(regen_pattern_mask(p, "/b/*", path), "/b/-");
    }
    assert_null(regen_pattern_mask(p, "/b/*", "/b/"));
    assert_null(regen_pattern_mask(p, "/b/*", "/b"));
    assert_null(regen_pattern_mask(p, "/b/*", "/x/b/token"));
    assert_null(regen_pattern_mask(p, "/b", "/b"));
    assert_string_equal(regen_pattern_mask(p, "/a/*/b/*", "/a/1/b/2"), "/a/-");
}

static void masks_tokens_under_other_addresses(void **state)
{
    static const char token[] = "Zm9vYmFyLWJhei1xdXgtMDEyMzQ1Njc4OV9hYmNkZWY";
    apr_pool_t *p = *state;
    assert_int_equal(strlen(token), 43);
    assert_string_equal(regen_token_mask(p, apr_pstrcat(p, "/B/", token, ";x", NULL), 43),
                        "/B/-;x");
    assert_string_equal(regen_token_mask(p, apr_pstrcat(p, "/", token, "/", token, NULL), 43),
                        "/-/-");
    assert_string_equal(regen_token_mask(p, apr_pstrcat(p, token, "x", NULL), 43), "-");
    assert_null(regen_token_mask(p, token + 1, 43));
    assert_null(regen_token_mask(p, "/staff/bookings/6k8xhtkns134w8nxvq1me44h94/move", 43));
    assert_null(regen_token_mask(p, "", 43));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(masks_tokens_under_other_addresses), cmocka_unit_test(splits_plain_paths),
        cmocka_unit_test(refuses_other_paths),         cmocka_unit_test(matches_whole_segments),
        cmocka_unit_test(earlier_words_weigh_more),    pool_test(masks_whatever_stands_behind)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
