# SPDX-License-Identifier: Apache-2.0
"""Yesterday is not lost: what is open of earlier days is listed, with the acts that close it, until nothing is open."""
import datetime

import pytest

from dayfill import BORN, clock, today
from test_staff_day import chart, step
from test_when import local, signed_before


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def desk(staff):
    return staff('front_desk')


def noon(days):
    """Noon of that many days ago."""
    return clock(12, day=today() - datetime.timedelta(days))


def listed(page):
    return {a.get('href').rsplit('/', 1)[1]: ' '.join(a.xpath('ancestor::li')[0].text_content().split()) for a in page.css('.visit-who a')}


def test_a_forgotten_visit_stays_listed_until_it_is_closed(day, desk, database):
    assert 'every earlier day is closed' in desk.open('/staff/day').text
    absent = day.book(start=noon(1), family='Absent', given='Abe')
    older = day.book(start=noon(3), family='Older', given='Olga')
    day.book(family='Today', given='Tina')
    page = desk.open('/staff')
    assert '2 visits of earlier days are still open' in page.text, repr(page)
    page = page.click('Say what happened')
    rows = listed(page)
    assert list(rows) == [older, absent] and 'Nobody was recorded' in rows[absent]
    assert len(page.css('main h2')) == 2
    page = page.form('%s/no-show' % absent).submit()
    assert page.status == 200 and day.status(absent) == 'no-show' and list(listed(page)) == [older], repr(page)
    date = (today() - datetime.timedelta(1)).isoformat()
    assert 'this day is closed' in desk.open('/staff/day?date=' + date).text
    assert list(listed(desk.open('/staff/day?date=' + (today() - datetime.timedelta(3)).isoformat()))) == [older]
    signed_before(database, older)
    page = step(desk, older, 'check-in', birth_date=BORN, when=local(noon(3)), late_why='Forgotten')
    assert page.status == 200 and 'All open visits' in page.text
    assert 'nothing else was recorded' in listed(desk.open('/staff/day'))[older]
    chart(desk, older).form('/end').fill(why='left', end_when=local(noon(3) + 600)).submit()
    assert 'every earlier day is closed' in desk.open('/staff/day').text
    assert 'still open' not in desk.open('/staff').text


def test_units_and_unfinished_treatments_are_open(day, clinician, database):
    uid = day.book(start=noon(2), family='Half', given='Hal')
    signed_before(database, uid)
    for kind, minutes, fields in (('check-in', 0, {'birth_date': BORN, 'late_why': 'Forgotten'}),
                                  ('harvest', 5, {'volume_ml': '60', 'taken_from': 'right-posterior-iliac-crest', 'side_confirmed': 'right'})):
        assert step(clinician, uid, kind, when=local(noon(2) + 60 * minutes), **fields).status == 200
    label = day.label(uid)
    assert 'Unit %s was neither injected nor disposed of' % label in listed(clinician.open('/staff/day'))[uid]
    page = chart(clinician, uid).form('/dispose').fill(reason='Too old').submit()
    assert page.status == 200
    assert 'was not completed' in listed(clinician.open('/staff/day'))[uid]
    page = step(clinician, uid, 'complete', diagnoses='M17.11', when=local(noon(2) + 3600))
    assert page.status == 200, repr(page)
    assert uid not in listed(clinician.open('/staff/day'))


def test_a_course_with_a_visit_to_come_is_not_open(day, clinician, database):
    uid = day.book('consultation', body_site='hip', side='left', start=noon(2))
    booking, staff_id = database.value('SELECT id FROM booking WHERE uid = %s', uid), database.value('SELECT MIN(id) FROM staff')
    signed_before(database, uid)
    database.rows("INSERT INTO step_event (booking_id, kind, at, staff_id) SELECT id, 'check-in', starts_at, %s FROM booking WHERE id = %s",
                  staff_id, booking)
    database.rows("UPDATE booking SET status = 'in-progress' WHERE id = %s", booking)
    assert uid in listed(clinician.open('/staff/day'))
    database.rows('UPDATE booking SET ends_at = ends_at + 86400 * 9 WHERE id = %s', booking)
    assert uid not in listed(clinician.open('/staff/day'))
    database.rows('UPDATE booking SET ends_at = ends_at - 86400 * 9 WHERE id = %s', booking)
    step(clinician, uid, 'complete', diagnoses='M16.12', when=local(noon(2) + 1800))
    assert uid not in listed(clinician.open('/staff/day'))


def test_who_may(staff, visitor):
    assert staff('billing').get('/staff/day').status_code == 403
    assert 'login' in visitor.open('/staff/day').response.url.path
    desk = staff('front_desk')
    for query in ('?date=2131-02-30', '?date=soon', '?site=nowhere'):
        assert desk.get('/staff/day' + query).status_code == 404, query
