# SPDX-License-Identifier: Apache-2.0
"""Limits of the database that a clinic can meet: each is a page that says "later" (503 with Retry-After), never a 500, and
all is well again when the limit is gone."""
import contextlib
import os
import re
import subprocess
import threading

import pymysql
import pytest

import crowd
import env
import patient

pytestmark = pytest.mark.once

LATER = ('RG01001', 'RG01002', 'RG01003', 'RG01013', 'RG01030', 'RG01031', 'RG01033', 'RG01041', 'RG01051', 'RG02004')


@pytest.fixture
def own(new_clinic):
    database, one = new_clinic(extra='RegenDatabaseAcquireTimeout 1s\nRegenDatabaseConnectTimeout 1s\nRegenDatabaseIOTimeout 2s\n')
    one.start()
    return database, one


def journey(one, visitor=None):
    """Statuses on the way of a patient and of staff, of somebody new or of this VISITOR."""
    seen = []
    with contextlib.nullcontext(visitor) if visitor else one.visitor() as v:
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
    database.admin('REVOKE ALL PRIVILEGES, GRANT OPTION FROM regen@localhost; GRANT SELECT ON regen.* TO regen@localhost')
    only_later(journey(one))
    database.grant()
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
                # httpd ends spare children meanwhile, and with them connections that wait for a second request.
                seen.append(v.get('/services/bmac-knee/times', headers={'Connection': 'close'}).status_code)

    threads = [threading.Thread(target=ask) for _ in range(60)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(seen) == 240
    only_later(seen)
    recovers(one)


# What a keeper may set for the whole server, for reasons of another program; each changes what statements mean.
DEFAULTS = ["sql_mode = ''", "sql_mode = 'ANSI,ORACLE'", "time_zone = '+09:00'", 'autocommit = 0', 'sql_select_limit = 1', 'completion_type = 2',
            'tx_read_only = 1', "tx_isolation = 'SERIALIZABLE'", 'foreign_key_checks = 0', 'unique_checks = 0', 'check_constraint_checks = 0',
            'sql_safe_updates = 1', 'max_join_size = 1', 'group_concat_max_len = 4', 'max_sort_length = 8', "default_storage_engine = 'MyISAM'",
            "character_set_server = 'latin1'", 'sql_auto_is_null = 1', "lc_time_names = 'ja_JP'", 'max_error_count = 0', 'div_precision_increment = 0',
            'require_secure_transport = 1', 'innodb_lock_wait_timeout = 1', "default_week_format = 3"]


def value_of(database, name):
    return database.admin("SHOW GLOBAL VARIABLES LIKE '%s'" % name).rstrip('\n').split('\t')[1]


@pytest.mark.parametrize('setting', DEFAULTS)
def test_what_is_set_for_the_whole_server_changes_nothing(shared, setting):
    """The same pages, and the same refusals, as without it."""
    database, one = shared
    name = setting.split(' ')[0]
    before = value_of(database, name)
    try:
        database.admin('SET GLOBAL ' + setting)
        one.graceful()
        with one.visitor() as v:
            page = patient.book(v)
            assert page.h1 == 'You are booked'
            pages = [v.open(path) for path in ('/', '/services/bmac-knee/times', '/booking', '/booking/move')]
            assert [p.status for p in pages] == [200] * 4 and len(patient.days(v, '/services/bmac-knee/times')) > 5
        with one.visitor() as v:
            v.login(one.sample['front_desk_login'], one.sample['front_desk_password'])
            for path in ('/staff', '/staff/week', '/staff/waitlist', '/staff/messages'):
                assert v.open(path).status == 200, path
        session = env.regenctl(database, 'check', check=False)
        assert session.returncode == 0, session.stdout + session.stderr
    finally:
        quoted = before if before.lstrip('-').isdigit() else "'%s'" % before
        database.admin('SET GLOBAL %s = %s' % (name, quoted))
    assert value_of(database, name) == before


@pytest.fixture(scope='module')
def shared(database, template, mpm):
    """One server for settings that leave nothing behind."""
    one = env.Server(env.work_folder('limits-shared'), database, mpm, port=env.free_port())
    one.sample = env.sample_move(template.dir, one.dir, database, one.base)
    one.start()
    yield database, one
    one.stop()


def test_tables_are_innodbs_whatever_the_server_makes_otherwise(new_database):
    database = new_database()
    database.admin("SET GLOBAL default_storage_engine = 'MyISAM'; SET GLOBAL character_set_server = 'latin1'; SET GLOBAL sql_mode = ''")
    env.regenctl(database, 'migrate', env.ROOT + '/sql', owner=True)
    assert database.rows("SELECT DISTINCT engine FROM information_schema.tables WHERE table_schema = 'regen' AND table_type = 'BASE TABLE'") \
        == (('InnoDB',),)


# --- the system underneath ------------------------------------------------------------------------------------------------------

@pytest.mark.allows_log(*LATER)
def test_the_account_may_have_one_connection(own):
    database, one = own
    database.admin('GRANT USAGE ON *.* TO regen@localhost WITH MAX_USER_CONNECTIONS 1')
    busy = database.connect('regen')
    one.graceful()
    seen = journey(one) + journey(one)
    only_later(seen)
    assert 503 in seen, seen
    busy.close()
    database.admin('GRANT USAGE ON *.* TO regen@localhost WITH MAX_USER_CONNECTIONS 0')
    recovers(one)


def limited(pid, number):
    """How many files a process of ours may open; None: as many as before. Asked as whoever it runs as: root in a container may not."""
    who = {name: int(n) for name, n in re.findall(r'^(Uid|Gid):\t(\d+)', env.read('/proc/%d/status' % pid), re.M)}
    drop = dict(user=who['Uid'], group=who['Gid'], extra_groups=[]) if os.geteuid() == 0 and who['Uid'] != 0 else {}

    def prlimit(*what):
        return subprocess.run(['prlimit', '--pid', str(pid), *what], check=True, capture_output=True, text=True, **drop).stdout.strip()

    hard = prlimit('--nofile', '--output', 'HARD', '--noheadings', '--raw')
    prlimit('--nofile=%s:' % (hard if number is None else number))


@pytest.mark.allows_log(*LATER)
def test_no_files_left_in_mariadbd(own):
    """It can open no table and take no new connection; those that are open hear of it."""
    database, one = own
    only_later(journey(one))
    argv = ['sh', os.path.join(env.LIB, 'db.sh'), 'sql', database.dir, '--unbuffered']
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=env.ROOT) as admin:
        admin.stdin.write('SELECT 1;\n')
        admin.stdin.flush()
        assert admin.stdout.readline() == '1\n'
        limited(database.pid, 8)
        try:
            admin.stdin.write('FLUSH TABLES; SELECT 2;\n')
            admin.stdin.flush()
            assert admin.stdout.readline() == '2\n'
            seen = journey(one)
        finally:
            limited(database.pid, None)
        admin.stdin.close()
    only_later(seen)
    assert 503 in seen, seen
    recovers(one)


