/* SPDX-License-Identifier: Apache-2.0 */
/* The one table of how each outcome is answered: status, FHIR issue type, log level and the words
 * of its page. */
#include "platform.h"
#include "regen/core/outcome.h"

typedef struct {
    regen_words_t words;
    int level;
} row_t;

static const row_t outcomes[RG_OUTCOME_COUNT] = {
    [RG_OK] = {{200, "informational", "Done", ""}, APLOG_DEBUG},
    [RG_INVALID] = {{422, "invalid", "Please check what you entered",
                     "Something in it is missing or not valid. Correct it and send it again."},
                    APLOG_DEBUG},
    [RG_UNAUTHENTICATED] = {{401, "login", "Please log in",
                             "You must be logged in to see this page."},
                            APLOG_DEBUG},
    [RG_FORBIDDEN] = {{403, "forbidden", "You do not have access to this page",
                       "Your login does not have the role for this page. Ask an administrator."},
                      APLOG_INFO},
    [RG_NOT_FOUND] = {{404, "not-found", "Page not found",
                       "There is nothing at this address, or you do not have access to it. Check "
                       "the address, or start again from the home page."},
                      APLOG_DEBUG},
    [RG_CONFLICT] = {{409, "conflict", "Somebody else was faster",
                      "This was taken or changed a moment ago. Your request changed nothing. Go "
                      "back, reload the page and choose again."},
                     APLOG_DEBUG},
    [RG_GONE] = {{410, "expired", "This has expired",
                  "This has expired or was already used. Nothing was changed. Start again from the "
                  "home page."},
                 APLOG_DEBUG},
    [RG_PRECONDITION] = {{409, "business-rule", "Not possible yet",
                          "Something else must be done first. Nothing was changed."},
                         APLOG_DEBUG},
    [RG_TOO_LARGE] = {{413, "too-long", "Too much at once",
                       "What you sent is too large for this page. Send less at once."},
                      APLOG_DEBUG},
    [RG_TOO_MANY] = {{429, "throttled", "Too many held times",
                      "Too many times are being held from your internet connection right now. "
                      "Please try again in a few minutes, or call the clinic."},
                     APLOG_INFO},
    [RG_UNAVAILABLE] = {{503, "transient", "Please try again in a moment",
                         "The clinic's records cannot be reached right now. Nothing is lost. Wait "
                         "half a minute, then reload this page."},
                        APLOG_INFO /* the store says why, and not at every request */},
    [RG_INTERNAL] = {{500, "exception", "Something went wrong on our side",
                      "The problem was recorded. Please try again, or call the clinic."},
                     APLOG_ERR}};

static const regen_words_t refusals[] = {
    {400, "invalid", "This request cannot be read",
     "The address or the form was damaged in transit. Go back, reload the page and send it again."},
    {404, "not-found", "Page not found",
     "There is nothing at this address. Check it, or start again from the home page."},
    {405, "not-supported", "Not possible here",
     "This address does not accept this kind of request."},
    {406, "not-supported", "Format not available",
     "This address answers in application/fhir+xml or application/fhir+json."},
    {408, "timeout", "The request took too long",
     "The request did not arrive in time. Please send it again."},
    {413, "too-long", "Too much at once",
     "What you sent is too large for this page. Send less at once."},
    {415, "not-supported", "Content type not accepted",
     "This address does not accept the format of the request."},
};

static const regen_words_t fault_of_staff = {
    500, "exception", "Something went wrong on the server",
    "The problem is in the server's log. Please try again. If it happens again, tell the system "
    "administrator what you did and when."};

const regen_words_t *regen_outcome_words(rg_outcome_t o, bool staff)
{
    if (staff && (o == RG_INTERNAL || (unsigned)o >= RG_OUTCOME_COUNT)) {
        return &fault_of_staff;
    }
    return &outcomes[(unsigned)o < RG_OUTCOME_COUNT ? o : RG_INTERNAL].words;
}

int regen_outcome_level(rg_outcome_t o)
{
    return outcomes[(unsigned)o < RG_OUTCOME_COUNT ? o : RG_INTERNAL].level;
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
