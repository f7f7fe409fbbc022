# SPDX-License-Identifier: Apache-2.0
"""Every look at a person's record is in the audit log: each GET route of the table is asked for with what the clinic has, and whatever shows a patient's
name to staff or to an API client must have left an event. A new page is covered by this test as soon as it is in the table."""
import csv
import glob
import html
import io
import os
import re

import pytest

import env
import patient
from dayfill import DayFill


def login(server, role):
    v = server.visitor()
    page = v.open('/login')
    page.form(having='password').fill(login=server.sample[role + '_login'], password=server.sample[role + '_password']).submit()
    return v


@pytest.fixture(scope='module')
def people(database, server):
    """What the stars of addresses stand for."""
    with server.visitor() as ill:
        patient.hold(ill)
        patient.book(ill)
    uid = DayFill(database).book(family='Walkerson')
    desk, clinician, clerk = (login(server, role) for role in ('front_desk', 'clinician', 'billing'))
    assert desk.open('/staff/bookings/' + uid).form(action='/check-in').fill(birth_date='1961-03-14').submit().status == 200
    form = clinician.open('/staff/bookings/' + uid).form(action='/harvest').fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
    form.fill(**{name: 'yes' for name in form.names() if name.startswith('said_')})
    assert form.submit().status == 200
    for v in (desk, clinician, clerk):
        v.close()
    one = lambda sql, *args: str(database.value(sql, *args))
    return {'booking': uid, 'patient': one('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', uid),
            'unit': one('SELECT label FROM unit ORDER BY id DESC LIMIT 1'), 'service': 'prp-tendon', 'resource': one('SELECT id FROM resource LIMIT 1'),
            'consent': one('SELECT c.uid FROM consent c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s LIMIT 1', uid),
            'question': one('SELECT q.id FROM questionnaire_request q JOIN booking b ON b.id = q.booking_id WHERE b.uid = %s', uid),
            'appointment': one('SELECT a.uid FROM appointment a JOIN booking b ON b.id = a.booking_id WHERE b.uid = %s', uid)}


def address(pattern, people):
    """The pattern with its stars filled in; None: nothing here fits."""
    known = {'/staff/bookings/*': 'booking', '/billing/bookings/*': 'booking', '/billing/patients/*': 'patient', '/staff/patients/*': 'patient', '/staff/units/*': 'unit',
             '/staff/services/*': 'service', '/staff/admin/services/*': 'service', '/staff/admin/resources/*': 'resource',
             '/fhir/Appointment/*': 'appointment', '/fhir/Patient/*': 'patient'}
    for begin, name in known.items():
        if pattern.startswith(begin):
            pattern = pattern.replace('*', people[name], 1)
            break
    return pattern.replace('/consents/*', '/consents/' + people['consent']).replace('/questions/*', '/questions/' + people['question'])


def names(database):
    return [family for family, in database.rows('SELECT DISTINCT family FROM patient WHERE LENGTH(family) > 3')]


def last(database):
    return database.value('SELECT COALESCE(MAX(id), 0) FROM audit_event')


SHOWN = {'/staff', '/staff/week', '/staff/bookings/*', '/staff/units/*/label', '/staff/patients/*', '/staff/bookings/*/details', '/staff/messages',
         '/billing/bookings/*', '/billing/bookings/*/estimate', '/billing/patients', '/billing/patients/*', '/staff/bookings/*/consents/*', '/staff/bookings/*/questions/*', '/fhir/Patient', '/fhir/Patient/*', '/staff/bookings/*/replan'}


def test_whoever_is_shown_is_in_the_log(server, database, people):
    admin, api = login(server, 'admin'), server.machine(server.sample['token'])
    shown, silent = set(), []
    for method, pattern, _, _, _, flags in env.routes():
        if method != 'GET' or not ('REGEN_STAFF_AREA' in flags or 'REGEN_FHIR_AREA' in flags):
            continue
        before, at = last(database), address(pattern, people)
        if pattern.startswith('/fhir/'):
            answer = api.get(at.removeprefix('/fhir'))
            status, text = answer.status_code, answer.text
        else:
            answer = admin.client.get(admin.url(at), follow_redirects=True)
            status, text = answer.status_code, html.unescape(answer.text)
        if status == 200 and any(name in text for name in names(database)):
            shown.add(pattern)
            silent += [pattern] if last(database) == before else []
    # The log's own page says of all of them in words what was looked at.
    page = admin.open('/staff/admin/audit')
    said = [cell.text_content() for cell in page.tree.xpath('//tbody/tr/td[4]')]
    assert len(said) >= len(SHOWN) and not [s for s in said if s.startswith(('GET ', 'POST '))], said
    assert 'Signing at the desk' in said and 'Looked at' in page.text
    admin.close()
    api.close()
    assert silent == []
    assert SHOWN <= shown, SHOWN - shown


