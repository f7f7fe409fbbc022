-- SPDX-License-Identifier: Apache-2.0
-- A made-up clinic to try everything with. Every statement can be run again. Codes of services are the clinic's own: no CPT is shipped (a clinic
-- loads its licensed fee schedule itself). NPIs are test numbers with a right check digit.

-- Only into a database that is empty, or has this clinic already: what is somebody's own is never touched.

BEGIN NOT ATOMIC
  IF NOT EXISTS (SELECT 1 FROM site WHERE uid = '00000000000000000000000101')
     AND (EXISTS (SELECT 1 FROM site) OR EXISTS (SELECT 1 FROM staff) OR EXISTS (SELECT 1 FROM service) OR EXISTS (SELECT 1 FROM resource)
          OR EXISTS (SELECT 1 FROM organization) OR EXISTS (SELECT 1 FROM payer) OR EXISTS (SELECT 1 FROM patient)
          OR EXISTS (SELECT 1 FROM booking)) THEN
    SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'this database is in use by another clinic; the sample is for an empty one';
  END IF;
END;

INSERT IGNORE INTO site (id, uid, code, name, time_zone, address_line, city, state, postal_code, country, phone, place_of_service, notice) VALUES
(1, '00000000000000000000000101', 'harbor', 'Harbor Joint Clinic', 'America/New_York', '12 Harbor Street', 'Portsmouth', 'NH', '03801-4410', 'US', '603-555-0100', '11',
 'These treatments use your own cells on the same day. They have not been approved by the United States Food and Drug Administration. You are encouraged to talk to your primary care provider before you decide.');

INSERT IGNORE INTO organization (id, name, npi, tin, taxonomy, address_line, city, state, postal_code, country, phone) VALUES
(1, 'Harbor Joint Clinic LLC', '1000000038', '912345678', '261QM1300X', '12 Harbor Street', 'Portsmouth', 'NH', '03801-4410', 'US', '603-555-0100');

INSERT IGNORE INTO resource (id, uid, site_id, kind, code, name, family, given, npi, taxonomy, serial) VALUES
(1, '00000000000000000000000201', 1, 'practitioner', 'dr-rivera', 'Dr. Elena Rivera', 'Rivera', 'Elena', '1234567893', '208100000X', ''),
(2, '00000000000000000000000202', 1, 'practitioner', 'dr-chen', 'Dr. Marcus Chen', 'Chen', 'Marcus', '1993999998', '207XS0117X', ''),
(3, '00000000000000000000000203', 1, 'practitioner', 'np-okafor', 'Ada Okafor, NP', 'Okafor', 'Ada', '1000000012', '363L00000X', ''),
(4, '00000000000000000000000204', 1, 'practitioner', 'rn-lindqvist', 'Nils Lindqvist, RN', 'Lindqvist', 'Nils', '1000000020', '163W00000X', ''),
(5, '00000000000000000000000205', 1, 'room', 'procedure-1', 'Procedure room 1', '', '', NULL, NULL, ''),
(6, '00000000000000000000000206', 1, 'room', 'procedure-2', 'Procedure room 2', '', '', NULL, NULL, ''),
(7, '00000000000000000000000207', 1, 'room', 'consulting', 'Consulting room', '', '', NULL, NULL, ''),
(8, '00000000000000000000000208', 1, 'room', 'recovery-1', 'Recovery bay 1', '', '', NULL, NULL, ''),
(9, '00000000000000000000000209', 1, 'room', 'recovery-2', 'Recovery bay 2', '', '', NULL, NULL, '');

INSERT IGNORE INTO resource (id, uid, site_id, kind, code, name, family, given, npi, taxonomy, serial, calibration_due) VALUES
(10, '00000000000000000000000210', 1, 'device', 'ultrasound-1', 'Ultrasound', '', '', NULL, NULL, 'US-4471', CURRENT_DATE + INTERVAL 1 YEAR),
(11, '00000000000000000000000211', 1, 'device', 'c-arm-1', 'C-arm', '', '', NULL, NULL, 'CA-0093', CURRENT_DATE + INTERVAL 1 YEAR),
(12, '00000000000000000000000212', 1, 'device', 'centrifuge-1', 'Centrifuge 1', '', '', NULL, NULL, 'CF-1180', CURRENT_DATE + INTERVAL 1 YEAR),
(13, '00000000000000000000000213', 1, 'device', 'centrifuge-2', 'Centrifuge 2', '', '', NULL, NULL, 'CF-1181', CURRENT_DATE + INTERVAL 1 YEAR);

