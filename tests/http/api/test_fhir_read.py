# SPDX-License-Identifier: Apache-2.0
"""Reading and searching the FHIR API: every type in both formats against HL7's schema, pages, validators, parameters,
includes, scopes and errors."""
import datetime
import json
import re

import pytest

import env
import ordering
from dayfill import DayFill, clock, now, today
from fhirapi import (BMAC, CHEN, CODES, CONSULT, HARBOR, PRP, RIVERA, ROOM, TYPES, ULTRASOUND, entries, issues, leaves, link,
                     token, valid, walk, xml_leaves)

N_VISITS = 7


@pytest.fixture(scope='module')
def filled(server, database):
    """Visits of every status, a hold and a course of two visits, one of them behind us."""
    fill = DayFill(database)
    soon = clock(9, day=today() + datetime.timedelta(days=20))
    made = {'booked': fill.book(start=soon, family='Ó Briain <&>', given='Ann')}
    for i, status in enumerate(('arrived', 'in-progress', 'completed', 'cancelled', 'no-show')):
        made[status] = fill.book('prp-tendon', 'elbow', 'left', start=soon + (i + 1) * 86400, status=status,
                                 family='Walker%d' % i)
    made['held'] = fill.book('consultation', 'hip', 'left', start=soon + 9 * 86400, status='held', hold_until=now() + 3600,
                             family='Held')
    ordering.of_every_status(database, fill)
    return made


@pytest.fixture(scope='module')
def bearer(server, database):
    return token(database, 'system/*.rs regen/all')


@pytest.fixture
def reader(server, bearer):
    with server.machine(bearer, accept='application/fhir+json') as made:
        yield made


def everything(kind):
    """A search that finds something of this type."""
    start = '&start=lt2199' if kind == 'Slot' else ''
    return '/%s%s' % (kind, '?schedule=Schedule/%s,Schedule/%s%s' % (CONSULT, RIVERA, start) if kind == 'Slot' else '')


# --- every type ---------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('kind', TYPES)
def test_both_formats_are_valid_and_say_the_same(reader, filled, kind):
    path = everything(kind) + ('&' if '?' in everything(kind) else '?') + '_count=200'
    found = entries(reader.get(path).json())
    assert found and {r['resourceType'] for r in found} == {kind}
    bundle = valid(reader.get(path, headers={'Accept': 'application/fhir+xml'}))
    text = reader.get(path).text
    if kind != 'Slot':  # the clock may move the first slot between the two
        assert sorted(leaves(json.loads(text, parse_float=str))) == sorted(xml_leaves(bundle))
    assert 'Briain' not in text or kind == 'Patient'
    for one in (found[0], found[-1]):
        read = reader.get('/%s/%s' % (kind, one['id']))
        assert read.status_code == 200 and read.json() == one
        tree = valid(reader.get('/%s/%s?_format=xml' % (kind, one['id'])))
        assert sorted(xml_leaves(tree)) == sorted(leaves(one))


@pytest.mark.parametrize('kind', TYPES)
def test_reading_has_validators(reader, filled, kind):
    one = entries(reader.get(everything(kind)).json())[0]
    path = '/%s/%s' % (kind, one['id'])
    first = reader.get(path)
    etag = first.headers['etag']
    assert etag == 'W/"%s"' % one['meta']['versionId']
    same = reader.get(path, headers={'If-None-Match': etag})
    assert same.status_code == 304 and same.content == b'' and same.headers['etag'] == etag
    assert reader.get(path, headers={'If-None-Match': 'W/"other"'}).status_code == 200
    if 'last-modified' in first.headers:
        assert reader.get(path, headers={'If-Modified-Since': first.headers['last-modified']}).status_code == 304
        assert one['meta']['lastUpdated'].endswith('Z')
    bare = reader.head(path)
    assert bare.status_code == 200 and bare.content == b'' and bare.headers['etag'] == etag


