/* SPDX-License-Identifier: Apache-2.0 */
/* Appointment/$hold and Appointment/$book of IHE ITI Scheduling: hold what $find proposed, book it,
 * move it, cancel it. A chain is always done as a whole: the answer has all its visits. */
#include "book.h"
#include "mod_regen/web/fhir/read/patient.h"
#include "mod_regen/web/platform/route.h"
#include "regen/clinic/api.h"
#include "regen/clinic/booking.h"
#include "regen/clinic/identity.h"
#include "regen/clinic/patient.h"
#include "regen/core/buf.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/policy.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/patient.h"
#include "regen/model/visit.h"
#include "regen/render/fhir.h"
#include "regen/render/writer.h"

#include <apr_strings.h>
#include <string.h>

typedef struct {
    regen_fhir_search_t s;
    regen_args_t args;
    const regen_node_t *appointment; /* NULL: by reference */
    const char *id;                  /* of the Appointment, or the proposal */
    int version;                     /* If-Match; 0: whatever it is */
    bool repeated;                   /* done before: what was sent was right then */
} work_t;

static rg_outcome_t wrong(work_t *k, const char *name, const char *text)
{
    rg_problem_add(k->s.q->ctx->problems, name, "%s", text);
    return RG_INVALID;
}

/* --- answers ---------------------------------------------------------------------------------- */

/* Every visit of the booking in a searchset with what is to be said about it. */
static int answer_booking(regen_fhir_search_t *s, const char *booking_uid, rg_problems_t *notes)
{
    rg_visit_t *visits;
    rg_buf_t *out;
    int count;
    rg_outcome_t rc = rg_visits_of_booking(&visits, &count, s->q->ctx, booking_uid);
    if (rc != RG_OK) {
        return regen_fail(s->q, rc);
    }
    rg_writer_t *w = regen_fhir_writer(s->q, &out);
    rg_fhir_bundle(w, NULL, NULL, "searchset", count, NULL, NULL);
    for (int i = 0; i < count; i++) {
        rg_fhir_entry(w, s->env.p, s->env.policy->fhir_base, "Appointment", visits[i].uid);
        regen_fhir_visit(w, &s->env, "resource", &visits[i], 0, 0);
        rg_fhir_entry_end(w, "match");
    }
    if (rg_problems_any(notes)) {
        rg_fhir_entry(w, s->env.p, NULL, NULL, NULL);
        rg_fhir_outcome(w, "resource", "information", "informational", notes);
        rg_fhir_entry_end(w, "outcome");
    }
    rg_fhir_bundle_end(w);
    apr_table_setn(s->q->r->headers_out, "ETag",
                   apr_psprintf(s->env.p, "W/\"%d\"", visits[0].version));
    apr_table_mergen(s->q->r->headers_out, "Vary", "Accept");
    return regen_fhir_send(s->q, HTTP_OK, w, out);
}

/* As IHE has it (ITI-116, ITI-117): one issue that says it is gone, fatal and not found; and one
 * for each other time, with the proposal to hold instead. */
static void write_taken(rg_writer_t *w, const work_t *k, const rg_hold_t *h,
                        const rg_directory_service_t *service, const char *practitioner_uid)
{
    apr_pool_t *p = k->s.env.p;
    rg_writer_resource(w, "resource", "OperationOutcome");
    rg_writer_list(w, "issue");
    rg_writer_begin(w, "issue");
    rg_writer_string(w, "severity", "fatal");
    rg_writer_string(w, "code", "not-found");
    rg_writer_concept(
        w, "details", NULL, NULL, NULL,
        "This time was just taken; nothing was changed. The other issues name the nearest times.");
    rg_writer_end(w);
    for (int i = 0; i < h->nearest_count; i++) {
        regen_proposal_id_t id = {service->service->uid, h->nearest[i], 1, practitioner_uid};
        rg_writer_begin(w, "issue");
        rg_writer_list(w, "extension");
        rg_writer_extension(
            w, "extension",
            apr_pstrcat(p, k->s.env.policy->fhir_base, "/StructureDefinition/proposal", NULL));
        rg_writer_reference_to(w, "valueReference", "Appointment", regen_proposal_make(p, &id),
                               rg_time_people(p, service->site->zone, h->nearest[i]));
        rg_writer_end(w);
        rg_writer_list_end(w);
        rg_writer_string(w, "severity", "information");
        rg_writer_string(w, "code", "informational");
        rg_writer_concept(w, "details", NULL, NULL, NULL,
                          rg_time_local_instant(p, service->site->zone, h->nearest[i]));
        rg_writer_end(w);
    }
    rg_writer_list_end(w);
    rg_writer_resource_end(w);
}

