# SPDX-License-Identifier: Apache-2.0
"""Nobody is at two visits at once. Who may know of the other visit is asked; who only typed a name and a date of birth hears nothing, and the
board asks the clinic."""
import datetime
import re
import zoneinfo

import pytest

import patient
from fhirapi import entries, issues, token
from fhirbook import find, flat, parameters, post

ZONE = zoneinfo.ZoneInfo('America/New_York')
OTHER = 'consultation'
TOLD = 'You have another visit at that time'


@pytest.fixture(autouse=True)
def nothing_booked(database):
    """Each test begins with nobody at the clinic."""
    database.rows("UPDATE booking SET status = 'cancelled', hold_expires_at = NULL WHERE status IN ('held', 'booked')")
    database.rows("UPDATE booking SET status = 'completed' WHERE status IN ('arrived', 'in-progress')")
    database.rows('DELETE FROM occupancy')
    database.rows('UPDATE day_bitmap SET w0 = 0, w1 = 0, w2 = 0, w3 = 0, w4 = 0')


def span(database, uid):
    return database.rows('SELECT starts_at, ends_at FROM booking WHERE uid = %s', uid)[0]


def day_of(start):
    return datetime.datetime.fromtimestamp(start, ZONE).date().isoformat()


def hold_during(visitor, uid, database, service=OTHER):
    """The details page of another time for the same hours."""
    start, end = span(database, uid)
    page = visitor.open('/services/%s/times?day=%s' % (service, day_of(start)))
    form = next(f for f in patient.times(page) if start <= int(f.value('start')) < end)
    return form.submit()


def status(database, uid):
    return database.value('SELECT status FROM booking WHERE uid = %s', uid)


def question(database):
    return database.value('SELECT COUNT(DISTINCT t.booking_id) FROM person_time t JOIN person_time f ON f.person = t.person AND f.granule = t.granule'
                          ' AND f.booking_id <> t.booking_id WHERE t.beside <> 0 AND NOT EXISTS (SELECT 1 FROM person_settled s'
                          ' WHERE s.low = LEAST(t.booking_id, f.booking_id) AND s.high = GREATEST(t.booking_id, f.booking_id))')


def check(page):
    return page.form(action='/booking/check').submit()


def test_the_browser_that_has_the_other_visit_is_asked(visitor, database):
    first = patient.book(visitor, patient.later_day(visitor)).about
    page = patient.give_details(hold_during(visitor, first, database))
    second, page = page.about, check(page)
    assert page.status == 409 and page.path == '/booking/check' and TOLD in page.text, page
    assert 'Platelet-rich plasma' in page.text and 'Ada Lovelace' in page.text, 'which one it is, and what was typed'
    assert page.link('Your other bookings') and status(database, second) == 'held' and question(database) == 0
    assert check(visitor.open('/booking/check?booking=' + second)).status == 409, 'again is no way around'
    page = page.click('See other times')
    assert 'that one is released' in page.text
    page = patient.times(visitor.open(patient.days(visitor, page.url)[-1]))[0].submit()
    assert page.form(having='family').value('given') == 'Ada', 'nothing is typed twice'
    page = check(page.form(having='family').submit())
    assert page.h1 == 'You are booked' and question(database) == 0


def test_a_stranger_learns_nothing_and_the_board_asks(visitor, server, staff, database):
    first = patient.book(visitor, patient.later_day(visitor)).about
    with server.visitor() as stranger:
        page = check(patient.give_details(hold_during(stranger, first, database), email='other@example.org'))
        second = page.about
        assert page.status == 200 and page.h1 == 'You are booked' and 'another visit' not in page.text
    with server.visitor() as nobody:
        clean = check(patient.give_details(hold_during(nobody, first, database, patient.SERVICE), family='Else'))
        assert clean.h1 == 'You are booked' and question(database) == 1
    assert 'another visit' not in visitor.open('/booking?booking=' + first).text
    desk = staff('front_desk')
    page = desk.open('/staff')
    assert 'Two visits at the same time' in page.text and 'Ada Lovelace' in page.text and 'Else' not in page.text
    page = desk.open('/staff/bookings/' + second)
    assert 'Another visit at the same time' in page.text and 'Platelet-rich plasma' in page.text
    page = page.form(action='/both').submit()
    assert page.status == 422 and page.error_for('both') and question(database) == 1
    page = page.form(action='/both').fill(both='She brings her sister').submit()
    assert page.status == 200 and 'She brings her sister' in page.text and 'Why are both right' not in page.text
    assert question(database) == 0 and 'Two visits at the same time' not in desk.open('/staff').text


def test_the_question_goes_with_one_of_the_visits(visitor, server, staff, database):
    first = patient.book(visitor, patient.later_day(visitor)).about
    with server.visitor() as stranger:
        check(patient.give_details(hold_during(stranger, first, database)))
    assert question(database) == 1
    desk = staff('front_desk')
    page = desk.open('/staff/bookings/' + first)
    page.form(action='/cancel').submit()
    assert status(database, first) == 'cancelled' and question(database) == 0
    assert 'Two visits at the same time' not in desk.open('/staff').text


def test_a_move_is_asked_likewise(visitor, database):
    first = patient.book(visitor, patient.later_day(visitor)).about
    page = visitor.open(patient.days(visitor, '/services/%s/times' % OTHER)[-1])
    later = check(patient.give_details(patient.times(page)[-1].submit())).about
    start, end = span(database, first)
    was = span(database, later)
    page = visitor.open('/booking/move?booking=%s&day=%s' % (later, day_of(start)))
    form = next(f for f in page.forms() if f.action.endswith('/booking/move/check') and start <= int(f.value('start')) < end)
    page = form.submit().form(action='/booking/move').submit()
    assert page.status == 409 and page.h1 == 'Nothing was changed' and TOLD in page.text, page.text
    assert page.link('Choose another time') and span(database, later) == was and question(database) == 0


