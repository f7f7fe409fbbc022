/* SPDX-License-Identifier: Apache-2.0 */
/* The units of a visit: what each is made of, what became of it, and what can be done with it. */
#include "regen/clinic/visit.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/booking.h"
#include "regen/model/service.h"
#include "regen/model/unit.h"
#include "regen/render/view.h"
#include "regen/render/view_staff.h"

#include <string.h>

#include <apr_strings.h>

const char *rg_view_material(const char *word)
{
    static const char *const words[] = {[RG_MATERIAL_BONE_MARROW] = "Bone marrow",
                                        [RG_MATERIAL_BLOOD] = "Blood",
                                        [RG_MATERIAL_ADIPOSE] = "Adipose tissue"};
    RG_WORDS_ALL(words, RG_MATERIAL_COUNT);
    int material = rg_material_parse(word);

    return material < 0 ? word : words[material];
}

static const char *taken_words(int from)
{
    static const char *const words[] = {[RG_TAKEN_LEFT_POSTERIOR] = "Left posterior iliac crest",
                                        [RG_TAKEN_RIGHT_POSTERIOR] = "Right posterior iliac crest",
                                        [RG_TAKEN_BOTH_POSTERIOR] = "Both posterior iliac crests",
                                        [RG_TAKEN_LEFT_ANTERIOR] = "Left anterior iliac crest",
                                        [RG_TAKEN_RIGHT_ANTERIOR] = "Right anterior iliac crest",
                                        [RG_TAKEN_BOTH_ANTERIOR] = "Both anterior iliac crests",
                                        [RG_TAKEN_LEFT_TIBIA] = "Left tibia",
                                        [RG_TAKEN_RIGHT_TIBIA] = "Right tibia",
                                        [RG_TAKEN_LEFT_ARM] = "Vein of the left arm",
                                        [RG_TAKEN_RIGHT_ARM] = "Vein of the right arm",
                                        [RG_TAKEN_OTHER_VEIN] = "Another vein",
                                        [RG_TAKEN_ABDOMEN] = "Abdomen",
                                        [RG_TAKEN_LEFT_FLANK] = "Left flank",
                                        [RG_TAKEN_RIGHT_FLANK] = "Right flank",
                                        [RG_TAKEN_BOTH_FLANKS] = "Both flanks",
                                        [RG_TAKEN_LEFT_THIGH] = "Left thigh",
                                        [RG_TAKEN_RIGHT_THIGH] = "Right thigh",
                                        [RG_TAKEN_BOTH_THIGHS] = "Both thighs"};
    RG_WORDS_ALL(words, RG_TAKEN_FROM_COUNT);

    return from < 0 ? NULL : words[from];
}

static int made_from_others(const rg_chart_t *c)
{
    int made = 0;

    for (int i = 0; i < c->unit_count; i++) {
        made += c->units[i].collection_id == 0 ? 1 : 0;
    }
    return made;
}

void rg_view_taken_from(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    const char *chosen = typed ? rg_form_get(typed, "taken_from") : NULL;
    const char *material = c->service->product_count == 0 ? "" : c->service->products[0].material;

    for (int i = 0; i < RG_TAKEN_FROM_COUNT; i++) {
        if (rg_taken_from_fits((rg_taken_from_t)i, material)) {
            rg_view_choice(page, "taken", p, "taken_from", rg_taken_from_name((rg_taken_from_t)i),
                           taken_words(i), chosen);
        }
    }
    if (c->again) {
        rg_val_int(page, "collections", c->unit_counts.made - made_from_others(c));
    }
    rg_val_bool(page, "again", c->again);
}

static const char *unit_state(apr_pool_t *p, const rg_unit_t *u, apr_time_t now, const char **class)
{
    int left = (int)((apr_time_sec(u->expires_at) - apr_time_sec(now)) / 60);

    if (u->injected_at != 0) {
        *class = "done";
        return "Injected";
    }
    if (u->ended_at != 0) {
        *class = "";
        return u->disposed_at != 0           ? "Disposed of"
               : u->ended == RG_UNIT_DIVIDED ? "In other units"
                                             : "Taken back: it was not made";
    }
    *class = left <= 0 ? "missing" : "now";
    return left <= 0 ? "Expired: dispose of it"
                     : apr_psprintf(p, "Use within %s", rg_view_minutes(p, left));
}

