/* SPDX-License-Identifier: Apache-2.0 */
/* A strict XML reader and schema validation (libxml2). */
#ifndef REGEN_CORE_XML_H
#define REGEN_CORE_XML_H

#include <stddef.h>

#include <apr_pools.h>

#include "regen/core/outcome.h"

struct _xmlDoc;

/* --- text/xml_scan.c -------------------------------------------------------------------------- */

/* text/xml_scan.c: which limit a document exceeds, in words, or NULL: attributes of one element,
 * namespaces, elements, depth, length of a name. Linear in N. */
const char *rg_xml_excess(const char *bytes, size_t n);

/* --- text/xml.c: strict readers --------------------------------------------------------------- */

/* UTF-8 only. No entities, no DTD, no network, within all limits, clean text: any other document is
 * RG_INVALID. Freed with P. The problems quote the parser, and so perhaps the document: show them,
 * never log them. */
rg_outcome_t rg_xml_parse(struct _xmlDoc **out, apr_pool_t *p, const char *bytes, size_t n,
                          rg_problems_t *problems);
void rg_xml_init(void); /* once per process, before threads */

typedef struct rg_schema_t rg_schema_t;
/* NULL with a reason in *why. May be used by many threads: validation is serialized inside. Lives
 * as long as P. Loading uses no network and refuses a schema that needs it; load before threads
 * start (it temporarily replaces libxml2's process-wide loader). */
rg_schema_t *rg_schema_load(apr_pool_t *p, const char *path, const char **why);
/* RG_INVALID with the validator's words as problems (the first twenty). */
rg_outcome_t rg_schema_validate(rg_schema_t *s, const char *xml, size_t n, rg_problems_t *problems);

#endif
