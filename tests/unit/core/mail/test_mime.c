/* SPDX-License-Identifier: Apache-2.0 */
/* A letter as bytes: what a name or subject contains never becomes a header, everything is ASCII
 * with short lines, and mailboxes are what mail servers take. tests/http/followup/test_letters.py
 * reads the same with Python's email package. */
#include "core_test.h"

#include <string.h>

#include <apr_strings.h>
#include "regen/core/mail.h"
#include "regen/core/outcome.h"

static const rg_mail_conf_t conf = {.way = RG_WAY_SMTP, .from = "letters@clinic.example"};

static rg_mail_t mail(void)
{
    return (rg_mail_t){.uid = "01hzzzzzzzzzzzzzzzzzzzzzzz",
                       .kind = "confirmation",
                       .id = "abc@clinic.example",
                       .at = apr_time_from_sec(1796137200),
                       .to_name = "Ada Lovelace",
                       .to = "ada@example.org",
                       .phone = "",
                       .from_name = "Harbor Clinic",
                       .subject = "Your visit",
                       .text = "Dear Ada,\n\nSee you.\n"};
}

static const char *bytes_of(apr_pool_t *p, const rg_mail_t *m)
{
    rg_buf_t *b = rg_buf_make(p, 100000);
    assert_int_equal(rg_mail_bytes(b, &conf, m), RG_OK);
    for (const char *s = b->data; *s != '\0'; s++) {
        assert_true((unsigned char)*s < 0x80);
        assert_true(*s != '\n' || s[-1] == '\r');
    }
    return b->data;
}

static int headers_of(const char *bytes)
{
    const char *end = strstr(bytes, "\r\n\r\n");
    int n = 1;
    assert_non_null(end);
    for (const char *s = bytes; s < end; s++) {
        n += *s == '\n' && s[1] != ' ';
    }
    return n;
}

static void nothing_typed_becomes_a_header(void **state)
{
    apr_pool_t *p = *state;
    static const char *const evil[] = {"Ada\r\nBcc: eve@example.org", "Ada\nBcc: eve@example.org",
                                       "Ada\rBcc: eve@example.org", "Ada\r\n\r\n<script>",
                                       "\xc3\xa4\r\nBcc: eve@example.org"};
    rg_mail_t m = mail();
    int usual = headers_of(bytes_of(p, &m));
    for (size_t i = 0; i < sizeof(evil) / sizeof(*evil); i++) {
        m = mail();
        m.to_name = m.from_name = m.subject = evil[i];
        const char *bytes = bytes_of(p, &m);
        assert_int_equal(headers_of(bytes), usual);
        assert_null(strstr(bytes, "\nBcc"));
        assert_null(strstr(bytes, "\n\r\n<script>"));
    }
}

static void addresses_that_cannot_be_are_refused(void **state)
{
    apr_pool_t *p = *state;
    static const char *const wrong[] = {"",
                                        "ada",
                                        "@example.org",
                                        "ada@",
                                        "a b@example.org",
                                        "ada@example.org\r\nBcc: x@y.z",
                                        "<ada@example.org>",
                                        "ada@exa mple.org",
                                        ".ada@example.org",
                                        "a..b@example.org",
                                        "ad\xc3\xa4@example.org",
                                        "ada@example.org>"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        rg_mail_t m = mail();
        m.to = wrong[i];
        assert_null(rg_mail_address(p, wrong[i]));
        assert_int_equal(rg_mail_bytes(rg_buf_make(p, 10000), &conf, &m), RG_INVALID);
    }
    assert_string_equal(rg_mail_address(p, "o'neil+a@M\xc3\xbcnchen.example"),
                        "o'neil+a@xn--mnchen-3ya.example");
}

static void mailboxes(void **state)
{
    apr_pool_t *p = *state;
    const char *name;
    const char *address;
    assert_true(rg_mail_mailbox(&name, &address, p, "Harbor Clinic <a@b.example>"));
    assert_string_equal(name, "Harbor Clinic");
    assert_string_equal(address, "a@b.example");
    assert_true(rg_mail_mailbox(&name, &address, p, "a@b.example"));
    assert_null(name);
    assert_true(rg_mail_mailbox(&name, &address, p, "<a@b.example>"));
    assert_null(name);
    assert_false(rg_mail_mailbox(&name, &address, p, "Harbor <a@b.example> x"));
    assert_false(rg_mail_mailbox(&name, &address, p, "Harbor\n <a@b.example>"));
    assert_false(rg_mail_mailbox(&name, &address, p, "Harbor"));
}

static void lines_are_short(void **state)
{
    apr_pool_t *p = *state;
    rg_mail_t m = mail();
    char *longest = apr_palloc(p, 5001);
    memset(longest, '.', 5000);
    longest[5000] = '\0';
    m.text = m.html = longest;
    m.subject = m.to_name = longest + 4800;
    m.ics = longest;
    m.ics_method = "PUBLISH";
    const char *line = bytes_of(p, &m);
    while (*line != '\0') {
        size_t n = strcspn(line, "\r");
        assert_true(n <= 200);
        assert_true(line[0] != '.');
        line += n + strspn(line + n, "\r\n");
    }
}

static void what_a_command_reads(void **state)
{
    apr_pool_t *p = *state;
    rg_mail_t m = mail();
    rg_buf_t *b = rg_buf_make(p, 10000);
    m.to_name = "Ada \"A\" \\ \n";
    rg_mail_json(b, &conf, &m);
    assert_non_null(strstr(b->data, "\"name\": \"Ada \\\"A\\\" \\\\ \\u000a\""));
    assert_int_equal(strcspn(b->data, "\n"), b->len - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(nothing_typed_becomes_a_header), pool_test(addresses_that_cannot_be_are_refused),
        pool_test(mailboxes), pool_test(lines_are_short), pool_test(what_a_command_reads)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
