# SPDX-License-Identifier: Apache-2.0
"""Judges a recorded history of concurrent clients against the last dump of the database and the witness (who took and gave back
which granule when, written by triggers of the test). Pure: no database, no clock. checker_state.py judges a dump by itself.

A history is a list of events in any order, one for each request that was settled or given up:

    op       find, hold, look, extend, confirm, release, cancel, move, see; age: the test set a hold's end earlier, by `seconds`
    begin, end   unix seconds: first try sent (of what only reads: the try that was answered); answer read, or given up
    outcome  ok, taken, gone, refused, none (no place or right to do it), lost (no answer: may have happened or not)
    booking  what the client knows its booking by (hash of its session); hold: only when ok
    service, start   what was asked for (hold, move), or what was shown (look, see)
    day, offered     find: starts that were offered
    until, extended  look: until when the time is kept
    link     confirm: hash of the private link
    status   see: what the page said

Events of the waitlist and of the front desk are described in checker_desk.py; what the desk booked is known by `uid:` and its uid.

Every booking has one client, who asks one thing after the other, so a booking's events are a plain sequence. Of each booking we
carry all states it may be in (a lost answer doubles them, time may expire a hold); an answer that none of them explains, or a dump
that none of them allows, is a problem: (kind, words)."""
import collections

import checker_desk
from checker_state import GRANULE, Definitions, Stored, by, check as check_state

# What is judged of a booking's past: the state, its time, between which moments its hold ends, and what was asked for without an
# answer and is not done yet: (operation, start). A commit that waits for a node that died is done seconds after whoever asked for it
# was told "later", and after what they read meanwhile.
State = collections.namedtuple('State', 'status start low high extended open', defaults=((),))
# A server's second against a client's: both run on one machine, but times are cut to seconds in between.
SLACK = 1.0


class Booking:
    """One acknowledged booking and everything its client was told about it."""

    def __init__(self, hold, hold_time, offer_time=0):
        self.key, self.service, self.taken = hold['booking'], hold['service'], hold['end']
        # Reckoned from the moment it was first asked for, cut to seconds. What was offered is held for as long as that, or a new hold.
        self.states = {State('held', hold['start'], int(hold['begin']) + hold_time, hold['end'] + max(hold_time, offer_time), False)}
        self.sure, self.maybe = collections.Counter(hold=int(hold['op'] == 'hold')), collections.Counter()
        self.link, self.problems = None, []
        # Moments: a giving-up that may have happened since, and from when on it is known to be booked.
        self.given_up, self.booked, self.acknowledged = None, None, [hold['end']]
        self.hold_time = hold_time

    def bad(self, kind, words):
        self.problems.append((kind, 'booking of %s for %s: %s' % (self.key[:8], self.service, words)))

    def settle(self):
        """What is still open may have been done by now, in any order."""
        new = set(self.states)
        while new:
            new = {after(op, s._replace(open=s.open[:i] + s.open[i + 1:]), {'start': start}, self.hold_time)
                   for s in new for i, (op, start) in enumerate(s.open) if able(op, s)} - self.states
            self.states |= new

    def tell(self, event, explained, kind='impossible'):
        """EXPLAINED: states the answer leaves possible."""
        if explained:
            self.states = explained
        else:
            self.bad(kind, '%s answered %s between %.3f and %.3f in state %s' % (
                event['op'], event['outcome'], event['begin'], event['end'], ' or '.join(map(str, sorted(self.states)))))

    def held_in(self, event):
        """States in which the hold may have been alive while this was answered."""
        return {s for s in self.states if s.status == 'held' and event['begin'] <= s.high + SLACK}

    def over_in(self, event):
        """States in which there may have been no hold any more."""
        return {s for s in self.states if s.status == 'cancelled' or s.status == 'held' and event['end'] >= s.low}


