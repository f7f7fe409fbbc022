/* SPDX-License-Identifier: Apache-2.0 */
/* The editor of a service: one form for the service, its steps and needs, made from the tables
 * of definition.c, and the list of services. */
#include "regen/clinic/definitions.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/val.h"
#include "regen/model/definition.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/view.h"
#include "regen/render/view_admin.h"
#include "regen/render/view_patient.h"

#include <stdio.h>
#include <string.h>

#include <apr_lib.h>
#include <apr_strings.h>

/* --- words ------------------------------------------------------------------------------------ */

typedef struct {
    const char *name, *label, *hint;
} words_t;

static const words_t SERVICE_WORDS[] = {
    {"code", "Code",
     "Lowercase letters, digits and hyphens; part of the page's address; cannot be changed later"},
    {"site", "Site", NULL},
    {"name", "Name", NULL},
    {"summary", "Summary", "Three sentences about what it is"},
    {"not_for", "Who it is not for", NULL},
    {"preparation", "How to prepare", "Without dates; what has dates is entered below"},
    {"active", "Offered (if unchecked, it is a draft)", NULL},
    {"audience", "Who may book it", "Staff: only the clinic books it"},
    {"booked_by", "Booked by", "Order: only on a treatment order that a clinician signed"},
    {"display_order", "Position in the list", "Smaller numbers come first"},
    {"start_grid", "Start times every … minutes", "15: at 9:00, 9:15, …"},
    {"notice_minutes", "Bookable at least … minutes ahead", "1440 is one day"},
    {"horizon_days", "Bookable at most … days ahead", NULL},
    {"remind_hours", "Remind the patient … hours before a visit", "0: no reminder"},
    {"remind_again_hours", "Remind once more … hours before it", "0: no second reminder"},
    {"max_per_day", "At most … per day", "0: no limit"},
    {"cancel_notice_minutes", "Patients can cancel until … minutes before", NULL},
    {"move_notice_minutes", "Patients can reschedule until … minutes before", NULL},
    {"regulatory_path", "Regulatory path", "Same procedure: harvest and injection in one visit"},
    {"unit_hold_minutes", "Injected at most … minutes after the harvest", NULL},
    {"needs_body_site", "The patient chooses a part of the body", NULL},
    {"targets_most", "Targets of one treatment, at most", "2: both knees, on one order"},
    {"second_harvest", "A second person confirms label and side at the harvest", NULL},
    {"second_inject", "A second person confirms identity and side at the injection", NULL},
    {"timeout_harvest", "A time-out is held before the harvest", NULL},
    {"timeout_inject", "A time-out is held before the injection", NULL},
    {"fallback", "Alternative service", NULL},
    {"body_sites", "Parts of the body", "Codes separated by commas: knee, hip"},
    {"forms", "Consent forms", NULL},
    {NULL, NULL, NULL}};

static const words_t STEP_WORDS[] = {
    {"kind", "Kind", NULL},
    {"name", "Name", NULL},
    {"minutes", "Minutes", NULL},
    {"further_minutes", "More minutes for each further target", NULL},
    {"visit_no", "Visit", "Steps of one visit are one appointment"},
    {"patient_present", "The patient is present", NULL},
    {"gap_min", "Shortest gap before it, in minutes", NULL},
    {"gap_max", "Longest gap before it, in minutes", NULL},
    {"gap_days_min", "Or fewest days after the previous visit", "0: use the minutes"},
    {"gap_days_max", "Or most days after the previous visit", NULL},
    {NULL, NULL, NULL}};

static const words_t NEED_WORDS[] = {
    {"capability", "Can do", NULL},
    {"any", "Or one of these", "Separated by commas"},
    {"quantity", "How many", NULL},
    {"setup", "Setup minutes", NULL},
    {"turnover", "Turnover minutes", NULL},
    {"bind", "Same one in all steps marked", "A word, for example physician"},
    {NULL, NULL, NULL}};

static const words_t RECALL_WORDS[] = {
    {"kind", "Kind", NULL},
    {"after_min_days", "Due from … days after the treatment", NULL},
    {"after_max_days", "Due until … days after the treatment", NULL},
    {"reason", "Reason", "Your own code, for example six-weeks"},
    {"title", "Title", "Shown to staff and on the patient's page; never in messages"},
    {NULL, NULL, NULL}};

