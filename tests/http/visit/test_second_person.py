# SPDX-License-Identifier: Apache-2.0
"""A second person confirms where the service asks for it: with their own password, at the same device, and never the one who is logged in. Attacked
through the page and SQL."""
import hashlib
import threading

import pymysql
import pytest

import env
from dayfill import BORN, now
from test_staff_day import agreed, chart, check_in, harvest, inject, post, ready, step
from test_corrections import ident
from test_who_did_it import ACT

FIELDS = dict(birth_date=BORN, body_site='knee', side='right')


@pytest.fixture
def clinician(staff):
    return staff('clinician')


def refusals(database, uid, code):
    return database.value("SELECT COUNT(*) FROM audit_event a JOIN booking b ON b.id = a.entity_id WHERE b.uid = %s AND a.action = 'day.refused'"
                          " AND a.detail LIKE %s", uid, 'inject ' + code + '%')


def seconds(database, uid):
    return database.rows('SELECT a.kind, s.login FROM act a LEFT JOIN staff s ON s.id = a.second_id WHERE a.booking_id = %s ORDER BY a.id', ident(database, uid))


def test_a_colleague_confirms_the_injection(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    page = chart(clinician, uid)
    assert 'confirmed by' not in page.text, 'nobody confirmed anything yet'
    form = page.form('/inject').fill(label=label, **FIELDS)
    form.fill(**agreed(form))
    refused = form.submit()
    assert refused.status == 409 and 'second person has to confirm' in refused.error_for('second_login') and refusals(database, uid, 'no-second') == 1
    page = inject(clinician, uid, label)
    assert page.status == 200 and page.text.count(', confirmed by') == page.text.count(', confirmed by Nils Lindqvist, RN') == 1, repr(page)
    assert seconds(database, uid) == (('harvest', None), ('process', None), ('inject', 'nurse'))
    assert database.value("SELECT COUNT(*) FROM audit_event a JOIN staff s ON s.id = a.entity_id WHERE a.action = 'second-person' AND s.login = 'nurse'") >= 1
    assert clinician.open('/staff').status == 200, 'who is logged in stays so'
    assert database.value("SELECT COUNT(*) FROM session x JOIN staff s ON s.id = x.staff_id WHERE s.login = 'nurse'") == 0


def test_nobody_confirms_for_themselves(day, clinician, staff, sample, database):
    """Not with the same login, not with a second login of the same practitioner, and not the front desk."""
    uid = day.book()
    label = ready(clinician, day, uid)
    database.rows("INSERT INTO staff (login, name, password_hash, resource_id) SELECT 'rivera2', 'E. Rivera', password_hash, resource_id FROM staff WHERE login = 'clinician'")
    database.rows("INSERT INTO staff_role SELECT id, 'clinician' FROM staff WHERE login = 'rivera2'")
    page = step(clinician, uid, 'inject', label=label, second_login='clinician', second_password=sample['clinician_password'], **FIELDS)
    assert page.status == 422 and 'somebody else than you' in page.error_for('second_login'), repr(page)
    for login, code in (('rivera2', 'same-person'), ('frontdesk', 'second-role')):
        word = sample[{'frontdesk': 'front_desk'}.get(login, 'clinician') + '_password']
        page = step(clinician, uid, 'inject', label=label, second_login=login, second_password=word, **FIELDS)
        assert page.status == 409 and 'The second person is' in page.error_for('second_login') and refusals(database, uid, code) >= 1, login
        assert page.form('/inject').value('second_login') == login and word not in page.html
    assert 'inject' not in day.events(uid)
    nurse = staff('nurse')
    assert step(nurse, uid, 'inject', label=label, **FIELDS).status == 200, 'the nurse records, the physician confirms that she did it'
    assert seconds(database, uid)[2] == ('inject', 'clinician')


def test_a_service_asks_for_it_or_not(day, clinician, staff, database):
    """An upgraded clinic with one clinician works on; the service says so."""
    admin = staff('admin')
    page = admin.open('/staff/admin/services/bmac-knee')
    assert page.form('/bmac-knee').value('second_inject') == 'true' and page.form('/bmac-knee').value('second_harvest') != 'true'
    database.rows("UPDATE service SET second_inject = 0, second_harvest = 1 WHERE code = 'bmac-knee'")
    try:
        uid = day.book()
        check_in(clinician, uid)
        page = post(clinician, uid, 'harvest', chart(clinician, uid), volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
        assert page.status == 409 and page.error_for('second_login') and day.label(uid) is None
        assert harvest(clinician, uid).status == 200 and seconds(database, uid) == (('harvest', 'nurse'),)
        step(clinician, uid, 'process', label=day.label(uid), kit_lot='L', volume_ml='8')
        form = chart(clinician, uid).form('/inject')
        assert 'second_login' not in form.names() and form.fill(label=day.label(uid), **agreed(form), **FIELDS).submit().status == 200
        assert seconds(database, uid)[2] == ('inject', None)
    finally:
        database.rows("UPDATE service SET second_inject = 1, second_harvest = 0 WHERE code = 'bmac-knee'")


def test_the_schema_holds_it(day, clinician, database):
    uid = day.book()
    ready(clinician, day, uid)
    booking, at = ident(database, uid), now()
    add = ACT.replace('recorded_at, staff_id', 'recorded_at, second_id, staff_id').replace('SELECT %s,', 'SELECT %s, %s,')
    me, nurse, desk = (database.value('SELECT id FROM staff WHERE login = %s', login) for login in ('clinician', 'nurse', 'frontdesk'))
    database.rows("INSERT INTO staff (login, name, resource_id) VALUES ('rivera3', 'E. Rivera', 1)")
    database.rows("INSERT INTO staff_role SELECT id, 'clinician' FROM staff WHERE login = 'rivera3'")
    other = database.value("SELECT id FROM staff WHERE login = 'rivera3'")
    ada = ('dr-rivera', 'injection')
    with database.connect(user='regen') as db, db.cursor() as sql:
        def refused(words, second, recorder):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(add, (booking, 'inject', at, at, second, recorder, *ada))
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            refused('asks for a second person', None, me)
            refused('somebody else|act_two_people', me, me)
            refused('somebody else', other, me)
            refused('is a clinician', desk, me)
            refused('is a clinician', 99999, me)
        day.time_out(booking, 'inject', at)
        sql.execute(add, (booking, 'inject', at, at, nurse, me, *ada))


def test_one_login_in_two_tabs_is_one_person(day, clinician, sample, database):
    """Both tabs of one login, each giving the other's password, that is, its own."""
    uid = day.book()
    label = ready(clinician, day, uid)
    form = chart(clinician, uid).form('/inject').fill(label=label, second_login='clinician', second_password=sample['clinician_password'], **FIELDS)
    answers = []

    def press():
        with env.Visitor(clinician.base) as tab:
            tab.client.cookies.update(clinician.client.cookies)
            answers.append(tab.post(form.action, data=dict(form.pairs()), headers={'Origin': clinician.base.rsplit('/clinic', 1)[0]}).status_code)

    threads = [threading.Thread(target=press) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert answers == [422, 422] and 'inject' not in day.events(uid)


def test_wrong_passwords_are_counted(day, clinician, database, sample):
    """By who asks and by login, not by address: nobody outside can use up the tries. They lock nothing."""
    uid = day.book()
    label = ready(clinician, day, uid)
    for login in ('nobody', 'nurse'):
        page = step(clinician, uid, 'inject', label=label, second_login=login, second_password='wrong horse', **FIELDS)
        assert page.status == 422 and 'login or password is wrong' in page.error_for('second_login') and 'wrong horse' not in page.html
        assert page.form('/inject').value('label') == label, 'what was typed stays'
    assert database.value("SELECT COUNT(*) FROM audit_event a JOIN staff s ON s.id = a.entity_id WHERE a.action = 'login-failed' AND s.login = 'nurse'") >= 1
    database.rows("INSERT INTO staff (login, name, password_hash) SELECT 'guessed', 'G', password_hash FROM staff WHERE login = 'clinician'")
    database.rows("INSERT INTO staff_role SELECT id, 'clinician' FROM staff WHERE login = 'guessed'")
    statuses = [step(clinician, uid, 'inject', label=label, second_login='guessed', second_password='wrong %d' % i, **FIELDS).status for i in range(12)]
    assert 429 in statuses, statuses
    assert step(clinician, uid, 'inject', label=label, second_login='guessed', second_password=sample['clinician_password'], **FIELDS).status == 429, \
        'the right word does not help now'
    assert 'inject' not in day.events(uid)
    assert database.value("SELECT failures + locked_until FROM staff WHERE login = 'guessed'") == 0


@pytest.mark.allows_log('RG03040', 'RG03042')
def test_strangers_lock_nobody_out_of_confirming(day, clinician, database, sample):
    """Wrong passwords on the login page lock a login on new devices; a colleague beside the patient confirms all the same."""
    uid = day.book()
    label = ready(clinician, day, uid)
    with env.Visitor(clinician.base) as stranger:
        for i in range(12):
            stranger.open('/login').form('/login').fill(login='nurse', password='wrong %d' % i).submit()
    database.rows("UPDATE staff SET failures = 9, locked_until = UNIX_TIMESTAMP() + 900 WHERE login = 'nurse'")
    page = step(clinician, uid, 'inject', label=label, second_login='nurse', second_password=sample['nurse_password'], **FIELDS)
    assert page.status == 200 and 'inject' in day.events(uid), repr(page)
    assert database.value("SELECT locked_until > UNIX_TIMESTAMP() FROM staff WHERE login = 'nurse'") == 1, 'the lock stays where strangers are'
    database.rows("UPDATE staff SET failures = 0, locked_until = 0 WHERE login = 'nurse'")


def test_no_password_is_in_the_stored_digest(day, clinician, database, sample):
    """What remembers a request (so that it is not done twice) is the same digest whatever password was in it."""
    uid = day.book()
    label = ready(clinician, day, uid)
    form = chart(clinician, uid).form('/inject').fill(label=label, second_login='nurse', second_password=sample['nurse_password'], **FIELDS)
    assert form.fill(**agreed(form)).submit().status == 200
    pairs = [(name, value) for name, value in form.pairs() if name not in ('csrf', 'idem')]
    digest = lambda some: hashlib.sha256(b''.join(word.encode() + b'\0' for pair in some for word in pair)).digest()
    stored = {row[0] for row in database.rows('SELECT request_hash FROM idempotency')}
    assert any(name == 'second_password' for name, _ in pairs) and digest(pairs) not in stored
    assert digest([pair for pair in pairs if pair[0] != 'second_password']) in stored


def test_check_says_when_nobody_could_confirm(database):
    """Two logins of one practitioner are one person."""
    asked = 'asks for a second person, but only one clinician'
    before = env.regenctl(database, 'check', check=False)
    assert asked not in before.stdout
    keep = "SELECT id FROM staff WHERE login IN ('clinician', 'rivera2', 'rivera3')"
    off = [row[0] for row in database.rows("SELECT s.id FROM staff s WHERE active = 1 AND id NOT IN (%s)" % keep)]
    for one in off:
        database.rows('UPDATE staff SET active = 0 WHERE id = %s', one)
    try:
        done = env.regenctl(database, 'check', check=False)
        assert done.returncode == 1 and 'Service bmac-knee ' + asked in done.stdout and 'prp-tendon' in done.stdout, done.stdout
    finally:
        for one in off:
            database.rows('UPDATE staff SET active = 1 WHERE id = %s', one)
