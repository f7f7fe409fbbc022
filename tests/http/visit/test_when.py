# SPDX-License-Identifier: Apache-2.0
"""A step has the time when it was done. It is entered now or later, never for the future, never before the step before it; the unit's time counts
from the harvest, and consent is what was signed by then."""
import datetime

import pymysql
import pytest

from dayfill import BORN, ZONE, clock, now, today
from test_staff_day import chart, check_in, post, step


@pytest.fixture
def clinician(staff):
    return staff('clinician')


def local(at):
    return datetime.datetime.fromtimestamp(at, ZONE).strftime('%Y-%m-%dT%H:%M')


def event(database, uid, kind):
    return database.rows('SELECT e.at, e.recorded_at FROM step_event e JOIN booking b ON b.id = e.booking_id WHERE b.uid = %s AND e.kind = %s', uid, kind)[0]


def signed_before(database, uid):
    database.rows('DROP TRIGGER IF EXISTS consent_keeps')
    database.rows('UPDATE consent c JOIN booking b ON b.id = c.booking_id SET c.signed_at = b.starts_at - 86400 WHERE b.uid = %s', uid)


def minutes_ago():
    """Moments by how many minutes ago they were: two that are named alike are the same, also when a minute ends between them."""
    minute = now() // 60 * 60
    return lambda minutes: minute - 60 * minutes


@pytest.fixture
def earlier(day, database):
    """A visit of today, long enough ago, and a moment of today MINUTES ago: at midnight the day is yesterday's, and the visit as well."""
    start = now() - 3 * 3600
    uid = day.book(start=start)
    return uid, minutes_ago()


def at_day_of(database, uid, at):
    """Whether AT is on the local day of the visit; just after midnight it may not be."""
    starts = database.value('SELECT starts_at FROM booking WHERE uid = %s', uid)
    return local(at)[:10] == local(starts)[:10] == local(now())[:10]


