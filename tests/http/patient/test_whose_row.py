# SPDX-License-Identifier: Apache-2.0
"""Whose row of patient it is: what is typed while a time is held describes the person of that hold, writes to nobody else's record, and what one
person signed never counts for another. By pages, by the API and by SQL with the module's own account."""
import secrets

import pymysql
import pytest

import patient
from fhirapi import entries, issues, token
from patient import ADA
from frontdesk import enter, finder, times_apart
from fhirbook import PATIENT, booking_of, find, flat, parameters, post

pytestmark = pytest.mark.usefixtures('never_closed')
BOB = dict(given='Bob', family='Byron', birth_date='3/4/1960', gender='male')
EVIL = dict(ADA, given='Eve', family='Evil', birth_date='1/2/1970', body_site='elbow', side='right', pay='self')
WHO = ('SELECT p.given, p.family, CAST(p.birth_date AS CHAR), p.email, p.phone FROM booking b JOIN patient p ON p.id = b.patient_id'
       ' WHERE b.uid = %s')
ROW = 'SELECT patient_id FROM booking WHERE uid = %s'
IN_FORCE = 'SELECT COUNT(*) FROM consent_in_force f JOIN booking b ON b.id = f.booking_id WHERE b.uid = %s'


def name(database, uid):
    return database.rows(WHO, uid)[0][:2]


def hold(visitor, service=patient.SERVICE):
    """Details of another time than the last: the service's last one of its first day."""
    return patient.hold(visitor, service, which=-1)


def again(visitor, about, **changes):
    """Back to the details of a hold, and Continue."""
    return patient.give_details(visitor.open(patient.at('/booking/details', about)), **changes)


def check(visitor, about):
    return visitor.open(patient.at('/booking/check', about))


def confirm(page):
    page = page.form(action='/booking/check').submit()
    assert page.status == 200 and page.h1 == 'You are booked', (page, page.text)
    return page


def run_out(database, about):
    database.rows('UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() - 5 WHERE uid = %s', about)


def post_details(visitor, about, **fields):
    """The form of an old tab, as it was filled in there."""
    page = visitor.open('/bookings')
    csrf = [f for f in page.forms() if 'csrf' in f.names()][0].value('csrf')
    return visitor.post('/booking/details', data=dict(fields, csrf=csrf, idem=secrets.token_urlsafe(18), booking=about))


# --- two holds of one browser --------------------------------------------------------------------


def test_details_come_along_as_a_copy(visitor, database):
    """The first is booked for Ada; the second, which began with her details, is Bob's: hers stays hers."""
    first = patient.give_details(patient.hold(visitor)).about
    page = hold(visitor)
    second = page.about
    assert second != first and page.form(having='family').value('given') == 'Ada', 'nothing is typed twice'
    confirm(check(visitor, first))
    page = patient.give_details(page, email='bob@example.org', **BOB)
    assert database.rows(WHO, first) == (('Ada', 'Lovelace', '1962-12-10', 'ada@example.org', '603-555-0142'),)
    confirm(page)
    assert name(database, second) == ('Bob', 'Byron') and database.value(ROW, first) != database.value(ROW, second)
    assert 'Bob' not in visitor.open(patient.at('/booking', first)).text


def test_insurance_comes_along_as_a_copy(visitor, database):
    first = patient.give_details(patient.hold(visitor), pay='insurance', payer_code='granite-mutual', member_id='GM445566',
                                 relationship='self').about
    page = hold(visitor)
    rows = 'SELECT b.uid, c.id, c.member_id, c.patient_id = b.patient_id FROM booking b JOIN coverage c ON c.id = b.coverage_id WHERE b.uid IN (%s, %s)'
    both = {uid: row for uid, *row in database.rows(rows, first, page.about)}
    assert both[first][0] != both[page.about][0] and all(row[1:] == ['GM445566', 1] for row in both.values()), both
    patient.sign_all(visitor, about=first)
    again(visitor, first, pay='insurance', payer_code='granite-mutual', member_id='GM778899', relationship='self', **BOB)
    after = {uid: row for uid, *row in database.rows(rows, first, page.about)}
    assert after[first][1:] == ['GM778899', 1] and after[page.about] == both[page.about], after
    assert database.value('SELECT COUNT(*) FROM coverage WHERE id = %s', both[first][0]) == 0, 'no row of an insurance that nobody has'


