-- SPDX-License-Identifier: Apache-2.0
-- A line of a fee schedule says how it applies to the targets of a treatment: once per visit, as all did until now; for each target that was injected; or
-- once for each part of the body, whether one side of it was injected or both. A quote freezes how often that is; what is charged comes from what was done.

ALTER TABLE fee_line
  ADD COLUMN IF NOT EXISTS applies ENUM('visit','target','bilateral') NOT NULL DEFAULT 'visit'
    COMMENT 'once per visit; for each target; for each part of the body, one side or both',
  ADD CONSTRAINT IF NOT EXISTS fee_line_applies CHECK (applies = 'visit' OR step_kind = 'inject'),
  ADD CONSTRAINT IF NOT EXISTS fee_line_bilateral CHECK (applies <> 'bilateral' OR units = 1),
  ADD CONSTRAINT IF NOT EXISTS fee_line_of_target CHECK (applies = 'visit' OR side_modifier = 1 AND CHAR_LENGTH(modifiers) <= 5
    AND CONCAT(' ', modifiers, ' ') NOT LIKE '% 50 %' AND CONCAT(' ', modifiers, ' ') NOT LIKE '% RT %' AND CONCAT(' ', modifiers, ' ') NOT LIKE '% LT %');

-- Invisible: 0062 puts rows in without naming columns.
ALTER TABLE booking_charge
  ADD COLUMN IF NOT EXISTS applies ENUM('visit','target','bilateral') INVISIBLE NOT NULL DEFAULT 'visit',
  ADD COLUMN IF NOT EXISTS times TINYINT UNSIGNED INVISIBLE NOT NULL DEFAULT 1 COMMENT 'for how many targets, or parts of the body; they are in units already';

ALTER TABLE charge_item
  ADD COLUMN IF NOT EXISTS target_no TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of booking_target; of both sides the first; 0: of the visit' AFTER line_no,
  ADD UNIQUE KEY IF NOT EXISTS charge_target_once (booking_id, line_no, target_no),
  DROP KEY IF EXISTS charge_once;

ALTER TABLE charge_off
  ADD COLUMN IF NOT EXISTS target_no TINYINT UNSIGNED NOT NULL DEFAULT 0 AFTER line_no;

ALTER TABLE payer
  ADD COLUMN IF NOT EXISTS bilateral ENUM('two-lines','one-line') NOT NULL DEFAULT 'two-lines' COMMENT 'both sides on a claim: RT and LT, or one line with 50';

-- The lines that a booking has, or would have if it were booked now, with their units for all of its targets.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW booking_fee_line AS
  SELECT y.booking_id, y.version_id, y.service_id, y.line_no, y.step_kind, y.code_system, y.code, y.modifiers, y.side_modifier, y.description,
         y.units * y.times AS units, y.unit_minor, y.currency, y.on_claim, y.applies, y.times
    FROM (
      SELECT x.booking_id, l.*,
             GREATEST(1, CASE l.applies
               WHEN 'target' THEN (SELECT COUNT(*) FROM booking_target t WHERE t.booking_id = x.booking_id)
               WHEN 'bilateral' THEN (SELECT COUNT(DISTINCT t.body_site) FROM booking_target t WHERE t.booking_id = x.booking_id)
               ELSE 1 END) AS times
        FROM booking_fee x JOIN fee_line l ON l.version_id = x.version_id AND l.service_id = x.service_id) y;

