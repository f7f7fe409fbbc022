/* SPDX-License-Identifier: Apache-2.0 */
/* The patient's own material: harvested, processed, injected or disposed of. The keys of the schema
 * enforce whose unit it is; the checks here are for good messages. */
#include <string.h>

#include <apr_strings.h>

#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/unit.h"
#include "regen/store/store.h"
#include "regen/store/visit.h"

#define VOLUME_MAX_ML 2000
#define REASON_MAX    255

void rg_day_unit_blank(rg_unit_t *u)
{
    u->device_name = u->device_why = u->run_why = u->lot_why = u->kit_lot = u->given_why = "";
    u->parents = u->harvested_by = u->made_by = u->processed_by = u->injected_by = "";
    u->product = "";
    u->ended = -1;
}

/* --- what the forms carry --------------------------------------------------------------------- */

static int volume_read(const rg_ctx_t *ctx, const char *typed)
{
    int64_t ml = 0;

    if (!rg_text_i64(&ml, typed ? typed : "", 1, VOLUME_MAX_ML)) {
        rg_problem_add(ctx->problems, "volume_ml",
                       "Enter the volume in whole milliliters, from 1 to %d.", VOLUME_MAX_ML);
    }
    return (int)ml;
}

static int side_read(const rg_ctx_t *ctx, const char *field, const char *typed)
{
    int side = rg_side_parse(typed ? typed : "");

    if (side < 0 || side == RG_SIDE_BILATERAL) {
        rg_problem_add(ctx->problems, field, "Choose the side you are looking at.");
        return RG_SIDE_NONE;
    }
    return side;
}

static rg_outcome_t check_side(const rg_ctx_t *ctx, rg_day_step_t *step, const char *field,
                               rg_side_t side)
{
    const rg_care_t *care = &step->care;

    if (side == care->side) {
        return RG_OK;
    }
    return rg_day_refuse(
        ctx, step, "wrong-side", RG_PRECONDITION, field,
        care->side == RG_SIDE_NONE
            ? "This treatment was booked without a side."
            : apr_psprintf(ctx->pool,
                           "Stop: the %s side was booked and consented to. Nothing was recorded.",
                           rg_side_name(care->side)));
}

/* --- harvest ---------------------------------------------------------------------------------- */

typedef struct {
    int volume_ml;
    rg_side_t side;
    bool all, some; /* instead, of several targets: all of them are marked, or one alone */
    int taken_from; /* rg_taken_from_t */
    const char *anticoagulant, *why;
    int64_t seen; /* collections on the page it was entered on */
} harvest_t;

/* What is harvested is the service's to say, never the form's. */
static rg_outcome_t check_product(const rg_ctx_t *ctx, rg_day_step_t *step)
{
    if (step->care.product_no != 0) {
        return RG_OK;
    }
    return rg_day_refuse(ctx, step, "no-product", RG_PRECONDITION, NULL,
                         "This service does not say what is harvested. Ask an administrator to "
                         "enter its product under Services, then record the harvest.");
}

static rg_outcome_t check_taken_from(const rg_ctx_t *ctx, const rg_care_t *care,
                                     const harvest_t *in)
{
    if (rg_taken_from_fits((rg_taken_from_t)in->taken_from, care->material)) {
        return RG_OK;
    }
    rg_problem_add(ctx->problems, "taken_from",
                   "Choose where it was taken from: this service harvests %s.", care->material);
    return RG_INVALID;
}

/* Two people who record another collection at once record two only if both saw the other's. */
static rg_outcome_t check_again(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const harvest_t *in = step->in;
    (void)db;

    if (!step->again || in->seen == step->care.collections) {
        return RG_OK;
    }
    rg_problem_add(ctx->problems, NULL,
                   "Another collection was recorded since this page was opened. Check the units, "
                   "then record yours.");
    return RG_CONFLICT;
}

