-- SPDX-License-Identifier: Apache-2.0
-- Who did a step: a person who had, at that time, the capability that the service's step asks for. The login that records it may be another's. What
-- was recorded so far does not say who did it, and nothing is invented.

-- Capabilities with their times. The rows of resource_capability are those of now; triggers keep what was.
ALTER TABLE resource_capability
  ADD COLUMN IF NOT EXISTS since BIGINT NOT NULL DEFAULT 0 COMMENT 'counts from then on; 0: always';

CREATE TABLE IF NOT EXISTS capability_given (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  resource_id   INT UNSIGNED NOT NULL,
  capability    VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  since         BIGINT NOT NULL,
  UNIQUE KEY given_identity (id, resource_id, capability),
  KEY given_capability (capability, resource_id),
  CONSTRAINT given_resource FOREIGN KEY (resource_id) REFERENCES resource (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'written by triggers of resource_capability alone';

CREATE TABLE IF NOT EXISTS capability_ended (
  given_id      BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  at            BIGINT NOT NULL,
  CONSTRAINT ended_given FOREIGN KEY (given_id) REFERENCES capability_given (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'written by triggers of resource_capability alone';

CREATE OR REPLACE TRIGGER capability_given_keeps BEFORE UPDATE ON capability_given FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what somebody could do never changes; it ends';

CREATE OR REPLACE TRIGGER capability_given_stays BEFORE DELETE ON capability_given FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what somebody could do is never deleted; it ends';

CREATE OR REPLACE TRIGGER capability_ended_keeps BEFORE UPDATE ON capability_ended FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the end of a capability never changes; it is given again';

CREATE OR REPLACE TRIGGER capability_ended_stays BEFORE DELETE ON capability_ended FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the end of a capability is never deleted; it is given again';

CREATE OR REPLACE TRIGGER resource_capability_is_given AFTER INSERT ON resource_capability FOR EACH ROW
  INSERT INTO capability_given (resource_id, capability, since) VALUES (NEW.resource_id, NEW.capability, NEW.since);

CREATE OR REPLACE TRIGGER resource_capability_is_ended AFTER DELETE ON resource_capability FOR EACH ROW
  INSERT INTO capability_ended (given_id, at)
    SELECT g.id, UNIX_TIMESTAMP() FROM capability_given g LEFT JOIN capability_ended e ON e.given_id = g.id
     WHERE g.resource_id = OLD.resource_id AND g.capability = OLD.capability AND e.given_id IS NULL;

CREATE OR REPLACE TRIGGER resource_capability_is_changed AFTER UPDATE ON resource_capability FOR EACH ROW
BEGIN
  IF NEW.resource_id <> OLD.resource_id OR NEW.capability <> OLD.capability OR NEW.since <> OLD.since THEN
    INSERT INTO capability_ended (given_id, at)
      SELECT g.id, UNIX_TIMESTAMP() FROM capability_given g LEFT JOIN capability_ended e ON e.given_id = g.id
       WHERE g.resource_id = OLD.resource_id AND g.capability = OLD.capability AND e.given_id IS NULL;
    INSERT INTO capability_given (resource_id, capability, since) VALUES (NEW.resource_id, NEW.capability, NEW.since);
  END IF;
END;

INSERT INTO capability_given (resource_id, capability, since)
  SELECT c.resource_id, c.capability, c.since FROM resource_capability c
   WHERE NOT EXISTS (SELECT 1 FROM capability_given g WHERE g.resource_id = c.resource_id AND g.capability = c.capability);

-- What a step asks of the person who does it: the first of its needs that is a person's, which is one that some practitioner meets or met.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW need_word AS
  SELECT service_id, step_no, need_no, capability FROM service_need
  UNION ALL SELECT service_id, step_no, need_no, capability FROM service_need_any;

CREATE OR REPLACE SQL SECURITY INVOKER VIEW step_asks AS
  SELECT t.service_id, t.kind, w.capability
    FROM service_step t JOIN need_word w ON w.service_id = t.service_id AND w.step_no = t.step_no
   WHERE w.need_no = (
     SELECT MIN(n.need_no) FROM need_word n JOIN capability_given g ON g.capability = n.capability
       JOIN resource r ON r.id = g.resource_id AND r.kind = 'practitioner'
      WHERE n.service_id = t.service_id AND n.step_no = t.step_no);

CREATE OR REPLACE SQL SECURITY INVOKER VIEW step_doer AS
  SELECT a.service_id, a.kind, g.id AS capability_id, g.resource_id, g.capability, g.since, e.at AS until
    FROM step_asks a JOIN capability_given g ON g.capability = a.capability
    JOIN resource r ON r.id = g.resource_id AND r.kind = 'practitioner'
    LEFT JOIN capability_ended e ON e.given_id = g.id;

CREATE TABLE IF NOT EXISTS act (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  kind          ENUM('harvest','process','inject','complete') NOT NULL COMMENT 'complete: a consultation',
  turn          TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many steps of this kind of this booking were taken back before',
  at            BIGINT NOT NULL COMMENT 'the step''s',
  recorded_at   BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL COMMENT 'who recorded it',
  done_by       INT UNSIGNED NULL COMMENT 'the practitioner who did it; NULL: the step asks nothing of a person',
  capability    VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NULL,
  capability_id BIGINT UNSIGNED NULL COMMENT 'by which they could',
  UNIQUE KEY act_once (booking_id, kind, turn),
  CONSTRAINT act_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT act_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT act_done_by FOREIGN KEY (done_by) REFERENCES resource (id),
  CONSTRAINT act_capability FOREIGN KEY (capability_id) REFERENCES capability_given (id),
  CONSTRAINT act_capable FOREIGN KEY (capability_id, done_by, capability) REFERENCES capability_given (id, resource_id, capability),
  CONSTRAINT act_not_ahead CHECK (at <= recorded_at),
  CONSTRAINT act_whole CHECK ((capability IS NULL) = (capability_id IS NULL) AND (capability_id IS NULL OR done_by IS NOT NULL))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'who did a step; insert-only';

CREATE OR REPLACE TRIGGER act_keeps BEFORE UPDATE ON act FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who did a step never changes; correct it';

CREATE OR REPLACE TRIGGER act_stays BEFORE DELETE ON act FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who did a step is never deleted; correct it';

-- The keys say it, and this says it again to a session that switched keys off.
CREATE OR REPLACE TRIGGER act_is_allowed BEFORE INSERT ON act FOR EACH ROW
BEGIN
  DECLARE does VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT IF(NEW.kind = 'complete', 'consult', NEW.kind);
  SET NEW.turn = (SELECT COUNT(*) FROM correction WHERE booking_id = NEW.booking_id AND CAST(what AS CHAR) = CAST(NEW.kind AS CHAR));
  IF (EXISTS (SELECT 1 FROM booking b JOIN step_asks a ON a.service_id = b.service_id WHERE b.id = NEW.booking_id AND a.kind = does)
      OR NEW.capability_id IS NOT NULL) AND NOT EXISTS (
    SELECT 1 FROM booking b JOIN step_doer d ON d.service_id = b.service_id
     WHERE b.id = NEW.booking_id AND d.kind = does AND d.capability_id = NEW.capability_id AND d.resource_id = NEW.done_by
       AND d.capability = NEW.capability AND d.since <= NEW.at AND (d.until IS NULL OR NEW.at < d.until))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a step is done by somebody who could do it at that time';
  END IF;
  IF NEW.done_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM resource WHERE id = NEW.done_by AND kind = 'practitioner') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a step is done by a practitioner';
  END IF;
END;

-- What was harvested, processed, injected and stamped has somebody who did it, then.
CREATE OR REPLACE TRIGGER step_event_was_done AFTER INSERT ON step_event FOR EACH ROW
BEGIN
  IF (NEW.kind IN ('harvest', 'process', 'inject') OR NEW.kind = 'complete' AND EXISTS (
        SELECT 1 FROM booking b JOIN step_asks a ON a.service_id = b.service_id AND a.kind = 'consult' WHERE b.id = NEW.booking_id))
     AND NOT EXISTS (
    SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND CAST(kind AS CHAR) = CAST(NEW.kind AS CHAR) AND turn = NEW.turn AND at = NEW.at)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no step without who did it';
  END IF;
END;

CREATE OR REPLACE TRIGGER unit_was_taken AFTER INSERT ON unit FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = 'harvest' AND at = NEW.harvested_at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no unit without who harvested it';
  END IF;
END;

CREATE OR REPLACE TRIGGER unit_processing_was_done AFTER INSERT ON unit_processing FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM unit u JOIN act a ON a.booking_id = u.booking_id AND a.kind = 'process' AND a.at = NEW.at WHERE u.id = NEW.unit_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no processing without who did it';
  END IF;
END;

CREATE OR REPLACE TRIGGER injection_was_done AFTER INSERT ON injection FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = 'inject' AND at = NEW.injected_at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no injection without who gave it';
  END IF;
END;

-- Who did it is corrected as other values are (0044): the new value is the code of a practitioner who could do it then.
ALTER TABLE correction
  MODIFY what ENUM('check-in','complete','end','no-show','harvest-volume','concentrate-volume','kit-lot','harvest-by','process-by','inject-by','consult-by') NOT NULL;

CREATE OR REPLACE TRIGGER correction_names_a_doer BEFORE INSERT ON correction FOR EACH ROW
BEGIN
  DECLARE was VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
  IF NEW.what IN ('harvest-by', 'process-by', 'inject-by', 'consult-by') THEN
    SET was = (SELECT new_value FROM correction WHERE row_id = NEW.row_id AND what = NEW.what ORDER BY turn DESC LIMIT 1);
    IF was IS NULL THEN
      SET was = (SELECT COALESCE(r.code, '') FROM act a LEFT JOIN resource r ON r.id = a.done_by
                  WHERE a.id = NEW.row_id AND a.booking_id = NEW.booking_id
                    AND IF(a.kind = 'complete', 'consult-by', CONCAT(a.kind, '-by')) = NEW.what);
    END IF;
    IF NOT BINARY was <=> BINARY NEW.old_value THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a correction names what is recorded now';
    END IF;
    IF NOT EXISTS (
      SELECT 1 FROM act a JOIN booking b ON b.id = a.booking_id JOIN step_doer d ON d.service_id = b.service_id
        JOIN resource r ON r.id = d.resource_id
       WHERE a.id = NEW.row_id AND a.booking_id = NEW.booking_id AND CONCAT(d.kind, '-by') = NEW.what
         AND BINARY r.code = BINARY NEW.new_value AND d.since <= a.at AND (d.until IS NULL OR a.at < d.until))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a step is done by somebody who could do it at that time';
    END IF;
  END IF;
END;
