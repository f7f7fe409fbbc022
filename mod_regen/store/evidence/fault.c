/* SPDX-License-Identifier: Apache-2.0 */
/* What every file that verifies needs: saying a fault, and finding a key. */
#include "mod_regen/store/evidence/verify.h"
#include "regen/core/ctx.h"
#include "regen/core/keys.h"
#include "regen/core/policy.h"
#include "regen/store/evidence.h"

#include <stdarg.h>

#include <apr_strings.h>

void rg_verify_fault(rg_verify_t *v, const char *fmt, ...)
{
    char line[600];
    va_list ap;
    va_start(ap, fmt);
    apr_vsnprintf(line, sizeof(line), fmt, ap);
    va_end(ap);
    v->faults++;
    v->say(v->baton, line);
}

const rg_key_t *rg_verify_key(const rg_verify_t *v, const rg_ctx_t *ctx, uint32_t id)
{
    const rg_key_t *key = rg_keys_find(ctx->policy->keys, id);
    return key ? key : rg_keys_find(v->earlier, id);
}
