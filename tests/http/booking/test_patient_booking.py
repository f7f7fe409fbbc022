# SPDX-License-Identifier: Apache-2.0
"""The patient's journey without JavaScript: hold, details, consent, book, come back, cancel; and everything that may go
wrong on the way."""
import base64
import concurrent.futures
import hashlib
import re

import icalendar
import pytest

import patient


def last_booking(database):
    return database.value('SELECT MAX(id) FROM booking')


def status(database, booking):
    return database.value('SELECT status FROM booking WHERE id = %s', booking)


def test_the_whole_way(visitor, database):
    page = patient.hold(visitor)
    booking = last_booking(database)
    assert status(database, booking) == 'held'
    assert re.search(r'Held for you until \d+:\d\d [ap]m', page.text)
    page = patient.give_details(page)
    assert page.path == '/booking/check' and page.h1 == 'Check and book'
    assert 'Held for you until' in page.text
    page = patient.sign_all(visitor)
    page = page.click('Continue')
    assert page.h1 == 'Check and book'
    for words in ('Ada Lovelace', 'December 10, 1962', 'right elbow', '$950.00', 'Self-pay', 'ada@example.org',
                  '7 Analytical Way, Dover, NH 03820'):
        assert words in page.text
    page = page.form(action='/booking/check').submit()
    assert page.h1 == 'You are booked'
    assert page.hops[0].status_code == 303
    assert status(database, booking) == 'booked'
    assert 'Blood draw' in page.text and 'Home' in page.text and 'How to prepare' in page.text
    assert database.value('SELECT COUNT(*) FROM consent WHERE booking_id = %s', booking) == 2


def test_private_link(visitor, server, database):
    page = patient.book(visitor)
    link = patient.private_link(page)
    token = link.rsplit('/', 1)[1]
    assert len(token) == 43
    with server.visitor() as other:
        first = other.get(link)
        assert first.status_code == 303 and token not in first.headers['location']
        assert first.headers['referrer-policy'] == 'no-referrer'
        page = patient.come_back(other, link)
        assert page.h1 == 'You are booked' and page.path == '/booking'
        assert token not in page.html, 'the link is shown right after booking, to that browser only'
        wrong = link[:-1] + ('A' if link[-1] != 'A' else 'B')
        assert other.open(wrong).status == 404
    for name in ('access_log', 'error_log'):
        with open(getattr(server, name), encoding='utf-8', errors='replace') as f:
            assert token not in f.read()
    hashed = hashlib.sha256(base64.urlsafe_b64decode(token + '=')).hexdigest()
    assert database.value('SELECT COUNT(*) FROM booking WHERE HEX(link_hash) = %s', hashed) == 1


def test_a_link_is_never_shown_on_another_booking(visitor, server):
    mine = patient.private_link(patient.book(visitor))
    assert mine in visitor.open('/booking').html, 'a reload must not lose it'
    with server.visitor() as other:
        theirs = patient.private_link(patient.book(other))
    page = patient.come_back(visitor, theirs)
    assert page.h1 == 'You are booked' and '/b/' not in page.html
    page = visitor.open('/bookings').click('Open')
    assert page.about and visitor.open(mine).path == '/booking', 'the first one is still open here'


def test_leaving(visitor, server, database):
    page = patient.book(visitor)
    cookie = dict(visitor.client.cookies)
    page = page.form(action='/booking/leave').submit()
    assert page.path == '/?left=1' and 'You have left' in page.text
    assert visitor.open('/booking').status == 401
    with server.visitor() as other:
        other.client.cookies.update(cookie)
        assert other.open('/booking').status == 401, 'the session is over, not only forgotten by the browser'


# --- holding --------------------------------------------------------------------------------------------------------------

def test_double_press_holds_once(visitor, database):
    form = patient.times(patient.times_page(visitor))[-1]
    before = database.value('SELECT COUNT(*) FROM booking')
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: form.submit(follow=False), range(4)))
    assert {a.status_code for a in answers} == {303}
    assert database.value('SELECT COUNT(*) FROM booking') == before + 1


