/* SPDX-License-Identifier: Apache-2.0 */
/* libsodium behind our names: known answers, and that nothing equals what it should not. */
#include "core_test.h"
#include "regen/core/crypto.h"
#include "regen/core/text.h"

static int crypto_setup(void **state)
{
    return rg_crypto_init() ? pool_setup(state) : -1;
}

#define crypto_test(f) cmocka_unit_test_setup_teardown(f, crypto_setup, pool_teardown)

static void starting_twice_is_fine(void **state)
{
    (void)state;
    assert_true(rg_crypto_init());
}

/* FIPS 180-2 examples. */
static void sha256_knows_the_published_answers(void **state)
{
    unsigned char out[32];
    rg_crypto_sha256(out, "abc", 3);
    assert_string_equal(rg_text_hex(*state, out, 32),
                        "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    rg_crypto_sha256(out, "", 0);
    assert_string_equal(rg_text_hex(*state, out, 32),
                        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* hashlib.blake2b(b"regen", digest_size=32, key=bytes(range(32))) in Python. */
static void the_mac_is_keyed_blake2b(void **state)
{
    unsigned char key[32];
    unsigned char out[32];
    for (int i = 0; i < 32; i++) {
        key[i] = (unsigned char)i;
    }
    rg_crypto_mac(out, key, "regen", 5);
    assert_string_equal(rg_text_hex(*state, out, 32),
                        "09ba7b37c7ec57451f7951c4f4fb67f82f423d1e4e68487c89f433e396de13c5");
    key[0] = 1;
    unsigned char other[32];
    rg_crypto_mac(other, key, "regen", 5);
    assert_false(rg_crypto_equal(out, other, 32));
}

static void equal_is_equal_and_null_is_nothing(void **state)
{
    (void)state;
    assert_true(rg_crypto_equal("abc", "abd", 2));
    assert_false(rg_crypto_equal("abc", "abd", 3));
    assert_false(rg_crypto_equal(NULL, "abd", 3));
    assert_false(rg_crypto_equal("abc", NULL, 3));
    assert_false(rg_crypto_equal(NULL, NULL, 0));
}

static void random_bytes_differ(void **state)
{
    (void)state;
    unsigned char a[32] = {0};
    unsigned char b[32] = {0};
    unsigned char zero[32] = {0};
    rg_crypto_random(a, 32);
    rg_crypto_random(b, 32);
    assert_memory_not_equal(a, b, 32);
    assert_memory_not_equal(a, zero, 32);
}

static void a_password_opens_its_own_hash_only(void **state)
{
    const char *hash = rg_crypto_password_hash(*state, "correct horse");
    assert_non_null(hash);
    assert_int_equal(strncmp(hash, "$argon2id$", 10), 0);
    assert_true(strlen(hash) < 128);
    assert_true(rg_crypto_password_verify(hash, "correct horse"));
    assert_false(rg_crypto_password_verify(hash, "correct horsf"));
    assert_false(rg_crypto_password_verify(hash, ""));
    const char *again = rg_crypto_password_hash(*state, "correct horse");
    assert_string_not_equal(hash, again); /* salted */
}

static void what_is_no_hash_opens_for_nobody(void **state)
{
    (void)state;
    char endless[1000];
    memset(endless, 'a', sizeof(endless) - 1);
    endless[sizeof(endless) - 1] = '\0';
    assert_false(rg_crypto_password_verify(NULL, "x"));
    assert_false(rg_crypto_password_verify("", ""));
    assert_false(rg_crypto_password_verify("x", "x"));
    assert_false(rg_crypto_password_verify("$argon2id$v=19$m=65536,t=2,p=1$", "x"));
    assert_false(rg_crypto_password_verify(endless, "x"));
    assert_false(rg_crypto_password_verify("$argon2id$", NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        crypto_test(starting_twice_is_fine),
        crypto_test(sha256_knows_the_published_answers),
        crypto_test(the_mac_is_keyed_blake2b),
        crypto_test(equal_is_equal_and_null_is_nothing),
        crypto_test(random_bytes_differ),
        crypto_test(a_password_opens_its_own_hash_only),
        crypto_test(what_is_no_hash_opens_for_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
