# SPDX-License-Identifier: Apache-2.0
"""A visit that began and does not go on: why, by whom, what becomes of the unit, of what was done and of what is free again."""
import pymysql
import pytest

from dayfill import BORN, now
from test_staff_day import chart, check_in, harvest, inject, post, process, ready, step


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def desk(staff):
    return staff('front_desk')


def end(visitor, uid, why='left', **fields):
    return chart(visitor, uid).form('/end').fill(why=why, **fields).submit()


def ending(database, uid):
    return database.rows('SELECT e.reason, e.note FROM booking_ending e JOIN booking b ON b.id = e.booking_id WHERE b.uid = %s', uid)


def ident(database, uid):
    return database.value('SELECT id FROM booking WHERE uid = %s', uid)


def test_who_arrived_is_sent_home(day, desk, database):
    uid = day.book(family='Home', given='Sent')
    check_in(desk, uid)
    page = end(desk, uid, 'unwell')
    assert page.status == 200 and 'Ended early: Patient unwell' in page.text, repr(page)
    assert day.status(uid) == 'completed' and ending(database, uid) == (('unwell', ''),) and day.charges(uid) == ()
    assert [a for a in page.css('#next a') if '/staff/times?patient=' in a.get('href')], 'a new time is one tap away'
    assert '/end' not in [f.action[-4:] for f in page.forms()]
    board = desk.open('/staff')
    assert 'Ended early: Patient unwell' in board.text
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'day.end' AND entity_id = %s AND detail = 'unwell'",
                          ident(database, uid)) == 1
    assert database.value('SELECT COUNT(*) FROM recall WHERE booking_id = %s', ident(database, uid)) == 0


def test_what_was_done_is_charged_and_the_unit_is_disposed_of(day, clinician, staff, database):
    uid = day.book(insured=True)
    label = ready(clinician, day, uid)
    page = end(clinician, uid, 'clinician', end_note='Infection seen')
    assert page.status == 409 and label in page.error_for('dispose') and day.status(uid) == 'in-progress' and not ending(database, uid)
    assert page.form('/end').value('end_note') == 'Infection seen'
    page = page.form('/end').fill(why='clinician', dispose='yes').submit()
    assert page.status == 200 and 'Clinician decided against it' in page.text and 'Infection seen' in page.text, repr(page)
    assert day.status(uid) == 'completed' and [c[0] for c in day.charges(uid)] == ['BMAC-HARVEST', 'BMAC-PROCESS']
    assert database.value('SELECT d.reason FROM unit_disposal d JOIN unit u ON u.id = d.unit_id WHERE u.label = %s', label) \
        == 'Ended early: clinician'
    refused = post(clinician, uid, 'inject', page, label=label, birth_date=BORN, body_site='knee', side='right')
    assert refused.status in (409, 410) and 'inject' not in day.events(uid)
    account = staff('billing').open('/billing/bookings/' + uid)
    assert account.status == 200, repr(account)
    page = step(clinician, uid, 'diagnose', diagnoses='M17.11')
    assert page.status == 200 and 'Unilateral primary osteoarthritis' in page.text


@pytest.mark.parametrize('fields, field', (({}, 'why'), ({'why': 'nonsense'}, 'why'), ({'why': 'other', 'end_note': '  '}, 'end_note'),
                                           ({'why': 'left', 'end_note': 'x' * 256}, 'end_note')))
def test_why_it_ends_is_said(day, desk, database, fields, field):
    uid = day.book()
    check_in(desk, uid)
    page = post(desk, uid, 'end', chart(desk, uid), **fields)
    assert page.status == 422 and page.error_for(field) and day.status(uid) == 'arrived' and not ending(database, uid)


def test_only_what_began_ends(day, desk, clinician, database):
    uid = day.book()
    page = chart(desk, uid)
    assert 'End visit early' not in page.text
    assert 'Nobody is checked in' in post(desk, uid, 'end', page, why='left').text and day.status(uid) == 'booked'
    label = ready(clinician, day, uid)
    assert 'End visit early' not in chart(desk, uid).text, 'with material in the room it is the clinician who decides'
    assert post(desk, uid, 'end', page, why='left', dispose='yes').status == 403
    inject(clinician, uid, label)
    page = post(clinician, uid, 'end', chart(clinician, uid), why='left', dispose='yes')
    assert page.status == 409 and 'Complete the treatment instead' in page.text and not ending(database, uid)
    step(clinician, uid, 'complete', diagnoses='M17.11')
    assert 'over already' in post(clinician, uid, 'end', chart(clinician, uid), why='left').text


