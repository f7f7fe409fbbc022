# SPDX-License-Identifier: Apache-2.0
"""Treatments that were done, written straight into the database: what the day leaves behind for the billing staff. The
billing tests start here, because a clinic takes no bookings for yesterday."""
import datetime
import zoneinfo

import env

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
  SELECT b.id, f.line_no, f.step_kind, '', f.code, f.side, f.description, 1, f.amount, f.amount, 'USD', 1, %s, 1, 0
  FROM booking b JOIN (SELECT 1 AS line_no, 'harvest' AS step_kind, 'BMAC-HARVEST' AS code, '' AS side, 'Bone-marrow harvest' AS description, 150000 AS amount
    UNION ALL SELECT 2, 'process', 'BMAC-PROCESS', '', 'Concentration of bone marrow', 80000
    UNION ALL SELECT 3, 'inject', 'BMAC-KNEE', 'RT', 'Injection of bone-marrow concentrate, knee', 230000) f
  WHERE b.uid BETWEEN %s AND %s'''
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


# --- prices: what is published never changes, so a new price is a new version with everything of the one before -----------------------------

LINE = ('service_id, line_no, step_kind, code_system, code, modifiers, side_modifier, description, units, unit_minor, currency, on_claim, applies')


def publish(database, schedule, change, since='UNIX_TIMESTAMP()'):
    """A new version of SCHEDULE (its id): the lines of the newest one, changed by CHANGE(version) before it is published."""
    old = database.value('SELECT version_id FROM fee_publication WHERE schedule_id = %s ORDER BY valid_at DESC, id DESC LIMIT 1', schedule)
    database.rows('INSERT INTO fee_schedule_version (schedule_id, made_at) VALUES (%s, UNIX_TIMESTAMP())', schedule)
    version = database.value('SELECT MAX(id) FROM fee_schedule_version')
    change(old, version)
    database.rows("INSERT INTO fee_publication (version_id, schedule_id, valid_from, valid_at, at) VALUES (%%s, %%s, CURRENT_DATE, %s, UNIX_TIMESTAMP())" % since,
                  version, schedule)
    return version


def copied(database, old, new, but=0, **to):
    """The lines of version OLD in NEW; those of the service BUT with other values: unit_minor=…, units=…, currency=…."""
    columns = ', '.join('IF(service_id = %d, %r, %s)' % (but, to[c], c) if c in to else c for c in LINE.split(', '))
    database.rows('INSERT INTO fee_line (version_id, %s) SELECT %%s, %s FROM fee_line WHERE version_id = %%s' % (LINE, columns), new, old)


def reprice(database, code, since='UNIX_TIMESTAMP()', **to):
    """Another price of the service CODE in the self-pay schedule, from now on."""
    service = database.value('SELECT id FROM service WHERE code = %s', code)
    return publish(database, 1, lambda old, new: copied(database, old, new, service, **to), since)


def wait_for_prices(database):
    """Until what was published to begin in a moment is in force."""
    env.wait_until(lambda: not database.value('SELECT COUNT(*) FROM fee_publication WHERE valid_at BETWEEN UNIX_TIMESTAMP() AND UNIX_TIMESTAMP() + 60'), 30)


def price_new(database):
    """A price for every service that has none, as its row says: in the self-pay schedule of its site."""
    for (site,) in database.rows('SELECT DISTINCT s.site_id FROM service s WHERE NOT EXISTS (SELECT 1 FROM fee_line l WHERE l.service_id = s.id)'):
        if not database.value('SELECT COUNT(*) FROM fee_schedule WHERE site_id = %s AND payer_id IS NULL', site):
            database.rows("INSERT INTO fee_schedule (code, name, site_id) VALUES (%s, 'At the site', %s)", 'site-%d' % site, site)
        schedule = database.value('SELECT id FROM fee_schedule WHERE site_id = %s AND payer_id IS NULL', site)

        def add(old, new, site=site):
            if old:
                copied(database, old, new)
            database.rows("INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, unit_minor, currency)"
                          " SELECT %s, s.id, 1, (SELECT t.kind FROM service_step t WHERE t.service_id = s.id"
                          " ORDER BY FIELD(t.kind, 'harvest', 'inject', 'consult') DESC, t.step_no LIMIT 1), UPPER(LEFT(s.code, 16)), s.name,"
                          " IF(s.price_minor > 0, s.price_minor, 10000), s.currency FROM service s"
                          " WHERE s.site_id = %s AND NOT EXISTS (SELECT 1 FROM fee_line l WHERE l.service_id = s.id)", new, site)
        publish(database, schedule, add)