def after(op, state, event, hold_time):
    """The state after OP was done."""
    return {'extend': lambda: state._replace(low=state.low + hold_time, high=state.high + hold_time, extended=True),
            'confirm': lambda: state._replace(status='booked'),
            'release': lambda: state._replace(status='cancelled'),
            'cancel': lambda: state._replace(status='cancelled'),
            'move': lambda: state._replace(start=event.get('start'))}[op]()


def able(op, state):
    """Whether OP can be done in this state, while its hold lasts."""
    return state.status in {'cancel': ('booked',), 'move': ('booked', 'held')}.get(op, ('held',)) and not (op == 'extend' and state.extended)


def before(op, booking, event):
    """States from which OP may have been done."""
    alive = booking.held_in(event)
    return {s for s in booking.states if able(op, s) and (s.status != 'held' or s in alive)}


def gone(booking, event):
    """There is no hold any more, and never will be again."""
    booking.tell(event, {s._replace(high=min(s.high, event['end'] - SLACK)) for s in booking.over_in(event)}, 'lost hold')


def aged(booking, event):
    """The test let time pass for this booking alone."""
    younger = {s._replace(low=s.low - event['seconds'], high=s.high - event['seconds']) if s.status == 'held' else s for s in booking.states}
    if event['outcome'] == 'lost':
        booking.states |= younger
    elif event['outcome'] == 'ok':
        booking.tell(event, {s for s in younger if s.status == 'held'})
    else:
        gone(booking, event)


def changed(booking, event):
    """A change was asked for: what its answer leaves possible."""
    op, outcome = event['op'], event['outcome']
    from_here = before(op, booking, event)
    done = {after(op, s, event, booking.hold_time) for s in from_here}
    if outcome in ('ok', 'lost') and op in ('release', 'cancel', 'move') and booking.given_up is None:
        booking.given_up = event['begin']
    if outcome == 'ok':
        booking.sure[op] += 1
        booking.tell(event, done)
        if op == 'confirm':
            booking.booked, booking.link = event['end'], event.get('link')
        if op == 'move':
            booking.acknowledged.append(event['end'])
    elif outcome == 'lost':
        booking.maybe[op] += 1
        booking.states = {s._replace(open=s.open + ((op, event.get('start')),)) if s in from_here else s for s in booking.states}
    elif outcome == 'gone':
        gone(booking, event)
    elif outcome == 'refused':
        # Somebody who holds a time may always go on with it, and extend it once.
        booking.tell(event, {s for s in booking.states if op in ('cancel', 'move') or s not in from_here})
    elif outcome == 'taken':
        booking.tell(event, {s for s in booking.states if op == 'move'})
    else:
        booking.bad('strange', '%s answered %s' % (op, outcome))


def looked(booking, event):
    """A page was shown: it must be true."""
    outcome = event['outcome']
    if outcome == 'lost':
        return
    if outcome == 'gone':
        gone(booking, event)
    elif outcome != 'ok':
        booking.bad('lost', '%s answered %s: the client\'s booking is not there' % (event['op'], outcome))
    elif event.get('until') is not None:
        shown = {s._replace(low=event['until'], high=event['until'], start=s.start) for s in booking.held_in(event)
                 if int(s.low) <= event['until'] <= s.high + SLACK and bool(event['extended']) == s.extended
                 and event['begin'] <= event['until']}
        booking.tell(event, shown)
    else:
        booking.tell(event, {s for s in booking.states if s.status == event['status']
                             and event.get('start', s.start) == s.start})


ELSEWHERE = {'join', 'wait', 'decline', 'leave', 'age-offer', 'block', 'unblock'}


