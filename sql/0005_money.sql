-- SPDX-License-Identifier: Apache-2.0
-- Charges, invoices, claims. Money is minor units; what was issued or emitted never changes.

CREATE TABLE IF NOT EXISTS charge_item (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  line_no       TINYINT UNSIGNED NOT NULL COMMENT 'of service_charge',
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
  service_date  DATE NOT NULL COMMENT 'local day of the site',
  practitioner_id INT UNSIGNED NULL COMMENT 'resource that rendered it',
  created_at    BIGINT NOT NULL,
  UNIQUE KEY charge_once (booking_id, line_no),
  CONSTRAINT charge_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT charge_total CHECK (unit_minor >= 0 AND quantity >= 1 AND total_minor = unit_minor * quantity)
);

CREATE TABLE IF NOT EXISTS invoice_series (
  series        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY COMMENT 'INV-2026',
  last          INT UNSIGNED NOT NULL DEFAULT 0
) COMMENT 'moved in the transaction that issues, so that numbers have no gaps';

CREATE TABLE IF NOT EXISTS invoice (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  series        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  number        INT UNSIGNED NOT NULL,
  booking_id    BIGINT UNSIGNED NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  patient_name  VARCHAR(170) NOT NULL COMMENT 'as on the paper',
  patient_address VARCHAR(400) NOT NULL COMMENT 'as on the paper',
  issuer        VARCHAR(400) NOT NULL COMMENT 'as on the paper',
  issued_at     BIGINT NOT NULL,
  issued_by     INT UNSIGNED NOT NULL,
  total_minor   BIGINT NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  UNIQUE KEY invoice_number (series, number),
  UNIQUE KEY invoice_booking (booking_id),
  CONSTRAINT invoice_whose FOREIGN KEY (booking_id, patient_id) REFERENCES booking (id, patient_id),
  CONSTRAINT invoice_series_of FOREIGN KEY (series) REFERENCES invoice_series (series)
);

CREATE TABLE IF NOT EXISTS invoice_line (
  invoice_id    BIGINT UNSIGNED NOT NULL,
  line_no       SMALLINT UNSIGNED NOT NULL,
  code          VARCHAR(16) CHARACTER SET ascii NOT NULL,
  modifier      CHAR(2) CHARACTER SET ascii NOT NULL DEFAULT '',
  description   VARCHAR(160) NOT NULL,
  service_date  DATE NOT NULL,
  quantity      SMALLINT UNSIGNED NOT NULL,
  unit_minor    BIGINT NOT NULL,
  total_minor   BIGINT NOT NULL,
  PRIMARY KEY (invoice_id, line_no),
  CONSTRAINT invoice_line_of FOREIGN KEY (invoice_id) REFERENCES invoice (id),
  CONSTRAINT invoice_line_total CHECK (total_minor = unit_minor * quantity)
);

CREATE OR REPLACE TRIGGER invoice_has_no_gap BEFORE INSERT ON invoice FOR EACH ROW
BEGIN
  IF NEW.number <> (SELECT COALESCE(MAX(i.number), 0) + 1 FROM invoice i WHERE i.series = NEW.series) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the numbers of a series have no gaps';
  END IF;
END;

CREATE OR REPLACE TRIGGER invoice_keeps BEFORE UPDATE ON invoice FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued invoice never changes; issue a credit note';

CREATE OR REPLACE TRIGGER invoice_stays BEFORE DELETE ON invoice FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued invoice is never deleted';

CREATE OR REPLACE TRIGGER invoice_line_keeps BEFORE UPDATE ON invoice_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued invoice never changes; issue a credit note';

CREATE OR REPLACE TRIGGER invoice_line_stays BEFORE DELETE ON invoice_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an issued invoice is never deleted';

CREATE TABLE IF NOT EXISTS claim (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  claim_no      VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE COMMENT 'CLM01; never reused',
  booking_id    BIGINT UNSIGNED NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  payer_id      INT UNSIGNED NOT NULL,
  frequency     CHAR(1) CHARACTER SET ascii NOT NULL DEFAULT '1' COMMENT '1 original',
  created_at    BIGINT NOT NULL,
  created_by    INT UNSIGNED NOT NULL,
  service_date  DATE NOT NULL,
  total_minor   BIGINT NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii NOT NULL,
  xml           MEDIUMBLOB NOT NULL COMMENT 'FHIR Claim exactly as emitted',
  xml_sha256    BINARY(32) NOT NULL,
  json          MEDIUMBLOB NOT NULL COMMENT 'the same resource in its other representation',
  UNIQUE KEY claim_original (booking_id, frequency),
  KEY claim_created (created_at, id),
  KEY claim_service (service_date, id),
  CONSTRAINT claim_whose FOREIGN KEY (booking_id, patient_id) REFERENCES booking (id, patient_id),
  CONSTRAINT claim_payer FOREIGN KEY (payer_id) REFERENCES payer (id)
);

CREATE OR REPLACE TRIGGER claim_keeps BEFORE UPDATE ON claim FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an emitted claim never changes; emit a replacement';

