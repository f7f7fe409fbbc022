/* SPDX-License-Identifier: Apache-2.0 */
/* An Appointment that was sent, held against what this server said: whatever was changed and cannot
 * be done is refused by its path, instead of being done otherwise. */
#include "book.h"
#include "mod_regen/web/fhir/read/compare.h"
#include "regen/clinic/api.h"
#include "regen/clinic/booking.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/json.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/time.h"
#include "regen/model/visit.h"
#include "regen/render/writer.h"

#include <apr_strings.h>
#include <string.h>

enum { NAMED_MOST = 8, RESOURCE_MAX = 256 * 1024 };

static const char differs[] =
    "This differs from what this server sent and cannot be changed this way.";

/* What we would say of V, as a tree. NULL when that cannot be. */
static const regen_node_t *our_visit(regen_fhir_search_t *s, const rg_visit_t *v)
{
    rg_buf_t *out = rg_buf_make(s->env.p, RESOURCE_MAX);
    rg_writer_t *w = rg_writer_to_buf(s->env.p, RG_FORMAT_JSON, out);
    struct json_t *json;
    const char *why;
    regen_fhir_visit(w, &s->env, NULL, v, 0, 0);
    if (rg_writer_finish(w, &why) != RG_OK ||
        rg_json_parse(&json, s->env.p, out->data, out->len, NULL) != RG_OK) {
        return NULL;
    }
    return regen_node_of_json(s->env.p, json);
}

static regen_compare_t comparison(regen_fhir_search_t *s, const char *except)
{
    return (regen_compare_t){.p = s->env.p,
                             .problems = s->q->ctx->problems,
                             .base = s->env.policy->fhir_base,
                             .except = except,
                             .words = differs};
}

/* --- when it was asked for -------------------------------------------------------------------- */

static bool is_inside(const regen_fhir_search_t *s, const regen_node_t *period,
                      const rg_zone_t *zone, apr_time_t start)
{
    const char *from = regen_node_text(period, "start");
    const char *until = regen_node_text(period, "end");
    regen_span_t a = {0, 0};
    regen_span_t b = {0, 0};
    bool read = (!from || regen_fhir_instant(&a, s->env.p, from, zone)) &&
                (!until || regen_fhir_instant(&b, s->env.p, until, zone));
    return read && (!from || a.from <= start) && (!until || start < b.until);
}

rg_outcome_t regen_period_fits(regen_fhir_search_t *s, const regen_node_t *appointment,
                               const regen_asked_for_t *in)
{
    const regen_node_t *c = regen_node_child(appointment, "requestedPeriod");
    bool fits = !c;
    for (; !fits && c; c = regen_node_again(c)) {
        fits = is_inside(s, c, in->zone, in->starts[0]) || is_inside(s, c, in->zone, in->starts[1]);
    }
    if (!fits) {
        rg_problem_add(s->q->ctx->problems, "Appointment.requestedPeriod",
                       "This Appointment does not begin in that period.");
    }
    return fits ? RG_OK : RG_INVALID;
}

/* --- who takes part --------------------------------------------------------------------------- */

/* Patients are read elsewhere (who.c). WHICH: "Practitioner/", or NULL for all. */
static bool covers_all(regen_fhir_search_t *s, const regen_node_t *mine,
                       const regen_node_t *appointment, const char *which)
{
    regen_compare_t k = comparison(s, "");
    const regen_node_t *c = regen_node_child(appointment, "participant");
    bool fine = true;
    for (; fine && c; c = regen_node_again(c)) {
        const char *reference = regen_node_text(c, "actor/reference");
        bool counts = !which ? !regen_is_patient(c) : reference && strstr(reference, which);
        fine = !counts || regen_fhir_covers(&k, mine, c);
    }
    return fine;
}

static void check_participants(regen_fhir_search_t *s, const regen_node_t *mine,
                               const regen_node_t *appointment)
{
    regen_compare_t k = comparison(s, "");
    const regen_node_t *c = regen_node_child(appointment, "participant");
    for (int i = 0; c; c = regen_node_again(c), i++) {
        if (!regen_is_patient(c) && !regen_fhir_covers(&k, mine, c)) {
            rg_problem_add(k.problems, apr_psprintf(k.p, "Appointment.participant[%d].actor", i),
                           "%s", differs);
        }
    }
}

/* Patients of a visit that is booked are part of it; before, they are what is asked for. */
rg_outcome_t regen_visit_same(regen_fhir_search_t *s, const rg_visit_t *v,
                              const regen_node_t *appointment, const char *except)
{
    const char *not_those = apr_pstrcat(s->env.p, except, "participant ", NULL);
    bool all = !strstr(except, " participant ") && v->person.patient.uid[0] != '\0';
    regen_compare_t k = comparison(s, all ? except : not_those);
    const regen_node_t *mine = appointment ? our_visit(s, v) : NULL;
    int before = k.problems->list->nelts;
    if (!appointment) {
        return RG_OK;
    }
    if (!mine) {
        return RG_INTERNAL;
    }
    (void)regen_fhir_same(&k, mine, appointment);
    if (!all) {
        check_participants(s, mine, appointment);
    }
    return k.problems->list->nelts == before ? RG_OK : RG_INVALID;
}

/* --- proposals -------------------------------------------------------------------------------- */

typedef struct {
    regen_fhir_search_t *s;
    const regen_proposal_id_t *id;
    const regen_node_t *appointment;
    int count; /* of WHO; 0: anybody will do */
    const rg_directory_resource_t *who[NAMED_MOST];
} wish_t;

