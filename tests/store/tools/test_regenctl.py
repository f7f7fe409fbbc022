# SPDX-License-Identifier: Apache-2.0
"""regenctl from outside: settings, exit codes, secrets, staff, tokens, and the export of claims in constant memory."""
import base64
import os
import re
import subprocess
import xml.etree.ElementTree as ElementTree

import pytest

import env

FHIR = '{http://hl7.org/fhir}'
SQL = os.path.join(env.ROOT, 'sql')


@pytest.fixture(scope='module')
def clinic(database):
    """The shared database with schema and sample clinic."""
    for args in (('migrate', SQL), ('load', os.path.join(SQL, 'sample', 'clinic.sql'))):
        env.regenctl(database, *args, owner=True)
    return database


def bare(*args, **options):
    return subprocess.run([env.REGENCTL, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
                          **options)


# --- the command line -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize('args', [
    (), ('nonsense',), ('staff',), ('staff', 'nonsense'), ('--nonsense',), ('migrate',), ('migrate', 'a', 'b'),
    ('staff', 'add', 'x'), ('claims', 'export', '--nonsense'), ('token', 'revoke'), ('-f',),
])
def test_wrong_command_lines(args):
    done = bare(*args)
    assert done.returncode == 2 and done.stdout == '' and done.stderr


def test_help_and_version_need_no_database():
    text = bare('help').stdout
    for word in ('migrate DIR', 'status', 'load FILE', 'staff add LOGIN', 'staff password LOGIN', 'token create', 'token revoke',
                 'token list', 'sweep', 'rebuild', 'check', 'claims export', 'exit codes'):
        assert word in text
    assert bare('-h').stdout == text
    assert bare('version').returncode == 0


@pytest.mark.parametrize('args, told', [
    (('staff', '--help'), ['staff add', 'staff password']), (('token', 'create', '-h'), ['token create', 'token list', 'token revoke']),
    (('service', 'import', 'x', '--help'), ['service export', 'service import']), (('sweep', '--help'), ['sweep'])])
def test_help_of_a_command_needs_no_database(args, told):
    done = bare(*args)
    lines = [line.strip() for line in done.stdout.splitlines() if not line.startswith('   ')]
    assert done.returncode == 0 and done.stderr == ''
    assert [name for name in told if any(line.startswith(name) for line in lines)] == told
    assert all(line.startswith(args[0]) for line in lines)


def test_half_a_command_is_told_the_rest():
    done = bare('feed')
    assert done.returncode == 2 and 'feed revoke NUMBER' in done.stderr


def test_readme_lists_every_command():
    readme = env.read(os.path.join(env.ROOT, 'mod_regen/tools/README.md'))
    for line in bare('help').stdout.splitlines():
        if line.startswith('  ') and not line.startswith('   ') and not line.startswith('  -'):
            assert '`%s`' % line.strip() in readme


def test_full_disk_is_not_success():
    with open('/dev/full', 'w') as full:
        done = subprocess.run([env.REGENCTL, 'help'], stdout=full, stderr=subprocess.PIPE, timeout=60)
    assert done.returncode == 1


# --- settings -----------------------------------------------------------------------------------------------------------

def settings(tmp_path, text):
    path = tmp_path / 'regenctl.conf'
    path.write_text(text)
    return str(path)


def test_settings_file(clinic, tmp_path):
    path = settings(tmp_path, '# a comment\n\n  socket %s  \nuser\tregen\ndatabase regen\npassword-file %s\n'
                    % (clinic.socket, clinic.password_file))
    done = bare('-f', path, 'status')
    assert done.returncode == 0, done.stderr
    # An option goes over the file.
    done = bare('-f', path, '--socket', '/nonexistent', 'status')
    assert done.returncode == 3 and 'RG01030' in done.stderr


@pytest.mark.parametrize('text, words', [
    ('sokket /x\n', ':1: there is no setting called sokket'),
    ('user x\nport 0\n', ':2: port must be a number from 1 to 65535'),
    ('user\n', ':1: user has no value'),
    ('user x\n', 'socket (or host), user and database must be set'),
    ('socket /x\nuser x\ndatabase x\npassword-file /nonexistent\n', '/nonexistent: No such file'),
    ('user ' + 'x' * 2000 + '\n', 'too long'),
])
def test_wrong_settings(tmp_path, text, words):
    done = bare('-f', settings(tmp_path, text), 'status')
    assert done.returncode == 2 and words in done.stderr


def test_missing_settings_file():
    assert bare('-f', '/nonexistent', 'status').returncode == 2


