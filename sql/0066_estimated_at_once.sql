-- SPDX-License-Identifier: Apache-2.0
-- A row that is inserted as booked has its estimate as one that becomes booked has. And who books waits for nobody else's booking: INSERT … SELECT holds the lock
-- on the next number of a table until the end of the whole statement (innodb_autoinc_lock_mode 1), INSERT … VALUES does not.

CREATE OR REPLACE TRIGGER booking_is_quoted AFTER UPDATE ON booking FOR EACH ROW PRECEDES booking_is_estimated
BEGIN
  DECLARE version INT UNSIGNED;
  IF NEW.status IN ('booked', 'arrived', 'in-progress', 'completed', 'no-show') AND NEW.status <> OLD.status
     AND NOT EXISTS (SELECT 1 FROM booking_quote WHERE booking_id = NEW.id)
  THEN
    SET version = (SELECT x.version_id FROM booking_fee x WHERE x.booking_id = NEW.id);
    IF version IS NULL THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment that has no price is not booked';
    END IF;
    INSERT INTO booking_quote (booking_id, version_id, service_id, total_minor, currency, made_at) VALUES (NEW.id, version, NEW.service_id,
      (SELECT SUM(l.unit_minor * l.units) FROM fee_line l WHERE l.version_id = version AND l.service_id = NEW.service_id),
      (SELECT MIN(l.currency) FROM fee_line l WHERE l.version_id = version AND l.service_id = NEW.service_id), COALESCE(NEW.booked_at, NEW.created_at));
    INSERT INTO booking_charge
      SELECT q.id, l.line_no, l.step_kind, l.code_system, l.code, l.modifiers, l.side_modifier, l.description, l.units, l.unit_minor, l.currency, l.on_claim
        FROM booking_quote q JOIN fee_line l ON l.version_id = q.version_id AND l.service_id = q.service_id
       WHERE q.booking_id = NEW.id;
  END IF;
END;

-- Who treats is not known yet when the row is inserted: its steps come after it. Another estimate, or another time, names them.
CREATE OR REPLACE TRIGGER booking_begins_quoted AFTER INSERT ON booking FOR EACH ROW
BEGIN
  DECLARE version INT UNSIGNED;
  IF NEW.status IN ('booked', 'arrived', 'in-progress', 'completed', 'no-show') THEN
    SET version = (SELECT x.version_id FROM booking_fee x WHERE x.booking_id = NEW.id);
    IF version IS NULL THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment that has no price is not booked';
    END IF;
    INSERT INTO booking_quote (booking_id, version_id, service_id, total_minor, currency, made_at) VALUES (NEW.id, version, NEW.service_id,
      (SELECT SUM(l.unit_minor * l.units) FROM fee_line l WHERE l.version_id = version AND l.service_id = NEW.service_id),
      (SELECT MIN(l.currency) FROM fee_line l WHERE l.version_id = version AND l.service_id = NEW.service_id), COALESCE(NEW.booked_at, NEW.created_at));
    INSERT INTO booking_charge
      SELECT q.id, l.line_no, l.step_kind, l.code_system, l.code, l.modifiers, l.side_modifier, l.description, l.units, l.unit_minor, l.currency, l.on_claim
        FROM booking_quote q JOIN fee_line l ON l.version_id = q.version_id AND l.service_id = q.service_id
       WHERE q.booking_id = NEW.id;
  END IF;
  IF NEW.status = 'booked' AND NEW.self_pay = 1 AND NEW.coverage_id IS NULL THEN
    INSERT INTO estimate (booking_id, cause) VALUES (NEW.id, 'booked');
  END IF;
END;

-- What was inserted so since 0064 and is still ahead.
INSERT INTO estimate (booking_id, cause)
  SELECT b.id, 'booked' FROM booking b JOIN booking_quote q ON q.booking_id = b.id
   WHERE b.status = 'booked' AND b.self_pay = 1 AND b.coverage_id IS NULL AND b.starts_at > UNIX_TIMESTAMP()
     AND NOT EXISTS (SELECT 1 FROM estimate e WHERE e.booking_id = b.id)
   ORDER BY b.id;
