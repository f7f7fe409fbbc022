# SPDX-License-Identifier: Apache-2.0
"""Second thoughts: every payment can be reversed, in an order that the page says; a charge that was taken off can be charged again; a charge on two
invoices is paid by either; an invoice that was credited whole stands in nobody's way; records that paid for each other stay together until that is reversed."""
import threading

import pytest

from billfill import completed
from test_payments import account_of, act, owed, pay, sound


@pytest.fixture
def clerk(staff):
    return staff('billing')


def entries(database, uid, kind):
    return [u for u, in database.rows('SELECT e.uid FROM ledger_entry e JOIN booking b ON b.patient_id = e.patient_id WHERE b.uid = %s AND e.kind = %s ORDER BY e.id', uid, kind)]


def charges_of(database, uid):
    return [c for c, in database.rows('SELECT c.id FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s ORDER BY c.line_no', uid)]


def reverse(one, account, entry, note='Second thoughts'):
    return one.open(account + '/reversal?entry=' + entry).form(action='/reversal').fill(note=note).submit()


def paid_by_means(database, charge):
    return {m: int(v) for m, v in database.rows(
        "SELECT IF(c.kind = 'patient', d.means, c.means), SUM(IF(c.kind = 'patient', t.amount_minor, -t.amount_minor)) FROM transfer t"
        " JOIN account d ON d.id = t.debit_account JOIN account c ON c.id = t.credit_account WHERE t.charge_id = %s AND t.kind IN ('payment', 'use', 'release') GROUP BY 1", charge)}


# --- payments that became deposits ------------------------------------------------------------------------------------

def test_a_payment_that_was_released_goes_back_from_the_deposit(clerk, database):
    """Before, it could be reversed on the charge that another payment had paid since: paid by cash was then below nothing, and both stuck."""
    uid, = completed(database, insured=False)
    account, (charge, _, _) = account_of(database, uid), charges_of(database, uid)
    assert pay(clerk, account, '1500', means='cash').status == 200
    assert clerk.open(account + '/release?charge=%d' % charge).form(action='/release').fill(note='Wrong').submit().status == 200
    assert pay(clerk, account, '1500', means='card').status == 200
    assert owed(database, uid) == (310000, 0, 150000)
    cash, card = entries(database, uid, 'payment')
    assert reverse(clerk, account, cash).status == 200
    assert owed(database, uid) == (310000, 0, 0), 'the deposit went, and what the card paid stays paid'
    assert paid_by_means(database, charge) == {'cash': 0, 'card': 150000}
    assert reverse(clerk, account, card).status == 200 and owed(database, uid) == (460000, 0, 0)
    sound(database)


def test_the_page_says_what_is_reversed_first(clerk, database):
    uid, = completed(database, insured=False)
    account, (charge, _, _) = account_of(database, uid), charges_of(database, uid)
    assert pay(clerk, account, '1500', means='check').status == 200
    assert clerk.open(account + '/release?charge=%d' % charge).form(action='/release').fill(note='Wrong').submit().status == 200
    assert clerk.open(account + '/use').form(action='/use').fill(amount='1000').submit().status == 200
    assert clerk.open(account + '/refund').form(action='/refund').fill(amount='500', means='check', note='Asked').submit().status == 200
    payment, = entries(database, uid, 'payment')
    turns = 0
    page = reverse(clerk, account, payment)
    while page.status != 200:
        assert page.status == 409 and 'listed below' in page.text, page
        first = page.css('.panel li a')[0]
        assert first.text_content() == ('Refund', 'Deposit used')[turns]
        turns += 1
        assert clerk.open(first.get('href').replace('/clinic', '', 1)).form(action='/reversal').fill(note='In order').submit().status == 200
        page = reverse(clerk, account, payment)
    assert turns == 2 and owed(database, uid) == (460000, 0, 0)
    sound(database)


