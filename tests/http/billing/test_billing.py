# SPDX-License-Identifier: Apache-2.0
"""The billing staff's pages over HTTP: queues, an account, its invoice and its claim, many at once, and what a second press
does."""
import os
import re
import threading

import lxml.etree
import pytest

import env
from billfill import TOTAL, completed

SCHEMA = os.path.join(env.ROOT, '..', 'shared', 'data', 'fhir', 'xsd', 'fhir-single.xsd')
FHIR = {'f': 'http://hl7.org/fhir'}


@pytest.fixture
def clerk(staff):
    return staff('billing')


def counts(page):
    return [int(e.text_content().replace(',', '')) for e in page.css('.tabs .count')]


def made(database, uid):
    return database.value('SELECT COUNT(*) FROM invoice i JOIN booking b ON b.id = i.booking_id WHERE b.uid = %s', uid)


# --- the queues --------------------------------------------------------------------------------------------------------

def test_queue_names_what_is_open(clerk, database):
    before = counts(clerk.open('/billing'))
    completed(database, 2, family='Queued')
    completed(database, 1, insured=False, family='Alone')
    page = clerk.open('/billing')
    assert page.status == 200 and page.h1 == 'Billing'
    assert [a - b for a, b in zip(counts(page), before)] == [1, 2, 0]  # who is insured is not invoiced
    page = clerk.open('/billing?queue=to-claim')
    assert 'Granite Mutual Health' in page.text and 'Alone' not in page.text


def test_queue_pages(clerk, database):
    completed(database, 120, family='Paged')
    seen = []
    page = clerk.open('/billing?queue=to-claim')
    while True:
        seen += [box.get('value') for box in page.css('input[name=booking]')]
        if not page.css('a[rel=next]'):
            break
        page = page.click('Next')
    assert len(seen) == len(set(seen)) == database.value("SELECT COUNT(*) FROM billing_work WHERE queue = 'to-claim'")
    assert clerk.open('/billing?queue=to-claim&page=99999').css('a[rel=prev]')  # the last one there is


@pytest.mark.parametrize('query', ['queue=nothing', 'page=0', 'page=-1', 'page=x', 'page=99999999999999999999',
                                   'queue=to-claim&done=-1', 'done=1e3', 'queue=%00', 'queue=<script>'])
def test_queue_refuses_nonsense(clerk, query):
    assert clerk.get('/billing?' + query).status_code in (400, 404)


def test_no_queue_without_login(visitor):
    page = visitor.open('/billing')
    assert page.css('input[name=password]'), page
    assert visitor.get('/billing/claims/' + '0' * 26 + '/file').status_code in (303, 401)


@pytest.mark.parametrize('role', ['front_desk', 'clinician'])
def test_no_queue_for_others(staff, role):
    assert staff(role).get('/billing').status_code == 403


def test_no_link_leads_to_a_refusal(staff):
    for role in ('billing', 'front_desk', 'clinician', 'admin'):
        one = staff(role)
        page = one.open('/billing' if role in ('billing', 'admin') else '/staff')
        for address in {a for a in page.links() if '#' not in a and '/static/' not in a and a.startswith('http')}:
            assert one.get(address).status_code < 400, (role, address)


# --- an account -------------------------------------------------------------------------------------------------------

def test_account_from_charges_to_claim(clerk, database):
    uid, = completed(database, own=True)
    page = clerk.open('/billing/bookings/' + uid)
    assert page.h1 == 'Ada 1 Lovelace'
    assert '$' + TOTAL in page.text and 'BMAC-KNEE RT' in page.text
    page = page.form(button='Issue the invoice').submit()
    assert re.fullmatch(r'/billing/invoices/\w{26}', page.path)
    number = database.value('SELECT i.number FROM invoice i JOIN booking b ON b.id = i.booking_id WHERE b.uid = %s', uid)
    assert page.h1.endswith('-%06d' % number)
    # What the payer owes is not on it.
    assert 'Total$800.00' in page.text.replace(' ', '') and '$' + TOTAL not in page.text and '7 Analytical Way, Dover, NH 03820' in page.text
    page = page.click('Account')
    assert not [f for f in page.forms() if 'invoice' in f.action]
    assert 'Ada' in page.text and 'M17.11' in page.text  # what would be sent, before it is
    page = page.form(button='Create the claim').submit()
    assert re.fullmatch(r'/billing/claims/\w{26}', page.path)
    assert 'M17.11' in page.text and '$3,800.00' in page.text
    page = clerk.open('/billing/bookings/' + uid)
    assert not [f for f in page.forms() if 'claim' in f.action]
    assert uid not in clerk.open('/billing').html