def test_just_taken(visitor, server):
    form = patient.times(patient.times_page(visitor, 'bmac-knee'))[0]
    start = form.value('start')
    with server.visitor() as other:
        # Everything that could serve this start: others hold until it is gone.
        for _ in range(6):
            if start not in [f.value('start') for f in patient.times(other.open('/services/bmac-knee/times'))]:
                break
            twin = [f for f in patient.times(other.open('/services/bmac-knee/times')) if f.value('start') == start][0]
            assert twin.submit(follow=False).status_code == 303
            other.client.cookies.clear()
    page = form.submit()
    assert page.status == 409
    assert page.h1 == 'That time was just taken'
    nearest = patient.times(page)
    assert 1 <= len(nearest) <= 6
    assert start not in [f.value('start') for f in nearest]
    page = nearest[0].submit()
    assert page.path == '/booking/details'


@pytest.mark.parametrize('field,value', [('start', 'soon'), ('start', ''), ('start', '1'), ('start', '-5'),
                                         ('start', '2020-01-06T15:00:00Z'), ('start', '2198-01-06T15:00:00Z'),
                                         ('practitioner', 'x')])
def test_times_that_are_not_offered(visitor, database, field, value):
    form = patient.times(patient.times_page(visitor))[0]
    before = database.value('SELECT COUNT(*) FROM booking')
    page = form.set(field, value, force=True).submit()
    assert page.status == 422, page
    assert database.value('SELECT COUNT(*) FROM booking') == before


def test_unknown_service_cannot_be_held(visitor):
    form = patient.times(patient.times_page(visitor))[0]
    assert form.set('service', 'none', force=True).submit().status == 404


def test_hold_without_our_form(visitor):
    form = patient.times(patient.times_page(visitor))[0]
    assert form.set('csrf', 'x', force=True).submit().status == 403


def test_more_time_ten_times(visitor, database):
    page = patient.hold(visitor)
    booking = last_booking(database)
    before = database.value('SELECT hold_expires_at FROM booking WHERE id = %s', booking)
    details = page.form(having='family').fill(given='Ada', email='half typ')
    extend = [b for b in page.css('button') if b.get('formaction', '').endswith('/booking/extend')][0]
    assert extend.get('form') == details.element.get('id')
    details.action = page.url.replace('/booking/details', '/booking/extend')
    page = details.submit()
    assert page.status == 200 and page.h1 == 'About you'
    assert page.form(having='family').value('email') == 'half typ' and not page.css('.summary')
    assert database.value('SELECT hold_expires_at FROM booking WHERE id = %s', booking) > before
    for n in range(9):
        assert 'I need more time' in page.text
        page = details.set('idem', 'another-key-of-16-chars-%d' % n, force=True).submit()
        assert page.status == 200
    assert database.value('SELECT hold_extended FROM booking WHERE id = %s', booking) == 10
    assert 'I need more time' not in page.text and 'I need more time' not in visitor.open('/booking/details').text
    # From a window that does not know of it yet: refused, and what was typed there stays.
    page = details.set('idem', 'another-key-of-16-chars', force=True).submit()
    assert page.status == 409 and 'cannot be held any longer' in page.css('.summary')[0].text_content()
    assert page.form(having='family').value('email') == 'half typ'


def test_more_time_on_a_later_page(visitor):
    page = patient.give_details(patient.hold(visitor))
    page = page.form(action='/booking/extend').submit()
    assert page.path == '/booking/check' and 'I need more time' in page.text


def test_giving_the_time_back(visitor, database):
    page = patient.hold(visitor)
    booking = last_booking(database)
    page = page.form(action='/booking/release').submit()
    assert page.path == '/services/%s/times' % patient.SERVICE
    assert status(database, booking) == 'cancelled'
    assert database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s', booking) == 0
    assert visitor.open('/booking').status == 410


def test_giving_back_again(visitor, database):
    """Whoever did not hear the answer asks again with the same form, and hears the same; another form is told that there is nothing left."""
    form = patient.hold(visitor).form(action='/booking/release')
    booking = last_booking(database)
    answers = [form.submit(follow=False) for _ in range(2)]
    assert [a.status_code for a in answers] == [303, 303] and answers[0].headers['location'] == answers[1].headers['location']
    assert form.set('idem', 'another-key-of-16-chars', force=True).submit(follow=False).status_code == 410
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE entity = 'booking' AND entity_id = %s AND action = 'booking.cancel'", booking) == 1


