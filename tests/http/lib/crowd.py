# SPDX-License-Identifier: Apache-2.0
"""Many patients at once: quick visitors for the race, soak and fault tests, and what must be true when they are gone.

A visitor here reads pages with regular expressions, because a parser would be most of the load. It repeats what failed
as browsers do: the same form with the same key, so that a repetition is safe."""
import base64
import hashlib
import html
import random
import re
import threading
import time
import urllib.parse

import httpx

import env

FORM = 'application/x-www-form-urlencoded'
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
IDEM = re.compile(r'name="idem" value="([^"]+)"')
TIMES = re.compile(r'name="idem" value="([^"]+)"><input type="hidden" name="service" value="[^"]+">'
                   r'(?:<input type="hidden" name="instead" value="[^"]+">)?(?:<input type="hidden" name="practitioner" value="\d+">)?'
                   r'<input type="hidden" name="start" value="(\d+)">')
# Of which booking a form is, and as of when its page showed it.
BOOKING = re.compile(r'name="idem" value="[^"]+"><input type="hidden" name="booking" value="([^"]+)">')
VERSION = re.compile(r'name="version" value="(\d+)"')
ABOUT = re.compile(r'[?&;]booking=([^&"#]+)')
DAYS = re.compile(r'[?&;]day=(\d{4}-\d\d-\d\d)')
NEXT_MONTH = re.compile(r'href="[^"?]*(\?[^"]*)" rel="next"')
SHA256 = re.compile(r'name="text_sha256" value="([0-9a-f]{64})"')
OPEN_FORM = re.compile(r'href="[^"]*(/booking/consent/[a-z-]+(?:\?booking=[^"]+)?)"')
PATIENT = dict(family='Storm', given='Petra', birth_date='1971-03-09', gender='female', email='petra@example.org',
               phone='603-555-0188', address_line='1 Harbor Road', city='Dover', state='NH', postal_code='03820')
SELF_PAY = dict(pay='self')
LETTERS = str.maketrans('0123456789', 'ABCDEFGHIJ')


def somebody(booking):
    """A person of the booking's own: nobody is at two visits at once, and here many are booked for the same hours."""
    return dict(PATIENT, given='Petra ' + booking.translate(LETTERS))


class Lost(Exception):
    """No answer that settles the request within the patience of a person."""


