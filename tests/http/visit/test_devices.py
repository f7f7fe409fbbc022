# SPDX-License-Identifier: Apache-2.0
"""A device that is closed or overdue for calibration makes nothing, unless a clinician says why it was used all the same. Attacked through the page and
SQL; the warnings before it is due on the board, the day sheet, `regenctl check` and FHIR."""
import datetime

import pymysql
import pytest

import env
from dayfill import ZONE, now, today
from test_staff_day import chart, check_in, harvest, process, step
from test_corrections import ident

PAGE = '/staff/admin/resources/'


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture(autouse=True)
def in_order(database):
    """Afterwards every device is in order again."""
    yield
    database.rows("UPDATE resource SET calibration_due = %s WHERE kind = 'device'", today() + datetime.timedelta(365))
    database.rows("DELETE FROM closure WHERE reason = 'Broken belt'")


def due(database, days, code='centrifuge-1'):
    """Known for an hour: what a test did a second ago was done after it."""
    day = today() + datetime.timedelta(days)
    database.rows('UPDATE resource SET calibration_due = %s WHERE code = %s', day, code)
    database.rows('UPDATE device_calibration SET since = since - 3600 WHERE since > UNIX_TIMESTAMP() - 1800')
    return day


def close(database, code='centrifuge-1'):
    database.rows("INSERT INTO closure (site_id, resource_id, first_day, last_day, kind, reason) SELECT site_id, id, %s, %s, 'other', 'Broken belt'"
                  ' FROM resource WHERE code = %s', today(), today(), code)


def american(day):
    return day.strftime('%B ') + '%d, %d' % (day.day, day.year)


def audited(database, uid, action, detail):
    return database.value('SELECT COUNT(*) FROM audit_event WHERE action = %s AND entity_id = %s AND detail LIKE %s', action, ident(database, uid), detail + '%')


def raw(day, clinician):
    """A harvested unit's visit and label."""
    uid = day.book()
    check_in(clinician, uid)
    assert harvest(clinician, uid).status == 200
    return uid, day.label(uid)


def test_an_overdue_device_is_refused_until_somebody_says_why(day, clinician, database):
    uid, label = raw(day, clinician)
    was_due = due(database, -1)
    page = chart(clinician, uid)
    assert 'overdue for calibration since ' + american(was_due) in page.text
    assert page.form('/process').value('device_code') == 'centrifuge-2', 'the one in order is proposed'
    fields = dict(label=label, kit_lot='LOT-1', volume_ml='8', device_code='centrifuge-1')
    page = step(clinician, uid, 'process', **fields)
    assert page.status == 409 and 'was due for calibration on ' + american(was_due) in page.error_for('device_code'), repr(page)
    assert 'clinician enters below why' in page.error_for('device_code') and page.form('/process').value('kit_lot') == 'LOT-1'
    assert 'process' not in day.events(uid) and audited(database, uid, 'day.refused', 'process overdue-device') == 1
    page = page.form('/process').fill(device_why='x' * 201).submit()
    assert page.status == 422 and page.error_for('device_why') and 'process' not in day.events(uid)
    page = page.form('/process').fill(device_why='Calibrated this morning; the certificate is on its way').submit()
    assert page.status == 200 and 'certificate is on its way' in page.text, repr(page)
    assert audited(database, uid, 'day.device-override', 'overdue-device centrifuge-1') == 1
    assert database.rows('SELECT x.device_why, x.staff_id, x.utc_offset IS NULL FROM unit_processing x JOIN unit u ON u.id = x.unit_id WHERE u.label = %s', label) \
        == (('Calibrated this morning; the certificate is on its way', 2, 0),)
    assert 'certificate' not in database.value("SELECT GROUP_CONCAT(detail) FROM audit_event WHERE action = 'day.device-override'"), 'codes, not words'


def test_what_is_entered_later_is_judged_as_of_then(day, clinician, database):
    """Used while it was overdue, calibrated afterwards, and only then typed."""
    uid, label = raw(day, clinician)
    used = database.value('SELECT harvested_at FROM unit WHERE label = %s', label)
    was_due = due(database, -1)
    database.rows("UPDATE device_calibration SET since = %s WHERE id = (SELECT MAX(id) FROM device_calibration WHERE resource_id = 12)", used - 60)
    due(database, 365)
    database.rows("UPDATE device_calibration SET since = %s WHERE id = (SELECT MAX(id) FROM device_calibration WHERE resource_id = 12)", used + 86400)
    page = step(clinician, uid, 'process', label=label, kit_lot='L', volume_ml='8', device_code='centrifuge-1')
    assert page.status == 409 and 'was due for calibration on ' + american(was_due) in page.error_for('device_code'), repr(page)
    with database.connect(user='regen') as db, db.cursor() as sql:
        for wrong in ('UPDATE device_calibration SET since = 0', 'DELETE FROM device_calibration', 'INSERT INTO device_calibration (resource_id, since) VALUES (12, 0)'):
            with pytest.raises(pymysql.MySQLError, match='denied'):
                sql.execute(wrong)
    database.rows("DELETE FROM device_calibration WHERE resource_id = 12 AND since > %s", used)
    assert page.form('/process').fill(device_why='It was calibrated the day after').submit().status == 200


