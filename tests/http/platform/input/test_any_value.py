# SPDX-License-Identifier: Apache-2.0
"""Every field of every form, every name in an address and every parameter of the API, with numbers beyond every end and letters
that no code has: refused in words with what was typed still there, or taken. Never a 500, and never a value that only the
database refused (RG01005). That what is taken goes all the way is in test_ceilings.py."""
import secrets
import urllib.parse

import pytest

import badinput
import env
import patient
from badinput import DAYS, NUMBERS, OTHERS, sweep, visitor  # noqa: F401  a fixture, whose every answer is looked at

pytestmark = pytest.mark.once

PAGES = {
    'admin': ['/staff/admin/services/prp-tendon', '/staff/admin/service-new', '/staff/admin/resources/dr-rivera', '/staff/admin/resource-new',
              '/staff/admin/closures'],
    'front_desk': ['/staff', '/staff/week', '/staff/block', '/staff/times', '/staff/times?service=prp-tendon', '/staff/patients', '/staff/waitlist',
                   '/staff/services/prp-tendon/wait', '/staff/recalls', '/staff/messages'],
    'clinician': ['/staff', '/staff/patients']}


@pytest.mark.parametrize('role', sorted(PAGES))
def test_every_form_of_staff(server, sample, role):
    with server.visitor(event_hooks={'response': [badinput.check]}) as one:
        one.login(sample[role + '_login'], sample[role + '_password'])
        tried = {path: sweep(one.open(path)) for path in PAGES[role]}
    assert sum(tried.values()) > 20, tried


def test_every_form_of_a_visit(server, sample, database):
    """The desk's forms about one booking, and the steps of its day."""
    with server.visitor() as someone:
        patient.book(someone)
    uid = database.value("SELECT uid FROM booking WHERE status = 'booked' ORDER BY id DESC LIMIT 1")
    with server.visitor(event_hooks={'response': [badinput.check]}) as one:
        one.login(sample['admin_login'], sample['admin_password'])
        tried = {path: sweep(one.open('/staff/bookings/' + uid + path)) for path in ('/move', '/details', '/replan', '')}
    assert sum(tried.values()) > 20, tried


def test_every_form_of_patients(visitor, server):  # noqa: F811
    tried = sweep(visitor.open('/services/%s/wait' % patient.SERVICE)) + sweep(visitor.open('/login'))
    page = patient.hold(visitor)
    tried += sweep(page)
    with server.visitor(event_hooks={'response': [badinput.check]}) as other:
        patient.book(other)
        for path in ('/booking', '/booking/move', '/booking/check'):
            tried += sweep(other.open(path))
    assert tried > 100


# --- addresses ------------------------------------------------------------------------------------------------------------------

def routes():
    """(method, pattern) of the route table."""
    return [row[:2] for row in env.routes()]


LETTERS = ['ä', '%C3%A4', '😀', '٣', '9' * 40, '-1', '%F0%9F%98%80' * 20, "a'b", '%E2%80%AE', 'x' * 300]


@pytest.mark.parametrize('role', ['nobody', 'admin'])
def test_every_name_in_an_address(server, sample, role):
    starred = [(m, p) for m, p in routes() if '*' in p and not p.startswith('/fhir')]
    assert len(starred) > 40
    with server.visitor(event_hooks={'response': [badinput.check]}) as one:
        csrf = one.open('/login').form(having='csrf').value('csrf')
        if role != 'nobody':
            csrf = one.login(sample[role + '_login'], sample[role + '_password']).form(action='/logout').value('csrf')
        for method, pattern in starred:
            for name in LETTERS:
                data = {'csrf': csrf, 'idem': secrets.token_urlsafe(16), 'version': '1', 'reason': 'x'}
                answer = one.request(method, pattern.replace('*', name), **({'data': data} if method == 'POST' else {}))
                assert answer.status_code < 500, (method, pattern, name, answer.status_code)
                assert not (answer.status_code == 200 and 'admin' not in pattern and '/services/' not in pattern), (method, pattern, name)


QUERIES = {'/services/prp-tendon/times': ['month', 'day', 'with', 'practitioner', 'from'], '/booking': ['booking'], '/waiting': ['place'],
           '/staff': ['date', 'site', 'day'], '/staff/week': ['date', 'who', 'site', 'by'], '/staff/messages': ['page', 'status', 'view'],
           '/staff/recalls': ['page', 'view', 'site'], '/staff/waitlist': ['page', 'status'], '/billing': ['page', 'state', 'view'],
           '/staff/times': ['service', 'patient', 'practitioner', 'after', 'visit', 'from', 'part', 'site'], '/staff/block': ['resource', 'date', 'start'],
           '/staff/admin/closures': ['site', 'resource', 'first_day']}


@pytest.mark.parametrize('path', sorted(QUERIES))
def test_every_name_in_a_query(server, sample, path):
    with server.visitor(event_hooks={'response': [badinput.check]}) as one:
        one.login(sample['admin_login'], sample['admin_password'])
        for name in QUERIES[path]:
            for value in sorted(set(NUMBERS + DAYS + OTHERS)):
                answer = one.get(path + '?' + urllib.parse.urlencode({'service': 'prp-tendon', name: value}))
                assert answer.status_code < 500, (path, name, value, answer.status_code)


def test_every_parameter_of_the_api(machine):
    """All that the CapabilityStatement declares."""
    said = machine.get('/metadata', headers={'Accept': 'application/fhir+json'}).json()
    asked = 0
    for one in said['rest'][0]['resource']:
        names = [p['name'] for p in one.get('searchParam', [])]
        for name in names + ['_count', '_page'] if names else []:
            for value in ['ä', '😀', '٣', '9' * 40, '-1', '1.5', '2155-01-01', 'ge9999-12-31', 'urn:ä|ä', '|ä', 'Patient/ä']:
                answer = machine.get('/%s?%s' % (one['type'], urllib.parse.urlencode({name: value})))
                assert answer.status_code in (200, 400, 404), (one['type'], name, value, answer.status_code, answer.text)
                asked += 1
        for name in LETTERS:
            assert machine.get('/%s/%s' % (one['type'], name)).status_code in (400, 403, 404), (one['type'], name)
    assert asked > 200