def test_a_payment_of_a_charge_that_is_gone(clerk, database):
    """A check that bounced after the charge was taken off: before, it could not be reversed at all."""
    uid, = completed(database, insured=False)
    account, (charge, _, _) = account_of(database, uid), charges_of(database, uid)
    assert pay(clerk, account, '1000', means='check', reference='No. 1').status == 200 and pay(clerk, account, '700', means='check', reference='No. 2').status == 200
    assert clerk.open(account + '/void?charge=%d' % charge).form(action='/void').fill(note='Not done').submit().status == 200
    assert owed(database, uid) == (290000, 0, 150000)
    first, second = entries(database, uid, 'payment')
    assert reverse(clerk, account, second, 'It bounced').status == 200
    assert owed(database, uid) == (310000, 0, 100000)
    assert reverse(clerk, account, first, 'It bounced, too').status == 200
    assert owed(database, uid) == (310000, 0, 0)
    sound(database)


def test_a_deposit_that_is_one_again_needs_no_reversal(clerk, database):
    uid, = completed(database, insured=False)
    account, (charge, _, _) = account_of(database, uid), charges_of(database, uid)
    assert pay(clerk, account, '200', means='card', purpose='deposit').status == 200
    assert clerk.open(account + '/use').form(action='/use').fill(amount='200').submit().status == 200
    assert clerk.open(account + '/release?charge=%d' % charge).form(action='/release').fill(note='Wrong').submit().status == 200
    used, = entries(database, uid, 'use')
    page = reverse(clerk, account, used)
    assert page.status == 422 and 'is a deposit again' in page.text and owed(database, uid) == (460000, 0, 20000)
    release, = entries(database, uid, 'release')
    assert reverse(clerk, account, release).status == 200 and reverse(clerk, account, used).status == 200
    assert owed(database, uid) == (460000, 0, 20000)
    sound(database)


# --- charges that were taken off --------------------------------------------------------------------------------------

def test_a_charge_comes_back(clerk, database):
    uid, = completed(database, insured=False)
    account, (charge, _, _) = account_of(database, uid), charges_of(database, uid)
    was = database.rows('SELECT booking_id, line_no, step_kind, code_system, code, modifier, description, quantity, unit_minor, total_minor, currency, on_claim,'
                        ' service_date, practitioner_id FROM charge_item WHERE id = %s', charge)
    assert pay(clerk, account, '100', means='cash').status == 200
    page = act(clerk, clerk.open(account), 'Take the charge off: Bone-marrow harvest', note='Not done')
    assert page.status == 200 and 'Charge taken off: Bone-marrow harvest' in page.text and owed(database, uid) == (310000, 0, 10000)
    forms = [page.click('Charge it again').form(action='/reversal').fill(note='It was done') for _ in range(2)]
    answers = []
    threads = [threading.Thread(target=lambda f=f: answers.append(f.submit().status)) for f in forms]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert sorted(answers) in ([200, 409], [200, 422]), answers
    new = charges_of(database, uid)[0]
    assert new != charge and owed(database, uid) == (460000, 0, 10000)
    assert database.rows('SELECT booking_id, line_no, step_kind, code_system, code, modifier, description, quantity, unit_minor, total_minor, currency, on_claim,'
                         ' service_date, practitioner_id FROM charge_item WHERE id = %s', new) == was
    page = clerk.open(account)
    assert 'Reversal: Bone-marrow harvest' in page.text and 'Charge it again' not in page.text
    # It is a charge like any other: it goes and comes once more, is invoiced and paid.
    page = act(clerk, page, 'Take the charge off: Bone-marrow harvest', note='Or not')
    assert act(clerk, page, 'Charge it again', note='It was').status == 200 and owed(database, uid) == (460000, 0, 10000)
    assert '$4,600.00' in clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit().text
    sound(database)


def test_a_charge_comes_back_to_who_owes_it(clerk, database):
    uid, = completed(database)
    account, (first, second, _) = account_of(database, uid), charges_of(database, uid)
    page = act(clerk, clerk.open(account), 'Take the charge off: Bone-marrow harvest', note='Not done')
    assert owed(database, uid) == (0, 310000, 0)
    assert act(clerk, page, 'Charge it again', note='It was done').status == 200 and owed(database, uid) == (0, 460000, 0)
    page = act(clerk, clerk.open(account), 'Take the charge off: Bone-marrow harvest', note='Not done')
    assert clerk.open('/billing/bookings/' + uid).form(button='Create the claim').submit().status == 200
    page = act(clerk, page, 'Charge it again', note='It was done')
    assert page.status == 422 and 'was claimed without this charge' in page.text and owed(database, uid) == (0, 310000, 0)
    sound(database)


