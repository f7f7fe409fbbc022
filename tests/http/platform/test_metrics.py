# SPDX-License-Identifier: Apache-2.0
"""`SetHandler regen-metrics`: what is counted is right, whichever child did it; it is readable by Prometheus' own parser, says nothing of anybody, and
does without what cannot be had. And `regenctl queues`, which tells the same."""
import os
import re
import time

import httpx
import pytest
import yaml
from prometheus_client.parser import text_string_to_metric_families

import env

METRICS = '<Location "/metrics">\nSetHandler regen-metrics\nRequire all granted\n</Location>\n'


def scrape(one):
    """{name of a sample: {labels without the server's: value}}"""
    with one.visitor() as visitor:
        answer = visitor.client.get(one.origin + '/metrics')
    assert answer.status_code == 200 and answer.headers['content-type'] == 'text/plain; version=0.0.4; charset=utf-8'
    assert answer.headers['cache-control'] == 'no-store'
    found = {}
    for family in text_string_to_metric_families(answer.text):
        assert family.documentation and family.type in ('counter', 'gauge', 'histogram'), family
        for s in family.samples:
            labels = tuple(sorted((k, v) for k, v in s.labels.items() if k != 'server'))
            assert labels not in found.setdefault(s.name, {}), 'said twice: %s %s' % (s.name, labels)
            found[s.name][labels] = s.value
    return found


def of(found, name, **labels):
    return found.get(name, {}).get(tuple(sorted(labels.items())), 0)


def requests(found, method, route, code):
    return of(found, 'regen_requests_total', method=method, route=route, code=str(code))


def test_requests_are_counted(servers, server):
    one = servers(extra=METRICS)
    with one.visitor() as visitor:
        for _ in range(5):
            visitor.client.get(one.base + '/')
        visitor.client.get(one.base + '/services/nothing-of-this-name')
        visitor.client.get(one.base + '/there/is/no/such/address')
        visitor.client.delete(one.base + '/')
        visitor.client.get(one.base + '/staff')
        link = '/b/' + 'q' * 26
        visitor.client.get(one.base + link)
    found = scrape(one)
    assert requests(found, 'GET', '/', 200) == 5
    assert requests(found, 'GET', '/services/*', 404) == 1
    assert requests(found, '', '', 404) == 1 and requests(found, '', '', 405) == 1
    assert sum(v for k, v in found['regen_requests_total'].items() if dict(k)['route'] == '/staff') == 1
    assert sum(v for k, v in found['regen_requests_total'].items() if dict(k)['route'] == '/b/*') == 1
    assert 'qqq' not in repr(found), 'a pattern, never a token'
    # As many in the histogram, and every bucket has what the one before it has.
    for key, count in found['regen_request_duration_seconds_count'].items():
        labels = dict(key)
        total = sum(v for k, v in found['regen_requests_total'].items() if dict(k)['route'] == labels['route'] and dict(k)['method'] == labels['method'])
        assert count == total, labels
        buckets = sorted((float(dict(k)['le']), v) for k, v in found['regen_request_duration_seconds_bucket'].items()
                         if dict(k)['route'] == labels['route'] and dict(k)['method'] == labels['method'])
        assert buckets[-1] == (float('inf'), count) and [v for _, v in buckets] == sorted(v for _, v in buckets)
        assert found['regen_request_duration_seconds_sum'][key] > 0
    # A look at the metrics is no request of the clinic.
    again = scrape(one)
    assert sum(again['regen_requests_total'].values()) == sum(found['regen_requests_total'].values())


def answers(one):
    try:
        return bool(scrape(one))
    except httpx.TransportError:
        return False


@pytest.mark.only_mpm('prefork')
def test_whichever_child_answered(servers, server):
    """Eight children, killed in between: nothing that was counted is lost, and what they had open is."""
    one = servers(extra=METRICS, sizing='StartServers 4\nMinSpareServers 4\nMaxSpareServers 8\nMaxRequestWorkers 8\nServerLimit 8\n')
    with one.visitor() as visitor:
        for _ in range(40):
            visitor.client.get(one.base + '/', headers={'Connection': 'close'})
    before = scrape(one)
    assert requests(before, 'GET', '/', 200) == 40
    assert of(before, 'regen_database_connections', state='open') >= 1
    for pid in one.children():
        os.kill(pid, 9)
    env.wait_until(lambda: answers(one), 15)
    after = scrape(one)
    assert of(after, 'regen_database_connections', state='open') == 0
    assert requests(after, 'GET', '/', 200) == 40
    assert of(after, 'regen_database_statements_total') >= of(before, 'regen_database_statements_total') > 0


