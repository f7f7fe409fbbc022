# SPDX-License-Identifier: Apache-2.0
"""A booking moved through the patient's pages, in steps, and other rules of a service for a while. No fixtures."""
import contextlib
import datetime
import zoneinfo

import patient


def last_booking(database):
    return database.value('SELECT MAX(id) FROM booking')


def choices(page):
    """The forms that lead to a new time."""
    return [f for f in page.forms() if f.action.endswith('/booking/move/check')]


def choose(visitor, which=0, at='/booking/move'):
    """The page that says what a move would do: to a time of the first day from AT on that has so many. Of today, or of the first day
    that notice leaves, there may be few."""
    found = choices(visitor.open(at))
    for address in [] if len(found) > which else patient.days(visitor, at):
        found = choices(visitor.open(address))
        if len(found) > which:
            break
    assert len(found) > which, 'no such free time from %s on' % at
    return found[which].submit()


def confirm(page):
    return page.form(button='Reschedule my booking').submit()


@contextlib.contextmanager
def rule(database, column, value, service=patient.SERVICE):
    """The service has another rule for a while."""
    before = database.value('SELECT %s FROM service WHERE code = %%s' % column, service)
    database.rows('UPDATE service SET %s = %%s WHERE code = %%s' % column, value, service)
    try:
        yield
    finally:
        database.rows('UPDATE service SET %s = %%s WHERE code = %%s' % column, before, service)


@contextlib.contextmanager
def notice(database, minutes):
    with rule(database, 'cancel_notice_minutes', minutes):
        yield


def words(seconds):
    """An instant as pages say it."""
    at = datetime.datetime.fromtimestamp(seconds, zoneinfo.ZoneInfo('America/New_York'))
    return '%s %d %s, %d:%s' % (at.strftime('%A'), at.day, at.strftime('%B %Y'), (at.hour + 11) % 12 + 1, at.strftime('%M %p').lower())
