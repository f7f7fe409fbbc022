# SPDX-License-Identifier: Apache-2.0
"""Each version of an estimate is told to the patient: by a letter, or on paper by somebody who says so. What nobody was given yet is on a list, by the day the law says."""
import os
import tempfile

import pymysql
import pytest

import env
import mailing
import moving
import patient
from test_estimates import INSURED, booked, words


@pytest.fixture(scope='module')
def folder():
    with tempfile.TemporaryDirectory(prefix='regen.') as where:
        os.chmod(where, 0o777)
        yield where


def letter_of(database, booking, version=1):
    return database.rows("SELECT m.status, m.to_email, m.about_version FROM message m JOIN estimate e ON e.id = m.about_id WHERE m.kind = 'estimate' AND e.booking_id = %s AND e.version = %s",
                         booking, version)


def waits(database, booking):
    return database.value('SELECT COUNT(*) FROM estimate_to_give WHERE booking_id = %s', booking) == 1


def listed(page, uid):
    rows = [row for row in page.css('main tbody tr') if uid in row.find('.//a').get('href')]
    return ' '.join(rows[0].text_content().split()) if rows else None


def far(visitor, database, days=40, **changes):
    """Booked for a day on which an estimate has a deadline, whatever day it is today."""
    booking, uid = booked(visitor, database, **changes)
    database.rows('UPDATE estimate_to_give SET service_at = service_at + 86400 * %s WHERE booking_id = %s', days, booking)  # only read to be in time
    return booking, uid


def test_each_version_is_a_letter(visitor, staff, database):
    booking, uid = booked(visitor, database)
    assert letter_of(database, booking) == (('queued', 'ada@example.org', 1),) and waits(database, booking)
    moving.confirm(moving.choose(visitor))
    assert letter_of(database, booking, 2) == (('queued', 'ada@example.org', 2),)
    staff('front_desk').open('/billing/bookings/%s/estimate' % uid).form(button='Issue it again').submit()
    assert len(letter_of(database, booking, 3)) == 1 and database.value("SELECT COUNT(*) FROM message WHERE kind = 'estimate' AND booking_id = %s", booking) == 3
    page = staff('front_desk').open('/billing/bookings/%s/estimate' % uid)
    assert 'is waiting to be sent (ada@example.org)' in words(page) and 'Not given yet' in words(page)
    assert 'Your estimate from' in visitor.open('/booking').text


def test_the_letter_leaves(servers, staff, folder, database):
    """Without amounts or health in its subject, with the link; an older version does not leave, and what left is given."""
    quiet = servers()
    with quiet.visitor() as visitor:
        booking, uid = booked(visitor, database, family='Letter', given='Ada')
        moving.confirm(moving.choose(visitor))
    busy = servers(extra=mailing.by_maildir(folder))
    env.wait_until(lambda: letter_of(database, booking, 2)[0][0] == 'sent', 20)
    assert letter_of(database, booking, 1)[0][0] == 'withdrawn'
    assert database.value("SELECT code FROM message m JOIN estimate e ON e.id = m.about_id WHERE m.kind = 'estimate' AND e.booking_id = %s AND e.version = 1", booking) == 'replaced'
    letter, = [x for x in mailing.letters(folder, estimates=True) if 'Letter' in mailing.text_of(x)]
    text = mailing.text_of(letter)
    assert letter['Subject'] == 'Your estimate from Harbor Joint Clinic' and '$' not in text and '950' not in text and 'tendon' not in text and 'elbow' not in text
    with busy.visitor() as other:
        page = other.open(mailing.link_of(letter)).form(action='/booking/open').fill(birth_month='12', birth_day='10', birth_year='1962').submit()
        assert 'Your estimate GFE-' in page.click('Your estimate').h1
    assert not waits(database, booking)
    page = staff('front_desk').open('/billing/bookings/%s/estimate' % uid)
    assert 'was sent to the patient' in words(page) and 'Not given yet' not in words(page)


