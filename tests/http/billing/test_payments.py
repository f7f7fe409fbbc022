# SPDX-License-Identifier: Apache-2.0
"""Payments, deposits, refunds, discounts and corrections on a patient's account over HTTP: to the cent, once, and refused with a word that says what
would be right."""
import re
import threading

import pytest

from billfill import completed


@pytest.fixture
def clerk(staff):
    return staff('billing')


def account_of(database, uid):
    """The address of the account of a booking's patient."""
    return '/billing/patients/' + database.value('SELECT p.uid FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', uid)


def owed(database, uid):
    """What the patient owes of a booking, their payer, and their deposit."""
    of = database.value('SELECT patient_id FROM booking WHERE uid = %s', uid)
    return tuple(int(v) for v in database.rows(
        "SELECT COALESCE(SUM(IF(kind = 'patient', balance_minor, 0)), 0), COALESCE(SUM(IF(kind = 'payer', balance_minor, 0)), 0),"
        " COALESCE(-SUM(IF(kind = 'deposit', balance_minor, 0)), 0) FROM account_balance WHERE account_id IN"
        ' (SELECT id FROM account WHERE patient_id = %s)', of)[0])


def pay(one, account, amount, means='cash', purpose='owed', **more):
    return one.open(account + '/payment').form(button='Post the payment').fill(amount=amount, means=means, purpose=purpose, **more).submit()


def act(one, page, link, **fields):
    """Follows the first LINK of an account and sends its form."""
    form = [f for f in page.click(link).forms() if '/billing/patients/' in f.action][-1]
    return form.fill(**fields).submit()


def sound(database):
    """The read model is what the transfers say, and everything balances."""
    assert database.value("SELECT COUNT(*) FROM account_balance b WHERE b.balance_minor <>"
                          " (SELECT COALESCE(SUM(t.amount_minor), 0) FROM transfer t WHERE t.debit_account = b.account_id)"
                          " - (SELECT COALESCE(SUM(t.amount_minor), 0) FROM transfer t WHERE t.credit_account = b.account_id)") == 0
    assert database.value("SELECT COUNT(*) FROM (SELECT l.patient_id, l.currency, SUM(l.patient_owes) AS owes FROM charge_balance l GROUP BY 1, 2) x"
                          " JOIN account a ON a.patient_id = x.patient_id AND a.kind = 'patient' AND a.currency = x.currency"
                          ' JOIN account_balance b ON b.account_id = a.id WHERE b.balance_minor <> x.owes') == 0


# --- money that comes -------------------------------------------------------------------------------------------------

def test_a_payment_has_its_receipt_at_once(staff, database):
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    page = pay(staff('front_desk'), account, '1,600.00', means='check', reference='No. 77')
    assert page.status == 200 and re.match(r'Receipt RC1-\d{4}-\d{6}$', page.h1), page
    # The oldest first: the harvest whole, and a part of the processing.
    assert '$1,600.00, Check (No. 77)' in page.text and 'Bone-marrow harvest$1,500.00' in page.text.replace(' $', '$')
    assert 'Concentration of bone marrow$100.00' in page.text.replace(' $', '$') and 'Owed after this: $3,000.00' in page.text
    assert owed(database, uid) == (300000, 0, 0)
    page = staff('front_desk').open(account)
    assert 'The patient $700.00' in page.text and '− $1,600.00' in page.text and 'Paid $1,500.00.' in page.text
    sound(database)


def test_what_is_more_than_owed_is_asked_about_and_becomes_a_deposit(clerk, database):
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    page = pay(clerk, account, '5000', means='card', reference='Slip 4')
    assert page.status == 422 and '$400.00 more than what is owed ($4,600.00)' in page.error_for('keep')
    form = page.form(button='Post the payment')
    assert (form.value('amount'), form.value('means'), form.value('reference')) == ('5000', 'card', 'Slip 4')
    assert owed(database, uid) == (460000, 0, 0)
    page = form.fill(keep='yes').submit()
    assert page.status == 200 and '$400.00 is a deposit' in page.text
    assert owed(database, uid) == (0, 0, 40000)
    sound(database)


