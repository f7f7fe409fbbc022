/* SPDX-License-Identifier: Apache-2.0 */
/* What every act with money uses: refusing it in words, its entry, the charge that it is about. */
#include "regen/clinic/definitions.h"
#include "regen/clinic/ledger.h"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/ledger.h"
#include "regen/store/ledger.h"
#include "regen/store/store.h"

#include <stdarg.h>
#include <string.h>

#include "mod_regen/clinic/billing/post.h"

rg_outcome_t rg_post_refuse(const rg_ctx_t *ctx, const char *field, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    rg_problem_add(ctx->problems, field, "%s", rg_text_vformat(ctx->pool, fmt, ap));
    va_end(ap);
    return RG_INVALID;
}

const char *rg_post_amount(const rg_ctx_t *ctx, const rg_post_t *p, int64_t minor)
{
    rg_money_t m = p->entry.amount;
    m.minor = minor;
    return rg_money_display(ctx->pool, m);
}

rg_outcome_t rg_post_entry(rg_db_t *db, const rg_ctx_t *ctx, rg_post_t *p)
{
    unsigned char once[32];
    rg_ledger_entry_t *e = &p->entry;
    if (ctx->idem) {
        memcpy(once, ctx->idem->key, sizeof(once));
    }
    else {
        rg_crypto_sha256(once, e->uid, strlen(e->uid));
    }
    return rg_ledger_entry_add(db, ctx, e, once);
}

rg_outcome_t rg_post_line(const rg_ctx_t *ctx, const rg_post_t *p, rg_ledger_line_t **out)
{
    int64_t id = 0;
    bool number = rg_text_i64(&id, p->in->charge, 1, INT64_MAX);
    for (int i = 0; number && i < p->line_count; i++) {
        if (p->lines[i].charge_id == id &&
            strcmp(p->lines[i].currency, p->entry.amount.currency) == 0) {
            *out = &p->lines[i];
            return RG_OK;
        }
    }
    return rg_post_refuse(ctx, NULL, "Choose the charge.");
}
