# SPDX-License-Identifier: Apache-2.0
"""regenctl setup: from a database server without a clinic to one that httpd opens. The server keeps a binary log, as many do."""
import os
import pty
import re
import subprocess

import pymysql
import pytest

import env
from fresh import BASE, SQL, WORD, directives, fresh, lines, logging_server  # noqa: F401

pytestmark = pytest.mark.once


def test_dry_run_says_what_and_does_nothing(fresh):
    done = fresh.run('--dry-run')
    assert done.returncode == 0, done.stderr
    told = lines(done.stdout, 'to do')
    for words in ('make the folder', "the installation's secret", 'the password of regen_owner@localhost', 'the password of regen@localhost',
                  'the settings', 'create the database regen', 'create the account regen@localhost',
                  'log_bin_trust_function_creators = 1 until', 'its rights', 'the first administrator'):
        assert any(words in line for line in told), words
    assert not lines(done.stdout, 'done') and not os.path.exists(fresh.folder)
    assert fresh.database.admin("SHOW DATABASES LIKE 'regen'") == ''
    assert fresh.database.admin("SELECT user FROM mysql.user WHERE user LIKE 'regen%'") == ''


@pytest.mark.expects_log('RG02011')
def test_from_nothing_to_a_server(fresh, servers):
    """httpd starts with the directives that setup prints, and finds its database."""
    done = fresh.run()
    assert done.returncode == 0, done.stdout + done.stderr
    assert {n: os.stat(os.path.join(fresh.folder, n)).st_mode & 0o777 for n in os.listdir(fresh.folder)} == {
        'secret': 0o600, 'owner-password': 0o600, 'module-password': 0o600, 'regenctl.conf': 0o640}
    assert os.stat(fresh.folder).st_mode & 0o777 == 0o750
    # No secret is said, and the server guards triggers again.
    files = fresh.files()
    for name in ('secret', 'owner-password', 'module-password'):
        assert files[name].strip() not in done.stdout + done.stderr
    assert WORD not in done.stdout + done.stderr
    assert fresh.database.admin('SELECT @@log_bin_trust_function_creators').strip() == '0'
    # Again: everything is kept, byte for byte.
    again = fresh.run()
    assert again.returncode == 0, again.stderr
    assert fresh.files() == files
    kept = lines(again.stdout, 'kept')
    assert len(kept) == 9 and kept[-1] == 'the login admin, an administrator', kept
    assert fresh.ctl('check').returncode == 0 and fresh.ctl('status').returncode == 0
    # What setup says about `audit verify DIR` on such a server is true.
    assert 'log_bin_trust_function_creators = 1' in done.stdout
    assert 'binary log' in fresh.ctl('audit', 'verify', SQL).stdout
    fresh.database.admin('SET GLOBAL log_bin_trust_function_creators = 1')
    verified = fresh.ctl('audit', 'verify', SQL)
    assert verified.returncode == 0, verified.stdout

    port = env.free_port()
    server = servers(only=directives(done.stdout, port), port=port, database=fresh.database)
    with server.visitor() as page:
        assert page.get('/health/live').status_code == 200
        # The database is what the module needs; the clinic's own data is not there yet.
        assert page.get('/health/ready').status_code == 503
    # The first page after the login says what is missing, whoever logs in.
    for login, role in (('desk', 'front-desk'), ('doctor', 'clinician'), ('bill', 'billing')):
        fresh.ok('staff', 'add', login, login, '--role', role)
        fresh.ok('staff', 'password', login, '--password-file', fresh.word)
    for login in ('admin', 'desk', 'doctor', 'bill'):
        with server.visitor() as one:
            page = one.login(login, WORD)
            assert page.status != 404 and '/login' not in page.url, (login, page)
            assert login == 'bill' or 'This clinic has no site yet.' in page.text, (login, page.text)


def test_least_rights(fresh):
    assert fresh.run().returncode == 0
    module = fresh.connect('regen', 'module-password')
    owner = fresh.connect('regen_owner', 'owner-password')
    refused = [(module, 'DELETE FROM audit_event'), (module, 'UPDATE form_version SET version = 2'), (module, 'DROP TABLE site'),
               (module, 'CREATE TABLE mine (id INT)'), (module, 'UPDATE account_balance SET balance_minor = 0'),
               (owner, 'SELECT * FROM mysql.user'), (owner, 'CREATE USER other@localhost'), (owner, 'CREATE DATABASE regenxverify'),
               (owner, 'SET GLOBAL log_bin_trust_function_creators = 1')]
    for link, sql in refused:
        with link.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as why:
            cursor.execute(sql)
        assert why.value.args[0] in (1044, 1142, 1227), (sql, why.value.args)
    for link, sql in ((module, 'SELECT COUNT(*) FROM audit_event'), (owner, 'CREATE DATABASE regen_verify'), (owner, 'DROP DATABASE regen_verify')):
        with link.cursor() as cursor:
            cursor.execute(sql)
    # Nobody who reads the server's log or its tables finds a password.
    binlog = subprocess.run(['grep', '-c', '-a', '-F', '-e', env.read(os.path.join(fresh.folder, 'module-password')).strip(), '-r', fresh.database.dir,
                             '--include=binlog.*'], capture_output=True, text=True)
    assert binlog.returncode == 1, binlog.stdout


