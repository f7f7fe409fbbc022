# SPDX-License-Identifier: Apache-2.0
"""What was recorded wrongly is corrected by adding: the old value stays readable with the reason, what led to an invoice is not taken back, and what
was taken back can be recorded again."""
import pymysql
import pytest

from dayfill import BORN, earlier_today, now
from test_staff_day import chart, check_in, harvest, inject, post, process, ready, step


@pytest.fixture
def clinician(staff):
    return staff('clinician')


@pytest.fixture
def desk(staff):
    return staff('front_desk')


def correct(visitor, uid, what, why='Wrong patient', **fields):
    return chart(visitor, uid).form('/correct').fill(correct_what=what, correct_why=why, **fields).submit()


def ident(database, uid):
    return database.value('SELECT id FROM booking WHERE uid = %s', uid)


def test_a_wrong_check_in_is_taken_back_and_done_again(day, desk, clinician, database):
    uid = day.book()
    check_in(desk, uid)
    page = correct(desk, uid, 'check-in')
    assert page.status == 200 and day.status(uid) == 'booked' and 'taken back' in page.text and 'Wrong patient' in page.text, repr(page)
    assert check_in(desk, uid).status == 200 and day.status(uid) == 'arrived'
    assert database.rows('SELECT turn FROM step_event WHERE booking_id = %s ORDER BY turn', ident(database, uid)) == ((0,), (1,))
    assert correct(desk, uid, 'check-in', 'Again').status == 200 and day.status(uid) == 'booked'
    check_in(desk, uid)
    assert harvest(clinician, uid).status == 200 and day.status(uid) == 'in-progress'
    page = post(clinician, uid, 'correct', chart(clinician, uid), correct_what='check-in', correct_why='x')
    assert page.status == 409 and 'End the visit early' in page.error_for('correct_what') and day.status(uid) == 'in-progress'
    assert database.value("SELECT COUNT(*) FROM audit_event WHERE action = 'day.correct' AND entity_id = %s", ident(database, uid)) == 2


def test_a_no_show_who_came_after_all(day, desk, clinician, database):
    uid = day.book(start=earlier_today(1800))
    chart(desk, uid).form('/no-show').submit()
    assert day.status(uid) == 'no-show'
    assert '/correct' not in [f.action[-8:] for f in chart(clinician, uid).forms()], 'no-shows are the business of the front desk'
    page = correct(desk, uid, 'no-show', 'Was in the wrong room')
    assert page.status == 200 and day.status(uid) == 'booked', repr(page)
    booking = ident(database, uid)
    assert database.value('SELECT COUNT(*) FROM occupancy WHERE booking_id = %s', booking) > 0, 'its time is its own again'
    assert check_in(desk, uid).status == 200
    other = day.book(start=earlier_today(1800))
    chart(desk, other).form('/no-show').submit()
    database.rows('INSERT IGNORE INTO occupancy SELECT r.resource_id, r.busy_from DIV 300, %s FROM booking_resource r WHERE r.booking_id = %s',
                  booking, ident(database, other))
    page = correct(desk, other, 'no-show')
    assert page.status == 409 and 'given to somebody else' in page.error_for('correct_what') and day.status(other) == 'no-show'
    assert database.value('SELECT COUNT(*) FROM correction WHERE booking_id = %s', ident(database, other)) == 0


def test_an_ending_is_taken_back(day, clinician, database):
    uid = day.book()
    check_in(clinician, uid)
    chart(clinician, uid).form('/end').fill(why='left', end_note='x' * 255).submit()  # as long as a note may be
    page = correct(clinician, uid, 'end', 'Was only outside')
    assert page.status == 200 and day.status(uid) == 'arrived' and 'Patient left' in page.text and 'Record the harvest' in page.text, page.text[:600]
    assert database.rows('SELECT n.note, c.old_value FROM booking_ending n JOIN correction c ON c.row_id = n.id AND c.what = %s WHERE n.booking_id = %s', 'end',
                         ident(database, uid)) == (('x' * 255, ('left ' + 'x' * 255)[:255]),)
    assert harvest(clinician, uid).status == 200
    page = chart(clinician, uid).form('/end').fill(why='unwell', dispose='yes').submit()
    assert page.status == 200 and 'Ended early: Patient unwell' in page.text
    assert 'Ended early: Patient unwell' in clinician.open('/staff').text
    assert database.rows('SELECT turn, reason FROM booking_ending WHERE booking_id = %s ORDER BY turn', ident(database, uid)) == ((0, 'left'), (1, 'unwell'))


