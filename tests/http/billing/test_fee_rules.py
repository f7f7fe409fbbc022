# SPDX-License-Identifier: Apache-2.0
"""Prices that cannot be changed behind anybody's back: what is published and what was promised stay, by SQL with every right; what is booked is charged as
promised, whatever is published afterwards and however it is moved; the first matching schedule counts."""
import datetime
import threading

import pymysql
import pytest

import billfill
import dayfill
import env
import moving
import patient

NEVER = [
    'UPDATE fee_line SET unit_minor = 1 WHERE version_id = 1', 'DELETE FROM fee_line WHERE version_id = 1',
    "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, unit_minor, currency) VALUES (1, 3, 9, 'consult', 'X', 'X', 1, 'USD')",
    'UPDATE fee_publication SET valid_at = 1', 'DELETE FROM fee_publication', 'UPDATE fee_schedule SET payer_id = 1', 'DELETE FROM fee_schedule',
    'UPDATE fee_schedule_version SET schedule_id = 1', 'DELETE FROM fee_schedule_version',
    'UPDATE booking_quote SET total_minor = 1', 'DELETE FROM booking_quote', 'UPDATE booking_charge SET unit_minor = 1', 'DELETE FROM booking_charge',
    "INSERT INTO fee_withdrawal (publication_id, reason, at) SELECT MIN(id), 'x', 0 FROM fee_publication",
    "INSERT INTO service_charge (service_id, line_no, step_kind, code, description, unit_minor) VALUES (3, 9, 'consult', 'X', 'X', 1)"]


def booked(visitor, service='consultation', which=0, **more):
    """A booking of somebody who pays themselves; its number."""
    patient.give_details(patient.hold(visitor, service, which), **more)
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    assert page.h1 == 'You are booked', page.text
    return page.path


def quote(database, booking):
    return database.rows('SELECT q.version_id, q.total_minor, q.currency, GROUP_CONCAT(c.code, " ", c.unit_minor ORDER BY c.line_no) FROM booking_quote q'
                         ' JOIN booking_charge c ON c.quote_id = q.id WHERE q.booking_id = %s GROUP BY q.id', booking)


@pytest.mark.parametrize('sql', NEVER)
def test_nobody_changes_what_was_published_or_promised(server, database, visitor, sql):
    if not database.value('SELECT COUNT(*) FROM booking_quote'):
        booked(visitor)
    for account in ('regen_owner', 'regen'):
        connection = database.connect(account)
        try:
            with connection.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as refused:
                cursor.execute(sql)
        finally:
            connection.close()
        assert refused.value.args[0] in ((1644,) if account == 'regen_owner' else (1644, 1142, 1143)), refused.value


def draft(database, schedule=1, but=()):
    database.rows('INSERT INTO fee_schedule_version (schedule_id, made_at) VALUES (%s, 0)', schedule)
    version = database.value('SELECT MAX(id) FROM fee_schedule_version')
    billfill.copied(database, 1, version)
    return version


def publication(database, version, at, schedule=1):
    database.rows("INSERT INTO fee_publication (version_id, schedule_id, valid_from, valid_at, at) VALUES (%%s, %%s, CURRENT_DATE, %s, 0)" % at, version, schedule)


def test_versions_follow_each_other(database):
    """None in the past, no two at once, none without a treatment that can be booked, none without lines."""
    day = str(database.value('SELECT UNIX_TIMESTAMP() + 86400 * 200'))
    first = draft(database)
    publication(database, first, day)
    for words, version, at in (('in the past', draft(database), 'UNIX_TIMESTAMP() - 3600'), ('in the past', draft(database), '1'),
                               ('at the same time', draft(database), day)):
        with pytest.raises(pymysql.err.MySQLError, match=words):
            publication(database, version, at)
    database.rows('INSERT INTO fee_schedule_version (schedule_id, made_at) VALUES (1, 0)')
    empty = database.value('SELECT MAX(id) FROM fee_schedule_version')
    with pytest.raises(pymysql.err.MySQLError, match='without lines'):
        publication(database, empty, 'UNIX_TIMESTAMP() + 99')
    database.rows("INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, unit_minor, currency) VALUES"
                  " (%s, 3, 1, 'consult', 'X', 'X', 1, 'USD')", empty)
    with pytest.raises(pymysql.err.MySQLError, match='lacks a treatment'):
        publication(database, empty, 'UNIX_TIMESTAMP() + 99')
    mixed = draft(database)
    database.rows("INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, unit_minor, currency) VALUES"
                  " (%s, 3, 9, 'consult', 'X', 'X', 1, 'EUR')", mixed)
    with pytest.raises(pymysql.err.MySQLError, match='one currency'):
        publication(database, mixed, 'UNIX_TIMESTAMP() + 99')
    database.rows("INSERT INTO fee_withdrawal (publication_id, reason, at) SELECT id, 'wrong press', 0 FROM fee_publication WHERE version_id = %s", first)
    publication(database, draft(database), day)  # that day is free again
    database.rows("INSERT INTO fee_withdrawal (publication_id, reason, at) SELECT MAX(id), 'wrong press', 0 FROM fee_publication")


