# SPDX-License-Identifier: Apache-2.0
"""More clients for history.py: people who wait for a time, take what is offered, leave it to others or let it pass; and the front desk,
who books for callers, moves, breaks rules with a reason and blocks time. What they wrote is judged by checker_desk.py."""
import datetime
import re
import time
import urllib.parse
import zoneinfo

import crowd
import env
import history
from checker_desk import OFF_GRID

HEADING = re.compile(r'<h1[^>]*>([^<]*)</h1>')
OFFERED = re.compile(r'<strong>\w+ (\d+ \w+ \d{4}, \d+:\d\d [ap]m)[^<(]*\([^<]*\)</strong>')
OFFER = re.compile(r'name="offer" value="(\w{26})"')
PLACES = {'A time is free for you': 'offered', 'You are on the waitlist': 'waiting', 'You accepted a time': 'taken',
          'You are no longer on the waitlist': 'closed'}
UID = re.compile(r'/staff/bookings/(\w{26})')
HOLDS = re.compile(r'action="[^"]*/staff/holds"><input type="hidden" name="csrf" value="([^"]+)"><input type="hidden" name="idem" value="([^"]+)">'
                   r'<input type="hidden" name="service" value="[^"]+"><input type="hidden" name="start" value="(\d+)">')
DESK_MOVES = re.compile(r'action="[^"]*/staff/bookings/\w{26}/move"><input type="hidden" name="version" value="(\d+)">'
                        r'<input type="hidden" name="start" value="(\d+)">')
DESK_MOVE = re.compile(r'<input type="hidden" name="version" value="(\d+)"><input type="hidden" name="start" value="(\d+)">')
TAKEN = 'This time is taken'
LINK = re.compile(r'/b/([A-Za-z0-9_-]{43})')
SELF_PAY = {**crowd.PATIENT, **crowd.SELF_PAY, 'body_site': 'knee', 'side': 'left'}


def start_shown(text, zone):
    """Unix seconds of the time that the page of a place offers. An hour that comes twice is no time of the sample clinic."""
    shown = OFFERED.search(text)
    at = datetime.datetime.strptime(shown.group(1), '%d %B %Y, %I:%M %p').replace(tzinfo=zone) if shown else None
    return int(at.timestamp()) if at else None


