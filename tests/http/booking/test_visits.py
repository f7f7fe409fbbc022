# SPDX-License-Identifier: Apache-2.0
"""One visit of a course gets another time: by the patient's pages without JavaScript, also when the course has begun, and by the
front desk. What is searched and moved is tested in store/booking/test_visits.c."""
import datetime
import re

import icalendar
import pytest

import courses
import patient

LONG = 5 * 365 * 1440


@pytest.fixture(scope='module')
def course(server, database):
    return courses.three_visits(database)


def book(visitor):
    page = patient.hold(visitor, 'three-visits')
    page.form(having='family').fill(**patient.ADA, pay='self').submit()
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    assert page.h1 == 'You are booked', page.text
    return page


def last(database):
    return database.value('SELECT MAX(id) FROM booking')


def visits(database, booking):
    return database.rows('SELECT visit_no, starts_at, sequence, uid FROM appointment WHERE booking_id = %s ORDER BY visit_no', booking)


def begin(database, booking):
    """Checked in, which the pages allow on the day only."""
    database.rows("UPDATE booking SET status = 'arrived', version = version + 1 WHERE id = %s", booking)


def choices(page):
    return [f for f in page.forms() if f.action.endswith('/booking/move/check')]


def free_day(visitor, after):
    """A day after unix time AFTER on which the second visit could be."""
    page = visitor.open('/booking/move?visit=2')
    for _ in range(4):
        for a in page.links():
            m = re.search(r'[?&]day=(\d{4}-\d\d-\d\d)', a)
            if m and datetime.date.fromisoformat(m.group(1)) > datetime.date.fromtimestamp(after):
                return m.group(1)
        page = page.click('Next month')
    raise AssertionError('no free day')


def test_one_visit_moves_and_the_others_stay(visitor, database, course):
    page = book(visitor)
    booking = last(database)
    before = visits(database, booking)
    links = [a for a in page.links() if '/booking/move?' in a and 'visit=' in a]
    assert [a[-1] for a in links] == ['1', '2', '3']
    page = visitor.open('/booking/move?visit=2')
    assert page.h1 == 'Choose a new time' and 'Your visit 2 is on' in page.text
    page = choices(page)[-1].submit()
    assert page.h1 == 'Reschedule visit 2?' and 'Your other visits stay as they are' in page.text, page.text
    assert visits(database, booking) == before, 'looking changes nothing'
    form = page.form(button='Reschedule visit 2')
    start = int(form.value('start'))
    page = form.submit()
    assert page.path == '/booking?moved=1&visit=2'
    after = visits(database, booking)
    assert after[0] == before[0] and after[2] == before[2]
    assert after[1] == (2, start, before[1][2] + 1, before[1][3]) and start != before[1][1]
    entries = icalendar.Calendar.from_ical(visitor.get('/booking/calendar.ics').content).walk('VEVENT')
    assert sorted((int(e['DTSTART'].dt.timestamp()), int(e['SEQUENCE'])) for e in entries) == sorted(v[1:3] for v in after)
    assert 'has been released' in page.text
    # The same form again is the same request.
    assert form.submit().status == 200 and visits(database, booking) == after


def test_later_visits_follow_only_where_they_must(visitor, database, course):
    book(visitor)
    booking = last(database)
    before = visits(database, booking)
    page = choices(visitor.open('/booking/move?visit=2&day=' + free_day(visitor, before[2][1])))[0].submit()
    assert 'so visit 3 moves from' in page.text and 'other visits stay' not in page.text
    page = page.form(button='Reschedule visit 2').submit()
    told = page.css('.panel.good')[0]
    assert 'Visit 2 is rescheduled' in told.text_content() and 'Visit 2: ' + page.css('.panel.good strong')[0].text_content() in page.text, told.text_content()
    after = visits(database, booking)
    assert after[0] == before[0] and after[1][1] > before[2][1] and after[2][1] > after[1][1]
    assert [v[2] for v in after] == [0, 1, 1]


