# SPDX-License-Identifier: Apache-2.0
"""The rules of treatment orders hold against the module's own account, also with foreign_key_checks=0, and against two requests at once."""
import concurrent.futures

import pymysql
import pytest

import ordering
import patient
from dayfill import BORN, now

WEEK = 7 * 86400


@pytest.fixture(scope='module')
def needed(database):
    return ordering.needs_order(database)


def attempt(database, *statements, keys=True, keep=False):
    """As the module's account: how many rows the last statement changed, or "refused" by a key, a rule or a missing right."""
    db = database.connect('regen')
    db.autocommit(False)
    try:
        with db.cursor() as c:
            if not keys:
                c.execute('SET foreign_key_checks = 0, unique_checks = 0')
            for sql, *values in statements:
                done = c.execute(sql, values)
            if keep:
                db.commit()
            return done
    except pymysql.MySQLError as refused:
        assert refused.args[0] in (1644, 1142, 1143, 1452, 1451, 4025, 1062), refused
        return 'refused'
    finally:
        db.rollback()
        db.close()


HOLD = ("INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, hold_expires_at, price_minor, currency, created_at, source, made_by,"
        " patient_id, order_id, body_site, laterality) SELECT %s, s.id, s.site_id, 'held', %s, %s + 3600, %s, 1, 'USD', %s, 'staff', 1, %s, %s, %s, %s"
        " FROM service s WHERE s.code = %s")


def hold(patient_id, order_id, start=None, site='elbow', side='right', service='prp-tendon'):
    start = (start or now() + WEEK) // 300 * 300
    return HOLD, ordering.uid(), start, start, now() + 600, now(), patient_id, order_id, site, side, service


@pytest.fixture
def two(needed, database, day):
    """Two patients, and an order of the first one."""
    ann = day.patient('Walker', 'Ann', BORN)
    bob = day.patient('Baker', 'Bob', BORN)
    return ann, bob, ordering.order(database, ann)


@pytest.mark.parametrize('keys', [True, False])
def test_who_what_where_when(two, database, keys):
    ann, bob, order = two
    last = database.value('SELECT valid_until FROM treatment_order WHERE id = %s', order)
    assert attempt(database, hold(ann, order), keys=keys) == 1
    for wrong in (hold(ann, None), hold(bob, order), hold(None, order), hold(ann, order, site='knee'), hold(ann, order, side='left'),
                  hold(ann, order, site='', side='none'), hold(ann, order, start=last + 300), hold(ann, order, service='bmac-knee'), hold(ann, 999999)):
        assert attempt(database, wrong, keys=keys) == 'refused', wrong
    assert attempt(database, hold(ann, None, service='consultation')) == 1
    assert attempt(database, hold(ann, order), hold(ann, order), keys=keys) == 'refused'


