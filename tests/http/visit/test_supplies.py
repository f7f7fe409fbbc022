# SPDX-License-Identifier: Apache-2.0
"""Lots of supplies: a kit that is expired or recalled is refused, or a clinician says why it was used; a recall finds the treatments. Attacked through the
page, SQL and races."""
import datetime
import threading

import pymysql
import pytest

import env
from dayfill import now, today
from test_staff_day import chart, check_in, harvest, step
from test_corrections import ident
from test_devices import american, audited

SPIN = ('INSERT INTO unit_processing (unit_id, resource_id, lot_id, kit_lot, lot_why, volume_ml, minutes, run_why, at, staff_id)'
        " SELECT id, 12, %s, %s, %s, 8, 0, 'x', %s, %s FROM unit WHERE label = %s")


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def desk(staff):
    return staff('front_desk')


def raw(day, clinician, **person):
    uid = day.book(**person)
    check_in(clinician, uid)
    assert harvest(clinician, uid).status == 200
    return uid, day.label(uid)


def enter(visitor, lot, days=100, item='Kit X', **more):
    return visitor.open('/staff/supplies').form(having='item').fill(item=item, lot=lot, expires=(today() + datetime.timedelta(days)).isoformat(), **more).submit()


def lot_id(database, lot):
    return database.value('SELECT id FROM supply_lot WHERE lot = %s', lot)


def recall(visitor, database, lot, reason='Letter of the maker'):
    return visitor.open('/staff/supplies/%d' % lot_id(database, lot)).form(having='reason').fill(reason=reason).submit()


def test_a_lot_is_entered_once_and_chosen(day, clinician, desk, database):
    page = enter(desk, 'A-1', udi='(01)04012345000015(17)300101(10)A-1')
    assert page.status == 200 and 'A-1' in page.text and 'Kit X' in page.text
    page = enter(desk, 'a-1')
    assert page.status == 409 and 'has this lot already' in page.error_for('lot') and page.form(having='item').value('lot') == 'a-1'
    page = desk.open('/staff/supplies').form(having='item').fill(item='', lot='B-1', expires='soon').submit()
    assert page.status == 422 and page.error_for('item') and 'expiry day as printed' in page.error_for('expires')
    uid, label = raw(day, clinician)
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit=str(lot_id(database, 'A-1')))
    assert page.status == 200 and 'kit A-1' in page.text, repr(page)
    page = desk.open('/staff/supplies/%d' % lot_id(database, 'A-1'))
    assert 'Walker' in page.text and label in page.text and '(01)0401' in page.text
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'look' AND detail LIKE 'GET /staff/supplies/*%%'") >= 1
    assert desk.open('/staff/supplies/999999').status == desk.open('/staff/supplies/x').status == 404


def test_a_typed_lot_needs_its_expiry_and_becomes_one(day, clinician, database):
    uid, label = raw(day, clinician)
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit_lot='', kit_expires='')
    assert page.status == 422 and 'Choose the lot' in page.error_for('kit_lot')
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit_lot='T-1', kit_expires='')
    assert page.status == 422 and 'expiry day as printed' in page.error_for('kit_expires') and lot_id(database, 'T-1') is None
    assert page.form('/process').value('kit_lot') == 'T-1'
    page = page.form('/process').fill(kit_expires='2127-05-31').submit()
    assert page.status == 200 and database.value("SELECT item FROM supply_lot WHERE lot = 'T-1'") == 'Processing kit'
    other, other_label = raw(day, clinician)
    page = step(clinician, other, 'process', label=other_label, volume_ml='8', kit_lot='T-1', kit_expires='2126-05-31')
    assert page.status == 422 and 'is on file with the expiry May 31, 2127' in page.error_for('kit_expires')
    assert page.form('/process').fill(kit_expires='').submit().status == 200, 'known by its number'


def test_an_expired_lot_is_refused_until_somebody_says_why(day, clinician, desk, database):
    enter(desk, 'OLD-1', days=-1)
    uid, label = raw(day, clinician)
    assert 'OLD-1' not in chart(clinician, uid).text, 'not offered'
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit_lot='OLD-1', kit_expires='')
    assert page.status == 409 and 'Lot OLD-1 expired on ' + american(today() - datetime.timedelta(1)) in page.error_for('kit_lot')
    assert audited(database, uid, 'day.refused', 'process expired-lot') == 1 and 'process' not in day.events(uid)
    page = page.form('/process').fill(lot_why='Only one left; sterile pack intact').submit()
    assert page.status == 200 and 'sterile pack intact' in page.text and audited(database, uid, 'day.lot-override', 'expired-lot') == 1
    uid, label = raw(day, clinician)
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit_lot='EXPIRED-2019', kit_expires='2019-12-31')
    assert page.status == 409 and 'expired on December 31, 2019' in page.error_for('kit_lot') and lot_id(database, 'EXPIRED-2019') is None


def test_its_last_day_counts(day, clinician, desk, database):
    enter(desk, 'TODAY-1', days=0)
    uid, label = raw(day, clinician)
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit=str(lot_id(database, 'TODAY-1')), lot_why='no need')
    assert page.status == 200 and 'no need' not in page.text


