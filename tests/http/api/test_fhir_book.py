# SPDX-License-Identifier: Apache-2.0
"""Appointment/$find, $hold and $book as machines use them: whole journeys in both formats, chains of two visits, races,
repetitions, and every refusal."""
import concurrent.futures
import datetime
import secrets

import lxml.etree
import pytest

import env
import billfill
from dayfill import clock, now
from patient import come_back, sign_all
from fhirbook import MONDAY, PATIENT, book, booking_of, find, flat, hold, key, parameters, post
from fhirapi import (BMAC, CHEN, CODES, CONSULT, HARBOR, NS, PRP, RIVERA, ROOM, entries, issues, token, valid)

pytestmark = pytest.mark.usefixtures('never_closed')
COURSE = '0' * 23 + '399'


@pytest.fixture(scope='module')
def course(server, database):
    """A service of two visits, two to four days apart, with the same practitioner."""
    database.rows("INSERT INTO service (uid, site_id, code, name, summary, start_grid, notice_minutes, horizon_days,"
                  " cancel_notice_minutes, regulatory_path, needs_body_site, price_minor, currency, display_order)"
                  " SELECT %s, 1, 'course', 'Course of two visits', 'Two visits.', 15, 120, 90, 1440, 'none', 1, 40000, 'USD', 9",
                  COURSE)
    sid = database.value('SELECT id FROM service WHERE uid = %s', COURSE)
    database.rows("INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min, gap_max, gap_days_min,"
                  " gap_days_max, visit_no) VALUES (%s, 1, 'consult', 'First', 30, 0, 0, NULL, NULL, 1),"
                  " (%s, 2, 'consult', 'Second', 30, 0, 0, 2, 4, 2)", sid, sid)
    database.rows("INSERT INTO service_need (service_id, step_no, need_no, capability, bind) VALUES (%s, 1, 1, 'consult', 'doc'),"
                  " (%s, 1, 2, 'consulting-room', ''), (%s, 2, 1, 'consult', 'doc'), (%s, 2, 2, 'consulting-room', '')",
                  sid, sid, sid, sid)
    database.rows("INSERT INTO service_body_site (service_id, body_site) VALUES (%s, 'knee')", sid)
    billfill.price_new(database)
    return sid


@pytest.fixture(scope='module')
def bearer(server, database):
    return token(database, 'system/Appointment.cruds system/Patient.rs')


@pytest.fixture
def agent(server, bearer):
    with server.machine(bearer, accept='application/fhir+json') as made:
        yield made


def sound(database):
    done = env.regenctl(database, 'check')
    assert done.returncode == 0, done.stdout


# --- $find ---------------------------------------------------------------------------------------------------------------------

def test_find_offers_what_the_pages_offer(agent, visitor):
    page = visitor.open('/services/consultation/times?day=%s' % MONDAY)
    offered = sorted({int(f.value('start')) for f in page.forms() if f.action.endswith('/holds')})
    found = flat(find(agent, _count='50'))
    starts = [int(datetime.datetime.fromisoformat(v[0]['start']).timestamp()) for v in found]
    assert starts == offered[:50] and starts


def test_a_proposal_says_who_and_where(agent):
    first, = flat(find(agent, service='bmac-knee'))[0]
    assert first['status'] == 'proposed' and 'identifier' not in first and len(first['id']) <= 64
    assert {p['status'] for p in first['participant']} == {'needs-action'}
    kinds = {p['actor']['reference'].split('/')[0] for p in first['participant']}
    assert kinds == {'Practitioner', 'Location', 'Device', 'HealthcareService'}
    assert first['requestedPeriod'][0]['start'].startswith(MONDAY.isoformat())
    assert 'profile' not in first.get('meta', {})  # IHE's profile has no devices among participants
    plain = flat(find(agent))[0][0]
    assert plain['meta']['profile'] == ['https://profiles.ihe.net/ITI/Scheduling/StructureDefinition/ihe-sched-appt']


