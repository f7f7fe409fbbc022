# SPDX-License-Identifier: Apache-2.0
"""Nobody is treated unless a clinician decided it: the pages of a clinician, of the patient and of the front desk around a treatment order."""
import re

import pytest

import frontdesk
import joining
import ordering
import patient
from dayfill import BORN, now


@pytest.fixture(scope='module')
def needed(database):
    return ordering.needs_order(database)


@pytest.fixture
def ann(needed, database, day):
    """A patient with a consultation: the id and the uid."""
    uid = day.book('consultation', family='Order' + ordering.uid()[1:7].translate(str.maketrans('0123456789', 'abcdefghij')))
    return database.rows('SELECT p.id, p.uid FROM booking b JOIN patient p ON p.id = b.patient_id WHERE b.uid = %s', uid)[0] + (uid,)


def booking_of(database, order_uid):
    return database.rows('SELECT b.uid, b.status, b.patient_id, b.body_site, b.laterality FROM booking b JOIN treatment_order o ON o.id = b.order_id'
                         ' WHERE o.uid = %s ORDER BY b.id DESC', order_uid)


def order_uid(page):
    return page.path.rsplit('/', 1)[1]


def test_without_an_order_nothing_is_held(needed, visitor, staff, database, server):
    page = visitor.open('/services/%s/times' % needed)
    assert page.status == 200 and 'A clinician orders this treatment first' in page.text and not patient.times(page)
    assert 'How to book it' in visitor.open('/').text and 'See free times' not in visitor.open('/services/' + needed).text
    free = server.visitor()
    form = patient.times(patient.times_page(free, 'consultation'))[0]
    form.set('service', needed, force=True)
    for order in (None, 'x', ordering.uid()):
        if order:
            form.set('order', order, force=True)
        form.set('idem', 'A' * 20 + (order or 'none')[:2].rjust(2, '0'), force=True)
        page = form.submit()
        assert page.status in (404, 409) and 'order' in page.text, (order, page.status)
    page = visitor.open('/services/%s/wait' % needed)
    assert 'A clinician orders this treatment first' in page.text
    desk = staff('front_desk')
    page = frontdesk.finder(desk, service=needed)
    assert page.status == 200 and 'is booked on a treatment order' in page.text and not frontdesk.times(page)
    form = frontdesk.times(frontdesk.finder(desk, service='consultation'))[0]
    form.set('service', needed, force=True)
    page = form.submit()
    assert page.status == 409 and 'booked on a treatment order' in page.text
    assert database.value('SELECT COUNT(*) FROM booking b JOIN service s ON s.id = b.service_id WHERE s.code = %s', needed) == 0


def test_from_the_order_to_the_booking(ann, needed, visitor, staff, database, server):
    patient_id, patient_uid, consultation = ann
    clinician = staff('clinician')
    page = clinician.open('/staff/bookings/' + consultation).click('Order a treatment')
    assert page.path == '/staff/patients/%s/order' % patient_uid, page
    empty = page.form(having='diagnosis').submit()
    assert empty.status == 422 and empty.error_for('diagnosis') and empty.error_for('tried') and empty.error_for('confirmed') and empty.error_for('body_site')
    wrong = empty.form(having='diagnosis').fill(**dict(ordering.FORM, body_site='elbow', side='left')).submit()
    assert wrong.status == 422 and 'right side' in wrong.error_for('diagnosis') and wrong.form(having='diagnosis').value('tried') == ordering.FORM['tried']
    page = wrong.form(having='diagnosis').fill(side='right', confirmed='yes').submit()
    assert page.status == 200 and page.path.startswith('/staff/orders/'), (page, page.text)
    signed, number = order_uid(page), ordering.number_on(page)
    assert database.rows("SELECT kind, status, booking_id FROM message WHERE patient_id = %s AND kind <> 'estimate'", patient_id)[0] == ('order', 'queued', None)
    told = staff('front_desk').open('/staff/messages?kind=order').text
    assert number in told and 'elbow' not in told and 'Platelet' not in told
    # The patient's own browser: number and date of birth, then straight to the times, which are held on the order.
    assert ordering.open_order(visitor, number, '1/1/1990').status == 422
    page = ordering.open_order(visitor, number, BORN)
    assert page.path.startswith('/order?') and 'right elbow' in page.text and '603-555-0199' not in page.html
    times = page.click('See free times')
    assert patient.times(times), times.text
    page = patient.times(times)[0].submit()
    assert page.path == '/booking/details' and 'This is what the clinician ordered' in page.text, page.text
    assert not [f for f in page.forms() if 'family' in f.names() or 'body_site' in f.names()]
    # Another time releases the first one; one order carries one booking.
    again = patient.times(patient.times_page(visitor, needed, '?order=' + signed))[3].submit()
    assert again.path == '/booking/details', again.text
    assert [s for _, s, *_ in booking_of(database, signed)] == ['held', 'cancelled']
    page = again.form(having='pay').fill(pay='self').submit()
    assert page.path == '/booking/check', page.text
    page = page.form('/booking/check').submit()
    assert page.h1 == 'You are booked', page.text
    booked = booking_of(database, signed)
    assert booked[0][1:] == ('booked', patient_id, 'elbow', 'right')
    other = server.visitor()
    page = ordering.open_order(other, number, BORN)
    assert page.path.startswith('/order?') and 'It is booked for' in page.text
    assert patient.times(other.open('/services/%s/times?order=%s' % (needed, signed))) == []
    assert 'Booked' in clinician.open('/staff/orders?status=booked').text and signed in clinician.open('/staff/orders?status=booked').html
    assert 'On an order' in clinician.open('/staff/bookings/' + booked[0][0]).text
    assert 'Treatment orders' in staff('front_desk').open('/staff/patients/' + patient_uid).text


