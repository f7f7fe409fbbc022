-- SPDX-License-Identifier: Apache-2.0
-- What programs say about a booking in words: FHIR's Appointment.comment and cancelationReason, given back as they came.

ALTER TABLE booking
  ADD COLUMN IF NOT EXISTS comment VARCHAR(500) NOT NULL DEFAULT '' COMMENT 'by a program, for whoever reads the booking',
  ADD COLUMN IF NOT EXISTS cancel_system VARCHAR(160) NOT NULL DEFAULT '' COMMENT 'whose code the reason of cancelling is',
  ADD COLUMN IF NOT EXISTS cancel_code VARCHAR(64) NOT NULL DEFAULT '',
  ADD COLUMN IF NOT EXISTS cancel_text VARCHAR(255) NOT NULL DEFAULT '';
