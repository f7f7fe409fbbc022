# SPDX-License-Identifier: Apache-2.0
"""What must be stopped or done days before a visit, with its dates: before a time is chosen, on the check page, in the booking, the message
and the calendar file; and a service that does not offer what leaves too few days."""
import contextlib
import datetime
import zoneinfo

import icalendar

import moving
import patient

TIMES = '/services/%s/times' % patient.SERVICE
PILLS = 'Stop anti-inflammatory pills'


def local(seconds):
    return datetime.datetime.fromtimestamp(int(seconds), zoneinfo.ZoneInfo('America/New_York')).date()


def words(day):
    return '%s %d %s' % (day.strftime('%A'), day.day, day.strftime('%B %Y'))


def today(visitor):
    return local(datetime.datetime.now().timestamp())


@contextlib.contextmanager
def rule(database, days, too_late):
    """The pills of the service, with other days."""
    which = "service_id = (SELECT id FROM service WHERE code = '%s') AND code = 'nsaid'" % patient.SERVICE
    before = database.rows('SELECT from_days, too_late FROM service_preparing WHERE ' + which)[0]
    database.rows('UPDATE service_preparing SET from_days = %s, too_late = %s WHERE ' + which, days, too_late)
    try:
        yield
    finally:
        database.rows('UPDATE service_preparing SET from_days = %s, too_late = %s WHERE ' + which, *before)


def alarms(visitor):
    event = icalendar.Calendar.from_ical(visitor.get('/booking/calendar.ics').content).walk('VEVENT')[0]
    return event, event.walk('VALARM')


def test_as_a_rule_before_a_time_is_known(visitor):
    page = visitor.open('/services/' + patient.SERVICE)
    assert 'from 7 days before: ' + PILLS in page.text and 'unless your doctor told you' in page.text


def test_too_late_is_said_before_the_time_is_chosen(visitor, database):
    """Everything there is begins sooner than the pills had to be stopped."""
    with rule(database, 360, 'warn'):
        page = patient.times_page(visitor)
        start = int(patient.times(page)[0].value('start'))
        assert 'Should have begun on ' + words(local(start) - datetime.timedelta(360)) in page.text
        assert 'fewer days left than this preparation needs' in page.text
        page = patient.ready(visitor)
        assert 'Should have begun on' in page.text and 'Ask the clinic before you book' in page.text
        page = page.form(action='/booking/check').submit()
        assert 'Should have begun on' in page.text
        assert 'There is something to do' not in page.text, 'no message of a day that is over'
        assert not alarms(visitor)[1]


def test_in_time_it_has_its_date_everywhere(visitor, database):
    """On a day far enough ahead."""
    page = visitor.open(TIMES)
    while not [a for a in page.links() if '?day=' in a and day_of(a) > today(visitor) + datetime.timedelta(8)]:
        page = page.click('Next month')
    day = [a for a in page.links() if '?day=' in a and day_of(a) > today(visitor) + datetime.timedelta(8)][0]
    page = visitor.open(day)
    stop = day_of(day) - datetime.timedelta(7)
    said = 'From %s: %s' % (words(stop), PILLS)
    assert said in page.text and 'fewer days' not in page.text
    patient.give_details(patient.times(page)[0].submit())
    patient.sign_all(visitor)
    page = visitor.open('/booking/check')
    assert said in page.text
    page = page.form(action='/booking/check').submit()
    assert said in page.text
    assert 'starting %s. The page of your booking' % words(stop) in page.text, 'the message'
    event, rings = alarms(visitor)
    assert [local(a.decoded('trigger').timestamp()) for a in rings] == [stop]
    assert rings[0]['action'] == 'DISPLAY'
    whole = visitor.get('/booking/calendar.ics').text.lower()
    assert 'canceled online until' in whole.replace('\r\n ', '')
    for secret in ('inflam', 'pill', 'platelet', 'tendon'):
        assert secret not in whole, 'calendars are shared'
    page = moving.choose(visitor, which=-1)
    new = [f for f in page.forms() if f.action.endswith('/booking/move')][0].value('start')
    assert words(local(new) - datetime.timedelta(7)) in page.text, 'a move says the new dates'