def test_expired_hold_offers_to_choose_again(visitor, database):
    page = patient.hold(visitor)
    booking = last_booking(database)
    database.rows('UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() - 5 WHERE id = %s', booking)
    # Typing went on meanwhile: mistakes are still told, and nothing is lost.
    form = page.form(having='family').fill(**dict(patient.ADA, phone=''), body_site='elbow', side='left', pay='self')
    page = form.submit()
    assert page.status == 422 and page.error_for('phone') and 'no longer held for you' in page.text
    form = page.form(having='family').fill(phone=patient.ADA['phone'])
    assert form.submit().status == 410
    for path in ('/booking', '/booking/details', '/booking/consent', '/booking/check'):
        page = visitor.open(path)
        assert page.status == 410 and page.h1 == 'This time is no longer held for you', page
    page = page.click('Choose a time again')
    assert page.status == 200
    # What was typed is still there with the next time.
    page = patient.times(page)[0].submit()
    assert page.path == '/booking/details'
    assert page.form(having='family').value('family') == 'Lovelace'
    assert page.form(having='family').value('side') == 'left'


def test_changing_the_time_keeps_details_and_frees_the_old(visitor, database):
    patient.give_details(patient.hold(visitor))
    old = last_booking(database)
    page = visitor.open('/booking/details').click('Choose another time')
    page = patient.times(page)[-1].submit()
    assert page.path == '/booking/details'
    assert page.form(having='family').value('given') == 'Ada'
    assert status(database, old) == 'cancelled'
    fresh = last_booking(database)
    assert database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s', old) == 0
    assert database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s', fresh) > 0


# --- details --------------------------------------------------------------------------------------------------------------

def test_all_problems_at_once_and_everything_kept(visitor, database):
    page = patient.hold(visitor)
    form = page.form(having='family')
    page = form.fill(family='O\'Brien <script>"', given='', birth_date='31/31/1980', email='x', state='Maine-ish',
                     pay='insurance', payer_code='granite-mutual', relationship='spouse', side='left').submit()
    assert page.status == 422
    assert page.title.startswith('Error: About you')
    assert page.h1 == 'About you'
    assert 'calendar' in page.error_for('birth_date')
    assert 'name@example.org' in page.error_for('email')
    for name in ('gender', 'phone', 'address_line', 'city', 'state', 'postal_code', 'body_site', 'member_id',
                 'subscriber_given', 'subscriber_birth_date'):
        assert page.error_for(name), name
    assert not page.error_for('family') and not page.error_for('side')
    targets = [a.get('href') for a in page.css('.summary a')]
    for target in targets:
        assert page.css(target), target
    form = page.form(having='family')
    assert form.value('family') == 'O\'Brien <script>"'
    assert [form.value(name) for name in ('birth_month', 'birth_day', 'birth_year')] == ['31', '31', '1980']
    assert form.value('state') == 'Maine-ish'
    assert form.value('payer_code') == 'granite-mutual' and form.value('side') == 'left'
    assert 'Held for you until' in page.text
    assert database.value('SELECT patient_id FROM booking WHERE id = %s', last_booking(database)) is None
    page = patient.give_details(page)
    assert page.path == '/booking/check'


def test_insurance(visitor, database):
    patient.give_details(patient.hold(visitor), pay='insurance', payer_code='medicare-nh', member_id='1EG4-TE5-MK73',
                         relationship='self')
    page = patient.sign_all(visitor).click('Continue')
    assert 'Medicare (New Hampshire)' in page.text and '1EG4TE5MK73' in page.text
    booking = last_booking(database)
    assert database.value('SELECT c.member_id FROM booking b JOIN coverage c ON c.id = b.coverage_id WHERE b.id = %s',
                          booking) == '1EG4TE5MK73'


