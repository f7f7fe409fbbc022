# SPDX-License-Identifier: Apache-2.0
"""One person, one record: what looks alike is shown, merged, taken apart, or said to be two people; by pages, by the API, on the command line, and
by SQL with the module's own account."""
import re
import threading
import time

import pymysql
import pytest

import env
import ordering
from dayfill import clock
from fhirapi import token, valid

DAY = 86400
ROW = 'SELECT p.id FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s'
UID = 'SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s'
STANDS = 'SELECT merged_into FROM patient WHERE id = %s'
MERGE = "INSERT INTO patient_merge (merged_id, kept_id, reason, at) VALUES (%s, %s, 'one person', 1)"
APART = "INSERT INTO patient_unmerge (merge_id, reason, at) VALUES (%s, 'two people', 1)"
SIGNAL = 1644


def own(database):
    """A connection as the module."""
    return database.connect(user='regen')


def refused(database, sql, *args):
    """The error of a statement that the module runs, whatever its session sets."""
    connection = own(database)
    try:
        with connection.cursor() as c:
            c.execute('SET foreign_key_checks = 0, unique_checks = 0, check_constraint_checks = 0')
            c.execute(sql, args)
            connection.commit()
    except pymysql.Error as wrong:
        return wrong.args[0]
    finally:
        connection.close()
    return None


def two(day, family, **of_second):
    """Bookings of two records of one person, on different days; nobody else has that date of birth, phone or email."""
    born = '19%02d-03-%02d' % (40 + sum(map(ord, family)) % 50, 1 + len(family) + ord(family[-1]) % 10)
    reach = family.lower() + '@example.org', '1603%07d' % (sum(ord(c) * 31 ** n for n, c in enumerate(family)) % 10 ** 7)
    first = day.book('prp-tendon', 'elbow', 'right', start=clock(12) + 3 * DAY, family=family, given='Mia', born=born, reach=reach)
    of_second = dict({'given': 'Mia', 'born': born, 'start': clock(12) + of_second.pop('days', 5) * DAY}, **of_second)
    return first, day.book('prp-tendon', 'elbow', 'right', family=family, reach=reach, **of_second)


def merge(desk, database, kept, merged, reason='Same driver license'):
    page = desk.open('/staff/patients/%s/merge?with=%s' % (database.value(UID, kept), database.value(UID, merged)))
    assert page.status == 200, repr(page)
    return page.form(having='reason').fill(reason=reason).submit()


def test_from_the_list_of_duplicates_to_one_record_and_back(staff, database, day):
    desk, (one, other) = staff('front_desk'), two(day, 'Tenbook')
    page = desk.open('/staff/patients').click('Likely duplicates')
    assert page.status == 200 and page.text.count('Mia Tenbook') >= 2 and 'Same name, date of birth, phone number and email address' in page.text
    page = desk.open('/staff/patients/' + database.value(UID, other))
    assert 'May be on file more than once' in page.text
    page = page.click('compare')
    empty = page.form(having='reason').submit()
    assert empty.status == 422 and empty.error_for('reason') and 'Mia Tenbook' in empty.text
    assert database.value(STANDS, database.value(ROW, one)) is None
    page = merge(desk, database, other, one)
    assert page.status == 200 and page.path == '/staff/patients/' + database.value(UID, other)
    assert page.html.count('/staff/bookings/%s"' % one) == 1 and page.html.count('/staff/bookings/%s"' % other) == 1, 'visits of both'
    assert 'Merged records' in page.text and 'Same driver license' in page.text and 'May be on file' not in page.text
    assert database.value(STANDS, database.value(ROW, one)) == database.value(ROW, other)
    assert 'Tenbook' not in desk.open('/staff/duplicates').text
    # Whoever asks for the record that is gone gets the one that stands for it, and the search shows one person.
    again = desk.open('/staff/patients/' + database.value(UID, one))
    assert 'merged into this one' in again.text and again.html.count('/staff/bookings/%s"' % other) == 1
    found = desk.open('/staff/patients').form('/staff/patients').fill(family='tenbook').submit()
    assert len(found.tree.xpath('//tbody/tr')) == 1 and database.value(UID, other) in found.html
    # Nothing of what was written before is another: the bookings have their own rows, with their own names.
    assert database.value(ROW, one) != database.value(ROW, other)
    page = page.form('/apart').fill(reason='Twins, as they say').submit()
    assert page.status == 200 and page.path == '/staff/patients/' + database.value(UID, one)
    assert page.html.count('/staff/bookings/%s"' % one) == 1 and '/staff/bookings/' + other not in page.html
    assert database.value(STANDS, database.value(ROW, one)) is None
    # Both acts stay readable, and it may be merged once more.
    page = desk.open('/staff/patients/' + database.value(UID, other))
    assert 'Same driver license' in page.text and 'Twins, as they say' in page.text
    assert merge(desk, database, other, one).status == 200
    assert database.rows('SELECT action FROM audit_event WHERE entity = %s AND entity_id = %s AND action LIKE %s ORDER BY id', 'patient',
                         database.value(ROW, one), 'patient.%t') != ()