def test_empty_password_file_is_no_password(tmp_path):
    (tmp_path / 'empty').write_text('\n')
    done = bare('--socket', '/x', '--user', 'x', '--database', 'x', '--password-file', str(tmp_path / 'empty'), 'status')
    assert done.returncode == 2 and 'first line is empty' in done.stderr


def test_open_password_file_is_said(clinic, tmp_path):
    path = tmp_path / 'word'
    path.write_text(env.read(clinic.password_file))
    path.chmod(0o644)
    done = bare('--socket', clinic.socket, '--user', 'regen', '--database', 'regen', '--password-file', str(path), 'status')
    assert done.returncode == 0 and 'everybody on this machine can read' in done.stderr


def test_wrong_password_is_not_shown(clinic, tmp_path):
    path = tmp_path / 'word'
    path.write_text('hunter2-hunter2\n')
    path.chmod(0o600)
    done = bare('--socket', clinic.socket, '--user', 'regen', '--database', 'regen', '--password-file', str(path), 'status')
    assert done.returncode == 3 and 'hunter2' not in done.stdout + done.stderr


# --- staff and tokens ------------------------------------------------------------------------------------------------------

def test_staff(clinic, tmp_path):
    def ctl(*args, word=None):
        command = ['--socket', clinic.socket, '--user', 'regen', '--database', 'regen', '--password-file',
                   clinic.password_file, '--secret-file', clinic.secret_file, *args]
        return subprocess.run([env.REGENCTL, *command], input=word or '', capture_output=True, text=True, timeout=60)

    made = ctl('staff', 'add', 'ctl.person', 'Zoë  Testperson', '--role', 'billing,front-desk')
    assert made.returncode == 0, made.stderr
    assert clinic.rows('SELECT s.name, r.role FROM staff s JOIN staff_role r ON r.staff_id = s.id WHERE login = %s ORDER BY 2',
                       'ctl.person') == (('Zoë Testperson', 'front-desk'), ('Zoë Testperson', 'billing'))
    assert clinic.value('SELECT COUNT(*) FROM audit_event WHERE action = %s', 'staff-add') >= 1
    again = ctl('staff', 'add', 'ctl.person', 'Another', '--role', 'admin')
    assert again.returncode == 1 and 'This login already exists' in again.stderr
    for args, code, words in (
            (('ctl.x', 'X', '--role', 'owner'), 2, 'owner is not a role'),
            (('ctl.x', 'X', '--role', 'patient'), 2, 'patient is not a role'),
            (('ctl.x', 'X'), 2, '--role'),
            (('ctl x', 'X', '--role', 'admin'), 1, 'login'),
            (('ctl.x', ' ', '--role', 'admin'), 1, 'name'),
            (('ctl.x', 'X', '--role', 'clinician', '--practitioner', 'nobody'), 1, 'no practitioner')):
        done = ctl('staff', 'add', *args)
        assert done.returncode == code and words in done.stderr, args
    assert clinic.value('SELECT COUNT(*) FROM staff WHERE login LIKE %s', 'ctl.x%') == 0

    code = clinic.value("SELECT code FROM resource WHERE kind = 'practitioner' ORDER BY id LIMIT 1")
    assert ctl('staff', 'add', 'ctl.doctor', 'Doctor', '--role', 'clinician', '--practitioner', code).returncode == 0
    assert clinic.value('SELECT r.code FROM staff s JOIN resource r ON r.id = s.resource_id WHERE login = %s', 'ctl.doctor') == code

    linked = 'SELECT r.code FROM staff s LEFT JOIN resource r ON r.id = s.resource_id WHERE login = %s'
    assert ctl('staff', 'practitioner', 'ctl.person', code).returncode == 0 and clinic.value(linked, 'ctl.person') == code
    for args in (('ctl.person', 'procedure-1'), ('ctl.nobody', code), ('ctl.person', 'nobody')):
        assert ctl('staff', 'practitioner', *args).returncode != 0 and clinic.value(linked, 'ctl.person') == code, args
    assert ctl('staff', 'practitioner', 'ctl.person', 'none').returncode == 0 and clinic.value(linked, 'ctl.person') is None
    assert ctl('staff', 'password', 'ctl.person', word='zebra lamp forty tin\n').returncode == 0
    first = clinic.value('SELECT password_hash FROM staff WHERE login = %s', 'ctl.person')
    assert first.startswith('$argon2id$')
    (tmp_path / 'word').write_text('violet tram nine kettles\n')
    (tmp_path / 'word').chmod(0o600)
    assert ctl('staff', 'password', 'ctl.person', '--password-file', str(tmp_path / 'word')).returncode == 0
    assert clinic.value('SELECT password_hash FROM staff WHERE login = %s', 'ctl.person') != first
    # Somebody leaves, and comes back.
    clinic.rows("UPDATE staff SET failures = 3, locked_until = UNIX_TIMESTAMP() + 900 WHERE login = 'ctl.person'")
    listed = ctl('staff', 'list').stdout
    assert re.search(r'^ctl.person +locked +front-desk,billing +Zoë Testperson$', listed, re.M), listed
    assert ctl('staff', 'unlock', 'ctl.person').returncode == 0
    assert clinic.value("SELECT failures + locked_until FROM staff WHERE login = 'ctl.person'") == 0
    assert ctl('staff', 'disable', 'CTL.person').returncode == 0
    assert re.search(r'^ctl.person +disabled', ctl('staff', 'list').stdout, re.M)
    assert ctl('staff', 'enable', 'ctl.person').returncode == 0
    assert re.search(r'^ctl.person +active', ctl('staff', 'list').stdout, re.M)
    assert ctl('staff', 'end-sessions', 'ctl.person').returncode == 0
    assert ctl('staff', 'disable', 'ctl.nobody').returncode == 1
    # The last administrator stays.
    admins = [r[0] for r in clinic.rows("SELECT s.login FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role = 'admin' WHERE s.active = 1")]
    done = [ctl('staff', 'disable', login) for login in admins]
    assert [d.returncode for d in done] == [0] * (len(admins) - 1) + [1] and 'last administrator' in done[-1].stderr
    for login in admins:
        assert ctl('staff', 'enable', login).returncode == 0

    assert ctl('staff', 'password', 'ctl.nobody', word='zebra lamp forty tin\n').returncode == 1
    assert ctl('staff', 'password', 'ctl.person', word='short\n').returncode == 1
    assert ctl('staff', 'password', 'ctl.person', word='').returncode == 2


