-- SPDX-License-Identifier: Apache-2.0
-- Who booked without signing is reminded some days before the visit, once for each time that it has; what is signed or will not take place is not
-- written about any more.

ALTER TABLE message
  MODIFY kind ENUM('confirmation','change','cancellation','waitlist-offer','recall','forms') CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL;

CREATE OR REPLACE TRIGGER booking_withdraws_reminders AFTER UPDATE ON booking FOR EACH ROW
BEGIN
  IF OLD.status = 'booked' AND (NEW.status <> 'booked' OR NEW.starts_at <> OLD.starts_at) THEN
    UPDATE message SET status = 'withdrawn' WHERE kind = 'forms' AND about_id = NEW.id AND status = 'queued';
  END IF;
END;

CREATE OR REPLACE TRIGGER consent_withdraws_reminders AFTER INSERT ON consent FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM booking b JOIN service_form sf ON sf.service_id = b.service_id
     WHERE b.id = NEW.booking_id AND NOT EXISTS (
       SELECT 1 FROM consent_in_force f
        WHERE f.booking_id = b.id AND f.form_id = sf.form_id AND f.expires_at > NEW.signed_at))
  THEN
    UPDATE message SET status = 'withdrawn' WHERE kind = 'forms' AND about_id = NEW.booking_id AND status = 'queued';
  END IF;
END;
