# SPDX-License-Identifier: Apache-2.0
"""`regenctl claims export` from end to end: claims that a clerk made, in one Bundle that HL7's schema accepts, with the sums
that the database has, whole or not at all, and in memory that does not grow."""
import datetime
import os
import stat

import lxml.etree
import pytest

import env
from billfill import completed, yesterday

SCHEMA = os.path.join(env.ROOT, '..', 'shared', 'data', 'fhir', 'xsd', 'fhir-single.xsd')
NS = {'f': 'http://hl7.org/fhir'}


def export(database, out, first, last, check=True):
    return env.regenctl(database, 'claims', 'export', '--from', str(first), '--to', str(last), '--output', str(out), check=check)


def days_ago(n):
    return yesterday() - datetime.timedelta(days=n)


@pytest.fixture(scope='module')
def days(server, sample, database):
    """Three days with 30, 20 and 10 claims, the first of them the longest ago."""
    chosen = {days_ago(20): 30, days_ago(11): 20, days_ago(10): 10}
    for day, n in chosen.items():
        completed(database, n, day=day, family='Ünal & <Söhne>')
    with server.visitor() as clerk:
        clerk.login(sample['billing_login'], sample['billing_password'])
        for _ in range(2):
            clerk.open('/billing?queue=to-claim').form(having='shown').submit('Create all')
    assert database.value('SELECT COUNT(*) FROM claim') == 60
    return list(chosen)


def minor(decimal):
    whole, fraction = decimal.split('.')
    return int(whole + fraction)


def test_bundle(database, days, tmp_path):
    out = tmp_path / 'claims.xml'
    done = export(database, out, days[0], days[2])
    tree = lxml.etree.parse(str(out))
    assert tree.getroot().tag == '{http://hl7.org/fhir}Bundle'
    assert tree.xpath('string(/f:Bundle/f:type/@value)', namespaces=NS) == 'collection'
    claims = tree.xpath('/f:Bundle/f:entry/f:resource/f:Claim', namespaces=NS)
    assert len(claims) == 60
    # Each is there once, byte for byte as it was stored.
    content = out.read_bytes()
    for stored, in database.rows('SELECT xml FROM claim'):
        assert content.count(stored.split(b'?>', 1)[1].strip()) == 1
    dates = [c.find('f:billablePeriod/f:start', NS).get('value') for c in claims]
    assert dates == sorted(dates)
    total = sum(minor(c.find('f:total/f:value', NS).get('value')) for c in claims)
    assert total == database.value('SELECT SUM(total_minor) FROM claim') == 60 * 460000
    assert '60 claims' in done.stdout and '276000.00 USD' in done.stdout


@pytest.mark.skipif(not os.path.exists(SCHEMA), reason='no FHIR schema beside the project')
def test_bundle_is_valid(database, days, tmp_path):
    schema = lxml.etree.XMLSchema(lxml.etree.parse(SCHEMA))
    for first, last in ((days[0], days[2]), (days_ago(300), days_ago(290))):  # also an empty one
        export(database, tmp_path / 'claims.xml', first, last)
        schema.assertValid(lxml.etree.parse(str(tmp_path / 'claims.xml')))


def test_only_these_days(database, days, tmp_path):
    out = tmp_path / 'claims.xml'
    for first, last, count in ((days[0], days[0], 30), (days[1], days[2], 30), (days_ago(19), days_ago(12), 0)):
        export(database, out, first, last)
        assert len(lxml.etree.parse(str(out)).xpath('//f:Claim', namespaces=NS)) == count


@pytest.mark.parametrize('first,last', [('2026-02-30', '2020-03-01'), ('2020-03-02', '2020-03-01'), ('today', '2020-03-01'),
                                        ('', '2020-03-01')])
def test_wrong_days(database, tmp_path, first, last):
    done = export(database, tmp_path / 'claims.xml', first, last, check=False)
    assert done.returncode == 2 and '--from' in done.stderr
    assert os.listdir(tmp_path) == []


def test_whole_or_not_at_all(database, days, tmp_path):
    assert export(database, tmp_path / 'no' / 'claims.xml', days[0], days[2], check=False).returncode != 0
    out = tmp_path / 'claims.xml'
    out.write_text('the last one')
    # A stored document that is no resource ends it; triggers forbid that, so it is put beside the door.
    database.rows('DELETE FROM counter WHERE name = %s', 'nothing')
    one, = completed(database, day=days_ago(5))
    booking = database.value('SELECT id FROM booking WHERE uid = %s', one)
    database.rows("INSERT INTO claim (uid, claim_no, booking_id, patient_id, payer_id, created_at, created_by, service_date,"
                  " total_minor, currency, xml, xml_sha256, json) SELECT CONCAT('6', SUBSTR(b.uid, 2)), 'X1', b.id,"
                  " b.patient_id, 1, 0, 1, %s, 1, 'USD', 'not XML', REPEAT('0', 32), '' FROM booking b WHERE b.id = %s",
                  days_ago(5).isoformat(), booking)
    done = export(database, out, days[0], yesterday(), check=False)
    assert done.returncode == 1
    assert out.read_text() == 'the last one' and os.listdir(tmp_path) == ['claims.xml']


def test_only_its_owner_may_read_it(database, days, tmp_path):
    out = tmp_path / 'claims.xml'
    export(database, out, days[0], days[2])
    assert stat.S_IMODE(os.stat(out).st_mode) & 0o077 == 0


def peak_kib(database, out, first, last):
    """Peak of resident memory of one export."""
    argv = [env.REGENCTL, '--socket', database.socket, '--user', 'regen', '--password-file', database.password_file,
            '--database', 'regen', 'claims', 'export', '--from', str(first), '--to', str(last), '--output', str(out)]
    pid = os.posix_spawn(argv[0], argv, dict(os.environ), file_actions=[(os.POSIX_SPAWN_OPEN, 1, '/dev/null', os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    assert status == 0
    return usage.ru_maxrss


@pytest.mark.once
def test_memory_does_not_grow(database, days, tmp_path):
    """Twenty times the claims in the same memory. tests/bench/bench_claims.c does it with 100,000."""
    day = datetime.date(2020, 5, 5)
    first = completed(database, 600, day=day)[0]
    longer = "REPLACE(xml, '</', CONCAT(SPACE(600), '</'))"
    database.rows(
        "INSERT INTO claim (uid, claim_no, booking_id, patient_id, payer_id, created_at, created_by, service_date,"
        " total_minor, currency, xml, xml_sha256, json) SELECT CONCAT('5', SUBSTR(b.uid, 2)), CONCAT('T', b.id), b.id,"
        " b.patient_id, 1, 0, 1, IF(b.id %% 20 = 0, '2020-05-05', '2020-05-06'), 460000, 'USD', (SELECT " + longer + " FROM claim"
        " WHERE claim_no = 'C000000001'), REPEAT('0', 32), '' FROM booking b WHERE b.uid >= %s AND b.ends_at < 1600000000",
        first)
    few = peak_kib(database, tmp_path / 'few.xml', day, day)
    many = peak_kib(database, tmp_path / 'many.xml', day, day + datetime.timedelta(days=1))
    grown = os.path.getsize(tmp_path / 'many.xml') - os.path.getsize(tmp_path / 'few.xml')
    assert grown > 20 << 20, 'the larger one is not large enough'
    assert many - few < 1024, '%d KiB more for %d more bytes' % (many - few, grown)
