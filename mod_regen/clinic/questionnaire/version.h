/* SPDX-License-Identifier: Apache-2.0 */
/* Published versions, for this room. */
#ifndef RG_CLINIC_QUEST_VERSION_H
#define RG_CLINIC_QUEST_VERSION_H

#include <stdbool.h>

#include "regen/model/questionnaire.h"

/* Whether its text is the one of its digest. */
bool rg_quest_version_whole(const rg_quest_version_t *v);

#endif
