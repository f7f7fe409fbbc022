# SPDX-License-Identifier: Apache-2.0
"""The pages on which one visit of a course moves or what is left is canceled, at both widths, past axe-core; the patient's also by keyboard.
Pictures of all pages in build/test/browser/shots."""
import itertools

import pytest

import courses
import test_patient as journey

ADA = {k: v for k, v in journey.ADA.items() if k not in ('body_site', 'side')}
# Somebody new for each course: all are on the first free days, and one person would be asked about the other ones.
GIVEN = ('Ada ' + letter for letter in itertools.cycle('BCDEFGHIJKLMNOP'))


@pytest.fixture(scope='module')
def course(database):
    return courses.three_visits(database)


def look(browser, name):
    browser.fits()
    browser.axe()
    assert len(browser.all('h1')) == 1 and browser.h1
    browser.screenshot('visits-' + name)


def book(browser):
    journey.hold(browser, 'three-visits')
    browser.fill(**dict(ADA, given=next(GIVEN)))
    browser.click('Continue')
    browser.click('Book this visit')
    assert browser.h1 == 'You are booked'


def second(database):
    return database.value('SELECT starts_at FROM appointment WHERE visit_no = 2 AND booking_id = (SELECT MAX(id) FROM booking)')


def test_the_patients_pages(browser, database, course):
    book(browser)
    browser.visit('/booking')
    look(browser, '01-booked')
    browser.visit('/booking/move?visit=2')
    look(browser, '02-times')
    old = second(database)
    browser.leave(lambda: browser.all('.times button')[-1].click())
    assert browser.h1 == 'Reschedule visit 2?'
    look(browser, '03-confirm')
    button = browser.tab_to(text='Reschedule visit 2')
    browser.leave(lambda: button.send_keys('\n'))
    assert browser.path == '/booking?moved=1&visit=2' and second(database) != old
    database.rows("UPDATE booking SET status = 'arrived', version = version + 1 ORDER BY id DESC LIMIT 1")
    browser.visit('/booking')
    look(browser, '04-begun')


def test_the_desks_pages(browser, database, course):
    book(browser)
    database.rows("UPDATE booking SET status = 'arrived', version = version + 1 ORDER BY id DESC LIMIT 1")
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    browser.login('front_desk')
    browser.visit('/staff/bookings/' + uid)
    look(browser, '05-chart')
    browser.click('Reschedule this visit')
    assert browser.h1 == 'Reschedule visit 2'
    look(browser, '06-desk-times')
    old = second(database)
    database.rows('UPDATE service SET move_notice_minutes = 9999999 WHERE id = %s', course)
    try:
        browser.leave(lambda: browser.all('.times button')[0].click())
        assert browser.h1 == 'Reschedule visit 2?' and second(database) == old
        look(browser, '07-desk-asked')
        browser.click('Reschedule to')
        assert browser.title.startswith('Error:') and second(database) == old
        look(browser, '07-desk-reason')
        browser.fill(reason='the patient is ill')
        browser.click('Reschedule visit 2 to')
    finally:
        database.rows('UPDATE service SET move_notice_minutes = 0 WHERE id = %s', course)
    assert second(database) != old
    browser.leave(lambda: (browser.named('Cancel the remaining visits').click(),
                           browser.named('Cancel these visits').click()))
    look(browser, '08-chart-cancelled')
    browser.visit('/booking')
    look(browser, '09-booking-cancelled')
