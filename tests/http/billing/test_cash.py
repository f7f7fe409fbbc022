# SPDX-License-Identifier: Apache-2.0
"""The cash desk: what should be there follows from what was posted, what is counted differs only with a reason, and a day is closed once."""
import threading

import second_site
from billfill import completed
from test_payments import account_of, pay, sound


def desk_sum(database):
    return int(database.value("SELECT COALESCE(SUM(IF(a.id = t.debit_account, t.amount_minor, -t.amount_minor)), 0) FROM account a JOIN transfer t"
                              " ON a.id IN (t.debit_account, t.credit_account) WHERE a.kind = 'cash' AND a.means = 'cash' AND a.site_id = 1"))


def test_a_day_is_counted_and_closed(staff, database):
    uid, = completed(database, insured=False)
    account, desk, clerk = account_of(database, uid), staff('front_desk'), staff('billing')
    assert pay(desk, account, '120', means='cash').status == 200 and pay(desk, account, '80', means='card').status == 200
    assert pay(desk, account, '30', means='cash').status == 200
    assert clerk.open(account).click('Reverse').form(action='/reversal').fill(note='Typed wrongly').submit().status == 200  # the last one: $30
    page = desk.open('/billing/cash')
    assert 'Card terminal1$80.00' in page.text.replace(' ', '').replace('Cardterminal', 'Card terminal') and desk_sum(database) == 12000
    for counted, banked, field, words in (('', '', 'counted', 'Enter an amount'), ('-1', '', 'counted', 'Enter an amount'), ('10000000000.01', '', 'counted', 'Enter an amount'),
                                          ('120', 'x', 'banked', 'Enter an amount'), ('120', '120.01', 'banked', 'Only $120.00 was counted'),
                                          ('115', '', 'note', 'There should be $120.00: $5.00 is missing')):
        page = desk.open('/billing/cash').form(action='/cash').fill(counted=counted, banked=banked).submit()
        assert page.status == 422 and words in page.error_for(field), page
        assert page.form(action='/cash').value('counted') == counted and desk_sum(database) == 12000
    form = page.form(action='/cash').fill(note='Change was given twice', banked='100')
    pages = []
    threads = [threading.Thread(target=lambda: pages.append(form.submit())) for _ in range(4)]
    other = clerk.open('/billing/cash').form(action='/cash').fill(counted='115', banked='')
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {p.status for p in pages} == {200} and 'closed for today' in pages[0].text and '− $5.00' in pages[0].text and 'Change was given twice' in pages[0].text
    assert database.rows('SELECT expected_minor, counted_minor, banked_minor FROM cash_count') == ((12000, 11500, 10000),) and desk_sum(database) == 1500
    page = other.fill(note='Once more').submit()
    assert page.status == 409 and 'already closed today' in page.text and desk_sum(database) == 1500
    assert pay(desk, account, '7', means='cash').status == 200 and desk_sum(database) == 2200  # counted tomorrow
    assert staff('clinician').get('/billing/cash').status_code == 403 and desk.get('/billing/cash?site=mars').status_code == 404
    sound(database)


def test_nobody_gives_a_reason_for_a_difference_they_did_not_see(staff, database, new_clinic):
    """Money that comes while the reason is typed makes another difference: it is shown before it is posted."""
    database, server = new_clinic()
    server.start()
    sample = server.sample
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    with server.visitor() as desk:
        desk.login(sample['front_desk_login'], sample['front_desk_password'])
        assert pay(desk, account, '100', means='cash').status == 200
        page = desk.open('/billing/cash').form(action='/cash').fill(counted='95', note='Change').submit()
        assert page.status == 422 and '$5.00 is missing' in page.error_for('note') and 'close once more' in page.error_for('note')
        assert pay(desk, account, '7', means='cash').status == 200
        page = page.form(action='/cash').submit()
        assert page.status == 422 and 'There should be $107.00: $12.00 is missing' in page.error_for('note') and desk_sum(database) == 10700
        page = page.form(action='/cash').fill(counted='102').submit()
        assert page.status == 422 and '$5.00 is missing' in page.error_for('note') and page.form(action='/cash').value('note') == 'Change'
        assert page.form(action='/cash').submit().status == 200
    assert database.rows('SELECT expected_minor, counted_minor, note FROM cash_count') == ((10700, 10200, 'Change'),) and desk_sum(database) == 10200
    sound(database)


