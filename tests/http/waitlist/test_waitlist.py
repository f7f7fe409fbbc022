# SPDX-License-Identifier: Apache-2.0
"""The waitlist over HTTP, without JavaScript: join, come back by the link, take or decline; the desk's list. Who gets what, and
races, are tested in tests/store/waitlist/test_waitlist*.c."""
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

import env
import patient
from joining import GRACE, join, nothing_free, waiting

SERVICE = patient.SERVICE


def link_of(page):
    return [a for a in page.links() if '/w/' in a][0]


def waiter(database):
    """(id, status, closed_why) of the last one who joined."""
    return database.rows('SELECT id, status, closed_why FROM waitlist ORDER BY id DESC LIMIT 1')[0]


def offered(visitor, server, database):
    """VISITOR waits, and a time that somebody else gave up is offered to them: the page."""
    with server.visitor() as other:
        patient.book(other)
        waiting(visitor, database)
        other.open('/booking/cancel').form(action='/booking/cancel').submit()
    page = visitor.open('/waiting')
    assert page.h1 == 'A time is free for you', page.text
    return page


@pytest.fixture(autouse=True)
def an_empty_list(staff):
    """Who still waits is taken off by the desk, those without an offer first."""
    yield
    desk = staff('front_desk')
    for status in ('waiting', 'offered'):
        page = desk.open('/staff/waitlist?status=' + status)
        while page.css('.waiters'):
            page = page.form(action='/remove').submit()
            assert page.status == 200


def test_join_and_come_back(visitor, server, database):
    page = patient.times_page(visitor).click('Join the waitlist')
    assert page.path == '/services/%s/wait' % SERVICE
    page = waiting(visitor, database)
    link = link_of(page)
    token = link.rsplit('/', 1)[1]
    assert len(token) == 43 and 'grace@example.org' in page.text and 'Any day of the week' in page.text
    assert 'any time of day' in page.text
    with server.visitor() as other:
        first = other.get(link)
        assert first.status_code == 303 and token not in first.headers['location']
        page = other.open(link)
        assert page.path == '/waiting' and 'Grace' not in page.title and token not in page.html
        assert other.open(link[:-1] + ('A' if link[-1] != 'A' else 'B')).status == 404
        # A place on the list opens no booking.
        assert other.open('/booking').path == '/waiting'
        assert other.open('/booking/details').path == '/waiting'
        assert other.open('/booking/details?booking=' + page.about).status == 404
    for name in ('access_log', 'error_log'):
        with open(getattr(server, name), encoding='utf-8', errors='replace') as f:
            log = f.read()
        assert token not in log and 'grace' not in log.lower()


def test_the_link_ends(visitor, server, servers, database):
    """RegenLinkLifetime after the last day that was asked for; a browser that came in stays in."""
    page = waiting(visitor, database)
    link = '/w/' + link_of(page).rsplit('/', 1)[1]
    ident = waiter(database)[0]
    day = ('UPDATE waitlist SET first_day = DATE(FROM_UNIXTIME(%%s)) - INTERVAL %d DAY, last_day = DATE(FROM_UNIXTIME(%%s)) - INTERVAL %d DAY'
           ' WHERE id = %%s')
    now = database.value('SELECT UNIX_TIMESTAMP()')
    for ago, status in ((89, 200), (92, 404)):
        database.rows(day % (ago + 1, ago), now, now, ident)
        with server.visitor() as other:
            page = other.open(link)
            assert page.status == status, ago
    assert 'call the clinic' in page.text and visitor.open('/waiting').status == 200
    one = servers(extra='RegenLinkLifetime 120\n')
    with one.visitor() as other:
        assert other.open(link).status == 200


@pytest.mark.parametrize('deed', ['accept', 'decline', 'leave'])
def test_a_deed_in_the_address_bar_leads_back(visitor, server, database, deed):
    """Reloaded or typed, it changes nothing and shows where the person is; strangers see nothing."""
    waiting(visitor, database)
    before = waiter(database)
    page = visitor.open('/waiting/' + deed)
    assert page.status == 200 and page.path == '/waiting' and page.h1 == 'You are on the waitlist'
    assert waiter(database) == before and before[1] == 'waiting'
    with server.visitor() as stranger:
        page = stranger.open('/waiting/' + deed)
        assert page.status == 401 and 'call the clinic' in page.text


