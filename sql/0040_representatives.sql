-- SPDX-License-Identifier: Apache-2.0
-- Who signs for a patient signs in their own name and role, and says what entitles them. Nobody under eighteen signs for themselves.

ALTER TABLE consent
  MODIFY signer_role ENUM('patient','representative','parent','guardian','health-care-proxy') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL
    DEFAULT 'patient' COMMENT 'representative: of another kind',
  ADD COLUMN IF NOT EXISTS entitlement VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT ''
    COMMENT 'what entitles a representative, in their own words' AFTER signer_role,
  ADD CONSTRAINT IF NOT EXISTS consent_is_entitled CHECK ((signer_role = 'patient') = (entitlement = ''));

-- The site's day, which the code asks, is at most one after the day in UTC: whoever is not yet eighteen then is a minor everywhere.
CREATE OR REPLACE TRIGGER consent_of_a_minor BEFORE INSERT ON consent FOR EACH ROW
BEGIN
  IF NEW.signer_role = 'patient' AND EXISTS (
    SELECT 1 FROM patient WHERE id = NEW.patient_id
       AND birth_date > DATE('1970-01-01') + INTERVAL (NEW.signed_at DIV 86400 + 1) DAY - INTERVAL 18 YEAR)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a parent or guardian signs for a minor';
  END IF;
END;
