/* SPDX-License-Identifier: Apache-2.0 */
/* The render room: values in, bytes out. Pure: no store, no request, no clock, no log.
 * Knows core.h and the value structs of model.h; never writes markup that was not escaped. */
#ifndef REGEN_RENDER_H
#define REGEN_RENDER_H

#include <regen/core.h>
#include <regen/model.h>

/* --- template/: logic-less templates in Mustache syntax --------------------------------------- */

/* In a template:
 *   {{name}}  {{a.b.c}}  {{.}}     the value, always escaped
 *   {{#name}} ... {{/name}}        once with NAME as context when it is true (rg_val_true), once
 *                                  per item when it is a list
 *   {{^name}} ... {{/name}}        when it is not true
 *   {{> part}}                     another file of the set with the same ending; one that stands
 *                                  alone on its line lends its indentation to the part's lines
 *   {{! words }}                   nothing
 *
 * A name is looked for in the innermost context first, then outwards. Only its first word is: the
 * rest of a dotted name must be found right there. Absent values are nothing, and false. So is a
 * NULL string (rg_val_str leaves it out), but "" is true, as in rg_val_true.
 *
 * There is no unescaped output: {{{x}}} and {{&x}} are errors, and so are {{=<% %>=}}, {{$block}}
 * and {{<parent}}. Values belong into text or into a QUOTED attribute ("{{x}}" or '{{x}}'); put one
 * into an unquoted attribute, a script or a style and no escaping helps. What goes into a URL is
 * percent-escaped by whoever makes the value.
 *
 * Names in the set are file names: "times.html". In *.txt (mail) nothing is escaped because there
 * is nothing to escape from; a part always has the ending of who includes it, so text never gets
 * into HTML. */

typedef struct rg_templates_t rg_templates_t;

/* Reads and parses every *.html and *.txt right in DIR (at most 1 MiB each, UTF-8). RG_INVALID
 * with one line per mistake in *why ("DIR/times.html:12: section {{#days}} is never closed"),
 * made for a sysadmin; nothing else fails. A partial that is not in the set is a mistake; one
 * that includes itself is not (see rg_template_render). The set lives as long as P, never changes
 * and may be read by all threads. */
rg_outcome_t rg_templates_load(rg_templates_t **out, apr_pool_t *p, const char *dir,
                               const char **why);

/* The same from memory, for tests and fuzzing: make, add each, seal. Errors name NAME; TEXT and
 * NAME are copied. STRICT as in rg_templates_load; not STRICT: a missing partial renders as
 * nothing. Nothing may be rendered before the seal, nor added after it. */
rg_templates_t *rg_templates_make(apr_pool_t *p);
rg_outcome_t rg_templates_add(rg_templates_t *set, const char *name, const char *text, size_t n,
                              const char **why);
rg_outcome_t rg_templates_seal(rg_templates_t *set, bool strict, const char **why);

/* Whether "times.html" is there; glue checks at configuration time that all names it will use
 * are. */
bool rg_templates_has(const rg_templates_t *set, const char *name);

/* Appends template NAME ("times.html"; "times" means that too) over V to OUT. RG_NOT_FOUND: no
 * such template. RG_TOO_LARGE: OUT's cap, partials nested more than RG_TEMPLATE_DEPTH deep or a
 * template that multiplies beyond reason; what is in OUT then must not be sent. Allocates nothing
 * but OUT's growth. */
#define RG_TEMPLATE_DEPTH 64
rg_outcome_t rg_template_render(const rg_templates_t *set, const char *name, const rg_val_t *v,
                                rg_buf_t *out);

/* --- view/view.c: the clinic's values as templates read them ---------------------------------- */

/* What every page needs to say of a site, a time, a sum, a joint, a booking; view_<area>.c builds
 * whole pages from these. Strings come out as people say them; markup stays in the templates.
 * Objects live in P and keep pointers into what they were made from. Set key by key on OBJECT, so
 * that pages can add their own. */

/* A page's own object: "title" and, when SITE is known, "clinic" and "site" as rg_view_site. */
rg_val_t *rg_view_page(apr_pool_t *p, const char *title, const rg_site_t *site);
/* {name, phone, phone_link, address ("12 Main St, Springfield, NY 12345"), notice, zone_words
 * ("New York time")}; notice and phone are absent when empty. */
