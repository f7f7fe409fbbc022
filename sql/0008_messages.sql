-- SPDX-License-Identifier: Apache-2.0
-- Words to patients: the outbox, the waitlist, follow-ups and recalls.

CREATE TABLE IF NOT EXISTS message (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  kind          ENUM('confirmation','change','cancellation','waitlist-offer','recall') NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  booking_id    BIGINT UNSIGNED NULL,
  booking_version INT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'what it tells of: one message a kind and version',
  status        ENUM('queued','sent','failed','withdrawn') NOT NULL DEFAULT 'queued',
  created_at    BIGINT NOT NULL,
  sent_at       BIGINT NULL,
  UNIQUE KEY message_once (booking_id, kind, booking_version),
  KEY message_queue (status, id),
  KEY message_patient (patient_id, id),
  CONSTRAINT message_whose FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT message_booking FOREIGN KEY (booking_id) REFERENCES booking (id)
) COMMENT 'the outbox: written in the transaction that makes it true, sent by a later step';