def desk_hold(desk, database, uid, who):
    start, end = span(database, uid)
    page = desk.open('/staff/times?service=%s&from=%s&patient=%s' % (OTHER, day_of(start), who))
    form = next(f for f in page.forms() if f.action.endswith('/staff/holds') and f.value('start') and start <= int(f.value('start')) < end)
    page = form.submit()
    assert page.path.endswith('/details'), page
    page = page.form('/details').fill(body_site='knee', side='left', pay='self').submit()
    assert 'Book it' in page.text, page.text
    return page


def test_the_desk_is_asked_and_says_why(visitor, staff, database):
    first = patient.book(visitor, patient.later_day(visitor)).about
    who = database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', first)
    desk = staff('front_desk')
    page = desk_hold(desk, database, first, who)
    uid = re.search(r'/staff/bookings/(\w{26})', page.url).group(1)
    page = page.form('/book').submit()
    assert page.status == 409 and 'another visit at that time' in page.text and status(database, uid) == 'held', page.text
    page = page.form('/book').fill(reason='').submit()
    assert page.status == 422 and page.error_for('reason') and status(database, uid) == 'held', page.text
    page = page.form('/book').fill(reason='He comes with her').submit()
    assert page.status == 200 and '/b/' in page.text and status(database, uid) == 'booked'
    chart = desk.open('/staff/bookings/' + uid)
    assert 'Two visits of one patient at the same time' in chart.text and 'He comes with her' in chart.text
    assert question(database) == 0 and 'Two visits at the same time' not in desk.open('/staff').text


def test_the_desk_moves_onto_it_with_a_reason(visitor, server, staff, database):
    first = patient.book(visitor, patient.later_day(visitor)).about
    with server.visitor() as other:
        page = other.open(patient.days(other, '/services/%s/times' % OTHER)[-1])
        later = check(patient.give_details(patient.times(page)[-1].submit())).about
    start, end = span(database, first)
    was = span(database, later)
    desk = staff('front_desk')
    page = desk.open('/staff/times?booking=%s&from=%s' % (later, day_of(start)))
    form = next(f for f in page.forms() if f.action.endswith('/move') and f.value('start') and start <= int(f.value('start')) < end)
    page = form.submit().form(action='/move').submit()
    assert page.status == 409 and 'another visit at that time' in page.text and span(database, later) == was, page.text
    page = page.form(action='/move', having='over').fill(reason='Both on one day was asked for').submit()
    assert page.status == 200 and span(database, later) != was and question(database) == 0, page.text
    assert 'Both on one day was asked for' in desk.open('/staff/bookings/' + later).text


PERSON = {'resourceType': 'Patient', 'name': [{'family': 'Lovelace', 'given': ['ADA']}], 'birthDate': '1962-12-10', 'gender': 'female',
          'telecom': [{'system': 'phone', 'value': '603-555-0142'}, {'system': 'email', 'value': 'ada@example.org'}],
          'address': [{'line': ['7 Analytical Way'], 'city': 'Dover', 'state': 'NH', 'postalCode': '03820'}]}


def fhir_book(machine, database, uid):
    start, end = span(database, uid)
    day = datetime.date.fromisoformat(day_of(start))
    proposal = next(v[0] for v in flat(find(machine, service=OTHER, day=day, _count='50'))
                    if start <= datetime.datetime.fromisoformat(v[0]['start']).timestamp() < end)
    return post(machine, 'book', parameters(appointment_reference='Appointment/' + proposal['id'], patient_resource=PERSON,
                                            body_site='knee', side='left'))


def test_programs_hear_of_what_they_may_see(visitor, server, database):
    first = patient.book(visitor, patient.later_day(visitor)).about
    visit = database.value('SELECT a.uid FROM appointment a JOIN booking b ON b.id = a.booking_id WHERE b.uid = %s', first)
    scopes = 'system/Appointment.cruds system/Patient.rs'
    with server.machine(token(database, scopes + ' regen/all'), accept='application/fhir+json') as all_seeing:
        answer = fhir_book(all_seeing, database, first)
        assert answer.status_code == 409 and 'Appointment/' + visit in issues(answer)[0][1], answer.text
    assert database.value("SELECT COUNT(*) FROM booking WHERE status IN ('held', 'booked')") == 1, 'what failed holds nothing'
    with server.machine(token(database, scopes), accept='application/fhir+json') as partner:
        answer = fhir_book(partner, database, first)
        assert answer.status_code == 200 and visit not in answer.text, answer.text
        assert question(database) == 1
        mine = entries(answer.json())[0]['id']
        answer = fhir_book(partner, database, first)
        assert answer.status_code == 409 and 'Appointment/' + mine in answer.text and visit not in answer.text, 'of its own it hears'


def test_nobody_writes_past_the_key(visitor, server, database):
    first = patient.book(visitor, patient.later_day(visitor)).about
    with server.visitor() as stranger:
        page = patient.give_details(hold_during(stranger, first, database))
    with pytest.raises(Exception, match='another visit then'):
        database.rows("UPDATE booking SET status = 'booked', hold_expires_at = NULL WHERE uid = %s", page.about)
    assert status(database, page.about) == 'held'
