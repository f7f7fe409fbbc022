# SPDX-License-Identifier: Apache-2.0
"""Treatments that were done, written straight into the database: what the day leaves behind for the billing staff. The
billing tests start here, because a clinic takes no bookings for yesterday."""
import datetime
import zoneinfo

ZONE = zoneinfo.ZoneInfo('America/New_York')
TOTAL = '4,600.00'

PATIENTS = '''INSERT INTO patient (uid, family, given, birth_date, gender, email, phone, address_line, city, state,
  postal_code, created_at) SELECT CONCAT('2', LPAD(%s + s.seq, 25, '0')), {family}, CONCAT('Ada ', s.seq), '1962-12-10',
  'female', 'ada@example.org', '603-555-0142', '7 Analytical Way', 'Dover', 'NH', '03820', 0 FROM seq_1_to_{n} s'''
COVERAGES = '''INSERT INTO coverage (uid, patient_id, payer_id, member_id, group_no, created_at)
  SELECT CONCAT('3', SUBSTR(uid, 2)), id, 1, CONCAT('GM', id), 'G-88', 0 FROM patient WHERE uid BETWEEN %s AND %s'''
BOOKINGS = '''INSERT INTO booking (uid, service_id, site_id, status, starts_at, ends_at, patient_id, coverage_id, self_pay,
  body_site, laterality, price_minor, currency, created_at, booked_at)
  SELECT CONCAT('1', SUBSTR(p.uid, 2)), 1, 1, 'in-progress', %s + 300 * (p.id %% 97), %s + 300 * (p.id %% 97), p.id, c.id,
  c.id IS NULL, 'knee', 'right', 460000, 'USD', 0, 0
  FROM patient p LEFT JOIN coverage c ON c.patient_id = p.id WHERE p.uid BETWEEN %s AND %s'''
CHARGES = '''INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, modifier, description, quantity,
  unit_minor, total_minor, currency, on_claim, service_date, practitioner_id, created_at)
  SELECT b.id, f.line_no, f.step_kind, f.code_system, f.code, IF(f.side_modifier, 'RT', ''), f.description, f.quantity,
  f.unit_minor, f.unit_minor * f.quantity, f.currency, f.on_claim, %s, 1, 0
  FROM booking b JOIN service_charge f ON f.service_id = b.service_id WHERE b.uid BETWEEN %s AND %s'''
DIAGNOSES = '''INSERT INTO booking_diagnosis (booking_id, seq, code) SELECT id, 1, 'M17.11' FROM booking
  WHERE uid BETWEEN %s AND %s'''
DONE = "UPDATE booking SET status = 'completed' WHERE uid BETWEEN %s AND %s"


def yesterday():
    return datetime.datetime.now(ZONE).date() - datetime.timedelta(days=1)


def completed(database, n=1, insured=True, family='Lovelace', day=None, status='completed', own=False):
    """Makes N treatments of right knees, done yesterday unless DAY is given; their uids in order. OWN: insured, and one line of $800 is the
    patient's, so that there is something to invoice and something to claim."""
    day = day or yesterday()
    start = int(datetime.datetime.combine(day, datetime.time(9), ZONE).timestamp())
    base = int(database.value("SELECT COALESCE(MAX(id), 0) FROM patient")) * 1000 + 1000
    first, last = ('%025d' % (base + i) for i in (1, n))
    database.rows(PATIENTS.format(family="'%s'" % family, n=n), base)
    if insured:
        database.rows(COVERAGES, '2' + first, '2' + last)
    database.rows(BOOKINGS, start, start + 7200, '2' + first, '2' + last)
    database.rows(CHARGES, day.isoformat(), '1' + first, '1' + last)
    database.rows(DIAGNOSES, '1' + first, '1' + last)
    if own:
        database.rows('UPDATE charge_item c JOIN booking b ON b.id = c.booking_id SET c.on_claim = 0 WHERE c.line_no = 2 AND b.uid BETWEEN %s AND %s',
                      '1' + first, '1' + last)
    if status == 'completed':
        database.rows(DONE, '1' + first, '1' + last)
    return [row[0] for row in database.rows('SELECT uid FROM booking WHERE uid BETWEEN %s AND %s ORDER BY uid',
                                            '1' + first, '1' + last)]
