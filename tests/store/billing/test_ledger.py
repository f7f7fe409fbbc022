# SPDX-License-Identifier: Apache-2.0
"""The ledger against whoever can write SQL: with the module's own account nothing moves that the rules do not allow, nothing changes afterwards, and
balances cannot be written. And what was charged before there was a ledger becomes transfers, whatever is killed on the way."""
import os

import pymysql
import pytest

import env
from billfill import completed
from migration import SQL, Empty


@pytest.fixture(scope='module')
def filled(database):
    """Bookings: one insured, one self-pay of another patient, with a payment of $100 on its first charge and a deposit of $50."""
    database.rows("UPDATE service SET booked_by = 'anyone'")
    insured, = completed(database)
    alone, = completed(database, insured=False)
    ids = {'insured': database.value('SELECT id FROM booking WHERE uid = %s', insured), 'alone': database.value('SELECT id FROM booking WHERE uid = %s', alone)}
    for name in ('insured', 'alone'):
        ids['charge_of_' + name] = database.value('SELECT MIN(id) FROM charge_item WHERE booking_id = %s', ids[name])
        ids['patient_of_' + name] = database.value('SELECT patient_id FROM booking WHERE id = %s', ids[name])
    for kind, whose, means in (('patient', ids['patient_of_insured'], None), ('deposit', ids['patient_of_alone'], 'cash')):
        database.rows('INSERT IGNORE INTO account (kind, patient_id, means, currency) VALUES (%s, %s, %s, %s)', kind, whose, means, 'USD')
    database.rows("INSERT IGNORE INTO account (kind, patient_id, means, currency) VALUES ('deposit', %s, 'card', 'USD')", ids['patient_of_alone'])
    database.rows("INSERT IGNORE INTO account (kind, site_id, currency) VALUES ('contractual', 1, 'USD')")
    for means in ('cash', 'card', 'check'):
        database.rows("INSERT IGNORE INTO account (kind, site_id, means, currency) VALUES ('cash', 1, %s, 'USD')", means)
    database.rows("INSERT IGNORE INTO account (kind, site_id, means, currency) VALUES ('cash', 1, 'cash', 'EUR')")
    for kind, reason in (('discount', 'courtesy'), ('write-off', 'bad-debt')):
        database.rows("INSERT IGNORE INTO account (kind, site_id, reason, currency) VALUES (%s, 1, %s, 'USD')", kind, reason)
    names = {'patient': 'patient:{patient_of_alone}:-:-:-:-:-:USD', 'other': 'patient:{patient_of_insured}:-:-:-:-:-:USD', 'deposit': 'deposit:{patient_of_alone}:-:-:-:cash:-:USD',
             'cash': 'cash:-:-:-:1:cash:-:USD', 'card': 'cash:-:-:-:1:card:-:USD', 'euro': 'cash:-:-:-:1:cash:-:EUR', 'revenue': 'revenue:-:-:-:1:-:-:USD',
             'discount': 'discount:-:-:-:1:-:courtesy:USD', 'off': 'write-off:-:-:-:1:-:bad-debt:USD', 'contract': 'contractual:-:-:-:1:-:-:USD',
             'check': 'cash:-:-:-:1:check:-:USD', 'card_pot': 'deposit:{patient_of_alone}:-:-:-:card:-:USD'}
    for short, name in names.items():
        ids[short] = database.value('SELECT id FROM account WHERE name = %s', name.format(**ids))
        assert ids[short], name
    ids['payer'] = database.value("SELECT id FROM account WHERE kind = 'payer' AND booking_id = %s", ids['insured'])
    ids['entry'] = entry(database, 'payment', ids['patient_of_alone'], 15000, 'cash')
    ids['paid'] = transfer(database, ids['entry'], 'payment', ids['cash'], ids['patient'], 10000, ids['charge_of_alone'], ids['alone'])
    ids['kept'] = transfer(database, ids['entry'], 'deposit', ids['cash'], ids['deposit'], 5000)
    ids['charged'] = database.value('SELECT id FROM transfer WHERE charge_once = %s', ids['charge_of_alone'])
    return ids


COUNT = [0]


