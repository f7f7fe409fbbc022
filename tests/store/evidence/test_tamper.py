# SPDX-License-Identifier: Apache-2.0
"""Whoever owns the tables changes what was written, one way after the other; `regenctl audit verify` names each."""
import os
import re

import pytest

import env

SQL = os.path.join(env.ROOT, 'sql')
TABLES = ('audit_event', 'audit_anchor', 'audit_anchor_head', 'consent', 'form_version')


@pytest.fixture(scope='module')
def log(database):
    """A log of five chains with two anchors; its tables open to their owner, as the triggers are gone. Nobody writes meanwhile."""
    for name, in database.rows("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_object_table IN %s", TABLES):
        database.rows('DROP TRIGGER ' + name)
    # From before there were chains.
    for n in range(3):
        database.rows("INSERT INTO audit_event (at, actor, action, entity, entity_id) VALUES (%s, 'system', 'old', 'thing', %s)", n, n)
    for n in range(2):
        for name in ('one', 'two'):
            env.regenctl(database, 'token', 'create', name + str(n), '--scopes', 'system/*.rs', '--days', '1')
        env.regenctl(database, 'staff', 'end-sessions', 'admin')
        env.regenctl(database, 'audit', 'anchor')
    # A chain of several events, as the sample's load makes none: a connection that did three things.
    env.regenctl(database, 'service', 'import', _services(database))
    env.regenctl(database, 'audit', 'anchor')
    for table in TABLES:
        database.rows('CREATE TABLE kept_%s AS SELECT * FROM %s' % (table, table))
    return database


def _services(database):
    path = os.path.join(database.dir, 'services.json')
    text = env.regenctl(database, 'service', 'export', '--all').stdout
    with open(path, 'w') as f:
        f.write(re.sub(r'("name": "[^"]*)"', r'\1 (new)"', text))
    return path


def verify(database, *more):
    done = env.regenctl(database, 'audit', 'verify', *more, check=False)
    return done.returncode, done.stdout


def restore(database):
    connection = database.connect()
    with connection.cursor() as c:
        c.execute('SET foreign_key_checks = 0')
        for table in TABLES:
            c.execute('DELETE FROM ' + table)
            c.execute('INSERT INTO %s SELECT * FROM kept_%s' % (table, table))
    connection.close()


