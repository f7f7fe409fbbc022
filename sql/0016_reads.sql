-- SPDX-License-Identifier: Apache-2.0
-- Keys for what is read often and would otherwise read a whole table in a clinic with years behind it: what is taken at a site within a few
-- days, whoever takes it (the boards of day and week, conflicts), and a
-- machine that looks a person up, and the outbox by kind of message.

ALTER TABLE booking_resource
  ADD KEY IF NOT EXISTS resource_busy (busy_from);

ALTER TABLE patient
  ADD KEY IF NOT EXISTS patient_email (email),
  ADD KEY IF NOT EXISTS patient_phone (phone),
  ADD KEY IF NOT EXISTS patient_given (given, family),
  ADD KEY IF NOT EXISTS patient_created (created_at);

ALTER TABLE message
  ADD KEY IF NOT EXISTS message_kind (kind, status, id);
