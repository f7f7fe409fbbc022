/* SPDX-License-Identifier: Apache-2.0 */
/* FHIR R4, described once: XML and JSON. */
#ifndef REGEN_RENDER_WRITER_H
#define REGEN_RENDER_WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_time.h>

#include "regen/core/buf.h"
#include "regen/core/money.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"

/* --- fhir/writer.c ---------------------------------------------------------------------------- */

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
 * must not be used. W must not be used afterwards. */
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

/* A complete stored resource in W's own format, as element NAME of the open element (never NULL):
 * this is how stored claims stream into a Bundle. A byte order mark, an XML declaration and
 * surrounding white space are stripped; nothing else is parsed, so pass only bytes that this writer
 * made (and that HL7's schema accepted). Anything but one element or object is RG_INVALID. */
void rg_writer_splice(rg_writer_t *w, const char *name, const char *bytes, size_t n);

/* The data types that recur. Arguments that are NULL or "" are left out; all left out: no
 * element. */

/* Resource.text with status "generated" and TEXT (plain, escaped here) as its one paragraph. */
void rg_writer_narrative(rg_writer_t *w, const char *text);

/* --- fhir/writer_types.c ---------------------------------------------------------------------- */

/* A system without a code is left out. */
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
/* TYPE "Patient" and ID make "Patient/id"; left out without ID. */
void rg_writer_reference_to(rg_writer_t *w, const char *name, const char *type, const char *id,
                            const char *display);
/* Left out if m.currency is "". A zero is written. */
void rg_writer_money(rg_writer_t *w, const char *name, rg_money_t m);
/* dateTime texts. */
void rg_writer_period(rg_writer_t *w, const char *name, const char *start, const char *end);
/* UTC; 0 is left out. */
void rg_writer_period_utc(rg_writer_t *w, const char *name, apr_time_t start, apr_time_t end);
/* VALUE as in rg_writer_decimal; UCUM is the unit's code ("mL", "min"), UNIT the word for people;
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

#endif
