-- SPDX-License-Identifier: Apache-2.0
-- A program may book without saying which part of the body is treated, and on which side: the patient or the desk says it later, once. So no step of
-- the day begins before it is said, whoever asks. What began while the service asked for no place goes on.

CREATE OR REPLACE TRIGGER step_event_needs_place BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM step_event WHERE booking_id = NEW.booking_id) AND EXISTS (
    SELECT 1 FROM booking b JOIN service s ON s.id = b.service_id
     WHERE b.id = NEW.booking_id AND s.needs_body_site = 1 AND b.body_site = '')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no step starts before it is said what is treated';
  END IF;
END;

CREATE OR REPLACE TRIGGER unit_needs_place BEFORE INSERT ON unit FOR EACH ROW
BEGIN
  IF EXISTS (
    SELECT 1 FROM booking b JOIN service s ON s.id = b.service_id
     WHERE b.id = NEW.booking_id AND s.needs_body_site = 1 AND NEW.body_site = '')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no unit is made before it is said where it goes';
  END IF;
END;