# --- a charge on two invoices -----------------------------------------------------------------------------------------

@pytest.fixture
def twice(clerk, database):
    """One charge of $800.00 that is $300.00 on a first invoice and $200.00 on a second one."""
    uid, = completed(database, own=False)
    account, papers = account_of(database, uid), []
    for amount in ('300', '200'):
        page = act(clerk, clerk.open(account), 'Move to the patient: Concentration', amount=amount, reason='deductible', note='Open deductible')
        assert page.status == 200
        papers.append(clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit())
    return uid, account, papers


def states(clerk, papers):
    return [next(w for w in ('Partly paid', 'Paid', 'Open', 'Credited', 'Nothing open') if w in clerk.open(p.path).css('.state')[0].text_content()) for p in papers]


def test_both_can_be_chosen_and_say_what_is_paid(clerk, database, twice):
    uid, account, papers = twice
    uids = [p.path.rsplit('/', 1)[1] for p in papers]
    assert states(clerk, papers) == ['Open', 'Open'] and owed(database, uid)[0] == 50000
    form = clerk.open(account + '/payment').form(button='Post the payment')
    assert form.options('invoice') == uids
    page = form.fill(amount='200', means='card', purpose='invoices')
    page.set('invoice', uids[1])
    page = page.submit()
    assert page.status == 200 and papers[1].h1.split()[-1] in page.text
    assert states(clerk, papers) == ['Open', 'Paid'] and '$300.00 is open' in clerk.open(papers[0].path).text
    assert clerk.open(account + '/payment').form(button='Post the payment').options('invoice') == uids[:1]
    assert pay(clerk, account, '100').status == 200 and states(clerk, papers) == ['Partly paid', 'Paid']
    second, = entries(database, uid, 'payment')[1:]
    assert reverse(clerk, account, second).status == 200 and states(clerk, papers) == ['Open', 'Paid']
    # Everything becomes a deposit: neither is paid. From the deposit the first one is paid first.
    charge = database.value("SELECT charge_id FROM charge_balance WHERE patient_owes > 0 AND booking_id = (SELECT id FROM booking WHERE uid = %s)", uid)
    assert clerk.open(account + '/release?charge=%d' % charge).form(action='/release').fill(note='Wrong').submit().status == 200
    assert states(clerk, papers) == ['Open', 'Open']
    assert clerk.open(account + '/use').form(action='/use').fill(amount='200').submit().status == 200
    assert states(clerk, papers) == ['Partly paid', 'Open']
    # A write-off closes what is left, and nothing says that it was paid.
    page = act(clerk, clerk.open(account), 'Write off Concentration', amount='300', reason='hardship', note='Asked')
    assert page.status == 200 and owed(database, uid)[0] == 0
    assert states(clerk, papers) == ['Nothing open', 'Nothing open']
    sound(database)


# --- an invoice that was credited whole -------------------------------------------------------------------------------

def test_credited_whole_it_does_not_hold_the_visit(clerk, database):
    uid, = completed(database, insured=False)
    booking = database.value('SELECT id FROM booking WHERE uid = %s', uid)
    who = database.value("SELECT MIN(staff_id) FROM staff_role WHERE role = 'clinician'")
    database.rows("INSERT INTO step_event (booking_id, kind, at, staff_id, recorded_at) SELECT %s, 'complete', UNIX_TIMESTAMP() - 60, %s, UNIX_TIMESTAMP() FROM DUAL"
                  " WHERE NOT EXISTS (SELECT 1 FROM step_event WHERE booking_id = %s AND kind = 'complete')", booking, who, booking)
    event = database.value("SELECT MAX(id) FROM step_event WHERE booking_id = %s AND kind = 'complete'", booking)
    take = lambda: database.rows("INSERT INTO correction (booking_id, what, row_id, old_value, new_value, reason, at, staff_id) VALUES (%s, 'complete', %s, 'x', '', 'x', UNIX_TIMESTAMP(), %s)",
                                 booking, event, who)
    paper = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    with pytest.raises(Exception, match='once it is invoiced'):
        take()
    form = clerk.open(paper.path).form(button='Issue the credit note').fill(reason='Wrong')
    pairs = [(n, v) for n, v in form.pairs() if n != 'line'] + [('line', '1')]
    assert clerk.post(form.action, data=dict(pairs), headers={'Referer': paper.url, 'Origin': paper.url.split('/clinic')[0]}).status_code == 303
    with pytest.raises(Exception, match='once it is invoiced'):
        take()
    assert clerk.open(paper.path).form(button='Issue the credit note').fill(reason='The rest').submit().status == 200
    take()
    assert database.value("SELECT COUNT(*) FROM correction WHERE booking_id = %s AND what = 'complete'", booking) == 1


