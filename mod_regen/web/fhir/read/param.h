/* SPDX-License-Identifier: Apache-2.0 */
/* Search parameters as FHIR writes them (R4, 3.1.1). Private to the web room. */
#ifndef REGEN_FHIR_PARAM_H
#define REGEN_FHIR_PARAM_H

#include <apr_tables.h>

#include "regen/core/time.h"
#include "regen/core/words.h"

/* A range of instants [from, until). */
typedef struct {
    apr_time_t from, until;
} regen_span_t;

/* Cuts at commas that have no backslash before them and takes the backslashes away. Pushes nothing
 * for "". */
apr_array_header_t *regen_fhir_values(apr_pool_t *p, const char *s);

/* The range an instant, day, month or year names; what has no offset is ZONE's (NULL: UTC). A blank
 * counts as the plus sign it was before somebody forgot to escape it. */
bool regen_fhir_instant(regen_span_t *out, apr_pool_t *p, const char *s, const rg_zone_t *zone);
#define REGEN_FHIR_PREFIXES "eq gt ge lt le sa eb"
/* Narrows *WITHIN by a value with its prefix, one of these or none. False for anything else. */
bool regen_fhir_narrow(regen_span_t *within, apr_pool_t *p, const char *s, const rg_zone_t *zone);

/* "code", "system|code", "|code", "system|". */
bool regen_fhir_token_fits(const char *value, const char *system, const char *code);
/* How values are compared: the first without a modifier, the others by theirs. NOT and MISSING are
 * about a parameter as a whole. */
#define REGEN_FHIR_HOWS(X)                                                                         \
    X(REGEN_STARTS, "")                                                                            \
    X(REGEN_CONTAINS, "contains")                                                                  \
    X(REGEN_EXACT, "exact")                                                                        \
    X(REGEN_NOT, "not")                                                                            \
    X(REGEN_MISSING, "missing")
RG_WORDS(regen_fhir_how, REGEN_FHIR_HOW_COUNT, REGEN_FHIR_HOWS);
/* The how of ":exact", ":contains", ":not" or ":missing"; -1 for any other modifier. */
int regen_fhir_modifier(const char *modifier);
/* By the keys of names (rg_fold_name), except EXACT: that is the same text. */
bool regen_fhir_string_fits(apr_pool_t *p, const char *value, const char *text,
                            regen_fhir_how_t how);
/* The id of "id", "TYPE/id" or "BASE/TYPE/id"; NULL for another type, another server or no id. */
const char *regen_fhir_reference(const char *value, const char *base, const char *type);

/* Where a page begins, as a word that says nothing to others. */
const char *regen_fhir_page_make(apr_pool_t *p, int64_t key, int64_t id);
bool regen_fhir_page_read(int64_t *key, int64_t *id, const char *s);

#endif