INSERT IGNORE INTO resource_capability (resource_id, capability) VALUES
(1, 'marrow-harvest'), (1, 'injection'), (1, 'consult'), (1, 'order'),
(2, 'marrow-harvest'), (2, 'injection'), (2, 'consult'), (2, 'order'),
(3, 'injection'), (3, 'consult'), (3, 'blood-draw'), (3, 'check-in'),
(4, 'blood-draw'), (4, 'check-in'), (4, 'processing'), (3, 'processing'),
(5, 'procedure-room'), (6, 'procedure-room'), (7, 'consulting-room'), (8, 'recovery'), (9, 'recovery'),
(10, 'ultrasound'), (11, 'c-arm'), (12, 'centrifuge'), (13, 'centrifuge');

INSERT IGNORE INTO opening (resource_id, weekday, start_minute, end_minute)
SELECT r.id, d.seq, CASE WHEN r.kind = 'practitioner' THEN 480 ELSE 450 END, CASE WHEN r.kind = 'practitioner' THEN 720 ELSE 1080 END
FROM resource r JOIN (SELECT 1 AS seq UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) d
WHERE r.id <= 13 AND NOT (r.id = 2 AND d.seq = 5);

INSERT IGNORE INTO opening (resource_id, weekday, start_minute, end_minute)
SELECT r.id, d.seq, 765, 1035
FROM resource r JOIN (SELECT 1 AS seq UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) d
WHERE r.id <= 4 AND NOT (r.id = 2 AND d.seq = 5);

INSERT IGNORE INTO closure (id, site_id, resource_id, first_day, last_day, start_minute, end_minute, kind, reason) VALUES
(1, 1, NULL, '2026-11-26', '2026-11-27', 0, 1440, 'holiday', 'Thanksgiving'),
(2, 1, NULL, '2026-12-25', '2026-12-25', 0, 1440, 'holiday', 'Christmas Day'),
(3, 1, NULL, '2027-01-01', '2027-01-01', 0, 1440, 'holiday', 'New Year''s Day'),
(4, 1, NULL, '2027-11-25', '2027-11-26', 0, 1440, 'holiday', 'Thanksgiving'),
(5, 1, NULL, '2027-12-24', '2027-12-24', 0, 1440, 'holiday', 'Christmas Day (observed)'),
(6, 1, 12, '2026-12-08', '2026-12-08', 780, 1020, 'calibration', 'Yearly calibration'),
(7, 1, 1, '2026-12-14', '2026-12-16', 0, 1440, 'absence', 'Conference');

INSERT IGNORE INTO service (id, uid, site_id, code, name, summary, not_for, preparation, start_grid, notice_minutes, horizon_days, cancel_notice_minutes,
  regulatory_path, unit_hold_minutes, needs_body_site, targets_most, fallback_service_id, display_order, second_inject, timeout_harvest,
  timeout_inject, booked_by) VALUES
(2, '00000000000000000000000302', 1, 'prp-tendon', 'Platelet-rich plasma for a tendon',
 'A small amount of your blood is drawn and its platelets are concentrated in a centrifuge. The concentrate is injected into the painful tendon under ultrasound. Changes, if any, are usually judged after six to eight weeks.',
 'Not for people with a platelet disorder, a current infection, or who cannot pause blood thinners with their prescriber''s agreement.',
 'Drink plenty of water.',
 15, 1440, 180, 1440, 'blood-product', 240, 1, 1, NULL, 2, 1, 1, 1, 'anyone'),
(1, '00000000000000000000000301', 1, 'bmac-knee', 'Bone-marrow concentrate for a knee',
 'Bone marrow is drawn from the back of your hip bone and concentrated in a centrifuge. The concentrate is injected into your knee under imaging in the same visit. Changes, if any, are usually judged after six to eight weeks.',
 'Not for people with a blood or bone-marrow disease, a current infection, cancer under treatment, or who are pregnant.',
 'Wear loose clothes and bring somebody to take you home.',
 15, 1440, 180, 2880, 'same-procedure', 240, 1, 2, 2, 1, 1, 1, 1, 'order'),
(3, '00000000000000000000000303', 1, 'consultation', 'Consultation',
 'A practitioner looks at your joint or tendon and your earlier pictures. You talk about what could help and what could not, including doing nothing. Nothing is injected at this visit.',
 'Not for emergencies: after an accident, or with fever and a hot joint, go to an emergency department.',
 'Bring earlier X-ray or MRI pictures and a list of your medicines.',
 15, 120, 180, 1440, 'none', 240, 1, 1, NULL, 3, 0, 0, 0, 'anyone');

