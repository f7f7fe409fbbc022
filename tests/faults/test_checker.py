# SPDX-License-Identifier: Apache-2.0
"""The checker can fail: a good history passes it, and every kind of lie, each put into the good history by hand, is found. No server."""
import copy
import datetime

import pytest

import checker

# A clinic with two doctors, one room and one bay. "chain": doctor and room, then within 10 minutes the bay, one a day... of five.
NINE = 1779958800
HOLD = 60
T = float(NINE - 86400)  # when it all happens
DAY = datetime.datetime.fromtimestamp(NINE, datetime.timezone.utc).date()
DOCTOR, SECOND, ROOM, BAY = 1, 2, 3, 4


def step(number, minutes, visit=1, **gap):
    return {'service_id': 1, 'step_no': number, 'kind': 'consult', 'visit_no': visit, 'minutes': minutes, 'gap_min': 0, 'gap_max': 0,
            'gap_days_min': None, 'gap_days_max': None, **gap}


def need(step_no, number, capability, **more):
    return {'service_id': 1, 'step_no': step_no, 'need_no': number, 'capability': capability, 'quantity': 1, 'setup_minutes': 0,
            'turnover_minutes': 0, 'bind': '', **more}


def booked(world, i, start, doctor, status='held', **more):
    """Puts booking I with all its parts into the world, and its takings into the witness."""
    dump = world['dump']
    dump['booking'].append({'id': i, 'uid': 'booking%d' % i, 'source': 'patient', 'service_id': 1, 'site_id': 1, 'status': status, 'starts_at': start, 'ends_at': start + 3000,
                            'hold_expires_at': int(T) + HOLD + i if status == 'held' else None, 'hold_extended': 0, 'link_hash': None,
                            'created_at': int(T) + i, **more})
    dump['booking_step'] += [{'booking_id': i, 'step_no': 1, 'kind': 'consult', 'visit_no': 1, 'starts_at': start, 'ends_at': start + 1800},
                             {'booking_id': i, 'step_no': 2, 'kind': 'consult', 'visit_no': 1, 'starts_at': start + 2100, 'ends_at': start + 3000}]
    rows = [(1, 1, doctor, start, start + 1800), (1, 2, ROOM, start - 300, start + 2400), (2, 1, BAY, start + 2100, start + 3000),
            (2, 2, doctor, start + 2100, start + 3000)]
    dump['booking_resource'] += [dict(zip(('booking_id', 'step_no', 'need_no', 'resource_id', 'busy_from', 'busy_until'), (i, *r))) for r in rows]
    dump['appointment'].append({'booking_id': i, 'visit_no': 1, 'starts_at': start, 'ends_at': start + 3000})
    dump['session'].append({'token_hash': 'key%d' % i, 'booking_id': i})
    dump['audit_event'].append({'entity': 'booking', 'entity_id': i, 'action': 'booking.hold'})
    taken = {(r[2], g) for r in rows for g in range(r[3] // 300, r[4] // 300)}
    for resource, granule in sorted(taken):
        world['witness'].append({'id': len(world['witness']), 'at': T + i, 'taken': 1, 'resource_id': resource, 'granule': granule, 'booking_id': i})
        if status in ('held', 'booked'):
            dump['occupancy'].append({'resource_id': resource, 'granule': granule, 'booking_id': i})
            paint(dump, resource, granule)
    if status in ('held', 'booked'):
        dump['service_day'].append({'service_id': 1, 'day': DAY, 'seat': i, 'booking_id': i})
    event(world, 'hold', T + i - 0.1, T + i + 0.1, booking='key%d' % i, service='chain', start=start)


def paint(dump, resource, granule):
    day, bit = divmod(granule, 288)
    row = next((r for r in dump['day_bitmap'] if (r['resource_id'], r['day']) == (resource, day)), None)
    if row is None:
        row = {'resource_id': resource, 'day': day, 'w0': 0, 'w1': 0, 'w2': 0, 'w3': 0, 'w4': 0}
        dump['day_bitmap'].append(row)
    row['w%d' % (bit // 64)] |= 1 << bit % 64


def event(world, op, begin, end, outcome='ok', **more):
    made = dict(op=op, client=0, begin=begin, end=end, outcome=outcome, **more)
    world['events'].append(made)
    return made


def given_back(world, i, at):
    world['witness'] += [dict(w, id=1000 + w['id'], at=at, taken=0) for w in world['witness'] if w['booking_id'] == i and w['taken']]


def audit(world, i, action):
    world['dump']['audit_event'].append({'entity': 'booking', 'entity_id': i, 'action': action})


@pytest.fixture
def world():
    """Booking 1 is held and was looked at, 2 was booked, 3 was given back, 4 expired and its client heard so; a time was found between."""
    made = {'events': [], 'witness': [], 'dump': {
        'site': [{'id': 1, 'time_zone': 'UTC'}], 'service': [{'id': 1, 'code': 'chain', 'max_per_day': 5, 'start_grid': 15}],
        'service_step': [step(1, 30), step(2, 15, gap_max=10)],
        'service_need': [need(1, 1, 'doctor', bind='doctor'), need(1, 2, 'room', setup_minutes=5, turnover_minutes=10),
                         need(2, 1, 'bay'), need(2, 2, 'doctor', bind='doctor')],
        'service_need_any': [], 'resource_capability': [{'resource_id': r, 'capability': c} for r, c in (
            (DOCTOR, 'doctor'), (SECOND, 'doctor'), (ROOM, 'room'), (BAY, 'bay'))],
        **{t: [] for t in ('service_day', 'booking', 'booking_step', 'booking_resource', 'appointment', 'occupancy', 'day_bitmap',
                           'session', 'audit_event', 'waitlist', 'waitlist_offer', 'booking_override', 'closure')}}}
    booked(made, 1, NINE, DOCTOR)
    event(made, 'look', T + 2, T + 2.1, booking='key1', until=int(T) + 61, extended=False)
    booked(made, 2, NINE + 7200, SECOND, 'booked', link_hash='link')
    event(made, 'confirm', T + 5, T + 6, booking='key2', link='link')
    audit(made, 2, 'booking.confirm')
    booked(made, 3, NINE + 14400, DOCTOR, 'cancelled')
    event(made, 'release', T + 7, T + 8, booking='key3')
    given_back(made, 3, T + 7.5)
    audit(made, 3, 'booking.cancel')
    booked(made, 4, NINE + 21600, SECOND, 'expired')
    given_back(made, 4, T + 66)
    event(made, 'extend', T + 70, T + 70.1, 'gone', booking='key4')
    event(made, 'find', T + 9, T + 9.1, service='chain', day=str(DAY), offered=[NINE + 14400])
    return made


def problems(world, at=T + 20):
    return checker.check(world['events'], world['dump'], world['witness'], HOLD, at)


def kinds(world, at=T + 20):
    return {kind for kind, _ in problems(world, at)}


def test_good(world):
    assert problems(world, T + 80) == []


def row(world, table, **which):
    return next(r for r in world['dump'][table] if all(r[k] == v for k, v in which.items()))


def drop(world, table, **which):
    world['dump'][table].remove(row(world, table, **which))


def change(table, which, **to):
    return lambda world: row(world, table, **which).update(to)


def without(table, **which):
    return lambda world: drop(world, table, **which)


def last(world, op):
    return [e for e in world['events'] if e['op'] == op][-1]


# --- what is stored ------------------------------------------------------------------------------------------------------------

def two_in_one_room(world):
    booked(world, 5, NINE + 600, SECOND)


def occupied_for_nobody(world):
    world['dump']['occupancy'].append({'resource_id': DOCTOR, 'granule': 7, 'booking_id': 3})
    paint(world['dump'], DOCTOR, 7)


def not_occupied(world):
    gone = world['dump']['occupancy'].pop()
    word = row(world, 'day_bitmap', resource_id=gone['resource_id'], day=gone['granule'] // 288)
    bit = gone['granule'] % 288
    word['w%d' % (bit // 64)] &= ~(1 << bit % 64)


def extra_appointment(world):
    world['dump']['appointment'].append({'booking_id': 1, 'visit_no': 2, 'starts_at': NINE, 'ends_at': NINE + 300})


def two_doctors(world):
    row(world, 'booking_resource', booking_id=1, step_no=2, need_no=2)['resource_id'] = SECOND


def room_for_a_doctor(world):
    for r in world['dump']['booking_resource']:
        if r['booking_id'] == 1 and r['resource_id'] == DOCTOR:
            r['resource_id'] = BAY


def seat_of_the_cancelled(world):
    world['dump']['service_day'].append({'service_id': 1, 'day': DAY, 'seat': 3, 'booking_id': 3})


def same_seat(world):
    row(world, 'service_day', booking_id=2)['seat'] = 1


STORED = [
    (two_in_one_room, 'overlap'), (occupied_for_nobody, 'occupancy'), (not_occupied, 'occupancy'),
    (change('day_bitmap', {'resource_id': ROOM}, w4=1 << 31), 'bitmap'), (without('day_bitmap', resource_id=ROOM), 'bitmap'),
    (without('booking_step', booking_id=1, step_no=2), 'chain'), (without('booking_resource', booking_id=2, step_no=2), 'chain'),
    (without('appointment', booking_id=2), 'chain'), (extra_appointment, 'chain'), (two_doctors, 'chain'), (room_for_a_doctor, 'chain'),
    (change('booking_resource', {'booking_id': 1, 'resource_id': ROOM}, busy_from=NINE), 'chain'),
    (change('booking_step', {'booking_id': 1, 'step_no': 1}, ends_at=NINE + 2100), 'chain'),
    (change('booking_step', {'booking_id': 1, 'step_no': 2}, starts_at=NINE + 2700, ends_at=NINE + 3600), 'chain'),
    (change('booking', {'id': 1}, ends_at=NINE + 3300), 'chain'), (change('appointment', {'booking_id': 1}, ends_at=NINE + 3300), 'chain'),
    (without('service_day', booking_id=1), 'seat'), (seat_of_the_cancelled, 'seat'), (same_seat, 'seat'),
    (change('service_day', {'booking_id': 1}, seat=6), 'seat'),
]


# --- what was told ---------------------------------------------------------------------------------------------------------------

def lose_booking(world):
    drop(world, 'session', token_hash='key1')


def confirm_forgotten(world):
    row(world, 'booking', id=2).update(status='held', hold_expires_at=int(T) + HOLD + 2)


def move_forgotten(world):
    event(world, 'move', T + 10, T + 11, booking='key2', service='chain', start=NINE + 28800)
    audit(world, 2, 'booking.move')


def cancel_forgotten(world):
    event(world, 'cancel', T + 10, T + 11, booking='key2')
    audit(world, 2, 'booking.cancel')


def nobody_asked(world):
    booked(world, 5, NINE + 28800, DOCTOR)
    world['events'].pop()


def lost_elsewhere(world):
    """A lost answer explains a booking at the time it asked for, no other."""
    nobody_asked(world)
    event(world, 'hold', T + 4.9, T + 5.2, 'lost', service='chain', start=NINE + 32400)


def lost_but_two(world):
    booked(world, 5, NINE + 28800, DOCTOR)
    event_of = world['events'].pop()
    booked(world, 6, NINE + 28800 + 86400, DOCTOR)
    world['events'].pop()
    event(world, 'hold', event_of['begin'], event_of['end'] + 1, 'lost', service='chain', start=NINE + 28800)


def held_twice(world):
    audit(world, 1, 'booking.hold')


def two_sessions_one_booking(world):
    event(world, 'hold', T + 1.5, T + 1.6, booking='other', service='chain', start=NINE)
    world['dump']['session'].append({'token_hash': 'other', 'booking_id': 1})


def extended_twice(world):
    event(world, 'extend', T + 3, T + 4, booking='key1')
    row(world, 'booking', id=1).update(hold_expires_at=int(T) + 61 + HOLD, hold_extended=1)
    audit(world, 1, 'booking.extend')
    audit(world, 1, 'booking.extend')


def cancelled_by_nobody(world):
    row(world, 'booking', id=2)['status'] = 'cancelled'


def gone_too_early(world):
    last(world, 'extend').update(begin=T + 30, end=T + 31)


def given_back_after_its_end(world, asked=T + 63.5):
    """Its page said that it had not been extended, and nobody asked for that."""
    event(world, 'release', asked, asked + 0.5, booking='key1')
    row(world, 'booking', id=1).update(status='cancelled', hold_expires_at=None)
    audit(world, 1, 'booking.cancel')
    given_back(world, 1, asked + 0.2)
    for table in ('occupancy', 'service_day'):
        world['dump'][table] = [r for r in world['dump'][table] if r['booking_id'] != 1]
    world['dump']['day_bitmap'].clear()
    for r in world['dump']['occupancy']:
        paint(world['dump'], r['resource_id'], r['granule'])


def asked_too_late(world):
    """No answer, but by then there was nothing left to extend."""
    event(world, 'extend', T + 64, T + 65, 'lost', booking='key1')
    given_back_after_its_end(world, T + 66)


def confirm_refused_as_gone(world):
    event(world, 'confirm', T + 10, T + 11, 'gone', booking='key1')


def swept_too_early(world):
    for w in world['witness']:
        if w['booking_id'] == 4 and not w['taken']:
            w['at'] = T + 40


def swept_though_booked(world):
    """Given to others and back again: the dump at the end would not show it."""
    mine = [w for w in world['witness'] if w['booking_id'] == 2]
    world['witness'] += [dict(w, id=2000 + w['id'], at=T + 70, taken=0) for w in mine] + [dict(w, id=3000 + w['id'], at=T + 71) for w in mine]


def answered_before_taken(world):
    for w in world['witness']:
        if w['booking_id'] == 1:
            w['at'] = T + 15


def half_taken_when_answered(world):
    next(w for w in world['witness'] if w['booking_id'] == 1)['at'] = T + 15


def both_had_it(world):
    world['witness'] += [dict(w, id=4000, at=T + 10, booking_id=2) for w in world['witness'] if w['booking_id'] == 1][:1]


def offered_while_taken(world):
    last(world, 'find')['offered'].append(NINE)


def offered_just_beside(world):
    """The room is taken five minutes before and ten after."""
    last(world, 'find')['offered'].append(NINE + 1800)


def wrong_until(world):
    last(world, 'look')['until'] = int(T) + 90


def extended_without(world):
    last(world, 'look')['extended'] = True


def says_cancelled(world):
    event(world, 'see', T + 10, T + 11, booking='key2', status='cancelled')


def not_there_at_the_other_node(world):
    event(world, 'see', T + 6.1, T + 6.2, 'none', booking='key2')


def another_link(world):
    row(world, 'booking', id=2)['link_hash'] = 'other'


def confirmed_after_release(world):
    event(world, 'confirm', T + 9, T + 10, booking='key3')


def confirmed_after_gone(world):
    event(world, 'confirm', T + 75, T + 76, booking='key4')


def internal_error(world):
    event(world, 'extend', T + 10, T + 11, 'strange 500', booking='key1')


TOLD = [
    (lose_booking, 'lost'), (confirm_forgotten, 'lost'), (move_forgotten, 'lost'), (cancel_forgotten, 'lost'), (another_link, 'lost'),
    (cancelled_by_nobody, 'lost'), (not_there_at_the_other_node, 'lost'), (nobody_asked, 'invented'), (lost_elsewhere, 'invented'),
    (lost_but_two, 'invented'), (held_twice, 'twice'), (two_sessions_one_booking, 'twice'), (extended_twice, 'twice'),
    (gone_too_early, 'lost hold'), (confirm_refused_as_gone, 'lost hold'), (swept_too_early, 'lost hold'), (swept_though_booked, 'lost hold'),
    (answered_before_taken, 'lost hold'), (half_taken_when_answered, 'lost hold'), (both_had_it, 'overlap'),
    (offered_while_taken, 'offered taken'), (offered_just_beside, 'offered taken'), (wrong_until, 'impossible'),
    (extended_without, 'impossible'), (says_cancelled, 'impossible'), (confirmed_after_release, 'impossible'),
    (confirmed_after_gone, 'impossible'), (internal_error, 'strange'), (given_back_after_its_end, 'impossible'), (asked_too_late, 'impossible'),
]


@pytest.mark.parametrize('lie, kind', STORED + TOLD, ids=['%s-%d' % (k.replace(' ', '-'), n) for n, (_, k) in enumerate(STORED + TOLD)])
def test_lie_is_found(world, lie, kind):
    before = copy.deepcopy(world)
    lie(world)
    assert world != before
    assert kind in kinds(world, T + 80)


# --- what may be, and is no problem ---------------------------------------------------------------------------------------------------

def lost_and_done(world):
    event(world, 'confirm', T + 10, T + 11, 'lost', booking='key1')
    row(world, 'booking', id=1).update(status='booked', hold_expires_at=None, link_hash='x')
    audit(world, 1, 'booking.confirm')


def lost_and_not_done(world):
    event(world, 'confirm', T + 10, T + 11, 'lost', booking='key1')


def lost_hold_done(world):
    nobody_asked(world)
    event(world, 'hold', T + 4.9, T + 5.2, 'lost', service='chain', start=NINE + 28800)


def lost_hold_not_done(world):
    event(world, 'hold', T + 4.9, T + 5.2, 'lost', service='chain', start=NINE + 28800)


def lost_and_done_after_it_was_read(world):
    """Extended, but not before the page was read that came after."""
    event(world, 'extend', T + 1.5, T + 1.9, 'lost', booking='key1')
    audit(world, 1, 'booking.extend')
    given_back_after_its_end(world)


def offered_before_it_was_answered(world):
    event(world, 'find', T + 1.01, T + 1.05, service='chain', day=str(DAY), offered=[NINE])


def offered_after_it_expired(world):
    event(world, 'find', T + 65, T + 65.5, service='chain', day=str(DAY), offered=[NINE + 21600])


def moved(world):
    """Booking 2 goes to a later time: everything of it is new."""
    move_forgotten(world)
    given_back(world, 2, T + 10.5)
    dump, start = world['dump'], NINE + 28800
    row(world, 'booking', id=2).update(starts_at=start, ends_at=start + 3000)
    for table in ('booking_step', 'appointment'):
        for r in dump[table]:
            if r['booking_id'] == 2:
                r.update(starts_at=r['starts_at'] + 21600, ends_at=r['ends_at'] + 21600)
    for r in dump['booking_resource']:
        if r['booking_id'] == 2:
            r.update(busy_from=r['busy_from'] + 21600, busy_until=r['busy_until'] + 21600)
    dump['day_bitmap'].clear()
    for r in dump['occupancy']:
        if r['booking_id'] == 2:
            r['granule'] += 72
            world['witness'].append({'id': 5000 + r['granule'] * 10 + r['resource_id'], 'at': T + 10.5, 'taken': 1, **r})
        paint(dump, r['resource_id'], r['granule'])


@pytest.mark.parametrize('story', [lost_and_done, lost_and_not_done, lost_hold_done, lost_hold_not_done, lost_and_done_after_it_was_read,
                                   offered_before_it_was_answered,
                                   offered_after_it_expired, moved])
def test_truth_is_no_problem(world, story):
    story(world)
    assert problems(world, T + 80) == []
