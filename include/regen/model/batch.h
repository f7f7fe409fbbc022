/* SPDX-License-Identifier: Apache-2.0 */
/* Files of claims for payers. */
#ifndef REGEN_MODEL_BATCH_H
#define REGEN_MODEL_BATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_time.h>

/* An X12 file: its envelope as it was when it was made, and what was written. */
typedef struct {
    int64_t id; /* the control number of the interchange */
    apr_time_t made_at;
    const char *receiver, *receiver_qualifier, *receiver_id;
    const char *sender_qualifier, *sender_id, *submitter, *contact, *contact_phone;
    bool production;
    int claims;
    int64_t bytes;
    unsigned char sha256[32];
} rg_claim_batch_t;

/* A claim in it. */
typedef struct {
    int set_no; /* its place, from 1 */
    const char *claim_no;
    apr_time_t created_at;
    const char *x12; /* its segments, as they were made */
    size_t x12_len;
} rg_batch_claim_t;

/* A claim that is in none, and why. */
typedef struct {
    const char *claim_no, *why;
} rg_batch_left_t;

#endif
