# SPDX-License-Identifier: Apache-2.0
"""Each version of an estimate is told to the patient: by a letter, or on paper by somebody who says so. What nobody was given yet is on a list, by the day the law says."""
import contextlib
import os
import tempfile
import threading

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


@contextlib.contextmanager
def rewriting(database):
    """What nobody can do: an estimate of another day."""
    database.rows('DROP TRIGGER estimate_keeps')
    try:
        yield
    finally:
        database.rows("CREATE TRIGGER estimate_keeps BEFORE UPDATE ON estimate FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an estimate never changes; issue another one'")


def made_ago(database, estimate, days, ahead=40):
    database.rows('UPDATE estimate SET made_at = UNIX_TIMESTAMP() - 86400 * %s, service_at = UNIX_TIMESTAMP() + 86400 * %s WHERE id = %s', days, ahead, estimate)


def is_as_said(database):
    """The list is what it is said to be."""
    shown = 'SELECT booking_id, estimate_id, from_version FROM %s ORDER BY 1'
    assert database.rows(shown % 'estimate_to_give') == database.rows(shown % 'estimate_open')


def test_each_version_is_a_letter(visitor, staff, database):
    booking, uid = booked(visitor, database)
    assert letter_of(database, booking) == (('queued', 'ada@example.org', 1),) and waits(database, booking)
    moving.confirm(moving.choose(visitor))
    assert letter_of(database, booking, 2) == (('queued', 'ada@example.org', 2),)
    staff('front_desk').open('/billing/bookings/%s/estimate' % uid).form(button='Issue it again').submit()
    assert len(letter_of(database, booking, 3)) == 1 and database.value("SELECT COUNT(*) FROM message WHERE kind = 'estimate' AND booking_id = %s", booking) == 3
    page = staff('front_desk').open('/billing/bookings/%s/estimate' % uid)
    assert 'No letter was sent, because this server sends none by itself (ada@example.org)' in words(page) and 'Not given yet' in words(page)
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
    said = text.replace(mailing.link_of(letter), '')  # any digits may be in that
    assert letter['Subject'] == 'Your estimate from Harbor Joint Clinic' and '$' not in text and '950' not in said and 'tendon' not in said and 'elbow' not in said
    with busy.visitor() as other:
        page = other.open(mailing.link_of(letter)).form(action='/booking/open').fill(birth_month='12', birth_day='10', birth_year='1962').submit()
        assert 'Your estimate GFE-' in page.click('Your estimate').h1
    assert not waits(database, booking)
    page = staff('front_desk').open('/billing/bookings/%s/estimate' % uid)
    assert 'was sent to the patient' in words(page) and 'Not given yet' not in words(page)


def at_the_desk(visitor, database, email=''):
    """Booked by hand: without a private link and without a number."""
    of, _ = booked(visitor, database, family='Lovelace')
    uid = '0%025d' % of
    database.rows("INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state, postal_code, created_at)"
                  " VALUES (%s, 'Paper', 'Ada', '1950-01-01', 'female', %s, '', '1 Elm Street', 'Dover', 'NH', '03820', 0)", uid, email)
    database.rows("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, patient_id, self_pay, body_site, laterality, price_minor, currency, created_at, booked_at)"
                  " SELECT %s, service_id, site_id, 'booked', starts_at + 8640000, ends_at + 8640000, (SELECT p.id FROM patient p WHERE p.uid = %s), 1, body_site, laterality,"
                  " price_minor, currency, created_at, booked_at FROM booking WHERE id = %s", uid, uid, of)
    return database.value('SELECT id FROM booking WHERE uid = %s', uid), uid


def test_a_letter_that_leads_nowhere_is_none(servers, visitor, folder, staff, database):
    """Neither a private link nor a number: whoever gets it could not read the estimate."""
    booking, uid = at_the_desk(visitor, database, 'nowhere@example.org')
    servers(extra=mailing.by_maildir(folder))
    env.wait_until(lambda: letter_of(database, booking)[0][0] != 'queued', 20)
    assert database.rows("SELECT status, code FROM message WHERE kind = 'estimate' AND booking_id = %s", booking) == (('failed', 'no-link'),)
    assert not [x for x in mailing.letters(folder, estimates=True) if 'nowhere@example.org' in x['To']] and waits(database, booking)
    desk = staff('front_desk')
    assert 'neither a private link nor a number' in desk.open('/staff/messages?status=failed').text
    assert 'could not be sent' in words(desk.open('/billing/bookings/%s/estimate' % uid))
    # With a number to open it with it makes sense.
    number = database.value('SELECT MAX(number) FROM booking')
    database.rows('UPDATE booking SET number = NULL WHERE number = %s', number)
    database.rows('UPDATE booking SET number = %s WHERE id = %s', number, booking)
    database.rows("INSERT INTO estimate (booking_id, cause) VALUES (%s, 'asked')", booking)
    env.wait_until(lambda: letter_of(database, booking, 2)[0][0] == 'sent', 20)
    assert not waits(database, booking)


