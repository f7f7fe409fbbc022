# SPDX-License-Identifier: Apache-2.0
"""A run of a device: one patient's units in a chamber at a time, and a reason for a run that is shorter or longer than the product allows. Attacked through
the page, SQL and races."""
import threading

import pymysql
import pytest

import env
from dayfill import now
from test_staff_day import chart, check_in, harvest, step
from test_corrections import ident
from test_devices import audited

SPIN = ('INSERT INTO unit_processing (unit_id, resource_id, lot_id, kit_lot, volume_ml, minutes, run_why, at, staff_id)'
        " SELECT u.id, r.id, (SELECT id FROM supply_lot WHERE lot = 'MK-2291'), 'MK-2291', 8, %s, %s, %s, 2 FROM unit u JOIN resource r ON r.code = %s WHERE u.label = %s")


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def day(day, database):
    """Devices have one chamber again, and nothing ran in them."""
    database.admin("USE regen; SET foreign_key_checks = 0; TRUNCATE TABLE unit_processing")
    database.rows("UPDATE resource SET chambers = 1 WHERE kind = 'device'")
    return day


def raw(day, clinician, database, minutes=90, **person):
    """A unit that was harvested MINUTES ago, of a patient of its own; visit and label."""
    uid = day.book(family='Runner' + day.uid()[-5:], **person)
    check_in(clinician, uid)
    assert harvest(clinician, uid).status == 200
    label = day.label(uid)
    move(database, uid, 60 * minutes)
    return uid, label


def move(database, uid, ago):
    """What was recorded so far was done so many seconds earlier."""
    booking = ident(database, uid)
    kept = {name: database.rows('SHOW CREATE TRIGGER ' + name)[0][2] for name in ('step_event_keeps', 'act_keeps', 'collection_keeps')}
    for name in kept:
        database.rows('DROP TRIGGER ' + name)
    with database.connect() as db, db.cursor() as sql:
        sql.execute('SET foreign_key_checks = 0')
        for table, column in (('step_event', 'at'), ('act', 'at'), ('collection', 'at'), ('unit', 'harvested_at')):
            sql.execute('UPDATE %s SET %s = %s - %%s WHERE booking_id = %%s' % (table, column, column), (ago, booking))
    for text in kept.values():
        database.rows(text)


def spin(clinician, uid, label, minutes, device='centrifuge-1', **more):
    return step(clinician, uid, 'process', label=label, kit_lot='L', volume_ml='8', device_code=device, minutes=minutes, **{'run_why': '', **more})


def test_two_patients_never_share_a_chamber(day, clinician, database):
    (mine, my_label), (other, other_label), (third, third_label) = (raw(day, clinician, database) for _ in range(3))
    assert spin(clinician, mine, my_label, '15').status == 200
    page = spin(clinician, other, other_label, '14')
    said = page.error_for('device_code')
    assert page.status == 409 and 'ran with another patient’s unit from' in said and 'Correct the device' in said and 'why the device was used' in said, repr(page)
    assert my_label not in page.text and mine not in page.html, 'not whose'
    assert page.form('/process').value('minutes') == '14' and 'process' not in day.events(other)
    assert audited(database, other, 'day.refused', 'process device-busy') == 1
    page = page.form('/process').fill(device_code='centrifuge-2').submit()
    assert page.status == 200 and '14 minutes' in page.text, repr(page)
    database.rows("UPDATE resource SET chambers = 2 WHERE code = 'centrifuge-1'")
    assert spin(clinician, third, third_label, '15').status == 200, 'a device with two chambers takes two'


