-- SPDX-License-Identifier: Apache-2.0
-- A visit that began and ends without all of its steps: why, when, by whom. What was done stays; what was harvested is used or disposed of first,
-- and nothing follows.

CREATE TABLE IF NOT EXISTS booking_ending (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  turn          TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many endings of this booking were taken back before',
  reason        ENUM('no-material','consent-withdrawn','device','unwell','left','clinician','other') NOT NULL,
  note          VARCHAR(255) NOT NULL DEFAULT '',
  at            BIGINT NOT NULL,
  recorded_at   BIGINT NOT NULL DEFAULT (at),
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY ending_once (booking_id, turn),
  CONSTRAINT ending_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT ending_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT ending_other_is_said CHECK (reason <> 'other' OR note <> ''),
  CONSTRAINT ending_not_ahead CHECK (at <= recorded_at)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'visits that ended early';

CREATE OR REPLACE TRIGGER booking_ending_keeps BEFORE UPDATE ON booking_ending FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'why a visit ended early never changes';

CREATE OR REPLACE TRIGGER booking_ending_stays BEFORE DELETE ON booking_ending FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'why a visit ended early is never deleted';

CREATE OR REPLACE TRIGGER booking_ending_fits BEFORE INSERT ON booking_ending FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status IN ('arrived', 'in-progress')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'only a visit that began and is not over ends early';
  END IF;
  IF EXISTS (SELECT 1 FROM injection WHERE booking_id = NEW.booking_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'after its injection a treatment is completed';
  END IF;
  IF EXISTS (SELECT 1 FROM unit u LEFT JOIN unit_disposal d ON d.unit_id = u.id WHERE u.booking_id = NEW.booking_id AND d.unit_id IS NULL) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no visit ends with a unit that is neither used nor disposed of';
  END IF;
END;

CREATE OR REPLACE TRIGGER step_event_before_the_end BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status = 'completed') AND EXISTS (
    SELECT 1 FROM booking_ending WHERE booking_id = NEW.booking_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'nothing is done in a visit that ended early';
  END IF;
END;
