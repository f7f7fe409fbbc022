/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the front desk and the clinicians. */
#ifndef REGEN_RENDER_VIEW_STAFF_H
#define REGEN_RENDER_VIEW_STAFF_H

#include <stdbool.h>

#include <apr_pools.h>

#include "regen/clinic/change.h"
#include "regen/clinic/definitions.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/record.h"
#include "regen/clinic/followup.h"
#include "regen/clinic/supply.h"
#include "regen/clinic/visit.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/consent.h"
#include "regen/model/followup.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"

/* --- view/staff.c: pages of the desk and the clinicians --------------------------------------- */

/* "Record the harvest": the label of the button for this step event; "" for an unknown one.
 * Static. */
const char *rg_view_action(const char *event);

/* "by phone": how a withdrawal reached the clinic, at the end of a sentence. Static. */
const char *rg_view_channel(rg_channel_t channel);

/* --- view/board.c: pages of the desk and the clinicians --------------------------------------- */

/* Times in rows, resources in columns, the same bookings as a list, and above both what needs
 * attention. */
rg_val_t *rg_view_board(apr_pool_t *p, const rg_board_t *b);

/* --- view/staff.c: pages of the desk and the clinicians --------------------------------------- */

/* One booking for a person with these ROLES. TYPED (may be NULL) is the refused form, shown
 * again. */
rg_val_t *rg_view_chart(apr_pool_t *p, const rg_chart_t *c, unsigned roles, const rg_form_t *typed);

/* --- view/visit/label.c ----------------------------------------------------------------------- */

/* The label of the container; the chart must have a unit. */
rg_val_t *rg_view_unit_label(apr_pool_t *p, const rg_chart_t *c, rg_label_size_t size,
                             rg_label_code_t code);

/* --- view/visit/ending.c ---------------------------------------------------------------------- */

/* "Patient left": of a rg_ending_t; NULL for -1. */
const char *rg_view_ending(int ending);
/* Of a chart: "ended" {why, note, by, at}, or "can_end" {reasons, unit_label, disposed, course} if
 * a person with these ROLES may end it. */
void rg_view_endings(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, unsigned roles,
                     const rg_form_t *typed);

/* --- view/visit/when.c ------------------------------------------------------------------------ */

/* "entered" {a time, note} of a step or an ending that was recorded later than it was done. */
void rg_view_entered(rg_val_t *item, apr_pool_t *p, const rg_chart_t *c, const rg_step_event_t *e);
/* For the field of a time: "now_local", and "visit_over" once the visit
 * was on an earlier day. */
void rg_view_when(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c);

/* --- view/visit/doer.c ------------------------------------------------------------------------ */

/* "by": who did it (or recorded it, for what nobody does), and "recorded_by" if that was somebody
 * else, or all that is known; "confirmed_by". */
void rg_view_done_by(rg_val_t *item, const rg_step_event_t *e);
/* "doer" {options, choose, any, asked}, if the next step asks something of a person. */
void rg_view_doer(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed);
/* "second", if a second person confirms the next step. */
void rg_view_second(rg_val_t *page, const rg_chart_t *c);
/* "people": all practitioners, for a correction. */
void rg_view_other_doers(rg_val_t *can, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed);

/* --- view/visit/units.c ----------------------------------------------------------------------- */

/* "units" of a chart [{label, state, parents or taken_from, …}], "unit" the one that matters most,
 * "recalled" if the lot of an open one is, and "divide" {choices, people} if units can be split or
 * pooled. */
void rg_view_units(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed);
/* "taken": where the product's material can be taken from; "again" and "collections" of another
 * harvest. */
void rg_view_taken_from(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed);
/* "Bone marrow" of rg_material_name. */
const char *rg_view_material(const char *word);

/* --- view/visit/target.c ---------------------------------------------------------------------- */

/* Of a chart with several targets: "targets" [{no, place, injected, unit, again, left, left_by,
 * open}], "several_targets", "open_targets" if one is neither injected nor left (as words),
 * "again_targets" if one of them is; "too_few_units" if fewer units can be injected than are
 * open. */
void rg_view_targets(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed);
/* "sides" of the form of the harvest: all of them, or one alone, which stops it. */
void rg_view_marked(rg_val_t *page, apr_pool_t *p, const rg_booking_t *b, const char *chosen);
/* The targets that are still to be injected: "left knee or right knee"; of one target that. */
const char *rg_view_targets_open(apr_pool_t *p, const rg_chart_t *c);

/* --- view/visit/time_out.c -------------------------------------------------------------------- */

/* "time_outs" of a chart [{before, at, by, recorded_by, with, unit_label, agreed, items, stopped,
 * advice, note, entered, taken_back}], and "time_out" {items, stops, before, must, said, old or
 * stop} if the next step asks for one. */
void rg_view_time_outs(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed);
/* Whether the step E names somebody, after a correction, whom the time-out before it did not. */
bool rg_view_unnamed(const rg_chart_t *c, const rg_step_event_t *e);

/* --- view/visit/sheet.c ----------------------------------------------------------------------- */

/* The day sheet for a person with these ROLES; ONLY: of one day, year 0: of all. */
rg_val_t *rg_view_day_sheet(apr_pool_t *p, const rg_day_sheet_t *s, rg_date_t only, unsigned roles);
/* Devices due for calibration, for staff/due. */
void rg_view_due(rg_val_t *page, apr_pool_t *p, const rg_due_device_t *due, int count);

