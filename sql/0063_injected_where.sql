-- SPDX-License-Identifier: Apache-2.0
-- Which of several targets a unit was injected at can be recorded wrongly: the needle went into the left knee, and the right one was chosen. It is corrected
-- by a row more (0044), and what counts is read through a view. Why a target was left counts as long as the completion it was said at.

-- --- corrections (0044, 0055) -------------------------------------------------------------------------------------------------------------------------

ALTER TABLE correction
  MODIFY what ENUM('check-in','complete','end','no-show','harvest-volume','concentrate-volume','kit-lot','harvest-by','process-by','inject-by','consult-by','time-out-harvest','time-out-inject','manipulation','inject-target') NOT NULL;

-- One row for both of two that were recorded the wrong way round: between two rows, each alone, one target would be injected twice and the other never.
ALTER TABLE correction
  ADD COLUMN IF NOT EXISTS with_unit BIGINT UNSIGNED NULL COMMENT 'inject-target: the unit that was injected where this one was recorded; the two change places' AFTER new_value,
  ADD COLUMN IF NOT EXISTS with_time_out TINYINT NOT NULL DEFAULT 0 COMMENT 'inject-target: the time-out before it was said for the right target and recorded wrongly, too' AFTER with_unit,
  ADD COLUMN IF NOT EXISTS again TINYINT NOT NULL DEFAULT 0 COMMENT 'inject-target: another unit was injected there, too' AFTER with_time_out,
  ADD KEY IF NOT EXISTS correction_with (with_unit),
  ADD CONSTRAINT correction_with_unit FOREIGN KEY IF NOT EXISTS (with_unit) REFERENCES unit (id),
  ADD CONSTRAINT IF NOT EXISTS correction_of_target CHECK (what = 'inject-target' OR with_unit IS NULL AND with_time_out = 0 AND again = 0),
  ADD CONSTRAINT IF NOT EXISTS correction_one_way CHECK (with_time_out IN (0, 1) AND again IN (0, 1) AND (with_unit IS NULL OR again = 0 AND with_unit <> row_id));

-- Where each unit was injected, as corrected last: itself, or together with another one. "knee left" is a target as consents have it.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW injection_given AS
  SELECT i.unit_id, i.booking_id, i.act_id, i.injected_at, c.id AS correction_id,
         COALESCE((SELECT t.target_no FROM booking_target t
                    WHERE t.booking_id = i.booking_id
                      AND CONCAT(CONVERT(t.body_site USING utf8mb4), CONVERT(' ' USING utf8mb4), CAST(t.laterality AS CHAR CHARACTER SET utf8mb4))
                          = IF(c.row_id = i.unit_id, c.new_value, c.old_value) COLLATE utf8mb4_bin), i.target_no) AS target_no,
         IF(c.id IS NULL, i.again_why, IF(c.again = 1, c.reason, '')) AS again_why
    FROM injection i
    LEFT JOIN correction c ON c.id = GREATEST(
           COALESCE((SELECT MAX(x.id) FROM correction x WHERE x.row_id = i.unit_id AND x.booking_id = i.booking_id AND x.what = 'inject-target'), 0),
           COALESCE((SELECT MAX(y.id) FROM correction y WHERE y.with_unit = i.unit_id AND y.booking_id = i.booking_id AND y.what = 'inject-target'), 0));

-- --- targets that were left: until the completion is taken back ---------------------------------------------------------------------------------------

ALTER TABLE target_left
  ADD COLUMN IF NOT EXISTS turn TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many completions were taken back before' AFTER target_no;

-- What a completion that counts said of a target that was never injected stays; the rest belongs to one that was taken back.
DROP TRIGGER IF EXISTS target_left_keeps;

UPDATE target_left l JOIN booking b ON b.id = l.booking_id AND b.status = 'completed'
   SET l.turn = (SELECT COUNT(*) FROM correction c WHERE c.booking_id = l.booking_id AND c.what = 'complete')
 WHERE NOT EXISTS (SELECT 1 FROM injection i WHERE i.booking_id = l.booking_id AND i.target_no = l.target_no);

