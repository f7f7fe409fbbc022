/* SPDX-License-Identifier: Apache-2.0 */
/* Services, sites, resources and closures; addresses; feeds. */
#ifndef REGEN_STORE_DEFINITIONS_H
#define REGEN_STORE_DEFINITIONS_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_pools.h>
#include <apr_tables.h>
#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/definition.h"
#include "regen/model/feed.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/store/store.h"

/* --- service.c: the catalogue ----------------------------------------------------------------- */

/* The clinic's definitions as one value. Days are rg_date_days of the site's local days. */
typedef struct {
    int weekday, start, end; /* ISO weekday; minutes of the local day */
    int first_day, last_day; /* valid, both inclusive */
} rg_opening_t;
typedef struct {
    int64_t site_id, resource_id; /* resource 0: the whole site */
    int first_day, last_day;
    int start, end; /* minutes of each of these days */
} rg_closure_t;

/* --- closure.c -------------------------------------------------------------------------------- */

typedef struct {
    rg_resource_t resource;
    int64_t site_id;
    int capability_count;
    const char **capabilities;
    int opening_count;
    rg_opening_t *openings;
} rg_clinic_resource_t;

/* --- service.c: the catalogue ----------------------------------------------------------------- */

typedef struct {
    rg_service_t service;
    bool active;
} rg_clinic_service_t;
typedef struct {
    uint64_t version;
    int unusable;   /* sites that are left out with all they have: no clock is known for them */
    int site_count; /* each has a time zone */
    rg_site_t *sites;
    int service_count;
    rg_clinic_service_t *services; /* in display order, inactive ones too: old bookings need them */
    int resource_count;
    rg_clinic_resource_t *resources; /* ascending id, inactive ones too */
    apr_time_t prices_until;         /* some price may be another one from then on */
    int closure_count;
    rg_closure_t *closures;
    int64_t *closure_ids;         /* same places */
    const char **closure_kinds;   /* same indexes; NULL if closures are only tried */
    const char **closure_reasons; /* likewise */
} rg_clinic_t;

/* Changes whenever a definition does (by triggers), and is never the same for two databases. */
rg_outcome_t rg_clinic_version(rg_db_t *db, const rg_ctx_t *ctx, uint64_t *version);
/* Reads all definitions into P in a constant number of statements. The clinic room caches the
 * result for the process: use-cases call rg_clinic_get of mod_regen/clinic/definitions/catalogue.h,
 * never this. */
rg_outcome_t rg_clinic_load(rg_db_t *db, const rg_ctx_t *ctx, rg_clinic_t **out, apr_pool_t *p);

/* --- service_write.c -------------------------------------------------------------------------- */

/* definitions/service_write.c. All in the caller's transaction. Makes other editors of definitions
 * wait until it ends. */
rg_outcome_t rg_clinic_lock(rg_db_t *db, const rg_ctx_t *ctx);
/* Display order, recalls (by seq), forms and screenings of definitions whose service.id is set:
 * four statements. */
rg_outcome_t rg_service_extras(rg_db_t *db, const rg_ctx_t *ctx, rg_service_def_t *defs, int count);
typedef struct {
    int64_t id;
    const char *code;
} rg_form_code_t;
/* Every consent form, by code. */
rg_outcome_t rg_form_codes(rg_db_t *db, const rg_ctx_t *ctx, rg_form_code_t **out, int *count);
/* The number of bookings of the service that are not over, of those with more than HOLD_MINUTES
 * planned from harvest to injection, and of units on record. */
typedef struct {
    int live, too_late, units;
} rg_service_use_t;
rg_outcome_t rg_service_use(rg_db_t *db, const rg_ctx_t *ctx, rg_service_use_t *out,
                            int64_t service_id, int hold_minutes);
/* Writes the definition as a whole, except its fallback and code: service.id 0 inserts (with the
 * code) and sets it. service.site_id and the recalls' seqs are the caller's. RG_CONFLICT: the code
 * is taken. */
rg_outcome_t rg_service_put(rg_db_t *db, const rg_ctx_t *ctx, rg_service_def_t *d);
rg_outcome_t rg_service_put_fallback(rg_db_t *db, const rg_ctx_t *ctx, int64_t id,
                                     int64_t fallback_id);

/* --- closure.c -------------------------------------------------------------------------------- */

