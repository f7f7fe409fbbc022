# SPDX-License-Identifier: Apache-2.0
"""Two clinics with a database each behind one httpd: what a process remembers of one is never told to visitors of the other.
The second is a copy of the first, as a clinic's place to practise is: ids and version numbers are alike, only the answers differ."""
import os
import re

import pytest

import env

SERVICE = 'prp-tendon'
HOSTS = ('north.example', 'south.example')


@pytest.fixture
def neighbour(template):
    made = env.Database(env.work_folder('neighbour')).copy(template).start()
    yield made
    made.remove()


@pytest.fixture
def both(servers, server, database, neighbour):
    host = '<VirtualHost *>\nServerName %s\n%s</VirtualHost>\n'
    other = 'RegenDatabaseSocket "%s"\nRegenDatabasePasswordFile "%s"\n' % (neighbour.socket, neighbour.password_file)
    for one, name, first_day in ((database, 'North tendon', '2020-01-01'), (neighbour, 'South tendon', '2020-01-02')):
        one.rows('UPDATE service SET name = %s WHERE code = %s', name, SERVICE)
        one.rows("INSERT INTO closure (id, site_id, resource_id, first_day, last_day, reason) VALUES (990, 1, NULL, %s, %s, 'test')",
                 first_day, '2190-01-01' if one is neighbour else first_day)
        one.rows('UPDATE catalogue_version SET version = 77')
    yield servers(extra=host % (HOSTS[0], '') + host % (HOSTS[1], other))
    database.rows('DELETE FROM closure WHERE id = 990')


def test_each_shows_its_own(both, database, neighbour):
    for number in ('SELECT version FROM catalogue_version', 'SELECT SUM(changes) FROM calendar_version'):
        assert database.value(number) == neighbour.value(number)
    with both.visitor() as visitor:
        def ask(path, host):
            answer = visitor.get(path, headers={'Host': host})
            visitor.client.cookies.clear()
            assert answer.status_code == 200, (path, host, answer)
            return answer.text

        for _ in range(12):  # every child meets both, whichever of them came first
            for host, mine, theirs in zip(HOSTS, ('North tendon', 'South tendon'), ('South tendon', 'North tendon')):
                page = ask('/', host)
                assert mine in page and theirs not in page, host
                times = ask('/services/%s/times' % SERVICE, host)
                assert mine in times and theirs not in times, host
                assert bool(re.search('name="start"', times)) == (host == HOSTS[0]), 'one is open and the other is closed: ' + host
