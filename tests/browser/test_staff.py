# SPDX-License-Identifier: Apache-2.0
"""The desk and the clinicians in a real browser: the day at phone and desktop width, by keyboard, with axe-core. On a
database of its own, because the visits are written into it (see tests/http/lib/dayfill.py)."""
import ordering
from dayfill import BORN, clock, now


def look(browser, name):
    browser.fits().axe()
    return browser.screenshot('staff-' + name)


def test_the_day_of_a_treatment(browser, day, sample):
    uid = day.book(family='Walker', given='Ann', insured=True)
    browser.login('clinician')
    browser.visit('/staff')
    look(browser, 'board')
    browser.leave(lambda: next(a for a in browser.all('a[href$="%s"], a[href$="%s#next"]' % (uid, uid))
                               if a.is_displayed()).click())
    assert browser.h1 == 'Ann Walker' and 'RIGHT' in browser.one('.side').text
    look(browser, 'chart-check-in')
    browser.fill(birth_date='1961-03-15').click('Check in')
    assert browser.title.startswith('Error:')
    look(browser, 'chart-error')
    browser.fill(birth_date=BORN).click('Check in')
    look(browser, 'chart-harvest')
    browser.agree().click('Record only the time-out')
    assert 'Time-out agreed' in browser.text
    look(browser, 'chart-time-out')
    browser.fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right').click('Record the harvest')
    label = day.label(uid)
    look(browser, 'chart-process')
    browser.fill(label=label, kit_lot='LOT-9', kit_expires='2127-12-31', volume_ml='8', minutes='1').click('Record the processing')
    assert 'This product runs 12 to 20 minutes' in browser.text
    look(browser, 'chart-run')
    browser.fill(run_why='Stopped for an imbalance, run again by hand').click('Record the processing')
    look(browser, 'chart-inject')
    browser.fill(stopped='site', stop_note='The mark is on the left knee').click('Stop the time-out')
    assert 'was stopped: Site and side' in browser.text
    look(browser, 'chart-stopped')
    second = {'second_login': sample['nurse_login'], 'second_password': sample['nurse_password']}
    browser.agree().fill(label=label, birth_date=BORN, body_site='knee', side='left', **second).click('Record the injection')
    assert 'the right side was booked' in browser.text
    look(browser, 'chart-wrong-side')
    browser.fill(side='right', second_password=sample['nurse_password']).click('Record the injection')
    look(browser, 'chart-complete')
    browser.fill(diagnoses='M17.11').click('Complete the treatment')
    assert 'Everything was recorded' in browser.text
    look(browser, 'chart-completed')
    browser.visit('/staff/units/%s/label' % label)
    assert 'FOR AUTOLOGOUS USE ONLY' in browser.text
    look(browser, 'label')


def test_both_knees(browser, day, database, sample):
    """Ordered, harvested, one knee injected after the other; one of them left with a reason."""
    first = day.book('consultation', 'knee', 'left', family='Both', given='Bea')
    row, who = database.rows('SELECT p.id, p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', first)[0]
    ordering.may_sign(database)
    database.rows("UPDATE service SET booked_by = 'order', targets_most = 2 WHERE code = 'bmac-knee'")
    second = {'second_login': sample['nurse_login'], 'second_password': sample['nurse_password']}
    browser.login('clinician')
    browser.visit('/staff/patients/%s/order?service=bmac-knee' % who)
    look(browser, 'order-targets')
    browser.fill(**dict(ordering.FORM, body_site='knee', side='left', side_2='left', diagnosis='M17.0')).click('Sign the order')
    assert 'This target is named already' in browser.text
    look(browser, 'order-targets-error')
    browser.fill(side_2='right', confirmed='yes').click('Sign the order')
    assert 'both knees' in browser.text
    look(browser, 'order-both')
    uid = day.book('bmac-knee', 'knee', 'left', of=first, on=ordering.order(database, row, 'bmac-knee', 'knee', 'left', further=(('knee', 'right'),)))
    browser.visit('/staff/bookings/' + uid)
    assert len(browser.all('.side')) == 2
    browser.fill(birth_date=BORN).click('Check in')
    look(browser, 'both-harvest')
    browser.agree().fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='only-1').click('Record the harvest')
    assert 'all of them are marked' in browser.text
    browser.agree().fill(side_confirmed='all').click('Record the harvest')
    label = day.label(uid)
    browser.fill(label=label, kit_lot='LOT-8', kit_expires='2127-12-31', volume_ml='8', minutes='1').click('Record the processing')
    browser.fill(run_why='Stopped by hand').click('Record the processing')
    browser.agree().fill(label=label, birth_date=BORN, target='knee left', **second)
    look(browser, 'both-inject')
    browser.click('Record the injection')
    assert 'Right knee: to be injected' in browser.text
    look(browser, 'both-complete')
    for side, other in (('right', 'Left'), ('left', 'Right')):
        browser.press(browser.named('Correct a mistake'))
        browser.fill(correct_what='inject-target', correct_target='knee ' + side, correct_why='The wrong knee was chosen').click('Correct it')
        assert 'recorded for the wrong target, too' in browser.text
        look(browser, 'both-correct-error')
        browser.fill(correct_time_out='yes').click('Correct it')
        assert other + ' knee: to be injected' in browser.text
    look(browser, 'both-corrected')
    browser.fill(diagnoses='M17.0').click('Complete the treatment')
    assert 'Not injected yet: right knee' in browser.text
    look(browser, 'both-complete-error')
    browser.fill(left_why='The patient wants to wait').click('Complete the treatment')
    assert 'Everything was recorded' in browser.text
    look(browser, 'both-completed')
    browser.visit('/staff/units/%s/label' % label)
    look(browser, 'both-label')
    browser.visit('/staff')
    look(browser, 'both-board')


