-- SPDX-License-Identifier: Apache-2.0
-- The time-out: what the team says aloud and agrees on right before a harvest and before an injection, as a record, where the service asks for it.
-- Off for what exists. One that was stopped is a record, too, and nothing is done until a new one is agreed.

ALTER TABLE service
  ADD COLUMN IF NOT EXISTS timeout_harvest TINYINT NOT NULL DEFAULT 0 COMMENT 'a time-out precedes the harvest',
  ADD COLUMN IF NOT EXISTS timeout_inject TINYINT NOT NULL DEFAULT 0 COMMENT 'a time-out precedes the injection';

CREATE TABLE IF NOT EXISTS time_out (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  kind          ENUM('harvest','inject') NOT NULL COMMENT 'the step that it precedes',
  turn          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how often the check-in of this booking was taken back before',
  unit_id       BIGINT UNSIGNED NULL COMMENT 'before an injection: what is to be injected',
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'as booked, as is the side',
  laterality    ENUM('none','left','right') NOT NULL,
  agreed        SET('identity','procedure','site','consent','label','allergies') NOT NULL COMMENT 'what was said and agreed',
  stopped       ENUM('identity','procedure','site','consent','label','allergies') NULL COMMENT 'what did not agree; NULL: nothing',
  note          VARCHAR(200) NOT NULL DEFAULT '',
  at            BIGINT NOT NULL,
  recorded_at   BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL COMMENT 'who recorded it',
  done_by       INT UNSIGNED NULL COMMENT 'the practitioner who takes part, and then does the step',
  second_id     INT UNSIGNED NULL COMMENT 'the second person who took part, by their own password; never who recorded it',
  KEY time_out_of (booking_id, kind),
  CONSTRAINT time_out_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT time_out_unit FOREIGN KEY (unit_id) REFERENCES unit (id),
  CONSTRAINT time_out_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT time_out_done_by FOREIGN KEY (done_by) REFERENCES resource (id),
  CONSTRAINT time_out_second FOREIGN KEY (second_id) REFERENCES staff (id),
  CONSTRAINT time_out_not_ahead CHECK (at <= recorded_at),
  CONSTRAINT time_out_two_people CHECK (second_id IS NULL OR second_id <> staff_id),
  CONSTRAINT time_out_whole CHECK (stopped IS NOT NULL OR agreed & 47 = 47 AND (unit_id IS NULL OR agreed & 16 = 16)),
  CONSTRAINT time_out_one_answer CHECK (stopped IS NULL OR FIND_IN_SET(stopped, agreed) = 0),
  CONSTRAINT time_out_label CHECK (kind = 'inject' OR unit_id IS NULL AND agreed & 16 = 0 AND (stopped IS NULL OR stopped <> 'label'))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'spoken checks before a step; insert-only';

CREATE OR REPLACE TRIGGER time_out_keeps BEFORE UPDATE ON time_out FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out never changes; hold a new one';

CREATE OR REPLACE TRIGGER time_out_stays BEFORE DELETE ON time_out FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out is never deleted; hold a new one';

-- What is wrong in it is corrected by taking it back (0044), with the reason. It stays, and does not count anymore.
ALTER TABLE correction
  MODIFY what ENUM('check-in','complete','end','no-show','harvest-volume','concentrate-volume','kit-lot','harvest-by','process-by','inject-by','consult-by','time-out-harvest','time-out-inject') NOT NULL;

ALTER TABLE correction
  DROP CONSTRAINT IF EXISTS correction_value;

ALTER TABLE correction
  ADD CONSTRAINT IF NOT EXISTS correction_value CHECK ((new_value = '') = (what IN ('check-in', 'complete', 'end', 'no-show', 'time-out-harvest', 'time-out-inject')));

CREATE OR REPLACE SQL SECURITY INVOKER VIEW time_out_said AS
  SELECT t.id, t.booking_id, t.kind, t.turn, t.unit_id, t.agreed, t.stopped, t.at, t.done_by
    FROM time_out t LEFT JOIN correction c ON c.row_id = t.id AND c.turn = 0 AND c.what = CONCAT('time-out-', t.kind)
   WHERE c.id IS NULL;

CREATE OR REPLACE TRIGGER correction_names_a_time_out BEFORE INSERT ON correction FOR EACH ROW
BEGIN
  IF NEW.what IN ('time-out-harvest', 'time-out-inject') AND NOT EXISTS (
    SELECT 1 FROM time_out_said WHERE id = NEW.row_id AND booking_id = NEW.booking_id AND CONCAT('time-out-', kind) = NEW.what)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is no time-out of the kind to take back';
  END IF;
END;

-- Which time-out can be written down. One that was stopped says what it can.
CREATE OR REPLACE TRIGGER time_out_fits BEFORE INSERT ON time_out FOR EACH ROW
BEGIN
  DECLARE step VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT NEW.kind;
  SET NEW.turn = (SELECT COUNT(*) FROM correction WHERE booking_id = NEW.booking_id AND what = 'check-in');
  IF NOT EXISTS (
    SELECT 1 FROM booking WHERE id = NEW.booking_id AND status IN ('arrived', 'in-progress') AND body_site = NEW.body_site
      AND CAST(laterality AS CHAR) = CAST(NEW.laterality AS CHAR))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out belongs to a visit that began, and to the site and side booked';
  END IF;
  IF EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = step)
     OR NOT EXISTS (SELECT 1 FROM booking_step WHERE booking_id = NEW.booking_id AND kind = step)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out precedes a step of its booking';
  END IF;
  IF EXISTS (SELECT 1 FROM step_done WHERE booking_id = NEW.booking_id AND at > NEW.at)
     OR EXISTS (SELECT 1 FROM time_out_said WHERE booking_id = NEW.booking_id AND turn = NEW.turn AND at > NEW.at)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out is not held before what was recorded before';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id AND active = 1)
     OR NEW.second_id IS NOT NULL AND (NOT EXISTS (
          SELECT 1 FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role IN ('clinician', 'admin') WHERE s.id = NEW.second_id AND s.active = 1)
        OR EXISTS (SELECT 1 FROM staff a JOIN staff b ON b.resource_id = a.resource_id WHERE a.id = NEW.staff_id AND b.id = NEW.second_id))
     OR NEW.done_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM resource WHERE id = NEW.done_by AND kind = 'practitioner')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who takes part in a time-out is a practitioner, and a second person is somebody else';
  END IF;
  IF NEW.unit_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM unit WHERE id = NEW.unit_id AND booking_id = NEW.booking_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out names a unit of its booking';
  END IF;
  IF NEW.stopped IS NULL THEN
    IF EXISTS (SELECT 1 FROM booking b JOIN step_asks a ON a.service_id = b.service_id WHERE b.id = NEW.booking_id AND a.kind = step) AND NOT EXISTS (
      SELECT 1 FROM booking b JOIN step_doer d ON d.service_id = b.service_id
       WHERE b.id = NEW.booking_id AND d.kind = step AND d.resource_id = NEW.done_by AND d.since <= NEW.at AND (d.until IS NULL OR NEW.at < d.until))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who does the step takes part in its time-out';
    END IF;
    IF EXISTS (
      SELECT 1 FROM booking b JOIN service_form sf ON sf.service_id = b.service_id
       WHERE b.id = NEW.booking_id AND NOT EXISTS (
         SELECT 1 FROM consent_in_force f WHERE f.booking_id = b.id AND f.form_id = sf.form_id AND f.expires_at > NEW.at AND f.since < NEW.at + 60))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'nobody agrees on a consent that is not in force';
    END IF;
    IF NEW.kind = 'inject' AND EXISTS (SELECT 1 FROM booking_step WHERE booking_id = NEW.booking_id AND kind = 'harvest') AND NOT EXISTS (
      SELECT 1 FROM unit u JOIN unit_processing x ON x.unit_id = u.id LEFT JOIN unit_disposal d ON d.unit_id = u.id
       WHERE u.id = NEW.unit_id AND x.at <= NEW.at AND u.expires_at > NEW.at AND d.unit_id IS NULL)
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out before an injection names the processed unit';
    END IF;
  END IF;
