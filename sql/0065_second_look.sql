-- SPDX-License-Identifier: Apache-2.0
-- What is billed $400 or more above the estimate can be disputed (45 CFR 149.620). Such an invoice is issued only after a second look that says why, which is kept.

CREATE TABLE IF NOT EXISTS estimate_excess (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  estimate_id   BIGINT UNSIGNED NOT NULL COMMENT 'the newest from before the treatment',
  billed_minor  BIGINT NOT NULL COMMENT 'what may be billed for the booking, all invoices together',
  reason        VARCHAR(200) NOT NULL,
  at            BIGINT NOT NULL DEFAULT 0,
  staff_id      INT UNSIGNED NOT NULL,
  KEY estimate_excess_most (estimate_id, billed_minor),
  CONSTRAINT estimate_excess_of FOREIGN KEY (estimate_id) REFERENCES estimate (id),
  CONSTRAINT estimate_excess_by FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT estimate_excess_says_why CHECK (TRIM(reason) <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

-- Against which estimate a booking is billed: the newest; none is issued once the treatment began. Invoices count by their totals, too, whatever they say of charges.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW estimate_of_booking AS
  SELECT b.id AS booking_id, e.id AS estimate_id, e.total_minor, e.currency,
         GREATEST(COALESCE((SELECT SUM(c.invoiced) FROM charge_balance c WHERE c.booking_id = b.id), 0),
                  COALESCE((SELECT SUM(i.total_minor - COALESCE((SELECT SUM(n.total_minor) FROM credit_note n WHERE n.invoice_id = i.id), 0))
                              FROM invoice i WHERE i.booking_id = b.id), 0)) AS invoiced,
         COALESCE((SELECT MAX(x.billed_minor) FROM estimate_excess x WHERE x.estimate_id = e.id), 0) AS looked
    FROM booking b
    JOIN estimate e ON e.id = (SELECT n.id FROM estimate n WHERE n.booking_id = b.id ORDER BY n.version DESC LIMIT 1);

CREATE OR REPLACE TRIGGER estimate_excess_fits BEFORE INSERT ON estimate_excess FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM estimate_of_booking v WHERE v.estimate_id = NEW.estimate_id AND NEW.billed_minor - v.total_minor >= 40000) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a second look is at the newest estimate from before the treatment, and at $400 or more above it';
  END IF;
  IF NOT NEW.reason REGEXP '[[:alnum:]]' OR NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id AND active = 1) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a second look says who looked and why';
  END IF;
  IF NEW.billed_minor > (SELECT COALESCE(SUM(c.charged), 0) FROM charge_balance c JOIN estimate e ON e.booking_id = c.booking_id WHERE e.id = NEW.estimate_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a second look is at what was charged, not at more';
  END IF;
  SET NEW.at = UNIX_TIMESTAMP();
END;

CREATE OR REPLACE TRIGGER estimate_excess_keeps BEFORE UPDATE ON estimate_excess FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a second look never changes; look again';

CREATE OR REPLACE TRIGGER estimate_excess_stays BEFORE DELETE ON estimate_excess FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a second look is never deleted';

CREATE OR REPLACE TRIGGER invoice_was_estimated BEFORE INSERT ON invoice FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM estimate_of_booking v
              WHERE v.booking_id = NEW.booking_id
                AND (v.currency <> NEW.currency
                  OR v.currency = 'USD' AND v.invoiced + NEW.total_minor - v.total_minor >= 40000 AND v.invoiced + NEW.total_minor > v.looked))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an invoice of $400 or more above the estimate needs a second look first';
  END IF;
END;

-- The same of what is on it for which charge, whatever its total says.
CREATE OR REPLACE TRIGGER invoice_charge_was_estimated AFTER INSERT ON invoice_charge FOR EACH ROW FOLLOWS invoice_charge_counts
BEGIN
  IF EXISTS (SELECT 1 FROM invoice i JOIN estimate_of_booking v ON v.booking_id = i.booking_id
              WHERE i.id = NEW.invoice_id AND v.currency = 'USD'
                AND v.invoiced - v.total_minor >= 40000 AND v.invoiced > v.looked)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an invoice of $400 or more above the estimate needs a second look first';
  END IF;
END;
