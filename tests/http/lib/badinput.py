# SPDX-License-Identifier: Apache-2.0
"""What the tests of bad input share: what holds for every answer, and forms that are sent by hand."""
import re
import secrets
import urllib.parse

import pytest

import crowd
import env

FORM = crowd.FORM
HEADERS = {'content-security-policy': "default-src 'none'", 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY',
           'referrer-policy': '', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin',
           'permissions-policy': 'camera=()', 'cache-control': ''}
# A chart, also one that a refused form shows again: a label may be scanned there with the camera.
SCANS = re.compile(r'/staff/bookings/\w{26}(/|$)')
# Words of the machine room.
LEAKS = re.compile(r'\b(SELECT|INSERT INTO|UPDATE [a-z]+ SET|DELETE FROM)\b|mod_regen/|\.[ch]:\d|Traceback|RG\d{5}|MariaDB|MySQL|mysqld|'
                   r'errno|SQLSTATE|libmariadb|jansson|libxml|0x[0-9a-f]{8}|' + re.escape(env.ROOT) + r'|/usr/|/var/|/proc/|\.sock\b')
TABLES = ['booking', 'booking_step', 'booking_resource', 'appointment', 'occupancy', 'day_bitmap', 'patient', 'coverage', 'consent',
          'charge_item', 'invoice', 'claim', 'audit_event', 'idempotency']


def check(answer):
    """What holds for every answer, whatever it is."""
    answer.read()
    where = '%s %s: %d' % (answer.request.method, answer.request.url, answer.status_code)
    for name, begin in HEADERS.items():
        if name == 'permissions-policy' and SCANS.search(answer.request.url.path):
            begin = 'camera=('
        assert answer.headers.get(name, '\0').startswith(begin), '%s lacks %s' % (where, name)
    assert 'x-powered-by' not in answer.headers, where
    if answer.status_code >= 400:
        told = LEAKS.search(answer.text)
        assert not told, '%s tells %r' % (where, told.group(0))
        assert answer.headers['cache-control'] == 'no-store', where
        assert answer.request.method == 'HEAD' or len(answer.content) > 100, where + ' has no words'
    assert answer.status_code < 500 or answer.status_code == 503, where


@pytest.fixture
def visitor(server):
    with server.visitor(event_hooks={'response': [check]}) as made:
        yield made


@pytest.fixture
def quick(server):
    with crowd.Visitor(server.base) as made:
        made.client.event_hooks = {'response': [check]}
        yield made


@pytest.fixture
def untouched(database):
    """Nothing is stored by the test."""
    def count():
        return {t: database.value('SELECT COUNT(*) FROM ' + t) for t in TABLES}
    before = count()
    yield
    assert count() == before


def hold_fields(quick, service='consultation'):
    csrf, times = quick.times(service)
    start, key = sorted(times.items())[0]
    return dict(csrf=csrf, idem=key, service=service, start=start)


def raw_post(server, quick, path, body, kind=FORM, extra=''):
    """A POST of bytes as they are, with the cookie of QUICK; (status, headers and body)."""
    cookie = '; '.join('%s=%s' % (c.name, c.value) for c in quick.client.cookies.jar)
    head = ('POST /clinic%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nCookie: %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n'
            'Connection: close\r\n%s\r\n' % (path, server.port, cookie, kind, len(body), extra))
    return parsed(server.raw(head.encode() + body))


def get_raw(server, path):
    """GET of an address that no client would send; (status, headers and body)."""
    path = path if isinstance(path, bytes) else path.encode()
    return parsed(server.raw(b'GET /clinic' + path + b' HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'))


def parsed(data):
    assert data.startswith(b'HTTP/1.1 '), data[:80]
    head, _, body = data.partition(b'\r\n\r\n')
    text = data.decode('utf-8', 'replace')
    assert not LEAKS.search(text), LEAKS.search(text).group(0)
    return int(data[9:12]), text


# --- any value in any field: test_any_value.py, test_ceilings.py -------------------------------------------------------------------

NUMBERS = ['0', '-1', '2147483648', '9223372036854775808', '90000000000000000', '9' * 40, '1.5', '1,000', '1e9', ' ', '٣']
OTHERS = ['ä', '\U0001F9EC', '9' * 40, '']
DAYS = ['2149-06-07', '2155-01-01', '9999-12-31', '0000-00-00', '1969-12-31', '2026-02-30', 'ä', '9' * 40]
# Deeds that would end the test's own login, and the one that reads nothing but its button.
NOT = re.compile(r'/logout$|/booking/leave$')


def kind_of(form, name):
    value = form.value(name) or ''
    if re.search(r'day|date|from|until|on$|first|last|birth', name) or re.fullmatch(r'\d{4}-\d\d-\d\d', value):
        return DAYS
    number = re.fullmatch(r'-?[\d.,]+', value) or re.search(r'minor|price|minutes|count|quantity|ml$|version|seen|start|visit|who|practitioner', name)
    return NUMBERS if number else OTHERS


def fields(form):
    """One of each: of lists only the first item."""
    return sorted(n for n in form.names() - {'csrf', 'idem'} if not re.search(r'\[[1-9]', n) and not re.search(r'-[1-9]\d+$', n))


def typed(form, name):
    """Whether somebody types it, so that it must be there again."""
    kinds = [(c.tag, (c.get('type') or 'text').lower()) for c in form.controls() if c.get('name') == name]
    return all(tag == 'textarea' or (tag == 'input' and kind in ('text', 'number', 'date', 'tel', 'email')) for tag, kind in kinds)


def tidy(text):
    return ' '.join(text.split())


def still_there(page, name, value):
    found = [f for f in page.forms() if name in f.names()]
    return not found or any(tidy(f.value(name) or '') == tidy(value) for f in found)


def sweep(page):
    tried = 0
    for form in page.forms():
        if NOT.search(urllib.parse.urlsplit(form.action).path):
            continue
        for name in fields(form):
            for value in kind_of(form, name):
                form.changes = {name: value}
                if 'idem' in form.names():
                    form.changes['idem'] = secrets.token_urlsafe(16)
                answer = form.submit()
                where = '%s: %s=%r gave %r' % (form.action, name, value[:24], answer)
                assert answer.status < 500, where
                if answer.status == 422 and typed(form, name):
                    assert still_there(answer, name, value), where + ' and forgot what was typed'
                tried += 1
    return tried
