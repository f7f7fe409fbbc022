/* SPDX-License-Identifier: Apache-2.0 */
/* FHIR's search parameters: lists, dates with prefixes, tokens, strings, references and pages. */
#include "core_test.h"

#include <string.h>

#include "mod_regen/web/fhir/read/param.c"
#include "regen/core/text.h"
#include "regen/core/time.h"

static const char *joined(apr_pool_t *p, const char *s)
{
    return apr_array_pstrcat(p, regen_fhir_values(p, s), '/');
}

static void test_lists(void **state)
{
    apr_pool_t *p = *state;
    assert_string_equal(joined(p, "a"), "a");
    assert_string_equal(joined(p, "a,b,,c,"), "a/b/c");
    assert_string_equal(joined(p, "a\\,b,c\\\\,d\\"), "a,b/c\\/d\\");
    assert_int_equal(regen_fhir_values(p, "")->nelts, 0);
    assert_int_equal(regen_fhir_values(p, ",,")->nelts, 0);
}

/* "FROM UNTIL" of what is named, or "-". */
static const char *named(apr_pool_t *p, const char *s, const char *zone)
{
    regen_span_t span;
    const rg_zone_t *z = zone ? rg_zone_open(p, zone) : NULL;
    if (!regen_fhir_instant(&span, p, s, z)) {
        return "-";
    }
    return apr_pstrcat(p, rg_time_instant(p, span.from), " ", rg_time_instant(p, span.until), NULL);
}

static void test_instants(void **state)
{
    apr_pool_t *p = *state;
    static const struct {
        const char *text;
        const char *zone;
        const char *span;
    } table[] = {
        {"2026", NULL, "2026-01-01T00:00:00Z 2027-01-01T00:00:00Z"},
        {"2028", NULL, "2028-01-01T00:00:00Z 2029-01-01T00:00:00Z"},
        {"2026-02", NULL, "2026-02-01T00:00:00Z 2026-03-01T00:00:00Z"},
        {"2026-12", NULL, "2026-12-01T00:00:00Z 2027-01-01T00:00:00Z"},
        {"2026-11-01", "America/New_York", "2026-11-01T04:00:00Z 2026-11-02T05:00:00Z"},
        {"2026-12-01T09:40:00-05:00", NULL, "2026-12-01T14:40:00Z 2026-12-01T14:40:01Z"},
        {"2026-12-01T09:40:00 05:30", NULL, "2026-12-01T04:10:00Z 2026-12-01T04:10:01Z"},
        {"2026-12-01T09:40Z", NULL, "2026-12-01T09:40:00Z 2026-12-01T09:41:00Z"},
        {"2026-12-01T09:40", "America/New_York", "2026-12-01T14:40:00Z 2026-12-01T14:41:00Z"},
        {"2026-12-01T09:40", NULL, "2026-12-01T09:40:00Z 2026-12-01T09:41:00Z"},
        {"2026-12-01T09:40:10.000Z", NULL, "2026-12-01T09:40:10Z 2026-12-01T09:40:10Z"},
        {"2026-12-01T24:00:00Z", NULL, "-"},
        {"2026-12-01T09:60:00Z", NULL, "-"},
        {"2026-12-01T09:40:60Z", NULL, "-"},
        {"2026-12-01T09:40:00.Z", NULL, "-"},
        {"2026-12-01T09Z", NULL, "-"},
        {"2026-12-01T09:40:00z", NULL, "-"},
        {"2026-12-01T09:40:00-15:00", NULL, "-"},
        {"2026-12-01T09:40:00-05:00x", NULL, "-"},
        {"2026-12-01 09:40", NULL, "-"},
        {"2026-13", NULL, "-"},
        {"2026-02-30", NULL, "-"},
        {"1800", NULL, "-"},
        {"20", NULL, "-"},
        {"", NULL, "-"},
        {"2026-12-01T09:40:00.0000000000000000000000000000000000000000Z", NULL, "-"},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        assert_string_equal(named(p, table[i].text, table[i].zone), table[i].span);
    }
}

static void test_fractions(void **state)
{
    regen_span_t span;
    assert_true(regen_fhir_instant(&span, *state, "1970-01-01T00:00:01.25Z", NULL));
    assert_int_equal(span.from, 1250000);
    assert_int_equal(span.until, 1260000);
}

static void test_prefixes(void **state)
{
    apr_pool_t *p = *state;
    const apr_time_t day = 86400 * APR_USEC_PER_SEC;
    const apr_time_t first = (apr_time_t)rg_date_days((rg_date_t){2026, 12, 1}) * day;
    static const struct {
        const char *text;
        int from, until; /* days from the first; 99: as it was */
    } table[] = {{"2026-12-01", 0, 1},    {"eq2026-12-01", 0, 1},  {"ge2026-12-01", 0, 99},
                 {"gt2026-12-01", 1, 99}, {"sa2026-12-01", 1, 99}, {"le2026-12-01", 99, 1},
                 {"lt2026-12-01", 99, 0}, {"eb2026-12-01", 99, 0}};
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        regen_span_t within = {-5, first + 400 * day};
        assert_true(regen_fhir_narrow(&within, p, table[i].text, NULL));
        assert_int_equal(within.from, table[i].from == 99 ? -5 : first + table[i].from * day);
        assert_int_equal(within.until,
                         table[i].until == 99 ? first + 400 * day : first + table[i].until * day);
    }
    static const char *const bad[] = {"ne2026", "ap2026", "xx2026", "ge", "", "GE2026", "g2026"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        regen_span_t within = {0, day};
        assert_false(regen_fhir_narrow(&within, p, bad[i], NULL));
        assert_int_equal(within.until, day);
    }
}

