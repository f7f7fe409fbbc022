# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the faults tests in Python: see tests/http/lib/fixtures.py."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'http', 'lib'))
from fixtures import *  # noqa: E402,F401,F403
