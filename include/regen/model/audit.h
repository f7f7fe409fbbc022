/* SPDX-License-Identifier: Apache-2.0 */
/* The audit log as it is read, and what a look at a record is. */
#ifndef REGEN_MODEL_AUDIT_H
#define REGEN_MODEL_AUDIT_H

#include <stdint.h>

#include <apr_time.h>

/* Whose record a page shows: by what the address names, or those of a list. */
typedef enum { RG_LOOK_LIST, RG_LOOK_BOOKING, RG_LOOK_PATIENT, RG_LOOK_INVOICE } rg_look_kind_t;

typedef struct {
    rg_look_kind_t kind;
    const char *uid;  /* of the booking, patient or invoice; NULL: a list */
    const char *page; /* pattern of the address, with what it asked for: no words of people */
} rg_record_look_t;

/* An event, with the names of those it is about where they are known. */
typedef struct {
    int64_t id;
    apr_time_t at;
    const char *actor, *action, *entity;
    int64_t entity_id;
    const char *detail;
    const char *staff;                        /* who it was; NULL: nobody of the staff */
    const char *patient_uid, *family, *given; /* whose record; NULL uid: nobody's */
} rg_audit_row_t;

typedef struct {
    int64_t patient_id; /* 0: everybody */
    const char *actor;  /* "": everybody */
    apr_time_t from, until;
    int64_t before; /* id; 0: from the newest on */
    int limit;
} rg_audit_filter_t;

#endif
