/* SPDX-License-Identifier: Apache-2.0 */
/* Identifiers: valid ones are accepted, every kind of mistake is detected. */
#include "core_test.h"
#include "regen/core/ident.h"

typedef bool (*check_fn)(const char *s);

static void expect(check_fn check, bool want, const char *const *list)
{
    for (; *list; list++) {
        if (check(*list) != want) {
            fail_msg("\"%s\" should %sbe taken", *list, want ? "" : "not ");
        }
    }
    assert_false(check(NULL));
    assert_false(check(""));
}

static void npi(void **state)
{
    (void)state;
    static const char *const good[] = {"1234567893", "1993999998", "1000000012", "1000000020",
                                       "1000000038", "2000000010", NULL};
    static const char *const bad[] = {"1234567890", "1234567892", "123456789",   "12345678933",
                                      "3234567893", "0234567893", "12345 7893",  "1234567b93",
                                      "2134567893", "1243567893", " 1234567893", NULL};
    expect(rg_npi_valid, true, good);
    expect(rg_npi_valid, false, bad);
}

/* A check digit that notices every single wrong digit. */
static void npi_notices_any_one_wrong_digit(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        for (char d = '0'; d <= '9'; d++) {
            char s[] = "1234567893";
            bool same = s[i] == d;
            s[i] = d;
            assert_int_equal(rg_npi_valid(s), same);
        }
    }
}

static void tin(void **state)
{
    (void)state;
    static const char *const good[] = {"123456789", "000000001", "100000000", NULL};
    static const char *const bad[] = {"000000000", "999999999", "12345678", "1234567890",
                                      "12-345678", "12345678a", NULL};
    expect(rg_tin_valid, true, good);
    expect(rg_tin_valid, false, bad);
}

static void taxonomy(void **state)
{
    (void)state;
    static const char *const good[] = {"207X00000X", "208100000X", "2081P2900X", "174400000X",
                                       NULL};
    static const char *const bad[] = {"207X00000",  "207X00000XX", "207x00000X", "207X00000x",
                                      "207X000000", "207X-0000X",  NULL};
    expect(rg_taxonomy_valid, true, good);
    expect(rg_taxonomy_valid, false, bad);
}

/* The first is CMS's own published example. */
static void mbi(void **state)
{
    (void)state;
    static const char *const good[] = {"1EG4TE5MK73", "9A00A00AA00", "2CC3CC4CC55", NULL};
    static const char *const bad[] = {"0EG4TE5MK73",  "1SG4TE5MK73", "1ES4TE5MK73", "1EGATE5MK73",
                                      "1EG44E5MK73",  "1EG4TL5MK73", "1EG4TEEMK73", "1EG4TE55K73",
                                      "1EG4TE5M773",  "1EG4TE5MKA3", "1EG4TE5MK7A", "1EG4TE5MK7",
                                      "1EG4TE5MK733", "1eg4te5mk73", "1EG4-TE5-MK", "1OG4TE5MK73",
                                      "1IG4TE5MK73",  "1BG4TE5MK73", "1ZG4TE5MK73", NULL};
    expect(rg_mbi_valid, true, good);
    expect(rg_mbi_valid, false, bad);
}

static void email(void **state)
{
    (void)state;
    static const char *const good[] = {"a@b.co",
                                       "ada.lovelace+knee@mail.example.org",
                                       "o'neil@example.com",
                                       "x_y-z@ex-ample.museum",
                                       "a@1.example",
                                       NULL};
    static const char *const bad[] = {"a",
                                      "@b.co",
                                      "a@",
                                      "a@b",
                                      "a@b.",
                                      "a@.b.co",
                                      "a@b..co",
                                      "a@@b.co",
                                      "a@b@c.co",
                                      "a b@c.co",
                                      "a@b c.co",
                                      "a@b.co ",
                                      " a@b.co",
                                      "a@b.co\n",
                                      "a@b.co\r\nBcc: c@d.co",
                                      ".a@b.co",
                                      "a.@b.co",
                                      "a..b@c.co",
                                      "a@-b.co",
                                      "a@b-.co",
                                      "a@b.c_o",
                                      "a@127.0.0.1",
                                      "a,b@c.co",
                                      "a<b@c.co",
                                      "\"a\"@b.co",
                                      "a;b@c.co",
                                      "Zo\xc3\xab@b.co",
                                      "a@b\xc3\xab.co",
                                      NULL};
    expect(rg_email_plausible, true, good);
    expect(rg_email_plausible, false, bad);
}

static void email_lengths(void **state)
{
    (void)state;
    char s[400];
    memset(s, 'a', sizeof(s));
    memcpy(s + 64, "@b.co", 6);
    assert_true(rg_email_plausible(s));
    memset(s, 'a', sizeof(s));
    memcpy(s + 65, "@b.co", 6);
    assert_false(rg_email_plausible(s));
    memcpy(s, "a@", 2);
    memset(s + 2, 'b', sizeof(s) - 2);
    for (int i = 62; i < 300; i += 60) {
        s[i] = '.';
    }
    s[254] = '\0';
    assert_true(rg_email_plausible(s));
    s[254] = 'b';
    s[255] = '\0';
    assert_false(rg_email_plausible(s));
}

static void icd10cm(void **state)
{
    (void)state;
    static const char *const good[] = {"M17.11", "I10",   "M25.561", "S72.001A", "C7A.00",
                                       "Z3A.00", "U07.1", "C4A",     NULL};
    static const char *const bad[] = {"M1711", "m17.11", "M17.",   "M17.11111", "17.11", "MX7.11",
                                      "M1C",   "M17 11", "M17.1a", "M1",        "M17,1", NULL};
    expect(rg_icd10cm_valid, true, good);
    expect(rg_icd10cm_valid, false, bad);
}

static void place_of_service(void **state)
{
    (void)state;
    static const char *const good[] = {"11", "02", "99", NULL};
    static const char *const bad[] = {"28", "1", "1 ", "111", "00", " 1", NULL};
    expect(rg_place_of_service_valid, true, good);
    expect(rg_place_of_service_valid, false, bad);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(npi),
        cmocka_unit_test(npi_notices_any_one_wrong_digit),
        cmocka_unit_test(tin),
        cmocka_unit_test(taxonomy),
        cmocka_unit_test(mbi),
        cmocka_unit_test(email),
        cmocka_unit_test(email_lengths),
        cmocka_unit_test(icd10cm),
        cmocka_unit_test(place_of_service),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
