# SPDX-License-Identifier: Apache-2.0
"""The front desk over HTTP: a patient is found, a time is found and held for them, details, booked, the link handed over;
and nothing that was typed about a patient gets into an address or a log."""
import datetime
import re
import zoneinfo

import env
import patient
from dayfill import open_day
from frontdesk import enter, finder, times, times_apart
from patient import ADA

ZONE = zoneinfo.ZoneInfo('America/New_York')


def search(desk, **fields):
    page = desk.open('/staff/patients').form('/staff/patients').fill(**fields).submit()
    assert page.status in (200, 422, 400), repr(page)
    return page


def book_new(desk, service='prp-tendon', **changes):
    """A new patient by telephone; the page with the link."""
    page = times(finder(desk, service=service))[0].submit()
    assert page.status == 200 and page.path.endswith('/details'), repr(page)
    page = enter(page, **changes)
    assert page.status == 200 and 'Book it' in page.text, page.text
    page = page.form('/book').submit()
    assert page.status == 200, repr(page)
    return page


def link_of(page):
    return re.search(r'http://\S+/b/[\w-]{43}', page.text).group(0)


def test_a_new_patient_on_the_phone(staff, visitor, database):
    desk = staff('front_desk')
    page = book_new(desk, family='Fresh', given='Fay')
    link = link_of(page)
    uid = re.search(r'/staff/bookings/(\w{26})', page.html).group(1)
    assert database.rows('SELECT status, source FROM booking WHERE uid = %s', uid) == (('booked', 'staff'),)
    own = patient.come_back(visitor, link)
    assert own.status == 200 and own.h1 == 'You are booked' and 'Read and sign' in own.text
    assert '/b/' not in own.path
    chart = desk.open('/staff/bookings/' + uid)
    assert 'Fay Fresh' in chart.text and 'Missing' in chart.text


def test_nobody_at_the_desk_is_told_to_call_the_clinic(staff):
    """What a patient is told about themselves is said to staff about the patient, with what staff can do."""
    desk = staff('front_desk')
    page = times(finder(desk, service='prp-tendon'))[0].submit()
    empty = page.form('/details').fill(family='', email='', city='', pay='insurance').submit()
    told = empty.css('.summary')[0].text_content()
    assert empty.status == 422 and "Enter the patient's email address" in told and "Enter the patient's city" in told, told
    assert "Enter the patient's date of birth" in told and "Choose the patient's insurance" in told, told
    child = enter(page, **{'birth_month': '1', 'birth_day': '5', 'birth_year': str(datetime.date.today().year - 9)})
    assert 'Patients under 18 cannot be booked here' in child.text
    form = page.form('/details')
    assert enter(page).form('/book').submit().status == 200
    late = form.fill(**dict(ADA, body_site='elbow', side='right', pay='self')).submit()
    assert late.status == 409 and 'make a new booking with the correct details, then cancel this one' in late.text, late.text
    for told in (empty.css('.summary')[0], child.css('.summary')[0], late.css('main')[0]):
        told = told.text_content().lower()
        assert 'call the clinic' not in told and 'call us' not in told and ' your ' not in told, told


def test_somebody_who_was_here_before(staff, database):
    desk = staff('front_desk')
    book_new(desk, family='Before', given='Bo')
    page = search(desk, family='befo')
    assert page.h1 == 'Find a patient' and 'Bo Before' in page.text
    page = page.click('Bo Before')
    assert 'Upcoming visits' in page.text and 'Platelet-rich plasma' in page.text
    page = page.click('Find a time for Bo Before')
    assert page.h1 == 'Find a time for Bo Before'
    page = page.form('/staff/times').fill(service='consultation').submit()
    page = times_apart(page, database, 'Before')[-1].submit()
    form = page.form('/details')
    assert form.value('family') == 'Before' and form.value('city') == ADA['city']
    page = form.fill(body_site='knee', side='left', pay='self').submit()
    page = page.form('/book').submit()
    assert page.status == 200 and '/b/' in page.text
    assert database.value("SELECT COUNT(*) FROM patient WHERE family = 'Before'") == 1
    assert database.value("SELECT COUNT(*) FROM booking b JOIN patient p ON p.id = b.patient_id"
                          " WHERE p.family = 'Before' AND b.status = 'booked'") == 2


