# SPDX-License-Identifier: Apache-2.0
"""Signing for a patient, and what staff see of it: read, print, withdrawn."""


def look(browser, name):
    browser.axe()
    browser.screenshot(name)


def test_staff_read_and_withdraw(browser, day, database):
    uid = day.book()
    browser.login('front_desk')
    browser.visit('/staff/bookings/' + uid)
    look(browser, 'consent-chart')
    browser.click('Consent to bone-marrow')
    look(browser, 'consent-copy')
    browser.click('Record a withdrawal')
    browser.click('Record the withdrawal')
    look(browser, 'consent-withdraw-errors')
    browser.fill(channel='phone', reason='Wants to wait for a second opinion, said the patient', confirmed='yes')
    browser.click('Record the withdrawal')
    assert browser.path == '/staff/bookings/' + uid
    look(browser, 'consent-withdrawn')
    browser.visit('/staff')
    assert 'Consent withdrawn' in browser.text
    look(browser, 'consent-board')


def test_the_patient_signs_on_the_tablet(browser, day, database):
    uid = day.book(signed=False)
    browser.login('front_desk')
    browser.visit('/staff/bookings/' + uid)
    browser.click('Sign at the desk')
    look(browser, 'tablet-lend')
    browser.fill(birth_date='1961-03-14')
    browser.click('Hand over the tablet')
    look(browser, 'tablet-forms')
    browser.click('Read and sign')
    look(browser, 'tablet-form')
    browser.fill(signer='guardian')
    browser.click('Sign this form')
    look(browser, 'tablet-form-errors')
    browser.fill(signer='patient', signer_name='Ann Walker', agree='yes')
    browser.click('Sign this form')
    browser.driver.back()
    browser.driver.back()
    browser.visit('/staff/bookings/' + uid)
    assert browser.path == '/tablet'
    browser.click('Give the tablet back')
    look(browser, 'tablet-back')
