/* SPDX-License-Identifier: Apache-2.0 */
/* The input of an operation: parameters in a query or a Parameters resource. Pure: fuzz targets
 * include args.c directly. Private to the web room. */
#ifndef REGEN_FHIR_ARGS_H
#define REGEN_FHIR_ARGS_H

#include "in.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"

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
    apr_array_header_t *values;    /* const regen_node_t *, of each pair; NULL: of a query */
    apr_array_header_t *resources; /* regen_node_t *, named by their parameter */
    bool damaged; /* RG_INVALID is about how it was sent, not about what it says: 400 */
} regen_args_t;
/* RG_INVALID with problems for a body that is no Parameters resource of R4 (shape.h), for
 * what is not KNOWN (ends with a NULL name), for several values where one is meant, and for a query
 * beside a body. NOTES gets what is understood and not kept. */
rg_outcome_t regen_args_read(regen_args_t *out, const regen_asked_t *asked,
                             const regen_arg_t *known, rg_problems_t *notes);
const char *regen_args_text(const regen_args_t *a, const char *name); /* the first; NULL: none */
/* The value as it was sent in a body; NULL: none was. */
const regen_node_t *regen_args_value(const regen_args_t *a, const char *name);
/* The one resource of TYPE under that name. RG_INVALID when it is another type, or several. */
rg_outcome_t regen_args_resource(const regen_node_t **out, const regen_args_t *a,
                                 rg_problems_t *problems, const char *name, const char *type);

#endif
