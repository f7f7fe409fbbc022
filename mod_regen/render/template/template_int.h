/* SPDX-License-Identifier: Apache-2.0 */
/* What the three files of the template engine share: set.c (the set), parse.c (bytes to
 * nodes) and template.c (nodes and values to bytes). Nobody else includes this. */
#ifndef REGEN_RENDER_TEMPLATE_INT_H
#define REGEN_RENDER_TEMPLATE_INT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_tables.h>

#include <apr_hash.h>

typedef enum {
    RG_NODE_TEXT,
    RG_NODE_VALUE,
    RG_NODE_SECTION,  /* the nodes up to `target` belong to it */
    RG_NODE_INVERTED, /* likewise */
    RG_NODE_PARTIAL   /* `target` is the template's place in the set */
} rg_node_kind_t;

/* One array of these per template; a section's content follows it, so skipping is one assignment.
 * */
typedef struct {
    const char
        *bytes; /* TEXT: literal; PARTIAL: indentation; else the name's words, each with its NUL */
    uint64_t head; /* of a name's first word */
    uint32_t n;    /* TEXT, PARTIAL: length of bytes */
    uint32_t target;
    uint32_t line; /* for messages */
    uint8_t words; /* of a name; 0 is {{.}} */
    uint8_t kind;
    bool line_start; /* TEXT: the template's line starts here, so an indentation goes before it */
} rg_node_t;

typedef struct {
    const char *name;  /* "patient/times.html" */
    const char *where; /* as messages name it: "conf/templates/patient/times.html" */
    rg_node_t *nodes;
    uint32_t count;
    bool html; /* values are escaped */
} rg_template_t;

struct rg_templates_t {
    apr_pool_t *pool;
    apr_hash_t *index;        /* name to rg_template_t*, filled by the seal */
    apr_array_header_t *list; /* of rg_template_t */
    apr_array_header_t
        *wants; /* of const char*: the file each PARTIAL node asks for, until the seal */
    bool sealed;
};

#define RG_NO_TEMPLATE UINT32_MAX

/* Fills T's nodes from TEXT, which must live as long as P. A PARTIAL's target is its place in
 * WANTS. NULL, or what is wrong ("where:12: …"). */
const char *rg_template_parse(rg_template_t *t, apr_pool_t *p, apr_array_header_t *wants,
                              const char *text, size_t n);

#endif
