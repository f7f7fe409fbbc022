/* SPDX-License-Identifier: Apache-2.0 */
/* Whom a machine holds or books for: there are four places to say it, and they must agree. */
#include "book.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"

#include <apr_strings.h>
#include <string.h>

typedef struct {
    regen_fhir_search_t *s;
    const regen_node_t *appointment;
    regen_whom_t *out;
    rg_outcome_t rc;
} read_t;

static void wrong(read_t *k, const char *where, const char *text)
{
    rg_problem_add(k->s->q->ctx->problems, where, "%s", text);
    k->rc = RG_INVALID;
}

static void name_reference(read_t *k, const char *where, const char *reference)
{
    const char *uid = regen_fhir_reference(reference, k->s->env.policy->fhir_base, "Patient");
    if (!uid) {
        wrong(k, where, "This does not name a Patient on this server.");
    }
    else if (k->out->uid[0] != '\0' && strcmp(k->out->uid, uid) != 0) {
        wrong(k, where, "Two patients are named. A booking is for one patient.");
    }
    else {
        k->out->uid = uid;
    }
}

static void name_contained(read_t *k, const char *where, const regen_node_t *patient)
{
    if (patient && k->out->resource && k->out->resource != patient) {
        wrong(k, where, "Two patients were sent. A booking is for one patient.");
    }
    else if (patient) {
        k->out->resource = patient;
    }
}

static const regen_node_t *find_contained(const read_t *k, const char *id)
{
    const regen_node_t *c = regen_node_child(k->appointment, "contained");
    for (; c; c = regen_node_again(c)) {
        const char *said = regen_node_text(c, "id");
        if (said && strcmp(said, id) == 0) {
            return c;
        }
    }
    return NULL;
}

bool regen_is_patient(const regen_node_t *participant)
{
    const char *reference = regen_node_text(participant, "actor/reference");
    const char *type = regen_node_text(participant, "actor/type");
    return (type && strcmp(type, "Patient") == 0) ||
           (reference && (reference[0] == '#' || strncmp(reference, "Patient/", 8) == 0 ||
                          strstr(reference, "/Patient/")));
}

static void read_participant(read_t *k, const regen_node_t *participant, int i)
{
    const char *reference = regen_node_text(participant, "actor/reference");
    const char *where = apr_psprintf(k->s->env.p, "Appointment.participant[%d].actor", i);
    if (!reference) {
        wrong(k, where, "Send a Patient by reference or as a contained resource.");
    }
    else if (reference[0] != '#') {
        name_reference(k, where, reference);
    }
    else if (!find_contained(k, reference + 1)) {
        wrong(k, where, "There is no such contained resource.");
    }
    else {
        name_contained(k, where, find_contained(k, reference + 1));
    }
}

static void read_participants(read_t *k)
{
    const regen_node_t *c = regen_node_child(k->appointment, "participant");
    for (int i = 0; c; c = regen_node_again(c), i++) {
        if (regen_is_patient(c)) {
            read_participant(k, c, i);
        }
    }
}

/* A resource beside a reference must be of the same record; what is stored of it stays. */
static void settle_record(read_t *k)
{
    const char *id = regen_node_text(k->out->resource, "id");
    if (k->out->uid[0] == '\0' || !k->out->resource) {
        return;
    }
    if (!id || strcmp(id, k->out->uid) != 0) {
        wrong(k, "Patient.id", "Send a Patient or name one who is known here, but not both.");
        return;
    }
    k->out->resource = NULL;
    rg_problem_add(k->s->notes, "Patient", "The stored data of this patient was not changed.");
}

static rg_outcome_t read_whom(regen_whom_t *out, regen_fhir_search_t *s, const regen_args_t *args,
                              const regen_node_t *appointment, bool both)
{
    read_t k = {s, appointment, out, RG_OK};
    const char *reference = regen_args_text(args, "patient-reference");
    const regen_node_t *patient;
    *out = (regen_whom_t){.uid = ""};
    rg_outcome_t rc =
        regen_args_resource(&patient, args, s->q->ctx->problems, "patient-resource", "Patient");
    if (rc != RG_OK) {
        return rc;
    }
    name_contained(&k, "patient-resource", patient);
    if (reference) {
        name_reference(&k, "patient-reference", reference);
    }
    read_participants(&k);
    const regen_node_t *c = regen_node_child(appointment, "contained");
    for (; c; c = regen_node_again(c)) {
        name_contained(&k, "Appointment.contained", c);
    }
    if (k.rc == RG_OK && !both) {
        settle_record(&k);
    }
    return k.rc;
}

rg_outcome_t regen_whom(regen_whom_t *out, regen_fhir_search_t *s, const regen_args_t *args,
                        const regen_node_t *appointment)
{
    return read_whom(out, s, args, appointment, false);
}

rg_outcome_t regen_whom_said(regen_whom_t *out, regen_fhir_search_t *s, const regen_args_t *args,
                             const regen_node_t *appointment)
{
    return read_whom(out, s, args, appointment, true);
}

rg_outcome_t regen_based_on(const char **uid, regen_fhir_search_t *s,
                            const regen_node_t *appointment)
{
    const regen_node_t *c = regen_node_child(appointment, "basedOn");
    *uid = "";
    if (!c) {
        return RG_OK;
    }
    const char *said = regen_node_text(c, "reference");
    const char *id =
        said ? regen_fhir_reference(said, s->env.policy->fhir_base, "ServiceRequest") : NULL;
    if (!id || regen_node_again(c)) {
        rg_problem_add(s->q->ctx->problems, "Appointment.basedOn",
                       "Name one ServiceRequest of this server.");
        return RG_INVALID;
    }
    *uid = id;
    return RG_OK;
}
