# SPDX-License-Identifier: Apache-2.0
"""What any request gets before a handler sees it: methods, paths, queries, bodies, formats, headers. The login form and
the FHIR API stand for everything else: these checks are made once for all routes."""
import gzip
import json
import os
import re
import shutil

import pytest

import env

FORM = {'Content-Type': 'application/x-www-form-urlencoded'}
FHIR_XML = 'application/fhir+xml; charset=utf-8'
FHIR_JSON = 'application/fhir+json; charset=utf-8'


# --- methods and paths -----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('path', ['/nope', '/login/more', '/services/a/b/c', '/static/', '/static/nope.css',
                                  '/static/..%2fregen.css', '/static/%2e%2e/regen.conf', '/login;x=1', '/l%20ogin',
                                  '/%C3%A9', '/' + 'a' * 300, '/1/2/3/4/5/6/7/8/9', '/.git', '/fhirx', '//login'])
def test_no_such_page(server, path):
    answer = server.raw(('GET %s%s HTTP/1.0\r\n\r\n' % (env.MOUNT, path)).encode())
    status = answer.split(b' ', 2)[1]
    # httpd itself merges slashes.
    assert status == (b'200' if path == '//login' else b'404'), answer[:200]


def test_wrong_method_tells_the_right_ones(visitor):
    for method, path, allow in (('PUT', '/login', 'GET, HEAD, POST, OPTIONS'), ('DELETE', '/health', 'GET, HEAD, OPTIONS'),
                                ('POST', '/health', 'GET, HEAD, OPTIONS'), ('GET', '/logout', 'POST, OPTIONS'),
                                ('PATCH', '/fhir/metadata', 'GET, HEAD, OPTIONS'), ('MADEUP', '/login', 'GET, HEAD, POST, OPTIONS')):
        answer = visitor.request(method, path)
        assert (answer.status_code, answer.headers.get('allow')) == (405, allow), (method, path)
    assert visitor.request('TRACE', '/login').status_code == 405


def test_options(visitor):
    answer = visitor.request('OPTIONS', '/login')
    assert (answer.status_code, answer.headers['allow'], answer.content) == (204, 'GET, HEAD, POST, OPTIONS', b'')
    assert visitor.request('OPTIONS', '/nope').status_code == 404


@pytest.mark.parametrize('path', ['/login', '/health', '/static/regen.css', '/fhir/metadata', '/nope'])
def test_head_is_get_without_a_body(visitor, path):
    get, head = visitor.get(path), visitor.request('HEAD', path)
    assert head.status_code == get.status_code
    assert head.content == b''
    assert head.headers['content-type'] == get.headers['content-type']
    assert head.headers['content-length'] == str(len(get.content))


def test_mount_without_slash(visitor):
    answer = visitor.client.get(visitor.base)
    assert (answer.status_code, answer.headers['location']) == (303, '/clinic/')


# --- queries -----------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('query', ['to=%zz', 'to=%', 'to=%0', 'to=%00', 'to=%ff', 'to=%C3', 'to=%ED%A0%80', 'to=%1b',
                                   'a%00b=c', 'x=' + 'y' * 5000, '&'.join('a%d=1' % i for i in range(201))])
def test_broken_query(server, query):
    answer = server.raw(('GET /clinic/login?%s HTTP/1.0\r\n\r\n' % query).encode())
    assert answer.startswith(b'HTTP/1.1 400 ')
    assert b'This request cannot be read' in answer


def test_good_query(visitor):
    assert visitor.get('/login?to=/clinic/staff/%C3%A9&&x').status_code == 200


# --- bodies ------------------------------------------------------------------------------------------------------------------

def post(visitor, body, headers=FORM, path='/login'):
    return visitor.post(path, content=body, headers=headers)


def chunks(size, count):
    for _ in range(count):
        yield b'a' * size


