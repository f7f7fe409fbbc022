/* SPDX-License-Identifier: Apache-2.0 */
/* Units of the patient's own material, and the state of a booking on the day of the visit. */
#ifndef REGEN_MODEL_UNIT_H
#define REGEN_MODEL_UNIT_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"

/* Where a collection was taken from. The words of collection.taken_from. */
#define RG_TAKEN_FROMS(X)                                                                          \
    X(RG_TAKEN_LEFT_POSTERIOR, "left-posterior-iliac-crest")                                       \
    X(RG_TAKEN_RIGHT_POSTERIOR, "right-posterior-iliac-crest")                                     \
    X(RG_TAKEN_BOTH_POSTERIOR, "both-posterior-iliac-crests")                                      \
    X(RG_TAKEN_LEFT_ANTERIOR, "left-anterior-iliac-crest")                                         \
    X(RG_TAKEN_RIGHT_ANTERIOR, "right-anterior-iliac-crest")                                       \
    X(RG_TAKEN_BOTH_ANTERIOR, "both-anterior-iliac-crests")                                        \
    X(RG_TAKEN_LEFT_TIBIA, "left-tibia")                                                           \
    X(RG_TAKEN_RIGHT_TIBIA, "right-tibia")                                                         \
    X(RG_TAKEN_LEFT_ARM, "left-arm-vein")                                                          \
    X(RG_TAKEN_RIGHT_ARM, "right-arm-vein")                                                        \
    X(RG_TAKEN_OTHER_VEIN, "other-vein")                                                           \
    X(RG_TAKEN_ABDOMEN, "abdomen")                                                                 \
    X(RG_TAKEN_LEFT_FLANK, "left-flank")                                                           \
    X(RG_TAKEN_RIGHT_FLANK, "right-flank")                                                         \
    X(RG_TAKEN_BOTH_FLANKS, "both-flanks")                                                         \
    X(RG_TAKEN_LEFT_THIGH, "left-thigh")                                                           \
    X(RG_TAKEN_RIGHT_THIGH, "right-thigh")                                                         \
    X(RG_TAKEN_BOTH_THIGHS, "both-thighs")
RG_WORDS(rg_taken_from, RG_TAKEN_FROM_COUNT, RG_TAKEN_FROMS);
/* Whether this material (rg_material_name) can be taken there: collection_place of the schema. */
bool rg_taken_from_fits(rg_taken_from_t from, const char *material);

/* What became of a unit: used, gone, all of it in other units, or not made after all. The words of
 * unit_end.how. */
#define RG_UNIT_ENDS(X)                                                                            \
    X(RG_UNIT_INJECTED, "injected")                                                                \
    X(RG_UNIT_DISPOSED, "disposed")                                                                \
    X(RG_UNIT_DIVIDED, "divided")                                                                  \
    X(RG_UNIT_TAKEN_BACK, "taken-back")
RG_WORDS(rg_unit_end, RG_UNIT_END_COUNT, RG_UNIT_ENDS);

/* One labelled container: of a collection, or made from other units of the same booking. */
typedef struct {
    int64_t id;
    const char *label;
    int64_t booking_id, patient_id;
    int64_t service_id;
    int64_t collection_id;   /* 0: made from other units */
    int64_t manipulation_id; /* 0: of a collection */
    const char *parents;     /* labels of what it was made from: "U1, U2"; "": of a collection */
    int taken_from;          /* rg_taken_from_t; -1: made from others, or not recorded */
    const char *anticoagulant, *again_why; /* of the collection; "": none, the first one */
    int product_no;      /* 0: recorded before services had products, of a material that is none */
    const char *product; /* its name; "": none */
    const char *material, *body_site;
    rg_side_t side;
    int volume_ml;
    apr_time_t harvested_at, expires_at;
    apr_time_t processed_at; /* or made from units that were; 0: not yet */
    const char *device_name; /* "": made without a device */
    const char *device_why;  /* why it was used although it was not in order; "": it was */
    int minutes;             /* in the device; 0: none, or less than one, or not recorded */
    const char *run_why;     /* why that is outside the product's limits; "": it is not */
    const char *kit_lot;
    const char
        *lot_why;       /* why it was used although it was not in order; "": it was, or corrected */
    int concentrate_ml; /* 0: it was not processed itself */
    int left_ml;        /* what is in it until it is used: concentrate, or as harvested */
    apr_time_t injected_at; /* 0: not yet */
    /* The number of the target, as corrected; 0: not yet, or recorded before they had one. */
    int given_no;
    bool given_corrected;    /* it was recorded as another one */
    const char *given_again; /* why that target was injected once more; "": it was not */
    const char *given_why;   /* why although the lot was recalled by then; "": it was not */
    apr_time_t disposed_at;  /* 0: not */
    int ended;               /* rg_unit_end_t; -1: it is open */
    apr_time_t ended_at;     /* 0: it is open */
    apr_time_t made_at;      /* from its parents; 0: of a collection */
    /* Who did it, by name, as corrected, and the act; "" and 0: not recorded, or not yet. */
    const char *harvested_by, *made_by, *processed_by, *injected_by;
    int64_t harvest_act, process_act, inject_act;
    int64_t made_act, divided_act; /* that made it of its parents, and others of it */
} rg_unit_t;

