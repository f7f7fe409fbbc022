# SPDX-License-Identifier: Apache-2.0
"""Prints when a door is open and where the grid of starts lies by Python's zoneinfo, an independent reader of the same zone data, on
every day of the years named on which a zone's clock changes, on the days after it and on a plain day every other month: `layout_twin.py
FIRST_YEAR LAST_YEAR ZONE...`. test_layout_twin.c compares it with clinic/layout.c.

Lines: `Z zone`, `D day from until grid` (days since 1970, minutes of the local day), then `O` with the runs of open granules
(first-last) and `G` with the granules of the grid, both counted from one day before midnight UTC of the day.
"""
import datetime
import sys
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=UTC)
DAY, GRANULE = 86400, 300
HOURS = ((0, 1440, 30), (90, 215, 15), (0, 60, 10), (480, 1020, 45), (1380, 1440, 60))


def clock(zone, t):
    """(days since 1970, minute of the day) on the wall."""
    there = (EPOCH + datetime.timedelta(seconds=t)).astimezone(zone)
    return (there.date() - EPOCH.date()).days, there.hour * 60 + there.minute


def offset(zone, t):
    return (EPOCH + datetime.timedelta(seconds=t)).astimezone(zone).utcoffset()


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
    base = (day - 1) * DAY
    shown = [[clock(zone, base + g * GRANULE + minute * 60) for minute in (0, 4)] for g in range(3 * 288)]
    a, b, grid = hours
    print('D', day, a, b, grid)
    print('O', runs([all(d == day and a <= m < b for d, m in both) for both in shown]))
    print('G', ' '.join(str(g) for g, both in enumerate(shown) if both[0][1] % grid == 0))


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