def test_an_order_of_the_merged_record_is_not_lost(staff, database, day):
    desk, (one, other) = staff('front_desk'), two(day, 'Orderly')
    made = database.value('SELECT uid FROM treatment_order WHERE id = %s', ordering.order(database, database.value(ROW, one)))
    page = '/staff/patients/' + database.value(UID, other)
    assert made not in desk.open(page).html
    assert merge(desk, database, other, one).status == 200
    assert made in desk.open(page).html


def test_two_people_are_not_asked_about_again(staff, database, day):
    desk, (one, other) = staff('clinician'), two(day, 'Twosome')
    page = desk.open('/staff/patients/%s/merge?with=%s' % (database.value(UID, one), database.value(UID, other)))
    assert 'front desk and administrators merge' in page.text and not [f for f in page.forms() if f.action.endswith('/merge')]
    page = page.form('/distinct').submit()
    assert page.status == 200 and page.path == '/staff/duplicates' and 'Twosome' not in page.text
    assert 'May be on file' not in desk.open('/staff/patients/' + database.value(UID, one)).text
    assert 'Somebody said earlier' in desk.open('/staff/patients/%s/merge?with=%s' % (database.value(UID, one), database.value(UID, other))).text


def test_who_may_not(staff, database, day):
    one, other = two(day, 'Mayhew')
    path = '/staff/patients/%s/merge' % database.value(UID, one)
    desk = staff('front_desk')
    form = desk.open(path + '?with=' + database.value(UID, other)).form(having='reason')
    fields = {n: form.value(n) for n in form.names()}
    fields['reason'] = 'as I like it'
    for role, status in (('clinician', 403), ('billing', 403)):
        who = staff(role)
        page = who.open('/staff/patients/' + database.value(UID, one))
        csrf = page.forms()[0].value('csrf')
        assert who.post(path, data=dict(fields, csrf=csrf, idem='x' * 24)).status_code == status, role
    assert desk.open(path + '?with=' + database.value(UID, one)).status == 404, 'with itself'
    assert desk.open(path + '?with=' + '0' * 26).status == 404
    assert desk.open(path).status == 404
    assert database.value(STANDS, database.value(ROW, other)) is None


def test_other_dates_of_birth_are_two_people(staff, database, day):
    desk, (one, other) = staff('front_desk'), two(day, 'Datesby', born='1971-01-01')
    page = desk.open('/staff/patients/%s/merge?with=%s' % (database.value(UID, one), database.value(UID, other)))
    assert 'dates of birth differ' in page.text and not [f for f in page.forms() if f.action.endswith('/merge')]
    assert refused(database, MERGE, database.value(ROW, one), database.value(ROW, other)) == SIGNAL


def test_not_while_material_is_in_process(staff, database, day):
    """The label in the centrifuge says one name: the page must say the same."""
    desk, (one, other) = staff('front_desk'), two(day, 'Process', days=0)
    database.rows("UPDATE booking SET status = 'arrived' WHERE uid = %s", other)
    day.act(*database.rows("SELECT id, 'harvest', starts_at FROM booking WHERE uid = %s", other)[0])
    day.unit(other, 'U-MERGE')
    page = desk.open('/staff/patients/%s/merge?with=%s' % (database.value(UID, one), database.value(UID, other)))
    assert 'in process' in page.text and not [f for f in page.forms() if f.action.endswith('/merge')]
    assert refused(database, MERGE, database.value(ROW, one), database.value(ROW, other)) == SIGNAL
    assert refused(database, MERGE, database.value(ROW, other), database.value(ROW, one)) == SIGNAL
    database.rows("INSERT INTO unit_disposal (unit_id, at, reason, staff_id) SELECT id, UNIX_TIMESTAMP(), 'expired', 2 FROM unit WHERE label = 'U-MERGE'")
    assert merge(desk, database, one, other).status == 200
    database.rows("UPDATE booking SET status = 'completed' WHERE uid = %s", other)