CREATE OR REPLACE TRIGGER fee_line_is_early BEFORE INSERT ON fee_line FOR EACH ROW
BEGIN
  DECLARE it INT UNSIGNED;
  SELECT id INTO it FROM fee_schedule_version WHERE id = NEW.version_id LOCK IN SHARE MODE;
  IF EXISTS (SELECT 1 FROM fee_publication WHERE version_id = NEW.version_id LOCK IN SHARE MODE) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a published version of a fee schedule gets no line';
  END IF;
  IF NOT COALESCE(NEW.applies = 'visit' OR NEW.step_kind = 'inject' AND (NEW.applies = 'target' OR NEW.applies = 'bilateral' AND NEW.units = 1), 0) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what is charged for each target is charged for its injection';
  END IF;
  -- Which side it is says what was injected; a modifier more may say that the part of the body is another one.
  IF NOT COALESCE(NEW.applies = 'visit' OR NEW.side_modifier = 1 AND CHAR_LENGTH(NEW.modifiers) <= 5
       AND CONCAT(' ', NEW.modifiers, ' ') NOT LIKE '% 50 %' AND CONCAT(' ', NEW.modifiers, ' ') NOT LIKE '% RT %'
       AND CONCAT(' ', NEW.modifiers, ' ') NOT LIKE '% LT %', 0)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the side of a target comes from its injection';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_quote_fits BEFORE INSERT ON booking_quote FOR EACH ROW
BEGIN
  DECLARE targets, parts INT;
  SELECT GREATEST(1, COUNT(*)), GREATEST(1, COUNT(DISTINCT body_site)) INTO targets, parts FROM booking_target WHERE booking_id = NEW.booking_id;
  IF NOT EXISTS (SELECT 1 FROM booking b JOIN fee_publication p ON p.version_id = NEW.version_id WHERE b.id = NEW.booking_id AND b.service_id = NEW.service_id)
     OR NOT NEW.total_minor <=> (
       SELECT SUM(l.unit_minor * l.units * CASE l.applies WHEN 'target' THEN targets WHEN 'bilateral' THEN parts ELSE 1 END)
         FROM fee_line l WHERE l.version_id = NEW.version_id AND l.service_id = NEW.service_id)
     OR EXISTS (SELECT 1 FROM fee_line WHERE version_id = NEW.version_id AND service_id = NEW.service_id AND currency <> NEW.currency)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a quote is the sum of the lines of a published version';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_charge_fits BEFORE INSERT ON booking_charge FOR EACH ROW
BEGIN
  DECLARE targets, parts INT;
  SELECT GREATEST(1, COUNT(*)), GREATEST(1, COUNT(DISTINCT t.body_site)) INTO targets, parts
    FROM booking_quote q JOIN booking_target t ON t.booking_id = q.booking_id WHERE q.id = NEW.quote_id;
  IF NOT EXISTS (
    SELECT 1 FROM booking_quote q
      JOIN fee_line l ON l.version_id = q.version_id AND l.service_id = q.service_id AND l.line_no = NEW.line_no
     WHERE q.id = NEW.quote_id AND l.step_kind = NEW.step_kind AND l.code_system = NEW.code_system AND l.code = NEW.code
       AND l.modifiers = NEW.modifiers AND l.side_modifier = NEW.side_modifier AND l.description = NEW.description AND l.units * NEW.times = NEW.units
       AND l.unit_minor = NEW.unit_minor AND l.currency = NEW.currency AND l.on_claim = NEW.on_claim AND CAST(l.applies AS CHAR) = CAST(NEW.applies AS CHAR)
       AND NEW.times = CASE l.applies WHEN 'target' THEN targets WHEN 'bilateral' THEN parts ELSE 1 END)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the lines of a quote are those of its schedule';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_is_quoted AFTER UPDATE ON booking FOR EACH ROW PRECEDES booking_is_estimated