class Waiter(history.Client):
    """One person who waits, again and again: at most one place on the list, and the bookings that came of it."""

    def __init__(self, storm, n):
        super().__init__(storm, n)
        self.place = self.key = self.offer = None
        self.aged, self.places = set(), 0

    def finish(self):
        if self.place:
            self.look_at_place()
        super().finish()

    def step(self):
        if self.place is None and len(self.mine) < 2:
            return self.queue_up()
        if self.place and (not self.mine or self.dice.random() < 0.7):
            return self.wait()
        return self.go_on(self.dice.choice(self.mine), [self.confirm, self.release, self.cancel, self.age, self.see, self.look], [4, 1, 1, 1, 2, 1])

    def queue_up(self):
        browser = self.browser()
        first, last = sorted(self.dice.sample(self.storm.days, 2)) if len(self.storm.days) > 1 else self.storm.days * 2
        service = self.dice.choice(['consultation', 'consultation', 'prp-tendon'])
        # Somebody else each time: one person has one place for one treatment.
        self.places += 1
        who = dict(given='Petra', family='Storm', email='petra-%d-%d@example.org' % (self.n, self.places),
                   phone='603-%03d-%04d' % (200 + self.n, self.places))
        wishes = sorted(self.dice.sample(range(4), self.dice.choice([1, 2, 4])))

        def work():
            page = browser.get('/services/%s/wait' % service)
            if page.status_code != 200:
                return history.meaning(page), {}
            fields = {**browser.hidden(page), **who, 'first_day': first, 'last_day': last}
            answer = browser.send('POST', '/services/%s/wait' % service,
                                  [*fields.items(), *(('day', d) for d in range(1, 8)), *(('part', p) for p in wishes)])
            if answer.status_code == 303 and browser.session:
                return 'ok', {'place': history.token_hash(browser.session)}
            return history.meaning(answer), {}

        if self.ask(browser, 'join', work, service=service, first=first, last=last, parts=wishes) == 'ok':
            self.place, self.key, self.offer = browser, history.token_hash(browser.session), None
            self.look_at_place()
        else:
            browser.client.close()

    def leave_place(self, keep=False):
        if not keep:
            self.place.client.close()
        self.place = self.offer = None

    def look_at_place(self):
        """The page of the place; what is offered on it (start, uid, hidden fields)."""
        browser, seen = self.place, {}

        def work():
            page = browser.get('/waiting')
            heading = HEADING.search(page.text)
            if page.status_code != 200 or not heading or heading.group(1) not in PLACES:
                return history.meaning(page), {}
            seen['status'] = PLACES[heading.group(1)]
            more = {}
            if seen['status'] == 'offered':
                more = {'start': start_shown(page.text, self.storm.zone), 'offer': OFFER.search(page.text).group(1)}
            seen.update(more, fields=browser.hidden(page) if crowd.CSRF.search(page.text) else None)
            return 'ok', {'status': seen['status'], **more}

        outcome = self.ask(browser, 'wait', work, read=True, place=self.key)
        if outcome not in ('ok', 'lost') or seen.get('status') in ('closed', 'taken'):
            self.leave_place()
            return None
        return seen if seen.get('status') else None

    def wait(self):
        seen = self.look_at_place()
        if not seen:
            return
        if seen['status'] == 'waiting':
            if self.dice.random() < 0.1:
                self.answer('leave', seen)
            return
        what = self.dice.choices(['accept', 'decline', 'pass', 'leave', 'later'], [5, 3, 2, 1, 2])[0]
        if what == 'pass' and seen['offer'] not in self.aged:
            self.let_pass(seen)
        elif what in ('accept', 'decline', 'leave'):
            self.answer(what, seen)

    def answer(self, op, seen):
        browser = self.place
        fields = dict(seen['fields'], **({'offer': seen['offer']} if op != 'leave' else {}))
        told = {k: seen[k] for k in ('start', 'offer') if k in seen}

        def work():
            answer = browser.post('/waiting/' + op, **fields)
            where = urllib.parse.urlsplit(answer.headers.get('location', '')).path.removeprefix('/clinic')
            if answer.status_code == 303 and op == 'accept':
                return ('ok', {'booking': history.token_hash(browser.session)}) if where == '/booking' else ('strange 303', {})
            if answer.status_code == 303:
                return 'ok', {}
            return history.meaning(answer, {409: 'refused', 412: 'refused'}), {}

        outcome = self.ask(browser, op, work, place=self.key, **({'service': self.service_of(), **told} if op == 'accept' else told))
        if op == 'accept' and outcome == 'ok':
            self.mine.append(history.Mine(browser, self.service_of(), seen['start']))
            self.leave_place(keep=True)
        elif op == 'leave' and outcome == 'ok':
            self.leave_place()

    def service_of(self):
        with self.storm.journal.lock:
            return next(e['service'] for e in reversed(self.storm.journal.events) if e['op'] == 'join' and e.get('place') == self.key)

    def let_pass(self, seen):
        """Time passes for what is offered alone."""
        self.aged.add(seen['offer'])
        self.place.first = time.time()
        seconds = self.storm.offer_time - 2
        self.ask(self.place, 'age-offer', lambda: (self.storm.age_offer(seen['offer'], seconds), {}), place=self.key, offer=seen['offer'],
                 start=seen['start'], seconds=seconds)


class Call:
    """A booking that the desk made for a caller."""

    def __init__(self, uid, service, start):
        self.uid, self.key, self.service, self.start = uid, 'uid:' + uid, service, start
        self.booked = self.over = False