def entry(database, kind, patient, amount, means=None, reason='', note='', reverses=None, currency='USD', cursor=None):
    COUNT[0] += 1
    values = ('%026d' % COUNT[0], kind, patient, means, amount, currency, reason, note, reverses, str(COUNT[0]))
    sql = ('INSERT INTO ledger_entry (uid, kind, patient_id, site_id, means, amount_minor, currency, reason, note, reverses, day, at, staff_id, once_key)'
           " VALUES (%s, %s, %s, 1, %s, %s, %s, %s, %s, %s, '2026-12-01', 1, (SELECT MIN(s.id) FROM staff s JOIN staff_role r ON r.staff_id = s.id"
           " WHERE r.role = 'billing'), UNHEX(SHA2(%s, 256)))")
    if cursor:
        cursor.execute(sql, values)
        return cursor.lastrowid
    database.rows(sql, *values)
    return database.value('SELECT MAX(id) FROM ledger_entry')


def transfer(database, of, kind, debit, credit, amount, charge=None, booking=None, reverses=None, currency='USD', cursor=None):
    values = (of, kind, debit, credit, amount, currency, charge, booking, reverses)
    sql = ('INSERT INTO transfer (entry_id, kind, debit_account, credit_account, amount_minor, currency, charge_id, booking_id, reverses, at)'
           ' VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, 1)')
    if cursor:
        cursor.execute(sql, values)
        return cursor.lastrowid
    database.rows(sql, *values)
    return database.value('SELECT MAX(id) FROM transfer')


def refused(database, work, code, words=''):
    """As the module, and rolled back."""
    link = database.connect('regen')
    try:
        link.autocommit(False)
        with link.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as told:
            work(cursor)
        link.rollback()
        assert told.value.args[0] == code and words in told.value.args[1], told.value
    finally:
        link.close()


