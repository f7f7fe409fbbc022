# SPDX-License-Identifier: Apache-2.0
"""A hundred thousand requests: memory, open files and database connections stay where they are, nobody dies, every answer
is the right one."""
import os
import re
import subprocess

import pytest

import crowd
import env

# One generation of children from start to end, so that memory can be compared.
SIZING = {'event': 'StartServers 2\nServerLimit 2\nThreadsPerChild 16\nMaxRequestWorkers 32\nMinSpareThreads 1\nMaxSpareThreads 32\n',
          'prefork': 'StartServers 12\nMinSpareServers 1\nMaxSpareServers 12\nServerLimit 12\nMaxRequestWorkers 12\n'}
FOREVER = 'MaxConnectionsPerChild 0\nMaxKeepAliveRequests 0\nRegenDatabaseMax 4\n'
# (path, status, share of the requests in percent, headers)
MIX = [('/static/regen.css', 200, 30, ()), ('/', 200, 25, ()), ('/services/consultation/times', 200, 5, ()), ('/nowhere', 404, 15, ()),
       ('/services/consultation/times?day=never', 422, 10, ()), ('/booking', 401, 5, ('Cookie: regen_p=%s.%s' % ('A' * 43, 'A' * 43),)),
       ('/fhir/metadata', 200, 5, ('Accept: application/fhir+json',)), ('/fhir/Claim/x', 401, 5, ())]
TOTAL = {'event': 100000, 'prefork': 30000}
ROUNDS = 4
# What one request may leave behind on average in a round: less than the smallest thing that could leak.
BYTES_A_REQUEST = 24
BYTES_A_HOLD = 700


def hammer(server, path, status, count, headers):
    """COUNT requests by ApacheBench over kept connections; fails unless each got STATUS."""
    argv = ['ab', '-q', '-k', '-c', '8', '-n', str(count), '-s', '60']
    for header in headers:
        argv += ['-H', header]
    done = subprocess.run(argv + [server.base + path], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    numbers = {k: int(v) for k, v in re.findall(r'^(Complete requests|Keep-Alive requests|Non-2xx responses):\s+(\d+)', done.stdout, re.M)}
    assert done.returncode == 0, done.stdout
    # ab also counts a kept connection that the server closed between two requests, which a browser just repeats.
    answered = numbers['Keep-Alive requests']
    assert numbers['Complete requests'] == count and answered >= count * 99 // 100, done.stdout
    assert numbers.get('Non-2xx responses', 0) == (0 if status == 200 else answered), done.stdout
    failed = re.search(r'Connect: (\d+), Receive: (\d+), Length: \d+, Exceptions: (\d+)', done.stdout)
    assert not failed or set(failed.groups()) == {'0'}, done.stdout
    with crowd.Visitor(server.base) as one:
        answer = one.client.get(server.base + path, headers=dict(h.split(': ', 1) for h in headers))
        assert answer.status_code == status, (path, answer.status_code)


def memory(pid):
    """Bytes that only this process has."""
    with open('/proc/%d/smaps_rollup' % pid) as f:
        return 1024 * sum(int(n) for n in re.findall(r'^Private_(?:Clean|Dirty):\s+(\d+) kB', f.read(), re.M))


def look(server, database):
    children = sorted(server.children())
    return {'children': children, 'memory': sum(memory(c) for c in children), 'files': sum(len(os.listdir('/proc/%d/fd' % c)) for c in children),
            'connections': int(database.admin("SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'regen'"))}


def settle(server, database, work, limit, most):
    """Repeats WORK until memory grew by less than LIMIT in three rounds; all that was seen. Children and their threads take
    memory once when they first meet a page, whichever round that is; a leak is in every round, and never lets this end well."""
    seen = [look(server, database)]
    calm = 0
    while calm < 3 and len(seen) <= most:
        work()
        seen.append(look(server, database))
        calm += seen[-1]['memory'] - seen[-2]['memory'] < limit
    told = ', '.join('%.2f MB, %d files, %d connections' % (s['memory'] / 1e6, s['files'], s['connections']) for s in seen)
    print(told)
    assert all(s['children'] == seen[0]['children'] for s in seen), 'children died or were replaced'
    assert calm == 3, told
    return seen, told


@pytest.mark.measures
def test_soak(servers, database, mpm):
    server = servers(database=database, extra=FOREVER, sizing=SIZING[mpm])
    total = TOTAL[mpm]
    for path, status, share, headers in MIX:
        hammer(server, path, status, total * share // 1000, headers)

    def work():
        for path, status, share, headers in MIX:
            hammer(server, path, status, total * share // 100 // ROUNDS, headers)

    seen, told = settle(server, database, work, BYTES_A_REQUEST * total // ROUNDS, 3 * ROUNDS)
    assert seen[-1]['files'] <= seen[len(seen) // 2]['files'] + 4, told
    assert seen[-1]['connections'] <= 4 * len(seen[0]['children']), told


@pytest.mark.measures
def test_soak_of_bookings(servers, database, mpm):
    """Writing too: holds that are given back, each with a new browser."""
    server = servers(database=database, extra=FOREVER, sizing=SIZING[mpm])
    with crowd.Visitor(server.base) as one:
        day = one.days('consultation')[1]  # a whole one: of today little may be left

    def hold_and_release(n):
        with crowd.Visitor(server.base) as one:
            for _ in range(15):
                one.forget()
                csrf, times = one.times('consultation', day)
                if not times:
                    continue  # the others hold all of them now
                start = sorted(times)[n % len(times)]
                one.expect(one.hold('consultation', start, csrf, times[start]), (303, 409), 'hold')
                if one.session:
                    page = one.get('/booking/details')
                    one.expect(one.post('/booking/release', **one.hidden(page)), 303, 'release')

    def work():
        assert crowd.at_once(8, hold_and_release) == [None] * 8

    settle(server, database, work, 8 * 15 * BYTES_A_HOLD, 30)
    assert crowd.contradictions(database) == []
