# SPDX-License-Identifier: Apache-2.0
"""Years of a busy clinic, written straight into a database of the test's own in bulk: enough rows that a statement which reads a
whole table stands out from one that reads what it needs. Twenty consultations each working day around today, each with its
patient, step, people and rooms, occupancy, visit, message and recalls; and what else grows with the years."""

PER_DAY = 20
GROWING = ('booking', 'patient', 'booking_step', 'booking_resource', 'appointment', 'occupancy', 'message', 'recall', 'waitlist',
           'audit_event', 'idempotency', 'visitor_session')

# {n} bookings, {first} the first day (since 1970), {now} unix seconds; uids are numbers.
# Without quotes: one by one they take longer than everything else.
FILL = '''
CREATE TABLE many (n INT PRIMARY KEY, day INT, at BIGINT, KEY (day));
INSERT INTO many SELECT s.seq, d.day, d.day * 86400 + 50400 + s.seq %% 20 DIV 4 * 3600 FROM seq_0_to_%(last)d s JOIN
  (SELECT ROW_NUMBER() OVER (ORDER BY seq) - 1 AS i, seq AS day FROM seq_%(first)d_to_%(until)d WHERE (seq + 3) %% 7 < 5) d
  ON d.i = s.seq DIV 20;
SET @p = (SELECT COALESCE(MAX(id), 0) + 1 FROM patient), @b = (SELECT COALESCE(MAX(id), 0) + 1 FROM booking);
INSERT INTO patient (id, uid, family, given, birth_date, gender, email, phone, address_line, city, state, postal_code, created_at,
  changed_at) SELECT @p + n, CONCAT('4', LPAD(n, 25, '0')), CONCAT(CHAR(65 + n %% 26 USING ascii), 'family', n), CONCAT(CHAR(65 + n %% 23 USING ascii), 'given'),
  '1940-01-01' + INTERVAL n %% 20000 DAY, 'female', CONCAT('p', n, '@example.org'), CONCAT('603-555-', n), '1 Street', 'Dover', 'NH',
  '03820', at - 864000, at - 864000 FROM many;
UPDATE patient SET family_key = LOWER(family), given_key = LOWER(given), email_key = LOWER(email), changed_at = -1,
  phone_key = CONCAT(IF(LENGTH(phone) = 12, '1', ''), REPLACE(phone, '-', '')) WHERE id >= @p;
DROP TRIGGER IF EXISTS booking_begins_quoted;
INSERT INTO booking (id, uid, service_id, site_id, status, starts_at, ends_at, patient_id, self_pay, body_site, laterality,
  price_minor, currency, link_hash, created_at, booked_at)
  SELECT @b + n, CONCAT('4', LPAD(n, 25, '0')), 3, 1, IF(at > %(now)d, 'booked', ELT(1 + n %% 10, 'cancelled', 'no-show', 'completed', 'completed',
  'completed', 'completed', 'completed', 'completed', 'completed', 'completed')), at, at + 2400, @p + n, 1, 'knee', 'right', 22000,
  'USD', UNHEX(SHA2(n, 256)), at - 864000, at - 864000 FROM many;
INSERT INTO booking_step SELECT @b + n, 2, 'consult', 'Consultation', 1, at, at + 2400 FROM many;
INSERT INTO booking_resource SELECT @b + n, 2, 1, 1 + n %% 4, at, at + 2400 FROM many
  UNION ALL SELECT @b + n, 2, 2, 5 + n %% 4, at, at + 2400 FROM many;
INSERT INTO appointment (uid, booking_id, visit_no, starts_at, ends_at) SELECT CONCAT('4', LPAD(n, 25, '0')), @b + n, 1, at, at + 2400 FROM many;
INSERT INTO occupancy SELECT r.resource_id, r.busy_from DIV 300 + g.seq, r.booking_id FROM booking_resource r JOIN booking b
  ON b.id = r.booking_id JOIN seq_0_to_7 g WHERE r.booking_id >= @b AND b.status = 'booked';
INSERT INTO day_bitmap (resource_id, day, w0, w1, w2, w3, w4) SELECT resource_id, granule DIV 288, %(words)s
  FROM occupancy GROUP BY 1, 2 ON DUPLICATE KEY UPDATE w0 = VALUES(w0), w1 = VALUES(w1), w2 = VALUES(w2), w3 = VALUES(w3),
  w4 = VALUES(w4);
INSERT INTO message (uid, kind, about_id, about_version, booking_id, patient_id, to_name, to_email, starts_at, ends_at, visits,
  site_name, site_address, site_phone, time_zone, created_at) SELECT CONCAT('4', LPAD(n, 25, '0')), 'confirmation', @b + n, 1, @b + n, @p + n,
  'A', 'a@example.org', at, at + 2400, '', 'S', 'A', 'P', 'America/New_York', at - 864000 FROM many;
INSERT INTO recall (uid, booking_id, seq, patient_id, kind, reason, title, due_from, due_until, status, created_at)
  SELECT CONCAT('4', LPAD(n, 25, '0')), @b + n, 1, @p + n, 'follow-up', 'check', 'Check', DATE(FROM_UNIXTIME(at)) + INTERVAL 45 DAY,
  DATE(FROM_UNIXTIME(at)) + INTERVAL 60 DAY, IF(n %% 10 = 5 AND at > %(now)d - 8640000, 'open', 'done'), at FROM many
  WHERE at < %(now)d;
INSERT INTO waitlist (uid, service_id, first_day, last_day, times, family, given, email, phone, status, closed_why, link_hash,
  created_at) SELECT CONCAT('4', LPAD(n, 25, '0')), 3, DATE(FROM_UNIXTIME(at)), DATE(FROM_UNIXTIME(at)), 1, 'W', 'W', 'w@example.org', '1',
  'closed', 'expired', UNHEX(SHA2(CONCAT('w', n), 256)), at FROM many WHERE at < %(now)d;
INSERT INTO audit_event (at, actor, action, entity, entity_id, writer, seq, mac, mac_key) SELECT at, 'system', 'book', 'booking', @b + n,
  UNHEX(REPEAT('00', 16)), n + 1, UNHEX(REPEAT('00', 32)), 1 FROM many;
INSERT INTO idempotency (key_hash, request_hash, result, created_at) SELECT UNHEX(SHA2(n, 256)), UNHEX(SHA2(n, 256)), '', %(now)d
  FROM many;
INSERT INTO visitor_session (token_hash, created_at, expires_at) SELECT UNHEX(SHA2(n, 256)), %(now)d, %(now)d + 86400 FROM many;
INSERT INTO visitor_booking (session_id, booking_id) SELECT s.id, @b + n FROM many JOIN visitor_session s ON s.token_hash = UNHEX(SHA2(n, 256));
ANALYZE TABLE booking, patient, booking_step, booking_resource, appointment, occupancy, day_bitmap, message, recall, waitlist,
  audit_event, idempotency, visitor_session, visitor_booking;
DROP TABLE many;
'''
WORD = 'BIT_OR(IF(granule MOD 288 DIV 64 = %d, CAST(1 AS UNSIGNED) << (granule MOD 288 MOD 64), CAST(0 AS UNSIGNED)))'


def fill(database, bookings, today, now):
    """BOOKINGS bookings, two thirds of them before TODAY (days since 1970)."""
    days = bookings // PER_DAY * 7 // 5
    first = today - days * 2 // 3
    database.admin('USE regen;' + FILL % dict(last=bookings - 1, first=first, until=first + days + 30, now=now,
                                              words=', '.join(WORD % i for i in range(5))))
