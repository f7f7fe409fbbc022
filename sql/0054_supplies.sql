-- SPDX-License-Identifier: Apache-2.0
-- Lots of supplies by item, lot number and expiry. A recall is added, and taken back by adding. What is processed names the lot of its kit: in order on
-- that day, or a clinician says why it was used. What was recorded before keeps its text.

CREATE TABLE IF NOT EXISTS supply_lot (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  item          VARCHAR(80) NOT NULL,
  lot           VARCHAR(40) NOT NULL,
  expires       DATE NOT NULL COMMENT 'the last local day on which it may be used',
  udi           VARCHAR(100) NOT NULL DEFAULT '',
  received_at   BIGINT NOT NULL COMMENT 'when it was entered',
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY lot_once (item, lot),
  KEY lot_number (lot),
  CONSTRAINT lot_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT lot_is_said CHECK (item <> '' AND lot <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

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
  IF NOT EXISTS (SELECT 1 FROM supply_lot WHERE id = NEW.lot_id AND lot = NEW.kit_lot) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a processing names a lot of the clinic''s supplies';
  END IF;
  IF NEW.lot_why = '' AND EXISTS (
    SELECT 1 FROM supply_lot l
     WHERE l.id = NEW.lot_id AND (l.expires < day OR (SELECT COUNT(*) FROM supply_recall r WHERE r.lot_id = l.id) % 2 = 1))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the lot was expired or recalled';
  END IF;
  IF NEW.lot_why <> '' AND NOT EXISTS (
    SELECT 1 FROM staff_role WHERE staff_id = NEW.staff_id AND role IN ('clinician', 'admin'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a clinician says why a lot that is not in order was used';
  END IF;
END;

-- What corrects the lot of a kit (0044) names one, too.
CREATE OR REPLACE TRIGGER correction_names_a_lot BEFORE INSERT ON correction FOR EACH ROW
BEGIN
  IF NEW.what = 'kit-lot' AND NOT EXISTS (SELECT 1 FROM supply_lot WHERE lot = NEW.new_value) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a kit is of a lot of the clinic''s supplies';
  END IF;
END;
