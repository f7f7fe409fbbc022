# SPDX-License-Identifier: Apache-2.0
"""Questions before a visit: whoever books gets them, by whichever way; answered page by page on a phone, nothing typed is lost, corrected by adding; a stop
or a missing answer stands against the visit until somebody who may decides. Attacked through the pages and SQL."""
import secrets
import threading
import urllib.parse

import pymysql
import pytest

import env
import patient
from dayfill import BORN, DayFill, now

FINE = {'q.clotting': 'false', 'q.infection': 'false', 'q.cancer': 'false', 'q.anemia': 'false', 'q.pregnant': 'no'}
MEDICINES = {'q.thinner': ['none'], 'q.nsaid': 'false', 'q.steroid': 'false', 'q.immune': 'false', 'q.allergy': 'false'}
DAY = {'q.weight': '160', 'q.escort': 'true', 'q.else': ''}
RESPONSES = 'SELECT turn, result, answered_by, answerer, staff_id, replaces_id FROM questionnaire_response WHERE booking_id = %s ORDER BY id'


@pytest.fixture(autouse=True)
def asked(database):
    """The sample's other treatment asks, too, and refuses the check-in."""
    database.rows("INSERT IGNORE INTO service_screening SELECT id, 1, 1, 'refuse' FROM service WHERE code = 'prp-tendon'")


@pytest.fixture
def day(database):
    return DayFill(database)


@pytest.fixture
def desk(staff):
    return staff('front_desk')


@pytest.fixture
def clinician(staff):
    return staff('clinician')


def ident(database, uid):
    return database.value('SELECT id FROM booking WHERE uid = %s', uid)


def request(database, uid):
    return database.value('SELECT q.id FROM questionnaire_request q JOIN booking b ON b.id = q.booking_id WHERE b.uid = %s', uid)


def state(database, uid):
    return database.value('SELECT s.state FROM screening_state s JOIN booking b ON b.id = s.booking_id WHERE b.uid = %s', uid)


def sent(page, fields):
    """The page's questions answered and sent; the page that comes. A list: what is checked."""
    many = {name: value for name, value in fields.items() if isinstance(value, list)}
    form = page.form(having='seen').fill(**{name: value for name, value in fields.items() if name not in many})
    pairs = [p for p in form.pairs() if p[0] not in many] + [(name, one) for name, value in many.items() for one in value]
    return page.visitor.open(form.action, method='POST', content=urllib.parse.urlencode(pairs).encode(), headers={
        'Content-Type': 'application/x-www-form-urlencoded', 'Referer': page.url, 'Origin': env.origin_of(page.url)})


def answer(visitor, start, pages=(FINE, MEDICINES, DAY), **who):
    """All pages from START on, and the answers sent; the last page."""
    page = visitor.open(start)
    for fields in pages:
        page = sent(page, fields)
        assert page.status == 200, page
    assert page.h1 in ('Check your answers', 'Check the answers'), page
    form = page.form(action='/questions/')
    return form.fill(**who).submit() if who else form.submit()


def tried(visitor, uid):
    return visitor.open('/staff/bookings/' + uid).form(action='/check-in').fill(birth_date=BORN).submit()


def at_desk(uid, database, more=''):
    return '/staff/bookings/%s/questions/%d%s' % (uid, request(database, uid), more)


def decide(visitor, database, uid, decision, note='Talked about it'):
    return visitor.open(at_desk(uid, database)).form(action='/decide').fill(decision=decision, note=note).submit()