static const words_t SCREENING_WORDS[] = {
    {"questionnaire", "Questionnaire", "Its name, as published with regenctl: marrow-screening"},
    {"check_in", "At check-in, while it is not answered or not in order", NULL},
    {NULL, NULL, NULL}};

static const words_t PREPARING_WORDS[] = {
    {"code", "Code", "Your own code, for example nsaid"},
    {"words", "What to do or stop", "As shown to patients: Stop ibuprofen"},
    {"applies", "For whom", "Leave empty for everybody. Example: if you take it"},
    {"from_days", "From … days before the first visit", NULL},
    {"until_days", "Until … days before it", "0: until the visit"},
    {"too_late", "If there are fewer days left", "Warn, or refuse: do not offer the time"},
    {NULL, NULL, NULL}};

static const words_t PRODUCT_WORDS[] = {
    {"name", "Name", "As it stands on the label: Bone-marrow concentrate"},
    {"material", "Harvested material", NULL},
    {"method", "Processing", "Enzymatic or cultured: only under a trial"},
    {"additives", "Additives",
     "Permitted: water, crystalloids, sterilizing, preserving, storage agents; else only a trial"},
    {"trial", "IND or trial number", "Leave empty if it is not made under a trial"},
    {"spin_min_minutes", "Shortest run, minutes", "A shorter one needs a reason. 0: no limit"},
    {"spin_max_minutes", "Longest run, minutes", "A longer one needs a reason. 0: no limit"},
    {NULL, NULL, NULL}};

static const words_t *words_of(const words_t *words, const char *name)
{
    for (; words->name; words++) {
        if (strcmp(words->name, name) == 0) {
            return words;
        }
    }
    return NULL;
}

/* The number in brackets behind NAME at the start of *PATH, counted from 1; *PATH moves behind it.
 * 0: there is something else. */
static int number_in(const char **path, const char *name)
{
    size_t n = strlen(name);
    int number = 0;
    const char *at = *path + n;
    if (strncmp(*path, name, n) != 0 || *at != '[') {
        return 0;
    }
    for (at++; apr_isdigit(*at) && number < 100; at++) {
        number = number * 10 + (*at - '0');
    }
    if (*at != ']') {
        return 0;
    }
    *path = at + 1 + (at[1] == '.');
    return number + 1;
}

const char *rg_view_service_place(apr_pool_t *p, const char *path)
{
    const words_t *words = SERVICE_WORDS;
    const char *place = "";
    int step = number_in(&path, "steps");
    int recall = step ? 0 : number_in(&path, "recalls");
    int preparing = step || recall ? 0 : number_in(&path, "preparing");
    int product = step || recall || preparing ? 0 : number_in(&path, "products");
    int screening = step || recall || preparing || product ? 0 : number_in(&path, "screenings");
    int need = step ? number_in(&path, "needs") : 0;
    if (step) {
        place = apr_psprintf(p, "Step %d", step);
        words = STEP_WORDS;
    }
    if (need) {
        place = apr_psprintf(p, "%s, requirement %d", place, need);
        words = NEED_WORDS;
    }
    if (recall) {
        place = apr_psprintf(p, "Recall %d", recall);
        words = RECALL_WORDS;
    }
    if (preparing) {
        place = apr_psprintf(p, "Preparation %d", preparing);
        words = PREPARING_WORDS;
    }
    if (product) {
        place = apr_psprintf(p, "Product %d", product);
        words = PRODUCT_WORDS;
    }
    if (screening) {
        place = apr_psprintf(p, "Screening %d", screening);
        words = SCREENING_WORDS;
    }
    const words_t *w = words_of(words, path);
    if (!w) {
        return place;
    }
    return place[0] ? apr_pstrcat(p, place, ", ", w->label, NULL) : w->label;
}

/* --- a definition as a form ------------------------------------------------------------------- */

static void add_pair(rg_form_t *f, const char *name, const char *value)
{
    APR_ARRAY_PUSH(f->pairs, rg_pair_t) = (rg_pair_t){name, value};
}

static void add_form_fields(rg_form_t *form, apr_pool_t *p, const char *path,
                            const rg_field_t *fields, const void *object)
{
    for (const rg_field_t *f = fields; f->name; f++) {
        const char *value = rg_field_get(p, f, object);
        if (f->kind != RG_FIELD_YES || strcmp(value, "true") == 0) {
            add_pair(form, apr_pstrcat(p, path, f->name, NULL), value);
        }
    }
}

