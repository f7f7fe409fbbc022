-- SPDX-License-Identifier: Apache-2.0
-- Claims as X12 005010X222A1 (837P): what such a file says that the clinic did not keep until now, and the files that were made. The segments of a claim are
-- written with its FHIR document, from the same facts, and never change; a file is an envelope around those of its claims, so that it can be written again
-- to the same bytes.

ALTER TABLE organization
  ADD COLUMN IF NOT EXISTS provider_signature CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'CLM06: Y, N; empty: not said',
  ADD COLUMN IF NOT EXISTS benefits_assigned CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'CLM08, by every insured patient: Y, N, W',
  ADD COLUMN IF NOT EXISTS release_code CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'CLM09, by every insured patient: Y signed, I informed',
  ADD CONSTRAINT IF NOT EXISTS organization_says CHECK (provider_signature IN ('', 'Y', 'N') AND benefits_assigned IN ('', 'Y', 'N', 'W')
    AND release_code IN ('', 'Y', 'I'));

ALTER TABLE payer
  ADD COLUMN IF NOT EXISTS filing CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'SBR09, such as CI, MB, BL; empty: not said',
  ADD COLUMN IF NOT EXISTS assignment CHAR(1) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'CLM07: A the clinic accepts it, B for laboratory services only, C not; empty: not said',
  ADD CONSTRAINT IF NOT EXISTS payer_says CHECK (assignment IN ('', 'A', 'B', 'C'));

CREATE TABLE IF NOT EXISTS claim_receiver (
  id            TINYINT UNSIGNED NOT NULL PRIMARY KEY DEFAULT 1,
  name          VARCHAR(60) NOT NULL COMMENT 'who takes the files: a clearinghouse or a payer',
  receiver_qualifier CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'ZZ' COMMENT 'ISA07',
  receiver_id   VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ISA08, GS03, NM109 of 1000B',
  sender_qualifier CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'ZZ' COMMENT 'ISA05',
  sender_id     VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ISA06, GS02, NM109 of 1000A',
  contact       VARCHAR(60) NOT NULL COMMENT 'PER02 of 1000A',
  contact_phone VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'PER04: digits',
  production    TINYINT NOT NULL DEFAULT 0 COMMENT 'ISA15: 1 P, 0 T; only tests in this version, which can take none back',
  CONSTRAINT claim_receiver_one CHECK (id = 1),
  CONSTRAINT claim_receiver_tests CHECK (production = 0),
  CONSTRAINT claim_receiver_said CHECK (name <> '' AND receiver_id <> '' AND sender_id <> '' AND contact <> '' AND contact_phone REGEXP '^[0-9]{10}$'
    AND receiver_qualifier <> '' AND sender_qualifier <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'one row in this version';

ALTER TABLE claim
  ADD COLUMN IF NOT EXISTS x12 MEDIUMBLOB NULL COMMENT 'its segments from the billing provider to the last line, exactly as made; NULL: none',
  ADD COLUMN IF NOT EXISTS x12_why VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'why it is in no X12 file; empty: it was created before there were any';

CREATE TABLE IF NOT EXISTS claim_batch (
  id            INT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'the control number of the interchange: a counter''s',
  made_at       BIGINT NOT NULL,
  staff_id      INT UNSIGNED NULL COMMENT 'NULL: regenctl',
  receiver      VARCHAR(60) NOT NULL COMMENT 'as it was then, and so are all that follow',
  receiver_qualifier CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  receiver_id   VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sender_qualifier CHAR(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  sender_id     VARCHAR(15) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  submitter     VARCHAR(120) NOT NULL,
  contact       VARCHAR(60) NOT NULL,
  contact_phone VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  production    TINYINT NOT NULL,
  CONSTRAINT claim_batch_tests CHECK (production = 0),
  CONSTRAINT claim_batch_by FOREIGN KEY (staff_id) REFERENCES staff (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only: the envelope of an X12 file';

-- A claim is in as many files of tests as somebody makes: none of them is sent to a payer.
CREATE TABLE IF NOT EXISTS claim_batch_claim (
  batch_id      INT UNSIGNED NOT NULL,
  set_no        INT UNSIGNED NOT NULL COMMENT 'its place in the file, from 1: the control number of its transaction set',
  claim_id      BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (batch_id, set_no),
  UNIQUE KEY claim_batch_once (claim_id, batch_id),
  CONSTRAINT claim_batch_of FOREIGN KEY (batch_id) REFERENCES claim_batch (id),
  CONSTRAINT claim_batch_claim_of FOREIGN KEY (claim_id) REFERENCES claim (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE TABLE IF NOT EXISTS claim_batch_file (
  batch_id      INT UNSIGNED NOT NULL PRIMARY KEY,
  claims        INT UNSIGNED NOT NULL,
  bytes         BIGINT UNSIGNED NOT NULL,
  sha256        BINARY(32) NOT NULL,
  CONSTRAINT claim_batch_file_of FOREIGN KEY (batch_id) REFERENCES claim_batch (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only: the file as it was written';

CREATE OR REPLACE TRIGGER claim_batch_keeps BEFORE UPDATE ON claim_batch FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a file of claims never changes';

CREATE OR REPLACE TRIGGER claim_batch_stays BEFORE DELETE ON claim_batch FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a file of claims is never deleted';

CREATE OR REPLACE TRIGGER claim_batch_claim_keeps BEFORE UPDATE ON claim_batch_claim FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a file of claims never changes';

CREATE OR REPLACE TRIGGER claim_batch_claim_stays BEFORE DELETE ON claim_batch_claim FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a file of claims is never deleted';

CREATE OR REPLACE TRIGGER claim_batch_claim_fits BEFORE INSERT ON claim_batch_claim FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM claim WHERE id = NEW.claim_id AND x12 IS NOT NULL) OR EXISTS (SELECT 1 FROM claim_batch_file WHERE batch_id = NEW.batch_id)
     OR NOT EXISTS (SELECT 1 FROM claim_batch WHERE id = NEW.batch_id AND production = 0)
     OR EXISTS (SELECT 1 FROM claim_batch_claim WHERE claim_id = NEW.claim_id AND batch_id = NEW.batch_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a claim is once in a file of tests, which is not written yet';
  END IF;
END;

CREATE OR REPLACE TRIGGER claim_batch_file_keeps BEFORE UPDATE ON claim_batch_file FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a file of claims never changes';

CREATE OR REPLACE TRIGGER claim_batch_file_stays BEFORE DELETE ON claim_batch_file FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a file of claims is never deleted';
