/* SPDX-License-Identifier: Apache-2.0 */
/* regenctl sweep, rebuild, check: keeping time true. */
#include "regenctl.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/identity.h"
#include "regen/core/outcome.h"
#include "regen/store/schema.h"

#define SWEEP_LIMIT 500

/* Small bites, so that nobody waits long for a lock. */
static int sweep(ctl_t *ctl)
{
    int holds = 0, some = SWEEP_LIMIT;
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
    ctl_say("%d expired holds freed, %d old sessions and request keys removed", holds, rows);
    return CTL_DONE;
}

static int rebuild(ctl_t *ctl)
{
    int repaired = 0;
    rg_outcome_t rc = rg_booking_rebuild(&repaired, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "rebuild");
    }
    ctl_say("%d rows of the read model were wrong%s", repaired,
            repaired ? " and are right now" : "");
    int people = 0;
    rc = rg_store_names(&people, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "rebuild");
    }
    ctl_say("%d people can be found by name, email and phone", people);
    rc = rg_store_persons(&repaired, ctl->ctx);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "rebuild");
    }
    ctl_say("%d rows of people's time were wrong%s", repaired,
            repaired ? " and are right now" : "");
    return CTL_DONE;
}

static void say_line(void *baton, const char *line)
{
    (void)baton;
    ctl_say("%s", line);
}

static int check(ctl_t *ctl)
{
    int contradictions = 0;
    int faults = 0;
    rg_outcome_t rc = rg_store_look(ctl->ctx, &ctl->conf.sizes, &faults, say_line, NULL);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "check");
    }
    rc = ctl_check_address(ctl, &faults);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "check");
    }
    rc = rg_booking_check(&contradictions, ctl->ctx, say_line, NULL);
    if (rc != RG_OK) {
        return ctl_result(ctl, rc, "check");
    }
    ctl_say("%d contradictions", contradictions);
    if (faults > 0) {
        ctl_say("%d things to mend", faults);
    }
    return contradictions + faults == 0 ? CTL_DONE : CTL_FAILED;
}

const ctl_command_t ctl_booking_commands[] = {
    {"sweep", "", "frees what expired holds still take, removes old sessions and request keys", 0,
     0, NULL, sweep, false},
    {"rebuild", "", "makes the read model of occupancy, the keys of names and people's time anew",
     0, 0, NULL, rebuild, false},
    {"check", "",
     "looks at the database and counts contradictions in bookings and time; exit code 1 when there "
     "are any",
     0, 0, NULL, check, false},
    {NULL, NULL, NULL, 0, 0, NULL, NULL, false},
};
