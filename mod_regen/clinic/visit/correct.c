/* SPDX-License-Identifier: Apache-2.0 */
/* Corrections of what was recorded: a row more, with the reason; the old one stays readable. Taken
 * back is only what nothing followed. */
#include <string.h>

#include <apr_strings.h>

#include "mod_regen/clinic/access.h"
#include "mod_regen/clinic/booking/booking.h"
#include "mod_regen/clinic/definitions/catalogue.h"
#include "mod_regen/clinic/visit/visit_int.h"
#include "regen/clinic/visit.h"
#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/text.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/time_out.h"
#include "regen/model/unit.h"
#include "regen/store/booking.h"
#include "regen/store/calendar.h"
#include "regen/store/store.h"
#include "regen/store/supply.h"
#include "regen/store/visit.h"
#include "mod_regen/clinic/schedule/part.h"

#define VOLUME_MAX_ML 2000
#define LOT_MAX       40
#define CODE_MAX      32

typedef struct {
    int64_t booking_id;
    const char *label; /* of the unit it is about, as typed; "": the only one */
    const rg_correct_in_t *in;
    rg_correction_t row;
    rg_care_t care; /* read under lock */
    rg_correct_facts_t facts;
} correct_t;

static rg_outcome_t refuse_correction(const rg_ctx_t *ctx, const char *field, const char *text)
{
    rg_problem_add(ctx->problems, field, "%s", text);
    return RG_PRECONDITION;
}

static rg_outcome_t write_correction(rg_db_t *db, const rg_ctx_t *ctx, const correct_t *c)
{
    rg_outcome_t rc = rg_correct_add(db, ctx, c->booking_id, &c->row);

    return rc == RG_PRECONDITION || rc == RG_CONFLICT
               ? refuse_correction(ctx, NULL,
                                   "Something was recorded since. Check the chart again.")
               : rc;
}

/* --- taken back ------------------------------------------------------------------------------- */

static rg_outcome_t undo_check_in(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c)
{
    c->row.row_id = c->facts.check_in_id;
    c->row.old_value = rg_time_people(ctx->pool, c->care.zone, c->facts.check_in_at);
    if (c->row.row_id == 0 || c->care.status != RG_BOOKING_ARRIVED) {
        return refuse_correction(ctx, "correct_what",
                                 "Only a check-in that nothing followed can be taken back. End the "
                                 "visit early instead.");
    }
    rg_outcome_t rc = write_correction(db, ctx, c);
    rc = rc == RG_OK ? rg_correct_uncharge(db, ctx, c->booking_id, false) : rc;
    return rc == RG_OK ? rg_care_move(db, ctx, c->booking_id, RG_BOOKING_ARRIVED, RG_BOOKING_BOOKED)
                       : rc;
}

static rg_outcome_t check_unbilled(const rg_ctx_t *ctx, const correct_t *c)
{
    if (c->care.status != RG_BOOKING_COMPLETED) {
        return refuse_correction(ctx, "correct_what", "This visit is not over.");
    }
    if (c->facts.claimed) {
        return refuse_correction(ctx, "correct_what",
                                 "The visit has a claim already, so this cannot be taken back. "
                                 "Tell billing what is wrong.");
    }
    if (c->facts.invoiced) {
        return refuse_correction(ctx, "correct_what",
                                 "The visit has an invoice already. Ask billing for a credit note "
                                 "for all of it; then this can be taken back.");
    }
    return RG_OK;
}

static rg_outcome_t reopen(rg_db_t *db, const rg_ctx_t *ctx, const correct_t *c)
{
    bool began = (c->care.done & ~(1u << RG_EVENT_CHECK_IN) & ~(1u << RG_EVENT_COMPLETE)) != 0;

    return rg_care_move(db, ctx, c->booking_id, RG_BOOKING_COMPLETED,
                        began ? RG_BOOKING_IN_PROGRESS : RG_BOOKING_ARRIVED);
}

static const char *codes_of(const rg_ctx_t *ctx, const rg_diagnosis_t *list, int count)
{
    const char *all = "";

    for (int i = 0; i < count; i++) {
        all = apr_pstrcat(ctx->pool, all, " ", list[i].code, NULL);
    }
    return all;
}

