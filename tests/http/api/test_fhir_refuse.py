# SPDX-License-Identifier: Apache-2.0
"""What machines send is understood as FHIR R4 says, or refused by its path: typos, modifiers, former names, people who died,
and Appointments that came back changed. A stock IHE client needs no header and no parameter of ours to hold."""
import copy
import json

import lxml.etree
import pytest

from fhirapi import CHEN, CODES, NS, RIVERA, ROOM, ULTRASOUND, entries, issues, token
from fhirbook import MONDAY, PATIENT, book, find, flat, hold, parameters, post

pytestmark = [pytest.mark.usefixtures('never_closed'), pytest.mark.once]


@pytest.fixture(scope='module')
def bearer(server, database):
    return token(database, 'system/Appointment.cruds system/Patient.rs')


@pytest.fixture
def agent(server, bearer):
    with server.machine(bearer, accept='application/fhir+json') as made:
        yield made


def expressions(answer):
    assert answer.status_code in (400, 422), (answer.status_code, answer.text)
    body = answer.json()
    assert body['resourceType'] == 'OperationOutcome'
    return [e for i in body['issue'] for e in i.get('expression', i.get('location', ()))]


def proposal(agent, **how):
    return flat(find(agent, **how))[0][0]


def cancel(agent, visit):
    assert post(agent, 'book', parameters(appointment_resource={
        'resourceType': 'Appointment', 'id': visit['id'], 'status': 'cancelled'})).status_code == 200


def stored(database, booking):
    return database.rows('SELECT p.family, p.given, p.email, p.phone, p.address_line FROM booking b JOIN patient p'
                         ' ON p.id = b.patient_id WHERE b.uid = %s', booking)[0]


# --- $find -----------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('query', ['practicioner=x', 'Start=2101-01-01', 'foo=', '_count=1&_count=2', 'practitioner:exact=x',
                                   'start=2101-01-01&start=2101-01-02', '_page=nonsense', 'subject=x'])
def test_find_refuses_what_it_does_not_know(agent, query):
    answer = agent.get('/Appointment/$find?' + query)
    assert answer.status_code == 400, answer.text
    assert issues(answer)


def test_find_takes_a_practitioner_by_identifier(agent, database):
    npi = database.value('SELECT npi FROM resource WHERE uid = %s', RIVERA)
    assert npi
    wanted = find(agent, practitioner='Practitioner/' + RIVERA)
    token_ = 'http://hl7.org/fhir/sid/us-npi|' + npi
    by_query = find(agent, **{'practitioner:identifier': token_})
    body = parameters(start=MONDAY.isoformat(), end=MONDAY.isoformat(), service_type='consultation')
    body['parameter'].append({'name': 'practitioner', 'valueReference': {'identifier': {
        'system': 'http://hl7.org/fhir/sid/us-npi', 'value': npi}}})
    by_body = agent.post('/Appointment/$find', json=body).json()
    ids = [[v[0]['id'] for v in flat(b)] for b in (wanted, by_query, by_body)]
    assert ids[0] and ids[0] == ids[1] == ids[2]
    body['parameter'][-1]['valueReference']['identifier']['value'] = '1999999984'
    assert not entries(agent.post('/Appointment/$find', json=body).json())


def test_find_has_pages(agent):
    """Every time once over all pages, as many as the total says, whatever the size of a page."""
    query = {'start': MONDAY.isoformat(), 'end': MONDAY.isoformat(), 'service-type': 'consultation',
             'practitioner': 'Practitioner/%s,Practitioner/%s' % (CHEN, RIVERA)}
    whole = agent.get('/Appointment/$find', params=dict(query, _count='50')).json()
    assert whole['total'] >= 20
    for size in ('3', '7'):
        found, answer = [], agent.get('/Appointment/$find', params=dict(query, _count=size))
        while True:
            bundle = answer.json()
            links = {l['relation']: l['url'] for l in bundle['link']}
            assert bundle['total'] == whole['total'] and agent.get(links['self']).json()['entry'][0] == bundle['entry'][0]
            found += [v[0]['id'] for v in flat(bundle)]
            if 'next' not in links:
                break
            answer = agent.get(links['next'])
            assert answer.status_code == 200, answer.text
        assert len(found) == len(set(found)) == whole['total'], size