def test_it_may_be_used_on_its_last_day(day, clinician, database):
    uid, label = raw(day, clinician)
    due(database, 0)
    page = step(clinician, uid, 'process', label=label, kit_lot='L', volume_ml='8', device_code='centrifuge-1', device_why='not needed')
    assert page.status == 200 and 'not needed' not in page.text and audited(database, uid, 'day.device-override', '') == 0


def test_a_closed_device_asks_for_the_same(day, clinician, database):
    uid, label = raw(day, clinician)
    close(database)
    page = step(clinician, uid, 'process', label=label, kit_lot='L', volume_ml='8', device_code='centrifuge-1')
    assert page.status == 409 and 'is closed at this time (Broken belt)' in page.error_for('device_code')
    page = page.form('/process').fill(device_why='It ran on the new belt').submit()
    assert page.status == 200 and 'It ran on the new belt' in page.text
    assert audited(database, uid, 'day.device-override', 'closed-device centrifuge-1') == 1


def test_the_schema_holds_it(day, clinician, database):
    uid, label = raw(day, clinician)
    unit, at = database.value('SELECT id FROM unit WHERE label = %s', label), now()
    day.act(ident(database, uid), 'process', at)
    offset = int(datetime.datetime.fromtimestamp(at, ZONE).utcoffset().total_seconds() // 60)
    spin = ('INSERT INTO unit_processing (unit_id, resource_id, lot_id, kit_lot, volume_ml, minutes, run_why, at, utc_offset, device_why, staff_id)'
            " SELECT %s, id, (SELECT id FROM supply_lot WHERE lot = 'MK-2291'), 'MK-2291', 8, 0, 'x', %s, %s, %s, %s FROM resource WHERE code = %s")
    desk = database.value("SELECT id FROM staff WHERE login = 'frontdesk'")
    with database.connect(user='regen') as db, db.cursor() as sql:
        def refused(words, utc_offset, why='', staff=2, code='centrifuge-1'):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(spin, (unit, at, utc_offset, why, staff, code))
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            due(database, -1)
            refused('overdue for calibration', offset)
            due(database, -3)
            refused('overdue for calibration', None)
            refused('clinician says why', offset, 'I say so', desk)
            due(database, 300)
            close(database)
            refused('processing_offset|was closed', 3000)
            refused('was closed', offset)
            refused('was closed', None)
            database.rows("DELETE FROM closure WHERE reason = 'Broken belt'")
            refused('processing_offset', 3000)
            refused('clinician says why', offset, 'Nobody is there', 99999)
        due(database, -1)
        sql.execute(spin, (unit, at, offset, 'Calibrated this morning', 2, 'centrifuge-1'))
        for change in ("UPDATE unit_processing SET device_why = '' WHERE unit_id = %s", 'DELETE FROM unit_processing WHERE unit_id = %s'):
            with pytest.raises(pymysql.MySQLError, match='denied'):
                sql.execute(change, (unit,))
    due(database, 300)


def test_an_administrator_enters_the_day(staff, database):
    admin = staff('admin')
    form = admin.open(PAGE + 'centrifuge-2').form(having='capabilities')
    assert form.value('calibration_due') == (today() + datetime.timedelta(365)).isoformat() or form.value('calibration_due')
    page = form.fill(calibration_due='soon').submit()
    assert page.status == 422 and 'the day until which it is calibrated' in page.error_for('calibration_due') and page.form(having='capabilities').value('calibration_due') == 'soon'
    page = page.form(having='capabilities').fill(calibration_due='2127-03-31').submit()
    assert page.status == 200 and str(database.value("SELECT calibration_due FROM resource WHERE code = 'centrifuge-2'")) == '2127-03-31'
    page = admin.open(PAGE + 'centrifuge-2').form(having='capabilities').fill(calibration_due='').submit()
    assert page.status == 200 and database.value("SELECT calibration_due FROM resource WHERE code = 'centrifuge-2'") is None
    assert 'calibration_due' not in admin.open(PAGE + 'procedure-1').form(having='capabilities').names(), 'rooms are not calibrated'


def test_it_is_said_before_it_is_due(staff, machine, database):
    desk = staff('front_desk')
    for path in ('/staff', '/staff/day'):
        assert 'Calibration due' not in desk.open(path).text
    check = lambda: env.regenctl(database, 'check', check=False).stdout
    assert 'calibration' not in check()
    soon, past = due(database, 14), due(database, -2, 'c-arm-1')
    for path in ('/staff', '/staff/day'):
        page = desk.open(path)
        assert 'it may be used until ' + american(soon) in page.text and 'it was due on ' + american(past) in page.text
    assert 'Calibration due' not in desk.open('/staff?date=2127-03-03').text
    said = check()
    assert 'Device centrifuge-1 (Centrifuge 1) is due for calibration on %s.' % soon in said, said
    assert 'Device c-arm-1 (C-arm) was due for calibration on %s' % past in said
    due(database, 15)
    assert american(soon + datetime.timedelta(1)) not in desk.open('/staff').text
    device = next(e['resource'] for e in machine.get('/Device', params={'_format': 'json'}).json()['entry'] if e['resource']['serialNumber'] == 'CA-0093')
    assert [x['valueDate'] for x in device['extension'] if x['url'].endswith('/calibration-due')] == [past.isoformat()]
