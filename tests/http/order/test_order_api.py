# SPDX-License-Identifier: Apache-2.0
"""Treatment orders for programs: ServiceRequest, and the Appointment that is based on one. (Search and formats: ../api.)"""
from datetime import datetime

import pytest

import ordering
from dayfill import DayFill
from fhirapi import CODES, PRP, RIVERA, entries, issues, token, valid
from fhirbook import PATIENT, find, flat, parameters, post

pytestmark = pytest.mark.usefixtures('never_closed')


@pytest.fixture(scope='module')
def fill(server, database):
    ordering.needs_order(database)
    return DayFill(database)


@pytest.fixture(scope='module')
def bearer(server, database):
    return token(database, 'system/Appointment.cruds system/ServiceRequest.rs system/Patient.rs regen/all')


@pytest.fixture
def agent(server, bearer):
    with server.machine(bearer, accept='application/fhir+json') as made:
        yield made


def ordered(database, fill, given, **more):
    """(uid of the order, uid of its patient)."""
    patient = fill.patient('Ordered', given, '1961-03-14')
    made = ordering.order(database, patient, **more)
    return database.value('SELECT uid FROM treatment_order WHERE id = %s', made), database.value('SELECT uid FROM patient WHERE id = %s', patient)


def proposal(agent, nth=0):
    return flat(find(agent, service='prp-tendon'))[nth][0]


def based(appointment, *orders):
    return dict(appointment, basedOn=[{'reference': 'ServiceRequest/' + uid} for uid in orders])


def hold(agent, appointment):
    return post(agent, 'hold', parameters(appointment_resource=appointment))


def test_what_a_clinician_signed(agent, database, fill):
    uid, patient = ordered(database, fill, 'Read')
    one = agent.get('/ServiceRequest/' + uid)
    said = one.json()
    assert (said['status'], said['intent'], said['subject']['reference']) == ('active', 'order', 'Patient/' + patient)
    assert said['code']['coding'][0] == {'system': CODES, 'code': 'prp-tendon', 'display': 'Platelet-rich plasma for a tendon'}
    assert said['requester'] == {'reference': 'Practitioner/' + RIVERA, 'display': 'Dr. Elena Rivera'}
    assert said['bodySite'][0]['text'] == 'right elbow' and said['reasonCode'][0]['coding'][0]['system'].endswith('icd-10-cm')
    assert said['occurrencePeriod']['start'] == said['authoredOn'] < said['occurrencePeriod']['end']
    assert 'last-modified' not in one.headers
    assert 'Ordered' not in one.text and '1961' not in one.text, 'who it is for needs the scope of Patient'
    valid(agent.get('/ServiceRequest/' + uid, headers={'Accept': 'application/fhir+xml'}))
    assert [r['id'] for r in entries(agent.get('/ServiceRequest?status=active&patient=Patient/' + patient).json())] == [uid]
    _, somebody = ordered(database, fill, 'Else')
    both = '/ServiceRequest?_id=%s&patient=Patient/%s'
    assert [r['id'] for r in entries(agent.get(both % (uid, patient)).json())] == [uid]
    assert entries(agent.get(both % (uid, somebody)).json()) == [], 'both must hold'


