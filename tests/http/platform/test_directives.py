# SPDX-License-Identifier: Apache-2.0
"""Every mistake in the configuration fails `httpd -t` with the line and what would be right, and leaves a running server
alone."""
import os
import shutil

import pytest

import env

pytestmark = pytest.mark.once

# A whole configuration of its own, so that one line at a time can be wrong or missing.
SOUND = {
    'socket': 'RegenDatabaseSocket "${REGEN_DB_SOCKET}"',
    'password': 'RegenDatabasePasswordFile "${REGEN_DB_PASSWORD_FILE}"',
    'templates': 'RegenTemplates "${REGEN_ROOT}/conf/templates"',
    'location': '<Location "/clinic">\nRegenEngine On\nRequire all granted\n</Location>',
    'secret': 'RegenSecretFile "${REGEN_SECRET_FILE}"',
    'base': 'RegenPublicBase "http://127.0.0.1:${REGEN_PORT}/clinic"',
}


@pytest.fixture(scope='module')
def checked(database, mpm):
    """One server that never starts: its configuration is written once, and then only the wrong line changes."""
    extra = env.Server(env.work_folder('test-extra'), database, mpm, extra='\n')
    only = env.Server(env.work_folder('test-only'), database, mpm, only='\n')
    for one in (extra, only):
        one.port = env.free_port()
        one.script('conf')
    return {False: extra, True: only}


@pytest.fixture
def configtest(checked):
    def check(text, only=False):
        one = checked[only]
        one.write('module_conf.conf' if only else 'extra.conf', text)
        done = one.script('test', check=False)
        return done.returncode, done.stdout + done.stderr

    return check


def conf(*more, **changed):
    lines = dict(SOUND, **changed)
    return '\n'.join([line for line in lines.values() if line] + list(more)) + '\n'


def test_the_sound_one_is_sound(configtest):
    code, said = configtest(conf(), only=True)
    assert code == 0, said
    assert 'Syntax OK' in said


