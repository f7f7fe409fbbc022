# SPDX-License-Identifier: Apache-2.0
"""Appointment/$find, $hold and $book in steps, as machines take them. No fixtures."""
import datetime
import secrets
import zlib

from dayfill import today
from fhirapi import entries

MONDAY = today() + datetime.timedelta(days=(7 - today().weekday()) + 14)
PATIENT = {'resourceType': 'Patient', 'name': [{'use': 'nickname', 'family': 'L'},
                                               {'use': 'official', 'family': 'Lovelace', 'given': ['Ada', 'King']}],
           'birthDate': '1962-12-10', 'gender': 'female',
           'telecom': [{'system': 'phone', 'value': '603-555-0142'}, {'system': 'email', 'value': 'ada@example.org'}],
           'address': [{'line': ['7 Analytical Way'], 'city': 'Dover', 'state': 'NH', 'postalCode': '03820'}]}


def key():
    return {'Idempotency-Key': secrets.token_urlsafe(18)}


def parameters(**given):
    """A Parameters resource: texts, references ("x_reference") and resources."""
    made = []
    for name, value in given.items():
        name = name.replace('_', '-')
        if isinstance(value, dict):
            made.append({'name': name, 'resource': value})
        elif name.endswith('-reference'):
            made.append({'name': name, 'valueReference': {'reference': value}})
        else:
            made.append({'name': name, 'valueString': value})
    return {'resourceType': 'Parameters', 'parameter': made}


def find(agent, service='consultation', day=MONDAY, **more):
    query = dict({'start': day.isoformat(), 'end': day.isoformat(), 'service-type': service}, **more)
    answer = agent.get('/Appointment/$find', params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def flat(bundle):
    """Proposals as lists of their visits."""
    return [[e['resource'] for e in r['entry']] if r['resourceType'] == 'Bundle' else [r] for r in entries(bundle)]


def post(agent, operation, body, headers=None, **more):
    return agent.post('/Appointment/$' + operation, json=body, headers=dict(key(), **(headers or {})), **more)


def hold(agent, **how):
    visits = flat(find(agent, **how))[0]
    answer = post(agent, 'hold', parameters(appointment_reference='Appointment/' + visits[0]['id']))
    assert answer.status_code == 200, answer.text
    return entries(answer.json())


def somebody(reference):
    """A person of its own for each time that is booked: nobody is at two visits at once."""
    return dict(PATIENT, birthDate=str(datetime.date(1930, 1, 1) + datetime.timedelta(days=zlib.crc32(reference.encode()) % 25000)))


def book(agent, reference, **more):
    given = dict({'patient_resource': somebody(reference), 'body_site': 'knee', 'side': 'left'}, **more)
    return post(agent, 'book', parameters(appointment_reference='Appointment/' + reference,
                                          **{k: v for k, v in given.items() if v is not None}))


def booking_of(appointment):
    return appointment['identifier'][0]['value']
