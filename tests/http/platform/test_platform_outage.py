# SPDX-License-Identifier: Apache-2.0
"""The database is down, slow, or not the one this build was made for: httpd starts, answers 503 in time, and recovers by
itself."""
import time

import pytest

import env
import patient



def unavailable(answer, seconds):
    assert answer.status_code == 503, answer.text
    assert int(answer.headers['retry-after']) > 0
    assert answer.headers['cache-control'] == 'no-store' and 'content-security-policy' in answer.headers
    assert answer.elapsed.total_seconds() < seconds


def works(one):
    with one.visitor() as visitor:
        return visitor.get('/health').status_code == 200


@pytest.fixture
def own(new_clinic):
    """A database and a server of this test's own."""
    return new_clinic(extra='RegenDatabaseAcquireTimeout 1s\nRegenDatabaseConnectTimeout 1s\nRegenDatabaseIOTimeout 2s\n')


def settled(one):
    """Every child found the database again: each keeps its own second of not trying."""
    return all(works(one) for _ in range(20))


@pytest.mark.allows_log(*env.DOWN)
def test_down_and_up_again(own):
    database, one = own
    database.kill()
    one.start()
    with one.visitor() as visitor:
        for path in ('/', '/health', '/services/x', '/login'):
            unavailable(visitor.get(path), 5)
        # What needs no database is there.
        assert visitor.get('/static/regen.css').status_code == 200
        answer = visitor.get('/fhir/Claim/x', headers={'Authorization': 'Bearer ' + one.sample['token']})
        unavailable(answer, 5)
        assert 'OperationOutcome' in answer.text and 'transient' in answer.text
    database.start()
    env.wait_until(lambda: settled(one), 10)
    with one.visitor() as visitor:
        visitor.login(one.sample['admin_login'], one.sample['admin_password'])
        database.kill()
        unavailable(visitor.get('/staff/'), 5)
        # Still logged in when it is back: an outage ends no session.
        database.start()
        env.wait_until(lambda: settled(one), 10)
        env.wait_until(lambda: visitor.get('/staff/').status_code == 200, 10)


@pytest.mark.allows_log(*env.DOWN)
def test_down_from_the_start_whom_to_call(new_clinic):
    """No child ever asked the database: what the configuration says stands on the page, and nothing that nobody said."""
    database, one = new_clinic(extra='RegenClinicName "Bone & Joint"\nRegenClinicPhone "(603) 555-0100"\n')
    database.kill()
    one.start()
    with one.visitor() as visitor:
        for path in ('/', '/booking', '/staff', '/login'):
            page = visitor.open(path)
            assert page.status == 503 and 'Bone & Joint' in page.title
            call, = page.css('footer a')
            assert call.get('href') == 'tel:6035550100' and call.text_content() == '(603) 555-0100'
            assert 'All times are in' not in page.text
    database.start()
    env.wait_until(lambda: settled(one), 10)
    with one.visitor() as visitor:
        assert 'Harbor' in visitor.open('/').text and 'Bone' not in visitor.open('/no-such-page').text


@pytest.mark.allows_log(*env.DOWN)
def test_frozen(own):
    """A server that accepts and never answers costs each request its timeout and no more."""
    database, one = own
    one.start()
    env.wait_until(lambda: works(one))
    database.freeze()
    try:
        with one.visitor() as visitor:
            for _ in range(3):
                unavailable(visitor.get('/health'), 6)
            assert visitor.get('/static/regen.css').status_code == 200
    finally:
        database.thaw()
    env.wait_until(lambda: works(one), 10)


@pytest.mark.expects_log('RG01050')
@pytest.mark.parametrize('change', ['older', 'newer', 'empty'])
def test_other_schema(template, new_database, servers, change):
    database = new_database(None if change == 'empty' else template)
    one = servers(start=False, database=database)
    if change != 'empty':
        version = database.value('SELECT MAX(version) FROM schema_migration')
        if change == 'older':
            database.admin('DELETE FROM regen.schema_migration WHERE version = %d' % version)
        else:
            database.admin('CREATE TEMPORARY TABLE regen.t AS SELECT * FROM regen.schema_migration WHERE version = %d; '
                           'UPDATE regen.t SET version = version + 1; INSERT INTO regen.schema_migration SELECT * FROM regen.t' % version)
    one.start()
    with one.visitor() as visitor:
        unavailable(visitor.get('/login'), 5)
        assert visitor.get('/static/regen.css').status_code == 200
    time.sleep(0.1)
    assert 'regenctl migrate' in env.read(one.error_log) or 'newer build' in env.read(one.error_log)


NEWER = ("INSERT INTO schema_migration SELECT MAX(version) + 1, %s, '', 'newer', 0 FROM schema_migration")


@pytest.mark.expects_log('RG01051')
@pytest.mark.allows_log(*env.DOWN)
@pytest.mark.parametrize('statement', [0, 1], ids=['whole', 'part'])
@pytest.mark.parametrize('first', ['login', 'times', 'book'])
def test_migrated_underneath(own, first, statement):
    """A module that runs on while the database becomes a newer one writes nothing more and answers 503 at once, whatever comes
    first; it goes on when the database is what it was."""
    database, one = own
    one.start()
    with one.visitor() as visitor, one.visitor() as other:
        page = patient.ready(visitor)
        login = other.open('/login').form(having='password').fill(login=one.sample['admin_login'], password=one.sample['admin_password'])
        database.rows(NEWER, statement)
        before = database.value('SELECT COUNT(*) FROM session'), database.value('SELECT COUNT(*) FROM audit_event')
        answer = {'login': login.submit, 'times': lambda: visitor.open('/services/bmac-knee/times'),
                  'book': page.form(action='/booking/check').submit}[first]()
        assert answer.status == 503
        assert database.value("SELECT COUNT(*) FROM booking WHERE status = 'booked'") == 0
        assert before == (database.value('SELECT COUNT(*) FROM session'), database.value('SELECT COUNT(*) FROM audit_event'))
        done = env.regenctl(database, 'staff', 'list', check=False)
        assert done.returncode == 1 and 'Use a newer build' in done.stderr
        database.rows("DELETE FROM schema_migration WHERE file = 'newer'")
        env.wait_until(lambda: settled(one), 10)
        assert page.form(action='/booking/check').submit().h1 == 'You are booked'


@pytest.mark.allows_log(*env.DOWN)
def test_connections_killed_under_load(own):
    """Killed connections are replaced; nobody sees more than a 503."""
    database, one = own
    one.start()
    env.wait_until(lambda: works(one))
    codes = []
    with one.visitor() as visitor:
        for n in range(60):
            if n % 5 == 0:
                for row in database.rows('SHOW PROCESSLIST'):
                    if row[1] == 'regen' and row[4] != 'Query':
                        database.admin('KILL %d' % row[0])
            codes.append(visitor.get('/health').status_code)
    assert set(codes) <= {200, 503} and codes.count(200) > 50
