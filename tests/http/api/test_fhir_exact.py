# SPDX-License-Identifier: Apache-2.0
"""What is said in two places, or twice, says one thing, or nothing is done: places and sides, parameters beside a change, a query beside
a body, a key that was used before, primitives as R4 writes them, text between elements of XML."""
import copy
import json

import pytest

from fhirapi import CODES, entries, issues, token
from fhirbook import PATIENT, booking_of, find, flat, hold, key, parameters, post, somebody

pytestmark = [pytest.mark.usefixtures('never_closed'), pytest.mark.once]
PLACES = CODES + '/body-site'
OLGA = dict(PATIENT, birthDate='1970-01-01', name=[{'family': 'Other', 'given': ['Olga']}])


@pytest.fixture(scope='module')
def bearer(server, database):
    return token(database, 'system/Appointment.cruds system/Patient.rs')


@pytest.fixture
def agent(server, bearer):
    with server.machine(bearer, accept='application/fhir+json') as made:
        yield made


def body(*parameter):
    return {'resourceType': 'Parameters', 'parameter': list(parameter)}


def text(name, value, kind='valueString'):
    return {'name': name, kind: value}


def resource(name, value):
    return {'name': name, 'resource': value}


def refused(answer, where=None, status=422):
    assert answer.status_code == status, (answer.status_code, answer.text)
    said = [e for i in answer.json()['issue'] for e in i.get('expression', ())]
    assert issues(answer) and (where is None or where in said), (where, answer.text)


def cancel(agent, visit):
    answer = post(agent, 'book', body(resource('appointment-resource', {
        'resourceType': 'Appointment', 'id': visit['id'], 'status': 'cancelled'})))
    assert answer.status_code == 200, answer.text


def row(database, visit):
    return database.rows('SELECT b.status, b.body_site, b.laterality, b.starts_at, b.version, p.family, b.coverage_id FROM booking b'
                         ' LEFT JOIN patient p ON p.id = b.patient_id WHERE b.uid = %s', booking_of(visit))[0]


def booked(agent, *more):
    visit, = hold(agent)
    who = somebody(visit['id'])
    answer = post(agent, 'book', body(text('appointment-reference', {'reference': 'Appointment/' + visit['id']}, 'valueReference'),
                                      resource('patient-resource', who), text('body-site', 'knee'), text('side', 'left'), *more))
    assert answer.status_code == 200, answer.text
    return entries(answer.json())[0], who


# --- beside a change ------------------------------------------------------------------------------------------------------------

OTHERS = [
    ('side', [text('side', 'right')]),
    ('side', [text('side', 'none')]),
    ('body-site', [text('body-site', 'hip')]),
    ('body-site', [text('body-site', 'hip'), text('side', 'left')]),
    ('patient-resource', [resource('patient-resource', OLGA)]),
    ('patient-resource', [resource('patient-resource', dict(PATIENT, telecom=[{'system': 'email', 'value': 'eve@example.org'}]))]),
    ('payer', [text('payer', 'granite-mutual'), text('member-id', 'GM 445-566')]),
    ('member-id', [text('member-id', '1')]),
    ('group-no', [text('group-no', '1')]),
    ('patient-reference', [text('patient-reference', {'reference': 'Patient/nosuch'}, 'valueReference')]),
]


@pytest.mark.parametrize('where,more', OTHERS)
def test_a_change_takes_only_what_it_does(agent, database, where, more):
    """Neither nothing, nor a move, nor a cancellation is done for whoever says something else beside it."""
    visit, _ = booked(agent)
    before = row(database, visit)
    later = flat(find(agent))[3][0]
    for sent in (visit, dict(visit, start=later['start']), dict(visit, status='cancelled')):
        for headers in (key(), {}):
            answer = agent.post('/Appointment/$book', json=body(resource('appointment-resource', sent), *more), headers=headers)
            refused(answer, where)
            assert row(database, visit) == before
    cancel(agent, visit)