rg_val_t *rg_view_site(apr_pool_t *p, const rg_site_t *site);
/* What the configuration knows of the clinic, where the database cannot be asked: a site without
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
/* KEY: "held for you until" for templates/held.html: {until, seconds, late, extended, what, when};
 * nothing unless B is held and alive at NOW. */
void rg_view_hold(rg_val_t *object, const char *key, apr_pool_t *p, const rg_booking_t *b,
                  const rg_zone_t *z, apr_time_t now);
/* {uid, family, given, name, birth_date, gender, email, phone, address, address_line, city, state,
 * postal_code} */
rg_val_t *rg_view_patient(apr_pool_t *p, const rg_patient_t *patient);
/* {payer, payer_code, member_id, group_no, relationship, subscriber, subscriber_birth_date} */
rg_val_t *rg_view_coverage(apr_pool_t *p, const rg_coverage_t *c);
/* A number of things that are counted up to RG_LIST_MOST: "17", "5000+". */
void rg_view_many(rg_val_t *object, const char *key, apr_pool_t *p, int count);
/* The options of a choice: LIST under KEY of OBJECT with {value, text, chosen, first, id}. CHOSEN
 * may be NULL. NAME makes the ids: the first is NAME itself (links of the error summary go there),
 * the others NAME-VALUE. */
void rg_view_choice(rg_val_t *object, const char *key, apr_pool_t *p, const char *name,
                    const char *value, const char *text, const char *chosen);
/* A form's text, one line a paragraph: [{heading, blocks: [{text} or {items: ["…"]}]}] from lines
 * "## Heading", "paragraph" and "- item". Empty lines are nothing. */
rg_val_t *rg_view_sections(apr_pool_t *p, const char *text);

/* --- view/patient.c: the patient's pages ------------------------------------------------------ */

/* Each adds to the page object VIEW what its template reads; the keys stand at the template's
 * top. */

/* {code, name, summary, not_for, preparation, price, length, visits, several_visits, steps: [{name,
 * kind, length, waits}], preparing_rules: [{words, applies, when ("from 7 days before")}],
 * has_preparing_rules, body_sites: ["knee"], notice_words, move_notice_words ("24 hours")} */
rg_val_t *rg_view_service(apr_pool_t *p, const rg_service_t *s);
/* To choose between several sites: "sites": [{code, name, chosen}] and "has_sites"; nothing when
 * there is one. ONLY may be NULL: all. */
void rg_view_sites(rg_val_t *view, const rg_site_t *const *sites, int count, const rg_site_t *only);
/* Minutes from the first step's start to the last one's end at the shortest. */
int rg_view_service_minutes(const rg_service_t *s);

/* One local day and how many starts it has; the month page is made of these. */
typedef struct {
    rg_date_t date;
    int count;
    const apr_time_t *starts;
} rg_view_day_t;
typedef struct {
    const rg_service_t *service;
    const rg_site_t *site;
    rg_date_t month;       /* its first day */
    rg_date_t chosen;      /* year 0: none */
    rg_date_t first, last; /* bookable days */
    int day_count;
    const rg_view_day_t *days; /* of the month; days that are missing have no times */
    int visit_minutes;
    apr_time_t firm_before;  /* a time before this one cannot be canceled online */
    apr_time_t open_start;   /* the chosen day's first that can be; 0: none */
    apr_time_t cancel_until; /* until then */
    int preparing_count;
    const rg_prepare_day_t *preparing; /* for the chosen day */
    const char *practitioner;          /* as in the address; NULL: any */
    int practitioner_count;
    const rg_resource_t *const *practitioners; /* to choose from */
    const char *path;                          /* of the page, below the mount */
    bool asked_month;                          /* the address named a month or day: keep it */
    bool asked_day;                            /* … a day: CHOSEN */
    /* where CHOSEN or the month has nothing: the first later day that does; year 0: none */
    rg_date_t next_day;
    bool moving;             /* for a booking that has a time already */
    int visit;               /* of it alone; 0: all */
    const char *booking_uid; /* that moves, or whose place the new one takes; NULL: none */
} rg_view_times_t;
void rg_view_times(rg_val_t *view, apr_pool_t *p, const rg_view_times_t *in);
/* A list under KEY of times to press: [{start (unix seconds), clock, day, ends, firm (it begins
 * before FIRM_BEFORE: cannot be canceled online)}]. */
void rg_view_starts(rg_val_t *view, const char *key, apr_pool_t *p, const rg_site_t *site,
                    const apr_time_t *starts, int count, int visit_minutes, apr_time_t firm_before);