def test_units_are_split_and_made_from_another_harvest(browser, day, sample):
    uid = day.book(family='Units', given='Una')
    second = {'second_login': sample['nurse_login'], 'second_password': sample['nurse_password']}
    browser.login('clinician')
    browser.visit('/staff/bookings/' + uid)
    browser.fill(birth_date=BORN).click('Check in')
    browser.agree().fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right').click('Record the harvest')
    label = day.label(uid)
    browser.fill(label=label, kit_lot='LOT-8', kit_expires='2127-12-31', volume_ml='8', minutes='0', run_why='Not timed').click('Record the processing')
    browser.press(browser.named('Split or pool units'))
    browser.tick(browser.one('#from-' + label))
    browser.fill(volumes='5, 4').click('Make the new units')
    assert 'only 8 ml are in the unit' in browser.text
    look(browser, 'chart-split-error')
    browser.fill(volumes='5, 3').click('Make the new units')
    assert browser.text.count('Made from') == 2 and 'In other units' in browser.text
    look(browser, 'chart-split')
    browser.leave(lambda: browser.named('Record another harvest').click())
    assert 'Why was another harvest needed?' in browser.text
    look(browser, 'chart-another-harvest')
    browser.agree().fill(again_why='Too few cells', volume_ml='40', taken_from='left-posterior-iliac-crest', side_confirmed='right').click('Record the harvest')
    look(browser, 'chart-several-units')
    one = browser.all('article h3 .code')[1].text
    browser.agree().fill(label=one, birth_date=BORN, body_site='knee', side='right', **second).click('Record the injection')
    assert 'Next: Record the injection' in browser.text
    browser.visit('/staff/units/%s/label' % one)
    assert label in browser.text
    look(browser, 'label-of-a-part')


def test_the_time_out_on_a_tablet(browser, day):
    """Every item, its box and both buttons fit a tablet that is held upright."""
    if browser.name != 'desktop':
        return
    browser.width, browser.height = 820, 1180
    browser.resize(820, 1180)
    uid = day.book(family='Tablet', given='Tess')
    browser.login('clinician')
    browser.visit('/staff/bookings/' + uid)
    browser.fill(birth_date=BORN).click('Check in')
    look(browser, 'time-out-tablet')
    browser.click('Record only the time-out')
    assert 'check it off: Patient identity' in browser.text
    look(browser, 'time-out-error-tablet')


def test_the_board_empty_and_full(browser, day):
    browser.login('front_desk')
    browser.visit('/staff?date=2131-05-05')
    assert 'Nobody is booked' in browser.text
    look(browser, 'board-empty')
    for i in range(20):
        day.book(('bmac-knee', 'prp-tendon', 'consultation')[i % 3], start=clock(7) + i * 1800, signed=i % 5 != 0,
                 family=('Rivera', 'van der Berg-Featherstonehaugh', 'Lee')[i % 3], given=('Lucía', 'Maximiliane', 'Mi-sun')[i % 3])
    browser.visit('/staff')
    look(browser, 'board-full')
    wide = browser.name == 'desktop'
    assert browser.one('.board-table').is_displayed() == wide
    assert browser.one('.board-list').is_displayed()


