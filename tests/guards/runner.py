# SPDX-License-Identifier: Apache-2.0
"""The runner itself: what did not run, died or was skipped in silence is counted as failed."""
import contextlib
import importlib.machinery
import importlib.util
import io
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), 'lib'))
from guard import ROOT, case, files, main, need, text  # noqa: E402

LOADER = importlib.machinery.SourceFileLoader('runner', os.path.join(ROOT, 'tests', 'run'))
RUNNER = importlib.util.module_from_spec(importlib.util.spec_from_loader('runner', LOADER))
LOADER.exec_module(RUNNER)


def counted(count, *args):
    """(passed, failed, skipped) that COUNT adds for ARGS."""
    RUNNER.COUNT = RUNNER.Count()
    with contextlib.redirect_stdout(io.StringIO()):
        count(*args)
    return RUNNER.COUNT.passed, RUNNER.COUNT.failed, RUNNER.COUNT.skipped


def compare(wanted):
    return ['%r gives %s instead of %s' % (args[1:], got, want) for args, want in wanted
            for got in [counted(*args)] if got != want]


@case
def tap():
    """TAP is counted as it should be"""
    tap_of = RUNNER.count_tap
    return compare([
        ((tap_of, 'p', '1..2\nok 1 - a\nok 2 - b\n', 0), (2, 0, 0)),
        ((tap_of, 'p', '1..2\nok 1 - a\nnot ok 2 - b\n# why\n', 1), (1, 1, 0)),
        ((tap_of, 'p', '1..2\nok 1 - a\n', 0), (1, 1, 0)),
        ((tap_of, 'p', '1..2\nok 1 - a\nSegmentation fault\n', -11), (1, 1, 0)),
        ((tap_of, 'p', '', 0), (0, 1, 0)),
        ((tap_of, 'p', '1..1\nok 1 - a\n', 1), (1, 1, 0)),
        ((tap_of, 'p', '1..1\nok 1 - a\n', None), (1, 1, 0)),
        ((tap_of, 'p', '1..1\nskipped: no schema\nnot ok 1 # SKIP a\n', 0), (0, 0, 1)),
        ((tap_of, 'p', '1..1\nnot ok 1 # SKIP a\n', 0), (0, 1, 0)),
    ])


def junit(body, code):
    with tempfile.NamedTemporaryFile('w', suffix='.xml') as report:
        report.write('<testsuites><testsuite>%s</testsuite></testsuites>' % body)
        report.flush()
        RUNNER.count_junit('k', report.name, os.devnull, code)


@case
def pytest_reports():
    """pytest's report is counted as it should be"""
    one = '<testcase classname="tests.http.test_a" name="x">%s</testcase>'
    return compare([
        ((junit, one % '', 0), (1, 0, 0)),
        ((junit, one % '<failure message="m">t</failure>', 1), (0, 1, 0)),
        ((junit, one % '<error message="m">t</error>', 1), (0, 1, 0)),
        ((junit, one % '<skipped message="no schema"/>', 0), (0, 0, 1)),
        ((junit, one % '<skipped message=""/>', 0), (0, 1, 0)),
        ((junit, '', 5), (0, 1, 0)),
        ((junit, one % '', 2), (1, 1, 0)),
        ((junit, one % '', None), (1, 1, 0)),
    ])


@case
def dirty_log():
    """a line at warn or above, and a dead child, make error_log dirty"""
    sys.path.insert(0, os.path.join(ROOT, 'tests', 'http', 'lib'))
    import env
    bad = ['[Sun Nov 22 08:28:46 2026] [regen:warn] [pid 1] RG00001: x',
           '[Sun Nov 22 08:28:46 2026] [core:error] [pid 1] AH00036: x',
           '[Sun Nov 22 08:28:46 2026] [core:notice] [pid 1] AH00052: child pid 7 exit signal Segmentation fault (11)']
    good = ['[Sun Nov 22 08:28:46 2026] [core:notice] [pid 1] AH00094: Command line: x',
            '[Sun Nov 22 08:28:46 2026] [regen:info] [pid 1] RG00001: an error, in words']
    return ['not seen as bad: ' + l for l in bad if not env.is_bad(l)] + ['seen as bad: ' + l for l in good if env.is_bad(l)]


@case
def starters():
    """the starters are plain POSIX shell"""
    scripts = need([n for n in os.listdir(os.path.join(ROOT, 'tests', 'lib')) if n.endswith('.sh')], 'scripts')
    wrong = []
    for name in scripts:
        path = os.path.join(ROOT, 'tests', 'lib', name)
        done = subprocess.run(['dash', '-n', path], stderr=subprocess.PIPE, text=True)
        wrong += [done.stderr] if done.returncode else []
        wrong += ['%s uses %s' % (name, word) for word in ('pkill', 'killall', 'systemctl', '[[ ') if word in text(path)]
    return wrong


@case
def slow_files():
    """files that begin first are there"""
    known = {os.path.basename(p)[:-len('.py')] for p in need(files('.py', under='tests'), 'tests in Python')}
    return ['SLOW names %s, which is not there' % n for n in RUNNER.SLOW if n not in known]


main()
