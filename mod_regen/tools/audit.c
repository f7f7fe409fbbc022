/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl audit: whether the audit log, what was signed and the rules of the database are what
 * they were; and anchors for keeping elsewhere. */
#include "regenctl.h"
#include "regen/core/keys.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/store/evidence.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_tables.h>

static void say_line(void *baton, const char *line)
{
    (void)baton;
    ctl_say("%s", line);
}

/* --- anchors that were kept ------------------------------------------------------------------- */

static bool parse_hex(unsigned char *out, size_t n, const char *hex)
{
    static const char digits[] = "0123456789abcdef";
    if (strlen(hex) != 2 * n || strspn(hex, digits) != 2 * n) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        out[i] = (unsigned char)((strchr(digits, hex[2 * i]) - digits) << 4 |
                                 (strchr(digits, hex[2 * i + 1]) - digits));
    }
    return true;
}

/* "1 1796137200 12 0a1b2c3d MAC", in the order of their numbers. */
static bool parse_anchor(rg_anchor_kept_t *out, char *line)
{
    char *rest = NULL;
    char *mac = strrchr(line, ' ');
    const char *seq = apr_strtok(line, " ", &rest);
    return mac && seq && rg_text_i64(&out->seq, seq, 1, INT64_MAX) &&
           parse_hex(out->mac, sizeof(out->mac), mac + 1);
}

static bool read_anchors(rg_verify_t *v, ctl_t *ctl, const char *path)
{
    char line[200];
    FILE *f = fopen(path, "r");
    apr_array_header_t *list = apr_array_make(ctl->pool, 64, sizeof(rg_anchor_kept_t));
    bool ok = f != NULL;
    while (ok && fgets(line, sizeof(line), f)) {
        line[strcspn(line, "\r\n")] = '\0';
        rg_anchor_kept_t *kept = apr_array_push(list);
        ok = parse_anchor(kept, line);
    }
    if (f) {
        fclose(f);
    }
    v->kept = (const rg_anchor_kept_t *)list->elts;
    v->kept_count = list->nelts;
    if (!ok) {
        ctl_error("%s is not a file of anchors as `regenctl audit export` prints them.", path);
    }
    return ok;
}

static bool read_earlier(rg_verify_t *v, ctl_t *ctl, const char *path)
{
    rg_keys_t *keys = NULL;
    const char *why = rg_keys_read(&keys, ctl->pool, path);
    v->earlier = keys;
    if (why) {
        ctl_error("%s.", why);
    }
    return !why;
}

/* --- commands --------------------------------------------------------------------------------- */

static int verify(ctl_t *ctl)
{
    rg_verify_t v = {
        .dir = ctl->count > 0 ? ctl->args[0] : NULL, .conf = &ctl->conf.db, .say = say_line};
    const char *anchors = ctl_option(ctl, "anchors");
    const char *earlier = ctl_option(ctl, "earlier");
    if (!ctl->policy->keys) {
        ctl_error("Set secret-file: without the installation's secret nothing can be verified.");
        return CTL_USAGE;
    }
    if ((anchors && !read_anchors(&v, ctl, anchors)) ||
        (earlier && !read_earlier(&v, ctl, earlier))) {
        return CTL_USAGE;
    }
    rg_outcome_t rc = rg_store_verify(&v, ctl->ctx);
    ctl_say("%" PRId64 " events in %" PRId64 " chains, %" PRId64 " from before there were chains, "
            "%" PRId64 " anchors, %" PRId64 " consents, %" PRId64
            " form versions, %d columns, keys, "
            "checks, triggers and views; %d faults",
            v.events, v.chains, v.unchained, v.anchors, v.consents, v.forms, v.objects, v.faults);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Not everything was verified");
    }
    return v.faults > 0 ? CTL_FAILED : CTL_DONE;
}

static int export_anchors(ctl_t *ctl)
{
    return ctl_result(ctl, rg_store_anchors_print(ctl->ctx, say_line, NULL), "export");
}

static int make_anchor(ctl_t *ctl)
{
    bool made = false;
    rg_outcome_t rc = rg_store_anchor(&made, ctl->ctx, 0);
    if (rc == RG_PRECONDITION) {
        ctl_error("Set secret-file: without the installation's secret nothing can be signed.");
        return CTL_USAGE;
    }
    if (rc == RG_OK) {
        ctl_say(made ? "An anchor is made." : "Nothing happened since the last anchor.");
    }
    return ctl_result(ctl, rc, "No anchor is made");
}

static const apr_getopt_option_t VERIFY[] = {
    {"anchors", 'a', 1, "anchors that were kept elsewhere"},
    {"earlier", 'e', 1, "a secret that is no longer in use"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_audit_commands[] = {
    {"audit verify", "[DIR] [--anchors FILE] [--earlier FILE]",
     "verifies the audit log, consents and forms, and the rules of the database against the files "
     "of "
     "DIR;\n      one line for each fault",
     0, 1, VERIFY, verify, false},
    {"audit export", "", "prints all anchors of the audit log, for keeping elsewhere", 0, 0, NULL,
     export_anchors, false},
    {"audit anchor", "", "makes an anchor now, for instance before a backup", 0, 0, NULL,
     make_anchor, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
