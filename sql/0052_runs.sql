-- SPDX-License-Identifier: Apache-2.0
-- A run of a device: how long it took, and one patient's units at a time. A run that is shorter or longer than the product allows says why.

ALTER TABLE resource
  ADD COLUMN IF NOT EXISTS chambers TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'devices: units of so many patients at once',
  ADD CONSTRAINT IF NOT EXISTS resource_chambers CHECK (chambers > 0);

ALTER TABLE service_product
  ADD COLUMN IF NOT EXISTS spin_min_minutes SMALLINT UNSIGNED NULL COMMENT 'the shortest run without a reason; NULL: none',
  ADD COLUMN IF NOT EXISTS spin_max_minutes SMALLINT UNSIGNED NULL COMMENT 'the longest run without a reason; NULL: none',
  ADD CONSTRAINT IF NOT EXISTS product_spin CHECK (spin_min_minutes <= spin_max_minutes);

ALTER TABLE unit_processing
  ADD COLUMN IF NOT EXISTS minutes SMALLINT UNSIGNED NULL COMMENT 'in the device, until `at`; NULL: without a device, or recorded before it was asked',
  ADD COLUMN IF NOT EXISTS run_why VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why it was shorter or longer than the product allows; empty: it was not',
  ADD CONSTRAINT IF NOT EXISTS processing_minutes CHECK (minutes <= 1440),
  ADD KEY IF NOT EXISTS processing_run (resource_id, at);

-- Whoever records a run on a device changes its row: the next one waits, and on another node of a cluster is run again (0012).
CREATE TABLE IF NOT EXISTS device_runs (
  resource_id   INT UNSIGNED NOT NULL PRIMARY KEY,
  runs          BIGINT UNSIGNED NOT NULL,
  CONSTRAINT runs_of FOREIGN KEY (resource_id) REFERENCES resource (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'written by a trigger of unit_processing alone';

-- What is on record may be wrong, and what was done is recorded all the same: a clinician says why (device_why, 0051).
-- A run takes the time (at - minutes, at], at least a second. It is compared where another one begins, or itself: there the most are in the device.
CREATE OR REPLACE TRIGGER processing_has_its_run BEFORE INSERT ON unit_processing FOR EACH ROW
BEGIN
  DECLARE mine BIGINT UNSIGNED DEFAULT (SELECT patient_id FROM unit WHERE id = NEW.unit_id);
  DECLARE since BIGINT DEFAULT NEW.at - GREATEST(60 * COALESCE(NEW.minutes, 0), 1);
  DECLARE busy BIGINT UNSIGNED;
  DECLARE least_minutes, most_minutes SMALLINT UNSIGNED;
  DECLARE CONTINUE HANDLER FOR NOT FOUND BEGIN END;
  IF NEW.resource_id IS NOT NULL AND NEW.minutes IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a run says how long it took';
  END IF;
  IF NEW.resource_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM unit u JOIN booking b ON b.id = u.booking_id JOIN resource r ON r.site_id = b.site_id
     WHERE u.id = NEW.unit_id AND r.id = NEW.resource_id AND r.kind = 'device')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a run is of a device of the visit''s site';
  END IF;
  IF EXISTS (SELECT 1 FROM unit WHERE id = NEW.unit_id AND harvested_at > since + 60) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a run does not begin before the harvest';
  END IF;
  SELECT p.spin_min_minutes, p.spin_max_minutes INTO least_minutes, most_minutes
    FROM unit u JOIN service_product p ON p.service_id = u.service_id AND p.product_no = u.product_no
   WHERE u.id = NEW.unit_id;
  IF NEW.run_why = '' AND (NEW.minutes < least_minutes OR NEW.minutes > most_minutes) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a run outside the limits of its product says why';
  END IF;
  IF NEW.resource_id IS NOT NULL THEN
    INSERT INTO device_runs (resource_id, runs) VALUES (NEW.resource_id, 1) ON DUPLICATE KEY UPDATE runs = runs + 1;
    SELECT p.unit_id INTO busy
      FROM unit_processing p
      JOIN unit pu ON pu.id = p.unit_id AND pu.patient_id <> mine
      JOIN unit_processing o ON o.resource_id = p.resource_id
       AND o.at > GREATEST(p.at - GREATEST(60 * COALESCE(p.minutes, 0), 1), since)
       AND o.at <= NEW.at + 86400
       AND o.at - GREATEST(60 * COALESCE(o.minutes, 0), 1) <= GREATEST(p.at - GREATEST(60 * COALESCE(p.minutes, 0), 1), since)
      JOIN unit ou ON ou.id = o.unit_id AND ou.patient_id <> mine
     WHERE p.resource_id = NEW.resource_id AND p.at > since AND p.at <= NEW.at + 86400
       AND p.at - GREATEST(60 * COALESCE(p.minutes, 0), 1) < NEW.at
     GROUP BY p.unit_id
    HAVING COUNT(DISTINCT ou.patient_id) >= (SELECT chambers FROM resource WHERE id = NEW.resource_id)
     LIMIT 1 LOCK IN SHARE MODE;
    IF busy IS NOT NULL AND NEW.device_why = '' THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'one patient''s units are in a chamber at a time';
    END IF;
  END IF;
END;
