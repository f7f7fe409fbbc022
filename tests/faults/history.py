# SPDX-License-Identifier: Apache-2.0
"""Clients who find, hold, extend, book, move, give back, cancel and let expire, on few days and all at once, and write down every
answer with its times; a witness in the database; and the dump at the end. checker.py judges what they wrote.

Which operation comes next and which time is wished follow from the seed, client by client; what is free when they look does not."""
import base64
import datetime
import hashlib
import json
import os
import random
import re
import threading
import time
import urllib.parse

import httpx
import pymysql

import checker
import checker_state
import crowd
import env

# How many of the answers to forms get lost.
LOSE = 0.1
SERVICES = ['consultation', 'prp-tendon', 'bmac-knee']
UNTIL = re.compile(r'Held for you until <strong><time datetime="([^"]+)"')
EXTEND = re.compile(r'action="[^"]*/booking/extend"')
BOOKED, CANCELLED = 'You are booked', 'Your booking is canceled'
MOVES = re.compile(r'action="[^"]*/booking/move/check"><input type="hidden" name="booking" value="[^"]+">'
                   r'(?:<input type="hidden" name="practitioner" value="\d+">)?<input type="hidden" name="start" value="(\d+)">')
TAKEN = 'That time was just taken'
LINK = re.compile(r'/b/([A-Za-z0-9_-]{43})')

# A row for every granule that is taken or given back, in the transaction that does it. SYSDATE, because a statement that waited for
# a lock began before the one that gave way to it ended.
WITNESS = ['''CREATE TABLE IF NOT EXISTS witness (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, at DOUBLE NOT NULL,
              taken TINYINT NOT NULL, resource_id INT UNSIGNED NOT NULL, granule INT UNSIGNED NOT NULL, booking_id BIGINT UNSIGNED NOT NULL)''',
           '''CREATE OR REPLACE TRIGGER witness_taken AFTER INSERT ON occupancy FOR EACH ROW INSERT INTO witness
              (at, taken, resource_id, granule, booking_id) VALUES (UNIX_TIMESTAMP(SYSDATE(6)), 1, NEW.resource_id, NEW.granule, NEW.booking_id)''',
           '''CREATE OR REPLACE TRIGGER witness_given AFTER DELETE ON occupancy FOR EACH ROW INSERT INTO witness
              (at, taken, resource_id, granule, booking_id) VALUES (UNIX_TIMESTAMP(SYSDATE(6)), 0, OLD.resource_id, OLD.granule, OLD.booking_id)''']
ALSO_DUMPED = {'session': 'token_hash', 'audit_event': 'id', 'closure': 'id'}
# What a browser may open, by its session; one of each here.
SOURCES = {'session': """(SELECT s.token_hash, v.booking_id, p.waitlist_id FROM visitor_session s
                          LEFT JOIN visitor_booking v ON v.session_id = s.id LEFT JOIN visitor_place p ON p.session_id = s.id) AS session"""}


def watch(database):
    """Sets the witness up, for an empty calendar."""
    for statement in WITNESS:
        database.rows(statement)


def dump(database, tables=None):
    """(begun at, {table: rows}) of one moment; bytes as hex."""
    tables = tables or {**checker_state.TABLES, **ALSO_DUMPED, 'witness': 'id'}
    connection = database.connect(cursorclass=pymysql.cursors.DictCursor)
    try:
        with connection.cursor() as cursor:
            cursor.execute('SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ')
            cursor.execute('START TRANSACTION WITH CONSISTENT SNAPSHOT')
            at, found = time.time(), {}
            for table, order in tables.items():
                cursor.execute('SELECT * FROM %s ORDER BY %s' % (SOURCES.get(table, table), order))
                found[table] = [{k: v.hex() if isinstance(v, bytes) else v for k, v in row.items()} for row in cursor.fetchall()]
            return at, found
    finally:
        connection.close()


