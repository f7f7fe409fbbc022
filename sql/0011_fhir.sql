-- SPDX-License-Identifier: Apache-2.0
-- What machines ask for: visits by time, and people by when their record last changed.

ALTER TABLE appointment
  ADD KEY IF NOT EXISTS appointment_when (starts_at);

ALTER TABLE patient
  ADD COLUMN IF NOT EXISTS version INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'raised by the trigger, whoever changed it',
  ADD COLUMN IF NOT EXISTS changed_at BIGINT NOT NULL DEFAULT 0 COMMENT '0: not since created_at',
  ADD KEY IF NOT EXISTS patient_changed (changed_at);

CREATE OR REPLACE TRIGGER patient_insert_is_a_change BEFORE INSERT ON patient FOR EACH ROW
  SET NEW.changed_at = UNIX_TIMESTAMP();

CREATE OR REPLACE TRIGGER patient_update_is_a_change BEFORE UPDATE ON patient FOR EACH ROW
  SET NEW.changed_at = UNIX_TIMESTAMP(), NEW.version = OLD.version + 1;

UPDATE booking SET changed_at = created_at WHERE changed_at = 0;