def test_find_by_get_and_post_and_in_both_formats(agent):
    json_get = find(agent, service=CODES + '|consultation', practitioner='Practitioner/' + RIVERA)
    body = parameters(start=MONDAY.isoformat(), end=MONDAY.isoformat(), visit_type='consultation')
    body['parameter'].append({'name': 'practitioner', 'valueReference': {'reference': 'Practitioner/' + RIVERA}})
    json_post = agent.post('/Appointment/$find', json=body).json()
    assert dict(json_post, link=None) == dict(json_get, link=None) and len(json_get['link']) == 2
    xml = agent.get('/Appointment/$find', params={'start': MONDAY.isoformat(), 'end': MONDAY.isoformat(),
                                                  'service-type': 'consultation', '_format': 'xml'})
    assert len(valid(xml).findall('%sentry/%sresource/%sAppointment' % (NS, NS, NS))) == 20


def test_practitioners_in_the_order_of_preference(agent):
    found = flat(find(agent, practitioner='Practitioner/%s,Practitioner/%s' % (CHEN, RIVERA), _count='50'))
    who = [next(p['actor']['reference'] for p in v[0]['participant'] if p['actor']['reference'] in (
        'Practitioner/' + CHEN, 'Practitioner/' + RIVERA)) for v in found]
    assert who[:2] == ['Practitioner/' + CHEN, 'Practitioner/' + RIVERA] and found[0][0]['start'] == found[1][0]['start']
    held = post(agent, 'hold', parameters(appointment_reference='Appointment/' + found[1][0]['id'])).json()
    assert 'Practitioner/' + RIVERA in [p['actor']['reference'] for p in entries(held)[0]['participant']]


@pytest.mark.parametrize('more,some', [
    ({'location-string': 'NH'}, True), ({'location-string': 'Boston'}, False),
    ({'location-reference': 'Location/' + HARBOR}, True), ({'location-reference': 'Location/' + ROOM}, False),
    ({'specialty': '208100000X'}, True), ({'specialty': '999'}, False), ({'practitioner': 'Practitioner/' + 'z' * 26}, False),
    ({'service-type': 'nothing'}, False), ({'visit-type': 'bmac-knee'}, False), ({'end': '2131-01-01', 'start': '2130-12-30'}, False)])
def test_find_is_narrowed(agent, more, some):
    bundle = find(agent, **more)
    assert bool(entries(bundle)) == some and len(entries(bundle)) == min(bundle['total'], 20)
    if not some:
        assert entries(bundle, 'outcome')[0]['issue'][0]['severity'] == 'information'


def test_what_find_ignores_it_says(agent):
    bundle = find(agent, reason='M17.11')
    assert any('does not affect' in i['details']['text'] for i in entries(bundle, 'outcome')[0]['issue'])


@pytest.mark.parametrize('query', ['start=x', 'end=x', 'start=2020-12-05&end=2020-12-01', 'end=2020-01-01', '_count=0', '_count=x'])
def test_find_refuses_nonsense(agent, query):
    answer = agent.get('/Appointment/$find?' + query)
    assert answer.status_code == 400 and issues(answer)


def test_find_does_not_look_for_ever(agent):
    bundle = agent.get('/Appointment/$find', params={'start': MONDAY.isoformat(), 'end': '2199-01-01', '_count': '1'}).json()
    texts = [i['details']['text'] for i in entries(bundle, 'outcome')[0]['issue']]
    assert any('first 62 days' in t for t in texts) and any('more times' in t for t in texts)


def test_held_times_are_not_found(agent):
    first = flat(find(agent, day=MONDAY + datetime.timedelta(days=1)))
    held = hold(agent, day=MONDAY + datetime.timedelta(days=1), practitioner='Practitioner/' + RIVERA)
    after = flat(find(agent, day=MONDAY + datetime.timedelta(days=1), practitioner='Practitioner/' + RIVERA))
    assert held[0]['start'] == first[0][0]['start']
    assert held[0]['start'] not in [v[0]['start'] for v in after]


# --- the journey ---------------------------------------------------------------------------------------------------------------------

