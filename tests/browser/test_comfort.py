# SPDX-License-Identifier: Apache-2.0
"""What stays in sight and in place: the held time on every step, at 400 % zoom too; the month with text at twice its size; a
consent that is printed from its first page on."""
import re

import test_patient as way


def box(browser, css):
    return browser.driver.execute_script(
        'var b = document.querySelector(arguments[0]).getBoundingClientRect(); return [b.top, b.bottom, b.left, b.right];', css)


def scroll(browser, y):
    browser.driver.execute_script('window.scrollTo(0, arguments[0])', y)


def test_held_time_stays_in_sight(browser):
    way.hold(browser)
    browser.fill(**way.ADA)
    browser.click('Continue')
    browser.visit('/booking/consent')
    browser.leave(lambda: browser.all('.ticks a.button')[0].click())
    for width, height in ((browser.width, browser.height), (320, 256)):  # the second: 1280 x 1024 at 400 %
        browser.resize(width, height)
        scroll(browser, 400)
        top, bottom, _, _ = box(browser, '.held p')
        assert -1 <= top and bottom <= (84 if height > 320 else 64), (width, top, bottom)
        assert bottom - top <= height / 4, 'it leaves the screen to the page'
        if height > 320:  # who holds two must tell them apart
            assert browser.one('.held .what').is_displayed(), width
            assert re.search(r': .+, .+ at \d+:\d\d [ap]m|: .+\d+:\d\d [ap]m', browser.one('.held p').text), browser.one('.held p').text
        browser.fits()
        browser.screenshot('comfort-held-%d' % width)
    browser.resize(browser.width, browser.height)
    browser.axe()


def test_month_with_text_twice_as_large(browser):
    browser.visit('/services/%s/times' % way.SERVICE)
    browser.driver.execute_script("document.documentElement.style.fontSize = '200%'")
    browser.fits()
    cells = browser.driver.execute_script('''
        return Array.from(document.querySelectorAll('table.month td a, table.month th, table.month td span.off'))
            .filter(e => e.getClientRects().length).map(e => [e.scrollWidth - e.clientWidth, e.textContent])''')
    assert [c for c in cells if c[0] > 1] == []
    browser.screenshot('comfort-month-large')


def test_printed_consent_begins_on_page_one(browser):
    """What is longer than a page and may not be broken goes to the next one and leaves the first empty."""
    way.hold(browser)
    browser.fill(**way.ADA)
    browser.click('Continue')
    browser.visit('/booking/consent')
    browser.leave(lambda: browser.all('.ticks a.button')[0].click())
    browser.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print'})
    try:
        style = browser.driver.execute_script("return getComputedStyle(document.querySelector('.paper')).breakInside")
        assert style == 'auto'
        browser.screenshot('comfort-consent-printed')
    finally:
        browser.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': ''})


def test_more_time_is_offered_in_the_line_that_stays(browser, database):
    """Two minutes before the end, wherever the page is scrolled to, and once; what is typed stays."""
    way.hold(browser)
    browser.fill(given='Typed')
    database.rows('UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() + 100 ORDER BY id DESC LIMIT 1')
    assert not browser.all('.held p [data-more]')
    browser.click('I need more time')
    assert not browser.all('.held p [data-more]'), 'there is time enough again'
    database.rows('UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() + 100, hold_extended = 0 ORDER BY id DESC LIMIT 1')
    browser.driver.refresh()
    browser.visit('/booking/details').fill(given='Typed')
    browser.wait(lambda: browser.all('.held.asks'))
    assert len(browser.all('.held p [data-more]')) == (browser.name == 'phone')
    scroll(browser, 600)
    more = browser.one('.held [data-more]')
    top, bottom, left, right = box(browser, '.held [data-more]')
    assert more.is_displayed() and -1 <= top and bottom <= 110 and right <= browser.width
    browser.fits().axe()
    browser.screenshot('comfort-held-asks')
    browser.leave(more.click)
    assert browser.one('#given').get_attribute('value') == 'Typed' and not browser.all('.held p [data-more]')