def test_a_caller_says_a_phone_number_an_email_or_a_booking_number(staff, database):
    desk = staff('front_desk')
    page = book_new(desk, family='Callers', given='Cleo', email='cleo.c@example.org', phone='603-555-0188')
    number = re.search(r'number is (\w{3} \w{3} \w{3})|((?<=[ >])[KL2-9MQRWXY]{3} [KL2-9MQRWXY]{3} [KL2-9MQRWXY]{3})', page.text).group(0)[-11:]
    for typed in ('603-555-0188', '(603) 555 0188', '+1 603.555.0188', 'Cleo.C@Example.org', number, number.replace(' ', '').lower()):
        page = search(desk, reach=typed)
        assert page.status == 200 and 'Cleo Callers' in page.text, (typed, page)
        assert page.path == '/staff/patients', page.path
    assert 'Cleo Callers' in search(desk, given='cle').text
    assert 'No patients found' in search(desk, reach='603-555-0188', family='Other').text
    assert 'No patients found' in search(desk, reach='nobody@example.org').text
    assert search(desk, reach='603-555').error_for('reach')


def test_who_saves_second_hears_of_the_first(staff, database):
    """Two clerks with one hold: nobody writes over what they have not seen."""
    one, two = staff('front_desk'), staff('admin')
    page = times(finder(one, service='prp-tendon'))[0].submit()
    other = two.open(page.url)
    assert 'Book it' in enter(page, family='First', city='Dover').text
    late = enter(other, family='Second', city='Keene')
    assert late.status == 409 and late.title.startswith('Error:') and 'Somebody else saved' in late.text
    assert late.form('/details').value('family') == 'Second' and late.form('/details').value('city') == 'Keene'
    stored = 'SELECT p.family, p.city FROM booking b JOIN patient p ON p.id = b.patient_id ORDER BY b.id DESC LIMIT 1'
    assert database.rows(stored) == (('First', 'Dover'),)
    # Having been told, one may.
    page = late.form('/details').submit()
    assert 'Book it' in page.text and database.rows(stored) == (('Second', 'Keene'),)
    page.form('/release').submit()


def test_what_is_wrong_is_said_and_what_was_typed_is_kept(staff):
    desk = staff('front_desk')
    page = search(desk, given=' ')
    assert page.title.startswith('Error:') and page.error_for('family')
    page = search(desk, given='Ann', reach='555-01')
    assert page.title.startswith('Error:') and page.error_for('reach')
    assert page.form('/staff/patients').value('given') == 'Ann' and page.form('/staff/patients').value('reach') == '555-01'
    page = times(finder(desk, service='prp-tendon'))[0].submit()
    page = enter(page, family='', given='', city='Kept')
    assert page.title.startswith('Error:') and page.error_for('given')
    assert page.form('/details').value('city') == 'Kept'
    page = enter(page, family='Now', given='Kept')
    assert 'Book it' in page.text
    page = page.form('/release').submit()
    assert page.path.startswith('/staff/times')


def test_a_new_link_and_the_old_one_is_dead(staff, server):
    desk = staff('front_desk')
    page = book_new(desk, family='Linked', given='Li')
    old = link_of(page)
    with server.visitor() as one, server.visitor() as two:
        assert patient.come_back(one, old).h1 == 'You are booked'
        page = page.click('Back to the booking').form('/link').submit()
        new = link_of(page)
        assert new != old
        assert one.open('/booking').status == 401, 'who had found the old one is out'
        assert one.open(old).status == 404
        assert patient.come_back(two, new).h1 == 'You are booked'


def test_pressed_twice_gives_one_booking_and_the_same_link(staff, database):
    desk = staff('front_desk')
    page = times(finder(desk, service='prp-tendon'))[0].submit()
    page = enter(page, family='Twice', given='Tea')
    form = page.form('/book')
    first, second = form.submit(), form.submit()
    assert link_of(first) == link_of(second)
    assert database.value("SELECT COUNT(*) FROM booking b JOIN patient p ON p.id = b.patient_id"
                          " WHERE p.family = 'Twice'") == 1


def test_a_time_that_was_just_taken(staff, database):
    desk = staff('front_desk')
    page = finder(desk, service='bmac-knee')
    form = times(page)[0]
    other = times(finder(desk, service='bmac-knee'))[0]
    one = form.submit()
    assert one.status == 200
    # The second physician and room may serve too; until nothing is left.
    for _ in range(4):
        page = times(finder(desk, service='bmac-knee'))[0]
        if page.value('start') != other.value('start'):
            break
        page.submit()
    page = other.submit()
    assert page.status == 409 and 'This time is taken' in page.text and times(page)


