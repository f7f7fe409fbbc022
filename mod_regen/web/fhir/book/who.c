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
    if (uid == NULL) {
        wrong(k, where, "This names no Patient of this server.");
    }
    else if (k->out->uid[0] != '\0' && strcmp(k->out->uid, uid) != 0) {
        wrong(k, where, "Two patients are named: one booking is for one.");
    }
    else {
        k->out->uid = uid;
    }
}

static void name_resource(read_t *k, const char *where, const regen_node_t *patient)
{
    if (patient != NULL && k->out->resource != NULL && k->out->resource != patient) {
        wrong(k, where, "Two patients are sent: one booking is for one.");
    }
    else if (patient != NULL) {
        k->out->resource = patient;
    }
}

static const regen_node_t *contained(const read_t *k, const char *id)
{
    const regen_node_t *c = regen_node_child(k->appointment, "contained");
    for (; c != NULL; c = regen_node_again(c)) {
        const char *said = regen_node_text(c, "id");
        if (said != NULL && strcmp(said, id) == 0) {
            return c;
        }
    }
    return NULL;
}

bool regen_is_patient(const regen_node_t *participant)
{
    const char *reference = regen_node_text(participant, "actor/reference");
    const char *type = regen_node_text(participant, "actor/type");
    return (type != NULL && strcmp(type, "Patient") == 0) ||
           (reference != NULL && (reference[0] == '#' || strncmp(reference, "Patient/", 8) == 0 ||
                                  strstr(reference, "/Patient/") != NULL));
}

static void read_participant(read_t *k, const regen_node_t *participant, int i)
{
    const char *reference = regen_node_text(participant, "actor/reference");
    const char *where = apr_psprintf(k->s->env.p, "Appointment.participant[%d].actor", i);
    if (reference == NULL) {
        wrong(k, where, "Name a Patient by reference, or contain it.");
    }
    else if (reference[0] != '#') {
        name_reference(k, where, reference);
    }
    else if (contained(k, reference + 1) == NULL) {
        wrong(k, where, "There is no such contained resource.");
    }
    else {
        name_resource(k, where, contained(k, reference + 1));
    }
}

static void read_participants(read_t *k)
{
    const regen_node_t *c = regen_node_child(k->appointment, "participant");
    for (int i = 0; c != NULL; c = regen_node_again(c), i++) {
        if (regen_is_patient(c)) {
            read_participant(k, c, i);
        }
    }
}

/* A resource beside a reference must be of the same record; what is stored of it stays. */
static void settle(read_t *k)
{
    const char *id = regen_node_text(k->out->resource, "id");
    if (k->out->uid[0] == '\0' || k->out->resource == NULL) {
        return;
    }
    if (id == NULL || strcmp(id, k->out->uid) != 0) {
        wrong(k, "Patient.id", "Send a Patient, or name one who is known here; not both.");
        return;
    }
    k->out->resource = NULL;
    rg_problem_add(k->s->notes, "Patient", "What is stored of this patient was not changed.");
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
    name_resource(&k, "patient-resource", patient);
    if (reference != NULL) {
        name_reference(&k, "patient-reference", reference);
    }
    read_participants(&k);
    const regen_node_t *c = regen_node_child(appointment, "contained");
    for (; c != NULL; c = regen_node_again(c)) {
        name_resource(&k, "Appointment.contained", c);
    }
    if (k.rc == RG_OK && !both) {
        settle(&k);
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
