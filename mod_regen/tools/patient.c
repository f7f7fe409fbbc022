/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl patient: records of one person. Names are not printed: what a terminal shows may be
 * kept, and the pages show them to those who may see them. */
#include "regenctl.h"

#include <apr_strings.h>
#include "regen/clinic/record.h"
#include "regen/core/outcome.h"

static const char *shared_words(apr_pool_t *p, const rg_alike_t *a)
{
    return apr_pstrcat(p, a->same_name ? " name" : "", a->same_born ? " birth-date" : "",
                       a->same_phone ? " phone" : "", a->same_email ? " email" : "", NULL);
}

static int duplicates(ctl_t *ctl)
{
    rg_alikes_t *all = NULL;
    rg_outcome_t rc = rg_record_alikes(&all, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "patient duplicates");
    }
    for (int i = 0; i < all->count; i++) {
        const rg_alike_t *a = &all->pairs[i];
        ctl_say("%s %s %d%s", a->one.uid, a->other.uid, a->points, shared_words(ctl->pool, a));
    }
    ctl_say("%d likely duplicates%s.", all->count, all->more ? ", and more" : "");
    return CTL_DONE;
}

static int merge_records(ctl_t *ctl)
{
    rg_outcome_t rc = rg_record_merge(ctl->ctx, ctl->args[0], ctl->args[1], ctl->args[2]);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was merged");
    }
    ctl_say("Record %s stands for %s from now on.", ctl->args[0], ctl->args[1]);
    return CTL_DONE;
}

static int apart(ctl_t *ctl)
{
    rg_outcome_t rc = rg_record_apart(ctl->ctx, ctl->args[0], ctl->args[1]);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was taken apart");
    }
    ctl_say("Record %s stands for itself again.", ctl->args[0]);
    return CTL_DONE;
}

static int distinct(ctl_t *ctl)
{
    rg_outcome_t rc = rg_record_distinct(ctl->ctx, ctl->args[0], ctl->args[1]);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "Nothing was noted");
    }
    ctl_say("They are two people, and not listed again.");
    return CTL_DONE;
}

const ctl_command_t ctl_patient_commands[] = {
    {"patient duplicates", "",
     "lists records that may be of one person, by their ids and what they share", 0, 0, NULL,
     duplicates, false},
    {"patient merge", "KEPT MERGED REASON",
     "from now on the first record stands for the second, until they are taken apart", 3, 3, NULL,
     merge_records, false},
    {"patient unmerge", "MERGED REASON", "takes a merge apart: the record stands for itself again",
     2, 2, NULL, apart, false},
    {"patient distinct", "ONE OTHER", "says that two records are two people", 2, 2, NULL, distinct,
     false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
