# SPDX-License-Identifier: Apache-2.0
"""What a payer owes ends: what it paid and decided is posted by hand from its letter, the rest is given up, and an insured account closes. What its
contract takes off never becomes the patient's, on whatever way it is tried."""
import pytest

from billfill import completed
from test_payments import account_of, owed, sound


@pytest.fixture
def clerk(staff):
    return staff('billing')


@pytest.fixture
def claimed(clerk, database):
    """A claimed treatment: its uid, its account, its charges."""
    uid, = completed(database)
    assert clerk.open('/billing/bookings/' + uid).form(button='Create the claim').submit().status == 200
    charges = [c for c, in database.rows('SELECT c.id FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s ORDER BY c.id', uid)]
    return uid, account_of(database, uid), charges


def decide(one, account, charge, **fields):
    fields = dict({'means': 'check', 'reference': 'Check 88', 'note': 'Claim 4711: CO 45, PR 1'}, **fields)
    return one.open(account + '/remit?charge=%d' % charge).form(button='Post the decision').fill(**fields).submit()


def balance(database, charge):
    return tuple(int(v) for v in database.rows('SELECT payer_owes, patient_part, patient_owes FROM charge_balance WHERE charge_id = %s', charge)[0])


def moved(database, charge):
    """What went where, by kind, less what was reversed."""
    return {k: int(v) for k, v in database.rows(
        "SELECT kind, SUM(IF(reverses IS NULL, amount_minor, -amount_minor)) FROM transfer WHERE charge_id = %s AND kind <> 'charge' GROUP BY kind", charge) if v}


def test_an_insured_account_closes(clerk, staff, database, claimed):
    uid, account, (first, second, third) = claimed
    # $1,500.00: $900.00 is allowed, $720.00 paid, $180.00 left to the patient; the contract takes off $600.00.
    page = decide(clerk, account, first, contractual='600', paid='720', share='180')
    assert page.status == 200 and balance(database, first) == (0, 18000, 18000)
    assert moved(database, first) == {'remit': 72000, 'contractual': 60000, 'move': 18000}
    text, payer = page.text, database.value('SELECT y.name FROM booking b JOIN coverage v ON v.id = b.coverage_id JOIN payer y ON y.id = v.payer_id WHERE b.uid = %s', uid)
    assert payer + ' paid $720.00.' in text and 'Contractual $600.00.' in text and 'The patient $180.00.' in text and 'Check 88' in text and 'CO 45, PR 1' in text
    assert 'Payer’s decision' in text and 'Discount $' not in text
    # The rest is the payer's until somebody gives it up.
    page = decide(clerk, account, second, contractual='', paid='300', reference='Check 89')
    assert page.status == 200 and balance(database, second)[0] == 50000
    page = clerk.open(account + '/payer-write-off?charge=%d' % second).form(button='Give it up').fill(amount='500.01', reason='denied', note='Appeal lost').submit()
    assert page.status == 422 and 'The payer owes $500.00' in page.error_for('amount') and page.form(button='Give').value('note') == 'Appeal lost'
    assert page.form(button='Give it up').fill(amount='500').submit().status == 200
    assert moved(database, second) == {'remit': 30000, 'write-off': 50000} and balance(database, second) == (0, 0, 0)
    page = clerk.open(account + '/payer-write-off?charge=%d' % third).form(button='Give it up').fill(
        amount='2300', reason='contractual', note='Not in the contract').submit()
    assert page.status == 200 and moved(database, third) == {'contractual': 230000} and balance(database, third) == (0, 0, 0)
    assert owed(database, uid) == (18000, 0, 0)
    # What is left is invoiced, paid, and the account is closed.
    paper = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    assert '$180.00' in paper.text
    assert clerk.open(account + '/payment').form(button='Post').fill(amount='180', means='card', purpose='owed').submit().status == 200
    assert owed(database, uid) == (0, 0, 0) and 'Paid' in clerk.open(paper.path).text
    page = clerk.open(account)
    assert page.text.count('Nothing is owed.') == 3 and 'Give up the payer' not in page.text and 'Post the payer' not in page.text
    # The money is at the desk of the day; the check is no cash.
    assert 'Check2$1,020.00' in staff('front_desk').open('/billing/cash').text.replace(' ', '')
    sound(database)


def test_what_the_letter_says_of_the_whole_charge(clerk, database, claimed):
    """A deductible that was moved in advance is in the letter, too: the patient is never asked for the part that the contract takes off instead."""
    uid, account, (first, _, _) = claimed
    page = clerk.open(account + '/move?charge=%d' % first).form(button='Move').fill(amount='200', reason='patient-share', note='Deductible').submit()
    assert page.status == 200 and balance(database, first) == (130000, 20000, 20000)
    page = decide(clerk, account, first, contractual='600', paid='700', share='200')
    assert page.status == 422 and '$200.00 of this charge are the patient’s already' in page.error_for('share')
    assert '$200.00 of this charge are the patient’s already' in clerk.open(account + '/remit?charge=%d' % first).text
    assert page.form(button='Post the decision').fill(share='').submit().status == 200
    assert balance(database, first) == (0, 20000, 20000) and moved(database, first) == {'move': 20000, 'remit': 70000, 'contractual': 60000}


def test_what_was_denied_stays_with_the_payer(clerk, database, claimed):
    """CO 45 takes off 300, CO 50 denies 400, 800 are paid: what was denied is not taken off with the rest."""
    uid, account, (first, _, _) = claimed
    assert decide(clerk, account, first, contractual='300', paid='800').status == 200
    assert balance(database, first) == (40000, 0, 0) and moved(database, first) == {'remit': 80000, 'contractual': 30000}