# directive, wrong value, what the message must say
VALUES = [
    ('RegenMailTransport', 'pigeon', 'one of Off, maildir, smtp, command'),
    ('RegenMailFrom', 'clinic', 'must be an email address'),
    ('RegenMailReplyTo', '"Desk <desk>"', 'must be an email address'),
    ('RegenMailSender', 'a@b@', 'must be an email address'),
    ('RegenMailFolder', '/nowhere', 'a folder that exists'),
    ('RegenMailServer', 'x' * 201, 'must be a word'),
    ('RegenMailStartTLS', 'maybe', 'one of On, Off'),
    ('RegenMailUser', 'x' * 201, 'must be a word'),
    ('RegenMailPasswordFile', '/nowhere', 'can be read'),
    ('RegenMailTLSCA', '/etc/passwd', 'PEM file of certificates'),
    ('RegenMailCommand', 'send-sms', 'absolute path of a program'),
    ('RegenMailCommand', '/etc/passwd', 'a program that can be run'),
    ('RegenMailConnectTimeout', '0', 'from 1s to 1min'),
    ('RegenMailTimeout', '11min', 'from 1s to 10min'),
    ('RegenMailRate', '60', 'a slash and a time'),
    ('RegenMailGiveUp', '1min', 'from 10min to 720h'),
    ('RegenMailInterval', '0', 'from 1s to 1h'),
    ('RegenMailDetail', 'all', 'one of none, service, full'),
    ('RegenLabelSize', 'huge', 'one of large, small'),
    ('RegenLabelCode', 'ean', 'one of qr, datamatrix, code128'),
    ('RegenHoldTime', '0', 'from 1min to 4h'),
    ('RegenHoldTime', '5h', 'from 1min to 4h'),
    ('RegenHoldTime', '15 min', 'takes one argument'),
    ('RegenHoldTime', 'soon', 'such as 90s, 15min or 2h'),
    ('RegenHoldTime', '-15min', 'from 1min to 4h'),
    ('RegenHoldTime', '15minuts', 'such as 90s, 15min or 2h'), ('RegenHoldTime', '1hour', 'such as 90s, 15min or 2h'),
    ('RegenHoldTime', '9mixx', 'such as 90s, 15min or 2h'), ('RegenHoldTime', '900sec', 'such as 90s, 15min or 2h'),
    ('RegenHoldTime', '900000msx', 'such as 90s, 15min or 2h'), ('RegenHoldTime', '15MIN', 'such as 90s, 15min or 2h'), ('RegenHoldTime', '15m', 'such as 90s, 15min or 2h'),
    ('RegenPeopleRate', '600/1hour', 'such as 20/15min, or Off'), ('RegenPeopleRate', '600/', 'such as 20/15min, or Off'),
    ('RegenHoldTime', '""', 'takes one argument'),
    ('RegenHoldTime', '99999999999999999999h', 'from 1min to 4h'),
    ('RegenOfferTime', '9min', 'from 10min to 48h'),
    ('RegenOfferTime', '49h', 'from 10min to 48h'),
    ('RegenSessionIdle', '59s', 'from 1min to 12h'),
    ('RegenSessionMax', '25h', 'from 5min to 24h'),
    ('RegenPatientSession', '9min', 'from 10min to 720h'),
    ('RegenLoginLock', '1s', 'from 1min to 24h'),
    ('RegenDatabaseAcquireTimeout', '1ms', 'from 10ms to 1min'),
    ('RegenDatabaseConnectTimeout', '500ms', 'from 1s to 1min'),
    ('RegenDatabaseIOTimeout', '6min', 'from 1s to 5min'),
    ('RegenSweepInterval', '0', 'from 1s to 1h'),
    ('RegenDatabaseMax', '0', 'from 1 to 500'),
    ('RegenDatabaseMax', '501', 'from 1 to 500'),
    ('RegenDatabaseMax', '8x', 'from 1 to 500'),
    ('RegenDatabaseMax', '0x8', 'from 1 to 500'),
    ('RegenDatabaseMax', '1e2', 'from 1 to 500'),
    ('RegenDatabasePort', '65536', 'from 1 to 65535'),
    ('RegenLoginFailures', '1', 'from 2 to 100'),
    ('RegenFormsReminder', '61', 'from 0 to 60'), ('RegenHoldExtensions', '101', 'from 0 to 100'), ('RegenLinkLifetime', '0', 'from 1 to 3650'),
    ('RegenDeskAdjustmentMax', '-1', 'from 0 to 1000000000'), ('RegenCashDifferenceMax', '-1', 'from 0 to 1000000000'), ('RegenBillingAdjustmentMax', '1e3', 'from 0 to 1000000000'),
    ('RegenHoldsPerClient', '-1', 'from 0 to 1000000'), ('RegenWaitlistPerClient', '-1', 'from 0 to 1000000'),
    ('RegenLoginsAtOnce', '65', 'from 1 to 64'), ('RegenLoginFailuresAll', '4', 'from 5 to 60000'),
    ('RegenLoginRate', '20', 'such as 20/15min, or Off'), ('RegenLinkRate', '0/1min', 'from 1 to 1000000, a slash'),
    ('RegenJoinRate', '30/2d', 'a time from 1s to 24h'), ('RegenSearchRate', '/1min', 'must be a number from 1'),
    ('RegenPeopleRate', '600', 'such as 20/15min, or Off'), ('RegenClinicName', 'x' * 121, 'a word of 1 to 120 characters'),
    ('RegenClinicPhone', '""', 'takes one argument'), ('RegenClinicPhone', '603\x01', 'a word of 1 to 40 characters'),
    ('RegenSearchDays', '367', 'from 31 to 366'), ('RegenSearchDays', '30', 'from 31 to 366'),
    ('RegenMaxBody', '1023', 'from 1024 to 16777216'),
    ('RegenCookieSecure', 'yes', 'must be one of On, Off'),
    ('RegenBulkPublish', 'maybe', 'must be one of On, Off'),
    ('RegenFHIROrigins', 'portal.example', 'must be * or origins'),
    ('RegenFHIROrigins', 'https://portal.example/', 'must be * or origins'),
    ('RegenFHIROrigins', '"https://a.example *"', 'must be * or origins'),
    ('RegenFHIROrigins', 'null', 'must be * or origins'),
    ('RegenPublicBase', '/clinic', 'must be an absolute address'), ('RegenPublicBase', 'clinic.example/clinic', 'must be an absolute address'),
    ('RegenPublicBase', 'ftp://clinic.example/clinic', 'must be an absolute address'),
    ('RegenPublicBase', 'https://clinic.example/' + 'x' * 170, 'at most 180 characters'),
    ('RegenPublicBase', 'https:///clinic', 'must name a host'), ('RegenPublicBase', 'https://', 'must name a host'),
    ('RegenPublicBase', 'https://clinic.example:0/x', 'a port from 1 to 65535'), ('RegenPublicBase', 'https://clinic_example/x', 'must name a host'),
    ('RegenPublicBase', 'https://clinic.example:99999', 'must'), ('RegenPublicBase', 'https://clinic.example:http/', 'must'),
    ('RegenPublicBase', 'https://you@clinic.example/clinic', 'must not have a user, ? or #'),
    ('RegenPublicBase', 'https://clinic.example/clinic?x=1', 'must not have a user, ? or #'),
    ('RegenPublicBase', '"https://clinic.example/clinic#x"', 'must not have a user, ? or #'),
    ('RegenPublicBase', '"https://clinic.example/a clinic"', 'letters, digits'), ('RegenPublicBase', 'https://clinic.example/cl%69nic', 'letters, digits'),
    ('RegenPublicBase', 'https://clinic.example//clinic', 'plain path'), ('RegenPublicBase', 'https://clinic.example/a/../clinic', 'plain path'),
    ('RegenFHIRBase', '/clinic/fhir', 'must be an absolute address without a slash at the end'),
    ('RegenFHIRBase', 'https://clinic.example/fhir/', 'without a slash at the end'),
    ('RegenFHIRBase', 'ftp://clinic.example/fhir', 'must be an absolute address'),
    ('RegenFHIRBase', 'https://clinic.example/fhir?x=1', 'must be an absolute address'),
    ('RegenCodeSystem', 'codes', 'must be an absolute URI'),
    ('RegenCodeSystem', '"https://clinic.example/a b"', 'must be an absolute URI'),
    ('RegenDatabaseUser', 'x' * 81, 'must be a word of 1 to 80 characters'),
    ('RegenDatabaseName', 'x' * 65, 'must be a word of 1 to 64 characters'),
    ('RegenDatabaseSocket', '""', 'takes one argument'),
    ('RegenDatabaseSocket', '/' + 'x' * 107, 'at most 107 characters'),
    ('RegenDatabaseHost', 'db.example.org/x', 'must be a host name or an address'),
    ('RegenDatabasePasswordFile', '/nowhere/password', '/nowhere/password'),
    ('RegenDatabasePasswordFile', '/tmp', 'must name a separate file'),
    ('RegenSecretFile', '/nowhere/secret', '`regenctl secret make /nowhere/secret` makes one'),
    ('RegenSecretFile', '/tmp', 'is not a file'),
    ('RegenDatabaseTLSCA', '/nowhere/ca.pem', 'must be a file that exists'),
    ('RegenTemplates', '/nowhere', 'must be a folder that exists'),
    ('RegenTemplates', '/etc/passwd', 'must be a folder that exists'),
    ('RegenStatic', '/nowhere', 'must be a folder that exists'),
    ('RegenFHIRSchema', '/nowhere.xsd', 'must be a file that exists'),
]


