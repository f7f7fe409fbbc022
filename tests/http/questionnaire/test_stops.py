# SPDX-License-Identifier: Apache-2.0
"""A stop follows the person: the next visit that asks the same is stopped, however it was booked, until a clinician decides; what waits for a
clinician stays on the list until it is decided or closed, also when the desk lets the visit go on or the visit is over."""
import pymysql
import pytest

import patient
from dayfill import DayFill
from test_screening import (DAY, DECIDE, FINE, MEDICINES, answer, asked, at_desk, decide, ident, request, state, tried)  # noqa: F401

STOPS = ({**FINE, 'q.infection': 'true'}, MEDICINES, DAY)
REVIEWS = ({**FINE, 'q.anemia': 'true'}, MEDICINES, DAY)


@pytest.fixture
def day(database):
    return DayFill(database)


@pytest.fixture
def desk(staff):
    return staff('front_desk')


@pytest.fixture
def clinician(staff):
    return staff('clinician')


def ended(database, uid, status='cancelled'):
    database.rows('UPDATE booking SET status = %s WHERE uid = %s', status, uid)


def test_the_next_visit_is_stopped(desk, clinician, database, day):
    first = day.book('prp-tendon', 'elbow')
    answer(desk, at_desk(first, database, '?page=1'), pages=STOPS)
    ended(database, first)
    second = day.book('prp-tendon', 'elbow', of=first)
    assert state(database, second) == 'stop'
    assert '“Before bone marrow is drawn”: stopped' in tried(desk, second).text
    page = desk.open(at_desk(second, database))
    assert 'Stopped for another visit' in page.text and not [f for f in page.forms() if f.action.endswith('/decide')], 'the desk does not lift it'
    assert 'Stopped for another visit' in clinician.open('/staff/bookings/' + second).text
    # Better answers do not lift it, a clinician does.
    answer(desk, at_desk(second, database, '?page=1'))
    assert state(database, second) == 'stop' and '“Before bone marrow is drawn”: stopped' in tried(desk, second).text
    assert decide(clinician, database, second, 'ok', 'The infection has healed').status == 200
    assert state(database, second) == 'ok' and tried(desk, second).status == 200
    assert state(database, day.book('prp-tendon', 'elbow', of=first)) == 'missing', 'decided once, for what comes, too'


def test_an_ok_lifts_the_stop_that_was_shown(desk, clinician, database, day):
    """One that comes while the clinician reads, and a second one beside it, stay until they are shown."""
    first = day.book('prp-tendon', 'elbow', family='Several')
    answer(desk, at_desk(first, database, '?page=1'), pages=STOPS)
    second, third = day.book('prp-tendon', 'elbow', of=first), day.book('prp-tendon', 'elbow', of=first)
    form = clinician.open(at_desk(second, database)).form(action='/decide').fill(decision='ok', note='Healed')
    answer(desk, at_desk(third, database, '?page=1'), pages=STOPS)
    page = form.submit()
    assert page.status == 409 and 'another visit of this patient changed' in page.text and state(database, second) == 'stop'
    assert decide(clinician, database, second, 'ok', 'Healed').status == 200
    assert state(database, second) == 'stop', 'the other one is shown now'
    assert decide(clinician, database, second, 'ok', 'Both healed').status == 200
    assert state(database, second) == 'missing'


def test_lifted_before_it_is_answered(desk, clinician, database, day):
    """The questions are still asked."""
    first = day.book('prp-tendon', 'elbow', family='Early')
    answer(desk, at_desk(first, database, '?page=1'), pages=STOPS)
    second = day.book('prp-tendon', 'elbow', of=first)
    assert 'Ann Early' in clinician.open('/staff/reviews').text
    page = clinician.open(at_desk(second, database))
    assert page.form(action='/decide').options('decision') == ['ok']
    assert decide(clinician, database, second, 'ok', 'Seen, healed').status == 200
    assert state(database, second) == 'missing' and state(database, first) == 'stop', 'its own answers are decided there'
    answer(desk, at_desk(second, database, '?page=1'))
    assert state(database, second) == 'ok'


def test_a_stop_by_a_clinician_and_one_that_comes_later(desk, clinician, database, day):
    first = day.book('prp-tendon', 'elbow')
    answer(desk, at_desk(first, database, '?page=1'), pages=REVIEWS)
    second = day.book('prp-tendon', 'elbow', of=first)
    answer(desk, at_desk(second, database, '?page=1'))
    assert state(database, second) == 'ok'
    assert decide(clinician, database, first, 'stop', 'Hemoglobin 8').status == 200
    assert state(database, second) == 'stop', 'two visits of one person, one body'
    assert decide(clinician, database, first, 'ok', 'Hemoglobin 13').status == 200
    assert state(database, second) == 'ok'
    # Somebody else is not concerned, nor a visit that is over.
    assert state(database, day.book('prp-tendon', 'elbow')) == 'missing'
    ended(database, second)
    answer(desk, at_desk(first, database, '?page=1'), pages=STOPS)
    assert state(database, second) == 'ok' and state(database, first) == 'stop'
    # Deciding about a visit that is over lifts nothing else.
    assert decide(clinician, database, second, 'ok', 'As it was then').status == 200
    assert state(database, day.book('prp-tendon', 'elbow', of=first)) == 'stop'


def test_where_the_check_in_only_warns_the_harvest_is_barred(desk, clinician, database, day):
    first = day.book()
    answer(desk, at_desk(first, database, '?page=1'), pages=STOPS)
    ended(database, first)
    second = day.book(of=first)
    assert tried(desk, second).status == 200 and state(database, second) == 'stop'
    form = clinician.open('/staff/bookings/' + second).form(action='/harvest').fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
    form.fill(**{name: 'yes' for name in form.names() if name.startswith('said_')})
    page = form.submit()
    assert page.status == 409 and '“Before bone marrow is drawn”: stopped' in page.text and day.label(second) is None