def test_names_survive_as_typed(visitor, server):
    name = 'Zoë-Anne O\'Neil & 李'
    patient.give_details(patient.hold(visitor), family=name, given='<b>Ada</b>')
    page = patient.sign_all(visitor, '<b>ada</b> ' + name).click('Continue')
    assert '<b>Ada</b> ' + name in page.text
    with open(server.error_log, encoding='utf-8', errors='replace') as f:
        assert 'O\'Neil' not in f.read()


@pytest.mark.parametrize('body,wanted', [(b'family=%ff', 400), (b'family=a%00b', 400), (b'family=%zz', 400),
                                         (b'family=' + b'a' * 40000, 413)])
def test_broken_bodies(visitor, body, wanted):
    patient.hold(visitor)
    answer = visitor.post('/booking/details', content=body,
                          headers={'Content-Type': 'application/x-www-form-urlencoded', 'Origin': visitor.base.rsplit('/', 1)[0]})
    assert answer.status_code == wanted


# --- consent --------------------------------------------------------------------------------------------------------------

def test_signing_is_explicit(visitor, database):
    page = patient.give_details(patient.hold(visitor))
    booking = last_booking(database)
    page = visitor.open([a for a in patient.open_forms(page) if 'platelet' in a][0])
    assert 'Ada Lovelace' in page.text and 'right elbow' in page.text
    form = page.form(having='signer_name')
    page = form.submit()
    assert page.status == 422 and page.title.startswith('Error:')
    assert page.error_for('agree') and page.error_for('signer_name')
    page = page.form(having='signer_name').fill(signer_name='Somebody Else', agree='yes').submit()
    assert page.status == 422 and 'Ada Lovelace' in page.error_for('signer_name')
    assert page.form(having='signer_name').value('signer_name') == 'Somebody Else'
    assert page.form(having='signer_name').value('agree') == 'yes'
    assert database.value('SELECT COUNT(*) FROM consent WHERE booking_id = %s', booking) == 0


def test_text_that_changed_is_shown_again(visitor):
    page = patient.give_details(patient.hold(visitor))
    address = [a for a in patient.open_forms(page) if 'platelet' in a][0]
    stale = visitor.open(address).form(having='signer_name').fill(signer_name=patient.NAME, agree='yes')
    patient.give_details(visitor.open('/booking/details'), side='left')
    page = stale.submit()
    assert page.status == 409
    assert 'changed since you opened it' in page.text and 'left elbow' in page.text
    assert page.form(having='signer_name').fill(signer_name=patient.NAME, agree='yes').submit().path == '/booking/consent'


def test_another_side_needs_another_signature(visitor):
    patient.ready(visitor)
    patient.give_details(visitor.open('/booking/details'), side='left')
    page = visitor.open('/booking/consent')
    assert page.text.count('signed for the right elbow, and this booking is for the left elbow') == 1
    assert page.text.count('Signed by Ada Lovelace') == 1, 'how information is used has no side'
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    assert page.h1 == 'You are booked' and 'Before your visit: 1 to sign' in page.text
    patient.sign_all(visitor)
    assert 'Before your visit' not in visitor.open('/booking').text


def test_copy_and_withdrawal(visitor, database):
    page = patient.book(visitor)
    booking = last_booking(database)
    page = visitor.open(patient.open_forms(page)[0])
    assert 'Signed electronically by Ada Lovelace' in page.text
    page = page.click('Withdraw this consent')
    assert 'is no longer valid' in page.text
    page = page.form(action='/withdraw').submit()
    assert page.path == '/booking/consent' and 'The consent was withdrawn' in page.text
    assert database.value('SELECT COUNT(*) FROM consent_withdrawal w JOIN consent c ON c.id = w.consent_id '
                          'WHERE c.booking_id = %s', booking) == 1
    assert 'The consent was withdrawn' in visitor.open('/booking').text
    patient.sign_all(visitor)
    assert 'The consent was withdrawn' not in visitor.open('/booking').text


def test_unknown_form(visitor):
    patient.give_details(patient.hold(visitor))
    assert visitor.open('/booking/consent/none').status == 404
    assert visitor.open('/booking/consent/none/withdraw').status == 404