def line(database, version, service, currency='USD'):
    database.rows("INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, unit_minor, currency) VALUES"
                  " (%s, %s, 1, 'consult', 'X', 'X', 1, %s)", version, service, currency)


def withdraw(database, version):
    database.rows("INSERT INTO fee_withdrawal (publication_id, reason, at) SELECT id, 'wrong press', 0 FROM fee_publication WHERE version_id = %s", version)


def test_a_further_schedule(database):
    """It does not begin in the past either, and has no service in another currency."""
    database.rows("INSERT INTO fee_schedule (code, name, payer_id) VALUES ('third', 'T', 3)")
    schedule = database.value('SELECT MAX(id) FROM fee_schedule')
    for currency, at, words in (('USD', '0', 'in the past'), ('EUR', 'UNIX_TIMESTAMP() + 99', 'in one currency in every schedule')):
        database.rows('INSERT INTO fee_schedule_version (schedule_id, made_at) VALUES (%s, 0)', schedule)
        version = database.value('SELECT MAX(id) FROM fee_schedule_version')
        line(database, version, 3, currency)
        with pytest.raises(pymysql.err.MySQLError, match=words):
            publication(database, version, at, schedule)


def test_nothing_goes_off_sale_later(server, database, staff):
    """A version is refused if a later one lacks what it prices; what was withdrawn does not count."""
    database.rows("INSERT INTO service (uid, site_id, code, name, summary, active) SELECT LPAD('LATER', 26, '0'), site_id, 'later', 'Later', 'x', 0 FROM service WHERE id = 3")
    database.rows("INSERT INTO service_step (service_id, step_no, kind, name, minutes) SELECT id, 1, 'consult', 'Talk', 30 FROM service WHERE code = 'later'")
    service = database.value("SELECT id FROM service WHERE code = 'later'")
    day = database.value('SELECT UNIX_TIMESTAMP() + 86400 * 210')
    lacks, has = draft(database), draft(database)
    line(database, has, service)
    publication(database, lacks, str(day))
    database.rows('UPDATE service SET active = 1 WHERE id = %s', service)
    try:
        with pytest.raises(pymysql.err.MySQLError, match='a later version lacks'):
            publication(database, has, str(day - 86400))
        page = staff('admin').open('/staff/admin/fees/self-pay?version=%d' % has)
        page = page.form(having='from').fill(**{'from': (dayfill.today() + datetime.timedelta(100)).isoformat()}).submit()
        assert page.status == 409 and 'Version %d, published from' % lacks in page.error_for('from'), page.text
        withdraw(database, lacks)
        publication(database, has, str(day - 86400))
        with pytest.raises(pymysql.err.MySQLError, match='lacks a treatment'):
            publication(database, draft(database), str(day))
        publication(database, draft(database), str(day - 2 * 86400))  # what begins later is no matter
        withdraw(database, database.value('SELECT MAX(id) FROM fee_schedule_version'))
        withdraw(database, has)
        publication(database, draft(database), str(day))
        withdraw(database, database.value('SELECT MAX(id) FROM fee_schedule_version'))
    finally:
        database.rows('UPDATE service SET active = 0 WHERE id = %s', service)