def test_a_completion_is_taken_back_until_there_is_an_invoice(day, clinician, staff, database):
    uid = day.book()
    inject(clinician, uid, ready(clinician, day, uid))
    step(clinician, uid, 'complete', diagnoses='M17.11 Z79.01')
    booking, before = ident(database, uid), day.charges(uid)
    recalls = database.value('SELECT COUNT(*) FROM recall WHERE booking_id = %s', booking)
    assert database.value('SELECT COUNT(*) FROM billing_work WHERE booking_id = %s', booking) > 0
    page = correct(clinician, uid, 'complete', 'Other patient')
    assert page.status == 200 and day.status(uid) == 'in-progress' and 'M17.11 Z79.01' in page.text and 'Complete the treatment' in page.text, page.text[:600]
    assert database.value('SELECT COUNT(*) FROM billing_work WHERE booking_id = %s', booking) == 0
    assert database.value('SELECT COUNT(*) FROM recall WHERE booking_id = %s', booking) == 0
    assert step(clinician, uid, 'complete', diagnoses='M17.11').status == 200 and day.charges(uid) == before
    assert database.value('SELECT COUNT(*) FROM recall WHERE booking_id = %s', booking) == recalls
    billing = staff('billing')
    assert billing.open('/billing/bookings/' + uid).form('/invoice').submit().status == 200
    page = correct(clinician, uid, 'complete')
    assert page.status == 409 and 'has an invoice already. Ask billing for a credit note' in page.error_for('correct_what') and day.status(uid) == 'completed'


def test_volumes_and_lots(day, clinician, desk, database):
    uid = day.book()
    label = ready(clinician, day, uid)
    page = correct(clinician, uid, 'harvest-volume', 'Misread', correct_value='55')
    assert page.status == 200 and 'instead of' in page.text and '55 ml' in page.text, repr(page)
    page = correct(clinician, uid, 'harvest-volume', 'Misread again', correct_value='50')
    page = correct(clinician, uid, 'concentrate-volume', 'Misread', correct_value='7')
    database.rows("INSERT INTO supply_lot (item, lot, expires, received_at, staff_id) VALUES ('Kit', 'LOT-2', '2127-12-31', 0, 2)")
    page = correct(clinician, uid, 'kit-lot', 'Other kit', correct_value='LOT-2')
    assert '7 ml of concentrate' in page.text and 'kit LOT-2' in page.text and '50 ml' in page.text
    unit = database.rows('SELECT u.id, u.volume_ml, x.volume_ml, x.kit_lot FROM unit u JOIN unit_processing x ON x.unit_id = u.id WHERE u.label = %s', label)[0]
    assert unit[1:] == (60, 8, 'LOT-1'), 'what was recorded is never changed'
    assert database.rows("SELECT turn, old_value, new_value FROM correction WHERE row_id = %s AND what = 'harvest-volume' ORDER BY turn", unit[0]) \
        == ((0, '60', '55'), (1, '55', '50'))
    for what, value, words in (('harvest-volume', '', 'milliliters'), ('harvest-volume', '2001', 'milliliters'), ('kit-lot', ' ', 'lot number'),
                               ('harvest-volume', '50', 'recorded already')):
        page = correct(clinician, uid, what, 'x', correct_value=value)
        assert page.status in (409, 422) and words in page.error_for('correct_value'), (what, value)
    page = post(clinician, uid, 'correct', page, correct_what='kit-lot', correct_value='L', correct_why=' ')
    assert page.status == 422 and page.error_for('correct_why')
    assert post(clinician, uid, 'correct', page, correct_why='x').error_for('correct_what')
    assert post(desk, uid, 'correct', chart(desk, uid), correct_what='kit-lot', correct_value='L', correct_why='x').status == 403


