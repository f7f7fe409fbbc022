-- SPDX-License-Identifier: Apache-2.0
-- A device makes nothing while it is closed or overdue for calibration, unless a clinician says why it was used all the same.

ALTER TABLE resource
  ADD COLUMN IF NOT EXISTS calibration_due DATE NULL COMMENT 'devices: the last local day on which it may be used before it is calibrated again; NULL: not kept';

ALTER TABLE unit_processing
  ADD COLUMN IF NOT EXISTS utc_offset SMALLINT NULL COMMENT 'minutes by which the site''s clock was ahead of UTC at that time; NULL: not recorded',
  ADD COLUMN IF NOT EXISTS device_why VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why the device was used although it was closed, overdue or on record for another patient; empty: it was in order',
  ADD CONSTRAINT IF NOT EXISTS processing_offset CHECK (utc_offset BETWEEN -720 AND 840);

-- Without the site's clock it is judged by every clock of the earth.
CREATE OR REPLACE TRIGGER processing_device_in_order BEFORE INSERT ON unit_processing FOR EACH ROW
BEGIN
  DECLARE least_at, most_at DATETIME;
  SET least_at = TIMESTAMP('1970-01-01') + INTERVAL (NEW.at + 60 * COALESCE(NEW.utc_offset, -720)) SECOND,
      most_at = TIMESTAMP('1970-01-01') + INTERVAL (NEW.at + 60 * COALESCE(NEW.utc_offset, 840)) SECOND;
  IF NEW.device_why = '' AND EXISTS (
    SELECT 1 FROM resource WHERE id = NEW.resource_id AND calibration_due < DATE(most_at))
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
