-- SPDX-License-Identifier: Apache-2.0
-- By what people are found: keys that the same name, address or number has however it is written. SQL cannot make them; the store does with
-- every row, and regenctl migrate for those that are there, after this file's statements and before its note. NULL: not made yet.

ALTER TABLE patient
  ADD COLUMN IF NOT EXISTS family_key VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'letters only, case and accents folded',
  ADD COLUMN IF NOT EXISTS given_key VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  ADD COLUMN IF NOT EXISTS email_key VARCHAR(160) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'folded',
  ADD COLUMN IF NOT EXISTS phone_key VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'digits with the country in front, no extension',
  ADD KEY IF NOT EXISTS patient_family_key (family_key, given_key),
  ADD KEY IF NOT EXISTS patient_given_key (given_key, family_key),
  ADD KEY IF NOT EXISTS patient_email_key (email_key),
  ADD KEY IF NOT EXISTS patient_phone_key (phone_key),
  DROP KEY IF EXISTS patient_name,
  DROP KEY IF EXISTS patient_given,
  DROP KEY IF EXISTS patient_email,
  DROP KEY IF EXISTS patient_phone;

-- A negative number says that a row only gets its keys: nobody needs to read it again for that.
CREATE OR REPLACE TRIGGER patient_update_is_a_change BEFORE UPDATE ON patient FOR EACH ROW
  SET NEW.version = OLD.version + (NEW.changed_at >= 0), NEW.changed_at = IF(NEW.changed_at < 0, OLD.changed_at, UNIX_TIMESTAMP());
