# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the http tests: see lib/fixtures.py."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from fixtures import *  # noqa: E402,F401,F403