def test_several_places(agent):
    both = agent.get('/Appointment/$find?start=%s&end=%s&service-type=consultation&location-string=Boston&location-string=NH'
                     % (MONDAY, MONDAY)).json()
    assert entries(both)


# --- what came back changed ----------------------------------------------------------------------------------------------------------

CHANGES = [
    ('Appointment.start', lambda a: a.update(start='2101-01-06T09:00:00-05:00')),
    ('Appointment.end', lambda a: a.update(end='2101-01-06T09:00:00-05:00')),
    ('Appointment.minutesDuration', lambda a: a.update(minutesDuration=5)),
    ('Appointment.serviceType', lambda a: a['serviceType'][0]['coding'][0].update(code='bmac-knee')),
    ('Appointment.description', lambda a: a.update(description='Something else')),
    ('Appointment.priority', lambda a: a.update(priority=1)),
    ('Appointment.slot', lambda a: a.update(slot=[{'reference': 'Slot/1'}])),
    ('Appointment.participant', lambda a: a['participant'].append({
        'actor': {'reference': 'Practitioner/' + 'z' * 26}, 'status': 'needs-action'})),
    ('Appointment.participant', lambda a: a['participant'][0].update(status='declined')),
]


@pytest.mark.parametrize('path,change', CHANGES)
@pytest.mark.parametrize('operation', ['hold', 'book'])
def test_a_changed_proposal_is_refused_by_path(agent, database, operation, path, change):
    before = int(database.value('SELECT COUNT(*) FROM booking'))
    sent = copy.deepcopy(proposal(agent))
    sent['status'] = 'pending' if operation == 'book' else 'proposed'
    change(sent)
    more = {'patient_resource': PATIENT, 'body_site': 'knee', 'side': 'left'} if operation == 'book' else {}
    answer = post(agent, operation, parameters(appointment_resource=sent, **more))
    assert any(e.startswith(path) for e in expressions(answer)), answer.text
    assert int(database.value('SELECT COUNT(*) FROM booking')) == before


@pytest.mark.parametrize('operation', ['hold', 'book'])
@pytest.mark.parametrize('kind,other', [('Location/', ROOM), ('Device/', ULTRASOUND), ('Location/', 'z' * 26)])
def test_another_room_or_device_is_refused_by_path(agent, database, operation, kind, other):
    """Who names rooms and devices gets these, or hears that the proposal is not that (any more)."""
    before = int(database.value('SELECT COUNT(*) FROM booking'))
    sent = copy.deepcopy(proposal(agent, service='bmac-knee'))
    sent['status'] = 'pending' if operation == 'book' else 'proposed'
    taken = [p['actor']['reference'] for p in sent['participant']]
    at = next(i for i, r in enumerate(taken) if r.startswith(kind))
    other = other if kind + other not in taken else 'z' * 26
    sent['participant'][at]['actor'] = {'reference': kind + other}
    more = {'patient_resource': PATIENT, 'body_site': 'knee', 'side': 'left'} if operation == 'book' else {}
    answer = post(agent, operation, parameters(appointment_resource=sent, **more))
    assert expressions(answer) == ['Appointment.participant[%d].actor' % at], answer.text
    assert int(database.value('SELECT COUNT(*) FROM booking')) == before


def test_another_practitioner_is_done(agent):
    """A proposal for anybody that names who shall be there is held with them."""
    sent = copy.deepcopy(proposal(agent))
    who = next(p for p in sent['participant'] if p['actor']['reference'].startswith('Practitioner/'))
    other = CHEN if who['actor']['reference'].endswith(RIVERA) else RIVERA
    who['actor'] = {'reference': 'Practitioner/' + other}
    answer = post(agent, 'hold', parameters(appointment_resource=sent))
    assert answer.status_code == 200, answer.text
    held, = entries(answer.json())
    assert 'Practitioner/' + other in [p['actor']['reference'] for p in held['participant']]
    cancel(agent, held)


def test_a_proposal_is_taken_as_it_was(agent):
    sent = proposal(agent, service='bmac-knee')
    answer = post(agent, 'hold', parameters(appointment_resource=sent))
    assert answer.status_code == 200, answer.text
    cancel(agent, entries(answer.json())[0])