@pytest.mark.parametrize('kind', TYPES)
def test_pages_together_are_the_whole(reader, filled, kind):
    path = everything(kind) + ('&' if '?' in everything(kind) else '?')
    if kind == 'Slot':
        day = today() + datetime.timedelta(days=19)
        path += 'start=ge%s&start=lt%s&' % (day, day + datetime.timedelta(days=4))
    whole = walk(reader, path + '_count=200')
    for count in (1, 3):
        assert walk(reader, path + '_count=%d' % count) == whole
    ids = [r['id'] for r in whole]
    assert len(set(ids)) == len(ids) > 1


def test_a_page_says_where_the_next_is(reader, filled):
    first = reader.get('/Location?_count=2').json()
    assert len(entries(first)) == 2 and 'total' not in first
    assert re.fullmatch(r'.*/fhir/Location\?_count=2&_page=[\w-]+', link(first, 'next'))
    whole = reader.get('/Location').json()
    assert whole['total'] == len(entries(whole)) == 6 and link(whole, 'next') is None
    assert whole['entry'][0]['fullUrl'].endswith('/fhir/Location/' + whole['entry'][0]['resource']['id'])


@pytest.mark.parametrize('page', ['x', '1', 'A' * 23, 'A' * 24, '_' * 23, '%00'])
def test_a_forged_page_is_refused(reader, page):
    answer = reader.get('/Location?_page=' + page)
    assert answer.status_code == 400 and issues(answer)


def test_count_is_capped_and_checked(reader):
    assert link(reader.get('/Location?_count=100000').json(), 'self').endswith('_count=200')
    for wrong in ('-1', 'x', '1.5', '99999999999999999999'):
        answer = reader.get('/Location?_count=' + wrong)
        assert answer.status_code == 400 and issues(answer)[0][0] == 'invalid'


# --- appointments ------------------------------------------------------------------------------------------------------------

STATUS = {'booked': 'booked', 'arrived': 'arrived', 'in-progress': 'checked-in', 'completed': 'fulfilled',
          'cancelled': 'cancelled', 'no-show': 'noshow', 'held': 'pending'}


def of_booking(appointment):
    return appointment['identifier'][0]['value']


@pytest.mark.parametrize('ours,theirs', sorted(STATUS.items()))
def test_status(reader, filled, ours, theirs):
    found = entries(reader.get('/Appointment?status=' + theirs).json())
    assert filled[ours] in {of_booking(a) for a in found}
    assert {a['status'] for a in found} == {theirs}


def test_a_hold_that_is_over_is_cancelled(reader, database, filled):
    uid = DayFill(database).book('consultation', 'hip', 'left', start=clock(9, day=today() + datetime.timedelta(days=40)),
                                 status='held', hold_until=now() - 5)
    found = entries(reader.get('/Appointment?identifier=' + uid).json())
    assert [a['status'] for a in found] == ['cancelled']
    assert found[0]['cancelationReason']['text'] and 'extension' not in found[0]


def test_an_appointment_names_who_and_where(reader, filled):
    one, = entries(reader.get('/Appointment?identifier=' + filled['booked']).json())
    actors = [p['actor']['reference'] for p in one['participant']]
    assert {'Location/' + HARBOR, 'HealthcareService/' + BMAC, 'Practitioner/' + RIVERA} <= set(actors)
    assert {a.split('/')[0] for a in actors} == {'Patient', 'Practitioner', 'Location', 'Device', 'HealthcareService'}
    assert len(actors) == len(set(actors))
    assert one['serviceType'][0]['coding'][0] == {'system': CODES, 'code': 'bmac-knee',
                                                  'display': 'Bone-marrow concentrate for a knee'}
    assert re.search(r'T09:00:00-0[45]:00$', one['start'])
    assert one['reasonCode'][0]['text'] == 'right knee'


def test_a_course_has_a_status_for_each_visit(reader, database, filled):
    """Behind us is fulfilled, ahead of us is booked, whatever the booking as a whole is."""
    fill = DayFill(database)
    uid = fill.book('prp-tendon', 'elbow', 'right', start=now() - 7 * 86400, status='in-progress')
    booking, = database.rows('SELECT id, starts_at, ends_at FROM booking WHERE uid = %s', uid)
    for visit, shift in ((2, 6 * 86400), (3, 14 * 86400)):
        database.rows('INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at) VALUES (%s, %s, %s, %s, %s)',
                      fill.uid(), booking[0], visit, booking[1] + shift, booking[2] + shift)
    found = entries(reader.get('/Appointment?identifier=' + uid).json())
    assert [a['status'] for a in found] == ['fulfilled', 'checked-in', 'booked']
    only = entries(reader.get('/Appointment?identifier=%s&status=booked' % uid).json())
    assert [a['id'] for a in only] == [found[2]['id']]


