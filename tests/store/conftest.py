# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the store tests in Python: see tests/http/lib/fixtures.py and lib/migration.py."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, 'lib'), os.path.join(HERE, '..', 'http', 'lib')]
from fixtures import *  # noqa: E402,F401,F403
from migration import empty, whole  # noqa: E402,F401
