# SPDX-License-Identifier: Apache-2.0
"""What checker.py asks of the waitlist and the front desk: nobody but the one who waits gets what is offered, an offer lives as long as
it was promised, what was accepted is a booking, what was not passes on or is free, no time that is blocked is given to anybody, and
no rule is broken without a reason that is kept. Pure, like checker.py. Beside its own there are events of

    join       place: what the client knows its place by (hash of its session), service, first, last (days), parts of the day
    wait       the page of the place: status, and of an offer its start and its uid (`offer`)
    accept     of an offer; booking when ok
    decline    of an offer
    leave      the list
    age-offer  the test let time pass for one offer, by `seconds`
    block, unblock   of a resource from `since` until `until`; `block` is its reason, which no other has"""
import collections
import datetime
import zoneinfo

from checker_state import GRANULE, LIVE

# Beside every grid of the sample clinic.
OFF_GRID = 300
SLACK = 1.0
PART_ENDS = (10 * 60, 12 * 60, 15 * 60, 24 * 60)
OUTCOMES = {'open': {'held'}, 'expired': {'expired'}, 'declined': {'cancelled'}}


# --- a dump by itself -----------------------------------------------------------------------------------------------------------------

def fits(definitions, waiter, start, site_id):
    """Whether a start is what somebody who waits asked for."""
    local = datetime.datetime.fromtimestamp(start, zoneinfo.ZoneInfo(definitions.zones[site_id]))
    part = next(i for i, end in enumerate(PART_ENDS) if local.hour * 60 + local.minute < end)
    return waiter['first_day'] <= local.date() <= waiter['last_day'] and waiter['times'] >> 4 * (local.isoweekday() - 1) + part & 1


def offer_wrong(definitions, offer, booking, waiter):
    """What is wrong with one offer, or None."""
    if booking is None or waiter is None or booking['source'] != 'waitlist':
        return 'is nobody\'s'
    if booking['status'] not in OUTCOMES.get(offer['outcome'], LIVE - {'held'} | {'cancelled', 'no-show'}):
        return 'is %s and its booking %s' % (offer['outcome'], booking['status'])
    if booking['service_id'] != waiter['service_id']:
        return 'is of a service nobody asked for'
    if not fits(definitions, waiter, offer['starts_at'], booking['site_id']):
        return 'at %d is not what was wished' % offer['starts_at']
    if offer['outcome'] == 'open' and booking['starts_at'] != offer['starts_at'] and not offer['accepted']:
        return 'is held at another time'
    return None


def waitlist(dump, definitions, stored):
    """Offers, their bookings and who waits say the same."""
    problems, waiters = [], {w['id']: w for w in dump['waitlist']}
    open_for, seen = collections.Counter(), collections.Counter()
    offers = {o['booking_id']: o for o in dump['waitlist_offer']}
    for i, offer in offers.items():
        why = offer_wrong(definitions, offer, stored.bookings.get(i), waiters.get(offer['waitlist_id']))
        if why:
            problems.append(('offer', 'offer %s %s' % (i, why)))
        open_for[offer['waitlist_id']] += offer['outcome'] == 'open'
        seen[offer['waitlist_id'], offer['starts_at']] += 1
    problems += [('offer', 'place %s was offered %d twice' % key) for key, n in seen.items() if n > 1]
    for i, waiter in waiters.items():
        if open_for[i] != (waiter['status'] == 'offered'):
            problems.append(('offer', 'place %s is %s with %d open offers' % (i, waiter['status'], open_for[i])))
    problems += [('offer', 'booking %s was offered to nobody' % i) for i, b in stored.bookings.items()
                 if b.get('source') == 'waitlist' and i not in offers]
    return problems


def rules(dump, definitions, stored):
    """Who breaks a rule says why: a start beside the grid has its reason."""
    said = {o['booking_id'] for o in dump['booking_override'] if o['rule'] == 'grid'}
    problems = []
    for i in sorted(stored.live - said):
        booking = stored.bookings[i]
        zone = zoneinfo.ZoneInfo(definitions.zones[booking['site_id']])
        local = datetime.datetime.fromtimestamp(booking['starts_at'], zone)
        if (local.hour * 60 + local.minute) % definitions.services[booking['service_id']]['start_grid']:
            problems.append(('rule', 'booking %s starts beside the grid at %s, and nobody said why' % (i, booking['starts_at'])))
    return problems


# --- offers ----------------------------------------------------------------------------------------------------------------------------

class Place:
    """Somebody's place on the list as the dump has it, and the events about it."""

    def __init__(self, key, waiter, offers):
        self.key, self.waiter = key, waiter
        self.offers = offers  # {uid of the booking: row}
        self.now = None  # uid of what was offered when last looked
        self.left, self.ended = None, {}
        self.problems = []

    def bad(self, kind, words):
        self.problems.append((kind, 'place of %s: %s' % (self.key[:8], words)))


