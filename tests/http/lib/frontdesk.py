# SPDX-License-Identifier: Apache-2.0
"""The front desk's way to a booking, in steps: times that are found, details that are typed. No fixtures."""
from patient import ADA


def finder(desk, **query):
    return desk.open('/staff/times?' + '&'.join('%s=%s' % pair for pair in query.items()))


def times(page):
    return [f for f in page.forms() if f.action.endswith('/staff/holds')]


def times_apart(page, database, family):
    """Those of them at which nobody of that name has another visit: nobody is at two visits at once. What takes long counts from two
    hours before one on."""
    spans = database.rows("SELECT b.starts_at, b.ends_at FROM booking b JOIN patient p ON p.id = b.patient_id WHERE b.status = 'booked' AND p.family = %s",
                          family)
    return [f for f in times(page) if not any(begins - 7200 < int(f.value('start')) < ends for begins, ends in spans)]


def enter(page, **changes):
    fields = dict(ADA, body_site='elbow', side='right', pay='self')
    fields.update(changes)
    return page.form('/details').fill(**fields).submit()
