/* SPDX-License-Identifier: Apache-2.0 */
/* Texts against their digests: what was signed, and the forms that were published. */
#include "mod_regen/store/engine/row.h"
#include "mod_regen/store/evidence/verify.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/store/store.h"

#include <inttypes.h>
#include <string.h>

typedef struct {
    int64_t id;
    const char *text;
    unsigned char sha256[32];
} text_t;

#define SIGNED_ROW(FIRST, COL)                                                                     \
    FIRST(I64, id, "c.id")                                                                         \
    COL(STR, text, "c.text")                                                                       \
    COL(HASH, sha256, "c.text_sha256")
/* The texts of forms and of questionnaires. */
#define FORM_ROW(FIRST, COL)                                                                       \
    FIRST(I64, id, "v.id")                                                                         \
    COL(STR, text, "v.body")                                                                       \
    COL(HASH, sha256, "v.sha256")
RG_ROW(signed_row, text_t, SIGNED_ROW);
RG_ROW(form_row, text_t, FORM_ROW);
RG_SQL(SIGNED, "SELECT " RG_COLUMNS(SIGNED_ROW) " FROM consent c ORDER BY c.id");
RG_SQL(FORMS, "SELECT " RG_COLUMNS(FORM_ROW) " FROM form_version v ORDER BY v.id");
RG_SQL(QUESTIONNAIRES,
       "SELECT " RG_COLUMNS(FORM_ROW) " FROM questionnaire_version v ORDER BY v.id");

typedef enum { CONSENT_TEXT, FORM_TEXT, QUESTIONNAIRE_TEXT } whose_t;
static const struct {
    const char *sql, *name;
} TEXTS[] = {[CONSENT_TEXT] = {SIGNED, "Consent"},
             [FORM_TEXT] = {FORMS, "Form version"},
             [QUESTIONNAIRE_TEXT] = {QUESTIONNAIRES, "Questionnaire version"}};

static bool fits(const text_t *t)
{
    unsigned char sha256[32];
    rg_crypto_sha256(sha256, t->text, strlen(t->text));
    return rg_crypto_equal(sha256, t->sha256, sizeof(sha256));
}

static rg_outcome_t check_texts(rg_db_t *db, const rg_ctx_t *ctx, rg_verify_t *v, whose_t whose)
{
    text_t t;
    apr_pool_t *row_pool;
    rg_cur_t *c;
    apr_pool_create(&row_pool, ctx->pool);
    rg_outcome_t rc = rg_sql_stream(db, ctx, &c, row_pool, TEXTS[whose].sql, RG_IN_NONE);
    while (rc == RG_OK &&
           (whose == CONSENT_TEXT ? rg_cur_row(c, signed_row, &t) : rg_cur_row(c, form_row, &t))) {
        if (!fits(&t)) {
            rg_verify_fault(v, "%s %" PRId64 ": the text is not the one of its SHA-256.",
                            TEXTS[whose].name, t.id);
        }
        v->forms += whose == FORM_TEXT;
        v->consents += whose == CONSENT_TEXT;
        apr_pool_clear(row_pool);
    }
    rc = rc == RG_OK ? rg_cur_end(c) : rc;
    apr_pool_destroy(row_pool);
    return rc;
}

rg_outcome_t rg_verify_texts(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    RG_TRY(check_texts(db, ctx, baton, CONSENT_TEXT));
    RG_TRY(check_texts(db, ctx, baton, FORM_TEXT));
    return check_texts(db, ctx, baton, QUESTIONNAIRE_TEXT);
}
