# SPDX-License-Identifier: Apache-2.0
"""Treatment orders, and the record of a person: changed, compared and merged. At phone and desktop width, with axe-core, and by keyboard."""
import datetime

import ordering
from dayfill import DayFill, clock, today


def look(browser, name):
    browser.fits().axe()
    assert '}}' not in browser.text and '{{' not in browser.text
    return browser.screenshot('records-' + name)


def somebody(database, browser, given, days=30):
    """uid of the patient of a visit to come."""
    seen = DayFill(database).book('consultation', 'elbow', 'right', family='Chart' + browser.name, given=given,
                                  start=clock(9, day=today() + datetime.timedelta(days=days + (3 if browser.name == 'phone' else 0))))
    return database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', seen)


def test_an_order_from_signing_to_revoking(browser, database):
    ordering.needs_order(database)
    uid = somebody(database, browser, 'Orla')
    browser.login('clinician')
    browser.visit('/staff/patients/' + uid)
    look(browser, 'patient')
    browser.click('Order a treatment')
    look(browser, 'order-empty')
    browser.click('Sign the order')
    assert browser.title.startswith('Error:')
    look(browser, 'order-error')
    browser.fill(body_site='elbow', **{k: v for k, v in ordering.FORM.items() if k != 'note'})
    browser.leave(lambda: browser.press(browser.one('form[action$="/order"] button')))  # the summary of what is wrong says "sign the order", too
    assert browser.h1 == 'Treatment order'
    look(browser, 'order')
    number = browser.one('strong.code').text
    browser.visit('/staff/orders')
    assert 'Chart' + browser.name in browser.text
    look(browser, 'orders')
    # The patient, on their own device.
    browser.driver.delete_all_cookies()
    browser.visit('/open').fill(number=number, birth_date='1961-03-14')
    browser.leave(lambda: browser.press(browser.one('main button')))
    assert browser.h1 == 'Choose a time for your treatment'
    look(browser, 'order-of-mine')
    browser.click('See free times')
    browser.fits().axe()


def test_two_records_beside_each_other(browser, database):
    one, other = somebody(database, browser, 'Dana', 50), somebody(database, browser, 'Dana', 70)
    browser.login('front_desk')
    browser.visit('/staff/duplicates')
    look(browser, 'duplicates')
    browser.visit('/staff/patients/%s/merge?with=%s' % (one, other))
    look(browser, 'merge')
    browser.click('Merge')
    assert browser.title.startswith('Error:'), 'a reason is asked for'
    look(browser, 'merge-error')
    browser.fill(reason='Same driver license').click('Merge')
    look(browser, 'merged')


def test_a_change_by_keyboard(browser, database):
    uid = somebody(database, browser, 'Kay', 90)
    browser.login('front_desk')
    browser.visit('/staff/patients/%s/change' % uid)
    look(browser, 'change')
    browser.tab_to(name='interpreter')
    browser.keys('Portuguese')
    browser.tab_to(text='Save changes')
    browser.leave(lambda: browser.keys('\n'))
    assert browser.title.startswith('Error:') and browser.one('[name=interpreter]').get_attribute('value') == 'Portuguese'
    look(browser, 'change-error')
    browser.fill(reason='Told at the desk').click('Save changes')
    assert 'Interpreter: Portuguese' in browser.text
    look(browser, 'changed')
