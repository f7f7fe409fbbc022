# SPDX-License-Identifier: Apache-2.0
"""The project in a folder that only its owner may enter, as a home of mode 0700 is: started by root, httpd's children have
no rights there, and everything works all the same and leaves nothing behind."""
import os
import shutil
import subprocess
import sys

import pytest

import env

# One page, one that httpd itself authorizes, and one whose password file the children read.
SHORT = ('patient/test_patient_pages.py::test_treatments', 'identity/test_login.py::test_staff_session_protects_something_else',
         'identity/test_login.py::test_basic_is_mapped_to_staff')


@pytest.fixture(scope='module')
def closed():
    """A copy of what is built and of what runs it."""
    where = env.work_folder('closed')
    os.chmod(where, 0o700)
    for part in ('tests/lib', 'tests/http', 'tests/journey', 'conf', 'sql'):
        shutil.copytree(os.path.join(env.ROOT, part), os.path.join(where, part), ignore=shutil.ignore_patterns('__pycache__'))
    os.makedirs(os.path.join(where, 'build'))
    for name in ('mod_regen.so', 'regenctl'):
        shutil.copy2(os.path.join(env.BUILD, name), os.path.join(where, 'build', name))
    yield where
    shutil.rmtree(where, ignore_errors=True)


def at(closed, argv, tmp, **more):
    """Runs ARGV there, as nobody's child of this run of tests."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(('REGEN_OUT', 'PYTEST_', 'SANITIZED', 'BUILD'))}
    return subprocess.run(argv, cwd=closed, env=dict(kept, TMPDIR=tmp, **more), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=400)


@pytest.mark.once
def test_tests_run_there(closed, open_folder):
    done = at(closed, [sys.executable, '-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--tb=short', '--basetemp', os.path.join(closed, 'tmp'),
                       *('tests/http/' + t for t in SHORT)], open_folder)
    assert done.returncode == 0 and ' passed' in done.stdout, done.stdout
    assert os.listdir(open_folder) == []


@pytest.mark.once
def test_make_run_works_there(closed, open_folder):
    how = dict(PORT=str(env.free_port()), RUN_DIR='build/run', BUILD='build')
    done = at(closed, ['sh', 'tests/lib/clinic.sh', 'run'], open_folder, **how)
    try:
        log = env.read(os.path.join(closed, 'build/run/httpd/error_log'))
        assert done.returncode == 0, done.stdout + log
        assert not [line for line in log.splitlines() if env.is_bad(line)], log
    finally:
        stopped = at(closed, ['sh', 'tests/lib/clinic.sh', 'stop'], open_folder, **how)
    assert stopped.returncode == 0 and os.listdir(open_folder) == [], stopped.stdout