def test_without_an_address_it_is_printed(visitor, staff, database):
    of, _ = booked(visitor, database, family='Lovelace')
    uid = '0%025d' % of
    database.rows("INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state, postal_code, created_at)"
                  " VALUES (%s, 'Paper', 'Ada', '1950-01-01', 'female', '', '', '1 Elm Street', 'Dover', 'NH', '03820', 0)", uid)
    database.rows("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, patient_id, self_pay, body_site, laterality, price_minor, currency, created_at, booked_at)"
                  " SELECT %s, service_id, site_id, 'booked', starts_at + 8640000, ends_at + 8640000, (SELECT p.id FROM patient p WHERE p.uid = %s), 1, body_site, laterality,"
                  " price_minor, currency, created_at, booked_at FROM booking WHERE id = %s", uid, uid, of)
    booking = database.value('SELECT id FROM booking WHERE uid = %s', uid)
    desk = staff('front_desk')
    page = desk.open('/billing/bookings/%s/estimate' % uid)
    assert 'There is no email address on file. Print this page' in words(page) and 'Not given yet' in words(page)
    assert waits(database, booking)
    page = page.form(button='Handed over on paper').submit()
    assert page.status == 200 and 'Handed over on paper,' in words(page) and 'Not given yet' not in words(page) and not waits(database, booking)
    assert database.rows('SELECT g.turn, g.what, g.staff_id > 0, g.at > 1000 FROM estimate_given g JOIN estimate e ON e.id = g.estimate_id WHERE e.booking_id = %s', booking) == (
        (1, 'handed-over', 1, 1),)
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'estimate.hand-over' AND detail = 'handed-over'") >= 1
    # The way back, and again.
    page = page.form(button='Not handed over after all').submit()
    assert 'It was not handed over after all' in words(page) and 'Not given yet' in words(page) and waits(database, booking)
    page.form(button='Handed over on paper').submit()
    assert not waits(database, booking)
    # Another version is to be given again, and the form of the old one says so.
    old = desk.open('/billing/bookings/%s/estimate' % uid)
    staff('billing').open('/billing/bookings/%s/estimate' % uid).form(button='Issue it again').submit()
    assert waits(database, booking)
    page = old.form(button='Not handed over after all').submit()
    assert page.status == 200 and waits(database, booking), 'the older one; the newest still waits'
    page = desk.open('/billing/bookings/%s/estimate?version=1' % uid)
    assert not [f for f in page.forms() if f.action.endswith('/given')]


def test_two_who_press_at_once(visitor, staff, database):
    booking, uid = booked(visitor, database, family='Twice')
    one, two = (staff(role).open('/billing/bookings/%s/estimate' % uid).form(button='Handed over on paper') for role in ('front_desk', 'billing'))
    assert one.submit().status == 200
    page = two.submit()
    assert page.status == 409 and 'changed in the meantime' in page.text
    assert database.value('SELECT COUNT(*) FROM estimate_given g JOIN estimate e ON e.id = g.estimate_id WHERE e.booking_id = %s', booking) == 1


