# SPDX-License-Identifier: Apache-2.0
"""A second site in another zone, and days on which clocks change, as a patient's page shows them."""
import datetime
import re
import zoneinfo

import pytest

import billfill


@pytest.fixture
def two_sites(server, database):
    """A night service in New York and one in Berlin, each by one nurse who never sleeps; their codes."""
    for n, (code, zone) in enumerate((('night-ny', 'America/New_York'), ('night-berlin', 'Europe/Berlin'))):
        site, uid = 80 + n, '%026d'
        for sql in (
                "INSERT IGNORE INTO site (id, uid, code, name, time_zone, address_line, city, postal_code) VALUES (%d, '%s', 's-%s', "
                "'Night clinic', '%s', '1 A', 'B', '1')" % (site, uid % (800 + n), code, zone),
                "INSERT IGNORE INTO resource (id, uid, site_id, kind, code, name) VALUES (%d, '%s', %d, 'practitioner', 'r-%s', 'N')" % (
                    site, uid % (810 + n), site, code),
                "INSERT IGNORE INTO resource_capability (resource_id, capability) VALUES (%d, 'night')" % site,
                "INSERT IGNORE INTO opening (resource_id, weekday, start_minute, end_minute) SELECT %d, seq, 0, 1440 FROM seq_1_to_7" % site,
                "INSERT IGNORE INTO service (id, uid, site_id, code, name, summary, start_grid, notice_minutes, horizon_days, "
                "needs_body_site, price_minor) VALUES (%d, '%s', %d, '%s', 'Night', '', 30, 0, 730, 0, 1)" % (
                    site, uid % (820 + n), site, code),
                "INSERT IGNORE INTO service_step (service_id, step_no, kind, name, minutes) VALUES (%d, 1, 'consult', 'S', 20)" % site,
                "INSERT IGNORE INTO service_need (service_id, step_no, need_no, capability) VALUES (%d, 1, 1, 'night')" % site):
            database.rows(sql)
    billfill.price_new(database)
    return 'night-ny', 'night-berlin'


def changes(name):
    """The next day on which the clock goes forward, and the next on which it goes back, by Python's reader of zone data."""
    zone, found = zoneinfo.ZoneInfo(name), {}
    noon = datetime.datetime.combine(datetime.date.today(), datetime.time(12), tzinfo=zone)
    for days in range(2, 400):
        day = noon + datetime.timedelta(days=days)
        step = day.utcoffset() - (day - datetime.timedelta(days=1)).utcoffset()
        if step:
            found.setdefault('forward' if step > datetime.timedelta() else 'back', day.date())
    return found['forward'], found['back']


def clocks(visitor, code, day):
    """What the buttons of that day say."""
    page = visitor.open('/services/%s/times?day=%s' % (code, day.isoformat()))
    assert page.status == 200
    return [re.match(r'\d+:\d\d [ap]m(?: [A-Z]+)?', ' '.join(b.text_content().split())).group(0).strip()
            for b in page.css('ul.times button')], page


@pytest.mark.parametrize('which,zone,gap,twice,names', [
    (0, 'America/New_York', ('2:00 am', '2:30 am'), ('1:00 am', '1:30 am'), ('EDT', 'EST')),
    (1, 'Europe/Berlin', ('2:00 am', '2:30 am'), ('2:00 am', '2:30 am'), ('CEST', 'CET'))])
def test_clock_changes(two_sites, visitor, which, zone, gap, twice, names):
    forward, back = changes(zone)
    shown, _ = clocks(visitor, two_sites[which], forward)
    assert len(shown) == 46 and not set(gap) & set(shown)
    assert '1:30 am' in shown and '3:00 am' in shown
    shown, page = clocks(visitor, two_sites[which], back)
    assert len(shown) == 50 == len(set(shown))
    for clock in twice:
        assert clock not in shown
        assert [s for s in shown if s.startswith(clock)] == ['%s %s' % (clock, name) for name in names]
    # The second of the two is another time than the first, and is said so wherever it is shown again.
    start = page.css('ul.times form')[[i for i, s in enumerate(shown) if s == '%s %s' % (twice[1], names[1])][0]]
    seconds = int(start.xpath('.//input[@name="start"]/@value')[0])
    there = datetime.datetime.fromtimestamp(seconds, zoneinfo.ZoneInfo(zone))
    assert there.tzname() == names[1] and there.fold == 1
    held = page.form(having='start', index=shown.index('%s %s' % (twice[1], names[1]))).submit()
    assert held.status == 200 and '%s %s' % (twice[1], names[1]) in held.text


def test_nine_in_the_morning(two_sites, visitor):
    """On the days around both changes the same local time is offered, an hour apart in UTC."""
    for code, zone in zip(two_sites, ('America/New_York', 'Europe/Berlin')):
        for change in changes(zone):
            offsets = set()
            for day in (change - datetime.timedelta(days=1), change + datetime.timedelta(days=1)):
                shown, page = clocks(visitor, code, day)
                seconds = int(page.css('ul.times form')[shown.index('9:00 am')].xpath('.//input[@name="start"]/@value')[0])
                local = datetime.datetime.fromtimestamp(seconds, zoneinfo.ZoneInfo(zone))
                assert (local.date(), local.hour, local.minute) == (day, 9, 0)
                offsets.add(local.utcoffset())
            assert len(offsets) == 2
