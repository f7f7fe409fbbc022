# SPDX-License-Identifier: Apache-2.0
"""Letters that leave: what they say, with what, and to whom; by a maildir in the background of httpd, and what the desk sees of those that
did not arrive."""
import base64
import hashlib
import os
import tempfile

import icalendar
import pymysql
import pytest

import env
import mailing
import patient


@pytest.fixture(scope='module')
def folder():
    with tempfile.TemporaryDirectory(prefix='regen.') as where:
        os.chmod(where, 0o777)
        yield where


@pytest.fixture
def posting(servers, server, folder):
    """An httpd that sends, with full words unless said otherwise."""
    return lambda more='RegenMailDetail full\n': servers(extra=mailing.by_maildir(folder, more))


@pytest.fixture
def letters(folder):
    """letters(n): waits for N more letters than there were, and gives them."""
    before = {letter['Message-ID'] for letter in mailing.letters(folder)}

    def wait(many=1):
        def new():
            found = [letter for letter in mailing.letters(folder) if letter['Message-ID'] not in before]
            return found if len(found) >= many else None
        found = env.wait_until(new, 20)
        before.update(letter['Message-ID'] for letter in found)
        return found

    return wait


def calendar(letter):
    part, = letter.iter_attachments()
    assert part.get_content_type() == 'text/calendar' and part.get_filename() == 'appointment.ics'
    made = icalendar.Calendar.from_ical(part.get_content())
    assert made['METHOD'] == part['Content-Type'].params['method'].upper()
    return made


def test_confirmation_change_cancellation(posting, letters, database):
    one = posting()
    with one.visitor() as visitor:
        patient.book(visitor)
        letter, = letters()
        assert letter['Subject'] == 'Your visit at Harbor Joint Clinic is booked' and letter['To'].addresses[0].addr_spec == 'ada@example.org'
        event, = calendar(letter).walk('VEVENT')
        assert event['ORGANIZER'] == 'mailto:letters@clinic.example' and event['STATUS'] == 'CONFIRMED'
        said = mailing.text_of(letter)
        assert 'New York time' in said and '(Platelet-rich plasma' in said, 'the clinic allows the name of the treatment'
        html = letter.get_body(('html',)).get_content()
        link = mailing.link_of(letter)
        assert 'href="%s"' % link in html and link.startswith(one.base + '/b/')
        # In this browser it opens the booking; in another one it asks for the date of birth.
        assert visitor.open(link).path == '/booking'
        with one.visitor() as other:
            page = other.open(link)
            assert 'date of birth' in page.text and 'Lovelace' not in page.text
            page = page.form(action='/booking/open').fill(birth_month='12', birth_day='10', birth_year='1962').submit()
            assert page.status == 200 and 'Your booking' in page.title
        # On pages there are no links, and staff see when it was sent.
        page = visitor.open('/booking')
        assert '/b/' not in ' '.join(e.text_content() for e in page.css('.letter-text'))
        assert 'Sent' in page.css('.letter')[0].text_content()
        visitor.open('/booking/cancel').form(action='/booking/cancel').submit()
        letter, = letters()
        assert letter['Subject'] == 'Your visit at Harbor Joint Clinic is canceled'
        made = calendar(letter)
        assert made['METHOD'] == 'CANCEL' and [str(e['UID']) for e in made.walk('VEVENT')] == [str(event['UID'])]
        assert int(made.walk('VEVENT')[0]['SEQUENCE']) > int(event['SEQUENCE'])
    token = link.rsplit('/', 1)[1]
    assert token not in env.read(one.access_log) + env.read(one.error_log)
    assert database.value("SELECT COUNT(*) FROM message_link WHERE hash = UNHEX(SHA2(%s, 256))", token) == 0
    assert database.value('SELECT COUNT(*) FROM message_link') > 0, 'only hashes are kept'