def test_killed_at_every_step(fresh):
    """Killed after each new line: every run goes on where the last one was, and no secret is made twice."""
    seen, secrets, whole = [], {}, False
    while not whole:
        with subprocess.Popen(fresh.argv(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
            for line in child.stdout:
                # Each file of the schema is a line; test_migrate.py kills at every statement.
                new = line not in seen and not line.startswith('kept') and not re.match(r'schema 0\d\d[1-9]', line)
                if new:
                    seen.append(line)
                    child.kill()
                    break
            rest = child.stdout.read()
            whole = child.wait() == 0
        assert whole or child.returncode == -9, rest + child.stderr.read()
        now = fresh.files()
        assert all(now[name] == text for name, text in secrets.items())
        secrets = {name: text for name, text in now.items() if not name.endswith('.new')}
        assert len(seen) < 60
    assert len([s for s in seen if s.startswith('done')]) >= 9, seen
    assert sorted(secrets) == ['module-password', 'owner-password', 'regenctl.conf', 'secret']
    assert fresh.ctl('check').returncode == 0
    assert 'active' in fresh.ctl('staff', 'list').stdout and fresh.ctl('staff', 'list').stdout.count('\n') == 1


def test_what_a_killed_run_left_beside_is_no_obstacle(fresh):
    os.mkdir(fresh.folder)
    for name in ('secret.new', 'owner-password.new', 'module-password.new', 'regenctl.conf.new'):
        fresh.put('etc/' + name, 'half')
    done = fresh.run()
    assert done.returncode == 0, done.stderr
    assert sorted(fresh.files()) == ['module-password', 'owner-password', 'regenctl.conf', 'secret']


def test_answers_in_a_file(fresh):
    answers = fresh.put('answers', '# of the clinic\nmodule-account desk@localhost\ndatabase regen\nlogin jo.admin\nname Jo Sample\n'
                        'public-base https://other.example/c\n')
    fresh.database.admin('DROP USER IF EXISTS desk@localhost')
    # An option goes over the file.
    done = fresh.run(answers)
    assert done.returncode == 0, done.stderr
    assert 'RegenDatabaseUser desk' in done.stdout and 'RegenPublicBase ' + BASE in done.stdout
    assert re.match(r'jo.admin +active +admin +Jo Sample', fresh.ctl('staff', 'list').stdout)
    fresh.database.admin('DROP USER desk@localhost')


@pytest.mark.parametrize('options, words', [
    (dict(more=(), base=False), '--public-base is missing'),
    (dict(more=('--public-base', 'clinic.example')), 'an address with a path'),
    (dict(more=('--public-base', 'https://clinic.example/')), 'without a slash'),
    (dict(more=('--module-account', 'regen')), 'regen@localhost'),
    (dict(more=('--user', 'regen')), 'must not be the account that makes tables'),
])
def test_answers_that_are_wrong_change_nothing(fresh, options, words):
    done = fresh.run(*options.pop('more'), **options)
    assert done.returncode == 2 and words in done.stderr, done.stderr
    assert not os.path.exists(fresh.folder)


@pytest.mark.parametrize('more, words', [
    (('--database', 'bad-name'), 'letters, digits and underscores'),
    (('--module-account', "x'y@localhost"), 'is not an account'),
    (('--db-admin', 'nobody-here'), '--db-admin-password-file'),
    (('--socket', '/nonexistent'), 'Does the server run?'),
])
def test_a_server_that_refuses(fresh, more, words):
    done = fresh.run(*more)
    assert done.returncode in (1, 2, 3) and words in done.stderr, done.stderr
    assert not os.path.exists(fresh.folder)


def test_a_database_of_something_else_is_left_alone(fresh):
    fresh.database.admin('CREATE DATABASE regen; CREATE TABLE regen.blog (id INT)')
    done = fresh.run()
    assert done.returncode == 1 and 'tables of something else' in done.stderr
    assert fresh.database.admin('SHOW TABLES FROM regen').strip() == 'blog' and not os.path.exists(fresh.folder)


def test_an_account_of_somebody_else_keeps_its_password(fresh):
    fresh.database.admin("CREATE USER regen@localhost IDENTIFIED BY 'theirs'")
    fresh.put_folder()
    fresh.put('etc/module-password', 'another word\n')
    done = fresh.run()
    assert done.returncode == 1 and 'regen@localhost cannot log in' in done.stderr and 'choose another name' in done.stderr
    link = pymysql.connect(unix_socket=fresh.database.socket, user='regen', password='theirs')
    link.close()


def test_another_answer_than_the_settings_that_exist(fresh):
    assert fresh.run().returncode == 0
    done = fresh.run('--database', 'elsewhere')
    assert done.returncode == 2 and 'says database regen, and you say elsewhere' in done.stderr


def test_a_password_file_that_others_read(fresh):
    os.mkdir(fresh.folder)
    os.chmod(fresh.put('etc/owner-password', 'x' * 20), 0o644)
    done = fresh.run()
    assert done.returncode == 1 and 'chmod 600' in done.stderr


def test_files_and_folders_of_others(fresh):
    """Who may write the folder may put other files there."""
    os.mkdir(fresh.folder)
    for mode in (0o777, 0o770, 0o757):
        os.chmod(fresh.folder, mode)
        done = fresh.run()
        assert done.returncode == 1 and 'chmod go-w %s' % fresh.folder in done.stderr and not os.listdir(fresh.folder), done.stderr
    os.chmod(fresh.folder, 0o750)
    if os.geteuid() == 0:
        os.chown(fresh.put('etc/owner-password', 'x' * 20), 1, -1)
        done = fresh.run()
        assert done.returncode == 1 and 'chown root %s/owner-password' % fresh.folder in done.stderr, done.stderr
        os.chown(fresh.folder, 1, -1)
        assert 'chown root %s;' % fresh.folder in fresh.run().stderr


def test_trust_that_a_killed_run_left_is_told(fresh):
    with subprocess.Popen(fresh.argv(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        for line in child.stdout:
            if line.startswith('schema 0005'):
                child.kill()
                break
        child.stdout.read()
    assert fresh.database.admin('SELECT @@log_bin_trust_function_creators').strip() == '1'
    for _ in range(2):
        done = fresh.run()
        assert done.returncode == 0 and 'SET GLOBAL log_bin_trust_function_creators = 0.' in done.stdout, done.stderr
    fresh.database.admin('SET GLOBAL log_bin_trust_function_creators = 0')
    assert 'SET GLOBAL' not in fresh.run().stdout


def test_a_weak_password_is_told_and_the_rest_stays(fresh):
    fresh.put('word', 'password1234\n')
    done = fresh.run()
    assert done.returncode == 1 and 'easy to guess' in done.stderr and 'Run it again' in done.stderr
    fresh.put('word', WORD)
    done = fresh.run()
    assert done.returncode == 0 and lines(done.stdout, 'done')[-1] == 'the password of the login admin', done.stdout


def test_at_a_terminal(fresh):
    """It asks for what it is not told; what is typed as a password is not shown."""
    main, side = pty.openpty()
    child = subprocess.Popen(fresh.argv(base=False, word=False), stdin=side, stdout=side, stderr=side, start_new_session=True)
    os.close(side)
    seen = ''
    try:
        for prompt, answer in (('Name of the database [regen]: ', ''), ('Public address of the pages', BASE), ('Login of the first', ''),
                               ('Their name', 'Jo Sample'), ('Password of the login admin', 'short'), ('Password of the login admin', WORD)):
            while prompt not in seen:
                seen += os.read(main, 4096).decode()
            before, seen = seen.split(prompt, 1)
            os.write(main, answer.encode() + b'\n')
        try:
            while True:
                part = os.read(main, 4096).decode()
                if not part:
                    break
                seen += part
        except OSError:
            pass
        assert child.wait(60) == 0, seen
    finally:
        child.kill()
        os.close(main)
    assert WORD not in seen and 'the password of the login admin' in seen
    assert 'Jo Sample' in fresh.ctl('staff', 'list').stdout


def test_migrate_alone_says_what_to_do(fresh):
    """Without setup, error 1419 of a server with a binary log is told in words that help."""
    fresh.database.admin("CREATE DATABASE regen CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci; "
                         "CREATE USER regen_owner@localhost IDENTIFIED BY 'own'; GRANT ALL ON regen.* TO regen_owner@localhost")
    word = fresh.put('own', 'own\n')
    done = subprocess.run([env.REGENCTL, '--socket', fresh.database.socket, '--user', 'regen_owner', '--database', 'regen', '--password-file', word,
                           'migrate', SQL], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and 'error 1419' in done.stdout and 'Run `regenctl setup` as root' in done.stdout
