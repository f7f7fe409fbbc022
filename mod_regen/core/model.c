/* SPDX-License-Identifier: Apache-2.0 */
/* The words of the SQL ENUM columns and back. Store reads and writes them, render shows them. */
#include "regen/model/booking.h"
#include "regen/model/followup.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/visit.h"
#include "regen/model/waitlist.h"

#include <string.h>

static const char *const side_names[] = {"none", "left", "right", "bilateral"};
static const char *const status_names[] = {"held",      "booked",  "arrived",   "in-progress",
                                           "completed", "expired", "cancelled", "no-show"};
static const char *const step_names[] = {"check-in", "harvest", "process",
                                         "inject",   "recover", "consult"};
static const char *const visit_names[] = {"proposed",   "pending",   "booked",    "arrived",
                                          "checked-in", "fulfilled", "cancelled", "noshow"};
static const char *const conflict_names[] = {"closed", "hours", "inactive", "capability"};
static const char *const rule_names[] = {"notice",      "horizon",     "grid",
                                         "opening",     "max-per-day", "cancel-notice",
                                         "move-notice", "same-person"};
static const char *const resource_names[] = {"practitioner", "room", "device"};
static const char *const message_names[] = {"confirmation",   "change", "cancellation",
                                            "waitlist-offer", "recall", "forms"};
static const char *const recall_names[] = {"open", "attempted", "booked", "done", "closed"};
static const char *const attempt_names[] = {"no-answer", "left-message", "spoke", "booked",
                                            "declined"};
static const char *const recalls_names[] = {"due", "later", "booked", "done", "closed"};
static const char *const waiter_names[] = {"waiting", "offered", "taken", "closed"};
static const char *const outbox_names[] = {"queued", "sent", "failed", "withdrawn"};

#define COUNT(list) ((int)(sizeof(list) / sizeof((list)[0])))

static const char *name_of(const char *const *names, int count, int value)
{
    return value >= 0 && value < count ? names[value] : "";
}

static int value_of(const char *const *names, int count, const char *name)
{
    for (int i = 0; name && i < count; i++) {
        if (strcmp(names[i], name) == 0) {
            return i;
        }
    }
    return -1;
}

const char *rg_side_name(rg_side_t s)
{
    return name_of(side_names, COUNT(side_names), (int)s);
}

int rg_side_parse(const char *s)
{
    return value_of(side_names, COUNT(side_names), s);
}

const char *rg_booking_status_name(rg_booking_status_t s)
{
    return name_of(status_names, COUNT(status_names), (int)s);
}

int rg_booking_status_parse(const char *s)
{
    return value_of(status_names, COUNT(status_names), s);
}

const char *rg_step_kind_name(rg_step_kind_t k)
{
    return name_of(step_names, COUNT(step_names), (int)k);
}

int rg_step_kind_parse(const char *s)
{
    return value_of(step_names, COUNT(step_names), s);
}

const char *rg_rule_name(rg_rule_t r)
{
    return name_of(rule_names, COUNT(rule_names), (int)r);
}

int rg_rule_parse(const char *s)
{
    return value_of(rule_names, COUNT(rule_names), s);
}

const char *rg_resource_kind_name(rg_resource_kind_t k)
{
    return name_of(resource_names, COUNT(resource_names), (int)k);
}

int rg_resource_kind_parse(const char *s)
{
    return value_of(resource_names, COUNT(resource_names), s);
}

const char *rg_message_kind_name(rg_message_kind_t k)
{
    return name_of(message_names, COUNT(message_names), (int)k);
}

int rg_message_kind_parse(const char *s)
{
    return value_of(message_names, COUNT(message_names), s);
}

const char *rg_recall_status_name(rg_recall_status_t s)
{
    return name_of(recall_names, COUNT(recall_names), (int)s);
}

int rg_recall_status_parse(const char *s)
{
    return value_of(recall_names, COUNT(recall_names), s);
}

const char *rg_attempt_name(rg_attempt_t s)
{
    return name_of(attempt_names, COUNT(attempt_names), (int)s);
}

int rg_attempt_parse(const char *s)
{
    return value_of(attempt_names, COUNT(attempt_names), s);
}

const char *rg_recalls_view_name(rg_recalls_view_t s)
{
    return name_of(recalls_names, COUNT(recalls_names), (int)s);
}

int rg_recalls_view_parse(const char *s)
{
    return value_of(recalls_names, COUNT(recalls_names), s);
}

const char *rg_waiter_status_name(rg_waiter_status_t s)
{
    return name_of(waiter_names, COUNT(waiter_names), (int)s);
}

int rg_waiter_status_parse(const char *s)
{
    return value_of(waiter_names, COUNT(waiter_names), s);
}

int rg_day_part(int minute)
{
    static const int ends[RG_DAY_PARTS - 1] = {600, 720, 900};
    int part = 0;
    while (part < RG_DAY_PARTS - 1 && minute >= ends[part]) {
        part++;
    }
    return part;
}

const char *rg_outbox_status_name(rg_outbox_status_t s)
{
    return name_of(outbox_names, COUNT(outbox_names), (int)s);
}

int rg_outbox_status_parse(const char *s)
{
    return value_of(outbox_names, COUNT(outbox_names), s);
}

const char *rg_visit_status_name(rg_visit_status_t s)
{
    return name_of(visit_names, COUNT(visit_names), (int)s);
}

int rg_visit_status_parse(const char *s)
{
    return value_of(visit_names, COUNT(visit_names), s);
}

const char *rg_conflict_kind_name(rg_conflict_kind_t k)
{
    return name_of(conflict_names, COUNT(conflict_names), (int)k);
}

int rg_conflict_kind_parse(const char *s)
{
    return value_of(conflict_names, COUNT(conflict_names), s);
}