@pytest.mark.parametrize('query,n', [
    ('practitioner=Practitioner/' + CHEN, 0), ('practitioner=Practitioner/' + RIVERA, None),
    ('practitioner=' + 'z' * 26, 0), ('location=Location/' + HARBOR, None), ('location=Location/' + ROOM, None),
    ('location=Location/' + 'z' * 26, 0), ('service-type=consultation', 1), ('service-type=%s|consultation' % CODES, 1),
    ('service-type=other|consultation', 0), ('service-type=consultation,bmac-knee', 2), ('service-type=nothing', 0),
    ('status=nothing', 0), ('patient=Patient/' + 'z' * 26, 0), ('_id=' + 'z' * 26, 0), ('date=ge2199', 0)])
def test_appointments_are_narrowed(reader, database, filled, query, n):
    """Among those of the fixture; others are made by other tests."""
    everyone = {of_booking(a) for a in walk(reader, '/Appointment?_count=200')} & set(filled.values())
    found = {of_booking(a) for a in walk(reader, '/Appointment?' + query)} & set(filled.values())
    assert len(everyone) == N_VISITS and found <= everyone
    assert (len(found) == n) if n is not None else found


def test_date_range_is_exact(reader, filled):
    one, = entries(reader.get('/Appointment?identifier=' + filled['booked']).json())
    start = datetime.datetime.fromisoformat(one['start'])
    utc = start.astimezone(datetime.timezone.utc)
    later = utc + datetime.timedelta(seconds=1)
    form = '%Y-%m-%dT%H:%M:%SZ'

    def there(*dates):
        query = '&'.join('date=' + d for d in dates)
        return one['id'] in [a['id'] for a in walk(reader, '/Appointment?' + query)]

    assert there('ge' + utc.strftime(form)) and not there('gt' + utc.strftime(form))
    assert not there('ge' + later.strftime(form)) and there('le' + utc.strftime(form))
    assert not there('lt' + utc.strftime(form)) and there('lt' + later.strftime(form))
    assert there(utc.strftime(form)) and there(start.strftime('%Y-%m-%d')) and there('eq' + start.strftime('%Y-%m'))
    assert there('ge' + start.isoformat().replace('+', '%2B'), 'lt' + later.strftime(form))
    assert not there('ge' + utc.strftime(form), 'lt' + utc.strftime(form))


def test_last_updated_follows_changes(reader, database, filled):
    fill = DayFill(database)
    uid = fill.book('consultation', 'hip', 'left', start=clock(11, day=today() + datetime.timedelta(days=41)))
    stamp = database.value('SELECT changed_at FROM booking WHERE uid = %s', uid)
    since = datetime.datetime.fromtimestamp(stamp, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    found = walk(reader, '/Appointment?_count=2&_lastUpdated=ge' + since)
    assert uid in [of_booking(a) for a in found]
    stamps = [a['meta']['lastUpdated'] for a in found]
    assert stamps == sorted(stamps) and stamps[0] >= since
    assert uid not in [of_booking(a) for a in walk(reader, '/Appointment?_lastUpdated=lt' + since)]
    one, = (a for a in found if of_booking(a) == uid)
    database.rows('UPDATE booking SET version = version + 1 WHERE uid = %s', uid)
    again = reader.get('/Appointment/' + one['id'], headers={'If-None-Match': 'W/"%s"' % one['meta']['versionId']})
    assert again.status_code == 200 and again.json()['meta']['versionId'] != one['meta']['versionId']


# --- patients ----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('query,n', [('family=walker', 5), ('family=Walker0', 1), ('family=%25', 0), ('family=_alker', 0),
                                     ('name=ann', 7), ('given=Ann&family=held', 1), ('birthdate=1961-03-14', 7),
                                     ('birthdate=1961', 7), ('birthdate=gt1961-03-14', 0), ('birthdate=lt1961-03-15', 7),
                                     ('email=ann@example.org', 7), ('email=bob@example.org', 0), ('phone=603-555-0199', 7)])
