# SPDX-License-Identifier: Apache-2.0
"""What went wrong, in a real browser: visits that nobody recorded, times entered later, visits that end early, corrections; also on a tablet."""
import datetime

from dayfill import BORN, clock, today


def look(browser, name):
    browser.fits().axe()
    browser.screenshot('staff-' + name)
    if browser.width > 800:
        browser.resize(820, 1180)
        browser.fits()
        browser.screenshot('staff-%s-tablet' % name)
        browser.resize(browser.width, browser.height)


def unfold(browser, words):
    next(s for s in browser.all('summary') if words in s.text).click()


def test_what_went_wrong(browser, day, database):
    day.book(start=clock(12, day=today() - datetime.timedelta(1)), family='Yesterday', given='Yves')
    uid = day.book(family='Early', given='Ernie')
    browser.login('admin')
    browser.visit('/staff')
    assert 'still open' in browser.text
    look(browser, 'board-open')
    browser.click('Say what happened')
    assert browser.h1 == 'Open visits' and 'Nobody was recorded' in browser.text
    look(browser, 'open-visits')
    browser.click('Record what happened')
    look(browser, 'chart-late')
    browser.visit('/staff/bookings/' + uid)
    unfold(browser, 'It was done earlier')
    look(browser, 'chart-when')
    browser.fill(birth_date=BORN).click('Check in')
    browser.agree().fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right').click('Record the harvest')
    unfold(browser, 'Correct a mistake')
    look(browser, 'chart-correct')
    browser.fill(correct_what='harvest-volume', correct_value='55', correct_why='Misread the syringe').click('Correct it')
    assert 'instead of' in browser.text
    look(browser, 'chart-corrected')
    unfold(browser, 'End visit early')
    browser.fill(why='no-material')
    look(browser, 'chart-end')
    browser.click('End this visit')
    assert 'is still open' in browser.text
    look(browser, 'chart-end-error')
    browser.one('#dispose').click()
    browser.click('End this visit')
    assert 'Ended early' in browser.text
    look(browser, 'chart-ended')