static void test_tokens(void **state)
{
    (void)state;
    assert_true(regen_fhir_token_fits("a", "s", "a"));
    assert_true(regen_fhir_token_fits("s|a", "s", "a"));
    assert_true(regen_fhir_token_fits("s|", "s", "a"));
    assert_true(regen_fhir_token_fits("|a", "", "a"));
    assert_false(regen_fhir_token_fits("|a", "s", "a"));
    assert_false(regen_fhir_token_fits("t|a", "s", "a"));
    assert_false(regen_fhir_token_fits("ss|a", "s", "a"));
    assert_false(regen_fhir_token_fits("A", "s", "a"));
    assert_false(regen_fhir_token_fits("", "s", "a"));
}

static void test_strings(void **state)
{
    assert_true(regen_fhir_string_fits(*state, "har", "Harbor", REGEN_STARTS));
    assert_false(regen_fhir_string_fits(*state, "bor", "Harbor", REGEN_STARTS));
    assert_true(regen_fhir_string_fits(*state, "BOR", "Harbor", REGEN_CONTAINS));
    assert_false(regen_fhir_string_fits(*state, "borx", "Harbor", REGEN_CONTAINS));
    assert_true(regen_fhir_string_fits(*state, "", "", REGEN_CONTAINS));
    assert_true(regen_fhir_string_fits(*state, "oneil", "O\u2019N\u00e9il", REGEN_STARTS));
    assert_true(regen_fhir_string_fits(*state, "neil", "O'Neil", REGEN_CONTAINS));
    assert_false(regen_fhir_string_fits(*state, "\u0301", "Ann", REGEN_STARTS));
    assert_true(regen_fhir_string_fits(*state, "Harbor", "Harbor", REGEN_EXACT));
    assert_false(regen_fhir_string_fits(*state, "harbor", "Harbor", REGEN_EXACT));
}

static void test_references(void **state)
{
    static const char base[] = "https://c.example/fhir";
    (void)state;
    assert_string_equal(regen_fhir_reference("abc", base, "Patient"), "abc");
    assert_string_equal(regen_fhir_reference("Patient/abc", base, "Patient"), "abc");
    assert_string_equal(
        regen_fhir_reference("https://c.example/fhir/Patient/a-1.b", base, "Patient"), "a-1.b");
    static const char *const bad[] = {
        "",
        "Patient/",
        "Device/abc",
        "https://other.example/fhir/Patient/abc",
        "Patient/a/b",
        "a b",
        "Patient/Patient/abc",
        "0123456789012345678901234567890123456789012345678901234567890"
        "12345"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_null(regen_fhir_reference(bad[i], base, "Patient"));
    }
}

static void test_pages(void **state)
{
    apr_pool_t *p = *state;
    static const int64_t numbers[] = {0, 1, 255, 256, 1796130000, INT64_MAX / 4};
    int64_t key;
    int64_t id;
    for (size_t i = 0; i < 6; i++) {
        for (size_t k = 0; k < 6; k++) {
            const char *page = regen_fhir_page_make(p, numbers[i], numbers[k]);
            assert_true(regen_fhir_page_read(&key, &id, page));
            assert_int_equal(key, numbers[i]);
            assert_int_equal(id, numbers[k]);
        }
    }
    assert_false(regen_fhir_page_read(&key, &id, ""));
    assert_false(regen_fhir_page_read(&key, &id, "AAAAAAAAAAAAAAAAAAAAAAA"));
    assert_false(regen_fhir_page_read(&key, &id, "_______________________"));
    unsigned char bytes[17] = {1, 0x80};
    assert_false(regen_fhir_page_read(&key, &id, rg_text_base64url(p, bytes, 17)));
}

/* Whatever comes, nothing is read beyond its end: the sanitizers look on. */
static void test_anything(void **state)
{
    static const char letters[] = "geltsaq20216-:TZ.+, |\\/Patient\xc3\xa9%";
    unsigned seed = 20261122;
    for (int round = 0; round < 20000; round++) {
        apr_pool_t *p;
        char text[48];
        size_t n = 0;
        regen_span_t within = {0, 1};
        int64_t a;
        int64_t b;
        assert_int_equal(apr_pool_create(&p, *state), APR_SUCCESS);
        seed = seed * 1103515245u + 12345u;
        for (size_t most = (seed >> 16) % sizeof(text); n < most; n++) {
            seed = seed * 1103515245u + 12345u;
            text[n] = letters[(seed >> 16) % (sizeof(letters) - 1)];
        }
        char *exact = apr_pstrmemdup(p, text, n);
        (void)regen_fhir_values(p, exact);
        (void)regen_fhir_narrow(&within, p, exact, NULL);
        (void)regen_fhir_page_read(&a, &b, exact);
        const char *id = regen_fhir_reference(exact, "https://c.example/fhir", "Patient");
        assert_true(!id || (strlen(id) <= 64 && !strchr(id, '/')));
        apr_pool_destroy(p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(test_lists),      pool_test(test_instants), pool_test(test_fractions),
        pool_test(test_prefixes),   pool_test(test_tokens),   pool_test(test_strings),
        pool_test(test_references), pool_test(test_pages),    pool_test(test_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