class Visitor:
    """One browser. PATIENCE: how long a request is repeated after 503 or a broken connection; 0 takes every answer as it
    is and forgives only what browsers forgive: a kept connection that the server had closed. FRESH: a connection per
    request, where nothing is forgiven."""

    def __init__(self, base, patience=0, fresh=False, http2=False):
        self.base, self.patience, self.fresh = base, patience, fresh
        limits = httpx.Limits(max_connections=1, max_keepalive_connections=0 if fresh else 1)
        self.client = env.http_client(timeout=30, limits=limits, http1=not http2, http2=http2)
        self.busy = self.broken = 0
        self.statuses = {}

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.client.close()

    def forget(self):
        """A new browser."""
        self.client.cookies.clear()

    def come_back(self, link, born=None):
        """By a private link, in a browser that does not know the booking."""
        self.expect(self.get(link), 303, 'link')
        page = self.expect(self.get('/booking/open'), 200, 'date of birth')
        self.expect(self.post('/booking/open', birth_date=born or PATIENT['birth_date'], **self.hidden(page)), 303, 'opening')

    def become(self, other):
        """The same browser as OTHER: its cookies."""
        self.client.cookies = httpx.Cookies(other.client.cookies)

    @property
    def session(self):
        """The token of the booking's session, or None."""
        value = self.client.cookies.get('regen_p') or ''
        return value.split('.', 1)[1] if '.' in value else None

    def once(self, method, path, body):
        headers = {'Connection': 'close'} if self.fresh else {}
        if body is not None:
            headers.update({'Content-Type': FORM, 'Origin': env_origin(self.base)})
        return self.client.request(method, self.base + path, content=body, headers=headers)

    def send(self, method, path, fields=None):
        """The answer that settles it: anything but 503."""
        body = urllib.parse.urlencode(fields).encode() if fields is not None else None
        end = time.monotonic() + self.patience
        repeated = False
        while True:
            try:
                answer = self.once(method, path, body)
            except httpx.TransportError as problem:
                self.broken += 1
                forgiven = not self.fresh and not repeated and isinstance(
                    problem, (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError))
                if time.monotonic() > end and not forgiven:
                    raise Lost('%s %s: %r' % (method, path, problem)) from problem
                repeated = True
                if self.patience:
                    time.sleep(random.uniform(0.02, 0.1))
                continue
            self.statuses[answer.status_code] = self.statuses.get(answer.status_code, 0) + 1
            if answer.status_code != 503 or not self.patience:
                return answer
            self.busy += 1
            assert answer.headers.get('retry-after', '').isdigit(), 'a 503 without Retry-After'
            if time.monotonic() > end:
                raise Lost('%s %s: 503 for %s s' % (method, path, self.patience))
            time.sleep(random.uniform(0.05, 0.25))

    def get(self, path):
        return self.send('GET', path)

    def post(self, path, **fields):
        return self.send('POST', path, fields)

    # --- the journey ---------------------------------------------------------------------------------------------------

    def times(self, service, day=None, instead=None):
        """(csrf, {start: key}) of the day, or of the first day that has times; INSTEAD: of another booking of this browser."""
        asked = {k: v for k, v in (('day', day), ('instead', instead)) if v}
        page = self.get('/services/%s/times' % service + ('?' + urllib.parse.urlencode(asked) if asked else ''))
        assert page.status_code == 200, 'times: %d' % page.status_code
        csrf = CSRF.search(page.text)
        return csrf.group(1) if csrf else None, {int(start): key for key, start in TIMES.findall(page.text)}

    def days(self, service, many=6):
        """The first days that have times, as written in addresses: at least MANY of them, over as many months as that
        takes, because at the end of a month few are left in it."""
        found, month = set(), ''
        for _ in range(7):
            page = self.get('/services/%s/times%s' % (service, month))
            assert page.status_code == 200, 'times: %d' % page.status_code
            found.update(DAYS.findall(page.text))
            following = NEXT_MONTH.search(page.text)
            if len(found) >= many or not following:
                break
            month = html.unescape(following.group(1))
        return sorted(found)

    def hold(self, service, start, csrf, key, **more):
        return self.post('/holds', csrf=csrf, idem=key, service=service, start=start, **more)

    def hidden(self, page):
        """What a form of the patient's carries; of a page of one booking, also which and as of when."""
        fields = dict(csrf=CSRF.search(page.text).group(1), idem=IDEM.search(page.text).group(1))
        booking, version = BOOKING.search(page.text), VERSION.search(page.text)
        if booking:
            fields['booking'] = booking.group(1)
            if version:
                fields['version'] = version.group(1)
        return fields

    def expect(self, answer, status, what):
        """STATUS is one, or several that are right."""
        right = status if isinstance(status, tuple) else (status,)
        assert answer.status_code in right, '%s: %d' % (what, answer.status_code)
        return answer

    def fill_in(self, body_site='knee', side='left', about=None, **who):
        """Details and consents of a held time, of the one ABOUT where the browser has several; the page with the last button."""
        which = '?booking=' + about if about else ''
        page = self.expect(self.get('/booking/details' + which), 200, 'details page')
        fields = self.hidden(page)
        who = {**somebody(fields['booking']), **who}
        self.expect(self.post('/booking/details', **{**SELF_PAY, **who}, body_site=body_site, side=side, **fields), 303, 'details')
        page = self.expect(self.get('/booking/consent' + which), 200, 'consents')
        for path in sorted(set(OPEN_FORM.findall(page.text))):
            form = self.expect(self.get(path), 200, path)
            shown = SHA256.search(form.text)
            if shown:
                name = '%(given)s %(family)s' % who
                self.expect(self.post(path, signer_name=name, agree='yes', text_sha256=shown.group(1), **self.hidden(form)),
                            303, path)
        return self.expect(self.get('/booking/check' + which), 200, 'check page')

    def book(self, **who):
        """From a held time to a booked one; the last answer."""
        page = self.fill_in(**who)
        return self.expect(self.post('/booking/check', **self.hidden(page)), 303, 'booking')


def env_origin(base):
    parts = urllib.parse.urlsplit(base)
    return '%s://%s' % (parts.scheme, parts.netloc)


# --- a crowd -----------------------------------------------------------------------------------------------------------------

