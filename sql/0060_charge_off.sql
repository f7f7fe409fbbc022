-- SPDX-License-Identifier: Apache-2.0
-- A charge that somebody took off by hand is kept as it was, so that it can be charged again when that was wrong: as a new charge, because nothing that
-- was posted ever changes.

CREATE TABLE IF NOT EXISTS charge_off (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  entry_id      BIGINT UNSIGNED NOT NULL COMMENT 'who took it off, when and why',
  charge_id     BIGINT UNSIGNED NOT NULL COMMENT 'of charge_item, where it is not any more',
  booking_id    BIGINT UNSIGNED NOT NULL,
  line_no       TINYINT UNSIGNED NOT NULL,
  step_kind     ENUM('check-in','harvest','process','inject','recover','consult') NOT NULL,
  code_system   VARCHAR(120) CHARACTER SET ascii NOT NULL,
  code          VARCHAR(16) CHARACTER SET ascii NOT NULL,
  modifier      CHAR(2) CHARACTER SET ascii NOT NULL DEFAULT '',
  description   VARCHAR(160) NOT NULL,
  quantity      SMALLINT UNSIGNED NOT NULL,
  unit_minor    BIGINT NOT NULL,
  total_minor   BIGINT NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  on_claim      TINYINT NOT NULL,
  service_date  DATE NOT NULL,
  practitioner_id INT UNSIGNED NULL,
  UNIQUE KEY charge_off_entry (entry_id),
  UNIQUE KEY charge_off_once (charge_id),
  KEY charge_off_booking (booking_id),
  CONSTRAINT charge_off_by FOREIGN KEY (entry_id) REFERENCES ledger_entry (id),
  CONSTRAINT charge_off_of FOREIGN KEY (booking_id) REFERENCES booking (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE OR REPLACE TRIGGER charge_off_fits BEFORE INSERT ON charge_off FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM ledger_entry e JOIN charge_item c ON c.id = NEW.charge_id JOIN booking b ON b.id = c.booking_id
     JOIN patient p ON p.id = e.patient_id JOIN patient q ON q.id = b.patient_id
     WHERE e.id = NEW.entry_id AND e.kind = 'void' AND e.amount_minor = c.total_minor AND e.currency = c.currency
       AND COALESCE(q.merged_into, q.id) = COALESCE(p.merged_into, p.id)
       AND c.booking_id = NEW.booking_id AND c.line_no = NEW.line_no AND c.step_kind = NEW.step_kind AND c.code_system = NEW.code_system
       AND c.code = NEW.code AND c.modifier = NEW.modifier AND c.description = NEW.description AND c.quantity = NEW.quantity
       AND c.unit_minor = NEW.unit_minor AND c.total_minor = NEW.total_minor AND c.currency = NEW.currency AND c.on_claim = NEW.on_claim
       AND c.service_date = NEW.service_date AND c.practitioner_id <=> NEW.practitioner_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what is taken off is kept as it was charged';
  END IF;
END;

CREATE OR REPLACE TRIGGER charge_off_keeps BEFORE UPDATE ON charge_off FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge that was taken off never changes; charge it again';

CREATE OR REPLACE TRIGGER charge_off_stays BEFORE DELETE ON charge_off FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was taken off is never deleted; charge it again';

-- What was taken off without being kept, before this file, cannot be charged again.
CREATE OR REPLACE TRIGGER ledger_entry_charges_again BEFORE INSERT ON ledger_entry FOR EACH ROW
BEGIN
  IF NEW.reverses IS NOT NULL AND EXISTS (SELECT 1 FROM ledger_entry o WHERE o.id = NEW.reverses AND o.kind = 'void')
     AND NOT EXISTS (SELECT 1 FROM charge_off f WHERE f.entry_id = NEW.reverses)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this charge was not kept when it was taken off';
  END IF;
END;

-- An invoice that credit notes took back whole asks for nothing, so what was completed can be taken back again (0044).
CREATE OR REPLACE TRIGGER correction_fits BEFORE INSERT ON correction FOR EACH ROW PRECEDES correction_names_a_doer
BEGIN
  DECLARE state, was VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
  SELECT status INTO state FROM booking WHERE id = NEW.booking_id;
  SET NEW.turn = (SELECT COUNT(*) FROM correction WHERE row_id = NEW.row_id AND what = NEW.what);
  IF NEW.what IN ('check-in', 'complete', 'end') AND NEW.turn > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this was taken back already';
  END IF;
  IF NEW.what IN ('check-in', 'complete') AND NOT EXISTS (
    SELECT 1 FROM step_event WHERE id = NEW.row_id AND booking_id = NEW.booking_id AND CAST(kind AS CHAR) = CAST(NEW.what AS CHAR))
    OR NEW.what = 'end' AND NOT EXISTS (SELECT 1 FROM booking_ending WHERE id = NEW.row_id AND booking_id = NEW.booking_id)
    OR NEW.what = 'no-show' AND (NEW.row_id <> NEW.booking_id OR NOT state <=> 'no-show')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is nothing of the kind to take back';
  END IF;
  IF NEW.what = 'check-in' AND (NOT state <=> 'arrived' OR EXISTS (
    SELECT 1 FROM step_done WHERE booking_id = NEW.booking_id AND kind <> 'check-in'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a check-in stays once something followed it';
  END IF;
  IF NEW.what IN ('complete', 'end') AND (NOT state <=> 'completed' OR EXISTS (
      SELECT 1 FROM invoice v WHERE v.booking_id = NEW.booking_id
         AND (NOT EXISTS (SELECT 1 FROM credit_note n WHERE n.invoice_id = v.id) OR EXISTS (
           SELECT 1 FROM invoice_charge x LEFT JOIN credit_note_line l ON l.invoice_id = x.invoice_id AND l.charge_id = x.charge_id
            WHERE x.invoice_id = v.id AND l.charge_id IS NULL AND x.amount_minor > 0)))
    OR EXISTS (SELECT 1 FROM claim WHERE booking_id = NEW.booking_id))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what is over stays once it is invoiced or claimed';
  END IF;
  IF NEW.what IN ('harvest-volume', 'concentrate-volume', 'kit-lot') THEN
    SET was = (SELECT new_value FROM correction WHERE row_id = NEW.row_id AND what = NEW.what ORDER BY turn DESC LIMIT 1);
    IF was IS NULL AND NEW.what = 'harvest-volume' THEN
      SET was = (SELECT volume_ml FROM unit WHERE id = NEW.row_id AND booking_id = NEW.booking_id);
    ELSEIF was IS NULL THEN
      SET was = (SELECT IF(NEW.what = 'kit-lot', x.kit_lot, x.volume_ml) FROM unit_processing x JOIN unit u ON u.id = x.unit_id
                  WHERE x.unit_id = NEW.row_id AND u.booking_id = NEW.booking_id);
    END IF;
    IF NOT BINARY was <=> BINARY NEW.old_value THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a correction names what is recorded now';
    END IF;
  END IF;
END;

-- A merge stays while money of one record was posted for the other: it would be nobody's to reverse. What is left of one's acts on the other's accounts
-- counts, whatever they were undone by; what a payer owes apart from the rest.
CREATE OR REPLACE TRIGGER patient_unmerge_leaves_no_money BEFORE INSERT ON patient_unmerge FOR EACH ROW
BEGIN
  DECLARE merged BIGINT UNSIGNED DEFAULT (SELECT merged_id FROM patient_merge WHERE id = NEW.merge_id);
  IF EXISTS (
    SELECT 1 FROM (
      SELECT a.id, a.patient_id, a.kind, a.currency, t.entry_id, t.reverses, t.amount_minor AS moved FROM account a JOIN transfer t ON t.debit_account = a.id
       WHERE a.patient_id = merged
      UNION ALL
      SELECT a.id, a.patient_id, a.kind, a.currency, t.entry_id, t.reverses, -t.amount_minor FROM account a JOIN transfer t ON t.credit_account = a.id
       WHERE a.patient_id = merged) x
      LEFT JOIN transfer o ON o.id = x.reverses
      JOIN ledger_entry e ON e.id = IF(x.reverses IS NULL, x.entry_id, o.entry_id) AND e.patient_id <> x.patient_id
     GROUP BY e.patient_id, x.kind = 'payer', x.currency HAVING SUM(x.moved) <> 0)
    OR EXISTS (
    SELECT 1 FROM ledger_entry e JOIN transfer t ON t.entry_id = e.id LEFT JOIN transfer r ON r.reverses = t.id
      JOIN account a ON a.id IN (t.debit_account, t.credit_account) AND a.patient_id <> e.patient_id
     WHERE e.patient_id = merged AND r.id IS NULL
     GROUP BY a.patient_id, a.kind = 'payer', a.currency HAVING SUM(IF(a.id = t.debit_account, t.amount_minor, -t.amount_minor)) <> 0)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'money of one of these records was posted for the other; reverse it first';
  END IF;
END;
