-- SPDX-License-Identifier: Apache-2.0
-- What could not be billed goes behind what was not tried yet, with the first reason in words. Words of rules only, no patient data.

ALTER TABLE billing_work
  ADD COLUMN IF NOT EXISTS tried_at BIGINT NOT NULL DEFAULT 0 COMMENT '0: not yet',
  ADD COLUMN IF NOT EXISTS why VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '' COMMENT 'why it stayed then',
  ADD KEY IF NOT EXISTS billing_work_tries (queue, tried_at, starts_at, booking_id);
