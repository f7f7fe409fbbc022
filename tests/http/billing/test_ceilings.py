# SPDX-License-Identifier: Apache-2.0
"""What numbers may be at most, and that the largest goes the whole way: a treatment is charged, put on an invoice and claimed, and no
step of it fails for money."""
import os
import sys

import pymysql
import pytest

import badinput
import env
import billfill

sys.path.insert(0, os.path.join(env.ROOT, 'tests', 'journey'))
import walk  # noqa: E402


def treated(server):
    """(the walk, the booking's uid) of somebody whose treatment is complete and not charged yet."""
    journey = walk.Walk(server.base, server.dir)
    journey.say = lambda *words: None
    return journey, journey.treated()


def test_the_largest_price_goes_all_the_way(server, staff, database):
    """What a line of a fee schedule takes at most is charged, put on an invoice and claimed."""
    billfill.reprice(database, walk.TREATMENT, unit_minor=10 ** 12, units=999)
    journey, uid = treated(server)
    database.rows('UPDATE charge_item c JOIN booking b ON b.id = c.booking_id SET c.on_claim = 0 WHERE c.line_no = 2 AND b.uid = %s', uid)
    journey.money(uid)
    assert database.value('SELECT MAX(total_minor) FROM invoice') >= 999 * 10 ** 12 and database.value('SELECT MAX(total_minor) FROM claim') >= 2 * 999 * 10 ** 12


@pytest.mark.parametrize('amount,units', [(10 ** 12 + 1, 1), (100, 1000)])
def test_the_schema_has_the_same_ceiling(database, amount, units):
    """Also for the module's own account and for whoever imports with it."""
    connection = database.connect('regen')
    try:
        with connection.cursor() as cursor:
            cursor.execute('INSERT INTO fee_schedule_version (schedule_id, made_at) VALUES (1, 0)')
            with pytest.raises(pymysql.err.MySQLError) as refused:
                cursor.execute("INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, units, unit_minor, currency)"
                               " VALUES (LAST_INSERT_ID(), 3, 1, 'consult', 'X', 'X', %s, %s, 'USD')", (units, amount))
    finally:
        connection.close()
    assert refused.value.args[0] == 4025, refused.value


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