def seconds(text):
    """Of a time as pages carry it for machines."""
    return int(datetime.datetime.fromisoformat(text.replace('Z', '+00:00')).timestamp())


def token_hash(token):
    return hashlib.sha256(base64.urlsafe_b64decode(token + '=' * (-len(token) % 4))).hexdigest()


def meaning(answer, more=()):
    """The outcome that a status stands for. After 503 nobody knows whether it was done: the client only tells when it is patient."""
    known = {410: 'gone', 401: 'none', 403: 'none', 404: 'none', 503: 'lost', **dict(more)}
    return known.get(answer.status_code, 'strange %d' % answer.status_code)


class Journal:
    """The history: a line a settled request, in a file from the moment it is settled."""

    def __init__(self, path):
        self.path, self.lock, self.events = path, threading.Lock(), []
        self.file = open(path, 'w', encoding='utf-8')

    def note(self, **event):
        with self.lock:
            self.events.append(event)
            self.file.write(json.dumps(event) + '\n')
            self.file.flush()


class Browser(crowd.Visitor):
    """Knows when it first asked and when it asked last; may ask another server each time."""

    def __init__(self, bases, dice, patience):
        super().__init__(bases[0], patience)
        self.bases, self.dice = bases, dice
        self.first = self.last = 0.0

    def once(self, method, path, body):
        self.base = self.dice.choice(self.bases)
        self.last = time.time()
        before = httpx.Cookies(self.client.cookies)
        answer = super().once(method, path, body)
        # Some answers never arrive, nor their cookies: what was asked for is done, and asked for again with the same key.
        if body is not None and answer.status_code != 503 and self.dice.random() < LOSE:
            self.client.cookies = before
            raise httpx.ReadError('the answer was lost')
        return answer

    def send(self, method, path, fields=None):
        self.first = time.time()
        return super().send(method, path, fields)


class Mine:
    """A booking of a client: the browser that holds it, and what its pages said last."""

    def __init__(self, browser, service, start):
        self.browser, self.service, self.start = browser, service, start
        self.key = token_hash(browser.session)
        self.filled = self.booked = self.over = False
        self.aged = False


