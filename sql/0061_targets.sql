-- SPDX-License-Identifier: Apache-2.0
-- A booking has one or more targets, each a part of the body and its side: both knees are two. The first is the one in the row of the booking; the
-- others come from its treatment order, all of them, and stay. Nothing here lets one be forgotten: consent and harvest time-out name every target,
-- an injection is given at one of them, and a treatment is completed when each was injected or somebody said why not.

ALTER TABLE service
  ADD COLUMN IF NOT EXISTS targets_most TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'that one order may name' AFTER needs_body_site,
  ADD CONSTRAINT IF NOT EXISTS service_targets CHECK (targets_most BETWEEN 1 AND 4);

ALTER TABLE service_step
  ADD COLUMN IF NOT EXISTS further_minutes SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'more of them for each target after the first' AFTER minutes,
  ADD CONSTRAINT IF NOT EXISTS step_further CHECK (further_minutes % 5 = 0 AND further_minutes <= 1440);

CREATE TABLE IF NOT EXISTS booking_target (
  booking_id    BIGINT UNSIGNED NOT NULL,
  target_no     TINYINT UNSIGNED NOT NULL COMMENT 'from 1; the first is the booking''s own',
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'empty: not said yet, or the service asks for none',
  laterality    ENUM('none','left','right') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL,
  PRIMARY KEY (booking_id, target_no),
  UNIQUE KEY target_once (booking_id, body_site, laterality),
  UNIQUE KEY target_identity (booking_id, target_no, body_site, laterality),
  CONSTRAINT target_booking FOREIGN KEY (booking_id) REFERENCES booking (id) ON DELETE CASCADE,
  CONSTRAINT target_sane CHECK (target_no BETWEEN 1 AND 4 AND (target_no = 1 OR body_site <> ''))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'what is treated; written by triggers of booking alone';

INSERT IGNORE INTO booking_target (booking_id, target_no, body_site, laterality) SELECT id, 1, body_site, laterality FROM booking;

-- Said again to a session that writes it itself: a booking has the targets of its row and of its order, and no others.
CREATE OR REPLACE TRIGGER booking_target_fits BEFORE INSERT ON booking_target FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM booking b
     WHERE b.id = NEW.booking_id
       AND (NEW.target_no = 1 AND b.body_site = NEW.body_site AND CAST(b.laterality AS CHAR) = CAST(NEW.laterality AS CHAR)
         OR NEW.target_no > 1 AND EXISTS (
              SELECT 1 FROM treatment_order_target t
               WHERE t.order_id = b.order_id AND t.target_no = NEW.target_no AND t.body_site = NEW.body_site
                 AND CAST(t.laterality AS CHAR) = CAST(NEW.laterality AS CHAR))))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a booking has the targets that it was made with';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_target_follows BEFORE UPDATE ON booking_target FOR EACH ROW
BEGIN
  IF NEW.booking_id <> OLD.booking_id OR NEW.target_no <> 1 OR OLD.target_no <> 1 OR NOT EXISTS (
    SELECT 1 FROM booking b
     WHERE b.id = NEW.booking_id AND b.body_site = NEW.body_site AND CAST(b.laterality AS CHAR) = CAST(NEW.laterality AS CHAR))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a booking keeps the targets that it was made with';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_target_stays BEFORE DELETE ON booking_target FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a booking keeps the targets that it was made with';

CREATE OR REPLACE TRIGGER booking_has_its_targets AFTER INSERT ON booking FOR EACH ROW
BEGIN
  INSERT INTO booking_target (booking_id, target_no, body_site, laterality) VALUES (NEW.id, 1, NEW.body_site, NEW.laterality);
  IF NEW.order_id IS NOT NULL THEN
    INSERT INTO booking_target (booking_id, target_no, body_site, laterality)
      SELECT NEW.id, t.target_no, t.body_site, t.laterality FROM treatment_order_target t WHERE t.order_id = NEW.order_id AND t.target_no > 1;
  END IF;
END;

-- Until it is booked the patient may choose another place (0004, 0033), where there is no order.
CREATE OR REPLACE TRIGGER booking_moves_its_target AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.body_site <> OLD.body_site OR NEW.laterality <> OLD.laterality THEN
    UPDATE booking_target SET body_site = NEW.body_site, laterality = NEW.laterality WHERE booking_id = NEW.id AND target_no = 1;
  END IF;
