# SPDX-License-Identifier: Apache-2.0
"""A person is changed on the person's own page: with a reason, the old value stays readable, and before a second person where cells or signatures go
by the name. Nothing that is typed elsewhere writes to a record that exists, not even SQL with the module's own account."""
import pymysql
import pytest

import patient
from dayfill import clock

DAY = 86400
ROW = 'SELECT p.id FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s'
UID = 'SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s'
SIGNAL = 1644


def value(database, uid, column):
    return database.value('SELECT CAST(p.%s AS CHAR) FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %%s' % column, uid)


def history(database, uid):
    return database.rows('SELECT h.field, h.old_value, h.new_value, h.reason, h.staff_id, h.second_id FROM patient_change h WHERE h.patient_id = %s ORDER BY h.id',
                         database.value(ROW, uid))


def person(day, family, signed=False, **more):
    return day.book('prp-tendon', 'elbow', 'right', start=clock(12) + 3 * DAY, family=family, given='Nia', signed=signed, **more)


def edit(desk, database, uid):
    page = desk.open('/staff/patients/' + database.value(UID, uid)).click('Change name, contact or needs')
    assert page.status == 200, repr(page)
    return page.form(having='reason')


def test_contact_and_needs_and_what_was(staff, database, day):
    desk, uid = staff('front_desk'), person(day, 'Mover')
    form = edit(desk, database, uid)
    assert form.value('family') == 'Mover' and form.value('birth_year') == '1961'
    page = form.fill(city='Dover', phone='603 555 0177', interpreter='Portuguese', access_needs='wheelchair', reason='Moved').submit()
    assert page.status == 200 and page.path == '/staff/patients/' + database.value(UID, uid), repr(page)
    assert 'Interpreter: Portuguese' in page.text and 'wheelchair' in page.text and 'Dover' in page.text
    rows = history(database, uid)
    assert {(f, a, b) for f, a, b, *_ in rows} == {('city', 'Portsmouth', 'Dover'), ('phone', '603-555-0199', '603-555-0177'),
                                                   ('interpreter', '', 'Portuguese'), ('access_needs', '', 'wheelchair')}, rows
    assert {r[3] for r in rows} == {'Moved'} and {r[5] for r in rows} == {None}
    assert 'Portsmouth' in page.text and 'Moved' in page.text, 'the old value stays readable'
    # The new number finds the person, the old one does not.
    search = desk.open('/staff/patients').form('/staff/patients').fill(reach='6035550177').submit()
    assert 'Nia Mover' in search.text
    again = edit(desk, database, uid)
    assert again.value('interpreter') == 'Portuguese'
    nothing = again.fill(reason='none at all').submit()
    assert nothing.status == 422 and 'Nothing is different' in nothing.text and len(history(database, uid)) == 4


def test_nothing_typed_is_lost(staff, database, day):
    desk, uid = staff('front_desk'), person(day, 'Typo')
    page = edit(desk, database, uid).fill(email='no address', city='Keene', access_needs='stairs', reason='').submit()
    assert page.status == 422 and page.title.startswith('Error:') and page.error_for('email') and page.error_for('reason')
    form = page.form(having='reason')
    assert form.value('email') == 'no address' and form.value('city') == 'Keene' and form.value('access_needs') == 'stairs'
    assert history(database, uid) == () and value(database, uid, 'city') == 'Portsmouth'


def test_two_who_change_at_once(staff, database, day):
    one, two, uid = staff('front_desk'), staff('admin'), person(day, 'Stale')
    late = edit(two, database, uid)
    assert edit(one, database, uid).fill(city='Dover', reason='first').submit().status == 200
    page = late.fill(city='Keene', reason='second').submit()
    assert page.status == 409 and 'Somebody else changed this record' in page.text and page.form(having='reason').value('city') == 'Keene'
    assert value(database, uid, 'city') == 'Dover'
    page = page.form(having='reason').submit()
    assert page.status == 200 and value(database, uid, 'city') == 'Keene', 'having been told, one may'


def test_a_name_that_nothing_goes_by_yet(staff, database, day):
    desk, uid = staff('front_desk'), person(day, 'Maiden')
    page = edit(desk, database, uid).fill(family='Married', reason='Married').submit()
    assert page.status == 200 and page.h1 == 'Nia Married' and 'Maiden' in page.text
    assert database.value('SELECT family_key FROM patient WHERE id = %s', database.value(ROW, uid)) == 'married'


def test_who_signed_needs_a_second_person(server, staff, database, day, sample):
    desk, uid = staff('front_desk'), person(day, 'Signer', signed=True)
    form = edit(desk, database, uid)
    assert 'second_login' in form.names()
    page = form.fill(given='Nina', reason='Misspelled').submit()
    assert page.status == 422 and page.error_for('second_login') and page.form(having='reason').value('given') == 'Nina'
    own = page.form(having='reason').fill(second_login=sample['front_desk_login'], second_password=sample['front_desk_password']).submit()
    assert own.status == 422 and 'somebody else than you' in own.text
    assert sample['front_desk_password'] not in own.html
    billing = own.form(having='reason').fill(second_login=sample['billing_login'], second_password=sample['billing_password']).submit()
    assert billing.status == 422 and 'must be of the front desk' in billing.text
    assert value(database, uid, 'given') == 'Nia' and history(database, uid) == ()
    fine = billing.form(having='reason').fill(second_login=sample['clinician_login'], second_password=sample['clinician_password']).submit()
    assert fine.status == 200 and fine.h1 == 'Nina Signer' and 'confirmed by' in fine.text, repr(fine)
    (field, was, now, reason, first, second), = history(database, uid)
    assert (field, was, now, reason) == ('given', 'Nia', 'Nina', 'Misspelled') and second and second != first
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'second-person' AND entity_id = %s", second) == 1
    # The address of somebody who signed needs nobody else.
    assert edit(desk, database, uid).fill(city='Dover', reason='Moved').submit().status == 200


