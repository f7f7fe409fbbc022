# SPDX-License-Identifier: Apache-2.0
"""Rows that no page of ours writes: a zone that this system does not know, services without steps, people without the row
they point at. Whatever is wrong, every page answers, and no child of httpd dies of it."""
import re

import pytest

import billfill
import env
import patient
from second_site import open_london

pytestmark = pytest.mark.once

# Restored from a copy after each test, in this order.
TABLES = ['catalogue_version', 'site', 'organization', 'resource', 'resource_capability', 'opening', 'closure', 'service', 'service_step', 'service_need',
          'service_body_site', 'service_form', 'form', 'patient', 'coverage', 'payer', 'booking', 'booking_step',
          'booking_resource', 'appointment', 'charge_item', 'booking_diagnosis', 'staff', 'staff_role']
# What only grows: its triggers are gone where a case changed it.
FEES = ['fee_line', 'booking_charge', 'booking_quote']

WRONG = {
    'zone-typo': ["UPDATE site SET time_zone = 'America/New_Yrok'"],
    'zone-empty': ["UPDATE site SET time_zone = ''"],
    'zone-path': ["UPDATE site SET time_zone = '../../etc/passwd'"],
    'zone-of-one-site': ["UPDATE site SET time_zone = 'Europe/Lundun' WHERE code = 'london'"],
    'no-site': ['DELETE FROM site'],
    'services-without-site': ["DELETE FROM site WHERE code = 'harbor'"],
    'resources-of-no-site': ['UPDATE resource SET site_id = 77'],
    'no-steps': ['DELETE FROM service_step', 'DELETE FROM service_need'],
    'steps-with-a-gap': ['DELETE FROM service_step WHERE step_no = 1', 'DELETE FROM service_need WHERE step_no = 1'],
    'no-needs': ['DELETE FROM service_need'],
    'no-product': ['TRUNCATE TABLE service_product'],
    'no-service': ['DELETE FROM service'],
    'no-resource': ['DELETE FROM resource'],
    'currency-unknown': ["DROP TRIGGER IF EXISTS fee_line_keeps", "UPDATE fee_line SET currency = 'ZZZ'",
                         "UPDATE booking SET currency = '?'", "DROP TRIGGER IF EXISTS charge_item_keeps_its_amount", "UPDATE charge_item SET currency = 'xx'"],
    'currencies-differ': ["DROP TRIGGER IF EXISTS charge_item_keeps_its_amount", "UPDATE charge_item SET currency = 'JPY'"],
    'no-payer': ['DELETE FROM payer'],
    'no-coverage': ['DELETE FROM coverage'],
    'no-organization': ['DELETE FROM organization'],
    'no-patient': ['DELETE FROM patient'],
    'booking-without-steps': ['DELETE FROM booking_step', 'DELETE FROM booking_resource'],
    'booking-without-visits': ['DELETE FROM appointment'],
    'booking-at-no-site': ['UPDATE booking SET site_id = 77'],
    'no-charges': ['DELETE FROM charge_item', 'DROP TRIGGER IF EXISTS fee_line_stays', 'DELETE FROM fee_line', 'DROP TRIGGER IF EXISTS booking_charge_stays',
                   'DELETE FROM booking_charge'],
    'words-unknown': ["UPDATE IGNORE resource SET kind = ''", "UPDATE IGNORE service_step SET kind = ''", "UPDATE IGNORE booking_step SET kind = ''"],
    'status-unknown': ["UPDATE IGNORE booking SET status = '', laterality = ''"],
    'staff-without-person': ['UPDATE staff SET resource_id = 4711'],
    'numbers-far-out': ["UPDATE service SET horizon_days = 65535, notice_minutes = 4000000000, start_grid = 1, unit_hold_minutes = 65535",
                        'UPDATE service_step SET minutes = 65535', 'UPDATE opening SET end_minute = 9000'],
    'times-far-out': ['UPDATE booking SET starts_at = 9000000000000, ends_at = -1', 'UPDATE appointment SET starts_at = 9000000000000000, ends_at = 0',
                      'DROP TRIGGER IF EXISTS patient_keeps_its_name', "UPDATE patient SET birth_date = '0000-00-00'"],
}


@pytest.fixture(scope='module')
def owner(database):
    made = database.connect()
    with made.cursor() as c:
        c.execute("SET foreign_key_checks = 0, check_constraint_checks = 0, sql_mode = ''")
    yield lambda sql: run(made, sql)
    made.close()


def run(connection, sql):
    with connection.cursor() as c:
        c.execute(sql)
        return c.fetchall()


@pytest.fixture(scope='module')
def clinic(server, database, owner):
    """A booked visit with its link, one that is done and claimed for, a second site; copies of the tables."""
    open_london(database.rows)
    with server.visitor() as v:
        link = patient.private_link(patient.book(v))
    done = billfill.completed(database, 1)[0]
    for table in [*TABLES, *FEES, 'service_product']:
        owner('CREATE TABLE spare_%s LIKE %s' % (table, table))
        owner('INSERT INTO spare_%s SELECT * FROM %s' % (table, table))
    return {'link': link, 'booking': database.value("SELECT uid FROM booking WHERE status = 'booked'"), 'done': done,
            'patient': database.value('SELECT uid FROM patient ORDER BY id LIMIT 1'),
            'service': 'bmac-knee', 'site': database.value("SELECT uid FROM site WHERE code = 'harbor'")}


