# SPDX-License-Identifier: Apache-2.0
"""Staff: the login page, sessions, roles, and httpd's own authentication beside it."""
import base64
import concurrent.futures
import os
import re
import shutil
import subprocess

import pytest

import env
import patient

BASIC = '''
<Location "/clinic/staff">
    AuthType Basic
    AuthName clinic
    AuthUserFile "%s"
    Require valid-user
</Location>
<Location "/clinic/billing">
    AuthType Basic
    AuthName clinic
    AuthUserFile "%s"
    Require regen-role billing
</Location>
'''

REGEN = '''
<Location "/clinic/billing">
    AuthType Regen
    AuthName clinic
    Require regen-role billing admin
</Location>
<Location "/clinic/staff">
    AuthType Regen
    AuthName clinic
    Require valid-user
</Location>
'''

STATUS = '''
<Location "/server-status">
    Require all denied
    AuthType Regen
    AuthName clinic
    AuthMerging Off
    Require regen-role admin
</Location>
'''


def try_login(visitor, login, password, **more):
    return visitor.open('/login').form(having='password').fill(login=login, password=password, **more).submit(follow=False)


def session_of(visitor):
    return {c.name: c.value for c in visitor.client.cookies.jar}.get('regen_s')


def test_in_and_out(visitor, sample):
    answer = try_login(visitor, sample['front_desk_login'], sample['front_desk_password'])
    assert (answer.status_code, answer.headers['location']) == (303, '/clinic/staff')
    assert 'HttpOnly; SameSite=Lax' in answer.headers['set-cookie']
    page = visitor.open('/staff/')
    assert page.status == 200
    token = session_of(visitor)
    out = page.form(action='/logout').submit()
    assert out.path == '/login?out=1' and 'You are logged out' in out.text
    assert session_of(visitor) is None
    # Revoked, not only forgotten by the browser.
    assert visitor.get('/staff/', headers={'Cookie': 'regen_s=' + token}).status_code == 303


def test_a_password_and_a_login_are_the_same_however_they_are_typed(visitor, server, database, tmp_path):
    """Set by regenctl with accents apart, typed composed by another keyboard, and the other way round; a login in either case, but
    not with other letters."""
    apart, composed = 'caf\u0065\u0301 harbor-tin 81 o\u0308del', 'caf\u00e9 harbor-tin 81 \u00f6del'
    env.regenctl(database, 'staff', 'add', 'rene', 'Ren\u00e9', '--role', 'front-desk')
    (tmp_path / 'word').write_text(apart + '\n', encoding='utf-8')
    env.regenctl(database, 'staff', 'password', 'rene', '--password-file', str(tmp_path / 'word'))
    database.rows("UPDATE staff SET login = %s WHERE login = 'rene'", 'ren\u00e9')
    for login, word in (('ren\u00e9', composed), ('REN\u00c9', apart), ('rene\u0301', composed)):
        with server.visitor() as one:
            assert try_login(one, login, word).status_code == 303, (login, word)
    for login, word in (('rene', composed), ('ren\u00e9', composed.replace('\u00e9', 'e'))):
        assert try_login(visitor, login, word).status_code == 422


def test_wrong_words(visitor, sample):
    texts = set()
    for login, password in ((sample['billing_login'], 'wrong'), ('nobody', 'wrong'), ('', ''), ("' OR 1=1 -- ", 'x'), ('x' * 500, 'x')):
        answer = try_login(visitor, login, password)
        assert answer.status_code == 422 and 'set-cookie' not in answer.headers
        page = env.Page(visitor, answer)
        assert page.title.startswith('Error: ')
        assert page.form(having='password').value('login') == login.strip()
        texts.add(page.css('.summary')[0].text_content())
    # It never tells whether a login exists.
    assert len(texts) == 1
    assert try_login(visitor, sample['billing_login'], sample['billing_password']).status_code == 303


# --- wrong passwords ------------------------------------------------------------------------------------------------------------

