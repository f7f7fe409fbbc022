# SPDX-License-Identifier: Apache-2.0
"""The administrators' page of closures over HTTP: a closure over bookings asks about each, keeps what was typed, and stores all of
it or nothing; what stands in a closed room is shown until somebody decides."""
import datetime
import zoneinfo

import pytest

import patient

ZONE = zoneinfo.ZoneInfo('America/New_York')


@pytest.fixture
def admin(staff):
    return staff('admin')


@pytest.fixture
def booked(visitor, database):
    """(id, unix start, local day) of a tendon treatment that a patient just booked."""
    patient.book(visitor)
    row = database.rows("SELECT id, starts_at FROM booking WHERE status = 'booked' ORDER BY id DESC LIMIT 1")[0]
    yield row[0], row[1], datetime.datetime.fromtimestamp(row[1], ZONE).date().isoformat()
    database.rows("DELETE FROM closure WHERE reason LIKE 'Test%'")
    for table in ('occupancy', 'day_bitmap'):
        database.rows('DELETE FROM ' + table)
    database.rows("UPDATE booking SET status = 'cancelled', hold_expires_at = NULL")


def close(page, day, button='Save the closure', **fields):
    form = page.form(action='/staff/admin/closures', having='first_day')
    return form.fill(first_day=day, reason='Test closure', kind='other', **fields).submit(button)


def status(database, booking):
    return database.value('SELECT status FROM booking WHERE id = %s', booking)


def count(database):
    return database.value("SELECT COUNT(*) FROM closure WHERE reason LIKE 'Test%'")


def test_only_administrators(staff):
    for role in ('front_desk', 'clinician', 'billing'):
        assert staff(role).get('/staff/admin/closures').status_code == 403
        assert 'Clinic' not in [a.text_content() for a in staff(role).open('/staff').css('nav a')]


def test_without_bookings_it_is_closed_and_opened_again(admin, database):
    day = (datetime.date.today() + datetime.timedelta(100)).isoformat()
    page = close(admin.open('/staff/admin/closures'), day, resource='c-arm-1', start='10:00', end='12:00')
    assert page.status == 200 and 'The closure is in force.' in page.text
    row = [tr for tr in page.css('tbody tr') if 'Test closure' in tr.text_content()]
    assert len(row) == 1 and 'C-arm' in row[0].text_content() and '10:00 to 12:00' in row[0].text_content()
    closure = database.value("SELECT id FROM closure WHERE reason = 'Test closure'")
    page = page.form(action='/closures/%d/remove' % closure).submit()
    assert page.status == 200 and count(database) == 0


def test_mistakes_are_named_and_what_was_typed_is_kept(admin, database):
    page = admin.open('/staff/admin/closures').form(having='first_day').fill(
        first_day='2127-03-08', last_day='2127-03-01', start='25:00', kind='cleaning', reason='').submit()
    assert page.status == 422 and page.title.startswith('Error:')
    for field in ('last_day', 'start', 'reason'):
        assert page.error_for(field), field
    form = page.form(having='first_day')
    assert form.value('first_day') == '2127-03-08' and form.value('start') == '25:00' and form.value('kind') == 'cleaning'
    assert count(database) == 0


def test_undecided_booking_stops_it(admin, booked, database):
    booking, start, day = booked
    page = close(admin.open('/staff/admin/closures'), day)
    assert page.status == 409
    assert 'Nothing is closed yet' in page.text and 'Lovelace' in page.text
    # Nobody was asked before, so nobody made a mistake yet.
    assert not page.title.startswith('Error') and not page.css('.summary') and not page.error_for('decide-%d' % booking)
    page = page.form(having='first_day').submit()
    assert page.status == 409 and page.error_for('decide-%d' % booking) == 'Error: Choose what to do with this booking: keep, cancel or reschedule.'
    assert page.form(having='first_day').value('first_day') == day
    assert count(database) == 0 and status(database, booking) == 'booked'
    page = page.form(having='first_day').set('decide-%d' % booking, 'keep').submit()
    assert page.error_for('reason-%d' % booking) and count(database) == 0
    page = page.form(having='first_day').set('reason-%d' % booking, 'Dr. Chen comes in').submit()
    assert 'The closure is in force. 1 kept.' in page.text
    assert database.rows('SELECT reason, starts_at FROM closure_kept WHERE booking_id = %s', booking) == (
        ('Dr. Chen comes in', start),)
    assert not page.css('.panel.alarm')