@pytest.fixture
def wrong(request, owner, clinic):
    for sql in WRONG[request.param]:
        owner(sql)
    yield request.param
    triggers = [row[0] for row in owner('SHOW TRIGGERS')]
    assert triggers
    # What is charged again is posted again, and a booking comes with its targets.
    for table in ('transfer', 'charge_balance', 'account_balance', 'account', 'booking_target'):
        owner('TRUNCATE TABLE ' + table)
    for trigger in ('fee_line_is_early', 'fee_line_stays', 'booking_charge_stays', 'booking_charge_fits', 'booking_quote_stays', 'booking_quote_fits',
                    'booking_begins_quoted'):
        owner('DROP TRIGGER IF EXISTS ' + trigger)
    for table in [*FEES, *TABLES]:
        owner('DELETE FROM %s' % table)
        owner('INSERT INTO %s SELECT * FROM spare_%s' % (table, table))
    owner('INSERT IGNORE INTO service_product SELECT * FROM spare_service_product')  # its rows stay while they are booked
    owner('UPDATE catalogue_version SET version = version + 1000')


def pages():
    """The addresses of all GET routes, `*` still in them."""
    return [row[1] for row in env.routes() if row[0] == 'GET' and not row[1].startswith('/static')]


def filled(path, clinic):
    """The address with ids of what is there; both the booked visit and the one that is done where there are two."""
    first = re.match(r'/(?:fhir/)?(\w+)', path)
    of = {'services': ['bmac-knee', 'thames-talk'], 'bookings': [clinic['booking'], clinic['done']], 'patients': [clinic['patient']],
          'Location': [clinic['site']], 'Patient': [clinic['patient']], 'resources': ['dr-rivera']}
    parts = path.split('/')
    if '*' not in parts:
        return [path]
    before = parts[parts.index('*') - 1]
    return [path.replace('*', value, 1).replace('*', 'treatment') for value in of.get(before, ['x' if first else ''])]


def visit_all(one, clinic, prefix):
    """Statuses of all pages below PREFIX."""
    got = {}
    for path in pages():
        if path.startswith(prefix):
            for address in filled(path, clinic):
                got[address] = one.get(address).status_code
    bad = {k: v for k, v in got.items() if v >= 500 and v != 503}
    return got, bad


@pytest.mark.allows_log('RG')
@pytest.mark.parametrize('wrong', sorted(WRONG), indirect=True)
def test_every_page_answers(wrong, server, database, clinic, staff, machine, sample):
    before = server.pid
    with server.visitor() as v:
        v.open(clinic['link'])
        public, worst = visit_all(v, clinic, '/')
    for role in ('front_desk', 'clinician', 'billing', 'admin'):
        with server.visitor() as one:
            page = one.login(sample[role + '_login'], sample[role + '_password'])
            assert page.status in (200, 403, 409, 503), page
            for prefix in ('/staff', '/billing'):
                worst.update(visit_all(one, clinic, prefix)[1])
    for path in pages():
        if path.startswith('/fhir'):
            for address in filled(path[5:], clinic):
                status = machine.get(address).status_code
                if status >= 500 and status != 503:
                    worst['fhir' + address] = status
    assert not worst
    assert server.pid == before  # a child that died stands in error_log
    if wrong == 'zone-of-one-site':
        assert public['/services/bmac-knee/times'] == 200 and public['/'] == 200
        assert public['/services/thames-talk/times'] == 503
    elif wrong.startswith('zone'):
        assert public['/services/bmac-knee/times'] == public['/'] == public['/fhir/$bulk-publish'] == 503


@pytest.mark.allows_log('RG')
@pytest.mark.parametrize('wrong', ['zone-typo'], indirect=True)
def test_a_wrong_zone_is_told(wrong, server, database, visitor):
    """Health, regenctl check, one line a process; nothing loads into such a clinic."""
    assert visitor.get('/health').status_code == 503
    assert visitor.get('/services/bmac-knee/times').status_code == 503
    done = env.regenctl(database, 'check', check=False)
    assert done.returncode == 1 and 'Site harbor: this system does not know the time zone "America/New_Yrok"' in done.stdout


@pytest.mark.parametrize('wrong', ['no-product'], indirect=True)
def test_what_is_not_said_to_be_harvested_is_told(wrong, database):
    done = env.regenctl(database, 'check', check=False)
    assert done.returncode == 1 and 'Service bmac-knee does not say what is harvested' in done.stdout


def test_a_wrong_zone_is_not_loaded(database, clinic, tmp_path):
    bad = tmp_path / 'bad.sql'
    bad.write_text("UPDATE site SET time_zone = 'America/New_Yrok' WHERE code = 'harbor';\n")
    done = env.regenctl(database, 'load', str(bad), owner=True, check=False)
    assert done.returncode == 1 and 'does not know the time zone "America/New_Yrok"' in done.stderr
    assert database.value("SELECT time_zone FROM site WHERE code = 'harbor'") == 'America/New_York'


@pytest.mark.parametrize('zone', ['', 'x', '../../etc/passwd', ':UTC', '+05:00', 'a b'])
def test_what_is_no_name_of_a_zone_is_refused_by_the_table(database, zone):
    with pytest.raises(Exception, match='site_zone_form'):
        database.rows("UPDATE site SET time_zone = %s", zone)
