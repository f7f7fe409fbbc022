# SPDX-License-Identifier: Apache-2.0
"""Moving a booking through the pages, without JavaScript: the same month and day, a page that says what happens, the move; and what
may go wrong on the way. Practitioner filter of the times pages."""
import datetime
import re
import urllib.parse
import zoneinfo

import icalendar

import billfill
import patient
from moving import choices, choose, confirm, last_booking, rule


def local(seconds):
    """The site's clock at that moment."""
    return datetime.datetime.fromtimestamp(int(seconds), zoneinfo.ZoneInfo('America/New_York'))


def row(database, booking):
    return database.rows('SELECT starts_at, version, status FROM booking WHERE id = %s', booking)[0]


def entry(visitor):
    calendar = icalendar.Calendar.from_ical(visitor.get('/booking/calendar.ics').content)
    return calendar.walk('VEVENT')[0]


def test_the_whole_way(visitor, database):
    page = patient.book(visitor)
    booking = last_booking(database)
    link = patient.private_link(page)
    start, version, _ = row(database, booking)
    before = entry(visitor)
    page = page.click('Reschedule this booking')
    assert page.h1 == 'Choose a new time' and page.path == '/booking/move'
    old = re.search(r'You have (.+?\(.+?\))\. It stays yours', page.text).group(1)
    page = choose(visitor, which=-1)
    assert page.h1 == 'Reschedule your booking?' and old in page.text
    assert row(database, booking) == (start, version, 'booked'), 'looking changes nothing'
    new = [f for f in page.forms() if f.action.endswith('/booking/move')][0].value('start')
    page = confirm(page)
    assert page.path == '/booking?moved=1' and 'Your booking is rescheduled' in page.text
    assert old not in page.css('.panel.good')[0].text_content() and old not in page.css('.ticket-when')[0].text_content()
    assert row(database, booking) == (int(new), version + 1, 'booked')
    after = entry(visitor)
    assert after['UID'] == before['UID'] and int(after['SEQUENCE']) == int(before['SEQUENCE']) + 1
    assert after['DTSTART'].dt.timestamp() == int(new)
    assert visitor.open(link).h1 == 'You are booked'
    assert 'is rescheduled' not in visitor.open('/booking').text
    assert database.value('SELECT COUNT(*) FROM consent_in_force WHERE booking_id = %s', booking) == 2


def test_its_own_time_counts_as_free(visitor, database):
    """With everybody else's time taken there is still the time it has itself to move about in."""
    patient.book(visitor)
    # Away from the first time of all: before that one lies the notice, after it maybe the noon break, as the clock wants.
    day = patient.days(visitor, '/booking/move')[2]
    at_ten = [f for f in choices(visitor.open(day)) if local(f.value('start')).hour == 10]
    confirm(at_ten[0].submit())
    start = row(database, last_booking(database))[0]
    assert local(start).hour == 10
    page = visitor.open('/booking/move?day=%s' % database.value("SELECT DATE(FROM_UNIXTIME(%s))", start))
    offered = [int(f.value('start')) for f in choices(page)]
    assert start not in offered and min(abs(start - t) for t in offered) < 3600, 'it takes more than an hour itself'
    page = visitor.open('/booking/move/check?start=%d' % start)
    assert page.status == 422 and 'This is your current time' in page.text and page.h1 == 'Nothing was changed'


def test_somebody_was_quicker(visitor, server, database):
    patient.book(visitor)
    booking = last_booking(database)
    before = row(database, booking)
    # On another day, where nothing of what it takes itself helps.
    page = choose(visitor, which=3, at=patient.days(visitor, '/booking/move')[2])
    start = int(page.form(button='Reschedule my booking').value('start'))
    for _ in range(20):
        with server.visitor() as other:
            public = other.open('/services/%s/times?day=%s' % (patient.SERVICE, database.value('SELECT DATE(FROM_UNIXTIME(%s))', start)))
            wanted = [f for f in patient.times(public) if f.value('start') == str(start)]
            if not wanted:
                break
            wanted[0].submit()
    page = confirm(page)
    assert page.status == 409 and page.h1 == 'That time was just taken' and 'Nothing has changed: you keep' in page.text
    assert row(database, booking) == before
    assert len(choices(page)) == 6
    page = confirm(choices(page)[0].submit())
    assert 'Your booking is rescheduled' in page.text
    # Who comes later sees it on the page before.
    page = visitor.open('/booking/move/check?start=%d' % start)
    assert page.status == 409 and page.h1 == 'That time was just taken'