END;

-- --- orders (0047) ---------------------------------------------------------------------------------------------------------------------------------

ALTER TABLE treatment_order_target
  ADD UNIQUE KEY IF NOT EXISTS order_target_once (order_id, body_site, laterality);

CREATE OR REPLACE SQL SECURITY INVOKER VIEW order_in_force AS
  SELECT o.id, o.patient_id, o.service_id, o.valid_until, t.body_site, t.laterality, o.targets
    FROM treatment_order o JOIN treatment_order_target t ON t.order_id = o.id AND t.target_no = 1
    LEFT JOIN treatment_order_revocation r ON r.order_id = o.id
   WHERE r.id IS NULL AND (SELECT COUNT(*) FROM treatment_order_target c WHERE c.order_id = o.id) = o.targets;

-- Of one part of the body either both sides are named, or it is named once.
CREATE OR REPLACE TRIGGER order_target_fits BEFORE INSERT ON treatment_order_target FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM treatment_order o JOIN service s ON s.id = o.service_id
     WHERE o.id = NEW.order_id AND NEW.target_no <= o.targets AND NEW.target_no <= s.targets_most
       AND NEW.target_no = 1 + (SELECT COUNT(*) FROM treatment_order_target t WHERE t.order_id = o.id)
       AND IF(s.needs_body_site, EXISTS (SELECT 1 FROM service_body_site b WHERE b.service_id = s.id AND b.body_site = NEW.body_site),
              NEW.body_site = '' AND NEW.laterality = 'none'))
     OR EXISTS (
    SELECT 1 FROM treatment_order_target t
     WHERE t.order_id = NEW.order_id AND t.body_site = NEW.body_site AND (t.laterality = 'none' OR NEW.laterality = 'none'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an order names as many targets as it says, of its service';
  END IF;
END;

-- What is booked goes on only under an order of exactly its targets.
CREATE OR REPLACE TRIGGER booking_keeps_its_targets BEFORE UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.order_id IS NOT NULL AND (NOT NEW.order_id <=> OLD.order_id OR NEW.status <> OLD.status AND NEW.status IN ('held', 'booked'))
     AND ((SELECT COUNT(*) FROM booking_target WHERE booking_id = NEW.id) <> (SELECT targets FROM treatment_order WHERE id = NEW.order_id)
       OR EXISTS (
         SELECT 1 FROM treatment_order_target t
          WHERE t.order_id = NEW.order_id AND t.target_no > 1 AND NOT EXISTS (
            SELECT 1 FROM booking_target x
             WHERE x.booking_id = NEW.id AND x.target_no = t.target_no AND x.body_site = t.body_site
               AND CAST(x.laterality AS CHAR) = CAST(t.laterality AS CHAR))))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a booking is of all the targets of its order';
  END IF;
END;

-- --- consents (0045): for every target ---------------------------------------------------------------------------------------------------------------

ALTER TABLE consent
  ADD COLUMN IF NOT EXISTS further VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''
    COMMENT 'the targets after the first, as signed: knee right,hip left' AFTER laterality;

-- A target after the first that a list does not name.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW consent_given AS
  SELECT c.booking_id, v.form_id, c.id AS consent_id, c.expires_at, v.needs_clinician
    FROM consent c JOIN booking b ON b.id = c.booking_id AND b.patient_id = c.patient_id
    JOIN form_version v ON v.id = c.form_version_id
    JOIN form f ON f.id = v.form_id AND (f.names_side = 0 OR (b.body_site = c.body_site AND b.laterality = c.laterality AND NOT EXISTS (
           SELECT 1 FROM booking_target t
            WHERE t.booking_id = b.id AND t.target_no > 1 AND FIND_IN_SET(CONCAT(t.body_site, ' ', CAST(t.laterality AS CHAR)), c.further) = 0)))
    LEFT JOIN consent_withdrawal w ON w.consent_id = c.id
   WHERE w.consent_id IS NULL
     AND v.version >= (SELECT COALESCE(MAX(m.version), 0) FROM form_version m WHERE m.form_id = v.form_id AND m.material = 1);

CREATE OR REPLACE SQL SECURITY INVOKER VIEW consent_in_force AS
  SELECT c.booking_id, v.form_id, c.id AS consent_id, c.expires_at, GREATEST(c.signed_at, COALESCE(x.at, 0)) AS since
    FROM consent c JOIN booking b ON b.id = c.booking_id AND b.patient_id = c.patient_id
    JOIN form_version v ON v.id = c.form_version_id
    JOIN form f ON f.id = v.form_id AND (f.names_side = 0 OR (b.body_site = c.body_site AND b.laterality = c.laterality AND NOT EXISTS (
           SELECT 1 FROM booking_target t
            WHERE t.booking_id = b.id AND t.target_no > 1 AND FIND_IN_SET(CONCAT(t.body_site, ' ', CAST(t.laterality AS CHAR)), c.further) = 0)))
    LEFT JOIN consent_withdrawal w ON w.consent_id = c.id
    LEFT JOIN consent_explained x ON x.consent_id = c.id
   WHERE w.consent_id IS NULL AND (v.needs_clinician = 0 OR x.consent_id IS NOT NULL)
     AND v.version >= (SELECT COALESCE(MAX(m.version), 0) FROM form_version m WHERE m.form_id = v.form_id AND m.material = 1);

-- --- injections: the unit is of the booking and the patient, the place is one of its targets -------------------------------------------------------------

ALTER TABLE unit
  ADD UNIQUE KEY IF NOT EXISTS unit_own (id, booking_id, patient_id, expires_at);

-- The second keys are for clusters (0012).
ALTER TABLE injection
  ADD COLUMN IF NOT EXISTS target_no TINYINT UNSIGNED NULL COMMENT 'a trigger''s to say; NULL: recorded before 0061, at the one target' AFTER laterality,
  ADD COLUMN IF NOT EXISTS again_why VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT ''
    COMMENT 'why a target was injected once more, or after it had been left',
  ADD CONSTRAINT injection_target FOREIGN KEY IF NOT EXISTS (booking_id, target_no) REFERENCES booking_target (booking_id, target_no),
  ADD CONSTRAINT injection_where FOREIGN KEY IF NOT EXISTS (booking_id, target_no, body_site, laterality)
    REFERENCES booking_target (booking_id, target_no, body_site, laterality),
  ADD CONSTRAINT injection_unit FOREIGN KEY IF NOT EXISTS (unit_id) REFERENCES unit (id),
  ADD CONSTRAINT injection_own FOREIGN KEY IF NOT EXISTS (unit_id, booking_id, patient_id, expires_at)
    REFERENCES unit (id, booking_id, patient_id, expires_at),
  DROP FOREIGN KEY IF EXISTS injection_same_patient;

-- --- targets that are not treated after all ----------------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS target_left (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  target_no     TINYINT UNSIGNED NOT NULL,
  reason        VARCHAR(200) NOT NULL,
  at            BIGINT NOT NULL,
  recorded_at   BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL COMMENT 'who recorded it',
  UNIQUE KEY left_once (booking_id, target_no),
  CONSTRAINT left_target FOREIGN KEY (booking_id, target_no) REFERENCES booking_target (booking_id, target_no),
  CONSTRAINT left_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT left_is_said CHECK (reason <> '' AND at <= recorded_at)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'a target that was not injected, and why; insert-only';

CREATE OR REPLACE TRIGGER target_left_keeps BEFORE UPDATE ON target_left FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'why a target was left never changes';

CREATE OR REPLACE TRIGGER target_left_stays BEFORE DELETE ON target_left FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'why a target was left is never deleted';

CREATE OR REPLACE TRIGGER target_left_fits BEFORE INSERT ON target_left FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status = 'in-progress')
     OR NOT EXISTS (SELECT 1 FROM booking_target WHERE booking_id = NEW.booking_id AND target_no = NEW.target_no)
     OR EXISTS (SELECT 1 FROM injection WHERE booking_id = NEW.booking_id AND target_no = NEW.target_no)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a target is left while its treatment goes on, and only one that was not injected';
  END IF;
END;

CREATE OR REPLACE TRIGGER step_event_leaves_no_target BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NEW.kind = 'complete' AND EXISTS (SELECT 1 FROM booking_target WHERE booking_id = NEW.booking_id AND target_no > 1) AND EXISTS (
    SELECT 1 FROM booking_target t
     WHERE t.booking_id = NEW.booking_id
       AND NOT EXISTS (SELECT 1 FROM injection i WHERE i.booking_id = t.booking_id AND i.target_no = t.target_no)
       AND NOT EXISTS (SELECT 1 FROM target_left l WHERE l.booking_id = t.booking_id AND l.target_no = t.target_no))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment is completed when each target was injected or it is said why not';
  END IF;
END;

-- --- time-outs (0055): of all targets before the harvest, of one before an injection --------------------------------------------------------------------

ALTER TABLE time_out
  ADD COLUMN IF NOT EXISTS further VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''
    COMMENT 'before a harvest: the targets after the first: knee right,hip left' AFTER laterality;

CREATE OR REPLACE TRIGGER time_out_names_its_targets BEFORE INSERT ON time_out FOR EACH ROW
BEGIN
  IF NEW.kind = 'harvest' AND (
    NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND body_site = NEW.body_site
                   AND CAST(laterality AS CHAR) = CAST(NEW.laterality AS CHAR))
    OR EXISTS (SELECT 1 FROM booking_target t
                WHERE t.booking_id = NEW.booking_id AND t.target_no > 1
                  AND FIND_IN_SET(CONCAT(t.body_site, ' ', CAST(t.laterality AS CHAR)), NEW.further) = 0))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out before a harvest is of every target';
  END IF;
  IF NEW.kind = 'inject' AND (NEW.further <> '' OR NOT EXISTS (
    SELECT 1 FROM booking_target WHERE booking_id = NEW.booking_id AND body_site = NEW.body_site
       AND CAST(laterality AS CHAR) = CAST(NEW.laterality AS CHAR)))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out before an injection is of one target of its booking';
  END IF;
END;

CREATE OR REPLACE TRIGGER time_out_fits BEFORE INSERT ON time_out FOR EACH ROW
BEGIN
  DECLARE step VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT NEW.kind;
  SET NEW.turn = (SELECT COUNT(*) FROM correction WHERE booking_id = NEW.booking_id AND what = 'check-in');
  IF NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status IN ('arrived', 'in-progress'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out belongs to a visit that began';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM booking_step WHERE booking_id = NEW.booking_id AND kind = step)
     OR EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = step) AND (
          NOT EXISTS (SELECT 1 FROM booking_step WHERE booking_id = NEW.booking_id AND kind = 'harvest')
          OR step = 'inject' AND NOT EXISTS (
               SELECT 1 FROM unit u LEFT JOIN unit_end e ON e.unit_id = u.id WHERE u.booking_id = NEW.booking_id AND e.unit_id IS NULL))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out precedes a step of its booking';
  END IF;
  -- Before a step that is done again: after the last time, whatever else was recorded.
  IF EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = step AND at > NEW.at)
     OR EXISTS (SELECT 1 FROM step_done WHERE booking_id = NEW.booking_id AND at > NEW.at
                   AND (kind IN ('check-in', step) OR NOT EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = step)))
     OR EXISTS (SELECT 1 FROM time_out_said t LEFT JOIN act a ON a.time_out_id = t.id
                 WHERE t.booking_id = NEW.booking_id AND t.turn = NEW.turn AND t.at > NEW.at
                   AND (t.kind = step OR COALESCE(a.part, 0) = 0 AND NOT EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = step)))
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
      SELECT 1 FROM unit u JOIN unit_ready r ON r.unit_id = u.id LEFT JOIN unit_end e ON e.unit_id = u.id
       WHERE u.id = NEW.unit_id AND r.at <= NEW.at AND u.expires_at > NEW.at AND e.unit_id IS NULL)
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out before an injection names the processed unit';
    END IF;
  END IF;
END;

-- --- injections (0055) --------------------------------------------------------------------------------------------------------------------------------

-- The keys say it, and this says it again to a session that switched keys off.
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
  IF NEW.again_why = '' AND EXISTS (SELECT 1 FROM booking_target WHERE booking_id = NEW.booking_id AND target_no > 1)
     AND (EXISTS (SELECT 1 FROM injection WHERE booking_id = NEW.booking_id AND target_no = NEW.target_no)
       OR EXISTS (SELECT 1 FROM target_left WHERE booking_id = NEW.booking_id AND target_no = NEW.target_no))
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