static int answer_taken(work_t *k, const rg_hold_t *h, const rg_directory_service_t *service,
                        const char *practitioner_uid)
{
    rg_buf_t *out;
    rg_writer_t *w = regen_fhir_writer(k->s.q, &out);
    rg_fhir_bundle(w, NULL, NULL, "searchset", 0, NULL, NULL);
    rg_fhir_entry(w, k->s.env.p, NULL, NULL, NULL);
    write_taken(w, k, h, service, practitioner_uid);
    rg_fhir_entry_end(w, "outcome");
    rg_fhir_bundle_end(w);
    return regen_fhir_send(k->s.q, HTTP_CONFLICT, w, out);
}

/* Fields of the pages as paths of the resource they came in. */
static void name_paths(work_t *k)
{
#define PERSON(name, member, path) {#name, "Patient." path},
    static const struct {
        const char *field;
        const char *path;
    } names[] = {RG_PERSON_FIELDS(PERSON) /* and the rest */
                 {"birth_date", "Patient.birthDate"},
                 {"start", "Appointment.start"},
                 {"person", "Appointment.start"},
                 {"body_site", "body-site"},
                 {"order", "Appointment.basedOn"},
                 {"payer_code", "payer"},
                 {"member_id", "member-id"},
                 {"group_no", "group-no"},
                 {"whom", "patient-resource"}};
#undef PERSON
    apr_array_header_t *list = k->s.q->ctx->problems->list;
    for (int i = 0; i < list->nelts; i++) {
        rg_problem_t *problem = &APR_ARRAY_IDX(list, i, rg_problem_t);
        for (size_t n = 0; problem->field && n < sizeof(names) / sizeof(names[0]); n++) {
            if (strcmp(problem->field, names[n].field) == 0) {
                problem->field = names[n].path;
                break;
            }
        }
    }
}

/* The key that came was that of another request. */
static bool is_other_request(const work_t *k, rg_outcome_t rc)
{
    const rg_idem_t *idem = k->s.q->ctx->idem;
    return rc == RG_CONFLICT && idem && idem->other;
}

/* Nothing else is wrong: somebody has the time. */
static bool is_taken(const work_t *k, rg_outcome_t rc)
{
    return rc == RG_CONFLICT && !rg_problems_any(k->s.q->ctx->problems) && !is_other_request(k, rc);
}

static int fail_book(work_t *k, rg_outcome_t rc)
{
    if (rc == RG_INVALID && k->args.damaged) {
        return regen_fhir_refuse(k->s.q, HTTP_BAD_REQUEST, "structure", "This cannot be read.");
    }
    if (is_other_request(k, rc)) {
        return regen_fhir_refuse(k->s.q, HTTP_UNPROCESSABLE_ENTITY, "conflict",
                                 "This Idempotency-Key was used for a different request; nothing "
                                 "was done. Send a new key with each new request.");
    }
    if (rc == RG_CONFLICT && rg_problem_for(k->s.q->ctx->problems, "version")) {
        return regen_fhir_refuse(k->s.q, HTTP_PRECONDITION_FAILED, "conflict",
                                 "This booking has changed in the meantime.");
    }
    name_paths(k);
    return regen_fail(k->s.q, rc);
}

/* --- what is asked for ------------------------------------------------------------------------ */

static rg_outcome_t read_if_match(work_t *k)
{
    const char *header = apr_table_get(k->s.q->r->headers_in, "If-Match");
    return !header || regen_if_match(&k->version, header)
               ? RG_OK
               : wrong(k, NULL, "If-Match must be an ETag like W/\"3\", or several.");
}

static rg_outcome_t read_id(work_t *k)
{
    const char *base = k->s.env.policy->fhir_base;
    const char *ref = regen_args_text(&k->args, "appointment-reference");
    rg_outcome_t rc = regen_args_resource(&k->appointment, &k->args, k->s.q->ctx->problems,
                                          "appointment-resource", "Appointment");
    if (rc != RG_OK) {
        return rc;
    }
    if (!ref == !k->appointment) {
        return wrong(k, "appointment-reference",
                     "Send either appointment-reference or appointment-resource.");
    }
    if (ref) {
        k->id = regen_fhir_reference(ref, base, "Appointment");
        k->id = k->id ? k->id : regen_fhir_reference(ref, base, "Bundle");
    }
    else {
        k->id = regen_node_text(k->appointment, "id");
    }
    return k->id && strlen(k->id) <= 64
               ? RG_OK
               : wrong(k, "appointment-reference",
                       "This does not name an Appointment on this server.");
}

