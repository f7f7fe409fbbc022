/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl queues, sweep, rebuild, check: what waits, and keeping time true. */
#include "regenctl.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/identity.h"
#include "regen/clinic/ledger.h"
#include "regen/clinic/visit.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/backlog.h"
#include "regen/store/schema.h"

#include <apr_strings.h>

#define SWEEP_LIMIT 500

/* Small bites, so that nobody waits long for a lock. */
static int sweep_booking(ctl_t *ctl)
{
    int holds = 0;
    int some = SWEEP_LIMIT;
    rg_outcome_t rc = RG_OK;
    while (rc == RG_OK && some == SWEEP_LIMIT) {
        rc = rg_booking_sweep(&some, ctl->ctx, SWEEP_LIMIT);
        holds += rc == RG_OK ? some : 0;
    }
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "sweep");
    }
    int rows = 0;
    for (some = SWEEP_LIMIT; rc == RG_OK && some >= SWEEP_LIMIT;) {
        rc = rg_login_sweep(&some, ctl->ctx, SWEEP_LIMIT);
        rows += rc == RG_OK ? some : 0;
    }
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "sweep");
    }
    ctl_say("%d expired holds released, %d old sessions and request keys removed.", holds, rows);
    return CTL_DONE;
}

static int rebuild(ctl_t *ctl)
{
    int repaired = 0;
    rg_outcome_t rc = rg_booking_rebuild(&repaired, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "rebuild");
    }
    ctl_say("%d rows of the read model were wrong%s.", repaired,
            repaired ? " and are corrected" : "");
    int people = 0;
    rc = rg_store_names(&people, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "rebuild");
    }
    ctl_say("%d patients can be found by name, email and phone.", people);
    rc = rg_store_persons(&repaired, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "rebuild");
    }
    ctl_say("%d rows of patients' time were wrong%s.", repaired,
            repaired ? " and are corrected" : "");
    return CTL_DONE;
}

static void say_repair_line(void *baton, const char *line)
{
    (void)baton;
    ctl_say("%s", line);
}

/* No fault yet: processing refuses a device that is overdue by itself. */
static rg_outcome_t say_due(ctl_t *ctl)
{
    int count = 0;
    rg_due_device_t *due = NULL;
    rg_outcome_t rc = rg_devices_due(&due, &count, ctl->ctx);
    for (int i = 0; rc == RG_OK && i < count; i++) {
        ctl_say(due[i].overdue ? "Device %s (%s) was due for calibration on %s: it is refused at "
                                 "processing until the next day is entered."
                               : "Device %s (%s) is due for calibration on %s.",
                due[i].code, due[i].name, rg_date_iso(ctl->pool, due[i].due));
    }
    return rc;
}

static int check_bookings(ctl_t *ctl)
{
    int contradictions = 0;
    int faults = 0;
    rg_outcome_t rc = rg_store_look(ctl->ctx, &ctl->conf.sizes, &faults, say_repair_line, NULL);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "check");
    }
    rc = ctl_check_address(ctl, &faults);
    rc = rc == RG_OK ? ctl_check_rights(ctl, &faults) : rc;
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "check");
    }
    rc = say_due(ctl);
    /* A site whose zone is not known has no days, and was told above. */
    if (rc != RG_OK && (rc != RG_UNAVAILABLE || faults == 0)) {
        return ctl_result(ctl, rc, "check");
    }
    rc = rg_booking_check(&contradictions, ctl->ctx, say_repair_line, NULL);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "check");
    }
    int money = 0;
    rc = rg_ledger_verify(&money, ctl->ctx, say_repair_line, NULL);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "check");
    }
    contradictions += money;
    ctl_say("%d contradictions", contradictions);
    if (faults > 0) {
        ctl_say("%d problems to fix.", faults);
    }
    return contradictions + faults == 0 ? CTL_DONE : CTL_FAILED;
}

/* How long ago, as people say it; "" where nothing waits. */
static const char *age_of(const ctl_t *ctl, const rg_backlog_t *b)
{
    apr_time_t age = ctl->ctx->now - b->oldest;
    if (b->oldest == 0 || age < 0) {
        return "";
    }
    if (age < RG_HOUR) {
        return apr_psprintf(ctl->pool, "%d min", (int)(age / RG_MINUTE));
    }
    return age < 2 * RG_DAY ? apr_psprintf(ctl->pool, "%d h", (int)(age / RG_HOUR))
                            : apr_psprintf(ctl->pool, "%d days", (int)(age / RG_DAY));
}

static int list_queues(ctl_t *ctl)
{
    rg_backlog_t all[RG_BACKLOG_COUNT];
    rg_outcome_t rc = rg_backlog_read(all, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "queues");
    }
    for (int i = 0; i < RG_BACKLOG_COUNT; i++) {
        ctl_say("%-16s %8" APR_INT64_T_FMT "  %s", rg_backlog_kind_name(all[i].kind), all[i].count,
                age_of(ctl, &all[i]));
    }
    return CTL_DONE;
}

const ctl_command_t ctl_booking_commands[] = {
    {"queues", "", "lists what waits: how many of each kind, and how long the oldest one", 0, 0,
     NULL, list_queues, false},
    {"sweep", "", "releases expired holds, removes old sessions and request keys", 0, 0, NULL,
     sweep_booking, false},
    {"rebuild", "", "rebuilds the read model of occupancy, the name keys and patients' time", 0, 0,
     NULL, rebuild, false},
    {"check", "",
     "checks the database for contradictions in bookings, time and money; exit code 1 if there are "
     "any",
     0, 0, NULL, check_bookings, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