BEGIN
  DECLARE version INT UNSIGNED;
  DECLARE targets, parts INT;
  IF NEW.status IN ('booked', 'arrived', 'in-progress', 'completed', 'no-show') AND NEW.status <> OLD.status
     AND NOT EXISTS (SELECT 1 FROM booking_quote WHERE booking_id = NEW.id)
  THEN
    SET version = (SELECT x.version_id FROM booking_fee x WHERE x.booking_id = NEW.id);
    IF version IS NULL THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment that has no price is not booked';
    END IF;
    SELECT GREATEST(1, COUNT(*)), GREATEST(1, COUNT(DISTINCT body_site)) INTO targets, parts FROM booking_target WHERE booking_id = NEW.id;
    INSERT INTO booking_quote (booking_id, version_id, service_id, total_minor, currency, made_at) VALUES (NEW.id, version, NEW.service_id,
      (SELECT SUM(l.unit_minor * l.units * CASE l.applies WHEN 'target' THEN targets WHEN 'bilateral' THEN parts ELSE 1 END)
         FROM fee_line l WHERE l.version_id = version AND l.service_id = NEW.service_id),
      (SELECT MIN(l.currency) FROM fee_line l WHERE l.version_id = version AND l.service_id = NEW.service_id), COALESCE(NEW.booked_at, NEW.created_at));
    INSERT INTO booking_charge
      (quote_id, line_no, step_kind, code_system, code, modifiers, side_modifier, description, units, unit_minor, currency, on_claim, applies, times)
      SELECT q.id, l.line_no, l.step_kind, l.code_system, l.code, l.modifiers, l.side_modifier, l.description,
             l.units * CASE l.applies WHEN 'target' THEN targets WHEN 'bilateral' THEN parts ELSE 1 END, l.unit_minor, l.currency, l.on_claim, l.applies,
             CASE l.applies WHEN 'target' THEN targets WHEN 'bilateral' THEN parts ELSE 1 END
        FROM booking_quote q JOIN fee_line l ON l.version_id = q.version_id AND l.service_id = q.service_id
       WHERE q.booking_id = NEW.id;
  END IF;
END;

-- After its targets (0061) are there.
CREATE OR REPLACE TRIGGER booking_begins_quoted AFTER INSERT ON booking FOR EACH ROW
BEGIN
  DECLARE version INT UNSIGNED;
  DECLARE targets, parts INT;
  IF NEW.status IN ('booked', 'arrived', 'in-progress', 'completed', 'no-show') THEN
    SET version = (SELECT x.version_id FROM booking_fee x WHERE x.booking_id = NEW.id);
    IF version IS NULL THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment that has no price is not booked';
    END IF;
    SELECT GREATEST(1, COUNT(*)), GREATEST(1, COUNT(DISTINCT body_site)) INTO targets, parts FROM booking_target WHERE booking_id = NEW.id;
    INSERT INTO booking_quote (booking_id, version_id, service_id, total_minor, currency, made_at) VALUES (NEW.id, version, NEW.service_id,
      (SELECT SUM(l.unit_minor * l.units * CASE l.applies WHEN 'target' THEN targets WHEN 'bilateral' THEN parts ELSE 1 END)
         FROM fee_line l WHERE l.version_id = version AND l.service_id = NEW.service_id),
      (SELECT MIN(l.currency) FROM fee_line l WHERE l.version_id = version AND l.service_id = NEW.service_id), COALESCE(NEW.booked_at, NEW.created_at));
    INSERT INTO booking_charge
      (quote_id, line_no, step_kind, code_system, code, modifiers, side_modifier, description, units, unit_minor, currency, on_claim, applies, times)
      SELECT q.id, l.line_no, l.step_kind, l.code_system, l.code, l.modifiers, l.side_modifier, l.description,
             l.units * CASE l.applies WHEN 'target' THEN targets WHEN 'bilateral' THEN parts ELSE 1 END, l.unit_minor, l.currency, l.on_claim, l.applies,
             CASE l.applies WHEN 'target' THEN targets WHEN 'bilateral' THEN parts ELSE 1 END
        FROM booking_quote q JOIN fee_line l ON l.version_id = q.version_id AND l.service_id = q.service_id
       WHERE q.booking_id = NEW.id;
  END IF;
  IF NEW.status = 'booked' AND NEW.self_pay = 1 AND NEW.coverage_id IS NULL THEN
    INSERT INTO estimate (booking_id, cause) VALUES (NEW.id, 'booked');
  END IF;
END;

