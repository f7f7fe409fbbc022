# SPDX-License-Identifier: Apache-2.0
"""Text that looks the same is the same: at the edge, in signatures, for the desk, for machines and on the waitlist."""
import pytest

import env
import patient

pytestmark = pytest.mark.once

SPELLINGS = [
    ('Ann', 'O\u2019Brien', "Ann O'Brien"),              # a phone's apostrophe
    ('Ann', 'O\u02bcBrien', 'ann o\u2018brien'),
    ('Keone', 'Ka\u02bbiulani', "Keone Ka'iulani"),      # an \u02bbokina
    ('Rene\u0301', 'Nu\u0301n\u0303ez', 'Ren\u00e9 N\u00fa\u00f1ez'),
    ('Jos\u00e9', 'N\u00fa\u00f1ez', 'Jose Nunez'),      # a keyboard without accents
    ('Mary\u2011Ann', 'Doe\u2013Lee', 'Mary-Ann Doe-Lee'),
    ('Ann\u00a0Lee', 'Mc\u00adKay', 'Ann Lee McKay'),
]


@pytest.mark.parametrize('given,family,typed', SPELLINGS)
def test_who_signs_is_who_is_named(visitor, given, family, typed):
    patient.give_details(patient.hold(visitor), given=given, family=family)
    page = patient.sign_all(visitor, typed)
    assert visitor.open('/booking/check').path == '/booking/check', page


def test_somebody_else_does_not_sign(visitor):
    patient.give_details(patient.hold(visitor), given='Ann', family='O\u2019Brien')
    page = visitor.open(patient.open_forms(visitor.open('/booking/consent'))[0])
    page = page.form(having='signer_name').fill(signer_name='Ann OBrian', agree='yes').submit()
    assert page.error_for('signer_name')


def test_what_nobody_sees_does_not_get_in(visitor, database):
    """Directions of writing, blanks without width and the like stay outside, and accents come as one letter each."""
    patient.give_details(patient.hold(visitor), given='\u202eA\u200bnn\u202c', family='\u2066Unse\u0301en\u2069\ufeff',
                         city='Do\u00adver', address_line='1\u3000Main\u2003Street')
    row = database.rows("SELECT given, family, city, address_line FROM patient WHERE family LIKE 'Uns%%'")[0]
    assert row == ('Ann', 'Uns\u00e9en', 'Dover', '1 Main Street')
    page = visitor.open('/booking/details')
    assert '\u202e' not in page.text and '\u2066' not in page.text


def test_text_is_the_same_after_restarts(servers, server):
    """ICU lives in children only: the module is loaded anew at each graceful restart, and the library with it."""
    one = servers()
    for _ in range(4):
        with one.visitor() as visitor:
            patient.give_details(patient.hold(visitor), given='Rene\u0301', family='O\u2019Brien')
            patient.sign_all(visitor, "Ren\u00e9 O'Brien")
            assert visitor.open('/booking/check').path == '/booking/check'
        before = set(one.children())
        assert one.graceful().returncode == 0
        env.wait_until(lambda: set(one.children()) - before, 20)


JSON = {'Accept': 'application/fhir+json'}


@pytest.fixture(scope='module')
def people(server, database):
    """Booked by themselves; the sample's token may see what others made."""
    database.rows("UPDATE api_token SET scopes = CONCAT(scopes, ' regen/all')")
    with server.visitor() as one:
        patient.give_details(patient.hold(one), given='Ane\u0301', family='O\u2019Neil', email='Mail@Example.org',
                             phone='+1 (603) 555\u20110177')
        patient.sign_all(one, 'Ane ONeil')
        assert one.open('/booking/check').form(action='/booking/check').submit().h1 == 'You are booked'


@pytest.mark.parametrize('typed', ["O'Neil", 'ONeil', 'o\u02bcneil', 'oneil', 'O Neil', "o'n"])
def test_the_desk_finds_however_it_is_written(staff, people, typed):
    page = staff('front_desk').open('/staff/patients').form('/staff/patients').fill(family=typed, given='an\u00e9').submit()
    assert page.status == 200 and 'O\u2019Neil' in page.text, page.text


@pytest.mark.parametrize('query', ["family=O'Neil", 'family=oneil', 'given=ANE', 'name=o\u2019neil', 'family:contains=neil',
                                   'family:exact=O\u2019Neil', 'phone=6035550177', 'phone=%2B16035550177', 'phone=603-555-0177',
                                   'email=mail@example.org', 'family=O%C2%B4Neil'])
def test_a_machine_finds_however_it_is_written(machine, people, query):
    found = machine.get('/Patient?' + query, headers=JSON).json()
    assert found['total'] == 1 and found['entry'][0]['resource']['name'][0]['family'] == 'O\u2019Neil', found


@pytest.mark.parametrize('query', ["family:exact=O'Neil", 'family=%CC%81', 'phone=none', 'phone=6035550178', 'email=%20'])
def test_what_is_another_is_not_found(machine, people, query):
    answer = machine.get('/Patient?' + query, headers=JSON)
    assert answer.status_code == 400 or answer.json()['total'] == 0, answer.text


def test_an_address_abroad_and_one_name(visitor, database):
    patient.give_details(patient.hold(visitor), given='Suharto', family='-', country='CA', state='Ontario',
                         postal_code='K1A 0B1', phone='011 44 20 7946 0958', birth_date='9 December 1961')
    row = database.rows("SELECT given, family, country, state, postal_code, phone, birth_date FROM patient ORDER BY id DESC LIMIT 1")[0]
    assert row[:6] == ('', 'Suharto', 'CA', 'Ontario', 'K1A 0B1', '+44 20 7946 0958') and str(row[6]) == '1961-12-09'
    form = visitor.open('/booking/details').form(having='family')
    assert form.value('country') == 'CA' and form.value('family') == 'Suharto'
    patient.sign_all(visitor, 'suharto')
    page = visitor.open('/booking/check')
    assert page.path == '/booking/check' and 'December 9, 1961' in page.text and 'K1A 0B1, Canada' in page.text and '+44 20 7946 0958' in page.text
