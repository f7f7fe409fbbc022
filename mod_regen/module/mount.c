/* SPDX-License-Identifier: Apache-2.0 */
/* Claims the URLs below a mount before httpd looks for files there, sets their security headers for
 * every answer, and keeps tokens out of the logs. */
#include "config.h"

#include <http_protocol.h>
#include <http_request.h>
#include <string.h>

static bool is_below(const char *path, const char *mount)
{
    size_t n = strlen(mount);
    return path && strncmp(path, mount, n) == 0 && (path[n] == '/' || path[n] == '\0');
}

/* The earliest moment: no other hook, and no log line, has seen the request yet. The path is still
 * as it was sent, so claim() does the same again once it is decoded and normalized. */
static int first_look(request_rec *r)
{
    const regen_server_t *c = regen_server_conf(r->server);
    int i;
    for (i = 0; i < c->mounts->nelts; i++) {
        const regen_mount_t *m = &APR_ARRAY_IDX(c->mounts, i, regen_mount_t);
        if (m->where && is_below(r->uri, m->path)) {
            regen_headers_set(r);
            regen_secret_mask(r, m->where);
            regen_query_hide(r);
            break;
        }
    }
    return DECLINED;
}

static bool is_our_request(const request_rec *r)
{
    const regen_dir_t *dir = regen_dir_conf(r);
    return dir->engine == 1 && r->proxyreq == PROXYREQ_NONE &&
           (!r->handler || strcmp(r->handler, "regen") == 0);
}

/* Last, so that the sysadmin's Redirect and RewriteRule lines come first. */
static int claim(request_rec *r)
{
    const regen_where_t *where = regen_where(r);
    if (!where || !is_our_request(r)) {
        return DECLINED;
    }
    if (!apr_table_get(r->err_headers_out, "Content-Security-Policy")) {
        regen_headers_set(r);
    }
    regen_secret_mask(r, where);
    regen_query_hide(r);
    r->filename = apr_pstrdup(r->pool, r->uri);
    regen_claim(r);
    return OK;
}

/* There are no files behind our URLs: no <Directory>, no .htaccess, no path info. At this moment
 * httpd has put the <Location>'s configuration aside, so claim() has to have left a mark. */
static int no_files(request_rec *r)
{
    return regen_claimed(r) ? OK : DECLINED;
}

/* `RegenEngine On` is enough; a SetHandler of the sysadmin for something below us stays. */
static int set_handler(request_rec *r)
{
    if (!is_our_request(r)) {
        return DECLINED;
    }
    r->handler = "regen";
    return OK;
}

static int before_access_log(request_rec *r)
{
    if (regen_dir_conf(r)->engine == 1) {
        regen_query_mask(r);
    }
    return DECLINED;
}

void regen_mount_hooks(void)
{
    ap_hook_post_read_request(first_look, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_translate_name(claim, NULL, NULL, APR_HOOK_LAST);
    ap_hook_map_to_storage(no_files, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_type_checker(set_handler, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_log_transaction(before_access_log, NULL, NULL, APR_HOOK_REALLY_FIRST);
}