def test_an_old_tab_does_not_rename_who_is_treated(visitor, staff, database):
    """The form of a hold that ran out, sent while the visit that followed it is under way: nothing of that visit changes."""
    old = patient.give_details(patient.hold(visitor)).about
    run_out(database, old)
    page = hold(visitor).form(having='family').submit()
    now = page.about
    patient.sign_all(visitor, about=now)
    confirm(check(visitor, now))
    desk, clinician = staff('front_desk'), staff('clinician')
    form = desk.open('/staff/bookings/' + now).form(action='/check-in')
    desk.post('/staff/bookings/%s/check-in' % now, data=dict(csrf=form.value('csrf'), idem=secrets.token_urlsafe(18), birth_date='1962-12-10',
                                                           early='patient-came'))
    form = clinician.open('/staff/bookings/' + now).form(action='/harvest').fill(volume_ml='20', taken_from='left-arm-vein', side_confirmed='right')
    form.fill(**{name: 'yes' for name in form.names() if name.startswith('said_')}).submit()
    label = '/staff/units/%s/label' % database.value('SELECT u.label FROM unit u JOIN booking b ON b.id = u.booking_id WHERE b.uid = %s', now)
    before = clinician.open(label).text
    assert 'LOVELACE' in before.upper(), before
    assert post_details(visitor, old, **EVIL).status_code == 410
    assert clinician.open(label).text == before
    assert database.rows(WHO, now) == (('Ada', 'Lovelace', '1962-12-10', 'ada@example.org', '603-555-0142'),)
    assert database.value(ROW, now) != database.value(ROW, old) and name(database, old) == ('Eve', 'Evil'), 'kept for the next time'


def test_a_row_that_two_have_is_not_written(visitor, database):
    """As holds of one browser had it before each got a copy."""
    first = patient.give_details(patient.hold(visitor)).about
    second = hold(visitor).about
    database.rows('UPDATE booking b JOIN booking a ON a.uid = %s SET b.patient_id = a.patient_id WHERE b.uid = %s', first, second)
    for about, who in ((first, BOB), (second, dict(phone='603-555-0143'))):
        other = second if about == first else first
        before = database.rows(WHO, other)
        again(visitor, about, **who)
        assert database.rows(WHO, other) == before
    assert name(database, first) == ('Bob', 'Byron') and database.rows(WHO, second)[0][4] == '603-555-0143'


# --- what one person signed ----------------------------------------------------------------------


def test_what_ada_signed_does_not_count_for_bob(visitor, staff, database):
    about = patient.give_details(patient.hold(visitor)).about
    patient.sign_all(visitor, about=about)
    assert database.value(IN_FORCE, about) == 2 and 'Signed by Ada Lovelace' in check(visitor, about).text
    again(visitor, about, **BOB)
    page = check(visitor, about)
    assert 'Signed by' not in page.text and page.text.count('signed with a different name or date of birth, so please sign it again') == 2, page.text
    page = confirm(page)
    assert name(database, about) == ('Bob', 'Byron') and database.value(IN_FORCE, about) == 0 and '2 to sign' in page.text
    assert visitor.open(patient.at('/booking/consent', about)).text.count('different name') == 2
    desk = staff('front_desk')
    form = desk.open('/staff/bookings/' + about).form(action='/check-in')
    said = desk.post('/staff/bookings/%s/check-in' % about, data=dict(csrf=form.value('csrf'), idem=secrets.token_urlsafe(18),
                                                                    birth_date='1960-03-04', early='patient-came'))
    assert said.status_code != 303 and database.value('SELECT status FROM booking WHERE uid = %s', about) == 'booked'
    assert 'It was signed with a different name' in desk.open('/staff/bookings/' + about).text
    # Bob signs, and then it counts; what Ada signed stays on record as hers.
    patient.sign_all(visitor, name='Bob Byron', about=about)
    assert database.value(IN_FORCE, about) == 2
    assert database.rows('SELECT c.signer_name, p.given, COUNT(*) FROM consent c JOIN patient p ON p.id = c.patient_id JOIN booking b ON'
                         ' b.id = c.booking_id WHERE b.uid = %s GROUP BY 1, 2 ORDER BY 1', about) == (('Ada Lovelace', 'Ada', 2),
                                                                                                   ('Bob Byron', 'Bob', 2))


