# SPDX-License-Identifier: Apache-2.0
"""Moving a booking in a real browser: by keyboard, without scripts, at both widths; the countdown of a held time; the practitioner filter.
Pictures of all pages in build/test/browser/shots."""
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

import billfill
import test_patient as journey


def look(browser, name):
    browser.fits()
    browser.axe()
    assert len(browser.all('h1')) == 1 and browser.h1
    browser.screenshot('move-' + name)


def book(browser):
    journey.hold(browser)
    browser.fill(**journey.ADA)
    browser.click('Continue')
    browser.click('Book this visit')
    assert browser.h1 == 'You are booked'


def start(database):
    return database.value("SELECT starts_at FROM booking WHERE status = 'booked' ORDER BY id DESC LIMIT 1")


def test_every_page_of_a_move(browser, database):
    book(browser)
    browser.visit('/booking')
    look(browser, '01-booked')
    browser.click('Reschedule this booking')
    assert browser.h1 == 'Choose a new time'
    look(browser, '02-times')
    old = start(database)
    browser.leave(lambda: browser.all('.times button')[0].click())
    assert browser.h1 == 'Reschedule your booking?'
    look(browser, '03-confirm')
    address = browser.path
    browser.click('Reschedule my booking')
    assert browser.path == '/booking?moved=1' and start(database) != old
    look(browser, '04-moved')
    browser.visit(address)
    assert browser.h1 == 'Nothing was changed' and browser.title.startswith('Error:')
    look(browser, '05-nothing-new')
    database.rows('UPDATE service SET move_notice_minutes = 9999999')
    try:
        browser.visit('/booking')
        look(browser, '06-booked-late')
        browser.visit('/booking/move')
        assert browser.h1 == 'Please call to reschedule'
        look(browser, '07-too-late')
    finally:
        database.rows('UPDATE service SET move_notice_minutes = 1440')


def press(browser):
    browser.leave(lambda: browser.keys(Keys.ENTER))


def test_by_keyboard(browser, database):
    book(browser)
    browser.visit('/booking')
    old = start(database)
    browser.tab_to('Reschedule this booking')
    press(browser)
    browser.tab_to('to about')
    press(browser)
    assert browser.h1 == 'Reschedule your booking?'
    browser.tab_to('Reschedule my booking')
    press(browser)
    assert browser.path == '/booking?moved=1' and start(database) != old


def test_without_scripts(plain_browser, database):
    browser = plain_browser
    book(browser)
    browser.click('Reschedule this booking')
    old = start(database)
    browser.leave(lambda: browser.all('.times button')[1].click())
    browser.click('Reschedule my booking')
    assert 'Your booking is rescheduled' in browser.text and start(database) != old
    # The clock time is there without a countdown.
    journey.hold(browser)
    assert 'Held for you until' in browser.one('.held').text and not browser.all('.held .left')


def test_countdown(browser):
    journey.hold(browser)
    left = browser.one('.held .left')
    first = left.text
    assert first.startswith('(') and first.endswith(' left)') and ':' in first, first
    WebDriverWait(browser.driver, 10).until(lambda d: left.text != first)
    browser.click('I need more time')
    minutes = int(browser.one('.held .left').text.lstrip('(').split(':')[0])
    assert minutes > int(first.lstrip('(').split(':')[0])
    assert [b for b in browser.all('.held button') if 'more time' in b.text], 'and once more, if need be'
    look(browser, '08-held-extended')


def test_countdown_gets_loud(browser, database):
    """In the last two minutes it is said to who cannot see it, and shown to who can."""
    journey.hold(browser)
    assert browser.one('.held [role=status]').get_attribute('textContent') == ''
    database.rows("UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() + 100 WHERE status = 'held' ORDER BY id DESC LIMIT 1")
    browser.visit('/booking/details')
    WebDriverWait(browser.driver, 10).until(lambda d: 'late' in browser.one('.held').get_attribute('class').split())
    assert 'minute' in browser.one('.held [role=status]').get_attribute('textContent')
    look(browser, '09-held-late')


def test_who_treats(browser):
    browser.visit('/services/%s/times' % journey.SERVICE)
    for _ in range(4):
        if browser.all('.times button'):
            break
        browser.click('Next month')
    offered = browser.all('.whom a')
    assert offered[0].text == 'Anybody who is free' and len(offered) > 2
    name = offered[1].text
    browser.click(name)
    assert 'practitioner=' in browser.path and browser.one('.chips a[aria-current]').text == name
    look(browser, '10-who-treats')


def test_two_sites(browser, database):
    """Where there is a choice of sites it is one tap, and every treatment says where it is."""
    if not database.value("SELECT COUNT(*) FROM site WHERE code = 'river'"):
        database.rows("INSERT INTO site (uid, code, name, time_zone, address_line, city, postal_code, country) VALUES ('000000000000000000000RIV01', 'river',"
                      " 'Thames Joint Clinic', 'Europe/London', '1 River Street', 'London', 'SE1 9XX', 'GB')")
        database.rows("INSERT INTO service (uid, site_id, code, name, summary, price_minor, currency, display_order, active) SELECT '000000000000000000000RIV02', id,"
                      " 'river-talk', 'Talk by the river', 'A first talk.', 10000, 'GBP', 99, 1 FROM site WHERE code = 'river'")
        database.rows("INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min, gap_max, visit_no, patient_present)"
                      " SELECT id, 1, 'consult', 'Talk', 60, 0, 0, 1, 1 FROM service WHERE code = 'river-talk'")
        billfill.price_new(database)
    browser.visit('/')
    look(browser, '11-all-sites')
    browser.click('Thames Joint Clinic')
    assert browser.path == '/?site=river' and [h.text for h in browser.all('.card h2')] == ['Talk by the river']
    assert browser.one('nav [aria-current]').text == 'Thames Joint Clinic'
    look(browser, '12-one-site')
