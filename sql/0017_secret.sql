-- SPDX-License-Identifier: Apache-2.0
-- Which of the installation's keys answered a request that may be repeated, so that the same answer can be given after the key was changed.
-- The number says nothing about the key; the keys themselves are never here.

ALTER TABLE idempotency
  ADD COLUMN IF NOT EXISTS seed_key INT UNSIGNED NOT NULL DEFAULT 0 COMMENT '0: nothing was derived, or by a version without keys';