def test_a_deposit_is_used_and_refunded_the_way_it_came(clerk, database):
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    assert pay(clerk, account, '300', means='card', purpose='deposit').status == 200
    assert owed(database, uid) == (460000, 0, 30000)
    page = clerk.open(account + '/use').form(button='Use the deposit').fill(amount='300.01').submit()
    assert page.status == 422 and 'The deposit is $300.00' in page.error_for('amount') and page.form(button='Use').value('amount') == '300.01'
    assert clerk.open(account + '/use').form(button='Use the deposit').fill(amount='100').submit().status == 200
    assert owed(database, uid) == (450000, 0, 20000)
    refund = clerk.open(account + '/refund').form(button='Post the refund')
    assert refund.options('means') == ['card']
    page = refund.fill(amount='200.01', means='card', note='Wrong').submit()
    assert page.status == 422 and 'Only $200.00 came this way' in page.error_for('amount')
    refund = clerk.open(account + '/refund').form(button='Post the refund')
    refund.set('means', 'cash', force=True)
    page = refund.fill(amount='1', note='Cash is handier').submit()
    assert page.status == 422 and 'Nothing came this way' in page.error_for('amount')
    page = clerk.open(account + '/refund').form(button='Post the refund').fill(amount='200', means='card', note='Not needed').submit()
    assert page.status == 200 and page.h1.startswith('Refund receipt RC1-')
    assert owed(database, uid) == (450000, 0, 0)
    sound(database)


def test_several_invoices_as_chosen(clerk, database):
    first, = completed(database, insured=False, family='Twice')
    second, = completed(database, insured=False, family='Twice')
    of = database.value('SELECT patient_id FROM booking WHERE uid = %s', first)
    other = database.value('SELECT patient_id FROM booking WHERE uid = %s', second)
    database.rows("INSERT INTO patient_merge (merged_id, kept_id, reason, at) VALUES (%s, %s, 'Same', 1)", other, of)
    for uid in (first, second):
        assert clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit().status == 200
    label = database.value("SELECT CONCAT(i.series, '-', LPAD(i.number, 6, '0')) FROM invoice i JOIN booking b ON b.id = i.booking_id WHERE b.uid = %s", second)
    paper = database.value('SELECT i.uid FROM invoice i JOIN booking b ON b.id = i.booking_id WHERE b.uid = %s', second)
    account = account_of(database, first)
    page = pay(clerk, account, '4600', purpose='invoices')
    assert page.status == 422 and 'Choose at least one invoice' in page.error_for('invoice')
    form = page.form(button='Post the payment')
    form.set('invoice', paper)
    page = form.submit()
    assert page.status == 200 and 'Invoice ' + label in page.text, page
    assert owed(database, second) == (0, 0, 0) and owed(database, first) == (460000, 0, 0)
    assert 'Paid' in clerk.open('/billing/bookings/' + second).text and 'Open' in clerk.open('/billing/bookings/' + first).text
    # Of both records of one person, the oldest first.
    page = pay(clerk, account_of(database, second), '10')
    assert page.status == 200 and owed(database, first) == (459000, 0, 0)
    sound(database)


# --- what is typed ----------------------------------------------------------------------------------------------------

@pytest.mark.parametrize('amount, words', (
    ('', 'Enter an amount in USD'), ('-5', 'above zero'), ('0', 'above zero'), ('1e3', 'Enter an amount'), ('12.345', 'Enter an amount'),
    ('12,50', 'Enter an amount'), ('1,6000', 'Enter an amount'), (',600', 'Enter an amount'), ('1,60,000', 'Enter an amount'),
    ('10000000000.01', 'at most $10,000,000,000.00'), ('99999999999999999999999', 'Enter an amount'), ('5 EUR', 'Enter an amount'), ('½', 'Enter an amount')))