@pytest.mark.parametrize('name,value,words', VALUES, ids=['%s=%s' % (n, v[:24]) for n, v, _ in VALUES])
def test_wrong_value(configtest, name, value, words):
    code, said = configtest('%s %s\n' % (name, value))
    assert code != 0, said
    assert 'Syntax error on line 1 of ' in said and 'extra.conf' in said, said
    assert name in said and words in said, said


def test_every_directive_is_tried():
    """Every name of the reference is among the wrong values above, or has a test of its own below."""
    names = set()
    for line in env.read(os.path.join(env.ROOT, 'conf', 'regen.conf')).splitlines():
        words = line.lstrip(' #').split()
        if words and words[0].startswith('Regen') and line.lstrip()[:2] != '# ':
            names.add(words[0])
    assert names - {n for n, _, _ in VALUES} == {'RegenEngine'}


ENGINE = [
    ('RegenEngine On', 'not allowed here'),
    ('<Location "/x">\nRegenEngine maybe\n</Location>', 'must be one of On, Off'),
    ('<Directory "/tmp">\nRegenEngine On\n</Directory>', 'cannot occur within'),
    ('<LocationMatch "^/x">\nRegenEngine On\n</LocationMatch>', 'must stand in a <Location>'),
    ('<Location ~ "^/x">\nRegenEngine On\n</Location>', 'must stand in a <Location>'),
    ('<Location "/x*">\nRegenEngine On\n</Location>', 'letters, digits'),
    ('<Location "/x y">\nRegenEngine On\n</Location>', 'letters, digits'),
    ('<Location "/x/../y">\nRegenEngine On\n</Location>', 'plain path'),
    ('<Location "/clinic/inner">\nRegenEngine On\n</Location>', 'one clinic cannot be inside another'),
    ('<Directory "/tmp">\nRegenPublicBase https://clinic.example\n</Directory>', 'cannot occur within'),
    ('<LocationMatch "^/clinic">\nRegenPublicBase https://clinic.example\n</LocationMatch>', 'must stand in a <Location>'),
    ('<Location "/clinic/staff">\nRegenPublicBase https://clinic.example\n</Location>', 'in which RegenEngine is not On'),
    ('<Location "/second">\nRegenEngine On\nRegenPublicBase http://127.0.0.1:${REGEN_PORT}/clinic/\n</Location>', 'would apply to both /second and /clinic'),
    ('<Location "/second">\nRegenEngine On\n</Location>', 'RegenPublicBase is missing for /second'),
    ('<Location "/x">\nRegenHoldTime 15min\n</Location>', 'not allowed in <Location> context'),
    ('<Location "/x">\nRequire regen-role nurse\n</Location>', 'nurse must be one of front-desk'),
    ('<Location "/x">\nRequire regen-role\n</Location>', 'at least one of front-desk'),
]


