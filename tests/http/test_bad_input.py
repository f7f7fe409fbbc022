# SPDX-License-Identifier: Apache-2.0
"""What nobody should send, and what it gets: the right status in clear words, nothing stored by halves, nothing told that
is not the visitor's business, and a clean log (that is checked after every test)."""
import os
import re
import socket
import sys
import time
import urllib.parse

import httpx
import lxml.html
import pymysql
import pytest

import crowd
import env

sys.path.insert(0, os.path.join(env.ROOT, 'tests', 'journey'))
import walk  # noqa: E402

FORM = crowd.FORM
HEADERS = {'content-security-policy': "default-src 'none'", 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY',
           'referrer-policy': '', 'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin',
           'permissions-policy': 'camera=()', 'cache-control': ''}
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


# --- times that cannot be had --------------------------------------------------------------------------------------------

@pytest.mark.parametrize('path', ['/services/unknown', '/services/unknown/times', '/services/BMAC-KNEE/times', '/services/-/times',
                                  '/services/bmac-knee/prices', '/nowhere', '/services', '/booking/consent/../../x', '/b', '/fhirx'])
def test_unknown_page(visitor, untouched, path):
    assert visitor.get(path).status_code == 404


def test_unknown_service_cannot_be_held(quick, untouched):
    fields = hold_fields(quick)
    assert quick.post('/holds', **{**fields, 'service': 'no-such'}).status_code == 404
    assert quick.post('/holds', **{**fields, 'service': ''}).status_code in (404, 422)
    assert quick.post('/holds', **{**fields, 'service': 'consultation\u0001'.replace('\x01', '%')}).status_code in (404, 422)


def shifted(start, days=0, minutes=0):
    return start + days * 86400 + minutes * 60