def test_everything_wrong_at_once_and_kept(visitor, database):
    before = database.value('SELECT COUNT(*) FROM waitlist')
    page = visitor.open('/services/%s/wait' % SERVICE)
    form = page.form(having='given').fill(given='Grace <b>', email='x', phone='', first_day='2126-12-09', last_day='2126-12-01')
    page = form.submit()
    assert page.status == 422 and page.title.startswith('Error:')
    for name in ('email', 'phone', 'last_day'):
        assert page.error_for(name), name
    assert page.form(having='given').value('given') == 'Grace <b>'
    for target in [a.get('href') for a in page.css('.summary a')]:
        assert page.css(target), target
    assert database.value('SELECT COUNT(*) FROM waitlist') == before


def test_no_days_and_no_times(visitor, database):
    page = visitor.open('/services/%s/wait' % SERVICE)
    data = {'csrf': page.form(having='given').value('csrf'), 'idem': page.form(having='given').value('idem'), **GRACE}
    page = visitor.open('/services/%s/wait' % SERVICE, method='POST', data=data)
    assert page.status == 422 and page.error_for('day') and page.error_for('part')


def test_offer_taken_and_booked(visitor, server, database):
    page = offered(visitor, server, database)
    assert re.search(r'Held for you until \d+:\d\d [ap]m', page.text)
    ident = waiter(database)[0]
    assert waiter(database)[1] == 'offered'
    booking, seconds = database.rows('SELECT b.id, b.hold_expires_at - UNIX_TIMESTAMP() FROM booking b JOIN waitlist_offer o ON'
                                     ' o.booking_id = b.id WHERE o.waitlist_id = %s', ident)[0]
    assert 7000 < seconds <= 7200
    link = link_of(page)
    page = page.form(action='/waiting/accept').submit()
    assert page.path == '/booking/details'
    form = page.form(having='family')
    assert (form.value('given'), form.value('family'), form.value('email')) == ('Grace', 'Hopper', 'grace@example.org')
    patient.give_details(page, given='Grace', family='Hopper', email='grace@example.org')
    patient.sign_all(visitor, 'Grace Hopper')
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    assert page.h1 == 'You are booked'
    assert database.value('SELECT status FROM booking WHERE id = %s', booking) == 'booked'
    assert waiter(database)[1] == 'taken'
    # The message about the offer and the confirmation are both on the page.
    assert 'A time is free for you at' in page.text and 'is booked' in page.text
    with server.visitor() as other:
        page = other.open(link)
        assert page.h1 == 'You accepted a time'
        page = page.form(action='/waiting/accept').submit()
        assert page.h1 == 'Your date of birth', 'the link of the place alone does not open what the patient told'
        page = page.form(having='birth_year').fill(birth_date='12/10/1962').submit()
        assert page.h1 == 'You are booked'


def test_offer_declined_passes_on(visitor, server, database):
    page = offered(visitor, server, database)
    first = waiter(database)[0]
    start = database.value('SELECT starts_at FROM waitlist_offer WHERE waitlist_id = %s', first)
    with server.visitor() as other:
        waiting(other, database, given='Jean', email='jean@example.org', phone='603-555-0178')
        page = page.form(action='/waiting/decline').submit()
        assert page.status == 200
        assert database.value("SELECT COUNT(*) FROM waitlist_offer WHERE waitlist_id = %s AND starts_at = %s AND outcome ="
                              " 'declined'", first, start) == 1
        assert other.open('/waiting').h1 == 'A time is free for you'


def test_an_old_page_takes_no_other_time(visitor, server, database):
    page = offered(visitor, server, database)
    first = waiter(database)[0]
    visitor.open('/waiting').form(action='/waiting/decline').submit()
    now = visitor.open('/waiting')
    for answer in ('accept', 'decline'):
        old = page.form(action='/waiting/' + answer).submit()
        assert old.status == 410 and old.h1 == now.h1, old.text
    assert database.value("SELECT COUNT(*) FROM waitlist_offer WHERE waitlist_id = %s AND accepted", first) == 0


