-- SPDX-License-Identifier: Apache-2.0
-- Time, deepened: gaps in local days, seats of a day, and when a booking last changed.

ALTER TABLE service_step
  ADD COLUMN IF NOT EXISTS gap_days_min SMALLINT UNSIGNED NULL COMMENT 'first step of a later visit: local days after the day on which the step before ends, at least' AFTER gap_max,
  ADD COLUMN IF NOT EXISTS gap_days_max SMALLINT UNSIGNED NULL COMMENT '… at most. Both or none; gap_min and gap_max do not count then' AFTER gap_days_min,
  ADD CONSTRAINT IF NOT EXISTS step_days_sane CHECK ((gap_days_min IS NULL) = (gap_days_max IS NULL)
                                              AND (gap_days_min IS NULL OR (gap_days_min BETWEEN 1 AND gap_days_max AND gap_days_max <= 366)));

CREATE TABLE IF NOT EXISTS service_day (
  service_id    INT UNSIGNED NOT NULL,
  day           DATE NOT NULL COMMENT 'local day of the site on which the booking begins',
  seat          SMALLINT UNSIGNED NOT NULL COMMENT '1 .. service.max_per_day',
  booking_id    BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (service_id, day, seat),
  UNIQUE KEY service_day_booking (booking_id),
  CONSTRAINT service_day_service FOREIGN KEY (service_id) REFERENCES service (id)
) COMMENT 'taken and given back with the time, of services with a limit a day: the key holds the limit, on any node';

ALTER TABLE booking
  ADD COLUMN IF NOT EXISTS changed_at BIGINT NOT NULL DEFAULT 0 COMMENT 'by the trigger, whoever changed it' AFTER created_at,
  ADD KEY IF NOT EXISTS booking_changed (changed_at);

CREATE OR REPLACE TRIGGER booking_insert_is_a_change BEFORE INSERT ON booking FOR EACH ROW
  SET NEW.changed_at = UNIX_TIMESTAMP();

CREATE OR REPLACE TRIGGER booking_update_is_a_change BEFORE UPDATE ON booking FOR EACH ROW
  SET NEW.changed_at = UNIX_TIMESTAMP();

-- Processes keep what their searches found, and ask only whether the calendar changed since. Triggers, so that nobody can forget to tell. Each
-- connection raises a row of its own, as nearly as may be, and each node of a cluster its own: one row for all would make every booking wait
-- for the one before, and fail on a cluster. The order in which transactions commit does not matter, because only the sum is asked for, and one
-- that rolls back takes its raise along.

CREATE TABLE IF NOT EXISTS calendar_version (
  node          SMALLINT UNSIGNED NOT NULL COMMENT 'auto_increment_offset: another one on every node',
  slot          TINYINT UNSIGNED NOT NULL COMMENT 'connection modulo 64',
  changes       BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (node, slot)
) COMMENT 'the sum rises with every committed change of day_bitmap and service_day, and by nothing else';

CREATE OR REPLACE TRIGGER day_bitmap_insert_is_told AFTER INSERT ON day_bitmap FOR EACH ROW
  INSERT INTO calendar_version (node, slot, changes) VALUES (@@auto_increment_offset, CONNECTION_ID() MOD 64, 1)
    ON DUPLICATE KEY UPDATE changes = changes + 1;

CREATE OR REPLACE TRIGGER day_bitmap_update_is_told AFTER UPDATE ON day_bitmap FOR EACH ROW
  INSERT INTO calendar_version (node, slot, changes) VALUES (@@auto_increment_offset, CONNECTION_ID() MOD 64, 1)
    ON DUPLICATE KEY UPDATE changes = changes + 1;

CREATE OR REPLACE TRIGGER day_bitmap_delete_is_told AFTER DELETE ON day_bitmap FOR EACH ROW
  INSERT INTO calendar_version (node, slot, changes) VALUES (@@auto_increment_offset, CONNECTION_ID() MOD 64, 1)
    ON DUPLICATE KEY UPDATE changes = changes + 1;

CREATE OR REPLACE TRIGGER service_day_insert_is_told AFTER INSERT ON service_day FOR EACH ROW
  INSERT INTO calendar_version (node, slot, changes) VALUES (@@auto_increment_offset, CONNECTION_ID() MOD 64, 1)
    ON DUPLICATE KEY UPDATE changes = changes + 1;

CREATE OR REPLACE TRIGGER service_day_update_is_told AFTER UPDATE ON service_day FOR EACH ROW
  INSERT INTO calendar_version (node, slot, changes) VALUES (@@auto_increment_offset, CONNECTION_ID() MOD 64, 1)
    ON DUPLICATE KEY UPDATE changes = changes + 1;

CREATE OR REPLACE TRIGGER service_day_delete_is_told AFTER DELETE ON service_day FOR EACH ROW
  INSERT INTO calendar_version (node, slot, changes) VALUES (@@auto_increment_offset, CONNECTION_ID() MOD 64, 1)
    ON DUPLICATE KEY UPDATE changes = changes + 1;
