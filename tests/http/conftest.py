# SPDX-License-Identifier: Apache-2.0
"""Fixtures of the http tests: see fixtures.py."""
from fixtures import *  # noqa: F401,F403
