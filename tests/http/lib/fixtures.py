# SPDX-License-Identifier: Apache-2.0
"""The fixtures every Python test folder shares; each conftest.py takes them with a star import."""
import fcntl
import os
import tempfile
import time

import pytest

import env
from dayfill import DayFill

__all__ = ['pytest_configure', 'pytest_collection_modifyitems', 'mpm', 'template', 'database', 'never_closed', 'sample', 'server', 'servers',
           'open_folder', 'new_database', 'new_clinic', 'clean_log', 'visitor', 'staff', 'machine', 'configtest', 'day']


def pytest_configure(config):
    config.addinivalue_line('markers', 'expects_log(*ids): message ids this test must provoke in error_log')
    config.addinivalue_line('markers', 'allows_log(*ids): message ids this test may provoke in error_log')
    config.addinivalue_line('markers', 'only_mpm(name): makes sense under this MPM only')
    config.addinivalue_line('markers', 'once: long, and the same under every MPM and on every day')
    config.addinivalue_line('markers', 'measures: looks at memory or time, which the sanitizers change')


def pytest_collection_modifyitems(config, items):
    """What a test says about MPMs, days and sanitizers decides where it runs; it is not a skip, because another run has it."""
    current = os.environ.get('REGEN_MPM', 'event')
    wanted = [i for i in items if (i.get_closest_marker('only_mpm') or pytest.mark.only_mpm(current).mark).args[0] == current]
    if current == 'prefork' or os.environ.get('REGEN_ONCE') == 'no':
        wanted = [i for i in wanted if not i.get_closest_marker('once')]
    if os.environ.get('SANITIZED'):
        wanted = [i for i in wanted if not i.get_closest_marker('measures')]
    elif os.environ.get('REGEN_ONLY') == 'measures':
        wanted = [i for i in wanted if i.get_closest_marker('measures')]
    if len(wanted) != len(items):
        config.hook.pytest_deselected(items=[i for i in items if i not in wanted])
        items[:] = wanted


def worker():
    return os.environ.get('PYTEST_XDIST_WORKER', 'gw')


@pytest.fixture(scope='session')
def mpm():
    return os.environ.get('REGEN_MPM', 'event')


@pytest.fixture(scope='session')
def template():
    """A stopped database with the sample clinic; every test file begins with a copy, so that no file finds what another
    one left. The runner names a folder: there the first worker of a run makes it for all."""
    where = os.environ.get('REGEN_TEMPLATE') or env.work_folder('template-' + worker())
    with open(os.path.join(where, 'lock'), 'w', encoding='utf-8') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(os.path.join(where, 'ready')):
            make_template(where)
    return env.Database(where)


def make_template(where):
    made = env.Database(where).start()
    sample = env.load_sample(made, where, 'http://127.0.0.1:1' + env.MOUNT)
    # The same passwords, hashed at the least cost: somebody logs in a thousand times.
    for role in (name.removesuffix('_login') for name in sample if name.endswith('_login')):
        made.rows('UPDATE staff SET password_hash = %s WHERE login = %s', env.cheap_hash(sample[role + '_password']), sample[role + '_login'])
    made.stop()
    open(os.path.join(where, 'ready'), 'w', encoding='utf-8').close()


@pytest.fixture(scope='module')
def database(template, request):
    """A private MariaDB with the sample clinic, for this file of tests."""
    made = env.Database(env.work_folder('db-' + file_of(request))).copy(template).start()
    yield made
    made.remove()


@pytest.fixture(scope='module')
def never_closed(database):
    """The sample clinic without its holidays and absences, for files that count their days from a Monday."""
    database.rows('DELETE FROM closure')


@pytest.fixture(scope='module')
def server(template, database, mpm, request):
    """A private httpd with the sample configuration, for this file of tests."""
    where = env.work_folder('httpd-' + file_of(request))
    made = env.Server(where, database, mpm, port=env.free_port())
    made.sample = env.sample_move(template.dir, where, database, made.base)
    made.start()
    yield made
    made.stop()
    # The farewell has no test after it that could look.
    bad = [line for line in log_lines() if env.is_bad(line)]
    assert not bad, 'error_log is not clean after the last test:\n' + '\n'.join(bad)


def file_of(request):
    return '%s-%s' % (worker(), request.module.__name__.removeprefix('test_')[:20])


@pytest.fixture(scope='module')
def sample(server):
    """Logins, token and addresses of the sample clinic, by the names of sample.txt."""
    return server.sample


