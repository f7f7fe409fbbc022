# SPDX-License-Identifier: Apache-2.0
"""Many clients for one time: one wins, every time; the others are told kindly and nothing of theirs stays."""
import re
import urllib.parse

import pytest

import crowd

CLIENTS = 32


def rows_stored(database):
    """Rows of every table that a hold writes."""
    return {t: database.value('SELECT COUNT(*) FROM ' + t) for t in (
        'booking', 'booking_step', 'booking_resource', 'appointment', 'occupancy', 'visitor_session', 'idempotency')}


@pytest.fixture
def patients(server):
    made = [crowd.Visitor(server.base) for _ in range(CLIENTS)]
    yield made
    for one in made:
        one.client.close()


def everybody_reads(patients, service, day=None):
    """Each client's own page of the same day; [(csrf, {start: key})]."""
    pages = crowd.at_once(len(patients), lambda n: patients[n].times(service, day))
    for page in pages:
        if isinstance(page, Exception):
            raise page
    assert len({frozenset(times) for _, times in pages}) == 1, 'the same day looks different to different clients'
    return pages


def kind(answer, start, service):
    """The words and offers of the page that a loser gets."""
    assert 'text/html' in answer.headers['content-type']
    text = re.sub(r'<[^>]+>', ' ', answer.text)
    assert 'sorry' in text.lower(), 'no kind word: %s' % text[:300]
    nearest = [int(s) for _, s in crowd.TIMES.findall(answer.text)]
    assert 1 <= len(nearest) <= 6 and start not in nearest, 'nearest times: %r' % nearest
    assert nearest == sorted(set(nearest)), 'nearest times in no order: %r' % nearest
    assert '/services/%s/times' % service in answer.text, 'no way to all times'
    return nearest


@pytest.mark.parametrize('service', ['consultation', 'bmac-knee'])
def test_one_time_for_32(server, database, patients, service):
    rounds = 4
    for n in range(rounds):
        for one in patients:
            one.forget()
        pages = everybody_reads(patients, service)
        start = sorted(pages[0][1])[n % len(pages[0][1])]
        before = rows_stored(database)
        answers = crowd.at_once(CLIENTS, lambda c: patients[c].hold(service, start, pages[c][0], pages[c][1][start]))
        statuses = [a if isinstance(a, Exception) else a.status_code for a in answers]
        assert statuses.count(303) == 1 and statuses.count(409) == CLIENTS - 1, 'round %d: %r' % (n, statuses)
        for answer in answers:
            if answer.status_code == 409:
                nearest = kind(answer, start, service)
        winner = [p for p, a in zip(patients, answers) if a.status_code == 303][0]
        assert crowd.session_booking(database, winner.session)[1:] == ('held', start)
        after = rows_stored(database)
        grown = {t: after[t] - before[t] for t in after}
        assert grown['booking'] == grown['visitor_session'] == grown['idempotency'] == 1, 'losers left something: %r' % grown
        assert grown['appointment'] == 1 and grown['booking_step'] == database.value(
            'SELECT COUNT(*) FROM service_step d JOIN service s ON s.id = d.service_id WHERE s.code = %s', service)
    assert crowd.contradictions(database) == []
    # What the losers were offered can be had with the buttons of that very page.
    loser, answer = [(p, a) for p, a in zip(patients, answers) if a.status_code == 409][0]
    csrf = crowd.CSRF.search(answer.text).group(1)
    key = [k for k, s in crowd.TIMES.findall(answer.text) if int(s) == nearest[0]][0]
    assert loser.hold(service, nearest[0], csrf, key).status_code == 303
    assert crowd.contradictions(database) == []