def test_amounts_that_are_none(clerk, database, amount, words):
    uid, = completed(database, insured=False)
    page = pay(clerk, account_of(database, uid), amount, means='bank', reference='Kept')
    assert page.status == 422 and words in page.error_for('amount'), page
    form = page.form(button='Post the payment')
    assert form.value('reference') == 'Kept' and form.value('means') == 'bank' and form.value('amount') == amount
    assert owed(database, uid) == (460000, 0, 0) and database.value('SELECT COUNT(*) FROM ledger_entry e JOIN booking b ON b.patient_id = e.patient_id WHERE b.uid = %s', uid) == 0


@pytest.mark.parametrize('fields, field, words', (
    ({'means': 'gold'}, 'means', 'Choose how'), ({'currency': 'EUR'}, 'amount', 'This account is in USD'), ({'purpose': 'fun'}, 'purpose', 'what the money is for'),
    ({'reference': '4111 1111 1111 1111'}, 'reference', 'the number of a card'), ({'reference': 'Visa 4111-1111-1111-1111.'}, 'reference', 'the number of a card'), ({'reference': 'x' * 61}, 'reference', 'at most 60'), ({'site': 'mars'}, 'site', 'Choose the site')))
def test_fields_that_are_wrong(clerk, database, fields, field, words):
    uid, = completed(database, insured=False)
    form = clerk.open(account_of(database, uid) + '/payment').form(button='Post the payment').fill(amount='5', means='cash', purpose='owed')
    for name, value in fields.items():
        form.set(name, value, force=True)
    page = form.submit()
    assert page.status == 422 and words in page.text, page
    assert owed(database, uid) == (460000, 0, 0)


def test_a_currency_without_minor_units(clerk, database):
    uid, = completed(database, insured=False)
    booking = database.value('SELECT id FROM booking WHERE uid = %s', uid)
    database.rows('DELETE FROM charge_item WHERE booking_id = %s', booking)
    database.rows("UPDATE booking SET currency = 'JPY', price_minor = 5000 WHERE id = %s", booking)
    database.rows("INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, description, quantity, unit_minor, total_minor, currency, on_claim,"
                  " service_date, created_at) VALUES (%s, 9, 'consult', '', 'YEN', 'In yen', 1, 5000, 5000, 'JPY', 1, CURDATE(), 0)", booking)
    account = account_of(database, uid)
    page = pay(clerk, account, '10.50')
    assert page.status == 422 and 'Enter an amount in JPY, such as 125.' in page.error_for('amount')
    page = page.form(button='Post').fill(amount='1000').submit()
    assert page.status == 200 and '1,000 JPY' in page.text and 'Owed after this: 4,000 JPY' in page.text
    sound(database)


# --- who may ----------------------------------------------------------------------------------------------------------