def test_patients_are_narrowed(reader, database, filled, query, n):
    mine = {p for p, in database.rows('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id'
                                      ' WHERE b.uid IN %s', tuple(filled.values()))}
    assert len({p['id'] for p in walk(reader, '/Patient?' + query)} & mine) == n


def test_a_patient_is_what_was_typed(reader, filled):
    one, = entries(reader.get('/Patient?family=%C3%93 Briain').json())
    assert one['name'][0] == {'use': 'official', 'family': 'Ó Briain <&>', 'given': ['Ann']}
    assert one['birthDate'] == '1961-03-14' and {t['system'] for t in one['telecom']} == {'phone', 'email'}


def test_search_by_post_keeps_names_out_of_addresses(reader, filled):
    answer = reader.post('/Patient/_search', data={'family': 'Walker0'})
    assert answer.status_code == 200 and len(entries(answer.json())) == 1
    both = reader.post('/Patient/_search?given=Bob', data={'family': 'Walker0'})
    assert entries(both.json()) == []
    assert reader.post('/Patient/_search', json={'family': 'x'}).status_code == 415
    assert reader.post('/Patient/_search', content=b'x' * 9000,
                       headers={'Content-Type': 'application/x-www-form-urlencoded'}).status_code == 413


def test_reading_people_is_audited(reader, database, filled):
    count = "SELECT COUNT(*) FROM audit_event WHERE action = %s AND actor LIKE 'token:%%'"
    one = entries(reader.get('/Patient').json())[0]
    before = [database.value(count, a) for a in ('patient.read', 'patient.search', 'appointment.search')]
    reader.get('/Patient/' + one['id'])
    reader.get('/Patient?family=Walker')
    reader.get('/Appointment')
    assert [database.value(count, a) for a in ('patient.read', 'patient.search', 'appointment.search')] == [
        n + 1 for n in before]


# --- slots -------------------------------------------------------------------------------------------------------------------

def test_free_slots_are_the_times_of_the_pages(reader, visitor, filled):
    """What a machine sees is what a patient is offered, time for time."""
    day = today() + datetime.timedelta(days=(7 - today().weekday()) + 14)  # a Monday
    page = visitor.open('/services/consultation/times?day=%s' % day)
    offered = sorted({int(f.value('start')) for f in page.forms() if f.action.endswith('/holds')})
    slots = walk(reader, '/Slot?schedule=Schedule/%s&start=%s&_count=7' % (CONSULT, day))
    starts = [int(datetime.datetime.fromisoformat(s['start']).timestamp()) for s in slots]
    assert offered and starts == offered
    assert {s['status'] for s in slots} == {'free'} and slots[0]['schedule'] == {'reference': 'Schedule/' + CONSULT}
    first = datetime.datetime.fromisoformat(slots[0]['start'])
    assert datetime.datetime.fromisoformat(slots[0]['end']) - first == datetime.timedelta(minutes=40)
    by_type = walk(reader, '/Slot?service-type=consultation&start=%s' % day)
    assert by_type == slots


def test_busy_slots_are_what_is_taken(reader, database, filled):
    expected = database.rows(
        "SELECT DISTINCT r.busy_from, b.status = 'held' FROM booking_resource r JOIN booking b ON b.id = r.booking_id"
        " JOIN resource x ON x.id = r.resource_id WHERE x.uid = %s AND b.status NOT IN ('cancelled', 'expired', 'no-show')"
        " AND (b.hold_expires_at IS NULL OR b.hold_expires_at > %s) ORDER BY r.busy_from", RIVERA, now())
    slots = walk(reader, '/Slot?schedule=Schedule/%s&start=gt2000&_count=2&status=busy,busy-tentative' % RIVERA)
    got = [(int(datetime.datetime.fromisoformat(s['start']).timestamp()), int(s['status'] == 'busy-tentative')) for s in slots]
    assert got == [tuple(map(int, row)) for row in expected] and got
    held = walk(reader, '/Slot?schedule=Schedule/%s&start=gt2000&status=busy-tentative' % RIVERA)
    assert len(held) == sum(flag for _, flag in got)
    assert all(reader.get('/Slot/' + slot['id']).json() == slot for slot in slots)


