# SPDX-License-Identifier: Apache-2.0
"""What a patient owes, behind the link of a booking: the same sums as the ledger has, their papers, and nobody else's; of their other bookings only what
is owed, as a sum. What the payer still decides is named and not asked for."""
import re

import pytest

import patient
from test_payments import account_of, pay, sound


@pytest.fixture
def clerk(staff):
    return staff('billing')


LINES = (('Office visit', 20000), ('Injection', 50000))


def treated(database, uid, lines=LINES, on_claim=0):
    """The booking as if it took place today."""
    for number, (words, amount) in enumerate(lines, 1):
        database.rows("INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, description, quantity, unit_minor, total_minor, currency, on_claim, service_date,"
                      " created_at) SELECT id, %s, 'consult', '', 'X%s', %s, 1, %s, %s, 'USD', %s, CURDATE(), UNIX_TIMESTAMP() FROM booking WHERE uid = %s",
                      number, number, words, amount, amount, on_claim, uid)
    for status in ('arrived', 'in-progress', 'completed'):
        database.rows('UPDATE booking SET status = %s WHERE uid = %s', status, uid)


def booked(visitor, database, **changes):
    about = patient.give_details(patient.hold(visitor), **changes).about
    page = visitor.open(patient.at('/booking/check', about)).form(action='/booking/check').submit()
    assert page.h1 == 'You are booked', page
    return database.value('SELECT uid FROM booking ORDER BY id DESC LIMIT 1')


def words(page):
    return re.sub(r'\s+', ' ', page.text.replace('$', ' $'))


def test_what_is_owed_and_paid(visitor, clerk, database):
    uid = booked(visitor, database)
    page = visitor.open('/booking').click('Costs and payments')
    assert page.status == 200 and page.h1 == 'Costs and payments' and 'You owe nothing now.' in page.text and 'Nothing was charged yet.' in page.text
    assert not page.css('main script') and not page.css('main form')
    treated(database, uid)
    account = account_of(database, uid)
    page = visitor.open('/booking/account')
    text = words(page)
    assert 'For this treatment you owe $700.00.' in text and 'Injection' in text and 'Not all of it is on an invoice yet' in text and 'Invoices' not in text
    paper = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    assert pay(clerk, account, '250', means='card', reference='Slip 9').status == 200
    page = visitor.open('/booking/account')
    text = words(page)
    assert 'you owe $450.00.' in text and 'Paid by you $200.00' in text and 'Paid by you $50.00' in text and 'Not all of it' not in text
    # The papers say what the clinic's say.
    label = paper.h1.split()[-1]
    mine = page.click('Invoice ' + label)
    assert mine.status == 200 and mine.h1 == paper.h1 and 'Partly paid' in mine.text and '$450.00 is still to be paid' in words(mine)
    assert [c.text_content() for c in mine.css('main tbody td')] == [c.text_content() for c in paper.css('main tbody td')] and not mine.css('main form')
    receipt = page.click('Receipt RC1')
    assert 'Log out' not in receipt.text and receipt.click('Your booking').h1
    assert receipt.status == 200 and '$250.00, Card terminal (Slip 9)' in words(receipt) and 'Owed after this: $450.00' in words(receipt)
    # A credit note, a refund, a payment that was taken back.
    assert clerk.open(paper.path).form(button='Issue the credit note').fill(reason='Wrong address').submit().status == 200
    page = visitor.open('/booking/account')
    assert 'Credited' in page.text and 'is no longer to be paid' in page.text
    note = page.click('Credit note CN')
    assert note.status == 200 and '− $700.00' in note.text and 'Wrong address' in note.text
    assert clerk.open(account).click('Reverse').form(action='/reversal').fill(note='Chargeback').submit().status == 200
    page = visitor.open('/booking/account')
    assert 'you owe $700.00' in words(page) and 'Taken back' in page.text and 'taken back later' in page.click('Receipt RC1').text
    # What is theirs.
    assert pay(clerk, account, '100', means='cash', purpose='deposit').status == 200
    page = visitor.open('/booking/account')
    assert 'Your deposit is $100.00.' in words(page) and 'is a deposit' in page.click('Receipt RC1').text
    sound(database)


