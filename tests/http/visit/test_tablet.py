# SPDX-License-Identifier: Apache-2.0
"""Signing at the desk: the tablet in the patient's hand opens the forms of one booking and nothing else, what is signed on it says so, and
the way back is the password."""
import pymysql
import pytest

import env
from dayfill import BORN


@pytest.fixture
def tablet(staff, sample):
    """A browser of its own for each test, because a session that was handed over does not come back."""
    one = staff('front_desk')
    page = one.login(sample['front_desk_login'], sample['front_desk_password'])
    assert page.status == 200, page
    return one


def lend(visitor, uid, born=BORN):
    page = visitor.open('/staff/bookings/' + uid).click('Sign at the desk')
    assert page.status == 200 and page.h1 == 'Sign at the desk', page
    return page.form('/tablet').fill(birth_date=born).submit()


def sign_first(page, name='Ann Walker', **fields):
    page = page.click('Read and sign')
    assert page.status == 200, page
    return page.form(having='signer_name').fill(signer_name=name, agree='yes', **fields).submit()


def test_the_patient_signs_at_the_desk(day, tablet, database, sample):
    uid = day.book(signed=False)
    page = lend(tablet, uid)
    assert page.path == '/tablet' and 'Ann Walker' in page.text and not page.css('header nav')
    assert sign_first(page, 'Ann Welker').error_for('signer_name')
    page = sign_first(tablet.open('/tablet'))
    assert page.path == '/tablet' and 'Signed by Ann Walker' in page.text
    page = sign_first(page)
    assert page.h1 == 'Everything is signed'
    desk = database.value('SELECT id FROM staff WHERE login = %s', sample['front_desk_login'])
    assert database.rows('SELECT DISTINCT c.method, c.witness_id, c.signer_role FROM consent c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s',
                         uid) == (('desk', desk, 'patient'),)
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'consent.sign' AND actor = %s AND detail LIKE '%%by:patient desk'",
                          'staff:%d' % desk) >= 2
    page = page.form('/tablet/done').submit()
    assert page.h1 == 'Please give the tablet back' and not page.css('header nav')
    assert tablet.open('/tablet').path.startswith('/login') and tablet.open('/staff').path.startswith('/login')
    page = page.click('log in again')
    page = page.form(having='password').fill(login=sample['front_desk_login'], password=sample['front_desk_password']).submit()
    assert page.path == '/staff/bookings/' + uid and 'Something is missing' not in page.text
    consent = page.click('How we use your information')
    assert 'On a tablet at the clinic' in consent.text and 'witnessed by' in consent.text and 'Online' not in consent.text
    page = tablet.open('/staff/bookings/' + uid).form('/check-in').fill(birth_date=BORN).submit()
    assert page.status == 200 and day.events(uid) == ['check-in']


def test_a_representative_signs_at_the_desk(day, tablet, database):
    uid = day.book(signed=False)
    page = sign_first(lend(tablet, uid), 'Tom Walker', signer='health-care-proxy', entitlement='Power of attorney')
    assert page.path == '/tablet' and 'Signed by Tom Walker (Health-care proxy' in page.text
    assert database.rows('SELECT signer_role, method FROM consent ORDER BY id DESC LIMIT 1')[0] == ('health-care-proxy', 'desk')


def test_the_tablet_opens_nothing_else(day, tablet, database):
    uid, other = day.book(signed=False), day.book(signed=False, family='Other', given='Oda')
    before = tablet.open('/staff/bookings/' + uid)
    lend(tablet, uid)
    paths = sorted({pattern.replace('*', uid) for method, pattern, *_ in env.routes()
                    if method == 'GET' and (pattern.startswith('/staff') or pattern.startswith('/billing')) and pattern != '/staff/login'})
    assert len(paths) > 20
    for path in paths:
        page = tablet.open(path)
        assert page.path == '/tablet', (path, page)
        assert 'Oda' not in page.text
    # Neither does a form that was open in another window.
    page = before.form('/check-in').fill(birth_date=BORN).submit()
    assert page.path == '/tablet' and day.events(uid) == []
    # Nor does the patient sign online there.
    assert database.value('SELECT COUNT(*) FROM consent WHERE booking_id = (SELECT id FROM booking WHERE uid = %s)', other) == 0
    assert tablet.open('/bookings').path != '/bookings' or 'Oda' not in tablet.open('/bookings').text


def test_only_the_person_whose_date_of_birth_it_is(day, tablet, database):
    uid = day.book(signed=False)
    page = lend(tablet, uid, '3/15/1961')
    assert page.status == 409 and 'not the date of birth on file' in page.error_for('birth_date')
    assert page.form('/tablet').value('birth_date') == '3/15/1961'
    assert tablet.open('/staff').path == '/staff'
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'consent.refused' AND detail LIKE 'tablet%%'") == 1
    assert page.form('/tablet').fill(birth_date='').submit().status == 422


def test_nothing_to_sign_for_a_visit_that_is_over(day, tablet):
    uid = day.book(signed=False, status='no-show')
    page = tablet.open('/staff/bookings/%s/tablet' % uid).form('/tablet').fill(birth_date=BORN).submit()
    assert page.status == 409 and 'not over' in page.text
    assert tablet.open('/staff').path == '/staff'


def test_billing_hands_nothing_over(day, staff):
    assert staff('billing').open('/staff/bookings/%s/tablet' % day.book(signed=False)).status == 403


def test_it_ends_by_itself(day, tablet, database):
    lend(tablet, day.book(signed=False))
    left = database.value('SELECT expires_at - UNIX_TIMESTAMP() FROM session WHERE lent_booking_id IS NOT NULL ORDER BY created_at DESC LIMIT 1')
    assert 0 < left <= 1800
    database.rows('UPDATE session SET expires_at = 1 WHERE lent_booking_id IS NOT NULL')
    assert tablet.open('/tablet').path.startswith('/login')


ATTEMPTS = ('UPDATE session SET lent_booking_id = NULL WHERE lent_booking_id IS NOT NULL',
            'UPDATE session SET expires_at = expires_at + 1 WHERE lent_booking_id IS NOT NULL',
            "INSERT INTO consent (uid, booking_id, patient_id, form_version_id, body_site, laterality, text, text_sha256, signer_name, signed_at,"
            " expires_at, method) SELECT REVERSE(uid), booking_id, patient_id, form_version_id, body_site, laterality, text, text_sha256, signer_name,"
            " signed_at, expires_at, 'desk' FROM consent LIMIT 1",
            "INSERT INTO consent (uid, booking_id, patient_id, form_version_id, body_site, laterality, text, text_sha256, signer_name, signed_at,"
            ' expires_at, witness_id) SELECT REVERSE(uid), booking_id, patient_id, form_version_id, body_site, laterality, text, text_sha256, signer_name,'
            ' signed_at, expires_at, 1 FROM consent LIMIT 1')


@pytest.mark.parametrize('statement', ATTEMPTS)
def test_sql_keeps_the_same_rule(day, tablet, database, statement):
    day.book()
    lend(tablet, day.book(signed=False))
    db = database.connect('regen')
    try:
        with db.cursor() as c, pytest.raises(pymysql.MySQLError) as refused:
            c.execute(statement)
        assert refused.value.args[0] in (1644, 4025), refused.value
    finally:
        db.close()