def test_a_patient_answers_page_by_page(visitor, database):
    patient.book(visitor)
    page = visitor.open('/booking')
    assert 'Before your visit: some questions' in page.text
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    page = page.click('Answer “Before bone marrow is drawn”')
    assert page.status == 200 and 'Step 1 of 4' in page.text and 'about three minutes' in page.text
    # Nothing answered: every question says so, and the first is where the summary leads.
    page = sent(page, {})
    assert page.status == 422 and page.title.startswith('Error:') and 'Answer this question.' in page.error_for('q.clotting')
    said = next(a for a in page.css('.summary a') if a.get('href') == '#q.clotting').text_content()
    legend = page.css('fieldset.wrong legend')[0].text_content().strip()
    assert said.startswith('“' + legend[:40]) and said.endswith(': Answer this question.'), 'the summary says which question'
    assert legend[:40] not in page.error_for('q.clotting'), 'beside it, it is not said again'
    # An answer that leads to another question shows it, and keeps what was chosen.
    page = sent(page, {**FINE, 'q.cancer': 'true'})
    assert page.status == 200 and 'Which one, and when?' in page.text and page.form(having='seen').value('q.anemia') == 'false'
    page = sent(page, {'q.cancer-which': ''})
    assert page.status == 422 and page.error_for('q.cancer-which') and not page.error_for('q.clotting')
    page = sent(page, {'q.cancer-which': 'Breast, <b>2011</b> & "fine"'})
    assert 'Step 2 of 4' in page.text
    # A phone that was put away goes on where it was, also in another tab.
    page = visitor.open('/booking').click('Go on with “Before bone marrow is drawn”')
    assert page.form(having='seen').value('q.cancer-which') == 'Breast, <b>2011</b> & "fine"'
    page = sent(sent(page, {}), {**MEDICINES, 'q.thinner': ['aspirin', 'clopidogrel']})
    page = sent(page, {**DAY, 'q.weight': '12'})
    assert page.status == 422 and 'Enter a whole number from 50 to 900.' in page.error_for('q.weight') and page.form(having='seen').value('q.weight') == '12'
    page = sent(page, DAY)
    assert page.h1 == 'Check your answers' and 'Aspirin' in page.text and 'Breast, <b>2011</b> & "fine"' in page.text
    assert state(database, uid) == 'missing'
    page = page.form(action='/questions/').submit()
    assert page.status == 200 and 'We look at your answers' in page.text and 'Keep taking them' in page.text
    assert database.rows(RESPONSES, ident(database, uid)) == ((0, 'review', 'patient', '', None, None),)
    assert database.value('SELECT COUNT(*) FROM questionnaire_draft WHERE request_id = %s', request(database, uid)) == 0
    detail = database.value("SELECT detail FROM audit_event WHERE action = 'questionnaire.answer' ORDER BY id DESC LIMIT 1")
    assert detail == 'booking:%d marrow-screening version:1 review by:patient' % ident(database, uid)


def test_a_correction_is_a_new_response(visitor, database):
    patient.book(visitor)
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    start = '/booking/questions/%d' % request(database, uid)
    page = answer(visitor, start, pages=({**FINE, 'q.infection': 'true'}, MEDICINES, DAY))
    assert 'Please call us before you come' in page.text and page.css('a[href^="tel:"]')
    assert 'please call us before you come' in visitor.open('/booking').text
    page = page.click('Change my answers')
    assert page.form(having='seen').value('q.infection') == 'true'
    page = answer(visitor, start + '?page=1', who='representative')
    assert page.status == 422 and page.error_for('answerer')
    page = page.form(action='/questions/').fill(answerer='Maud Lovelace').submit()
    assert page.status == 200 and 'Please call us before you come' in page.text and 'Maud Lovelace' in page.text
    rows = database.rows(RESPONSES, ident(database, uid))
    first = database.value('SELECT MIN(id) FROM questionnaire_response WHERE booking_id = %s', ident(database, uid))
    assert rows == ((0, 'stop', 'patient', '', None, None), (1, 'ok', 'representative', 'Maud Lovelace', None, first))
    assert state(database, uid) == 'stop', 'a stop is lifted by a clinician alone'


def test_the_check_in_waits_for_answers(desk, database, day):
    uid = day.book('prp-tendon', 'elbow')
    page = tried(desk, uid)
    assert page.status == 409 and '“Before bone marrow is drawn”: not answered' in page.text and day.status(uid) == 'booked'
    page = answer(desk, at_desk(uid, database, '?page=1'))
    assert page.status == 200 and 'who typed what the patient said' in page.text
    who = database.value('SELECT id FROM staff WHERE login = %s', desk_login(database))
    assert database.rows(RESPONSES, ident(database, uid)) == ((0, 'ok', 'staff', '', who, None),)
    assert tried(desk, uid).status == 200 and day.status(uid) == 'arrived'


