# SPDX-License-Identifier: Apache-2.0
"""A patient's way through the pages, in steps that tests can stop after. No fixtures and no assertions of its own beyond
"this step worked"."""
import datetime
import re
import urllib.parse

ADA = dict(family='Lovelace', given='Ada', birth_date='12/10/1962', gender='female', email='ada@example.org',
           phone='603-555-0142', address_line='7 Analytical Way', city='Dover', state='NH', postal_code='03820')
NAME = 'Ada Lovelace'
SERVICE = 'prp-tendon'


def times(page):
    """The forms that hold a time."""
    return [f for f in page.forms() if f.action.endswith('/holds')]


def times_page(visitor, service=SERVICE, at=None):
    page = visitor.open('/services/%s/times' % service + (at or ''))
    assert page.status == 200, page
    for _ in range(6):
        if times(page):
            return page
        page = page.click('Next month')
    raise AssertionError('no free time on %r' % page)


def days(visitor, path, many=6):
    """Addresses of the first days with free times, from the page of free times at PATH (also /booking/move): at
    least MANY of them, over as many months as that takes, because at the end of a month few are left in it."""
    found, page = {}, visitor.open(path)
    for _ in range(7):
        assert page.status == 200, page
        for address in page.links():
            day = re.search(r'[?&]day=([0-9-]{10})', address)
            if day:
                found[day.group(1)] = address
        following = page.css('a[rel=next]')
        if len(found) >= many or not following:
            break
        page = visitor.open(urllib.parse.urljoin(page.url, following[0].get('href')))
    return [found[day].split('#')[0] for day in sorted(found)]


def hold(visitor, service=SERVICE, which=0, at=None):
    """The details page of a time just held."""
    page = times(times_page(visitor, service, at))[which].submit()
    assert page.status == 200 and page.path == '/booking/details', page
    return page


def give_details(page, **changes):
    fields = dict(ADA, body_site='elbow', side='right', pay='self')
    fields.update(changes)
    page = page.form(having='family').fill(**fields).submit()
    assert page.status == 200 and page.path.startswith('/booking/'), (page, page.text)
    return page


def open_forms(page):
    """Addresses of the consent forms that are listed."""
    return sorted(set(a for a in page.links() if re.search(r'/booking/consent/[a-z-]+(\?booking=\w+)?$', a)))


def at(path, about):
    """PATH of the booking ABOUT, or of the only one."""
    return path + ('?booking=' + about if about else '')


def sign_all(visitor, name=NAME, about=''):
    for address in open_forms(visitor.open(at('/booking/consent', about))):
        page = visitor.open(address)
        if [f for f in page.forms() if 'signer_name' in f.names()]:
            page = page.form(having='signer_name').fill(signer_name=name, agree='yes').submit()
            assert page.status == 200 and page.path == '/booking/consent', (page, page.text)
    return visitor.open(at('/booking/consent', about))


def later_day(visitor, service=SERVICE):
    """"?day=…" of the second day that has times: a whole one. Of the first, notice may have left the last hours only."""
    return '?' + urllib.parse.urlsplit(days(visitor, '/services/%s/times' % service, 2)[1]).query


def ready(visitor, day=None, **changes):
    """The check page of a booking that lacks nothing."""
    about = give_details(hold(visitor, at=day), **changes).about
    sign_all(visitor, about=about)
    page = visitor.open(at('/booking/check', about))
    assert page.path == '/booking/check', page
    return page


def book(visitor, day=None, **changes):
    """The booked page."""
    page = ready(visitor, day, **changes).form(action='/booking/check').submit()
    assert page.status == 200 and page.path == '/booking' and page.h1 == 'You are booked', (page, page.text)
    return page


def come_back(visitor, link, born='12/10/1962'):
    """The booked page by its private link, in a browser that may have to give the date of birth first."""
    page = visitor.open(link)
    if page.path == '/booking/open':
        page = page.form(having='birth_year').fill(birth_date=born).submit()
    assert page.status == 200 and page.path == '/booking', (page, page.text)
    return page


def private_link(page):
    return [a for a in page.links() if '/b/' in a][0]


def clock_change(zone, month):
    """The next day of that month, more than a week ahead, on which the clocks of ZONE change."""
    soon = datetime.date.today() + datetime.timedelta(7)
    for year in range(soon.year, soon.year + 3):
        day = datetime.date(year, month, 1)
        while day.month == month:
            offsets = [datetime.datetime(d.year, d.month, d.day, tzinfo=zone).utcoffset() for d in (day, day + datetime.timedelta(1))]
            if offsets[0] != offsets[1] and day > soon:
                return day
            day += datetime.timedelta(1)
    raise AssertionError('no change of clocks in month %d' % month)


def with_whom(page):
    """The practitioners that a page of times offers to choose from: {id: its address}."""
    return {re.search(r'practitioner=([0-9]+)', a.get('href')).group(1): a.get('href')
            for a in page.css('.whom a') if 'practitioner=' in a.get('href')}
