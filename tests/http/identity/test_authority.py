# SPDX-License-Identifier: Apache-2.0
"""Who may do what: a time belongs to who holds it, a program's scope reaches no person that exists, and what a second
tab or the desk does is never taken for the patient's."""
import datetime
import secrets

import pytest

import patient
from fhirapi import entries, token
from fhirbook import MONDAY, PATIENT, book, find, flat, hold, parameters, post


@pytest.fixture(scope='module')
def partner(server, database):
    with server.machine(token(database, 'system/Appointment.cruds'), accept='application/fhir+json') as made:
        yield made


@pytest.fixture(scope='module')
def sync(server, database):
    """A program of the clinic's own that sees everything."""
    with server.machine(token(database, 'system/Appointment.cruds system/Patient.rs regen/all'),
                        accept='application/fhir+json') as made:
        yield made


def newest(database, source):
    """(booking's id, its first Appointment) of the newest hold that SOURCE made."""
    return database.rows("SELECT b.id, a.uid FROM booking b JOIN appointment a ON a.booking_id = b.id WHERE b.source = %s"
                         " AND b.status = 'held' ORDER BY b.id DESC, a.visit_no LIMIT 1", source)[0]


def state(database, booking):
    return database.rows("SELECT b.status, b.version, b.starts_at, b.hold_expires_at, b.link_hash, p.family, p.email, p.version"
                         " FROM booking b LEFT JOIN patient p ON p.id = b.patient_id WHERE b.id = %s", booking)


def test_what_a_browser_holds_no_program_touches(visitor, partner, sync, database):
    patient.give_details(patient.hold(visitor))
    booking, uid = newest(database, 'patient')
    before = state(database, booking)
    for one in (partner, sync):
        appointment = {'resourceType': 'Appointment', 'id': uid}
        later = database.value("SELECT DATE_FORMAT(NOW() + INTERVAL 9 DAY, '%Y-%m-%dT15:00:00Z')")
        for answer in (book(one, uid), book(one, uid, body_site='elbow', side='right'),
                       post(one, 'book', parameters(appointment_resource=dict(appointment, status='cancelled'))),
                       post(one, 'book', parameters(appointment_resource=dict(appointment, status='booked', start=later)))):
            # Who may see it hears what is wrong with a changed start; nobody else hears that it is there.
            assert answer.status_code in ((404,) if one is partner else (404, 422)), answer.text
            assert '/b/' not in answer.text
    assert partner.get('/Appointment/' + uid).status_code == 404
    assert sync.get('/Appointment/' + uid).status_code == 200
    assert state(database, booking) == before
    assert visitor.open('/booking').path.split('?')[0] in ('/booking/consent', '/booking/check')


def test_what_the_desk_holds_no_program_touches(staff, partner, sync, database):
    desk = staff('front_desk')
    page = desk.open('/staff/times?service=consultation')
    page.form(action='/staff/holds').submit()
    booking, uid = newest(database, 'staff')
    before = state(database, booking)
    for one in (partner, sync):
        assert book(one, uid).status_code == 404
    assert state(database, booking) == before


def test_programs_are_apart(server, partner, sync, database):
    held, = hold(partner)
    with server.machine(token(database, 'system/Appointment.cruds'), accept='application/fhir+json') as other:
        assert other.get('/Appointment/' + held['id']).status_code == 404
        assert held['id'] not in other.get('/Appointment?_count=50').text
        assert book(other, held['id']).status_code == 404
        assert book(sync, held['id']).status_code == 404
        done = book(partner, held['id'])
        assert done.status_code == 200, done.text
        gone = post(other, 'book', parameters(appointment_resource=dict(held, status='cancelled')))
        assert gone.status_code == 404
        assert held['id'] in partner.get('/Appointment?_count=50').text
    # Booked, it is the clinic's as well; a program that sees all may cancel it.
    answer = post(sync, 'book', parameters(appointment_resource=dict(held, status='cancelled')))
    assert answer.status_code == 200, answer.text


