# SPDX-License-Identifier: Apache-2.0
"""Closures and hours on the boards of a week and of a day: what the desk must not promise is not white. And the same for
machines. On days three weeks ahead, so that neither the hour nor the weekday of a run matters."""
import datetime
import html

import pytest

from dayfill import ZONE, DayFill, clock, today
from fhirapi import CONSULT, RIVERA, ROOM, entries, issues, link, token, valid, walk

MONDAY = today() + datetime.timedelta(days=21 - today().weekday())
TUESDAY, WEDNESDAY, FRIDAY, SATURDAY = (MONDAY + datetime.timedelta(days=n) for n in (1, 2, 4, 5))
REASON = 'Course <in> Boston'


@pytest.fixture(scope='module')
def closed(server, database):
    """Dr. Rivera is away on Tuesday afternoon and all Friday, the ultrasound in calibration over noon of Tuesday, and the
    site is closed on Wednesday; one visit on Tuesday at nine."""
    def close(resource, first, last, start, end, kind, reason):
        database.rows('INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute, kind, reason)'
                      ' VALUES (1, %s, %s, %s, %s, %s, %s, %s)', resource, first, last, start, end, kind, reason)
    database.rows('DELETE FROM closure')
    close(1, TUESDAY, TUESDAY, 780, 1020, 'absence', REASON)
    close(1, FRIDAY, SATURDAY, 0, 1440, 'absence', 'Week end')
    close(10, TUESDAY, TUESDAY, 690, 780, 'calibration', 'Yearly check')
    close(None, WEDNESDAY, WEDNESDAY, 0, 1440, 'holiday', 'Feast of the town')
    return DayFill(database).book('consultation', 'hip', 'left', start=clock(9, day=TUESDAY), family='Early', given='Una')


def words(element):
    return ' '.join(element.text_content().split())


def week_cells(page, name):
    """What stands in each of the seven days of a row."""
    row = next(r for r in page.css('table.week tbody tr') if name in words(r.findall('.//th')[0]))
    return [words(td) for td in row.findall('.//td')]


def test_the_week_tells_hours_and_closures(closed, staff):
    page = staff('front_desk').open('/staff/week?day=%s' % MONDAY)
    rivera = week_cells(page, 'Dr. Elena Rivera')
    assert rivera[0] == '8:00 am to 12:00 pm, 12:45 pm to 5:15 pm'
    assert '1:00 pm to 5:00 pm Absence: ' + REASON in rivera[1] and 'Una Early' in rivera[1]
    assert 'all day Holiday, whole site: Feast of the town' in rivera[2] and 'Absence' not in rivera[2]
    assert 'all day Absence: Week end' in rivera[4] and 'all day Absence: Week end' in rivera[5]
    assert rivera[6] == 'No hours'
    assert 'Course' not in ' '.join(week_cells(page, 'Dr. Marcus Chen'))
    assert 'Feast of the town' in week_cells(page, 'Ultrasound')[2]
    assert '11:30 am to 1:00 pm Calibration: Yearly check' in week_cells(page, 'Ultrasound')[1]
    assert html.escape(REASON) in page.html and REASON not in page.html, 'what staff typed is text'


def test_the_week_by_patient_tells_when_the_site_is_closed(closed, staff):
    page = staff('front_desk').open('/staff/week?day=%s&by=patient' % MONDAY)
    assert week_cells(page, 'Whole site')[2] == 'all day Holiday, whole site: Feast of the town'
    assert 'Absence' not in page.text
    free = staff('front_desk').open('/staff/week?day=%s&by=patient' % (MONDAY + datetime.timedelta(days=7)))
    assert 'Whole site' not in free.text


def columns(page):
    return [words(th) for th in page.css('table.board thead th')[1:]]


def grid(page):
    """The table as somebody sees it: {(clock, column): words}, cells that reach down repeated."""
    heads, seen, open_cells = columns(page), {}, {}
    for row in page.css('table.board tbody tr'):
        at, cells = words(row.findall('.//time')[0]), iter(row.findall('.//td'))
        for head in heads:
            left, text = open_cells.get(head, (0, ''))
            if left == 0:
                cell = next(cells)
                left, text = int(cell.get('rowspan', '1')), words(cell)
            seen[at, head] = text
            open_cells[head] = (left - 1, text)
        assert next(cells, None) is None
    assert all(left == 0 for left, _ in open_cells.values())
    return seen


def test_the_day_draws_closures_and_what_lies_outside_hours(closed, staff):
    page = staff('clinician').open('/staff?date=%s' % TUESDAY)
    rivera, room, scan = 'PersonDr. Elena Rivera', 'RoomConsulting room', 'DeviceUltrasound'
    assert {rivera, room, scan} <= set(columns(page)) and 'PersonDr. Marcus Chen' not in columns(page)
    cells = grid(page)
    assert 'Early' in cells['9:10 am', rivera]
    assert cells['10:00 am', rivera] == '' and cells['10:00 am', scan] == ''
    assert cells['12:00 pm', rivera] == 'Outside hours, 12:00 pm to 12:45 pm'
    assert cells['1:00 pm', rivera] == 'Absence: ' + REASON + ', 1:00 pm to 5:00 pm' == cells['4:00 pm', rivera]
    assert cells['5:00 pm', rivera] == '' and cells['5:15 pm', rivera].startswith('Outside hours')
    assert cells['11:30 am', scan].startswith('Calibration: Yearly check') and cells['1:00 pm', scan] == ''
    assert not any('Boston' in text for (_, head), text in cells.items() if head != rivera)