static const char *joined(apr_pool_t *p, const char *const *words, int count)
{
    const char *text = "";
    for (int i = 0; i < count; i++) {
        text = apr_pstrcat(p, text, i > 0 ? ", " : "", words[i], NULL);
    }
    return text;
}

static void add_step_fields(rg_form_t *form, apr_pool_t *p, const rg_step_t *s, int i)
{
    add_form_fields(form, p, apr_psprintf(p, "steps[%d].", i), rg_step_fields, s);
    for (int k = 0; k < s->need_count; k++) {
        const char *path = apr_psprintf(p, "steps[%d].needs[%d].", i, k);
        const rg_need_t *n = &s->needs[k];
        add_form_fields(form, p, path, rg_need_fields, n);
        add_pair(form, apr_pstrcat(p, path, "any", NULL), joined(p, n->any, n->any_count));
    }
}

rg_form_t *rg_service_form(apr_pool_t *p, const rg_service_def_t *d)
{
    rg_form_t *form = apr_pcalloc(p, sizeof(*form));
    form->pairs = apr_array_make(p, 128, sizeof(rg_pair_t));
    add_form_fields(form, p, "", rg_service_fields, d);
    add_pair(form, "body_sites", joined(p, d->service.body_sites, d->service.body_site_count));
    add_pair(form, "forms", joined(p, d->forms, d->form_count));
    for (int i = 0; i < d->service.preparing_count; i++) {
        add_form_fields(form, p, apr_psprintf(p, "preparing[%d].", i), rg_preparing_fields,
                        &d->service.preparing[i]);
    }
    for (int i = 0; i < d->service.product_count; i++) {
        add_form_fields(form, p, apr_psprintf(p, "products[%d].", i), rg_product_fields,
                        &d->service.products[i]);
    }
    for (int i = 0; i < d->service.step_count; i++) {
        add_step_fields(form, p, &d->service.steps[i], i);
    }
    for (int i = 0; i < d->recall_count; i++) {
        add_form_fields(form, p, apr_psprintf(p, "recalls[%d].", i), rg_recall_fields,
                        &d->recalls[i]);
    }
    for (int i = 0; i < d->screening_count; i++) {
        add_form_fields(form, p, apr_psprintf(p, "screenings[%d].", i), rg_screening_fields,
                        &d->screenings[i]);
    }
    return form;
}

/* --- fields of the page ----------------------------------------------------------------------- */

static rg_input_t input_of(const rg_field_t *f)
{
    switch (f->kind) {
    case RG_FIELD_INT: return RG_INPUT_NUMBER;
    case RG_FIELD_YES: return RG_INPUT_CHECK;
    case RG_FIELD_WORD:
    case RG_FIELD_KIND:
    case RG_FIELD_STAFF: return RG_INPUT_CHOICE;
    case RG_FIELD_TEXT: return f->most >= 1000 ? RG_INPUT_AREA : RG_INPUT_TEXT;
    default: return RG_INPUT_TEXT;
    }
}

static const char *value_of(const rg_view_service_edit_t *in, const char *name)
{
    const char *v = rg_form_get(in->form, name);
    return v ? v : "";
}

static rg_val_t *put(rg_val_t *list, apr_pool_t *p, const rg_view_service_edit_t *in,
                     const char *path, const words_t *w, rg_input_t input, const char *suggest)
{
    const char *name = apr_pstrcat(p, path, w->name, NULL);
    rg_view_field_t f = {name, w->label, w->hint, input, value_of(in, name), suggest};
    return rg_view_field(list, p, &f, in->problems);
}

static void offer_words(rg_val_t *field, apr_pool_t *p, const char *words, const char *chosen)
{
    while (*words) {
        size_t n = strcspn(words, " ");
        const char *word = apr_pstrmemdup(p, words, n);
        rg_view_option(field, word, rg_view_title(p, word), chosen);
        words += n + (words[n] == ' ');
    }
}

static void put_fields(rg_val_t *list, apr_pool_t *p, const rg_view_service_edit_t *in,
                       const char *path, const rg_field_t *fields, const words_t *words)
{
    for (const rg_field_t *f = fields; f->name; f++) {
        const words_t *w = words_of(words, f->name);
        const char *suggest = strcmp(f->name, "capability") == 0 ? "capabilities" : NULL;
        rg_val_t *field = put(list, p, in, path, w, input_of(f), suggest);
        if (f->words) {
            offer_words(field, p, f->words, value_of(in, apr_pstrcat(p, path, f->name, NULL)));
        }
    }
}

