/* SPDX-License-Identifier: Apache-2.0 */
/* The types of the FHIR API with their search parameters and includes, and the operations. The
 * CapabilityStatement is read from here and from the route table, so it says what is there. */
#include "fhir.h"

#define LAST                                                                                       \
    {                                                                                              \
        NULL, REGEN_TOKEN, NULL, NULL                                                              \
    }

static const regen_fhir_def_t location[] = {
    {"name", REGEN_STRING, NULL, "name of the site or room"},
    {"address", REGEN_STRING, NULL, "any part of a site's address"},
    {"address-city", REGEN_STRING, NULL, NULL},
    {"address-state", REGEN_STRING, NULL, NULL},
    {"address-postalcode", REGEN_STRING, NULL, NULL},
    {"identifier", REGEN_TOKEN, NULL, NULL},
    {"partof", REGEN_REFERENCE, "Location", "the rooms of a site"},
    {"status", REGEN_TOKEN, NULL, NULL},
    LAST};
static const regen_fhir_def_t service[] = {
    {"name", REGEN_STRING, NULL, NULL},
    {"active", REGEN_TOKEN, NULL, NULL},
    {"identifier", REGEN_TOKEN, NULL, NULL},
    {"service-type", REGEN_TOKEN, NULL, "the service's code"},
    {"location", REGEN_REFERENCE, "Location", NULL},
    LAST};
static const regen_fhir_def_t practitioner[] = {
    {"name", REGEN_STRING, NULL, NULL},       {"family", REGEN_STRING, NULL, NULL},
    {"given", REGEN_STRING, NULL, NULL},      {"active", REGEN_TOKEN, NULL, NULL},
    {"identifier", REGEN_TOKEN, NULL, "NPI"}, LAST};
static const regen_fhir_def_t role[] = {{"practitioner", REGEN_REFERENCE, "Practitioner", NULL},
                                        {"location", REGEN_REFERENCE, "Location", NULL},
                                        {"service", REGEN_REFERENCE, "HealthcareService", NULL},
                                        {"specialty", REGEN_TOKEN, NULL, "NUCC taxonomy"},
                                        {"active", REGEN_TOKEN, NULL, NULL},
                                        LAST};
static const regen_fhir_def_t device[] = {{"device-name", REGEN_STRING, NULL, NULL},
                                          {"identifier", REGEN_TOKEN, NULL, NULL},
                                          {"location", REGEN_REFERENCE, "Location", NULL},
                                          {"status", REGEN_TOKEN, NULL, NULL},
                                          LAST};
static const regen_fhir_def_t schedule[] = {
    {"actor", REGEN_REFERENCE, "HealthcareService Location Practitioner Device",
     "a service's schedule has free slots, a resource's busy ones"},
    {"active", REGEN_TOKEN, NULL, NULL},
    {"service-type", REGEN_TOKEN, NULL, NULL},
    LAST};
static const regen_fhir_def_t slot[] = {
    {"schedule", REGEN_REFERENCE, "Schedule", "one to ten; this or service-type is required"},
    {"service-type", REGEN_TOKEN, NULL, NULL},
    {"start", REGEN_DATE, NULL, "from now on without it"},
    {"status", REGEN_TOKEN, NULL, "free, busy or busy-tentative"},
    LAST};
static const regen_fhir_def_t appointment[] = {
    {"patient", REGEN_REFERENCE, "Patient", "one"},
    {"date", REGEN_DATE, NULL, "start of the visit"},
    {"status", REGEN_TOKEN, NULL, NULL},
    {"practitioner", REGEN_REFERENCE, "Practitioner", NULL},
    {"location", REGEN_REFERENCE, "Location", "a site or a room"},
    {"service-type", REGEN_TOKEN, NULL, NULL},
    {"identifier", REGEN_TOKEN, NULL, "one booking: all its visits"},
    LAST};
static const regen_fhir_def_t patient[] = {{"name", REGEN_STRING, NULL, "begin of either name"},
                                           {"family", REGEN_STRING, NULL, NULL},
                                           {"given", REGEN_STRING, NULL, NULL},
                                           {"birthdate", REGEN_DATE, NULL, NULL},
                                           {"email", REGEN_TOKEN, NULL, NULL},
                                           {"phone", REGEN_TOKEN, NULL, NULL},
                                           LAST};

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

const regen_fhir_type_t regen_fhir_types[] = {
    {"Location", location, of_location, regen_find_definition, regen_get_definition,
     regen_include_definition, regen_item_location},
    {"HealthcareService", service, of_service, regen_find_definition, regen_get_definition,
     regen_include_definition, regen_item_service},
    {"Practitioner", practitioner, none, regen_find_definition, regen_get_definition,
     regen_include_definition, regen_item_practitioner},
    {"PractitionerRole", role, of_role, regen_find_definition, regen_get_definition,
     regen_include_definition, regen_item_role},
    {"Device", device, of_device, regen_find_definition, regen_get_definition,
     regen_include_definition, regen_item_device},
    {"Schedule", schedule, of_schedule, regen_find_definition, regen_get_definition,
     regen_include_definition, regen_item_schedule},
    {"Slot", slot, of_slot, regen_find_slot, regen_get_slot, regen_include_slot, NULL},
    {"Appointment", appointment, of_appointment, regen_find_visit, regen_get_visit,
     regen_include_visit, NULL},
    {"Patient", patient, none, regen_find_person, regen_get_person, regen_include_definition, NULL},
    {.name = NULL}};

#define IHE "https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/appointment-"

const regen_fhir_operation_t regen_fhir_operations[] = {
    {"Claim", "validate", "http://hl7.org/fhir/OperationDefinition/Resource-validate"},
    {"Appointment", "find", IHE "find"},
    {"Appointment", "hold", IHE "hold"},
    {"Appointment", "book", IHE "book"},
    {NULL, NULL, NULL}};
