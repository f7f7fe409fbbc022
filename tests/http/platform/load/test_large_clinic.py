# SPDX-License-Identifier: Apache-2.0
"""A clinic with years behind it: whatever page a person opens and whatever a machine asks for, no statement reads a whole table
that grows with the years. The database itself says what each statement read (its slow log, told to keep what read many rows), so
this judges no time and no estimate. To mend a failure: a key, or the order of joins (STRAIGHT_JOIN, FORCE INDEX)."""
import datetime
import re
import time

import pytest

import env
import manyfill

pytestmark = pytest.mark.once

BOOKINGS = 30000
# A list is counted up to 5,000 rows (RG_LIST_MOST), which are read twice or three times; a table that grows has at least 19,000 here.
MOST = 17500
# What may read more, and why.
ALLOWED = {
    'FROM booking_resource t FORCE INDEX (resource_busy)': '/staff/admin/closures',  # all that is still to come, by its nature
}


def uid(n):
    return '4%025d' % n


@pytest.fixture(scope='module')
def large(database, server):
    manyfill.fill(database, BOOKINGS, int(time.time()) // 86400, int(time.time()))
    for table in manyfill.GROWING:
        assert database.value('SELECT COUNT(*) FROM ' + table) > 19000, table
    database.admin("SET GLOBAL log_output = 'TABLE'; SET GLOBAL slow_query_log = 1; SET GLOBAL long_query_time = 0;"
                   ' SET GLOBAL min_examined_row_limit = %d' % MOST)
    database.admin('TRUNCATE mysql.slow_log')
    # Sessions learn that when they begin.
    server.stop()
    server.start()
    return database


@pytest.fixture
def reads_little(large):
    """Checks the slow log behind each request of a test."""

    def check(path):
        rows = large.admin("SELECT CONCAT(rows_examined, ' rows: ', REPLACE(CONVERT(sql_text USING utf8mb4), '\\n', ' '))"
                           " FROM mysql.slow_log WHERE user_host LIKE 'regen[%'; TRUNCATE mysql.slow_log").splitlines()
        bad = [row for row in rows if not any(words in row and path.startswith(where) for words, where in ALLOWED.items())]
        assert not bad, '%s reads too much:\n%s' % (path, '\n'.join(row[:1500] for row in bad))

    large.admin('TRUNCATE mysql.slow_log')
    return check


def test_the_log_tells(large, reads_little):
    """A guard of this file itself: a whole table read by the module's account is told."""
    connection = large.connect('regen')
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM patient WHERE phone LIKE '%7'")
    connection.close()
    with pytest.raises(AssertionError, match='%d rows: SELECT COUNT' % BOOKINGS):
        reads_little('/')


def next_month():
    return (datetime.date.today().replace(day=1) + datetime.timedelta(days=32)).isoformat()[:7]


def working_day():
    """A day in a fortnight with twenty bookings."""
    day = datetime.date.today() + datetime.timedelta(days=14)
    return (day - datetime.timedelta(days=day.weekday())).isoformat()


PUBLIC = ['/', '/services/consultation', '/services/consultation/times', '/services/consultation/times?month={month}',
          '/services/consultation/times?day={day}', '/services/bmac-knee/times', '/services/consultation/wait']


@pytest.mark.parametrize('path', PUBLIC)
def test_pages_for_everybody(visitor, reads_little, path):
    path = path.format(month=next_month(), day=working_day())
    assert visitor.open(path).status == 200
    reads_little(path)


DESK = ['/staff', '/staff?date={day}', '/staff/week', '/staff/week?day={day}', '/staff/week?day={day}&by=patient',
        '/staff/waitlist', '/staff/waitlist?status=closed', '/staff/waitlist?status=closed&page=20', '/staff/recalls',
        '/staff/recalls?view=later', '/staff/recalls?view=done', '/staff/recalls?view=done&page=20', '/staff/messages',
        '/staff/messages?page=50', '/staff/messages?status=sent', '/staff/messages?kind=confirmation',
        '/staff/messages?kind=recall', '/staff/messages?status=failed', '/staff/messages?status=told&kind=forms', '/staff/block', '/staff/patients', '/staff/patients/{patient}', '/staff/times',
        '/staff/times?service=consultation', '/staff/times?service=consultation&patient={patient}',
        '/staff/times?service=bmac-knee&why_day={day}&why_time=09:00', '/staff/bookings/{past}', '/staff/bookings/{coming}',
        '/staff/bookings/{coming}/details', '/staff/services/consultation/wait']


def test_the_desk(staff, reads_little):
    desk = staff('front_desk')
    reads_little('login')
    values = dict(day=working_day(), past=uid(5003), coming=uid(BOOKINGS - 100), patient=uid(7))
    for path in DESK:
        page = desk.open(path.format(**values))
        assert page.status == 200, (path, page)
        reads_little(path)
    assert '5000+' in desk.open('/staff/messages').text


def test_the_board_shows_the_day_that_was_filled(staff, reads_little):
    """What reads little must still read all of that."""
    board = staff('front_desk').open('/staff?date=' + working_day())
    assert len(set(re.findall(r'/staff/bookings/(4\d{25})', board.html))) == manyfill.PER_DAY
    reads_little('/staff')


def test_finding_a_patient(staff, large, reads_little):
    desk = staff('front_desk')
    large.rows("UPDATE booking SET number = '76RR33X5Y' WHERE uid = %s", uid(BOOKINGS - 100))
    for fields, found in ((dict(family='cfamily2'), 'Cfamily2'), (dict(family='cfamily2', given='g'), 'found'),
                          (dict(birth_date='1961-03-14', family=''), 'Patients found'), (dict(given='cgiv'), 'Cgiven'),
                          (dict(reach='603-555-1234'), 'family1234'), (dict(reach='P1234@Example.org'), 'family1234'),
                          (dict(reach='76R R33 X5Y'), 'family%d' % (BOOKINGS - 100)), (dict(reach='nobody@example.org'), 'No patients found')):
        page = desk.open('/staff/patients').form('/staff/patients').fill(**fields).submit()
        assert page.status == 200 and found in page.text, (fields, page)
        reads_little('/staff/patients ' + repr(fields))


def test_administration_and_billing(staff, reads_little):
    admin, billing = staff('admin'), staff('billing')
    for who, path in ((admin, '/staff/admin/services'), (admin, '/staff/admin/services/consultation'),
                      (admin, '/staff/admin/resources'), (admin, '/staff/admin/resources/dr-rivera'),
                      (admin, '/staff/admin/closures'), (billing, '/billing'), (billing, '/billing/bookings/' + uid(5003))):
        page = who.open(path)
        assert page.status == 200, (path, page)
        reads_little(path)
    # Rooms and people that are closed half the time: more than anybody could look through.
    assert re.search(r'\d{3,} more are shown', admin.open('/staff/admin/closures').text)


FHIR = ['Patient', 'Patient/{patient}', 'Patient?_id={patient}', 'Patient?family=cfamily2', 'Patient?given=cg', 'Patient?name=cfamily2',
        'Patient?name=nobody', 'Patient?email=p5@example.org', 'Patient?phone=603-555-5', 'Patient?birthdate=1961-03-14',
        'Patient?_lastUpdated=gt{later}', 'Patient?_lastUpdated=gt2001-01-01', 'Appointment', 'Appointment?date={day}',
        'Appointment?date=ge{day}', 'Appointment?status=booked&date=ge{day}', 'Appointment?patient=Patient/{patient}',
        'Appointment?_lastUpdated=gt{later}', 'Appointment/{coming}', 'Appointment?identifier={coming}',
        'Appointment?practitioner=Practitioner/{rivera}&date={day}', 'Appointment?location=Location/{room}&date={day}',
        'Slot?service-type=consultation', 'Slot?service-type=consultation&start={day}', 'Slot?schedule=Schedule/{rivera}',
        'Slot?schedule=Schedule/{rivera}&status=busy', 'Schedule', 'Location', 'Practitioner', 'PractitionerRole', 'Device',
        'HealthcareService', 'Appointment/$find?service-type=consultation', '$bulk-publish']


def test_machines(machine, reads_little):
    values = dict(day=working_day(), patient=uid(7), coming=uid(BOOKINGS - 100), rivera='0' * 23 + '201', room='0' * 23 + '205',
                  later=(datetime.date.today() + datetime.timedelta(days=10000)).isoformat())
    for path in FHIR:
        answer = machine.get('/' + path.format(**values))
        assert answer.status_code == 200, (path, answer.text)
        reads_little(path)
    for file in machine.get('/$bulk-publish').json()['output']:
        assert machine.get(file['url']).status_code == 200
        reads_little(file['url'])


def test_people_are_found_whichever_way(machine, large):
    """All ways to look somebody up read another key and must find the same."""
    family, given, email, phone = large.rows('SELECT family, given, email, phone FROM patient WHERE uid = %s', uid(777))[0]
    for query in ('family=' + family, 'name=' + family, 'email=' + email, 'phone=' + phone, 'given=%s&family=%s' % (given, family),
                  '_id=' + uid(777)):
        found = [e['resource']['id'] for e in machine.get('/Patient?' + query, headers={'Accept': 'application/fhir+json'}).json()['entry']]
        assert uid(777) in found, query
    row, was = large.rows('SELECT id, phone FROM patient WHERE uid = %s', uid(778))[0]
    large.rows("INSERT INTO patient_change (patient_id, field, old_value, new_value, reason, at, staff_id) VALUES (%s, 'phone', %s, '1', 'test', 1, 1)", row, was)
    large.rows("UPDATE patient SET phone = '1', phone_key = '1' WHERE uid = %s", uid(778))
    since = large.value('SELECT changed_at FROM patient WHERE uid = %s', uid(778))
    since = datetime.datetime.fromtimestamp(since, datetime.timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ')
    answer = machine.get('/Patient?_lastUpdated=ge%s&phone=1' % since, headers={'Accept': 'application/fhir+json'}).json()
    ids = [e['resource']['id'] for e in answer['entry']]
    assert ids == [uid(778)], answer


def test_a_feed(large, visitor, reads_little):
    said = env.regenctl(large, 'feed', 'add', 'dr-rivera', '--name', 'phone').stdout
    assert visitor.get(re.search(r'\S*/feeds/\S+', said).group(0)).status_code == 200
    reads_little('feed')
