-- SPDX-License-Identifier: Apache-2.0
-- Given names as a program said them, and who waits found as patients are: by keys that the same name has however it is written. SQL cannot make
-- keys; the store does with every row, and regenctl migrate for those that are there, after this file's statements and before its note.

ALTER TABLE patient
  ADD COLUMN IF NOT EXISTS given_lines VARCHAR(80) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NULL
    COMMENT 'given, one name a line, where several came apart' AFTER given,
  ADD CONSTRAINT IF NOT EXISTS patient_given_lines CHECK (REPLACE(given_lines, '\n', ' ') = given);

ALTER TABLE waitlist
  ADD COLUMN IF NOT EXISTS family_key VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL COMMENT 'as of patient (0023)',
  ADD COLUMN IF NOT EXISTS given_key VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  ADD KEY IF NOT EXISTS waitlist_family_key (family_key, given_key),
  ADD KEY IF NOT EXISTS waitlist_given_key (given_key, family_key);