def test_too_large(visitor):
    for body in (b'a' * 9000, chunks(4096, 3), b'a' * (10 * 1024 * 1024)):
        answer = post(visitor, body)
        assert answer.status_code == 413
        assert 'Too much at once' in answer.text
    # The cap is exact.
    body = b'login=x&password=' + b'y' * (8192 - 17)
    assert post(visitor, body).status_code == 403
    assert post(visitor, body + b'y').status_code == 413


def test_too_large_by_the_sysadmin(servers, server):
    one = servers(extra='RegenMaxBody 2048\n')
    with one.visitor() as visitor:
        assert post(visitor, b'a' * 2048).status_code == 403
        assert post(visitor, b'a' * 2049).status_code == 413


def test_too_large_for_httpd(servers, server):
    one = servers(extra='LimitRequestBody 1000\n')
    with one.visitor() as visitor:
        assert post(visitor, b'a' * 1001).status_code == 413
        assert post(visitor, chunks(600, 2)).status_code == 413


@pytest.mark.parametrize('kind', ['text/plain', 'multipart/form-data; boundary=x', 'application/json', 'application/xml', '',
                                  'application/x-www-form-urlencoded; charset=iso-8859-1', 'application/x-www-form-urlencodedx'])
def test_wrong_type(visitor, kind):
    answer = post(visitor, b'login=a', {'Content-Type': kind})
    assert answer.status_code == 415


def test_compressed_body(visitor):
    answer = post(visitor, gzip.compress(b'login=a'), dict(FORM, **{'Content-Encoding': 'gzip'}))
    assert answer.status_code == 415


@pytest.mark.parametrize('body', [b'login=%zz', b'login=%00', b'login=\xff', b'login=%C0%80', b'login=%1b[31m',
                                  b'&'.join(b'a=1' for _ in range(201))])
def test_broken_form(visitor, body):
    answer = post(visitor, body)
    assert answer.status_code in (400, 413)
    assert '<h1>' in answer.text


def test_connection_survives_an_unread_body(server):
    """A refused body must not be taken for the next request."""
    body = b'GET /clinic/health HTTP/1.1\r\nHost: x\r\n\r\n' * 20
    first = (b'POST /clinic/login HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n' % len(body))
    last = b'GET /clinic/static/regen.css HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'
    got = server.raw(first + body + last)
    assert re.findall(rb'HTTP/1.1 (\d+)', got) == [b'415', b'200']


def test_half_a_body(server):
    """A visitor who hangs up in the middle harms nobody."""
    got = server.raw(b'POST /clinic/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'
                     b'Content-Length: 500\r\nConnection: close\r\n\r\nlogin=a')
    assert b'HTTP/1.1 400' in got or got == b''
    assert server.visitor().get('/health').status_code == 200


def test_broken_chunks(server):
    got = server.raw(b'POST /clinic/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n'
                     b'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\nlogin=a\r\n0\r\n\r\n')
    assert b'HTTP/1.1 400' in got


# --- FHIR: formats, problems, XML bodies ----------------------------------------------------------------------------------------

def test_metadata_in_both_formats(server):
    with server.machine() as api:
        for accept, kind in ((None, FHIR_XML), ('*/*', FHIR_XML), ('application/fhir+json', FHIR_JSON), ('text/xml', FHIR_XML),
                             ('application/json;q=0.9, application/xml;q=0.1', FHIR_JSON)):
            answer = api.get('/metadata', headers={'Accept': accept} if accept else {})
            assert (answer.status_code, answer.headers['content-type']) == (200, kind), accept
        assert api.get('/metadata?_format=json', headers={'Accept': 'application/fhir+xml'}).headers['content-type'] == FHIR_JSON
        value = api.get('/metadata?_format=json').json()
    assert value['resourceType'] == 'CapabilityStatement' and value['fhirVersion'] == '4.0.1'
    claims = [r for r in value['rest'][0]['resource'] if r['type'] == 'Claim']
    assert {'code': 'read'} in claims[0]['interaction']


@pytest.mark.parametrize('accept', ['text/html', 'application/pdf', 'application/fhir+xml;q=0, application/fhir+json;q=0'])
def test_not_acceptable(server, accept):
    with server.machine() as api:
        answer = api.get('/metadata', headers={'Accept': accept})
        assert answer.status_code == 406
        assert b'OperationOutcome' in answer.content
        assert api.get('/metadata?_format=html').status_code == 406


