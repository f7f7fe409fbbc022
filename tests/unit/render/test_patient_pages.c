/* SPDX-License-Identifier: Apache-2.0 */
/* The patient's pages from made-up values, through the real templates: what they must say, and that
 * nothing typed gets out unescaped. With REGEN_PAGES=DIR each page is also written there, to be
 * looked at. */
#include "core_test.h"

#include <stdio.h>
#include <stdlib.h>

#include <apr_strings.h>
#include "regen/clinic/booking.h"
#include "regen/clinic/patient.h"
#include "regen/core/buf.h"
#include "regen/core/outcome.h"
#include "regen/core/time.h"
#include "regen/core/val.h"
#include "regen/model/booking.h"
#include "regen/model/consent.h"
#include "regen/model/patient.h"
#include "regen/model/place.h"
#include "regen/model/service.h"
#include "regen/render/ical.h"
#include "regen/render/template.h"
#include "regen/render/view.h"
#include "regen/render/view_patient.h"

static rg_templates_t *templates;
static apr_pool_t *forever;
static rg_site_t site;

static const char *bones[] = {"knee", "achilles-tendon"};
static rg_step_t steps[] = {
    {.step_no = 1,
     .kind = RG_STEP_CHECK_IN,
     .name = "Arrive and prepare",
     .minutes = 15,
     .visit_no = 1,
     .patient_present = true},
    {.step_no = 2,
     .kind = RG_STEP_HARVEST,
     .name = "Bone-marrow harvest",
     .minutes = 30,
     .gap_min = 5,
     .visit_no = 1,
     .patient_present = true},
    {.step_no = 3, .kind = RG_STEP_PROCESS, .name = "Processing", .minutes = 20, .visit_no = 1},
    {.step_no = 4,
     .kind = RG_STEP_INJECT,
     .name = "Injection",
     .minutes = 20,
     .visit_no = 1,
     .patient_present = true},
    {.step_no = 5,
     .kind = RG_STEP_RECOVER,
     .name = "Rest",
     .minutes = 30,
     .visit_no = 1,
     .patient_present = true}};
static rg_service_t service = {
    .id = 1,
    .code = "bmac-knee",
    .name = "Bone-marrow concentrate for a knee",
    .summary = "Bone marrow is drawn from the back of your hip bone and concentrated in a "
               "centrifuge. The concentrate is injected into your knee under imaging in the same "
               "visit. Changes, if any, are usually judged after six to eight weeks.",
    .not_for = "Not for people with a blood or bone-marrow disease, a current infection, cancer "
               "under treatment, or who are pregnant.",
    .preparation = "Wear loose clothes and bring somebody to take you home.",
    .cancel_notice_minutes = 2880,
    .needs_body_site = true,
    .price = {460000, "USD"},
    .step_count = 5,
    .steps = steps,
    .body_site_count = 2,
    .body_sites = bones};
static rg_booking_step_t booked_steps[5];
static rg_appointment_t visit = {.uid = "01hzzzzzzzzzzzzzzzzzzzzzzz", .visit_no = 1, .sequence = 0};
static rg_booking_t booking = {.uid = "01hyyyyyyyyyyyyyyyyyyyyyyy",
                               .service_code = "bmac-knee",
                               .service_name = "Bone-marrow concentrate for a knee",
                               .status = RG_BOOKING_HELD,
                               .self_pay = -1,
                               .body_site = "",
                               .price = {460000, "USD"},
                               .patient_family = "",
                               .patient_given = ""};
static rg_payer_t payers[] = {{.id = 1,
                               .code = "granite",
                               .name = "Granite Mutual Health",
                               .kind = "commercial",
                               .active = true},
                              {.id = 2,
                               .code = "medicare",
                               .name = "Medicare (New Hampshire)",
                               .kind = "medicare",
                               .active = true}};
static rg_patient_t patient = {.family = "O'Neil <b>",
                               .given = "José",
                               .birth_date = {1985, 3, 27},
                               .gender = "male",
                               .email = "jose@example.org",
                               .phone = "603-555-0123",
                               .address = {"1 Main Street", "Dover", "NH", "03820", "US"}};

static apr_time_t at(const char *instant)
{
    apr_time_t t = 0;
    assert_true(rg_time_parse(&t, instant));
    return t;
}

