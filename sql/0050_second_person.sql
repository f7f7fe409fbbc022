-- SPDX-License-Identifier: Apache-2.0
-- A second person confirms: label and side at the harvest, identity and side at the injection, where the service asks for it. Off for what exists, so
-- that a clinic with one clinician on duty goes on working.

ALTER TABLE service
  ADD COLUMN IF NOT EXISTS second_harvest TINYINT NOT NULL DEFAULT 0 COMMENT 'a second person confirms the harvest',
  ADD COLUMN IF NOT EXISTS second_inject TINYINT NOT NULL DEFAULT 0 COMMENT 'a second person confirms the injection';

ALTER TABLE act
  ADD COLUMN IF NOT EXISTS second_id INT UNSIGNED NULL COMMENT 'who confirmed it, by their own password; never who recorded it',
  ADD CONSTRAINT act_second FOREIGN KEY IF NOT EXISTS (second_id) REFERENCES staff (id),
  ADD CONSTRAINT IF NOT EXISTS act_two_people CHECK (second_id IS NULL OR second_id <> staff_id);

-- Two logins of one practitioner are one person.
CREATE OR REPLACE TRIGGER act_has_its_second BEFORE INSERT ON act FOR EACH ROW
BEGIN
  IF NEW.second_id IS NULL AND EXISTS (
    SELECT 1 FROM booking b JOIN service s ON s.id = b.service_id
     WHERE b.id = NEW.booking_id AND (NEW.kind = 'harvest' AND s.second_harvest = 1 OR NEW.kind = 'inject' AND s.second_inject = 1))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this service asks for a second person';
  END IF;
  IF NEW.second_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role IN ('clinician', 'admin')
     WHERE s.id = NEW.second_id AND s.active = 1)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the second person is a clinician';
  END IF;
  IF EXISTS (SELECT 1 FROM staff a JOIN staff b ON b.resource_id = a.resource_id WHERE a.id = NEW.staff_id AND b.id = NEW.second_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the second person is somebody else';
  END IF;
END;
