# SPDX-License-Identifier: Apache-2.0
"""Good-faith estimates: who pays themselves has one with the booking, it says what was promised, and nobody can make one that says anything else."""
import hashlib
import re
import threading

import pymysql
import pytest

import env
import moving
import patient

INSURED = dict(pay='insurance', payer_code='granite-mutual', member_id='GM4471', relationship='self')


def booked(visitor, database, **changes):
    about = patient.give_details(patient.hold(visitor), **changes).about
    page = visitor.open(patient.at('/booking/check', about)).form(action='/booking/check').submit()
    assert page.h1 == 'You are booked', page
    return database.value('SELECT MAX(id) FROM booking'), database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')


def count(database, booking):
    return database.value('SELECT COUNT(*) FROM estimate WHERE booking_id = %s', booking)


def words(page):
    return re.sub(r'\s+', ' ', page.css('main')[0].text_content())


def test_the_booking_brings_it(visitor, database):
    booking, _ = booked(visitor, database)
    assert database.rows('SELECT version, supersedes, cause, delivery, patient_name, CAST(patient_born AS CHAR), total_minor, currency, npi, tin FROM estimate'
                         ' WHERE booking_id = %s', booking) == ((1, None, 'booked', 'online', 'Ada Lovelace', '1962-12-10', 95000, 'USD', '1000000038', '912345678'),)
    page = visitor.open('/booking').click('Your estimate')
    text = words(page)
    assert page.status == 200 and page.h1.startswith('Your estimate GFE-') and 'expected to pay $950.00' in text
    for part in ('Ada Lovelace', 'born 10 December 1962', 'Platelet-rich plasma for a tendon', 'right elbow', 'PRP-TENDON RT', '$650.00', 'NPI 1000000038', 'Tax ID 912345678',
                 'Portsmouth, NH', 'at least $400 more', 'not a contract', 'estimate of what', 'further items'):
        assert part in text, part
    assert not page.css('main form') and 'NPI' in text.split('Treated by')[1]


def test_its_digest_is_over_what_it_says(visitor, database):
    booking, uid = booked(visitor, database)
    row = database.rows('SELECT version, made_at, patient_name, CAST(patient_born AS CHAR), service_name, body_site, laterality, further, service_at, issuer, npi, tin, place, provider,'
                        ' provider_npi, diagnoses, total_minor, currency, HEX(sha256) FROM estimate WHERE booking_id = %s', booking)[0]
    lines = [' '.join(str(x) for x in line) for line in database.rows('SELECT l.line_no, l.code, l.modifiers, l.units, l.unit_minor, l.description FROM estimate_line l'
                                                                       ' JOIN estimate e ON e.id = l.estimate_id WHERE e.booking_id = %s ORDER BY l.line_no', booking)]
    said = '\n'.join([uid] + [str(x) for x in row[:-1]] + lines)
    assert len(lines) == 3 and hashlib.sha256(said.encode()).hexdigest().upper() == row[-1]


def test_insured_patients_have_none(visitor, staff, database):
    booking, uid = booked(visitor, database, **INSURED)
    assert count(database, booking) == 0 and 'Your estimate' not in visitor.open('/booking').text
    assert 'no estimate' in words(visitor.open('/booking/estimate'))
    page = staff('front_desk').open('/billing/bookings/%s/estimate' % uid)
    assert page.status == 200 and 'Insurance pays' in page.text and not [f for f in page.forms() if f.action.endswith('/estimate')]
    assert staff('front_desk').open('/staff/bookings/' + uid).status == 200


def test_another_time_and_another_plan_bring_another_version(visitor, database):
    booking, _ = booked(visitor, database)
    page = moving.confirm(moving.choose(visitor))
    assert 'rescheduled' in page.text, page.text
    first, second = database.rows('SELECT e.id, e.version, e.supersedes, e.cause, e.service_at = b.starts_at FROM estimate e JOIN booking b ON b.id = e.booking_id'
                                  ' WHERE b.id = %s ORDER BY e.version', booking)
    assert first[1:] == (1, None, 'booked', 0) and second[1:] == (2, first[0], 'changed', 1)
    assert 'newer estimate' in words(visitor.open('/booking/estimate?version=1')) and 'newer estimate' not in words(visitor.open('/booking/estimate'))
    for odd in ('0', '3', 'x', '65536', '-1'):
        assert visitor.get('/booking/estimate?version=' + odd).status_code == 404, odd
    # To insurance, and back.
    database.rows('UPDATE booking SET self_pay = 0 WHERE id = %s', booking)
    assert count(database, booking) == 2
    database.rows('UPDATE booking SET self_pay = 1 WHERE id = %s', booking)
    assert count(database, booking) == 3


