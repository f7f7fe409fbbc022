# SPDX-License-Identifier: Apache-2.0
"""What `make run` shows works: one patient from the consultation to the claim, in the sample clinic as it is loaded, where marrow needs an order."""
import os
import subprocess
import sys

import pytest

import env
import ordering

pytestmark = pytest.mark.once
WALK = os.path.join(env.ROOT, 'tests', 'journey', 'walk.py')


def walk(server):
    done = subprocess.run([sys.executable, WALK, '--base', server.base, '--run-dir', server.dir], text=True, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_from_the_consultation_to_the_claim(server, database):
    ordering.needs_order(database, 'bmac-knee')
    said = walk(server)
    assert 'order      signed by Dr. Elena Rivera' in said and 'FHIR API   the same bytes as XML' in said
    assert os.path.getsize(os.path.join(server.dir, 'claim.xml')) > 1000
    assert database.rows("SELECT s.code, b.status FROM booking b JOIN service s ON s.id = b.service_id ORDER BY b.id") == (
        ('consultation', 'completed'), ('bmac-knee', 'completed'))
    assert 'Invoice' in walk(server), 'a second `make run` goes it again'


def test_the_sample_says_so():
    """The clinic that newcomers get: an order for marrow, signed by the physicians; anyone books a consultation."""
    with open(os.path.join(env.ROOT, 'sql', 'sample', 'clinic.sql'), encoding='utf-8') as f:
        loaded = f.read()
    assert "(1, 'order')" in loaded and "240, 1, 2, 2, 1, 1, 1, 1, 'order')" in loaded and "240, 1, 1, NULL, 3, 0, 0, 0, 'anyone')" in loaded
