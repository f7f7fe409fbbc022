# SPDX-License-Identifier: Apache-2.0
"""GET /fhir/Claim/GFE-…: an estimate as a Claim of use predetermination."""
import json
import os

import lxml.etree
import pytest

import env
import fhirapi
import fhirbook
import moving
import patient

F = {'f': 'http://hl7.org/fhir'}


@pytest.fixture
def estimate(visitor, database):
    about = patient.give_details(patient.hold(visitor)).about
    assert visitor.open(patient.at('/booking/check', about)).form(action='/booking/check').submit().h1 == 'You are booked'
    return '%s-%06d' % database.rows('SELECT series, id FROM estimate ORDER BY id DESC LIMIT 1')[0]


def get(machine, ident):
    return machine.get('/Claim/' + ident)


def test_it_says_what_the_paper_says(machine, database, estimate):
    answer = get(machine, estimate)
    assert answer.status_code == 200 and answer.headers['content-type'].startswith('application/fhir+xml'), answer.text
    tree = lxml.etree.fromstring(answer.content)
    one = lambda path: tree.xpath('string(%s)' % path, namespaces=F)
    assert one('f:use/@value') == 'predetermination' and one('f:status/@value') == 'active' and one('f:id/@value') == estimate == one('f:identifier/f:value/@value')
    assert one('f:total/f:value/@value') == '950.00' and one('f:total/f:currency/@value') == 'USD'
    assert one('f:contained/f:Patient/f:name/f:text/@value') == 'Ada Lovelace' and one('f:contained/f:Patient/f:birthDate/@value') == '1962-12-10'
    assert one('f:contained/f:Coverage/f:type/f:coding/f:code/@value') == 'pay' and one('f:contained/f:Organization/f:identifier/f:value/@value') == '1000000038'
    lines = database.rows('SELECT l.code, l.units, l.unit_minor FROM estimate_line l JOIN estimate e ON e.id = l.estimate_id WHERE e.id = %s ORDER BY l.line_no', int(estimate[-6:]))
    assert [(i.xpath('string(f:productOrService/f:coding/f:code/@value)', namespaces=F), i.xpath('string(f:quantity/f:value/@value)', namespaces=F),
             i.xpath('string(f:unitPrice/f:value/@value)', namespaces=F)) for i in tree.xpath('f:item', namespaces=F)] == [
                 (code, str(units), '%d.%02d' % divmod(minor, 100)) for code, units, minor in lines]
    assert 'RT' in tree.xpath('f:item/f:modifier/f:coding/f:code/@value', namespaces=F)


def test_both_formats_and_conditions(machine, estimate):
    xml, again = get(machine, estimate), get(machine, estimate)
    assert xml.content == again.content and machine.get('/Claim/' + estimate, headers={'If-None-Match': xml.headers['etag']}).status_code == 304
    body = json.loads(machine.get('/Claim/%s?_format=json' % estimate).text)
    tree = lxml.etree.fromstring(xml.content)
    assert body['resourceType'] == 'Claim' and body['use'] == 'predetermination' and body['id'] == estimate
    values = [v for v in tree.xpath('//@value') if v not in ('true',)]
    flat = json.dumps(body, ensure_ascii=False)
    assert [v for v in values if v not in flat and v.rstrip('0').rstrip('.') not in flat] == []


@pytest.mark.skipif(not os.path.exists(fhirapi.SCHEMA), reason='HL7\'s schema is not there')
def test_hl7s_schema_takes_it(machine, estimate):
    assert fhirapi.valid(get(machine, estimate)).tag == fhirapi.NS + 'Claim'


def test_one_that_was_replaced(machine, visitor, estimate, database):
    moving.confirm(moving.choose(visitor))
    newer = '%s-%06d' % database.rows('SELECT series, id FROM estimate ORDER BY id DESC LIMIT 1')[0]
    status = lambda which: lxml.etree.fromstring(get(machine, which).content).xpath('string(f:status/@value)', namespaces=F)
    assert newer != estimate and status(estimate) == 'cancelled' and status(newer) == 'active'


def test_a_client_reads_that_of_what_it_booked(server, database):
    scopes = 'system/Appointment.cruds system/Patient.rs system/Claim.read'
    with server.machine(fhirapi.token(database, scopes), accept='application/fhir+json') as one, server.machine(fhirapi.token(database, scopes)) as another:
        reference = fhirbook.flat(fhirbook.find(one))[0][0]['id']
        answer = fhirbook.book(one, reference)
        assert answer.status_code in (200, 201), answer.text
        own = '%s-%06d' % database.rows('SELECT series, id FROM estimate ORDER BY id DESC LIMIT 1')[0]
        assert database.value('SELECT b.source FROM estimate e JOIN booking b ON b.id = e.booking_id WHERE e.id = %s', int(own[-6:])) == 'machine'
        assert get(one, own).status_code == 200 and get(another, own).status_code == 404


def test_one_that_no_longer_applies(machine, visitor, estimate, database):
    status = lambda: lxml.etree.fromstring(get(machine, estimate).content).xpath('string(f:status/@value)', namespaces=F)
    assert status() == 'active'
    database.rows("UPDATE booking SET status = 'cancelled', version = version + 1 WHERE id = (SELECT booking_id FROM estimate WHERE id = %s)", int(estimate[-6:]))
    assert status() == 'cancelled'


def test_who_may_and_what_is_not_there(server, machine, database, estimate):
    # Numbers can be guessed: who made other bookings, or none, sees none of this one.
    for scopes, status in (('system/Claim.read regen/all', 200), ('system/Claim.read', 404), ('system/*.rs', 404), ('system/Patient.read regen/all', 403)):
        with server.machine(fhirapi.token(database, scopes)) as one:
            answer = get(one, estimate)
            assert answer.status_code == status and ('Lovelace' in answer.text) == (status == 200), (scopes, answer.text)
    before = database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'estimate.read'")
    get(machine, estimate)
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'estimate.read'") == before + 1
    for odd in ('GFE-', 'GFE-2026-', 'GFE-1999-' + estimate[-6:], estimate + '0', 'GFE-2026-999999', 'GFE-x-1', 'GFE-' + '9' * 30, estimate[:-6] + estimate[-6:].lstrip('0')):
        assert get(machine, odd).status_code == 404, odd