static rg_outcome_t wrong(const wish_t *k, int i)
{
    rg_problem_add(k->s->q->ctx->problems,
                   apr_psprintf(k->s->env.p, "Appointment.participant[%d].actor", i), "%s",
                   differs);
    return RG_INVALID;
}

/* The practitioners who are named, where the proposal says anybody. */
static rg_outcome_t read_named(wish_t *k)
{
    const regen_node_t *c = regen_node_child(k->appointment, "participant");
    for (int i = 0; c; c = regen_node_again(c), i++) {
        const char *reference = regen_node_text(c, "actor/reference");
        const char *id =
            reference && strstr(reference, "Practitioner/")
                ? regen_fhir_reference(reference, k->s->env.policy->fhir_base, "Practitioner")
                : NULL;
        const rg_directory_resource_t *r = id ? rg_directory_resource_of(k->s->dir, id) : NULL;
        if (reference && strstr(reference, "Practitioner/") && !r) {
            return wrong(k, i);
        }
        if (r && k->count < NAMED_MOST) {
            k->who[k->count++] = r;
        }
    }
    return RG_OK;
}

/* The proposal as it would be made again now; NULL when it is not free anymore. */
static rg_outcome_t propose_again(const rg_visit_t **out, const wish_t *k, const rg_hold_in_t *wish)
{
    /* That somebody has no part in it is said by who compares. */
    rg_ctx_t silent = rg_silent_ctx(k->s->q->ctx);
    rg_propose_in_t in = {.service_code = wish->service_code,
                          .practitioner_id = wish->practitioner_id,
                          .from = wish->start,
                          .until = wish->start + 1,
                          .limit = 1};
    rg_proposal_t *found;
    int count;
    int total;
    *out = NULL;
    rg_outcome_t rc = rg_machine_propose(&found, &count, &total, &silent, &in);
    for (int i = 0; rc == RG_OK && count == 1 && i < found->visit_count; i++) {
        int wanted = k->id->visit_no > 0 ? k->id->visit_no : 1;
        *out = found->visits[i].visit_no == wanted ? &found->visits[i] : *out;
    }
    return rc == RG_INVALID || rc == RG_NOT_FOUND || rc == RG_PRECONDITION ? RG_OK : rc;
}

/* A later visit of a chain may be asked for by when the chain begins. */
static rg_outcome_t period_fits(const wish_t *k, const regen_node_t *mine)
{
    const rg_directory_service_t *service = rg_directory_service_of(k->s->dir, k->id->service_uid);
    regen_asked_for_t in = {{k->id->start, k->id->start},
                            service ? service->site->zone : k->s->zone};
    regen_span_t own;
    if (regen_fhir_instant(&own, k->s->env.p, regen_node_text(mine, "start"), NULL)) {
        in.starts[1] = own.from;
    }
    return regen_period_fits(k->s, k->appointment, &in);
}

/* Also rooms and devices: who names them gets these, or is told that the proposal is not that
 * anymore. */
static rg_outcome_t compare_proposal(const wish_t *k, const regen_node_t *mine)
{
    regen_compare_t c =
        comparison(k->s, " status reasonCode comment requestedPeriod participant basedOn ");
    const regen_node_t *one = regen_node_child(k->appointment, "participant");
    bool same = regen_fhir_same(&c, mine, k->appointment) && period_fits(k, mine) == RG_OK;
    for (int i = 0; one; one = regen_node_again(one), i++) {
        if (!regen_is_patient(one) && !regen_fhir_covers(&c, mine, one)) {
            same = wrong(k, i) == RG_OK;
        }
    }
    return same ? RG_OK : RG_INVALID;
}

/* A start that the proposal's id contradicts is wrong even when the time is taken by now. */
static rg_outcome_t compare_start(const wish_t *k)
{
    const char *start = regen_node_text(k->appointment, "start");
    regen_span_t span;
    if (start && k->id->visit_no <= 1 &&
        (!regen_fhir_instant(&span, k->s->env.p, start, NULL) || span.from != k->id->start)) {
        rg_problem_add(k->s->q->ctx->problems, "Appointment.start", "%s", differs);
        return RG_INVALID;
    }
    return RG_OK;
}

/* By the first of those named with whom all who are named take part. */
static rg_outcome_t try_named(rg_hold_in_t *wish, const wish_t *k)
{
    const regen_node_t *last = NULL;
    rg_outcome_t rc = RG_OK;
    for (int i = 0; rc == RG_OK && i < (k->count > 0 ? k->count : 1); i++) {
        rg_hold_in_t tried = *wish;
        const rg_visit_t *v;
        tried.practitioner_id = k->count > 0 ? k->who[i]->resource->id : wish->practitioner_id;
        rc = propose_again(&v, k, &tried);
        const regen_node_t *mine = rc == RG_OK && v ? our_visit(k->s, v) : NULL;
        last = mine ? mine : last;
        if (mine && covers_all(k->s, mine, k->appointment, "Practitioner/")) {
            *wish = tried;
            return compare_proposal(k, mine);
        }
    }
    if (k->count > 0) {
        wish->practitioner_id = k->who[0]->resource->id; /* holding tells why not */
    }
    return rc == RG_OK && last ? compare_proposal(k, last) : rc;
}

rg_outcome_t regen_wish_same(rg_hold_in_t *wish, regen_fhir_search_t *s,
                             const regen_proposal_id_t *id, const regen_node_t *appointment)
{
    wish_t k = {.s = s, .id = id, .appointment = appointment};
    if (!appointment) {
        return RG_OK;
    }
    rg_outcome_t rc = compare_start(&k);
    if (rc == RG_OK && wish->practitioner_id == 0) {
        rc = read_named(&k);
    }
    return rc == RG_OK ? try_named(wish, &k) : rc;
}