def test_what_agrees_may_be_repeated(agent, database):
    visit, who = booked(agent, text('payer', 'granite-mutual'), text('member-id', 'GM 445-566'))
    patient = next(p['actor']['reference'] for p in visit['participant'] if p['actor']['reference'].startswith('Patient/'))
    same = [text('side', 'left', 'valueCode'), text('body-site', {'coding': [{'system': PLACES, 'code': 'knee', 'display': 'Knee'}],
                                                                  'text': 'left knee'}, 'valueCodeableConcept'),
            resource('patient-resource', who), text('patient-reference', {'reference': patient}, 'valueReference'),
            text('payer', 'granite-mutual'), text('member-id', 'gm445566')]
    later = flat(find(agent))[3][0]
    known = agent.get('/' + patient).json()
    for changed, parts in (({}, same), ({'start': later['start']}, same),
                           ({'status': 'cancelled'}, same[:2] + [resource('patient-resource', known)])):
        answer = post(agent, 'book', body(resource('appointment-resource', dict(visit, **changed)), *parts))
        assert answer.status_code == 200, answer.text
        visit, = entries(answer.json())
    assert row(database, visit)[:3] == ('cancelled', 'knee', 'left')


def test_a_contained_stranger_is_no_change(agent, database):
    visit, _ = booked(agent)
    before = row(database, visit)
    for sent in (dict(visit, contained=[dict(OLGA, id='p')]), dict(visit, status='cancelled', contained=[dict(OLGA, id='p')])):
        refused(post(agent, 'book', body(resource('appointment-resource', sent))), 'patient-resource')
    assert row(database, visit) == before
    cancel(agent, visit)


def test_who_may_not_read_people_compares_nobody(server, agent, database):
    """Else guesses would tell what is stored of people."""
    visit, who = booked(agent)
    with server.machine(token(database, 'system/Appointment.cruds regen/all'), accept='application/fhir+json') as other:
        refused(post(other, 'book', body(resource('appointment-resource', visit), resource('patient-resource', who))), 'patient-resource')
    cancel(agent, visit)


@pytest.mark.parametrize('reason', [
    [{'coding': [{'system': PLACES, 'code': 'knee'}], 'text': 'right knee'}], [{'coding': [{'system': PLACES, 'code': 'knee'}], 'text': 'hip'}],
    [{'coding': [{'system': 'http://snomed.info/sct', 'code': 'knee'}]}], [{'text': 'right hip'}],
    [{'coding': [{'system': PLACES, 'code': 'knee', 'display': 'Hip'}]}], [{'coding': [{'code': 'hip'}]}]])
@pytest.mark.parametrize('status', ['booked', 'cancelled'])
def test_a_reason_that_says_another_place_is_no_change(agent, database, reason, status):
    visit, _ = booked(agent)
    before = row(database, visit)
    refused(post(agent, 'book', body(resource('appointment-resource', dict(visit, reasonCode=reason, status=status)))),
            'Appointment.reasonCode')
    assert row(database, visit) == before
    cancel(agent, visit)


# --- one place, one side ----------------------------------------------------------------------------------------------------------

def concept(name, *codings, **more):
    return text(name, dict({'coding': [dict(c) if isinstance(c, dict) else {'code': c} for c in codings]}, **more), 'valueCodeableConcept')


KNEE, LEFT = text('body-site', 'knee'), text('side', 'left')
PLACED = [
    ('Parameters.parameter[', [KNEE, dict(LEFT, valueCode='right')]),
    ('Parameters.parameter[', [dict(KNEE, valueCode='hip'), LEFT]),
    ('Parameters.parameter[', [KNEE, dict(LEFT, part=[{'name': 'not', 'valueBoolean': True}])]),
    ('side', [KNEE, dict(LEFT, resource=PATIENT)]),
    ('side', [KNEE, LEFT, text('side', 'right')]),
    ('side', [KNEE, concept('side', 'left', 'right')]),
    ('side', [KNEE, concept('side', {'system': 'http://snomed.info/sct', 'code': 'left'})]),
    ('side', [KNEE, concept('side', {'code': 'left', 'display': 'Right'})]),
    ('side', [KNEE, concept('side', 'left', text='right side')]),
    ('side', [KNEE, text('side', {'reference': 'left'}, 'valueReference')]),
    ('side', [KNEE, text('side', {'value': 'left'}, 'valueIdentifier')]),
    ('body-site', [concept('body-site', 'knee', 'hip'), LEFT]),
    ('body-site', [concept('body-site', {'system': 'http://snomed.info/sct', 'code': 'knee'}), LEFT]),
    ('body-site', [concept('body-site', 'knee', text='right hip'), LEFT]),
    ('body-site', [concept('body-site', 'knee', text='right knee'), LEFT]),
    ('side', [text('body-site', 'lumbar-spine'), LEFT]),
]