def test_labels_that_were_printed_are_listed(staff, database, day, sample):
    desk, uid = staff('front_desk'), person(day, 'Labels', signed=True)
    database.rows("UPDATE booking SET status = 'arrived' WHERE uid = %s", uid)
    day.act(*database.rows("SELECT id, 'harvest', starts_at FROM booking WHERE uid = %s", uid)[0])
    day.unit(uid, 'U-CHANGE')
    assert 'U-CHANGE' not in desk.open('/staff/patients/' + database.value(UID, uid)).text
    page = edit(desk, database, uid).fill(birth_day='15', reason='Read wrongly', second_login=sample['admin_login'],
                                          second_password=sample['admin_password']).submit()
    assert page.status == 200 and 'Print them again' in page.text and 'U-CHANGE' in page.text, page.text
    assert value(database, uid, 'birth_date') == '1961-03-15'


def test_who_may(staff, database, day):
    uid = person(day, 'Roles')
    assert staff('billing').open('/staff/patients/%s/change' % database.value(UID, uid)).status == 403
    assert staff('clinician').open('/staff/patients/%s/change' % database.value(UID, uid)).status == 200
    assert staff('admin').open('/staff/patients/%s/change' % ('0' * 26)).status == 404


def refused(database, sql, *args):
    connection = database.connect(user='regen')
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


CHANGE = "INSERT INTO patient_change (patient_id, field, old_value, new_value, reason, at, staff_id, second_id) VALUES (%s, %s, %s, %s, 'why', 1, %s, %s)"


def test_the_module_cannot_do_otherwise(database, day):
    uid, free = person(day, 'Attacked', signed=True), person(day, 'Unsigned')
    row, other = database.value(ROW, uid), database.value(ROW, free)
    for column, typed in (('family', 'Evil'), ('given', 'Eve'), ('birth_date', '1970-01-01'), ('gender', 'male'), ('email', 'eve@example.org'),
                          ('phone', '1'), ('address_line', 'x'), ('city', 'x'), ('state', 'x'), ('postal_code', 'x'), ('country', 'FR'),
                          ('interpreter', 'x'), ('access_needs', 'x')):
        assert refused(database, 'UPDATE patient SET %s = %%s WHERE id = %%s' % column, typed, row) == SIGNAL, column
    assert refused(database, CHANGE, row, 'given', 'Nia', 'Eve', 1, None) == SIGNAL, 'not alone'
    assert refused(database, CHANGE, row, 'given', 'Nia', 'Eve', 1, 1) == SIGNAL, 'not before oneself'
    assert refused(database, CHANGE, row, 'given', 'Nia', 'Eve', 1, 10 ** 6) == SIGNAL, 'not before nobody'
    assert refused(database, CHANGE, row, 'city', 'Elsewhere', 'Dover', 1, None) == SIGNAL, 'not from another value'
    assert refused(database, CHANGE, row, 'city', 'Portsmouth', 'Portsmouth', 1, None) == SIGNAL
    assert refused(database, CHANGE, other, 'city', 'Portsmouth', 'Dover', 1, None) is None
    assert refused(database, "UPDATE patient SET city = 'Keene' WHERE id = %s", other) == SIGNAL, 'only to what was said'
    assert refused(database, "UPDATE patient SET city = 'Dover', state = 'VT' WHERE id = %s", other) == SIGNAL, 'and nothing beside it'
    assert refused(database, "UPDATE patient SET city = 'Dover' WHERE id = %s", other) is None
    for sql in ('UPDATE patient_change SET at = 2', 'DELETE FROM patient_change'):
        assert refused(database, sql) == 1142


def test_what_is_typed_while_a_time_is_held_writes_to_nobody(visitor, staff, database, day):
    """By page and desk: a hold with another address makes a record of its own, as before; the record on file and its history stay."""
    uid = person(day, 'Onfile')
    before = database.rows('SELECT * FROM patient WHERE id = %s', database.value(ROW, uid))
    patient.give_details(patient.hold(visitor), family='Onfile', given='Nia', city='Elsewhere')
    assert database.rows('SELECT * FROM patient WHERE id = %s', database.value(ROW, uid)) == before and history(database, uid) == ()


def test_wrong_passwords_are_counted_for_who_asks(staff, database, day, sample):
    desk, uid = staff('front_desk'), person(day, 'Guess', signed=True)
    page = edit(desk, database, uid).fill(given='Nina', reason='Misspelled', second_login=sample['admin_login'], second_password='wrong wrong 1').submit()
    for turn in range(12):
        assert page.status in (422, 429) and page.error_for('second_login'), repr(page)
        if page.status == 429:
            break
        page = page.form(having='reason').fill(second_password='wrong wrong %d' % turn).submit()
    right = page.form(having='reason').fill(second_password=sample['admin_password']).submit()
    assert right.status == 429 and value(database, uid, 'given') == 'Nia', 'the right word does not help now'
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'login-failed'") > 0
    assert database.value("SELECT failures + locked_until FROM staff WHERE login = 'admin'") == 0, 'nobody is locked out by it'