/* --- parts that are folded -------------------------------------------------------------------- */

/* Folded, unless something in it is wrong, it is new (nothing in it says what it is), or a button
 * just changed it. */
static bool is_open_part(const rg_view_service_edit_t *in, const char *path, const char *what)
{
    size_t n = strlen(path);
    bool open = what[0] == '\0' || (in->changed && strncmp(in->changed, path, n) == 0);
    for (int i = 0; in->problems && !open && i < in->problems->list->nelts; i++) {
        const char *field = APR_ARRAY_IDX(in->problems->list, i, rg_problem_t).field;
        open = field && strncmp(field, path, n) == 0;
    }
    return open;
}

static const char *and_then(apr_pool_t *p, const char *a, const char *between, const char *b)
{
    return a[0] && b[0] ? apr_pstrcat(p, a, between, b, NULL) : a[0] ? a : b;
}

/* "Harvest, 45 minutes: physician, procedure room". */
static const char *step_says(apr_pool_t *p, const rg_view_service_edit_t *in, const char *path)
{
    const char *minutes = value_of(in, apr_pstrcat(p, path, "minutes", NULL));
    const char *says = value_of(in, apr_pstrcat(p, path, "name", NULL));
    const char *needs = "";
    for (int k = 0; k < RG_WORDS_MAX; k++) {
        const char *name = apr_psprintf(p, "%sneeds[%d].", path, k);
        if (!rg_form_get(in->form, apr_pstrcat(p, name, "capability", NULL))) {
            break;
        }
        const char *can = value_of(in, apr_pstrcat(p, name, "capability", NULL));
        const char *many = value_of(in, apr_pstrcat(p, name, "quantity", NULL));
        bool one = many[0] == '\0' || strcmp(many, "1") == 0;
        needs = and_then(p, needs, ", ", one ? can : apr_pstrcat(p, many, " × ", can, NULL));
    }
    says = and_then(p, says, ", ", minutes[0] ? apr_pstrcat(p, minutes, " minutes", NULL) : "");
    return and_then(p, says, ": ", needs);
}

/* The values of two fields below PATH. */
static const char *says_of(apr_pool_t *p, const rg_view_service_edit_t *in, const char *path,
                           const char *first, const char *second)
{
    return and_then(p, value_of(in, apr_pstrcat(p, path, first, NULL)), ", ",
                    value_of(in, apr_pstrcat(p, path, second, NULL)));
}

static void put_fold(rg_val_t *v, const rg_view_service_edit_t *in, const char *path,
                     const char *what, const char *says)
{
    rg_val_bool(v, "open", is_open_part(in, path, what));
    rg_val_str(v, "says", says[0] ? says : NULL);
}

static void put_need_fields(rg_val_t *needs, apr_pool_t *p, const rg_view_service_edit_t *in, int i,
                            int k)
{
    rg_val_t *v = rg_val_add(needs);
    const char *path = apr_psprintf(p, "steps[%d].needs[%d].", i, k);
    rg_val_int(v, "need_no", k + 1);
    rg_val_str(v, "remove_need", apr_psprintf(p, "remove-need-%d-%d", i, k));
    rg_val_t *list = rg_val_set_list(v, "fields");
    put_fields(list, p, in, path, rg_need_fields, NEED_WORDS);
    put(list, p, in, path, words_of(NEED_WORDS, "any"), RG_INPUT_TEXT, NULL);
}

static bool is_in_form(const rg_view_service_edit_t *in, const char *name)
{
    return rg_form_get(in->form, name) != NULL;
}

static void put_step(rg_val_t *steps, apr_pool_t *p, const rg_view_service_edit_t *in, int i)
{
    rg_val_t *v = rg_val_add(steps);
    const char *path = apr_psprintf(p, "steps[%d].", i);
    const char *error = rg_problem_for(in->problems, apr_psprintf(p, "steps[%d].needs", i));
    rg_val_int(v, "step_no", i + 1);
    put_fold(v, in, path, value_of(in, apr_pstrcat(p, path, "name", NULL)), step_says(p, in, path));
    rg_val_str(v, "remove_step", apr_psprintf(p, "remove-step-%d", i));
    rg_val_str(v, "add_need", apr_psprintf(p, "add-need-%d", i));
    rg_val_str(v, "needs_id", apr_psprintf(p, "steps[%d].needs", i));
    rg_val_bool(v, "needs_wrong", error != NULL);
    rg_val_str(v, "needs_error", error);
    rg_val_bool(v, "follows", i > 0);
    rg_val_str(v, "up_step", apr_psprintf(p, "up-step-%d", i));
    put_fields(rg_val_set_list(v, "fields"), p, in, path, rg_step_fields, STEP_WORDS);
    rg_val_t *needs = rg_val_set_list(v, "needs");
    for (int k = 0; is_in_form(in, apr_psprintf(p, "%sneeds[%d].capability", path, k)); k++) {
        put_need_fields(needs, p, in, i, k);
    }
}

