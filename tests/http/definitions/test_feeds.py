# SPDX-License-Identifier: Apache-2.0
"""Private calendar feeds of practitioners and rooms, read back with another implementation: what is taken and nothing about whom, validators,
changes and cancellations under the same UID, both clock changes of a year, and an address that stays out of every log."""
import base64
import datetime
import hashlib
import re
import zoneinfo

import httpx
import icalendar
import pytest

import env
import patient

ZONE = zoneinfo.ZoneInfo('America/New_York')


def add(database, resource, *more):
    whole = env.regenctl(database, '--public-base', 'https://clinic.example/clinic/', 'feed', 'add', resource, *more).stdout.strip()
    assert whole.startswith('https://clinic.example/clinic/feeds/')
    return whole.removeprefix('https://clinic.example/clinic')


def fetch(server, address, **headers):
    return httpx.get(server.base + address, headers=headers)


def events(server, address):
    answer = fetch(server, address)
    assert answer.status_code == 200, answer
    calendar = icalendar.Calendar.from_ical(answer.content)
    return {str(e['UID']): e for e in calendar.walk('VEVENT')}


def resource_of(database, booking, kind='practitioner', step='inject'):
    return database.value('SELECT x.code FROM booking_resource r JOIN booking_step s USING (booking_id, step_no) JOIN resource x ON x.id = r.resource_id'
                          ' WHERE r.booking_id = %s AND x.kind = %s AND s.kind = %s LIMIT 1', booking, kind, step)


def of_booking(found, database, booking):
    uid = database.value('SELECT uid FROM booking WHERE id = %s', booking)
    return {k: e for k, e in found.items() if k.startswith(uid)}


def last_booking(database):
    return database.value('SELECT MAX(id) FROM booking')


def spans(database, booking, code):
    """What the database says is taken, steps that touch as one."""
    found = []
    for start, end in database.rows('SELECT r.busy_from, r.busy_until FROM booking_resource r JOIN resource x ON x.id = r.resource_id'
                                    ' WHERE r.booking_id = %s AND x.code = %s ORDER BY 1', booking, code):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def test_what_a_feed_says(visitor, server, database):
    patient.book(visitor)
    booking = last_booking(database)
    for kind in ('practitioner', 'room'):
        code = resource_of(database, booking, kind)
        address = add(database, code, '--name', 'phone of ' + code)
        assert re.fullmatch(r'/feeds/[A-Za-z0-9_-]{43}\.ics', address)
        answer = fetch(server, address)
        assert answer.headers['content-type'] == 'text/calendar; charset=utf-8'
        text = answer.text
        name = database.value('SELECT name FROM resource WHERE code = %s', code)
        calendar = icalendar.Calendar.from_ical(answer.content)
        assert str(calendar['X-WR-CALNAME']) == name
        mine = of_booking({str(e['UID']): e for e in calendar.walk('VEVENT')}, database, booking)
        assert sorted((e['DTSTART'].dt.timestamp(), e['DTEND'].dt.timestamp()) for e in mine.values()) == spans(database, booking, code)
        for event in mine.values():
            assert str(event['SUMMARY']) == ('Booked' if kind == 'practitioner' else 'Occupied: ' + name)
            assert str(event['STATUS']) == 'CONFIRMED' and str(event['TRANSP']) == 'OPAQUE'
            assert str(event['URL']).endswith('/clinic/staff/bookings/' + database.value('SELECT uid FROM booking WHERE id = %s', booking))
            assert 'Harbor Joint Clinic' in str(event['LOCATION'])
        flat = re.sub(r'\r?\n[ \t]', '', text).lower()
        for word in ('lovelace', 'ada@', 'tendon', 'platelet', 'elbow', 'prp', 'inject', 'blood', '603-555-0142', '1962'):
            assert word not in flat.replace('ada okafor', ''), word


def test_without_the_ending(server, database):
    address = add(database, 'dr-rivera')
    assert fetch(server, address[:-4]).content == fetch(server, address).content


