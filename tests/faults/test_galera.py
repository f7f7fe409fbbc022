# SPDX-License-Identifier: Apache-2.0
"""The clinic on two MariaDB Galera nodes that are both written, an httpd at each, people served by either at random. One is killed and
comes back; afterwards both hold the same, and what everybody was told."""
import random
import threading
import time

import pytest

import crowd
import env
import galera
import history
import history_desk
import storm
import test_numbers
from test_history import LONG, SEED, SEEN

CLIENTS, WAITERS = 10, 2
IMPATIENT = storm.IMPATIENT.replace('RegenHoldTime 1h', 'RegenHoldTime 1min') + 'RegenSweepInterval 1s\nRegenOfferTime 10min\n'
# What a conflict between the nodes says, beside what a lost database does.
# Asked for more often than ten times a second it shows what was.
WAITING = "SELECT COUNT(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
CONFLICT = ['RG01041', 'RG01033']


@pytest.fixture(scope='module')
def nodes(template, request):
    with galera.cluster(template, env.work_folder('galera')) as made:
        yield made


@pytest.fixture
def both(nodes, servers):
    """The nodes and an httpd at each."""
    return nodes, [servers(database=node, mpm='event', extra=IMPATIENT) for node in nodes]


def same(nodes, tables=None):
    """Tables in which the nodes differ."""
    tables = tables or {t: '1' for (t,) in nodes[0].rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'regen'"
                                                         " AND table_type = 'BASE TABLE'")}
    dumps = [history.dump(node, tables)[1] for node in nodes]
    return [t for t in tables if sorted(map(repr, dumps[0][t])) != sorted(map(repr, dumps[1][t]))]


def caught_up(nodes):
    """Every node has applied what the others committed."""
    env.wait_until(lambda: len({n.status('last_committed') for n in nodes}) == 1, 20)


def agree(nodes, httpds):
    """Both hold the same. Their httpds are stopped first: the nodes are looked at one after the other, and a hold that ends between two
    looks would be a difference."""
    for httpd in httpds:
        httpd.stop()
    caught_up(nodes)
    assert same(nodes) == []


@pytest.mark.allows_log(*storm.KILLED_CHILD, *storm.LOST_DATABASE, *CONFLICT)
def test_history_on_two_nodes(both, template):
    nodes, httpds = both
    a, b = nodes
    storm.empty(a)
    history.watch(a)
    cookies = history_desk.logged_in(httpds[0], template)
    with history.Storm('galera', a, httpds, CLIENTS, SEED, days=2, pause=0.02,
                       more=lambda s: history_desk.clients(s, WAITERS, cookies)) as clients, storm.Repeated(clients.look_in, 1):
        clients.until(150)
        end = time.monotonic() + LONG
        while True:
            b.kill()
            clients.until(60)
            storm.kill_a_child(httpds[0])
            b.start()
            storm.kill_a_child(httpds[1])
            clients.until(60)
            if time.monotonic() > end:
                break
        clients.seen(SEEN)
    caught_up(nodes)
    told = history.checker.summary(clients.journal.events)
    print('told: %s\nconflicts: %s' % (told, [[n.status(s) for s in ('local_cert_failures', 'local_bf_aborts', 'local_replays')] for n in nodes]))
    assert clients.problems == []
    agree(nodes, httpds)
    for node in nodes:
        assert clients.judge(node) == []
        assert crowd.contradictions(node) == []


def test_what_was_told_is_known_at_the_other_node(both):
    """A time that is held at one node is there at the other with the next request, however far behind that is in applying."""
    (a, b), httpds = both
    storm.empty(a)
    b.admin('GRANT RELOAD ON *.* TO regen_owner@localhost')
    stopped = b.connect()
    with crowd.Visitor(httpds[0].base) as one, stopped.cursor() as cursor:
        csrf, times = one.times('consultation')
        start, key = sorted(times.items())[0]
        # Nothing from the other node is applied while this lasts.
        cursor.execute('FLUSH TABLES WITH READ LOCK')
        assert one.hold('consultation', start, csrf, key).status_code == 303
        one.base = httpds[1].base
        seen = []
        asking = threading.Thread(target=lambda: seen.append(one.get('/booking/details').status_code))
        asking.start()
        time.sleep(0.5)
        assert seen == [], 'answered without knowing'
        cursor.execute('UNLOCK TABLES')
        asking.join(10)
        assert seen == [200]
    stopped.close()
    # And so on, without anybody's help.
    with crowd.Visitor(httpds[0].base) as one:
        for turn in range(20):
            one.forget()
            one.base = httpds[turn % 2].base
            csrf, times = one.times('consultation')
            start, key = random.choice(sorted(times.items()))
            assert one.hold('consultation', start, csrf, key).status_code == 303
            one.base = httpds[1 - turn % 2].base
            assert one.get('/booking/details').status_code == 200
            assert start not in one.times('consultation', time.strftime('%Y-%m-%d', time.gmtime(start)))[1]