/* Units of a booking: how many were ever made, and of those that are open, how many are not
 * processed (RAW) and how many can be injected (READY). */
typedef struct {
    int made, raw, ready;
} rg_unit_count_t;
rg_unit_count_t rg_unit_count(const rg_unit_t *units, int count);

#define RG_ANTICOAGULANT_MOST 60
#define RG_AGAIN_WHY_MOST     200
#define RG_DIVIDE_MOST        8 /* units that one manipulation makes, and that it is made from */

#define RG_DEVICE_WHY_MOST 200

/* A device that can process a unit. */
typedef struct {
    rg_resource_t resource;
    const char
        *closed;  /* why it is closed at the moment asked for: "Yearly calibration"; NULL: open */
    bool overdue; /* for calibration on that day */
} rg_device_t;

/* A device that is due for calibration within RG_DUE_SOON_DAYS, or overdue. */
#define RG_DUE_SOON_DAYS 14
typedef struct {
    const char *code, *name;
    rg_date_t due; /* the last day on which it may be used */
    bool overdue;
} rg_due_device_t;

/* The words of step_event.kind, in the order in which they happen. Some are the words of act.kind,
 * time_out.kind. */
#define RG_EVENTS(X)                                                                               \
    X(RG_EVENT_CHECK_IN, "check-in")                                                               \
    X(RG_EVENT_HARVEST, "harvest")                                                                 \
    X(RG_EVENT_PROCESS, "process")                                                                 \
    X(RG_EVENT_INJECT, "inject")                                                                   \
    X(RG_EVENT_COMPLETE, "complete")
RG_WORDS(rg_event, RG_EVENT_COUNT, RG_EVENTS);

/* Why a visit that began ends without all of its steps. The words of booking_ending.reason. */
#define RG_ENDINGS(X)                                                                              \
    X(RG_ENDING_NO_MATERIAL, "no-material")                                                        \
    X(RG_ENDING_CONSENT_WITHDRAWN, "consent-withdrawn")                                            \
    X(RG_ENDING_DEVICE, "device")                                                                  \
    X(RG_ENDING_UNWELL, "unwell")                                                                  \
    X(RG_ENDING_LEFT, "left")                                                                      \
    X(RG_ENDING_CLINICIAN, "clinician")                                                            \
    X(RG_ENDING_OTHER, "other")
RG_WORDS(rg_ending, RG_ENDING_COUNT, RG_ENDINGS);
#define RG_ENDING_NOTE_MOST 255

/* What can be corrected: the first ones and time-outs are taken back, the others get another value.
 * The words of correction.what. */
#define RG_CORRECTIONS(X)                                                                          \
    X(RG_CORRECT_CHECK_IN, "check-in")                                                             \
    X(RG_CORRECT_COMPLETE, "complete")                                                             \
    X(RG_CORRECT_END, "end")                                                                       \
    X(RG_CORRECT_NO_SHOW, "no-show")                                                               \
    X(RG_CORRECT_HARVEST_VOLUME, "harvest-volume")                                                 \
    X(RG_CORRECT_CONCENTRATE_VOLUME, "concentrate-volume")                                         \
    X(RG_CORRECT_KIT_LOT, "kit-lot")                                                               \
    X(RG_CORRECT_HARVEST_BY, "harvest-by")                                                         \
    X(RG_CORRECT_PROCESS_BY, "process-by")                                                         \
    X(RG_CORRECT_INJECT_BY, "inject-by")                                                           \
    X(RG_CORRECT_CONSULT_BY, "consult-by")                                                         \
    X(RG_CORRECT_TIME_OUT_HARVEST, "time-out-harvest")                                             \
    X(RG_CORRECT_TIME_OUT_INJECT, "time-out-inject")                                               \
    X(RG_CORRECT_MANIPULATION, "manipulation")                                                     \
    X(RG_CORRECT_INJECT_TARGET, "inject-target")
