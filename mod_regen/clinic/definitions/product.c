/* SPDX-License-Identifier: Apache-2.0 */
/* The rules about what a service makes of the patient's own material. Pure; called by service.c and
 * service_rules.c. */
#include "mod_regen/clinic/definitions/service.h"
#include "regen/model/definition.h"
#include "regen/model/service.h"
#include "regen/store/definitions.h"

#include <string.h>

/* Blood is no human cell or tissue product (21 CFR 1271.3(d)); everything else is one. */
static void check_material(const rg_trial_t *t, const rg_product_t *m)
{
    if (rg_regulatory_path_parse(t->def->service.regulatory_path) == RG_REGULATORY_BLOOD_PRODUCT &&
        rg_material_parse(m->material) != RG_MATERIAL_BLOOD) {
        rg_trial_problem(t, "regulatory_path",
                         "The path blood-product is only for a product of blood.");
    }
}

/* Neither digested nor grown nor mixed with other things: everything else is a drug, which needs an
 * IND (21 CFR 1271.10(a), 1271.15(b)). */
static void check_made(const rg_trial_t *t, const rg_product_t *m)
{
    int method = rg_method_parse(m->method);
    if (*m->trial != '\0') {
        return;
    }
    if (method == RG_METHOD_ENZYMATIC || method == RG_METHOD_CULTURED) {
        rg_trial_problem(t, "products[0].method",
                         "Enzymatic or cultured products are made only under a trial. Enter the "
                         "IND or trial number.");
    }
    if (rg_additives_parse(m->additives) == RG_ADDITIVES_OTHER) {
        rg_trial_problem(t, "products[0].additives",
                         "Only water, crystalloids, or a sterilizing, preserving or storage agent "
                         "may be added without a trial. Enter the IND or trial number.");
    }
}

static void check_run(const rg_trial_t *t, const rg_product_t *m)
{
    if (m->spin_max_minutes > 0 && m->spin_min_minutes > m->spin_max_minutes) {
        rg_trial_problem(t, "products[0].spin_max_minutes",
                         "The longest run is not shorter than the shortest one.");
    }
}

void rg_product_check(const rg_trial_t *t, bool harvests)
{
    const rg_service_t *s = &t->def->service;
    if (s->product_count > RG_PRODUCTS_MAX) {
        rg_trial_problem(t, "products", "A service can have only one product.");
        return;
    }
    if (harvests && s->product_count == 0) {
        rg_trial_problem(t, "products",
                         "A service with a harvest step needs a product: what is harvested, and "
                         "what is made of it.");
    }
    else if (!harvests && s->product_count > 0) {
        rg_trial_problem(t, "products", "This service has a product but no harvest step.");
    }
    else if (harvests) {
        check_made(t, &s->products[0]);
        check_material(t, &s->products[0]);
        check_run(t, &s->products[0]);
    }
}

/* Whether both make the same. Name and trial number may change. */
static bool same_products(const rg_service_t *a, const rg_service_t *b)
{
    bool same = a->product_count == b->product_count;
    for (int i = 0; same && i < a->product_count; i++) {
        const rg_product_t *x = &a->products[i];
        const rg_product_t *y = &b->products[i];
        same = strcmp(x->material, y->material) == 0 && strcmp(x->method, y->method) == 0 &&
               strcmp(x->additives, y->additives) == 0;
    }
    return same;
}

/* Patients booked and consented to what is made now, and units are on record as made of it. A
 * service from before products gets its first one at any time. */
void rg_product_check_kept(const rg_trial_t *t, const rg_service_t *was,
                           const rg_service_use_t *use)
{
    const rg_service_t *is = &t->def->service;
    if (was->product_count == 0 || same_products(was, is) || use->live + use->units == 0) {
        return;
    }
    rg_trial_problem(t, "products",
                     "%d bookings that are not over yet and %d units on record are of the product "
                     "as it was. Make a new service for another material, method or additive.",
                     use->live, use->units);
}
