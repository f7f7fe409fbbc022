# SPDX-License-Identifier: Apache-2.0
"""A clinic of one's own without a line of SQL: regenctl setup, commands and pages, until a patient has booked a consultation; and the
commands for what no page edits: who bills, sites, payers, consent forms."""
import datetime
import json
import subprocess
import time
import zoneinfo

import pymysql
import pytest

import env
import patient
from fresh import ME, WORD, directives, fresh, logging_server  # noqa: F401

pytestmark = pytest.mark.once
ZONE = zoneinfo.ZoneInfo('America/New_York')
CLINIC = {
    'format': 'mod_regen clinic 1',
    'organization': [{'name': 'Lake Joint Clinic LLC', 'npi': '1000000038', 'tin': '912345678', 'taxonomy': '261QM1300X', 'address': '4 Lake Road',
                      'city': 'Burlington', 'state': 'VT', 'postal_code': '05401-1234'}],
    'sites': [{'code': 'lake', 'name': 'Lake Joint Clinic', 'time_zone': 'America/New_York', 'address': '4 Lake Road', 'city': 'Burlington',
               'state': 'VT', 'postal_code': '05401', 'phone': '802-555-0100'}],
    'payers': [{'code': 'granite', 'name': 'Granite Mutual', 'payer_id': '60054', 'timely_days': 180}],
}
FORM = '''code consultation-consent
name Consent to a consultation
title Consent to a consultation
names_side false
valid_days 365

## What will be done
A practitioner looks at your joint and talks with you. Nothing is injected.

## Your rights
You may say no at any time.
'''
SERVICE = {'format': 'mod_regen services 1', 'services': [{
    'code': 'consultation', 'site': 'lake', 'name': 'Consultation', 'summary': 'A practitioner looks at your joint. Nothing is injected.',
    'notice_minutes': 0, 'body_sites': ['knee', 'elbow'], 'forms': ['consultation-consent'], 'active': False,
    'steps': [{'kind': 'consult', 'name': 'Consultation', 'minutes': 30,
               'needs': [{'capability': 'consult'}, {'capability': 'consulting-room'}]}]}]}
FEES = ('service,step_kind,code_system,code,modifiers,side_modifier,units,currency,unit_price,on_claim,description\n'
        'consultation,consult,,CONSULT,,false,1,USD,150.00,true,Consultation\n')


@pytest.fixture
def clinic(fresh):  # noqa: F811
    """After setup, and with its own sites."""
    done = fresh.run()
    assert done.returncode == 0, done.stderr
    fresh.said = done.stdout
    return fresh


def put_json(clinic, value, name='clinic.json'):
    return clinic.put(name, json.dumps(value))


def add_resource(page, **fields):
    hours = {}
    for i, day in enumerate((1, 3, 5)):
        hours.update({'hours[%d].weekday' % i: str(day), 'hours[%d].start' % i: '08:00', 'hours[%d].end' % i: '18:00'})
    page = page.form(having='capabilities').fill(**fields, **hours).submit()
    assert page.status == 200 and 'is saved' in page.text, page.text


def test_from_an_empty_server_to_a_booked_consultation(clinic, servers):
    clinic.ok('clinic', 'import', put_json(clinic, CLINIC))
    clinic.ok('form', 'publish', clinic.put('consent.txt', FORM))
    for login, role in (('desk', 'front-desk'), ('doctor', 'clinician'), ('bill', 'billing')):
        clinic.ok('staff', 'add', login, login.title() + ' Person', '--role', role)
        clinic.ok('staff', 'password', login, '--password-file', clinic.word)
    port = env.free_port()
    server = servers(only=directives(clinic.said, port), port=port, database=clinic.database)

    # The first page after the login is there, whoever logs in.
    with server.visitor() as admin:
        page = admin.login('admin', WORD)
        assert page.status == 200, (page, page.text)
        # A new person and a new room have a site to choose.
        add_resource(admin.open('/staff/admin/resource-new'), code='dr-lake', kind='practitioner', site='lake', name='Dr. Lake', family='Lake',
                     given='Lou', npi='1234567893', taxonomy='208100000X', capabilities='consult')
        add_resource(admin.open('/staff/admin/resource-new'), code='room-1', kind='room', site='lake', name='Consulting room',
                     capabilities='consulting-room')
        # The service as a draft, its price, and then it is offered.
        clinic.ok('service', 'import', put_json(clinic, SERVICE, 'service.json'))
        fees = clinic.put('fees.csv', FEES)
        assert 'fees add' in clinic.ctl('fees', 'import', 'self-pay', fees).stderr
        clinic.ok('fees', 'add', 'self-pay', 'Self-pay')
        clinic.ok('fees', 'import', 'self-pay', fees, '--from', str(datetime.datetime.now(ZONE).date()))
        page = admin.open('/staff/admin/services')
        page = page.form(action='/consultation/active').submit()
        assert page.status == 200, page.text
    for login in ('desk', 'doctor', 'bill'):
        with server.visitor() as one:
            page = one.login(login, WORD)
            assert page.status == 200, (login, page, page.text)

    with server.visitor() as ada:
        # Today's prices begin in a moment.
        env.wait_until(lambda: ada.get('/services/consultation/times').status_code == 200, 30)
        page = patient.hold(ada, 'consultation')
        patient.give_details(page)
        patient.sign_all(ada)
        page = ada.open('/booking/check').form(action='/booking/check').submit()
        assert page.h1 == 'You are booked', (page, page.text)
        assert 'Lake Joint Clinic' in page.text and '150.00' in page.text
    assert clinic.ctl('check').returncode == 0

    # Another time zone would move what is booked to other hours.
    moved = json.loads(json.dumps(CLINIC))
    moved['sites'][0]['time_zone'] = 'America/Chicago'
    done = clinic.ctl('clinic', 'import', put_json(clinic, moved))
    assert done.returncode == 1 and 'are not over yet' in done.stderr, done.stderr


