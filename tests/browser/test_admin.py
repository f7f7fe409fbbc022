# SPDX-License-Identifier: Apache-2.0
"""The administrators' pages in a real browser: at both widths, by keyboard, with axe-core, without scripts; in the states typical,
wrong, previewed, and with bookings in the way."""
import datetime
import zoneinfo

import pytest
from selenium.webdriver.common.keys import Keys

import patient

ZONE = zoneinfo.ZoneInfo('America/New_York')
EDIT = '/staff/admin/services/bmac-knee'


def look(browser, name):
    browser.axe()
    browser.fits()
    browser.screenshot('admin-' + name)


@pytest.fixture
def booked(visitor, database):
    """The local day of a treatment that a patient just booked."""
    patient.book(visitor)
    start = database.value("SELECT starts_at FROM booking WHERE status = 'booked' ORDER BY id DESC LIMIT 1")
    yield datetime.datetime.fromtimestamp(start, ZONE).date().isoformat()
    database.rows("DELETE FROM closure WHERE reason LIKE 'Test%'")
    for table in ('occupancy', 'day_bitmap'):
        database.rows('DELETE FROM ' + table)
    database.rows("UPDATE booking SET status = 'cancelled', hold_expires_at = NULL")


def test_services(browser):
    browser.login('admin')
    browser.visit('/staff/admin/services')
    look(browser, 'services')
    browser.click('Bone-marrow concentrate for a knee')
    look(browser, 'service')
    browser.visit('/staff/admin/service-new')
    look(browser, 'service-new')


def test_fees(browser, database):
    """The list, one schedule, a file that is wrong, a draft with what it changes, published for later and withdrawn."""
    browser.login('admin')
    browser.visit('/staff/admin/fees')
    look(browser, 'fees')
    browser.click('Self-pay')
    look(browser, 'fee')
    head = browser.one('#csv-hint .code').text
    lines = database.rows("SELECT CONCAT_WS(',', s.code, l.step_kind, '', l.code, '', IF(l.side_modifier, 'true', 'false'), 1, 'USD',"
                          " FORMAT(l.unit_minor * 1.1 / 100, 2, 'de_CH'), 'true', 'Words', 'visit') FROM fee_line l JOIN service s ON s.id = l.service_id WHERE l.version_id = 1")
    browser.fill(csv=head + '\nconsultation,dance,,X,,false,1,USD,1.00,true,Words,visit')
    browser.click('Check and keep as a draft')
    assert browser.title.startswith('Error:')
    look(browser, 'fee-wrong')
    browser.fill(csv='\n'.join([head] + [line.replace('’', '').replace("'", '') for line, in lines]))
    browser.click('Check and keep as a draft')
    assert 'a draft' in browser.text and '$242.00' in browser.text
    look(browser, 'fee-draft')
    version = database.value('SELECT MAX(id) FROM fee_schedule_version')
    later = database.value('SELECT CURRENT_DATE + INTERVAL %s DAY', 100 + version)
    browser.driver.execute_script("document.getElementById('from-day').value = arguments[0]", later.isoformat())
    browser.click('Publish version %d' % version)
    look(browser, 'fee-later')
    browser.fill(reason='Wrong day')
    browser.click('Withdraw version %d' % version)
    assert 'Wrong day' in browser.text
    look(browser, 'fee-withdrawn')


def test_editor_keeps_and_names(browser):
    browser.login('admin')
    browser.visit(EDIT)
    browser.fill(**{'steps[1].minutes': '7', 'name': ''})
    browser.click('Add a step')
    assert browser.one('[name="steps[1].minutes"]').get_attribute('value') == '7'
    assert browser.one('[name="steps[5].needs[0].capability"]').is_displayed()
    browser.click('Remove step 6')
    browser.click('Save')
    assert browser.title.startswith('Error:')
    look(browser, 'service-wrong')
    browser.named('Step 2, Minutes').click()  # the summary leads to the field
    assert browser.driver.switch_to.active_element.get_attribute('name') == 'steps[1].minutes'
    browser.fill(**{'steps[1].minutes': '30', 'name': 'Bone-marrow concentrate for a knee'})
    browser.click('Show first free times')
    assert 'First free times' in browser.text and len(browser.all('section time')) == 6
    look(browser, 'service-preview')


def tall(browser):
    return browser.driver.execute_script('return document.documentElement.scrollHeight')