def test_staff_issue_one_by_hand(visitor, staff, database):
    booking, uid = booked(visitor, database)
    desk = staff('front_desk')
    page = desk.open('/staff/bookings/' + uid).click('Estimate')
    assert page.status == 200 and page.h1.startswith('Good-faith estimate GFE-') and 'No letter was sent, because' in page.text
    page = page.form(button='Issue it again').submit()
    assert page.status == 200 and 'Because it was asked for, by' in words(page)
    assert database.value('SELECT staff_id FROM estimate WHERE booking_id = %s AND version = 2', booking) > 0
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'estimate.issue'") == 1
    late = desk.open('/billing/bookings/%s/estimate' % uid).form(button='Issue it again')
    assert 'no longer applies' not in desk.open('/billing/bookings/%s/estimate' % uid).text
    database.rows("UPDATE booking SET status = 'cancelled' WHERE id = %s", booking)
    assert 'was cancelled, so this estimate no longer applies' in desk.open('/billing/bookings/%s/estimate' % uid).text
    page = late.submit()
    assert page.status == 409 and 'has not begun' in page.text and count(database, booking) == 2
    assert staff('billing').open('/billing/bookings/%s/estimate' % uid).status == 200
    assert staff('clinician').get('/billing/bookings/%s/estimate' % uid).status_code == 403
    assert visitor.get('/billing/bookings/%s/estimate' % uid).status_code in (303, 401, 403)
    assert desk.get('/billing/bookings/%s/estimate' % ('0' * 26)).status_code == 404


def test_only_the_own_one(visitor, server, database):
    booked(visitor, database)
    with server.visitor() as other:
        assert other.get('/booking/estimate').status_code in (303, 401, 403)
        patient.hold(other)
        assert other.get('/booking/estimate').status_code == 404, 'nothing is promised while a time is only held'
    with server.visitor() as other:
        booked(other, database, family='Byron', given='Anne', birth_date='1/2/1970')
        assert 'Lovelace' not in other.open('/booking/estimate').text and 'Anne Byron' in other.open('/booking/estimate').text


@pytest.mark.parametrize('user', ['regen', 'regen_owner'])
def test_nobody_makes_one_that_differs(visitor, database, user):
    booking, _ = booked(visitor, database)
    estimate = database.value('SELECT id FROM estimate WHERE booking_id = %s', booking)
    before = database.rows('SELECT * FROM estimate'), database.rows('SELECT * FROM estimate_line')
    with database.connect(user) as db, db.cursor() as sql:
        for attack in ('UPDATE estimate SET total_minor = 1', 'DELETE FROM estimate', 'UPDATE estimate_line SET unit_minor = 1', 'DELETE FROM estimate_line',
                       "INSERT INTO estimate_line VALUES (%d, 9, '', 'X', '', 'X', 1, 1, 'USD')" % estimate,
                       "INSERT INTO estimate_line VALUES (%d, 1, '', 'PRP-DRAW', '', 'Blood draw for platelet-rich plasma', 1, 4999, 'USD')" % estimate,
                       'REPLACE INTO estimate (id, booking_id, cause) VALUES (%d, %d, "asked")' % (estimate, booking),
                       'INSERT INTO estimate (id, booking_id, cause) VALUES (18446744073709551614, %d, "asked")' % booking):
            with pytest.raises(pymysql.Error):
                sql.execute(attack)
        assert (database.rows('SELECT * FROM estimate'), database.rows('SELECT * FROM estimate_line')) == before
        # Whatever is said: it is the quote's, now, and the next version.
        sql.execute("INSERT INTO estimate (booking_id, cause, version, supersedes, total_minor, currency, patient_name, made_at, sha256, delivery)"
                    " VALUES (%s, 'asked', 40, NULL, 1, 'EUR', 'Nobody', 1, '', 'paper')", (booking,))
        assert database.rows("SELECT version, supersedes, total_minor, currency, patient_name, made_at > 1000, sha256 <> '', delivery FROM estimate ORDER BY id DESC LIMIT 1") == (
            (2, estimate, 95000, 'USD', 'Ada Lovelace', 1, 1, 'online'),)
        assert database.value('SELECT SUM(units * unit_minor) FROM estimate_line l JOIN estimate e ON e.id = l.estimate_id WHERE e.version = 2 AND e.booking_id = %s', booking) == 95000
        database.rows("UPDATE booking SET status = 'arrived' WHERE id = %s", booking)
        with pytest.raises(pymysql.Error):
            sql.execute("INSERT INTO estimate (booking_id, cause) VALUES (%s, 'asked')", (booking,))


