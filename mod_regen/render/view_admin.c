/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the administrators: closures and what they hit, people, rooms and devices with their
 * hours. Called by web/admin_*.c. */
#include "regen/render.h"

#include <string.h>

#include <apr_strings.h>

const char *rg_view_conflict(rg_conflict_kind_t kind)
{
    switch (kind) {
    case RG_CONFLICT_CLOSED: return "is closed then.";
    case RG_CONFLICT_HOURS: return "does not open then any more.";
    case RG_CONFLICT_INACTIVE: return "is not there any more.";
    case RG_CONFLICT_CAPABILITY: return "cannot do what is booked any more.";
    }
    return "";
}