def test_the_module_cannot_do_otherwise(database, day):
    (a, b), (c, _) = two(day, 'Attacker'), two(day, 'Attacker', days=8)
    a, b, c = (database.value(ROW, x) for x in (a, b, c))
    assert refused(database, 'UPDATE patient SET merged_into = %s WHERE id = %s', a, b) == SIGNAL, 'only by a merge'
    assert refused(database, MERGE, a, a) in (SIGNAL, 4025), 'not into itself'
    assert refused(database, MERGE, a, 10 ** 9) == SIGNAL, 'not into nobody'
    assert refused(database, MERGE, a, b) is None
    assert refused(database, MERGE, a, c) == SIGNAL, 'not twice'
    assert refused(database, MERGE, b, c) == SIGNAL, 'no chain: it stands for another'
    assert refused(database, MERGE, c, a) == SIGNAL, 'no chain: that one is merged'
    assert refused(database, MERGE, b, a) == SIGNAL, 'no circle'
    assert refused(database, 'UPDATE patient SET merged_into = NULL WHERE id = %s', a) == SIGNAL
    number = database.value('SELECT id FROM patient_merge WHERE merged_id = %s', a)
    for table in ('patient_merge', 'patient_unmerge', 'patient_distinct'):
        assert refused(database, 'UPDATE %s SET at = 2' % table) == 1142
        assert refused(database, 'DELETE FROM %s' % table) == 1142
    assert refused(database, "UPDATE patient SET family = 'Evil' WHERE id = %s", a) == SIGNAL
    assert refused(database, APART, number) is None and database.value(STANDS, a) is None
    assert refused(database, APART, number) in (SIGNAL, 1062), 'once'
    assert database.value('SELECT COUNT(*) FROM patient WHERE merged_into IS NOT NULL AND id IN (%s, %s, %s)', a, b, c) == 0


def test_merges_at_once_make_no_chain_and_no_circle(database, day):
    for turn in range(6):
        ids = [database.value(ROW, x) for x in two(day, 'Racer%d' % turn) + two(day, 'Racer%d' % turn, days=7)[:1]]
        a, b, c = ids
        at_once = [(a, b), (b, a)] if turn % 2 else [(a, b), (b, c), (c, a)]
        go = threading.Barrier(len(at_once))

        def run(pair):
            connection = own(database)
            with connection.cursor() as cursor:
                go.wait()
                try:
                    cursor.execute(MERGE, pair)
                    connection.commit()
                except pymysql.Error:
                    connection.rollback()
            connection.close()

        threads = [threading.Thread(target=run, args=(pair,)) for pair in at_once]
        [t.start() for t in threads]
        [t.join() for t in threads]
        stands = {x: database.value(STANDS, x) for x in ids}
        gone = [x for x in ids if stands[x]]
        assert gone and all(stands[stands[x]] is None for x in gone), stands


def test_a_booking_of_a_merged_record_counts_for_the_person(staff, database, day):
    """Nobody is at two visits at once under another spelling, either: after a merge the board asks about what was booked before."""
    desk, (one, other) = staff('front_desk'), two(day, 'Overlap', given='Marie', days=3)
    beside = 'SELECT COUNT(*) FROM person_time WHERE beside <> 0 AND booking_id IN (SELECT id FROM booking WHERE uid IN (%s, %s))'
    for uid in (one, other):
        database.rows("INSERT INTO person_time (person, granule, booking_id) SELECT person, granule, booking_id FROM person_busy"
                      " WHERE booking_id = (SELECT id FROM booking WHERE uid = %s)", uid)
    assert database.value(beside, one, other) == 0, 'two names, two people'
    page = merge(desk, database, one, other)
    assert page.status == 200 and database.value(beside, one, other) > 0
    assert 'Another visit at the same time' in desk.open('/staff/bookings/' + one).text, 'asked of both, as of any two visits at once'
    page.form('/apart').fill(reason='Sisters').submit()
    assert database.value(beside, one, other) == 0
    said = env.regenctl(database, 'check', check=False).stdout
    for uid in (one, other):
        assert not re.search(r"booking %d \D*(lacks|person's)" % database.value('SELECT id FROM booking WHERE uid = %s', uid), said), said
    for uid in (one, other):
        database.rows("UPDATE booking SET status = 'cancelled' WHERE uid = %s", uid)


