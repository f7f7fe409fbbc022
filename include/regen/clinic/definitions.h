/* SPDX-License-Identifier: Apache-2.0 */
/* Services, people, rooms and devices as data.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
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

/* Somebody or something that can be booked, as one value. */
typedef struct {
    int weekday, start, end; /* ISO weekday; minutes of the local day */
    rg_date_t from, until;   /* valid, both inclusive; 2000-01-01 and 9999-12-31 stand for always */
} rg_hours_t;
typedef struct {
    rg_resource_t resource;
    const char *site, *site_name;
    int capability_count;
    const char **capabilities;
    int hours_count;
    rg_hours_t *hours;
    const char *mark; /* the same for two values exactly when they say the same */
} rg_resource_def_t;

/* What a definition can name: codes, and names beside those of sites and services. */
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
/* A booking that stands where the clinic is closed to it, and nobody decided that it may. */
typedef struct rg_conflict_t {
    rg_conflict_kind_t kind;
    int64_t closure_id; /* of RG_CONFLICT_CLOSED */
    int64_t resource_id, booking_id;
    const char *resource_name;
    apr_time_t busy_from, busy_until;
    const rg_booking_t *booking; /* row only, with version and starts_at */
    int nearest_count;           /* other times, when they were asked for */
    const apr_time_t *nearest;
} rg_conflict_t;

/* --- catalogue.c ------------------------------------------------------------------------------ */

typedef struct {
    int count;
    rg_service_t **services;
    rg_site_t *site; /* of the first one; the clinic's first site when there is none */
    int site_count;
    rg_site_t **sites; /* that offer any of them, ascending id */
} rg_catalogue_t;

/* --- ready.c ---------------------------------------------------------------------------------- */

/* In ready.c: RG_OK when somebody could be served now and what they do be written; else
 * RG_UNAVAILABLE. */
rg_outcome_t rg_ready(rg_ctx_t *ctx);

/* --- catalogue.c ------------------------------------------------------------------------------ */

/* Active services of the clinic in display order; those for the clinic itself only when staff
 * ask. */
rg_outcome_t rg_catalogue_list(rg_catalogue_t **out, rg_ctx_t *ctx);
/* RG_NOT_FOUND for an unknown or inactive code, and for one that only the clinic itself books. */
rg_outcome_t rg_catalogue_service(rg_service_t **out, rg_site_t **site, rg_ctx_t *ctx,
                                  const char *code);
/* The same by what this process saw last, mostly without a statement: for who goes on with
 * rg_availability_find, which makes sure. */
rg_outcome_t rg_catalogue_glance(rg_service_t **out, rg_site_t **site, rg_ctx_t *ctx,
                                 const char *code);
/* Whom to call: the clinic's first site, for a page that could not be made, by what this process
 * saw last; when it saw nothing yet it reads only with MAY_READ. NULL: not known. *SITES counts the
 * clinic's. */
const rg_site_t *rg_catalogue_face(int *sites, rg_ctx_t *ctx, bool may_read);
/* The same by id, inactive ones too: what a booking was made for. Catalogue values are shared
 * within the process and live as long as ctx->pool: never change them. */
rg_outcome_t rg_catalogue_by_id(rg_service_t **out, rg_site_t **site, rg_ctx_t *ctx,
                                int64_t service_id);

/* --- service.c -------------------------------------------------------------------------------- */

/* definitions/service.c: services as whole values. Admin. Problems name a field of the
 * definition by its path ("steps[2].needs[0].capability"), in a file behind "services[1].". */

/* Every service in display order, inactive ones too. */
rg_outcome_t rg_service_defs(rg_service_def_t **out, int *count, rg_ctx_t *ctx);
rg_outcome_t rg_service_def_get(rg_service_def_t **out, rg_ctx_t *ctx, const char *code);
/* What a definition can name. Admin. */
rg_outcome_t rg_service_choices(rg_service_choices_t *out, rg_ctx_t *ctx);
typedef struct {
    int count;
    const rg_service_def_t *defs; /* whole; a code that is known replaces that service */
    bool is_file;                 /* problems begin with "services[i]." */
    bool is_new;                  /* a known code is refused */
    const char
        *seen; /* rg_service_def_mark of what was edited (one definition); NULL: whatever it is */
} rg_service_save_in_t;
typedef struct {
    int added, changed, same;
} rg_service_saved_t;
/* All or none, in one transaction; what says the same as before is not written. RG_INVALID with
 * every problem, RG_CONFLICT when it was changed since SEEN. Bookings keep the steps, resources and
 * price they were made with; so a change is refused (RG_PRECONDITION) only where it would make
 * nonsense of some that are not over: another site, another currency, or a shorter life of the unit
 * than they have planned. An active service that can never be booked is refused with the reason; an
 * inactive one is a draft. */
rg_outcome_t rg_service_save(rg_service_saved_t *out, rg_ctx_t *ctx,
                             const rg_service_save_in_t *in);
