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

/* A row: method, pattern below the mount, roles, body cap, accepted bodies, flags, handler. */
extern const regen_route_t regen_routes_static[], regen_routes_health[],
    regen_routes_patient_catalogue[], regen_routes_patient_times[], regen_routes_patient_visitor[],
    regen_routes_patient_booking[], regen_routes_patient_details[], regen_routes_patient_consent[],
    regen_routes_patient_hold[], regen_routes_patient_move[], regen_routes_patient_waitlist[],
    regen_routes_patient_order[], regen_routes_staff_order[], regen_routes_login[],
    regen_routes_chart[], regen_routes_step[], regen_routes_staff_consent[], regen_routes_tablet[],
    regen_routes_recalls[], regen_routes_staff_waitlist[], regen_routes_messages[],
    regen_routes_desk_week[], regen_routes_desk_block[], regen_routes_desk[], regen_routes_record[],
    regen_routes_desk_book[], regen_routes_desk_replan[], regen_routes_feed[],
    regen_routes_supply[], regen_routes_admin_service[], regen_routes_admin_resource[],
    regen_routes_admin_staff[], regen_routes_admin_closure[], regen_routes_admin_audit[],
    regen_routes_fhir_metadata[], regen_routes_fhir_own[], regen_routes_fhir_validate[],
    regen_routes_fhir_bulk[], regen_routes_fhir_find[], regen_routes_fhir_book[],
    regen_routes_billing[], regen_routes_ledger[], regen_routes_estimates[],
    regen_routes_patient_question[], regen_routes_patient_account[], regen_routes_review[],
    regen_routes_fees[];

/* fhir/search.c: adds the rows of every type that is searched and read. */
void regen_fhir_routes(apr_array_header_t *rows);

#endif