class Crowd:
    """COUNT patients who book until told to stop. Every attempt is carried through to an answer that settles it."""

    def __init__(self, base, count, service='consultation', days=None, patience=30, fresh=lambda n: False, finish=0.15,
                 seed=None):
        self.base, self.service, self.days, self.patience, self.fresh = base, service, days, patience, fresh
        self.finish = finish
        self.stopping = threading.Event()
        self.held, self.booked, self.refused, self.full, self.failures = [], [], 0, 0, []
        self.statuses, self.busy, self.broken = {}, 0, 0
        self.lock = threading.Lock()
        self.seed = seed if seed is not None else random.randrange(1 << 30)
        self.threads = [threading.Thread(target=self.patient, args=(n,), daemon=True) for n in range(count)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *exc):
        self.stopping.set()
        for thread in self.threads:
            thread.join(self.patience + 60)
        assert not any(t.is_alive() for t in self.threads), 'a patient never came back'

    def patient(self, n):
        dice = random.Random(self.seed * 1000 + n)
        with Visitor(self.base, self.patience, self.fresh(n)) as visitor:
            try:
                while not self.stopping.is_set():
                    self.attempt(visitor, dice)
                    # People think, and a fast server would be sold out before a test is over.
                    self.stopping.wait(dice.random() * 0.4)
            except Exception as problem:
                with self.lock:
                    self.failures.append('%s: %s' % (type(problem).__name__, problem))
            with self.lock:
                for status, times in visitor.statuses.items():
                    self.statuses[status] = self.statuses.get(status, 0) + times
                self.busy += visitor.busy
                self.broken += visitor.broken

    def attempt(self, visitor, dice):
        visitor.forget()
        csrf, times = visitor.times(self.service, dice.choice(self.days) if self.days else None)
        if not times:
            with self.lock:
                self.full += 1
            return
        # Early times are liked most, so that many want the same.
        start = dice.choice(sorted(times)[:3 if dice.random() < 0.7 else None])
        answer = visitor.hold(self.service, start, csrf, times[start])
        if answer.status_code == 409:
            with self.lock:
                self.refused += 1
            return
        visitor.expect(answer, 303, 'hold')
        assert visitor.session, 'a hold without a session'
        with self.lock:
            self.held.append((visitor.session, start))
        if dice.random() < self.finish:
            visitor.book()
            with self.lock:
                self.booked.append((visitor.session, start))

    @property
    def settled(self):
        return len(self.held) + self.refused + self.full

    def until(self, settled, seconds=60):
        """Waits until so many more attempts were settled."""
        goal = self.settled + settled
        env.wait_until(lambda: self.settled >= goal or self.failures, seconds)


def about(answer):
    """The booking that a redirect leads to."""
    return ABOUT.search(answer.headers['location']).group(1)


def token_hash(token):
    return hashlib.sha256(base64.urlsafe_b64decode(token + '=' * (-len(token) % 4))).digest()


def session_bookings(database, token):
    """The bookings that a session's token opens, by name."""
    return {row[0] for row in database.rows('SELECT b.uid FROM visitor_session s JOIN visitor_booking v ON v.session_id = s.id'
                                            ' JOIN booking b ON b.id = v.booking_id WHERE s.token_hash = %s', token_hash(token))}


def session_booking(database, token):
    """(booking id, status, start) behind a session's token."""
    rows = database.rows('SELECT b.id, b.status, b.starts_at FROM visitor_session s'
                         ' JOIN visitor_booking v ON v.session_id = s.id JOIN booking b ON b.id = v.booking_id'
                         ' WHERE s.token_hash = %s', token_hash(token))
    return rows[0] if rows else None


def all_there(database, crowd):
    """What was answered is what is stored, no more and no less."""
    wrong = list(crowd.failures)
    known = set()
    for kind, answered, right in (('held', crowd.held, {'held', 'booked'}), ('booked', crowd.booked, {'booked'})):
        for token, start in answered:
            found = session_booking(database, token)
            if found is None or found[1] not in right or found[2] != start:
                wrong.append('a patient was told %s for %d, stored is %r' % (kind, start, found))
            else:
                known.add(found[0])
    if len(known) != len(crowd.held):
        wrong.append('%d holds were answered for %d bookings' % (len(crowd.held), len(known)))
    return wrong, known


# --- what must be true afterwards ------------------------------------------------------------------------------------------------

LIVE = "('held','booked','arrived','in-progress','completed')"
DAY, GRANULE, WORD = 86400, 300, 64