def test_tokens(clinic):
    made = env.regenctl(clinic, 'token', 'create', 'ctl-token', '--scopes', 'system/Claim.read', '--days', '3')
    token = made.stdout.strip()
    assert len(token) == 43
    # What is stored is of no use to whoever reads it.
    assert [len(row[0]) for row in clinic.rows("SELECT token_hash FROM api_token WHERE name = 'ctl-token'")] == [32]
    raw = base64.urlsafe_b64decode(token + '=')
    assert clinic.value('SELECT COUNT(*) FROM api_token WHERE token_hash = %s', raw) == 0
    listed = env.regenctl(clinic, 'token', 'list').stdout
    assert 'ctl-token' in listed and 'system/Claim.read' in listed and token not in listed
    assert env.regenctl(clinic, 'token', 'revoke', 'ctl-token').returncode == 0
    line = [l for l in env.regenctl(clinic, 'token', 'list').stdout.splitlines() if l.startswith('ctl-token ')]
    assert len(line) == 1 and 'revoked' in line[0]
    assert env.regenctl(clinic, 'token', 'revoke', 'ctl-nothing', check=False).returncode == 1
    for days in ('0', '-1', 'x', '99999'):
        assert env.regenctl(clinic, 'token', 'create', 'y', '--scopes', 'system/Claim.read', '--days', days,
                            check=False).returncode == 2


def test_upkeep(clinic):
    assert 'expired holds released' in env.regenctl(clinic, 'sweep').stdout
    assert '0 rows of the read model were wrong' in env.regenctl(clinic, 'rebuild').stdout
    assert env.regenctl(clinic, 'check').stdout.endswith('0 contradictions\n')


# --- claims ------------------------------------------------------------------------------------------------------------------

PAD = 8000


def put_claims(database, first, last, day):
    """Emitted claims FIRST..LAST, 12.34 each, as the billing page would leave them; only what an export reads is real."""
    link = database.connect()
    try:
        with link.cursor() as cursor:
            cursor.execute('SET foreign_key_checks = 0')
            cursor.execute(
                "INSERT INTO claim (uid, claim_no, booking_id, patient_id, payer_id, frequency, created_at, created_by, "
                "service_date, total_minor, currency, json, xml, xml_sha256) SELECT LPAD(seq, 26, '0'), CONCAT('T', seq), "
                "900000000 + seq, 1, 1, '1', 0, 1, %s, 1234, 'USD', '{}', CONCAT('<?xml version=\"1.0\" encoding=\"UTF-8\"?>\\n"
                "<Claim xmlns=\"http://hl7.org/fhir\"><id value=\"', seq, '\"/><!--', REPEAT('x', %s), '--></Claim>\\n'), "
                "REPEAT('0', 32) FROM seq_" + '%d_to_%d' % (first, last), (day, PAD))
    finally:
        link.close()


