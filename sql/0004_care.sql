-- SPDX-License-Identifier: Apache-2.0
-- Consent, units and the steps of the day. The rules of safety are keys here, not checks.

CREATE TABLE IF NOT EXISTS form (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  name          VARCHAR(120) NOT NULL
);

CREATE TABLE IF NOT EXISTS form_version (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  form_id       INT UNSIGNED NOT NULL,
  version       INT UNSIGNED NOT NULL,
  title         VARCHAR(160) NOT NULL,
  body          MEDIUMTEXT NOT NULL COMMENT 'sections: a line "## Heading", then paragraphs',
  sha256        BINARY(32) NOT NULL COMMENT 'of body',
  material      TINYINT NOT NULL DEFAULT 1 COMMENT 'a signature on an older version no longer counts',
  validity_days SMALLINT UNSIGNED NOT NULL DEFAULT 180,
  published_at  BIGINT NOT NULL,
  UNIQUE KEY form_version_no (form_id, version),
  CONSTRAINT form_version_of FOREIGN KEY (form_id) REFERENCES form (id)
);

CREATE OR REPLACE TRIGGER form_version_keeps BEFORE UPDATE ON form_version FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a published form version never changes; publish a new one';

CREATE OR REPLACE TRIGGER form_version_stays BEFORE DELETE ON form_version FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a published form version is never deleted';

CREATE TABLE IF NOT EXISTS service_form (
  service_id    INT UNSIGNED NOT NULL,
  form_id       INT UNSIGNED NOT NULL,
  display_order SMALLINT NOT NULL DEFAULT 0,
  PRIMARY KEY (service_id, form_id),
  CONSTRAINT service_form_service FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT service_form_form FOREIGN KEY (form_id) REFERENCES form (id)
);

CREATE TABLE IF NOT EXISTS consent (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  booking_id    BIGINT UNSIGNED NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  form_version_id INT UNSIGNED NOT NULL,
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  laterality    ENUM('none','left','right') NOT NULL,
  text          MEDIUMTEXT NOT NULL COMMENT 'exactly what was shown and signed',
  text_sha256   BINARY(32) NOT NULL,
  signer_name   VARCHAR(160) NOT NULL COMMENT 'as typed',
  signer_role   ENUM('patient','representative') NOT NULL DEFAULT 'patient',
  signed_at     BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL,
  client_ip     VARCHAR(45) CHARACTER SET ascii NOT NULL DEFAULT '',
  user_agent    VARCHAR(255) NOT NULL DEFAULT '',
  KEY consent_for (booking_id, form_version_id),
  CONSTRAINT consent_booking FOREIGN KEY (booking_id, patient_id) REFERENCES booking (id, patient_id),
  CONSTRAINT consent_form FOREIGN KEY (form_version_id) REFERENCES form_version (id)
);

CREATE OR REPLACE TRIGGER consent_keeps BEFORE UPDATE ON consent FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a signed consent never changes';

CREATE OR REPLACE TRIGGER consent_stays BEFORE DELETE ON consent FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a signed consent is never deleted';

CREATE TABLE IF NOT EXISTS consent_withdrawal (
  consent_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  at            BIGINT NOT NULL,
  reason        VARCHAR(255) NOT NULL DEFAULT '',
  staff_id      INT UNSIGNED NULL COMMENT 'NULL: the patient online',
  CONSTRAINT withdrawal_of FOREIGN KEY (consent_id) REFERENCES consent (id)
);

CREATE TABLE IF NOT EXISTS step_event (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  kind          ENUM('check-in','harvest','process','inject','complete') NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY step_once (booking_id, kind),
  CONSTRAINT step_event_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT step_event_staff FOREIGN KEY (staff_id) REFERENCES staff (id)
) COMMENT 'what was done, when, by whom';

CREATE OR REPLACE TRIGGER step_event_keeps BEFORE UPDATE ON step_event FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a step that was done never changes';

CREATE OR REPLACE TRIGGER step_event_stays BEFORE DELETE ON step_event FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a step that was done is never deleted';

