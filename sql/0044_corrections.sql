-- SPDX-License-Identifier: Apache-2.0
-- What was recorded wrongly is corrected by a row more, which names what it corrects, the old and the new value, why and by whom. The old row stays.
-- A step or an ending that was taken back may be recorded again: its next turn.

CREATE TABLE IF NOT EXISTS correction (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  what          ENUM('check-in','complete','end','no-show','harvest-volume','concentrate-volume','kit-lot') NOT NULL,
  row_id        BIGINT UNSIGNED NOT NULL COMMENT 'of step_event, booking_ending, booking (no-show) or unit',
  turn          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how often it was corrected before',
  old_value     VARCHAR(255) NOT NULL,
  new_value     VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'empty: taken back',
  reason        VARCHAR(200) NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY correction_turn (row_id, what, turn),
  KEY correction_of (booking_id, what),
  CONSTRAINT correction_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT correction_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT correction_is_said CHECK (reason <> ''),
  CONSTRAINT correction_value CHECK ((new_value = '') = (what IN ('check-in', 'complete', 'end', 'no-show')))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'what corrects what was recorded';

CREATE OR REPLACE TRIGGER correction_keeps BEFORE UPDATE ON correction FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a correction never changes; correct once more';

CREATE OR REPLACE TRIGGER correction_stays BEFORE DELETE ON correction FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a correction is never deleted; correct once more';

-- The steps that count, and the endings.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW step_done AS
  SELECT e.id, e.booking_id, e.kind, e.at, e.recorded_at, e.late_reason, e.staff_id
    FROM step_event e LEFT JOIN correction c ON c.row_id = e.id AND c.turn = 0 AND CAST(c.what AS CHAR) = CAST(e.kind AS CHAR)
   WHERE c.id IS NULL;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW visit_ended AS
  SELECT n.id, n.booking_id, n.reason, n.note, n.at, n.recorded_at, n.staff_id
    FROM booking_ending n LEFT JOIN correction c ON c.row_id = n.id AND c.what = 'end' AND c.turn = 0
   WHERE c.id IS NULL;

ALTER TABLE step_event
  ADD COLUMN IF NOT EXISTS turn TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many steps of this kind of this booking were taken back before';

ALTER TABLE step_event
  ADD UNIQUE KEY IF NOT EXISTS step_once_a_turn (booking_id, kind, turn),
  DROP KEY IF EXISTS step_once;

CREATE OR REPLACE TRIGGER step_event_has_its_turn BEFORE INSERT ON step_event FOR EACH ROW
  SET NEW.turn = (SELECT COUNT(*) FROM correction WHERE booking_id = NEW.booking_id AND CAST(what AS CHAR) = CAST(NEW.kind AS CHAR));

CREATE OR REPLACE TRIGGER step_event_in_order BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM step_done WHERE booking_id = NEW.booking_id AND at > NEW.at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a step is not done before the step before it';
  END IF;
END;

CREATE OR REPLACE TRIGGER step_event_needs_place BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM step_done WHERE booking_id = NEW.booking_id) AND EXISTS (
    SELECT 1 FROM booking b JOIN service s ON s.id = b.service_id
     WHERE b.id = NEW.booking_id AND s.needs_body_site = 1 AND b.body_site = '')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no step starts before it is said what is treated';
  END IF;
END;

