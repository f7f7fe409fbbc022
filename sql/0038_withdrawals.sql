-- SPDX-License-Identifier: Apache-2.0
-- A withdrawal may be told at the desk, by phone or in writing; who was told it stands with it. What was withdrawn and not signed again is shown to
-- staff until somebody decides.

ALTER TABLE consent_withdrawal
  ADD COLUMN IF NOT EXISTS channel ENUM('online','in-person','phone','writing') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'online'
    COMMENT 'online: the patient, with a link';

UPDATE consent_withdrawal SET channel = 'in-person', reason = IF(reason = '', 'not recorded', reason) WHERE staff_id IS NOT NULL AND channel = 'online';

ALTER TABLE consent_withdrawal
  ADD CONSTRAINT withdrawal_told_to FOREIGN KEY IF NOT EXISTS (staff_id) REFERENCES staff (id),
  ADD CONSTRAINT IF NOT EXISTS withdrawal_is_told CHECK ((channel = 'online') = (staff_id IS NULL) AND (staff_id IS NULL OR reason <> ''));

CREATE OR REPLACE TRIGGER withdrawal_keeps BEFORE UPDATE ON consent_withdrawal FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a withdrawal never changes; the form can be signed again';

CREATE OR REPLACE TRIGGER withdrawal_stays BEFORE DELETE ON consent_withdrawal FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a withdrawal is never deleted; the form can be signed again';

-- What the patient of the booking withdrew. It is settled once consent_in_force has the form again.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW consent_withdrawn AS
  SELECT c.booking_id, v.form_id, c.id AS consent_id, w.at, w.channel
    FROM consent_withdrawal w JOIN consent c ON c.id = w.consent_id
    JOIN booking b ON b.id = c.booking_id AND b.patient_id = c.patient_id
    JOIN form_version v ON v.id = c.form_version_id;
