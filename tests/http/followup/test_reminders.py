# SPDX-License-Identifier: Apache-2.0
"""Reminders of a visit as the service plans them, and of the day on which preparing begins: written once, not to somebody who was told of the
visit a moment ago, and not about a visit that has another time."""
import time

import pytest

import env
import patient
from courses import three_visits


@pytest.fixture
def booked(server, servers, database, visitor):
    """(booking id, start) of a visit that is ahead, and an httpd that sweeps."""
    servers(extra='RegenSweepInterval 1s\n')
    patient.book(visitor)
    yield database.rows('SELECT id, starts_at FROM booking ORDER BY id DESC LIMIT 1')[0]
    database.rows('UPDATE service SET remind_hours = 0, remind_again_hours = 0')


def confirmed(database, booking, days=10, prepare_at=None):
    """As if it had been confirmed DAYS ago."""
    columns = [c for (c,) in database.rows("SELECT column_name FROM information_schema.columns WHERE table_schema = 'regen' AND table_name = 'message'")
               if c not in ('id', 'uid', 'created_at', 'prepare_at', 'about_version')]
    database.rows("INSERT INTO message (uid, created_at, prepare_at, about_version, %s) SELECT REVERSE(uid), %%s, %%s, 60000, %s FROM message"
                  " WHERE kind = 'confirmation' AND about_id = %%s LIMIT 1" % (', '.join(columns), ', '.join(columns)),
                  int(time.time()) - days * 86400, prepare_at, booking)
    database.rows("DELETE FROM message WHERE kind = 'confirmation' AND about_id = %s AND about_version <> 60000", booking)


def told(database, booking, kind='visit'):
    return database.value('SELECT COUNT(*) FROM message WHERE kind = %s AND about_id = %s', kind, booking)


def sweep_twice(database):
    """Two sweeps of the running httpd pass: what they find to remove is gone."""
    for n in range(2):
        database.rows("INSERT INTO visitor_session (token_hash, created_at, expires_at) VALUES (UNHEX(SHA2('sweep', 256)), 0, 1)")
        env.wait_until(lambda: database.value("SELECT COUNT(*) FROM visitor_session WHERE token_hash = UNHEX(SHA2('sweep', 256))") == 0, 15)
    time.sleep(1.2)


def test_as_the_service_plans(booked, database):
    booking, starts = booked
    hours = (starts - int(time.time())) // 3600 + 2
    database.rows('UPDATE service SET remind_hours = %s', hours)
    sweep_twice(database)
    assert told(database, booking) == 0, 'who booked a moment ago is not reminded'
    confirmed(database, booking)
    env.wait_until(lambda: told(database, booking) == 1, 15)
    database.rows('UPDATE service SET remind_again_hours = %s', hours - 1)
    env.wait_until(lambda: told(database, booking) == 2, 15)
    # Whatever else changes about the booking, and however often it is looked at.
    database.rows('UPDATE booking SET version = version + 1 WHERE id = %s', booking)
    sweep_twice(database)
    assert told(database, booking) == 2