def test_offers_are_written_once_and_shown(visitor, server, database, staff):
    """An offer that passes on: one message for each who was offered it, on their own page and in the outbox, and withdrawn."""
    page = offered(visitor, server, database)
    first = waiter(database)[0]
    assert [s.text_content() for s in page.css('.letter summary')] == ['A time is free for you at Harbor Joint Clinic']
    with server.visitor() as other:
        waiting(other, database, given='Jean', email='jean@example.org', phone='603-555-0178')
        assert not other.open('/waiting').css('.letter')
        page.form(action='/waiting/decline').submit()
        theirs = other.open('/waiting')
        assert len(theirs.css('.letter')) == 1 and 'Grace' not in theirs.css('.letter')[0].text_content()
        second = waiter(database)[0]
    rows = database.rows('SELECT o.waitlist_id, m.status, COUNT(*) FROM waitlist_offer o JOIN message m ON m.about_id = o.booking_id'
                         " AND m.kind = 'waitlist-offer' WHERE o.starts_at = (SELECT MIN(starts_at) FROM waitlist_offer WHERE"
                         ' waitlist_id = %s) AND o.waitlist_id IN (%s, %s) GROUP BY 1, 2 ORDER BY 1', first, first, second)
    assert rows == ((first, 'withdrawn', 1), (second, 'queued', 1))
    assert 'Withdrawn before it was sent' in visitor.open('/waiting').css('.letter')[0].text_content()
    assert 'jean@example.org' in staff('front_desk').open('/staff/messages').text


def test_offer_over(visitor, server, database):
    page = offered(visitor, server, database)
    with nothing_free(database):
        database.rows("UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() - 5 WHERE status = 'held' AND source = 'waitlist'")
        answer = page.form(action='/waiting/accept').submit()
        assert answer.status == 410 and 'still on the waitlist' in answer.text
        assert answer.h1 == 'You are on the waitlist'


def test_leave(visitor, server, database):
    page = offered(visitor, server, database)
    page = page.form(action='/waiting/leave').submit()
    assert page.h1 == 'You are no longer on the waitlist' and 'Left the list' in page.text
    assert waiter(database)[1:] == ('closed', 'withdrawn')
    assert database.value("SELECT COUNT(*) FROM booking WHERE status = 'held' AND source = 'waitlist'") == 0
    assert page.click('Join again').h1 == 'Join the waitlist'


def test_a_booking_is_no_place(visitor, database):
    patient.hold(visitor)
    assert visitor.open('/waiting').path.startswith('/booking')


# --- the desk -------------------------------------------------------------------------------------------------------------

def test_desk_adds_and_answers(staff, database, server):
    desk = staff('front_desk')
    page = desk.open('/staff').click('Waitlist')
    assert page.h1 == 'Waitlist' and 'Nobody is on this list' in page.text
    page = page.form(action='/staff/waitlist').fill(service=SERVICE).submit()
    with server.visitor() as other:
        patient.book(other)
        with nothing_free(database):
            page = page.click('Add a patient').form(having='given').fill(**GRACE).submit()
        assert page.h1 == 'Grace Hopper is on the waitlist' and '/w/' in page.text
        page = desk.open('/staff/waitlist?service=' + SERVICE)
        assert 'Grace Hopper' in page.text and '603-555-0177' in page.text and 'added by the front desk' in page.text
        other.open('/booking/cancel').form(action='/booking/cancel').submit()
    page = desk.open('/staff/waitlist?status=offered')
    assert 'is held until' in page.text
    page = page.form(action='/accept').submit()
    assert page.path.startswith('/staff/bookings/') and page.path.endswith('/details')
    assert page.form(having='family').value('family') == 'Hopper'


