# SPDX-License-Identifier: Apache-2.0
"""No token and nothing a person typed reaches any log, at any LogLevel of this module."""
import os

import pytest

import env

TOKEN = 'SECRETsecretSECRETsecretSECRETsecretSECRET0'
LOGS = '''
LogLevel warn regen:trace8
ErrorLogFormat "[%%t] [%%-m:%%l] [pid %%P] %%M, referer: %%{Referer}i"
LogFormat "%%r|%%U|%%q|%%f|%%{Referer}i|%%>s|%%u" full
CustomLog "%s" full
ExtendedStatus On
'''


@pytest.fixture
def loud(servers, server):
    """A server that logs everything httpd can, and a function that gives all of it."""
    one = servers(start=False, extra='')
    path = os.path.join(one.dir, 'full_log')
    one.env['EXTRA'] = one.write('extra.conf', LOGS % path)
    one.start()

    def logs():
        return env.read(path) + env.read(one.error_log) + env.read(one.access_log)

    return one, path, logs


def lines(path, count):
    return env.wait_until(lambda: [got for got in [env.read(path).splitlines()] if len(got) >= count])


def test_tokens_in_paths(loud):
    one, path, logs = loud
    with one.visitor() as visitor:
        asked = 0
        for method in ('GET', 'HEAD', 'POST', 'PUT'):
            for url in ('/b/' + TOKEN, '/b/%s?x=%s' % (TOKEN, TOKEN), '/b/%s/' % TOKEN, '//b/' + TOKEN, '/%62/' + TOKEN, '/b/%53' + TOKEN[1:]):
                answer = visitor.request(method, url)
                assert answer.status_code in (404, 405, 410), (method, url, answer.status_code)
                assert answer.headers['referrer-policy'] == 'no-referrer'
                assert TOKEN not in answer.text
                asked += 1
        visitor.get('/login', headers={'Referer': one.base + '/b/' + TOKEN})
        visitor.get('/login', headers={'Referer': one.base + '/login?to=' + TOKEN})
        visitor.get('/login', headers={'Referer': one.base + '/%62/' + TOKEN})
        visitor.get('/b/' + TOKEN, headers={'Authorization': 'Bearer ' + TOKEN, 'Cookie': 'regen_p=' + TOKEN + '; regen_s=' + TOKEN})
        # By somebody else, while the connection is open: the scoreboard shows each worker's last request.
        with one.visitor() as other:
            status = other.client.get(one.origin + '/server-status').text
    got, = lines(path, asked + 4)
    assert got[0].startswith('GET /clinic/b/- HTTP/1.1|/clinic/b/-||')
    assert TOKEN not in logs() and TOKEN[1:] not in logs()
    assert TOKEN not in status
    if one.mpm == 'event':  # prefork shows each child's last request only, and that was another
        assert '/clinic/b/-' in status


def test_tokens_of_links_that_were_mangled(loud):
    """What a mail program or a hand made of a link is no address, but the token in it still opens the booking."""
    one, path, logs = loud
    behind = [b')', b'.)', b',', b'>', b'%3E', b'%20', b'%zz', b'%2f', b'%00', b'%', b'/x', b'/..', b';x=1', b'"', b'x' * 200, b'/1/2/3/4/5/6/7/8', b'%0d%0aX:y']
    before = [b'/b/', b'/w/', b'/feeds/', b'/b//', b'/b/%20', b'/%62/', b'/b/(', b'/', b'/B/', b'/b%2f', b'/b\\', b'/x/', b'/services/']
    asked = [(there, TOKEN.encode() + b')') for there in before] + [(b'/b/', TOKEN.encode() + tail) for tail in behind]
    for there, what in asked:
        answer = one.raw(b'GET /clinic' + there + what + b' HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
        assert answer.split(b' ', 2)[1] in (b'400', b'404'), (there, what, answer[:300])
        assert TOKEN.encode() not in answer, (there, what)
        assert b'\nReferrer-Policy: no-referrer\r' in answer, (there, what, answer[:600])
    got, = lines(path, len(asked))
    assert [line for line in got if TOKEN in line] == []
    assert TOKEN not in logs()


def test_what_was_typed(loud):
    one, path, logs = loud
    word = 'Mustermann'
    with one.visitor() as visitor:
        visitor.get('/login?to=/clinic/staff/' + word)
        visitor.get('/services/x/times?from=' + word)
        visitor.get('/login?x=%ff' + word)
        form = dict(visitor.open('/login').form(having='password').pairs(), login=word, password=word)
        assert visitor.post('/login', data=form).status_code == 422
        visitor.post('/holds', data=dict(form, service=word))
        visitor.post('/login', data=dict(form, csrf=word), headers={'Origin': 'https://%s.example' % word})
        visitor.post('/login', content=b'login=%ff' + word.encode(), headers={'Content-Type': 'application/x-www-form-urlencoded'})
    with one.machine(token=word) as api:
        api.get('/Claim/x?name=' + word)
        api.post('/Claim/$validate', content='<%s' % word, headers={'Content-Type': 'text/xml'})
    got, = lines(path, 9)
    assert got[0].startswith('GET /clinic/login HTTP/1.1|/clinic/login||')
    assert word not in logs()
    # The module did speak: the level was really on.
    assert 'RG03004' in logs() or 'RG03003' in logs()


def test_passwords_and_sessions(loud, sample):
    one, path, logs = loud
    with one.visitor() as visitor:
        visitor.login(sample['billing_login'], sample['billing_password'])
        cookies = [c.value for c in visitor.client.cookies.jar]
        assert visitor.get('/billing/').status_code == 200
    with one.machine(token=sample['token']) as api:
        api.get('/Claim/x')
    lines(path, 4)
    text = logs()
    for secret in cookies + [c.split('.')[0] for c in cookies] + [sample['billing_password'], sample['token']]:
        assert secret not in text


def test_log_lines_cannot_be_forged(loud):
    one, path, logs = loud
    with one.visitor() as visitor:
        visitor.get('/nope%0a[x]%20forged')
        visitor.get('/login', headers={'User-Agent': 'x\tforged', 'Accept': 'forged'})
    lines(path, 2)
    assert not [line for line in env.read(one.error_log).splitlines() if line.startswith('[x]')]
