# SPDX-License-Identifier: Apache-2.0
"""The owner of the tables changes what was signed, done, made, corrected and invoiced; seals in the audit log give it away."""
import re
import time

import pytest

import env
from billfill import completed
from dayfill import DayFill

TABLES = ('consent', 'form_version', 'step_event', 'time_out', 'collection', 'unit', 'unit_processing', 'injection', 'correction', 'invoice',
          'invoice_charge', 'claim')


@pytest.fixture(scope='module')
def sealed(database, server):
    """Two visits, one with a unit, sealed; the tables open to their owner."""
    fill = DayFill(database)
    fill.book(family='Walker')
    uid = fill.book(family='Walkerson')
    desk, clinician = server.visitor(), server.visitor()
    for visitor, role in ((desk, 'front_desk'), (clinician, 'clinician')):
        visitor.login(server.sample[role + '_login'], server.sample[role + '_password'])
    assert desk.open('/staff/bookings/' + uid).form(action='/check-in').fill(birth_date='1961-03-14').submit().status == 200

    def act(action, **fields):
        form = clinician.open('/staff/bookings/' + uid).form(action=action)
        page = form.fill(**{name: 'yes' for name in form.names() if name.startswith('said_')}, **fields).submit()
        assert page.status == 200, repr(page)
    act('/harvest', volume_ml='60', taken_from='right-posterior-iliac-crest', side_confirmed='right')
    label = fill.label(uid)
    act('/process', label=label, kit_lot='LOT-1', kit_expires='2127-12-31', volume_ml='8', minutes='0', run_why='Not timed')
    act('/inject', label=label, birth_date='1961-03-14', body_site='knee', side='right', second_login=server.sample['nurse_login'],
        second_password=server.sample['nurse_password'])
    act('/correct', correct_what='harvest-volume', correct_value='61', correct_why='Misread')
    with server.visitor() as clerk:
        clerk.login(server.sample['billing_login'], server.sample['billing_password'])
        treated = completed(database, own=True)[0]
        assert clerk.open('/billing/bookings/' + treated).form(action='/invoice').submit().status == 200
        assert '/billing/claims/' in clerk.open('/billing/bookings/' + treated).form(action='/claim').submit().url
    desk.close()
    clinician.close()
    server.stop()
    env.regenctl(database, 'audit', 'anchor')
    time.sleep(16)  # what is sealed is older than any transaction
    env.regenctl(database, 'audit', 'anchor')
    assert 'Nothing happened' in env.regenctl(database, 'audit', 'anchor').stdout
    for name, in database.rows("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_object_table IN %s", TABLES):
        database.rows('DROP TRIGGER ' + name)
    for table in TABLES:
        database.rows('CREATE TABLE kept_%s AS SELECT * FROM %s' % (table, table))
    return database


