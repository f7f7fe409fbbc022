# SPDX-License-Identifier: Apache-2.0
"""An empty database that regenctl migrates, what an undisturbed migration makes of it, and a kill in the middle."""
import os
import re
import shutil
import subprocess

import pymysql
import pytest

import env

SQL = os.path.join(env.ROOT, 'sql')
NAME = 'regen_migrate'


class Empty:
    """A database of its own on the shared server, owned by the module's owner account."""

    def __init__(self, database, name):
        self.database, self.name = database, name

    def renew(self):
        self.database.admin('DROP DATABASE IF EXISTS %s; CREATE DATABASE %s CHARACTER SET utf8mb4 COLLATE '
                            'utf8mb4_unicode_ci; GRANT ALL ON %s.* TO regen_owner@localhost'
                            % (self.name, self.name, self.name))
        return self

    def argv(self, *args):
        return [env.REGENCTL, '--socket', self.database.socket, '--user', 'regen_owner', '--password-file',
                os.path.join(self.database.dir, 'owner'), '--database', self.name, *args]

    def run(self, *args):
        return env.run(self.argv(*args), check=False, timeout=60)

    def rows(self, sql, *values):
        """All rows of one statement, every value as text. What it names need not be there."""
        link = pymysql.connect(unix_socket=self.database.socket, user='regen_owner', database=self.name, autocommit=True,
                               password=env.read(os.path.join(self.database.dir, 'owner')).strip(), charset='utf8mb4')
        try:
            with link.cursor() as cursor:
                cursor.execute('SET FOREIGN_KEY_CHECKS = 0')
                cursor.execute(sql, values or None)
                return [[str(value) for value in row] for row in cursor.fetchall()]
        finally:
            link.close()

    def structure(self):
        """Everything a migration makes, as text."""
        made = []
        for (table,) in self.rows('SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() '
                                  'ORDER BY 1'):
            made += self.rows('SHOW CREATE TABLE `%s`' % table)
        made += self.rows('SELECT trigger_name, event_object_table, action_timing, event_manipulation, action_statement '
                          'FROM information_schema.triggers WHERE trigger_schema = DATABASE() ORDER BY 1')
        return re.sub(r' AUTO_INCREMENT=\d+', '', repr(made))

    def noted(self):
        return self.rows('SELECT version, statement_no, HEX(checksum) FROM schema_migration ORDER BY 1, 2')


@pytest.fixture
def empty(database):
    made = Empty(database, NAME).renew()
    yield made
    database.admin('DROP DATABASE %s' % NAME)


@pytest.fixture(scope='module')
def whole(database):
    """What an undisturbed migration says and makes."""
    made = Empty(database, NAME + '_whole').renew()
    done = made.run('migrate', SQL)
    assert done.returncode == 0, done.stderr
    table = made.rows('SHOW CREATE TABLE schema_migration')[0][1]
    yield {'lines': done.stdout.splitlines(), 'structure': made.structure(), 'noted': made.noted(), 'table': table}
    database.admin('DROP DATABASE %s' % made.name)


def folder(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / ('%s.sql' % name[1:])).write_text(text)
    return str(tmp_path)


def kill_after(empty, line_count):
    """Runs migrate and kills it (SIGKILL) when it has said so many lines."""
    with subprocess.Popen(empty.argv('migrate', SQL), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as child:
        said = [child.stdout.readline() for _ in range(line_count)]
        child.kill()
        child.stdout.read()
    return [s.strip() for s in said]


def up_to(empty, folder, last):
    """Migrates with the files before LAST only."""
    for name in sorted(os.listdir(SQL)):
        if re.match(r'\d{4}_', name) and name < last:
            shutil.copy(os.path.join(SQL, name), str(folder))
    assert empty.run('migrate', str(folder)).returncode in (0, 1)
