/* SPDX-License-Identifier: Apache-2.0 */
/* Time-outs: what the team says aloud and agrees on right before a harvest and before an
 * injection. */
#ifndef REGEN_MODEL_TIME_OUT_H
#define REGEN_MODEL_TIME_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/unit.h"

/* What is said, in this order. The words of time_out.stopped; the bits of time_out.agreed. */
#define RG_TIME_OUT_ITEMS(X)                                                                       \
    X(RG_SAID_IDENTITY, "identity")                                                                \
    X(RG_SAID_PROCEDURE, "procedure")                                                              \
    X(RG_SAID_SITE, "site")                                                                        \
    X(RG_SAID_CONSENT, "consent")                                                                  \
    X(RG_SAID_LABEL, "label")                                                                      \
    X(RG_SAID_ALLERGIES, "allergies")
RG_WORDS(rg_said, RG_SAID_COUNT, RG_TIME_OUT_ITEMS);
#define RG_SAID_NOTE_MOST 200

/* One that was agreed counts for a step that is done at most so long after it; the trigger
 * act_follows_its_time_out says the same. */
#define RG_TIME_OUT_HOLDS (2 * RG_HOUR)

typedef struct {
    int64_t id;
    int event;        /* the step that it precedes: RG_EVENT_HARVEST or RG_EVENT_INJECT */
    bool current;     /* of the check-in that counts */
    unsigned agreed;  /* 1u << rg_said_t */
    int stopped;      /* rg_said_t that did not agree; -1: all agreed */
    const char *note; /* of a stop; "": none */
    apr_time_t at, recorded_at;
    const char *unit_label; /* "": none */
    int64_t done_by_id;     /* practitioner; 0: none named */
    const char *done_by, *done_by_code;
    const char *staff_name; /* who recorded it */
    bool recorded_by_doer;
    const char *second;    /* "": nobody */
    const char *body_site; /* of the target that it was held for; before a harvest the first */
    rg_side_t side;
    const char *further; /* before a harvest, the others: rg_targets_of */
    bool taken_back;     /* by a correction: it does not count */
    bool used;           /* an act followed it: it counts for no other one */
} rg_time_out_t;

/* The wording of an item, in the middle of nothing: sentences without a period. Static. */
typedef struct {
    const char *harvest, *inject; /* what is agreed; NULL: not asked before this step */
    const char *name;             /* "Site and side" */
    const char *advice;           /* what to do if it does not agree, a sentence */
} rg_said_wording_t;
const rg_said_wording_t *rg_said_wording(rg_said_t item);
/* The items asked before this step (1u << rg_said_t); WITH_UNIT: a unit is injected. 0 for other
 * steps. */
unsigned rg_said_asked(rg_event_t e, bool with_unit);

#endif