def test_paper_ends_the_letter(visitor, staff, database):
    """One that waits or failed is withdrawn, and wanted again if it was not handed over after all; one that left stays."""
    booking, uid = booked(visitor, database, family='Ended')
    desk = staff('front_desk')
    state = "SELECT m.status, m.code FROM message m WHERE m.kind = 'estimate' AND m.booking_id = %s ORDER BY m.id DESC LIMIT 1"
    for status in ('queued', 'failed'):
        database.rows("UPDATE message SET status = %s, code = 'refused' WHERE kind = 'estimate' AND booking_id = %s", status, booking)
        shown = desk.open('/staff/messages?status=failed').text.count('Ended')
        desk.open('/billing/bookings/%s/estimate' % uid).form(button='Handed over on paper').submit()
        assert database.rows(state, booking) == (('withdrawn', 'on-paper'),)
        assert desk.open('/staff/messages?status=failed').text.count('Ended') == 0 and (shown > 0) == (status == 'failed')
        desk.open('/billing/bookings/%s/estimate' % uid).form(button='Not handed over after all').submit()
        assert database.rows(state, booking) == (('queued', ''),)
    database.rows("UPDATE message SET status = 'sent', sent_at = 5 WHERE kind = 'estimate' AND booking_id = %s", booking)
    desk.open('/billing/bookings/%s/estimate' % uid).form(button='Handed over on paper').submit()
    assert database.rows(state, booking) == (('sent', ''),)


def test_without_an_address_it_is_printed(visitor, staff, database):
    booking, uid = at_the_desk(visitor, database)
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


@pytest.fixture
def slow(database):
    """Whoever hands one over stops, with the turn in hand, until the test releases the lock 'slow'."""
    database.rows("CREATE TRIGGER slow BEFORE INSERT ON estimate_given FOR EACH ROW FOLLOWS estimate_given_fits"
                  " SET @slow = GET_LOCK('slow', 10), @slow = RELEASE_LOCK('slow')")
    yield
    database.rows('DROP TRIGGER slow')


def test_two_who_press_at_once(visitor, staff, database, slow):
    booking, uid = booked(visitor, database, family='Twice')
    forms = [staff(role).open('/billing/bookings/%s/estimate' % uid).form(button='Handed over on paper') for role in ('front_desk', 'billing')]
    pages = []
    threads = [threading.Thread(target=lambda form=form: pages.append(form.submit())) for form in forms]
    with database.connect() as db, db.cursor() as lock:
        lock.execute("SELECT GET_LOCK('slow', 5)")
        for thread in threads:
            thread.start()
        env.wait_until(lambda: database.admin('SELECT state FROM information_schema.processlist').count('User lock') == 2, 10)
    for thread in threads:
        thread.join()
    assert sorted(page.status for page in pages) == [200, 409]
    assert 'changed in the meantime' in next(page for page in pages if page.status == 409).text
    assert database.value('SELECT COUNT(*) FROM estimate_given g JOIN estimate e ON e.id = g.estimate_id WHERE e.booking_id = %s', booking) == 1


def test_the_list_of_those_due(visitor, server, staff, database):
    booking, uid = far(visitor, database, family='Due')
    desk = staff('front_desk')
    made = database.value('SELECT id FROM estimate WHERE booking_id = %s', booking)
    with rewriting(database):
        for ago, said in ((0, None), (40, 'Overdue')):
            made_ago(database, made, ago)
            row = listed(desk.open('/billing/estimates'), uid)
            assert row and 'Due' in row and ('Overdue' in row) == (said == 'Overdue'), row
        assert '1 overdue' in words(desk.open('/billing/estimates'))
        # One that the law does not ask for: the visit is tomorrow, and it was booked just now.
        made_ago(database, made, 0, ahead=1)
        assert listed(desk.open('/billing/estimates'), uid) is None
        made_ago(database, made, 40)
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


def overdue(desk, uid):
    """Whether the list, and the page of the estimate, say so of a booking that is made today: it has no deadline before tomorrow."""
    row = listed(desk.open('/billing/estimates'), uid)
    return row is not None and 'Overdue' in row


