/* SPDX-License-Identifier: Apache-2.0 */
/* Public ids: all 128 bits are in them, in Crockford's digits. */
#include "core_test.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"

static unsigned char next_random[16];

static void fixed_random(void *buf, size_t n)
{
    assert_int_equal(n, sizeof(next_random));
    memcpy(buf, next_random, n);
}

static const char *uid_of(apr_pool_t *p, const unsigned char bytes[16])
{
    rg_ctx_t ctx = {.pool = p, .random = fixed_random};
    memcpy(next_random, bytes, sizeof(next_random));
    return rg_uid_make(&ctx);
}

static void known_bytes_give_known_digits(void **state)
{
    unsigned char bytes[16] = {0};
    assert_string_equal(uid_of(*state, bytes), "00000000000000000000000000");
    bytes[15] = 1;
    assert_string_equal(uid_of(*state, bytes), "00000000000000000000000001");
    memset(bytes, 0xff, sizeof(bytes));
    assert_string_equal(uid_of(*state, bytes), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
    /* Worked out with Python's big integers. */
    static const unsigned char ulid[16] = {0x01, 0x56, 0x3d, 0xf3, 0x64, 0x81, 0x3c, 0xbb,
                                           0xb8, 0xcd, 0xac, 0x88, 0xc4, 0x4c, 0xac, 0x2c};
    assert_string_equal(uid_of(*state, ulid), "01aryz6s417jxvhkdch324sb1c");
}

static void every_bit_counts(void **state)
{
    static const unsigned char zero[16] = {0};
    const char *last = uid_of(*state, zero);
    for (int bit = 0; bit < 128; bit++) { /* from the least on: each id is greater than the last */
        unsigned char bytes[16] = {0};
        bytes[15 - bit / 8] = (unsigned char)(1U << (bit % 8));
        const char *uid = uid_of(*state, bytes);
        assert_true(strcmp(uid, last) > 0);
        assert_true(rg_uid_valid(uid));
        last = uid;
    }
}

static void real_ids_differ_and_are_valid(void **state)
{
    assert_true(rg_crypto_init());
    rg_ctx_t ctx = {.pool = *state, .random = rg_crypto_random};
    const char *a = rg_uid_make(&ctx);
    const char *b = rg_uid_make(&ctx);
    assert_true(rg_uid_valid(a));
    assert_true(rg_uid_valid(b));
    assert_string_not_equal(a, b);
}

static void what_is_no_id_is_refused(void **state)
{
    (void)state;
    assert_true(rg_uid_valid("7zzzzzzzzzzzzzzzzzzzzzzzzz"));
    static const char *const wrong[] = {"",
                                        "7zzzzzzzzzzzzzzzzzzzzzzzz",
                                        "7zzzzzzzzzzzzzzzzzzzzzzzzzz",
                                        "8zzzzzzzzzzzzzzzzzzzzzzzzz",
                                        "7Zzzzzzzzzzzzzzzzzzzzzzzzz",
                                        "7izzzzzzzzzzzzzzzzzzzzzzzz",
                                        "7lzzzzzzzzzzzzzzzzzzzzzzzz",
                                        "7ozzzzzzzzzzzzzzzzzzzzzzzz",
                                        "7uzzzzzzzzzzzzzzzzzzzzzzzz",
                                        "7zzzzzzzzzzzzzzzzzzzzzzzz'",
                                        "../../../../../../etc/pass",
                                        NULL};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        assert_false(rg_uid_valid(wrong[i]));
    }
}

/* --- numbers of bookings ---------------------------------------------------------------------- */

static void numbers_can_be_told(void **state)
{
    assert_true(rg_crypto_init());
    rg_ctx_t ctx = {.pool = *state, .random = rg_crypto_random};
    const char *a = rg_number_make(&ctx);
    assert_int_equal(strlen(a), RG_NUMBER_DIGITS);
    assert_int_equal(strspn(a, "KL23456789MQRWXY"), RG_NUMBER_DIGITS);
    assert_string_not_equal(a, rg_number_make(&ctx));
    const char *people = rg_number_people(*state, a);
    assert_int_equal(strlen(people), RG_NUMBER_DIGITS + 2);
    assert_string_equal(rg_number_read(*state, people), a);
    assert_null(rg_number_people(*state, ""));
    assert_null(rg_number_people(*state, NULL));
}

/* Each of sixteen, so that a number has 36 bits. */
static void every_letter_of_a_number_comes(void **state)
{
    assert_true(rg_crypto_init());
    rg_ctx_t ctx = {.pool = *state, .random = rg_crypto_random};
    unsigned seen = 0;
    static const char all[] = "KL23456789MQRWXY";
    for (int i = 0; i < 200; i++) {
        for (const char *c = rg_number_make(&ctx); *c != '\0'; c++) {
            seen |= 1u << (strchr(all, *c) - all);
        }
    }
    assert_int_equal(seen, 0xffff);
}

static void numbers_are_read_as_typed(void **state)
{
    static const char *const right[] = {"K7M4QX9RY",
                                        "k7m4qx9ry",
                                        " K7M 4QX 9RY ",
                                        "k7m-4qx-9ry",
                                        "K7M\xe2\x80\x93"
                                        "4QX\xc2\xa0"
                                        "9RY",
                                        "K7M.4QX.9RY",
                                        NULL};
    static const char *const wrong[] = {
        "",          "K7M4QX9R",         "K7M4QX9RYY", "K7M4QX9R0",   "K7M4QX9R1", "K7M4QX9RB",
        "000000000", "K7M4QX9R\xc3\x84", "K7M 4QX 9R", "111 111 111", NULL};
    for (int i = 0; right[i]; i++) {
        assert_string_equal(rg_number_read(*state, right[i]), "K7M4QX9RY");
    }
    for (int i = 0; wrong[i]; i++) {
        assert_null(rg_number_read(*state, wrong[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(known_bytes_give_known_digits), pool_test(every_bit_counts),
        pool_test(real_ids_differ_and_are_valid), cmocka_unit_test(what_is_no_id_is_refused),
        pool_test(numbers_can_be_told),           pool_test(every_letter_of_a_number_comes),
        pool_test(numbers_are_read_as_typed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
