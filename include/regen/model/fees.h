/* SPDX-License-Identifier: Apache-2.0 */
/* Fee schedules: what a treatment costs, line by line. */
#ifndef REGEN_MODEL_FEES_H
#define REGEN_MODEL_FEES_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"

#define RG_FEE_LINES_MAX     32 /* of one service in one version */
#define RG_FEE_UNITS_MAX     999
#define RG_FEE_MODIFIERS     4  /* with the side */
#define RG_FEE_MODIFIER_LEN  11 /* four of two characters, and the blanks between them */
#define RG_FEE_OF_TARGET_LEN 5  /* two of them, where the side and XS may come */

/* How a line applies to the targets of a treatment: once, whatever they are; for each one that was
 * injected; for each part of the body, whether one side of it was injected or both. The words of
 * fee_line.applies, booking_charge.applies. */
#define RG_FEE_APPLIES(X)                                                                          \
    X(RG_FEE_VISIT, "visit")                                                                       \
    X(RG_FEE_TARGET, "target")                                                                     \
    X(RG_FEE_BILATERAL, "bilateral")
RG_WORDS(rg_fee_applies, RG_FEE_APPLIES_COUNT, RG_FEE_APPLIES);

/* A line of a version of a schedule, or of a booking's quote. */
typedef struct {
    int line_no; /* within the service; a booking is charged once for each, and for each target */
    rg_step_kind_t step_kind;
    const char *code_system, *code, *description;
    const char *modifiers; /* separated by blanks, without the side */
    int units;             /* of a quote: for all of its targets */
    int times;             /* of a quote: for how many of them; 0 in a schedule */
    rg_money_t unit;
    bool side_modifier, on_claim;
    const char *applies; /* rg_fee_applies_name */
} rg_fee_line_t;

/* A line of a quote that is due because of what was done. */
typedef struct {
    rg_fee_line_t line;
    int64_t practitioner; /* 0: none */
    int target_no;        /* 0: of the visit */
    rg_side_t side;       /* of the target; BILATERAL: both were injected */
    apr_time_t at;        /* when; 0: with the step */
} rg_fee_due_t;

/* What a booking costs: frozen with it, and before that what it would be frozen as. */
typedef struct {
    bool frozen;
    rg_money_t total;
    int count;
    rg_fee_line_t *lines;
} rg_quote_t;

/* --- schedules -------------------------------------------------------------------------------- */

#define RG_FEE_ROWS_MOST     16000 /* lines of a version */
#define RG_FEE_VERSIONS_MOST 100   /* that a page lists */
#define RG_FEE_FILE_MOST     (4 * 1024 * 1024)
#define RG_FEE_NAME_MOST     120
#define RG_FEE_REASON_MOST   200
#define RG_FEE_PROBLEMS_MOST 50 /* of a file, that are told */

typedef struct {
    int64_t id;
    const char *code, *name;
    int64_t payer_id, site_id;           /* 0: who pays themselves; every site */
    const char *payer_code, *payer_name; /* "" likewise */
    const char *site_code, *site_name;
} rg_fee_schedule_t;

/* One version: a draft until it is published, in force from valid_at until the next one's. */
typedef struct {
    int64_t id;
    apr_time_t made_at;
    const char *made_by;    /* "" for regenctl or a file of SQL */
    int64_t publication_id; /* 0: a draft */
    rg_date_t valid_from;
    apr_time_t valid_at, withdrawn_at; /* withdrawn 0: it was not */
    const char *reason;                /* of the withdrawal */
    int line_count;
    bool in_force;
} rg_fee_version_t;

/* A line with the service it belongs to. */
typedef struct {
    int64_t service_id;
    const char *service_code, *service_name;
    rg_fee_line_t line;
} rg_fee_entry_t;

/* What a version changes: one service. */
typedef struct {
    const char *service_code, *service_name;
    bool was_there, is_there;
    rg_money_t was, is;
} rg_fee_change_t;

#endif
