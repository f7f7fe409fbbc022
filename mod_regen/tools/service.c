/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl service: export and import of services as a file. */
#include "regenctl.h"

#include <stdio.h>

#include <apr_strings.h>
#include "regen/model/fees.h"
#include "regen/core/time.h"
#include "regen/core/text.h"
#include "regen/core/money.h"
#include "regen/clinic/fees.h"
#include "regen/clinic/definitions.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/model/definition.h"
#include "regen/render/message.h"
#include "service_read.h"

#define FILE_MAX_BYTES (4 * 1024 * 1024)

/* --- export ----------------------------------------------------------------------------------- */

static int print(ctl_t *ctl, const rg_service_def_t *defs, int count)
{
    rg_buf_t *out = rg_buf_make(ctl->pool, FILE_MAX_BYTES);
    if (rg_services_json(out, defs, count) != RG_OK) {
        ctl_error("The definitions are too large for one file. Export the services one by one.");
        return CTL_FAILED;
    }
    return fwrite(out->data, 1, out->len, stdout) == out->len ? CTL_DONE : CTL_FAILED;
}

static int export_services(ctl_t *ctl)
{
    bool all = ctl_option(ctl, "all") != NULL;
    rg_service_def_t *defs;
    int count = 1;
    if (all != (ctl->count == 0)) {
        ctl_error("Name one service, or use --all.");
        return CTL_USAGE;
    }
    rg_outcome_t rc = all ? rg_service_defs(&defs, &count, ctl->ctx)
                          : rg_service_def_get(&defs, ctl->ctx, ctl->args[0]);
    return rc == RG_OK ? print(ctl, defs, count) : ctl_result(ctl, rc, "Nothing was exported");
}

/* --- import ----------------------------------------------------------------------------------- */

static int import_services(ctl_t *ctl)
{
    rg_service_def_t *defs = NULL;
    rg_service_saved_t saved;
    int count = 0;
    const rg_buf_t *bytes = ctl_read_file(ctl->pool, ctl->args[0], FILE_MAX_BYTES);
    if (!bytes) {
        return CTL_USAGE;
    }
    rg_outcome_t rc =
        ctl_services_read(&defs, &count, ctl->pool, bytes->data, bytes->len, ctl->ctx->problems);
    if (rc == RG_OK) {
        rg_service_save_in_t in = {.count = count, .defs = defs, .is_file = true};
        rc = rg_service_save(&saved, ctl->ctx, &in);
    }
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was imported");
    }
    ctl_say("%d services added, %d changed, %d unchanged.", saved.added, saved.changed, saved.same);
    return CTL_DONE;
}

static const apr_getopt_option_t EXPORT[] = {
    {"all", 'a', 0, "every service"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_service_commands[] = {
    {"service export", "CODE or --all", "prints services as JSON, with all their parts", 0, 1,
     EXPORT, export_services, false},
    {"service import", "FILE",
     "stores the services of such a file, all or none; reports every mistake with its path", 1, 1,
     NULL, import_services, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};

/* --- fee schedules, likewise as files --------------------------------------------------------- */

static int add_schedule(ctl_t *ctl)
{
    const char *payer = ctl_option(ctl, "payer");
    const char *site = ctl_option(ctl, "site");
    const rg_fee_schedule_in_t in = {ctl->args[0], ctl->args[1], payer ? payer : "",
                                     site ? site : ""};
    rg_outcome_t rc = rg_fees_schedule_add(ctl->ctx, &in);
    if (rc == RG_OK) {
        ctl_say("The fee schedule %s is added. Give it lines with `regenctl fees import`.",
                in.code);
    }
    return ctl_result(ctl, rc, "Nothing was added");
}

static int no_schedule(const char *code)
{
    ctl_error("There is no fee schedule %s. `regenctl fees add` makes one.", code);
    return CTL_FAILED;
}

static const char *price_text(ctl_t *ctl, bool there, rg_money_t m)
{
    return there ? rg_money_display(ctl->pool, m) : "no price";
}

static int run_import(ctl_t *ctl, bool keep)
{
    rg_fees_imported_t got;
    const rg_buf_t *bytes = ctl_read_file(ctl->pool, ctl->args[1], RG_FEE_FILE_MOST);
    if (!bytes) {
        return CTL_USAGE;
    }
    const rg_fees_import_in_t in = {ctl->args[0], bytes->data, bytes->len, keep,
                                    ctl_option(ctl, "from")};
    rg_outcome_t rc = rg_fees_import(&got, ctl->ctx, &in);
    if (rc == RG_NOT_FOUND) {
        return no_schedule(in.schedule);
    }
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, keep ? "Nothing was imported" : ctl->args[1]);
    }
    for (int i = 0; i < got.change_count; i++) {
        const rg_fee_change_t *c = &got.changes[i];
        ctl_say("%-24s %s -> %s", c->service_code, price_text(ctl, c->was_there, c->was),
                price_text(ctl, c->is_there, c->is));
    }
    if (got.same) {
        ctl_say("%d lines, the same as in force%s.", got.entry_count,
                keep ? "; nothing was imported" : "");
    }
    else if (keep) {
        ctl_say("%d lines are version %d%s.", got.entry_count, (int)got.version,
                in.from ? apr_psprintf(ctl->pool, ", published from %s", in.from)
                        : ", a draft: publish it on the page of fees, or import with --from");
    }
    else {
        ctl_say("%d lines. They can be imported.", got.entry_count);
    }
    return CTL_DONE;
}

static int check_fees(ctl_t *ctl)
{
    return run_import(ctl, false);
}

static int import_fees(ctl_t *ctl)
{
    return run_import(ctl, true);
}

static int export_fees(ctl_t *ctl)
{
    rg_fee_page_t f;
    const char *number = ctl_option(ctl, "version");
    int64_t version = 0;
    if (number && !rg_text_i64(&version, number, 1, INT32_MAX)) {
        ctl_error("--version is a number from 1.");
        return CTL_USAGE;
    }
    rg_buf_t *out = rg_buf_make(ctl->pool, RG_FEE_FILE_MOST);
    rg_outcome_t rc = rg_fees_get(&f, ctl->ctx, ctl->args[0], version);
    rc = rc == RG_OK ? rg_fee_file_write(out, f.entries, f.entry_count) : rc;
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was exported");
    }
    return fwrite(out->data, 1, out->len, stdout) == out->len ? CTL_DONE : CTL_FAILED;
}