def test_an_event_names_the_record_and_the_page(server, database, people):
    desk = login(server, 'admin')
    whose = database.value('SELECT id FROM patient WHERE uid = %s', people['patient'])
    me = 'staff:%d' % database.value('SELECT id FROM staff WHERE login = %s', server.sample['admin_login'])
    for at, entity, entity_id, detail in (
            ('/billing/bookings/' + people['booking'], 'patient', whose, 'GET /billing/bookings/*'),
            ('/staff?date=1999-12-31', 'list', 0, 'GET /staff date:1999-12-31'),
            ('/staff/messages?status=queued', 'list', 0, 'GET /staff/messages status:queued')):
        before = last(database)
        assert desk.open(at).status == 200
        events = database.rows('SELECT actor, action, entity, entity_id, detail FROM audit_event WHERE id > %s', before)
        assert events == ((me, 'look', entity, entity_id, detail),), events
    assert 'Messages to patients, status queued' in desk.open('/staff/admin/audit').text
    # What is not found and what is about nobody showed nobody.
    before = last(database)
    assert desk.open('/staff/bookings/%s/details' % ('0' * 26)).status == 404
    assert desk.open('/staff/admin/staff').status == 200
    assert last(database) == before
    desk.close()


def test_searching_for_somebody(server, database, people):
    """Posted, and an answer of 200 nevertheless."""
    desk = login(server, 'front_desk')
    before = last(database)
    page = desk.open('/staff/patients').form(having='family').fill(family='Walkerson', birth_date='1961-03-14').submit()
    assert page.status == 200 and 'Walkerson' in page.text
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE id > %s AND detail = 'POST /staff/patients'", before) == 1
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE detail LIKE '%%Walkerson%%'") == 0
    desk.close()


def cells(page):
    return [[' '.join(cell.text_content().split()) for cell in row] for row in page.tree.xpath('//tbody/tr')]


def test_who_looked_at_this_record(server, database, people):
    """From the patient's page, for administrators only: looks, bookings, consents and what the API read of this person, of nobody else."""
    clinician = login(server, 'clinician')
    assert clinician.open('/staff/bookings/' + people['booking']).status == 200
    assert 'Who looked' not in clinician.open('/staff/patients/' + people['patient']).text
    assert clinician.open('/staff/admin/audit').status == 403
    clinician.close()
    admin = login(server, 'admin')
    page = admin.open('/staff/patients/' + people['patient']).click('Who looked at this record')
    assert page.status == 200 and 'Walkerson' in page.text
    rows = cells(page)
    assert rows and all('Walkerson' in row[3] for row in rows), rows
    whose = database.value('SELECT id FROM patient WHERE uid = %s', people['patient'])
    of = lambda rows: {i for i, in database.rows(rows, whose)}
    mine = {'patient': {whose}, 'booking': of('SELECT id FROM booking WHERE patient_id = %s'), 'consent': of('SELECT id FROM consent WHERE patient_id = %s'),
            'message': of('SELECT id FROM message WHERE patient_id = %s'),
            'estimate': of('SELECT e.id FROM estimate e JOIN booking b ON b.id = e.booking_id WHERE b.patient_id = %s'),
            'order': of('SELECT id FROM treatment_order WHERE patient_id = %s'), 'unit': of('SELECT id FROM unit WHERE patient_id = %s')}
    many = sum(ident in mine.get(entity, ()) for entity, ident in database.rows('SELECT entity, entity_id FROM audit_event'))
    # The page was made before its own reading was written down.
    assert many - 1 <= len(rows) <= many
    who = database.value('SELECT name FROM staff WHERE login = %s', server.sample['clinician_login'])
    assert ['Day view'] == sorted({row[2] for row in rows if row[1] == who and row[2] == 'Day view'})
    staff = str(database.value('SELECT id FROM staff WHERE login = %s', server.sample['clinician_login']))
    page = page.form(action='/audit').fill(staff=staff).submit()
    assert {cells[1].text_content().strip() for cells in page.tree.xpath('//tbody/tr')} == {who}
    page = page.form(action='/audit').fill(day='1999-12-31').submit()
    assert page.status == 200 and 'Nothing is recorded' in page.text
    assert admin.open('/staff/admin/audit?patient=' + '0' * 26).status == 404
    assert admin.open('/staff/admin/audit?day=x').status == 404
    admin.close()


