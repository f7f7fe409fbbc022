# SPDX-License-Identifier: Apache-2.0
"""Lots of supplies: a kit that is expired or recalled is refused, or a clinician says why it was used; a recall finds the treatments. Attacked through the
page, SQL and races."""
import datetime
import threading

import pymysql
import pytest

import env
from dayfill import BORN, now, today
from test_staff_day import agreed, chart, check_in, harvest, inject, post, step
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


def enter(visitor, lot, days=100, item='Kit X', kind='kit', **more):
    return visitor.open('/staff/supplies').form(having='item').fill(kind=kind, item=item, lot=lot, expires=(today() + datetime.timedelta(days)).isoformat(), **more).submit()


def lot_id(database, lot):
    return database.value('SELECT id FROM supply_lot WHERE lot = %s', lot)


def recall(visitor, database, lot, reason='Letter of the maker'):
    return visitor.open('/staff/supplies/%d' % lot_id(database, lot)).form(having='reason').fill(reason=reason).submit()


def left(database):
    """Somebody who was a clinician."""
    database.rows("INSERT IGNORE INTO staff (login, name, active) VALUES ('gone', 'Dr. Gone', 0)")
    who = database.value("SELECT id FROM staff WHERE login = 'gone'")
    database.rows("INSERT IGNORE INTO staff_role (staff_id, role) VALUES (%s, 'clinician')", who)
    return who


def made(day, clinician, database, lot, **person):
    """A unit processed with this lot: its visit and label."""
    uid, label = raw(day, clinician, **person)
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit=str(lot_id(database, lot)))
    assert page.status == 200, repr(page)
    return uid, label


def test_a_lot_is_entered_once_and_chosen(day, clinician, desk, database):
    page = enter(desk, 'A-1', udi='(01)04012345000015(17)300101(10)A-1')
    assert page.status == 200 and 'A-1' in page.text and 'Kit X' in page.text
    page = enter(desk, 'a-1')
    assert page.status == 409 and 'has this lot already' in page.error_for('lot') and page.form(having='item').value('lot') == 'a-1'
    page = enter(desk, 'a-1', days=99)
    assert page.status == 409 and 'Read both again' in page.error_for('expires')
    page = desk.open('/staff/supplies').form(having='item').fill(item='', lot='B-1', expires='soon').submit()
    assert page.status == 422 and page.error_for('item') and 'Choose whether' in page.error_for('kind') and 'expiry day as printed' in page.error_for('expires')
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
    assert 'A clinician or an administrator can take it back' in desk.open('/staff/supplies/%d' % lot_id(database, 'R-1')).text
    page = recall(clinician, database, 'R-1', 'Another lot was meant')
    assert 'Recall taken back' in page.text and database.value('SELECT COUNT(*) FROM supply_recall WHERE lot_id = %s', lot_id(database, 'R-1')) == 2
    assert step(clinician, uid, 'process', label=label, volume_ml='8', kit=str(lot_id(database, 'R-1'))).status == 200
    recall(desk, database, 'R-1', 'It was it after all')
    assert 'Walker' in desk.open('/staff/supplies/%d' % lot_id(database, 'R-1')).text, 'the treatments of a recalled lot are found'


def test_the_schema_holds_it(day, clinician, desk, database):
    enter(desk, 'S-OLD', days=-3)
    enter(desk, 'S-BACK')
    enter(desk, 'S-FINE')
    recall(desk, database, 'S-BACK')
    enter(desk, 'S-OTHER', item='Heparin', kind='other')
    other, gone = lot_id(database, 'S-OTHER'), left(database)
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
            refused('a clinician takes a recall back', "INSERT INTO supply_recall (lot_id, recalled, reason, at, staff_id) VALUES (%s, 0, 'x', %s, %s)", back, at, frontdesk)
            refused('names a lot', SPIN, other, 'S-OTHER', '', at, me, label)
            for who in (999999, gone):
                refused('a member of the staff recalls', "INSERT INTO supply_recall (lot_id, recalled, reason, at, staff_id) VALUES (%s, 1, 'x', %s, %s)", fine, at, who)
                refused('a member of the staff enters', "INSERT INTO supply_lot (item, lot, expires, received_at, staff_id) VALUES ('Kit', 'S-NEW', '2127-01-01', %s, %s)", at, who)
            refused('a clinician says why', SPIN, old, 'S-OLD', 'I say so', at, gone, label)
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


def correct_to(visitor, uid, lot):
    return chart(visitor, uid).form('/correct').fill(correct_what='kit-lot', correct_value=lot, correct_why='Misread').submit()