def test_the_list_of_those_due(visitor, server, staff, database):
    booking, uid = far(visitor, database, family='Due')
    desk = staff('front_desk')
    made = database.value('SELECT id FROM estimate WHERE booking_id = %s', booking)
    database.rows('DROP TRIGGER estimate_keeps')
    try:
        for ago, said in ((0, None), (40, 'Overdue')):
            database.rows('UPDATE estimate SET made_at = UNIX_TIMESTAMP() - 86400 * %s, service_at = UNIX_TIMESTAMP() + 86400 * 40 WHERE id = %s', ago, made)
            row = listed(desk.open('/billing/estimates'), uid)
            assert row and 'Due' in row and ('Overdue' in row) == (said == 'Overdue'), row
        assert '1 overdue' in words(desk.open('/billing/estimates'))
        # One that the law does not ask for: the visit is tomorrow, and it was booked just now.
        database.rows('UPDATE estimate SET made_at = UNIX_TIMESTAMP(), service_at = UNIX_TIMESTAMP() + 86400 WHERE id = %s', made)
        assert listed(desk.open('/billing/estimates'), uid) is None
        database.rows('UPDATE estimate SET made_at = UNIX_TIMESTAMP() - 86400 * 40, service_at = UNIX_TIMESTAMP() + 86400 * 40 WHERE id = %s', made)
    finally:
        database.rows("CREATE TRIGGER estimate_keeps BEFORE UPDATE ON estimate FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an estimate never changes; issue another one'")
    assert listed(staff('billing').open('/billing/estimates'), uid) and desk.open('/staff/messages').click('Estimates to give').h1 == 'Estimates to give'
    assert staff('clinician').get('/billing/estimates').status_code == 403 and visitor.get('/billing/estimates').status_code in (303, 401, 403)
    # What is cancelled needs none, until that is undone.
    database.rows("UPDATE booking SET status = 'arrived' WHERE id = %s", booking)
    assert not waits(database, booking) and listed(desk.open('/billing/estimates'), uid) is None
    database.rows("UPDATE booking SET status = 'booked' WHERE id = %s", booking)
    assert waits(database, booking)
    database.rows('UPDATE booking SET self_pay = 0 WHERE id = %s', booking)
    assert not waits(database, booking)
    with server.visitor() as other:
        insured, _ = booked(other, database, **INSURED)
    assert not waits(database, insured) and database.value("SELECT COUNT(*) FROM message WHERE kind = 'estimate' AND booking_id = %s", insured) == 0


@pytest.mark.parametrize('user', ['regen', 'regen_owner'])
def test_sql_gives_nothing_that_was_not_given(visitor, database, user):
    booking, _ = booked(visitor, database, family='Sql' + user[-2:])
    estimate = database.value('SELECT id FROM estimate WHERE booking_id = %s', booking)
    give = 'INSERT INTO estimate_given (estimate_id, what, staff_id) VALUES (%s, %s, %s)'
    with database.connect(user) as db, db.cursor() as sql:
        sql.execute("SET sql_mode = '', check_constraint_checks = 0, foreign_key_checks = 0")
        for values in ((estimate, 'taken-back', 1), (estimate, 'handed-over', 0), (estimate, 'handed-over', 99999), (0, 'handed-over', 1), (estimate, 'nonsense', 1), (estimate, None, 1)):
            with pytest.raises(pymysql.Error):
                sql.execute(give, values)
        sql.execute('INSERT INTO estimate_given (estimate_id, turn, what, at, staff_id) VALUES (%s, 8, "handed-over", 5, 1)', (estimate,))
        assert database.rows('SELECT turn, at > 1000 FROM estimate_given WHERE estimate_id = %s', estimate) == ((1, 1),) and not waits(database, booking)
        for attack in ((give, (estimate, 'handed-over', 1)), ('UPDATE estimate_given SET at = 1', ()), ('DELETE FROM estimate_given', ()),
                       ('INSERT INTO estimate_given (id, estimate_id, what, staff_id) VALUES (18446744073709551614, %s, "taken-back", 1)', (estimate,))):
            with pytest.raises(pymysql.Error):
                sql.execute(*attack)
        sql.execute(give, (estimate, 'taken-back', 1))
        assert waits(database, booking)
        if user == 'regen':
            for attack in ('DELETE FROM estimate_to_give', 'UPDATE estimate_to_give SET service_at = 1', "REPLACE INTO estimate_to_give VALUES (%d, %d, 1)" % (booking, estimate)):
                with pytest.raises(pymysql.Error):
                    sql.execute(attack)
        sql.execute("INSERT INTO estimate (booking_id, cause) VALUES (%s, 'asked')", (booking,))
        assert len(letter_of(database, booking, 2)) == 1, 'whoever makes one tells it'
        with pytest.raises(pymysql.Error, match='newer'):
            sql.execute(give, (estimate, 'handed-over', 1))
        # The list is what it is said to be.
        sql.execute('SELECT booking_id, estimate_id FROM estimate_to_give ORDER BY 1')
        assert sql.fetchall() == database.rows('SELECT booking_id, estimate_id FROM estimate_open ORDER BY 1')
