/* SPDX-License-Identifier: Apache-2.0 */
/* Lots of supplies, their recalls, and where they were used. */
#ifndef REGEN_MODEL_SUPPLY_H
#define REGEN_MODEL_SUPPLY_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"

#define RG_SUPPLY_ITEM_MOST 80
#define RG_SUPPLY_LOT_MOST  40
#define RG_SUPPLY_UDI_MOST  100
#define RG_SUPPLY_WHY_MOST  200
#define RG_SUPPLY_LIST_MOST 300 /* lots, or uses, in one list */
/* What a lot is of that was typed while processing. */
#define RG_SUPPLY_KIT "Processing kit"

typedef struct {
    int64_t id;
    bool kit; /* a unit can be processed with it; only such a lot is found by its number */
    const char *item, *lot, *udi; /* udi "": none */
    rg_date_t expires;            /* the last day on which it may be used */
    apr_time_t received_at;
    const char *entered_by;
    bool recalled;
    const char *why, *why_by; /* of the last recall or its end, and who said it; "": never */
    apr_time_t why_at;        /* 0: never */
} rg_supply_lot_t;

/* A processing with a kit of a lot, as corrected. */
typedef struct {
    const char *booking_uid, *patient_uid, *family, *given, *service_name, *unit_label;
    apr_time_t at;
    bool open; /* neither injected nor disposed of */
} rg_supply_use_t;

#endif
