# SPDX-License-Identifier: Apache-2.0
"""SMART Scheduling Links: the manifest, its NDJSON files, validators, and the deep link that ends in a held time."""
import datetime
import json
import urllib.parse

import pytest

import env
from dayfill import DayFill, clock, today
from fhirapi import BMAC, CONSULT, HARBOR, PRP, RIVERA, issues
from patient import times_page

KINDS = ['Location', 'HealthcareService', 'PractitionerRole', 'Schedule']


@pytest.fixture
def anybody(server):
    with server.machine() as made:
        yield made


def manifest(anybody, **query):
    answer = anybody.get('/$bulk-publish', params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def lines(anybody, url):
    answer = anybody.get(url)
    assert answer.status_code == 200 and answer.headers['content-type'] == 'application/fhir+ndjson'
    assert answer.text.endswith('\n')
    return [json.loads(line) for line in answer.text.splitlines()]


def file_of(anybody, kind, of=''):
    url, = (o['url'] for o in manifest(anybody)['output'] if o['type'] == kind and of in o['url'])
    return lines(anybody, url)


def test_the_manifest_names_every_file(anybody, server):
    said = manifest(anybody)
    assert said['request'] == server.fhir + '/$bulk-publish' and said['error'] == []
    assert datetime.datetime.fromisoformat(said['transactionTime'].replace('Z', '+00:00'))
    assert [o['type'] for o in said['output']] == KINDS + ['Slot'] * 3
    for output in said['output']:
        found = lines(anybody, output['url'])
        assert found and {r['resourceType'] for r in found} == {output['type']}
        assert output['extension'] == {'state': ['NH']}


def test_references_lead_somewhere(anybody):
    every = {}
    for output in manifest(anybody)['output']:
        for r in lines(anybody, output['url']):
            every['%s/%s' % (r['resourceType'], r['id'])] = r
    for r in every.values():
        if r['resourceType'] == 'Slot':
            assert r['schedule']['reference'] in every
        if r['resourceType'] == 'Schedule':
            assert [a['reference'] for a in r['actor']] == ['Location/' + HARBOR]
            assert r['serviceType']
        if r['resourceType'] == 'Location':
            assert {t['system'] for t in r['telecom']} == {'phone', 'url'}
            url, = (t['value'] for t in r['telecom'] if t['system'] == 'url')
            assert anybody.get(url + '/', headers={'Accept': 'text/html'}).status_code == 200
        for place in r.get('location', ()) if r['resourceType'] == 'PractitionerRole' else ():
            assert place['reference'] in every
    assert {k for k in every if k.startswith('Location/')} == {'Location/' + HARBOR}


def test_slots_are_the_free_times(anybody, visitor):
    slots = file_of(anybody, 'Slot', CONSULT)
    starts = [int(datetime.datetime.fromisoformat(s['start']).timestamp()) for s in slots]
    assert starts == sorted(set(starts)) and {s['status'] for s in slots} == {'free'}
    for day in {datetime.datetime.fromisoformat(slots[i]['start']).date() for i in (0, len(slots) // 2, -1)}:
        page = visitor.open('/services/consultation/times?day=%s' % day)
        offered = sorted({int(f.value('start')) for f in page.forms() if f.action.endswith('/holds')})
        assert [s for s, r in zip(starts, slots) if r['start'].startswith(day.isoformat())] == offered
    last = datetime.datetime.fromisoformat(slots[-1]['start']).date()
    assert (last - today()).days > 170, 'all of the horizon, not only one search'


def test_a_deep_link_ends_in_a_held_time(anybody, server, visitor):
    slot = file_of(anybody, 'Slot', PRP)[5]
    link, = (e['valueUrl'] for e in slot['extension'] if e['url'].endswith('/booking-deep-link'))
    phone, = (e['valueString'] for e in slot['extension'] if e['url'].endswith('/booking-phone'))
    assert link.startswith(server.base + '/services/prp-tendon/times?start=') and phone == '603-555-0100'
    path = urllib.parse.urlsplit(link + '&source=abc&booking-referral=xyz')
    page = visitor.open(path.path + '?' + path.query)
    assert page.status == 200 and 'This time is free' in page.text
    take = page.form(button='Choose this time')
    assert int(take.value('start')) == int(datetime.datetime.fromisoformat(slot['start']).timestamp())
    held = take.submit()
    assert held.path == '/booking/details', held
    with server.visitor() as late:
        again = late.open(path.path + '?' + path.query)
        assert again.status == 200 and ('no longer free' in again.text) != ('This time is free' in again.text)


def test_a_link_to_a_time_that_is_gone(visitor):
    night = clock(3, day=today() + datetime.timedelta(days=30))
    page = visitor.open('/services/consultation/times?start=%d' % night)
    assert page.status == 200 and 'is no longer free' in page.text and 'Choose this time' not in page.text
    past = visitor.open('/services/consultation/times?start=%d' % clock(9, day=today() - datetime.timedelta(days=3)))
    assert past.status == 200 and 'is no longer free' in past.text and [f for f in past.forms() if f.action.endswith('/holds')]
    assert visitor.open('/services/consultation/times?start=x').status == 422
    assert 'is no longer free' not in times_page(visitor, 'consultation').text


def test_nothing_about_patients_and_nobody_else(anybody, database):
    fill = DayFill(database)
    fill.book(start=clock(9, day=today() + datetime.timedelta(days=20)), family='Zyxwvut', given='Quincy')
    whole = ''.join(anybody.get(o['url']).text for o in manifest(anybody)['output'])
    for secret in ('Zyxwvut', 'Quincy', 'Patient', 'Appointment', 'Lindqvist', 'Centrifuge 1', 'Procedure room'):
        assert secret not in whole, secret
    roles = {r['id'] for r in file_of(anybody, 'PractitionerRole')}
    assert RIVERA in roles and '0' * 23 + '204' not in roles, 'who draws blood is not published'


def test_staff_only_services_are_not_published(anybody, database):
    assert PRP in json.dumps(manifest(anybody))
    database.rows("UPDATE service SET audience = 'staff' WHERE uid = %s", PRP)
    try:
        assert PRP not in json.dumps(manifest(anybody))
        for kind in KINDS:
            assert PRP not in json.dumps(file_of(anybody, kind)), kind
        assert anybody.get('/$bulk-publish/Slot-%s.ndjson' % PRP).status_code == 404
    finally:
        database.rows("UPDATE service SET audience = 'public' WHERE uid = %s", PRP)


def test_since_leaves_out_what_has_not_changed(anybody, database):
    stamp = database.value('SELECT changed_at FROM catalogue_version')
    before, after = (datetime.datetime.fromtimestamp(stamp + d, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ') for d in (0, 1))
    assert [o['type'] for o in manifest(anybody, _since=before)['output']] == KINDS + ['Slot'] * 3
    assert [o['type'] for o in manifest(anybody, _since=after)['output']] == ['Slot'] * 3
    wrong = anybody.get('/$bulk-publish?_since=yesterday')
    assert wrong.status_code == 400 and issues(wrong)


def test_validators_and_caching(anybody, database):
    urls = [o['url'] for o in manifest(anybody)['output']]
    slots, places = urls[-1], urls[0]
    for url in (slots, places, '/$bulk-publish'):
        for _ in range(3):  # the calendar's five minutes may end in between
            first = anybody.get(url)
            same = anybody.get(url, headers={'If-None-Match': first.headers['etag']})
            if same.status_code == 304:
                break
        assert same.status_code == 304 and same.content == b'' and same.headers['etag'] == first.headers['etag']
        assert first.headers['cache-control'].startswith('public, max-age=')
        assert first.headers['access-control-allow-origin'] == '*'
        bare = anybody.head(url)
        assert bare.status_code == 200 and bare.content == b'' and 'etag' in bare.headers


def test_a_booking_changes_slots_and_not_places(anybody, visitor):
    slots = '/$bulk-publish/Slot-%s.ndjson' % CONSULT
    before, kept = anybody.get(slots), anybody.get('/$bulk-publish/Location.ndjson').headers['etag']
    first = json.loads(before.text.splitlines()[40])
    page = visitor.open('/services/consultation/times?start=%d' % datetime.datetime.fromisoformat(first['start']).timestamp())
    assert page.form(button='Choose this time').submit().path == '/booking/details'
    after = anybody.get(slots, headers={'If-None-Match': before.headers['etag']})
    assert after.status_code == 200 and first['id'] not in after.text and first['id'] in before.text
    assert anybody.get('/$bulk-publish/Location.ndjson', headers={'If-None-Match': kept}).status_code == 304


def test_any_accept_will_do(anybody):
    for accept in ('application/fhir+ndjson', 'application/x-ndjson', 'text/plain', '*/*'):
        assert anybody.get('/$bulk-publish/Location.ndjson', headers={'Accept': accept}).status_code == 200
        assert anybody.get('/$bulk-publish', headers={'Accept': accept}).headers['content-type'] == 'application/json'


@pytest.mark.parametrize('name', ['Patient.ndjson', 'Appointment.ndjson', 'Slot.ndjson', 'Slot-x.ndjson', 'Slot-' + RIVERA + '.ndjson',
                                  'Location', '.ndjson', 'Location.json', 'x'])
def test_no_other_file(anybody, name):
    answer = anybody.get('/$bulk-publish/' + name)
    assert answer.status_code == 404 and issues(answer)


def test_it_can_be_switched_off(servers, server):
    one = servers(extra='RegenBulkPublish Off\n')
    with one.machine() as machine:
        for path in ('/$bulk-publish', '/$bulk-publish/Location.ndjson', '/$bulk-publish/Slot-%s.ndjson' % BMAC):
            answer = machine.get(path)
            assert answer.status_code == 404 and issues(answer)


def test_it_may_stand_elsewhere(servers, server):
    one = servers(extra='RegenFHIRBase https://clinic.example/api\n<Location /clinic>\nRegenPublicBase https://clinic.example/desk\n</Location>\n')
    with one.machine() as machine:
        urls = [o['url'] for o in machine.get('/$bulk-publish').json()['output']]
        assert all(u.startswith('https://clinic.example/api/$bulk-publish/') for u in urls)
        text = machine.get('/$bulk-publish/Slot-%s.ndjson' % BMAC).text
        assert 'https://clinic.example/desk/services/bmac-knee/times?start=' in text


@pytest.mark.allows_log(*env.DOWN)
def test_nothing_half_is_sent_while_the_database_is_away(new_clinic):
    away, one = new_clinic(extra='RegenDatabaseConnectTimeout 1s\nRegenDatabaseIOTimeout 2s\n')
    one.start()
    with one.machine() as machine:
        url = '/$bulk-publish/Slot-%s.ndjson' % CONSULT
        whole = machine.get(url)
        assert whole.status_code == 200
        away.kill()
        for path in (url, '/$bulk-publish', '/$bulk-publish/Location.ndjson'):
            answer = machine.get(path)
            assert answer.status_code == 503 and issues(answer)[0][0] == 'transient'
            assert 'etag' not in answer.headers and answer.headers['cache-control'] == 'no-store'
        away.start()
        env.wait_until(lambda: machine.get(url).status_code == 200, 10)
        assert machine.get(url).text.splitlines()[-1] == whole.text.splitlines()[-1]