-- A charge keeps its line and its target, too (0056).
CREATE OR REPLACE TRIGGER charge_item_keeps_its_amount BEFORE UPDATE ON charge_item FOR EACH ROW
BEGIN
  IF NEW.id <> OLD.id OR NEW.booking_id <> OLD.booking_id OR NEW.total_minor <> OLD.total_minor OR NEW.currency <> OLD.currency
     OR NEW.quantity <> OLD.quantity OR NEW.unit_minor <> OLD.unit_minor
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge keeps its amount; take it off and charge again';
  END IF;
  IF NOT (NEW.line_no <=> OLD.line_no AND NEW.target_no <=> OLD.target_no) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge keeps its line and target; take it off and charge again';
  END IF;
  IF NEW.on_claim <> OLD.on_claim AND EXISTS (SELECT 1 FROM claim WHERE booking_id = NEW.booking_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who owes a charge stays once it is claimed';
  END IF;
END;

-- What is charged for a target was injected there, and is charged once, at the price and as often as was promised for one.
CREATE OR REPLACE TRIGGER charge_item_is_of_a_target BEFORE INSERT ON charge_item FOR EACH ROW
BEGIN
  DECLARE how VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT (
    SELECT CAST(k.applies AS CHAR) FROM booking_quote q JOIN booking_charge k ON k.quote_id = q.id AND k.line_no = NEW.line_no
     WHERE q.booking_id = NEW.booking_id);
  IF NOT COALESCE(IF(NEW.target_no = 0, COALESCE(how, 'visit') = 'visit', how <> 'visit' AND EXISTS (
       SELECT 1 FROM injection_given i WHERE i.booking_id = NEW.booking_id AND COALESCE(i.target_no, 1) = NEW.target_no)), 0)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what is charged for a target was done there';
  END IF;
  IF how <> 'visit' AND NOT EXISTS (
    SELECT 1 FROM booking_quote q JOIN booking_charge k ON k.quote_id = q.id AND k.line_no = NEW.line_no
     WHERE q.booking_id = NEW.booking_id AND k.unit_minor = NEW.unit_minor AND k.units DIV k.times = NEW.quantity
       AND NEW.total_minor = NEW.unit_minor * CAST(NEW.quantity AS SIGNED) AND CONVERT(k.currency USING utf8mb4) = CONVERT(NEW.currency USING utf8mb4))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a target is charged what was promised for one';
  END IF;
  IF how = 'bilateral' AND EXISTS (
    SELECT 1 FROM charge_item c
      JOIN booking_target a ON a.booking_id = c.booking_id AND a.target_no = c.target_no
      JOIN booking_target b ON b.booking_id = c.booking_id AND b.target_no = NEW.target_no AND b.body_site = a.body_site
     WHERE c.booking_id = NEW.booking_id AND c.line_no = NEW.line_no)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'both sides are charged once';
  END IF;
END;

CREATE OR REPLACE TRIGGER charge_off_fits BEFORE INSERT ON charge_off FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM ledger_entry e JOIN charge_item c ON c.id = NEW.charge_id JOIN booking b ON b.id = c.booking_id
     JOIN patient p ON p.id = e.patient_id JOIN patient q ON q.id = b.patient_id
     WHERE e.id = NEW.entry_id AND e.kind = 'void' AND e.amount_minor = c.total_minor AND e.currency = c.currency
       AND COALESCE(q.merged_into, q.id) = COALESCE(p.merged_into, p.id)
       AND c.booking_id = NEW.booking_id AND c.line_no = NEW.line_no AND c.target_no = NEW.target_no AND c.step_kind = NEW.step_kind
       AND c.code_system = NEW.code_system AND c.code = NEW.code AND c.modifier = NEW.modifier AND c.description = NEW.description
       AND c.quantity = NEW.quantity AND c.unit_minor = NEW.unit_minor AND c.total_minor = NEW.total_minor AND c.currency = NEW.currency
       AND c.on_claim = NEW.on_claim AND c.service_date = NEW.service_date AND c.practitioner_id <=> NEW.practitioner_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what is taken off is kept as it was charged';
  END IF;
END;
