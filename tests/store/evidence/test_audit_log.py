# SPDX-License-Identifier: Apache-2.0
"""What the module and regenctl write to the audit log, verified by a second implementation; and what a chain costs."""
import os
import time

import auditlog
import env


def test_every_event_is_in_a_chain(database, server, staff):
    """Of several children and of regenctl, each with a chain of its own."""
    for _ in range(3):
        assert staff('admin').open('/staff/').status == 200
    env.regenctl(database, 'token', 'create', 'one', '--scopes', 'system/*.rs', '--days', '1')
    assert database.value('SELECT COUNT(*) FROM audit_event WHERE writer IS NULL') == 0
    assert database.value('SELECT COUNT(DISTINCT writer) FROM audit_event') > 1
    assert auditlog.wrong(database) == []


def test_the_sweep_makes_an_anchor(database, server):
    until = time.monotonic() + 90
    while database.value('SELECT COUNT(*) FROM audit_anchor') == 0 and time.monotonic() < until:
        time.sleep(0.5)
    assert database.value('SELECT COUNT(*) FROM audit_anchor WHERE seq = 1') == 1
    assert database.value('SELECT SUM(h.seq) = MAX(a.events) FROM audit_anchor a JOIN audit_anchor_head h ON h.anchor = a.seq') == 1


def test_all_is_well(database, server, staff):
    """Nothing is found in what the module made, nor in the rules that its own migrations made."""
    assert staff('clinician').open('/staff/').status == 200
    done = env.regenctl(database, 'audit', 'verify', os.path.join(env.ROOT, 'sql'), owner=True, check=False)
    assert done.returncode == 0 and done.stdout.count('\n') == 1 and '; 0 faults' in done.stdout, done.stdout + done.stderr
    assert database.rows("SHOW DATABASES LIKE 'regen_verify'") == ()


def test_regenctl_needs_the_secret_to_change_anything(database):
    done = env.run([env.REGENCTL, '--socket', database.socket, '--user', 'regen', '--password-file', database.password_file,
                    '--database', 'regen', 'staff', 'end-sessions', 'admin'], check=False)
    assert done.returncode == 1 and 'secret-file' in done.stderr, done.stderr
    before = database.value('SELECT COUNT(*) FROM audit_event')
    env.regenctl(database, 'staff', 'end-sessions', 'admin')
    assert database.value('SELECT COUNT(*) FROM audit_event') == before + 1