def replay(events, hold_time, offer_time=0):
    """{key: Booking}, and problems of events that belong to none."""
    bookings, problems = {}, []
    for event in sorted(events, key=lambda e: (e['begin'], e['end'])):
        if event['op'] in ELSEWHERE:
            continue
        if event['op'] == 'accept':
            if event['outcome'] == 'ok':
                bookings[event['booking']] = Booking(event, hold_time, offer_time)
        elif event['op'] == 'find':
            if event['outcome'] not in ('ok', 'lost'):
                problems.append(('strange', 'find answered %s' % event['outcome']))
        elif event['op'] == 'hold':
            if event['outcome'] == 'ok':
                if event['booking'] in bookings:
                    problems.append(('twice', 'two holds gave the session %s' % event['booking'][:8]))
                bookings[event['booking']] = Booking(event, hold_time)
            elif event['outcome'] not in ('taken', 'lost', 'refused'):
                problems.append(('strange', 'hold answered %s' % event['outcome']))
        elif event['booking'] not in bookings:
            problems.append(('strange', '%s of an unknown booking' % event['op']))
        else:
            one = bookings[event['booking']]
            one.settle()
            {'look': looked, 'see': looked, 'age': aged}.get(event['op'], changed)(one, event)
    for one in bookings.values():
        one.settle()
        problems += one.problems
    return bookings, problems


# --- the history against what is stored --------------------------------------------------------------------------------------

def allowed(state, row, at):
    """Whether a booking in STATE may be stored like ROW in a dump that was begun at AT."""
    if row['starts_at'] != state.start:
        return False
    if row['status'] == 'held':
        return state.status == 'held' and int(state.low) <= row['hold_expires_at'] <= state.high + SLACK \
            and bool(row['hold_extended']) == state.extended
    if row['status'] == 'expired':
        return state.status == 'held' and at >= state.low
    return row['status'] == state.status


ACTIONS = {'booking.hold': 'hold', 'booking.extend': 'extend', 'booking.confirm': 'confirm', 'booking.cancel': 'give up',
           'booking.move': 'move'}


def effects(booking, found, problems, row):
    """Every answer has its effect once, and nothing was done that nobody asked for."""
    sure, maybe = +booking.sure, +booking.maybe
    for count in (sure, maybe):
        count['give up'] = count.pop('release', 0) + count.pop('cancel', 0)
    for word in set(ACTIONS.values()):
        if not sure[word] <= found[word] <= sure[word] + maybe[word]:
            problems.append(('twice' if found[word] > sure[word] else 'lost', 'booking %s: "%s" happened %d times, answered %d times%s' % (
                row['id'], word, found[word], sure[word], ', perhaps %d more' % maybe[word] if maybe[word] else '')))


def stored_as_told(bookings, dump, at):
    """Every answer is in the dump; {key: booking id}."""
    rows, problems, known = {b['id']: b for b in dump['booking']}, [], {}
    sessions = {s['token_hash']: s['booking_id'] for s in dump['session']}
    sessions.update({'uid:%s' % b['uid']: i for i, b in rows.items()})
    actions = collections.defaultdict(collections.Counter)
    for event in dump['audit_event']:
        if event['entity'] == 'booking' and event['action'] in ACTIONS:
            actions[event['entity_id']][ACTIONS[event['action']]] += 1
    services = {s['id']: s['code'] for s in dump['service']}
    for key, booking in bookings.items():
        row = rows.get(sessions.get(key))
        if row is None:
            problems.append(('lost', 'the acknowledged hold %s is not there' % key[:8]))
            continue
        if row['id'] in known.values():
            problems.append(('twice', 'two holds were acknowledged for booking %s' % row['id']))
        known[key] = row['id']
        if services[row['service_id']] != booking.service or not any(allowed(s, row, at) for s in booking.states):
            problems.append(('lost', 'booking %s is stored as %s at %s, answered was %s' % (
                row['id'], row['status'], row['starts_at'], ' or '.join(map(str, sorted(booking.states))))))
        if booking.link and row['link_hash'] != booking.link and not booking.maybe['confirm']:
            problems.append(('lost', 'booking %s has another link than its patient' % row['id']))
        effects(booking, actions[row['id']], problems, row)
    return known, problems


