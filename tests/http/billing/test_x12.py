# SPDX-License-Identifier: Apache-2.0
"""X12 files (837P) from end to end: random claims with hostile names, read by a reader that shares nothing with the writer; written again to the
same bytes; what cannot be sent stays, and says why. The reader itself is told lies."""
import datetime
import hashlib
import os
import random

import pymysql
import pytest

import env
import x12read
from billfill import completed, yesterday

HCPCS = 'https://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets'
GUIDE = os.path.join(env.ROOT, '..', 'shared', 'data', 'x12', '837P_5010X222A1_structure.txt')
FAMILIES = ['Ünal*~:^', 'O’Brien-Łukasz', 'Nuñez ~ ISA*00', 'Иванова', '北京', 'Smith\\|`{}', 'Ωμέγα', 'Sørensen Åse', 'de la Cruz:3', 'X' * 80]
SAYS = ("UPDATE organization SET provider_signature = 'Y', benefits_assigned = 'Y', release_code = 'Y'", "UPDATE payer SET filing = 'CI', assignment = 'A'",
        "INSERT IGNORE INTO claim_receiver (name, receiver_id, sender_id, contact, contact_phone) VALUES ('Clearing & Söhne', 'CLEAR01', 'HARBOR99', 'Billing', '6035550100')")


def export(database, out, *more, check=True):
    return env.regenctl(database, 'claims', 'export', '--format', '837p', '--output', str(out), *more, check=check)


def of_days(*days):
    return ('--from', str(days[0]), '--to', str(days[-1]))


def hostile(database, uid, dice):
    """Other facts for a treatment that was done: whoever it is, whatever was charged."""
    booking, who, day = database.rows('SELECT b.id, b.patient_id, MIN(c.service_date) FROM booking b JOIN charge_item c ON c.booking_id = b.id WHERE b.uid = %s GROUP BY b.id', uid)[0]
    database.rows('UPDATE patient SET family = %s, given = %s, gender = %s, address_line = %s, city = %s, postal_code = %s WHERE id = %s', dice.choice(FAMILIES)[:80],
                  dice.choice(['Zoë', 'Ana*María', 'J~', '']), dice.choice(['female', 'male', 'other', 'unknown']), dice.choice(['1 Elm~St', 'Straße des 17. Juni*4', '№ 5']),
                  dice.choice(['Dover', 'São Paulo^']), dice.choice(['03820', '03820-1234', '038201234']), who)
    relation = dice.choice(['self', 'self', 'spouse', 'child', 'parent', 'other'])
    database.rows('UPDATE coverage SET relationship = %s, subscriber_family = %s, subscriber_given = %s, subscriber_birth_date = %s, member_id = %s, group_no = %s'
                  ' WHERE patient_id = %s', relation, '' if relation == 'self' else dice.choice(FAMILIES), '' if relation == 'self' else 'Ewa', None if relation == 'self' else '1950-05-05',
                  'GM%d*' % dice.randrange(10 ** 6), dice.choice(['', 'G:8']), who)
    database.rows('UPDATE charge_item SET code_system = %s, code = CONCAT(%s, line_no) WHERE booking_id = %s', HCPCS, 'G04%d' % dice.randrange(10), booking)
    rare = ['20999', 'J3490', 'P9020']
    for no in range(4, 4 + dice.randrange(30)):
        code = rare.pop() if rare and dice.random() < 0.3 else 'G0%03d' % no
        units, price = dice.randrange(1, 4), dice.randrange(1, 99999)
        database.rows('INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, modifier, description, quantity, unit_minor, total_minor, currency, on_claim,'
                      " service_date, practitioner_id, created_at) VALUES (%s, %s, 'inject', %s, %s, %s, 'Würfel: ~ of *stuff*', %s, %s, %s, 'USD', 1, %s, 1, 0)",
                      booking, no, HCPCS, code, '59 GA' if code == 'P9020' and units == 1 else 'Q%d' % (no % 2) if code[:2] == 'G0' else '', units, price, units * price, day)
    codes = [c for c, in database.rows("SELECT code FROM icd10cm WHERE billable = 1 AND body_site = 'knee' AND laterality IN ('right', 'none') ORDER BY RAND() LIMIT %s",
                                       dice.randrange(1, 13))]
    database.rows('DELETE FROM booking_diagnosis WHERE booking_id = %s', booking)
    for seq, code in enumerate(codes, 1):
        database.rows('INSERT INTO booking_diagnosis (booking_id, seq, code) VALUES (%s, %s, %s)', booking, seq, code)


