-- SPDX-License-Identifier: Apache-2.0
-- The clinic as data: sites, resources, openings, services. Words are those of the README's table.
-- A statement ends with a semicolon at the end of a line that is followed by an empty line. Every statement can be run
-- again without harm: `regenctl migrate` may be killed between a statement and the note that it ran.
-- Times are unix seconds in UTC (BIGINT); money is minor units (BIGINT) and an ISO 4217 code.

CREATE TABLE IF NOT EXISTS site (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  code          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  name          VARCHAR(120) NOT NULL,
  time_zone     VARCHAR(64) CHARACTER SET ascii NOT NULL COMMENT 'IANA name',
  address_line  VARCHAR(120) NOT NULL,
  city          VARCHAR(80) NOT NULL,
  state         VARCHAR(40) NOT NULL DEFAULT '',
  postal_code   VARCHAR(20) NOT NULL,
  country       CHAR(2) CHARACTER SET ascii NOT NULL DEFAULT 'US',
  phone         VARCHAR(40) NOT NULL DEFAULT '',
  place_of_service CHAR(2) CHARACTER SET ascii NOT NULL DEFAULT '11' COMMENT 'CMS place of service',
  notice        TEXT NOT NULL DEFAULT '' COMMENT 'text the law of the place wants shown'
);

CREATE TABLE IF NOT EXISTS organization (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  name          VARCHAR(120) NOT NULL UNIQUE,
  npi           CHAR(10) CHARACTER SET ascii NOT NULL,
  tin           CHAR(9) CHARACTER SET ascii NOT NULL,
  taxonomy      CHAR(10) CHARACTER SET ascii NOT NULL,
  address_line  VARCHAR(120) NOT NULL,
  city          VARCHAR(80) NOT NULL,
  state         VARCHAR(40) NOT NULL,
  postal_code   VARCHAR(20) NOT NULL COMMENT '9 digits for US claims',
  country       CHAR(2) CHARACTER SET ascii NOT NULL DEFAULT 'US',
  phone         VARCHAR(40) NOT NULL DEFAULT ''
) COMMENT 'the billing provider; one row in this version';

CREATE TABLE IF NOT EXISTS resource (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  site_id       INT UNSIGNED NOT NULL,
  kind          ENUM('practitioner','room','device') NOT NULL,
  code          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  name          VARCHAR(120) NOT NULL,
  family        VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'practitioners',
  given         VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'practitioners',
  npi           CHAR(10) CHARACTER SET ascii NULL,
  taxonomy      CHAR(10) CHARACTER SET ascii NULL,
  serial        VARCHAR(64) NOT NULL DEFAULT '' COMMENT 'devices',
  active        TINYINT NOT NULL DEFAULT 1,
  CONSTRAINT resource_site FOREIGN KEY (site_id) REFERENCES site (id)
);

CREATE TABLE IF NOT EXISTS resource_capability (
  resource_id   INT UNSIGNED NOT NULL,
  capability    VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  PRIMARY KEY (resource_id, capability),
  CONSTRAINT capability_resource FOREIGN KEY (resource_id) REFERENCES resource (id)
);

CREATE TABLE IF NOT EXISTS opening (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  resource_id   INT UNSIGNED NOT NULL,
  weekday       TINYINT UNSIGNED NOT NULL COMMENT 'ISO: Monday 1 … Sunday 7',
  start_minute  SMALLINT UNSIGNED NOT NULL COMMENT 'of the local day',
  end_minute    SMALLINT UNSIGNED NOT NULL,
  valid_from    DATE NOT NULL DEFAULT '2000-01-01',
  valid_to      DATE NOT NULL DEFAULT '9999-12-31' COMMENT 'last day',
  UNIQUE KEY opening_once (resource_id, weekday, start_minute, valid_from),
  CONSTRAINT opening_resource FOREIGN KEY (resource_id) REFERENCES resource (id),
  CONSTRAINT opening_sane CHECK (weekday BETWEEN 1 AND 7 AND start_minute < end_minute AND end_minute <= 1440
                                 AND valid_from <= valid_to)
);

CREATE TABLE IF NOT EXISTS closure (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  site_id       INT UNSIGNED NOT NULL,
  resource_id   INT UNSIGNED NULL COMMENT 'NULL: the whole site',
  first_day     DATE NOT NULL COMMENT 'local days of the site',
  last_day      DATE NOT NULL,
  start_minute  SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of each of these days',
  end_minute    SMALLINT UNSIGNED NOT NULL DEFAULT 1440,
  kind          ENUM('holiday','absence','calibration','cleaning','other') NOT NULL DEFAULT 'other',
  reason        VARCHAR(120) NOT NULL,
  KEY closure_days (last_day, first_day),
  UNIQUE KEY closure_once (site_id, resource_id, first_day, start_minute, reason),
  CONSTRAINT closure_site FOREIGN KEY (site_id) REFERENCES site (id),
  CONSTRAINT closure_resource FOREIGN KEY (resource_id) REFERENCES resource (id),
  CONSTRAINT closure_sane CHECK (first_day <= last_day AND start_minute < end_minute AND end_minute <= 1440)
);

