# SPDX-License-Identifier: Apache-2.0
"""The installation's secret: what opens a record cannot be worked out from what a client sent, and a change of the key
ends nothing that was made before."""
import base64
import hashlib
import itertools
import os
import re

import pytest

import env
from fhirapi import token
from fhirbook import book, hold, key, parameters, somebody

LINK = re.compile(r'/b/([A-Za-z0-9_-]{43})')


def text(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def keyed(secret, message):
    """What rg_crypto_mac is: BLAKE2b with a key."""
    return hashlib.blake2b(message, key=secret, digest_size=32).digest()


@pytest.fixture(scope='module')
def bearer(server, database):
    return token(database, 'system/Appointment.cruds')


@pytest.fixture
def agent(server, bearer):
    with server.machine(bearer, accept='application/fhir+json') as made:
        yield made


@pytest.fixture
def own(servers, database, server, tmp_path):
    """An httpd of this test's own whose key is changed."""
    path = str(tmp_path / 'installation')
    env.run([env.REGENCTL, 'secret', 'make', path])
    one = servers(start=False)
    one.env['SECRET_FILE'] = path
    one.start()
    one.secret = path
    return one


def rotate(server, *more):
    env.run([env.REGENCTL, 'secret', 'rotate', server.secret, *more])
    old = set(server.children())
    assert server.graceful().returncode == 0
    env.wait_until(lambda: server.children() and not old & set(server.children()))


def opens(server, link):
    with server.visitor() as one:
        return one.get('/b/' + link).status_code not in (404, 410)


def test_a_link_cannot_be_worked_out_from_the_request(agent, server, database):
    visit, = hold(agent)
    mine = key()
    body = parameters(appointment_reference='Appointment/' + visit['id'], patient_resource=somebody(visit['id']), body_site='knee', side='left')
    answer = agent.post('/Appointment/$book', json=body, headers=mine)
    assert answer.status_code == 200, answer.text
    link, = set(LINK.findall(answer.text))
    assert opens(server, link)
    booking = database.value('SELECT booking_id FROM appointment WHERE uid = %s', visit['id'])
    row = database.value('SELECT MAX(id) FROM api_token')
    sent = mine['Idempotency-Key']
    names = ['token:%d|%s|%s' % (row, path, sent) for path in (
        '/fhir/Appointment/$book', '/Appointment/$book', '/clinic/fhir/Appointment/$book')] + [sent]
    purposes = ['link:%d' % booking, 'waitlist', 'link', '']
    for name, purpose in itertools.product(names, purposes):
        for seed in (hashlib.sha256(('seed|' + name).encode()).digest(), hashlib.sha256(name.encode()).digest(), bytes(32)):
            guess = text(keyed(seed, purpose.encode()))
            assert guess != link and not opens(server, guess), (name, purpose)
            guess = text(keyed(keyed(bytes(32), purpose.encode()), seed))
            assert guess != link, (name, purpose)


def test_a_form_token_cannot_be_worked_out_from_the_cookie(server, visitor):
    page = visitor.open('/login')
    visitor_half = visitor.client.cookies['regen_p'].split('.')[0]
    raw = base64.urlsafe_b64decode(visitor_half + '=')
    guess = text(keyed(raw, b'csrf'))
    form = page.form(having='password')
    assert form.fill(login='nobody', password='wrong-password').submit().status == 422
    answer = visitor.post('/login', data={'csrf': guess, 'idem': text(os.urandom(24)), 'login': 'nobody', 'password': 'x'},
                          headers={'Origin': server.origin})
    assert answer.status_code == 403


@pytest.mark.once
def test_nothing_that_was_made_before_ends_with_the_key(own, bearer):
    with own.machine(bearer, accept='application/fhir+json') as agent, own.visitor() as browser:
        visit, = hold(agent)
        mine = key()
        body = parameters(appointment_reference='Appointment/' + visit['id'], patient_resource=somebody(visit['id']), body_site='knee',
                          side='left')
        first = agent.post('/Appointment/$book', json=body, headers=mine)
        assert first.status_code == 200, first.text
        link, = set(LINK.findall(first.text))
        page = browser.open('/login')
        rotate(own)
        # The link, a form that was open, and the same request once more.
        assert opens(own, link)
        assert page.form(having='password').fill(login='nobody', password='wrong-password').submit().status == 422
        again = agent.post('/Appointment/$book', json=body, headers=mine)
        assert again.status_code == 200 and set(LINK.findall(again.text)) == {link}, again.text
        page = browser.open('/login')
        # Without overlap, links stay (their hashes are stored), what is derived does not.
        rotate(own, '--keep', '0')
        assert opens(own, link)
        assert page.form(having='password').fill(login='nobody', password='wrong-password').submit().status == 403
        gone = agent.post('/Appointment/$book', json=body, headers=mine)
        assert gone.status_code == 410 and 'cannot be shown again' in gone.text, gone.text


def test_the_secret_is_nowhere_in_the_database(own, bearer, database):
    """Neither the key nor what is derived from it: what is stored is hashes, and a number that names the key."""
    secret = env.read(own.secret).strip()
    raw = base64.urlsafe_b64decode(secret + '=')
    with own.machine(bearer, accept='application/fhir+json') as agent:
        visit, = hold(agent)
        link, = set(LINK.findall(book(agent, visit['id']).text))
    dump = database.script('sql', '--database=regen', '-e',
                           'SELECT HEX(key_hash), HEX(request_hash), result, seed_key FROM idempotency;'
                           'SELECT HEX(link_hash) FROM booking; SELECT HEX(token_hash) FROM session').stdout
    for bad in (secret, raw.hex().upper(), link, base64.urlsafe_b64decode(link + '=').hex().upper()):
        assert bad not in dump
    assert database.value('SELECT COUNT(*) FROM idempotency WHERE seed_key <> 0') > 0
