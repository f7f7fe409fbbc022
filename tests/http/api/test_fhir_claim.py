# SPDX-License-Identifier: Apache-2.0
"""GET /fhir/Claim/ID as machines use it: formats, rights, conditions, errors."""
import json

import lxml.etree
import pytest

import env
from billfill import completed

NS = '{http://hl7.org/fhir}'


@pytest.fixture(scope='module')
def claim(server, sample, database):
    """The id of a claim that a clerk made."""
    uid, = completed(database, family='Ó Briain <&>')
    with server.visitor() as clerk:
        clerk.login(sample['billing_login'], sample['billing_password'])
        page = clerk.open('/billing/bookings/' + uid).form(button='Create the claim').submit()
        assert page.status == 200
        return page.path.rsplit('/', 1)[1]


def token(database, scopes, name=None):
    """A bearer token made on the command line."""
    name = name or 'test-%d' % int(database.value('SELECT COUNT(*) FROM api_token'))
    return env.regenctl(database, 'token', 'create', name, '--scopes', scopes, '--days', '1').stdout.strip()


def outcome(answer):
    """The issue codes of an OperationOutcome, in whichever format it came."""
    if 'json' in answer.headers['content-type']:
        body = answer.json()
        assert body['resourceType'] == 'OperationOutcome'
        return [i['code'] for i in body['issue']]
    tree = lxml.etree.fromstring(answer.content)
    assert tree.tag == NS + 'OperationOutcome'
    return tree.xpath('//f:issue/f:code/@value', namespaces={'f': NS[1:-1]})


# --- formats --------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('accept,query,kind', [
    (None, '', 'xml'), ('*/*', '', 'xml'), ('application/fhir+xml', '', 'xml'), ('application/xml', '', 'xml'),
    ('application/fhir+json', '', 'json'), ('application/json', '', 'json'), ('text/html;q=0.1, application/*;q=0.5', '', 'xml'),
    ('application/fhir+xml;q=0.5, application/fhir+json;q=0.6', '', 'json'),
    ('application/fhir+xml', '?_format=json', 'json'), ('application/fhir+json', '?_format=xml', 'xml'),
    (None, '?_format=application%2Ffhir%2Bjson', 'json')])
def test_format(machine, claim, accept, query, kind):
    answer = machine.get('/Claim/' + claim + query, headers={'Accept': accept} if accept else {'Accept': '*/*'})
    assert answer.status_code == 200
    assert answer.headers['content-type'] == 'application/fhir+%s; charset=utf-8' % kind
    assert 'accept' in answer.headers['vary'].lower()
    assert answer.headers['cache-control'] == 'no-store'
    if kind == 'json':
        assert answer.json()['resourceType'] == 'Claim' and answer.json()['id'] == claim
    else:
        assert lxml.etree.fromstring(answer.content).find(NS + 'id').get('value') == claim


def test_no_such_format(machine, claim):
    answer = machine.get('/Claim/' + claim, headers={'Accept': 'text/turtle'})
    assert answer.status_code == 406 and outcome(answer)
    assert machine.get('/Claim/' + claim + '?_format=turtle').status_code == 406


REPEATS = {  # elements that FHIR R4 lets repeat, of those a Claim of ours has
    'Claim': {'contained', 'identifier', 'careTeam', 'diagnosis', 'insurance', 'item'},
    'item': {'careTeamSequence', 'diagnosisSequence', 'modifier'}, 'diagnosis': {'type'},
    'Patient': {'name', 'telecom', 'address'}, 'RelatedPerson': {'name'}, 'Coverage': {'identifier', 'payor', 'class'},
    'Organization': {'identifier', 'type', 'telecom', 'address'}, 'Practitioner': {'identifier', 'name'}}
EVERYWHERE = {'coding', 'given', 'line'}
NUMBERS = {'sequence', 'careTeamSequence', 'diagnosisSequence', 'value'}
BOOLEANS = {'focal', 'responsible'}


def from_xml(element, context):
    """FHIR JSON of an XML element, by the rules of the specification and what is told above: an independent conversion."""
    result = {}
    for child in element:
        name = child.tag.removeprefix(NS)
        if name == 'contained':
            inner = child[0]
            kind = inner.tag.removeprefix(NS)
            value = dict(resourceType=kind, **from_xml(inner, kind))
        elif 'value' in child.attrib:
            text = child.get('value')
            value = text
            if name in NUMBERS and context in NUMERIC_CONTEXTS:
                value = json.loads(text, parse_float=str)
            if name in BOOLEANS:
                value = text == 'true'
        else:
            value = from_xml(child, name)
        if name in REPEATS.get(context, ()) or name in EVERYWHERE:
            result.setdefault(name, []).append(value)
        else:
            assert name not in result, name
            result[name] = value
    return result


