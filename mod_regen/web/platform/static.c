/* SPDX-License-Identifier: Apache-2.0 */
/* The style sheet, scripts and pictures. Read once when httpd reads its configuration, so a request
 * touches no file and no path can lead anywhere else; a graceful restart shows new ones. Pages ask
 * for them with the tag of what is loaded, which a browser then keeps without asking again. */
#include "platform.h"
#include "route.h"
#include "regen/core/file.h"
#include "regen/core/text.h"

#include <apr_file_info.h>
#include <apr_sha1.h>
#include <apr_strings.h>
#include <string.h>

#define FILE_MAX (1024 * 1024)

typedef struct {
    const char *data;
    apr_size_t len;
    const char *type;
    const char *etag;
} regen_static_t;

static const char *const types[][2] = {{".css", "text/css; charset=utf-8"},
                                       {".js", "text/javascript; charset=utf-8"},
                                       {".svg", "image/svg+xml"},
                                       {".png", "image/png"},
                                       {".ico", "image/x-icon"},
                                       {".woff2", "font/woff2"},
                                       {".txt", "text/plain; charset=utf-8"}};

static const char *type_of(const char *name)
{
    const char *dot = strrchr(name, '.');
    apr_size_t i;
    for (i = 0; dot && i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(dot, types[i][0]) == 0) {
            return types[i][1];
        }
    }
    return NULL;
}

enum { TAG_BYTES = 12 };

/* Of the name, too: two files that change places are other files. Adds it to ALL, in which the
 * order of the files is of no account. */
static const char *file_etag(apr_pool_t *p, unsigned char all[TAG_BYTES], const char *name,
                             const char *data, apr_size_t n)
{
    unsigned char digest[APR_SHA1_DIGESTSIZE];
    apr_sha1_ctx_t sha;
    apr_sha1_init(&sha);
    apr_sha1_update_binary(&sha, (const unsigned char *)name, (unsigned)strlen(name) + 1);
    apr_sha1_update_binary(&sha, (const unsigned char *)data, (unsigned)n);
    apr_sha1_final(digest, &sha);
    for (int i = 0; i < TAG_BYTES; i++) {
        all[i] ^= digest[i];
    }
    return apr_psprintf(p, "\"%s\"", rg_text_base64url(p, digest, TAG_BYTES));
}

static const char *load(regen_static_t **out, apr_pool_t *p, unsigned char all[TAG_BYTES],
                        const char *dir, const char *name)
{
    const char *data;
    size_t n;
    const char *err = rg_file_in_folder(&data, &n, p, dir, name, FILE_MAX);
    if (!err) {
        *out = apr_palloc(p, sizeof(**out));
        **out = (regen_static_t){.data = data,
                                 .len = n,
                                 .type = type_of(name),
                                 .etag = file_etag(p, all, name, data, n)};
    }
    return err;
}

apr_hash_t *regen_statics_load(const char **tag, const char **why, apr_pool_t *p, const char *dir)
{
    apr_hash_t *all = apr_hash_make(p);
    unsigned char sum[TAG_BYTES] = {0};
    apr_finfo_t info;
    apr_dir_t *d;
    const char *err = apr_dir_open(&d, dir, p) == APR_SUCCESS ? NULL : "cannot be opened";
    if (err) {
        *why = apr_psprintf(p, "%s %s", dir, err);
        return NULL;
    }
    while (!err && apr_dir_read(&info, APR_FINFO_NAME, d) == APR_SUCCESS) {
        regen_static_t *one;
        if (info.name[0] == '.' || !type_of(info.name)) {
            continue;
        }
        err = load(&one, p, sum, dir, info.name);
        if (err) {
            *why = apr_psprintf(p, "%s/%s %s", dir, info.name, err);
        }
        else {
            apr_hash_set(all, apr_pstrdup(p, info.name), APR_HASH_KEY_STRING, one);
        }
    }
    apr_dir_close(d);
    *tag = rg_text_base64url(p, sum, TAG_BYTES);
    return !err ? all : NULL;
}

/* An address with another tag is of another release: a page from before an upgrade, or from
 * another node. */
static const char *keep_for(const regen_req_t *q)
{
    const char *tag = q->own->app->statics_tag;
    return tag && q->r->args && strcmp(q->r->args, tag) == 0 ? "public, max-age=31536000, immutable"
                                                             : "public, max-age=300";
}

static int h_static(regen_req_t *q)
{
    const apr_hash_t *statics = q->own->app->statics;
    const regen_static_t *f =
        statics ? apr_hash_get((apr_hash_t *)statics, q->args[0], APR_HASH_KEY_STRING) : NULL;
    if (!f) {
        return regen_refuse(q, HTTP_NOT_FOUND);
    }
    apr_table_setn(q->r->headers_out, "ETag", f->etag);
    int rc = ap_meets_conditions(q->r);
    if (rc == OK || rc == HTTP_NOT_MODIFIED) {
        apr_table_setn(q->r->err_headers_out, "Cache-Control", keep_for(q));
    }
    return rc != OK ? rc : regen_send(q, HTTP_OK, f->type, f->data, f->len);
}

const regen_route_t regen_routes_static[] = {{"GET", "/static/*", 0, 0, 0, REGEN_NO_DB, h_static},
                                             {NULL, NULL, 0, 0, 0, 0, NULL}};