def test_a_corrected_lot_is_judged_as_it_is_now(day, clinician, desk, database):
    for lot, days in (('J-OLD', -2), ('J-BACK', 100), ('J-FINE', 100)):
        enter(desk, lot, days=days)
    enter(desk, 'J-HEPARIN', item='Heparin', kind='other')
    recall(desk, database, 'J-BACK')
    uid, label = raw(day, clinician)
    assert step(clinician, uid, 'process', label=label, volume_ml='8', kit_lot='J-OLD', kit_expires='', lot_why='The only one').status == 200
    page = chart(clinician, uid)
    assert 'The only one' in page.text and 'It was to be used until ' + american(today() - datetime.timedelta(2)) in page.text
    page = correct_to(clinician, uid, 'J-HEPARIN')
    assert page.status == 409 and 'No lot of a kit' in page.error_for('correct_value')
    unit, at = database.value('SELECT id FROM unit WHERE label = %s', label), now()
    frontdesk = database.value("SELECT id FROM staff WHERE login = 'frontdesk'")
    with database.connect(user='regen') as db, db.cursor() as sql:
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            for lot in ('J-BACK', 'J-OLD'):
                for who in (frontdesk, left(database)):
                    with pytest.raises(pymysql.MySQLError, match='a clinician corrects to a lot'):
                        sql.execute("INSERT INTO correction (booking_id, what, row_id, old_value, new_value, reason, at, staff_id)"
                                    " VALUES (%s, 'kit-lot', %s, 'J-OLD', %s, 'x', %s, %s)", (ident(database, uid), unit, lot, at, who))
    page = correct_to(clinician, uid, 'J-BACK')
    assert page.status == 200 and audited(database, uid, 'day.lot-override', 'correct recalled-lot') == 1
    assert 'The only one' not in page.text and 'Letter of the maker' in page.text and 'It was to be used until' not in page.text
    page = inject(clinician, uid, label)
    assert page.status == 409 and 'of lot J-BACK, which is recalled since' in page.error_for('lot_why'), repr(page)
    page = correct_to(clinician, uid, 'J-FINE')
    assert page.status == 200 and 'The only one' not in page.text and 'Letter of the maker' not in page.text
    assert inject(clinician, uid, label).status == 200


def test_a_lot_recalled_after_the_processing_stops_the_injection(day, clinician, desk, database):
    enter(desk, 'I-1')
    uid, label = made(day, clinician, database, 'I-1', family='Opener')
    used, used_label = made(day, clinician, database, 'I-1', family='Doneson')
    assert inject(clinician, used, used_label).status == 200
    recall(desk, database, 'I-1')
    text = desk.open('/staff/supplies/%d' % lot_id(database, 'I-1')).text
    assert text.index('Not injected yet') < text.index('Opener') < text.index('Used in') < text.index('Doneson')
    page = chart(clinician, uid)
    assert 'Recalled since' in page.text and 'Letter of the maker' in page.text and 'lot_why' in page.form('/inject').names()
    page = inject(clinician, uid, label)
    assert page.status == 409 and 'of lot I-1, which is recalled since' in page.error_for('lot_why') and 'Dispose of the unit' in page.error_for('lot_why')
    assert 'inject' not in day.events(uid) and audited(database, uid, 'day.refused', 'inject recalled-lot') == 1
    unit, booking, patient = database.rows('SELECT u.id, u.booking_id, u.patient_id FROM unit u WHERE u.label = %s', label)[0]
    frontdesk = database.value("SELECT id FROM staff WHERE login = 'frontdesk'")
    give = ('INSERT INTO injection (unit_id, booking_id, patient_id, body_site, laterality, expires_at, injected_at, staff_id, lot_why)'
            " SELECT id, booking_id, patient_id, body_site, laterality, expires_at, %s, %s, %s FROM unit WHERE label = %s")
    with database.connect(user='regen') as db, db.cursor() as sql:
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            for who, why, words in ((2, '', 'the lot of the kit is recalled'), (frontdesk, 'I say so', 'a clinician says why a unit'),
                                    (left(database), 'I say so', 'a clinician says why a unit')):
                with pytest.raises(pymysql.MySQLError, match=words):
                    sql.execute(give, (now(), who, why, label))
            with pytest.raises(pymysql.MySQLError, match='denied'):
                sql.execute("UPDATE injection SET lot_why = 'x'")
    page = step(clinician, uid, 'inject', label=label, birth_date=BORN, body_site='knee', side='right', lot_why='The recall is about the lid')
    assert page.status == 200 and 'Injected although recalled' in page.text and 'The recall is about the lid' in page.text
    assert audited(database, uid, 'day.lot-override', 'inject recalled-lot') == 1
    assert database.value('SELECT lot_why FROM injection WHERE unit_id = %s', unit) == 'The recall is about the lid'


def test_a_unit_of_a_lot_in_order_keeps_no_reason(day, clinician, desk, database):
    enter(desk, 'K-1')
    uid, label = made(day, clinician, database, 'K-1')
    form = chart(clinician, uid).form('/inject')
    assert 'lot_why' not in form.names()
    recall(desk, database, 'K-1')
    form = chart(clinician, uid).form('/inject')
    recall(clinician, database, 'K-1', 'Another lot was meant')
    page = form.fill(**{**agreed(form), **clinician.second, 'label': label, 'birth_date': BORN, 'body_site': 'knee', 'side': 'right', 'lot_why': 'not needed'}).submit()
    assert page.status == 200 and database.value('SELECT i.lot_why FROM injection i JOIN unit u ON u.id = i.unit_id WHERE u.label = %s', label) == ''


