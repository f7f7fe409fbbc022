-- SPDX-License-Identifier: Apache-2.0
-- What a service makes: the material that is taken, how it is processed, what is added. The product is part of the service, so that no form says
-- what was harvested: a unit is of a product of its booking's service, or it is not written down.

CREATE TABLE IF NOT EXISTS service_product (
  service_id    INT UNSIGNED NOT NULL,
  product_no    TINYINT UNSIGNED NOT NULL COMMENT 'from 1',
  name          VARCHAR(120) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL COMMENT 'on the label: Bone-marrow concentrate',
  material      ENUM('bone-marrow','blood','adipose') NOT NULL COMMENT 'what is harvested',
  method        ENUM('centrifuge','mechanical','enzymatic','cultured') NOT NULL DEFAULT 'centrifuge' COMMENT 'how it is processed',
  additives     ENUM('none','permitted','other') NOT NULL DEFAULT 'none' COMMENT 'permitted: 21 CFR 1271.10(a)(3), water, crystalloids, or a sterilizing, preserving or storage agent',
  trial         VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL DEFAULT '' COMMENT 'number of the IND or trial under which it is made',
  PRIMARY KEY (service_id, product_no),
  UNIQUE KEY product_material (service_id, product_no, material),
  CONSTRAINT product_of FOREIGN KEY (service_id) REFERENCES service (id),
  CONSTRAINT product_needs_trial CHECK (trial <> '' OR (method IN ('centrifuge', 'mechanical') AND additives <> 'other'))
) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Services that harvest, from before: by what the harvest needs, else by what was harvested, else by the regulatory path. Where none of them says it,
-- an administrator must; until then no harvest of the service can be recorded, and `regenctl check` names it.
INSERT IGNORE INTO service_product (service_id, product_no, name, material, method)
SELECT m.service_id, 1,
       CASE m.material WHEN 'bone-marrow' THEN 'Bone-marrow concentrate' WHEN 'blood' THEN 'Platelet-rich plasma' ELSE 'Adipose tissue' END,
       m.material, IF(m.material = 'adipose', 'mechanical', 'centrifuge')
  FROM (SELECT s.id AS service_id, COALESCE(
          (SELECT CASE WHEN n.capability LIKE '%marrow%' THEN 'bone-marrow'
                       WHEN n.capability LIKE '%blood%' THEN 'blood'
                       ELSE 'adipose' END
             FROM service_step t JOIN service_need n ON n.service_id = t.service_id AND n.step_no = t.step_no
            WHERE t.service_id = s.id AND t.kind = 'harvest'
              AND (n.capability LIKE '%marrow%' OR n.capability LIKE '%blood%' OR n.capability LIKE '%adipose%' OR n.capability LIKE '%lipo%')
            ORDER BY n.step_no, n.need_no LIMIT 1),
          (SELECT u.material FROM unit u JOIN booking b ON b.id = u.booking_id
            WHERE b.service_id = s.id GROUP BY u.material ORDER BY COUNT(*) DESC, u.material LIMIT 1),
          IF(s.regulatory_path = 'blood-product', 'blood', NULL)) AS material
          FROM service s
         WHERE EXISTS (SELECT 1 FROM service_step t WHERE t.service_id = s.id AND t.kind = 'harvest')) m
 WHERE m.material IS NOT NULL AND NOT EXISTS (SELECT 1 FROM service_product p WHERE p.service_id = m.service_id);

-- NULL: from before, of a material that its service does not use. Such a unit is shown as it was recorded.
ALTER TABLE unit
  ADD COLUMN IF NOT EXISTS service_id INT UNSIGNED NULL COMMENT 'the booking''s' AFTER patient_id,
  ADD COLUMN IF NOT EXISTS product_no TINYINT UNSIGNED NULL AFTER service_id;

UPDATE unit u JOIN booking b ON b.id = u.booking_id
  JOIN service_product p ON p.service_id = b.service_id AND p.product_no = 1 AND p.material = u.material
   SET u.service_id = p.service_id, u.product_no = p.product_no
 WHERE u.product_no IS NULL;

