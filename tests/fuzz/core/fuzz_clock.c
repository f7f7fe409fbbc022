/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a day, a time of day, an instant, and the name of a zone. Beyond not crashing: what is
 * taken is written again as it was (an instant: means the same), days count without a gap, a local
 * time that exists comes back from UTC, and a zone that is taken has the name that was asked for. */
#include "target.h"
#include "regen/core/text.h"
#include "regen/core/time.h"

static const char *const ZONES[] = {"America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"};

static void of_day(apr_pool_t *p, const char *text)
{
    rg_date_t d;
    if (!rg_date_parse(&d, text)) {
        return;
    }
    must_be_same(rg_date_iso(p, d), text);
    must(rg_date_days(rg_date_add(d, 1)) == rg_date_days(d) + 1);
    must(rg_date_compare(rg_date_add(d, -1), d) < 0);
    must(rg_date_weekday(rg_date_add(d, 1)) == rg_date_weekday(d) % 7 + 1);
    must(rg_text_clean(rg_date_long(p, d), strlen(rg_date_long(p, d))));
    for (size_t i = 0; i < sizeof(ZONES) / sizeof(*ZONES); i++) {
        const rg_zone_t *z = rg_zone_open(p, ZONES[i]);
        apr_time_t from[2];
        apr_time_t until[2];
        apr_time_t noon = rg_zone_utc(z, d, 720);
        rg_local_t local = rg_zone_local(z, noon);
        must(rg_date_compare(local.date, d) == 0 && local.minute == 720);
        int n = rg_zone_span(z, d, 0, 1440, from, until);
        must(n == 1 || n == 2);
        must(from[0] == rg_zone_utc(z, d, 0) && until[n - 1] == rg_zone_utc(z, d, 1440));
        must(from[0] < noon && noon < until[n - 1]);
    }
}

static void of_instant(apr_pool_t *p, const char *text)
{
    apr_time_t t = 0;
    apr_time_t again = 0;
    if (!rg_time_parse(&t, text)) {
        return;
    }
    must(apr_time_usec(t) == 0);
    must(rg_time_parse(&again, rg_time_instant(p, t)) && again == t);
    /* Offsets of long ago have seconds, and the last hours of 2199 are 2200 in the east. */
    bool ours = t >= 0 && rg_date_compare(rg_zone_local(rg_zone_open(p, "UTC"), t).date,
                                          (rg_date_t){2199, 12, 31}) < 0;
    for (size_t i = 0; ours && i < sizeof(ZONES) / sizeof(*ZONES); i++) {
        const rg_zone_t *z = rg_zone_open(p, ZONES[i]);
        must(rg_time_parse(&again, rg_time_local_instant(p, z, t)) && again == t);
        must(rg_text_clean(rg_time_people(p, z, t), strlen(rg_time_people(p, z, t))));
    }
}

static void of_zone(apr_pool_t *p, const char *text)
{
    const rg_zone_t *z = rg_zone_open(p, text);
    if (z) {
        must_be_same(rg_zone_name(z), text);
        must(!strstr(text, "..") && text[0] != '/');
        (void)rg_zone_local(z, apr_time_from_sec(1800000000));
    }
}

void fuzz_check(apr_pool_t *p, const char *text, size_t size)
{
    int minute = -1;
    of_day(p, text);
    of_instant(p, text);
    if (rg_minute_parse(&minute, text)) {
        must(minute >= 0 && minute <= 1440);
        must_be_same(apr_psprintf(p, "%02d:%02d", minute / 60, minute % 60), text);
    }
    if (size <= 64) {
        of_zone(p, text);
    }
}
