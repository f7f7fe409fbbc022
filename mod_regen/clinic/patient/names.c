/* SPDX-License-Identifier: Apache-2.0 */
/* Small helpers about people: the owner of a record, whether a part of the body has two sides. */
#include "mod_regen/clinic/access.h"
#include "people.h"
#include "regen/core/ctx.h"

#include <string.h>

bool rg_people_may(const rg_ctx_t *ctx, int64_t booking_id)
{
    bool own = (rg_is_patient(ctx) || rg_is_tablet(ctx)) && ctx->who.booking_id == booking_id;
    return booking_id > 0 && (own || rg_is_staff(ctx));
}

bool rg_body_site_sided(const char *body_site)
{
    static const char *const middle[] = {
        "spine",      "cervical-spine", "thoracic-spine", "lumbar-spine", "neck",    "back",
        "lower-back", "sacrum",         "coccyx",         "pelvis",       "sternum", NULL};
    for (int i = 0; middle[i]; i++) {
        if (strcmp(middle[i], body_site) == 0) {
            return false;
        }
    }
    return true;
}
