# SPDX-License-Identifier: Apache-2.0
"""RegenFHIRSchema: HL7's schema is read once in the parent and shared with the children; it survives restarts, which unload
libxml2 with the module. Reads ../shared/data, which is not part of the project."""
import glob
import os
import re

import pytest

import env

SCHEMA = os.path.join(env.ROOT, '..', 'shared', 'data', 'fhir', 'xsd', 'fhir-single.xsd')
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
    examples = glob.glob(os.path.join(os.path.dirname(SCHEMA), '..', 'examples', 'claim-example*.xml'))
    for path in examples[:3]:
        assert validate(strict, sample['token'], env.read(path))[0]['severity'] == 'information', path
    found = validate(strict, sample['token'], good)
    assert {i['severity'] for i in found} == {'error'} and {i['code'] for i in found} == {'structure'}
    assert 'Claim' in found[0]['details']['text']
    assert validate(strict, sample['token'], '<Made xmlns="http://hl7.org/fhir"/>')[0]['severity'] == 'error'


def test_our_own_answers_are_valid(strict, sample):
    """CapabilityStatement and OperationOutcome as the platform writes them."""
    for path in ('/metadata', '/nope', '/Claim/x'):
        with strict.machine(accept='application/fhir+xml') as api:
            body = api.get(path).text
        assert validate(strict, sample['token'], body)[0]['severity'] == 'information', body


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
