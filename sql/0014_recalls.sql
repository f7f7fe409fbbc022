-- SPDX-License-Identifier: Apache-2.0
-- Recalls, deepened: a visit that the desk books for a recall answers it whenever it is, a time that was only kept gives it back, and what a
-- recall would have written is not sent while a visit answers it.

CREATE OR REPLACE TRIGGER booking_answers_recalls AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.status <> OLD.status AND NEW.patient_id IS NOT NULL THEN
    IF NEW.status = 'booked' THEN
      UPDATE recall SET status = 'booked', answer_booking_id = NEW.id
       WHERE patient_id = NEW.patient_id AND status IN ('open', 'attempted')
         AND (answer_booking_id = NEW.id OR due_from <= DATE('1970-01-01') + INTERVAL (NEW.starts_at DIV 86400 + 14) DAY);
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

CREATE OR REPLACE TRIGGER recall_tells_its_message AFTER UPDATE ON recall FOR EACH ROW
BEGIN
  IF OLD.status IN ('open', 'attempted') AND NEW.status NOT IN ('open', 'attempted') THEN
    UPDATE message SET status = 'withdrawn' WHERE kind = 'recall' AND about_id = NEW.id AND about_version = 0 AND status = 'queued';
  ELSEIF NEW.status IN ('open', 'attempted') AND OLD.status NOT IN ('open', 'attempted') THEN
    UPDATE message SET status = 'queued' WHERE kind = 'recall' AND about_id = NEW.id AND about_version = 0 AND status = 'withdrawn';
  END IF;
END;