def test_the_finder_narrows(staff):
    desk = staff('front_desk')
    page = finder(desk, service='consultation', part='morning')
    assert times(page) and all('am' in t for t in re.findall(r'\d+:\d\d [ap]m', page.text[page.text.index('Next times'):])[::2])
    page = finder(desk, service='consultation', part='evening')
    assert not times(page) and 'No matching time is free' in page.text
    page = finder(desk, service='consultation', practitioner='2')
    assert times(page)
    later = page.click('Later times')
    assert times(later)[0].value('start') > times(page)[-1].value('start')
    assert later.form('/staff/times').value('practitioner') == '2'
    assert finder(desk, service='consultation', practitioner='x').status == 404
    assert finder(desk, service='nothing').status == 404
    assert finder(desk, service='consultation', **{'from': '12/1/26'}).error_for('from')


def test_who_may_move_is_said_before_a_time_is_chosen(staff, database):
    """Of a treatment that only staff book, patients move nothing online."""
    desk = staff('front_desk')
    assert 'before the visit and reschedule until' in finder(desk, service='consultation').text
    database.rows("UPDATE service SET audience = 'staff' WHERE code = 'consultation'")
    try:
        page = finder(desk, service='consultation')
        assert times(page) and 'Only the clinic can reschedule this treatment.' in page.text and 'and reschedule until' not in page.text
    finally:
        database.rows("UPDATE service SET audience = 'public' WHERE code = 'consultation'")


def test_only_the_desk(staff, visitor):
    billing = staff('billing')
    for path in ('/staff/patients', '/staff/times', '/staff/times?service=consultation', '/staff'):
        refused = billing.open(path)
        assert refused.status == 403 and 'Back to the board' not in refused.text
        assert refused.click('Go to billing').status == 200
        assert visitor.open(path).path.startswith('/login')


def test_nothing_typed_is_in_an_address_or_a_log(staff, server):
    desk = staff('front_desk')
    book_new(desk, family='Zanzibarov', given='Quill', email='quill@example.org')
    page = search(desk, family='Zanzibarov', birth_date='12/10/1962')
    assert 'Quill Zanzibarov' in page.text and 'Born December 10, 1962' in page.text
    assert 'Quill Zanzibarov' in search(desk, family='Zanzibarov', birth_date='1962-12-10').text and 'Zanzibarov' not in str(page.path)
    search(desk, family='Zanzibarov').click('Quill Zanzibarov')
    assert 'Quill Zanzibarov' in search(desk, reach='quill@example.org').text
    for log in (server.error_log, server.access_log):
        text = env.read(log)
        for word in ('Zanzibar', 'Quill', '1962-12-10', 'quill'):
            assert word not in text, '%s is in %s' % (word, log)
        assert not re.search(r'/b/[\w-]{43}', text)


def test_the_patients_own_way_books_before_the_forms(server, staff, database):
    with server.visitor() as one:
        page = patient.give_details(patient.hold(one), family='Alone', given='Al')
        page = page.form(action='/booking/check').submit()
        assert page.h1 == 'You are booked' and 'Before your visit: 2 to sign' in page.text
    uid = database.value("SELECT b.uid FROM booking b JOIN patient p ON p.id = b.patient_id WHERE p.family = 'Alone'")
    assert 'Missing' in staff('front_desk').open('/staff/bookings/' + uid).text


# --- why not, all the same, and another time -------------------------------------------------------------------------------

def start_of(page):
    return int(times(page)[0].value('start'))


def local(seconds):
    at = datetime.datetime.fromtimestamp(seconds, ZONE)
    return at.strftime('%Y-%m-%d'), at.strftime('%H:%M')


def explained(desk, day, time, service='consultation', **more):
    return finder(desk, service=service, why_day=day, why_time=time, **more)


def reasons(page):
    return [' '.join(li.text_content().split()) for li in page.tree.xpath('//ul[@class="reasons"]/li')]


