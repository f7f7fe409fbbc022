/* SPDX-License-Identifier: Apache-2.0 */
/* What comes with an operation: the query of a GET, or the Parameters resource of a POST, XML or
 * JSON. Used by fhir_find.c and fhir_book.c. */
#include "fhir.h"
#include "fhir_shape.h"

#include <apr_strings.h>
#include <string.h>

static rg_outcome_t wrong(regen_req_t *q, const char *where, const char *text)
{
    rg_problem_add(q->ctx->problems, where, "%s", text);
    return RG_INVALID;
}

static const char *token(apr_pool_t *p, const regen_node_t *n, const char *value)
{
    const char *system = regen_node_text(n, "system");
    return value != NULL && system != NULL ? apr_pstrcat(p, system, "|", value, NULL) : value;
}

/* The text that a query would have: a primitive's value, a reference, "system|code" of a Coding or
 * a concept's first, "system|value" of an Identifier. A reference by identifier only has the
 * modifier that a query would have: *SUFFIX. NULL: nothing that is understood. */
static const char *text_of(apr_pool_t *p, const regen_node_t *v, const char **suffix)
{
    const regen_node_t *coding = regen_node_child(v, "coding");
    const regen_node_t *identifier = regen_node_child(v, "identifier");
    const char *reference = regen_node_text(v, "reference");
    *suffix = "";
    if (v->value != NULL || reference != NULL) {
        return v->value != NULL ? v->value : reference;
    }
    if (identifier != NULL) {
        *suffix = ":identifier";
        return token(p, identifier, regen_node_text(identifier, "value"));
    }
    if (regen_node_text(v, "value") != NULL) {
        return token(p, v, regen_node_text(v, "value"));
    }
    coding = coding != NULL ? coding : v;
    return token(p, coding, regen_node_text(coding, "code"));
}

/* --- which there are -------------------------------------------------------------------------- */

static const regen_arg_t *arg_named(const regen_arg_t *known, const char *name)
{
    for (; known->name != NULL; known++) {
        if (strcmp(known->name, name) == 0) {
            return known;
        }
    }
    return NULL;
}

/* Of the answer, not of the question. */
static bool is_control(const char *name)
{
    return strcmp(name, "_format") == 0 || strcmp(name, "_pretty") == 0;
}

static rg_outcome_t add(regen_args_t *out, regen_req_t *q, const regen_arg_t *known,
                        const char *name, const char *value)
{
    const regen_arg_t *arg = arg_named(known, name);
    rg_pair_t pair = {apr_pstrdup(q->ctx->pool, name), value};
    if (arg == NULL) {
        return is_control(name) ? RG_OK
                                : wrong(q, rg_text_length(name) <= 64 ? name : NULL,
                                        "This operation has no such parameter.");
    }
    if (!arg->many && regen_args_text(out, name) != NULL) {
        return wrong(q, arg->name, "Send this parameter once.");
    }
    APR_ARRAY_PUSH(out->pairs, rg_pair_t) = pair;
    return RG_OK;
}

/* --- reading ---------------------------------------------------------------------------------- */

static rg_outcome_t add_resource(regen_args_t *out, regen_req_t *q, const regen_arg_t *known,
                                 const char *name, const regen_node_t *resource)
{
    const regen_arg_t *arg = arg_named(known, name);
    regen_node_t *r = apr_pmemdup(q->ctx->pool, resource, sizeof(*r));
    if (arg == NULL || !arg->resource) {
        return wrong(q, name, "This operation has no such parameter with a resource.");
    }
    r->name = arg->name;
    APR_ARRAY_PUSH(out->resources, const regen_node_t *) = r;
    return RG_OK;
}

static rg_outcome_t add_value(regen_args_t *out, regen_req_t *q, const regen_arg_t *known,
                              const char *name, const regen_node_t *value)
{
    const char *suffix;
    const char *text = text_of(q->ctx->pool, value, &suffix);
    const regen_arg_t *arg = arg_named(known, name);
    if (text == NULL && (arg == NULL || !arg->unread)) {
        return wrong(q, name, "This value says nothing that this server understands.");
    }
    if (arg != NULL && arg->resource && text != NULL) {
        return wrong(q, name, "This parameter is a resource.");
    }
    return add(out, q, known, apr_pstrcat(q->ctx->pool, name, suffix, NULL),
               text != NULL ? text : "");
}

static rg_outcome_t add_parameter(regen_args_t *out, regen_req_t *q, const regen_arg_t *known,
                                  const regen_node_t *parameter)
{
    const char *name = regen_node_text(parameter, "name");
    const regen_node_t *value = NULL;
    const regen_node_t *resource = regen_node_child(parameter, "resource");
    for (const regen_node_t *c = parameter->child; c != NULL; c = c->next) {
        value = strncmp(c->name, "value", 5) == 0 && value == NULL ? c : value;
    }
    if (name == NULL) {
        return wrong(q, "Parameters.parameter.name", "A parameter has no name.");
    }
    if ((value == NULL) == (resource == NULL)) {
        return wrong(q, name, "A parameter has one value or one resource.");
    }
    return value != NULL ? add_value(out, q, known, name, value)
                         : add_resource(out, q, known, name, resource);
}

static rg_outcome_t read_parameters(regen_args_t *out, regen_req_t *q, const regen_arg_t *known,
                                    rg_problems_t *notes)
{
    apr_pool_t *p = q->ctx->pool;
    rg_outcome_t rc = RG_OK;
    const regen_node_t *body = q->json != NULL  ? regen_node_of_json(p, q->json)
                               : q->xml != NULL ? regen_node_of_xml(p, q->xml)
                                                : NULL;
    if (body == NULL || strcmp(body->type, "Parameters") != 0) {
        return wrong(q, NULL, "The body must be a Parameters resource of FHIR R4.");
    }
    if (!regen_fhir_shape(q->ctx->problems, notes, p, body)) {
        return RG_INVALID;
    }
    const regen_node_t *one = regen_node_child(body, "parameter");
    for (; rc == RG_OK && one != NULL; one = regen_node_again(one)) {
        rc = add_parameter(out, q, known, one);
    }
    return rc;
}

rg_outcome_t regen_args_read(regen_args_t *out, regen_req_t *q, const regen_arg_t *known,
                             rg_problems_t *notes)
{
    rg_outcome_t rc = RG_OK;
    out->pairs = apr_array_make(q->ctx->pool, 8, sizeof(rg_pair_t));
    out->resources = apr_array_make(q->ctx->pool, 2, sizeof(const regen_node_t *));
    for (int i = 0; rc == RG_OK && i < q->query->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(q->query->pairs, i, rg_pair_t);
        rc = add(out, q, known, pair->name, pair->value);
    }
    return rc == RG_OK && q->r->method_number == M_POST ? read_parameters(out, q, known, notes)
                                                        : rc;
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
