# SPDX-License-Identifier: Apache-2.0
"""The rules that never bend, from outside: what is offered is what can be had, whatever people do in whatever order leaves
the truth and its read model in agreement, and the checks that say so notice when somebody breaks it."""
import random
import re
import threading
import time

import pytest

import crowd
import env

SERVICES = ['bmac-knee', 'prp-tendon', 'consultation']
GRID = 900


@pytest.fixture
def patient(server):
    with crowd.Visitor(server.base) as made:
        yield made


# --- offered is bookable, and nothing else is -------------------------------------------------------------------------------

def every_start(database, day):
    """All times of the grid on this local day of the sample clinic, an hour around included."""
    zone = env.run(['date', '-d', 'TZ="America/New_York" %s 05:00' % day, '+%s']).stdout
    first = int(zone)
    return [first + n * GRID for n in range(17 * 3600 // GRID)]


@pytest.mark.parametrize('service', SERVICES)
def test_offers_are_exact(database, patient, server, service):
    """On a day that others have booked into: every offered time can be held, every other one is refused."""
    days = patient.days(service)
    day = days[(len(days) + SERVICES.index(service)) // 2]
    dice = random.Random(7)
    with crowd.Visitor(server.base) as others:
        for n in range(7):
            others.forget()
            what = SERVICES[n % 3]
            csrf, times = others.times(what, day)
            if len(times) > 4:
                start = dice.choice(sorted(times))
                others.expect(others.hold(what, start, csrf, times[start]), 303, 'hold')
                if len(patient.times(service, day)[1]) < 4:  # as the day's opening hours and absences want
                    page = others.get('/booking/details')
                    others.expect(others.post('/booking/release', **others.hidden(page)), 303, 'release')
    csrf, offered = patient.times(service, day)
    assert len(offered) >= 2, 'too little left for this test to mean something'
    wrong = []
    for start in every_start(database, day):
        patient.forget()
        csrf, times = patient.times(service, day)
        answer = patient.hold(service, start, csrf, times.get(start, 'k%015d' % start))
        if (answer.status_code == 303) != (start in offered):
            wrong.append((start, answer.status_code, start in offered))
        elif answer.status_code == 303:
            page = patient.get('/booking/details')
            patient.expect(patient.post('/booking/release', **patient.hidden(page)), 303, 'release')
        else:
            assert answer.status_code in (409, 422), answer.status_code
    assert wrong == []
    assert patient.times(service, day)[1].keys() == offered.keys(), 'trying and giving back changed what is offered'
    assert crowd.contradictions(database) == []


def test_days_agree_with_the_month(patient):
    """The counts of the month are those of its days, and the search of one day that of the month."""
    page = patient.get('/services/prp-tendon/times?month=' + patient.days('prp-tendon', many=24)[-2][:7])
    counts = {d: int(n) for d, n in re.findall(r'day=(\d{4}-\d\d-\d\d)#day"[^>]*><span aria-hidden="true">\d+</span>.*?<small>(\d+)', page.text)}
    assert len(counts) >= 2, page.text[:500]
    for day, count in counts.items():
        assert len(patient.times('prp-tendon', day)[1]) == count, day


# --- a random life -------------------------------------------------------------------------------------------------------------

class Life:
    """A patient who does as the dice say, and remembers what must be true of the booking."""

    def __init__(self, server, seed):
        self.dice, self.visitor, self.state, self.start = random.Random(seed), crowd.Visitor(server.base), None, None
        self.history = []

    def step(self):
        choices = {None: ['hold'], 'held': ['extend', 'release', 'book', 'hold', 'twice'], 'booked': ['cancel', 'again', 'leave', 'hold']}[self.state]
        getattr(self, self.dice.choice(choices))()

    def hold(self):
        """Also from a held time: then the old one is given back. A booked one stays."""
        if self.state == 'booked':
            self.leave()
        service = self.dice.choice(SERVICES)
        csrf, times = self.visitor.times(service, self.dice.choice(self.visitor.days(service)[:4]))
        if not times:
            return
        start = self.dice.choice(sorted(times)[:4])
        old = (self.visitor.session, self.start)
        answer = self.visitor.expect(self.visitor.hold(service, start, csrf, times[start]), (303, 409), 'hold')
        if answer.status_code == 303:
            if self.state == 'held' and old[0] != self.visitor.session:
                self.history.append((old[0], 'cancelled', old[1]))
            self.state, self.start = 'held', start

    def press(self, page, action, status=303):
        page = self.visitor.expect(self.visitor.get(page), 200, page)
        return self.visitor.expect(self.visitor.post(action, **self.visitor.hidden(page)), status, action)

    def extend(self):
        self.press('/booking/details', '/booking/extend', (303, 409))

    def release(self):
        self.press('/booking/details', '/booking/release')
        self.end('cancelled')

    def twice(self):
        page = self.visitor.get('/booking/details')
        fields = self.visitor.hidden(page)
        answers = [self.visitor.post('/booking/release', **fields).status_code for _ in range(2)]
        assert answers[0] == 303 and answers[1] in (303, 410), answers
        self.end('cancelled')

    def book(self):
        self.visitor.book(body_site='knee')
        self.state = 'booked'

    def again(self):
        page = self.visitor.get('/booking')
        self.visitor.expect(page, 200, 'booking page')

    def cancel(self):
        """Within the notice only, so the answer decides."""
        page = self.visitor.expect(self.visitor.get('/booking/cancel'), 200, 'cancel page')
        answer = self.visitor.post('/booking/cancel', **self.visitor.hidden(page)) if crowd.IDEM.search(page.text) else page
        if answer.status_code == 303:
            self.end('cancelled')

    def leave(self):
        self.end('booked')

    def end(self, status):
        self.history.append((self.visitor.session, status, self.start))
        self.visitor.forget()
        self.state = self.start = None


def test_random_lives(server, database):
    """Eight patients at once, each as the dice say; then everybody's story is what is stored."""
    seed = random.randrange(1 << 30)
    lives = [Life(server, seed + n) for n in range(8)]

    def live(n):
        for _ in range(14):
            lives[n].step()

    results = crowd.at_once(8, live)
    assert results == [None] * 8, 'seed %d: %r' % (seed, [r for r in results if r])
    for life in lives:
        if life.state:
            life.end(life.state)
        for session, status, start in life.history:
            found = crowd.session_booking(database, session)
            assert found and found[1:] == (status, start), 'seed %d: told %s at %s, stored is %r' % (seed, status, start, found)
        life.visitor.client.close()
    assert len({s for life in lives for s, _, _ in life.history}) >= 8
    assert crowd.contradictions(database) == [], 'seed %d' % seed


# --- the checks themselves --------------------------------------------------------------------------------------------------------

SABOTAGE = {
    'a granule too few': 'DELETE FROM occupancy WHERE booking_id = {b} ORDER BY granule LIMIT 1',
    'a granule too many': 'INSERT INTO occupancy SELECT resource_id, MAX(granule) + 50, booking_id FROM occupancy WHERE booking_id = {b} GROUP BY resource_id LIMIT 1',
    "somebody else's granule": 'INSERT INTO occupancy SELECT resource_id, MAX(granule) + 60, 999999 FROM occupancy WHERE booking_id = {b} GROUP BY resource_id LIMIT 1',
    'a whole resource': 'DELETE FROM occupancy WHERE booking_id = {b} AND resource_id = (SELECT MIN(resource_id) FROM booking_resource WHERE booking_id = {b})',
    'the read model says free': 'UPDATE day_bitmap SET w0 = 0, w1 = 0, w2 = 0, w3 = 0, w4 = 0 WHERE w0 | w1 | w2 | w3 | w4 ORDER BY day DESC LIMIT 1',
    'the read model says taken': 'UPDATE day_bitmap SET w1 = w1 ^ 1 ORDER BY day LIMIT 1',
    'a row of the read model is gone': 'DELETE FROM day_bitmap WHERE w0 | w1 | w2 | w3 | w4 ORDER BY day DESC LIMIT 1',
    'a step is gone': 'DELETE FROM booking_step WHERE booking_id = {b} AND step_no = 2',
    'a resource of a step is gone': 'DELETE FROM booking_resource WHERE booking_id = {b} AND step_no = 2 LIMIT 1',
    'an appointment is gone': 'DELETE FROM appointment WHERE booking_id = {b}',
    'half cancelled': "UPDATE booking SET status = 'cancelled', hold_expires_at = NULL WHERE id = {b}",
    'half given back': 'DELETE FROM occupancy WHERE booking_id = {b}',
    'moved by hand': 'UPDATE booking_step SET starts_at = starts_at + 3600, ends_at = ends_at + 3600 WHERE booking_id = {b} AND step_no = 2',
    'brought back': "UPDATE booking SET status = 'held', hold_expires_at = 4000000000 WHERE id = {cancelled}",
}


@pytest.mark.parametrize('what', sorted(SABOTAGE))
def test_checks_notice(server, database, patient, what):
    """Each way to break it is noticed by `regenctl check` and by the statements of these tests."""
    def held():
        patient.forget()
        csrf, times = patient.times('bmac-knee')
        start, key = sorted(times.items())[0]
        patient.expect(patient.hold('bmac-knee', start, csrf, key), 303, 'hold')
        return crowd.session_booking(database, patient.session)[0]

    cancelled = held()
    page = patient.get('/booking/details')
    patient.expect(patient.post('/booking/release', **patient.hidden(page)), 303, 'release')
    booking = held()
    assert crowd.contradictions(database) == []
    tables = ['occupancy', 'day_bitmap', 'booking', 'booking_step', 'booking_resource', 'appointment']
    connection = database.connect()
    with connection.cursor() as cursor:
        cursor.execute('SET foreign_key_checks = 0')
        for table in tables:
            cursor.execute('CREATE OR REPLACE TABLE copy_%s AS SELECT * FROM %s' % (table, table))
        changed = cursor.execute(SABOTAGE[what].format(b=booking, cancelled=cancelled))
        try:
            assert changed > 0, 'nothing was broken'
            wrong = crowd.contradictions(database)
            assert any(w.startswith('regenctl check') for w in wrong), 'regenctl check is content'
            assert any(not w.startswith('regenctl check') for w in wrong), "this project's tests are content"
            if what.startswith(('the read model', 'a row of the read model')):
                done = env.regenctl(database, 'rebuild')
                assert crowd.contradictions(database) == [], done.stdout
        finally:
            for table in tables:
                cursor.execute('DELETE FROM ' + table)
                cursor.execute('INSERT INTO %s SELECT * FROM copy_%s' % (table, table))
                cursor.execute('DROP TABLE copy_' + table)
    connection.close()
    assert crowd.contradictions(database) == []


def test_the_key_refuses(database, patient):
    """Nobody can take a granule twice, not even by hand."""
    import pymysql
    csrf, times = patient.times('consultation')
    start, key = sorted(times.items())[0]
    patient.expect(patient.hold('consultation', start, csrf, key), 303, 'hold')
    with pytest.raises(pymysql.err.IntegrityError) as refused:
        database.rows('INSERT INTO occupancy SELECT resource_id, granule, 999999 FROM occupancy LIMIT 1')
    assert refused.value.args[0] == 1062