class Offers:
    """How long each offer lives for certain, from what was promised and what its own person did. EARLIER: by how much the test made it end
    earlier, whether its answer came or not."""

    def __init__(self, events, dump, offer_time):
        uids = {b['id']: b['uid'] for b in dump['booking'] if b.get('source') == 'waitlist'}
        self.rows = {uids[o['booking_id']]: o for o in dump['waitlist_offer'] if o['booking_id'] in uids}
        self.earlier, self.given_up = collections.Counter(), {}
        self.offer_time, self.told = offer_time, {}
        for event in events:
            if event['op'] == 'age-offer' and event['outcome'] in ('ok', 'lost'):
                self.earlier[event['offer']] += event['seconds']
            if event['op'] == 'decline' and event['outcome'] in ('ok', 'lost'):
                self.give_up(event['offer'], event['begin'])
            if event['op'] == 'wait' and event.get('offer'):
                self.told[event['offer']] = min(event['end'], self.told.get(event['offer'], event['end']))

    def give_up(self, offer, at):
        self.given_up[offer] = min(at, self.given_up.get(offer, at))

    def ends(self, offer):
        return self.rows[offer]['offered_at'] + self.offer_time - self.earlier[offer]

    def may_be_over(self, offer, at):
        return at >= self.ends(offer) - SLACK or at >= self.given_up.get(offer, at + 1)


def waited(place, event, offers):
    """The page of the place was shown: it must be true."""
    status, offer = event['status'], event.get('offer')
    if place.left and status != 'closed':
        place.bad('impossible', 'is %s, after it was left' % status)
    if place.now and place.now != offer and status != 'taken' and not offers.may_be_over(place.now, event['end']):
        place.bad('lost offer', 'offer %s was gone at %.3f, and was to live until %d' % (place.now, event['end'], offers.ends(place.now)))
    if offer:
        row = place.offers.get(offer)
        if row is None or row['starts_at'] != event['start']:
            place.bad('lost', 'was offered %s, which is not stored' % event['start'])
            offer = None
        elif offer in place.ended or event['begin'] > row['offered_at'] + offers.offer_time + SLACK and not row['accepted']:
            place.bad('impossible', 'offer %s was shown after it was over' % offer)
    if status == 'closed' and place.waiter['status'] != 'closed':
        place.bad('lost', 'was told to be closed')
    place.now = offer


def answered(place, event, offers, known):
    """An offer was answered, or the list left."""
    op, outcome, offer = event['op'], event['outcome'], event.get('offer')
    if outcome.startswith('strange') or outcome == 'none':
        place.bad('strange', '%s answered %s' % (op, outcome))
    if op == 'leave':
        place.left = place.left or outcome == 'ok'
        if outcome == 'ok' and place.waiter['status'] != 'closed':
            place.bad('lost', 'was left and is %s' % place.waiter['status'])
        return
    row = place.offers.get(offer)
    if row is None:
        place.bad('lost', '%s of an offer that is not stored' % op)
    elif outcome == 'gone':
        if not offers.may_be_over(offer, event['end']):
            place.bad('lost offer', 'offer %s answered gone at %.3f, and was to live until %d' % (offer, event['end'], offers.ends(offer)))
        place.now = None
    elif outcome == 'ok' and op == 'decline':
        place.ended[offer] = event['end']
        place.now = None
        if row['outcome'] != 'declined':
            place.bad('lost', 'offer %s was declined and is %s' % (offer, row['outcome']))
    elif outcome == 'ok' and op == 'accept':
        place.now = None
        if known.get(event['booking']) != row['booking_id'] or not row['accepted']:
            place.bad('lost', 'offer %s was accepted, and its booking is not the client\'s' % offer)
        if offer in place.ended:
            place.bad('impossible', 'offer %s was accepted after it was declined' % offer)


def places(events, dump, known, offers):
    """Every answer about a place against what is stored."""
    sessions = {s['token_hash']: s.get('waitlist_id') for s in dump['session']}
    waiters = {w['id']: w for w in dump['waitlist']}
    mine = collections.defaultdict(dict)
    for uid, row in offers.rows.items():
        mine[row['waitlist_id']][uid] = row
    found, problems, told = {}, [], set()
    for event in events:
        key = event.get('place')
        if event['op'] == 'join' and event['outcome'] == 'ok':
            waiter = waiters.get(sessions.get(key))
            if waiter is None:
                problems.append(('lost', 'the acknowledged place %s is not there' % key[:8]))
                continue
            if waiter['id'] in told:
                problems.append(('twice', 'two places are %s' % waiter['id']))
            told.add(waiter['id'])
            found[key] = Place(key, waiter, mine[waiter['id']])
        elif event['op'] == 'join' and event['outcome'] not in ('lost', 'refused'):
            problems.append(('strange', 'join answered %s' % event['outcome']))
        elif key in found:
            place = found[key]
            if event['op'] == 'leave' and event['outcome'] in ('ok', 'lost'):
                for uid in place.offers:
                    offers.give_up(uid, event['begin'])
            if event['op'] == 'wait':
                if event['outcome'] == 'ok':
                    waited(place, event, offers)
                elif event['outcome'] != 'lost':
                    place.bad('lost', 'answered %s: it is not there' % event['outcome'])
            elif event['op'] in ('accept', 'decline', 'leave'):
                answered(place, event, offers, known)
    for place in found.values():
        problems += place.problems
    return problems + invented_places(events, dump, told)


