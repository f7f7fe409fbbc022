# SPDX-License-Identifier: Apache-2.0
"""A fee schedule as a sysadmin loads it: a mistake in it is named, and nothing of the file is kept."""
import pytest

import env

GOOD = """INSERT INTO service_charge (service_id, line_no, step_kind, code, description, quantity, unit_minor)
VALUES (3, 7, 'consult', 'FEE-GOOD', 'Letter', 1, 1500);
"""
LINE = "INSERT INTO service_charge (service_id, line_no, step_kind, code, description, quantity, unit_minor)\nVALUES (%s);\n"


@pytest.mark.parametrize('values,rule', [
    ("3, 8, 'consult', 'FEE-BAD', 'Negative', 1, -1", 'fee_price_not_negative'),
    ("3, 8, 'consult', 'FEE-BAD', 'Nothing of it', 0, 100", 'fee_quantity_at_least_one'),
    ("99, 8, 'consult', 'FEE-BAD', 'No such service', 1, 100", 'charge_service')])
def test_mistake_is_named(database, tmp_path, values, rule):
    fees = tmp_path / 'fees.sql'
    fees.write_text(GOOD + '\n' + LINE % values)
    done = env.regenctl(database, 'load', str(fees), check=False)
    assert done.returncode == 1
    assert rule in done.stderr and 'fees.sql' in done.stderr
    assert database.value("SELECT COUNT(*) FROM service_charge WHERE code LIKE 'FEE-%%'") == 0


def test_right_one_is_taken(database, tmp_path):
    fees = tmp_path / 'fees.sql'
    fees.write_text(GOOD)
    env.regenctl(database, 'load', str(fees))
    assert database.value("SELECT unit_minor FROM service_charge WHERE code = 'FEE-GOOD'") == 1500
