# SPDX-License-Identifier: Apache-2.0
"""An invoice of $400 or more above the estimate needs a second look that says why: on the page, in a batch, and whatever SQL says."""
import re

import pymysql
import pytest

import patient
from test_estimates import booked


@pytest.fixture
def clerk(staff):
    return staff('billing')


def treated(visitor, database, above, parts=1):
    """A treatment for which ABOVE more is charged than the estimate of 95000 says, in PARTS equal charges."""
    booking, uid = booked(visitor, database)
    for number in range(1, parts + 1):
        amount = (95000 + above) // parts
        database.rows("INSERT INTO charge_item (booking_id, line_no, step_kind, code_system, code, description, quantity, unit_minor, total_minor, currency, on_claim, service_date,"
                      " created_at) VALUES (%s, %s, 'inject', '', 'X', 'Injection', 1, %s, %s, 'USD', 0, CURDATE(), UNIX_TIMESTAMP())", booking, number, amount, amount)
    for status in ('arrived', 'in-progress', 'completed'):
        database.rows('UPDATE booking SET status = %s WHERE id = %s', status, booking)
    return booking, uid


def made(database, booking):
    return database.value('SELECT COUNT(*) FROM invoice WHERE booking_id = %s', booking)


def text(page):
    return re.sub(r'\s+', ' ', page.css('main')[0].text_content())


@pytest.mark.parametrize('above', [-5000, 0, 39999])
def test_less_is_only_shown(visitor, clerk, database, above):
    booking, uid = treated(visitor, database, above)
    page = clerk.open('/billing/bookings/' + uid)
    assert ('$399.99 more' in text(page)) == (above == 39999) and ('The estimate was $950.00.' in text(page)) == (above > 0) and not page.css('#reason')
    assert 'Second look' not in text(page)
    assert page.form(button='Issue the invoice').submit().path.startswith('/billing/invoices/') and made(database, booking) == 1


def test_more_needs_a_reason(visitor, clerk, database):
    booking, uid = treated(visitor, database, 40000)
    page = clerk.open('/billing/bookings/' + uid)
    assert '$400.00 more' in text(page) and page.css('#reason')
    series = database.value("SELECT COALESCE(MAX(last), 0) FROM invoice_series WHERE series LIKE 'INV-%%'")
    for reason, status, said in (('', 409, 'at least $400 more than the estimate of $950.00'), ('   ', 409, 'at least $400 more'), ('x' * 201, 422, 'at most 200 characters')):
        page = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').fill(reason=reason).submit()
        assert page.status == status and said in page.text, (reason, page)
        assert page.css('#reason')[0].get('value', '').strip() == reason.strip()
    assert made(database, booking) == 0 and database.value('SELECT COUNT(*) FROM estimate_excess') == 0
    page = page.form(button='Issue the invoice').fill(reason='A second injection, agreed on the day').submit()
    assert page.path.startswith('/billing/invoices/') and made(database, booking) == 1
    assert database.value("SELECT COALESCE(MAX(last), 0) FROM invoice_series WHERE series LIKE 'INV-%%'") == series + 1
    assert database.rows('SELECT x.billed_minor, x.reason, x.at > 1000, x.staff_id > 0 FROM estimate_excess x JOIN estimate e ON e.id = x.estimate_id WHERE e.booking_id = %s',
                         booking) == ((135000, 'A second injection, agreed on the day', 1, 1),)
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'estimate.exceed'") >= 1
    # Who looked, when and why stands on the invoice and on the account, for staff only.
    whose = database.value('SELECT s.name FROM estimate_excess x JOIN staff s ON s.id = x.staff_id ORDER BY x.id DESC LIMIT 1')
    for shown in (page, clerk.open('/billing/bookings/' + uid)):
        said = ' '.join(shown.css('main')[0].text_content().split())
        assert 'Up to $1,350.00 may be billed, more than the estimate of $950.00: A second injection, agreed on the day (%s,' % whose in said, said
    mine = visitor.open('/booking/account/invoices/' + page.path.rsplit('/', 1)[1])
    assert mine.status == 200 and 'agreed on the day' not in mine.text
    # After a credit note the same may be billed again: somebody looked at it.
    page.form(button='Issue the credit note').fill(reason='Wrong address').submit()
    page = clerk.open('/billing/bookings/' + uid)
    assert not page.css('#reason') and page.form(button='Issue the invoice').submit().path.startswith('/billing/invoices/')


