/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a FHIR document, JSON or XML: read into a tree, held against R4, and read as a
 * Patient or a Claim that the scrubber judges. Beyond not crashing: what is accepted has no modifier anywhere, says what it says when it
 * is compared with itself, and what is refused comes with clean words and paths. */
#include "target.h"

#include "mod_regen/web/fhir/claim/check.c"
#include "mod_regen/web/fhir/claim/read.c"
#include "mod_regen/web/fhir/read/compare.c"
#include "mod_regen/web/fhir/read/in.c"
#include "mod_regen/web/fhir/read/param.c"
#include "mod_regen/web/fhir/read/patient.c"
#include "mod_regen/web/fhir/read/primitive.c"
#include "mod_regen/web/fhir/read/shape.c"
#include "regen/clinic/billing.h"
#include "regen/clinic/patient.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/xml.h"
#include "regen/model/money.h"

void fuzz_begin(apr_pool_t *forever)
{
    (void)forever;
    rg_xml_init();
}

static const regen_node_t *any_tree(apr_pool_t *p, const char *bytes, size_t n)
{
    json_t *json = NULL;
    struct _xmlDoc *doc = NULL;
    if (rg_json_parse(&json, p, bytes, n, NULL) == RG_OK) {
        return regen_node_of_json(p, json);
    }
    return rg_xml_parse(&doc, p, bytes, n, NULL) == RG_OK ? regen_node_of_xml(p, doc) : NULL;
}

static void no_modifier(const regen_node_t *n)
{
    for (const regen_node_t *c = n->child; c; c = c->next) {
        must(strcmp(c->name, "modifierExtension") != 0 && strcmp(c->name, "implicitRules") != 0);
        no_modifier(c);
    }
}

/* What is found has a path; a Claim that is read twice is judged alike. */
static void check_claim(apr_pool_t *p, const regen_node_t *tree)
{
    int count[2];
    for (int i = 0; i < 2; i++) {
        rg_problems_t *problems = rg_problems_make(p);
        rg_claim_t c;
        bool professional;
        regen_claim_check(tree, p, problems);
        regen_claim_read(&c, &professional, tree, p, problems);
        must(c.lines && c.diagnoses);
        rg_claim_scrub_foreign(&c, professional, (rg_date_t){2026, 11, 30}, problems);
        for (int k = 0; k < problems->list->nelts; k++) {
            const char *field = APR_ARRAY_IDX(problems->list, k, rg_problem_t).field;
            must(field && strncmp(field, "Claim", 5) == 0);
        }
        must_be_clean(problems);
        count[i] = problems->list->nelts;
    }
    must(count[0] == count[1]);
}

static void check(apr_pool_t *p, const regen_node_t *tree)
{
    rg_problems_t *problems = rg_problems_make(p);
    rg_details_in_t details = {0};
    regen_compare_t same = {p, rg_problems_make(p), "https://x.example/fhir", "", "differs"};
    bool fine = regen_fhir_shape(problems, problems, p, tree);
    if (fine) {
        no_modifier(tree);
    }
    must(regen_fhir_same(&same, tree, tree));
    if (strcmp(tree->type, "Claim") == 0) {
        check_claim(p, tree);
    }
    if (strcmp(tree->type, "Patient") == 0) {
        (void)regen_patient_read(&details, problems, p, tree, apr_time_from_sec(1800000000));
    }
    must_be_clean(problems);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    const regen_node_t *tree = any_tree(p, text, size);
    if (tree) {
        check(p, tree);
    }
}