def desk_login(database):
    return database.value("SELECT s.login FROM staff s JOIN questionnaire_response r ON r.staff_id = s.id ORDER BY r.id DESC LIMIT 1")


def test_a_clinician_decides_and_decides_again(desk, clinician, database, day):
    uid = day.book('prp-tendon', 'elbow', family='Reviewed')
    answer(desk, at_desk(uid, database, '?page=1'), pages=({**FINE, 'q.anemia': 'true'}, MEDICINES, DAY))
    assert 'a clinician must look at the answers' in tried(desk, uid).text
    page = clinician.open('/staff/reviews')
    assert 'Ann Reviewed' in page.text
    # The front desk can let the visit go on without, and cannot decide about answers.
    assert desk.open(at_desk(uid, database)).form(action='/decide').options('decision') == ['override']
    page = decide(clinician, database, uid, 'stop', '')
    assert page.status == 422 and page.error_for('note')
    assert decide(clinician, database, uid, 'stop', 'Hemoglobin first').status == 200 and state(database, uid) == 'stop'
    assert not [f for f in desk.open(at_desk(uid, database)).forms() if f.action.endswith('/decide')]
    assert '“Before bone marrow is drawn”: stopped' in tried(desk, uid).text
    assert decide(clinician, database, uid, 'ok', 'Hemoglobin 13').status == 200 and state(database, uid) == 'ok'
    assert 'Ann Reviewed' not in clinician.open('/staff/reviews').text
    assert tried(desk, uid).status == 200
    rows = database.rows('SELECT turn, decision, note FROM questionnaire_decision WHERE request_id = %s ORDER BY turn', request(database, uid))
    assert rows == ((0, 'stop', 'Hemoglobin first'), (1, 'ok', 'Hemoglobin 13'))
    assert 'Hemoglobin 13' in clinician.open('/staff/bookings/' + uid).text


def test_staff_let_a_visit_go_on_without(desk, database, day):
    uid = day.book('prp-tendon', 'elbow')
    assert decide(desk, database, uid, 'override', 'Cannot see the screen; asked by the doctor').status == 200
    assert state(database, uid) == 'override' and tried(desk, uid).status == 200
    assert database.value("SELECT detail FROM audit_event WHERE action = 'questionnaire.decide' AND entity_id = %s", ident(database, uid)) == 'marrow-screening override'


def test_a_decision_is_about_the_answers_that_were_read(desk, clinician, database, day):
    uid = day.book('prp-tendon', 'elbow')
    answer(desk, at_desk(uid, database, '?page=1'), pages=({**FINE, 'q.anemia': 'true'}, MEDICINES, DAY))
    form = clinician.open(at_desk(uid, database)).form(action='/decide').fill(decision='ok', note='Fine')
    answer(desk, at_desk(uid, database, '?page=1'), pages=({**FINE, 'q.infection': 'true'}, MEDICINES, DAY))
    page = form.submit()
    assert page.status == 409 and 'There are other answers since you opened this page' in page.text and state(database, uid) == 'stop'
    # A decision does not outlive the answers it was about.
    assert decide(clinician, database, uid, 'ok', 'It is a scratch').status == 200 and state(database, uid) == 'ok'
    answer(desk, at_desk(uid, database, '?page=1'), pages=({**FINE, 'q.clotting': 'true'}, MEDICINES, DAY))
    assert state(database, uid) == 'stop'


