/* SPDX-License-Identifier: Apache-2.0 */
/* Services, people, rooms and devices as data.
 *
 * Each function is one business transaction. It takes the context first after its results, checks
 * that the caller may access the record (a patient's session only its own booking; anything else is
 * RG_NOT_FOUND), adds problems that a person can fix to ctx->problems, and writes an audit event
 * for every change in the same transaction. Results are allocated in ctx->pool. */
#ifndef REGEN_CLINIC_DEFINITIONS_H
#define REGEN_CLINIC_DEFINITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/definition.h"
#include "regen/model/feed.h"
#include "regen/model/place.h"
#include "regen/model/service.h"

/* A person, room or device as one value. */
typedef struct {
    int weekday, start, end; /* ISO weekday; minutes of the local day */
    rg_date_t from, until;   /* valid, both inclusive; 2000-01-01 and 9999-12-31 mean always */
} rg_hours_t;
typedef struct {
    rg_resource_t resource;
    const char *site, *site_name;
    int capability_count;
    const char **capabilities;
    int hours_count;
    rg_hours_t *hours;
    const char *mark; /* equal for two values exactly if they are equal */
} rg_resource_def_t;

/* What a definition can refer to: codes, with the names of sites and services. */
typedef struct {
    int site_count;
    const rg_site_t *sites;
    int service_count;
    const char **services, **service_names;
    int capability_count;
    const char **capabilities; /* of active resources, in order */
    int form_count;
    const char **forms;
} rg_service_choices_t;
/* A booking in conflict with closures or hours, and nobody decided that it may stay. */
typedef struct rg_conflict_t {
    rg_conflict_kind_t kind;
    int64_t closure_id; /* of RG_CONFLICT_CLOSED */
    int64_t resource_id, booking_id;
    const char *resource_name;
    apr_time_t busy_from, busy_until;
    const rg_booking_t *booking; /* row only, with version and starts_at */
    int nearest_count;           /* other times, if requested */
    const apr_time_t *nearest;
} rg_conflict_t;

/* --- catalogue.c ------------------------------------------------------------------------------ */

typedef struct {
    int count;
    rg_service_t **services;
    rg_site_t *site; /* of the first service; the clinic's first site if there is none */
    int site_count;
    rg_site_t **sites; /* that offer any of them, by ascending id */
    int every_count;
    rg_site_t **every_site; /* money stays where nothing is offered any more */
} rg_catalogue_t;

/* --- ready.c ---------------------------------------------------------------------------------- */

/* In ready.c: RG_OK if requests can be served now, including writes; otherwise RG_UNAVAILABLE. */
rg_outcome_t rg_ready(const rg_ctx_t *ctx);

/* --- catalogue.c ------------------------------------------------------------------------------ */

/* Active services in display order; those that only the clinic books only for staff. */
rg_outcome_t rg_catalogue_list(rg_catalogue_t **out, const rg_ctx_t *ctx);
/* RG_NOT_FOUND for an unknown or inactive code, and for one that only the clinic books. */
rg_outcome_t rg_catalogue_service(rg_service_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                  const char *code);
/* The same from the process cache, mostly without a statement. May be outdated: use it only before
 * rg_availability_find, which validates it. */
rg_outcome_t rg_catalogue_glance(rg_service_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                 const char *code);
/* The clinic's first site (name and phone) for error pages, from the process cache; an empty cache
 * is read from the database only with MAY_READ. NULL: not known. *SITES counts the sites. */
const rg_site_t *rg_catalogue_face(int *sites, const rg_ctx_t *ctx, bool may_read);
/* The same by id, also inactive ones: the service of a booking. Catalogue values are shared within
 * the process and valid as long as ctx->pool: never change them. */
rg_outcome_t rg_catalogue_by_id(rg_service_t **out, rg_site_t **site, const rg_ctx_t *ctx,
                                int64_t service_id);

/* --- service.c -------------------------------------------------------------------------------- */

/* definitions/service.c: services as whole values. Admin. Problems name a field of the definition
 * by its path ("steps[2].needs[0].capability"), in a file with the prefix "services[1].". */

/* Every service in display order, inactive ones too. */
rg_outcome_t rg_service_defs(rg_service_def_t **out, int *count, const rg_ctx_t *ctx);
rg_outcome_t rg_service_def_get(rg_service_def_t **out, const rg_ctx_t *ctx, const char *code);
/* What a definition can refer to. Admin. */
rg_outcome_t rg_service_choices(rg_service_choices_t *out, const rg_ctx_t *ctx);
typedef struct {
    int count;
    const rg_service_def_t *defs; /* whole; a known code replaces that service */
    bool is_file;                 /* problems begin with "services[i]." */
    bool is_new;                  /* a known code is refused */
    const char *seen; /* rg_service_def_mark of the edited definition (one only); NULL: any */
} rg_service_save_in_t;
typedef struct {
    int added, changed, same;
} rg_service_saved_t;
/* All or none, in one transaction; unchanged definitions are not written. RG_INVALID with all
 * problems, RG_CONFLICT if it was changed since SEEN. Bookings keep their steps, resources and
 * price; so a change is refused (RG_PRECONDITION) only if it contradicts bookings that are not
 * over: another site, or a life of the unit shorter than they have planned. An
 * active service that can never be booked is refused with the reason; an inactive one is a
 * draft. */
