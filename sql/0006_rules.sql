-- SPDX-License-Identifier: Apache-2.0
-- Rules of a service that came after the first version: who may book it, how many a day, until when a patient may move,
-- needs that one of several capabilities meets; and what was decided about bookings in a closed room.

ALTER TABLE service
  ADD COLUMN IF NOT EXISTS audience ENUM('public','staff') NOT NULL DEFAULT 'public' COMMENT 'who may book it' AFTER code,
  ADD COLUMN IF NOT EXISTS max_per_day SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'bookings that begin on one local day; 0: no limit' AFTER horizon_days,
  ADD COLUMN IF NOT EXISTS move_notice_minutes INT UNSIGNED NOT NULL DEFAULT 1440 COMMENT 'a patient may move until so long before' AFTER cancel_notice_minutes;

CREATE TABLE IF NOT EXISTS service_need_any (
  service_id    INT UNSIGNED NOT NULL,
  step_no       TINYINT UNSIGNED NOT NULL,
  need_no       TINYINT UNSIGNED NOT NULL,
  capability    VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'will do as well as service_need.capability',
  PRIMARY KEY (service_id, step_no, need_no, capability),
  CONSTRAINT need_any_need FOREIGN KEY (service_id, step_no, need_no) REFERENCES service_need (service_id, step_no, need_no)
);

CREATE OR REPLACE TRIGGER service_need_any_insert_is_news AFTER INSERT ON service_need_any FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_need_any_update_is_news AFTER UPDATE ON service_need_any FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_need_any_delete_is_news AFTER DELETE ON service_need_any FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE TABLE IF NOT EXISTS closure_kept (
  closure_id    INT UNSIGNED NOT NULL,
  booking_id    BIGINT UNSIGNED NOT NULL,
  booking_version INT UNSIGNED NOT NULL COMMENT 'of the booking that was decided about',
  starts_at     BIGINT NOT NULL COMMENT 'of the booking then: a moved one is decided anew',
  reason        VARCHAR(120) NOT NULL,
  actor         VARCHAR(40) CHARACTER SET ascii NOT NULL,
  decided_at    BIGINT NOT NULL,
  PRIMARY KEY (closure_id, booking_id),
  CONSTRAINT kept_closure FOREIGN KEY (closure_id) REFERENCES closure (id) ON DELETE CASCADE,
  CONSTRAINT kept_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
) COMMENT 'bookings that stay although their time was closed later: somebody said so';

CREATE TABLE IF NOT EXISTS resource_kept (
  resource_id   INT UNSIGNED NOT NULL,
  booking_id    BIGINT UNSIGNED NOT NULL,
  kind          ENUM('hours','inactive','capability') NOT NULL COMMENT 'what the resource does not give the booking any more',
  booking_version INT UNSIGNED NOT NULL COMMENT 'of the booking that was decided about',
  starts_at     BIGINT NOT NULL COMMENT 'of the booking then: a moved one is decided anew',
  reason        VARCHAR(120) NOT NULL,
  actor         VARCHAR(40) CHARACTER SET ascii NOT NULL,
  decided_at    BIGINT NOT NULL,
  PRIMARY KEY (resource_id, booking_id, kind),
  CONSTRAINT resource_kept_resource FOREIGN KEY (resource_id) REFERENCES resource (id),
  CONSTRAINT resource_kept_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
) COMMENT 'bookings that stay although hours, skills or the resource itself went: somebody said so';