def test_twice_is_once(day, desk, database):
    uid = day.book()
    check_in(desk, uid)
    form = chart(desk, uid).form('/end').fill(why='other', end_note='Called away')
    assert form.submit().status == 200 and form.submit().status == 200
    assert ending(database, uid) == (('other', 'Called away'),)
    assert post(desk, uid, 'end', chart(desk, uid), why='left').status == 409 and len(ending(database, uid)) == 1


def test_what_has_not_begun_is_free_again(day, desk, database):
    uid = day.book(start=day.quiet())
    booking = ident(database, uid)
    database.rows('UPDATE booking_step SET starts_at = starts_at + 86400, ends_at = ends_at + 86400 WHERE booking_id = %s', booking)
    database.rows('UPDATE booking SET starts_at = starts_at + 86400, ends_at = ends_at + 86400 WHERE id = %s', booking)
    database.rows('UPDATE booking_resource SET busy_from = busy_from + 86400, busy_until = busy_until + 86400 WHERE booking_id = %s', booking)
    database.rows('INSERT IGNORE INTO occupancy SELECT r.resource_id, r.busy_from DIV 300 + seq, r.booking_id FROM booking_resource r'
                  ' JOIN seq_0_to_100 WHERE r.booking_id = %s AND seq < (r.busy_until - r.busy_from) DIV 300', booking)
    kept = "booking_resource r JOIN booking_step s ON s.booking_id = r.booking_id AND s.step_no = r.step_no WHERE r.booking_id = %s"
    assert database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s', booking) > 0
    step(desk, uid, 'check-in', birth_date=BORN, early='patient-came')
    end(desk, uid)
    assert database.rows('SELECT DISTINCT s.kind FROM ' + kept, booking) in ((), (('check-in',),))
    assert database.value('SELECT COUNT(*) FROM occupancy o WHERE o.booking_id = %s AND NOT EXISTS (SELECT 1 FROM booking_resource r'
                          ' WHERE r.booking_id = o.booking_id AND r.resource_id = o.resource_id AND o.granule * 300 >= r.busy_from'
                          ' AND o.granule * 300 < r.busy_until)', booking) == 0
    assert database.value('SELECT COUNT(*) FROM booking_step WHERE booking_id = %s', booking) > 3, 'the plan stays readable'


def test_the_schema_holds_it(server, day, desk, clinician, database):
    """Whatever comes past the page, with the module's own account."""
    add = "INSERT INTO booking_ending (booking_id, reason, note, at, recorded_at, staff_id) VALUES (%s, %s, %s, %s, %s, %s)"
    uid = day.book()
    booking, staff_id = ident(database, uid), database.value('SELECT MIN(id) FROM staff')
    with database.connect(user='regen') as db, db.cursor() as sql:
        def refused(words, statement, *values):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(statement, values)
        refused('began', add, booking, 'left', '', now(), now(), staff_id)
        check_in(clinician, uid)
        refused('ending_other_is_said', add, booking, 'other', '', now(), now(), staff_id)
        refused('ending_not_ahead', add, booking, 'left', '', now() + 60, now(), staff_id)
        harvest(clinician, uid)
        refused('disposed of', add, booking, 'left', '', now(), now(), staff_id)
        process(clinician, uid, day.label(uid))
        end(clinician, uid, 'device', dispose='yes')
        for statement in ("UPDATE booking_ending SET note = 'x' WHERE booking_id = %s", 'DELETE FROM booking_ending WHERE booking_id = %s'):
            refused('denied', statement, booking)
        refused('ended early', "INSERT INTO step_event (booking_id, kind, at, staff_id) VALUES (%s, 'complete', %s, %s)", booking, now(), staff_id)
        refused('began', add, booking, 'left', '', now(), now(), staff_id)
        other = day.book()
        inject(clinician, other, ready(clinician, day, other))
        refused('completed', add, ident(database, other), 'left', '', now(), now(), staff_id)
