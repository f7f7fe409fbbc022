# SPDX-License-Identifier: Apache-2.0
"""Months of random care, payments and second thoughts, sent as forms by two roles and followed by a second, simple book-keeping in Python: after each act
both say the same of every charge and deposit, and what one refuses the other refuses, too; the last act is taken back between. At the end everything is, and nothing is left. And
the database is killed within each statement of a payment: it is posted whole or not at all, and once."""
import copy
import os
import random
import threading
import time

import pytest

import env
from billfill import completed
from test_payments import account_of, sound

ACTS = 90
MEANS = ('cash', 'check', 'card', 'bank')


class Book:
    """One person's money, in cents: per charge what the payer and the patient owe and what was paid by which means; per means the deposit."""

    def __init__(self, charges):
        self.charges = {c: {'payer': payer, 'owes': own, 'part': own, 'paid': dict.fromkeys(MEANS, 0), 'claim': payer > 0, 'charged': payer + own} for c, payer, own in charges}
        self.pots = dict.fromkeys(MEANS, 0)
        self.first = {c: (payer, own) for c, payer, own in charges}

    def owed(self):
        return sum(c['owes'] for c in self.charges.values())

    def pay(self, amount, means, keep):
        if amount > self.owed() and not keep:
            return False
        for _, c in sorted(self.charges.items()):  # the oldest first; one that came back is new
            part = min(amount, c['owes'])
            c['owes'] -= part
            c['paid'][means] += part
            amount -= part
        self.pots[means] += amount
        return True

    def use(self, amount):
        if not 0 < amount <= min(sum(self.pots.values()), self.owed()):
            return False
        for means in self.order:
            part = min(amount, self.pots[means])
            self.pots[means] -= part
            amount -= part
            self.pay(part, means, False)
        return True

    def refund(self, amount, means):
        if not 0 < amount <= self.pots[means]:
            return False
        self.pots[means] -= amount
        return True

    def reduce(self, charge, amount, discount):
        c = self.charges[charge]
        if not 0 < amount <= c['owes']:
            return False
        c['owes'] -= amount
        c['part'] -= amount if discount else 0
        return True

    def move(self, charge, amount):
        c = self.charges[charge]
        if not 0 < amount <= c['payer']:
            return False
        c['payer'] -= amount
        c['owes'] += amount
        c['part'] += amount
        return True

    def give_up(self, charge, amount):
        c = self.charges[charge]
        if not 0 < amount <= c['payer']:
            return False
        c['payer'] -= amount
        return True

    def again(self, charge, new):
        """What was taken off comes back as another charge; what was paid on it stays a deposit."""
        payer, own = self.first[new] = self.first[charge]
        self.charges[new] = {'payer': payer, 'owes': own, 'part': own, 'paid': dict.fromkeys(MEANS, 0), 'claim': payer > 0, 'charged': payer + own}

    def release(self, charge):
        c = self.charges[charge]
        if not sum(c['paid'].values()):
            return False
        for means, amount in c['paid'].items():
            self.pots[means] += amount
            c['owes'] += amount
        c['paid'] = dict.fromkeys(MEANS, 0)
        return True

    def void(self, charge):
        c = self.charges.pop(charge)
        for means, amount in c['paid'].items():
            self.pots[means] += amount
        return True

    def said(self):
        return ({c: (v['payer'], v['part'], v['owes']) for c, v in self.charges.items()}, {m: v for m, v in self.pots.items() if v})


def stored(database, patient):
    lines = {c: (int(p), int(part), int(o)) for c, p, part, o in database.rows(
        'SELECT l.charge_id, l.payer_owes, l.patient_part, l.patient_owes FROM charge_balance l JOIN charge_item c ON c.id = l.charge_id WHERE l.patient_id = %s', patient)}
    pots = {m: int(v) for m, v in database.rows("SELECT a.means, -b.balance_minor FROM account a JOIN account_balance b ON b.account_id = a.id"
                                               " WHERE a.kind = 'deposit' AND a.patient_id = %s AND b.balance_minor < 0", patient)}
    return lines, pots


def money(cents):
    return '%d.%02d' % divmod(cents, 100)


