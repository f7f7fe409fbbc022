# SPDX-License-Identifier: Apache-2.0
"""Nobody answers questions that they were not shown, and what is typed belongs to who typed it: a version that is published while somebody answers
is told, keeps what was typed for questions that are the same, and stores nothing; the patient's draft is not the clerk's."""
import hashlib
import json

import pytest

import patient
from dayfill import DayFill
from test_screening import DAY, FINE, MEDICINES, answer, asked, at_desk, ident, request, sent, state  # noqa: F401


@pytest.fixture
def day(database):
    return DayFill(database)


@pytest.fixture
def desk(staff):
    return staff('front_desk')


def items(node):
    for one in node.get('item', []):
        yield one
        yield from items(one)


def publish(database, change):
    """The next version of the screening: CHANGE is given the file's object."""
    number, version, title, body = database.rows('SELECT questionnaire_id, version, title, body FROM questionnaire_version WHERE questionnaire_id = 1'
                                                 ' ORDER BY version DESC LIMIT 1')[0]
    file = json.loads(body)
    change(file)
    text = json.dumps(file)
    database.rows('INSERT INTO questionnaire_version (questionnaire_id, version, title, body, sha256, published_at) VALUES (%s, %s, %s, %s, %s, 1)',
                  number, version + 1, title, text, hashlib.sha256(text.encode()).digest())
    return version + 1


def reword(link, text):
    def change(file):
        one, = [i for i in items(file.get('questionnaire', file)) if i.get('linkId') == link]
        one['text'] = text
    return change


def responses(database, uid):
    return database.rows('SELECT r.answered_by, v.version FROM questionnaire_response r JOIN questionnaire_version v ON v.id = r.version_id'
                         ' WHERE r.booking_id = %s ORDER BY r.id', ident(database, uid))


def test_what_is_sent_is_what_was_shown(visitor, desk, database):
    """The patient checks their answers; meanwhile the desk takes others by phone. Nobody signs for what they did not read."""
    patient.book(visitor)
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    page = visitor.open('/booking/questions/%d' % request(database, uid))
    for fields in ({**FINE, 'q.infection': 'true'}, MEDICINES, DAY):
        page = sent(page, fields)
    assert page.h1 == 'Check your answers'
    answer(desk, at_desk(uid, database, '?page=1'))
    assert responses(database, uid) == (('staff', 1),)
    # A draft counts when it was typed in the second of the last answers, or later; this one was typed before.
    database.rows('UPDATE questionnaire_draft SET saved_at = saved_at - 1000000')
    again = page.form(action='/questions/').fill(who='patient').submit()
    assert again.status == 409 and 'Other answers were entered' in again.text and again.h1 == 'Check your answers'
    assert responses(database, uid) == (('staff', 1),), 'nothing is stored in their name'
    # Read, they may be sent; and the other way round a clerk is told.
    other = desk.open(at_desk(uid, database, '?page=4'))
    assert again.form(action='/questions/').fill(who='patient').submit().status == 200
    assert responses(database, uid)[-1][0] == 'patient'
    page = sent(visitor.open('/booking/questions/%d?page=1' % request(database, uid)), {**FINE, 'q.anemia': 'true'})
    for fields in (MEDICINES, DAY):
        page = sent(page, fields)
    assert page.form(action='/questions/').fill(who='patient').submit().status == 200
    count = len(responses(database, uid))
    assert other.form(action='/questions/').submit().status == 409 and len(responses(database, uid)) == count


def test_published_between_two_pages(visitor, database):
    patient.book(visitor)
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    page = sent(visitor.open('/booking/questions/%d' % request(database, uid)), FINE)
    assert 'Step 2 of 4' in page.text
    new = publish(database, reword('anemia', 'Did anybody tell you in the last year that your blood is thin?'))
    page = sent(page, {**MEDICINES, 'q.thinner': ['aspirin']})
    assert page.status == 409 and 'The clinic changed these questions since you opened the page' in page.text
    assert 'Step 1 of 4' in page.text and 'in the last year that your blood is thin' in page.text
    form = page.form(having='seen')
    assert form.value('q.clotting') == 'false', 'the same question keeps its answer'
    assert form.value('q.anemia') in (None, ''), 'another question has none yet'
    page = sent(page, {'q.anemia': 'false'})
    assert page.status == 200 and page.form(having='seen').value('q.thinner') == 'aspirin', 'what was typed on the page that was open, too'
    page = sent(sent(page, {}), DAY)
    assert page.h1 == 'Check your answers' and page.form(action='/questions/').submit().status == 200
    assert responses(database, uid) == (('patient', new),)


