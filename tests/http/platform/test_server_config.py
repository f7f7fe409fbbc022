# SPDX-License-Identifier: Apache-2.0
"""What a sysadmin hands over and watches: folders that are published, files of secrets, health, the log of what strangers
try, and the sample clinic that keeps away from people who exist."""
import os
import re
import shutil
import subprocess

import pymysql
import pytest

import env

pytestmark = pytest.mark.once

CONF = os.path.join(env.ROOT, 'conf')


@pytest.fixture
def folder(tmp_path):
    """A copy of a folder of conf/ that a test may spoil."""
    os.chmod(tmp_path, 0o755)

    def make(name):
        return str(shutil.copytree(os.path.join(CONF, name), tmp_path / name))

    return make


@pytest.mark.parametrize('directive,name,file', [('RegenStatic', 'static', 'shadow.css'), ('RegenTemplates', 'templates', 'part/shadow.html')])
def test_links_out_of_a_folder(folder, configtest, tmp_path, directive, name, file):
    there = folder(name)
    secret = tmp_path / 'secret'
    secret.write_text('secret', encoding='utf-8')
    secret.chmod(0o600)
    os.symlink(secret, os.path.join(there, file))
    code, said = configtest('%s %s' % (directive, there))
    assert code == 1 and file in said and 'leads out of the folder' in said
    os.unlink(os.path.join(there, file))
    os.symlink(os.path.relpath('/etc/passwd', os.path.dirname(os.path.realpath(os.path.join(there, file)))), os.path.join(there, file))
    code, said = configtest('%s %s' % (directive, there))
    assert code == 1 and 'leads out of the folder' in said
    os.unlink(os.path.join(there, file))
    os.symlink(os.path.join(there, 'missing'), os.path.join(there, file))
    code, said = configtest('%s %s' % (directive, there))
    assert code == 1 and 'cannot be read' in said
    os.unlink(os.path.join(there, file))
    os.mkfifo(os.path.join(there, file))
    code, said = configtest('%s %s' % (directive, there))
    assert code == 1 and 'cannot be read' in said


def test_links_inside_a_folder(folder, configtest):
    there = folder('static')
    os.symlink('regen.css', os.path.join(there, 'other.css'))
    code, said = configtest('RegenStatic %s' % there)
    assert code == 0, said


@pytest.mark.skipif(os.geteuid() != 0, reason='only root can give files away')
def test_a_file_of_somebody_else(folder, configtest):
    """A hard link in a web editor's folder to what the editor may not read."""
    there = folder('static')
    path = os.path.join(there, 'shadow.css')
    with open(path, 'w', encoding='utf-8') as f:
        f.write('secret')
    os.chmod(path, 0o640)
    os.chown(there, 33, 33)
    code, said = configtest('RegenStatic %s' % there)
    assert code == 1 and 'belongs to a different owner' in said


@pytest.mark.parametrize('line,words', [(b'\xef\xbb\xbfword\n', 'byte order mark'), (b'word \n', 'space'), (b' word\n', 'space'),
                                        (b'word\t\n', 'space'), (b'wo\x01rd\n', 'control characters')])
def test_password_files(configtest, tmp_path, database, line, words):
    path = tmp_path / 'password'
    path.write_bytes(line)
    path.chmod(0o600)
    code, said = configtest('RegenDatabasePasswordFile %s' % path)
    assert code == 1 and words in said
    done = subprocess.run([env.REGENCTL, '--socket', database.socket, '--user', 'regen', '--database', 'regen', '--password-file', str(path),
                           'status'], capture_output=True, text=True, check=False)
    assert done.returncode == 2 and words in done.stderr


def test_a_password_file_of_windows(configtest, tmp_path):
    path = tmp_path / 'password'
    path.write_bytes(b'word\r\n')
    path.chmod(0o600)
    assert configtest('RegenDatabasePasswordFile %s' % path)[0] == 0


@pytest.mark.parametrize('line,words', [('RegenDatabaseHost db.example.org:3306', 'RegenDatabasePort'), ('RegenDatabaseHost 10.0.0.7:3306', 'RegenDatabasePort')])
def test_host_and_port(configtest, line, words):
    code, said = configtest(line)
    assert code == 1 and words in said


@pytest.mark.parametrize('data', [b'', b'hello\n', b'-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n', b'\x30\x82\x01\x00' * 80,
                                  b'-----BEGIN CERTIFICATE-----\n' + b'QUJD' * 200 + b'\n'])
def test_what_is_no_certificate(configtest, tmp_path, data):
    path = tmp_path / 'ca.pem'
    path.write_bytes(data)
    code, said = configtest('RegenDatabaseTLSCA %s' % path)
    assert code == 1 and 'RegenDatabaseTLSCA must be a PEM file' in said


def test_a_certificate(configtest):
    """authority.pem signed nothing; its key was thrown away."""
    made = os.path.join(env.ROOT, 'tests/http/platform/authority.pem')
    assert 'PEM' not in configtest('RegenDatabaseTLSCA "%s"' % made)[1]


def test_sizes_are_worked_out(database):
    """Children, connections and statements against what the server allows."""
    done = env.run([env.REGENCTL, '--socket', database.socket, '--user', 'regen', '--password-file', os.path.join(database.dir, 'password'),
                    '--database', 'regen', '--children', '30', '--connections', '8', 'check'], check=False)
    assert done.returncode == 1
    assert '30 children with 8 connections each make 480 connections at a graceful restart, but max_connections is 400' in done.stdout
    assert 'keep up to 61440 prepared statements, but max_prepared_stmt_count is 16382' in done.stdout
    assert env.regenctl(database, 'check').stdout.endswith('0 contradictions\n')