@pytest.fixture
def tried(database):
    """How often somebody really looked at a password of that login, since the test began."""
    began = database.value("SELECT COALESCE(MAX(id), 0) FROM audit_event")
    yield lambda login: database.value("SELECT COUNT(*) FROM audit_event e JOIN staff s ON s.id = e.entity_id WHERE e.action = 'login-failed'"
                                       " AND s.login = %s AND e.id > %s", login, began)
    database.rows('UPDATE staff SET failures = 0, locked_until = 0')


@pytest.fixture
def proxied(servers, server):
    """An httpd that is told by its proxy who asks: one.at('203.0.113.5') is a visitor from there."""
    modules = subprocess.run([shutil.which('apxs') or 'apxs', '-q', 'LIBEXECDIR'], capture_output=True, text=True, check=True).stdout.strip()

    def make(extra=''):
        one = servers(extra=extra + 'LoadModule remoteip_module %s/mod_remoteip.so\nRemoteIPHeader X-Forwarded-For\n'
                      'RemoteIPInternalProxy 127.0.0.1\n' % modules)

        def at(address):
            visitor = one.visitor()
            visitor.client.headers['X-Forwarded-For'] = address
            return visitor
        one.at = at
        return one
    return make


def test_wrong_tries_block_the_address_and_nobody_else(proxied, sample, tried):
    login, password = sample['clinician_login'], sample['clinician_password']
    one = proxied()
    with one.at('203.0.113.5') as stranger:
        assert [try_login(stranger, login, 'wrong').status_code for _ in range(5)] == [422] * 5
        answer = try_login(stranger, login, password)
        assert answer.status_code == 429 and session_of(stranger) is None
        assert 0 < int(answer.headers['retry-after']) <= 181
        page = env.Page(stranger, answer)
        assert page.form(having='password').value('login') == login and 'Wait 3 minutes' in page.css('.summary')[0].text_content()
        # In capitals it is the same login; a login that does not exist is blocked just the same.
        assert try_login(stranger, login.upper(), password).status_code == 429
        assert [try_login(stranger, 'nobody', 'x').status_code for _ in range(6)] == [422] * 5 + [429]
        # Who is right elsewhere, or is somebody else here, gets in.
        with one.at('203.0.113.6') as owner:
            assert try_login(owner, login, password).status_code == 303
        assert try_login(stranger, sample['billing_login'], sample['billing_password']).status_code == 303
    assert tried(login) == 5


def test_an_address_that_tries_many_logins(proxied, sample, tried):
    one = proxied('RegenLoginRate 6/1h\n')
    with one.at('203.0.113.5') as stranger:
        assert [try_login(stranger, 'person%d' % i, 'x').status_code for i in range(8)] == [422] * 6 + [429] * 2
        assert try_login(stranger, sample['billing_login'], sample['billing_password']).status_code == 429
    with one.at('203.0.113.6') as owner:
        # Right ones do not count.
        for _ in range(10):
            assert try_login(owner, sample['billing_login'], sample['billing_password']).status_code == 303


def test_tries_from_everywhere_lock_the_login_but_not_its_own_device(proxied, sample, database, tried):
    login, password = sample['clinician_login'], sample['clinician_password']
    one = proxied('RegenLoginFailuresAll 8\n')
    owner = one.at('198.51.100.7')
    answer = try_login(owner, login, password)
    cookie = [c for c in answer.headers.get_list('set-cookie') if c.startswith('regen_d=')]
    assert len(cookie) == 1 and 'HttpOnly' in cookie[0] and 'Max-Age=15552000' in cookie[0]
    for i in range(8):
        with one.at('203.0.113.%d' % i) as stranger:
            assert try_login(stranger, login, 'wrong').status_code == 422
    assert database.value('SELECT locked_until > UNIX_TIMESTAMP() FROM staff WHERE login = %s', login)
    # Said once, with the address that did it, and not which login was typed.
    said = [line for line in env.read(one.error_log).splitlines() if 'RG03042' in line]
    who = database.value('SELECT id FROM staff WHERE login = %s', login)
    assert len(said) == 1 and re.search(r'RG03042: .* staff %d is locked for 15 minutes' % who, said[0]), said
    assert login not in said[0]
    with one.at('203.0.113.99') as stranger:
        assert try_login(stranger, login, password).status_code == 422
    # The owner's device is known, wherever it is; nothing new is given to it.
    owner.client.headers['X-Forwarded-For'] = '192.0.2.1'
    again = try_login(owner, login, password)
    assert again.status_code == 303 and 'regen_d=' not in ' '.join(again.headers.get_list('set-cookie'))
    # And it has tries of its own, no more than others.
    assert [try_login(owner, login, 'wrong').status_code for _ in range(6)] == [422] * 5 + [429]
    owner.client.close()