@pytest.mark.parametrize('where,more', PLACED)
def test_one_place_and_one_side(agent, database, where, more):
    database.rows("INSERT IGNORE INTO service_body_site (service_id, body_site) SELECT id, 'lumbar-spine' FROM service"
                  " WHERE code = 'consultation'")
    before = int(database.value("SELECT COUNT(*) FROM booking WHERE status = 'booked'"))
    held, = hold(agent)
    answer = post(agent, 'book', body(text('appointment-reference', {'reference': 'Appointment/' + held['id']}, 'valueReference'),
                                      resource('patient-resource', PATIENT), *more))
    assert answer.status_code == 422, answer.text
    assert any(e.startswith(where) for i in answer.json()['issue'] for e in i.get('expression', ())), answer.text
    assert int(database.value("SELECT COUNT(*) FROM booking WHERE status = 'booked'")) == before
    cancel(agent, held)


REASONS = [
    ([{'coding': [{'code': 'hip'}]}], [KNEE, LEFT]),
    ([{'coding': [{'code': 'knee'}]}, {'coding': [{'code': 'hip'}]}], [LEFT]),
    ([{'coding': [{'code': 'knee'}, {'code': 'hip'}]}], [LEFT]),
    ([{'coding': [{'code': 'knee'}, {'system': 'http://snomed.info/sct', 'code': '24136001'}]}], [LEFT]),
    ([{'coding': [{'system': 'http://snomed.info/sct', 'code': 'knee'}]}], [LEFT]),
    ([{'text': 'right hip'}], [KNEE, LEFT]),
    ([{'coding': [{'code': 'knee'}], 'text': 'right knee'}], [LEFT]),
    ([{'coding': [{'code': 'knee', 'display': 'Hip'}]}], [LEFT]),
]


@pytest.mark.parametrize('reason,more', REASONS)
@pytest.mark.parametrize('held', [True, False])
def test_one_reason_that_agrees(agent, database, reason, more, held):
    before = int(database.value("SELECT COUNT(*) FROM booking WHERE status = 'booked'"))
    visit = hold(agent)[0] if held else dict(flat(find(agent))[0][0], status='pending')
    refused(post(agent, 'book', body(resource('appointment-resource', dict(visit, reasonCode=reason)),
                                     resource('patient-resource', PATIENT), *more)), 'Appointment.reasonCode')
    assert int(database.value("SELECT COUNT(*) FROM booking WHERE status = 'booked'")) == before
    if held:
        cancel(agent, visit)


def test_a_hold_does_not_take_a_reason_that_book_would_refuse(agent):
    sent = flat(find(agent))[0][0]
    refused(post(agent, 'hold', body(resource('appointment-resource', dict(sent, reasonCode=[
        {'coding': [{'system': 'http://snomed.info/sct', 'code': 'knee'}]}])))), 'Appointment.reasonCode')


@pytest.mark.parametrize('reason,more', [
    ([{'coding': [{'system': PLACES, 'code': 'knee', 'display': 'knee'}], 'text': 'Left knee'}], [KNEE, LEFT]),
    ([{'coding': [{'code': 'knee'}]}], [LEFT]), (None, [concept('body-site', {'system': PLACES, 'code': 'knee'}), concept('side', 'left')]),
    (None, [text('body-site', {'code': 'knee'}, 'valueCoding'), text('side', {'code': 'left', 'display': 'Left'}, 'valueCoding')])])
def test_what_agrees_is_booked(agent, database, reason, more):
    visit, = hold(agent)
    sent = dict(visit, reasonCode=reason) if reason else visit
    answer = post(agent, 'book', body(resource('appointment-resource', sent), resource('patient-resource', somebody(visit['id'])), *more))
    assert answer.status_code == 200, answer.text
    assert row(database, visit)[:3] == ('booked', 'knee', 'left')
    cancel(agent, visit)


