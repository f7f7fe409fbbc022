/* SPDX-License-Identifier: Apache-2.0 */
/* Where and with whom: sites, resources, closures. */
#ifndef REGEN_MODEL_PLACE_H
#define REGEN_MODEL_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"
#include "regen/core/words.h"

/* Occupancy is kept in granules of UTC; the database has it in its keys and CHECKs. */
enum { RG_GRANULE_MINUTES = 5 };
#define RG_GRANULE      (RG_GRANULE_MINUTES * RG_MINUTE)
#define RG_GRANULE_SEC  (RG_GRANULE_MINUTES * RG_MINUTE_SEC)
#define RG_DAY_GRANULES (RG_DAY_MINUTES / RG_GRANULE_MINUTES)

/* The words of resource.kind. */
#define RG_RESOURCE_KINDS(X)                                                                       \
    X(RG_RESOURCE_PRACTITIONER, "practitioner")                                                    \
    X(RG_RESOURCE_ROOM, "room")                                                                    \
    X(RG_RESOURCE_DEVICE, "device")
RG_WORDS(rg_resource_kind, RG_RESOURCE_KIND_COUNT, RG_RESOURCE_KINDS);

/* Why something is closed. The words of closure.kind. */
#define RG_CLOSURE_KINDS(X)                                                                        \
    X(RG_CLOSURE_HOLIDAY, "holiday")                                                               \
    X(RG_CLOSURE_ABSENCE, "absence")                                                               \
    X(RG_CLOSURE_CALIBRATION, "calibration")                                                       \
    X(RG_CLOSURE_CLEANING, "cleaning")                                                             \
    X(RG_CLOSURE_OTHER, "other")
RG_WORDS(rg_closure_kind, RG_CLOSURE_KIND_COUNT, RG_CLOSURE_KINDS);

typedef struct {
    const char *line, *city, *state, *postal_code, *country;
} rg_address_t;

typedef struct {
    int64_t id;
    const char *uid, *code, *name, *time_zone, *phone, *place_of_service, *notice;
    rg_address_t address;
    rg_zone_t *zone; /* opened from time_zone; never NULL in what the store returns */
} rg_site_t;

typedef struct {
    int64_t id;
    const char *name, *npi, *tin, *taxonomy, *phone;
    rg_address_t address;
} rg_organization_t;

typedef struct {
    int64_t id;
    const char *uid, *code, *name, *family, *given;
    const char *npi, *taxonomy; /* "" unless a practitioner */
    const char *serial;
    int chambers;              /* of a device: units of so many patients at once; 0: not read */
    rg_date_t calibration_due; /* of a device: its last day before the next one; year 0: not kept */
    rg_resource_kind_t kind;
    bool active;
} rg_resource_t;

/* A closure as shown to people. */
typedef struct {
    int64_t id;
    const char *site, *site_name, *resource,
        *resource_name; /* codes and names; "" : the whole site */
    rg_date_t first_day, last_day;
    int start, end; /* minutes of each of these days */
    const char *kind, *reason;
} rg_closure_row_t;

/* A public base reported by an httpd. */
typedef struct {
    const char *base;
    apr_time_t seen_at;
} rg_base_row_t;

#endif
