# SPDX-License-Identifier: Apache-2.0
"""regenctl migrate and load: killed after every statement and before every note, a file that changed, a statement that
fails, two at once. regenctl's other commands and exit codes are in test_regenctl.py, what becomes of the rows that were there in test_upgrade.py."""
import os
import re
import shutil
import subprocess

import pytest

import env
from migration import SQL, Empty, folder, kill_after


def test_whole(whole, empty):
    lines = whole['lines']
    files = sorted(f for f in os.listdir(SQL) if f.endswith('.sql'))
    assert [line for line in lines if line.endswith(': complete')] == ['%s: complete' % f for f in files]
    assert lines[-1] == 'The schema is at version %d.' % len(files)
    assert len(lines) > 50
    first = empty.run('migrate', SQL)
    again = empty.run('migrate', SQL)
    assert first.returncode == 0 and again.returncode == 0
    assert again.stdout == 'The schema is at version %d; there was nothing to do.\n' % len(files)
    assert empty.structure() == whole['structure']


def test_killed_at_every_line(whole, empty):
    """Killed after each line in turn, all in one database: every run goes on where the last one was."""
    lines = whole['lines']
    seen = []
    while len(seen) < len(lines) - 1:
        said = kill_after(empty, 1)
        assert said != [''], 'nothing was said after %d lines' % len(seen)
        if said[0].startswith('The schema is at'):
            break
        # The child may be a few statements further than what was read when the signal comes.
        assert said[0] in lines
        assert not seen or lines.index(said[0]) > lines.index(seen[-1])
        seen += lines[len(seen):lines.index(said[0]) + 1]
    done = empty.run('migrate', SQL)
    assert done.returncode == 0 and 'The schema is at version' in done.stdout
    assert empty.structure() == whole['structure'] and empty.noted() == whole['noted']


def steps():
    """(file, statement) for every statement of sql/, counted by regenctl's own rule written once more."""
    made = []
    for name in sorted(f for f in os.listdir(SQL) if f.endswith('.sql')):
        text = env.read(os.path.join(SQL, name))
        body = re.sub(r'(?m)^--.*\n', '', text)
        made += [(int(name[:4]), n + 1) for n in range(len(re.findall(r';[ \t]*(?=\n[ \t]*\n|\n?\Z)', body)))]
    return made


def test_every_statement_counts(whole):
    assert len([n for n in whole['noted'] if n[1] != '0']) == len(steps())


def test_killed_before_every_note(whole, empty):
    """The moment between a statement and its note, for each of them: the next run does the statement a second time, and
    nothing is different in the end. A trigger that refuses the note stops the run exactly there."""
    empty.rows(whole['table'])
    for version, number in steps():
        empty.rows("CREATE OR REPLACE TRIGGER stop BEFORE INSERT ON schema_migration FOR EACH ROW "
                   "SET NEW.file = IF(NEW.version = %d AND NEW.statement_no = %d, NULL, NEW.file)"
                   % (version, number))
        done = empty.run('migrate', SQL)
        assert done.returncode == 1 and 'The schema is at' not in done.stdout, (version, number)
        assert 'statement %d could not be noted' % number in done.stdout, done.stdout
    empty.rows('DROP TRIGGER stop')
    done = empty.run('migrate', SQL)
    assert done.returncode == 0, done.stdout
    assert empty.structure() == whole['structure'] and empty.noted() == whole['noted']


