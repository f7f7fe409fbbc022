# SPDX-License-Identifier: Apache-2.0
"""RegenFHIRSchema: HL7's schema is read once in the parent and shared with the children; it survives restarts, which unload
libxml2 with the module. Reads ../shared/data, which is not part of the project."""
import datetime
import glob
import os
import re

import pytest

import env
import fhirapi
from billfill import completed

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
        assert said['severity'] == 'error' and 'not a Claim' in said['details']['text']


AHEAD, AFTER = ((datetime.date.today() + datetime.timedelta(days=n)).isoformat() for n in (900, 901))
CLAIM = env.read(os.path.join(os.path.dirname(SCHEMA), '..', 'examples', 'claim-example-cms1500-medical.xml')) if os.path.exists(
    SCHEMA) else ''


@pytest.mark.parametrize('old,new,where,words', [
    (r'<total>\s*<value value="[0-9.]+"', '<total><value value="135.58"', 'Claim.total', 'sum of the lines'),
    (r'(<unitPrice>\s*<value value=")[0-9.]+"', r'\g<1>99999.00"', 'Claim.item[0]', 'price times its quantity'),
    (r'(<net>\s*<value value="[0-9.]+"\s*/>\s*<currency value=")[A-Z]+', r'\g<1>EUR', 'Claim.item[0]', 'a different currency'),
    (r'<servicedDate value="[^"]*"', '<servicedDate value="%s"' % AHEAD, 'Claim.item[0]', 'in the future'),
    (r'<focal value="true"', '<focal value="false"', 'Claim.insurance', 'Exactly one insurance'),
    (r'http://hl7.org/fhir/sid/icd-10"/>\s*<code value="[^"]*"', 'http://hl7.org/fhir/sid/icd-10-cm"/><code value="M961"',
     'Claim.diagnosis[0]', 'like an ICD-10-CM code'),
    (r'<diagnosis>\s*<sequence value="2"', '<diagnosis><sequence value="1"', 'Claim.diagnosis[1].sequence', 'used twice'),
    (r'http://benefitsinc.com/certificate"/>\s*<value value="[^"]*"', 'http://hl7.org/fhir/sid/us-npi"/><value value="1234567892"',
     'Claim.contained.identifier.value', 'check digit'),
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
        assert {i['code'] for i in found} <= {'invariant', 'business-rule'} and {i['severity'] for i in found} == {'error'}


def test_the_scrubber_judges_what_others_write(strict, server, staff, sample, database):
    """A claim of ours is right, and wrong where its document is changed: by the rules it was made by."""
    uid, = completed(database)
    made = staff('billing').open('/billing/bookings/' + uid).form(button='Create the claim').submit()
    assert made.h1.startswith('Claim C'), made
    ours = staff('billing').get(made.link('Download')).text
    said, = validate(strict, sample['token'], ours)
    assert said['severity'] == 'information' and 'breaks none of the rules' in said['details']['text']
    for old, new, code, where, words in (
            (r'(sid/us-npi"/><value value="\d{9})\d', r'\g<1>%d', 'invariant', 'Claim.contained.identifier.value', 'NPI'),
            (r'(icd-10-cm"/><code value="[A-Z]\d\d)\.', r'\g<1>', 'business-rule', 'Claim.diagnosis[0]', 'like an ICD-10-CM'),
            (r'<billablePeriod><start value="[^"]*"/><end value="[^"]*"/>',
             '<billablePeriod><start value="%s"/><end value="%s"/>' % (AHEAD, AFTER), 'business-rule', 'Claim.billablePeriod', 'future'),
            (r'(</productOrService>)', r'\1<modifier><coding><system value="https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"/>'
             '<code value="ZQ"/></coding></modifier>', 'business-rule', 'Claim.item[0]', 'ZQ is not known'),
            (r'(Place_of_Service_Code_Set"/><code value=")\d\d', r'\g<1>28', 'invariant',
             'Claim.item.locationCodeableConcept.coding.code', 'place of service')):
        flat = re.sub(r'>\s+<', '><', ours)
        if '%d' in new:
            digit = int(re.search(old + r'?(\d)"', flat).group(2))
            new = new % ((digit + 1) % 10)
        broken, n = re.subn(old, new, flat, count=1)
        assert n == 1, old
        found = validate(strict, sample['token'], broken)
        assert [i for i in found if i['code'] == code and where in i['expression'] and words in i['details']['text']], (old, found)


def test_a_thousand_mistakes(strict, sample):
    """Told up to a hundred; what is said of each stays short, whatever it quotes."""
    item = '<item><sequence value="1"/><diagnosisSequence value="9"/><servicedDate value="%s"/><net><value value="x"/></net></item>' % AHEAD
    code = '<coding><system value="http://hl7.org/fhir/sid/icd-10-cm"/><code value="%s"/></coding>' % ('\u00e9' * 20000)
    body = ('<Claim xmlns="http://hl7.org/fhir"><diagnosis><sequence value="1"/><diagnosisCodeableConcept>%s</diagnosisCodeableConcept>'
            '</diagnosis>%s</Claim>' % (code, item * 2000))
    found = validate(strict, sample['token'], body)
    assert len(found) == 101 and 'There are more' in found[-1]['details']['text']
    deep = '<%s>' % ('e' * 250) * 25 + '<reference value="#x"/>' + '</%s>' % ('e' * 250) * 25
    found = validate(strict, sample['token'], '<Claim xmlns="http://hl7.org/fhir">%s</Claim>' % (deep * 15))
    assert {i['severity'] for i in found} == {'error'} and all(len(e) < 400 for i in found for e in i.get('expression', []))


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
        answer = api.post('/Claim/$validate', json={'resourceType': 'Claim'}, headers={'Content-Type': 'application/fhir+json'})
        assert answer.status_code == 415 and 'application/fhir+xml only' in answer.json()['issue'][0]['details']['text']
        assert 'as XML' in answer.json()['issue'][0]['details']['text']
        declared = api.get('/metadata').text
        assert 'Takes application/fhir+xml only' in declared
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
