-- SPDX-License-Identifier: Apache-2.0
-- What was made from what: a booking has one or more collections, each the first container of what was taken; containers are split and pooled; each
-- unit is injected, disposed of or divided, once. What is open is a row that is not there, in one table.

-- --- who did it: each harvest, run and injection of a visit is an act of its own ---------------------------------------------------------------------

ALTER TABLE act
  ADD COLUMN IF NOT EXISTS part TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'how many acts of this kind and turn came before: a second harvest is 1' AFTER turn;

-- A time-out is held for one act, so each act names its own.
ALTER TABLE act
  ADD COLUMN IF NOT EXISTS time_out_id BIGINT UNSIGNED NULL COMMENT 'that preceded it; NULL: none was asked for, or recorded before it was kept' AFTER capability_id,
  ADD UNIQUE KEY IF NOT EXISTS act_time_out (time_out_id),
  ADD CONSTRAINT act_said FOREIGN KEY IF NOT EXISTS (time_out_id) REFERENCES time_out (id);

ALTER TABLE act
  ADD UNIQUE KEY IF NOT EXISTS act_once_a_part (booking_id, kind, turn, part),
  DROP KEY IF EXISTS act_once;

-- Only what is done to units is done more than once.
CREATE OR REPLACE TRIGGER act_has_its_part BEFORE INSERT ON act FOR EACH ROW
BEGIN
  SET NEW.part = (SELECT COUNT(*) FROM act WHERE booking_id = NEW.booking_id AND CAST(kind AS CHAR) = CAST(NEW.kind AS CHAR) AND turn = NEW.turn);
  IF NEW.part > 0 AND (NEW.kind = 'complete' OR NOT EXISTS (SELECT 1 FROM booking_step WHERE booking_id = NEW.booking_id AND kind = 'harvest')
                       OR NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status = 'in-progress'))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'only what is done to units is done again, while the treatment goes on';
  END IF;
END;