def test_find_hold_book_move_cancel(agent, database):
    visit, = hold(agent)
    assert visit['status'] == 'pending' and visit['extension'][0]['url'].endswith('/hold-expires')
    assert agent.get('/Appointment/' + visit['id']).json()['status'] == 'pending'
    answer = book(agent, visit['id'])
    assert answer.status_code == 200, answer.text
    done, = entries(answer.json())
    assert (done['status'], done['id'], booking_of(done)) == ('booked', visit['id'], booking_of(visit))
    assert done['reasonCode'][0]['text'] == 'left knee'
    assert [{p['status'] for p in a['participant']} for a in (visit, done)] == [{'tentative'}, {'accepted'}]
    begins, ends = (datetime.datetime.fromisoformat(done[k]) for k in ('start', 'end'))
    assert done['minutesDuration'] * 60 == (ends - begins).total_seconds()
    said = database.rows('SELECT b.status, b.source, p.given, p.family, p.state FROM booking b JOIN patient p ON'
                         ' p.id = b.patient_id WHERE b.uid = %s', booking_of(visit))
    assert said == (('booked', 'machine', 'Ada King', 'Lovelace', 'NH'),)
    patient = next(p['actor']['reference'] for p in done['participant'] if p['actor']['reference'].startswith('Patient/'))
    assert agent.get('/' + patient).json()['name'][0]['family'] == 'Lovelace'

    later = flat(find(agent))[3][0]['start']
    etag = answer.headers['etag']
    moved = post(agent, 'book', parameters(appointment_resource=dict(done, start=later)), {'If-Match': etag})
    assert moved.status_code == 200, moved.text
    now_, = entries(moved.json())
    assert (now_['status'], now_['id'], now_['start']) == ('booked', done['id'], later)
    stale = post(agent, 'book', parameters(appointment_resource=dict(done, start=visit['start'])), {'If-Match': etag})
    assert stale.status_code == 412 and issues(stale)
    stale = post(agent, 'book', parameters(appointment_resource=dict(done, status='cancelled')), {'If-Match': etag})
    assert stale.status_code == 412 and agent.get('/Appointment/' + done['id']).json()['status'] == 'booked'

    gone = post(agent, 'book', parameters(appointment_resource={
        'resourceType': 'Appointment', 'id': done['id'], 'status': 'cancelled', 'participant': [],
        'cancelationReason': {'coding': [{'code': 'patient-cancel'}]}}), {'If-Match': moved.headers['etag']})
    assert gone.status_code == 200 and entries(gone.json())[0]['status'] == 'cancelled'
    assert database.rows("SELECT action, actor LIKE 'token:%%', detail FROM audit_event WHERE entity = 'booking' AND entity_id ="
                         ' (SELECT id FROM booking WHERE uid = %s) AND action IN ("booking.move", "booking.cancel") ORDER BY id',
                         booking_of(visit))[1] == ('booking.cancel', 1, 'patient-cancel')
    again = post(agent, 'book', parameters(appointment_resource=dict(done, status='cancelled')))
    assert again.status_code == 409, again.text
    assert issues(again)[0][0] == 'business-rule'
    sound(database)


