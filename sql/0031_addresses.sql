-- SPDX-License-Identifier: Apache-2.0
-- Under which address the clinic's own identifiers and codes are named. Written once and kept, whatever the clinic's address becomes: claims and programs carry
-- these names. A clinic that made claims goes on with the name that its last one has. And where httpd last said that others find the clinic.

CREATE TABLE IF NOT EXISTS naming (
  id            TINYINT UNSIGNED NOT NULL PRIMARY KEY,
  names         VARCHAR(220) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'their URIs are this and /sid/…, /CodeSystem/services',
  since         BIGINT NOT NULL,
  CONSTRAINT naming_once CHECK (id = 1)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT IGNORE INTO naming (id, names, since)
  SELECT 1, SUBSTRING_INDEX(SUBSTRING_INDEX(CONVERT(c.xml USING utf8mb4), '/sid/claim-number"', 1), '"', -1), c.created_at
    FROM claim c WHERE INSTR(CONVERT(c.xml USING utf8mb4), '/sid/claim-number"') > 0 ORDER BY c.id DESC LIMIT 1;

CREATE OR REPLACE TRIGGER naming_update_is_news AFTER UPDATE ON naming FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE TABLE IF NOT EXISTS public_base (
  base          VARCHAR(220) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY COMMENT 'https://clinic.example/clinic',
  seen_at       BIGINT NOT NULL COMMENT 'when an httpd last said so, to a day'
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
