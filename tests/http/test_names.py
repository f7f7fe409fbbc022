# SPDX-License-Identifier: Apache-2.0
"""Text that looks the same is the same: at the edge, in signatures, for the desk, for machines and on the waiting list."""
import pytest

import env
import patient

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
