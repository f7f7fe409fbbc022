-- SPDX-License-Identifier: Apache-2.0
-- Time: bookings, their steps, and the truth about who is taken when.

CREATE TABLE IF NOT EXISTS booking (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  service_id    INT UNSIGNED NOT NULL,
  site_id       INT UNSIGNED NOT NULL,
  status        ENUM('held','booked','arrived','in-progress','completed','expired','cancelled','no-show') NOT NULL,
  version       INT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'raised by every change',
  starts_at     BIGINT NOT NULL,
  ends_at       BIGINT NOT NULL,
  hold_expires_at BIGINT NULL COMMENT 'only while held',
  hold_extended TINYINT NOT NULL DEFAULT 0,
  patient_id    BIGINT UNSIGNED NULL COMMENT 'known from "About you" on',
  coverage_id   BIGINT UNSIGNED NULL COMMENT 'NULL: self-pay',
  self_pay      TINYINT NULL COMMENT 'NULL until the patient chose',
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  laterality    ENUM('none','left','right') NOT NULL DEFAULT 'none',
  price_minor   BIGINT NOT NULL COMMENT 'as promised at booking',
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  link_hash     BINARY(32) NULL UNIQUE COMMENT 'SHA-256 of the link''s token, from booking on',
  created_at    BIGINT NOT NULL,
  booked_at     BIGINT NULL,
  KEY booking_hold (hold_expires_at),
  KEY booking_day (site_id, starts_at),
  KEY booking_patient (patient_id),
  UNIQUE KEY booking_whose (id, patient_id),
  UNIQUE KEY booking_what (id, patient_id, body_site, laterality),
  CONSTRAINT booking_service FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT booking_patient FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT booking_coverage FOREIGN KEY (coverage_id, patient_id) REFERENCES coverage (id, patient_id),
  CONSTRAINT booking_hold_only_held CHECK ((status = 'held') = (hold_expires_at IS NOT NULL)),
  CONSTRAINT booking_needs_patient CHECK (status IN ('held','expired','cancelled') OR patient_id IS NOT NULL),
  CONSTRAINT booking_sane CHECK (starts_at < ends_at AND starts_at % 300 = 0 AND ends_at % 300 = 0 AND price_minor >= 0)
);

CREATE TABLE IF NOT EXISTS occupancy (
  resource_id   INT UNSIGNED NOT NULL,
  granule       INT UNSIGNED NOT NULL COMMENT 'unix seconds / 300',
  booking_id    BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (resource_id, granule)
) COMMENT 'the single source of truth about time: the key makes a double booking impossible';

CREATE TABLE IF NOT EXISTS day_bitmap (
  resource_id   INT UNSIGNED NOT NULL,
  day           SMALLINT UNSIGNED NOT NULL COMMENT 'unix seconds / 86400, UTC',
  w0            BIGINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'granule 0 of the day is bit 0 of w0, granule 287 is bit 31 of w4',
  w1            BIGINT UNSIGNED NOT NULL DEFAULT 0,
  w2            BIGINT UNSIGNED NOT NULL DEFAULT 0,
  w3            BIGINT UNSIGNED NOT NULL DEFAULT 0,
  w4            BIGINT UNSIGNED NOT NULL DEFAULT 0,
  PRIMARY KEY (resource_id, day)
) COMMENT 'read model of occupancy, written in the same transaction; regenctl rebuild makes it anew';

CREATE TABLE IF NOT EXISTS booking_step (
  booking_id    BIGINT UNSIGNED NOT NULL,
  step_no       TINYINT UNSIGNED NOT NULL,
  kind          ENUM('check-in','harvest','process','inject','recover','consult') NOT NULL,
  name          VARCHAR(80) NOT NULL,
  visit_no      TINYINT UNSIGNED NOT NULL,
  starts_at     BIGINT NOT NULL,
  ends_at       BIGINT NOT NULL,
  PRIMARY KEY (booking_id, step_no),
  CONSTRAINT booking_step_of FOREIGN KEY (booking_id) REFERENCES booking (id)
);

CREATE TABLE IF NOT EXISTS booking_resource (
  booking_id    BIGINT UNSIGNED NOT NULL,
  step_no       TINYINT UNSIGNED NOT NULL,
  need_no       TINYINT UNSIGNED NOT NULL,
  resource_id   INT UNSIGNED NOT NULL,
  busy_from     BIGINT NOT NULL COMMENT 'with setup and turnover',
  busy_until    BIGINT NOT NULL,
  PRIMARY KEY (booking_id, step_no, need_no, resource_id),
  KEY resource_when (resource_id, busy_from),
  CONSTRAINT booking_resource_step FOREIGN KEY (booking_id, step_no) REFERENCES booking_step (booking_id, step_no),
  CONSTRAINT booking_resource_what FOREIGN KEY (resource_id) REFERENCES resource (id)
);

CREATE TABLE IF NOT EXISTS appointment (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  booking_id    BIGINT UNSIGNED NOT NULL,
  visit_no      TINYINT UNSIGNED NOT NULL,
  starts_at     BIGINT NOT NULL,
  ends_at       BIGINT NOT NULL,
  sequence      INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'iCalendar SEQUENCE',
  UNIQUE KEY appointment_visit (booking_id, visit_no),
  CONSTRAINT appointment_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
);

