-- SPDX-License-Identifier: Apache-2.0
-- A device makes nothing while it is closed or overdue for calibration, unless a clinician says why it was used all the same.

ALTER TABLE resource
  ADD COLUMN IF NOT EXISTS calibration_due DATE NULL COMMENT 'devices: the last local day on which it may be used before it is calibrated again; NULL: not kept';

ALTER TABLE unit_processing
  ADD COLUMN IF NOT EXISTS utc_offset SMALLINT NULL COMMENT 'minutes by which the site''s clock was ahead of UTC at that time; NULL: not recorded',
  ADD COLUMN IF NOT EXISTS device_why VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why the device was used although it was closed, overdue or on record for another patient; empty: it was in order',
  ADD CONSTRAINT IF NOT EXISTS processing_offset CHECK (utc_offset BETWEEN -720 AND 840);

-- What was on record at a time, so that what is entered later is judged as if it were entered then.
CREATE TABLE IF NOT EXISTS device_calibration (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  resource_id   INT UNSIGNED NOT NULL,
  due           DATE NULL COMMENT 'as resource.calibration_due',
  since         BIGINT NOT NULL COMMENT 'when it was entered; 0: before anything was changed',
  KEY calibration_of (resource_id, since),
  CONSTRAINT calibration_device FOREIGN KEY (resource_id) REFERENCES resource (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'written by triggers of resource alone';

CREATE OR REPLACE TRIGGER resource_insert_is_calibrated AFTER INSERT ON resource FOR EACH ROW
BEGIN
  IF NEW.calibration_due IS NOT NULL THEN
    INSERT INTO device_calibration (resource_id, due, since) VALUES (NEW.id, NEW.calibration_due, 0);
  END IF;
END;

CREATE OR REPLACE TRIGGER resource_update_is_calibrated AFTER UPDATE ON resource FOR EACH ROW
BEGIN
  IF NOT NEW.calibration_due <=> OLD.calibration_due THEN
    IF NOT EXISTS (SELECT 1 FROM device_calibration WHERE resource_id = NEW.id) THEN
      INSERT INTO device_calibration (resource_id, due, since) VALUES (NEW.id, OLD.calibration_due, 0);
    END IF;
    INSERT INTO device_calibration (resource_id, due, since) VALUES (NEW.id, NEW.calibration_due, UNIX_TIMESTAMP());
  END IF;
END;

-- Without the site's clock it is judged by every clock of the earth.
CREATE OR REPLACE TRIGGER processing_device_in_order BEFORE INSERT ON unit_processing FOR EACH ROW
BEGIN
  DECLARE least_at, most_at DATETIME;
  SET least_at = TIMESTAMP('1970-01-01') + INTERVAL (NEW.at + 60 * COALESCE(NEW.utc_offset, -720)) SECOND,
      most_at = TIMESTAMP('1970-01-01') + INTERVAL (NEW.at + 60 * COALESCE(NEW.utc_offset, 840)) SECOND;
  IF NEW.device_why = '' AND EXISTS (
    SELECT 1 FROM device_calibration k
     WHERE k.id = (SELECT MAX(id) FROM device_calibration WHERE resource_id = NEW.resource_id AND since <= NEW.at) AND k.due < DATE(most_at))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the device was overdue for calibration';
  END IF;
  IF NEW.device_why = '' AND EXISTS (
    SELECT 1 FROM closure
     WHERE resource_id = NEW.resource_id AND first_day <= DATE(most_at) AND last_day >= DATE(least_at)
       AND (NEW.utc_offset IS NULL OR (start_minute <= TIME_TO_SEC(least_at) DIV 60 AND end_minute > TIME_TO_SEC(least_at) DIV 60)))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the device was closed';
  END IF;
  IF NEW.device_why <> '' AND (NEW.resource_id IS NULL OR NOT EXISTS (
    SELECT 1 FROM staff_role WHERE staff_id = NEW.staff_id AND role IN ('clinician', 'admin')))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a clinician says why a device that is not in order was used';
  END IF;
END;