@pytest.mark.parametrize('path,change', [c for c in CHANGES if c[0] != 'Appointment.start'])
def test_a_changed_booking_is_refused_by_path(agent, path, change):
    visit, = hold(agent)
    for status in ('booked', 'cancelled'):
        sent = copy.deepcopy(visit)
        sent['status'] = status
        change(sent)
        answer = post(agent, 'book', parameters(appointment_resource=sent))
        assert any(e.startswith(path) for e in expressions(answer)), (status, answer.text)
    done, = entries(book(agent, visit['id']).json())
    sent = copy.deepcopy(done)
    change(sent)
    answer = post(agent, 'book', parameters(appointment_resource=sent))
    assert any(e.startswith(path) for e in expressions(answer)), answer.text
    done['extension'] = [e for e in done['extension'] if not e['url'].endswith('/patient-link')]
    assert agent.get('/Appointment/' + done['id']).json() == done
    cancel(agent, done)


def test_a_start_cannot_be_changed_by_booking_or_cancelling(agent):
    visit, = hold(agent)
    later = flat(find(agent))[2][0]['start']
    for status in ('pending', 'booked', 'cancelled'):
        answer = post(agent, 'book', parameters(appointment_resource=dict(visit, status=status, start=later),
                                                **({} if status == 'cancelled' else {'patient_resource': PATIENT, 'body_site': 'knee'})))
        assert 'Appointment.start' in expressions(answer)
    cancel(agent, visit)


def test_what_was_not_sent_was_not_changed(agent):
    visit, = hold(agent)
    answer = post(agent, 'book', parameters(appointment_resource={'resourceType': 'Appointment', 'id': visit['id'],
                                                                  'status': 'booked'}, patient_resource=PATIENT,
                                            body_site='knee', side='left'))
    assert answer.status_code == 200, answer.text
    cancel(agent, visit)


# --- bodies ---------------------------------------------------------------------------------------------------------------------------------

def with_patient(**more):
    return dict(copy.deepcopy(PATIENT), **more)


REFUSED = [
    ('Patient.famly', with_patient(famly='x')),
    ('Patient.name[0].famly', with_patient(name=[{'famly': 'x'}])),
    ('Patient.implicitRules', with_patient(implicitRules='http://example.org/rules')),
    ('Patient.modifierExtension', with_patient(modifierExtension=[{'url': 'http://example.org/not', 'valueBoolean': True}])),
    ('Patient.contact[0].modifierExtension', with_patient(contact=[{'modifierExtension': [{'url': 'http://x.example'}]}])),
    ('Patient.photo[0].modifierExtension', with_patient(photo=[{'modifierExtension': [{'url': 'http://x.example'}]}])),
    ('Patient.active', with_patient(active=False)),
    ('Patient.active', with_patient(active='no')),
    ('Patient.deceased', with_patient(deceasedBoolean=True)),
    ('Patient.deceased', with_patient(deceasedDateTime='2020-01-01')),
    ('Patient.link[0]', with_patient(link=[{'other': {'reference': 'Patient/2'}, 'type': 'replaced-by'}])),
    ('Patient.gender', with_patient(gender='F')),
    ('Patient.gender', with_patient(gender={'coding': [{'code': 'female'}]})),
    ('Patient.name[0].use', with_patient(name=[{'use': 'legal', 'family': 'L', 'given': ['A']}])),
    ('Patient.name.given', with_patient(name=[{'use': 'old', 'family': 'Byron', 'given': ['Ada']}])),
    ('Patient.name.given', with_patient(name=[{'use': 'maiden', 'family': 'Byron', 'given': ['Ada']}])),
    ('Patient.name.given', with_patient(name=[{'family': 'Byron', 'given': ['Ada'], 'period': {'end': '1835'}}])),
    ('Patient.name.given', with_patient(name=[{'family': 'Byron', 'given': ['Ada'], 'period': {'start': '2199-01-01'}}])),
    ('Patient.name[0].period.end', with_patient(name=[{'family': 'Byron', 'given': ['Ada'], 'period': {'end': 'soon'}}])),
    ('Patient.name[0]', with_patient(name=['Ada Lovelace'])),
    ('Patient.birthDate', with_patient(birthDate={'value': '1962-12-10'})),
    ('Patient.telecom[0].rank', with_patient(telecom=[{'system': 'phone', 'value': '603-555-0142', 'rank': 0}])),
    ('Patient.telecom[0].system', with_patient(telecom=[{'system': 'telephone', 'value': '603-555-0142'}])),
    ('Patient.address.country', with_patient(address=[dict(PATIENT['address'][0], country='Atlantis')])),
    ('Patient.address.line', with_patient(address=[dict(PATIENT['address'][0], use='old')])),
    ('Patient.contained', None),
]


