/* SPDX-License-Identifier: Apache-2.0 */
/* The words of every kind of message, through the real templates. */
#include "core_test.h"

#include <apr_strings.h>
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/words.h"
#include "regen/model/followup.h"
#include "regen/render/message.h"
#include "regen/render/template.h"

static rg_templates_t *templates;
static apr_pool_t *pool;

static int setup(void **state)
{
    const char *why = "";
    (void)state;
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (rg_templates_load(&templates, pool, "conf/templates", &why) != RG_OK) {
        print_message("%s\n", why);
        return -1;
    }
    return 0;
}

static rg_message_t message(rg_message_kind_t kind)
{
    return (rg_message_t){.kind = kind,
                          .booking_uid = "",
                          .to_name = "Ada Lovelace",
                          .to_email = "ada@example.org",
                          .starts_at = apr_time_from_sec(1796137200),
                          .ends_at = apr_time_from_sec(1796144400),
                          .visit_count = 1,
                          .visits = {apr_time_from_sec(1796137200)},
                          .site_name = "Harbor Clinic",
                          .site_address = "12 Harbor Street, Portsmouth",
                          .site_phone = "603-555-0100",
                          .to_phone = "",
                          .service_name = "",
                          .code = "",
                          .answer = "",
                          .zone = rg_zone_open(pool, "America/New_York"),
                          .created_at = apr_time_from_sec(1796000000)};
}

static rg_letter_t letter(const rg_message_t *m)
{
    rg_letter_t l;
    assert_int_equal(rg_message_letter(&l, pool, templates, m), RG_OK);
    return l;
}

static void every_kind_says_what_it_is_about(void **state)
{
    static const char *const said[] = {
        "booked",        "has a new time",    "is canceled",           "A time is free",
        "A reminder",    "Before your visit", "You can choose a time", "Before your visit",
        "Your visit at", "Your link to",      "Your estimate from"};
    RG_WORDS_ALL(said, RG_MESSAGE_KIND_COUNT);
    (void)state;
    for (int k = 0; k < RG_MESSAGE_KIND_COUNT; k++) {
        rg_message_t m = message((rg_message_kind_t)k);
        rg_letter_t l = letter(&m);
        assert_non_null(strstr(l.subject, said[k]));
        assert_null(strchr(l.subject, '\n'));
        assert_int_equal(strncmp(l.text, "Dear Ada Lovelace,\n\n", 20), 0);
        assert_non_null(strstr(l.text, "603-555-0100"));
        assert_null(strstr(l.text, "{{"));
        assert_null(strstr(l.text, "\n\n\n"));
        assert_null(strstr(l.text, "http"));
    }
}

static void times_are_said_with_their_zone(void **state)
{
    (void)state;
    rg_message_t m = message(RG_MESSAGE_CHANGE);
    m.old_starts_at = apr_time_from_sec(1796050800);
    rg_letter_t l = letter(&m);
    assert_non_null(strstr(l.text, "Tuesday 1 December 2026, 10:00 am (New York time)"));
    assert_non_null(strstr(l.text, "Your previous time, Monday 30 November 2026"));
    m = message(RG_MESSAGE_WAITLIST_OFFER);
    m.until_at = apr_time_from_sec(1796050800);
    l = letter(&m);
    assert_non_null(strstr(l.text, "hold it for you until Monday 30 November 2026"));
}

static void several_visits_are_counted(void **state)
{
    (void)state;
    rg_message_t m = message(RG_MESSAGE_CONFIRMATION);
    m.visit_count = 2;
    m.visits[1] = apr_time_from_sec(1796223600);
    rg_letter_t l = letter(&m);
    assert_non_null(strstr(l.text, "Visit 1: Tuesday 1 December"));
    assert_non_null(strstr(l.text, "Visit 2: Wednesday 2 December"));
}

/* All of them, where a course is cancelled. */
static void a_cancelled_course_names_its_visits(void **state)
{
    (void)state;
    rg_message_t m = message(RG_MESSAGE_CANCELLATION);
    assert_non_null(
        strstr(letter(&m).text, "\nTuesday 1 December 2026, 10:00 am (New York time)\n"));
    m.visit_count = 2;
    m.visits[1] = apr_time_from_sec(1796223600);
    assert_non_null(strstr(letter(&m).text, "Visit 2: Wednesday 2 December"));
}

