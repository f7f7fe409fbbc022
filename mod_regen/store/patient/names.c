/* SPDX-License-Identifier: Apache-2.0 */
/* The search keys of people: made with every row, and by regenctl for rows that have none. */
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

/* What keys are made of. */
typedef struct {
    int64_t id, service_id; /* service 0: a patient */
    const char *family, *given, *email, *phone;
} named_row_t;

#define NAMED_ROW(FIRST, COL)                                                                      \
    FIRST(I64, id, "id")                                                                           \
    COL(STR, family, "family")                                                                     \
    COL(STR, given, "given")                                                                       \
    COL(STR, email, "email")                                                                       \
    COL(STR, phone, "phone")
RG_ROW(named_row, named_row_t, NAMED_ROW);
RG_SQL(WITHOUT,
       "SELECT " RG_COLUMNS(NAMED_ROW)
       " FROM patient"
       " WHERE family_key IS NULL AND id > ?"
       " ORDER BY id"
       " LIMIT ?");
RG_SQL(ALL,
       "SELECT " RG_COLUMNS(NAMED_ROW)
       " FROM patient"
       " WHERE id > ?"
       " ORDER BY id"
       " LIMIT ?");
/* Not a change for readers (sql/0023_names.sql). */
RG_SQL(SET_KEYS,
       "UPDATE patient"
       " SET family_key = ?, given_key = ?, email_key = ?, phone_key = ?, changed_at = -1"
       " WHERE id = ?");

#define WAITING_ROW(FIRST, COL)                                                                    \
    FIRST(I64, id, "id")                                                                           \
    COL(I64, service_id, "service_id")                                                             \
    COL(STR, family, "family")                                                                     \
    COL(STR, given, "given")                                                                       \
    COL(STR, email, "email")                                                                       \
    COL(STR, phone, "phone")
RG_ROW(waiting_row, named_row_t, WAITING_ROW);
RG_SQL(WAITING,
       "SELECT " RG_COLUMNS(WAITING_ROW)
       " FROM waitlist"
       " WHERE once_email IS NOT NULL OR once_phone IS NOT NULL"
       " ORDER BY id");
RG_SQL(SET_ONCE, "UPDATE waitlist SET once_email = ?, once_phone = ? WHERE id = ?");
RG_SQL(BEFORE,
       "SELECT id"
       " FROM waitlist"
       " WHERE (once_email = ? OR once_phone = ?) AND id <> ?"
       " ORDER BY id"
       " LIMIT 1");
RG_SQL(SET_BEHIND,
       "UPDATE waitlist"
       " SET once_email = NULL, once_phone = NULL, behind = ?"
       " WHERE id = ?");

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

static rg_name_keys_t keys_of_row(const rg_ctx_t *ctx, const named_row_t *n)
{
    return rg_name_keys(ctx->pool, n->family, n->given, n->email, n->phone);
}

rg_outcome_t rg_names_fill(rg_db_t *db, const rg_ctx_t *ctx, bool all, int64_t *after, int *count)
{
    named_row_t *rows;
    rg_outcome_t rc = rg_sql_list(db, ctx, &rows, count, named_row, all ? ALL : WITHOUT,
                                  RG_IN(RG_I(*after), RG_I(BITE)));
    for (int i = 0; rc == RG_OK && i < *count; i++) {
        const rg_name_keys_t keys = keys_of_row(ctx, &rows[i]);
        rc = rg_sql_exec(db, ctx, SET_KEYS,
                         RG_IN(RG_S(keys.family), RG_S(keys.given), RG_S(keys.email),
                               RG_S(keys.phone), RG_I(rows[i].id)),
                         NULL);
        *after = rows[i].id;
    }
    return rc;
}

rg_outcome_t rg_names_fill_places(rg_db_t *db, const rg_ctx_t *ctx, bool all, int64_t *after,
                                  int *count)
{
    RG_SQL(NEXT,
           "SELECT " RG_COLUMNS(NAMED_ROW)
           " FROM waitlist"
           " WHERE (? OR family_key IS NULL) AND id > ?"
           " ORDER BY id"
           " LIMIT ?");
    RG_SQL(SET, "UPDATE waitlist SET family_key = ?, given_key = ? WHERE id = ?");
    named_row_t *rows;
    rg_outcome_t rc = rg_sql_list(db, ctx, &rows, count, named_row, NEXT,
                                  RG_IN(RG_I(all ? 1 : 0), RG_I(*after), RG_I(BITE)));
    for (int i = 0; rc == RG_OK && i < *count; i++) {
        const rg_name_keys_t keys = keys_of_row(ctx, &rows[i]);
        rc = rg_sql_exec(db, ctx, SET, RG_IN(RG_S(keys.family), RG_S(keys.given), RG_I(rows[i].id)),
                         NULL);
        *after = rows[i].id;
    }
    return rc;
}

/* The earlier entry takes precedence. */
static rg_outcome_t put_behind(rg_db_t *db, const rg_ctx_t *ctx, const named_row_t *n,
                               const rg_once_keys_t *once)
{
    int64_t before = 0;
    RG_TRY(rg_sql_number(db, ctx, &before, BEFORE,
                         RG_IN(RG_B(once->email, 32), RG_B(once->phone, 32), RG_I(n->id))));
    return rg_sql_exec(db, ctx, SET_BEHIND, RG_IN(RG_I(before), RG_I(n->id)), NULL);
}

rg_outcome_t rg_names_fill_waitlist(rg_db_t *db, const rg_ctx_t *ctx, int *count)
{
    named_row_t *rows;
    rg_outcome_t rc = rg_sql_list(db, ctx, &rows, count, waiting_row, WAITING, RG_IN_NONE);
    for (int i = 0; rc == RG_OK && i < *count; i++) {
        const named_row_t *n = &rows[i];
        const rg_name_keys_t keys = keys_of_row(ctx, n);
        rg_once_keys_t once = rg_once_keys(ctx->pool, n->service_id, &keys);
        rc = rg_sql_exec(db, ctx, SET_ONCE,
                         RG_IN(RG_B(once.email, 32), RG_B(once.phone, 32), RG_I(n->id)), NULL);
        rc = rc == RG_CONFLICT ? put_behind(db, ctx, n, &once) : rc;
    }
    return rc;
}
