# SPDX-License-Identifier: Apache-2.0
"""The module's account after regenctl setup: what it was given before goes, no moment gives more, and `check` tells what it has."""
import re

import pymysql
import pytest

from fresh import ME, fresh, logging_server  # noqa: F401

pytestmark = pytest.mark.once

# As on any server: what an account named in a test may have had before.
BEFORE = "CREATE DATABASE IF NOT EXISTS %s; CREATE USER regen@localhost IDENTIFIED BY 'wordwordword'; "


@pytest.fixture
def given(fresh):
    """An account of the module that exists already, with these rights."""
    def make(grant, database='regen'):
        fresh.database.admin(BEFORE % database + grant)
        fresh.put_folder()
        fresh.put('etc/module-password', 'wordwordword\n')
    yield make
    fresh.database.admin("DROP USER IF EXISTS regen@localhost; DROP ROLE IF EXISTS helper; DROP DATABASE IF EXISTS clinic_a; DROP DATABASE IF EXISTS clinic1a")


def grants(fresh):
    """Without those of single tables."""
    return [line for line in fresh.database.admin('SHOW GRANTS FOR regen@localhost').splitlines() if '`.`' not in line and 'USAGE' not in line]


def refused(fresh, *statements, database='regen'):
    link = fresh.connect('regen', 'module-password', database=database)
    with link.cursor() as cursor:
        for sql in statements:
            with pytest.raises(pymysql.err.MySQLError) as why:
                cursor.execute(sql)
            assert why.value.args[0] in (1044, 1142, 1227), (sql, why.value.args)
    link.close()


EVIL = ('CREATE VIEW mine AS SELECT 1', 'DROP TABLE audit_event', 'DELETE FROM ledger_entry', 'UPDATE account_balance SET balance_minor = 0',
        'UPDATE consent SET id = id', "UPDATE schema_migration SET version = 1")


def test_rights_from_before_are_taken(fresh, given):
    given('GRANT ALL ON regen.* TO regen@localhost WITH GRANT OPTION')
    done = fresh.run()
    assert done.returncode == 0, done.stderr
    assert grants(fresh) == ['GRANT SELECT ON `regen`.* TO `regen`@`localhost`']
    refused(fresh, *EVIL)
    # Single tables, columns and tables that only triggers write.
    fresh.database.admin('GRANT ALL ON regen.account_balance TO regen@localhost WITH GRANT OPTION; GRANT UPDATE ON regen.schema_migration TO regen@localhost; '
                         'GRANT UPDATE (id), DROP ON regen.consent TO regen@localhost; GRANT DROP ON regen.booking TO regen@localhost')
    told = fresh.ctl('check')
    assert told.returncode == 1
    for table in ('account_balance', 'schema_migration', 'consent', 'booking'):
        assert re.search(r'may do more than the module needs: REVOKE .* ON `regen`.`%s` FROM' % table, told.stdout), (table, told.stdout)
    assert fresh.run().returncode == 0
    refused(fresh, *EVIL, 'DROP TABLE booking')
    again = fresh.ctl('check')
    assert again.returncode == 0 and 'may do more' not in again.stdout, again.stdout


@pytest.mark.parametrize('grant', ['GRANT ALL ON *.* TO regen@localhost WITH GRANT OPTION', 'GRANT UPDATE ON `reg%`.* TO regen@localhost',
                                   'CREATE ROLE helper; GRANT DELETE ON *.* TO helper; GRANT helper TO regen@localhost'])
def test_rights_over_more_than_the_database_are_told(fresh, given, grant):
    """Somebody may want them, so setup takes none; the statements that it prints do."""
    given(grant)
    done = fresh.run()
    assert done.returncode == 1 and 'may do more than the module needs' in done.stderr and '--module-account' in done.stderr, done.stderr
    revoke = re.findall('^regenctl: (REVOKE .*;)$', done.stderr, re.M)
    assert len(revoke) == 1, done.stderr
    told = fresh.ctl('check')
    assert told.returncode == 1 and revoke[0] in told.stdout, told.stdout
    fresh.database.admin(revoke[0])
    assert fresh.run().returncode == 0 and grants(fresh) == ['GRANT SELECT ON `regen`.* TO `regen`@`localhost`']
    assert fresh.ctl('check').returncode == 0


def test_no_statement_gives_more_than_the_last(fresh):
    """Killed after any of them, also at the first time: nothing on evidence but INSERT, nothing on the database but SELECT."""
    assert fresh.run().returncode == 0
    said = fresh.ok('grants', 'regen@localhost').splitlines()
    evidence = re.findall(r'^REVOKE UPDATE, DELETE ON `regen`.`(\w+)`', '\n'.join(said), re.M)
    read_only = re.findall(r'^REVOKE INSERT, UPDATE, DELETE ON `regen`.`(\w+)`', '\n'.join(said), re.M)
    assert len(evidence) > 50 and 'account_balance' in read_only
    fresh.database.admin("DROP USER regen@localhost; CREATE USER regen@localhost IDENTIFIED BY 'x'")
    wrong = ("SELECT table_name, privilege_type FROM information_schema.table_privileges WHERE grantee = '''regen''@''localhost'''"
             " AND ((table_name IN %s AND privilege_type IN ('UPDATE', 'DELETE')) OR (table_name IN %s AND privilege_type <> 'SELECT'))"
             " UNION SELECT table_schema, privilege_type FROM information_schema.schema_privileges"
             " WHERE grantee = '''regen''@''localhost''' AND privilege_type <> 'SELECT'")
    link = pymysql.connect(unix_socket=fresh.database.socket, user=ME, autocommit=True)
    with link.cursor() as cursor:
        for _ in range(2):
            for line in said:
                cursor.execute(line.rstrip(';'))
                cursor.execute(wrong, (evidence, read_only))
                assert not cursor.fetchall(), line
    link.close()


def test_an_underscore_is_no_wildcard(fresh, given):
    """Nor in what an older setup gave."""
    given('CREATE DATABASE clinic1a; CREATE TABLE clinic1a.secret (id INT); GRANT SELECT, INSERT ON `clinic_a`.* TO regen@localhost', database='clinic_a')
    done = fresh.run('--database', 'clinic_a')
    assert done.returncode == 0, done.stderr
    # The client shows a backslash twice.
    assert [g.replace('\\\\', '\\') for g in grants(fresh)] == ['GRANT SELECT ON `clinic\\_a`.* TO `regen`@`localhost`']
    refused(fresh, 'SELECT * FROM clinic1a.secret', database='clinic_a')
    assert fresh.ctl('check').returncode == 0
    fresh.database.admin('GRANT SELECT ON `clinic_a`.* TO regen@localhost')
    told = fresh.ctl('check')
    assert told.returncode == 1 and 'REVOKE SELECT ON `clinic_a`.* FROM' in told.stdout, told.stdout


def test_what_cannot_be_compared_is_said(fresh):
    assert fresh.run().returncode == 0
    assert 'not compared' not in fresh.ok('check')
    fresh.database.admin("ALTER USER regen@localhost IDENTIFIED BY 'elsewhere'")
    assert 'The rights of regen@localhost are not compared: it cannot log in from here.' in fresh.ok('check')