CREATE OR REPLACE TRIGGER target_left_keeps BEFORE UPDATE ON target_left FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'why a target was left never changes';

ALTER TABLE target_left
  ADD UNIQUE KEY IF NOT EXISTS left_once_a_turn (booking_id, target_no, turn),
  DROP KEY IF EXISTS left_once;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW target_left_out AS
  SELECT l.id, l.booking_id, l.target_no, l.reason, l.at, l.recorded_at, l.staff_id
    FROM target_left l
   WHERE l.turn = (SELECT COUNT(*) FROM correction c WHERE c.booking_id = l.booking_id AND c.what = 'complete');

CREATE OR REPLACE TRIGGER target_left_fits BEFORE INSERT ON target_left FOR EACH ROW
BEGIN
  SET NEW.turn = (SELECT COUNT(*) FROM correction WHERE booking_id = NEW.booking_id AND what = 'complete');
  IF COALESCE(TRIM(NEW.reason), '') = '' OR NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status = 'in-progress')
     OR NOT EXISTS (SELECT 1 FROM booking_target WHERE booking_id = NEW.booking_id AND target_no = NEW.target_no)
     OR EXISTS (SELECT 1 FROM injection_given WHERE booking_id = NEW.booking_id AND target_no = NEW.target_no)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a target is left while its treatment goes on, and only one that was not injected';
  END IF;
END;

CREATE OR REPLACE TRIGGER step_event_leaves_no_target BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NEW.kind = 'complete' AND EXISTS (SELECT 1 FROM booking_target WHERE booking_id = NEW.booking_id AND target_no > 1) AND EXISTS (
    SELECT 1 FROM booking_target t
     WHERE t.booking_id = NEW.booking_id
       AND NOT EXISTS (SELECT 1 FROM injection_given i WHERE i.booking_id = t.booking_id AND i.target_no = t.target_no)
       AND NOT EXISTS (SELECT 1 FROM target_left_out l WHERE l.booking_id = t.booking_id AND l.target_no = t.target_no))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment is completed when each target was injected or it is said why not';
  END IF;
END;

-- --- what may be corrected ----------------------------------------------------------------------------------------------------------------------------

-- A time-out that counts and the injection after it are of one target: both are corrected, or the time-out is taken back before. A treatment that is
-- completed keeps the rule of completions.
CREATE OR REPLACE TRIGGER correction_names_a_target BEFORE INSERT ON correction FOR EACH ROW
BEGIN
  DECLARE was, goes TINYINT UNSIGNED;
  DECLARE state, words VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
  -- Also where a session looks at no CHECK: a row of another kind says nothing of targets.
  IF NEW.what <> 'inject-target' AND NOT (NEW.with_unit IS NULL AND NEW.with_time_out <=> 0 AND NEW.again <=> 0)
     OR NOT COALESCE(NEW.with_time_out IN (0, 1) AND NEW.again IN (0, 1) AND (NEW.with_unit IS NULL OR NEW.again = 0 AND NEW.with_unit <> NEW.row_id), 0)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'only the correction of a target says with what, and in one way';
  END IF;
  IF NEW.what = 'inject-target' THEN
    SELECT status INTO state FROM booking WHERE id = NEW.booking_id FOR UPDATE;
    -- What counts is the last one by its number.
    IF NEW.id <> 0 AND NEW.id <= (SELECT COALESCE(MAX(id), 0) FROM correction) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a correction follows those before it';
    END IF;
    SET was = (SELECT target_no FROM injection_given WHERE unit_id = NEW.row_id AND booking_id = NEW.booking_id);
    SET words = (SELECT CONCAT(CONVERT(body_site USING utf8mb4), ' ', CAST(laterality AS CHAR)) FROM booking_target
                  WHERE booking_id = NEW.booking_id AND target_no = was);
    SET goes = (SELECT target_no FROM booking_target WHERE booking_id = NEW.booking_id
                   AND BINARY CONCAT(CONVERT(body_site USING utf8mb4), ' ', CAST(laterality AS CHAR)) = BINARY NEW.new_value);
    IF was IS NULL OR goes IS NULL OR was = goes OR NOT BINARY words <=> BINARY NEW.old_value THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an injection is corrected from where it is recorded to another target of its booking';
    END IF;
    IF NEW.with_unit IS NOT NULL AND NOT EXISTS (
         SELECT 1 FROM injection_given WHERE unit_id = NEW.with_unit AND booking_id = NEW.booking_id AND target_no = goes)
       OR NEW.with_unit IS NULL AND NOT NEW.again <=> EXISTS (
         SELECT 1 FROM injection_given WHERE booking_id = NEW.booking_id AND target_no = goes AND unit_id <> NEW.row_id)
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a target is injected once, unless a correction says that both were, or that the two change places';
    END IF;
    IF EXISTS (SELECT 1 FROM target_left_out WHERE booking_id = NEW.booking_id AND target_no = goes) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this target was left; take the completion back first';
    END IF;
    IF NOT NEW.with_time_out <=> EXISTS (
      SELECT 1 FROM injection i JOIN act a ON a.id = i.act_id JOIN time_out_said t ON t.id = a.time_out_id
       WHERE i.unit_id IN (NEW.row_id, COALESCE(NEW.with_unit, 0)))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out and the injection after it are of one target';
    END IF;
    IF NEW.with_unit IS NULL
       AND (state = 'completed' OR EXISTS (SELECT 1 FROM step_done WHERE booking_id = NEW.booking_id AND kind = 'complete'))
       AND NOT EXISTS (SELECT 1 FROM injection_given WHERE booking_id = NEW.booking_id AND target_no = was AND unit_id <> NEW.row_id)
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a completed treatment would leave a target without a reason; take the completion back first';
    END IF;
  END IF;