class Client(threading.Thread):
    """One person with several bookings. OPERATIONS of all kinds until told to stop, then the end of every story."""

    def __init__(self, storm, n):
        super().__init__(daemon=True)
        self.storm, self.n = storm, n
        self.dice = random.Random('%d/%d' % (storm.seed, n))
        self.mine, self.problem = [], None
        self.settled = self.busy = self.broken = 0

    def run(self):
        try:
            while not self.storm.stopping.is_set():
                self.step()
                self.storm.stopping.wait(self.dice.random() * self.storm.pause)
            self.finish()
        except Exception as problem:  # a test must hear of it, whatever it is
            self.problem = '%s: %s' % (type(problem).__name__, problem)
            self.storm.problems.append('client %d: %s' % (self.n, self.problem))

    def finish(self):
        for one in list(self.mine):
            self.see(one)

    def browser(self):
        # Some never repeat anything: what became of their requests must be all or nothing, too.
        return Browser(self.storm.bases, self.dice, 0 if self.n % 4 == 3 else self.storm.patience)

    def step(self):
        room = len(self.mine) < 4
        what = self.dice.choices([self.find_and_hold, self.extend, self.confirm, self.release, self.cancel, self.move, self.age, self.see, self.look],
                                 [5 if room else 0, 1, 3, 1, 1, 2, 1, 2, 1])[0]
        if what == self.find_and_hold:
            return what()
        if not self.mine:
            return self.find_and_hold()
        return self.go_on(self.dice.choice(self.mine), [what], [1])

    def go_on(self, one, what, weights):
        self.dice.choices(what, weights)[0](one)
        if one.over:
            self.mine.remove(one)
            one.browser.client.close()

    # --- asking and writing down ---------------------------------------------------------------------------------------------

    def ask(self, browser, op, work, read=False, **more):
        """Runs WORK, which gives (outcome, what else to write down), and notes it; the outcome."""
        try:
            outcome, said = work()
        except crowd.Lost:
            outcome, said = 'lost', {}
        begin = browser.last if read and outcome != 'lost' else browser.first
        self.storm.journal.note(op=op, client=self.n, begin=begin, end=time.time(), outcome=outcome, **{**more, **said})
        self.settled += 1
        return outcome

    @staticmethod
    def outcome(answer, ok):
        """What an answer to a form of the patient's pages means; OK: where it leads when it was done."""
        where = urllib.parse.urlsplit(answer.headers.get('location', '')).path.removeprefix('/clinic')
        if answer.status_code == 303:
            return 'ok' if re.fullmatch(ok, where) else 'refused'
        return meaning(answer, {409: 'refused'})

    def fields(self, browser, path):
        """The hidden fields of a page, or None when it does not come."""
        page = browser.get(path)
        if page.status_code != 200 or not crowd.CSRF.search(page.text) or not crowd.IDEM.search(page.text):
            return None
        return browser.hidden(page)

    # --- operations ------------------------------------------------------------------------------------------------------------

    def find(self, browser, service, day):
        seen = {}

        def work():
            page = browser.get('/services/%s/times?day=%s' % (service, day))
            if page.status_code != 200:
                return meaning(page), {}
            csrf = crowd.CSRF.search(page.text)
            seen.update(csrf=csrf and csrf.group(1), times={int(start): key for key, start in crowd.TIMES.findall(page.text)})
            return 'ok', {'offered': sorted(seen['times'])}

        self.ask(browser, 'find', work, read=True, service=service, day=day)
        return seen.get('csrf'), seen.get('times') or {}

    def find_and_hold(self):
        browser = self.browser()
        service, day = self.dice.choice(SERVICES), self.dice.choice(self.storm.days)
        wish = self.dice.random()
        csrf, times = self.find(browser, service, day)
        if not times:
            browser.client.close()
            return
        start = sorted(times)[int(wish * wish * len(times))]

        def work():
            answer = browser.hold(service, start, csrf, times[start])
            if answer.status_code == 303 and browser.session:
                return 'ok', {'booking': token_hash(browser.session)}
            return meaning(answer, {409: 'taken', 422: 'refused'}), {}

        if self.ask(browser, 'hold', work, service=service, start=start) == 'ok':
            self.mine.append(Mine(browser, service, start))
        else:
            browser.client.close()

    def look(self, one):
        """The page that says until when the time is kept."""
        def work():
            page = one.browser.get('/booking/details')
            until = UNTIL.search(page.text)
            if page.status_code == 200 and until:
                return 'ok', {'until': seconds(until.group(1)), 'extended': not EXTEND.search(page.text)}
            if page.status_code == 303:
                return 'ok', {'status': 'booked'}
            return meaning(page), {}

        if not one.booked:
            one.over = self.ask(one.browser, 'look', work, read=True, booking=one.key) == 'gone'

    def see(self, one):
        """The booking's own page, wherever it leads."""
        def work():
            page = one.browser.get('/booking')
            if page.status_code == 303:
                return 'ok', {'status': 'held'}
            if page.status_code == 200 and (BOOKED in page.text or CANCELLED in page.text):
                return 'ok', {'status': 'booked' if BOOKED in page.text else 'cancelled'}
            return meaning(page), {}

        one.over = self.ask(one.browser, 'see', work, read=True, booking=one.key) == 'gone'

    def change(self, one, op, path, ok, fields, **more):
        def work():
            answer = one.browser.post(path, **fields)
            return self.outcome(answer, ok), {}
        return self.ask(one.browser, op, work, booking=one.key, **more)

    def with_fields(self, one, path):
        try:
            fields = self.fields(one.browser, path)
        except crowd.Lost:
            return None
        if fields is None:
            self.look(one) if not one.booked else self.see(one)
        return fields

    def extend(self, one):
        fields = None if one.booked else self.with_fields(one, '/booking/details')
        if fields:
            one.over = self.change(one, 'extend', '/booking/extend', r'/booking', fields) == 'gone'

    def release(self, one):
        fields = None if one.booked else self.with_fields(one, '/booking/details')
        if fields:
            one.over = self.change(one, 'release', '/booking/release', r'/services/.*', fields) in ('ok', 'gone', 'lost')

    def cancel(self, one):
        fields = self.with_fields(one, '/booking/cancel') if one.booked else None
        if fields:
            one.over = self.change(one, 'cancel', '/booking/cancel', r'/booking', fields) in ('ok', 'lost')

    def confirm(self, one):
        if one.booked:
            return
        try:
            page = one.browser.fill_in() if not one.filled else one.browser.get('/booking/check')
            fields = one.browser.hidden(page) if page.status_code == 200 else None
            one.filled = True
        except (crowd.Lost, AssertionError):
            fields = None
        if fields is None:
            self.look(one)
            return

        def work():
            answer = one.browser.post('/booking/check', **fields)
            outcome = self.outcome(answer, r'/booking')
            return outcome, self.link(one) if outcome == 'ok' else {}
        done = self.ask(one.browser, 'confirm', work, booking=one.key)
        one.booked, one.over = done == 'ok', done in ('gone', 'lost')

    def link(self, one):
        """The private link, which only the page right after booking shows. What is noted began with the request before this one."""
        began = one.browser.first
        try:
            shown = LINK.search(one.browser.get('/booking').text)
        except crowd.Lost:
            shown = None
        one.browser.first = began
        return {'link': token_hash(shown.group(1))} if shown else {}

    def move(self, one):
        """Another time for the whole chain of what is booked: the times that are offered, the page that asks again, the move."""
        if not one.booked:
            return
        try:
            page = one.browser.get('/booking/move?day=' + self.dice.choice(self.storm.days))
            starts = sorted(map(int, MOVES.findall(page.text))) if page.status_code == 200 else []
            start = starts[int(self.dice.random() * len(starts))] if starts else None
            page = one.browser.get('/booking/move/check?start=%d' % start) if start else None
            fields = one.browser.hidden(page) if page and crowd.VERSION.search(page.text) else None
        except crowd.Lost:
            fields = None
        if fields is None:
            self.see(one)
            return

        def work():
            answer = one.browser.post('/booking/move', start=start, **fields)
            # Of what is taken there are other times; else something of the booking itself is in the way.
            return 'taken' if answer.status_code == 409 and TAKEN in answer.text else self.outcome(answer, r'/booking'), {}
        self.ask(one.browser, 'move', work, booking=one.key, service=one.service, start=start)

    def age(self, one):
        """Time passes for one hold: its end comes within seconds, which a clinic's shortest hold does not allow."""
        if one.booked or one.aged:
            return
        browser = one.browser

        def work():
            browser.first = time.time()
            return self.storm.age(one.key, self.storm.hold_time - 2), {'seconds': self.storm.hold_time - 2}
        one.aged = True
        self.ask(browser, 'age', work, booking=one.key)


