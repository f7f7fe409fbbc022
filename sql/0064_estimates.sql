-- SPDX-License-Identifier: Apache-2.0
-- Good-faith estimates (45 CFR 149.610) for who pays themselves: a numbered paper that never changes, made of the booking's quote by the database itself, in the
-- statement that books. Whoever inserts says for which booking and why; everything else is copied here, so none can differ from what was promised.

CREATE TABLE IF NOT EXISTS estimate (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY COMMENT 'its number: no counter, which all who book would wait for; no law asks for a series without gaps',
  booking_id    BIGINT UNSIGNED NOT NULL,
  version       SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the booking, from 1',
  supersedes    BIGINT UNSIGNED NULL,
  cause         ENUM('booked','changed','asked') NOT NULL,
  delivery      ENUM('online','paper') NOT NULL DEFAULT 'paper' COMMENT 'on the page of the booking, whose link the patient has; handed out or posted',
  series        VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'GFE-2026',
  patient_id    BIGINT UNSIGNED NOT NULL DEFAULT 0,
  patient_name  VARCHAR(170) NOT NULL DEFAULT '' COMMENT 'as on the paper, and so are all that follow',
  patient_born  DATE NULL,
  service_name  VARCHAR(160) NOT NULL DEFAULT '',
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  laterality    ENUM('none','left','right') NOT NULL DEFAULT 'none',
  further       VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'targets after the first',
  service_at    BIGINT NOT NULL DEFAULT 0,
  issuer        VARCHAR(400) NOT NULL DEFAULT '',
  npi           VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  tin           VARCHAR(9) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  place         VARCHAR(500) NOT NULL DEFAULT '',
  provider      VARCHAR(120) NOT NULL DEFAULT '',
  provider_npi  VARCHAR(10) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  diagnoses     VARCHAR(400) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  total_minor   BIGINT NOT NULL DEFAULT 0,
  currency      CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  made_at       BIGINT NOT NULL DEFAULT 0,
  staff_id      INT UNSIGNED NULL COMMENT 'NULL: the booking did it',
  sha256        BINARY(32) NOT NULL DEFAULT '' COMMENT 'of what it says',
  UNIQUE KEY estimate_version (booking_id, version),
  UNIQUE KEY estimate_once_superseded (supersedes),
  CONSTRAINT estimate_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT estimate_patient FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT estimate_after FOREIGN KEY (supersedes) REFERENCES estimate (id),
  CONSTRAINT estimate_by FOREIGN KEY (staff_id) REFERENCES staff (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE TABLE IF NOT EXISTS estimate_line (
  estimate_id   BIGINT UNSIGNED NOT NULL,
  line_no       TINYINT UNSIGNED NOT NULL,
  code_system   VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  modifiers     VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'with the side',
  description   VARCHAR(160) NOT NULL,
  units         SMALLINT UNSIGNED NOT NULL,
  unit_minor    BIGINT NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (estimate_id, line_no),
  CONSTRAINT estimate_line_of FOREIGN KEY (estimate_id) REFERENCES estimate (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only; triggers write it with its estimate';

-- Of several targets none is the code's, as with charges.
CREATE OR REPLACE TRIGGER estimate_is_the_quote BEFORE INSERT ON estimate FOR EACH ROW
BEGIN
  DECLARE found INT DEFAULT 0;
  DECLARE side VARCHAR(2) CHARACTER SET ascii COLLATE ascii_bin;
  FOR b IN (
    SELECT k.patient_id, k.body_site, CAST(k.laterality AS CHAR) AS laterality, k.starts_at, q.total_minor, q.currency, p.birth_date, s.name AS service,
           LEFT(TRIM(CONCAT(p.given, ' ', p.family)), 170) AS patient,
           LEFT(CONCAT(t.name, ', ', t.address_line, ', ', t.city, ', ', t.state, ' ', t.postal_code), 500) AS place,
           p.email <> '' AS has_email, k.source = 'staff' AS by_staff
      FROM booking k
      JOIN booking_quote q ON q.booking_id = k.id
      JOIN patient p ON p.id = k.patient_id
      JOIN service s ON s.id = k.service_id
      JOIN site t ON t.id = k.site_id
     WHERE k.id = NEW.booking_id AND k.status = 'booked' AND k.self_pay = 1 AND k.coverage_id IS NULL)
  DO
    SET found = 1, NEW.patient_id = b.patient_id, NEW.body_site = b.body_site, NEW.laterality = b.laterality, NEW.service_at = b.starts_at,
        NEW.total_minor = b.total_minor, NEW.currency = b.currency, NEW.patient_name = b.patient, NEW.patient_born = b.birth_date,
        NEW.service_name = b.service, NEW.place = b.place, NEW.delivery = IF(b.has_email OR NOT b.by_staff, 'online', 'paper');
  END FOR;
  IF found = 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an estimate is for somebody who pays themselves, and before the treatment begins';
  END IF;
  -- Its number is the next one: who took a far one would leave none for those who book.
  IF NEW.id <> 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an estimate takes the next number';
  END IF;
  SET NEW.made_at = UNIX_TIMESTAMP(), NEW.series = CONCAT('GFE-', YEAR(FROM_UNIXTIME(NEW.made_at)));
  SET NEW.further = COALESCE((SELECT GROUP_CONCAT(CONCAT(t.body_site, ' ', CAST(t.laterality AS CHAR)) ORDER BY t.target_no SEPARATOR ',')
                                FROM booking_target t WHERE t.booking_id = NEW.booking_id AND t.target_no > 1), '');
  SET NEW.issuer = '', NEW.npi = '', NEW.tin = '', NEW.provider = '', NEW.provider_npi = '';
  FOR o IN (SELECT LEFT(CONCAT(name, ', ', address_line, ', ', city, ', ', state, ' ', postal_code), 400) AS words, npi, tin FROM organization ORDER BY id LIMIT 1) DO
    SET NEW.issuer = o.words, NEW.npi = o.npi, NEW.tin = o.tin;
  END FOR;
  FOR w IN (
    SELECT r.name, COALESCE(r.npi, '') AS npi
      FROM booking_resource x
      JOIN resource r ON r.id = x.resource_id AND r.kind = 'practitioner'
      JOIN booking_step s ON s.booking_id = x.booking_id AND s.step_no = x.step_no
     WHERE x.booking_id = NEW.booking_id
     ORDER BY FIELD(s.kind, 'check-in', 'process', 'harvest', 'consult', 'inject') DESC, x.step_no, x.need_no LIMIT 1)
  DO
    SET NEW.provider = w.name, NEW.provider_npi = w.npi;
  END FOR;
  SET NEW.diagnoses = COALESCE((SELECT LEFT(GROUP_CONCAT(d.code ORDER BY d.seq SEPARATOR ', '), 400) FROM booking_diagnosis d
                                 WHERE d.booking_id = NEW.booking_id), '');
  SET NEW.supersedes = (SELECT e.id FROM estimate e WHERE e.booking_id = NEW.booking_id ORDER BY e.version DESC LIMIT 1),
      NEW.version = 1 + COALESCE((SELECT MAX(e.version) FROM estimate e WHERE e.booking_id = NEW.booking_id), 0);
  SET side = IF(NEW.further <> '', '', CASE NEW.laterality WHEN 'right' THEN 'RT' WHEN 'left' THEN 'LT' ELSE '' END);
  SET NEW.sha256 = UNHEX(SHA2(CONCAT_WS('\n', (SELECT b.uid FROM booking b WHERE b.id = NEW.booking_id), NEW.version, NEW.made_at, NEW.patient_name,
    NEW.patient_born, NEW.service_name, NEW.body_site, CAST(NEW.laterality AS CHAR), NEW.further, NEW.service_at, NEW.issuer, NEW.npi, NEW.tin, NEW.place,
    NEW.provider, NEW.provider_npi, NEW.diagnoses, NEW.total_minor, NEW.currency,
    (SELECT GROUP_CONCAT(CONCAT_WS(' ', c.line_no, c.code, IF(c.side_modifier = 1, TRIM(CONCAT(side, ' ', c.modifiers)), c.modifiers), c.units, c.unit_minor,
            c.description) ORDER BY c.line_no SEPARATOR '\n')
       FROM booking_quote q JOIN booking_charge c ON c.quote_id = q.id WHERE q.booking_id = NEW.booking_id)), 256));
END;

CREATE OR REPLACE TRIGGER estimate_has_its_lines AFTER INSERT ON estimate FOR EACH ROW
  INSERT INTO estimate_line (estimate_id, line_no, code_system, code, modifiers, description, units, unit_minor, currency)
    SELECT NEW.id, c.line_no, c.code_system, c.code,
           IF(c.side_modifier = 1 AND NEW.further = '',
              TRIM(CONCAT(CASE NEW.laterality WHEN 'right' THEN 'RT ' WHEN 'left' THEN 'LT ' ELSE '' END, c.modifiers)), c.modifiers),
           c.description, c.units, c.unit_minor, c.currency
      FROM booking_quote q JOIN booking_charge c ON c.quote_id = q.id
     WHERE q.booking_id = NEW.booking_id;

CREATE OR REPLACE TRIGGER estimate_keeps BEFORE UPDATE ON estimate FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an estimate never changes; issue another one';

CREATE OR REPLACE TRIGGER estimate_stays BEFORE DELETE ON estimate FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an estimate is never deleted; issue another one';

CREATE OR REPLACE TRIGGER estimate_line_fits BEFORE INSERT ON estimate_line FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM estimate e
      JOIN booking_quote q ON q.booking_id = e.booking_id
      JOIN booking_charge c ON c.quote_id = q.id AND c.line_no = NEW.line_no
     WHERE e.id = NEW.estimate_id AND c.code_system = NEW.code_system AND c.code = NEW.code AND c.description = NEW.description AND c.units = NEW.units
       AND c.unit_minor = NEW.unit_minor AND c.currency = NEW.currency
       AND NEW.modifiers = IF(c.side_modifier = 1 AND e.further = '',
             TRIM(CONCAT(CASE e.laterality WHEN 'right' THEN 'RT ' WHEN 'left' THEN 'LT ' ELSE '' END, c.modifiers)), c.modifiers))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the lines of an estimate are those of the quote';
  END IF;
END;

CREATE OR REPLACE TRIGGER estimate_line_keeps BEFORE UPDATE ON estimate_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an estimate never changes; issue another one';

CREATE OR REPLACE TRIGGER estimate_line_stays BEFORE DELETE ON estimate_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an estimate is never deleted; issue another one';

-- Whoever books, and however: who pays themselves has an estimate in the same transaction. Another time is written row by row, so that one comes from the
-- statement after the last of them (store/booking).
CREATE OR REPLACE TRIGGER booking_is_estimated AFTER UPDATE ON booking FOR EACH ROW FOLLOWS booking_is_quoted
BEGIN
  IF NEW.status = 'booked' AND NEW.self_pay = 1 AND NEW.coverage_id IS NULL THEN
    IF OLD.status IN ('held', 'expired') THEN
      INSERT INTO estimate (booking_id, cause) VALUES (NEW.id, 'booked');
    ELSEIF OLD.status = 'booked'
       AND (NOT OLD.self_pay <=> 1 OR OLD.coverage_id IS NOT NULL OR OLD.body_site <> NEW.body_site OR OLD.laterality <> NEW.laterality)
    THEN
      INSERT INTO estimate (booking_id, cause) VALUES (NEW.id, 'changed');
    END IF;
  END IF;
END;

-- What is booked already and still ahead.
INSERT INTO estimate (booking_id, cause)
  SELECT b.id, 'booked' FROM booking b JOIN booking_quote q ON q.booking_id = b.id
   WHERE b.status = 'booked' AND b.self_pay = 1 AND b.coverage_id IS NULL AND b.starts_at > UNIX_TIMESTAMP()
     AND NOT EXISTS (SELECT 1 FROM estimate e WHERE e.booking_id = b.id)
   ORDER BY b.id;