def test_every_change_has_a_higher_sequence(visitor, server, database):
    patient.book(visitor)
    booking = last_booking(database)
    code = resource_of(database, booking)
    address = add(database, code)
    before = of_booking(events(server, address), database, booking)
    # With the same practitioner again, on another day.
    who = '?practitioner=%d' % database.value('SELECT id FROM resource WHERE code = %s', code)
    page = visitor.open(patient.days(visitor, '/booking/move' + who)[2])
    choice = [f for f in page.forms() if f.action.endswith('/booking/move/check')][-1]
    page = choice.submit().form(button='Reschedule my booking').submit()
    assert 'Your booking is rescheduled' in page.text
    after = of_booking(events(server, address), database, booking)
    assert set(after) == set(before)
    for uid in after:
        assert int(after[uid]['SEQUENCE']) > int(before[uid]['SEQUENCE'])
        assert after[uid]['DTSTART'].dt != before[uid]['DTSTART'].dt
    assert sorted((e['DTSTART'].dt.timestamp(), e['DTEND'].dt.timestamp()) for e in after.values()) == spans(database, booking, code)
    visitor.open('/booking/cancel').form(action='/booking/cancel').submit()
    gone = of_booking(events(server, address), database, booking)
    assert set(gone) == set(after)
    for uid, event in gone.items():
        assert str(event['STATUS']) == 'CANCELLED' and str(event['TRANSP']) == 'TRANSPARENT' and str(event['SUMMARY']) == 'Canceled'
        assert int(event['SEQUENCE']) > int(after[uid]['SEQUENCE'])


def test_holds_are_nobodys_business(visitor, server, database):
    page = patient.hold(visitor)
    booking = last_booking(database)
    address = add(database, resource_of(database, booking))
    assert not of_booking(events(server, address), database, booking)
    page.form(action='/booking/release').submit()
    assert not of_booking(events(server, address), database, booking), 'what was never booked was never cancelled'


def test_validators(visitor, server, database):
    patient.book(visitor)
    address = add(database, resource_of(database, last_booking(database)))
    first = fetch(server, address)
    assert first.headers['cache-control'] == 'private, no-cache'
    again = fetch(server, address, **{'If-None-Match': first.headers['etag']})
    assert again.status_code == 304 and again.content == b''
    assert fetch(server, address).content == first.content
    visitor.open('/booking/cancel').form(action='/booking/cancel').submit()
    changed = fetch(server, address, **{'If-None-Match': first.headers['etag']})
    assert changed.status_code == 200 and changed.headers['etag'] != first.headers['etag']


@pytest.mark.parametrize('month', [3, 11])
def test_local_times_on_both_sides_of_a_clock_change(visitor, server, database, month):
    """Eight in the morning stays eight in the morning."""
    change = patient.clock_change(ZONE, month)
    database.rows('UPDATE service SET horizon_days = 400 WHERE code = %s', patient.SERVICE)
    held = []
    for step in (-5, -4, -3, 1, 2, 3, 4):
        day = change + datetime.timedelta(step)
        page = visitor.open('/services/%s/times?day=%s' % (patient.SERVICE, day))
        if day.weekday() > 4 or not patient.times(page):
            continue
        shown = page.css('ul.times button')[0].text_content()
        patient.times(page)[0].submit()
        booking = last_booking(database)
        held.append((booking, day, shown))
        database.rows('UPDATE booking SET self_pay = 1, patient_id = (SELECT MIN(id) FROM patient) WHERE id = %s', booking)
        database.rows("UPDATE booking SET status = 'booked', hold_expires_at = NULL, booked_at = UNIX_TIMESTAMP() WHERE id = %s", booking)
    assert len({zone_offset(day) for _, day, _ in held}) == 2, 'both sides'
    for booking, day, shown in held:
        code = resource_of(database, booking, 'practitioner', 'harvest')
        found = of_booking(events(server, add(database, code)), database, booking)
        local = datetime.datetime.fromtimestamp(spans(database, booking, code)[0][0], ZONE)
        first = min(e['DTSTART'].dt for e in found.values()).astimezone(ZONE)
        assert first == local and first.date() == day and first.hour == 8, (first, local)
        assert shown.startswith('8:00 am')


def zone_offset(day):
    return datetime.datetime(day.year, day.month, day.day, 12, tzinfo=ZONE).utcoffset()