@pytest.fixture(scope='module')
def days(server, sample, database):
    """Three days: random claims that can be sent; some with the clinic's own codes; one more."""
    seed = int(os.environ.get('REGEN_SEED') or random.randrange(10 ** 9))
    dice = random.Random(seed)
    print('REGEN_SEED=%d' % seed)
    chosen = [yesterday() - datetime.timedelta(n) for n in (9, 5, 3)]
    for sql in SAYS:
        database.rows(sql)
    for name, in database.rows("SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() AND event_manipulation = 'UPDATE'"
                               " AND event_object_table IN ('patient', 'coverage')"):
        database.rows('DROP TRIGGER ' + name)  # people are other ones here than those who were booked
    for uid in completed(database, 40, day=chosen[0]):
        hostile(database, uid, dice)
    completed(database, 2, day=chosen[1])
    for uid in completed(database, 1, day=chosen[2]):
        hostile(database, uid, dice)
    with server.visitor() as clerk:
        clerk.login(sample['billing_login'], sample['billing_password'])
        clerk.open('/billing?queue=to-claim').form(having='shown').submit('Create all')
    made = database.value('SELECT COUNT(*) FROM claim')
    assert made >= 40, database.rows("SELECT why FROM billing_work WHERE queue = 'to-claim' AND why <> ''")
    return chosen


@pytest.fixture(scope='module')
def sent(database, days, tmp_path_factory):
    """The file of the first day, and what was said of it."""
    out = tmp_path_factory.mktemp('x12') / 'claims.x12'
    done = export(database, out, *of_days(days[0]))
    return out.read_bytes(), done.stdout


def test_every_random_claim_is_read(database, days, sent):
    data, said = sent
    claims = x12read.read(data)
    rows = database.rows('SELECT c.claim_no, c.total_minor, v.relationship, v.member_id, p.gender, (SELECT COUNT(*) FROM claim_line l WHERE l.claim_id = c.id), c.id FROM claim c'
                         ' JOIN booking b ON b.id = c.booking_id JOIN coverage v ON v.id = b.coverage_id JOIN patient p ON p.id = c.patient_id'
                         ' WHERE c.service_date = %s ORDER BY c.id', days[0])
    assert [c['no'] for c in claims] == [row[0] for row in rows] and len(claims) >= 35
    for claim, (no, total, relation, member, gender, lines, ident) in zip(claims, rows):
        assert claim['cents'] == total and len(claim['lines']) == lines, no
        assert claim['relation'] == {'self': '18', 'spouse': '01', 'child': '19'}.get(relation, 'G8'), no
        assert claim['member'] == member.rstrip('*') and claim['sex'] == {'female': 'F', 'male': 'M'}.get(gender, 'U')
        assert claim['diagnoses'] == [c.replace('.', '') for c, in database.rows('SELECT code FROM claim_diagnosis WHERE claim_id = %s ORDER BY seq', ident)]
        for line, (code, modifiers, net, units, pointers, day) in zip(claim['lines'], database.rows(
                'SELECT code, modifiers, net_minor, quantity, pointers, service_date FROM claim_line WHERE claim_id = %s ORDER BY seq', ident)):
            words = ('WURFEL OF STUFF',) if code in ('20999', 'J3490') else ()
            said_modifiers = tuple(modifiers.split()) + (('',) * (4 - len(modifiers.split())) if words else ())
            assert line == (code, *said_modifiers, *words, net, str(units), day.strftime('%Y%m%d'), pointers.replace(' ', ':')), no
    assert hashlib.sha256(data).hexdigest() in said and 'with %d claims' % len(claims) in said


def test_names_are_in_latin_letters(database, sent):
    known = {'UNAL', "O'BRIEN-LUKASZ", 'NUNEZ ISA 00', 'IVANOVA', 'BEI JING', 'SMITH', 'OMEGA', 'SORENSEN ASE', 'DE LA CRUZ 3', 'X' * 60}
    assert {c['patient'][0] for c in x12read.read(sent[0])} <= known


@pytest.mark.skipif(not os.path.exists(GUIDE), reason='needs the table of the guide')
def test_the_whole_table_of_the_guide_agrees(sent):
    lines = [line.replace('{U}', '') for line in env.read(GUIDE).split('\n')]
    assert len(x12read.read(sent[0], x12read.table('\n'.join(lines)))) >= 35


def test_written_again_it_is_the_same(database, days, sent, tmp_path):
    batch = database.value('SELECT MIN(id) FROM claim_batch')
    database.rows("UPDATE claim_receiver SET name = 'Somebody else', receiver_id = 'OTHER1'")
    database.rows("UPDATE organization SET name = CONCAT(name, ' 2')")
    try:
        done = export(database, tmp_path / 'again', '--batch', str(batch))
    finally:
        database.rows("UPDATE claim_receiver SET name = 'Clearing & Söhne', receiver_id = 'CLEAR01'")
        database.rows("UPDATE organization SET name = TRIM(TRAILING ' 2' FROM name)")
    assert (tmp_path / 'again').read_bytes() == sent[0], done.stdout
    events = [a for a, in database.rows("SELECT action FROM audit_event WHERE entity = 'claim-batch' AND entity_id = %s ORDER BY id", batch)]
    assert events[0] == 'claims.batch' and set(events[1:]) == {'claims.file'} and len(events) >= 3