# kind of entry, its means, reason, note; kind of transfer, debit, credit, amount, charge of; how it is refused
WRONG = {
    'nothing': ('use', None, '', '', 'use', 'deposit', 'patient', 0, 'alone', 4025),
    'less than nothing': ('use', None, '', '', 'use', 'deposit', 'patient', -5, 'alone', 4025),
    'more than anybody has': ('use', None, '', '', 'use', 'deposit', 'patient', 10 ** 12 + 1, 'alone', 4025),
    'more than the deposit': ('use', None, '', '', 'use', 'deposit', 'patient', 5001, 'alone', 4025),
    'more than is owed': ('payment', 'cash', '', '', 'payment', 'cash', 'patient', 140001, 'alone', 4025),
    'to the same account': ('use', None, '', '', 'use', 'patient', 'patient', 5, 'alone', 1644),
    'from no account': ('use', None, '', '', 'use', 0, 'patient', 5, 'alone', 1644),
    'another currency': ('payment', 'cash', '', '', 'payment', 'euro', 'patient', 5, 'alone', 1452),
    'a payment from revenue': ('payment', 'cash', '', '', 'payment', 'revenue', 'patient', 5, 'alone', 1644),
    'a payment by other means': ('payment', 'cash', '', '', 'payment', 'card', 'patient', 5, 'alone', 1644),
    'a payment for nobody': ('payment', 'cash', '', '', 'payment', 'cash', 'other', 5, 'alone', 1644),
    "another's charge": ('payment', 'cash', '', '', 'payment', 'cash', 'patient', 5, 'insured', 1644),
    "another's deposit": ('use', None, '', '', 'use', 'deposit', 'other', 5, 'insured', 1644),
    'a refund by other means': ('refund', 'card', '', 'x', 'refund', 'deposit', 'card', 5, None, 1644),
    'a refund of what is owed': ('refund', 'cash', '', 'x', 'refund', 'patient', 'cash', 5, None, 1644),
    'more than was kept': ('refund', 'cash', '', 'x', 'refund', 'deposit', 'cash', 5001, None, 4025),
    'a discount of more than is owed': ('discount', None, 'courtesy', 'x', 'discount', 'discount', 'patient', 140001, 'alone', 4025),
    'a discount of nothing charged': ('discount', None, 'courtesy', 'x', 'discount', 'discount', 'patient', 5, None, 4025),
    'a discount that is a write-off': ('discount', None, 'courtesy', 'x', 'discount', 'off', 'patient', 5, 'alone', 1644),
    'more of the payer than they owe': ('move', None, 'deductible', 'x', 'move', 'other', 'payer', 150001, 'insured', 4025),
    "the payer's part to somebody else": ('move', None, 'deductible', 'x', 'move', 'patient', 'payer', 5, 'insured', 1644),
    'a contractual part': ('move', None, 'CO', 'x', 'move', 'other', 'payer', 5, 'insured', 1644),
    'a discount without why': ('discount', None, 'courtesy', '', 'discount', 'discount', 'patient', 5, 'alone', 4025),
    'a write-off without a reason': ('write-off', None, '', 'x', 'write-off', 'off', 'patient', 5, 'alone', 4025),
    'a release of more than was paid': ('release', None, '', '', 'release', 'patient', 'deposit', 10001, 'alone', 1644),
    'a release of a part of what was paid': ('release', None, '', '', 'release', 'patient', 'deposit', 9999, 'alone', 1644),
    'a release of what came another way': ('release', None, '', '', 'release', 'patient', 'card_pot', 10000, 'alone', 1644),
    'a payer who paid before there is a claim': ('remit', 'check', '', 'x', 'remit', 'check', 'payer', 5, 'insured', 1644),
    'a payer who paid the patient': ('remit', 'check', '', 'x', 'remit', 'check', 'patient', 5, 'alone', 1644),
    "a payer's payment as the patient's": ('payment', 'cash', '', '', 'remit', 'cash', 'payer', 5, 'insured', 1644),
    "a patient's payment for the payer": ('payment', 'cash', '', '', 'payment', 'cash', 'payer', 5, 'insured', 1644),
    'a contractual part of what the patient owes': ('payer-write-off', None, 'contractual', 'x', 'contractual', 'contract', 'patient', 5, 'alone', 1644),
    'a contractual part from nowhere': ('payer-write-off', None, 'contractual', 'x', 'contractual', 'off', 'payer', 5, 'insured', 1644),
    'a contractual part that is a write-off': ('payer-write-off', None, 'contractual', 'x', 'write-off', 'off', 'payer', 5, 'insured', 1644),
    'a write-off of the patient as of the payer': ('payer-write-off', None, 'denied', 'x', 'write-off', 'off', 'patient', 5, 'alone', 1644),
    'a write-off of the payer as of the patient': ('write-off', None, 'bad-debt', 'x', 'write-off', 'off', 'payer', 5, 'insured', 1644),
    'a payer given up for fun': ('payer-write-off', None, 'courtesy', 'x', 'write-off', 'off', 'payer', 5, 'insured', 1644),
    'a payer given up without why': ('payer-write-off', None, 'denied', '', 'write-off', 'off', 'payer', 5, 'insured', 4025),
    'more of a payer given up than they owe': ('payer-write-off', None, 'contractual', 'x', 'contractual', 'contract', 'payer', 150001, 'insured', 4025),
    "a patient's share without a claim": ('move', None, 'patient-share', 'x', 'move', 'other', 'payer', 5, 'insured', 1644),
    'a charge by hand': ('use', None, '', '', 'charge', 'patient', 'revenue', 5, 'alone', 1644),
}


@pytest.mark.parametrize('what', sorted(WRONG))
def test_no_such_transfer(database, filled, what):
    kind, means, reason, note, moves, debit, credit, amount, of, code = WRONG[what]
    patient = filled['patient_of_' + ('insured' if ('other' in (debit, credit) and kind == 'move') or credit == 'payer' and kind in ('remit', 'write-off', 'payer-write-off', 'payment') else 'alone')]
    charge, booking = (filled['charge_of_' + of], filled[of]) if of else (None, None)

    def work(cursor):
        one = entry(database, kind, patient, max(amount, 1), means, reason, note, cursor=cursor)
        transfer(database, one, moves, filled.get(debit, debit), filled.get(credit, credit), amount, charge, booking, cursor=cursor)
    refused(database, work, code)


def test_more_than_its_entry(database, filled):
    refused(database, lambda c: transfer(database, filled['entry'], 'payment', filled['cash'], filled['patient'], 1, filled['charge_of_alone'], filled['alone'], cursor=c), 1644, 'no more than its amount')


def test_money_without_somebody(database, filled):
    refused(database, lambda c: transfer(database, None, 'payment', filled['cash'], filled['patient'], 1, filled['charge_of_alone'], filled['alone'], cursor=c), 4025)