def test_chains_that_overlap(server, database, patients):
    """Different services and starts that want the same rooms, devices and people: whoever wins has all of it."""
    services = ['bmac-knee', 'prp-tendon', 'consultation']
    day = patients[0].days('bmac-knee')[-1]
    won = 0
    for turn in range(3):
        wishes = []
        for c, one in enumerate(patients):
            one.forget()
            service = services[c % 3]
            csrf, times = one.times(service, day)
            starts = sorted(times)[turn::2][:5]
            wishes.append((service, starts[c // 3 % len(starts)], csrf, times) if starts else None)

        def take(c):
            service, start, csrf, times = wishes[c]
            return patients[c].hold(service, start, csrf, times[start]).status_code

        statuses = crowd.at_once(CLIENTS, lambda c: take(c) if wishes[c] else 409)
        assert set(statuses) <= {303, 409}, statuses
        won += statuses.count(303)
    assert won >= 5, 'too few won for this test to mean something: %d' % won
    assert crowd.contradictions(database) == []


def test_double_click(server, database):
    """Eight presses of the same button at once: one hold, and every press leads to it."""
    with crowd.Visitor(server.base) as reader:
        csrf, times = reader.times('consultation')
        start, key = sorted(times.items())[0]
        before = rows_stored(database)['booking']

        def press(n):
            with crowd.Visitor(server.base) as again:
                again.become(reader)
                answer = again.hold('consultation', start, csrf, key)
                return answer.status_code, answer.headers.get('location'), crowd.session_booking(database, again.session)

        pressed = crowd.at_once(8, press)
        assert len(set(map(repr, pressed))) == 1 and pressed[0][0] == 303, pressed
        assert rows_stored(database)['booking'] == before + 1
        # The same key for something else is no repetition.
        other = sorted(times.items())[1][0]
        answer = reader.post('/holds', csrf=csrf, idem=key, service='consultation', start=other)
        assert answer.status_code == 409
        assert rows_stored(database)['booking'] == before + 1
    assert crowd.contradictions(database) == []


def test_release_and_take(server, database, patients):
    """A time that was given back is free at once, for one."""
    csrf, times = patients[0].times('bmac-knee')
    start, key = sorted(times.items())[-1]
    pages = everybody_reads(patients, 'bmac-knee')
    assert patients[0].hold('bmac-knee', start, *[pages[0][0], pages[0][1][start]]).status_code == 303
    assert patients[1].hold('bmac-knee', start, pages[1][0], pages[1][1][start]).status_code == 409
    page = patients[0].get('/booking/details')
    release = re.search(r'action="[^"]*/booking/release"', page.text)
    assert release, 'a held time cannot be given back from its page'
    assert patients[0].post('/booking/release', **patients[0].hidden(page)).status_code == 303
    answers = crowd.at_once(CLIENTS - 1, lambda c: patients[c + 1].hold('bmac-knee', start, pages[c + 1][0], pages[c + 1][1][start]))
    statuses = sorted(getattr(a, 'status_code', a) for a in answers)
    assert statuses == [303] + [409] * (CLIENTS - 2), statuses
    assert crowd.contradictions(database) == []


def test_confirm_twice(server, database, patients):
    """Two tabs press "Book this visit" at once: booked once."""
    one = patients[0]
    csrf, times = one.times('consultation')
    start, key = sorted(times.items())[0]
    one.expect(one.hold('consultation', start, csrf, key), 303, 'hold')
    page = one.fill_in()
    fields = one.hidden(page)

    def press(n):
        patients[n].become(one)
        fresh = dict(fields, idem=fields['idem'] if n % 2 else fields['idem'][:-2] + '%02d' % n)
        return patients[n].post('/booking/check', **fresh).status_code

    pressed = crowd.at_once(6, lambda n: press(n + 1))
    assert set(pressed) == {303}, pressed
    # The browser shows the answer of the last press only: each of the same form gives the private link.
    links = [set(re.findall(r'/clinic(/b/[A-Za-z0-9_-]{43})', patients[n].get('/booking').text)) for n in range(1, 7)]
    given = set().union(*links)
    assert len(given) == 1 and sum(map(bool, links)) in (1, 3), links
    with crowd.Visitor(server.base) as other:
        assert other.get(given.pop()).status_code == 303
    booking = crowd.session_booking(database, one.session)
    assert booking[1] == 'booked'
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE entity = 'booking' AND entity_id = %s"
                          " AND action = 'booking.confirm'", booking[0]) == 1
    assert urllib.parse.urlsplit(str(one.get('/booking').url)).path.endswith('/booking')
    assert crowd.contradictions(database) == []
