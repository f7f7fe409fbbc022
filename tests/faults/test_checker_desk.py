# SPDX-License-Identifier: Apache-2.0
"""The checker of the waitlist and the desk can fail, too: every kind of lie is found, and what may be is none. No server."""
import copy

import pytest

import checker
from test_checker import DAY, DOCTOR, HOLD, NINE, ROOM, SECOND, T, audit, booked, change, drop, event, given_back, last, row, without, world

OFFER = 600
HOUR = 3600


def offered(world, i, start, doctor, outcome='open', waiter=None, **more):
    """Booking I is what waiter I was offered at START by T + I, and was told so."""
    status = {'open': 'held', 'taken': 'booked', 'declined': 'cancelled', 'expired': 'expired'}[outcome]
    booked(world, i, start, doctor, status, source='waitlist', **more)
    world['events'].pop()
    world['dump']['session'].pop()
    world['dump']['audit_event'].pop()
    waiter = waiter or i
    if waiter == i:
        place(world, i, {'open': 'offered', 'taken': 'taken'}.get(outcome, 'waiting'))
    world['dump']['waitlist_offer'].append({'booking_id': i, 'waitlist_id': waiter, 'starts_at': start, 'outcome': outcome,
                                            'accepted': int(outcome == 'taken'), 'offered_at': int(T) + i})
    told(world, 'wait', T + i + 1, i, waiter, status='offered')


def place(world, i, status='waiting'):
    world['dump']['waitlist'].append({'id': i, 'service_id': 1, 'practitioner_id': None, 'first_day': DAY, 'last_day': DAY, 'times': (1 << 28) - 1,
                                      'status': status, 'closed_why': 'withdrawn' if status == 'closed' else '', 'created_at': int(T) + i - 1})
    world['dump']['session'].append({'token_hash': 'place%d' % i, 'booking_id': None, 'waitlist_id': i})
    event(world, 'join', T + i - 1, T + i - 0.5, place='place%d' % i, service='chain', first=str(DAY), last=str(DAY), parts=[0, 1, 2, 3])


def told(world, op, at, i, waiter=None, outcome='ok', **more):
    offer = next(o for o in world['dump']['waitlist_offer'] if o['booking_id'] == i)
    return event(world, op, at, at + 0.1, outcome, place='place%d' % (waiter or i), offer='booking%d' % i, start=offer['starts_at'], **more)


def accepted(world, i):
    """Waiter I takes the offer and books it."""
    told(world, 'accept', T + i + 2, i, booking='key%d' % i, service='chain')
    world['dump']['session'].append({'token_hash': 'key%d' % i, 'booking_id': i})
    event(world, 'confirm', T + i + 3, T + i + 4, booking='key%d' % i, link='link%d' % i)
    audit(world, i, 'booking.confirm')


def block(world, name, resource, since, at, outcome='ok', until=None):
    event(world, 'block', at, at + 0.1, outcome, block=name, resource=resource, since=since, until=since + HOUR)
    if until:
        event(world, 'unblock', until, until + 0.1, block=name)
    elif outcome == 'ok':
        world['dump']['closure'].append({'id': len(world['dump']['closure']), 'reason': name})


@pytest.fixture
def clinic(world):
    """Offer 11 is open, 12 was booked, 13 declined, 14 ran out and went to another place as 15; the desk booked 16 beside the grid; one
    block stands, one was taken back, one was refused."""
    offered(world, 11, NINE + 9 * HOUR, DOCTOR)
    offered(world, 12, NINE + 10 * HOUR, SECOND, 'taken', link_hash='link12')
    accepted(world, 12)
    offered(world, 13, NINE + 11 * HOUR, DOCTOR, 'declined')
    told(world, 'decline', T + 17, 13)
    given_back(world, 13, T + 17.05)
    event(world, 'wait', T + 18, T + 18.1, place='place13', status='waiting')
    offered(world, 14, NINE + 12 * HOUR, SECOND, 'expired')
    told(world, 'age-offer', T + 20, 14, seconds=OFFER - 5)
    given_back(world, 14, T + 25)
    event(world, 'wait', T + 26, T + 26.1, place='place14', status='waiting')
    place(world, 15, 'closed')
    event(world, 'leave', T + 30, T + 30.1, place='place15')
    booked(world, 16, NINE + 13 * HOUR + 300, DOCTOR, source='staff')
    last(world, 'hold')['booking'] = 'uid:booking16'
    world['dump']['session'].pop()
    world['dump']['booking_override'].append({'booking_id': 16, 'rule': 'grid', 'at': int(T) + 16})
    block(world, 'stands', ROOM, NINE - 5 * HOUR, T + 40)
    block(world, 'was', ROOM, NINE - 7 * HOUR, T + 41, until=T + 43)
    block(world, 'refused', ROOM, NINE, T + 42, 'refused')
    for seat, taken in enumerate(world['dump']['service_day'], 1):
        taken['seat'] = seat
    world['dump']['service'][0]['max_per_day'] = 9
    row(world, 'booking', id=16)['hold_expires_at'] = int(T) + HOLD + 16
    return world