WAYS = {
    'a side': ("UPDATE consent SET laterality = IF(laterality = 'left', 'right', 'left') ORDER BY id LIMIT 1", 'consent'),
    'a part of the body': ("UPDATE consent SET body_site = 'hip' ORDER BY id LIMIT 1", 'consent'),
    'which targets were agreed to': ("UPDATE consent SET further = 'hip left' ORDER BY id LIMIT 1", 'consent'),
    'which targets a time-out was for': ("UPDATE time_out SET further = 'hip left' ORDER BY id LIMIT 1", 'time_out'),
    'why a target was injected once more': ("UPDATE injection SET again_why = 'x' ORDER BY unit_id LIMIT 1", 'injection'),
    'at which target it was injected': ('UPDATE injection SET target_no = 2 ORDER BY unit_id LIMIT 1', 'injection'),
    'who signed': ("UPDATE consent SET signer_name = 'Somebody Else' ORDER BY id LIMIT 1", 'consent'),
    'when it was signed': ('UPDATE consent SET signed_at = signed_at - 60 ORDER BY id LIMIT 1', 'consent'),
    'how long it is valid': ('UPDATE consent SET expires_at = expires_at + 86400 ORDER BY id LIMIT 1', 'consent'),
    'which form': ('UPDATE consent SET form_version_id = form_version_id + 1 ORDER BY id LIMIT 1', 'consent'),
    'whose booking': ('UPDATE consent SET booking_id = booking_id + 1000 ORDER BY id LIMIT 1', 'consent'),
    'a text with its digest': ("UPDATE consent SET text = 'I agree.', text_sha256 = UNHEX(SHA2('I agree.', 256)) ORDER BY id LIMIT 1", 'consent'),
    'a consent is gone': ('DELETE FROM consent ORDER BY id LIMIT 1', 'consent'),
    'all consents are gone': ('DELETE FROM consent', 'consent'),
    'a consent under another number': ('UPDATE consent SET id = id + 1000 ORDER BY id LIMIT 1', 'consent'),
    'a form with its digest': ("UPDATE form_version SET body = '## All', sha256 = UNHEX(SHA2('## All', 256)) ORDER BY id LIMIT 1", 'form_version'),
    'a form is valid for longer': ('UPDATE form_version SET validity_days = 9999 ORDER BY id LIMIT 1', 'form_version'),
    'when a step was done': ('UPDATE step_event SET at = at - 60 ORDER BY id LIMIT 1', 'step_event'),
    'who did a step': ('UPDATE step_event SET staff_id = staff_id + 1 ORDER BY id LIMIT 1', 'step_event'),
    'a step is gone': ('DELETE FROM step_event ORDER BY id LIMIT 1', 'step_event'),
    'what was agreed in a time-out': ("UPDATE time_out SET agreed = 'identity', stopped = 'site' ORDER BY id LIMIT 1", 'time_out'),
    'when a time-out was held': ('UPDATE time_out SET at = at - 60 ORDER BY id LIMIT 1', 'time_out'),
    'of which check-in a time-out is': ('UPDATE time_out SET turn = turn + 1 ORDER BY id LIMIT 1', 'time_out'),
    'a time-out is gone': ('DELETE FROM time_out ORDER BY id LIMIT 1', 'time_out'),
    'the volume of a unit': ('UPDATE unit SET volume_ml = volume_ml + 1 ORDER BY id LIMIT 1', 'unit'),
    'which collection a unit is of': ('UPDATE unit SET collection_id = NULL ORDER BY id LIMIT 1', 'unit'),
    'which product a unit is': ('UPDATE unit SET product_no = product_no + 1 ORDER BY id LIMIT 1', 'unit'),
    'the side of a unit': ("UPDATE unit SET laterality = IF(laterality = 'left', 'right', 'left') ORDER BY id LIMIT 1", 'unit'),
    'when a unit expires': ('UPDATE unit SET expires_at = expires_at + 3600 ORDER BY id LIMIT 1', 'unit'),
    'how long a unit was spun': ('UPDATE unit_processing SET minutes = 15 ORDER BY unit_id LIMIT 1', 'unit_processing'),
    'why it was spun so long': ("UPDATE unit_processing SET run_why = 'x' ORDER BY unit_id LIMIT 1", 'unit_processing'),
    'why a device was used': ("UPDATE unit_processing SET device_why = 'x' ORDER BY unit_id LIMIT 1", 'unit_processing'),
    'why a lot was used': ("UPDATE unit_processing SET lot_why = 'x' ORDER BY unit_id LIMIT 1", 'unit_processing'),
    'which lot a kit is of': ('UPDATE unit_processing SET lot_id = lot_id + 1 ORDER BY unit_id LIMIT 1', 'unit_processing'),
    'a processing is gone': ('DELETE FROM unit_processing ORDER BY unit_id LIMIT 1', 'unit_processing'),
    'the side of an injection': ("UPDATE injection SET laterality = 'left' ORDER BY unit_id LIMIT 1", 'injection'),
    'when it was injected': ('UPDATE injection SET injected_at = injected_at - 60 ORDER BY unit_id LIMIT 1', 'injection'),
    'why it was given of a recalled lot': ("UPDATE injection SET lot_why = 'x' ORDER BY unit_id LIMIT 1", 'injection'),
    'an injection is gone': ('DELETE FROM injection ORDER BY unit_id LIMIT 1', 'injection'),
    'the reason of a correction': ("UPDATE correction SET reason = 'x' ORDER BY id LIMIT 1", 'correction'),
    'what it corrects to': ("UPDATE correction SET new_value = '62' ORDER BY id LIMIT 1", 'correction'),
    'a correction is gone': ('DELETE FROM correction ORDER BY id LIMIT 1', 'correction'),
    'the total of an invoice': ('UPDATE invoice SET total_minor = total_minor - 100 ORDER BY id LIMIT 1', 'invoice'),
    'what is on an invoice': ('UPDATE invoice_charge SET amount_minor = amount_minor + 1 ORDER BY invoice_id LIMIT 1', 'invoice_charge'),
    'another charge on an invoice': ('UPDATE invoice_charge SET charge_id = charge_id + 1000 ORDER BY invoice_id LIMIT 1', 'invoice_charge'),
    'whom an invoice is for': ("UPDATE invoice SET patient_name = 'Nobody' ORDER BY id LIMIT 1", 'invoice'),
    'a claim with its digest': ("UPDATE claim SET xml = 'x', xml_sha256 = UNHEX(SHA2('x', 256)) ORDER BY id LIMIT 1", 'claim'),
    'the other form of a claim': ("UPDATE claim SET json = '{}' ORDER BY id LIMIT 1", 'claim'),
    'the total of a claim': ('UPDATE claim SET total_minor = total_minor + 1 ORDER BY id LIMIT 1', 'claim'),
    'a claim is gone': ('DELETE FROM claim ORDER BY id LIMIT 1', 'claim'),
    'where it was taken from': ("UPDATE collection SET taken_from = 'left-tibia' ORDER BY id LIMIT 1", 'collection'),
    'a collection is gone': ('DELETE FROM collection ORDER BY id LIMIT 1', 'collection'),
    'a unit is gone': ('DELETE FROM unit ORDER BY id LIMIT 1', 'unit'),
}


