# SPDX-License-Identifier: Apache-2.0
"""Labels as they leave the printer, and how they are scanned: by a scanner that types, and by the camera."""
import base64
import re
import subprocess

from selenium.webdriver.common.keys import Keys

from dayfill import BORN

PAPER = {'large': (288, 144), 'small': (144, 72)}  # points
# A camera whose picture the page's reader finds this label in, the third time it looks.
READER = """
window.BarcodeDetector = class { constructor(how) { window.readerFormats = how.formats; this.looks = 0; }
  static getSupportedFormats() { return Promise.resolve(['qr_code', 'code_128']); }
  detect() { this.looks += 1; return Promise.resolve(this.looks < 3 ? [] : [{rawValue: '%s'}]); } };
navigator.mediaDevices.getUserMedia = function () { var canvas = document.createElement('canvas'); canvas.getContext('2d'); window.opened = canvas.captureStream(5);
  return Promise.resolve(window.opened); };
"""


def harvested(browser, day, **person):
    uid = day.book(**person)
    browser.login('clinician')
    browser.visit('/staff/bookings/' + uid)
    browser.fill(birth_date=BORN).click('Check in')
    browser.agree().fill(volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right').click('Record the harvest')
    return uid, day.label(uid)


def printed(browser, folder, name):
    """The page on paper: (its size in points, how many pages, its picture)."""
    pdf = folder / (name + '.pdf')
    pdf.write_bytes(base64.b64decode(browser.driver.execute_cdp_cmd('Page.printToPDF', {'preferCSSPageSize': True, 'printBackground': False})['data']))
    said = subprocess.run(['pdfinfo', str(pdf)], capture_output=True, text=True, check=True).stdout
    size = tuple(round(float(n)) for n in re.search(r'Page size:\s+([\d.]+) x ([\d.]+) pts', said).groups())
    subprocess.run(['pdftoppm', '-r', '300', '-gray', '-singlefile', str(pdf), str(folder / name)], check=True)
    return size, int(re.search(r'Pages:\s+(\d+)', said).group(1)), folder / (name + '.pgm'), subprocess.run(
        ['pdftotext', '-layout', str(pdf), '-'], capture_output=True, text=True, check=True).stdout


def read(file, code):
    command = ['dmtxread', '-n', '-N1', '-m5000', str(file)] if code == 'datamatrix' else ['zbarimg', '-q', '--raw', str(file)]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60).stdout.strip()


def test_a_printed_label_is_one_page_that_a_reader_reads(browser, day, tmp_path):
    if browser.name != 'desktop':
        return
    uid, label = harvested(browser, day, family='Featherstonehaugh-Cholmondeley', given='Maximiliana')
    for size, points in PAPER.items():
        for code in ('qr', 'datamatrix', 'code128'):
            browser.visit('/staff/units/%s/label?size=%s&code=%s' % (label, size, code))
            browser.fits().axe()
            browser.screenshot('label-%s-%s' % (size, code))
            cut = browser.driver.execute_script(
                "var label = document.querySelector('.unit-label'); return [label].concat([].slice.call(label.querySelectorAll('*'))).filter(function (e) {"
                " return e.scrollHeight > e.clientHeight + 1 && getComputedStyle(e).overflow === 'hidden'; }).map(function (e) { return e.className; })")
            assert cut == [], (size, code, cut)
            paper, pages, picture, text = printed(browser, tmp_path, size + code)
            assert (paper, pages) == (points, 1), (size, code)
            assert read(picture, code) == label, (size, code)
            for words in (label, 'FOR AUTOLOGOUS USE ONLY', 'NOT EVALUATED FOR INFECTIOUS SUBSTANCES', 'Maximiliana', '1961-03-14', 'RIGHT', 'Use before'):
                assert words in text, (size, code, words, text)
            assert 'Print at' not in text and 'Log out' not in text


