# SPDX-License-Identifier: Apache-2.0
"""The administrators' pages of people, rooms and devices over HTTP: everything goes through the form and back, mistakes are named,
and a change that takes from bookings what they stand on is shown before it is stored and calls until it is mended."""
import datetime
import zoneinfo

import pytest

import patient

ZONE = zoneinfo.ZoneInfo('America/New_York')
PAGE = '/staff/admin/resources/'


@pytest.fixture
def admin(staff):
    return staff('admin')


@pytest.fixture(autouse=True)
def as_before(database):
    tables = ('resource', 'resource_capability', 'opening')
    kept = {t: database.rows('SELECT * FROM %s WHERE %s <= 13' % (t, 'id' if t == 'resource' else 'resource_id')) for t in tables}
    yield
    for table in ('occupancy', 'day_bitmap', 'resource_kept'):
        database.rows('DELETE FROM ' + table)
    database.rows("UPDATE booking SET status = 'cancelled', hold_expires_at = NULL")
    database.rows('DELETE FROM opening')
    database.rows('DELETE FROM resource_capability')
    database.admin('SET foreign_key_checks = 0; DELETE FROM regen.resource WHERE id > 13')  # what they could do once stays
    for table in tables:
        for row in kept[table]:
            database.rows('REPLACE INTO %s VALUES (%s)' % (table, ', '.join(['%s'] * len(row))), *row) if table != 'resource' else \
                database.rows('UPDATE resource SET name = %s, active = %s, serial = %s WHERE id = %s', row[5], row[11], row[10], row[0])


def form_of(page):
    return page.form(having='capabilities')


def hours(database, code):
    return database.rows('SELECT weekday, start_minute, end_minute, CAST(valid_from AS CHAR), CAST(valid_to AS CHAR) FROM opening o'
                         ' JOIN resource r ON r.id = o.resource_id WHERE r.code = %s ORDER BY 1, 2, 4', code)


def test_only_administrators(staff):
    for role in ('front_desk', 'clinician', 'billing'):
        for path in ('/staff/admin/resources', '/staff/admin/resource-new', PAGE + 'c-arm-1'):
            assert staff(role).get(path).status_code == 403


def test_saved_as_it_is_changes_nothing(admin, database):
    for code, in database.rows('SELECT code FROM resource'):
        before = hours(database, code), database.rows('SELECT r.*, GROUP_CONCAT(capability ORDER BY 1) FROM resource r JOIN'
                                                      ' resource_capability ON resource_id = id WHERE code = %s GROUP BY id', code)
        page = form_of(admin.open(PAGE + code)).submit()
        assert page.status == 200 and 'is saved' in page.text, (code, page.text)
        assert before == (hours(database, code), database.rows(
            'SELECT r.*, GROUP_CONCAT(capability ORDER BY 1) FROM resource r JOIN resource_capability ON resource_id = id'
            ' WHERE code = %s GROUP BY id', code))


def test_new_one(admin, database):
    form = form_of(admin.open('/staff/admin/resource-new')).fill(
        code='laser-1', kind='device', name='Laser', serial='L-1', capabilities='laser, c-arm',
        **{'hours[0].weekday': '1', 'hours[0].start': '08:00', 'hours[0].end': '12:30', 'hours[2].weekday': '7',
           'hours[2].start': '00:00', 'hours[2].end': '24:00', 'hours[2].from': '2127-01-01', 'hours[2].until': '2127-03-31'})
    page = form.submit()
    assert page.status == 200 and 'Laser is saved.' in page.text, page.text
    assert hours(database, 'laser-1') == ((1, 480, 750, '2000-01-01', '9999-12-31'), (7, 0, 1440, '2127-01-01', '2127-03-31'))
    assert database.value("SELECT GROUP_CONCAT(capability) FROM resource_capability JOIN resource ON id = resource_id"
                          " WHERE code = 'laser-1'") in ('laser,c-arm', 'c-arm,laser')
    form = form_of(admin.open(PAGE + 'laser-1'))
    assert form.value('hours[1].end') == '24:00' and form.value('hours[0].from') == ''
    page = form.fill(**{'hours[0].weekday': '', 'hours[0].start': '', 'hours[0].end': ''}).submit()
    assert page.status == 200 and len(hours(database, 'laser-1')) == 1


