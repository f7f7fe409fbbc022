-- SPDX-License-Identifier: Apache-2.0
-- Questionnaires as data, in immutable versions, as forms are: FHIR's Questionnaire, what is scored, and which answers a clinician must see.

CREATE TABLE IF NOT EXISTS questionnaire (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code          VARCHAR(40) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE COMMENT 'its name in the file; identifies it permanently'
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS questionnaire_version (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  questionnaire_id INT UNSIGNED NOT NULL,
  version       SMALLINT UNSIGNED NOT NULL COMMENT 'from 1, without gaps',
  title         VARCHAR(120) NOT NULL,
  body          MEDIUMTEXT NOT NULL COMMENT 'the file as it was published',
  sha256        BINARY(32) NOT NULL,
  published_at  BIGINT NOT NULL,
  UNIQUE KEY questionnaire_version_no (questionnaire_id, version),
  CONSTRAINT questionnaire_version_of FOREIGN KEY (questionnaire_id) REFERENCES questionnaire (id),
  CONSTRAINT questionnaire_version_is_whole CHECK (title <> '' AND body <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE OR REPLACE TRIGGER questionnaire_version_follows BEFORE INSERT ON questionnaire_version FOR EACH ROW
BEGIN
  IF NEW.version <> 1 + (SELECT COALESCE(MAX(version), 0) FROM questionnaire_version WHERE questionnaire_id = NEW.questionnaire_id)
     OR NEW.sha256 <> UNHEX(SHA2(NEW.body, 256))
     OR NOT EXISTS (SELECT 1 FROM questionnaire WHERE id = NEW.questionnaire_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a version of a questionnaire is the next one, with the digest of its text';
  END IF;
END;

CREATE OR REPLACE TRIGGER questionnaire_version_keeps BEFORE UPDATE ON questionnaire_version FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a published questionnaire never changes; publish a new version';

CREATE OR REPLACE TRIGGER questionnaire_version_stays BEFORE DELETE ON questionnaire_version FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a published questionnaire is never deleted';

-- Answers refer to it by its id; another code would be another questionnaire.
CREATE OR REPLACE TRIGGER questionnaire_keeps BEFORE UPDATE ON questionnaire FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a questionnaire keeps its code';

CREATE OR REPLACE TRIGGER questionnaire_stays BEFORE DELETE ON questionnaire FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a questionnaire is never deleted';
