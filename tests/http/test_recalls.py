# SPDX-License-Identifier: Apache-2.0
"""Follow-ups and recalls over HTTP: the desk's list, attempts, opting out, and the patient's page. That completion makes them and a
visit answers them is tested in tests/store/test_recall.c."""
import pytest

import patient


def treated(visitor, database, due=-2):
    """Ada was treated, and is due for a follow-up since DUE days: (booking uid, recall uid)."""
    patient.book(visitor)
    booking = database.value('SELECT MAX(id) FROM booking')
    database.rows("UPDATE booking SET status = 'completed' WHERE id = %s", booking)
    uid = ('%026d' % booking)
    database.rows('INSERT INTO recall (uid, booking_id, seq, patient_id, kind, reason, title, due_from, due_until, created_at)'
                  " SELECT %s, id, 1, patient_id, 'follow-up', 'call', 'Call after the treatment', CURDATE() + INTERVAL %s DAY,"
                  ' CURDATE() + INTERVAL %s DAY, UNIX_TIMESTAMP() FROM booking WHERE id = %s', uid, due, due + 5, booking)
    return database.value('SELECT uid FROM booking WHERE id = %s', booking), uid


def state(database, uid):
    return database.rows('SELECT status, closed_why FROM recall WHERE uid = %s', uid)[0]


def form_of(page, uid, deed):
    return page.form(action='/staff/recalls/%s/%s' % (uid, deed))


def test_the_list_and_attempts(visitor, staff, database):
    booking, uid = treated(visitor, database)
    later = treated(visitor, database, due=30)[1]
    desk = staff('front_desk')
    page = desk.open('/staff').click('Recalls')
    assert page.h1 == 'Follow-ups and recalls' and 'Call after the treatment' in page.text and '603-555-0142' in page.text
    assert uid in page.html and later not in page.html
    assert later in desk.open('/staff/recalls?view=later').html
    page = form_of(page, uid, 'attempt').fill(outcome='left-message', note='voice <b>mail').submit()
    assert page.status == 200 and state(database, uid)[0] == 'attempted'
    assert 'Left a message' in page.text and 'voice <b>mail' in page.text and 'voice <b>' not in page.html
    # Nothing was chosen: what was typed stays, in the same place.
    page = form_of(page, uid, 'attempt').fill(note='half a wor').submit()
    assert page.status == 422 and 'Say what came of it' in page.text
    assert form_of(page, uid, 'attempt').value('note') == 'half a wor'
    page = form_of(page, uid, 'attempt').fill(outcome='spoke', settled='yes').submit()
    assert page.status == 200 and uid not in page.html and state(database, uid)[0] == 'done'
    page = desk.open('/staff/recalls?view=done')
    assert uid not in page.html and page.link('Platelet-rich').endswith('/staff/bookings/' + booking)


def test_settled_meanwhile(visitor, staff, database):
    uid = treated(visitor, database)[1]
    desk = staff('front_desk')
    page = desk.open('/staff/recalls')
    database.rows("UPDATE recall SET status = 'done' WHERE uid = %s", uid)
    page = form_of(page, uid, 'attempt').fill(outcome='spoke').submit()
    assert page.status in (409, 412, 422) and 'settled already' in page.text
    assert database.value('SELECT COUNT(*) FROM recall_attempt a JOIN recall r ON r.id = a.recall_id WHERE r.uid = %s', uid) == 0


def test_the_desk_stops_reminders(visitor, staff, database):
    uid = treated(visitor, database)[1]
    page = form_of(staff('front_desk').open('/staff/recalls'), uid, 'opt-out').submit()
    assert page.status == 200 and uid not in page.html and state(database, uid) == ('closed', 'opted-out')
    assert 'You asked us not to remind you' in visitor.open('/booking').text


def test_the_patient_sees_and_stops(visitor, database):
    uid = treated(visitor, database)[1]
    page = visitor.open('/booking')
    assert page.h1 == 'Your treatment is done' and 'What comes next' in page.text and 'Call after the treatment' in page.text
    page = page.form(action='/booking/recalls/stop').submit()
    assert page.path == '/booking' and 'You asked us not to remind you' in page.text and 'What comes next' not in page.text
    assert state(database, uid) == ('closed', 'opted-out')


@pytest.mark.parametrize('query', ['view=none', 'page=0'])
def test_list_refuses_what_is_not_there(staff, query):
    assert staff('front_desk').open('/staff/recalls?' + query).status == 404


def test_who_may_see_the_list(staff, server):
    assert staff('billing').open('/staff/recalls').status == 403
