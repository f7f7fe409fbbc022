/* SPDX-License-Identifier: Apache-2.0 */
/* Problems of a definition on trial, by their place in it. Pure. */
#include <apr_strings.h>

#include "mod_regen/clinic/definitions/service.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

void rg_trial_problem(const rg_trial_t *t, const char *path, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    const char *text = rg_text_vformat(t->ctx->pool, fmt, ap);
    va_end(ap);
    const char *field = apr_pstrcat(t->ctx->pool, t->prefix, path ? path : "code", NULL);
    rg_problem_add(t->ctx->problems, field, "%s", text);
}
