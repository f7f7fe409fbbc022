# SPDX-License-Identifier: Apache-2.0
"""RegenFHIRSchema: HL7's schema is read once in the parent and shared with the children; it survives restarts, which unload
libxml2 with the module. Reads ../shared/data, which is not part of the project."""
import glob
import os
import re

import pytest

import env
import fhirapi

SCHEMA = os.path.join(env.ROOT, '..', 'shared', 'data', 'fhir', 'xsd', 'fhir-single.xsd')
EXAMPLES = sorted(glob.glob(os.path.join(os.path.dirname(SCHEMA), '..', 'examples', 'claim-example*.xml')))
pytestmark = pytest.mark.skipif(not os.path.exists(SCHEMA), reason='../shared/data/fhir/xsd is not there')


@pytest.fixture
def strict(servers, server):
    return servers(extra='RegenFHIRSchema "%s"\n' % os.path.realpath(SCHEMA))


def validate(one, token, body):
    with one.machine(token, accept='application/json') as api:
        answer = api.post('/Claim/$validate', content=body, headers={'Content-Type': 'application/fhir+xml'})
    assert answer.status_code == 200, answer.text
    return answer.json()['issue']


def test_validate(strict, sample):
    good = '<Claim xmlns="http://hl7.org/fhir"><status value="active"/></Claim>'
    for path in EXAMPLES:
        assert validate(strict, sample['token'], env.read(path))[0]['severity'] == 'information', path
    found = validate(strict, sample['token'], good)
    assert {i['severity'] for i in found} == {'error'} and {i['code'] for i in found} == {'structure'}
    assert 'Claim' in found[0]['details']['text']
    assert validate(strict, sample['token'], '<Made xmlns="http://hl7.org/fhir"/>')[0]['severity'] == 'error'


def test_our_own_answers_are_valid(strict, sample):
    """CapabilityStatement and OperationOutcome as the platform writes them; none of them is a valid Claim."""
    for path in ('/metadata', '/nope', '/Claim/x'):
        with strict.machine(accept='application/fhir+xml') as api:
            answer = api.get(path)
        fhirapi.valid(answer)
        said, = validate(strict, sample['token'], answer.text)
        assert said['severity'] == 'error' and 'no Claim' in said['details']['text']


CLAIM = env.read(os.path.join(os.path.dirname(SCHEMA), '..', 'examples', 'claim-example-cms1500-medical.xml')) if os.path.exists(
    SCHEMA) else ''


@pytest.mark.parametrize('old,new,where,words', [
    (r'<total>\s*<value value="[0-9.]+"', '<total><value value="135.58"', 'Claim.total', 'sum of the items'),
    (r'(<unitPrice>\s*<value value=")[0-9.]+"', r'\g<1>99999.00"', 'Claim.item[0].net', 'unit price'),
    (r'(<careTeamSequence value="1"\s*/>)', r'\g<1><diagnosisSequence value="7"/>', 'Claim.item[0].diagnosisSequence', 'no diagnosis'),
    (r'<careTeamSequence value="1"', '<careTeamSequence value="7"', 'Claim.item[0].careTeamSequence', 'no careTeam'),
    (r'<patient>\s*<reference value="[^"]*"', '<patient><reference value="#nobody"', 'Claim.patient.reference', 'contained'),
    (r'(<total>\s*<value value=")[0-9.]+"', r'\g<1>1e3"', None, None)])
def test_a_claim_that_disagrees_with_itself(strict, sample, old, new, where, words):
    """Valid against the schema, each of them, and wrong."""
    broken, n = re.subn(old, new, CLAIM, count=1)
    assert n == 1 and validate(strict, sample['token'], CLAIM)[0]['severity'] == 'information'
    found = validate(strict, sample['token'], broken)
    assert found[0]['severity'] == 'error'
    if where:
        assert [i for i in found if words in i['details']['text'] and where in i['expression']], found


def test_what_cannot_be_judged(strict, server, sample):
    profile = 'http://hl7.org/fhir/StructureDefinition/Claim'
    wrapped = ('<Parameters xmlns="http://hl7.org/fhir"><parameter><name value="resource"/><resource>%s</resource></parameter>'
               '<parameter><name value="profile"/><valueUri value="%s"/></parameter></Parameters>')
    inside = re.sub(r'^\s*<\?xml[^>]*>', '', CLAIM)
    xml = {'Content-Type': 'application/fhir+xml'}
    with strict.machine(sample['token'], accept='application/json') as api:
        def ask(body, query=''):
            answer = api.post('/Claim/$validate' + query, content=body, headers=xml)
            return answer.status_code, answer.json()['issue'][0]['severity'], answer.json()['issue'][0]['code']
        for good in (profile, profile + '|4.0.1'):
            assert ask(CLAIM, '?profile=' + good) == (200, 'information', 'informational')
            assert ask(wrapped % (inside, good)) == (200, 'information', 'informational')
        for bad in ('http://hl7.org/fhir/us/carin-bb/StructureDefinition/x', profile + '|5.0.0', profile + 's', ''):
            assert ask(CLAIM, '?profile=' + bad)[0] == 400
        assert ask(wrapped % (inside, 'http://x.example/p'))[0] == 400
        assert ask(CLAIM, '?mode=delete')[0] == 400 and ask(CLAIM, '?mode=create')[0] == 200
        assert ask(wrapped % ('<Patient/>', profile))[:2] == (200, 'error')
        assert ask('<Parameters xmlns="http://hl7.org/fhir"/>')[:2] == (200, 'error')
        assert api.post('/Claim/$validate', json={'resourceType': 'Claim'}).status_code == 415
        declared = api.get('/metadata').text
    with server.machine(accept='application/json') as api:
        assert '"validate"' in declared and '"validate"' not in api.get('/metadata').text


def test_a_document_that_would_take_long(strict, sample):
    """Attributes are compared with each other, and a pattern of HL7's schema matches in many ways: refused or judged at once."""
    xml = {'Content-Type': 'application/fhir+xml'}
    with strict.machine(sample['token'], accept='application/json') as api:
        many = '<Claim xmlns="http://hl7.org/fhir" %s/>' % ' '.join('a%d="1"' % i for i in range(40000))
        answer = api.post('/Claim/$validate', content=many, headers=xml)
        assert answer.status_code == 400 and 'attributes' in answer.text
    data = 'AAAA ' * 100 + '!'
    body = ('<Claim xmlns="http://hl7.org/fhir"><extension url="http://x.example"><valueBase64Binary value="%s"/></extension>'
            '</Claim>' % data)
    assert validate(strict, sample['token'], body)[0]['severity'] == 'error'


def shared_kb(pid):
    return int(re.search(r'RssAnon:\s+(\d+) kB', env.read('/proc/%d/status' % pid)).group(1))


@pytest.mark.measures
def test_restarts_with_the_schema(strict, sample):
    example = '<Claim xmlns="http://hl7.org/fhir"/>'
    sizes = []
    for _ in range(8):
        before = set(strict.children())
        assert strict.graceful().returncode == 0
        env.wait_until(lambda: set(strict.children()) - before, 30)
        assert validate(strict, sample['token'], example)[0]['severity'] == 'error'
        sizes.append(shared_kb(strict.pid))
    assert sizes[-1] - sizes[2] < 3000, sizes
