-- SPDX-License-Identifier: Apache-2.0
-- A form signed on a tablet at the desk says so, and names the member of the staff who handed it over. Until they log in again, that session opens
-- the forms of this one booking and nothing else.

ALTER TABLE consent
  ADD COLUMN IF NOT EXISTS method ENUM('online','desk') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'online',
  ADD COLUMN IF NOT EXISTS witness_id INT UNSIGNED NULL COMMENT 'who handed the tablet over, and saw the patient sign',
  ADD CONSTRAINT consent_witness FOREIGN KEY IF NOT EXISTS (witness_id) REFERENCES staff (id),
  ADD CONSTRAINT IF NOT EXISTS consent_is_witnessed CHECK ((method = 'desk') = (witness_id IS NOT NULL));

ALTER TABLE session
  ADD COLUMN IF NOT EXISTS lent_booking_id BIGINT UNSIGNED NULL COMMENT 'handed to the patient of this booking, to sign';

CREATE OR REPLACE TRIGGER session_stays_lent BEFORE UPDATE ON session FOR EACH ROW
BEGIN
  IF OLD.lent_booking_id IS NOT NULL AND (NOT (NEW.lent_booking_id <=> OLD.lent_booking_id) OR NEW.expires_at > OLD.expires_at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who wants a tablet back logs in again';
  END IF;
END;