CREATE OR REPLACE TRIGGER claim_stays BEFORE DELETE ON claim FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an emitted claim is never deleted';

CREATE TABLE IF NOT EXISTS claim_diagnosis (
  claim_id      BIGINT UNSIGNED NOT NULL,
  seq           TINYINT UNSIGNED NOT NULL,
  code          VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title         VARCHAR(255) NOT NULL,
  PRIMARY KEY (claim_id, seq),
  CONSTRAINT claim_diagnosis_of FOREIGN KEY (claim_id) REFERENCES claim (id)
);

CREATE TABLE IF NOT EXISTS claim_line (
  claim_id      BIGINT UNSIGNED NOT NULL,
  seq           SMALLINT UNSIGNED NOT NULL COMMENT 'LX; line control number with the claim number',
  code_system   VARCHAR(120) CHARACTER SET ascii NOT NULL,
  code          VARCHAR(16) CHARACTER SET ascii NOT NULL,
  modifiers     VARCHAR(11) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'separated by blanks',
  description   VARCHAR(160) NOT NULL,
  quantity      SMALLINT UNSIGNED NOT NULL,
  unit_minor    BIGINT NOT NULL,
  net_minor     BIGINT NOT NULL,
  service_date  DATE NOT NULL,
  pointers      VARCHAR(16) CHARACTER SET ascii NOT NULL COMMENT 'diagnosis seq, separated by blanks',
  PRIMARY KEY (claim_id, seq),
  CONSTRAINT claim_line_of FOREIGN KEY (claim_id) REFERENCES claim (id),
  CONSTRAINT claim_line_net CHECK (net_minor = unit_minor * quantity)
);

CREATE OR REPLACE TRIGGER claim_line_keeps BEFORE UPDATE ON claim_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an emitted claim never changes; emit a replacement';

CREATE OR REPLACE TRIGGER claim_line_stays BEFORE DELETE ON claim_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an emitted claim is never deleted';

CREATE OR REPLACE TRIGGER claim_diagnosis_keeps BEFORE UPDATE ON claim_diagnosis FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an emitted claim never changes; emit a replacement';

CREATE OR REPLACE TRIGGER claim_diagnosis_stays BEFORE DELETE ON claim_diagnosis FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an emitted claim is never deleted';

-- What is still to do, so that the queues cost what is open and not what was ever done. Kept by triggers: nobody can
-- forget it, and edits by hand are seen, too.

CREATE TABLE IF NOT EXISTS billing_work (
  queue         ENUM('to-invoice','to-claim') NOT NULL,
  booking_id    BIGINT UNSIGNED NOT NULL,
  starts_at     BIGINT NOT NULL COMMENT 'of the booking: the order of the queue',
  PRIMARY KEY (queue, booking_id),
  KEY billing_work_order (queue, starts_at, booking_id),
  CONSTRAINT billing_work_of FOREIGN KEY (booking_id) REFERENCES booking (id)
) COMMENT 'completed treatments that owe a paper: charged and without invoice; insured, charged and without claim';

CREATE OR REPLACE TRIGGER booking_completed_is_work AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.status = 'completed' AND OLD.status <> 'completed' THEN
    INSERT INTO billing_work (queue, booking_id, starts_at)
      SELECT 'to-invoice', NEW.id, NEW.starts_at FROM DUAL
       WHERE EXISTS (SELECT 1 FROM charge_item c WHERE c.booking_id = NEW.id)
         AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.booking_id = NEW.id)
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
BEGIN
  INSERT INTO billing_work (queue, booking_id, starts_at)
    SELECT 'to-invoice', b.id, b.starts_at FROM booking b
     WHERE b.id = NEW.booking_id AND b.status = 'completed'
       AND NOT EXISTS (SELECT 1 FROM invoice i WHERE i.booking_id = b.id)
    ON DUPLICATE KEY UPDATE starts_at = b.starts_at;
  INSERT INTO billing_work (queue, booking_id, starts_at)
    SELECT 'to-claim', b.id, b.starts_at FROM booking b
     WHERE b.id = NEW.booking_id AND b.status = 'completed' AND b.coverage_id IS NOT NULL AND NEW.on_claim = 1
       AND NOT EXISTS (SELECT 1 FROM claim c WHERE c.booking_id = b.id)
    ON DUPLICATE KEY UPDATE starts_at = b.starts_at;
END;

CREATE OR REPLACE TRIGGER invoice_is_no_work AFTER INSERT ON invoice FOR EACH ROW
  DELETE FROM billing_work WHERE queue = 'to-invoice' AND booking_id = NEW.booking_id;

CREATE OR REPLACE TRIGGER claim_is_no_work AFTER INSERT ON claim FOR EACH ROW
  DELETE FROM billing_work WHERE queue = 'to-claim' AND booking_id = NEW.booking_id;

-- What a claim said stays on record with the treatment; a correction after that is a replacement claim's business.
CREATE OR REPLACE TRIGGER diagnosis_follows_claim BEFORE DELETE ON booking_diagnosis FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM claim c WHERE c.booking_id = OLD.booking_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the diagnoses of an emitted claim never change';
  END IF;
END;

