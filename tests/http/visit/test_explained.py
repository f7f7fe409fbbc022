# SPDX-License-Identifier: Apache-2.0
"""A version of a form that asks for it counts only once a clinician confirmed to have explained it."""
import pymysql
import pytest

from dayfill import BORN


@pytest.fixture
def strict(day, database):
    """A version of the consent to marrow that asks for a clinician; a visit whose forms are signed, and the consent's uid."""
    database.rows("INSERT IGNORE INTO form_version (form_id, version, title, body, sha256, material, validity_days, published_at, needs_clinician)"
                  " SELECT form_id, 99, title, body, sha256, 1, validity_days, published_at, 1 FROM form_version WHERE title LIKE 'Consent to bone-marrow%'"
                  ' ORDER BY version LIMIT 1')
    uid = day.book()
    return uid, database.value('SELECT c.uid FROM consent c JOIN form_version v ON v.id = c.form_version_id JOIN booking b ON b.id = c.booking_id'
                               ' WHERE b.uid = %s AND v.needs_clinician = 1', uid)


def check_in(visitor, uid):
    return visitor.open('/staff/bookings/' + uid).form('/check-in').fill(birth_date=BORN).submit()


def test_no_step_before_a_clinician_confirmed(strict, day, staff, database):
    uid, consent = strict
    desk, clinician = staff('front_desk'), staff('clinician')
    assert check_in(desk, uid).status == 409 and day.events(uid) == []
    page = desk.open('/staff/bookings/%s/consents/%s' % (uid, consent))
    assert 'Waiting for a clinician' in page.text and not [f for f in page.forms() if f.action.endswith('/explain')]
    page = clinician.open('/staff/bookings/' + uid).click('Confirm that you explained it')
    page = page.form('/explain').submit()
    assert page.status == 422 and page.error_for('explained')
    stale = page
    page = page.form('/explain').fill(explained='yes').submit()
    assert page.path == '/staff/bookings/' + uid and 'Something is missing' not in page.text
    name = database.value('SELECT s.name FROM consent_explained x JOIN staff s ON s.id = x.staff_id')
    copy = desk.open('/staff/bookings/%s/consents/%s' % (uid, consent))
    assert 'Explained by' in copy.text and name in copy.text and copy.css('.panel.good')
    again = stale.form('/explain').fill(explained='yes')
    again.set('idem', 'A' * 22, force=True)
    assert again.submit().status == 409
    assert check_in(desk, uid).status == 200 and day.events(uid) == ['check-in']


def test_what_is_withdrawn_is_not_confirmed(strict, day, staff, database):
    uid, consent = strict
    page = staff('clinician').open('/staff/bookings/%s/consents/%s' % (uid, consent))
    database.rows('INSERT INTO consent_withdrawal (consent_id, at) SELECT id, signed_at + 1 FROM consent WHERE uid = %s', consent)
    page = page.form('/explain').fill(explained='yes').submit()
    assert page.status == 409 and database.value('SELECT COUNT(*) FROM consent_explained x JOIN consent c ON c.id = x.consent_id WHERE c.uid = %s', consent) == 0


def attempt(database, statement, *values):
    db = database.connect('regen')
    db.autocommit(False)
    try:
        with db.cursor() as c:
            return c.execute(statement, values)
    except pymysql.MySQLError as refused:
        assert refused.args[0] in (1644, 1142), refused
        return 'refused'
    finally:
        db.rollback()
        db.close()


def test_sql_keeps_the_same_rule(strict, database, sample):
    uid, consent = strict
    add = 'INSERT INTO consent_explained SELECT c.id, s.id, %s FROM consent c JOIN staff s WHERE c.uid = %s AND s.login = %s'
    late = 2000000000
    assert attempt(database, add, late, consent, sample['front_desk_login']) == 'refused'
    assert attempt(database, add, 1, consent, sample['clinician_login']) == 'refused'
    assert attempt(database, add, late, consent, sample['clinician_login']) == 1
    step = "INSERT INTO step_event (booking_id, kind, at, staff_id) SELECT id, 'check-in', %s, 1 FROM booking WHERE uid = %s"
    now = database.value('SELECT UNIX_TIMESTAMP()')
    assert attempt(database, step, now, uid) == 'refused'
    # What is entered later needs what was confirmed by then; the schema's clock allows five minutes.
    database.rows(add, now + 240, consent, sample['clinician_login'])
    assert attempt(database, step, now, uid) == 'refused'
    assert attempt(database, step, now + 240, uid) == 1
    assert attempt(database, 'UPDATE consent_explained SET at = 1') == 'refused'
    assert attempt(database, 'DELETE FROM consent_explained') == 'refused'
