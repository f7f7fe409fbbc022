-- SPDX-License-Identifier: Apache-2.0
-- Screening before a visit: a booking of a service that asks for it gets a request in the moment it is booked, by whichever way. Answers are evidence;
-- a correction is a new response that names the old one. What answers mean for the visit is decided by the rules of the questionnaire, and by a
-- clinician who adds a decision. Services that exist ask for nothing.

CREATE TABLE IF NOT EXISTS service_screening (
  service_id    INT UNSIGNED NOT NULL,
  seq           TINYINT UNSIGNED NOT NULL COMMENT 'from 1',
  questionnaire_id INT UNSIGNED NOT NULL,
  check_in      ENUM('warn','refuse') NOT NULL DEFAULT 'warn' COMMENT 'what becomes of the check-in while it is not answered, or not in order',
  PRIMARY KEY (service_id, seq),
  UNIQUE KEY service_screening_once (service_id, questionnaire_id),
  CONSTRAINT service_screening_of FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT service_screening_asks FOREIGN KEY (questionnaire_id) REFERENCES questionnaire (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS questionnaire_request (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  questionnaire_id INT UNSIGNED NOT NULL,
  check_in      ENUM('warn','refuse') NOT NULL COMMENT 'as the service said when it was booked',
  made_at       BIGINT NOT NULL,
  UNIQUE KEY request_once (booking_id, questionnaire_id),
  KEY request_patient (patient_id),
  CONSTRAINT request_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT request_of_patient FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT request_asks FOREIGN KEY (questionnaire_id) REFERENCES questionnaire (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'what a patient is asked to answer; insert-only';

CREATE TABLE IF NOT EXISTS questionnaire_response (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  request_id    BIGINT UNSIGNED NOT NULL,
  turn          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how often the request was answered before',
  replaces_id   BIGINT UNSIGNED NULL COMMENT 'the response that this one corrects',
  booking_id    BIGINT UNSIGNED NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  version_id    INT UNSIGNED NOT NULL COMMENT 'the questions as they were asked',
  answers       MEDIUMTEXT NOT NULL,
  sha256        BINARY(32) NOT NULL COMMENT 'of the answers',
  result        ENUM('ok','review','stop') NOT NULL COMMENT 'by the rules of that version',
  answered_by   ENUM('patient','representative','staff') NOT NULL,
  answerer      VARCHAR(160) NOT NULL DEFAULT '' COMMENT 'the representative',
  answered_at   BIGINT NOT NULL,
  staff_id      INT UNSIGNED NULL COMMENT 'who typed what the patient said',
  UNIQUE KEY response_turn (request_id, turn),
  KEY response_booking (booking_id),
  KEY response_result (result, id),
  CONSTRAINT response_request FOREIGN KEY (request_id) REFERENCES questionnaire_request (id),
  CONSTRAINT response_replaces FOREIGN KEY (replaces_id) REFERENCES questionnaire_response (id),
  CONSTRAINT response_on_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT response_of_patient FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT response_version FOREIGN KEY (version_id) REFERENCES questionnaire_version (id),
  CONSTRAINT response_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT response_is_somebodys CHECK ((answered_by = 'staff') = (staff_id IS NOT NULL) AND (answered_by = 'representative') = (answerer <> '')),
  CONSTRAINT response_corrects CHECK ((turn = 0) = (replaces_id IS NULL))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE TABLE IF NOT EXISTS questionnaire_decision (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  request_id    BIGINT UNSIGNED NOT NULL,
  turn          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how often it was decided before',
  response_id   BIGINT UNSIGNED NULL COMMENT 'the answers that it is about; NULL: there were none',
  decision      ENUM('ok','stop','override','closed') NOT NULL COMMENT 'override: staff let the visit go on without; closed: nothing is left to decide, the visit is over',
  note          VARCHAR(500) NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY decision_turn (request_id, turn),
  CONSTRAINT decision_request FOREIGN KEY (request_id) REFERENCES questionnaire_request (id),
  CONSTRAINT decision_response FOREIGN KEY (response_id) REFERENCES questionnaire_response (id),
  CONSTRAINT decision_by FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT decision_is_said CHECK (note <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only; the last one about the last response counts';

-- What was typed and not sent yet. It belongs to who typed it: what the patient says of it is the patient's, what a clerk typed is not.
CREATE TABLE IF NOT EXISTS questionnaire_draft (
  request_id    BIGINT UNSIGNED NOT NULL,
  writer        INT UNSIGNED NOT NULL COMMENT '0: whoever has the patient''s link; else staff.id',
  version_id    INT UNSIGNED NOT NULL COMMENT 'the questions as they were shown',
  answers       MEDIUMTEXT NOT NULL,
  saved_at      BIGINT NOT NULL,
  PRIMARY KEY (request_id, writer),
  CONSTRAINT draft_request FOREIGN KEY (request_id) REFERENCES questionnaire_request (id),
  CONSTRAINT draft_version FOREIGN KEY (version_id) REFERENCES questionnaire_version (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Answers that wait for a clinician, also when the visit went on without them or is over. Written by triggers alone.
CREATE TABLE IF NOT EXISTS questionnaire_review (
  request_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  CONSTRAINT review_request FOREIGN KEY (request_id) REFERENCES questionnaire_request (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Stops that no clinician lifted, by the request that they are of. Written by triggers alone.
CREATE TABLE IF NOT EXISTS questionnaire_stop (
  request_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  patient_id    BIGINT UNSIGNED NOT NULL,
  questionnaire_id INT UNSIGNED NOT NULL,
  KEY stop_whose (patient_id, questionnaire_id, request_id),
  CONSTRAINT stop_request FOREIGN KEY (request_id) REFERENCES questionnaire_request (id),
  CONSTRAINT stop_of_patient FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT stop_asks FOREIGN KEY (questionnaire_id) REFERENCES questionnaire (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- While a visit is ahead or under way: a stop of the same person (their record, the one that stands for it, those that it stands for) at the same
-- questions for another visit. Whoever is stopped is not asked anew until the answers are better.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW screening_elsewhere AS
  SELECT q.id AS request_id,
         IF(b.status IN ('held', 'booked', 'arrived', 'in-progress'), COALESCE(
           (SELECT MAX(s.request_id) FROM questionnaire_stop s
             WHERE s.patient_id = p.id AND s.questionnaire_id = q.questionnaire_id AND s.request_id <> q.id),
           (SELECT MAX(s.request_id) FROM questionnaire_stop s
             WHERE s.patient_id = p.merged_into AND s.questionnaire_id = q.questionnaire_id AND s.request_id <> q.id),
           (SELECT MAX(s.request_id) FROM patient m JOIN questionnaire_stop s ON s.patient_id = m.id
             WHERE m.merged_into = COALESCE(p.merged_into, p.id) AND s.questionnaire_id = q.questionnaire_id AND s.request_id <> q.id)), NULL) AS stopped_by
    FROM questionnaire_request q
    JOIN patient p ON p.id = q.patient_id
    JOIN booking b ON b.id = q.booking_id;

-- A stop, of the answers or of a clinician, is lifted by a clinician alone: other answers after it stay a stop until one decides. What a clinician
-- decided before there were answers lifts what stopped from elsewhere, and the questions are still asked; what is closed stays as it was.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW screening_state AS
  SELECT q.id AS request_id, q.booking_id, q.patient_id, q.questionnaire_id, q.check_in, r.id AS response_id, d.id AS decision_id, e.stopped_by,
         CONVERT(IF(e.stopped_by IS NOT NULL, 'stop', COALESCE(CAST(d.decision AS CHAR),
           IF(EXISTS (SELECT 1 FROM questionnaire_response x WHERE x.request_id = q.id AND x.turn < r.turn AND x.result = 'stop' AND NOT EXISTS (
                SELECT 1 FROM questionnaire_decision k JOIN questionnaire_response y ON y.id = k.response_id
                 WHERE k.request_id = q.id AND k.decision = 'ok' AND y.turn >= x.turn))
              OR EXISTS (SELECT 1 FROM questionnaire_decision s WHERE s.request_id = q.id AND s.decision = 'stop' AND NOT EXISTS (
                SELECT 1 FROM questionnaire_decision k WHERE k.request_id = q.id AND k.decision = 'ok' AND k.turn > s.turn)), 'stop', NULL),
           CAST(r.result AS CHAR), 'missing')) USING utf8mb4) COLLATE utf8mb4_unicode_ci AS state
    FROM questionnaire_request q
    JOIN screening_elsewhere e ON e.request_id = q.id
    LEFT JOIN questionnaire_response r ON r.request_id = q.id
      AND r.turn = (SELECT MAX(m.turn) FROM questionnaire_response m WHERE m.request_id = q.id)
    LEFT JOIN questionnaire_decision d ON d.request_id = q.id AND d.response_id <=> r.id
      AND d.turn = (SELECT MAX(n.turn) FROM questionnaire_decision n WHERE n.request_id = q.id AND n.decision <> 'closed'
                      AND NOT (n.decision = 'ok' AND n.response_id IS NULL));

CREATE OR REPLACE TRIGGER booking_is_screened AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.status = 'booked' AND OLD.status <> 'booked' AND NEW.patient_id IS NOT NULL THEN
    INSERT IGNORE INTO questionnaire_request (booking_id, patient_id, questionnaire_id, check_in, made_at)
      SELECT NEW.id, NEW.patient_id, s.questionnaire_id, s.check_in, COALESCE(NEW.booked_at, NEW.created_at)
        FROM service_screening s WHERE s.service_id = NEW.service_id;
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_is_screened_at_once AFTER INSERT ON booking FOR EACH ROW
BEGIN
  IF NEW.status IN ('booked', 'arrived') AND NEW.patient_id IS NOT NULL THEN
    INSERT IGNORE INTO questionnaire_request (booking_id, patient_id, questionnaire_id, check_in, made_at)
      SELECT NEW.id, NEW.patient_id, s.questionnaire_id, s.check_in, COALESCE(NEW.booked_at, NEW.created_at)
        FROM service_screening s WHERE s.service_id = NEW.service_id;
  END IF;
END;

CREATE OR REPLACE TRIGGER request_fits BEFORE INSERT ON questionnaire_request FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND patient_id = NEW.patient_id)
     OR NOT EXISTS (SELECT 1 FROM questionnaire_version WHERE questionnaire_id = NEW.questionnaire_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a request is of a booking''s patient, and of a published questionnaire';
  END IF;
END;

CREATE OR REPLACE TRIGGER request_keeps BEFORE UPDATE ON questionnaire_request FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was asked never changes';

CREATE OR REPLACE TRIGGER request_stays BEFORE DELETE ON questionnaire_request FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was asked is never deleted';

CREATE OR REPLACE TRIGGER response_fits BEFORE INSERT ON questionnaire_response FOR EACH ROW
BEGIN
  SET NEW.turn = (SELECT COUNT(*) FROM questionnaire_response WHERE request_id = NEW.request_id);
  SET NEW.replaces_id = (SELECT MAX(id) FROM questionnaire_response WHERE request_id = NEW.request_id);
  IF NOT EXISTS (
    SELECT 1 FROM questionnaire_request q JOIN questionnaire_version v ON v.questionnaire_id = q.questionnaire_id
     WHERE q.id = NEW.request_id AND q.booking_id = NEW.booking_id AND q.patient_id = NEW.patient_id AND v.id = NEW.version_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a response answers its own request, by a version of its questionnaire';
  END IF;
  IF NEW.sha256 <> UNHEX(SHA2(NEW.answers, 256)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a response has the digest of its answers';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status IN ('booked', 'arrived')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a screening is answered before the treatment begins';
  END IF;
  IF NEW.staff_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id AND active = 1) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a member of the staff types what the patient says';
  END IF;
END;

CREATE OR REPLACE TRIGGER response_keeps BEFORE UPDATE ON questionnaire_response FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'answers never change; answer again';

CREATE OR REPLACE TRIGGER response_stays BEFORE DELETE ON questionnaire_response FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'answers are never deleted; answer again';

-- A stop, of the rules or of a clinician, is lifted by a clinician alone.
CREATE OR REPLACE TRIGGER decision_fits BEFORE INSERT ON questionnaire_decision FOR EACH ROW
BEGIN
  SET NEW.turn = (SELECT COUNT(*) FROM questionnaire_decision WHERE request_id = NEW.request_id);
  IF NOT EXISTS (SELECT 1 FROM screening_state WHERE request_id = NEW.request_id AND response_id <=> NEW.response_id)
     OR NEW.decision <> 'override' AND NEW.response_id IS NULL
        AND NOT (NEW.decision = 'ok' AND EXISTS (SELECT 1 FROM screening_state WHERE request_id = NEW.request_id AND stopped_by IS NOT NULL))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a decision is about the last answers of its request';
  END IF;
  IF NOT EXISTS (
    SELECT 1 FROM staff s JOIN staff_role r ON r.staff_id = s.id AND (r.role IN ('clinician', 'admin') OR NEW.decision = 'override' AND r.role = 'front-desk')
     WHERE s.id = NEW.staff_id AND s.active = 1)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a clinician decides about answers';
  END IF;
  IF NEW.decision = 'override' AND EXISTS (SELECT 1 FROM screening_state WHERE request_id = NEW.request_id AND state = 'stop') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a stop is lifted by a clinician''s decision, not overridden';
  END IF;
  IF NEW.decision = 'closed' AND (
       NOT EXISTS (SELECT 1 FROM questionnaire_review WHERE request_id = NEW.request_id)
       OR NOT EXISTS (SELECT 1 FROM questionnaire_request q JOIN booking b ON b.id = q.booking_id
                       WHERE q.id = NEW.request_id AND b.status IN ('completed', 'cancelled', 'no-show')))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'answers that wait are closed once the visit is over';
  END IF;
END;

-- Whoever decides that a patient may be treated for a visit that is ahead was shown one stop from elsewhere, and lifts that one; the next one is shown
-- then. About a visit that is over, its own.
CREATE OR REPLACE TRIGGER decision_ends_review AFTER INSERT ON questionnaire_decision FOR EACH ROW
BEGIN
  DECLARE other BIGINT UNSIGNED DEFAULT (SELECT stopped_by FROM screening_elsewhere WHERE request_id = NEW.request_id);
  IF NEW.decision <> 'override' THEN
    DELETE FROM questionnaire_review WHERE request_id = NEW.request_id;
  END IF;
  IF NEW.decision = 'stop' THEN
    INSERT IGNORE INTO questionnaire_stop (request_id, patient_id, questionnaire_id)
      SELECT id, patient_id, questionnaire_id FROM questionnaire_request WHERE id = NEW.request_id;
  END IF;
  IF NEW.decision = 'ok' THEN
    DELETE FROM questionnaire_stop WHERE request_id = NEW.request_id;
    DELETE FROM questionnaire_stop WHERE request_id = other;
  END IF;
END;

CREATE OR REPLACE TRIGGER response_waits AFTER INSERT ON questionnaire_response FOR EACH ROW
BEGIN
  IF NEW.result = 'stop' THEN
    INSERT IGNORE INTO questionnaire_stop (request_id, patient_id, questionnaire_id)
      SELECT id, patient_id, questionnaire_id FROM questionnaire_request WHERE id = NEW.request_id;
  END IF;
  IF EXISTS (SELECT 1 FROM screening_state WHERE request_id = NEW.request_id AND state IN ('review', 'stop')) THEN
    INSERT IGNORE INTO questionnaire_review (request_id) VALUES (NEW.request_id);
  ELSE
    DELETE FROM questionnaire_review WHERE request_id = NEW.request_id;
  END IF;
END;

CREATE OR REPLACE TRIGGER decision_keeps BEFORE UPDATE ON questionnaire_decision FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a decision never changes; add another one';

CREATE OR REPLACE TRIGGER decision_stays BEFORE DELETE ON questionnaire_decision FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a decision is never deleted; add another one';

CREATE OR REPLACE TRIGGER step_event_is_screened BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NEW.kind = 'check-in' AND EXISTS (
    SELECT 1 FROM screening_state WHERE booking_id = NEW.booking_id AND check_in = 'refuse' AND state NOT IN ('ok', 'override'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the screening of this visit is not in order';
  END IF;
END;

-- Of each harvest and injection, also where only the first has a stamp.
CREATE OR REPLACE TRIGGER act_is_screened BEFORE INSERT ON act FOR EACH ROW
BEGIN
  IF NEW.kind IN ('harvest', 'inject') AND EXISTS (SELECT 1 FROM screening_state WHERE booking_id = NEW.booking_id AND state = 'stop') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the screening of this visit is not in order';
  END IF;
END;
