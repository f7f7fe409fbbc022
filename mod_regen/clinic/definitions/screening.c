/* SPDX-License-Identifier: Apache-2.0 */
/* Which questionnaires a service may ask before a visit. */
#include "mod_regen/clinic/definitions/service.h"
#include "regen/model/definition.h"

#include <string.h>

#include <apr_strings.h>

void rg_screenings_check(const rg_trial_t *t)
{
    const rg_service_def_t *d = t->def;

    if (d->screening_count > RG_SCREENINGS_MAX) {
        rg_trial_problem(t, "screenings", "Use at most %d of them.", RG_SCREENINGS_MAX);
        return;
    }
    for (int i = 0; i < d->screening_count; i++) {
        const char *code = d->screenings[i].questionnaire;
        const char *path = apr_psprintf(t->ctx->pool, "screenings[%d].questionnaire", i);
        bool known = false;
        for (int k = 0; k < t->quest_count; k++) {
            known = known || strcmp(t->quests[k].code, code) == 0;
        }
        if (!known) {
            rg_trial_problem(t, path, "There is no published questionnaire \"%s\".", code);
        }
        for (int k = 0; k < i; k++) {
            if (strcmp(d->screenings[k].questionnaire, code) == 0) {
                rg_trial_problem(t, path, "Screening %d asks the same questionnaire.", k + 1);
            }
        }
    }
}
