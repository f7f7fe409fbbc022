/* SPDX-License-Identifier: Apache-2.0 */
/* The types of the FHIR API with their search parameters and includes, and the operations. The
 * CapabilityStatement is made from here and from the route table, so it cannot be wrong. */
#include "fhir.h"

/* What may stand after a name. */
#define MISSING REGEN_CAN(REGEN_MISSING)
#define WORDS   (REGEN_CAN(REGEN_EXACT) | REGEN_CAN(REGEN_CONTAINS))
#define CODES   (REGEN_CAN(REGEN_NOT) | MISSING)

#define ID                                                                                         \
    {                                                                                              \
        "_id", REGEN_TOKEN, 0, NULL, NULL                                                          \
    }
#define CHANGED                                                                                    \
    {                                                                                              \
        "_lastUpdated", REGEN_DATE, 0, NULL, NULL                                                  \
    }
#define LAST                                                                                       \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* clang-format off */
static const regen_fhir_def_t location[] = {
    ID, CHANGED,
    {"name", REGEN_STRING, WORDS | MISSING, NULL, "name of the site or room"},
    {"address", REGEN_STRING, WORDS | MISSING, NULL, "any part of a site's address"},
    {"address-city", REGEN_STRING, WORDS | MISSING, NULL, NULL},
    {"address-state", REGEN_STRING, WORDS | MISSING, NULL, NULL},
    {"address-postalcode", REGEN_STRING, WORDS | MISSING, NULL, NULL},
    {"identifier", REGEN_TOKEN, CODES, NULL, NULL},
    {"partof", REGEN_REFERENCE, MISSING, "Location", "the rooms of a site"},
    {"status", REGEN_TOKEN, CODES, NULL, NULL},
    LAST};
static const regen_fhir_def_t service[] = {
    ID, CHANGED,
    {"name", REGEN_STRING, WORDS | MISSING, NULL, NULL},
    {"active", REGEN_TOKEN, CODES, NULL, NULL},
    {"identifier", REGEN_TOKEN, CODES, NULL, NULL},
    {"service-type", REGEN_TOKEN, CODES, NULL, "the service's code"},
    {"location", REGEN_REFERENCE, MISSING, "Location", NULL},
    LAST};
static const regen_fhir_def_t practitioner[] = {
    ID, CHANGED,
    {"name", REGEN_STRING, WORDS | MISSING, NULL, NULL},
    {"family", REGEN_STRING, WORDS | MISSING, NULL, NULL},
    {"given", REGEN_STRING, WORDS | MISSING, NULL, NULL},
    {"active", REGEN_TOKEN, CODES, NULL, NULL},
    {"identifier", REGEN_TOKEN, CODES, NULL, "NPI"},
    LAST};
static const regen_fhir_def_t role[] = {
    ID, CHANGED,
    {"practitioner", REGEN_REFERENCE, MISSING, "Practitioner", NULL},
    {"practitioner.identifier", REGEN_TOKEN, 0, NULL, NULL},
    {"location", REGEN_REFERENCE, MISSING, "Location", NULL},
    {"service", REGEN_REFERENCE, MISSING, "HealthcareService", NULL},
    {"specialty", REGEN_TOKEN, CODES, NULL, "NUCC taxonomy"},
    {"active", REGEN_TOKEN, CODES, NULL, NULL},
    LAST};
static const regen_fhir_def_t device[] = {
    ID, CHANGED,
    {"device-name", REGEN_STRING, WORDS | MISSING, NULL, NULL},
    {"identifier", REGEN_TOKEN, CODES, NULL, NULL},
    {"location", REGEN_REFERENCE, MISSING, "Location", NULL},
    {"status", REGEN_TOKEN, CODES, NULL, NULL},
    LAST};
static const regen_fhir_def_t schedule[] = {
    ID, CHANGED,
    {"actor", REGEN_REFERENCE, MISSING, "HealthcareService Location Practitioner Device",
     "a service's schedule has free slots, a resource's busy ones"},
    {"active", REGEN_TOKEN, CODES, NULL, NULL},
    {"service-type", REGEN_TOKEN, CODES, NULL, NULL},
    LAST};
static const regen_fhir_def_t slot[] = {
    ID,
    {"schedule", REGEN_REFERENCE, 0, "Schedule",
     "one to ten; this, service-type or _id is required"},
    {"service-type", REGEN_TOKEN, 0, NULL, NULL},
    {"start", REGEN_DATE, 0, NULL, "from now on without it"},
    {"status", REGEN_TOKEN, REGEN_CAN(REGEN_NOT), NULL,
     "free, busy, busy-tentative or busy-unavailable"},
    LAST};