@pytest.mark.parametrize('number', ('Claim 9201123412341232', 'EFT 026009593000012', 'Claim 4711 1999-11-30 88'))
def test_numbers_of_letters_are_no_cards(clerk, database, claimed, number):
    _, account, (first, _, _) = claimed
    assert decide(clerk, account, first, paid='5', note=number, reference=number).status == 200


@pytest.mark.parametrize('fields, field, words', (
    ({'paid': ''}, 'paid', 'changes nothing'), ({'contractual': '1500.01'}, 'contractual', 'the payer owes $1,500.00'),
    ({'contractual': '1400', 'paid': '80', 'share': '20.01'}, 'share', 'That is $1,500.01, and the payer owes $1,500.00'),
    ({'contractual': '1400', 'paid': '100.01'}, 'paid', 'That is $1,500.01'), ({'contractual': '0'}, 'paid', 'changes nothing'),
    ({'paid': '-5'}, 'paid', 'at least zero'), ({'contractual': '9,00'}, 'contractual', 'Enter an amount'),
    ({'paid': '50', 'reference': ''}, 'reference', 'number of the check'), ({'paid': '50', 'means': 'cash'}, 'means', 'Choose how the money came'),
    ({'paid': '50', 'note': ''}, 'note', 'Enter why'), ({'paid': '50', 'note': 'Card 4111 1111 1111 1111'}, 'note', 'number of a card')))
def test_decisions_that_are_none(clerk, database, claimed, fields, field, words):
    uid, account, (first, _, _) = claimed
    form = clerk.open(account + '/remit?charge=%d' % first).form(button='Post the decision').fill(reference='Check 1', note='Letter')
    form.set('means', fields.pop('means', 'check'), force=True)
    page = form.fill(**fields).submit()
    assert page.status == 422 and words in page.error_for(field), page
    again = page.form(button='Post the decision')
    assert all(again.value(k) == v for k, v in fields.items())
    assert owed(database, uid) == (0, 460000, 0) and moved(database, first) == {}


def test_without_a_claim_nothing_was_decided(clerk, database):
    uid, = completed(database)
    account = account_of(database, uid)
    charge = database.value('SELECT MIN(c.id) FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', uid)
    assert 'Post the payer' not in clerk.open(account).text
    page = decide(clerk, account, charge, paid='5')
    assert page.status == 422 and 'no claim yet' in page.text
    # Given up before it is claimed, it is reversed before the payer changes.
    page = clerk.open(account + '/payer-write-off?charge=%d' % charge).form(button='Give it up').fill(amount='100', reason='timely-filing', note='Late').submit()
    assert page.status == 200 and owed(database, uid) == (0, 450000, 0)
    with pytest.raises(Exception, match='before the coverage changes'):
        database.rows('UPDATE booking SET coverage_id = NULL, self_pay = 1 WHERE uid = %s', uid)
    # Nothing is lost when the charge goes and comes back: what was given up goes with it.
    page = clerk.open(account + '/void?charge=%d' % charge).form(button='Take').fill(note='Wrong').submit()
    assert page.status == 200 and owed(database, uid) == (0, 310000, 0)
    sound(database)


def test_a_decision_is_reversed_whole(clerk, database, claimed):
    uid, account, (first, _, _) = claimed
    assert decide(clerk, account, first, contractual='600', paid='720', share='180').status == 200
    paper = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    assert clerk.open(account + '/payment').form(button='Post').fill(amount='180', means='card', purpose='owed').submit().status == 200
    entry = database.value("SELECT e.uid FROM ledger_entry e JOIN booking b ON b.patient_id = e.patient_id WHERE b.uid = %s AND e.kind = 'remit'", uid)
    # The page says what is reversed first, and links it: the payment, then the invoice.
    for expected in (['Payment', 'Invoice'], ['Invoice'], []):
        page = clerk.open(account + '/reversal?entry=' + entry)
        links = page.css('.panel a')
        assert [a.text_content().split()[0] for a in links] == expected
        page = page.form(button='Reverse it').fill(note='Wrong claim').submit()
        if not expected:
            assert page.status == 200
        elif expected[0] == 'Payment':
            assert page.status == 409 and 'listed below' in page.text and len(page.css('.panel a')) == 2
            assert clerk.open(links[0].get('href').replace('/clinic', '', 1)).form(button='Reverse it').fill(note='First').submit().status == 200
        else:
            assert page.status == 409
            assert clerk.open(links[0].get('href').replace('/clinic', '', 1)).form(button='Issue the credit note').fill(reason='Wrong claim').submit().status == 200
    assert balance(database, first) == (150000, 0, 0) and moved(database, first) == {} and owed(database, uid) == (0, 460000, 0)
    assert paper.status == 200
    sound(database)


def test_what_is_given_up_is_limited(servers, sample, clerk, database, claimed):
    uid, account, (first, second, third) = claimed
    limited = servers(extra='RegenBillingAdjustmentMax 100\n')
    with limited.visitor() as one:
        one.login(sample['billing_login'], sample['billing_password'])
        page = decide(one, account, first, contractual='100.01', paid='1399.99')
        assert page.status == 422 and 'this is for an administrator' in page.error_for('contractual')
        assert page.form(button='Post the decision').fill(contractual='60', paid='1440').submit().status == 200
        page = one.open(account + '/payer-write-off?charge=%d' % second).form(button='Give it up').fill(amount='40.01', reason='denied', note='x').submit()
        assert page.status == 422 and 'in a day this is for an administrator. $60.00 was' in page.error_for('amount')
        assert page.form(button='Give it up').fill(amount='40').submit().status == 200
    assert owed(database, uid) == (0, 460000 - 150000 - 4000, 0)
    sound(database)
