-- SPDX-License-Identifier: Apache-2.0
-- How to prepare, as data with days: what must be stopped or done so many local days before a treatment begins, so that it can be said with
-- dates before a time is chosen. And the day on which a message says that it begins.

CREATE TABLE IF NOT EXISTS service_preparing (
  service_id    INT UNSIGNED NOT NULL,
  seq           TINYINT UNSIGNED NOT NULL COMMENT 'from 1',
  code          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the clinic''s own: nsaid',
  words         VARCHAR(300) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL COMMENT 'what to do: Stop ibuprofen and other anti-inflammatory pills',
  applies       VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '' COMMENT 'to whom: if you take them',
  from_days     SMALLINT UNSIGNED NOT NULL COMMENT 'from so many local days before the first visit',
  until_days    SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '… until so many days before; 0: until the visit',
  too_late      ENUM('warn','refuse') NOT NULL DEFAULT 'warn' COMMENT 'a time that leaves fewer days: say so, or do not offer it',
  PRIMARY KEY (service_id, seq),
  UNIQUE KEY preparing_once (service_id, code),
  CONSTRAINT preparing_of FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT preparing_sane CHECK (seq BETWEEN 1 AND 16 AND from_days BETWEEN until_days AND 366)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE OR REPLACE TRIGGER service_preparing_insert_is_news AFTER INSERT ON service_preparing FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_preparing_update_is_news AFTER UPDATE ON service_preparing FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_preparing_delete_is_news AFTER DELETE ON service_preparing FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

ALTER TABLE message
  ADD COLUMN IF NOT EXISTS prepare_at BIGINT NULL COMMENT 'begin of the first local day on which the patient has something to do or stop' AFTER until_at;