def test_booked_on_it(agent, database, fill):
    """From the order to the booking, as a referral system would; the order says what became of it."""
    uid, patient = ordered(database, fill, 'Booked')
    etag = agent.get('/ServiceRequest/' + uid).headers['etag']
    answer = hold(agent, based(proposal(agent), uid))
    assert answer.status_code == 200, answer.text
    held = entries(answer.json())[0]
    assert held['basedOn'] == [{'reference': 'ServiceRequest/' + uid}]
    answer = post(agent, 'book', parameters(appointment_reference='Appointment/' + held['id'], patient_reference='Patient/' + patient))
    assert answer.status_code == 200, answer.text
    booked = agent.get('/Appointment/' + held['id'])
    assert booked.json()['basedOn'] == [{'reference': 'ServiceRequest/' + uid}] and booked.json()['status'] == 'booked'
    valid(agent.get('/Appointment/' + held['id'], headers={'Accept': 'application/fhir+xml'}))
    for asked, found in (('_id=%s&patient=%s' % (held['id'], patient), 1), ('_id=%s&patient=%s' % (held['id'], '0' * 26), 0),
                         ('identifier=%s&patient=%s' % (held['identifier'][0]['value'], '0' * 26), 0),
                         ('_id=%s&identifier=%s' % (held['id'], '0' * 26), 0)):
        assert len(entries(agent.get('/Appointment?' + asked).json())) == found, 'both must hold: ' + asked
    after = agent.get('/ServiceRequest/' + uid)
    assert after.json()['status'] == 'active' and after.headers['etag'] != etag
    assert agent.get('/ServiceRequest/' + uid, headers={'If-None-Match': after.headers['etag']}).status_code == 304
    # It carries one booking.
    again = hold(agent, based(proposal(agent, 5), uid))
    assert again.status_code == 409 and 'booking on this order already' in again.text
    # The resource that was read, sent back with another order, is no change that can be made.
    other, _ = ordered(database, fill, 'Other')
    changed = post(agent, 'book', parameters(appointment_resource=based(booked.json(), other)))
    assert changed.status_code == 422 and 'basedOn' in changed.text, changed.text
    database.rows("UPDATE booking SET status = 'completed' WHERE order_id = (SELECT id FROM treatment_order WHERE uid = %s)", uid)
    assert agent.get('/ServiceRequest/' + uid).json()['status'] == 'completed'


def test_nothing_goes_round_it(agent, database, fill):
    bare = hold(agent, proposal(agent, 1))
    assert bare.status_code == 409 and 'booked on a treatment order' in bare.text
    _, somebody = ordered(database, fill, 'Somebody')
    mine, _ = ordered(database, fill, 'Mine')
    ended, _ = ordered(database, fill, 'Late', days=-1)
    other, _ = ordered(database, fill, 'Elsewhere', service='bmac-knee', site='knee')
    for order, status, words in ((ended, 409, 'valid until'), (other, 409, 'another treatment'), ('0' * 26, 422, ''), ('nonsense', 422, '')):
        answer = hold(agent, based(proposal(agent, 1), order))
        assert answer.status_code == status and words in answer.text, (order, answer.text)
        assert issues(answer)
    two = hold(agent, based(proposal(agent, 1), mine, ended))
    assert two.status_code == 422 and 'Name one ServiceRequest' in two.text
    answer = hold(agent, based(proposal(agent, 1), mine))
    assert answer.status_code == 200, answer.text
    held = entries(answer.json())[0]
    for whom in ({'patient_reference': 'Patient/' + somebody}, {'patient_resource': PATIENT}):
        answer = post(agent, 'book', parameters(appointment_reference='Appointment/' + held['id'], **whom))
        assert answer.status_code == 409 and 'held for another patient' in answer.text, answer.text
    assert database.value("SELECT COUNT(*) FROM booking b JOIN treatment_order o ON o.id = b.order_id WHERE o.uid = %s AND b.status = 'booked'", mine) == 0


def test_scopes_and_reach(server, database, fill, agent):
    uid, patient = ordered(database, fill, 'Scoped')
    with server.machine(token(database, 'system/Appointment.cruds system/Patient.rs regen/all'), accept='application/fhir+json') as other:
        assert other.get('/ServiceRequest/' + uid).status_code == 403 and other.get('/ServiceRequest').status_code == 403
    with server.machine(token(database, 'system/ServiceRequest.rs'), accept='application/fhir+json') as own:
        assert own.get('/ServiceRequest/' + uid).status_code == 404
        assert entries(own.get('/ServiceRequest').json()) == [] == entries(own.get('/ServiceRequest?patient=' + patient).json())
    assert server.machine('').get('/ServiceRequest').status_code == 401
    assert agent.post('/ServiceRequest', json={'resourceType': 'ServiceRequest'}).status_code in (404, 405)