@pytest.mark.parametrize('text,words', ENGINE, ids=[t.split('\n')[0] + '/' + w[:12] for t, w in ENGINE])
def test_wrong_place(configtest, text, words):
    code, said = configtest(text + '\n')
    assert code != 0, said
    assert 'on line' in said and 'extra.conf' in said and words in said, said


# What only shows when everything was read: the message names the line that made us look.
CROSS = [
    (dict(socket=None), 'line 4', 'RegenDatabaseSocket or RegenDatabaseHost'),
    (dict(password=None), 'line 4', 'RegenDatabasePasswordFile is missing'),
    (dict(secret=None), 'line 5', 'RegenSecretFile is missing: make'),
    (dict(templates=None), 'line 4', 'RegenTemplates is missing'),
    (dict(base=None), 'line 5', 'RegenPublicBase is missing for /clinic'),
    (dict(base='ServerName book.clinic.example'), 'line 5', 'for example: RegenPublicBase https://book.clinic.example/clinic'),
    (dict(base='ServerName book.clinic.example:443'), 'line 5', 'RegenPublicBase is missing'),
    (dict(socket=SOUND['socket'] + '\nRegenDatabaseHost db.example.org'), 'line 2', 'exclude each other'),
    (dict(more='RegenDatabaseTLSCA "%s/tests/http/platform/authority.pem"' % env.ROOT), 'line 10', 'only for RegenDatabaseHost'),
    (dict(more='RegenSessionIdle 2h\nRegenSessionMax 1h'), 'line 10', 'must not be longer than RegenSessionMax'),
    (dict(more='RegenHoldTime 1h\nRegenPatientSession 30min'), 'line 10', 'must not be shorter than RegenHoldTime'),
    (dict(more='RegenFHIRSchema "${REGEN_ROOT}/conf/regen.conf"'), 'line 10', 'RegenFHIRSchema'),
]


