# SPDX-License-Identifier: Apache-2.0
"""A real Chromium for the browser tests, on the shared private servers of tests/http/lib/fixtures.py.

    def test_treatments(browser):             # at both widths; browser.width tells which
        browser.visit('/')
        browser.click('Knee')
        browser.fill(family='Rivera')
        browser.axe()                         # fails on anything serious
        browser.screenshot('treatments')      # build/test/browser/shots/
"""
import contextlib
import os
import re
import signal
import sys
import time

import pytest
from selenium import webdriver
from selenium.common.exceptions import NoSuchElementException, StaleElementReferenceException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from selenium.webdriver.support.ui import WebDriverWait

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', 'http', 'lib'))
from fixtures import *  # noqa: E402,F401,F403
import env  # noqa: E402


WIDTHS = {'phone': (360, 740), 'desktop': (1280, 900)}
SERIOUS = ('serious', 'critical')


def chromium(script=True):
    options = webdriver.ChromeOptions()
    # The shell has no windows of its own to draw, which is most of what the whole browser does here; but it knows no preferences.
    # Not the script in /usr/bin that starts it as a process of its own: only the script would be ended.
    options.binary_location = '/usr/lib/chromium/chromium-headless-shell' if script else '/usr/bin/chromium'
    for word in ('--headless=new', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars', '--lang=en-US',
                 '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync',
                 '--no-proxy-server', '--force-prefers-reduced-motion'):
        options.add_argument(word)
    if os.geteuid() == 0:
        options.add_argument('--no-sandbox')
    if not script:
        options.add_experimental_option('prefs', {'profile.managed_default_content_settings.javascript': 2})
    options.set_capability('goog:loggingPrefs', {'browser': 'ALL'})
    return webdriver.Chrome(service=Service('/usr/bin/chromedriver'), options=options)


def end(driver):
    """Nothing of Chromium may be left: it would keep its connections to a server that is about to stop."""
    own = ('--user-data-dir=' + driver.capabilities['chrome']['userDataDir']).encode()
    try:
        driver.quit()
    finally:
        until = time.monotonic() + 10
        while (left := [int(pid) for pid in os.listdir('/proc') if pid.isdigit() and own in words_of(pid)]) and time.monotonic() < until:
            time.sleep(0.02)
        for pid in left:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    assert not left, 'Chromium did not end: %s' % left


def words_of(pid):
    """The command line of a process; of one that is gone, nothing."""
    try:
        with open('/proc/%s/cmdline' % pid, 'rb') as f:
            return f.read().split(b'\0')
    except OSError:
        return []