static int once(void **state)
{
    (void)state;
    apr_initialize();
    apr_pool_create(&forever, NULL);
    const char *why = NULL;
    const char *root = getenv("REGEN_TEST_ROOT");
    const char *dir = apr_pstrcat(forever, root ? root : ".", "/conf/templates", NULL);
    if (rg_templates_load(&templates, forever, dir, &why) != RG_OK) {
        fail_msg("%s", why);
    }
    site =
        (rg_site_t){.id = 1,
                    .code = "harbor",
                    .name = "Harbor Joint Clinic",
                    .time_zone = "America/New_York",
                    .phone = "603-555-0100",
                    .notice = "These treatments use your own cells on the same day. They have not "
                              "been approved by the United States Food and Drug Administration.",
                    .address = {"12 Harbor Street", "Portsmouth", "NH", "03801", "US"}};
    site.zone = rg_zone_open(forever, site.time_zone);
    assert_non_null(site.zone);
    apr_time_t t = at("2026-12-01T14:40:00Z");
    booking.starts_at = t;
    for (int i = 0; i < 5; i++) {
        apr_time_t end = t + apr_time_from_sec(60 * steps[i].minutes);
        booked_steps[i] = (rg_booking_step_t){.step_no = i + 1,
                                              .kind = steps[i].kind,
                                              .name = steps[i].name,
                                              .visit_no = 1,
                                              .starts_at = t,
                                              .ends_at = end};
        t = end;
    }
    booking.ends_at = t;
    booking.step_count = 5;
    booking.steps = booked_steps;
    visit.starts_at = booking.starts_at;
    visit.ends_at = booking.ends_at;
    booking.appointment_count = 1;
    booking.appointments = &visit;
    booking.hold_expires_at = at("2026-11-22T15:42:00Z");
    return 0;
}

static int over(void **state)
{
    (void)state;
    apr_pool_destroy(forever);
    apr_terminate();
    return 0;
}

static rg_val_t *page(apr_pool_t *p, const char *title)
{
    rg_val_t *v = rg_view_page(p, title, &site);
    rg_val_str(v, "base", "/clinic");
    rg_val_str(v, "static_tag", "TAG");
    rg_val_str(v, "csrf", "CSRF");
    rg_val_str(v, "idem", "IDEM");
    return v;
}

static rg_val_t *visit_page(apr_pool_t *p, const char *title)
{
    rg_val_t *v = page(p, title);
    rg_val_bool(v, "has_booking", true);
    rg_val_set(v, "booking", rg_view_booking(p, &booking, site.zone));
    rg_val_set(v, "service", rg_view_service(p, &service));
    rg_view_hold(v, "hold", p, &booking, site.zone, at("2026-11-22T15:33:00Z"));
    return v;
}

static void wrong(rg_val_t *v, apr_pool_t *p, const char *field, const char *text)
{
    rg_val_t *item = rg_val_add(rg_val_set_list(v, "problems"));
    rg_val_str(item, "field", field);
    rg_val_str(item, "text", text);
    if (!rg_val_get(v, "errors")) {
        rg_val_set(v, "errors", rg_val_object(p));
    }
    rg_val_str(rg_val_get(v, "errors"), field, text);
    rg_val_bool(v, "has_errors", true);
}

/* The page's bytes; every page must have what every page has. */
static const char *shown(apr_pool_t *p, const char *name, const char *template, rg_val_t *v)
{
    rg_buf_t *out = rg_buf_make(p, 1 << 20);
    assert_int_equal(rg_template_render(templates, template, v, out), RG_OK);
    assert_false(out->overflow);
    assert_memory_equal(out->data, "<!doctype html>", 15);
    assert_non_null(strstr(out->data, "<html lang=\"en\">"));
    assert_non_null(strstr(out->data, "<main id=\"main\">"));
    const char *h1 = strstr(out->data, "<h1");
    assert_non_null(h1);
    assert_null(strstr(h1 + 1, "<h1"));
    assert_null(strstr(out->data, "<b>"));
    assert_null(strstr(out->data, " style="));
    const char *dir = getenv("REGEN_PAGES");
    if (dir) {
        FILE *f = fopen(apr_pstrcat(p, dir, "/", name, ".html", NULL), "w");
        assert_non_null(f);
        fwrite(out->data, 1, out->len, f);
        fclose(f);
    }
    return out->data;
}