def test_a_test_file_takes_nothing_away(database, days, sent, tmp_path):
    """Files are for tests with the receiver: none of them pays, so the same claims are in the next one, too; production is refused."""
    done = export(database, tmp_path / 'next', *of_days(days[0]))
    assert 'for tests with the receiver' in done.stdout
    data = (tmp_path / 'next').read_bytes()
    assert data.split(b'~')[0].split(b'*')[15] == sent[0].split(b'~')[0].split(b'*')[15] == b'T'
    assert [c['no'] for c in x12read.read(data)] == [c['no'] for c in x12read.read(sent[0])]
    columns = ', '.join(c for c, in database.rows("SELECT column_name FROM information_schema.columns WHERE table_schema = DATABASE() AND table_name = 'claim_batch'"
                                                  " AND column_name NOT IN ('id', 'production')"))
    for sql in ('UPDATE claim_receiver SET production = %s', 'INSERT INTO claim_batch (id, production, ' + columns + ') SELECT MAX(id) + 500, %s, ' + columns + ' FROM claim_batch'):
        with pytest.raises(pymysql.err.MySQLError, match='_tests'):
            database.rows(sql, 1)


def test_what_cannot_be_sent_says_why(server, sample, database, days, sent, tmp_path):
    done = export(database, tmp_path / 'none', *of_days(days[1]), check=False)
    assert done.returncode == 1 and done.stdout.count("a code of the clinic's own") == 2, done.stdout
    uid = database.value('SELECT MIN(uid) FROM claim WHERE service_date = %s', days[1])
    with server.visitor() as clerk:
        clerk.login(sample['billing_login'], sample['billing_password'])
        assert "Not possible: A line has a code of the clinic's own" in clerk.open('/billing/claims/' + uid).text
        uid = database.value('SELECT MIN(uid) FROM claim WHERE service_date = %s', days[0])
        assert 'In the test file 00000000' in clerk.open('/billing/claims/' + uid).text


UNSAID = {'UPDATE payer SET filing = %s': 'claim filing indicator', 'UPDATE payer SET assignment = %s': 'accepts assignment',
          'UPDATE organization SET release_code = %s': 'release of information'}


@pytest.mark.parametrize('sql', UNSAID)
def test_what_nobody_said_is_not_made_up(server, sample, database, days, sql):
    uid, = completed(database, 1)
    hostile(database, uid, random.Random(7))
    database.rows(sql, '')
    try:
        with server.visitor() as clerk:
            clerk.login(sample['billing_login'], sample['billing_password'])
            page = clerk.open('/billing/bookings/' + uid).form(button='Create the claim').submit()
            assert UNSAID[sql] in page.text, page.text
    finally:
        for again in SAYS:
            database.rows(again)
    assert database.value('SELECT c.x12 IS NULL FROM claim c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', uid) == 1


@pytest.mark.parametrize('arguments', [('--format', '837i'), ('--format', '837p', '--batch', 'x'), ('--batch', '1'), ('--format', '837p', '--batch', '1', '--from', '1999-01-01')])
def test_usage(database, tmp_path, arguments):
    assert env.regenctl(database, 'claims', 'export', '--output', str(tmp_path / 'x'), *arguments, check=False).returncode == 2


@pytest.mark.parametrize('sql', ["UPDATE claim_batch SET contact = 'x'", 'DELETE FROM claim_batch_file', 'UPDATE claim_batch_file SET bytes = 1', 'DELETE FROM claim_batch_claim',
                                 "UPDATE claim SET x12 = 'x'", 'INSERT INTO claim_batch_claim SELECT batch_id, 999, claim_id FROM claim_batch_claim LIMIT 1',
                                 'INSERT INTO claim_batch_claim SELECT (SELECT MIN(id) FROM claim_batch), 999, MIN(id) FROM claim WHERE x12 IS NULL'])
def test_what_was_sent_never_changes(database, sent, sql):
    link = database.connect('regen_owner')
    try:
        with link.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as refused:
            cursor.execute(sql)
    finally:
        link.close()
    assert refused.value.args[0] == 1644, refused.value


LIES = {'SE counts': (b'\nSE*', b'\nSE*1'), 'a level': (b'\nHL*2*1*22', b'\nHL*3*1*22'), 'no subscriber': (b'NM1*IL*', b'NM1*QC*'), 'a sum': (b'CLM*C', b'CLM*C', 2),
        'other letters': ('UNAL'.encode(), b'Unal'), 'no diagnosis code': (b'\nHI*ABK:', b'\nHI*ABF:'), 'a segment too many': (b'\nLX*1~', b'\nLX*1~\nLX*1~'),
        'the group': (b'\nGE*', b'\nGE*9'), 'the interchange': (b'\nIEA*1*', b'\nIEA*2*'), 'no date': (b'DTP*472*D8*20', b'DTP*472*D8*2'), 'ISA': (b'*00501*', b'*0501*')}


@pytest.mark.parametrize('name', LIES)
def test_the_reader_can_fail(sent, name):
    old, new = LIES[name][:2]
    data = sent[0]
    if name == 'a sum':
        at = data.index(b'\nCLM*')
        head = data[at:data.index(b'~', at)]
        parts = head.split(b'*')
        data = data.replace(head, b'*'.join([*parts[:2], parts[2] + b'1', *parts[3:]]), 1)
    elif name == 'other letters' and old not in data:
        pytest.skip('nobody has this name')
    else:
        assert old in data
        data = data.replace(old, new, 1)
    with pytest.raises((x12read.Wrong, ValueError)):
        x12read.read(data)
