/* SPDX-License-Identifier: Apache-2.0 */
/* What comes with an operation: the query of a GET, or the Parameters resource of a POST, XML or
 * JSON. Used by fhir_find.c and fhir_book.c. */
#include "fhir.h"

#include <apr_strings.h>
#include <string.h>

static rg_outcome_t wrong(regen_req_t *q, const char *where, const char *text)
{
    rg_problem_add(q->ctx->problems, where, "%s", text);
    return RG_INVALID;
}

/* "value" of a primitive, "reference" of a Reference, "system|code" of a Coding or a concept's
 * first, "value" of an Identifier. */
static const char *text_of(apr_pool_t *p, const regen_node_t *v)
{
    const regen_node_t *coding = regen_node_child(v, "coding");
    const char *system;
    if (v->value != NULL) {
        return v->value;
    }
    if (regen_node_text(v, "reference") != NULL) {
        return regen_node_text(v, "reference");
    }
    if (regen_node_text(v, "value") != NULL) {
        return regen_node_text(v, "value");
    }
    coding = coding != NULL ? coding : v;
    if (regen_node_text(coding, "code") == NULL) {
        return NULL;
    }
    system = regen_node_text(coding, "system");
    return apr_pstrcat(p, system != NULL ? system : "", system != NULL ? "|" : "",
                       regen_node_text(coding, "code"), NULL);
}

static void add_parameter(regen_args_t *out, apr_pool_t *p, const char *name,
                          const regen_node_t *parameter)
{
    const regen_node_t *c;
    for (c = parameter->child; c != NULL; c = c->next) {
        if (strcmp(c->name, "resource") == 0) {
            regen_node_t *r = apr_pmemdup(p, c, sizeof(*r));
            r->name = name;
            APR_ARRAY_PUSH(out->resources, const regen_node_t *) = r;
        }
        else if (strncmp(c->name, "value", 5) == 0) {
            rg_pair_t pair = {name, text_of(p, c)};
            if (pair.value != NULL) {
                APR_ARRAY_PUSH(out->pairs, rg_pair_t) = pair;
            }
        }
    }
}

static rg_outcome_t read_parameters(regen_args_t *out, regen_req_t *q)
{
    apr_pool_t *p = q->ctx->pool;
    const regen_node_t *body = q->json != NULL  ? regen_node_of_json(p, q->json)
                               : q->xml != NULL ? regen_node_of_xml(p, q->xml)
                                                : NULL;
    const regen_node_t *one;
    if (body == NULL || strcmp(body->type, "Parameters") != 0) {
        return wrong(q, NULL, "The body must be a Parameters resource of FHIR R4.");
    }
    for (one = regen_node_child(body, "parameter"); one != NULL; one = regen_node_again(one)) {
        const char *name = regen_node_text(one, "name");
        if (name == NULL) {
            return wrong(q, "Parameters.parameter.name", "A parameter has no name.");
        }
        add_parameter(out, p, name, one);
    }
    return RG_OK;
}

rg_outcome_t regen_args_read(regen_args_t *out, regen_req_t *q)
{
    out->pairs = apr_array_copy(q->ctx->pool, q->query->pairs);
    out->resources = apr_array_make(q->ctx->pool, 2, sizeof(const regen_node_t *));
    return q->r->method_number == M_POST ? read_parameters(out, q) : RG_OK;
}

const char *regen_args_text(const regen_args_t *a, const char *name)
{
    for (int i = 0; i < a->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(a->pairs, i, rg_pair_t);
        if (strcmp(pair->name, name) == 0) {
            return pair->value;
        }
    }
    return NULL;
}

rg_outcome_t regen_args_resource(const regen_node_t **out, const regen_args_t *a, regen_req_t *q,
                                 const char *name, const char *type)
{
    *out = NULL;
    for (int i = 0; i < a->resources->nelts; i++) {
        const regen_node_t *r = APR_ARRAY_IDX(a->resources, i, const regen_node_t *);
        if (strcmp(r->name, name) != 0) {
            continue;
        }
        if (*out != NULL) {
            return wrong(q, name, "Send this parameter once: one booking is for one patient.");
        }
        if (r->type == NULL || strcmp(r->type, type) != 0) {
            return wrong(q, name, "This parameter holds another type of resource.");
        }
        *out = r;
    }
    return RG_OK;
}

/* --- a patient -------------------------------------------------------------------------------- */

/* All texts of that name, one after the other. */
static const char *joined(apr_pool_t *p, const regen_node_t *n, const char *name, const char *sep)
{
    const char *all = NULL;
    const regen_node_t *c;
    for (c = regen_node_child(n, name); c != NULL; c = regen_node_again(c)) {
        if (c->value != NULL) {
            all = all != NULL ? apr_pstrcat(p, all, sep, c->value, NULL) : c->value;
        }
    }
    return all;
}

/* The official one of several, else the first. */
static const regen_node_t *preferred(const regen_node_t *n, const char *name, const char *use)
{
    const regen_node_t *first = regen_node_child(n, name);
    const regen_node_t *c;
    for (c = first; c != NULL; c = regen_node_again(c)) {
        const char *said = regen_node_text(c, "use");
        if (said != NULL && strcmp(said, use) == 0) {
            return c;
        }
    }
    return first;
}

static const char *contact(const regen_node_t *patient, const char *system)
{
    const regen_node_t *c;
    for (c = regen_node_child(patient, "telecom"); c != NULL; c = regen_node_again(c)) {
        const char *said = regen_node_text(c, "system");
        if (said != NULL && strcmp(said, system) == 0) {
            return regen_node_text(c, "value");
        }
    }
    return NULL;
}

void regen_args_patient(rg_details_in_t *to, apr_pool_t *p, const regen_node_t *patient)
{
    const regen_node_t *name = preferred(patient, "name", "official");
    const regen_node_t *address = preferred(patient, "address", "home");
    to->family = regen_node_text(name, "family");
    to->given = joined(p, name, "given", " ");
    to->birth_date = regen_node_text(patient, "birthDate");
    to->gender = regen_node_text(patient, "gender");
    to->email = contact(patient, "email");
    to->phone = contact(patient, "phone");
    to->address_line = joined(p, address, "line", ", ");
    to->city = regen_node_text(address, "city");
    to->state = regen_node_text(address, "state");
    to->postal_code = regen_node_text(address, "postalCode");
}
