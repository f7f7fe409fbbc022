# SPDX-License-Identifier: Apache-2.0
"""What a file of `regenctl clinic import` or `form publish` does not say stays as it is."""
import json

import pytest

from fresh import fresh, logging_server  # noqa: F401
from test_first_clinic import CLINIC, FORM, clinic, put_json  # noqa: F401

pytestmark = pytest.mark.once


def test_a_part_of_a_clinic(clinic):
    whole = json.loads(json.dumps(CLINIC))
    whole['sites'][0]['notice'] = 'What the law wants shown.'
    whole['payers'][0].update(kind='medicare', active=False)
    whole['organization'][0]['phone'] = '802-555-0100'
    clinic.ok('clinic', 'import', put_json(clinic, whole))
    before = clinic.ok('clinic', 'export')
    part = json.loads(json.dumps(whole))
    for name in ('notice', 'phone', 'state', 'address'):
        del part['sites'][0][name]
    for name in ('kind', 'active', 'timely_days', 'payer_id'):
        del part['payers'][0][name]
    del part['organization'][0]['phone']
    assert 'so already' in clinic.ok('clinic', 'import', put_json(clinic, part)) and clinic.ok('clinic', 'export') == before
    # What it says counts, and a new one takes what is usual.
    part['payers'][0]['timely_days'] = 90
    part['payers'].append({'code': 'other', 'name': 'Other', 'payer_id': '60055'})
    told = clinic.ok('clinic', 'import', put_json(clinic, part)).splitlines()
    assert told == ['payer granite: timely_days "180" -> "90"', 'payer other: new']
    now = json.loads(clinic.ok('clinic', 'export'))
    assert now['sites'] == json.loads(before)['sites'] and now['payers'][1]['kind'] == 'commercial'
    # Whether something is missing is asked of a new one only.
    part['payers'][1] = {'code': 'third', 'name': 'Third'}
    done = clinic.ctl('clinic', 'check', put_json(clinic, part))
    assert done.returncode == 1 and 'payers[1].payer_id: This is missing' in done.stderr


def test_a_next_version_of_a_form(clinic):
    clinic.ok('form', 'publish', clinic.put('a.txt', FORM.replace('valid_days 365\n', 'material false\nvalid_days 365\nneeds_clinician true\n')))
    bare = FORM.replace('names_side false\nvalid_days 365\n', '')
    assert 'has this text already' in clinic.ok('form', 'publish', clinic.put('b.txt', bare))
    told = clinic.ok('form', 'publish', clinic.put('c.txt', bare.replace('at any time.', 'until the visit ends.'))).splitlines()
    assert told == ['consultation-consent: version 2 is published.', 'The text is another one.']
    kept = clinic.ok('form', 'export', 'consultation-consent')
    for line in ('names_side false', 'material false', 'valid_days 365', 'needs_clinician true'):
        assert line in kept.splitlines()
    # What is said is told.
    told = clinic.ok('form', 'publish', clinic.put('d.txt', kept.replace('needs_clinician true', 'needs_clinician false'))).splitlines()
    assert told[1:] == ['needs_clinician: "true" -> "false"', 'The text is the same.']


def test_ends_of_lines_make_no_version(clinic):
    clinic.ok('form', 'publish', clinic.put('a.txt', FORM))
    text = FORM.replace('\n', '\r\n')
    path = clinic.put('b.txt', '')
    with open(path, 'wb') as f:
        f.write(text.encode())
    assert 'version 1 has this text already' in clinic.ok('form', 'publish', path)
    with open(path, 'wb') as f:
        f.write(text.replace('at any time.', 'until the visit ends.').encode())
    clinic.ok('form', 'publish', path)
    assert clinic.database.admin("SELECT COUNT(*) FROM regen.form_version WHERE body LIKE CONCAT('%', CHAR(13), '%')").strip() == '0'
