# SPDX-License-Identifier: Apache-2.0
"""Who may sign: the patient, or somebody in their own name and role who says what entitles them; never a child alone."""
import datetime

import pymysql
import pytest

import patient
from dayfill import today


def form_page(visitor, database=None, born=None):
    """The first form of a held time, to be signed. BORN: only the clinic books for minors, so the day is written into the new record."""
    patient.give_details(patient.hold(visitor))
    if born:
        database.rows('UPDATE patient SET birth_date = %s ORDER BY id DESC LIMIT 1', born)
    return visitor.open(patient.open_forms(visitor.open('/booking/consent'))[0])


def sign(page, **fields):
    return page.form(having='signer_name').fill(agree='yes', **fields).submit()


def born(years, days=0):
    """A birthday YEARS before DAYS from today."""
    day = today() + datetime.timedelta(days)
    if (day.month, day.day) == (2, 29):
        day -= datetime.timedelta(1)
    return day.replace(year=day.year - years)


def last(database):
    return database.rows('SELECT signer_name, signer_role, entitlement FROM consent ORDER BY id DESC LIMIT 1')[0]


def test_a_proxy_signs_in_their_own_name(visitor, database):
    page = form_page(visitor)
    page = sign(page, signer='health-care-proxy', signer_name=patient.NAME)
    assert page.status == 422 and 'your own name' in page.error_for('signer_name') and page.error_for('entitlement')
    assert page.css('details.signs[open]') and page.form(having='signer_name').value('signer') == 'health-care-proxy'
    page = sign(page, signer_name='Byron Lovelace', entitlement='Power of attorney of May 3, 2024')
    assert page.status == 200 and page.path == '/booking/consent', page.text
    assert 'Signed by Byron Lovelace (Health-care proxy' in page.text
    assert last(database) == ('Byron Lovelace', 'health-care-proxy', 'Power of attorney of May 3, 2024')
    copy = visitor.open(patient.open_forms(page)[0])
    assert 'Health-care proxy, or holder of a power of attorney' in copy.text and 'Power of attorney of May 3, 2024' in copy.text


def test_the_patient_needs_no_word_more(visitor, database):
    page = form_page(visitor)
    assert page.css('details.signs') and not page.css('details.signs[open]')
    assert sign(page, signer_name='Byron Lovelace').error_for('signer_name')
    page = sign(page, signer_name=patient.NAME, entitlement='myself')
    assert page.path == '/booking/consent' and last(database) == (patient.NAME, 'patient', '')


def test_a_minor_needs_a_representative(visitor, staff, database):
    page = form_page(visitor, database, born(18, days=1))
    assert 'under 18' in page.text and page.form(having='signer_name').options('signer') == ['parent', 'guardian', 'health-care-proxy', 'representative']
    refused = sign(page, signer_name=patient.NAME)
    assert refused.status == 422 and 'under 18' in refused.error_for('signer')
    page = sign(refused, signer='parent', signer_name='Annabella Milbanke', entitlement='Mother')
    assert page.path == '/booking/consent' and last(database) == ('Annabella Milbanke', 'parent', 'Mother')
    uid, consent = database.rows('SELECT b.uid, c.uid FROM consent c JOIN booking b ON b.id = c.booking_id ORDER BY c.id DESC LIMIT 1')[0]
    copy = staff('front_desk').open('/staff/bookings/%s/consents/%s' % (uid, consent))
    for said in ('Annabella Milbanke', 'Parent of the patient', 'Mother', 'Valid'):
        assert said in copy.text, said


def test_from_the_eighteenth_birthday_on_the_patient_signs(visitor, database):
    page = form_page(visitor, database, born(18))
    assert 'under 18' not in page.text
    assert sign(page, signer_name=patient.NAME).path == '/booking/consent' and last(database)[1] == 'patient'


COPY = ('INSERT INTO consent (uid, booking_id, patient_id, form_version_id, body_site, laterality, text, text_sha256, signer_name, signed_at,'
        " expires_at, signer_role, entitlement) SELECT REVERSE(c.uid), c.booking_id, c.patient_id, c.form_version_id, c.body_site,"
        ' c.laterality, c.text, c.text_sha256, c.signer_name, c.signed_at, c.expires_at, %s, %s FROM consent c ORDER BY c.id DESC LIMIT 1')


@pytest.mark.parametrize('role, entitlement, years, fine', (
    ('patient', '', 30, True), ('patient', '', 10, False), ('patient', 'self', 30, False), ('parent', '', 10, False),
    ('parent', 'Father', 10, True), ('guardian', 'Order of the court', 10, True), ('representative', '', 30, False)))
def test_sql_keeps_the_same_rule(visitor, database, role, entitlement, years, fine):
    page = form_page(visitor, database, born(years))
    sign(page, signer='parent', signer_name='Annabella Milbanke', entitlement='Mother')
    db = database.connect('regen')
    db.autocommit(False)
    try:
        with db.cursor() as c:
            if fine:
                assert c.execute(COPY, (role, entitlement)) == 1
            else:
                with pytest.raises(pymysql.MySQLError) as refused:
                    c.execute(COPY, (role, entitlement))
                assert refused.value.args[0] in (1644, 4025), refused.value
    finally:
        db.rollback()
        db.close()