def test_a_service_without_a_place_takes_none(agent, database):
    database.rows("UPDATE service SET needs_body_site = 0 WHERE code = 'consultation'")
    try:
        visit, = hold(agent)
        for where, more in (('body-site', [KNEE]), ('side', [LEFT]), ('body-site', [KNEE, LEFT])):
            refused(post(agent, 'book', body(resource('appointment-resource', visit), resource('patient-resource', PATIENT), *more)), where)
        cancel(agent, visit)
    finally:
        database.rows("UPDATE service SET needs_body_site = 1 WHERE code = 'consultation'")


@pytest.mark.parametrize('asked', [{'start': '2101-01-05', 'end': '2101-01-06'}, {'start': '2101-01-05'}, {'end': '2001-01-06'}])
def test_a_time_that_was_not_asked_for(agent, database, asked):
    wanted = flat(find(agent))[0][0]
    refused(post(agent, 'hold', body(resource('appointment-resource', dict(wanted, requestedPeriod=[asked])))),
            'Appointment.requestedPeriod')
    refused(post(agent, 'book', body(resource('appointment-resource', dict(wanted, status='pending', requestedPeriod=[asked])),
                                     resource('patient-resource', PATIENT), KNEE, LEFT)), 'Appointment.requestedPeriod')
    held, = hold(agent)
    refused(post(agent, 'book', body(resource('appointment-resource', dict(held, requestedPeriod=[asked])),
                                     resource('patient-resource', PATIENT), KNEE, LEFT)), 'Appointment.requestedPeriod')
    cancel(agent, held)
    visit, _ = booked(agent)
    before = row(database, visit)
    refused(post(agent, 'book', body(resource('appointment-resource', dict(visit, requestedPeriod=[asked])))), 'Appointment.requestedPeriod')
    assert row(database, visit) == before
    # One of several is enough, and a day is all of that day.
    day = visit['start'][:10]
    answer = post(agent, 'book', body(resource('appointment-resource', dict(visit, requestedPeriod=[
        asked, {'start': day, 'end': day}]))))
    assert answer.status_code == 200, answer.text
    cancel(agent, visit)


# --- one request ------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('operation', ['find', 'hold', 'book'])
@pytest.mark.parametrize('query', ['side=left', 'start=2101-01-01', 'appointment-reference=Appointment/x', 'foo=bar', 'side'])
def test_a_body_has_all_parameters(agent, database, operation, query):
    before = int(database.value('SELECT COUNT(*) FROM booking'))
    sent = body(text('service-type', 'consultation')) if operation == 'find' else body(
        text('appointment-reference', {'reference': 'Appointment/' + flat(find(agent))[0][0]['id']}, 'valueReference'))
    answer = agent.post('/Appointment/$%s?%s' % (operation, query), json=sent)
    refused(answer, query.split('=')[0], 400)
    assert int(database.value('SELECT COUNT(*) FROM booking')) == before


def test_the_format_is_no_parameter(agent):
    visit, _ = booked(agent)
    answer = agent.post('/Appointment/$book?_format=json&_pretty=true', json=body(resource('appointment-resource', visit)), headers=key())
    assert answer.status_code == 200, answer.text
    cancel(agent, visit)


def test_a_key_is_for_one_request(agent, database):
    """Another body, another If-Match: another request; another format is the same one."""
    held, = hold(agent)
    once, sent = key(), [text('appointment-reference', {'reference': 'Appointment/' + held['id']}, 'valueReference'),
                         resource('patient-resource', somebody(held['id'])), KNEE]
    first = agent.post('/Appointment/$book', json=body(*sent, LEFT), headers=once)
    assert first.status_code == 200, first.text
    before = row(database, held)
    moved = body(resource('appointment-resource', dict(entries(first.json())[0], start=flat(find(agent))[3][0]['start'])))
    for other, more in ((body(*sent, text('side', 'right')), {}), (body(*sent, LEFT), {'If-Match': 'W/"99"'}), (moved, {}),
                        (body(resource('appointment-resource', entries(first.json())[0])), {})):
        answer = agent.post('/Appointment/$book', json=other, headers=dict(once, **more))
        refused(answer)
        assert 'This Idempotency-Key was used for a different request' in answer.text
        assert row(database, held) == before
    again = agent.post('/Appointment/$book?_format=application/fhir%2Bjson', json=body(*sent, LEFT), headers=once)
    assert again.status_code == 200 and again.json() == first.json()
    cancel(agent, held)


