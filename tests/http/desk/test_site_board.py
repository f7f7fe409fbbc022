# SPDX-License-Identifier: Apache-2.0
"""The day of each of two sites, which never have the same date: the second one's zone is chosen so. On a database of its own,
because visits are written into it (see dayfill.py)."""
import datetime
import zoneinfo

import pytest

import second_site
from dayfill import BORN, today


def other_zone():
    """A zone whose date is another than New York's now."""
    return next(z for z in ('Pacific/Kiritimati', 'Pacific/Pago_Pago') if local_day(z) != today())


def local_day(zone):
    return datetime.datetime.now(zoneinfo.ZoneInfo(zone)).date()


@pytest.fixture(scope='module')
def alone(day):
    """A visit now at the first site, while it is the only one, with a consent that is missing."""
    return day.book('bmac-knee', family='Harbor', given='Hal', signed=False)


@pytest.fixture(scope='module')
def two(alone, day, database):
    """A second site, and a visit there now with a consent that is missing: (code of the first, zone of the second, uid there)."""
    zone = other_zone()
    first = database.value('SELECT code FROM site')
    site = second_site.open_london(database.rows, zone)
    database.rows("INSERT INTO service_form (service_id, form_id) SELECT s.id, (SELECT MIN(form_id) FROM service_form)"
                  " FROM service s WHERE s.code = 'thames-talk'")
    uid = day.book('thames-talk', family='Thames', given='Tess', body_site='knee', side='left', signed=False)
    database.rows('UPDATE booking SET site_id = %s WHERE uid = %s', site, uid)
    return first, zone, uid


def attention(page):
    """Whose consent is missing. That a visit now is outside the opening hours is told too, at some hours."""
    return [li.xpath('.//bdi')[0].text_content() for li in page.css('.todo li') if 'A consent is missing.' in li.text_content()]


def links(page, part):
    return [a.get('href') for a in page.css('main a') if part in a.get('href')]


def test_one_site_has_nothing_to_choose(alone, staff):
    page = staff('front_desk').open('/staff')
    assert 'Hal Harbor' in page.text
    assert not page.css('nav[aria-label="Sites"]') and 'site=' not in page.html


def test_each_site_has_its_own_day(two, staff):
    first, zone, uid = two
    desk = staff('front_desk')
    here = desk.open('/staff')
    assert [a.text_content() for a in here.css('nav[aria-label="Sites"] a[aria-current]')] != ['Thames Joint Clinic']
    assert 'Hal Harbor' in here.text and 'Thames' not in here.text.replace('Thames Joint Clinic', '')
    assert attention(here) == ['Hal Harbor'] and here.form('/staff').value('date') == str(today())
    there = here.click('Thames Joint Clinic')
    assert [a.text_content() for a in there.css('nav[aria-label="Sites"] a[aria-current]')] == ['Thames Joint Clinic']
    assert there.h1.startswith('Today, ') and there.form('/staff').value('date') == str(local_day(zone)) != str(today())
    assert 'Tess Thames' in there.text and 'Hal Harbor' not in there.text
    assert attention(there) == ['Tess Thames']
    assert desk.open('/staff?site=' + first).h1 == here.h1
    # The first site's today is another day of the second: nothing needs attention there.
    other = desk.open('/staff?site=london&date=%s' % today())
    assert not other.h1.startswith('Today') and not attention(other) and 'Tess Thames' not in other.text


def test_the_site_is_kept(two, staff):
    first, zone, uid = two
    desk = staff('front_desk')
    page = desk.open('/staff?site=london')
    there = local_day(zone)
    for words, step in (('Previous day', -1), ('Next day', 1)):
        moved = page.click(words)
        assert 'site=london' in moved.path and moved.form('/staff').value('date') == str(there + datetime.timedelta(step))
        assert moved.click('Today').h1 == page.h1
    back = page.click('Next day').form('/staff').fill(date=str(there)).submit()
    assert 'site=london' in back.path and 'Tess Thames' in back.text
    week = page.click('Week')
    assert 'site=london' in week.path and 'Dr Thames' in week.text
    days = links(week, '/staff?date=')
    assert len(days) == 7 and all('site=london' in d for d in days)
    # To another site on the same day, when it is not today's.
    assert 'date=%s' % (there + datetime.timedelta(1)) in [a for a in links(page.click('Next day'), 'site=' + first)][0]
    chart = page.click('Tess Thames')
    assert chart.path.endswith(uid)
    assert 'Tess Thames' in desk.open(chart.css('a.back')[0].get('href')).text


def test_an_action_comes_back_to_the_chart(two, day, staff):
    _, _, uid = two
    desk = staff('front_desk')
    day.sign(uid)
    page = desk.open('/staff/bookings/' + uid).form('/check-in').fill(birth_date=BORN).submit()
    assert page.status == 200 and page.path.endswith('/staff/bookings/' + uid) and day.status(uid) == 'arrived', page.text
    assert 'site=london' in page.css('a.back')[0].get('href')
    assert not attention(desk.open('/staff?site=london'))


def test_a_site_that_is_not_there(two, staff):
    desk = staff('front_desk')
    for wrong in ('atlantis', 'LONDON ', "london'", 'l' * 300):
        assert desk.open('/staff', params={'site': wrong}).status == 404
    assert desk.open('/staff?site=').status == 200


def test_no_page_about_all_sites_says_one_zone(two, staff, visitor, database):
    """Pages of one site say its zone at their end; pages about all of them would lie for some."""
    boss = staff('admin')
    resource = database.value("SELECT code FROM resource WHERE code = 'dr-thames'")
    for path in ('/staff/waitlist', '/staff/messages', '/staff/recalls', '/staff/block', '/staff/admin/closures',
                 '/staff/admin/services/thames-talk', '/staff/admin/resources/' + resource):
        page = boss.open(path)
        assert page.status == 200 and 'All times are in' not in page.text, path
    assert 'All times are in' in boss.open('/staff').text


def test_who_waits_is_told_the_time_at_their_site(two, staff, visitor, database):
    first, zone, uid = two
    form = visitor.open('/services/thames-talk/wait').form(having='given')
    page = form.fill(given='Tim', family='Tide', email='tim@example.org', phone='603-555-0166').submit()
    assert page.h1 == 'A time is free for you', page.text
    start = database.value("SELECT o.starts_at FROM waitlist_offer o JOIN waitlist w ON w.id = o.waitlist_id WHERE w.family = 'Tide'")
    at = datetime.datetime.fromtimestamp(start, zoneinfo.ZoneInfo(zone))
    clock = '%d:%02d %s' % (at.hour % 12 or 12, at.minute, 'am' if at.hour < 12 else 'pm')
    told = [c.text_content() for c in staff('front_desk').open('/staff/waitlist?status=offered').css('li.card') if 'Tide' in c.text_content()]
    assert len(told) == 1 and clock in told[0] and zone.split('/')[1].replace('_', ' ') in told[0], told
