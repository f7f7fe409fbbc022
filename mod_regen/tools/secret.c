/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl secret: the file of the installation's keys. Needs no database and never prints a key.
 */
#include "regenctl.h"
#include "regen/core/crypto.h"
#include "regen/core/keys.h"
#include "regen/core/text.h"

#include <unistd.h>

enum { EARLIER = 3 };

static int refused(const char *why)
{
    ctl_error("%s", why);
    return CTL_FAILED;
}

/* httpd reads it before it gives up its rights. */
static void tell_owner(const char *path)
{
    if (geteuid() != 0) {
        ctl_say("The file belongs to you, but an httpd started by root needs it to belong to root: "
                "chown root %s",
                path);
    }
}

static int make_secret(ctl_t *ctl)
{
    const char *path = ctl->args[0];
    const char *why =
        rg_crypto_init() ? rg_keys_make(ctl->pool, path) : "No random numbers are available.";
    if (why) {
        return refused(why);
    }
    ctl_say("%s is created, readable by its owner only. Name it in httpd's configuration: "
            "RegenSecretFile %s",
            path, path);
    tell_owner(path);
    return CTL_DONE;
}

static int rotate_secret(ctl_t *ctl)
{
    const char *path = ctl->args[0];
    const char *keep = ctl_option(ctl, "keep");
    int64_t earlier = EARLIER;
    int kept = 0;
    if (keep && !rg_text_i64(&earlier, keep, 0, RG_KEYS_MOST - 1)) {
        ctl_error("--keep must be a number from 0 to %d.", RG_KEYS_MOST - 1);
        return CTL_USAGE;
    }
    const char *why = rg_crypto_init() ? rg_keys_rotate(&kept, ctl->pool, path, (int)earlier)
                                       : "No random numbers are available.";
    if (why) {
        return refused(why);
    }
    ctl_say(
        "%s has a new key and %d older ones. The new key is used after the next graceful restart.",
        path, kept);
    tell_owner(path);
    return CTL_DONE;
}

static const apr_getopt_option_t ROTATE[] = {
    {"keep", 'k', 1, "how many older keys stay valid"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_secret_commands[] = {
    {"secret make", "FILE",
     "creates the installation's secret, the file named by RegenSecretFile; an existing file is "
     "not changed",
     1, 1, NULL, make_secret, true},
    {"secret rotate", "FILE [--keep N]",
     "adds a new key and keeps N older ones (3), which stay valid for what was made with them;\n   "
     "   run `apachectl graceful` afterwards",
     1, 1, ROTATE, rotate_secret, true},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
