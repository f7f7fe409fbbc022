# SPDX-License-Identifier: Apache-2.0
"""What people type and what opens doors never reaches a log or another visitor: one patient and the staff go all the way,
with our own log at its loudest and the access log as talkative as sysadmins make it, and then everything written is searched."""
import glob
import os
import re
import sys
import urllib.parse

import pytest

import crowd
import env
import ordering

sys.path.insert(0, os.path.join(env.ROOT, 'tests', 'journey'))
import walk  # noqa: E402

# httpd itself writes headers, cookies included, from trace4 on; conf/regen.conf says so.
LOUD = r'''
LogLevel trace3 regen:trace8
LogFormat "%h %l %u %t \"%r\" %>s %b \"%{Referer}i\" \"%{User-agent}i\" %U %q %f %H %m" talkative
CustomLog "${REGEN_RUN}/talkative_log" talkative
ExtendedStatus On
'''
TYPED = dict(walk.PATIENT, member_id='GM4471-02', group_no='G-88')


class Overheard(walk.Walk):
    """Keeps every token that passes by."""

    def __init__(self, *args):
        self.secrets = set()
        super().__init__(*args)

    def say(self, *words):
        pass

    def visitor(self):
        made = super().visitor()
        made.client.event_hooks = {'response': [self.overhear]}
        return made

    def staff(self, role):
        self.secrets.add(self.sample[role + '_password'])
        return super().staff(role)

    def overhear(self, response):
        response.read()
        for cookie in response.headers.get_list('set-cookie'):
            self.secrets.update(p for p in cookie.split(';')[0].split('=', 1)[1].split('.') if len(p) > 20)
        if 'html' in response.headers.get('content-type', ''):
            self.secrets.update(crowd.CSRF.findall(response.text) + crowd.IDEM.findall(response.text))
            self.secrets.update(re.findall(r'/clinic/b/([A-Za-z0-9_-]{43})', response.text))
            for number in re.findall(r'<strong class="code">([0-9A-Z]{3} [0-9A-Z]{3} [0-9A-Z]{3})</strong>', response.text):
                self.secrets.update((number, number.replace(' ', '')))


def written(server):
    """Name and text of everything the server wrote."""
    files = [f for f in glob.glob(os.path.join(server.dir, '*_log*')) if os.path.isfile(f)]
    assert len(files) >= 3
    return {os.path.basename(f): env.read(f) for f in files}


def test_nothing_is_told(template, database, servers, server, sample):
    loud = servers(database=database, extra=LOUD)
    env.sample_move(template.dir, loud.dir, database, loud.base)
    ordering.needs_order(database, walk.TREATMENT)
    journey = Overheard(loud.base, loud.dir)
    journey.run()
    link = [s for s in sorted(journey.secrets) if len(s) == 43 and journey.patient.get('/b/' + s).status_code == 303]
    assert len(link) == 2, 'the private links of consultation and treatment did not pass by'
    assert any(len(s) == 9 for s in journey.secrets), "the order's number did not pass by"
    with loud.visitor() as other:
        # Known ways for a token to get about: as Referer, in a wrong place, with a query, escaped, with a wrong method.
        path = '/b/' + link[0]
        other.get('/', headers={'Referer': loud.base + path})
        other.get('/nowhere', headers={'Referer': loud.base + path + '?x=' + link[0]})
        other.get(path + '?utm_source=' + link[0])
        other.get('/%62/' + link[0])
        other.request('PUT', path, content=b'')
        other.request('HEAD', path)
        other.post(path, content=b'a=' + link[0].encode())
        other.get('//b//' + link[0])
        other.get('/./b/' + link[0])
        other.get('/b/' + link[0] + '/')
        other.get('/services/consultation/times?day=' + urllib.parse.quote('Lovelace ada@example.org 1962-12-10'))
        other.post('/login', data={'login': 'Lovelace', 'password': 'Lovelace', 'csrf': 'x'})
        other.get('/booking', headers={'Cookie': 'regen_p=' + 'A' * 43 + '.' + link[0]})
        other.get('/fhir/Claim/x', headers={'Authorization': 'Bearer ' + sample['token']})
        status = other.client.get(loud.origin + '/server-status').text
    journey.secrets.add(sample['token'])
    assert len(journey.secrets) > 40, 'too few secrets for this test to mean something'
    texts = dict(written(loud), server_status=status)
    assert '"GET /clinic/booking' in texts['talkative_log'] and len(texts['error_log']) > 1000
    for name, text in texts.items():
        told = [s for s in journey.secrets if s in text]
        assert not told, '%s holds a secret: %s' % (name, [l for l in text.splitlines() if told[0] in l][:2])
        for field, value in TYPED.items():
            if len(value) > 4 and value not in ('female',):
                assert value not in text, '%s holds the %s: %s' % (name, field, [l for l in text.splitlines() if value in l][:2])
    # What proves something later is kept as a hash only.
    for secret in journey.secrets:
        for table, column in (('session', 'token_hash'), ('booking', 'link_hash'), ('idempotency', 'key_hash')):
            assert database.value('SELECT COUNT(*) FROM %s WHERE CONVERT(%s USING latin1) LIKE %%s' % (table, column), '%' + secret[:20] + '%') == 0
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE detail LIKE '%%Lovelace%%' OR detail LIKE '%%@%%'") == 0