-- The second key is for clusters (0012).
ALTER TABLE unit
  ADD CONSTRAINT unit_made FOREIGN KEY IF NOT EXISTS (service_id, product_no) REFERENCES service_product (service_id, product_no),
  ADD CONSTRAINT unit_product FOREIGN KEY IF NOT EXISTS (service_id, product_no, material)
    REFERENCES service_product (service_id, product_no, material);

-- The key says it, and this says it again to a session that switched keys off.
CREATE OR REPLACE TRIGGER unit_is_of_a_product BEFORE INSERT ON unit FOR EACH ROW
BEGIN
  IF NOT EXISTS (
    SELECT 1 FROM booking b JOIN service_product p ON p.service_id = b.service_id
     WHERE b.id = NEW.booking_id AND p.service_id = NEW.service_id AND p.product_no = NEW.product_no AND p.material = NEW.material)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a unit is of a product of its booking''s service, and of that product''s material';
  END IF;
END;

-- By hand, without a device.
ALTER TABLE unit_processing
  MODIFY resource_id INT UNSIGNED NULL COMMENT 'the device; NULL: none, a mechanical product';

CREATE OR REPLACE TRIGGER processing_needs_device BEFORE INSERT ON unit_processing FOR EACH ROW
BEGIN
  IF NEW.resource_id IS NULL AND NOT EXISTS (
    SELECT 1 FROM unit u JOIN service_product p ON p.service_id = u.service_id AND p.product_no = u.product_no
     WHERE u.id = NEW.unit_id AND p.method = 'mechanical')
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'only a mechanical product is made without a device';
  END IF;
END;

-- Who booked bone marrow is not given blood because the definition was changed: what is made otherwise is another service.
CREATE OR REPLACE TRIGGER service_product_keeps BEFORE UPDATE ON service_product FOR EACH ROW
BEGIN
  IF (NEW.service_id <> OLD.service_id OR NEW.product_no <> OLD.product_no OR NEW.material <> OLD.material OR NEW.method <> OLD.method
      OR NEW.additives <> OLD.additives)
     AND (EXISTS (SELECT 1 FROM booking WHERE service_id = OLD.service_id
                   AND (status IN ('booked', 'arrived', 'in-progress') OR (status = 'held' AND hold_expires_at > UNIX_TIMESTAMP())))
       OR EXISTS (SELECT 1 FROM unit WHERE service_id = OLD.service_id AND product_no = OLD.product_no))
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a product keeps its material, method and additives while it is booked and once it was made';
  END IF;
END;

CREATE OR REPLACE TRIGGER service_product_stays BEFORE DELETE ON service_product FOR EACH ROW
BEGIN
  IF EXISTS (SELECT 1 FROM booking WHERE service_id = OLD.service_id
              AND (status IN ('booked', 'arrived', 'in-progress') OR (status = 'held' AND hold_expires_at > UNIX_TIMESTAMP())))
     OR EXISTS (SELECT 1 FROM unit WHERE service_id = OLD.service_id AND product_no = OLD.product_no)
  THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'a product stays while it is booked and once it was made';
  END IF;
END;

CREATE OR REPLACE TRIGGER booking_keeps_its_service BEFORE UPDATE ON booking FOR EACH ROW
BEGIN
  IF NEW.service_id <> OLD.service_id AND EXISTS (SELECT 1 FROM unit WHERE booking_id = OLD.id) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'what was harvested is of the service that was booked';
  END IF;
END;

CREATE OR REPLACE TRIGGER service_product_insert_is_news AFTER INSERT ON service_product FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_product_update_is_news AFTER UPDATE ON service_product FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;

CREATE OR REPLACE TRIGGER service_product_delete_is_news AFTER DELETE ON service_product FOR EACH ROW
  UPDATE catalogue_version SET version = UUID_SHORT(), changed_at = UNIX_TIMESTAMP() WHERE id = 1;
