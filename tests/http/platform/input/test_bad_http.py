# SPDX-License-Identifier: Apache-2.0
"""Requests that are too much or no proper HTTP, and what they get: the right status in clear words, nothing stored by halves,
and a clean log (that is checked after every test)."""
import socket
import time
import urllib.parse

import pytest

import env
import crowd
from badinput import check, FORM, hold_fields, parsed, quick, untouched, visitor  # noqa: F401


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

ALLOW = [('/', 'GET, HEAD, OPTIONS'), ('/holds', 'GET, HEAD, POST, OPTIONS'), ('/login', 'GET, HEAD, POST, OPTIONS'), ('/static/regen.css', 'GET, HEAD, OPTIONS'),
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
        # The way on for who reloads it, and nothing else.
        assert visitor.get('/holds', headers=headers).status_code == 303
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
    with env.http_client(http1=False, http2=True, timeout=20, event_hooks={'response': [check]}) as client:
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