def test_a_recall_is_added_and_taken_back_by_adding(day, clinician, desk, database):
    enter(desk, 'R-1')
    uid, label = raw(day, clinician)
    open_form = chart(clinician, uid).form('/process').fill(label=label, volume_ml='8', kit=str(lot_id(database, 'R-1')), minutes='0', run_why='x')
    page = recall(desk, database, 'R-1', reason='')
    assert page.status == 422 and page.error_for('reason')
    stale = desk.open('/staff/supplies/%d' % lot_id(database, 'R-1')).form(having='reason').fill(reason='Twice')
    page = recall(desk, database, 'R-1')
    assert page.status == 200 and 'Letter of the maker' in page.text and 'Recalled' in page.text
    assert stale.submit().status == 409
    page = open_form.submit()
    assert page.status == 409 and 'Lot R-1 was recalled (Letter of the maker)' in page.error_for('kit'), repr(page)
    assert audited(database, uid, 'day.refused', 'process recalled-lot') == 1
    page = recall(desk, database, 'R-1', 'Another lot was meant')
    assert 'Recall taken back' in page.text and database.value('SELECT COUNT(*) FROM supply_recall WHERE lot_id = %s', lot_id(database, 'R-1')) == 2
    assert step(clinician, uid, 'process', label=label, volume_ml='8', kit=str(lot_id(database, 'R-1'))).status == 200
    recall(desk, database, 'R-1', 'It was it after all')
    assert 'Walker' in desk.open('/staff/supplies/%d' % lot_id(database, 'R-1')).text, 'the treatments of a recalled lot are found'


def test_the_schema_holds_it(day, clinician, desk, database):
    enter(desk, 'S-OLD', days=-3)
    enter(desk, 'S-BACK')
    enter(desk, 'S-FINE')
    recall(desk, database, 'S-BACK')
    old, back, fine = (lot_id(database, x) for x in ('S-OLD', 'S-BACK', 'S-FINE'))
    uid, label = raw(day, clinician)
    at, me, frontdesk = now(), 2, database.value("SELECT id FROM staff WHERE login = 'frontdesk'")
    day.act(ident(database, uid), 'process', at)
    with database.connect(user='regen') as db, db.cursor() as sql:
        def refused(words, statement, *values):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(statement, values)
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            refused('names a lot', SPIN, None, 'S-FINE', '', at, me, label)
            refused('names a lot', SPIN, 999999, 'S-FINE', '', at, me, label)
            refused('names a lot', SPIN, fine, 'S-OTHER', '', at, me, label)
            refused('expired or recalled', SPIN, old, 'S-OLD', '', at, me, label)
            refused('expired or recalled', SPIN, back, 'S-BACK', '', at, me, label)
            refused('a clinician says why', SPIN, old, 'S-OLD', 'I say so', at, frontdesk, label)
            refused('recalled once', "INSERT INTO supply_recall (lot_id, recalled, reason, at, staff_id) VALUES (%s, 1, 'x', %s, 2)", back, at)
            refused('recalled once', "INSERT INTO supply_recall (lot_id, recalled, reason, at, staff_id) VALUES (%s, 0, 'x', %s, 2)", fine, at)
            refused('recalled once', "INSERT INTO supply_recall (lot_id, recalled, reason, at, staff_id) VALUES (999999, 1, 'x', %s, 2)", at)
            for change in ('UPDATE supply_lot SET expires = %s', 'UPDATE supply_recall SET recalled = %s'):
                refused('denied', change, 1)
            for table in ('supply_lot', 'supply_recall'):
                refused('denied', 'DELETE FROM %s' % table)
        sql.execute(SPIN, (old, 'S-OLD', 'Nothing else was there', at, me, label))


def test_of_two_recalls_at_once_one_counts(desk, database):
    enter(desk, 'RACE-1')
    form = desk.open('/staff/supplies/%d' % lot_id(database, 'RACE-1')).form(having='reason').fill(reason='Both at once')
    fresh = lambda: desk.open('/staff/supplies/%d' % lot_id(database, 'RACE-1')).form(having='reason').fill(reason='Both at once')
    forms, answers = [form] + [fresh() for _ in range(4)], []

    def press(one):
        with env.Visitor(desk.base) as tab:
            tab.client.cookies.update(desk.client.cookies)
            answers.append(tab.post(one.action, data=dict(one.pairs()), headers={'Origin': desk.base.rsplit('/clinic', 1)[0]}).status_code)

    threads = [threading.Thread(target=press, args=(one,)) for one in forms]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(a in (200, 303) for a in answers) == [False] * 4 + [True] and answers.count(409) == 4, answers
    assert database.value('SELECT COUNT(*) FROM supply_recall WHERE lot_id = %s', lot_id(database, 'RACE-1')) == 1


def test_a_corrected_lot_is_found_where_it_belongs(day, clinician, desk, database):
    enter(desk, 'C-WRONG')
    enter(desk, 'C-RIGHT')
    uid, label = raw(day, clinician, family='Corrigan')
    assert step(clinician, uid, 'process', label=label, volume_ml='8', kit=str(lot_id(database, 'C-WRONG'))).status == 200
    form = chart(clinician, uid).form('/correct').fill(correct_what='kit-lot', correct_value='C-NOWHERE', correct_why='Misread')
    page = form.submit()
    assert page.status == 409 and 'Enter it under Supplies first' in page.error_for('correct_value')
    assert page.form('/correct').fill(correct_value='C-RIGHT').submit().status == 200
    assert 'Corrigan' in desk.open('/staff/supplies/%d' % lot_id(database, 'C-RIGHT')).text
    assert 'Corrigan' not in desk.open('/staff/supplies/%d' % lot_id(database, 'C-WRONG')).text


def test_who_may(staff):
    billing = staff('billing')
    assert billing.open('/staff/supplies').status == 403 and billing.open('/staff/supplies/1').status == 403