/* What is marked on the patient: the side of the one target, or all of several. */
static rg_outcome_t check_marked(const rg_ctx_t *ctx, rg_day_step_t *step, const harvest_t *in)
{
    int targets = rg_targets_count(step->care.further);

    if (targets == 1 && !in->all && !in->some) {
        return check_side(ctx, step, "side_confirmed", in->side);
    }
    if (targets > 1 && in->all) {
        return RG_OK;
    }
    return rg_day_refuse(
        ctx, step, "wrong-side", RG_PRECONDITION, "side_confirmed",
        targets == 1 ? "This treatment has one target. Choose its side."
                     : apr_psprintf(ctx->pool,
                                    "Stop: %d targets were booked and consented to, and all of "
                                    "them are marked. Nothing was recorded.",
                                    targets));
}

static rg_outcome_t harvest_act(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const harvest_t *in = step->in;
    const rg_care_t *care = &step->care;
    rg_unit_t *u = apr_pcalloc(ctx->pool, sizeof(*u));
    int64_t number = 0;
    rg_outcome_t rc = check_marked(ctx, step, in);

    rc = rc == RG_OK ? check_product(ctx, step) : rc;
    rc = rc == RG_OK ? check_taken_from(ctx, care, in) : rc;
    rc = rc == RG_OK ? rg_counter_next(db, ctx, "unit", &number) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    u->label = rg_unit_label_make(ctx->pool, number);
    u->booking_id = care->id;
    u->patient_id = care->patient_id;
    u->service_id = care->service_id;
    u->product_no = care->product_no;
    u->material = care->material;
    u->body_site = care->body_site;
    u->side = care->side; /* the key; where it goes, its injection says */
    u->volume_ml = in->volume_ml;
    u->taken_from = in->taken_from;
    u->anticoagulant = in->anticoagulant;
    u->again_why = in->why;
    u->harvested_at = step->at;
    u->expires_at = step->at + care->unit_hold_minutes * RG_MINUTE;
    rg_day_unit_blank(u);
    rc = rg_unit_collection_add(db, ctx, u);
    rc = rc == RG_OK ? rg_unit_add(db, ctx, u) : rc;
    step->unit = rc == RG_OK ? u : NULL;
    return rc;
}

static rg_outcome_t reread(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    return rg_unit_by_label(db, ctx, baton, ctx->idem->result);
}

static void harvest_read(const rg_ctx_t *ctx, harvest_t *h, rg_day_step_t *step,
                         const rg_harvest_in_t *in)
{
    h->volume_ml = volume_read(ctx, in->volume_ml);
    const char *marked = in->side_confirmed ? in->side_confirmed : "";

    h->all = strcmp(marked, "all") == 0;
    h->some = strncmp(marked, "only-", 5) == 0;
    h->side =
        h->all || h->some ? RG_SIDE_NONE : (rg_side_t)side_read(ctx, "side_confirmed", marked);
    h->taken_from = rg_taken_from_parse(in->taken_from);
    h->anticoagulant = rg_text_tidy(ctx->pool, in->anticoagulant ? in->anticoagulant : "");
    h->why = step->again ? rg_text_tidy(ctx->pool, in->again_why ? in->again_why : "") : "";
    h->seen = -1;
    rg_text_i64(&h->seen, in->seen ? in->seen : "", 0, INT32_MAX);
    if (h->taken_from < 0) {
        rg_problem_add(ctx->problems, "taken_from", "Choose where it was taken from.");
    }
    if (rg_text_length(h->anticoagulant) > RG_ANTICOAGULANT_MOST) {
        rg_problem_add(ctx->problems, "anticoagulant", "Use at most %d characters.",
                       RG_ANTICOAGULANT_MOST);
    }
    if (step->again && (*h->why == '\0' || rg_text_length(h->why) > RG_AGAIN_WHY_MOST)) {
        rg_problem_add(ctx->problems, "again_why",
                       "Enter why another collection was needed, in at most %d characters.",
                       RG_AGAIN_WHY_MOST);
    }
}