def test_what_the_payer_decides_is_not_asked_for(visitor, clerk, database):
    uid = booked(visitor, database)
    database.rows("INSERT INTO coverage (uid, patient_id, payer_id, member_id, group_no, created_at) SELECT CONCAT('3', SUBSTR(p.uid, 2)), p.id, 1, 'GM1', 'G', 0"
                  ' FROM patient p JOIN booking b ON b.patient_id = p.id WHERE b.uid = %s', uid)
    database.rows('UPDATE booking b SET b.coverage_id = (SELECT MAX(id) FROM coverage), b.self_pay = 0 WHERE b.uid = %s', uid)
    treated(database, uid, on_claim=1)
    payer = database.value('SELECT name FROM payer WHERE id = 1')
    text = words(visitor.open('/booking/account'))
    assert 'You owe nothing now.' in text and payer + ' has not decided yet about $700.00. You are not asked for this now.' in text
    account = account_of(database, uid)
    charge = database.value('SELECT MIN(c.id) FROM charge_item c JOIN booking b ON b.id = c.booking_id WHERE b.uid = %s', uid)
    assert clerk.open(account + '/move?charge=%d' % charge).form(button='Move').fill(amount='30', reason='deductible', note='Deductible').submit().status == 200
    assert clerk.open(account + '/payer-write-off?charge=%d' % charge).form(button='Give it up').fill(amount='170', reason='contractual', note='CO').submit().status == 200
    text = words(visitor.open('/booking/account'))
    assert 'For this treatment you owe $30.00.' in text and 'contract with us $170.00' in text and 'not decided yet about $500.00' in text
    sound(database)


def test_of_other_bookings_only_the_sum(visitor, server, clerk, database):
    """Two bookings of two records that are one person; each link shows what its booking is about."""
    one = booked(visitor, database)
    treated(database, one)
    with server.visitor() as other:
        two = booked(other, database, family='Lovelace', given='Augusta')
        treated(database, two, (('Very private matter', 9000),))
        kept, merged = (database.value('SELECT patient_id FROM booking WHERE uid = %s', u) for u in (one, two))
        assert 'other treatments' not in other.open('/booking/account').text
        if kept != merged:
            database.rows("INSERT INTO patient_merge (merged_id, kept_id, reason, at) VALUES (%s, %s, 'Same', 1)", merged, kept)
        papers = [clerk.open('/billing/bookings/' + u).form(button='Issue the invoice').submit() for u in (one, two)]
        assert pay(clerk, account_of(database, one), '750', means='check').status == 200
        here, there = visitor.open('/booking/account'), other.open('/booking/account')
        assert 'For other treatments you owe $40.00.' in words(here) and 'Very private' not in here.text and 'you owe $40.00' in words(there)
        assert 'Office visit' not in there.text and papers[0].h1 not in there.text
        receipt = here.click('Receipt RC1')
        assert 'Another treatment' in receipt.text and 'Very private' not in receipt.text and papers[1].h1.split()[-1] not in receipt.text and 'Injection' in receipt.text
        mine = there.click('Receipt RC1')
        assert 'Very private matter' in mine.text and 'Injection' not in mine.text
        # What pays for the other one alone is not here.
        assert pay(clerk, account_of(database, one), '40', means='cash').status == 200
        assert len([a for a in visitor.open('/booking/account').links() if '/receipts/' in a]) == 1
        assert len([a for a in other.open('/booking/account').links() if '/receipts/' in a]) == 2
    sound(database)


def test_nobody_elses(visitor, server, clerk, staff, database):
    uid = booked(visitor, database)
    treated(database, uid)
    paper = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    assert pay(clerk, account_of(database, uid), '50').status == 200
    assert clerk.open(paper.path).form(button='Issue the credit note').fill(reason='Wrong').submit().status == 200
    mine = sorted(set(re.sub(r'^.*?(/booking/account/[a-z]+/\w+).*$', r'\1', a) for a in visitor.open('/booking/account').links() if '/booking/account/' in a))
    assert len(mine) == 3 and all(visitor.get(a).status_code == 200 for a in mine)
    with server.visitor() as other:
        assert all(other.get(a).status_code in (303, 401, 403) for a in ['/booking/account'] + mine), 'without a link'
        theirs = booked(other, database, family='Byron', given='Ada', birth_date='1/2/1970')
        assert other.open('/booking/account').status == 200 and '$' not in other.open('/booking/account').css('main')[0].text_content()
        for address in mine:
            assert other.get(address).status_code == 404 and other.get(address + '?booking=' + uid).status_code in (303, 404), address
            assert visitor.get(address[:-1] + ('a' if address[-1] != 'a' else 'b')).status_code == 404
        assert theirs != uid
    for role in ('front_desk', 'billing', 'clinician', 'admin'):
        assert staff(role).get('/booking/account').status_code in (303, 401, 403), role
    for path in ('/booking/account/invoices/x', '/booking/account/receipts/' + '0' * 26, "/booking/account/credits/a'b", '/booking/account/claims/' + '0' * 26):
        assert visitor.get(path).status_code in (400, 404), path
    # Nothing is there while a time is only held.
    with server.visitor() as holder:
        patient.hold(holder)
        assert holder.get('/booking/account').status_code == 404