def test_the_same_in_xml(server, agent, database):
    accept = {'Accept': 'application/fhir+xml', 'Content-Type': 'application/fhir+xml'}
    found = agent.get('/Appointment/$find', headers=accept,
                      params={'start': MONDAY.isoformat(), 'service-type': 'prp-tendon', '_count': '1'})
    uid = valid(found).find('%sentry/%sresource/%sAppointment/%sid' % (NS, NS, NS, NS)).get('value')

    def send(operation, body):
        text = '<Parameters xmlns="http://hl7.org/fhir">%s</Parameters>' % body
        answer = agent.post('/Appointment/$' + operation, content=text.encode(), headers=dict(accept, **key()))
        assert answer.status_code == 200, answer.text
        return valid(answer)

    held = send('hold', '<parameter><name value="appointment-reference"/><valueReference><reference value="%s/Appointment/%s"/>'
                '</valueReference></parameter>' % (server.fhir, uid))
    uid = held.find('.//%sAppointment/%sid' % (NS, NS)).get('value')
    done = send('book', '''<parameter><name value="appointment-reference"/><valueReference><reference value="Appointment/%s"/>
        </valueReference></parameter><parameter><name value="patient-resource"/><resource><Patient><name><family value="Ó Briain"/>
        <given value="Ann"/></name><telecom><system value="phone"/><value value="603-555-0177"/></telecom><telecom>
        <system value="email"/><value value="ann@example.org"/></telecom><gender value="female"/><birthDate value="1970-01-31"/>
        <address><line value="1 Elm"/><city value="Dover"/><state value="New Hampshire"/><postalCode value="03820"/></address>
        </Patient></resource></parameter><parameter><name value="body-site"/><valueCode value="elbow"/></parameter><parameter>
        <name value="side"/><valueCode value="right"/></parameter><parameter><name value="payer"/><valueCode value="granite-mutual"/>
        </parameter><parameter><name value="member-id"/><valueString value="GM 445-566"/></parameter>''' % uid)
    assert done.find('.//%sAppointment/%sstatus' % (NS, NS)).get('value') == 'booked'
    row = database.rows('SELECT b.status, b.self_pay, c.member_id, p.family FROM booking b JOIN appointment a ON a.booking_id = b.id'
                        ' JOIN coverage c ON c.id = b.coverage_id JOIN patient p ON p.id = b.patient_id WHERE a.uid = %s', uid)
    assert row == (('booked', 0, 'GM445566', 'Ó Briain'),)


def test_the_patient_signs_by_the_link(agent, server, database):
    visit, = hold(agent, service='prp-tendon', day=MONDAY + datetime.timedelta(days=2))
    answer = book(agent, visit['id'], body_site='shoulder', patient_resource=PATIENT).json()
    assert any('Consent forms' in i['details']['text'] for i in entries(answer, 'outcome')[0]['issue'])
    link, = (e['valueUrl'] for e in entries(answer)[0]['extension'] if e['url'].endswith('/patient-link'))
    assert '/patient-link' not in agent.get('/Appointment/' + visit['id']).text
    with server.visitor() as patient:
        page = come_back(patient, link)
        assert page.status == 200 and page.path == '/booking'
        sign_all(patient, 'Ada King Lovelace')
    assert database.value('SELECT COUNT(*) FROM consent_in_force c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s',
                          booking_of(visit)) > 0
    logs = env.read(server.access_log) + env.read(server.error_log)
    assert link.rsplit('/', 1)[1] not in logs and 'Lovelace' not in logs


def test_a_proposal_is_booked_at_once(agent, database):
    day = MONDAY + datetime.timedelta(days=3)
    proposed = flat(find(agent, day=day))[0][0]
    inline = dict(proposed, status='pending', contained=[dict(PATIENT, id='p')])
    body = parameters(appointment_resource=inline, body_site='hip', side='left')
    once = {'Idempotency-Key': secrets.token_urlsafe(18)}
    first = agent.post('/Appointment/$book', json=body, headers=once)
    assert first.status_code == 200, first.text
    assert entries(first.json())[0]['status'] == 'booked' and entries(first.json())[0]['start'] == proposed['start']
    again = agent.post('/Appointment/$book', json=body, headers=once)
    assert again.json() == first.json(), 'the same link and the same visit'
    other = agent.post('/Appointment/$book', json=dict(body, parameter=body['parameter'][:1]), headers=once)
    assert other.status_code == 422 and 'used for a different request' in other.text
    assert database.value('SELECT COUNT(*) FROM booking WHERE uid = %s', booking_of(entries(first.json())[0])) == 1
    sound(database)


def test_what_fails_holds_nothing(agent, database):
    day = MONDAY + datetime.timedelta(days=4)
    proposed = flat(find(agent, day=day))[0][0]
    before = database.value("SELECT COUNT(*) FROM booking WHERE status = 'held'")
    answer = book(agent, proposed['id'], patient_resource=dict(PATIENT, birthDate='2020-01-01', telecom=[]))
    assert answer.status_code == 422
    fields = {e for i in answer.json()['issue'] for e in i.get('expression', ())}
    assert {'Patient.birthDate', 'Patient.telecom'} <= fields
    assert database.value("SELECT COUNT(*) FROM booking WHERE status = 'held'") == before
    assert flat(find(agent, day=day))[0][0]['start'] == proposed['start']
    sound(database)