rg_outcome_t rg_day_harvest(rg_unit_t **out, const rg_ctx_t *ctx, int64_t booking_id,
                            const rg_harvest_in_t *in)
{
    harvest_t h;
    rg_day_step_t step = {.booking_id = booking_id,
                          .event = RG_EVENT_HARVEST,
                          .when = in->when,
                          .who = in->who,
                          .again = in->again && strcmp(in->again, "yes") == 0};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CARE);

    *out = NULL;
    if (rc != RG_OK) {
        return rc;
    }
    rc = rg_day_said_read(ctx, &step);
    if (rc != RG_OK || step.said.stopped >= 0) {
        return rc == RG_OK ? rg_day_stop(ctx, &step) : rc;
    }
    harvest_read(ctx, &h, &step, in);
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    step.before = check_again;
    step.act = harvest_act;
    step.in = &h;
    rc = rg_day_run(ctx, &step);
    if (rc == RG_OK && rg_replayed(ctx)) {
        return rg_store_read(ctx, reread, out);
    }
    *out = step.unit;
    return rc;
}

/* --- processing ------------------------------------------------------------------------------- */

typedef struct {
    const char *label, *device_code, *device_why;
    rg_kit_in_t kit;
    rg_run_in_t run;
    int volume_ml;
} process_t;

static rg_outcome_t process_before(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const process_t *in = step->in;
    rg_outcome_t rc = rg_day_find_labelled(db, ctx, step, in->label);

    rc = rc == RG_OK ? rg_day_usable(ctx, step) : rc;
    if (rc == RG_OK && step->unit->processed_at != 0 && *step->unit->parents != '\0') {
        return rg_day_refuse(ctx, step, "processed", RG_PRECONDITION, "label",
                             "This unit is made from units that were processed.");
    }
    if (rc == RG_OK && in->volume_ml > step->unit->volume_ml) {
        rg_problem_add(ctx->problems, "volume_ml",
                       "The volume of the concentrate cannot exceed the %d ml that were harvested.",
                       step->unit->volume_ml);
        rc = RG_INVALID;
    }
    return rc;
}

static rg_outcome_t process_act(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const process_t *in = step->in;
    rg_processing_t x = {.kit_lot = "",
                         .lot_why = "",
                         .volume_ml = in->volume_ml,
                         .at = step->at,
                         .device_why = "",
                         .run_why = ""};
    rg_outcome_t rc = rg_day_device(db, ctx, step, in->device_code, in->device_why, &x);

    rc = rc == RG_OK ? rg_day_kit(db, ctx, step, &in->kit, &x) : rc;
    rc = rc == RG_OK ? rg_day_run_check(db, ctx, step, &in->run, &x) : rc;
    return rc == RG_OK ? rg_day_run_add(db, ctx, step, in->device_why, &x) : rc;
}

rg_outcome_t rg_day_process(const rg_ctx_t *ctx, int64_t booking_id, const rg_process_in_t *in)
{
    process_t x;
    rg_day_step_t step = {
        .booking_id = booking_id, .event = RG_EVENT_PROCESS, .when = in->when, .who = in->who};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CARE);

    if (rc != RG_OK) {
        return rc;
    }
    x.label = rg_day_label_read(ctx, in->label);
    x.device_code = in->device_code ? in->device_code : "";
    x.device_why = rg_day_device_why(ctx, "device_why", in->device_why);
    x.run.minutes = in->minutes;
    x.run.why = rg_day_device_why(ctx, "run_why", in->run_why);
    x.kit = (rg_kit_in_t){in->kit, in->kit_lot, in->kit_expires,
                          rg_day_device_why(ctx, "lot_why", in->lot_why)};
    x.volume_ml = volume_read(ctx, in->volume_ml);
    if ((!in->kit || *in->kit == '\0') && (!in->kit_lot || *in->kit_lot == '\0')) {
        rg_problem_add(ctx->problems, "kit_lot",
                       "Choose the lot of the kit, or enter its lot number as printed.");
    }
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    step.before = process_before;
    step.act = process_act;
    step.in = &x;
    return rg_day_run(ctx, &step);
}

