# SPDX-License-Identifier: Apache-2.0
"""What we wrote to patients: on their page, on the chart, and in the outbox of the desk."""
import re

import pytest

import patient


def texts(page):
    """Without those that tell an estimate, which who pays themselves gets beside the confirmation."""
    found = [' '.join(e.text_content().split()) for e in page.css('.letter-text')]
    return [text for text in found if 'good-faith estimate' not in text]


def last(database):
    return database.rows('SELECT uid, service_id FROM booking ORDER BY id DESC LIMIT 1')[0]


def test_patient_and_staff_see_what_was_written(visitor, staff, database):
    page = patient.book(visitor)
    link = patient.private_link(page)
    uid = last(database)[0]
    assert 'Our messages to you' in page.text
    confirmation, = texts(page)
    assert 'Dear Ada Lovelace' in confirmation and 'New York time' in confirmation and 'Portsmouth' in confirmation
    assert 'private link' in confirmation
    token = link.rsplit('/', 1)[1]
    assert token not in confirmation and '/b/' not in confirmation
    subjects = [s.text_content() for s in page.css('.letter summary')]
    subject = 'Your visit at Harbor Joint Clinic is booked'
    assert subjects == ['Your estimate from Harbor Joint Clinic', subject]
    for word in ('platelet', 'plasma', 'tendon', 'elbow', 'injection', '1962'):
        assert word not in (subject + confirmation).lower(), 'health data in a message'
    page = visitor.open('/booking/cancel').form(action='/booking/cancel').submit()
    assert len(texts(page)) == 2 and 'will not take place' in texts(page)[1]
    chart = staff('front_desk').open('/staff/bookings/' + uid)
    assert texts(chart) == texts(page) and 'Messages to the patient' in chart.text


def test_names_are_escaped(visitor):
    page = patient.hold(visitor)
    patient.give_details(page, family='<b>O&Hara</b>')
    patient.sign_all(visitor, name='Ada <b>O&Hara</b>')
    page = visitor.open('/booking/check').form(action='/booking/check').submit()
    assert 'Dear Ada <b>O&Hara</b>,' in texts(page)[0], 'shown as typed'
    assert '<b>O&Hara' not in page.html


def test_outbox(visitor, staff, database):
    patient.book(visitor)
    visitor.open('/booking/cancel').form(action='/booking/cancel').submit()
    desk = staff('front_desk')
    page = desk.open('/staff').click('Messages')
    assert page.h1 == 'Messages to patients'
    waiting = database.value("SELECT COUNT(*) FROM message WHERE status = 'queued'")
    assert re.search(r'Waiting %d' % waiting, page.text)
    assert 'Ada Lovelace' in page.text and 'ada@example.org' in page.text
    page = page.form(action='/staff/messages').fill(kind='cancellation').submit()
    assert 'kind=cancellation' in page.url
    count = database.value("SELECT COUNT(*) FROM message WHERE kind = 'cancellation'")
    assert count and len(texts(page)) == count
    page = page.click('Sent')
    assert 'There are no messages' in page.text and 'kind=cancellation' in page.url
    uid = last(database)[0]
    assert desk.open('/staff/messages').click('Ada Lovelace').path == '/staff/bookings/' + uid


@pytest.mark.parametrize('query', ['status=none', 'kind=none', 'page=0', 'page=x', 'page=99999999'])
def test_outbox_refuses_what_is_not_there(staff, query):
    assert staff('front_desk').open('/staff/messages?' + query).status == 404


def test_outbox_pages(visitor, staff, database):
    patient.book(visitor)
    database.rows("INSERT INTO message (uid, kind, about_id, about_version, booking_id, patient_id, to_name, to_email,"
                  " starts_at, visits, site_name, site_address, site_phone, time_zone, created_at)"
                  " SELECT LPAD(CONV(seq, 10, 32), 26, '7'), 'change', 900000 + seq, 1, NULL, patient_id, to_name,"
                  " to_email, starts_at, visits, site_name, site_address, site_phone, time_zone, created_at"
                  " FROM message JOIN seq_1_to_60 WHERE id = (SELECT MAX(id) FROM message)")
    desk = staff('front_desk')
    page = desk.open('/staff/messages?kind=change')
    assert len(texts(page)) == 50 and 'Page 1 of 2' in page.text
    page = page.click('Next')
    assert len(texts(page)) == 10 and 'kind=change' in page.url
    assert 'has a new time' in page.text


def test_who_may_see_the_outbox(staff, server):
    assert staff('billing').open('/staff/messages').status == 403
    assert 'Messages' not in staff('billing').open('/billing').css('header')[0].text_content()
    with server.visitor() as nobody:
        assert nobody.open('/staff/messages').path.startswith('/login')
