/* SPDX-License-Identifier: Apache-2.0 */
#include "tell.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

void rg_tell(rg_problems_t *ps, unsigned roles, const char *field, const char *to_patient,
             const char *to_staff, ...)
{
    va_list ap;
    if (!ps) {
        return;
    }
    va_start(ap, to_staff);
    const char *text =
        rg_text_vformat(ps->pool, (roles & RG_ROLE_STAFF) != 0 ? to_staff : to_patient, ap);
    va_end(ap);
    rg_problem_add(ps, field, "%s", text);
}
