# SPDX-License-Identifier: Apache-2.0
"""A course of several visits, for tests of pages over HTTP and in the browser."""
import billfill
import patient


def three_visits(database):
    """Three visits with the same doctor, each one to forty days after the one before; a free time is never far, whatever the weekday."""
    sql = database.rows
    sql("INSERT INTO service (uid, site_id, code, name, summary, start_grid, notice_minutes, horizon_days, cancel_notice_minutes,"
        " needs_body_site, price_minor, currency, display_order, active, move_notice_minutes) SELECT '000000000000000000000003VS', site_id,"
        " 'three-visits', 'Three talks', 'Three visits.', 30, 0, 90, 0, 0, 5000, 'USD', 98, 1, 0 FROM service WHERE code = %s",
        patient.SERVICE)
    service = database.value("SELECT id FROM service WHERE code = 'three-visits'")
    for step in (1, 2, 3):
        sql("INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min, gap_max, gap_days_min, gap_days_max, visit_no,"
            " patient_present) VALUES (%s, %s, 'consult', %s, 30, 0, 0, %s, %s, %s, 1)", service, step, 'Part %d' % step,
            None if step == 1 else 1, None if step == 1 else 40, step)
        sql("INSERT INTO service_need (service_id, step_no, need_no, capability, quantity, setup_minutes, turnover_minutes, bind)"
            " SELECT %s, %s, 1, c.capability, 1, 0, 0, 'doc' FROM resource_capability c JOIN resource r ON r.id = c.resource_id"
            " WHERE r.code = 'dr-rivera' ORDER BY c.capability LIMIT 1", service, step)
    billfill.price_new(database)
    return service