@pytest.mark.parametrize('keys', [True, False])
def test_what_is_held_keeps_to_it(two, database, keys):
    ann, bob, order = two
    other = ordering.order(database, bob)
    held = hold(ann, order)
    here = ' WHERE uid = %s'
    last = database.value('SELECT valid_until FROM treatment_order WHERE id = %s', order)
    for change, *values in (('order_id = NULL',), ('order_id = %s', other), ('patient_id = %s', bob), ("body_site = 'knee'",), ("laterality = 'left'",),
                            ('starts_at = %s, ends_at = starts_at + 3600', last // 300 * 300 + 300), ('service_id = 1',), ('service_id = 3',), ('service_id = 3, order_id = NULL',)):
        assert attempt(database, held, ('UPDATE booking SET ' + change + here, *values, held[1]), keys=keys) == 'refused', change
    booked = "UPDATE booking SET status = 'booked', hold_expires_at = NULL, booked_at = 1 WHERE uid = %s"
    assert attempt(database, held, (booked, held[1])) == 1
    revoke = 'INSERT INTO treatment_order_revocation (order_id, reason, at, staff_id) VALUES (%s, %s, %s, 2)'
    assert attempt(database, held, (revoke, order, 'x', now()), (booked, held[1]), keys=keys) == 'refused'
    assert attempt(database, (revoke, order, 'x', now()), held, keys=keys) == 'refused'
    # Without an order: a hold on another service, whose service is changed, or asks for one by now.
    free = hold(ann, None, service='consultation')
    assert attempt(database, free, ('UPDATE booking SET service_id = 2' + here, free[1]), keys=keys) == 'refused'
    asks = "UPDATE service SET booked_by = 'order' WHERE code = 'consultation'"
    assert attempt(database, free, (asks,), (booked, free[1]), keys=keys) == 'refused'
    # What is booked already stays, and can be moved.
    assert attempt(database, free, (booked, free[1]), (asks,), ('UPDATE booking SET starts_at = starts_at + 300' + here, free[1])) == 1


def test_an_order_carries_one_booking(two, database):
    ann, _, order = two
    first, second = hold(ann, order), hold(ann, order)
    state = 'UPDATE booking SET status = %s, hold_expires_at = NULL WHERE uid = %s'
    assert attempt(database, first, (state, 'cancelled', first[1]), second) == 1
    assert attempt(database, first, (state, 'expired', first[1]), second) == 1
    assert attempt(database, first, (state, 'booked', first[1]), (state, 'no-show', first[1]), second) == 1
    assert attempt(database, first, (state, 'booked', first[1]), second) == 'refused'
    assert attempt(database, first, (state, 'booked', first[1]), (state, 'no-show', first[1]), second, (state, 'booked', first[1])) == 'refused'
    assert attempt(database, first, (state, 'expired', first[1]), second, (state, 'booked', first[1])) == 'refused'
    assert attempt(database, first, ('DELETE FROM treatment_order_use',), keys=False) == 'refused'
    assert attempt(database, ('INSERT INTO treatment_order_use VALUES (%s, 1)', order), keys=False) == 'refused'


def test_a_signed_order_never_changes(two, database):
    _, _, order = two
    for sql in ("UPDATE treatment_order SET note = 'x'", 'UPDATE treatment_order SET valid_until = valid_until + 1', 'DELETE FROM treatment_order',
                "UPDATE treatment_order_target SET laterality = 'left'", 'DELETE FROM treatment_order_target', 'DELETE FROM treatment_order_revocation',
                "UPDATE treatment_order_revocation SET reason = 'x'", 'DELETE FROM treatment_order_use'):
        assert attempt(database, (sql,), keys=False) == 'refused', sql
        owner = database.connect()
        try:
            with owner.cursor() as c, pytest.raises(pymysql.MySQLError) as refused:
                if 'use' in sql or 'revocation' in sql:
                    raise pymysql.MySQLError(1644)
                c.execute(sql)
            assert refused.value.args[0] in (1644, 1451)
        finally:
            owner.close()
    target = 'INSERT INTO treatment_order_target (order_id, target_no, body_site, laterality) VALUES (%s, %s, %s, %s)'
    for no, site, side in ((2, 'elbow', 'left'), (1, 'elbow', 'left'), (0, 'elbow', 'left'), (3, 'hip', 'left')):
        assert attempt(database, (target, order, no, site, side), keys=False) == 'refused'


def test_who_signs_and_revokes(two, database, sample):
    ann, _, order = two
    sign = ('INSERT INTO treatment_order (uid, patient_id, service_id, diagnosis_code, severity, tried, imaging, weighed, valid_until, signed_at, staff_id)'
            " SELECT %s, %s, 2, 'M77.11', 'mild', 'a', 'b', 'c', %s, %s, id FROM staff WHERE login = %s")
    revoke = "INSERT INTO treatment_order_revocation (order_id, reason, at, staff_id) SELECT %s, 'x', %s, id FROM staff WHERE login = %s"
    for login, signs, revokes in (('clinician', 1, 1), ('admin', 'refused', 1), ('frontdesk', 'refused', 'refused'), ('billing', 'refused', 'refused')):
        assert attempt(database, (sign, ordering.uid(), ann, now() + WEEK, now(), login), keys=False) == signs, login
        assert attempt(database, (revoke, order, now(), login), keys=False) == revokes, login
    assert attempt(database, (sign, ordering.uid(), ann, now() - 1, now(), 'clinician')) == 'refused'
    assert attempt(database, ('DELETE FROM resource_capability WHERE resource_id = 1',), (sign, ordering.uid(), ann, now() + WEEK, now(), 'clinician')) == 'refused'
    assert attempt(database, ('UPDATE resource SET active = 0 WHERE id = 1',), (sign, ordering.uid(), ann, now() + WEEK, now(), 'clinician')) == 'refused'
    assert attempt(database, (revoke, order, 1, 'clinician')) == 'refused'
    assert attempt(database, (revoke, order, now(), 'clinician'), (revoke, order, now(), 'clinician')) == 'refused'


def test_who_waits_waits_on_an_order(two, database):
    ann, _, order = two
    wait = ("INSERT INTO waitlist (uid, service_id, order_id, first_day, last_day, times, family, given, email, phone, link_hash, created_at)"
            " VALUES (%s, %s, %s, CURDATE(), CURDATE(), 1, 'a', 'b', 'c', 'd', UNHEX(SHA2(%s, 256)), 1)")
    assert attempt(database, (wait, ordering.uid(), 2, order, 'a')) == 1
    assert attempt(database, (wait, ordering.uid(), 3, None, 'a')) == 1
    assert attempt(database, (wait, ordering.uid(), 2, None, 'a'), keys=False) == 'refused'
    assert attempt(database, (wait, ordering.uid(), 3, order, 'a'), keys=False) == 'refused'
    assert attempt(database, (wait, ordering.uid(), 2, order, 'a'), ('UPDATE waitlist SET order_id = NULL',), keys=False) == 'refused'


def test_no_step_on_a_revoked_order(two, database, day):
    ann, _, _ = two
    uid = day.book('prp-tendon', 'elbow')
    step = "INSERT INTO step_event (booking_id, kind, at, staff_id) SELECT id, 'check-in', %s, 1 FROM booking WHERE uid = %s"
    revoke = "INSERT INTO treatment_order_revocation (order_id, reason, at, staff_id) SELECT order_id, 'x', %s, 2 FROM booking WHERE uid = %s"
    assert attempt(database, (step, now(), uid)) == 1
    assert attempt(database, (revoke, now(), uid), (step, now(), uid), keys=False) == 'refused'
    begun = "UPDATE booking SET status = 'in-progress' WHERE uid = %s"
    assert attempt(database, (begun, uid), (revoke, now(), uid), keys=False) == 'refused'


def test_two_at_once(two, needed, server, database):
    """Two browsers that opened the same order take two times at once: one of them has it, and the other one is told."""
    ann, _, order = two
    number, uid = database.rows('SELECT n.number, o.uid FROM treatment_order o JOIN treatment_order_number n ON n.order_id = o.id WHERE o.id = %s', order)[0]
    forms = []
    for i in range(4):
        visitor = server.visitor()
        ordering.open_order(visitor, number, BORN)
        forms.append(patient.times(patient.times_page(visitor, needed, '?order=' + uid))[i * 2])
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda f: f.submit(), forms))
    live = database.value("SELECT COUNT(*) FROM booking WHERE order_id = %s AND status = 'held'", order)
    assert live == 1 and any(p.path == '/booking/details' for p in pages)
    assert all(p.path == '/booking/details' or (p.status == 409 and 'booking on this order already' in p.text) for p in pages), [(p.status, p.path) for p in pages]
    assert database.value('SELECT COUNT(*) FROM occupancy o JOIN booking b ON b.id = o.booking_id WHERE b.order_id = %s AND b.status <> %s', order, 'held') == 0
