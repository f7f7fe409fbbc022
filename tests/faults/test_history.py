# SPDX-License-Identifier: Apache-2.0
"""Many clients find, hold, extend, book, move, give back, cancel and let expire on a few days, while children of httpd and the database
are killed at random and httpd is restarted. Everything they were told is written down and judged afterwards: checker.py."""
import os
import random
import time

import pytest

import crowd
import history
import history_desk
import storm

CLIENTS, WAITERS = 16, 3
# What the storm lasts for in any case.
SEEN = [('hold', 'ok'), ('hold', 'taken'), ('extend', 'ok'), ('confirm', 'ok'), ('release', 'ok'), ('cancel', 'ok'), ('move', 'ok'), ('see', 'gone'),
        ('join', 'ok'), ('wait', 'ok'), ('accept', 'ok'), ('decline', 'ok'), ('age-offer', 'ok'), ('block', 'ok'), ('unblock', 'ok')]
# Seconds of the storm: `make check LONG=10` asks for minutes.
LONG = float(os.environ.get('REGEN_LONG') or 0) * 60
SEED = int(os.environ.get('REGEN_SEED') or random.SystemRandom().randrange(1 << 30))


def troubles(server, database, dice, seconds):
    """What goes wrong, one after the other, for so long: (name, seconds until the next)."""
    kinds = {'child': lambda: storm.kill_a_child(server), 'graceful': server.graceful, 'database': lambda: (database.kill(), time.sleep(0.3), database.start())}
    done, end = [], time.monotonic() + seconds
    # Each of them at least once, in any order.
    order = dice.sample(['database', 'graceful', 'child', 'child'], 4)
    while order or time.monotonic() < end:
        name = order.pop() if order else dice.choices(list(kinds), [8, 2, 1])[0]
        time.sleep(dice.uniform(0.3, 1.2))
        kinds[name]()
        done.append(name)
    return done


# RG01033, RG01041: a server that was killed opens some eighty tables anew for each connection, with their triggers, while everybody waits.
@pytest.mark.allows_log('RG01033', 'RG01041', *storm.KILLED_CHILD, *storm.LOST_DATABASE)
def test_history(database, servers, template):
    storm.empty(database)
    history.watch(database)
    server = servers(database=database, mpm='event', sizing=storm.MANY_CHILDREN['event'],
                     extra=storm.IMPATIENT.replace('RegenHoldTime 1h', 'RegenHoldTime 1min') + 'RegenSweepInterval 1s\nRegenOfferTime 10min\n')
    cookies = history_desk.logged_in(server, template)
    with history.Storm('one', database, [server], CLIENTS, SEED, more=lambda s: history_desk.clients(s, WAITERS, cookies)) as clients, \
            storm.Repeated(clients.look_in, 1):
        clients.until(150)
        done = troubles(server, database, random.Random('%d/troubles' % SEED), LONG or 10)
        clients.until(100)
        clients.seen(SEEN)
    told = history.checker.summary(clients.journal.events)
    print('troubles: %s\nlooked in %d times\ntold: %s' % (' '.join(done), clients.moments, told))
    assert clients.moments > 3
    assert clients.problems == []
    assert clients.judge() == []
    assert crowd.contradictions(database) == []
