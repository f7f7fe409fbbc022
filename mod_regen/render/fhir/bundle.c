/* SPDX-License-Identifier: Apache-2.0 */
/* Bundles around resources, and the OperationOutcomes in them. */
#include <apr_strings.h>
#include "regen/core/outcome.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

static void link_to(rg_writer_t *w, const char *relation, const char *url)
{
    if (url) {
        rg_writer_begin(w, "link");
        rg_writer_string(w, "relation", relation);
        rg_writer_string(w, "url", url);
        rg_writer_end(w);
    }
}

void rg_fhir_bundle(rg_writer_t *w, const char *as, const char *id, const char *type, int total,
                    const char *self, const char *next)
{
    rg_writer_resource(w, as, "Bundle");
    rg_writer_string(w, "id", id);
    rg_writer_string(w, "type", type);
    if (total >= 0) {
        rg_writer_int(w, "total", total);
    }
    rg_writer_list(w, "link");
    link_to(w, "self", self);
    link_to(w, "next", next);
    rg_writer_list_end(w);
    rg_writer_list(w, "entry");
}

void rg_fhir_bundle_end(rg_writer_t *w)
{
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

void rg_fhir_entry(rg_writer_t *w, apr_pool_t *p, const char *base, const char *type,
                   const char *id)
{
    rg_writer_begin(w, "entry");
    if (base) {
        rg_writer_string(w, "fullUrl", apr_pstrcat(p, base, "/", type, "/", id, NULL));
    }
}

void rg_fhir_entry_end(rg_writer_t *w, const char *mode)
{
    rg_writer_begin(w, "search");
    rg_writer_string(w, "mode", mode);
    rg_writer_end(w);
    rg_writer_end(w);
}

void rg_fhir_outcome(rg_writer_t *w, const char *as, const char *severity, const char *code,
                     const rg_problems_t *problems)
{
    rg_writer_resource(w, as, "OperationOutcome");
    rg_writer_list(w, "issue");
    for (int i = 0; i < problems->list->nelts; i++) {
        const rg_problem_t *p = &APR_ARRAY_IDX(problems->list, i, rg_problem_t);
        rg_writer_begin(w, "issue");
        rg_writer_string(w, "severity", severity);
        rg_writer_string(w, "code", code);
        rg_writer_concept(w, "details", NULL, NULL, NULL, p->text);
        rg_writer_list(w, "expression");
        rg_writer_string(w, "expression", p->field);
        rg_writer_list_end(w);
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}
