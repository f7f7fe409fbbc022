/* SPDX-License-Identifier: Apache-2.0 */
/* The input of an operation: the query of a GET, or the Parameters resource of a POST, XML or
 * JSON. */
#include "args.h"
#include "shape.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"

#include <apr_strings.h>
#include <string.h>

/* --- which there are -------------------------------------------------------------------------- */

/* What the operations know; what IGNORED marks does not change what $find finds, and nobody shall
 * think it did. */
#define IGNORED "This does not affect which times are found."

const regen_arg_t regen_find_args[] = {
    {"start", "dateTime", false, false, false, NULL},
    {"end", "dateTime", false, false, false, NULL},
    {"specialty", "string", true, false, false, NULL},
    {"visit-type", "string", true, false, false, NULL},
    {"service-type", "string", true, false, false, NULL},
    {"practitioner", "Reference", true, false, false, NULL},
    {"practitioner:identifier", NULL, true, false, false, NULL},
    {"practitioner.identifier", NULL, true, false, false, NULL},
    {"location-string", "string", true, false, false, NULL},
    {"location-reference", "Reference", true, false, false, NULL},
    {"location-reference:identifier", NULL, true, false, false, NULL},
    {"_count", "integer", false, false, false, NULL},
    {REGEN_FIND_PAGE, NULL, false, false, false, NULL},
    {"organization", "Reference", true, false, false, IGNORED},
    {"organization:identifier", NULL, true, false, false, IGNORED},
    {"patient-reference", "Reference", true, false, false, IGNORED},
    {"patient-reference:identifier", NULL, true, false, false, IGNORED},
    {"patient-resource", "Patient", true, true, false, IGNORED},
    {"reason", "string", true, false, false, IGNORED},
    {"referral-identifier", "Identifier", false, false, false, IGNORED},
    {"timing", "Timing", false, false, true, IGNORED},
    {"insurance-reference", "Reference", true, false, false, IGNORED},
    {"insurance-reference:identifier", NULL, true, false, false, IGNORED},
    {NULL, NULL, false, false, false, NULL}};
const regen_arg_t regen_hold_args[] = {
    {"appointment-reference", "Reference", false, false, false, NULL},
    {"appointment-resource", "Appointment", false, true, false,
     "The proposal itself, instead of its reference."},
    {"patient-reference", "Reference", false, false, false,
     "The patient, if known on this server."},
    {NULL, NULL, false, false, false, NULL}};
const regen_arg_t regen_book_args[] = {
    {"appointment-reference", "Reference", false, false, false, NULL},
    {"appointment-resource", "Appointment", false, true, false, NULL},
    {"patient-reference", "Reference", false, false, false, "A patient known on this server."},
    {"patient-resource", "Patient", false, true, false, "A new patient."},
    {"comment", "string", false, false, false, NULL},
    {"body-site", "string", false, false, false,
     "The part of the body to be treated, as a code of the service; or use the Appointment's "
     "reasonCode."},
    {"side", "string", false, false, false,
     "left or right, if the part of the body has sides. When a booking is changed, only comment is "
     "accepted; values that agree with the booking may be repeated."},
    {"payer", "string", false, false, false,
     "The clinic's code of the insurance; without it the patient is self-pay."},
    {"member-id", "string", false, false, false, "The member ID on the insurance card."},
    {"group-no", "string", false, false, false, "The group number on the insurance card."},
    {NULL, NULL, false, false, false, NULL}};

/* --- one value -------------------------------------------------------------------------------- */

static rg_outcome_t wrong(rg_problems_t *problems, const char *where, const char *text)
{
    rg_problem_add(problems, where, "%s", text);
    return RG_INVALID;
}

static const char *token_text(apr_pool_t *p, const regen_node_t *n, const char *value)
{
    const char *system = regen_node_text(n, "system");
    return value && system ? apr_pstrcat(p, system, "|", value, NULL) : value;
}