@pytest.fixture(scope='module')
def claims(new_module_database):
    database = new_module_database
    env.regenctl(database, 'migrate', SQL, owner=True)
    env.regenctl(database, 'load', os.path.join(SQL, 'sample', 'clinic.sql'), owner=True)
    put_claims(database, 1, 300, '2026-03-01')
    put_claims(database, 301, 10000, '2026-04-01')
    return database


@pytest.fixture(scope='module')
def new_module_database():
    one = env.Database(env.work_folder('claims-' + os.environ.get('PYTEST_XDIST_WORKER', 'gw'))).start()
    yield one
    one.stop()


def export(database, path, first, last, *more):
    """(exit code, output, peak KiB of the process)"""
    argv = [env.REGENCTL, '--socket', database.socket, '--user', 'regen', '--password-file', database.password_file,
            '--database', 'regen', *more, 'claims', 'export', '--from', first, '--to', last, '--output', path]
    child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = child.stdout.read()
    _, status, use = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    return child.returncode, said, use.ru_maxrss


def test_export(claims, tmp_path):
    path = str(tmp_path / 'bundle.xml')
    code, said, _ = export(claims, path, '2026-02-01', '2026-03-31', '--fhir-base', 'https://clinic.example/fhir')
    assert code == 0 and said == '%s: 300 claims.\nTotal: 3702.00 USD.\n' % path
    bundle = ElementTree.parse(path).getroot()
    assert bundle.tag == FHIR + 'Bundle' and bundle.find(FHIR + 'type').get('value') == 'collection'
    ids = [e.find('%sresource/%sClaim/%sid' % (FHIR, FHIR, FHIR)).get('value') for e in bundle.findall(FHIR + 'entry')]
    assert ids == [str(i) for i in range(1, 301)]
    assert bundle.find('%sentry/%sfullUrl' % (FHIR, FHIR)).get('value') == 'https://clinic.example/fhir/Claim/' + '1'.zfill(26)
    assert os.stat(path).st_mode & 0o777 == 0o600
    assert os.listdir(tmp_path) == ['bundle.xml']


def test_export_of_nothing(claims, tmp_path):
    path = str(tmp_path / 'bundle.xml')
    code, said, _ = export(claims, path, '2020-01-01', '2020-01-31')
    assert code == 0 and said == path + ': 0 claims.\n'
    assert ElementTree.parse(path).getroot().tag == FHIR + 'Bundle'


def test_export_in_constant_memory(claims, tmp_path):
    path = str(tmp_path / 'bundle.xml')
    _, _, few = export(claims, path, '2026-03-01', '2026-03-01')
    code, said, many = export(claims, path, '2026-01-01', '2026-12-31')
    assert code == 0 and '10000 claims.\nTotal: 123400.00 USD.\n' in said
    assert os.path.getsize(path) > 10000 * PAD
    assert many - few < 4096, 'KiB at 300 and at 10000 claims: %d, %d' % (few, many)


def test_export_that_fails_leaves_nothing(claims, tmp_path):
    path = str(tmp_path / 'bundle.xml')
    (tmp_path / 'bundle.xml').write_text('what was there before')
    link = claims.connect()
    with link.cursor() as cursor:
        cursor.execute('SET foreign_key_checks = 0')
        cursor.execute("INSERT INTO claim (uid, claim_no, booking_id, patient_id, payer_id, created_at, created_by, service_date, "
                       "total_minor, currency, json, xml, xml_sha256) VALUES (REPEAT('z', 26), 'BROKEN', 1, 1, 1, 0, 1, "
                       "'2026-05-01', 1, 'USD', '{}', '', REPEAT('0', 32))")
    link.close()
    code, said, _ = export(claims, path, '2026-03-01', '2026-05-31')
    assert code == 1 and 'claims' not in said.splitlines()[0]
    assert env.read(path) == 'what was there before' and os.listdir(tmp_path) == ['bundle.xml']
    assert export(claims, '/nonexistent/x.xml', '2026-03-01', '2026-03-01')[0] == 1


@pytest.mark.parametrize('args', [
    ('--from', '2026-02-30', '--to', '2026-03-01', '--output', 'x'), ('--from', '2026-03-02', '--to', '2026-03-01', '--output', 'x'),
    ('--from', '2026-03-01', '--to', '2026-03-01'), ('--to', '2026-03-01', '--output', 'x'),
])
def test_export_asks_for_days_and_a_file(clinic, args):
    assert env.regenctl(clinic, 'claims', 'export', *args, check=False).returncode == 2