static rg_outcome_t open_work(work_t **out, regen_req_t *q, const regen_arg_t *known)
{
    work_t *k = apr_pcalloc(q->ctx->pool, sizeof(*k));
    rg_outcome_t rc = regen_fhir_open(&k->s, q, regen_fhir_type("Appointment", 11));
    *out = k;
    if (rc == RG_OK) {
        regen_asked_t asked = regen_fhir_asked(q);
        rc = regen_args_read(&k->args, &asked, known, k->s.notes);
    }
    if (rc == RG_OK) {
        rc = read_if_match(k);
    }
    return rc == RG_OK ? read_id(k) : rc;
}

/* What a proposal's id says, in our own words. RG_NOT_FOUND when it says nothing. */
static rg_outcome_t read_proposal(rg_hold_in_t *wish, const rg_directory_service_t **service,
                                  regen_proposal_id_t *id, work_t *k)
{
    if (!regen_proposal_read(id, k->s.env.p, k->id)) {
        return RG_NOT_FOUND;
    }
    const rg_directory_resource_t *who = NULL;
    *service = rg_directory_service_of(k->s.dir, id->service_uid);
    if (id->practitioner_uid[0] != '\0') {
        who = rg_directory_resource_of(k->s.dir, id->practitioner_uid);
    }
    if (!*service || (id->practitioner_uid[0] != '\0' && !who)) {
        return RG_NOT_FOUND;
    }
    *wish = (rg_hold_in_t){.service_code = (*service)->service->code,
                           .start = id->start,
                           .practitioner_id = who ? who->resource->id : 0};
    return regen_wish_same(wish, &k->s, id, k->appointment);
}

static const char *at_most(work_t *k, const char *text, size_t most, const char *where)
{
    const char *s = rg_text_tidy(k->s.env.p, text);
    if (s && rg_text_length(s) > most) {
        rg_problem_add(k->s.q->ctx->problems, where, "Use at most %d characters.", (int)most);
    }
    return s;
}

/* In the resource, or as IHE's parameter. */
static rg_outcome_t read_note(rg_booking_note_t *out, work_t *k)
{
    const char *inside = regen_node_text(k->appointment, "comment");
    const char *beside = regen_args_text(&k->args, "comment");
    const regen_node_t *reason = regen_node_child(k->appointment, "cancelationReason");
    const char *text = regen_node_text(reason, "text");
    int before = k->s.q->ctx->problems->list->nelts;
    if (inside && beside && strcmp(inside, beside) != 0) {
        return wrong(k, "comment", "Two comments were sent. Send one.");
    }
    text = text ? text : regen_node_text(reason, "coding/display");
    *out = (rg_booking_note_t){
        .comment = at_most(k, beside ? beside : inside, RG_COMMENT_MOST, "comment"),
        .cancel_system = at_most(k, regen_node_text(reason, "coding/system"), 160,
                                 "Appointment.cancelationReason.coding.system"),
        .cancel_code = at_most(k, regen_node_text(reason, "coding/code"), 64,
                               "Appointment.cancelationReason.coding.code"),
        .cancel_text = at_most(k, text, RG_CANCEL_TEXT_MOST, "Appointment.cancelationReason")};
    return k->s.q->ctx->problems->list->nelts == before ? RG_OK : RG_INVALID;
}

static bool is_stale(const work_t *k, const rg_visit_t *v)
{
    return k->version != 0 && k->version != v->version;
}

static const rg_zone_t *zone_of(const work_t *k, const rg_visit_t *v)
{
    const rg_directory_service_t *service = rg_directory_service(k->s.dir, v->service_id);
    return service ? service->site->zone : k->s.zone;
}

/* What was sent of an older version differs from this one, and what is over cannot be changed at
 * all: the use-cases tell that. */
static rg_outcome_t unchanged(work_t *k, const rg_visit_t *v, const char *except)
{
    bool open = v->status == RG_VISIT_PENDING || v->status == RG_VISIT_BOOKED;
    bool due = open && !k->repeated && !is_stale(k, v);
    return due ? regen_visit_same(&k->s, v, k->appointment, except) : RG_OK;
}

