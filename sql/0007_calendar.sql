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