class Browser:
    """One window and the few gestures a person has."""

    def __init__(self, driver, server, name):
        self.driver, self.server, self.name = driver, server, name
        self.width, self.height = WIDTHS[name]
        self.resize(self.width, self.height)

    def resize(self, width, height):
        # The window's own frame does not count, so set the viewport itself: Chromium refuses windows under 500 px.
        self.driver.execute_cdp_cmd('Emulation.setDeviceMetricsOverride', {
            'width': width, 'height': height, 'deviceScaleFactor': 1, 'mobile': width < 600})
        self.size = width, height

    def visit(self, path):
        self.driver.get(path if path.startswith('http') else self.server.base + '/' + path.lstrip('/'))
        return self

    @property
    def title(self):
        return self.driver.title

    @property
    def path(self):
        """Without which of the browser's bookings or places it is about."""
        path = self.driver.current_url[len(self.server.base):]
        return re.sub(r'[?&]$', '', re.sub(r'([?&])(booking|place)=[^&#]*&?', r'\1', path))

    @property
    def h1(self):
        return self.one('h1').text

    @property
    def text(self):
        return self.one('body').text

    def one(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def named(self, text):
        """The first visible link or button whose words contain TEXT."""
        # One question to the browser, not one for each link of the page.
        for element in self.driver.execute_script(
                "return [...document.querySelectorAll('a[href], button, input[type=submit], summary')].filter(e =>"
                " (e.textContent || e.value || '').split(/\\s+/).filter(w => w).join(' ').toLowerCase().includes(arguments[0]))", text.lower()):
            if element.is_displayed():
                return element
        raise AssertionError('nothing to press says %r on %r (%s)' % (text, self.title, self.path))

    def click(self, text):
        """Presses a link or button and waits until the next page is there."""
        return self.leave(lambda: self.press(self.named(text)))

    def leave(self, gesture):
        """Does GESTURE and waits until it led to another page that is complete."""
        before = self.one('html')
        gesture()
        # Between two pages anything that is asked for may vanish while it is looked at.
        wait = WebDriverWait(self.driver, 20, ignored_exceptions=(NoSuchElementException, StaleElementReferenceException))
        wait.until(lambda d: self.one('html') != before)
        wait.until(lambda d: d.execute_script('return document.readyState') == 'complete')
        return self

    def wait(self, until):
        """Waits until something is true that a script of the page brings about."""
        WebDriverWait(self.driver, 20, ignored_exceptions=(NoSuchElementException, StaleElementReferenceException)).until(lambda d: until())
        return self

    def press(self, element):
        """Scrolls to where nothing that is stuck to an edge lies over it, and presses it."""
        self.driver.execute_script('arguments[0].scrollIntoView({block: "center"})', element)
        element.click()

    def unfold(self, element):
        """Opens what ELEMENT is folded in, as a person does."""
        for folded in element.find_elements(By.XPATH, 'ancestor::details[not(@open)]'):
            self.press(folded.find_element(By.XPATH, './summary'))

    def fill(self, **fields):
        """Types, ticks and chooses by field name."""
        for name, value in fields.items():
            if name.endswith('birth_date') and not self.all('[name="%s"]' % name):
                names = set(self.driver.execute_script("return [...document.querySelectorAll('[name]')].map(e => e.getAttribute('name'))"))
                self.fill(**env.in_pieces(name, value, names))
                continue
            found = self.all('[name="%s"]:not([type=hidden])' % name)
            assert found, 'no field %r on %r (%s)' % (name, self.title, self.path)
            self.unfold(found[0])
            kind = found[0].get_dom_attribute('type')
            if found[0].tag_name == 'select':
                Select(found[0]).select_by_value(value)
            elif kind in ('radio', 'checkbox'):
                self.tick(next(f for f in found if f.get_dom_attribute('value') == value))
            elif kind == 'date':
                # A date box takes keys in the order of its language; the value itself has one form.
                self.driver.execute_script('arguments[0].value = arguments[1]', found[0], value)
            else:
                found[0].clear()
                found[0].send_keys(value)
        return self

    def agree(self):
        """Checks off all of the time-out."""
        for box in self.all('input[name^="said_"]'):
            self.tick(box)
        return self

    def tick(self, box):
        """Clicks what a person would: the box's own label, as the box itself may be drawn over."""
        if not box.is_selected():
            ident = box.get_dom_attribute('id')
            labels = self.all('label[for="%s"]' % ident) if ident else []
            self.press(labels[0] if labels else box)

    def keys(self, *keys):
        """Types to whatever has the focus."""
        self.driver.switch_to.active_element.send_keys(*keys)
        return self

    def tab_to(self, text=None, name=None, limit=200):
        """Presses Tab until the element that says TEXT or is called NAME has the focus; fails when it cannot be reached
        or the focus cannot be seen."""
        for _ in range(limit):
            self.keys(Keys.TAB)
            at = self.driver.switch_to.active_element
            # Not .text, which takes an element inside a visually hidden one for one that nobody hears.
            words, tag, named = self.driver.execute_script(
                "const e = arguments[0]; return [e.textContent || e.value || '', e.tagName.toLowerCase(), e.getAttribute('name')]", at)
            if (text and text.lower() in ' '.join(words.split()).lower() and tag in ('a', 'button', 'input', 'summary')) or (name and named == name):
                self.assert_focus_seen(at)
                return at
        raise AssertionError('cannot reach %r by keyboard on %r' % (text or name, self.title))

    def assert_focus_seen(self, element):
        style = self.driver.execute_script(
            'const s = getComputedStyle(arguments[0]);'
            'return [s.outlineStyle, parseFloat(s.outlineWidth), s.boxShadow, arguments[0].tagName]', element)
        assert (style[0] != 'none' and style[1] > 0) or style[2] != 'none', 'no visible focus on %s' % style[3]

    def login(self, role):
        sample = self.server.sample
        self.visit('/login')
        self.fill(login=sample[role + '_login'], password=sample[role + '_password'])
        return self.leave(lambda: self.one('form button[type=submit], form button:not([type]), form input[type=submit]')
                          .click())

    def axe(self, exclude=()):
        """axe-core's findings that are serious or worse are a failure."""
        with open(os.path.join(HERE, 'axe', 'axe.min.js'), encoding='utf-8') as f:
            source = f.read()
        if not self.driver.execute_script('return typeof window.axe === "object"'):
            self.driver.execute_script(source)
        report = self.driver.execute_async_script(
            'const done = arguments[arguments.length - 1];'
            "axe.run({exclude: arguments[0], resultTypes: ['violations']}).then(r => done({passes: r.passes.length, violations: r.violations}),"
            ' e => done({error: String(e)}));', [[e] for e in exclude])
        assert 'error' not in report, report.get('error')
        assert report['passes'], 'axe-core looked at nothing'
        bad = ['%s (%s): %s\n    %s' % (v['id'], v['impact'], v['help'], '\n    '.join(
            '%s: %s' % (' '.join(map(str, n['target'])), n.get('failureSummary', '').replace('\n', ' ')) for n in v['nodes'][:5]))
            for v in report['violations'] if v['impact'] in SERIOUS]
        assert not bad, 'axe-core on %s (%s):\n%s' % (self.path, self.name, '\n'.join(bad))
        return report

    def fits(self):
        """Nothing makes the page scroll sideways."""
        wide = self.driver.execute_script('return [document.documentElement.scrollWidth, window.innerWidth]')
        assert wide[0] <= wide[1], '%s is %d px wide in a window of %d' % (self.path, wide[0], wide[1])
        return self

    def screenshot(self, name):
        """The whole page as a picture for people to look at; its path. A run of everything, which nobody looks at, takes none."""
        folder = os.path.join(env.BUILD, 'test', 'browser', 'shots')
        os.makedirs(folder, exist_ok=True)
        path = os.path.join(folder, '%s-%s.png' % (name, self.name))
        if os.environ.get('REGEN_SHOTS') == 'no':
            return path
        size = self.size
        self.resize(size[0], max(size[1], min(self.driver.execute_script('return document.documentElement.scrollHeight'), 6000)))
        assert self.driver.save_screenshot(path)
        # Whatever is looked at next is as it was, also for who takes no pictures.
        self.resize(*size)
        return path

    def console(self):
        """What the browser complained about since the last call: policy violations, missing files, script errors."""
        return [e['message'] for e in self.driver.get_log('browser') if e['level'] == 'SEVERE']


@pytest.fixture(scope='module')
def driver(server):
    """Chromium opens connections ahead of need. A worker that waits for the first word on such a one is not woken by a stop
    (mod_http2 reads it without a limit) and httpd would complain of its child, so Chromium ends before its server does."""
    made = chromium()
    yield made
    end(made)


@pytest.fixture(scope='module')
def driver_without_script(server):
    made = chromium(script=False)
    yield made
    end(made)


@pytest.fixture(params=sorted(WIDTHS))
def browser(request, driver, server):
    """Chromium at phone and at desktop width, with an empty cookie jar; its console must stay clean."""
    driver.get(server.origin + '/')
    driver.delete_all_cookies()
    made = Browser(driver, server, request.param)
    made.console()
    yield made
    said = [m for m in made.console() if 'favicon' not in m and not is_page_status(m)]
    assert not said, 'the browser complained:\n' + '\n'.join(said)


@pytest.fixture
def plain_browser(driver_without_script, server):
    """Chromium at phone width that runs no script."""
    driver_without_script.get(server.origin + '/')
    driver_without_script.delete_all_cookies()
    return Browser(driver_without_script, server, 'phone')


def is_page_status(message):
    """Chromium reports a page that answered 4xx (a form with errors) as a failed resource; that is the page's job."""
    return 'Failed to load resource' in message and 'status of 4' in message and '/static/' not in message
