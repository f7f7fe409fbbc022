/* SPDX-License-Identifier: Apache-2.0 */
/* A person's page: what they need, what was signed, how it is paid, and what was changed. */
#ifndef REGEN_MODEL_CHANGE_H
#define REGEN_MODEL_CHANGE_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"

/* What a visit needs beside its treatment: X(name), the form's field, the column and the member. */
#define RG_NEED_FIELDS(X)                                                                          \
    X(interpreter)                                                                                 \
    X(access_needs)
#define RG_NEED_MEMBER_(name) const char *name;
typedef struct {
    RG_NEED_FIELDS(RG_NEED_MEMBER_)
    int version;    /* of the record */
    bool relied_on; /* in treatment, or signed: see sql/0049 */
} rg_needs_t;

/* One field that changed. */
typedef struct {
    const char *field, *old_value, *new_value, *reason;
    apr_time_t at;
    const char *staff, *second; /* SECOND NULL: nobody else was needed */
} rg_change_t;

/* A form that somebody of a record's name signed. */
typedef struct {
    const char *uid, *booking_uid, *title, *signer, *signer_role;
    apr_time_t signed_at, expires_at; /* EXPIRES_AT 0: never */
    bool withdrawn;
} rg_person_consent_t;

/* Insurance as it was given with a booking. */
typedef struct {
    const char *payer, *member_id, *group_no, *relationship;
    apr_time_t created_at;
} rg_person_coverage_t;

/* A label with the name that was then on file, which nobody used or disposed of yet. */
typedef struct {
    const char *label, *booking_uid;
} rg_person_label_t;

typedef struct {
    rg_needs_t needs;
    int change_count, consent_count, coverage_count, label_count;
    rg_change_t *changes; /* newest first */
    rg_person_consent_t *consents;
    rg_person_coverage_t *coverages;
    rg_person_label_t *labels;
} rg_person_facts_t;

#endif
