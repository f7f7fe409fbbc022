-- SPDX-License-Identifier: Apache-2.0
-- A step has the time when it was done, and the time when somebody typed it in: at most now, not before the step before it. Why it was entered on a
-- later day is said. What was recorded so far was typed when it was done.

ALTER TABLE step_event
  ADD COLUMN IF NOT EXISTS recorded_at BIGINT NOT NULL DEFAULT (at) COMMENT 'when it was entered',
  ADD COLUMN IF NOT EXISTS late_reason VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why a check-in was entered after the day of the visit',
  ADD CONSTRAINT IF NOT EXISTS step_event_not_ahead CHECK (at <= recorded_at);

CREATE OR REPLACE TRIGGER step_event_in_order BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM step_event WHERE booking_id = NEW.booking_id AND at > NEW.at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a step is not done before the step before it';
  END IF;
END;

-- The clocks of a web server and of the database may differ a little.
CREATE OR REPLACE TRIGGER step_event_by_the_clock BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NEW.at > UNIX_TIMESTAMP() + 300 OR NEW.recorded_at > UNIX_TIMESTAMP() + 300 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a step is not done in the future';
  END IF;
END;

CREATE OR REPLACE TRIGGER unit_processing_in_order BEFORE INSERT ON unit_processing FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM unit WHERE id = NEW.unit_id AND harvested_at > NEW.at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'nothing is processed before it is harvested';
  END IF;
END;

CREATE OR REPLACE TRIGGER injection_in_order BEFORE INSERT ON injection FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM unit_processing WHERE unit_id = NEW.unit_id AND at > NEW.injected_at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'nothing is injected before it is processed';
  END IF;
END;

-- The consents of the time of the act (0004): those signed by then.
CREATE OR REPLACE TRIGGER step_event_needs_consent BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NEW.kind <> 'complete' AND EXISTS (
    SELECT 1 FROM booking b JOIN service_form sf ON sf.service_id = b.service_id
     WHERE b.id = NEW.booking_id AND NOT EXISTS (
       SELECT 1 FROM consent_in_force f JOIN consent c ON c.id = f.consent_id
        WHERE f.booking_id = b.id AND f.form_id = sf.form_id AND f.expires_at > NEW.at AND c.signed_at < NEW.at + 60))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no step starts without every consent';
  END IF;
END;