/* The day a recall is due is the same day everywhere: it is noon of it in UTC. */
static void a_recall_is_due_on_its_day_in_every_zone(void **state)
{
    static const char *const zones[] = {"America/New_York", "Pacific/Auckland",
                                        "Pacific/Kiritimati", "Pacific/Pago_Pago", "UTC"};
    (void)state;
    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); i++) {
        rg_message_t m = message(RG_MESSAGE_RECALL);
        m.zone = rg_zone_open(pool, zones[i]);
        m.starts_at = rg_zone_utc(rg_zone_open(pool, "UTC"), (rg_date_t){2026, 12, 15}, 720);
        m.ends_at = m.starts_at + apr_time_from_sec(14 * 86400);
        assert_non_null(strstr(letter(&m).text, "between Tuesday 15 December 2026 and Tuesday 29"
                                                " December 2026"));
    }
}

/* Every kind as it leaves, bare and with everything there may be. */
static void every_kind_leaves(void **state)
{
    rg_preparing_t what = {.words = "Stop ibuprofen", .applies = "if you take it"};
    rg_prepare_day_t days[] = {{&what, {2026, 11, 24}, {2026, 11, 30}, false}};
    (void)state;
    for (int k = 0; k < RG_MESSAGE_KIND_COUNT; k++) {
        for (int detail = 0; detail < RG_MAIL_DETAIL_COUNT; detail++) {
            rg_message_t m = message((rg_message_kind_t)k);
            m.service_name = "Bone marrow";
            rg_letter_facts_t f = {.message = &m, .detail = (rg_mail_detail_t)detail};
            rg_mail_t bare = {0};
            rg_mail_t full = {0};
            assert_int_equal(rg_letter_compose(&bare, pool, &f, templates), RG_OK);
            f.preparing = days;
            f.preparing_count = 1;
            f.home = "https://clinic.example/clinic";
            f.link = "https://clinic.example/clinic/b/token";
            f.stop = "https://clinic.example/clinic/stop/token";
            assert_int_equal(rg_letter_compose(&full, pool, &f, templates), RG_OK);
            assert_null(strstr(bare.text, "\n\n\n"));
            assert_null(strstr(full.text, "\n\n\n"));
            assert_null(strstr(full.html, "{{"));
            assert_string_equal(bare.subject, full.subject);
            const rg_letter_kind_t *kind = rg_letter_kind((rg_message_kind_t)k);
            assert_int_equal(strstr(full.html, "href=\"https://clinic.example/clinic/b/") != NULL,
                             kind->link >= 0);
            assert_int_equal(strstr(full.text, "/stop/") != NULL, kind->stops);
            assert_true(detail > RG_MAIL_DETAIL_NONE || !strstr(full.text, "Bone marrow"));
            assert_true(detail == RG_MAIL_DETAIL_FULL || !strstr(full.text, "ibuprofen"));
            assert_null(strstr(full.subject, "Bone marrow"));
        }
    }
}

static void names_are_text_in_html(void **state)
{
    rg_message_t m = message(RG_MESSAGE_CONFIRMATION);
    rg_letter_facts_t f = {.message = &m};
    rg_mail_t out = {0};
    (void)state;
    m.to_name = "<b>Ada</b>";
    assert_int_equal(rg_letter_compose(&out, pool, &f, templates), RG_OK);
    assert_null(strstr(out.html, "<b>"));
    assert_non_null(strstr(out.text, "Dear <b>Ada</b>,"));
}

static void no_phone_no_gap(void **state)
{
    (void)state;
    rg_message_t m = message(RG_MESSAGE_CANCELLATION);
    m.site_phone = "";
    rg_letter_t l = letter(&m);
    assert_non_null(strstr(l.text, "call us."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_says_what_it_is_about),
        cmocka_unit_test(times_are_said_with_their_zone),
        cmocka_unit_test(several_visits_are_counted),
        cmocka_unit_test(a_cancelled_course_names_its_visits),
        cmocka_unit_test(a_recall_is_due_on_its_day_in_every_zone),
        cmocka_unit_test(every_kind_leaves),
        cmocka_unit_test(names_are_text_in_html),
        cmocka_unit_test(no_phone_no_gap),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