class Storm:
    """CLIENTS people on these servers; what they do in the meantime is up to whoever opens it. `with Storm(...)` ends when everybody
    has come to an end; `problems` holds what kept somebody from it."""

    def __init__(self, name, database, servers, clients, seed, days=3, hold_time=60, offer_time=600, patience=30, pause=0.05, more=None):
        self.name, self.database, self.bases = name, database, [s.base for s in servers]
        self.seed, self.patience, self.pause, self.hold_time, self.offer_time = seed, patience, pause, hold_time, offer_time
        self.days = random.Random('%d/days' % seed).sample(open_days(database)[:20], days)
        self.stopping, self.problems, self.moments = threading.Event(), [], 0
        self.journal = Journal(os.path.join(env.work_folder('history-' + name), 'history.jsonl'))
        self.first = database.value('SELECT COALESCE(MAX(id), 0) FROM booking')
        self.clients = [Client(self, n) for n in range(clients)]
        if more:
            self.clients += more(self)
        print('seed %d, days %s, history in %s' % (seed, ' '.join(self.days), self.journal.path))

    def __enter__(self):
        for client in self.clients:
            client.start()
        return self

    def __exit__(self, *exc):
        self.stopping.set()
        for client in self.clients:
            client.join(self.patience * 6 + 60)
        assert not any(c.is_alive() for c in self.clients), 'a client never came back'

    @property
    def settled(self):
        return sum(c.settled for c in self.clients)

    def until(self, settled, seconds=60):
        """Waits until so many more requests were settled."""
        goal = self.settled + settled
        env.wait_until(lambda: self.settled >= goal or self.problems, seconds)

    def seen(self, wanted, seconds=120):
        """Waits until each of WANTED, (operation, outcome), was answered once."""
        def missing():
            with self.journal.lock:
                return set(wanted) - {(e['op'], e['outcome']) for e in self.journal.events}
        try:
            env.wait_until(lambda: self.problems or not missing(), seconds)
        except AssertionError:
            raise AssertionError('in %s s nobody met %s' % (seconds, sorted(missing()))) from None

    def age(self, key, seconds):
        """Sets the end of a hold earlier; the outcome."""
        return self.earlier('(SELECT v.booking_id FROM visitor_booking v JOIN visitor_session s ON s.id = v.session_id WHERE s.token_hash = %s)', bytes.fromhex(key), seconds)

    def age_offer(self, uid, seconds):
        """The same with what is offered, if nobody went on with it."""
        return self.earlier('(SELECT o.booking_id FROM waitlist_offer o JOIN booking b ON b.id = o.booking_id'
                            ' WHERE b.uid = %s AND o.accepted = 0)', uid, seconds)

    def earlier(self, which, value, seconds):
        try:
            connection = self.database.connect(connect_timeout=3, read_timeout=5)
            try:
                with connection.cursor() as cursor:
                    # Of two nodes this one may not have applied yet what was answered by the other.
                    cursor.execute('SET SESSION wsrep_sync_wait = 15')
                    changed = cursor.execute("UPDATE booking SET hold_expires_at = hold_expires_at - %s WHERE status = 'held' AND id = " + which,
                                             (seconds, value))
            finally:
                connection.close()
        except pymysql.err.MySQLError:
            return 'lost'
        return 'ok' if changed else 'gone'

    def look_in(self):
        """The state at this moment, which must be right in the middle of everything, too."""
        try:
            _, found = dump(self.database, checker_state.TABLES)
        except pymysql.err.MySQLError:
            return  # it was just killed
        self.moments += 1
        self.problems += ['at %.3f: %s: %s' % (time.time(), *problem) for problem in checker.moment(found)]

    def judge(self, database=None):
        """Every problem of the history with what this database holds now."""
        at, found = dump(database or self.database)
        problems = checker.check(self.journal.events, found, found['witness'], self.hold_time, at, self.first, self.offer_time)
        if problems:
            with open(self.journal.path + '.dump', 'w', encoding='utf-8') as f:
                json.dump({'at': at, 'problems': problems, 'dump': found}, f, default=str)
        return problems


def open_days(database):
    """Weekdays on which the sample clinic is open, as written in addresses."""
    closed = {str(d) for first, last in database.rows('SELECT first_day, last_day FROM closure') for d in (first, last)}
    days = [time.gmtime(time.time() + n * 86400) for n in range(8, 170)]
    return [d for d in (time.strftime('%Y-%m-%d', t) for t in days if t.tm_wday < 5) if d not in closed]