# --- booking --------------------------------------------------------------------------------------------------------------

def test_nothing_is_booked_before_its_time(visitor, database):
    patient.hold(visitor)
    assert visitor.open('/booking/check').path == '/booking/details'
    assert visitor.open('/booking/consent').path == '/booking/details'
    patient.give_details(visitor.open('/booking/details'))
    assert visitor.open('/booking/check').path == '/booking/check'
    assert status(database, last_booking(database)) == 'held'


def test_booking_twice_is_booking_once(visitor, database):
    form = patient.ready(visitor).form(action='/booking/check')
    booking = last_booking(database)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: form.submit(follow=False), range(4)))
    assert {a.status_code for a in answers} == {303}
    assert {a.headers['location'].rsplit('/', 1)[1].split('?')[0] for a in answers} == {'booking'}
    assert status(database, booking) == 'booked'
    assert visitor.open('/booking').h1 == 'You are booked'
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE entity_id = %s AND action = 'booking.confirm'", booking) == 1
    # Whichever answer the browser saw last, it shows the link that works.
    links = {a.headers['set-cookie'].split('regen_f=')[1].split(';')[0] for a in answers if 'regen_f=' in str(a.headers)}
    assert len(links) == 1
    assert visitor.open('/b/' + links.pop()).h1 == 'You are booked'


def test_details_are_closed_after_booking(visitor):
    patient.book(visitor)
    for path in ('/booking/details', '/booking/check'):
        assert visitor.open(path).path == '/booking'


def test_calendar(visitor, database):
    page = patient.book(visitor)
    booking = last_booking(database)
    answer = visitor.get(page.link('Add to your calendar'))
    assert answer.status_code == 200
    assert answer.headers['content-type'].startswith('text/calendar')
    assert 'appointment.ics' in answer.headers['content-disposition']
    calendar = icalendar.Calendar.from_ical(answer.content)
    events = calendar.walk('VEVENT')
    rows = database.rows('SELECT uid, starts_at, ends_at, sequence FROM appointment WHERE booking_id = %s', booking)
    assert len(events) == len(rows) == 1
    event, (uid, starts, ends, sequence) = events[0], rows[0]
    assert str(event['UID']).startswith(uid)
    assert event['DTSTART'].dt.timestamp() == starts and event['DTEND'].dt.timestamp() == ends
    assert event['DTSTART'].to_ical().endswith(b'Z')
    assert int(event['SEQUENCE']) == sequence
    words = answer.text.lower()
    for secret in ('plasma', 'tendon', 'elbow', 'lovelace', 'right'):
        assert secret not in words
    assert '12 Harbor Street' in str(event['LOCATION'])


def test_cancelling_asks_once(visitor, database):
    # Far enough away that it may be cancelled online.
    at = '?month=%s' % database.value("SELECT DATE_FORMAT(DATE_ADD(CURDATE(), INTERVAL 45 DAY), '%Y-%m')")
    patient.give_details(patient.hold(visitor, at=at))
    patient.sign_all(visitor)
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    booking = last_booking(database)
    event = icalendar.Calendar.from_ical(visitor.get('/booking/calendar.ics').content).walk('VEVENT')[0]
    page = page.click('Cancel this booking')
    assert status(database, booking) == 'booked' and 'You owe nothing' in page.text
    page = page.form(action='/booking/cancel').submit()
    assert page.h1 == 'Your booking is canceled'
    assert status(database, booking) == 'cancelled'
    assert database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s', booking) == 0
    calendar = icalendar.Calendar.from_ical(visitor.get('/booking/calendar.ics').content)
    assert 'METHOD' not in calendar  # it is a file, no message with an ORGANIZER
    gone = calendar.walk('VEVENT')[0]
    assert str(gone['STATUS']) == 'CANCELLED' and gone['UID'] == event['UID'] and int(gone['SEQUENCE']) == int(event['SEQUENCE']) + 1
    assert visitor.open('/booking/cancel').path == '/booking'