def test_limits_by_role(staff, servers, sample, database):
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    charge = str(database.value('SELECT MIN(c.id) FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', uid))
    desk = staff('front_desk')
    # Nothing is shown that would be refused, and all of it is refused, asked for or sent.
    paper = staff('billing').open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    shown = desk.open(account)
    links = [a.get('href') for a in shown.css('main a')]
    assert shown.status == 200 and links and 'invoice INV-' in shown.text
    for href in links:
        assert desk.get(href.replace('/clinic', '', 1)).status_code == 200, href
    token = desk.open(account + '/payment').form(button='Post the payment')
    for kind in ('write-off', 'discount', 'refund', 'void', 'move', 'cover', 'release', 'reversal', 'remit', 'payer-write-off'):
        assert desk.get(account + '/%s?charge=%s' % (kind, charge)).status_code == 403, kind
        pairs = [(n, v) for n, v in token.pairs() if n in ('csrf', 'idem')] + [('charge', charge), ('amount', '5'), ('reason', 'courtesy'), ('note', 'x'), ('means', 'cash')]
        assert desk.post(account + '/' + kind, data=dict(pairs), headers={'Referer': shown.url, 'Origin': shown.url.split('/clinic')[0]}).status_code == 403, kind
    assert staff('billing').open(paper.path).form(button='Issue the credit note').fill(reason='Only a test').submit().status == 200
    limited = servers(extra='RegenDeskAdjustmentMax 20\nRegenBillingAdjustmentMax 100\n')
    # Each act, and all of a day on one account together: the billing staff's 100 are less what the desk gave.
    for role, first, more, rest, whom in (('front_desk', '20.01', '10.01', '10', 'the billing staff'), ('billing', '100.01', '80.01', '80', 'an administrator')):
        with limited.visitor() as one:
            one.login(sample[role + '_login'], sample[role + '_password'])
            page = one.open(account + '/discount?charge=' + charge).form(button='Post').fill(amount=first, reason='courtesy', note='Asked').submit()
            assert page.status == 422 and 'this is for ' + whom in page.error_for('amount'), page
            if role == 'front_desk':
                assert page.form(button='Post').fill(amount='10').submit().status == 200
                page = one.open(account + '/write-off?charge=' + charge).form(button='Write').fill(amount=more, reason='hardship', note='Asked').submit()
            else:
                page = page.form(button='Post').fill(amount=more).submit()
            assert page.status == 422 and 'on one account in a day this is for ' + whom in page.error_for('amount'), page
            assert ('$10.00 was refunded' if role == 'front_desk' else '$20.00 was refunded') in page.error_for('amount')
            assert page.form(action='/billing/patients/').fill(amount=rest).submit().status == 200
    with limited.visitor() as one:
        one.login(sample['billing_login'], sample['billing_password'])
        # To take a charge off is worth as much; what is reversed does not count any more; the limit is of one account.
        page = one.open(account + '/void?charge=' + charge).form(button='Take').fill(note='x').submit()
        assert page.status == 422 and 'on one account in a day this is for an administrator. $100.00 was' in page.text, page
        last = database.value("SELECT e.uid FROM ledger_entry e JOIN booking b ON b.patient_id = e.patient_id WHERE b.uid = %s ORDER BY e.id DESC LIMIT 1", uid)
        assert one.open(account + '/reversal?entry=' + last).form(button='Reverse').fill(note='Too much').submit().status == 200
        page = one.open(account + '/discount?charge=' + charge).form(button='Post').fill(amount='80', reason='courtesy', note='Again').submit()
        assert page.status == 200
        other, = completed(database, insured=False)
        assert one.open(account_of(database, other) + '/discount?charge=%d' % database.value(
            'SELECT MIN(c.id) FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', other)) \
            .form(button='Post').fill(amount='100', reason='courtesy', note='Another').submit().status == 200
    with limited.visitor() as one:
        one.login(sample['admin_login'], sample['admin_password'])
        assert one.open(account + '/discount?charge=' + charge).form(button='Post').fill(amount='1000', reason='hardship', note='x').submit().status == 200
    assert owed(database, uid) == (460000 - 110000, 0, 0)
    assert staff('clinician').get(account).status_code == 403 and staff('clinician').get(account + '/payment').status_code == 403
    sound(database)


# --- who owes ---------------------------------------------------------------------------------------------------------

def test_moves_between_payer_and_patient(clerk, database):
    uid, = completed(database)
    account = account_of(database, uid)
    assert owed(database, uid) == (0, 460000, 0)
    page = act(clerk, clerk.open(account), 'Move to the patient: Bone', amount='1500.01', reason='deductible', note='Open deductible')
    assert page.status == 422 and 'The payer owes $1,500.00' in page.error_for('amount')
    page = page.form(button='Move').fill(amount='500').submit()
    assert page.status == 200 and owed(database, uid) == (50000, 410000, 0)
    page = act(clerk, page, 'Move to the patient', amount='10', reason='patient-share', note='PR 1')
    assert page.status == 422 and 'no claim yet' in page.error_for('reason')
    page = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    assert '$500.00' in page.text and 'Your part: Bone-marrow harvest' in page.text
    # Not covered, with a signed choice: off the claim, whole.
    page = act(clerk, clerk.open(account), 'Take it off the claim: Concentration of bone marrow', note='Signed today')
    assert page.status == 200 and owed(database, uid) == (130000, 330000, 0)
    claim = clerk.open('/billing/bookings/' + uid).form(button='Create the claim').submit()
    assert '$3,800.00' in claim.text
    page = clerk.open(account)
    assert 'Take it off the claim' not in page.text
    assert act(clerk, page, 'Move to the patient', amount='10', reason='patient-share', note='PR 1').status == 200
    sound(database)