def test_a_wrong_record_keeps_nobody_from_recording(day, clinician, database):
    """The run before was typed late, so it stands too late; what was done after it is recorded with a clinician's reason."""
    (mine, my_label), (other, other_label) = (raw(day, clinician, database) for _ in range(2))
    assert spin(clinician, mine, my_label, '15').status == 200
    page = spin(clinician, other, other_label, '15')
    assert page.status == 409 and audited(database, other, 'day.device-override', 'device-busy') == 0
    page = page.form('/process').fill(device_why='The run before was entered ten minutes late').submit()
    assert page.status == 200 and 'The run before was entered ten minutes late' in page.text, repr(page)
    assert audited(database, other, 'day.device-override', 'device-busy') == 1
    assert database.rows('SELECT x.device_why <> "" FROM unit_processing x JOIN unit u ON u.id = x.unit_id WHERE u.label = %s', other_label) == ((1,),)


def test_a_run_outside_the_limits_says_why(day, clinician, database):
    uid, label = raw(day, clinician, database)
    assert '12 to 20, otherwise say why' in chart(clinician, uid).text
    for typed in ('', 'a while', '12.5', '-3', '1441'):
        page = spin(clinician, uid, label, typed)
        assert page.status == 422 and 'whole minutes' in page.error_for('minutes') and page.form('/process').value('minutes') == typed
    page = spin(clinician, uid, label, '120')
    assert page.status == 422 and 'began before the harvest' in page.error_for('minutes')
    for minutes, word in (('11', 'shorter'), ('21', 'longer')):
        page = spin(clinician, uid, label, minutes)
        assert page.status == 409 and 'runs 12 to 20 minutes, and %s were entered' % minutes in page.error_for('minutes') and word in page.error_for('minutes')
    assert audited(database, uid, 'day.refused', 'process run-minutes') == 2 and 'process' not in day.events(uid)
    page = page.form('/process').fill(run_why='Rotor was out of balance').submit()
    assert page.status == 200 and 'Rotor was out of balance' in page.text and '21 minutes' in page.text, repr(page)
    assert audited(database, uid, 'day.run-override', 'run-minutes 21') == 1
    assert database.rows('SELECT x.minutes, x.run_why FROM unit_processing x JOIN unit u ON u.id = x.unit_id WHERE u.label = %s', label) == ((21, 'Rotor was out of balance'),)


def test_within_the_limits_no_reason_is_kept(day, clinician, database):
    uid, label = raw(day, clinician, database)
    page = spin(clinician, uid, label, '20', run_why='as usual')
    assert page.status == 200 and 'as usual' not in page.text and audited(database, uid, 'day.run-override', '') == 0


def test_the_schema_holds_it(day, clinician, database):
    (mine, my_label), (other, other_label), (third, third_label) = (raw(day, clinician, database) for _ in range(3))
    at = now() - 600
    for uid in (mine, other, third):
        day.act(ident(database, uid), 'process', at)
    with database.connect(user='regen') as db, db.cursor() as sql:
        def refused(words, minutes, why, label, device='centrifuge-1', moment=at):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(SPIN, (minutes, why, moment, device, label))
        sql.execute(SPIN, (15, '', at, 'centrifuge-1', my_label))
        for keys in (1, 0):
            sql.execute('SET foreign_key_checks = %s', (keys,))
            refused('says how long it took', None, 'x', other_label)
            refused('a device of the visit', 15, '', other_label, 'procedure-1')
            refused('a device of the visit', 15, '', other_label, 'dr-rivera')
            refused('limits of its product', 11, '', other_label, 'centrifuge-2')
            refused('limits of its product', 21, '', other_label, 'centrifuge-2')
            refused('before the harvest', 120, 'x', other_label, 'centrifuge-2')
            refused('in a chamber at a time', 15, '', other_label)
            refused('in a chamber at a time', 0, 'one second', other_label)
        for change in ('UPDATE device_runs SET runs = 0', 'DELETE FROM device_runs', "UPDATE unit_processing SET minutes = 1"):
            with pytest.raises(pymysql.MySQLError, match='denied'):
                sql.execute(change)
        sql.execute(SPIN, (15, '', at, 'centrifuge-2', other_label))
        sql.execute("UPDATE resource SET chambers = 2 WHERE code = 'centrifuge-2'")
        sql.execute(SPIN, (15, '', at, 'centrifuge-2', third_label))


