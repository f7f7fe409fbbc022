# SPDX-License-Identifier: Apache-2.0
"""Consents in the hands of staff: reading and printing what was signed, and a withdrawal that somebody told them."""
import pymysql
import pytest

import patient
from dayfill import clock, now, today


@pytest.fixture
def desk(staff):
    return staff('front_desk')


def consents(database, uid):
    return [c for c, in database.rows('SELECT c.uid FROM consent c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s ORDER BY c.id', uid)]


def chart(visitor, uid):
    page = visitor.open('/staff/bookings/' + uid)
    assert page.status == 200, repr(page)
    return page


def withdraw(visitor, uid, consent, **fields):
    page = visitor.open('/staff/bookings/%s/consents/%s/withdraw' % (uid, consent))
    assert page.status == 200, repr(page)
    return page.form('/withdraw').fill(**fields).submit()


TOLD = dict(channel='phone', reason='Wants to wait for a second opinion', confirmed='yes')


def test_staff_read_what_was_signed(visitor, desk, database):
    patient.book(visitor)
    uid, = database.rows('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')[0]
    page = chart(desk, uid)
    title, text = database.rows('SELECT v.title, c.text FROM consent c JOIN form_version v ON v.id = c.form_version_id ORDER BY c.id LIMIT 1')[0]
    page = page.click(title)
    assert page.status == 200 and page.path.endswith('/consents/' + consents(database, uid)[0])
    assert page.css('.panel.good') and 'Valid' in page.text
    for line in text.split('\n'):
        assert ' '.join(line.removeprefix('## ').removeprefix('- ').split()) in page.text, line
    for said in ('Ada Lovelace', 'The patient', 'New York time', 'from address 127.0.0.1', 'version 1'):
        assert said in page.text, said
    assert page.css('.letter') and page.css('[data-print]')
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'consent.view' AND actor <> ''") == 1


def test_only_those_of_the_booking_and_only_for_the_desk(day, desk, staff, database):
    mine, theirs = day.book(), day.book()
    other = consents(database, theirs)[0]
    assert desk.open('/staff/bookings/%s/consents/%s' % (mine, other)).status == 404
    assert desk.open('/staff/bookings/%s/consents/%s/withdraw' % (mine, other)).status == 404
    assert desk.open('/staff/bookings/%s/consents/%s' % (theirs, other)).status == 200
    assert staff('billing').open('/staff/bookings/%s/consents/%s' % (theirs, other)).status == 403
    page = desk.open('/staff/bookings/%s/consents/%s/withdraw' % (theirs, other))
    form = page.form('/withdraw').fill(**TOLD)
    form.action = form.action.replace(theirs, mine)
    assert form.submit().status == 404
    assert database.value('SELECT COUNT(*) FROM consent_withdrawal') == 0


@pytest.mark.expects_log('RG05003')
def test_an_altered_text_is_not_shown(day, desk, database):
    uid = day.book()
    consent = consents(database, uid)[0]
    keeps = database.rows('SHOW CREATE TRIGGER consent_keeps')[0][2]
    database.rows('DROP TRIGGER consent_keeps')
    try:
        database.rows("UPDATE consent SET text = 'I agree to everything' WHERE uid = %s", consent)
    finally:
        database.rows(keeps)
    page = desk.open('/staff/bookings/%s/consents/%s' % (uid, consent))
    assert page.status == 409 and 'not the one that was signed' in page.text and 'agree to everything' not in page.text
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'consent.altered'") == 1


def test_a_withdrawal_that_was_told(day, desk, database):
    uid = day.book()
    consent = consents(database, uid)[0]
    page = withdraw(desk, uid, consent)
    assert page.status == 422 and page.error_for('channel') and page.error_for('reason') and page.error_for('confirmed')
    page = withdraw(desk, uid, consent, channel='phone', reason=TOLD['reason'])
    assert page.status == 422 and page.form('/withdraw').value('reason') == TOLD['reason']
    page = withdraw(desk, uid, consent, **TOLD)
    assert page.status == 200 and page.path == '/staff/bookings/' + uid
    alarm = page.css('.panel.alarm')[0].text_content()
    assert 'Consent withdrawn' in alarm and 'by phone' in alarm and 'second opinion' in alarm and 'still reserved' in alarm
    staff, channel, reason = database.rows('SELECT s.name, w.channel, w.reason FROM consent_withdrawal w JOIN staff s ON s.id = w.staff_id')[0]
    assert staff in alarm and (channel, reason) == ('phone', TOLD['reason'])
    assert day.status(uid) == 'booked'
    page = chart(desk, uid).form('/check-in').fill(birth_date='1961-03-14').submit()
    assert page.status == 409 and day.events(uid) == []
    page = desk.open('/staff/bookings/%s/consents/%s' % (uid, consent))
    assert 'Not valid' in page.text and 'Withdrawn by phone' in page.text and not page.css('.panel.good')
    assert withdraw_again(desk, uid, consent) == 'This consent was withdrawn by phone'
    day.sign(uid)
    assert not chart(desk, uid).css('.panel.alarm')
    page = chart(desk, uid).form('/check-in').fill(birth_date='1961-03-14').submit()
    assert page.status == 200 and day.events(uid) == ['check-in']