def test_corrections_are_added(clerk, database):
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    pay(clerk, account, '2000', means='card')
    page = act(clerk, clerk.open(account), 'Take the charge off: Bone-marrow harvest', note='')
    assert page.status == 422 and 'Enter why' in page.error_for('note')
    page = page.form(button='Take').fill(note='It was not done').submit()
    # What was paid on it is theirs again.
    assert page.status == 200 and owed(database, uid) == (260000, 0, 150000) and 'It was not done' in page.text
    page = act(clerk, page, 'Take the payment off Concentration', note='Card was charged twice')
    assert page.status == 200 and owed(database, uid) == (310000, 0, 200000)
    page = act(clerk, page, 'Write off Concentration', amount='20', reason='small-balance', note='Not worth it')
    assert owed(database, uid) == (308000, 0, 200000)
    page = act(clerk, page, 'Reverse', note='Typed wrongly')
    assert page.status == 200 and owed(database, uid) == (310000, 0, 200000), 'the last one is the write-off'
    sound(database)


def test_a_reversal_is_whole_and_once(clerk, database):
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    form = pay(clerk, account, '5000', means='card').form(button='Post the payment').fill(keep='yes')
    form.submit()
    assert owed(database, uid) == (0, 0, 40000)
    reversal = clerk.open(account).click('Reverse').form(button='Reverse it').fill(note='Typed twice')
    again = clerk.open(account).click('Reverse').form(button='Reverse it').fill(note='Other tab')
    # The rest is refunded first: then it cannot be taken back.
    refund = clerk.open(account + '/refund').form(button='Post the refund').fill(amount='400', means='card', note='Not needed').submit()
    assert refund.status == 200
    page = reversal.submit()
    assert page.status == 409 and 'was used since' in page.text and owed(database, uid) == (0, 0, 0)
    first = page.css('.panel a')
    assert [a.text_content() for a in first] == ['Refund'] and '$400.00' in page.text
    undo = [a for a in clerk.open(account).css('a') if a.text_content() == 'Reverse'][0].get('href')
    assert clerk.open(undo.replace('/clinic', '', 1)).form(button='Reverse it').fill(note='Not refunded').submit().status == 200
    assert again.submit().status == 200 and owed(database, uid) == (460000, 0, 0)
    page = clerk.open(account + '/reversal?entry=' + database.value(
        "SELECT e.uid FROM ledger_entry e JOIN booking b ON b.patient_id = e.patient_id WHERE b.uid = %s AND e.kind = 'payment'", uid)) \
        .form(button='Reverse it').fill(note='Once more').submit()
    assert page.status == 422 and 'reversed before' in page.text
    sound(database)


def test_a_credit_note_and_a_new_invoice(clerk, database):
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    paper = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    assert pay(clerk, account, '1600').status == 200
    charge = database.value('SELECT MIN(c.id) FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', uid)
    page = clerk.open(account + '/void?charge=%d' % charge).form(button='Take').fill(note='Wrong').submit()
    assert page.status == 422 and 'Issue a credit note first' in page.text
    paper = clerk.open(paper.path)
    assert 'Partly paid' in paper.text and '$3,000.00 is open' in paper.text
    page = paper.form(button='Issue the credit note').submit()
    assert page.status == 422 and 'Enter why' in page.error_for('reason')
    form = page.form(button='Issue the credit note').fill(reason='Harvest was not done')
    pairs = [(n, v) for n, v in form.pairs() if n != 'line'] + [('line', '1')]
    send = lambda: clerk.post(form.action, data=dict(pairs), headers={'Referer': page.url, 'Origin': page.url.split('/clinic')[0]})
    first, second = send(), send()
    assert first.status_code == 303 and first.headers['location'] == second.headers['location'] and '/credits/' in first.headers['location']
    note = clerk.open(first.headers['location'])
    assert re.match(r'Credit note CN-\d{4}-\d{6}', note.h1) and '− $1,500.00' in note.text and 'Harvest was not done' in note.text
    # Whole lines, once; the charge goes, what was paid on it is theirs, and nothing is to be invoiced.
    assert 'Bone-marrow harvest, $1,500.00' not in clerk.open(paper.path).text
    assert database.value("SELECT COUNT(*) FROM billing_work w JOIN booking b ON b.id = w.booking_id WHERE b.uid = %s AND w.queue = 'to-invoice'", uid) == 1
    page = clerk.open(account + '/void?charge=%d' % charge).form(button='Take').fill(note='Not done').submit()
    assert page.status == 200 and owed(database, uid) == (300000, 0, 150000)
    assert not [f for f in clerk.open('/billing/bookings/' + uid).forms() if f.action.endswith('/invoice')]
    # The rest, too; then a new invoice says what is left.
    page = clerk.open(paper.path).form(button='Issue the credit note').fill(reason='Address').submit()
    assert page.status == 200 and '− $3,100.00' in page.text and 'Credited' in clerk.open('/billing/bookings/' + uid).text
    page = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    assert page.status == 200 and '$3,100.00' in page.text and 'Bone-marrow harvest' not in page.text and '$3,000.00 is open' in page.text
    sound(database)


