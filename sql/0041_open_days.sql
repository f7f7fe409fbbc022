-- SPDX-License-Identifier: Apache-2.0
-- What is open of earlier days is found without reading all that ever was.

ALTER TABLE booking
  ADD KEY IF NOT EXISTS booking_open (site_id, status, starts_at);

ALTER TABLE unit
  ADD KEY IF NOT EXISTS unit_harvested (harvested_at);