def test_the_desk_books_on_the_order(ann, needed, staff, database):
    patient_id, patient_uid, _ = ann
    signed = order_uid(ordering.sign(staff('clinician'), patient_uid))
    desk = staff('front_desk')
    page = desk.open('/staff/patients/' + patient_uid).click('find a time on it')
    assert 'On the treatment order' in page.text
    form = frontdesk.times(page)[0]
    page = form.submit()
    assert page.path.endswith('/details') and 'This is what the clinician ordered' in page.text, page.text
    stale = frontdesk.times(frontdesk.finder(desk, order=signed))[2].submit()
    assert stale.status == 409 and 'There is a booking on this order already' in stale.text
    page = page.form('/details').fill(pay='self').submit().form('/book').submit()
    assert page.status == 200 and booking_of(database, signed)[0][1] == 'booked', page.text
    # Only what a clinician ordered: another patient's page does not help, and no reason overrides it.
    form = frontdesk.times(frontdesk.finder(desk, service='consultation'))[0]
    form.set('service', needed, force=True)
    form.set('order', signed, force=True)
    form.set('over', 'notice', force=True)
    form.set('reason', 'because I say so', force=True)
    assert form.submit().status == 409


@pytest.mark.parametrize('login', ['front_desk', 'billing', 'admin'])
def test_who_may_not_sign(ann, needed, staff, database, login):
    _, patient_uid, _ = ann
    person = staff(login)
    page = person.open('/staff/patients/%s/order' % patient_uid)
    if login == 'admin':
        assert page.status == 200 and 'You cannot sign an order' in page.text
    else:
        assert page.status == 403
    form = staff('clinician').open('/staff/patients/%s/order' % patient_uid).form(having='diagnosis')
    fields = dict(form.fill(**dict(ordering.FORM, body_site='elbow')).pairs(), csrf=page.form().value('csrf') if login == 'admin' else 'x')
    assert person.post('/staff/patients/%s/order' % patient_uid, data=fields).status_code == 403
    assert database.value('SELECT COUNT(*) FROM treatment_order o JOIN patient p ON p.id = o.patient_id WHERE p.uid = %s', patient_uid) == 0