/* Whether the lot of the kit is in order, as corrected. */
static void put_unit_lot(rg_val_t *v, apr_pool_t *p, const rg_chart_t *c, int i)
{
    const rg_supply_lot_t *l = c->unit_lots[i];
    const rg_zone_t *z = c->site->zone;

    if (!l) {
        return;
    }
    bool expired = rg_date_compare(l->expires, rg_zone_local(z, c->units[i].processed_at).date) < 0;
    rg_val_str(v, "lot_id", apr_psprintf(p, "%" APR_INT64_T_FMT, (apr_int64_t)l->id));
    rg_val_str(v, "lot_expired", expired ? rg_date_us(p, l->expires) : NULL);
    if (l->recalled) {
        rg_val_str(v, "lot_recalled", l->why);
        rg_view_time(v, "lot_since", p, z, l->why_at);
    }
}

/* What it was made from, or where it was taken from. */
static void put_origin(rg_val_t *v, const rg_unit_t *u)
{
    rg_val_str(v, "parents", *u->parents == '\0' ? NULL : u->parents);
    rg_val_str(v, "taken_from", taken_words(u->taken_from));
    rg_val_str(v, "anticoagulant", *u->anticoagulant == '\0' ? NULL : u->anticoagulant);
    rg_val_str(v, "again_why", *u->again_why == '\0' ? NULL : u->again_why);
    rg_val_str(v, "harvested_by", *u->harvested_by == '\0' ? NULL : u->harvested_by);
    rg_val_str(v, "made_by", *u->made_by == '\0' ? NULL : u->made_by);
    rg_val_str(v, "processed_by", *u->processed_by == '\0' ? NULL : u->processed_by);
    rg_val_str(v, "injected_by", *u->injected_by == '\0' ? NULL : u->injected_by);
}

/* What can be done with it beside the form that is on the page. */
static void put_unit_acts(rg_val_t *v, const rg_chart_t *c, const rg_unit_t *u)
{
    bool open = u->ended_at == 0;
    bool raw = u->processed_at == 0;

    rg_val_bool(v, "to_process", open && raw && ((c->can >> RG_EVENT_PROCESS) & 1u));
    rg_val_bool(v, "to_inject", open && !raw && ((c->can >> RG_EVENT_INJECT) & 1u));
}

/* Of several targets the one that it went to. */
static void put_given(rg_val_t *v, apr_pool_t *p, const rg_chart_t *c, const rg_unit_t *u)
{
    const rg_booking_t *b = c->booking;
    const rg_targets_t t = rg_targets_of(p, b->body_site, b->side, b->further);

    if (t.count > 1 && u->given_no > 0 && u->given_no <= t.count) {
        const rg_target_t *one = &t.at[u->given_no - 1];

        rg_val_str(v, "given_to", rg_view_place(p, one->body_site, one->side));
        rg_val_str(v, "given_again", *u->given_again == '\0' ? NULL : u->given_again);
        rg_val_bool(v, "given_corrected", u->given_corrected);
    }
}

static void put_unit(rg_val_t *v, apr_pool_t *p, const rg_chart_t *c, int i)
{
    const rg_unit_t *u = &c->units[i];
    const rg_zone_t *z = c->site->zone;
    const char *class = "";

    rg_val_str(v, "label", u->label);
    rg_val_str(v, "product", *u->product == '\0' ? NULL : u->product);
    rg_val_str(v, "material", rg_view_material(u->material));
    rg_val_str(v, "place", rg_view_places(p, u->body_site, u->side, c->booking->further));
    put_given(v, p, c, u);
    rg_val_int(v, "volume_ml", u->volume_ml);
    rg_view_time(v, "harvested", p, z, u->harvested_at);
    rg_view_time(v, "expires", p, z, u->expires_at);
    rg_view_time(v, "processed", p, z, u->concentrate_ml == 0 ? 0 : u->processed_at);
    rg_view_time(v, "made", p, z, u->made_at);
    rg_view_time(v, "injected", p, z, u->injected_at);
    rg_view_time(v, "disposed", p, z, u->disposed_at);
    rg_val_str(v, "device", *u->device_name == '\0' ? NULL : u->device_name);
    rg_val_str(v, "device_why", *u->device_why == '\0' ? NULL : u->device_why);
    rg_val_str(v, "run",
               *u->device_name == '\0' || (u->minutes == 0 && *u->run_why == '\0')
                   ? NULL
                   : rg_view_minutes(p, u->minutes));
    rg_val_str(v, "run_why", *u->run_why == '\0' ? NULL : u->run_why);
    rg_val_str(v, "lot_why", *u->lot_why == '\0' ? NULL : u->lot_why);
    rg_val_str(v, "given_why", *u->given_why == '\0' ? NULL : u->given_why);
    rg_val_str(v, "kit_lot", u->kit_lot);
    put_unit_lot(v, p, c, i);
    put_origin(v, u);
    put_unit_acts(v, c, u);
    rg_val_int(v, "concentrate_ml", u->concentrate_ml);
    rg_val_str(v, "state", unit_state(p, u, c->now, &class));
    rg_val_str(v, "state_class", class);
    rg_val_bool(v, "open", u->ended_at == 0);
}