END;

-- --- injections (0061): by what is on record now ------------------------------------------------------------------------------------------------------

CREATE OR REPLACE TRIGGER injection_is_allowed BEFORE INSERT ON injection FOR EACH ROW
BEGIN
  SET NEW.act_id = (SELECT MAX(id) FROM act WHERE booking_id = NEW.booking_id AND kind = 'inject' AND at = NEW.injected_at);
  IF NEW.act_id IS NULL OR EXISTS (SELECT 1 FROM injection WHERE act_id = NEW.act_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no injection without who gave it';
  END IF;
  SET NEW.target_no = (SELECT target_no FROM booking_target WHERE booking_id = NEW.booking_id AND body_site = NEW.body_site
                          AND CAST(laterality AS CHAR) = CAST(NEW.laterality AS CHAR));
  IF NEW.target_no IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an injection is given at a target of its booking';
  END IF;
  IF COALESCE(NEW.again_why, '') = '' AND EXISTS (SELECT 1 FROM booking_target WHERE booking_id = NEW.booking_id AND target_no > 1)
     AND (EXISTS (SELECT 1 FROM injection_given WHERE booking_id = NEW.booking_id AND target_no = NEW.target_no)
       OR EXISTS (SELECT 1 FROM target_left_out WHERE booking_id = NEW.booking_id AND target_no = NEW.target_no))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a target is injected once, unless it is said why again';
  END IF;
  IF EXISTS (
    SELECT 1 FROM act a JOIN time_out t ON t.id = a.time_out_id
     WHERE a.id = NEW.act_id AND (t.body_site <> NEW.body_site OR CAST(t.laterality AS CHAR) <> CAST(NEW.laterality AS CHAR)))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the target is not the one that the time-out named';
  END IF;
  IF NOT EXISTS (
    SELECT 1 FROM unit u JOIN unit_ready r ON r.unit_id = u.id JOIN booking b ON b.id = u.booking_id
     WHERE u.id = NEW.unit_id AND u.booking_id = NEW.booking_id AND u.patient_id = NEW.patient_id AND b.patient_id = NEW.patient_id
       AND u.expires_at = NEW.expires_at
       AND r.at <= NEW.injected_at AND NEW.injected_at < u.expires_at)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a unit is injected into whom it is for, processed and in time';
  END IF;
END;
