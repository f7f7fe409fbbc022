-- SPDX-License-Identifier: Apache-2.0
-- Treatment orders. A service may ask for a clinician's decision that this patient should have this treatment, at this part of the body. A booking of
-- such a service names the order that it is made on, of the same patient, service and target; the order carries one booking at a time. What was booked
-- before the service asked for it stays.

ALTER TABLE service
  ADD COLUMN IF NOT EXISTS booked_by ENUM('anyone','order') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'anyone'
    COMMENT 'order: only on a treatment order' AFTER audience;

CREATE TABLE IF NOT EXISTS treatment_order (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  patient_id    BIGINT UNSIGNED NOT NULL,
  service_id    INT UNSIGNED NOT NULL,
  targets       TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'how many rows of treatment_order_target belong to it',
  diagnosis_code VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  severity      ENUM('mild','moderate','severe') NOT NULL,
  tried         VARCHAR(500) NOT NULL COMMENT 'conservative care',
  imaging       VARCHAR(500) NOT NULL COMMENT 'what was seen',
  weighed       VARCHAR(500) NOT NULL COMMENT 'contraindications',
  note          VARCHAR(500) NOT NULL DEFAULT '',
  valid_until   BIGINT NOT NULL COMMENT 'the first visit begins before: the end of the last local day',
  signed_at     BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY order_of (id, patient_id, service_id),
  KEY order_patient (patient_id, id),
  KEY order_valid (valid_until, id),
  CONSTRAINT order_patient FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT order_service FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT order_diagnosis FOREIGN KEY (diagnosis_code) REFERENCES icd10cm (code),
  CONSTRAINT order_by FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT order_says CHECK (tried <> '' AND imaging <> '' AND weighed <> '' AND valid_until > signed_at AND targets BETWEEN 1 AND 8)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'a clinician''s decision; insert-only';

CREATE TABLE IF NOT EXISTS treatment_order_target (
  order_id      BIGINT UNSIGNED NOT NULL,
  target_no     TINYINT UNSIGNED NOT NULL COMMENT 'from 1',
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'empty: the service asks for none',
  laterality    ENUM('none','left','right') NOT NULL,
  PRIMARY KEY (order_id, target_no),
  CONSTRAINT target_order FOREIGN KEY (order_id) REFERENCES treatment_order (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'where; insert-only. A booking has one today';

CREATE TABLE IF NOT EXISTS treatment_order_revocation (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  order_id      BIGINT UNSIGNED NOT NULL UNIQUE,
  reason        VARCHAR(200) NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  CONSTRAINT revoked_order FOREIGN KEY (order_id) REFERENCES treatment_order (id),
  CONSTRAINT revoked_by FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT revocation_is_said CHECK (reason <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

-- One booking at a time: the key decides between two.
CREATE TABLE IF NOT EXISTS treatment_order_use (
  order_id      BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL UNIQUE,
  CONSTRAINT used_order FOREIGN KEY (order_id) REFERENCES treatment_order (id),
  CONSTRAINT used_by FOREIGN KEY (booking_id) REFERENCES booking (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'the booking that an order carries now; kept by triggers';

-- What opens it for the patient, together with the date of birth: a number as bookings have one.
CREATE TABLE IF NOT EXISTS treatment_order_number (
  order_id      BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  number        CHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  wrong         SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'wrong dates of birth in a row',
  made          SMALLINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'how often a number was made',
  CONSTRAINT number_of_order FOREIGN KEY (order_id) REFERENCES treatment_order (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS visitor_order (
  session_id    BIGINT UNSIGNED NOT NULL,
  order_id      BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (session_id, order_id),
  KEY visitor_order_of (order_id),
  CONSTRAINT visitor_order_session FOREIGN KEY (session_id) REFERENCES visitor_session (id) ON DELETE CASCADE,
  CONSTRAINT visitor_order_order FOREIGN KEY (order_id) REFERENCES treatment_order (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'which orders a browser opened with number and date of birth';

-- Orders that were not revoked, with their target. Whether one is still valid depends on the visit.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW order_in_force AS
  SELECT o.id, o.patient_id, o.service_id, o.valid_until, t.body_site, t.laterality
    FROM treatment_order o JOIN treatment_order_target t ON t.order_id = o.id AND t.target_no = 1
    LEFT JOIN treatment_order_revocation r ON r.order_id = o.id
   WHERE r.id IS NULL AND (SELECT COUNT(*) FROM treatment_order_target c WHERE c.order_id = o.id) = o.targets;

-- Only a clinician who may: a login of that role that is an active practitioner with the capability "order".
CREATE OR REPLACE TRIGGER order_is_a_clinicians BEFORE INSERT ON treatment_order FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM staff s JOIN staff_role sr ON sr.staff_id = s.id AND sr.role = 'clinician'
      JOIN resource r ON r.id = s.resource_id AND r.kind = 'practitioner' AND r.active = 1
      JOIN resource_capability c ON c.resource_id = r.id AND c.capability = 'order'
     WHERE s.id = NEW.staff_id AND s.active = 1)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment is ordered by a clinician who may';
  END IF;
END;

CREATE OR REPLACE TRIGGER order_keeps BEFORE UPDATE ON treatment_order FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an order never changes; revoke it and sign another';

CREATE OR REPLACE TRIGGER order_stays BEFORE DELETE ON treatment_order FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an order is never deleted; revoke it';

CREATE OR REPLACE TRIGGER order_target_fits BEFORE INSERT ON treatment_order_target FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM treatment_order o JOIN service s ON s.id = o.service_id
     WHERE o.id = NEW.order_id AND NEW.target_no <= o.targets
       AND NEW.target_no = 1 + (SELECT COUNT(*) FROM treatment_order_target t WHERE t.order_id = o.id)
       AND IF(s.needs_body_site, EXISTS (SELECT 1 FROM service_body_site b WHERE b.service_id = s.id AND b.body_site = NEW.body_site),
              NEW.body_site = '' AND NEW.laterality = 'none'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an order names as many targets as it says, of its service';
  END IF;
END;

CREATE OR REPLACE TRIGGER order_target_keeps BEFORE UPDATE ON treatment_order_target FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an order never changes; revoke it and sign another';

CREATE OR REPLACE TRIGGER order_target_stays BEFORE DELETE ON treatment_order_target FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an order never changes; revoke it and sign another';

CREATE OR REPLACE TRIGGER order_revocation_keeps BEFORE UPDATE ON treatment_order_revocation FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a revocation never changes; sign a new order';

CREATE OR REPLACE TRIGGER order_revocation_stays BEFORE DELETE ON treatment_order_revocation FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a revocation is never deleted; sign a new order';

-- Any clinician may stop a treatment, until it began.
CREATE OR REPLACE TRIGGER order_revocation_fits BEFORE INSERT ON treatment_order_revocation FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role = 'clinician' WHERE s.id = NEW.staff_id AND s.active = 1) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an order is revoked by a clinician';
  END IF;
  IF EXISTS (SELECT 1 FROM treatment_order WHERE id = NEW.order_id AND signed_at > NEW.at)
     OR EXISTS (SELECT 1 FROM treatment_order_use u JOIN booking b ON b.id = u.booking_id
                 WHERE u.order_id = NEW.order_id AND b.status IN ('in-progress', 'completed'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an order is revoked before the treatment began';
  END IF;
END;

-- The second key is for clusters (0012).
ALTER TABLE booking
  ADD COLUMN IF NOT EXISTS order_id BIGINT UNSIGNED NULL COMMENT 'the treatment order it is made on' AFTER coverage_id;

ALTER TABLE booking
  ADD CONSTRAINT booking_on_order FOREIGN KEY IF NOT EXISTS (order_id) REFERENCES treatment_order (id),
  ADD CONSTRAINT booking_order FOREIGN KEY IF NOT EXISTS (order_id, patient_id, service_id)
    REFERENCES treatment_order (id, patient_id, service_id);

-- The keys say whose order it is, and this says it again to a session that switched keys off; with what no key can say.
CREATE OR REPLACE TRIGGER booking_begins_on_its_order BEFORE INSERT ON booking FOR EACH ROW
BEGIN
  IF NEW.order_id IS NULL AND EXISTS (SELECT 1 FROM service WHERE id = NEW.service_id AND booked_by = 'order') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this service is booked on a treatment order';
  END IF;
  IF NEW.order_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM order_in_force o
     WHERE o.id = NEW.order_id AND o.patient_id = NEW.patient_id AND o.service_id = NEW.service_id AND o.body_site = NEW.body_site
       AND CAST(o.laterality AS CHAR) = CAST(NEW.laterality AS CHAR) AND NEW.starts_at < o.valid_until)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a booking is of the patient, service and target of its order, and within its time';
  END IF;
END;

-- A hold that was made before the service asked for an order is not booked; what is booked stays. A booking of a revoked order may go on under a new one.
CREATE OR REPLACE TRIGGER booking_keeps_to_its_order BEFORE UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.order_id IS NULL AND OLD.order_id IS NOT NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a booking keeps its order';
  END IF;
  IF NEW.order_id IS NULL
     AND (NEW.service_id <> OLD.service_id
       OR OLD.status IN ('held', 'expired', 'cancelled') AND NEW.status NOT IN ('held', 'expired', 'cancelled')
       OR OLD.status IN ('expired', 'cancelled') AND NEW.status = 'held')
     AND EXISTS (SELECT 1 FROM service WHERE id = NEW.service_id AND booked_by = 'order')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this service is booked on a treatment order';
  END IF;
  IF NEW.order_id IS NOT NULL
     AND (NOT NEW.order_id <=> OLD.order_id OR NEW.service_id <> OLD.service_id OR NOT NEW.patient_id <=> OLD.patient_id
       OR NEW.body_site <> OLD.body_site OR NEW.laterality <> OLD.laterality
       OR NEW.starts_at <> OLD.starts_at AND NEW.status IN ('held', 'booked')
       OR OLD.status IN ('held', 'expired', 'cancelled') AND NEW.status NOT IN ('held', 'expired', 'cancelled')
       OR OLD.status IN ('expired', 'cancelled') AND NEW.status = 'held')
     AND NOT EXISTS (
       SELECT 1 FROM order_in_force o
        WHERE o.id = NEW.order_id AND o.patient_id = NEW.patient_id AND o.service_id = NEW.service_id AND o.body_site = NEW.body_site
          AND CAST(o.laterality AS CHAR) = CAST(NEW.laterality AS CHAR) AND NEW.starts_at < o.valid_until)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a booking is of the patient, service and target of its order, and within its time';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_uses_its_order AFTER INSERT ON booking FOR EACH ROW
BEGIN
  DECLARE EXIT HANDLER FOR 1062 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this order has a booking';
  IF NEW.order_id IS NOT NULL AND NEW.status IN ('held', 'booked', 'arrived', 'in-progress', 'completed') THEN
    INSERT INTO treatment_order_use (order_id, booking_id) VALUES (NEW.order_id, NEW.id);
  END IF;
END;

-- Canceled, expired, missed, or ended early without an injection: the order can be booked again.
CREATE OR REPLACE TRIGGER booking_gives_its_order_back AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  DECLARE uses TINYINT;
  DECLARE EXIT HANDLER FOR 1062 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this order has a booking';
  IF NEW.order_id IS NOT NULL AND (NEW.status <> OLD.status OR NOT NEW.order_id <=> OLD.order_id) THEN
    SET uses = NEW.status IN ('held', 'booked', 'arrived', 'in-progress')
      OR NEW.status = 'completed' AND (NOT EXISTS (SELECT 1 FROM visit_ended WHERE booking_id = NEW.id)
                                       OR EXISTS (SELECT 1 FROM step_done WHERE booking_id = NEW.id AND kind = 'inject'));
    DELETE FROM treatment_order_use WHERE booking_id = NEW.id AND (NOT uses OR order_id <> NEW.order_id);
    IF uses AND NOT EXISTS (SELECT 1 FROM treatment_order_use WHERE booking_id = NEW.id) THEN
      INSERT INTO treatment_order_use (order_id, booking_id) VALUES (NEW.order_id, NEW.id);
    END IF;
  END IF;
END;

CREATE OR REPLACE TRIGGER step_event_needs_its_order BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NEW.kind <> 'complete' AND EXISTS (
    SELECT 1 FROM booking b JOIN treatment_order_revocation r ON r.order_id = b.order_id WHERE b.id = NEW.booking_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the order of this treatment was revoked';
  END IF;
END;

-- Who waits for a treatment that needs an order waits on it; the offer is a booking and follows the rules above.
ALTER TABLE waitlist
  ADD COLUMN IF NOT EXISTS order_id BIGINT UNSIGNED NULL COMMENT 'the treatment order that an offer is made on' AFTER service_id;

ALTER TABLE waitlist
  ADD CONSTRAINT waitlist_order FOREIGN KEY IF NOT EXISTS (order_id) REFERENCES treatment_order (id);

CREATE OR REPLACE TRIGGER waitlist_waits_on_its_order BEFORE INSERT ON waitlist FOR EACH ROW
BEGIN
  IF NEW.order_id IS NULL AND EXISTS (SELECT 1 FROM service WHERE id = NEW.service_id AND booked_by = 'order')
     OR NEW.order_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM order_in_force WHERE id = NEW.order_id AND service_id = NEW.service_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who waits for this service waits on a treatment order of it';
  END IF;
END;

CREATE OR REPLACE TRIGGER waitlist_keeps_its_order BEFORE UPDATE ON waitlist FOR EACH ROW
BEGIN
  IF NOT NEW.order_id <=> OLD.order_id OR NEW.order_id IS NOT NULL AND NEW.service_id <> OLD.service_id THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a waitlist entry keeps its order';
  END IF;
END;

ALTER TABLE message
  MODIFY kind ENUM('confirmation','change','cancellation','waitlist-offer','recall','forms','order') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL;

-- Nobody is asked to book on an order that does not count anymore.
CREATE OR REPLACE TRIGGER order_revocation_withdraws_its_message AFTER INSERT ON treatment_order_revocation FOR EACH ROW
  UPDATE message SET status = 'withdrawn' WHERE kind = 'order' AND about_id = NEW.order_id AND status = 'queued';
