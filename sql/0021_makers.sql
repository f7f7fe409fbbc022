-- SPDX-License-Identifier: Apache-2.0
-- A hold belongs to who made it: a visitor's session, the desk, a program's token, a place on the waiting list. Every change of a booking
-- names its maker (store/owner.h), so that no program books what is held in somebody's browser, and nobody accepts what was offered to others.

ALTER TABLE booking
  ADD COLUMN IF NOT EXISTS made_by BIGINT UNSIGNED NOT NULL DEFAULT 0
    COMMENT 'with source: staff.id, api_token.id or waitlist.id; 0: a patient, by the session that names the booking, or not known' AFTER source,
  ADD KEY IF NOT EXISTS booking_made_by (made_by);

-- Who made what is there already, as the audit trail has it.
UPDATE booking b JOIN audit_event a ON a.entity = 'booking' AND a.entity_id = b.id AND a.action = 'booking.hold'
   SET b.made_by = CAST(SUBSTRING_INDEX(a.actor, ':', -1) AS UNSIGNED)
 WHERE b.made_by = 0 AND ((b.source = 'machine' AND a.actor LIKE 'token:%') OR (b.source = 'staff' AND a.actor LIKE 'staff:%'));

UPDATE booking b JOIN waitlist_offer o ON o.booking_id = b.id SET b.made_by = o.waitlist_id
 WHERE b.made_by = 0 AND b.source = 'waitlist';

CREATE OR REPLACE TRIGGER booking_keeps_its_maker BEFORE UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.source <> OLD.source OR NEW.made_by <> OLD.made_by THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who made a booking never changes';
  END IF;
END;

CREATE OR REPLACE TRIGGER hold_has_a_maker BEFORE INSERT ON booking FOR EACH ROW
BEGIN
  IF NEW.status = 'held' AND (NEW.source = 'patient') <> (NEW.made_by = 0) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a hold belongs to who made it';
  END IF;
END;

ALTER TABLE api_token
  MODIFY scopes VARCHAR(255) CHARACTER SET ascii NOT NULL
    COMMENT 'SMART: system/Claim.read …, separated by blanks; regen/all: also what others made';
