/* SPDX-License-Identifier: Apache-2.0 */
/* Text: what is clean, how it is tidied and escaped, and the strict encodings of tokens. */
#include "core_test.h"
#include "regen/core/buf.h"
#include "regen/core/text.h"

#define CLEAN(s) rg_text_clean(s, sizeof(s) - 1)

static void good_utf8_is_clean(void **state)
{
    (void)state;
    assert_true(CLEAN(""));
    assert_true(CLEAN("Zo\xc3\xab O'Neil-\xe6\x9d\x8e \xf0\x9f\x98\x80\ttab\r\nline"));
    assert_true(CLEAN("\xc2\xa0 \xdf\xbf \xe0\xa0\x80 \xed\x9f\xbf \xee\x80\x80"));
    assert_true(CLEAN("\xef\xbf\xbd \xf0\x90\x80\x80 \xf4\x8f\xbf\xbf"));
}

static void controls_are_not_clean(void **state)
{
    (void)state;
    for (int c = 0; c < 0x20; c++) {
        char s[] = {'a', (char)c, 'b'};
        assert_int_equal(rg_text_clean(s, 3), c == '\t' || c == '\n' || c == '\r');
    }
    assert_false(CLEAN("\x7f"));
    for (int c = 0x80; c < 0xa0; c++) {
        char s[] = {'\xc2', (char)c};
        assert_false(rg_text_clean(s, 2));
    }
    assert_false(CLEAN("\xef\xbf\xbe"));
    assert_false(CLEAN("\xef\xbf\xbf"));
}

static void malformed_utf8_is_not_clean(void **state)
{
    (void)state;
    assert_false(CLEAN("\x80"));
    assert_false(CLEAN("\xff"));
    assert_false(CLEAN("\xc0\xaf"));         /* overlong */
    assert_false(CLEAN("\xc1\xbf"));         /* overlong */
    assert_false(CLEAN("\xe0\x9f\xbf"));     /* overlong */
    assert_false(CLEAN("\xf0\x8f\xbf\xbf")); /* overlong */
    assert_false(CLEAN("\xed\xa0\x80"));     /* surrogate */
    assert_false(CLEAN("\xed\xbf\xbf"));     /* surrogate */
    assert_false(CLEAN("\xf4\x90\x80\x80")); /* past the end of Unicode */
    assert_false(CLEAN("\xf5\x80\x80\x80"));
    assert_false(CLEAN("\xc3"));
    assert_false(CLEAN("\xe2\x82"));
    assert_false(CLEAN("\xc3(")); /* continuation missing */
    assert_false(rg_text_clean("\xe2\x82\xac", 2));
}

/* Every code point through an independent encoder: exactly the allowed ones are clean. */
static void every_code_point_is_judged_right(void **state)
{
    (void)state;
    for (uint32_t cp = 0; cp < 0x110000; cp++) {
        char s[4];
        size_t n = 0;
        if (cp < 0x80) {
            s[n++] = (char)cp;
        }
        else if (cp < 0x800) {
            s[n++] = (char)(0xc0 + cp / 64);
            s[n++] = (char)(0x80 + cp % 64);
        }
        else if (cp < 0x10000) {
            s[n++] = (char)(0xe0 + cp / 4096);
            s[n++] = (char)(0x80 + cp / 64 % 64);
            s[n++] = (char)(0x80 + cp % 64);
        }
        else {
            s[n++] = (char)(0xf0 + cp / 262144);
            s[n++] = (char)(0x80 + cp / 4096 % 64);
            s[n++] = (char)(0x80 + cp / 64 % 64);
            s[n++] = (char)(0x80 + cp % 64);
        }
        bool control = (cp < 32 && cp != 9 && cp != 10 && cp != 13) || (cp >= 127 && cp < 160);
        bool bad = control || (cp >= 0xd800 && cp < 0xe000) || cp == 0xfffe || cp == 0xffff;
        assert_int_equal(rg_text_clean(s, n), !bad);
    }
}

static void length_counts_code_points(void **state)
{
    (void)state;
    assert_int_equal(rg_text_length(""), 0);
    assert_int_equal(rg_text_length("abc"), 3);
    assert_int_equal(rg_text_length("Zo\xc3\xab"), 3);
    assert_int_equal(rg_text_length("\xe6\x9d\x8e\xf0\x9f\x98\x80"), 2);
}

static void tidy_trims_and_folds(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } cases[] = {
        {"", ""},
        {"  ", ""},
        {" \r\n\t ", ""},
        {"plain", "plain"},
        {"  Ada \t  Lovelace  ", "Ada Lovelace"},
        {"Ada\xc2\xa0\xc2\xa0Lovelace\xc2\xa0", "Ada Lovelace"},
        {"one\r\ntwo\rthree\n\nfour\r\n", "one\ntwo\nthree\n\nfour"},
        {"\n a\n b \n", "a\n b"},
        {"\xc3\xab\xc2\xa9", "\xc3\xab\xc2\xa9"},
        {"a\r\r\nb", "a\n\nb"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *once = rg_text_tidy(*state, cases[i].in);
        assert_string_equal(once, cases[i].out);
        assert_string_equal(rg_text_tidy(*state, once), once);
    }
    assert_null(rg_text_tidy(*state, NULL));
}

static void html_is_escaped(void **state)
{
    rg_buf_t *b = rg_buf_make(*state, 1000);
    rg_text_escape_html(b, "<a href=\"x\">Tom & 'Jo'</a>", 26);
    assert_string_equal(b->data, "&lt;a href=&quot;x&quot;&gt;Tom &amp; &#39;Jo&#39;&lt;/a&gt;");
    b = rg_buf_make(*state, 1000);
    rg_text_escape_html(b, "plain <", 6);
    rg_text_escape_html(b, "", 0);
    assert_string_equal(b->data, "plain ");
}