static void put_recalls(rg_val_t *page, apr_pool_t *p, const rg_view_service_edit_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "recalls");
    rg_val_str(page, "recalls_error", rg_problem_for(in->problems, "recalls"));
    for (int i = 0; is_in_form(in, apr_psprintf(p, "recalls[%d].reason", i)); i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "recall_no", i + 1);
        const char *path = apr_psprintf(p, "recalls[%d].", i);
        put_fold(v, in, path, value_of(in, apr_pstrcat(p, path, "reason", NULL)),
                 says_of(p, in, path, "title", "kind"));
        rg_val_str(v, "remove_recall", apr_psprintf(p, "remove-recall-%d", i));
        put_fields(rg_val_set_list(v, "fields"), p, in, path, rg_recall_fields, RECALL_WORDS);
    }
}

static void put_screenings(rg_val_t *page, apr_pool_t *p, const rg_view_service_edit_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "screenings");
    for (int i = 0; is_in_form(in, apr_psprintf(p, "screenings[%d].questionnaire", i)); i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "screening_no", i + 1);
        const char *path = apr_psprintf(p, "screenings[%d].", i);
        put_fold(v, in, path, value_of(in, apr_pstrcat(p, path, "questionnaire", NULL)),
                 says_of(p, in, path, "questionnaire", "check_in"));
        rg_val_str(v, "remove_screening", apr_psprintf(p, "remove-screening-%d", i));
        put_fields(rg_val_set_list(v, "fields"), p, in, path, rg_screening_fields, SCREENING_WORDS);
    }
}

static void put_preparing_fields(rg_val_t *page, apr_pool_t *p, const rg_view_service_edit_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "preparing");
    rg_val_str(page, "preparing_error", rg_problem_for(in->problems, "preparing"));
    for (int i = 0; is_in_form(in, apr_psprintf(p, "preparing[%d].code", i)); i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "preparing_no", i + 1);
        const char *path = apr_psprintf(p, "preparing[%d].", i);
        put_fold(v, in, path, value_of(in, apr_pstrcat(p, path, "code", NULL)),
                 says_of(p, in, path, "words", "applies"));
        rg_val_str(v, "remove_preparing", apr_psprintf(p, "remove-preparing-%d", i));
        put_fields(rg_val_set_list(v, "fields"), p, in, path, rg_preparing_fields, PREPARING_WORDS);
    }
}

static void put_products(rg_val_t *page, apr_pool_t *p, const rg_view_service_edit_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "products");
    int i = 0;
    rg_val_str(page, "products_error", rg_problem_for(in->problems, "products"));
    for (; is_in_form(in, apr_psprintf(p, "products[%d].material", i)); i++) {
        rg_val_t *v = rg_val_add(list);
        rg_val_int(v, "product_no", i + 1);
        const char *path = apr_psprintf(p, "products[%d].", i);
        put_fold(v, in, path, value_of(in, apr_pstrcat(p, path, "name", NULL)),
                 says_of(p, in, path, "name", "material"));
        rg_val_str(v, "remove_product", apr_psprintf(p, "remove-product-%d", i));
        put_fields(rg_val_set_list(v, "fields"), p, in, path, rg_product_fields, PRODUCT_WORDS);
    }
    rg_val_bool(page, "can_add_product", i < RG_PRODUCTS_MAX);
}

