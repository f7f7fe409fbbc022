-- SPDX-License-Identifier: Apache-2.0
-- Words to patients: the outbox, the waitlist, follow-ups and recalls.

CREATE TABLE IF NOT EXISTS message (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  kind          ENUM('confirmation','change','cancellation','waitlist-offer','recall') NOT NULL,
  about_id      BIGINT UNSIGNED NOT NULL COMMENT 'the booking; of kind recall the recall',
  about_version INT UNSIGNED NOT NULL COMMENT 'of the booking after what it tells of; 0: of a recall',
  booking_id    BIGINT UNSIGNED NULL COMMENT 'on whose page it is shown',
  patient_id    BIGINT UNSIGNED NULL COMMENT 'NULL: somebody of the waitlist',
  to_name       VARCHAR(170) NOT NULL COMMENT 'this and all below: facts as they were, from which the text is made',
  to_email      VARCHAR(160) NOT NULL,
  starts_at     BIGINT NULL COMMENT 'of the booking; of a recall when it is due from',
  ends_at       BIGINT NULL COMMENT '… of a recall when it is due until',
  old_starts_at BIGINT NULL COMMENT 'change: what it was before',
  until_at      BIGINT NULL COMMENT 'waitlist-offer: kept until',
  visits        VARCHAR(400) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'starts of all visits, separated by blanks',
  site_name     VARCHAR(120) NOT NULL,
  site_address  VARCHAR(300) NOT NULL,
  site_phone    VARCHAR(40) NOT NULL,
  time_zone     VARCHAR(64) CHARACTER SET ascii NOT NULL,
  status        ENUM('queued','sent','failed','withdrawn') NOT NULL DEFAULT 'queued',
  created_at    BIGINT NOT NULL,
  sent_at       BIGINT NULL,
  UNIQUE KEY message_once (kind, about_id, about_version) COMMENT 'one message for one fact, however often it is told',
  KEY message_queue (status, id),
  KEY message_booking (booking_id, id),
  KEY message_patient (patient_id, id),
  CONSTRAINT message_whose FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT message_of_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
) COMMENT 'the outbox: written in the transaction that makes it true, sent by a later step';