def test_another_version_stops_no_clock(visitor, staff, database):
    """The deadline is the earliest of all versions since the last one that was given."""
    booking, uid = far(visitor, database, family='Clock')
    desk = staff('front_desk')
    with rewriting(database):
        made_ago(database, database.value('SELECT id FROM estimate WHERE booking_id = %s', booking), 40)
    database.rows('UPDATE estimate_to_give SET since = since - 86400 * 40 WHERE booking_id = %s', booking)
    due = desk.open('/billing/bookings/%s/estimate' % uid).css('#given-title')[0].getparent().find('.//p/time').get('datetime')
    assert overdue(desk, uid)
    page = desk.open('/billing/bookings/%s/estimate' % uid).form(button='Issue it again').submit()
    assert overdue(desk, uid), 'a question is no reason to wait longer'
    assert page.css('#given-title')[0].getparent().find('.//p/time').get('datetime') == due
    # What was given has no clock; what comes after it has its own.
    page.form(button='Handed over on paper').submit()
    assert listed(desk.open('/billing/estimates'), uid) is None
    page = desk.open('/billing/bookings/%s/estimate' % uid).form(button='Issue it again').submit()
    assert listed(desk.open('/billing/estimates'), uid) and not overdue(desk, uid)
    assert page.css('#given-title')[0].getparent().find('.//p/time').get('datetime') > due
    is_as_said(database)
    # Not handed over after all: all of them wait again.
    desk.open('/billing/bookings/%s/estimate?version=2' % uid).form(button='Not handed over after all').submit()
    assert overdue(desk, uid)
    is_as_said(database)


MANY = ("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, patient_id, self_pay, body_site, laterality, price_minor, currency, created_at, booked_at)"
        " SELECT CONCAT('0MANY', LPAD(%s + x.seq, 21, '0')), service_id, site_id, 'booked', UNIX_TIMESTAMP() DIV 300 * 300 + 86400 * %s, UNIX_TIMESTAMP() DIV 300 * 300 + 86400 * %s + 3600,"
        " patient_id, 1, body_site, laterality, price_minor, currency, UNIX_TIMESTAMP(), UNIX_TIMESTAMP() FROM booking b JOIN seq_1_to_505 x WHERE b.id = %s AND x.seq <= %s")


def test_a_long_list_begins_with_what_is_due_first(visitor, staff, database):
    """Not with the visits that come first: those of tomorrow that were booked today have no deadline."""
    booking, _ = booked(visitor, database, family='Many')
    desk = staff('front_desk')
    try:
        database.rows(MANY, 0, 1, 1, booking, 505)
        database.rows(MANY, 2000, 60, 60, booking, 1)
        uid = '0MANY%021d' % 2001
        page = desk.open('/billing/estimates')
        assert listed(page, uid) and 'Every patient' not in words(page) and 'There are more' not in words(page)
        database.rows(MANY, 1000, 20, 20, booking, 505)
        page = desk.open('/billing/estimates')
        assert len(page.css('main tbody tr')) == 500 and listed(page, uid) and 'There are more' in words(page) and 'Every patient' not in words(page)
    finally:
        database.rows("UPDATE booking SET status = 'arrived' WHERE uid LIKE '0MANY%%'")


@pytest.mark.parametrize('what', ['estimate_id', 'booking_id'])
def test_what_is_open_of_one_is_found_by_key(visitor, database, what):
    """Whoever hands one over waits for no reading of all bookings."""
    booking, _ = booked(visitor, database, family='Key')
    at = database.value('SELECT %s FROM estimate_to_give WHERE booking_id = %%s' % what, booking)
    how = {row[2]: row[3] for row in database.rows('EXPLAIN SELECT * FROM estimate_open WHERE %s = %%s' % what, at)}
    assert how['b'] in ('const', 'eq_ref'), how


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
        is_as_said(database)


def test_the_account_of_the_module_empties_no_list(visitor, staff, database):
    """A status says nothing: what was sent has a row that stays."""
    booking, uid = booked(visitor, database, family='Forged')
    letter = database.value("SELECT id FROM message WHERE kind = 'estimate' AND booking_id = %s", booking)
    other = database.value("SELECT id FROM message WHERE kind = 'confirmation' AND booking_id = %s", booking)
    with database.connect('regen') as db, db.cursor() as sql:
        sql.execute("UPDATE message SET status = 'sent', sent_at = 1 WHERE id = %s", (letter,))
        sql.execute("INSERT INTO message_try (message_id, at, what, way) VALUES (%s, 1, 'sent', 'smtp')", (other,))
    assert waits(database, booking)
    page = staff('front_desk').open('/billing/bookings/%s/estimate' % uid)
    assert 'Not given yet' in words(page) and 'was sent to the patient' not in words(page)
    is_as_said(database)