static void has(const char *html, const char *part)
{
    if (!strstr(html, part)) {
        fail_msg("the page lacks: %s", part);
    }
}

static void has_not(const char *html, const char *part)
{
    if (strstr(html, part)) {
        fail_msg("the page has: %s", part);
    }
}

static void test_treatments(void **state)
{
    rg_val_t *v = page(*state, "Treatments");
    rg_val_t *list = rg_val_set_list(v, "services");
    for (int i = 0; i < 3; i++) {
        rg_val_push(list, rg_view_service(*state, &service));
    }
    const char *html = shown(*state, "treatments", "patient/treatments.html", v);
    has(html, "<title>Treatments – Harbor Joint Clinic</title>");
    has(html, "Takes about 2 hours");
    has(html, "$4,600.00");
    has(html, "New York time");
    has(html, "tel:6035550100");
    shown(*state, "treatments-empty", "patient/treatments.html", page(*state, "Treatments"));
}

static void test_service(void **state)
{
    rg_val_t *v = page(*state, service.name);
    rg_val_set(v, "service", rg_view_service(*state, &service));
    const char *html = shown(*state, "service", "patient/service.html", v);
    has(html, "<bdi>Processing</bdi>, 20 minutes: your own material is prepared while you rest");
    has(html, "href=\"/clinic/services/bmac-knee/times\"");
}

static rg_view_times_t december(apr_pool_t *p)
{
    rg_view_day_t *days = apr_pcalloc(p, sizeof(*days) * 31);
    for (int i = 0; i < 31; i++) {
        days[i].date = (rg_date_t){2026, 12, i + 1};
        int weekday = rg_date_weekday(days[i].date);
        days[i].count = weekday > 5 || i == 24 ? 0 : i % 5 == 2 ? 1 : 14;
        apr_time_t *starts = apr_pcalloc(p, sizeof(*starts) * 14);
        for (int k = 0; k < 14; k++) {
            starts[k] = rg_zone_utc(site.zone, days[i].date, 480 + 30 * k);
        }
        days[i].starts = starts;
    }
    return (rg_view_times_t){.service = &service,
                             .site = &site,
                             .month = {2026, 12, 1},
                             .chosen = {2026, 12, 1},
                             .first = {2026, 11, 23},
                             .last = {2027, 5, 21},
                             .day_count = 31,
                             .days = days,
                             .visit_minutes = 120,
                             .path = "/services/bmac/times"};
}

/* For a booking that has a time: the same page, but its buttons ask first, and what is kept is
 * said. */
static void test_times_for_moving(void **state)
{
    static const rg_resource_t who[] = {{.id = 3, .name = "Dr Grant"}, {.id = 9, .name = "Dr Ng"}};
    const rg_resource_t *const list[] = {&who[0], &who[1]};
    rg_view_times_t in = december(*state);
    rg_val_t *v = visit_page(*state, "Choose a new time");
    in.moving = true;
    in.path = "/booking/move";
    in.practitioner = "9";
    in.practitioner_count = 2;
    in.practitioners = list;
    in.asked_month = true;
    rg_view_times(v, *state, &in);
    const char *html = shown(*state, "times-moving", "patient/times.html", v);
    has(html, "Choose a new time");
    has(html, "It stays yours until");
    has(html, "method=\"get\" action=\"/clinic/booking/move/check\"");
    has_not(html, "/holds");
    has(html, "?month=2026-12&amp;practitioner=9\" aria-current=\"true\">Dr Ng</a>");
    has(html, "\"/clinic/booking/move?month=2026-12&amp;practitioner=3\">Dr Grant</a>");
    has(html, "/booking/move?practitioner=9#day");
}

static void test_move(void **state)
{
    rg_val_t *v = visit_page(*state, "Reschedule your booking");
    rg_val_bool(v, "movable", true);
    rg_val_set(v, "moved", rg_val_get(v, "booking"));
    rg_val_int(v, "start", 1796130000);
    rg_val_int(v, "version", 7);
    const char *html = shown(*state, "move", "patient/move.html", v);
    has(html, "Reschedule your booking?");
    has(html, "name=\"version\" value=\"7\"");
    has(html, "name=\"start\" value=\"1796130000\"");
    v = visit_page(*state, "Please call to reschedule");
    html = shown(*state, "move-call", "patient/move.html", v);
    has(html, "Please call to reschedule");
    has_not(html, "<button>");
}

