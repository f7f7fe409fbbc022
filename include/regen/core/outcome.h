/* SPDX-License-Identifier: Apache-2.0 */
/* How every fallible function ends, and what went wrong in words. */
#ifndef REGEN_CORE_OUTCOME_H
#define REGEN_CORE_OUTCOME_H

#include <stdbool.h>

#include <apr_pools.h>
#include <apr_tables.h>

/* Few and expected. web/platform/outcome.c maps each to an HTTP status, a FHIR issue code, a log
 * level and a page. "Not yours" is RG_NOT_FOUND. */
typedef enum {
    RG_OK = 0,
    RG_INVALID, /* the input is wrong; ctx->problems says which fields and what would be right */
    RG_UNAUTHENTICATED, /* nobody is logged in */
    RG_FORBIDDEN,       /* somebody is, without the role */
    RG_NOT_FOUND,
    RG_CONFLICT,     /* taken, or changed meanwhile */
    RG_GONE,         /* expired or used up: a hold, a link, a unit */
    RG_PRECONDITION, /* a rule forbids it now: consent missing, wrong side, wrong state */
    RG_TOO_LARGE,
    RG_TOO_MANY,    /* by one client at a time; come back later */
    RG_UNAVAILABLE, /* the database is down or busy; come back later */
    RG_INTERNAL
} rg_outcome_t;
#define RG_OUTCOME_COUNT (RG_INTERNAL + 1)

/* Goes on if the call was fine, and otherwise returns its outcome from the function that says so.
 * Only where nothing has to be undone: no cursor is open, nothing is locked. */
#define RG_TRY(call)                                                                               \
    do {                                                                                           \
        rg_outcome_t tried_ = (call);                                                              \
        if (tried_ != RG_OK) {                                                                     \
            return tried_;                                                                         \
        }                                                                                          \
    } while (0)

/* The outcome's stable lower-case name ("not-found"), for logs and audit events. Static string. */
const char *rg_outcome_name(rg_outcome_t o);

/* One thing that is wrong, in words for the person who can mend it. */
typedef struct {
    const char *field; /* form field or FHIR path; NULL when it concerns the whole request */
    const char *text;  /* one sentence; says what would be right */
    const char *code;  /* FHIR's type of issue; NULL: that of the whole answer */
} rg_problem_t;

/* What went wrong, filled by whoever notices, shown once. */
typedef struct {
    apr_pool_t *pool;
    apr_array_header_t *list; /* of rg_problem_t */
} rg_problems_t;

rg_problems_t *rg_problems_make(apr_pool_t *p);
/* Copies FIELD and the text. All three functions take NULL for PS: nobody wants to know. */
void rg_problem_add(rg_problems_t *ps, const char *field, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
bool rg_problems_any(const rg_problems_t *ps);
/* The first text there is, whatever it is about; NULL: none. */
const char *rg_problem_first(const rg_problems_t *ps);
/* The first text for this field (NULL: for the whole request), or NULL. */
const char *rg_problem_for(const rg_problems_t *ps, const char *field);

#endif
