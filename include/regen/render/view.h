/* SPDX-License-Identifier: Apache-2.0 */
/* Values as templates read them. */
#ifndef REGEN_RENDER_VIEW_H
#define REGEN_RENDER_VIEW_H

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/money.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/core/outcome.h"

/* What pages show of a site, a time, an amount, a joint, a booking; view_<area>.c builds whole
 * pages from these. Strings are worded for people; markup stays in the templates. Objects are
 * allocated in P and keep pointers into their sources. Keys are set on OBJECT, so that pages can
 * add their own. */

/* A page's own object: "title" and, when SITE is known, "clinic" and "site" as rg_view_site. */
rg_val_t *rg_view_page(apr_pool_t *p, const char *title, const rg_site_t *site);
/* {name, phone, phone_link, address ("12 Main St, Springfield, NY 12345"), notice, zone_words
 * ("New York time")}; notice and phone are absent when empty. */
rg_val_t *rg_view_site(apr_pool_t *p, const rg_site_t *site);
/* What the configuration knows of the clinic, for pages without the database: a site without
 * address and zone. NAME and PHONE may be NULL. */
rg_val_t *rg_view_face(apr_pool_t *p, const char *name, const char *phone);

/* KEY: {instant ("2026-12-01T14:40:00Z"), people ("Tuesday 1 December 2026, 9:40 am (New York
 * time)"), day ("Tuesday 1 December 2026"), date ("2026-12-01"), clock ("9:40 am")}; nothing when T
 * is 0. */
void rg_view_time(rg_val_t *object, const char *key, apr_pool_t *p, const rg_zone_t *z,
                  apr_time_t t);
/* KEY: {date ("2026-12-01"), day ("Tuesday 1 December 2026"), plain ("1 December 2026"), us
 * ("December 1, 2026")}; nothing when the year is 0. */
void rg_view_date(rg_val_t *object, const char *key, apr_pool_t *p, rg_date_t d);
/* KEY: {text ("$1,250.00"), decimal ("1250.00"), currency}. A zero is shown. */
void rg_view_money(rg_val_t *object, const char *key, apr_pool_t *p, rg_money_t m);
/* "1 hour 45 minutes"; "0 minutes". */
const char *rg_view_minutes(apr_pool_t *p, int minutes);
/* A code as words: "achilles-tendon" -> "achilles tendon"; with a capital: "Achilles tendon". */
const char *rg_view_words(apr_pool_t *p, const char *code);
const char *rg_view_title(apr_pool_t *p, const char *code);
/* "left knee", "knee" (no side), "" (no site). */
const char *rg_view_place(apr_pool_t *p, const char *body_site, rg_side_t side);
/* All targets: "both knees", "left knee and right hip". FURTHER: see rg_targets_of. */
const char *rg_view_places(apr_pool_t *p, const char *body_site, rg_side_t side,
                           const char *further);
/* The state in words for people ("Arrived", "Did not come"), and the stylesheet's class for it
 * ("now", "done", "missing" or ""). Static strings. */
const char *rg_view_status(rg_booking_status_t s);
const char *rg_view_status_class(rg_booking_status_t s);
/* "Ada Lovelace"; given before family, exactly as typed. "" when both are. */
const char *rg_view_name(apr_pool_t *p, const char *given, const char *family);
/* "12 Main St, Springfield, NY 12345" without what is empty. */
const char *rg_view_address(apr_pool_t *p, const rg_address_t *a);

/* {uid, service, service_code, status, state, state_class, is_held … is_no_show (one true), starts,
 * ends (as rg_view_time), length ("3 hours"; absent with several visits), place, body_site, side,
 * price, patient, birth_date, self_pay, insured, booked_at, steps: [{no, visit_no, kind, name,
 * starts, ends, waits (a step the patient is not needed in), resources: "Room 1, Dr Grant"}],
 * visits: [{no, several, starts, ends, length, steps}]}. What is not known is absent. */
rg_val_t *rg_view_booking(apr_pool_t *p, const rg_booking_t *b, const rg_zone_t *z);
/* KEY: "held for you until" for part/held.html: {until, seconds, late, extended, what, when};
 * nothing unless B is held and alive at NOW. */
void rg_view_hold(rg_val_t *object, const char *key, apr_pool_t *p, const rg_booking_t *b,
                  const rg_zone_t *z, apr_time_t now);
/* {uid, family, given, name, birth_date, gender, email, phone, address, address_line, city, state,
 * postal_code} */
rg_val_t *rg_view_patient(apr_pool_t *p, const rg_patient_t *patient);
/* {payer, payer_code, member_id, group_no, relationship, subscriber, subscriber_birth_date} */
rg_val_t *rg_view_coverage(apr_pool_t *p, const rg_coverage_t *c);
/* A number counted up to RG_LIST_MOST: "17", "5000+". */
void rg_view_many(rg_val_t *object, const char *key, apr_pool_t *p, int count);
/* "Person", "Room", "Device". */
const char *rg_view_resource_kind(rg_resource_kind_t kind);
/* "Absence"; "Other". */
const char *rg_view_closure_kind(rg_closure_kind_t kind);
/* The options of a choice: LIST under KEY of OBJECT with {value, text, chosen, first, id}. CHOSEN
 * may be NULL. NAME makes the ids: the first is NAME itself (links of the error summary go there),
 * the others NAME-VALUE. */
void rg_view_choice(rg_val_t *object, const char *key, apr_pool_t *p, const char *name,
                    const char *value, const char *text, const char *chosen);
/* A form's text, one line a paragraph: [{heading, blocks: [{text} or {items: ["…"]}]}] from lines
 * "## Heading", "paragraph" and "- item". Empty lines are ignored. */
rg_val_t *rg_view_sections(apr_pool_t *p, const char *text);
/* "Parent of the patient": in which role somebody signed. Static. */
const char *rg_view_signer(rg_signer_t signer);

/* A day in three fields, for part/day_fields.html. KEY: {id, wrong, whys: [{text}], month, day,
 * year: {name, id, value, wrong, described, autocomplete}}. IN holds what was typed, by field name;
 * names are PREFIX and "month", "day", "year"; the whole day's is PREFIX and "date", which is the
 * id of the month. */
void rg_view_day_fields(rg_val_t *view, const char *key, apr_pool_t *p, const rg_val_t *in,
                        const char *prefix, const rg_problems_t *problems);

#endif