static void test_times(void **state)
{
    rg_view_times_t in = december(*state);
    rg_val_t *v = page(*state, "Choose a time");
    rg_val_str(v, "step", service.name);
    rg_view_times(v, *state, &in);
    const char *html = shown(*state, "times", "patient/times.html", v);
    has(html, "December 2026");
    has(html, "Tuesday 1 December 2026, ");
    has(html, "14 times");
    has(html, "<small>1 time</small>");
    has(html, "8:00 am <small><span class=\"ends\">to about 10:00 am</span></small>");
    has(html, "<h3><bdi>Afternoon</bdi></h3>");
    has(html, "href=\"?month=2026-11\"");
    has(html, "href=\"?month=2027-01\"");
    has(html, "href=\"?day=2026-12-02#day\"");
    has_not(html, "?day=2026-12-05");
    has_not(html, "practitioner");
    /* Every time has a key of its own. */
    has(html, "value=\"IDEM-1796130000\"");
    has(html, "value=\"IDEM-1796131800\"");
}

static void test_times_at_the_ends(void **state)
{
    rg_view_times_t in = december(*state);
    rg_val_t *v = page(*state, "Choose a time");
    in.first = (rg_date_t){2026, 12, 1};
    in.last = (rg_date_t){2026, 12, 31};
    in.chosen = (rg_date_t){2026, 12, 5};
    in.practitioner = "3";
    rg_view_times(v, *state, &in);
    const char *html = shown(*state, "times-none", "patient/times.html", v);
    has_not(html, "rel=\"prev\"");
    has_not(html, "rel=\"next\"");
    has(html, "Nothing is free on this day");
    has(html, "?day=2026-12-02&amp;practitioner=3#day");
    in.day_count = 0;
    in.chosen.year = 0;
    v = page(*state, "Choose a time");
    rg_view_times(v, *state, &in);
    html = shown(*state, "times-empty", "patient/times.html", v);
    has(html, "No free times this month");
}

static void test_taken(void **state)
{
    rg_val_t *v = page(*state, "That time was just taken");
    rg_view_times_t in = december(*state);
    rg_val_set(v, "service", rg_view_service(*state, &service));
    rg_view_time(v, "wish", *state, site.zone, in.days[0].starts[3]);
    rg_view_starts(v, "nearest", *state, &site, in.days[0].starts + 4, 6, 120, 0);
    rg_val_bool(v, "has_nearest", true);
    const char *html = shown(*state, "taken", "patient/taken.html", v);
    has(html, "Tuesday 1 December 2026, 9:30 am, a moment before you");
    has(html, "Tuesday 1 December 2026, 10:00 am");
}

static rg_val_t *details(apr_pool_t *p, rg_val_t *in, bool with_problems)
{
    rg_val_t *v = visit_page(p, "About you");
    rg_val_str(v, "step", service.name);
    rg_problems_t *problems = rg_problems_make(p);
    rg_problem_add(problems, "birth_year", "Enter the year of your date of birth");
    rg_view_details(v, p, in, &service, payers, 2, with_problems ? problems : rg_problems_make(p));
    return v;
}

static void test_details(void **state)
{
    apr_pool_t *p = *state;
    const char *html = shown(p, "details", "patient/details.html",
                             details(p, rg_view_details_stored(p, &booking, NULL, NULL), false));
    has(html, "Held for you until <strong><time datetime=\"2026-11-22T15:42:00Z\">10:42 am</time>");
    has(html, "data-left=\"540\"");
    has(html, "id=\"body_site\" name=\"body_site\" value=\"knee\"");
    has(html, "<label for=\"body_site-achilles-tendon\">Achilles tendon</label>");
    has_not(html, " checked");
    has_not(html, "aria-invalid");
    rg_val_t *in = rg_val_object(p);
    rg_val_str(in, "family", "O'Neil \"<b>\"");
    rg_val_str(in, "side", "right");
    rg_val_str(in, "pay", "insurance");
    rg_val_str(in, "relationship", "spouse");
    rg_val_t *v = details(p, in, true);
    wrong(v, p, "given", "Enter your first name");
    wrong(v, p, "birth_year", "Enter the year of your date of birth");
    wrong(v, p, "body_site", "Choose where you want to be treated");
    wrong(v, p, "payer_code", "Choose your insurance");
    wrong(v, p, "member_id", "Enter the member ID on your insurance card");
    html = shown(p, "details-errors", "patient/details.html", v);
    has(html, "<title>Error: About you");
    has(html, "<a href=\"#body_site\">Choose where you want to be treated</a>");
    has(html, "value=\"O&#39;Neil &quot;&lt;b&gt;&quot;\"");
    has(html, "name=\"side\" value=\"right\" checked");
    has(html, "id=\"given-error\"");
    has(html, "<a href=\"#birth_year\">Enter the year of your date of birth</a>");
    has(html, "id=\"birth_year\" name=\"birth_year\" class=\"w2\" value=\"\" inputmode=\"numeric\" "
              "autocomplete=\"bday-year\" aria-invalid=\"true\" "
              "aria-describedby=\"birth_date-error birth_date-hint\"");
    has(html, "autocomplete=\"bday-month\" aria-describedby=\"birth_date-hint\"");
}

