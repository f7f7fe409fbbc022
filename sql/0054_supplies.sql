-- SPDX-License-Identifier: Apache-2.0
-- Lots of supplies by item, lot number and expiry. A recall is added, and taken back by adding. What is processed names the lot of its kit: in order on
-- that day, or a clinician says why it was used. If that lot is recalled before the injection, a clinician says why again. What was recorded before keeps
-- its text.

CREATE TABLE IF NOT EXISTS supply_lot (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  kit           TINYINT NOT NULL DEFAULT 1 COMMENT '1: a unit can be processed with it; only then is it found by its number',
  item          VARCHAR(80) NOT NULL,
  lot           VARCHAR(40) NOT NULL,
  expires       DATE NOT NULL COMMENT 'the last local day on which it may be used',
  udi           VARCHAR(100) NOT NULL DEFAULT '',
  received_at   BIGINT NOT NULL COMMENT 'when it was entered',
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY lot_once (item, lot, expires),
  KEY lot_number (lot),
  CONSTRAINT lot_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT lot_is_said CHECK (item <> '' AND lot <> '' AND kit IN (0, 1))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE OR REPLACE TRIGGER supply_lot_is_entered BEFORE INSERT ON supply_lot FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id AND active = 1) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a member of the staff enters a lot';
  END IF;
END;

CREATE OR REPLACE TRIGGER supply_lot_keeps BEFORE UPDATE ON supply_lot FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a lot never changes; recall it and enter it again';

CREATE OR REPLACE TRIGGER supply_lot_stays BEFORE DELETE ON supply_lot FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a lot is never deleted; recall it';