@pytest.mark.parametrize('changed,line,words', CROSS, ids=[w for _, _, w in CROSS])
def test_cross_check(configtest, changed, line, words):
    code, said = configtest(conf(**changed), only=True)
    assert code != 0, said
    assert 'Syntax error on %s of ' % line in said and 'module_conf.conf' in said and words in said, said


@pytest.mark.parametrize('time', ['900', '900s', '900000ms', '15mi', '15min', '1h'])
def test_a_time_in_each_unit(configtest, time):
    code, said = configtest('RegenHoldTime %s\n' % time)
    assert code == 0, said


@pytest.mark.parametrize('base,told', [('/clinic', None), ('/clinic/', None), ('', '/'), ('/book', '/book'), ('/clinic2', '/clinic2')])
def test_a_base_with_another_path_is_told(configtest, base, told):
    """A proxy may show the clinic elsewhere, so it is a warning; without one every link is dead."""
    code, said = configtest(conf(base='RegenPublicBase https://clinic.example' + base), only=True)
    assert code == 0 and 'Syntax OK' in said, said
    lines = [line for line in said.splitlines() if 'RG03115' in line]
    assert len(lines) == (1 if told else 0), said
    if told:
        assert 'is not that of <Location /clinic>. Browsers must see the clinic under %s,' % told in lines[0] and 'Line 9 of' in lines[0], said


@pytest.fixture
def folder(tmp_path):
    return str(tmp_path)


def test_password_file_that_all_can_read(configtest, folder):
    path = os.path.join(folder, 'password')
    with open(path, 'w', encoding='ascii') as f:
        f.write('secret\n')
    os.chmod(path, 0o644)
    code, said = configtest('RegenDatabasePasswordFile "%s"\n' % path)
    assert code != 0 and 'a separate file with mode 600 for the password' in said, said
    code, passwd = configtest('RegenDatabasePasswordFile /etc/passwd\n')
    assert code != 0 and 'mode 600' in passwd and 'chmod' not in passwd, passwd
    assert 'secret' not in said.replace(path, '')
    os.chmod(path, 0o600)
    code, said = configtest('RegenDatabasePasswordFile "%s"\n' % path)
    assert code == 0, said
    for bad in ('', '\n', 'x' * 300 + '\n'):
        with open(path, 'w', encoding='ascii') as f:
            f.write(bad)
        code, said = configtest('RegenDatabasePasswordFile "%s"\n' % path)
        assert code != 0 and 'first line' in said, said


