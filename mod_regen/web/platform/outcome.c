/* SPDX-License-Identifier: Apache-2.0 */
/* The one place that says how each outcome looks from outside: status, FHIR issue type, log level
 * and the words of its page. */
#include "platform.h"
#include "regen/core/outcome.h"

typedef struct {
    regen_words_t words;
    int level;
} row_t;

static const row_t outcomes[RG_OUTCOME_COUNT] = {
    [RG_OK] = {{200, "informational", "Done", ""}, APLOG_DEBUG},
    [RG_INVALID] = {{422, "invalid", "Something needs another look",
                     "What was sent cannot be used as it is."},
                    APLOG_DEBUG},
    [RG_UNAUTHENTICATED] = {{401, "login", "Please log in",
                             "This page is for people who are logged in."},
                            APLOG_DEBUG},
    [RG_FORBIDDEN] = {{403, "forbidden", "Not for this login",
                       "You are logged in, but this page needs another role. Ask an "
                       "administrator."},
                      APLOG_INFO},
    [RG_NOT_FOUND] = {{404, "not-found", "Page not found",
                       "There is nothing at this address, or it is not yours to see. Check the "
                       "address, or start again from the first page."},
                      APLOG_DEBUG},
    [RG_CONFLICT] =
        {{409, "conflict", "Somebody was quicker",
          "This was taken or changed a moment ago. Nothing was changed by your request. "
          "Go back, reload the page and choose again."},
         APLOG_DEBUG},
    [RG_GONE] =
        {{410, "expired", "Too late for this",
          "This has expired or was used before. Nothing was changed. You can start again from "
          "the first page."},
         APLOG_DEBUG},
    [RG_PRECONDITION] = {{409, "business-rule", "Not possible yet",
                          "Something else has to be done first. Nothing was changed."},
                         APLOG_DEBUG},
    [RG_TOO_LARGE] = {{413, "too-long", "Too much at once",
                       "What was sent is larger than this page takes."},
                      APLOG_DEBUG},
    [RG_TOO_MANY] =
        {{429, "throttled", "Too many at once",
          "Others at your internet connection keep many times right now. Please try again in a few "
          "minutes, or call the clinic."},
         APLOG_INFO},
    [RG_UNAVAILABLE] =
        {{503, "transient", "Please try again in a moment",
          "The clinic's records cannot be reached right now. Nothing is lost: wait half "
          "a minute, then reload this page."},
         APLOG_INFO /* the store says why, and not at every request */},
    [RG_INTERNAL] = {{500, "exception", "Something went wrong on our side",
                      "It is noted and will be looked at. Please try again, or call the clinic."},
                     APLOG_ERR}};

static const regen_words_t refusals[] = {
    {400, "invalid", "This request cannot be read",
     "The address or the form was damaged on its way. Go back, reload the page and send it again."},
    {404, "not-found", "Page not found",
     "There is nothing at this address. Check it, or start again from the first page."},
    {405, "not-supported", "Not possible here", "This address does not take that kind of request."},
    {406, "not-supported", "No such format",
     "This address answers as application/fhir+xml or application/fhir+json."},
    {408, "timeout", "It took too long",
     "What was sent did not arrive in time. Please send it again."},
    {413, "too-long", "Too much at once", "What was sent is larger than this page takes."},
    {415, "not-supported", "Wrong kind of content",
     "What was sent is not in a format that this address takes."},
};

static const regen_words_t fault_of_staff = {
    500, "exception", "Something went wrong in the system",
    "It is in the server's log. Please try again. If it happens again, tell the person who looks "
    "after the system what you did, and when."};

const regen_words_t *regen_outcome_words(rg_outcome_t o, bool staff)
{
    if (staff && (o == RG_INTERNAL || o >= RG_OUTCOME_COUNT)) {
        return &fault_of_staff;
    }
    return &outcomes[o < RG_OUTCOME_COUNT ? o : RG_INTERNAL].words;
}

int regen_outcome_level(rg_outcome_t o)
{
    return outcomes[o < RG_OUTCOME_COUNT ? o : RG_INTERNAL].level;
}

const regen_words_t *regen_status_words(int status)
{
    apr_size_t i;
    for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
        if (refusals[i].status == status) {
            return &refusals[i];
        }
    }
    return status >= 500 ? &outcomes[RG_INTERNAL].words : &refusals[0];
}
