# SPDX-License-Identifier: Apache-2.0
"""The patient's pages in a real browser: the whole way by keyboard at phone width, without scripts, in narrow windows, and
every page in every state past axe-core. Pictures of all of them are left in build/test/browser/shots to be looked at."""
import collections
import re

import pytest
from selenium.webdriver.common.keys import Keys

NAME = 'Ada Lovelace'
ADA = dict(given='Ada', family='Lovelace', birth_date='12/10/1962', email='ada@example.org', phone='603-555-0142',
           body_site='elbow', side='right', pay='self')
SERVICE = 'prp-tendon'


def look(browser, name):
    """What every page must pass, and its picture."""
    browser.fits()
    browser.axe()
    assert len(browser.all('h1')) == 1 and browser.h1
    browser.screenshot('patient-' + name)


def hold(browser, service=SERVICE):
    browser.visit('/services/%s/times' % service)
    for _ in range(4):
        if browser.all('.times button'):
            break
        browser.click('Next month')
    browser.leave(lambda: browser.all('.times button')[-1].click())
    assert browser.path == '/booking/details', browser.text


def sign(browser):
    while browser.all('.ticks a.button'):
        browser.leave(lambda: browser.all('.ticks a.button')[0].click())
        browser.fill(agree='yes', signer_name=NAME)
        browser.click('Sign this form')


def test_style_and_script_are_asked_for_once(browser, server):
    """Of a whole booking, read again in between: nothing that a page is drawn with is asked for a second time."""
    browser.driver.execute_cdp_cmd('Network.clearBrowserCache', {})
    with open(server.access_log) as f:
        before = len(f.readlines())
    browser.visit('/services')
    hold(browser)
    browser.fill(**ADA)
    browser.click('Continue')
    browser.visit('/booking/consent')
    sign(browser)
    browser.click('Continue')
    browser.driver.refresh()
    browser.click('Book this visit')
    assert browser.h1 == 'You are booked', browser.text
    with open(server.access_log) as f:
        asked = re.findall(r'"GET \S*/static/([\w.-]+)\S* HTTP', ''.join(f.readlines()[before:]))
    times = collections.Counter(asked)
    assert (times['regen.css'], times['regen.js']) == (1, 1) and max(times.values()) == 1, times


def test_every_page(browser):
    browser.visit('/')
    look(browser, '01-treatments')
    browser.click('More about')
    look(browser, '02-treatment')
    browser.click('See free times')
    look(browser, '03-times')
    hold(browser)
    look(browser, '04-details-empty')
    browser.click('Continue')
    assert browser.title.startswith('Error:')
    look(browser, '05-details-errors')
    browser.fill(pay='insurance', relationship='spouse')
    browser.click('Continue')
    look(browser, '06-details-insurance-errors')
    browser.fill(**ADA)
    browser.click('Continue')
    assert browser.path == '/booking/check'
    browser.visit('/booking/consent')
    look(browser, '07-consents')
    browser.leave(lambda: browser.all('.ticks a.button')[0].click())
    look(browser, '08-consent')
    browser.click('Sign this form')
    assert browser.title.startswith('Error:')
    look(browser, '09-consent-errors')
    browser.visit('/booking/consent')
    sign(browser)
    look(browser, '10-consents-done')
    browser.click('Continue')
    assert browser.path == '/booking/check'
    look(browser, '11-check')
    browser.click('Book this visit')
    assert browser.h1 == 'You are booked'
    look(browser, '12-booked')
    browser.visit('/booking/consent')
    browser.click('Read')
    look(browser, '13-consent-signed')
    browser.click('Withdraw this consent')
    look(browser, '14-withdraw')
    browser.visit('/booking/cancel')
    look(browser, '15-cancel')
    browser.visit('/nothing')
    look(browser, '16-not-found')
    browser.visit('/b/' + 'A' * 43)
    look(browser, '17-bad-link')


def test_time_is_over(browser, database):
    hold(browser)
    database.rows('UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() - 5 ORDER BY id DESC LIMIT 1')
    browser.visit('/booking')
    assert browser.h1 == 'This time is no longer held for you'
    look(browser, '18-gone')


def test_just_taken(browser, server):
    browser.visit('/services/bmac-knee/times')
    while not browser.all('.times button'):
        browser.click('Next month')
    start = browser.one('.times input[name=start]').get_attribute('value')
    with server.visitor() as other:
        for _ in range(6):
            page = other.open('/services/bmac-knee/times')
            twin = [f for f in page.forms() if f.action.endswith('/holds') and f.value('start') == start]
            if not twin:
                break
            assert twin[0].submit(follow=False).status_code == 303
            other.client.cookies.clear()
    browser.leave(lambda: browser.one('.times button').click())
    assert browser.h1 == 'That time was just taken'
    look(browser, '19-taken')
    browser.leave(lambda: browser.one('.times button').click())
    assert browser.path == '/booking/details'


def press(browser, key=Keys.ENTER):
    browser.leave(lambda: browser.keys(key))


