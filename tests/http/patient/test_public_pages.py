# SPDX-License-Identifier: Apache-2.0
"""What meets somebody who comes by an old address, a search engine or a mistake: a page that goes on, and whose it is."""
import datetime
import re

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
    form = page.form(having='practitioner', button='Show times')
    who = [o for o in form.options('practitioner') if o][0]
    form.fill(practitioner=who)
    after = form.submit()
    assert chosen(after) == chosen(page)
    assert form.value('day') == re.search(r'day=([0-9-]+)', day).group(1)


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