static void put_service(rg_val_t *page, apr_pool_t *p, const rg_view_service_edit_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "fields");
    const rg_service_choices_t *c = in->choices;
    for (const rg_field_t *f = rg_service_fields; f->name; f++) {
        const words_t *w = words_of(SERVICE_WORDS, f->name);
        bool site = strcmp(f->name, "site") == 0;
        bool fallback = strcmp(f->name, "fallback") == 0;
        if (in->code && strcmp(f->name, "code") == 0) {
            continue; /* it names the service for ever */
        }
        rg_val_t *field =
            put(list, p, in, "", w, site || fallback ? RG_INPUT_CHOICE : input_of(f), NULL);
        const char *chosen = value_of(in, f->name);
        if (f->words) {
            offer_words(field, p, f->words, chosen);
        }
        for (int i = 0; site && i < c->site_count; i++) {
            rg_view_option(field, c->sites[i].code, c->sites[i].name, chosen);
        }
        if (fallback) {
            rg_view_option(field, "", "Nothing", chosen);
        }
        for (int i = 0; fallback && i < c->service_count; i++) {
            if (!in->code || strcmp(c->services[i], in->code) != 0) {
                rg_view_option(field, c->services[i], c->service_names[i], chosen);
            }
        }
    }
    put(list, p, in, "", words_of(SERVICE_WORDS, "body_sites"), RG_INPUT_TEXT, NULL);
    words_t forms = *words_of(SERVICE_WORDS, "forms");
    forms.hint =
        apr_pstrcat(p, "Separated by commas, from: ", joined(p, c->forms, c->form_count), NULL);
    put(list, p, in, "", &forms, RG_INPUT_TEXT, NULL);
}

/* --- pages ------------------------------------------------------------------------------------ */

static void put_preview(rg_val_t *page, apr_pool_t *p, const rg_view_service_edit_t *in)
{
    rg_val_t *list = rg_val_set_list(page, "starts");
    rg_val_bool(page, "previewed", in->site != NULL);
    rg_val_bool(page, "any_starts", in->start_count > 0);
    for (int i = 0; in->site && i < in->start_count; i++) {
        rg_view_time(rg_val_add(list), "at", p, in->site->zone, in->starts[i]);
    }
}

static rg_val_t *service_page(apr_pool_t *p, const char *title, const rg_site_t *site)
{
    rg_val_t *page = rg_view_page(p, title, site);
    rg_val_bool(page, "wide", true);
    rg_val_bool(page, "at_admin", true);
    rg_val_bool(page, "at_services", true);
    return page;
}

rg_val_t *rg_view_service_edit(apr_pool_t *p, const rg_view_service_edit_t *in)
{
    const rg_service_choices_t *c = in->choices;
    const char *name = value_of(in, "name");
    const char *title = name[0] ? name : "New service";
    rg_val_t *page = service_page(p, title, c->site_count > 0 ? &c->sites[0] : NULL);
    rg_val_bool(page, "many_zones", c->site_count > 1);
    rg_val_t *list = rg_val_set_list(page, "capabilities");
    rg_val_t *steps = rg_val_set_list(page, "steps");
    rg_val_str(page, "service_code", in->code);
    rg_val_str(page, "seen", in->seen);
    for (int i = 0; i < c->capability_count; i++) {
        rg_val_push(list, rg_val_string(p, c->capabilities[i]));
    }
    put_service(page, p, in);
    for (int i = 0; is_in_form(in, apr_psprintf(p, "steps[%d].kind", i)); i++) {
        put_step(steps, p, in, i);
    }
    rg_val_str(page, "steps_error", rg_problem_for(in->problems, "steps"));
    put_preparing_fields(page, p, in);
    put_products(page, p, in);
    put_recalls(page, p, in);
    put_screenings(page, p, in);
    put_preview(page, p, in);
    return page;
}

rg_val_t *rg_view_services(apr_pool_t *p, const rg_service_def_t *defs, int count)
{
    rg_val_t *page = service_page(p, "Services", NULL);
    rg_val_t *list = rg_val_set_list(page, "services");
    for (int i = 0; i < count; i++) {
        const rg_service_def_t *d = &defs[i];
        rg_val_t *v = rg_val_add(list);
        rg_val_str(v, "code", d->service.code);
        rg_val_str(v, "name", d->service.name);
        rg_val_str(v, "at", d->site);
        rg_val_bool(v, "active", d->active);
        rg_val_bool(v, "staff_only", d->service.staff_only);
        rg_val_str(v, "length", rg_view_minutes(p, rg_first_visit_minutes(&d->service)));
        if (d->service.price.currency[0]) {
            rg_view_money(v, "price", p, d->service.price);
        }
        rg_val_int(v, "step_count", d->service.step_count);
    }
    rg_val_bool(page, "any_services", count > 0);
    return page;
}
