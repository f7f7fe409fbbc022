/* SPDX-License-Identifier: Apache-2.0 */
/* Signing a treatment order. Nothing is guessed: service, target, diagnosis and what was weighed
 * are the clinician's own words, checked against the clinic's definitions. */
#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/patient/people.h"
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/clinic/order.h"
#include "regen/core/ctx.h"
#include "regen/core/ident.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/followup.h"
#include "regen/model/order.h"
#include "regen/store/definitions.h"
#include "regen/store/desk.h"
#include "regen/store/followup.h"
#include "regen/store/order.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#include <string.h>

#include <apr_strings.h>

/* --- the form --------------------------------------------------------------------------------- */

typedef struct {
    const char *patient_uid, *service_code;
    rg_order_form_t *out;
} form_t;

static void list_orderable(rg_order_form_t *f, const rg_ctx_t *ctx, const rg_clinic_t *k)
{
    f->services = apr_palloc(ctx->pool, sizeof(*f->services) * (size_t)(k->service_count + 1));
    for (int i = 0; i < k->service_count; i++) {
        if (k->services[i].active && rg_clinic_priced(&k->services[i]) &&
            rg_service_needs_order(&k->services[i].service)) {
            f->services[f->service_count++] = (rg_service_t *)&k->services[i].service;
        }
    }
}

static rg_outcome_t choose_ordered(rg_order_form_t *f, const rg_clinic_t *k, const char *code)
{
    bool any = code && *code;
    f->service = !any && f->service_count == 1 ? f->services[0] : NULL;
    for (int i = 0; any && i < f->service_count; i++) {
        if (strcmp(f->services[i]->code, code) == 0) {
            f->service = f->services[i];
        }
    }
    f->site = f->service ? rg_clinic_site(k, f->service->site_id) : &k->sites[0];
    return any && !f->service ? RG_NOT_FOUND : RG_OK;
}

static rg_outcome_t likely_codes(rg_db_t *db, const rg_ctx_t *ctx, rg_order_form_t *f)
{
    rg_outcome_t rc = RG_OK;
    f->likely = apr_palloc(ctx->pool, sizeof(*f->likely));
    for (int i = 0; rc == RG_OK && f->service && i < f->service->body_site_count; i++) {
        rg_diagnosis_t *more;
        int count;
        rc = rg_diagnoses_likely(db, ctx, f->service->body_sites[i], RG_SIDE_NONE, &count, &more);
        if (rc != RG_OK || count == 0) {
            continue;
        }
        rg_diagnosis_t *all =
            apr_palloc(ctx->pool, sizeof(*all) * (size_t)(f->likely_count + count));
        memcpy(all, f->likely, sizeof(*all) * (size_t)f->likely_count);
        memcpy(all + f->likely_count, more, sizeof(*all) * (size_t)count);
        f->likely = all;
        f->likely_count += count;
    }
    return rc;
}

static rg_outcome_t form_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    const form_t *w = baton;
    rg_order_form_t *f = w->out;
    const rg_clinic_t *k;
    f->service_count = f->likely_count = 0;
    rg_outcome_t rc = rg_clinic_get(&k, db, ctx);
    if (rc == RG_OK && k->site_count == 0) {
        return RG_UNAVAILABLE;
    }
    rc = rc == RG_OK ? rg_patient_by_uid(db, ctx, &f->patient, w->patient_uid) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    list_orderable(f, ctx, k);
    rc = choose_ordered(f, k, w->service_code);
    rc = rc == RG_OK ? rg_order_signer(db, ctx, &f->may_sign, ctx->who.staff_id) : rc;
    return rc == RG_OK ? likely_codes(db, ctx, f) : rc;
}

rg_outcome_t rg_order_form(rg_order_form_t **out, const rg_ctx_t *ctx, const char *patient_uid,
                           const char *service_code)
{
    form_t w = {patient_uid, service_code, apr_pcalloc(ctx->pool, sizeof(**out))};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CARE);
    if (rc == RG_OK && !rg_uid_valid(patient_uid)) {
        rc = RG_NOT_FOUND;
    }
    rc = rc == RG_OK ? rg_store_read(ctx, form_work, &w) : rc;
    if (rc == RG_OK) {
        w.out->today = rg_zone_local(w.out->site->zone, ctx->now).date;
        w.out->until = rg_date_add(w.out->today, RG_ORDER_DAYS);
        *out = w.out;
    }
    return rc;
}

/* --- what was typed --------------------------------------------------------------------------- */

typedef struct {
    rg_order_t order;
    rg_order_form_t *form;
} sign_t;