CREATE TABLE IF NOT EXISTS service (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  uid           CHAR(26) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  site_id       INT UNSIGNED NOT NULL,
  code          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE COMMENT 'in the page address',
  name          VARCHAR(120) NOT NULL,
  summary       VARCHAR(1000) NOT NULL COMMENT 'what it is, in three sentences',
  not_for       VARCHAR(1000) NOT NULL DEFAULT '' COMMENT 'who it is not for',
  preparation   VARCHAR(1000) NOT NULL DEFAULT '' COMMENT 'how to prepare',
  start_grid    SMALLINT UNSIGNED NOT NULL DEFAULT 15 COMMENT 'minutes: starts are offered at local times divisible by it',
  notice_minutes INT UNSIGNED NOT NULL DEFAULT 1440 COMMENT 'shortest time from now to a start',
  horizon_days  SMALLINT UNSIGNED NOT NULL DEFAULT 180 COMMENT 'last bookable local day, from today',
  cancel_notice_minutes INT UNSIGNED NOT NULL DEFAULT 1440 COMMENT 'a patient may cancel until so long before',
  regulatory_path ENUM('none','same-procedure','blood-product') NOT NULL DEFAULT 'none'
                COMMENT 'same-procedure: 21 CFR 1271.15(b), harvest and injection in one appointment',
  unit_hold_minutes SMALLINT UNSIGNED NOT NULL DEFAULT 240 COMMENT 'harvest to injection at most',
  needs_body_site TINYINT NOT NULL DEFAULT 1,
  price_minor   BIGINT NOT NULL COMMENT 'shown to the patient: the sum of the usual charges',
  currency      CHAR(3) CHARACTER SET ascii NOT NULL DEFAULT 'USD',
  fallback_service_id INT UNSIGNED NULL,
  display_order SMALLINT NOT NULL DEFAULT 0,
  active        TINYINT NOT NULL DEFAULT 1,
  CONSTRAINT service_site FOREIGN KEY (site_id) REFERENCES site (id),
  CONSTRAINT service_fallback FOREIGN KEY (fallback_service_id) REFERENCES service (id),
  CONSTRAINT service_price_not_negative CHECK (price_minor >= 0),
  CONSTRAINT service_sane CHECK (start_grid BETWEEN 5 AND 1440 AND start_grid % 5 = 0
                                 AND horizon_days BETWEEN 1 AND 730 AND unit_hold_minutes BETWEEN 5 AND 10080)
);

CREATE TABLE IF NOT EXISTS service_step (
  service_id    INT UNSIGNED NOT NULL,
  step_no       TINYINT UNSIGNED NOT NULL COMMENT 'from 1',
  kind          ENUM('check-in','harvest','process','inject','recover','consult') NOT NULL,
  name          VARCHAR(80) NOT NULL,
  minutes       SMALLINT UNSIGNED NOT NULL,
  gap_min       MEDIUMINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'minutes from the end of the step before to this start, at least',
  gap_max       MEDIUMINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '… at most; both 0 for step 1',
  visit_no      TINYINT UNSIGNED NOT NULL DEFAULT 1 COMMENT 'steps of one visit are one appointment',
  patient_present TINYINT NOT NULL DEFAULT 1,
  PRIMARY KEY (service_id, step_no),
  CONSTRAINT step_service FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT step_sane CHECK (step_no BETWEEN 1 AND 16 AND minutes BETWEEN 5 AND 1440 AND minutes % 5 = 0
                              AND gap_min % 5 = 0 AND gap_max % 5 = 0 AND gap_min <= gap_max)
);

CREATE TABLE IF NOT EXISTS service_need (
  service_id    INT UNSIGNED NOT NULL,
  step_no       TINYINT UNSIGNED NOT NULL,
  need_no       TINYINT UNSIGNED NOT NULL COMMENT 'from 1',
  capability    VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  quantity      TINYINT UNSIGNED NOT NULL DEFAULT 1,
  setup_minutes SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'the resource is taken so long before the step',
  turnover_minutes SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT '… and so long after',
  bind          VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT ''
                COMMENT 'needs with the same word are served by the same resource in every step ("same practitioner")',
  PRIMARY KEY (service_id, step_no, need_no),
  CONSTRAINT need_step FOREIGN KEY (service_id, step_no) REFERENCES service_step (service_id, step_no),
  CONSTRAINT need_sane CHECK (need_no BETWEEN 1 AND 8 AND quantity BETWEEN 1 AND 8 AND setup_minutes % 5 = 0
                              AND turnover_minutes % 5 = 0 AND (bind = '' OR quantity = 1))
);

