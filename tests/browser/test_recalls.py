# SPDX-License-Identifier: Apache-2.0
"""The desk's recalls in a real browser: due ones with their forms, at both widths, past axe-core, by keyboard."""
from selenium.webdriver.common.keys import Keys

RECALL = ("INSERT INTO recall (uid, booking_id, seq, patient_id, kind, reason, title, due_from, due_until, created_at) SELECT"
          " LPAD(CAST(id AS CHAR), 26, '0'), id, 1, patient_id, 'follow-up', 'call', 'Call after the treatment', CURDATE() - INTERVAL 9 DAY,"
          ' CURDATE() - INTERVAL 2 DAY, UNIX_TIMESTAMP() FROM booking WHERE id = %s')


def treated(database):
    patient = database.value("SELECT id FROM patient WHERE email = 'due@example.org'")
    if not patient:
        database.rows("INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state,"
                      " postal_code, created_at) VALUES (LPAD('77', 26, '0'), 'Lovelace', 'Ada', '1962-12-10', 'female',"
                      " 'due@example.org', '603-555-0142', '7 Way', 'Dover', 'NH', '03820', 0)")
        patient = database.value("SELECT id FROM patient WHERE email = 'due@example.org'")
    database.rows("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, patient_id, price_minor, currency,"
                  " created_at) VALUES (LPAD(CONV(UUID_SHORT(), 10, 32), 26, '0'), 3, 1, 'completed', 1700000100, 1700001900, %s, 1, 'USD', 0)",
                  patient)
    booking = database.value("SELECT MAX(id) FROM booking WHERE status = 'completed'")
    database.rows(RECALL, booking)
    return '%026d' % booking


def test_desk(browser, database):
    uid = treated(database)
    browser.login('front_desk')
    browser.visit('/staff/recalls')
    browser.fits()
    browser.axe()
    browser.tab_to('Record an attempt')
    browser.keys(Keys.ENTER)
    browser.fits()
    browser.axe()
    browser.screenshot('recalls-due')
    browser.one('label[for="outcome-%s-no-answer"], label[for="outcome-%s"]' % (uid, uid)).click()
    browser.leave(lambda: browser.all('details[open] .actions button')[0].click())
    assert 'No answer' in browser.text
    assert database.value('SELECT status FROM recall WHERE uid = %s', uid) == 'attempted'
    database.rows("UPDATE recall SET status = 'done' WHERE uid = %s", uid)
