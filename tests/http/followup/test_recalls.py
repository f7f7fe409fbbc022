# SPDX-License-Identifier: Apache-2.0
"""Follow-ups and recalls over HTTP: the desk's list, attempts, opting out, and the patient's page. That completion makes them and a
visit answers them is tested in tests/store/followup/test_recall.c."""
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
    assert page.status == 422 and 'Choose a result' in page.text
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
    assert page.status in (409, 412, 422) and 'already closed' in page.text
    assert database.value('SELECT COUNT(*) FROM recall_attempt a JOIN recall r ON r.id = a.recall_id WHERE r.uid = %s', uid) == 0


def test_the_desk_stops_reminders(visitor, staff, database):
    uid = treated(visitor, database)[1]
    page = form_of(staff('front_desk').open('/staff/recalls'), uid, 'opt-out').submit()
    assert page.status == 200 and uid not in page.html and state(database, uid) == ('closed', 'opted-out')
    assert 'You asked us not to remind you' in visitor.open('/booking').text


def test_the_desk_starts_them_again(visitor, staff, database):
    """Stopped by mistake: on the patient's page, with a reason, and what was planned is open again."""
    uid = treated(visitor, database)[1]
    desk = staff('front_desk')
    form_of(desk.open('/staff/recalls'), uid, 'opt-out').submit()
    closed = desk.open('/staff/recalls?view=closed')
    assert 'The patient wants no reminders' in closed.text
    whose = database.value('SELECT p.uid FROM recall r JOIN patient p ON p.id = r.patient_id WHERE r.uid = %s', uid)
    assert any(a.get('href').endswith('/staff/patients/' + whose) for a in closed.css('h2 a'))
    page = desk.open('/staff/patients/' + whose)
    assert 'does not want reminders' in page.text
    again = page.form(having='why').submit()
    assert again.status == 422 and 'Choose why reminders are turned back on' in again.text and state(database, uid)[0] == 'closed'
    page = again.form(having='why').fill(why='mistake').submit()
    assert page.status == 200 and 'does not want reminders' not in page.text and 'Call after the treatment' in page.text
    assert state(database, uid) == ('open', '')
    who = database.value('SELECT patient_id FROM recall WHERE uid = %s', uid)
    assert database.rows("SELECT detail FROM audit_event WHERE action = 'recall.opt-in' AND entity_id = %s", who) == (('mistake',),)
    assert 'asked us not to remind' not in visitor.open('/booking').text
    assert staff('billing').open('/staff/patients/' + whose).status == 403


def test_the_list_is_narrowed_and_stays_so(visitor, staff, database):
    uid = treated(visitor, database)[1]
    service = database.value('SELECT s.code FROM recall r JOIN booking b ON b.id = r.booking_id JOIN service s ON s.id = b.service_id'
                             ' WHERE r.uid = %s', uid)
    other = database.value('SELECT code FROM service WHERE code <> %s AND active = 1 LIMIT 1', service)
    desk = staff('front_desk')
    page = desk.open('/staff/recalls').form('/staff/recalls', having='service').fill(service=other).submit()
    assert uid not in page.html and page.form('/staff/recalls', having='service').value('service') == other
    page = page.form('/staff/recalls', having='service').fill(service=service).submit()
    assert uid in page.html and 'service=' + service in page.path
    done = form_of(page, uid, 'attempt').fill(outcome='no-answer').submit()
    assert done.status == 200 and 'service=' + service in done.path and uid in done.html
    failed = form_of(done, uid, 'attempt').fill(outcome='booked').submit()
    assert failed.status == 422 and 'No visit of this patient is booked' in failed.text and uid in failed.html
    for wrong in ('service=no-such', 'site=atlantis'):
        assert desk.open('/staff/recalls?' + wrong).status == 404


@pytest.mark.parametrize('phone', ['603-555-0142', '603-555-0188'])
def test_a_visit_is_booked_for_a_recall(visitor, staff, database, phone):
    """From the list to the times and a hold: the recall is known all the way, and the visit answers it although it is early; also when the
    patient has another phone number now."""
    uid = treated(visitor, database)[1]
    database.rows('UPDATE recall SET due_from = CURDATE() + INTERVAL 200 DAY, due_until = CURDATE() + INTERVAL 220 DAY WHERE uid = %s',
                  uid)
    desk = staff('front_desk')
    page = desk.open('/staff/recalls?view=later')
    href = next(a.get('href') for a in page.css('a.button') if uid in a.get('href'))
    times = desk.open(href).form('/staff/times').fill(service='consultation').submit()
    held = next(f for f in times.forms() if f.action.endswith('/staff/holds'))
    assert held.value('recall') == uid
    page = held.submit()
    assert '/details' in page.path, page.text
    page = page.form('/details').fill(pay='self', body_site='knee', side='left', phone=phone).submit()
    assert state(database, uid)[0] == 'open', 'a hold answers nothing yet'
    page.form('/book').submit()
    assert state(database, uid)[0] == 'booked'
    visit = database.value('SELECT b.uid FROM recall r JOIN booking b ON b.id = r.answer_booking_id WHERE r.uid = %s', uid)
    assert '/staff/bookings/' + visit in desk.open('/staff/recalls?view=booked').html
    chart = desk.open('/staff/bookings/' + visit)
    chart.form('/cancel').fill(reason='patient').submit()
    assert state(database, uid)[0] == 'open' and uid in desk.open('/staff/recalls?view=later').html


def test_the_patient_wants_them_again(visitor, database):
    uid = treated(visitor, database)[1]
    page = visitor.open('/booking').form(action='/booking/recalls/stop').submit()
    page = page.form(action='/booking/recalls/start').submit()
    assert page.path == '/booking' and 'What comes next' in page.text and state(database, uid) == ('open', '')


def test_the_patient_sees_and_stops(visitor, database):
    uid = treated(visitor, database)[1]
    page = visitor.open('/booking')
    assert page.h1 == 'Your visit is over' and 'What comes next' in page.text and 'Call after the treatment' in page.text
    page = page.form(action='/booking/recalls/stop').submit()
    assert page.path == '/booking' and 'You asked us not to remind you' in page.text and 'What comes next' not in page.text
    assert state(database, uid) == ('closed', 'opted-out')


@pytest.mark.parametrize('query', ['view=none', 'page=0'])
def test_list_refuses_what_is_not_there(staff, query):
    assert staff('front_desk').open('/staff/recalls?' + query).status == 404


def test_who_may_see_the_list(staff, server):
    assert staff('billing').open('/staff/recalls').status == 403
