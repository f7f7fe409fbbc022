# SPDX-License-Identifier: Apache-2.0
"""Treatment orders: a service that needs one, an order written by SQL as the module's account would, and signing one on the pages. No fixtures."""
import re
import secrets
import time

NEEDS = "UPDATE service SET booked_by = 'order' WHERE code = %s"
FORM = dict(side='right', diagnosis='M77.11', severity='moderate', tried='Six months of physical therapy', imaging='MRI of May: partial tear',
            weighed='No anticoagulants, no infection, no cancer', note='', confirmed='yes')


def uid():
    return '0' + ''.join(secrets.choice('0123456789abcdefghjkmnpqrstvwxyz') for _ in range(25))


def may_sign(database, login='clinician'):
    """The practitioner who is that login may sign orders."""
    database.rows("INSERT IGNORE INTO resource_capability (resource_id, capability) SELECT resource_id, 'order' FROM staff WHERE login = %s", login)


def needs_order(database, service='prp-tendon'):
    may_sign(database)
    database.rows(NEEDS, service)
    return service


def order(database, patient_id, service='prp-tendon', site='elbow', side='right', days=180, login='clinician', further=()):
    """FURTHER: more targets, (site, side) each. The id of an order for a row of patient; the clinician signed it a moment ago (a month before its end, where that is behind us)."""
    made, now = uid(), int(time.time())
    may_sign(database, login)
    database.rows('INSERT INTO treatment_order (uid, patient_id, service_id, targets, diagnosis_code, severity, tried, imaging, weighed, valid_until, signed_at, staff_id)'
                  " SELECT %s, %s, s.id, %s, (SELECT MIN(code) FROM icd10cm), 'moderate', 'therapy', 'MRI', 'none', %s, %s, f.id FROM service s, staff f"
                  ' WHERE s.code = %s AND f.login = %s', made, patient_id, 1 + len(further), now + days * 86400, now - 60 + min(0, days - 30 if days < 0 else 0) * 86400, service, login)
    found = database.value('SELECT id FROM treatment_order WHERE uid = %s', made)
    database.rows('INSERT INTO treatment_order_target (order_id, target_no, body_site, laterality) VALUES (%s, 1, %s, %s)', found, site, side)
    for no, (site, side) in enumerate(further, 2):
        database.rows('INSERT INTO treatment_order_target (order_id, target_no, body_site, laterality) VALUES (%s, %s, %s, %s)', found, no, site, side)
    database.rows('INSERT INTO treatment_order_number (order_id, number) VALUES (%s, %s)', found,
                  ''.join(secrets.choice('23456789KLMQRWXY') for _ in range(9)))
    return found


def of_every_status(database, fill):
    """Orders as the API knows them: open, revoked, past the last day, booked and done, each of a patient of its own; {what: id}."""
    made = {}
    for i, what in enumerate(('open', 'revoked', 'expired', 'booked', 'done')):
        begin = int(time.time()) // 86400 * 86400 + 86400 * (40 + 2 * i) + 54000
        seen = fill.book('consultation', 'elbow', 'right', start=begin, family='Ordered%d' % i)
        patient = database.value('SELECT patient_id FROM booking WHERE uid = %s', seen)
        made[what] = order(database, patient, days=-1 if what == 'expired' else 180)
        if what in ('booked', 'done'):
            fill.book('prp-tendon', 'elbow', 'right', start=begin + 86400, of=seen, on=made[what], status='completed' if what == 'done' else what)
    database.rows("INSERT INTO treatment_order_revocation (order_id, reason, at, staff_id) SELECT id, 'A fever', signed_at + 1, staff_id"
                  ' FROM treatment_order WHERE id = %s', made['revoked'])
    return made


def sign(clinician, patient_uid, service='prp-tendon', **changes):
    """The page of the order just signed."""
    page = clinician.open('/staff/patients/%s/order?service=%s' % (patient_uid, service))
    fields = dict(FORM, body_site='elbow')
    fields.update(changes)
    return page.form(having='diagnosis').fill(**fields).submit()


def number_on(page):
    return re.search(r'<strong class="code">([0-9A-Z ]+)</strong>', page.html).group(1)


def open_order(visitor, number, born):
    """The page of the order, opened as the message says."""
    return visitor.open('/open').form(having='number').fill(number=number, birth_date=born).submit()