@pytest.mark.parametrize('field,value', [
    ('name', ''), ('capabilities', 'Big Laser!'), ('npi', '1234567890'), ('taxonomy', 'x'), ('hours[0].start', '8'),
    ('hours[0].end', '07:00'), ('hours[0].weekday', ''), ('hours[0].until', '1999-01-01'), ('hours[1].weekday', '1')])
def test_mistakes_are_named(admin, database, field, value):
    before = hours(database, 'dr-rivera')
    form = form_of(admin.open(PAGE + 'dr-rivera'))
    if field == 'hours[1].weekday':  # the same hours twice
        form.set('hours[1].start', form.value('hours[0].start'))
        form.set('hours[1].weekday', form.value('hours[0].weekday'))
        field = 'hours[1].start'
    else:
        form.set(field, value)
    page = form.submit()
    assert page.status == 422 and page.error_for(field), page.text
    assert form_of(page).value(field) == form.value(field) and hours(database, 'dr-rivera') == before


def test_new_one_with_a_taken_code(admin):
    page = form_of(admin.open('/staff/admin/resource-new')).fill(code='c-arm-1', name='X').submit()
    assert page.status == 422 and page.error_for('code')


def test_two_editors(admin, staff, database):
    mine, other = form_of(admin.open(PAGE + 'c-arm-1')), form_of(staff('admin').open(PAGE + 'c-arm-1'))
    assert other.fill(serial='ONE').submit().status == 200
    page = mine.fill(serial='TWO').submit()
    assert page.status == 409 and 'Somebody changed this' in page.text and form_of(page).value('serial') == 'TWO'


@pytest.fixture
def booked(visitor, database):
    """(booking, day, codes of the resources it takes) of a tendon treatment that a patient just booked."""
    patient.book(visitor)
    booking, start = database.rows("SELECT id, starts_at FROM booking WHERE status = 'booked' ORDER BY id DESC LIMIT 1")[0]
    return booking, datetime.datetime.fromtimestamp(start, ZONE).date().isoformat(), [c for c, in database.rows(
        'SELECT DISTINCT r.code FROM booking_resource t JOIN resource r ON r.id = t.resource_id WHERE t.booking_id = %s', booking)]


@pytest.mark.parametrize('what', ['active', 'hours', 'capability'])
def test_a_change_under_bookings(admin, staff, booked, database, what):
    booking, day, codes = booked
    assert 'ultrasound-1' in codes
    form = form_of(admin.open(PAGE + 'ultrasound-1'))
    if what == 'active':
        form.set('active', None)
    elif what == 'capability':
        form.set('capabilities', 'paperweight')
    else:
        for i in range(5):
            form.set('hours[%d].end' % i, '07:35')
    page = form.submit()
    assert page.status == 409 and '1 booking no longer fits this change' in page.text, page.text
    assert 'Lovelace' in page.text and page.error_for('why')
    assert database.value("SELECT active FROM resource WHERE code = 'ultrasound-1'") == 1
    board = staff('front_desk').open('/staff?date=' + day)
    assert not board.css('.attention li.alarm')
    page = form_of(page).fill(why='broken').submit()
    assert page.status == 200 and 'is saved' in page.text, page.text
    assert database.value("SELECT detail FROM audit_event WHERE action = 'resource.change' ORDER BY id DESC LIMIT 1") == \
        'confirmed:broken bookings:1'
    board = staff('front_desk').open('/staff?date=' + day)
    assert len(board.css('.attention li.alarm')) == 1
    page = admin.open('/staff/admin/closures')
    keep = [f for f in page.forms() if f.action.endswith('/conflicts/keep')]
    assert len(keep) == 1
    page = keep[0].fill(why='One is borrowed').submit()
    assert page.status == 200 and not [f for f in page.forms() if f.action.endswith('/conflicts/keep')]


def test_unknown(admin):
    assert admin.get(PAGE + 'nothing').status_code == 404
    form = form_of(admin.open(PAGE + 'c-arm-1'))
    form.action = form.action.replace('c-arm-1', 'nothing')
    assert form.submit().status == 404