CREATE OR REPLACE TRIGGER step_event_before_the_end BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status = 'completed') AND EXISTS (
    SELECT 1 FROM visit_ended WHERE booking_id = NEW.booking_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'nothing is done in a visit that ended early';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_ending_has_its_turn BEFORE INSERT ON booking_ending FOR EACH ROW
  SET NEW.turn = (SELECT COUNT(*) FROM correction WHERE booking_id = NEW.booking_id AND what = 'end');

-- Only what nothing followed is taken back; only what is recorded is corrected, from what it is now.
CREATE OR REPLACE TRIGGER correction_fits BEFORE INSERT ON correction FOR EACH ROW
BEGIN
  DECLARE state, was VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
  SELECT status INTO state FROM booking WHERE id = NEW.booking_id;
  SET NEW.turn = (SELECT COUNT(*) FROM correction WHERE row_id = NEW.row_id AND what = NEW.what);
  IF NEW.what IN ('check-in', 'complete', 'end') AND NEW.turn > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this was taken back already';
  END IF;
  IF NEW.what IN ('check-in', 'complete') AND NOT EXISTS (
    SELECT 1 FROM step_event WHERE id = NEW.row_id AND booking_id = NEW.booking_id AND CAST(kind AS CHAR) = CAST(NEW.what AS CHAR))
    OR NEW.what = 'end' AND NOT EXISTS (SELECT 1 FROM booking_ending WHERE id = NEW.row_id AND booking_id = NEW.booking_id)
    OR NEW.what = 'no-show' AND (NEW.row_id <> NEW.booking_id OR NOT state <=> 'no-show')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is nothing of the kind to take back';
  END IF;
  IF NEW.what = 'check-in' AND (NOT state <=> 'arrived' OR EXISTS (
    SELECT 1 FROM step_done WHERE booking_id = NEW.booking_id AND kind <> 'check-in'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a check-in stays once something followed it';
  END IF;
  IF NEW.what IN ('complete', 'end') AND (NOT state <=> 'completed' OR EXISTS (SELECT 1 FROM invoice WHERE booking_id = NEW.booking_id)
    OR EXISTS (SELECT 1 FROM claim WHERE booking_id = NEW.booking_id))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what is over stays once it is invoiced or claimed';
  END IF;
  IF NEW.what IN ('harvest-volume', 'concentrate-volume', 'kit-lot') THEN
    SET was = (SELECT new_value FROM correction WHERE row_id = NEW.row_id AND what = NEW.what ORDER BY turn DESC LIMIT 1);
    IF was IS NULL AND NEW.what = 'harvest-volume' THEN
      SET was = (SELECT volume_ml FROM unit WHERE id = NEW.row_id AND booking_id = NEW.booking_id);
    ELSEIF was IS NULL THEN
      SET was = (SELECT IF(NEW.what = 'kit-lot', x.kit_lot, x.volume_ml) FROM unit_processing x JOIN unit u ON u.id = x.unit_id
                  WHERE x.unit_id = NEW.row_id AND u.booking_id = NEW.booking_id);
    END IF;
    IF NOT BINARY was <=> BINARY NEW.old_value THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a correction names what is recorded now';
    END IF;
  END IF;
END;

-- What is not over is no work for billing, and the recalls that it answered are open again.
CREATE OR REPLACE TRIGGER booking_reopened_is_no_work AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF OLD.status = 'completed' AND NEW.status <> 'completed' THEN
    DELETE FROM billing_work WHERE booking_id = NEW.id;
    UPDATE recall SET status = 'booked' WHERE answer_booking_id = NEW.id AND status = 'done';
  END IF;
END;

-- Whose visit counts again is at the clinic again at that time (0032): beside another visit, if there is one by now, and the board asks.
CREATE OR REPLACE TRIGGER booking_takes_its_person AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  DECLARE who BINARY(32);
  DECLARE first_one, last_one INT UNSIGNED;
  DECLARE EXIT HANDLER FOR 1062 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this person has another visit then';
  IF NEW.status IN ('booked', 'arrived', 'in-progress') AND OLD.status NOT IN ('booked', 'arrived', 'in-progress')
     AND NOT EXISTS (SELECT 1 FROM person_time WHERE booking_id = NEW.id)
  THEN
    IF OLD.status IN ('completed', 'no-show') THEN
      INSERT INTO person_time (person, granule, booking_id)
        SELECT b.person, b.granule, b.booking_id FROM person_busy b
         WHERE b.booking_id = NEW.id
           AND NOT EXISTS (SELECT 1 FROM person_time h WHERE h.person = b.person AND h.granule = b.granule AND h.beside = 0)
         ORDER BY b.granule;
      INSERT INTO person_time (person, granule, beside, booking_id, question)
        SELECT b.person, b.granule, b.booking_id, b.booking_id, 1 FROM person_busy b
         WHERE b.booking_id = NEW.id
           AND NOT EXISTS (SELECT 1 FROM person_time h WHERE h.booking_id = b.booking_id AND h.granule = b.granule)
         ORDER BY b.granule;
    ELSE
      INSERT INTO person_time (person, granule, booking_id)
        SELECT person, granule, booking_id FROM person_busy WHERE booking_id = NEW.id ORDER BY granule;
    END IF;
  ELSEIF OLD.status IN ('booked', 'arrived', 'in-progress') AND NEW.status NOT IN ('booked', 'arrived', 'in-progress') THEN
    SELECT MIN(person), MIN(granule), MAX(granule) INTO who, first_one, last_one FROM person_time WHERE booking_id = NEW.id;
    DELETE FROM person_time WHERE booking_id = NEW.id;
    UPDATE IGNORE person_time SET beside = 0, question = NULL
     WHERE person = who AND granule BETWEEN first_one AND last_one AND beside <> 0;
  END IF;
END;