def kinds(clinic, at=T + 80):
    return {kind for kind, _ in checker.check(clinic['events'], clinic['dump'], clinic['witness'], HOLD, at, 0, OFFER)}


def test_good(clinic):
    assert checker.check(clinic['events'], clinic['dump'], clinic['witness'], HOLD, T + 80, 0, OFFER) == []


# --- lies ------------------------------------------------------------------------------------------------------------------------------

def taken_away(clinic):
    """From who waits, long before its end, and back again: the dump does not show it."""
    mine = [w for w in clinic['witness'] if w['booking_id'] == 11]
    clinic['witness'] += [dict(w, id=8000 + w['id'], at=T + 30, taken=0) for w in mine] + [dict(w, id=9000 + w['id'], at=T + 31) for w in mine]


def gone_too_early(clinic):
    told(clinic, 'accept', T + 30, 11, outcome='gone', service='chain')


def not_shown_any_more(clinic):
    event(clinic, 'wait', T + 30, T + 30.1, place='place11', status='waiting')


def given_to_another(clinic):
    last(clinic, 'find').update(begin=T + 30, end=T + 30.1, offered=[NINE + 9 * HOUR])


def acceptance_forgotten(clinic):
    row(clinic, 'waitlist_offer', booking_id=12)['accepted'] = 0


def acceptance_of_anothers(clinic):
    row(clinic, 'session', token_hash='key12')['booking_id'] = 11


def accepted_booking_lost(clinic):
    drop(clinic, 'session', token_hash='key12')


def declined_and_still_kept(clinic):
    row(clinic, 'waitlist_offer', booking_id=13)['outcome'] = 'expired'
    row(clinic, 'booking', id=13)['status'] = 'expired'


def declined_and_shown_again(clinic):
    told(clinic, 'wait', T + 30, 13, status='offered')


def shown_of_nothing(clinic):
    last(clinic, 'wait').update(offer='nothing', status='offered', start=NINE)


def neither_passed_on_nor_free(clinic):
    """Over, and its time still taken."""
    row(clinic, 'waitlist_offer', booking_id=11)['outcome'] = 'expired'
    row(clinic, 'waitlist', id=11)['status'] = 'waiting'


def offered_to_two(clinic):
    clinic['dump']['waitlist'].append(dict(row(clinic, 'waitlist', id=11), id=17))


def offered_twice(clinic):
    offered(clinic, 17, NINE + 11 * HOUR, DOCTOR, 'expired', waiter=13)
    clinic['events'].pop()


def to_nobody(clinic):
    drop(clinic, 'waitlist_offer', booking_id=11)
    row(clinic, 'waitlist', id=11)['status'] = 'waiting'


def left_and_offered(clinic):
    event(clinic, 'leave', T + 30, T + 30.1, place='place13')
    row(clinic, 'waitlist', id=13).update(status='waiting')


def joined_by_nobody(clinic):
    clinic['dump']['waitlist'].append(dict(row(clinic, 'waitlist', id=13), id=18))


def place_of_another_service(clinic):
    clinic['dump']['service'].append({'id': 2, 'code': 'other', 'max_per_day': 0, 'start_grid': 15})
    row(clinic, 'waitlist', id=11)['service_id'] = 2


def held_in_a_block(clinic):
    booked(clinic, 19, NINE - 5 * HOUR, DOCTOR)
    clinic['events'][-1].update(begin=T + 44, end=T + 44.2)
    clinic['dump']['service_day'][-1]['seat'] = 8
    for w in clinic['witness']:
        if w['booking_id'] == 19:
            w['at'] = T + 44.1
    row(clinic, 'booking', id=19).update(created_at=int(T) + 44, hold_expires_at=int(T) + 44 + HOLD)