@pytest.mark.parametrize('what', ("the payer's part to the patient", "the patient's to a payer", 'a release', 'a payment back', 'a charge back', 'a deposit back'))
def test_what_nobody_posted_follows_from_a_charge(database, filled, what):
    """Without an entry nobody can be asked: only what a charge that comes or goes, or another coverage, brings about is posted so."""
    of_insured, of_alone = (filled['charge_of_insured'], filled['insured']), (filled['charge_of_alone'], filled['alone'])
    values = {"the payer's part to the patient": ('move', filled['other'], filled['payer'], 150000, *of_insured),
              "the patient's to a payer": ('move', filled['payer'], filled['other'], 5, *of_insured),
              'a release': ('release', filled['patient'], filled['deposit'], 10000, *of_alone),
              'a deposit back': ('deposit', filled['deposit'], filled['cash'], 5000, None, None, filled['kept']),
              'a payment back': ('payment', filled['patient'], filled['cash'], 10000, *of_alone, filled['paid']),
              'a charge back': ('charge', filled['revenue'], filled['patient'], 150000, *of_alone, filled['charged'])}[what]
    refused(database, lambda c: transfer(database, None, *values, cursor=c), 1644, 'what nobody posted')


def test_a_charge_off_the_claim_and_on_it_again(database, filled):
    """What follows is the whole of it, once, and not again by hand."""
    owes = lambda: database.rows('SELECT payer_owes, patient_owes FROM charge_balance WHERE charge_id = %s', filled['charge_of_insured'])[0]
    sum_of = sum(owes())
    database.rows('UPDATE charge_item SET on_claim = 0 WHERE id = %s', filled['charge_of_insured'])
    assert owes() == (0, sum_of)
    refused(database, lambda c: transfer(database, None, 'move', filled['payer'], filled['other'], sum_of, filled['charge_of_insured'], filled['insured'], cursor=c),
            1644, 'what nobody posted')
    database.rows('UPDATE charge_item SET on_claim = 1 WHERE id = %s', filled['charge_of_insured'])
    assert owes() == (sum_of, 0)


def test_a_charge_is_posted_once(database, filled):
    refused(database, lambda c: transfer(database, None, 'charge', filled['patient'], filled['revenue'], 150000, filled['charge_of_alone'], filled['alone'], cursor=c), 1062)


def test_reversals(database, filled):
    def back(cursor, amount=10000, debit='patient', credit='cash', of='paid'):
        one = entry(database, 'reversal', filled['patient_of_alone'], 15000, None, note='x', reverses=filled['entry'], cursor=cursor)
        return one, transfer(database, one, 'payment', filled[debit], filled[credit], amount, filled['charge_of_alone'], filled['alone'], filled[of], cursor=cursor)

    def twice(cursor):
        one, _ = back(cursor)
        transfer(database, one, 'payment', filled['patient'], filled['cash'], 10000, filled['charge_of_alone'], filled['alone'], filled['paid'], cursor=cursor)

    def of_itself(cursor):
        one, first = back(cursor)
        transfer(database, one, 'payment', filled['cash'], filled['patient'], 10000, filled['charge_of_alone'], filled['alone'], first, cursor=cursor)
    refused(database, lambda c: back(c, amount=9999), 1644, 'whole')
    refused(database, lambda c: back(c, debit='cash', credit='patient'), 1644)
    refused(database, lambda c: back(c, of='charged'), 1644)
    refused(database, twice, 1644)  # no more than its amount, and the key behind it
    refused(database, of_itself, 1644, 'not of a reversal')
    refused(database, lambda c: entry(database, 'reversal', filled['patient_of_alone'], 14999, None, note='x', reverses=filled['entry'], cursor=c), 1644, 'of one entry')


