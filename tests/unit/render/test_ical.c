/* SPDX-License-Identifier: Apache-2.0 */
/* Calendar feeds as bytes: what an event says and does not say, names with awkward characters, long
 * lines folded, the same values the same bytes. tests/http/definitions/test_feeds.py reads them back with
 * another implementation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <apr_general.h>
#include <apr_strings.h>
#include "regen/core/time.h"
#include "regen/model/booking.h"
#include "regen/model/feed.h"
#include "regen/model/place.h"
#include "regen/render/ical.h"

#define CHARTS "https://clinic.example/desk/staff/bookings/"

static apr_pool_t *pool;

static int once(void **state)
{
    (void)state;
    apr_initialize();
    return apr_pool_create(&pool, NULL);
}

static int over(void **state)
{
    (void)state;
    apr_pool_destroy(pool);
    apr_terminate();
    return 0;
}

static apr_time_t at(const char *instant)
{
    apr_time_t t = 0;
    assert_true(rg_time_parse(&t, instant));
    return t;
}

static rg_feed_entry_t entry(rg_booking_status_t status)
{
    return (rg_feed_entry_t){.booking_uid = "01hzzzzzzzzzzzzzzzzzzzzzzz",
                             .status = status,
                             .version = 4,
                             .changed_at = at("2026-11-22T15:40:00Z"),
                             .step_no = 2,
                             .from = at("2026-12-01T14:40:00Z"),
                             .until = at("2026-12-01T15:10:00Z"),
                             .room = "Procedure room 1"};
}

static rg_feed_t feed_of(rg_resource_kind_t kind, rg_feed_entry_t *entries, int count)
{
    rg_feed_t f = {.site_name = "Harbor Joint Clinic", .count = count, .entries = entries};
    f.resource.uid = "01hyyyyyyyyyyyyyyyyyyyyyyy";
    f.resource.name = kind == RG_RESOURCE_PRACTITIONER ? "Dr. Elena Rivera" : "Procedure room 1";
    f.resource.kind = kind;
    return f;
}

/* Lines as they were before folding, for strstr. */
static const char *unfolded(const char *text)
{
    char *out = apr_pstrdup(pool, text);
    char *to = out;
    for (const char *c = text; *c; c++) {
        if (strncmp(c, "\r\n ", 3) == 0) {
            c += 2;
            continue;
        }
        *to++ = *c;
    }
    *to = '\0';
    return out;
}

static void has(const char *text, const char *line)
{
    if (!strstr(text, line)) {
        fail_msg("no %s in\n%s", line, text);
    }
}

static void test_practitioner(void **state)
{
    rg_feed_entry_t e = entry(RG_BOOKING_BOOKED);
    rg_feed_t f = feed_of(RG_RESOURCE_PRACTITIONER, &e, 1);
    (void)state;
    const char *text = unfolded(rg_ical_feed(pool, &f, CHARTS));
    has(text, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
    has(text, "X-WR-CALNAME:Dr. Elena Rivera\r\n");
    assert_null(strstr(text, "METHOD"));
    f.resource.name = "Rivera, Elena; \\ the \"first\"\nX-EVIL:1";
    text = unfolded(rg_ical_feed(pool, &f, CHARTS));
    has(text, "X-WR-CALNAME:Rivera\\, Elena\\; \\\\ the \"first\"\\nX-EVIL:1\r\n");
    assert_null(strstr(text, "\nX-EVIL"));
    has(text, "UID:01hzzzzzzzzzzzzzzzzzzzzzzz-01hyyyyyyyyyyyyyyyyyyyyyyy-2@regen\r\n");
    has(text, "DTSTAMP:20261122T154000Z\r\n");
    has(text, "SEQUENCE:4\r\n");
    has(text, "DTSTART:20261201T144000Z\r\n");
    has(text, "DTEND:20261201T151000Z\r\n");
    has(text, "SUMMARY:Booked\r\n");
    has(text, "LOCATION:Procedure room 1\\, Harbor Joint Clinic\r\n");
    has(text, "STATUS:CONFIRMED\r\n");
    has(text, "CLASS:PRIVATE\r\n");
    has(text, "URL:" CHARTS "01hzzzzzzzzzzzzzzzzzzzzzzz\r\n");
}

static void test_room(void **state)
{
    rg_feed_entry_t e = entry(RG_BOOKING_COMPLETED);
    rg_feed_t f = feed_of(RG_RESOURCE_ROOM, &e, 1);
    (void)state;
    has(unfolded(rg_ical_feed(pool, &f, CHARTS)), "SUMMARY:Occupied: Procedure room 1\r\n");
}

static void test_given_back(void **state)
{
    static const rg_booking_status_t gone[] = {RG_BOOKING_CANCELLED, RG_BOOKING_NO_SHOW};
    (void)state;
    for (int i = 0; i < 2; i++) {
        rg_feed_entry_t e = entry(gone[i]);
        rg_feed_t f = feed_of(RG_RESOURCE_ROOM, &e, 1);
        const char *text = rg_ical_feed(pool, &f, CHARTS);
        has(text, "STATUS:CANCELLED\r\n");
        has(text, "TRANSP:TRANSPARENT\r\n");
        has(text, "SUMMARY:Canceled\r\n");
    }
}

static void test_empty(void **state)
{
    rg_feed_t f = feed_of(RG_RESOURCE_ROOM, NULL, 0);
    (void)state;
    const char *text = rg_ical_feed(pool, &f, CHARTS);
    has(text, "END:VCALENDAR\r\n");
    assert_null(strstr(text, "VEVENT"));
}

/* Nothing anybody may write in a name breaks out of its line, and no line is longer than RFC 5545
 * says. */
static void test_awkward_names(void **state)
{
    rg_feed_entry_t e = entry(RG_BOOKING_BOOKED);
    rg_feed_t f = feed_of(RG_RESOURCE_ROOM, &e, 1);
    (void)state;
    e.room = "";
    f.site_name = "";
    f.resource.name =
        "Raum; \"links\", \\hinten\nEND:VCALENDAR – äöü "
        "ein sehr langer Name, der gewiss nicht in eine Zeile von fünfundsiebzig Oktetten passt";
    const char *text = rg_ical_feed(pool, &f, CHARTS);
    int ends = 0;
    for (const char *at_end = text; (at_end = strstr(at_end, "\nEND:VCALENDAR")); at_end++) {
        ends++;
    }
    assert_int_equal(ends, 1);
    for (const char *line = text; *line;) {
        size_t n = strcspn(line, "\r\n");
        assert_true(n <= 75);
        line += n;
        assert_memory_equal(line, "\r\n", 2);
        line += 2;
    }
    has(unfolded(text),
        "SUMMARY:Occupied: Raum\\; \"links\"\\, \\\\hinten\\nEND:VCALENDAR – äöü ein");
}

static void test_same_values_same_bytes(void **state)
{
    rg_feed_entry_t e = entry(RG_BOOKING_BOOKED);
    rg_feed_t f = feed_of(RG_RESOURCE_PRACTITIONER, &e, 1);
    (void)state;
    const char *first = rg_ical_feed(pool, &f, CHARTS);
    assert_string_equal(rg_ical_feed(pool, &f, CHARTS), first);
    e.version++;
    assert_string_not_equal(rg_ical_feed(pool, &f, CHARTS), first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_practitioner),  cmocka_unit_test(test_room),
        cmocka_unit_test(test_given_back),    cmocka_unit_test(test_empty),
        cmocka_unit_test(test_awkward_names), cmocka_unit_test(test_same_values_same_bytes),
    };
    return cmocka_run_group_tests(tests, once, over);
}
