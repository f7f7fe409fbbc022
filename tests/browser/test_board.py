# SPDX-License-Identifier: Apache-2.0
"""The board as the desk lives with it all day: whose turn it is within three keys, up to date by itself without taking the focus
or moving anything under a finger, and nothing that runs out of its box on a tablet or a desktop."""
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from dayfill import now, open_day

# Elements whose content sticks out of them sideways, but for boxes that are made to be scrolled and what is only for screen readers.
STICKS_OUT = """
return Array.prototype.filter.call(document.querySelectorAll('main *'), function (e) {
  var style = getComputedStyle(e);
  if (e.closest('.vh, svg, .scroll') && !e.matches('td, th, .slot, td *') || e.closest('.vh') || style.display === 'inline' || style.display === 'none') { return false; }
  return style.overflowX === 'visible' && e.scrollWidth > e.clientWidth + 1 && e.getClientRects().length > 0;
}).map(function (e) { return e.tagName + '.' + e.className + ': ' + e.textContent.trim().slice(0, 40) + ' ' + e.scrollWidth + ' > ' + e.clientWidth; }).slice(0, 10);
"""

# What a reader may set for all text (WCAG 1.4.12): what holds then holds in a wider font, too.
SPACED = """
var sheet = new CSSStyleSheet();
sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }');
document.adoptedStyleSheets = [sheet];
"""

# What a link says of a visit that is late, at whatever hour this runs.
LONGER = "document.querySelectorAll('.attention a').forEach(a => { a.append(': reschedule remaining steps'); });"


@pytest.fixture
def full(day, database):
    """Forty visits of today in every state."""
    uids = []
    for i in range(40):
        uids.append(day.book(('bmac-knee', 'prp-tendon', 'consultation')[i % 3], start=now() - 3600 + i * 900, signed=i % 5 != 0,
                             family=('Rivera', 'van der Berg-Featherstonehaugh', 'Lee')[i % 3], given=('Lucía', 'Maximiliane', 'Mi-sun')[i % 3]))
    return uids


def arrive(database, uid, minutes):
    staff = database.value('SELECT MIN(id) FROM staff')
    booking = database.value('SELECT id FROM booking WHERE uid = %s', uid)
    database.rows("INSERT INTO step_event (booking_id, kind, at, staff_id) VALUES (%s, 'check-in', %s, %s)", booking, now() - 60 * minutes, staff)
    database.rows("UPDATE booking SET status = 'arrived', version = version + 1 WHERE id = %s", booking)


def todo(browser, *names):
    """The lines of these people, in their order; those of other tests are on the board, too."""
    found = [(next((n for n in names if n + browser.name in li.text), None), li.text) for li in browser.all('.todo li')]
    return [f for f in found if f[0]]


def refresh(browser):
    """What the page does every half minute, now: as when its tab is looked at again."""
    browser.driver.execute_script("document.dispatchEvent(new Event('visibilitychange'))")


def test_whose_turn_it_is(browser, day, database):
    late = day.book('consultation', family='Late' + browser.name, given='Lou', start=now() - 1200)
    first = day.book('consultation', family='Longest' + browser.name, given='Lia', start=now() - 600)
    second = day.book('consultation', family='Shorter' + browser.name, given='Sam', start=now() - 300)
    day.book('consultation', family='Tonight' + browser.name, given='Tim', start=now() + 2 * 3600)
    arrive(database, first, 25)
    arrive(database, second, 5)
    browser.login('front_desk')
    browser.visit('/staff')
    rows = todo(browser, 'Longest', 'Shorter', 'Late', 'Tonight')
    assert [name for name, _ in rows] == ['Longest', 'Shorter', 'Late'], rows
    assert 'Waiting 25 min' in rows[0][1] and 'late' in rows[2][1] and 'Check in' in rows[2][1]
    # Skip link, Enter, Tab lands among the next actions; a key of its own leads to each.
    for key in (Keys.TAB, Keys.ENTER, Keys.TAB):
        browser.keys(key)
    at = browser.driver.switch_to.active_element
    assert at.find_elements('xpath', 'ancestor::*[@class="todo"]'), at.get_attribute('outerHTML')
    buttons = browser.all('.todo a.button')
    assert [a.get_attribute('accesskey') for a in buttons[:9]] == [str(i + 1) for i in range(min(9, len(buttons)))]
    mine = next(a for a in buttons if late in a.get_attribute('href'))
    browser.leave(lambda: ActionChains(browser.driver).key_down(Keys.ALT).send_keys(mine.get_attribute('accesskey')).key_up(Keys.ALT).perform())
    assert browser.path.startswith('/staff/bookings/' + late)