CREATE TABLE IF NOT EXISTS service_body_site (
  service_id    INT UNSIGNED NOT NULL,
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'knee, hip, elbow, …',
  display_order SMALLINT NOT NULL DEFAULT 0,
  PRIMARY KEY (service_id, body_site),
  CONSTRAINT body_site_service FOREIGN KEY (service_id) REFERENCES service (id)
);

CREATE TABLE IF NOT EXISTS service_charge (
  service_id    INT UNSIGNED NOT NULL,
  line_no       TINYINT UNSIGNED NOT NULL,
  step_kind     ENUM('check-in','harvest','process','inject','recover','consult') NOT NULL COMMENT 'captured when a step of this kind is done',
  code_system   VARCHAR(120) CHARACTER SET ascii NOT NULL DEFAULT '' COMMENT 'URI; empty: the clinic''s own codes',
  code          VARCHAR(16) CHARACTER SET ascii NOT NULL,
  description   VARCHAR(160) NOT NULL,
  quantity      SMALLINT UNSIGNED NOT NULL DEFAULT 1,
  unit_minor    BIGINT NOT NULL,
  currency      CHAR(3) CHARACTER SET ascii NOT NULL DEFAULT 'USD',
  side_modifier TINYINT NOT NULL DEFAULT 0 COMMENT 'carries RT or LT from the booked side',
  on_claim      TINYINT NOT NULL DEFAULT 1,
  PRIMARY KEY (service_id, line_no),
  CONSTRAINT charge_service FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT fee_price_not_negative CHECK (unit_minor >= 0),
  CONSTRAINT fee_quantity_at_least_one CHECK (quantity >= 1)
);

CREATE TABLE IF NOT EXISTS icd10cm (
  code          VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY COMMENT 'with the dot',
  billable      TINYINT NOT NULL DEFAULT 1,
  title         VARCHAR(255) NOT NULL,
  laterality    ENUM('none','left','right','bilateral') NOT NULL DEFAULT 'none' COMMENT 'what the code itself says',
  body_site     VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '' COMMENT 'where it lies, when the code says so'
);

CREATE TABLE IF NOT EXISTS payer (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  code          VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL UNIQUE,
  name          VARCHAR(120) NOT NULL,
  payer_id      VARCHAR(40) CHARACTER SET ascii NOT NULL COMMENT 'the number claims are sent under',
  kind          ENUM('commercial','medicare','other') NOT NULL DEFAULT 'commercial' COMMENT 'medicare: member ids are MBIs',
  timely_days   SMALLINT UNSIGNED NOT NULL DEFAULT 365,
  active        TINYINT NOT NULL DEFAULT 1
);

CREATE TABLE IF NOT EXISTS catalogue_version (
  id            TINYINT UNSIGNED NOT NULL PRIMARY KEY CHECK (id = 1),
  version       BIGINT UNSIGNED NOT NULL COMMENT 'changes with every definition above; no other database ever has the same',
  changed_at    BIGINT NOT NULL DEFAULT 0 COMMENT 'bookings made later keep to what the definitions say now'
) COMMENT 'processes keep the definitions and ask only for this; the triggers see edits by hand, too';

INSERT IGNORE INTO catalogue_version (id, version) VALUES (1, UUID_SHORT());

CREATE OR REPLACE TRIGGER site_insert_is_news AFTER INSERT ON site FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER site_update_is_news AFTER UPDATE ON site FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER site_delete_is_news AFTER DELETE ON site FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER resource_insert_is_news AFTER INSERT ON resource FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER resource_update_is_news AFTER UPDATE ON resource FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER resource_delete_is_news AFTER DELETE ON resource FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER resource_capability_insert_is_news AFTER INSERT ON resource_capability FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER resource_capability_update_is_news AFTER UPDATE ON resource_capability FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER resource_capability_delete_is_news AFTER DELETE ON resource_capability FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER opening_insert_is_news AFTER INSERT ON opening FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER opening_update_is_news AFTER UPDATE ON opening FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER opening_delete_is_news AFTER DELETE ON opening FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER closure_insert_is_news AFTER INSERT ON closure FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER closure_update_is_news AFTER UPDATE ON closure FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER closure_delete_is_news AFTER DELETE ON closure FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_insert_is_news AFTER INSERT ON service FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_update_is_news AFTER UPDATE ON service FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_delete_is_news AFTER DELETE ON service FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_step_insert_is_news AFTER INSERT ON service_step FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_step_update_is_news AFTER UPDATE ON service_step FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_step_delete_is_news AFTER DELETE ON service_step FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_need_insert_is_news AFTER INSERT ON service_need FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_need_update_is_news AFTER UPDATE ON service_need FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_need_delete_is_news AFTER DELETE ON service_need FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_body_site_insert_is_news AFTER INSERT ON service_body_site FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_body_site_update_is_news AFTER UPDATE ON service_body_site FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_body_site_delete_is_news AFTER DELETE ON service_body_site FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;