@pytest.mark.parametrize('insured', (True, False))
def test_months_of_care(staff, database, insured):
    # The same in every run, so that no run depends on its day; others with LONG.
    seed = int(os.environ.get('REGEN_SEED') or (time.time() if os.environ.get('REGEN_LONG') else 1))
    dice = random.Random(seed)
    print('REGEN_SEED=%d' % seed)
    uid, = completed(database, insured=insured, family='Years')
    patient, account = database.value('SELECT patient_id FROM booking WHERE uid = %s', uid), account_of(database, uid)
    book = Book([(c, int(p), int(o)) for c, p, o in database.rows(
        'SELECT charge_id, payer_owes, patient_owes FROM charge_balance WHERE patient_id = %s ORDER BY charge_id', patient)])
    clerk, desk = staff('admin'), staff('front_desk')
    done, undone, before = 0, 0, []
    for _ in range(ACTS):
        what = dice.choice(('pay', 'pay', 'use', 'refund', 'discount', 'write-off', 'move', 'payer-write-off', 'release', 'void', 'undo'))
        if what == 'void' and (dice.random() < 0.7 or len(book.charges) < 2):
            what = 'pay'
        if what == 'undo' and before:
            # The last act is always taken back, and then it is as it was before it.
            undone += 1
            name, charge, was = before.pop()
            page = reverse(clerk, account, last_entry(database, patient))
            assert page.status == 200, (seed, name, page, page.text[:600])
            if name == 'void':
                book.again(charge, database.value('SELECT MAX(c.id) FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.patient_id = %s', patient))
                before = []
            else:
                book = was
            assert stored(database, patient) == book.said(), (seed, 'undo', name)
            continue
        if what == 'undo':
            what = 'pay'
        charge, means = dice.choice(list(book.charges)), dice.choice(MEANS)
        amount = dice.choice((1, 99, 10000, 123456, dice.randrange(1, 300000), max(1, book.owed()), max(1, book.pots[means])))
        keep = dice.random() < 0.4
        was = copy.deepcopy(book)
        fields, one, path, about = {'amount': money(amount)}, clerk, what, ''
        if what == 'pay':
            one, path = dice.choice((clerk, desk)), 'payment'
            fields.update(means=means, purpose='owed')
            fine = book.pay(amount, means, keep)
        elif what == 'use':
            book.order = [m for m, in database.rows("SELECT means FROM account WHERE kind = 'deposit' AND patient_id = %s ORDER BY id", patient)]
            fine = book.use(amount)
        elif what == 'refund':
            fields.update(means=means, note='Asked')
            fine = book.refund(amount, means)
        elif what in ('discount', 'write-off'):
            about = '?charge=%d' % charge
            fields.update(reason='hardship', note='Asked')
            fine = book.reduce(charge, amount, what == 'discount')
        elif what == 'move':
            about = '?charge=%d' % charge
            fields.update(reason='deductible', note='Told')
            fine = book.move(charge, amount)
        elif what == 'payer-write-off':
            about = '?charge=%d' % charge
            fields.update(reason=dice.choice(('contractual', 'denied')), note='Told')
            fine = book.give_up(charge, amount)
        else:
            about, fields = '?charge=%d' % charge, {'note': 'Second thoughts'}
            fine = book.release(charge) if what == 'release' else book.void(charge)
        form = one.open(account + '/' + path + about).form(action='/' + path)
        for name, value in fields.items():
            form.set(name, value, force=True)
        if what == 'pay' and keep:
            form.set('keep', 'yes', force=True)
        page = form.submit()
        assert (page.status == 200) == fine, (seed, what, fields, page, page.text[:600])
        assert stored(database, patient) == book.said(), (seed, what, fields)
        assert min(paid_least(database, patient)) >= 0, (seed, what, 'paid by some means is below nothing')
        done += fine
        if fine:
            before.append((what, charge, was))
    print('done %d, undone %d' % (done, undone))
    assert done > ACTS // 4
    sound(database)
    # Nothing is owed twice, and all amounts of all accounts are zero together.
    assert database.value('SELECT COALESCE(SUM(b), 0) FROM (SELECT a.id, COALESCE((SELECT SUM(amount_minor) FROM transfer WHERE debit_account = a.id), 0)'
                          ' - COALESCE((SELECT SUM(amount_minor) FROM transfer WHERE credit_account = a.id), 0) AS b FROM account a) x') == 0
    take_everything_back(clerk, database, patient, account)


def reverse(clerk, account, entry):
    return clerk.open(account + '/reversal?entry=' + entry).form(action='/reversal').fill(note='Second thoughts').submit()


UNREVERSED = ("SELECT e.uid, e.kind FROM ledger_entry e WHERE e.patient_id = %s AND e.kind NOT IN ('reversal', 'cover')"
              ' AND NOT EXISTS (SELECT 1 FROM ledger_entry r WHERE r.reverses = e.id) ORDER BY e.id DESC')


def last_entry(database, patient):
    return database.rows(UNREVERSED + ' LIMIT 1', patient)[0][0]


PAID = ("SELECT t.charge_id, IF(c.kind = 'patient', d.means, c.means), SUM(IF(c.kind = 'patient', t.amount_minor, -t.amount_minor)) FROM transfer t"
        " JOIN account d ON d.id = t.debit_account JOIN account c ON c.id = t.credit_account JOIN charge_balance l ON l.charge_id = t.charge_id"
        " WHERE l.patient_id = %s AND t.kind IN ('payment', 'use', 'release') GROUP BY 1, 2")