END;

-- The last one counts: agreed, of this check-in, after the step before, at most two hours old (in C: RG_TIME_OUT_HOLDS), with the one who does the
-- step. A stop counts whatever the service asks for.
CREATE OR REPLACE TRIGGER act_follows_its_time_out BEFORE INSERT ON act FOR EACH ROW
BEGIN
  DECLARE last_one BIGINT UNSIGNED;
  IF NEW.kind IN ('harvest', 'inject') THEN
    SET last_one = (SELECT MAX(id) FROM time_out WHERE booking_id = NEW.booking_id AND CAST(kind AS CHAR) = CAST(NEW.kind AS CHAR));
    IF EXISTS (SELECT 1 FROM time_out_said WHERE id = last_one AND stopped IS NOT NULL) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the time-out was stopped, and no new one is agreed';
    END IF;
    IF EXISTS (
      SELECT 1 FROM booking b JOIN service s ON s.id = b.service_id
       WHERE b.id = NEW.booking_id AND (NEW.kind = 'harvest' AND s.timeout_harvest = 1 OR NEW.kind = 'inject' AND s.timeout_inject = 1))
      AND NOT EXISTS (
        SELECT 1 FROM time_out_said t
         WHERE t.id = last_one AND t.at <= NEW.at AND NEW.at - t.at <= 7200 AND (NEW.done_by IS NULL OR NEW.done_by <=> t.done_by)
           AND t.turn = (SELECT COUNT(*) FROM correction WHERE booking_id = NEW.booking_id AND what = 'check-in')
           AND t.at >= COALESCE((SELECT MAX(at) FROM step_done WHERE booking_id = NEW.booking_id), 0))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this service asks for a time-out right before this step';
    END IF;
  END IF;
END;

CREATE OR REPLACE TRIGGER injection_is_the_unit_named AFTER INSERT ON injection FOR EACH ROW
BEGIN
  IF EXISTS (
    SELECT 1 FROM time_out_said t
     WHERE t.id = (SELECT MAX(id) FROM time_out WHERE booking_id = NEW.booking_id AND kind = 'inject') AND NOT t.unit_id <=> NEW.unit_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the unit is not the one that the time-out named';
  END IF;
END;