def test_programs_see_which_record_stands(staff, database, day, server):
    desk, (one, other) = staff('front_desk'), two(day, 'Program')
    kept, gone = database.value(UID, one), database.value(UID, other)
    with server.machine(token(database, 'system/*.rs regen/all')) as api:
        before = api.get('/Patient/' + gone, params={'_format': 'json'}).json()
        assert 'active' not in before and 'link' not in before
        assert merge(desk, database, one, other).status == 200
        after = api.get('/Patient/' + gone, params={'_format': 'json'}).json()
        assert after['active'] is False and after['meta']['versionId'] != before['meta']['versionId']
        assert after['link'] == [{'other': {'reference': 'Patient/' + kept}, 'type': 'replaced-by'}], after['link']
        stands = api.get('/Patient/' + kept, params={'_format': 'json'}).json()
        assert 'active' not in stands and [(x['type'], x['other']['reference'].split('/')[-1]) for x in stands['link']] == [('replaces', gone)]
        valid(api.get('/Patient/' + gone, params={'_format': 'xml'}))
        visits = api.get('/Appointment', params={'patient': kept, '_format': 'json'}).json()
        assert visits['total'] == 2, 'the visits of both'


def test_on_the_command_line(database, day):
    one, other = two(day, 'Command')
    a, b = database.value(UID, one), database.value(UID, other)
    said = env.regenctl(database, 'patient', 'duplicates').stdout
    assert '%s %s 150 name birth-date phone email' % tuple(sorted((a, b), key=lambda u: database.value('SELECT id FROM patient WHERE uid = %s', u))) in said
    assert 'Command' not in said
    assert env.regenctl(database, 'patient', 'merge', a, b, '', check=False).returncode == 1
    assert 'stands for' in env.regenctl(database, 'patient', 'merge', a, b, 'same person').stdout
    assert env.regenctl(database, 'patient', 'merge', b, a, 'same person', check=False).returncode == 1
    assert 'for itself' in env.regenctl(database, 'patient', 'unmerge', b, 'not at all').stdout
    assert env.regenctl(database, 'patient', 'distinct', a, b).returncode == 0
    assert a not in env.regenctl(database, 'patient', 'duplicates').stdout


def test_who_wants_no_reminders_wants_none_as_the_other(staff, database, day):
    desk, (one, other) = staff('front_desk'), two(day, 'Quietly')
    database.rows("INSERT INTO recall_opt_out (patient_id, at, actor) VALUES (%s, 1, 'patient')", database.value(ROW, other))
    page = merge(desk, database, one, other)
    assert 'does not want reminders' in page.text


@pytest.mark.measures
def test_the_list_stays_quick(staff, database):
    """Ten thousand people, and two thousand records of one who books under one phone: neither a join of all with all."""
    database.rows("INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state, postal_code, created_at,"
                  " family_key, given_key, email_key, phone_key) SELECT CONCAT('1', LPAD(a.n * 1000 + b.n, 25, '0')), CONCAT('Many', a.n * 1000 + b.n), 'Max',"
                  " '1970-01-01', 'male', '', '', '', '', '', '', 0, CONCAT('many', a.n * 1000 + b.n), 'max', CONCAT('m', a.n * 1000 + b.n), '16035550000'"
                  " FROM counting a JOIN counting b WHERE a.n < 10")
    database.rows("INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state, postal_code, created_at,"
                  " family_key, given_key, email_key, phone_key) SELECT CONCAT('2', LPAD(a.n * 1000 + b.n, 25, '0')), 'Same', 'Sam',"
                  " '1970-01-01', 'male', '', '', '', '', '', '', 0, 'same', 'sam', 'same', '16035550001'"
                  " FROM counting a JOIN counting b WHERE a.n < 2")
    desk = staff('front_desk')
    begin = time.monotonic()
    page = desk.open('/staff/duplicates')
    took = time.monotonic() - begin
    assert page.status == 200 and 'first 100' in page.text and took < 5, took
