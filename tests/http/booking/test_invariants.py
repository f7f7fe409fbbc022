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
    """A patient who does as the dice say, with up to three bookings in one browser, and remembers what must be true of each."""

    def __init__(self, server, seed):
        self.dice, self.visitor = random.Random(seed), crowd.Visitor(server.base)
        self.mine = {}     # what this browser has open: {booking: [state, start]}
        self.history = []  # (session, booking, state, start) of what came to its end
        self.left = set()  # sessions that were ended

    def step(self):
        if not self.mine or len(self.mine) < 3 and self.dice.random() < 0.25:
            return self.hold()
        about = self.dice.choice(list(self.mine))
        choices = {'held': ['extend', 'release', 'book', 'book', 'instead', 'twice', 'unnamed', 'leave'],
                   'booked': ['cancel', 'again', 'close', 'instead', 'unnamed', 'leave']}[self.mine[about][0]]
        getattr(self, self.dice.choice(choices))(about)

    def hold(self, instead=None):
        """Beside what there is, which stays as it is; INSTEAD of a held time: then that one is released, but never a booked one."""
        service = self.dice.choice(SERVICES)
        csrf, times = self.visitor.times(service, self.dice.choice(self.visitor.days(service)[:4]), instead)
        if not times:
            return
        start = self.dice.choice(sorted(times)[:4])
        before = self.visitor.session if self.mine else None
        more = {'instead': instead} if instead else {}
        answer = self.visitor.expect(self.visitor.hold(service, start, csrf, times[start], **more), (303, 409), 'hold')
        if answer.status_code == 303:
            assert before in (None, self.visitor.session), 'another hold changed the session'
            about = crowd.about(answer)
            assert about not in self.mine, 'an old booking for a new time'
            self.mine[about] = ['held', start]
            if instead and self.mine[instead][0] == 'held':
                self.end(instead, 'cancelled')

    def instead(self, about):
        self.hold(about)

    def press(self, about, page, action, status=303):
        fields = self.fields(about, page)
        return self.visitor.expect(self.visitor.post(action, **fields), status, action)

    def fields(self, about, page):
        page = self.visitor.expect(self.visitor.get('%s?booking=%s' % (page, about)), 200, page)
        fields = self.visitor.hidden(page)
        assert fields['booking'] == about, 'a form of another booking'
        return fields

    def extend(self, about):
        self.press(about, '/booking/details', '/booking/extend', (303, 409))

    def release(self, about):
        self.press(about, '/booking/details', '/booking/release')
        self.end(about, 'cancelled')

    def twice(self, about):
        fields = self.fields(about, '/booking/details')
        answers = [self.visitor.post('/booking/release', **fields).status_code for _ in range(2)]
        assert answers[0] == 303 and answers[1] in (303, 410), answers
        self.end(about, 'cancelled')

    def book(self, about):
        answer = self.visitor.book(body_site='knee', about=about)
        assert crowd.about(answer) == about, 'booked is another one'
        self.mine[about][0] = 'booked'

    def again(self, about):
        self.visitor.expect(self.visitor.get('/booking?booking=' + about), 200, 'booking page')

    def unnamed(self, about):
        """An address without a name is of the only one there is; of several, the list of them asks which."""
        page = {'held': '/booking/details', 'booked': '/booking/cancel'}[self.mine[about][0]]
        if len(self.mine) == 1:
            answer = self.visitor.expect(self.visitor.get(page), 200, page)
            assert set(crowd.ABOUT.findall(answer.text)) <= {about}, 'the only one is not the one'
            return
        answer = self.visitor.expect(self.visitor.get(page), 303, page)
        assert answer.headers['location'].endswith('/bookings'), answer.headers['location']
        listed = set(crowd.ABOUT.findall(self.visitor.expect(self.visitor.get('/bookings'), 200, 'list').text))
        assert set(self.mine) <= listed, 'the list lacks %r' % (set(self.mine) - listed)

    def cancel(self, about):
        """Within the notice only, so the answer decides."""
        page = self.visitor.expect(self.visitor.get('/booking/cancel?booking=' + about), 200, 'cancel page')
        if 'action="' in page.text and '/booking/cancel"' in page.text:
            self.visitor.expect(self.visitor.post('/booking/cancel', **self.visitor.hidden(page)), 303, 'cancel')
            self.end(about, 'cancelled')

    def leave(self, _):
        """By the button, which gives back what is held and says so first."""
        session = self.visitor.session
        page = self.visitor.expect(self.visitor.get('/booking/leave'), 200, 'leave page')
        self.visitor.expect(self.visitor.post('/booking/leave', sure='yes', **self.visitor.hidden(page)), 303, 'leave')
        self.left.add(session)
        for about, (state, _) in list(self.mine.items()):
            self.end(about, 'booked' if state == 'booked' else 'cancelled', session)
        self.visitor.forget()

    def close(self, _=None):
        """Goes on in another browser."""
        session = self.visitor.session
        for about, (state, _) in list(self.mine.items()):
            self.end(about, state, session)
        self.visitor.forget()

    def end(self, about, status, session=None):
        self.history.append((session or self.visitor.session, about, status, self.mine.pop(about)[1]))
        if not self.mine and self.dice.random() < 0.5:
            self.visitor.forget()


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
        life.close()
        for session, about, status, start in life.history:
            found = database.rows('SELECT status, starts_at FROM booking WHERE uid = %s', about)
            assert found == ((status, start),), 'seed %d: told %s at %s, stored is %r' % (seed, status, start, found)
        for session in {s for s, *_ in life.history}:
            told = {about for s, about, *_ in life.history if s == session and s not in life.left}
            assert crowd.session_bookings(database, session) == told, 'seed %d: a browser opens what is not its own, or lacks it' % seed
        life.visitor.client.close()
    assert len({about for life in lives for _, about, *_ in life.history}) >= 8
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
        for trigger in ('booking_has_its_targets', 'booking_begins_quoted'):  # their rows stay while those of booking come back
            cursor.execute('DROP TRIGGER IF EXISTS ' + trigger)
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