@pytest.mark.parametrize('what,change', [
    ('past', lambda s: shifted(s, days=-60)), ('long past', lambda s: 300), ('zero', lambda s: 0), ('beyond the horizon', lambda s: shifted(s, 400)),
    ('far beyond', lambda s: 7258118399), ('not offered to anybody', lambda s: 2 ** 62), ('below zero', lambda s: -s),
    ('off the grid', lambda s: s + 300), ('off the granule', lambda s: s + 7), ('a fraction', lambda s: '%d.5' % s),
    ('at night', lambda s: s // 86400 * 86400 + 7 * 3600), ('words', lambda s: 'tomorrow'), ('empty', lambda s: ''), ('exponent', lambda s: '1e9'),
    ('SQL', lambda s: "%d' OR '1'='1" % s), ('overflow', lambda s: '9' * 40), ('spaces', lambda s: '%d %d' % (s, s))])
def test_times_that_are_not_offered(quick, untouched, what, change):
    fields = hold_fields(quick)
    answer = quick.post('/holds', **{**fields, 'start': change(fields['start'])})
    assert answer.status_code == 422, answer.status_code
    assert 'text/html' in answer.headers['content-type']


@pytest.mark.parametrize('query,status', [
    ('day=2020-01-01', 422), ('day=2199-01-01', 422), ('day=2026-02-30', 422), ('day=tomorrow', 422), ('month=2026-13', 422), ('month=1066-10', 422),
    ('month=9999-12', 422), ('practitioner=x', 422), ('practitioner=99999', (200, 404, 422)), ('day=2026-12-01%00', 400), ('day=%ff%fe', 400),
    ('day=%c0%af', 400), ('day=%zz', 400), ('day=%', 400), ('day=' + '9' * 5000, 400), ('&'.join('a%d=1' % i for i in range(300)), 400),
    ('day=2026-12-01&day=2026-12-02', (200, 400, 422)), ('=&=&&;;', (200, 400)), ('day=%0d%0aSet-Cookie:%20x=y', (400, 422))])
def test_queries(server, untouched, query, status):
    got, text = get_raw(server, '/services/consultation/times?' + query)
    assert got in (status if isinstance(status, tuple) else (status,)), text[:200]
    assert 'Set-Cookie: x' not in text


# --- links and others' bookings ---------------------------------------------------------------------------------------------

@pytest.mark.parametrize('token', ['A' * 43, 'x', '-' * 43, 'A' * 42, 'A' * 44, 'A' * 128, '%41' * 43, 'A' * 4000])
def test_forged_link(visitor, untouched, token):
    answer = visitor.get('/b/' + token)
    assert answer.status_code == 404 and 'regen_p' not in answer.cookies


def booked(server, service='consultation', **who):
    """A patient who has booked: (visitor, link)."""
    one = crowd.Visitor(server.base)
    fields = hold_fields(one, service)
    one.expect(one.post('/holds', **fields), 303, 'hold')
    one.book(**who)
    page = one.get('/booking')
    link = re.search(r'/clinic(/b/[A-Za-z0-9_-]{43})', page.text)
    assert link, 'the booked page shows no link'
    return one, link.group(1)


def test_link_of_a_cancelled_or_expired_booking(server, database, quick):
    # The next free time may be too near to cancel, by the hour at which this runs.
    database.rows("UPDATE service SET cancel_notice_minutes = 0 WHERE code = 'consultation'")
    one, link = booked(server)
    with one:
        changed = link[:-2] + ('AA' if link[-2:] != 'AA' else 'BA')
        assert quick.get(changed).status_code == 404
        assert quick.get(link).status_code == 303
        page = quick.get('/booking/cancel')
        assert page.status_code == 200
        assert quick.post('/booking/cancel', **quick.hidden(page)).status_code == 303
        # The link still opens; the page says it is over and offers nothing that cannot be done.
        quick.forget()
        assert quick.get(link).status_code == 303
        page = quick.get('/booking')
        assert page.status_code == 200 and 'cancelled' in page.text.lower()
        assert '/booking/cancel"' not in page.text
    assert crowd.contradictions(database) == []


def test_hold_that_is_over(server, database, quick):
    """An expired hold: every page says so in words, nothing can be done with it, its time is free again."""
    fields = hold_fields(quick)
    quick.expect(quick.post('/holds', **fields), 303, 'hold')
    page = quick.get('/booking/details')
    database.rows("UPDATE booking SET hold_expires_at = %s WHERE status = 'held'", int(time.time()) - 5)
    answers = [quick.get(p) for p in ('/booking', '/booking/details', '/booking/consent', '/booking/check')]
    answers += [quick.post('/booking/' + p, **quick.hidden(page)) for p in ('extend', 'check', 'release')]
    answers += [quick.post('/booking/details', **crowd.PATIENT, pay='self', body_site='knee', side='left', **quick.hidden(page))]
    assert {a.status_code for a in answers} == {410}, [a.status_code for a in answers]
    assert database.value('SELECT COUNT(*) FROM patient WHERE family = %s AND given = %s', 'Nobody', 'Never') == 0
    with crowd.Visitor(server.base) as other:
        csrf, times = other.times('consultation')
        assert fields['start'] in times, 'the time of an expired hold is not offered'
        assert other.hold('consultation', fields['start'], csrf, times[fields['start']]).status_code == 303
    assert crowd.contradictions(database) == []


@pytest.mark.parametrize('path', ['/booking', '/booking/details', '/booking/consent', '/booking/consent/privacy', '/booking/check',
                                  '/booking/calendar.ics', '/booking/cancel'])
def test_no_session(visitor, untouched, path):
    assert visitor.get(path).status_code == 401
    for value in ('x', 'A' * 43, 'A' * 43 + '.' + 'A' * 43, 'A' * 43 + '.' + 'B' * 42, "' OR 1=1 --", '%00', 'A' * 7000):
        assert visitor.get(path, headers={'Cookie': 'regen_p=' + value}).status_code == 401


def test_two_cookies_of_one_name(server, quick):
    """Somebody planted a cookie beside ours: neither is trusted."""
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    value = quick.client.cookies['regen_p']
    with crowd.Visitor(server.base) as other:
        answer = other.client.get(server.base + '/booking', headers={'Cookie': 'regen_p=%s; regen_p=%s' % (value, 'A' * 43)})
        assert answer.status_code == 401


def test_staff_pages_without_login(visitor, untouched):
    for path in ('/staff', '/staff/bookings/' + '0' * 26, '/staff/units/U00000017/label', '/billing', '/billing/bookings/' + '0' * 26,
                 '/billing/invoices/' + '0' * 26, '/billing/claims/' + '0' * 26, '/billing/claims/' + '0' * 26 + '/file'):
        answer = visitor.get(path)
        assert answer.status_code == 303 and '/clinic/login?to=' in answer.headers['location'], path
    for path in ('/staff/bookings/%s/check-in' % ('0' * 26), '/billing/bookings/%s/invoice' % ('0' * 26), '/logout'):
        assert visitor.post(path, content=b'csrf=x', headers={'Content-Type': FORM}).status_code in (401, 403), path


def test_way_back_after_login_stays_here(server, sample, visitor):
    for to in ('https://evil.example/', '//evil.example/', '/clinic//evil.example', '/clinic/../evil', '/clinic/\\evil', '/clinicx', 'javascript:1',
               '/clinic/%0d%0aX:y'):
        page = visitor.open('/login?to=' + urllib.parse.quote(to, safe=''))
        form = page.form(having='password').fill(login=sample['front_desk_login'], password=sample['front_desk_password'])
        answer = form.set('to', to, force=True).submit(follow=False)
        assert answer.status_code == 303 and urllib.parse.urlsplit(answer.headers['location']).path == '/clinic/staff', answer.headers['location']


def test_roles(staff):
    """Front desk at billing, billing at treatment: 403, and nothing done."""
    uid = '0' * 26
    desk, billing = staff('front_desk'), staff('billing')
    assert desk.get('/billing').status_code == 403
    assert desk.get('/billing/claims/%s/file' % uid).status_code == 403
    assert billing.post('/staff/bookings/%s/inject' % uid, content=b'a=b', headers={'Content-Type': FORM}).status_code == 403
    assert desk.get('/staff/bookings/' + uid).status_code == 404
    assert desk.get('/staff/bookings/' + 'z' * 128).status_code == 404
    assert billing.get('/billing/bookings/' + uid).status_code == 404
    assert billing.get('/billing/invoices/' + uid).status_code == 404
    assert billing.get('/billing/claims/' + uid).status_code == 404
    assert billing.get('/billing?queue=secrets').status_code == 404
    assert billing.get('/billing?page=-1').status_code == 404


def test_a_patient_is_no_staff(server, quick, untouched):
    """A patient's cookie under the staff's name, and the other way round, opens nothing."""
    value = 'A' * 43
    for path, status in (('/staff', 303), ('/booking', 401)):
        answer = quick.client.get(server.base + path, headers={'Cookie': 'regen_s=%s; regen_p=%s' % (value, value)})
        assert answer.status_code == status


def test_patient_session_is_no_staff_session(server, quick):
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    answer = quick.client.get(server.base + '/staff', headers={'Cookie': 'regen_s=' + quick.session})
    assert answer.status_code == 303 and '/login' in answer.headers['location']


def test_form_of_another_booking(server, database, quick):
    """A page of one booking, sent with the session of another: refused, and neither changes."""
    with crowd.Visitor(server.base) as other:
        pages = []
        for one in (quick, other):
            one.expect(one.post('/holds', **hold_fields(one)), 303, 'hold')
            pages.append(one.hidden(one.get('/booking/details')))
        for path, more in (('/booking/details', dict(crowd.PATIENT, pay='self', body_site='knee', side='left')), ('/booking/release', {}),
                           ('/booking/check', {}), ('/booking/extend', {}), ('/booking/cancel', {}), ('/booking/consent/privacy', dict(agree='yes'))):
            assert quick.post(path, **more, **pages[1]).status_code == 403, path
        for one in (quick, other):
            booking = crowd.session_booking(database, one.session)
            assert booking[1] == 'held'
            assert database.rows('SELECT patient_id, hold_extended, version FROM booking WHERE id = %s', booking[0]) == ((None, 0, 1),)


# --- forms from elsewhere, repeated, broken ----------------------------------------------------------------------------------

def test_csrf(server, quick, untouched):
    fields = hold_fields(quick)
    for wrong in (dict(csrf=''), dict(csrf='A' * 43), dict(csrf=fields['csrf'][:-1]), dict(csrf=fields['csrf'] + 'A')):
        assert quick.post('/holds', **{**fields, **wrong}).status_code == 403
    without = {k: v for k, v in fields.items() if k != 'csrf'}
    assert quick.post('/holds', **without).status_code == 403
    with crowd.Visitor(server.base) as other:
        assert other.post('/holds', **fields).status_code == 403, 'without the cookie that goes with the token'
        other.times('consultation')
        assert other.post('/holds', **fields).status_code == 403, "with another visitor's cookie"


@pytest.mark.parametrize('headers', [
    {'Origin': 'https://evil.example'}, {'Origin': 'null'}, {'Origin': ''}, {'Origin': 'http://127.0.0.1:1'}, {'Origin': 'http://127.0.0.1.evil.example'},
    {'Sec-Fetch-Site': 'cross-site'}, {'Sec-Fetch-Site': 'same-site'}, {'Sec-Fetch-Site': ''}])
def test_origin(server, quick, untouched, headers):
    body = urllib.parse.urlencode(hold_fields(quick)).encode()
    answer = quick.client.post(server.base + '/holds', content=body, headers={'Content-Type': FORM, **headers})
    assert answer.status_code == 403


def test_idempotency_keys(server, quick, untouched):
    fields = hold_fields(quick)
    for key in ('', 'short', 'x' * 65, 'spaces are not letters', 'a/b' * 8, 'ключ' * 8):
        assert quick.post('/holds', **{**fields, 'idem': key}).status_code == 400, key
    without = {k: v for k, v in fields.items() if k != 'idem'}
    assert quick.post('/holds', **without).status_code == 400


def test_duplicate_submit(database, quick):
    """Twice the same is one effect and the same answer; the same key with another body is refused."""
    fields = hold_fields(quick)
    before = database.value('SELECT COUNT(*) FROM booking')
    first, second = quick.post('/holds', **fields), quick.post('/holds', **fields)
    assert first.status_code == second.status_code == 303 and first.headers['location'] == second.headers['location']
    assert database.value('SELECT COUNT(*) FROM booking') == before + 1
    assert quick.post('/holds', **{**fields, 'start': fields['start'] + 900}).status_code == 409
    assert database.value('SELECT COUNT(*) FROM booking') == before + 1
    page = quick.get('/booking/details')
    hidden = quick.hidden(page)
    typed = dict(crowd.PATIENT, pay='self', body_site='knee', side='left')
    patients = database.value('SELECT COUNT(*) FROM patient')
    answers = [quick.post('/booking/details', **typed, **hidden) for _ in range(3)]
    assert [a.status_code for a in answers] == [303] * 3
    assert database.value('SELECT COUNT(*) FROM patient') == patients + 1
    assert quick.post('/booking/details', **{**typed, 'family': 'Other'}, **hidden).status_code == 409
    assert database.value('SELECT COUNT(*) FROM patient WHERE family = %s', 'Other') == 0
    assert crowd.contradictions(database) == []


def test_repeated_fields(server, quick, untouched):
    """A field twice, as parameter pollution does: refused or the first counts, never mixed."""
    fields = hold_fields(quick)
    body = urllib.parse.urlencode(fields) + '&start=%d&service=nothing&csrf=x' % (fields['start'] + 86400 * 400)
    status, _ = raw_post(server, quick, '/holds', ('service=nothing&start=1&' + body).encode())
    assert status in (400, 404, 422)


@pytest.mark.parametrize('body', [
    b'family=%ff%fe', b'family=\xff\xfe', b'family=%c0%80', b'family=%ed%a0%80', b'family=a%00b', b'family=a\x00b', b'fam%00ily=a', b'family=%f4%90%80%80',
    b'family=%01%02', b'family=a%7f', b'family=%c2%80', b'family=%', b'family=%4', b'family=%zz', b'=&=', b'\xe2\x82', b'&' * 4000])
@pytest.mark.parametrize('path', ['/holds', '/login'])
def test_broken_text(server, quick, untouched, path, body):
    quick.get('/login')
    hidden = 'csrf=x&idem=%s&' % ('A' * 22)
    status, text = raw_post(server, quick, path, hidden.encode() + body)
    # What is only empty or odd goes on to the token check.
    assert status == (403 if body in (b'=&=', b'&' * 4000) else 400), text[:200]


# httpd's own word about an address that cannot be one
@pytest.mark.allows_log('AH10244')
@pytest.mark.parametrize('path', [b'/services/%ff/times', b'/services/%c3%28', b'/b/%ff', b'/services/\xff\xfe', b'/services/a%00b', b'/%00', b'/services/a%0ab',
                                  b'/services/%2e%2e%2fetc', b'/services/bmac-knee%2ftimes', b'/services/%25', b'/%', b'/services/%c0%ae%c0%ae/'])
def test_broken_path(server, untouched, path):
    status, text = get_raw(server, path)
    assert status in (400, 404), text[:200]


@pytest.mark.allows_log('AH10244')
@pytest.mark.parametrize('path', ['/static/../../../etc/passwd', '/static/..%2f..%2fetc%2fpasswd', '/static/%2e%2e/%2e%2e/etc/passwd', '/static/....//regen.css',
                                  '/static/.htaccess', '/static/', '/static', '/static/regen.css/', '/static/regen.css/x', '/static/regen.css%00.txt',
                                  '/static//regen.css', '/static/..', '/static/regen%2ecss%20', '/static/C:\\x', '/static/' + 'a' * 5000])
def test_path_traversal(server, path):
    status, text = get_raw(server, path)
    assert 'root:' not in text
    # What httpd itself tidies up leads to our own pages.
    assert status in (400, 403, 404) or (status == 200 and path in ('/static//regen.css', '/static/regen.css/', '/static/..')), (status, text[:100])


def test_a_thousand_fields(server, quick, untouched):
    quick.get('/login')
    body = '&'.join('f%d=%d' % (n, n) for n in range(1000))
    status, text = raw_post(server, quick, '/login', body.encode())
    assert status in (400, 413), text[:200]
    assert raw_post(server, quick, '/login', ('a=' + 'b' * 9000).encode())[0] == 413


# --- too much ---------------------------------------------------------------------------------------------------------------

TEN_MB = 10 * 1024 * 1024


@pytest.mark.parametrize('path', ['/holds', '/login', '/booking/details', '/billing/bookings/x/claim'])
def test_large_body(server, visitor, untouched, path):
    """By Content-Length and chunked; whoever may not post there at all hears that first."""
    started = time.monotonic()
    allowed = (413,) if path in ('/holds', '/login') else (401, 413)
    answer = visitor.post(path, content=b'a=' + b'b' * TEN_MB, headers={'Content-Type': FORM})
    assert answer.status_code in allowed

    def pieces():
        yield b'a='
        for _ in range(TEN_MB // 65536):
            yield b'b' * 65536

    answer = visitor.post(path, content=pieces(), headers={'Content-Type': FORM})
    assert answer.status_code in allowed
    assert time.monotonic() - started < 15


def test_large_body_is_refused_before_it_is_sent(server):
    """A client that waits for 100 Continue is spared sending it."""
    head = ('POST /clinic/login HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %d\r\nExpect: 100-continue\r\n\r\n' % (FORM, TEN_MB))
    with socket.create_connection(('127.0.0.1', server.port), 5) as s:
        s.sendall(head.encode())
        assert s.recv(4096).startswith(b'HTTP/1.1 413')


@pytest.mark.parametrize('length', ['-1', '99999999999999999999', '1e3', '0x10', '+5', '5, 5', ''])
def test_odd_lengths(server, untouched, length):
    data = ('POST /clinic/login HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: %s\r\nConnection: close\r\n\r\na=b' % (FORM, length))
    status, text = parsed(server.raw(data.encode()))
    assert status in (400, 413), text[:100]


def test_body_that_ends_early(server, untouched):
    """Announced and never sent: the request is dropped without a trace."""
    data = 'POST /clinic/login HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nContent-Length: 500\r\n\r\ncsrf=x' % FORM
    got = server.raw(data.encode())
    assert not got or parsed(got)[0] in (400, 408)
    data = 'POST /clinic/login HTTP/1.1\r\nHost: x\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n' % FORM
    assert parsed(server.raw(data.encode()))[0] == 400


@pytest.mark.parametrize('head', ['X-Long: ' + 'a' * 9000, '\r\n'.join('X-%d: y' % n for n in range(150)), 'Cookie: ' + 'a=b; ' * 3000,
                                  'Bad Header\r\nX: y', 'X : y', ' folded', 'X: \x00'])
def test_headers(server, untouched, head):
    status, text = parsed(server.raw(('GET /clinic/ HTTP/1.1\r\nHost: x\r\n%s\r\nConnection: close\r\n\r\n' % head).encode()))
    assert status in (400, 431), text[:100]


def test_long_address(server, untouched):
    status, _ = parsed(server.raw(b'GET /clinic/' + b'a' * 20000 + b' HTTP/1.1\r\nHost: x\r\n\r\n'))
    assert status == 414


# --- methods, formats -----------------------------------------------------------------------------------------------------------

ALLOW = [('/', 'GET, HEAD, OPTIONS'), ('/holds', 'POST, OPTIONS'), ('/login', 'GET, HEAD, POST, OPTIONS'), ('/static/regen.css', 'GET, HEAD, OPTIONS'),
         ('/booking/details', 'GET, HEAD, POST, OPTIONS'), ('/fhir/metadata', 'GET, HEAD, OPTIONS'), ('/staff', 'GET, HEAD, OPTIONS')]


@pytest.mark.parametrize('path,allow', ALLOW)
def test_methods(visitor, untouched, path, allow):
    for method in ('PUT', 'DELETE', 'PATCH', 'PROPFIND', 'MKCOL', 'FOO'):
        answer = visitor.request(method, path, content=b'')
        assert answer.status_code == 405, (method, answer.status_code)
        assert sorted(answer.headers['allow'].split(', ')) == sorted(allow.split(', ')), method
    if 'POST' not in allow:
        assert visitor.post(path, content=b'a=b', headers={'Content-Type': FORM}).status_code == 405
    if 'GET' not in allow:
        assert visitor.get(path).status_code == 405
    answer = visitor.request('OPTIONS', path)
    assert answer.status_code == 204 and sorted(answer.headers['allow'].split(', ')) == sorted(allow.split(', '))


def test_trace_and_connect(server):
    assert parsed(server.raw(b'TRACE /clinic/ HTTP/1.1\r\nHost: x\r\nCookie: regen_p=secret\r\nConnection: close\r\n\r\n'))[0] in (403, 405)
    assert parsed(server.raw(b'CONNECT /clinic/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'))[0] in (400, 405)


def test_method_override_is_not_heard(visitor, untouched):
    for headers in ({'X-HTTP-Method-Override': 'POST'}, {'X-Method-Override': 'DELETE'}):
        assert visitor.get('/holds', headers=headers).status_code == 405
    assert visitor.get('/?_method=DELETE').status_code == 200


@pytest.mark.parametrize('path', ['/', '/services/consultation', '/services/consultation/times', '/login', '/static/regen.css', '/health', '/nowhere',
                                  '/booking', '/staff', '/fhir/metadata', '/fhir/Claim/x', '/b/' + 'A' * 43, '/holds'])
def test_head(visitor, untouched, path):
    """HEAD is GET without the body."""
    full, head = visitor.get(path), visitor.request('HEAD', path)
    assert head.status_code == full.status_code and head.content == b''
    assert head.headers.get('content-type') == full.headers.get('content-type')
    if 'set-cookie' not in full.headers and full.status_code == 200:
        assert head.headers.get('content-length') == full.headers.get('content-length')


@pytest.mark.parametrize('kind', ['application/json', 'application/xml', 'text/xml', 'text/plain', 'multipart/form-data; boundary=x', 'application/fhir+xml',
                                  'application/octet-stream', 'application/x-www-form-urlencoded; charset=iso-8859-1', 'x' * 200, '/', ''])
def test_content_type(quick, server, untouched, kind):
    body = urllib.parse.urlencode(hold_fields(quick)).encode()
    answer = quick.client.post(server.base + '/holds', content=body, headers={'Content-Type': kind, 'Origin': crowd.env_origin(server.base)})
    assert answer.status_code == 415


def test_content_encoding(quick, server, untouched):
    body = urllib.parse.urlencode(hold_fields(quick)).encode()
    answer = quick.client.post(server.base + '/holds', content=body, headers={'Content-Type': FORM, 'Content-Encoding': 'gzip'})
    assert answer.status_code == 415


BOMB = ('<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' +
        ''.join('<!ENTITY a%d "%s">' % (n, ('&a%s;' % (n - 1 or '')) * 10) for n in range(1, 10)) + ']><b>&a9;</b>').encode()
OUTSIDE = b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]><Claim xmlns="http://hl7.org/fhir"><id value="&x;"/></Claim>'
DEEP = b'{"a":' * 100000 + b'1' + b'}' * 100000


@pytest.mark.parametrize('body,kind', [(BOMB, 'application/fhir+xml'), (OUTSIDE, 'application/fhir+xml'), (BOMB, 'text/xml'), (DEEP, 'application/fhir+json'),
                                       (b'{"a":1,"a":2}', 'application/json'), (b'\xff\xfe{}', 'application/json')])
def test_bombs(server, sample, visitor, untouched, body, kind):
    """No page takes XML or JSON from a browser; where the API does, its parser refuses (unit tests know it inside out)."""
    started = time.monotonic()
    for path in ('/holds', '/login'):
        answer = visitor.post(path, content=body, headers={'Content-Type': kind})
        assert answer.status_code in (413, 415)
    for path in ('/fhir/Claim', '/fhir/Claim/x', '/fhir/Claim/$validate', '/fhir/metadata', '/fhir'):
        answer = visitor.post(path, content=body, headers={'Content-Type': kind, 'Authorization': 'Bearer ' + sample['token'], 'Idempotency-Key': 'k' * 20})
        assert answer.status_code in (400, 404, 405, 413, 415), answer.status_code
        assert 'root:' not in answer.text and 'OperationOutcome' in answer.text
    assert time.monotonic() - started < 5


@pytest.mark.parametrize('accept,status,kind', [
    ('application/fhir+xml', 200, 'application/fhir+xml'), ('application/fhir+json', 200, 'application/fhir+json'), ('*/*', 200, 'application/fhir+xml'),
    ('application/json;q=0.9, text/html', 200, 'application/fhir+json'), ('text/html', 406, None), ('image/png', 406, None),
    ('application/fhir+xml;q=0', 406, None), (',,;;q=', 406, None), ('application/fhir+xml;q=banana', (200, 406), None), ('a' * 7000, 406, None)])
def test_accept(visitor, untouched, accept, status, kind):
    answer = visitor.get('/fhir/metadata', headers={'Accept': accept})
    assert answer.status_code in (status if isinstance(status, tuple) else (status,))
    if kind:
        assert answer.headers['content-type'].startswith(kind)
    elif answer.status_code == 406:
        assert 'OperationOutcome' in answer.text


@pytest.mark.parametrize('query,status', [('_format=json', 200), ('_format=xml', 200), ('_format=turtle', 406), ('_format=', 406), ('_format=%ff', 400)])
def test_format(visitor, untouched, query, status):
    assert visitor.get('/fhir/metadata?' + query, headers={'Accept': 'text/html'}).status_code == status


@pytest.mark.parametrize('header', [None, 'Bearer', 'Bearer x', 'Bearer ' + 'A' * 43, 'Bearer ' + 'A' * 5000, 'Basic eDp5', 'bearer' + 'A' * 43,
                                    "Bearer ' OR 1=1", 'Bearer A A'])
def test_bearer(visitor, untouched, header):
    answer = visitor.get('/fhir/Claim/' + '0' * 26, headers={'Authorization': header} if header else {})
    assert answer.status_code == 401 and answer.headers['www-authenticate'].startswith('Bearer')
    assert 'OperationOutcome' in answer.text


def test_fhir_unknown(machine, untouched):
    for path, status in (('/Claim/' + '0' * 26, 404), ('/Claim/x', 404), ('/Patient/1', 404), ('/Claim/' + 'z' * 128, 404), ('/Claim/' + 'z' * 129, 404)):
        answer = machine.get(path, headers={'Accept': 'application/fhir+json'})
        check(answer)
        assert answer.status_code == status, (path, answer.status_code)
        assert answer.json()['resourceType'] == 'OperationOutcome'


@pytest.mark.only_mpm('event')
def test_http2(server, quick, untouched):
    """The same pages, the same refusals, over HTTP/2 without TLS."""
    with httpx.Client(http1=False, http2=True, trust_env=False, timeout=20, event_hooks={'response': [check]}) as client:
        for path, status in (('/', 200), ('/services/consultation/times', 200), ('/nowhere', 404), ('/static/regen.css', 200), ('/booking', 401)):
            answer = client.get(server.base + path)
            assert (answer.status_code, answer.http_version) == (status, 'HTTP/2'), path
        assert client.head(server.base + '/').content == b''
        assert client.put(server.base + '/').status_code == 405
        # As much as this client sends without listening.
        answer = client.post(server.base + '/login', content=b'a=' + b'b' * 60000, headers={'Content-Type': FORM})
        assert answer.status_code == 413
        answer = client.post(server.base + '/login', content=b'a=%ff', headers={'Content-Type': FORM})
        assert answer.status_code == 400


@pytest.mark.only_mpm('event')
def test_http2_books(server, database):
    with crowd.Visitor(server.base, http2=True) as one:
        csrf, times = one.times('consultation')
        start, key = sorted(times.items())[0]
        one.expect(one.hold('consultation', start, csrf, key), 303, 'hold')
        one.book()
        assert crowd.session_booking(database, one.session)[1:] == ('booked', start)


# --- what people type -------------------------------------------------------------------------------------------------------------

WRONG = {'family': ['', ' ', 'x' * 81, 'a\nb', 'a\x1bb'.replace('\x1b', '\n')], 'given': ['', 'y' * 200], 'birth_date': ['', '2999-01-01', '31/12/1980', '1850-01-01', '0000-00-00', 'x'],
         'gender': ['', 'dragon'], 'email': ['', 'x', 'a@', '@b', 'a b@c.d', 'a@b\nc'], 'phone': ['', 'call me', '1'],
         'state': ['', 'ZZ', 'Newhampshire'], 'postal_code': ['', '1234', 'ABCDE', '03820-'], 'city': ['', 'z' * 300], 'address_line': ['', 'z' * 300],
         'body_site': ['', 'brain', 'shoulder; DROP TABLE booking'], 'side': ['', 'both', 'up'], 'pay': ['', 'bitcoin']}


def test_details(server, database, quick):
    """Each field wrong in each way: 422, a message at that field, everything else kept, nothing stored."""
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    typed = dict(crowd.PATIENT, pay='self', body_site='knee', side='left')
    patients = database.value('SELECT COUNT(*) FROM patient')
    for field, values in WRONG.items():
        for value in values:
            hidden = quick.hidden(quick.get('/booking/details'))
            answer = quick.post('/booking/details', **{**typed, field: value}, **hidden)
            assert answer.status_code == 422, '%s=%r: %d' % (field, value, answer.status_code)
            at = lxml.html.document_fromstring(answer.text).xpath('//*[@id=$i]', i=field + '-error')
            assert at and len(at[0].text_content()) > len('Error: '), 'no message at %s for %r' % (field, value)
            kept = 'given' if field == 'family' else 'family'
            assert 'value="%s"' % typed[kept] in answer.text, 'typed %s was lost' % kept
    assert database.value('SELECT COUNT(*) FROM patient') == patients


def test_markup_stays_text(server, database, quick):
    """What looks like a tag, a template or SQL is a name like any other."""
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    name = '</title><script>alert(1)</script>{{base}}{{{x}}}\'"--'
    hidden = quick.hidden(quick.get('/booking/details'))
    answer = quick.post('/booking/details', **{**crowd.PATIENT, 'family': name, 'given': '"><img src=x>'}, pay='self', body_site='knee', side='left', **hidden)
    assert answer.status_code in (303, 422)
    for path in ('/booking/details', '/booking/consent', '/booking/consent/privacy', '/booking/check'):
        page = quick.get(path)
        assert '<script>alert' not in page.text and '<img src=x>' not in page.text
        if page.status_code == 200 and answer.status_code == 303 and path == '/booking/details':
            assert '{{base}}' in page.text


def test_consent_is_what_was_shown(server, database, quick):
    quick.expect(quick.post('/holds', **hold_fields(quick)), 303, 'hold')
    hidden = quick.hidden(quick.get('/booking/details'))
    quick.expect(quick.post('/booking/details', **crowd.PATIENT, pay='self', body_site='knee', side='left', **hidden), 303, 'details')
    form = quick.get('/booking/consent/privacy')
    shown = crowd.SHA256.search(form.text).group(1)
    right = dict(signer_name='Petra Storm', agree='yes', text_sha256=shown)
    consents = database.value('SELECT COUNT(*) FROM consent')
    for change, status in ((dict(text_sha256='0' * 64), 409), (dict(text_sha256='x'), (409, 422)), (dict(agree='no'), 422), (dict(agree=''), 422),
                           (dict(signer_name='Somebody Else'), 422), (dict(signer_name=''), 422)):
        hidden = quick.hidden(quick.get('/booking/consent/privacy'))
        answer = quick.post('/booking/consent/privacy', **{**right, **change}, **hidden)
        assert answer.status_code in (status if isinstance(status, tuple) else (status,)), (change, answer.status_code)
    assert quick.get('/booking/consent/unknown').status_code == 404
    hidden = quick.hidden(quick.get('/booking/consent/privacy'))
    assert quick.post('/booking/consent/unknown', **right, **hidden).status_code == 404
    # Not booked without it, whatever is pressed.
    assert quick.get('/booking/check').status_code == 303
    answer = quick.post('/booking/check', **hidden)
    assert answer.status_code in (303, 409)
    assert crowd.session_booking(database, quick.session)[1] == 'held'
    assert database.value('SELECT COUNT(*) FROM consent') == consents


# --- money ----------------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('sql', [
    'UPDATE service_charge SET unit_minor = -1 WHERE service_id = 3', 'UPDATE service SET price_minor = -1 WHERE id = 3',
    'UPDATE service_charge SET quantity = 0 WHERE service_id = 3',
    "INSERT INTO service_charge (service_id, line_no, step_kind, code_system, code, description, quantity, unit_minor, currency, side_modifier, on_claim)"
    " VALUES (3, 9, 'consult', '', 'GIFT', 'A gift', 1, -500, 'USD', 0, 1)"])
