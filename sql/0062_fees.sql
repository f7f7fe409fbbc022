-- SPDX-License-Identifier: Apache-2.0
-- Fee schedules: what a treatment costs is the sum of its lines in a published version, and a booking keeps the lines of the version that was in force when
-- its time was held. Until now each service had a price to be shown and, beside it, charges that might add up to something else.

CREATE TABLE IF NOT EXISTS fee_schedule (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  name          VARCHAR(120) NOT NULL,
  payer_id      INT UNSIGNED NULL COMMENT 'whose patients; NULL: who pays themselves, and every payer without one of its own',
  site_id       INT UNSIGNED NULL COMMENT 'NULL: every site',
  payer_key     INT UNSIGNED AS (COALESCE(payer_id, 0)) STORED,
  site_key      INT UNSIGNED AS (COALESCE(site_id, 0)) STORED,
  created_at    BIGINT NOT NULL DEFAULT 0,
  staff_id      INT UNSIGNED NULL COMMENT 'NULL: a migration, a file of SQL, regenctl',
  UNIQUE KEY fee_schedule_one (payer_key, site_key),
  CONSTRAINT fee_schedule_payer FOREIGN KEY (payer_id) REFERENCES payer (id),
  CONSTRAINT fee_schedule_site FOREIGN KEY (site_id) REFERENCES site (id),
  CONSTRAINT fee_schedule_by FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT fee_schedule_is_named CHECK (code <> '' AND name <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE TABLE IF NOT EXISTS fee_schedule_version (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  schedule_id   INT UNSIGNED NOT NULL,
  made_at       BIGINT NOT NULL,
  staff_id      INT UNSIGNED NULL,
  UNIQUE KEY fee_schedule_version_of (id, schedule_id),
  CONSTRAINT fee_version_schedule FOREIGN KEY (schedule_id) REFERENCES fee_schedule (id),
  CONSTRAINT fee_version_by FOREIGN KEY (staff_id) REFERENCES staff (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only; a draft until fee_publication names it';

CREATE TABLE IF NOT EXISTS fee_line (
  version_id    INT UNSIGNED NOT NULL,
  service_id    INT UNSIGNED NOT NULL,
  line_no       TINYINT UNSIGNED NOT NULL,
  step_kind     ENUM('check-in','harvest','process','inject','recover','consult') NOT NULL COMMENT 'charged when a step of this kind is done',
  code_system   VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'URI; empty: the clinic''s own codes',
  code          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  modifiers     VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'separated by blanks, without the side',
  side_modifier TINYINT NOT NULL DEFAULT 0 COMMENT 'carries RT or LT from the booked side',
  description   VARCHAR(160) NOT NULL,
  units         SMALLINT UNSIGNED NOT NULL DEFAULT 1,
  unit_minor    BIGINT NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  on_claim      TINYINT NOT NULL DEFAULT 1,
  PRIMARY KEY (version_id, service_id, line_no),
  CONSTRAINT fee_line_version FOREIGN KEY (version_id) REFERENCES fee_schedule_version (id),
  CONSTRAINT fee_line_service FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT fee_line_amount CHECK (unit_minor BETWEEN 0 AND 1000000000000 AND units BETWEEN 1 AND 999),
  CONSTRAINT fee_line_is_named CHECK (code <> '' AND description <> '' AND line_no > 0),
  CONSTRAINT fee_line_modifiers CHECK (modifiers REGEXP '^([A-Z0-9]{2}( [A-Z0-9]{2}){0,3})?$' AND (side_modifier = 0 OR CHAR_LENGTH(modifiers) <= 8))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only; none is added once the version is published';

CREATE TABLE IF NOT EXISTS fee_publication (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  version_id    INT UNSIGNED NOT NULL,
  schedule_id   INT UNSIGNED NOT NULL,
  valid_from    DATE NOT NULL COMMENT 'local day of the site, or of the clinic''s first site',
  valid_at      BIGINT NOT NULL COMMENT 'the instant from which it is in force, until the next one''s',
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NULL,
  UNIQUE KEY fee_publication_once (version_id),
  KEY fee_publication_order (schedule_id, valid_at, id),
  CONSTRAINT fee_publication_version FOREIGN KEY (version_id) REFERENCES fee_schedule_version (id),
  CONSTRAINT fee_publication_schedule FOREIGN KEY (version_id, schedule_id) REFERENCES fee_schedule_version (id, schedule_id),
  CONSTRAINT fee_publication_by FOREIGN KEY (staff_id) REFERENCES staff (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE TABLE IF NOT EXISTS fee_withdrawal (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  publication_id INT UNSIGNED NOT NULL,
  reason        VARCHAR(200) NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NULL,
  UNIQUE KEY fee_withdrawal_once (publication_id),
  CONSTRAINT fee_withdrawal_of FOREIGN KEY (publication_id) REFERENCES fee_publication (id),
  CONSTRAINT fee_withdrawal_by FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT fee_withdrawal_says_why CHECK (reason <> '')
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only: what was not in force yet never will be';

CREATE TABLE IF NOT EXISTS booking_quote (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  version_id    INT UNSIGNED NOT NULL,
  service_id    INT UNSIGNED NOT NULL,
  total_minor   BIGINT NOT NULL COMMENT 'the sum of its lines',
  currency      CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  made_at       BIGINT NOT NULL,
  UNIQUE KEY booking_quote_once (booking_id),
  CONSTRAINT booking_quote_of FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT booking_quote_version FOREIGN KEY (version_id) REFERENCES fee_schedule_version (id),
  CONSTRAINT booking_quote_service FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT booking_quote_total CHECK (total_minor >= 0)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only; triggers write it in the transaction that books';

CREATE TABLE IF NOT EXISTS booking_charge (
  quote_id      BIGINT UNSIGNED NOT NULL,
  line_no       TINYINT UNSIGNED NOT NULL,
  step_kind     ENUM('check-in','harvest','process','inject','recover','consult') NOT NULL,
  code_system   VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  code          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  modifiers     VARCHAR(11) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  side_modifier TINYINT NOT NULL,
  description   VARCHAR(160) NOT NULL,
  units         SMALLINT UNSIGNED NOT NULL,
  unit_minor    BIGINT NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  on_claim      TINYINT NOT NULL,
  PRIMARY KEY (quote_id, line_no),
  CONSTRAINT booking_charge_of FOREIGN KEY (quote_id) REFERENCES booking_quote (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only: the lines of a quote, as they were';

-- A line may carry more than the side.
ALTER TABLE charge_item
  MODIFY modifier VARCHAR(11) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '' COMMENT 'separated by blanks',
  MODIFY line_no TINYINT UNSIGNED NOT NULL COMMENT 'of booking_charge';

ALTER TABLE charge_off MODIFY modifier VARCHAR(11) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '';

ALTER TABLE invoice_line MODIFY modifier VARCHAR(11) CHARACTER SET ascii COLLATE ascii_general_ci NOT NULL DEFAULT '';

-- The first version of the self-pay schedule: what each service costs today.

INSERT INTO fee_schedule (id, code, name) SELECT 1, 'self-pay', 'Self-pay' FROM DUAL
 WHERE EXISTS (SELECT 1 FROM service) AND NOT EXISTS (SELECT 1 FROM fee_schedule);

INSERT INTO fee_schedule_version (id, schedule_id, made_at) SELECT 1, 1, UNIX_TIMESTAMP() FROM DUAL
 WHERE EXISTS (SELECT 1 FROM fee_schedule WHERE id = 1) AND NOT EXISTS (SELECT 1 FROM fee_schedule_version);

INSERT IGNORE INTO fee_line (version_id, service_id, line_no, step_kind, code_system, code, side_modifier, description, units, unit_minor, currency, on_claim)
  SELECT 1, c.service_id, c.line_no, c.step_kind, c.code_system, c.code, c.side_modifier, IF(c.description = '', c.code, c.description), c.quantity,
         c.unit_minor, s.currency, c.on_claim
    FROM service_charge c JOIN service s ON s.id = c.service_id
   WHERE c.line_no > 0 AND c.code <> '' AND NOT EXISTS (SELECT 1 FROM fee_publication);

-- Charges that add up to more than the price that is shown: the largest one gives way, or, where that is not enough, one line of the price stands for all.
DELETE l FROM fee_line l
  JOIN (SELECT x.service_id FROM fee_line x JOIN service s ON s.id = x.service_id WHERE x.version_id = 1 GROUP BY x.service_id, s.price_minor
        HAVING SUM(x.unit_minor * x.units) > s.price_minor
           AND MAX(x.unit_minor * x.units) - (SUM(x.unit_minor * x.units) - s.price_minor) NOT BETWEEN 0 AND 1000000000000) y ON y.service_id = l.service_id
 WHERE l.version_id = 1 AND NOT EXISTS (SELECT 1 FROM fee_publication);

UPDATE fee_line l
  JOIN (SELECT z.service_id, z.above,
               (SELECT m.line_no FROM fee_line m WHERE m.version_id = 1 AND m.service_id = z.service_id ORDER BY m.unit_minor * m.units DESC, m.line_no LIMIT 1) AS line_no
          FROM (SELECT x.service_id, SUM(x.unit_minor * x.units) - s.price_minor AS above
                  FROM fee_line x JOIN service s ON s.id = x.service_id WHERE x.version_id = 1 GROUP BY x.service_id, s.price_minor
                HAVING above > 0) z) y ON y.service_id = l.service_id AND y.line_no = l.line_no
   SET l.unit_minor = l.unit_minor * l.units - y.above, l.units = 1
 WHERE l.version_id = 1 AND NOT EXISTS (SELECT 1 FROM fee_publication);

-- What is missing to the price, which is all of it where a service has no charges: one line more, so that nothing costs less than was shown.
INSERT IGNORE INTO fee_line (version_id, service_id, line_no, step_kind, code, description, units, unit_minor, currency, on_claim)
  SELECT 1, s.id, COALESCE((SELECT MAX(m.line_no) + 1 FROM fee_line m WHERE m.version_id = 1 AND m.service_id = s.id), 1),
         COALESCE((SELECT t.kind FROM service_step t WHERE t.service_id = s.id ORDER BY FIELD(t.kind, 'harvest', 'inject', 'consult') DESC, t.step_no LIMIT 1),
                  'consult'),
         UPPER(LEFT(s.code, 16)), s.name, 1,
         s.price_minor - COALESCE((SELECT SUM(x.unit_minor * x.units) FROM fee_line x WHERE x.version_id = 1 AND x.service_id = s.id), 0), s.currency, 1
    FROM service s
   WHERE s.name <> '' AND NOT EXISTS (SELECT 1 FROM fee_publication) AND (NOT EXISTS (SELECT 1 FROM fee_line x WHERE x.version_id = 1 AND x.service_id = s.id)
      OR s.price_minor > (SELECT SUM(x.unit_minor * x.units) FROM fee_line x WHERE x.version_id = 1 AND x.service_id = s.id));

INSERT INTO fee_publication (version_id, schedule_id, valid_from, valid_at, at) SELECT 1, 1, '2000-01-01', 0, UNIX_TIMESTAMP() FROM DUAL
 WHERE EXISTS (SELECT 1 FROM fee_schedule_version WHERE id = 1) AND NOT EXISTS (SELECT 1 FROM fee_publication);

-- What is still to be done keeps what would be charged for it today. What is over shows what it showed; one that is opened again gets its quote then.

INSERT IGNORE INTO booking_quote (booking_id, version_id, service_id, total_minor, currency, made_at)
  SELECT b.id, 1, b.service_id, x.total, x.currency, COALESCE(b.booked_at, b.created_at)
    FROM booking b
    JOIN (SELECT service_id, SUM(unit_minor * units) AS total, MIN(currency) AS currency FROM fee_line WHERE version_id = 1 GROUP BY service_id) x
      ON x.service_id = b.service_id
   WHERE b.status IN ('booked', 'arrived', 'in-progress') AND NOT EXISTS (SELECT 1 FROM booking_quote q WHERE q.booking_id = b.id)
   ORDER BY b.id;

INSERT IGNORE INTO booking_charge
  SELECT q.id, l.line_no, l.step_kind, l.code_system, l.code, l.modifiers, l.side_modifier, l.description, l.units, l.unit_minor, l.currency, l.on_claim
    FROM booking_quote q JOIN fee_line l ON l.version_id = q.version_id AND l.service_id = q.service_id
   WHERE NOT EXISTS (SELECT 1 FROM booking_charge c WHERE c.quote_id = q.id);

-- Nobody types a price anywhere else.
ALTER TABLE service
  MODIFY price_minor BIGINT NOT NULL DEFAULT 0 COMMENT 'not used since 0062: see fee_line',
  MODIFY currency CHAR(3) CHARACTER SET ascii NOT NULL DEFAULT 'USD' COMMENT 'not used since 0062: see fee_line';

ALTER TABLE booking
  MODIFY price_minor BIGINT NOT NULL COMMENT 'as shown when the time was held; what was promised is booking_quote';

CREATE OR REPLACE TRIGGER service_charge_is_over BEFORE INSERT ON service_charge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'prices are in the fee schedules now: regenctl fees import';

CREATE OR REPLACE TRIGGER service_charge_keeps BEFORE UPDATE ON service_charge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'prices are in the fee schedules now: regenctl fees import';

-- The version whose lines a booking has, or would have if it were booked: in force when its time was held, of the first of these schedules that has the
-- treatment: the payer's at the site, the payer's, self-pay at the site, self-pay. A booking older than every price of its treatment has the first one.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW booking_fee AS
  SELECT b.id AS booking_id, b.service_id, COALESCE(
    (SELECT p.version_id
       FROM fee_schedule f
       JOIN fee_publication p ON p.id = (
         SELECT q.id FROM fee_publication q
          WHERE q.schedule_id = f.id AND q.valid_at <= b.created_at AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = q.id)
          ORDER BY q.valid_at DESC, q.id DESC LIMIT 1)
      WHERE (f.payer_id IS NULL OR f.payer_id = c.payer_id) AND (f.site_id IS NULL OR f.site_id = s.site_id)
        AND EXISTS (SELECT 1 FROM fee_line l WHERE l.version_id = p.version_id AND l.service_id = b.service_id)
      ORDER BY f.payer_id IS NULL, f.site_id IS NULL LIMIT 1),
    (SELECT p.version_id
       FROM fee_publication p
       JOIN fee_schedule f ON f.id = p.schedule_id AND f.payer_id IS NULL AND (f.site_id IS NULL OR f.site_id = s.site_id)
      WHERE NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = p.id)
        AND EXISTS (SELECT 1 FROM fee_line l WHERE l.version_id = p.version_id AND l.service_id = b.service_id)
      ORDER BY p.valid_at, p.id LIMIT 1)) AS version_id
    FROM booking b
    JOIN service s ON s.id = b.service_id
    LEFT JOIN coverage c ON c.id = b.coverage_id;

CREATE OR REPLACE TRIGGER booking_quote_fits BEFORE INSERT ON booking_quote FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM booking b JOIN fee_publication p ON p.version_id = NEW.version_id WHERE b.id = NEW.booking_id AND b.service_id = NEW.service_id)
     OR NOT NEW.total_minor <=> (SELECT SUM(unit_minor * units) FROM fee_line WHERE version_id = NEW.version_id AND service_id = NEW.service_id)
     OR EXISTS (SELECT 1 FROM fee_line WHERE version_id = NEW.version_id AND service_id = NEW.service_id AND currency <> NEW.currency)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a quote is the sum of the lines of a published version';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_quote_keeps BEFORE UPDATE ON booking_quote FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was promised never changes';

CREATE OR REPLACE TRIGGER booking_quote_stays BEFORE DELETE ON booking_quote FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was promised is never deleted';

CREATE OR REPLACE TRIGGER booking_charge_fits BEFORE INSERT ON booking_charge FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM booking_quote q
      JOIN fee_line l ON l.version_id = q.version_id AND l.service_id = q.service_id AND l.line_no = NEW.line_no
     WHERE q.id = NEW.quote_id AND l.step_kind = NEW.step_kind AND l.code_system = NEW.code_system AND l.code = NEW.code
       AND l.modifiers = NEW.modifiers AND l.side_modifier = NEW.side_modifier AND l.description = NEW.description AND l.units = NEW.units
       AND l.unit_minor = NEW.unit_minor AND l.currency = NEW.currency AND l.on_claim = NEW.on_claim)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the lines of a quote are those of its schedule';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_charge_keeps BEFORE UPDATE ON booking_charge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was promised never changes';

CREATE OR REPLACE TRIGGER booking_charge_stays BEFORE DELETE ON booking_charge FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was promised is never deleted';

-- Whoever books, and however: the quote is made in the same transaction, and what has no price is not booked.
CREATE OR REPLACE TRIGGER booking_is_quoted AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  DECLARE version INT UNSIGNED;
  IF NEW.status IN ('booked', 'arrived', 'in-progress', 'completed', 'no-show') AND NEW.status <> OLD.status
     AND NOT EXISTS (SELECT 1 FROM booking_quote WHERE booking_id = NEW.id)
  THEN
    SET version = (SELECT x.version_id FROM booking_fee x WHERE x.booking_id = NEW.id);
    IF version IS NULL THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment that has no price is not booked';
    END IF;
    INSERT INTO booking_quote (booking_id, version_id, service_id, total_minor, currency, made_at)
      SELECT NEW.id, version, NEW.service_id, SUM(unit_minor * units), MIN(currency), COALESCE(NEW.booked_at, NEW.created_at)
        FROM fee_line WHERE version_id = version AND service_id = NEW.service_id;
    INSERT INTO booking_charge
      SELECT q.id, l.line_no, l.step_kind, l.code_system, l.code, l.modifiers, l.side_modifier, l.description, l.units, l.unit_minor, l.currency, l.on_claim
        FROM booking_quote q JOIN fee_line l ON l.version_id = q.version_id AND l.service_id = q.service_id
       WHERE q.booking_id = NEW.id;
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_begins_quoted AFTER INSERT ON booking FOR EACH ROW
BEGIN
  DECLARE version INT UNSIGNED;
  IF NEW.status IN ('booked', 'arrived', 'in-progress', 'completed', 'no-show') THEN
    SET version = (SELECT x.version_id FROM booking_fee x WHERE x.booking_id = NEW.id);
    IF version IS NULL THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment that has no price is not booked';
    END IF;
    INSERT INTO booking_quote (booking_id, version_id, service_id, total_minor, currency, made_at)
      SELECT NEW.id, version, NEW.service_id, SUM(unit_minor * units), MIN(currency), COALESCE(NEW.booked_at, NEW.created_at)
        FROM fee_line WHERE version_id = version AND service_id = NEW.service_id;
    INSERT INTO booking_charge
      SELECT q.id, l.line_no, l.step_kind, l.code_system, l.code, l.modifiers, l.side_modifier, l.description, l.units, l.unit_minor, l.currency, l.on_claim
        FROM booking_quote q JOIN fee_line l ON l.version_id = q.version_id AND l.service_id = q.service_id
       WHERE q.booking_id = NEW.id;
  END IF;
END;

-- Schedules only grow.

CREATE OR REPLACE TRIGGER fee_schedule_keeps BEFORE UPDATE ON fee_schedule FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a fee schedule keeps its name and for whom it is';

CREATE OR REPLACE TRIGGER fee_schedule_stays BEFORE DELETE ON fee_schedule FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a fee schedule is never deleted';

CREATE OR REPLACE TRIGGER fee_schedule_version_keeps BEFORE UPDATE ON fee_schedule_version FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a version of a fee schedule never changes; make another one';

CREATE OR REPLACE TRIGGER fee_schedule_version_stays BEFORE DELETE ON fee_schedule_version FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a version of a fee schedule is never deleted';

CREATE OR REPLACE TRIGGER fee_line_is_early BEFORE INSERT ON fee_line FOR EACH ROW
BEGIN
  DECLARE it INT UNSIGNED;
  SELECT id INTO it FROM fee_schedule_version WHERE id = NEW.version_id LOCK IN SHARE MODE;
  IF EXISTS (SELECT 1 FROM fee_publication WHERE version_id = NEW.version_id LOCK IN SHARE MODE) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a published version of a fee schedule gets no line';
  END IF;
END;

CREATE OR REPLACE TRIGGER fee_line_keeps BEFORE UPDATE ON fee_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a line of a fee schedule never changes; make another version';

CREATE OR REPLACE TRIGGER fee_line_stays BEFORE DELETE ON fee_line FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a line of a fee schedule is never deleted; make another version';

CREATE OR REPLACE TRIGGER fee_publication_keeps BEFORE UPDATE ON fee_publication FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was published never changes; publish another version';

CREATE OR REPLACE TRIGGER fee_publication_stays BEFORE DELETE ON fee_publication FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was published is never deleted; withdraw it before its day';

CREATE OR REPLACE TRIGGER fee_withdrawal_keeps BEFORE UPDATE ON fee_withdrawal FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was withdrawn stays withdrawn; publish another version';

CREATE OR REPLACE TRIGGER fee_withdrawal_stays BEFORE DELETE ON fee_withdrawal FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was withdrawn stays withdrawn; publish another version';

-- Versions follow each other: none begins in the past, except the very first of the clinic, and no two at the same time. Whoever pays themselves finds a price
-- of everything that can be booked, now and when the versions begin that are published already.
CREATE OR REPLACE TRIGGER fee_publication_fits BEFORE INSERT ON fee_publication FOR EACH ROW
BEGIN
  DECLARE whose, place, it, seen, there INT UNSIGNED;
  SELECT id INTO it FROM fee_schedule_version WHERE id = NEW.version_id FOR UPDATE;
  SELECT COUNT(*) INTO seen FROM fee_line WHERE version_id = NEW.version_id;
  SELECT COUNT(*) INTO there FROM fee_line WHERE version_id = NEW.version_id LOCK IN SHARE MODE;
  IF seen <> there THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the version got lines meanwhile';
  END IF;
  SELECT payer_id, site_id INTO whose, place FROM fee_schedule WHERE id = NEW.schedule_id FOR UPDATE;
  IF NOT EXISTS (SELECT 1 FROM fee_line WHERE version_id = NEW.version_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a version without lines is not published';
  END IF;
  IF NEW.valid_at < UNIX_TIMESTAMP() - 60 AND EXISTS (SELECT 1 FROM fee_publication) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a version never begins in the past';
  END IF;
  IF EXISTS (SELECT 1 FROM fee_publication p WHERE p.schedule_id = NEW.schedule_id AND p.valid_at = NEW.valid_at
                AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = p.id))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'two versions of a fee schedule never begin at the same time';
  END IF;
  IF EXISTS (SELECT 1 FROM fee_line l JOIN fee_line o ON o.version_id = l.version_id AND o.service_id = l.service_id AND o.currency <> l.currency
              WHERE l.version_id = NEW.version_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the lines of a service are in one currency';
  END IF;
  IF EXISTS (SELECT 1 FROM fee_line l
               JOIN fee_line o ON o.service_id = l.service_id AND o.currency <> l.currency
               JOIN fee_publication p ON p.version_id = o.version_id
              WHERE l.version_id = NEW.version_id AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = p.id))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the prices of a service are in one currency in every schedule';
  END IF;
  IF EXISTS (SELECT 1 FROM fee_line l JOIN service s ON s.id = l.service_id WHERE l.version_id = NEW.version_id AND place IS NOT NULL AND s.site_id <> place) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a fee schedule of a site has no treatments of another';
  END IF;
  IF whose IS NULL AND EXISTS (
    SELECT 1 FROM service s
     WHERE s.active = 1 AND (place IS NULL OR s.site_id = place)
       AND NOT EXISTS (SELECT 1 FROM fee_line l WHERE l.version_id = NEW.version_id AND l.service_id = s.id)
       AND EXISTS (
         SELECT 1 FROM fee_line l
          WHERE l.service_id = s.id AND l.version_id = (
            SELECT q.version_id FROM fee_publication q
             WHERE q.schedule_id = NEW.schedule_id AND q.valid_at <= NEW.valid_at AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = q.id)
             ORDER BY q.valid_at DESC, q.id DESC LIMIT 1))
       AND NOT EXISTS (
         SELECT 1 FROM fee_schedule f JOIN fee_publication p ON p.schedule_id = f.id JOIN fee_line l ON l.version_id = p.version_id AND l.service_id = s.id
          WHERE f.id <> NEW.schedule_id AND f.payer_id IS NULL AND (f.site_id IS NULL OR f.site_id = s.site_id)
            AND p.id = (SELECT q.id FROM fee_publication q WHERE q.schedule_id = f.id AND q.valid_at <= NEW.valid_at
                           AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = q.id)
                         ORDER BY q.valid_at DESC, q.id DESC LIMIT 1)))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a version lacks a treatment that can be booked';
  END IF;
  IF whose IS NULL AND EXISTS (
    SELECT 1 FROM fee_publication n JOIN service s ON s.active = 1 AND (place IS NULL OR s.site_id = place)
     WHERE n.schedule_id = NEW.schedule_id AND n.valid_at > NEW.valid_at
       AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = n.id)
       AND EXISTS (SELECT 1 FROM fee_line l WHERE l.version_id = NEW.version_id AND l.service_id = s.id)
       AND NOT EXISTS (SELECT 1 FROM fee_line l WHERE l.version_id = n.version_id AND l.service_id = s.id)
       AND NOT EXISTS (
         SELECT 1 FROM fee_schedule f JOIN fee_publication p ON p.schedule_id = f.id JOIN fee_line l ON l.version_id = p.version_id AND l.service_id = s.id
          WHERE f.id <> NEW.schedule_id AND f.payer_id IS NULL AND (f.site_id IS NULL OR f.site_id = s.site_id)
            AND p.id = (SELECT q.id FROM fee_publication q WHERE q.schedule_id = f.id AND q.valid_at <= n.valid_at
                           AND NOT EXISTS (SELECT 1 FROM fee_withdrawal w WHERE w.publication_id = q.id)
                         ORDER BY q.valid_at DESC, q.id DESC LIMIT 1)))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a later version lacks a treatment that this one prices';
  END IF;
END;

CREATE OR REPLACE TRIGGER fee_withdrawal_fits BEFORE INSERT ON fee_withdrawal FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM fee_publication WHERE id = NEW.publication_id AND valid_at > UNIX_TIMESTAMP()) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a version in force is not withdrawn; publish another one';
  END IF;
END;

-- Processes keep prices with the definitions.
CREATE OR REPLACE TRIGGER fee_publication_is_news AFTER INSERT ON fee_publication FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER fee_withdrawal_is_news AFTER INSERT ON fee_withdrawal FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;
