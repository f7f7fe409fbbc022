/* SPDX-License-Identifier: Apache-2.0 */
/* What waits in the clinic: for its people, for a mail server, for the sweep. */
#ifndef REGEN_MODEL_BACKLOG_H
#define REGEN_MODEL_BACKLOG_H

#include <stdint.h>

#include <apr_time.h>

#include "regen/core/words.h"

/* value, and its word on the command line and in metrics */
#define RG_BACKLOGS(X)                                                                             \
    /* held times that are not booked yet */                                                       \
    X(RG_BACKLOG_HOLDS, "holds")                                                                   \
    /* held times that ran out and were not released: the sweep is late */                         \
    X(RG_BACKLOG_HOLDS_OVER, "holds-expired")                                                      \
    /* letters that should have left by now, also those that are tried again later */              \
    X(RG_BACKLOG_LETTERS, "letters")                                                               \
    /* letters that were given up */                                                               \
    X(RG_BACKLOG_LETTERS_FAILED, "letters-failed")                                                 \
    /* waitlist entries without an offer */                                                        \
    X(RG_BACKLOG_WAITLIST, "waitlist")                                                             \
    /* offers without an answer */                                                                 \
    X(RG_BACKLOG_OFFERS, "offers")                                                                 \
    /* recalls whose first day has come */                                                         \
    X(RG_BACKLOG_RECALLS, "recalls-due")                                                           \
    /* answers that a clinician must look at */                                                    \
    X(RG_BACKLOG_REVIEWS, "reviews")                                                               \
    /* good-faith estimates that nobody was given */                                               \
    X(RG_BACKLOG_ESTIMATES, "estimates")                                                           \
    /* completed treatments without an invoice, and without a claim */                             \
    X(RG_BACKLOG_TO_INVOICE, "to-invoice")                                                         \
    X(RG_BACKLOG_TO_CLAIM, "to-claim")
RG_WORDS(rg_backlog_kind, RG_BACKLOG_COUNT, RG_BACKLOGS);

typedef struct {
    rg_backlog_kind_t kind;
    int64_t count;
    apr_time_t oldest; /* since when the oldest waits; 0: none does, or it is not known */
} rg_backlog_t;

#endif
