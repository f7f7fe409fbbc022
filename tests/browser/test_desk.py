# SPDX-License-Identifier: Apache-2.0
"""The front desk in a real browser: a patient on the phone is found, a time is found, explained and kept, details, booked, the
link; the week; a block. At phone and desktop width, with axe-core, and by keyboard."""
from dayfill import open_day


def look(browser, name):
    browser.fits().axe()
    assert '}}' not in browser.text and '{{' not in browser.text
    return browser.screenshot('desk-' + name)


DETAILS = dict(given='Bea', birth_date='3/27/1985', email='bea@example.org', phone='603-555-0177', side='left', pay='self')


def test_booking_for_somebody_on_the_phone(browser):
    family = 'Browser' + browser.name
    browser.login('front_desk')
    browser.visit('/staff/patients')
    look(browser, 'patients')
    browser.click('Search')
    assert browser.title.startswith('Error:')
    look(browser, 'patients-error')
    browser.click('Find a time for a new patient')
    browser.fill(service='consultation', part='afternoon').click('Find times')
    look(browser, 'times')
    browser.click('to about')
    look(browser, 'details')
    browser.fill(family=family, body_site='knee', **DETAILS).click('Continue')
    look(browser, 'held')
    browser.click('Book it')
    assert '/b/' in browser.text
    look(browser, 'link')
    browser.visit('/staff/patients')
    browser.fill(family=family).click('Search')
    look(browser, 'patients-found')
    browser.click(family)
    look(browser, 'patient')
    browser.click('Find a time for Bea')
    assert browser.h1 == 'Find a time for Bea ' + family


def test_why_not_and_all_the_same(browser, database):
    holiday, day = open_day(database, 20), open_day(database, 60)
    database.rows("INSERT INTO closure (site_id, first_day, last_day, kind, reason) VALUES (1, %s, %s, 'holiday', 'Harbor Day')",
                  holiday, holiday)
    browser.login('front_desk')
    browser.visit('/staff/times?service=bmac-knee&why_day=%s&why_time=10:00' % holiday)
    assert 'Harbor Day' in browser.text
    look(browser, 'explained')
    browser.visit('/staff/times?service=consultation&why_day=%s&why_time=10:05' % day)
    assert 'This treatment can start only every 15 minutes' in browser.text
    look(browser, 'all-the-same')


def test_the_finder_by_keyboard(browser):
    browser.login('front_desk')
    browser.visit('/staff/times')
    browser.tab_to(name='service')
    browser.keys('c')
    browser.tab_to('Find times')
    browser.leave(lambda: browser.keys('\n'))
    browser.tab_to('to about')
    browser.leave(lambda: browser.keys('\n'))
    assert browser.h1 == 'Patient details'


def test_the_week_and_a_block(browser, database):
    browser.login('front_desk')
    browser.visit('/staff/week')
    look(browser, 'week')
    browser.click('By patient')
    look(browser, 'week-by-patient')
    browser.tab_to('Block time')
    browser.leave(lambda: browser.keys('\n'))
    day = open_day(database, 30)
    browser.fill(resource='c-arm-1', day=day, kind='cleaning', reason='Deep clean')
    for name, value in (('from', '08:00'), ('until', '09:00')):
        browser.driver.execute_script('arguments[0].value = arguments[1]', browser.one('[name=%s]' % name), value)
    browser.click('Block')
    assert 'Deep clean' in browser.text
    look(browser, 'block')
    for path, name in (('/staff?date=', 'board-closed'), ('/staff/week?day=', 'week-closed')):
        browser.visit(path + day)
        assert 'Cleaning: Deep clean' in browser.text and '8:00 am to 9:00 am' in browser.text
        look(browser, name)
