/* SPDX-License-Identifier: Apache-2.0 */
/* Everything secret goes through libsodium, here: random numbers, digests, MACs, passwords. Web
 * makes tokens with it, use-cases check logins. */
#include "regen/core/crypto.h"

#include <string.h>

#include <apr_strings.h>

#include <sodium.h>

bool rg_crypto_init(void)
{
    return sodium_init() >= 0;
}

void rg_crypto_random(void *buf, size_t n)
{
    randombytes_buf(buf, n);
}

void rg_crypto_sha256(unsigned char out[32], const void *data, size_t n)
{
    crypto_hash_sha256(out, data, n);
}

_Static_assert(sizeof(crypto_hash_sha256_state) <= sizeof(rg_sha256_t),
               "the state of a digest fits");

static crypto_hash_sha256_state *state_of(rg_sha256_t *s)
{
    return (crypto_hash_sha256_state *)s->state;
}

void rg_sha256_begin(rg_sha256_t *s)
{
    crypto_hash_sha256_init(state_of(s));
}

void rg_sha256_add(rg_sha256_t *s, const void *data, size_t n)
{
    crypto_hash_sha256_update(state_of(s), data, n);
}

void rg_sha256_end(rg_sha256_t *s, unsigned char out[32])
{
    crypto_hash_sha256_final(state_of(s), out);
}

void rg_crypto_mac(unsigned char out[32], const unsigned char key[32], const void *data, size_t n)
{
    crypto_generichash(out, 32, data, n, key, 32);
}

void rg_crypto_hmac(unsigned char out[32], const unsigned char key[32], const void *data, size_t n)
{
    crypto_auth_hmacsha256(out, data, n, key);
}

uint64_t rg_crypto_short(const unsigned char key[16], const char *a, const char *b)
{
    unsigned char hash[crypto_shorthash_BYTES];
    unsigned char text[512];
    size_t m = strlen(a) + 1;
    size_t n = strlen(b);
    uint64_t out;
    m = m < sizeof(text) / 2 ? m : sizeof(text) / 2;
    n = n < sizeof(text) - m ? n : sizeof(text) - m;
    memcpy(text, a, m);
    memcpy(text + m, b, n);
    crypto_shorthash(hash, text, m + n, key);
    memcpy(&out, hash, sizeof(out));
    return out;
}

bool rg_crypto_equal(const void *a, const void *b, size_t n)
{
    return a && b && sodium_memcmp(a, b, n) == 0;
}

const char *rg_crypto_password_hash(apr_pool_t *p, const char *password)
{
    char hash[crypto_pwhash_STRBYTES];
    int rc = crypto_pwhash_str(hash, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                               crypto_pwhash_MEMLIMIT_INTERACTIVE);
    return rc == 0 ? apr_pstrdup(p, hash) : NULL;
}

bool rg_crypto_password_verify(const char *hash, const char *password)
{
    if (!hash || !password || strlen(hash) >= crypto_pwhash_STRBYTES) {
        return false;
    }
    /* The library may look at all bytes of its fixed-size format. */
    char padded[crypto_pwhash_STRBYTES] = {0};
    memcpy(padded, hash, strlen(hash));
    return crypto_pwhash_str_verify(padded, password, strlen(password)) == 0;
}