def away(page):
    return [words(li) for li in page.css('.away li')]


def test_the_day_says_in_words_who_is_there(closed, staff):
    """Also where there is no table: on a phone, and read aloud."""
    desk = staff('front_desk')
    page = desk.open('/staff?date=%s' % TUESDAY)
    assert away(page) == ['Dr. Elena Rivera 1:00 pm to 5:00 pm Absence: ' + REASON,
                          'Ultrasound 11:30 am to 1:00 pm Calibration: Yearly check']
    booked = next(words(p) for p in page.css('.away p') if 'Nobody booked' in words(p))
    assert 'Dr. Marcus Chen, 8:00 am to 12:00 pm, 12:45 pm to 5:15 pm' in booked
    assert 'Rivera' not in booked and 'Ultrasound' not in booked
    holiday = desk.open('/staff?date=%s' % WEDNESDAY)
    assert away(holiday) == ['All people, rooms and devices all day Holiday, whole site: Feast of the town']
    assert not holiday.css('table.board') and 'Nobody booked' not in holiday.text
    friday = desk.open('/staff?date=%s' % FRIDAY)
    assert away(friday) == ['Dr. Elena Rivera all day Absence: Week end']
    assert 'No hours on this day: Dr. Marcus Chen' in friday.text
    saturday = desk.open('/staff?date=%s' % SATURDAY)
    assert 'No hours on this day: Dr. Elena Rivera; ' in saturday.text and not saturday.css('table.board')


def test_a_block_of_the_desk_is_seen_at_once(closed, staff):
    desk = staff('front_desk')
    form = desk.open('/staff/block').form('/staff/block')
    done = form.fill(resource='dr-chen', day=str(MONDAY), **{'from': '09:00', 'until': '10:00'}, kind='other',
                     reason='Meeting').submit()
    assert done.status == 200, done.text
    assert '9:00 am to 10:00 am Closed: Meeting' in week_cells(desk.open('/staff/week?day=%s' % MONDAY), 'Dr. Marcus Chen')[0]
    cells = grid(desk.open('/staff?date=%s' % MONDAY))
    assert cells['9:00 am', 'PersonDr. Marcus Chen'].startswith('Closed: Meeting') and not cells['8:00 am', 'PersonDr. Marcus Chen']


def test_a_visit_in_a_closed_room_is_drawn_all_the_same(closed, staff, database):
    """One that stays although its time was closed stands inside the closure; before and after it is closed."""
    database.rows("INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute, kind, reason)"
                  " VALUES (1, 7, %s, %s, 480, 660, 'cleaning', 'Floor')", TUESDAY, TUESDAY)
    try:
        cells = grid(staff('front_desk').open('/staff?date=%s' % TUESDAY))
        room = 'RoomConsulting room'
        assert cells['8:00 am', room].startswith('Cleaning: Floor, 8:00 am to 9:10 am') and 'Early' in cells['9:10 am', room]
        assert cells['10:00 am', room].startswith('Cleaning: Floor') and cells['10:00 am', room].endswith('11:00 am')
    finally:
        database.rows("DELETE FROM closure WHERE reason = 'Floor'")


# --- machines ----------------------------------------------------------------------------------------------------------------

@pytest.fixture
def reader(server, closed, database):
    with server.machine(token(database, 'system/*.rs'), accept='application/fhir+json') as made:
        yield made


def told(slots):
    return [(s['status'], s['start'][:16], s['end'][:16]) for s in slots]


def test_a_schedule_tells_its_closures(reader, closed):
    path = '/Slot?schedule=Schedule/%s&start=ge%s&start=lt%s' % (RIVERA, MONDAY, MONDAY + datetime.timedelta(days=7))
    slots = walk(reader, path)
    day_after = str(SATURDAY + datetime.timedelta(days=1))
    assert [(s, a[:10]) for s, a, _ in told(slots)] == [('busy', str(TUESDAY)), ('busy-unavailable', str(TUESDAY)),
                                                        ('busy-unavailable', str(WEDNESDAY)), ('busy-unavailable', str(FRIDAY))]
    assert told(slots)[1][1:] == ('%sT13:00' % TUESDAY, '%sT17:00' % TUESDAY)
    assert told(slots)[3][1:] == ('%sT00:00' % FRIDAY, '%sT00:00' % day_after), 'days that follow each other are one'
    assert all(s['schedule'] == {'reference': 'Schedule/' + RIVERA} for s in slots)
    for count in (1, 2, 3):
        assert walk(reader, path + '&_count=%d' % count) == slots
    text = reader.get(path).text
    assert 'Boston' not in text and 'Feast' not in text and 'bsence' not in text, 'why is for staff'
    assert [told([s])[0][0] for s in walk(reader, path + '&status=busy')] == ['busy']
    assert walk(reader, path + '&status=busy-unavailable') == slots[1:]
    for slot in slots:
        assert reader.get('/Slot/' + slot['id']).json() == slot
    valid(reader.get(path, headers={'Accept': 'application/fhir+xml'}))
    assert reader.get('/Slot/%s-%d-closed' % (RIVERA, clock(14, day=TUESDAY))).status_code == 404
    assert reader.get('/Slot/%s-x-closed' % RIVERA).status_code == 404
    assert issues(reader.get('/Slot/' + 'z' * 26 + '-300-closed'))[0][0] == 'not-found'