/* The diagnoses are recorded again with the next completion. */
static rg_outcome_t undo_complete(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c)
{
    int count = 0;
    rg_diagnosis_t *list = NULL;
    rg_outcome_t rc = check_unbilled(ctx, c);

    c->row.row_id = c->facts.complete_id;
    if (rc == RG_OK && c->row.row_id == 0) {
        return refuse_correction(ctx, "correct_what", "No completion is recorded.");
    }
    rc = rc == RG_OK ? rg_diagnoses_of(db, ctx, c->booking_id, &count, &list) : rc;
    c->row.old_value =
        apr_pstrcat(ctx->pool, rg_time_people(ctx->pool, c->care.zone, c->facts.complete_at),
                    codes_of(ctx, list, count), NULL);
    rc = rc == RG_OK ? write_correction(db, ctx, c) : rc;
    rc = rc == RG_OK ? rg_diagnoses_clear(db, ctx, c->booking_id) : rc;
    rc = rc == RG_OK ? rg_correct_uncharge(db, ctx, c->booking_id, true) : rc;
    rc = rc == RG_OK ? rg_correct_forget_recalls(db, ctx, c->booking_id) : rc;
    return rc == RG_OK ? reopen(db, ctx, c) : rc;
}

static rg_outcome_t undo_end(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c)
{
    rg_outcome_t rc = check_unbilled(ctx, c);

    c->row.row_id = c->facts.ending_id;
    c->row.old_value = c->facts.ending;
    if (rc == RG_OK && c->row.row_id == 0) {
        return refuse_correction(ctx, "correct_what", "This visit did not end early.");
    }
    rc = rc == RG_OK ? write_correction(db, ctx, c) : rc;
    return rc == RG_OK ? reopen(db, ctx, c) : rc;
}

/* The time is the visit's again, unless somebody else has it by now. */
static rg_outcome_t take_again(rg_db_t *db, const rg_ctx_t *ctx, const correct_t *c)
{
    rg_booking_t *b = NULL;
    rg_service_t *service = NULL;
    rg_site_t *site = NULL;
    int count = 0;
    rg_outcome_t rc = rg_booking_row(db, ctx, &b, c->booking_id, false);

    rc = rc == RG_OK ? rg_booking_parts(db, ctx, b) : rc;
    rc = rc == RG_OK ? rg_catalogue_of_booking(&service, &site, db, ctx, b) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    const rg_span_t *spans = rg_booking_spans(ctx->pool, b, &count);
    rg_date_t day = rg_zone_local(c->care.zone, b->starts_at).date;
    rc = rg_calendar_take(db, ctx, b->id, spans, count);
    rc = rc == RG_OK ? rg_calendar_seat(db, ctx, b->id, b->service_id, day, service->max_per_day)
                     : rc;
    return rc == RG_CONFLICT
               ? refuse_correction(ctx, "correct_what",
                                   "Its time was given to somebody else. Find a new time for this "
                                   "patient.")
               : rc;
}

static rg_outcome_t undo_no_show(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c)
{
    c->row.row_id = c->booking_id;
    c->row.old_value = "no-show";
    if (c->care.status != RG_BOOKING_NO_SHOW) {
        return refuse_correction(ctx, "correct_what", "This visit is not a no-show.");
    }
    rg_outcome_t rc = write_correction(db, ctx, c);
    rc = rc == RG_OK ? take_again(db, ctx, c) : rc;
    return rc == RG_OK ? rg_care_move(db, ctx, c->booking_id, RG_BOOKING_NO_SHOW, RG_BOOKING_BOOKED)
                       : rc;
}

/* Also after the step: that it was not held as recorded is worth knowing then, too. */
static rg_outcome_t undo_time_out(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c, rg_event_t e)
{
    int count = 0;
    rg_time_out_t *list = NULL;
    rg_outcome_t rc = rg_time_outs_of(db, ctx, c->booking_id, &count, &list);
    const char *label = rg_unit_label_read(ctx->pool, c->label);
    const rg_time_out_t *t = rc != RG_OK ? NULL
                             : label && *label != '\0' && e == RG_EVENT_INJECT
                                 ? rg_day_said_with(list, count, label)
                                 : rg_day_last_said(list, count, e);

    if (rc != RG_OK) {
        return rc;
    }
    if (!t) {
        return refuse_correction(ctx, "correct_what", "No time-out is recorded that counts.");
    }
    c->row.row_id = t->id;
    c->row.old_value =
        apr_pstrcat(ctx->pool, rg_time_people(ctx->pool, c->care.zone, t->at),
                    t->stopped < 0 ? ", agreed" : ", stopped: ",
                    t->stopped < 0 ? NULL : rg_said_wording((rg_said_t)t->stopped)->name, NULL);
    return write_correction(db, ctx, c);
}