def test_a_mistyped_expiry_is_mended(day, clinician, desk, database):
    enter(desk, 'M-1', days=-5)
    enter(desk, 'M-1', days=50, item='Heparin', kind='other')
    recall(desk, database, 'M-1', 'Expiry mistyped')
    uid, label = raw(day, clinician)
    right = (today() + datetime.timedelta(200)).isoformat()
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit_lot='M-1', kit_expires=right)
    assert page.status == 422 and 'enter it there as printed' in page.error_for('kit_expires'), 'nobody gets round a recall by typing'
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit_lot='M-1', kit_expires='')
    assert page.status == 409 and 'was recalled (Expiry mistyped)' in page.error_for('kit_lot')
    assert enter(desk, 'M-1', days=200).status == 200 and enter(desk, 'M-1', days=201).status == 409
    chosen = database.value("SELECT id FROM supply_lot WHERE lot = 'M-1' AND kit = 1 AND expires = %s", right)
    page = chart(clinician, uid)
    assert 'Kit X, lot M-1' in page.text and 'Heparin' not in page.text
    page = page.form('/process').fill(label=label, volume_ml='8', minutes='0', run_why='x', kit_lot='M-1', kit_expires=right).submit()
    assert page.status == 200 and database.value('SELECT x.lot_id FROM unit_processing x JOIN unit u ON u.id = x.unit_id WHERE u.label = %s', label) == chosen
    other, other_label = raw(day, clinician)
    assert step(clinician, other, 'process', label=other_label, volume_ml='8', kit_lot='M-1', kit_expires='').status == 200, 'known by its number'
    heparin = database.value("SELECT id FROM supply_lot WHERE item = 'Heparin' AND lot = 'M-1'")
    third, third_label = raw(day, clinician)
    page = step(clinician, third, 'process', label=third_label, volume_ml='8', kit_lot='M-1', kit_expires='2126-01-01')
    assert page.status == 422 and page.error_for('kit_expires')
    page = post(clinician, third, 'process', chart(clinician, third), label=third_label, volume_ml='8', minutes='0', run_why='x', device_code='centrifuge-1', kit=str(heparin))
    assert page.status == 422 and 'Choose the lot of the kit' in page.text


def test_one_lot_is_chosen_or_typed(day, clinician, desk, database):
    enter(desk, 'B-CHOSEN')
    uid, label = raw(day, clinician)
    page = step(clinician, uid, 'process', label=label, volume_ml='8', kit=str(lot_id(database, 'B-CHOSEN')), kit_lot='B-TYPED', kit_expires='2127-05-31')
    assert page.status == 422 and 'Choose one or type the other' in page.error_for('kit') and lot_id(database, 'B-TYPED') is None
    form = page.form('/process')
    assert (form.value('kit'), form.value('kit_lot'), form.value('kit_expires')) == (str(lot_id(database, 'B-CHOSEN')), 'B-TYPED', '2127-05-31')
    page = form.fill(kit_lot='b-chosen').submit()
    assert page.status == 422 and page.error_for('kit'), 'its expiry differs'
    assert page.form('/process').fill(kit_expires='').submit().status == 200


def test_a_lot_is_found_by_its_number(desk, database, clinician, day):
    database.rows("INSERT INTO supply_lot (item, lot, expires, received_at, staff_id) SELECT 'Many', CONCAT('F-', LPAD(seq, 4, '0')), '2140-01-01', 0, 4 FROM seq_1_to_301")
    enter(desk, 'Z%_9')
    page = desk.open('/staff/supplies')
    assert 'There are more' in page.text and 'Z%_9' not in page.text
    assert 'Z%_9' in desk.open('/staff/supplies?find=z%25_').text and 'No lot has this' in desk.open('/staff/supplies?find=z%25%25').text
    uid, label = made(day, clinician, database, 'Z%_9')
    assert 'staff/supplies/%d"' % lot_id(database, 'Z%_9') in chart(clinician, uid).html


def test_a_lot_with_many_uses_has_a_next_page(desk, database, day, clinician):
    enter(desk, 'MANY-1')
    uid, label = made(day, clinician, database, 'MANY-1', family='Realman')
    first = '/staff/supplies/%d' % lot_id(database, 'MANY-1')
    assert 'rel="next"' not in desk.open(first).html
    assert desk.open(first + '?page=2').status == 200 and 'Realman' not in desk.open(first + '?page=2').text
    assert desk.open(first + '?page=0').status == desk.open(first + '?page=x').status == 404


def test_who_may(staff):
    billing = staff('billing')
    assert billing.open('/staff/supplies').status == 403 and billing.open('/staff/supplies/1').status == 403