/* Offers the service again, or no more; its bookings stand. */
rg_outcome_t rg_service_activate(rg_ctx_t *ctx, const char *code, bool active);
typedef struct {
    const rg_site_t *site;
    int count;
    const apr_time_t *starts; /* at most 6, ascending; those of one day follow each other */
} rg_service_preview_t;
/* The first times a draft would be offered at now. Nothing is stored; problems as
 * rg_service_save. */
rg_outcome_t rg_service_preview(rg_service_preview_t *out, rg_ctx_t *ctx,
                                const rg_service_def_t *def);

/* --- conflict.c ------------------------------------------------------------------------------- */

/* definitions/conflict.c: bookings that are not over and stand where the clinic is closed to
 * them (a closure, other hours, a resource or a capability that went), unless somebody decided
 * about them, in order of start. Computed from what is true now, so a booking that slipped in
 * while something was closed is in it. A decision is about a booking at its time: moved, it
 * counts no more. Staff. */
rg_outcome_t rg_closure_conflicts(rg_conflict_t **out, int *count, rg_ctx_t *ctx);
typedef struct {
    rg_conflict_kind_t kind;
    int64_t closure_id, resource_id, booking_id; /* as in rg_conflict_t */
    apr_time_t starts_at;                        /* of the booking as it was seen */
    const char *reason;
    const char *field; /* of the reason, for problems */
} rg_keep_in_t;
/* The booking stays all the same. RG_CONFLICT when it was moved meanwhile. Admin. */
rg_outcome_t rg_conflict_keep(rg_ctx_t *ctx, const rg_keep_in_t *in);

/* --- resource.c ------------------------------------------------------------------------------- */

/* definitions/resource.c: people, rooms and devices. Admin. */
rg_outcome_t rg_resources_get(rg_resource_def_t **out, int *count, rg_ctx_t *ctx);
rg_outcome_t rg_resource_get(rg_resource_def_t **out, rg_ctx_t *ctx, const char *code);
/* As typed, never NULL. A row of hours in which everything is empty is none. */
typedef struct {
    const char *weekday, *start, *end, *from, *until;
} rg_hours_in_t;
typedef struct {
    const char *code, *site, *kind; /* of a new one; later only the code is looked at */
    const char *name, *family, *given, *npi, *taxonomy, *serial, *capabilities;
    bool active, is_new;
    int hours_count;
    const rg_hours_in_t *hours;
    const char *seen; /* its mark; "": whatever it is */
    const char
        *why; /* when bookings lose what they stand on: "leaves", "broken", "new-hours", "other" */
} rg_resource_in_t;
/* Stores it whole. Shorter hours, a capability less or not being active may take from bookings what
 * they stand on: without a reason that is RG_PRECONDITION with all of them; with one it is stored,
 * and they are conflicts until somebody decides about each (rg_closure_conflicts). RG_INVALID by
 * field ("hours[2].start"), RG_CONFLICT when it was changed since SEEN. */
rg_outcome_t rg_resource_save(rg_conflict_t **hit, int *count, rg_ctx_t *ctx,
                              const rg_resource_in_t *in);

/* --- address.c: where the clinic is, and what its own identifiers are called ------------------ */

typedef struct {
    const char *names;    /* policy->names as they were first said; NULL: nobody did yet */
    rg_base_row_t *bases; /* of the last 30 days, the last one said first */
    int base_count;
} rg_whereabouts_t;

/* Remembers the policy's public base as said now, and its names unless some are kept already. */
rg_outcome_t rg_address_tell(rg_ctx_t *ctx);
rg_outcome_t rg_address_read(rg_whereabouts_t *out, rg_ctx_t *ctx);
/* Another URI from now on. RG_INVALID with a problem. Admin; audited. */
rg_outcome_t rg_names_set(rg_ctx_t *ctx, const char *names);

/* --- feed.c: private iCalendar feeds ---------------------------------------------------------- */

/* A new feed of the resource (its code) for NAME (may be NULL). *TOKEN, 43 base64url characters, is
 * what its address ends with; only its hash is kept. RG_INVALID for the name, RG_NOT_FOUND for the
 * resource, each with problems. Admin. */
rg_outcome_t rg_feed_add(const char **token, rg_ctx_t *ctx, const char *resource_code,
                         const char *name);
/* Every feed, oldest first. Admin. */
rg_outcome_t rg_feed_list(rg_feed_row_t **out, int *count, rg_ctx_t *ctx);
/* Its address answers nothing any more. RG_NOT_FOUND when there is none, or it was revoked before.
 * Admin. */
rg_outcome_t rg_feed_revoke(rg_ctx_t *ctx, int64_t id);
/* What is taken of the feed's resource from 30 days ago to 400 days ahead, by who has the token.
 * Holds are left out: they come and go faster than calendars look. RG_NOT_FOUND for a token that is
 * unknown or revoked. Two statements. */
rg_outcome_t rg_feed_read(rg_feed_t **out, rg_ctx_t *ctx, const char *token);

#endif