# The longest chain's second event, and its last one.
MIDDLE = '(SELECT id FROM (SELECT e.id FROM audit_event e JOIN (SELECT writer FROM audit_event WHERE seq = 3 LIMIT 1) w ON w.writer = e.writer WHERE e.seq = 2) m)'
LAST = '(SELECT id FROM (SELECT id FROM audit_event ORDER BY id DESC LIMIT 1) l)'
CHANGED, MISSING, ANCHORED = r'Event \d+ .* was changed', r'are missing|is missing', r'which anchor \d+ covers'
WAYS = {
    'when': ('UPDATE audit_event SET at = at + 1 WHERE id = ' + MIDDLE, CHANGED),
    'who': ("UPDATE audit_event SET actor = 'staff:99' WHERE id = " + MIDDLE, CHANGED),
    'what': ("UPDATE audit_event SET action = 'nothing' WHERE id = " + MIDDLE, CHANGED),
    'of what kind': ("UPDATE audit_event SET entity = 'staff' WHERE id = " + MIDDLE, CHANGED),
    'of what': ('UPDATE audit_event SET entity_id = entity_id + 1 WHERE id = ' + MIDDLE, CHANGED),
    'with what': ("UPDATE audit_event SET detail = CONCAT(detail, ' ') WHERE id = " + MIDDLE, CHANGED),
    'a letter from one field to the next': ("UPDATE audit_event SET actor = LEFT(actor, LENGTH(actor) - 1), action = CONCAT(RIGHT(actor, 1), action)"
                                            " WHERE id = " + MIDDLE, CHANGED),
    'its MAC': ("UPDATE audit_event SET mac = UNHEX(SHA2('x', 256)) WHERE id = " + MIDDLE, CHANGED),
    'the MAC of the last one': ("UPDATE audit_event SET mac = UNHEX(SHA2('x', 256)) WHERE id = " + LAST, ANCHORED),
    'its key': ('UPDATE audit_event SET mac_key = mac_key ^ 2 WHERE id = ' + MIDDLE, 'not at hand'),
    'its number': ('UPDATE audit_event SET seq = seq + 100 WHERE id = ' + LAST, MISSING),
    'its chain': ("UPDATE audit_event SET writer = UNHEX(MD5('x')) WHERE id = " + MIDDLE, MISSING),
    'a row without a chain': ("INSERT INTO audit_event (at, actor, action, entity, entity_id) VALUES (1, 'x', 'x', 'x', 1)", 'without a chain'),
    'out of its chain': ('UPDATE audit_event SET writer = NULL, seq = NULL, mac = NULL, mac_key = NULL WHERE id = ' + MIDDLE, 'without a chain'),
    'one in the middle': ('DELETE FROM audit_event WHERE id = ' + MIDDLE, MISSING),
    'the first one of a chain': ('DELETE FROM audit_event WHERE seq = 1 AND writer IN (SELECT writer FROM kept_audit_event WHERE seq = 3)', MISSING),
    'the last one': ('DELETE FROM audit_event WHERE id = ' + LAST, ANCHORED),
    'a whole chain': ('DELETE FROM audit_event WHERE writer = (SELECT writer FROM kept_audit_event ORDER BY id DESC LIMIT 1)', ANCHORED),
    'all of them': ('DELETE FROM audit_event', ANCHORED),
    'an old one': ("UPDATE audit_event SET actor = 'x' WHERE action = 'old' LIMIT 1", 'without a chain'),
    'an old one is gone': ("DELETE FROM audit_event WHERE action = 'old' LIMIT 1", 'without a chain'),
    'two old ones trade places': ("UPDATE audit_event SET entity_id = 2 - entity_id WHERE action = 'old'", 'without a chain'),
    'a copy in another chain': ("INSERT INTO audit_event (at, actor, action, entity, entity_id, detail, writer, seq, mac, mac_key)"
                                " SELECT at, actor, action, entity, entity_id, detail, UNHEX(MD5('x')), 1, mac, mac_key FROM kept_audit_event WHERE seq = 2 LIMIT 1", CHANGED),
    'a copy at the end': ("INSERT INTO audit_event (at, actor, action, entity, entity_id, detail, writer, seq, mac, mac_key)"
                          " SELECT at, actor, action, entity, entity_id, detail, writer, seq + 1, mac, mac_key FROM kept_audit_event ORDER BY seq DESC LIMIT 1", CHANGED),
    'another order': ('UPDATE audit_event SET id = id + 1000000 WHERE id = ' + MIDDLE, 'has another id'),
    'two events trade their numbers': ('UPDATE audit_event a JOIN kept_audit_event b ON b.writer = a.writer AND b.seq = 3 - a.seq'
                                       ' SET a.detail = b.detail, a.entity_id = b.entity_id, a.mac = b.mac WHERE a.seq IN (1, 2)', CHANGED),
    'how many events an anchor covers': ('UPDATE audit_anchor SET events = events - 1 WHERE seq = 2', 'Anchor 2 was changed'),
    'when an anchor was made': ('UPDATE audit_anchor SET at = at - 1 WHERE seq = 1', 'Anchor 1 was changed'),
    'how many were old': ('UPDATE audit_anchor SET unchained = 2 WHERE seq = 3', 'Anchor 3 was changed'),
    'the MAC of an anchor': ("UPDATE audit_anchor SET mac = UNHEX(SHA2('x', 256)) WHERE seq = 1", 'Anchor 1 was changed'),
    'the key of an anchor': ('UPDATE audit_anchor SET mac_key = 2 WHERE seq = 1', 'not at hand'),
    'a chain in an anchor': ('UPDATE audit_anchor_head SET seq = seq + 1 WHERE anchor = 3', 'Anchor 3 was changed'),
    'a chain out of an anchor': ('DELETE FROM audit_anchor_head WHERE anchor = 2 LIMIT 1', 'Anchor 2 was changed'),
    'an anchor in the middle': ('DELETE a, h FROM audit_anchor a JOIN audit_anchor_head h ON h.anchor = a.seq WHERE a.seq = 2', 'Anchors 2 to 2 are missing'),
    'the text of a form': ("UPDATE form_version SET body = CONCAT(body, '.') LIMIT 1", 'Form version .*SHA-256'),
    'the digest of a form': ("UPDATE form_version SET sha256 = UNHEX(SHA2('x', 256)) LIMIT 1", 'Form version .*SHA-256'),
}