def test_a_closure_that_begins_with_a_visit_is_told_beside_it(reader, closed, database):
    """At the same second, and a page that ends between the two goes on with the other."""
    database.rows("INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute, kind, reason)"
                  " VALUES (1, 1, %s, %s, 550, 600, 'other', 'Twin')", TUESDAY, TUESDAY)
    try:
        path = '/Slot?schedule=Schedule/%s&start=ge%s&start=lt%s' % (RIVERA, TUESDAY, WEDNESDAY)
        slots = walk(reader, path)
        starts = [(s['status'], s['start'][11:16]) for s in slots]
        assert starts == [('busy-unavailable', '09:10'), ('busy', '09:10'), ('busy-unavailable', '13:00')]
        pages, seen = path + '&_count=1', []
        while pages:
            bundle = reader.get(pages).json()
            seen += entries(bundle)
            pages = link(bundle, 'next')
            assert len(seen) <= 3
        assert seen == slots
    finally:
        database.rows("DELETE FROM closure WHERE reason = 'Twin'")


def test_what_is_closed_now_is_told_without_a_start(reader, closed, database):
    database.rows("INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute, kind, reason)"
                  " VALUES (1, 5, %s, %s, 0, 1440, 'other', 'Flood')", today() - datetime.timedelta(days=3),
                  today() + datetime.timedelta(days=3))
    try:
        found = walk(reader, '/Slot?schedule=Schedule/%s&status=busy-unavailable' % ROOM)
        assert found[0]['start'][:10] == str(today() - datetime.timedelta(days=3))
        assert found[0]['end'][:10] == str(today() + datetime.timedelta(days=4)) and len(found) == 2
    finally:
        database.rows("DELETE FROM closure WHERE reason = 'Flood'")


def test_a_service_is_closed_with_its_site(reader, closed):
    path = '/Slot?schedule=Schedule/%s&start=ge%s&start=lt%s' % (CONSULT, TUESDAY, WEDNESDAY + datetime.timedelta(days=2))
    slots = walk(reader, path)
    shut = [s for s in slots if s['status'] != 'free']
    assert told(shut) == [('busy-unavailable', '%sT00:00' % WEDNESDAY, '%sT00:00' % (WEDNESDAY + datetime.timedelta(days=1)))]
    assert slots.index(shut[0]) > 0 and slots[-1]['status'] == 'free', 'in order of time'
    assert [s['start'] for s in slots] == sorted(s['start'] for s in slots)
    assert walk(reader, path + '&_count=3') == slots
    assert walk(reader, path + '&status=free') == [s for s in slots if s['status'] == 'free']
    assert walk(reader, path + '&status=busy-unavailable') == shut
    assert reader.get('/Slot/' + shut[0]['id']).json() == shut[0]


def test_the_service_says_when_it_is_not_available(reader, closed, server):
    def spans(service):
        return [(n['during']['start'][:16], n['during']['end'][:16]) for n in service['notAvailable']]
    service = reader.get('/HealthcareService/' + CONSULT).json()
    assert spans(service) == [('%sT00:00' % WEDNESDAY, '%sT00:00' % (WEDNESDAY + datetime.timedelta(days=1)))]
    assert {n['description'] for n in service['notAvailable']} == {'Closed'}
    valid(reader.get('/HealthcareService/' + CONSULT, headers={'Accept': 'application/fhir+xml'}))
    published = reader.get('/$bulk-publish/HealthcareService.ndjson').text
    assert 'notAvailable' in published and 'Feast' not in published
    slots = reader.get('/$bulk-publish/Slot-%s.ndjson' % CONSULT).text
    assert '"busy' not in slots and '"start":"%s' % WEDNESDAY not in slots and '"start":"%s' % TUESDAY in slots


def test_slots_keep_local_time(reader, closed):
    offset = datetime.datetime.combine(TUESDAY, datetime.time(13), ZONE).isoformat()
    found = walk(reader, '/Slot?schedule=Schedule/%s&start=ge%s&status=busy-unavailable' % (RIVERA, TUESDAY))
    assert found[0]['start'] == offset