def test_revoked(ann, needed, visitor, staff, database, day):
    """Revoked while the patient holds: it is not booked. Revoked once it is booked: the visit stays, and no step begins until another order is signed."""
    patient_id, patient_uid, _ = ann
    clinician = staff('clinician')
    page = ordering.sign(clinician, patient_uid)
    signed, number = order_uid(page), ordering.number_on(page)
    ordering.open_order(visitor, number, BORN)
    held = patient.times(patient.times_page(visitor, needed, '?order=' + signed))[0].submit()
    check = held.form(having='pay').fill(pay='self').submit()
    page = page.form('/revoke').submit()
    assert page.status == 422 and page.error_for('reason')
    page = page.form('/revoke').fill(reason='New blood thinner').submit()
    assert page.status == 200 and 'New blood thinner' in page.text and 'Sign a new order' in page.text
    page = check.form('/booking/check').submit()
    assert page.status == 409 and 'revoked the order' in page.text, (page.status, page.text)
    assert booking_of(database, signed)[0][1] == 'held'
    assert patient.times(visitor.open('/services/%s/times?order=%s' % (needed, signed))) == []
    assert database.value("SELECT status FROM message WHERE kind = 'order' AND patient_id = %s", patient_id) == 'withdrawn'
    assert 'changed its decision' in visitor.open('/order?order=' + signed).text
    # Booked, then revoked.
    second = ordering.order(database, patient_id)
    uid = day.book(needed, 'elbow', of=ann[2], on=second)
    second_uid = database.value('SELECT uid FROM treatment_order WHERE id = %s', second)
    page = clinician.open('/staff/orders/' + second_uid).form('/revoke').fill(reason='Infection').submit()
    assert 'still in the calendar' in page.text
    desk = staff('front_desk')
    chart = desk.open('/staff/bookings/' + uid)
    assert 'was revoked' in chart.text
    page = chart.form('/check-in').fill(birth_date=BORN).submit()
    assert page.status == 409 and 'The order for this treatment was revoked' in page.text and day.status(uid) == 'booked'
    third = order_uid(ordering.sign(clinician, patient_uid))
    assert booking_of(database, third)[0] == (uid, 'booked', patient_id, 'elbow', 'right')
    assert chart.form('/check-in').fill(birth_date=BORN).submit().status == 200 and day.status(uid) == 'arrived'


def test_its_last_day(ann, needed, visitor, staff, database):
    """What is held or booked lies before the last day ends; what was held on a valid order may be booked."""
    patient_id, patient_uid, _ = ann
    soon = ordering.order(database, patient_id, days=20)
    number, uid = database.rows('SELECT n.number, o.uid FROM treatment_order o JOIN treatment_order_number n ON n.order_id = o.id WHERE o.id = %s', soon)[0]
    ordering.open_order(visitor, number, BORN)
    until = database.value('SELECT valid_until FROM treatment_order WHERE id = %s', soon)
    desk = staff('front_desk')
    page = patient.times_page(visitor, needed, '?order=' + uid)
    form = patient.times(page)[0]
    late = patient.times(page)[1]
    late.set('start', str((until // 86400 + 3) * 86400 + 15 * 3600), force=True)
    page = late.submit()
    assert page.status == 422 and 'valid until' in page.text, (page.status, page.text)
    held = form.submit()
    page = held.form(having='pay').fill(pay='self').submit().form('/booking/check').submit()
    assert page.h1 == 'You are booked', page.text
    booked = booking_of(database, uid)[0][0]
    version, start = database.rows('SELECT version, starts_at FROM booking WHERE uid = %s', booked)[0]
    move = desk.open('/staff/bookings/%s/move?start=%d&version=%d' % (booked, start + 40 * 86400, version)).form('/move').submit()
    assert move.status == 422 and 'valid until' in move.text, (move.status, move.text)


def test_waiting_on_an_order(ann, needed, visitor, staff, database):
    patient_id, patient_uid, _ = ann
    page = ordering.sign(staff('clinician'), patient_uid)
    signed, number = order_uid(page), ordering.number_on(page)
    ordering.open_order(visitor, number, BORN)
    page = visitor.open('/services/%s/wait?order=%s' % (needed, signed))
    form = page.form('/wait')
    assert 'family' not in form.names()
    page = form.submit()
    assert page.path == '/waiting', page.text
    order_id, family = database.rows('SELECT w.order_id, w.family FROM waitlist w ORDER BY w.id DESC LIMIT 1')[0]
    assert order_id and family == database.value('SELECT family FROM patient WHERE id = %s', patient_id)


def test_too_many_wrong_dates(ann, needed, visitor, staff, database):
    _, patient_uid, _ = ann
    page = ordering.sign(staff('clinician'), patient_uid)
    number = ordering.number_on(page)
    for _ in range(10):
        assert ordering.open_order(visitor, number, '1/1/1990').status == 422
    assert ordering.open_order(visitor, number, BORN).status == 422
    page = staff('front_desk').open(page.path).form('/number').submit()
    fresh = ordering.number_on(page)
    assert fresh != number and ordering.open_order(visitor, fresh, BORN).path.startswith('/order?')
    assert database.value("SELECT COUNT(*) FROM message m JOIN patient p ON p.id = m.patient_id WHERE m.kind = 'order' AND p.uid = %s", patient_uid) == 2