/* cancel_until, move_until (as rg_view_time), each absent where it is too late or never was. */
void rg_view_deadlines(rg_val_t *view, apr_pool_t *p, const rg_zone_t *z, const rg_deadlines_t *d);

/* "preparing": [{words, applies, from, until (as rg_view_date; no until where it is the visit),
 * late}] and "has_preparing", "any_late": as worked out for one start. */
void rg_view_preparing(rg_val_t *view, apr_pool_t *p, const rg_prepare_day_t *days, int count);

/* A day in three fields, for day_fields.html. KEY: {id, wrong, whys: [{text}], month, day, year:
 * {name, id, value, wrong, described, autocomplete}}. IN holds what was typed, by field name; names
 * are PREFIX and "month", "day", "year"; the whole day's is PREFIX and "date", which is the id of
 * the month. */
void rg_view_day_fields(rg_val_t *view, const char *key, apr_pool_t *p, const rg_val_t *in,
                        const char *prefix, const rg_problems_t *problems);
/* Of a booked booking that does not say yet what is treated, and HERE, at the desk, of one whose
 * patient came: place_missing, body_sites, place_sides, for place_form.html. TYPED as it came. */
void rg_view_place_missing(rg_val_t *view, apr_pool_t *p, const rg_booking_t *b,
                           const rg_service_t *service, bool here, const rg_form_t *typed);
/* The form "about you": IN holds what was typed or stored, by field name. Adds it with all
 * choices; PROBLEMS tells which fields of the days are wrong. */
void rg_view_details(rg_val_t *view, apr_pool_t *p, rg_val_t *in, const rg_service_t *service,
                     const rg_payer_t *payers, int payer_count, const rg_problems_t *problems);
/* IN for what is stored; PATIENT and COVERAGE may be NULL. */
rg_val_t *rg_view_details_stored(apr_pool_t *p, const rg_booking_t *b, const rg_patient_t *patient,
                                 const rg_coverage_t *coverage);
/* "forms": [{code, form_title, done, why, again, signer, signed, expires, uid}], "has_forms",
 * "forms_done", "forms_left". */
void rg_view_consents(rg_val_t *view, apr_pool_t *p, const rg_consent_state_t *forms, int count,
                      const rg_zone_t *z);

/* --- ical.c (libical): appointments for the patient's calendar ------------------------------ */

/* VCALENDAR with one VEVENT per appointment of the booking (UID, SEQUENCE, UTC times, the site as
 * place). Says nothing about health: the title is an appointment at the clinic. Until when it can
 * be cancelled online is said, and on the morning of each day from which something must be done or
 * left there is an alarm, which says to look at the booking. CANCELLED makes it METHOD:CANCEL, and
 * needs neither. DTSTAMP is NOW. NULL when libical is out of memory. */
typedef struct {
    rg_deadlines_t last;
    int preparing_count;
    const rg_prepare_day_t *preparing;
} rg_ical_ahead_t;
const char *rg_ical_booking(apr_pool_t *p, const rg_booking_t *b, const rg_site_t *site,
                            const char *url, const rg_ical_ahead_t *ahead, apr_time_t now,
                            bool cancelled);

/* VCALENDAR of a resource's feed: one VEVENT per stretch, in UTC, with the place and a link to the
 * staff's chart (CHARTS "https://host/base/staff/bookings/" and the booking's uid), without a name
 * or a word about health. The bytes depend on nothing but these values, so that equal feeds have
 * equal validators. NULL when libical is out of memory. */
const char *rg_ical_feed(apr_pool_t *p, const rg_feed_t *feed, const char *charts);

/* --- fhir/writer*.c: FHIR R4, described once -------------------------------------------------- */

