# SPDX-License-Identifier: Apache-2.0
"""A whole booking over HTTP, as a browser does it for the first time: the first page with style and script, a month, a day, the hold,
details, the check, two forms read and signed, the booking and its page. At 1, 8 and 64 clients: processor time of httpd and of MariaDB for
one booking, beside a bare loop of the statements that it cannot do without (journey_bare.c), in turns; then each request by itself, with
its statements. Processor time is what the kernel says of the threads of both (/proc, schedstat); clients are not counted. Run by `make
bench`."""
import datetime
import http.client
import os
import random
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, '..', 'http', 'lib')]
import bench_times  # noqa: E402
import clinic_of_bench as clinic  # noqa: E402
import env  # noqa: E402
import run  # noqa: E402

BOOKINGS = {1: 20, 8: 5, 64: 1}  # of each client in each round
ROUNDS = int(os.environ.get('ROUNDS', 3))
BARE = os.path.join(env.BUILD, 'bench', 'journey_bare')
FORMS = """
INSERT INTO form (id, code, name) VALUES (1, 'treatment', 'Treatment'), (2, 'privacy', 'Privacy');
INSERT INTO form_version (form_id, version, title, body, sha256, published_at) SELECT id, 1, name, CONCAT('## ', name,
  '\\n', REPEAT('What is done, what may go wrong and what else could be done. ', 60)), UNHEX(SHA2('', 256)), 0 FROM form;
INSERT INTO service_form (service_id, form_id, display_order) SELECT 1, id, id FROM form;
"""
ABOUT = dict(family='Bench', birth_date='12/10/1962', gender='female', email='ada@example.org', phone='603-555-0142',
             address_line='7 Analytical Way', city='Dover', state='NH', postal_code='03820', body_site='knee', side='right', pay='self')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
DRAWN = re.compile(r'(?:href|src)="([^"]+/static/regen\.[^"]+)"')
FORM = re.compile(r'<form\b[^>]*action="([^"]+)".*?</form>', re.S)


class Browser:
    """One connection, its cookies, and what a page's form sends."""

    def __init__(self, port):
        self.to, self.cookies, self.seen, self.requests = http.client.HTTPConnection('127.0.0.1', port), {}, None, 0

    def ask(self, method, path, fields=None):
        """The page that comes in the end; its text."""
        while True:
            head = {'Cookie': '; '.join('%s=%s' % c for c in self.cookies.items()), 'Connection': 'keep-alive'}
            if fields is not None:
                head['Content-Type'] = 'application/x-www-form-urlencoded'
            if self.seen:
                self.seen(method, path)
            self.requests += 1
            self.to.request(method, path, urllib.parse.urlencode(fields) if fields is not None else None, head)
            answer = self.to.getresponse()
            text = answer.read().decode()
            for line in answer.msg.get_all('Set-Cookie') or []:
                name, value = line.split(';', 1)[0].split('=', 1)
                self.cookies[name] = value
            if answer.status not in (302, 303):
                return answer.status, path, text
            method, fields = 'GET', None
            path = urllib.parse.urlsplit(urllib.parse.urljoin(path, answer.headers['Location']))
            path = path.path + ('?' + path.query if path.query else '')

    def forms(self, page, action):
        return [(m.group(1), dict(HIDDEN.findall(m.group(0)))) for m in FORM.finditer(page) if re.search(action, m.group(1))]

    def send(self, page, action, which=0, **fields):
        forms = self.forms(page, action)
        if not forms:
            raise RuntimeError('no form %s on %s' % (action, page[-600:]))
        to, hidden = forms[which % len(forms)]
        return self.ask('POST', to, dict(hidden, **fields))


def book(browser, day, which):
    """From the first page to the booked one, by somebody who was never here. Two clients may want the same time: then another one is
    chosen."""
    browser.cookies.clear()
    browser.requests = 0
    given = ''.join(random.choices('abcdefghijklmnopqrstuvwxyz', k=10)).title()
    times = '/clinic/services/chain/times?day=%s' % day
    _, _, page = browser.ask('GET', '/clinic/services')
    for drawn in DRAWN.findall(page):
        browser.ask('GET', drawn)
    browser.ask('GET', '/clinic/services/chain/times?month=' + day[:7])
    while True:
        _, _, page = browser.ask('GET', times)
        status, where, page = browser.send(page, '/holds$', which)
        if status == 200 and '/booking/details' in where:
            break
        which += 1
    _, where, page = browser.send(page, '/booking/details$', given=given, **ABOUT)
    query = '?' + where.split('?', 1)[1] if '?' in where else ''
    browser.ask('GET', '/clinic/booking/consent' + query)
    for form in ('treatment', 'privacy'):
        _, _, page = browser.ask('GET', '/clinic/booking/consent/%s%s' % (form, query))
        browser.send(page, '/booking/consent/' + form, signer_name=given + ' Bench', agree='yes')
    _, _, page = browser.ask('GET', '/clinic/booking/check' + query)
    status, where, page = browser.send(page, '/booking/check$')
    if status != 200 or 'You are booked' not in page:
        raise RuntimeError('not booked: %d %s %s' % (status, where, page[:3000]))


def used(pids):
    """Milliseconds of processor time, also of threads that ended: Linux's clock of another process, as clock_getcpuclockid(3) names it."""
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in pids) * 1e3


