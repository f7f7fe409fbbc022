# SPDX-License-Identifier: Apache-2.0
"""Several bookings in one browser: every form names its booking, nothing is given back without a word, and a private link opens its booking on
another device by the date of birth."""
import re

import pytest

import env
import patient

OTHER = 'consultation'


def row(database, uid):
    return database.rows('SELECT status, patient_id IS NULL FROM booking WHERE uid = %s', uid)[0]


def details(page, **changes):
    return page.form(having='family').fill(**dict(patient.ADA, body_site='elbow', side='right', pay='self', **changes))


def test_a_second_tab_leaves_the_first_alone(visitor, database):
    first = patient.hold(visitor)
    typed = details(first)
    second = patient.hold(visitor, OTHER)
    assert first.about and second.about and first.about != second.about
    assert row(database, first.about)[0] == row(database, second.about)[0] == 'held', 'both are kept'
    page = typed.submit()
    assert page.path == '/booking/check' and page.about == first.about, 'an older tab goes on with its own'
    assert row(database, first.about) == ('held', 0) and row(database, second.about) == ('held', 1)
    page = page.form(action='/booking/check').submit()
    assert page.h1 == 'You are booked' and page.about == first.about
    assert row(database, first.about)[0] == 'booked' and row(database, second.about)[0] == 'held'


def test_your_bookings_and_old_addresses(visitor, server):
    first = patient.book(visitor)
    for path in ('/booking', '/bookings', '/booking/details', '/booking/check'):
        assert 'booking=' + first.about in visitor.open(path).html, 'while there is one, no name is needed'
    second = patient.hold(visitor, OTHER)
    for path in ('/booking', '/bookings', '/booking/details', '/booking/check', '/booking/cancel', '/booking/consent', '/holds'):
        page = visitor.open(path)
        assert page.status == 200 and page.path == '/bookings' and page.h1 == 'Your bookings', path
    assert {a.split('booking=')[1] for a in page.links() if 'booking=' in a} == {first.about, second.about}
    assert visitor.open('/booking?booking=' + first.about).click('Your bookings').h1 == 'Your bookings'
    with server.visitor() as stranger:
        theirs = patient.hold(stranger).about
    for uid in (theirs, 'x', '0' * 26):
        for path in ('/booking', '/booking/details', '/booking/calendar.ics', '/booking/move', '/booking/consent'):
            assert visitor.open('%s?booking=%s' % (path, uid)).status == 404, path
    form = second.form(action='/booking/release').set('booking', theirs, force=True)
    assert form.submit().status == 404


def test_another_link_does_not_end_a_form(visitor, server, database):
    with server.visitor() as other:
        link = patient.private_link(patient.book(other))
    first = patient.hold(visitor)
    typed = details(first)
    patient.come_back(visitor, link)
    page = typed.submit()
    assert page.path == '/booking/check' and page.about == first.about
    assert row(database, first.about) == ('held', 0)


def test_choosing_another_time_says_what_it_gives_back(visitor, database):
    first = patient.give_details(patient.hold(visitor))
    page = visitor.open('/services/%s/times' % patient.SERVICE)
    assert 'is released' not in page.text
    page = visitor.open('/booking/details?booking=' + first.about).click('Choose another time')
    assert 'that one is released' in page.text and page.link('Keep my current time')
    page = patient.times(page)[-1].submit()
    assert row(database, first.about)[0] == 'cancelled' and page.about != first.about
    assert page.form(having='family').value('given') == 'Ada'


def test_what_was_booked_meanwhile_is_not_given_back(visitor, database):
    """The page of times was opened while the time was held; in another tab it was booked."""
    check = patient.ready(visitor)
    page = visitor.open('/booking/details').click('Choose another time')
    assert check.form(action='/booking/check').submit().h1 == 'You are booked'
    patient.times(page)[-1].submit()
    assert row(database, check.about)[0] == 'booked'


def test_addresses_of_deeds_lead_on(visitor):
    assert visitor.open('/holds').path == '/'
    about = patient.hold(visitor).about
    for path in ('/holds', '/booking/extend', '/booking/release', '/booking/recalls/stop', '/booking/recalls/start'):
        page = visitor.open(path)
        assert page.status == 200 and page.about == about and page.path == '/booking/details', path


# --- leaving ------------------------------------------------------------------------------------------------------------------

def leave(page):
    """Leaves from a page where something is typed."""
    form = page.form(having='family').fill(given='Half', email='typ')
    form.action = page.url.split('?')[0].replace('/booking/details', '/booking/leave')
    return form.submit()


def test_leaving_a_hold_asks_and_nothing_is_lost(visitor, database):
    first = patient.hold(visitor)
    assert [b for b in first.css('button') if b.get('formaction', '').endswith('/booking/leave') and b.get('form') == 'details']
    page = leave(first)
    assert page.h1 == 'Leave this site?' and 'Leaving releases it' in page.text and 'is lost' in page.text
    assert row(database, first.about)[0] == 'held'
    page = page.form(button='Stay').submit()
    assert page.h1 == 'About you' and page.form(having='family').value('given') == 'Half' and page.form(having='family').value('email') == 'typ'
    page = leave(page)
    form = page.form(button='release the time')
    page = form.submit()
    assert page.path.startswith('/?left') and 'is released' in page.text
    assert row(database, first.about)[0] == 'cancelled'
    assert database.value('SELECT COUNT(*) FROM occupancy o JOIN booking b ON b.id = o.booking_id WHERE b.uid = %s', first.about) == 0
    assert visitor.open('/booking').status == 401
    assert form.submit().path.startswith('/?left'), 'pressed twice'


