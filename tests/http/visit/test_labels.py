# SPDX-License-Identifier: Apache-2.0
"""Labels of units: what is drawn on them is read back by other people's readers and leads to the unit; sizes and codes as the clinic says or as asked for."""
import itertools
import re
import subprocess

import pytest

from test_staff_day import chart, check_in, harvest, process, ready

SIZES, CODES = ('large', 'small'), ('qr', 'datamatrix', 'code128')


@pytest.fixture
def clinician(staff):
    return staff('clinician')


def picture(page, folder, scale=4):
    """The page's code as a bitmap file, drawn from its path by rules of its own: black rectangles on white."""
    svg = re.search(r'<svg class="unit-label-scan" viewBox="0 0 (\d+) (\d+)".*?<path d="([^"]*)"', page.html, re.S)
    width, height, path = int(svg.group(1)), int(svg.group(2)), svg.group(3)
    rows = [[0] * width for _ in range(height)]
    rectangles = re.findall(r'M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z', path)
    assert rectangles and ''.join('M%s %sh%sv%sh-%sz' % r for r in rectangles) == path
    for x, y, w, h, back in (map(int, r) for r in rectangles):
        assert w == back and x + w <= width and y + h <= height
        for row in rows[y:y + h]:
            row[x:x + w] = [1] * w
    lines = [' '.join(str(bit) for bit in row for _ in range(scale)) for row in rows for _ in range(scale)]
    file = folder / 'code.pbm'
    file.write_text('P1\n%d %d\n%s\n' % (width * scale, height * scale, '\n'.join(lines)))
    return file


def read(file, code):
    """By ZBar, and by libdmtx, which read nothing of each other's."""
    command = ['dmtxread', '-n', '-N1', str(file)] if code == 'datamatrix' else ['zbarimg', '-q', '--raw', str(file)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


@pytest.mark.parametrize('code', CODES)
def test_a_reader_reads_the_label(day, clinician, tmp_path, code):
    uid = day.book()
    label = ready(clinician, day, uid)
    page = clinician.open('/staff/units/%s/label?size=small&code=%s' % (label, code))
    assert page.status == 200 and read(picture(page, tmp_path), code) == label


def test_only_the_label_is_in_the_code(day, clinician, tmp_path):
    """One unit after the other, so that check characters of all kinds are drawn."""
    for _ in range(4):
        uid = day.book()
        check_in(clinician, uid)
        harvest(clinician, uid)
        label = day.label(uid)
        assert [read(picture(clinician.open('/staff/units/%s/label?code=%s' % (label, code)), tmp_path), code) for code in CODES] == [label] * 3


def test_what_is_read_is_accepted_where_labels_are_asked_for(day, clinician, tmp_path):
    uid = day.book()
    check_in(clinician, uid)
    harvest(clinician, uid)
    scanned = read(picture(clinician.open('/staff/units/%s/label' % day.label(uid)), tmp_path), 'qr')
    assert process(clinician, uid, scanned).status == 200
    assert 'data-scan' in chart(clinician, uid).html and 'camera=(self)' in chart(clinician, uid).response.headers['permissions-policy']
    assert 'camera=()' in clinician.open('/staff').response.headers['permissions-policy']


def test_every_size_says_everything(day, clinician):
    uid = day.book(family='Featherstonehaugh-Cholmondeley', given='Maximiliana')
    label = ready(clinician, day, uid)
    for size, code in itertools.product(SIZES, CODES):
        page = clinician.open('/staff/units/%s/label?size=%s&code=%s' % (label, size, code))
        for words in (label, 'FOR AUTOLOGOUS USE ONLY', 'NOT EVALUATED FOR INFECTIOUS SUBSTANCES', 'Featherstonehaugh-Cholmondeley', 'Maximiliana', '1961-03-14',
                      'right', 'knee', 'Harvested', 'Use before', '60 ml', 'Bone marrow'):
            assert words in page.text, (size, code, words)
        assert re.search(r'/static/label-%s\.css\?[\w-]+" media="print"' % size, page.html) and page.html.count('aria-current="true"') == 2
    assert 'unit-label large with-qr' in clinician.open('/staff/units/%s/label' % label).html


@pytest.mark.parametrize('query', ('size=huge', 'code=ean', 'size=', 'code=qr&size=Small'))
def test_another_size_or_code_is_not_guessed(day, clinician, query):
    label = ready(clinician, day, day.book())
    assert clinician.open('/staff/units/%s/label?%s' % (label, query)).status == 404


def test_the_clinic_says_how_its_labels_are(servers, day, sample, tmp_path):
    server = servers(extra='RegenLabelSize small\nRegenLabelCode datamatrix\n')
    with server.visitor() as visitor:
        visitor.login(sample['clinician_login'], sample['clinician_password'])
        uid = day.book()
        assert check_in(visitor, uid).status == 200 and harvest(visitor, uid).status == 200
        page = visitor.open('/staff/units/%s/label' % day.label(uid))
        assert 'unit-label small with-datamatrix' in page.html and read(picture(page, tmp_path), 'datamatrix') == day.label(uid)


@pytest.mark.parametrize('name', SIZES)
def test_the_paper_is_a_label(server, name):
    with server.visitor() as visitor:
        page = visitor.open('/static/label-%s.css' % name)
        assert page.status == 200 and '@page { size: %s; margin: 0; }' % {'large': '4in 2in', 'small': '2in 1in'}[name] in page.html
