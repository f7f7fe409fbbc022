-- SPDX-License-Identifier: Apache-2.0
-- An estimate is told. Each version is a letter in the outbox, written by the database in the statement that makes the version; what was handed over on paper is noted.
-- What nobody has yet is in a list of its own, so that it is found without reading every booking.

ALTER TABLE message
  MODIFY kind ENUM('confirmation','change','cancellation','waitlist-offer','recall','forms','order','prepare','visit','lost-link','estimate') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL;

CREATE TABLE IF NOT EXISTS estimate_given (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  estimate_id   BIGINT UNSIGNED NOT NULL,
  turn          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'from 1: odd ones say that it was handed over, even ones that it was not',
  what          ENUM('handed-over','taken-back') NOT NULL,
  at            BIGINT NOT NULL DEFAULT 0,
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY estimate_given_turn (estimate_id, turn) COMMENT 'of two who press at once one is first',
  CONSTRAINT estimate_given_of FOREIGN KEY (estimate_id) REFERENCES estimate (id),
  CONSTRAINT estimate_given_by FOREIGN KEY (staff_id) REFERENCES staff (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only: handed over on paper, and taken back where that was a mistake';

CREATE TABLE IF NOT EXISTS estimate_to_give (
  booking_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  estimate_id   BIGINT UNSIGNED NOT NULL COMMENT 'its newest',
  service_at    BIGINT NOT NULL,
  from_version  SMALLINT UNSIGNED NOT NULL COMMENT 'the oldest version since the last one that was given: its clock runs, whatever was issued after it',
  since         BIGINT NOT NULL COMMENT 'when that one was made',
  KEY estimate_to_give_since (since, booking_id, service_at),
  CONSTRAINT estimate_to_give_of FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT estimate_to_give_which FOREIGN KEY (estimate_id) REFERENCES estimate (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'booked, paid by the patient, and the newest estimate neither sent nor handed over; triggers write it';

-- What was given: a letter of that version left, as a row that stays says, or it was handed over.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW estimate_reached AS
  SELECT e.id, e.booking_id, e.version
    FROM estimate e
   WHERE EXISTS (SELECT 1 FROM message m JOIN message_try y ON y.message_id = m.id AND y.what = 'sent'
                  WHERE m.kind = 'estimate' AND m.about_id = e.id AND m.about_version = e.version)
      OR COALESCE((SELECT MAX(g.turn) FROM estimate_given g WHERE g.estimate_id = e.id), 0) MOD 2 = 1;

-- What that list has to be.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW estimate_open AS
  SELECT b.id AS booking_id, e.id AS estimate_id, e.service_at, f.version AS from_version, f.made_at AS since
    FROM estimate e
    JOIN booking b ON b.id = e.booking_id AND b.status = 'booked' AND b.self_pay = 1 AND b.coverage_id IS NULL
    JOIN estimate f ON f.booking_id = e.booking_id
     AND f.version = 1 + COALESCE((SELECT MAX(r.version) FROM estimate_reached r WHERE r.booking_id = e.booking_id), 0)
   WHERE NOT EXISTS (SELECT 1 FROM estimate n WHERE n.booking_id = e.booking_id AND n.version > e.version);

-- VALUES, as in 0066: who books must wait for nobody.
CREATE OR REPLACE TRIGGER estimate_is_told AFTER INSERT ON estimate FOR EACH ROW FOLLOWS estimate_has_its_lines
BEGIN
  FOR f IN (
    SELECT CONCAT_WS(' ', p.given, p.family) AS patient, p.email, p.phone, k.starts_at, k.ends_at, s.name AS service, t.name, t.phone AS site_phone, t.time_zone,
           CONCAT_WS(', ', NULLIF(t.address_line, ''), NULLIF(t.city, ''), NULLIF(CONCAT_WS(' ', NULLIF(t.state, ''), NULLIF(t.postal_code, '')), '')) AS address
      FROM booking k
      JOIN patient p ON p.id = k.patient_id
      JOIN service s ON s.id = k.service_id
      JOIN site t ON t.id = k.site_id
     WHERE k.id = NEW.booking_id)
  DO
    INSERT INTO message (uid, kind, about_id, about_version, booking_id, patient_id, to_name, to_email, to_phone, starts_at, ends_at, visits, site_name, site_address,
        site_phone, time_zone, service_name, created_at, next_at)
      VALUES (CONCAT('0', LEFT(UPPER(SHA2(CONCAT('estimate ', NEW.id, ' ', HEX(NEW.sha256)), 256)), 25)), 'estimate', NEW.id, NEW.version, NEW.booking_id, NEW.patient_id,
        f.patient, f.email, f.phone, f.starts_at, f.ends_at, '', f.name, f.address, f.site_phone, f.time_zone, LEFT(f.service, 120), NEW.made_at, NEW.made_at);
  END FOR;
  -- Of the first one nothing was given.
  IF NEW.version = 1 THEN
    INSERT INTO estimate_to_give (booking_id, estimate_id, service_at, from_version, since) VALUES (NEW.booking_id, NEW.id, NEW.service_at, 1, NEW.made_at);
  ELSE
    INSERT INTO estimate_to_give (booking_id, estimate_id, service_at, from_version, since)
      SELECT v.booking_id, v.estimate_id, v.service_at, v.from_version, v.since FROM estimate_open v WHERE v.booking_id = NEW.booking_id
      ON DUPLICATE KEY UPDATE estimate_id = v.estimate_id, service_at = v.service_at, from_version = v.from_version, since = v.since;
  END IF;
END;

-- A letter about an estimate that is not there yet would leave none for it: message_once takes the first one.
CREATE OR REPLACE TRIGGER message_tells_an_estimate BEFORE INSERT ON message FOR EACH ROW
BEGIN
  IF NEW.kind = 'estimate'
     AND (NOT COALESCE(NEW.status = 'queued', FALSE)
       OR NOT EXISTS (SELECT 1 FROM estimate e WHERE e.id = NEW.about_id AND e.version = NEW.about_version AND e.booking_id = NEW.booking_id AND e.patient_id = NEW.patient_id))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a letter of an estimate is about one that there is, and is not sent yet';
  END IF;
END;

-- The letter of an older version may leave after a newer one was made: that one is still to be given, and its clock is its own.
CREATE OR REPLACE TRIGGER message_try_gives_an_estimate AFTER INSERT ON message_try FOR EACH ROW
BEGIN
  IF NEW.what = 'sent' THEN
    FOR m IN (SELECT e.booking_id FROM message x JOIN estimate e ON e.id = x.about_id AND e.version = x.about_version
               WHERE x.id = NEW.message_id AND x.kind = 'estimate')
    DO
      DELETE FROM estimate_to_give WHERE booking_id = m.booking_id;
      INSERT INTO estimate_to_give (booking_id, estimate_id, service_at, from_version, since)
        SELECT v.booking_id, v.estimate_id, v.service_at, v.from_version, v.since FROM estimate_open v WHERE v.booking_id = m.booking_id;
    END FOR;
  END IF;
END;

CREATE OR REPLACE TRIGGER estimate_given_fits BEFORE INSERT ON estimate_given FOR EACH ROW
BEGIN
  SET NEW.at = UNIX_TIMESTAMP(), NEW.turn = 1 + COALESCE((SELECT MAX(g.turn) FROM estimate_given g WHERE g.estimate_id = NEW.estimate_id), 0);
  IF NEW.id <> 0 OR NOT EXISTS (SELECT 1 FROM estimate e WHERE e.id = NEW.estimate_id)
     OR NOT EXISTS (SELECT 1 FROM staff s WHERE s.id = NEW.staff_id AND s.active = 1)
     OR NOT COALESCE((NEW.what = 'handed-over') = (NEW.turn MOD 2 = 1), FALSE)
     OR NEW.what NOT IN ('handed-over', 'taken-back')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an estimate is handed over by somebody, and that is taken back, in turns';
  END IF;
  IF NEW.what = 'handed-over' AND EXISTS (SELECT 1 FROM estimate e JOIN estimate n ON n.booking_id = e.booking_id AND n.version > e.version WHERE e.id = NEW.estimate_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is a newer estimate; hand over that one';
  END IF;
END;

CREATE OR REPLACE TRIGGER estimate_given_counts AFTER INSERT ON estimate_given FOR EACH ROW
BEGIN
  FOR e IN (SELECT x.booking_id, x.version FROM estimate x WHERE x.id = NEW.estimate_id) DO
    DELETE FROM estimate_to_give WHERE booking_id = e.booking_id;
    INSERT INTO estimate_to_give (booking_id, estimate_id, service_at, from_version, since)
      SELECT v.booking_id, v.estimate_id, v.service_at, v.from_version, v.since FROM estimate_open v WHERE v.booking_id = e.booking_id;
    -- Paper ends the letter that did not leave; without the paper it is wanted again.
    IF NEW.what = 'handed-over' THEN
      UPDATE message SET status = 'withdrawn', code = 'on-paper', answer = ''
       WHERE kind = 'estimate' AND about_id = NEW.estimate_id AND about_version = e.version AND status IN ('queued', 'failed');
    ELSE
      UPDATE message SET status = 'queued', tries = 0, since = NEW.at, next_at = NEW.at, code = ''
       WHERE kind = 'estimate' AND about_id = NEW.estimate_id AND about_version = e.version AND status = 'withdrawn' AND code = 'on-paper';
    END IF;
  END FOR;
END;

CREATE OR REPLACE TRIGGER estimate_given_keeps BEFORE UPDATE ON estimate_given FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was handed over never changes; take it back';

CREATE OR REPLACE TRIGGER estimate_given_stays BEFORE DELETE ON estimate_given FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was handed over is never deleted; take it back';

-- Cancelled, begun, or paid by insurance now: nobody needs it any more, until that is undone.
CREATE OR REPLACE TRIGGER booking_needs_its_estimate AFTER UPDATE ON booking FOR EACH ROW FOLLOWS booking_is_estimated
BEGIN
  IF NEW.status = 'booked' AND NEW.self_pay = 1 AND NEW.coverage_id IS NULL THEN
    IF OLD.status NOT IN ('booked', 'held', 'expired') THEN
      INSERT IGNORE INTO estimate_to_give (booking_id, estimate_id, service_at, from_version, since)
        SELECT v.booking_id, v.estimate_id, v.service_at, v.from_version, v.since FROM estimate_open v WHERE v.booking_id = NEW.id;
    END IF;
  ELSEIF OLD.status = 'booked' THEN
    DELETE FROM estimate_to_give WHERE booking_id = NEW.id;
  END IF;
END;

-- Those that exist: for them nothing was sent, and nothing is.
INSERT IGNORE INTO estimate_to_give (booking_id, estimate_id, service_at, from_version, since)
  SELECT v.booking_id, v.estimate_id, v.service_at, v.from_version, v.since FROM estimate_open v WHERE v.service_at > UNIX_TIMESTAMP();
