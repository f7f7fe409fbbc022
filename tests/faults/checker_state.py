# SPDX-License-Identifier: Apache-2.0
"""What a dump of the clinic must look like at any moment, judged from the dump alone: nobody in two places, no chain by halves,
and occupancy, the day bitmaps and the live bookings saying the same. Pure: no database, no clock, nothing of the module's own
code. A dump is {table: [row as dict]}; problems are (kind, words). checker.py judges the history against the last dump."""
import collections
import datetime
import zoneinfo

LIVE = {'held', 'booked', 'arrived', 'in-progress', 'completed'}
DAY, GRANULE, WORD = 86400, 300, 64

# What is read for it, each with the columns that give its rows an order.
TABLES = {'site': 'id', 'service': 'id', 'service_step': 'service_id, step_no', 'service_need': 'service_id, step_no, need_no',
          'service_need_any': 'service_id, step_no, need_no, capability', 'service_day': 'service_id, day, seat',
          'resource_capability': 'resource_id, capability', 'booking': 'id', 'booking_step': 'booking_id, step_no',
          'booking_resource': 'booking_id, step_no, need_no, resource_id', 'appointment': 'booking_id, visit_no',
          'occupancy': 'resource_id, granule', 'day_bitmap': 'resource_id, day', 'waitlist': 'id', 'waitlist_offer': 'booking_id',
          'booking_override': 'booking_id, rule, at'}


def by(rows, *columns):
    """{key: [rows]}"""
    found = collections.defaultdict(list)
    for row in rows:
        found[tuple(row[c] for c in columns) if len(columns) > 1 else row[columns[0]]].append(row)
    return found


