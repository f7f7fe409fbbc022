-- SPDX-License-Identifier: Apache-2.0
-- A person is changed on the person's own page: every field that changed is a row with the old and the new value, why, when and by whom, and no
-- row of a person who booked changes without one. Who is in treatment, or signed, gets another name or date of birth only before a second person.

ALTER TABLE patient
  ADD COLUMN IF NOT EXISTS interpreter VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '' COMMENT 'language for which an interpreter is needed',
  ADD COLUMN IF NOT EXISTS access_needs VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '' COMMENT 'wheelchair, hearing, …';

CREATE TABLE IF NOT EXISTS patient_change (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  patient_id    BIGINT UNSIGNED NOT NULL,
  field         VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'the column',
  turn          SMALLINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how often this field was changed before',
  old_value     VARCHAR(200) NOT NULL,
  new_value     VARCHAR(200) NOT NULL,
  reason        VARCHAR(200) NOT NULL,
  at            BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL,
  second_id     INT UNSIGNED NULL COMMENT 'who confirmed it with their own password',
  UNIQUE KEY change_turn (patient_id, field, turn),
  KEY change_of (patient_id, id),
  CONSTRAINT change_patient FOREIGN KEY (patient_id) REFERENCES patient (id),
  CONSTRAINT change_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT change_second FOREIGN KEY (second_id) REFERENCES staff (id),
  CONSTRAINT change_by_two CHECK (second_id IS NULL OR second_id <> staff_id),
  CONSTRAINT change_is_said CHECK (reason <> ''),
  CONSTRAINT change_field CHECK (field IN ('family', 'given', 'birth_date', 'gender', 'email', 'phone', 'address_line', 'city', 'state', 'postal_code',
    'country', 'interpreter', 'access_needs'))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'what was changed of a person';

CREATE OR REPLACE TRIGGER patient_change_keeps BEFORE UPDATE ON patient_change FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was changed of a person never changes; change it once more';

CREATE OR REPLACE TRIGGER patient_change_stays BEFORE DELETE ON patient_change FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was changed of a person is never deleted; change it once more';

-- Who is at the clinic or has a unit on its way, and whose signature counts: the name and the date of birth are what they are known by now.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW person_relied_on AS
  SELECT b.patient_id FROM booking b WHERE b.status IN ('arrived', 'in-progress')
  UNION
  SELECT c.patient_id FROM consent c
   WHERE NOT EXISTS (SELECT 1 FROM consent_withdrawal w WHERE w.consent_id = c.id) AND (c.expires_at IS NULL OR c.expires_at > UNIX_TIMESTAMP());

CREATE OR REPLACE TRIGGER patient_change_fits BEFORE INSERT ON patient_change FOR EACH ROW
BEGIN
  DECLARE was VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
  DECLARE stands BIGINT;
  UPDATE patient SET changed_at = 0 WHERE id = NEW.patient_id;
  SELECT merged_into, CASE NEW.field WHEN 'family' THEN family WHEN 'given' THEN given WHEN 'birth_date' THEN CONVERT(birth_date USING utf8mb4) COLLATE utf8mb4_unicode_ci
      WHEN 'gender' THEN gender WHEN 'email' THEN email WHEN 'phone' THEN phone WHEN 'address_line' THEN address_line WHEN 'city' THEN city
      WHEN 'state' THEN state WHEN 'postal_code' THEN postal_code WHEN 'country' THEN CONVERT(country USING utf8mb4) COLLATE utf8mb4_unicode_ci WHEN 'interpreter' THEN interpreter
      WHEN 'access_needs' THEN access_needs END
    INTO stands, was FROM patient WHERE id = NEW.patient_id FOR UPDATE;
  IF stands IS NOT NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the record that stands for this one is changed';
  END IF;
  IF NOT BINARY was <=> BINARY NEW.old_value OR BINARY NEW.old_value = BINARY NEW.new_value THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a change names the value on file, and another one';
  END IF;
  IF NEW.staff_id <=> NEW.second_id OR NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id)
     OR (NEW.second_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.second_id AND active = 1))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a change is made by one of the staff, and confirmed by another one';
  END IF;
  IF NEW.field IN ('family', 'given', 'birth_date') AND NEW.second_id IS NULL
     AND (EXISTS (SELECT 1 FROM person_relied_on WHERE patient_id = NEW.patient_id)
       OR EXISTS (SELECT 1 FROM person_relied_on r JOIN patient p ON p.id = r.patient_id WHERE p.merged_into = NEW.patient_id))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the name and date of birth of somebody in treatment, or who signed, change only before a second person';
  END IF;
  SET NEW.turn = (SELECT COUNT(*) FROM patient_change WHERE patient_id = NEW.patient_id AND field = NEW.field);