def test_a_service_may_only_warn_and_a_stop_still_stops(desk, clinician, database, day):
    """The sample's marrow warns at the check-in; nobody is harvested in spite of a stop."""
    uid = day.book()
    assert tried(desk, uid).status == 200, 'not answered: said, and no more'
    answer(desk, at_desk(uid, database, '?page=1'), pages=({**FINE, 'q.infection': 'true'}, MEDICINES, DAY))
    form = clinician.open('/staff/bookings/' + uid).form(action='/harvest').fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
    form.fill(**{name: 'yes' for name in form.names() if name.startswith('said_')})
    page = form.submit()
    assert page.status == 409 and '“Before bone marrow is drawn”: stopped' in page.text and day.label(uid) is None
    assert decide(clinician, database, uid, 'ok', 'Seen: no infection').status == 200
    form = clinician.open('/staff/bookings/' + uid).form(action='/harvest').fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
    form.fill(**{name: 'yes' for name in form.names() if name.startswith('said_')})
    assert form.submit().status == 200 and day.label(uid)
    # Once it began, answers are closed.
    assert 'Answer with the patient' not in desk.open(at_desk(uid, database)).text
    page = desk.open(at_desk(uid, database, '?page=1'))
    assert page.path.endswith('/questions/%d' % request(database, uid))


def test_nobody_elses_questions(visitor, server, database, desk):
    patient.book(visitor)
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    mine = request(database, uid)
    with server.visitor() as other:
        patient.book(other)
        uid2 = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
        assert other.open('/booking/questions/%d' % mine).status == 404
        assert other.open('/booking/questions/%d?booking=%s' % (mine, uid)).status == 404
        page = other.open('/booking/questions/%d' % request(database, uid2))
        form = page.form(having='seen')
        form.action = form.action.replace('/questions/%d' % request(database, uid2), '/questions/%d' % mine)
        assert form.submit().status == 404
    assert desk.open('/staff/bookings/%s/questions/%d' % (uid2, mine)).status == 404
    assert desk.open('/staff/bookings/%s/questions/x' % uid2).status == 404
    with server.visitor() as clerk:
        clerk.login(server.sample['billing_login'], server.sample['billing_password'])
        assert clerk.open('/staff/bookings/%s/questions/%d' % (uid, mine)).status == 403
        assert clerk.open('/staff/reviews').status == 403


def test_every_way_to_book_asks(database, day, desk):
    """Also a booking that comes back, once; and a service that asks later asks only new ones."""
    database.rows("DELETE FROM service_screening WHERE service_id = (SELECT id FROM service WHERE code = 'consultation')")
    before = day.book('consultation')
    assert request(database, before) is None
    held = day.book('consultation', status='held', hold_until=now() + 600)
    database.rows("INSERT INTO service_screening SELECT id, 1, 1, 'warn' FROM service WHERE code = 'consultation'")
    assert request(database, held) is None
    database.rows("UPDATE booking SET status = 'booked', hold_expires_at = NULL WHERE uid = %s", held)
    assert request(database, held)
    after = day.book('consultation')
    assert request(database, after) and request(database, before) is None
    database.rows("DELETE FROM service_screening WHERE service_id = (SELECT id FROM service WHERE code = 'consultation')")
    assert request(database, after), 'bookings keep what they were asked'


@pytest.fixture
def answered(database, day, desk):
    uid = day.book('prp-tendon', 'elbow')
    answer(desk, at_desk(uid, database, '?page=1'), pages=({**FINE, 'q.infection': 'true'}, MEDICINES, DAY))
    return uid


ADD = ("INSERT INTO questionnaire_response (uid, request_id, booking_id, patient_id, version_id, answers, sha256, result, answered_by, answerer, answered_at, staff_id)"
       " SELECT '{uid}', q.id, {booking}, q.patient_id, {version}, '[]', UNHEX(SHA2('{text}', 256)), 'ok', '{by}', '', 1, {staff} FROM questionnaire_request q WHERE q.id = {request}")
