-- SPDX-License-Identifier: Apache-2.0
-- Who owes what. A transfer moves one amount from one account to another: it is balanced by itself, never changes, and is reversed once, by another
-- transfer. What is charged is posted by triggers, so that nobody can forget it: to the patient, or to the payer if the booking is insured and the
-- charge is for its claim.

CREATE TABLE IF NOT EXISTS account (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name          VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'kind and whose, made by a trigger: one account for each',
  kind          ENUM('patient','deposit','payer','revenue','cash','discount','write-off','contractual','over-short') NOT NULL,
  patient_id    BIGINT UNSIGNED NULL COMMENT 'patient: what they owe; deposit: what is theirs; payer: whose treatment',
  booking_id    BIGINT UNSIGNED NULL COMMENT 'payer: of this treatment',
  coverage_id   BIGINT UNSIGNED NULL COMMENT 'payer: by this coverage',
  site_id       INT UNSIGNED NULL COMMENT 'of the clinic''s own accounts',
  means         ENUM('cash','check','card','bank') NULL COMMENT 'cash, deposit: how the money came',
  reason        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL COMMENT 'discount, write-off: why',
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  UNIQUE KEY account_name (name),
  UNIQUE KEY account_currency (id, currency),
  KEY account_patient (patient_id, kind),
  KEY account_booking (booking_id),
  CONSTRAINT account_of_patient FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT account_of_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT account_of_coverage FOREIGN KEY (coverage_id) REFERENCES coverage (id),
  CONSTRAINT account_of_site FOREIGN KEY (site_id) REFERENCES site (id),
  CONSTRAINT account_is_whose CHECK (
    (patient_id IS NOT NULL) = (kind IN ('patient', 'deposit', 'payer')) AND (site_id IS NULL) = (kind IN ('patient', 'deposit', 'payer'))
    AND (booking_id IS NOT NULL) = (kind = 'payer') AND (coverage_id IS NOT NULL) = (kind = 'payer')
    AND (means IS NOT NULL) = (kind IN ('cash', 'deposit')) AND (reason IS NOT NULL) = (kind IN ('discount', 'write-off')))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE OR REPLACE TRIGGER account_is_named BEFORE INSERT ON account FOR EACH ROW
  SET NEW.name = CONCAT_WS(':', NEW.kind, COALESCE(NEW.patient_id, '-'), COALESCE(NEW.booking_id, '-'), COALESCE(NEW.coverage_id, '-'),
    COALESCE(NEW.site_id, '-'), COALESCE(NEW.means, '-'), COALESCE(NEW.reason, '-'), NEW.currency);

CREATE OR REPLACE TRIGGER account_keeps BEFORE UPDATE ON account FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an account never changes';

CREATE OR REPLACE TRIGGER account_stays BEFORE DELETE ON account FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an account is never deleted';

-- What somebody did with money, in one act of several transfers.
CREATE TABLE IF NOT EXISTS ledger_entry (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  kind          ENUM('payment','use','refund','discount','write-off','move','release','reversal','void','cover','banked','over-short','remit','payer-write-off') NOT NULL
                COMMENT 'remit: what a payer paid and decided for one charge, by hand',
  patient_id    BIGINT UNSIGNED NULL COMMENT 'NULL: of the cash desk',
  site_id       INT UNSIGNED NOT NULL,
  means         ENUM('cash','check','card','bank') NULL COMMENT 'payment, refund, remit',
  reference     VARCHAR(60) NOT NULL DEFAULT '' COMMENT 'number of a check, of a slip; never of a card',
  amount_minor  BIGINT NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  reason        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  note          VARCHAR(200) NOT NULL DEFAULT '',
  day           DATE NOT NULL COMMENT 'local day of the site',
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  reverses      BIGINT UNSIGNED NULL,
  once_key      BINARY(32) NOT NULL COMMENT 'of the form that was sent: sent twice, it is done once',
  UNIQUE KEY entry_uid (uid),
  UNIQUE KEY entry_once (once_key),
  UNIQUE KEY entry_reversed_once (reverses),
  KEY entry_patient (patient_id, at, id),
  KEY entry_day (site_id, day, kind),
  CONSTRAINT entry_of FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT entry_site FOREIGN KEY (site_id) REFERENCES site (id),
  CONSTRAINT entry_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT entry_reverses FOREIGN KEY (reverses) REFERENCES ledger_entry (id),
  CONSTRAINT entry_amount CHECK (amount_minor > 0 AND amount_minor <= IF(kind IN ('payment', 'use', 'refund', 'banked', 'over-short'), 1000000000000, 999000000000000)),
  CONSTRAINT entry_says_why CHECK (kind NOT IN ('discount', 'write-off', 'move', 'reversal', 'void', 'cover', 'remit', 'payer-write-off') OR note <> ''),
  CONSTRAINT entry_has_its_reason CHECK ((kind IN ('discount', 'write-off', 'move', 'payer-write-off')) = (reason <> '')),
  CONSTRAINT entry_has_its_means CHECK ((kind IN ('payment', 'refund')) = (means IS NOT NULL) OR kind IN ('reversal', 'remit')),
  CONSTRAINT entry_reversal CHECK ((kind = 'reversal') = (reverses IS NOT NULL)),
  CONSTRAINT entry_whose CHECK ((patient_id IS NULL) = (kind IN ('banked', 'over-short')))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE OR REPLACE TRIGGER ledger_entry_fits BEFORE INSERT ON ledger_entry FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role IN ('front-desk', 'billing', 'admin')
                  WHERE s.id = NEW.staff_id AND s.active = 1)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the front desk or the billing staff moves money';
  END IF;
  IF NEW.reverses IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM ledger_entry o WHERE o.id = NEW.reverses AND o.kind NOT IN ('reversal', 'cover') AND o.currency = NEW.currency
       AND o.amount_minor = NEW.amount_minor AND o.patient_id <=> NEW.patient_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a reversal is of one entry, whole';
  END IF;
  IF NEW.kind = 'move' AND NEW.reason NOT IN ('deductible', 'patient-share') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a payer''s contractual part is never the patient''s';
  END IF;
  IF NEW.kind = 'payer-write-off' AND NEW.reason NOT IN ('contractual', 'timely-filing', 'denied', 'small-balance') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what a payer owes is given up for one of the reasons';
  END IF;
  IF NEW.kind = 'over-short' AND (
    NOT EXISTS (SELECT 1 FROM cash_count c WHERE c.site_id = NEW.site_id AND c.currency = NEW.currency AND c.day = NEW.day
                   AND ABS(c.counted_minor - c.expected_minor) = NEW.amount_minor)
    OR EXISTS (SELECT 1 FROM ledger_entry o WHERE o.site_id = NEW.site_id AND o.currency = NEW.currency AND o.day = NEW.day AND o.kind = 'over-short'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a difference of the cash desk is what a count found, once';
  END IF;
  IF NEW.kind = 'banked' AND (
    NOT EXISTS (SELECT 1 FROM cash_count c WHERE c.site_id = NEW.site_id AND c.currency = NEW.currency AND c.day = NEW.day
                   AND c.banked_minor = NEW.amount_minor)
    OR EXISTS (SELECT 1 FROM ledger_entry o WHERE o.site_id = NEW.site_id AND o.currency = NEW.currency AND o.day = NEW.day AND o.kind = 'banked'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what goes to the bank is what a count says, once';
  END IF;
END;

CREATE OR REPLACE TRIGGER ledger_entry_keeps BEFORE UPDATE ON ledger_entry FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was posted never changes; reverse it';

CREATE OR REPLACE TRIGGER ledger_entry_stays BEFORE DELETE ON ledger_entry FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was posted is never deleted; reverse it';

CREATE TABLE IF NOT EXISTS transfer (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  entry_id      BIGINT UNSIGNED NULL COMMENT 'NULL: follows from what was charged and who is insured',
  kind          ENUM('charge','move','payment','deposit','use','release','refund','discount','write-off','banked','over-short','remit','contractual') NOT NULL,
  debit_account BIGINT UNSIGNED NOT NULL,
  credit_account BIGINT UNSIGNED NOT NULL,
  amount_minor  BIGINT NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  charge_id     BIGINT UNSIGNED NULL COMMENT 'of this charge, also once it is gone',
  booking_id    BIGINT UNSIGNED NULL COMMENT 'of the charge',
  invoice_id    BIGINT UNSIGNED NULL COMMENT 'the paper that it was paid for',
  note          VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'charge: what it was',
  at            BIGINT NOT NULL,
  reverses      BIGINT UNSIGNED NULL,
  charge_once   BIGINT UNSIGNED AS (IF(kind = 'charge' AND reverses IS NULL, charge_id, NULL)) PERSISTENT,
  UNIQUE KEY transfer_reversed_once (reverses),
  UNIQUE KEY transfer_charge_once (charge_once),
  KEY transfer_debit (debit_account, at, amount_minor),
  KEY transfer_credit (credit_account, at, amount_minor),
  KEY transfer_charge (charge_id),
  KEY transfer_booking (booking_id),
  KEY transfer_entry (entry_id),
  CONSTRAINT transfer_debit_row FOREIGN KEY (debit_account) REFERENCES account (id),
  CONSTRAINT transfer_debit_currency FOREIGN KEY (debit_account, currency) REFERENCES account (id, currency),
  CONSTRAINT transfer_credit_row FOREIGN KEY (credit_account) REFERENCES account (id),
  CONSTRAINT transfer_credit_currency FOREIGN KEY (credit_account, currency) REFERENCES account (id, currency),
  CONSTRAINT transfer_entry_of FOREIGN KEY (entry_id) REFERENCES ledger_entry (id),
  CONSTRAINT transfer_booking_of FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT transfer_invoice_of FOREIGN KEY (invoice_id) REFERENCES invoice (id),
  CONSTRAINT transfer_reverses FOREIGN KEY (reverses) REFERENCES transfer (id),
  CONSTRAINT transfer_of_two CHECK (debit_account <> credit_account),
  CONSTRAINT transfer_amount CHECK (amount_minor > 0 AND amount_minor <= IF(kind IN ('charge', 'move', 'discount', 'write-off', 'contractual'), 999000000000000, 1000000000000)),
  CONSTRAINT transfer_of_charge CHECK ((charge_id IS NULL) = (kind IN ('deposit', 'refund', 'banked', 'over-short')) AND (charge_id IS NULL) = (booking_id IS NULL)),
  CONSTRAINT transfer_by_somebody CHECK (entry_id IS NOT NULL OR kind IN ('charge', 'move', 'release') OR reverses IS NOT NULL)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

-- Balances of patients and coverages, written by triggers in the transaction of the transfer. The clinic's own accounts have none, because everybody
-- would wait for that row: they are sums.
CREATE TABLE IF NOT EXISTS account_balance (
  account_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  kind          ENUM('patient','deposit','payer') NOT NULL,
  balance_minor BIGINT NOT NULL DEFAULT 0 COMMENT 'debits less credits',
  changed_at    BIGINT NOT NULL DEFAULT 0,
  KEY balance_owed (kind, balance_minor),
  CONSTRAINT balance_of FOREIGN KEY (account_id) REFERENCES account (id),
  CONSTRAINT balance_side CHECK (IF(kind = 'deposit', balance_minor <= 0, balance_minor >= 0))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'read model of transfer';

CREATE TABLE IF NOT EXISTS charge_balance (
  charge_id     BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  charged       BIGINT NOT NULL DEFAULT 0,
  payer_owes    BIGINT NOT NULL DEFAULT 0,
  patient_part  BIGINT NOT NULL DEFAULT 0 COMMENT 'what the patient may be invoiced for',
  patient_owes  BIGINT NOT NULL DEFAULT 0 COMMENT 'what is left of it',
  invoiced      BIGINT NOT NULL DEFAULT 0 COMMENT 'on invoices, less credit notes',
  since         BIGINT NOT NULL COMMENT 'when it was charged',
  KEY charge_balance_booking (booking_id),
  KEY charge_balance_patient (patient_id, since),
  CONSTRAINT charge_balance_of FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT charge_balance_whose FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT charge_balance_owed CHECK (payer_owes >= 0 AND patient_owes >= 0 AND patient_owes <= patient_part AND payer_owes + patient_part <= charged)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'read model of transfer and invoice_charge by charge';

-- What of an invoice is for which charge, so that nothing is invoiced twice and what was paid can be shown by line.
CREATE TABLE IF NOT EXISTS invoice_charge (
  invoice_id    BIGINT UNSIGNED NOT NULL,
  charge_id     BIGINT UNSIGNED NOT NULL,
  line_no       SMALLINT UNSIGNED NOT NULL,
  amount_minor  BIGINT NOT NULL,
  PRIMARY KEY (invoice_id, charge_id),
  UNIQUE KEY invoice_charge_line (invoice_id, line_no),
  KEY invoice_charge_of (charge_id),
  CONSTRAINT invoice_charge_on FOREIGN KEY (invoice_id) REFERENCES invoice (id),
  CONSTRAINT invoice_charge_amount CHECK (amount_minor >= 0)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE TABLE IF NOT EXISTS receipt (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  series        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'RC1-2026: of a site and year',
  number        INT UNSIGNED NOT NULL,
  entry_id      BIGINT UNSIGNED NOT NULL,
  patient_name  VARCHAR(170) NOT NULL COMMENT 'as on the paper',
  issuer        VARCHAR(400) NOT NULL COMMENT 'as on the paper',
  owed_minor    BIGINT NOT NULL COMMENT 'what the patient owed afterwards',
  deposit_minor BIGINT NOT NULL COMMENT 'what was theirs afterwards',
  issued_at     BIGINT NOT NULL,
  issued_by     INT UNSIGNED NOT NULL,
  UNIQUE KEY receipt_uid (uid),
  UNIQUE KEY receipt_number (series, number),
  UNIQUE KEY receipt_entry (entry_id),
  CONSTRAINT receipt_series_of FOREIGN KEY (series) REFERENCES invoice_series (series),
  CONSTRAINT receipt_of FOREIGN KEY (entry_id) REFERENCES ledger_entry (id),
  CONSTRAINT receipt_staff FOREIGN KEY (issued_by) REFERENCES staff (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE OR REPLACE TRIGGER receipt_fits BEFORE INSERT ON receipt FOR EACH ROW
BEGIN
  IF NEW.number <> (SELECT COALESCE(MAX(r.number), 0) + 1 FROM receipt r WHERE r.series = NEW.series) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the numbers of a series have no gaps';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM ledger_entry WHERE id = NEW.entry_id AND kind IN ('payment', 'refund')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a receipt is of money that came or went';
  END IF;
END;

CREATE OR REPLACE TRIGGER receipt_keeps BEFORE UPDATE ON receipt FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a receipt never changes';

CREATE OR REPLACE TRIGGER receipt_stays BEFORE DELETE ON receipt FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a receipt is never deleted';

CREATE TABLE IF NOT EXISTS credit_note (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  series        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'CN-2026',
  number        INT UNSIGNED NOT NULL,
  invoice_id    BIGINT UNSIGNED NOT NULL,
  reason        VARCHAR(200) NOT NULL,
  total_minor   BIGINT NOT NULL COMMENT 'what is no longer asked for',
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  issued_at     BIGINT NOT NULL,
  issued_by     INT UNSIGNED NOT NULL,
  UNIQUE KEY credit_uid (uid),
  UNIQUE KEY credit_number (series, number),
  KEY credit_invoice (invoice_id),
  CONSTRAINT credit_series_of FOREIGN KEY (series) REFERENCES invoice_series (series),
  CONSTRAINT credit_of FOREIGN KEY (invoice_id) REFERENCES invoice (id),
  CONSTRAINT credit_staff FOREIGN KEY (issued_by) REFERENCES staff (id),
  CONSTRAINT credit_says_why CHECK (reason <> '' AND total_minor >= 0)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE TABLE IF NOT EXISTS credit_note_line (
  invoice_id    BIGINT UNSIGNED NOT NULL,
  charge_id     BIGINT UNSIGNED NOT NULL,
  credit_note_id BIGINT UNSIGNED NOT NULL,
  amount_minor  BIGINT NOT NULL,
  PRIMARY KEY (invoice_id, charge_id),
  KEY credit_line_note (credit_note_id),
  CONSTRAINT credit_line_of FOREIGN KEY (credit_note_id) REFERENCES credit_note (id),
  CONSTRAINT credit_line_charge FOREIGN KEY (invoice_id, charge_id) REFERENCES invoice_charge (invoice_id, charge_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only: a line is credited once';

CREATE OR REPLACE TRIGGER credit_note_fits BEFORE INSERT ON credit_note FOR EACH ROW
BEGIN
  IF NEW.number <> (SELECT COALESCE(MAX(c.number), 0) + 1 FROM credit_note c WHERE c.series = NEW.series) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the numbers of a series have no gaps';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM invoice WHERE id = NEW.invoice_id AND currency = NEW.currency) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a credit note is in the currency of its invoice';
  END IF;
END;

CREATE OR REPLACE TRIGGER credit_note_keeps BEFORE UPDATE ON credit_note FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a credit note never changes; issue another invoice';

CREATE OR REPLACE TRIGGER credit_note_stays BEFORE DELETE ON credit_note FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a credit note is never deleted; issue another invoice';

CREATE OR REPLACE TRIGGER credit_note_line_fits BEFORE INSERT ON credit_note_line FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM credit_note n JOIN invoice_charge i ON i.invoice_id = n.invoice_id
                  WHERE n.id = NEW.credit_note_id AND n.invoice_id = NEW.invoice_id AND i.charge_id = NEW.charge_id AND i.amount_minor = NEW.amount_minor)
     OR (SELECT COALESCE(SUM(amount_minor), 0) FROM credit_note_line WHERE credit_note_id = NEW.credit_note_id) + NEW.amount_minor
        > (SELECT total_minor FROM credit_note WHERE id = NEW.credit_note_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a credit note takes back whole lines of its invoice, and no more than it says';
  END IF;
END;

CREATE OR REPLACE TRIGGER credit_note_line_keeps BEFORE UPDATE ON credit_note_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a credit note never changes; issue another invoice';

CREATE OR REPLACE TRIGGER credit_note_line_stays BEFORE DELETE ON credit_note_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a credit note is never deleted; issue another invoice';

-- The cash desk of a site is counted once a day. What should be there is the sum of the cash account, whenever it was posted; the difference and what
-- is taken to the bank are posted with it.
CREATE TABLE IF NOT EXISTS cash_count (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  site_id       INT UNSIGNED NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  day           DATE NOT NULL COMMENT 'local day of the site',
  expected_minor BIGINT NOT NULL COMMENT 'what who counted was told: the sum of the account, or it is refused',
  counted_minor BIGINT NOT NULL,
  banked_minor  BIGINT NOT NULL DEFAULT 0,
  note          VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why it differs',
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY count_uid (uid),
  UNIQUE KEY count_once (site_id, currency, day),
  CONSTRAINT count_site FOREIGN KEY (site_id) REFERENCES site (id),
  CONSTRAINT count_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT count_amounts CHECK (counted_minor BETWEEN 0 AND 1000000000000 AND banked_minor BETWEEN 0 AND counted_minor),
  CONSTRAINT count_says_why CHECK (counted_minor = expected_minor OR note <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE OR REPLACE TRIGGER cash_count_expects BEFORE INSERT ON cash_count FOR EACH ROW
BEGIN
  DECLARE desk BIGINT UNSIGNED DEFAULT (SELECT id FROM account WHERE kind = 'cash' AND means = 'cash' AND site_id = NEW.site_id AND currency = NEW.currency);
  IF NEW.expected_minor <> (SELECT COALESCE(SUM(amount_minor), 0) FROM transfer WHERE debit_account = desk)
                         - (SELECT COALESCE(SUM(amount_minor), 0) FROM transfer WHERE credit_account = desk)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'money came or went since; count again';
  END IF;
END;

CREATE OR REPLACE TRIGGER cash_count_keeps BEFORE UPDATE ON cash_count FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a count never changes; count again tomorrow';

CREATE OR REPLACE TRIGGER cash_count_stays BEFORE DELETE ON cash_count FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a count is never deleted; count again tomorrow';

-- A treatment can have several invoices: after a credit note, or for what a payer leaves to the patient. Its key is their turn.
ALTER TABLE invoice
  ADD COLUMN IF NOT EXISTS turn SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many this treatment had before',
  ADD UNIQUE KEY IF NOT EXISTS invoice_turn (booking_id, turn);

ALTER TABLE invoice
  DROP KEY IF EXISTS invoice_booking;

-- What was charged before becomes transfers. The triggers below do the same from now on.

INSERT IGNORE INTO account (kind, patient_id, currency)
  SELECT DISTINCT 'patient', b.patient_id, c.currency FROM charge_item c JOIN booking b ON b.id = c.booking_id;

INSERT IGNORE INTO account (kind, patient_id, booking_id, coverage_id, currency)
  SELECT DISTINCT 'payer', b.patient_id, b.id, b.coverage_id, c.currency
    FROM charge_item c JOIN booking b ON b.id = c.booking_id
   WHERE b.coverage_id IS NOT NULL AND c.on_claim = 1;

INSERT IGNORE INTO account (kind, site_id, currency)
  SELECT DISTINCT 'revenue', b.site_id, c.currency FROM charge_item c JOIN booking b ON b.id = c.booking_id;

INSERT INTO transfer (kind, debit_account, credit_account, amount_minor, currency, charge_id, booking_id, note, at)
  SELECT 'charge', d.id, r.id, c.total_minor, c.currency, c.id, b.id, c.description, c.created_at
    FROM charge_item c
    JOIN booking b ON b.id = c.booking_id
    JOIN account d ON d.name = IF(b.coverage_id IS NOT NULL AND c.on_claim = 1,
           CONCAT_WS(':', 'payer', b.patient_id, b.id, b.coverage_id, '-:-:-', c.currency), CONCAT_WS(':', 'patient', b.patient_id, '-:-:-:-:-', c.currency))
    JOIN account r ON r.name = CONCAT_WS(':', 'revenue:-:-:-', b.site_id, '-:-', c.currency)
   WHERE c.total_minor > 0 AND NOT EXISTS (SELECT 1 FROM transfer t WHERE t.charge_once = c.id)
   ORDER BY c.id;

INSERT INTO account_balance (account_id, kind, balance_minor, changed_at)
  SELECT a.id, a.kind, SUM(t.amount_minor), MAX(t.at) FROM transfer t JOIN account a ON a.id = t.debit_account
   WHERE a.kind IN ('patient', 'payer') GROUP BY a.id
  ON DUPLICATE KEY UPDATE balance_minor = VALUES(balance_minor);

INSERT INTO invoice_charge (invoice_id, charge_id, line_no, amount_minor)
  SELECT l.invoice_id, c.id, l.line_no, l.total_minor
    FROM (SELECT invoice_id, line_no, total_minor, ROW_NUMBER() OVER (PARTITION BY invoice_id ORDER BY line_no) AS n FROM invoice_line) l
    JOIN invoice i ON i.id = l.invoice_id
    JOIN (SELECT id, booking_id, ROW_NUMBER() OVER (PARTITION BY booking_id ORDER BY line_no) AS n FROM charge_item) c
      ON c.booking_id = i.booking_id AND c.n = l.n
   WHERE NOT EXISTS (SELECT 1 FROM invoice_charge o WHERE o.invoice_id = l.invoice_id AND (o.charge_id = c.id OR o.line_no = l.line_no));

INSERT INTO charge_balance (charge_id, booking_id, patient_id, currency, charged, payer_owes, patient_part, patient_owes, invoiced, since)
  SELECT c.id, b.id, b.patient_id, c.currency, c.total_minor,
         IF(b.coverage_id IS NOT NULL AND c.on_claim = 1, c.total_minor, 0), IF(b.coverage_id IS NOT NULL AND c.on_claim = 1, 0, c.total_minor),
         IF(b.coverage_id IS NOT NULL AND c.on_claim = 1, 0, c.total_minor),
         (SELECT COALESCE(SUM(i.amount_minor), 0) FROM invoice_charge i WHERE i.charge_id = c.id), c.created_at
    FROM charge_item c JOIN booking b ON b.id = c.booking_id
   WHERE NOT EXISTS (SELECT 1 FROM charge_balance o WHERE o.charge_id = c.id);

-- What the payer owes is not the patient's to be invoiced for.
DELETE w FROM billing_work w
 WHERE w.queue = 'to-invoice'
   AND NOT EXISTS (SELECT 1 FROM charge_balance c WHERE c.booking_id = w.booking_id AND c.patient_part > c.invoiced);

CREATE OR REPLACE TRIGGER transfer_fits BEFORE INSERT ON transfer FOR EACH ROW
BEGIN
  DECLARE d, c VARCHAR(16) DEFAULT '';
  DECLARE d_means, c_means VARCHAR(8);
  DECLARE d_of, c_of, d_booking, c_booking, d_coverage BIGINT UNSIGNED;
  DECLARE fits TINYINT DEFAULT 0;
  SELECT kind, means, patient_id, booking_id, coverage_id INTO d, d_means, d_of, d_booking, d_coverage FROM account WHERE id = NEW.debit_account;
  SELECT kind, means, patient_id, booking_id INTO c, c_means, c_of, c_booking FROM account WHERE id = NEW.credit_account;
  IF NEW.reverses IS NOT NULL THEN
    IF NOT EXISTS (
      SELECT 1 FROM transfer o
       WHERE o.id = NEW.reverses AND o.reverses IS NULL AND o.kind = NEW.kind AND o.debit_account = NEW.credit_account
         AND o.credit_account = NEW.debit_account AND o.amount_minor = NEW.amount_minor AND o.charge_id <=> NEW.charge_id)
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a reversal is of one transfer, whole, and not of a reversal';
    END IF;
    IF NEW.kind = 'move' AND c = 'patient' AND EXISTS (
      SELECT 1 FROM charge_balance WHERE charge_id = NEW.charge_id AND invoiced > GREATEST(0, patient_part - NEW.amount_minor))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what is invoiced to the patient stays theirs; issue a credit note';
    END IF;
    IF NEW.kind IN ('payment', 'use') AND EXISTS (
      SELECT 1 FROM transfer l JOIN account m ON m.id = l.credit_account AND m.means = c_means
       WHERE l.charge_id = NEW.charge_id AND l.kind = 'release' AND l.reverses IS NULL AND l.id > NEW.reverses
         AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = l.id))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was paid became a deposit; it goes back from there';
    END IF;
    IF NEW.kind = 'release' AND EXISTS (
      SELECT 1 FROM transfer o JOIN account w ON w.id = o.debit_account AND w.means = d_means JOIN ledger_entry v ON v.reverses = o.entry_id
       WHERE o.charge_id = NEW.charge_id AND o.kind IN ('payment', 'use') AND o.reverses IS NULL AND o.id < NEW.reverses
         AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = o.id)
         AND NOT EXISTS (SELECT 1 FROM transfer f WHERE f.charge_id = NEW.charge_id AND f.kind = 'release' AND f.credit_account = NEW.debit_account
                            AND f.reverses IS NULL AND f.id > o.id AND f.id < NEW.reverses AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = f.id)))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was paid went back since; nothing of it can be paid again';
    END IF;
    IF NEW.entry_id IS NOT NULL AND d = 'payer' AND NOT EXISTS (
      SELECT 1 FROM booking k JOIN charge_item i ON i.id = NEW.charge_id AND i.on_claim = 1 WHERE k.id = d_booking AND k.coverage_id = d_coverage)
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'nobody is insured by this coverage any more, or the charge is off the claim';
    END IF;
  ELSE
    SET fits = CASE NEW.kind
      WHEN 'charge' THEN d IN ('patient', 'payer') AND c = 'revenue'
      WHEN 'move' THEN (d = 'patient' AND c = 'payer' OR d = 'payer' AND c = 'patient') AND d_of = c_of
      WHEN 'payment' THEN d = 'cash' AND c = 'patient'
      WHEN 'deposit' THEN d = 'cash' AND c = 'deposit' AND d_means = c_means
      WHEN 'use' THEN d = 'deposit' AND c = 'patient'
      WHEN 'release' THEN d = 'patient' AND c = 'deposit'
      WHEN 'refund' THEN d = 'deposit' AND c = 'cash' AND d_means = c_means
      WHEN 'discount' THEN d = 'discount' AND c = 'patient'
      WHEN 'write-off' THEN d = 'write-off' AND c IN ('patient', 'payer')
      WHEN 'contractual' THEN d = 'contractual' AND c = 'payer'
      WHEN 'remit' THEN d = 'cash' AND c = 'payer'
      WHEN 'banked' THEN d = 'cash' AND d_means = 'bank' AND c = 'cash' AND c_means = 'cash'
      WHEN 'over-short' THEN d = 'cash' AND d_means = 'cash' AND c = 'over-short' OR d = 'over-short' AND c = 'cash' AND c_means = 'cash'
      ELSE 0 END;
    IF NOT fits THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no such transfer goes between these accounts';
    END IF;
    IF NEW.kind = 'release' AND NEW.amount_minor <> (
      SELECT COALESCE(SUM(IF(y.kind = 'patient', t.amount_minor, -t.amount_minor)), 0)
        FROM transfer t JOIN account x ON x.id = t.debit_account JOIN account y ON y.id = t.credit_account
       WHERE t.charge_id = NEW.charge_id AND t.kind IN ('payment', 'use', 'release') AND IF(y.kind = 'patient', x.means, y.means) = c_means)
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what becomes a deposit again is what was paid on this charge this way, all of it';
    END IF;
  END IF;
  IF NEW.charge_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM charge_balance b WHERE b.charge_id = NEW.charge_id AND b.booking_id = NEW.booking_id AND b.currency = NEW.currency
       AND (NEW.reverses IS NOT NULL
            OR (d NOT IN ('patient', 'payer') OR b.patient_id = d_of) AND (c NOT IN ('patient', 'payer') OR b.patient_id = c_of))
       AND (d <> 'payer' OR d_booking = b.booking_id) AND (c <> 'payer' OR c_booking = b.booking_id)
       AND (NEW.kind <> 'charge' OR b.charged = NEW.amount_minor))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a transfer is of a charge of this patient and treatment';
  END IF;
  -- What nobody did follows from a charge: it came, it goes, or who insures it changed. Nothing else is posted without an entry.
  IF NEW.entry_id IS NULL AND (
    NEW.reverses IS NOT NULL AND NEW.charge_id IS NULL
    OR (NEW.reverses IS NOT NULL OR NEW.kind = 'release') AND EXISTS (SELECT 1 FROM charge_item WHERE id = NEW.charge_id)
    OR NEW.reverses IS NULL AND NEW.kind = 'move' AND NOT EXISTS (
      SELECT 1 FROM charge_item i JOIN booking k ON k.id = i.booking_id JOIN charge_balance b ON b.charge_id = i.id
       WHERE i.id = NEW.charge_id
         AND IF(d = 'patient',
                NEW.amount_minor = b.payer_owes AND (i.on_claim = 0 OR NOT (k.coverage_id <=> (SELECT coverage_id FROM account WHERE id = NEW.credit_account))),
                i.on_claim = 1 AND k.coverage_id = d_coverage AND b.invoiced = 0 AND NEW.amount_minor = b.patient_owes
                AND b.patient_owes = b.patient_part AND b.patient_part + b.payer_owes = b.charged)))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what nobody posted follows from a charge and from who insures it';
  END IF;
  IF NEW.entry_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM ledger_entry e WHERE e.id = NEW.entry_id AND e.currency = NEW.currency AND (NEW.reverses IS NULL OR e.reverses IS NOT NULL)
       AND CASE e.kind WHEN 'payment' THEN NEW.kind IN ('payment', 'deposit') AND d_means = e.means
                       WHEN 'refund' THEN NEW.kind = 'refund' AND c_means = e.means
                       WHEN 'write-off' THEN NEW.kind = 'write-off' AND c = 'patient'
                       WHEN 'payer-write-off' THEN c = 'payer' AND NEW.kind = IF(e.reason = 'contractual', 'contractual', 'write-off')
                       WHEN 'remit' THEN (NEW.kind = 'remit' AND d_means = e.means OR NEW.kind = 'contractual' OR NEW.kind = 'move' AND d = 'patient')
                                         AND EXISTS (SELECT 1 FROM claim m WHERE m.booking_id = NEW.booking_id)
                       WHEN 'move' THEN NEW.kind = 'move' AND (e.reason <> 'patient-share' OR EXISTS (SELECT 1 FROM claim m WHERE m.booking_id = NEW.booking_id))
                       WHEN 'reversal' THEN IF(NEW.reverses IS NOT NULL, NEW.reverses IN (SELECT o.id FROM transfer o WHERE o.entry_id = e.reverses),
                         NEW.kind = 'refund' AND EXISTS (
                           SELECT 1 FROM transfer o JOIN account w ON w.id = o.debit_account AND w.means = c_means
                             JOIN transfer l ON l.charge_id = o.charge_id AND l.kind = 'release' AND l.reverses IS NULL AND l.id > o.id
                             JOIN account m ON m.id = l.credit_account AND m.id = NEW.debit_account AND m.means = c_means
                            WHERE o.entry_id = e.reverses AND o.kind = 'payment' AND o.amount_minor = NEW.amount_minor
                              AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses IN (o.id, l.id))))
                       ELSE NEW.kind = e.kind END
       AND (SELECT COALESCE(SUM(o.amount_minor), 0) FROM transfer o WHERE o.entry_id = e.id) + NEW.amount_minor <= e.amount_minor
       AND (NEW.reverses IS NOT NULL OR COALESCE(d_of, c_of) IS NULL OR EXISTS (
         SELECT 1 FROM patient p JOIN patient q ON COALESCE(q.merged_into, q.id) = COALESCE(p.merged_into, p.id)
          WHERE p.id = e.patient_id AND q.id = COALESCE(d_of, c_of))))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a transfer is part of its entry: its kind, person and means, and no more than its amount';
  END IF;
  IF d_of IS NOT NULL AND c_of IS NOT NULL AND d_of <> c_of AND NOT EXISTS (
    SELECT 1 FROM patient p JOIN patient q ON COALESCE(q.merged_into, q.id) = COALESCE(p.merged_into, p.id) WHERE p.id = d_of AND q.id = c_of)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no transfer goes from one person to another';
  END IF;
END;

CREATE OR REPLACE TRIGGER transfer_counts AFTER INSERT ON transfer FOR EACH ROW
BEGIN
  DECLARE d, c VARCHAR(16) DEFAULT '';
  SELECT kind INTO d FROM account WHERE id = NEW.debit_account;
  SELECT kind INTO c FROM account WHERE id = NEW.credit_account;
  INSERT IGNORE INTO account_balance (account_id, kind)
    SELECT id, kind FROM account WHERE id IN (NEW.debit_account, NEW.credit_account) AND kind IN ('patient', 'deposit', 'payer') ORDER BY id;
  UPDATE account_balance
     SET balance_minor = balance_minor + IF(account_id = NEW.debit_account, NEW.amount_minor, -NEW.amount_minor), changed_at = NEW.at
   WHERE account_id IN (NEW.debit_account, NEW.credit_account) ORDER BY account_id;
  IF NEW.charge_id IS NOT NULL THEN
    UPDATE charge_balance
       SET payer_owes = payer_owes + IF(d = 'payer', NEW.amount_minor, 0) - IF(c = 'payer', NEW.amount_minor, 0),
           patient_owes = patient_owes + IF(d = 'patient', NEW.amount_minor, 0) - IF(c = 'patient', NEW.amount_minor, 0),
           patient_part = patient_part + IF(NEW.kind IN ('charge', 'move', 'discount'),
             IF(d = 'patient', NEW.amount_minor, 0) - IF(c = 'patient', NEW.amount_minor, 0), 0)
     WHERE charge_id = NEW.charge_id;
  END IF;
END;

CREATE OR REPLACE TRIGGER transfer_keeps BEFORE UPDATE ON transfer FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was posted never changes; reverse it';

CREATE OR REPLACE TRIGGER transfer_stays BEFORE DELETE ON transfer FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was posted is never deleted; reverse it';

CREATE OR REPLACE TRIGGER invoice_charge_fits BEFORE INSERT ON invoice_charge FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM charge_balance b JOIN invoice i ON i.id = NEW.invoice_id AND i.booking_id = b.booking_id AND i.currency = b.currency
                   JOIN invoice_line l ON l.invoice_id = i.id AND l.line_no = NEW.line_no AND l.total_minor = NEW.amount_minor
                  WHERE b.charge_id = NEW.charge_id AND b.invoiced + NEW.amount_minor <= b.patient_part)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a patient is invoiced once, and only for what is theirs';
  END IF;
END;

CREATE OR REPLACE TRIGGER invoice_charge_counts AFTER INSERT ON invoice_charge FOR EACH ROW
  UPDATE charge_balance SET invoiced = invoiced + NEW.amount_minor WHERE charge_id = NEW.charge_id;

CREATE OR REPLACE TRIGGER invoice_charge_keeps BEFORE UPDATE ON invoice_charge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued invoice never changes; issue a credit note';

CREATE OR REPLACE TRIGGER invoice_charge_stays BEFORE DELETE ON invoice_charge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued invoice is never deleted';

CREATE OR REPLACE TRIGGER credit_note_line_counts AFTER INSERT ON credit_note_line FOR EACH ROW
  UPDATE charge_balance SET invoiced = invoiced - NEW.amount_minor WHERE charge_id = NEW.charge_id;

-- A charge is posted when it is made; what becomes of it afterwards is posted, too. It keeps its amount: one that is wrong goes and another one comes.
CREATE OR REPLACE TRIGGER charge_item_is_posted AFTER INSERT ON charge_item FOR EACH ROW
BEGIN
  DECLARE whose, cover BIGINT UNSIGNED;
  DECLARE place INT UNSIGNED;
  SELECT patient_id, IF(NEW.on_claim = 1, coverage_id, NULL), site_id INTO whose, cover, place FROM booking WHERE id = NEW.booking_id;
  IF whose IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge is of a patient''s treatment';
  END IF;
  INSERT INTO charge_balance (charge_id, booking_id, patient_id, currency, charged, since)
    VALUES (NEW.id, NEW.booking_id, whose, NEW.currency, NEW.total_minor, NEW.created_at);
  IF NEW.total_minor > 0 THEN
    INSERT IGNORE INTO account (kind, site_id, currency) VALUES ('revenue', place, NEW.currency);
    IF cover IS NULL THEN
      INSERT IGNORE INTO account (kind, patient_id, currency) VALUES ('patient', whose, NEW.currency);
    ELSE
      INSERT IGNORE INTO account (kind, patient_id, booking_id, coverage_id, currency) VALUES ('payer', whose, NEW.booking_id, cover, NEW.currency);
    END IF;
    INSERT INTO transfer (kind, debit_account, credit_account, amount_minor, currency, charge_id, booking_id, note, at)
      SELECT 'charge', d.id, r.id, NEW.total_minor, NEW.currency, NEW.id, NEW.booking_id, NEW.description, NEW.created_at
        FROM account d, account r
       WHERE d.name = IF(cover IS NULL, CONCAT_WS(':', 'patient', whose, '-:-:-:-:-', NEW.currency),
                         CONCAT_WS(':', 'payer', whose, NEW.booking_id, cover, '-:-:-', NEW.currency))
         AND r.name = CONCAT_WS(':', 'revenue:-:-:-', place, '-:-', NEW.currency);
  END IF;
END;

CREATE OR REPLACE TRIGGER charge_item_keeps_its_amount BEFORE UPDATE ON charge_item FOR EACH ROW
BEGIN
  IF NEW.id <> OLD.id OR NEW.booking_id <> OLD.booking_id OR NEW.total_minor <> OLD.total_minor OR NEW.currency <> OLD.currency
     OR NEW.quantity <> OLD.quantity OR NEW.unit_minor <> OLD.unit_minor
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge keeps its amount; take it off and charge again';
  END IF;
  IF NEW.on_claim <> OLD.on_claim AND EXISTS (SELECT 1 FROM claim WHERE booking_id = NEW.booking_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who owes a charge stays once it is claimed';
  END IF;
END;

-- Off the claim, a charge is the patient's; back on it, the payer's.
CREATE OR REPLACE TRIGGER charge_item_moves AFTER UPDATE ON charge_item FOR EACH ROW
BEGIN
  DECLARE whose, cover BIGINT UNSIGNED;
  DECLARE amount BIGINT;
  IF NEW.on_claim <> OLD.on_claim THEN
    SELECT patient_id, coverage_id INTO whose, cover FROM booking WHERE id = NEW.booking_id;
    IF cover IS NOT NULL AND NEW.total_minor > 0 THEN
      INSERT IGNORE INTO account (kind, patient_id, currency) VALUES ('patient', whose, NEW.currency);
      INSERT IGNORE INTO account (kind, patient_id, booking_id, coverage_id, currency) VALUES ('payer', whose, NEW.booking_id, cover, NEW.currency);
      IF NEW.on_claim = 1 AND EXISTS (
        SELECT 1 FROM charge_balance WHERE charge_id = NEW.id AND (invoiced > 0 OR patient_owes <> patient_part OR patient_part + payer_owes <> charged))
      THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge that is invoiced, paid or reduced stays the patient''s';
      END IF;
      SET amount = (SELECT IF(NEW.on_claim = 1, patient_owes, payer_owes) FROM charge_balance WHERE charge_id = NEW.id);
      IF amount > 0 THEN
        INSERT INTO transfer (kind, debit_account, credit_account, amount_minor, currency, charge_id, booking_id, note, at)
          SELECT 'move', IF(NEW.on_claim = 1, y.id, p.id), IF(NEW.on_claim = 1, p.id, y.id), amount, NEW.currency, NEW.id, NEW.booking_id,
                 IF(NEW.on_claim = 1, 'On the claim', 'Not on the claim'), UNIX_TIMESTAMP()
            FROM account p, account y
           WHERE p.name = CONCAT_WS(':', 'patient', whose, '-:-:-:-:-', NEW.currency)
             AND y.name = CONCAT_WS(':', 'payer', whose, NEW.booking_id, cover, '-:-:-', NEW.currency);
      END IF;
    END IF;
    DELETE FROM billing_work
     WHERE queue = 'to-claim' AND booking_id = NEW.booking_id AND NOT EXISTS (SELECT 1 FROM charge_item WHERE booking_id = NEW.booking_id AND on_claim = 1);
    INSERT INTO billing_work (queue, booking_id, starts_at)
      SELECT 'to-claim', b.id, b.starts_at FROM booking b
       WHERE b.id = NEW.booking_id AND b.status = 'completed' AND b.coverage_id IS NOT NULL AND NEW.on_claim = 1
         AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking_id = b.id)
      ON DUPLICATE KEY UPDATE starts_at = b.starts_at;
  END IF;
END;

-- A charge goes as it came: what was paid on it is the patient's deposit again, and everything else is taken back, the last first.
CREATE OR REPLACE TRIGGER charge_item_is_taken_back BEFORE DELETE ON charge_item FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM charge_balance WHERE charge_id = OLD.id AND invoiced > 0) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge on an invoice stays; issue a credit note';
  END IF;
  IF OLD.on_claim = 1 AND EXISTS (SELECT 1 FROM claim WHERE booking_id = OLD.booking_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge on a claim stays';
  END IF;
  IF EXISTS (SELECT 1 FROM transfer t WHERE t.charge_id = OLD.id AND t.kind = 'remit' AND t.reverses IS NULL
                AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = t.id))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge that a payer paid for stays; reverse that first';
  END IF;
END;

CREATE OR REPLACE TRIGGER charge_item_went AFTER DELETE ON charge_item FOR EACH ROW
BEGIN
  INSERT IGNORE INTO account (kind, patient_id, means, currency)
    SELECT DISTINCT 'deposit', p.patient_id, m.means, t.currency
      FROM transfer t JOIN account p ON p.id = t.credit_account JOIN account m ON m.id = t.debit_account
     WHERE t.charge_id = OLD.id AND t.kind IN ('payment', 'use') AND t.reverses IS NULL;
  INSERT INTO transfer (kind, debit_account, credit_account, amount_minor, currency, charge_id, booking_id, note, at)
    SELECT 'release', x.id, d.id, x.paid, x.currency, OLD.id, OLD.booking_id, 'The charge was taken off', UNIX_TIMESTAMP()
      FROM (SELECT p.id, p.patient_id, p.currency, m.means, SUM(IF(t.credit_account = p.id, t.amount_minor, -t.amount_minor)) AS paid
              FROM transfer t
              JOIN account p ON p.id IN (t.debit_account, t.credit_account) AND p.kind = 'patient'
              JOIN account m ON m.id = IF(p.id = t.credit_account, t.debit_account, t.credit_account)
             WHERE t.charge_id = OLD.id AND t.kind IN ('payment', 'use', 'release')
             GROUP BY p.id, m.means HAVING paid > 0) x
      JOIN account d ON d.name = CONCAT_WS(':', 'deposit', x.patient_id, '-:-:-', x.means, '-', x.currency);
  INSERT INTO transfer (kind, debit_account, credit_account, amount_minor, currency, charge_id, booking_id, note, at, reverses)
    SELECT t.kind, t.credit_account, t.debit_account, t.amount_minor, t.currency, t.charge_id, t.booking_id, 'The charge was taken off', UNIX_TIMESTAMP(), t.id
      FROM transfer t
     WHERE t.charge_id = OLD.id AND t.kind IN ('charge', 'move', 'discount', 'write-off', 'contractual') AND t.reverses IS NULL
       AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = t.id)
     ORDER BY t.id DESC;
  UPDATE charge_balance SET charged = 0 WHERE charge_id = OLD.id;
  DELETE FROM billing_work WHERE queue = 'to-claim' AND booking_id = OLD.booking_id
     AND NOT EXISTS (SELECT 1 FROM charge_item WHERE booking_id = OLD.booking_id AND on_claim = 1 AND id <> OLD.id);
END;

-- Another coverage, or none: what the payer owes goes along. What is claimed, invoiced, paid or reduced stays.
CREATE OR REPLACE TRIGGER booking_moves_its_charges AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NOT (NEW.coverage_id <=> OLD.coverage_id) AND EXISTS (SELECT 1 FROM charge_balance WHERE booking_id = NEW.id AND charged > 0) THEN
    IF EXISTS (SELECT 1 FROM claim WHERE booking_id = NEW.id) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who owes a charge stays once it is claimed';
    END IF;
    IF EXISTS (SELECT 1 FROM transfer t JOIN account a ON a.id = t.credit_account AND a.kind = 'payer'
                WHERE t.booking_id = NEW.id AND t.kind IN ('write-off', 'contractual', 'remit') AND t.reverses IS NULL
                  AND NOT EXISTS (SELECT 1 FROM transfer r WHERE r.reverses = t.id))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what a payer paid or was let off is reversed before the coverage changes';
    END IF;
    INSERT IGNORE INTO account (kind, patient_id, currency)
      SELECT DISTINCT 'patient', NEW.patient_id, currency FROM charge_balance WHERE booking_id = NEW.id;
    FOR x IN (SELECT b.charge_id, b.payer_owes, b.currency, p.id AS patient, y.id AS payer
                FROM charge_balance b
                JOIN account p ON p.name = CONCAT_WS(':', 'patient', NEW.patient_id, '-:-:-:-:-', b.currency)
                JOIN account y ON y.name = CONCAT_WS(':', 'payer', NEW.patient_id, NEW.id, OLD.coverage_id, '-:-:-', b.currency)
               WHERE b.booking_id = NEW.id AND b.payer_owes > 0
               ORDER BY b.charge_id) DO
      INSERT INTO transfer (kind, debit_account, credit_account, amount_minor, currency, charge_id, booking_id, note, at)
        VALUES ('move', x.patient, x.payer, x.payer_owes, x.currency, x.charge_id, NEW.id, 'The coverage changed', UNIX_TIMESTAMP());
    END FOR;
    IF NEW.coverage_id IS NOT NULL THEN
      IF EXISTS (SELECT 1 FROM charge_balance b JOIN charge_item c ON c.id = b.charge_id AND c.on_claim = 1
                  WHERE b.booking_id = NEW.id AND (b.invoiced > 0 OR b.patient_owes <> b.patient_part OR b.patient_part <> b.charged))
      THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a charge that is invoiced, paid or reduced stays the patient''s';
      END IF;
      INSERT IGNORE INTO account (kind, patient_id, booking_id, coverage_id, currency)
        SELECT DISTINCT 'payer', NEW.patient_id, NEW.id, NEW.coverage_id, currency FROM charge_balance WHERE booking_id = NEW.id;
      FOR x IN (SELECT b.charge_id, b.patient_owes, b.currency, p.id AS patient, y.id AS payer
                  FROM charge_balance b
                  JOIN charge_item c ON c.id = b.charge_id AND c.on_claim = 1
                  JOIN account p ON p.name = CONCAT_WS(':', 'patient', NEW.patient_id, '-:-:-:-:-', b.currency)
                  JOIN account y ON y.name = CONCAT_WS(':', 'payer', NEW.patient_id, NEW.id, NEW.coverage_id, '-:-:-', b.currency)
                 WHERE b.booking_id = NEW.id AND b.patient_owes > 0
                 ORDER BY b.charge_id) DO
        INSERT INTO transfer (kind, debit_account, credit_account, amount_minor, currency, charge_id, booking_id, note, at)
          VALUES ('move', x.payer, x.patient, x.patient_owes, x.currency, x.charge_id, NEW.id, 'The coverage changed', UNIX_TIMESTAMP());
      END FOR;
    END IF;
    DELETE FROM billing_work WHERE queue = 'to-claim' AND booking_id = NEW.id AND NEW.coverage_id IS NULL;
    INSERT INTO billing_work (queue, booking_id, starts_at)
      SELECT 'to-claim', NEW.id, NEW.starts_at FROM DUAL
       WHERE NEW.status = 'completed' AND NEW.coverage_id IS NOT NULL AND EXISTS (SELECT 1 FROM charge_item c WHERE c.booking_id = NEW.id AND c.on_claim = 1)
      ON DUPLICATE KEY UPDATE starts_at = NEW.starts_at;
  END IF;
END;

-- What is to be invoiced: what is the patient's and on no invoice, of treatments that are completed.

CREATE OR REPLACE TRIGGER charge_balance_is_work AFTER UPDATE ON charge_balance FOR EACH ROW
BEGIN
  IF (NEW.patient_part > NEW.invoiced) <> (OLD.patient_part > OLD.invoiced) THEN
    IF NEW.patient_part > NEW.invoiced THEN
      INSERT INTO billing_work (queue, booking_id, starts_at)
        SELECT 'to-invoice', b.id, b.starts_at FROM booking b WHERE b.id = NEW.booking_id AND b.status = 'completed'
        ON DUPLICATE KEY UPDATE starts_at = b.starts_at;
    ELSEIF NOT EXISTS (SELECT 1 FROM charge_balance c WHERE c.booking_id = NEW.booking_id AND c.patient_part > c.invoiced) THEN
      DELETE FROM billing_work WHERE queue = 'to-invoice' AND booking_id = NEW.booking_id;
    END IF;
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_completed_is_work AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.status = 'completed' AND OLD.status <> 'completed' THEN
    INSERT INTO billing_work (queue, booking_id, starts_at)
      SELECT 'to-invoice', NEW.id, NEW.starts_at FROM DUAL
       WHERE EXISTS (SELECT 1 FROM charge_balance c WHERE c.booking_id = NEW.id AND c.patient_part > c.invoiced)
      ON DUPLICATE KEY UPDATE starts_at = NEW.starts_at;
    INSERT INTO billing_work (queue, booking_id, starts_at)
      SELECT 'to-claim', NEW.id, NEW.starts_at FROM DUAL
       WHERE NEW.coverage_id IS NOT NULL
         AND EXISTS (SELECT 1 FROM charge_item c WHERE c.booking_id = NEW.id AND c.on_claim = 1)
         AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking_id = NEW.id)
      ON DUPLICATE KEY UPDATE starts_at = NEW.starts_at;
  END IF;
END;

CREATE OR REPLACE TRIGGER charge_item_is_work AFTER INSERT ON charge_item FOR EACH ROW
  INSERT INTO billing_work (queue, booking_id, starts_at)
    SELECT 'to-claim', b.id, b.starts_at FROM booking b
     WHERE b.id = NEW.booking_id AND b.status = 'completed' AND b.coverage_id IS NOT NULL AND NEW.on_claim = 1
       AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking_id = b.id)
    ON DUPLICATE KEY UPDATE starts_at = b.starts_at;

DROP TRIGGER IF EXISTS invoice_is_no_work;