-- --- collections -------------------------------------------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS collection (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  patient_id    BIGINT UNSIGNED NOT NULL,
  seq           TINYINT UNSIGNED NOT NULL DEFAULT 0 COMMENT 'of the booking, from 1',
  material      ENUM('bone-marrow','blood','adipose') NOT NULL,
  taken_from    ENUM('left-posterior-iliac-crest','right-posterior-iliac-crest','both-posterior-iliac-crests','left-anterior-iliac-crest',
                     'right-anterior-iliac-crest','both-anterior-iliac-crests','left-tibia','right-tibia','left-arm-vein','right-arm-vein','other-vein',
                     'abdomen','left-flank','right-flank','both-flanks','left-thigh','right-thigh','both-thighs') NULL
                COMMENT 'the part of the body; NULL: recorded before it was asked',
  anticoagulant VARCHAR(60) NOT NULL DEFAULT '' COMMENT 'as written: ACD-A 8 ml',
  why           VARCHAR(200) NOT NULL DEFAULT '' COMMENT 'why another one was needed; empty: the first',
  volume_ml     SMALLINT UNSIGNED NOT NULL,
  at            BIGINT NOT NULL,
  recorded_at   BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL COMMENT 'who recorded it',
  act_id        BIGINT UNSIGNED NULL COMMENT 'who did it; NULL: recorded before it was asked',
  UNIQUE KEY collection_seq (booking_id, seq),
  UNIQUE KEY collection_act (act_id),
  UNIQUE KEY collection_identity (id, booking_id, patient_id, material, at),
  CONSTRAINT collection_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT collection_whose FOREIGN KEY (booking_id, patient_id) REFERENCES booking (id, patient_id),
  CONSTRAINT collection_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT collection_done FOREIGN KEY (act_id) REFERENCES act (id),
  CONSTRAINT collection_again CHECK ((seq <= 1) = (why = '')),
  CONSTRAINT collection_sane CHECK (volume_ml > 0 AND at <= recorded_at),
  CONSTRAINT collection_place CHECK (taken_from IS NULL
    OR material = 'bone-marrow' AND taken_from IN ('left-posterior-iliac-crest', 'right-posterior-iliac-crest', 'both-posterior-iliac-crests',
         'left-anterior-iliac-crest', 'right-anterior-iliac-crest', 'both-anterior-iliac-crests', 'left-tibia', 'right-tibia')
    OR material = 'blood' AND taken_from IN ('left-arm-vein', 'right-arm-vein', 'other-vein')
    OR material = 'adipose' AND taken_from IN ('abdomen', 'left-flank', 'right-flank', 'both-flanks', 'left-thigh', 'right-thigh', 'both-thighs'))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'harvests: what was taken, and from where; insert-only';

CREATE OR REPLACE TRIGGER collection_keeps BEFORE UPDATE ON collection FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a collection never changes; correct it';

CREATE OR REPLACE TRIGGER collection_stays BEFORE DELETE ON collection FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a collection is never deleted; dispose of its unit';

-- --- units made from units ---------------------------------------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS unit_manipulation (
  id            BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  booking_id    BIGINT UNSIGNED NOT NULL,
  at            BIGINT NOT NULL,
  recorded_at   BIGINT NOT NULL,
  staff_id      INT UNSIGNED NOT NULL COMMENT 'who recorded it',
  act_id        BIGINT UNSIGNED NOT NULL COMMENT 'who did it',
  UNIQUE KEY manipulation_act (act_id),
  UNIQUE KEY manipulation_whose (id, booking_id),
  CONSTRAINT manipulation_booking FOREIGN KEY (booking_id) REFERENCES booking (id),
  CONSTRAINT manipulation_staff FOREIGN KEY (staff_id) REFERENCES staff (id),
  CONSTRAINT manipulation_done FOREIGN KEY (act_id) REFERENCES act (id),
  CONSTRAINT manipulation_not_ahead CHECK (at <= recorded_at)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'units split or pooled into others; insert-only';

CREATE OR REPLACE TRIGGER unit_manipulation_keeps BEFORE UPDATE ON unit_manipulation FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was made from what never changes; take it back';

CREATE OR REPLACE TRIGGER unit_manipulation_stays BEFORE DELETE ON unit_manipulation FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was made from what is never deleted; take it back';

-- The second keys are for clusters (0012).
ALTER TABLE unit
  ADD COLUMN IF NOT EXISTS collection_id BIGINT UNSIGNED NULL COMMENT 'that it is the container of; NULL: made from other units' AFTER product_no,
  ADD COLUMN IF NOT EXISTS manipulation_id BIGINT UNSIGNED NULL COMMENT 'that made it from other units' AFTER collection_id,
  ADD UNIQUE KEY IF NOT EXISTS unit_whose (id, booking_id),
  ADD UNIQUE KEY IF NOT EXISTS unit_collection (collection_id);

CREATE TABLE IF NOT EXISTS unit_parent (
  manipulation_id BIGINT UNSIGNED NOT NULL,
  parent_id     BIGINT UNSIGNED NOT NULL COMMENT 'all of it went into the units of the manipulation',
  booking_id    BIGINT UNSIGNED NOT NULL,
  PRIMARY KEY (manipulation_id, parent_id),
  KEY parent_of (parent_id),
  CONSTRAINT parent_manipulation_row FOREIGN KEY (manipulation_id) REFERENCES unit_manipulation (id),
  CONSTRAINT parent_unit_row FOREIGN KEY (parent_id) REFERENCES unit (id),
  CONSTRAINT parent_manipulation FOREIGN KEY (manipulation_id, booking_id) REFERENCES unit_manipulation (id, booking_id),
  CONSTRAINT parent_unit FOREIGN KEY (parent_id, booking_id) REFERENCES unit (id, booking_id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'units that others were made from: of one booking, so of one patient; insert-only';

CREATE OR REPLACE TRIGGER unit_parent_keeps BEFORE UPDATE ON unit_parent FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was made from what never changes; take it back';

CREATE OR REPLACE TRIGGER unit_parent_stays BEFORE DELETE ON unit_parent FOR EACH ROW
  SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was made from what is never deleted; take it back';

-- --- what became of a unit, and what it can be used for ----------------------------------------------------------------------------------------------

CREATE TABLE IF NOT EXISTS unit_end (
  unit_id       BIGINT UNSIGNED NOT NULL PRIMARY KEY COMMENT 'once',
  how           ENUM('injected','disposed','divided','taken-back') NOT NULL,
  at            BIGINT NOT NULL,
  CONSTRAINT end_unit FOREIGN KEY (unit_id) REFERENCES unit (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'units that are not open anymore; written by triggers alone';

CREATE TABLE IF NOT EXISTS unit_ready (
  unit_id       BIGINT UNSIGNED NOT NULL PRIMARY KEY,
  at            BIGINT NOT NULL COMMENT 'since when',
  CONSTRAINT ready_unit FOREIGN KEY (unit_id) REFERENCES unit (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'units that are processed, or made from such; written by triggers alone';

CREATE TABLE IF NOT EXISTS unit_source (
  unit_id       BIGINT UNSIGNED NOT NULL,
  source_id     BIGINT UNSIGNED NOT NULL COMMENT 'itself, what it was made from, and what that was made from',
  PRIMARY KEY (unit_id, source_id),
  KEY source_of (source_id),
  CONSTRAINT source_unit FOREIGN KEY (unit_id) REFERENCES unit (id),
  CONSTRAINT source_source FOREIGN KEY (source_id) REFERENCES unit (id)
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'all that is in a unit; written by triggers alone';

-- --- what exists -------------------------------------------------------------------------------------------------------------------------------------

ALTER TABLE unit_processing
  ADD COLUMN IF NOT EXISTS act_id BIGINT UNSIGNED NULL COMMENT 'who did it; NULL: recorded before 0055',
  ADD UNIQUE KEY IF NOT EXISTS processing_act (act_id),
  ADD CONSTRAINT processing_done FOREIGN KEY IF NOT EXISTS (act_id) REFERENCES act (id);

ALTER TABLE injection
  ADD COLUMN IF NOT EXISTS act_id BIGINT UNSIGNED NULL COMMENT 'who gave it; NULL: recorded before 0055',
  ADD UNIQUE KEY IF NOT EXISTS injection_act (act_id),
  ADD KEY IF NOT EXISTS injection_of (booking_id),
  DROP KEY IF EXISTS booking_id,
  ADD CONSTRAINT injection_done FOREIGN KEY IF NOT EXISTS (act_id) REFERENCES act (id);

INSERT INTO collection (booking_id, patient_id, seq, material, why, volume_ml, at, recorded_at, staff_id, act_id)
SELECT m.booking_id, m.patient_id, m.seq, m.material, IF(m.seq = 1, '', 'Recorded before it was asked'), m.volume_ml, m.harvested_at,
       GREATEST(m.harvested_at, COALESCE(a.recorded_at, 0)), m.staff_id, IF(m.seq = 1, a.id, NULL)
  FROM (SELECT u.*, ROW_NUMBER() OVER (PARTITION BY u.booking_id ORDER BY u.id) AS seq
          FROM unit u WHERE u.manipulation_id IS NULL) m
  LEFT JOIN act a ON a.booking_id = m.booking_id AND a.kind = 'harvest' AND a.part = 0 AND a.at = m.harvested_at
 WHERE m.collection_id IS NULL AND NOT EXISTS (SELECT 1 FROM collection c WHERE c.booking_id = m.booking_id AND c.seq = m.seq);

UPDATE unit u JOIN (SELECT id, ROW_NUMBER() OVER (PARTITION BY booking_id ORDER BY id) AS seq FROM unit WHERE manipulation_id IS NULL) n ON n.id = u.id
  JOIN collection c ON c.booking_id = u.booking_id AND c.seq = n.seq AND c.at = u.harvested_at
   SET u.collection_id = c.id
 WHERE u.collection_id IS NULL AND u.manipulation_id IS NULL;

INSERT IGNORE INTO unit_end (unit_id, how, at) SELECT unit_id, 'injected', injected_at FROM injection;

INSERT IGNORE INTO unit_end (unit_id, how, at) SELECT unit_id, 'disposed', at FROM unit_disposal;

INSERT IGNORE INTO unit_ready (unit_id, at) SELECT unit_id, at FROM unit_processing;

INSERT IGNORE INTO unit_source (unit_id, source_id) SELECT id, id FROM unit;

ALTER TABLE unit
  ADD CONSTRAINT unit_collection_row FOREIGN KEY IF NOT EXISTS (collection_id) REFERENCES collection (id),
  ADD CONSTRAINT unit_collected FOREIGN KEY IF NOT EXISTS (collection_id, booking_id, patient_id, material, harvested_at)
    REFERENCES collection (id, booking_id, patient_id, material, at),
  ADD CONSTRAINT unit_manipulation_row FOREIGN KEY IF NOT EXISTS (manipulation_id) REFERENCES unit_manipulation (id),
  ADD CONSTRAINT unit_manipulated FOREIGN KEY IF NOT EXISTS (manipulation_id, booking_id) REFERENCES unit_manipulation (id, booking_id);

ALTER TABLE injection
  ADD CONSTRAINT injection_ready FOREIGN KEY IF NOT EXISTS (unit_id) REFERENCES unit_ready (unit_id),
  DROP FOREIGN KEY IF EXISTS injection_processed;

-- --- rules -------------------------------------------------------------------------------------------------------------------------------------------

-- The act is the last one of its kind at that time: each is somebody's, and of one thing.
CREATE OR REPLACE TRIGGER collection_fits BEFORE INSERT ON collection FOR EACH ROW
BEGIN
  SET NEW.seq = 1 + (SELECT COUNT(*) FROM collection WHERE booking_id = NEW.booking_id);
  SET NEW.act_id = (SELECT MAX(id) FROM act WHERE booking_id = NEW.booking_id AND kind = 'harvest' AND at = NEW.at);
  IF NEW.act_id IS NULL OR EXISTS (SELECT 1 FROM collection WHERE act_id = NEW.act_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no collection without who took it';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND patient_id = NEW.patient_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a collection is of the patient of its booking';
  END IF;
  IF NEW.seq > 1 AND NEW.why = '' THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'another collection says why';
  END IF;
  IF NEW.taken_from IS NULL THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a collection says where it was taken from';
  END IF;
END;

CREATE OR REPLACE TRIGGER manipulation_fits BEFORE INSERT ON unit_manipulation FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM act WHERE id = NEW.act_id AND booking_id = NEW.booking_id AND kind = 'process' AND at = NEW.at)
     OR EXISTS (SELECT 1 FROM unit_processing WHERE act_id = NEW.act_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no unit is made from others without who did it';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status = 'in-progress') THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'units are split and pooled while the treatment goes on';
  END IF;
END;

-- Parents are open, in time and alike; they are named before what is made from them.
CREATE OR REPLACE TRIGGER unit_parent_fits BEFORE INSERT ON unit_parent FOR EACH ROW
BEGIN
  DECLARE made BIGINT DEFAULT (SELECT at FROM unit_manipulation WHERE id = NEW.manipulation_id AND booking_id = NEW.booking_id);
  IF made IS NULL OR EXISTS (SELECT 1 FROM unit WHERE manipulation_id = NEW.manipulation_id) OR NOT EXISTS (
    SELECT 1 FROM unit u LEFT JOIN unit_ready r ON r.unit_id = u.id
     WHERE u.id = NEW.parent_id AND u.booking_id = NEW.booking_id AND GREATEST(u.harvested_at, COALESCE(r.at, 0)) <= made AND made < u.expires_at)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'units are made from units of their booking, after these and in time';
  END IF;
  IF EXISTS (
    SELECT 1 FROM unit_parent p JOIN unit a ON a.id = p.parent_id JOIN unit b ON b.id = NEW.parent_id
     WHERE p.manipulation_id = NEW.manipulation_id
       AND (a.material <> b.material OR NOT a.service_id <=> b.service_id OR NOT a.product_no <=> b.product_no OR a.body_site <> b.body_site
            OR a.laterality <> b.laterality
            OR EXISTS (SELECT 1 FROM unit_ready WHERE unit_id = a.id) <> EXISTS (SELECT 1 FROM unit_ready WHERE unit_id = b.id)))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'only units of one product and target are pooled, all of them processed or none';
  END IF;
END;

CREATE OR REPLACE TRIGGER unit_parent_is_divided AFTER INSERT ON unit_parent FOR EACH ROW
BEGIN
  DECLARE EXIT HANDLER FOR 1062 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this unit was used already';
  INSERT INTO unit_end (unit_id, how, at) SELECT NEW.parent_id, 'divided', at FROM unit_manipulation WHERE id = NEW.manipulation_id;
END;

-- The volume of a unit that is left to use: of the concentrate, once it is processed; as corrected.
CREATE OR REPLACE SQL SECURITY INVOKER VIEW unit_volume AS
  SELECT u.id AS unit_id,
         CAST(COALESCE((SELECT c.new_value FROM correction c
                         WHERE c.row_id = u.id AND c.what = IF(x.unit_id IS NULL, 'harvest-volume', 'concentrate-volume')
                         ORDER BY c.turn DESC LIMIT 1), x.volume_ml, u.volume_ml) AS UNSIGNED) AS ml
    FROM unit u LEFT JOIN unit_processing x ON x.unit_id = u.id;

CREATE OR REPLACE TRIGGER unit_comes_from BEFORE INSERT ON unit FOR EACH ROW
BEGIN
  IF (NEW.collection_id IS NULL) = (NEW.manipulation_id IS NULL) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a unit is the container of a collection, or made from other units';
  END IF;
  IF NEW.collection_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM collection WHERE id = NEW.collection_id AND booking_id = NEW.booking_id AND patient_id = NEW.patient_id AND material = NEW.material
       AND at = NEW.harvested_at AND volume_ml = NEW.volume_ml)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a unit is what was collected';
  END IF;
  IF NEW.manipulation_id IS NOT NULL AND NOT EXISTS (
    SELECT 1 FROM unit_parent p JOIN unit u ON u.id = p.parent_id
     WHERE p.manipulation_id = NEW.manipulation_id
    HAVING COUNT(*) > 0 AND SUM(u.booking_id = NEW.booking_id AND u.patient_id = NEW.patient_id AND u.material = NEW.material
             AND u.service_id <=> NEW.service_id AND u.product_no <=> NEW.product_no AND u.body_site = NEW.body_site
             AND CAST(u.laterality AS CHAR) = CAST(NEW.laterality AS CHAR)) = COUNT(*)
       AND MIN(u.harvested_at) = NEW.harvested_at AND MIN(u.expires_at) = NEW.expires_at)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a unit is what its parents were, and no longer good than any of them';
  END IF;
  IF NEW.manipulation_id IS NOT NULL AND (SELECT COALESCE(SUM(volume_ml), 0) FROM unit WHERE manipulation_id = NEW.manipulation_id) + NEW.volume_ml
       > (SELECT SUM(v.ml) FROM unit_parent p JOIN unit_volume v ON v.unit_id = p.parent_id WHERE p.manipulation_id = NEW.manipulation_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more is in the units than was in their parents';
  END IF;
END;

CREATE OR REPLACE TRIGGER unit_has_its_sources AFTER INSERT ON unit FOR EACH ROW
BEGIN
  INSERT INTO unit_source (unit_id, source_id) VALUES (NEW.id, NEW.id);
  INSERT IGNORE INTO unit_source (unit_id, source_id)
    SELECT NEW.id, s.source_id FROM unit_parent p JOIN unit_source s ON s.unit_id = p.parent_id WHERE p.manipulation_id = NEW.manipulation_id;
  INSERT INTO unit_ready (unit_id, at)
    SELECT NEW.id, m.at FROM unit_manipulation m
     WHERE m.id = NEW.manipulation_id AND EXISTS (
       SELECT 1 FROM unit_parent p JOIN unit_ready r ON r.unit_id = p.parent_id WHERE p.manipulation_id = m.id);
END;

CREATE OR REPLACE TRIGGER processing_is_of_an_open_unit BEFORE INSERT ON unit_processing FOR EACH ROW
BEGIN
  SET NEW.act_id = (SELECT MAX(a.id) FROM unit u JOIN act a ON a.booking_id = u.booking_id AND a.kind = 'process' AND a.at = NEW.at WHERE u.id = NEW.unit_id);
  IF NEW.act_id IS NULL OR EXISTS (SELECT 1 FROM unit_processing WHERE act_id = NEW.act_id)
     OR EXISTS (SELECT 1 FROM unit_manipulation WHERE act_id = NEW.act_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no processing without who did it';
  END IF;
  IF EXISTS (SELECT 1 FROM unit_end WHERE unit_id = NEW.unit_id) OR EXISTS (SELECT 1 FROM unit_ready WHERE unit_id = NEW.unit_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a unit is processed once, while it is open';
  END IF;
END;

CREATE OR REPLACE TRIGGER processing_makes_ready AFTER INSERT ON unit_processing FOR EACH ROW
  INSERT INTO unit_ready (unit_id, at) VALUES (NEW.unit_id, NEW.at);

-- The keys say it, and this says it again to a session that switched keys off.
CREATE OR REPLACE TRIGGER injection_is_allowed BEFORE INSERT ON injection FOR EACH ROW
BEGIN
  SET NEW.act_id = (SELECT MAX(id) FROM act WHERE booking_id = NEW.booking_id AND kind = 'inject' AND at = NEW.injected_at);
  IF NEW.act_id IS NULL OR EXISTS (SELECT 1 FROM injection WHERE act_id = NEW.act_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no injection without who gave it';
  END IF;
  IF NOT EXISTS (
    SELECT 1 FROM unit u JOIN unit_ready r ON r.unit_id = u.id JOIN booking b ON b.id = u.booking_id
     WHERE u.id = NEW.unit_id AND u.booking_id = NEW.booking_id AND u.patient_id = NEW.patient_id AND b.patient_id = NEW.patient_id
       AND u.body_site = NEW.body_site AND CAST(u.laterality AS CHAR) = CAST(NEW.laterality AS CHAR) AND u.expires_at = NEW.expires_at
       AND r.at <= NEW.injected_at AND NEW.injected_at < u.expires_at)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a unit is injected into whom and where it is for, processed and in time';
  END IF;
END;

CREATE OR REPLACE TRIGGER injection_ends_its_unit AFTER INSERT ON injection FOR EACH ROW
BEGIN
  DECLARE EXIT HANDLER FOR 1062 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this unit was used already';
  INSERT INTO unit_end (unit_id, how, at) VALUES (NEW.unit_id, 'injected', NEW.injected_at);
END;

CREATE OR REPLACE TRIGGER disposal_ends_its_unit AFTER INSERT ON unit_disposal FOR EACH ROW
BEGIN
  DECLARE EXIT HANDLER FOR 1062 SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this unit was used already';
  INSERT INTO unit_end (unit_id, how, at) VALUES (NEW.unit_id, 'disposed', NEW.at);
END;

-- Completed is what has no unit left open, after all that was done.
CREATE OR REPLACE TRIGGER step_event_ends_all_units BEFORE INSERT ON step_event FOR EACH ROW
BEGIN
  IF NEW.kind = 'complete' AND EXISTS (
    SELECT 1 FROM unit u LEFT JOIN unit_end e ON e.unit_id = u.id WHERE u.booking_id = NEW.booking_id AND e.unit_id IS NULL)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no treatment is completed with a unit that is neither used nor disposed of';
  END IF;
  IF NEW.kind = 'complete' AND EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind <> 'complete' AND at > NEW.at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a treatment is completed after all that was done';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_ending_fits BEFORE INSERT ON booking_ending FOR EACH ROW
BEGIN
  IF NOT EXISTS (SELECT 1 FROM booking WHERE id = NEW.booking_id AND status IN ('arrived', 'in-progress')) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'only a visit that began and is not over ends early';
  END IF;
  IF EXISTS (SELECT 1 FROM injection WHERE booking_id = NEW.booking_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'after its injection a treatment is completed';
  END IF;
  IF EXISTS (SELECT 1 FROM unit u LEFT JOIN unit_end e ON e.unit_id = u.id WHERE u.booking_id = NEW.booking_id AND e.unit_id IS NULL) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no visit ends with a unit that is neither used nor disposed of';
  END IF;
  IF EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind <> 'complete' AND at > NEW.at) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a visit ends after all that was done';
  END IF;
END;

-- What a step asks (0045, 0047), each act asks, because only the first of a kind has a step: consents in force, an order that stands, a visit that
-- goes on.
CREATE OR REPLACE TRIGGER act_is_agreed_to BEFORE INSERT ON act FOR EACH ROW
BEGIN
  IF NEW.kind <> 'complete' AND EXISTS (
    SELECT 1 FROM booking b JOIN service_form sf ON sf.service_id = b.service_id
     WHERE b.id = NEW.booking_id AND NOT EXISTS (
       SELECT 1 FROM consent_in_force f WHERE f.booking_id = b.id AND f.form_id = sf.form_id AND f.expires_at > NEW.at AND f.since < NEW.at + 60))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'nothing is done without every consent';
  END IF;
  IF NEW.kind <> 'complete' AND EXISTS (
    SELECT 1 FROM booking b JOIN treatment_order_revocation r ON r.order_id = b.order_id WHERE b.id = NEW.booking_id)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the order of this treatment was revoked';
  END IF;
  IF NEW.part > 0 AND (NEW.at > UNIX_TIMESTAMP() + 300 OR EXISTS (
    SELECT 1 FROM step_done WHERE booking_id = NEW.booking_id AND CAST(kind AS CHAR) IN ('check-in', CAST(NEW.kind AS CHAR)) AND at > NEW.at))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what is done again is done after the first time, and not in the future';
  END IF;
END;

-- --- time-outs (0053): each harvest and each injection has its own ----------------------------------------------------------------------------------

CREATE OR REPLACE TRIGGER time_out_fits BEFORE INSERT ON time_out FOR EACH ROW
BEGIN
  DECLARE step VARCHAR(16) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT NEW.kind;
  SET NEW.turn = (SELECT COUNT(*) FROM correction WHERE booking_id = NEW.booking_id AND what = 'check-in');
  IF NOT EXISTS (
    SELECT 1 FROM booking WHERE id = NEW.booking_id AND status IN ('arrived', 'in-progress') AND body_site = NEW.body_site
      AND CAST(laterality AS CHAR) = CAST(NEW.laterality AS CHAR))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out belongs to a visit that began, and to the site and side booked';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM booking_step WHERE booking_id = NEW.booking_id AND kind = step)
     OR EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = step) AND (
          NOT EXISTS (SELECT 1 FROM booking_step WHERE booking_id = NEW.booking_id AND kind = 'harvest')
          OR step = 'inject' AND NOT EXISTS (
               SELECT 1 FROM unit u LEFT JOIN unit_end e ON e.unit_id = u.id WHERE u.booking_id = NEW.booking_id AND e.unit_id IS NULL))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out precedes a step of its booking';
  END IF;
  -- Before a step that is done again: after the last time, whatever else was recorded.
  IF EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = step AND at > NEW.at)
     OR EXISTS (SELECT 1 FROM step_done WHERE booking_id = NEW.booking_id AND at > NEW.at
                   AND (kind IN ('check-in', step) OR NOT EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = step)))
     OR EXISTS (SELECT 1 FROM time_out_said t LEFT JOIN act a ON a.time_out_id = t.id
                 WHERE t.booking_id = NEW.booking_id AND t.turn = NEW.turn AND t.at > NEW.at
                   AND (t.kind = step OR COALESCE(a.part, 0) = 0 AND NOT EXISTS (SELECT 1 FROM act WHERE booking_id = NEW.booking_id AND kind = step)))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out is not held before what was recorded before';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM staff WHERE id = NEW.staff_id AND active = 1)
     OR NEW.second_id IS NOT NULL AND (NOT EXISTS (
          SELECT 1 FROM staff s JOIN staff_role r ON r.staff_id = s.id AND r.role IN ('clinician', 'admin') WHERE s.id = NEW.second_id AND s.active = 1)
        OR EXISTS (SELECT 1 FROM staff a JOIN staff b ON b.resource_id = a.resource_id WHERE a.id = NEW.staff_id AND b.id = NEW.second_id))
     OR NEW.done_by IS NOT NULL AND NOT EXISTS (SELECT 1 FROM resource WHERE id = NEW.done_by AND kind = 'practitioner')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who takes part in a time-out is a practitioner, and a second person is somebody else';
  END IF;
  IF NEW.unit_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM unit WHERE id = NEW.unit_id AND booking_id = NEW.booking_id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out names a unit of its booking';
  END IF;
  IF NEW.stopped IS NULL THEN
    IF EXISTS (SELECT 1 FROM booking b JOIN step_asks a ON a.service_id = b.service_id WHERE b.id = NEW.booking_id AND a.kind = step) AND NOT EXISTS (
      SELECT 1 FROM booking b JOIN step_doer d ON d.service_id = b.service_id
       WHERE b.id = NEW.booking_id AND d.kind = step AND d.resource_id = NEW.done_by AND d.since <= NEW.at AND (d.until IS NULL OR NEW.at < d.until))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'who does the step takes part in its time-out';
    END IF;
    IF EXISTS (
      SELECT 1 FROM booking b JOIN service_form sf ON sf.service_id = b.service_id
       WHERE b.id = NEW.booking_id AND NOT EXISTS (
         SELECT 1 FROM consent_in_force f WHERE f.booking_id = b.id AND f.form_id = sf.form_id AND f.expires_at > NEW.at AND f.since < NEW.at + 60))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'nobody agrees on a consent that is not in force';
    END IF;
    IF NEW.kind = 'inject' AND EXISTS (SELECT 1 FROM booking_step WHERE booking_id = NEW.booking_id AND kind = 'harvest') AND NOT EXISTS (
      SELECT 1 FROM unit u JOIN unit_ready r ON r.unit_id = u.id LEFT JOIN unit_end e ON e.unit_id = u.id
       WHERE u.id = NEW.unit_id AND r.at <= NEW.at AND u.expires_at > NEW.at AND e.unit_id IS NULL)
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a time-out before an injection names the processed unit';
    END IF;
  END IF;
END;

CREATE OR REPLACE TRIGGER act_follows_its_time_out BEFORE INSERT ON act FOR EACH ROW
BEGIN
  DECLARE last_one BIGINT UNSIGNED;
  IF NEW.kind IN ('harvest', 'inject') THEN
    SET last_one = (SELECT MAX(id) FROM time_out WHERE booking_id = NEW.booking_id AND CAST(kind AS CHAR) = CAST(NEW.kind AS CHAR));
    IF EXISTS (SELECT 1 FROM time_out_said WHERE id = last_one AND stopped IS NOT NULL) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'the time-out was stopped, and no new one is agreed';
    END IF;
    IF EXISTS (
      SELECT 1 FROM booking b JOIN service s ON s.id = b.service_id
       WHERE b.id = NEW.booking_id AND (NEW.kind = 'harvest' AND s.timeout_harvest = 1 OR NEW.kind = 'inject' AND s.timeout_inject = 1))
      AND NOT EXISTS (
        SELECT 1 FROM time_out_said t
         WHERE t.id = last_one AND t.at <= NEW.at AND NEW.at - t.at <= 7200 AND (NEW.done_by IS NULL OR NEW.done_by <=> t.done_by)
           AND t.turn = (SELECT COUNT(*) FROM correction WHERE booking_id = NEW.booking_id AND what = 'check-in')
           AND NOT EXISTS (SELECT 1 FROM act WHERE time_out_id = t.id)
           AND t.at >= COALESCE((SELECT MAX(at) FROM act WHERE booking_id = NEW.booking_id AND CAST(kind AS CHAR) = CAST(NEW.kind AS CHAR)),
                                (SELECT MAX(at) FROM step_done WHERE booking_id = NEW.booking_id), 0))
    THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this service asks for a time-out right before this step';
    END IF;
    SET NEW.time_out_id = (SELECT t.id FROM time_out_said t WHERE t.id = last_one AND t.stopped IS NULL AND t.at <= NEW.at
                              AND NOT EXISTS (SELECT 1 FROM act WHERE time_out_id = t.id));
  ELSE
    SET NEW.time_out_id = NULL;
  END IF;
END;

-- --- lots of kits (0054): of what a unit was made with, through all it was made from -----------------------------------------------------------------

CREATE OR REPLACE SQL SECURITY INVOKER VIEW unit_lot AS
  SELECT s.unit_id, l.id AS lot_id, l.expires, (SELECT COUNT(*) FROM supply_recall r WHERE r.lot_id = l.id) % 2 AS recalled
    FROM unit_source s JOIN unit_processing x ON x.unit_id = s.source_id
    LEFT JOIN correction c ON c.row_id = x.unit_id AND c.what = 'kit-lot' AND NOT EXISTS (
           SELECT 1 FROM correction n WHERE n.row_id = c.row_id AND n.what = c.what AND n.turn > c.turn)
    JOIN supply_lot l ON l.lot = COALESCE(c.new_value, x.kit_lot) AND l.kit = 1 AND (l.id = x.lot_id OR x.lot_id IS NULL OR c.id IS NOT NULL);

-- --- taken back: what was not split or pooled after all ----------------------------------------------------------------------------------------------

ALTER TABLE correction
  MODIFY what ENUM('check-in','complete','end','no-show','harvest-volume','concentrate-volume','kit-lot','harvest-by','process-by','inject-by','consult-by','time-out-harvest','time-out-inject','manipulation') NOT NULL;

ALTER TABLE correction
  DROP CONSTRAINT IF EXISTS correction_value;

ALTER TABLE correction
  ADD CONSTRAINT IF NOT EXISTS correction_value CHECK ((new_value = '') = (what IN ('check-in', 'complete', 'end', 'no-show', 'time-out-harvest', 'time-out-inject', 'manipulation')));

CREATE OR REPLACE TRIGGER correction_names_a_manipulation BEFORE INSERT ON correction FOR EACH ROW
BEGIN
  IF NEW.what = 'manipulation' AND (
    EXISTS (SELECT 1 FROM correction WHERE row_id = NEW.row_id AND what = 'manipulation')
    OR NOT EXISTS (SELECT 1 FROM unit_manipulation m JOIN booking b ON b.id = m.booking_id
                    WHERE m.id = NEW.row_id AND m.booking_id = NEW.booking_id AND b.status = 'in-progress')
    OR EXISTS (SELECT 1 FROM unit u LEFT JOIN unit_end e ON e.unit_id = u.id LEFT JOIN unit_processing x ON x.unit_id = u.id
                WHERE u.manipulation_id = NEW.row_id AND (e.unit_id IS NOT NULL OR x.unit_id IS NOT NULL)))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'only units that nothing was done with are put back';
  END IF;
END;

-- No correction says that more was made of a unit than was in it, or less was in it than was made of it.
CREATE OR REPLACE TRIGGER correction_fits_the_volumes BEFORE INSERT ON correction FOR EACH ROW
BEGIN
  DECLARE ml, other, made, there BIGINT;
  DECLARE parts BIGINT UNSIGNED;
  IF NEW.what IN ('harvest-volume', 'concentrate-volume') THEN
    SET ml = CAST(NEW.new_value AS UNSIGNED);
    SET other = (SELECT COALESCE((SELECT c.new_value FROM correction c WHERE c.row_id = u.id
                                     AND c.what = IF(NEW.what = 'harvest-volume', 'concentrate-volume', 'harvest-volume') ORDER BY c.turn DESC LIMIT 1),
                                 IF(NEW.what = 'harvest-volume', x.volume_ml, u.volume_ml))
                   FROM unit u LEFT JOIN unit_processing x ON x.unit_id = u.id WHERE u.id = NEW.row_id);
    IF IF(NEW.what = 'harvest-volume', other > ml, other < ml) THEN
      SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more is made of a unit than was in it';
    END IF;
    -- As parent, by what was left to use.
    IF (NEW.what = 'concentrate-volume') = EXISTS (SELECT 1 FROM unit_processing WHERE unit_id = NEW.row_id) THEN
      SET parts = (SELECT MAX(p.manipulation_id) FROM unit_parent p JOIN unit_end z ON z.unit_id = p.parent_id AND z.how = 'divided'
                    WHERE p.parent_id = NEW.row_id);
      SET there = ml + COALESCE((SELECT SUM(v.ml) FROM unit_parent p JOIN unit_volume v ON v.unit_id = p.parent_id
                                  WHERE p.manipulation_id = parts AND p.parent_id <> NEW.row_id), 0);
      SET made = (SELECT SUM(COALESCE((SELECT c.new_value FROM correction c WHERE c.row_id = u.id AND c.what = 'harvest-volume'
                                        ORDER BY c.turn DESC LIMIT 1), u.volume_ml)) FROM unit u WHERE u.manipulation_id = parts);
      IF made > there THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more is in the units than was in their parents';
      END IF;
    END IF;
    -- As one of those that were made.
    IF NEW.what = 'harvest-volume' THEN
      SET parts = (SELECT manipulation_id FROM unit WHERE id = NEW.row_id);
      SET there = (SELECT SUM(v.ml) FROM unit_parent p JOIN unit_volume v ON v.unit_id = p.parent_id WHERE p.manipulation_id = parts);
      SET made = ml + COALESCE((SELECT SUM(COALESCE((SELECT c.new_value FROM correction c WHERE c.row_id = u.id AND c.what = 'harvest-volume'
                                                      ORDER BY c.turn DESC LIMIT 1), u.volume_ml))
                                  FROM unit u WHERE u.manipulation_id = parts AND u.id <> NEW.row_id), 0);
      IF made > there THEN
        SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no more is in the units than was in their parents';
      END IF;
    END IF;
  END IF;
END;

CREATE OR REPLACE TRIGGER correction_puts_units_back AFTER INSERT ON correction FOR EACH ROW
BEGIN
  IF NEW.what = 'manipulation' THEN
    INSERT INTO unit_end (unit_id, how, at) SELECT id, 'taken-back', NEW.at FROM unit WHERE manipulation_id = NEW.row_id;
    DELETE FROM unit_end WHERE how = 'divided' AND unit_id IN (SELECT parent_id FROM unit_parent WHERE manipulation_id = NEW.row_id);
  END IF;
END;

-- --- merges (0048) -----------------------------------------------------------------------------------------------------------------------------------

CREATE OR REPLACE TRIGGER patient_merge_fits BEFORE INSERT ON patient_merge FOR EACH ROW
BEGIN
  DECLARE many, stands, born BIGINT DEFAULT 0;
  UPDATE patient SET changed_at = 0 WHERE id IN (NEW.merged_id, NEW.kept_id) ORDER BY id;
  UPDATE booking SET version = version + 1 WHERE patient_id IN (NEW.merged_id, NEW.kept_id) AND status IN ('arrived', 'in-progress') ORDER BY id;
  SELECT COUNT(*), COUNT(merged_into), COUNT(DISTINCT birth_date) INTO many, stands, born
    FROM patient WHERE id IN (NEW.merged_id, NEW.kept_id) FOR UPDATE;
  IF many <> 2 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a merge is of two records';
  END IF;
  IF stands > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'one of these records is merged already';
  END IF;
  SELECT COUNT(*) INTO many FROM patient WHERE merged_into = NEW.merged_id FOR UPDATE;
  IF many > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a record that stands for others is not merged';
  END IF;
  IF born <> 1 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'different dates of birth are two people';
  END IF;
  SELECT COUNT(*) INTO many FROM unit u JOIN booking b ON b.id = u.booking_id
   WHERE b.patient_id IN (NEW.merged_id, NEW.kept_id) AND b.status IN ('arrived', 'in-progress')
     AND NOT EXISTS (SELECT 1 FROM unit_end e WHERE e.unit_id = u.id)
     LOCK IN SHARE MODE;
  IF many > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no record is merged while material is in process';
  END IF;
  SET NEW.turn = (SELECT COUNT(*) FROM patient_merge WHERE merged_id = NEW.merged_id);
END;

CREATE OR REPLACE TRIGGER patient_unmerge_fits BEFORE INSERT ON patient_unmerge FOR EACH ROW
BEGIN
  DECLARE merged, kept, stands BIGINT;
  DECLARE many BIGINT DEFAULT 0;
  SELECT merged_id, kept_id INTO merged, kept FROM patient_merge WHERE id = NEW.merge_id;
  UPDATE patient SET changed_at = 0 WHERE id IN (merged, kept) ORDER BY id;
  UPDATE booking SET version = version + 1 WHERE patient_id IN (merged, kept) AND status IN ('arrived', 'in-progress') ORDER BY id;
  SELECT merged_into INTO stands FROM patient WHERE id = merged FOR UPDATE;
  IF NOT stands <=> kept THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'there is no such merge to take apart';
  END IF;
  SELECT COUNT(*) INTO many FROM unit u JOIN booking b ON b.id = u.booking_id
   WHERE b.patient_id IN (merged, kept) AND b.status IN ('arrived', 'in-progress')
     AND NOT EXISTS (SELECT 1 FROM unit_end e WHERE e.unit_id = u.id)
     LOCK IN SHARE MODE;
  IF many > 0 THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no merge is taken apart while material is in process';
  END IF;
END;