def test_check_in_by_keyboard(browser, day):
    uid = day.book(family='Keyes', given='Kim')
    browser.login('front_desk')
    browser.visit('/staff/bookings/' + uid)
    browser.tab_to(name='birth_date')
    browser.fill(birth_date=BORN)
    browser.tab_to('Check in')
    browser.leave(lambda: browser.keys('\n'))
    assert day.status(uid) == 'arrived' and 'Arrived' in browser.text


def test_a_day_without_script(plain_browser, day):
    uid = day.book(start=now(), family='Plain', given='Pat')
    plain_browser.login('clinician')
    plain_browser.visit('/staff/bookings/' + uid)
    box = plain_browser.one('[name=birth_date]')
    box.send_keys('3/14/1961')
    plain_browser.click('Check in')
    assert day.status(uid) == 'arrived'
    assert not plain_browser.all('[data-print]:not([hidden])')


def test_a_device_that_is_not_in_order(browser, day, database):
    database.rows("UPDATE resource SET calibration_due = CURRENT_DATE - INTERVAL 3 DAY WHERE code = 'centrifuge-1'")
    database.rows("UPDATE resource SET calibration_due = CURRENT_DATE + INTERVAL 3 DAY WHERE code = 'c-arm-1'")
    uid = day.book()
    browser.login('clinician')
    browser.visit('/staff')
    assert 'Calibration due' in browser.text
    look(browser, 'board-calibration')
    browser.visit('/staff/day')
    look(browser, 'day-calibration')
    browser.visit('/staff/bookings/' + uid)
    browser.fill(birth_date=BORN).click('Check in')
    browser.agree().fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right').click('Record the harvest')
    browser.fill(label=day.label(uid), kit_lot='LOT-9', kit_expires='2127-12-31', volume_ml='8', minutes='0', device_code='centrifuge-1').click('Record the processing')
    assert 'was due for calibration on' in browser.text
    look(browser, 'chart-device')
    browser.fill(run_why='Not timed', device_why='Calibrated this morning, the day is not entered yet').click('Record the processing')
    assert 'Calibrated this morning' in browser.text
    look(browser, 'chart-device-why')
    browser.login('admin')
    browser.visit('/staff/admin/resources/centrifuge-1')
    look(browser, 'admin-calibration')


def test_lots_of_supplies(browser, day, database):
    database.rows("INSERT IGNORE INTO supply_lot (item, lot, expires, received_at, staff_id) VALUES ('Marrow kit', 'OLD-77', '2019-12-31', 0, 4)")
    browser.login('clinician')
    browser.visit('/staff/supplies')
    browser.fill(item='Marrow kit', lot='NEW', expires='').click('Enter the lot')
    look(browser, 'supplies-error')
    uid = day.book()
    browser.visit('/staff/bookings/' + uid)
    browser.fill(birth_date=BORN).click('Check in')
    browser.agree().fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right').click('Record the harvest')
    browser.fill(label=day.label(uid), minutes='0', kit_lot='OLD-77', volume_ml='8').click('Record the processing')
    assert 'Lot OLD-77 expired on December 31, 2019' in browser.text
    look(browser, 'chart-lot')
    browser.fill(run_why='Not timed', lot_why='Nothing else was there').click('Record the processing')
    browser.visit('/staff/supplies/%d' % database.value("SELECT id FROM supply_lot WHERE lot = 'OLD-77'"))
    assert 'Not injected yet' in browser.text and 'Walker' in browser.text
    look(browser, 'supply')
    browser.fill(reason='Letter of the maker').click('Recall it')
    look(browser, 'supply-recalled')
    browser.visit('/staff/bookings/' + uid)
    assert 'The lot of the kit is recalled' in browser.text
    look(browser, 'chart-recalled')
    database.rows("INSERT INTO supply_recall (lot_id, recalled, reason, at, staff_id) SELECT id, 0, 'For the next test', 0, 4 FROM supply_lot WHERE lot = 'OLD-77'")
