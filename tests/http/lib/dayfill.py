# SPDX-License-Identifier: Apache-2.0
"""A day full of booked visits, written straight into a database of the test's own: the clinic takes no bookings for the
same day, and the tests of the day need visits that are today. What a patient's pages would leave behind is here in SQL:
patient, booking, steps, resources, appointment, signed consents. Occupancy is not written, so use it on databases that
nobody else books in."""
import datetime
import secrets
import time
import unicodedata
import zoneinfo

import ordering

GRANULE = 300
BORN = '1961-03-14'
REACH = ('ann@example.org', '16035550199')
ZONE = zoneinfo.ZoneInfo('America/New_York')


def open_day(database, ahead):
    """The first weekday from AHEAD days on for which nothing is closed."""
    day = datetime.date.today() + datetime.timedelta(ahead)
    while day.weekday() > 4 or database.value('SELECT COUNT(*) FROM closure WHERE %s BETWEEN first_day AND last_day', day):
        day += datetime.timedelta(1)
    return day.isoformat()


def now():
    return int(time.time())


def earlier_today(seconds):
    """SECONDS ago, or where the clinic's day began."""
    midnight = datetime.datetime.fromtimestamp(now(), ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
    return max(now() - seconds, int(midnight.timestamp()))


def today():
    """The site's local day."""
    return datetime.datetime.now(ZONE).date()


def clock(hour, minute=0, day=None):
    """Unix seconds of a local time of the site, today unless another DAY is given."""
    return int(datetime.datetime.combine(day or today(), datetime.time(hour, minute), ZONE).timestamp())


def key(name):
    """As the store makes it of names like those of the tests: letters and digits without marks, in lower case."""
    return ''.join(c for c in unicodedata.normalize('NFKD', name) if c.isalnum()).lower()


class DayFill:
    def __init__(self, database):
        self.db = database
        self.taken = []  # (booking, resource, from, until)
        self.bound = {}

    def uid(self):
        return '0' + ''.join(secrets.choice('0123456789abcdefghjkmnpqrstvwxyz') for _ in range(25))

    def book(self, service='bmac-knee', body_site='knee', side='right', start=None, family='Walker', given='Ann',
             born=BORN, insured=False, signed=True, status='booked', hold_until=None, of=None, on=None, reach=REACH):
        """One visit; its uid. START: unix seconds, the current five minutes unless given. Resources are the first ones
        that are free. OF: for the same row of patient as this booking (uid). ON: on this treatment order (id), otherwise on one of its own if the
        service needs one. REACH: email address and phone number (as its key)."""
        start = (start or now()) // GRANULE * GRANULE
        (service_id,), steps = self.db.rows('SELECT id FROM service WHERE code = %s', service)[0], []
        at = start
        for no, kind, name, minutes in self.db.rows(
                'SELECT step_no, kind, name, minutes FROM service_step WHERE service_id = %s ORDER BY step_no', service_id):
            steps.append((no, kind, name, at, at + 60 * minutes))
            at += 60 * minutes
        patient = self.db.value('SELECT patient_id FROM booking WHERE uid = %s', of) if of else self.patient(family, given, born, *reach)
        coverage = self.coverage(patient) if insured else None
        if not on and self.db.value('SELECT booked_by FROM service WHERE id = %s', service_id) == 'order':
            on = ordering.order(self.db, patient, service, body_site, side)
        uid = self.uid()
        self.db.rows(
            'INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, patient_id, coverage_id, self_pay,'
            ' body_site, laterality, price_minor, currency, created_at, booked_at, hold_expires_at, order_id)'
            ' SELECT %s, id, 1, %s, %s, %s, %s, %s, %s, %s, %s, price_minor, currency, %s, %s, %s, %s FROM service WHERE id = %s',
            uid, status, start, at, patient, coverage, 0 if insured else 1, body_site, side, start - 86400, start - 86400,
            hold_until, on, service_id)
        booking = self.db.value('SELECT id FROM booking WHERE uid = %s', uid)
        for no, kind, name, begin, end in steps:
            self.db.rows('INSERT INTO booking_step VALUES (%s, %s, %s, %s, 1, %s, %s)', booking, no, kind, name, begin, end)
            self.serve(booking, service_id, no, begin, end)
        self.db.rows('INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at) VALUES (%s, %s, 1, %s, %s)',
                     self.uid(), booking, start, at)
        if signed:
            self.sign(uid)
        return uid

    def quiet(self, hours=4):
        """A full hour of today around which nobody is here, whatever the time of day these tests run at."""
        for hour in range(1, 21):
            begin, end = clock(hour - 1), clock(hour - 1) + hours * 3600
            if all(until <= begin or since >= end for _, _, since, until in self.taken):
                return clock(hour)
        raise AssertionError('somebody is here at every hour of the day')

    def patient(self, family, given, born, email=REACH[0], phone=REACH[1]):
        uid = self.uid()
        self.db.rows("INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state,"
                     " postal_code, created_at, family_key, given_key, email_key, phone_key) VALUES (%s, %s, %s, %s, 'female',"
                     " %s, %s, '1 Elm Street', 'Portsmouth', 'NH', '03801', 0, %s, %s, %s, %s)",
                     uid, family, given, born, email, '-'.join((phone[1:4], phone[4:7], phone[7:])), key(family), key(given), email, phone)
        return self.db.value('SELECT id FROM patient WHERE uid = %s', uid)

    def coverage(self, patient):
        uid = self.uid()
        self.db.rows("INSERT INTO coverage (uid, patient_id, payer_id, member_id, created_at) VALUES (%s, %s, 1, 'GM445566', 0)",
                     uid, patient)
        return self.db.value('SELECT id FROM coverage WHERE uid = %s', uid)

    def serve(self, booking, service, step, begin, end):
        bound = self.bound
        for need, capability, setup, turnover, bind in self.db.rows(
                'SELECT need_no, capability, setup_minutes, turnover_minutes, bind FROM service_need WHERE service_id = %s'
                ' AND step_no = %s', service, step):
            a, b = begin - 60 * setup, end + 60 * turnover
            able = [r for r, in self.db.rows('SELECT resource_id FROM resource_capability WHERE capability = %s'
                                             ' ORDER BY resource_id', capability)]
            free = [r for r in able if all(r != x or until <= a or since >= b or owner == booking
                                           for owner, x, since, until in self.taken)]
            chosen = bound.setdefault((booking, bind), (free or able)[0]) if bind else (free or able)[0]
            self.taken.append((booking, chosen, a, b))
            self.db.rows('INSERT INTO booking_resource VALUES (%s, %s, %s, %s, %s, %s)', booking, step, need, chosen, a, b)

    def sign(self, uid, at=None):
        for form, in self.db.rows('SELECT f.form_id FROM booking b JOIN service_form f ON f.service_id = b.service_id'
                                  ' WHERE b.uid = %s', uid):
            self.db.rows("INSERT INTO consent (uid, booking_id, patient_id, form_version_id, body_site, laterality, further, text,"
                         " text_sha256, signer_name, signed_at, expires_at) SELECT %s, b.id, b.patient_id, (SELECT id FROM"
                         " form_version WHERE form_id = %s ORDER BY version DESC LIMIT 1), b.body_site, b.laterality,"
                         " COALESCE((SELECT GROUP_CONCAT(t.body_site, ' ', t.laterality ORDER BY t.target_no) FROM booking_target t"
                         " WHERE t.booking_id = b.id AND t.target_no > 1), ''), 'text',"
                         " UNHEX(SHA2('text', 256)), CONCAT(p.given, ' ', p.family), %s, %s FROM booking b JOIN patient p"
                         " ON p.id = b.patient_id WHERE b.uid = %s", self.uid(), form, at or now() - 86400, now() + 90 * 86400, uid)

    def withdraw(self, uid):
        self.db.rows("INSERT INTO consent_withdrawal (consent_id, at, reason) SELECT MIN(c.id), %s, 'changed my mind'"
                     " FROM consent c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s", now(), uid)

    def act(self, booking, kind, at):
        """That somebody who may do it did a step of the booking (id) then, as its row of `act` says, after its time-out."""
        if self.db.value('SELECT %s = "harvest" AND s.timeout_harvest OR %s = "inject" AND s.timeout_inject FROM booking b JOIN service s'
                         ' ON s.id = b.service_id WHERE b.id = %s', kind, kind, booking):
            self.time_out(booking, kind, at)
        self.db.rows('INSERT INTO act (booking_id, kind, at, recorded_at, staff_id, second_id, done_by, capability, capability_id)'
                     " SELECT b.id, %s, %s, %s, (SELECT MIN(id) FROM staff), (SELECT id FROM staff WHERE login = 'nurse'), d.resource_id, d.capability, d.capability_id FROM booking b"
                     ' LEFT JOIN step_doer d ON d.service_id = b.service_id AND d.kind = %s'
                     ' WHERE b.id = %s ORDER BY d.resource_id LIMIT 1', kind, at, at, 'consult' if kind == 'complete' else kind, booking)

    def time_out(self, booking, kind, at, **columns):
        """An agreed time-out of the booking (id) with the one who does the step; COLUMNS: others than these."""
        row = {'kind': kind, 'agreed': 'identity,procedure,site,consent,allergies' + (',label' if kind == 'inject' else ''), 'at': at, 'recorded_at': at}
        values = {**row, **columns}
        self.db.rows('INSERT INTO time_out (booking_id, body_site, laterality, unit_id, staff_id, done_by, %s)'
                     " SELECT b.id, b.body_site, b.laterality, IF(%%s = 'inject', (SELECT MAX(id) FROM unit WHERE booking_id = b.id), NULL),"
                     ' (SELECT MIN(id) FROM staff), (SELECT MIN(d.resource_id) FROM step_doer d WHERE d.service_id = b.service_id AND d.kind = %%s), %s'
                     ' FROM booking b WHERE b.id = %%s' % (', '.join(values), ', '.join(['%s'] * len(values))),
                     kind, kind, *values.values(), booking)

    def unit(self, uid, label):
        """A unit with this label, harvested at the beginning of the visit; `act` says by whom."""
        self.db.rows('INSERT INTO collection (booking_id, patient_id, material, taken_from, volume_ml, at, recorded_at, staff_id) SELECT b.id,'
                     " b.patient_id, p.material, IF(p.material = 'blood', 'left-arm-vein', 'left-tibia'), 15, b.starts_at, b.starts_at, 2"
                     ' FROM booking b JOIN service_product p ON p.service_id = b.service_id WHERE b.uid = %s', uid)
        self.db.rows('INSERT INTO unit (label, booking_id, patient_id, service_id, product_no, collection_id, material, body_site, laterality, volume_ml,'
                     ' harvested_at, expires_at, staff_id) SELECT %s, b.id, b.patient_id, b.service_id, p.product_no, c.id, p.material, b.body_site,'
                     ' b.laterality, 15, b.starts_at, b.starts_at + 14400, 2 FROM booking b JOIN service_product p ON p.service_id = b.service_id'
                     ' JOIN collection c ON c.booking_id = b.id WHERE b.uid = %s', label, uid)

    def doer(self, uid, kind):
        """(who did it, which login recorded it), by name and login."""
        found = self.db.rows('SELECT r.name, s.login FROM act a JOIN booking b ON b.id = a.booking_id LEFT JOIN resource r ON r.id = a.done_by'
                             ' JOIN staff s ON s.id = a.staff_id WHERE b.uid = %s AND a.kind = %s', uid, kind)
        return found[0] if found else None

    def status(self, uid):
        return self.db.value('SELECT status FROM booking WHERE uid = %s', uid)

    def label(self, uid):
        return self.db.value('SELECT u.label FROM unit u JOIN booking b ON b.id = u.booking_id WHERE b.uid = %s', uid)

    def charges(self, uid):
        return self.db.rows('SELECT c.code, c.modifier, c.total_minor FROM charge_item c JOIN booking b ON'
                            ' b.id = c.booking_id WHERE b.uid = %s ORDER BY c.line_no', uid)

    def events(self, uid):
        return [kind for kind, in self.db.rows('SELECT e.kind FROM step_event e JOIN booking b ON b.id = e.booking_id'
                                               ' WHERE b.uid = %s ORDER BY e.kind', uid)]