def test_a_new_private_link_ends_the_letters(posting, letters, staff, database):
    one = posting()
    with one.visitor() as visitor:
        patient.book(visitor)
        link = mailing.link_of(letters()[0])
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    desk = staff('front_desk')
    desk.open('/staff/bookings/' + uid).form(action='/link').submit()
    with one.visitor() as other:
        assert other.open(link).status == 404


def test_nothing_about_health_unless_allowed(posting, letters):
    one = posting('')
    with one.visitor() as visitor:
        patient.book(visitor)
        letter, = letters()
        for part in (letter['Subject'], mailing.text_of(letter), letter.get_body(('html',)).get_content(), str(calendar(letter).to_ical())):
            for word in ('prp', 'platelet', 'plasma', 'tendon', 'elbow', 'injection', '1962'):
                assert word not in part.lower(), word


# --- the desk -----------------------------------------------------------------------------------------------------------------------

def failed(database, number, **more):
    uid = mailing.message(database, number, **more)
    database.rows("UPDATE message SET status = 'failed', code = 'refused', answer = '550 5.1.1 No such <user>' WHERE uid = %s", uid)
    return uid


def test_the_desk_and_what_did_not_arrive(server, staff, database, visitor):
    patient.book(visitor)
    who = database.value('SELECT MAX(id) FROM patient')
    uid = failed(database, 1, to='wrong@example.org', patient_id=who)
    desk = staff('front_desk')
    page = desk.open('/staff/messages?status=failed')
    assert 'Not delivered' in page.text and 'The mail server refused it for good' in page.text
    assert '550 5.1.1 No such <user>' in page.text and '603-555-0142' in page.text
    assert any(a.endswith('/change') for a in page.links())
    page = page.form(action='/%s/told' % uid).submit()
    assert page.status == 200 and mailing.state(database, uid)[0] == 'told' and 'status=failed' in page.url
    page = desk.open('/staff/messages?status=told').form(action='/%s/not-told' % uid).submit()
    assert mailing.state(database, uid)[0] == 'failed'
    page = desk.open('/staff/messages?status=failed').form(action='/%s/again' % uid).submit()
    assert mailing.state(database, uid) == ('queued', '', 0)
    assert database.value('SELECT to_email FROM message WHERE uid = %s', uid) == 'ada@example.org', 'to the address that is on file now'
    what = database.rows('SELECT what, staff_id IS NOT NULL FROM message_try t JOIN message m ON m.id = t.message_id WHERE m.uid = %s ORDER BY t.id', uid)
    assert what == (('told', 1), ('not-told', 1), ('again', 1))
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'message.status' AND detail = 'told'") == 1
    mailing.clear(database)


def test_who_may_and_when(server, staff, database):
    uid = failed(database, 2)
    desk = staff('front_desk')
    page = desk.open('/staff/messages?status=failed')
    form = page.form(action='/%s/told' % uid)
    database.rows("UPDATE message SET status = 'told' WHERE uid = %s", uid)
    answer = form.submit()
    assert answer.status == 409 and 'changed in the meantime' in answer.text
    assert desk.post('/staff/messages/%s/told' % uid, data={}).status_code == 403, 'no form token'
    assert staff('billing').post('/staff/messages/%s/told' % uid, data={}).status_code == 403
    with server.visitor() as nobody:
        assert nobody.post('/staff/messages/%s/told' % uid, data={}).status_code == 401
    assert mailing.state(database, uid)[0] == 'told'


@pytest.mark.parametrize('sql', [
    "UPDATE message SET to_name = 'Eve' WHERE uid = %s", "UPDATE message SET mail_id = 'x@y' WHERE uid = %s",
    "UPDATE message SET status = 'queued' WHERE uid = %s", "UPDATE message_try SET code = 'x'", 'DELETE FROM message_try'])
