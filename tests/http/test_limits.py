# SPDX-License-Identifier: Apache-2.0
"""Limits of the database that a clinic can meet: each is a page that says "later" (503 with Retry-After), never a 500, and
all is well again when the limit is gone."""
import threading

import pytest

import env
import patient

LATER = ('RG01001', 'RG01002', 'RG01003', 'RG01013', 'RG01030', 'RG01031', 'RG01033', 'RG01041', 'RG01051')


@pytest.fixture
def own(new_database, servers):
    database = new_database()
    one = servers(start=False, database=database,
                  extra='RegenDatabaseAcquireTimeout 1s\nRegenDatabaseConnectTimeout 1s\nRegenDatabaseIOTimeout 2s\n')
    one.sample = env.load_sample(database, one.dir, 'http://127.0.0.1/clinic')
    one.start()
    return database, one


def journey(one):
    """Statuses on the way of a patient and of staff, up to the first that is not 200."""
    seen = []
    with one.visitor() as v:
        try:
            patient.book(v)
            seen.append(200)
        except (AssertionError, IndexError):
            seen.append(0)
        for path in ('/', '/services/bmac-knee/times', '/booking', '/login', '/health'):
            answer = v.open(path)
            seen.append(answer.status)
            if answer.status == 503:
                assert int(answer.response.headers['retry-after']) > 0
    return seen


def only_later(seen):
    assert not [s for s in seen if s >= 500 and s != 503], seen


def recovers(one):
    def works():
        return all(one.visitor().get('/health').status_code == 200 for _ in range(6))
    env.wait_until(works, 15, every=0.3)
    with one.visitor() as v:
        patient.book(v)


@pytest.mark.allows_log(*LATER)
def test_prepared_statements(own):
    """With room for a few the connection does without its own; with room for none everything is for later."""
    database, one = own
    with one.visitor() as v:
        # Kept alive throughout: another child has none to give up when this one's fill the server, and says later, rightly.
        patient.hold(v)
        count = int(database.admin("SHOW GLOBAL STATUS LIKE 'Prepared_stmt_count'").split()[1])
        assert count > 20
        database.admin('SET GLOBAL max_prepared_stmt_count = %d' % count)
        v.client.cookies.clear()
        page = patient.book(v)  # every step, though not one statement more may be kept than there are
        assert page.h1 == 'You are booked'
    assert 'RG01013' in env.read(one.error_log)
    database.admin('SET GLOBAL max_prepared_stmt_count = 0')
    one.graceful()
    env.wait_until(lambda: one.visitor().get('/health').status_code == 503, 10)
    seen = journey(one)
    only_later(seen)
    assert 503 in seen
    database.admin('SET GLOBAL max_prepared_stmt_count = 16382')
    recovers(one)


@pytest.mark.allows_log(*LATER)
@pytest.mark.parametrize('setting,low,high', [
    ('max_connections', 10, 400),
    ('max_allowed_packet', 1024, 16777216),
    ('read_only', 1, 0),
    ('wait_timeout', 1, 28800),
    ('max_statement_time', 0.001, 0),
    ('table_open_cache', 10, 2000),
    ('tmp_memory_table_size', 1024, 16777216)])
def test_a_setting(own, setting, low, high):
    database, one = own
    busy = []
    database.admin('SET GLOBAL %s = %s' % (setting, low))
    if setting == 'max_connections':
        busy = [database.connect() for _ in range(9)]
    one.graceful()
    for _ in range(2):
        only_later(journey(one))
    for connection in busy:
        connection.close()
    database.admin('SET GLOBAL %s = %s' % (setting, high))
    one.graceful()
    recovers(one)


@pytest.mark.allows_log(*LATER)
def test_a_lock_that_stays(own):
    """Somebody at the command line holds a row that every booking raises."""
    database, one = own
    holder = database.connect()
    with holder.cursor() as c:
        c.execute('START TRANSACTION')
        c.execute('SELECT * FROM day_bitmap FOR UPDATE')
        c.execute('SELECT * FROM booking FOR UPDATE')
        c.execute('SELECT * FROM session FOR UPDATE')
        c.execute('SELECT * FROM occupancy WHERE granule > 0 FOR UPDATE')
    only_later(journey(one))
    holder.rollback()
    holder.close()
    recovers(one)


@pytest.mark.allows_log(*LATER)
def test_nobody_may_write_any_more(own):
    """Rights of the account are taken away while it works: an operator's doing, so later."""
    database, one = own
    database.admin('REVOKE INSERT, UPDATE, DELETE ON regen.* FROM regen@localhost')
    only_later(journey(one))
    database.admin('GRANT INSERT, UPDATE, DELETE ON regen.* TO regen@localhost')
    one.graceful()
    recovers(one)


@pytest.mark.allows_log(*LATER)
def test_many_at_once(own):
    """More requests than connections and threads."""
    _, one = own
    seen = []

    def ask():
        with one.visitor() as v:
            for _ in range(4):
                seen.append(v.get('/services/bmac-knee/times').status_code)

    threads = [threading.Thread(target=ask) for _ in range(60)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(seen) == 240
    only_later(seen)
    recovers(one)
