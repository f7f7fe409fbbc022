# SPDX-License-Identifier: Apache-2.0
"""regenctl setup on a clinic of which a file is missing: it makes no second secret, and no password that nobody has."""
import os

import pytest

from fresh import fresh, lines, logging_server  # noqa: F401

pytestmark = pytest.mark.once


def lose(fresh, name):
    os.remove(os.path.join(fresh.folder, name))


def test_a_lost_secret_is_not_replaced(fresh):
    assert fresh.run().returncode == 0
    secret = fresh.files()['secret']
    lose(fresh, 'secret')
    left = fresh.files()
    for more in ((), ('--dry-run',), ('--reset-password',)):
        done = fresh.run(*more)
        assert done.returncode == 1 and 'from a backup' in done.stderr and 'regenctl secret make' in done.stderr, done.stderr
        assert fresh.files() == left
    fresh.put('etc/secret', secret)
    assert fresh.run().returncode == 0 and fresh.files()['secret'] == secret


def test_a_secret_that_signed_nothing_is_made(fresh):
    """A run that was killed before there was a login."""
    fresh.put('word', 'password1234')
    fresh.database.admin("CREATE DATABASE regen; CREATE TABLE regen.schema_migration (version INT); CREATE TABLE regen.audit_event (id INT)")
    assert "make %s/secret" % fresh.folder in fresh.run('--dry-run').stdout
    fresh.database.admin('INSERT INTO regen.audit_event VALUES (1)')
    assert 'signed the audit log' in fresh.run('--dry-run').stderr


@pytest.mark.parametrize('name, account', [('module-password', 'regen@localhost'), ('owner-password', 'regen_owner@localhost')])
def test_a_lost_password_is_not_made_up(fresh, name, account):
    assert fresh.run().returncode == 0
    files = fresh.files()
    lose(fresh, name)
    left = fresh.files()
    done = fresh.run()
    assert done.returncode == 1 and '%s exists' % account in done.stderr and '--reset-password' in done.stderr, done.stderr
    assert fresh.files() == left
    dry = fresh.run('--dry-run', '--reset-password')
    assert dry.returncode == 0 and fresh.files() == left, dry.stderr
    done = fresh.run('--reset-password')
    assert done.returncode == 0, done.stderr
    now = fresh.files()
    assert now.pop(name) != files.pop(name) and now == files
    said = [line for line in lines(done.stdout, 'done') if 'password' in line]
    assert len(said) == 2 and 'the password of the account %s is the one in' % account in said[1], said
    assert fresh.ctl('check').returncode == 0 and fresh.run().returncode == 0


def test_a_reset_that_was_killed_goes_on(fresh):
    """The file was made, but the account has another password still."""
    assert fresh.run().returncode == 0
    fresh.database.admin("ALTER USER regen@localhost IDENTIFIED BY 'the lost one'")
    assert 'cannot log in' in fresh.run().stderr
    told = fresh.run('--dry-run', '--reset-password')
    assert told.returncode == 0 and any('give the account regen@localhost the password' in line for line in lines(told.stdout, 'to do')), told.stdout
    assert 'cannot log in' in fresh.run().stderr
    assert fresh.run('--reset-password').returncode == 0 and fresh.run().returncode == 0