# --- two records of one person ----------------------------------------------------------------------------------------

def test_records_that_paid_for_each_other_stay_together(staff, clerk, database):
    one, = completed(database, insured=False, family='Crossing')
    two, = completed(database, insured=False, family='Crossing')
    kept, merged = (database.value('SELECT patient_id FROM booking WHERE uid = %s', u) for u in (one, two))
    names = [database.value('SELECT uid FROM patient WHERE id = %s', i) for i in (kept, merged)]
    assert pay(clerk, account_of(database, two), '300', means='card', purpose='deposit').status == 200
    database.rows("INSERT INTO patient_merge (merged_id, kept_id, reason, at) VALUES (%s, %s, 'Same', 1)", merged, kept)
    account = '/billing/patients/' + names[0]
    # The deposit of one pays the charge of the other.
    assert clerk.open(account + '/use').form(action='/use').fill(amount='300').submit().status == 200
    merge = database.value('SELECT MAX(id) FROM patient_merge')
    with pytest.raises(Exception, match='posted for the other'):
        database.rows("INSERT INTO patient_unmerge (merge_id, reason, at) VALUES (%s, 'Two people', 2)", merge)
    form = [f for f in staff('front_desk').open('/staff/patients/' + names[0]).forms() if 'apart' in f.action][0]
    page = form.fill(reason='Two people').submit()
    assert page.status in (409, 422) and 'Money of one of these records was posted for the other' in page.text, page
    used, = entries(database, one, 'use')
    assert reverse(clerk, account, used).status == 200
    form = [f for f in staff('front_desk').open('/staff/patients/' + names[0]).forms() if 'apart' in f.action][0]
    assert form.fill(reason='Two people').submit().status == 200
    assert database.value('SELECT merged_into FROM patient WHERE id = %s', merged) is None
    assert owed(database, one) == (460000, 0, 0) and owed(database, two) == (460000, 0, 30000)
    sound(database)


def apart(staff, name):
    form = [f for f in staff('front_desk').open('/staff/patients/' + name).forms() if 'apart' in f.action][0]
    return form.fill(reason='Two people').submit()