@pytest.mark.parametrize('change, counts', [
    (dict(family='Lovelaces'), 0), (dict(family='LOVELACE'), 0), (dict(birth_date='12/11/1962'), 0),
    (dict(), 2), (dict(phone='603-555-0199', city='Keene', email='new@example.org'), 2)])
def test_what_is_another_name(visitor, database, change, counts):
    """Each correction of a name or a birth date is signed anew; another address is not another person."""
    about = patient.give_details(patient.hold(visitor)).about
    patient.sign_all(visitor, about=about)
    again(visitor, about, **change)
    assert database.value(IN_FORCE, about) == counts
    assert database.rows(WHO, about)[0][1] == change.get('family', 'Lovelace')


def test_to_and_fro(visitor, database):
    """Ada, Bob, and Ada again: whoever is in doubt signs again."""
    about = patient.give_details(patient.hold(visitor)).about
    patient.sign_all(visitor, about=about)
    again(visitor, about, **BOB)
    again(visitor, about)
    assert name(database, about) == ('Ada', 'Lovelace') and database.value(IN_FORCE, about) == 0
    patient.sign_all(visitor, about=about)
    confirm(check(visitor, about))
    assert database.value(IN_FORCE, about) == 2


# --- the desk ------------------------------------------------------------------------------------


def known(desk, visitor, database):
    """A booked visit of somebody, and the details page of a time that the desk keeps for the same person."""
    # Nobody is at two visits at once, and other tests booked for the same person.
    database.rows("UPDATE booking SET status = 'cancelled', hold_expires_at = NULL WHERE status IN ('held', 'booked')")
    database.rows("UPDATE booking SET status = 'completed' WHERE status IN ('arrived', 'in-progress')")
    first = patient.book(visitor, patient.later_day(visitor)).about
    who = database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', first)
    page = times_apart(finder(desk, service='consultation', patient=who), database, 'Lovelace')[-1].submit()
    assert page.path.endswith('/details'), page
    return first, page


def held_uid(page):
    return page.path.split('/')[-2]


def test_the_desk_does_not_rename_a_known_patient(staff, visitor, database):
    desk = staff('front_desk')
    first, page = known(desk, visitor, database)
    before = database.rows(WHO, first)
    assert page.form('/details').value('family') == 'Lovelace' and 'name and date of birth on file cannot be changed here' in page.text
    for who, field in ((BOB, 'birth_date'), (dict(family='Byron'), 'family')):
        said = enter(page, **dict(who, body_site='knee', side='left', city='Typed'))
        assert said.status == 422 and 'This time is held for Ada Lovelace, born December 10, 1962' in said.text, said.text
        assert said.error_for(field) and said.form('/details').value('city') == 'Typed'
        assert said.form('/details').value('family') == 'Byron', 'what was typed is kept'
        assert database.rows(WHO, first) == before
        page = said
    assert database.value(ROW, held_uid(page)) == database.value(ROW, first)
    booked = enter(page, body_site='knee', side='left').form('/book').submit()
    assert booked.status == 200, booked.text
    assert database.value(ROW, held_uid(page)) == database.value(ROW, first), 'one person, one record'


def test_another_phone_number_is_that_bookings(staff, visitor, database):
    desk = staff('front_desk')
    first, page = known(desk, visitor, database)
    before = database.rows(WHO, first)
    enter(page, body_site='knee', side='left', phone='603-555-0188', given='ADA').form('/book').submit()
    assert database.rows(WHO, first) == before
    assert database.rows(WHO, held_uid(page)) == (('Ada', 'Lovelace', '1962-12-10', 'ada@example.org', '603-555-0188'),)
    other = database.value(ROW, held_uid(page))
    assert other != database.value(ROW, first)
    keys = 'SELECT family_key, given_key FROM patient WHERE id = %s'
    assert database.rows(keys, other) == database.rows(keys, database.value(ROW, first)), 'the same person by key'


# --- programs ------------------------------------------------------------------------------------


@pytest.fixture
def agent(server, database):
    with server.machine(token(database, 'system/Appointment.cruds system/Patient.rs'), accept='application/fhir+json') as made:
        yield made