CREATE OR REPLACE TRIGGER message_keeps BEFORE UPDATE ON message FOR EACH ROW
BEGIN
  IF NOT (NEW.kind <=> OLD.kind AND NEW.about_id <=> OLD.about_id AND NEW.about_version <=> OLD.about_version
          AND NEW.patient_id <=> OLD.patient_id AND NEW.to_name <=> OLD.to_name AND NEW.starts_at <=> OLD.starts_at
          AND NEW.ends_at <=> OLD.ends_at AND NEW.old_starts_at <=> OLD.old_starts_at AND NEW.until_at <=> OLD.until_at
          AND NEW.visits <=> OLD.visits AND NEW.site_name <=> OLD.site_name AND NEW.site_address <=> OLD.site_address
          AND NEW.site_phone <=> OLD.site_phone AND NEW.time_zone <=> OLD.time_zone AND NEW.created_at <=> OLD.created_at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what a message says never changes';
  END IF;
END;

-- The waitlist. An offer is a held booking, so nobody can take what is offered to somebody else; everything that ends
-- the hold ends the offer (trigger below).

CREATE TABLE IF NOT EXISTS waitlist (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  service_id    INT UNSIGNED NOT NULL,
  practitioner_id INT UNSIGNED NULL COMMENT 'NULL: any',
  first_day     DATE NOT NULL COMMENT 'local days of the site',
  last_day      DATE NOT NULL,
  times         INT UNSIGNED NOT NULL COMMENT 'bit 4 * (ISO weekday - 1) + part of the local day: 0 before 10:00, 1 before 12:00, 2 before 15:00, 3 later',
  family        VARCHAR(80) NOT NULL,
  given         VARCHAR(80) NOT NULL,
  email         VARCHAR(160) NOT NULL,
  phone         VARCHAR(40) NOT NULL,
  source        ENUM('patient','staff') NOT NULL DEFAULT 'patient',
  status        ENUM('waiting','offered','taken','closed') NOT NULL DEFAULT 'waiting',
  closed_why    ENUM('','expired','withdrawn','removed','unanswered') NOT NULL DEFAULT '',
  missed        TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'offers in a row that ran out; the third closes',
  link_hash     BINARY(32) NOT NULL UNIQUE COMMENT 'SHA-256 of the link''s token',
  created_at    BIGINT NOT NULL,
  KEY waitlist_turn (status, created_at, id),
  CONSTRAINT waitlist_service FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT waitlist_practitioner FOREIGN KEY (practitioner_id) REFERENCES resource (id),
  CONSTRAINT waitlist_sane CHECK (first_day <= last_day AND times BETWEEN 1 AND 268435455
                                  AND (status = 'closed') = (closed_why <> ''))
) COMMENT 'who waits for a time, in the order of created_at, id';

CREATE TABLE IF NOT EXISTS waitlist_offer (
  booking_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  waitlist_id   BIGINT UNSIGNED NOT NULL,
  starts_at     BIGINT NOT NULL,
  outcome       ENUM('open','taken','declined','expired') NOT NULL DEFAULT 'open',
  open_for      BIGINT UNSIGNED AS (IF(outcome = 'open', waitlist_id, NULL)) PERSISTENT,
  accepted      TINYINT NOT NULL DEFAULT 0 COMMENT 'the patient went on with it',
  offered_at    BIGINT NOT NULL,
  UNIQUE KEY offer_one_open (open_for) COMMENT 'one offer at a time for one who waits, on any node',
  UNIQUE KEY offer_never_again (waitlist_id, starts_at) COMMENT 'what was declined passes on',
  CONSTRAINT offer_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT offer_waitlist FOREIGN KEY (waitlist_id) REFERENCES waitlist (id)
);

CREATE OR REPLACE TRIGGER booking_ends_an_offer AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  DECLARE waits BIGINT UNSIGNED;
  DECLARE misses TINYINT UNSIGNED;
  IF OLD.status = 'held' AND NEW.status <> 'held' THEN
    SET waits = (SELECT waitlist_id FROM waitlist_offer WHERE booking_id = NEW.id AND outcome = 'open');
  END IF;
  IF waits IS NOT NULL THEN
    SET misses = (SELECT IF(NEW.status = 'expired' AND o.accepted = 0, w.missed + 1, 0)
                    FROM waitlist_offer o JOIN waitlist w ON w.id = o.waitlist_id WHERE o.booking_id = NEW.id);
    UPDATE waitlist
       SET missed = misses, closed_why = IF(misses >= 3, 'unanswered', ''),
           status = CASE WHEN NEW.status = 'booked' THEN 'taken' WHEN misses >= 3 THEN 'closed' ELSE 'waiting' END
     WHERE id = waits AND status = 'offered';
    UPDATE waitlist_offer
       SET outcome = CASE NEW.status WHEN 'booked' THEN 'taken' WHEN 'expired' THEN 'expired' ELSE 'declined' END
     WHERE booking_id = NEW.id AND outcome = 'open';
    UPDATE message SET status = 'withdrawn' WHERE kind = 'waitlist-offer' AND booking_id = NEW.id AND status = 'queued';
  END IF;
END;

ALTER TABLE session
  ADD COLUMN IF NOT EXISTS waitlist_id BIGINT UNSIGNED NULL AFTER booking_id,
  DROP CONSTRAINT IF EXISTS session_one;

ALTER TABLE session
  ADD CONSTRAINT IF NOT EXISTS session_is_of_one CHECK ((staff_id IS NOT NULL) + (booking_id IS NOT NULL) + (waitlist_id IS NOT NULL) = 1);

-- Follow-ups and recalls: what the service plans after a completed treatment, as data, and what became of it.

CREATE TABLE IF NOT EXISTS service_recall (
  service_id    INT UNSIGNED NOT NULL,
  seq           TINYINT UNSIGNED NOT NULL COMMENT 'from 1',
  kind          ENUM('follow-up','maintenance') NOT NULL,
  after_min_days SMALLINT UNSIGNED NOT NULL COMMENT 'after the local day of completion',
  after_max_days SMALLINT UNSIGNED NOT NULL,
  reason        VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the clinic''s own code',
  title         VARCHAR(120) NOT NULL COMMENT 'for staff and for the patient''s page; never in a message',
  PRIMARY KEY (service_id, seq),
  CONSTRAINT service_recall_of FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT service_recall_sane CHECK (seq BETWEEN 1 AND 32 AND after_min_days BETWEEN 1 AND after_max_days AND after_max_days <= 3660)
);

CREATE TABLE IF NOT EXISTS recall (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  booking_id    BIGINT UNSIGNED NOT NULL COMMENT 'the completed treatment',
  seq           TINYINT UNSIGNED NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  kind          ENUM('follow-up','maintenance') NOT NULL,
  reason        VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  title         VARCHAR(120) NOT NULL,
  due_from      DATE NOT NULL COMMENT 'local days of the site',
  due_until     DATE NOT NULL,
  status        ENUM('open','attempted','booked','done','closed') NOT NULL DEFAULT 'open',
  closed_why    ENUM('','declined','opted-out') NOT NULL DEFAULT '',
  answer_booking_id BIGINT UNSIGNED NULL COMMENT 'the visit it led to',
  created_at    BIGINT NOT NULL,
  UNIQUE KEY recall_once (booking_id, seq) COMMENT 'completed once, planned once',
  KEY recall_due (status, due_from, id),
  KEY recall_patient (patient_id, status),
  KEY recall_answer (answer_booking_id),
  CONSTRAINT recall_of FOREIGN KEY (booking_id, patient_id) REFERENCES booking (id, patient_id),
  CONSTRAINT recall_sane CHECK (due_from <= due_until AND (status = 'closed') = (closed_why <> ''))
);

CREATE TABLE IF NOT EXISTS recall_attempt (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  recall_id     BIGINT UNSIGNED NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  outcome       ENUM('no-answer','left-message','spoke','booked','declined') NOT NULL,
  note          VARCHAR(200) NOT NULL DEFAULT '',
  KEY attempt_recall (recall_id, id),
  CONSTRAINT attempt_of FOREIGN KEY (recall_id) REFERENCES recall (id),
  CONSTRAINT attempt_by FOREIGN KEY (staff_id) REFERENCES staff (id)
);

CREATE OR REPLACE TRIGGER recall_attempt_keeps BEFORE UPDATE ON recall_attempt FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an attempt never changes; record another one';

CREATE TABLE IF NOT EXISTS recall_opt_out (
  patient_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  at            BIGINT NOT NULL,
  actor         VARCHAR(40) CHARACTER SET ascii NOT NULL,
  CONSTRAINT opt_out_of FOREIGN KEY (patient_id) REFERENCES patient (id)
) COMMENT 'wants no follow-ups nor recalls any more: none is made, shown as due or written about';

CREATE OR REPLACE TRIGGER opt_out_closes_recalls AFTER INSERT ON recall_opt_out FOR EACH ROW
BEGIN
  UPDATE message SET status = 'withdrawn'
   WHERE kind = 'recall' AND status = 'queued' AND patient_id = NEW.patient_id;
  UPDATE recall SET status = 'closed', closed_why = 'opted-out', answer_booking_id = NULL
   WHERE patient_id = NEW.patient_id AND status IN ('open', 'attempted');
END;

-- A visit of the patient answers what is due about then; when it does not take place, the recall is open again.
CREATE OR REPLACE TRIGGER booking_answers_recalls AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.status <> OLD.status AND NEW.patient_id IS NOT NULL THEN
    IF NEW.status = 'booked' THEN
      UPDATE recall SET status = 'booked', answer_booking_id = NEW.id
       WHERE patient_id = NEW.patient_id AND status IN ('open', 'attempted')
         AND due_from <= DATE('1970-01-01') + INTERVAL (NEW.starts_at DIV 86400 + 14) DAY;
    ELSEIF NEW.status = 'completed' THEN
      UPDATE recall SET status = 'done' WHERE answer_booking_id = NEW.id AND status = 'booked';
    ELSEIF NEW.status IN ('cancelled', 'no-show') THEN
      UPDATE recall r
         SET r.status = IF(EXISTS (SELECT 1 FROM recall_attempt a WHERE a.recall_id = r.id), 'attempted', 'open'),
             r.answer_booking_id = NULL
       WHERE r.answer_booking_id = NEW.id AND r.status = 'booked';
    END IF;
  END IF;
END;
