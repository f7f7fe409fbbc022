# SPDX-License-Identifier: Apache-2.0
"""A stock IHE client knows no parameter of ours: it books without saying which part of the body is treated. The patient says it by the link, or
the desk does, once, and nothing is signed for a side or done on the day before."""
import pymysql
import pytest

import patient
from fhirapi import entries, token
from fhirbook import PATIENT, booking_of, hold, parameters, post, somebody

pytestmark = pytest.mark.usefixtures('never_closed')


@pytest.fixture(scope='module')
def bearer(server, database):
    return token(database, 'system/Appointment.cruds system/Patient.rs')


@pytest.fixture
def agent(server, bearer):
    with server.machine(bearer, accept='application/fhir+json') as made:
        yield made


def book(agent, **more):
    held = hold(agent)[0]['id']
    answer = post(agent, 'book', parameters(appointment_reference='Appointment/' + held, patient_resource=somebody(held), **more))
    assert answer.status_code == 200, answer.text
    return answer.json()


def booked(agent, **more):
    """The booking, the patient's link, and what was said of it."""
    bundle = book(agent, **more)
    visit, = entries(bundle)
    link = next(e['valueUrl'] for e in visit['extension'] if e['url'].endswith('/patient-link'))
    said = [i['details']['text'] for r in entries(bundle, 'outcome') for i in r['issue']]
    return booking_of(visit), link, said


def born(database, uid):
    """As the patient types it."""
    return database.value('SELECT p.birth_date FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', uid).strftime('%m/%d/%Y')


def place(database, uid):
    return database.rows('SELECT body_site, laterality FROM booking WHERE uid = %s', uid)[0]


@pytest.mark.parametrize('more', [{}, {'body_site': 'knee'}])
def test_booked_without_a_place(agent, database, more):
    uid, _, said = booked(agent, **more)
    assert place(database, uid) == ('', 'none'), 'half of a place would look like a whole one'
    assert [s for s in said if 'part of the body' in s], said


@pytest.mark.parametrize('more', [{'body_site': 'nose'}, {'body_site': 'nose', 'side': 'left'}, {'side': 'up', 'body_site': 'knee'},
                                  {'side': 'left'}])
def test_a_wrong_place_is_still_refused(agent, more):
    answer = post(agent, 'book', parameters(appointment_reference='Appointment/' + hold(agent)[0]['id'], patient_resource=PATIENT, **more))
    assert answer.status_code == 422, answer.text


def test_a_place_that_was_said_is_taken(agent, database):
    uid, _, said = booked(agent, body_site='knee', side='left')
    assert place(database, uid) == ('knee', 'left') and not [s for s in said if 'part of the body' in s]


def test_the_patient_says_it_by_the_link(agent, visitor, database):
    uid, link, _ = booked(agent)
    page = patient.come_back(visitor, link, born(database, uid))
    assert 'Where will you be treated?' in page.text and 'to sign' not in page.text
    page = page.form('/booking/place').fill(body_site='knee').submit()
    assert page.status == 422 and page.error_for('side') and page.form('/booking/place').value('body_site') == 'knee'
    late = page.form('/booking/place').fill(body_site='knee', side='left')
    page = page.form('/booking/place').fill(body_site='knee', side='right').submit()
    assert page.h1 == 'You are booked' and place(database, uid) == ('knee', 'right')
    assert 'Where will you be treated?' not in page.text
    assert late.submit().status == 409 and place(database, uid) == ('knee', 'right'), 'once'
    about = page.about
    for address in patient.open_forms(visitor.open('/booking/consent?booking=' + about)):
        assert 'right knee' in visitor.open(address).text or 'privacy' in address


