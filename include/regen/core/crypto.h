/* SPDX-License-Identifier: Apache-2.0 */
/* Random bytes, hashes and passwords (libsodium, zxcvbn). */
#ifndef REGEN_CORE_CRYPTO_H
#define REGEN_CORE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>

/* --- secret/crypto.c -------------------------------------------------------------------------- */

bool rg_crypto_init(void); /* once per process, before threads */
void rg_crypto_random(void *buf, size_t n);
void rg_crypto_sha256(unsigned char out[32], const void *data, size_t n);
/* The same of bytes that come one after the other. */
typedef struct {
    uint64_t state[16]; /* libsodium's */
} rg_sha256_t;
void rg_sha256_begin(rg_sha256_t *s);
void rg_sha256_add(rg_sha256_t *s, const void *data, size_t n);
void rg_sha256_end(rg_sha256_t *s, unsigned char out[32]);
/* BLAKE2b-256 of DATA under KEY. */
void rg_crypto_mac(unsigned char out[32], const unsigned char key[32], const void *data, size_t n);
/* HMAC-SHA-256 of DATA under KEY, for what others must be able to verify with any tool. */
void rg_crypto_hmac(unsigned char out[32], const unsigned char key[32], const void *data, size_t n);
/* SipHash-2-4 of A, a NUL and B: for table positions that a stranger must not choose. */
uint64_t rg_crypto_short(const unsigned char key[16], const char *a, const char *b);
/* Constant time; NULL equals nothing. */
bool rg_crypto_equal(const void *a, const void *b, size_t n);
/* Argon2id, interactive limits (64 MiB for the moment of the call). NULL if there is not enough
 * memory. */
const char *rg_crypto_password_hash(apr_pool_t *p, const char *password);
bool rg_crypto_password_verify(const char *hash, const char *password);

/* --- secret/password.c ------------------------------------------------------------------------ */

/* Strength of a password in bits. HINTS (up to a NULL) are words that an attacker would try first:
 * login, name. */
int rg_password_bits(const char *password, const char *const *hints);

#endif