def test_a_key_of_a_proposal_is_for_one_request(agent, database):
    found = flat(find(agent))
    once = key()

    def ask(operation, at, **more):
        return agent.post('/Appointment/$' + operation, headers=once, json=parameters(
            appointment_reference='Appointment/' + found[at][0]['id'], **more))

    held = ask('hold', 0)
    assert held.status_code == 200, held.text
    refused(ask('hold', 3))
    cancel(agent, entries(held.json())[0])
    count = int(database.value('SELECT COUNT(*) FROM booking'))
    done = ask('book', 5, patient_resource=PATIENT, body_site='knee', side='left')
    assert done.status_code == 200, done.text
    other = ask('book', 5, patient_resource=PATIENT, body_site='knee', side='right')
    refused(other)
    assert 'This Idempotency-Key was used for a different request' in other.text
    assert int(database.value('SELECT COUNT(*) FROM booking')) == count + 1
    assert row(database, entries(done.json())[0])[:3] == ('booked', 'knee', 'left')
    cancel(agent, entries(done.json())[0])


def test_without_a_key_the_version_is_part_of_the_request(agent):
    visit, _ = booked(agent)
    found = flat(find(agent))
    there, back = (body(resource('appointment-resource', dict(visit, start=s))) for s in (found[3][0]['start'], visit['start']))
    first = agent.post('/Appointment/$book', json=there)
    again = agent.post('/Appointment/$book', json=there)
    assert first.status_code == again.status_code == 200, (first.text, again.text)
    stale = agent.post('/Appointment/$book', json=there, headers={'If-Match': 'W/"99"'})
    assert stale.status_code == 412, stale.text
    assert agent.post('/Appointment/$book', json=back).status_code == 200
    cancel(agent, visit)


# --- as R4 writes it ----------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('born', ['03/04/1970', '3.4.1970', '1970-3-4', '1970-03-04T00:00:00Z', 'March 4, 1970', '4 March 1970', '19700304',
                                  '1970-03-04+02:00', '١٩٧٠-03-04', '1970/03/04', ' 1970-03-04', '1970-03-04 ', '1970-13-04', '1970-02-31',
                                  '0000-03-04', '1970-00-04', 19700304, '1970', '1970-03'])
def test_birth_dates_are_written_one_way(agent, database, born):
    before = int(database.value("SELECT COUNT(*) FROM booking WHERE status = 'booked'"))
    answer = post(agent, 'book', parameters(appointment_reference='Appointment/' + flat(find(agent))[0][0]['id'],
                                            patient_resource=dict(PATIENT, birthDate=born), body_site='knee', side='left'))
    refused(answer, 'Patient.birthDate')
    assert ('full date' in answer.text) == (born in ('1970', '1970-03')), answer.text
    assert int(database.value("SELECT COUNT(*) FROM booking WHERE status = 'booked'")) == before


@pytest.mark.parametrize('where,change', [
    ('Appointment.start', {'start': '2101-01-06T09:00:00'}), ('Appointment.start', {'start': '2101-01-06'}),
    ('Appointment.end', {'end': '2101-01-06T9:00:00Z'}), ('Appointment.created', {'created': 'yesterday'}),
    ('Appointment.minutesDuration', {'minutesDuration': '030'}), ('Appointment.id', {'id': 'a b'}),
    ('Appointment.requestedPeriod[0].start', {'requestedPeriod': [{'start': '1/5/2101'}]}),
    ('Appointment.serviceType[0].coding[0].code', {'serviceType': [{'coding': [{'code': ' consultation'}]}]}),
    ('Appointment.serviceType[0].coding[0].system', {'serviceType': [{'coding': [{'system': 'a b', 'code': 'x'}]}]})])