def test_nothing_is_wrong_before(log):
    assert log.value('SELECT MAX(seq) FROM audit_event') > 2
    assert verify(log)[0] == 0, verify(log)


@pytest.mark.parametrize('way', WAYS)
def test_it_is_noticed(log, way):
    statement, words = WAYS[way]
    connection = log.connect()
    with connection.cursor() as c:
        c.execute('SET foreign_key_checks = 0')
        assert c.execute(statement) > 0, statement
    connection.close()
    try:
        code, said = verify(log)
        assert code == 1 and re.search(words, said), said
    finally:
        restore(log)


def test_the_last_anchor_with_its_events(log, tmp_path):
    """Only who kept an anchor elsewhere notices it."""
    kept = tmp_path / 'anchors'
    kept.write_text(env.regenctl(log, 'audit', 'export').stdout)
    assert verify(log, '--anchors', str(kept))[0] == 0
    for cut in ('DELETE e FROM audit_event e JOIN audit_anchor_head h ON h.writer = e.writer WHERE h.anchor = 3',
                'DELETE FROM audit_anchor_head WHERE anchor = 3', 'DELETE FROM audit_anchor WHERE seq = 3'):
        log.rows(cut)
    try:
        code, said = verify(log, '--anchors', str(kept))
        assert code == 1 and 'Anchor 3, which was kept elsewhere, is missing' in said, said
    finally:
        restore(log)
    kept.write_text(kept.read_text().replace(kept.read_text().split()[4], 'ab' * 32))
    code, said = verify(log, '--anchors', str(kept))
    assert code == 1 and 'Anchor 1 is another one' in said, said


def test_a_key_that_is_gone(log, tmp_path):
    """After a rotation that keeps no older key: said, unless somebody has it."""
    old = tmp_path / 'old'
    old.write_bytes(open(log.secret_file, 'rb').read())
    os.chmod(old, 0o600)
    env.run([env.REGENCTL, 'secret', 'rotate', log.secret_file, '--keep', '0'])
    code, said = verify(log)
    assert code == 1 and 'which is not at hand' in said and 'was changed' not in said, said
    assert verify(log, '--earlier', str(old))[0] == 0
    os.chmod(log.secret_file, 0o600)
    open(log.secret_file, 'wb').write(old.read_bytes())


OBJECTS = {
    'DROP TRIGGER step_event_needs_consent': 'This is missing: trigger step_event_needs_consent.',
    'CREATE OR REPLACE TRIGGER consent_is_of_its_patient BEFORE INSERT ON consent FOR EACH ROW SET NEW.id = NEW.id':
        'Not as the migrations make it: trigger consent_is_of_its_patient.',
    "CREATE TRIGGER helpful AFTER INSERT ON injection FOR EACH ROW SET @x = 1": 'No migration makes this: trigger helpful.',
    'CREATE OR REPLACE SQL SECURITY INVOKER VIEW consent_in_force AS SELECT c.booking_id, v.form_id, c.id AS consent_id, c.expires_at'
    ' FROM consent c JOIN form_version v ON v.id = c.form_version_id': 'Not as the migrations make it: view consent_in_force.',
    'ALTER TABLE injection DROP FOREIGN KEY injection_own': 'This is missing: foreign key injection.injection_own.',
    'ALTER TABLE audit_event DROP KEY audit_chain': 'This is missing: key audit_event.audit_chain.',
    'ALTER TABLE invoice MODIFY total_minor INT NOT NULL': 'Not as the migrations make it: column invoice.total_minor.',
    'CREATE TABLE extra (id INT)': 'No migration makes this: column extra.id.',
    'CREATE PROCEDURE p () SELECT 1': 'No migration makes this: routine p.',
}


def test_rules_that_were_changed(database, log):
    for statement in OBJECTS:
        database.rows(statement)
    code, said = (lambda d: (d.returncode, d.stdout))(env.regenctl(database, 'audit', 'verify', SQL, owner=True, check=False))
    assert code == 1 and [w for w in OBJECTS.values() if w not in said] == [], said
    for name in ('consent_keeps', 'audit_event_keeps'):
        assert 'This is missing: trigger %s.' % name in said