def test_the_clock_is_the_databases(template, new_database):
    """Nobody with the module's password chooses the time of what they insert, and `regenctl check` says where they could."""
    database = new_database(template)
    with database.connect(user='regen') as db, db.cursor() as sql:
        with pytest.raises(pymysql.MySQLError, match='Access denied|secure_timestamp'):
            sql.execute('SET timestamp = 60')
    assert 'secure_timestamp' not in env.regenctl(database, 'check').stdout
    database.stop()
    database.options = '--secure-timestamp=NO'
    database.start()
    done = env.regenctl(database, 'check', check=False)
    assert done.returncode == 1 and 'secure_timestamp is NO' in done.stdout, done.stdout


def test_settings_that_nothing_reads(configtest):
    code, said = configtest('RegenHoldTime 10min\n', only=True)
    assert code == 0 and 'RG03112' in said and 'no RegenEngine On' in said
    assert 'RG03112' not in configtest('RegenHoldTime 10min')[1]


# --- health -----------------------------------------------------------------------------------------------------------------

@pytest.fixture
def own(new_clinic):
    database, one = new_clinic(extra='RegenDatabaseConnectTimeout 1s\nRegenDatabaseIOTimeout 2s\n')
    one.start()
    return database, one


def ready(one):
    with one.visitor() as v:
        assert v.get('/health/live').status_code == 200
        return v.get('/health/ready').status_code == 200


@pytest.mark.allows_log('RG01001', 'RG01002', 'RG01030', 'RG01031')
def test_ready_writes(own):
    database, one = own
    rows = [database.value('SELECT COUNT(*) FROM service_day'), database.value('SELECT SUM(changes) FROM calendar_version')]
    assert ready(one)
    assert rows == [database.value('SELECT COUNT(*) FROM service_day'), database.value('SELECT SUM(changes) FROM calendar_version')]
    database.admin('SET GLOBAL read_only = 1')
    assert not ready(one)
    with one.visitor() as v:
        assert v.get('/health').status_code == 503
    assert 'Nothing can be written' in env.regenctl(database, 'check', check=False).stdout
    database.admin('SET GLOBAL read_only = 0')
    assert ready(one)
    # The account that migrated, and whose triggers they are, is removed by somebody who tidies up.
    database.admin('RENAME USER regen_owner@localhost TO gone@localhost; FLUSH PRIVILEGES')
    one.graceful()
    env.wait_until(lambda: not ready(one), 10)
    database.admin('RENAME USER gone@localhost TO regen_owner@localhost; FLUSH PRIVILEGES')
    env.wait_until(lambda: ready(one), 10)
    database.kill()
    # Told by a process that could not connect, when it can again: not by one that only lost a connection, or was not asked.
    env.wait_until(lambda: not ready(one) and 'RG01030' in env.read(one.error_log), 10)
    database.start()
    env.wait_until(lambda: ready(one) and 'RG01031' in env.read(one.error_log), 15)


# --- what is told at warn ---------------------------------------------------------------------------------------------------

def test_lines_for_fail2ban(servers, database, server):
    one = servers(extra='LogLevel warn\nLogLevel regen:warn\nErrorLogFormat "[%t] [%-m:%l] [pid %P] [client %a] %M"\n')
    with one.visitor() as v:
        v.open('/login').form(having='password').fill(login='NobodyCalledThat', password='SecretWord').submit()
        page = v.open('/login').form(having='password').fill(login='x', password='y')
        page.submit(origin='https://evil.example')
    said = env.read(one.error_log)
    assert re.search(r'\[client 127\.0\.0\.1:\d+\] RG03040: Login refused', said), said
    assert re.search(r'\[client 127\.0\.0\.1:\d+\] RG03020: POST /login: The request came from another site', said)
    assert 'NobodyCalledThat' not in said and 'SecretWord' not in said


# --- the sample clinic ------------------------------------------------------------------------------------------------------

def sample_load(database, *files):
    return env.regenctl(database, 'load', *(os.path.join(env.ROOT, 'sql/sample', f) for f in files), check=False)


def test_sample_refuses_a_database_in_use(new_database):
    database = new_database()
    env.regenctl(database, 'migrate', os.path.join(env.ROOT, 'sql'), owner=True)
    database.rows("INSERT INTO staff (id, login, name) VALUES (4, 'erika', 'Erika M')")
    for files in (['clinic.sql'], ['forms.sql']):
        done = sample_load(database, *files)
        assert done.returncode == 1 and ('in use' in done.stderr or 'load sample/clinic.sql first' in done.stderr)
    assert database.value('SELECT COUNT(*) FROM staff_role') == 0 == database.value('SELECT COUNT(*) FROM site')
    assert database.rows('SELECT id, login FROM staff') == ((4, 'erika'),)


def test_sample_again_changes_nobody(new_database):
    """A second load of the same files, as make run does, keeps roles as people set them."""
    database = new_database()
    env.regenctl(database, 'migrate', os.path.join(env.ROOT, 'sql'), owner=True)
    assert sample_load(database, 'clinic.sql', 'forms.sql').returncode == 0
    database.rows('DELETE FROM staff_role WHERE staff_id = 3')
    database.rows('DELETE FROM staff WHERE id = 3')
    database.rows("INSERT INTO staff (id, login, name) VALUES (3, 'erika', 'Erika M')")
    assert sample_load(database, 'clinic.sql', 'forms.sql').returncode == 0
    assert database.value('SELECT COUNT(*) FROM staff_role WHERE staff_id = 3') == 0
    assert database.value("SELECT COUNT(*) FROM staff WHERE login = 'billing'") == 0