/* --- view/visit/supply.c ---------------------------------------------------------------------- */

rg_val_t *rg_view_supplies(apr_pool_t *p, const rg_supplies_t *s, const rg_form_t *typed);
/* The first lot of S. */
rg_val_t *rg_view_supply(apr_pool_t *p, const rg_supplies_t *s, const rg_form_t *typed);
/* The lots to choose from, for staff/kit. */
void rg_view_kits(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed);

/* --- view/visit/correction.c ------------------------------------------------------------------ */

/* "corrections" of a chart [{what, was, now, why, by, at}], and "can_correct" {choices, values,
 * people} if a person with these ROLES may correct something. */
void rg_view_corrections(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, unsigned roles,
                         const rg_form_t *typed);

/* --- view/recall.c ---------------------------------------------------------------------------- */

/* view/recall.c. What is planned for a patient: "recalls": [{title, due_from, due_until, booked}],
 * "has_recalls", "recalls_stopped". */
void rg_view_planned(rg_val_t *view, apr_pool_t *p, const rg_recall_t *recalls, int count,
                     bool stopped);
/* FAILED (may be NULL): the recall whose form was refused, with TYPED shown again. */
rg_val_t *rg_view_recalls(apr_pool_t *p, const rg_recalls_t *l, const char *failed,
                          const rg_form_t *typed);

/* --- view/waitlist.c -------------------------------------------------------------------------- */

/* view/waitlist.c. The form to join, with TYPED (NULL: all times selected) shown again: "in",
 * "practitioners", "days", "parts". */
void rg_view_wait_form(rg_val_t *view, apr_pool_t *p, const rg_service_t *service,
                       const rg_resource_t *const *practitioners, int count, rg_date_t today,
                       const rg_form_t *typed);
/* One entry: {uid, name, email, phone, service, service_code, state, state_class, waiting, offered,
 * taken or closed, open, why, days, parts, first_day, last_day, practitioner, since, offer, until,
 * booking_uid, by_phone} put into V. */
void rg_view_waiter(rg_val_t *v, apr_pool_t *p, const rg_waiter_t *w, const rg_service_t *service,
                    const rg_zone_t *z);
rg_val_t *rg_view_waitlist(apr_pool_t *p, const rg_waitlist_t *l);

/* --- view/desk.c ------------------------------------------------------------------------------ */

/* Each page's keys are listed at the top of its template. TYPED is the form that was sent. */
rg_val_t *rg_view_desk(apr_pool_t *p, const rg_site_t *site, const rg_form_t *typed,
                       const rg_patient_hits_t *hits);
rg_val_t *rg_view_patient_file(apr_pool_t *p, const rg_patient_file_t *f);
/* QUERY is the request from the address or the form; WHY (may be NULL) explains one time. */
rg_val_t *rg_view_desk_times(apr_pool_t *p, const rg_desk_times_t *t, const rg_form_t *query,
                             const rg_explained_t *why);

/* "alikes", "merged" and "asked" of a patient's page; MAY: the caller merges. */
void rg_view_records(rg_val_t *page, apr_pool_t *p, const rg_patient_file_t *f, bool may);
rg_val_t *rg_view_alikes(apr_pool_t *p, const rg_alikes_t *a);
/* Needs, labels, insurance, forms and changes of a patient's page. */
void rg_view_person_facts(rg_val_t *page, apr_pool_t *p, const rg_patient_file_t *f);
/* IN as typed, NULL: as stored. */
rg_val_t *rg_view_person_edit(apr_pool_t *p, const rg_person_page_t *w, rg_val_t *in,
                              const rg_problems_t *problems);
/* TYPED is the form that was refused, or NULL. */
rg_val_t *rg_view_record_pair(apr_pool_t *p, const rg_record_pair_t *pair, bool may,
                              const rg_form_t *typed);

/* --- view/block.c ----------------------------------------------------------------------------- */

/* view/block.c: HITS are the bookings because of which the block was refused. */
rg_val_t *rg_view_blocks(apr_pool_t *p, const rg_site_t *site, const rg_closure_row_t *rows,
                         int count, const rg_form_t *typed);
void rg_view_block_choice(rg_val_t *page, apr_pool_t *p, const rg_resource_t *r,
                          const rg_form_t *typed);
void rg_view_block_hits(rg_val_t *page, apr_pool_t *p, const rg_site_t *site,
                        const rg_conflict_t *hits, int count);

/* --- view/week.c ------------------------------------------------------------------------------ */

/* view/week.c: a table of a week, with a row for each resource or, with BY_PATIENT, for each
 * booking. */
rg_val_t *rg_view_week(apr_pool_t *p, const rg_week_t *w, bool by_patient);

/* --- view/replan.c ---------------------------------------------------------------------------- */

/* view/replan.c */
rg_val_t *rg_view_replan(apr_pool_t *p, const rg_replan_t *r);

/* --- view/explain.c --------------------------------------------------------------------------- */

/* view/explain.c: "why" of the page: {when, start, offered, reasons: [{text, booking_uid,
 * patient}], more, ask, over: [{name}]}. */
void rg_view_explained(rg_val_t *page, apr_pool_t *p, const rg_explained_t *x, bool ask);
/* "overrides" of a chart, if there are any: rule in words, reason, staff, at. */
void rg_view_overrides(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c);

#endif