/* The text that a query would have: a primitive's value, a reference, "system|code" of a Coding or
 * a concept's first, "system|value" of an Identifier. A reference by identifier only has the
 * modifier that a query would have: *SUFFIX. NULL: nothing that is understood. */
static const char *value_text(apr_pool_t *p, const regen_node_t *v, const char **suffix)
{
    const regen_node_t *coding = regen_node_child(v, "coding");
    const regen_node_t *identifier = regen_node_child(v, "identifier");
    const char *reference = regen_node_text(v, "reference");
    *suffix = "";
    if (v->value || reference) {
        return v->value ? v->value : reference;
    }
    if (identifier) {
        *suffix = ":identifier";
        return token_text(p, identifier, regen_node_text(identifier, "value"));
    }
    if (regen_node_text(v, "value")) {
        return token_text(p, v, regen_node_text(v, "value"));
    }
    coding = coding ? coding : v;
    return token_text(p, coding, regen_node_text(coding, "code"));
}

static const regen_arg_t *arg_named(const regen_arg_t *known, const char *name)
{
    for (; known->name; known++) {
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

/* NODE: the value in the body; NULL: it is of a query. */
static rg_outcome_t add(regen_args_t *out, const regen_asked_t *asked, const regen_arg_t *known,
                        const char *name, const char *value, const regen_node_t *node)
{
    const regen_arg_t *arg = arg_named(known, name);
    rg_pair_t pair = {apr_pstrdup(asked->pool, name), value};
    if (!arg) {
        return is_control(name) ? RG_OK
                                : wrong(asked->problems, rg_text_length(name) <= 64 ? name : NULL,
                                        "This operation does not have this parameter.");
    }
    if (!arg->many && regen_args_text(out, name)) {
        return wrong(asked->problems, arg->name, "Send this parameter once.");
    }
    APR_ARRAY_PUSH(out->pairs, rg_pair_t) = pair;
    APR_ARRAY_PUSH(out->values, const regen_node_t *) = node;
    return RG_OK;
}

/* --- reading ---------------------------------------------------------------------------------- */

static rg_outcome_t add_resource_arg(regen_args_t *out, const regen_asked_t *asked,
                                     const regen_arg_t *known, const char *name,
                                     const regen_node_t *resource)
{
    const regen_arg_t *arg = arg_named(known, name);
    regen_node_t *r = apr_pmemdup(asked->pool, resource, sizeof(*r));
    if (!arg || !arg->resource) {
        return wrong(asked->problems, name,
                     "This operation does not have this parameter with a resource.");
    }
    r->name = arg->name;
    APR_ARRAY_PUSH(out->resources, const regen_node_t *) = r;
    return RG_OK;
}

/* A second coding may say something else, and an identifier may name somebody else: which of both
 * is meant is not ours to choose. */
static bool is_ambiguous(const regen_arg_t *arg, const regen_node_t *v)
{
    const regen_node_t *coding = regen_node_child(v, "coding");
    bool both = regen_node_child(v, "reference") && regen_node_child(v, "identifier");
    return (coding && regen_node_again(coding)) || (both && !arg->many);
}

static rg_outcome_t add_value(regen_args_t *out, const regen_asked_t *asked,
                              const regen_arg_t *known, const char *name, const regen_node_t *value)
{
    const char *suffix;
    const char *text = value_text(asked->pool, value, &suffix);
    const regen_arg_t *arg = arg_named(known, name);
    if (arg && !arg->unread && is_ambiguous(arg, value)) {
        return wrong(asked->problems, name,
                     "Send one value, because several may contradict each other.");
    }
    if (!text && (!arg || !arg->unread)) {
        return wrong(asked->problems, name, "This server does not understand this value.");
    }
    if (arg && arg->resource && text) {
        return wrong(asked->problems, name, "This parameter must be a resource.");
    }
    return add(out, asked, known, apr_pstrcat(asked->pool, name, suffix, NULL), text ? text : "",
               value);
}

static rg_outcome_t add_parameter(regen_args_t *out, const regen_asked_t *asked,
                                  const regen_arg_t *known, const regen_node_t *parameter)
{
    const char *name = regen_node_text(parameter, "name");
    const regen_node_t *value = NULL;
    const regen_node_t *resource = regen_node_child(parameter, "resource");
    int values = 0;
    for (const regen_node_t *c = parameter->child; c; c = c->next) {
        bool here = strncmp(c->name, "value", 5) == 0;
        value = here ? c : value;
        values += here;
    }
    if (!name) {
        return wrong(asked->problems, "Parameters.parameter.name", "A parameter must have a name.");
    }
    if (values + (resource != NULL) != 1) {
        return wrong(asked->problems, name, "A parameter must have one value or one resource.");
    }
    return value ? add_value(out, asked, known, name, value)
                 : add_resource_arg(out, asked, known, name, resource);
}

static rg_outcome_t read_parameters(regen_args_t *out, const regen_asked_t *asked,
                                    const regen_arg_t *known, rg_problems_t *notes)
{
    apr_pool_t *p = asked->pool;
    rg_outcome_t rc = RG_OK;
    const regen_node_t *body = asked->body;
    if (body && regen_node_has_text(body)) {
        out->damaged = true;
        return wrong(asked->problems, NULL,
                     "There is text between elements, but FHIR values are attributes.");
    }
    if (!body || strcmp(body->type, "Parameters") != 0) {
        return wrong(asked->problems, NULL, "The body must be a Parameters resource of FHIR R4.");
    }
    if (!regen_fhir_shape(asked->problems, notes, p, body)) {
        return RG_INVALID;
    }
    const regen_node_t *one = regen_node_child(body, "parameter");
    for (; rc == RG_OK && one; one = regen_node_again(one)) {
        rc = add_parameter(out, asked, known, one);
    }
    return rc;
}

/* A query has the parameters of a GET; with a body they are in the body only, so that no request
 * says a thing in two places. */
static rg_outcome_t read_query(regen_args_t *out, const regen_asked_t *asked,
                               const regen_arg_t *known)
{
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < asked->query->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(asked->query->pairs, i, rg_pair_t);
        if (asked->posted && !is_control(pair->name)) {
            out->damaged = true;
            return wrong(asked->problems, rg_text_length(pair->name) <= 64 ? pair->name : NULL,
                         "With POST send parameters in the body only, not in the address.");
        }
        rc = add(out, asked, known, pair->name, pair->value, NULL);
    }
    return rc;
}

rg_outcome_t regen_args_read(regen_args_t *out, const regen_asked_t *asked,
                             const regen_arg_t *known, rg_problems_t *notes)
{
    out->pairs = apr_array_make(asked->pool, 8, sizeof(rg_pair_t));
    out->values = apr_array_make(asked->pool, 8, sizeof(const regen_node_t *));
    out->resources = apr_array_make(asked->pool, 2, sizeof(const regen_node_t *));
    out->damaged = false;
    rg_outcome_t rc = read_query(out, asked, known);
    return rc == RG_OK && asked->posted ? read_parameters(out, asked, known, notes) : rc;
}

const regen_node_t *regen_args_value(const regen_args_t *a, const char *name)
{
    for (int i = 0; i < a->pairs->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(a->pairs, i, rg_pair_t).name, name) == 0) {
            return APR_ARRAY_IDX(a->values, i, const regen_node_t *);
        }
    }
    return NULL;
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

rg_outcome_t regen_args_resource(const regen_node_t **out, const regen_args_t *a,
                                 rg_problems_t *problems, const char *name, const char *type)
{
    *out = NULL;
    for (int i = 0; i < a->resources->nelts; i++) {
        const regen_node_t *r = APR_ARRAY_IDX(a->resources, i, const regen_node_t *);
        if (strcmp(r->name, name) != 0) {
            continue;
        }
        if (*out) {
            return wrong(problems, name,
                         "Send this parameter once, because a booking is for one patient.");
        }
        if (!r->type || strcmp(r->type, type) != 0) {
            return wrong(problems, name, "This parameter takes a different type of resource.");
        }
        *out = r;
    }
    return RG_OK;
}