def test_all_by_keyboard(browser):
    """Nothing but Tab, Enter, Space, arrows and letters; the focus is always seen."""
    browser.visit('/')
    first = browser.tab_to('Skip to the main content')
    assert first.is_displayed()
    browser.tab_to('See free times for Platelet')
    press(browser)
    assert browser.path.startswith('/services/prp-tendon/times')
    while not browser.all('.times button'):
        browser.tab_to('Next month')
        press(browser)
    browser.tab_to(browser.all('.times button')[-1].text.split('\n')[0])
    press(browser)
    assert browser.path == '/booking/details'
    for name in ('given', 'family'):
        browser.tab_to(name=name)
        browser.keys(ADA[name])
    for name, text in (('birth_month', 'December'), ('birth_day', '10'), ('birth_year', '1962')):
        browser.tab_to(name=name)
        browser.keys(text)
    for name in ('email', 'phone'):
        browser.tab_to(name=name)
        browser.keys(ADA[name])
    browser.tab_to(name='body_site')
    browser.keys(Keys.SPACE)
    browser.tab_to(name='side')
    browser.keys(Keys.SPACE)
    browser.keys(Keys.ARROW_DOWN)
    browser.tab_to(name='pay')
    browser.keys(Keys.SPACE)
    browser.tab_to('Continue')
    press(browser)
    assert browser.path == '/booking/check', browser.text
    assert 'right' in browser.one('main').text
    browser.tab_to('Book this visit')
    press(browser)
    assert browser.h1 == 'You are booked'
    browser.tab_to('Read and sign')
    press(browser)
    while browser.all('.ticks a.button'):
        browser.tab_to('Read and sign')
        press(browser)
        browser.tab_to(name='agree')
        browser.keys(Keys.SPACE)
        browser.tab_to(name='signer_name')
        browser.keys(NAME)
        browser.tab_to('Sign this form')
        press(browser)
    assert 'All forms are signed' in browser.text


def test_error_summary_leads_to_the_field(browser):
    hold(browser)
    browser.click('Continue')
    active = browser.driver.switch_to.active_element
    assert 'summary' in active.get_attribute('class')
    browser.named('Enter your name').click()
    assert browser.driver.switch_to.active_element.get_attribute('name') == 'given'
    # Back to the top as a person would; the driver would leave it under the held time's line.
    browser.driver.execute_script('window.scrollTo(0, 0)')
    browser.named('Choose where you want').click()
    assert browser.driver.switch_to.active_element.get_attribute('name') == 'body_site'


def test_enter_continues_and_more_time_keeps_what_was_typed(browser):
    hold(browser)
    browser.fill(given='Ada')
    browser.click('I need more time')
    assert browser.h1 == 'About you' and not browser.title.startswith('Error:')
    assert browser.one('#given').get_attribute('value') == 'Ada'
    browser.one('#family').send_keys('Lovelace')
    browser.leave(lambda: browser.one('#family').send_keys(Keys.ENTER))
    assert browser.title.startswith('Error: About you'), browser.title


def test_enter_is_not_more_time(browser, database):
    hold(browser)
    browser.leave(lambda: browser.one('#family').send_keys(Keys.ENTER))
    assert browser.title.startswith('Error: About you'), browser.title
    assert database.value('SELECT hold_extended FROM booking ORDER BY id DESC LIMIT 1') == 0


def test_insurance_opens_when_it_is_chosen(browser):
    hold(browser)
    assert not browser.one('#member_id').is_displayed()
    browser.fill(pay='insurance')
    assert browser.one('#member_id').is_displayed()
    assert browser.one('#subscriber_family').is_displayed()
    browser.fill(relationship='self')
    assert not browser.one('#subscriber_family').is_displayed()
    browser.fill(pay='self')
    assert not browser.one('#member_id').is_displayed()


def test_an_estimate(browser):
    hold(browser)
    browser.fill(**ADA)
    browser.click('Continue')
    browser.click('Book this visit')
    browser.click('Your estimate')
    assert browser.h1.startswith('Your estimate GFE-') and 'you are expected to pay' in browser.text
    look(browser, 'estimate')


def test_without_scripts(plain_browser):
    browser = plain_browser
    hold(browser)
    browser.fill(**ADA)
    browser.click('Continue')
    browser.click('Book this visit')
    assert browser.h1 == 'You are booked'
    browser.click('Read and sign')
    sign(browser)
    browser.visit('/booking')
    assert not [b for b in browser.all('[data-print]') if b.is_displayed()], 'a button that does nothing'


@pytest.mark.parametrize('width', [320, 640])
def test_narrow_windows(browser, width):
    """320 pixels, and 1280 at 200 % zoom."""
    browser.resize(width, 640)
    for path in ('/', '/services/bmac-knee', '/services/bmac-knee/times', '/nothing'):
        browser.visit(path).fits()
    hold(browser)
    browser.fits()
    browser.click('Continue')
    browser.fits()
    if width == 320:
        browser.visit('/services/%s/times' % SERVICE)
        assert not browser.one('.month').is_displayed()
        small = [e.size['height'] for e in browser.all('.days a, .times button')]
        assert small and min(small) >= 44


def test_targets_are_large(browser):
    hold(browser)
    small = browser.driver.execute_script('''
        return [...document.querySelectorAll('button, .button, select, input:not([type=hidden]), nav a, .back, .choice label')]
          .map(e => [e, e.getBoundingClientRect(), getComputedStyle(e)])
          .filter(([e, r, s]) => r.width && !['radio', 'checkbox'].includes(e.type) && r.height < 43.9)
          .map(([e, r]) => e.outerHTML.slice(0, 90) + ' ' + r.height)''')
    assert not small, small


def test_prints_without_the_frame(browser):
    browser.visit('/services/bmac-knee')
    browser.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print'})
    try:
        assert not browser.one('.actions').is_displayed() and not browser.one('.skip').is_displayed()
        assert browser.one('h1').is_displayed()
    finally:
        browser.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': ''})