def test_no_form_for_a_side_is_shown_before(agent, visitor, database):
    uid, link, _ = booked(agent)
    about = patient.come_back(visitor, link, born(database, uid)).about
    forms = database.rows('SELECT f.code, f.names_side FROM form f JOIN service_form s ON s.form_id = f.id JOIN booking b'
                          ' ON b.service_id = s.service_id WHERE b.uid = %s', uid)
    for code, names_side in forms:
        page = visitor.open('/booking/consent/%s?booking=%s' % (code, about))
        assert (page.path.split('?')[0] == '/booking') == bool(names_side), (code, page)


def test_the_desk_says_it(agent, staff, database):
    uid, _, _ = booked(agent)
    desk = staff('front_desk')
    page = desk.open('/staff/bookings/' + uid)
    assert 'Treatment site' in page.text
    csrf = page.form('/place').value('csrf')
    page = page.form('/place').fill(body_site='knee').submit()
    assert page.status == 422 and page.error_for('side')
    page = page.form('/place').fill(body_site='knee', side='left').submit()
    assert page.status == 200 and place(database, uid) == ('knee', 'left') and 'Treatment site' not in page.text
    again = desk.post('/staff/bookings/%s/place' % uid, data={'csrf': csrf, 'idem': 'y' * 22, 'body_site': 'knee', 'side': 'right'})
    assert 'make a new booking with the correct one' in again.text and 'call the clinic' not in again.text
    assert place(database, uid) == ('knee', 'left')


def test_nothing_begins_before(agent, staff, database):
    """On the page, and by the schema for whoever comes past the page."""
    uid, _, _ = booked(agent)
    ident = database.value('SELECT id FROM booking WHERE uid = %s', uid)
    database.rows('DELETE f FROM service_form f JOIN booking b ON b.service_id = f.service_id WHERE b.id = %s', ident)
    desk = staff('front_desk')
    page = desk.open('/staff/bookings/' + uid)
    answer = desk.post('/staff/bookings/%s/check-in' % uid, data={'csrf': page.form('/place').value('csrf'), 'idem': 'x' * 22,
                                                                  'birth_date': str(database.value('SELECT p.birth_date FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', uid)), 'early': 'patient-came'})
    assert answer.status_code == 409 and 'The part of the body to be treated' in answer.text, answer.text
    staff_id = database.value('SELECT MIN(id) FROM staff')
    for kind in ('check-in', 'harvest', 'inject', 'complete'):
        with pytest.raises(pymysql.MySQLError, match='what is treated'):
            database.rows('INSERT INTO step_event (booking_id, kind, at, staff_id) VALUES (%s, %s, UNIX_TIMESTAMP(), %s)', ident, kind, staff_id)
    # What began before the service asked for it goes on, and the desk may still say it.
    database.rows("UPDATE service s JOIN booking b ON b.service_id = s.id SET s.needs_body_site = 0 WHERE b.id = %s", ident)
    database.rows("INSERT INTO step_event (booking_id, kind, at, staff_id) VALUES (%s, 'check-in', UNIX_TIMESTAMP(), %s)", ident, staff_id)
    database.rows("UPDATE booking SET status = 'arrived' WHERE id = %s", ident)
    database.rows("UPDATE service s JOIN booking b ON b.service_id = s.id SET s.needs_body_site = 1 WHERE b.id = %s", ident)
    page = desk.open('/staff/bookings/' + uid).form('/place').fill(body_site='knee', side='left').submit()
    assert page.status == 200 and place(database, uid) == ('knee', 'left')
    database.rows('INSERT INTO act (booking_id, kind, at, recorded_at, staff_id, done_by, capability, capability_id) SELECT b.id, %s, UNIX_TIMESTAMP(),'
                  ' UNIX_TIMESTAMP(), %s, d.resource_id, d.capability, d.capability_id FROM booking b JOIN step_doer d ON d.service_id = b.service_id'
                  " AND d.kind = 'process' WHERE b.id = %s LIMIT 1", 'process', staff_id, ident)
    database.rows("INSERT INTO step_event (booking_id, kind, at, recorded_at, staff_id) SELECT booking_id, 'process', at, at, %s FROM act WHERE booking_id = %s", staff_id, ident)