def test_desk_takes_off(staff, visitor, server, database):
    offered(visitor, server, database)
    desk = staff('front_desk')
    page = desk.open('/staff/waitlist?status=offered').form(action='/remove').submit()
    assert page.path == '/staff/waitlist?status=offered'
    assert waiter(database)[1:] == ('closed', 'removed')
    page = visitor.open('/waiting')
    assert 'Removed from the list' in page.text


@pytest.mark.parametrize('query', ['status=none', 'page=0', 'service=none'])
def test_list_refuses_what_is_not_there(staff, query):
    assert staff('front_desk').open('/staff/waitlist?' + query).status == 404


def test_who_may_see_the_list(staff):
    assert staff('billing').open('/staff/waitlist').status == 403


# --- one place for one person, and a new link ---------------------------------------------------------------------------------

def open_places(database):
    return database.value("SELECT COUNT(*) FROM waitlist WHERE status IN ('waiting', 'offered')")


def offers(database, place):
    """How many times were offered to it."""
    return database.value('SELECT COUNT(*) FROM waitlist_offer WHERE waitlist_id = %s', place)


@pytest.mark.parametrize('again', [{}, dict(email='GRACE@example.org', phone='603-555-0999'),
                                   dict(email='other@example.org', phone='(603) 555 0177'), dict(given='GRACE', family='hopper')])
def test_one_place_for_one_person(visitor, server, database, again):
    """The same name with the same email or with the same phone is the same person, however it is written."""
    waiting(visitor, database)
    with server.visitor() as other, server.visitor() as third:
        # Whoever types somebody's name hears what anybody hears, not whether they wait.
        waiting(other, database, **again)
        first, second = (r[0] for r in database.rows("SELECT id FROM waitlist WHERE status = 'waiting' ORDER BY id"))
        assert database.value('SELECT behind FROM waitlist WHERE id = %s', second) == first
        join(third, given='Vincent')
    assert (offers(database, first), offers(database, second)) == (1, 0), 'one person, one offer'
    visitor.open('/waiting').form(action='/waiting/leave').submit()
    assert offers(database, second) == 1, 'the other place counts when the first is given up'


def test_others_and_other_treatments_have_their_own(visitor, server, database):
    waiting(visitor, database)
    with server.visitor() as other:
        waiting(other, database, given='Vincent')  # at home they share a mailbox and a telephone
    with server.visitor() as other, nothing_free(database):
        page = other.open('/services/consultation/wait').form(having='given').fill(**GRACE).submit()
        assert page.path == '/waiting', page.text
    assert open_places(database) == 3


def test_a_place_given_up_is_free_again(visitor, server, database):
    page = waiting(visitor, database)
    page.form(action='/waiting/leave').submit()
    with server.visitor() as other:
        waiting(other, database)
    assert open_places(database) == 1


def test_the_desk_hears_it_too(visitor, staff, database):
    waiting(visitor, database)
    with nothing_free(database):
        page = staff('front_desk').open('/staff/services/%s/wait' % SERVICE).form(having='given').fill(**GRACE).submit()
    assert page.status == 422 and 'Find the entry in the list' in page.error_for('email')


def test_a_repeated_click_is_one_place(visitor, database):
    with nothing_free(database):
        page = visitor.open('/services/%s/wait' % SERVICE)
        form = page.form(having='given').fill(**GRACE)
        assert form.submit().path == '/waiting' and form.submit().path == '/waiting'
    assert open_places(database) == 1


def test_the_desk_makes_a_new_link(visitor, server, staff, database):
    """Lost: the desk hands out another one; the old one and whoever came in by it are out."""
    old = link_of(waiting(visitor, database))
    desk = staff('front_desk')
    page = desk.open('/staff/waitlist').form(action='/link').submit()
    assert page.status == 200 and page.h1 == 'A new link for Grace Hopper' and 'no longer works' in page.text
    fresh = re.search(r'http\S+/w/[\w-]{43}', page.text).group(0)
    assert fresh != old
    assert visitor.open('/waiting').h1 != 'You are on the waitlist'
    with server.visitor() as other:
        assert other.open(old).status == 404
        assert other.open(fresh).h1 == 'You are on the waitlist'
    ident = waiter(database)[0]
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'waitlist.link' AND entity_id = %s AND actor LIKE"
                          " 'staff:%%'", ident) == 1
    with open(server.access_log, encoding='utf-8', errors='replace') as f:
        assert fresh.rsplit('/', 1)[1] not in f.read()


