# SPDX-License-Identifier: Apache-2.0
"""How often one address may ask: pages of free times, private links, forms of the waitlist."""
import re
import shutil
import subprocess

import pytest

import env

LINK = '/b/' + 'A' * 43


def codes(server, path, times):
    with server.visitor() as one:
        return [one.get(path).status_code for _ in range(times)]


def test_so_many_private_links_and_no_more(servers, server):
    one = servers(extra='RegenLinkRate 5/10min\n')
    with one.visitor() as visitor:
        assert [visitor.get(LINK).status_code for _ in range(5)] == [404] * 5
        answer = visitor.get(LINK)
        assert answer.status_code == 429
        assert 1 <= int(answer.headers['retry-after']) <= 121
        assert 'try again, or call the clinic' in answer.text
        # The waitlist's links and the calendar feeds are links, too; other pages are not.
        assert visitor.get('/w/' + 'A' * 43).status_code == 429
        assert visitor.get('/feeds/' + 'A' * 43).status_code == 429
        assert visitor.get('/').status_code == 200


def test_all_children_count_together_and_a_graceful_restart_forgets_nothing(servers, server):
    one = servers(extra='RegenLinkRate 8/1h\n', sizing='StartServers 4\nMaxConnectionsPerChild 1\n')
    assert codes(one, LINK, 4) == [404] * 4
    assert codes(one, LINK, 4) == [404] * 4
    assert codes(one, LINK, 2) == [429] * 2
    one.graceful()
    assert codes(one, LINK, 2) == [429] * 2


def test_free_times(servers, server, database):
    one = servers(extra='RegenSearchRate 3/1h\n')
    assert codes(one, '/services/consultation/times', 5) == [200] * 3 + [429] * 2
    assert codes(one, '/fhir/$bulk-publish', 1) == [429]


def test_the_waiting_list(servers, server):
    one = servers(extra='RegenJoinRate 2/1h\n')
    with one.visitor() as visitor:
        form = visitor.open('/services/consultation/wait').form(having='email')
        assert [form.submit(follow=False).status_code for _ in range(3)] == [422, 422, 429]
        # Looking at the form is no try.
        assert visitor.get('/services/consultation/wait').status_code == 200


def test_searches_for_people(servers, server, sample, database):
    """Each token and each of the staff by itself, from wherever they ask; what shows nobody is not counted."""
    one = servers(extra='RegenPeopleRate 4/1h\n')
    other = env.regenctl(database, 'token', 'create', 'other', '--scopes', 'system/*.rs regen/all', '--days', '1').stdout.split()[-1]
    with one.machine(sample['token'], accept='application/fhir+json') as api:
        asked = [api.get('/Patient?family=a'), api.post('/Patient/_search', data={'family': 'b'}), api.get('/Appointment?date=ge2020-01-01'),
                 api.get('/Patient/x'), api.get('/Patient?family=c')]
        assert [a.status_code for a in asked] == [200, 200, 200, 404, 429]
        assert 0 < int(asked[-1].headers['retry-after']) <= 901
        assert asked[-1].json()['issue'][0]['code'] == 'throttled'
        assert api.get('/Schedule').status_code == 200
    with one.machine(other) as api:
        assert api.get('/Patient?family=a').status_code == 200
    with one.visitor() as desk, one.visitor() as clinician:
        for who, role in ((desk, 'front_desk'), (clinician, 'clinician')):
            who.login(sample[role + '_login'], sample[role + '_password'])
        form = desk.open('/staff/patients').form(having='family').fill(family='Love')
        pages = [form.submit() for _ in range(5)]
        assert [page.status for page in pages] == [200] * 4 + [429]
        assert pages[-1].h1 == 'Too many searches' and 'Love' not in pages[-1].html
        assert clinician.open('/staff/patients').form(having='family').fill(family='Love').submit().status == 200
        assert desk.open('/staff').status == 200


def test_who_is_refused_by_a_child_that_knows_nothing_yet_sees_whom_to_call(servers, server, database):
    one = servers(extra='RegenLinkRate 1/1h\n', sizing='StartServers 1\n')
    name, phone = database.rows('SELECT name, phone FROM site ORDER BY id LIMIT 1')[0]
    assert codes(one, LINK, 1) == [404]
    one.graceful()
    with one.visitor() as visitor:
        page = visitor.open(LINK)
        assert page.status == 429 and name in page.title and phone in page.text


def test_behind_a_proxy_each_patient_counts_alone(servers, server):
    """mod_remoteip's word counts, and only its."""
    modules = subprocess.run([shutil.which('apxs') or 'apxs', '-q', 'LIBEXECDIR'], capture_output=True, text=True, check=True).stdout.strip()
    extra = ('RegenLinkRate 2/1h\nLoadModule remoteip_module %s/mod_remoteip.so\nRemoteIPHeader X-Forwarded-For\n'
             'RemoteIPInternalProxy 127.0.0.1\n' % modules)
    one = servers(extra=extra)
    with one.visitor() as visitor:
        for address in ('203.0.113.5', '203.0.113.6', '2001:db8:1:2::1'):
            asked = [visitor.get(LINK, headers={'X-Forwarded-For': address}).status_code for _ in range(3)]
            assert asked == [404, 404, 429], address
        # Another address of the same household's /64.
        assert visitor.get(LINK, headers={'X-Forwarded-For': '2001:db8:1:2:ffff::9'}).status_code == 429


def test_without_a_proxy_nobody_chooses_an_address(servers, server):
    one = servers(extra='RegenLinkRate 2/1h\n')
    with one.visitor() as visitor:
        asked = [visitor.get(LINK, headers={'X-Forwarded-For': '203.0.113.%d' % i}).status_code for i in range(4)]
    assert asked == [404, 404, 429, 429]


@pytest.mark.parametrize('wrong', ['20', '0/1min', '20/', '/15min', '20/15parsecs', '20/25h', '20/0s', '-1/1min', 'always'])
def test_a_rate_is_a_number_and_a_time(configtest, wrong):
    code, said = configtest('RegenLinkRate %s' % wrong)
    assert code == 1 and re.search(r'RegenLinkRate must be .*20/15min', said), said


def test_off(configtest):
    assert configtest('RegenLinkRate off')[0] == 0