def test_published_before_the_answers_are_sent(visitor, database):
    patient.book(visitor)
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    page = visitor.open('/booking/questions/%d' % request(database, uid))
    for fields in (FINE, MEDICINES, DAY):
        page = sent(page, fields)
    form = page.form(action='/questions/')
    publish(database, reword('infection', 'Do you have an infection, also a small one?'))
    page = form.submit()
    assert page.status == 409 and 'nothing was sent' in page.text and 'also a small one' in page.text
    assert responses(database, uid) == () and state(database, uid) == 'missing'
    # Also whoever comes back another day, and no form of an unknown version is taken.
    again = visitor.open('/booking/questions/%d?page=1' % request(database, uid))
    assert again.form(having='seen').value('q.infection') in (None, '')
    for version in ('', '999', 'x'):
        page = visitor.open(again.url).form(having='seen').fill(version=version).submit()
        assert page.status == 409, version
    assert responses(database, uid) == ()


def test_answers_of_an_earlier_version_are_corrected_in_the_new_one(visitor, database):
    patient.book(visitor)
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    start = '/booking/questions/%d' % request(database, uid)
    answer(visitor, start)
    old = database.value('SELECT MAX(version) FROM questionnaire_version WHERE questionnaire_id = 1')
    publish(database, reword('cancer', 'Did you have cancer at any time?'))
    assert 'Did you have cancer at any time?' not in visitor.open(start).text, 'what was answered is read as it was asked'
    page = visitor.open(start + '?page=1')
    assert 'The clinic changed these questions since they were last answered' in page.text
    assert page.form(having='seen').value('q.cancer') in (None, '') and page.form(having='seen').value('q.infection') == 'false'
    answer(visitor, start + '?page=1')
    assert responses(database, uid) == (('patient', old), ('patient', old + 1))


def test_a_draft_is_whose_it_is(visitor, desk, staff, database):
    patient.book(visitor)
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    start = '/booking/questions/%d' % request(database, uid)
    sent(visitor.open(start), {**FINE, 'q.cancer': 'true'})
    sent(visitor.open(start + '?page=1'), {'q.cancer-which': 'Skin, 2019'})
    form = desk.open(at_desk(uid, database, '?page=1')).form(having='seen')
    assert form.value('q.clotting') in (None, '') and 'Skin, 2019' not in desk.open(at_desk(uid, database, '?page=1')).text
    sent(desk.open(at_desk(uid, database, '?page=1')), {**FINE, 'q.clotting': 'true'})
    assert visitor.open(start + '?page=1').form(having='seen').value('q.clotting') == 'false', 'nor the clerk\'s as the patient\'s'
    assert visitor.open('/booking').text.count('Go on with') == 1
    other = staff('clinician').open(at_desk(uid, database, '?page=1')).form(having='seen')
    assert other.value('q.clotting') in (None, ''), 'nor one clerk\'s as another\'s'
    # The clerk sends: who answered is true, and the patient goes on from what the clinic has now.
    answer(desk, at_desk(uid, database, '?page=1'))
    assert responses(database, uid)[0][0] == 'staff'
    assert database.rows('SELECT writer FROM questionnaire_draft WHERE request_id = %s', request(database, uid)) == ((0,),)
    database.rows('UPDATE questionnaire_draft SET saved_at = saved_at - 60 WHERE request_id = %s', request(database, uid))
    page = visitor.open(start + '?page=1')
    assert page.form(having='seen').value('q.cancer') == 'false', 'an older draft does not come back over answers that were sent'