/* --- which unit ------------------------------------------------------------------------------- */

/* Whether a correction is about one of the units. */
static bool is_of_a_unit(rg_correct_t what)
{
    switch (what) {
    case RG_CORRECT_HARVEST_VOLUME:
    case RG_CORRECT_CONCENTRATE_VOLUME:
    case RG_CORRECT_KIT_LOT:
    case RG_CORRECT_HARVEST_BY:
    case RG_CORRECT_PROCESS_BY:
    case RG_CORRECT_INJECT_BY:
    case RG_CORRECT_INJECT_TARGET:
    case RG_CORRECT_MANIPULATION: return true;
    default: return false;
    }
}

/* Whether this was recorded of the unit itself. */
static bool is_recorded_of(const rg_unit_t *u, rg_correct_t what)
{
    switch (what) {
    case RG_CORRECT_CONCENTRATE_VOLUME:
    case RG_CORRECT_KIT_LOT: return u->concentrate_ml != 0;
    case RG_CORRECT_HARVEST_BY: return u->harvest_act != 0;
    case RG_CORRECT_PROCESS_BY:
        return u->process_act != 0 || u->made_act != 0 || u->divided_act != 0;
    case RG_CORRECT_INJECT_BY: return u->inject_act != 0;
    case RG_CORRECT_INJECT_TARGET: return u->injected_at != 0;
    case RG_CORRECT_MANIPULATION: return u->manipulation_id != 0;
    default: return true;
    }
}

/* The unit of the label, or the only one of which it was recorded. OUT is NULL if there is none at
 * all. */
static rg_outcome_t find_unit_of(rg_db_t *db, const rg_ctx_t *ctx, const correct_t *c,
                                 const rg_unit_t **out)
{
    int count = 0;
    int fit = 0;
    rg_unit_t *units = NULL;
    const char *label = *c->label == '\0' ? "" : rg_unit_label_read(ctx->pool, c->label);
    rg_outcome_t rc = rg_units_of_booking(db, ctx, c->booking_id, &count, &units);

    *out = NULL;
    for (int i = 0; rc == RG_OK && i < count; i++) {
        bool named = !label || *label == '\0' || strcmp(units[i].label, label) == 0;

        if (named && is_recorded_of(&units[i], c->row.what)) {
            *out = &units[i];
            fit++;
        }
    }
    if (rc == RG_OK && (!label || (*label != '\0' && fit == 0))) {
        return refuse_correction(ctx, "correct_unit", "Choose the unit that this was recorded of.");
    }
    return rc == RG_OK && fit > 1
               ? refuse_correction(ctx, "correct_unit", "Choose the unit that is meant.")
               : rc;
}

/* What was made is not used anymore, and what it was made from is open again. */
static rg_outcome_t undo_manipulation(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c)
{
    const rg_unit_t *u = NULL;
    rg_outcome_t rc = find_unit_of(db, ctx, c, &u);

    if (rc != RG_OK) {
        return rc;
    }
    if (!u) {
        return refuse_correction(ctx, "correct_what", "No unit was made from others.");
    }
    c->row.row_id = u->manipulation_id;
    c->row.old_value = apr_pstrcat(ctx->pool, "made from ", u->parents, NULL);
    rc = rg_correct_add(db, ctx, c->booking_id, &c->row);
    return rc == RG_PRECONDITION || rc == RG_CONFLICT
               ? refuse_correction(ctx, "correct_what",
                                   "Something was done with the units that were made, or it was "
                                   "taken back already. Dispose of what is not used.")
               : rc;
}

/* --- another value ---------------------------------------------------------------------------- */

/* A lot that is expired on the day of the processing, or recalled, is used all the same if a
 * clinician says so: only they correct values. It is audited, and the chart says it. */
