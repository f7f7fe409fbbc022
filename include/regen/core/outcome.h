/* SPDX-License-Identifier: Apache-2.0 */
/* Outcomes of functions that can fail, and problems in words. */
#ifndef REGEN_CORE_OUTCOME_H
#define REGEN_CORE_OUTCOME_H

#include <stdbool.h>

#include <apr_pools.h>
#include <apr_tables.h>

#include "regen/core/words.h"

/* Few and expected. web/platform/outcome.c maps each to an HTTP status, a FHIR issue code, a log
 * level and a page. "Not yours" is RG_NOT_FOUND. */
#define RG_OUTCOMES(X)                                                                             \
    X(RG_OK, "ok")                                                                                 \
    /* the input is wrong; problems say which fields and what would be right */                    \
    X(RG_INVALID, "invalid")                                                                       \
    /* nobody is logged in */                                                                      \
    X(RG_UNAUTHENTICATED, "unauthenticated")                                                       \
    /* somebody is, without the role */                                                            \
    X(RG_FORBIDDEN, "forbidden")                                                                   \
    X(RG_NOT_FOUND, "not-found")                                                                   \
    /* taken, or changed in the meantime */                                                        \
    X(RG_CONFLICT, "conflict")                                                                     \
    /* expired or used up: a hold, a link, a unit */                                               \
    X(RG_GONE, "gone")                                                                             \
    /* a rule forbids it now: consent missing, wrong side, wrong state */                          \
    X(RG_PRECONDITION, "precondition")                                                             \
    X(RG_TOO_LARGE, "too-large")                                                                   \
    /* by one client at a time; come back later */                                                 \
    X(RG_TOO_MANY, "too-many")                                                                     \
    /* the database is down or busy; come back later */                                            \
    X(RG_UNAVAILABLE, "unavailable")                                                               \
    X(RG_INTERNAL, "internal")
/* The name is for logs and audit events. */
RG_WORDS(rg_outcome, RG_OUTCOME_COUNT, RG_OUTCOMES);

/* Returns from the calling function with the call's outcome unless it is RG_OK. Only where nothing
 * has to be undone: no cursor is open, nothing is locked. */
#define RG_TRY(call)                                                                               \
    do {                                                                                           \
        rg_outcome_t tried_ = (call);                                                              \
        if (tried_ != RG_OK) {                                                                     \
            return tried_;                                                                         \
        }                                                                                          \
    } while (0)

/* One thing that is wrong, in words for the person who can fix it. */
typedef struct {
    const char *field; /* form field or FHIR path; NULL when it concerns the whole request */
    const char *text;  /* a sentence with a capital and a full stop; says what would be right */
    const char *code;  /* FHIR's type of issue; NULL: that of the whole answer */
} rg_problem_t;

/* All problems of a request, added where they are noticed, shown once. */
typedef struct {
    apr_pool_t *pool;
    apr_array_header_t *list; /* of rg_problem_t */
} rg_problems_t;

rg_problems_t *rg_problems_make(apr_pool_t *p);
/* Copies FIELD and the text. In all three functions PS may be NULL: the problem is ignored. */
void rg_problem_add(rg_problems_t *ps, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool rg_problems_any(const rg_problems_t *ps);
/* The first text, for any field; NULL: none. */
const char *rg_problem_first(const rg_problems_t *ps);
/* The first text for this field (NULL: for the whole request), or NULL. */
const char *rg_problem_for(const rg_problems_t *ps, const char *field);

#endif