/* A resource is described once, element by element in the order of HL7's schema, and comes out as
 * XML or as JSON:
 *
 *   rg_writer_resource(w, NULL, "Patient");          <Patient …>         {"resourceType":"Patient",
 *   rg_writer_string(w, "id", uid);                  <id value="…"/>     "id":"…",
 *   rg_writer_list(w, "identifier");                                     "identifier":[
 *   rg_writer_identifier(w, "identifier", sys, mrn); <identifier>…       {…}
 *   rg_writer_list_end(w);                                               ],
 *   rg_writer_begin(w, "maritalStatus");             <maritalStatus>…    "maritalStatus":{…}
 *   …
 *   rg_writer_end(w);
 *   rg_writer_resource_end(w);                       </Patient>          }
 *   outcome = rg_writer_finish(w, &why);
 *
 * - EVERY element that FHIR lets repeat (0..* or 1..*) goes between list and list_end, also when
 *   there is only one: that is what makes it an array in JSON. Inside a list only elements of the
 *   list's name are written, each call is one item.
 * - FHIR forbids empty values: NULL and "" are left out, and so is any element, list or extension
 *   in which nothing was written. So nothing needs an `if` around it.
 * - Nothing is kept in memory: bytes go to the sink as they come, and the writer uses the same
 *   memory for one claim or a million. Names (and a begin's id and url) are not copied: they are
 *   literals, or alive until the element's end.
 * - The first failure sticks, later calls do nothing, and rg_writer_finish tells: check there.
 * - Not thread-safe; one writer belongs to one thread. */

typedef enum { RG_FORMAT_XML, RG_FORMAT_JSON } rg_format_t;
/* "application/fhir+xml" or "application/fhir+json", without parameters. */
const char *rg_format_type(rg_format_t f);

/* Takes N bytes (never zero of them); anything but APR_SUCCESS stops the writer. */
typedef struct {
    apr_status_t (*write)(void *baton, const char *bytes, size_t n);
    void *baton;
} rg_sink_t;

typedef struct rg_writer_t rg_writer_t;

/* One document, with an XML declaration when it is XML. Freed by rg_writer_finish, at the latest
 * with P. */
rg_writer_t *rg_writer_to_buf(apr_pool_t *p, rg_format_t f, rg_buf_t *out);
rg_writer_t *rg_writer_to_sink(apr_pool_t *p, rg_format_t f, rg_sink_t sink);

/* Flushes and frees. RG_OK only when the document is whole. RG_TOO_LARGE: the buffer's cap.
 * RG_UNAVAILABLE: the sink refused. RG_INVALID: a value XML cannot carry (control characters,
 * broken UTF-8) or a malformed decimal or splice. RG_INTERNAL: calls out of order or memory. *WHY
 * (may be NULL) gets a reason without any value in it. After anything but RG_OK the bytes written
 * must not be used. W must not be touched any more. */
rg_outcome_t rg_writer_finish(rg_writer_t *w, const char **why);

/* A resource. NAME is NULL for the document's own, or the element that holds it: "resource" in a
 * Bundle's entry, "contained" (in a list), "resource" in Parameters. Unlike other elements it is
 * written even when empty. */
void rg_writer_resource(rg_writer_t *w, const char *name, const char *type);
void rg_writer_resource_end(rg_writer_t *w);

/* An element with elements in it (a data type or backbone element). */
void rg_writer_begin(rg_writer_t *w, const char *name);
/* The same with an id of its own (an attribute in XML), for references within the resource. */
void rg_writer_begin_id(rg_writer_t *w, const char *name, const char *id);
void rg_writer_end(rg_writer_t *w);

/* A repeating element; see above. */
void rg_writer_list(rg_writer_t *w, const char *name);
void rg_writer_list_end(rg_writer_t *w);

/* One extension; the value (or nested extensions) comes next, then rg_writer_end. Goes into a
 * list "extension" or "modifierExtension", named NAME. */
void rg_writer_extension(rg_writer_t *w, const char *name, const char *url);

/* Everything whose value is text in FHIR: string, code, id, uri, url, canonical, markdown,
 * base64Binary, date, dateTime, instant, time. Values are not copied. */
void rg_writer_string(rg_writer_t *w, const char *name, const char *s);
void rg_writer_bool(rg_writer_t *w, const char *name, bool b);
void rg_writer_int(rg_writer_t *w, const char *name, int64_t n);
/* "12.50" stays 12.50 in both formats. Optional minus, digits, optional fraction; anything else
 * is RG_INVALID. */
void rg_writer_decimal(rg_writer_t *w, const char *name, const char *decimal);
/* Year 0 is left out. */
void rg_writer_date(rg_writer_t *w, const char *name, rg_date_t d);
/* "2026-12-01T14:40:00Z"; 0 is left out. For a dateTime in a site's zone use
 * rg_time_local_instant and rg_writer_string. */
void rg_writer_instant(rg_writer_t *w, const char *name, apr_time_t t);
/* XHTML that is already a well-formed <div xmlns="http://www.w3.org/1999/xhtml">…</div> and comes
 * from our own templates or rg_writer_narrative, never from people. */
