# SPDX-License-Identifier: Apache-2.0
"""What everybody may see: treatments and times; and what wrong addresses get."""
import datetime

import pytest

import patient


def test_treatments(visitor):
    page = visitor.open('/')
    assert page.status == 200
    assert page.title == 'Treatments – Harbor Joint Clinic'
    assert 'Bone-marrow concentrate for a knee' in page.text
    assert '$4,600.00' in page.text and 'Takes about' in page.text and 'Not for people' in page.text
    assert 'not been approved by the United States Food and Drug Administration' in page.text
    assert page.click('Platelet-rich plasma for a tendon').path == '/services/prp-tendon/times'
    assert page.tree.get('lang') == 'en'


def test_one_treatment(visitor):
    page = visitor.open('/services/bmac-knee')
    assert page.status == 200 and page.h1 == 'Bone-marrow concentrate for a knee'
    assert 'Bone-marrow harvest, 30 minutes' in page.text
    assert page.click('See free times').path == '/services/bmac-knee/times'


def test_times_start_where_something_is_free(visitor):
    page = patient.times_page(visitor)
    first = patient.times(page)[0]
    assert int(first.value('start')) % 300 == 0
    assert page.css('.month a') and page.css('.days a')
    chosen = page.css('.month a[aria-current]')
    assert len(chosen) == 1
    # The day's own address shows the same times.
    again = visitor.open('/services/prp-tendon/times' + chosen[0].get('href').split('#')[0])
    assert [f.value('start') for f in patient.times(again)] == [f.value('start') for f in patient.times(page)]


def test_next_month_and_back(visitor):
    page = patient.times_page(visitor)
    there = page.click('Next month')
    assert there.status == 200 and there.path != page.path
    back = there.click('Previous month')
    assert back.css('#month-title')[0].text == page.css('#month-title')[0].text


def test_every_offered_day_has_as_many_times_as_it_says(visitor):
    page = visitor.open('/services/consultation/times')
    for cell in page.css('.month a')[:4]:
        words = ' '.join(cell.text_content().split())
        day = visitor.open('/services/consultation/times' + cell.get('href').split('#')[0])
        assert '%d time' % len(patient.times(day)) in words


@pytest.mark.parametrize('path', ['/services/none', '/services/none/times', '/services/%C3%A9/times', '/nothing', '/b/short',
                                  '/b/' + 'A' * 43])
def test_unknown_is_404(visitor, path):
    page = visitor.open(path)
    assert page.status == 404
    assert page.h1 and page.css('main')


def test_forged_link_is_told_kindly(visitor):
    page = visitor.open('/b/' + 'A' * 43)
    assert page.h1 == 'This link does not work'
    assert '603-555-0100' in page.text
    assert page.response.headers['referrer-policy'] == 'no-referrer'
    assert not any('regen_p' in c and '.' in c for c in page.response.headers.get_list('set-cookie'))


@pytest.mark.parametrize('query', ['day=yesterday', 'day=2026-02-30', 'month=2026-13', 'month=2026-1', 'month=x',
                                   'practitioner=x', 'practitioner=-1', 'practitioner=99999999999'])
def test_wrong_parameters_are_422(visitor, query):
    page = visitor.open('/services/prp-tendon/times?' + query)
    assert page.status == 422, page
    assert page.css('main')


@pytest.mark.parametrize('query', ['month=2199-12', 'day=2199-01-01'])
def test_far_future_is_422(visitor, query):
    assert visitor.open('/services/prp-tendon/times?' + query).status == 422


@pytest.mark.parametrize('query', ['day=%ff%fe', 'day=%00', 'x=%c0%af'])
def test_broken_bytes_are_400(visitor, query):
    assert visitor.open('/services/prp-tendon/times?' + query).status == 400


def test_a_day_off_says_so(visitor):
    today = datetime.date.today()
    sunday = today + datetime.timedelta(days=13 - today.weekday())
    page = visitor.open('/services/prp-tendon/times?day=%s' % sunday)
    assert page.status == 200 and 'Nothing is free on this day' in page.text
    assert not patient.times(page)


def test_pages_are_not_kept_nor_framed(visitor):
    for path in ('/', '/services/prp-tendon/times'):
        headers = visitor.open(path).response.headers
        assert "script-src 'self'" in headers['content-security-policy']
        assert "'unsafe-inline'" not in headers['content-security-policy']
        assert headers['x-content-type-options'] == 'nosniff'


@pytest.mark.parametrize('path', ['/booking', '/booking/details', '/booking/consent', '/booking/consent/privacy',
                                  '/booking/check', '/booking/cancel', '/booking/calendar.ics'])
def test_without_a_session(visitor, path):
    page = visitor.open(path)
    assert page.status == 401
    assert 'Please open your link again' in page.text
    assert 'no-store' in page.response.headers['cache-control']


def test_static_files(visitor):
    css = visitor.get('/static/regen.css')
    assert css.status_code == 200 and 'text/css' in css.headers['content-type']
    assert visitor.get('/static/regen.js').status_code == 200
    assert visitor.get('/static/none.css').status_code == 404


def test_only_who_can_treat_is_to_be_asked_for(visitor, database):
    """A nurse practitioner injects, but who injects here has to have harvested too, and she does not."""
    names = dict(database.rows("SELECT code, name FROM resource WHERE kind = 'practitioner'"))
    for service, codes in (('bmac-knee', {'dr-rivera', 'dr-chen'}), ('consultation', {'dr-rivera', 'dr-chen', 'np-okafor'})):
        page = visitor.open('/services/%s/times' % service)
        told = {a.text for a in page.css('.whom a')[1:]}
        assert told == {names[c] for c in codes}, service


def test_the_least_that_a_search_may_cover_is_a_month(servers, database):
    """The longest month is shown with the smallest RegenSearchDays that configtest lets pass."""
    with servers(database=database, extra='RegenSearchDays 31\n').visitor() as someone:
        day = datetime.date.today().replace(day=1) + datetime.timedelta(32)
        while (day.replace(day=28) + datetime.timedelta(4)).day != 1:  # a month of 31 days
            day = day.replace(day=1) + datetime.timedelta(32)
        page = someone.open('/services/consultation/times?month=%s' % day.isoformat()[:7])
        assert page.status == 200 and page.css('table.month a')
        assert someone.open('/services/consultation/times').status == 200