def test_an_administrator_unlocks_and_shuts_out(servers, server, sample, staff, database, tried):
    login, password = sample['clinician_login'], sample['clinician_password']
    admin = staff('admin')
    database.rows('UPDATE staff SET failures = 0, locked_until = UNIX_TIMESTAMP() + 900 WHERE login = %s', login)

    def press(deed, whose=login):
        form = [f for f in admin.open('/staff/admin/staff').forms() if f.action.endswith('/staff/admin/staff/' + whose)][0]
        return form.set('deed', deed, force=True).submit()

    page = admin.open('/staff/admin/staff')
    assert 'Locked for 15 min' in page.text
    assert 'Done.' in press('unlock').text and 'Locked for' not in admin.open('/staff/admin/staff').text
    one = servers().visitor()
    assert try_login(one, login, password).status_code == 303 and one.get('/staff').status_code == 200
    press('end-sessions')
    assert one.get('/staff').status_code == 303
    try_login(one, login, password)
    press('disable')
    assert one.get('/staff').status_code == 303 and try_login(one, login, password).status_code == 422
    press('enable')
    assert try_login(one, login, password).status_code == 303
    # Not oneself, not a deed that does not exist, and nobody else may.
    refused = press('disable', sample['admin_login'])
    assert refused.status == 409 and 'cannot disable your own login' in refused.text
    assert press('promote').status == 404
    assert staff('front_desk').get('/staff/admin/staff').status_code == 403
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'staff-disable' AND actor LIKE 'staff:%%'") == 1
    one.client.close()


def test_a_made_up_device_is_no_device(proxied, sample, tried):
    login = sample['clinician_login']
    one = proxied()
    codes = []
    for i in range(8):
        with one.at('203.0.113.5') as stranger:
            stranger.client.cookies.set('regen_d', 'ABCDEFGHIJ'[i] * 43)
            codes.append(try_login(stranger, login, 'wrong').status_code)
    assert codes == [422] * 5 + [429] * 3


def test_guesses_at_once_do_not_get_around_the_limit(servers, server, sample, tried):
    """Forty guesses in parallel: what is counted is what was tried."""
    login, attacked = sample['clinician_login'], servers()

    def guess(_):
        with attacked.visitor() as one:
            return try_login(one, login, 'wrong').status_code

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        codes = list(pool.map(guess, range(40)))
    assert set(codes) <= {422, 429, 503}
    assert tried(login) <= 5


def test_rotation(visitor, sample):
    """Logging in again gives another token and ends the one before."""
    try_login(visitor, sample['billing_login'], sample['billing_password'])
    first = session_of(visitor)
    try_login(visitor, sample['billing_login'], sample['billing_password'])
    second = session_of(visitor)
    assert first and second and first != second
    assert visitor.get('/billing/', headers={'Cookie': 'regen_s=' + first}).status_code == 303


