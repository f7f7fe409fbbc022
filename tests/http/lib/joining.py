# SPDX-License-Identifier: Apache-2.0
"""Joining the waitlist, in steps. No fixtures."""
import contextlib

from patient import SERVICE

GRACE = dict(given='Grace', family='Hopper', email='grace@example.org', phone='603-555-0177')


@contextlib.contextmanager
def nothing_free(database):
    """The clinic is closed for good while this lasts: who joins has to wait."""
    database.rows("INSERT INTO closure (id, site_id, resource_id, first_day, last_day, reason) VALUES (990, 1, NULL, '2020-01-01',"
                  " '2190-01-01', 'test')")
    try:
        yield
    finally:
        database.rows('DELETE FROM closure WHERE id = 990')


def join(visitor, **changes):
    page = visitor.open('/services/%s/wait' % SERVICE)
    assert page.status == 200 and page.h1 == 'Join the waitlist'
    return page.form(having='given').fill(**dict(GRACE, **changes)).submit()


def waiting(visitor, database, **changes):
    with nothing_free(database):
        page = join(visitor, **changes)
    assert page.path == '/waiting' and page.h1 == 'You are on the waitlist', (page, page.text)
    return page