def test_the_schema_holds_it(day, clinician, desk, database):
    add = 'INSERT INTO correction (booking_id, what, row_id, old_value, new_value, reason, at, staff_id) VALUES (%s, %s, %s, %s, %s, %s, %s, %s)'
    uid, other = day.book(), day.book()
    booking, staff_id = ident(database, uid), database.value('SELECT MIN(id) FROM staff')
    with database.connect(user='regen') as db, db.cursor() as sql:
        def refused(words, statement, *values):
            with pytest.raises(pymysql.MySQLError, match=words):
                sql.execute(statement, values)
        check_in(desk, uid)
        came = database.value("SELECT id FROM step_event WHERE booking_id = %s AND kind = 'check-in'", booking)
        refused('correction_is_said', add, booking, 'check-in', came, 'x', '', '', now(), staff_id)
        refused('correction_value', add, booking, 'check-in', came, 'x', 'y', 'why', now(), staff_id)
        refused('nothing of the kind', add, ident(database, other), 'check-in', came, 'x', '', 'why', now(), staff_id)
        refused('nothing of the kind', add, booking, 'no-show', booking, 'x', '', 'why', now(), staff_id)
        harvest(clinician, uid)
        refused('something followed', add, booking, 'check-in', came, 'x', '', 'why', now(), staff_id)
        process(clinician, uid, day.label(uid))
        unit = database.value('SELECT id FROM unit WHERE booking_id = %s', booking)
        refused('recorded now', add, booking, 'harvest-volume', unit, '61', '62', 'why', now(), staff_id)
        refused('recorded now', add, ident(database, other), 'kit-lot', unit, 'LOT-1', 'LOT-9', 'why', now(), staff_id)
        sql.execute(add, (booking, 'harvest-volume', unit, '60', '62', 'why', now(), staff_id))
        refused('recorded now', add, booking, 'harvest-volume', unit, '60', '63', 'why', now(), staff_id)
        for statement in ("UPDATE correction SET reason = 'x' WHERE booking_id = %s", 'DELETE FROM correction WHERE booking_id = %s'):
            refused('never|denied', statement, booking)
        refused('step_once_a_turn', "INSERT INTO step_event (booking_id, kind, at, staff_id) VALUES (%s, 'harvest', %s, %s)", booking, now(), staff_id)
        refused('step_once_a_turn', "INSERT INTO step_event (booking_id, kind, at, staff_id, turn) VALUES (%s, 'check-in', %s, %s, 7)", booking, now(), staff_id)


def test_the_right_person_after_the_wrong_one(day, desk):
    """The press on the wrong row, taken back in three presses, and the right one checked in."""
    wrong, right = day.book(family='Wrong', given='Wanda'), day.book(family='Right', given='Rita')
    check_in(desk, wrong)
    assert correct(desk, wrong, 'check-in').status == 200 and check_in(desk, right, BORN).status == 200
    assert (day.status(wrong), day.status(right)) == ('booked', 'arrived')


def test_beside_another_visit_of_the_same_person(day, desk, clinician, database):
    """Taken back while the person is here for another visit: it counts, and the board asks."""
    first = day.book('consultation', body_site='hip', side='left', family='Twice', given='Tess')
    check_in(desk, first)
    step(clinician, first, 'complete', diagnoses='M16.12')
    second = day.book('consultation', body_site='hip', side='left', family='Twice', given='Tess')
    database.rows('INSERT INTO person_time (person, granule, booking_id) SELECT person, granule, booking_id FROM person_busy WHERE booking_id = %s',
                  ident(database, second))
    assert correct(clinician, first, 'complete').status == 200 and day.status(first) == 'arrived'
    assert 'Two visits at the same time' in desk.open('/staff').text
