/* SPDX-License-Identifier: Apache-2.0 */
/* GET /fhir/metadata: the CapabilityStatement. It is made from the tables that requests are read
 * with: routes, types with their parameters, and parameters of every search; so that it cannot
 * promise what is not there. */
#include "fhir.h"
#include "own.h"
#include "mod_regen/web/platform/route.h"
#include "regen/core/buf.h"
#include "regen/core/log.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/words.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <mod_regen.h>
#include <string.h>

#define METADATA_MAX (64 * 1024)

/* The interaction a FHIR row of the table is, and its type; NULL for anything else. */
static const char *interaction(apr_pool_t *p, const regen_route_t *row, const char **type)
{
    const char *s = row->pattern + strlen("/fhir/");
    if (strncmp(row->pattern, "/fhir/", 6) != 0 || !apr_isupper(s[0]) || strchr(s, '$')) {
        return NULL;
    }
    size_t n = strcspn(s, "/");
    *type = apr_pstrmemdup(p, s, n);
    if (strcmp(row->method, "GET") == 0) {
        return s[n] == '\0' ? "search-type" : (strcmp(s + n, "/*") == 0 ? "read" : NULL);
    }
    return s[n] == '\0' ? "create" : NULL;
}

static bool is_listed_type(const apr_array_header_t *types, const char *type)
{
    int i;
    for (i = 0; i < types->nelts; i++) {
        if (strcmp(APR_ARRAY_IDX(types, i, const char *), type) == 0) {
            return true;
        }
    }
    return false;
}

static void includes(rg_writer_t *w, const regen_fhir_type_t *t)
{
    rg_writer_list(w, "searchInclude");
    for (int i = 0; t && t->includes[i]; i++) {
        rg_writer_string(w, "searchInclude", t->includes[i]);
    }
    rg_writer_list_end(w);
}

static void param(rg_writer_t *w, const char *name, const char *type, const char *words)
{
    rg_writer_begin(w, "searchParam");
    rg_writer_string(w, "name", name);
    rg_writer_string(w, "type", type);
    rg_writer_string(w, "documentation", words);
    rg_writer_end(w);
}

static const char *with(apr_pool_t *p, const char *words, const char *label, const char *list)
{
    return list[0] == '\0' ? words
                           : apr_pstrcat(p, words, words[0] != '\0' ? ". " : "", label, list, NULL);
}

static const char *modifiers_of(apr_pool_t *p, const regen_fhir_def_t *d)
{
    const char *list = "";
    for (int how = REGEN_STARTS + 1; how <= REGEN_MISSING; how++) {
        if ((d->modifiers & REGEN_CAN(how)) != 0) {
            list = apr_pstrcat(p, list, " ", regen_fhir_how_name((regen_fhir_how_t)how), NULL);
        }
    }
    return d->types ? apr_pstrcat(p, list, " ", d->types, NULL) : list;
}

static const char *chains(apr_pool_t *p, const regen_fhir_type_t *t, const regen_fhir_def_t *of)
{
    const char *list = "";
    size_t n = strlen(of->name);
    for (const regen_fhir_def_t *d = t->params; d->name; d++) {
        if (strncmp(d->name, of->name, n) == 0 && d->name[n] == '.') {
            const char *how = modifiers_of(p, d);
            list = apr_pstrcat(p, list, " ", d->name, NULL);
            list = how[0] != '\0' ? apr_pstrcat(p, list, " (", how + 1, ")", NULL) : list;
        }
    }
    return list;
}

/* R4 has no element for modifiers, prefixes and chains, so words tell them. */
static const char *documentation(apr_pool_t *p, const regen_fhir_type_t *t,
                                 const regen_fhir_def_t *d)
{
    const char *words = d->words ? d->words : "";
    words = with(p, words, "Modifiers:", modifiers_of(p, d));
    words = with(p, words, "Prefixes:", d->kind == REGEN_DATE ? " " REGEN_FHIR_PREFIXES : "");
    words = with(p, words, "Chains:", chains(p, t, d));
    return words[0] != '\0' ? words : NULL;
}

RG_WORDS_MADE(regen_fhir_kind, REGEN_FHIR_KINDS);

static void params(rg_writer_t *w, apr_pool_t *p, const regen_fhir_type_t *t)
{
    rg_writer_list(w, "searchParam");
    for (const regen_fhir_def_t *d = t ? t->params : NULL; d && d->name; d++) {
        if (!strchr(d->name, '.')) {
            param(w, d->name, regen_fhir_kind_name(d->kind), documentation(p, t, d));
        }
    }
    rg_writer_list_end(w);
}

/* What every search takes. */
static void controls(rg_writer_t *w)
{
    rg_writer_list(w, "searchParam");
    for (const regen_fhir_control_t *c = regen_fhir_controls; c->name; c++) {
        if (c->kind) {
            param(w, c->name, c->kind, c->words);
        }
    }
    rg_writer_list_end(w);
}

/* Without a schema, $validate has nothing to validate against. */
static bool offered(const regen_req_t *q, const regen_fhir_operation_t *o)
{
    return strcmp(o->name, "validate") != 0 || q->ctx->policy->fhir_schema;
}