# One child, so that it is known who answers. Its threads are started before anything is limited.
ONE_CHILD = ('StartServers 1\nServerLimit 1\nThreadsPerChild 8\nMaxRequestWorkers 8\nMinSpareThreads 1\nMaxSpareThreads 8\n'
             'MaxConnectionsPerChild 0\n')


def room_for(pid, more):
    """The process may open so many files beside those it has: numbers are given from the lowest that is free."""
    taken = {int(n) for n in os.listdir('/proc/%d/fd' % pid)}
    number = 0
    while more > 0 or number in taken:
        more -= number not in taken
        number += 1
    limited(pid, number)


@pytest.fixture
def alone(new_clinic):
    _, one = new_clinic(sizing=ONE_CHILD, mpm='event', extra='RegenDatabaseConnectTimeout 1s\n')
    one.start()
    return one


def held(pid):
    """The sockets that the process has a file for, by their numbers."""
    for fd in os.listdir('/proc/%d/fd' % pid):
        with contextlib.suppress(FileNotFoundError):
            found = re.fullmatch(r'socket:\[(\d+)\]', os.readlink('/proc/%d/fd/%s' % (pid, fd)))
            if found:
                yield found.group(1)


def settled(pid, before):
    """Whether the process has closed every connection that its client closed: 503 ends a connection, and the next one wants its file. One that
    is over for the kernel (TIME_WAIT) is in no table any more while the process still has its file. BEFORE: sockets it began with."""
    rows = [line.split() for name in ('tcp', 'tcp6') for line in env.read('/proc/net/' + name).splitlines()[1:]]
    living = {r[9] for r in rows if r[3] in ('01', '0A')} | {line.split()[6] for line in env.read('/proc/net/unix').splitlines()[1:]}
    return set(held(pid)) <= living | before


