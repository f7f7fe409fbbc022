/* SPDX-License-Identifier: Apache-2.0 */
/* The installation's secret, and other files that a sysadmin supplies. */
#ifndef REGEN_CORE_KEYS_H
#define REGEN_CORE_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>

/* The installation's secret; secret/keys.c. */
typedef struct rg_keys_t rg_keys_t;

/* --- secret/pem.c: what a sysadmin hands over ------------------------------------------------- */

/* Checks the first line of a password file, without its line end. NULL, or what is wrong as the end
 * of a sentence: "begins with …". */
const char *rg_secret_line_wrong(const char *line);
/* Checks that PATH has complete certificates in PEM. NULL, or what is wrong, likewise. */
const char *rg_pem_wrong(apr_pool_t *p, const char *path);

/* --- secret/keys.c: the installation's secret ------------------------------------------------- */

enum { RG_KEY_BYTES = 32, RG_KEYS_MOST = 8 };

typedef struct {
    uint32_t id; /* distinguishes keys and reveals nothing about them; never 0 */
    unsigned char bytes[RG_KEY_BYTES];
} rg_key_t;

/* The first one signs; the others only verify what was signed with them. */
struct rg_keys_t {
    int count; /* at least 1 */
    rg_key_t key[RG_KEYS_MOST];
};

/* Reads a file that only its owner, who is root or ourselves, may open: one key per line, 43
 * base64url characters; empty lines and lines that begin with # are ignored. NULL, or what is wrong
 * and what to do, in a sentence that names PATH. */
const char *rg_keys_read(rg_keys_t **out, apr_pool_t *p, const char *path);
/* Creates the file, mode 0600; an existing one is not changed. NULL, or what is wrong. */
const char *rg_keys_make(apr_pool_t *p, const char *path);
/* Puts a new key first and keeps at most EARLIER older ones; *KEPT is their number. The file
 * changes completely or not at all. NULL, or what is wrong. */
const char *rg_keys_rotate(int *kept, apr_pool_t *p, const char *path, int earlier);
/* NULL: not among them (or KEYS is NULL). */
const rg_key_t *rg_keys_find(const rg_keys_t *keys, uint32_t id);
/* 32 bytes that nobody can compute without the key, derived from DATA that others may know; PURPOSE
 * separates uses. */
void rg_key_derive(unsigned char out[32], const rg_key_t *key, const char *purpose,
                   const void *data, size_t n);

#endif