static const char *read_words(const rg_ctx_t *ctx, const char *field, const char *typed,
                              const char *missing)
{
    const char *text = rg_text_tidy(ctx->pool, typed ? typed : "");
    if (missing && *text == '\0') {
        rg_problem_add(ctx->problems, field, "%s", missing);
    }
    if (rg_text_length(text) > RG_ORDER_TEXT_MOST) {
        rg_problem_add(ctx->problems, field, "Use at most %d characters.", RG_ORDER_TEXT_MOST);
    }
    return text;
}

/* The last day, up to a year ahead; the order ends with it. */
static void read_until(const rg_ctx_t *ctx, sign_t *w, const char *typed)
{
    rg_date_t day;
    const char *text = rg_text_tidy(ctx->pool, typed ? typed : "");
    rg_date_t most = rg_date_add(w->form->today, RG_ORDER_DAYS_MOST);
    if (!rg_date_parse(&day, text) || rg_date_compare(day, w->form->today) < 0 ||
        rg_date_compare(day, most) > 0) {
        rg_problem_add(ctx->problems, "valid_until", "Enter a day from today to %s.",
                       rg_date_long(ctx->pool, most));
        return;
    }
    w->order.valid_until = rg_zone_utc(w->form->site->zone, rg_date_add(day, 1), 0);
}

static bool is_left_out(const char *typed)
{
    return !typed || *typed == '\0';
}

/* Whether one more target was typed; of one part of the body the part alone says nothing. */
static bool is_typed(const rg_service_t *s, const char *body_site, const char *side)
{
    return !is_left_out(side) || (!is_left_out(body_site) && s->body_site_count != 1);
}

/* As many as the service has in one treatment; each is named once. Nothing typed is dropped
 * without a word. */
static void read_further(const rg_ctx_t *ctx, sign_t *w, const rg_order_in_t *in)
{
    rg_targets_t t = {1, {{w->order.body_site, w->order.side}}};
    const rg_service_t *s = w->form->service;
    int most = s->needs_body_site ? s->targets_most : 1;
    for (int i = 0; i + 1 < RG_TARGETS_MOST; i++) {
        const rg_details_in_t place = {.body_site = in->further[i].body_site,
                                       .side = in->further[i].side};
        rg_problems_t *silent = rg_problems_make(ctx->pool);
        rg_target_t *to = &t.at[t.count];
        const char *field = apr_psprintf(ctx->pool, "side_%d", i + 2);
        if (!is_typed(s, place.body_site, place.side)) {
            continue;
        }
        if (i + 2 > most) {
            rg_problem_add(ctx->problems, s->needs_body_site ? field : NULL,
                           "This treatment has at most %d target%s.", most, most == 1 ? "" : "s");
            continue;
        }
        if (!rg_place_check(&to->body_site, &to->side, ctx->pool, silent, &place, s,
                            ctx->who.roles)) {
            rg_problem_add(ctx->problems, field,
                           "Choose part and side of this target, or neither.");
            continue;
        }
        if (rg_target_no(&t, to->body_site, to->side) > 0 ||
            (to->side == RG_SIDE_NONE && rg_targets_at(&t, to->body_site))) {
            rg_problem_add(ctx->problems, field, "This target is named already.");
            continue;
        }
        t.count++;
    }
    w->order.further = rg_targets_further(ctx->pool, &t);
}

static void read_target(const rg_ctx_t *ctx, sign_t *w, const rg_order_in_t *in)
{
    const rg_details_in_t place = {.body_site = in->body_site, .side = in->side};
    w->order.body_site = "";
    w->order.side = RG_SIDE_NONE;
    w->order.further = "";
    if (!w->form->service->needs_body_site ||
        rg_place_check(&w->order.body_site, &w->order.side, ctx->pool, ctx->problems, &place,
                       w->form->service, ctx->who.roles)) {
        read_further(ctx, w, in);
    }
}

static void read_severity(const rg_ctx_t *ctx, sign_t *w, const char *typed)
{
    int severity = rg_severity_parse(typed);
    if (severity < 0) {
        rg_problem_add(ctx->problems, "severity", "Choose how severe it is.");
        return;
    }
    w->order.severity = (rg_severity_t)severity;
}

static bool read_order(const rg_ctx_t *ctx, sign_t *w, const rg_order_in_t *in)
{
    rg_order_t *o = &w->order;
    read_target(ctx, w, in);
    const char *code = rg_text_tidy(ctx->pool, in->diagnosis ? in->diagnosis : "");
    o->diagnosis_code = rg_icd10_read(ctx->pool, code, strlen(code));
    if (!o->diagnosis_code) {
        rg_problem_add(ctx->problems, "diagnosis",
                       "Enter one ICD-10-CM code. One looks like M17.11.");
    }
    read_severity(ctx, w, in->severity);
    o->tried = read_words(ctx, "tried", in->tried,
                          "Enter what was tried, or that nothing else comes into question.");
    o->imaging = read_words(ctx, "imaging", in->imaging, "Enter what the imaging shows.");
    o->weighed = read_words(ctx, "weighed", in->weighed,
                            "Enter which contraindications were weighed, or that there are none.");
    o->note = read_words(ctx, "note", in->note, NULL);
    read_until(ctx, w, in->valid_until);
    if (!in->confirmed || strcmp(in->confirmed, "yes") != 0) {
        rg_problem_add(ctx->problems, "confirmed", "Check the box to sign the order.");
    }
    return !rg_problems_any(ctx->problems);
}