def test_the_same_again_changes_nothing_and_a_change_says_what_was(clinic):
    path = put_json(clinic, CLINIC)
    assert clinic.ok('clinic', 'check', path).splitlines() == ['organization: new', 'site lake: new', 'payer granite: new', 'Nothing was changed.']
    assert clinic.database.admin('SELECT COUNT(*) FROM regen.site').strip() == '0'
    clinic.ok('clinic', 'import', path)
    before = clinic.ok('clinic', 'export')
    assert 'so already' in clinic.ok('clinic', 'import', path)
    assert 'so already' in clinic.ok('clinic', 'import', clinic.put('out.json', before)) and clinic.ok('clinic', 'export') == before
    other = json.loads(before)
    other['sites'][0]['phone'] = '802-555-0199'
    other['payers'][0]['active'] = False
    del other['organization']
    told = clinic.ok('clinic', 'import', put_json(clinic, other)).splitlines()
    assert told == ['site lake: phone "802-555-0100" -> "802-555-0199"', 'payer granite: active "true" -> "false"']
    events = clinic.database.admin("SELECT action, entity, detail FROM regen.audit_event WHERE action LIKE '%-set' AND action <> 'password-set' ORDER BY id")
    assert [line.split('\t') for line in events.strip().splitlines()] == [
        ['organization-set', 'organization', 'new'], ['site-set', 'site', 'lake new'], ['payer-set', 'payer', 'granite new'],
        ['site-set', 'site', 'lake phone'], ['payer-set', 'payer', 'granite active']]
    # The way back is the file from before.
    clinic.ok('clinic', 'import', clinic.put('out.json', before))
    assert clinic.ok('clinic', 'export') == before


def test_a_zone_waits_for_a_booking_that_is_being_made(clinic):
    """Which refers to a service of the site, and is not seen before it is committed."""
    clinic.ok('form', 'publish', clinic.put('consent.txt', FORM))
    clinic.ok('clinic', 'import', put_json(clinic, CLINIC))
    clinic.ok('service', 'import', put_json(clinic, SERVICE, 'service.json'))
    other = json.loads(json.dumps(CLINIC))
    other['sites'][0]['time_zone'] = 'America/Chicago'
    link = pymysql.connect(unix_socket=clinic.database.socket, user=ME, database='regen')
    with link.cursor() as cursor:
        cursor.execute('SELECT id FROM service LOCK IN SHARE MODE')
        assert cursor.fetchall()
        with subprocess.Popen([env.REGENCTL, '-f', clinic.conf, 'clinic', 'import', put_json(clinic, other)], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, text=True) as child:
            waits, until = False, time.monotonic() + 30
            while not waits and child.poll() is None and time.monotonic() < until:
                waits = clinic.database.admin("SELECT 1 FROM information_schema.processlist WHERE info LIKE '%LEFT JOIN service%FOR UPDATE'") != ''
            link.rollback()
            assert 'America/Chicago' in child.communicate(timeout=60)[0] and child.returncode == 0
    link.close()
    assert waits