COPIED = ("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, patient_id, coverage_id, self_pay, body_site, laterality, price_minor, currency, created_at,"
          " booked_at) SELECT %s, service_id, site_id, %s, starts_at + 8640000, ends_at + 8640000, patient_id, coverage_id, self_pay, body_site, laterality, price_minor, currency,"
          " created_at, booked_at FROM booking WHERE id = %s")


@pytest.mark.parametrize('user', ['regen', 'regen_owner'])
def test_a_row_inserted_as_booked_has_one(visitor, server, database, user):
    """The door that no page uses."""
    booking, _ = booked(visitor, database)
    with server.visitor() as other:
        insured, _ = booked(other, database, **INSURED)
    with database.connect(user) as db, db.cursor() as sql:
        for mode in ('', "STRICT_ALL_TABLES"):
            sql.execute("SET sql_mode = %s, check_constraint_checks = 0, foreign_key_checks = 0", (mode,))
            sql.execute(COPIED, ('%s%024d' % (user[-2:], booking * 100 + len(mode)), 'booked', booking))
            made = database.value('SELECT MAX(id) FROM booking')
            assert database.rows('SELECT e.version, e.cause, e.patient_name, e.total_minor, e.service_at = b.starts_at FROM estimate e JOIN booking b ON b.id = e.booking_id WHERE b.id = %s',
                                 made) == ((1, 'booked', 'Ada Lovelace', 95000, 1),)
            assert database.value('SELECT SUM(units * unit_minor) FROM estimate_line l JOIN estimate e ON e.id = l.estimate_id WHERE e.booking_id = %s', made) == 95000
        for status, of in (('booked', insured), ('completed', booking)):
            sql.execute(COPIED, ('%s%024d' % (user[-2:], booking * 100 + (50 if of == insured else 60)), status, of))
            assert count(database, database.value('SELECT MAX(id) FROM booking')) == 0


BOOK = "UPDATE booking SET status = 'booked', hold_expires_at = NULL, booked_at = UNIX_TIMESTAMP() WHERE id = %s"


def book_directly(database, booking):
    with database.connect('regen') as db, db.cursor() as sql:
        sql.execute("SET SESSION tx_isolation = 'READ-COMMITTED', innodb_lock_wait_timeout = 3")
        sql.execute(BOOK, (booking,))


@pytest.fixture(params=['books', 'moves'])
def slow(request, visitor, database):
    """A booking, and a thread that books or moves it and stops in the middle until the test releases the lock 'slow'."""
    who = dict(family='Babbage' + request.param, given='Charles', birth_date='12/26/1971')
    if request.param == 'books':
        patient.give_details(patient.hold(visitor), **who)
        booking = database.value('SELECT MAX(id) FROM booking')
        thread = threading.Thread(target=book_directly, args=(database, booking))
    else:
        booking, _ = booked(visitor, database, **who)
        thread = threading.Thread(target=moving.confirm, args=(moving.choose(visitor),))
    database.rows("CREATE TRIGGER slow AFTER INSERT ON estimate FOR EACH ROW"
                  " BEGIN IF NEW.booking_id = %d THEN SET @slow = GET_LOCK('slow', 10), @slow = RELEASE_LOCK('slow'); END IF; END" % booking)
    yield booking, thread
    thread.join()
    database.rows('DROP TRIGGER slow')


def test_who_books_waits_for_no_other(slow, server, database):
    """Between the first number that an estimate, or a quote, takes and the end of its statement."""
    mine, thread = slow
    before = count(database, mine)
    with server.visitor() as other:
        patient.give_details(patient.hold(other), family='Byron%d' % mine, given='Augusta', birth_date='1/26/1983')
        held = database.value('SELECT MAX(id) FROM booking')
    with database.connect() as db, db.cursor() as lock:
        lock.execute("SELECT GET_LOCK('slow', 5)")
        thread.start()
        env.wait_until(lambda: 'User lock' in database.admin('SELECT state FROM information_schema.processlist'), 10)
        book_directly(database, held)
        assert thread.is_alive() and count(database, mine) == before, 'the first one is still held up'
    thread.join()
    assert count(database, held) == 1 and count(database, mine) == before + 1