DECIDE = "INSERT INTO questionnaire_decision (request_id, response_id, decision, note, at, staff_id) SELECT {request}, {response}, '{decision}', '{note}', 1, id FROM staff WHERE login = '{login}'"
SOUND = dict(version=1, text='[]', by='patient', staff='NULL')
ATTACKS = {
    'answers that change': "UPDATE questionnaire_response SET answers = '[]' WHERE request_id = {request}",
    'a result that changes': "UPDATE questionnaire_response SET result = 'ok' WHERE request_id = {request}",
    'answers that go': 'DELETE FROM questionnaire_response WHERE request_id = {request}',
    'a question that goes': 'DELETE FROM questionnaire_request WHERE id = {request}',
    'a question that only warns': "UPDATE questionnaire_request SET check_in = 'warn' WHERE id = {request}",
    'a check-in': "INSERT INTO step_event (booking_id, kind, at, recorded_at, late_reason, staff_id) VALUES ({booking}, 'check-in', UNIX_TIMESTAMP(), UNIX_TIMESTAMP(), '', 1)",
    'another digest': ADD.format_map({**{k: '{%s}' % k for k in ('uid', 'booking', 'request')}, **SOUND, 'text': 'x'}),
    'of another booking': ADD.format_map({**{k: '{%s}' % k for k in ('uid', 'request')}, **SOUND, 'booking': '{other}'}),
    'of another questionnaire': ADD.format_map({**{k: '{%s}' % k for k in ('uid', 'booking', 'request')}, **SOUND, 'version': 2}),
    'by staff without a name': ADD.format_map({**{k: '{%s}' % k for k in ('uid', 'booking', 'request')}, **SOUND, 'by': 'staff'}),
    'by a representative without a name': ADD.format_map({**{k: '{%s}' % k for k in ('uid', 'booking', 'request')}, **SOUND, 'by': 'representative'}),
    'by the patient with a login': ADD.format_map({**{k: '{%s}' % k for k in ('uid', 'booking', 'request')}, **SOUND, 'staff': 1}),
    'a stop overridden': DECIDE.format_map({'request': '{request}', 'response': '{response}', 'decision': 'override', 'note': 'x', 'login': '{clinician}'}),
    'a stop lifted by the desk': DECIDE.format_map({'request': '{request}', 'response': '{response}', 'decision': 'ok', 'note': 'x', 'login': '{desk}'}),
    'decided without a word': DECIDE.format_map({'request': '{request}', 'response': '{response}', 'decision': 'ok', 'note': '', 'login': '{clinician}'}),
    'decided about nothing': DECIDE.format_map({'request': '{request}', 'response': 'NULL', 'decision': 'ok', 'note': 'x', 'login': '{clinician}'}),
    'a decision that changes': "UPDATE questionnaire_decision SET decision = 'ok'",
    'a decision that goes': 'DELETE FROM questionnaire_decision',
    'closed before the visit is over': DECIDE.format_map({'request': '{request}', 'response': '{response}', 'decision': 'closed', 'note': 'x', 'login': '{clinician}'}),
    'a review that is taken off': 'DELETE FROM questionnaire_review WHERE request_id = {request}',
    'a review that is made up': 'INSERT INTO questionnaire_review VALUES ({request} + 1000)',
}
# What the database says, so that each is refused for its own reason.
SAYS = {
    'answers that change': 'denied',
    'a result that changes': 'denied',
    'answers that go': 'denied',
    'a question that goes': 'denied',
    'a question that only warns': 'denied',
    'a check-in': 'the screening of this visit is not in order',
    'another digest': 'a response has the digest of its answers',
    'of another booking': 'a response answers its own request',
    'of another questionnaire': 'a response answers its own request',
    'by staff without a name': 'response_is_somebodys',
    'by a representative without a name': 'response_is_somebodys',
    'by the patient with a login': 'response_is_somebodys',
    'a stop overridden': "a stop is lifted by a clinician's decision, not overridden",
    'a stop lifted by the desk': 'a clinician decides about answers',
    'decided without a word': 'decision_is_said',
    'decided about nothing': 'a decision is about the last answers of its request',
    'a decision that changes': 'denied',
    'a decision that goes': 'denied',
    'closed before the visit is over': 'answers that wait are closed once the visit is over',
    'a review that is taken off': 'denied',
    'a review that is made up': 'denied',
}