def test_a_batch_leaves_it(visitor, clerk, server, database):
    booking, uid = treated(visitor, database, 40000)
    with server.visitor() as other:
        fine, fine_uid = treated(other, database, 39999)
    page = clerk.open('/billing')
    assert {uid, fine_uid} <= {box.get('value') for box in page.css('input[name=booking]')}
    page = page.form(having='shown').submit('Create all')
    assert page.status == 200 and made(database, booking) == 0 and made(database, fine) == 1
    assert 'at least $400 more than the estimate' in clerk.open('/billing').text


ADD = ("INSERT INTO invoice (uid, series, number, booking_id, turn, patient_id, patient_name, patient_address, issuer, issued_at, issued_by, total_minor, currency)"
       " SELECT LPAD(%%s, 26, '0'), 'T-1', (SELECT COALESCE(MAX(i.number), 0) + 1 FROM invoice i WHERE i.series = 'T-1'), id,"
       " (SELECT COUNT(*) FROM invoice i WHERE i.booking_id = booking.id), patient_id, 'Ada', '', 'Clinic', 1, 1, %%s, '%s' FROM booking WHERE id = %%s")


def test_the_estimate_counts_whatever_is_moved_or_left_out(visitor, database):
    """By SQL with the module's account: another time, invoices that name no charge, another currency."""
    booking, _ = treated(visitor, database, 40000)
    database.rows("INSERT IGNORE INTO invoice_series (series, last) VALUES ('T-1', 0)")
    with database.connect('regen') as db, db.cursor() as sql:
        sql.execute('UPDATE booking SET starts_at = 300 WHERE id = %s', (booking,))
        with pytest.raises(pymysql.Error, match='second look'):
            sql.execute(ADD % 'USD', (booking * 10, 135000, booking))
        with pytest.raises(pymysql.Error, match='second look'):
            sql.execute(ADD % 'EUR', (booking * 10, 135000, booking))
        sql.execute(ADD % 'USD', (booking * 10, 95000, booking))
        with pytest.raises(pymysql.Error, match='second look'):
            sql.execute(ADD % 'USD', (booking * 10 + 1, 40000, booking))


@pytest.mark.parametrize('user', ['regen', 'regen_owner'])
def test_sql_does_not_either(visitor, database, user):
    booking, _ = treated(visitor, database, 40000, parts=2)
    charges = [c for c, in database.rows('SELECT id FROM charge_item WHERE booking_id = %s ORDER BY id', booking)]
    database.rows("INSERT IGNORE INTO invoice_series (series, last) VALUES ('T-1', 0)")
    add = ADD % 'USD'
    with database.connect(user) as db, db.cursor() as sql:
        with pytest.raises(pymysql.Error, match='second look'):
            sql.execute(add, (booking * 10, 135000, booking))
        sql.execute(add, (booking * 10 + 1, 134999, booking))  # by its total it may
        invoice = sql.lastrowid or database.value('SELECT MAX(id) FROM invoice')
        for number, charge in enumerate(charges, 1):
            sql.execute("INSERT INTO invoice_line (invoice_id, line_no, code, description, service_date, quantity, unit_minor, total_minor)"
                        " VALUES (%s, %s, 'X', 'X', CURDATE(), 1, 67500, 67500)", (invoice, number))
        sql.execute('INSERT INTO invoice_charge (invoice_id, charge_id, line_no, amount_minor) VALUES (%s, %s, 1, 67500)', (invoice, charges[0]))
        with pytest.raises(pymysql.Error, match='second look'):
            sql.execute('INSERT INTO invoice_charge (invoice_id, charge_id, line_no, amount_minor) VALUES (%s, %s, 2, 67500)', (invoice, charges[1]))
        estimate = database.value('SELECT id FROM estimate WHERE booking_id = %s', booking)
        look = 'INSERT INTO estimate_excess (estimate_id, billed_minor, reason, staff_id) VALUES (%s, %s, %s, 1)'
        for values in ((estimate, 134999, 'Not so much'), (estimate, 135000, ''), (estimate, 135000, ' '), (0, 135000, 'Of none'), (estimate, 135000, '.\t'), (estimate, 135001, 'More than was charged')):
            with pytest.raises(pymysql.Error):
                sql.execute(look, values)
        sql.execute(look, (estimate, 135000, 'Two of them'))
        for attack in ('UPDATE estimate_excess SET billed_minor = 999999', 'DELETE FROM estimate_excess'):
            with pytest.raises(pymysql.Error):
                sql.execute(attack)
        sql.execute('INSERT INTO invoice_charge (invoice_id, charge_id, line_no, amount_minor) VALUES (%s, %s, 2, 67500)', (invoice, charges[1]))
        with pytest.raises(pymysql.Error, match='second look'):
            sql.execute(add, (booking * 10 + 2, 1, booking))  # a cent more than was looked at