NEVER = [
    ('a granule of a booking that is not live',
     'SELECT o.resource_id, o.granule FROM occupancy o LEFT JOIN booking b ON b.id = o.booking_id AND b.status IN ' + LIVE +
     ' WHERE b.id IS NULL'),
    ('a live booking that lacks steps',
     'SELECT b.id FROM booking b WHERE b.status IN ' + LIVE + ' AND (SELECT COUNT(*) FROM booking_step s WHERE s.booking_id = b.id)'
     ' <> (SELECT COUNT(*) FROM service_step d WHERE d.service_id = b.service_id)'),
    ('a step that lacks somebody or something',
     'SELECT s.booking_id, s.step_no FROM booking_step s JOIN booking b ON b.id = s.booking_id AND b.status IN ' + LIVE +
     ' WHERE (SELECT COUNT(*) FROM booking_resource r WHERE r.booking_id = s.booking_id AND r.step_no = s.step_no) <> (SELECT COALESCE(SUM(n.quantity), 0)'
     ' FROM service_need n WHERE n.service_id = b.service_id AND n.step_no = s.step_no)'),
    ('a step longer than its resources are taken',
     'SELECT s.booking_id, s.step_no FROM booking_step s JOIN booking_resource r ON r.booking_id = s.booking_id AND r.step_no = s.step_no'
     ' WHERE r.busy_from > s.starts_at OR r.busy_until < s.ends_at'),
    ('a booking without its appointments',
     'SELECT b.id FROM booking b WHERE (SELECT COUNT(*) FROM appointment a WHERE a.booking_id = b.id)'
     ' <> (SELECT COUNT(DISTINCT s.visit_no) FROM booking_step s WHERE s.booking_id = b.id)'),
    ('a step outside its booking',
     'SELECT s.booking_id, s.step_no FROM booking_step s JOIN booking b ON b.id = s.booking_id'
     ' WHERE s.starts_at < b.starts_at OR s.ends_at > b.ends_at'),
    ('a resource in two places at once',
     'SELECT a.booking_id, c.booking_id, a.resource_id FROM booking_resource a JOIN booking x ON x.id = a.booking_id AND x.status IN '
     + LIVE + ' JOIN booking_resource c ON c.resource_id = a.resource_id AND c.booking_id > a.booking_id AND c.busy_from < a.busy_until'
     ' AND c.busy_until > a.busy_from JOIN booking y ON y.id = c.booking_id AND y.status IN ' + LIVE),
    ('a treatment that began without its consents',
     "SELECT b.id FROM booking b JOIN service_form f ON f.service_id = b.service_id WHERE b.status IN"
     " ('arrived','in-progress','completed') AND NOT EXISTS (SELECT 1 FROM consent c JOIN form_version v"
     " ON v.id = c.form_version_id WHERE c.booking_id = b.id AND v.form_id = f.form_id)"),
    ('an unfinished or repeated invoice',
     'SELECT i.id FROM invoice i LEFT JOIN invoice_line l ON l.invoice_id = i.id GROUP BY i.id, i.total_minor'
     ' HAVING COALESCE(SUM(l.total_minor), -1) <> i.total_minor'),
    ('a gap in the invoice numbers',
     'SELECT series, COUNT(*), MAX(number) FROM invoice GROUP BY series HAVING COUNT(*) <> MAX(number) OR MIN(number) <> 1'),
    ('a counter that is ahead of its invoices',
     'SELECT s.series, s.last FROM invoice_series s WHERE s.last <> (SELECT COALESCE(MAX(i.number), 0) FROM invoice i'
     ' WHERE i.series = s.series)'),
]


def contradictions(database):
    """Everything stored that must never be: by these statements, which know nothing of the module's own, and by regenctl."""
    wrong = []
    for what, sql in NEVER:
        wrong += ['%s: %r' % (what, row) for row in database.rows(sql)[:5]]
    wrong += occupancy_wrong(database)
    done = env.regenctl(database, 'check', check=False)
    if done.returncode != 0:
        wrong.append('regenctl check: %s%s' % (done.stdout, done.stderr))
    return wrong


def occupancy_wrong(database):
    """Occupancy against what live bookings need, and the day bitmaps against occupancy, both worked out here."""
    needed = {}
    for booking, resource, begin, end in database.rows(
            'SELECT r.booking_id, r.resource_id, r.busy_from, r.busy_until FROM booking_resource r JOIN booking b'
            ' ON b.id = r.booking_id AND b.status IN ' + LIVE):
        for granule in range(begin // GRANULE, -(-end // GRANULE)):
            needed[resource, granule] = booking
    taken = {(r, g): b for r, g, b in database.rows('SELECT resource_id, granule, booking_id FROM occupancy')}
    wrong = ['occupancy %r: needed by %s, taken by %s' % (k, needed.get(k), taken.get(k))
             for k in sorted(needed.keys() | taken.keys()) if needed.get(k) != taken.get(k)][:5]
    folded = {}
    for resource, granule in taken:
        day, bit = divmod(granule, DAY // GRANULE)
        folded[resource, day] = folded.get((resource, day), 0) | 1 << bit
    stored = {(row[0], row[1]): sum(w << WORD * i for i, w in enumerate(row[2:]))
              for row in database.rows('SELECT resource_id, day, w0, w1, w2, w3, w4 FROM day_bitmap')}
    return wrong + ['day bitmap of %r differs from occupancy' % (k,) for k in sorted(folded.keys() | stored.keys())
                    if folded.get(k, 0) != stored.get(k, 0)][:5]


def at_once(count, work):
    """Runs WORK(n) in COUNT threads that start together; the results in order, exceptions included."""
    barrier, results = threading.Barrier(count), [None] * count

    def one(n):
        try:
            barrier.wait(30)
            results[n] = work(n)
        except Exception as problem:
            results[n] = problem

    threads = [threading.Thread(target=one, args=(n,), daemon=True) for n in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return results