void rg_writer_xhtml(rg_writer_t *w, const char *name, const char *div);

/* A whole resource that was rendered before, in W's own format, as element NAME of what is open
 * (never NULL): how stored claims stream into a Bundle. A byte order mark, an XML declaration and
 * blanks around are stripped; nothing else is read, so only bytes that this writer made (and
 * HL7's schema passed) may come. What is not one element or object is RG_INVALID. */
void rg_writer_splice(rg_writer_t *w, const char *name, const char *bytes, size_t n);

/* The data types that recur. Arguments that are NULL or "" are left out; all left out: no
 * element. */

/* Resource.text with status "generated" and TEXT (plain, escaped here) as its one paragraph. */
void rg_writer_narrative(rg_writer_t *w, const char *text);
/* A system without a code is left out: it would say nothing. */
void rg_writer_coding(rg_writer_t *w, const char *name, const char *system, const char *code,
                      const char *display);
/* CodeableConcept with at most one coding. Two codings: begin, list "coding", rg_writer_coding
 * each, … */
void rg_writer_concept(rg_writer_t *w, const char *name, const char *system, const char *code,
                       const char *display, const char *text);
/* Nothing without VALUE, whatever SYSTEM is. */
void rg_writer_identifier(rg_writer_t *w, const char *name, const char *system, const char *value);
/* REFERENCE is "Patient/…", "#contained", "urn:uuid:…" or absolute. */
void rg_writer_reference(rg_writer_t *w, const char *name, const char *reference,
                         const char *display);
/* TYPE "Patient" and ID make "Patient/id"; nothing without ID. */
void rg_writer_reference_to(rg_writer_t *w, const char *name, const char *type, const char *id,
                            const char *display);
/* Nothing when m.currency is "". A zero is written. */
void rg_writer_money(rg_writer_t *w, const char *name, rg_money_t m);
/* dateTime texts. */
void rg_writer_period(rg_writer_t *w, const char *name, const char *start, const char *end);
/* UTC; 0 is left out. */
void rg_writer_period_utc(rg_writer_t *w, const char *name, apr_time_t start, apr_time_t end);
/* VALUE as in rg_writer_decimal; UCUM is the unit's code ("mL", "min"), UNIT what people read;
 * both optional. */
void rg_writer_quantity(rg_writer_t *w, const char *name, const char *value, const char *unit,
                        const char *ucum);
/* system: phone, email, …; use: home, work, mobile, …. Nothing without VALUE. */
void rg_writer_contact(rg_writer_t *w, const char *name, const char *system, const char *value,
                       const char *use);

typedef struct {
    const char *use; /* usual, official, … */
    const char *text, *family;
    const char *given; /* one name a line */
    const char *middle, *prefix, *suffix;
} rg_writer_name_t;
void rg_writer_human_name(rg_writer_t *w, const char *name, const rg_writer_name_t *n);

typedef struct {
    const char *use; /* home, work, billing, … */
    const char *line1, *line2, *city, *state, *postal_code, *country;
} rg_writer_address_t;
void rg_writer_address(rg_writer_t *w, const char *name, const rg_writer_address_t *a);

/* --- fhir/claim.c: one claim, self-contained -------------------------------------------------- */

/* The Claim as element AS of something (NULL: a document of its own). Codes of the clinic's own are
 * under policy->code_system "/service", claim numbers under "/claim". */
void rg_fhir_claim(rg_writer_t *w, apr_pool_t *p, const char *as, const rg_claim_t *c,
                   const rg_policy_t *policy);
/* A whole document; these two make the rg_claim_render_t that clinic's rg_claim_make asks for. */
rg_outcome_t rg_fhir_claim_xml(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                               const rg_policy_t *policy);
rg_outcome_t rg_fhir_claim_json(rg_buf_t *out, apr_pool_t *p, const rg_claim_t *c,
                                const rg_policy_t *policy);

/* --- view/staff.c, view/board.c: pages of the desk and the clinicians ------------------------- */

/* "Record the harvest": what a button for this step event says; "" for an unknown one. Static. */
const char *rg_view_action(const char *event);
/* Time down, resources across, the same bookings as a list, and above both what needs attention. */
rg_val_t *rg_view_board(apr_pool_t *p, const rg_board_t *b);
/* One booking for somebody with these ROLES. TYPED (may be NULL) is the refused form, shown
 * again. */
