/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of visits and people for API clients. */
#ifndef REGEN_STORE_API_H
#define REGEN_STORE_API_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_tables.h>
#include <apr_time.h>

#include "regen/core/ctx.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/order.h"
#include "regen/model/patient.h"
#include "regen/store/store.h"

/* Version of the definitions, when they last changed, and rg_names_read's answer. */
rg_outcome_t rg_directory_version(rg_db_t *db, const rg_ctx_t *ctx, uint64_t *version,
                                  apr_time_t *changed, const char **names);

/* --- orders.c --------------------------------------------------------------------------------- */

/* The filter of a list of treatment orders; "" is no limit. */
typedef struct {
    const char *uids[RG_VISIT_UIDS]; /* [0] NULL: any */
    const char *patient_uid;
    const char *statuses;   /* active, completed, revoked: with commas */
    apr_time_t from, until; /* signed in [from, until) */
    int64_t after_id;       /* 0: from the beginning */
    int limit;
    int64_t made_by; /* only those that a booking of this token is on; 0: all */
} rg_order_filter_t;
/* Pushes rg_order_t in the order they were signed, at most LIMIT. One statement. */
rg_outcome_t rg_orders_read(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_filter_t *f,
                            apr_array_header_t *out);
/* The number of matches after AFTER_ID, regardless of limit. One statement. */
rg_outcome_t rg_orders_count(rg_db_t *db, const rg_ctx_t *ctx, const rg_order_filter_t *f,
                             int64_t *out);

/* --- directory.c ------------------------------------------------------------------------------ */

/* The filter of a list of visits, and where the last page ended. Lists are ids or words separated
 * by commas; "" is no limit. */
typedef struct {
    const char *uids[RG_VISIT_UIDS];      /* [0] NULL: any */
    const char *booking_uid;              /* "": any */
    const char *patient_uid;              /* "": any */
    const char *statuses;                 /* names of rg_visit_status_t */
    const char *services, *sites, *rooms; /* sites and rooms: any of both matches */
    const char *with[RG_VISIT_WITH];      /* one of each list must take part */
    apr_time_t from, until;               /* of the start: [from, until) */
    apr_time_t changed_from, changed_until;
    bool by_change;              /* in order of change, not of start; AFTER_ID is a booking then */
    int64_t after_key, after_id; /* unix seconds and id; a first page has 0, 0 */
    int limit;
    int64_t made_by; /* only those made with this token; 0: all */
} rg_visit_filter_t;
/* Pushes rg_visit_t in the order of the filter, at most LIMIT. One statement. */
rg_outcome_t rg_visits_read(rg_db_t *db, const rg_ctx_t *ctx, const rg_visit_filter_t *f,
                            apr_array_header_t *out);
/* The number of matches, regardless of page and limit. One statement. */
rg_outcome_t rg_visits_count(rg_db_t *db, const rg_ctx_t *ctx, const rg_visit_filter_t *f,
                             int64_t *out);

typedef struct {
    const char *uids[RG_VISIT_UIDS];
    rg_word_t family, given, name; /* as typed, "": any; NAME fits either */
    const char *email, *phone;     /* whole; "": any */
    rg_date_t born_from, born_to;  /* both inclusive */
    apr_time_t changed_from, changed_until;
    int64_t after_id;
    int limit;
    int64_t made_by; /* only patients of bookings made with this token; 0: all */
} rg_person_filter_t;
/* Pushes rg_person_t by id. One statement; two if only the time of change is filtered. */
rg_outcome_t rg_people_read(rg_db_t *db, const rg_ctx_t *ctx, const rg_person_filter_t *f,
                            apr_array_header_t *out);

rg_outcome_t rg_people_count(rg_db_t *db, const rg_ctx_t *ctx, const rg_person_filter_t *f,
                             int64_t *out);

/* Pushes rg_busy_t of one resource that begin in [from, until), by begin. One statement. */
rg_outcome_t rg_busy_read(rg_db_t *db, const rg_ctx_t *ctx, int64_t resource_id, apr_time_t from,
                          apr_time_t until, int limit, apr_array_header_t *out);

#endif
