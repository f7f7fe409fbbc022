/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of routes: each is at the end of the file that has its handlers. This header has the
 * words for their rows, and the list of them for route.c. Private to the web room. */
#ifndef REGEN_ROUTE_H
#define REGEN_ROUTE_H

#include <apr_tables.h>

#include "app.h"
#include "regen/core/ctx.h"
#include "web.h"

#define KIB          1024
#define BILLING      (RG_ROLE_BILLING | RG_ROLE_ADMIN)
#define MONEY        (RG_ROLE_FRONT_DESK | RG_ROLE_BILLING | RG_ROLE_ADMIN)
#define TREATS       (RG_ROLE_CLINICIAN | RG_ROLE_ADMIN)
#define MERGES       (RG_ROLE_FRONT_DESK | RG_ROLE_ADMIN)
#define DESK         RG_ROLE_DESK
#define BOOKING      (REGEN_PATIENT_AREA | REGEN_OF_BOOKING)
#define PLACE        (REGEN_PATIENT_AREA | REGEN_OF_PLACE)
#define FINDS_PEOPLE REGEN_LIMITED(REGEN_LIMIT_PEOPLE)

/* Every table, by name: a new one gets its word here and nowhere else. The order of rows does not
 * matter for paths; the CapabilityStatement lists types in this order. */
#define REGEN_ROUTE_TABLES(X)                                                                      \
    X(static)                                                                                      \
    X(health)                                                                                      \
    X(patient_catalogue)                                                                           \
    X(patient_times)                                                                               \
    X(patient_visitor)                                                                             \
    X(patient_booking)                                                                             \
    X(patient_details)                                                                             \
    X(patient_consent)                                                                             \
    X(patient_hold)                                                                                \
    X(patient_move)                                                                                \
    X(patient_waitlist)                                                                            \
    X(patient_order)                                                                               \
    X(patient_question)                                                                            \
    X(patient_account)                                                                             \
    X(login)                                                                                       \
    X(chart)                                                                                       \
    X(step)                                                                                        \
    X(staff_consent)                                                                               \
    X(tablet)                                                                                      \
    X(staff_order)                                                                                 \
    X(recalls)                                                                                     \
    X(staff_waitlist)                                                                              \
    X(messages)                                                                                    \
    X(desk_week)                                                                                   \
    X(desk_block)                                                                                  \
    X(desk)                                                                                        \
    X(record)                                                                                      \
    X(desk_book)                                                                                   \
    X(desk_replan)                                                                                 \
    X(feed)                                                                                        \
    X(supply)                                                                                      \
    X(review)                                                                                      \
    X(admin_service)                                                                               \
    X(admin_resource)                                                                              \
    X(admin_staff)                                                                                 \
    X(admin_closure)                                                                               \
    X(admin_audit)                                                                                 \
    X(fees)                                                                                        \
    X(fhir_metadata)                                                                               \
    X(fhir_own)                                                                                    \
    X(fhir_validate)                                                                               \
    X(fhir_bulk)                                                                                   \
    X(fhir_find)                                                                                   \
    X(fhir_book)                                                                                   \
    X(billing)                                                                                     \
    X(ledger)                                                                                      \
    X(estimates)

/* A row: method, pattern below the mount, roles, body cap, accepted bodies, flags, handler. */
#define REGEN_ROUTE_TABLE(name) extern const regen_route_t regen_routes_##name[];
REGEN_ROUTE_TABLES(REGEN_ROUTE_TABLE)
#undef REGEN_ROUTE_TABLE

/* fhir/search.c: adds the rows of every type that is searched and read. */
void regen_fhir_routes(apr_array_header_t *rows);

#endif