def test_nothing_typed_is_in_a_log_when_it_fails(database, servers, server):
    """Refused input and statements that fail are logged without what was in them."""
    loud = servers(database=database, extra=LOUD)
    word = 'Zyxwv%dQ' % os.getpid()
    with crowd.Visitor(loud.base) as one:
        csrf, times = one.times('consultation')
        start, key = sorted(times.items())[0]
        one.expect(one.hold('consultation', start, csrf, key), 303, 'hold')
        for change in (dict(email=word), dict(birth_date=word), dict(family=word * 30), dict(state=word), dict(pay='insurance', payer_code=word, member_id=word)):
            hidden = one.hidden(one.get('/booking/details'))
            answer = one.post('/booking/details', **{**crowd.PATIENT, 'given': word, 'pay': 'self', 'body_site': 'knee', 'side': 'left', **change}, **hidden)
            assert answer.status_code == 422
        one.post('/holds', csrf=csrf, idem=word * 2, service=word, start=word)
        one.get('/services/consultation/times?day=%s&%s=x' % (word, word))
        one.client.post(loud.base + '/login', content=('login=%s&password=%s&csrf=x' % (word, word)).encode(), headers={'Content-Type': word + '/x'})
    text = env.read(loud.error_log)
    assert 'RG03004' in text
    assert word not in text, [l for l in text.splitlines() if word in l][:3]


@pytest.mark.parametrize('path', ['/', '/services/consultation', '/services/consultation/times', '/login', '/booking', '/nowhere', '/fhir/metadata'])
def test_personal_pages_are_not_kept(visitor, path):
    """No answer may be kept by a cache: each may carry a token."""
    answer = visitor.get(path)
    assert answer.headers['cache-control'] == 'no-store'


def test_pages_do_not_tell_of_others(server, database):
    """Two patients of the same name, one after the other on one machine: neither sees anything of the other."""
    seen = []
    for given in ('Anneliese', 'Bartholomew'):
        with crowd.Visitor(server.base) as one:
            csrf, times = one.times('consultation')
            start, key = sorted(times.items())[0]
            one.expect(one.hold('consultation', start, csrf, key), 303, 'hold')
            one.book(given=given, email=given.lower() + '@example.org')
            seen.append((given, ''.join(one.get(p).text for p in ('/booking', '/booking/consent', '/booking/calendar.ics', '/'))))
    (first, a), (second, b) = seen
    assert first in a and second in b and second not in a and first not in b