@pytest.mark.parametrize('way', ATTACKS)
def test_sql_refuses(answered, database, day, sample, clinician, way):
    """By the module's own account, with keys off (what only a CHECK says is tried with checks on)."""
    if 'decision that' in way:
        assert decide(clinician, database, answered, 'stop', 'To have one').status == 200
    names = dict(uid='1' + secrets.token_hex(12)[:25].lower().replace('e', '0').zfill(25), request=request(database, answered), booking=ident(database, answered),
                 other=ident(database, day.book('consultation')), clinician=sample['clinician_login'], desk=sample['front_desk_login'],
                 response=database.value('SELECT MAX(id) FROM questionnaire_response'))
    kept = ('questionnaire_request', 'questionnaire_response', 'questionnaire_decision', 'questionnaire_review', 'step_event')
    before = [database.rows('SELECT * FROM %s ORDER BY 1' % t) for t in kept]
    connection = database.connect(user='regen')
    try:
        with connection.cursor() as c:
            c.execute('SET foreign_key_checks = 0, unique_checks = 0')
            with pytest.raises(pymysql.MySQLError, match=SAYS[way]):
                c.execute(ATTACKS[way].format(**names))
    finally:
        connection.close()
    assert [database.rows('SELECT * FROM %s ORDER BY 1' % t) for t in kept] == before


def test_the_same_answers_sound_are_taken(answered, database):
    """What the attacks change is what is refused."""
    connection = database.connect(user='regen')
    with connection.cursor() as c:
        c.execute(ADD.format(uid='1' + '0' * 20 + secrets.token_hex(2) + '0', request=request(database, answered), booking=ident(database, answered), **SOUND))
    connection.close()
    assert state(database, answered) == 'stop', 'lifted by a clinician alone'
    assert database.value('SELECT MAX(turn) FROM questionnaire_response WHERE request_id = %s', request(database, answered)) == 1


@pytest.mark.expects_log('RG03004')
def test_changed_answers_are_not_shown(answered, database, desk):
    """The owner of the tables changed them: the page refuses what does not fit its digest."""
    text = database.value('SELECT trigger_name FROM information_schema.triggers WHERE trigger_name = "response_keeps" AND trigger_schema = DATABASE()')
    assert text
    database.rows('DROP TRIGGER response_keeps')
    try:
        database.rows("UPDATE questionnaire_response SET answers = REPLACE(answers, 'true', 'false') WHERE request_id = %s", request(database, answered))
        assert desk.open(at_desk(answered, database)).status == 500
    finally:
        database.rows("UPDATE questionnaire_response SET answers = '[]', sha256 = UNHEX(SHA2('[]', 256)) WHERE request_id = %s", request(database, answered))
        database.rows("CREATE TRIGGER response_keeps BEFORE UPDATE ON questionnaire_response FOR EACH ROW SIGNAL SQLSTATE '45000'"
                      " SET MESSAGE_TEXT = 'answers never change; answer again'")


def test_many_windows_answer_at_once(answered, database, server, desk):
    """Two windows send at the same time: both are kept, one after the other."""
    pages = []
    for fields in (FINE, {**FINE, 'q.clotting': 'true'}):
        page = desk.open(at_desk(answered, database, '?page=1'))
        for f in (fields, MEDICINES, DAY):
            page = sent(page, f)
        pages.append(page.form(action='/questions/'))
    done = []
    threads = [threading.Thread(target=lambda f=f: done.append(f.submit().status)) for f in pages]
    [t.start() for t in threads]
    [t.join() for t in threads]
    turns = [t for t, in database.rows('SELECT turn FROM questionnaire_response WHERE request_id = %s ORDER BY turn', request(database, answered))]
    assert turns == list(range(len(turns))) and len(turns) == 1 + done.count(200) and set(done) <= {200, 409}


def test_a_service_asks_what_is_published(staff):
    admin = staff('admin')
    page = admin.open('/staff/admin/services/consultation')
    page = page.form(having='name').submit('Add a screening')
    form = page.form(having='name').fill(**{'screenings[0].questionnaire': 'never-published'})
    page = form.submit('Save')
    assert page.status == 422 and 'There is no published questionnaire "never-published".' in page.text
    page = page.form(having='name').fill(**{'screenings[0].questionnaire': 'pain'}).submit('Save')
    assert page.status == 200, page.text
    page = admin.open('/staff/admin/services/consultation')
    assert page.form(having='name').value('screenings[0].questionnaire') == 'pain'
    page = page.form(having='name').submit('Remove screening 1')
    assert page.form(having='name').submit('Save').status == 200