def test_way_back(visitor, sample):
    answer = visitor.get('/billing/?queue=claimed')
    assert answer.status_code == 303
    page = visitor.open('/billing/?queue=claimed')
    assert page.path.startswith('/login?to=')
    assert page.form(having='password').value('to') == '/clinic/billing/?queue=claimed'
    page = page.form(having='password').fill(login=sample['billing_login'], password=sample['billing_password']).submit()
    assert page.status == 200 and page.path == '/billing/?queue=claimed'


@pytest.mark.parametrize('to', ['//evil.example/', 'https://evil.example/', '/clinic//evil.example', '/other', '/clinic/../other',
                                '/clinic/x\\evil', 'javascript:alert(1)', '/clinicx/', '/clinic/%0d%0aSet-Cookie: a=b', ''])
def test_no_way_elsewhere(visitor, sample, to):
    page = visitor.open('/login')
    form = page.form(having='password').fill(login=sample['billing_login'], password=sample['billing_password']).set('to', to, force=True)
    answer = form.submit(follow=False)
    assert answer.status_code == 303
    assert answer.headers['location'] in ('/clinic/billing', '/clinic/%0d%0aSet-Cookie:')
    assert 'a' not in visitor.client.cookies


def test_roles(staff):
    assert staff('billing').get('/billing/').status_code == 200
    answer = staff('front_desk').get('/billing/')
    assert answer.status_code == 403 and 'does not have the role' in answer.text


def posts():
    """(path, roles) of every staff row of the table that takes a form."""
    return [(path.replace('*', 'x'), set(re.findall(r'[A-Z]+(?:_[A-Z]+)*', roles)))
            for method, path, roles, _, _, flags in env.routes() if method == 'POST' and 'REGEN_STAFF_AREA' in flags]


@pytest.mark.once
def test_the_table_of_roles_holds(staff):
    """Before any handler: a body of the wrong type is 415 for those who may, and 403 for those who may not."""
    visitors = {'front_desk': staff('front_desk'), 'clinician': staff('clinician'), 'billing': staff('billing'), 'admin': staff('admin')}
    table = posts()
    assert len(table) > 5
    refused = 0
    for path, roles in table:
        for name, visitor in visitors.items():
            may = bool(roles & groups(name))
            answer = visitor.post(path, content=b'x', headers={'Content-Type': 'text/plain'})
            assert answer.status_code == (415 if may else 403), (path, name, roles)
            refused += not may
    assert refused > 5


def groups(name):
    """Names of sets of roles that hold this one."""
    text = env.source('include/regen/core', 'mod_regen/web')
    sets = dict(re.findall(r'#define\s+(\w+)\s+\(?(RG_ROLE_[A-Z_ |]+)\)?$', text, re.M))
    found = {'RG_ROLE_' + name.upper()}
    for _ in sets:
        found |= {word for word, roles in sets.items() if found & set(roles.split(' | '))}
    return found


def test_post_without_login(visitor):
    answer = visitor.post('/logout', data={'a': 'b'})
    assert answer.status_code == 401 and 'log in' in answer.text.lower()


def test_idle_and_absolute(staff, database):
    one = staff('billing')
    assert one.get('/billing/').status_code == 200
    database.rows('UPDATE session SET seen_at = seen_at - 1300 WHERE staff_id IS NOT NULL')
    assert one.get('/billing/').status_code == 303
    one = staff('billing')
    database.rows('UPDATE session SET expires_at = UNIX_TIMESTAMP() WHERE staff_id IS NOT NULL')
    assert one.get('/billing/').status_code == 303


def test_dismissed(staff, database, sample):
    one = staff('billing')
    login = sample['billing_login']
    database.rows('UPDATE staff SET active = 0 WHERE login = %s', login)
    try:
        assert one.get('/billing/').status_code == 303
    finally:
        database.rows('UPDATE staff SET active = 1 WHERE login = %s', login)


# --- in httpd's own terms -------------------------------------------------------------------------------------------------------

def basic(login, password):
    return {'Authorization': 'Basic ' + base64.b64encode(('%s:%s' % (login, password)).encode()).decode()}