def test_one_after_the_other_and_what_is_between(day, clinician, database):
    """A run may begin in the second in which the one before ended. With two chambers it is counted where the most are in it."""
    end = now() - 900
    units = [raw(day, clinician, database) for _ in range(5)]

    def put(n, minutes, at, device):
        day.act(ident(database, units[n][0]), 'process', at)
        with database.connect(user='regen') as db, db.cursor() as sql:
            sql.execute(SPIN, (minutes, 'x', at, device, units[n][1]))
    put(0, 10, end, 'centrifuge-1')
    put(1, 10, end + 600, 'centrifuge-1')
    database.rows("UPDATE resource SET chambers = 2 WHERE code = 'centrifuge-1'")
    put(2, 20, end + 600, 'centrifuge-1')  # beside each of the two, but never with both
    with pytest.raises(pymysql.MySQLError, match='in a chamber at a time'):
        put(3, 1, end + 300, 'centrifuge-1')
    with pytest.raises(pymysql.MySQLError, match='in a chamber at a time'):
        put(4, 30, end + 900, 'centrifuge-1')


def test_of_many_at_once_one_is_in_it(day, clinician, database):
    for chambers in (1, 2):
        database.rows("UPDATE resource SET chambers = %s WHERE code = 'centrifuge-1'", chambers)
        database.admin("USE regen; SET foreign_key_checks = 0; TRUNCATE TABLE unit_processing")
        units = [raw(day, clinician, database) for _ in range(5)]
        forms = [chart(clinician, uid).form('/process').fill(label=label, kit_lot='MK-2291', volume_ml='8', device_code='centrifuge-1', minutes='15')
                 for uid, label in units]
        answers = []

        def press(form):
            with env.Visitor(clinician.base) as tab:
                tab.client.cookies.update(clinician.client.cookies)
                answers.append(tab.post(form.action, data=dict(form.pairs()), headers={'Origin': clinician.base.rsplit('/clinic', 1)[0]}).status_code)

        threads = [threading.Thread(target=press, args=(form,)) for form in forms]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        done = database.value("SELECT COUNT(*) FROM unit_processing x JOIN resource r ON r.id = x.resource_id WHERE r.code = 'centrifuge-1'")
        assert done == chambers and answers.count(409) == 5 - chambers and sum(a in (200, 303) for a in answers) == chambers, answers


def test_limits_and_chambers_are_entered_by_an_administrator(staff, database):
    admin = staff('admin')
    form = admin.open('/staff/admin/services/bmac-knee').form('/bmac-knee')
    assert form.value('products[0].spin_min_minutes') == '12'
    page = form.fill(**{'products[0].spin_min_minutes': '30'}).submit()
    assert page.status == 422 and 'not shorter than the shortest' in page.error_for('products[0].spin_max_minutes'), repr(page)
    page = page.form('/bmac-knee').fill(**{'products[0].spin_min_minutes': '0', 'products[0].spin_max_minutes': '25'}).submit()
    assert database.rows('SELECT spin_min_minutes, spin_max_minutes FROM service_product WHERE service_id = 1') == ((None, 25),), repr(page)
    database.rows('UPDATE service_product SET spin_min_minutes = 12, spin_max_minutes = 20 WHERE service_id = 1')
    form = admin.open('/staff/admin/resources/centrifuge-2').form(having='capabilities')
    page = form.fill(chambers='0').submit()
    assert page.status == 422 and 'number from 1' in page.error_for('chambers')
    assert page.form(having='capabilities').fill(chambers='4').submit().status == 200
    assert database.value("SELECT chambers FROM resource WHERE code = 'centrifuge-2'") == 4
    assert 'chambers' not in admin.open('/staff/admin/resources/procedure-1').form(having='capabilities').names()