END;

-- What is typed while the one hold of a row lives is not history (0035), but for a name that was signed. Of everybody else each changed field needs its row first.
CREATE OR REPLACE TRIGGER patient_keeps_its_name BEFORE UPDATE ON patient FOR EACH ROW
BEGIN
  DECLARE changed, said INT DEFAULT 0;
  SET changed = (NOT BINARY NEW.family <=> BINARY OLD.family) + (NOT BINARY NEW.given <=> BINARY OLD.given)
    + (NOT NEW.birth_date <=> OLD.birth_date) + (NOT NEW.gender <=> OLD.gender) + (NOT BINARY NEW.email <=> BINARY OLD.email)
    + (NOT BINARY NEW.phone <=> BINARY OLD.phone) + (NOT BINARY NEW.address_line <=> BINARY OLD.address_line)
    + (NOT BINARY NEW.city <=> BINARY OLD.city) + (NOT BINARY NEW.state <=> BINARY OLD.state)
    + (NOT BINARY NEW.postal_code <=> BINARY OLD.postal_code) + (NOT BINARY NEW.country <=> BINARY OLD.country)
    + (NOT BINARY NEW.interpreter <=> BINARY OLD.interpreter) + (NOT BINARY NEW.access_needs <=> BINARY OLD.access_needs);
  IF changed > 0
     AND ((SELECT COUNT(*) FROM booking WHERE patient_id = OLD.id) > 1
       OR EXISTS (SELECT 1 FROM booking WHERE patient_id = OLD.id
                   AND (status NOT IN ('held', 'expired') OR booked_at IS NOT NULL OR created_at > OLD.created_at))
       OR (NOT (BINARY NEW.family <=> BINARY OLD.family AND BINARY NEW.given <=> BINARY OLD.given AND NEW.birth_date <=> OLD.birth_date)
         AND EXISTS (SELECT 1 FROM consent WHERE patient_id = OLD.id))
       OR EXISTS (SELECT 1 FROM patient_merge WHERE merged_id = OLD.id OR kept_id = OLD.id))
  THEN
    SELECT COUNT(*) INTO said FROM patient_change h
     WHERE h.patient_id = OLD.id
       AND NOT EXISTS (SELECT 1 FROM patient_change x WHERE x.patient_id = h.patient_id AND x.field = h.field AND x.turn > h.turn)
       AND (h.field = 'family' AND BINARY h.old_value = BINARY OLD.family AND BINARY h.new_value = BINARY NEW.family
         OR h.field = 'given' AND BINARY h.old_value = BINARY OLD.given AND BINARY h.new_value = BINARY NEW.given
         OR h.field = 'birth_date' AND BINARY h.old_value = BINARY CAST(OLD.birth_date AS CHAR) AND BINARY h.new_value = BINARY CAST(NEW.birth_date AS CHAR)
         OR h.field = 'gender' AND BINARY h.old_value = BINARY OLD.gender AND BINARY h.new_value = BINARY NEW.gender
         OR h.field = 'email' AND BINARY h.old_value = BINARY OLD.email AND BINARY h.new_value = BINARY NEW.email
         OR h.field = 'phone' AND BINARY h.old_value = BINARY OLD.phone AND BINARY h.new_value = BINARY NEW.phone
         OR h.field = 'address_line' AND BINARY h.old_value = BINARY OLD.address_line AND BINARY h.new_value = BINARY NEW.address_line
         OR h.field = 'city' AND BINARY h.old_value = BINARY OLD.city AND BINARY h.new_value = BINARY NEW.city
         OR h.field = 'state' AND BINARY h.old_value = BINARY OLD.state AND BINARY h.new_value = BINARY NEW.state
         OR h.field = 'postal_code' AND BINARY h.old_value = BINARY OLD.postal_code AND BINARY h.new_value = BINARY NEW.postal_code
         OR h.field = 'country' AND BINARY h.old_value = BINARY OLD.country AND BINARY h.new_value = BINARY NEW.country
         OR h.field = 'interpreter' AND BINARY h.old_value = BINARY OLD.interpreter AND BINARY h.new_value = BINARY NEW.interpreter
         OR h.field = 'access_needs' AND BINARY h.old_value = BINARY OLD.access_needs AND BINARY h.new_value = BINARY NEW.access_needs);
    IF said < changed THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a person who booked or signed is changed by a correction that says what, why and who';
    END IF;
  END IF;
END;
