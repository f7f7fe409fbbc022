/* SPDX-License-Identifier: Apache-2.0 */
/* The keys by which people are found: made from what is stored with every row, and for rows that
 * have none by regenctl. */
#include "mod_regen/store/patient/names.h"
#include "mod_regen/store/engine/row.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/store/store.h"

#include <string.h>

#include <apr_strings.h>

enum { BITE = 500 };

static const char WITHOUT[] =
    "SELECT id, family, given, email, phone FROM patient WHERE family_key IS NULL"
    " AND id > ? ORDER BY id LIMIT ?";
static const char ALL[] = "SELECT id, family, given, email, phone FROM patient"
                          " WHERE id > ? ORDER BY id LIMIT ?";
static const char SET_KEYS[] =
    "UPDATE patient SET family_key = ?, given_key = ?, email_key = ?, phone_key = ?,"
    " changed_at = -1 WHERE id = ?"; /* no change to anybody who reads (sql/0023_names.sql) */
static const char WAITING[] = "SELECT id, service_id, family, given, email, phone FROM waitlist"
                              " WHERE once_email IS NOT NULL OR once_phone IS NOT NULL ORDER BY id";
static const char SET_ONCE[] = "UPDATE waitlist SET once_email = ?, once_phone = ? WHERE id = ?";
static const char BEFORE[] =
    "SELECT id FROM waitlist WHERE (once_email = ? OR once_phone = ?) AND id <> ?"
    " ORDER BY id LIMIT 1";
static const char SET_BEHIND[] = "UPDATE waitlist SET once_email = NULL, once_phone = NULL,"
                                 " behind = ? WHERE id = ?";

/* --- keys ------------------------------------------------------------------------------------- */

/* As much of the key of an address as its column holds. */
static const char *email_key(apr_pool_t *p, const char *email)
{
    enum { MOST = 160 };
    const char *key = rg_fold_text(p, email);
    size_t n = 0;
    for (int chars = 0; key[n]; n++) {
        chars += ((unsigned char)key[n] & 0xc0) != 0x80;
        if (chars > MOST) {
            break;
        }
    }
    return apr_pstrmemdup(p, key, n);
}

rg_name_keys_t rg_name_keys(apr_pool_t *p, const char *family, const char *given, const char *email,
                            const char *phone)
{
    return (rg_name_keys_t){rg_fold_name(p, family), rg_fold_name(p, given), email_key(p, email),
                            rg_phone_key(p, phone)};
}

static void hash(unsigned char out[32], apr_pool_t *p, int64_t service_id,
                 const rg_name_keys_t *keys, const char *reach)
{
    /* The 2 keeps them apart from what SQL made before there were keys of names. */
    const char *text = apr_psprintf(p, "2|%" APR_INT64_T_FMT "|%s|%s|%s", (apr_int64_t)service_id,
                                    keys->given, keys->family, reach);
    rg_crypto_sha256(out, text, strlen(text));
}

rg_once_keys_t rg_once_keys(apr_pool_t *p, int64_t service_id, const rg_name_keys_t *keys)
{
    rg_once_keys_t once = {{0}, {0}};
    hash(once.email, p, service_id, keys, keys->email);
    hash(once.phone, p, service_id, keys, keys->phone);
    return once;
}

static const char *like(apr_pool_t *p, const char *before, const char *text)
{
    char *out = apr_palloc(p, 2 * strlen(text) + 3);
    char *at = out;
    if (*before) {
        *at++ = *before;
    }
    for (; *text; text++) {
        if (strchr("%_!", *text)) {
            *at++ = '!';
        }
        *at++ = *text;
    }
    *at++ = '%';
    *at = '\0';
    return out;
}

const char *rg_like_prefix(apr_pool_t *p, const char *text)
{
    return like(p, "", text);
}

const char *rg_like_part(apr_pool_t *p, const char *text)
{
    return like(p, "%", text);
}

/* --- rows without keys ------------------------------------------------------------------------ */

typedef struct {
    int64_t id, service_id; /* service 0: a patient */
    rg_name_keys_t keys;
} named_t;

