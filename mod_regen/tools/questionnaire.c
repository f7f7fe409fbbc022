/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl questionnaire: checking, publishing and exporting questionnaires as files. */
#include "regenctl.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>
#include "regen/clinic/questionnaire.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/model/questionnaire.h"

static int check_questionnaire(ctl_t *ctl)
{
    rg_problems_t *problems = rg_problems_make(ctl->pool);
    rg_questionnaire_t *q = NULL;
    const rg_buf_t *bytes = ctl_read_file(ctl->pool, ctl->args[0], RG_QUEST_FILE_MOST);
    int questions = 0;

    if (!bytes) {
        return CTL_USAGE;
    }
    rg_outcome_t rc = rg_quest_read(&q, ctl->pool, bytes->data, bytes->len, problems);
    if (rc != RG_OK) {
        ctl_problems(problems);
        ctl_error("%s: %s.", ctl->args[0], rg_outcome_name(rc));
        return CTL_FAILED;
    }
    for (int i = 0; i < q->item_count; i++) {
        questions += rg_quest_asks(&q->items[i]) ? 1 : 0;
    }
    ctl_say("%s: %d questions, %d scores, %d rules. It can be published.", q->code, questions,
            q->score_count, q->rule_count);
    return CTL_DONE;
}

static int publish_questionnaire(ctl_t *ctl)
{
    rg_quest_version_t *v = NULL;
    bool same = false;
    const rg_buf_t *bytes = ctl_read_file(ctl->pool, ctl->args[0], RG_QUEST_FILE_MOST);

    if (!bytes) {
        return CTL_USAGE;
    }
    rg_outcome_t rc = rg_quest_publish(&v, &same, ctl->ctx, bytes->data, bytes->len);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was published");
    }
    ctl_say(same ? "%s: version %d has this text already." : "%s: version %d is published.",
            v->code, v->version);
    return CTL_DONE;
}

static int export_questionnaire(ctl_t *ctl)
{
    rg_quest_version_t *v = NULL;
    const char *number = ctl_option(ctl, "version");
    int64_t version = 0;

    if (number && !rg_text_i64(&version, number, 1, UINT16_MAX)) {
        ctl_error("--version is a number from 1.");
        return CTL_USAGE;
    }
    rg_outcome_t rc = rg_quest_export(&v, ctl->ctx, ctl->args[0], (int)version);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was exported");
    }
    size_t n = strlen(v->body);
    return fwrite(v->body, 1, n, stdout) == n ? CTL_DONE : CTL_FAILED;
}

static int list_questionnaires(ctl_t *ctl)
{
    rg_quest_version_t *v = NULL;
    int count = 0;
    rg_outcome_t rc = rg_quest_list(&v, &count, ctl->ctx);

    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "list");
    }
    for (int i = 0; i < count; i++) {
        ctl_say("%-24s %3d %-22s %s", v[i].code, v[i].version,
                rg_time_instant(ctl->pool, v[i].published_at), v[i].title);
    }
    return CTL_DONE;
}

static const apr_getopt_option_t VERSION[] = {
    {"version", 'n', 1, "an earlier version"},
    {NULL, 0, 0, NULL},
};

const ctl_command_t ctl_questionnaire_commands[] = {
    {"questionnaire check", "FILE",
     "reads a questionnaire and reports every mistake with its linkId; needs no database", 1, 1,
     NULL, check_questionnaire, true},
    {"questionnaire publish", "FILE",
     "publishes it as the next version of its name; the same text again changes nothing", 1, 1,
     NULL, publish_questionnaire, false},
    {"questionnaire export", "NAME [--version N]",
     "prints the file of the newest version, or of version N", 1, 1, VERSION, export_questionnaire,
     false},
    {"questionnaire list", "", "lists name, newest version, its date and title", 0, 0, NULL,
     list_questionnaires, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
