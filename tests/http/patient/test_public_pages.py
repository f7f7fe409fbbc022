# SPDX-License-Identifier: Apache-2.0
"""What meets somebody who comes by an old address, a search engine or a mistake: a page that goes on, and whose it is."""
import datetime
import re
import zoneinfo

import patient
import pytest

TIMES = '/services/%s/times' % patient.SERVICE


def chosen(page):
    return page.css('#day-title')[0].text_content()


@pytest.mark.parametrize('query', ['month=2001-01', 'day=2001-01-15', 'month=2001-01&practitioner='])
def test_old_addresses_lead_to_now(visitor, query):
    now = visitor.open(TIMES)
    page = visitor.open(TIMES + '?' + query)
    assert page.status == 200 and page.css('#month-title')[0].text_content() == now.css('#month-title')[0].text_content()
    assert chosen(page) == chosen(now) and patient.times(page)


def test_a_month_with_nothing_names_the_next_day(visitor, database):
    """Nothing for the coming weeks: this month, and a day of it, point to the first day that has something."""
    today = datetime.date.today()
    away = today + datetime.timedelta(45)
    database.rows("INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute, reason)"
                  " SELECT id, NULL, %s, %s, 0, 1440, 'test-away' FROM site", today, away)
    try:
        now = visitor.open(TIMES)
        assert patient.times(now), 'the first page opens where something is free'
        page = visitor.open('%s?month=%s' % (TIMES, today.strftime('%Y-%m')))
        assert page.status == 200 and 'No free times this month' in chosen(page)
        page = page.click('Next free day')
        assert patient.times(page) and chosen(page) == chosen(now)
        page = visitor.open('%s?day=%s' % (TIMES, today + datetime.timedelta(3)))
        assert 'Nothing is free on this day' in page.text and chosen(now) in page.text
    finally:
        database.rows("DELETE FROM closure WHERE reason = 'test-away'")


def test_the_filter_keeps_the_day(visitor):
    page = visitor.open(TIMES)
    day = [a for a in page.links() if '?day=' in a][-1]
    page = visitor.open(day)
    after = visitor.open(list(patient.with_whom(page).values())[0])
    assert chosen(after) == chosen(page)
    assert re.search(r'day=([0-9-]+)', after.url).group(1) == re.search(r'day=([0-9-]+)', day).group(1)


def hours(page):
    return [int(f.value('start')) for f in patient.times(page)]


def test_mornings_afternoons_and_weekdays(visitor, database):
    """One press each, kept by every address of the page, taken back by another press; nothing is offered that the page without them has not."""
    zone = zoneinfo.ZoneInfo(database.value("SELECT time_zone FROM site ORDER BY id LIMIT 1"))
    page = visitor.open(TIMES)
    for word, fits in (('Mornings', lambda t: t.hour < 12), ('Afternoons', lambda t: t.hour >= 12)):
        some = page.click(word)
        shown = [datetime.datetime.fromtimestamp(t, zone) for t in hours(some)]
        assert shown and all(fits(t) for t in shown), word
        day = visitor.open('%s?day=%s' % (TIMES, shown[0].date()))
        assert hours(some) == [t for t in hours(day) if fits(datetime.datetime.fromtimestamp(t, zone))]
        assert all('part=' in a for a in some.links() if '?day=' in a or '?month=' in a)
        assert hours(some.click(word)) == hours(page), 'a second press takes it back'
    some = page.click('Afternoons').click('Thursdays')
    assert {datetime.datetime.fromtimestamp(t, zone).weekday() for t in hours(some)} == {3}
    assert {a.get('href').split('day=')[1][:10] for a in some.css('.month a')} <= {
        d.isoformat() for d in (datetime.date.today() + datetime.timedelta(n) for n in range(70)) if d.weekday() == 3}
    for wrong in ('part=night', 'on=8', 'on=0', 'on=x', 'part=morning&on=-1'):
        assert visitor.open(TIMES + '?' + wrong).status == 422, wrong


def test_why_a_day_has_nothing(visitor, database):
    """Past, closed and full are three words and three looks."""
    page = visitor.open(TIMES)
    day = datetime.date.fromisoformat(page.css('.days a')[-1].get('href').split('day=')[1][:10])
    tile = lambda: next(e for e in visitor.open('%s?day=%s' % (TIMES, day)).css('.days li') if '%d %s' % (day.day, day.strftime('%B %Y')) in e.text_content())
    assert tile().xpath('a')
    assert all('closed' in (e.get('class')) for e in page.css('.days .off') if re.search('Saturday|Sunday', e.text_content()))
    database.rows("INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute, reason)"
                  " SELECT id, NULL, %s, %s, 0, 1440, 'test-day' FROM site", day, day)
    try:
        assert 'closed' in tile().xpath('span')[0].get('class') and 'closed' in tile().text_content()
    finally:
        database.rows("DELETE FROM closure WHERE reason = 'test-day'")
    database.rows("INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute, reason)"
                  " SELECT site_id, id, %s, %s, 0, 1440, 'test-day' FROM resource WHERE kind = 'room'", day, day)
    try:
        assert 'full' in tile().xpath('span')[0].get('class') and 'all times are taken' in tile().text_content()
    finally:
        database.rows("DELETE FROM closure WHERE reason = 'test-day'")
    assert tile().xpath('a')


def test_only_personal_pages_are_kept_from_search_engines(visitor, staff):
    for path in ('/', '/services/' + patient.SERVICE, TIMES):
        assert 'noindex' not in visitor.get(path).text, path
    patient.hold(visitor)
    for path in ('/booking/details', '/login', '/no-such-page', '/services/%s/wait' % patient.SERVICE):
        assert 'noindex' in visitor.open(path).response.text, path
    assert 'noindex' in staff('front_desk').open('/staff/').response.text


@pytest.mark.parametrize('path', ['/no-such-page', TIMES + '?month=2026-13', '/services/no-such-thing', '/booking', '/services/no-such/times'])
def test_errors_say_whose_page_it_is_and_whom_to_call(visitor, database, path):
    name, phone = database.rows('SELECT name, phone FROM site ORDER BY id LIMIT 1')[0]
    page = visitor.open(path)
    assert page.status >= 400
    assert name in page.title and name in page.text and phone in page.text


def test_icon(visitor):
    page = visitor.open('/')
    icon = visitor.get(page.css('link[rel=icon]')[0].get('href'))
    assert icon.status_code == 200 and icon.headers['content-type'] == 'image/svg+xml' and 'max-age' in icon.headers['cache-control']


def test_words_do_not_run_together(visitor):
    """As a reader without a stylesheet has them."""
    page = visitor.open(TIMES)
    for button in page.css('ul.times button'):
        assert re.match(r'\d+:\d\d [ap]m to about', ' '.join(button.text_content().split())), button.text_content()
    for day in page.css('table.month td a'):
        assert re.match(r'\d+ [A-Z][a-z]+day \d+ .*, \d+ times?$', ' '.join(day.text_content().split())), day.text_content()