rg_outcome_t rg_service_save(rg_service_saved_t *out, const rg_ctx_t *ctx,
                             const rg_service_save_in_t *in);
/* Offers the service again or stops offering it; its bookings stay. */
rg_outcome_t rg_service_activate(const rg_ctx_t *ctx, const char *code, bool active);
typedef struct {
    const rg_site_t *site;
    int count;
    const apr_time_t *starts; /* at most 6, ascending, grouped by day */
} rg_service_preview_t;
/* The first times at which a draft would be offered now. Nothing is stored; problems as
 * rg_service_save. */
rg_outcome_t rg_service_preview(rg_service_preview_t *out, const rg_ctx_t *ctx,
                                const rg_service_def_t *def);

/* --- conflict.c ------------------------------------------------------------------------------- */

/* definitions/conflict.c: bookings that are not over and conflict with a closure, changed hours, or
 * a removed resource or capability, and that nobody has decided about, in order of start. Computed
 * from the current data, so that a booking made during the closing is included. A decision applies
 * to a booking at its time: after a move it is void. Staff. */
rg_outcome_t rg_closure_conflicts(rg_conflict_t **out, int *count, const rg_ctx_t *ctx);
typedef struct {
    rg_conflict_kind_t kind;
    int64_t closure_id, resource_id, booking_id; /* as in rg_conflict_t */
    apr_time_t starts_at;                        /* of the booking as shown */
    const char *reason;
    const char *field; /* of the reason, for problems */
} rg_keep_in_t;
/* The booking stays in spite of the conflict. RG_CONFLICT if it was moved in the meantime.
 * Admin. */
rg_outcome_t rg_conflict_keep(const rg_ctx_t *ctx, const rg_keep_in_t *in);

/* --- resource.c ------------------------------------------------------------------------------- */

/* definitions/resource.c: people, rooms and devices. Admin. */
rg_outcome_t rg_resources_get(rg_resource_def_t **out, int *count, const rg_ctx_t *ctx);
rg_outcome_t rg_resource_get(rg_resource_def_t **out, const rg_ctx_t *ctx, const char *code);
/* As typed, never NULL. An empty row of hours is ignored. */
typedef struct {
    const char *weekday, *start, *end, *from, *until;
} rg_hours_in_t;
typedef struct {
    const char *code, *site, *kind; /* of a new one; afterwards only the code is used */
    const char *name, *family, *given, *npi, *taxonomy, *serial, *capabilities;
    const char *calibration_due; /* of a device: a day, "" for none */
    const char *chambers;        /* of a device: a number, "" for 1 */
    const char *can_since; /* local day from which added capabilities count; "": from now on. Those
                            * of a new resource count always */
    bool active, is_new;
    int hours_count;
    const rg_hours_in_t *hours;
    const char *seen; /* its mark; "": any */
    const char *why;  /* when bookings lose what they stand on: rg_change_why_name */
} rg_resource_in_t;
/* Stores it as a whole. Shorter hours, a removed capability or deactivation may affect bookings:
 * without a reason this is RG_PRECONDITION with all of them; with a reason it is stored, and they
 * are conflicts until somebody decides about each (rg_closure_conflicts). RG_INVALID by field
 * ("hours[2].start"), RG_CONFLICT if it was changed since SEEN. */
rg_outcome_t rg_resource_save(rg_conflict_t **hit, int *count, const rg_ctx_t *ctx,
                              const rg_resource_in_t *in);

/* --- address.c: where the clinic is, and what its own identifiers are called ------------------ */

typedef struct {
    const char *names;    /* policy->names as first reported; NULL: not yet */
    rg_base_row_t *bases; /* of the last 30 days, the most recent first */
    int base_count;
} rg_whereabouts_t;

/* Stores the policy's public base as reported now, and its names unless they are already stored. */
rg_outcome_t rg_address_tell(const rg_ctx_t *ctx);
rg_outcome_t rg_address_read(rg_whereabouts_t *out, const rg_ctx_t *ctx);
/* Changes the URI for the future. RG_INVALID with a problem. Admin; audited. */
rg_outcome_t rg_names_set(const rg_ctx_t *ctx, const char *names);

/* --- feed.c: private iCalendar feeds ---------------------------------------------------------- */

/* A new feed of the resource (its code) for NAME (may be NULL). *TOKEN, 43 base64url characters, is
 * the end of its address; only its hash is stored. RG_INVALID for the name, RG_NOT_FOUND for the
 * resource, each with problems. Admin. */
rg_outcome_t rg_feed_add(const char **token, const rg_ctx_t *ctx, const char *resource_code,
                         const char *name);
/* Every feed, oldest first. Admin. */
rg_outcome_t rg_feed_list(rg_feed_row_t **out, int *count, const rg_ctx_t *ctx);
/* Its address stops working. RG_NOT_FOUND if there is no such feed, or it is already revoked.
 * Admin. */
rg_outcome_t rg_feed_revoke(const rg_ctx_t *ctx, int64_t id);
/* The occupied time of the feed's resource from 30 days ago to 400 days ahead, for whoever has the
 * token. Holds are left out: they change faster than calendars refresh. RG_NOT_FOUND for a token
 * that is unknown or revoked. Two statements. */
rg_outcome_t rg_feed_read(rg_feed_t **out, const rg_ctx_t *ctx, const char *token);

#endif
