# SPDX-License-Identifier: Apache-2.0
"""Every test is where the runner looks: a file under a wrong name would pass by never running."""
import datetime
import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import ROOT, case, code, files, main, need, text  # noqa: E402

PYTHON_KINDS = ('store', 'http', 'browser', 'faults')
C_KINDS = {'unit': 'test_', 'store': 'test_', 'fuzz': 'fuzz_'}


@case
def python_names():
    """Python tests are called test_*.py and live in a folder that is run"""
    wrong = []
    for path in need(files('.py', under='tests'), 'Python tests'):
        parts = path.split('/')
        if 'guards' in parts or not re.search(r'^(def|class) [Tt]est', text(path), re.M):
            continue
        if parts[1] not in PYTHON_KINDS or not parts[-1].startswith('test_'):
            wrong.append(path + ' has tests that nobody runs')
    return wrong


@case
def c_names():
    """C tests are called test_*.c or fuzz_*.c and live in a folder that is run"""
    wrong = []
    for path in need(files('.c', under='tests'), 'C tests'):
        parts = path.split('/')
        body = code(text(path))
        is_test = re.search(r'\bcmocka_run_group_tests|\bfuzz_check\([^;]*\)\s*\{', body)
        if is_test and not parts[-1].startswith(C_KINDS.get(parts[1], '\n')):
            wrong.append(path + ' has tests that nobody runs')
    return wrong


@case
def names_are_their_own():
    """no two tests of a kind have the same name, in whatever folders they are: logs, databases and Python's modules go by it"""
    found, wrong = {}, []
    for path in need(files('.c', '.py', under='tests'), 'tests'):
        parts = path.split('/')
        if parts[-1].startswith(('test_', 'fuzz_')) and (parts[1] in PYTHON_KINDS or parts[1] in C_KINDS):
            found.setdefault((parts[1], os.path.splitext(parts[-1])[0]), []).append(path)
    for paths in need(found.values(), 'names'):
        wrong += [] if len(paths) == 1 else [' and '.join(paths) + ' have one name']
    return wrong


@case
def every_function_is_listed():
    """every static test function of a cmocka file is in its table"""
    wrong, seen = [], 0
    for path in files('.c', under='tests'):
        if not os.path.basename(path).startswith('test_'):
            continue
        body = code(text(path))
        # A test takes void **state; group set-up and tear-down return int.
        for name in re.findall(r'^static void (\w+)\(void \*\*\w+\)', body, re.M):
            seen += 1
            if len(re.findall(r'\b%s\b' % name, body)) < 2:
                wrong.append('%s: %s is never run' % (path, name))
    need([1] * seen, 'cmocka tests')
    return wrong


@case
def corpora():
    """every fuzz target has a corpus, and every corpus and every dictionary a target"""
    targets = {os.path.basename(p)[len('fuzz_'):-2] for p in need(files('.c', under='tests/fuzz'), 'fuzz targets')
               if os.path.basename(p).startswith('fuzz_')}
    where = os.path.join(ROOT, 'tests/fuzz/corpus')
    folders = set(os.listdir(where)) if os.path.isdir(where) else set()
    wrong = ['fuzz_%s.c has no corpus' % t for t in sorted(targets - folders)]
    wrong += ['corpus/%s has no target' % f for f in sorted(folders - targets)]
    wrong += ['corpus/%s is empty' % f for f in sorted(targets & folders) if not os.listdir(os.path.join(where, f))]
    words = need(files('.dict', under='tests/fuzz/dict'), 'dictionaries')
    return wrong + ['%s has no target' % p for p in words if os.path.basename(p)[:-len('.dict')] not in targets]


@case
def no_day_will_pass():
    """no test of a running clinic names a day of this century: it is ahead today and past some day"""
    wrong = []
    for kind in ('http', 'browser', 'faults', 'journey'):
        for path in files('.py', under='tests/' + kind):
            for number, line in enumerate(text(path).splitlines(), 1):
                wrong += ['%s:%d: %s' % (path, number, day) for day in re.findall(r'\b20[2-9]\d-\d\d-\d\d', line) if will_pass(day)]
    return wrong


def will_pass(day):
    """Not what was past before the project began, and not what is no day at all."""
    try:
        return datetime.date.fromisoformat(day).year > 2024
    except ValueError:
        return False


@case
def skips_have_reasons():
    """a skip says why"""
    wrong = []
    for path in files('.py', under='tests'):
        for number, line in enumerate(text(path).splitlines(), 1):
            if re.search(r'pytest\.skip\(\s*\)|mark\.skip\s*(\(\s*\))?$|mark\.xfail', line) and 'guards/' not in path:
                wrong.append('%s:%d: %s' % (path, number, line.strip()))
    for path in files('.c', under='tests'):
        body = text(path).splitlines()
        for number, line in enumerate(body, 1):
            if re.match(r'\s*skip\(\);', line) and not any('kipped:' in l for l in body[max(0, number - 6):number]):
                wrong.append('%s:%d: skip() without "skipped: reason" before it' % (path, number))
    return wrong


main()