def test_the_insured_are_not_invoiced_for_what_the_payer_owes(clerk, database):
    uid, = completed(database)
    page = clerk.open('/billing/bookings/' + uid)
    assert not [f for f in page.forms() if f.action.endswith('/invoice')]
    assert 'Granite Mutual Health owes $2,300.00.' in page.text and 'Granite Mutual Health owes the rest' in page.text
    other, = completed(database, own=True)
    form = clerk.open('/billing/bookings/' + other).form(button='Issue the invoice')
    form.action = form.action.replace(other, uid)
    page = form.submit()
    assert page.status == 409 and 'Granite Mutual Health owes this treatment' in page.text
    assert made(database, uid) == 0


def test_download_is_what_was_stored(clerk, database):
    uid, = completed(database)
    page = clerk.open('/billing/bookings/' + uid).form(button='Create the claim').submit()
    answer = clerk.get(page.link('Download'))
    assert answer.status_code == 200
    assert answer.headers['content-type'] == 'application/fhir+xml; charset=utf-8'
    assert re.fullmatch(r'attachment; filename="C\d{9}\.xml"', answer.headers['content-disposition'])
    assert answer.headers['cache-control'] == 'no-store'
    stored, digest = database.rows('SELECT c.xml, SHA2(c.xml, 256) = LOWER(HEX(c.xml_sha256)) FROM claim c JOIN booking b'
                                   ' ON b.id = c.booking_id WHERE b.uid = %s', uid)[0]
    assert answer.content == stored and digest == 1
    tree = lxml.etree.fromstring(answer.content)
    assert tree.xpath('string(f:total/f:value/@value)', namespaces=FHIR) == '4600.00'
    nets = [value.split('.') for value in tree.xpath('f:item/f:net/f:value/@value', namespaces=FHIR)]
    assert sum(int(a + b) for a, b in nets) == 460000


@pytest.mark.skipif(not os.path.exists(SCHEMA), reason='no FHIR schema beside the project')
def test_claims_are_valid(clerk, database):
    schema = lxml.etree.XMLSchema(lxml.etree.parse(SCHEMA))
    uid, = completed(database, family='Ó <Briain> & "Söhne"')
    page = clerk.open('/billing/bookings/' + uid).form(button='Create the claim').submit()
    schema.assertValid(lxml.etree.fromstring(clerk.get(page.link('Download')).content))


@pytest.mark.skipif(not os.path.exists(SCHEMA), reason='no FHIR schema beside the project')
def test_claims_are_validated_before_they_are_stored(server, servers, database, sample):
    strict = servers(extra='RegenFHIRSchema "%s"' % os.path.realpath(SCHEMA))
    uid, = completed(database)
    with strict.visitor() as clerk:
        clerk.login(sample['billing_login'], sample['billing_password'])
        page = clerk.open('/billing/bookings/' + uid).form(button='Create the claim').submit()
        assert page.status == 200 and page.h1.startswith('Claim C')


def test_account_tells_what_is_wrong(clerk, database):
    uid, = completed(database)
    booking = database.value('SELECT id FROM booking WHERE uid = %s', uid)
    good = clerk.open('/billing/bookings/' + uid).form(button='Create the claim')
    database.rows("UPDATE booking_diagnosis SET code = 'M17.12' WHERE booking_id = %s", booking)
    database.rows("UPDATE resource SET npi = '1234567892' WHERE id = 1")
    try:
        page = clerk.open('/billing/bookings/' + uid)
        assert 'for the left side, but the right side was treated' in page.text
        assert 'NPI is missing or has a wrong check digit' in page.text
        assert not [f for f in page.forms() if f.action.endswith('/claim')]
        # Whoever had the page open before gets the same reasons, and nothing is made.
        page = good.submit()
        assert page.status == 409 and page.title.startswith('Error:')
        assert 'for the left side' in page.text and 'The claim was not created' in page.text
        assert database.value('SELECT COUNT(*) FROM claim WHERE booking_id = %s', booking) == 0
    finally:
        database.rows("UPDATE resource SET npi = '1234567893' WHERE id = 1")


def test_account_before_completion(clerk, database):
    uid, = completed(database, status='in-progress')
    page = clerk.open('/billing/bookings/' + uid)
    assert page.status == 200
    assert not [f for f in page.forms() if uid in f.action]
    assert 'once the treatment is completed' in page.text


@pytest.mark.parametrize('path', ['/billing/bookings/%s', '/billing/invoices/%s', '/billing/claims/%s',
                                  '/billing/claims/%s/file'])
@pytest.mark.parametrize('uid', ['0' * 26, '9' * 26, 'x', "a'b", '../../x', 'e' * 300])
def test_unknown(clerk, path, uid):
    assert clerk.get(path % uid).status_code in (400, 404)


# --- twice ------------------------------------------------------------------------------------------------------------