def test_a_large_difference_is_counted_by_somebody_else(staff, database, new_clinic):
    """Up to the limit whoever takes the money may count it; beyond it billing staff or an administrator who did not."""
    database, server = new_clinic()
    server.start()
    sample = server.sample
    uid, = completed(database, insured=False)
    account = account_of(database, uid)

    def one(role):
        visitor = server.visitor()
        visitor.login(sample[role + '_login'], sample[role + '_password'])
        return visitor
    desk, clerk, admin = one('front_desk'), one('billing'), one('admin')
    assert pay(desk, account, '100', means='cash').status == 200 and pay(clerk, account, '50', means='cash').status == 200
    for who in (desk, clerk):
        page = who.open('/billing/cash').form(action='/cash').fill(counted='129.99', note='A thief').submit()
        assert page.status == 422 and 'There should be $150.00: $20.01 is missing' in page.error_for('counted') and 'more than $20.00' in page.error_for('counted'), page
        assert page.form(action='/cash').value('note') == 'A thief'
    page = admin.open('/billing/cash').form(action='/cash').fill(counted='129.99').submit()
    assert page.status == 422 and 'enter why' in page.error_for('note')
    page = page.form(action='/cash').fill(note='Card 4111111111111111').submit()
    assert page.status == 422 and 'number of a card' in page.error_for('note')
    assert page.form(action='/cash').fill(note='Told the police').submit().status == 200
    assert database.rows('SELECT expected_minor, counted_minor FROM cash_count') == ((15000, 12999),) and desk_sum(database) == 12999
    for who in (desk, clerk, admin):
        who.close()
    sound(database)


def test_cash_of_an_earlier_day_goes_back_within_the_limits(staff, servers, sample, database):
    """What was counted and banked is given back as a refund is: a reversal is no way around its limit. Of today it is a slip of the pen."""
    uid, = completed(database, insured=False)
    account = account_of(database, uid)
    person = database.value('SELECT patient_id FROM booking WHERE uid = %s', uid)
    assert pay(staff('front_desk'), account, '150', means='cash').status == 200
    today = database.value('SELECT uid FROM ledger_entry WHERE patient_id = %s', person)
    database.rows("INSERT IGNORE INTO account (kind, patient_id, means, currency) VALUES ('deposit', %s, 'cash', 'USD')", person)
    database.rows("INSERT INTO ledger_entry (uid, kind, patient_id, site_id, means, amount_minor, currency, day, at, staff_id, once_key)"
                  " SELECT REPEAT('7', 26), kind, patient_id, site_id, means, 15000, currency, day - INTERVAL 1 DAY, at, staff_id, UNHEX(SHA2('earlier', 256))"
                  ' FROM ledger_entry WHERE uid = %s', today)
    database.rows("INSERT INTO transfer (entry_id, kind, debit_account, credit_account, amount_minor, currency, at) SELECT e.id, 'deposit', c.id, d.id, 15000, 'USD', e.at"
                  " FROM ledger_entry e JOIN account d ON d.kind = 'deposit' AND d.means = 'cash' AND d.patient_id = e.patient_id"
                  " JOIN account c ON c.kind = 'cash' AND c.means = 'cash' AND c.site_id = e.site_id AND c.currency = 'USD' WHERE e.uid = REPEAT('7', 26)")
    limited = servers(extra='RegenBillingAdjustmentMax 100\n')
    with limited.visitor() as clerk, limited.visitor() as admin:
        clerk.login(sample['billing_login'], sample['billing_password'])
        admin.login(sample['admin_login'], sample['admin_password'])
        page = clerk.open(account + '/reversal?entry=' + '7' * 26).form(action='/reversal').fill(note='Given back').submit()
        assert page.status == 422 and 'Above $100.00 this is for an administrator' in page.text, page
        assert clerk.open(account + '/reversal?entry=' + today).form(action='/reversal').fill(note='Typed wrongly').submit().status == 200
        assert admin.open(account + '/reversal?entry=' + '7' * 26).form(action='/reversal').fill(note='Given back').submit().status == 200
    sound(database)


def test_a_site_that_offers_nothing_any_more_has_its_cash_desk(new_clinic):
    """What was taken there is counted there, and stays in its account."""
    database, server = new_clinic()
    server.start()
    site = second_site.open_london(database.rows, 'America/New_York')
    database.rows("UPDATE service SET active = 0 WHERE code = 'thames-talk'")
    uid, = completed(database, insured=False)
    with server.visitor() as desk:
        desk.login(server.sample['front_desk_login'], server.sample['front_desk_password'])
        page = desk.open('/billing/cash?site=london')
        assert page.status == 200 and 'Thames Joint Clinic' in page.text
        form = desk.open(account_of(database, uid) + '/payment').form(action='/payment').fill(amount='30', means='cash', purpose='owed', site='london')
        assert form.submit().status == 200
        assert database.value('SELECT site_id FROM ledger_entry') == site
        page = desk.open('/billing/cash?site=london').form(having='counted').fill(counted='30').submit()
        assert page.status == 200 and database.rows('SELECT site_id, expected_minor FROM cash_count') == ((site, 3000),)
    sound(database)