@pytest.mark.parametrize('user', ['regen', 'regen_owner'])
def test_a_letter_before_its_estimate_is_refused(visitor, server, database, user):
    """The key of one letter for one fact would leave none for the booking."""
    booking, _ = booked(visitor, database, family='Before' + user[-2:])
    estimate, patient_id = database.rows('SELECT id, patient_id FROM estimate WHERE booking_id = %s', booking)[0]
    other = database.value('SELECT MIN(booking_id) FROM estimate')
    assert other != booking
    put = ("INSERT INTO message (uid, kind, about_id, about_version, booking_id, patient_id, to_name, to_email, site_name, site_address, site_phone, time_zone, created_at, status)"
           " VALUES (LPAD(%s, 26, '0'), 'estimate', %s, %s, %s, %s, '', '', '', '', '', '', 0, %s)")
    with database.connect(user) as db, db.cursor() as sql:
        sql.execute("SET sql_mode = '', check_constraint_checks = 0, foreign_key_checks = 0")
        sql.execute("DELETE FROM message WHERE kind = 'estimate' AND about_id = %s", (estimate,))
        for about in ((estimate + 1, 1, booking, patient_id, 'queued'), (estimate, 2, booking, patient_id, 'queued'), (estimate, 1, other, patient_id, 'queued'),
                      (estimate, 1, None, patient_id, 'queued'), (estimate, 1, booking, patient_id + 1, 'queued'), (estimate, 1, booking, None, 'queued'),
                      (estimate, 1, booking, patient_id, 'sent'), (None, 1, booking, patient_id, 'queued')):
            with pytest.raises(pymysql.Error):
                sql.execute(put, (estimate * 10,) + about)
        sql.execute(put, (estimate * 10, estimate, 1, booking, patient_id, 'queued'))
    with server.visitor() as later:
        booked(later, database, family='After' + user[-2:])


def test_check_compares_the_list(visitor, database):
    booking, _ = booked(visitor, database, family='Compared')
    estimate = database.value('SELECT id FROM estimate WHERE booking_id = %s', booking)

    def said():
        return [line for line in env.regenctl(database, 'check', check=False).stdout.splitlines() if line.startswith('booking %d ' % booking)]
    assert said() == []
    database.rows('UPDATE estimate_to_give SET since = since + 86400 WHERE booking_id = %s', booking)
    assert said() == ['booking %d has estimate %d to be given that is not, or not since then' % (booking, estimate)]
    database.rows('DELETE FROM estimate_to_give WHERE booking_id = %s', booking)
    assert said() == ['booking %d has estimate %d that nobody was given, and the list of those does not say so' % (booking, estimate)]
    database.rows("UPDATE booking SET status = 'arrived' WHERE id = %s", booking)
    database.rows("UPDATE booking SET status = 'booked' WHERE id = %s", booking)
    assert said() == []


def test_the_page_says_what_is_so_now(servers, server, visitor, staff, database, sample):
    """Deadline and hand-over only where there is something to give; the address is that of today; a letter waits only where letters leave."""
    booking, uid = at_the_desk(visitor, database)
    desk, at = staff('front_desk'), '/billing/bookings/%s/estimate' % uid

    def parts(path=at):
        text = words(desk.open(path))
        return [word for word in ('Not given yet', 'has to be given', 'Handed over on paper', 'no email address on file', 'sends none by itself') if word in text]
    assert parts() == ['Not given yet', 'has to be given', 'Handed over on paper', 'no email address on file']
    database.rows("INSERT INTO patient_change (patient_id, field, old_value, new_value, reason, at, staff_id)"
                  " SELECT patient_id, 'email', '', 'new@example.org', 'test', 1, 1 FROM booking WHERE id = %s", booking)
    database.rows("UPDATE patient SET email = 'new@example.org', email_key = 'new@example.org' WHERE id = (SELECT patient_id FROM booking WHERE id = %s)", booking)
    assert parts() == ['Not given yet', 'has to be given', 'Handed over on paper', 'sends none by itself'] and 'new@example.org' in desk.open(at).text
    with server.visitor() as patient_of_the_web:
        _, online = booked(patient_of_the_web, database, family='Online')
    busy = servers(extra='RegenMailTransport smtp\nRegenMailServer smtp://127.0.0.1:9\nRegenMailStartTLS Off\nRegenMailFrom ' + mailing.FROM)
    with busy.visitor() as other:
        other.login(sample['front_desk_login'], sample['front_desk_password'])
        assert 'is waiting to be sent (ada@example.org)' in words(other.open('/billing/bookings/%s/estimate' % online))
    database.rows("INSERT INTO estimate (booking_id, cause) VALUES (%s, 'asked')", booking)
    assert parts(at + '?version=1') == ['sends none by itself'] and len(parts()) == 4
    database.rows("UPDATE booking SET status = 'arrived' WHERE id = %s", booking)
    assert parts() == ['sends none by itself']
    database.rows("UPDATE booking SET status = 'booked', self_pay = 0 WHERE id = %s", booking)
    assert parts() == ['sends none by itself']