def test_slots_want_a_schedule(reader):
    for query in ('', '?status=free', '?start=2020-12-01'):
        answer = reader.get('/Slot' + query)
        assert answer.status_code == 400 and 'schedule' in issues(answer)[0][1]
    assert reader.get('/Slot?schedule=Schedule/%s&_lastUpdated=ge2026' % CONSULT).status_code == 400
    assert [s['id'] for s in entries(reader.get('/Slot?_id=x').json())] == []


@pytest.mark.parametrize('slot', ['x', CONSULT, CONSULT + '-', CONSULT + '-x', CONSULT + '-1', 'z' * 26 + '-1800000000',
                                  RIVERA + '-300', CONSULT + '-99999999999999999999'])
def test_no_such_slot(reader, slot):
    answer = reader.get('/Slot/' + slot)
    assert answer.status_code == 404 and issues(answer)[0][0] == 'not-found'


def test_staff_only_services_are_not_offered(reader, database):
    slots = '/Slot?schedule=Schedule/%s&status=free' % PRP
    assert entries(reader.get(slots).json())
    database.rows("UPDATE service SET audience = 'staff' WHERE uid = %s", PRP)
    try:
        assert not entries(reader.get(slots).json())
        assert not entries(reader.get('/Schedule?actor=HealthcareService/' + PRP).json())
        assert reader.get('/HealthcareService/' + PRP).status_code == 200
    finally:
        database.rows("UPDATE service SET audience = 'public' WHERE uid = %s", PRP)


# --- definitions -----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('query,ids', [
    ('Location?name=harbor', {HARBOR}), ('Location?name:contains=joint', {HARBOR}), ('Location?name=joint', set()),
    ('Location?name:exact=Harbor Joint Clinic', {HARBOR}), ('Location?name:exact=harbor joint clinic', set()),
    ('Location?address-city=portsmouth', {HARBOR}), ('Location?address=NH', {HARBOR}), ('Location?address-state=VT', set()),
    ('Location?_id=%s,%s' % (HARBOR, ROOM), {HARBOR, ROOM}), ('Location?identifier=procedure-1', {ROOM}),
    ('HealthcareService?identifier=%s|bmac-knee' % CODES, {BMAC}), ('HealthcareService?name=platelet', {PRP}),
    ('HealthcareService?active=false', set()), ('HealthcareService?location=Location/' + HARBOR, {BMAC, PRP, CONSULT}),
    ('Practitioner?family=rivera', {RIVERA}), ('Practitioner?name=dr.&name:contains=chen', {CHEN}),
    ('Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893', {RIVERA}),
    ('PractitionerRole?specialty=208100000X', {RIVERA}),
    ('PractitionerRole?service=HealthcareService/%s&practitioner=%s,%s' % (BMAC, RIVERA, CHEN), {RIVERA, CHEN}),
    ('Device?device-name=ultra', {ULTRASOUND}), ('Schedule?actor=HealthcareService/' + BMAC, {BMAC}),
    ('Schedule?actor=Practitioner/%s,Device/%s' % (RIVERA, ULTRASOUND), {RIVERA, ULTRASOUND}),
    ('Schedule?service-type=consultation', {CONSULT})])
def test_definitions_are_narrowed(reader, query, ids):
    assert {r['id'] for r in walk(reader, '/' + query)} == ids


def test_definitions_follow_their_changes(reader, database):
    before = reader.get('/Location/' + HARBOR)
    stamp = before.json()['meta']['lastUpdated']
    assert entries(reader.get('/Location?_lastUpdated=ge' + stamp).json())
    assert not entries(reader.get('/Location?_lastUpdated=gt2198').json())
    database.rows("UPDATE site SET phone = '603-555-0101' WHERE uid = %s", HARBOR)
    after = reader.get('/Location/' + HARBOR, headers={'If-None-Match': before.headers['etag']})
    assert after.status_code == 200 and after.json()['telecom'][0]['value'] == '603-555-0101'
    database.rows("UPDATE site SET phone = '603-555-0100' WHERE uid = %s", HARBOR)


