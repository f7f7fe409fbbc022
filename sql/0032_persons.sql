-- SPDX-License-Identifier: Apache-2.0
-- Nobody is at two visits at once. Each visit that is booked takes its person's time as it takes that of rooms: a row for every five minutes, and the
-- key decides between two. A person is a folded name and a date of birth, because every booking from outside makes a row of patient.
--
-- Two visits at once can be right (somebody comes along), or may only be found out by people: then the second stands beside the first with a row of
-- its own, and is a question on the board until somebody says that it is right, or one of both goes.

CREATE TABLE IF NOT EXISTS counting (
  n             SMALLINT UNSIGNED NOT NULL PRIMARY KEY
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT '0 to 999, to make rows of a length: five minutes of a visit';

INSERT IGNORE INTO counting (n)
  SELECT a.n + 10 * b.n + 100 * c.n
    FROM (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) a
    JOIN (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) b
    JOIN (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) c;

CREATE TABLE IF NOT EXISTS person_time (
  person        BINARY(32) NOT NULL COMMENT 'SHA-256 of folded name and date of birth',
  granule       INT UNSIGNED NOT NULL COMMENT 'unix seconds / 300',
  beside        BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0: the visit that has this time; else the booking itself, which stands beside it',
  booking_id    BIGINT UNSIGNED NOT NULL,
  question      TINYINT NULL COMMENT '1: beside another, and nobody has said yet that this is right',
  PRIMARY KEY (person, granule, beside),
  KEY person_time_of (booking_id, granule),
  KEY person_time_question (question, granule),
  CONSTRAINT person_time_booking FOREIGN KEY (booking_id) REFERENCES booking (id) ON DELETE CASCADE,
  CONSTRAINT person_time_sane CHECK (beside = booking_id OR (beside = 0 AND question IS NULL))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'when people with a booking are at the clinic: the key makes two visits of one person at once impossible unless one stands beside the other';

-- When each live booking's person is at the clinic: from the begin of a visit to its end, waiting between its steps included. Of a course that began,
-- visits that take nobody any more were cancelled.

CREATE OR REPLACE SQL SECURITY INVOKER VIEW person_busy AS
  SELECT b.id AS booking_id, b.status,
         UNHEX(SHA2(CONCAT(COALESCE(p.family_key, p.family), '|', COALESCE(p.given_key, p.given), '|', TO_DAYS(p.birth_date)), 256)) AS person,
         a.starts_at DIV 300 + c.n AS granule
    FROM booking b
    JOIN patient p ON p.id = b.patient_id
    JOIN appointment a ON a.booking_id = b.id
    JOIN counting c ON c.n < (a.ends_at + 299) DIV 300 - a.starts_at DIV 300
   WHERE b.status IN ('held', 'booked', 'arrived', 'in-progress')
     AND NOT (a.visit_no > 1 AND b.status IN ('arrived', 'in-progress') AND NOT EXISTS (
       SELECT 1 FROM booking_step s
         JOIN booking_resource r ON r.booking_id = s.booking_id AND r.step_no = s.step_no
        WHERE s.booking_id = a.booking_id AND s.visit_no = a.visit_no));

-- Whoever books takes the person's time, by whatever statement; rows that are there already were taken beside another visit on purpose. What is over
-- gives it back, and who stood beside moves up.

CREATE OR REPLACE TRIGGER booking_takes_its_person AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  DECLARE who BINARY(32);
  DECLARE first_one, last_one INT UNSIGNED;
  DECLARE EXIT HANDLER FOR 1062 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this person has another visit then';
  IF NEW.status IN ('booked', 'arrived', 'in-progress') AND OLD.status NOT IN ('booked', 'arrived', 'in-progress')
     AND NOT EXISTS (SELECT 1 FROM person_time WHERE booking_id = NEW.id)
  THEN
    INSERT INTO person_time (person, granule, booking_id)
      SELECT person, granule, booking_id FROM person_busy WHERE booking_id = NEW.id ORDER BY granule;
  ELSEIF OLD.status IN ('booked', 'arrived', 'in-progress') AND NEW.status NOT IN ('booked', 'arrived', 'in-progress') THEN
    SELECT MIN(person), MIN(granule), MAX(granule) INTO who, first_one, last_one FROM person_time WHERE booking_id = NEW.id;
    DELETE FROM person_time WHERE booking_id = NEW.id;
    UPDATE IGNORE person_time SET beside = 0, question = NULL
     WHERE person = who AND granule BETWEEN first_one AND last_one AND beside <> 0;
  END IF;
END;

-- Another name or date of birth is another person: the time goes along, and where that person has a visit already it is a question.

CREATE OR REPLACE TRIGGER patient_takes_time_along AFTER UPDATE ON patient FOR EACH ROW
BEGIN
  DECLARE was, becomes BINARY(32);
  SET was = UNHEX(SHA2(CONCAT(COALESCE(OLD.family_key, OLD.family), '|', COALESCE(OLD.given_key, OLD.given), '|', TO_DAYS(OLD.birth_date)), 256));
  SET becomes = UNHEX(SHA2(CONCAT(COALESCE(NEW.family_key, NEW.family), '|', COALESCE(NEW.given_key, NEW.given), '|', TO_DAYS(NEW.birth_date)), 256));
  IF was <> becomes THEN
    UPDATE IGNORE person_time SET person = becomes, beside = 0, question = NULL
     WHERE person = was AND booking_id IN (SELECT id FROM booking WHERE patient_id = NEW.id);
    UPDATE person_time SET person = becomes, beside = booking_id, question = 1
     WHERE person = was AND booking_id IN (SELECT id FROM booking WHERE patient_id = NEW.id);
    UPDATE IGNORE person_time SET beside = 0, question = NULL WHERE person = was AND beside <> 0;
  END IF;
END;

ALTER TABLE booking_override
  MODIFY rule ENUM('notice','horizon','grid','opening','max-per-day','cancel-notice','move-notice','same-person') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL;
