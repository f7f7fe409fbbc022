/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of the front desk and the clinicians. */
#ifndef REGEN_RENDER_VIEW_STAFF_H
#define REGEN_RENDER_VIEW_STAFF_H

#include <stdbool.h>

#include <apr_pools.h>

#include "regen/clinic/definitions.h"
#include "regen/clinic/desk.h"
#include "regen/clinic/followup.h"
#include "regen/clinic/visit.h"
#include "regen/clinic/waitlist.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/followup.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/waitlist.h"

/* --- view/staff.c: pages of the desk and the clinicians --------------------------------------- */

/* "Record the harvest": what a button for this step event says; "" for an unknown one. Static. */
const char *rg_view_action(const char *event);

/* --- view/board.c: pages of the desk and the clinicians --------------------------------------- */

/* Time down, resources across, the same bookings as a list, and above both what needs attention. */
rg_val_t *rg_view_board(apr_pool_t *p, const rg_board_t *b);

/* --- view/staff.c: pages of the desk and the clinicians --------------------------------------- */

/* One booking for somebody with these ROLES. TYPED (may be NULL) is the refused form, shown
 * again. */
rg_val_t *rg_view_chart(apr_pool_t *p, const rg_chart_t *c, unsigned roles, const rg_form_t *typed);
/* What goes on the container; the chart must have a unit. */
rg_val_t *rg_view_unit_label(apr_pool_t *p, const rg_chart_t *c);

/* --- view/recall.c ---------------------------------------------------------------------------- */

/* view/recall.c. What is planned for a patient: "recalls": [{title, due_from, due_until, booked}],
 * "has_recalls", "recalls_stopped". */
void rg_view_planned(rg_val_t *view, apr_pool_t *p, const rg_recall_t *recalls, int count,
                     bool stopped);
/* FAILED (may be NULL): the recall whose form was refused, with TYPED shown again. */
rg_val_t *rg_view_recalls(apr_pool_t *p, const rg_recalls_t *l, const char *failed,
                          const rg_form_t *typed);

/* --- view/waitlist.c -------------------------------------------------------------------------- */

/* view/waitlist.c. The form to join, with TYPED (NULL: everything suits) shown again: "in",
 * "practitioners", "days", "parts". */
void rg_view_wait_form(rg_val_t *view, apr_pool_t *p, const rg_service_t *service,
                       const rg_resource_t *const *practitioners, int count, rg_date_t today,
                       const rg_form_t *typed);
/* One place: {uid, name, email, phone, service, service_code, state, state_class, waiting, offered,
 * taken or closed, open, why, days, parts, first_day, last_day, practitioner, since, offer, until,
 * booking_uid, by_phone} put into V. */
void rg_view_waiter(rg_val_t *v, apr_pool_t *p, const rg_waiter_t *w, const rg_service_t *service,
                    const rg_zone_t *z);
rg_val_t *rg_view_waitlist(apr_pool_t *p, const rg_waitlist_t *l);

/* --- view/desk.c ------------------------------------------------------------------------------ */

/* Each page's keys stand at the top of its template. TYPED is the form that was sent. */
rg_val_t *rg_view_desk(apr_pool_t *p, const rg_site_t *site, const rg_form_t *typed,
                       const rg_patient_hits_t *hits);
rg_val_t *rg_view_patient_file(apr_pool_t *p, const rg_patient_file_t *f);
/* QUERY is what the address or the form asks for; WHY (may be NULL) explains one time. */
rg_val_t *rg_view_desk_times(apr_pool_t *p, const rg_desk_times_t *t, const rg_form_t *query,
                             const rg_explained_t *why);

/* --- view/block.c ----------------------------------------------------------------------------- */

/* view/block.c: HITS are bookings in the way of the block that was refused. */
rg_val_t *rg_view_blocks(apr_pool_t *p, const rg_site_t *site, const rg_closure_row_t *rows,
                         int count, const rg_form_t *typed);
void rg_view_block_choice(rg_val_t *page, apr_pool_t *p, const rg_resource_t *r,
                          const rg_form_t *typed);
void rg_view_block_hits(rg_val_t *page, apr_pool_t *p, const rg_site_t *site,
                        const rg_conflict_t *hits, int count);

/* --- view/week.c ------------------------------------------------------------------------------ */

/* view/week.c: a table of a week, a row a resource or, with BY_PATIENT, a booking. */
rg_val_t *rg_view_week(apr_pool_t *p, const rg_week_t *w, bool by_patient);

/* --- view/replan.c ---------------------------------------------------------------------------- */

/* view/replan.c */
rg_val_t *rg_view_replan(apr_pool_t *p, const rg_replan_t *r);

/* --- view/explain.c --------------------------------------------------------------------------- */

/* view/explain.c: "why" of the page: {when, start, offered, reasons: [{text, booking_uid,
 * patient}], more, ask, over: [{name}]}. */
void rg_view_explained(rg_val_t *page, apr_pool_t *p, const rg_explained_t *x, bool ask);
/* "overrides" of a chart, where there are any: rule in words, reason, staff, at. */
void rg_view_overrides(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c);

#endif