def test_it_keeps_itself_up_to_date(browser, day, database):
    day.book('consultation', family='Already' + browser.name, given='Al', start=now() - 600)
    browser.login('front_desk')
    browser.visit('/staff')
    browser.driver.execute_script("document.querySelector('.todo a.button').focus({preventScroll: true})")
    where = browser.driver.switch_to.active_element.get_attribute('href')
    day.book('consultation', family='Newcomer' + browser.name, given='Nell', start=now() - 1200)
    assert 'Newcomer' + browser.name not in browser.text
    refresh(browser)
    browser.wait(lambda: 'Newcomer' + browser.name in browser.text)
    # The focus is where it was, although its line moved down.
    assert browser.driver.switch_to.active_element.get_attribute('href') == where
    # Who is typing a date keeps it.
    field = browser.one('#date')
    typed = open_day(database, 30)
    browser.driver.execute_script('arguments[0].value = arguments[1]', field, typed)
    day.book('consultation', family='Another' + browser.name, given='Ann', start=now() - 1200)
    refresh(browser)
    browser.wait(lambda: 'Another' + browser.name in browser.text)
    assert browser.one('#date').get_attribute('value') == typed


def test_it_keeps_nobody_logged_in_and_says_so(browser, day, database):
    browser.login('front_desk')
    browser.visit('/staff')
    seen = database.value('SELECT seen_at - 600 FROM session WHERE staff_id IS NOT NULL ORDER BY created_at DESC LIMIT 1')
    database.rows('UPDATE session SET seen_at = %s WHERE staff_id IS NOT NULL', seen)
    day.book('consultation', family='Quiet' + browser.name, given='Quinn', start=now() - 600)
    refresh(browser)
    browser.wait(lambda: 'Quiet' + browser.name in browser.text)
    assert database.value('SELECT MAX(seen_at) FROM session WHERE staff_id IS NOT NULL') == seen
    database.rows('DELETE FROM session WHERE staff_id IS NOT NULL')
    refresh(browser)
    browser.wait(lambda: 'You are logged out' in browser.text)
    assert 'Quiet' + browser.name in browser.text


@pytest.mark.parametrize('path', ['/staff', '/staff/week', '/staff/week?by=patient', '/staff/times?service=bmac-knee', '/staff/patients',
                                  '/staff/waitlist', '/staff/recalls', '/staff/messages', '/staff/block'])
def test_nothing_runs_out_of_its_box(browser, full, path):
    """A phone, and in the desktop's turn a tablet, too; with the text as it is, with the longest links, and as wide as somebody may need it."""
    browser.login('front_desk')
    for width in ((360,) if browser.name == 'phone' else (820, 1280)):
        browser.resize(width, 1180)
        browser.visit(path)
        for spacing in ('', '-spaced'):
            if spacing:
                browser.driver.execute_script(SPACED)
            browser.screenshot('box-%s-%d%s' % (path.split('?')[0].strip('/').replace('/', '-'), width, spacing))
            assert browser.driver.execute_script(STICKS_OUT) == [], (width, spacing)
            assert browser.driver.execute_script('return document.documentElement.scrollWidth <= innerWidth'), (width, spacing)
