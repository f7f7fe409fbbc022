# SPDX-License-Identifier: Apache-2.0
"""What must be stopped or done days before a visit, with its dates: before a time is chosen, on the check page, in the booking, the message
and the calendar file; and a service that does not offer what leaves too few days."""
import contextlib
import datetime
import zoneinfo

import icalendar

import patient
import test_deadlines as deadlines
import test_move as move

TIMES = '/services/%s/times' % patient.SERVICE
PILLS = 'Stop anti-inflammatory pills'


def local(seconds):
    return datetime.datetime.fromtimestamp(int(seconds), zoneinfo.ZoneInfo('America/New_York')).date()


def words(day):
    return '%s %d %s' % (day.strftime('%A'), day.day, day.strftime('%B %Y'))


def today(visitor):
    return local(datetime.datetime.now().timestamp())


@contextlib.contextmanager
def rule(database, days, too_late):
    """The pills of the service, with other days."""
    which = "service_id = (SELECT id FROM service WHERE code = '%s') AND code = 'nsaid'" % patient.SERVICE
    before = database.rows('SELECT from_days, too_late FROM service_preparing WHERE ' + which)[0]
    database.rows('UPDATE service_preparing SET from_days = %s, too_late = %s WHERE ' + which, days, too_late)
    try:
        yield
    finally:
        database.rows('UPDATE service_preparing SET from_days = %s, too_late = %s WHERE ' + which, *before)


def alarms(visitor):
    event = icalendar.Calendar.from_ical(visitor.get('/booking/calendar.ics').content).walk('VEVENT')[0]
    return event, event.walk('VALARM')


def test_as_a_rule_before_a_time_is_known(visitor):
    page = visitor.open('/services/' + patient.SERVICE)
    assert 'from 7 days before: ' + PILLS in page.text and 'unless your doctor told you' in page.text


def test_too_late_is_said_before_the_time_is_chosen(visitor, database):
    """Everything there is begins sooner than the pills had to be stopped."""
    with rule(database, 360, 'warn'):
        page = patient.times_page(visitor)
        start = int(patient.times(page)[0].value('start'))
        assert 'Should have begun on ' + words(local(start) - datetime.timedelta(360)) in page.text
        assert 'fewer days left than that needs' in page.text
        page = patient.ready(visitor)
        assert 'Should have begun on' in page.text and 'Ask the clinic before you book' in page.text
        page = page.form(action='/booking/check').submit()
        assert 'Should have begun on' in page.text
        assert 'There is something to do' not in page.text, 'no message of a day that is over'
        assert not alarms(visitor)[1]


def test_in_time_it_has_its_date_everywhere(visitor, database):
    """On a day far enough ahead."""
    page = visitor.open(TIMES)
    while not [a for a in page.links() if '?day=' in a and day_of(a) > today(visitor) + datetime.timedelta(8)]:
        page = page.click('Next month')
    day = [a for a in page.links() if '?day=' in a and day_of(a) > today(visitor) + datetime.timedelta(8)][0]
    page = visitor.open(day)
    stop = day_of(day) - datetime.timedelta(7)
    said = 'From %s: %s' % (words(stop), PILLS)
    assert said in page.text and 'fewer days' not in page.text
    patient.give_details(patient.times(page)[0].submit())
    patient.sign_all(visitor)
    page = visitor.open('/booking/check')
    assert said in page.text
    page = page.form(action='/booking/check').submit()
    assert said in page.text
    assert 'from %s on: your booking' % words(stop) in page.text, 'the message'
    event, rings = alarms(visitor)
    assert [local(a.decoded('trigger').timestamp()) for a in rings] == [stop]
    assert rings[0]['action'] == 'DISPLAY'
    whole = visitor.get('/booking/calendar.ics').text.lower()
    assert 'cancelled online until' in whole.replace('\r\n ', '')
    for secret in ('inflam', 'pill', 'platelet', 'tendon'):
        assert secret not in whole, 'calendars are shared'
    page = move.choose(visitor, which=-1)
    new = [f for f in page.forms() if f.action.endswith('/booking/move')][0].value('start')
    assert words(local(new) - datetime.timedelta(7)) in page.text, 'a move says the new dates'


def day_of(address):
    return datetime.date.fromisoformat(address.split('day=')[1][:10])


def test_what_is_refused_is_not_offered(visitor, database, machine):
    first = int(patient.times(patient.times_page(visitor))[0].value('start'))
    form = patient.times(patient.times_page(visitor))[0]
    with rule(database, 20, 'refuse'):
        earliest = today(visitor) + datetime.timedelta(20)
        page = patient.times_page(visitor)
        assert local(patient.times(page)[0].value('start')) >= earliest > local(first)
        assert not [a for a in page.links() if '?day=' in a and day_of(a) < earliest]
        page = form.submit()
        assert page.status == 422 and 'the earliest time that can be booked now is' in page.text


def test_days_count_for_moves(visitor, database):
    patient.book(visitor)
    with rule(database, 20, 'refuse'), deadlines.notice(database, 0), move.rule(database, 'move_notice_minutes', 0):
        page = move.choose(visitor)
        new = [f for f in page.forms() if f.action.endswith('/booking/move')][0].value('start')
        assert local(new) >= today(visitor) + datetime.timedelta(20)