def test_what_became_a_deposit_is_not_reversed_on_its_charge(database, filled):
    """Else paid by this means is below nothing, and what was paid cannot be reversed in any order."""
    def released(cursor):
        one = entry(database, 'release', filled['patient_of_alone'], 10000, cursor=cursor)
        transfer(database, one, 'release', filled['patient'], filled['deposit'], 10000, filled['charge_of_alone'], filled['alone'], cursor=cursor)
        card = entry(database, 'payment', filled['patient_of_alone'], 10000, 'card', cursor=cursor)
        transfer(database, card, 'payment', filled['card'], filled['patient'], 10000, filled['charge_of_alone'], filled['alone'], cursor=cursor)
        return entry(database, 'reversal', filled['patient_of_alone'], 15000, None, note='x', reverses=filled['entry'], cursor=cursor)

    def on_the_charge(cursor):
        transfer(database, released(cursor), 'payment', filled['patient'], filled['cash'], 10000, filled['charge_of_alone'], filled['alone'], filled['paid'], cursor=cursor)

    def another_way(cursor):
        transfer(database, released(cursor), 'refund', filled['deposit'], filled['card'], 10000, cursor=cursor)

    def too_much(cursor):
        transfer(database, released(cursor), 'refund', filled['deposit'], filled['cash'], 10001, cursor=cursor)

    def not_released(cursor):
        one = entry(database, 'reversal', filled['patient_of_alone'], 15000, None, note='x', reverses=filled['entry'], cursor=cursor)
        transfer(database, one, 'refund', filled['deposit'], filled['cash'], 5000, cursor=cursor)
    refused(database, on_the_charge, 1644, 'goes back from there')
    for work in (another_way, too_much, not_released):
        refused(database, work, 1644)


def test_the_cash_desk_is_what_was_counted(database, filled):
    def count(cursor, expected, counted, banked=0, note='x'):
        cursor.execute("INSERT INTO cash_count (uid, site_id, currency, day, expected_minor, counted_minor, banked_minor, note, at, staff_id) VALUES (LPAD('c', 26, '0'), 1, 'USD',"
                       " '2026-12-01', %s, %s, %s, %s, 1, 1)", (expected, counted, banked, note))
    there = int(database.value("SELECT SUM(IF(debit_account = %s, amount_minor, -amount_minor)) FROM transfer WHERE %s IN (debit_account, credit_account)", filled['cash'], filled['cash']))

    def desk(cursor, kind, amount):
        return entry(database, kind, None, amount, cursor=cursor)

    def twice(cursor, kind):
        count(cursor, there, there - 5, 700)
        desk(cursor, kind, 5 if kind == 'over-short' else 700)
        desk(cursor, kind, 5 if kind == 'over-short' else 700)
    refused(database, lambda c: count(c, there - 1, there - 1), 1644, 'count again')
    refused(database, lambda c: count(c, there, there - 1, note=''), 4025)
    for kind, amount in (('over-short', 6), ('banked', 701)):
        refused(database, lambda c: desk(c, kind, amount), 1644)
        refused(database, lambda c: (count(c, there, there - 5, 700), desk(c, kind, amount)), 1644)
        refused(database, lambda c: twice(c, kind), 1644, 'once')


def test_what_is_taken_off_is_kept_as_it_was(database, filled):
    columns = 'booking_id, line_no, step_kind, code_system, code, modifier, description, quantity, unit_minor, total_minor, currency, on_claim, service_date, practitioner_id'

    def keep(cursor, change='', kind='void', amount=150000, of='alone'):
        one = entry(database, kind, filled['patient_of_' + of], amount, 'cash' if kind == 'payment' else None, note='x', cursor=cursor)
        words = columns
        for name, value in change:
            words = words.replace(name, value)
        cursor.execute('INSERT INTO charge_off (entry_id, charge_id, %s) SELECT %d, id, %s FROM charge_item WHERE id = %d' % (columns, one, words, filled['charge_of_alone']))
        return one
    for change in ((('description', "'Cheaper'"),), (('line_no', '77'),), (('on_claim', '1 - on_claim'),), (('unit_minor, total_minor', '1, 1'),)):
        refused(database, lambda c: keep(c, change), 1644, 'as it was charged')
    refused(database, lambda c: keep(c, kind='payment'), 1644)
    refused(database, lambda c: keep(c, amount=149999), 1644)
    refused(database, lambda c: keep(c, of='insured'), 1644)
    void = entry(database, 'void', filled['patient_of_alone'], 150000, note='x')
    refused(database, lambda c: entry(database, 'reversal', filled['patient_of_alone'], 150000, note='x', reverses=void, cursor=c), 1644, 'was not kept')