def test_secret_file(configtest, folder):
    """Too open, somebody else's, empty, too short, not random: each with what to do, and no word of what is in it."""
    path = os.path.join(folder, 'secret')
    env.run([env.REGENCTL, 'secret', 'make', path])
    good = env.read(path)
    assert os.stat(path).st_mode & 0o777 == 0o600 and len(good) == 44
    line = 'RegenSecretFile "%s"\n' % path
    assert configtest(line)[0] == 0
    for mode in (0o640, 0o604, 0o620, 0o602):
        os.chmod(path, mode)
        code, said = configtest(line)
        assert code != 0 and 'mode 600' in said and path in said and 'chmod' not in said and 'Syntax error on line 1 of ' in said, said
    os.chmod(path, 0o600)
    for bad, words in (('', 'has no key'), ('# only words\n', 'has no key'), (good[1:], 'line 1 of'), ('A' * 43 + '\n', 'line 1 of'),
                       (good + good[:20], 'line 2 of'), (good * 9, 'more than 8 keys'), ('x' * 5000, 'not a file of keys')):
        with open(path, 'w', encoding='ascii') as f:
            f.write(bad)
        code, said = configtest(line)
        assert code != 0 and words in said and path in said, said
        assert good.strip() not in said and 'x' * 20 not in said
    with open(path, 'w', encoding='ascii') as f:
        f.write('# made today\n\n' + good)
    assert configtest(line)[0] == 0


def test_secret_file_of_another(configtest, folder):
    if os.geteuid() != 0:
        pytest.skip('only root can give a file away')
    path = os.path.join(folder, 'secret')
    env.run([env.REGENCTL, 'secret', 'make', path])
    os.chown(path, 65534, 65534)
    code, said = configtest('RegenSecretFile "%s"\n' % path)
    assert code != 0 and 'chown root ' + path in said, said


def test_broken_template(configtest, folder):
    templates = shutil.copytree(os.path.join(env.ROOT, 'conf', 'templates'), os.path.join(folder, 't'))
    line = 'RegenTemplates "%s"' % templates
    assert configtest(conf(templates=line), only=True)[0] == 0
    with open(os.path.join(templates, 'patient', 'times.html'), 'a', encoding='utf-8') as f:
        f.write('{{#days}}\n')
    code, said = configtest(conf(templates=line), only=True)
    assert code != 0 and 'patient/times.html' in said and 'days' in said and 'line 3 of' in said, said
    os.remove(os.path.join(templates, 'patient', 'times.html'))
    code, said = configtest(conf(templates=line), only=True)
    assert code != 0 and 'has no patient/times.html' in said, said


def test_templates_without_folders(configtest, folder):
    """A clinic's own copy of the templates from before they had folders, alone and with the new ones beside them."""
    templates = os.path.join(folder, 't')
    os.mkdir(templates)
    shutil.copy(os.path.join(env.ROOT, 'conf', 'templates', 'part', 'head.html'), templates)
    for _ in range(2):
        code, said = configtest(conf(templates='RegenTemplates "%s"' % templates), only=True)
        assert code != 0 and 't/head.html: templates are in folders now' in said and 'Upgrading' in said and 'line 3 of' in said, said
        shutil.copytree(os.path.join(env.ROOT, 'conf', 'templates'), templates, dirs_exist_ok=True)
    os.remove(os.path.join(templates, 'head.html'))
    assert configtest(conf(templates='RegenTemplates "%s"' % templates), only=True)[0] == 0


def test_static_file_too_large(configtest, folder):
    with open(os.path.join(folder, 'big.js'), 'w', encoding='ascii') as f:
        f.write('x' * (1024 * 1024 + 1))
    code, said = configtest('RegenStatic "%s"\n' % folder)
    assert code != 0 and 'big.js' in said and '1 MiB' in said, said


def test_the_reference_is_sound(configtest):
    """conf/regen.conf as shipped does nothing and passes."""
    code, said = configtest(env.read(os.path.join(env.ROOT, 'conf', 'regen.conf')), only=True)
    assert code == 0, said


