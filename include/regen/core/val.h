/* SPDX-License-Identifier: Apache-2.0 */
/* The tree that a template reads. */
#ifndef REGEN_CORE_VAL_H
#define REGEN_CORE_VAL_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>

typedef enum { RG_VAL_STRING, RG_VAL_BOOL, RG_VAL_LIST, RG_VAL_OBJECT } rg_val_kind_t;
typedef struct rg_val_t rg_val_t;

rg_val_t *rg_val_object(apr_pool_t *p);
rg_val_t *rg_val_list(apr_pool_t *p);
rg_val_t *rg_val_string(apr_pool_t *p, const char *s); /* keeps the pointer */
rg_val_kind_t rg_val_kind(const rg_val_t *v);
const char *rg_val_text(const rg_val_t *v); /* "" unless a string */
bool rg_val_true(const rg_val_t *v); /* Mustache truth: not NULL, not false, not an empty list */
/* Setters keep pointers, copy nothing; a NULL string (or value) leaves the key out; setting a key
 * again replaces its value. */
void rg_val_set(rg_val_t *object, const char *key, rg_val_t *v);
void rg_val_str(rg_val_t *object, const char *key, const char *s);
void rg_val_int(rg_val_t *object, const char *key, int64_t n);
void rg_val_bool(rg_val_t *object, const char *key, bool b);
rg_val_t *rg_val_get(const rg_val_t *object, const char *key); /* NULL when absent */
/* The same, faster for repeated look-ups of one key: HEAD is rg_val_head(KEY), its first eight
 * bytes as a number. */
uint64_t rg_val_head(const char *key);
rg_val_t *rg_val_find(const rg_val_t *object, const char *key, uint64_t head);
rg_val_t *rg_val_add(rg_val_t *list); /* a new object at the end of LIST */
void rg_val_push(rg_val_t *list, rg_val_t *v);
int rg_val_count(const rg_val_t *list);
rg_val_t *rg_val_at(const rg_val_t *list, int i);
/* A list under KEY of OBJECT, created if absent. */
rg_val_t *rg_val_set_list(rg_val_t *object, const char *key);

#endif
