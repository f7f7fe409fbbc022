/* SPDX-License-Identifier: Apache-2.0 */
/* Incoming FHIR documents, XML or JSON, as one kind of tree. Private to the web room. */
#ifndef REGEN_FHIR_IN_H
#define REGEN_FHIR_IN_H

#include <stdbool.h>

#include <apr_pools.h>

/* An element. Repeated ones are siblings of one name; a resource's TYPE is "Patient"; VALUE is the
 * text of a primitive, NULL otherwise. What XML has beside elements is there, too: "#text",
 * "#foreign" and attributes like "@lang"; and JSON's "_birthDate" by that name (shape.h). */
typedef struct regen_node_t {
    const char *name, *type, *value;
    struct regen_node_t *child, *next;
} regen_node_t;

struct _xmlDoc;
struct json_t;
/* NULL for what is no resource of FHIR, or nested more than 32 deep. */
const regen_node_t *regen_node_of_xml(apr_pool_t *p, struct _xmlDoc *doc);
const regen_node_t *regen_node_of_json(apr_pool_t *p, struct json_t *json);

/* Whether XML had text between elements below N, where FHIR has none; a narrative's markup does not
 * count. */
bool regen_node_has_text(const regen_node_t *n);

/* The first child of that name, or the next sibling of the same name as AT; NULL: none. N may be
 * NULL. */
const regen_node_t *regen_node_child(const regen_node_t *n, const char *name);
const regen_node_t *regen_node_again(const regen_node_t *at);
/* The text at "name/family" below N; NULL: not there. */
const char *regen_node_text(const regen_node_t *n, const char *path);

#endif