def test_virtual_host_that_says_nothing(servers, server):
    one = servers(extra='<VirtualHost *>\nServerName 127.0.0.1\n</VirtualHost>\n<VirtualHost *>\nServerName other.example\n</VirtualHost>\n')
    with one.visitor() as visitor:
        for host in ('127.0.0.1', 'other.example'):
            assert visitor.get('/health', headers={'Host': host}).status_code == 200
            assert 'regen_p=' in visitor.get('/login', headers={'Host': host}).headers['set-cookie']
            visitor.client.cookies.clear()
        # One pool for all three, though httpd sees three servers.
        status = visitor.client.get(one.origin + '/server-status?auto').text
    lines = [line for line in status.splitlines() if line.startswith('RegenClinic: ')]
    assert len(lines) == 3 and len({line.split(' ', 2)[2] for line in lines}) == 1 and 'database=up' in lines[0], lines


def test_virtual_hosts(servers, server):
    """A virtual host inherits what it does not say itself, also the <Location> of the main server."""
    one = servers(extra='<VirtualHost *>\nServerName 127.0.0.1\nRegenCookieSecure On\n</VirtualHost>\n')
    answer = one.visitor().get('/login')
    assert answer.status_code == 200
    assert '__Host-regen_p=' in answer.headers['set-cookie'] and 'Secure' in answer.headers['set-cookie']


# Main server, virtual host, and under which base the virtual host's pages and API then are.
BASES = [
    ('RegenPublicBase HTTPS://Book.Clinic.example:443/clinic/', '', 'https://book.clinic.example/clinic'),
    ('ServerName https://book.clinic.example', '', None),
    ('', 'ServerName https://book.clinic.example:8443', 'https://book.clinic.example:8443/clinic'),
    ('', 'ServerName https://book.clinic.example', 'https://book.clinic.example/clinic'),
    ('', 'RegenPublicBase https://book.clinic.example\nServerName https://other.example', 'https://book.clinic.example'),
    ('RegenPublicBase https://main.example', 'RegenPublicBase https://[2001:DB8::1]:8443/', 'https://[2001:db8::1]:8443'),
    ('RegenPublicBase https://main.example', '<Location /clinic>\nRegenPublicBase https://book.clinic.example/x\n</Location>', 'https://book.clinic.example/x'),
    ('<Location /clinic>\nRegenPublicBase https://main.example\n</Location>', 'RegenPublicBase https://book.clinic.example', 'https://book.clinic.example'),
    ('RegenPublicBase https://main.example/a\nRegenFHIRBase https://api.example/r4', '', 'https://main.example/a'),
]


@pytest.mark.parametrize('main,host,base', BASES, ids=['%d' % i for i in range(len(BASES))])
def test_public_base(servers, server, main, host, base):
    """Said nearest goes first: in the virtual host, in the main server, by a ServerName with its scheme. Never by a port."""
    said = '<VirtualHost *>\n%s\n</VirtualHost>\n' % host
    of_main = main if 'RegenPublicBase' in main else main + '\nRegenPublicBase https://main.example/clinic' if base else main
    if 'ServerName' in host:  # it would be inherited, and goes over ServerName
        of_main = 'ServerName https://main.example'
    one = servers(only=conf(of_main, said, base=None), start=False)
    one.port = env.free_port()
    if base is None:
        code, said = one.configtest()
        assert code != 0 and 'RegenPublicBase is missing for /clinic in the virtual host of line' in said, said
        return
    one.start()
    with one.machine(accept='application/json') as api:
        assert api.get('/metadata').json()['implementation']['url'] == ('https://api.example/r4' if 'api.example' in main else base + '/fhir')
        path = base.split('/', 3)[3:]
        assert api.get(one.base + '/').text.count('href="%s/static/' % ('/' + path[0] if path else '')) == 2


def test_a_base_that_is_not_https(configtest):
    for base, told in (('http://clinic.example/clinic', True), ('http://127.evil.example', True), ('http://notlocalhost:8080/clinic', True),
                       ('https://clinic.example', False), ('http://127.0.0.1:8080/clinic', False), ('http://[::1]/clinic', False),
                       ('http://localhost:8080/clinic', False), ('http://desk.localhost/', False)):
        code, said = configtest(conf(base='RegenPublicBase ' + base), only=True)
        assert code == 0 and ('RG03113' in said) == told, said


