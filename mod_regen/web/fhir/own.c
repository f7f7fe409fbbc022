/* SPDX-License-Identifier: Apache-2.0 */
/* GET /fhir/OperationDefinition/… and /fhir/StructureDefinition/…: what this server accepts in
 * addition to IHE's parameters, and what it adds to resources, at their canonical addresses. Made
 * from the tables that requests are read with. Open to everybody, like the CapabilityStatement. */
#include "own.h"
#include "mod_regen/web/platform/route.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/render/writer.h"

#include <apr_strings.h>
#include <mod_regen.h>
#include <string.h>

static const struct {
    const char *id, *name, *title, *context, *type, *words;
} extensions[] = {
    {"hold-expires", "HoldExpires", "When a hold ends", "Appointment", "instant",
     "A pending Appointment is held until this instant, unless it is booked before."},
    {"cancel-until", "CancelUntil", "Deadline for canceling", "Appointment", "instant",
     "The patient, or a program for the patient, can cancel the booked Appointment until this "
     "instant; after that, only the clinic can."},
    {"patient-link", "PatientLink", "The patient's private link", "Appointment", "url",
     "With this address the patient signs forms, reschedules and cancels. It opens the booking, so "
     "give it to nobody else."},
    {"calibration-due", "CalibrationDue", "Last day before the next calibration", "Device", "date",
     "The Device may be used until the end of this day, and then after it is calibrated again."},
    {"proposal", "OtherProposal", "Alternative time", "OperationOutcome.issue", "Reference",
     "A proposal that can be held instead of the time that was taken."}};

const char *regen_own_operation(apr_pool_t *p, const char *base, const regen_fhir_operation_t *o)
{
    return apr_pstrcat(p, base, "/OperationDefinition/", o->type, "-", o->name, NULL);
}

const char *regen_own_extensions(apr_pool_t *p, const char *base)
{
    const char *all = "Extensions:";
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        all = apr_pstrcat(p, all, " ", base, "/StructureDefinition/", extensions[i].id, NULL);
    }
    return all;
}

/* --- operations ------------------------------------------------------------------------------- */

static void parameter(rg_writer_t *w, const regen_arg_t *a)
{
    rg_writer_begin(w, "parameter");
    rg_writer_string(w, "name", a->name);
    rg_writer_string(w, "use", "in");
    rg_writer_int(w, "min", 0);
    rg_writer_string(w, "max", a->many ? "*" : "1");
    rg_writer_string(w, "documentation", a->words);
    rg_writer_string(w, "type", a->type);
    rg_writer_end(w);
}

static void parameters(rg_writer_t *w, const regen_arg_t *args)
{
    rg_writer_list(w, "parameter");
    for (; args->name; args++) {
        if (args->type) {
            parameter(w, args);
        }
    }
    rg_writer_begin(w, "parameter");
    rg_writer_string(w, "name", "return");
    rg_writer_string(w, "use", "out");
    rg_writer_int(w, "min", 1);
    rg_writer_string(w, "max", "1");
    rg_writer_string(w, "type", "Bundle");
    rg_writer_end(w);
    rg_writer_list_end(w);
}

static void operation(rg_writer_t *w, apr_pool_t *p, const char *base,
                      const regen_fhir_operation_t *o)
{
    rg_writer_resource(w, NULL, "OperationDefinition");
    rg_writer_string(w, "id", apr_pstrcat(p, o->type, "-", o->name, NULL));
    rg_writer_string(w, "url", regen_own_operation(p, base, o));
    rg_writer_string(w, "version", MOD_REGEN_VERSION);
    rg_writer_string(w, "name", apr_pstrcat(p, o->type, "_", o->name, NULL));
    rg_writer_string(w, "title", apr_pstrcat(p, o->type, "/$", o->name, NULL));
    rg_writer_string(w, "status", "active");
    rg_writer_string(w, "kind", "operation");
    rg_writer_string(w, "description", o->words);
    rg_writer_bool(w, "affectsState", strcmp(o->name, "find") != 0);
    rg_writer_string(w, "code", o->name);
    rg_writer_string(w, "base", o->definition);
    rg_writer_list(w, "resource");
    rg_writer_string(w, "resource", o->type);
    rg_writer_list_end(w);
    rg_writer_bool(w, "system", false);
    rg_writer_bool(w, "type", true);
    rg_writer_bool(w, "instance", false);
    parameters(w, o->args);
    rg_writer_resource_end(w);
}

