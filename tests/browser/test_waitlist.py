# SPDX-License-Identifier: Apache-2.0
"""The waitlist in a real browser: joining by keyboard, an offer taken, every state past axe-core at phone and desktop width,
without scripts, and the desk's pages with messages."""
import pytest
from selenium.webdriver.common.keys import Keys

SERVICE = 'prp-tendon'
GRACE = dict(given='Grace', family='Hopper', email='grace@example.org', phone='603-555-0177')


def look(browser, name):
    browser.fits()
    browser.axe()
    assert len(browser.all('h1')) == 1 and browser.h1
    browser.screenshot('waitlist-' + name)


def press(browser, key=Keys.ENTER):
    browser.leave(lambda: browser.keys(key))


def shut(database):
    database.rows("INSERT INTO closure (id, site_id, resource_id, first_day, last_day, reason) VALUES (990, 1, NULL, '2020-01-01',"
                  " '2190-01-01', 'test')")


def open_again(database):
    database.rows('DELETE FROM closure WHERE id = 990')


@pytest.fixture(autouse=True)
def a_clinic_that_opens(database):
    yield
    open_again(database)
    database.rows("UPDATE waitlist SET status = 'closed', closed_why = 'removed' WHERE status = 'waiting'")


def join_by_keyboard(browser):
    browser.visit('/services/%s/times' % SERVICE)
    look(browser, '01-times')
    browser.tab_to('Join the waitlist')
    press(browser)
    assert browser.h1 == 'Join the waitlist'
    look(browser, '02-join')
    for name in ('given', 'family', 'email', 'phone'):
        browser.tab_to(name=name)
        browser.keys(GRACE[name])
    browser.tab_to('Join the waitlist')
    press(browser)


def test_by_keyboard_from_wish_to_details(browser, database):
    shut(database)
    join_by_keyboard(browser)
    assert browser.path == '/waiting' and browser.h1 == 'You are on the waitlist', browser.text
    look(browser, '03-waiting')
    link = browser.one('p.code a').get_attribute('href')
    open_again(database)
    # The next who joins finds the clinic open, and is behind: the first is served first.
    with browser.server.visitor() as other:
        page = other.open('/services/%s/wait' % SERVICE)
        page.form(having='given').fill(**dict(GRACE, given='Later')).submit()
        other.open('/waiting').form(action='/waiting/leave').submit()
    browser.visit(link)
    assert browser.h1 == 'A time is free for you', browser.text
    look(browser, '04-offered')
    browser.tab_to('Accept this time')
    press(browser)
    assert browser.path == '/booking/details' and 'Held for you until' in browser.text
    assert browser.one('#family').get_attribute('value') == 'Hopper'
    browser.click('Release this time')
    browser.visit(link)
    browser.one('main details summary').click()
    look(browser, '05-again')
    browser.click('Leave now')
    assert browser.h1 == 'You are no longer on the waitlist'
    look(browser, '06-left')


def test_everything_wrong(browser):
    browser.visit('/services/%s/wait' % SERVICE)
    for box in browser.all('input[name=day]'):
        browser.one('label[for="%s"]' % box.get_attribute('id')).click()
    browser.click('Join the waitlist')
    assert browser.title.startswith('Error:')
    look(browser, '07-errors')


def test_without_script(plain_browser, database):
    shut(database)
    plain_browser.visit('/services/%s/wait' % SERVICE)
    for name, value in GRACE.items():
        plain_browser.one('[name=%s]' % name).send_keys(value)
    plain_browser.click('Join the waitlist')
    assert plain_browser.h1 == 'You are on the waitlist'


def test_desk(browser, database, server):
    shut(database)
    with server.visitor() as other:
        other.open('/services/%s/wait' % SERVICE).form(having='given').fill(**GRACE).submit()
    open_again(database)
    with server.visitor() as other:
        other.open('/services/%s/wait' % SERVICE).form(having='given').fill(**dict(GRACE, given='Later')).submit()
    browser.login('front_desk')
    browser.visit('/staff/waitlist?status=offered')
    look(browser, '10-desk-offered')
    browser.visit('/staff/waitlist?service=' + SERVICE)
    browser.click('Add a patient')
    look(browser, '11-desk-join')
    browser.fill(**dict(GRACE, given='Third'))
    browser.click('Add to the waitlist')
    assert 'is on the waitlist' in browser.h1
    look(browser, '12-desk-link')
    browser.visit('/staff/waitlist?service=' + SERVICE)
    look(browser, '13-desk-list')
    browser.visit('/staff/messages')
    browser.one('.letter summary').click()
    look(browser, '14-outbox')
    browser.visit('/staff/waitlist?status=offered')
    while browser.all('.waiters'):
        browser.one('.waiters summary').click()
        browser.click('Hopper from the list')