/* The rows of a statement whose columns end with family, given, email and phone from COL on. */
static rg_outcome_t read_named(apr_array_header_t *out, rg_ctx_t *ctx, rg_cur_t *c, int col)
{
    while (rg_cur_next(c)) {
        named_t *n = apr_array_push(out);
        n->id = rg_cur_i64(c, 0);
        n->service_id = col > 1 ? rg_cur_i64(c, 1) : 0;
        n->keys = rg_name_keys(ctx->pool, rg_cur_str(c, col), rg_cur_str(c, col + 1),
                               rg_cur_str(c, col + 2), rg_cur_str(c, col + 3));
    }
    return rg_cur_end(c);
}

rg_outcome_t rg_names_fill(rg_db_t *db, rg_ctx_t *ctx, bool all, int64_t *after, int *count)
{
    rg_cur_t *c;
    apr_array_header_t *rows = apr_array_make(ctx->pool, BITE, sizeof(named_t));
    rg_outcome_t rc =
        rg_sql_query(db, ctx, &c, all ? ALL : WITHOUT, RG_IN(RG_I(*after), RG_I(BITE)));
    rc = rc == RG_OK ? read_named(rows, ctx, c, 1) : rc;
    for (int i = 0; rc == RG_OK && i < rows->nelts; i++) {
        const named_t *n = &APR_ARRAY_IDX(rows, i, named_t);
        rc = rg_sql_exec(db, ctx, SET_KEYS,
                         RG_IN(RG_S(n->keys.family), RG_S(n->keys.given), RG_S(n->keys.email),
                               RG_S(n->keys.phone), RG_I(n->id)),
                         NULL);
        *after = n->id;
    }
    *count = rows->nelts;
    return rc;
}

rg_outcome_t rg_names_fill_places(rg_db_t *db, rg_ctx_t *ctx, bool all, int64_t *after, int *count)
{
    static const char NEXT[] = "SELECT id, family, given, email, phone FROM waitlist"
                               " WHERE (? OR family_key IS NULL) AND id > ? ORDER BY id LIMIT ?";
    static const char SET[] = "UPDATE waitlist SET family_key = ?, given_key = ? WHERE id = ?";
    rg_cur_t *c;
    apr_array_header_t *rows = apr_array_make(ctx->pool, BITE, sizeof(named_t));
    rg_outcome_t rc =
        rg_sql_query(db, ctx, &c, NEXT, RG_IN(RG_I(all ? 1 : 0), RG_I(*after), RG_I(BITE)));
    rc = rc == RG_OK ? read_named(rows, ctx, c, 1) : rc;
    for (int i = 0; rc == RG_OK && i < rows->nelts; i++) {
        const named_t *n = &APR_ARRAY_IDX(rows, i, named_t);
        rc = rg_sql_exec(db, ctx, SET,
                         RG_IN(RG_S(n->keys.family), RG_S(n->keys.given), RG_I(n->id)), NULL);
        *after = n->id;
    }
    *count = rows->nelts;
    return rc;
}

/* The earlier place counts. */
static rg_outcome_t put_behind(rg_db_t *db, rg_ctx_t *ctx, const named_t *n,
                               const rg_once_keys_t *once)
{
    int64_t before = 0;
    rg_outcome_t rc = rg_sql_number(
        db, ctx, &before, BEFORE, RG_IN(RG_B(once->email, 32), RG_B(once->phone, 32), RG_I(n->id)));
    return rc == RG_OK ? rg_sql_exec(db, ctx, SET_BEHIND, RG_IN(RG_I(before), RG_I(n->id)), NULL)
                       : rc;
}

rg_outcome_t rg_names_fill_waitlist(rg_db_t *db, rg_ctx_t *ctx, int *count)
{
    rg_cur_t *c;
    apr_array_header_t *rows = apr_array_make(ctx->pool, 64, sizeof(named_t));
    rg_outcome_t rc = rg_sql_query(db, ctx, &c, WAITING, RG_IN_NONE);
    rc = rc == RG_OK ? read_named(rows, ctx, c, 2) : rc;
    for (int i = 0; rc == RG_OK && i < rows->nelts; i++) {
        const named_t *n = &APR_ARRAY_IDX(rows, i, named_t);
        rg_once_keys_t once = rg_once_keys(ctx->pool, n->service_id, &n->keys);
        rc = rg_sql_exec(db, ctx, SET_ONCE,
                         RG_IN(RG_B(once.email, 32), RG_B(once.phone, 32), RG_I(n->id)), NULL);
        rc = rc == RG_CONFLICT ? put_behind(db, ctx, n, &once) : rc;
    }
    *count = rows->nelts;
    return rc;
}