INSERT IGNORE INTO service_step (service_id, step_no, kind, name, minutes, further_minutes, gap_min, gap_max, visit_no, patient_present) VALUES
(1, 1, 'check-in', 'Arrive and prepare', 15, 0, 0, 0, 1, 1),
(1, 2, 'harvest', 'Bone-marrow harvest', 30, 0, 0, 10, 1, 1),
(1, 3, 'process', 'Processing', 20, 0, 0, 10, 1, 0),
(1, 4, 'inject', 'Injection', 20, 15, 0, 20, 1, 1),
(1, 5, 'recover', 'Rest', 30, 0, 0, 0, 1, 1),
(2, 1, 'check-in', 'Arrive and prepare', 10, 0, 0, 0, 1, 1),
(2, 2, 'harvest', 'Blood draw', 10, 0, 0, 10, 1, 1),
(2, 3, 'process', 'Processing', 20, 0, 0, 10, 1, 0),
(2, 4, 'inject', 'Injection', 15, 0, 0, 20, 1, 1),
(2, 5, 'recover', 'Rest', 15, 0, 0, 0, 1, 1),
(3, 1, 'check-in', 'Arrive', 10, 0, 0, 0, 1, 1),
(3, 2, 'consult', 'Consultation', 30, 0, 0, 20, 1, 1);

INSERT IGNORE INTO service_product (service_id, product_no, name, material, method, additives, spin_min_minutes, spin_max_minutes) VALUES
(1, 1, 'Bone-marrow concentrate', 'bone-marrow', 'centrifuge', 'permitted', 12, 20),
(2, 1, 'Platelet-rich plasma', 'blood', 'centrifuge', 'permitted', 5, 20);

INSERT IGNORE INTO service_need (service_id, step_no, need_no, capability, quantity, setup_minutes, turnover_minutes, bind) VALUES
(1, 1, 1, 'check-in', 1, 0, 0, ''),
(1, 2, 1, 'marrow-harvest', 1, 0, 0, 'physician'),
(1, 2, 2, 'procedure-room', 1, 5, 15, 'room'),
(1, 2, 3, 'c-arm', 1, 0, 5, ''),
(1, 3, 1, 'centrifuge', 1, 0, 10, ''),
(1, 3, 2, 'processing', 1, 0, 0, ''),
(1, 4, 1, 'injection', 1, 0, 0, 'physician'),
(1, 4, 2, 'procedure-room', 1, 5, 15, 'room'),
(1, 4, 3, 'ultrasound', 1, 0, 5, ''),
(1, 5, 1, 'recovery', 1, 0, 10, ''),
(2, 1, 1, 'check-in', 1, 0, 0, ''),
(2, 2, 1, 'blood-draw', 1, 0, 0, ''),
(2, 2, 2, 'procedure-room', 1, 0, 10, ''),
(2, 3, 1, 'centrifuge', 1, 0, 10, ''),
(2, 3, 2, 'processing', 1, 0, 0, ''),
(2, 4, 1, 'injection', 1, 0, 0, ''),
(2, 4, 2, 'procedure-room', 1, 5, 10, ''),
(2, 4, 3, 'ultrasound', 1, 0, 5, ''),
(2, 5, 1, 'recovery', 1, 0, 5, ''),
(3, 1, 1, 'check-in', 1, 0, 0, ''),
(3, 2, 1, 'consult', 1, 0, 5, ''),
(3, 2, 2, 'consulting-room', 1, 0, 5, '');

INSERT IGNORE INTO service_body_site (service_id, body_site, display_order) VALUES
(1, 'knee', 1),
(2, 'elbow', 1), (2, 'shoulder', 2), (2, 'knee', 3), (2, 'ankle', 4),
(3, 'knee', 1), (3, 'hip', 2), (3, 'shoulder', 3), (3, 'elbow', 4), (3, 'ankle', 5);

INSERT IGNORE INTO payer (id, code, name, payer_id, kind, timely_days) VALUES
(1, 'granite-mutual', 'Granite Mutual Health', '60054', 'commercial', 180),
(2, 'northern-plan', 'Northern Health Plan', '81234', 'commercial', 365),
(3, 'medicare-nh', 'Medicare (New Hampshire)', '14512', 'medicare', 365);

-- Prices are lines of the fee schedules. They come once: what is published never changes, so a second run adds nothing.