def test_one_database_under_two_bases(configtest, checked):
    """Told, and allowed."""
    host = '<VirtualHost *>\nServerName a.example\n%s\n</VirtualHost>\n'
    code, said = configtest(conf(host % 'RegenPublicBase https://a.example/clinic'), only=True)
    assert code == 0 and said.count('RG03114') == 1 and 'two public bases for /clinic' in said and 'https://a.example/clinic in the virtual host of line 10' in said, said
    for same in ('RegenPublicBase http://127.0.0.1:%d/clinic/' % checked[True].port, '', 'RegenPublicBase https://a.example\nRegenDatabaseName other'):
        code, said = configtest(conf(host % same), only=True)
        assert code == 0 and 'RG03114' not in said, said


def test_mistakes_do_not_end_a_running_server(servers, server):
    one = servers()
    assert one.visitor().get('/health').status_code == 200
    for bad in ('RegenHoldTime 0', 'RegenSessionIdle 12h\nRegenSessionMax 1h', 'RegenTemplates /nowhere'):
        one.env['EXTRA'] = one.write('extra.conf', bad + '\n')
        done = one.graceful()
        assert done.returncode != 0, done.stderr
        assert one.visitor().get('/health').status_code == 200
    one.env['EXTRA'] = one.write('extra.conf', 'RegenHoldTime 5min\n')
    assert one.graceful().returncode == 0
    env.wait_until(lambda: one.visitor().get('/health').status_code == 200)


@pytest.mark.parametrize('lines, said', [
    ('RegenMailTransport maildir', 'RegenMailFrom is missing'),
    ('RegenMailTransport maildir\nRegenMailFrom a@b.example', 'RegenMailFolder is missing'),
    ('RegenMailTransport command\nRegenMailFrom a@b.example', 'RegenMailCommand is missing'),
    ('RegenMailTransport smtp\nRegenMailFrom a@b.example', 'RegenMailServer must name the mail server'),
    ('RegenMailTransport smtp\nRegenMailFrom a@b.example\nRegenMailServer mail.example', 'RegenMailServer must name the mail server'),
    ('RegenMailTransport smtp\nRegenMailFrom a@b.example\nRegenMailServer https://mail.example', 'RegenMailServer must name the mail server'),
    ('RegenMailTransport smtp\nRegenMailFrom a@b.example\nRegenMailServer smtp://mail.example\nRegenMailStartTLS Off',
     'RegenMailStartTLS Off is only for a mail server on this machine'),
    ('RegenMailTransport smtp\nRegenMailFrom a@b.example\nRegenMailServer smtp://mail.example\nRegenMailUser x',
     'RegenMailUser and RegenMailPasswordFile belong together')])
def test_letters_need_each_other(configtest, lines, said):
    code, text = configtest(lines + '\n')
    assert code == 1 and said in text and 'Syntax error on line' in text and 'extra.conf' in text


def test_a_mail_password_that_others_read(configtest, tmp_path):
    word = tmp_path / 'word'
    word.write_text('secret\n')
    word.chmod(0o644)
    code, text = configtest('RegenMailPasswordFile "%s"\n' % word)
    assert code == 1 and 'mode 600' in text and 'secret\n' not in text


def test_sound_letters(configtest, tmp_path):
    for lines in ('RegenMailTransport Off', 'RegenMailTransport maildir\nRegenMailFrom "Clinic <a@b.example>"\nRegenMailFolder "%s"' % tmp_path,
                  'RegenMailTransport smtp\nRegenMailFrom a@b.example\nRegenMailServer smtp://localhost:25\nRegenMailStartTLS Off',
                  'RegenMailTransport command\nRegenMailFrom a@b.example\nRegenMailCommand "/bin/cat -u"\nRegenMailDetail full'):
        code, text = configtest(lines + '\n')
        assert code == 0, text