/* definitions/closure.c. One resource occupied by one step of a booking that is not over. */
typedef struct {
    int64_t booking_id, service_id, resource_id;
    int booking_version, step_no, need_no;
    rg_step_kind_t step_kind;
    apr_time_t starts_at, busy_from, busy_until; /* the booking's start; the span */
    bool outside_meant; /* booked outside hours on purpose (booking_override) */
} rg_taken_t;
typedef struct {
    int64_t site_id, resource_id; /* 0: all */
    apr_time_t from, until;       /* spans that overlap it; never before ctx->now; 0: no limit */
} rg_taken_ask_t;
/* Every such span, by start of the booking: one statement. */
rg_outcome_t rg_taken_read(rg_db_t *db, const rg_ctx_t *ctx, rg_taken_t **out, int *count,
                           const rg_taken_ask_t *ask);
/* A booking that stays in spite of a conflict. */
typedef struct {
    int64_t closure_id;  /* 0: by resource and kind */
    int64_t resource_id; /* 0: by closure */
    rg_conflict_kind_t kind;
    int64_t booking_id;
    int booking_version;
    apr_time_t starts_at;
    const char *reason; /* written only */
} rg_kept_t;
/* Decisions about bookings that are not over: one statement. */
rg_outcome_t rg_kept_read(rg_db_t *db, const rg_ctx_t *ctx, rg_kept_t **out, int *count);
/* Stamped with ctx->now and the person; a new decision replaces the old one. */
rg_outcome_t rg_kept_put(rg_db_t *db, const rg_ctx_t *ctx, const rg_kept_t *kept);
/* Sets row->id; site_id and resource_id are the caller's. RG_CONFLICT: the same closure exists. */
rg_outcome_t rg_closure_insert(rg_db_t *db, const rg_ctx_t *ctx, rg_closure_row_t *row,
                               int64_t site_id, int64_t resource_id);
/* With its decisions. RG_NOT_FOUND. */
rg_outcome_t rg_closure_delete(rg_db_t *db, const rg_ctx_t *ctx, int64_t id);
/* Those whose last day is DAY or later, in order of time. */
rg_outcome_t rg_closure_rows(rg_db_t *db, const rg_ctx_t *ctx, rg_closure_row_t **out, int *count,
                             rg_date_t day);
/* Writes the resource with all its capabilities and hours; resource.id 0 inserts (with code and
 * site) and sets it. Capabilities that are new to it count from SINCE on (0: always). RG_CONFLICT:
 * the code is taken. */
rg_outcome_t rg_resource_put(rg_db_t *db, const rg_ctx_t *ctx, rg_clinic_resource_t *r,
                             apr_time_t since);

/* --- address.c -------------------------------------------------------------------------------- */

/* The address of the clinic's own identifiers; NULL: not stored yet. */
rg_outcome_t rg_names_read(rg_db_t *db, const rg_ctx_t *ctx, const char **names);
/* Stores it unless one is stored already. */
rg_outcome_t rg_names_keep(rg_db_t *db, const rg_ctx_t *ctx, const char *names);
rg_outcome_t rg_names_change(rg_db_t *db, const rg_ctx_t *ctx, const char *names);
/* Pushes rg_base_row_t, the most recently reported first. */
rg_outcome_t rg_bases_read(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out);
rg_outcome_t rg_base_seen(rg_db_t *db, const rg_ctx_t *ctx, const char *base);
rg_outcome_t rg_bases_forget(rg_db_t *db, const rg_ctx_t *ctx, apr_time_t before);

/* --- feed.c ----------------------------------------------------------------------------------- */

/* RG_NOT_FOUND for an unknown resource. */
rg_outcome_t rg_feed_put(rg_db_t *db, const rg_ctx_t *ctx, int64_t *id,
                         const unsigned char hash[32], const char *resource_code, const char *name);
/* Pushes rg_feed_row_t, oldest first. */
rg_outcome_t rg_feed_rows(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out);
/* RG_NOT_FOUND if there is none, or it is revoked. */
rg_outcome_t rg_feed_end(rg_db_t *db, const rg_ctx_t *ctx, int64_t id);
/* The live feed with its resource, without entries. RG_NOT_FOUND. */
rg_outcome_t rg_feed_find(rg_db_t *db, const rg_ctx_t *ctx, rg_feed_t **out,
                          const unsigned char hash[32]);
/* Pushes rg_feed_entry_t of bookings that overlap [from, until): live ones, and those released
 * after SINCE; by booking and time, at most LIMIT. One row per step. */
rg_outcome_t rg_feed_entries(rg_db_t *db, const rg_ctx_t *ctx, apr_array_header_t *out,
                             int64_t resource_id, apr_time_t from, apr_time_t until,
                             apr_time_t since, int limit);

#endif