/* The same of a change, which takes nothing else but what EXCEPT says. */
static rg_outcome_t says_no_more(work_t *k, const rg_visit_t *v, const char *except)
{
    rg_outcome_t rc = unchanged(k, v, except);
    if (rc != RG_OK || k->repeated || is_stale(k, v)) {
        return rc;
    }
    return regen_said_same(&k->s, &k->args, k->appointment, v);
}

/* A move may have been asked for by the time it had before. */
static rg_outcome_t asked_for(work_t *k, const rg_visit_t *v, apr_time_t start)
{
    const regen_asked_for_t asked = {{v->starts_at, start}, zone_of(k, v)};
    bool due = !k->repeated && !is_stale(k, v);
    return due ? regen_period_fits(&k->s, k->appointment, &asked) : RG_OK;
}

/* --- $hold ------------------------------------------------------------------------------------ */

/* A repeated request gets the same hold, also without a key. */
static void name_hold(work_t *k, const rg_hold_in_t *wish, const rg_directory_service_t *service,
                      const rg_machine_whom_t *whom)
{
    regen_idem_natural(
        k->s.q, apr_psprintf(k->s.env.p, "%s|%" APR_INT64_T_FMT "|%" APR_INT64_T_FMT "|%s|%s",
                             service->service->uid, apr_time_sec(wish->start),
                             wish->practitioner_id, whom->patient_uid, whom->order_uid));
}

static int h_fhir_hold(regen_req_t *q)
{
    work_t *k;
    rg_hold_in_t wish;
    regen_proposal_id_t id;
    regen_whom_t whom = {.uid = ""};
    rg_machine_whom_t to = {.order_uid = ""};
    const rg_directory_service_t *service;
    rg_hold_t hold = {0};
    rg_outcome_t rc = open_work(&k, q, regen_hold_args);
    if (rc == RG_OK) {
        rc = read_proposal(&wish, &service, &id, k);
    }
    rc = rc == RG_OK ? regen_whom(&whom, &k->s, &k->args, k->appointment) : rc;
    rc = rc == RG_OK ? regen_based_on(&to.order_uid, &k->s, k->appointment) : rc;
    if (rc == RG_OK) {
        rc = regen_place_of_hold(&k->s, &k->args, k->appointment);
    }
    if (rc == RG_OK) {
        if (whom.resource) {
            rg_problem_add(k->s.notes, "Patient",
                           "A new patient is stored by $book: send it again with $book.");
        }
        if (regen_node_text(k->appointment, "comment")) {
            rg_problem_add(k->s.notes, "Appointment.comment",
                           "This is stored by $book: send it again with $book.");
        }
        to.patient_uid = whom.uid;
        name_hold(k, &wish, service, &to);
        rc = rg_machine_hold(&hold, q->ctx, &wish, &to);
        if (is_taken(k, rc)) {
            return answer_taken(k, &hold, service, id.practitioner_uid);
        }
    }
    return rc == RG_OK ? answer_booking(&k->s, hold.booking->uid, k->s.notes) : fail_book(k, rc);
}

/* --- $book: a new one ------------------------------------------------------------------------- */

static rg_outcome_t read_booked_patient(rg_machine_book_in_t *in, work_t *k)
{
    regen_whom_t whom = {.uid = ""};
    rg_outcome_t rc = regen_whom(&whom, &k->s, &k->args, k->appointment);
    in->whom.patient_uid = whom.uid;
    rc = rc == RG_OK ? regen_based_on(&in->whom.order_uid, &k->s, k->appointment) : rc;
    if (rc == RG_OK && whom.resource &&
        !regen_patient_read(&in->details, k->s.q->ctx->problems, k->s.env.p, whom.resource,
                            k->s.q->ctx->now)) {
        rc = RG_INVALID;
    }
    return rc;
}

/* Nothing of a request that comes again, or too late, is stored. */
static bool is_settled(const work_t *k, const rg_visit_t *held)
{
    return held && (k->repeated || held->status != RG_VISIT_PENDING);
}

static void read_payer(rg_details_in_t *to, const work_t *k)
{
    to->payer_code = regen_args_text(&k->args, "payer");
    to->pay = rg_pay_name(to->payer_code ? RG_PAY_INSURANCE : RG_PAY_SELF);
    to->member_id = regen_args_text(&k->args, "member-id");
    to->group_no = regen_args_text(&k->args, "group-no");
    to->relationship = rg_relationship_name(RG_RELATIONSHIP_SELF);
}