def test_too_late_to_cancel_online(visitor, database):
    patient.book(visitor)
    booking = last_booking(database)
    form = visitor.open('/booking/cancel')
    shift = database.value('SELECT starts_at - UNIX_TIMESTAMP() FROM booking WHERE id = %s', booking) // 300 * 300 - 3600
    database.rows('UPDATE booking SET starts_at = starts_at - %s, ends_at = ends_at - %s WHERE id = %s', shift, shift, booking)
    try:
        page = visitor.open('/booking/cancel')
        assert page.h1 == 'Please call to cancel' and not [f for f in page.forms() if f.action.endswith('/cancel')]
        assert 'too late to cancel online' in visitor.open('/booking').text
        late = [f for f in form.forms() if f.action.endswith('/cancel')]
        if late:
            assert late[0].submit().status == 409
        assert status(database, booking) == 'booked'
    finally:
        database.rows('UPDATE booking SET starts_at = starts_at + %s, ends_at = ends_at + %s WHERE id = %s', shift, shift, booking)


def test_somebody_elses_booking(visitor, server, database):
    """A session reaches one booking; there is no address in which to name another one."""
    patient.book(visitor)
    with server.visitor() as other:
        patient.hold(other)
        page = other.open('/booking')
        assert page.path == '/booking/details' and 'Lovelace' not in page.html
        # A form of one booking does not work in the browser of another.
        foreign = visitor.open('/booking').form(action='/booking/leave')
        answer = other.post(foreign.action, content='&'.join('%s=%s' % p for p in foreign.pairs()),
                            headers={'Content-Type': 'application/x-www-form-urlencoded', 'Origin': server.origin})
        assert answer.status_code == 403


def test_the_booked_page_begins_with_when_and_where(visitor):
    """The date first, the private link last; the visit drawn to scale says the same as the words beside it."""
    page = patient.book(visitor)
    boxes = page.tree.xpath('//main//*[contains(concat(" ", @class, " "), " ticket ") or contains(concat(" ", @class, " "), " panel ")]')
    assert boxes[0].get('class') == 'ticket' and 'Save this link' in boxes[-1].text_content()
    assert 'ada@example.org' in boxes[0].text_content() and any('calendar.ics' in a.get('href') for a in page.css('.ticket a'))
    said = dict(re.findall(r'(needed|rest): (?:(?:\d+) hours? ?)?(\d+) minutes', page.text))
    bars = [(int(r.get('x')), int(r.get('width'))) for r in page.tree.xpath('//*[@class="scale-need"]')]
    assert all(a + w <= b + 1 for (a, w), (b, _) in zip(bars, bars[1:])) and bars[-1][0] + bars[-1][1] <= 1000
    share = sum(w for _, w in bars) / 1000
    assert abs(share - int(said['needed']) / (int(said['needed']) + int(said['rest']))) < 0.01, (bars, said)


def test_a_time_that_ran_out_is_held_again_with_one_press(visitor, server, database):
    """The same time, with what was typed; if somebody was quicker, the page says so and names the nearest."""
    over = 'UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() - 5 WHERE id = %s'
    patient.give_details(patient.hold(visitor))
    first = last_booking(database)
    database.rows(over, first)
    page = visitor.open('/booking')
    assert page.status == 410 and page.h1 == 'This time is no longer held for you'
    page = page.form(action='/holds').submit()
    fresh = last_booking(database)
    assert page.path == '/booking/details' and page.form(having='family').value('family') == 'Lovelace'
    assert fresh != first and database.value('SELECT a.starts_at = b.starts_at FROM booking a, booking b WHERE a.id = %s AND b.id = %s', first, fresh) == 1
    database.rows(over, fresh)
    page = visitor.open('/booking/details')
    offer = page.form(action='/holds')
    with server.visitor() as other:
        for _ in range(9):  # as many as can have it at once
            other.client.cookies.clear()
            other.open('/services/%s/times' % patient.SERVICE)
            times = [f for f in patient.times(other.open('/services/%s/times?start=%s' % (patient.SERVICE, offer.value('start')))) if f.value('start') == offer.value('start')]
            if not times:
                break
            times[0].submit()
    page = offer.submit()
    assert page.status == 409 and page.h1 == 'That time was just taken'
