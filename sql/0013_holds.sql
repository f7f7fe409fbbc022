-- SPDX-License-Identifier: Apache-2.0
-- Who holds a time from outside, so that one address cannot hold them all. Known only while it is held.

ALTER TABLE booking
  ADD COLUMN IF NOT EXISTS hold_client VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'an IPv4 address, or the /64 of an IPv6 one; NULL: held by staff, a machine or the waitlist, or not held any more',
  ADD KEY IF NOT EXISTS booking_hold_client (hold_client);

CREATE OR REPLACE TRIGGER booking_forgets_its_client BEFORE UPDATE ON booking FOR EACH ROW
  SET NEW.hold_client = IF(NEW.status = 'held', NEW.hold_client, NULL);
