/* SPDX-License-Identifier: Apache-2.0 */
/* Logic-less templates in Mustache syntax. */
#ifndef REGEN_RENDER_TEMPLATE_H
#define REGEN_RENDER_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>

#include <apr_pools.h>

#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"

/* --- template/set.c --------------------------------------------------------------------------- */

/* In a template:
 *   {{name}}  {{a.b.c}}  {{.}}     the value, always escaped
 *   {{#name}} ... {{/name}}        once with NAME as context when it is true (rg_val_true), once
 *                                  per item when it is a list
 *   {{^name}} ... {{/name}}        when it is not true
 *   {{> part}}                     another file of the set with the same ending; one that stands
 *                                  alone on its line lends its indentation to the part's lines
 *   {{! words }}                   nothing
 *
 * A name is looked for in the innermost context first, then outwards. Only its first word is: the
 * remainder of a dotted name must be found right there. Absent values are nothing, and false. So is
 * a NULL string (rg_val_str leaves it out), but "" is true, as in rg_val_true.
 *
 * There is no unescaped output: {{{x}}} and {{&x}} are errors, and so are {{=<% %>=}}, {{$block}}
 * and {{<parent}}. Values belong into text or into a QUOTED attribute ("{{x}}" or '{{x}}'); put one
 * into an unquoted attribute, a script or a style and no escaping helps. What goes into a URL is
 * percent-escaped by whoever makes the value.
 *
 * Names in the set are folder and file: "patient/times.html", and {{> part/head}} for a part. In
 * *.txt (mail) nothing is escaped because there is nothing to escape from; a part always has the
 * ending of who includes it, so text never gets into HTML. */

typedef struct rg_templates_t rg_templates_t;

/* Reads and parses every *.html and *.txt in the folders of DIR, one level deep (at most 1 MiB
 * each, UTF-8). RG_INVALID with one line per mistake in *why ("DIR/patient/times.html:12: section
 * {{#days}} is never closed"), made for a sysadmin; nothing else fails. A template right in DIR and
 * a partial that is not in the set are mistakes; one that includes itself is not (see
 * rg_template_render). The set lives as long as P, never changes and may be read by all threads. */
rg_outcome_t rg_templates_load(rg_templates_t **out, apr_pool_t *p, const char *dir,
                               const char **why);

/* The same from memory, for tests and fuzzing: make, add each, seal. Errors name NAME; TEXT and
 * NAME are copied. STRICT as in rg_templates_load; not STRICT: a missing partial renders as
 * nothing. Nothing may be rendered before the seal, nor added after it. */
rg_templates_t *rg_templates_make(apr_pool_t *p);
rg_outcome_t rg_templates_add(rg_templates_t *set, const char *name, const char *text, size_t n,
                              const char **why);
rg_outcome_t rg_templates_seal(rg_templates_t *set, bool strict, const char **why);

/* --- template/template.c ---------------------------------------------------------------------- */

/* Whether "patient/times.html" is there; glue checks at configuration time that all names it will
 * use are. */
bool rg_templates_has(const rg_templates_t *set, const char *name);

/* Appends template NAME ("patient/times.html"; "patient/times" means that too) over V to OUT.
 * RG_NOT_FOUND: no such template. RG_TOO_LARGE: OUT's cap, partials nested more than
 * RG_TEMPLATE_DEPTH deep or a template that multiplies beyond reason; what is in OUT then must not
 * be sent. Allocates nothing but OUT's growth. */
#define RG_TEMPLATE_DEPTH 64
rg_outcome_t rg_template_render(const rg_templates_t *set, const char *name, const rg_val_t *v,
                                rg_buf_t *out);

#endif