class Bare:
    """The bare loop, a process of its own."""

    def __init__(self, database):
        variables = dict(run.environment(database, 'journey_bare'), REGEN_BENCH_FORMS=FORMS)
        self.process = subprocess.Popen([BARE], env=variables, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.statements = int(self.answer())

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError('journey_bare ended: %s' % self.process.wait())
        return line

    def say(self, line):
        self.process.stdin.write(line + '\n')
        self.process.stdin.flush()
        return self.answer()

    def round(self, clients, base):
        """Milliseconds of the loop and of MariaDB for one booking."""
        self.say('%d %d' % (clients, BOOKINGS[clients]))
        before = used(base)
        own = float(self.say('go'))
        return own, (used(base) - before) / (clients * BOOKINGS[clients])

    def end(self):
        self.process.stdin.close()
        try:
            code = self.process.wait(timeout=60)
        finally:
            self.process.kill()
        if code != 0:
            raise RuntimeError('journey_bare failed')


class Days:
    """A day with plenty of times for each client, and the next one once a client has used some."""

    def __init__(self):
        self.day, self.lock = clinic.next_month(), threading.Lock()

    def take(self):
        with self.lock:
            self.day += datetime.timedelta(days=1)
            while self.day.weekday() >= 5 or (self.day.month, self.day.day) == (12, 25):
                self.day += datetime.timedelta(days=1)
            return self.day.isoformat()


def walk(port, many, days, failed):
    browser = Browser(port)
    try:
        for i in range(many):
            if i % 3 == 0:
                day = days.take()
            book(browser, day, i * 7)
    except Exception as e:  # a thread's error is told by who waits for it
        failed.append(e)


def crowd(port, clients, days):
    """Seconds that CLIENTS take for theirs."""
    failed = []
    threads = [threading.Thread(target=walk, args=(port, BOOKINGS[clients], days, failed)) for _ in range(clients)]
    begin = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        raise failed[0]
    return time.monotonic() - begin


def whole(server, bare, base, clients, days):
    """Prints one line."""
    name, _ = bench_times.twin(server, '/clinic/services')
    web, data, loop, bare_data, ratios, files = [], [], [], [], [], []
    for _ in range(ROUNDS):
        pids, n = server.children(), clients * BOOKINGS[clients]
        before = used(pids), used(base)
        crowd(server.port, clients, days)
        web.append((used(pids) - before[0]) / n)
        data.append((used(base) - before[1]) / n)
        own, theirs = bare.round(clients, base)
        loop.append(own)
        bare_data.append(theirs)
        ratios.append((web[-1] + data[-1]) / (own + theirs))
        before = used(pids)
        bench_times.load(server, name, clients)
        files.append((web[-1] + data[-1]) / ((used(pids) - before) / bench_times.REQUESTS[clients]))
    middle = statistics.median
    print('%-28s %5.1f x the processor time of the bare loop (httpd %.1f + MariaDB %.1f ms; loop %.1f + %.1f ms); as %d requests for a static file' % (
        'a whole booking, %d client%s' % (clients, 's' * (clients > 1)), middle(ratios), middle(web), middle(data), middle(loop),
        middle(bare_data), middle(files)), flush=True)


def requests_of(server, days, many, read):
    """For each request of MANY bookings of one client, by its route: how often, and what READ's numbers grew by."""
    grown, last = {}, []

    def seen(method, path):
        now = read()
        if last:
            name, before = last
            grown[name] = [x + y for x, y in zip(grown.get(name, [0] * (len(now) + 1)), [1] + [b - a for a, b in zip(before, now)])]
        path = re.sub(r'\?.*', '', path).removeprefix('/clinic')
        last[:] = [method + ' ' + re.sub(r'(consent|services|static)/[a-z.]+', r'\1/*', path), now]

    browser = Browser(server.port)
    browser.seen = seen
    for i in range(many):
        if i % 3 == 0:
            day = days.take()
        book(browser, day, i * 7)
    seen('', '')
    return grown


def each(server, database, base, days):
    """Of each request: milliseconds of both, and statements."""
    spent = requests_of(server, days, 30, lambda: (used(server.children()), used(base)))
    said = requests_of(server, days, 3, lambda: (bench_times.executed(database),))
    for name, (n, web, data) in spent.items():
        print('    %-28s %4.1f times  %5.2f ms httpd %5.2f ms MariaDB  %2d statements' % (
            name, n / 30, web / n, data / n, round(said[name][1] / said[name][0])), flush=True)


def end(*_):
    """By a signal: what was started is stopped, whatever signal follows."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit('ended')


def main():
    signal.signal(signal.SIGTERM, end)
    with tempfile.TemporaryDirectory(prefix='regen-bench.') as where:
        os.chmod(where, 0o755)
        database = run.BenchDatabase(os.path.join(where, 'db'))
        server = env.Server(os.path.join(where, 'httpd'), database, sizing=bench_times.SIZING,
                            extra='RegenHoldsPerClient 0\nRegenLinkRate Off\nRegenDatabaseAcquireTimeout 60s\nRegenDatabaseIOTimeout 60s\n')
        bare = None
        try:
            database.start()
            env.regenctl(database, 'migrate', os.path.join(env.ROOT, 'sql'), owner=True)
            clinic.make(database)
            database.admin('USE regen;' + FORMS)
            server.start()
            days = Days()
            bare = Bare(database)
            base = [int(env.read(os.path.join(database.dir, 'mariadbd.pid')))]
            crowd(server.port, 1, days)  # what processes keep is kept
            for clients in (1, 8, 64):
                bare.round(clients, base)
            for clients in (1, 8, 64):
                whole(server, bare, base, clients, days)
            print('    of these, the bare loop says %d statements' % bare.statements, flush=True)
            each(server, database, base, days)
        finally:
            try:
                if bare:
                    bare.end()
            finally:
                try:
                    server.stop()
                finally:
                    database.stop()


if __name__ == '__main__':
    main()