MISTAKES = (
    (('sites', 'time_zone'), 'Europe/Atlantis', 'sites[0].time_zone: Use a time zone'),
    (('sites', 'time_zone'), 'posixrules', 'sites[0].time_zone: Use a time zone'),
    (('sites', 'time_zone'), 'right/America/New_York', 'sites[0].time_zone: Use a time zone'),
    (('sites', 'place_of_service'), '00', 'sites[0].place_of_service'),
    (('sites', 'country'), 'us', 'sites[0].country'),
    (('sites', 'code'), 'Lake Side', 'sites[0].code'),
    (('sites', 'name'), '', 'sites[0].name: This must not be empty'),
    (('sites', 'color'), 'red', 'sites[0].color: There is no such key'),
    (('organization', 'npi'), '1000000039', 'organization[0].npi'),
    (('organization', 'tin'), '12', 'organization[0].tin'),
    (('organization', 'taxonomy'), 'x', 'organization[0].taxonomy'),
    (('payers', 'kind'), 'rich', 'payers[0].kind: Use one of these words'),
    (('payers', 'timely_days'), 0, 'payers[0].timely_days'),
)


def test_mistakes_are_told_by_their_path_and_nothing_is_stored(clinic):
    for where, value, words in MISTAKES:
        wrong = json.loads(json.dumps(CLINIC))
        wrong[where[0]][0][where[1]] = value
        for what in ('check', 'import'):
            done = clinic.ctl('clinic', what, put_json(clinic, wrong))
            assert done.returncode == 1 and words in done.stderr, done.stderr
    assert clinic.database.admin('SELECT (SELECT COUNT(*) FROM regen.site) + (SELECT COUNT(*) FROM regen.payer)').strip() == '0'


def test_two_of_one_code(clinic):
    twice = json.loads(json.dumps(CLINIC))
    twice['sites'] *= 2
    done = clinic.ctl('clinic', 'import', put_json(clinic, twice))
    assert done.returncode == 1 and 'sites[1].code: Another site' in done.stderr


def test_forms_are_published_as_versions(clinic):
    path = clinic.put('consent.txt', FORM)
    assert 'It can be published' in clinic.ok('form', 'check', path)
    assert clinic.ok('form', 'publish', path) == 'consultation-consent: version 1 is published.\n'
    assert 'has this text already' in clinic.ok('form', 'publish', path)
    out = clinic.ok('form', 'export', 'consultation-consent')
    assert 'has this text already' in clinic.ok('form', 'publish', clinic.put('out.txt', out))
    clinic.ok('form', 'publish', clinic.put('consent.txt', FORM.replace('at any time.', 'at any time before the visit ends.')))
    # The way back is the older text as the next version.
    first = clinic.ok('form', 'export', 'consultation-consent', '--version', '1')
    assert first == out
    assert 'version 3 is published' in clinic.ok('form', 'publish', clinic.put('out.txt', first))
    assert clinic.ok('form', 'list').split()[:2] == ['consultation-consent', '3']
    assert clinic.database.admin("SELECT GROUP_CONCAT(detail ORDER BY id SEPARATOR ', ') FROM regen.audit_event WHERE action = 'form-publish'"
                                 ).strip() == 'consultation-consent 1, consultation-consent 2, consultation-consent 3'
    assert clinic.ctl('audit', 'verify').returncode == 0


WRONG_FORMS = (
    (FORM.replace('code consultation-consent\n', ''), 'code: This is missing'),
    (FORM.replace('valid_days 365', 'valid_days soon'), 'line 5: Use a whole number'),
    (FORM.replace('valid_days', 'valid'), 'line 5: There is no such name'),
    (FORM.replace('valid_days 365', 'code again'), 'line 5: This was said before'),
    (FORM.replace('\n## What', '\nWhat'), 'text: Begin with a heading'),
    (FORM.split('\n\n')[0], 'text: Begin with a heading'),
    ('\0', 'not plain text'), ('', 'code: This is missing'),
)


def test_a_form_that_is_wrong_is_not_published(clinic):
    for text, words in WRONG_FORMS:
        path = clinic.put('wrong.txt', text)
        for what in ('check', 'publish'):
            done = clinic.ctl('form', what, path)
            assert done.returncode == 1 and words in done.stderr, done.stderr
    assert clinic.ok('form', 'list') == ''


def test_a_form_keeps_whether_it_names_a_side(clinic):
    clinic.ok('form', 'publish', clinic.put('a.txt', FORM))
    done = clinic.ctl('form', 'publish', clinic.put('b.txt', FORM.replace('names_side false', 'names_side true')))
    assert done.returncode == 1 and 'as another form' in done.stderr
