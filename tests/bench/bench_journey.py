# SPDX-License-Identifier: Apache-2.0
"""A whole booking over HTTP, as a browser does it: the times of a day, the hold, details, two forms read and signed, the check, the
booking and its page. For 1, 8 and 64 clients: processor time of httpd and of MariaDB, of the whole booking and, for one client, of each
request, and how many requests for a static file httpd answers in the time of one booking. Run by `make bench`."""
import datetime
import http.client
import os
import re
import statistics
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

BOOKINGS = {1: 40, 8: 10, 64: 2}  # of each client in each round
ROUNDS = int(os.environ.get('ROUNDS', 5))
TICK = os.sysconf('SC_CLK_TCK')
FORMS = """
INSERT INTO form (id, code, name) VALUES (1, 'treatment', 'Treatment'), (2, 'privacy', 'Privacy');
INSERT INTO form_version (form_id, version, title, body, sha256, published_at) SELECT id, 1, name, CONCAT('## ', name,
  '\\n', REPEAT('What is done, what may go wrong and what else could be done. ', 60)), UNHEX(SHA2('', 256)), 0 FROM form;
INSERT INTO service_form (service_id, form_id, display_order) SELECT 1, id, id FROM form;
"""
ABOUT = dict(family='Bench', given='Ada', birth_date='12/10/1962', gender='female', email='ada@example.org', phone='603-555-0142',
             address_line='7 Analytical Way', city='Dover', state='NH', postal_code='03820', body_site='knee', side='right', pay='self')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
FORM = re.compile(r'<form\b[^>]*action="([^"]+)".*?</form>', re.S)


class Browser:
    """One connection, its cookies, and what a page's form sends."""

    def __init__(self, port):
        self.to, self.cookies, self.seen = http.client.HTTPConnection('127.0.0.1', port), {}, None

    def ask(self, method, path, fields=None):
        """The page that comes in the end; its text."""
        while True:
            head = {'Cookie': '; '.join('%s=%s' % c for c in self.cookies.items()), 'Connection': 'keep-alive'}
            if fields is not None:
                head['Content-Type'] = 'application/x-www-form-urlencoded'
            if self.seen:
                self.seen(method, path)
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
            raise RuntimeError('no form %s on %s' % (action, page[:3000]))
        to, hidden = forms[which % len(forms)]
        return self.ask('POST', to, dict(hidden, **fields))


def book(browser, day, which):
    """From a day's times to the booked page. Two clients may want the same time: then another one is chosen."""
    browser.cookies.clear()
    times = '/clinic/services/chain/times?day=%s' % day
    browser.ask('GET', '/clinic/services')
    while True:
        _, _, page = browser.ask('GET', times)
        status, where, page = browser.send(page, '/holds$', which)
        if status == 200 and '/booking/details' in where:
            break
        which += 1
    _, where, page = browser.send(page, '/booking/details$', **ABOUT)
    query = '?' + where.split('?', 1)[1] if '?' in where else ''
    _, _, page = browser.ask('GET', '/clinic/booking/consent' + query)
    for form in ('treatment', 'privacy'):
        _, _, page = browser.ask('GET', '/clinic/booking/consent/%s%s' % (form, query))
        browser.send(page, '/booking/consent/' + form, signer_name='Ada Bench', agree='yes')
    _, _, page = browser.ask('GET', '/clinic/booking/check' + query)
    status, where, page = browser.send(page, '/booking/check$')
    if status != 200 or 'You are booked' not in page:
        raise RuntimeError('not booked: %d %s %s' % (status, where, page[:3000]))


def used(pids):
    """Seconds of processor time."""
    total = 0
    for pid in pids:
        fields = env.read('/proc/%d/stat' % pid).rsplit(')', 1)[1].split()
        total += int(fields[11]) + int(fields[12])
    return total / TICK


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


def whole(server, database, clients, days):
    """Prints one line; milliseconds of httpd and MariaDB for one booking."""
    name, size = bench_times.twin(server, '/clinic/services')
    web, data, files = [], [], []
    for _ in range(ROUNDS):
        pids, base = server.children(), [int(env.read(os.path.join(database.dir, 'mariadbd.pid')))]
        before = used(pids), used(base)
        crowd(server.port, clients, days)
        n = clients * BOOKINGS[clients]
        web.append((used(pids) - before[0]) / n * 1000)
        data.append((used(base) - before[1]) / n * 1000)
        before = used(pids)
        bench_times.load(server, name, clients)
        files.append((web[-1] + data[-1]) / ((used(pids) - before) / bench_times.REQUESTS[clients] * 1000))
    print('%-50s %5.1f ms of processor time, %.1f of them httpd and %.1f MariaDB; as %d requests for a static file of %d bytes' % (
        'a whole booking, %d client%s' % (clients, 's' * (clients > 1)), statistics.median(web) + statistics.median(data),
        statistics.median(web), statistics.median(data), statistics.median(files), size), flush=True)


def each(server, database, days):
    """Of each request of one client: milliseconds of both, over many bookings."""
    pids, base = server.children(), [int(env.read(os.path.join(database.dir, 'mariadbd.pid')))]
    spent, last = {}, []
    many = 60

    def seen(method, path):
        now = used(pids), used(base)
        if last:
            name = last[0]
            web, data, n = spent.get(name, (0, 0, 0))
            spent[name] = web + now[0] - last[1][0], data + now[1] - last[1][1], n + 1
        path = re.sub(r'\?.*', '', path).removeprefix('/clinic')
        last[:] = ['%s %s' % (method, re.sub(r'(consent|services)/[a-z]+', r'\1/*', path)), now]

    browser = Browser(server.port)
    browser.seen = seen
    for i in range(many):
        if i % 3 == 0:
            day = days.take()
        book(browser, day, i * 7)
    for name, (web, data, n) in spent.items():
        print('    %-30s %4.1f ms httpd %5.1f ms MariaDB, %4.1f times a booking' % (name, web / n * 1000, data / n * 1000, n / many),
              flush=True)


def main():
    with tempfile.TemporaryDirectory(prefix='regen-bench.') as where:
        os.chmod(where, 0o755)
        database = run.BenchDatabase(os.path.join(where, 'db')).start()
        server = env.Server(os.path.join(where, 'httpd'), database, sizing=bench_times.SIZING,
                            extra='RegenHoldsPerClient 0\nRegenLinkRate Off\n')
        try:
            env.regenctl(database, 'migrate', os.path.join(env.ROOT, 'sql'), owner=True)
            clinic.make(database)
            database.admin('USE regen;' + FORMS)
            server.start()
            days = Days()
            crowd(server.port, 1, days)  # what processes keep is kept
            for clients in (1, 8, 64):
                whole(server, database, clients, days)
            each(server, database, days)
        finally:
            server.stop()
            database.stop()


if __name__ == '__main__':
    main()
