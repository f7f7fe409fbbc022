# SPDX-License-Identifier: Apache-2.0
"""The booking number: what somebody is told on the phone opens the booking, with the date of birth, as the private link does."""
import re

import patient

BORN = '12/10/1962'


def number_of(database, uid):
    return database.value('SELECT number FROM booking WHERE uid = %s', uid)


def grouped(number):
    return '%s %s %s' % (number[:3], number[3:6], number[6:])


def try_number(one, number, born=BORN):
    return one.open('/open').form(having='number').fill(number=number, birth_date=born).submit()


def test_on_a_new_device(visitor, server, database):
    booked = patient.book(visitor)
    number = number_of(database, booked.about)
    assert re.fullmatch('[KL2-9MQRWXY]{9}', number) and grouped(number) in booked.text
    for typed in (number, grouped(number).lower(), ' %s–%s\u00a0%s ' % (number[:3], number[3:6].lower(), number[6:])):
        with server.visitor() as other:
            assert other.open('/').click('Open a booking').path == '/open'
            page = try_number(other, typed)
            assert page.h1 == 'You are booked' and page.about == booked.about
            page = other.open('/booking/cancel?booking=' + booked.about)
            assert page.status == 200 and page.path.startswith('/booking/cancel'), 'and everything else of it, too'
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'session' AND detail = 'number'") == 3


def test_a_browser_may_know_several(visitor, server, database):
    with server.visitor() as other:
        theirs = patient.book(other)
    mine = patient.hold(visitor, 'consultation')
    assert try_number(visitor, number_of(database, theirs.about)).about == theirs.about
    assert visitor.open('/booking/details?booking=' + mine.about).status == 200, 'the one that was open stays so'


def said(page):
    assert page.status == 422 and not page.error_for('number') and not page.error_for('birth_date')
    assert not page.visitor.client.cookies.get('regen_p', '').count('.'), 'no session was begun'
    return [p.text_content() for p in page.css('main li')]


def test_a_wrong_pair_does_not_say_what_is_wrong(visitor, server, database):
    booked = patient.book(visitor)
    number = number_of(database, booked.about)
    other = ('K' if number[0] != 'K' else 'L') + number[1:]
    assert database.value('SELECT COUNT(*) FROM booking WHERE number = %s', other) == 0
    with server.visitor() as one:
        neither = said(try_number(one, other, '1/1/1970'))
        assert neither and 'Check both and try again' in neither[0]
        assert said(try_number(one, other)) == neither
        page = try_number(one, number, '1/1/1970')
        assert said(page) == neither
        assert page.form(having='number').value('number') == number, 'what was typed is still there'
        for n in range(9):
            assert said(try_number(one, number, '1/%d/1970' % (n + 2))) == neither
        assert said(try_number(one, number)) == neither, 'not even the right one opens it now, and nothing tells'
        assert one.open('/booking').status == 401
    link = patient.private_link(booked)
    with server.visitor() as one:
        assert one.open(link).form(having='birth_year').fill(birth_date=BORN).submit().status == 410
    wrong = "SELECT COUNT(*) FROM audit_event WHERE action = 'session.wrong-%s'"
    # Of what is dead nothing is compared any more, so it leaves the same trace as a number that does not exist.
    assert (database.value(wrong % 'birth-date'), database.value(wrong % 'number')) == (10, 3)


def test_what_cannot_be_a_number_or_a_date_is_said(visitor):
    page = try_number(visitor, 'K7M 4QX', '13/45/1970')
    assert page.status == 422 and page.error_for('number') and page.error_for('birth_date')
    assert try_number(visitor, "' OR 1=1 --").status == 422
    assert try_number(visitor, '').error_for('number')


def test_it_ends_when_the_link_does(visitor, server, staff, database):
    booked = patient.book(visitor)
    number = number_of(database, booked.about)
    chart = staff('front_desk').open('/staff/bookings/' + booked.about)
    assert grouped(number) in chart.text
    page = chart.form('/link').submit()
    fresh = number_of(database, booked.about)
    assert fresh != number and grouped(fresh) in page.text and grouped(number) not in page.text
    with server.visitor() as one:
        assert try_number(one, number).status == 422
        assert try_number(one, fresh).about == booked.about
    database.rows("UPDATE booking SET status = 'completed', ends_at = starts_at - 8640000 + 300, starts_at = starts_at - 8640000 WHERE uid = %s",
                  booked.about)
    database.rows('UPDATE booking_link SET made_at = 0')
    with server.visitor() as one:
        days = (database.value('SELECT UNIX_TIMESTAMP() - ends_at FROM booking WHERE uid = %s', booked.about)) // 86400
        database.rows('UPDATE booking SET starts_at = starts_at - d, ends_at = ends_at - d WHERE uid = %s'.replace(
            ' - d', ' - %d' % ((91 - days) * 86400)), booked.about)
        assert try_number(one, fresh).status == 422


def test_what_is_held_has_none(visitor, database):
    held = patient.ready(visitor)
    assert number_of(database, held.about) is None
    assert 'Booking number' not in visitor.open('/booking/check').text


def test_messages_tell_it(visitor, staff, database):
    booked = patient.book(visitor)
    number = grouped(number_of(database, booked.about))
    assert 'your booking number, ' + number in booked.text
    assert number in staff('front_desk').open('/staff/messages').text


def test_staff_open_nothing(visitor, staff, database):
    """A patient's way in opens nothing in a browser that is logged in as staff."""
    booked = patient.book(visitor)
    desk = staff('front_desk')
    page = try_number(desk, number_of(database, booked.about))
    assert page.status == 403 and 'logged in as staff' in page.text
    assert desk.open('/booking').status == 401


def test_numbers_count_as_links_do(servers, server, visitor, database):
    """The throttle of private links, so that neither is a way round the other."""
    number = number_of(database, patient.book(visitor).about)
    one = servers(extra='RegenLinkRate 4/1h\n')
    with one.visitor() as guesser:
        form = guesser.open('/open').form(having='number').fill(number='K' * 9, birth_date='1/1/1970')
        assert [form.submit(follow=False).status_code for _ in range(3)] == [422] * 3
        assert guesser.get('/b/' + 'A' * 43).status_code == 404
        answer = form.fill(number=number, birth_date=BORN).submit(follow=False)
        assert answer.status_code == 429 and 'retry-after' in answer.headers, 'not even the right pair'
        assert guesser.get('/b/' + 'A' * 43).status_code == 429
        assert guesser.get('/open').status_code == 200, 'looking at the form is no try'
