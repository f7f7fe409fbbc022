# SPDX-License-Identifier: Apache-2.0
"""Migrations: numbered without a gap, and the code is made for the last one."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, files, main, need, text  # noqa: E402


def migrations():
    return need([os.path.basename(p) for p in files('.sql', under='sql') if p.count('/') == 1], 'migrations')


@case
def numbered():
    """migrations are numbered from 0001 without a gap"""
    names = migrations()
    bad = [n for n in names if not re.fullmatch(r'\d{4}_[a-z0-9_]+\.sql', n)]
    numbers = [int(n[:4]) for n in names if n not in bad]
    if numbers != list(range(1, len(numbers) + 1)):
        bad.append('the numbers are %s' % numbers)
    return bad


@case
def version():
    """RG_SCHEMA_VERSION is the last migration"""
    said = need(re.findall(r'#define RG_SCHEMA_VERSION (\d+)', text('include/regen/store/schema.h')), 'RG_SCHEMA_VERSION')
    last = max(int(n[:4]) for n in migrations())
    return [] if int(said[0]) == last else ['RG_SCHEMA_VERSION is %s, the last migration %d' % (said[0], last)]


@case
def settings():
    """no statement needs the server's superuser"""
    wrong = []
    for path in need(files('.sql', under='sql'), 'SQL'):
        for number, line in enumerate(text(path).splitlines(), 1):
            if re.match(r'\s*(GRANT|SET\s+GLOBAL|CREATE\s+USER|DROP\s+DATABASE)\b', line, re.I):
                wrong.append('%s:%d: %s' % (path, number, line.strip()))
    return wrong


main()
