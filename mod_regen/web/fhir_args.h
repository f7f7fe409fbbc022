/* SPDX-License-Identifier: Apache-2.0 */
/* What comes with an operation: its parameters, in a query or a Parameters resource. Pure: fuzz
 * targets take fhir_args.c as it is. Private to the web room. */
#ifndef REGEN_FHIR_ARGS_H
#define REGEN_FHIR_ARGS_H

#include "fhir_in.h"

/* A parameter that an operation knows. */
typedef struct {
    const char *name;
    const char *type; /* FHIR's, for the OperationDefinition; NULL: another way to write one that is
                         told there */
    bool many, resource;
    bool unread;       /* its value is not looked at */
    const char *words; /* for people; NULL: as IHE says */
} regen_arg_t;
/* Each ends with a NULL name. */
extern const regen_arg_t regen_find_args[];
extern const regen_arg_t regen_hold_args[];
extern const regen_arg_t regen_book_args[];

/* Where a page of $find begins, in its links. */
#define REGEN_FIND_PAGE "_page"

/* One request. */
typedef struct {
    apr_pool_t *pool;
    rg_problems_t *problems;
    const rg_form_t *query;
    bool posted;
    const regen_node_t *body; /* NULL: none, or no resource */
} regen_asked_t;

/* A query, or the parameters of a Parameters resource: primitives, references, identifiers and
 * codes as the text that a query would have; resources as trees. */
typedef struct {
    apr_array_header_t *pairs;     /* rg_pair_t */
    apr_array_header_t *resources; /* regen_node_t *, named by their parameter */
} regen_args_t;
/* RG_INVALID with problems for a body that is no Parameters resource of R4 (fhir_shape.h), and for
 * what is not KNOWN (ends with a NULL name). NOTES gets what is understood and not kept. */
rg_outcome_t regen_args_read(regen_args_t *out, const regen_asked_t *asked,
                             const regen_arg_t *known, rg_problems_t *notes);
const char *regen_args_text(const regen_args_t *a, const char *name); /* the first; NULL: none */
/* The one resource of TYPE under that name. RG_INVALID when it is another type, or several. */
rg_outcome_t regen_args_resource(const regen_node_t **out, const regen_args_t *a,
                                 rg_problems_t *problems, const char *name, const char *type);

#endif
