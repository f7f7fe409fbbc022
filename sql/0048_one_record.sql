-- SPDX-License-Identifier: Apache-2.0
-- One person, one record. Every booking from outside makes a row of patient; that two rows are one person is said by staff, by a row more: which
-- record stands for which, why, by whom. Nothing is copied or rewritten, so a merge can be taken apart again, by another row.

ALTER TABLE patient
  ADD COLUMN IF NOT EXISTS merged_into BIGINT UNSIGNED NULL COMMENT 'the record that stands for this one: what the open row of patient_merge says, and nothing else',
  ADD CONSTRAINT patient_stands FOREIGN KEY IF NOT EXISTS (merged_into) REFERENCES patient (id),
  ADD KEY IF NOT EXISTS patient_same (family_key, given_key, birth_date),
  ADD KEY IF NOT EXISTS patient_phone_born (phone_key, birth_date),
  ADD KEY IF NOT EXISTS patient_email_born (email_key, birth_date);

CREATE TABLE IF NOT EXISTS patient_merge (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  merged_id     BIGINT UNSIGNED NOT NULL,
  turn          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how often this record was merged before',
  kept_id       BIGINT UNSIGNED NOT NULL COMMENT 'the record that stands for it',
  reason        VARCHAR(200) NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NULL COMMENT 'NULL: regenctl',
  UNIQUE KEY merge_turn (merged_id, turn),
  KEY merge_kept (kept_id),
  CONSTRAINT merge_of FOREIGN KEY (merged_id) REFERENCES patient (id),
  CONSTRAINT merge_into FOREIGN KEY (kept_id) REFERENCES patient (id),
  CONSTRAINT merge_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT merge_of_two CHECK (merged_id <> kept_id),
  CONSTRAINT merge_is_said CHECK (reason <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'which record of a person stands for which';

CREATE TABLE IF NOT EXISTS patient_unmerge (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  merge_id      BIGINT UNSIGNED NOT NULL,
  reason        VARCHAR(200) NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NULL COMMENT 'NULL: regenctl',
  UNIQUE KEY unmerge_once (merge_id),
  CONSTRAINT unmerge_of FOREIGN KEY (merge_id) REFERENCES patient_merge (id),
  CONSTRAINT unmerge_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT unmerge_is_said CHECK (reason <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'merges that were taken apart again';

CREATE TABLE IF NOT EXISTS patient_distinct (
  low           BIGINT UNSIGNED NOT NULL COMMENT 'the record with the smaller id',
  high          BIGINT UNSIGNED NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NULL COMMENT 'NULL: regenctl',
  PRIMARY KEY (low, high),
  KEY distinct_high (high),
  CONSTRAINT distinct_low FOREIGN KEY (low) REFERENCES patient (id),
  CONSTRAINT distinct_other FOREIGN KEY (high) REFERENCES patient (id),
  CONSTRAINT distinct_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT distinct_sane CHECK (low < high)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'pairs of records that look alike and are two people: not asked about again';

CREATE OR REPLACE TRIGGER patient_merge_keeps BEFORE UPDATE ON patient_merge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a merge never changes; take it apart';

CREATE OR REPLACE TRIGGER patient_merge_stays BEFORE DELETE ON patient_merge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a merge is never deleted; take it apart';

CREATE OR REPLACE TRIGGER patient_unmerge_keeps BEFORE UPDATE ON patient_unmerge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'that a merge was taken apart never changes; merge again';

CREATE OR REPLACE TRIGGER patient_unmerge_stays BEFORE DELETE ON patient_unmerge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'that a merge was taken apart is never deleted; merge again';

CREATE OR REPLACE TRIGGER patient_distinct_keeps BEFORE UPDATE ON patient_distinct FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'that two are not one person never changes';

CREATE OR REPLACE TRIGGER patient_distinct_stays BEFORE DELETE ON patient_distinct FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'that two are not one person is never deleted; merge them';

-- How alike two records are: points for what they share. Pairs with fewer than "shown" are not shown. The numbers are the clinic's to change.

CREATE TABLE IF NOT EXISTS duplicate_rule (
  name          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  points        SMALLINT UNSIGNED NOT NULL
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'points of two records for what they share; shown: how many make a likely duplicate';

INSERT IGNORE INTO duplicate_rule (name, points)
  VALUES ('name', 50), ('birth-date', 40), ('phone', 30), ('email', 30), ('shown', 70);

-- Both records are written first: of two merges at once that share a record one waits for the other, on any node, and then reads what it left. So
-- there is no chain and no circle, also without foreign keys. A record is not merged while cells of either are on their way: the label and the
-- page must say one name. Different dates of birth are two people until one of the dates is corrected.
CREATE OR REPLACE TRIGGER patient_merge_fits BEFORE INSERT ON patient_merge FOR EACH ROW
BEGIN
  DECLARE many, stands, born BIGINT DEFAULT 0;
  UPDATE patient SET changed_at = 0 WHERE id IN (NEW.merged_id, NEW.kept_id) ORDER BY id;
  UPDATE booking SET version = version + 1 WHERE patient_id IN (NEW.merged_id, NEW.kept_id) AND status IN ('arrived', 'in-progress') ORDER BY id;
  SELECT COUNT(*), COUNT(merged_into), COUNT(DISTINCT birth_date) INTO many, stands, born
    FROM patient WHERE id IN (NEW.merged_id, NEW.kept_id) FOR UPDATE;
  IF many <> 2 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a merge is of two records';
  END IF;
  IF stands > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'one of these records is merged already';
  END IF;
  SELECT COUNT(*) INTO many FROM patient WHERE merged_into = NEW.merged_id FOR UPDATE;
  IF many > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a record that stands for others is not merged';
  END IF;
  IF born <> 1 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'different dates of birth are two people';
  END IF;
  SELECT COUNT(*) INTO many FROM unit u JOIN booking b ON b.id = u.booking_id
   WHERE b.patient_id IN (NEW.merged_id, NEW.kept_id) AND b.status IN ('arrived', 'in-progress')
     AND NOT EXISTS (SELECT 1 FROM injection i WHERE i.unit_id = u.id) AND NOT EXISTS (SELECT 1 FROM unit_disposal d WHERE d.unit_id = u.id)
     LOCK IN SHARE MODE;
  IF many > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no record is merged while material is in process';
  END IF;
  SET NEW.turn = (SELECT COUNT(*) FROM patient_merge WHERE merged_id = NEW.merged_id);
END;

CREATE OR REPLACE TRIGGER patient_unmerge_fits BEFORE INSERT ON patient_unmerge FOR EACH ROW
BEGIN
  DECLARE merged, kept, stands BIGINT;
  DECLARE many BIGINT DEFAULT 0;
  SELECT merged_id, kept_id INTO merged, kept FROM patient_merge WHERE id = NEW.merge_id;
  UPDATE patient SET changed_at = 0 WHERE id IN (merged, kept) ORDER BY id;
  UPDATE booking SET version = version + 1 WHERE patient_id IN (merged, kept) AND status IN ('arrived', 'in-progress') ORDER BY id;
  SELECT merged_into INTO stands FROM patient WHERE id = merged FOR UPDATE;
  IF NOT stands <=> kept THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is no such merge to take apart';
  END IF;
  SELECT COUNT(*) INTO many FROM unit u JOIN booking b ON b.id = u.booking_id
   WHERE b.patient_id IN (merged, kept) AND b.status IN ('arrived', 'in-progress')
     AND NOT EXISTS (SELECT 1 FROM injection i WHERE i.unit_id = u.id) AND NOT EXISTS (SELECT 1 FROM unit_disposal d WHERE d.unit_id = u.id)
     LOCK IN SHARE MODE;
  IF many > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no merge is taken apart while material is in process';
  END IF;
END;

-- Who wants no reminders as one of them wants none as the other.
CREATE OR REPLACE TRIGGER patient_merge_counts AFTER INSERT ON patient_merge FOR EACH ROW
BEGIN
  UPDATE patient SET merged_into = NEW.kept_id WHERE id = NEW.merged_id;
  INSERT IGNORE INTO recall_opt_out (patient_id, at, actor)
    SELECT p.id, NEW.at, 'merge' FROM patient p
     WHERE (p.id = NEW.kept_id OR p.merged_into = NEW.kept_id)
       AND EXISTS (SELECT 1 FROM recall_opt_out o JOIN patient q ON q.id = o.patient_id WHERE q.id = NEW.kept_id OR q.merged_into = NEW.kept_id);
END;

CREATE OR REPLACE TRIGGER patient_unmerge_counts AFTER INSERT ON patient_unmerge FOR EACH ROW
  UPDATE patient SET merged_into = NULL WHERE id = (SELECT merged_id FROM patient_merge WHERE id = NEW.merge_id);

CREATE OR REPLACE TRIGGER patient_starts_as_itself BEFORE INSERT ON patient FOR EACH ROW
BEGIN
  IF NEW.merged_into IS NOT NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'which record stands for another is said by a merge';
  END IF;
END;

CREATE OR REPLACE TRIGGER patient_stands_as_said BEFORE UPDATE ON patient FOR EACH ROW
BEGIN
  IF NOT (NEW.merged_into <=> OLD.merged_into) AND NOT (NEW.merged_into <=> (
    SELECT MAX(m.kept_id) FROM patient_merge m LEFT JOIN patient_unmerge u ON u.merge_id = m.id WHERE m.merged_id = OLD.id AND u.merge_id IS NULL))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'which record stands for another is said by a merge';
  END IF;
END;

-- A person's time (0032) is that of all their records, under the name of the one that stands for them.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW person_busy AS
  SELECT b.id AS booking_id, b.status,
         UNHEX(SHA2(CONCAT(COALESCE(p.family_key, p.family), '|', COALESCE(p.given_key, p.given), '|', TO_DAYS(p.birth_date)), 256)) AS person,
         a.starts_at DIV 300 + c.n AS granule
    FROM booking b
    JOIN patient o ON o.id = b.patient_id
    JOIN patient p ON p.id = COALESCE(o.merged_into, o.id)
    JOIN appointment a ON a.booking_id = b.id
    JOIN counting c ON c.n < (a.ends_at + 299) DIV 300 - a.starts_at DIV 300
   WHERE b.status IN ('held', 'booked', 'arrived', 'in-progress')
     AND NOT (a.visit_no > 1 AND b.status IN ('arrived', 'in-progress') AND NOT EXISTS (
       SELECT 1 FROM booking_step s
         JOIN booking_resource r ON r.booking_id = s.booking_id AND r.step_no = s.step_no
        WHERE s.booking_id = a.booking_id AND s.visit_no = a.visit_no));

-- Another name, another date of birth or another record that stands for this one is another person: the time goes along, and where that person has
-- a visit already it is a question.
CREATE OR REPLACE TRIGGER patient_takes_time_along AFTER UPDATE ON patient FOR EACH ROW
BEGIN
  DECLARE was, becomes, other BINARY(32);
  SET was = UNHEX(SHA2(CONCAT(COALESCE(OLD.family_key, OLD.family), '|', COALESCE(OLD.given_key, OLD.given), '|', TO_DAYS(OLD.birth_date)), 256));
  SET becomes = UNHEX(SHA2(CONCAT(COALESCE(NEW.family_key, NEW.family), '|', COALESCE(NEW.given_key, NEW.given), '|', TO_DAYS(NEW.birth_date)), 256));
  IF OLD.merged_into IS NOT NULL OR NEW.merged_into IS NOT NULL THEN
    SELECT UNHEX(SHA2(CONCAT(COALESCE(family_key, family), '|', COALESCE(given_key, given), '|', TO_DAYS(birth_date)), 256)) INTO other
      FROM patient WHERE id = COALESCE(NEW.merged_into, OLD.merged_into);
    SET was = IF(OLD.merged_into IS NULL, was, other), becomes = IF(NEW.merged_into IS NULL, becomes, other);
  END IF;
  IF was <> becomes THEN
    UPDATE IGNORE person_time SET person = becomes, beside = 0, question = NULL
     WHERE person = was AND booking_id IN (
       SELECT b.id FROM booking b JOIN patient p ON p.id = b.patient_id WHERE p.id = NEW.id OR p.merged_into = NEW.id);
    UPDATE person_time SET person = becomes, beside = booking_id, question = 1
     WHERE person = was AND booking_id IN (
       SELECT b.id FROM booking b JOIN patient p ON p.id = b.patient_id WHERE p.id = NEW.id OR p.merged_into = NEW.id);
    UPDATE IGNORE person_time SET beside = 0, question = NULL WHERE person = was AND beside <> 0;
  END IF;
END;

-- A visit answers the recalls (0035) of all records of its person.
CREATE OR REPLACE TRIGGER booking_answers_recalls AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  DECLARE one BIGINT UNSIGNED;
  IF NEW.status <> OLD.status AND NEW.patient_id IS NOT NULL THEN
    IF NEW.status = 'booked' THEN
      SELECT COALESCE(merged_into, id) INTO one FROM patient WHERE id = NEW.patient_id;
      UPDATE recall SET status = 'booked', answer_booking_id = NEW.id
       WHERE patient_id = one AND status IN ('open', 'attempted')
         AND (answer_booking_id = NEW.id OR due_from <= DATE('1970-01-01') + INTERVAL (NEW.starts_at DIV 86400 + 14) DAY);
      UPDATE recall r JOIN patient p ON p.merged_into = one AND p.id = r.patient_id
         SET r.status = 'booked', r.answer_booking_id = NEW.id
       WHERE r.status IN ('open', 'attempted')
         AND (r.answer_booking_id = NEW.id OR r.due_from <= DATE('1970-01-01') + INTERVAL (NEW.starts_at DIV 86400 + 14) DAY);
      UPDATE recall r JOIN patient was ON was.id = r.patient_id JOIN patient p ON p.id = NEW.patient_id
         AND p.family_key = was.family_key AND p.given_key = was.given_key AND p.birth_date = was.birth_date
         SET r.status = 'booked'
       WHERE r.answer_booking_id = NEW.id AND r.status IN ('open', 'attempted');
    ELSEIF NEW.status = 'completed' THEN
      UPDATE recall SET status = 'done' WHERE answer_booking_id = NEW.id AND status = 'booked';
    ELSEIF NEW.status IN ('cancelled', 'no-show', 'expired') THEN
      UPDATE recall r
         SET r.status = IF(EXISTS (SELECT 1 FROM recall_attempt a WHERE a.recall_id = r.id), 'attempted', 'open'),
             r.answer_booking_id = NULL
       WHERE r.answer_booking_id = NEW.id AND r.status IN ('open', 'attempted', 'booked');
    END IF;
  END IF;
END;

-- A record that was merged, or that stands for another, keeps its name as one that was booked (0035): staff said whose it is.
CREATE OR REPLACE TRIGGER patient_keeps_its_name BEFORE UPDATE ON patient FOR EACH ROW
BEGIN
  IF NOT (BINARY NEW.family <=> BINARY OLD.family AND BINARY NEW.given <=> BINARY OLD.given AND NEW.birth_date <=> OLD.birth_date)
     AND ((SELECT COUNT(*) FROM booking WHERE patient_id = OLD.id) > 1
       OR EXISTS (SELECT 1 FROM booking WHERE patient_id = OLD.id
                   AND (status NOT IN ('held', 'expired') OR booked_at IS NOT NULL OR created_at > OLD.created_at))
       OR EXISTS (SELECT 1 FROM consent WHERE patient_id = OLD.id)
       OR EXISTS (SELECT 1 FROM patient_merge WHERE merged_id = OLD.id OR kept_id = OLD.id))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a name and a date of birth stay once a booking, a signature or another hold goes by them';
  END IF;
END;
