-- SPDX-License-Identifier: Apache-2.0
-- One place that counts for one person and treatment, by name with email and by name with phone; and who joins from outside is counted for a
-- day. Who has a place already is not told so: to whoever types somebody's name, the answer would tell that they wait. The new place stands
-- behind the earlier one instead, and is served when that one is closed.

ALTER TABLE waitlist
  ADD COLUMN IF NOT EXISTS once_email BINARY(32) NULL UNIQUE COMMENT 'while the place is open: SHA-256 of treatment, name and email',
  ADD COLUMN IF NOT EXISTS once_phone BINARY(32) NULL UNIQUE COMMENT '… of treatment, name and digits of the phone number',
  ADD COLUMN IF NOT EXISTS client VARCHAR(45) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'an IPv4 address, or the /64 of an IPv6 one, forgotten after a day; NULL: by staff',
  ADD COLUMN IF NOT EXISTS behind BIGINT UNSIGNED NULL COMMENT 'an earlier place of the same person, which counts instead while it is open or took a time',
  ADD KEY IF NOT EXISTS waitlist_client (client, created_at),
  ADD CONSTRAINT waitlist_behind FOREIGN KEY IF NOT EXISTS (behind) REFERENCES waitlist (id);

CREATE OR REPLACE TRIGGER waitlist_place_is_free_again BEFORE UPDATE ON waitlist FOR EACH ROW
BEGIN
  IF NEW.status NOT IN ('waiting', 'offered') THEN
    SET NEW.once_email = NULL;
    SET NEW.once_phone = NULL;
  END IF;
END;