CREATE TABLE IF NOT EXISTS supply_recall (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  lot_id        BIGINT UNSIGNED NOT NULL,
  turn          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'even: recalled; odd: taken back',
  recalled      TINYINT NOT NULL,
  reason        VARCHAR(200) NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY recall_turn (lot_id, turn),
  CONSTRAINT recall_lot FOREIGN KEY (lot_id) REFERENCES supply_lot (id),
  CONSTRAINT recall_by FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT recall_is_said CHECK (reason <> '' AND recalled IN (0, 1))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE OR REPLACE TRIGGER supply_recall_has_its_turn BEFORE INSERT ON supply_recall FOR EACH ROW
BEGIN
  SET NEW.turn = (SELECT COUNT(*) FROM supply_recall WHERE lot_id = NEW.lot_id);
  IF NEW.recalled <> (NEW.turn % 2 = 0) OR NOT EXISTS (SELECT 1 FROM supply_lot WHERE id = NEW.lot_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a lot is recalled once, and that is taken back once';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id AND active = 1) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a member of the staff recalls a lot';
  END IF;
  IF NEW.recalled = 0 AND NOT EXISTS (SELECT 1 FROM staff_role WHERE staff_id = NEW.staff_id AND role IN ('clinician', 'admin')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a clinician takes a recall back';
  END IF;
END;

CREATE OR REPLACE TRIGGER supply_recall_keeps BEFORE UPDATE ON supply_recall FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a recall never changes; take it back';

CREATE OR REPLACE TRIGGER supply_recall_stays BEFORE DELETE ON supply_recall FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a recall is never deleted; take it back';

ALTER TABLE unit_processing
  ADD COLUMN IF NOT EXISTS lot_id BIGINT UNSIGNED NULL COMMENT 'the kit''s; NULL: recorded as a text, before there were lots',
  ADD COLUMN IF NOT EXISTS lot_why VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why it was used although it was expired or recalled; empty: it was in order';

ALTER TABLE unit_processing
  ADD CONSTRAINT processing_lot FOREIGN KEY IF NOT EXISTS (lot_id) REFERENCES supply_lot (id);

CREATE OR REPLACE TRIGGER processing_has_its_lot BEFORE INSERT ON unit_processing FOR EACH ROW
BEGIN
  DECLARE day DATE DEFAULT DATE(TIMESTAMP('1970-01-01') + INTERVAL (NEW.at + 60 * COALESCE(NEW.utc_offset, 840)) SECOND);
  IF NOT EXISTS (SELECT 1 FROM supply_lot WHERE id = NEW.lot_id AND lot = NEW.kit_lot AND kit = 1) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a processing names a lot of the clinic''s supplies';
  END IF;
  IF NEW.lot_why = '' AND EXISTS (
    SELECT 1 FROM supply_lot l
     WHERE l.id = NEW.lot_id AND (l.expires < day OR (SELECT COUNT(*) FROM supply_recall r WHERE r.lot_id = l.id) % 2 = 1))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the lot was expired or recalled';
  END IF;
  IF NEW.lot_why <> '' AND NOT EXISTS (
    SELECT 1 FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role IN ('clinician', 'admin') WHERE s.id = NEW.staff_id AND s.active = 1)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a clinician says why a lot that is not in order was used';
  END IF;
END;

-- What corrects the lot of a kit (0044) names the number of one, too. One of these lots that is recalled, or none that was good on the day of the
-- processing: a clinician answers for it.
CREATE OR REPLACE TRIGGER correction_names_a_lot BEFORE INSERT ON correction FOR EACH ROW
BEGIN
  DECLARE day DATE;
  IF NEW.what = 'kit-lot' THEN
    IF NOT EXISTS (SELECT 1 FROM supply_lot WHERE lot = NEW.new_value AND kit = 1) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a kit is of a lot of the clinic''s supplies';
    END IF;
    SET day = (SELECT DATE(TIMESTAMP('1970-01-01') + INTERVAL (at + 60 * COALESCE(utc_offset, 840)) SECOND) FROM unit_processing WHERE unit_id = NEW.row_id);
    IF (NOT EXISTS (SELECT 1 FROM supply_lot WHERE lot = NEW.new_value AND kit = 1 AND expires >= day)
        OR EXISTS (SELECT 1 FROM supply_lot l WHERE l.lot = NEW.new_value AND l.kit = 1
                      AND (SELECT COUNT(*) FROM supply_recall r WHERE r.lot_id = l.id) % 2 = 1))
       AND NOT EXISTS (
         SELECT 1 FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role IN ('clinician', 'admin') WHERE s.id = NEW.staff_id AND s.active = 1)
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a clinician corrects to a lot that is not in order';
    END IF;
  END IF;
END;

-- The lot of a unit's kit, as corrected. By its number, where no lot was recorded or it was corrected, it may be several.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW unit_lot AS
  SELECT x.unit_id, l.id AS lot_id, l.expires, (SELECT COUNT(*) FROM supply_recall r WHERE r.lot_id = l.id) % 2 AS recalled
    FROM unit_processing x
    LEFT JOIN correction c ON c.row_id = x.unit_id AND c.what = 'kit-lot' AND NOT EXISTS (
           SELECT 1 FROM correction n WHERE n.row_id = c.row_id AND n.what = c.what AND n.turn > c.turn)
    JOIN supply_lot l ON l.lot = COALESCE(c.new_value, x.kit_lot) AND l.kit = 1 AND (l.id = x.lot_id OR x.lot_id IS NULL OR c.id IS NOT NULL);

-- A recall after the processing stops the injection, too.
ALTER TABLE injection
  ADD COLUMN IF NOT EXISTS lot_why VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why it was given although the lot of the kit was recalled; empty: it was not';

CREATE OR REPLACE TRIGGER injection_has_its_lot BEFORE INSERT ON injection FOR EACH ROW
BEGIN
  IF NEW.lot_why = '' AND EXISTS (SELECT 1 FROM unit_lot WHERE unit_id = NEW.unit_id AND recalled = 1) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the lot of the kit is recalled';
  END IF;
  IF NEW.lot_why <> '' AND NOT EXISTS (
    SELECT 1 FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role IN ('clinician', 'admin') WHERE s.id = NEW.staff_id AND s.active = 1)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a clinician says why a unit of a recalled lot was injected';
  END IF;
END;
