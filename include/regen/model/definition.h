/* SPDX-License-Identifier: Apache-2.0 */
/* A service as a whole value, field by field: for the editor and for files. */
#ifndef REGEN_MODEL_DEFINITION_H
#define REGEN_MODEL_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>

#include "regen/model/service.h"

/* What a service plans after its completion. */
typedef struct {
    int seq;          /* from 1 */
    const char *kind; /* "follow-up", "maintenance" */
    int after_min_days, after_max_days;
    const char *reason, *title;
} rg_service_recall_t;

/* A service with everything that belongs to it, as one value: what the JSON file of regenctl and
 * the page of the administrators read and write. Ids count nothing in it: numbers of steps, needs
 * and lines are their places. */
typedef struct {
    rg_service_t service;        /* site_id and fallback_service_id are the store's to find */
    const char *site, *fallback; /* codes; "" for no fallback */
    int display_order;
    bool active;
    int charge_count;
    rg_service_charge_t *charges;
    int recall_count;
    rg_service_recall_t *recalls;
    int form_count;
    const char **forms; /* codes of the forms that must be signed */
} rg_service_def_t;
#define RG_SERVICES_FORMAT "mod_regen services 1" /* what a file of definitions begins with */
#define RG_CHARGES_MAX     32
#define RG_PLANS_MAX       32 /* recalls of a service */
#define RG_PREPARING_MAX   16
#define RG_WORDS_MAX       32 /* body sites, forms, other capabilities of a need */

/* definition.c: the fields of such a value by name. One table reads and writes JSON and forms,
 * checks limits and compares; every value has a text. */
typedef enum {
    RG_FIELD_TEXT,     /* const char *: clean text, tidied by whoever read it */
    RG_FIELD_CODE,     /* const char *: a-z, 0-9 and hyphens */
    RG_FIELD_INT,      /* int */
    RG_FIELD_YES,      /* bool */
    RG_FIELD_WORD,     /* const char *: one of `words` */
    RG_FIELD_KIND,     /* rg_step_kind_t */
    RG_FIELD_STAFF,    /* bool: "public" or "staff" */
    RG_FIELD_CURRENCY, /* of an rg_money_t */
    RG_FIELD_MONEY     /* rg_money_t whose currency is known */
} rg_field_kind_t;
typedef struct {
    const char *name;
    rg_field_kind_t kind;
    size_t at;           /* in the struct */
    int64_t least, most; /* of numbers; characters of texts and codes */
    int step;            /* INT: only multiples of it */
    const char *usual;   /* what it is when it is not given; NULL: it must be given */
    const char *words;   /* WORD, KIND, STAFF: separated by blanks */
} rg_field_t;
/* Of rg_service_def_t, rg_step_t, rg_need_t, rg_service_charge_t, rg_service_recall_t,
 * rg_preparing_t; each ends with a NULL name. A currency stands before its sum. */
extern const rg_field_t rg_service_fields[], rg_step_fields[], rg_need_fields[], rg_charge_fields[],
    rg_recall_fields[], rg_preparing_fields[];
/* NULL, or a sentence that says what would be right; OBJECT stays as it was then. Keeps TEXT. */
const char *rg_field_set(apr_pool_t *p, const rg_field_t *f, void *object, const char *text);
const char *rg_field_get(apr_pool_t *p, const rg_field_t *f, const void *object);
/* Sets what has a usual value to it. */
void rg_fields_usual(apr_pool_t *p, const rg_field_t *fields, void *object);
/* NULL when fine, as rg_field_set. */
const char *rg_code_wrong(const char *text);
/* What rg_field_set would say of the value that OBJECT (of SIZE bytes) has. */
const char *rg_field_wrong(apr_pool_t *p, const rg_field_t *f, const void *object, size_t size);
/* 64 characters that are the same for two definitions exactly when these say the same. */
const char *rg_service_def_mark(apr_pool_t *p, const rg_service_def_t *d);

#endif
