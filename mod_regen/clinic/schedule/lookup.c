/* SPDX-License-Identifier: Apache-2.0 */
#include "mod_regen/clinic/schedule/lookup.h"
#include "regen/core/outcome.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/store/definitions.h"
#include "regen/store/visit.h"

#include <string.h>

rg_outcome_t rg_clinic_missing(const rg_clinic_t *k, rg_outcome_t otherwise)
{
    return k->unusable > 0 ? RG_UNAVAILABLE : otherwise;
}

const rg_clinic_service_t *rg_clinic_service_by_code(const rg_clinic_t *k, const char *code)
{
    for (int i = 0; code && i < k->service_count; i++) {
        if (strcmp(k->services[i].service.code, code) == 0) {
            return &k->services[i];
        }
    }
    return NULL;
}

const rg_clinic_service_t *rg_clinic_service(const rg_clinic_t *k, int64_t id)
{
    for (int i = 0; i < k->service_count; i++) {
        if (k->services[i].service.id == id) {
            return &k->services[i];
        }
    }
    return NULL;
}

rg_site_t *rg_clinic_site(const rg_clinic_t *k, int64_t id)
{
    for (int i = 0; i < k->site_count; i++) {
        if (k->sites[i].id == id) {
            return &k->sites[i];
        }
    }
    return NULL;
}

rg_site_t *rg_clinic_site_by_code(const rg_clinic_t *k, const char *code)
{
    for (int i = 0; i < k->site_count; i++) {
        if (strcmp(k->sites[i].code, code) == 0) {
            return &k->sites[i];
        }
    }
    return NULL;
}

const rg_site_t *rg_clinic_site_asked(const rg_clinic_t *k, const char *code)
{
    bool first = !code || !*code;
    return !first ? rg_clinic_site_by_code(k, code) : k->site_count > 0 ? &k->sites[0] : NULL;
}

const rg_clinic_resource_t *rg_clinic_resource(const rg_clinic_t *k, int64_t id)
{
    for (int i = 0; i < k->resource_count; i++) {
        if (k->resources[i].resource.id == id) {
            return &k->resources[i];
        }
    }
    return NULL;
}

bool rg_clinic_can(const rg_clinic_resource_t *r, const char *capability)
{
    for (int i = 0; i < r->capability_count; i++) {
        if (strcmp(r->capabilities[i], capability) == 0) {
            return true;
        }
    }
    return false;
}

bool rg_need_can(const rg_clinic_resource_t *r, const rg_need_t *n)
{
    bool can = rg_clinic_can(r, n->capability);
    for (int i = 0; !can && i < n->any_count; i++) {
        can = rg_clinic_can(r, n->any[i]);
    }
    return can;
}

bool rg_service_uses(const rg_service_t *s, const rg_clinic_resource_t *r, unsigned kinds)
{
    for (int i = 0; i < s->step_count; i++) {
        const rg_step_t *step = &s->steps[i];
        for (int k = 0; (kinds & 1u << step->kind) != 0 && k < step->need_count; k++) {
            if (rg_need_can(r, &step->needs[k])) {
                return true;
            }
        }
    }
    return false;
}

int rg_step_of_event(const rg_service_t *s, rg_event_t e)
{
    const char *word = rg_event_name(e);

    for (int i = 0; i < s->step_count; i++) {
        if (strcmp(rg_step_kind_name(s->steps[i].kind), word) == 0) {
            return i;
        }
    }
    return -1;
}