def test_why_a_time_is_not_there(staff, database):
    desk = staff('front_desk')
    holiday = open_day(database, 20)
    database.rows("INSERT INTO closure (site_id, first_day, last_day, kind, reason) VALUES (1, %s, %s, 'holiday', 'Harbor Day')", holiday, holiday)
    # Not today: whatever is asked about today may be too soon.
    free = finder(desk, service='consultation', **{'from': open_day(database, 9)})
    day, time = local(start_of(free))
    page = explained(desk, day, time)
    assert 'This time is free and can be booked' in page.text and not reasons(page)
    page = explained(desk, day, '03:00')
    assert any('is not working' in r for r in reasons(page))
    page = explained(desk, day, '10:05')
    assert 'every 15 minutes' in reasons(page)[0]
    page = explained(desk, holiday, '10:00')
    assert any('Harbor Day' in r for r in reasons(page)) and not page.tree.xpath('//input[@name="over"]')
    page = explained(desk, (datetime.date.today() + datetime.timedelta(400)).isoformat(), '10:00')
    assert any('at most 180 days ahead' in r for r in reasons(page))
    page = explained(desk, day, 'soon')
    assert page.error_for('why_time')


def test_who_takes_it_is_a_link(staff, database):
    desk = staff('front_desk')
    page = book_new(desk, 'bmac-knee', family='Taker', given='Tim', body_site='knee')
    uid = re.search(r'/staff/bookings/(\w{26})', page.html).group(1)
    start = database.value('SELECT starts_at FROM booking WHERE uid = %s', uid)
    page = explained(desk, *local(start), service='bmac-knee')
    assert any('is booked from' in r and 'Tim Taker' in r for r in reasons(page)), reasons(page)
    assert page.click('Tim Taker').path == '/staff/bookings/' + uid