def test_negative_price(database, untouched, sql):
    """The schema itself refuses, also the owner of the tables."""
    with pytest.raises(pymysql.err.MySQLError) as refused:
        database.rows(sql)
    assert refused.value.args[0] in (4025, 1264), refused.value


@pytest.mark.parametrize('sql', ['UPDATE %s SET npi = CONCAT(LEFT(npi, 9), MOD(RIGHT(npi, 1) + 1, 10)) WHERE npi IS NOT NULL' % table
                                 for table in ('resource', 'organization')], ids=['rendering', 'billing'])
def test_npi_with_a_wrong_digit(server, database, sql):
    """Where the schema lets it in, the claim is refused with words that name it."""
    journey = walk.Walk(server.base, server.dir)
    journey.say = lambda *words: None
    journey.details(journey.hold(journey.find()))
    journey.consent()
    journey.book()
    uid = journey.day()
    before = {row[0]: row[1:] for row in database.rows('SELECT CONCAT("r", id), npi FROM resource UNION SELECT CONCAT("o", id), npi FROM organization')}
    try:
        database.rows(sql)
    except pymysql.err.MySQLError as refused:
        assert refused.args[0] == 4025
        return
    try:
        billing = journey.staff('billing')
        page = billing.open('/billing/bookings/' + uid)
        claims = database.value('SELECT COUNT(*) FROM claim')
        said = page.text
        forms = [f for f in page.forms() if f.action.endswith('/claim')]
        if forms:
            answer = forms[0].submit()
            assert answer.status in (409, 422), answer
            said += answer.text
        assert 'NPI' in said, 'nothing names the NPI'
        assert database.value('SELECT COUNT(*) FROM claim') == claims
    finally:
        for who, (npi,) in before.items():
            database.rows('UPDATE %s SET npi = %%s WHERE id = %%s' % ('resource' if who[0] == 'r' else 'organization'), npi, int(who[1:]))
    page = billing.open('/billing/bookings/' + uid)
    assert page.form(action='/claim').submit().status == 200
    assert database.value('SELECT COUNT(*) FROM claim') == claims + 1