def test_leaving_ends_the_session_on_the_server(visitor, server, database):
    patient.book(visitor)
    with server.visitor() as kept:
        kept.client.cookies.update(dict(visitor.client.cookies))
        assert kept.open('/booking').h1 == 'You are booked'
        visitor.open('/booking').form(action='/booking/leave').submit()
        assert kept.open('/booking').status == 401


# --- the private link ---------------------------------------------------------------------------------------------------------

def test_the_device_that_booked_needs_no_date_of_birth(visitor):
    link = patient.private_link(patient.book(visitor))
    assert visitor.open(link).h1 == 'You are booked'


def test_another_device_gives_the_date_of_birth(visitor, server, database):
    booked = patient.book(visitor)
    link = patient.private_link(booked)
    with server.visitor() as other:
        page = other.open(link)
        assert page.path == '/booking/open' and 'Lovelace' not in page.html and 'tendon' not in page.text.lower()
        for path in ('/booking', '/booking/calendar.ics', '/booking/consent', '/booking/cancel'):
            assert other.open('%s?booking=%s' % (path, booked.about)).path == '/booking/open', path
        page = page.form(having='birth_year').fill(birth_date='12/11/1962').submit()
        assert page.status == 422 and page.error_for('birth_date')
        page = page.form(having='birth_year').fill(birth_date='').submit()
        assert page.status == 422 and page.error_for('birth_date')
        page = page.form(having='birth_year').fill(birth_date='1962-12-10').submit()
        assert page.h1 == 'You are booked' and page.about == booked.about
        assert other.open(link).h1 == 'You are booked', 'and is known here now'


def test_dates_of_birth_cannot_be_tried_without_end(visitor, server, staff, database):
    booked = patient.book(visitor)
    link = patient.private_link(booked)
    for n in range(11):
        with server.visitor() as other:
            page = other.open(link).form(having='birth_year').fill(birth_date='1/%d/1970' % (n + 1)).submit()
            assert page.status == (422 if n < 10 else 410)
    assert 'no longer works' in page.h1
    with server.visitor() as other:
        page = other.open(link).form(having='birth_year').fill(birth_date='12/10/1962').submit()
        assert page.status == 410, 'not even the right one'
    page = staff('front_desk').open('/staff/bookings/' + booked.about).form('/link').submit()
    with server.visitor() as other:
        assert patient.come_back(other, re.search(r'http://\S+/b/[\w-]{43}', page.text).group(0)).h1 == 'You are booked'


def test_links_end_after_the_last_visit(visitor, server, staff, database):
    booked = patient.book(visitor)
    link = patient.private_link(booked)
    database.rows("UPDATE booking SET status = 'completed' WHERE uid = %s", booked.about)

    def ended_days_ago(days):
        database.rows('UPDATE booking SET starts_at = starts_at - d, ends_at = ends_at - d WHERE uid = %s'.replace(
            ' - d', ' - (ends_at - (UNIX_TIMESTAMP() - %d * 86400)) DIV 300 * 300' % days), booked.about)

    with server.visitor() as other:
        ended_days_ago(89)
        assert other.open(link).path == '/booking/open'
        ended_days_ago(91)
        assert other.open(link).status == 404
        page = staff('front_desk').open('/staff/bookings/' + booked.about).form('/link').submit()
        fresh = re.search(r'http://\S+/b/[\w-]{43}', page.text).group(0)
        assert patient.come_back(other, fresh).h1 == 'Your visit is over', 'the desk can always make a new one'


# --- signing ------------------------------------------------------------------------------------------------------------------

def test_book_first_sign_later(visitor, database):
    page = patient.give_details(patient.hold(visitor)).form(action='/booking/check').submit()
    assert page.h1 == 'You are booked' and 'Before your visit: 2 to sign' in page.text
    page = page.click('Read and sign')
    assert page.path == '/booking/consent'
    patient.sign_all(visitor, about=page.about)
    assert 'Before your visit' not in visitor.open('/booking').text


def test_a_message_reminds_to_sign(visitor, servers, server, database):
    """Some days before the visit, once; who signs, moves or cancels is not written to any more."""
    page = patient.give_details(patient.hold(visitor)).form(action='/booking/check').submit()
    ident = database.value('SELECT id FROM booking WHERE uid = %s', page.about)
    ahead = database.value('SELECT (starts_at - UNIX_TIMESTAMP()) DIV 86400 + 1 FROM booking WHERE id = %s', ident)
    assert 1 <= ahead <= 60
    told = "SELECT COUNT(*), MAX(status) FROM message WHERE kind = 'forms' AND about_id = %s"
    one = servers(extra='RegenSweepInterval 1s\nRegenFormsReminder %d\n' % ahead)
    try:
        database.rows('UPDATE booking SET booked_at = booked_at - 3601 WHERE id = %s', ident)
        env.wait_until(lambda: database.rows(told, ident)[0][0] > 0, 20)
        env.wait_until(lambda: database.rows(told, ident) == ((1, 'queued'),), 5)
        page = visitor.open('/booking?booking=' + page.about)
        assert 'Please read and sign your forms' in page.text
        patient.sign_all(visitor, about=page.about)
        assert database.rows(told, ident) == ((1, 'withdrawn'),)
    finally:
        one.stop()


@pytest.mark.parametrize('path', ['/booking/details', '/booking/check', '/booking'])
def test_every_form_names_its_booking(visitor, path):
    about = patient.ready(visitor).about
    page = visitor.open(path)
    forms = [f for f in page.forms() if '/booking/' in f.action]
    assert forms and all(f.value('booking') == about for f in forms)