static const regen_fhir_def_t appointment[] = {
    ID, CHANGED,
    {"patient", REGEN_REFERENCE, 0, "Patient", "one"},
    {"patient.identifier", REGEN_TOKEN, 0, NULL, "one"},
    {"date", REGEN_DATE, 0, NULL, "start of the visit"},
    {"status", REGEN_TOKEN, REGEN_CAN(REGEN_NOT), NULL, NULL},
    {"practitioner", REGEN_REFERENCE, 0, "Practitioner", NULL},
    {"practitioner.identifier", REGEN_TOKEN, 0, NULL, "NPI"},
    {"location", REGEN_REFERENCE, 0, "Location", "a site or a room"},
    {"location.identifier", REGEN_TOKEN, 0, NULL, NULL},
    {"location.name", REGEN_STRING, WORDS, NULL, NULL},
    {"specialty", REGEN_TOKEN, 0, NULL, "NUCC taxonomy of one of the practitioners"},
    {"service-type", REGEN_TOKEN, REGEN_CAN(REGEN_NOT), NULL, NULL},
    {"identifier", REGEN_TOKEN, 0, NULL, "one booking: all its visits"},
    LAST};
static const regen_fhir_def_t patient[] = {
    ID, CHANGED,
    {"identifier", REGEN_TOKEN, 0, NULL, "one"},
    {"name", REGEN_STRING, WORDS, NULL, "either name"},
    {"family", REGEN_STRING, WORDS, NULL, NULL},
    {"given", REGEN_STRING, WORDS, NULL, NULL},
    {"birthdate", REGEN_DATE, 0, NULL, NULL},
    {"email", REGEN_TOKEN, 0, NULL, NULL},
    {"phone", REGEN_TOKEN, 0, NULL, NULL},
    LAST};
static const regen_fhir_def_t request[] = {
    ID,
    {"identifier", REGEN_TOKEN, 0, NULL, "one"},
    {"patient", REGEN_REFERENCE, 0, "Patient", "one"},
    {"status", REGEN_TOKEN, REGEN_CAN(REGEN_NOT), NULL,
     "active, completed, or revoked: also one whose time ran out"},
    {"authored", REGEN_DATE, 0, NULL, "when it was signed"},
    LAST};
/* clang-format on */

static const char *const none[] = {NULL};
static const char *const of_location[] = {"Location:partof", NULL};
static const char *const of_service[] = {"HealthcareService:location", NULL};
static const char *const of_role[] = {"PractitionerRole:practitioner", "PractitionerRole:location",
                                      "PractitionerRole:service", NULL};
static const char *const of_device[] = {"Device:location", NULL};
static const char *const of_schedule[] = {"Schedule:actor", NULL};
static const char *const of_slot[] = {"Slot:schedule", NULL};
static const char *const of_appointment[] = {"Appointment:patient", "Appointment:practitioner",
                                             "Appointment:location", "Appointment:actor", NULL};

#define DEFINED(type, params, includes, item_of)                                                   \
    {                                                                                              \
        type, false, params, includes, regen_find_definition, regen_total_by_walking,              \
            regen_get_definition, regen_include_definition, item_of                                \
    }

const regen_fhir_type_t regen_fhir_types[] = {
    DEFINED("Location", location, of_location, regen_item_location),
    DEFINED("HealthcareService", service, of_service, regen_item_service),
    DEFINED("Practitioner", practitioner, none, regen_item_practitioner),
    DEFINED("PractitionerRole", role, of_role, regen_item_role),
    DEFINED("Device", device, of_device, regen_item_device),
    DEFINED("Schedule", schedule, of_schedule, regen_item_schedule),
    {"Slot", false, slot, of_slot, regen_find_slot, regen_total_by_walking, regen_get_slot,
     regen_include_slot, NULL},
    {"Appointment", true, appointment, of_appointment, regen_find_visit, regen_total_visits,
     regen_get_visit, regen_include_visit, NULL},
    {"Patient", true, patient, none, regen_find_person, regen_total_people, regen_get_person,
     regen_include_definition, NULL},
    {"ServiceRequest", true, request, none, regen_find_request, regen_total_requests,
     regen_get_request, regen_include_definition, NULL},
    {.name = NULL}};

#define IHE "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-"

const regen_fhir_operation_t regen_fhir_operations[] = {
    {"Claim", "validate", "http://hl7.org/fhir/OperationDefinition/Resource-validate", NULL,
     "Takes application/fhir+xml only, because HL7's schema for R4 is for XML: write a Claim in "
     "JSON "
     "as XML first. Checks that it is a Claim, the schema, sequences, local references, the form "
     "of "
     "identifiers and codes, and the rules that claims from here are held to (sums, currencies, "
     "days, diagnoses, and of professional claims modifiers), as far as the Claim tells by itself. "
     "The answer is an OperationOutcome, as XML or JSON."},
    {"Appointment", "find", IHE "find", regen_find_args,
     "Times at which a whole treatment can be done, with the visits it takes and who would serve. "
     "What is not known here is refused; pages are followed by the next link."},
    {"Appointment", "hold", IHE "hold", regen_hold_args,
     "Holds what $find proposed, all visits of it, for some minutes. Asked again by the same "
     "client it is the same hold. An Appointment that came back changed is refused by what "
     "differs. A time that was taken is 409 with a Bundle whose OperationOutcome names others. "
     "$find knows no order and proposes times for one target: based on an order of several, what "
     "is held takes longer, as the answer says, and the others of a 409 fit that."},
    {"Appointment", "book", IHE "book", regen_book_args,
     "Books a hold or a proposal (status pending), moves what is booked (status booked and another "
     "start) or cancels it (status cancelled). A header If-Match names the version; "
     "Idempotency-Key may name the request."},
    {NULL, NULL, NULL, NULL, NULL}};