def test_server_killed_in_the_middle(new_database, whole):
    """The database dies under the migration; after its recovery the same command finishes."""
    database = new_database()
    fresh = Empty(database, 'regen')
    with subprocess.Popen(fresh.argv('migrate', SQL), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        for _ in range(20):
            child.stdout.readline()
        database.kill()
        said, _ = child.communicate(timeout=60)
    if child.returncode == 0:
        assert 'The schema is at version' in said
    else:
        assert child.returncode in (1, 3) and 'The schema is at version' not in said
    database.start()
    done = fresh.run('migrate', SQL)
    assert done.returncode == 0, done.stdout + done.stderr
    assert fresh.structure() == whole['structure'] and fresh.noted() == whole['noted']


def test_changed_file(empty, tmp_path):
    where = folder(tmp_path, _0001_a='CREATE TABLE IF NOT EXISTS a (i INT);\n\nCREATE TABLE IF NOT EXISTS b (i INT);\n',
                   _0002_c='CREATE TABLE IF NOT EXISTS c (i INT);\n')
    assert 'The schema is at version 2' in empty.run('migrate', where).stdout
    (tmp_path / '0001_a.sql').write_text('CREATE TABLE IF NOT EXISTS a (i BIGINT);\n\nCREATE TABLE IF NOT EXISTS b (i INT);\n')
    folder(tmp_path, _0003_d='CREATE TABLE IF NOT EXISTS d (i INT);\n')
    done = empty.run('migrate', where)
    assert done.returncode == 1 and '0001_a.sql was changed after it was applied; nothing was run' in done.stdout
    assert not empty.rows("SHOW TABLES LIKE 'd'")


def test_failing_statement(empty, tmp_path):
    good = 'CREATE TABLE IF NOT EXISTS a (i INT);\n\n'
    where = folder(tmp_path, _0001_a=good + '-- this one\nCREATE TABEL b (i INT);\n\nCREATE TABLE IF NOT EXISTS c (i INT);\n')
    done = empty.run('migrate', where)
    assert done.returncode == 1 and 'The schema is at' not in done.stdout
    assert '0001_a.sql: statement 2 of 3, line 4: FAILED: error 1064 (42000)' in done.stdout
    assert empty.rows('SELECT statement_no FROM schema_migration') == [['1']]
    # The part that was applied may not change, the rest may.
    folder(tmp_path, _0001_a=good.replace('INT', 'BIGINT') + 'CREATE TABLE IF NOT EXISTS b (i INT);\n')
    done = empty.run('migrate', where)
    assert done.returncode == 1 and '0001_a.sql was changed after it was applied in part; nothing was run' in done.stdout
    folder(tmp_path, _0001_a=good + 'CREATE TABLE IF NOT EXISTS b (i INT);\n')
    done = empty.run('migrate', where)
    assert '0001_a.sql: statement 2 of 2, line 3: done' in done.stdout and 'statement 1' not in done.stdout
    assert empty.rows("SHOW TABLES LIKE 'b'") == [['b']]


def test_newer_database(empty, tmp_path):
    assert empty.run('migrate', SQL).returncode == 0
    before = empty.noted()
    where = tmp_path / 'old'
    where.mkdir()
    shutil.copy(os.path.join(SQL, '0001_clinic.sql'), where)
    done = empty.run('migrate', str(where))
    assert done.returncode == 1 and 'ends at 1: use the newer files' in done.stdout
    assert empty.noted() == before


def test_success_means_this_builds_schema(empty, tmp_path):
    done = empty.run('migrate', folder(tmp_path, _0001_a='CREATE TABLE IF NOT EXISTS a (i INT);\n'))
    assert done.returncode == 1 and 'this build needs version' in done.stderr


@pytest.mark.parametrize('files, words', [
    ({}, 'no file has a name like 0001_words.sql'),
    ({'_0002_b': 'SELECT 1;\n'}, '0002_b.sql: number 0001 was expected here'),
    ({'_0001_a': 'SELECT 1;\n', '_0003_b': 'SELECT 1;\n'}, '0003_b.sql: number 0002 was expected here'),
    ({'_0001_a': 'SELECT 1;\n', '_0001_b': 'SELECT 1;\n'}, 'number 0002 was expected here'),
    ({'_0001_a': 'SELECT 1;\n\nSELECT 2\n'}, '0001_a.sql: the statement of line 3 does not end'),
])
def test_bad_folder(empty, tmp_path, files, words):
    done = empty.run('migrate', folder(tmp_path, **files))
    assert done.returncode == 1 and words in done.stdout
    assert empty.rows('SHOW TABLES') == []


def test_no_folder(empty):
    done = empty.run('migrate', '/nonexistent')
    assert done.returncode == 1 and '/nonexistent cannot be read' in done.stdout


def test_two_at_once(empty, whole):
    """Both end; the schema is right whoever did what, and nobody says success for half a schema."""
    both = [subprocess.Popen(empty.argv('migrate', SQL), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            for _ in range(2)]
    said = [child.communicate(timeout=60)[0] for child in both]
    assert sorted(child.returncode for child in both) == [0, 0]
    assert sorted('nothing to do' in text for text in said) == [False, True]
    assert empty.structure() == whole['structure'] and empty.noted() == whole['noted']


def test_key_stops_the_second_where_the_lock_does_not_reach(empty, tmp_path):
    """As on two nodes of a cluster: somebody else notes a statement that this run is about to note."""
    where = folder(tmp_path, _0001_a="INSERT INTO schema_migration VALUES (1, 1, 'x', 'other', 0);\n\nSELECT 1;\n")
    done = empty.run('migrate', where)
    assert done.returncode == 1 and '0001_a.sql: somebody else is migrating this database' in done.stdout


def test_load(empty, tmp_path):
    assert empty.run('migrate', SQL).returncode == 0
    empty.rows('CREATE TABLE thing (i INT PRIMARY KEY)')
    files = {n: str(tmp_path / n) for n in ('good.sql', 'bad.sql')}
    (tmp_path / 'good.sql').write_text('INSERT IGNORE INTO thing VALUES (1);\n\nINSERT IGNORE INTO thing VALUES (2);\n')
    (tmp_path / 'bad.sql').write_text('INSERT INTO thing VALUES (3);\n\nINSERT INTO thing VALUES (1);\n')
    for _ in range(2):
        done = empty.run('load', files['good.sql'])
        assert done.returncode == 0 and done.stdout == '%s is loaded.\n' % files['good.sql']
    done = empty.run('load', files['bad.sql'])
    assert done.returncode == 1 and 'loaded' not in done.stdout
    assert '%s: statement 2 of 2, line 3: error 1062' % files['bad.sql'] in done.stderr
    assert empty.rows('SELECT i FROM thing') == [['1'], ['2']]      # the 3 was taken back
    assert empty.run('load', '/nonexistent').returncode == 1


def test_load_changes_no_tables(empty, tmp_path):
    """That would end its transaction."""
    assert empty.run('migrate', SQL).returncode == 0
    empty.rows('CREATE TABLE thing (i INT PRIMARY KEY)')
    file = tmp_path / 'file.sql'
    for word in ('DROP TABLE thing', 'TRUNCATE thing', 'ALTER TABLE thing ADD j INT', 'COMMIT', 'SETX', 'CREATE TABLE other (i INT)'):
        file.write_text('INSERT INTO thing VALUES (1);\n\n%s;\n' % word)
        done = empty.run('load', str(file))
        assert done.returncode == 1 and 'line 3: only statements that change rows can be loaded' in done.stderr, word
    assert empty.rows('SELECT COUNT(*) FROM thing') == [['0']]


@pytest.mark.parametrize('change', ['DELETE FROM schema_migration WHERE version = %d',
                                    "INSERT INTO schema_migration VALUES (%d + 1, 0, '', 'newer', 0)"], ids=['older', 'newer'])
def test_load_is_for_this_version(empty, tmp_path, change):
    assert empty.run('migrate', SQL).returncode == 0
    empty.rows('CREATE TABLE thing (i INT PRIMARY KEY)')
    empty.rows(change % int(empty.rows('SELECT MAX(version) FROM schema_migration')[0][0]))
    (tmp_path / 'file.sql').write_text('INSERT INTO thing VALUES (1);\n')
    done = empty.run('load', str(tmp_path / 'file.sql'))
    assert done.returncode != 0 and done.stderr and 'loaded' not in done.stdout
    assert empty.rows('SELECT COUNT(*) FROM thing') == [['0']]


WHO = ["INSERT IGNORE INTO staff_role VALUES (4, 'admin');", "INSERT INTO staff (id, login, name) VALUES (9, 'new', 'New');",
       "UPDATE staff SET password_hash = 'x' WHERE id = 4;", "UPDATE staff SET active = 1;", 'DELETE FROM staff_role;',
       "INSERT INTO api_token (token_hash, name, scopes, created_at) VALUES (REPEAT('x', 32), 'x', 'system/*.cruds', 0);"]


@pytest.mark.parametrize('sql', WHO)
def test_load_gives_nobody_rights_where_people_work(empty, tmp_path, sql):
    assert empty.run('migrate', SQL).returncode == 0
    empty.rows("INSERT INTO staff (id, login, name, active) VALUES (4, 'erika', 'Erika', 0)")
    empty.rows("INSERT INTO staff_role VALUES (4, 'front-desk')")
    (tmp_path / 'file.sql').write_text(sql + '\n')
    before = empty.rows('SELECT * FROM staff'), empty.rows('SELECT * FROM staff_role'), empty.rows('SELECT COUNT(*) FROM api_token')
    done = empty.run('load', str(tmp_path / 'file.sql'))
    assert done.returncode == 1 and 'would change staff, roles or tokens' in done.stderr and '--force' in done.stderr
    assert before == (empty.rows('SELECT * FROM staff'), empty.rows('SELECT * FROM staff_role'), empty.rows('SELECT COUNT(*) FROM api_token'))
    assert empty.run('load', '--force', str(tmp_path / 'file.sql')).returncode == 0
