/* SPDX-License-Identifier: Apache-2.0 */
/* The public address of a clinic: set by RegenPublicBase, or by a ServerName with a scheme, and
 * never guessed from a port, a connection or a request's Host. */
#include "config.h"
#include "regen/core/text.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>
#include <string.h>

#define BASE_MAX 180 /* what is made of it must fit its columns */

const char *regen_path_wrong(const char *path)
{
    const char *s;
    for (s = path; *s != '\0'; s++) {
        if (!apr_isalnum(*s) && !strchr("/-_.", *s)) {
            return "whose path is made of letters, digits, -, _, . and /";
        }
    }
    return strstr(path, "//") || strstr(path, "/.") ? "with a plain path, such as /clinic" : NULL;
}

/* As URLs have it: an IPv6 address in brackets. NULL: not a host. */
static const char *host_of(apr_pool_t *p, const apr_uri_t *u)
{
    char *host = apr_pstrdup(p, u->hostname ? u->hostname : "");
    bool ipv6 = strchr(host, ':') != NULL;
    ap_str_tolower(host);
    if (host[0] == '\0' || host[0] == '.' || host[0] == '-' ||
        host[strspn(host, ipv6 ? "0123456789abcdef:."
                               : "abcdefghijklmnopqrstuvwxyz0123456789.-")] != '\0') {
        return NULL;
    }
    return ipv6 ? apr_pstrcat(p, "[", host, "]", NULL) : host;
}

/* ":8443", "" for the scheme's own; NULL: not a port. */
static const char *port_of(apr_pool_t *p, const apr_uri_t *u, bool tls)
{
    int64_t port = tls ? 443 : 80;
    if (u->port_str && !rg_text_i64(&port, u->port_str, 1, 65535)) {
        return NULL;
    }
    return port == (tls ? 443 : 80) ? "" : apr_psprintf(p, ":%d", (int)port);
}

const char *regen_base_read(const char **out, apr_pool_t *p, const char *arg)
{
    apr_uri_t u;
    const char *host = NULL;
    const char *port = NULL;
    if (apr_uri_parse(p, arg, &u) != APR_SUCCESS || !u.scheme || strlen(arg) > BASE_MAX ||
        (ap_cstr_casecmp(u.scheme, "https") != 0 && ap_cstr_casecmp(u.scheme, "http") != 0)) {
        return "must be an absolute address of at most 180 characters, such as "
               "https://clinic.example/clinic";
    }
    bool tls = ap_cstr_casecmp(u.scheme, "https") == 0;
    host = host_of(p, &u);
    port = port_of(p, &u, tls);
    if (!host || !port) {
        return "must name a host, and a port from 1 to 65535 where it is not the scheme's own, "
               "such "
               "as https://clinic.example/clinic or https://clinic.example:8443";
    }
    if (u.user || u.password || u.query || u.fragment) {
        return "must not have a user, ? or #; an example is https://clinic.example/clinic";
    }
    const char *path = u.path ? u.path : "";
    size_t n = strlen(path);
    path = apr_pstrmemdup(p, path, n > 0 && path[n - 1] == '/' ? n - 1 : n);
    if (regen_path_wrong(path)) {
        return apr_pstrcat(p, "must be an address ", regen_path_wrong(path), NULL);
    }
    *out = apr_pstrcat(p, tls ? "https://" : "http://", host, port, path, NULL);
    return NULL;
}

const char *regen_base_path(const char *base)
{
    const char *host = strstr(base, "://") + 3;
    return host + strcspn(host, "/");
}

bool regen_base_is_open(const char *base)
{
    const char *host = base + strlen("http://");
    size_t n = strcspn(host, "/");
    size_t name = host[0] == '[' ? n : strcspn(host, ":/");
    if (strncmp(base, "http://", 7) != 0) {
        return false;
    }
    if (strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") == name) {
        return false;
    }
    return strncmp(host, "[::1]", 5) != 0 &&
           !(name >= 9 && strncmp(host + name - 9, "localhost", 9) == 0 &&
             (name == 9 || host[name - 10] == '.'));
}

/* Their own words go over those of the main server; the <Location>'s over the server's. */
static int rank_of_base(const regen_base_t *b)
{
    return (b->inherited ? 2 : 0) + (b->path ? 0 : 1);
}

const regen_base_t *regen_base_said(const regen_server_t *c, const char *mount)
{
    const regen_base_t *best = NULL;
    int i;
    for (i = 0; i < c->bases->nelts; i++) {
        const regen_base_t *b = &APR_ARRAY_IDX(c->bases, i, regen_base_t);
        if ((!b->path || strcmp(b->path, mount) == 0) &&
            (!best || rank_of_base(b) <= rank_of_base(best))) { /* the last word counts */
            best = b;
        }
    }
    return best;
}

const char *regen_base_of_server(apr_pool_t *p, const server_rec *s, const char *mount)
{
    const char *base = NULL;
    const char *port = s->port != 0 ? apr_psprintf(p, ":%d", (int)s->port) : "";
    if (!s->server_scheme || !s->server_hostname ||
        regen_base_read(
            &base, p,
            apr_pstrcat(p, s->server_scheme, "://", s->server_hostname, port, mount, NULL))) {
        return NULL;
    }
    return base;
}

const regen_where_t *regen_where(const request_rec *r)
{
    const regen_dir_t *dir = regen_dir_conf(r);
    const apr_array_header_t *all = regen_server_conf(r->server)->mounts;
    int i;
    for (i = 0; dir->engine == 1 && i < all->nelts; i++) {
        const regen_mount_t *m = &APR_ARRAY_IDX(all, i, regen_mount_t);
        if (strcmp(m->path, dir->mount) == 0) {
            return m->where;
        }
    }
    return NULL;
}
