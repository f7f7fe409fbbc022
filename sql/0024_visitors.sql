-- SPDX-License-Identifier: Apache-2.0
-- A visitor's session is a row of its own, and other rows say which bookings and places on the waiting list it may open: several live in one browser.
-- Sessions of patients that were open before this end; who has a booking comes back through its private link.

CREATE TABLE IF NOT EXISTS visitor_session (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  token_hash    BINARY(32) NOT NULL UNIQUE COMMENT 'SHA-256 of the cookie',
  created_at    BIGINT NOT NULL,
  expires_at    BIGINT NOT NULL COMMENT 'later with everything that it opens',
  KEY visitor_session_expiry (expires_at)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS visitor_booking (
  session_id    BIGINT UNSIGNED NOT NULL,
  booking_id    BIGINT UNSIGNED NOT NULL,
  opened        TINYINT NOT NULL DEFAULT 1 COMMENT '0: came by the link, and the date of birth is still to be given',
  PRIMARY KEY (session_id, booking_id),
  KEY visitor_booking_of (booking_id),
  CONSTRAINT visitor_booking_session FOREIGN KEY (session_id) REFERENCES visitor_session (id) ON DELETE CASCADE,
  CONSTRAINT visitor_booking_booking FOREIGN KEY (booking_id) REFERENCES booking (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE IF NOT EXISTS visitor_place (
  session_id    BIGINT UNSIGNED NOT NULL,
  waitlist_id   BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (session_id, waitlist_id),
  KEY visitor_place_of (waitlist_id),
  CONSTRAINT visitor_place_session FOREIGN KEY (session_id) REFERENCES visitor_session (id) ON DELETE CASCADE,
  CONSTRAINT visitor_place_place FOREIGN KEY (waitlist_id) REFERENCES waitlist (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

DELETE FROM session WHERE staff_id IS NULL;

ALTER TABLE session
  DROP CONSTRAINT IF EXISTS session_is_of_one;

ALTER TABLE session
  DROP COLUMN IF EXISTS booking_id,
  DROP COLUMN IF EXISTS waitlist_id,
  MODIFY staff_id INT UNSIGNED NOT NULL;

-- Private links end some time after the last visit, or after they were made, and after some wrong dates of birth. A booking without a row has the
-- link that was made when it was booked.

CREATE TABLE IF NOT EXISTS booking_link (
  booking_id    BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  made_at       BIGINT NOT NULL DEFAULT 0 COMMENT 'when it was last made anew',
  wrong         TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'wrong dates of birth since a right one',
  CONSTRAINT booking_link_of FOREIGN KEY (booking_id) REFERENCES booking (id) ON DELETE CASCADE
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- A form that names no part of the body (how information is used) counts whichever joint and side are booked in the end.

ALTER TABLE form
  ADD COLUMN IF NOT EXISTS names_side TINYINT NOT NULL DEFAULT 1 COMMENT '0: counts for any part of the body';

UPDATE form SET names_side = 0 WHERE code = 'privacy';

CREATE OR REPLACE SQL SECURITY INVOKER VIEW consent_in_force AS
  SELECT c.booking_id, v.form_id, c.id AS consent_id, c.expires_at
    FROM consent c JOIN booking b ON b.id = c.booking_id
    JOIN form_version v ON v.id = c.form_version_id
    JOIN form f ON f.id = v.form_id AND (f.names_side = 0 OR (b.body_site = c.body_site AND b.laterality = c.laterality))
    LEFT JOIN consent_withdrawal w ON w.consent_id = c.id
   WHERE w.consent_id IS NULL
     AND v.version >= (SELECT COALESCE(MAX(m.version), 0) FROM form_version m WHERE m.form_id = v.form_id AND m.material = 1);
