# SPDX-License-Identifier: Apache-2.0
"""A course of three visits on the pages: which days it takes is told before anybody types a word, and to staff at every step."""
import datetime
import json
import re

import pytest

import env
import billfill
import patient
from dayfill import ZONE

VISITS = [('consult', 'Preparation', {}), ('consult', 'Treatment', {'visit_no': 2, 'gap_days_min': 2, 'gap_days_max': 5}),
          ('consult', 'Booster', {'visit_no': 3, 'gap_days_min': 7, 'gap_days_max': 7})]


@pytest.fixture(scope='module')
def course(server, database):
    steps = [dict({'kind': kind, 'name': name, 'minutes': 20, 'needs': [{'capability': 'consult', 'bind': 'doc'}]}, **more)
             for kind, name, more in VISITS]
    path = server.write('course.json', json.dumps({'format': 'mod_regen services 1', 'services': [
        {'code': 'course', 'site': 'harbor', 'name': 'Course', 'summary': 'Three visits.',
         'needs_body_site': False, 'steps': steps}]}))
    env.regenctl(database, 'service', 'import', path)
    billfill.price_new(database)
    return 'course'


def days_of(text):
    """The days a text names, in order and once each."""
    found = re.findall(r'\b\d{1,2} [A-Z][a-z]+ \d{4}', text)
    return list(dict.fromkeys(datetime.datetime.strptime(d, '%d %B %Y').date() for d in found))


def test_what_happens_at_which_visit(visitor, course):
    page = visitor.open('/services/' + course)
    assert [' '.join(h.text_content().split()) for h in page.css('h3')] == [
        'Visit 1', 'Visit 2, 2 to 5 days after visit 1', 'Visit 3, 7 days after visit 2']
    assert 'What happens at each visit' in page.text
    one = visitor.open('/services/bmac-knee')
    assert 'What happens on the day' in one.text and not one.css('h3')
    assert len(one.css('main ol li')) == 5


def test_all_days_are_told_while_the_time_is_held(visitor, staff, course, database):
    page = patient.times_page(visitor, course)
    assert 'This takes 3 visits, the first about 20 minutes.' in page.text
    page = patient.hold(visitor, course)
    told = days_of(' '.join(page.css('section.held')[0].text_content().split()))
    uid, first = database.rows("SELECT uid, starts_at FROM booking WHERE status = 'held' ORDER BY id DESC LIMIT 1")[0]
    held = [datetime.datetime.fromtimestamp(t, ZONE).date() for (t,) in database.rows(
        'SELECT a.starts_at FROM appointment a JOIN booking b ON b.id = a.booking_id WHERE b.uid = %s ORDER BY a.visit_no', uid)]
    assert told == held and len(held) == 3 and held[2] - held[1] == datetime.timedelta(7)
    desk = staff('front_desk')
    assert days_of(' '.join(desk.open('/staff/bookings/%s/details' % uid).css('p.notice')[0].text_content().split())) == held
    chart = desk.open('/staff/bookings/' + uid)
    assert days_of(' '.join(chart.css('p.lead')[0].text_content().split())) == held
    steps = [' '.join(li.text_content().split()) for li in chart.css('ol.steps li')]
    assert [days_of(s) for s in steps[:3]] == [[d] for d in held]


def test_the_board_shows_the_visit_of_its_day(visitor, staff, course, database):
    """And among the others of that day in the order of the clock, not of when the course began."""
    patient.hold(visitor, course)
    uid = database.value("SELECT uid FROM booking WHERE status = 'held' ORDER BY id DESC LIMIT 1")
    visits = database.rows('SELECT a.starts_at, a.ends_at FROM appointment a JOIN booking b ON b.id = a.booking_id WHERE b.uid = %s', uid)
    assert len(visits) == 3
    for start, end in visits:
        day = datetime.datetime.fromtimestamp(start, ZONE).date()
        page = staff('front_desk').open('/staff?date=%s' % day)
        told = {li.xpath('.//a/@href')[0][-26:]: li.xpath('.//time/@datetime') for li in page.css('li.visit')}
        assert told[uid] == [datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ') for t in (start, end)]
        starts = [times[0] for times in told.values()]
        assert starts == sorted(starts)


def test_one_visit_names_its_day_once(visitor, server, staff, database):
    page = patient.hold(visitor, 'consultation')
    assert len(days_of(page.css('section.held')[0].text_content())) == 1
    uid = database.value("SELECT uid FROM booking WHERE status = 'held' ORDER BY id DESC LIMIT 1")
    steps = staff('front_desk').open('/staff/bookings/' + uid).css('ol.steps li')
    assert steps and not any(days_of(s.text_content()) for s in steps)
