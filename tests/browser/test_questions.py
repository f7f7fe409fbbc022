# SPDX-License-Identifier: Apache-2.0
"""Questions before a visit on a phone and a desktop: every page, mistakes, what follows, and what staff see of it."""
from test_patient import ADA, hold, sign


def look(browser, name):
    browser.fits()
    browser.axe()
    assert len(browser.all('h1')) == 1 and browser.h1
    browser.screenshot('questions-' + name)


def answer(browser, **fields):
    browser.fill(**{'q.' + name.replace('_', '-'): value for name, value in fields.items()})
    browser.click('Continue')


def test_questions_before_a_visit(browser, database):
    database.rows("INSERT IGNORE INTO service_screening SELECT id, 1, 1, 'refuse' FROM service WHERE code = 'prp-tendon'")
    hold(browser, 'prp-tendon')
    browser.fill(**{**ADA, 'body_site': 'elbow', 'side': 'left', 'pay': 'self'})
    browser.click('Continue')
    browser.visit('/booking/consent')
    sign(browser)
    browser.visit('/booking/check')
    browser.click('Book')
    browser.visit('/booking')
    look(browser, 'booking')
    browser.click('Answer “Before bone marrow is drawn”')
    look(browser, 'first')
    browser.click('Continue')
    assert browser.title.startswith('Error:')
    look(browser, 'errors')
    answer(browser, clotting='false', infection='true', cancer='true', anemia='false', pregnant='no')
    look(browser, 'one-more')
    answer(browser, cancer_which='Breast, 2011')
    look(browser, 'medicines')
    answer(browser, thinner='aspirin', nsaid='false', steroid='false', immune='false', allergy='false')
    look(browser, 'day')
    answer(browser, weight='160', escort='true')
    look(browser, 'check')
    browser.click('Send my answers')
    assert 'Please call us before you come' in browser.text
    look(browser, 'stopped')
    uid = database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')
    request = database.value('SELECT MAX(id) FROM questionnaire_request')
    browser.visit('/booking')
    look(browser, 'answered')
    browser.login('clinician')
    browser.visit('/staff/reviews')
    look(browser, 'reviews')
    browser.visit('/staff/bookings/%s/questions/%d' % (uid, request))
    look(browser, 'staff')
    browser.fill(decision='ok', note='Seen: a scratch').click('Save the decision')
    look(browser, 'chart')
    browser.visit('/staff/bookings/%s/questions/%d?page=1' % (uid, request))
    look(browser, 'staff-typing')


def test_a_scale_on_a_phone(browser, database):
    database.rows('DELETE FROM service_screening WHERE service_id = (SELECT id FROM service WHERE code = "prp-tendon")')
    database.rows("INSERT INTO service_screening SELECT id, 1, 2, 'warn' FROM service WHERE code = 'prp-tendon'")
    hold(browser, 'prp-tendon')
    browser.fill(**{**ADA, 'body_site': 'elbow', 'side': 'left', 'pay': 'self'})
    browser.click('Continue')
    browser.click('Book')
    browser.visit('/booking')
    browser.click('Answer “Your pain”')
    look(browser, 'scale')
    browser.fill(**{'q.pain': '7', 'who': 'patient'}).click('Send my answers')
    assert 'Nothing more is needed' in browser.text
    look(browser, 'done')
