/* SPDX-License-Identifier: Apache-2.0 */
/* Creates, merges and resolves the configuration structs. "Not set" (NULL, REGEN_UNSET) never
 * leaves this file: all other code gets a resolved copy. */
#include "config.h"

#include <string.h>

#define REGEN_UNSET (-1)

#define UNSET_TEXT   NULL
#define UNSET_PATH   NULL
#define UNSET_FILE   NULL
#define UNSET_PEM    NULL
#define UNSET_DIR    NULL
#define UNSET_SECRET NULL
#define UNSET_KEYS   NULL
#define UNSET_HOST   NULL
#define UNSET_URL    NULL
#define UNSET_URI    NULL
#define UNSET_NUM    REGEN_UNSET
#define UNSET_TIME   REGEN_UNSET
#define UNSET_FLAG   REGEN_UNSET
#define UNSET_RATE   REGEN_UNSET
#define UNSET_WAY    NULL
#define UNSET_BOX    NULL
#define UNSET_ARGV   NULL
#define UNSET_DETAIL REGEN_UNSET
#define UNSET_SIZE   REGEN_UNSET
#define UNSET_CODE   REGEN_UNSET

void *regen_server_create(apr_pool_t *p, server_rec *s)
{
    regen_server_t *c = apr_pcalloc(p, sizeof(*c));
    (void)s;
#define X(kind, member, ...) c->member = UNSET_##kind;
    REGEN_SERVER_DIRECTIVES(X)
#undef X
    c->mounts = apr_array_make(p, 2, sizeof(regen_mount_t));
    c->bases = apr_array_make(p, 2, sizeof(regen_base_t));
    return c;
}

/* Values of this server, then those of the main server. */
static apr_array_header_t *merge_bases(apr_pool_t *p, const regen_server_t *base,
                                       const regen_server_t *add)
{
    apr_array_header_t *all = apr_array_append(p, add->bases, base->bases);
    int i;
    for (i = add->bases->nelts; i < all->nelts; i++) {
        APR_ARRAY_IDX(all, i, regen_base_t).inherited = true;
    }
    return all;
}

void *regen_server_merge(apr_pool_t *p, void *base_v, void *add_v)
{
    const regen_server_t *base = base_v;
    const regen_server_t *add = add_v;
    regen_server_t *c = apr_pcalloc(p, sizeof(*c));
#define X(kind, member, ...)                                                                       \
    c->member = add->member != UNSET_##kind ? add->member : base->member;                          \
    c->at[REGEN_ROW_##member] =                                                                    \
        add->member != UNSET_##kind ? add->at[REGEN_ROW_##member] : base->at[REGEN_ROW_##member];
    REGEN_SERVER_DIRECTIVES(X)
#undef X
    /* A <Location> of the main server holds in its virtual hosts too. */
    c->mounts = apr_array_append(p, add->mounts, base->mounts);
    c->bases = merge_bases(p, base, add);
    /* A server with its own socket does not inherit the host, and vice versa. */
    if (add->db_socket && !add->db_host) {
        c->db_host = NULL;
    }
    if (add->db_host && !add->db_socket) {
        c->db_socket = NULL;
    }
    if (add->db_socket && !add->db_tls_ca) {
        c->db_tls_ca = NULL;
    }
    return c;
}

regen_server_t *regen_server_resolve(apr_pool_t *p, const regen_server_t *c)
{
    regen_server_t *out = apr_pmemdup(p, c, sizeof(*c));
#define X(kind, member, name, standard, ...)                                                       \
    if (out->member == UNSET_##kind) {                                                             \
        out->member = standard;                                                                    \
    }
    REGEN_SERVER_DIRECTIVES(X)
#undef X
    out->mounts = apr_array_copy(p, c->mounts); /* each server has its own addresses */
    return out;
}

void *regen_dir_create(apr_pool_t *p, char *dir)
{
    regen_dir_t *d = apr_pcalloc(p, sizeof(*d));
    (void)dir;
    d->engine = REGEN_UNSET;
    return d;
}

void *regen_dir_merge(apr_pool_t *p, void *base_v, void *add_v)
{
    const regen_dir_t *base = base_v;
    const regen_dir_t *add = add_v;
    return apr_pmemdup(p, add->engine != REGEN_UNSET ? add : base, sizeof(*add));
}

regen_server_t *regen_server_conf(const server_rec *s)
{
    return ap_get_module_config(s->module_config, &regen_module);
}

const regen_dir_t *regen_dir_conf(const request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &regen_module);
}

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

bool regen_same_database(const regen_server_t *a, const regen_server_t *b)
{
    return same_text(a->db_socket, b->db_socket) && same_text(a->db_host, b->db_host) &&
           same_text(a->db_name, b->db_name) && a->db_port == b->db_port;
}

static bool same_pool(const regen_server_t *a, const regen_server_t *b)
{
    return regen_same_database(a, b) && same_text(a->db_user, b->db_user) &&
           same_text(a->db_password, b->db_password) && same_text(a->db_tls_ca, b->db_tls_ca) &&
           a->db_max == b->db_max && a->db_acquire_timeout == b->db_acquire_timeout &&
           a->db_connect_timeout == b->db_connect_timeout && a->db_io_timeout == b->db_io_timeout;
}

const regen_server_t *regen_pool_mate(const server_rec *first, const server_rec *s)
{
    const regen_server_t *mine = regen_server_conf(s);
    for (; first != s; first = first->next) {
        const regen_server_t *c = regen_server_conf(first);
        if (c->app && same_pool(c, mine)) {
            return c;
        }
    }
    return NULL;
}