static int booked(work_t *k, const rg_machine_booked_t *done)
{
    regen_req_t *q = k->s.q;
    k->s.env.link = regen_address(q, "/b/%s", done->link);
    if (done->forms_missing > 0) {
        rg_problem_add(k->s.notes, NULL,
                       "Consent forms to be signed before the first step: %d. The patient signs "
                       "with the link in the extension patient-link, or at the clinic.",
                       done->forms_missing);
    }
    if (done->place_missing) {
        rg_problem_add(k->s.notes, NULL,
                       "The part of the body or its side is missing: no step can begin before the "
                       "patient enters it with the private link or tells the clinic.");
    }
    return answer_booking(&k->s, done->booking_uid, k->s.notes);
}

static int book(work_t *k, const rg_visit_t *held)
{
    rg_machine_book_in_t in = {.whom = {"", ""}};
    rg_machine_booked_t done = {0};
    regen_proposal_id_t id = {.practitioner_uid = ""};
    const rg_directory_service_t *service = NULL;
    rg_outcome_t rc = RG_OK;
    if (held) {
        in.booking_uid = held->booking_uid;
        service = rg_directory_service(k->s.dir, held->service_id);
        rc = unchanged(k, held, " status reasonCode comment requestedPeriod ");
        rc = rc == RG_OK ? asked_for(k, held, held->starts_at) : rc;
        if (is_stale(k, held) && !k->repeated) {
            rg_problem_add(k->s.q->ctx->problems, "version",
                           "This booking has changed in the meantime.");
            rc = RG_CONFLICT;
        }
    }
    else {
        rc = read_proposal(&in.wish, &service, &id, k);
    }
    if (rc == RG_OK) {
        rc = service ? read_booked_patient(&in, k) : RG_NOT_FOUND;
    }
    if (rc == RG_OK) {
        read_payer(&in.details, k);
        if (!is_settled(k, held)) {
            const regen_booked_t of = {&k->args, k->appointment, service->service};
            rc = regen_places_sent(k->appointment, held)
                     ? regen_places_same(&k->s, k->appointment, held)
                     : regen_place_of_booking(&in.details, &k->s, &of);
        }
    }
    if (rc == RG_OK) {
        rc = read_note(&in.note, k);
    }
    if (rc == RG_OK) {
        regen_idem_natural(k->s.q, NULL);
        rc = rg_machine_book(&done, k->s.q->ctx, &in);
    }
    if (is_taken(k, rc)) {
        return answer_taken(k, &done.hold, service, id.practitioner_uid);
    }
    return rc == RG_OK ? booked(k, &done) : fail_book(k, rc);
}

/* --- $book: a change -------------------------------------------------------------------------- */

static int cancel(work_t *k, const rg_visit_t *v)
{
    const char *reason = regen_node_text(k->appointment, "cancelationReason/coding/code");
    rg_booking_note_t note;
    rg_outcome_t rc = says_no_more(k, v, " status comment requestedPeriod cancelationReason ");
    rc = rc == RG_OK ? read_note(&note, k) : rc;
    if (rc != RG_OK) {
        return fail_book(k, rc);
    }
    bool again = v->status == RG_VISIT_CANCELLED && !v->expired && !is_stale(k, v) &&
                 k->s.q->ctx->idem->natural;
    rc = again ? rg_machine_may(k->s.q->ctx, "Appointment", 'u')
               : rg_machine_cancel(k->s.q->ctx, v->booking_uid, k->version,
                                   reason ? reason : "machine", &note);
    return rc == RG_OK ? answer_booking(&k->s, v->booking_uid, k->s.notes) : fail_book(k, rc);
}

/* What a move may change: with the start the end, but not how long it takes. */
static const char *moved_except(const work_t *k, const rg_visit_t *v, apr_time_t start)
{
    const char *end = regen_node_text(k->appointment, "end");
    regen_span_t span;
    bool shifted = start != v->starts_at && end &&
                   regen_fhir_instant(&span, k->s.env.p, end, k->s.zone) &&
                   span.from - start == v->ends_at - v->starts_at;
    if (start == v->starts_at) {
        return " status start comment requestedPeriod ";
    }
    return shifted ? " status start comment requestedPeriod end "
                   : " status start comment requestedPeriod ";
}

/* The whole chain moves with its first visit; a later one by itself, with those after it only where
 * the gap would not be kept. */
