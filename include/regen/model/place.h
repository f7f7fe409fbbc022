/* SPDX-License-Identifier: Apache-2.0 */
/* Where and with whom: sites, resources, closures. */
#ifndef REGEN_MODEL_PLACE_H
#define REGEN_MODEL_PLACE_H

#include <stdbool.h>
#include <stdint.h>

#include <apr_time.h>

#include "regen/core/time.h"

#define RG_GRANULE_SEC 300 /* occupancy is kept in five-minute granules of UTC */
typedef enum { RG_RESOURCE_PRACTITIONER, RG_RESOURCE_ROOM, RG_RESOURCE_DEVICE } rg_resource_kind_t;
const char *rg_resource_kind_name(rg_resource_kind_t k);
int rg_resource_kind_parse(const char *s);

typedef struct {
    const char *line, *city, *state, *postal_code, *country;
} rg_address_t;

typedef struct {
    int64_t id;
    const char *uid, *code, *name, *time_zone, *phone, *place_of_service, *notice;
    rg_address_t address;
    rg_zone_t *zone; /* opened from time_zone; never NULL in what the store gives out */
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
    rg_resource_kind_t kind;
    bool active;
} rg_resource_t;

/* A closure as people see it. */
typedef struct {
    int64_t id;
    const char *site, *site_name, *resource,
        *resource_name; /* codes and names; "" : the whole site */
    rg_date_t first_day, last_day;
    int start, end; /* minutes of each of these days */
    const char *kind, *reason;
} rg_closure_row_t;

/* A public base that an httpd said. */
typedef struct {
    const char *base;
    apr_time_t seen_at;
} rg_base_row_t;

#endif