static void test_one_joint_is_chosen(void **state)
{
    service.body_site_count = 1;
    const char *html =
        shown(*state, "details-one", "patient/details.html",
              details(*state, rg_view_details_stored(*state, &booking, &patient, NULL), false));
    service.body_site_count = 2;
    has(html, "name=\"body_site\" value=\"knee\" checked");
    has(html, "name=\"birth_month\" class=\"w10\" value=\"March\"");
    has(html, "name=\"birth_day\" class=\"w2\" value=\"27\"");
    has(html, "<option value=\"US\" selected>United States</option>");
    has(html, "<option value=\"FM\">Micronesia</option>");
    has_not(html, "Puerto Rico");
    has(html, "value=\"O&#39;Neil &lt;b&gt;\"");
}

static void sign(rg_consent_state_t *forms, rg_consent_t *c)
{
    *c = (rg_consent_t){.uid = "01hxxxxxxxxxxxxxxxxxxxxxxx",
                        .title = "Consent to bone-marrow concentrate",
                        .signer_name = "José O'Neil <b>",
                        .signed_at = at("2026-11-22T15:35:00Z"),
                        .expires_at = at("2027-05-21T15:35:00Z")};
    forms[0] = (rg_consent_state_t){
        .form = {.form_code = "marrow", .title = "Consent to bone-marrow concentrate"},
        .consent = c};
    forms[1] = (rg_consent_state_t){
        .form = {.form_code = "privacy", .title = "How we use your information"},
        .why = "Not signed yet"};
}

static void be_known(rg_booking_status_t status)
{
    booking.status = status;
    booking.body_site = "knee";
    booking.side = RG_SIDE_RIGHT;
    booking.patient_family = patient.family;
    booking.patient_given = patient.given;
    booking.patient_birth_date = patient.birth_date;
    booking.self_pay = 1;
    booking.booked_at = at("2026-11-22T15:40:00Z");
}

static void test_consents(void **state)
{
    rg_consent_state_t forms[2];
    rg_consent_t c;
    be_known(RG_BOOKING_HELD);
    sign(forms, &c);
    rg_val_t *v = visit_page(*state, "Consent");
    rg_view_consents(v, *state, forms, 2, site.zone);
    const char *html = shown(*state, "consents", "patient/consents.html", v);
    has(html, "Signed by <bdi>José O&#39;Neil");
    has(html, "Not signed yet");
    has(html, "href=\"/clinic/booking/check\"");
    v = visit_page(*state, "Consent");
    rg_view_consents(v, *state, forms, 1, site.zone);
    has(shown(*state, "consents-done", "patient/consents.html", v),
        "href=\"/clinic/booking/check\"");
}

static const char *const TEXT =
    "## This form is about\nPatient: José O'Neil <b>\nBorn: 27 March 1985\n\n## Risks\nPain and "
    "bruising are common for some days.\n\n"
    "Less often:\n- bleeding\n- infection\n\n## Your rights\nYou may say no.";

