-- SPDX-License-Identifier: Apache-2.0
-- A version of a form may ask that a clinician confirms to have explained it. Until then the patient has signed, and no step begins.

ALTER TABLE form_version
  ADD COLUMN IF NOT EXISTS needs_clinician TINYINT NOT NULL DEFAULT 0 COMMENT 'counts only once a clinician confirmed to have explained it';

CREATE TABLE IF NOT EXISTS consent_explained (
  consent_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  staff_id      INT UNSIGNED NOT NULL,
  at            BIGINT NOT NULL,
  CONSTRAINT explained_consent FOREIGN KEY (consent_id) REFERENCES consent (id),
  CONSTRAINT explained_by FOREIGN KEY (staff_id) REFERENCES staff (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'the clinician''s counter-signature; insert-only';

CREATE OR REPLACE TRIGGER explained_keeps BEFORE UPDATE ON consent_explained FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a counter-signature never changes';

CREATE OR REPLACE TRIGGER explained_stays BEFORE DELETE ON consent_explained FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a counter-signature is never deleted';

CREATE OR REPLACE TRIGGER explained_by_a_clinician BEFORE INSERT ON consent_explained FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM staff_role WHERE staff_id = NEW.staff_id AND role IN ('clinician', 'admin')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a clinician confirms to have explained a form';
  END IF;
  IF EXISTS (SELECT 1 FROM consent WHERE id = NEW.consent_id AND signed_at > NEW.at)
     OR EXISTS (SELECT 1 FROM consent_withdrawal WHERE consent_id = NEW.consent_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'only what is signed and not withdrawn is counter-signed';
  END IF;
END;

-- What the patient did (0004, 0024, 0035), and whether it counts.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW consent_given AS
  SELECT c.booking_id, v.form_id, c.id AS consent_id, c.expires_at, v.needs_clinician
    FROM consent c JOIN booking b ON b.id = c.booking_id AND b.patient_id = c.patient_id
    JOIN form_version v ON v.id = c.form_version_id
    JOIN form f ON f.id = v.form_id AND (f.names_side = 0 OR (b.body_site = c.body_site AND b.laterality = c.laterality))
    LEFT JOIN consent_withdrawal w ON w.consent_id = c.id
   WHERE w.consent_id IS NULL
     AND v.version >= (SELECT COALESCE(MAX(m.version), 0) FROM form_version m WHERE m.form_id = v.form_id AND m.material = 1);

CREATE OR REPLACE SQL SECURITY INVOKER VIEW consent_in_force AS
  SELECT c.booking_id, v.form_id, c.id AS consent_id, c.expires_at, GREATEST(c.signed_at, COALESCE(x.at, 0)) AS since
    FROM consent c JOIN booking b ON b.id = c.booking_id AND b.patient_id = c.patient_id
    JOIN form_version v ON v.id = c.form_version_id
    JOIN form f ON f.id = v.form_id AND (f.names_side = 0 OR (b.body_site = c.body_site AND b.laterality = c.laterality))
    LEFT JOIN consent_withdrawal w ON w.consent_id = c.id
    LEFT JOIN consent_explained x ON x.consent_id = c.id
   WHERE w.consent_id IS NULL AND (v.needs_clinician = 0 OR x.consent_id IS NOT NULL)
     AND v.version >= (SELECT COALESCE(MAX(m.version), 0) FROM form_version m WHERE m.form_id = v.form_id AND m.material = 1);

-- The consents of the time of the act (0039): signed by then, and confirmed.
CREATE OR REPLACE TRIGGER step_event_needs_consent BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NEW.kind <> 'complete' AND EXISTS (
    SELECT 1 FROM booking b JOIN service_form sf ON sf.service_id = b.service_id
     WHERE b.id = NEW.booking_id AND NOT EXISTS (
       SELECT 1 FROM consent_in_force f
        WHERE f.booking_id = b.id AND f.form_id = sf.form_id AND f.expires_at > NEW.at AND f.since < NEW.at + 60))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no step starts without every consent';
  END IF;
END;

-- The patient is reminded of what the patient has to do.
CREATE OR REPLACE TRIGGER consent_withdraws_reminders AFTER INSERT ON consent FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM booking b JOIN service_form sf ON sf.service_id = b.service_id
     WHERE b.id = NEW.booking_id AND NOT EXISTS (
       SELECT 1 FROM consent_given f
        WHERE f.booking_id = b.id AND f.form_id = sf.form_id AND f.expires_at > NEW.signed_at))
  THEN
    UPDATE message SET status = 'withdrawn' WHERE kind = 'forms' AND about_id = NEW.booking_id AND status = 'queued';
  END IF;
END;