def test_steps_are_folded(browser):
    """The page of a service is some screens, not fifteen: a step says in one line what it is, and opens when something in it is wrong."""
    browser.login('admin')
    browser.visit(EDIT)
    lines = [s.text for s in browser.all('details.part > summary')]
    assert len(lines) > 8 and lines[1] == 'Step 2: Bone-marrow harvest, 30 minutes: marrow-harvest, procedure-room, c-arm', lines
    assert not browser.all('details.part[open]')
    folded = tall(browser)
    for one in browser.all('details.part > summary'):
        browser.driver.execute_script('arguments[0].parentNode.open = true', one)
    assert folded < 0.6 * tall(browser), (folded, tall(browser))
    browser.visit(EDIT)
    assert browser.named('Save').is_displayed()
    bottom, height = browser.driver.execute_script('return [arguments[0].getBoundingClientRect().bottom, innerHeight]', browser.named('Save'))
    assert bottom <= height, 'Save is in sight at the top of the page'
    browser.fill(**{'steps[1].minutes': '7'})
    browser.click('Save')
    assert [s.text[:6] for s in browser.all('details.part[open] > summary')] == ['Step 2']
    print('height', folded)


def test_never_bookable_says_why(browser):
    browser.login('admin')
    browser.visit(EDIT)
    browser.fill(**{'steps[1].minutes': '1000'})
    browser.click('Save')
    assert 'the longest opening is 270 minutes' in browser.text
    look(browser, 'service-never')


def test_enter_saves(browser):
    """Enter in a field saves; it does not press the first button that removes something."""
    browser.login('admin')
    browser.visit(EDIT)
    browser.press(browser.named('Step 3'))
    browser.press(browser.one('[name="steps[2].name"]'))
    browser.leave(lambda: browser.keys(Keys.ENTER))
    assert 'is saved' in browser.text


def test_by_keyboard(browser):
    browser.login('admin')
    browser.visit(EDIT)
    browser.tab_to('Step 1')
    browser.keys(Keys.ENTER)
    browser.tab_to(name='steps[0].needs[0].capability')
    browser.tab_to('Add a requirement to step 1')
    browser.leave(lambda: browser.keys(Keys.ENTER))
    assert browser.one('[name="steps[0].needs[1].capability"]').is_displayed(), 'what was changed is open'


def test_resources(browser):
    browser.login('admin')
    browser.visit('/staff/admin/resources')
    look(browser, 'resources')
    browser.click('C-arm')
    look(browser, 'resource')
    browser.fill(**{'hours[0].start': '', 'name': ''})
    browser.click('Save')
    look(browser, 'resource-wrong')
    browser.visit('/staff/admin/resource-new')
    look(browser, 'resource-new')


def test_resource_under_bookings(browser, booked):
    browser.login('admin')
    browser.visit('/staff/admin/resources/ultrasound-1')
    browser.one('label[for="active"]').click()
    browser.click('Save')
    assert 'no longer fits this change' in browser.text
    look(browser, 'resource-hits')


def test_closure_over_bookings(browser, booked, database):
    browser.login('admin')
    browser.visit('/staff/admin/closures')
    look(browser, 'closures')
    browser.fill(first_day=booked, kind='cleaning', reason='Test of a flood')
    browser.tab_to('Save the closure')
    browser.leave(lambda: browser.keys(Keys.ENTER))
    assert not browser.title.startswith('Error:') and 'Nothing is closed yet' in browser.text
    look(browser, 'closure-hits')
    booking = database.value("SELECT id FROM booking WHERE status = 'booked' ORDER BY id DESC LIMIT 1")
    browser.fill(**{'decide-%d' % booking: 'keep', 'reason-%d' % booking: 'In the other house'})
    browser.tab_to('Save the closure')
    browser.leave(lambda: browser.keys(Keys.ENTER))
    assert '1 kept.' in browser.text
    look(browser, 'closure-stored')


def test_what_stands_in_a_closed_room(browser, booked, database):
    database.rows("INSERT INTO closure (site_id, first_day, last_day, reason) VALUES (1, %s, %s, 'Test by hand')", booked, booked)
    browser.login('admin')
    browser.visit('/staff/admin/closures')
    assert 'in conflict with a closure' in browser.text
    look(browser, 'conflicts')
    browser.visit('/staff?date=' + booked)
    assert 'is closed at that time' in browser.text
    look(browser, 'conflict-board')


def test_without_script(plain_browser):
    plain_browser.login('admin')
    plain_browser.visit(EDIT)
    plain_browser.click('Add a recall')
    assert plain_browser.one('[name="recalls[3].reason"]')
    plain_browser.click('Remove recall 4')
    plain_browser.click('Save')
    assert 'is saved' in plain_browser.text


def test_audit_log(browser, booked):
    """Of everybody, of one patient, and with nothing found."""
    browser.login('admin')
    browser.visit('/staff')
    browser.visit('/staff/admin/audit')
    look(browser, 'audit')
    browser.visit('/staff/admin/audit?day=1999-12-31')
    look(browser, 'audit-none')
