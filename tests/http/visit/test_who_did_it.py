# SPDX-License-Identifier: Apache-2.0
"""Who did a step is somebody who could do it at that time; who records it may be somebody else. Attacked through the page and SQL; what an API client
sends to these addresses is not even looked at."""
import datetime
import threading

import pymysql
import pytest

import env
from dayfill import BORN, clock, now, today
from test_staff_day import AGREED, agreed, chart, check_in, harvest, inject, post, process, ready, step
from test_corrections import correct, ident

RIVERA, OKAFOR, LINDQVIST = 'Dr. Elena Rivera', 'Ada Okafor, NP', 'Nils Lindqvist, RN'


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def nurse(staff):
    return staff('nurse')


def refusals(database, uid, what):
    return database.value("SELECT COUNT(*) FROM audit_event a JOIN booking b ON b.id = a.entity_id WHERE b.uid = %s AND a.action = 'day.refused'"
                          " AND a.detail LIKE %s", uid, what + ' not-capable%')


def test_a_nurse_neither_harvests_marrow_nor_injects(day, nurse, database):
    uid = day.book()
    check_in(nurse, uid)
    page = chart(nurse, uid)
    assert page.form('/harvest').value('done_by') == 'dr-rivera', 'who it is booked with, not the login'
    assert LINDQVIST not in page.css('#done_by')[0].text_content()
    refused = post(nurse, uid, 'harvest', page, volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right', done_by='rn-lindqvist')
    said = refused.error_for('done_by')
    assert refused.status == 409 and 'asks for “marrow-harvest”' in said and LINDQVIST in said and RIVERA in said, said
    assert day.events(uid) == ['check-in'] and day.label(uid) is None and day.doer(uid, 'harvest') is None
    assert refusals(database, uid, 'harvest') == 1 and refused.form('/harvest').value('volume_ml') == '60'
    assert harvest(nurse, uid).status == 200 and day.doer(uid, 'harvest') == (RIVERA, 'nurse')
    page = process(nurse, uid, day.label(uid))
    assert page.status == 200 and day.doer(uid, 'process') == (LINDQVIST, 'nurse'), 'processing is a nurse\'s'
    assert 'by %s, recorded by %s' % (RIVERA, LINDQVIST) in page.text
    refused = post(nurse, uid, 'inject', page, label=day.label(uid), birth_date=BORN, body_site='knee', side='right', done_by='rn-lindqvist')
    assert refused.status == 409 and 'asks for “injection”' in refused.error_for('done_by') and refusals(database, uid, 'inject') == 1
    assert inject(nurse, uid, day.label(uid)).status == 200 and day.doer(uid, 'inject') == (RIVERA, 'nurse')


def test_who_records_what_somebody_else_did(day, clinician, database):
    """A physician who may not process names the nurse; her own injection is hers without a word."""
    uid = day.book()
    label = ready(clinician, day, uid)
    page = inject(clinician, uid, label)
    assert day.doer(uid, 'harvest') == day.doer(uid, 'inject') == (RIVERA, 'clinician')
    assert day.doer(uid, 'process')[0] in (OKAFOR, LINDQVIST)
    assert ', recorded by %s' % RIVERA in page.text
    code = database.value('SELECT r.code FROM charge_item c JOIN booking b ON b.id = c.booking_id JOIN resource r ON r.id = c.practitioner_id'
                          " WHERE b.uid = %s AND c.step_kind = 'inject'", uid)
    assert code == 'dr-rivera'
    other = day.book()
    label = ready(clinician, day, other)
    page = step(clinician, other, 'inject', label=label, birth_date=BORN, body_site='knee', side='right', done_by='np-okafor')
    assert page.status == 200 and day.doer(other, 'inject') == (OKAFOR, 'clinician'), repr(page)
    assert database.value('SELECT r.code FROM charge_item c JOIN booking b ON b.id = c.booking_id JOIN resource r ON r.id = c.practitioner_id'
                          " WHERE b.uid = %s AND c.step_kind = 'inject'", other) == 'np-okafor', 'the claim names who did it'


def test_somebody_has_to_be_named(day, staff, database):
    """A login that is no practitioner, and a booking without one."""
    admin, uid = staff('admin'), day.book()
    database.rows("DELETE r FROM booking_resource r JOIN resource p ON p.id = r.resource_id AND p.kind = 'practitioner' WHERE r.booking_id = %s",
                  ident(database, uid))
    check_in(admin, uid)
    page = chart(admin, uid)
    assert page.form('/harvest').value('done_by') == ''
    for wrong in ('', 'nobody', 'procedure-1'):
        refused = post(admin, uid, 'harvest', page, volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right', done_by=wrong)
        assert refused.status == 422 and 'Choose who did this step' in refused.error_for('done_by') and day.label(uid) is None, wrong
    assert step(admin, uid, 'harvest', volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right', done_by='dr-chen').status == 200


def test_a_consultation_has_its_practitioner(day, nurse, database):
    uid = day.book('consultation', body_site='hip', side='left')
    check_in(nurse, uid)
    refused = post(nurse, uid, 'complete', chart(nurse, uid), diagnoses='M16.12', done_by='rn-lindqvist')
    assert refused.status == 409 and '“consult”' in refused.error_for('done_by') and day.status(uid) == 'arrived'
    page = step(nurse, uid, 'complete', diagnoses='M16.12')
    assert page.status == 200 and day.doer(uid, 'complete') == (RIVERA, 'nurse')
    assert correct(nurse, uid, 'complete', 'Wrong patient').status == 200, 'and again'
    assert step(nurse, uid, 'complete', diagnoses='M16.12').status == 200
    assert database.value("SELECT COUNT(*) FROM act WHERE booking_id = %s AND kind = 'complete'", ident(database, uid)) == 2


def test_what_somebody_could_do_then(day, clinician, staff, database):
    """Past acts stay; what counts is the time of the act. Saving the page of a person changes nothing of it."""
    admin = staff('admin')

    def save(**fields):
        page = admin.open('/staff/admin/resources/np-okafor').form('/resources/np-okafor').fill(**fields).submit()
        page = page if page.status == 200 else page.form('/np-okafor').fill(why='other').submit()
        assert page.status == 200 and 'is saved' in page.text, page.text[:800]

    def given():
        return database.rows("SELECT g.since, e.at FROM capability_given g LEFT JOIN capability_ended e ON e.given_id = g.id JOIN resource r"
                             " ON r.id = g.resource_id WHERE r.code = 'np-okafor' AND g.capability = 'injection' ORDER BY g.id")

    done = day.book()
    step(clinician, done, 'inject', label=ready(clinician, day, done), birth_date=BORN, body_site='knee', side='right', done_by='np-okafor')
    open_ones = [day.book() for _ in range(2)]
    labels = [ready(clinician, day, uid) for uid in open_ones]
    fields = dict(birth_date=BORN, body_site='knee', side='right', done_by='np-okafor')
    can = admin.open('/staff/admin/resources/np-okafor').form('/resources/np-okafor').value('capabilities')
    save(capabilities=can)
    assert given() == ((0, None),), 'saved without a change'
    save(capabilities=can.replace('injection, ', '').replace(', injection', ''))
    assert given()[0][1] is not None and OKAFOR in chart(clinician, done).text, 'what she did stays hers'
    page = post(clinician, open_ones[0], 'inject', chart(clinician, open_ones[0]), label=labels[0], **fields)
    assert page.status == 409 and 'could not do this step at that time' in page.error_for('done_by')
    save(capabilities=can)
    assert len(given()) == 2 and abs(given()[1][0] - now()) < 60, 'from now on'
    assert post(clinician, open_ones[0], 'inject', chart(clinician, open_ones[0]), label=labels[0], **fields, **clinician.second, **AGREED).status == 200
    with database.connect(user='regen') as db, db.cursor() as sql:
        booking = ident(database, open_ones[1])
        with pytest.raises(pymysql.MySQLError, match='could do it at that time'):
            sql.execute("INSERT INTO act (booking_id, kind, at, recorded_at, second_id, staff_id, done_by, capability, capability_id)"
                        " SELECT %s, 'inject', g.since - 1, g.since, 5, 1, g.resource_id, g.capability, g.id FROM capability_given g JOIN resource r"
                        " ON r.id = g.resource_id WHERE r.code = 'np-okafor' AND g.capability = 'injection' ORDER BY g.id DESC LIMIT 1", (booking,))
    # Entered too late: the administrator says from when on.
    save(capabilities=can.replace('injection, ', '').replace(', injection', ''))
    page = admin.open('/staff/admin/resources/np-okafor').form('/resources/np-okafor').fill(capabilities=can, can_since='2999-01-01').submit()
    assert page.status == 422 and 'not ahead' in page.error_for('can_since')
    day_before = today() - datetime.timedelta(30)
    save(capabilities=can, can_since=day_before.isoformat())
    assert given()[2][0] == clock(0, day=day_before), given()


def test_the_wrong_name_is_corrected(day, clinician, nurse, database):
    uid = day.book()
    inject(clinician, uid, ready(clinician, day, uid))
    page = correct(clinician, uid, 'inject-by', 'Ada gave it', correct_by='np-okafor')
    assert page.status == 200 and '%s instead of %s' % (OKAFOR, RIVERA) in page.text and 'by %s, recorded by %s' % (OKAFOR, RIVERA) in page.text, page.text[:3000]
    assert day.doer(uid, 'inject') == (RIVERA, 'clinician'), 'what was recorded is never changed'
    assert database.value("SELECT r.code FROM charge_item c JOIN resource r ON r.id = c.practitioner_id WHERE c.booking_id = %s AND c.step_kind = 'inject'",
                          ident(database, uid)) == 'np-okafor'
    for by, words in (('rn-lindqvist', 'could not do this step'), ('np-okafor', 'recorded already'), ('', 'Choose the person'), ('nobody', 'Choose the person')):
        page = post(nurse, uid, 'correct', chart(nurse, uid), correct_what='inject-by', correct_by=by, correct_why='x')
        assert page.status in (409, 422) and words in page.error_for('correct_by'), (by, page.error_for('correct_by'))
    add = 'INSERT INTO correction (booking_id, what, row_id, old_value, new_value, reason, at, staff_id) VALUES (%s, %s, %s, %s, %s, %s, %s, 1)'
    booking, act = ident(database, uid), database.value("SELECT id FROM act WHERE booking_id = %s AND kind = 'inject'", ident(database, uid))
    with database.connect(user='regen') as db, db.cursor() as sql:
        for words, what, old, new in (('could do it at that time', 'inject-by', 'np-okafor', 'rn-lindqvist'), ('recorded now', 'inject-by', 'dr-rivera', 'dr-chen'),
                                      ('recorded now', 'harvest-by', 'np-okafor', 'dr-chen')):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(add, (booking, what, act, old, new, 'why', now()))
        sql.execute(add, (booking, 'inject-by', act, 'np-okafor', 'dr-chen', 'why', now()))


ACT = ('INSERT INTO act (booking_id, kind, at, recorded_at, staff_id, done_by, capability, capability_id) SELECT %s, %s, %s, %s, %s, g.resource_id,'
       ' g.capability, g.id FROM capability_given g JOIN resource r ON r.id = g.resource_id WHERE r.code = %s AND g.capability = %s')


def test_the_schema_holds_it(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    booking, at = ident(database, uid), now()
    day.time_out(booking, 'harvest', at)
    lend = database.value("SELECT g.id FROM capability_given g JOIN resource r ON r.id = g.resource_id WHERE r.code = 'dr-rivera' AND g.capability = 'marrow-harvest'")
    nurse_id = database.value("SELECT id FROM resource WHERE code = 'rn-lindqvist'")
    taken = ('INSERT INTO collection (booking_id, patient_id, material, taken_from, volume_ml, at, recorded_at, staff_id)'
             " SELECT id, patient_id, 'bone-marrow', 'left-tibia', 60, %s, %s, 1 FROM booking WHERE id = %s")
    unit = ('INSERT INTO unit (label, booking_id, patient_id, service_id, product_no, material, body_site, laterality, volume_ml, harvested_at, expires_at,'
            " collection_id, staff_id) SELECT 'RAW1', id, patient_id, service_id, 1, 'bone-marrow', body_site, laterality, 60, %s, %s,"
            ' (SELECT MAX(id) FROM collection c WHERE c.booking_id = b.id), 1 FROM booking b WHERE id = %s')
    with database.connect(user='regen') as db, db.cursor() as sql:
        def refused(words, statement, *values):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(statement, values)
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            refused('could do it', ACT, booking, 'harvest', at, at, 5, 'rn-lindqvist', 'processing')
            refused('could do it', 'INSERT INTO act (booking_id, kind, at, recorded_at, staff_id) VALUES (%s, %s, %s, %s, 5)', booking, 'harvest', at, at)
            refused('could do it', 'INSERT INTO act (booking_id, kind, at, recorded_at, staff_id, done_by, capability, capability_id) VALUES'
                    " (%s, 'harvest', %s, %s, 5, %s, 'marrow-harvest', %s)", booking, at, at, nurse_id, lend)
            refused('could do it', 'INSERT INTO act (booking_id, kind, at, recorded_at, staff_id, done_by, capability, capability_id) VALUES'
                    " (%s, 'harvest', %s, %s, 5, %s, 'marrow-harvest', 999999)", booking, at, at, nurse_id)
            refused('act_not_ahead', ACT, booking, 'harvest', at, at - 60, 5, 'dr-rivera', 'marrow-harvest')
            refused('without who did it', "INSERT INTO step_event (booking_id, kind, at, staff_id) VALUES (%s, 'harvest', %s, 5)", booking, at)
            refused('without who took it', taken, at, at, booking)
            refused('container of a collection', unit, at, at + 60, booking)
            for forged in ("INSERT INTO capability_given (resource_id, capability, since) VALUES (4, 'marrow-harvest', 0)",
                           'UPDATE capability_given SET resource_id = 4', 'DELETE FROM capability_ended', 'DELETE FROM capability_given',
                           'UPDATE act SET done_by = 4', 'DELETE FROM act'):
                refused('denied', forged)
        sql.execute('SET foreign_key_checks = 1')
        sql.execute(ACT, (booking, 'harvest', at, at, 2, 'dr-rivera', 'marrow-harvest'))
        refused('done again', ACT, booking, 'harvest', at, at, 2, 'dr-rivera', 'marrow-harvest')
        refused('without who took it', taken, at - 1, at, booking)
        sql.execute(taken, (at, at, booking))
        refused('without who took it', taken, at, at, booking)
        refused('what was collected', unit, at - 1, at + 60, booking)
        sql.execute(unit, (at, at + 3600, booking))
        spin = "INSERT INTO unit_processing (unit_id, resource_id, lot_id, kit_lot, volume_ml, minutes, run_why, at, staff_id) SELECT id, 12, (SELECT id FROM supply_lot WHERE lot = 'MK-2291'), 'MK-2291', 5, 0, 'x', %s, 5 FROM unit WHERE label = 'RAW1'"
        refused('no processing without', spin, at)
        sql.execute(ACT, (booking, 'process', at, at, 5, 'rn-lindqvist', 'processing'))
        sql.execute(spin, (at,))
        refused('no injection without', 'INSERT INTO injection (unit_id, booking_id, patient_id, body_site, laterality, expires_at, injected_at, staff_id)'
                " SELECT id, booking_id, patient_id, body_site, laterality, expires_at, %s, 5 FROM unit WHERE label = 'RAW1'", at)


def test_what_was_recorded_before_names_nobody(day, clinician, new_database, database):
    """A row from before the table: shown as what it is."""
    uid = day.book()
    check_in(clinician, uid)
    harvest(clinician, uid)
    database.rows('DROP TRIGGER act_stays')
    with database.connect() as db, db.cursor() as sql:
        sql.execute('SET foreign_key_checks = 0')
        sql.execute('DELETE FROM act WHERE booking_id = %s', (ident(database, uid),))
    page = chart(clinician, uid)
    text = ' '.join(page.css('.steps li')[1].text_content().split())
    assert 'recorded by %s' % RIVERA in text and ' by %s' % RIVERA not in text.replace('recorded by', ''), text
    assert 'Who did the harvest' not in page.text
    assert post(clinician, uid, 'correct', page, correct_what='harvest-by', correct_by='dr-chen', correct_why='x').status == 409
    assert process(clinician, uid, day.label(uid)).status == 200, 'and the day goes on'


def test_two_who_record_at_once(day, clinician, nurse, database):
    uid = day.book()
    check_in(nurse, uid)
    forms = [chart(one, uid).form('/harvest').fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right', done_by=who)
             for one, who in ((clinician, 'dr-rivera'), (nurse, 'dr-chen'))]
    for form in forms:
        form.fill(**agreed(form))
    answers = []

    def press(visitor, form):
        with env.Visitor(visitor.base) as other:
            other.client.cookies.update(visitor.client.cookies)
            answers.append(other.post(form.action, data=dict(form.pairs()), headers={'Origin': visitor.base.rsplit('/clinic', 1)[0]}).status_code)

    threads = [threading.Thread(target=press, args=pair) for pair in zip((clinician, nurse), forms)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(answers) == [303, 409] and len(database.rows('SELECT 1 FROM act WHERE booking_id = %s', ident(database, uid))) == 1


def test_an_api_client_does_nothing_at_the_chairside(day, machine, database, sample):
    uid = day.book()
    for name in ('check-in', 'harvest', 'process', 'inject', 'complete'):
        answer = machine.post(sample['base'] + '/staff/bookings/%s/%s' % (uid, name), data={'done_by': 'dr-rivera', 'volume_ml': '60', 'taken_from': 'right-posterior-iliac-crest', 'side_confirmed': 'right'})
        assert answer.status_code in (302, 303, 401, 403), (name, answer.status_code)
    assert day.events(uid) == []