-- The one place that says which signatures count: for the booked joint and side, not withdrawn, and not older than the newest
-- material version of the form. Whoever asks compares expires_at with its own moment.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW consent_in_force AS
  SELECT c.booking_id, v.form_id, c.id AS consent_id, c.expires_at
    FROM consent c JOIN booking b ON b.id = c.booking_id AND b.body_site = c.body_site AND b.laterality = c.laterality
    JOIN form_version v ON v.id = c.form_version_id
    LEFT JOIN consent_withdrawal w ON w.consent_id = c.id
   WHERE w.consent_id IS NULL
     AND v.version >= (SELECT COALESCE(MAX(m.version), 0) FROM form_version m WHERE m.form_id = v.form_id AND m.material = 1);

CREATE OR REPLACE TRIGGER step_event_needs_consent BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NEW.kind <> 'complete' AND EXISTS (
    SELECT 1 FROM booking b JOIN service_form sf ON sf.service_id = b.service_id
     WHERE b.id = NEW.booking_id AND NOT EXISTS (
       SELECT 1 FROM consent_in_force f
        WHERE f.booking_id = b.id AND f.form_id = sf.form_id AND f.expires_at > NEW.at))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no step starts without every consent';
  END IF;
END;

CREATE TABLE IF NOT EXISTS unit (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  label         VARCHAR(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE COMMENT 'printed and scanned',
  booking_id    BIGINT UNSIGNED NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  material      ENUM('bone-marrow','blood','adipose') NOT NULL,
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'where it goes',
  laterality    ENUM('none','left','right') NOT NULL,
  volume_ml     SMALLINT UNSIGNED NOT NULL,
  harvested_at  BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  UNIQUE KEY unit_identity (id, booking_id, patient_id, body_site, laterality, expires_at),
  CONSTRAINT unit_booking FOREIGN KEY (booking_id, patient_id, body_site, laterality)
    REFERENCES booking (id, patient_id, body_site, laterality),
  CONSTRAINT unit_sane CHECK (harvested_at < expires_at AND volume_ml > 0)
) COMMENT 'for autologous use only';

CREATE TABLE IF NOT EXISTS unit_processing (
  unit_id       BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  resource_id   INT UNSIGNED NOT NULL COMMENT 'the centrifuge',
  kit_lot       VARCHAR(40) NOT NULL,
  volume_ml     SMALLINT UNSIGNED NOT NULL COMMENT 'of concentrate',
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  CONSTRAINT processing_unit FOREIGN KEY (unit_id) REFERENCES unit (id),
  CONSTRAINT processing_device FOREIGN KEY (resource_id) REFERENCES resource (id)
);

CREATE TABLE IF NOT EXISTS injection (
  unit_id       BIGINT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'once',
  booking_id    BIGINT UNSIGNED NOT NULL UNIQUE,
  patient_id    BIGINT UNSIGNED NOT NULL,
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  laterality    ENUM('none','left','right') NOT NULL,
  expires_at    BIGINT NOT NULL COMMENT 'the unit''s',
  injected_at   BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL COMMENT 'who injected',
  witness_id    INT UNSIGNED NULL COMMENT 'second person at the hand-over',
  CONSTRAINT injection_same_patient FOREIGN KEY (unit_id, booking_id, patient_id, body_site, laterality, expires_at)
    REFERENCES unit (id, booking_id, patient_id, body_site, laterality, expires_at),
  CONSTRAINT injection_processed FOREIGN KEY (unit_id) REFERENCES unit_processing (unit_id),
  CONSTRAINT injection_in_time CHECK (injected_at < expires_at)
) COMMENT 'keys: only into the patient it came from, the booked site and side, once, after processing, before expiry';

CREATE TABLE IF NOT EXISTS unit_disposal (
  unit_id       BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  reason        VARCHAR(255) NOT NULL,
  CONSTRAINT disposal_unit FOREIGN KEY (unit_id) REFERENCES unit (id)
);

CREATE TABLE IF NOT EXISTS booking_diagnosis (
  booking_id    BIGINT UNSIGNED NOT NULL,
  seq           TINYINT UNSIGNED NOT NULL COMMENT '1 is the principal one; at most 12 as on CMS-1500',
  code          VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (booking_id, seq),
  UNIQUE KEY diagnosis_once (booking_id, code),
  CONSTRAINT diagnosis_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT diagnosis_code FOREIGN KEY (code) REFERENCES icd10cm (code),
  CONSTRAINT diagnosis_seq CHECK (seq BETWEEN 1 AND 12)
);

