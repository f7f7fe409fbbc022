-- SPDX-License-Identifier: Apache-2.0
-- The front desk: where a booking came from, and rules that somebody overrode with a reason.

ALTER TABLE booking
  ADD COLUMN IF NOT EXISTS source ENUM('patient','staff','machine','waitlist') NOT NULL DEFAULT 'patient' COMMENT 'who asked for it' AFTER status;

CREATE TABLE IF NOT EXISTS booking_override (
  booking_id    BIGINT UNSIGNED NOT NULL,
  rule          ENUM('notice','horizon','grid','opening','max-per-day','cancel-notice','move-notice') NOT NULL,
  reason        VARCHAR(200) NOT NULL,
  actor         VARCHAR(40) CHARACTER SET ascii NOT NULL,
  at            BIGINT NOT NULL,
  PRIMARY KEY (booking_id, rule, at),
  CONSTRAINT override_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
) COMMENT 'never overridden: a resource that is taken';

ALTER TABLE patient
  ADD KEY IF NOT EXISTS patient_born (birth_date, family);