static int h_own_operation(regen_req_t *q)
{
    const char *base = q->ctx->policy->fhir_base;
    apr_pool_t *p = q->ctx->pool;
    for (const regen_fhir_operation_t *o = regen_fhir_operations; o->type; o++) {
        if (o->args && strcmp(q->args[0], apr_pstrcat(p, o->type, "-", o->name, NULL)) == 0) {
            rg_buf_t *out;
            rg_writer_t *w = regen_fhir_writer(q, &out);
            operation(w, p, base, o);
            return regen_fhir_send(q, HTTP_OK, w, out);
        }
    }
    return regen_fail(q, RG_NOT_FOUND);
}

/* --- extensions ------------------------------------------------------------------------------- */

static void element(rg_writer_t *w, const char *id, const char *fixed, const char *type)
{
    rg_writer_begin_id(w, "element", id);
    rg_writer_string(w, "path", id);
    rg_writer_int(w, "min", 1);
    rg_writer_list(w, "type");
    rg_writer_begin(w, "type");
    rg_writer_string(w, "code", type);
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_string(w, "fixedUri", fixed);
    rg_writer_end(w);
}

static void extension(rg_writer_t *w, apr_pool_t *p, const char *base, size_t i)
{
    const char *url = apr_pstrcat(p, base, "/StructureDefinition/", extensions[i].id, NULL);
    rg_writer_resource(w, NULL, "StructureDefinition");
    rg_writer_string(w, "id", extensions[i].id);
    rg_writer_string(w, "url", url);
    rg_writer_string(w, "version", MOD_REGEN_VERSION);
    rg_writer_string(w, "name", extensions[i].name);
    rg_writer_string(w, "title", extensions[i].title);
    rg_writer_string(w, "status", "active");
    rg_writer_string(w, "description", extensions[i].words);
    rg_writer_string(w, "fhirVersion", "4.0.1");
    rg_writer_string(w, "kind", "complex-type");
    rg_writer_bool(w, "abstract", false);
    rg_writer_list(w, "context");
    rg_writer_begin(w, "context");
    rg_writer_string(w, "type", "element");
    rg_writer_string(w, "expression", extensions[i].context);
    rg_writer_end(w);
    rg_writer_list_end(w);
    rg_writer_string(w, "type", "Extension");
    rg_writer_string(w, "baseDefinition", "http://hl7.org/fhir/StructureDefinition/Extension");
    rg_writer_string(w, "derivation", "constraint");
    rg_writer_begin(w, "differential");
    rg_writer_list(w, "element");
    element(w, "Extension.url", url, "http://hl7.org/fhirpath/System.String");
    element(w, "Extension.value[x]", NULL, extensions[i].type);
    rg_writer_list_end(w);
    rg_writer_end(w);
    rg_writer_resource_end(w);
}

static int h_own_extension(regen_req_t *q)
{
    for (size_t i = 0; i < sizeof(extensions) / sizeof(extensions[0]); i++) {
        if (strcmp(q->args[0], extensions[i].id) == 0) {
            rg_buf_t *out;
            rg_writer_t *w = regen_fhir_writer(q, &out);
            extension(w, q->ctx->pool, q->ctx->policy->fhir_base, i);
            return regen_fhir_send(q, HTTP_OK, w, out);
        }
    }
    return regen_fail(q, RG_NOT_FOUND);
}

const regen_route_t regen_routes_fhir_own[] = {
    {"GET", "/fhir/OperationDefinition/*", 0, 0, 0, REGEN_NO_DB, h_own_operation},
    {"GET", "/fhir/StructureDefinition/*", 0, 0, 0, REGEN_NO_DB, h_own_extension},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