def paid_least(database, patient):
    return [int(v) for _, _, v in database.rows(PAID, patient)] + [0]


def in_order(clerk, account, entry, depth=0):
    """Reversed after what the page says must be reversed first."""
    page = reverse(clerk, account, entry)
    for _ in range(40):
        if page.status != 409:
            return page
        links = [a.get('href').rsplit('=', 1)[1] for a in page.css('.panel li a')]
        assert links and depth < 10, (page, page.text[:800])
        assert any(in_order(clerk, account, link, depth + 1).status == 200 for link in links), (page, page.text[:800])
        page = reverse(clerk, account, entry)
    raise AssertionError(page)


def take_everything_back(clerk, database, patient, account):
    """Every act, the last first: each is taken back, or says that nothing is left of it. Then the charges go, and nothing at all is left."""
    for uid, kind in database.rows(UNREVERSED, patient):
        if database.value('SELECT COUNT(*) FROM ledger_entry r JOIN ledger_entry e ON e.id = r.reverses WHERE e.uid = %s', uid):
            continue  # on the way to another one
        page = in_order(clerk, account, uid)
        if page.status != 200:
            # A charge that went took its discounts with it, and what was paid on it became a deposit, which goes with its payment.
            assert page.status == 422 and ('reversed before' in page.text and kind in ('discount', 'write-off', 'move', 'payer-write-off')
                                           or 'is a deposit again' in page.text and kind == 'use'
                                           or 'The charge is gone' in page.text and kind == 'release'
                                           or 'charged again' in page.text and kind == 'void'), (kind, page, page.text[:600])
    assert database.value("SELECT COALESCE(SUM(ABS(b.balance_minor)), 0) FROM account_balance b JOIN account a ON a.id = b.account_id"
                          " WHERE a.patient_id = %s AND a.kind = 'deposit'", patient) == 0
    for charge, in database.rows('SELECT c.id FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.patient_id = %s', patient):
        assert database.value('SELECT charged - payer_owes - patient_owes FROM charge_balance WHERE charge_id = %s', charge) == 0
        assert clerk.open(account + '/void?charge=%d' % charge).form(action='/void').fill(note='Everything back').submit().status == 200
    assert database.value('SELECT COALESCE(SUM(ABS(b.balance_minor)), 0) FROM account_balance b JOIN account a ON a.id = b.account_id WHERE a.patient_id = %s', patient) == 0
    assert set(paid_least(database, patient)) == {0}
    sound(database)


STATEMENTS = ('idempotency', 'ledger_entry', 'transfer', 'audit_event', 'invoice_series', 'receipt')


@pytest.mark.once
@pytest.mark.allows_log('RG01001', 'RG01003', 'RG01030', 'RG01031', 'RG01032', 'RG01033', 'RG01034', 'RG01040', 'RG01041')
def test_killed_within_each_statement(new_clinic):
    """SIGKILL for the database while a payment is within each of its statements; the same form is sent again afterwards."""
    database, server = new_clinic()
    server.start()
    sample = server.sample
    for number, table in enumerate(STATEMENTS):
        uid, = completed(database, insured=False, family='Killed')
        account = account_of(database, uid)
        with server.visitor() as clerk:
            # Another child may still refuse for a second: it tried while the database was away.
            env.wait_until(lambda: clerk.login(sample['billing_login'], sample['billing_password']).status == 200, 20)
            database.rows('CREATE OR REPLACE TRIGGER zz_slow BEFORE INSERT ON %s FOR EACH ROW DO SLEEP(3)' % table)
            form = clerk.open(account + '/payment').form(action='/payment').fill(amount='5000', means='card', purpose='owed', reference='Slip %d' % number)
            form.set('keep', 'yes', force=True)
            answers = []
            sender = threading.Thread(target=lambda: answers.append(form.submit(follow=False).status_code))
            sender.start()
            time.sleep(1.2)
            database.kill()
            sender.join()
            database.start()
            database.rows('DROP TRIGGER zz_slow')
            of = 'SELECT COUNT(*) FROM ledger_entry e JOIN booking b ON b.patient_id = e.patient_id WHERE b.uid = %s'
            assert answers[0] == 503 and database.value(of, uid) == 0, (table, answers)
            env.wait_until(lambda: form.submit(follow=False).status_code == 303, 20)
            assert database.value(of, uid) == 1
            assert database.value('SELECT COUNT(*) FROM transfer t JOIN ledger_entry e ON e.id = t.entry_id JOIN booking b ON b.patient_id = e.patient_id WHERE b.uid = %s', uid) == 4
    assert database.value('SELECT COUNT(*) FROM receipt') == database.value('SELECT MAX(number) FROM receipt') == len(STATEMENTS)
    sound(database)
