# SPDX-License-Identifier: Apache-2.0
"""The way of a patient to a booked visit, counted on a phone of 360 x 740: what is pressed, what is typed, how many pages, and how many
screens they are together from top to bottom. The table is left in build/test/browser/way.txt; README.md has it as it was counted."""
import datetime
import os

import env
import ordering
import pytest
import test_patient as patient
from dayfill import DayFill, clock, today
from selenium.webdriver.common.keys import Keys

TYPED = dict(given='Ada', family='Lovelace', birth_month='12', birth_day='10', birth_year='1962', email='ada@example.org', phone='6035550142')
TAPS, SCREENS, LETTERS, PRESSES = 8, 12, 70, 8
KNOWN_TAPS = 6


class Way:
    """A person who goes on. From field to field leads the keyboard's own key, so only what is pressed on the page counts as a tap."""

    def __init__(self, browser):
        self.browser, self.taps, self.typed, self.pages, self.pixels = browser, 0, 0, 0, 0

    def page(self):
        self.browser.fits()
        self.pages += 1
        self.pixels += self.browser.driver.execute_script('return document.documentElement.scrollHeight')
        return self

    def go(self, text=None, css=None):
        self.taps += 1
        at = self.browser.one(css) if css else self.browser.named(text)
        self.browser.leave(lambda: self.browser.press(at))
        return self.page()

    def choose(self, **fields):
        for name, value in fields.items():
            self.taps += 1
            self.browser.fill(**{name: value})
        return self

    def type(self, **fields):
        for name, text in fields.items():
            self.typed += len(text)
            self.browser.one('[name="%s"]' % name).send_keys(text)
        return self

    @property
    def screens(self):
        return self.pixels / self.browser.height

    def booked(self, name):
        assert self.browser.h1 == 'You are booked', self.browser.text
        folder = os.path.join(env.BUILD, 'test', 'browser')
        os.makedirs(folder, exist_ok=True)
        line = '| %s | %d | %d | %d | %.1f |' % (name, self.taps, self.typed, self.pages, self.screens)
        with open(os.path.join(folder, 'way.txt'), 'a', encoding='utf-8') as f:
            print(line, file=f)
        print(line)


@pytest.fixture
def phone(browser):
    if browser.name != 'phone':
        pytest.skip('counted on a phone')
    return browser


def presses_to_first_time(browser):
    """Keys from the top of the page to the first free time: Tab, and Enter on a link that leads there."""
    first = browser.one('.times button')
    for pressed in range(1, 100):
        browser.keys(Keys.TAB)
        at = browser.driver.switch_to.active_element
        if 'free times' in (at.get_attribute('textContent') or '') and 'skip' in (at.get_attribute('class') or ''):
            browser.keys(Keys.ENTER)
            browser.keys(Keys.TAB)
            pressed, at = pressed + 2, browser.driver.switch_to.active_element
        if at == first:
            return pressed
    raise AssertionError('no time is reached')


def walk(way, service):
    way.browser.visit('/')
    way.page()
    way.go(css='a[href$="/services/%s/times"]' % service)
    return way.go(css='.times button')


def test_a_new_patient(phone):
    """A consultation, and the treatment that books most: nobody knows anything of this person."""
    for name, service, where in (('consultation, new patient', 'consultation', 'elbow'), ('bone marrow, new patient', 'bmac-knee', None)):
        phone.driver.delete_all_cookies()
        way = walk(Way(phone), service)
        way.type(**TYPED).choose(**({'body_site': where} if where else {}), side='right', pay='self')
        way.go('Continue').go('Book this visit').booked(name)
        assert way.taps <= TAPS and way.typed <= LETTERS, vars(way)


def test_somebody_who_has_a_booking(phone):
    """A browser that has a booking is asked for everything again: whose it is, and who holds it now, nobody knows."""
    patient.hold(phone)
    phone.fill(**patient.ADA).click('Continue').click('Book this visit')
    walk(Way(phone), 'consultation')
    assert [field for field in TYPED if phone.one('[name=%s]' % field).get_attribute('value')] == []
    assert not phone.all('[name=pay]:checked')


def test_somebody_with_an_order(phone, database):
    """From the address in the letter on."""
    begin = clock(9, day=today() + datetime.timedelta(days=40))
    seen = DayFill(database).book('consultation', 'elbow', 'right', family='Way', given='Wanda', start=begin)
    who = database.value('SELECT patient_id FROM booking WHERE uid = %s', seen)
    ordering.needs_order(database)
    number = database.value('SELECT number FROM treatment_order_number WHERE order_id = %s', ordering.order(database, who))
    try:
        phone.visit('/open')
        way = Way(phone).page()
        phone.fill(number=number, birth_date='1961-03-14')
        way.go(css='main button').go('See free times').go(css='.times button')
        way.choose(pay='self').go('Continue').go('Book this visit').booked('treatment order, from its letter')
        assert way.taps <= KNOWN_TAPS and way.typed == 0, vars(way)
    finally:
        database.rows("UPDATE service SET booked_by = 'anyone' WHERE code = 'prp-tendon'")


def test_first_time_by_keyboard(browser):
    browser.visit('/services/consultation/times')
    assert presses_to_first_time(browser) <= PRESSES