def test_a_known_patient_is_not_typed_again(agent, database):
    day = MONDAY + datetime.timedelta(days=8)
    first, = entries(book(agent, hold(agent, day=day)[0]['id']).json())
    patient = next(p['actor']['reference'] for p in first['participant'] if p['actor']['reference'].startswith('Patient/'))
    second, = entries(book(agent, hold(agent, day=day + datetime.timedelta(days=1))[0]['id'], patient_resource=None, patient_reference=patient,
                           side='right').json())
    assert patient in [p['actor']['reference'] for p in second['participant']]
    both = agent.get('/Appointment', params={'patient': patient}).json()
    assert {a['id'] for a in entries(both)} == {first['id'], second['id']}
    unknown = book(agent, hold(agent, day=day)[0]['id'], patient_resource=None, patient_reference='Patient/' + 'z' * 26)
    assert unknown.status_code == 422


# --- a chain of two visits -------------------------------------------------------------------------------------------------------------

def test_a_course_is_one_proposal(agent, course, database):
    bundle = find(agent, service='course')
    assert {r['resourceType'] for r in entries(bundle)} == {'Bundle'}
    first, second = flat(bundle)[0]
    days = (datetime.datetime.fromisoformat(second['start']).date() - datetime.datetime.fromisoformat(first['start']).date()).days
    assert 2 <= days <= 4

    def doctors(visit):
        return [p['actor']['reference'] for p in visit['participant'] if p['actor']['reference'].startswith('Practitioner/')]

    assert doctors(first) == doctors(second) != []
    valid(agent.get('/Appointment/$find', params={'start': MONDAY.isoformat(), 'service-type': 'course', '_format': 'xml'}))
    answer = post(agent, 'hold', parameters(appointment_reference='Appointment/' + second['id']))
    held = entries(answer.json())
    assert [v['status'] for v in held] == ['pending'] * 2 and held[0]['start'] == first['start']
    assert booking_of(held[0]) == booking_of(held[1])
    assert {a['id'] for a in entries(agent.get('/Appointment?identifier=' + booking_of(held[0])).json())} == {v['id'] for v in held}

    done = entries(book(agent, held[1]['id']).json())
    assert [v['status'] for v in done] == ['booked'] * 2 and [v['id'] for v in done] == [v['id'] for v in held]
    target = flat(find(agent, service='course', day=MONDAY + datetime.timedelta(days=1)))[0][0]['start']
    # The second visit by itself: within its gap, and the first one stays.
    near = post(agent, 'book', parameters(appointment_resource=dict(done[1], start=target)))
    assert near.status_code == 422 and 'This visit can be from' in issues(near)[0][1]
    own = datetime.datetime.fromisoformat(done[1]['start'])
    for quarter in range(1, 20):
        alone = post(agent, 'book', parameters(appointment_resource=dict(
            done[1], start=(own + datetime.timedelta(minutes=15 * quarter)).isoformat())))
        if alone.status_code == 200:
            break
    assert alone.status_code == 200, alone.text
    once = entries(alone.json())
    assert once[0]['start'] == first['start'] and once[1]['id'] == done[1]['id'] and once[1]['start'] > done[1]['start']
    done = once
    moved = entries(post(agent, 'book', parameters(appointment_resource=dict(done[0], start=target))).json())
    assert moved[0]['start'] == target and moved[1]['start'] > target
    gap = datetime.datetime.fromisoformat(moved[1]['start']).date() - datetime.datetime.fromisoformat(target).date()
    assert 2 <= gap.days <= 4
    gone = entries(post(agent, 'book', parameters(appointment_resource=dict(moved[1], status='cancelled'))).json())
    assert [v['status'] for v in gone] == ['cancelled'] * 2
    assert database.value('SELECT COUNT(*) FROM occupancy o JOIN booking b ON b.id = o.booking_id WHERE b.uid = %s',
                          booking_of(gone[0])) == 0
    sound(database)