@pytest.fixture
def users(open_folder, sample):
    path = os.path.join(open_folder, 'users')
    for login in (sample['billing_login'], sample['front_desk_login'], 'stranger'):
        subprocess.run(['htpasswd', '-bB', '-C', '4', *(['-c'] if login == sample['billing_login'] else []), path, login, 'pw'], check=True,
                       capture_output=True)
    return path


@pytest.mark.allows_log('AH01617', 'AH01631', 'AH01618')
def test_basic_is_mapped_to_staff(servers, users, sample):
    one = servers(extra=BASIC % (users, users))
    with one.visitor() as visitor:
        assert visitor.get('/staff/').status_code == 401
        assert visitor.get('/staff/', headers=basic(sample['front_desk_login'], 'wrong')).status_code == 401
        assert visitor.get('/staff/', headers=basic(sample['front_desk_login'], 'pw')).status_code == 200
        # httpd knows this one, the clinic does not.
        assert visitor.get('/staff/', headers=basic('stranger', 'pw')).status_code == 403
        assert visitor.get('/billing/', headers=basic(sample['billing_login'], 'pw')).status_code == 200
        assert visitor.get('/billing/', headers=basic(sample['front_desk_login'], 'pw')).status_code in (401, 403)
        assert visitor.get('/billing/', headers=basic('stranger', 'pw')).status_code in (401, 403)
        # Forms work too: their token hangs on the visitor's cookie.
        page = env.Page(visitor, visitor.get('/staff/', headers=basic(sample['front_desk_login'], 'pw')))
        token = page.form(action='/logout').value('csrf')
        answer = visitor.post('/logout', data={'csrf': token}, headers=basic(sample['front_desk_login'], 'pw'))
        assert answer.status_code == 401  # /logout is outside /staff, where Basic is asked for


@pytest.mark.allows_log('AH01617', 'AH01631', 'AH01618')
def test_staff_whom_httpd_knows_do_not_sign_as_the_patient(servers, users, sample, database):
    """Nothing is asked for at the pages of patients, so httpd names nobody there: the browser was marked at the page for staff."""
    one = servers(extra=BASIC % (users, users))
    with one.visitor() as visitor:
        page = patient.give_details(patient.hold(visitor)).form(action='/booking/check').submit()
        link = patient.private_link(page)
        form = visitor.open(patient.open_forms(visitor.open('/booking/consent'))[0])
        assert visitor.get('/staff/', headers=basic(sample['front_desk_login'], 'pw')).status_code == 200
        page = form.form(having='signer_name').fill(signer_name=patient.NAME, agree='yes').submit()
        assert page.status == 422 and 'logged in as staff' in page.error_for('signer_name'), page.text
        assert database.value('SELECT COUNT(*) FROM consent c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', form.about) == 0
        assert visitor.get(link).status_code == 403
        mark = visitor.client.cookies['regen_w']
        visitor.client.cookies.delete('regen_w')
        assert visitor.get(link).status_code != 403, 'a browser that was not marked'
        visitor.client.cookies.set('regen_w', mark[:-2] + ('A' if mark[-2] != 'A' else 'B') + mark[-1])
        assert visitor.get(link).status_code != 403, 'a mark that this installation did not make'
    # Where httpd asks everywhere, its word is enough.
    everywhere = BASIC.replace('/clinic/staff', '/clinic')
    two = servers(extra=everywhere % (users, users))
    with two.visitor() as visitor:
        who = basic(sample['front_desk_login'], 'pw')
        assert visitor.get(link.replace(one.base, two.base) if one.base in link else link.split('/clinic')[1], headers=who).status_code == 403


