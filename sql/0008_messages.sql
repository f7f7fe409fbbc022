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