rg_val_t *rg_view_chart(apr_pool_t *p, const rg_chart_t *c, unsigned roles, const rg_form_t *typed);
/* What goes on the container; the chart must have a unit. */
rg_val_t *rg_view_unit_label(apr_pool_t *p, const rg_chart_t *c);

/* --- view/billing.c: pages of the billing staff ----------------------------------------------- */

rg_val_t *rg_view_worklist(apr_pool_t *p, const rg_worklist_t *w);
/* What became of many at once, on top of the queue: DONE papers made now, LEFT still open. */
void rg_view_worklist_deed(rg_val_t *page, apr_pool_t *p, rg_queue_t queue, int done, int left);
/* CLAIM and AGAINST: what would be sent, and what keeps it from being sent (rg_claim_preview). Both
 * NULL: no claim is due. */
rg_val_t *rg_view_account(apr_pool_t *p, const rg_account_t *a, const rg_claim_t *claim,
                          const rg_problems_t *against);
rg_val_t *rg_view_invoice(apr_pool_t *p, const rg_invoice_t *inv, const rg_site_t *site);
rg_val_t *rg_view_claim(apr_pool_t *p, const rg_claim_doc_t *d, const rg_site_t *site);

/* --- move ------------------------------------------------------------------------------------- */

/* --- rules ------------------------------------------------------------------------------------ */

/* service_json.c: definitions as the file that `regenctl service import` reads, every field said,
 * in the order of the tables of model.h; the same definitions always give the same bytes.
 * RG_TOO_LARGE: OUT's cap. */
rg_outcome_t rg_services_json(rg_buf_t *out, const rg_service_def_t *defs, int count);

/* view/admin.c: pages of the administrators. What became of a booked resource, after its name: "is
 * closed then.", "does not work then any more." Static. */
const char *rg_view_conflict(rg_conflict_kind_t kind);

/* One field of an administrators' form for templates/admin_field.html. */
typedef enum {
    RG_INPUT_TEXT,
    RG_INPUT_AREA,
    RG_INPUT_NUMBER,
    RG_INPUT_DATE,
    RG_INPUT_TIME,
    RG_INPUT_CHECK,
    RG_INPUT_CHOICE
} rg_input_t;
typedef struct {
    const char *name;         /* and id */
    const char *label, *hint; /* HINT may be NULL */
    rg_input_t input;
    const char *value; /* as typed; a CHECK is on when it is "true" */
    const char *list;  /* id of a datalist, or NULL */
} rg_view_field_t;
/* The field as a new item of LIST, with the problem of that name; the choices of a CHOICE are added
 * by rg_view_option. */
rg_val_t *rg_view_field(rg_val_t *list, apr_pool_t *p, const rg_view_field_t *f,
                        const rg_problems_t *problems);
void rg_view_option(rg_val_t *field, const char *value, const char *text, const char *chosen);

/* view/service_edit.c. A definition as the pairs of the editor's form: names are paths
 * ("steps[1].minutes"), lists are codes with commas between; boxes that are not ticked are left
 * out. */
rg_form_t *rg_service_form(apr_pool_t *p, const rg_service_def_t *d);
/* "Step 2, need 1, can do" for a path; "" for none. */
const char *rg_view_service_place(apr_pool_t *p, const char *path);
typedef struct {
    const rg_form_t *form;
    const rg_problems_t *problems; /* list items named by their list */
    const rg_service_choices_t *choices;
    const char *code; /* of the service; NULL: a new one */
    const char *seen;
    const char *changed;   /* path of what a button just changed, which is shown open; NULL: none */
    const rg_site_t *site; /* of the preview; NULL: none */
    int start_count;
    const apr_time_t *starts;
} rg_view_service_edit_t;
rg_val_t *rg_view_service_edit(apr_pool_t *p, const rg_view_service_edit_t *in);
rg_val_t *rg_view_services(apr_pool_t *p, const rg_service_def_t *defs, int count);