@pytest.mark.allows_log('AH01631')
def test_require_lines_on_our_own_pages(servers, server, sample):
    """AuthType Regen and Require before our own check: the same answers, and the login page stays open."""
    one = servers(extra=REGEN)
    with one.visitor() as visitor:
        page = visitor.open('/billing/')
        assert page.path == '/login?to=%2Fclinic%2Fbilling%2F'
        assert visitor.post('/billing/').status_code == 401
        safe = visitor.get('/staff/')
        assert safe.status_code == 303 and safe.headers['cache-control'] == 'no-store' and 'content-security-policy' in safe.headers
        assert page.form(having='password').fill(login=sample['billing_login'], password=sample['billing_password']).submit().path == '/billing/'
        assert visitor.get('/staff/').status_code in (200, 403)
    with one.visitor() as visitor:
        visitor.login(sample['front_desk_login'], sample['front_desk_password'])
        assert visitor.get('/staff/').status_code == 200
        assert visitor.get('/billing/').status_code in (401, 403)


PROBE = r'''
#include <httpd.h>
#include <http_config.h>
#include <http_protocol.h>
#include <mod_regen.h>
static APR_OPTIONAL_FN_TYPE(regen_has_role) *has_role;
static void fetch(void) { has_role = APR_RETRIEVE_OPTIONAL_FN(regen_has_role); }
static int handler(request_rec *r)
{
    if (strcmp(r->handler, "probe")) return DECLINED;
    ap_set_content_type(r, "text/plain");
    ap_rputs(!has_role ? "no function" : has_role(r, "billing admin") ? "yes" : "no", r);
    return OK;
}
static void hooks(apr_pool_t *p)
{
    ap_hook_optional_fn_retrieve(fetch, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(handler, NULL, NULL, APR_HOOK_MIDDLE);
}
AP_DECLARE_MODULE(probe) = {STANDARD20_MODULE_STUFF, NULL, NULL, NULL, NULL, NULL, hooks};
'''


def query(*names):
    apxs = shutil.which('apxs') or shutil.which('apxs2')
    return subprocess.run([apxs, '-q', *names], capture_output=True, text=True, check=True).stdout.strip()


def test_other_modules_may_ask(servers, server, sample, tmp_path):
    """include/mod_regen.h from another module, compiled here."""
    source, module = str(tmp_path / 'probe.c'), str(tmp_path / 'mod_probe.so')
    with open(source, 'w', encoding='ascii') as f:
        f.write(PROBE)
    flags = subprocess.run(['apr-1-config', '--cppflags', '--includes'], capture_output=True, text=True, check=True).stdout.split()
    subprocess.run(['cc', '-shared', '-fPIC', *flags, '-I' + query('INCLUDEDIR'), '-I' + os.path.join(env.ROOT, 'include'), '-o', module, source],
                   check=True)
    one = servers(extra='LoadModule probe_module "%s"\n<Location "/probe">\nSetHandler probe\nRequire all granted\n</Location>\n' % module)
    with one.visitor() as visitor:
        assert visitor.client.get(one.origin + '/probe').text == 'no'
        visitor.login(sample['front_desk_login'], sample['front_desk_password'])
        assert visitor.client.get(one.origin + '/probe').text == 'no'
        try_login(visitor, sample['admin_login'], sample['admin_password'])
        assert visitor.client.get(one.origin + '/probe').text == 'yes'


@pytest.mark.allows_log('AH01631')
def test_staff_session_protects_something_else(servers, server, sample):
    one = servers(extra=STATUS)
    with one.visitor() as visitor:
        answer = visitor.client.get(one.origin + '/server-status')
        assert answer.status_code == 303 and answer.headers['location'].startswith('/clinic/login?to=')
        assert visitor.client.post(one.origin + '/server-status').status_code == 401
        try_login(visitor, sample['front_desk_login'], sample['front_desk_password'])
        assert visitor.client.get(one.origin + '/server-status').status_code in (401, 403)
        try_login(visitor, sample['admin_login'], sample['admin_password'])
        answer = visitor.client.get(one.origin + '/server-status')
        assert answer.status_code == 200 and 'mod_regen' in answer.text
        auto = visitor.client.get(one.origin + '/server-status?auto')
        assert 'RegenClinic: ' in auto.text
