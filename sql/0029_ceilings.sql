-- SPDX-License-Identifier: Apache-2.0
-- Every number has its ceiling where it is stored, too: a price times any quantity is a sum that can be counted, so that no step of a treatment
-- fails for money. What was beyond is cut to the ceiling, and its service is not offered until somebody looked at it.

UPDATE service SET active = 0
 WHERE price_minor > 1000000000000 OR id IN (SELECT service_id FROM service_charge WHERE unit_minor > 1000000000000 OR quantity > 999);

UPDATE service SET price_minor = 1000000000000 WHERE price_minor > 1000000000000;

UPDATE service_charge SET unit_minor = LEAST(unit_minor, 1000000000000), quantity = LEAST(quantity, 999)
 WHERE unit_minor > 1000000000000 OR quantity > 999;

ALTER TABLE service
  ADD CONSTRAINT IF NOT EXISTS service_price_ceiling CHECK (price_minor <= 1000000000000);

ALTER TABLE service_charge
  ADD CONSTRAINT IF NOT EXISTS fee_ceiling CHECK (unit_minor <= 1000000000000 AND quantity <= 999);
