# SPDX-License-Identifier: Apache-2.0
"""A clinic with two sites in two zones: treatments by site, and times as the clocks of each site go, across both clock changes of a year."""
import datetime
import re
import zoneinfo

import icalendar
import pytest

import patient
import second_site

NEW_YORK, LONDON = zoneinfo.ZoneInfo('America/New_York'), zoneinfo.ZoneInfo('Europe/London')


@pytest.fixture(scope='module', autouse=True)
def london(server):
    sql = server.database.rows
    second_site.open_london(sql)
    sql("UPDATE service SET horizon_days = 700 WHERE code = %s", patient.SERVICE)


def names(page):
    return [h.text_content() for h in page.css('.card h2')]


def test_treatments_by_site(visitor, database):
    page = visitor.open('/')
    assert 'Talk by the river' in names(page) and len(names(page)) > 1
    assert 'At Thames Joint Clinic, 1 River Street' in page.text
    assert 'All times are in' not in page.text, 'there are two'
    page = page.click('Thames Joint Clinic')
    assert names(page) == ['Talk by the river']
    assert [a.text_content() for a in page.css('nav a[aria-current]')] == ['Thames Joint Clinic']
    assert 'All times are in London time' in page.text
    other = visitor.open('/?site=' + database.value("SELECT code FROM site WHERE code <> 'london'"))
    assert 'Talk by the river' not in names(other) and names(other)
    assert names(visitor.open('/?site=')) == names(visitor.open('/'))
    assert visitor.open('/?site=atlantis').status == 404


def test_one_site_has_nothing_to_choose(visitor, database):
    database.rows("UPDATE service SET active = 0 WHERE code = 'thames-talk'")
    try:
        page = visitor.open('/')
        assert not page.css('nav[aria-label="Sites"]') and 'At Harbor' not in page.text
    finally:
        database.rows("UPDATE service SET active = 1 WHERE code = 'thames-talk'")


@pytest.mark.parametrize('service,zone,words,month', [('thames-talk', LONDON, 'London time', 3), ('thames-talk', LONDON, 'London time', 10),
                                                      (patient.SERVICE, NEW_YORK, 'New York time', 3), (patient.SERVICE, NEW_YORK, 'New York time', 11)])
def test_local_times_around_a_clock_change(visitor, service, zone, words, month):
    change = patient.clock_change(zone, month)
    clocks = set()
    for step in (-7, -6, -5, -4, -3, 1, 2, 3, 4, 5):
        day = change + datetime.timedelta(step)
        page = visitor.open('/services/%s/times?day=%s' % (service, day))
        assert page.status == 200 and words in page.text, page
        first = page.css('ul.times button')
        if not first:
            continue  # a holiday
        clocks.add(re.match(r'\d+:\d\d [ap]m', first[0].text_content()).group(0))
        start = datetime.datetime.fromtimestamp(int(patient.times(page)[0].value('start')), zone)
        assert start.date() == day and start.hour == 8, start
    assert clocks == {'8:00 am'}


def test_booking_in_the_other_zone(visitor, database):
    page = patient.hold(visitor, 'thames-talk')
    assert 'London time' in page.text
    page.form(having='family').fill(**patient.ADA, pay='self').submit()
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    assert page.h1 == 'You are booked' and 'London time' in page.text
    event = icalendar.Calendar.from_ical(visitor.get('/booking/calendar.ics').content).walk('VEVENT')[0]
    start = event['DTSTART'].dt
    assert start.timestamp() == database.value('SELECT starts_at FROM booking ORDER BY id DESC LIMIT 1')
    assert start.astimezone(LONDON).hour >= 8 and start.astimezone(LONDON).weekday() < 5
    page = page.click('Reschedule this booking') if 'Reschedule this booking' in page.text else visitor.open('/booking/move')
    assert page.h1 in ('Choose a new time', 'Please call to reschedule') and 'London time' in page.text