def test_a_program_writes_to_nobody_who_exists(server, sync, database):
    """A known patient is named, not described: the record stays as it is, and another person's name is refused."""
    first, = hold(sync)
    assert book(sync, first['id']).status_code == 200
    uid, version, changed = database.rows('SELECT p.uid, p.version, p.changed_at FROM patient p JOIN booking b ON b.patient_id = p.id'
                                          ' JOIN appointment a ON a.booking_id = b.id WHERE a.uid = %s', first['id'])[0]
    people = database.value('SELECT COUNT(*) FROM patient')
    second, = hold(sync, day=MONDAY + datetime.timedelta(days=1))
    answer = book(sync, second['id'], patient_resource=None, patient_reference='Patient/' + uid)
    assert answer.status_code == 200, answer.text
    assert database.rows('SELECT uid, version, changed_at FROM patient WHERE uid = %s', uid) == ((uid, version, changed),)
    assert database.value('SELECT COUNT(*) FROM patient') == people


def test_a_hold_for_somebody_takes_nobody_else(server, sync, database):
    first, = hold(sync)
    assert book(sync, first['id'], patient_resource=PATIENT).status_code == 200
    uid = database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id JOIN appointment a ON'
                         ' a.booking_id = b.id WHERE a.uid = %s', first['id'])
    proposal = flat(find(sync, day=MONDAY + datetime.timedelta(days=1)))[0][0]
    held = post(sync, 'hold', parameters(appointment_reference='Appointment/' + proposal['id'], patient_reference='Patient/' + uid))
    assert held.status_code == 200, held.text
    mine, = entries(held.json())
    before = database.rows('SELECT family, email, version FROM patient WHERE uid = %s', uid)
    other = dict(PATIENT, name=[{'family': 'Thief', 'given': ['Tom']}])
    answer = book(sync, mine['id'], patient_resource=other)
    assert answer.status_code == 409 and 'another patient' in answer.text, answer.text
    assert book(sync, mine['id'], patient_resource=PATIENT).status_code == 200
    assert database.rows('SELECT family, email, version FROM patient WHERE uid = %s', uid) == before


def test_the_desk_hears_whose_a_hold_is(server, visitor, staff, database):
    patient.give_details(patient.hold(visitor))
    booking, _ = newest(database, 'patient')
    uid = database.value('SELECT uid FROM booking WHERE id = %s', booking)
    before = state(database, booking)
    desk = staff('front_desk')
    page = desk.open('/staff/times?service=consultation')
    csrf = page.form(action='/staff/holds').value('csrf')
    for path in ('/book', '/release', '/cancel', '/move'):
        answer = desk.post('/staff/bookings/%s%s' % (uid, path), data={
            'csrf': csrf, 'idem': secrets.token_hex(12), 'reason': 'phone', 'start': '1800000000', 'version': '0'},
            headers={'Origin': server.origin})
        assert answer.status_code in (404, 409, 422), (path, answer.status_code)
    assert state(database, booking) == before


# --- what was seen is what is changed -------------------------------------------------------------------------------------

def of_browser(database):
    return database.value("SELECT MAX(id) FROM booking WHERE source = 'patient'")


def test_a_second_tab_does_not_cancel_what_the_first_one_booked(visitor, database):
    page = patient.ready(visitor)
    mine = of_browser(database)
    other = patient.times(patient.times_page(visitor))[0]  # the second tab
    assert page.form(action='/booking/check').submit().status == 200
    assert database.value('SELECT status FROM booking WHERE id = %s', mine) == 'booked'
    other.submit()
    assert database.value('SELECT status FROM booking WHERE id = %s', mine) == 'booked'
    assert database.value("SELECT COUNT(*) FROM message WHERE kind = 'cancellation' AND booking_id = %s", mine) == 0