BEGIN NOT ATOMIC
  IF NOT EXISTS (SELECT 1 FROM fee_schedule) THEN
    INSERT INTO fee_schedule (id, code, name) VALUES (1, 'self-pay', 'Self-pay');
    INSERT INTO fee_schedule_version (id, schedule_id, made_at) VALUES (1, 1, UNIX_TIMESTAMP());
    INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, unit_minor, currency, side_modifier) VALUES
    (1, 1, 1, 'harvest', 'BMAC-HARVEST', 'Bone-marrow harvest', 150000, 'USD', 0),
    (1, 1, 2, 'process', 'BMAC-PROCESS', 'Concentration of bone marrow', 80000, 'USD', 0),
    (1, 1, 3, 'inject', 'BMAC-KNEE', 'Injection of bone-marrow concentrate, knee', 230000, 'USD', 1),
    (1, 2, 1, 'harvest', 'PRP-DRAW', 'Blood draw for platelet-rich plasma', 5000, 'USD', 0),
    (1, 2, 2, 'process', 'PRP-PROCESS', 'Concentration of platelets', 25000, 'USD', 0),
    (1, 2, 3, 'inject', 'PRP-TENDON', 'Injection of platelet-rich plasma, tendon', 65000, 'USD', 1),
    (1, 3, 1, 'consult', 'CONSULT-30', 'Consultation, 30 minutes', 22000, 'USD', 0);
    INSERT INTO fee_publication (version_id, schedule_id, valid_from, valid_at, at) VALUES (1, 1, '2000-01-01', 0, UNIX_TIMESTAMP());
  END IF;
END;

-- People only where there is nobody: a login that somebody has, or was taken a role from, stays as it is. With LDAP or the like in front, whoever is
-- called `admin` there is this clinic's admin.

BEGIN NOT ATOMIC
  IF NOT EXISTS (SELECT 1 FROM staff) THEN
    INSERT INTO staff (id, login, name, resource_id) VALUES
    (1, 'frontdesk', 'Mara Whitcomb', NULL),
    (2, 'clinician', 'Dr. Elena Rivera', 1),
    (3, 'billing', 'Tomas Brandt', NULL),
    (4, 'admin', 'Ingrid Sol', NULL),
    (5, 'nurse', 'Nils Lindqvist, RN', 4);
    INSERT INTO staff_role (staff_id, role) VALUES
    (1, 'front-desk'), (2, 'clinician'), (3, 'billing'), (4, 'admin'), (4, 'front-desk'), (4, 'clinician'), (4, 'billing'), (5, 'clinician');
  END IF;
END;

BEGIN NOT ATOMIC
  IF EXISTS (SELECT 1 FROM staff WHERE id = 4) AND NOT EXISTS (SELECT 1 FROM supply_lot) THEN
    INSERT INTO supply_lot (item, lot, expires, received_at, staff_id) VALUES
    ('Marrow kit', 'MK-2291', CURRENT_DATE + INTERVAL 2 YEAR, UNIX_TIMESTAMP(), 4),
    ('Platelet kit', 'PK-0817', CURRENT_DATE + INTERVAL 2 YEAR, UNIX_TIMESTAMP(), 4);
  END IF;
END;

INSERT IGNORE INTO service_recall (service_id, seq, kind, after_min_days, after_max_days, reason, title) VALUES
(1, 1, 'follow-up', 1, 3, 'call-after-treatment', 'Call after the treatment'),
(1, 2, 'follow-up', 42, 56, 'six-to-eight-weeks', 'How it is after six to eight weeks'),
(1, 3, 'maintenance', 365, 1095, 'maintenance', 'Maintenance after one to three years'),
(2, 1, 'follow-up', 1, 3, 'call-after-treatment', 'Call after the treatment'),
(2, 2, 'follow-up', 42, 56, 'six-to-eight-weeks', 'How it is after six to eight weeks'),
(3, 1, 'follow-up', 14, 28, 'decision', 'What you decided');

INSERT IGNORE INTO service_preparing (service_id, seq, code, words, applies, from_days, until_days, too_late) VALUES
(1, 1, 'nsaid', 'Stop anti-inflammatory pills such as ibuprofen or naproxen', 'unless your doctor told you to keep them', 7, 0, 'warn'),
(1, 2, 'water', 'Drink plenty of water', '', 1, 0, 'warn'),
(2, 1, 'nsaid', 'Stop anti-inflammatory pills such as ibuprofen or naproxen', 'unless your doctor told you to keep them', 7, 0, 'warn');
