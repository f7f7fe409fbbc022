/* SPDX-License-Identifier: Apache-2.0 */
/* Records of one person: those that look alike, and those that were merged. */
#ifndef REGEN_MODEL_RECORD_H
#define REGEN_MODEL_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"
#include "regen/model/patient.h"

/* What a record is told apart by. */
typedef struct {
    int64_t id;
    const char *uid, *family, *given, *email, *phone;
    rg_date_t birth_date;
    apr_time_t created_at;
} rg_face_t;

/* Two records that look alike: what they share, and its points (table duplicate_rule). */
typedef struct {
    rg_face_t one, other; /* ONE is older */
    int points;
    bool same_name, same_born, same_phone, same_email;
} rg_alike_t;

/* A record that another stands for, or did. */
typedef struct {
    int64_t merge_id;
    rg_face_t face;
    apr_time_t at, apart_at; /* APART_AT 0: it still is */
    const char *reason, *apart_reason;
    const char *staff, *apart_staff; /* NULL: regenctl */
} rg_merged_t;

/* What may keep two records from being merged. */
typedef struct {
    bool merged;   /* one of them is already */
    bool stands;   /* the one that is to go stands for others */
    bool born;     /* the dates of birth differ */
    bool treated;  /* material of one of them is in process */
    bool were_two; /* staff said that they are two people */
} rg_merge_facts_t;

#endif