def issues(answer):
    value = answer.json()
    assert value['resourceType'] == 'OperationOutcome'
    return [(i['severity'], i['code']) for i in value['issue']]


def test_problems_are_operation_outcomes(server, sample):
    with server.machine(accept='application/fhir+json') as api:
        assert issues(api.get('/nope')) == [('error', 'not-found')]
        assert issues(api.put('/metadata')) == [('error', 'not-supported')]
        assert issues(api.get('/metadata?x=%ff')) == [('error', 'invalid')]
        answer = api.get('/Claim/x')
        assert answer.status_code == 401 and issues(answer) == [('error', 'login')]
        assert answer.headers['www-authenticate'] == 'Bearer realm="regen"'
        answer = api.get('/Claim/x', headers={'Authorization': 'Bearer ' + 'A' * 43})
        assert answer.headers['www-authenticate'] == 'Bearer realm="regen", error="invalid_token"' and 'token' in answer.text
        for word in ('Bearer', 'Bearer x', 'Bearer ' + 'A' * 43, 'Basic QTpC', 'bearer' + sample['token']):
            assert api.get('/Claim/x', headers={'Authorization': word}).status_code == 401, word
        assert api.get('/Claim/x', headers={'Authorization': 'bearer ' + sample['token']}).status_code == 404
    with server.machine(accept='application/fhir+xml') as api:
        assert b'<OperationOutcome xmlns="http://hl7.org/fhir">' in api.get('/nope').content


ENTITY_BOMB = b'''<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]><Claim xmlns="http://hl7.org/fhir"><id value="&c;"/></Claim>'''
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><Claim xmlns="http://hl7.org/fhir"><id value="&a;"/></Claim>'
BAD_XML = [ENTITY_BOMB, OUTSIDE, b'<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd"><x/>', b'<a><b></a>', b'', b'{}', b'<a/><b/>',
           b'\xff\xfe', b'<a>\x01</a>', b'<a>&undefined;</a>', b'<a>' * 3000]


@pytest.mark.parametrize('body', BAD_XML, ids=range(len(BAD_XML)))
def test_bad_xml(machine, body):
    answer = machine.post('/Claim/$validate', content=body, headers={'Content-Type': 'application/fhir+xml', 'Accept': 'application/json'})
    assert answer.status_code == 400, answer.text
    assert all(i[0] == 'error' for i in issues(answer))
    assert 'root:' not in answer.text


def test_xml_only(machine):
    for kind in ('application/fhir+json', 'text/plain', FORM['Content-Type']):
        assert machine.post('/Claim/$validate', content=b'{}', headers={'Content-Type': kind}).status_code == 415
    # Without RegenFHIRSchema there is nothing to validate against.
    answer = machine.post('/Claim/$validate', content=b'<Claim xmlns="http://hl7.org/fhir"/>', headers={'Content-Type': 'text/xml'})
    assert answer.status_code == 501


def test_scopes(server, database, machine):
    database.rows("UPDATE api_token SET scopes = 'system/Patient.read system/Claim.write' WHERE name = 'sample'")
    try:
        answer = machine.get('/Claim/x', headers={'Accept': 'application/json'})
        assert answer.status_code == 403 and issues(answer) == [('error', 'forbidden')]
        # Validating is reading; a scope for writing alone does not do.
        xml = {'Content-Type': 'application/fhir+xml'}
        assert machine.post('/Claim/$validate', content=b'<a/>', headers=xml).status_code == 403
        for scopes in ('system/Claim.read', 'system/*.read', 'system/Claim.rs', 'system/Patient.read system/Claim.*'):
            database.rows("UPDATE api_token SET scopes = %s WHERE name = 'sample'", scopes)
            assert machine.get('/Claim/x').status_code == 404, scopes
            assert machine.post('/Claim/$validate', content=b'<a/>', headers=xml).status_code == 501, scopes
    finally:
        database.rows("UPDATE api_token SET scopes = 'system/Claim.read' WHERE name = 'sample'")


