# SPDX-License-Identifier: Apache-2.0
"""The time-out before a harvest and before an injection: with the step in one press, or by itself first. One that was stopped stays on record and
stops the step; another visit's, yesterday's, one taken back and one about another unit do not count. Attacked through the page and SQL; what an API
client sends to these addresses is not even looked at."""
import datetime
import threading

import pymysql
import pytest

import env
from dayfill import BORN, ZONE, earlier_today, now
from test_staff_day import AGREED, agreed, chart, check_in, harvest, inject, post, process, ready, step
from test_corrections import correct, ident
from test_day_sheet import noon
from test_when import at_day_of, earlier, local, minutes_ago, signed_before  # noqa: F401

FIELDS = dict(birth_date=BORN, body_site='knee', side='right')
TAKEN = dict(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def desk(staff):
    return staff('front_desk')


def time_outs(database, uid):
    """(step, what stopped it, which unit) of each."""
    return database.rows('SELECT t.kind, t.stopped, u.label FROM time_out t JOIN booking b ON b.id = t.booking_id LEFT JOIN unit u ON u.id = t.unit_id'
                         ' WHERE b.uid = %s ORDER BY t.id', uid)


def audited(database, uid, action):
    return [detail for detail, in database.rows('SELECT a.detail FROM audit_event a JOIN booking b ON b.id = a.entity_id AND a.entity = "booking"'
                                                ' WHERE b.uid = %s AND a.action = %s ORDER BY a.id', uid, action)]


def told(page):
    """What the page says at the boxes of the time-out."""
    return page.error_for('said_identity')


def hold(visitor, uid, before='inject', **fields):
    """The time-out by itself, as the button below the step's form sends it."""
    form = chart(visitor, uid).form('/' + before)
    form.action = form.action.rsplit('/', 1)[0] + '/time-out'
    return form.fill(**{**agreed(form), **fields}).submit()


def stop(visitor, uid, item, note=''):
    return chart(visitor, uid).form('/time-out').fill(stopped=item, stop_note=note).submit()


def unsaid(visitor, uid, name, **fields):
    """The step as a page without a time-out would send it."""
    return post(visitor, uid, name, chart(visitor, uid), **fields)


def boxes(page):
    return page.tree.xpath('//input[starts-with(@name, "said_")]')


def demanded(page):
    """The boxes without which a browser sends nothing."""
    return [box for box in boxes(page) if box.get('required') is not None]


def folded(page):
    return page.tree.xpath('//details[summary[contains(., "Hold the time-out again")]]')


# --- with the step, and by itself ------------------------------------------------------------------------------------------------

def test_one_press_records_both(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    page = chart(clinician, uid)
    for words in ('Time-out: say each item aloud', 'Ann Walker', 'Bone-marrow concentrate for a knee', 'Signed consent in force', 'blood thinners'):
        assert words in page.text, words
    assert 'Label read aloud' not in page.text, 'there is no label before the harvest'
    assert harvest(clinician, uid).status == 200
    label = day.label(uid)
    assert process(clinician, uid, label).status == 200
    assert 'Label read aloud' in chart(clinician, uid).text
    page = inject(clinician, uid, label)
    assert page.status == 200 and time_outs(database, uid) == (('harvest', None, None), ('inject', None, label))
    for words in ('Before the harvest: agreed', 'Before the injection: agreed', 'Dr. Elena Rivera, Nils Lindqvist, RN, unit ' + label):
        assert words in page.text, (words, page.text)
    assert audited(database, uid, 'day.time-out') == ['before the harvest: agreed', 'before the injection: agreed']
    row = database.rows('SELECT t.at, a.at, t.done_by = a.done_by, t.second_id = a.second_id, t.agreed + 0 FROM time_out t JOIN act a ON a.booking_id = t.booking_id'
                        " AND a.kind = 'inject' WHERE t.kind = 'inject' AND t.booking_id = %s", ident(database, uid))[0]
    assert row[0] == row[1] and row[2:] == (1, 1, 63)


def test_it_is_held_first_and_the_step_recorded_later(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    page = hold(clinician, uid, 'harvest')
    assert page.status == 200 and 'Time-out agreed' in page.text and day.events(uid) == ['check-in'], repr(page)
    form = page.form('/harvest')
    assert folded(page) and not demanded(page), 'it need not be said twice'
    assert form.fill(**TAKEN).submit().status == 200 and len(time_outs(database, uid)) == 1
    label = day.label(uid)
    process(clinician, uid, label)
    page = hold(clinician, uid, label='U0000001Z')
    assert page.status == 409 or page.status == 422, 'what was read must be this unit'
    assert hold(clinician, uid, label=label).status == 200
    page = unsaid(clinician, uid, 'inject', label=label, **FIELDS, **clinician.second)
    assert page.status == 200 and time_outs(database, uid)[1:] == (('inject', None, label),), repr(page)


def test_nothing_is_left_out(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    page = unsaid(clinician, uid, 'harvest', **TAKEN)
    assert page.status == 409 and 'Hold the time-out first' in told(page) and page.form('/harvest').value('volume_ml') == '60'
    assert audited(database, uid, 'day.refused') == ['harvest no-time-out'] and day.label(uid) is None
    page = step(clinician, uid, 'harvest', said_site=None, **TAKEN)
    assert page.status == 422 and 'Site and side' in told(page) and 'stop the time-out' in told(page)
    form = page.form('/harvest')
    assert form.value('said_identity') == 'yes' and form.value('said_site') is None, 'what was checked off stays'
    page = hold(clinician, uid, 'harvest', said_allergies=None)
    assert page.status == 422 and 'Allergies' in told(page)
    assert time_outs(database, uid) == () and day.events(uid) == ['check-in']
    assert form.fill(said_site='yes').submit().status == 200


# --- stopped ---------------------------------------------------------------------------------------------------------------------

def test_a_stop_stays_on_record_and_stops_the_step(day, clinician, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    page = stop(clinician, uid, 'site', 'The mark is on the left')
    assert page.status == 200 and 'was stopped: Site and side' in page.text and 'Compare the mark' in page.text and 'The mark is on the left' in page.text
    page = unsaid(clinician, uid, 'inject', label=label, **FIELDS, **clinician.second)
    assert page.status == 409 and 'The time-out was stopped' in told(page) and day.events(uid)[-1] == 'process'
    assert audited(database, uid, 'day.time-out')[1:] == ['before the injection: stopped, Site and side']
    page = inject(clinician, uid, label)
    assert page.status == 200 and [row[1] for row in time_outs(database, uid)] == [None, 'site', None]
    assert 'stopped, Site and side' in page.text, 'the stop stays readable'


def test_one_answer_of_no_is_kept_although_the_step_is_refused(day, clinician, database):
    """On the step's own form, also when nothing else on it is filled in, and nobody needs a second person to stop."""
    uid = day.book()
    check_in(clinician, uid)
    page = unsaid(clinician, uid, 'harvest', **{**AGREED, 'said_allergies': 'no'})
    assert page.status == 409 and 'Allergies and blood thinners' in told(page) and 'Then hold a new one' in told(page)
    assert time_outs(database, uid) == (('harvest', 'allergies', None),) and day.events(uid) == ['check-in']
    assert page.form('/harvest').value('said_identity') is None, 'all of it is said again'
    page = unsaid(clinician, uid, 'harvest', **TAKEN)
    assert page.status == 409 and 'stopped' in told(page)
    assert harvest(clinician, uid).status == 200
    label = day.label(uid)
    process(clinician, uid, label)
    page = unsaid(clinician, uid, 'inject', said_label='no', second_login='nurse', second_password='wrong horse')
    assert page.status == 409 and 'Do not use this unit' in told(page) and time_outs(database, uid)[-1] == ('inject', 'label', label)


def test_what_stops_it_is_one_of_the_items(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    for stopped in ('label', 'weather', '<b>'):
        page = unsaid(clinician, uid, 'time-out', before='harvest', stopped=stopped)
        assert page.status == 422 and 'Choose what does not agree' in page.error_for('stopped'), stopped
    page = unsaid(clinician, uid, 'time-out', before='harvest', stopped='site', stop_note='x' * 201)
    assert page.status == 422 and '200' in page.error_for('stop_note') and page.form('/time-out').value('stop_note') == 'x' * 201
    for before in ('process', 'complete', '', 'x'):
        assert unsaid(clinician, uid, 'time-out', before=before, **AGREED).status == 404, before
    page = unsaid(clinician, uid, 'time-out', before='inject', **AGREED)
    assert page.status == 409 and 'First record the harvest' in page.text
    assert time_outs(database, uid) == ()


def yesterday(day, database, visitor):
    """A visit of yesterday, whose check-in was entered as at noon; its uid."""
    uid = day.book(start=noon(1))
    signed_before(database, uid)
    page = step(visitor, uid, 'check-in', birth_date=BORN, when=local(noon(1)), late_why='Forgotten')
    assert page.status == 200, repr(page)
    return uid


def test_a_stop_is_told_on_the_next_day(day, clinician, database):
    uid = yesterday(day, database, clinician)
    page = stop(clinician, uid, 'site', 'The mark was on the left')
    assert page.status == 422 and 'Enter the day and time' in page.error_for('stop_when'), repr(page)
    assert page.form('/time-out').value('stop_note') == 'The mark was on the left' and time_outs(database, uid) == ()
    page = page.form('/time-out').fill(stopped='site', stop_when=local(now() + 86400)).submit()
    assert page.status == 422 and 'has not come yet' in page.error_for('stop_when') and page.form('/time-out').value('stop_when') == local(now() + 86400)
    page = page.form('/time-out').fill(stopped='site', stop_when=local(noon(1) + 600)).submit()
    assert page.status == 200 and time_outs(database, uid) == (('harvest', 'site', None),), repr(page)
    assert database.value('SELECT at FROM time_out WHERE booking_id = %s', ident(database, uid)) == noon(1) + 600
    assert step(clinician, uid, 'harvest', when=local(noon(1) + 1200), **TAKEN).status == 200


def test_a_stop_of_this_morning_and_a_harvest_of_this_morning(day, clinician, database):
    uid, ago = day.book(start=now() - 3 * 3600), minutes_ago()
    if not at_day_of(database, uid, ago(150)):
        pytest.skip('just after midnight the visit is of yesterday')
    assert step(clinician, uid, 'check-in', birth_date=BORN, when=local(ago(150))).status == 200
    page = chart(clinician, uid).form('/time-out').fill(stopped='site', stop_when=local(ago(120))).submit()
    assert page.status == 200 and 'was stopped: Site and side' in page.text, repr(page)
    assert step(clinician, uid, 'harvest', when=local(ago(105)), **TAKEN).status == 200
    assert [stopped for _, stopped, _ in time_outs(database, uid)] == ['site', None]


# --- what does not count ---------------------------------------------------------------------------------------------------------

def test_another_visits_time_out_does_not_count(day, clinician, database):
    mine, other = day.book(), day.book(family='Other', given='Olga')
    for uid in (mine, other):
        check_in(clinician, uid)
    assert hold(clinician, other, 'harvest').status == 200
    page = unsaid(clinician, mine, 'harvest', **TAKEN)
    assert page.status == 409 and 'Hold the time-out first' in told(page)


def test_an_old_one_does_not_count(day, clinician, database):
    """Yesterday's, and this morning's: right before the step means within two hours."""
    for before in (30 * 3600, 3 * 3600):
        uid = day.book(start=now() - 600, signed=False)
        day.sign(uid, now() - 5 * 86400)
        booking = ident(database, uid)
        at = now() - before
        database.rows("INSERT INTO step_event (booking_id, kind, at, recorded_at, staff_id) VALUES (%s, 'check-in', %s, %s, 1)", booking, at - 60, at - 60)
        database.rows("UPDATE booking SET status = 'arrived' WHERE id = %s", booking)
        day.time_out(booking, 'harvest', at)
        page = unsaid(clinician, uid, 'harvest', **TAKEN)
        assert page.status == 409 and 'at most two hours before' in told(page), told(page)
        assert boxes(page) and not folded(page), 'the page asks for a new one'
        with pytest.raises(pymysql.MySQLError, match='asks for a time-out'):
            day_act(database, booking, 'harvest', now())
        assert harvest(clinician, uid).status == 200


def day_act(database, booking, kind, at, sql=None):
    """The row of a step as the module writes it, by its owner or on a connection."""
    add = ('INSERT INTO act (booking_id, kind, at, recorded_at, staff_id, second_id, done_by, capability, capability_id)'
           " SELECT b.id, %s, %s, %s, 1, (SELECT id FROM staff WHERE login = 'nurse'), d.resource_id, d.capability, d.capability_id FROM booking b"
           ' JOIN step_doer d ON d.service_id = b.service_id AND d.kind = %s WHERE b.id = %s ORDER BY d.resource_id LIMIT 1')
    (sql.execute(add, (kind, at, at, kind, booking)) if sql else database.rows(add, kind, at, at, kind, booking))


def test_after_a_check_in_was_taken_back(day, desk, clinician, database):
    """Also if the new check-in is entered as before the time-out: another person may have been on the table."""
    uid = day.book()
    check_in(clinician, uid)
    assert hold(clinician, uid, 'harvest').status == 200
    assert correct(desk, uid, 'check-in').status == 200
    earlier = datetime.datetime.fromtimestamp(earlier_today(3600), ZONE).strftime('%Y-%m-%dT%H:%M')
    assert step(clinician, uid, 'check-in', birth_date=BORN, when=earlier).status == 200
    assert 'Time-out agreed' not in chart(clinician, uid).text
    page = unsaid(clinician, uid, 'harvest', **TAKEN)
    assert page.status == 409 and 'Hold a new one' in told(page)
    assert harvest(clinician, uid).status == 200


def test_a_new_check_in_and_time_out_before_the_old_ones(day, desk, clinician, database):
    """Both were typed late and taken back; what they say of the time does not hold up those of the morning."""
    uid, ago = day.book(start=now() - 3 * 3600), minutes_ago()
    if not at_day_of(database, uid, ago(150)):
        pytest.skip('just after midnight the visit is of yesterday')
    check_in(clinician, uid)
    assert hold(clinician, uid, 'harvest').status == 200
    assert correct(desk, uid, 'check-in').status == 200
    assert step(clinician, uid, 'check-in', birth_date=BORN, when=local(ago(150))).status == 200
    page = hold(clinician, uid, 'harvest', when=local(ago(120)))
    assert page.status == 200 and len(time_outs(database, uid)) == 2, repr(page)
    assert unsaid(clinician, uid, 'harvest', when=local(ago(110)), **TAKEN).status == 200


def test_a_step_entered_later_does_not_ask_for_a_second_one(day, clinician, database):
    """The time-out was held in time, and its step is entered when it is too old for one done now."""
    uid, ago = day.book(start=now() - 4 * 3600), minutes_ago()
    if not at_day_of(database, uid, ago(220)):
        pytest.skip('just after midnight the visit is of yesterday')
    assert step(clinician, uid, 'check-in', birth_date=BORN, when=local(ago(220))).status == 200
    page = chart(clinician, uid)
    assert demanded(page) == boxes(page) != [], 'none is on record'
    assert hold(clinician, uid, 'harvest', when=local(ago(200))).status == 200
    page = chart(clinician, uid)
    assert boxes(page) and not demanded(page) and 'done at most two hours after it' in page.text, repr(page)
    assert page.form('/harvest').fill(when=local(ago(170)), **TAKEN).submit().status == 200 and len(time_outs(database, uid)) == 1


def test_who_did_it_is_corrected_to_somebody_who_was_not_named(day, clinician, database):
    """The wrong person may have been chosen for both, so it is corrected, and the chart says it."""
    uid = day.book()
    check_in(clinician, uid)
    assert step(clinician, uid, 'harvest', done_by='dr-rivera', **TAKEN).status == 200
    assert 'not named in the time-out' not in chart(clinician, uid).text
    page = correct(clinician, uid, 'harvest-by', 'Wrong name chosen', correct_by='dr-chen')
    assert page.status == 200 and 'Chen (not named in the time-out)' in page.text, repr(page)
    page = correct(clinician, uid, 'harvest-by', 'It was right', correct_by='dr-rivera')
    assert page.status == 200 and 'not named in the time-out' not in page.text


def test_who_does_it_takes_part(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    assert hold(clinician, uid, 'harvest', done_by='dr-rivera').status == 200
    page = unsaid(clinician, uid, 'harvest', done_by='dr-chen', **TAKEN)
    assert page.status == 409 and 'did not take part' in told(page) and 'Chen' in told(page)
    page = hold(clinician, uid, 'harvest', done_by=None)
    assert page.status == 200, 'who is logged in takes part'
    assert step(clinician, uid, 'harvest', done_by='dr-chen', **TAKEN).status == 200 and day.doer(uid, 'harvest')[0].endswith('Chen')


def test_one_taken_back_does_not_count(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    hold(clinician, uid, 'harvest')
    page = correct(clinician, uid, 'time-out-harvest', 'Pressed before it was said')
    assert page.status == 200 and 'Pressed before it was said' in page.text and '(taken back)' in page.text, repr(page)
    page = unsaid(clinician, uid, 'harvest', **TAKEN)
    assert page.status == 409 and 'Hold the time-out first' in told(page)
    assert unsaid(clinician, uid, 'correct', correct_what='time-out-harvest', correct_why='x').status == 409
    stop(clinician, uid, 'identity')
    assert correct(clinician, uid, 'time-out-harvest', 'Wrong chart').status == 200
    assert unsaid(clinician, uid, 'harvest', **TAKEN).status == 409, 'a stop that was taken back is no agreement'
    assert harvest(clinician, uid).status == 200
    page = correct(clinician, uid, 'time-out-harvest', 'The allergies were not asked')
    assert page.status == 200 and 'The allergies were not asked' in page.text and 'harvest' in day.events(uid), 'afterwards it is a remark'
    assert len(time_outs(database, uid)) == 3


def test_the_unit_is_the_one_that_was_named(day, clinician, database):
    mine, other = day.book(), day.book(family='Other', given='Olga')
    label, theirs = ready(clinician, day, mine), ready(clinician, day, other)
    page = hold(clinician, mine, label=theirs)
    assert page.status == 409 and 'another patient' in page.error_for('label') and len(time_outs(database, mine)) == 1
    assert hold(clinician, mine).status == 200
    page = unsaid(clinician, mine, 'inject', label=theirs, **FIELDS, **clinician.second)
    assert page.status == 409 and 'another patient' in page.error_for('label')
    booking, at = ident(database, mine), now()
    give = ('INSERT INTO injection (unit_id, booking_id, patient_id, body_site, laterality, expires_at, injected_at, staff_id)'
            ' SELECT u.id, %s, u.patient_id, u.body_site, u.laterality, u.expires_at, %s, 1 FROM unit u WHERE u.label = %s')
    with database.connect(user='regen') as db, db.cursor() as sql:
        day_act(database, booking, 'inject', at, sql)
        sql.execute('SET foreign_key_checks = 0')
        with pytest.raises(pymysql.MySQLError, match='not the one that the time-out named|whom it is for'):
            sql.execute(give, (booking, at, theirs))
        sql.execute('SET foreign_key_checks = 1')
        sql.execute(give, (booking, at, label))


# --- SQL with the module's own account -------------------------------------------------------------------------------------------

def test_the_schema_holds_it(day, clinician, database):
    uid, other, early, talk = day.book(), day.book(), day.book(), day.book('consultation')
    theirs = ready(clinician, day, other)
    check_in(clinician, talk)
    place = dict(zip(('body_site', 'laterality'), database.rows('SELECT body_site, laterality FROM booking WHERE uid = %s', talk)[0]))
    check_in(clinician, uid)
    booking, at = ident(database, uid), now()
    first = database.value('SELECT MAX(at) FROM step_event WHERE booking_id = %s', booking)
    rivera, nurse, desk = (database.value('SELECT id FROM staff WHERE login = %s', login) for login in ('clinician', 'nurse', 'frontdesk'))
    doctor, room = (database.value('SELECT id FROM resource WHERE code = %s', code) for code in ('dr-rivera', 'rn-lindqvist'))
    table = database.value("SELECT MIN(id) FROM resource WHERE kind = 'room'")
    five, six = 'identity,procedure,site,consent,allergies', 'identity,procedure,site,consent,label,allergies'
    whole = dict(booking_id=booking, kind='harvest', unit_id=None, body_site='knee', laterality='right', agreed=five, stopped=None, note='', at=at,
                 recorded_at=at, staff_id=rivera, done_by=doctor, second_id=None)
    with database.connect(user='regen') as db, db.cursor() as sql:
        def add(**columns):
            row = {**whole, **columns}
            sql.execute('INSERT INTO time_out (%s) VALUES (%s)' % (', '.join(row), ', '.join(['%s'] * len(row))), tuple(row.values()))

        def refused(words, **columns):
            with pytest.raises(pymysql.MySQLError, match=words):
                add(**columns)
        unit = database.value('SELECT id FROM unit WHERE label = %s', theirs)
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            refused('every target', laterality='left')
            refused('every target', body_site='hip')
            refused('began', booking_id=ident(database, early))
            refused('began|every target', booking_id=999999)
            refused('time_out_whole', agreed='identity,procedure,site,consent')
            refused('time_out_one_answer', stopped='identity')
            refused('time_out_label', agreed=six)
            refused('time_out_not_ahead', at=at + 60)
            refused('not held before', at=first - 1, stopped='site', agreed='')
            refused('takes part', staff_id=999999)
            refused('takes part', second_id=desk)
            refused('takes part', second_id=999999)
            refused('takes part|two_people', second_id=rivera)
            refused('takes part', done_by=table)
            refused('takes part', done_by=999999)
            refused('takes part in its', done_by=room)
            refused('takes part in its', done_by=None)
            refused('unit of its booking', unit_id=unit)
            refused('precedes', booking_id=ident(database, talk), kind='harvest', **place)
            refused('names the processed', kind='inject', agreed=five)
            with pytest.raises(pymysql.MySQLError, match='asks for a time-out'):
                day_act(database, booking, 'harvest', at, sql)
            for forged in ('UPDATE time_out SET agreed = 47', 'DELETE FROM time_out'):
                with pytest.raises(pymysql.MySQLError, match='denied|never'):
                    sql.execute(forged)
        day.withdraw(uid)
        refused('not in force')
        sql.execute('SET foreign_key_checks = 1')
        add(stopped='consent', agreed='identity', note='She wants to think it over', done_by=None)
        day.sign(uid)
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            with pytest.raises(pymysql.MySQLError, match='was stopped'):
                day_act(database, booking, 'harvest', at, sql)
        sql.execute('SET foreign_key_checks = 1')
        with pytest.raises(pymysql.MySQLError, match='no time-out of the kind'):
            sql.execute("INSERT INTO correction (booking_id, what, row_id, old_value, reason, at, staff_id) SELECT booking_id, 'time-out-inject', MAX(id), 'x', 'y', %s, 1"
                        ' FROM time_out WHERE booking_id = %s', (at, booking))
        add(second_id=nurse, at=max(at, now()), recorded_at=now())
        with pytest.raises(pymysql.MySQLError, match='asks for a time-out'):
            day_act(database, booking, 'harvest', at - 1, sql)
        day_act(database, booking, 'harvest', now(), sql)


def test_the_service_asks_for_it_or_not(day, clinician, staff, database):
    """An upgraded clinic works on as it did; a stop counts all the same."""
    page = staff('admin').open('/staff/admin/services/bmac-knee')
    assert page.form('/bmac-knee').value('timeout_harvest') == page.form('/bmac-knee').value('timeout_inject') == 'true'
    assert database.rows("SELECT timeout_harvest, timeout_inject FROM service WHERE code = 'consultation'") == ((0, 0),)
    database.rows("UPDATE service SET timeout_harvest = 0 WHERE code = 'bmac-knee'")
    try:
        uid, stopped = day.book(), day.book()
        for one in (uid, stopped):
            check_in(clinician, one)
        assert 'Time-out' not in chart(clinician, uid).text and harvest(clinician, uid).status == 200 and time_outs(database, uid) == ()
        assert process(clinician, uid, day.label(uid)).status == 200 and 'Time-out' in chart(clinician, uid).text
        assert unsaid(clinician, stopped, 'time-out', before='harvest', stopped='identity').status == 200
        page = unsaid(clinician, stopped, 'harvest', **TAKEN)
        assert page.status == 409 and 'was stopped' in told(page)
        assert harvest(clinician, stopped).status == 200
    finally:
        database.rows("UPDATE service SET timeout_harvest = 1 WHERE code = 'bmac-knee'")


# --- who, and at the same time ---------------------------------------------------------------------------------------------------

def test_only_who_treats(day, clinician, desk, machine, sample, database):
    uid = day.book()
    check_in(clinician, uid)
    page = post(desk, uid, 'time-out', chart(desk, uid), before='harvest', **AGREED)
    assert page.status == 403
    answer = machine.post(sample['base'] + '/staff/bookings/%s/time-out' % uid, data={'before': 'harvest', **AGREED})
    assert answer.status_code in (302, 303, 401, 403) and time_outs(database, uid) == ()


def press_at_once(visitor, *requests):
    """(address, data) of each, sent at once by the same login; the statuses."""
    answers = [None] * len(requests)

    def press(i, action, data):
        with env.Visitor(visitor.base) as tab:
            tab.client.cookies.update(visitor.client.cookies)
            answers[i] = tab.post(action, data=data, headers={'Origin': visitor.base.rsplit('/clinic', 1)[0]}).status_code

    threads = [threading.Thread(target=press, args=(i, *one)) for i, one in enumerate(requests)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return answers


def test_a_withdrawal_at_the_same_time(day, clinician, desk, database):
    """Before or after the time-out, never in between: nobody agreed on a consent that was gone."""
    for turn in range(6):
        uid = day.book()
        check_in(clinician, uid)
        form = chart(clinician, uid).form('/harvest')
        data = {**dict(form.pairs()), **AGREED}
        consent = database.value('SELECT MIN(c.uid) FROM consent c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', uid)
        told = clinician.open('/staff/bookings/%s/consents/%s/withdraw' % (uid, consent)).form('/withdraw')
        told.fill(channel='in-person', reason='Changed my mind') if 'channel' in told.names() else told
        pair = [(form.action.rsplit('/', 1)[0] + '/time-out', data), (told.action, dict(told.pairs()))]
        answers = press_at_once(clinician, *(pair if turn % 2 else pair[::-1]))
        agreed_on = len(time_outs(database, uid))
        if database.value('SELECT COUNT(*) FROM consent_withdrawal w JOIN consent c ON c.id = w.consent_id WHERE c.uid = %s', consent) == 0:
            assert answers.count(303) == 1, answers
            continue
        assert agreed_on in (0, 1), answers
        page = harvest(clinician, uid)
        assert page.status == 409 and day.label(uid) is None, 'whichever came first, nothing is done'


def test_two_steps_and_a_stop_at_the_same_time(day, clinician, database):
    """The stop came first, and nothing was done, or it came too late and says so."""
    for turn in range(6):
        uid = day.book()
        check_in(clinician, uid)
        page = chart(clinician, uid)
        form, halt = page.form('/harvest').fill(**TAKEN), page.form('/time-out').fill(stopped='site')
        form.fill(**agreed(form))
        halted = dict(halt.pairs())
        halted['idem'] = halted['idem'][:-1] + ('1' if halted['idem'][-1] != '1' else '2')
        pair = [(form.action, dict(form.pairs())), (halt.action, halted)]
        press_at_once(clinician, *(pair if turn % 2 else pair[::-1]))
        kinds = [stopped for _, stopped, _ in time_outs(database, uid)]
        assert kinds in ([None], ['site', None], ['site']), kinds
        assert ('harvest' in day.events(uid)) == (kinds[-1] is None)


def test_the_visit_ends_at_the_same_time(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    page = chart(clinician, uid)
    form, end = page.form('/harvest'), page.form('/end').fill(why='left')
    data = {**dict(form.pairs()), **AGREED}
    ended = dict(end.pairs())
    ended['idem'] = ended['idem'][:-1] + ('1' if ended['idem'][-1] != '1' else '2')
    answers = press_at_once(clinician, (form.action.rsplit('/', 1)[0] + '/time-out', data), (end.action, ended))
    assert answers[1] == 303 and day.status(uid) == 'completed', answers
    assert len(time_outs(database, uid)) == (answers[0] == 303)


def test_a_first_injection_is_entered_after_a_second_harvest(earlier, clinician, database, day):
    """Its time-out was before that of the harvest, and is entered after it."""
    uid, ago = earlier
    if not at_day_of(database, uid, ago(150)):
        pytest.skip('just after midnight the visit is of yesterday')
    signed_before(database, uid)
    assert step(clinician, uid, 'check-in', birth_date=BORN, when=local(ago(150))).status == 200
    assert step(clinician, uid, 'harvest', when=local(ago(140)), **TAKEN).status == 200
    label = day.label(uid)
    assert step(clinician, uid, 'process', label=label, kit_lot='LOT-1', volume_ml='8', when=local(ago(120))).status == 200
    form = clinician.open('/staff/bookings/%s?do=harvest' % uid).form('/harvest')
    page = form.fill(**{**agreed(form), **TAKEN, 'volume_ml': '40', 'again_why': 'Too little', 'when': local(ago(50))}).submit()
    assert page.status == 200, repr(page)
    form = clinician.open('/staff/bookings/%s?do=inject' % uid).form('/inject')
    second = clinician.second if 'second_login' in form.names() else {}
    page = form.fill(**{**agreed(form), **second, **FIELDS, 'label': label, 'when': local(ago(60))}).submit()
    assert page.status == 200 and database.value("SELECT (%s - at) DIV 60 FROM act WHERE booking_id = %s AND kind = 'inject'", ago(0), ident(database, uid)) == 60, repr(page)
