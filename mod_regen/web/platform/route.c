/* SPDX-License-Identifier: Apache-2.0 */
/* The route table: which URL goes to which handler, for whom, with what body. Start here to find
 * any behaviour. Below it, the look-up; http/match.c has the matching of one row. */
#include "platform.h"
#include "regen/core/ctx.h"

#include <string.h>

#define KIB          1024
#define BILLING      (RG_ROLE_BILLING | RG_ROLE_ADMIN)
#define TREATS       (RG_ROLE_CLINICIAN | RG_ROLE_ADMIN)
#define DESK         RG_ROLE_DESK
#define BOOKING      (REGEN_PATIENT_AREA | REGEN_OF_BOOKING)
#define PLACE        (REGEN_PATIENT_AREA | REGEN_OF_PLACE)
#define FINDS_PEOPLE REGEN_LIMITED(REGEN_LIMIT_PEOPLE)

/* method, pattern below the mount, roles, body cap, accepted bodies, flags, handler */
const regen_route_t regen_routes[] = {
    /* --- platform: static.c, health.c, staff/login.c, fhir/metadata.c ------------------------- */
    {"GET", "/static/*", 0, 0, 0, REGEN_NO_DB, regen_h_static},
    {"GET", "/health", 0, 0, 0, 0, regen_h_health_ready},
    {"GET", "/health/live", 0, 0, 0, REGEN_NO_DB, regen_h_health_live},
    {"GET", "/health/ready", 0, 0, 0, 0, regen_h_health_ready},
    {"GET", "/login", 0, 0, 0, 0, regen_h_login_page},
    /* Outside /staff, so that a sysadmin may put a Require line around that. */
    {"GET", "/staff/login", 0, 0, 0, REGEN_NO_DB, regen_h_login_alias},
    {"POST", "/login", 0, 8 * KIB, REGEN_FORM, REGEN_NO_IDEM, regen_h_login},
    {"POST", "/logout", RG_ROLE_STAFF, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA | REGEN_NO_IDEM,
     regen_h_logout},
    {"GET", "/fhir/metadata", 0, 0, 0, REGEN_NO_DB, regen_h_metadata},
    {"GET", "/fhir/OperationDefinition/*", 0, 0, 0, REGEN_NO_DB, regen_h_own_operation},
    {"GET", "/fhir/StructureDefinition/*", 0, 0, 0, REGEN_NO_DB, regen_h_own_extension},
    {"POST", "/fhir/Claim/$validate", RG_ROLE_MACHINE, 512 * KIB, REGEN_XML,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_validate},
    /* --- patients: patient_*.c ---------------------------------------------------------------- */
    {"GET", "/", 0, 0, 0, 0, regen_h_treatments},
    {"GET", "/services/*", 0, 0, 0, 0, regen_h_service},
    {"GET", "/services/*/times", 0, 0, 0, REGEN_LIMITED(REGEN_LIMIT_SEARCH), regen_h_times},
    {"POST", "/holds", 0, 4 * KIB, REGEN_FORM, REGEN_PERSONAL, regen_h_hold},
    {"GET", "/b/*", 0, 0, 0, REGEN_PERSONAL | REGEN_SECRET_PATH | REGEN_LIMITED(REGEN_LIMIT_LINK),
     regen_h_link},
    {"GET", "/booking", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_booking},
    {"GET", "/booking/details", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_details_page},
    {"POST", "/booking/details", RG_ROLE_PATIENT, 32 * KIB, REGEN_FORM, BOOKING, regen_h_details},
    {"GET", "/booking/consent", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_consents},
    {"GET", "/booking/consent/*", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_consent_page},
    {"POST", "/booking/consent/*", RG_ROLE_PATIENT, 16 * KIB, REGEN_FORM, BOOKING, regen_h_consent},
    {"GET", "/booking/consent/*/withdraw", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_withdraw_page},
    {"POST", "/booking/consent/*/withdraw", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING,
     regen_h_withdraw},
    {"GET", "/booking/check", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_check_page},
    {"POST", "/booking/check", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, regen_h_check},
    {"GET", "/booking/calendar.ics", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_calendar},
    {"POST", "/booking/place", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, regen_h_place},
    {"GET", "/booking/place", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_back},
    {"GET", "/booking/cancel", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_cancel_page},
    {"POST", "/booking/cancel", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, regen_h_cancel},
    {"POST", "/booking/extend", RG_ROLE_PATIENT, 32 * KIB, REGEN_FORM, BOOKING, regen_h_extend},
    {"POST", "/booking/release", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, regen_h_release},
    /* Deeds in the address bar, or reloaded: to where the person is. */
    {"GET", "/booking/extend", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_back},
    {"GET", "/booking/release", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_back},
    {"GET", "/booking/recalls/stop", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_back},
    {"GET", "/booking/recalls/start", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_back},
    {"GET", "/waiting/accept", RG_ROLE_PATIENT, 0, 0, PLACE, regen_h_back},
    {"GET", "/waiting/decline", RG_ROLE_PATIENT, 0, 0, PLACE, regen_h_back},
    {"GET", "/waiting/leave", RG_ROLE_PATIENT, 0, 0, PLACE, regen_h_back},
    {"GET", "/holds", 0, 0, 0, REGEN_PERSONAL, regen_h_back},
    {"GET", "/bookings", RG_ROLE_PATIENT, 0, 0, REGEN_PATIENT_AREA, regen_h_bookings},
    {"GET", "/booking/leave", RG_ROLE_PATIENT, 0, 0, REGEN_PATIENT_AREA, regen_h_leave_page},
    {"POST", "/booking/leave", 0, 32 * KIB, REGEN_FORM, REGEN_PERSONAL | REGEN_NO_IDEM,
     regen_h_leave},
    {"GET", "/open", 0, 0, 0, 0, regen_h_number_page},
    {"POST", "/open", 0, 4 * KIB, REGEN_FORM,
     REGEN_PERSONAL | REGEN_NO_IDEM | REGEN_LIMITED(REGEN_LIMIT_LINK), regen_h_number},
    {"GET", "/booking/open", RG_ROLE_PATIENT, 0, 0, REGEN_PATIENT_AREA, regen_h_open_page},
    {"POST", "/booking/open", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM,
     REGEN_PATIENT_AREA | REGEN_NO_IDEM | REGEN_LIMITED(REGEN_LIMIT_LINK), regen_h_open},
    /* --- staff: staff_*.c --------------------------------------------------------------------- */
    {"GET", "/staff", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_board},
    {"GET", "/staff/bookings/*", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_chart},
    {"GET", "/staff/units/*/label", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_unit_label},
    {"POST", "/staff/bookings/*/check-in", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_check_in},
    {"POST", "/staff/bookings/*/harvest", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_harvest},
    {"POST", "/staff/bookings/*/process", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_process},
    {"POST", "/staff/bookings/*/inject", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_inject},
    {"POST", "/staff/bookings/*/complete", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_complete},
    {"POST", "/staff/bookings/*/diagnose", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_diagnose},
    {"POST", "/staff/bookings/*/dispose", TREATS, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_dispose},
    {"POST", "/staff/bookings/*/no-show", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_no_show},
    {"POST", "/staff/bookings/*/cancel", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_staff_cancel},
    /* --- billing and FHIR: billing_*.c, fhir_*.c ---------------------------------------------- */
    {"GET", "/billing", BILLING, 0, 0, REGEN_STAFF_AREA, regen_h_billing},
    {"GET", "/billing/bookings/*", BILLING, 0, 0, REGEN_STAFF_AREA, regen_h_account},
    {"POST", "/billing/bookings/*/invoice", BILLING, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_invoice_make},
    {"POST", "/billing/bookings/*/claim", BILLING, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_claim_make},
    {"POST", "/billing/invoices", BILLING, 16 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_invoices_make},
    {"POST", "/billing/claims", BILLING, 16 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_claims_make},
    {"GET", "/billing/invoices/*", BILLING, 0, 0, REGEN_STAFF_AREA, regen_h_invoice},
    {"GET", "/billing/claims/*", BILLING, 0, 0, REGEN_STAFF_AREA, regen_h_claim},
    {"GET", "/billing/claims/*/file", BILLING, 0, 0, REGEN_STAFF_AREA, regen_h_claim_file},
    /* --- moving a booking: patient/move.c ----------------------------------------------------- */
    {"GET", "/booking/move", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_move_page},
    {"GET", "/booking/move/check", RG_ROLE_PATIENT, 0, 0, BOOKING, regen_h_move_check},
    {"POST", "/booking/move", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING, regen_h_move},
    /* --- rules: admin_*.c --------------------------------------------------------------------- */
    {"GET", "/staff/admin/services", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, regen_h_services},
    {"GET", "/staff/admin/service-new", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, regen_h_service_new},
    {"POST", "/staff/admin/service-new", RG_ROLE_ADMIN, 160 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_service_save},
    {"GET", "/staff/admin/services/*", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, regen_h_service_edit},
    {"POST", "/staff/admin/services/*", RG_ROLE_ADMIN, 160 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_service_save},
    {"POST", "/staff/admin/services/*/active", RG_ROLE_ADMIN, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_service_active},
    {"GET", "/staff/admin/resources", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, regen_h_resources},
    {"GET", "/staff/admin/resource-new", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA,
     regen_h_resource_new},
    {"POST", "/staff/admin/resource-new", RG_ROLE_ADMIN, 48 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_resource_save},
    {"GET", "/staff/admin/resources/*", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, regen_h_resource},
    {"POST", "/staff/admin/resources/*", RG_ROLE_ADMIN, 48 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_resource_save},
    {"GET", "/staff/admin/staff", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, regen_h_staff_list},
    {"POST", "/staff/admin/staff/*", RG_ROLE_ADMIN, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_staff_do},
    {"GET", "/staff/admin/closures", RG_ROLE_ADMIN, 0, 0, REGEN_STAFF_AREA, regen_h_closures},
    {"POST", "/staff/admin/closures", RG_ROLE_ADMIN, 64 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_closure_add},
    {"POST", "/staff/admin/closures/*/remove", RG_ROLE_ADMIN, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_closure_remove},
    {"POST", "/staff/admin/conflicts/keep", RG_ROLE_ADMIN, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_conflict_keep},
    /* --- waitlist, messages, recalls ---------------------------------------------------------- */
    {"POST", "/booking/recalls/stop", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING,
     regen_h_recalls_stop},
    {"POST", "/booking/recalls/start", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, BOOKING,
     regen_h_recalls_start},
    {"GET", "/staff/recalls", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_recalls},
    {"POST", "/staff/recalls/*/attempt", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_recall_attempt},
    {"POST", "/staff/recalls/*/opt-out", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_recall_opt_out},
    {"GET", "/services/*/wait", 0, 0, 0, 0, regen_h_wait_form},
    {"POST", "/services/*/wait", 0, 8 * KIB, REGEN_FORM,
     REGEN_PERSONAL | REGEN_LIMITED(REGEN_LIMIT_JOIN), regen_h_wait_join},
    {"GET", "/w/*", 0, 0, 0, REGEN_PERSONAL | REGEN_SECRET_PATH | REGEN_LIMITED(REGEN_LIMIT_LINK),
     regen_h_wait_link},
    {"GET", "/waiting", RG_ROLE_PATIENT, 0, 0, PLACE, regen_h_waiting},
    {"POST", "/waiting/accept", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, PLACE | REGEN_NO_IDEM,
     regen_h_wait_accept},
    {"POST", "/waiting/decline", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, PLACE, regen_h_wait_decline},
    {"POST", "/waiting/leave", RG_ROLE_PATIENT, 4 * KIB, REGEN_FORM, PLACE, regen_h_wait_leave},
    {"GET", "/staff/waitlist", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_waitlist},
    {"POST", "/staff/waitlist", DESK, 4 * KIB, REGEN_FORM,
     FINDS_PEOPLE | REGEN_STAFF_AREA | REGEN_NO_IDEM, regen_h_waitlist_search},
    {"GET", "/staff/services/*/wait", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_waitlist_form},
    {"POST", "/staff/services/*/wait", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_waitlist_join},
    {"POST", "/staff/waitlist/*/accept", DESK, 4 * KIB, REGEN_FORM,
     REGEN_STAFF_AREA | REGEN_NO_IDEM, regen_h_waitlist_accept},
    {"POST", "/staff/waitlist/*/decline", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_waitlist_decline},
    {"POST", "/staff/waitlist/*/link", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_waitlist_link},
    {"POST", "/staff/waitlist/*/remove", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_waitlist_remove},
    {"GET", "/staff/messages", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_outbox},
    /* --- desk: staff/desk.c, staff/desk_book.c ------------------------------------------------ */
    {"GET", "/staff/week", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_week},
    {"GET", "/staff/block", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_block_page},
    {"POST", "/staff/block", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, regen_h_block},
    {"POST", "/staff/block/*/remove", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA, regen_h_unblock},
    {"GET", "/staff/patients", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_desk},
    {"POST", "/staff/patients", DESK, 4 * KIB, REGEN_FORM,
     FINDS_PEOPLE | REGEN_STAFF_AREA | REGEN_NO_IDEM, regen_h_desk_search},
    {"POST", "/staff/patients/*/reminders", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_recall_opt_in},
    {"GET", "/staff/patients/*", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_desk_patient},
    {"GET", "/staff/times", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_desk_times},
    {"POST", "/staff/holds", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA, regen_h_desk_hold},
    {"GET", "/staff/bookings/*/move", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_desk_move_page},
    {"POST", "/staff/bookings/*/move", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_desk_move},
    {"GET", "/staff/bookings/*/replan", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_replan_page},
    {"POST", "/staff/bookings/*/replan", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_replan},
    {"GET", "/staff/bookings/*/details", DESK, 0, 0, REGEN_STAFF_AREA, regen_h_desk_details_page},
    {"POST", "/staff/bookings/*/details", DESK, 32 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_desk_details},
    {"POST", "/staff/bookings/*/place", DESK, 4 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_desk_place},
    {"POST", "/staff/bookings/*/book", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_desk_book},
    {"POST", "/staff/bookings/*/both", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_both_right},
    {"POST", "/staff/bookings/*/link", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_desk_link},
    {"POST", "/staff/bookings/*/release", DESK, 8 * KIB, REGEN_FORM, REGEN_STAFF_AREA,
     regen_h_desk_release},
    /* --- feeds -------------------------------------------------------------------------------- */
    {"GET", "/feeds/*", 0, 0, 0, REGEN_SECRET_PATH | REGEN_LIMITED(REGEN_LIMIT_LINK), regen_h_feed},
    /* --- machines: fhir_*.c ------------------------------------------------------------------- */
    {"GET", "/fhir/$bulk-publish", 0, 0, 0, REGEN_LIMITED(REGEN_LIMIT_SEARCH),
     regen_h_bulk_manifest},
    {"GET", "/fhir/$bulk-publish/*", 0, 0, 0, REGEN_LIMITED(REGEN_LIMIT_SEARCH), regen_h_bulk_file},
    {"GET", "/fhir/Claim/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_claim},
    {"GET", "/fhir/Location", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_search},
    {"POST", "/fhir/Location/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_search},
    {"GET", "/fhir/Location/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_read},
    {"GET", "/fhir/HealthcareService", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_search},
    {"POST", "/fhir/HealthcareService/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_search},
    {"GET", "/fhir/HealthcareService/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_read},
    {"GET", "/fhir/Practitioner", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_search},
    {"POST", "/fhir/Practitioner/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_search},
    {"GET", "/fhir/Practitioner/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_read},
    {"GET", "/fhir/PractitionerRole", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_search},
    {"POST", "/fhir/PractitionerRole/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_search},
    {"GET", "/fhir/PractitionerRole/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_read},
    {"GET", "/fhir/Device", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_search},
    {"POST", "/fhir/Device/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_search},
    {"GET", "/fhir/Device/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_read},
    {"GET", "/fhir/Schedule", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_search},
    {"POST", "/fhir/Schedule/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_search},
    {"GET", "/fhir/Schedule/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_read},
    {"GET", "/fhir/Slot", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_search},
    {"POST", "/fhir/Slot/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_search},
    {"GET", "/fhir/Slot/*", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_read},
    {"GET", "/fhir/Appointment/$find", RG_ROLE_MACHINE, 0, 0, REGEN_FHIR_AREA, regen_h_fhir_find},
    {"POST", "/fhir/Appointment/$find", RG_ROLE_MACHINE, 64 * KIB, REGEN_JSON | REGEN_XML,
     REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_find},
    {"POST", "/fhir/Appointment/$hold", RG_ROLE_MACHINE, 64 * KIB, REGEN_JSON | REGEN_XML,
     REGEN_FHIR_AREA | REGEN_WRITES, regen_h_fhir_hold},
    {"POST", "/fhir/Appointment/$book", RG_ROLE_MACHINE, 64 * KIB, REGEN_JSON | REGEN_XML,
     REGEN_FHIR_AREA | REGEN_WRITES, regen_h_fhir_book},
    {"GET", "/fhir/Appointment", RG_ROLE_MACHINE, 0, 0, FINDS_PEOPLE | REGEN_FHIR_AREA,
     regen_h_fhir_search},
    {"POST", "/fhir/Appointment/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     FINDS_PEOPLE | REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_search},
    {"GET", "/fhir/Appointment/*", RG_ROLE_MACHINE, 0, 0, FINDS_PEOPLE | REGEN_FHIR_AREA,
     regen_h_fhir_read},
    {"GET", "/fhir/Patient", RG_ROLE_MACHINE, 0, 0, FINDS_PEOPLE | REGEN_FHIR_AREA,
     regen_h_fhir_search},
    {"POST", "/fhir/Patient/_search", RG_ROLE_MACHINE, 8 * KIB, REGEN_FORM,
     FINDS_PEOPLE | REGEN_FHIR_AREA | REGEN_NO_IDEM, regen_h_fhir_search},
    {"GET", "/fhir/Patient/*", RG_ROLE_MACHINE, 0, 0, FINDS_PEOPLE | REGEN_FHIR_AREA,
     regen_h_fhir_read},
    {NULL, NULL, 0, 0, 0, 0, NULL}};

/* A guard test compares this with the names in the handlers. */
const char *const regen_templates_used[] = {
    "platform/problem.html", "staff/login.html", "platform/status.html", "platform/status.txt",
    /* patients */
    "patient/treatments.html", "patient/service.html", "patient/times.html", "patient/taken.html",
    "patient/gone.html", "patient/link.html", "patient/details.html", "patient/consents.html",
    "patient/consent.html", "patient/consent_signed.html", "patient/consent_withdraw.html",
    "patient/check.html", "patient/booking.html", "patient/cancel.html", "patient/bookings.html",
    "patient/open.html", "patient/number.html", "patient/leave.html",
    /* staff */
    "staff/board.html", "staff/chart.html", "staff/label.html", "billing/queue.html",
    "billing/account.html", "billing/invoice.html", "billing/claim.html",
    /* moving a booking */
    "patient/move.html",
    /* rules */
    "admin/closures.html", "admin/staff.html", "admin/resources.html", "admin/resource.html",
    "admin/services.html", "admin/service.html",
    /* waitlist, messages, recalls */
    "staff/recalls.html", "patient/waitlist_join.html", "patient/waitlist.html",
    "staff/waitlist.html", "staff/waitlist_join.html", "staff/waitlist_link.html",
    "staff/outbox.html", "mail/confirmation.txt", "mail/change.txt", "mail/cancellation.txt",
    "mail/waitlist_offer.txt", "mail/recall.txt", "mail/forms.txt",
    /* desk */
    "desk/patients.html", "desk/patient.html", "desk/times.html", "desk/details.html",
    "desk/link.html", "desk/move.html", "desk/replan.html", "desk/week.html", "desk/block.html",
    NULL};

static void capture(const char *args[REGEN_ROUTE_ARGS], const bool star[REGEN_SEGMENTS],
                    const char *const *segments, int count)
{
    int n = 0;
    int i;
    for (i = 0; i < count; i++) {
        if (star[i] && n < REGEN_ROUTE_ARGS) {
            args[n++] = segments[i];
        }
    }
    while (n < REGEN_ROUTE_ARGS) {
        args[n++] = NULL;
    }
}

const regen_route_t *regen_route_find(const regen_route_t *table, const char *method,
                                      const char *const *segments, int count,
                                      const char *args[REGEN_ROUTE_ARGS], unsigned *methods)
{
    const regen_route_t *found = NULL;
    const regen_route_t *row;
    int best = -1;
    const char *wanted = strcmp(method, "HEAD") == 0 ? "GET" : method;
    *methods = 0;
    for (row = table; row->method != NULL; row++) {
        bool star[REGEN_SEGMENTS] = {false};
        int literal;
        /* Most rows are told by one letter. */
        if (count > 0 && row->pattern[1] != segments[0][0] && row->pattern[1] != '*') {
            continue;
        }
        if (!regen_pattern_matches(row->pattern, segments, count, star)) {
            continue;
        }
        *methods |= strcmp(row->method, "GET") == 0 ? 1u << M_GET : 1u << M_POST;
        literal = regen_pattern_weight(star, count);
        /* "/bookings/new" before "/bookings/" and a star, wherever they stand in the table. */
        if (strcmp(row->method, wanted) == 0 && literal > best) {
            best = literal;
            found = row;
            capture(args, star, segments, count);
        }
    }
    return found;
}
