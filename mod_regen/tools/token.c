/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl token: bearer tokens of machines. Only the hash is stored, so a token is shown once. */
#include "regenctl.h"
#include "regen/clinic/identity.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/staff.h"

static int create_token(ctl_t *ctl)
{
    const char *scopes = ctl_option(ctl, "scopes");
    const char *length = ctl_option(ctl, "days");
    int64_t days = 0;
    if (!scopes || !length || !rg_text_i64(&days, length, 1, 3650)) {
        ctl_error("--scopes must be given, and --days must be a number from 1 to 3650.");
        return CTL_USAGE;
    }
    const char *bearer = NULL;
    rg_outcome_t rc = rg_token_create(&bearer, ctl->ctx, ctl->args[0], scopes, (int)days);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "No token was created");
    }
    ctl_say("%s", bearer);
    return CTL_DONE;
}

static int revoke_token(ctl_t *ctl)
{
    rg_outcome_t rc = rg_token_revoke(ctl->ctx, ctl->args[0]);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was revoked");
    }
    ctl_say("%s is revoked.", ctl->args[0]);
    return CTL_DONE;
}

static const char *token_state(apr_pool_t *p, const rg_token_row_t *t, apr_time_t now)
{
    if (t->revoked_at) {
        return "revoked";
    }
    if (!t->expires_at) {
        return "no expiry";
    }
    return t->expires_at <= now ? "expired" : rg_time_instant(p, t->expires_at);
}

static int list_tokens(ctl_t *ctl)
{
    int count = 0;
    rg_token_row_t *rows = NULL;
    rg_outcome_t rc = rg_token_list(&rows, &count, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "list");
    }
    for (int i = 0; i < count; i++) {
        ctl_say("%-24s %-24s %s", rows[i].name, token_state(ctl->pool, &rows[i], ctl->ctx->now),
                rows[i].scopes);
    }
    return CTL_DONE;
}

static const apr_getopt_option_t CREATE[] = {
    {"scopes", 's', 1, "SMART scopes, separated by spaces: 'system/Claim.read'"},
    {"days", 'd', 1, "how many days it is valid"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_token_commands[] = {
    {"token create", "NAME --scopes SCOPES --days N",
     "prints a new bearer token, once. Scopes are SMART's, such as 'system/Appointment.cruds "
     "system/Slot.rs':\n"
     "      system/ and a type (Appointment, Claim, Device, HealthcareService, Location, Patient, "
     "Practitioner,\n"
     "      PractitionerRole, Schedule, Slot, or * for all), a dot, and letters: r reads one, s "
     "searches,\n"
     "      c holds and books, u moves and cancels; .read is .rs, .write is .cud, .* is all.\n"
     "      Appointments and patients are those of bookings made with it; regen/all adds "
     "everybody's",
     1, 1, CREATE, create_token, false},
    {"token revoke", "NAME", "ends all tokens of that name at once", 1, 1, NULL, revoke_token,
     false},
    {"token list", "", "lists name, expiry and scopes of each token; never the tokens", 0, 0, NULL,
     list_tokens, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