static rg_outcome_t correct_lot(rg_db_t *db, const rg_ctx_t *ctx, const correct_t *c,
                                const rg_unit_t *u)
{
    int count = 0;
    rg_supply_lot_t *lots = NULL;
    rg_date_t day = rg_zone_local(c->care.zone, u->processed_at).date;
    rg_outcome_t rc = rg_supply_named(db, ctx, c->row.new_value, &count, &lots);
    const rg_supply_lot_t *wrong = NULL;

    if (rc == RG_OK && (!lots || count == 0)) {
        return refuse_correction(ctx, "correct_value",
                                 "No lot of a kit with this number is on file. Enter it under "
                                 "Supplies first.");
    }
    if (rc == RG_OK && lots) { /* those recalled are the last, the first one expires last */
        wrong = lots[count - 1].recalled                    ? &lots[count - 1]
                : rg_date_compare(lots[0].expires, day) < 0 ? &lots[0]
                                                            : NULL;
    }
    return !wrong ? rc
                  : rg_audit_add(db, ctx, "day.lot-override", "booking", c->booking_id,
                                 apr_psprintf(ctx->pool, "correct %s-lot %" APR_INT64_T_FMT,
                                              wrong->recalled ? "recalled" : "expired",
                                              (apr_int64_t)wrong->id));
}

/* What is made of a unit is not more than was in it; the schema says the same. */
static rg_outcome_t correct_volume(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c,
                                   const rg_unit_t *u)
{
    int ml = (int)apr_atoi64(c->row.new_value);
    bool harvested = c->row.what == RG_CORRECT_HARVEST_VOLUME;

    if (u->concentrate_ml != 0 && (harvested ? ml < u->concentrate_ml : ml > u->volume_ml)) {
        return refuse_correction(
            ctx, "correct_value",
            apr_psprintf(ctx->pool,
                         harvested ? "%d ml of concentrate are recorded, and no more is made of a "
                                     "unit than was in it. Correct the concentrate first."
                                   : "%d ml are recorded as harvested, and no more is made of a "
                                     "unit than was in it. Correct the harvested volume first.",
                         harvested ? u->concentrate_ml : u->volume_ml));
    }
    rg_outcome_t rc = rg_correct_add(db, ctx, c->booking_id, &c->row);
    return rc == RG_PRECONDITION
               ? refuse_correction(ctx, "correct_value",
                                   "This does not fit the units that were split or pooled: no more "
                                   "is in them than was in what they were made from. Correct those "
                                   "volumes first.")
           : rc == RG_CONFLICT ? refuse_correction(ctx, NULL,
                                                   "Something was recorded since. Check the chart "
                                                   "again.")
                               : rc;
}

static rg_outcome_t correct_value(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c)
{
    const rg_unit_t *u = NULL;
    rg_outcome_t rc = find_unit_of(db, ctx, c, &u);

    if (rc != RG_OK) {
        return rc;
    }
    if (!u) {
        return refuse_correction(ctx, "correct_what", "Nothing of the kind is recorded.");
    }
    c->row.row_id = u->id;
    c->row.old_value = c->row.what == RG_CORRECT_KIT_LOT ? u->kit_lot
                       : c->row.what == RG_CORRECT_HARVEST_VOLUME
                           ? apr_itoa(ctx->pool, u->volume_ml)
                           : apr_itoa(ctx->pool, u->concentrate_ml);
    if (c->row.what == RG_CORRECT_KIT_LOT) {
        rc = correct_lot(db, ctx, c, u);
    }
    if (rc != RG_OK) {
        return rc;
    }
    if (strcmp(c->row.old_value, c->row.new_value) == 0) {
        return refuse_correction(ctx, "correct_value", "This is what is recorded already.");
    }
    return c->row.what == RG_CORRECT_KIT_LOT ? write_correction(db, ctx, c)
                                             : correct_volume(db, ctx, c, u);
}

static rg_outcome_t correct_target(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c)
{
    const rg_unit_t *u = NULL;
    rg_outcome_t rc = find_unit_of(db, ctx, c, &u);

    if (rc == RG_OK && !u) {
        return refuse_correction(ctx, "correct_what", "Nothing was injected.");
    }
    rc = rc == RG_OK ? rg_day_target_correct(db, ctx, &c->care, u, c->in, &c->row) : rc;
    rc = rc == RG_OK ? write_correction(db, ctx, c) : rc;
    return rc == RG_OK ? rg_day_charges_follow(db, ctx, &c->care) : rc;
}

/* --- somebody else did it --------------------------------------------------------------------- */