def test_too_late(visitor, database):
    page = patient.book(visitor)
    booking = last_booking(database)
    ready = choose(visitor)
    before = row(database, booking)
    with rule(database, 'move_notice_minutes', 5 * 365 * 1440):
        page = visitor.open('/booking')
        assert 'To reschedule, please call the clinic' in page.text
        assert not [a for a in page.links() if a.endswith('/booking/move')]
        page = visitor.open('/booking/move')
        assert page.status == 200 and page.h1 == 'Please call to reschedule' and not choices(page)
        page = confirm(ready)
        assert page.status == 409 and page.h1 == 'Please call to reschedule'
    with rule(database, 'audience', 'staff'):
        page = visitor.open('/booking/move')
        assert 'Only the clinic can reschedule this treatment' in page.text
        assert confirm(ready).status == 409 and visitor.open('/booking/move/check?start=1').status in (409, 422)
    assert row(database, booking) == before
    assert 'is rescheduled' in confirm(ready).text


def test_page_and_use_case_agree_on_cancelling(visitor, database):
    page = patient.book(visitor)
    booking = last_booking(database)
    cancel = page.click('Cancel this booking')
    with rule(database, 'cancel_notice_minutes', 5 * 365 * 1440):
        assert 'It is too late to cancel online' in visitor.open('/booking').text
        page = cancel.form(action='/booking/cancel').submit()
        assert page.status == 409 and page.h1 == 'Please call to cancel'
        assert row(database, booking)[2] == 'booked'
    assert visitor.open('/booking/cancel').form(action='/booking/cancel').submit().h1 == 'Your booking is canceled'


def test_two_tabs(visitor, database):
    patient.book(visitor)
    booking = last_booking(database)
    first = choose(visitor, which=1)
    second = choose(visitor, which=4)
    assert 'is rescheduled' in confirm(first).text
    before = row(database, booking)
    page = confirm(second)
    assert page.status == 409 and 'This booking has changed in the meantime' in page.text and page.h1 == 'Nothing was changed'
    assert row(database, booking) == before


def test_pressing_twice_moves_once(visitor, database):
    patient.book(visitor)
    booking = last_booking(database)
    version = row(database, booking)[1]
    page = choose(visitor, which=2)
    form = page.form(button='Reschedule my booking')
    pairs = form.pairs(None)
    for _ in range(3):
        answer = visitor.post('/booking/move', data=dict(pairs))
        assert answer.status_code == 303 and answer.headers['location'].endswith('moved=1')
    assert row(database, booking)[1] == version + 1


def test_not_without_a_booking(visitor, server, database):
    assert visitor.open('/booking/move').status == 401
    page = patient.hold(visitor)
    assert visitor.open('/booking/move').path == '/booking/details', 'a held time is chosen anew instead'
    assert visitor.open('/booking/move/check?start=1').path == '/booking/details'
    answer = visitor.post('/booking/move', data=dict(csrf=page.form(having='family').value('csrf'), idem='0123456789abcdef0123', start='1'))
    assert answer.status_code in (303, 400), answer
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'booking.move' AND entity_id = %s", last_booking(database)) == 0


def test_nonsense(visitor, database):
    patient.book(visitor)
    booking = last_booking(database)
    before = row(database, booking)
    for query in ('', '?start=', '?start=x', '?start=-1', '?start=99999999999999999999', '?start=1&practitioner=x'):
        page = visitor.open('/booking/move/check' + query)
        assert page.status == 422 and page.h1 == 'Nothing was changed' and page.title.startswith('Error: '), (query, page)
        targets = {a.get('href')[1:] for a in page.css('.summary a')}
        assert targets <= {e.get('id') for e in page.css('[id]')}, targets
    for query in ('?start=%d' % (before[0] + 60), '?start=0', '?start=%d' % (before[0] + 86400 * 3000)):
        assert visitor.open('/booking/move/check' + query).status == 422
    assert visitor.open('/booking/move?day=tomorrow').status == 422
    assert row(database, booking) == before