# --- headers -------------------------------------------------------------------------------------------------------------------

ALWAYS = {'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'cross-origin-opener-policy': 'same-origin'}


def safe(answer, where):
    for name, value in ALWAYS.items():
        assert answer.headers.get(name) == value, (where, name)
    policy = answer.headers.get('content-security-policy', '')
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy and 'unsafe' not in policy, where
    assert answer.headers['referrer-policy'] in ('same-origin', 'no-referrer'), where


@pytest.mark.allows_log('AH01630')
def test_security_headers_on_every_answer(servers, server):
    one = servers(extra='<Location "/clinic/inside">\nRequire all denied\n</Location>\n'
                        '<Location "/clinic/basic">\nAuthType Basic\nAuthName x\nAuthUserFile /dev/null\nRequire valid-user\n</Location>\n')
    with one.visitor() as visitor:
        wanted = {'/': 200, '/login': 200, '/nope': 404, '/staff/': 303, '/booking': 401, '/static/regen.css': 200, '/fhir/metadata': 200,
                  '/fhir/nope': 404, '/b/' + 'A' * 43: 404, '/inside': 403, '/basic': 401, '/a%2fb': 404, '/login?x=%ff': 400}
        for path, status in wanted.items():
            answer = visitor.get(path)
            assert answer.status_code == status, path
            safe(answer, path)
            private = not path.startswith('/static')
            assert (answer.headers['cache-control'] == 'no-store') == private, path
        for answer in (post(visitor, b'x' * 9000), post(visitor, b'login=a'), visitor.request('PUT', '/login')):
            safe(answer, answer.status_code)


def test_no_file_system_walk(servers, server):
    """There are no files behind our URLs, so nothing said about folders applies to them; other URLs keep it."""
    one = servers(extra='<Directory "/">\nHeader always set X-Walked yes\n</Directory>\nDirectoryIndex disabled\n')
    with one.visitor() as visitor:
        assert 'x-walked' not in visitor.get('/login').headers
        assert visitor.client.get(one.origin + '/nothing').headers['x-walked'] == 'yes'


def test_redirects_of_the_sysadmin_come_first(servers, server):
    one = servers(extra='Redirect 302 /clinic/old /clinic/login\n<Location "/clinic/off">\nRegenEngine Off\n</Location>\n')
    with one.visitor() as visitor:
        assert visitor.get('/old').headers['location'].endswith('/clinic/login')
        # Given back to httpd: its own 404, not ours.
        answer = visitor.get('/off')
        assert answer.status_code == 404 and 'Check it, or start again' not in answer.text


def test_static_files_are_cached(visitor):
    first = visitor.get('/static/regen.css')
    assert first.headers['content-type'] == 'text/css; charset=utf-8'
    assert 'max-age' in first.headers['cache-control'] and 'set-cookie' not in first.headers
    again = visitor.get('/static/regen.css', headers={'If-None-Match': first.headers['etag']})
    assert (again.status_code, again.content) == (304, b'')


def test_what_pages_name_is_kept_and_what_is_of_another_release_is_not(visitor):
    """A page names its style sheet and script with a tag that changes with them, so a browser keeps them for good; under another tag
    (a page from before an upgrade, another node) it asks again soon."""
    named = re.findall(r'(?:href|src)="[^"]*(/static/[^"]+)"', visitor.get('/login').text)
    assert len(named) == 3 and all('?' in a for a in named), named
    for address in named:
        assert visitor.get(address).headers['cache-control'] == 'public, max-age=31536000, immutable', address
        name = address.split('?')[0]
        for other in (name, name + '?', name + '?of-another', address + 'x'):
            answer = visitor.get(other)
            assert answer.status_code == 200 and answer.headers['cache-control'] == 'public, max-age=300', other


def test_a_refusal_is_not_kept_for_a_file(visitor):
    address, = re.findall(r'src="[^"]*(/static/[^"]+)"', visitor.get('/login').text)
    answer = visitor.get(address, headers={'If-Match': '"another"'})
    assert answer.status_code == 412 and 'max-age' not in answer.headers.get('cache-control', ''), answer.headers


def test_the_tag_changes_with_any_file(server, servers, tmp_path):
    """Also where two files change places, or two that were the same change in the same way."""
    static = shutil.copytree(os.path.join(env.ROOT, 'conf', 'static'), tmp_path / 'static')
    one = servers(extra='RegenStatic "%s"' % static)

    def tag():
        with one.visitor() as visitor:
            return re.search(r'/static/regen.css\?([^"]+)"', visitor.get('/login').text).group(1)

    def write(**files):
        for name, text in files.items():
            with open(os.path.join(static, name.replace('_', '-') + '.css'), 'w', encoding='utf-8') as f:
                f.write(text)
        assert one.graceful().returncode == 0
        env.wait_until(lambda: tag() not in seen, 10)
        seen.append(tag())

    seen = [tag()]
    write(label_small='@page { size: 2in 1in }', label_large='@page { size: 4in 2in }')
    write(label_small='@page { size: 4in 2in }', label_large='@page { size: 2in 1in }')
    write(label_small='@page { size: 3in 2in }', label_large='@page { size: 3in 2in }')
    write(label_small='@page { size: 5in 2in }', label_large='@page { size: 5in 2in }')


def test_only_pages_with_forms_set_a_cookie(server):
    for path, form in (('/login', True), ('/nope', False), ('/health', False), ('/fhir/metadata', False), ('/static/regen.css', False)):
        with server.visitor() as visitor:
            assert ('set-cookie' in visitor.get(path).headers) == form, path
    with server.visitor() as visitor:
        line = visitor.get('/login').headers['set-cookie']
        assert re.fullmatch(r'regen_p=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax', line)
        assert 'set-cookie' not in visitor.get('/login').headers


@pytest.mark.parametrize('cookie', ['regen_p=x', 'regen_p=' + 'A' * 44, 'regen_s=' + 'A' * 43,
                                    'regen_p=%s; regen_p=%s' % ('A' * 43, 'B' * 43 ), 'regen_p=' + 'A' * 43 + '.x', 'regen_p', ';;;=',
                                    'regen_p=' + 'A' * 43 + '.' + 'A' * 43])
def test_odd_cookies(server, cookie):
    with server.visitor() as visitor:
        assert visitor.get('/login', headers={'Cookie': cookie}).status_code == 200
        assert visitor.get('/booking', headers={'Cookie': cookie}).status_code == 401
        assert visitor.get('/staff/', headers={'Cookie': cookie}).status_code == 303


# --- HTTP/2 --------------------------------------------------------------------------------------------------------------------

@pytest.mark.only_mpm('event')
def test_http2(server):
    """h2c with prior knowledge: the threads and the master connection are others than in HTTP/1."""
    with env.http_client(http1=False, http2=True, timeout=20) as client:
        page = client.get(server.base + '/login')
        assert (page.http_version, page.status_code) == ('HTTP/2', 200) and '<form' in page.text
        assert client.put(server.base + '/login').status_code == 405
        assert client.post(server.base + '/login', data={'login': 'a' * 9000}).status_code == 413
        assert client.post(server.base + '/login', data={'login': 'a'}).status_code == 403
        answer = client.get(server.fhir + '/metadata', headers={'Accept': 'application/json'})
        assert answer.status_code == 200 and answer.json()['kind'] == 'instance'


def test_many_at_once_on_one_connection(server):
    """Pipelined requests come back in order and whole."""
    with env.http_client() as client:
        sizes = {len(client.get(server.base + '/static/regen.css').content) for _ in range(50)}
    assert len(sizes) == 1
    got = server.raw(b'GET /clinic/static/regen.css HTTP/1.1\r\nHost: x\r\n\r\n' * 20
                     + b'GET /clinic/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    assert got.count(b'HTTP/1.1 200') == 21 and got.endswith(b'ok\n')