static rg_event_t corrected_event(rg_correct_t what)
{
    return what == RG_CORRECT_HARVEST_BY   ? RG_EVENT_HARVEST
           : what == RG_CORRECT_PROCESS_BY ? RG_EVENT_PROCESS
           : what == RG_CORRECT_INJECT_BY  ? RG_EVENT_INJECT
                                           : RG_EVENT_COMPLETE;
}

/* Who split or pooled: asked of what was made, or, where that was processed afterwards, of what it
 * was made from. */
static int64_t act_of_unit(const rg_unit_t *u, rg_event_t e)
{
    switch (e) {
    case RG_EVENT_HARVEST: return u->harvest_act;
    case RG_EVENT_PROCESS:
        return u->process_act != 0 ? u->process_act
               : u->made_act != 0  ? u->made_act
                                   : u->divided_act;
    case RG_EVENT_INJECT: return u->inject_act;
    case RG_EVENT_CHECK_IN:
    case RG_EVENT_COMPLETE: break;
    }
    return 0;
}

/* Who is named could do it at the time of the act; what is not claimed yet is charged as theirs. */
static rg_outcome_t correct_doer(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c)
{
    rg_event_t e = corrected_event(c->row.what);
    apr_time_t at = 0;
    int count = 0;
    rg_doer_t *list = NULL;
    const rg_doer_t *doer = NULL;
    const rg_unit_t *u = NULL;
    rg_outcome_t rc = is_of_a_unit(c->row.what) ? find_unit_of(db, ctx, c, &u) : RG_OK;

    rc = rc == RG_OK ? rg_act_find(db, ctx, c->booking_id, e, u ? act_of_unit(u, e) : 0,
                                   &c->row.row_id, &at, &c->row.old_value)
                     : rc;

    if (rc == RG_NOT_FOUND) {
        return refuse_correction(ctx, "correct_what", "It is not recorded who did it.");
    }
    rc = rc == RG_OK ? rg_act_people(db, ctx, c->booking_id, (int)e, at, &count, &list) : rc;
    for (int i = 0; rc == RG_OK && i < count; i++) {
        doer = strcmp(list[i].code, c->row.new_value) == 0 ? &list[i] : doer;
    }
    if (rc != RG_OK) {
        return rc;
    }
    if (!doer || doer->capability_id == 0) {
        return refuse_correction(
            ctx, "correct_by",
            !doer ? "Choose the person who did it."
                  : apr_psprintf(ctx->pool,
                                 "%s could not do this step at that time: it asks for “%s”.",
                                 doer->name, doer->asked));
    }
    if (strcmp(c->row.old_value, c->row.new_value) == 0) {
        return refuse_correction(ctx, "correct_by", "This is what is recorded already.");
    }
    rc = write_correction(db, ctx, c);
    return rc == RG_OK ? rg_act_charge(db, ctx, c->booking_id, e, c->row.row_id, doer->id) : rc;
}

/* --- the act ---------------------------------------------------------------------------------- */

static rg_outcome_t apply_correction(rg_db_t *db, const rg_ctx_t *ctx, correct_t *c)
{
    switch (c->row.what) {
    case RG_CORRECT_CHECK_IN: return undo_check_in(db, ctx, c);
    case RG_CORRECT_COMPLETE: return undo_complete(db, ctx, c);
    case RG_CORRECT_END: return undo_end(db, ctx, c);
    case RG_CORRECT_NO_SHOW: return undo_no_show(db, ctx, c);
    case RG_CORRECT_HARVEST_VOLUME:
    case RG_CORRECT_CONCENTRATE_VOLUME:
    case RG_CORRECT_KIT_LOT: return correct_value(db, ctx, c);
    case RG_CORRECT_HARVEST_BY:
    case RG_CORRECT_PROCESS_BY:
    case RG_CORRECT_INJECT_BY:
    case RG_CORRECT_CONSULT_BY: return correct_doer(db, ctx, c);
    case RG_CORRECT_TIME_OUT_HARVEST: return undo_time_out(db, ctx, c, RG_EVENT_HARVEST);
    case RG_CORRECT_TIME_OUT_INJECT: return undo_time_out(db, ctx, c, RG_EVENT_INJECT);
    case RG_CORRECT_MANIPULATION: return undo_manipulation(db, ctx, c);
    case RG_CORRECT_INJECT_TARGET: return correct_target(db, ctx, c);
    }
    return RG_INTERNAL;
}