NUMERIC_CONTEXTS = {'item', 'diagnosis', 'careTeam', 'insurance', 'quantity', 'unitPrice', 'net', 'total'}


def test_both_formats_say_the_same(machine, claim):
    tree = lxml.etree.fromstring(machine.get('/Claim/' + claim).content)
    text = machine.get('/Claim/' + claim + '?_format=json').text
    # Decimals as they are written: 4600.00 and 4600.0 are not the same in FHIR.
    assert json.loads(text, parse_float=str) == dict(resourceType='Claim', **from_xml(tree, 'Claim'))


# --- rights --------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('header', [None, 'Bearer', 'Bearer x', 'Bearer ' + 'A' * 43, 'Basic YTpi', 'bearer'])
def test_no_token(server, claim, header):
    with server.machine() as machine:
        answer = machine.get('/Claim/' + claim, headers={'Authorization': header} if header else {})
        assert answer.status_code == 401
        assert answer.headers['www-authenticate'].startswith('Bearer')
        assert outcome(answer) == ['login']


def test_staff_cookie_is_no_token(staff, claim):
    assert staff('billing').get('/fhir/Claim/' + claim).status_code == 401


@pytest.mark.parametrize('scopes,status', [
    ('system/Claim.read', 200), ('system/Claim.rs', 200), ('system/Patient.read system/Claim.read', 200),
    ('system/Patient.read', 403), ('system/ClaimResponse.read', 403)])
def test_scopes(server, database, claim, scopes, status):
    with server.machine(token(database, scopes)) as machine:
        answer = machine.get('/Claim/' + claim)
        assert answer.status_code == status
        if status == 403:
            assert outcome(answer) == ['forbidden']
            assert 'Lovelace' not in answer.text and 'Briain' not in answer.text


def test_revoked_token(server, database, claim):
    bearer = token(database, 'system/Claim.read', 'to-be-revoked')
    with server.machine(bearer) as machine:
        assert machine.get('/Claim/' + claim).status_code == 200
        env.regenctl(database, 'token', 'revoke', 'to-be-revoked')
        assert machine.get('/Claim/' + claim).status_code == 401


def test_reading_is_audited(machine, database, claim):
    before = database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'claim.read' AND actor LIKE 'token:%%'")
    machine.get('/Claim/' + claim)
    assert database.value(
        "SELECT COUNT(*) FROM audit_event WHERE action = 'claim.read' AND actor LIKE 'token:%%'") == before + 1


# --- errors --------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('uid', ['0' * 26, 'x', '7' * 27, '-', 'Claim'])
@pytest.mark.parametrize('accept', ['application/fhir+xml', 'application/fhir+json'])
def test_unknown(machine, uid, accept):
    answer = machine.get('/Claim/' + uid, headers={'Accept': accept})
    assert answer.status_code == 404
    assert answer.headers['content-type'].startswith(accept)
    assert outcome(answer) == ['not-found']


def test_other_methods(machine, claim):
    for method in ('PUT', 'DELETE', 'PATCH', 'POST'):
        answer = machine.request(method, '/Claim/' + claim)
        assert answer.status_code == 405 and 'GET' in answer.headers['allow']
        assert outcome(answer) == ['not-supported']


# --- conditions ----------------------------------------------------------------------------------------------------------------

def test_strong_validator(machine, claim):
    xml, again = machine.get('/Claim/' + claim), machine.get('/Claim/' + claim)
    assert xml.content == again.content and xml.headers['etag'] == again.headers['etag']
    assert xml.headers['etag'].startswith('"')  # not W/: the bytes never change
    other = machine.get('/Claim/' + claim + '?_format=json').headers['etag']
    assert other != xml.headers['etag']
    same = machine.get('/Claim/' + claim, headers={'If-None-Match': xml.headers['etag']})
    assert same.status_code == 304 and same.content == b''
    assert same.headers['etag'] == xml.headers['etag']
    assert machine.get('/Claim/' + claim, headers={'If-None-Match': '"a", %s' % xml.headers['etag']}).status_code == 304
    assert machine.get('/Claim/' + claim, headers={'If-None-Match': other}).status_code == 200
    assert machine.get('/Claim/' + claim,
                       headers={'If-Modified-Since': xml.headers['last-modified']}).status_code == 304


def test_head(machine, claim):
    full = machine.get('/Claim/' + claim)
    bare = machine.head('/Claim/' + claim)
    assert bare.status_code == 200 and bare.content == b''
    for name in ('content-type', 'etag', 'last-modified', 'content-length'):
        assert bare.headers[name] == full.headers[name], name
    assert machine.head('/Claim/' + '0' * 26).status_code == 404