# --- includes ----------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('query,kinds', [
    ('Schedule?actor=HealthcareService/%s&_include=Schedule:actor' % BMAC, {'HealthcareService', 'Location'}),
    ('Slot?schedule=Schedule/%s&_count=3&_include=Slot:schedule' % CONSULT, {'Schedule'}),
    ('Appointment?status=booked&_include=Appointment:patient', {'Patient'}),
    ('Appointment?status=booked&_include=Appointment:patient&_include=Appointment:practitioner', {'Patient', 'Practitioner'}),
    ('Appointment?status=booked&_include=Appointment:actor',
     {'Patient', 'Practitioner', 'Location', 'Device', 'HealthcareService'}),
    ('PractitionerRole?_include=PractitionerRole:practitioner', {'Practitioner'}),
    ('Device?_include=Device:location', {'Location'})])
def test_include(reader, filled, query, kinds):
    bundle = reader.get('/' + query).json()
    added = entries(bundle, 'include')
    assert {r['resourceType'] for r in added} == kinds
    keys = [(r['resourceType'], r['id']) for r in added]
    assert len(keys) == len(set(keys))
    valid(reader.get('/' + query, headers={'Accept': 'application/fhir+xml'}))


def test_include_asks_for_the_scope(server, database, filled):
    with server.machine(token(database, 'system/Appointment.rs regen/all'), accept='application/fhir+json') as one:
        bundle = one.get('/Appointment?_include=Appointment:patient').json()
        assert entries(bundle) and not entries(bundle, 'include')
        assert entries(bundle, 'outcome')[0]['issue'][0]['severity'] == 'information'
        assert 'Briain' not in json.dumps(bundle)


# --- what is not understood: see test_fhir_search.py, too ------------------------------------------------------------------------------

@pytest.mark.parametrize('value', ['x', '2026-13', '2026-02-30', '2020-12-01T25:00:00Z', 'ap2026', 'ne2026', '2020-12-01T10Z', 'ge',
                                   '2026,2027', '2020-12-01T09:00:00+99:00'])
def test_wrong_dates(reader, value):
    answer = reader.get('/Appointment', params={'date': value})
    assert answer.status_code == 400 and issues(answer)[0][0] == 'invalid'


# --- scopes ------------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('scopes,search,read', [
    ('system/Location.rs', 200, 200), ('system/Location.read', 200, 200), ('system/*.rs', 200, 200),
    ('system/Location.s', 200, 403), ('system/Location.r', 403, 200), ('system/Location.cud', 403, 403),
    ('system/Location.write', 403, 403), ('system/Locations.rs', 403, 403), ('system/Patient.rs', 403, 403),
    ('system/Location.cruds', 200, 200), ('system/Location.*', 200, 200)])
def test_scopes(server, database, scopes, search, read):
    with server.machine(token(database, scopes)) as one:
        assert one.get('/Location').status_code == search
        assert one.post('/Location/_search', data={'name': 'x'}).status_code == search
        assert one.get('/Location/' + HARBOR).status_code == read


@pytest.mark.parametrize('kind', TYPES)
def test_nobody_without_a_token(server, filled, kind):
    with server.machine() as one:
        answer = one.get(everything(kind))
        assert answer.status_code == 401 and issues(answer) and answer.headers['www-authenticate'].startswith('Bearer')


def test_the_wrong_scope_shows_nothing(server, database, filled):
    with server.machine(token(database, 'system/Location.rs')) as one:
        for path in ('/Patient', '/Appointment', '/Slot?schedule=' + CONSULT):
            answer = one.get(path)
            assert answer.status_code == 403 and issues(answer)[0][0] == 'forbidden'
            assert answer.headers['www-authenticate'] == 'Bearer realm="regen", error="insufficient_scope"'


# --- errors ------------------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('accept', ['application/fhir+xml', 'application/fhir+json'])
@pytest.mark.parametrize('method,path,status', [
    ('GET', '/Nothing', 404), ('GET', '/Location/' + 'z' * 26, 404), ('GET', '/Patient/x', 404), ('DELETE', '/Location', 405),
    ('PUT', '/Appointment/x', 405), ('PATCH', '/Patient/x', 405), ('POST', '/Location', 405), ('GET', '/Location/a/b/c', 404),
    ('GET', '/Location/~', 404), ('GET', '/Location?_id=%ff', 400), ('GET', '', 404)])