def unknown(events, known, dump, first):
    """Bookings nobody was told of: each must be a hold whose answer was lost."""
    services = {s['id']: s['code'] for s in dump['service']}
    lost = [e for e in events if e['op'] == 'hold' and e['outcome'] == 'lost']
    problems = []
    for row in dump['booking']:
        if row['id'] <= first or row['id'] in known.values() or row.get('source') == 'waitlist':
            continue
        mine = [e for e in lost if (e['service'], e['start']) == (services[row['service_id']], row['starts_at'])
                and e['begin'] - SLACK <= row['created_at'] <= e['end'] + SLACK]
        if not mine:
            problems.append(('invented', 'booking %s is there and nobody asked for it' % row['id']))
        else:
            lost.remove(mine[0])
    return problems


# --- the witness ----------------------------------------------------------------------------------------------------------------

class Witness:
    """Who had which granule from when till when: {(resource, granule): [(from, till, booking)]}, till None when still."""

    def __init__(self, rows):
        self.had, open_ = collections.defaultdict(list), {}
        self.problems = []
        for row in sorted(rows, key=lambda r: (r['at'], r['taken'], r['id'])):
            key, booking = (row['resource_id'], row['granule']), row['booking_id']
            if row['taken']:
                open_[key, booking] = row['at']
            elif (key, booking) in open_:
                self.had[key].append((open_.pop((key, booking)), row['at'], booking))
            else:
                self.problems.append(('overlap', 'booking %s gave back what it had not: %r' % (booking, key)))
        for (key, booking), since in open_.items():
            self.had[key].append((since, None, booking))

    def overlaps(self):
        problems = list(self.problems)
        for key, spans in self.had.items():
            spans.sort(key=lambda s: s[0])
            for (_, till, a), (since, _, b) in zip(spans, spans[1:]):
                if till is None or since < till:
                    problems.append(('overlap', 'bookings %s and %s had granule %r at once' % (a, b, key)))
        return problems

    def visible(self, acknowledged, ends):
        """Keeps of each span what everybody had to see: from the answer to whoever took it (its rows are written before they are
        committed) until an expired hold blocked nobody any more, even if its rows went later. {booking: [moments]}, {booking: moment}."""
        def kept(since, till, booking):
            answers = [a for a in acknowledged.get(booking, ()) if a >= since]
            over = ends.get(booking)
            return min(answers, default=None), over if till is None or over is not None and over < till else till, booking
        self.had = {key: [s for s in (kept(*span) for span in spans) if s[0] is not None] for key, spans in self.had.items()}

    def taken_throughout(self, resource, granule, begin, end):
        return any(since < begin and (till is None or till > end) for since, till, _ in self.had.get((resource, granule), ()))


def holds_honoured(bookings, known, witness, stored):
    """What was acknowledged was the client's own from the answer on until it expired or was given up."""
    problems = []
    mine = collections.defaultdict(list)
    for (resource, granule), spans in witness.had.items():
        for since, till, booking in spans:
            mine[booking].append((since, till, resource, granule))
    for key, i in known.items():
        booking = bookings[key]
        spans = mine[i]
        first = [s for s in spans if s[0] <= booking.taken]
        if not first:
            problems.append(('lost hold', 'booking %s was acknowledged before it took any time' % i))
        moved = booking.sure['move'] + booking.maybe['move']
        if not moved and {s[2:] for s in first} != stored.spans(i):
            problems.append(('lost hold', 'booking %s had not taken its whole chain when it was acknowledged' % i))
        ends = min(s.low for s in booking.states) if booking.booked is None else None
        for since, till, resource, granule in spans:
            by_itself = booking.given_up is not None and till is not None and till >= booking.given_up
            expired = ends is not None and till is not None and till >= ends
            if till is not None and not by_itself and not expired:
                problems.append(('lost hold', 'booking %s lost granule %d of resource %d at %.3f' % (i, granule, resource, till)))
                break
    return problems