def test_given_up_for_the_other_node(both):
    """While a booking is given back at one node, the other changes it: the first gives its transaction up in the middle, and begins again.
    MariaDB may say of the interrupted statement that it went well."""
    (a, b), httpds = both
    storm.empty(a)
    a.admin('GRANT PROCESS ON *.* TO regen_owner@localhost')
    waiting = a.connect()
    with crowd.Visitor(httpds[0].base) as one, waiting.cursor() as cursor:
        csrf, times = one.times('bmac-knee')
        start, key = sorted(times.items())[0]
        assert one.hold('bmac-knee', start, csrf, key).status_code == 303
        fields = one.hidden(one.get('/booking/details'))
        cursor.execute('START TRANSACTION')
        cursor.execute('SELECT * FROM occupancy ORDER BY resource_id DESC, granule DESC LIMIT 1 FOR UPDATE')
        answers = []
        asking = threading.Thread(target=lambda: answers.append(one.post('/booking/release', **fields).status_code))
        asking.start()
        env.wait_until(lambda: a.value(WAITING) > 0, 5, 0.15)
        before = a.value('SELECT hold_expires_at FROM booking')
        b.rows('UPDATE booking SET hold_expires_at = hold_expires_at + 1')
        # Once it is applied here the row was taken from whoever had it; now the lock may go.
        env.wait_until(lambda: a.value('SELECT hold_expires_at FROM booking') > before, 5, 0.01)
        waiting.rollback()
        asking.join(20)
        assert answers == [303]
    waiting.close()
    caught_up((a, b))
    assert a.rows('SELECT status FROM booking') == (('cancelled',),)
    for node in (a, b):
        assert node.value('SELECT COUNT(*) FROM occupancy') == 0
        assert node.value("SELECT COUNT(*) FROM audit_event WHERE action = 'booking.cancel'") == 1
        assert crowd.contradictions(node) == []


@pytest.mark.allows_log(*storm.LOST_DATABASE, *CONFLICT)
def test_numbers_at_both_nodes(both, template, servers):
    """Clerks at both nodes issue the same papers at once, and one node dies: no number twice, none left out."""
    (a, b), httpds = both
    storm.empty(a)
    patient = [servers(database=node, mpm='event') for node in (a, b)]
    for node, server in zip((a, b), patient):
        server.sample = env.sample_move(template.dir, server.dir, node, server.base)
    test_numbers.Treated.logged_in.clear()
    a.rows("UPDATE resource SET chambers = 99 WHERE kind = 'device'")  # all of them at one time
    uids = [test_numbers.Treated(patient[0].base, patient[0].dir).treated() for _ in range(4)]
    a.rows('UPDATE charge_item SET on_claim = 0 WHERE line_no = 2')  # the patient's: to be invoiced
    billing = patient[0].visitor()
    assert billing.login(patient[0].sample['billing_login'], patient[0].sample['billing_password']).status == 200
    cookies = {c.name: c.value for c in billing.client.cookies.jar}
    done, strange, ended = [], [], []
    clerks = [threading.Thread(target=test_numbers.clerk, args=(patient[n % 2].base, cookies, uids, done, strange, ended)) for n in range(6)]
    for clerk in clerks:
        clerk.start()
    time.sleep(0.3)
    b.kill()
    b.start()
    for clerk in clerks:
        clerk.join(90)
    assert len(ended) == len(clerks) and strange == [], strange
    agree((a, b), httpds + patient)
    for node in (a, b):
        test_numbers.gapless(node, uids, done)
        assert crowd.contradictions(node) == []


@pytest.mark.allows_log(*storm.LOST_DATABASE)
def test_a_node_without_its_cluster(both):
    """The second node has no majority alone: it answers "later", says so once, and comes back by itself when the first does."""
    (a, b), httpds = both
    storm.ready(httpds[1])
    patient = crowd.Visitor(httpds[1].base)
    csrf, times = patient.times('consultation')
    start, key = sorted(times.items())[-1]
    a.kill()
    # In the middle of noticing: not done, or nobody knows; never a fault of ours.
    assert patient.hold('consultation', start, csrf, key).status_code == 503
    env.wait_until(lambda: b.status('cluster_status') == 'non-Primary', 20)
    with crowd.Visitor(httpds[1].base) as one:
        one.client.cookies.set('regen_p', 'A' * 43 + '.' + 'A' * 43)
        for path in ('/', '/services/consultation/times', '/booking', '/health') * 5:
            took, answer = storm.timed(lambda: one.get(path))
            assert answer.status_code == 503 and took < 3, (path, answer.status_code, took)
            assert int(answer.headers['retry-after']) > 0
    told = [line for line in env.read(httpds[1].error_log).splitlines() if 'RG01030' in line]
    assert 1 <= len(told) <= 4 and 'not connected to its cluster' in told[-1], told
    a.start()
    assert storm.ready(httpds[1]) < 5
    assert storm.ready(httpds[0]) < 5
    patient.patience = 15  # other children find out by themselves
    assert patient.hold('consultation', start, csrf, key).status_code == 303
    assert b.value('SELECT COUNT(*) FROM booking WHERE starts_at = %s', start) == 1
    patient.client.close()
    agree((a, b), httpds)
