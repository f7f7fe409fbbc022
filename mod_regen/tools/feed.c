/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl feed: private calendar feeds of practitioners, rooms and devices. Only the hash of a
 * token is stored, so an address is shown once. */
#include "regenctl.h"
#include "regen/clinic/definitions.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/feed.h"

static int add_feed(ctl_t *ctl)
{
    const char *token = NULL;
    rg_outcome_t rc = rg_feed_add(&token, ctl->ctx, ctl->args[0], ctl_option(ctl, "name"));
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "No feed was created");
    }
    const char *base = ctl_public_base(ctl);
    if (!base) {
        ctl_error("The public address of the clinic is not known (public-base): put it in front.");
    }
    ctl_say("%s/feeds/%s.ics", base ? base : "", token);
    return CTL_DONE;
}

static int list_feeds(ctl_t *ctl)
{
    int count = 0;
    rg_feed_row_t *rows = NULL;
    rg_outcome_t rc = rg_feed_list(&rows, &count, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "list");
    }
    for (int i = 0; i < count; i++) {
        ctl_say("%-6" APR_INT64_T_FMT " %-24s %-22s %-8s %s", rows[i].id, rows[i].resource_code,
                rg_time_instant(ctl->pool, rows[i].created_at),
                rows[i].revoked_at ? "revoked" : "live", rows[i].name);
    }
    return CTL_DONE;
}

static int revoke_feed(ctl_t *ctl)
{
    int64_t id;
    if (!rg_text_i64(&id, ctl->args[0], 1, INT64_MAX)) {
        ctl_error("Name the feed by its number; `regenctl feed list` shows it.");
        return CTL_USAGE;
    }
    rg_outcome_t rc = rg_feed_revoke(ctl->ctx, id);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was revoked");
    }
    ctl_say("%s is revoked.", ctl->args[0]);
    return CTL_DONE;
}

static const apr_getopt_option_t ADD[] = {
    {"name", 'n', 1, "the phone or program that will read it"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_feed_commands[] = {
    {"feed add", "RESOURCE [--name NAME]",
     "creates a calendar feed of a practitioner, room or device, and prints its address once", 1, 1,
     ADD, add_feed, false},
    {"feed list", "",
     "lists number, resource, creation date and name of each feed; never the addresses", 0, 0, NULL,
     list_feeds, false},
    {"feed revoke", "NUMBER", "ends the feed at once", 1, 1, NULL, revoke_feed, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
