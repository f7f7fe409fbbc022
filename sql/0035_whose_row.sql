-- SPDX-License-Identifier: Apache-2.0
-- Whose row of patient it is. What is typed while a time is held describes the person of that hold and nobody else: a row that another booking has,
-- that was there before the hold, or whose name stands under a consent keeps its name and date of birth. Who turns out to be somebody else gets a
-- row of their own, and what was signed before is not theirs.

-- The one place that says which signatures count (0004, 0024): now also only those of the person for whom the booking is.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW consent_in_force AS
  SELECT c.booking_id, v.form_id, c.id AS consent_id, c.expires_at
    FROM consent c JOIN booking b ON b.id = c.booking_id AND b.patient_id = c.patient_id
    JOIN form_version v ON v.id = c.form_version_id
    JOIN form f ON f.id = v.form_id AND (f.names_side = 0 OR (b.body_site = c.body_site AND b.laterality = c.laterality))
    LEFT JOIN consent_withdrawal w ON w.consent_id = c.id
   WHERE w.consent_id IS NULL
     AND v.version >= (SELECT COALESCE(MAX(m.version), 0) FROM form_version m WHERE m.form_id = v.form_id AND m.material = 1);

CREATE OR REPLACE TRIGGER consent_is_of_its_patient BEFORE INSERT ON consent FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND patient_id = NEW.patient_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a consent is signed by the patient of its booking';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_keeps_its_patient BEFORE UPDATE ON booking FOR EACH ROW
BEGIN
  IF NOT (NEW.patient_id <=> OLD.patient_id)
     AND (OLD.status NOT IN ('held', 'expired') OR NEW.status NOT IN ('held', 'expired') OR OLD.booked_at IS NOT NULL)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was booked is booked for its patient';
  END IF;
END;

-- The key held a booking with a signature to its first patient, so that another name had to go into the same row.
ALTER TABLE consent
  ADD CONSTRAINT consent_patient FOREIGN KEY IF NOT EXISTS (patient_id) REFERENCES patient (id),
  DROP FOREIGN KEY IF EXISTS consent_booking;

-- Keys (0023) are made anew and addresses change; a name and a date of birth are typed while the one hold of the row lives, or is over without a
-- booking, and before anything is signed.
CREATE OR REPLACE TRIGGER patient_keeps_its_name BEFORE UPDATE ON patient FOR EACH ROW
BEGIN
  IF NOT (BINARY NEW.family <=> BINARY OLD.family AND BINARY NEW.given <=> BINARY OLD.given AND NEW.birth_date <=> OLD.birth_date)
     AND ((SELECT COUNT(*) FROM booking WHERE patient_id = OLD.id) > 1
       OR EXISTS (SELECT 1 FROM booking WHERE patient_id = OLD.id
                   AND (status NOT IN ('held', 'expired') OR booked_at IS NOT NULL OR created_at > OLD.created_at))
       OR EXISTS (SELECT 1 FROM consent WHERE patient_id = OLD.id))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a name and a date of birth stay once a booking, a signature or another hold goes by them';
  END IF;
END;

-- A visit that the desk keeps for a recall answers it (0014), also when the person gave another address and so has a row of their own by then.
CREATE OR REPLACE TRIGGER booking_answers_recalls AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.status <> OLD.status AND NEW.patient_id IS NOT NULL THEN
    IF NEW.status = 'booked' THEN
      UPDATE recall SET status = 'booked', answer_booking_id = NEW.id
       WHERE patient_id = NEW.patient_id AND status IN ('open', 'attempted')
         AND (answer_booking_id = NEW.id OR due_from <= DATE('1970-01-01') + INTERVAL (NEW.starts_at DIV 86400 + 14) DAY);
      UPDATE recall r JOIN patient was ON was.id = r.patient_id JOIN patient p ON p.id = NEW.patient_id
         AND p.family_key = was.family_key AND p.given_key = was.given_key AND p.birth_date = was.birth_date
         SET r.status = 'booked'
       WHERE r.answer_booking_id = NEW.id AND r.status IN ('open', 'attempted');
    ELSEIF NEW.status = 'completed' THEN
      UPDATE recall SET status = 'done' WHERE answer_booking_id = NEW.id AND status = 'booked';
    ELSEIF NEW.status IN ('cancelled', 'no-show', 'expired') THEN
      UPDATE recall r
         SET r.status = IF(EXISTS (SELECT 1 FROM recall_attempt a WHERE a.recall_id = r.id), 'attempted', 'open'),
             r.answer_booking_id = NULL
       WHERE r.answer_booking_id = NEW.id AND r.status IN ('open', 'attempted', 'booked');
    END IF;
  END IF;
END;
