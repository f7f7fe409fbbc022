/* SPDX-License-Identifier: Apache-2.0 */
/* The tree a template reads: views build it, the template engine walks it. Objects are small, so
 * keys are found by linear search over their first bytes: a page looks up thousands of keys, most
 * of them absent. */
#include "regen/core/val.h"

#include <string.h>

#include <apr_tables.h>
#include <apr_strings.h>

typedef struct {
    const char *key;
    uint64_t head;   /* rg_val_head(key) */
    rg_val_t *value; /* NULL: left out */
} entry_t;

struct rg_val_t {
    apr_pool_t *pool;
    rg_val_kind_t kind;
    bool truth;
    const char *text;
    apr_array_header_t *items; /* of rg_val_t * in a list, of entry_t in an object */
};

static rg_val_t *val_make(apr_pool_t *p, rg_val_kind_t kind)
{
    rg_val_t *v = apr_pcalloc(p, sizeof(*v));
    v->pool = p;
    v->kind = kind;
    return v;
}

rg_val_t *rg_val_object(apr_pool_t *p)
{
    rg_val_t *v = val_make(p, RG_VAL_OBJECT);
    v->items = apr_array_make(p, 8, sizeof(entry_t));
    return v;
}

rg_val_t *rg_val_list(apr_pool_t *p)
{
    rg_val_t *v = val_make(p, RG_VAL_LIST);
    v->items = apr_array_make(p, 8, sizeof(rg_val_t *));
    return v;
}

rg_val_t *rg_val_string(apr_pool_t *p, const char *s)
{
    rg_val_t *v = val_make(p, RG_VAL_STRING);
    v->text = s ? s : "";
    return v;
}

rg_val_kind_t rg_val_kind(const rg_val_t *v)
{
    return v ? v->kind : RG_VAL_STRING;
}

const char *rg_val_text(const rg_val_t *v)
{
    return v && v->kind == RG_VAL_STRING ? v->text : "";
}

bool rg_val_true(const rg_val_t *v)
{
    if (!v) {
        return false;
    }
    switch (v->kind) {
    case RG_VAL_BOOL: return v->truth;
    case RG_VAL_LIST: return v->items->nelts > 0;
    case RG_VAL_STRING:
    case RG_VAL_OBJECT: break;
    }
    return true;
}

enum { HEAD = 8 };

uint64_t rg_val_head(const char *key)
{
    uint64_t head = 0;
    for (int i = 0; i < HEAD && key[i]; i++) {
        head = head << 8 | (unsigned char)key[i];
    }
    return head;
}

/* A key shorter than the head is identified by it alone: no byte of a key is 0. */
static bool same_key(const entry_t *entry, const char *key, uint64_t head)
{
    return entry->head == head && (head >> 56 == 0 || strcmp(entry->key, key) == 0);
}

static entry_t *find_entry(const rg_val_t *object, const char *key, uint64_t head)
{
    if (!object || object->kind != RG_VAL_OBJECT) {
        return NULL;
    }
    entry_t *entry = (entry_t *)(void *)object->items->elts;
    for (entry_t *end = entry + object->items->nelts; entry < end; entry++) {
        if (same_key(entry, key, head)) {
            return entry;
        }
    }
    return NULL;
}

void rg_val_set(rg_val_t *object, const char *key, rg_val_t *v)
{
    if (!object || object->kind != RG_VAL_OBJECT) {
        return;
    }
    uint64_t head = rg_val_head(key);
    entry_t *entry = find_entry(object, key, head);
    if (!entry) {
        entry = apr_array_push(object->items);
        entry->key = key;
        entry->head = head;
    }
    entry->value = v;
}

void rg_val_str(rg_val_t *object, const char *key, const char *s)
{
    rg_val_set(object, key, s ? rg_val_string(object->pool, s) : NULL);
}

void rg_val_int(rg_val_t *object, const char *key, int64_t n)
{
    rg_val_str(object, key, apr_ltoa(object->pool, n));
}

void rg_val_bool(rg_val_t *object, const char *key, bool b)
{
    rg_val_t *v = val_make(object->pool, RG_VAL_BOOL);
    v->truth = b;
    rg_val_set(object, key, v);
}

rg_val_t *rg_val_find(const rg_val_t *object, const char *key, uint64_t head)
{
    const entry_t *entry = find_entry(object, key, head);
    return entry ? entry->value : NULL;
}

rg_val_t *rg_val_get(const rg_val_t *object, const char *key)
{
    return rg_val_find(object, key, rg_val_head(key));
}

rg_val_t *rg_val_add(rg_val_t *list)
{
    rg_val_t *v = rg_val_object(list->pool);
    rg_val_push(list, v);
    return v;
}

void rg_val_push(rg_val_t *list, rg_val_t *v)
{
    if (list && v && list->kind == RG_VAL_LIST) {
        APR_ARRAY_PUSH(list->items, rg_val_t *) = v;
    }
}

int rg_val_count(const rg_val_t *list)
{
    return list && list->kind == RG_VAL_LIST ? list->items->nelts : 0;
}

rg_val_t *rg_val_at(const rg_val_t *list, int i)
{
    return i >= 0 && i < rg_val_count(list) ? APR_ARRAY_IDX(list->items, i, rg_val_t *) : NULL;
}

rg_val_t *rg_val_set_list(rg_val_t *object, const char *key)
{
    rg_val_t *list = rg_val_get(object, key);
    if (!list) {
        list = rg_val_list(object->pool);
        rg_val_set(object, key, list);
    }
    return list;
}