static rg_outcome_t correct_work(rg_db_t *db, const rg_ctx_t *ctx, void *baton)
{
    correct_t *c = baton;
    rg_outcome_t rc = rg_care_lock(db, ctx, &c->care, c->booking_id);

    rc = rc == RG_OK ? rg_correct_facts(db, ctx, &c->facts, c->booking_id) : rc;
    rc = rc == RG_OK ? apply_correction(db, ctx, c) : rc;
    if (rc != RG_OK) {
        return rc;
    }
    rg_once_result(db, c->care.uid);
    return rg_audit_add(db, ctx, "day.correct", "booking", c->booking_id,
                        rg_correct_name(c->row.what));
}

/* Always a code: an empty one would take the step back. */
static const char *doer_read(const rg_ctx_t *ctx, const char *typed)
{
    const char *code = rg_text_tidy(ctx->pool, typed ? typed : "");

    if (*code == '\0' || rg_text_length(code) > CODE_MAX) {
        rg_problem_add(ctx->problems, "correct_by", "Choose the person who did it.");
    }
    return code;
}

static bool names_a_person(rg_correct_t what)
{
    return what >= RG_CORRECT_HARVEST_BY && what <= RG_CORRECT_CONSULT_BY;
}

static bool takes_back(rg_correct_t what)
{
    return what < RG_CORRECT_HARVEST_VOLUME || what == RG_CORRECT_TIME_OUT_HARVEST ||
           what == RG_CORRECT_TIME_OUT_INJECT || what == RG_CORRECT_MANIPULATION;
}

static const char *value_read(const rg_ctx_t *ctx, rg_correct_t what, const char *typed)
{
    if (takes_back(what) || what == RG_CORRECT_INJECT_TARGET) { /* target.c reads that */
        return "";
    }
    if (names_a_person(what)) {
        return doer_read(ctx, typed);
    }
    const char *value = rg_text_tidy(ctx->pool, typed ? typed : "");
    int64_t ml = 0;

    if (what == RG_CORRECT_KIT_LOT && (*value == '\0' || rg_text_length(value) > LOT_MAX)) {
        rg_problem_add(ctx->problems, "correct_value",
                       "Enter the lot number as printed on the kit, at most %d characters.",
                       LOT_MAX);
    }
    if (what != RG_CORRECT_KIT_LOT && !rg_text_i64(&ml, value, 1, VOLUME_MAX_ML)) {
        rg_problem_add(ctx->problems, "correct_value",
                       "Enter the volume in whole milliliters, from 1 to %d.", VOLUME_MAX_ML);
    }
    return ml == 0 ? value : apr_itoa(ctx->pool, (int)ml);
}

static rg_deed_t deed_of(int what)
{
    return what == RG_CORRECT_CHECK_IN  ? RG_DEED_CHECK_IN
           : what == RG_CORRECT_NO_SHOW ? RG_DEED_NO_SHOW
                                        : RG_DEED_CARE;
}

rg_outcome_t rg_day_correct(const rg_ctx_t *ctx, int64_t booking_id, const rg_correct_in_t *in)
{
    int what = rg_correct_parse(in->what);
    correct_t c = {.booking_id = booking_id, .in = in, .row = {.what = (rg_correct_t)what}};
    rg_outcome_t rc = what < 0 ? rg_must(ctx, RG_DEED_CHECK_IN) : rg_must(ctx, deed_of(what));

    if (rc != RG_OK || ctx->who.staff_id == 0) {
        return RG_FORBIDDEN;
    }
    c.row.reason = rg_text_tidy(ctx->pool, in->reason ? in->reason : "");
    c.label = rg_text_tidy(ctx->pool, in->unit ? in->unit : "");
    if (what < 0) {
        rg_problem_add(ctx->problems, "correct_what", "Choose what is wrong.");
    }
    else {
        c.row.new_value =
            value_read(ctx, c.row.what, names_a_person(c.row.what) ? in->by : in->value);
    }
    if (*c.row.reason == '\0' || rg_text_length(c.row.reason) > RG_CORRECT_WHY_MOST) {
        rg_problem_add(ctx->problems, "correct_why",
                       "Enter why it is corrected, in at most %d characters.", RG_CORRECT_WHY_MOST);
    }
    return rg_problems_any(ctx->problems) ? RG_INVALID : rg_store_once(ctx, correct_work, &c);
}