def test_what_is_booked_is_what_was_checked(visitor, database):
    page = patient.ready(visitor)
    mine = of_browser(database)
    database.rows('UPDATE booking SET version = version + 1 WHERE id = %s', mine)
    again = page.form(action='/booking/check').submit()
    assert again.status == 409 and again.h1 == 'Check and book' and 'changed in the meantime' in again.text, again.text
    assert database.value('SELECT status FROM booking WHERE id = %s', mine) == 'held'
    assert again.form(action='/booking/check').submit().status == 200
    assert database.value('SELECT status FROM booking WHERE id = %s', mine) == 'booked'


def test_what_is_cancelled_is_what_was_shown(visitor, staff, database):
    patient.book(visitor)
    mine = of_browser(database)
    database.rows('UPDATE booking SET starts_at = starts_at + 30 * 86400, ends_at = ends_at + 30 * 86400 WHERE id = %s', mine)
    page = visitor.open('/booking/cancel')
    uid = database.value('SELECT uid FROM booking WHERE id = %s', mine)
    chart = staff('front_desk').open('/staff/bookings/' + uid)
    database.rows('UPDATE booking SET version = version + 1 WHERE id = %s', mine)
    again = page.form(button='Cancel').submit()
    assert again.status == 409 and 'changed in the meantime' in again.text, again.text
    late = chart.form(action='/cancel').submit()
    assert late.status == 409 and 'changed in the meantime' in late.text, late.text
    assert database.value('SELECT status FROM booking WHERE id = %s', mine) == 'booked'
    assert again.form(button='Cancel').submit().status == 200
    assert database.value('SELECT status FROM booking WHERE id = %s', mine) == 'cancelled'


# --- staff at a patient's pages -----------------------------------------------------------------------------------------

def become_staff(visitor, sample):
    page = visitor.login(sample['front_desk_login'], sample['front_desk_password'])
    assert page.status == 200, page


def test_staff_open_no_patients_link(visitor, staff, database):
    link = patient.private_link(patient.book(visitor))
    desk = staff('front_desk')
    answer = desk.get(link)
    assert answer.status_code == 403 and 'own' in answer.text, answer.text
    assert 'regen_p=' not in str(answer.headers.get_list('set-cookie')) or '.' not in (desk.client.cookies.get('regen_p') or '')
    assert desk.open('/staff/').status == 200


def test_staff_do_not_sign_as_the_patient(visitor, sample, database):
    """The desk held the time in its own browser, as a patient would, and types the patient's name."""
    patient.give_details(patient.hold(visitor))
    mine = of_browser(database)
    become_staff(visitor, sample)
    form = visitor.open(patient.open_forms(visitor.open('/booking/consent'))[0])
    page = form.form(having='signer_name').fill(signer_name=patient.NAME, agree='yes').submit()
    assert page.status == 422 and 'logged in as staff' in page.error_for('signer_name'), page.text
    assert database.value('SELECT COUNT(*) FROM consent WHERE booking_id = %s', mine) == 0
    visitor.open('/staff/').form(action='/logout').submit()
    patient.sign_all(visitor)
    assert database.value('SELECT COUNT(*) FROM consent WHERE booking_id = %s', mine) > 0


def test_what_staff_do_at_a_patients_page_is_recorded_as_theirs(visitor, sample, database):
    patient.give_details(patient.hold(visitor))
    mine = of_browser(database)
    become_staff(visitor, sample)
    staff_id = database.value('SELECT id FROM staff WHERE login = %s', sample['front_desk_login'])
    patient.give_details(visitor.open('/booking/details'), phone='603-555-0177')
    actors = [a for a, in database.rows("SELECT actor FROM audit_event WHERE entity = 'booking' AND entity_id = %s AND action ="
                                        " 'details.save' ORDER BY id", mine)]
    assert actors[-1] == 'staff:%d' % staff_id and not actors[0].startswith('staff'), actors
