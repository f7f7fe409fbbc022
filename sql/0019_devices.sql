-- SPDX-License-Identifier: Apache-2.0
-- Devices on which staff logged in before: what strangers try elsewhere does not lock them out there. And one row an address that asks
-- for places on the waiting list, so that of two requests at once each counts the other.

CREATE TABLE IF NOT EXISTS staff_device (
  token_hash    BINARY(32) NOT NULL PRIMARY KEY COMMENT 'SHA-256 of the cookie',
  staff_id      INT UNSIGNED NOT NULL,
  created_at    BIGINT NOT NULL,
  seen_at       BIGINT NOT NULL COMMENT 'last login',
  KEY device_staff (staff_id),
  KEY device_age (seen_at),
  CONSTRAINT device_of FOREIGN KEY (staff_id) REFERENCES staff (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS waitlist_client (
  client        VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
  asked_at      BIGINT NOT NULL,
  KEY waitlist_client_age (asked_at)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'written before the places of a client are counted: whoever comes at the same moment waits, or is run again';
