# SPDX-License-Identifier: Apache-2.0
"""What numbers may be at most, and that the largest goes the whole way: a treatment is charged, put on an invoice and claimed, and no
step of it fails for money."""
import os
import re
import sys

import pymysql
import pytest

import badinput
import env

sys.path.insert(0, os.path.join(env.ROOT, 'tests', 'journey'))
import walk  # noqa: E402


def treated(server):
    """(the walk, the booking's uid) of somebody whose treatment is complete and not charged yet."""
    journey = walk.Walk(server.base, server.dir)
    journey.say = lambda *words: None
    return journey, journey.treated()


@pytest.fixture
def as_before(database, tmp_path):
    before = tmp_path / 'before.json'
    before.write_text(env.regenctl(database, 'service', 'export', '--all').stdout)
    yield
    env.regenctl(database, 'service', 'import', str(before))


def test_the_largest_price_goes_all_the_way(server, staff, database, as_before):
    """What the page of services takes at most is charged, put on an invoice and claimed."""
    form = staff('admin').open('/staff/admin/services/' + walk.TREATMENT).form(having='steps[0].kind')
    changes = {name: '10000000000.00' for name in form.names() if name == 'price' or name.endswith('unit_price')}
    changes.update({name: '999' for name in form.names() if re.fullmatch(r'charges\[\d+\]\.quantity', name)})
    for name, value in changes.items():
        form.set(name, value)
    page = form.submit()
    assert page.status == 200, page.text
    assert database.value('SELECT MIN(c.unit_minor) FROM service_charge c JOIN service s ON s.id = c.service_id WHERE s.code = %s',
                          walk.TREATMENT) == 10 ** 12
    journey, uid = treated(server)
    database.rows('UPDATE charge_item c JOIN booking b ON b.id = c.booking_id SET c.on_claim = 0 WHERE c.line_no = 2 AND b.uid = %s', uid)
    journey.money(uid)
    assert database.value('SELECT MAX(total_minor) FROM invoice') >= 999 * 10 ** 12 and database.value('SELECT MAX(total_minor) FROM claim') >= 2 * 999 * 10 ** 12


@pytest.mark.parametrize('sql', [
    'UPDATE service_charge SET unit_minor = 1000000000001', 'UPDATE service_charge SET quantity = 1000',
    'UPDATE service SET price_minor = 90000000000000000'])
def test_the_schema_has_the_same_ceiling(database, sql):
    """Also for the module's own account and for whoever imports with it."""
    connection = database.connect('regen')
    try:
        with connection.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as refused:
            cursor.execute(sql)
    finally:
        connection.close()
    assert refused.value.args[0] == 4025, refused.value


@pytest.mark.expects_log('RG05002')
def test_a_price_that_was_there_before_stops_no_treatment(server, database, as_before):
    """Rows from before the ceiling, or written with the checks off: what is done is recorded; only its charge is not, and said."""
    service = database.value('SELECT id FROM service WHERE code = %s', walk.TREATMENT)
    connection = database.connect('regen')
    with connection.cursor() as cursor:
        cursor.execute('SET check_constraint_checks = 0')
        cursor.execute('UPDATE service_charge SET unit_minor = 9000000000000000000, quantity = 2 WHERE service_id = %s', service)
    connection.close()
    journey, uid = treated(server)
    assert database.value('SELECT status FROM booking WHERE uid = %s', uid) == 'completed'
    with server.visitor(event_hooks={'response': [badinput.check]}) as one:
        one.login(journey.sample['billing_login'], journey.sample['billing_password'])
        assert one.open('/billing/bookings/' + uid).status == 200


def test_every_form_of_billing(server, sample):
    journey, uid = treated(server)
    with server.visitor(event_hooks={'response': [badinput.check]}) as one:
        one.login(sample['billing_login'], sample['billing_password'])
        account = one.open('/billing/bookings/' + uid).click('The patient’s account').path
        charge = one.open(account).link('Move to the patient').split('charge=')[1]
        tried = [badinput.sweep(one.open(path)) for path in (
            '/billing/bookings/' + uid, '/billing', '/billing/patients', account + '/move?charge=' + charge, account + '/payment', account + '/use', account + '/refund',
            account + '/discount?charge=' + charge, account + '/reversal?entry=' + '0' * 26, '/billing/bookings/' + uid)]
    assert sum(tried) > 5, tried
