-- SPDX-License-Identifier: Apache-2.0
-- Private iCalendar feeds of a practitioner or a room.

CREATE TABLE IF NOT EXISTS calendar_feed (
  id            INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  token_hash    BINARY(32) NOT NULL UNIQUE COMMENT 'SHA-256 of the token in the address',
  resource_id   INT UNSIGNED NOT NULL,
  name          VARCHAR(80) NOT NULL DEFAULT '' COMMENT 'whose phone or program',
  created_at    BIGINT NOT NULL,
  revoked_at    BIGINT NOT NULL DEFAULT 0,
  KEY feed_resource (resource_id),
  CONSTRAINT feed_of FOREIGN KEY (resource_id) REFERENCES resource (id)
);