static void test_consent(void **state)
{
    be_known(RG_BOOKING_HELD);
    rg_val_t *v = visit_page(*state, "Consent to bone-marrow concentrate");
    rg_val_str(v, "step", "Consent");
    rg_val_str(v, "code", "marrow");
    rg_val_str(v, "sha256", "00ff");
    rg_val_set(v, "sections", rg_view_sections(*state, TEXT));
    wrong(v, *state, "agree", "Check the box");
    wrong(v, *state, "signer_name", "Type your full name to sign");
    const char *html = shown(*state, "consent-errors", "patient/consent.html", v);
    has(html, "<h2>Risks</h2>");
    has(html, "<p>Less often:</p>");
    has(html, "<ul><li>bleeding</li><li>infection</li></ul>");
    has(html, "name=\"text_sha256\" value=\"00ff\"");
    v = visit_page(*state, "Consent to bone-marrow concentrate");
    rg_val_set(v, "sections", rg_view_sections(*state, TEXT));
    rg_val_str(v, "sha256", "00ff");
    rg_val_str(v, "signer", "José O'Neil");
    rg_view_time(v, "signed", *state, site.zone, at("2026-11-22T15:35:00Z"));
    rg_view_time(v, "expires", *state, site.zone, at("2027-05-21T15:35:00Z"));
    has(shown(*state, "consent-signed", "patient/consent_signed.html", v),
        "Valid until Friday 21 May 2027");
    v = visit_page(*state, "Withdraw your consent");
    rg_val_str(v, "form_title", "Consent to bone-marrow concentrate");
    has(shown(*state, "withdraw", "patient/consent_withdraw.html", v), "is no longer valid");
}

static void test_check(void **state)
{
    rg_consent_state_t forms[2];
    rg_consent_t c;
    be_known(RG_BOOKING_HELD);
    sign(forms, &c);
    rg_val_t *v = visit_page(*state, "Check and book");
    rg_val_set(v, "patient", rg_view_patient(*state, &patient));
    rg_view_consents(v, *state, forms, 1, site.zone);
    const char *html = shown(*state, "check", "patient/check.html", v);
    has(html, "<strong>right knee</strong>");
    has(html, "José O&#39;Neil &lt;b&gt;");
    has(html, "March 27, 1985");
    has(html, "Self-pay");
    has(html, "can no longer be canceled online");
    has_not(html, "reschedule this visit online");
    v = visit_page(*state, "Check and book");
    rg_deadlines_t last = {at("2026-11-29T14:40:00Z"), at("2026-11-30T14:40:00Z")};
    rg_view_deadlines(v, *state, site.zone, &last);
    html = shown(*state, "check-in-time", "patient/check.html", v);
    has(html, "cancel it online until Sunday 29 November 2026, 9:40 am (New York time)");
    has(html,
        "reschedule this visit online until Monday 30 November 2026, 9:40 am (New York time)");
}

static void test_booking(void **state)
{
    rg_consent_state_t forms[2];
    rg_consent_t c;
    be_known(RG_BOOKING_BOOKED);
    sign(forms, &c);
    rg_val_t *v = visit_page(*state, "Your booking");
    rg_view_consents(v, *state, forms, 2, site.zone);
    rg_val_str(v, "link",
               "https://clinic.example/clinic/b/0123456789012345678901234567890123456789012");
    rg_val_str(v, "preparation", service.preparation);
    rg_view_time(v, "cancel_until", *state, site.zone, at("2026-11-29T14:40:00Z"));
    const char *html = shown(*state, "booking", "patient/booking.html", v);
    has(html, "Tuesday 1 December 2026, 9:40 am (New York time)");
    has(html,
        "10:25 am</time><div><strong><bdi>Processing</bdi></strong> <span class=\"soft small\">");
    has(html, "11:35 am</time><div><strong>Home</strong>");
    has(html, "<p>Bone-marrow concentrate for a knee");
    has_not(html, "Held for you");
    be_known(RG_BOOKING_CANCELLED);
    html = shown(*state, "booking-cancelled", "patient/booking.html",
                 visit_page(*state, "Your booking"));
    has(html, "Your booking is canceled");
    has(html, "href=\"/clinic/services/bmac-knee/times\"");
    has_not(html, "Your day");
    be_known(RG_BOOKING_BOOKED);
    v = visit_page(*state, "Cancel your booking");
    rg_view_time(v, "cancel_until", *state, site.zone, at("2026-11-29T14:40:00Z"));
    has(shown(*state, "cancel", "patient/cancel.html", v), "Cancel my booking");
    has(shown(*state, "cancel-late", "patient/cancel.html",
              visit_page(*state, "Cancel your booking")),
        "Online cancellation closed");
}

