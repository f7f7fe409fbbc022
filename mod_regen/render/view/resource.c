/* SPDX-License-Identifier: Apache-2.0 */
/* People, rooms and devices: the list, and the form with weekly hours. */
#include "regen/clinic/definitions.h"
#include "regen/core/form.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/core/words.h"
#include "regen/model/definition.h"
#include "regen/model/place.h"
#include "regen/render/view.h"
#include "regen/render/view_admin.h"

#include <string.h>

#include <apr_strings.h>

enum { SPARE_ROWS = 3, ROWS_MOST = 60 };

static const char *const DAYS[] = {"",         "Monday", "Tuesday",  "Wednesday",
                                   "Thursday", "Friday", "Saturday", "Sunday"};

/* --- the list --------------------------------------------------------------------------------- */

static rg_val_t *resource_page(apr_pool_t *p, const char *title, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, title, site);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_admin", true);
    rg_val_bool(page, "at_resources", true);
    return page;
}

static const char *joined(apr_pool_t *p, const char *const *words, int count)
{
    const char *text = "";
    for (int i = 0; i < count; i++) {
        text = apr_pstrcat(p, text, i > 0 ? ", " : "", words[i], NULL);
    }
    return text;
}

rg_val_t *rg_view_resources(apr_pool_t *p, const rg_resource_def_t *defs, int count)
{
    rg_val_t *page = resource_page(p, "People, rooms, devices", NULL);
    rg_val_t *list = rg_val_set_list(page, "resources");
    for (int i = 0; i < count; i++) {
        const rg_resource_def_t *d = &defs[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "code", d->resource.code);
        rg_val_str(v, "name", d->resource.name);
        rg_val_str(v, "kind", rg_view_title(p, rg_resource_kind_name(d->resource.kind)));
        rg_val_str(v, "at", d->site_name);
        rg_val_bool(v, "active", d->resource.active);
        rg_val_str(v, "can", joined(p, d->capabilities, d->capability_count));
        rg_val_bool(v, "never_open", d->hours_count == 0);
    }
    rg_val_bool(page, "any_resources", count > 0);
    return page;
}

/* --- as a form -------------------------------------------------------------------------------- */

static void add(rg_form_t *f, const char *name, const char *value)
{
    APR_ARRAY_PUSH(f->pairs, rg_pair_t) = (rg_pair_t){name, value ? value : ""};
}

static const char *clock_of_hours(apr_pool_t *p, int minute)
{
    return apr_psprintf(p, "%02d:%02d", minute / 60, minute % 60);
}

static void add_hours_fields(rg_form_t *f, apr_pool_t *p, const rg_hours_t *h, int i)
{
    const char *path = apr_psprintf(p, "hours[%d].", i);
    bool since_ever = h->from.year <= 2000;
    bool for_ever = h->until.year >= 9999;
    add(f, apr_pstrcat(p, path, "weekday", NULL), apr_itoa(p, h->weekday));
    add(f, apr_pstrcat(p, path, "start", NULL), clock_of_hours(p, h->start));
    add(f, apr_pstrcat(p, path, "end", NULL), clock_of_hours(p, h->end));
    add(f, apr_pstrcat(p, path, "from", NULL), since_ever ? "" : rg_date_iso(p, h->from));
    add(f, apr_pstrcat(p, path, "until", NULL), for_ever ? "" : rg_date_iso(p, h->until));
}

rg_form_t *rg_resource_form(apr_pool_t *p, const rg_resource_def_t *d)
{
    rg_form_t *f = apr_pcalloc(p, sizeof(*f));
    const rg_resource_t *r = &d->resource;
    f->pairs = apr_array_make(p, 64, sizeof(rg_pair_t));
    add(f, "name", r->name);
    add(f, "family", r->family);
    add(f, "given", r->given);
    add(f, "npi", r->npi);
    add(f, "taxonomy", r->taxonomy);
    add(f, "serial", r->serial);
    add(f, "chambers", r->chambers > 0 ? apr_itoa(p, r->chambers) : "");
    add(f, "calibration_due",
        r->calibration_due.year == 0 ? "" : rg_date_iso(p, r->calibration_due));
    if (r->active) {
        add(f, "active", "true");
    }
    add(f, "capabilities", joined(p, d->capabilities, d->capability_count));
    for (int i = 0; i < d->hours_count; i++) {
        add_hours_fields(f, p, &d->hours[i], i);
    }
    return f;
}