@pytest.mark.parametrize('path,patient', REFUSED[:-1])
def test_patients_that_cannot_be_booked(agent, database, path, patient):
    before = int(database.value('SELECT COUNT(*) FROM booking WHERE status = %s', 'booked'))
    answer = post(agent, 'book', parameters(appointment_reference='Appointment/' + proposal(agent)['id'],
                                            patient_resource=patient, body_site='knee', side='left'))
    assert path in expressions(answer), answer.text
    inside = dict(proposal(agent), status='pending', contained=[dict(patient, id='p')])
    inside['participant'] = inside['participant'] + [{'actor': {'reference': '#p'}, 'status': 'needs-action'}]
    answer = post(agent, 'book', parameters(appointment_resource=inside, body_site='knee', side='left'))
    assert path in expressions(answer), answer.text
    assert int(database.value('SELECT COUNT(*) FROM booking WHERE status = %s', 'booked')) == before


@pytest.mark.parametrize('path,more', [
    ('Appointment.modifierExtension', {'modifierExtension': [{'url': 'http://example.org/not', 'valueBoolean': True}]}),
    ('Appointment.implicitRules', {'implicitRules': 'http://example.org/r'}), ('Appointment.starts', {'starts': 'x'}),
    ('Appointment.contained[0]', {'contained': [{'resourceType': 'Practitioner', 'id': 'x'}]}),
    ('Appointment.status', {'status': 'planned'}), ('Appointment.start', {'start': ['2101-01-01T09:00:00Z', '2101-01-02T09:00:00Z']}),
    ('Appointment.participant[0].modifierExtension', {'participant': [{'modifierExtension': [{'url': 'http://x.example'}]}]}),
    ('Appointment.reasonCode[0].coding[0].cod', {'reasonCode': [{'coding': [{'cod': 'knee'}]}]})])
@pytest.mark.parametrize('operation', ['hold', 'book'])
def test_appointments_that_say_more_than_is_understood(agent, operation, path, more):
    answer = post(agent, operation, parameters(appointment_resource=dict(proposal(agent), status='pending', **{
        k: v for k, v in more.items() if k != 'status'}) | more))
    assert path in expressions(answer), answer.text


@pytest.mark.parametrize('body,path', [
    ({'implicitRules': 'http://x.example'}, 'Parameters.implicitRules'),
    ({'parametr': []}, None),
    ({'parametr': [{}]}, 'Parameters.parametr'),
    ({'parameter': [{'name': 'comment', 'valueString': 'x', 'modifierExtension': [{'url': 'http://x.example'}]}]},
     'Parameters.parameter[0].modifierExtension'),
    ({'parameter': [{'name': 'comment', 'part': [{'name': 'x'}]}]}, 'Parameters.parameter[0].part'),
    ({'parameter': [{'name': 'coment', 'valueString': 'x'}]}, 'coment'),
    ({'parameter': [{'name': 'comment', 'valueString': 'x'}, {'name': 'comment', 'valueString': 'y'}]}, 'comment'),
    ({'parameter': [{'name': 'comment', 'valueReference': {'display': 'x'}}]}, 'comment'),
    ({'parameter': [{'name': 'comment'}]}, 'comment'),
    ({'parameter': [{'name': 'patient-resource', 'resource': {'resourceType': 'Group', 'type': 'person'}}]},
     'Parameters.parameter[0].resource')])
def test_parameters_that_are_not_understood(agent, body, path):
    answer = post(agent, 'book', dict({'resourceType': 'Parameters'}, **body))
    assert path is None and answer.status_code == 422 or path in expressions(answer), answer.text


@pytest.mark.parametrize('inside', ['<famly value="x"/>', '<modifierExtension url="http://x.example"/>', 'text',
                                    '<active value="false"/>', '<active value="true" lang="en"/>', '<x xmlns="http://x.example"/>',
                                    '<Name/>', '<implicitRules value="http://x.example"/>'])