def test_the_longest_words_fit(browser, day, database):
    """A name and a product as long as they can be, of a unit made from others: nothing lies over anything else, and nothing is cut off."""
    if browser.name != 'desktop':
        return
    uid, label = harvested(browser, day, family='Ada', given='Bo')
    database.rows('DROP TRIGGER IF EXISTS patient_keeps_its_name')
    words = 'Maximiliana-Philippina Featherstonehaugh Cholmondeley Wriothesley van der Berg x'
    for names, product in (((words, words), 'W' * 120), ((words, 'X'), 'Bone-marrow concentrate!'), (('Featherstonehaugh', 'Maximiliana'), 'Wide' * 10)):
        database.rows('UPDATE patient p JOIN booking b ON b.patient_id = p.id SET p.family = %s, p.given = %s WHERE b.uid = %s', *names, uid)
        database.rows('UPDATE service_product m JOIN unit u ON u.service_id = m.service_id AND u.product_no = m.product_no SET m.name = %s WHERE u.label = %s',
                      product, label)
        for size in PAPER:
            for code in ('qr', 'datamatrix', 'code128'):
                browser.visit('/staff/units/%s/label?size=%s&code=%s' % (label, size, code))
                wrong = browser.driver.execute_script("""
                    var label = document.querySelector('.unit-label'), box = label.getBoundingClientRect(), parts = [].slice.call(label.children);
                    var wrong = [];
                    parts.forEach(function (one, i) {
                        var a = one.getBoundingClientRect();
                        if (a.bottom > box.bottom + 1 || a.right > box.right + 1 || one.scrollHeight > one.clientHeight + 2 && one.tagName !== 'svg') { wrong.push('out: ' + one.className); }
                        parts.slice(i + 1).forEach(function (other) {
                            var b = other.getBoundingClientRect();
                            if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) { wrong.push('over: ' + i); }
                        });
                    });
                    return wrong;""")
                assert wrong == [], (names, size, code, wrong, browser.screenshot('label-longest'))


def test_a_scanner_that_types_sends_nothing_half_filled(browser, day):
    uid, label = harvested(browser, day, family='Wedge', given='Wilma')
    browser.visit('/staff/bookings/' + uid)
    field = browser.one('#label')
    field.send_keys(label, Keys.ENTER)
    assert browser.one('#label').get_attribute('value') == label and browser.h1 == 'Wilma Wedge'
    assert browser.driver.switch_to.active_element.get_attribute('name') not in ('label', None), 'the next field'
    assert 'Record the processing' in browser.text


def test_the_camera_reads_where_the_browser_can(browser, day):
    uid, label = harvested(browser, day, family='Camera', given='Cleo')
    browser.visit('/staff/bookings/' + uid)
    assert not any(b.is_displayed() for b in browser.all('[data-camera]')), 'this browser reads no codes'
    script = browser.driver.execute_cdp_cmd('Page.addScriptToEvaluateOnNewDocument', {'source': READER % label})
    try:
        browser.visit('/staff/bookings/' + uid)
        browser.wait(lambda: browser.one('[data-camera]').is_displayed())
        browser.press(browser.one('[data-camera]'))
        browser.wait(lambda: browser.one('#label').get_attribute('value') == label)
        assert 'Compare it with the label' in browser.one('[data-camera-says]').text
        assert browser.driver.execute_script('return window.opened.getTracks().every(function (t) { return t.readyState === "ended"; })'), 'the camera is off'
        browser.fits().axe()
        browser.screenshot('label-camera')
        browser.driver.execute_script('navigator.mediaDevices.getUserMedia = function () { return Promise.reject(new Error("no")); }')
        browser.press(browser.one('[data-camera]'))
        browser.wait(lambda: 'cannot be used' in browser.one('[data-camera-says]').text)
    finally:
        browser.driver.execute_cdp_cmd('Page.removeScriptToEvaluateOnNewDocument', {'identifier': script['identifier']})
