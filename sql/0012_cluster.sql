-- SPDX-License-Identifier: Apache-2.0
-- For nodes of a Galera cluster that apply the others' transactions in parallel (wsrep_slave_threads above 1): what a row refers to must be
-- applied first. Galera sees that order by primary keys only. A foreign key to another unique key, however right, is not seen: measured on
-- MariaDB 10.11, the row comes before its parent, is refused, and the node leaves the cluster. So each such reference has a plain one beside it.
-- (Injection refers to unit_processing and that to unit, by primary keys.)

ALTER TABLE booking
  ADD CONSTRAINT booking_coverage_row FOREIGN KEY IF NOT EXISTS (coverage_id) REFERENCES coverage (id);

ALTER TABLE consent
  ADD CONSTRAINT consent_booking_row FOREIGN KEY IF NOT EXISTS (booking_id) REFERENCES booking (id);

ALTER TABLE unit
  ADD CONSTRAINT unit_booking_row FOREIGN KEY IF NOT EXISTS (booking_id) REFERENCES booking (id);

ALTER TABLE invoice
  ADD CONSTRAINT invoice_booking_row FOREIGN KEY IF NOT EXISTS (booking_id) REFERENCES booking (id);

ALTER TABLE claim
  ADD CONSTRAINT claim_booking_row FOREIGN KEY IF NOT EXISTS (booking_id) REFERENCES booking (id);

ALTER TABLE recall
  ADD CONSTRAINT recall_booking_row FOREIGN KEY IF NOT EXISTS (booking_id) REFERENCES booking (id);

