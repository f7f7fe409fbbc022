# SPDX-License-Identifier: Apache-2.0
"""What a form about the patient begins with: nothing of another booking of the browser, whoever holds it now; what was said for this one; and nothing
that was said is lost by sending it again."""
import re

import patient
from joining import waiting


def fields(page):
    form = page.form(having='family')
    return [form.value(n) for n in ('given', 'family', 'email', 'phone', 'member_id', 'address_line')]


def test_nothing_of_another_booking(visitor, server):
    """Neither in the browser that booked, nor in one that opened the private link, whose pages never show that much."""
    page = patient.hold(visitor)
    payers = [o.get('value') for o in page.css('#payer_code option')]
    patient.give_details(page, pay='insurance', payer_code=payers[1], member_id='SECRET123', relationship='self')
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    link = [a for a in page.links() if re.search(r'/b/', a)][0]
    with server.visitor() as other:
        other.open(link).form(having='birth_year').fill(birth_date='12/10/1962').submit()
        for browser in (visitor, other):
            held = patient.hold(browser)
            assert not any(fields(held)) and 'SECRET123' not in held.html and 'Lovelace' not in held.html


def test_an_offer_is_for_who_waited(visitor, server, database):
    """In a browser that has somebody else's booking, too."""
    patient.book(visitor)
    with server.visitor() as other:
        patient.book(other)
        waiting(visitor, database)
        other.open('/booking/cancel').form(action='/booking/cancel').submit()
    page = visitor.open('/waiting').form(action='/waiting/accept').submit()
    assert fields(page)[:2] == ['Grace', 'Hopper']


def test_a_sex_that_was_said_stays(visitor, database):
    """Also where no address was asked for with it: the form is sent again as it is shown."""
    patient.give_details(patient.hold(visitor), address_line='', city='', state='', postal_code='', gender='female')
    said = 'SELECT gender FROM patient ORDER BY id DESC LIMIT 1'
    assert database.value(said) == 'female'
    visitor.open('/booking/details').form(having='family').submit()
    assert database.value(said) == 'female'