def invented_places(events, dump, told):
    """Places nobody was told of: each must be one whose answer was lost."""
    services = {s['id']: s['code'] for s in dump['service']}
    lost = [e for e in events if e['op'] == 'join' and e['outcome'] == 'lost']
    problems = []
    for row in dump['waitlist']:
        if row['id'] in told:
            continue
        mine = [e for e in lost if e['service'] == services[row['service_id']] and e['begin'] - SLACK <= row['created_at'] <= e['end'] + SLACK]
        if mine:
            lost.remove(mine[0])
        else:
            problems.append(('invented', 'place %s is there and nobody joined' % row['id']))
    return problems


def offers_honoured(offers, witness):
    """What was offered was held for that one until its end, unless they gave it up; what they accepted is judged as their booking."""
    given = collections.defaultdict(list)
    for spans in witness.had.values():
        for _, till, booking in spans:
            if till is not None:
                given[booking].append(till)
    return [('lost offer', 'offer %s was taken away at %.3f' % (uid, min(given[row['booking_id']]))) for uid, row in offers.rows.items()
            if not row['accepted'] and given[row['booking_id']] and not offers.may_be_over(uid, min(given[row['booking_id']]))]


# --- blocks ------------------------------------------------------------------------------------------------------------------------------

Block = collections.namedtuple('Block', 'reason resource granules since till')


def blocks(events, dump):
    """[Block] for as long as each stood for certain, and problems of what is stored."""
    removed = {}
    for event in events:
        if event['op'] == 'unblock' and event['outcome'] in ('ok', 'lost'):
            removed.setdefault(event['block'], []).append(event)
    found, problems = [], []
    stored = {c['reason'] for c in dump['closure']}
    for event in (e for e in events if e['op'] == 'block'):
        gone = removed.get(event['block'], [])
        if event['outcome'] == 'ok':
            granules = range(event['since'] // GRANULE, -(-event['until'] // GRANULE))
            found.append(Block(event['block'], event['resource'], granules, event['end'], min((e['begin'] for e in gone), default=None)))
            if event['block'] not in stored and not gone:
                problems.append(('lost', 'block "%s" is not there' % event['block']))
        elif event['outcome'] not in ('lost', 'refused', 'gone'):
            problems.append(('strange', 'block answered %s' % event['outcome']))
        if event['block'] in stored and (event['outcome'] == 'refused' or any(e['outcome'] == 'ok' for e in gone)):
            problems.append(('lost', 'block "%s" is still there' % event['block']))
    return found, problems


def given_in_blocks(standing, events, known, witness):
    """Nobody who asked while a block stood got time of it. Who asked before may have been quicker, and what was given back before the
    block was there is nobody's any more, though the same booking asked again within the slack of the clocks."""
    asked = [e for e in events if e['op'] in ('hold', 'move') and e['outcome'] == 'ok' and e.get('booking') in known]
    problems = []
    for block in standing:
        for event in asked:
            if event['begin'] <= block.since or block.till is not None and event['end'] >= block.till:
                continue
            if any(booking == known[event['booking']] and event['begin'] - SLACK <= since <= event['end']
                   and (till is None or till > block.since)
                   for g in block.granules for since, till, booking in witness.had.get((block.resource, g), ())):
                problems.append(('blocked', 'booking %s was given time of block "%s"' % (known[event['booking']], block.reason)))
    return problems


def blocked_over(standing, begun, visible):
    """Nothing was blocked over somebody whose time had been acknowledged before: VISIBLE is who surely had what from when till when."""
    return [('blocked', 'block "%s" was made over booking %s' % (block.reason, booking)) for block in standing
            for g in block.granules for since, till, booking in visible.get((block.resource, g), ())
            if since < begun[block.reason] and (till is None or till > block.since)]


def begins(events):
    return {e['block']: e['begin'] for e in events if e['op'] == 'block'}


def as_taken(standing):
    """{(resource, granule): [(since, till, reason)]}: what is blocked is no more to be offered than what somebody has. A second after it was
    answered: once, on two nodes, a list of times still showed one 36 ms after a block of the other node, and it is not known why. Nobody gets
    such a time: given_in_blocks has no such second."""
    found = collections.defaultdict(list)
    for block in standing:
        for granule in block.granules:
            found[block.resource, granule].append((block.since + SLACK, block.till, block.reason))
    return found


