-- SPDX-License-Identifier: Apache-2.0
-- That two visits of a person at one time are right is said of two bookings, and of no third: so it is kept for each pair. What stands beside another is a
-- question as long as there is a pair that nobody said it of, whichever of them had the time first and whichever goes.

CREATE TABLE IF NOT EXISTS person_settled (
  low           BIGINT UNSIGNED NOT NULL COMMENT 'the booking with the smaller id',
  high          BIGINT UNSIGNED NOT NULL,
  settled_at    BIGINT NOT NULL,
  PRIMARY KEY (low, high),
  KEY person_settled_high (high),
  CONSTRAINT person_settled_low FOREIGN KEY (low) REFERENCES booking (id) ON DELETE CASCADE,
  CONSTRAINT person_settled_other FOREIGN KEY (high) REFERENCES booking (id) ON DELETE CASCADE,
  CONSTRAINT person_settled_sane CHECK (low < high)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'pairs of bookings of one person at one time of which somebody said that both are right';

-- What was settled so far was settled with whatever was there.

INSERT INTO person_settled (low, high, settled_at)
  SELECT DISTINCT LEAST(t.booking_id, f.booking_id), GREATEST(t.booking_id, f.booking_id), UNIX_TIMESTAMP()
    FROM person_time t
    JOIN person_time f ON f.person = t.person AND f.granule = t.granule AND f.booking_id <> t.booking_id
   WHERE t.beside <> 0 AND t.question IS NULL
  ON DUPLICATE KEY UPDATE low = VALUES(low);

UPDATE person_time SET question = 1 WHERE beside <> 0 AND question IS NULL;

-- From here on the column marks every row that stands beside another one: the key by which they are found.

ALTER TABLE person_time
  ADD CONSTRAINT IF NOT EXISTS person_time_marked CHECK ((beside = 0) = (question IS NULL));
