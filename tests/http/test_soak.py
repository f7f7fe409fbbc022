# SPDX-License-Identifier: Apache-2.0
"""Many requests: nothing leaks, and graceful restarts lose none. SOAK=100000 for the long version."""
import os
import re
import shutil
import subprocess
import threading

import httpx
import pytest

import env

SOAK = int(os.environ.get('SOAK') or 20000)
ONE_CHILD = '''StartServers 1
ServerLimit 1
ThreadsPerChild 8
MaxRequestWorkers 8
ThreadLimit 8
MinSpareThreads 1
MaxSpareThreads 8
MaxConnectionsPerChild 0
'''


def resident(pid):
    return int(re.search(r'VmRSS:\s+(\d+) kB', env.read('/proc/%d/status' % pid)).group(1))


def ab(url, count, *more):
    done = subprocess.run(['ab', '-q', '-k', '-c', '6', '-n', str(count), *more, url], capture_output=True, text=True, timeout=900)
    assert done.returncode == 0, done.stderr
    failed = re.search(r'Failed requests:\s+(\d+)(?:\n\s+\(Connect: (\d+), Receive: (\d+), Length: (\d+), Exceptions: (\d+)\))?', done.stdout)
    # Tokens differ in length by nothing, but "Length" counts pages that differ for good reasons.
    real = [int(n) for n in (failed.group(2), failed.group(3), failed.group(5)) if n]
    assert sum(real) == 0, done.stdout
    assert int(re.search(r'Complete requests:\s+(\d+)', done.stdout).group(1)) == count


@pytest.mark.measures
@pytest.mark.only_mpm('event')
@pytest.mark.skipif(not shutil.which('ab'), reason='ab (apache2-utils) is not installed')
def test_memory_stays(servers, server, tmp_path):
    """Resident memory after many requests of every kind is what it was after the first thousands."""
    one = servers(sizing=ONE_CHILD)
    child, = one.children()
    form = tmp_path / 'form'
    form.write_bytes(b'csrf=x&idem=y&login=z')
    kinds = [(one.base + '/login', []), (one.base + '/nope', []), (one.base + '/static/regen.css', []), (one.fhir + '/metadata', []),
             (one.base + '/', []), (one.base + '/b/' + 'A' * 43, []), (one.fhir + '/Claim/x', ['-H', 'Authorization: Bearer ' + 'A' * 43]),
             (one.base + '/login', ['-p', str(form), '-T', 'application/x-www-form-urlencoded']),
             (one.base + '/staff/', ['-C', 'regen_s=' + 'A' * 43])]

    def round_of(count):
        for url, more in kinds:
            ab(url, count, *more)

    round_of(300)
    round_of(300)
    before = resident(child)
    round_of(SOAK // len(kinds))
    after = resident(child)
    assert one.children() == [child], 'the child was replaced'
    # A leak of 100 bytes a request would be 2 MB at 20,000.
    assert after - before < 1500, 'resident memory grew from %d to %d kB over %d requests' % (before, after, SOAK)


@pytest.mark.allows_log('AH00045')
def test_graceful_restarts_lose_nothing(servers, server):
    """Five graceful restarts while eight clients keep asking: every request is answered with 200."""
    one = servers()
    stop = threading.Event()
    codes, errors = [], []

    def ask():
        while not stop.is_set():
            try:
                # A new connection each: a kept one may rightly be closed by a restart between two requests.
                codes.append(httpx.get(one.base + '/health', trust_env=False, timeout=30).status_code)
            except httpx.HTTPError as e:
                errors.append(repr(e))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for t in threads:
        t.start()
    for _ in range(5):
        before = set(one.children())
        assert one.graceful().returncode == 0
        env.wait_until(lambda: set(one.children()) - before, 20)
    stop.set()
    for t in threads:
        t.join()
    assert not errors, errors[:3]
    assert len(codes) > 50 and set(codes) == {200}


@pytest.mark.measures
def test_restarts_do_not_grow_the_parent(servers, server):
    """The module is loaded anew each time; what check_config made goes with the configuration."""
    one = servers()

    def restart():
        before = set(one.children())
        assert one.graceful().returncode == 0
        env.wait_until(lambda: set(one.children()) - before, 20)

    for _ in range(4):
        restart()
    before = resident(one.pid)
    for _ in range(10):
        restart()
    assert resident(one.pid) - before < 1500
