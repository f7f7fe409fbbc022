# SPDX-License-Identifier: Apache-2.0
"""What the fault tests share: a clinic of their own that may be killed, and the reckoning afterwards."""
import os
import random
import signal
import threading
import time

import pymysql

import crowd
import env
from history import open_days

# What httpd and the module may say while things die around them; anything else fails the test.
# AH10392: httpd notices that its children die one after the other, which is what these tests do to them.
KILLED_CHILD = ['exit signal Killed (9)', 'AH10392']
LOST_DATABASE = ['RG01001', 'RG01030', 'RG01031', 'RG01040', 'RG03004', 'RG03130']
# Where the database does not go away, nobody is told to wait because a machine of tests stood still for a second.
PATIENT = '''RegenHoldTime 1h
RegenHoldExtensions 1
RegenDatabaseAcquireTimeout 30s
'''
IMPATIENT = '''RegenDatabaseAcquireTimeout 1s
RegenDatabaseConnectTimeout 1s
RegenDatabaseIOTimeout 2s
RegenHoldTime 1h
RegenHoldExtensions 1
'''
# Room for two generations of children at once.
MANY_CHILDREN = {'event': 'StartServers 3\nServerLimit 16\nThreadsPerChild 16\nMaxRequestWorkers 256\nMinSpareThreads 16\nMaxSpareThreads 128\n',
                 'prefork': 'StartServers 12\nMinSpareServers 8\nMaxSpareServers 24\nServerLimit 96\nMaxRequestWorkers 96\n'}


def reckon(database, wave):
    """After the storm: every answer kept, nothing else there, nothing by halves."""
    wrong, known = crowd.all_there(database, wave)
    if not wave.failures:
        # Everybody repeated until it was settled, so there is no booking that nobody knows of.
        since = wave.first_booking
        unknown = {row[0] for row in database.rows('SELECT id FROM booking WHERE id > %s', since)} - known
        wrong += ['booking %d is there, and nobody was told' % i for i in sorted(unknown)[:5]]
        keys = database.value('SELECT COUNT(*) FROM audit_event WHERE entity = %s AND action = %s AND entity_id > %s', 'booking', 'booking.hold', since)
        if keys != len(known):
            wrong.append('%d holds in the audit trail for %d bookings' % (keys, len(known)))
    strange = set(wave.statuses) - {200, 303, 409, 503}
    if strange:
        wrong.append('strange answers: %r' % {s: wave.statuses[s] for s in strange})
    return wrong + crowd.contradictions(database)


BOOKED_UP = {'waitlist', 'occupancy', 'day_bitmap', 'service_day', 'session', 'idempotency', 'booking', 'patient', 'audit_event'}


def empty(database):
    """Takes all bookings and patients away, and whatever refers to them: a crowd fills half a year of one consulting room in no time."""
    edges = database.rows("SELECT table_name, referenced_table_name FROM information_schema.referential_constraints WHERE constraint_schema = 'regen'")
    gone, more = set(), set(BOOKED_UP)
    while more:
        gone |= more
        more = {child for child, parent in edges if parent in gone} - gone
    connection = database.connect()
    with connection.cursor() as cursor:
        cursor.execute('SET foreign_key_checks = 0')
        for table in sorted(gone):
            cursor.execute('TRUNCATE ' + table)
        cursor.execute('UPDATE invoice_series SET last = 0')
    connection.close()


def wave(server, database, count, **options):
    """A crowd on this server, spread over many days."""
    made = crowd.Crowd(server.base, count, days=open_days(database), **options)
    made.first_booking = database.value('SELECT COALESCE(MAX(id), 0) FROM booking')
    return made


class Repeated:
    """WORK(), again and again in a thread of its own, every EVERY seconds, until left."""

    def __init__(self, work, every):
        self.work, self.every, self.count, self.problem = work, every, 0, None
        self.stopping = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exc):
        self.stopping.set()
        self.thread.join(30)
        assert self.problem is None, self.problem

    def run(self):
        while not self.stopping.wait(random.uniform(0.5, 1.5) * self.every):
            try:
                self.work()
                self.count += 1
            except Exception as problem:
                self.problem = problem
                return


def kill_a_child(server):
    children = server.children()
    if children:
        try:
            os.kill(random.choice(children), signal.SIGKILL)
        except ProcessLookupError:
            pass


class Cutter:
    """KILL CONNECTION on two of the module's connections at each call."""

    def __init__(self, database):
        database.admin('GRANT PROCESS, CONNECTION ADMIN ON *.* TO regen_owner@localhost')
        self.connection = database.connect(user='regen_owner')

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.connection.close()

    def __call__(self):
        with self.connection.cursor() as cursor:
            cursor.execute("SELECT id FROM information_schema.processlist WHERE user = 'regen' ORDER BY RAND() LIMIT 2")
            for (one,) in cursor.fetchall():
                try:
                    cursor.execute('KILL CONNECTION %d' % one)
                except pymysql.err.MySQLError as gone:
                    assert gone.args[0] == 1094, gone


def timed(work):
    """(seconds, result)"""
    began = time.monotonic()
    result = work()
    return time.monotonic() - began, result


def ready(server, seconds=15):
    """Waits until a page that needs the database comes; how long it took."""
    with crowd.Visitor(server.base) as one:
        return timed(lambda: env.wait_until(lambda: one.get('/').status_code == 200, seconds))[0]
