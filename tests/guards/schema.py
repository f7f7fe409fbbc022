# SPDX-License-Identifier: Apache-2.0
"""Migrations: numbered without a gap, and the code is made for the last one."""
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import case, files, main, need, text  # noqa: E402

# Columns whose words no list has, and why.
ONLY_SQL = {
    'service.audience',        # a bool in C: RG_FIELD_STAFF
    'waitlist_offer.outcome',  # only statements say it
}


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
    """RG_SCHEMA_VERSION is the last migration, and the one that README tells how to come to"""
    said = need(re.findall(r'#define RG_SCHEMA_VERSION (\d+)', text('include/regen/store/schema.h')), 'RG_SCHEMA_VERSION')
    last = max(int(n[:4]) for n in migrations())
    told = need(re.findall(r'\*\*Upgrading to schema (\d+)\*\* \(`sql/\d+` to `(\d+)`\)', text('README.md')), 'the upgrade in README')[0]
    return ['%s is %s, the last migration %d' % (what, number, last) for what, number in
            (('RG_SCHEMA_VERSION', said[0]), ('README: the upgrade', told[0]), ('README: its last file', told[1])) if int(number) != last]


@case
def settings():
    """no statement needs the server's superuser"""
    wrong = []
    for path in need(files('.sql', under='sql'), 'SQL'):
        for number, line in enumerate(text(path).splitlines(), 1):
            if re.match(r'\s*(GRANT|SET\s+GLOBAL|CREATE\s+USER|DROP\s+DATABASE)\b', line, re.I):
                wrong.append('%s:%d: %s' % (path, number, line.strip()))
    return wrong


def enums():
    """table.column -> its words, as the last migration that touches it has them"""
    found = {}
    for name in sorted(migrations()):
        body = re.sub(r'--[^\n]*', '', text('sql/' + name))
        table = None
        for match in re.finditer(r'\b(?:CREATE|ALTER)\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(\w+)|(\w+)\s+ENUM\s*\(([^)]*)\)', body, re.I):
            table = match.group(1) or table
            if match.group(2):
                found['%s.%s' % (table, match.group(2))] = re.findall(r"'([^']*)'", match.group(3))
    need(list(found), 'ENUM columns')
    return found


def lists():
    """(where, words, columns that have all of them, columns that have some) for every list of words in the headers"""
    found = []
    column = r'\w+\.\w+'
    for path in need(files('.h', under='include'), 'headers'):
        body = text(path)
        for match in re.finditer(r'/\*((?:(?!\*/).)*)\*/\s*#define (RG_\w+)\(X\)((?:[^\n]*\\\n)+[^\n]*)', body, re.S):
            said = ' '.join(match.group(1).replace('\n *', ' ').split())
            words = re.findall(r'\bX\([^")]*"([^"]*)"\)', match.group(3))
            some, every = set(), set()
            for part in re.finditer(r'(some are )?the words of ((?:%s(?:, )?)+)' % column, said, re.I):
                (some if part.group(1) else every).update(re.findall(column, part.group(2)))
            found.append(('%s: %s' % (path, match.group(2)), words, every, some))
    return need(found, 'lists of words')


@case
def words_are_the_columns():
    """every ENUM column has the words of its list in a header, in that order; a column that has some of them says no other"""
    wrong, columns, seen = [], enums(), set()
    for where, words, every, some in lists():
        for column in sorted(every | some):
            seen.add(column)
            has = columns.get(column)
            if has is None:
                wrong.append('%s names %s, which is no ENUM' % (where, column))
            elif has != words if column in every else not set(has) <= set(words):
                wrong.append('%s says %s, %s has %s' % (where, words, column, has))
    return wrong + ['%s has no list of its words in a header' % c for c in sorted(set(columns) - seen - ONLY_SQL)]


main()