static int move(work_t *k, const rg_visit_t *v)
{
    const char *start = regen_node_text(k->appointment, "start");
    const rg_directory_service_t *service = rg_directory_service(k->s.dir, v->service_id);
    rg_booking_note_t note;
    rg_move_in_t in = {.version = k->version, .note = &note};
    rg_hold_t hold = {0};
    regen_span_t span;
    if (!start || !regen_fhir_instant(&span, k->s.env.p, start, k->s.zone)) {
        return fail_book(k, wrong(k, "start", "start must be like 2026-12-01T09:00:00-05:00."));
    }
    int visit = v->visit_no > 1 ? v->visit_no : 0;
    in.start = span.from;
    rg_outcome_t rc = read_note(&note, k);
    if (rc != RG_OK) {
        return fail_book(k, rc);
    }
    bool moves = span.from != v->starts_at;
    bool stays = true;
    bool says = note.comment && strcmp(note.comment, v->note.comment) != 0;
    if (k->repeated && k->s.q->ctx->idem->natural && (moves || says)) {
        k->repeated = false; /* there and back and there again is no repetition */
        k->s.q->ctx->idem = NULL;
    }
    rc = says_no_more(k, v, moved_except(k, v, span.from));
    rc = rc == RG_OK ? asked_for(k, v, span.from) : rc;
    if (rc == RG_OK && !moves && !is_stale(k, v) && !k->repeated) {
        const rg_machine_stay_in_t stay = {v->booking_uid, v->uid, span.from, k->version,
                                           says ? &note : NULL};
        rc = rg_machine_stay(&stays, k->s.q->ctx, &stay);
    }
    if (rc == RG_OK && (moves || !stays || is_stale(k, v))) {
        rc = rg_machine_move(&hold, k->s.q->ctx, v->booking_uid, visit, &in);
    }
    if (visit > 0 && is_taken(k, rc)) {
        rg_problem_add(k->s.q->ctx->problems, "start", "This time is taken.");
    }
    if (service && is_taken(k, rc)) {
        return answer_taken(k, &hold, service, "");
    }
    return rc == RG_OK ? answer_booking(&k->s, v->booking_uid, k->s.notes) : fail_book(k, rc);
}

static int change_appointment(work_t *k, const char *status)
{
    rg_visit_t *v;
    rg_outcome_t rc = rg_visit_get(&v, k->s.q->ctx, k->id);
    if (rc == RG_OK) {
        regen_idem_natural(k->s.q, NULL);
        rc = rg_machine_repeats(&k->repeated, k->s.q->ctx);
    }
    if (rc == RG_OK && k->s.q->ctx->idem->other) {
        rc = RG_CONFLICT;
    }
    if (rc != RG_OK) {
        return fail_book(k, rc);
    }
    if (strcmp(status, "cancelled") == 0) {
        return cancel(k, v);
    }
    if (strcmp(status, "pending") == 0 || strcmp(status, "proposed") == 0 ||
        (strcmp(status, "booked") == 0 && v->status == RG_VISIT_PENDING)) {
        return book(k, v);
    }
    if (strcmp(status, "booked") == 0) {
        return move(k, v);
    }
    return fail_book(k, wrong(k, "Appointment.status",
                              "status must be pending (book), booked (move) or cancelled."));
}

static int h_fhir_book(regen_req_t *q)
{
    work_t *k;
    regen_proposal_id_t id;
    rg_outcome_t rc = open_work(&k, q, regen_book_args);
    if (rc != RG_OK) {
        return fail_book(k, rc);
    }
    const char *status = k->appointment ? regen_node_text(k->appointment, "status") : "pending";
    if (!status) {
        return fail_book(k, wrong(k, "Appointment.status", "The Appointment has no status."));
    }
    bool fresh = strcmp(status, "pending") == 0 || strcmp(status, "proposed") == 0;
    if (fresh && regen_proposal_read(&id, k->s.env.p, k->id)) {
        return book(k, NULL);
    }
    return change_appointment(k, status);
}

const regen_route_t regen_routes_fhir_book[] = {
    {"POST", "/fhir/Appointment/$hold", RG_ROLE_MACHINE, 64 * KIB, REGEN_JSON | REGEN_XML,
     REGEN_FHIR_AREA | REGEN_WRITES, h_fhir_hold},
    {"POST", "/fhir/Appointment/$book", RG_ROLE_MACHINE, 64 * KIB, REGEN_JSON | REGEN_XML,
     REGEN_FHIR_AREA | REGEN_WRITES, h_fhir_book},
    {NULL, NULL, 0, 0, 0, 0, NULL}};
