# SPDX-License-Identifier: Apache-2.0
"""A fee schedule that a sysadmin loads as SQL: a mistake in it is named, and nothing of the file is kept."""
import pytest

import env

LINE = ("INSERT INTO fee_schedule_version (id, schedule_id, made_at) VALUES (90, 1, 0);\n\n"
        "INSERT INTO fee_line (version_id, service_id, line_no, step_kind, code, description, units, unit_minor, currency) VALUES (%s);\n")


@pytest.mark.parametrize('values,rule', [
    ("90, 3, 8, 'consult', 'FEE-BAD', 'Negative', 1, -1, 'USD'", 'fee_line_amount'),
    ("90, 3, 8, 'consult', 'FEE-BAD', 'Nothing of it', 0, 100, 'USD'", 'fee_line_amount'),
    ("90, 3, 8, 'consult', '', 'No code', 1, 100, 'USD'", 'fee_line_is_named'),
    ("90, 99, 8, 'consult', 'FEE-BAD', 'No such service', 1, 100, 'USD'", 'fee_line_service'),
    ("1, 3, 8, 'consult', 'FEE-BAD', 'Published already', 1, 100, 'USD'", 'published version')])
def test_mistake_is_named(database, tmp_path, values, rule):
    fees = tmp_path / 'fees.sql'
    fees.write_text(LINE % values)
    done = env.regenctl(database, 'load', str(fees), check=False)
    assert done.returncode == 1
    assert rule in done.stderr and 'fees.sql' in done.stderr
    assert database.value("SELECT COUNT(*) FROM fee_line WHERE code LIKE 'FEE-%%'") == 0
    assert database.value('SELECT COUNT(*) FROM fee_schedule_version') == 1


def test_the_old_table_takes_nothing(database, tmp_path):
    """What a clinic loaded there before would be a price that nobody asks for."""
    fees = tmp_path / 'fees.sql'
    fees.write_text("INSERT INTO service_charge (service_id, line_no, step_kind, code, description, quantity, unit_minor)\n"
                    "VALUES (3, 7, 'consult', 'FEE-GOOD', 'Letter', 1, 1500);\n")
    done = env.regenctl(database, 'load', str(fees), check=False)
    assert done.returncode == 1 and 'regenctl fees import' in done.stderr
