# SPDX-License-Identifier: Apache-2.0
"""Questionnaires as files: there and back without a byte's difference, mistakes by linkId, and versions that never change."""
import copy
import json
import subprocess

import pymysql
import pytest

import env

PAIN = json.loads('''{"format": "mod_regen questionnaire 1", "questionnaire": {"resourceType": "Questionnaire", "name": "trial", "title": "Trial",
 "status": "active", "item": [{"linkId": "pain", "text": "Pain?", "type": "integer", "required": true, "extension": [
 {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0},
 {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 2}]}]},
 "scores": [{"code": "pain", "title": "Pain", "method": "table", "better": "lower", "items": ["pain"],
 "table": [{"raw": 0, "score": 0}, {"raw": 1, "score": 54.84}, {"raw": 2, "score": 100}]}]}''')


@pytest.fixture
def run(database, tmp_path):
    """regenctl questionnaire WHAT with this content as a file; the CompletedProcess."""
    def go(what, content):
        path = tmp_path / 'trial.json'
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return env.regenctl(database, 'questionnaire', what, str(path), check=False)
    return go


def changed(**title):
    made = copy.deepcopy(PAIN)
    made['questionnaire'].update(title)
    return made


def test_published_exported_and_published_again(database, run):
    first, second = json.dumps(PAIN), json.dumps(changed(title='Trial, better words'))
    assert run('publish', first).stdout == 'trial: version 1 is published.\n'
    assert run('publish', first).stdout == 'trial: version 1 has this text already.\n'
    assert run('publish', second).stdout == 'trial: version 2 is published.\n'
    assert env.regenctl(database, 'questionnaire', 'export', 'trial').stdout == second
    assert env.regenctl(database, 'questionnaire', 'export', 'trial', '--version', '1').stdout == first
    done = env.regenctl(database, 'questionnaire', 'export', 'trial', '--version', '3', check=False)
    assert done.returncode == 1 and 'Nothing was exported' in done.stderr
    listed = [l.split()[:2] for l in env.regenctl(database, 'questionnaire', 'list').stdout.splitlines()]
    assert ['trial', '2'] in listed and ['pain', '1'] in listed and ['marrow-screening', '1'] in listed
    assert database.rows("SELECT detail FROM audit_event WHERE action = 'questionnaire.publish' ORDER BY id") == (('trial 1',), ('trial 2',))


def test_mistakes_are_named_and_nothing_is_stored(database, run):
    wrong = copy.deepcopy(PAIN)
    wrong['questionnaire']['item'][0]['type'] = 'quantity'
    wrong['questionnaire']['item'].append({'linkId': 'more', 'text': 'More', 'type': 'string', 'enableWhen': [{'question': 'none', 'operator': '='}]})
    before = database.value('SELECT COUNT(*) FROM questionnaire_version')
    for what in ('check', 'publish'):
        done = run(what, wrong)
        assert done.returncode == 1, done
        assert 'regenctl: pain: "type" is one of group, display' in done.stderr
        assert 'regenctl: more: A condition names the linkId of a question that comes before it; "none" is none.' in done.stderr
    assert run('check', PAIN).stdout == 'trial: 1 questions, 1 scores, 0 rules. It can be published.\n'
    assert run('check', ' ' * 300000).returncode == 2
    assert run('check', '{}').returncode == 1
    assert run('publish', '{"format": "mod_regen questionnaire 1"').returncode == 1
    assert database.value('SELECT COUNT(*) FROM questionnaire_version') == before


def test_check_needs_no_database(tmp_path):
    path = tmp_path / 'trial.json'
    path.write_text(json.dumps(PAIN))
    done = subprocess.run([env.REGENCTL, 'questionnaire', 'check', str(path)], stdout=subprocess.PIPE, text=True, env={})
    assert done.returncode == 0 and 'It can be published' in done.stdout


@pytest.mark.parametrize('name', ['marrow-screening', 'pain'])
def test_the_samples_can_be_published(database, run, name):
    assert 'It can be published' in run('check', env.regenctl(database, 'questionnaire', 'export', name).stdout).stdout


ATTACKS = {
    'a text that changes': "UPDATE questionnaire_version SET body = CONCAT(body, ' ') WHERE id = 1",
    'a text that goes': 'DELETE FROM questionnaire_version WHERE id = 1',
    'another code': "UPDATE questionnaire SET code = 'other' WHERE id = 1",
    'a questionnaire that goes': 'DELETE FROM questionnaire WHERE id = 1',
    'a number twice': "INSERT INTO questionnaire_version (questionnaire_id, version, title, body, sha256, published_at) VALUES (1, 1, 'T', 'b', UNHEX(SHA2('b', 256)), 1)",
    'a number left out': "INSERT INTO questionnaire_version (questionnaire_id, version, title, body, sha256, published_at) VALUES (1, 3, 'T', 'b', UNHEX(SHA2('b', 256)), 1)",
    'another digest': "INSERT INTO questionnaire_version (questionnaire_id, version, title, body, sha256, published_at) VALUES (1, 2, 'T', 'b', UNHEX(SHA2('c', 256)), 1)",
    'of nothing': "INSERT INTO questionnaire_version (questionnaire_id, version, title, body, sha256, published_at) VALUES (999, 1, 'T', 'b', UNHEX(SHA2('b', 256)), 1)",
}


@pytest.mark.parametrize('way', ATTACKS)
@pytest.mark.parametrize('user', ['regen', 'regen_owner'])
def test_a_version_never_changes(database, way, user):
    """By the module's account, with keys off, and by the owner of the tables."""
    before = database.rows('SELECT id, version, body, HEX(sha256) FROM questionnaire_version ORDER BY id')
    connection = database.connect(user=user)
    try:
        with connection.cursor() as c:
            c.execute('SET foreign_key_checks = 0, unique_checks = 0, check_constraint_checks = 0')
            with pytest.raises(pymysql.MySQLError):
                c.execute(ATTACKS[way])
    finally:
        connection.close()
    assert database.rows('SELECT id, version, body, HEX(sha256) FROM questionnaire_version ORDER BY id') == before


def test_a_changed_text_is_noticed(new_clinic, tmp_path):
    """The owner drops the trigger first: the export refuses it, and verifying names it."""
    database, server = new_clinic()
    server.stop()
    assert env.regenctl(database, 'audit', 'verify', check=False).returncode == 0
    database.rows('DROP TRIGGER questionnaire_version_keeps')
    database.rows("UPDATE questionnaire_version SET body = REPLACE(body, 'Has a doctor', 'Did a doctor') WHERE questionnaire_id = 1")
    done = env.regenctl(database, 'questionnaire', 'export', 'marrow-screening', check=False)
    assert done.returncode == 1 and done.stdout == '' and 'not the one of its SHA-256' in done.stderr
    done = env.regenctl(database, 'audit', 'verify', check=False)
    assert done.returncode == 1 and 'Questionnaire version 1: the text is not the one of its SHA-256.' in done.stdout