@pytest.mark.parametrize('act', ('discount', 'payment'))
def test_what_was_undone_in_another_way_does_not_hold_them_together(staff, clerk, database, act):
    """The charge of one was reduced, or paid, from the other's record, and then taken off: of the discount nothing is left; the payment is a
    deposit of the first, and once that went back, nothing is left of it either."""
    admin = staff('admin')
    one, = completed(database, insured=False, family='Crossed')
    two, = completed(database, insured=False, family='Crossed')
    kept, merged = (database.value('SELECT patient_id FROM booking WHERE uid = %s', u) for u in (one, two))
    name = database.value('SELECT uid FROM patient WHERE id = %s', kept)
    database.rows("INSERT INTO patient_merge (merged_id, kept_id, reason, at) VALUES (%s, %s, 'Same', 1)", merged, kept)
    account = '/billing/patients/' + name
    charge = database.value('SELECT MIN(c.id) FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', two)
    if act == 'discount':
        assert admin.open(account + '/discount?charge=%d' % charge).form(action='/discount').fill(amount='10', reason='courtesy', note='Kind').submit().status == 200
    else:
        invoice = clerk.open('/billing/bookings/' + two).form(button='Issue the invoice').submit()
        assert invoice.status == 200
        assert pay(clerk, account, '4600', means='card').status == 200 and pay(clerk, account, '4600', means='card').status == 200
        paper = clerk.open(invoice.path).form(button='Issue the credit note').fill(reason='Wrong').submit()
        assert paper.status == 200
    paid = [e for e, in database.rows("SELECT DISTINCT e.uid FROM ledger_entry e JOIN transfer t ON t.entry_id = e.id WHERE e.patient_id = %s AND t.charge_id IN"
                                      ' (SELECT c.id FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s) ORDER BY e.id DESC', kept, two)]
    assert paid
    refused = apart(staff, name)
    assert refused.status in (409, 422) and 'Money of one of these records' in refused.text
    for one_charge, in database.rows('SELECT c.id FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', two):
        assert admin.open(account + '/void?charge=%d' % one_charge).form(action='/void').fill(note='Wrong').submit().status == 200
    if act == 'payment':
        assert apart(staff, name).status in (409, 422)  # their money is the other's deposit
        for entry in paid:
            assert reverse(admin, account, entry).status == 200
    assert apart(staff, name).status == 200
    assert database.value('SELECT merged_into FROM patient WHERE id = %s', merged) is None
    sound(database)


def test_a_payer_never_owes_a_charge_off_the_claim(staff, clerk, database):
    """A deductible was moved to the patient, then the charge went off the claim: taken back, the payer would owe what nobody claims."""
    uid, = completed(database)
    account = account_of(database, uid)
    charge = database.value("SELECT MIN(c.id) FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s AND c.on_claim = 1", uid)
    assert clerk.open(account + '/move?charge=%d' % charge).form(action='/move').fill(amount='500', reason='deductible', note='Open').submit().status == 200
    moved, = entries(database, uid, 'move')
    assert clerk.open(account + '/cover?charge=%d' % charge).form(action='/cover').fill(note='Not covered').submit().status == 200
    before = owed(database, uid)
    page = reverse(clerk, account, moved)
    assert page.status == 422 and 'not on the claim any more' in page.text and owed(database, uid) == before
    number = database.value('SELECT t.id FROM transfer t JOIN ledger_entry e ON e.id = t.entry_id WHERE e.uid = %s', moved)
    link = database.connect('regen')
    with link.cursor() as cursor, pytest.raises(Exception, match='off the claim'):
        cursor.execute("INSERT INTO ledger_entry (uid, kind, patient_id, site_id, amount_minor, currency, note, reverses, day, at, staff_id, once_key)"
                       " SELECT REPEAT('9', 26), 'reversal', patient_id, site_id, amount_minor, currency, 'x', id, day, at, staff_id, UNHEX(SHA2('off', 256))"
                       ' FROM ledger_entry WHERE uid = %s', (moved,))
        cursor.execute('INSERT INTO transfer (entry_id, kind, debit_account, credit_account, amount_minor, currency, charge_id, booking_id, reverses, at)'
                       " SELECT (SELECT MAX(id) FROM ledger_entry), 'move', credit_account, debit_account, amount_minor, currency, charge_id, booking_id, id, at"
                       ' FROM transfer WHERE id = %s', (number,))
    link.rollback()
    link.close()
    # Back on the claim, it can be.
    assert clerk.open(account + '/cover?charge=%d' % charge).form(action='/cover').fill(note='Covered after all').submit().status == 200
    sound(database)


def test_a_discount_is_not_owed_by_the_payer(staff, clerk, database):
    uid, = completed(database)
    account = account_of(database, uid)
    charge = database.value("SELECT MIN(c.id) FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s AND c.on_claim = 1", uid)
    assert clerk.open(account + '/move?charge=%d' % charge).form(action='/move').fill(amount='500', reason='deductible', note='Open').submit().status == 200
    paper = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    assert '$500.00 is open' in paper.text
    assert clerk.open(account + '/discount?charge=%d' % charge).form(action='/discount').fill(amount='40', reason='courtesy', note='Kind').submit().status == 200
    page = clerk.open(paper.path)
    assert '$460.00 is open' in page.text and 'the payer owes' not in page.text
    sound(database)
