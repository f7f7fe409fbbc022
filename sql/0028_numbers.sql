-- SPDX-License-Identifier: Apache-2.0
-- A booking's number: short enough to be told on the phone. With the patient's date of birth it opens the booking as its private link does. What
-- has a link already gets a number that nobody can work out who does not know the link's hash; none at all where two would be the same.

ALTER TABLE booking
  ADD COLUMN IF NOT EXISTS number CHAR(9) CHARACTER SET ascii COLLATE ascii_bin NULL
    COMMENT 'of KL23456789MQRWXY, from booking on; another one with another link' AFTER uid,
  ADD UNIQUE KEY IF NOT EXISTS booking_number (number);

UPDATE IGNORE booking
   SET number = REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(REPLACE(
         LEFT(SHA2(CONCAT('number', HEX(link_hash)), 256), 9), '0', 'K'), '1', 'L'), 'a', 'M'), 'b', 'Q'), 'c', 'R'), 'd', 'W'), 'e', 'X'), 'f', 'Y')
 WHERE number IS NULL AND link_hash IS NOT NULL;
