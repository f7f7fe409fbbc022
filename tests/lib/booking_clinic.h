/* SPDX-License-Identifier: Apache-2.0 */
/* A clinic of thirteen resources in New York, as statements, for the booking tests and the booking
 * benchmark. Services are described in tests/store/lib/booking_test.h. */
#ifndef BOOKING_CLINIC_H
#define BOOKING_CLINIC_H

static const char *const booking_clinic[] = {
    "INSERT INTO site (id, uid, code, name, time_zone, address_line, city, postal_code) VALUES"
    " (1, '00000000000000000000000001', 'main', 'Main', 'America/New_York', '1 A', 'B', '03801'),"
    " (2, '00000000000000000000000002', 'other', 'Other', 'Europe/London', '1 A', 'B', 'N1')",
    "INSERT INTO resource (id, uid, site_id, kind, code, name) VALUES"
    " (1, '00000000000000000000000011', 1, 'practitioner', 'doc-1', 'Doctor 1'),"
    " (2, '00000000000000000000000012', 1, 'practitioner', 'doc-2', 'Doctor 2'),"
    " (3, '00000000000000000000000013', 1, 'practitioner', 'nurse-1', 'Nurse 1'),"
    " (4, '00000000000000000000000014', 1, 'practitioner', 'nurse-2', 'Nurse 2'),"
    " (5, '00000000000000000000000015', 1, 'room', 'room-1', 'Room 1'),"
    " (6, '00000000000000000000000016', 1, 'room', 'room-2', 'Room 2'),"
    " (7, '00000000000000000000000017', 1, 'room', 'bay-1', 'Bay 1'),"
    " (8, '00000000000000000000000018', 1, 'room', 'bay-2', 'Bay 2'),"
    " (9, '00000000000000000000000019', 1, 'device', 'us-1', 'Ultrasound 1'),"
    " (10, '00000000000000000000000020', 1, 'device', 'us-2', 'Ultrasound 2'),"
    " (11, '00000000000000000000000021', 1, 'device', 'carm', 'C-arm'),"
    " (12, '00000000000000000000000022', 1, 'device', 'spin-1', 'Centrifuge 1'),"
    " (13, '00000000000000000000000023', 1, 'device', 'spin-2', 'Centrifuge 2'),"
    " (14, '00000000000000000000000024', 2, 'practitioner', 'far', 'Doctor in London')",
    "INSERT INTO resource_capability (resource_id, capability) VALUES (1, 'doctor'), (2, 'doctor'),"
    " (3, 'nurse'), (4, 'nurse'), (1, 'nurse'), (5, 'room'), (6, 'room'), (7, 'bay'), (8, 'bay'),"
    " (9, 'ultrasound'), (10, 'ultrasound'), (11, 'carm'), (12, 'centrifuge'),"
    " (13, 'centrifuge'), (14, 'doctor')",
    "INSERT INTO opening (resource_id, weekday, start_minute, end_minute)"
    " SELECT r.id, d.n, 480, 1020 FROM resource r JOIN (SELECT 1 AS n UNION SELECT 2 UNION SELECT"
    " 3 UNION SELECT 4 UNION SELECT 5) d",
    "INSERT INTO closure (site_id, resource_id, first_day, last_day, start_minute, end_minute,"
    " reason) VALUES (1, NULL, '2026-12-25', '2026-12-25', 0, 1440, 'holiday'),"
    " (1, 11, '2026-12-03', '2026-12-03', 600, 660, 'calibration')",
    "INSERT INTO service (id, uid, site_id, code, name, summary, start_grid, notice_minutes,"
    " horizon_days, cancel_notice_minutes, needs_body_site, price_minor, display_order, active)"
    " VALUES (1, '00000000000000000000000031', 1, 'chain', 'Chain', '', 15, 60, 90, 1440, 1,"
    " 460000, 1, 1),"
    " (2, '00000000000000000000000032', 1, 'scan', 'Scan', '', 30, 0, 90, 1440, 0, 100, 2, 1),"
    " (3, '00000000000000000000000033', 1, 'spin', 'Spin', '', 30, 0, 90, 1440, 0, 100, 3, 1),"
    " (4, '00000000000000000000000034', 1, 'days', 'Days', '', 30, 0, 90, 1440, 0, 100, 4, 1),"
    " (5, '00000000000000000000000035', 1, 'pair', 'Pair', '', 30, 0, 90, 1440, 0, 100, 5, 1),"
    " (6, '00000000000000000000000036', 1, 'closed', 'Closed', '', 30, 0, 90, 1440, 0, 1, 6, 0)",
    "INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min, gap_max,"
    " visit_no, patient_present) VALUES (1, 1, 'check-in', 'Arrive', 15, 0, 0, 1, 1),"
    " (1, 2, 'harvest', 'Harvest', 30, 0, 15, 1, 1),"
    " (1, 3, 'process', 'Process', 20, 0, 15, 1, 0),"
    " (1, 4, 'inject', 'Inject', 20, 5, 60, 1, 1), (1, 5, 'recover', 'Rest', 30, 0, 10, 1, 1),"
    " (2, 1, 'consult', 'Scan', 30, 0, 0, 1, 1), (3, 1, 'process', 'Spin', 20, 0, 0, 1, 0),"
    " (4, 1, 'harvest', 'Harvest', 30, 0, 0, 1, 1),"
    " (4, 2, 'inject', 'Inject', 20, 1200, 4320, 2, 1),"
    " (5, 1, 'consult', 'Both', 30, 0, 0, 1, 1), (6, 1, 'consult', 'None', 30, 0, 0, 1, 1)",
    "INSERT INTO service_need (service_id, step_no, need_no, capability, quantity, setup_minutes,"
    " turnover_minutes, bind) VALUES (1, 1, 1, 'nurse', 1, 0, 0, ''),"
    " (1, 2, 1, 'doctor', 1, 0, 0, 'doc'), (1, 2, 2, 'room', 1, 5, 15, 'room'),"
    " (1, 2, 3, 'carm', 1, 0, 5, ''), (1, 3, 1, 'centrifuge', 1, 0, 10, ''),"
    " (1, 3, 2, 'nurse', 1, 0, 0, ''), (1, 4, 1, 'doctor', 1, 0, 0, 'doc'),"
    " (1, 4, 2, 'room', 1, 5, 15, 'room'), (1, 4, 3, 'ultrasound', 1, 0, 5, ''),"
    " (1, 5, 1, 'bay', 1, 0, 10, ''), (2, 1, 1, 'carm', 1, 0, 0, ''),"
    " (3, 1, 1, 'centrifuge', 1, 0, 10, ''), (4, 1, 1, 'doctor', 1, 0, 0, 'doc'),"
    " (4, 1, 2, 'room', 1, 0, 10, ''), (4, 2, 1, 'doctor', 1, 0, 0, 'doc'),"
    " (5, 1, 1, 'doctor', 2, 0, 0, ''), (6, 1, 1, 'doctor', 1, 0, 0, '')",
    "INSERT INTO service_product (service_id, product_no, name, material)"
    " VALUES (1, 1, 'Concentrate', 'bone-marrow')",
    "INSERT INTO service_body_site (service_id, body_site) VALUES (1, 'knee'), (1, 'hip')",
    "INSERT INTO patient (id, uid, family, given, birth_date, gender, email, phone, address_line,"
    " city, state, postal_code, created_at) VALUES (1, '00000000000000000000000051', 'Walker',"
    " 'Ann', '1961-02-03', 'female', 'a@example.org', '603-555-0199', '1 Elm', 'B', 'NH', '03801',"
    " 0)",
    /* The last eight give a price to every service without one: in a schedule for all sites, and if
     * there is one already, in one of site 1. */
    "INSERT INTO fee_schedule (code, name, site_id) SELECT CONCAT('fees-', COUNT(*)), 'Fees',"
    " IF(COUNT(*) = 0, NULL, 1) FROM fee_schedule",
    "INSERT INTO fee_schedule_version (schedule_id, made_at) SELECT f.id, 0 FROM fee_schedule f"
    " WHERE NOT EXISTS (SELECT 1 FROM fee_schedule_version v WHERE v.schedule_id = f.id)",
    "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description,"
    " unit_minor, currency) SELECT v.id, s.id, 1, (SELECT t.kind FROM service_step t"
    " WHERE t.service_id = s.id ORDER BY t.step_no DESC LIMIT 1), 'FEE', s.name, s.price_minor,"
    " 'USD' FROM fee_schedule_version v JOIN fee_schedule f ON f.id = v.schedule_id"
    " JOIN service s ON f.site_id IS NULL OR f.site_id = s.site_id"
    " WHERE NOT EXISTS (SELECT 1 FROM fee_publication p WHERE p.version_id = v.id)"
    " AND NOT EXISTS (SELECT 1 FROM fee_line l WHERE l.service_id = s.id)",
    /* What publishes a version locks it, and a statement that reads versions cannot do that. */
    "CREATE TEMPORARY TABLE fresh SELECT v.id, v.schedule_id FROM fee_schedule_version v"
    " WHERE NOT EXISTS (SELECT 1 FROM fee_publication p WHERE p.version_id = v.id)"
    " AND EXISTS (SELECT 1 FROM fee_line l WHERE l.version_id = v.id)",
    /* So that none begins in the past. */
    "SET timestamp = 60",
    "INSERT INTO fee_publication (version_id, schedule_id, valid_from, valid_at, at)"
    " SELECT id, schedule_id, '2000-01-01', 0, 0 FROM fresh",
    "SET timestamp = DEFAULT", "DROP TEMPORARY TABLE fresh"};

enum { BOOKING_CLINIC_PRICES = 8 };

#endif