/* One whose lot is recalled is injected with a reason only. */
static void put_recalled(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c)
{
    for (int i = 0; i < c->unit_count; i++) {
        const rg_supply_lot_t *l = c->unit_lots[i];

        if (l && l->recalled && c->units[i].ended_at == 0) {
            rg_val_t *v = rg_val_object(p);

            rg_val_str(v, "lot", l->lot);
            rg_val_str(v, "why", l->why);
            rg_val_str(v, "label", c->units[i].label);
            rg_val_set(page, "recalled", v);
            return;
        }
    }
}

static bool was_checked(const rg_form_t *typed, const char *name, const char *value)
{
    for (int i = 0; typed && i < typed->pairs->nelts; i++) {
        const rg_pair_t *pair = &APR_ARRAY_IDX(typed->pairs, i, rg_pair_t);

        if (strcmp(pair->name, name) == 0 && strcmp(pair->value, value) == 0) {
            return true;
        }
    }
    return false;
}

/* The form that splits and pools: the open units, and who can have done it. */
static void put_divide(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    rg_val_t *divide = rg_val_object(p);
    rg_val_t *list = rg_val_set_list(divide, "choices");

    if (c->booking->status != RG_BOOKING_IN_PROGRESS ||
        c->unit_counts.raw + c->unit_counts.ready == 0) {
        return;
    }
    for (int i = 0; i < c->unit_count; i++) {
        const rg_unit_t *u = &c->units[i];

        if (u->ended_at == 0) {
            rg_val_t *item = rg_val_add(list);

            rg_val_str(item, "label", u->label);
            rg_val_int(item, "left_ml", u->left_ml);
            rg_val_str(item, "what", u->processed_at == 0 ? "not processed" : "processed");
            rg_val_bool(item, "chosen", was_checked(typed, "from", u->label));
        }
    }
    for (int i = 0; i < c->doer_count; i++) {
        if (c->doers[i].active || c->doers[i].booked) {
            rg_view_choice(divide, "people", p, "divide_by", c->doers[i].code, c->doers[i].name,
                           typed ? rg_form_get(typed, "divide_by") : NULL);
        }
    }
    rg_val_set(page, "divide", divide);
}

void rg_view_units(rg_val_t *page, apr_pool_t *p, const rg_chart_t *c, const rg_form_t *typed)
{
    rg_val_t *list = rg_val_set_list(page, "units");
    const char *typed_label = typed ? rg_form_get(typed, "label") : NULL;
    bool refused = typed && rg_form_get(typed, "reason"); /* of a disposal */

    for (int i = 0; i < c->unit_count; i++) {
        rg_val_t *item = rg_val_add(list);

        put_unit(item, p, c, i);
        rg_val_bool(item, "wrong",
                    refused && typed_label && strcmp(typed_label, c->units[i].label) == 0);
        if (&c->units[i] == c->unit) {
            rg_val_t *v = rg_val_object(p);

            put_unit(v, p, c, i);
            rg_val_set(page, "unit", v);
        }
    }
    rg_val_bool(page, "any_units", c->unit_count > 0);
    rg_val_bool(page, "may_again", ((c->can >> RG_EVENT_HARVEST) & 1u) != 0);
    put_recalled(page, p, c);
    put_divide(page, p, c, typed);
}