def test_statements_and_tasks(servers, server, database):
    one = servers(extra=METRICS + 'RegenSweepInterval 1s\n')
    began = time.time()
    with one.visitor() as visitor:
        visitor.client.get(one.base + '/')
        first = of(scrape(one), 'regen_database_statements_total')
        for _ in range(10):
            assert visitor.client.get(one.base + '/health/ready').status_code == 200
    env.wait_until(lambda: of(scrape(one), 'regen_task_runs_total', task='holds') >= 2, 20)
    found = scrape(one)
    assert of(found, 'regen_database_statements_total') >= first + 10
    assert of(found, 'regen_up') == 1
    assert of(found, 'regen_schema_version') == int(database.value('SELECT MAX(version) FROM schema_migration'))
    assert began - 1 < of(found, 'regen_task_last_end_timestamp_seconds', task='holds') <= time.time() + 1
    assert 0 < of(found, 'regen_task_last_duration_seconds', task='holds') < 60
    assert of(found, 'regen_task_failures_total', task='holds') == 0
    tasks = {dict(k)['task'] for k in found['regen_task_runs_total']}
    assert tasks == {'holds', 'sessions', 'waitlist offers', 'recalls', 'reminders of forms', 'reminders of visits', 'anchors of the audit log'}


def queues_by_command(database):
    said = env.regenctl(database, 'queues').stdout
    return {line.split()[0]: int(line.split()[1]) for line in said.splitlines()}


def test_queues(servers, server, database):
    """What waits, by metrics and on the command line: as the tables have it, and moved by what happens."""
    one = servers(extra=METRICS + 'RegenSweepInterval 1h\n')
    database.rows("UPDATE booking SET status = 'expired', hold_expires_at = NULL WHERE status = 'held' AND hold_expires_at < UNIX_TIMESTAMP()")
    before = scrape(one)
    with server.visitor() as visitor:
        times = visitor.open('/services/' + database.value('SELECT code FROM service WHERE active = 1 LIMIT 1') + '/times')
        assert times.form(action='/holds').submit(follow=False).status_code == 303
    booking = database.value("SELECT MAX(id) FROM booking WHERE status = 'held'")
    found = scrape(one)
    assert of(found, 'regen_queue_length', queue='holds') == of(before, 'regen_queue_length', queue='holds') + 1
    assert 0 <= of(found, 'regen_queue_oldest_seconds', queue='holds') < 3600
    database.rows('UPDATE booking SET hold_expires_at = UNIX_TIMESTAMP() - 1000 WHERE id = %s', booking)
    found = scrape(one)
    assert of(found, 'regen_queue_length', queue='holds-expired') == 1
    assert 999 < of(found, 'regen_queue_oldest_seconds', queue='holds-expired') < 1100
    same = {dict(k)['queue']: int(v) for k, v in found['regen_queue_length'].items()}
    assert same == queues_by_command(database)
    for queue, sql in (('waitlist', "SELECT COUNT(*) FROM waitlist WHERE status = 'waiting'"), ('estimates', 'SELECT COUNT(*) FROM estimate_to_give'),
                       ('offers', "SELECT COUNT(*) FROM waitlist WHERE status = 'offered'"),
                       ('letters-failed', "SELECT COUNT(*) FROM message WHERE status = 'failed'"),
                       ('letters', "SELECT COUNT(*) FROM message WHERE status = 'queued'"),
                       ('to-claim', "SELECT COUNT(*) FROM billing_work WHERE queue = 'to-claim'"),
                       ('to-invoice', "SELECT COUNT(*) FROM billing_work WHERE queue = 'to-invoice'"),
                       ('reviews', 'SELECT COUNT(*) FROM questionnaire_review')):
        assert same[queue] == database.value(sql), queue
    database.rows("UPDATE booking SET status = 'expired', hold_expires_at = NULL WHERE id = %s", booking)
    database.rows('DELETE FROM occupancy WHERE booking_id = %s', booking)


@pytest.mark.expects_log('RG01')
def test_without_the_database(servers, server, new_database, template):
    """It is told that the database is down, in time, and what was counted is still there."""
    database = new_database(template)
    one = servers(extra=METRICS, database=database)
    with one.visitor() as visitor:
        assert visitor.client.get(one.base + '/').status_code == 200
        database.kill()
        assert visitor.client.get(one.base + '/').status_code == 503
        began = time.monotonic()
        found = scrape(one)
        assert time.monotonic() - began < 20
    assert of(found, 'regen_up') == 0 and 'regen_queue_length' not in found
    assert requests(found, 'GET', '/', 200) == 1 and requests(found, 'GET', '/', 503) == 1


def test_only_where_it_is_asked_for(servers, server):
    """Nothing answers without the line in the configuration; below a clinic at / the line works, too; other methods are refused."""
    one = servers(extra=METRICS)
    with one.visitor() as visitor:
        assert visitor.client.post(one.origin + '/metrics').status_code == 405
        head = visitor.client.head(one.origin + '/metrics')
        assert head.status_code == 200 and int(head.headers['content-length']) > 1000 and not head.content
    with server.visitor() as visitor:
        assert visitor.client.get(server.origin + '/metrics').status_code == 404
    root = servers(only=DIRECTIVES + CLINIC % ('/', '') + METRICS)
    with root.visitor() as visitor:
        assert visitor.client.get(root.origin + '/').status_code == 200
    assert requests(scrape(root), 'GET', '/', 200) == 1


