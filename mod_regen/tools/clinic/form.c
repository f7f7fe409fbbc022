/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl form: consent forms as files, published as versions that never change. */
#include "mod_regen/tools/regenctl.h"
#include "regen/clinic/clinic_def.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/clinic_def.h"

#include <string.h>

/* The head takes some lines of its own. */
#define FORM_FILE_MOST (RG_FORM_BODY_MOST + 8192)

static rg_form_text_t *read_form_file(ctl_t *ctl, rg_problems_t *problems, int *code)
{
    rg_form_text_t *v = NULL;
    const rg_buf_t *bytes = ctl_read_file(ctl->pool, ctl->args[0], FORM_FILE_MOST);
    if (!bytes) {
        *code = CTL_USAGE;
        return NULL;
    }
    rg_outcome_t rc = rg_form_text_read(&v, ctl->pool, bytes->data, bytes->len, problems);
    if (rc != RG_OK) {
        ctl_problems(problems);
        ctl_error("%s: %s.", ctl->args[0], rg_outcome_name(rc));
        *code = CTL_FAILED;
        return NULL;
    }
    return v;
}

static int check_form_file(ctl_t *ctl)
{
    int code = CTL_DONE;
    const rg_form_text_t *v = read_form_file(ctl, rg_problems_make(ctl->pool), &code);
    if (v) {
        ctl_say("%s: \"%s\". It can be published.", v->code, v->title);
    }
    return code;
}

/* What differs from the version before. */
static void tell_form_changes(const ctl_t *ctl, const rg_form_text_t *was, const rg_form_text_t *is)
{
    for (const rg_field_t *f = rg_form_fields; f->name; f++) {
        const char *old = rg_field_get(ctl->pool, f, was);
        const char *new = rg_field_get(ctl->pool, f, is);
        if (strcmp(old, new) != 0) {
            ctl_say("%s: \"%s\" -> \"%s\"", f->name, old, new);
        }
    }
    ctl_say("The text is %s.", strcmp(was->body, is->body) == 0 ? "the same" : "another one");
}

static int publish_form_file(ctl_t *ctl)
{
    int code = CTL_DONE;
    bool same = false;
    const rg_form_text_t *last = NULL;
    rg_form_text_t *v = read_form_file(ctl, ctl->ctx->problems, &code);
    if (!v) {
        return code;
    }
    rg_outcome_t rc = rg_form_text_publish(v, &last, &same, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was published");
    }
    ctl_say(same ? "%s: version %d has this text already." : "%s: version %d is published.",
            v->code, v->version);
    if (last && !same) {
        tell_form_changes(ctl, last, v);
    }
    return CTL_DONE;
}

static int export_form(ctl_t *ctl)
{
    rg_form_text_t *v = NULL;
    const char *number = ctl_option(ctl, "version");
    int64_t version = 0;
    if (number && !rg_text_i64(&version, number, 1, INT32_MAX)) {
        ctl_error("--version is a number from 1.");
        return CTL_USAGE;
    }
    rg_outcome_t rc = rg_form_text_get(&v, ctl->ctx, ctl->args[0], (int)version);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was exported");
    }
    for (const rg_field_t *f = rg_form_fields; f->name; f++) {
        ctl_say("%s %s", f->name, rg_field_get(ctl->pool, f, v));
    }
    ctl_say("\n%s", v->body);
    return CTL_DONE;
}

static int list_form_versions(ctl_t *ctl)
{
    rg_form_text_t *v = NULL;
    int count = 0;
    rg_outcome_t rc = rg_form_texts(&v, &count, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "list");
    }
    for (int i = 0; i < count; i++) {
        ctl_say("%-24s %3d %-22s %s", v[i].code, v[i].version,
                rg_time_instant(ctl->pool, v[i].published_at), v[i].title);
    }
    return CTL_DONE;
}

static const apr_getopt_option_t FORM_VERSION[] = {
    {"version", 'n', 1, "an earlier version"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_form_commands[] = {
    {"form check", "FILE",
     "reads a consent form and reports every mistake with its line; needs no database", 1, 1, NULL,
     check_form_file, true},
    {"form publish", "FILE",
     "publishes it as the next version of its form; the same text again changes nothing", 1, 1,
     NULL, publish_form_file, false},
    {"form export", "CODE [--version N]", "prints the file of the newest version, or of version N",
     1, 1, FORM_VERSION, export_form, false},
    {"form list", "", "lists code, newest version, its date and title", 0, 0, NULL,
     list_form_versions, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
