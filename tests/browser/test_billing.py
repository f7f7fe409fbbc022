# SPDX-License-Identifier: Apache-2.0
"""The billing staff's pages in a real browser: at both widths, by keyboard, with axe-core, in each state; and 400 claims
before lunch."""
import base64

import pytest
from selenium.webdriver.common.keys import Keys

from billfill import completed


@pytest.fixture(scope='module')
def full(database, server):
    """A clinic whose billing staff was away: 400 insured treatments."""
    database.rows('DELETE FROM billing_work')
    return completed(database, 400, family='Anselm-Featherstonehaugh')


def look(browser, name):
    browser.axe()
    browser.fits()
    browser.screenshot('billing-' + name)


def test_empty_queue(browser, database):
    if database.value('SELECT COUNT(*) FROM billing_work'):
        database.rows('DELETE FROM billing_work')
    browser.login('billing')
    for queue in ('to-invoice', 'to-claim'):
        browser.visit('/billing?queue=' + queue)
        assert not browser.all('table')
        look(browser, 'queue-empty-' + queue)


def test_account_in_each_state(browser, database):
    """Not completed; insured with reasons against a claim; insured and sound; invoiced; claimed; pays alone."""
    waiting, = completed(database, status='in-progress')
    broken, = completed(database)
    database.rows("UPDATE booking_diagnosis SET code = 'M17.12' WHERE booking_id = (SELECT id FROM booking WHERE uid = %s)",
                  broken)
    sound, = completed(database, own=True)
    alone, = completed(database, insured=False)
    browser.login('admin')
    browser.visit('/billing/bookings/' + waiting)
    look(browser, 'account-not-completed')
    browser.visit('/billing/bookings/' + broken)
    assert 'left side' in browser.text
    look(browser, 'account-wrong')
    browser.visit('/billing/bookings/' + alone)
    look(browser, 'account-self-pay')
    browser.visit('/billing/bookings/' + sound)
    look(browser, 'account-sound')
    browser.click('Issue the invoice')
    assert browser.h1.startswith('Invoice INV-')
    look(browser, 'invoice')
    browser.click('Account')
    look(browser, 'account-invoiced')
    browser.click('Create the claim')
    assert browser.h1.startswith('Claim C')
    look(browser, 'claim')
    browser.click('Account')
    look(browser, 'account-claimed')


def test_estimates_to_give(browser, database):
    """None; one of somebody without an email address; handed over, and taken back."""
    browser.login('front_desk')
    database.rows('DELETE FROM estimate_to_give')
    browser.visit('/billing/estimates')
    assert browser.h1 == 'Estimates to give' and not browser.all('table')
    look(browser, 'estimates-none')
    uid = '%026d' % (7700 + database.value('SELECT COUNT(*) FROM patient'))
    database.rows("INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state, postal_code, created_at)"
                  " VALUES (%s, 'Anselm-Featherstonehaugh', 'Bartholomew', '1950-01-01', 'male', '', '', '1 Elm Street', 'Dover', 'NH', '03820', 0)", uid)
    database.rows("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, patient_id, self_pay, body_site, laterality, price_minor, currency, created_at, booked_at)"
                  " SELECT %s, 1, 1, 'booked', UNIX_TIMESTAMP() DIV 300 * 300 + 86400 * 40, UNIX_TIMESTAMP() DIV 300 * 300 + 86400 * 40 + 7200, id, 1, 'knee', 'right', 460000, 'USD',"
                  " UNIX_TIMESTAMP(), UNIX_TIMESTAMP() FROM patient WHERE uid = %s", uid, uid)
    browser.visit('/billing/estimates')
    assert ' in all' in browser.text and 'There is no email address on file' in browser.text
    look(browser, 'estimates')
    browser.visit('/billing/bookings/%s/estimate' % uid)
    look(browser, 'estimate-to-give')
    browser.click('Handed over on paper')
    assert 'Not given yet' not in browser.text
    look(browser, 'estimate-given')
    browser.click('Not handed over after all')
    look(browser, 'estimate-not-given')


def test_refused_claim_says_why(browser, database):
    uid, = completed(database)
    browser.login('billing')
    browser.visit('/billing/bookings/' + uid)
    database.rows('DELETE FROM booking_diagnosis WHERE booking_id = (SELECT id FROM booking WHERE uid = %s)', uid)
    browser.click('Create the claim')
    assert browser.title.startswith('Error:')
    look(browser, 'account-refused')


def test_by_keyboard(browser, database):
    """From the queue to the invoice without a mouse."""
    completed(database, insured=False, family='Keys')
    browser.login('billing')
    browser.visit('/billing')
    browser.tab_to('Keys')
    browser.leave(lambda: browser.keys(Keys.ENTER))
    browser.tab_to('Issue the invoice')
    browser.leave(lambda: browser.keys(Keys.ENTER))
    assert browser.h1.startswith('Invoice INV-')


def test_four_hundred(browser, database, full):
    browser.login('billing')
    browser.visit('/billing?queue=to-claim')
    look(browser, 'queue-full')
    assert len(browser.all('tbody tr')) == 50
    browser.tab_to(name='booking')
    browser.keys(Keys.SPACE)
    browser.tab_to(name='booking')
    browser.keys(Keys.SPACE)
    browser.tab_to('Create the selected claims')
    browser.leave(lambda: browser.keys(Keys.ENTER))
    assert '2 claims were created.' in browser.text
    look(browser, 'queue-deed')
    browser.click('Create all 50')
    browser.visit('/billing?queue=claimed')
    look(browser, 'queue-claimed')


def test_nothing_chosen(browser, full):
    browser.login('billing')
    browser.visit('/billing?queue=to-claim')
    browser.click('Create the selected')
    assert browser.title.startswith('Error:')
    look(browser, 'queue-nothing-chosen')


def test_invoice_on_paper(browser, database):
    """Printed: one page, without what only a screen needs."""
    uid, = completed(database, insured=False)
    browser.login('billing')
    browser.visit('/billing/bookings/' + uid)
    browser.click('Issue the invoice')
    pdf = base64.b64decode(browser.driver.execute_cdp_cmd('Page.printToPDF', {})['data'])
    with open(browser.screenshot('billing-invoice-screen').replace('.png', '.pdf'), 'wb') as f:
        f.write(pdf)
    assert pdf.count(b'/Type /Page\n') == 1 or pdf.count(b'/Type /Page ') == 1 or b'/Count 1' in pdf
    browser.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': 'print'})
    try:
        seen = browser.driver.execute_script('return document.body.innerText')
        assert '$4,600.00' in seen and 'Invoice INV-' in seen and 'Harbor Joint Clinic LLC' in seen
        assert 'Log out' not in seen and 'Account' not in seen
        browser.screenshot('billing-invoice-print')
    finally:
        browser.driver.execute_cdp_cmd('Emulation.setEmulatedMedia', {'media': ''})


def test_without_script(plain_browser, database):
    uid, = completed(database)
    plain_browser.login('billing')
    plain_browser.visit('/billing/bookings/' + uid)
    plain_browser.click('Create the claim')
    assert plain_browser.h1.startswith('Claim C')
