# SPDX-License-Identifier: Apache-2.0
"""Prints what Python's zoneinfo, an independent reader of the same zone data, says about local time around every
change of offset in the zones and years named: `tz_twin.py FIRST_YEAR LAST_YEAR ZONE...`. test_tz_twin.c compares it
with core/tz.c.

Lines: `Z zone`, `U local utc` (both in seconds; local as if it were UTC) and `L utc local offset abbreviation`.
"""
import datetime
import sys
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
DAY = 86400


def zoned(zone, t):
    return (EPOCH.replace(tzinfo=UTC) + datetime.timedelta(seconds=t)).astimezone(zone)


def offset(zone, t):
    return int(zoned(zone, t).utcoffset().total_seconds())


def change_between(zone, lo, hi):
    """The instant in (lo, hi] at which the offset of lo ends."""
    before = offset(zone, lo)
    while hi - lo > 1:
        middle = (lo + hi) // 2
        lo, hi = (middle, hi) if offset(zone, middle) == before else (lo, middle)
    return hi


def utc_of(zone, local):
    """The first instant at which the wall clock shows LOCAL, or the change that jumps over it."""
    wall = (EPOCH + datetime.timedelta(seconds=local)).replace(tzinfo=zone)
    utc = local - int(wall.utcoffset().total_seconds())
    if utc + offset(zone, utc) == local:
        return utc
    after = local - int(wall.replace(fold=1).utcoffset().total_seconds())
    return change_between(zone, min(utc, after), max(utc, after))


def tell(zone, t):
    there = offset(zone, t)
    print('L', t, t + there, there, zoned(zone, t).tzname())


def around(zone, change, previous):
    for t in [change - 1, change, change + 1] + list(range(change - 3 * 3600, change + 3 * 3600, 1500)):
        tell(zone, t)
    shown = (change + previous) // 60 * 60
    for local in range(shown - 3 * 3600, shown + 3 * 3600, 900):
        print('U', local, utc_of(zone, local))


def main(first, last, names):
    for name in names:
        zone = zoneinfo.ZoneInfo(name)
        print('Z', name)
        start, end = ((datetime.datetime(y, 1, 1) - EPOCH).days * DAY for y in (first, last + 1))
        previous = offset(zone, start)
        for day in range(start, end, DAY):
            now = offset(zone, day + DAY)
            if now != previous:
                around(zone, change_between(zone, day, day + DAY), previous)
            elif (day // DAY) % 61 == 0:
                tell(zone, day)
            previous = now


main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:])
