# SPDX-License-Identifier: Apache-2.0
"""A database server without a clinic, and regenctl setup on it."""
import os
import subprocess

import pymysql
import pytest

import env

SQL = os.path.join(env.ROOT, 'sql')
BASE = 'https://clinic.example/clinic'
WORD = 'zebra lamp forty tin'
ME = subprocess.run(['id', '-un'], capture_output=True, text=True, check=True).stdout.strip()


class Fresh:
    """A server without a clinic, and the folder that setup is to fill."""

    def __init__(self, database, where):
        self.database, self.where = database, where
        self.folder = os.path.join(where, 'etc')
        self.conf = os.path.join(self.folder, 'regenctl.conf')
        self.word = os.path.join(where, 'word')
        self.put('word', WORD + '\n')

    def put(self, name, text, mode=0o600):
        """A file of this test's own."""
        path = os.path.join(self.where, name)
        with open(path, 'w', encoding='utf-8', opener=lambda p, f: os.open(p, f, mode)) as f:
            f.write(text)
        return path

    def put_folder(self):
        """The folder as an administrator makes it before setup does."""
        os.mkdir(self.folder, 0o750)

    def argv(self, *more, base=True, word=True):
        return [env.REGENCTL, 'setup', '--file', self.conf, '--socket', self.database.socket, '--db-admin', ME, '--schema', SQL,
                *(('--public-base', BASE) if base else ()), *(('--login-password-file', self.word) if word else ()), *more]

    def run(self, *more, **options):
        return subprocess.run(self.argv(*more, **options), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300)

    def ctl(self, *args):
        return subprocess.run([env.REGENCTL, '-f', self.conf, *args], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)

    def files(self):
        return {name: env.read(os.path.join(self.folder, name)) for name in sorted(os.listdir(self.folder))}

    def ok(self, *args):
        """What the command said; it must have worked."""
        done = self.ctl(*args)
        assert done.returncode == 0, (args, done.stdout + done.stderr)
        return done.stdout

    def connect(self, user, file, database='regen'):
        return pymysql.connect(unix_socket=self.database.socket, user=user, database=database, autocommit=True,
                               password=env.read(os.path.join(self.folder, file)).strip())


@pytest.fixture(scope='module')
def logging_server():
    one = env.Database(env.work_folder('setup-' + os.environ.get('PYTEST_XDIST_WORKER', 'gw')))
    one.options = '--log-bin=%s/binlog --server-id=1' % one.dir
    one.start()
    yield one
    one.remove()


@pytest.fixture
def fresh(logging_server, tmp_path):
    logging_server.admin('SET GLOBAL log_bin_trust_function_creators = 0; DROP DATABASE IF EXISTS regen; DROP USER IF EXISTS regen@localhost, regen_owner@localhost')
    return Fresh(logging_server, str(tmp_path))


def directives(said, port):
    """What setup printed for httpd, for one on PORT with the files of this clone."""
    told = said.split('Into the <VirtualHost>', 1)[1].split('\n', 1)[1].rsplit('Then enter', 1)[0]
    told = told.replace('/usr/share/mod_regen/', env.ROOT + '/conf/')
    return told.replace(BASE, 'http://127.0.0.1:%d/clinic' % port) + 'RegenCookieSecure Off\n'


def lines(text, state):
    return [line[7:] for line in text.splitlines() if line.startswith(state.ljust(6) + ' ')]