/* view/resource.c. */
/* Who may log in, and who cannot just now. */
rg_val_t *rg_view_staff_list(apr_pool_t *p, const rg_staff_row_t *rows, int count, apr_time_t now);
rg_val_t *rg_view_resources(apr_pool_t *p, const rg_resource_def_t *defs, int count);
/* The form of a resource's page as pairs: hours as "hours[2].start", and some empty rows. */
rg_form_t *rg_resource_form(apr_pool_t *p, const rg_resource_def_t *d);
typedef struct {
    const rg_form_t *form;
    const rg_problems_t *problems;
    const rg_resource_def_t *def; /* NULL: a new one */
    const char *seen;
    int site_count;
    const rg_site_t *sites;
    int hit_count;
    const rg_conflict_t *hits;
} rg_view_resource_t;
rg_val_t *rg_view_resource(apr_pool_t *p, const rg_view_resource_t *in);

/* What the closures' page shows. */
typedef struct {
    int count;
    const rg_closure_row_t *rows;
    int site_count;
    const rg_site_t *sites;
    int resource_count;
    const rg_resource_t **resources;
    const int64_t *resource_sites;
    int conflict_count;
    const rg_conflict_t *conflicts; /* undecided */
    int hit_count;
    const rg_conflict_t *hits; /* of the closure that was tried, to be decided */
    const rg_form_t *typed;
    const rg_problems_t *problems;
} rg_view_closures_t;
rg_val_t *rg_view_closures(apr_pool_t *p, const rg_view_closures_t *in);
/* "2 bookings kept, 1 canceled." after a closure was stored; numbers below 0 say nothing. */
void rg_view_closed(rg_val_t *page, apr_pool_t *p, int kept, int cancelled, int moved, int left);

/* --- waitlist, messages, recalls -------------------------------------------------------------- */

/* view/recall.c. What is planned for a patient: "recalls": [{title, due_from, due_until, booked}],
 * "has_recalls", "recalls_stopped". */
void rg_view_planned(rg_val_t *view, apr_pool_t *p, const rg_recall_t *recalls, int count,
                     bool stopped);
/* FAILED (may be NULL): the recall whose form was refused, with TYPED shown again. */
rg_val_t *rg_view_recalls(apr_pool_t *p, const rg_recalls_t *l, const char *failed,
                          const rg_form_t *typed);

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

/* message.c. The words of a message as it is sent and shown: templates message_<kind>.txt over its
 * facts {name, clinic, address, phone, starts, ends, old, until (times as rg_view_time), visits:
 * [{no, several, people}]}. RG_INVALID when the template does not begin with "Subject: ". */
typedef struct {
    const char *subject, *text;
} rg_letter_t;
rg_outcome_t rg_message_letter(rg_letter_t *out, apr_pool_t *p, const rg_templates_t *set,
                               const rg_message_t *m);
/* "messages": [{kind, subject, text, to_name, to_email, booking_uid, state, state_class, written,
 * sent}], "has_messages". */
void rg_view_messages(rg_val_t *view, apr_pool_t *p, const rg_templates_t *set,
                      const rg_message_t *messages, int count);
rg_val_t *rg_view_outbox(apr_pool_t *p, const rg_templates_t *set, const rg_outbox_t *o);
/* page, pages, several, previous, following: numbers for the links below a list. */
void rg_view_pages(rg_val_t *page, int current, int last);

/* --- desk ------------------------------------------------------------------------------------- */

/* Each page's keys stand at the top of its template. TYPED is the form that was sent. */
rg_val_t *rg_view_desk(apr_pool_t *p, const rg_site_t *site, const rg_form_t *typed,
                       const rg_patient_hits_t *hits);
rg_val_t *rg_view_patient_file(apr_pool_t *p, const rg_patient_file_t *f);
/* QUERY is what the address or the form asks for; WHY (may be NULL) explains one time. */
rg_val_t *rg_view_desk_times(apr_pool_t *p, const rg_desk_times_t *t, const rg_form_t *query,
                             const rg_explained_t *why);
/* view/block.c: HITS are bookings in the way of the block that was refused. */
rg_val_t *rg_view_blocks(apr_pool_t *p, const rg_site_t *site, const rg_closure_row_t *rows,
                         int count, const rg_form_t *typed);
void rg_view_block_choice(rg_val_t *page, apr_pool_t *p, const rg_resource_t *r,
                          const rg_form_t *typed);
void rg_view_block_hits(rg_val_t *page, apr_pool_t *p, const rg_site_t *site,
                        const rg_conflict_t *hits, int count);
/* view/week.c: a table of a week, a row a resource or, with BY_PATIENT, a booking. */
rg_val_t *rg_view_week(apr_pool_t *p, const rg_week_t *w, bool by_patient);
/* view/replan.c */
rg_val_t *rg_view_replan(apr_pool_t *p, const rg_replan_t *r);
/* view/explain.c: "why" of the page: {when, start, offered, reasons: [{text, booking_uid,
 * patient}], more, ask, over: [{name}]}. */
