/* SPDX-License-Identifier: Apache-2.0 */
/* A service as a whole value, field by field: for the editor and for files. */
#ifndef REGEN_MODEL_DEFINITION_H
#define REGEN_MODEL_DEFINITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>

#include "regen/core/words.h"
#include "regen/model/service.h"

/* The words of service_recall.kind, recall.kind. */
#define RG_RECALL_KINDS(X)                                                                         \
    X(RG_RECALL_FOLLOW_UP, "follow-up")                                                            \
    X(RG_RECALL_MAINTENANCE, "maintenance")
RG_WORDS(rg_recall_kind, RG_RECALL_KIND_COUNT, RG_RECALL_KINDS);

/* Why a resource is changed under bookings; the audit trail keeps it. */
#define RG_CHANGE_WHYS(X)                                                                          \
    X(RG_CHANGE_LEAVES, "leaves")                                                                  \
    X(RG_CHANGE_BROKEN, "broken")                                                                  \
    X(RG_CHANGE_NEW_HOURS, "new-hours")                                                            \
    X(RG_CHANGE_OTHER, "other")
RG_WORDS(rg_change_why, RG_CHANGE_WHY_COUNT, RG_CHANGE_WHYS);

/* What a service plans after its completion. */
typedef struct {
    int seq;          /* from 1 */
    const char *kind; /* rg_recall_kind_name */
    int after_min_days, after_max_days;
    const char *reason, *title;
} rg_service_recall_t;

/* What becomes of the check-in while a screening is not answered, or not in order. The words of
 * service_screening.check_in, questionnaire_request.check_in. */
#define RG_SCREEN_CHECKS(X)                                                                        \
    X(RG_SCREEN_WARN, "warn")                                                                      \
    X(RG_SCREEN_REFUSE, "refuse")
RG_WORDS(rg_screen_check, RG_SCREEN_CHECK_COUNT, RG_SCREEN_CHECKS);

/* A questionnaire that patients of a service answer before the visit. */
typedef struct {
    const char *questionnaire; /* its code */
    const char *check_in;      /* rg_screen_check_name */
} rg_service_screening_t;

/* A service with all its parts as one value, as read and written by the JSON file of regenctl and
 * the page of the administrators. Ids are not used: steps, needs and lines are numbered by their
 * position. */
typedef struct {
    rg_service_t service;        /* the store looks up site_id and fallback_service_id */
    const char *site, *fallback; /* codes; "" for no fallback */
    int display_order;
    bool active;
    int recall_count;
    rg_service_recall_t *recalls;
    int form_count;
    const char **forms; /* codes of the forms that must be signed */
    int screening_count;
    rg_service_screening_t *screenings;
} rg_service_def_t;
#define RG_SERVICES_FORMAT "mod_regen services 1" /* the first entry of a file of definitions */
#define RG_PLANS_MAX       32                     /* recalls of a service */
#define RG_SCREENINGS_MAX  4
#define RG_PREPARING_MAX   16
#define RG_PRODUCTS_MAX    1  /* a booking has one unit */
#define RG_WORDS_MAX       32 /* body sites, forms, other capabilities of a need */

/* definition.c: the fields of such a value by name. One table serves JSON and forms, limits and
 * comparison; every value has a text form. */
typedef enum {
    RG_FIELD_TEXT,     /* const char *: clean text, tidied by the reader */
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
    const char *usual;   /* default; NULL: required */
    const char *words;   /* WORD, KIND, STAFF: separated by spaces */
} rg_field_t;
/* Of rg_service_def_t, rg_step_t, rg_need_t, rg_fee_line_t, rg_service_recall_t,
 * rg_preparing_t, rg_product_t, rg_service_screening_t; each ends with a NULL name. A currency is
 * before its amount. */
extern const rg_field_t rg_service_fields[], rg_step_fields[], rg_need_fields[], rg_fee_fields[],
    rg_recall_fields[], rg_preparing_fields[], rg_product_fields[], rg_screening_fields[];
/* NULL, or a sentence that says what would be right; then OBJECT is unchanged. Keeps a pointer to
 * TEXT. */
const char *rg_field_set(apr_pool_t *p, const rg_field_t *f, void *object, const char *text);
const char *rg_field_get(apr_pool_t *p, const rg_field_t *f, const void *object);
/* Sets all fields with a default to it. */
void rg_fields_usual(apr_pool_t *p, const rg_field_t *fields, void *object);
/* NULL if valid, as rg_field_set. */
const char *rg_code_wrong(const char *text);
/* What rg_field_set would say of the value that OBJECT (of SIZE bytes) has. */
const char *rg_field_wrong(apr_pool_t *p, const rg_field_t *f, const void *object, size_t size);
/* 64 characters that are equal for two definitions exactly if these are equal. */
const char *rg_service_def_mark(apr_pool_t *p, const rg_service_def_t *d);

#endif