# --- once -------------------------------------------------------------------------------------------------------------

def test_a_double_press_pays_once(clerk, database):
    uid, = completed(database, insured=False)
    form = clerk.open(account_of(database, uid) + '/payment').form(button='Post the payment').fill(amount='100', means='cash', purpose='owed')
    answers = []
    threads = [threading.Thread(target=lambda: answers.append(form.submit(follow=False))) for _ in range(12)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {a.status_code for a in answers} == {303} and len({a.headers['location'] for a in answers}) == 1
    assert owed(database, uid) == (450000, 0, 0)
    # Also when the request keys are swept: the form's key is unique on the entry.
    database.rows('DELETE FROM idempotency')
    page = form.submit()
    assert page.status == 409 and 'This form was sent before, and was posted then' in page.text and owed(database, uid) == (450000, 0, 0)
    sound(database)


def test_two_clerks_take_no_more_than_is_owed(staff, clerk, database):
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    forms = [one.open(account + '/payment').form(button='Post the payment').fill(amount='4600', means='cash', purpose='owed')
             for one in (clerk, staff('front_desk'), staff('admin'))]
    pages = []
    threads = [threading.Thread(target=lambda f=f: pages.append(f.submit())) for f in forms]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(p.status for p in pages) == [200, 422, 422]
    assert all('more than what is owed' in p.error_for('keep') for p in pages if p.status == 422)
    assert owed(database, uid) == (0, 0, 0)
    sound(database)


# --- lists ------------------------------------------------------------------------------------------------------------

def test_who_owes(clerk, database):
    mine, = completed(database, insured=False, family='Zzowes & Co')
    theirs, = completed(database, family='Zzinsured')
    old, = completed(database, insured=False, family='Zzold')
    page = clerk.open('/billing/patients?find=Zz')
    assert 'Zzowes & Co' in page.text and 'Zzinsured' not in page.text and '$9,200.00' in page.text
    assert 'Zzold' not in clerk.open('/billing/patients?find=Zzowes+%26').text
    assert 'Nobody fits' in clerk.open('/billing/patients?find=Zz&minimum=4600.01').text
    assert 'Zzold' in clerk.open('/billing/patients?find=Zz&age=90').text  # charged at the beginning of time
    assert clerk.open('/billing/patients?minimum=lots').status == 422 and clerk.open('/billing/patients?age=old').status == 422
    assert clerk.get('/billing/patients?page=0').status_code == 404 and 'Nobody fits' in clerk.open('/billing/patients?find=%25').text


@pytest.mark.parametrize('path', ('', '/payment', '/nonsense', '/banked', '/receipts/' + '0' * 26))
def test_unknown_accounts(clerk, database, path):
    uid, = completed(database)
    known = account_of(database, uid) + path
    assert clerk.get('/billing/patients/' + '0' * 26 + path).status_code == 404
    assert clerk.get("/billing/patients/a'b" + path).status_code in (400, 404)
    assert clerk.get(known).status_code == (200 if path in ('', '/payment') else 404)