/* --- the page --------------------------------------------------------------------------------- */

static const char *value_of(const rg_view_resource_t *in, const char *name)
{
    const char *v = rg_form_get(in->form, name);
    return v ? v : "";
}

static rg_val_t *put(rg_val_t *list, apr_pool_t *p, const rg_view_resource_t *in, const char *name,
                     const char *label, const char *hint, rg_input_t input)
{
    rg_view_field_t f = {name, label, hint, input, value_of(in, name), NULL};
    return rg_view_field(list, p, &f, in->problems);
}

static void put_new(rg_val_t *list, apr_pool_t *p, const rg_view_resource_t *in)
{
    put(list, p, in, "code", "Code", "Lowercase letters, digits and hyphens", RG_INPUT_TEXT);
    rg_val_t *site = put(list, p, in, "site", "Site", NULL, RG_INPUT_CHOICE);
    for (int i = 0; i < in->site_count; i++) {
        rg_view_option(site, in->sites[i].code, in->sites[i].name, value_of(in, "site"));
    }
    rg_val_t *kind = put(list, p, in, "kind", "Kind", NULL, RG_INPUT_CHOICE);
    for (int i = 0; i <= (int)RG_RESOURCE_DEVICE; i++) {
        const char *name = rg_resource_kind_name((rg_resource_kind_t)i);
        rg_view_option(kind, name, rg_view_title(p, name), value_of(in, "kind"));
    }
}

static void put_own(rg_val_t *list, apr_pool_t *p, const rg_view_resource_t *in)
{
    bool all = !in->def;
    rg_resource_kind_t kind = all ? RG_RESOURCE_ROOM : in->def->resource.kind;
    put(list, p, in, "name", "Name", "Shown to patients and staff", RG_INPUT_TEXT);
    put(list, p, in, "active", "Can be booked", NULL, RG_INPUT_CHECK);
    put(list, p, in, "capabilities", "Can do", "Codes separated by commas: injection, consult",
        RG_INPUT_TEXT);
    if (!all && kind == RG_RESOURCE_PRACTITIONER) {
        put(list, p, in, "can_since", "Added ones count from",
            "A day, for steps that are recorded later. Empty: from now on", RG_INPUT_TEXT);
    }
    if (all || kind == RG_RESOURCE_PRACTITIONER) {
        put(list, p, in, "given", "First name", "For people; used on claims", RG_INPUT_TEXT);
        put(list, p, in, "family", "Last name", NULL, RG_INPUT_TEXT);
        put(list, p, in, "npi", "NPI", NULL, RG_INPUT_TEXT);
        put(list, p, in, "taxonomy", "Taxonomy code", NULL, RG_INPUT_TEXT);
    }
    if (all || kind == RG_RESOURCE_DEVICE) {
        put(list, p, in, "serial", "Serial number", "For devices", RG_INPUT_TEXT);
        put(list, p, in, "chambers", "Chambers",
            "Units of so many patients may be in it at once: 1 unless they are kept apart",
            RG_INPUT_TEXT);
        put(list, p, in, "calibration_due", "Calibration due",
            "Last day on which the device may be used before it is calibrated again. Empty: not "
            "kept",
            RG_INPUT_DATE);
    }
}

static bool is_filled(apr_pool_t *p, const rg_view_resource_t *in, int row)
{
    static const char *const names[] = {"weekday", "start", "end", "from", "until"};
    bool filled = false;
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        filled = filled || value_of(in, apr_psprintf(p, "hours[%d].%s", row, names[i]))[0] != '\0';
    }
    return filled;
}

/* Up to the last one that is not empty. */
static int rows_of(apr_pool_t *p, const rg_view_resource_t *in)
{
    int rows = 0;
    for (int i = 0; i < ROWS_MOST; i++) {
        rows = is_filled(p, in, i) ? i + 1 : rows;
    }
    return rows;
}