@pytest.mark.parametrize('sql', (
    'UPDATE account_balance SET balance_minor = 0', 'DELETE FROM account_balance', 'INSERT INTO account_balance (account_id, kind) SELECT id, kind FROM account WHERE kind = "deposit" LIMIT 1',
    'UPDATE charge_balance SET patient_owes = 0', 'DELETE FROM charge_balance', 'UPDATE transfer SET amount_minor = 1', 'DELETE FROM transfer', 'UPDATE ledger_entry SET amount_minor = 1',
    'DELETE FROM ledger_entry', 'UPDATE account SET currency = "EUR"', 'DELETE FROM account', 'UPDATE receipt SET number = 7', 'DELETE FROM receipt', 'UPDATE invoice_charge SET amount_minor = 0',
    'DELETE FROM invoice_charge', 'UPDATE credit_note SET total_minor = 0', 'DELETE FROM credit_note_line', 'UPDATE cash_count SET counted_minor = 0', 'DELETE FROM cash_count',
    'UPDATE charge_off SET total_minor = 0', 'DELETE FROM charge_off'))
def test_nothing_is_rewritten(database, filled, sql):
    refused(database, lambda c: c.execute(sql), 1142)


@pytest.mark.parametrize('sql, words', (
    ('UPDATE transfer SET amount_minor = 1', 'reverse it'), ('DELETE FROM transfer', 'reverse it'), ('UPDATE ledger_entry SET note = "x"', 'reverse it'), ('DELETE FROM ledger_entry', 'reverse it'),
    ('UPDATE account SET currency = "EUR"', 'never changes'), ('UPDATE charge_item SET total_minor = 2 * total_minor, quantity = 2', 'keeps its amount'),
    ('UPDATE charge_item SET currency = "EUR"', 'keeps its amount')))
def test_not_even_by_the_owner(database, filled, sql, words):
    link = database.connect()
    with link.cursor() as cursor, pytest.raises(pymysql.err.MySQLError) as told:
        cursor.execute(sql)
    link.close()
    assert words in told.value.args[1]


def money_lines(database):
    return [line for line in env.regenctl(database, 'check', check=False).stdout.splitlines() if 'transfers and papers' in line]


def test_check_finds_what_was_bent(database, filled):
    assert money_lines(database) == []
    database.rows('UPDATE account_balance SET balance_minor = balance_minor + 1 WHERE account_id = %s', filled['patient'])
    database.rows('UPDATE charge_balance SET patient_part = patient_part - 1, patient_owes = patient_owes - 1 WHERE charge_id = %s', filled['charge_of_alone'])
    try:
        assert money_lines(database) == [
            'The balance of account %d is noted as 450001, but its transfers and papers say 450000.' % filled['patient'],
            'What is the patient\'s of charge %d is noted as 149999, but its transfers and papers say 150000.' % filled['charge_of_alone'],
            'What the patient owes of charge %d is noted as 139999, but its transfers and papers say 140000.' % filled['charge_of_alone']]
    finally:
        database.rows('UPDATE account_balance SET balance_minor = balance_minor - 1 WHERE account_id = %s', filled['patient'])
        database.rows('UPDATE charge_balance SET patient_part = patient_part + 1, patient_owes = patient_owes + 1 WHERE charge_id = %s', filled['charge_of_alone'])


# --- what was there before --------------------------------------------------------------------------------------------

