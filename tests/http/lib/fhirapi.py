# SPDX-License-Identifier: Apache-2.0
"""What the tests of the FHIR API share: tokens, HL7's schema, and XML read as JSON. No fixtures."""
import json
import os

import lxml.etree

import env

NS = '{http://hl7.org/fhir}'
SCHEMA = os.path.join(env.ROOT, '..', 'shared', 'data', 'fhir', 'xsd', 'fhir-single.xsd')
HARBOR = '0' * 23 + '101'
RIVERA, CHEN = '0' * 23 + '201', '0' * 23 + '202'
ROOM = '0' * 23 + '205'
ULTRASOUND = '0' * 23 + '210'
BMAC, PRP, CONSULT = ('0' * 23 + n for n in ('301', '302', '303'))
CODES = 'https://harbor.example/codes/services'
TYPES = ('Location', 'HealthcareService', 'Practitioner', 'PractitionerRole', 'Device', 'Schedule', 'Slot', 'Appointment',
         'Patient', 'ServiceRequest')

_schema = []


def schema():
    """HL7's schema, or None where it is not beside the project."""
    if not _schema:
        _schema.append(lxml.etree.XMLSchema(lxml.etree.parse(SCHEMA)) if os.path.exists(SCHEMA) else None)
    return _schema[0]


def valid(answer):
    """The XML of an answer, held against HL7's schema when there is one."""
    assert answer.headers['content-type'] == 'application/fhir+xml; charset=utf-8', answer.text
    tree = lxml.etree.fromstring(answer.content)
    if schema() is not None:
        assert schema().validate(tree), (schema().error_log, answer.text)
    return tree


def token(database, scopes):
    """A bearer token made on the command line."""
    name = 'fhir-%d' % int(database.value('SELECT COUNT(*) FROM api_token'))
    return env.regenctl(database, 'token', 'create', name, '--scopes', scopes, '--days', '1').stdout.strip()


def issues(answer):
    """(code, text) of each issue of an OperationOutcome, in whichever format it came."""
    if 'json' in answer.headers['content-type']:
        body = answer.json()
        assert body['resourceType'] == 'OperationOutcome', body
        return [(i['code'], i['details']['text']) for i in body['issue']]
    tree = valid(answer)
    assert tree.tag == NS + 'OperationOutcome', answer.text
    return [(i.find(NS + 'code').get('value'), i.find('%sdetails/%stext' % (NS, NS)).get('value')) for i in tree]


def entries(bundle, mode='match'):
    return [e['resource'] for e in bundle.get('entry', ()) if e.get('search', {}).get('mode') == mode]


def link(bundle, relation):
    return next((l['url'] for l in bundle.get('link', ()) if l['relation'] == relation), None)


def walk(machine, path):
    """Every matching resource over all pages, by the next links."""
    found, answer = [], machine.get(path)
    for _ in range(500):
        assert answer.status_code == 200, answer.text
        bundle = answer.json()
        found += entries(bundle)
        following = link(bundle, 'next')
        if not following:
            return found
        answer = machine.get(following)
    raise AssertionError('no end of pages')


def leaves(node, path=''):
    """Every (path, text) of FHIR JSON, whatever repeats: comparable with XML's."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == 'resourceType':
                yield '%s/%s' % (path, value), ''
            else:
                yield from leaves(value, '%s/%s' % (path, key))
    elif isinstance(node, list):
        for item in node:
            yield from leaves(item, path)
    else:
        yield path, node if isinstance(node, str) else json.dumps(node)


def xml_leaves(element, path='', top=True):
    """The same of XML; only elements that hold a resource have a name that begins with a capital."""
    name = element.tag.removeprefix(NS)
    if name[0].isupper():
        yield '%s/%s' % (path, name), ''
    else:
        path = '%s/%s' % (path, name)
    if 'url' in element.attrib:
        yield path + '/url', element.get('url')
    if 'value' in element.attrib:
        yield path, element.get('value')
    for child in element:
        yield from xml_leaves(child, path, False)