def test_all_the_same_with_a_reason(staff, database):
    desk = staff('front_desk')
    # A day on which no other test books.
    ahead = (datetime.date.today() + datetime.timedelta(days=40)).isoformat()
    day, _ = local(start_of(finder(desk, service='consultation', **{'from': ahead})))
    page = explained(desk, day, '10:05')
    form = page.form(button='Hold')
    page = form.fill(reason='x').submit()
    assert page.status in (400, 422) and page.error_for('reason')
    page = page.form(button='Hold').fill(reason='has a train at eleven').submit()
    assert page.path.endswith('/details'), repr(page)
    uid = re.search(r'bookings/(\w{26})', page.path).group(1)
    assert database.rows('SELECT o.rule, o.reason, o.actor FROM booking_override o JOIN booking b ON b.id = o.booking_id'
                         ' WHERE b.uid = %s', uid) == (('grid', 'has a train at eleven', 'staff:1'),)
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'booking.override'"
                          " AND detail = 'rules:grid'") == 1
    made, name = database.rows('SELECT o.at, s.name FROM booking_override o JOIN booking b ON b.id = o.booking_id JOIN staff s ON s.id = 1'
                               ' WHERE b.uid = %s', uid)[0]
    told = desk.open('/staff/bookings/' + uid).css('section[aria-labelledby=overrides-title] li')
    assert len(told) == 1
    words = ' '.join(told[0].text_content().split())
    assert words.startswith('A start time that is not offered: “has a train at eleven”') and name in words, words
    assert told[0].xpath('.//time/@datetime')[0] == datetime.datetime.fromtimestamp(made, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    ordinary = book_new(desk, 'consultation', family='Usual', given='Ula')
    assert not ordinary.css('#overrides-title')


def test_another_time_from_the_chart(staff, database):
    desk = staff('front_desk')
    page = book_new(desk, family='Mover', given='Mo').click('Back to the booking')
    uid = re.search(r'bookings/(\w{26})', page.path).group(1)
    before = database.value('SELECT starts_at FROM booking WHERE uid = %s', uid)
    page = page.click('Reschedule this booking')
    assert page.h1 == 'Reschedule a booking' and 'Mo Mover' in page.text
    form = [f for f in page.forms() if f.action.endswith('/move')][3]
    wish = int(form.value('start'))
    # Asked once more: what is now, what will be, and nothing happened yet.
    page = form.submit()
    assert page.h1 == 'Reschedule?' and 'Mo Mover' in page.text and 'is notified' in page.text
    assert database.value('SELECT starts_at FROM booking WHERE uid = %s', uid) == before
    page = page.form(action='/move').submit()
    assert page.path == '/staff/bookings/' + uid
    assert database.value('SELECT starts_at FROM booking WHERE uid = %s', uid) == wish != before
    # What was seen is old now: nothing moves, and what is free is shown anew.
    again = form.page.visitor.open('/staff/times?booking=' + uid)
    old = [f for f in again.forms() if f.action.endswith('/move')][0]
    database.rows('UPDATE booking SET version = version + 1 WHERE uid = %s', uid)
    page = old.submit().form(action='/move').submit()
    assert page.status == 409 and 'changed in the meantime' in page.text


# --- blocks ------------------------------------------------------------------------------------------------------------------

def block(desk, **fields):
    form = dict(resource='c-arm-1', reason='A new cable', kind='other', until='10:00')
    form.update(fields)
    page = desk.open('/staff/block')
    return page.form('/staff/block').fill(**{**form, 'from': fields.get('from', '08:00')}).submit()


def test_time_is_blocked_and_given_back(staff, database):
    desk = staff('front_desk')
    ahead = (datetime.date.today() + datetime.timedelta(days=50)).isoformat()
    day, _ = local(start_of(finder(desk, service='bmac-knee', **{'from': ahead})))
    page = block(desk, day=day)
    assert page.status == 200 and 'A new cable' in page.text and page.path == '/staff/block'
    why = explained(desk, day, '08:30', service='bmac-knee')
    assert any('C-arm is closed' in r and 'A new cable' in r for r in reasons(why)), reasons(why)
    page = desk.open('/staff/block')
    one = database.value("SELECT id FROM closure WHERE reason = 'A new cable'")
    form = page.form('/block/%d/remove' % one)
    for _ in range(2):  # pressed twice it is taken back once, and nothing is wrong
        page = form.submit()
        assert page.status == 200 and page.path == '/staff/block' and 'A new cable' not in page.text
    assert database.value('SELECT COUNT(*) FROM closure WHERE id = %s', one) == 0
    # What an administrator closed for longer is not the desk's to open.
    wide = database.value("SELECT id FROM closure WHERE reason = 'Conference'")
    key = dict(page.forms()[0].pairs())
    answer = desk.open('/staff/block/%d/remove' % wide, method='POST', data={'csrf': key['csrf'], 'idem': 'some-key-of-its-own-7'},
                       headers={'Origin': desk.base.rsplit('/clinic', 1)[0]})
    assert answer.status == 404 and database.value('SELECT COUNT(*) FROM closure WHERE id = %s', wide) == 1


def test_who_is_booked_is_in_the_way_of_a_block(staff, database):
    desk = staff('front_desk')
    page = book_new(desk, 'bmac-knee', family='Inway', given='Ina', body_site='knee')
    uid = re.search(r'/staff/bookings/(\w{26})', page.html).group(1)
    day, _ = local(database.value('SELECT starts_at FROM booking WHERE uid = %s', uid))
    before = database.value('SELECT COUNT(*) FROM closure')
    page = block(desk, day=day, **{'from': '07:00'}, until='18:00')
    assert page.status == 409 and 'Ina Inway' in page.text and page.form('/staff/block').value('reason') == 'A new cable'
    # What cannot be done on this page is not asked for, and no link of the summary leads nowhere.
    assert 'Decide what' not in page.text and 'There are bookings at that time' in page.css('.summary')[0].text_content()
    ids = {e.get('id') for e in page.tree.iter() if e.get('id')}
    assert all(link.get('href')[1:] in ids for link in page.css('.summary a'))
    assert database.value('SELECT COUNT(*) FROM closure') == before
    page = block(desk, day=day, **{'from': '12:00'}, until='11:00')
    assert page.title.startswith('Error:')
    assert staff('billing').open('/staff/block').status == 403


def test_nobody_books_for_a_century(staff, database):
    """Whatever rules are waived: a time beyond what the calendar holds is refused, not an error."""
    desk = staff('front_desk')
    # A day on which no other test books.
    ahead = (datetime.date.today() + datetime.timedelta(days=47)).isoformat()
    day, _ = local(start_of(finder(desk, service='consultation', **{'from': ahead})))
    form = explained(desk, day, '10:05').form(button='Hold').fill(reason='asked for')
    before = database.value('SELECT COUNT(*) FROM booking')
    for year in (2040, 2149, 2150, 2199):
        start = int(datetime.datetime(year, 6, 14, 15, 5, tzinfo=datetime.timezone.utc).timestamp())
        form.set('start', str(start), force=True)
        page = form.submit()
        assert 400 <= page.status < 500, page
        assert 'at most 10 years ahead' in page.text or year < 2041, page.text
    assert database.value('SELECT COUNT(*) FROM booking') == before
