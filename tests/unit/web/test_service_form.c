/* SPDX-License-Identifier: Apache-2.0 */
/* The editor's form of a service (mod_regen/web/admin/service_form.c) and the rules for what it says
 * (mod_regen/clinic/definitions/service_rules.c): nothing that was typed is dropped without a word. */
#include "core_test.h"

#include <apr_strings.h>

#include "mod_regen/clinic/definitions/service.h"
#include "mod_regen/web/admin/service_form.c"
#include "regen/core/crypto.h"
#include "regen/core/ctx.h"
#include "regen/core/form.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/model/definition.h"
#include "regen/model/place.h"
#include "regen/render/view_admin.h"
#include "regen/store/definitions.h"

static const char COURSE[] =
    "code=knee&site=harbor&name=Knee&summary=x&active=true&audience=public&booked_by=anyone"
    "&display_order=0&start_grid=15&notice_minutes=0&horizon_days=30&max_per_day=0"
    "&remind_hours=0&remind_again_hours=0&cancel_notice_"
    "minutes=0"
    "&move_notice_minutes=0&regulatory_path=none&unit_hold_minutes=240&needs_body_site=true"
    "&targets_most=1&body_sites=knee,+hip&forms="
    "&steps[0].kind=consult&steps[0].name=Talk&steps[0].minutes=15&steps[0].visit_no=1"
    "&steps[0].further_minutes=0&steps[1].further_minutes=0"
    "&steps[0].gap_min=0&steps[0].gap_max=0&steps[0].gap_days_min=0&steps[0].gap_days_max=0"
    "&steps[0].needs[0].capability=talk&steps[0].needs[0].quantity=1&steps[0].needs[0].setup=0"
    "&steps[0].needs[0].turnover=0"
    "&steps[1].kind=recover&steps[1].name=Rest&steps[1].minutes=30&steps[1].visit_no=1"
    "&steps[1].gap_min=0&steps[1].gap_max=0&steps[1].gap_days_min=0&steps[1].gap_days_max=0";

static rg_form_t *form(apr_pool_t *p, const char *more)
{
    rg_form_t *f;
    const char *text = apr_pstrcat(p, more, "&", COURSE, NULL);
    assert_int_equal(rg_form_parse(&f, p, text, strlen(text), 4000), RG_OK);
    return f;
}

static rg_service_def_t *taken(apr_pool_t *p, const rg_form_t *f, const char *code)
{
    rg_problems_t *problems = rg_problems_make(p);
    rg_service_def_t *d = regen_service_decode(p, problems, f, code);
    assert_false(rg_problems_any(problems));
    return d;
}

static bool complains(const rg_problems_t *problems, const char *field)
{
    for (int i = 0; i < problems->list->nelts; i++) {
        const char *about = APR_ARRAY_IDX(problems->list, i, rg_problem_t).field;
        if (about && strcmp(about, field) == 0) {
            return true;
        }
    }
    return false;
}

static void reads_what_it_wrote(void **state)
{
    apr_pool_t *p = *state;
    assert_true(rg_crypto_init());
    rg_service_def_t *d = taken(p, form(p, ""), NULL);
    assert_int_equal(d->service.step_count, 2);
    assert_int_equal(d->service.body_site_count, 2);
    rg_service_def_t *again = taken(p, rg_service_form(p, d), NULL);
    assert_string_equal(rg_service_def_mark(p, again), rg_service_def_mark(p, d));
}

static void the_address_says_which_service(void **state)
{
    apr_pool_t *p = *state;
    assert_string_equal(taken(p, form(p, ""), "hip")->service.code, "hip");
    assert_string_equal(taken(p, form(p, "code=elbow"), "hip")->service.code, "hip");
    assert_string_equal(taken(p, form(p, "code=elbow"), NULL)->service.code, "elbow");
}

/* RG_WORDS_MAX different words, each with a comma behind. */
static const char *words(apr_pool_t *p)
{
    const char *text = "";
    for (int i = 0; i < RG_WORDS_MAX; i++) {
        text = apr_pstrcat(p, text, "w-", apr_itoa(p, i), "+,", NULL);
    }
    return text;
}

static void too_many_words_are_told(void **state)
{
    static const char *const names[] = {"body_sites", "forms", "steps[0].needs[0].any"};
    apr_pool_t *p = *state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *most = apr_pstrcat(p, names[i], "=", words(p), NULL);
        rg_problems_t *problems = rg_problems_make(p);
        regen_service_decode(p, problems, form(p, most), NULL);
        assert_false(rg_problems_any(problems));
        regen_service_decode(p, problems, form(p, apr_pstrcat(p, most, "one-more", NULL)), NULL);
        assert_true(complains(problems, names[i]));
    }
}

static void no_button_loses_a_step(void **state)
{
    static const char *const deeds[] = {"up-step-2", "up-step-3", "up-step-200", "remove-step-2"};
    apr_pool_t *p = *state;
    assert_true(rg_crypto_init());
    const rg_form_t *f = form(p, "");
    const char *mark = rg_service_def_mark(p, taken(p, f, NULL));
    for (size_t i = 0; i < sizeof(deeds) / sizeof(deeds[0]); i++) {
        const rg_form_t *other = regen_service_rearrange(p, f, deeds[i]);
        assert_non_null(other);
        assert_string_equal(rg_service_def_mark(p, taken(p, other, NULL)), mark);
    }
    const rg_form_t *up = regen_service_rearrange(p, f, "up-step-1");
    assert_string_equal(taken(p, up, NULL)->service.steps[0].name, "Rest");
    up = regen_service_rearrange(p, up, "up-step-1");
    assert_string_equal(rg_service_def_mark(p, taken(p, up, NULL)), mark);
    assert_int_equal(
        taken(p, regen_service_rearrange(p, f, "remove-step-0"), NULL)->service.step_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        pool_test(reads_what_it_wrote), pool_test(the_address_says_which_service),
        pool_test(too_many_words_are_told), pool_test(no_button_loses_a_step)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
