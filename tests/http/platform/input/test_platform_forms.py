# SPDX-License-Identifier: Apache-2.0
"""Forms: the token that proves a form was ours, where a request comes from, and the key that makes a repetition
harmless."""
import re

import pytest

import env

KEY = 'abcdefghijklmnopqrstuv'


def fields(page):
    form = page.form(having='csrf')
    return dict(form.pairs())


def post(visitor, path, data, **headers):
    return visitor.post(path, data=data, headers=headers)


@pytest.fixture
def login_form(visitor):
    """The fields of a fresh login form, filled in for nobody."""
    return dict(fields(visitor.open('/login')), login='nobody', password='x')


def test_right_token(visitor, login_form):
    assert post(visitor, '/login', login_form).status_code == 422
    own = {'Origin': visitor.base[:-7], 'Sec-Fetch-Site': 'same-origin'}
    assert post(visitor, '/login', login_form, **own).status_code == 422
    assert post(visitor, '/login', login_form, Origin=own['Origin']).status_code == 422


@pytest.mark.parametrize('token', [None, '', 'x', 'A' * 43])
def test_wrong_token(visitor, login_form, token):
    login_form.pop('csrf')
    if token is not None:
        login_form['csrf'] = token
    answer = post(visitor, '/login', login_form)
    assert answer.status_code == 403
    assert 'Please send this once more' in answer.text


def test_token_of_somebody_else(server, visitor, login_form):
    with server.visitor() as other:
        other.open('/login')
        assert post(other, '/login', login_form).status_code == 403
    with server.visitor() as nobody:
        assert post(nobody, '/login', login_form).status_code == 403


@pytest.mark.parametrize('headers', [{'Origin': 'https://evil.example'}, {'Origin': 'null'}, {'Sec-Fetch-Site': 'cross-site'},
                                     {'Sec-Fetch-Site': 'same-site'}, {'Origin': 'http://127.0.0.1.evil.example'}])
def test_other_site(visitor, login_form, headers):
    answer = post(visitor, '/login', login_form, **headers)
    assert answer.status_code == 403
    assert 'This request came from another site' in answer.text
    assert 'name="login"' not in answer.text


def test_typed_words_are_kept(visitor):
    """A stale form from our own page comes back filled in, with a fresh token, and can be sent at once."""
    token = fields(visitor.open('/login'))['csrf']
    answer = post(visitor, '/holds', {'csrf': 'stale', 'idem': KEY, 'service': 'no-such <b>"service"', 'start': '2020-12-01T15:00:00Z'},
                  **{'Sec-Fetch-Site': 'same-origin'})
    assert answer.status_code == 403
    page = env.Page(visitor, answer)
    form = page.form(having='csrf')
    sent = dict(form.pairs())
    assert sent['service'] == 'no-such <b>"service"' and sent['start'] == '2020-12-01T15:00:00Z'
    assert sent['csrf'] == token and re.fullmatch(r'[\w-]{22}', sent['idem'])
    assert form.submit().status != 403


def test_passwords_are_not_kept(visitor, login_form):
    login_form.update(csrf='stale', password='a-secret-word')
    answer = post(visitor, '/login', login_form, **{'Sec-Fetch-Site': 'same-origin'})
    assert answer.status_code == 403 and 'a-secret-word' not in answer.text and 'nobody' not in answer.text


@pytest.mark.parametrize('key', [None, '', 'short', 'a' * 65, 'a b c d e f g h i j', 'ä' * 20])
def test_a_change_needs_a_key(visitor, key):
    data = {'csrf': fields(visitor.open('/login'))['csrf'], 'service': 'x', 'start': 'x'}
    if key is not None:
        data['idem'] = key
    answer = post(visitor, '/holds', data)
    assert answer.status_code == 400
    assert 'go back and reload' in answer.text.lower()


def test_every_form_has_a_fresh_key(visitor):
    keys = {fields(visitor.open('/login'))['idem'] for _ in range(5)}
    assert len(keys) == 5


def test_cookie_over_tls_only(servers, server):
    one = servers(extra='RegenCookieSecure On\n')
    with one.visitor() as visitor:
        assert re.fullmatch(r'__Host-regen_p=[\w-]{43}; Path=/; HttpOnly; SameSite=Lax; Secure', visitor.get('/login').headers['set-cookie'])
        # The other name is not ours then.
        assert visitor.get('/staff/', headers={'Cookie': 'regen_s=' + 'A' * 43}).status_code == 303
