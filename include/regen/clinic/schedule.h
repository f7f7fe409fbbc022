/* SPDX-License-Identifier: Apache-2.0 */
/* Who is there, and when it is closed.
 *
 * One function is one business transaction. Each takes the context first after its results,
 * checks the caller's right to the record itself (a patient's session reaches its own booking
 * only; anything else answers RG_NOT_FOUND), adds to ctx->problems what a person can mend, and
 * writes an audit event in the same transaction for every change. Results live in ctx->pool. */
#ifndef REGEN_CLINIC_SCHEDULE_H
#define REGEN_CLINIC_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

/* When somebody or something is there by its weekly hours, in local days that follow each other. */
typedef struct {
    int resource, day; /* places in the board; day 0 is its first */
    apr_time_t from, until;
} rg_open_t;
/* … and when it is closed all the same: that part of a closure which lies in one day. */
typedef struct {
    int resource, day;
    apr_time_t from, until;
    int64_t closure_id;
    bool whole_site, whole_day;
    const char *kind, *reason; /* for staff: REASON is what somebody typed */
} rg_shut_t;
typedef struct {
    int open_count;
    rg_open_t *opens; /* by day, resource and time */
    int shut_count;
    rg_shut_t *shuts; /* likewise; closures may overlap each other */
} rg_presence_t;

#endif