class Desk(history.Client):
    """Somebody at the front desk, logged in all day."""

    def __init__(self, storm, n, cookies):
        super().__init__(storm, n)
        self.desk = history.Browser(storm.bases, self.dice, storm.patience)
        self.desk.client.cookies.update(cookies)
        self.blocks, self.made = [], 0

    def finish(self):
        for block in list(self.blocks):
            self.unblock(block)

    def step(self):
        what = self.dice.choices([self.hold, self.override, self.block, self.give_time_back, self.book, self.release, self.move],
                                 [4 if len(self.mine) < 6 else 0, 1, 1, 1, 3, 1, 2])[0]
        if what in (self.book, self.release, self.move):
            if self.mine:
                one = self.dice.choice(self.mine)
                what(one)
                if one.over:
                    self.mine.remove(one)
        else:
            what()

    def get(self, path):
        try:
            return self.desk.get(path)
        except crowd.Lost:
            return None

    def result(self, answer, ok):
        """OK: where it leads when it was done; a number: the status that says so."""
        where = urllib.parse.urlsplit(answer.headers.get('location', '')).path.removeprefix('/clinic')
        if answer.status_code == ok or answer.status_code == 303 and isinstance(ok, str) and re.fullmatch(ok, where):
            return 'ok'
        if answer.status_code == 409 and TAKEN in answer.text:
            return 'taken'
        if answer.status_code == 303:
            return 'lost'  # what became of it is said on another page
        return history.meaning(answer, {409: 'refused', 412: 'refused', 422: 'refused'})

    # --- bookings ---------------------------------------------------------------------------------------------------------------

    def times(self, service):
        page = self.get('/staff/times?service=%s&from=%s' % (service, self.dice.choice(self.storm.days)))
        return HOLDS.findall(page.text) if page is not None and page.status_code == 200 else []

    def keep(self, service, start, fields):
        def work():
            answer = self.desk.send('POST', '/staff/holds', fields)
            outcome = self.result(answer, r'/staff/bookings/\w{26}/details')
            return outcome, {'booking': 'uid:' + UID.search(answer.headers['location']).group(1)} if outcome == 'ok' else {}

        more = {'over': fields['over']} if 'over' in fields else {}
        said = {}
        outcome = self.ask(self.desk, 'hold', lambda: said.setdefault('it', work()), service=service, start=start, **more)
        if outcome == 'ok':
            self.mine.append(Call(said['it'][1]['booking'][4:], service, start))

    def hold(self):
        service = self.dice.choice(history.SERVICES)
        times = self.times(service)
        if times:
            csrf, idem, start = self.dice.choice(times)
            self.keep(service, int(start), dict(csrf=csrf, idem=idem, service=service, start=start))

    def override(self):
        """Beside the grid, for a reason: also where somebody else is, who must not suffer from it."""
        times = self.times('consultation')
        if times:
            csrf, idem, start = self.dice.choice(times)
            at = int(start) + OFF_GRID + self.dice.randrange(0, 4) * 900
            self.keep('consultation', at, dict(csrf=csrf, idem='%s-over-%d' % (idem, at), service='consultation', start=at, over='grid',
                                               reason='a train to catch'))

    def book(self, one):
        if one.booked:
            return
        page = self.get('/staff/bookings/%s/details' % one.uid)
        if page is None or page.status_code != 200 or not crowd.CSRF.search(page.text):
            one.over = page is not None and page.status_code == 303
            return
        try:
            self.desk.post('/staff/bookings/%s/details' % one.uid, **{**SELF_PAY, **crowd.somebody(one.uid), **self.desk.hidden(page)})
            page = self.desk.get('/staff/bookings/' + one.uid)
            form = re.search(r'action="[^"]*/%s/book">(.*?)</form>' % one.uid, page.text, re.S)
        except crowd.Lost:
            form = None
        if not form:
            return
        fields = dict(csrf=crowd.CSRF.search(form.group(1)).group(1), idem=crowd.IDEM.search(form.group(1)).group(1))

        def work():
            answer = self.desk.post('/staff/bookings/%s/book' % one.uid, **fields)
            outcome = self.result(answer, 200)
            link = LINK.search(answer.text) if outcome == 'ok' else None
            return outcome, {'link': history.token_hash(link.group(1))} if link else {}
        done = self.ask(self.desk, 'confirm', work, booking=one.key)
        one.booked, one.over = done == 'ok', done in ('gone', 'lost')

    def release(self, one):
        page = None if one.booked else self.get('/staff/bookings/' + one.uid)
        form = page is not None and re.search(r'action="[^"]*/%s/release">(.*?)</form>' % one.uid, page.text, re.S)
        if form:
            fields = dict(csrf=crowd.CSRF.search(form.group(1)).group(1), idem=crowd.IDEM.search(form.group(1)).group(1))

            def work():
                return self.result(self.desk.post('/staff/bookings/%s/release' % one.uid, **fields), r'/staff/times'), {}
            one.over = self.ask(self.desk, 'release', work, booking=one.key) in ('ok', 'gone', 'lost')

    def move(self, one):
        page = self.get('/staff/times?booking=%s&from=%s' % (one.uid, self.dice.choice(self.storm.days)))
        times = DESK_MOVES.findall(page.text) if page is not None and page.status_code == 200 else []
        if not times:
            return
        # The page that asks again, which says as of when it shows the booking.
        where = '/staff/bookings/%s/move' % one.uid
        page = self.get('%s?version=%s&start=%s' % (where, *self.dice.choice(times)))
        asked = DESK_MOVE.search(page.text) if page is not None and page.status_code == 200 else None
        if not asked:
            return
        version, start = asked.groups()
        fields = {**self.desk.hidden(page), 'version': version, 'start': start}

        def work():
            answer = self.desk.post(where, **fields)
            return self.result(answer, '/staff/bookings/' + one.uid), {}
        done = self.ask(self.desk, 'move', work, booking=one.key, service=one.service, start=int(start))
        one.over = done in ('gone', 'lost')

    # --- blocks -------------------------------------------------------------------------------------------------------------------

    def block(self):
        if len(self.blocks) > 2:
            return
        code, resource = self.dice.choice(self.storm.resources)
        day, minute = self.dice.choice(self.storm.days), self.dice.randrange(9 * 60, 16 * 60, 30)
        clock = ['%02d:%02d' % divmod(m, 60) for m in (minute, minute + 60)]
        begin = int(datetime.datetime.fromisoformat('%sT%s' % (day, clock[0])).replace(tzinfo=self.storm.zone).timestamp())
        self.made += 1
        reason = '%s %d-%d' % (self.storm.name, self.n, self.made)
        page = self.get('/staff/block')
        if page is None or page.status_code != 200:
            return
        fields = {**self.desk.hidden(page), 'resource': code, 'day': day, 'from': clock[0], 'until': clock[1], 'kind': 'other', 'reason': reason}

        def work():
            return self.result(self.desk.send('POST', '/staff/block', fields), '/staff/block'), {}
        done = self.ask(self.desk, 'block', work, block=reason, resource=resource, since=begin, until=begin + 3600)
        if done in ('ok', 'lost'):
            self.blocks.append(reason)

    def give_time_back(self):
        if self.blocks:
            self.unblock(self.dice.choice(self.blocks))

    def unblock(self, block):
        page = self.get('/staff/block')
        if page is None or page.status_code != 200:
            return
        found = re.search(r': (?:<bdi>)?%s(?:</bdi>)?</p>\s*<form method="post" action="[^"]*(/staff/block/\d+/remove)">(.*?)</form>' % re.escape(block), page.text, re.S)
        if not found:
            self.blocks.remove(block)  # its answer was lost, and it was not done
            return
        fields = dict(csrf=crowd.CSRF.search(found.group(2)).group(1), idem=crowd.IDEM.search(found.group(2)).group(1))

        def work():
            return self.result(self.desk.post(found.group(1), **fields), '/staff/block'), {}
        if self.ask(self.desk, 'unblock', work, block=block) in ('ok', 'none'):
            self.blocks.remove(block)


def clients(storm, waiters, cookies):
    """WAITERS who wait and, with COOKIES of somebody who is logged in, one at the desk, who blocks people and rooms."""
    n = len(storm.clients)
    storm.zone = zoneinfo.ZoneInfo(storm.database.value('SELECT time_zone FROM site ORDER BY id LIMIT 1'))
    storm.resources = storm.database.rows("SELECT code, id FROM resource WHERE kind IN ('practitioner', 'room') ORDER BY id")
    return [Waiter(storm, n + i) for i in range(waiters)] + ([Desk(storm, n + waiters, cookies)] if cookies else [])


def logged_in(server, template):
    """Cookies of the front desk."""
    sample = env.sample_values('%s/sample.txt' % template.dir)
    with server.visitor() as one:
        assert one.login(sample['front_desk_login'], sample['front_desk_password']).status == 200
        return {c.name: c.value for c in one.client.cookies.jar}