static void put_hours_row(rg_val_t *rows, apr_pool_t *p, const rg_view_resource_t *in, int i)
{
    static const struct {
        const char *name;
        const char *label;
        rg_input_t input;
    } cells[] = {{"weekday", "Day", RG_INPUT_CHOICE},
                 {"start", "From", RG_INPUT_TIME},
                 {"end", "Until", RG_INPUT_TIME},
                 {"from", "First valid day", RG_INPUT_DATE},
                 {"until", "Last valid day", RG_INPUT_DATE}};
    rg_val_t *v = rg_val_add(rows);
    rg_val_t *list = rg_val_set_list(v, "fields");
    rg_val_int(v, "row_no", i + 1);
    for (size_t c = 0; c < sizeof(cells) / sizeof(*cells); c++) {
        const char *name = apr_psprintf(p, "hours[%d].%s", i, cells[c].name);
        rg_val_t *field = put(list, p, in, name, cells[c].label, NULL, cells[c].input);
        for (int day = 0; cells[c].input == RG_INPUT_CHOICE && day <= 7; day++) {
            rg_view_option(field, day == 0 ? "" : apr_itoa(p, day), day == 0 ? "None" : DAYS[day],
                           value_of(in, name));
        }
    }
}

static void put_change_hits(rg_val_t *page, apr_pool_t *p, const rg_view_resource_t *in)
{
    static const char *const whys[] = {[RG_CHANGE_LEAVES] = "Leaving the clinic",
                                       [RG_CHANGE_BROKEN] = "Broken",
                                       [RG_CHANGE_NEW_HOURS] = "New hours",
                                       [RG_CHANGE_OTHER] = "Other"};
    RG_WORDS_ALL(whys, RG_CHANGE_WHY_COUNT);
    rg_val_t *list = rg_val_set_list(page, "hits");
    for (int i = 0; i < in->hit_count; i++) {
        const rg_conflict_t *c = &in->hits[i];
        const char *who = rg_view_name(p, c->booking->patient_given, c->booking->patient_family);
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "uid", c->booking->uid);
        rg_val_str(v, "who", who[0] ? who : "Being booked");
        rg_val_str(v, "service", c->booking->service_name);
        for (int k = 0; k < in->site_count; k++) {
            if (in->sites[k].id == c->booking->site_id) {
                rg_view_time(v, "starts", p, in->sites[k].zone, c->booking->starts_at);
            }
        }
        rg_val_str(v, "what", rg_view_conflict(c->kind));
    }
    rg_val_bool(page, "any_hits", in->hit_count > 0);
    rg_val_int(page, "hit_count", in->hit_count);
    rg_val_bool(page, "one_hit", in->hit_count == 1);
    rg_val_t *why = put(rg_val_set_list(page, "confirm"), p, in, "why", "Reason for the change",
                        NULL, RG_INPUT_CHOICE);
    rg_view_option(why, "", "Choose", value_of(in, "why"));
    for (int i = 0; i < RG_CHANGE_WHY_COUNT; i++) {
        rg_view_option(why, rg_change_why_name((rg_change_why_t)i), whys[i], value_of(in, "why"));
    }
}

rg_val_t *rg_view_resource(apr_pool_t *p, const rg_view_resource_t *in)
{
    const char *name = in->def ? in->def->resource.name : "New person, room or device";
    rg_val_t *page = resource_page(p, name, in->site_count > 0 ? &in->sites[0] : NULL);
    rg_val_bool(page, "many_zones", in->site_count > 1);
    rg_val_t *list = rg_val_set_list(page, "fields");
    rg_val_t *rows = rg_val_set_list(page, "rows");
    int count = rows_of(p, in);
    rg_val_str(page, "resource_code", in->def ? in->def->resource.code : NULL);
    rg_val_str(page, "seen", in->seen);
    if (!in->def) {
        put_new(list, p, in);
    }
    else {
        rg_val_str(page, "what", rg_view_title(p, rg_resource_kind_name(in->def->resource.kind)));
        rg_val_str(page, "at", in->def->site_name);
    }
    put_own(list, p, in);
    for (int i = 0; i < count + SPARE_ROWS && i < ROWS_MOST; i++) {
        put_hours_row(rows, p, in, i);
    }
    put_change_hits(page, p, in);
    return page;
}