def could_be_free(definitions, witness, service, start, begin, end):
    """A necessary condition for offering START between BEGIN and END: each step has a moment within its gaps at which each of its needs
    has enough resources that were not taken throughout."""
    low = high = start
    for position, step in enumerate(definitions.steps[service['id']]):
        if step.get('gap_days_min') is not None:
            return True
        if position:
            low, high = low + step['gap_min'] * 60, high + step['gap_max'] * 60
        if not any(step_free(definitions, witness, step, at, begin, end) for at in range(low, high + 1, GRANULE)):
            return False
        low, high = low + step['minutes'] * 60, high + step['minutes'] * 60
    return True


def step_free(definitions, witness, step, at, begin, end):
    for need in definitions.needs[step['service_id'], step['step_no']]:
        span = range((at - need['setup_minutes'] * 60) // GRANULE, (at + (step['minutes'] + need['turnover_minutes']) * 60) // GRANULE)
        able = [r for r in definitions.able(need) if not any(witness.taken_throughout(r, g, begin, end) for g in span)]
        if len(able) < need['quantity']:
            return False
    return True


def offers_true(events, definitions, witness):
    """Nobody is offered what somebody had all the while."""
    return [('offered taken', '%s at %d was offered between %.3f and %.3f, when somebody had it' % (e['service'], start, e['begin'], e['end']))
            for e in events if e['op'] == 'find' and e['outcome'] == 'ok' for start in e['offered']
            if not could_be_free(definitions, witness, definitions.codes[e['service']], start, e['begin'], e['end'])]


def over_at(bookings, known, stored, hold_time):
    """{booking: from when on its hold, that nobody confirmed or gave up, blocked nobody}"""
    told = {i: key for key, i in known.items()}
    return {i: min(s.low for s in bookings[told[i]].states) if i in told else row['created_at'] + hold_time
            for i, row in stored.bookings.items() if row['status'] in ('held', 'expired')}


# --- all of it --------------------------------------------------------------------------------------------------------------------

def moment(dump):
    """Every problem of a dump by itself, also in the middle of everything."""
    definitions, stored = Definitions(dump), Stored(dump)
    return check_state(dump) + checker_desk.waitlist(dump, definitions, stored) + checker_desk.rules(dump, definitions, stored)


def check(events, dump, witness_rows, hold_time, at, first=0, offer_time=0):
    """Every problem. DUMP was begun at AT, after the last event, and holds what checker_state.TABLES names and session, closure and
    audit_event; bookings up to FIRST were there before."""
    events = sorted(events, key=lambda e: (e['begin'], e['end']))
    problems = moment(dump)
    bookings, more = replay(events, hold_time, offer_time)
    known, told = stored_as_told(bookings, dump, at)
    problems += more + told + unknown(events, known, dump, first)
    stored, witness = Stored(dump), Witness(witness_rows)
    problems += witness.overlaps() + holds_honoured(bookings, known, witness, stored)
    offers = checker_desk.Offers(events, dump, offer_time)
    problems += checker_desk.places(events, dump, known, offers) + checker_desk.offers_honoured(offers, witness)
    standing, more = checker_desk.blocks(events, dump)
    problems += more + checker_desk.given_in_blocks(standing, events, known, witness)
    told, ends = {i: bookings[key].acknowledged for key, i in known.items()}, over_at(bookings, known, stored, hold_time)
    for uid, row in offers.rows.items():
        if row['booking_id'] not in told and uid in offers.told:
            told[row['booking_id']], ends[row['booking_id']] = [offers.told[uid]], min(offers.ends(uid), offers.given_up.get(uid, at))
    witness.visible(told, ends)
    problems += checker_desk.blocked_over(standing, checker_desk.begins(events), witness.had)
    for key, spans in checker_desk.as_taken(standing).items():
        witness.had.setdefault(key, []).extend(spans)
    return problems + offers_true(events, Definitions(dump), witness)


def summary(events):
    """{op: {outcome: count}}, for whoever reads the log."""
    return {op: dict(sorted(collections.Counter(e['outcome'] for e in rows).items())) for op, rows in sorted(by(events, 'op').items())}
