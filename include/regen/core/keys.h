/* SPDX-License-Identifier: Apache-2.0 */
/* The installation's secret, and what else a sysadmin hands over. */
#ifndef REGEN_CORE_KEYS_H
#define REGEN_CORE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>

/* The installation's secret; secret/keys.c. */
typedef struct rg_keys_t rg_keys_t;

/* --- secret/pem.c: what a sysadmin hands over ------------------------------------------------- */

/* The first line of a password file, without its end; NULL, or what is wrong as the rest of a
 * sentence: "begins with …". */
const char *rg_secret_line_wrong(const char *line);
/* Whether PATH has certificates in PEM, each whole; NULL, or what is wrong, likewise. */
const char *rg_pem_wrong(apr_pool_t *p, const char *path);

/* --- secret/keys.c: the installation's secret ------------------------------------------------- */

enum { RG_KEY_BYTES = 32, RG_KEYS_MOST = 8 };

typedef struct {
    uint32_t id; /* tells keys apart, and nothing about them; never 0 */
    unsigned char bytes[RG_KEY_BYTES];
} rg_key_t;

/* The first one makes what is new; the others only verify what was made with them. */
struct rg_keys_t {
    int count; /* at least 1 */
    rg_key_t key[RG_KEYS_MOST];
};

/* Reads a file that only its owner, who is root or ourselves, may open: a key a line, 43 base64url
 * characters; empty lines and lines that begin with # do not count. NULL, or what is wrong and what
 * to do, in a sentence that names PATH. */
const char *rg_keys_read(rg_keys_t **out, apr_pool_t *p, const char *path);
/* Makes the file, mode 0600; one that is there stays as it is. NULL, or what is wrong. */
const char *rg_keys_make(apr_pool_t *p, const char *path);
/* Puts a new key before the others and keeps so many EARLIER ones; *KEPT says how many there were.
 * The file changes as a whole or not at all. NULL, or what is wrong. */
const char *rg_keys_rotate(int *kept, apr_pool_t *p, const char *path, int earlier);
/* NULL: not among them (or KEYS is NULL). */
const rg_key_t *rg_keys_find(const rg_keys_t *keys, uint32_t id);
/* 32 bytes that nobody without the key can have, of DATA that others may know; PURPOSE tells uses
 * apart. */
void rg_key_derive(unsigned char out[32], const rg_key_t *key, const char *purpose,
                   const void *data, size_t n);

#endif