def test_no_line_slips_in(database):
    """Whoever publishes waits for who adds a line, and then sees it."""
    version = draft(database)
    connection = database.connect('regen_owner')
    try:
        with connection.cursor() as cursor:
            cursor.execute('BEGIN')
            cursor.execute("INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, unit_minor, currency) VALUES"
                           " (%s, 3, 20, 'consult', 'X', 'X', 1, 'USD')", version)
            with pytest.raises(pymysql.err.MySQLError, match='Lock wait timeout'):
                database.rows("SET STATEMENT innodb_lock_wait_timeout = 1 FOR INSERT INTO fee_publication (version_id, schedule_id, valid_from, valid_at, at)"
                              " VALUES (%s, 1, CURRENT_DATE, UNIX_TIMESTAMP() + 9999999, 0)", version)
            cursor.execute('ROLLBACK')
    finally:
        connection.close()


def test_a_promise_is_kept(server, database, visitor, staff):
    """Held at one price, booked after another one was published, moved: what was shown is what it costs; the next one costs more."""
    later = '?' + patient.days(visitor, '/services/consultation/times', 6)[5].split('?')[1]
    patient.give_details(patient.hold(visitor, 'consultation', at=later))
    shown = ' '.join(visitor.open('/booking/check').css('main')[0].text_content().split())
    assert 'Price$220.00' in shown.replace(' ', '')
    newer = billfill.reprice(database, 'consultation', since='UNIX_TIMESTAMP() + 1', unit_minor=30000)
    env.wait_until(lambda: '$300.00' in server.visitor().open('/services/consultation').text, 10)
    typing = visitor.open('/booking/details').text
    assert '$220.00 if you pay yourself' in typing and '$300.00' not in typing
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    assert page.h1 == 'You are booked' and '$220.00' in page.text and '$300.00' not in page.text
    booking = database.value("SELECT MAX(id) FROM booking WHERE status = 'booked'")
    before = quote(database, booking)
    assert before[0][0] != newer and before[0][1:] == (22000, 'USD', 'CONSULT-30 22000')
    moving.confirm(moving.choose(visitor))
    assert quote(database, booking) == before and '$220.00' in visitor.open('/booking').text


def test_the_first_schedule_that_has_it(server, database):
    """The payer's at the site before the payer's, and both before self-pay."""
    for n, (payer, site, amount) in enumerate(((2, 'NULL', 31000), (2, 1, 32000)), 1):
        database.rows("INSERT INTO fee_schedule (code, name, payer_id, site_id) VALUES ('northern-%d', 'N', %d, %s)" % (n, payer, site))
        schedule = database.value('SELECT MAX(id) FROM fee_schedule')
        billfill.publish(database, schedule, lambda old, new, amount=amount: database.rows(
            "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, unit_minor, currency) VALUES"
            " (%s, 3, 1, 'consult', 'N', 'Of the payer', %s, 'USD')", new, amount))
        with server.visitor() as one:
            patient.give_details(patient.hold(one, 'consultation'), pay='insurance', payer_code='northern-plan', member_id='NP1234', relationship='self')
            assert '$%d.00' % (amount // 100) in one.open('/booking/check').text
            page = one.open('/booking/check').form(action='/booking/check').submit()
            assert page.h1 == 'You are booked' and '$%d.00' % (amount // 100) in page.text


def test_publishing_while_people_book(server, database):
    """Each booking has one quote, of the version in force when its time was held."""
    done = []

    def book(which):
        for _ in range(3):
            with server.visitor() as one:
                done.append(booked(one, which=which))

    threads = [threading.Thread(target=book, args=(which,)) for which in (0, 4)]
    for t in threads:
        t.start()
    for amount in range(23000, 23006):
        billfill.reprice(database, 'consultation', since='UNIX_TIMESTAMP() + 1', unit_minor=amount)
        billfill.wait_for_prices(database)  # not all at once: a process that reads the definitions tries three times
    for t in threads:
        t.join()
    assert len(done) == 6
    assert database.value("SELECT COUNT(*) FROM booking b LEFT JOIN booking_quote q ON q.booking_id = b.id WHERE b.status = 'booked' AND q.id IS NULL") == 0
    assert database.value('SELECT COUNT(*) FROM booking b JOIN booking_quote q ON q.booking_id = b.id JOIN fee_publication p ON p.version_id = q.version_id'
                          ' WHERE b.source <> %s AND (p.valid_at > b.created_at OR EXISTS (SELECT 1 FROM fee_publication n WHERE n.schedule_id = p.schedule_id'
                          ' AND n.valid_at > p.valid_at AND n.valid_at <= b.created_at))', 'nobody') == 0