static void operations(rg_writer_t *w, const regen_req_t *q, const char *type)
{
    const char *base = q->ctx->policy->fhir_base;
    const regen_fhir_operation_t *o;
    rg_writer_list(w, "operation");
    for (o = regen_fhir_operations; o->type; o++) {
        if (strcmp(o->type, type) == 0 && offered(q, o)) {
            rg_writer_begin(w, "operation");
            rg_writer_string(w, "name", o->name);
            rg_writer_string(w, "definition",
                             o->args ? regen_own_operation(q->r->pool, base, o) : o->definition);
            rg_writer_string(w, "documentation", o->words);
            rg_writer_end(w);
        }
    }
    rg_writer_list_end(w);
}

static void write_type(rg_writer_t *w, const regen_req_t *q, const char *type)
{
    apr_pool_t *p = q->r->pool;
    const char *base = q->ctx->policy->fhir_base;
    const regen_fhir_type_t *t = regen_fhir_type(type, strlen(type));
    const regen_route_t *row;
    rg_writer_begin(w, "resource");
    rg_writer_string(w, "type", type);
    if (strcmp(type, "Appointment") == 0) {
        rg_writer_list(w, "supportedProfile");
        rg_writer_string(w, "supportedProfile", RG_FHIR_IHE_APPOINTMENT);
        rg_writer_list_end(w);
    }
    else if (strcmp(type, "StructureDefinition") == 0) {
        rg_writer_string(w, "documentation", regen_own_extensions(p, base));
    }
    rg_writer_list(w, "interaction");
    for (row = q->routes; row->method; row++) {
        const char *other = NULL;
        const char *code = interaction(p, row, &other);
        if (code && strcmp(other, type) == 0) {
            rg_writer_begin(w, "interaction");
            rg_writer_string(w, "code", code);
            rg_writer_end(w);
        }
    }
    rg_writer_list_end(w);
    rg_writer_string(w, "versioning", t ? "versioned" : NULL);
    rg_writer_string(w, "conditionalRead", t ? "full-support" : NULL);
    includes(w, t);
    params(w, p, t);
    operations(w, q, type);
    rg_writer_end(w);
}

static void rest(rg_writer_t *w, const regen_req_t *q)
{
    apr_pool_t *p = q->r->pool;
    apr_array_header_t *types = apr_array_make(p, 8, sizeof(const char *));
    const regen_route_t *row;
    rg_writer_list(w, "rest");
    rg_writer_begin(w, "rest");
    rg_writer_string(w, "mode", "server");
    rg_writer_begin(w, "security");
    rg_writer_string(
        w, "description",
        "A bearer token with SMART scopes such as system/Claim.read, made by the clinic.");
    rg_writer_end(w);
    rg_writer_list(w, "resource");
    for (row = q->routes; row->method; row++) {
        const char *type = NULL;
        if (interaction(p, row, &type) && !is_listed_type(types, type)) {
            APR_ARRAY_PUSH(types, const char *) = type;
            write_type(w, q, type);
        }
    }
    rg_writer_list_end(w);
    controls(w);
    rg_writer_end(w);
    rg_writer_list_end(w);
}

static void string_list(rg_writer_t *w, const char *name, const char *const *values)
{
    rg_writer_list(w, name);
    for (; *values; values++) {
        rg_writer_string(w, name, *values);
    }
    rg_writer_list_end(w);
}

/* Elements in the order of HL7's schema. */
static void statement(rg_writer_t *w, regen_req_t *q)
{
    static const char *const formats[] = {"application/fhir+xml", "application/fhir+json", NULL};
    static const char *const guides[] = {
        "https://profiles.ihe.net/ITI/Scheduling/ImplementationGuide/ihe.iti.scheduling", NULL};
    rg_writer_resource(w, NULL, "CapabilityStatement");
    rg_writer_string(w, "status", "active");
    rg_writer_string(w, "date", "2026-11-22");
    rg_writer_string(w, "kind", "instance");
    rg_writer_begin(w, "software");
    rg_writer_string(w, "name", "mod_regen");
    rg_writer_string(w, "version", MOD_REGEN_VERSION);
    rg_writer_end(w);
    rg_writer_begin(w, "implementation");
    rg_writer_string(w, "description", "Front desk of a regenerative-medicine clinic");
    rg_writer_string(w, "url", q->ctx->policy->fhir_base);
    rg_writer_end(w);
    rg_writer_string(w, "fhirVersion", "4.0.1");
    string_list(w, "format", formats);
    string_list(w, "implementationGuide", guides);
    rest(w, q);
    rg_writer_resource_end(w);
}

static int h_metadata(regen_req_t *q)
{
    rg_buf_t *out = rg_buf_make(q->r->pool, METADATA_MAX);
    rg_writer_t *w =
        rg_writer_to_buf(q->r->pool, q->wants_json ? RG_FORMAT_JSON : RG_FORMAT_XML, out);
    const char *why = NULL;
    statement(w, q);
    if (rg_writer_finish(w, &why) != RG_OK) {
        rg_log(q->ctx, RG_LOG_ERR, RGNO(03006) "CapabilityStatement: %s", why);
        return regen_fail(q, RG_INTERNAL);
    }
    return regen_bytes(q,
                       q->wants_json ? "application/fhir+json; charset=utf-8"
                                     : "application/fhir+xml; charset=utf-8",
                       NULL, out->data, out->len);
}

const regen_route_t regen_routes_fhir_metadata[] = {
    {"GET", "/fhir/metadata", 0, 0, 0, REGEN_NO_DB, h_metadata}, {NULL, NULL, 0, 0, 0, 0, NULL}};
