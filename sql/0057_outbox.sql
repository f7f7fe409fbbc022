-- SPDX-License-Identifier: Apache-2.0
-- Letters leave. A message is sent by whoever leases it, tried again later, given up with a reason, and each try is a row that stays. What a letter
-- links to is kept as a hash only.

ALTER TABLE message
  MODIFY kind ENUM('confirmation','change','cancellation','waitlist-offer','recall','forms','order','prepare','visit','lost-link') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL,
  MODIFY status ENUM('queued','sent','failed','withdrawn','told') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT 'queued',
  ADD COLUMN IF NOT EXISTS to_phone VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '' AFTER to_email,
  ADD COLUMN IF NOT EXISTS service_name VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '' COMMENT 'said only where the clinic allows it',
  ADD COLUMN IF NOT EXISTS mail_id VARCHAR(160) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Message-ID, fixed before the first try and the same at each',
  ADD COLUMN IF NOT EXISTS tries SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'since it was written, or asked for again',
  ADD COLUMN IF NOT EXISTS since BIGINT NOT NULL DEFAULT 0 COMMENT 'asked for again at; 0: never, created_at counts',
  ADD COLUMN IF NOT EXISTS next_at BIGINT NOT NULL DEFAULT 0 COMMENT 'not tried before',
  ADD COLUMN IF NOT EXISTS lease CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'of who sends it now',
  ADD COLUMN IF NOT EXISTS lease_until BIGINT NOT NULL DEFAULT 0 COMMENT 'nobody else takes it before',
  ADD COLUMN IF NOT EXISTS code VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'why it is not sent: of the last try, or why it was closed',
  ADD COLUMN IF NOT EXISTS answer VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '' COMMENT 'what the mail server said',
  ADD KEY IF NOT EXISTS message_due (status, next_at, id),
  ADD KEY IF NOT EXISTS message_prepares (prepare_at);

-- Nothing was sent before, and what was written then is not sent now: it may be years old. What is written from here on says when it may be tried
-- (next_at; urgent ones 1, so that they come first), so running this again finds none of it.
UPDATE message SET status = 'withdrawn', code = 'before-mail' WHERE status = 'queued' AND mail_id = '' AND lease = '' AND next_at = 0;

-- Who does not send a message holds none.
ALTER TABLE message
  ADD CONSTRAINT IF NOT EXISTS message_leased CHECK ((lease = '') = (lease_until = 0) AND (lease = '' OR status = 'queued'));

CREATE OR REPLACE TRIGGER message_keeps BEFORE UPDATE ON message FOR EACH ROW
BEGIN
  IF NOT (NEW.uid <=> OLD.uid AND NEW.kind <=> OLD.kind AND NEW.about_id <=> OLD.about_id AND NEW.about_version <=> OLD.about_version
          AND NEW.patient_id <=> OLD.patient_id AND NEW.booking_id <=> OLD.booking_id AND NEW.to_name <=> OLD.to_name AND NEW.starts_at <=> OLD.starts_at
          AND NEW.ends_at <=> OLD.ends_at AND NEW.old_starts_at <=> OLD.old_starts_at AND NEW.until_at <=> OLD.until_at
          AND NEW.visits <=> OLD.visits AND NEW.site_name <=> OLD.site_name AND NEW.site_address <=> OLD.site_address
          AND NEW.site_phone <=> OLD.site_phone AND NEW.time_zone <=> OLD.time_zone AND NEW.service_name <=> OLD.service_name
          AND NEW.created_at <=> OLD.created_at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what a message says never changes';
  END IF;
  IF OLD.mail_id <> '' AND NEW.mail_id <> OLD.mail_id THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a letter keeps its Message-ID, so that one that arrives twice is one';
  END IF;
  IF OLD.status = 'sent' AND NEW.status <> 'sent' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was sent was sent';
  END IF;
  IF NEW.status <> 'queued' THEN
    SET NEW.lease = '', NEW.lease_until = 0;
  END IF;
END;

-- When a service reminds of a visit. Off for what exists.
ALTER TABLE service
  ADD COLUMN IF NOT EXISTS remind_hours SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'so many hours before a visit the patient is reminded; 0: never',
  ADD COLUMN IF NOT EXISTS remind_again_hours SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'and once more, closer to it';

-- What became of a message, row by row.
CREATE TABLE IF NOT EXISTS message_try (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  message_id    BIGINT UNSIGNED NOT NULL,
  at            BIGINT NOT NULL,
  what          ENUM('sent','later','failed','withdrawn','again','told','not-told') NOT NULL,
  way           ENUM('','maildir','smtp','command') NOT NULL DEFAULT '' COMMENT 'empty: nothing was handed over',
  code          VARCHAR(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  answer        VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'what the mail server or the command said',
  staff_id      INT UNSIGNED NULL COMMENT 'who asked for it again, or told the patient',
  KEY try_message (message_id, id),
  KEY try_at (at),
  CONSTRAINT try_of FOREIGN KEY (message_id) REFERENCES message (id),
  CONSTRAINT try_by FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT try_by_whom CHECK ((staff_id IS NOT NULL) = (what IN ('again', 'told', 'not-told')))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'insert-only';

CREATE OR REPLACE TRIGGER message_try_keeps BEFORE UPDATE ON message_try FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a try never changes';

CREATE OR REPLACE TRIGGER message_try_stays BEFORE DELETE ON message_try FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a try is never deleted';

-- The links in letters: only hashes. One that opens a booking or a waitlist entry counts as long as the private link does that was valid when it was
-- sent, so a new private link ends the old letters, too.
CREATE TABLE IF NOT EXISTS message_link (
  hash          BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the token',
  message_id    BIGINT UNSIGNED NOT NULL,
  purpose       ENUM('booking','waitlist','stop') NOT NULL,
  of_link       BINARY(32) NULL COMMENT 'booking.link_hash or waitlist.link_hash at that time; NULL: purpose stop',
  made_at       BIGINT NOT NULL,
  KEY link_message (message_id),
  CONSTRAINT link_of_message FOREIGN KEY (message_id) REFERENCES message (id),
  CONSTRAINT link_opens CHECK ((purpose = 'stop') = (of_link IS NULL))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
