# SPDX-License-Identifier: Apache-2.0
"""Prints when a door is open and where the grid of starts lies by Python's zoneinfo, an independent reader of the same zone data, on
every day of the years named on which a zone's clock changes, on the days after it and on a plain day every other month: `layout_twin.py
FIRST_YEAR LAST_YEAR ZONE...`. test_layout_twin.c compares it with clinic/schedule/local_days.c.

Lines: `Z zone`, `D day from until grid` (days since 1970, minutes of the local day), then `O` with the runs of open granules
(first-last) and `G` with the granules of the grid, both counted from one day before midnight UTC of the day.
"""
import datetime
import sys
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
DAY, HOUR, GRANULE = 86400, 3600, 300
HOURS = ((0, 1440, 30), (90, 215, 15), (0, 60, 10), (480, 1020, 45), (1380, 1440, 60))


def offset(zone, t):
    """Seconds that the clock on the wall is ahead of UTC."""
    return int((EPOCH + datetime.timedelta(seconds=t)).astimezone(zone).utcoffset().total_seconds())


def clocks(zone, base, count):
    """What the wall shows (seconds since 1970, local) at the first and at the fifth minute of each of COUNT granules. Minute by minute
    is asked only in hours at whose ends the clock goes differently: asking is what takes the time here."""
    first, fifth = [], []
    for hour in range(base, base + count * GRANULE, HOUR):
        begins, ends = offset(zone, hour), offset(zone, hour + HOUR)
        for t in range(hour, hour + HOUR, GRANULE):
            first.append(t + (begins if begins == ends else offset(zone, t)))
            fifth.append(t + 240 + (begins if begins == ends else offset(zone, t + 240)))
    return first, fifth


def runs(bits):
    """First and last of each run, as words."""
    out, start = [], None
    for i, bit in enumerate(bits + [False]):
        if bit and start is None:
            start = i
        elif not bit and start is not None:
            out.append('%d-%d' % (start, i - 1))
            start = None
    return ' '.join(out)


def tell(zone, day, hours):
    first, fifth = clocks(zone, (day - 1) * DAY, 3 * 288)
    a, b, grid = hours
    opens, shuts = day * DAY + a * 60, day * DAY + b * 60
    print('D', day, a, b, grid)
    print('O', runs([opens <= x < shuts and opens <= y < shuts for x, y in zip(first, fifth)]))
    print('G', ' '.join(str(g) for g, x in enumerate(first) if x % DAY // 60 % grid == 0))


def main(first, last, names):
    for name in names:
        zone = zoneinfo.ZoneInfo(name)
        print('Z', name)
        days = [(datetime.date(y, 1, 1) - EPOCH.date()).days for y in (first, last + 1)]
        count = 0
        for day in range(*days):
            changes = offset(zone, day * DAY) != offset(zone, (day + 1) * DAY)
            if changes:
                for beside in (day, day + 1):
                    tell(zone, beside, HOURS[count % len(HOURS)])
                    count += 1
            elif day % 61 == 0:
                tell(zone, day, HOURS[count % len(HOURS)])
                count += 1


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