def test_letters_that_cannot_leave_wait(servers, server, database):
    """A letter is counted from when it was written, however often it was tried and whenever it is tried next."""
    one = servers(extra=METRICS + 'RegenSweepInterval 1h\n')
    database.rows("INSERT INTO message (uid, kind, about_id, about_version, patient_id, to_name, to_email, starts_at, ends_at, visits, site_name, site_address, site_phone,"
                  " time_zone, created_at, next_at) SELECT CONCAT('7', LPAD(n, 25, '0')), 'lost-link', 9000 + n, 1, (SELECT MIN(id) FROM patient), 'A', 'a@clinic.example', 0, 0, '',"
                  " 'S', '', '', 'UTC', UNIX_TIMESTAMP() - 600, 1 FROM (SELECT 1 AS n UNION SELECT 2) two")
    before = scrape(one)
    assert 599 < of(before, 'regen_queue_oldest_seconds', queue='letters') < 700, 'not since 1970, though it is urgent'
    database.rows("UPDATE message SET tries = 3, next_at = UNIX_TIMESTAMP() + 3600 WHERE kind = 'lost-link' AND about_id > 9000")
    after = scrape(one)
    assert of(after, 'regen_queue_length', queue='letters') == of(before, 'regen_queue_length', queue='letters') >= 2
    database.rows("UPDATE message SET status = 'withdrawn', code = 'test' WHERE kind = 'lost-link' AND about_id > 9000")
    assert of(scrape(one), 'regen_queue_length', queue='letters') == of(before, 'regen_queue_length', queue='letters') - 2


DIRECTIVES = env.read(os.path.join(env.ROOT, 'tests', 'lib', 'sample.conf')).split('<Location "/clinic">')[0]
CLINIC = '<Location "%s">\nRegenEngine On\nRegenPublicBase "http://127.0.0.1:${REGEN_PORT}%s"\nRequire all granted\n</Location>\n'
LAYOUTS = {'a virtual host': '<VirtualHost *>\nServerName 127.0.0.1\n' + CLINIC % ('/clinic', '/clinic') + METRICS + '</VirtualHost>\n',
           'nothing but logins': '<Location "/protected">\nAuthType Regen\nAuthName clinic\nRequire regen-role admin\n</Location>\n' + METRICS}


@pytest.mark.parametrize('layout', sorted(LAYOUTS))
def test_a_database_without_a_mount(servers, server, layout):
    """The directives at the server's level, and the clinic only in a virtual host, or no clinic at all but its logins: httpd starts and restarts."""
    one = servers(only=DIRECTIVES + LAYOUTS[layout])
    assert one.graceful().returncode == 0
    with one.visitor() as visitor:
        env.wait_until(lambda: visitor.client.get(one.origin + '/metrics').status_code == 200, 15)
        if layout == 'a virtual host':
            assert visitor.client.get(one.base + '/').status_code == 200
        told = visitor.client.get(one.origin + '/metrics').text
    # Two servers of httpd have the database: both are told, each under a name of its own.
    up = re.findall(r'^regen_up\{server="([^"]*)"\} 1$', told, re.M)
    assert len(set(up)) == len(up) == (2 if layout == 'a virtual host' else 1), told[:300]
    assert ('route="/",code="200"} 1\n' in told) == (layout == 'a virtual host')


def test_a_graceful_restart_begins_anew(servers, server):
    one = servers(extra=METRICS)
    with one.visitor() as visitor:
        visitor.client.get(one.base + '/')
    assert requests(scrape(one), 'GET', '/', 200) == 1
    assert one.graceful().returncode == 0
    env.wait_until(lambda: requests(scrape(one), 'GET', '/', 200) == 0, 15)
    with one.visitor() as visitor:
        visitor.client.get(one.base + '/')
    assert requests(scrape(one), 'GET', '/', 200) == 1


def test_the_alerts_are_about_what_is_told(servers, server):
    """Each name in conf/alerts.yml is a sample that there is, and each value of a label one that it can have."""
    one = servers(extra=METRICS + 'RegenSweepInterval 1s\n')
    with one.visitor() as visitor:
        visitor.client.get(one.base + '/')
    env.wait_until(lambda: 'regen_task_failures_total' in scrape(one), 20)
    found = scrape(one)
    rules = yaml.safe_load(env.read(os.path.join(env.ROOT, 'conf', 'alerts.yml')))['groups'][0]['rules']
    assert len(rules) >= 8
    for rule in rules:
        assert rule['annotations']['summary'] and rule['labels']['severity'] in ('page', 'warn')
        names = re.findall(r'\b(regen_\w+)(?:\{(\w+)="([^"]*)"\})?', rule['expr'])
        assert names, rule
        for name, label, value in names:
            assert name in found, (rule['alert'], name)
            values = {dict(k).get(label) for k in found[name]}
            assert not label or value in values, (rule['alert'], label, value)