static const char *version_state(const rg_fee_version_t *v)
{
    return v->publication_id == 0 ? "draft"
           : v->withdrawn_at != 0 ? "withdrawn"
           : v->in_force          ? "in force"
                                  : "published";
}

static int list_fees(ctl_t *ctl)
{
    rg_fees_t all;
    rg_outcome_t rc = rg_fees_list(&all, ctl->ctx);
    for (int i = 0; rc == RG_OK && i < all.count; i++) {
        rg_fee_page_t f;
        const rg_fee_schedule_t *s = &all.schedules[i];
        ctl_say("%s: %s, %s, %s", s->code, s->name, *s->payer_code ? s->payer_code : "self-pay",
                *s->site_code ? s->site_code : "every site");
        rc = rg_fees_get(&f, ctl->ctx, s->code, 0);
        for (int k = 0; rc == RG_OK && k < f.version_count; k++) {
            const rg_fee_version_t *v = &f.versions[k];
            ctl_say("  version %-4d %-10s %-10s %d lines", (int)v->id, version_state(v),
                    v->publication_id != 0 ? rg_date_iso(ctl->pool, v->valid_from) : "",
                    v->line_count);
        }
    }
    return ctl_result(ctl, rc, "list");
}

static const apr_getopt_option_t FOR_WHOM[] = {
    {"payer", 'y', 1, "whose patients pay it (nobody's: who pays themselves)"},
    {"site", 't', 1, "where (every site)"},
    {NULL, 0, 0, NULL},
};
static const apr_getopt_option_t FROM[] = {
    {"from", 'F', 1, "publish it from this day on, such as 2027-01-01"},
    {NULL, 0, 0, NULL},
};
static const apr_getopt_option_t WHICH[] = {
    {"version", 'n', 1, "another version than the one in force"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_fees_commands[] = {
    {"fees add", "SCHEDULE NAME [--payer CODE] [--site CODE]",
     "adds a fee schedule without lines; the first one, for who pays themselves, is usually called "
     "self-pay",
     2, 2, FOR_WHOM, add_schedule, false},
    {"fees check", "SCHEDULE FILE",
     "reads a file of a fee schedule, reports every mistake with its line, and what would cost "
     "another price; stores nothing",
     2, 2, NULL, check_fees, false},
    {"fees import", "SCHEDULE FILE [--from DAY]",
     "stores the file as a new version, all of it or nothing; with --from publishes it", 2, 2, FROM,
     import_fees, false},
    {"fees export", "SCHEDULE [--version N]",
     "prints the version in force, or version N, as a file", 1, 1, WHICH, export_fees, false},
    {"fees list", "", "lists the fee schedules with their versions", 0, 0, NULL, list_fees, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