def test_records_that_are_one_person(desk, database, day):
    first = day.book('prp-tendon', 'elbow', family='Merge', given='Mary')
    answer(desk, at_desk(first, database, '?page=1'), pages=STOPS)
    ended(database, first)
    second = day.book('prp-tendon', 'elbow', family='Merge', given='Mary')
    assert state(database, second) == 'missing'
    kept, gone = (database.value('SELECT patient_id FROM booking WHERE uid = %s', u) for u in (second, first))
    page = desk.open('/staff/patients/%s/merge?with=%s' % tuple(database.value('SELECT uid FROM patient WHERE id = %s', p) for p in (kept, gone)))
    assert page.status == 200
    form = next(f for f in page.forms() if 'merge' in f.action and 'reason' in f.names())
    fields = {'reason': 'One person, two records'}
    if 'keep' in form.names():
        fields['keep'] = form.options('keep')[0]
    assert form.fill(**fields).submit().status == 200
    assert state(database, second) == 'stop'


def test_sql_cannot_go_round_it(desk, database, day, sample):
    """The desk's override by the module's own account, and a check-in."""
    first = day.book('prp-tendon', 'elbow')
    answer(desk, at_desk(first, database, '?page=1'), pages=STOPS)
    ended(database, first)
    second = day.book('prp-tendon', 'elbow', of=first)
    names = dict(request=request(database, second), response='NULL', note='x')
    for sql, says in [(DECIDE.format(decision='override', login=sample['clinician_login'], **names), 'a stop is lifted by a clinician'),
                      (DECIDE.format(decision='ok', login=sample['front_desk_login'], **names), 'a clinician decides about answers'),
                      (DECIDE.format(decision='stop', login=sample['clinician_login'], **names), 'a decision is about the last answers'),
                      ("INSERT INTO step_event (booking_id, kind, at, recorded_at, late_reason, staff_id) VALUES (%d, 'check-in', UNIX_TIMESTAMP(),"
                       " UNIX_TIMESTAMP(), '', 1)" % ident(database, second), 'the screening of this visit is not in order')]:
        connection = database.connect(user='regen')
        with connection.cursor() as c, pytest.raises(pymysql.MySQLError, match=says):
            c.execute(sql)
        connection.close()
    for sql in ('DELETE FROM questionnaire_stop WHERE request_id = %d' % request(database, first), 'UPDATE questionnaire_stop SET patient_id = 1'):
        connection = database.connect(user='regen')
        with connection.cursor() as c, pytest.raises(pymysql.MySQLError, match='denied'):
            c.execute(sql)
        connection.close()
    assert state(database, second) == 'stop'


def test_an_override_leaves_the_answers_to_the_clinicians(desk, clinician, database, day):
    uid = day.book('prp-tendon', 'elbow', family='Overridden')
    answer(desk, at_desk(uid, database, '?page=1'), pages=REVIEWS)
    assert decide(desk, database, uid, 'override', 'The doctor said so on the phone').status == 200
    assert state(database, uid) == 'override' and tried(desk, uid).status == 200
    assert 'Ann Overridden' in clinician.open('/staff/reviews').text
    assert 'A clinician has not looked at the answers yet' in desk.open('/staff/bookings/' + uid).text
    assert decide(clinician, database, uid, 'ok', 'Hemoglobin 12').status == 200
    assert 'Ann Overridden' not in clinician.open('/staff/reviews').text and state(database, uid) == 'ok'


@pytest.mark.parametrize('decision, left', [('ok', 'missing'), ('stop', 'stop'), ('closed', 'stop')])
def test_a_review_of_a_visit_that_is_over(desk, clinician, database, day, decision, left):
    """Decided or closed with a reason; what is closed lifts no stop."""
    family = 'Over' + decision.title()
    first = day.book('prp-tendon', 'elbow', family=family)
    answer(desk, at_desk(first, database, '?page=1'), pages=STOPS)
    page = clinician.open(at_desk(first, database)).form(action='/decide')
    assert page.options('decision') == ['ok', 'stop'], 'not closed while it is ahead'
    database.rows('UPDATE booking SET starts_at = starts_at - 30 * 86400, ends_at = ends_at - 30 * 86400 WHERE uid = %s', first)
    ended(database, first)
    page = clinician.open('/staff/reviews')
    assert 'Ann ' + family in page.text and '(canceled)' in page.text
    assert not [f for f in desk.open(at_desk(first, database)).forms() if f.action.endswith('/decide')]
    form = clinician.open(at_desk(first, database)).form(action='/decide')
    assert form.options('decision') == ['ok', 'stop', 'closed']
    assert form.fill(decision=decision, note='').submit().status == 422
    assert decide(clinician, database, first, decision, 'Canceled; told by phone').status == 200
    assert 'Ann ' + family not in clinician.open('/staff/reviews').text
    assert 'Canceled; told by phone' in clinician.open(at_desk(first, database)).text
    assert state(database, day.book('prp-tendon', 'elbow', of=first)) == left


def test_the_patient_is_told_and_still_asked(visitor, desk, database):
    patient.book(visitor)
    first = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    answer(visitor, '/booking/questions/%d' % request(database, first), pages=STOPS)
    second = DayFill(database).book(of=first)
    assert state(database, second) == 'stop' and state(database, first) == 'stop'
    assert 'please call us before you come' in visitor.open('/booking').text
