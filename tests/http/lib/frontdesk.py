# SPDX-License-Identifier: Apache-2.0
"""The front desk's way to a booking, in steps: times that are found, details that are typed. No fixtures."""
from patient import ADA


def finder(desk, **query):
    return desk.open('/staff/times?' + '&'.join('%s=%s' % pair for pair in query.items()))


def times(page):
    return [f for f in page.forms() if f.action.endswith('/staff/holds')]


def enter(page, **changes):
    fields = dict(ADA, body_site='elbow', side='right', pay='self')
    fields.update(changes)
    return page.form('/details').fill(**fields).submit()
