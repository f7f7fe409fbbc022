/* SPDX-License-Identifier: Apache-2.0 */
/* Reads text, names and addresses from a form. Pure. Private to the rules of forms in this room. */
#ifndef RG_CLINIC_TYPED_H
#define RG_CLINIC_TYPED_H
#include "regen/core/outcome.h"

enum { RG_TYPED_MAX = 320 }; /* characters of what is still to be understood */

/* The problems, the pool, and who typed: RG_ROLE_STAFF for a patient, 0 for themselves. */
typedef struct {
    apr_pool_t *pool;
    rg_problems_t *problems;
    unsigned roles;
} rg_typed_t;

/* "your" to the patient, "the patient's" to staff. */
const char *rg_typed_whose(const rg_typed_t *k);

/* Trimmed text of at most MAX characters on one line; "" with a problem otherwise. NAME is the
 * field in words, MISSING the problem if it is empty (NULL: enter NAME). */
const char *rg_typed_line(const rg_typed_t *k, const char *field, const char *name,
                          const char *typed, size_t max, const char *missing);
/* The same of what may be left out. */
const char *rg_typed_optional(const rg_typed_t *k, const char *field, const char *name,
                              const char *typed, size_t max);
/* In the form in which it is stored; "" with a problem. */
const char *rg_typed_email(const rg_typed_t *k, const char *field, const char *typed);
const char *rg_typed_phone(const rg_typed_t *k, const char *field, const char *typed);

/* A name in its two fields, with the words for them. */
typedef struct {
    const char *given_field, *given_name, *given;
    const char *family_field, *family_name, *family;
    const char *missing;
} rg_typed_name_t;

/* A person's only name is stored as the last name, whichever field it came in: claims and FHIR
 * expect it there. */
void rg_typed_name(const rg_typed_t *k, const char **given, const char **family,
                   const rg_typed_name_t *t);

#endif