/* --- signing ---------------------------------------------------------------------------------- */

static void check_diagnosed_place(const rg_ctx_t *ctx, const rg_order_t *o, const rg_diagnosis_t *d)
{
    bool sided = d->side == RG_SIDE_LEFT || d->side == RG_SIDE_RIGHT;
    if (!d->billable) {
        rg_problem_add(ctx->problems, "diagnosis",
                       "%s is a category (%s). Choose a more specific code in it.", d->code,
                       d->title);
    }
    const rg_targets_t t = rg_targets_of(ctx->pool, o->body_site, o->side, o->further);
    if (t.count > 1) {
        if (!rg_targets_on(&t, d->body_site, sided ? d->side : RG_SIDE_NONE)) {
            rg_problem_add(ctx->problems, "diagnosis", "%s is for none of these targets.", d->code);
        }
        return;
    }
    if (*d->body_site && *o->body_site && strcmp(d->body_site, o->body_site) != 0) {
        rg_problem_add(ctx->problems, "diagnosis", "%s is for the %s, but the %s is to be treated.",
                       d->code, d->body_site, o->body_site);
    }
    if (sided && o->side != RG_SIDE_NONE && d->side != o->side) {
        rg_problem_add(ctx->problems, "diagnosis",
                       "%s is for the %s side, but the %s side is to be treated.", d->code,
                       rg_side_name(d->side), rg_side_name(o->side));
    }
}

static rg_outcome_t check_diagnosed(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_t *o)
{
    rg_diagnosis_t *d;
    rg_outcome_t rc = rg_diagnosis_find(db, ctx, &d, o->diagnosis_code);
    if (rc == RG_NOT_FOUND) {
        rg_problem_add(ctx->problems, "diagnosis",
                       "%s is not in this clinic's list of ICD-10-CM codes.", o->diagnosis_code);
        return RG_INVALID;
    }
    if (rc == RG_OK) {
        check_diagnosed_place(ctx, o, d);
    }
    return rc == RG_OK && rg_problems_any(ctx->problems) ? RG_INVALID : rc;
}

static rg_outcome_t sign_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    sign_t *w = baton;
    rg_order_t *o = &w->order;
    int made;
    int64_t adopted = 0;
    rg_outcome_t rc = check_diagnosed(db, ctx, o);
    o->uid = rg_uid_make(ctx);
    rc = rc == RG_OK ? rg_order_insert(db, ctx, o) : rc;
    rc = rc == RG_OK ? rg_order_number_new(db, ctx, o->id, &made) : rc;
    rc = rc == RG_OK ? rg_order_adopt(db, ctx, o, &adopted) : rc;
    if (rc == RG_OK && adopted == 0) {
        const rg_message_fact_t fact = {
            .kind = RG_MESSAGE_ORDER, .about_id = o->id, .until_at = o->valid_until};
        rc = rg_message_add(db, ctx, &fact);
    }
    if (rc != RG_OK) {
        return rc;
    }
    rg_once_result(db, o->uid);
    return rg_audit_add(db, ctx, "order.sign", "order", o->id,
                        apr_psprintf(ctx->pool, "patient:%" APR_INT64_T_FMT " service:%s",
                                     o->patient.id, w->form->service->code));
}

rg_outcome_t rg_order_sign(const char **uid, const rg_ctx_t *ctx, const char *patient_uid,
                           const rg_order_in_t *in)
{
    sign_t w = {.form = NULL};
    *uid = NULL;
    rg_outcome_t rc = rg_order_form(&w.form, ctx, patient_uid, in->service_code);
    if (rc != RG_OK) {
        return rc;
    }
    if (!rg_may(ctx, RG_DEED_ORDER) || !w.form->may_sign) {
        return RG_FORBIDDEN;
    }
    if (!w.form->service) {
        return RG_NOT_FOUND;
    }
    if (!read_order(ctx, &w, in)) {
        return RG_INVALID;
    }
    w.order.patient = *w.form->patient;
    w.order.service_id = w.form->service->id;
    rc = rg_store_once(ctx, sign_work, &w);
    if (rc == RG_OK) {
        *uid = rg_replayed(ctx) ? ctx->idem->result : w.order.uid;
    }
    return rc;
}