def test_a_program_writes_no_record_of_somebody_known(agent, database):
    def held(n, **more):
        visits = flat(find(agent, service='consultation', _count='30'))
        return entries(post(agent, 'hold', parameters(appointment_reference='Appointment/' + visits[n][0]['id'], **more)).json())[0]
    first = held(0)
    done = post(agent, 'book', parameters(appointment_reference='Appointment/' + first['id'], patient_resource=PATIENT, body_site='knee', side='left'))
    booked = booking_of(entries(done.json())[0])
    before = database.rows(WHO, booked)
    who = database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', booked)
    second = held(5, patient_reference='Patient/' + who)
    other = dict(PATIENT, birthDate='1970-01-01', name=[{'family': 'Evil', 'given': ['Eve']}])
    said = post(agent, 'book', parameters(appointment_reference='Appointment/' + second['id'], patient_resource=other, body_site='knee', side='left'))
    assert said.status_code in (409, 412, 422) and issues(said), said.text
    assert database.rows(WHO, booked) == before and database.rows(WHO, booking_of(second)) == before


# --- SQL with the module's own account -----------------------------------------------------------


def attempt(database, *statements):
    """What the statements, each with its values, come to for the module's account; nothing of it stays."""
    db = database.connect('regen')
    db.autocommit(False)
    try:
        with db.cursor() as c:
            c.execute('SET foreign_key_checks = 0')
            return [c.execute(*s) if isinstance(s, tuple) else c.execute(s) for s in statements][-1]
    except pymysql.MySQLError as refused:
        assert refused.args[0] in (1644, 1142), refused
        return 'refused'
    finally:
        db.rollback()
        db.close()


RENAMES = ("UPDATE patient SET given = 'Eve' WHERE id = %s", "UPDATE patient SET family = 'LOVELACE' WHERE id = %s",
           "UPDATE patient SET birth_date = '1970-01-02' WHERE id = %s")


def test_no_statement_renames_who_was_booked(visitor, server, database):
    booked = database.value(ROW, patient.book(visitor).about)
    with server.visitor() as other:
        held = patient.give_details(hold(other), family='Held').about
        row = database.value(ROW, held)
        for rename in RENAMES:
            assert attempt(database, (rename, (booked,))) == 'refused'
            assert attempt(database, (rename, (row,))) == 1, 'while it is only held, and by nobody else'
        patient.sign_all(other, name='Ada Held', about=held)
        for rename in RENAMES:
            assert attempt(database, (rename, (row,))) == 'refused', 'a consent is signed in that name'
    assert attempt(database, ("UPDATE patient SET phone = '603-555-0111' WHERE id = %s", (booked,))) == 'refused', 'without a row of history'
    assert attempt(database, ("UPDATE patient SET given = given, family_key = 'x' WHERE id = %s", (booked,))) == 1


def test_no_statement_renames_by_a_second_hold(visitor, database):
    first = patient.give_details(patient.hold(visitor)).about
    row, second = database.value(ROW, first), hold(visitor).about
    share = ('UPDATE booking SET patient_id = %s, coverage_id = NULL WHERE uid = %s', (row, second))
    for rename in RENAMES:
        assert attempt(database, (rename, (row,))) == 1
        assert attempt(database, share, (rename, (row,))) == 'refused'


def test_no_statement_gives_a_booking_to_another(visitor, database):
    booked = patient.book(visitor).about
    held = patient.give_details(hold(visitor), **BOB).about
    give = 'UPDATE booking SET patient_id = %s WHERE uid = %s'
    assert attempt(database, (give, (database.value(ROW, held), booked))) == 'refused'
    assert attempt(database, ("UPDATE booking SET status = 'held', hold_expires_at = 0 WHERE uid = %s", (booked,)), (give, (database.value(ROW, held), booked))) == 'refused'
    assert attempt(database, ("UPDATE booking SET status = 'booked', patient_id = %s WHERE uid = %s", (database.value(ROW, booked), held))) == 'refused'


def test_no_statement_signs_for_another(visitor, database):
    booked = patient.book(visitor).about
    held = patient.give_details(hold(visitor), **BOB).about
    copy = ("INSERT INTO consent (uid, booking_id, patient_id, form_version_id, body_site, laterality, text, text_sha256, signer_name, signed_at,"
            " expires_at) SELECT CONCAT('0000000000000000000000000', form_version_id), c.booking_id, %s, form_version_id, c.body_site, c.laterality,"
            " text, text_sha256, signer_name, signed_at, expires_at FROM consent c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s")
    assert attempt(database, (copy, (database.value(ROW, held), booked))) == 'refused'
    assert attempt(database, (copy, (database.value(ROW, booked), booked))) == 2