def test_xml_is_read_as_strictly(agent, inside):
    said = proposal(agent)['id']
    body = ('<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="appointment-reference"/><valueReference>'
            '<reference value="Appointment/%s"/></valueReference></parameter><parameter><name value="patient-resource"/>'
            '<resource><Patient>%s<name><family value="L"/></name></Patient></resource></parameter></Parameters>' % (said, inside))
    answer = agent.post('/Appointment/$book', content=body, headers={'Content-Type': 'application/fhir+xml'})
    assert answer.status_code == (400 if inside == 'text' else 422) and issues(answer), answer.text


def test_the_current_name_telephone_and_address_count(agent, database):
    """R4's use, period and rank decide, not the order; all given names are kept."""
    person = with_patient(
        extension=[{'url': 'http://example.org/colour', 'valueString': 'red'}], active=True, deceasedBoolean=False,
        maritalStatus={'text': 'married'}, _birthDate={'extension': [{'url': 'http://example.org/t', 'valueTime': '10:00:00'}]},
        name=[{'use': 'old', 'family': 'Byron', 'given': ['Augusta']},
              {'use': 'official', 'family': 'Byron', 'given': ['Ada'], 'period': {'end': '1835-07-08'}},
              {'use': 'nickname', 'given': ['Enchantress']},
              {'use': 'official', 'family': 'Lovelace', 'given': ['Augusta', 'Ada', 'King'], 'period': {'start': '1835-07-08'}}],
        telecom=[{'system': 'phone', 'value': '603-555-0101', 'use': 'old'}, {'system': 'phone', 'value': '603-555-0102', 'use': 'work'},
                 {'system': 'phone', 'value': '603-555-0103', 'use': 'home', 'rank': 2},
                 {'system': 'phone', 'value': '603-555-0104', 'use': 'home', 'rank': 1},
                 {'system': 'phone', 'value': '603-555-0105', 'rank': 1, 'period': {'end': '2001-01-01'}},
                 {'system': 'email', 'value': 'old@example.org', 'use': 'old'}, {'system': 'email', 'value': 'ada@example.org'}],
        address=[{'use': 'old', 'line': ['1 Past Road'], 'city': 'Dover', 'state': 'NH', 'postalCode': '03820'},
                 {'use': 'billing', 'line': ['2 Bill Road'], 'city': 'Dover', 'state': 'NH', 'postalCode': '03820'},
                 {'use': 'home', 'type': 'postal', 'line': ['PO Box 3'], 'city': 'Dover', 'state': 'NH', 'postalCode': '03820'},
                 {'use': 'home', 'line': ['4 Now Road', 'Unit 2'], 'city': 'Dover', 'state': 'NH', 'postalCode': '03820',
                  'country': 'USA'}])
    visit, = hold(agent)
    answer = book(agent, visit['id'], patient_resource=person)
    assert answer.status_code == 200, answer.text
    assert stored(database, visit['identifier'][0]['value']) == ('Lovelace', 'Augusta Ada King', 'ada@example.org', '603-555-0104',
                                                                 '4 Now Road, Unit 2')
    said = [e for i in entries(answer.json(), 'outcome')[0]['issue'] for e in i.get('expression', ())]
    assert 'Patient.maritalStatus' in said
    cancel(agent, visit)


@pytest.mark.parametrize('country', ['CA', 'Canada'])
def test_an_address_abroad_and_names_as_they_were_said(agent, machine, database, country):
    """Given names come back as the list they were, one name alone as the family, the country as ISO's letters."""
    for name, back in ((dict(family='de la Cruz', given=['Mary Ann', ' J. ']), dict(family='de la Cruz', given=['Mary Ann', 'J.'])),
                       (dict(family='Lee', given=['Mary Ann']), dict(family='Lee', given=['Mary Ann'])),
                       (dict(given=['Suharto']), dict(family='Suharto')), (dict(family='Suharto', given=['-']), dict(family='Suharto'))):
        visit, = hold(agent)
        answer = book(agent, visit['id'], patient_resource=with_patient(
            name=[name], address=[{'line': ['80 Wellington St'], 'city': 'Ottawa', 'country': country}]))
        assert answer.status_code == 200, answer.text
        uid = database.value('SELECT uid FROM patient ORDER BY id DESC LIMIT 1')
        person = machine.get('/Patient/' + uid, headers={'Accept': 'application/fhir+json'}).json()
        assert person['name'] == [dict(back, use='official')], person
        assert person['address'] == [{'use': 'home', 'line': ['80 Wellington St'], 'city': 'Ottawa', 'country': 'CA'}]
        cancel(agent, visit)
    visit, = hold(agent)
    answer = book(agent, visit['id'], patient_resource=with_patient(address=[{'line': ['1'], 'city': 'X', 'country': 'Atlantis'}]))
    assert answer.status_code == 422 and 'Patient.address.country' in answer.text, answer.text