def verify(database):
    done = env.regenctl(database, 'audit', 'verify', check=False)
    return done.returncode, done.stdout + done.stderr


def test_what_is_sealed_fits(sealed):
    assert sealed.value("SELECT COUNT(DISTINCT entity) FROM audit_event WHERE action = 'seal'") >= 4
    assert sealed.value("SELECT MAX(entity_id) FROM audit_event WHERE entity = 'sealed-consent'") == sealed.value('SELECT MAX(id) FROM consent')
    assert verify(sealed)[0] == 0, verify(sealed)


@pytest.mark.parametrize('way', WAYS)
def test_it_is_noticed(sealed, way):
    statement, table = WAYS[way]
    connection = sealed.connect()
    with connection.cursor() as c:
        c.execute('SET foreign_key_checks = 0, check_constraint_checks = 0')
        assert c.execute(statement) > 0, statement
    try:
        code, said = verify(sealed)
        assert code == 1 and re.search('Rows of %s(, (of steps|of acts|where it is from|for which targets|at which target))? with ids' % table, said), said
    finally:
        with connection.cursor() as c:
            c.execute('DELETE FROM ' + table)
            c.execute('INSERT INTO %s SELECT * FROM kept_%s' % (table, table))
        connection.close()


def test_a_seal_itself(sealed):
    """It is an event of a chain."""
    sealed.rows('DROP TRIGGER IF EXISTS audit_event_keeps')
    sealed.rows("UPDATE audit_event SET detail = REPLACE(detail, 'rows:', 'rows:1') WHERE action = 'seal' ORDER BY id DESC LIMIT 1")
    code, said = verify(sealed)
    assert code == 1 and 'was changed' in said and 'that were sealed' in said, said