def test_looks_are_audited(agent, database, fill):
    uid, _ = ordered(database, fill, 'Audited')
    count = "SELECT COUNT(*) FROM audit_event WHERE action = %s AND actor LIKE 'token:%%'"
    before = [database.value(count, a) for a in ('order.read', 'order.search')]
    agent.get('/ServiceRequest/' + uid)
    agent.get('/ServiceRequest?status=active')
    agent.get('/ServiceRequest?_summary=count')
    assert [database.value(count, a) for a in ('order.read', 'order.search')] == [before[0] + 1, before[1] + 2]

def test_both_elbows(agent, database, fill):
    """Every target of the order is in it and in the Appointment, which takes longer; sent back it is the same, with one left out it is not."""
    database.rows("UPDATE service SET targets_most = 2 WHERE code = 'prp-tendon'")
    database.rows("UPDATE service_step SET further_minutes = 10 WHERE kind = 'inject' AND service_id = (SELECT id FROM service WHERE code = 'prp-tendon')")
    uid, patient = ordered(database, fill, 'Both', further=(('elbow', 'left'),))
    assert [b['text'] for b in agent.get('/ServiceRequest/' + uid).json()['bodySite']] == ['right elbow', 'left elbow']
    valid(agent.get('/ServiceRequest/' + uid, headers={'Accept': 'application/fhir+xml'}))
    answer = hold(agent, based(proposal(agent, 3), uid))
    assert answer.status_code == 200, answer.text
    held = entries(answer.json())[0]
    assert [r['text'] for r in held['reasonCode']] == ['right elbow', 'left elbow']
    assert database.value('SELECT SUM(s.ends_at - s.starts_at) - SUM(60 * d.minutes) FROM booking b JOIN treatment_order o ON o.id = b.order_id JOIN booking_step s'
                          ' ON s.booking_id = b.id JOIN service_step d ON d.service_id = b.service_id AND d.step_no = s.step_no WHERE o.uid = %s', uid) == 600
    alone = dict(held, reasonCode=[held['reasonCode'][0], held['reasonCode'][0]])
    answer = post(agent, 'book', parameters(appointment_resource=alone, patient_reference='Patient/' + patient))
    assert answer.status_code == 422 and 'not the targets of this booking' in answer.text, answer.text
    answer = post(agent, 'book', parameters(appointment_resource=held, patient_reference='Patient/' + patient))
    assert answer.status_code == 200, answer.text
    booked = agent.get('/Appointment/' + held['id'])
    assert booked.json()['status'] == 'booked' and booked.json()['reasonCode'] == held['reasonCode']
    valid(agent.get('/Appointment/' + held['id'], headers={'Accept': 'application/fhir+xml'}))


def test_several_targets_take_longer_than_proposed(agent, database, fill):
    """$find knows no order: what is held is for all targets of it, and so are the other times where it does not fit."""
    ordering.needs_order(database, 'bmac-knee')
    database.rows("UPDATE service SET targets_most = 2 WHERE code = 'bmac-knee'")
    more = database.value("SELECT SUM(further_minutes) FROM service_step d JOIN service s ON s.id = d.service_id WHERE s.code = 'bmac-knee'")
    uid, patient = ordered(database, fill, 'Knees', service='bmac-knee', site='knee', side='left', further=[('knee', 'right')])
    proposed = flat(find(agent, service='bmac-knee'))[0][0]
    answer = hold(agent, based(proposed, uid))
    assert answer.status_code == 200 and more > 0, answer.text
    held = entries(answer.json())[0]
    longer = datetime.fromisoformat(held['end']) - datetime.fromisoformat(proposed['end'])
    assert held['start'] == proposed['start'] and longer.total_seconds() == 60 * more
    answer = post(agent, 'book', parameters(appointment_reference='Appointment/' + held['id'], patient_reference='Patient/' + patient))
    assert answer.status_code == 200, answer.text
    assert entries(answer.json())[0]['end'] == held['end']
    said = agent.get('/metadata').text
    assert 'proposes times for one target' in said
