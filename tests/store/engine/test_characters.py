# SPDX-License-Identifier: Apache-2.0
"""Text is utf8mb4 whatever the server's default is: a new database on a latin1 server, and one that an older version made
there, with its rows."""
import os
import re
import shutil

import pytest

import env

SQL = os.path.join(env.ROOT, 'sql')
NAMES = ('José', 'Łukasz Żółć', '王小明', "O’Brien ʻOkina")
WRONG = ("SELECT CONCAT(table_name, '.', column_name) FROM information_schema.columns WHERE table_schema = 'regen'"
         " AND character_set_name IS NOT NULL AND NOT (character_set_name = 'ascii' OR (character_set_name = 'utf8mb4'"
         " AND collation_name IN ('utf8mb4_unicode_ci', 'utf8mb4_bin')))")
TABLES = ("SELECT table_name FROM information_schema.tables WHERE table_schema = 'regen' AND table_type = 'BASE TABLE'"
          " AND table_collation <> 'utf8mb4_unicode_ci'")


@pytest.fixture
def latin(new_database):
    """A database as a server with character_set_server=latin1 makes it."""
    made = new_database()
    made.admin('DROP DATABASE regen; CREATE DATABASE regen CHARACTER SET latin1 COLLATE latin1_swedish_ci')
    return made


def structure(database):
    """SHOW CREATE TABLE of every table and trigger."""
    made = []
    for (table,) in database.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'regen'"
                                  " AND table_type = 'BASE TABLE' ORDER BY 1"):
        made.append(re.sub(r' AUTO_INCREMENT=\d+', '', database.rows('SHOW CREATE TABLE `%s`' % table)[0][1]))
    return made


def old_file(database, path):
    """The statements of a released file, run as the server's default would have it."""
    connection = database.connect()
    with open(path, encoding='utf-8') as f, connection.cursor() as c:
        text = re.sub(r'^--.*\n', '', f.read(), flags=re.M)
        for statement in re.split(r';[ \t]*\n(?=\n|\Z)', text):
            if statement.strip():
                c.execute(statement)
    connection.close()


def put_names(database):
    for n, name in enumerate(NAMES):
        database.rows("INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state, postal_code, created_at) VALUES (%s, %s, 'X', '1970-01-01',"
                      " 'unknown', '', '', '', '', '', '', 0)", '%026d' % n, name)
    return [row[0] for row in database.rows('SELECT family FROM patient ORDER BY uid')]


def test_new_database(latin, database):
    done = env.regenctl(latin, 'migrate', SQL, owner=True)
    assert 'The database was created for latin1' in done.stdout
    assert not latin.rows(WRONG) and not latin.rows(TABLES)
    assert put_names(latin) == list(NAMES)
    again = env.regenctl(latin, 'migrate', SQL, owner=True)
    assert 'there was nothing to do' in again.stdout and 'latin1' not in again.stdout


def test_one_that_is_latin1(latin, new_database):
    """As the version before left it: its files on a latin1 database, with a name that latin1 has."""
    for name in sorted(os.listdir(SQL)):
        if re.match(r'00(0\d|1[0-6])_', name):
            old_file(latin, os.path.join(SQL, name))
    latin.rows("INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state, postal_code, created_at) VALUES (%s, 'José', 'X', '1970-01-01',"
               " 'unknown', '', '', '', '', '', '', 0)", '%026d' % 99)
    assert latin.rows(WRONG) and latin.rows(TABLES)
    env.regenctl(latin, 'migrate', SQL, owner=True)
    assert not latin.rows(WRONG) and not latin.rows(TABLES)
    assert put_names(latin) == list(NAMES) + ['José']
    fresh = new_database()
    env.regenctl(fresh, 'migrate', SQL, owner=True)
    kinds = "SELECT table_name, column_name, character_set_name, collation_name FROM information_schema.columns WHERE table_schema = 'regen'" \
            " AND character_set_name = 'utf8mb4' ORDER BY 1, 2"
    assert fresh.rows(kinds) == latin.rows(kinds) and structure(fresh) == structure(latin)


def test_nothing_changes_where_all_is_right(new_database, tmp_path):
    """The converting file changes no table of a database that was made with utf8mb4."""
    files = sorted(name for name in os.listdir(SQL) if name[:4].isdigit())
    before = tmp_path / 'before'
    before.mkdir()
    here = next(name for name in files if name.endswith('_characters.sql'))
    made = new_database()
    for name in files[:files.index(here)]:
        shutil.copy(os.path.join(SQL, name), before)
    env.regenctl(made, 'migrate', str(before), owner=True, check=False)
    was = structure(made)
    shutil.copy(os.path.join(SQL, here), before)
    env.regenctl(made, 'migrate', str(before), owner=True, check=False)
    assert made.value('SELECT MAX(version) FROM schema_migration WHERE statement_no = 0') == int(here[:4])
    now = structure(made)
    different = [(a, b) for a, b in zip(was, now) if a != b]
    assert len(was) == len(now) and [a.split('`')[1] for a, _ in different] == ['site'], different