def granules(begin, end):
    return range(begin // GRANULE, -(-end // GRANULE))


class Definitions:
    """Services as the dump says: steps in order, what each needs, and who can do it."""

    def __init__(self, dump):
        self.zones = {s['id']: s['time_zone'] for s in dump['site']}
        self.services = {s['id']: s for s in dump['service']}
        self.codes = {s['code']: s for s in dump['service']}
        self.steps = by(dump['service_step'], 'service_id')
        self.needs = by(dump['service_need'], 'service_id', 'step_no')
        self.can = collections.defaultdict(set)
        for row in dump['resource_capability']:
            self.can[row['capability']].add(row['resource_id'])
        self.any = by(dump['service_need_any'], 'service_id', 'step_no', 'need_no')
        for steps in self.steps.values():
            steps.sort(key=lambda s: s['step_no'])

    def able(self, need):
        """Resources that can serve this need."""
        more = self.any.get((need['service_id'], need['step_no'], need['need_no']), [])
        return set().union(self.can[need['capability']], *(self.can[m['capability']] for m in more))

    def local_day(self, site_id, at):
        return datetime.datetime.fromtimestamp(at, zoneinfo.ZoneInfo(self.zones[site_id])).date()


class Stored:
    """The rows of one dump, by booking."""

    def __init__(self, dump):
        self.bookings = {b['id']: b for b in dump['booking']}
        self.live = {i for i, b in self.bookings.items() if b['status'] in LIVE}
        self.steps = by(dump['booking_step'], 'booking_id')
        self.resources = by(dump['booking_resource'], 'booking_id')
        self.appointments = by(dump['appointment'], 'booking_id')

    def spans(self, booking):
        """{(resource, granule)} that a booking needs."""
        return {(r['resource_id'], g) for r in self.resources[booking] for g in granules(r['busy_from'], r['busy_until'])}


def overlaps(stored):
    """Two live bookings on one resource at one time, from the spans that were planned."""
    problems, last = [], {}
    rows = [(r['resource_id'], r['busy_from'], r['busy_until'], i) for i in stored.live for r in stored.resources[i]]
    for resource, begin, end, booking in sorted(rows):
        until = last.get(resource, {})
        problems += [('overlap', 'resource %s is in bookings %s and %s at %s' % (resource, other, booking, begin))
                     for other, over in until.items() if other != booking and over > begin]
        last.setdefault(resource, {})
        last[resource][booking] = max(end, until.get(booking, 0))
    return problems


def occupancy(dump, stored):
    """Occupancy is what live bookings need: no more, no less."""
    problems, taken = [], {}
    for row in dump['occupancy']:
        key = row['resource_id'], row['granule']
        if key in taken:
            problems.append(('occupancy', 'granule %s of resource %s is taken twice' % key[::-1]))
        taken[key] = row['booking_id']
    needed = {key: i for i in stored.live for key in stored.spans(i)}
    problems += [('occupancy', 'resource %s, granule %s: needed by %s, taken by %s' % (*k, needed.get(k), taken.get(k)))
                 for k in sorted(needed.keys() | taken.keys()) if needed.get(k) != taken.get(k)]
    return problems, taken


def bitmaps(dump, taken):
    """The read model is occupancy, folded."""
    folded = collections.defaultdict(int)
    for resource, granule in taken:
        day, bit = divmod(granule, DAY // GRANULE)
        folded[resource, day] |= 1 << bit
    kept = {(r['resource_id'], r['day']): sum(r['w%d' % i] << WORD * i for i in range(5)) for r in dump['day_bitmap']}
    return [('bitmap', 'day %s of resource %s differs from occupancy' % k[::-1]) for k in sorted(folded.keys() | kept.keys())
            if folded.get(k, 0) != kept.get(k, 0)]


def gap_kept(definitions, booking, defined, before, step):
    if defined.get('gap_days_min') is not None:
        days = (definitions.local_day(booking['site_id'], step['starts_at'])
                - definitions.local_day(booking['site_id'], before['ends_at'])).days
        return defined['gap_days_min'] <= days <= defined['gap_days_max']
    return defined['gap_min'] * 60 <= step['starts_at'] - before['ends_at'] <= defined['gap_max'] * 60


def need_met(definitions, need, step, rows):
    """Why these resources are not what the need of this step asks for, or None."""
    if len(rows) != need['quantity'] or len({r['resource_id'] for r in rows}) != len(rows):
        return '%d resources for %d' % (len(rows), need['quantity'])
    if not {r['resource_id'] for r in rows} <= definitions.able(need):
        return 'a resource that cannot do it'
    span = step['starts_at'] - need['setup_minutes'] * 60, step['ends_at'] + need['turnover_minutes'] * 60
    if {(r['busy_from'], r['busy_until']) for r in rows} != {span}:
        return 'a resource at another time'
    return None


def chain(definitions, stored, booking):
    """What is wrong with the parts of one live booking; its service's definition is the measure."""
    defined = definitions.steps[booking['service_id']]
    steps = sorted(stored.steps[booking['id']], key=lambda s: s['step_no'])
    if [(s['step_no'], s['kind'], s['visit_no']) for s in steps] != [(d['step_no'], d['kind'], d['visit_no']) for d in defined]:
        return ['steps %s of %s' % ([s['step_no'] for s in steps], [d['step_no'] for d in defined])]
    wrong = ['step %d takes another time' % d['step_no'] for s, d in zip(steps, defined) if s['ends_at'] - s['starts_at'] != d['minutes'] * 60]
    wrong += ['the gap before step %d' % d['step_no'] for before, s, d in zip(steps, steps[1:], defined[1:])
              if not gap_kept(definitions, booking, d, before, s)]
    if (booking['starts_at'], booking['ends_at']) != (steps[0]['starts_at'], steps[-1]['ends_at']):
        wrong.append('the booking begins or ends elsewhere than its steps')
    rows = by(stored.resources[booking['id']], 'step_no', 'need_no')
    bound = collections.defaultdict(set)
    for step in steps:
        for need in definitions.needs[booking['service_id'], step['step_no']]:
            mine = rows.pop((step['step_no'], need['need_no']), [])
            why = need_met(definitions, need, step, mine)
            if why:
                wrong.append('need %d of step %d: %s' % (need['need_no'], step['step_no'], why))
            if need['bind']:
                bound[need['bind']] |= {r['resource_id'] for r in mine}
    wrong += ['resources nobody needs: %r' % (k,) for k in rows]
    wrong += ['"%s" is served by %d resources' % (word, len(who)) for word, who in bound.items() if len(who) != 1]
    return wrong + visits(stored, booking, steps)


def visits(stored, booking, steps):
    """Each visit is one appointment, from its first step to its last."""
    wanted = {v: (min(s['starts_at'] for s in rows), max(s['ends_at'] for s in rows)) for v, rows in by(steps, 'visit_no').items()}
    found = {a['visit_no']: (a['starts_at'], a['ends_at']) for a in stored.appointments[booking['id']]}
    same = wanted == found and len(stored.appointments[booking['id']]) == len(found)
    return [] if same else ['appointments %r of %r' % (found, wanted)]


def seats(dump, definitions, stored):
    """Services with a limit a day: one seat for each live booking, none for others, none twice."""
    problems = []
    mine = by(dump['service_day'], 'booking_id')
    problems += [('seat', 'booking %s has a seat and no need of one' % i) for i in mine if i not in stored.live]
    for seat, rows in by(dump['service_day'], 'service_id', 'day', 'seat').items():
        if len(rows) > 1:
            problems.append(('seat', 'seat %r is given twice' % (seat,)))
    for i in stored.live:
        booking = stored.bookings[i]
        most = definitions.services[booking['service_id']]['max_per_day']
        day = definitions.local_day(booking['site_id'], booking['starts_at'])
        right = [(r['service_id'], r['day'], 1 <= r['seat'] <= most) for r in mine.get(i, [])]
        if most and right != [(booking['service_id'], day, True)]:
            problems.append(('seat', 'booking %s: %r' % (i, right)))
    return problems


def check(dump):
    """Every problem of one dump."""
    definitions, stored = Definitions(dump), Stored(dump)
    problems = overlaps(stored)
    more, taken = occupancy(dump, stored)
    problems += more + bitmaps(dump, taken) + seats(dump, definitions, stored)
    for i in sorted(stored.live):
        problems += [('chain', 'booking %s: %s' % (i, why)) for why in chain(definitions, stored, stored.bookings[i])]
    return problems