def test_a_course_that_began(visitor, database, course):
    book(visitor)
    booking = last(database)
    before = visits(database, booking)
    begin(database, booking)
    page = visitor.open('/booking')
    assert page.h1 == 'You are here'
    assert [a[-1] for a in page.links() if '/booking/move?' in a and 'visit=' in a] == ['2', '3']
    assert not [a for a in page.links() if a.endswith('/booking/move') or a.endswith('/booking/cancel')]
    for gone in ('/booking/move', '/booking/move?visit=1', '/booking/move?visit=9', '/booking/move?visit=x',
                 '/booking/move/check?visit=1&start=1'):
        assert visitor.open(gone).path == '/booking', gone
    page = choices(page.click('Reschedule this visit'))[-1].submit()
    page = page.form(button='Reschedule visit 2').submit()
    assert page.path == '/booking?moved=1&visit=2' and 'Your visit is rescheduled' in page.text
    after = visits(database, booking)
    assert after[0] == before[0] and after[2] == before[2] and after[1][1] != before[1][1]
    database.rows("UPDATE service SET move_notice_minutes = %s WHERE id = %s", LONG, course)
    try:
        page = visitor.open('/booking')
        assert 'to reschedule it, please call the clinic' in page.text and not [a for a in page.links() if 'visit=' in a]
        assert visitor.open('/booking/move?visit=2').h1 == 'Please call to reschedule'
    finally:
        database.rows("UPDATE service SET move_notice_minutes = 0 WHERE id = %s", course)


def test_the_desk_moves_one_visit(visitor, staff, database, course):
    book(visitor)
    booking = last(database)
    begin(database, booking)
    before = visits(database, booking)
    uid = database.value('SELECT uid FROM booking WHERE id = %s', booking)
    desk = staff('front_desk')
    page = desk.open('/staff/bookings/' + uid)
    assert 'Reschedule this booking' not in page.text
    page = page.click('Reschedule this visit')
    assert page.h1 == 'Reschedule visit 2' and 'Earlier visits keep their times' in page.text, page.text
    page = page.form(action='/staff/bookings/%s/move' % uid).submit().form(action='/move').submit()
    assert page.path == '/staff/bookings/' + uid, page.text
    after = visits(database, booking)
    assert after[0] == before[0] and after[1][1] != before[1][1]
    # Later than a patient could: with a reason, which is kept.
    database.rows("UPDATE service SET move_notice_minutes = %s WHERE id = %s", LONG, course)
    try:
        page = desk.open('/staff/times?booking=%s&visit=2' % uid).form(action='/staff/bookings/%s/move' % uid).submit().form(action='/move').submit()
        assert page.status == 422 and 'Enter a reason to reschedule it anyway' in page.text, page.text
        page = page.form(having='reason').fill(reason='the patient is ill').submit()
        assert page.path == '/staff/bookings/' + uid, page.text
    finally:
        database.rows("UPDATE service SET move_notice_minutes = 0 WHERE id = %s", course)
    assert 'the patient is ill' in page.text
    assert database.value("SELECT COUNT(*) FROM booking_override WHERE booking_id = %s AND rule = 'move-notice'", booking) == 1
    assert desk.open('/staff/times?booking=%s&visit=7' % uid).status in (404, 422)
    assert desk.open('/staff/times?booking=%s&visit=x' % uid).status == 404
    far = desk.open('/staff/times?booking=%s&visit=2&from=2190-01-01' % uid)
    assert far.status == 422 and 'Times can be booked until' in far.text


def test_the_desk_cancels_what_is_left(visitor, staff, database, course):
    book(visitor)
    booking = last(database)
    begin(database, booking)
    before = visits(database, booking)
    uid = database.value('SELECT uid FROM booking WHERE id = %s', booking)
    page = staff('front_desk').open('/staff/bookings/' + uid)
    page = page.form(action='/staff/bookings/%s/cancel' % uid).fill(reason='medical').submit()
    assert page.path == '/staff/bookings/' + uid and 'Reschedule this visit' not in page.text, page.text
    assert [v[2] for v in visits(database, booking)] == [0, 1, 1]
    assert database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s AND granule >= %s', booking, before[1][1] // 300) == 0
    assert database.value('SELECT status FROM booking WHERE id = %s', booking) == 'arrived'
    page = visitor.open('/booking')
    assert page.text.count('is canceled') >= 2 and 'Reschedule this visit' not in page.text
    assert 'and the visits that would have followed it' in page.text
    entries = icalendar.Calendar.from_ical(visitor.get('/booking/calendar.ics').content).walk('VEVENT')
    assert sorted((int(e['DTSTART'].dt.timestamp()), str(e['STATUS'])) for e in entries) == sorted(
        zip([v[1] for v in before], ['CONFIRMED', 'CANCELLED', 'CANCELLED']))