def test_cancelled_with_it(admin, booked, database):
    booking, start, day = booked
    page = close(admin.open('/staff/admin/closures'), day)
    page = page.form(having='first_day').set('decide-%d' % booking, 'cancel').submit()
    assert '1 canceled' in page.text and status(database, booking) == 'cancelled'
    assert database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s', booking) == 0


def test_moved_out_of_it(admin, booked, database):
    booking, start, day = booked
    page = close(admin.open('/staff/admin/closures'), day)
    form = page.form(having='first_day')
    moves = [v for v in form.options('decide-%d' % booking) if v.startswith('move-')]
    assert len(moves) == 6
    for move in moves:  # never back into the closed day
        assert datetime.datetime.fromtimestamp(int(move[5:]), ZONE).date().isoformat() != day
    page = form.set('decide-%d' % booking, moves[0]).submit()
    assert '1 moved' in page.text and not page.css('.panel.alarm')
    assert database.value('SELECT starts_at FROM booking WHERE id = %s', booking) == int(moves[0][5:])


def test_a_second_press_does_nothing_more(admin, booked, database):
    booking, start, day = booked
    page = close(admin.open('/staff/admin/closures'), day)
    form = page.form(having='first_day').set('decide-%d' % booking, 'cancel')
    assert form.submit().status == 200 and form.submit().status == 200
    assert count(database) == 1
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'booking.cancel' AND entity_id = %s", booking) == 1


def test_what_slipped_past_is_an_alarm(admin, booked, database, staff):
    """Closed by hand, as a booking does that comes at the same moment: the page and the board of that day call."""
    booking, start, day = booked
    database.rows("INSERT INTO closure (site_id, first_day, last_day, reason) VALUES (1, %s, %s, 'Test by hand')", day, day)
    desk = staff('front_desk')
    board = desk.open('/staff?date=' + day)
    assert [li for li in board.css('.attention li.alarm') if 'is closed at that time' in li.text_content()], board.text
    page = admin.open('/staff/admin/closures')
    assert 'in conflict with a closure' in page.text
    mine = [f for f in page.forms() if f.action.endswith('/conflicts/keep') and f.value('booking') == str(booking)]
    assert len(mine) == 1
    page = mine[0].fill(why=' ').submit()
    assert page.status == 422 and 'Enter a reason' in page.text
    mine = [f for f in page.forms() if f.action.endswith('/conflicts/keep') and f.value('booking') == str(booking)]
    page = mine[0].fill(why='She asked for it').submit()
    assert page.status == 200
    assert not [f for f in page.forms() if f.action.endswith('/conflicts/keep') and f.value('booking') == str(booking)]
    board = desk.open('/staff?date=' + day)
    assert not [li for li in board.css('.attention li') if 'is closed at that time' in li.text_content()]


def test_forged_decisions(admin, booked, database):
    booking, start, day = booked
    form = close(admin.open('/staff/admin/closures'), day).form(having='first_day')
    form.set('at-%d' % booking, str(start - 300)).set('decide-%d' % booking, 'cancel')
    page = form.submit()  # decided about another time than the booking's
    assert page.error_for('decide-%d' % booking) and status(database, booking) == 'booked' and count(database) == 0
    for name, value in (('decide-999999', 'cancel'), ('decide-x', 'cancel'), ('decide-%d' % booking, 'burn')):
        form = page.form(having='first_day')
        form.set(name, value, force=True)
        page = form.submit()
        assert count(database) == 0 and status(database, booking) == 'booked'
    assert admin.post('/staff/admin/closures', data={}).status_code in (400, 403)