def test_gender_may_be_missing(agent):
    visit, = hold(agent)
    answer = book(agent, visit['id'], patient_resource={k: v for k, v in PATIENT.items() if k != 'gender'})
    assert answer.status_code == 200, answer.text
    cancel(agent, visit)


# --- whom for ---------------------------------------------------------------------------------------------------------------------------------------

def test_a_patient_in_participant(agent, database):
    """By reference to one who is known, and contained."""
    visit, = hold(agent)
    inside = dict(visit, status='pending', contained=[with_patient(id='p1')])
    inside['participant'] = visit['participant'] + [{'actor': {'reference': '#p1'}, 'status': 'accepted'}]
    answer = post(agent, 'book', parameters(appointment_resource=inside, body_site='knee', side='left'))
    assert answer.status_code == 200, answer.text
    done, = entries(answer.json())
    patient = next(p['actor']['reference'] for p in done['participant'] if p['actor']['reference'].startswith('Patient/'))
    cancel(agent, done)
    again = dict(proposal(agent), status='pending')
    again['participant'] = again['participant'] + [{'actor': {'reference': patient}, 'status': 'needs-action'}]
    answer = post(agent, 'book', parameters(appointment_resource=again, body_site='knee', side='left'))
    assert answer.status_code == 200, answer.text
    done, = entries(answer.json())
    assert patient in [p['actor']['reference'] for p in done['participant']]
    other = copy.deepcopy(done)
    next(p for p in other['participant'] if p['actor']['reference'] == patient)['actor']['reference'] = 'Patient/' + 'z' * 26
    assert any(e.startswith('Appointment.participant') for e in expressions(post(agent, 'book', parameters(appointment_resource=other))))
    cancel(agent, done)


@pytest.mark.parametrize('actor', [{'reference': '#nobody'}, {'reference': 'https://elsewhere.example/fhir/Patient/1'},
                                   {'type': 'Patient', 'display': 'Ada'}, {'type': 'Patient', 'identifier': {'value': '1'}}])
def test_participants_that_name_nobody(agent, actor):
    sent = dict(proposal(agent), status='pending')
    sent['participant'] = sent['participant'] + [{'actor': actor, 'status': 'needs-action'}]
    answer = post(agent, 'book', parameters(appointment_resource=sent, body_site='knee'))
    assert any(e.startswith('Appointment.participant') for e in expressions(answer)), answer.text


def test_two_patients_are_one_too_many(agent):
    sent = dict(proposal(agent), status='pending', contained=[with_patient(id='p1')])
    sent['participant'] = sent['participant'] + [{'actor': {'reference': '#p1'}, 'status': 'accepted'}]
    answer = post(agent, 'book', parameters(appointment_resource=sent, patient_resource=PATIENT, body_site='knee'))
    assert answer.status_code == 422


# --- what is said in words ----------------------------------------------------------------------------------------------------------------------------

def test_comments_and_reasons_are_kept(agent):
    visit, = hold(agent)
    done, = entries(book(agent, visit['id'], comment='Comes with a wheelchair').json())
    assert done['comment'] == agent.get('/Appointment/' + done['id']).json()['comment'] == 'Comes with a wheelchair'
    etag = agent.get('/Appointment/' + done['id']).headers['etag']
    for words in ('Needs an interpreter', 'Comes with a wheelchair', 'Needs an interpreter'):
        for _ in range(2):
            answer = agent.post('/Appointment/$book', json=parameters(appointment_resource=dict(done, comment=words)))
            assert answer.status_code == 200, answer.text
            assert entries(answer.json())[0]['comment'] == words
    stale = post(agent, 'book', parameters(appointment_resource=dict(done, comment='Too late')), {'If-Match': etag})
    assert stale.status_code == 412
    later = flat(find(agent))[3][0]['start']
    moved, = entries(post(agent, 'book', parameters(appointment_resource=dict(done, start=later, comment='Later'))).json())
    assert (moved['start'], moved['comment']) == (later, 'Later')
    reason = {'coding': [{'system': 'https://profiles.ihe.net/ITI/Scheduling/CodeSystem/status-reason', 'code': 'weather'}],
              'text': 'Snow on the road'}
    gone, = entries(post(agent, 'book', parameters(appointment_resource=dict(
        moved, status='cancelled', cancelationReason=reason, comment='Calls again in spring'))).json())
    assert (gone['cancelationReason'], gone['comment']) == (reason, 'Calls again in spring')
    assert agent.get('/Appointment/' + gone['id']).json()['cancelationReason'] == reason


