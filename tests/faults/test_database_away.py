# SPDX-License-Identifier: Apache-2.0
"""The database is down, slow or not ready: httpd starts, answers 503 with Retry-After within its timeouts, goes on with what
needs no database, and recovers by itself."""
import threading
import time

import pytest

import crowd
import env
import storm

PAGES = ['/', '/services/consultation', '/services/consultation/times', '/health', '/booking', '/staff', '/fhir/Claim/x', '/b/' + 'A' * 43]
ONE_CHILD = 'StartServers 1\nServerLimit 1\nThreadsPerChild 25\nMaxRequestWorkers 25\nMinSpareThreads 1\nMaxSpareThreads 25\n'
# Acquire, then a statement that stays silent, then one try to connect again, and some for a loaded machine.
BOUND = 1 + 2 + 1 + 2


@pytest.fixture
def clinic(database):
    """This file's own database, up whatever the test before left."""
    database.start()
    return database


def away(server, bound):
    """Every page says 503 in words within BOUND seconds; what needs no database is there at once."""
    with crowd.Visitor(server.base) as one:
        one.client.cookies.set('regen_p', 'A' * 43 + '.' + 'A' * 43)
        one.client.cookies.set('regen_s', 'A' * 43)
        for path in PAGES:
            took, answer = storm.timed(lambda: one.client.get(server.base + path, headers={'Authorization': 'Bearer ' + 'A' * 43}))
            assert answer.status_code == 503, (path, answer.status_code)
            assert int(answer.headers['retry-after']) > 0 and answer.headers['cache-control'] == 'no-store'
            assert took < bound, '%s took %.1f s' % (path, took)
            assert len(answer.text) > 100 and 'maria' not in answer.text.lower()
        for path in ('/static/regen.css', '/fhir/metadata'):
            took, answer = storm.timed(lambda: one.client.get(server.base + path))
            assert answer.status_code == 200 and took < 1, (path, took)


@pytest.mark.allows_log('RG01030', 'RG01031', 'RG03004', 'RG03130')
@pytest.mark.parametrize('mpm', ['event', 'prefork'])
def test_down_at_start(clinic, servers, mpm):
    clinic.kill()
    server = servers(database=clinic, mpm=mpm, extra=storm.IMPATIENT)
    away(server, 2)
    assert server.graceful().returncode == 0
    away(server, 2)
    clinic.start()
    took = storm.ready(server)
    assert took < 5, 'it took %.1f s to come back' % took
    # Every child, not only the one that was asked first.
    with crowd.Visitor(server.base, fresh=True) as one:
        time.sleep(1.2)
        assert {one.get('/').status_code for _ in range(60)} == {200}


@pytest.mark.expects_log('RG01030')
@pytest.mark.allows_log('RG01001', 'RG03004', 'RG01031', 'RG03130')
def test_one_line_is_enough(clinic, servers):
    """A dead database does not fill the disk: a line when it goes, one a minute, one when it is back. Pages that could not be
    shown are a line each."""
    server = servers(database=clinic, sizing=ONE_CHILD, extra=storm.IMPATIENT)
    storm.ready(server)
    clinic.kill()
    with crowd.Visitor(server.base) as one:
        for _ in range(40):
            assert one.get('/').status_code == 503
            time.sleep(0.05)
    clinic.start()
    storm.ready(server)
    lines = env.read(server.error_log).splitlines()
    assert sum('RG01030' in l for l in lines) <= 2, 'told again and again'
    assert sum('RG01031' in l for l in lines) == 1, 'not told that it is back'


@pytest.mark.allows_log('RG01001', 'RG01030', 'RG01031', 'RG01033', 'RG01040', 'RG03004', 'RG03130')
@pytest.mark.parametrize('mpm', ['event', 'prefork'])
def test_frozen(clinic, servers, mpm):
    """A database that accepts and never answers holds nobody longer than the timeouts, and nobody else at all."""
    server = servers(database=clinic, mpm=mpm, extra=storm.IMPATIENT)
    storm.ready(server)
    clinic.freeze()
    try:
        slow = []

        def ask():
            with crowd.Visitor(server.base) as one:
                slow.append(storm.timed(lambda: one.get('/services/consultation/times')))

        crowd_of = [threading.Thread(target=ask) for _ in range(20)]
        for thread in crowd_of:
            thread.start()
        time.sleep(0.2)
        with crowd.Visitor(server.base) as one:
            for _ in range(5):
                took, answer = storm.timed(lambda: one.get('/static/regen.css'))
                assert answer.status_code == 200 and took < 1, 'a page without database work took %.1f s' % took
        for thread in crowd_of:
            thread.join(60)
        assert {answer.status_code for _, answer in slow} == {503}
        assert max(took for took, _ in slow) < BOUND, sorted('%.1f' % took for took, _ in slow)
        away(server, BOUND)
    finally:
        clinic.thaw()
    assert storm.ready(server) < 5


@pytest.mark.allows_log('RG01001', 'RG01030', 'RG01031', 'RG01033', 'RG01040', 'RG03004', 'RG03130')
def test_frozen_while_booking(clinic, servers):
    """Whoever was booking when it froze finds out by asking again: once booked, or not at all."""
    server = servers(database=clinic, extra=storm.IMPATIENT, sizing=storm.MANY_CHILDREN['event'])
    with storm.wave(server, clinic, 12, finish=0.3) as wave:
        for _ in range(2):
            wave.until(15)
            clinic.freeze()
            time.sleep(3)
            clinic.thaw()
        wave.until(15)
    assert wave.broken == 0 and wave.busy > 0
    assert storm.reckon(clinic, wave) == []