# What is written about, and is of no patient whose record it could be asked for with.
NOBODYS = {'api_token', 'calendar_feed', 'cash-count', 'claim-batch', 'closure', 'fee_schedule', 'fee_schedule_version', 'form_version', 'list', 'naming', 'organization', 'payer', 'questionnaire_version', 'resource',
           'service', 'site', 'staff', 'supply_lot', 'visitor', 'waitlist'}


def test_each_word_of_the_log_is_a_patients_or_nobodys():
    """What is new in the log is found with the patient it is about, or said here to be about none."""
    code = ''
    for path in glob.glob(os.path.join(env.ROOT, 'mod_regen', '**', '*.c'), recursive=True):
        with open(path, encoding='utf-8') as f:
            code += f.read()
    said = set(re.findall(r'rg_audit_add\(\s*\w+,\s*&?\w+,\s*[^,]+,\s*"([\w-]+)"', code))
    with open(os.path.join(env.ROOT, 'mod_regen', 'store', 'evidence', 'log.c'), encoding='utf-8') as f:
        of_patients = set(re.findall(r'\bX\("([\w-]+)"', f.read()))
    assert {'booking', 'estimate', 'order'} <= of_patients and len(said) > 20
    assert said - of_patients - {'patient'} == NOBODYS, said - of_patients


def test_an_estimate_that_was_read_is_its_patients(server, database, people):
    """By a word of its own in the log, which names no booking."""
    booking = database.rows("SELECT id, patient_id FROM booking WHERE self_pay = 1 AND patient_id IS NOT NULL AND EXISTS (SELECT 1 FROM estimate e WHERE e.booking_id = booking.id)"
                            ' ORDER BY id DESC LIMIT 1')
    if not booking:
        database.rows("UPDATE booking SET self_pay = 1, coverage_id = NULL, version = version + 1 WHERE uid = %s", people['booking'])
        booking = database.rows('SELECT id, patient_id FROM booking WHERE uid = %s', people['booking'])
    estimate = database.value('SELECT MAX(id) FROM estimate WHERE booking_id = %s', booking[0][0])
    assert estimate, 'who pays themselves has one'
    label = database.value("SELECT CONCAT(series, '-', LPAD(id, 6, '0')) FROM estimate WHERE id = %s", estimate)
    with server.machine(server.sample['token']) as machine:
        assert machine.get('/Claim/' + label).status_code == 200
    whose = database.value('SELECT uid FROM patient WHERE id = %s', booking[0][1])
    admin = login(server, 'admin')
    page = admin.open('/staff/admin/audit?patient=' + whose)
    assert page.status == 200 and [row[2] for row in cells(page)].count('Estimate read') == 1, cells(page)
    admin.close()


def test_all_of_it_page_by_page_and_as_a_file(server, database):
    admin = login(server, 'admin')
    for _ in range(120):
        assert admin.open('/staff/admin/audit?day=1999-12-31').status == 200
    page, seen = admin.open('/staff/admin/audit'), 0
    while True:
        seen += len(page.tree.xpath('//tbody/tr'))
        if 'Older' not in page.text:
            break
        page = page.click('Older')
    assert seen > 120
    file = admin.client.get(admin.url('/staff/admin/audit.csv'))
    assert file.headers['content-type'].startswith('text/csv') and 'audit.csv' in file.headers['content-disposition']
    rows = list(csv.reader(io.StringIO(file.text)))
    assert rows[0][:4] == ['id', 'at', 'actor', 'staff'] and len(rows) > seen
    stored = dict(database.rows('SELECT id, action FROM audit_event'))
    assert all(stored[int(row[0])] == row[4] for row in rows[1:])
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'audit.read'") > 120
    admin.close()
