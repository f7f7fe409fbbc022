/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as what comes with $find, $hold and $book: a Parameters resource, XML or JSON, or (up to
 * the first empty line) a query. Beyond not crashing: what is taken is known to the operation, comes
 * once where it may come once, resources stand where resources may, and whatever is refused says what
 * in clean words. */
#include "target.h"

#include "mod_regen/web/fhir/read/args.c"
#include "mod_regen/web/fhir/read/in.c"
#include "mod_regen/web/fhir/read/param.c"
#include "mod_regen/web/fhir/read/place.c"
#include "mod_regen/web/fhir/read/primitive.c"
#include "mod_regen/web/fhir/read/shape.c"
#include "regen/core/form.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/xml.h"
#include "regen/model/booking.h"

static const regen_arg_t *const OPERATIONS[] = {regen_find_args, regen_hold_args, regen_book_args};

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

static void known_once(const regen_args_t *a, const regen_arg_t *known)
{
    for (int i = 0; i < a->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(a->pairs, i, rg_pair_t);
        const regen_arg_t *arg = arg_named(known, pair->name);
        must(arg && pair->value && rg_text_clean(pair->value, strlen(pair->value)));
        must(arg->many || regen_args_text(a, pair->name) == pair->value);
    }
    must(a->values->nelts == a->pairs->nelts);
    for (int i = 0; i < a->resources->nelts; i++) {
        const regen_node_t *r = APR_ARRAY_IDX(a->resources, i, const regen_node_t *);
        const regen_arg_t *arg = arg_named(known, r->name);
        must(arg && arg->resource && r->type);
    }
}

/* What is taken as a place is one code, and what is refused is said. */
static void one_place(apr_pool_t *p, const regen_args_t *a, rg_problems_t *problems)
{
    regen_place_t place;
    const regen_place_in_t in = {p, problems, "https://x.example/codes/services/body-site"};
    const regen_node_t *appointment = NULL;
    rg_outcome_t rc =
        regen_args_resource(&appointment, a, problems, "appointment-resource", "Appointment");
    if (rc != RG_OK) {
        return;
    }
    rc = regen_place_read(&place, &in, a, appointment);
    must((rc == RG_OK) != rg_problems_any(problems));
    if (rc == RG_OK) {
        must((place.body_site != NULL) == (place.by_site || place.by_reason));
        must((place.side != NULL) == (place.by_side != NULL));
        (void)regen_place_words(&place, &in, "knee", RG_SIDE_LEFT);
    }
}

static void of_operation(apr_pool_t *p, const regen_arg_t *known, const rg_form_t *query,
                         const regen_node_t *body)
{
    regen_args_t a;
    const regen_node_t *patient = NULL;
    rg_problems_t *problems = rg_problems_make(p);
    rg_problems_t *notes = rg_problems_make(p);
    regen_asked_t asked = {p, problems, query, body != NULL, body};
    rg_outcome_t rc = regen_args_read(&a, &asked, known, notes);
    must((rc == RG_OK) != rg_problems_any(problems));
    if (rc == RG_OK) {
        known_once(&a, known);
        rc = regen_args_resource(&patient, &a, problems, "patient-resource", "Patient");
        must((rc == RG_OK) != rg_problems_any(problems));
        must(!patient || strcmp(patient->type, "Patient") == 0);
        if (rc == RG_OK) {
            one_place(p, &a, problems);
        }
    }
    must_be_clean(problems);
    must_be_clean(notes);
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    const char *body = strstr(text, "\n\n");
    size_t n = body && *text != '{' && *text != '<' ? (size_t)(body - text) : 0;
    rg_form_t *query = NULL;
    body = n > 0 ? body + 2 : text;
    const regen_node_t *tree = any_tree(p, body, size - (size_t)(body - text));
    if (rg_form_parse(&query, p, text, !tree && n == 0 ? size : n, 200) != RG_OK) {
        return;
    }
    for (size_t i = 0; i < sizeof(OPERATIONS) / sizeof(*OPERATIONS); i++) {
        of_operation(p, OPERATIONS[i], query, tree);
    }
}
