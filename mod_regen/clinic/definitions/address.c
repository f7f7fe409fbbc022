/* SPDX-License-Identifier: Apache-2.0 */
/* The public address of the clinic, as reported by httpd, and the address of its own identifiers
 * and codes: the first may change, the second is stored once, because claims and API answers
 * contain it. */
#include "mod_regen/clinic/access.h"
#include "regen/clinic/definitions.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/place.h"
#include "regen/store/definitions.h"
#include "regen/store/store.h"

#include <string.h>

#define REMEMBERED (30 * RG_DAY)
#define NAMES_MAX  200

static rg_outcome_t tell_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    (void)baton;
    rg_outcome_t rc = rg_names_keep(db, ctx, ctx->policy->names);
    if (rc == RG_OK) {
        rc = rg_base_seen(db, ctx, ctx->policy->public_base);
    }
    return rc == RG_OK ? rg_bases_forget(db, ctx, ctx->now - REMEMBERED) : rc;
}

rg_outcome_t rg_address_tell(const rg_ctx_t *ctx)
{
    return rg_store_transact(ctx, tell_work, NULL);
}

static rg_outcome_t read_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    rg_whereabouts_t *a = baton;
    apr_array_header_t *rows = apr_array_make(ctx->pool, 4, sizeof(rg_base_row_t));
    rg_outcome_t rc = rg_names_read(db, ctx, &a->names);
    if (rc == RG_OK) {
        rc = rg_bases_read(db, ctx, rows);
    }
    a->bases = (rg_base_row_t *)(void *)rows->elts;
    a->base_count = rows->nelts;
    return rc;
}

rg_outcome_t rg_address_read(rg_whereabouts_t *out, const rg_ctx_t *ctx)
{
    *out = (rg_whereabouts_t){0};
    return rg_store_read(ctx, read_work, out);
}

static rg_outcome_t name_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const char *names = baton;
    rg_outcome_t rc = rg_names_change(db, ctx, names);
    return rc == RG_OK ? rg_audit_add(db, ctx, "names.set", "naming", 1, names) : rc;
}

/* ASCII characters allowed in a URI, and no slash at the end. */
static bool is_base_uri(const char *s)
{
    size_t n = strlen(s);
    const char *colon = strchr(s, ':');
    for (size_t i = 0; i < n; i++) {
        if (s[i] <= ' ' || s[i] > '~' || strchr("<>\"{}|\\^`", s[i])) {
            return false;
        }
    }
    return n > 0 && n <= NAMES_MAX && colon && colon > s && colon[1] && s[n - 1] != '/';
}

rg_outcome_t rg_names_set(const rg_ctx_t *ctx, const char *names)
{
    if (!rg_may(ctx, RG_DEED_DEFINE)) {
        return RG_FORBIDDEN;
    }
    if (!is_base_uri(names)) {
        rg_problem_add(ctx->problems, "names",
                       "Use an absolute URI of at most %d characters without a slash at the end, "
                       "such as https://clinic.example/clinic/fhir.",
                       NAMES_MAX);
        return RG_INVALID;
    }
    return rg_store_transact(ctx, name_work, (void *)(uintptr_t)names);
}
