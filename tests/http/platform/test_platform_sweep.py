# SPDX-License-Identifier: Apache-2.0
"""The periodic clearing runs by itself, once however many children there are, and the module works without it."""
import env

SESSION = "INSERT INTO visitor_session (token_hash, created_at, expires_at) VALUES (UNHEX(SHA2(%s, 256)), 0, %s)"
KEY = "INSERT INTO idempotency (key_hash, request_hash, created_at) VALUES (UNHEX(SHA2(%s, 256)), REPEAT('a', 32), %s)"


def left(database):
    return (database.value("SELECT COUNT(*) FROM visitor_session WHERE created_at = 0"),
            database.value("SELECT COUNT(*) FROM idempotency WHERE request_hash = REPEAT('a', 32)"))


def test_sweep(servers, server, database):
    one = servers(extra='RegenSweepInterval 1s\n')
    try:
        for n in range(3):
            database.rows(SESSION, 'past %d' % n, 1)
            database.rows(KEY, 'past %d' % n, 1)
        database.rows(SESSION, 'future', 99999999999)
        database.rows(KEY, 'future', 99999999999)
        env.wait_until(lambda: left(database) == (1, 1), 15)
        # Again after a graceful restart: the watchdog goes to a new child.
        assert one.graceful().returncode == 0
        database.rows(SESSION, 'past', 1)
        env.wait_until(lambda: left(database) == (1, 1), 15)
    finally:
        database.rows('DELETE FROM visitor_session WHERE created_at = 0')
        database.rows("DELETE FROM idempotency WHERE request_hash = REPEAT('a', 32)")


def test_expired_holds_are_swept(servers, server, database):
    """Whoever holds a time and goes away gives it back without anybody looking."""
    servers(extra='RegenSweepInterval 1s\n')
    with server.visitor() as visitor:
        times = visitor.open('/services/' + database.value('SELECT code FROM service WHERE active = 1 LIMIT 1') + '/times')
        held = times.form(action='/holds').submit(follow=False)
        assert held.status_code == 303
    booking = database.value("SELECT MAX(id) FROM booking WHERE status = 'held'")
    assert database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s', booking) > 0
    database.rows('UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() - 1 WHERE id = %s', booking)
    env.wait_until(lambda: database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s', booking) == 0, 15)
    assert database.value('SELECT status FROM booking WHERE id = %s', booking) == 'expired'
