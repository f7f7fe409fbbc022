# SPDX-License-Identifier: Apache-2.0
"""What clients of the FHIR API send beside the question: formats, marks, origins."""
import datetime

import pytest

from dayfill import today
from fhirapi import CONSULT, HARBOR, token

PORTAL = 'https://portal.example'
JSON, XML = 'application/fhir+json; charset=utf-8', 'application/fhir+xml; charset=utf-8'


@pytest.fixture(scope='module')
def bearer(server, database):
    return token(database, 'system/*.cruds')


@pytest.fixture
def one(server, bearer):
    with server.machine(bearer) as made:
        yield made


@pytest.mark.parametrize('accept,kind', [
    ('application/json, text/plain, */*', JSON), ('*/*', XML), ('application/fhir+json', JSON), ('application/fhir+xml', XML),
    ('application/fhir+xml, application/fhir+json', XML), ('application/fhir+json, application/fhir+xml', JSON),
    ('application/fhir+xml;q=0.8, application/fhir+json', JSON), ('text/html,application/xml;q=0.9,*/*;q=0.8', XML), (None, XML)])
def test_who_gets_what(server, bearer, accept, kind):
    """axios names JSON; who names nothing gets the default."""
    head = b'GET /clinic/fhir/Location/%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer %s\r\n%s\r\n' % (
        HARBOR.encode(), bearer.encode(), b'Accept: %s\r\n' % accept.encode() if accept else b'')
    said = server.raw(head).decode()
    assert said.startswith('HTTP/1.1 200') and 'Content-Type: %s\r\n' % kind in said


@pytest.mark.parametrize('form,kind', [('application/fhir+json', JSON), ('application/fhir%2Bjson', JSON), ('json', JSON),
                                       ('application/fhir+xml', XML), ('application/fhir+xml;fhirVersion=4.0', XML)])
def test_a_plus_in_format(one, form, kind):
    for path in ('/Location', '/metadata', '/nowhere'):
        assert one.get('%s?_format=%s' % (path, form)).headers['content-type'] == kind
    assert one.get('/Location?_format=application/fhir++json').status_code == 406


def test_a_byte_order_mark_before_json(one):
    body = ('{"resourceType": "Parameters", "parameter": [{"name": "start", "valueDateTime": "%sT00:00:00Z"},'
            '{"name": "end", "valueDateTime": "%sT00:00:00Z"}]}' % (today(), today() + datetime.timedelta(1)))
    plain, marked = (one.post('/Appointment/$find', content=mark + body.encode(),
                              headers={'Content-Type': 'application/fhir+json', 'Accept': 'application/fhir+json'})
                     for mark in (b'', b'\xef\xbb\xbf'))
    assert marked.status_code == plain.status_code
    assert 'JSON' not in marked.text


# --- pages of other origins ---------------------------------------------------------------------------------------------------

ALLOWED = 'access-control-allow-origin'


def preflight(client, path, origin):
    return client.options(path, headers={'Origin': origin, 'Access-Control-Request-Method': 'POST',
                                         'Access-Control-Request-Headers': 'authorization,content-type'})


def test_no_page_of_another_origin_by_default(one):
    for answer in (preflight(one, '/Slot', PORTAL), one.get('/Location', headers={'Origin': PORTAL})):
        assert ALLOWED not in answer.headers and 'access-control-allow-headers' not in answer.headers


@pytest.mark.parametrize('said', ['"https://other.example %s"' % PORTAL, '*'])
def test_pages_that_may(servers, database, bearer, said):
    server = servers(database=database, extra='RegenFHIROrigins %s' % said)
    with server.machine() as nobody, server.machine(bearer) as machine:
        before = preflight(nobody, '/Appointment/$find', PORTAL)
        assert before.status_code == 204 and before.headers[ALLOWED] == ('*' if said == '*' else PORTAL)
        assert 'POST' in before.headers['access-control-allow-methods']
        assert {'Authorization', 'Content-Type', 'If-Match', 'Prefer'} <= set(
            before.headers['access-control-allow-headers'].split(', '))
        for answer, status in ((machine.get('/Location', headers={'Origin': PORTAL}), 200),
                               (machine.get('/Location/x', headers={'Origin': PORTAL}), 404),
                               (machine.get('/Patient?colour=red', headers={'Origin': PORTAL}), 400),
                               (machine.get('/Slot?schedule=' + CONSULT, headers={'Origin': PORTAL}), 200),
                               (nobody.get('/Location', headers={'Origin': PORTAL}), 401)):
            assert answer.status_code == status and answer.headers[ALLOWED] in ('*', PORTAL)
            assert 'ETag' in answer.headers['access-control-expose-headers']
            assert 'access-control-allow-credentials' not in answer.headers
            assert said == '*' or 'Origin' in answer.headers['vary']
        for other in ('https://evil.example', PORTAL + '.evil.example', 'null', 'http://portal.example'):
            got = machine.get('/Location', headers={'Origin': other})
            assert (ALLOWED in got.headers) == (said == '*')
            assert (ALLOWED in preflight(nobody, '/Location', other).headers) == (said == '*')
        assert ALLOWED not in machine.get(server.base + '/login', headers={'Origin': PORTAL}).headers