/* Two visits are two days, each with its own stations. */
static void test_two_visits(void **state)
{
    static rg_appointment_t two[2];
    rg_appointment_t *one = booking.appointments;
    apr_time_t later = apr_time_from_sec(2 * 86400);
    be_known(RG_BOOKING_BOOKED);
    two[0] = (rg_appointment_t){.uid = "a",
                                .visit_no = 1,
                                .starts_at = booked_steps[0].starts_at,
                                .ends_at = booked_steps[2].ends_at};
    two[1] = (rg_appointment_t){.uid = "b",
                                .visit_no = 2,
                                .starts_at = booked_steps[3].starts_at + later,
                                .ends_at = booked_steps[4].ends_at + later};
    booking.appointments = two;
    booking.appointment_count = 2;
    for (int i = 3; i < 5; i++) {
        booked_steps[i].visit_no = 2;
        booked_steps[i].starts_at += later;
        booked_steps[i].ends_at += later;
    }
    const char *html =
        shown(*state, "booking-two", "patient/booking.html", visit_page(*state, "Your booking"));
    const char *second = strstr(html, "<h2>Visit 2: Thursday 3 December 2026</h2>");
    has(html, "<h2>Visit 1: Tuesday 1 December 2026</h2>");
    assert_non_null(second);
    has(second, "<strong><bdi>Injection</bdi></strong>");
    has_not(second, "<strong><bdi>Processing</bdi></strong>");
    has_not(html, "Your day");
    has_not(html, "Your forms");
    has(shown(*state, "check-two", "patient/check.html", visit_page(*state, "Check")),
        "Visit 2: Thursday 3 December 2026");
    for (int i = 3; i < 5; i++) {
        booked_steps[i].visit_no = 1;
        booked_steps[i].starts_at -= later;
        booked_steps[i].ends_at -= later;
    }
    booking.appointments = one;
    booking.appointment_count = 1;
}

static void test_calendar(void **state)
{
    be_known(RG_BOOKING_BOOKED);
    const char *text =
        rg_ical_booking(*state, &booking, &site, NULL, NULL, at("2026-11-22T15:40:00Z"), false);
    has_not(text, "METHOD");
    has(text, "UID:01hzzzzzzzzzzzzzzzzzzzzzzz@regen");
    has(text, "DTSTART:20261201T144000Z");
    has(text, "DTEND:20261201T163500Z");
    has(text, "SEQUENCE:0");
    has(text, "SUMMARY:Appointment at Harbor Joint Clinic");
    has_not(text, "knee");
    has_not(text, "Bone");
    has_not(text, "José");
    booking.appointments[0].sequence = 1; /* as cancelling left it */
    text = rg_ical_booking(*state, &booking, &site, NULL, NULL, at("2026-11-22T15:40:00Z"), true);
    booking.appointments[0].sequence = 0;
    has_not(text, "METHOD");
    has(text, "STATUS:CANCELLED");
    has(text, "SEQUENCE:1");
}

static void test_small_pages(void **state)
{
    be_known(RG_BOOKING_EXPIRED);
    has(shown(*state, "gone", "patient/gone.html",
              visit_page(*state, "This time is no longer held for you")),
        "9:40 am was held");
    shown(*state, "link", "patient/link.html", page(*state, "This link does not work"));
    rg_val_t *v = rg_val_object(*state);
    rg_val_str(v, "base", "/clinic");
    rg_val_str(v, "title", "Please try again in a moment");
    rg_val_str(v, "words", "The clinic's records cannot be reached right now.");
    rg_val_int(v, "status", 503);
    shown(*state, "problem", "platform/problem.html", v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {pool_test(test_treatments),
                                       pool_test(test_service),
                                       pool_test(test_times),
                                       pool_test(test_times_for_moving),
                                       pool_test(test_move),
                                       pool_test(test_times_at_the_ends),
                                       pool_test(test_taken),
                                       pool_test(test_details),
                                       pool_test(test_one_joint_is_chosen),
                                       pool_test(test_consents),
                                       pool_test(test_consent),
                                       pool_test(test_check),
                                       pool_test(test_booking),
                                       pool_test(test_two_visits),
                                       pool_test(test_calendar),
                                       pool_test(test_small_pages)};
    return cmocka_run_group_tests(tests, once, over);
}
