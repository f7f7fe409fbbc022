/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl names, and the public address of the clinic: from the settings, or as last reported by
 * httpd. */
#include "regenctl.h"

#include <string.h>

#include <apr_strings.h>
#include "regen/clinic/definitions.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"

const char *ctl_public_base(ctl_t *ctl)
{
    rg_whereabouts_t a;
    const char *said = ctl->conf.public_base;
    size_t n = said ? strlen(said) : 0;
    if (said) {
        return apr_pstrmemdup(ctl->pool, said, n > 0 && said[n - 1] == '/' ? n - 1 : n);
    }
    return rg_address_read(&a, ctl->ctx) == RG_OK && a.base_count == 1 ? a.bases[0].base : NULL;
}

const char *ctl_fhir_base(ctl_t *ctl)
{
    const char *pages = ctl->conf.fhir_base ? NULL : ctl_public_base(ctl);
    return pages ? apr_pstrcat(ctl->pool, pages, "/fhir", NULL) : ctl->conf.fhir_base;
}

rg_outcome_t ctl_check_address(ctl_t *ctl, int *faults)
{
    rg_whereabouts_t a;
    bool said = false;
    rg_outcome_t rc = rg_address_read(&a, ctl->ctx);
    const char *mine = rc == RG_OK && ctl->conf.public_base ? ctl_public_base(ctl) : NULL;
    for (int i = 0; rc == RG_OK && i < a.base_count; i++) {
        ctl_say("httpd reports the clinic at %s (last reported %s).", a.bases[i].base,
                rg_time_instant(ctl->pool, a.bases[i].seen_at));
        said = said || (mine && strcmp(mine, a.bases[i].base) == 0);
    }
    if (rc == RG_OK && mine && a.base_count > 0 && !said) {
        ctl_say("public-base in the settings is %s, but no httpd reports it: RegenPublicBase or "
                "public-base is wrong.",
                mine);
        ++*faults;
    }
    return rc;
}

static int show_names(ctl_t *ctl)
{
    rg_whereabouts_t a;
    rg_outcome_t rc = rg_address_read(&a, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "names show");
    }
    if (!a.names) {
        ctl_say("None yet: httpd's first sweep or the first claim writes them.");
        return CTL_DONE;
    }
    ctl_say("%s", a.names);
    return CTL_DONE;
}

static int set_names(ctl_t *ctl)
{
    rg_outcome_t rc = rg_names_set(ctl->ctx, ctl->args[0]);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was changed");
    }
    ctl_say("%s is used from now on; what was sent before keeps its URIs.", ctl->args[0]);
    return CTL_DONE;
}

const ctl_command_t ctl_address_commands[] = {
    {"names show", "", "the URI under which the clinic's own identifiers and codes are named", 0, 0,
     NULL, show_names, false},
    {"names set", "URI", "changes that URI; payers and API clients must be told", 1, 1, NULL,
     set_names, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
