# SPDX-License-Identifier: Apache-2.0
"""What the module's account may do: `regenctl grants` names every table once, and the server refuses to change or delete evidence
as the module, whatever the session sets. That the module works with just these rights is shown by all other tests, whose databases have them."""
import re

import pymysql
import pytest

import env


@pytest.fixture(scope='module')
def grants(database):
    return env.regenctl(database, 'grants', 'regen@localhost', owner=True).stdout


def evidence(said):
    return re.findall(r'^REVOKE UPDATE, DELETE ON `regen`.`(\w+)` FROM', said, re.M)


def test_every_table_is_in_one_class(database, grants):
    named = re.findall(r'^GRANT [A-Z, ]+ ON `regen`.`(\w+)` TO', grants, re.M)
    tables = [t for t, in database.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'regen' AND table_type = 'BASE TABLE'")]
    assert sorted(named) == sorted(tables)


def test_what_a_trigger_keeps_is_evidence(database, grants):
    """A table that no trigger lets anybody change or delete from has no right to either; some are written by triggers alone."""
    kept = [t for t, in database.rows("SELECT event_object_table FROM information_schema.triggers WHERE trigger_schema = 'regen'"
                                      " AND event_manipulation = 'DELETE' AND action_statement LIKE 'SIGNAL%%' GROUP BY 1")]
    read_only = re.findall(r'^GRANT SELECT ON `regen`.`(\w+)` TO', grants, re.M)
    assert kept and set(kept) <= set(evidence(grants)) | set(read_only) and 'capability_given' in read_only


def test_the_account_has_no_more(database, grants):
    text = '\n'.join(g for g, in grants_of(database))
    assert re.search(r'^GRANT SELECT ON `regen`\.\* TO', text, re.M)
    for word in ('CREATE', 'ALTER', 'DROP', 'TRIGGER', 'REFERENCES', 'INDEX', 'EXECUTE', 'ALL PRIVILEGES ON', 'GRANT OPTION'):
        assert word not in text, word
    for table in evidence(grants):
        assert re.search(r'^GRANT INSERT ON `regen`\.`%s` TO' % table, text, re.M), table


def grants_of(database):
    connection = database.connect(user='regen')
    with connection.cursor() as c:
        c.execute('SHOW GRANTS')
        rows = c.fetchall()
    connection.close()
    return rows


def test_the_module_changes_no_evidence(database, grants):
    """Not with keys and checks off, either."""
    connection = database.connect(user='regen')
    refused = []
    with connection.cursor() as c:
        c.execute('SET foreign_key_checks = 0, unique_checks = 0, check_constraint_checks = 0')
        for table in evidence(grants):
            column = database.value("SELECT column_name FROM information_schema.columns WHERE table_schema = 'regen' AND table_name = %s LIMIT 1", table)
            for statement in ('UPDATE {0} SET {1} = {1}', 'DELETE FROM {0}', 'TRUNCATE {0}', 'DROP TABLE {0}', 'ALTER TABLE {0} ADD x INT',
                              'REPLACE INTO {0} SELECT * FROM {0}', 'INSERT INTO {0} SELECT * FROM {0} ON DUPLICATE KEY UPDATE {1} = {0}.{1}',
                              'DELETE t FROM {0} t JOIN site', 'RENAME TABLE {0} TO x', 'CREATE TRIGGER x BEFORE INSERT ON {0} FOR EACH ROW SET @x = 1'):
                with pytest.raises(pymysql.err.MySQLError) as no:
                    c.execute(statement.format(table, column))
                assert no.value.args[0] in (1142, 1044, 1227), (statement, table, no.value)
                refused.append(statement)
        for statement in ('DROP TRIGGER consent_keeps', 'DROP VIEW consent_in_force', 'DELETE FROM schema_migration',
                          'CREATE OR REPLACE VIEW consent_in_force AS SELECT 1', 'GRANT UPDATE ON regen.consent TO regen@localhost'):
            with pytest.raises(pymysql.err.MySQLError):
                c.execute(statement)
    connection.close()
    assert len(refused) > 150


def test_again_is_the_same(database, grants):
    """Run after every migration, also over the wide rights of older installations."""
    before = grants_of(database)
    database.admin('GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON regen.* TO regen@localhost; GRANT UPDATE ON regen.consent TO regen@localhost')
    database.grant()
    assert sorted(grants_of(database)) == sorted(before)
    assert env.regenctl(database, 'grants', "x'@y", owner=True, check=False).returncode == 2
