# SPDX-License-Identifier: Apache-2.0
"""The clinic of the booking tests (thirteen resources, the service `chain`) filled with as many bookings as asked for, in bulk. Used
by bench_times.py; bench_booking.c fills its own in the same way."""
import datetime
import os
import re

HERE = os.path.dirname(os.path.abspath(__file__))
EPOCH = datetime.date(1970, 1, 1)


def statements():
    """The statements of tests/lib/booking_clinic.h: one source for the C programs and for this."""
    with open(os.path.join(HERE, '..', 'lib', 'booking_clinic.h'), encoding='utf-8') as f:
        body = f.read().split('booking_clinic[] = {', 1)[1].rsplit('};', 1)[0]
    body = re.sub(r'/\*.*?\*/', '', body, flags=re.S)
    for words in re.split(r'",\s*(?="(?:INSERT|SET|CREATE|DROP) )', body):
        yield ''.join(re.findall(r'"((?:[^"\\]|\\.)*)"', words if words.endswith('"') else words + '"'))


def today():
    return (datetime.date.today() - EPOCH).days


FILL = '''
CREATE OR REPLACE TABLE bench_slot (n INT AUTO_INCREMENT PRIMARY KEY, resource_id INT, granule INT, booking_id INT);
INSERT INTO bench_slot (resource_id, granule) SELECT r.seq, d.seq * 288 + 156 + s.seq * 6 FROM seq_%(first)d_to_%(last)d d
  JOIN seq_0_to_17 s JOIN seq_1_to_13 r WHERE (d.seq + 3) %% 7 < 5 AND CRC32(CONCAT_WS('-', d.seq, s.seq, r.seq)) %% 20 < 7
  ORDER BY d.seq, s.seq, r.seq;
SET @before = (SELECT COALESCE(MAX(id), 0) FROM booking), @slots = (SELECT COUNT(*) FROM bench_slot);
UPDATE bench_slot SET booking_id = @before + 1 + (n - 1) * %(bookings)d DIV @slots;
DROP TRIGGER IF EXISTS booking_begins_quoted;
INSERT INTO booking (id, uid, service_id, site_id, status, starts_at, ends_at, patient_id, self_pay, price_minor, currency,
  created_at) SELECT booking_id, LPAD(booking_id, 26, '0'), 2, 1, 'booked', MIN(granule) * 300, MAX(granule) * 300 + 1800, 1, 1,
  100, 'USD', 0 FROM bench_slot GROUP BY booking_id;
INSERT INTO occupancy SELECT resource_id, granule + g.seq, booking_id FROM bench_slot JOIN seq_0_to_5 g
  ORDER BY resource_id, granule + g.seq;
INSERT INTO day_bitmap (resource_id, day, w2, w3, w4) SELECT resource_id, granule DIV 288,
  BIT_OR(IF(at DIV 64 = 2, CAST(1 AS UNSIGNED) << (at MOD 64), CAST(0 AS UNSIGNED))),
  BIT_OR(IF(at DIV 64 = 3, CAST(1 AS UNSIGNED) << (at MOD 64), CAST(0 AS UNSIGNED))),
  BIT_OR(IF(at DIV 64 = 4, CAST(1 AS UNSIGNED) << (at MOD 64), CAST(0 AS UNSIGNED)))
  FROM (SELECT resource_id, granule, granule MOD 288 + g.seq AS at FROM bench_slot JOIN seq_0_to_5 g) x GROUP BY 1, 2;
DROP TABLE bench_slot;
ANALYZE TABLE booking, occupancy, day_bitmap;
'''


def fill(database, first, last, bookings):
    """Seven in twenty half-hours of working days FIRST..LAST (days since 1970) taken, shared out among BOOKINGS bookings."""
    database.admin('USE regen;' + FILL % dict(first=first, last=last, bookings=bookings))


def make(database):
    database.admin('USE regen;' + ';'.join(statements()) + '; UPDATE service SET horizon_days = 730, notice_minutes = 0;')


def next_month():
    d = datetime.date.today().replace(day=1) + datetime.timedelta(days=32)
    return d.replace(day=1)