def test_a_bundle_is_held_by_its_own_id(agent, course):
    whole = entries(find(agent, service='course', day=MONDAY + datetime.timedelta(days=7)))[0]
    answer = post(agent, 'hold', parameters(appointment_reference='Bundle/' + whole['id']))
    assert answer.status_code == 200 and len(entries(answer.json())) == 2


# --- races and repetitions -----------------------------------------------------------------------------------------------------------------

def test_a_race_for_one_time(server, bearer, agent, database):
    """One consulting room: of many who hold the same time one gets it, the others hear of other times."""
    day = MONDAY + datetime.timedelta(days=9)
    proposed = flat(find(agent, day=day))[0][0]

    def go(_):
        with server.machine(bearer, accept='application/fhir+json') as one:
            return post(one, 'hold', parameters(appointment_reference='Appointment/' + proposed['id']))

    with concurrent.futures.ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(go, range(12)))
    assert sorted(a.status_code for a in answers) == [200] + [409] * 11
    lost = next(a for a in answers if a.status_code == 409).json()
    assert (lost['resourceType'], lost['type'], lost['total']) == ('Bundle', 'searchset', 0)
    told, = entries(lost, 'outcome')
    assert (told['issue'][0]['severity'], told['issue'][0]['code']) == ('fatal', 'not-found')
    others = [i['extension'][0]['valueReference']['reference'] for i in told['issue'][1:]]
    assert 1 <= len(others) <= 6
    assert post(agent, 'hold', parameters(appointment_reference=others[0])).status_code == 200
    xml = agent.post('/Appointment/$hold', json=parameters(appointment_reference='Appointment/' + proposed['id']),
                     headers=dict(key(), Accept='application/fhir+xml'))
    assert xml.status_code == 409 and valid(xml).tag == NS + 'Bundle'
    sound(database)


def test_a_repeated_hold_is_one(agent, database):
    proposed = flat(find(agent, day=MONDAY + datetime.timedelta(days=10)))[0][0]
    once = {'Idempotency-Key': secrets.token_urlsafe(18)}
    body = parameters(appointment_reference='Appointment/' + proposed['id'])
    first, again = (agent.post('/Appointment/$hold', json=body, headers=once) for _ in range(2))
    assert first.status_code == 200 and first.json() == again.json()


def test_cancelling_twice_with_one_key(agent):
    visit, = hold(agent, day=MONDAY + datetime.timedelta(days=10))
    once = {'Idempotency-Key': secrets.token_urlsafe(18)}
    body = parameters(appointment_resource={'resourceType': 'Appointment', 'id': visit['id'], 'status': 'cancelled'})
    first, again = (agent.post('/Appointment/$book', json=body, headers=once) for _ in range(2))
    assert first.status_code == again.status_code == 200 and first.json() == again.json()


# --- refusals -----------------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('reference', ['x', 'Appointment/' + 'z' * 26, 'Appointment/p' + CONSULT + '-5a0000',
                                       'Appointment/p' + 'z' * 26 + '-5a0000-1', 'Appointment/p' + CONSULT + '-zz-1',
                                       'Appointment/p' + CONSULT + '-5a0000-1-' + 'z' * 26, 'Patient/' + RIVERA])
@pytest.mark.parametrize('operation', ['hold', 'book'])
def test_what_was_never_proposed(agent, reference, operation):
    answer = post(agent, operation, parameters(appointment_reference=reference, patient_resource=PATIENT))
    assert answer.status_code in (404, 422) and issues(answer), answer.text