def test_not_yet(booked, database):
    booking, starts = booked
    confirmed(database, booking)
    database.rows('UPDATE service SET remind_hours = %s', max((starts - int(time.time())) // 3600 - 2, 1))
    sweep_twice(database)
    assert told(database, booking) == 0


def test_preparing_begins(booked, database):
    booking, _ = booked
    confirmed(database, booking, prepare_at=int(time.time()) + 86400)
    env.wait_until(lambda: told(database, booking, 'prepare') == 1, 15)
    sweep_twice(database)
    assert told(database, booking, 'prepare') == 1
    assert database.value("SELECT prepare_at IS NOT NULL FROM message WHERE kind = 'prepare' AND about_id = %s", booking) == 1


def test_who_was_told_of_it_a_moment_ago(booked, database):
    booking, _ = booked
    confirmed(database, booking, days=1, prepare_at=int(time.time()) + 86400)
    sweep_twice(database)
    assert told(database, booking, 'prepare') == 0


def remind(database, *bookings):
    for booking in bookings:
        confirmed(database, booking)
    last = database.value('SELECT MAX(starts_at) FROM booking WHERE id IN (%s)' % ', '.join(str(b) for b in bookings))
    database.rows('UPDATE service SET remind_hours = %s', (last - int(time.time())) // 3600 + 2)


@pytest.mark.expects_log('RG02202')
def test_one_that_cannot_be_written_stops_no_other(booked, database, server):
    booking, _ = booked
    with server.visitor() as somebody:
        patient.book(somebody)
    other = database.value('SELECT MAX(id) FROM booking')
    assert other != booking
    database.rows("CREATE TRIGGER bad_row BEFORE INSERT ON message FOR EACH ROW"
                  " IF NEW.kind = 'visit' AND NEW.about_id = %d THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'bad'; END IF" % booking)
    try:
        remind(database, booking, other)
        env.wait_until(lambda: told(database, other) == 1, 15)
        sweep_twice(database)
        assert (told(database, booking), told(database, other)) == (0, 1)
    finally:
        database.rows('DROP TRIGGER bad_row')
    env.wait_until(lambda: told(database, booking) == 1, 15)


@pytest.mark.expects_log('RG03133')
def test_a_task_that_fails_stops_no_other(booked, database):
    """Sessions cannot be removed, and reminders are written all the same."""
    booking, _ = booked
    database.rows("CREATE TRIGGER bad_row BEFORE DELETE ON visitor_session FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'bad'")
    try:
        database.rows("INSERT INTO visitor_session (token_hash, created_at, expires_at) VALUES (UNHEX(SHA2('stuck', 256)), 0, 1)")
        remind(database, booking)
        env.wait_until(lambda: told(database, booking) == 1, 15)
    finally:
        database.rows('DROP TRIGGER bad_row')
    sweep_twice(database)


@pytest.fixture
def course(server, servers, database, visitor):
    """(booking id, starts of its three visits), confirmed some days ago; an httpd sweeps."""
    servers(extra='RegenSweepInterval 1s\n')
    if not database.value("SELECT COUNT(*) FROM service WHERE code = 'three-visits'"):
        three_visits(database)
    page = patient.hold(visitor, 'three-visits').form(having='family').fill(**dict(patient.ADA, pay='self')).submit()
    page = visitor.open(patient.at('/booking/check', page.about)).form(action='/booking/check').submit()
    assert page.h1 == 'You are booked', page
    booking = database.value('SELECT MAX(id) FROM booking')
    starts = [s for (s,) in database.rows('SELECT starts_at FROM appointment WHERE booking_id = %s ORDER BY visit_no', booking)]
    assert len(starts) == 3
    confirmed(database, booking)
    yield booking, starts
    database.rows('UPDATE service SET remind_hours = 0, remind_again_hours = 0')


def told_of(database, booking):
    return [s for (s,) in database.rows("SELECT starts_at FROM message WHERE kind = 'visit' AND about_id = %s ORDER BY starts_at, id", booking)]


def hours_to(start):
    return (start - int(time.time())) // 3600 + 2


def test_each_visit_of_a_course(course, database):
    """The later ones, too, also once the course began; each letter tells of its own visit and those after it."""
    booking, starts = course
    database.rows('UPDATE service SET remind_hours = %s', hours_to(starts[1]))
    env.wait_until(lambda: told_of(database, booking) == starts[:2], 15)
    assert database.rows("SELECT visits, ends_at FROM message WHERE kind = 'visit' AND about_id = %s ORDER BY starts_at", booking)[1] == (
        '%d %d' % (starts[1], starts[2]), database.value('SELECT ends_at FROM appointment WHERE booking_id = %s AND visit_no = 2', booking))
    # It began; the last visit is near.
    database.rows("UPDATE booking SET status = 'arrived' WHERE id = %s", booking)
    database.rows('UPDATE service SET remind_hours = %s, remind_again_hours = %s', hours_to(starts[2]), hours_to(starts[2]))
    env.wait_until(lambda: told_of(database, booking) == [starts[0], starts[1], starts[1], starts[2], starts[2]], 15)
    sweep_twice(database)
    assert len(told_of(database, booking)) == 5, 'nobody is reminded of the visit that they came to'


def test_what_was_called_off_is_not_reminded_of(course, database):
    """The plan of a course stays when its rest is cancelled: a visit without a room is off."""
    booking, starts = course
    database.rows("UPDATE booking SET status = 'arrived' WHERE id = %s", booking)
    database.rows('DELETE FROM booking_resource WHERE booking_id = %s AND step_no = 3', booking)
    database.rows('UPDATE service SET remind_hours = %s', hours_to(starts[2]))
    env.wait_until(lambda: told_of(database, booking) == [starts[1]], 15)
    sweep_twice(database)
    assert told_of(database, booking) == [starts[1]]
    assert database.value("SELECT visits FROM message WHERE kind = 'visit' AND about_id = %s", booking) == str(starts[1])


@pytest.mark.expects_log('RG02202')
def test_a_hundred_that_cannot_be_written_stop_no_other(booked, database):
    """What fails stays first in the list."""
    booking, starts = booked
    columns = [c for (c,) in database.rows("SELECT column_name FROM information_schema.columns WHERE table_schema = 'regen' AND table_name = 'booking'"
                                           " AND extra NOT LIKE '%%GENERATED%%'") if c not in ('id', 'uid', 'starts_at', 'number', 'link_hash', 'hold_hash')]
    bad = [database.value('SELECT MAX(id) FROM booking') + 1 + n for n in range(120)]
    try:
        for n in bad:
            database.rows('INSERT INTO booking (id, uid, starts_at, %s) SELECT %d, %%s, starts_at - 300, %s FROM booking WHERE id = %%s' % (', '.join(columns), n, ', '.join(columns)),
                          '%026d' % n, booking)
            database.rows('INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at) SELECT %s, %s, 1, starts_at, ends_at FROM booking WHERE id = %s', '%026d' % n, n, n)
        database.rows("CREATE TRIGGER bad_row BEFORE INSERT ON message FOR EACH ROW"
                      " IF NEW.kind = 'visit' AND NEW.about_id >= %d THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'bad'; END IF" % bad[0])
        remind(database, booking)
        env.wait_until(lambda: told(database, booking) == 1, 15)
    finally:
        database.rows('UPDATE service SET remind_hours = 0')
        database.rows('DROP TRIGGER IF EXISTS bad_row')
