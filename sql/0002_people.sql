-- SPDX-License-Identifier: Apache-2.0
-- People, who may do what, and what they did.

CREATE TABLE IF NOT EXISTS patient (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  family        VARCHAR(80) NOT NULL,
  given         VARCHAR(80) NOT NULL,
  birth_date    DATE NOT NULL,
  gender        ENUM('female','male','other','unknown') NOT NULL COMMENT 'FHIR administrative-gender',
  email         VARCHAR(160) NOT NULL,
  phone         VARCHAR(40) NOT NULL,
  address_line  VARCHAR(120) NOT NULL,
  city          VARCHAR(80) NOT NULL,
  state         VARCHAR(40) NOT NULL,
  postal_code   VARCHAR(20) NOT NULL,
  country       CHAR(2) CHARACTER SET ascii NOT NULL DEFAULT 'US',
  created_at    BIGINT NOT NULL,
  KEY patient_name (family, given)
);

CREATE TABLE IF NOT EXISTS coverage (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  patient_id    BIGINT UNSIGNED NOT NULL,
  payer_id      INT UNSIGNED NOT NULL,
  member_id     VARCHAR(40) CHARACTER SET ascii NOT NULL,
  group_no      VARCHAR(40) NOT NULL DEFAULT '',
  plan_name     VARCHAR(80) NOT NULL DEFAULT '',
  relationship  ENUM('self','spouse','child','parent','other') NOT NULL DEFAULT 'self' COMMENT 'of the patient to the subscriber',
  subscriber_family VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'unless self',
  subscriber_given  VARCHAR(80) NOT NULL DEFAULT '',
  subscriber_birth_date DATE NULL,
  created_at    BIGINT NOT NULL,
  UNIQUE KEY coverage_of (id, patient_id),
  CONSTRAINT coverage_patient FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT coverage_payer FOREIGN KEY (payer_id) REFERENCES payer (id)
);

CREATE TABLE IF NOT EXISTS staff (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  login         VARCHAR(64) NOT NULL UNIQUE,
  name          VARCHAR(120) NOT NULL,
  password_hash VARCHAR(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'Argon2id; empty: only by httpd''s own authentication',
  resource_id   INT UNSIGNED NULL COMMENT 'the practitioner this person is',
  active        TINYINT NOT NULL DEFAULT 1,
  failures      SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'wrong passwords in a row',
  locked_until  BIGINT NOT NULL DEFAULT 0,
  CONSTRAINT staff_resource FOREIGN KEY (resource_id) REFERENCES resource (id)
);

CREATE TABLE IF NOT EXISTS staff_role (
  staff_id      INT UNSIGNED NOT NULL,
  role          ENUM('front-desk','clinician','billing','admin') NOT NULL,
  PRIMARY KEY (staff_id, role),
  CONSTRAINT role_staff FOREIGN KEY (staff_id) REFERENCES staff (id)
);

CREATE TABLE IF NOT EXISTS session (
  token_hash    BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the cookie',
  staff_id      INT UNSIGNED NULL,
  booking_id    BIGINT UNSIGNED NULL,
  created_at    BIGINT NOT NULL,
  seen_at       BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL COMMENT 'absolute',
  KEY session_expiry (expires_at),
  KEY session_staff (staff_id),
  CONSTRAINT session_one CHECK ((staff_id IS NULL) <> (booking_id IS NULL))
);

CREATE TABLE IF NOT EXISTS api_token (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  token_hash    BINARY(32) NOT NULL UNIQUE,
  name          VARCHAR(80) NOT NULL,
  scopes        VARCHAR(255) CHARACTER SET ascii NOT NULL COMMENT 'SMART: system/Claim.read …, separated by blanks',
  created_at    BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL DEFAULT 0 COMMENT '0: never',
  revoked_at    BIGINT NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS idempotency (
  key_hash      BINARY(32) NOT NULL PRIMARY KEY,
  request_hash  BINARY(32) NOT NULL,
  result        VARCHAR(255) CHARACTER SET ascii NOT NULL DEFAULT '',
  created_at    BIGINT NOT NULL,
  KEY idempotency_age (created_at)
);

CREATE TABLE IF NOT EXISTS counter (
  name          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  last          BIGINT UNSIGNED NOT NULL DEFAULT 0
) COMMENT 'numbers people see; moved in the transaction that uses them (AUTO_INCREMENT leaves gaps)';

CREATE TABLE IF NOT EXISTS audit_event (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  at            BIGINT NOT NULL,
  actor         VARCHAR(40) CHARACTER SET ascii NOT NULL COMMENT 'staff:7, booking:12, token:3, system',
  action        VARCHAR(40) CHARACTER SET ascii NOT NULL,
  entity        VARCHAR(40) CHARACTER SET ascii NOT NULL COMMENT 'what kind of record',
  entity_id     BIGINT UNSIGNED NOT NULL,
  detail        VARCHAR(255) NOT NULL DEFAULT '' COMMENT 'ids and codes only',
  KEY audit_entity (entity, entity_id)
);

CREATE OR REPLACE TRIGGER audit_event_keeps BEFORE UPDATE ON audit_event FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an audit event never changes';

CREATE OR REPLACE TRIGGER audit_event_stays BEFORE DELETE ON audit_event FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'an audit event is never deleted';