def test_second_press_leads_to_the_same_paper(clerk, database):
    uid, = completed(database, own=True)
    form = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice')
    first, second = form.submit(), form.submit()
    assert first.status == second.status == 200 and first.url == second.url
    assert made(database, uid) == 1
    form = clerk.open('/billing/bookings/' + uid).form(button='Create the claim')
    assert form.submit().url == form.submit().url


def test_two_clerks(clerk, staff, database):
    uid, = completed(database, own=True)
    other = staff('admin').open('/billing/bookings/' + uid).form(button='Issue the invoice')
    clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice').submit()
    page = other.submit()
    assert page.status == 409 and 'already has an invoice' in page.text
    assert page.link('Invoice INV-')
    assert made(database, uid) == 1


def test_sixteen_presses_at_once(clerk, database):
    uid, = completed(database, own=True)
    form = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice')
    answers = []

    def press():
        answers.append(form.submit(follow=False))

    threads = [threading.Thread(target=press) for _ in range(16)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert {a.status_code for a in answers} == {303}
    assert len({a.headers['location'] for a in answers}) == 1
    assert made(database, uid) == 1


def test_not_without_the_pages_own_proof(clerk, database):
    uid, = completed(database, own=True)
    form = clerk.open('/billing/bookings/' + uid).form(button='Issue the invoice')
    form.set('csrf', 'A' * 43)
    assert form.submit().status == 403
    assert made(database, uid) == 0


# --- many -------------------------------------------------------------------------------------------------------------

def test_many_chosen(clerk, database):
    uids = completed(database, 3, family='Chosen')
    page = clerk.open('/billing?queue=to-claim')
    while uids[0] not in page.html:
        page = page.click('Next')
    form = page.form(having='booking')
    # Two boxes of one name: what a browser would send.
    pairs = [(n, v) for n, v in form.pairs() if n not in ('booking',)] + [('booking', u) for u in uids[:2]] + [
        ('which', 'chosen')]
    answer = clerk.post(form.action, data=dict_of(pairs), headers={'Referer': page.url, 'Origin': env.origin_of(page.url)})
    assert answer.status_code == 303
    page = clerk.open(answer.headers['location'])
    assert '2 claims were created.' in page.text
    assert database.value('SELECT COUNT(*) FROM claim c JOIN booking b ON b.id = c.booking_id WHERE b.uid IN (%s, %s)',
                          *uids[:2]) == 2
    assert uids[2] in ''.join(p.html for p in all_pages(clerk, 'to-claim'))


def dict_of(pairs):
    fields = {}
    for name, value in pairs:
        fields.setdefault(name, []).append(value)
    return fields


def all_pages(clerk, queue):
    page = clerk.open('/billing?queue=' + queue)
    yield page
    while page.css('a[rel=next]'):
        page = page.click('Next')
        yield page


def test_all_of_a_page(clerk, database):
    completed(database, 60, family='Bulk')
    bad, = completed(database, 1, family='Broken')
    database.rows('DELETE FROM booking_diagnosis WHERE booking_id = (SELECT id FROM booking WHERE uid = %s)', bad)
    while True:
        page = clerk.open('/billing?queue=to-claim')
        before = counts(page)
        page = page.form(having='shown').submit('Create all')
        assert page.status == 200
        after = counts(page)
        assert after[2] - before[2] == before[1] - after[1]
        if after[1] == before[1]:
            break
    # What was not in order is still there, with a way to its reasons.
    assert 'could not be created' in page.text and 'were created' in page.text
    page = next(p for p in all_pages(clerk, 'to-claim') if bad in p.html)
    row = [tr for tr in page.css('tbody tr') if [i for i in tr.iter('input') if i.get('value') == bad]][0]
    assert 'At least one diagnosis is needed' in row.text_content() and 'Not created on' in row.text_content()
    # What was not tried yet comes before it, however old it is.
    fresh, = completed(database, 1, family='Fresh')
    uids = [box.get('value') for p in all_pages(clerk, 'to-claim') for box in p.css('input[name="booking"]')]
    assert uids.index(fresh) < uids.index(bad)
    assert 'At least one diagnosis is needed' in page.click('Broken').text
    numbers = [int(n[0][1:]) for n in database.rows('SELECT claim_no FROM claim ORDER BY claim_no')]
    assert numbers == list(range(1, len(numbers) + 1))


def test_none_chosen(clerk, database):
    completed(database)
    page = clerk.open('/billing').form(having='shown').submit('Create the selected')
    assert page.status == 422 and page.title.startswith('Error:')
    assert 'Choose at least one' in page.text


def test_many_is_not_for_the_desk(staff, clerk, database):
    uid, = completed(database)
    answer = staff('front_desk').post('/billing/invoices', data={'booking': uid, 'which': 'chosen'})
    assert answer.status_code == 403
    assert made(database, uid) == 0