class Old(Empty):
    """A clinic at the version before the ledger, with treatments that were charged, invoiced and claimed."""

    def apply(self, path, times=1):
        """The statements of a file, as regenctl migrate splits them."""
        for statement in env.read(path).strip().split(';\n\n'):
            body = statement.rstrip(';').strip()
            for _ in range(times if 'fee_schedule' not in body else 0):  # of the sample, what came later
                self.rows2(body + (';' if body.endswith('END') else ''))

    def fill(self):
        self.rows2('CREATE TABLE schema_migration (version INT UNSIGNED NOT NULL, statement_no INT UNSIGNED NOT NULL, checksum BINARY(32) NOT NULL, file VARCHAR(120) NOT NULL, applied_at BIGINT NOT NULL,'
                   ' PRIMARY KEY (version, statement_no))')
        for name in sorted(os.listdir(SQL)):
            if name.endswith('.sql') and int(name[:4]) < 56:
                self.apply(os.path.join(SQL, name))
        # The sample is that of today.
        self.rows2('ALTER TABLE service ADD COLUMN targets_most TINYINT UNSIGNED NOT NULL DEFAULT 1')
        self.rows2('ALTER TABLE service_step ADD COLUMN further_minutes SMALLINT UNSIGNED NOT NULL DEFAULT 0')
        self.apply(os.path.join(SQL, 'sample', 'clinic.sql'))
        self.rows2("INSERT IGNORE INTO icd10cm (code, title, billable) VALUES ('M17.11', 'Right knee', 1)")
        self.rows2("UPDATE service SET booked_by = 'anyone'")
        self.uids = completed(self, 3) + completed(self, 2, insured=False)
        self.rows2("INSERT INTO invoice_series (series, last) VALUES ('INV-2026', 2)")
        for number, uid in enumerate((self.uids[0], self.uids[3]), 1):
            self.rows2('INSERT INTO invoice (uid, series, number, booking_id, patient_id, patient_name, patient_address, issuer, issued_at, issued_by,'
                       " total_minor, currency) SELECT LPAD(%s, 26, '0'), 'INV-2026', %s, id, patient_id, 'x', 'x', 'x', 1, 1, 460000, 'USD' FROM booking WHERE uid = %s",
                       number, number, uid)
            self.rows2('INSERT INTO invoice_line (invoice_id, line_no, code, modifier, description, service_date, quantity, unit_minor, total_minor)'
                       ' SELECT i.id, c.line_no, c.code, c.modifier, c.description, c.service_date, c.quantity, c.unit_minor, c.total_minor FROM charge_item c'
                       ' JOIN invoice i ON i.booking_id = c.booking_id WHERE i.number = %s', number)
        return self

    def rows2(self, sql, *values):
        self.link = self.link if hasattr(self, 'link') else pymysql.connect(
            unix_socket=self.database.socket, user='regen_owner', database=self.name, autocommit=True,
            password=env.read(os.path.join(self.database.dir, 'owner')).strip(), charset='utf8mb4')
        with self.link.cursor() as cursor:
            cursor.execute(sql, values or None)
            return cursor.fetchall()

    def rows(self, sql, *values):
        return self.rows2(sql, *values)

    def value(self, sql, *values):
        return self.rows2(sql, *values)[0][0]

    def money(self):
        """Everything that the migration makes, without numbers that a repeated statement uses up."""
        return [self.rows2(sql) for sql in (
            'SELECT name FROM account ORDER BY 1',
            'SELECT t.kind, d.name, c.name, t.amount_minor, t.charge_id, t.note, t.at FROM transfer t JOIN account d ON d.id = t.debit_account'
            ' JOIN account c ON c.id = t.credit_account ORDER BY t.charge_id',
            'SELECT a.name, b.balance_minor FROM account_balance b JOIN account a ON a.id = b.account_id ORDER BY 1',
            'SELECT charge_id, charged, payer_owes, patient_part, patient_owes, invoiced FROM charge_balance ORDER BY 1',
            'SELECT * FROM invoice_charge ORDER BY 1, 2', 'SELECT queue, booking_id FROM billing_work ORDER BY 1, 2')]


def test_what_was_charged_before_is_posted(database):
    """Each statement of the file runs twice, as if it was killed before its note."""
    once, twice = (Old(database, 'regen_ledger_' + name).renew().fill() for name in ('once', 'twice'))
    try:
        once.apply(os.path.join(SQL, '0056_ledger.sql'))
        twice.apply(os.path.join(SQL, '0056_ledger.sql'), 2)
        made = once.money()
        assert made == twice.money()
        # Three insured, two who pay themselves; of each kind one is invoiced for everything.
        transfers, queue = made[1], made[5]
        assert len(transfers) == 15 and {t[0] for t in transfers} == {'charge'} and sum(t[3] for t in transfers) == 5 * 460000
        assert sum(t[1].startswith('payer:') for t in transfers) == 9
        first, alone, open_ = (once.value('SELECT id FROM booking WHERE uid = %s', once.uids[n]) for n in (0, 3, 4))
        assert [w[1] for w in queue if w[0] == 'to-invoice'] == [open_]
        assert once.value('SELECT SUM(invoiced) - SUM(patient_part) FROM charge_balance WHERE booking_id = %s', first) == 460000
        assert once.value('SELECT SUM(patient_owes) FROM charge_balance WHERE booking_id = %s', alone) == 460000
    finally:
        for one in (once, twice):
            one.link.close()
            database.admin('DROP DATABASE ' + one.name)
