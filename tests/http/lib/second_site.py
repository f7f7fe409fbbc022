# SPDX-License-Identifier: Apache-2.0
"""A small second site beside the sample's: one physician, one service without a form, weekdays from 8 to 5."""

import billfill


def open_london(sql, zone='Europe/London'):
    """SQL: Database.rows. ZONE: the name of its time zone. Its id."""
    sql("INSERT INTO site (uid, code, name, time_zone, address_line, city, postal_code, country) VALUES"
        " ('000000000000000000000LDN01', 'london', 'Thames Joint Clinic', %s, '1 River Street', 'London', 'SE1 9XX', 'GB')", zone)
    site = sql("SELECT id FROM site WHERE code = 'london'")[0][0]
    sql("INSERT INTO resource (uid, site_id, kind, code, name) VALUES ('000000000000000000000LDN02', %s, 'practitioner', 'dr-thames', 'Dr Thames')", site)
    doctor = sql("SELECT id FROM resource WHERE code = 'dr-thames'")[0][0]
    sql("INSERT INTO resource_capability (resource_id, capability) VALUES (%s, 'thames')", doctor)
    for day in range(1, 6):
        sql('INSERT INTO opening (resource_id, weekday, start_minute, end_minute) VALUES (%s, %s, 480, 1020)', doctor, day)
    sql("INSERT INTO service (uid, site_id, code, name, summary, start_grid, notice_minutes, horizon_days, cancel_notice_minutes, needs_body_site,"
        " price_minor, currency, display_order, active) VALUES ('000000000000000000000LDN03', %s, 'thames-talk', 'Talk by the river', 'A first talk.', 60, 0,"
        " 700, 1440, 0, 10000, 'USD', 99, 1)", site)
    service = sql("SELECT id FROM service WHERE code = 'thames-talk'")[0][0]
    sql("INSERT INTO service_step (service_id, step_no, kind, name, minutes, gap_min, gap_max, visit_no, patient_present)"
        " VALUES (%s, 1, 'consult', 'Talk', 60, 0, 0, 1, 1)", service)
    sql("INSERT INTO service_need (service_id, step_no, need_no, capability, quantity, setup_minutes, turnover_minutes, bind)"
        " VALUES (%s, 1, 1, 'thames', 1, 0, 0, '')", service)
    billfill.price_new(sql.__self__)
    return site