@pytest.fixture
def servers(database, mpm, request):
    """Makes httpds of this test's own: servers(extra='…', only='…', sizing='…', mpm='…', database=…). Stopped after it;
    their logs must be clean too. Loads nothing into the database: ask for `server` or load_sample for that."""
    made = []

    def make(start=True, **options):
        options.setdefault('mpm', mpm)
        options.setdefault('database', database)
        one = env.Server(env.work_folder('h%d-%s' % (len(made), worker())), **options)
        if start:
            one.start()
        made.append(one)
        return one

    yield make
    for one in made:
        one.stop()


@pytest.fixture
def new_clinic(template, new_database, servers):
    """Makes a running database with the sample clinic and an httpd before it that is not started: both this test's own."""

    def make(**options):
        database = new_database(template)
        one = servers(start=False, database=database, **options)
        one.sample = env.sample_move(template.dir, one.dir, database, 'http://127.0.0.1/clinic')
        return database, one

    return make


@pytest.fixture
def open_folder():
    """A folder whose files httpd's children may read, wherever the clone lies (tmp_path may be for its owner only)."""
    with tempfile.TemporaryDirectory(prefix='regen.') as where:
        os.chmod(where, 0o755)
        yield where


@pytest.fixture
def new_database():
    """Makes databases of this test's own, to be killed and broken; they run. Empty, or with what the stopped LIKE has."""
    made = []

    def make(like=None):
        one = env.Database(env.work_folder('db%d-%s' % (len(made), worker())))
        if like:
            one.copy(like)
        made.append(one.start())
        return one

    yield make
    for one in made:
        one.remove()


@pytest.fixture(autouse=True)
def clean_log(request):
    """error_log must be clean after every test, but for the ids the test declares by expects_log or allows_log. What a
    server writes while it starts, or after its last answer, counts against the test that is running then."""
    must = ids_of(request, 'expects_log')
    may = must | ids_of(request, 'allows_log')
    yield
    lines = log_lines()
    end = time.monotonic() + 2
    while any_absent(must, lines) and time.monotonic() < end:
        time.sleep(0.05)
        lines += log_lines()
    bad = [line for line in lines if env.is_bad(line) and not any(i in line for i in may | BEFORE)]
    BEFORE.clear()
    BEFORE.update(may)
    assert not bad, 'error_log is not clean:\n' + '\n'.join(bad)
    assert not any_absent(must, lines), 'error_log lacks what the test expects: %s' % any_absent(must, lines)


# What the test before was allowed to provoke may still trickle in.
BEFORE = set()


def log_lines():
    lines = list(env.LATE)
    env.LATE.clear()
    for one in env.RUNNING:
        lines += one.new_log_lines()
    return lines


def any_absent(ids, lines):
    return sorted(i for i in ids if not any(i in line for line in lines))


def ids_of(request, name):
    return {i for mark in request.node.iter_markers(name) for i in mark.args}


@pytest.fixture
def visitor(server):
    """Somebody with an empty cookie jar."""
    with server.visitor() as made:
        yield made


@pytest.fixture
def staff(server, sample):
    """staff('front_desk'), staff('clinician'), staff('billing'), staff('admin'): a visitor who is logged in."""
    made = []

    def login(role):
        one = server.visitor()
        made.append(one)
        page = one.login(sample[role + '_login'], sample[role + '_password'])
        second = 'clinician' if role == 'nurse' else 'nurse'
        one.second = {'second_login': sample[second + '_login'], 'second_password': sample[second + '_password']}
        assert page.status == 200, 'login as %s gave %r' % (role, page)
        return one

    yield login
    for one in made:
        one.close()


@pytest.fixture
def machine(server, sample):
    """An httpx client with the sample clinic's bearer token, on the FHIR API."""
    with server.machine(sample['token']) as made:
        yield made


@pytest.fixture
def configtest(servers):
    """configtest('RegenHoldTime 0') or configtest(text, only=True): (exit code, what httpd -t said)."""

    def check(text, only=False):
        one = servers(start=False, **({'only': text} if only else {'extra': text}))
        return one.configtest()

    return check


@pytest.fixture(scope='module')
def day(server, database):
    """Visits of today, written into this file's own database; see dayfill.py. All of them at one time, so that devices have room for all."""
    database.rows("UPDATE resource SET chambers = 99 WHERE kind = 'device'")
    return DayFill(database)