# --- who treats ------------------------------------------------------------------------------------------------------

def test_who_treats(visitor, database):
    page = patient.times_page(visitor)
    offered = patient.with_whom(page)
    treating = {str(r[0]) for r in database.rows(
        "SELECT DISTINCT c.resource_id FROM resource_capability c JOIN resource r ON r.id = c.resource_id JOIN service_need n USING (capability)"
        " JOIN service_step p ON p.service_id = n.service_id AND p.step_no = n.step_no JOIN service s ON s.id = n.service_id"
        " WHERE s.code = %s AND r.kind = 'practitioner' AND r.active AND p.kind IN ('inject', 'consult')", patient.SERVICE)}
    assert set(offered) == treating and len(treating) > 1
    assert [a.text for a in page.css('.whom a[aria-current]')] == ['Anybody who is free']
    who = list(offered)[-1]
    page = visitor.open(offered[who])
    assert [a.get('href') for a in page.css('.whom a[aria-current]')] == [patient.with_whom(page)[who]]
    links = [a for a in page.links() if '?day=' in a or '?month=' in a or a.endswith('#day')]
    assert links and all('practitioner=%s' % who in a for a in links), links
    page = patient.times(page)[0].submit()
    assert page.path == '/booking/details'
    booking = last_booking(database)
    served = {str(r[0]) for r in database.rows("SELECT DISTINCT r.resource_id FROM booking_resource r JOIN resource x ON x.id = r.resource_id"
                                               " JOIN booking_step s USING (booking_id, step_no) WHERE r.booking_id = %s AND x.kind = 'practitioner'"
                                               " AND s.kind IN ('harvest', 'inject', 'consult')", booking)}
    assert who in served


def test_next_free_time_of_one_practitioner(visitor, database):
    """Somebody who is away for weeks: the page goes to where they are back, and says so with the filter."""
    page = patient.times_page(visitor)
    who = list(patient.with_whom(page))[-1]
    closure = "INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute, reason) SELECT site_id, id," \
              " CURDATE() - INTERVAL 1 DAY, CURDATE() + INTERVAL 45 DAY, 0, 1440, 'leave' FROM resource WHERE id = %s"
    database.rows(closure, who)
    try:
        page = visitor.open('/services/%s/times?practitioner=%s' % (patient.SERVICE, who))
        first = min(int(f.value('start')) for f in patient.times(page))
        assert first > database.value('SELECT UNIX_TIMESTAMP(CURDATE() + INTERVAL 45 DAY)')
        again = page.click('Next free time')
        assert min(int(f.value('start')) for f in patient.times(again)) == first
        page = visitor.open('/services/%s/times' % patient.SERVICE)
        assert min(int(f.value('start')) for f in patient.times(page)) < first
    finally:
        database.rows("DELETE FROM closure WHERE reason = 'leave'")


def test_moving_to_somebody_else(visitor, database):
    patient.book(visitor)
    booking = last_booking(database)
    page = visitor.open('/booking/move')
    sql = "SELECT DISTINCT r.resource_id FROM booking_resource r JOIN booking_step s USING (booking_id, step_no) WHERE r.booking_id = %s AND s.kind = 'inject'"
    now = {str(r[0]) for r in database.rows(sql, booking)}
    other = [o for o in patient.with_whom(page) if o not in now][0]
    page = visitor.open(patient.with_whom(page)[other])
    assert page.path.startswith('/booking/move?') and page.h1 == 'Choose a new time'
    page = choices(page)[0].submit()
    assert urllib.parse.parse_qs(urllib.parse.urlsplit(page.url).query)['practitioner'] == [other]
    confirm(page)
    assert other in {str(r[0]) for r in database.rows(sql, booking)}


# --- two visits -------------------------------------------------------------------------------------------------------