@pytest.mark.allows_log(*LATER)
@pytest.mark.parametrize('more', [0, 1, 2, 4])
def test_no_files_left_in_httpd(alone, more):
    """A child that has a browser's connection, and no file for one of the database, or that one and none for time zones, and so on."""
    child, = alone.children()
    before = set(held(child))
    with alone.visitor(event_hooks={'request': [lambda _: env.wait_until(lambda: settled(child, before))]}) as v:
        assert v.get('/health/live').status_code == 200
        room_for(child, more)
        try:
            seen = journey(alone, v) + journey(alone, v)
        finally:
            limited(child, None)
    only_later(seen)
    assert 503 in seen or more > 1, seen
    recovers(alone)
    assert alone.children() == [child]  # the same one: it did not die of it, and kept nothing of it


@pytest.fixture
def small_disk(new_database):
    """A database on a disk of its own with 192 MB: (database, its folder). Skipped where no disk can be mounted."""
    database = new_database()
    database.stop()
    data = os.path.join(database.dir, 'data')
    away = data + '.away'
    os.rename(data, away)
    os.mkdir(data, 0o700)
    mounted = subprocess.run(['mount', '-t', 'tmpfs', '-o', 'size=192m,mode=700', 'none', data], capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        os.rmdir(data)
        os.rename(away, data)
        pytest.skip('only who may mount a small disk can fill it: ' + mounted.stderr.strip())
    try:
        subprocess.run(['cp', '-a', away + '/.', data], check=True)
        database.start()
        yield database, data
    finally:
        database.stop()
        subprocess.run(['umount', '-l', data], check=True)
        os.rmdir(data)
        os.rename(away, data)


@pytest.mark.allows_log(*LATER)
def test_the_disk_is_full(small_disk, servers):
    """Nothing is written by halves, what is read goes on, and with room again all is well, without a restart."""
    database, data = small_disk
    one = servers(start=False, database=database, extra='RegenDatabaseIOTimeout 4s\n')
    one.sample = env.load_sample(database, one.dir, 'http://127.0.0.1/clinic')
    one.start()
    filler = os.path.join(data, 'filler')
    with open(filler, 'wb', buffering=0) as f, contextlib.suppress(OSError):
        while True:
            f.write(bytes(65536))
    # Until the last page of what every change writes is full, too.
    owner = database.connect()
    for rows in (200, 1):
        with owner.cursor() as c, pytest.raises(pymysql.err.MySQLError) as full:
            while True:
                c.execute("INSERT INTO audit_event (at, actor, action, entity, entity_id, writer, seq, mac, mac_key) SELECT 0, '', '', '', 0,"
                          " UNHEX(MD5(RAND())), 1, UNHEX(SHA2('', 256)), 1 FROM audit_event LIMIT %d" % rows)
        assert full.value.args[0] == 1114, full.value
    owner.close()
    seen = journey(one) + journey(one)
    only_later(seen)
    assert 503 in seen or 0 in seen, seen
    with one.visitor() as v:
        assert v.open('/services/bmac-knee/times').status == 200
    said = [line for line in env.read(one.error_log).splitlines() if re.search(r'RG0100[12]: Database error (1114|1021|1030|3|1026)\b', line)]
    assert said, env.read(one.error_log)[-2000:]
    assert crowd.contradictions(database) == []
    os.unlink(filler)
    recovers(one)
    assert crowd.contradictions(database) == []