def test_every_error_is_an_outcome(reader, accept, method, path, status):
    answer = reader.request(method, path, headers={'Accept': accept})
    assert answer.status_code == status and answer.headers['content-type'].startswith(accept)
    assert issues(answer)


def test_no_such_format(reader):
    answer = reader.get('/Location', headers={'Accept': 'text/turtle'})
    assert answer.status_code == 406 and issues(answer)


# --- what it says of itself -----------------------------------------------------------------------------------------------------------------

def test_metadata_tells_what_is_there(reader):
    valid(reader.get('/metadata', headers={'Accept': 'application/fhir+xml'}))
    said = {r['type']: r for r in reader.get('/metadata').json()['rest'][0]['resource']}
    assert set(TYPES) <= set(said)
    for kind in TYPES:
        assert {i['code'] for i in said[kind]['interaction']} == {'read', 'search-type'}
        for include in said[kind].get('searchInclude', ()):
            strict = reader.get(everything(kind) + ('&' if '?' in everything(kind) else '?') + '_include=' + include,
                                headers={'Prefer': 'handling=strict'})
            assert strict.status_code == 200, (include, strict.text)
        for param in said[kind]['searchParam']:
            if kind == 'Slot' and param['name'] == '_lastUpdated':
                continue
            value = {'date': '2026', 'reference': 'x'}.get(param['type'], 'x')
            strict = reader.get(everything(kind) + ('&' if '?' in everything(kind) else '?') + param['name'] + '=' + value,
                                headers={'Prefer': 'handling=strict'})
            assert strict.status_code == 200, (kind, param, strict.text)


def statements(database):
    return int(database.rows("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])


def test_statements_do_not_grow_with_what_is_found(reader, filled, database):
    def cost(path):
        reader.get(path)
        before = statements(database)
        assert reader.get(path).status_code == 200
        return statements(database) - before
    for few, many in (('/Appointment?_count=1', '/Appointment?_count=200&_include=Appointment:actor'),
                      ('/Patient?_count=1', '/Patient?_count=200'), ('/Location?_count=1', '/Location?_count=200'),
                      ('/Slot?schedule=%s&_count=1' % CONSULT,
                       '/Slot?schedule=%s&_count=100&_include=Slot:schedule' % CONSULT)):
        assert cost(few) == cost(many) <= 6, (few, cost(few), cost(many))


def rows_read(database):
    return sum(int(n) for name, n in database.rows("SHOW GLOBAL STATUS LIKE 'Handler_read%%'"))


@pytest.mark.once
def test_a_page_reads_its_own_rows_only(reader, filled, database):
    """Whatever there is beside it: by start, by change, of one patient, and far into the pages."""
    many = 4000
    database.rows("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, price_minor, currency, created_at,"
                  " patient_id, self_pay) SELECT CONCAT('5', LPAD(seq, 25, '0')), 3, 1, 'completed', 1500000000 + 3600 * seq,"
                  " 1500001800 + 3600 * seq, 0, 'USD', 1500000000, (SELECT MIN(id) FROM patient), 1 FROM seq_1_to_%d" % many)
    database.rows("INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at) SELECT uid, id, 1, starts_at, ends_at"
                  " FROM booking WHERE uid LIKE '500%%'")
    database.rows('ANALYZE TABLE booking, appointment, booking_step, booking_resource, patient')
    # Triggers stamp them all with one second; spread them as years of work would.
    middle = datetime.datetime.fromtimestamp(1500000000 + 3600 * many // 2, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    for query in ('_count=10', '_count=10&date=ge' + middle, '_count=10&_lastUpdated=ge2020', '_count=10&date=ge2017&date=lt2019'):
        first = reader.get('/Appointment?' + query)
        reader.get(link(first.json(), 'next'))
        for address in ('/Appointment?' + query, link(first.json(), 'next')):
            before = rows_read(database)
            assert len(entries(reader.get(address).json())) == 10
            assert rows_read(database) - before < 1000, (query, rows_read(database) - before)