def test_both_visits_move_together(visitor, database):
    sql = database.rows
    sql("INSERT INTO service (uid, site_id, code, name, summary, start_grid, notice_minutes, horizon_days, cancel_notice_minutes, needs_body_site, price_minor,"
        " currency, display_order, active) SELECT '00000000000000000000002VIS', site_id, 'two-visits', 'Talk and look', 'Two visits.', 30, 0, 90, 0, 0, 5000, 'USD',"
        " 98, 1 FROM service WHERE code = %s", patient.SERVICE)
    service = database.value("SELECT id FROM service WHERE code = 'two-visits'")
    sql("UPDATE service SET move_notice_minutes = 0 WHERE id = %s", service)
    capability = database.value("SELECT c.capability FROM resource_capability c JOIN resource r ON r.id = c.resource_id WHERE r.code = 'dr-rivera' LIMIT 1")
    for step, visit, least, most in ((1, 1, 0, 0), (2, 2, 1200, 7200)):
        sql("INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min, gap_max, visit_no, patient_present)"
            " VALUES (%s, %s, 'consult', %s, 30, %s, %s, %s, 1)", service, step, 'Part %d' % step, least, most, visit)
        sql("INSERT INTO service_need (service_id, step_no, need_no, capability, quantity, setup_minutes, turnover_minutes, bind)"
            " VALUES (%s, %s, 1, %s, 1, 0, 0, 'doc')", service, step, capability)
    billfill.price_new(database)
    page = patient.hold(visitor, 'two-visits')
    page.form(having='family').fill(**patient.ADA, pay='self').submit()
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    assert page.h1 == 'You are booked', page.text
    booking = last_booking(database)
    before = sql('SELECT uid, visit_no, starts_at, sequence FROM appointment WHERE booking_id = %s ORDER BY visit_no', booking)
    page = choose(visitor, which=-1)
    facts = ' '.join(page.css('dl.facts')[0].text_content().split())
    assert facts.count('Visit 1:') == 2 and facts.count('Visit 2:') == 2, facts
    page = confirm(page)
    assert 'is rescheduled' in page.text and 'Visit 2:' in page.text
    after = sql('SELECT uid, visit_no, starts_at, sequence FROM appointment WHERE booking_id = %s ORDER BY visit_no', booking)
    assert [a[:2] for a in after] == [b[:2] for b in before]
    assert after[0][2] != before[0][2] and {a[3] for a in after} == {1}
    calendar = icalendar.Calendar.from_ical(visitor.get('/booking/calendar.ics').content)
    assert sorted(int(e['DTSTART'].dt.timestamp()) for e in calendar.walk('VEVENT')) == sorted(a[2] for a in after)


# --- cost -------------------------------------------------------------------------------------------------------------

def executed(database):
    """Without the DELETEs: of many rows they are one round trip, but the server counts each."""
    status = dict(database.rows("SHOW GLOBAL STATUS WHERE Variable_name IN ('Com_stmt_execute', 'Com_delete')"))
    return int(status['Com_stmt_execute']) - int(status['Com_delete'])


def cost_of_a_move(visitor, database):
    """Statements of the second of two moves: the first may read definitions."""
    for which in (-1, 0):
        page = choose(visitor, which=which)
        form = page.form(button='Reschedule my booking')
        pairs = dict(form.pairs(None))
        before = executed(database)
        assert visitor.post('/booking/move', data=pairs).status_code == 303
    return executed(database) - before


def test_statements_do_not_grow_with_the_chain(server, database):
    """A row of each kind or fifty of them is one statement: what a move costs does not depend on how long the chain is."""
    costs = []
    for service, where in ((patient.SERVICE, 'elbow'), ('bmac-knee', 'knee')):
        with server.visitor() as visitor:
            patient.give_details(patient.hold(visitor, service), body_site=where, given=service)
            patient.sign_all(visitor, name=service + ' Lovelace')
            page = visitor.open('/booking/check').form(action='/booking/check').submit()
            assert page.h1 == 'You are booked', page.text
            costs.append(cost_of_a_move(visitor, database))
    assert costs[0] == costs[1] <= 28, costs