def test_a_closed_place_gets_no_link(visitor, staff, database):
    page = waiting(visitor, database)
    desk = staff('front_desk')
    form = desk.open('/staff/waitlist').form(action='/link')
    page.form(action='/waiting/leave').submit()
    assert form.submit().status in (409, 412, 422)
    closed = desk.open('/staff/waitlist?status=closed')
    assert closed.css('.waiters') and not [f for f in closed.forms() if f.action.endswith('/link')]


@pytest.fixture
def strict(servers, server):
    return servers(extra='RegenWaitlistPerClient 2\n')


def test_one_address_takes_few_places_a_day(strict, database, staff):
    """The third is refused with what was typed, another house and the desk are not; a day later the address is forgotten."""
    database.rows('UPDATE waitlist SET client = NULL')

    def somebody(given, address='127.0.0.1'):
        with strict.visitor(transport=env.http_transport(local_address=address)) as one:
            return join(one, given=given)

    with nothing_free(database):
        assert somebody('Ann').path == '/waiting' and somebody('Bea').path == '/waiting'
        refused = somebody('Cid')
        assert refused.status == 429 and 'try again tomorrow' in refused.text and 'Cid' not in refused.title
        assert refused.form(having='given').value('given') == 'Cid' and refused.form(having='given').value('email') == GRACE['email']
        assert somebody('Dan', '127.0.0.2').path == '/waiting'
        page = staff('front_desk').open('/staff/services/%s/wait' % SERVICE).form(having='given').fill(**dict(GRACE, given='Eve'))
        assert page.submit().status == 200
        assert open_places(database) == 4
        database.rows('UPDATE waitlist SET created_at = created_at - 86400')
        assert somebody('Cid').path == '/waiting'
    assert database.value("SELECT client FROM waitlist WHERE given = 'Eve' ORDER BY id DESC LIMIT 1") is None


def test_twelve_at_once_take_no_more_than_one_after_the_other(strict, database):
    """A burst of one address: each counts what the others add at the same moment."""
    database.rows('UPDATE waitlist SET client = NULL')
    names = ['Nora', 'Olga', 'Petra', 'Quinn', 'Rosa', 'Sven', 'Tara', 'Ugo', 'Vera', 'Wim', 'Xenia', 'Yara']
    visitors = [strict.visitor() for _ in names]
    try:
        with nothing_free(database):
            forms = [one.open('/services/%s/wait' % SERVICE).form(having='given').fill(**dict(GRACE, given=name)) for one, name in zip(visitors, names)]
            with ThreadPoolExecutor(len(forms)) as pool:
                codes = list(pool.map(lambda form: form.submit(follow=False).status_code, forms))
    finally:
        for one in visitors:
            one.client.close()
    assert sorted(codes) == [303] * 2 + [429] * 10
    assert database.value("SELECT COUNT(*) FROM waitlist WHERE client = '127.0.0.1'") == 2


@pytest.mark.parametrize('typed', ["O'Brien", 'obri', 'An\u00e9', 'ane obrien', 'O\u2019Brien, an', "an\u00e9 o\u02bcb"])
def test_the_desk_finds_who_waits_however_it_is_written(staff, visitor, database, typed):
    """By the first name, the last, or both in either order; posted, so that no name is in an address."""
    waiting(visitor, database, given='An\u00e9', family='O\u2019Brien')
    desk = staff('front_desk')
    page = desk.open('/staff/waitlist').form(having='name').fill(name=typed).submit()
    assert page.status == 200 and page.path == '/staff/waitlist', page
    assert 'An\u00e9 O\u2019Brien' in page.text and page.form(having='name').value('name') == typed
    other = page.form(having='name').fill(name='obrian').submit()
    assert 'Nobody is on this list' in other.text and desk.open('/staff/waitlist').status == 200