@pytest.mark.parametrize('operation', ['hold', 'book'])
def test_primitives_are_written_one_way(agent, operation, where, change):
    sent = dict(copy.deepcopy(flat(find(agent))[0][0]), status='pending', **change) if 'id' not in change else dict(
        flat(find(agent))[0][0], status='pending', id='a b')
    refused(post(agent, operation, parameters(appointment_resource=sent)), where)


@pytest.mark.parametrize('kind,value', [('valueBoolean', 'yes'), ('valueInteger', '1.5'), ('valueDate', '1/2/2101'), ('valueId', 'a_b'),
                                        ('valueDateTime', '2101-01-02T09:00'), ('valueInstant', '2101-01-02'), ('valueUri', 'a b'),
                                        ('valueCode', 'left  knee'), ('valuePositiveInt', 0), ('valueFoo', 'x'), ('valuestring', 'x'),
                                        ('value', 'x'), ('valueString', {'x': 1}), ('valueReference', 'x')])
def test_values_are_written_one_way(agent, kind, value):
    answer = post(agent, 'book', body(text('comment', value, kind)))
    assert answer.status_code == 422 and 'Parameters.parameter[0].' + kind in answer.text, answer.text
    assert agent.post('/Appointment/$find', json=body(text('reason', value, kind))).status_code == 400


# --- XML ------------------------------------------------------------------------------------------------------------------------------------

XML = ('<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="appointment-reference"/><valueReference>'
       '<reference value="Appointment/%s"/></valueReference></parameter><parameter><name value="side"/>%s</parameter><parameter>'
       '<name value="body-site"/><valueString value="knee"/></parameter><parameter><name value="patient-resource"/><resource><Patient>'
       '%s<name><family value="L"/><given value="A"/></name><telecom><system value="phone"/><value value="603-555-0142"/></telecom>'
       '<telecom><system value="email"/><value value="a@example.org"/></telecom><gender value="female"/>'
       '<birthDate value="1962-12-10"/><address><line value="x"/><city value="Dover"/><state value="NH"/><postalCode value="03820"/>'
       '</address></Patient>%s</resource></parameter></Parameters>')
DIV = '<text><status value="generated"/><div xmlns="http://www.w3.org/1999/xhtml">Ada <b>Lovelace</b></div></text>'


@pytest.mark.parametrize('side,inside,after,status', [
    ('<valueString value="left"/>', '', '', 200), ('<valueString value="left">\n </valueString>', '\n ', ' <!-- x -->', 200),
    ('<valueString value="left"/>', DIV, '', 200),
    ('<valueString value="left">right</valueString>', '', '', 400), ('<valueString value="left"><![CDATA[right]]></valueString>', '', '', 400),
    ('<valueString value="left"/>right', '', '', 400), ('<valueString value="left"/>', 'Olga', '', 400),
    ('<valueString value="left"/>', '<text>Olga<status value="generated"/></text>', '', 400),
    ('<valueString value="left"/>', '<extension url="http://x.example">right</extension>', '', 400),
    ('<valueString value="left"/>', '', 'Olga', 400),
    ('<valueString value="left"/><valueCode value="right"/>', '', '', 422), ('<valueString value="left"/><valueString value="right"/>', '', '', 422),
    ('<valueString value="left"/>', '', '<birthDate value="1970-01-01"/>', 422), ('<valueString value="left"/>', '<active value="1"/>', '', 422)])
def test_xml_says_a_thing_once(agent, database, side, inside, after, status):
    before = int(database.value("SELECT COUNT(*) FROM booking WHERE status = 'booked'"))
    said = flat(find(agent))[0][0]['id']
    answer = agent.post('/Appointment/$book', content=(XML % (said, side, inside, after)).encode(),
                        headers=dict(key(), **{'Content-Type': 'application/fhir+xml'}))
    assert answer.status_code == status, answer.text
    assert int(database.value("SELECT COUNT(*) FROM booking WHERE status = 'booked'")) == before + (status == 200)
    if status == 200:
        cancel(agent, entries(answer.json())[0])
    else:
        assert json.loads(answer.text)['resourceType'] == 'OperationOutcome'