/* --- injection -------------------------------------------------------------------------------- */

typedef struct {
    const char *label; /* as typed: which form it must have depends on the service */
    const char *body_site;
    const char *lot_why; /* tidied, as is AGAIN_WHY */
    const char *again_why;
    rg_side_t side;
    rg_date_t birth_date;
} inject_t;

/* A stop is recorded for the target that was named, if one was. */
static rg_outcome_t stop_before(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const rg_inject_in_t *in = step->in;
    (void)db;

    rg_day_target_of_stop(ctx, step, in->target, in->body_site, in->side);
    return RG_OK;
}

static rg_outcome_t inject_before(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const inject_t *in = step->in;

    rg_outcome_t rc = rg_day_wants(step->care.kinds, RG_EVENT_HARVEST)
                          ? rg_day_unit_to_inject(db, ctx, step, in->label)
                          : RG_OK;
    return rc == RG_OK ? rg_day_target(ctx, step, in->body_site, in->side) : rc;
}

static rg_outcome_t check_body_site(const rg_ctx_t *ctx, rg_day_step_t *step, const char *body_site)
{
    const char *booked = step->care.body_site;

    if (strcmp(body_site, booked) == 0) {
        return RG_OK;
    }
    return rg_day_refuse(ctx, step, "wrong-body-site", RG_PRECONDITION, "body_site",
                         *booked == '\0'
                             ? "This treatment was booked without a joint."
                             : apr_psprintf(ctx->pool,
                                            "Stop: the %s was booked and consented to. Nothing was "
                                            "recorded.",
                                            booked));
}

/* The keys have the last word; that they spoke at all means that something above was wrong or
 * somebody was quicker. */
static rg_outcome_t inject_write(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const inject_t *in = step->in;
    rg_injection_t x = {in->body_site, in->side, step->at, in->lot_why, in->again_why};
    rg_outcome_t rc = rg_day_target_again(ctx, step, &x.again_why);

    rc = rc == RG_OK ? rg_day_kit_recalled(db, ctx, step, &x.lot_why) : rc;

    if (rc != RG_OK) {
        return rc;
    }
    rc = rg_unit_injection_add(db, ctx, step->unit, &step->care, &x);
    if (rc == RG_CONFLICT) {
        return rg_day_refuse(ctx, step, "used", RG_GONE, "label",
                             "This unit was already injected.");
    }
    if (rc == RG_PRECONDITION) {
        return rg_day_refuse(
            ctx, step, "schema", rc, "label",
            "Stop: this unit does not match this patient, joint and side, or the time-out was held "
            "for another one. Nothing was recorded.");
    }
    return rc;
}

static rg_outcome_t inject_act(rg_db_t *db, const rg_ctx_t *ctx, rg_day_step_t *step)
{
    const inject_t *in = step->in;
    rg_outcome_t rc = rg_day_same_birth(ctx, step, in->birth_date);

    if (step->target.body_site) { /* one of several, which BEFORE found */
        return rc == RG_OK && step->unit ? inject_write(db, ctx, step) : rc;
    }
    rc = rc == RG_OK ? check_body_site(ctx, step, in->body_site) : rc;
    rc = rc == RG_OK ? check_side(ctx, step, "side", in->side) : rc;
    return rc == RG_OK && step->unit ? inject_write(db, ctx, step) : rc;
}