def withdraw_again(visitor, uid, consent):
    page = visitor.open('/staff/bookings/%s/consents/%s/withdraw' % (uid, consent))
    assert not [f for f in page.forms() if f.action.endswith('/withdraw')]
    return page.text[page.text.index('This consent was'):].split(',')[0]


def test_every_board_tells_of_it(day, desk, database):
    here = day.book(start=now() + 7200 if now() + 7200 < clock(23) else now())
    ahead = today().fromordinal(today().toordinal() + 3)
    later = day.book(start=clock(10, day=ahead), family='Later', given='Lea')
    for uid in (here, later):
        withdraw(desk, uid, consents(database, uid)[0], **TOLD)
    board = desk.open('/staff')
    told = [li.text_content() for li in board.css('.attention li')]
    assert any('Consent withdrawn' in t and 'Ann Walker' in t for t in told), told
    assert any('Lea Later' in t and 'by phone' in t for t in told), told
    assert board.css('.attention li')[0].xpath('./strong')[0].text_content() == 'Consent withdrawn'
    that_day = desk.open('/staff?date=%s' % ahead)
    told = [li.text_content() for li in that_day.css('.attention li') if 'no longer open' not in li.text_content()]  # it may be a Saturday
    assert len(told) == 1 and 'Consent withdrawn' in told[0] and 'Lea Later' in told[0], told
    day.sign(here)
    day.sign(later)
    for board in (desk.open('/staff'), desk.open('/staff?date=%s' % ahead)):
        assert 'withdrawn' not in board.text


def test_the_patient_withdraws_and_keeps_or_cancels(visitor, desk, database):
    patient.book(visitor)
    uid, = database.rows('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')[0]
    page = visitor.open(patient.open_forms(visitor.open('/booking/consent'))[0]).click('Withdraw this consent')
    assert 'Your time stays booked until' in page.text
    page = page.form('/withdraw').fill(visit='cancel').submit()
    assert page.path == '/booking/cancel'
    assert database.value('SELECT status FROM booking WHERE uid = %s', uid) == 'booked'
    alarm = chart(desk, uid).css('.panel.alarm')[0].text_content()
    assert 'withdrawn online' in alarm and 'recorded by' not in alarm
    assert 'Ada Lovelace' in ' '.join(li.text_content() for li in desk.open('/staff').css('.attention li'))


def test_nobody_is_reminded_to_sign_what_they_withdrew(day, desk, database):
    """The statement of rg_forms_to_tell, by the module's account."""
    uid = day.book(start=clock(10, day=today().fromordinal(today().toordinal() + 2)))
    withdraw(desk, uid, consents(database, uid)[0], **TOLD)
    missing = ('SELECT COUNT(*) FROM booking b JOIN service_form sf ON sf.service_id = b.service_id WHERE b.uid = %s AND NOT EXISTS'
               ' (SELECT 1 FROM consent_in_force c WHERE c.booking_id = b.id AND c.form_id = sf.form_id)')
    assert database.value(missing, uid) == 1
    assert database.value(missing + ' AND NOT EXISTS (SELECT 1 FROM consent_withdrawn o WHERE o.booking_id = b.id AND o.form_id = sf.form_id)', uid) == 0


ATTEMPTS = ("UPDATE consent_withdrawal SET reason = 'x'", 'DELETE FROM consent_withdrawal',
            "INSERT INTO consent_withdrawal (consent_id, at, reason, channel) SELECT MAX(id), 1, 'x', 'phone' FROM consent",
            "INSERT INTO consent_withdrawal (consent_id, at, reason, staff_id) SELECT MAX(id), 1, 'x', 1 FROM consent",
            "INSERT INTO consent_withdrawal (consent_id, at, reason, staff_id, channel) SELECT MAX(id), 1, '', 1, 'phone' FROM consent")


@pytest.mark.parametrize('statement', ATTEMPTS)
def test_sql_cannot_undo_or_disguise_a_withdrawal(day, database, statement):
    uid = day.book()
    database.rows("INSERT INTO consent_withdrawal (consent_id, at) VALUES ((SELECT MIN(c.id) FROM consent c JOIN booking b ON b.id ="
                  " c.booking_id WHERE b.uid = %s), 1)", uid)
    db = database.connect('regen')
    try:
        with db.cursor() as c, pytest.raises(pymysql.MySQLError) as refused:
            c.execute(statement)
        assert refused.value.args[0] in (1644, 1142, 4025), refused.value
    finally:
        db.close()