def test_the_window(visitor, server, database):
    patient.book(visitor)
    booking = last_booking(database)
    address = add(database, resource_of(database, booking))
    assert of_booking(events(server, address), database, booking)
    for days, seen in ((-29, True), (-32, False), (399, True), (402, False)):
        shift = "(UNIX_TIMESTAMP() DIV 300 * 300 + %d * 86400)" % days
        first = database.value('SELECT MIN(busy_from) FROM booking_resource WHERE booking_id = %s', booking)
        database.rows('UPDATE booking_resource SET busy_until = busy_until - %%s + %s, busy_from = busy_from - %%s + %s WHERE booking_id = %%s' % (shift, shift),
                      first, first, booking)
        assert bool(of_booking(events(server, address), database, booking)) == seen, days
    visitor.open('/booking/cancel').form(action='/booking/cancel').submit()
    database.rows('DELETE FROM occupancy WHERE booking_id = %s', booking)
    env.regenctl(database, 'rebuild')


def test_only_the_token_opens_it(visitor, server, database):
    address = add(database, 'dr-rivera')
    token = address[7:50]
    wrong = address.replace(token, token[:-1] + ('A' if token[-1] != 'A' else 'E'))
    for bad in (wrong, '/feeds/x.ics', '/feeds/.ics', '/feeds/', '/feeds/' + 'A' * 43, '/feeds/' + 'A' * 2000 + '.ics'):
        assert fetch(server, bad).status_code == 404, bad
    stored = database.rows('SELECT HEX(token_hash) FROM calendar_feed')
    raw = base64.urlsafe_b64decode(token + '=')
    assert len(raw) == 32 and (hashlib.sha256(raw).hexdigest().upper(),) in stored
    assert fetch(server, address).status_code == 200
    assert httpx.post(server.base + address).status_code == 405
    for name in (server.access_log, server.error_log):
        with open(name, encoding='utf-8', errors='replace') as f:
            log = f.read()
        assert token not in log and wrong[7:50] not in log
    with open(server.access_log) as f:
        assert 'GET /clinic/feeds/- HTTP' in f.read()


def test_revoked_is_gone(server, database):
    address = add(database, 'dr-chen', '--name', 'lost phone')
    line = [l for l in env.regenctl(database, 'feed', 'list').stdout.splitlines() if 'lost phone' in l][0]
    assert 'dr-chen' in line and 'live' in line and address[7:50] not in line
    number = line.split()[0]
    assert fetch(server, address).status_code == 200
    env.regenctl(database, 'feed', 'revoke', number)
    assert fetch(server, address).status_code == 404
    assert 'revoked' in [l for l in env.regenctl(database, 'feed', 'list').stdout.splitlines() if 'lost phone' in l][0]
    assert env.regenctl(database, 'feed', 'revoke', number, check=False).returncode == 1
    assert env.regenctl(database, 'feed', 'revoke', 'x', check=False).returncode == 2
    assert database.rows("SELECT action FROM audit_event WHERE entity = 'calendar_feed' AND entity_id = %s ORDER BY id", number) == (('feed.add',), ('feed.revoke',))


def test_what_cannot_be_made(database):
    done = env.regenctl(database, 'feed', 'add', 'nobody', check=False)
    assert done.returncode == 1 and 'There is no person, room or device with this code' in done.stderr and done.stdout == ''
    assert env.regenctl(database, 'feed', 'add', 'dr-chen', '--name', 'x' * 81, check=False).returncode == 1


def executed(database):
    return int(database.rows("SHOW GLOBAL STATUS LIKE 'Com_stmt_execute'")[0][1])


def cost(server, database, address):
    fetch(server, address)
    before = executed(database)
    fetch(server, address)
    return executed(database) - before


@pytest.mark.once
def test_statements_do_not_grow(server, database):
    code = 'dr-rivera'
    address = add(database, code)
    few = cost(server, database, address)
    many = len(events(server, address))
    for _ in range(4):
        with server.visitor() as visitor:
            patient.book(visitor)
    assert len(events(server, address)) >= many
    assert cost(server, database, address) == few <= 4