def test_a_reason_to_cancel_without_cancelling(agent):
    visit, = hold(agent)
    answer = book(agent, visit['id'])
    done, = entries(answer.json())
    for sent in (dict(visit, status='pending', cancelationReason={'text': 'x'}), dict(done, cancelationReason={'text': 'x'})):
        assert 'Appointment.cancelationReason' in expressions(post(agent, 'book', parameters(appointment_resource=sent))) \
            or sent['status'] == 'pending'
    assert 'comment' in expressions(post(agent, 'book', parameters(appointment_resource=dict(done, comment='x' * 501))))
    cancel(agent, done)


# --- without a key -------------------------------------------------------------------------------------------------------------------------------------

def test_an_identical_hold_is_the_same_hold(agent, server, bearer, database):
    wanted = proposal(agent)
    body = parameters(appointment_reference='Appointment/' + wanted['id'])
    first, again = (agent.post('/Appointment/$hold', json=body) for _ in range(2))
    assert first.status_code == again.status_code == 200, first.text
    held, = entries(first.json())
    assert entries(again.json()) == [held]
    with server.machine(token(database, 'system/Appointment.cruds'), accept='application/fhir+json') as other:
        theirs = other.post('/Appointment/$hold', json=body)
        assert theirs.status_code == 409 or entries(theirs.json())[0]['id'] != held['id']
    cancel(agent, held)
    # Its life is over, so asking again makes another one.
    fresh, = entries(agent.post('/Appointment/$hold', json=body).json())
    assert fresh['id'] != held['id'] and fresh['status'] == 'pending'
    once_more, = entries(agent.post('/Appointment/$hold', json=body).json())
    assert once_more == fresh
    cancel(agent, fresh)


def test_everything_without_a_key(agent):
    """Find, hold, book, move and cancel, each sent twice without any header."""
    wanted = proposal(agent)

    def send(operation, body):
        first, again = (agent.post('/Appointment/$' + operation, json=body) for _ in range(2))
        assert first.status_code == again.status_code == 200, (first.text, again.text)
        assert entries(first.json()) == entries(again.json())
        return entries(first.json())[0]

    held = send('hold', parameters(appointment_reference='Appointment/' + wanted['id']))
    booked = send('book', parameters(appointment_reference='Appointment/' + held['id'], patient_resource=PATIENT,
                                     body_site='knee', side='left'))
    assert booked['status'] == 'booked'
    later, earlier = flat(find(agent))[4][0]['start'], booked['start']
    for start in (later, earlier, later):
        booked = send('book', parameters(appointment_resource=dict(booked, start=start)))
        assert booked['start'] == start
    gone = send('book', parameters(appointment_resource=dict(booked, status='cancelled')))
    assert gone['status'] == 'cancelled'


def test_booking_a_proposal_twice_and_again_after_it_was_cancelled(agent):
    body = parameters(appointment_reference='Appointment/' + proposal(agent)['id'], patient_resource=PATIENT, body_site='knee',
                      side='left')
    first, again = (agent.post('/Appointment/$book', json=body) for _ in range(2))
    assert first.status_code == again.status_code == 200, (first.text, again.text)
    assert first.json() == again.json()
    cancel(agent, entries(first.json())[0])
    anew = agent.post('/Appointment/$book', json=body)
    assert anew.status_code == 200, anew.text
    done, = entries(anew.json())
    assert done['status'] == 'booked' and done['id'] != entries(first.json())[0]['id']
    cancel(agent, done)


@pytest.mark.parametrize('value', ['short', 'x' * 65, 'sixteen letters!', ''])
def test_a_key_that_is_none(agent, value):
    answer = agent.post('/Appointment/$hold', json=parameters(appointment_reference='Appointment/x'),
                        headers={'Idempotency-Key': value})
    assert answer.status_code == 400 and 'Idempotency-Key' in issues(answer)[0][1]
