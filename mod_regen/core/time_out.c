/* SPDX-License-Identifier: Apache-2.0 */
/* The items of a time-out: what is asked before which step, and in which words. Pure. */
#include "regen/core/words.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"

#include <stddef.h>

static const rg_said_wording_t words[] = {
    [RG_SAID_IDENTITY] = {"Patient identified by full name and date of birth",
                          "Patient identified by full name and date of birth", "Patient identity",
                          "Find out who this is before anything else. If it is another patient, "
                          "take back the check-in and check in the right one."},
    [RG_SAID_PROCEDURE] = {"Procedure agreed", "Procedure agreed", "Procedure",
                           "Compare the order, the consent and what the patient expects. If "
                           "another procedure is meant, end this visit early and book that one."},
    [RG_SAID_SITE] = {"Site and side agreed, and marked on the patient",
                      "Site and side agreed, and marked on the patient", "Site and side",
                      "Compare the mark, the consent, the images and the booking. If the booking "
                      "is wrong, end this visit early and book the right side."},
    [RG_SAID_CONSENT] = {"Signed consent in force for this procedure",
                         "Signed consent in force for this procedure", "Consent",
                         "Have the form signed again, or end this visit early."},
    [RG_SAID_LABEL] = {NULL, "Label read aloud: this patient, this product, not expired",
                       "Label of the unit",
                       "Do not use this unit until it is certain whose it is. If it stays "
                       "uncertain, dispose of it and end this visit early."},
    [RG_SAID_ALLERGIES] = {"Allergies and blood thinners asked about",
                           "Allergies and blood thinners asked about",
                           "Allergies and blood thinners",
                           "The practitioner decides whether it can be done today. If not, end "
                           "this visit early."}};
RG_WORDS_ALL(words, RG_SAID_COUNT);

const rg_said_wording_t *rg_said_wording(rg_said_t item)
{
    return &words[item];
}

unsigned rg_said_asked(rg_event_t e, bool with_unit)
{
    unsigned all = (1u << RG_SAID_COUNT) - 1;
    switch (e) {
    case RG_EVENT_HARVEST: return all & ~(1u << RG_SAID_LABEL);
    case RG_EVENT_INJECT: return with_unit ? all : all & ~(1u << RG_SAID_LABEL);
    case RG_EVENT_CHECK_IN:
    case RG_EVENT_PROCESS:
    case RG_EVENT_COMPLETE: break;
    }
    return 0;
}