def test_a_step_is_entered_later_with_the_time_it_was_done(earlier, clinician, database, day):
    uid, ago = earlier
    if not at_day_of(database, uid, ago(150)):
        pytest.skip('just after midnight the visit is of yesterday')
    assert step(clinician, uid, 'check-in', birth_date=BORN, when=local(ago(150))).status == 200
    at, recorded = event(database, uid, 'check-in')
    assert at == ago(150) // 60 * 60 or abs(at - ago(150)) <= 60
    assert abs(recorded - now()) < 60
    page = step(clinician, uid, 'harvest', volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right', when=local(ago(120)))
    assert page.status == 200 and 'Entered later' in page.text, repr(page)
    harvested, expires = database.rows('SELECT harvested_at, expires_at FROM unit WHERE label = %s', day.label(uid))[0]
    hold = database.value("SELECT unit_hold_minutes FROM service WHERE code = 'bmac-knee'")
    assert harvested == event(database, uid, 'harvest')[0] and abs(harvested - ago(120)) <= 60 and expires == harvested + 60 * hold
    page = step(clinician, uid, 'process', label=day.label(uid), kit_lot='LOT-1', volume_ml='8', when=local(ago(130)))
    assert page.status == 422 and 'not before it' in page.error_for('when') and page.form('/process').value('kit_lot') == 'LOT-1'
    page = step(clinician, uid, 'process', label=day.label(uid), kit_lot='LOT-1', volume_ml='8')
    assert page.status == 200 and event(database, uid, 'process')[0] == event(database, uid, 'process')[1]


@pytest.mark.parametrize('typed', ('soon', '1990-13-01T09:00', '25:00', 'tomorrow 9:00'))
def test_what_is_no_time_is_refused(day, clinician, typed):
    uid = day.book()
    page = step(clinician, uid, 'check-in', birth_date=BORN, when=typed)
    assert page.status == 422 and 'Enter day and time' in page.error_for('when') and day.status(uid) == 'booked'
    assert page.form('/check-in').value('when') == typed


def test_nothing_is_done_in_the_future(day, clinician):
    uid = day.book()
    page = step(clinician, uid, 'check-in', birth_date=BORN, when=local(now() + 3 * 3600))  # in the night when clocks go back, an hour later is now
    assert page.status == 422 and 'has not come yet' in page.error_for('when') and day.status(uid) == 'booked'


def test_an_injection_is_judged_at_its_own_time(day, clinician, database):
    """A unit that had expired then is refused; one that has expired since is not, when the injection was in time."""
    uid = day.book(start=now() - 900)
    ago = now() // 60 * 60
    if local(ago - 1200)[:10] != local(now())[:10]:
        pytest.skip('just after midnight the visit is of yesterday')
    for kind, minutes, fields in (('check-in', 14, {'birth_date': BORN}),
                                  ('harvest', 12, {'volume_ml': '60', 'taken_from': 'right-posterior-iliac-crest', 'side_confirmed': 'right'})):
        assert step(clinician, uid, kind, when=local(ago - 60 * minutes), **fields).status == 200
    label = day.label(uid)
    assert step(clinician, uid, 'process', label=label, kit_lot='L', volume_ml='8', when=local(ago - 600)).status == 200
    database.rows('UPDATE unit SET expires_at = %s WHERE label = %s', ago - 300, label)
    fields = {'label': label, 'birth_date': BORN, 'body_site': 'knee', 'side': 'right'}
    page = step(clinician, uid, 'inject', when=local(ago - 180), **fields)
    assert page.status == 410 and 'has expired' in page.error_for('label')
    assert step(clinician, uid, 'inject', **fields).status == 410
    page = step(clinician, uid, 'inject', when=local(ago - 480), **fields)
    assert page.status == 200 and 'inject' in day.events(uid), repr(page)


def test_consent_is_what_was_signed_by_then(day, clinician, database):
    uid = day.book(start=now() - 7200)
    if local(now() - 7200)[:10] != local(now())[:10]:
        pytest.skip('just after midnight the visit is of yesterday')
    database.rows('DROP TRIGGER IF EXISTS consent_keeps')
    database.rows('UPDATE consent c JOIN booking b ON b.id = c.booking_id SET c.signed_at = %s WHERE b.uid = %s', now() - 600, uid)
    page = step(clinician, uid, 'check-in', birth_date=BORN, when=local(now() - 3600))
    assert page.status == 409 and 'is missing or no longer valid' in page.text and day.status(uid) == 'booked'
    assert step(clinician, uid, 'check-in', birth_date=BORN, when=local(now() - 120)).status == 200


def test_the_schema_holds_it(day, clinician, database):
    add = 'INSERT INTO step_event (booking_id, kind, at, recorded_at, staff_id) VALUES (%s, %s, %s, %s, %s)'
    uid = day.book()
    booking, staff_id = database.value('SELECT id FROM booking WHERE uid = %s', uid), database.value('SELECT MIN(id) FROM staff')
    with database.connect(user='regen') as db, db.cursor() as sql:
        def refused(words, statement, *values):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(statement, values)
        refused('step_event_not_ahead', add, booking, 'check-in', now(), now() - 60, staff_id)
        refused('in the future', add, booking, 'check-in', now() + 3600, now() + 3600, staff_id)
        refused('in the future', add, booking, 'check-in', now(), now() + 3600, staff_id)
        refused('every consent', add, booking, 'check-in', now() - 3 * 86400, now(), staff_id)
        check_in(clinician, uid)
        refused('before the step before it', add, booking, 'harvest', now() - 3600, now(), staff_id)
        step(clinician, uid, 'harvest', volume_ml='9', taken_from='right-posterior-iliac-crest', side_confirmed='right')
        unit = database.value('SELECT id FROM unit WHERE booking_id = %s', booking)
        device = database.value("SELECT MIN(id) FROM resource WHERE kind = 'device'")
        spin = "INSERT INTO unit_processing (unit_id, resource_id, lot_id, kit_lot, volume_ml, minutes, run_why, at, staff_id) VALUES (%s, %s, (SELECT id FROM supply_lot WHERE lot = 'MK-2291'), %s, 8, 0, 'x', %s, %s)"
        refused('before it is harvested', spin, unit, device, 'MK-2291', now() - 3600, staff_id)
        at = now()
        day.act(booking, 'process', at)
        sql.execute(spin, (unit, device, 'MK-2291', at, staff_id))
        refused('before it is processed', 'INSERT INTO injection (unit_id, booking_id, patient_id, body_site, laterality, expires_at, injected_at,'
                ' staff_id) SELECT id, booking_id, patient_id, body_site, laterality, expires_at, %s, %s FROM unit WHERE id = %s',
                now() - 3600, staff_id, unit)


def test_what_was_recorded_before_has_both_times(database):
    """The column came later: what it says of older rows is when they were done."""
    database.rows('CREATE TABLE was (at BIGINT NOT NULL)')
    database.rows('INSERT INTO was VALUES (1700000000), (1700000060)')
    database.rows('ALTER TABLE was ADD COLUMN recorded_at BIGINT NOT NULL DEFAULT (at)')
    assert database.rows('SELECT at - recorded_at FROM was') == ((0,), (0,))
    database.rows('DROP TABLE was')


def test_a_forgotten_visit_is_recorded_later(day, staff, clinician, database):
    desk = staff('front_desk')
    start = clock(12, day=today() - datetime.timedelta(3))
    uid = day.book(start=start)
    signed_before(database, uid)
    page = chart(desk, uid)
    assert 'If the patient came, enter when' in page.text
    page = step(desk, uid, 'check-in', birth_date=BORN, when=local(start + 60))
    assert page.status == 409 and 'Enter why it is recorded later' in page.error_for('late_why') and day.status(uid) == 'booked'
    page = page.form('/check-in').fill(late_why='Power cut', when=local(now() - 60)).submit()
    assert page.status == 409 and 'on that day' in page.error_for('when')
    page = page.form('/check-in').fill(when=local(start - 86400)).submit()
    assert page.status == 409 and 'on that day' in page.error_for('when') and day.status(uid) == 'booked'
    page = page.form('/check-in').fill(when=local(start + 60)).submit()
    assert page.status == 200 and day.status(uid) == 'arrived' and 'Power cut' in page.text, repr(page)
    page = step(clinician, uid, 'harvest', volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
    assert page.status == 422 and 'Enter the day and time' in page.error_for('when'), 'nobody means now'
    page = step(clinician, uid, 'harvest', volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right', when=local(start + 180))
    assert page.status == 200
    assert database.value('SELECT service_date FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', uid).isoformat() \
        == local(start)[:10], 'charged on the day when it was done'
    page = chart(clinician, uid).form('/end').fill(why='left', dispose='yes', end_when=local(start + 600)).submit()
    assert page.status == 200 and day.status(uid) == 'completed' and 'entered later' in page.text, repr(page)


def test_the_day_before_is_not_now(day, clinician, database):
    """A visit of yesterday that nobody completed: completion asks for its time."""
    uid = day.book('consultation', body_site='hip', side='left', start=clock(12, day=today() - datetime.timedelta(2)))
    signed_before(database, uid)
    booking, staff_id = database.value('SELECT id FROM booking WHERE uid = %s', uid), database.value('SELECT MIN(id) FROM staff')
    database.rows("INSERT INTO step_event (booking_id, kind, at, staff_id) SELECT id, 'check-in', starts_at, %s FROM booking WHERE id = %s",
                  staff_id, booking)
    database.rows("UPDATE booking SET status = 'arrived' WHERE id = %s", booking)
    page = step(clinician, uid, 'complete', diagnoses='M16.12')
    assert page.status == 422 and 'Enter the day and time' in page.error_for('when') and page.form('/complete').value('diagnoses') == 'M16.12'