/* One of several by one choice; otherwise the joint and the side, each said by itself. */
static void read_where(const rg_ctx_t *ctx, inject_t *x, const rg_inject_in_t *in)
{
    rg_target_t named;
    bool one = (in->target && *in->target != '\0') || (in->several && *in->several != '\0');

    if (one && !rg_day_target_read(ctx, &named, in->target, in->body_site, in->side)) {
        rg_problem_add(ctx->problems, "target", "Choose which of the targets is injected now.");
        return;
    }
    x->body_site = one ? named.body_site : in->body_site ? in->body_site : "";
    x->side = one ? named.side : (rg_side_t)side_read(ctx, "side", in->side);
}

rg_outcome_t rg_day_inject(const rg_ctx_t *ctx, int64_t booking_id, const rg_inject_in_t *in)
{
    inject_t x = {.label = in->label};
    rg_day_step_t step = {
        .booking_id = booking_id, .event = RG_EVENT_INJECT, .when = in->when, .who = in->who};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CARE);

    if (rc != RG_OK) {
        return rc;
    }
    rc = rg_day_said_read(ctx, &step);
    if (rc != RG_OK || step.said.stopped >= 0) {
        step.before = stop_before;
        step.in = in;
        return rc == RG_OK ? rg_day_stop(ctx, &step) : rc;
    }
    rg_day_birth_read(ctx, &x.birth_date, in->birth_date);
    read_where(ctx, &x, in);
    x.lot_why = rg_day_device_why(ctx, "lot_why", in->lot_why);
    x.again_why = rg_day_device_why(ctx, "target_why", in->again_why);
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    step.before = inject_before;
    step.act = inject_act;
    step.in = &x;
    return rg_day_run(ctx, &step);
}

/* --- disposal --------------------------------------------------------------------------------- */

typedef struct {
    rg_day_step_t step; /* the frame of steps does not fit, its checks do */
    const char *label, *reason;
} dispose_t;

static rg_outcome_t dispose_write(rg_db_t *db, const rg_ctx_t *ctx, dispose_t *d)
{
    const rg_unit_t *u = d->step.unit;

    if (u->ended_at != 0) {
        return rg_day_refuse(ctx, &d->step, NULL, RG_GONE, "label",
                             u->injected_at != 0   ? "This unit was injected."
                             : u->disposed_at != 0 ? "This unit was already disposed of."
                                                   : rg_unit_gone(u));
    }
    rg_outcome_t rc = rg_unit_disposal_add(db, ctx, u->id, d->reason, ctx->now);
    rg_once_result(db, d->step.care.uid);
    return rc == RG_OK ? rg_audit_add(db, ctx, "unit.dispose", "unit", u->id, u->label) : rc;
}

static rg_outcome_t dispose_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    dispose_t *d = baton;

    d->step.unit = NULL;
    d->step.refusal = NULL;
    rg_outcome_t rc = rg_care_lock(db, ctx, &d->step.care, d->step.booking_id);
    rc = rc == RG_OK ? rg_day_find_labelled(db, ctx, &d->step, d->label) : rc;
    return rc == RG_OK ? dispose_write(db, ctx, d) : rc;
}

rg_outcome_t rg_day_dispose(const rg_ctx_t *ctx, int64_t booking_id, const char *label,
                            const char *reason)
{
    dispose_t d = {.step = {.booking_id = booking_id, .verb = "dispose"}};
    rg_outcome_t rc = rg_must(ctx, RG_DEED_CARE);

    if (rc != RG_OK) {
        return rc;
    }
    d.label = rg_day_label_read(ctx, label);
    d.reason = rg_text_tidy(ctx->pool, reason ? reason : "");
    if (*d.reason == '\0' || rg_text_length(d.reason) > REASON_MAX) {
        rg_problem_add(ctx->problems, "reason",
                       "Enter why the unit is not used, in at most %d characters.", REASON_MAX);
    }
    if (rg_problems_any(ctx->problems)) {
        return RG_INVALID;
    }
    rc = rg_store_once(ctx, dispose_work, &d);
    if (rc != RG_OK) {
        rg_day_remember(ctx, &d.step);
    }
    return rc;
}