@pytest.mark.expects_log('RG01050')
@pytest.mark.allows_log('RG03004', 'RG03130')
@pytest.mark.parametrize('change', ['older', 'newer', 'empty'])
def test_other_schema(clinic, servers, change):
    """A schema this module was not made for: 503, and the log says why. It goes on by itself once it fits."""
    table = clinic.value("SELECT table_name FROM information_schema.tables WHERE table_schema = 'regen' AND table_name LIKE '%%migration%%'")
    broken = {'older': 'UPDATE %s SET version = version - 1 ORDER BY version', 'newer': 'UPDATE %s SET version = version + 1 ORDER BY version DESC',
              'empty': 'RENAME TABLE %s TO put_away'}[change] % table
    mended = {'older': 'UPDATE %s SET version = version + 1 ORDER BY version DESC', 'newer': 'UPDATE %s SET version = version - 1 ORDER BY version',
              'empty': 'RENAME TABLE put_away TO %s'}[change] % table
    clinic.rows(broken)
    try:
        server = servers(database=clinic, extra=storm.IMPATIENT)
        away(server, 2)
    finally:
        clinic.rows(mended)
    assert storm.ready(server) < 5


@pytest.mark.allows_log('RG01030', 'RG01031', 'RG03004', 'RG03130')
@pytest.mark.parametrize('wrong', ['password', 'privileges'])
def test_wrong_account(clinic, servers, wrong):
    """A password that was changed or a right that is missing is no reason to stop or to tell visitors."""
    word = env.read(clinic.password_file).strip()
    clinic.admin("ALTER USER regen@localhost IDENTIFIED BY 'changed'" if wrong == 'password' else 'REVOKE ALL PRIVILEGES, GRANT OPTION FROM regen@localhost')
    try:
        server = servers(database=clinic, extra=storm.IMPATIENT)
        away(server, 2)
    finally:
        clinic.admin("ALTER USER regen@localhost IDENTIFIED BY '%s'" % word)
        clinic.grant()
    assert storm.ready(server) < 5


@pytest.mark.expects_log('RG01002', 'RG03004')
@pytest.mark.allows_log('RG03130')
def test_read_only(clinic, servers):
    """A database that is being moved takes no bookings: 503 and again later, nothing by halves; pages still come."""
    server = servers(database=clinic, extra=storm.IMPATIENT)
    with crowd.Visitor(server.base) as one:
        csrf, times = one.times('consultation')
        start, key = sorted(times.items())[0]
        clinic.admin('SET GLOBAL read_only = 1')
        try:
            answer = one.hold('consultation', start, csrf, key)
            assert answer.status_code == 503 and int(answer.headers['retry-after']) > 0
            assert one.times('consultation')[1].keys() == times.keys()
        finally:
            clinic.admin('SET GLOBAL read_only = 0')
        assert one.hold('consultation', start, csrf, key).status_code == 303
    assert crowd.contradictions(clinic) == []


# Only connecting itself may run into it.
@pytest.mark.allows_log('RG01030', 'RG01031', 'RG03004')
def test_impatient_server(clinic, servers):
    """A limit that the database's keeper puts on statements must not reach ours: a stopped join may come back empty and
    without an error, and an empty answer is not the truth."""
    storm.empty(clinic)
    clinic.admin('ALTER USER regen@localhost WITH MAX_STATEMENT_TIME 0.001')
    try:
        server = servers(database=clinic, extra=storm.IMPATIENT)
        with storm.wave(server, clinic, 8, finish=0.5) as wave:
            wave.until(25)
    finally:
        clinic.admin('ALTER USER regen@localhost WITH MAX_STATEMENT_TIME 0')
    assert wave.broken == 0
    assert storm.reckon(clinic, wave) == []


@pytest.mark.allows_log('RG01003', 'RG01033', 'RG01041', 'RG03004')
def test_a_row_that_somebody_keeps(clinic, servers):
    """A lock that another client keeps is waited for in bounds; reading goes on meanwhile."""
    server = servers(database=clinic, extra=storm.IMPATIENT)
    with crowd.Visitor(server.base) as one:
        csrf, times = one.times('consultation')
        start, key = sorted(times.items())[0]
        one.expect(one.hold('consultation', start, csrf, key), 303, 'hold')
        booking = crowd.session_booking(clinic, one.session)[0]
        page = one.get('/booking/details')
        keeper = clinic.connect()
        keeper.begin()
        try:
            with keeper.cursor() as cursor:
                cursor.execute('SELECT id FROM booking WHERE id = %s FOR UPDATE', booking)
                took, answer = storm.timed(lambda: one.post('/booking/extend', **one.hidden(page)))
                assert answer.status_code == 503 and took < BOUND, (answer.status_code, took)
                assert one.get('/booking/details').status_code == 200
        finally:
            keeper.rollback()
            keeper.close()
        assert one.post('/booking/extend', **one.hidden(page)).status_code == 303
    assert crowd.contradictions(clinic) == []