def test_what_was_sent_stays(database, sql):
    """Also for SQL with the module's own account."""
    uid = '%026d' % 3
    if not database.rows('SELECT 1 FROM message WHERE uid = %s', uid):
        mailing.message(database, 3)
        database.rows("UPDATE message SET status = 'sent', mail_id = 'a@b', sent_at = 1 WHERE uid = %s", uid)
        database.rows("INSERT INTO message_try (message_id, at, what, way) SELECT id, 1, 'sent', 'smtp' FROM message WHERE uid = %s", uid)
    connection = database.connect('regen')
    with connection.cursor() as cursor, pytest.raises(pymysql.MySQLError):
        cursor.execute(sql, (uid,) if '%s' in sql else None)
    connection.close()


# --- a lost link -----------------------------------------------------------------------------------------------------------------

def test_a_lost_link_is_sent_to_the_address_on_file(posting, letters, database):
    one = posting()
    with one.visitor() as visitor:
        patient.book(visitor)
        mail = database.value('SELECT p.email FROM booking b JOIN patient p ON p.id = b.patient_id ORDER BY b.id DESC LIMIT 1')
    letters()
    count = lambda: database.value("SELECT COUNT(*) FROM message WHERE kind = 'lost-link'")
    noted = lambda: database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'booking.link-asked'")
    before, noted_before = count(), noted()
    with one.visitor() as other:
        page = other.open('/open').click('have your private link sent to you again')
        wrong = page.form(action='/lost').fill(email='not an address').submit()
        assert wrong.status == 422 or wrong.status == 400, wrong.status
        assert wrong.error_for('email') and 'not an address' in wrong.html
        unknown = other.open('/lost').form(action='/lost').fill(email='nobody@example.org').submit()
        known = other.open('/lost').form(action='/lost').fill(email=mail.upper()).submit()
        assert known.status == unknown.status == 200 and known.text == unknown.text, 'nobody learns who is known'
        made = count() - before
        assert 1 <= made <= 5
        other.open('/lost').form(action='/lost').fill(email=mail).submit()
        assert count() - before == made, 'once in a quarter of an hour'
        assert noted() - noted_before == made, 'and what does nothing is not noted again and again'
        letter = letters(made)[0]
        assert letter['Subject'] == 'Your link to Harbor Joint Clinic'
        page = other.open(mailing.link_of(letter))
        assert 'date of birth' in page.text and 'Lovelace' not in page.text


def test_without_letters_the_page_says_call(visitor):
    page = visitor.open('/lost')
    assert 'Please call the clinic' in page.text and not [f for f in page.forms() if f.action.endswith('/lost')]


# --- stopping reminders from a letter ---------------------------------------------------------------------------------------------

def test_one_click(posting, letters, database, visitor):
    patient.book(visitor)
    mailing.clear(database)
    booking, who = database.rows('SELECT id, patient_id FROM booking ORDER BY id DESC LIMIT 1')[0]
    database.rows("INSERT INTO recall (uid, booking_id, seq, patient_id, kind, reason, title, due_from, due_until, created_at)"
                  " VALUES (%s, %s, 1, %s, 'follow-up', 'check', 'Follow-up', CURDATE() - INTERVAL 1 DAY, CURDATE() + INTERVAL 20 DAY, UNIX_TIMESTAMP())",
                  '7' * 26, booking, who)
    one = posting('RegenSweepInterval 1s\n')
    letter, = letters()
    assert letter['Subject'] == 'A reminder from Harbor Joint Clinic'
    address = letter['List-Unsubscribe'].strip('<>')
    assert letter['List-Unsubscribe-Post'] == 'List-Unsubscribe=One-Click' and address in mailing.text_of(letter)
    with one.visitor() as program:
        # Whoever only looks stops nothing.
        assert 'Stop reminders?' in program.open(address).text
        assert database.value('SELECT COUNT(*) FROM recall_opt_out WHERE patient_id = %s', who) == 0
        assert program.open(address[:-1] + ('A' if address[-1] != 'A' else 'Q')).status == 404
        # As a form of either kind: RFC 8058 names both.
        for body in ({'data': {'List-Unsubscribe': 'One-Click'}}, {'files': {'List-Unsubscribe': (None, 'One-Click')}}):
            done = program.post(address, **body)
            assert done.status_code == 200 and 'No more reminders' in done.text
    assert database.value('SELECT COUNT(*) FROM recall_opt_out WHERE patient_id = %s', who) == 1
    assert database.value('SELECT status FROM recall WHERE uid = %s', '7' * 26) == 'closed'
    assert address.rsplit('/', 1)[1] not in env.read(one.access_log) + env.read(one.error_log)


