# SPDX-License-Identifier: Apache-2.0
"""Until when a visit can be canceled or moved online: the same instant beside the times, before booking, in the booking, in the message;
and a deadline that passed is not won back by moving away and cancelling then."""
import datetime

import moving
import patient
from moving import notice, words

YEARS = 9 * 365 * 24 * 60


def test_in_time_it_says_until_when(visitor, database):
    with notice(database, 60):
        page = patient.times_page(visitor)
        first = int(patient.times(page)[0].value('start'))
        assert 'can be canceled online until ' + words(first - 3600) in page.text
        assert 'cannot be canceled' not in page.text and 'no canceling' not in page.text
        page = patient.ready(visitor)
        until = 'cancel it online until ' + words(first - 3600)
        assert until in page.text and 'no longer be canceled' not in page.text
        page = page.form(action='/booking/check').submit()
        assert 'You can cancel online until ' + words(first - 3600) in page.text
        assert 'cancel the visit online until ' + words(first - 3600) in page.text, 'the message'


def test_too_late_is_said_before_it_is_booked(visitor, database):
    with notice(database, YEARS):
        page = patient.times_page(visitor)
        assert 'Times on this day can no longer be canceled online' in page.text and '603' in page.text
        assert not any('no canceling online' in b.text_content() for b in page.css('ul.times button')), 'once is enough'
        page = patient.ready(visitor)
        assert 'can no longer be canceled online' in page.text and 'You can cancel' not in page.text
        page = page.form(action='/booking/check').submit()
        assert 'It is too late to cancel online' in page.text
        assert 'To cancel the visit, please call us' in page.text, 'the message'


def test_some_times_of_a_day_are_too_late(visitor, database):
    """The boundary lies between two times of a day."""
    page = patient.times_page(visitor)
    starts = [int(f.value('start')) for f in patient.times(page)]
    middle = starts[len(starts) // 2]
    now = int(datetime.datetime.now().timestamp())
    with notice(database, (middle - now) // 60 - 1):
        page = visitor.open(page.path)
        marked = [int(f.value('start')) for f in patient.times(page) if 'no canceling' in f.element.text_content()]
        assert marked == [s for s in starts if s < middle]
        assert 'Earlier times can no longer be canceled online' in page.text


def test_a_move_wins_nothing_back(visitor, database):
    patient.book(visitor)
    booking = moving.last_booking(database)
    with notice(database, YEARS), moving.rule(database, 'move_notice_minutes', 0):
        page = visitor.open('/booking/cancel')
        assert page.h1 == 'Please call to cancel'
        page = moving.choose(visitor, which=-1)
        assert 'It cannot be canceled online' in page.text
        page = moving.confirm(page)
        assert page.path == '/booking?moved=1'
    # Far away from the visit by any rule that is left.
    with notice(database, 0):
        page = visitor.open('/booking')
        assert 'It is too late to cancel online' in page.text
        page = visitor.open('/booking/cancel')
        assert page.h1 == 'Please call to cancel' and 'rescheduling did not change this deadline' in page.text
        leave = page.form(action='/booking/leave')
        answer = visitor.post('/booking/cancel', data={'csrf': leave.value('csrf'), 'idem': leave.value('idem')})
        assert answer.status_code == 409 and 'Please call to cancel' in answer.text
        assert database.value('SELECT status FROM booking WHERE id = %s', booking) == 'booked'