def test_a_time_that_is_not_offered(agent):
    night = clock(3, day=MONDAY)
    answer = post(agent, 'hold', parameters(appointment_reference='Appointment/p%s-%x-1' % (CONSULT, night // 300)))
    assert answer.status_code == 422 and issues(answer)[0][0] == 'invalid'
    past = post(agent, 'hold', parameters(appointment_reference='Appointment/p%s-%x-1' % (CONSULT, (now() - 86400) // 300)))
    assert past.status_code == 422


def test_a_hold_that_ran_out(agent, database):
    visit, = hold(agent, day=MONDAY + datetime.timedelta(days=11))
    database.rows('UPDATE booking SET hold_expires_at = %s WHERE uid = %s', now() - 1, booking_of(visit))
    answer = book(agent, visit['id'])
    assert answer.status_code == 410 and issues(answer)[0][0] == 'expired'


def test_too_late_for_a_machine_as_for_a_patient(agent, database):
    visit, = entries(book(agent, hold(agent, day=MONDAY + datetime.timedelta(days=11))[0]['id']).json())
    database.rows("UPDATE service SET cancel_notice_minutes = 525600, move_notice_minutes = 525600 WHERE uid = %s", CONSULT)
    try:
        answer = post(agent, 'book', parameters(appointment_resource=dict(visit, status='cancelled')))
        assert answer.status_code == 409 and issues(answer)[0][0] == 'business-rule'
        later = flat(find(agent, day=MONDAY + datetime.timedelta(days=11)))[2][0]['start']
        answer = post(agent, 'book', parameters(appointment_resource=dict(visit, start=later)))
        assert answer.status_code == 409
    finally:
        database.rows("UPDATE service SET cancel_notice_minutes = 1440, move_notice_minutes = 1440 WHERE uid = %s", CONSULT)


@pytest.mark.parametrize('body', [
    {'resourceType': 'Appointment', 'status': 'booked'}, {}, {'resourceType': 'Parameters'},
    {'resourceType': 'Parameters', 'parameter': [{'valueString': 'x'}]},
    {'resourceType': 'Parameters', 'parameter': [{'name': 'appointment-resource', 'resource': PATIENT}]},
    {'resourceType': 'Parameters', 'parameter': [{'name': 'appointment-resource', 'resource': {'resourceType': 'Appointment'}}]},
    {'resourceType': 'Parameters', 'parameter': [
        {'name': 'appointment-resource', 'resource': {'resourceType': 'Appointment', 'id': 'x', 'status': 'booked'}},
        {'name': 'appointment-reference', 'valueReference': {'reference': 'Appointment/x'}}]},
    {'resourceType': 'Parameters', 'parameter': [
        {'name': 'appointment-resource', 'resource': {'resourceType': 'Appointment', 'id': 'z' * 26, 'status': 'booked'}}]}])
def test_bodies_that_say_nothing(agent, body):
    answer = post(agent, 'book', body)
    assert answer.status_code in (404, 422) and issues(answer), answer.text


def test_broken_bodies(agent):
    for content, kind in ((b'{', 'application/fhir+json'), (b'<Parameters', 'application/fhir+xml'), (b'[]', 'application/json'),
                          (b'<x/>', 'application/xml'), (b'<!DOCTYPE a><Parameters xmlns="http://hl7.org/fhir"/>', 'text/xml'),
                          (b'{"resourceType":"Parameters","parameter":' + b'[' * 40 + b']' * 40 + b'}', 'application/fhir+json')):
        answer = agent.post('/Appointment/$book', content=content, headers=dict(key(), **{'Content-Type': kind}))
        assert answer.status_code in (400, 422) and issues(answer), (content, answer.text)
    form = agent.post('/Appointment/$book', data={'a': 'b'}, headers=key())
    assert form.status_code == 415 and issues(form)
    assert agent.post('/Appointment/$book', content=b'x' * 70000,
                      headers=dict(key(), **{'Content-Type': 'application/fhir+json'})).status_code == 413
    assert agent.get('/Appointment/$hold').status_code == 404 and agent.put('/Appointment/$book').status_code == 405


@pytest.mark.parametrize('value', ['3', '"', 'W/3', ''])
def test_a_broken_if_match(agent, value):
    answer = post(agent, 'book', parameters(appointment_reference='Appointment/x'), {'If-Match': value})
    assert answer.status_code == 422


@pytest.mark.parametrize('scopes,find_,hold_,cancel_', [
    ('system/Appointment.rs', 200, 403, 403), ('system/Appointment.read', 200, 403, 403), ('system/Appointment.write', 403, 200, 200),
    ('system/Appointment.c', 403, 200, 403), ('system/Appointment.u', 403, 403, 200), ('system/Patient.cruds', 403, 403, 403),
    ('system/Appointment.cruds', 200, 200, 200), ('system/*.*', 200, 200, 200)])
def test_scopes(server, database, agent, scopes, find_, hold_, cancel_):
    proposed = flat(find(agent, day=MONDAY + datetime.timedelta(days=14)))[0][0]
    mine, = entries(book(agent, hold(agent, day=MONDAY + datetime.timedelta(days=15))[0]['id']).json())
    with server.machine(token(database, scopes + ' regen/all'), accept='application/fhir+json') as one:
        assert one.get('/Appointment/$find').status_code == find_
        answer = post(one, 'hold', parameters(appointment_reference='Appointment/' + proposed['id']))
        assert answer.status_code == hold_, answer.text
        assert post(one, 'book', parameters(appointment_resource=dict(mine, status='cancelled'))).status_code == cancel_
        if hold_ == 200 and cancel_ == 200:
            held, = entries(answer.json())
            assert post(one, 'book', parameters(appointment_resource=dict(held, status='cancelled'))).status_code == 200
    post(agent, 'book', parameters(appointment_resource=dict(mine, status='cancelled')))


def test_booking_for_a_known_patient_asks_for_that_scope(server, database, agent):
    person = database.value('SELECT uid FROM patient LIMIT 1')
    with server.machine(token(database, 'system/Appointment.cruds regen/all'), accept='application/fhir+json') as one:
        visit, = hold(one, day=MONDAY + datetime.timedelta(days=16))
        answer = book(one, visit['id'], patient_resource=None, patient_reference='Patient/' + person)
        assert answer.status_code == 403


def test_staff_only_services_are_not_for_machines(agent, database):
    proposed = flat(find(agent, service='prp-tendon', day=MONDAY + datetime.timedelta(days=16)))[0][0]
    database.rows("UPDATE service SET audience = 'staff' WHERE uid = %s", PRP)
    try:
        assert not entries(find(agent, service='prp-tendon', day=MONDAY + datetime.timedelta(days=16)))
        assert post(agent, 'hold', parameters(appointment_reference='Appointment/' + proposed['id'])).status_code == 404
    finally:
        database.rows("UPDATE service SET audience = 'public' WHERE uid = %s", PRP)


def test_metadata_names_the_operations(agent):
    said = {r['type']: r for r in agent.get('/metadata').json()['rest'][0]['resource']}
    assert {o['name'] for o in said['Appointment']['operation']} == {'find', 'hold', 'book'}
    valid(agent.get('/metadata', headers={'Accept': 'application/fhir+xml'}))


def test_what_is_our_own_is_served_at_its_address(server, agent):
    """Operations by the definitions that the CapabilityStatement names, extensions by their urls; to everybody."""
    said = {r['type']: r for r in agent.get('/metadata').json()['rest'][0]['resource']}
    with server.machine(accept='application/fhir+json') as anybody:
        for operation in said['Appointment']['operation']:
            made = anybody.get(operation['definition']).json()
            assert (made['url'], made['code'], made['resource']) == (operation['definition'], operation['name'], ['Appointment'])
            assert made['base'].startswith('https://profiles.ihe.net/ITI/Scheduling/OperationDefinition/')
            names = {p['name'] for p in made['parameter']}
            assert 'return' in names and ({'body-site', 'side'} <= names) == (operation['name'] == 'book')
            valid(anybody.get(operation['definition'], headers={'Accept': 'application/fhir+xml'}))
        urls = said['StructureDefinition']['documentation'].split()[1:]
        assert {u.rsplit('/', 1)[1] for u in urls} == {'hold-expires', 'cancel-until', 'patient-link', 'calibration-due', 'proposal'}
        for url in urls:
            assert anybody.get(url).json()['url'] == url
            valid(anybody.get(url, headers={'Accept': 'application/fhir+xml'}))
        assert anybody.get('/OperationDefinition/x').status_code == 404
        assert anybody.get('/StructureDefinition/x').status_code == 404


def test_nothing_contradicts_itself_in_the_end(database):
    sound(database)
