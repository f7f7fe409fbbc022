/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to patients; definitions of services as a file. */
#ifndef REGEN_RENDER_MESSAGE_H
#define REGEN_RENDER_MESSAGE_H

#include <stdbool.h>

#include <apr_pools.h>

#include "regen/clinic/followup.h"
#include "regen/core/buf.h"
#include "regen/core/mail.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/clinic_def.h"
#include "regen/model/definition.h"
#include "regen/model/followup.h"
#include "regen/render/template.h"

/* --- service_json.c --------------------------------------------------------------------------- */

/* service_json.c: definitions as the file that `regenctl service import` reads, with every field,
 * in the order of the tables of model.h; the same definitions always give the same bytes.
 * RG_TOO_LARGE: OUT's cap. */
rg_outcome_t rg_services_json(rg_buf_t *out, const rg_service_def_t *defs, int count);
/* The same for the file of `regenctl clinic import`. */
rg_outcome_t rg_clinic_json(rg_buf_t *out, const rg_clinic_def_t *def);

/* --- message.c -------------------------------------------------------------------------------- */

/* "messages": [{kind, subject, text, to_name, to_email, booking_uid, state, state_class, written,
 * sent}], "has_messages". STAFF: also uid, reason, answer, waits_again, next, failed, told,
 * patient_uid, to_phone. */
void rg_view_messages(rg_val_t *view, apr_pool_t *p, const rg_templates_t *set,
                      const rg_message_t *messages, int count, bool staff);
rg_val_t *rg_view_outbox(apr_pool_t *p, const rg_templates_t *set, const rg_outbox_t *o);
/* page, pages, several, previous, following: page numbers for the links below a list. */
void rg_view_pages(rg_val_t *page, int current, int last);

/* --- letter.c --------------------------------------------------------------------------------- */

/* The text of a message as it is shown on pages: its template over its facts {name, clinic,
 * address, phone, number, starts, ends, old, until, prepare (times as rg_view_time), visits: [{no,
 * several, people}]}, without links and without health information. RG_INVALID when the template
 * does not begin with "Subject: ". */
typedef struct {
    const char *subject, *text;
} rg_letter_t;
rg_outcome_t rg_message_letter(rg_letter_t *out, apr_pool_t *p, const rg_templates_t *set,
                               const rg_message_t *m);
/* The letter as it leaves (an rg_compose_fn; BATON is the rg_templates_t): the same text with home,
 * link, stop and, as far as the clinic allows it, service and preparing: [{words, applies, from,
 * until}]; the same as HTML by mail/letter.html; the calendar file. */
rg_outcome_t rg_letter_compose(rg_mail_t *out, apr_pool_t *p, const rg_letter_facts_t *facts,
                               void *templates);

#endif