void rg_view_explained(rg_val_t *page, apr_pool_t *p, const rg_explained_t *x, bool ask);
/* "overrides" of a chart, where there are any: rule in words, reason, staff, at. */
void rg_view_overrides(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c);

/* --- FHIR scheduling -------------------------------------------------------------------------- */

/* --- fhir/place.c, fhir/visit.c, fhir/bundle.c: what machines read ---------------------------- */

/* Every resource as element AS of something (NULL: a document of its own). Ids are the records'
 * uids; a Schedule has the id of its actor, a PractitionerRole that of its practitioner.
 * Definitions share one version: that of the whole catalogue. */

/* What every one of them needs beside itself. */
typedef struct {
    apr_pool_t *p;
    const rg_policy_t *policy;
    const rg_directory_t *dir;
    const char *link;  /* the patient's private link, for who just booked; NULL */
    const char *pages; /* NULL, or the pages' address, as SMART Scheduling Links tell it */
} rg_fhir_t;

/* The clinic's own identifier system of that name. */
const char *rg_fhir_sid(const rg_fhir_t *e, const char *what);
const char *rg_fhir_version(const rg_fhir_t *e); /* versionId of definitions */
void rg_fhir_site(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_site_t *s);
void rg_fhir_room(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                  const rg_directory_resource_t *r);
void rg_fhir_service(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                     const rg_directory_service_t *s);
void rg_fhir_practitioner(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                          const rg_directory_resource_t *r);
/* SERVES: the services this practitioner has a part in; may be empty. */
void rg_fhir_role(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                  const rg_directory_resource_t *r, const rg_directory_service_t *const *serves,
                  int count);
void rg_fhir_device(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                    const rg_directory_resource_t *r);
/* Of a service: times it can begin; [FROM, UNTIL) is what can be booked now. */
void rg_fhir_service_schedule(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                              const rg_directory_service_t *s, apr_time_t from, apr_time_t until);
/* Of a practitioner, room or device: when it is taken. */
void rg_fhir_resource_schedule(rg_writer_t *w, const rg_fhir_t *e, const char *as,
                               const rg_directory_resource_t *r);

typedef struct {
    const char *id;
    const char *status;                      /* free, busy, busy-tentative, busy-unavailable */
    const rg_directory_service_t *service;   /* whose schedule it is in, or */
    const rg_directory_resource_t *resource; /* … of this; the other is NULL */
    apr_time_t from, until;
    const char *version;
    apr_time_t changed_at;
    int visits; /* so many of a free one's course */
} rg_fhir_slot_t;
void rg_fhir_slot(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_fhir_slot_t *s);

/* IHE's profile of Appointments; visits that meet it say so. Its participants are no devices. */
#define RG_FHIR_IHE_APPOINTMENT                                                                    \
    "https://profiles.ihe.net/ITI/Scheduling/StructureDefinition/ihe-sched-appt"
/* A visit, stored or proposed. FROM and UNTIL are what was asked for (0: the visit's own time). */
void rg_fhir_visit(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_visit_t *v,
                   apr_time_t from, apr_time_t until);
void rg_fhir_person(rg_writer_t *w, const rg_fhir_t *e, const char *as, const rg_person_t *v);

/* A Bundle's head up to its entries. ID may be NULL; TOTAL -1: not known; SELF and NEXT may be
 * NULL. Then entries, then rg_fhir_bundle_end. */
void rg_fhir_bundle(rg_writer_t *w, const char *as, const char *id, const char *type, int total,
                    const char *self, const char *next);
void rg_fhir_bundle_end(rg_writer_t *w);
/* One entry's head: "TYPE/ID" under BASE as its full address (NULL: none). Then the resource as
 * "resource", then entry_end with how it got there ("match", "include", "outcome"; NULL:
 * nothing). */
void rg_fhir_entry(rg_writer_t *w, apr_pool_t *p, const char *base, const char *type,
                   const char *id);
void rg_fhir_entry_end(rg_writer_t *w, const char *mode);
/* An OperationOutcome that says each of these problems with one severity and code. */
void rg_fhir_outcome(rg_writer_t *w, const char *as, const char *severity, const char *code,
                     const rg_problems_t *problems);

#endif