def day_of(address):
    return datetime.date.fromisoformat(address.split('day=')[1][:10])


def test_what_is_refused_is_not_offered(visitor, database, machine):
    first = int(patient.times(patient.times_page(visitor))[0].value('start'))
    form = patient.times(patient.times_page(visitor))[0]
    with rule(database, 20, 'refuse'):
        earliest = today(visitor) + datetime.timedelta(20)
        page = patient.times_page(visitor)
        assert local(patient.times(page)[0].value('start')) >= earliest > local(first)
        assert not [a for a in page.links() if '?day=' in a and day_of(a) < earliest]
        page = form.submit()
        assert page.status == 422 and 'The earliest time that can be booked now is' in page.text


def test_days_count_for_moves(visitor, database):
    patient.book(visitor)
    with rule(database, 20, 'refuse'), moving.notice(database, 0), moving.rule(database, 'move_notice_minutes', 0):
        page = moving.choose(visitor)
        new = [f for f in page.forms() if f.action.endswith('/booking/move')][0].value('start')
        assert local(new) >= today(visitor) + datetime.timedelta(20)


def test_the_days_of_a_move_are_those_of_the_new_day_alone(visitor, database):
    patient.book(visitor)
    with rule(database, 7, 'warn'), moving.notice(database, 0), moving.rule(database, 'move_notice_minutes', 0):
        page = visitor.open('/booking/move')
        said = [li.text_content() for li in page.css('ul.preparing li') if PILLS in li.text_content()]
        assert page.status == 200 and len(said) == 1, said


# --- the desk, and programs -------------------------------------------------------------------------------------------------------

def test_the_desk_says_it_before_a_time_is_chosen_and_after(staff, database):
    """For somebody on the phone: the rule beside the times, the days when one is held, and with the link; and until when to cancel."""
    desk = staff('front_desk')
    with rule(database, 7, 'warn'), moving.notice(database, 60):
        page = desk.open('/staff/times?service=' + patient.SERVICE)
        assert 'from 7 days before: ' + PILLS in page.text and 'cancel online until 1 hour' in page.text
        form = [f for f in page.forms() if f.action.endswith('/staff/holds')][-1]
        start = int(form.value('start'))
        page = form.submit()
        assert page.path.endswith('/details')
        said = ('From %s: %s' % (words(local(start) - datetime.timedelta(7)), PILLS), 'cancel online until ' + moving.words(start - 3600))
        late = local(start) - datetime.timedelta(7) < today(desk)
        for part in said[late:]:
            assert part in page.text, (part, page.text)
        fields = dict(patient.ADA, body_site='elbow', side='right', pay='self')
        page = page.form('/details').fill(**fields).submit()
        for part in said[late:]:
            assert part in page.text, 'the chart'
        page = page.form('/book').submit()
        for part in said[late:]:
            assert part in page.text, 'beside the link'


def test_programs_read_it(server, machine, visitor, database):
    """FHIR's patientInstruction has the days, and an extension until when it can be canceled; the same whenever it is asked for."""
    with rule(database, 7, 'warn'), moving.notice(database, 60):
        page = patient.book(visitor)
        start, uid = database.rows('SELECT b.starts_at, a.uid FROM booking b JOIN appointment a ON a.booking_id = b.id WHERE b.uid = %s',
                                   page.about)[0]
        got = machine.get('/Appointment/' + uid, headers={'Accept': 'application/fhir+json'}).json()
        said = got['patientInstruction']
        assert 'From %s: %s' % (words(local(start) - datetime.timedelta(7)), PILLS) in said, said
        at, = [e['valueInstant'] for e in got['extension'] if e['url'].endswith('/StructureDefinition/cancel-until')]
        assert datetime.datetime.fromisoformat(at).timestamp() == start - 3600
        own = machine.get('/StructureDefinition/cancel-until', headers={'Accept': 'application/fhir+json'})
        assert own.status_code == 200
        visitor.open('/booking/cancel').form(action='/booking/cancel').submit()
        got = machine.get('/Appointment/' + uid, headers={'Accept': 'application/fhir+json'}).json()
        assert got['status'] == 'cancelled' and 'patientInstruction' not in got
        assert not [e for e in got.get('extension', ()) if e['url'].endswith('cancel-until')]