static void hex_is_lower_case(void **state)
{
    assert_string_equal(rg_text_hex(*state, (const unsigned char *)"\x00\x0f\xa5\xff", 4),
                        "000fa5ff");
    assert_string_equal(rg_text_hex(*state, (const unsigned char *)"", 0), "");
}

/* RFC 4648 section 10, without padding. */
static void base64url_matches_the_rfc(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff\xfe", "-__-"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t n = strlen(cases[i][0]);
        unsigned char back[8] = {0};
        assert_string_equal(rg_text_base64url(*state, (const unsigned char *)cases[i][0], n),
                            cases[i][1]);
        assert_true(rg_text_unbase64url(back, n, cases[i][1]));
        assert_memory_equal(back, cases[i][0], n);
    }
}

static void base64url_goes_there_and_back(void **state)
{
    unsigned char bytes[64];
    for (size_t n = 0; n <= sizeof(bytes); n++) {
        for (size_t i = 0; i < n; i++) {
            bytes[i] = (unsigned char)(i * 37 + n * 101);
        }
        unsigned char back[64];
        assert_true(rg_text_unbase64url(back, n, rg_text_base64url(*state, bytes, n)));
        assert_memory_equal(back, bytes, n);
    }
}

static void base64url_reading_is_strict(void **state)
{
    (void)state;
    unsigned char out[32];
    assert_false(rg_text_unbase64url(out, 1, NULL));
    assert_false(rg_text_unbase64url(out, 1, "Zg=="));
    assert_false(rg_text_unbase64url(out, 1, "Z"));
    assert_false(rg_text_unbase64url(out, 2, "Zg"));
    assert_false(rg_text_unbase64url(out, 1, "Zm8"));
    assert_false(rg_text_unbase64url(out, 1, "Zh")); /* stray bits: another spelling of Zg */
    assert_false(rg_text_unbase64url(out, 2, "Zm9"));
    assert_false(rg_text_unbase64url(out, 3, "+//+"));
    assert_false(rg_text_unbase64url(out, 3, "Zm v"));
    assert_false(rg_text_unbase64url(out, 3, "Zm\xc3\xab"));
}

static void numbers_are_read_strictly(void **state)
{
    (void)state;
    int64_t n = 77;
    assert_true(rg_text_i64(&n, "0", 0, 9));
    assert_int_equal(n, 0);
    assert_true(rg_text_i64(&n, "-5", -5, 5));
    assert_int_equal(n, -5);
    assert_true(rg_text_i64(&n, "007", 7, 7));
    assert_int_equal(n, 7);
    assert_true(rg_text_i64(&n, "9223372036854775807", INT64_MIN, INT64_MAX));
    assert_true(n == INT64_MAX);
    assert_true(rg_text_i64(&n, "-9223372036854775808", INT64_MIN, INT64_MAX));
    assert_true(n == INT64_MIN);
    n = 77;
    static const char *const wrong[] = {"",
                                        "-",
                                        "+1",
                                        " 1",
                                        "1 ",
                                        "1.0",
                                        "0x1",
                                        "1e3",
                                        "--1",
                                        "1\n",
                                        "a",
                                        "6",
                                        "-6",
                                        "9223372036854775808",
                                        "-9223372036854775809",
                                        "99999999999999999999999",
                                        NULL};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(rg_text_i64(&n, wrong[i], -5, 5));
    }
    assert_false(rg_text_i64(&n, "9223372036854775808", INT64_MIN, INT64_MAX));
    assert_false(rg_text_i64(&n, "-9223372036854775809", INT64_MIN, INT64_MAX));
    assert_int_equal(n, 77);
}

static const char *format(apr_pool_t *p, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));
static const char *format(apr_pool_t *p, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = rg_text_vformat(p, fmt, ap);
    va_end(ap);
    return text;
}

/* X12's basic character set: nothing that could end an element is left of any text. */
static void basic_text_is_ascii(void **state)
{
    static const char *const cases[][2] = {{"O’Brien-Łukasz", "O'BRIEN-LUKASZ"},
                                           {" a * b~c:d^e ", "A B C D E"},
                                           {"Иванова", "IVANOVA"},
                                           {"北京", "BEI JING"},
                                           {"Straße 5, №7", "STRASSE 5, NO7"},
                                           {"\\|`{}[]<>@#$%_\t\n", ""},
                                           {"", ""}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        assert_string_equal(rg_text_basic(*state, cases[i][0]), cases[i][1]);
    }
}

static void formatting_is_libcs(void **state)
{
    assert_string_equal(format(*state, "%lld|%zu|%jd|%s|%%", -7LL, (size_t)8, (intmax_t)9, "x"),
                        "-7|8|9|x|%");
    assert_string_equal(format(*state, "%s", ""), "");
    assert_int_equal(strlen(format(*state, "%5000d", 1)), 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_utf8_is_clean),
        cmocka_unit_test(controls_are_not_clean),
        cmocka_unit_test(malformed_utf8_is_not_clean),
        cmocka_unit_test(every_code_point_is_judged_right),
        cmocka_unit_test(length_counts_code_points),
        pool_test(tidy_trims_and_folds),
        pool_test(html_is_escaped),
        pool_test(hex_is_lower_case),
        pool_test(base64url_matches_the_rfc),
        pool_test(base64url_goes_there_and_back),
        cmocka_unit_test(base64url_reading_is_strict),
        cmocka_unit_test(numbers_are_read_strictly),
        pool_test(basic_text_is_ascii),
        pool_test(formatting_is_libcs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