def block_over_a_booking(clinic):
    block(clinic, 'over', ROOM, NINE + 2 * HOUR, T + 45)


def block_over_an_offer(clinic):
    block(clinic, 'over', ROOM, NINE + 9 * HOUR, T + 45)


def offered_in_a_block(clinic):
    event(clinic, 'find', T + 45, T + 45.1, service='chain', day=str(DAY), offered=[NINE - 5 * HOUR])


def block_forgotten(clinic):
    drop(clinic, 'closure', reason='stands')


def block_not_taken_back(clinic):
    clinic['dump']['closure'].append({'id': 7, 'reason': 'was'})


def refused_and_done(clinic):
    clinic['dump']['closure'].append({'id': 7, 'reason': 'refused'})


def override_takes_what_is_taken(clinic):
    booked(clinic, 19, NINE + 2 * HOUR + 300, DOCTOR, source='staff')
    clinic['dump']['booking_override'].append({'booking_id': 19, 'rule': 'grid', 'at': int(T) + 19})


LIES = [
    (taken_away, 'lost offer'), (gone_too_early, 'lost offer'), (not_shown_any_more, 'lost offer'), (given_to_another, 'offered taken'),
    (acceptance_forgotten, 'lost'), (acceptance_of_anothers, 'lost'), (accepted_booking_lost, 'lost'), (declined_and_still_kept, 'lost'),
    (declined_and_shown_again, 'impossible'), (shown_of_nothing, 'lost'), (neither_passed_on_nor_free, 'offer'), (offered_to_two, 'offer'),
    (offered_twice, 'offer'), (to_nobody, 'offer'), (left_and_offered, 'lost'), (joined_by_nobody, 'invented'), (place_of_another_service, 'offer'),
    (change('waitlist', {'id': 11}, times=1 << 27), 'offer'), (change('waitlist', {'id': 11}, last_day=DAY.replace(day=1), first_day=DAY.replace(day=1)), 'offer'),
    (without('waitlist', id=13), 'lost'), (change('booking', {'id': 11}, source='patient'), 'offer'),
    (without('booking_override', booking_id=16), 'rule'), (override_takes_what_is_taken, 'overlap'), (held_in_a_block, 'blocked'),
    (block_over_a_booking, 'blocked'), (block_over_an_offer, 'blocked'), (offered_in_a_block, 'offered taken'), (block_forgotten, 'lost'),
    (block_not_taken_back, 'lost'), (refused_and_done, 'lost'),
]


@pytest.mark.parametrize('lie, kind', LIES, ids=['%s-%d' % (k.replace(' ', '-'), n) for n, (_, k) in enumerate(LIES)])
def test_lie_is_found(clinic, lie, kind):
    before = copy.deepcopy(clinic)
    lie(clinic)
    assert clinic != before
    assert kind in kinds(clinic)


# --- what may be -------------------------------------------------------------------------------------------------------------------------

def quicker_than_the_block(clinic):
    """Who asked before it was there may have been given the time: the desk sees them as a conflict."""
    held_in_a_block(clinic)
    clinic['events'][-1].update(begin=T + 39.9, end=T + 40.2)
    for w in clinic['witness']:
        if w['booking_id'] == 19:
            w['at'] = T + 40.05
    row(clinic, 'booking', id=19).update(created_at=int(T) + 40, hold_expires_at=int(T) + 40 + HOLD)


def after_the_block(clinic):
    held_in_a_block(clinic)
    clinic['events'] += [dict(e) for e in clinic['events'] if e['op'] == 'unblock']
    last(clinic, 'unblock').update(block='stands', begin=T + 43, end=T + 43.1)
    drop(clinic, 'closure', reason='stands')


def answer_to_joining_lost(clinic):
    joined_by_nobody(clinic)
    event(clinic, 'join', T + 11, T + 13, 'lost', service='chain', first=str(DAY), last=str(DAY), parts=[0])


def answer_to_declining_lost(clinic):
    last(clinic, 'decline').update(outcome='lost')


@pytest.mark.parametrize('story', [quicker_than_the_block, after_the_block, answer_to_joining_lost, answer_to_declining_lost])
def test_truth_is_no_problem(clinic, story):
    story(clinic)
    assert checker.check(clinic['events'], clinic['dump'], clinic['witness'], HOLD, T + 80, 0, OFFER) == []