RG_WORDS(rg_correct, RG_CORRECT_COUNT, RG_CORRECTIONS);
#define RG_CORRECT_WHY_MOST 200

/* Labels of units: how large, and the code that a scanner reads. */
#define RG_LABEL_SIZES(X)                                                                          \
    X(RG_LABEL_LARGE, "large")                                                                     \
    X(RG_LABEL_SMALL, "small")
RG_WORDS(rg_label_size, RG_LABEL_SIZE_COUNT, RG_LABEL_SIZES);
#define RG_LABEL_CODES(X)                                                                          \
    X(RG_LABEL_QR, "qr")                                                                           \
    X(RG_LABEL_DATAMATRIX, "datamatrix")                                                           \
    X(RG_LABEL_CODE128, "code128")
RG_WORDS(rg_label_code, RG_LABEL_CODE_COUNT, RG_LABEL_CODES);

/* What was recorded of a visit: a step, that it ended early, or a correction. */
#define RG_EVENT_ENDED     "ended"
#define RG_EVENT_CORRECTED "corrected"
typedef struct {
    const char *kind; /* rg_event_name, RG_EVENT_ENDED or RG_EVENT_CORRECTED */
    apr_time_t at;
    apr_time_t recorded_at; /* when it was entered */
    const char *staff_name;
    int ending;       /* rg_ending_t; -1 for a step */
    const char *note; /* of an ending, why it was entered late, why it is corrected; "": none */
    int corrects;     /* rg_correct_t; -1 for what is no correction */
    const char *old_value, *new_value;  /* of a correction; new "": taken back */
    const char *unit, *with_unit;       /* of RG_CORRECT_INJECT_TARGET; with "": alone */
    bool with_time_out;                 /* the time-out before it, too */
    int64_t act_id;                     /* who did it; 0: not recorded, or it asks nobody */
    const char *done_by, *done_by_code; /* the practitioner who did it, as corrected; "": none */
    bool recorded_by_doer;
    const char *second; /* who confirmed it; "": nobody */
} rg_step_event_t;
/* The kind of one that says why a target was left: its number is the old value, why is the note. A
 * new value: with the completion it was taken back. */
#define RG_EVENT_LEFT "left"
/* Later than this after the act it counts as entered later. */
#define RG_ENTERED_LATER (10 * RG_MINUTE)

/* A practitioner, and whether they may do a step at a time. */
typedef struct {
    int64_t id;
    const char *code, *name;
    bool active;
    bool booked;           /* for this step of the booking */
    int64_t capability_id; /* by which they may; 0: they may not */
    const char *capability;
    const char *asked; /* what the step asks: "injection"; several, one of which will do: "a, b";
                        * "": nothing of a person. The same in every row of a list */
} rg_doer_t;

/* A visit of an earlier day that is still open. */
#define RG_OPEN_MOST 200 /* most in one list */
typedef struct {
    const char *uid;
    rg_booking_status_t status;
    int version;
    apr_time_t starts_at;
    const char *service_name, *family, *given;
    const char *unit_label; /* neither injected nor disposed of; "": none */
    apr_time_t unit_expires_at;
} rg_open_visit_t;

typedef struct {
    const char *code, *title, *body_site;
    rg_side_t side;
    bool billable;
} rg_diagnosis_t;

/* The state of a booking on the day of the visit, in addition to rg_booking_t. */
typedef struct {
    unsigned kinds; /* of its steps: 1u << rg_step_kind_t */
    unsigned done;  /* steps done, 1u << rg_event_t */
    bool consent_ok;
    bool withdrawn; /* a consent was withdrawn and the form not signed again */
    /* The open one that expires first, else the last one: its label, times and end alone. NULL:
     * none. */
    rg_unit_t *unit;
    rg_unit_count_t units;
    const char *next;       /* next action: rg_event_name; NULL: none */
    apr_time_t next_due;    /* its planned time; 0: none */
    apr_time_t next_latest; /* latest start, by the longest gap and the unit; 0: none */
    const struct rg_conflict_t *conflict; /* undecided; NULL: none */
    apr_time_t from, until;               /* its visit of this day, possibly one of several */
    int ended;                            /* rg_ending_t of a visit that ended early; -1: none */
    apr_time_t since; /* time of the last step, since when the patient has waited; 0: none */
} rg_day_state_t;

#endif