# --- what became pointless -------------------------------------------------------------------------------------------------------

def test_stale_letters_are_closed(server, database, visitor, tmp_path, folder):
    patient.book(visitor)
    mailing.clear(database)
    booking, version, who, starts = database.rows('SELECT id, version, patient_id, starts_at FROM booking ORDER BY id DESC LIMIT 1')[0]
    about = dict(booking_id=booking, patient_id=who)
    cases = {'moved': dict(kind='confirmation', starts_at=starts + 300, **about),
             'expired': dict(kind='waitlist-offer', until_at=5),
             'over': dict(kind='recall', ends_at=5, about_id=999999, **about),
             'done': dict(kind='recall', ends_at=2 ** 31, about_id=1 + (database.value('SELECT MAX(id) FROM recall') or 0), **about),
             'too-old': dict(kind='cancellation', created_at=1000)}
    database.rows("INSERT INTO recall (id, uid, booking_id, seq, patient_id, kind, reason, title, due_from, due_until, status, created_at)"
                  " VALUES (%s, %s, %s, 2, %s, 'follow-up', 'check', 'x', CURDATE(), CURDATE(), 'done', 1)", cases['done']['about_id'], '8' * 26, booking, who)
    uids = {code: mailing.message(database, 100 + n, **case) for n, (code, case) in enumerate(cases.items())}
    right = mailing.message(database, 120, kind='forms', starts_at=starts, **about)
    conf = mailing.settings(tmp_path, database, mail_transport='maildir', mail_folder=folder)
    before = len(mailing.letters(folder))
    code, said = mailing.run(conf)
    assert code == 0 and len(mailing.letters(folder)) == before + 1, said
    assert mailing.state(database, right)[0] == 'sent'
    for code, uid in uids.items():
        # What is too old may still matter: the desk sees it, and can tell.
        assert mailing.state(database, uid)[:2] == ('failed' if code == 'too-old' else 'withdrawn', code), code
    # A visit that is not ahead any more.
    late = mailing.message(database, 121, kind='forms', starts_at=starts, **about)
    database.rows("UPDATE booking SET status = 'arrived', version = version + 1 WHERE id = %s", booking)
    mailing.run(conf)
    assert mailing.state(database, late)[:2] == ('withdrawn', 'not-booked')


def test_stopping_is_counted_by_link(servers, database):
    """People behind one address do not lock each other out; whoever guesses is locked out, and so is one link that is opened on and on."""
    one = servers(extra='RegenLinkRate 3/1h\n')
    with one.visitor() as visitor:
        patient.book(visitor)
    who = database.value('SELECT MAX(patient_id) FROM booking')
    secrets = [bytes([n]) * 32 for n in range(1, 7)]
    tokens = [base64.urlsafe_b64encode(secret).decode().rstrip('=') for secret in secrets]
    for n, secret in enumerate(secrets):
        uid = mailing.message(database, 880000 + n, patient_id=who)
        database.rows("INSERT INTO message_link (hash, message_id, purpose, of_link, made_at) SELECT %s, id, 'stop', NULL, 1 FROM message WHERE uid = %s",
                      hashlib.sha256(secret).digest(), uid)
    mailing.clear(database)
    with one.visitor() as visitor:
        for token in tokens:
            assert visitor.open('/stop/' + token).status == 200, 'of the same address'
        assert [visitor.open('/stop/' + tokens[0]).status for _ in range(3)] == [200, 200, 429], 'one link'
        assert [visitor.open('/stop/' + 'Z' * 43).status for _ in range(4)] == [404, 404, 404, 429], 'guessing'
