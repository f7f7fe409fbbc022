-- SPDX-License-Identifier: Apache-2.0
-- A deadline that had passed stays passed: a patient who could not cancel any more does not get that right back by moving the visit.

ALTER TABLE booking
  ADD COLUMN IF NOT EXISTS cancel_before BIGINT NULL
    COMMENT 'last instant to cancel online, carried along by a patient''s move; NULL: as the service says for the start' AFTER booked_at;
